"""Puts questions that people wrote into the form of the generator's, and the values that they name.

    python -m training.by_hand questions/*.jsonl --values values.tsv people.tsv --out hand.jsonl --out-values hand-values.json

Of plans that are as good as each other the first counts. People go on to something else, too, after an answer: with
``--after`` so many of the questions that stand alone are there once more, each after a plan that others follow up.
"""

import argparse
import json
import random
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any


SHORT = 5
"""A question of fewer words may follow another up where it could stand alone."""


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


def after(kept: list[dict[str, Any]], count: int, seed: int) -> list[dict[str, Any]]:
    """So many questions that stand alone, after an answer to something else. The same seed gives the same.

    Short ones are left out: after an answer they may be meant to edit it. Raises ValueError if there are too few, IndexError
    if nothing follows anything up.
    """
    dice = random.Random(seed)
    befores = [it["previous"] for it in kept if "previous" in it]
    alone = [it for it in kept if "previous" not in it and len(it["q"].split()) >= SHORT]
    return [{**it, "previous": dice.choice(befores)} for it in dice.sample(alone, count)]


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
    parser.add_argument("--values", type=Path, nargs="+", required=True, help="entity, dimension and value by tabs")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--out-values", type=Path, required=True)
    parser.add_argument("--after", type=int, default=0, help="so many once more, after an answer to something else")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args(given)
    kept = [
        it
        for file in options.files
        for it in questions(file.read_text("utf-8").splitlines())
    ]
    kept += after(kept, options.after, options.seed)
    named = [line for file in options.values for line in file.read_text("utf-8").splitlines()]
    options.out.write_text("".join(json.dumps(it) + "\n" for it in kept), "utf-8")
    options.out_values.write_text(json.dumps(values(named)), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
