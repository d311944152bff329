"""Checks parameters and answers against botocore's service models, so that neither drifts from AWS.

Invariant: what passes ``check`` has the modelled types, so that an operation may read its
parameters without looking twice. Members the model does not know are ignored, as AWS does.
"""

import re
from functools import lru_cache
from typing import Any

import botocore.session
from botocore.model import ServiceModel, Shape

from .wire import AwsError

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "double": (int, float),
    "float": (int, float),
    "timestamp": (int, float),
    "list": (list,),
    "structure": (dict,),
    "map": (dict,),
}


@lru_cache
def service(name: str) -> ServiceModel:
    """botocore's model of one service, by botocore's name for it."""
    return botocore.session.get_session().get_service_model(name)


def check(service_name: str, operation: str, params: dict[str, Any]) -> None:
    """Refuse parameters that the model of ``operation`` does not allow.

    Wrong types are a SerializationException; broken constraints are one ValidationException that
    lists them all, worded as AWS words them.
    """
    shape = _input(service_name, operation)
    if shape is None:
        return
    broken: list[str] = []
    _walk(shape, params, "", broken)
    if broken:
        noun = "error" if len(broken) == 1 else "errors"
        raise AwsError(
            "ValidationException",
            f"{len(broken)} validation {noun} detected: {'; '.join(broken)}",
        )


@lru_cache
def _input(service_name: str, operation: str) -> Shape | None:
    return service(service_name).operation_model(operation).input_shape


def _walk(shape: Shape, value: Any, path: str, broken: list[str]) -> None:
    kind = shape.type_name
    expected = _TYPES.get(kind)
    wrong = expected is not None and not isinstance(value, expected)
    if wrong or (isinstance(value, bool) and kind != "boolean"):
        raise AwsError("SerializationException", f"{kind} expected at '{path or '/'}'")
    if kind == "structure":
        _walk_structure(shape, value, path, broken)
    elif kind == "list":
        _bounds(shape, len(value), "length", value, path, broken)
        for index, item in enumerate(value):
            _walk(shape.member, item, f"{path}.{index + 1}.member", broken)
    elif kind == "string":
        _bounds(shape, len(value), "length", value, path, broken)
        _string(shape, value, path, broken)
    elif kind in ("integer", "long"):
        _bounds(shape, value, "value", value, path, broken)


def _walk_structure(shape: Shape, value: dict, path: str, broken: list[str]) -> None:
    members = shape.members
    for name in shape.required_members:
        if value.get(name) is None:
            _say(broken, None, _join(path, name), "must not be null")
    for name, item in value.items():
        member = members.get(name)
        if member is not None and item is not None:
            _walk(member, item, _join(path, name), broken)


def _bounds(shape: Shape, size: int, what: str, value: Any, path: str, broken: list[str]) -> None:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and size < low:
        _say(broken, value, path, f"must have {what} greater than or equal to {low}")
    if high is not None and size > high:
        _say(broken, value, path, f"must have {what} less than or equal to {high}")


def _string(shape: Shape, value: str, path: str, broken: list[str]) -> None:
    allowed = shape.metadata.get("enum")
    if allowed and value not in allowed:
        _say(broken, value, path, f"must satisfy enum value set: [{', '.join(allowed)}]")
    pattern = shape.metadata.get("pattern")
    if pattern and "\\p{" not in pattern and not _compiled(pattern).search(value):
        _say(broken, value, path, f"must satisfy regular expression pattern: {pattern}")


# Patterns with Unicode classes, which Python's expressions lack, are left unchecked.
@lru_cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _join(path: str, name: str) -> str:
    lowered = name[0].lower() + name[1:]
    return f"{path}.{lowered}" if path else lowered


def _say(broken: list[str], value: Any, path: str, rule: str) -> None:
    shown = "at" if value is None else f"'{value}' at"
    broken.append(f"Value {shown} '{path}' failed to satisfy constraint: Member {rule}")
