"""What happened to a desktop before the sandbox was first looked at: its creation, changes of its
running mode, a start, stop or reboot by somebody, the day it broke, the day its user left.

The drawn past ends at ``ANCHOR``, a fixed moment, so that it does not depend on when the sandbox
starts; after it there are only deeds and the users' habits. It leaves a desktop's present as it was
drawn.
"""

from __future__ import annotations

from .chance import mixed, number
from .days import DAY
from .desktop import Desktop
from .era import FOREVER, Era
from .habit import Habit, Kind
from .timeline import sessions

ANCHOR = 1_794_700_800
"""2026-11-15T00:00:00Z, a Sunday. A sandbox's clock is not set to before it."""

_HOUR, _MINUTE = 3_600, 60
_LAST_DAY = ANCHOR // DAY
_SWITCH_SHARE, _TWICE_SHARE = 14, 4
_LEFT_SHARE = 40
"""Of a hundred users who come and go by spells, those who went for good."""

TOOK = 180
"""Seconds that a start, stop or reboot took in the past."""

_OLD_KINDS = frozenset({Kind.LAPSED, Kind.OCCASIONAL, Kind.MONTH_END})
_NEVER_MADE = frozenset({"ERROR", "PENDING"})


def give_past(desktop: Desktop, seed: int, account: str) -> None:
    """Draw the past of a desktop of the estate's present."""
    chance = number(seed, "past", account, desktop.region, desktop.ordinal)
    left_days = _leave_for_good(desktop.habit, chance)
    _create(desktop, mixed(chance ^ 1), left_days)
    if desktop.mode != "MANUAL" and desktop.fixed not in _NEVER_MADE:
        _switch(desktop, mixed(chance ^ 2))
    if desktop.fixed is not None:
        _break(desktop, mixed(chance ^ 3))
    elif desktop.mode == "MANUAL":
        _stop_for_good(desktop, mixed(chance ^ 4))
    elif desktop.reported and left_days is None:
        _handle(desktop, mixed(chance ^ 5))


