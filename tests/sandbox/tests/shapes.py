"""Holds an answer to botocore's model of it: no unknown member, right types, patterns, bounds."""

import re
from typing import Any

from botocore.model import Shape

OPEN = {"ComputeTypeName", "Compute"}
"""Enumerations that AWS extends faster than SDKs follow; the estate has a value beyond them."""

_TYPES = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "double": (int, float),
    "map": dict,
    "timestamp": (int, float),
    "list": list,
    "structure": dict,
}


def conforms(shape: Shape, value: Any, path: str = "") -> None:
    kind = shape.type_name
    assert isinstance(value, _TYPES[kind]), f"{path}: {value!r} is not a {kind}"
    if kind == "structure":
        for name in shape.required_members:
            assert name in value, f"{path}: {name} is missing"
        for name, item in value.items():
            assert name in shape.members, f"{path}: {name} is not modelled"
            conforms(shape.members[name], item, f"{path}.{name}")
    elif kind == "map":
        for key, item in value.items():
            conforms(shape.key, key, f"{path}.{key}")
            conforms(shape.value, item, f"{path}.{key}")
    elif kind == "list":
        for index, item in enumerate(value):
            conforms(shape.member, item, f"{path}[{index}]")
    elif kind == "string":
        _string(shape, value, path)
    if kind in ("list", "string"):
        _length(shape, value, path)


def _string(shape: Shape, value: str, path: str) -> None:
    allowed = shape.metadata.get("enum")
    if allowed and shape.name not in OPEN:
        assert value in allowed, f"{path}: {value!r} is not in {allowed}"
    pattern = shape.metadata.get("pattern")
    if pattern and "\\p{" not in pattern:
        assert re.search(pattern, value), f"{path}: {value!r} does not match {pattern}"


def _length(shape: Shape, value: Any, path: str) -> None:
    assert len(value) >= shape.metadata.get("min", 0), f"{path}: too short"
    assert len(value) <= shape.metadata.get("max", len(value)), f"{path}: too long"
