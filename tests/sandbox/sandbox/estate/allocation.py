"""Cost allocation tags: which tag keys the bill is broken down by, and since when.

A key that was never activated groups nothing. Costs carry an active key's values from the day of
its activation on, or from where a backfill reached back to.
"""

from dataclasses import dataclass, field

from .days import DAY

_LONG_ACTIVE = ("CostCenter", "Department", "Environment")
"""Keys that finance activated before the time that anybody can ask for."""

_LONG_AGO = 1_672_531_200
"""2023-01-01, when they did."""


@dataclass(slots=True)
class Key:
    """A tag key that has been active or is. ``since`` is the first moment whose costs carry it."""

    active: bool
    since: int
    updated: int


@dataclass(slots=True)
class Backfill:
    """A request to let the costs of the past carry the keys that are active, done at ``done``."""

    since: int
    requested: int
    done: float


@dataclass(slots=True)
class Allocation:
    """The state of the whole company's cost allocation tags."""

    keys: dict[str, Key] = field(
        default_factory=lambda: {key: Key(True, _LONG_AGO, _LONG_AGO) for key in _LONG_ACTIVE}
    )
    backfills: list[Backfill] = field(default_factory=list)

    def activate(self, keys: list[str], active: bool, at: float) -> None:
        """Turn keys on or off. Turned on again, a key starts anew."""
        today = int(at // DAY) * DAY
        for name in keys:
            known = self.keys.get(name)
            if known is None or known.active != active:
                self.keys[name] = Key(active, today, int(at))

    def backfill(self, since: int, at: float, takes: float) -> None:
        self.backfills.append(Backfill(since, int(at), at + takes))

    def carried_since(self, key: str, now: float) -> float:
        """From when on costs carry a key; never, where it is not active."""
        known = self.keys.get(key)
        if known is None or not known.active:
            return float("inf")
        done = [one for one in self.backfills if one.done <= now]
        reached = [one.since for one in done if one.requested >= known.updated]
        return min([known.since, *reached])