def give_departed_past(desktop: Desktop, seed: int, account: str) -> None:
    """Draw the past of a desktop that was terminated before ``ANCHOR``."""
    chance = number(seed, "departed", account, desktop.region, desktop.ordinal)
    desktop.fixed, desktop.reported, desktop.error = None, True, None
    gone = _working_hour(_LAST_DAY - 2 - chance % 390, mixed(chance))
    age = 40 + (chance >> 16) % 700
    _born(desktop, _working_hour(gone // DAY - age, mixed(chance ^ 1)))
    desktop.turn(gone - TOOK, "terminate")
    desktop.forced = [(FOREVER, "TERMINATING")]
    desktop.gone_at, desktop.disturbed = gone, True


def manual_runs(key: int) -> bool:
    """Whether a desktop that is started and stopped by hand only is left running."""
    return bool(key & 1)


def _leave_for_good(habit: Habit, chance: int) -> int | None:
    """Days since the user of a desktop left, for some of those that look abandoned."""
    if habit.kind is not Kind.LAPSED or chance % 100 >= _LEFT_SHARE:
        return None
    days = 35 + (chance >> 8) % 420
    habit.last_day = _LAST_DAY - days
    habit.become(Kind.REGULAR)
    return days


def _create(desktop: Desktop, chance: int, left_days: int | None) -> None:
    kind = desktop.habit.kind
    if desktop.fixed in _NEVER_MADE:
        age = 1 + chance % 12
    elif not desktop.reported:
        age = 1 + chance % 2
    elif left_days is not None:
        age = left_days + 60 + chance % 600
    elif kind in _OLD_KINDS:
        age = 750 + chance % 700
    elif (chance >> 32) % 100 < 30:
        age = 10 + chance % 380
    else:
        age = 400 + chance % 1_100
    _born(desktop, _working_hour(_LAST_DAY - age, mixed(chance)))


def _born(desktop: Desktop, created: int) -> None:
    desktop.created, desktop.since = created, created
    desktop.habit.first_day = desktop.habit.local_day(created) + 1


def _switch(desktop: Desktop, chance: int) -> None:
    """Some desktops had another running mode for a part of the last year."""
    lived = min((ANCHOR - desktop.created) // DAY - 20, 390)
    if chance % 100 >= _SWITCH_SHARE or lived < 10:
        return
    ago = [3 + (chance >> 8) % (lived - 3)]
    if chance % 100 < _TWICE_SHARE:
        ago.append(3 + (chance >> 24) % (lived - 3))
    moments = sorted({_working_hour(_LAST_DAY - days, mixed(chance ^ days)) for days in ago})
    now = (desktop.mode, desktop.timeout)
    other = ("ALWAYS_ON", None) if now[0] == "AUTO_STOP" else ("AUTO_STOP", 60)
    # Backwards from the present mode, so that the last change leads to it.
    modes = [now if index % 2 == 0 else other for index in range(len(moments) + 1)][::-1]
    begins = [(desktop.created, "create"), *((at, "mode") for at in moments)]
    for (since, cause), (mode, timeout) in zip(begins[:-1], modes[:-1], strict=True):
        desktop.past.append(_era(desktop, since, mode, timeout, cause))
    desktop.since, desktop.cause = begins[-1]


def _era(desktop: Desktop, since: int, mode: str, timeout: int | None, cause: str) -> Era:
    sizes = (desktop.compute, desktop.root_gib, desktop.user_gib)
    return Era(since, mode, timeout, *sizes, cause=cause)


def _break(desktop: Desktop, chance: int) -> None:
    """What is in a state of its own has been so since a while, or since its creation."""
    state, desktop.disturbed = desktop.fixed, True
    if state in _NEVER_MADE:
        return
    at = ANCHOR - (1 + chance % 20) * DAY - (chance >> 16) % DAY
    if at <= desktop.since:
        return
    desktop.fixed = None
    desktop.turn(at, None)
    desktop.fixed = state


def _stop_for_good(desktop: Desktop, chance: int) -> None:
    """A desktop that is run by hand was stopped at some time, unless it is left running."""
    if manual_runs(desktop.habit.key):
        return
    at = max(ANCHOR - (1 + chance % 120) * DAY + 19 * _HOUR + chance % _HOUR, desktop.created + DAY)
    at = min(at, ANCHOR - _HOUR)
    desktop.turn(at, "stop")
    desktop.forced, desktop.disturbed = [(at + TOOK, "STOPPING"), (FOREVER, "STOPPED")], True


def _handle(desktop: Desktop, chance: int) -> None:
    """Some were rebooted, started or stopped by somebody in the last weeks."""
    what = chance % 100
    if what >= 7:
        return
    at = _working_hour(_LAST_DAY - 2 - (chance >> 8) % 85, mixed(chance))
    if what < 3:
        _renew(desktop, at, "reboot", "REBOOTING", TOOK)
    elif what < 4:
        _renew(desktop, at, "rebuild", "REBUILDING", 15 * TOOK)
    elif desktop.mode == "AUTO_STOP" and what < 6:
        _start(desktop, at)
    elif desktop.mode == "AUTO_STOP":
        _stop(desktop, at)


def _renew(desktop: Desktop, at: int, cause: str, state: str, took: int) -> None:
    """Somebody reboots or rebuilds it while it runs."""
    if at <= desktop.since or not _running(desktop, at):
        return
    idle = at + took + (desktop.timeout or 60) * _MINUTE if desktop.mode == "AUTO_STOP" else FOREVER
    _turn(desktop, at, cause, [(at + took, state), (idle, "AVAILABLE")])


def _start(desktop: Desktop, at: int) -> None:
    """Somebody starts it on a Sunday, for work that does not show as a connection."""
    at -= (at // DAY + 4) % 7 * DAY
    if at <= desktop.since or _running(desktop, at):
        return
    idle = at + TOOK + (desktop.timeout or 60) * _MINUTE
    _turn(desktop, at, "start", [(at + TOOK, "STARTING"), (idle, "AVAILABLE")])


def _stop(desktop: Desktop, at: int) -> None:
    """Somebody stops it soon after its user has gone home, without waiting for the timeout."""
    day = desktop.habit.local_day(at)
    worked = desktop.habit.sessions(day)
    if not worked or desktop.habit.kind is Kind.ALWAYS:
        return
    at = worked[-1][1] + 5 * _MINUTE + at % (30 * _MINUTE)
    back = desktop.habit.next_start(at)
    if at <= desktop.since or back is None or back < at + _HOUR:
        return
    _turn(desktop, at, "stop", [(at + TOOK, "STOPPING"), (back, "STOPPED")])


def _turn(desktop: Desktop, at: int, cause: str, forced: list[tuple[float, str]]) -> None:
    desktop.turn(at, cause)
    desktop.forced, desktop.disturbed = forced, True


def _running(desktop: Desktop, at: int) -> bool:
    if desktop.mode != "AUTO_STOP":
        return True
    idle = (desktop.timeout or 60) * _MINUTE
    # Two minutes more, in which it was still stopping.
    return bool(sessions(desktop, at - idle - 2 * _MINUTE, at + 1))


def _working_hour(day: int, chance: int) -> int:
    """A moment between 7 and 17 o'clock UTC of a day, or of the Friday before a weekend."""
    weekend = max(0, (day + 3) % 7 - 4)
    return (day - weekend) * DAY + 7 * _HOUR + chance % (10 * _HOUR)
