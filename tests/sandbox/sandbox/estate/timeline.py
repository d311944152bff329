"""What happened at a desktop between two moments: sessions, polled points, hours that it ran.

Sessions are to the second. AWS looks every five minutes, so what it measures and bills is on that
grid: a point is 1 if somebody was connected in the five minutes from it on. An AutoStop desktop
runs from the first such point until its timeout after the last one.

All are pure functions of the desktop's habit and eras; [start, end) is in seconds since the epoch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .era import Window
from .habit import Kind, Session

if TYPE_CHECKING:
    from .desktop import Desktop

POINT = 300
DAY = 86_400
HOUR = 3_600

REACHABLE_STATES = frozenset({"AVAILABLE", "IMPAIRED", "UNHEALTHY"})
"""The states in which somebody can be connected."""

_RUNNING_STATES = frozenset(
    {
        *REACHABLE_STATES,
        "STARTING",
        "REBOOTING",
        "UPDATING",
        "REBUILDING",
        "RESTORING",
        "MAINTENANCE",
        "ADMIN_MAINTENANCE",
    }
)
"""The states in which a desktop that runs goes on running."""

_LOOK_BACK_DAYS = 14

Span = tuple[int, int]


def sessions(desktop: Desktop, start: float, end: float) -> list[Session]:
    """The sessions that overlap [start, end), whole, in order."""
    habit = desktop.habit
    start, end = max(start, desktop.created), min(end, desktop.gone_at)
    found: list[Session] = []
    if start >= end:
        return found
    for day in range(habit.local_day(int(start)), habit.local_day(int(end)) + 1):
        found += habit.sessions(day)
    if desktop.disturbed and found:
        found = _cut(found, windows(desktop, found[0][0], found[-1][1]), REACHABLE_STATES)
    return [one for one in found if one[0] < end and one[1] > start]


def windows(desktop: Desktop, start: float, end: float) -> list[Window]:
    """The states within [start, end) that were not the user's doing, clipped, in order."""
    eras, found = desktop.eras(), []
    for index, era in enumerate(eras):
        until = eras[index + 1].since if index + 1 < len(eras) else desktop.gone_at
        if era.since >= end or until <= start:
            continue
        for first, last, state in era.windows(min(until, end)):
            if last > start:
                found.append((max(first, start), last, state))
    return found


def last_connection(desktop: Desktop, now: float) -> int | None:
    """The end of the last session that was over by ``now``."""
    habit, moment = desktop.habit, int(now)
    for _ in range(_LOOK_BACK_DAYS * 60):
        within, last, _ = habit.around(moment)
        if not within and last is None:
            return None
        begin = moment - DAY if within or last is None else last - DAY
        over = [end for _, end in sessions(desktop, begin, moment + 1) if end <= now]
        if over:
            return over[-1]
        moment = begin
    return None


def points(found: list[Session]) -> list[Span]:
    """The grid spans whose points are 1: [first point, last point + 300), in order, apart."""
    spans: list[Span] = []
    for start, end in found:
        first, last = start - start % POINT, end + -end % POINT
        if spans and first <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(last, spans[-1][1]))
        else:
            spans.append((first, last))
    return spans


def runs(desktop: Desktop, start: float, end: float) -> list[Span]:
    """When a desktop that stops by itself ran, with what its sessions before ``end`` tell: the runs
    that end after ``start``, whole, in order. The last one may end after ``end``."""
    if desktop.habit.kind is Kind.ALWAYS:
        seeds = _endless(desktop, end)
    else:
        seeds = _by_sessions(desktop, start, end)
    if desktop.disturbed:
        seeds = _as_forced(desktop, seeds, start, end)
    return [run for run in seeds if run[1] > start]


