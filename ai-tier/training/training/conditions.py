"""Conditions and how they are said: before the noun, after it, as a predicate, in short.

A condition always knows its filters and its wordings together, so that a plan and its question cannot
come apart.
"""

import random
from dataclasses import dataclass, field
from typing import Any

from training.catalog import Dimension, Entity
from training.lexicon import Lexicon, texts
from training.pools import TAG_NAMES, Pools, surface
from training.times import span, when
from training.wording import marked, say

UNITS = {
    "GiB": ["GB", "GB", " GB", " GiB", "GiB", " gigs", " gigabytes", " gig"],
    "min": [" minutes", " minutes", " min", "min", " mins"],
    "h": [" hours", " hours", "h", " hrs"],
    "%": ["%", "%", " percent"],
    "B": [" bytes", " bytes", " B"],
}
SIZES = {
    "GiB": (50, 80, 100, 120, 150, 175, 200, 250, 500),
    "min": (30, 60, 90, 120, 180, 240, 300, 600),
    "h": (5, 10, 20, 40, 60, 80, 100, 120, 160, 200),
    "USD": (5, 10, 20, 25, 50, 75, 100, 150, 200, 500, 1000, 5000),
    "%": (25, 50, 60, 75, 80, 90, 95),
    "B": (1000, 10000, 100000, 1000000),
}
SMALL = (1, 2, 2, 3, 3, 4, 5, 5, 8, 10, 12, 15, 20, 25, 50, 100)
COMPARISONS = ("more_than", "more_than", "less_than", "less_than", "at_least", "at_most", "is")


@dataclass(frozen=True)
class Said:
    """Conditions as words. ``noun`` replaces the entity's own noun; "" where a form does not exist."""

    filters: list[dict[str, Any]] = field(hash=False)
    post: str
    that: str = ""
    pre: str = ""
    short: str = ""
    noun: str = ""

    @property
    def dimension(self) -> str:
        name: str = self.filters[0]["dimension"]
        return name

    def predicate(self) -> str:
        """To follow "which desktops"; made of the form after the noun where there is no other."""
        if self.that:
            return self.that
        for start, verb in (("with no ", "have no "), ("with ", "have "), ("without ", "lack "),
                            ("having ", "have "), ("that ", ""), ("which ", ""), ("who ", "")):  # fmt: skip
            if self.post.startswith(start):
                return verb + self.post.removeprefix(start)
        return "" if self.post.startswith(("whose ", "where ", "(")) else f"are {self.post}"


def number(rng: random.Random, unit: str | None, n: float, same_unit: bool = False) -> str:
    """A number with its unit as it is typed; minutes also as hours, unless it has to be the ``same_unit``."""
    if unit == "min" and not same_unit and n % 60 == 0 and rng.random() < 0.3:
        return say(rng, "{n} hour" if n == 60 else "[{n} hours|{n}h|{n} hrs]", n=f"{n / 60:g}")
    if unit == "USD":
        return say(rng, "[${n}|${n}|{n} USD|{n} dollars|{n}$|USD {n}|{n} bucks]", n=f"{n:g}")
    big = f"{n:,}" if isinstance(n, int) and n >= 1000 and rng.random() < 0.4 else f"{n:g}"
    return big + rng.choice(UNITS.get(unit or "", [""]))


def size(rng: random.Random, unit: str | None) -> int:
    """A number that somebody would ask for in this unit."""
    return rng.choice(SIZES.get(unit or "", SMALL))


def comparison(rng: random.Random, unit: str | None, op: str, n: float) -> str:
    """``more than 100 GB``."""
    return say(rng, rng.choice(texts("frames")["pieces"][op]), v=marked(number(rng, unit, n)))


