"""The catalog, read from the text of its Rust definition.

The product's own ``GET /api/ai/catalog`` is the shape; here synonyms, singulars and times are added,
which the wire form does not have. It reads the definition's literal layout and nothing else: what it
does not understand it refuses, so that a changed layout cannot quietly lose a dimension.
"""

import json
import re
from pathlib import Path
from typing import Any

OPS = {
    "text": ["is", "is_not", "contains", "empty", "not_empty"],
    "number": [
        "is", "is_not", "at_least", "at_most", "more_than", "less_than", "empty", "not_empty",
    ],
    "bool": ["is", "is_not"],
    "time": ["since", "before", "empty", "not_empty"],
    "tags": ["empty", "not_empty"],
}  # fmt: skip
AGGREGATES = {
    "number": ["sum", "average", "minimum", "maximum", "share", "distinct"],
    "text": ["distinct"],
    "bool": ["distinct"],
}
GRAINS = ["hour", "day", "week", "month", "quarter", "year"]

SHORT_FORMS = {
    "text": "Text",
    "choice": "Choice",
    "number": "Number",
    "flag": "Bool",
    "time": "Time",
}
"""The definition's own abbreviations for a dimension of a kind."""

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[A-Za-z_]\w*(?:::\w+)*|-?\d+|[:&\[\](){},.;=<>!|*/+?\'-]|\s+')


class Unreadable(ValueError):
    """The definition is laid out in a way that this module does not know."""


def _tokens(text: str) -> list[str]:
    text = re.sub(r"//[^\n]*", "", text)
    return [it for it in _TOKEN.findall(text) if not it.isspace() and it != "&"]


class _Reader:
    """Reads nested literals: texts, lists, tuples and calls."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.at = 0

    def value(self) -> Any:
        token = self.take()
        if token.startswith('"'):
            return json.loads(token)
        if token in "[(":
            return self.several("]" if token == "[" else ")")
        if self.peek() == "(":
            self.take()
            made: dict[str, Any] = {"call": token, "args": self.several(")"), "then": {}}
            while self.peek() == "." and self.tokens[self.at + 2] == "(":
                self.take()
                name = self.take()
                self.take()
                made["then"][name] = self.several(")")
            return made
        return {"name": token}

    def several(self, end: str) -> list[Any]:
        items = []
        while self.peek() != end:
            items.append(self.value())
            if self.peek() == ",":
                self.take()
        self.take()
        return items

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        if self.at >= len(self.tokens):
            raise Unreadable("a definition ends in the middle")
        self.at += 1
        return self.tokens[self.at - 1]


def _after(tokens: list[str], *words: str) -> int | None:
    """Where the tokens following ``words`` begin."""
    for n in range(len(tokens) - len(words)):
        if tuple(tokens[n : n + len(words)]) == words:
            return n + len(words)
    return None


def _read(tokens: list[str], at: int) -> Any:
    reader = _Reader(tokens)
    reader.at = at
    return reader.value()


def _constants(tokens: list[str]) -> dict[str, Any]:
    """``const NAME: … = [("VALUE", ["word"])]`` by name."""
    found = {}
    for n, token in enumerate(tokens[:-2]):
        name = tokens[n + 1]
        if token == "const" and name.isupper() and "=" in tokens[n : n + 20]:
            start = tokens.index("=", n) + 1
            if tokens[start] == "[":
                found[name] = _read(tokens, start)
    return found


def _values(it: dict[str, Any], constants: dict[str, Any]) -> tuple[list[Any], bool]:
    """The known values with their words, and whether the database is asked for more."""
    if "call" not in it:
        return [], it["name"].endswith("Stored")
    (set_,) = it["args"]
    name = set_["name"].removeprefix("super::")
    if name not in constants:
        raise Unreadable(f"nobody defines {name}")
    return constants[name], it["call"].endswith("KnownAndStored")


def _dimension(it: dict[str, Any], constants: dict[str, Any]) -> dict[str, Any]:
    args, then, unit = it["args"], it["then"], None
    if it["call"] == "Dimension::new":
        name, label, kind, synonyms, values, nullable = args
        kind = kind["name"].removeprefix("Kind::")
    else:
        kind = SHORT_FORMS[it["call"]]
        name, label = args[:2]
        free = {"name": "Values::Free"}
        if kind == "Number":
            _, _, unit, synonyms = args
            values, nullable = free, {"name": "true"}
        elif kind == "Bool":
            synonyms, values, nullable = args[2], free, {"name": "false"}
        elif kind == "Time":
            synonyms, values, nullable = args[2], free, args[3]
        else:
            synonyms, values, nullable = args[2:]
    kind = kind.lower()
    known, stored = _values(values, constants)
    finest = then.get("known_by", [{"name": "Grain::Hour"}])[0]["name"].split("::")[1].lower()
    like = "text" if kind == "choice" else kind
    return {
        "name": name,
        "label": label,
        "kind": kind,
        "unit": then.get("in_unit", [unit])[0],
        "ops": OPS[like],
        "aggregates": AGGREGATES.get(like, []),
        "grains": GRAINS[GRAINS.index(finest) :] if kind == "time" else [],
        "groupable": kind != "tags",
        "values": [value for value, _ in known],
        "synonyms": synonyms,
        "words": {value: words for value, words in known if words},
        "stored": stored,
        "nullable": nullable["name"] == "true",
    }


def entity(text: str, elsewhere: dict[str, Any]) -> dict[str, Any] | None:
    """The entity that a file defines, without relations. ``elsewhere``: ``module::CONSTANT``."""
    tokens = _tokens(text)
    constants = {**elsewhere, **_constants(tokens)}

    def field(name: str) -> Any:
        at = _after(tokens, name, ":")
        return None if at is None else _read(tokens, at)

    dimensions = field("dimensions")
    if _after(tokens, ":", "Entity", "=") is None or dimensions is None:
        return None
    return {
        "name": field("name"),
        "label": field("plural"),
        "dimensions": [_dimension(it, constants) for it in dimensions],
        "examples": field("examples"),
        "singular": field("singular"),
        "synonyms": field("synonyms"),
        "time": field("time"),
        "key": field("key"),
    }


def catalog(folder: Path) -> dict[str, Any]:
    """All entities in the definition's order, related as the product relates them."""
    order = re.findall(r"&(\w+)::[A-Z]+,", (folder.parent / "catalog.rs").read_text())
    texts = {name: (folder / f"{name}.rs").read_text() for name in order}
    constants = {
        f"{file}::{name}": value
        for file, text in texts.items()
        for name, value in _constants(_tokens(text)).items()
    }
    entities = [it for text in texts.values() if (it := entity(text, constants)) is not None]
    if len(entities) != len(order):
        raise Unreadable("a file that is listed defines no entity")
    desktops = next(it for it in entities if it["name"] == "workspaces")
    reached = {it["name"] for it in desktops["dimensions"]}
    for it in entities:
        own = {one["name"] for one in it["dimensions"]}
        if "workspace_id" in own:
            it["relations"] = [
                {"prefix": "desktop", "entity": "workspaces", "without": sorted(reached & own)}
            ]
    return {"entities": entities}
