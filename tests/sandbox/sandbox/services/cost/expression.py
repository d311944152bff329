"""Cost Explorer's filters and groups: how a line is matched, and what it is grouped under."""

from collections.abc import Callable, Iterator
from typing import Any

from ...accounts import BY_ID
from ...estate.days import DAY
from ...estate.ledger import DESKTOPS, Line
from ...wire import AwsError

VALIDATION = "ValidationException"

Getter = Callable[[Line], str]
Matcher = Callable[[Line], bool]

DIMENSIONS: dict[str, Getter] = {
    "SERVICE": lambda line: line.service,
    "LINKED_ACCOUNT": lambda line: line.account,
    "LINKED_ACCOUNT_NAME": lambda line: BY_ID[line.account].name,
    "REGION": lambda line: line.region,
    "USAGE_TYPE": lambda line: line.usage_type,
    "OPERATION": lambda line: line.operation or "NoOperation",
    "RECORD_TYPE": lambda line: line.record_type,
    "SERVICE_CODE": lambda line: "AmazonWorkSpaces" if line.service == DESKTOPS else line.service,
    "RESOURCE_ID": lambda line: line.desktop.arn if line.desktop else "NoResourceId",
    "INSTANCE_TYPE": lambda _: "NoInstanceType",
    "PURCHASE_TYPE": lambda line: "" if line.record_type == "Tax" else "On Demand Instances",
    "LEGAL_ENTITY_NAME": lambda _: "Amazon Web Services EMEA SARL",
    "INVOICING_ENTITY": lambda _: "Amazon Web Services EMEA SARL",
    "BILLING_ENTITY": lambda _: "AWS",
    "AZ": lambda _: "NoAZ",
    "PLATFORM": lambda _: "NoPlatform",
    "TENANCY": lambda _: "NoTenancy",
}

_MEMBERS = ("Or", "And", "Not", "Dimensions", "Tags", "CostCategories", "ProductAttributes")

_MATCHES: dict[str, Callable[[str, str], bool]] = {
    "EQUALS": lambda has, value: has == value,
    "STARTS_WITH": lambda has, value: has.startswith(value),
    "ENDS_WITH": lambda has, value: has.endswith(value),
    "CONTAINS": lambda has, value: value in has,
}


class Tagging:
    """What tags lines carry: those of their desktop then, for keys and times that are active."""

    def __init__(self, carried_since: Callable[[str], float]):
        self._carried_since, self._known = carried_since, {}

    def value(self, line: Line, key: str) -> str | None:
        if line.desktop is None:
            return None
        since = self._known.get(key)
        if since is None:
            since = self._known[key] = self._carried_since(key)
        if line.day < since:
            return None
        # A tag is on the day's costs if it was there at the end of the day.
        return line.desktop.tags_at(line.day + DAY - 1).get(key)


def matcher(expression: dict[str, Any] | None, tagging: Tagging) -> Matcher:
    """Whether a line is meant by a filter."""
    if not expression:
        return lambda _: True
    given = [name for name in _MEMBERS if name in expression]
    if len(given) != 1:
        raise AwsError(VALIDATION, "Expression must have exactly one root operator or dimension")
    name, inner = given[0], expression[given[0]]
    if name in ("Or", "And"):
        if len(inner) < 2:
            raise AwsError(VALIDATION, f"{name} must have at least two operands")
        parts = [matcher(one, tagging) for one in inner]
        return lambda line: (any if name == "Or" else all)(part(line) for part in parts)
    if name == "Not":
        part = matcher(inner, tagging)
        return lambda line: not part(line)
    if name == "Dimensions":
        return _among(dimension(inner.get("Key")), inner)
    if name == "Tags":
        key = inner.get("Key") or ""
        return _among(lambda line: tagging.value(line, key), inner)
    raise AwsError(VALIDATION, f"{name} is not available in the sandbox")


def grouper(group: dict[str, Any], tagging: Tagging) -> Getter:
    """What a line is grouped under. A tag's group is its key, a dollar sign and the value."""
    kind, key = group.get("Type"), group.get("Key") or ""
    if kind == "TAG":
        return lambda line: f"{key}${tagging.value(line, key) or ''}"
    if kind != "DIMENSION":
        raise AwsError(VALIDATION, f"Group type {kind} is not available in the sandbox")
    return dimension(key)


def dimension(key: str | None) -> Getter:
    found = DIMENSIONS.get(key or "")
    if found is None:
        raise AwsError(VALIDATION, f"Dimension {key} is not valid here")
    return found


def mentions(expression: dict[str, Any] | None, member: str, key: str | None = None) -> bool:
    """Whether a filter speaks anywhere of tags, or of a dimension."""
    return any(
        member in one and (key is None or one[member].get("Key") == key)
        for one in _walk(expression or {})
    )


def _walk(expression: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield expression
    for name in ("Or", "And"):
        for one in expression.get(name) or ():
            yield from _walk(one)
    if "Not" in expression:
        yield from _walk(expression["Not"])


def _among(get: Callable[[Line], str | None], asked: dict[str, Any]) -> Matcher:
    options = asked.get("MatchOptions") or ["EQUALS"]
    if "ABSENT" in options:
        return lambda line: not get(line)
    values = asked.get("Values") or []
    if not values:
        raise AwsError(VALIDATION, "Values must not be empty")
    how = next((_MATCHES[option] for option in options if option in _MATCHES), _MATCHES["EQUALS"])
    if options == ["EQUALS"]:
        wanted = frozenset(values)
        return lambda line: (get(line) or "") in wanted
    if "CASE_INSENSITIVE" in options:
        lowered = [value.lower() for value in values]
        return lambda line: any(how((get(line) or "").lower(), value) for value in lowered)
    return lambda line: any(how(get(line) or "", value) for value in values)