class Conditions:
    """Makes conditions about one entity."""

    def __init__(self, rng: random.Random, lexicon: Lexicon, pools: Pools, entity: Entity) -> None:
        self.rng = rng
        self.lexicon = lexicon
        self.pools = pools
        self.entity = entity
        self.pieces: dict[str, list[str]] = texts("frames")["pieces"]

    def any(self, without: set[str]) -> Said | None:
        """One about a dimension that is not in ``without``."""
        rng, name = self.rng, self.entity.name
        if rng.random() < 0.16 and (said := self._activity(without)) is not None:
            return said
        if "tags" in self.entity.dimensions and rng.random() < 0.11:
            return self.tag("")
        if "desktop.tags" in self.lexicon.catalog.reached[name] and rng.random() < 0.05:
            return self.tag("desktop.")
        fields = [
            it
            for it in self.lexicon.catalog.all_of(name)
            if it.name not in without and it.kind != "tags" and it.name != self.entity.time
        ]
        weights = [self.lexicon.weight(name, it) * _by_kind(it) for it in fields]
        return self.about(rng.choices(fields, weights)[0]) if any(weights) else None

    def about(self, it: Dimension) -> Said:
        """One about this dimension."""
        chance = self.rng.random()
        match it.kind:
            case "number":
                return self._number(it)
            case "bool":
                return self._flag(it, self.rng.random() < 0.6)
            case "time":
                return self._time(it)
        if it.nullable and chance < 0.07 and it.bare not in ("region", "account"):
            return self._empty(it)
        if it.kind == "text" and chance < 0.16 and not it.bare.endswith("id"):
            return self._contains(it)
        if chance < 0.30 and self.forms(it, "not_post"):
            return self.value(it, "is_not", 2 if chance > 0.27 else 1)
        return self.value(it, "is", 2 if chance < 0.42 else 3 if chance < 0.44 else 1)

    def forms(self, it: Dimension, form: str) -> list[str]:
        return self.lexicon.forms(self.entity.name, it, form)

    def _say(self, it: Dimension, form: str, **slots: str) -> str:
        forms = self.forms(it, form)
        name = self.rng.choice(self.lexicon.one(self.entity.name, it))
        return say(self.rng, self.rng.choice(forms), d=name, **slots) if forms else ""

    def drawn(self, it: Dimension, n: int) -> list[tuple[str, str]]:
        """Different values, each with a way to type it; ``~`` before what is no adjective."""
        known = self.lexicon.values(self.entity.name, it)
        if known:
            values = self.rng.sample(list(known), min(n, len(known)))
            return [(value, self.rng.choice(known[value])) for value in values]
        drawn = {self.pools.value(self.entity.name, it.name) for _ in range(n)}
        return [(value, surface(self.rng, it.name, value)) for value in sorted(drawn)]

    def value(self, it: Dimension, op: str, n: int = 1, values: list[tuple[str, str]] | None = None) -> Said:
        """``it`` is or is not one of some values."""
        drawn = values or self.drawn(it, n)
        adjective = not any(word.startswith("~") for _, word in drawn)
        words = [marked(word.removeprefix("~")) for _, word in drawn]
        said = words[0]
        for word in words[1:]:
            join = self.pieces["or" if op == "is" else "nor"]
            said = say(self.rng, self.rng.choice(join), a=said, b=word)
        filters = [{"dimension": it.name, "op": op, "values": [value for value, _ in drawn]}]
        if op == "is_not":
            pre = self._say(it, "not_pre", v=said) if adjective and len(drawn) == 1 else ""
            that = self._say(it, "not_that", v=said)
            post, short = self._say(it, "not_post", v=said), self._say(it, "short", v=said)
            return Said(filters, post, that, pre, f"not {short}")
        if not adjective and "pre" in self.lexicon.entry(self.entity.name, it):
            forms = (
                "that are {v}",
                "which are {v}",
                "{v}",
                "being {v}",
                "currently {v}",
                "that seem {v}",
            )
            post = say(self.rng, self.rng.choice(forms), v=said)
            return Said(filters, post, say(self.rng, "[are|are|are currently] {v}", v=said), "", said)
        nouns = texts("entities")["nouns_of"].get(self.entity.name, {}).get(it.name, {})
        noun = ""
        if len(drawn) == 1 and self.rng.random() < 0.55 and drawn[0][0] in nouns:
            noun = marked(self.rng.choice(nouns[drawn[0][0]]))
        pre = self._say(it, "pre", v=said) if len(drawn) == 1 else ""
        short = self._say(it, "short", v=said)
        return Said(filters, self._say(it, "post", v=said), self._say(it, "that", v=said), pre, short, noun)

    def _empty(self, it: Dimension) -> Said:
        op = self.rng.choice(("empty", "empty", "not_empty"))
        form = "none_post" if op == "empty" else "some_post"
        said = self._say(it, form)
        return Said([{"dimension": it.name, "op": op}], said, short=said)

    def _contains(self, it: Dimension) -> Said:
        value = self.pools.value(self.entity.name, it.name)
        parts = [part for part in value.replace("_", ".").replace("-", ".").split(".") if len(part) > 2]
        part = self.rng.choice(parts or [value])
        quote = self.rng.choice(("", "", '"', "'"))
        post = self._say(it, "contains_post", v=marked(f"{quote}{part}{quote}"))
        return Said([{"dimension": it.name, "op": "contains", "values": [part]}], post, short=post)

    def _number(self, it: Dimension) -> Said:
        rng = self.rng
        n = size(rng, it.unit)
        if rng.random() < 0.12:
            more = n + size(rng, it.unit)
            low, high = marked(f"{n:g}"), marked(number(rng, it.unit, more, same_unit=True))
            compared = say(rng, rng.choice(self.pieces["between"]), v=low, w=high)
            filters = [
                {"dimension": it.name, "op": "at_least", "values": [n]},
                {"dimension": it.name, "op": "at_most", "values": [more]},
            ]
        else:
            op = rng.choice(COMPARISONS)
            compared = comparison(rng, it.unit, op, n)
            filters = [{"dimension": it.name, "op": op, "values": [n]}]
        post, that = self._say(it, "post", c=compared), self._say(it, "that", c=compared)
        return Said(filters, post, that, short=self._say(it, "short", c=compared))

    def _flag(self, it: Dimension, yes: bool) -> Said:
        side = "yes" if yes else "no"
        filters = [{"dimension": it.name, "op": "is", "values": [yes]}]
        pre = self._say(it, f"{side}_pre")
        said = self._say(it, f"{side}_post")
        return Said(filters, said, self._say(it, f"{side}_that"), pre, pre or said)

    def _time(self, it: Dimension) -> Said:
        stretch = when(self.rng, it)
        form = "when_that" if self.forms(it, "when_that") and self.rng.random() < 0.3 else "when"
        said = self._say(it, form, t=stretch.text)
        filters = stretch.filters(it.name)
        if form == "when_that":
            return Said(filters, f"that {said}", said, short=f"that {said}")
        return Said(filters, said, short=said)

    def tag(self, prefix: str) -> Said:
        """A tag's value, its absence or presence."""
        rng = self.rng
        name = self.pools.tag()
        dimension = f"{prefix}tags.{name}"
        key = marked(rng.choice([name, name, *TAG_NAMES[name]]))
        chance = rng.random()
        if chance < 0.2:
            form = "tag_none_post" if chance < 0.14 else "tag_some_post"
            said = say(rng, rng.choice(self.pieces[form]), k=key)
            return Said([{"dimension": dimension, "op": "empty" if chance < 0.14 else "not_empty"}], said,
                        short=said)  # fmt: skip
        value = self.pools.value(self.entity.name, dimension)
        word = marked(surface(rng, dimension, value))
        op = "is_not" if chance < 0.3 else "is"
        form = "tag_not_post" if op == "is_not" else "tag_post"
        post = say(rng, rng.choice(self.pieces[form]), k=key, v=word)
        short = say(rng, rng.choice(self.pieces["tag_short"]), k=key, v=word)
        filters = [{"dimension": dimension, "op": op, "values": [value]}]
        return Said(filters, post, short=f"not {short}" if op == "is_not" else short)

    def _activity(self, without: set[str]) -> Said | None:
        """Never used, idle, used since."""
        rng, about = self.rng, self.lexicon.about
        dimension = about(self.entity.name, "activity")
        it = self.entity.dimensions.get(dimension or "")
        if it is None or it.name in without:
            return None
        name, chance = self.entity.name, rng.random()
        if chance < 0.25:
            pre, post = rng.choice(about(name, "never_pre")), rng.choice(about(name, "never_post"))
            filters: list[dict[str, Any]] = [{"dimension": it.name, "op": "empty"}]
            return Said(filters, post, rng.choice(about(name, "never_that")), pre, pre)
        if chance < 0.7:
            text, days = span(rng)
            filters = [{"dimension": it.name, "op": "before", "values": [{"days_ago": days}]}]
            post = say(rng, rng.choice(about(name, "idle_post")), n=marked(text))
            that = say(rng, rng.choice(about(name, "idle_that")), n=marked(text))
            return Said(filters, post, that, short=post)
        if chance < 0.82 and about(name, "zombie"):
            filters = [{"dimension": it.name, "op": "before", "values": [{"days_ago": 30}]}]
            pre = rng.choice(about(name, "zombie_pre"))
            noun = say(rng, rng.choice(about(name, "zombie"))) if rng.random() < 0.5 else ""
            return Said(filters, f"that are {pre}", f"are {pre}", pre, pre, noun)
        return self._time(it)


def _by_kind(it: Dimension) -> float:
    """Names and numbers are asked for less often than choices."""
    if it.bare.endswith("_id") or it.bare in ("id", "ip_address", "source_ip"):
        return 0.25
    return {"choice": 2.0, "text": 0.8, "number": 0.5, "bool": 0.9, "time": 0.5}.get(it.kind, 0.0)
