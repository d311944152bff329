"""Puts questions that people wrote into the form of the generator's, and the values that they name.

    python -m training.by_hand questions/*.jsonl --values values.tsv --out hand.jsonl --out-values hand-values.json

Of plans that are as good as each other the first counts.
"""

import argparse
import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any


def questions(lines: list[str]) -> list[dict[str, Any]]:
    """As the generator would have written them."""
    kept = []
    for line in lines:
        it = json.loads(line)
        question = {"q": it["q"], "expect": it["expect"], "kind": "real"}
        if "previous" in it:
            question["previous"] = it["previous"]
        if it["expect"] == "answer":
            question["plan"] = it.get("plan") or it["plans"][0]
        if it["expect"] == "ask":
            question["plans"] = it["plans"]
        kept.append(question)
    return kept


def values(lines: list[str]) -> dict[str, dict[str, list[str]]]:
    """By entity and dimension, from lines of entity, dimension and value."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for line in lines:
        entity, dimension, value = line.split("\t")[:3]
        found[entity][dimension].append(value)
    return found


def main(given: list[str]) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+", help="questions, JSON lines")
    parser.add_argument("--values", type=Path, required=True, help="entity, dimension and value by tabs")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--out-values", type=Path, required=True)
    options = parser.parse_args(given)
    kept = [
        it
        for file in options.files
        for it in questions(file.read_text("utf-8").splitlines())
    ]
    options.out.write_text("".join(json.dumps(it) + "\n" for it in kept), "utf-8")
    options.out_values.write_text(json.dumps(values(options.values.read_text("utf-8").splitlines())), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
