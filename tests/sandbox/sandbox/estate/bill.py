"""What a desktop costs in a month, by AWS's billing rules for running modes.

AlwaysOn: the monthly fee on the first, or on the day of a change to it for the days that are left,
that day included. AutoStop: a smaller monthly fee on the first, or on the day of its creation for
the days that are left, and whole hours. An hour begins when the desktop starts to run and again
whenever it still runs at the end of one; hours do not overlap, a month begins afresh, and an hour
belongs to the UTC day in which it begins. A change to AlwaysOn comes on top of what was charged
before it; a change to AutoStop takes effect with the next month. Run by hand is charged like
AlwaysOn.

Invariant: a month that is over has one bill for ever, since deeds are done in the present only.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from .days import DAY, first_of
from .desktop import Desktop
from .era import Era
from .prices import UNIT, Rates, rates, usage_type
from .timeline import HOUR, runs

_MAX_KEPT = 300_000
"""Months of desktops that are remembered: 14 of 20,000, at some 400 bytes each."""

_NOT_CHARGED = frozenset({"ERROR", "PENDING"})
"""States in which a desktop was never made."""


class Charge(NamedTuple):
    """One line: the UTC day as a moment, what is charged ("month", "base" or "hour"), how much of
    it and for how much (both in ``UNIT``), and the price of one."""

    day: int
    part: str
    usage_type: str
    quantity: int
    amount: int
    rate: int


@dataclass(frozen=True, slots=True)
class MonthBill:
    """The charges of one desktop in a month: fees as they are, hours as a count for each day."""

    begin: int
    fees: tuple[Charge, ...]
    hours: tuple[tuple[str, int, bytes], ...]

    def charges(self) -> Iterator[Charge]:
        yield from self.fees
        for kind, rate, counts in self.hours:
            for index, count in enumerate(counts):
                if count:
                    day = self.begin + index * DAY
                    yield Charge(day, "hour", kind, count * UNIT, count * rate, rate)


class Bills:
    """The bills of a whole estate, worked out when asked for and remembered within bounds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple, MonthBill] = OrderedDict()

    def month(self, desktop: Desktop, year: int, month: int, now: float) -> MonthBill:
        """The bill of a month as far as it is known at ``now``."""
        over = first_of(year, month + 1) <= now
        known = (0, 0) if over else (desktop.version, int(now))
        key = (desktop.id, year, month, *known)
        with self._lock:
            found = self._kept.get(key)
        if found is None:
            found = month_bill(desktop, year, month, now)
            with self._lock:
                self._kept[key] = found
                if len(self._kept) > _MAX_KEPT:
                    self._kept.popitem(last=False)
        return found


def month_bill(desktop: Desktop, year: int, month: int, now: float) -> MonthBill:
    """The bill of a month as far as it is known at ``now``, without memory."""
    begin, over = first_of(year, month), first_of(year, month + 1)
    start, end = max(desktop.created, begin), min(desktop.gone_at, over, now)
    nothing = MonthBill(begin, (), ())
    if start >= end:
        return nothing
    eras = _eras(desktop, start, end)
    first = eras[0]
    if first.fixed in _NOT_CHARGED:
        return nothing
    days = (over - begin) // DAY
    if first.mode != "AUTO_STOP":
        return MonthBill(begin, (_fee(desktop, first, "month", start, begin, days),), ())
    fees = [_fee(desktop, first, "base", start, begin, days)]
    switch = next((era for era in eras if era.mode != "AUTO_STOP"), None)
    if switch is not None:
        fees.append(_fee(desktop, switch, "month", switch.since, begin, days))
        end = min(end, switch.since)
    hours = _hours(desktop, eras, begin, days, (start, end))
    return MonthBill(begin, tuple(fees), hours)


def _eras(desktop: Desktop, start: float, end: float) -> list[Era]:
    """The eras that [start, end) touches, oldest first."""
    eras = desktop.eras()
    first = max((i for i, era in enumerate(eras) if era.since <= start), default=0)
    return [eras[first], *(era for era in eras[first + 1 :] if era.since < end)]


def _fee(desktop: Desktop, era: Era, part: str, at: float, begin: int, days: int) -> Charge:
    """A monthly fee for the days of the month that are left, the day of ``at`` included."""
    index = int(at - begin) // DAY
    left = days - index
    rate = getattr(_rates(desktop, era), part)
    amount, quantity = ((2 * whole * left + days) // (2 * days) for whole in (rate, UNIT))
    kind = usage_type(desktop.region, era.compute, part)
    return Charge(begin + index * DAY, part, kind, quantity, amount, rate)


def _rates(desktop: Desktop, era: Era) -> Rates:
    return rates(desktop.region, desktop.system, *era.terms())


def _hours(
    desktop: Desktop, eras: list[Era], begin: int, days: int, within: tuple[float, float]
) -> tuple[tuple[str, int, bytes], ...]:
    """How many hours begin on each day, for each hourly price that applied."""
    start, end = within
    counts = bytearray(days)
    counted = {(eras[0].compute, _rates(desktop, eras[0]).hour): counts}
    later = [era for era in eras[1:] if era.terms() != eras[0].terms()]
    busy = int(start)
    for first, stop in runs(desktop, start, end):
        moment, until = max(first, busy), min(stop, end)
        while moment < until:
            while later and moment >= later[0].since:
                era = later.pop(0)
                key = (era.compute, _rates(desktop, era).hour)
                counts = counted.setdefault(key, bytearray(days))
            counts[(moment - begin) // DAY] += 1
            moment += HOUR
        busy = moment
    return tuple(
        (usage_type(desktop.region, compute, "hour"), rate, bytes(counts))
        for (compute, rate), counts in counted.items()
        if any(counts)
    )
