"""What can be asked, as ``GET /api/ai/catalog`` says it.

Beside the wire form it takes what :mod:`training.definitions` adds (synonyms, singulars, the entity's
time); where that is absent it is guessed from labels, so that any entity can be asked about.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from training import definitions


@dataclass(frozen=True)
class Dimension:
    """Something that each row has. ``name`` is as plans say it, with the prefix of a relation."""

    name: str
    label: str
    kind: str
    unit: str | None
    ops: tuple[str, ...]
    aggregates: tuple[str, ...]
    grains: tuple[str, ...]
    groupable: bool
    values: tuple[str, ...]
    synonyms: tuple[str, ...] = ()
    words: dict[str, list[str]] = field(default_factory=dict, hash=False)
    nullable: bool = True

    @property
    def bare(self) -> str:
        """The name without ``desktop.``: what the lexicon knows it by."""
        return self.name.removeprefix("desktop.")

    @property
    def is_label(self) -> bool:
        """People group by it and name its values: few values, or names."""
        return self.kind in ("choice", "text", "bool") and self.groupable


@dataclass(frozen=True)
class Entity:
    """A kind of thing one can ask about."""

    name: str
    label: str
    singular: str
    synonyms: tuple[str, ...]
    time: str | None
    dimensions: dict[str, Dimension] = field(hash=False)
    examples: tuple[str, ...] = ()

    def of_kind(self, *kinds: str) -> list[Dimension]:
        """Its own dimensions of these kinds, in order."""
        return [it for it in self.dimensions.values() if it.kind in kinds]


@dataclass(frozen=True)
class Catalog:
    """Every entity by name."""

    entities: dict[str, Entity]
    reached: dict[str, dict[str, Dimension]]

    def field(self, entity: str, name: str) -> Dimension | None:
        """What a plan's name stands for: own, ``tags.NAME``, or ``desktop.NAME``."""
        own = self.entities[entity].dimensions
        if name in own:
            return own[name]
        prefix, dot, rest = name.partition(".")
        if not dot or not rest:
            return None
        if prefix == "tags":
            return _tag(name, rest) if "tags" in own else None
        if name in self.reached[entity]:
            return self.reached[entity][name]
        tag = rest.removeprefix("tags.")
        through = f"{prefix}.tags" in self.reached[entity] and tag and tag != rest
        return _tag(name, tag) if through else None

    def all_of(self, entity: str) -> Iterator[Dimension]:
        """Its own dimensions, then those reached over relations."""
        yield from self.entities[entity].dimensions.values()
        yield from self.reached[entity].values()


def _tag(name: str, tag: str) -> Dimension:
    ops = ("is", "is_not", "contains", "empty", "not_empty")
    return Dimension(name, f"tag {tag}", "text", None, ops, ("distinct",), (), True, ())


def _dimension(it: dict[str, Any]) -> Dimension:
    return Dimension(
        name=it["name"],
        label=it["label"],
        kind=it["kind"],
        unit=it.get("unit"),
        ops=tuple(it["ops"]),
        aggregates=tuple(it["aggregates"]),
        grains=tuple(it.get("grains", ())),
        groupable=it["groupable"],
        values=tuple(it["values"]),
        synonyms=tuple(it.get("synonyms", ())),
        words=it.get("words", {}),
        nullable=it.get("nullable", True),
    )


def _singular(label: str) -> str:
    for ending, one in (("ies", "y"), ("sses", "ss"), ("s", "")):
        if label.endswith(ending):
            return label.removesuffix(ending) + one
    return label


def _entity(it: dict[str, Any]) -> Entity:
    dimensions = {one["name"]: _dimension(one) for one in it["dimensions"]}
    times = [one.name for one in dimensions.values() if one.kind == "time"]
    return Entity(
        name=it["name"],
        label=it["label"],
        singular=it.get("singular", _singular(it["label"])),
        synonyms=tuple(it.get("synonyms", ())),
        time=it.get("time", times[0] if times else None),
        dimensions=dimensions,
        examples=tuple(it.get("examples", ())),
    )


def read(wire: dict[str, Any]) -> Catalog:
    """From the JSON's form."""
    entities = {it["name"]: _entity(it) for it in wire["entities"]}
    reached: dict[str, dict[str, Dimension]] = {name: {} for name in entities}
    for it in wire["entities"]:
        for relation in it.get("relations", ()):
            for one in entities[relation["entity"]].dimensions.values():
                if one.name not in relation["without"]:
                    name = f"{relation['prefix']}.{one.name}"
                    reached[it["name"]][name] = replace(one, name=name)
    return Catalog(entities, reached)


def load(path: Path) -> Catalog:
    """From the JSON in a file, or from the folder of the product's own definition."""
    return read(definitions.catalog(path) if path.is_dir() else json.loads(path.read_text()))
