"""Plans as JSON: the parts in one order, none empty, so that equal plans are equal texts."""

from typing import Any

ORDER = ("entity", "measures", "group_by", "columns", "filters", "part", "having", "compare", "order",
         "limit", "limit_per")  # fmt: skip


def plan(entity: str, **parts: Any) -> dict[str, Any]:
    """A plan of these parts; empty ones are left out."""
    given = {"entity": entity, **parts}
    return {name: given[name] for name in ORDER if given.get(name)}


def grouped(dimension: str, grain: str | None = None) -> dict[str, Any]:
    """A part of ``group_by``."""
    return {"dimension": dimension} if grain is None else {"dimension": dimension, "grain": grain}


def key(measure: dict[str, Any]) -> str:
    """What orders and conditions call a figure."""
    return measure["function"] + (f"_{measure['of']}" if measure.get("of") else "")


def ordered(by: str, descending: bool = True) -> dict[str, Any]:
    """An order, as the product writes it: without ``descending`` it ascends."""
    return {"by": by, "descending": descending}
