"""Whether a plan fits the catalog: the type-check of the plan language, as strict as the product's.

Deliberately a second writing of it, not shared with what makes plans here.
"""

import re
from collections.abc import Iterator
from typing import Any

from training.catalog import Catalog, Dimension

PARTS = {
    "entity", "measures", "group_by", "columns", "filters", "part", "having", "compare", "order",
    "limit", "limit_per",
}  # fmt: skip
PERIODS = ("week", "month", "quarter", "year")
SEVERAL = ("is", "is_not", "contains")
ON_FIGURES = ("is", "is_not", "at_least", "at_most", "more_than", "less_than")
DAY = re.compile(r"(19|20)\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
DAY_OF_YEAR = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")


def key(measure: dict[str, Any]) -> str:
    """The name of a figure in orders and conditions."""
    return measure["function"] + (f"_{measure['of']}" if measure.get("of") else "")


def _keys(plan: dict[str, Any]) -> list[str]:
    own = [key(it) for it in plan.get("measures", [])]
    if "compare" not in plan:
        return own
    return [it + ending for it in own for ending in ("", "_before", "_change", "_growth")]


def is_time(value: Any) -> bool:
    """A day, a day of no year, or a relative time."""
    if isinstance(value, str):
        return DAY.fullmatch(value) is not None
    if not isinstance(value, dict):
        return False
    whole = all(isinstance(it, int) and it >= 0 for name, it in value.items() if name in _COUNTS)
    match sorted(value):
        case ["days_ago"] | ["hours_ago"]:
            return whole
        case ["ago", "start_of"]:
            return whole and value["start_of"] in PERIODS
        case ["latest"] | ["latest", "plus_months"]:
            return whole and DAY_OF_YEAR.fullmatch(value["latest"]) is not None
    return False


_COUNTS = ("days_ago", "hours_ago", "ago", "plus_months")


def _fits(field: Dimension, value: Any) -> bool:
    match field.kind:
        case "text" | "choice":
            return isinstance(value, str) and value != ""
        case "number":
            return isinstance(value, (int, float)) and not isinstance(value, bool)
        case "bool":
            return isinstance(value, bool)
        case "time":
            if isinstance(value, dict) and "hours_ago" in value and "hour" not in field.grains:
                return False
            return is_time(value)
    return False


def faults(plan: dict[str, Any], catalog: Catalog) -> list[str]:
    """Every mistake, in words. None: the plan is valid."""
    if plan.get("entity") not in catalog.entities:
        return [f"no entity {plan.get('entity')!r}"]
    return list(_faults(plan, catalog))


def _faults(plan: dict[str, Any], catalog: Catalog) -> Iterator[str]:
    entity = plan["entity"]
    measures, groups = plan.get("measures", []), plan.get("group_by", [])
    yield from (f"no such part: {it}" for it in plan.keys() - PARTS)
    yield from (f"an empty part: {name}" for name, it in plan.items() if it in ([], None, ""))
    for it in measures:
        yield from _measure(it, plan, catalog)
    if groups and not measures:
        yield "groups without a measure"
    names = [it["dimension"] for it in groups]
    if len(set(names)) != len(names):
        yield "grouped twice by the same"
    for it in groups:
        yield from _group(it, entity, catalog)
    if plan.get("columns") and measures:
        yield "columns are for lists"
    for name in plan.get("columns", []):
        if catalog.field(entity, name) is None:
            yield f"no column {name}"
    for it in plan.get("filters", []) + plan.get("part", []):
        yield from _filter(it, entity, catalog)
    if "part" in plan and all(it["function"] != "share" for it in measures):
        yield "a part without a share"
    for it in plan.get("having", []):
        if not groups or it["by"] not in _keys(plan):
            yield f"a condition on no figure: {it['by']}"
        if it["op"] not in ON_FIGURES or not isinstance(it["value"], (int, float)):
            yield f"a condition that does not fit a figure: {it}"
    if "compare" in plan:
        yield from _compare(plan, catalog)
    if "order" in plan:
        yield from _order(plan, catalog)
    limit = plan.get("limit", 1)
    if not isinstance(limit, int) or limit < 1:
        yield f"no limit: {limit}"
    if "limit_per" in plan:
        if plan["limit_per"] not in names or len(names) < 2:
            yield "limit_per is of two groups"
        if "order" not in plan or "limit" not in plan:
            yield "limit_per needs an order and a limit"


def _measure(it: dict[str, Any], plan: dict[str, Any], catalog: Catalog) -> Iterator[str]:
    function, of = it["function"], it.get("of")
    if function == "share" and not plan.get("part") and not plan.get("group_by"):
        yield "a share of what"
    if of is None:
        if function not in ("count", "share"):
            yield f"{function} of nothing"
        return
    field = catalog.field(plan["entity"], of)
    if function == "count" or field is None or function not in field.aggregates:
        yield f"no {function} of {of}"


def _group(it: dict[str, Any], entity: str, catalog: Catalog) -> Iterator[str]:
    field, grain = catalog.field(entity, it["dimension"]), it.get("grain")
    if field is None or not field.groupable:
        yield f"cannot group by {it['dimension']}"
    elif field.kind == "time" and grain not in field.grains:
        yield f"{field.name} has no grain {grain}"
    elif field.kind != "time" and grain is not None:
        yield f"{field.name} has no grains"


def _filter(it: dict[str, Any], entity: str, catalog: Catalog) -> Iterator[str]:
    field, op = catalog.field(entity, it["dimension"]), it["op"]
    values = it.get("values", [])
    if field is None:
        yield f"no dimension {it['dimension']}"
        return
    if op not in field.ops:
        yield f"{op} does not fit {field.name}"
    if op in ("empty", "not_empty"):
        if values:
            yield f"{op} takes no value"
        return
    several = op in SEVERAL and field.kind != "bool"
    if not values or (len(values) > 1 and not several) or len(values) > 200:
        yield f"{op} of {field.name} with {len(values)} values"
    for value in values:
        if not _fits(field, value):
            yield f"{value!r} is no value of {field.name}"


def _compare(plan: dict[str, Any], catalog: Catalog) -> Iterator[str]:
    bounds = [it for it in plan.get("filters", []) if it["op"] in ("since", "before")]
    if not plan.get("measures"):
        yield "compares no figure"
    since = sum(it["op"] == "since" for it in bounds)
    if len({it["dimension"] for it in bounds}) != 1 or since != 1 or len(bounds) > 2:
        yield "compares with filters that do not bound one time"
        return
    field = catalog.field(plan["entity"], bounds[0]["dimension"])
    compared = plan["compare"]
    for value in compared.values():
        if field is None or not _fits(field, value):
            yield f"{value!r} is no time to compare with"
    if "since" not in compared or compared.keys() - {"since", "before"}:
        yield "compares with no stretch"
    if any(it["dimension"] == bounds[0]["dimension"] for it in plan.get("group_by", [])):
        yield "groups by the time that it compares"


def _order(plan: dict[str, Any], catalog: Catalog) -> Iterator[str]:
    by = plan["order"]["by"]
    if not isinstance(plan["order"].get("descending", False), bool):
        yield "descending is yes or no"
    if not plan.get("measures"):
        field = catalog.field(plan["entity"], by)
        if field is None or field.kind == "tags":
            yield f"cannot order by {by}"
    elif by not in _keys(plan) + [it["dimension"] for it in plan.get("group_by", [])]:
        yield f"ordered by {by}, which is neither measured nor grouped by"
