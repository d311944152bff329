"""What one question is about: an entity, conditions, a stretch of time, and how they become phrases.

The time is said once: in a noun phrase, or loose (``loose``), to be put at the end or the front. One
condition may go to the front as well (``front``).
"""

import random
import re
from dataclasses import dataclass, field
from typing import Any

from training.catalog import Catalog, Dimension, Entity
from training.conditions import Conditions, Said
from training.lexicon import Lexicon, texts
from training.pools import Pools
from training.times import when
from training.wording import marked, say, unmarked

SIMPLE = re.compile("(last|this|current|previous) (week|month|quarter|year)|yesterday|today")
"""Stretches of time that things belong to."""


@dataclass
class Scene:
    """The parts from which the shapes draw. ``loose`` is a stretch of time that stands for itself."""

    rng: random.Random
    catalog: Catalog
    lexicon: Lexicon
    pools: Pools
    entity: Entity
    said: list[Said] = field(default_factory=list)
    loose: str = ""
    front: str = ""
    when: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.conditions = Conditions(self.rng, self.lexicon, self.pools, self.entity)
        self.frames: dict[str, Any] = texts("frames")

    @property
    def filters(self) -> list[dict[str, Any]]:
        """Of all conditions, then of the time."""
        return [one for it in self.said for one in it.filters] + self.when

    @property
    def used(self) -> set[str]:
        """Dimensions that conditions are about."""
        return {it["dimension"] for it in self.filters}

    def populate(self, n: int, with_time: bool) -> None:
        """Adds conditions, and a time where rows have one that is asked for."""
        for _ in range(n):
            said = self.conditions.any(self.used)
            if said is not None and not (said.noun and any(it.noun for it in self.said)):
                self.said.append(said)
        if with_time:
            self.add_time()

    def bring_forward(self) -> None:
        """Says one condition before all else: ``in Frankfurt, how many …``."""
        found = [it for it in self.said if it.post.startswith(("in ", "for ", "from ", "under ", "on "))]
        if found and not self.front:
            it = self.rng.choice(found)
            self.said.remove(it)
            self.front, self.when = it.post, it.filters + self.when

    def add_time(self) -> None:
        """A stretch of the entity's own time; of desktops, when they were used."""
        it = self.entity.dimensions.get(self.entity.time or "")
        if it is None or it.name in self.used:
            return
        if self.lexicon.about(self.entity.name, "activity") == it.name:
            self.said.append(self.conditions._time(it))
            return
        stretch = when(self.rng, it)
        form = self.rng.choice(self.lexicon.forms(self.entity.name, it, "when"))
        name = self.rng.choice(self.lexicon.one(self.entity.name, it))
        said = say(self.rng, form, t=stretch.text, d=name)
        if form == "{t}":
            self.loose, self.when = said, self.when + stretch.filters(it.name)
        else:
            self.said.append(Said(stretch.filters(it.name), said, short=said))

    @property
    def needs_base(self) -> bool:
        """Figures that stand for themselves ("spend") have no noun for conditions to hang on."""
        return bool(self.lexicon.about(self.entity.name, "base"))

    def _noun(self) -> str:
        """A plain one ("users") only beside a condition that tells whose."""
        plainly = self.lexicon.about(self.entity.name, "plainly")
        if plainly and self.used & set(plainly["with"]) and self.rng.random() < 0.6:
            return str(plainly["noun"])
        return self.rng.choice(self.lexicon.nouns(self.entity))

    def whose(self) -> str:
        """``last month's``, now and then, where the time is so simple; it is not said again then."""
        stretch = unmarked(self.loose)
        if not SIMPLE.fullmatch(stretch) or self.rng.random() > 0.2:
            return ""
        self.loose = ""
        return marked(f"{stretch}'s")

    def things(self, noun: str = "") -> str:
        """The noun with its conditions: ``AlwaysOn desktops in Frankfurt``."""
        rng = self.rng
        own = [it.noun for it in self.said if it.noun and not noun]
        noun = noun or (own[0] if own else self._noun())
        before: list[str] = []
        after: list[str] = []
        for it in self.said:
            if own and it.noun == own[0]:
                continue
            if it.pre and len(before) < 2 and (not it.post or rng.random() < 0.55):
                before.append(it.pre)
            else:
                after.append(it.post or it.pre)
        rng.shuffle(before)
        rng.shuffle(after)
        whose = (
            "" if self.needs_base and noun in self.lexicon.about(self.entity.name, "base") else self.whose()
        )
        return " ".join([whose, *before, noun, _joined(rng, after)])

    def which(self) -> str:
        """``desktops are in Frankfurt``, or "" where some condition is no predicate."""
        rng = self.rng
        if not self.said or any(it.noun for it in self.said):
            return ""
        last = rng.choice(self.said)
        predicate = last.predicate()
        if not predicate:
            return ""
        rest = Scene(rng, self.catalog, self.lexicon, self.pools, self.entity)
        rest.said = [it for it in self.said if it is not last]
        others = [it.predicate() for it in rest.said]
        if others and all(others) and rng.random() < 0.5:
            rest.said = []
            predicate = " and ".join([predicate, *others])
        return f"{rest.things()} {predicate}"

    def terse(self) -> str:
        """Catchwords only."""
        rng = self.rng
        words = [it.noun or it.short or it.post for it in self.said]
        rng.shuffle(words)
        noun = "" if any(it.noun for it in self.said) else rng.choice(self.lexicon.nouns(self.entity))
        comma = rng.choice((" ", ", ", " "))
        return comma.join(it for it in ([noun, *words] if rng.random() < 0.6 else [*words, noun]) if it)

    def name(self, it: Dimension) -> str:
        return self.rng.choice(self.lexicon.one(self.entity.name, it))

    def names(self, it: Dimension) -> str:
        return self.rng.choice(self.lexicon.many(self.entity.name, it))

    def piece(self, name: str, **slots: str) -> str:
        """One of the small pieces."""
        return say(self.rng, self.rng.choice(self.frames["pieces"][name]), **slots)

    def groups(self) -> list[Dimension]:
        """What one may group by and people do: choices and names that no single condition fixes."""
        fixed = {
            it["dimension"]
            for it in self.filters
            if it["op"] == "empty" or (it["op"] == "is" and len(it["values"]) == 1)
        }
        return [
            it
            for it in self.catalog.all_of(self.entity.name)
            if self._is_grouped(it) and it.name not in fixed
        ]

    def _is_grouped(self, it: Dimension) -> bool:
        """Not by what each row has its own of, and seldom by yes and no."""
        name = self.entity.name
        never = self.lexicon.entities["never_grouped"]["names"]
        if it.bare in never or f"{it.bare}@{name}" in never or it.bare == "id":
            return False
        numbered = it.bare.endswith("_id") and it.bare not in ("workspace_id", "subnet_id")
        if numbered or it.bare.endswith(("message", "address")) or not it.is_label:
            return False
        return self.lexicon.weight(name, it) > 0 and (it.kind != "bool" or self.rng.random() < 0.15)

    def group(self, without: tuple[Dimension, ...] = ()) -> Dimension | None:
        """One to group by."""
        names = {it.name for it in without}
        found = [it for it in self.groups() if it.name not in names]
        weights = [self.lexicon.weight(self.entity.name, it) * _grouped(it) for it in found]
        if "tags" in self.entity.dimensions and self.rng.random() < 0.12:
            tag = f"tags.{self.pools.tag()}"
            return None if tag in self.used else self.catalog.field(self.entity.name, tag)
        return self.rng.choices(found, weights)[0] if found else None

    def count_label(self, it: Dimension, n: int) -> str:
        """One name for one, the plural for several."""
        if it.bare.startswith("tags."):
            tag = it.bare.removeprefix("tags.")
            return say(self.rng, "[tag {k}|{k} tag|{k}|{low}]", k=tag, low=tag.lower())
        return self.name(it) if n == 1 else self.names(it)

    def by(self, it: Dimension, second: Dimension | None = None) -> str:
        """``by region``, ``for each region``."""
        one, many = self.count_label(it, 1), self.count_label(it, 2)
        if second is not None:
            return self.piece("by_two", d=one, d2=self.count_label(second, 1))
        return self.piece("by", d=one, ds=many)


def _grouped(it: Dimension) -> float:
    return 1.0 if it.kind == "choice" else 0.6


def _joined(rng: random.Random, parts: list[str]) -> str:
    return (" and " if rng.random() < 0.2 else " ").join(parts)
