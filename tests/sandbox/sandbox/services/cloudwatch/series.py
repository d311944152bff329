"""The metrics of a desktop as CloudWatch would hold them: five-minute points and what is made of
them.

A series is worked out as stretches of equal points, of which there are few, and becomes points
only where it is answered. Points are missing here and there, for all desktops; for one in five
there are none of UserConnected while an AutoStop desktop is stopped, for the others zeros.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from ...estate.chance import mixed
from ...estate.desktop import Desktop
from ...estate.timeline import DAY, POINT, Span, healthy, points, running, sessions

FINE_DAYS, COARSE_DAYS = 63, 455
"""How long points of five minutes are kept, and those of an hour."""

METRICS = ("UserConnected", "Stopped", "Available")

_HOUR = 3_600
_NEVER_MADE = frozenset({"ERROR", "PENDING"})

Stretch = tuple[int, int, float]
"""(first point, number of points, value)."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of one metric. ``now`` is when it was first asked, so that pages agree."""

    metric: str
    start: float
    end: float
    period: int
    stat: str
    now: float


def series(desktop: Desktop, wanted: Wanted) -> tuple[list[int], list[float]]:
    """Timestamps, oldest first, and values."""
    period = max(wanted.period, POINT)
    kept = COARSE_DAYS if period % _HOUR == 0 else FINE_DAYS
    first = max(wanted.start, wanted.now - kept * DAY) // period * period
    # The last point is one whose five minutes are over.
    last = min(wanted.end, wanted.now // POINT * POINT)
    stretches = _stretches(desktop, wanted.metric, int(first), int(last))
    if period == POINT:
        return _as_points(stretches, wanted.stat)
    return _as_buckets(stretches, period, wanted.stat)


def silent_when_stopped(desktop: Desktop) -> bool:
    """Whether UserConnected has no points, not zeros, while this desktop is stopped."""
    return mixed(desktop.habit.key ^ 0x51) % 5 == 0


def _stretches(desktop: Desktop, metric: str, start: int, end: int) -> list[Stretch]:
    start = max(start, desktop.created - desktop.created % POINT)
    end = int(min(end, desktop.gone_at))
    if start >= end or desktop.fixed in _NEVER_MADE:
        return []
    there: list[Span] = [(start, end)]
    if metric == "UserConnected":
        ones = points(sessions(desktop, start, end))
        if silent_when_stopped(desktop) and desktop.mode == "AUTO_STOP":
            there = running(desktop, start, end)
    elif metric == "Stopped":
        ones = _others(running(desktop, start, end), start, end)
    else:
        ones = healthy(desktop, start, end)
    there = _without_holes(desktop.habit.key, there, start, end)
    return _valued(there, ones)


def _others(spans: list[Span], start: int, end: int) -> list[Span]:
    """What is left of [start, end)."""
    found, at = [], start
    for first, last in spans:
        if first > at:
            found.append((at, first))
        at = max(at, last)
    return [*found, (at, end)] if at < end else found


def _without_holes(key: int, spans: list[Span], start: int, end: int) -> list[Span]:
    """Without the few points that AWS lost: on one day in sixteen, up to half an hour."""
    holes = []
    for day in range(start // DAY, end // DAY + 1):
        chance = mixed(key ^ (day * 0xB5297A4D9E3779B9))
        if chance % 16 == 0:
            begin = day * DAY + (chance >> 8) % 282 * POINT
            holes.append((begin, begin + (1 + (chance >> 20) % 6) * POINT))
    if not holes:
        return spans
    return _common(spans, _others(holes, start, end))


def _common(some: list[Span], others: list[Span]) -> list[Span]:
    """What is in both, where each is in order and apart."""
    found, index = [], 0
    for first, last in some:
        while index < len(others) and others[index][1] <= first:
            index += 1
        at = index
        while at < len(others) and others[at][0] < last:
            found.append((max(first, others[at][0]), min(last, others[at][1])))
            at += 1
    return found


def _valued(there: list[Span], ones: list[Span]) -> list[Stretch]:
    """The points of ``there``: 1 within ``ones``, otherwise 0."""
    found: list[Stretch] = []

    def add(first: int, last: int, value: float) -> None:
        begin = first + -first % POINT
        count = (last - begin + POINT - 1) // POINT
        if count > 0:
            found.append((begin, count, value))

    for first, last in there:
        at = first
        for begin, stop in _common([(first, last)], ones):
            add(at, begin, 0.0)
            at = begin + -begin % POINT
            add(at, stop, 1.0)
            at = max(at, stop + -stop % POINT)
        add(at, last, 0.0)
    return found


def _as_points(stretches: Iterable[Stretch], stat: str) -> tuple[list[int], list[float]]:
    moments: list[int] = []
    values: list[float] = []
    for first, count, value in stretches:
        moments.extend(range(first, first + count * POINT, POINT))
        values.extend([1.0 if stat == "SampleCount" else value] * count)
    return moments, values


def _as_buckets(
    stretches: Iterable[Stretch], period: int, stat: str
) -> tuple[list[int], list[float]]:
    """The points of each period as one value of a statistic."""
    buckets: dict[int, list[int]] = {}
    for first, count, value in stretches:
        at, end = first, first + count * POINT
        while at < end:
            begin = at // period * period
            stop = min(end, begin + period)
            points_in = (stop - at + POINT - 1) // POINT
            bucket = buckets.setdefault(begin, [0, 0])
            bucket[0] += points_in
            bucket[1] += points_in if value else 0
            at += points_in * POINT
    return list(buckets), [_statistic(stat, *bucket) for bucket in buckets.values()]


def _statistic(stat: str, count: int, ones: int) -> float:
    """Of points that are 0 or 1."""
    if stat == "Maximum":
        return 1.0 if ones else 0.0
    if stat == "Minimum":
        return 1.0 if ones == count else 0.0
    if stat == "Average":
        return ones / count
    return float(ones if stat == "Sum" else count)