def running(desktop: Desktop, start: float, end: float) -> list[Span]:
    """When a desktop of any running mode ran within [start, end), clipped, in order, apart."""
    start, end = max(start, desktop.created), min(end, desktop.gone_at)
    if start >= end:
        return []
    found: list[Span] = []
    eras = desktop.eras()
    own = runs(desktop, start, end) if any(era.mode == "AUTO_STOP" for era in eras) else []
    for index, era in enumerate(eras):
        first = int(max(era.since, start))
        last = int(min(eras[index + 1].since if index + 1 < len(eras) else end, end))
        if era.mode == "AUTO_STOP":
            found += [(max(a, first), min(b, last)) for a, b in own if a < last and b > first]
        elif first < last:
            found += _cut([(first, last)], windows(desktop, first, last), _RUNNING_STATES)
    joined: list[Span] = []
    for first, last in found:
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return joined


def healthy(desktop: Desktop, start: float, end: float) -> list[Span]:
    """When a desktop ran and was well, as ``running``."""
    spans = running(desktop, start, end)
    if not desktop.disturbed:
        return spans
    return _cut(spans, windows(desktop, start, end), frozenset({"AVAILABLE"}))


def timeout_at(desktop: Desktop, moment: float) -> int:
    """Seconds from the last connection to the stop, as set at a moment."""
    minutes = desktop.timeout
    if moment < desktop.since:
        for era in desktop.past:
            if era.since <= moment or era is desktop.past[0]:
                minutes = era.timeout
    return (minutes or 60) * 60


def _by_sessions(desktop: Desktop, start: float, end: float) -> list[Span]:
    """Runs of sessions, from far enough back that the first one is known to begin a run and no
    hour that was begun before reaches it."""
    constant = not desktop.past
    timeout = (desktop.timeout or 60) * 60
    for back in range(1, _LOOK_BACK_DAYS + 1):
        seeds: list[Span] = []
        for first, last in points(sessions(desktop, start - back * DAY, end)):
            if not constant:
                timeout = timeout_at(desktop, last)
            # The last point at which somebody was seen is five minutes before the span's end.
            stop = last - POINT + timeout
            if seeds and first <= seeds[-1][1] + POINT:
                seeds[-1] = (seeds[-1][0], stop)
            else:
                seeds.append((first, stop))
        if _rested(seeds, start, back):
            break
    return seeds


def _rested(seeds: list[Span], start: float, back: int) -> bool:
    """Whether the desktop was idle for an hour between what was read and what is asked."""
    idle_from = start - back * DAY + DAY // 2
    for first, stop in seeds:
        if first > idle_from + HOUR:
            return True
        if first >= start:
            return False
        idle_from = max(idle_from, stop)
    return start > idle_from + HOUR


def _endless(desktop: Desktop, end: float) -> list[Span]:
    """The one run of somebody who never signs out."""
    first = max(desktop.habit.midnight(desktop.habit.first_day), desktop.created)
    last = int(min(end, desktop.gone_at))
    return [(first - first % POINT, last + DAY)] if first < last else []


def _as_forced(desktop: Desktop, seeds: list[Span], start: float, end: float) -> list[Span]:
    """The runs with what was started by hand, and without what was stopped by hand."""
    begin = min(start, seeds[0][0] if seeds else start) - DAY
    forced = windows(desktop, begin, max(end, seeds[-1][1] if seeds else end))
    by_hand = [(int(a), int(b)) for a, b, state in forced if state == "AVAILABLE" and a < end]
    joined: list[Span] = []
    for first, stop in sorted([*seeds, *by_hand]):
        if joined and first <= joined[-1][1] + POINT:
            joined[-1] = (joined[-1][0], max(joined[-1][1], stop))
        else:
            joined.append((first, stop))
    return _cut(joined, forced, _RUNNING_STATES)


def _cut(spans: list[Span], forced: list[Window], harmless: frozenset[str]) -> list[Span]:
    """The spans without the windows in which a state ended or prevented them."""
    for first, last, state in forced:
        if state in harmless:
            continue
        begin, stop = int(first), int(min(last, 1 << 40))
        left = [(a, min(b, begin)) for a, b in spans if a < begin]
        spans = left + [(max(a, stop), b) for a, b in spans if b > stop]
    return spans
