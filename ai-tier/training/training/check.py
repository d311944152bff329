"""Checks a file of questions against the catalog, and says what is in it.

    python -m training.check data.jsonl --catalog ../../app-tier/domain/src/catalog

Ends with 1 if a line is wrong: a plan that the catalog refuses, a question twice, a mark left in.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from training.catalog import Catalog, load
from training.validity import faults
from training.wording import CLOSE, OPEN

Line = dict[str, Any]


def plans_of(line: Line) -> list[dict[str, Any]]:
    """Every plan that a line holds."""
    own = [line["plan"]] if "plan" in line else line.get("plans", [])
    return [*own, line["previous"]] if "previous" in line else own


def wrong(lines: Iterable[Line], catalog: Catalog) -> Iterator[str]:
    """What is wrong, line by line."""
    seen: set[str] = set()
    for n, line in enumerate(lines, 1):
        question, expected = line["q"], line["expect"]
        held = {"answer": "plan" in line, "refuse": not plans_of(line),
                "ask": len(line.get("plans", [])) == 2}  # fmt: skip
        if not held.get(expected, False):
            yield f"{n}: `{expected}` does not fit what the line holds"
        if OPEN in question or CLOSE in question or "{" in question or question != question.strip():
            yield f"{n}: unfinished question {question!r}"
        key = question + json.dumps(line.get("previous"))
        if key in seen:
            yield f"{n}: the question is there twice: {question!r}"
        seen.add(key)
        for plan in plans_of(line):
            yield from (f"{n}: {fault}: {json.dumps(plan)}" for fault in faults(plan, catalog))


def statistics(lines: list[Line]) -> str:
    """How many of what, and how long."""
    words = sorted(len(it["q"].split()) for it in lines)
    plans = sorted(len(json.dumps(it["plan"])) for it in lines if "plan" in it) or [0]
    tables = {
        "expected": Counter(it["expect"] for it in lines),
        "kind": Counter(f"{it['expect']}: {it.get('kind', '?')}" for it in lines),
        "entity": Counter(it["plan"]["entity"] for it in lines if "plan" in it),
        "conditions": Counter(len(it["plan"].get("filters", [])) for it in lines if "plan" in it),
    }
    said = [f"{len(lines)} questions"]
    for name, counter in tables.items():
        said.append(f"by {name}: " + ", ".join(f"{it} {n}" for it, n in counter.most_common()))
    for name, sizes in (("words in a question", words), ("bytes in a plan", plans)):
        parts = [sizes[int(share * (len(sizes) - 1))] for share in (0, 0.05, 0.5, 0.95, 1)]
        said.append(f"{name} (least, 5 %, half, 95 %, most): {', '.join(map(str, parts))}")
    return "\n".join(said)


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--catalog", type=Path, required=True)
    given = parser.parse_args()
    lines = [json.loads(it) for it in given.data.read_text().splitlines()]
    mistakes = list(wrong(lines, load(given.catalog)))
    for mistake in mistakes[:50]:
        print(mistake, file=sys.stderr)
    print(statistics(lines))
    print(f"{len(mistakes)} mistakes")
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main())
