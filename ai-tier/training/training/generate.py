"""Questions with their plans, from the catalog.

    python -m training.generate --catalog ../../app-tier/domain/src/catalog --seed 7 --count 20000 --out data.jsonl

Each line: ``{"q", "expect": "answer"|"refuse"|"ask", "plan"|"plans", "previous"?, "kind"}``. ``kind`` is
the shape, or what is wrong with the question; nothing but statistics needs it. Same seed, same bytes.
"""

import argparse
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from training.beyond import ambiguous, refused
from training.catalog import Catalog, load
from training.follow import follow_up
from training.idioms import idiom
from training.lexicon import Lexicon
from training.pools import Pools
from training.register import Parts, typed
from training.scene import Scene
from training.shapes import SHAPES, Draft
from training.validity import faults

KINDS = (("answer", 70), ("follow", 9), ("refuse", 13), ("ask", 8))
NUMBER_OF_CONDITIONS = ((0, 32), (1, 43), (2, 20), (3, 5))
IDIOMS = 0.14
"""The part of answers that are idioms, where the entity has any."""
FRONTED = 0.08
"""The part of answers that begin with a condition, where one can be said so."""

Line = dict[str, Any]


class Generator:
    """Draws lines. Invariant: no question twice, no plan that the catalog refuses."""

    def __init__(self, catalog: Catalog, seed: int, held_out: bool = False) -> None:
        self.rng = random.Random(seed)
        self.catalog = catalog
        self.lexicon = Lexicon(catalog)
        self.pools = Pools(self.rng, held_out)
        self.seen: set[str] = set()

    def lines(self, count: int) -> Iterator[Line]:
        """So many lines, all different."""
        made, tries = 0, 0
        while made < count:
            tries += 1
            if tries > 60 * count + 10_000:
                raise RuntimeError(f"only {made} different questions were found")
            kind = self.rng.choices([it for it, _ in KINDS], [n for _, n in KINDS])[0]
            line = {"answer": self.answer, "follow": self.follow, "refuse": self.refuse,
                    "ask": self.ask}[kind]()  # fmt: skip
            if line is not None and self._is_new(line):
                made += 1
                yield line

    def _is_new(self, line: Line) -> bool:
        words = "".join(it if it.isalnum() else " " for it in line["q"].lower())
        key = " ".join(words.split()) + json.dumps(line.get("previous", ""))
        if key in self.seen or not words.strip():
            return False
        self.seen.add(key)
        return True

    def scene(self) -> Scene:
        """An entity, as often as teams ask about it."""
        entities = list(self.catalog.entities.values())
        weights = [self.lexicon.about(it.name, "weight") or 2 for it in entities]
        entity = self.rng.choices(entities, weights)[0]
        return Scene(self.rng, self.catalog, self.lexicon, self.pools, entity)

    def draft(self, scene: Scene) -> tuple[str, Draft] | None:
        """A question about the scene, and its shape."""
        rng = self.rng
        if rng.random() < IDIOMS and (made := idiom(scene)) is not None:
            return "idiom", made
        shape = rng.choices(list(SHAPES), [weight for _, weight in SHAPES.values()])[0]
        n = rng.choices([it for it, _ in NUMBER_OF_CONDITIONS], [w for _, w in NUMBER_OF_CONDITIONS])[0]
        often = 0.45 if scene.needs_base else 0.28
        n = min(n, 1) if shape in ("compare", "limit_per", "having") else max(n, shape == "share")
        scene.populate(n, shape != "compare" and rng.random() < often)
        if rng.random() < FRONTED:
            scene.bring_forward()
        made = SHAPES[shape][0](scene)
        return None if made is None else (shape, made)

    def answer(self) -> Line | None:
        """A question with a plan."""
        scene = self.scene()
        found = self.draft(scene)
        if found is None or faults(found[1].plan, self.catalog):
            return None
        shape, draft = found
        timeless = not any(it["op"] in ("since", "before") for it in scene.filters)
        timeless = timeless and "compare" not in draft.plan
        parts = Parts(draft.form, draft.text, scene.loose, scene.front, timeless)
        text = typed(self.rng, parts)
        return {"q": text, "expect": "answer", "plan": draft.plan, "kind": shape}

    def follow(self) -> Line | None:
        """What is said after an answer."""
        scene = self.scene()
        found = self.draft(scene)
        if found is None or found[1].plan.get("columns") or faults(found[1].plan, self.catalog):
            return None
        last = found[1].plan
        fresh = Scene(self.rng, self.catalog, self.lexicon, self.pools, scene.entity)
        edit = follow_up(fresh, last)
        if edit is None or faults(edit[0], self.catalog):
            return None
        text = typed(self.rng, Parts("terse", edit[1]))
        return {"q": text, "previous": last, "expect": "answer", "plan": edit[0], "kind": "follow"}

    def refuse(self) -> Line | None:
        """A question that has no plan."""
        kind, text = refused(self.scene())
        form = self.rng.choice(("ask", "terse"))
        return {"q": typed(self.rng, Parts(form, text)), "expect": "refuse", "kind": kind}

    def ask(self) -> Line | None:
        """A question with two readings."""
        found = ambiguous(self.scene())
        if found is None:
            return None
        kind, text, plans = found
        if any(faults(it, self.catalog) for it in plans) or plans[0] == plans[1]:
            return None
        form = self.rng.choice(("terse", "ask"))
        return {"q": typed(self.rng, Parts(form, text)), "expect": "ask", "plans": plans, "kind": kind}


def main() -> None:
    """Writes the lines, and where asked the values that a database would hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--catalog", type=Path, required=True, help="its definition, or GET /api/ai/catalog")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--values", type=Path, help="where to write the values that questions name")
    parser.add_argument("--held-out", action="store_true", help="only values that training never sees")
    given = parser.parse_args()
    generator = Generator(load(given.catalog), given.seed, given.held_out)
    with given.out.open("w") as out:
        for line in generator.lines(given.count):
            out.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
    if given.values:
        drawn: dict[str, dict[str, list[str]]] = {}
        for (entity, dimension), values in sorted(generator.pools.drawn.items()):
            drawn.setdefault(entity, {})[dimension] = sorted(values)
        given.values.write_text(json.dumps(drawn, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
