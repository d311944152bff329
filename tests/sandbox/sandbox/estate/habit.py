"""When a person sits at a desktop: sessions as a pure function of (desktop, day).

Everything that later depends on use (connection status, AutoStop, hours, cost) is read from these
sessions, so that all of it tells one story. Nothing is stored but a memo that may be lost.

Invariant: a session lies within one local day and sessions of a day are in order, without overlap.
"""

from enum import Enum

from .chance import mixed

DAY = 86_400
_LOOK_AHEAD_DAYS = 800


class Kind(Enum):
    """How a desktop is used."""

    REGULAR = "regular"
    PART_TIME = "part time"
    OCCASIONAL = "occasional"
    SHIFTS = "shifts"
    LAPSED = "lapsed"
    ALWAYS = "always"
    NEVER = "never"


_CHANCE = {
    Kind.REGULAR: 0.92,
    Kind.PART_TIME: 0.5,
    Kind.OCCASIONAL: 0.05,
    Kind.SHIFTS: 0.7,
    Kind.LAPSED: 0.8,
}
_OF_65536 = {kind: int(chance * 65_536) for kind, chance in _CHANCE.items()}

Session = tuple[int, int]
"""[start, end) in seconds since the epoch."""


class Habit:
    """One desktop's use over all time. ``offset`` is the person's distance from UTC in seconds."""

    __slots__ = ("_before", "key", "kind", "offset")

    def __init__(self, kind: Kind, key: int, offset: int):
        self.kind, self.key, self.offset = kind, key, offset
        self._before: tuple[int, int | None] | None = None

    def local_day(self, now: int) -> int:
        return (now + self.offset) // DAY

    def sessions(self, day: int) -> tuple[Session, ...]:
        """The sessions of a local day."""
        midnight = day * DAY - self.offset
        if self.kind is Kind.ALWAYS:
            return ((midnight, midnight + DAY),)
        if not self._works(day):
            return ()
        chance = mixed(self.key ^ (day * 0x9E3779B97F4A7C15))
        person = mixed(self.key)
        morning = 14 * 3600 if self.kind is Kind.SHIFTS else 7 * 3600 + person % 9_000
        start = midnight + morning + chance % 3_600
        length = 21_600 + (chance >> 12) % 12_600
        end = min(start + length, midnight + DAY - 600)
        if (chance >> 26) % 5 < 2:
            leave = start + 10_800 + (chance >> 29) % 3_600
            back = leave + 1_800 + (chance >> 41) % 2_400
            return ((start, leave), (back, end))
        return ((start, end),)

    def around(self, now: int) -> tuple[bool, int | None, int]:
        """(in a session, end of the last one before it or None, when this answer may change)."""
        day = self.local_day(now)
        last: int | None = None
        for start, end in self.sessions(day):
            if now < start:
                return False, last if last is not None else self.last_before(day), start
            if now < end:
                return True, last if last is not None else self.last_before(day), end
            last = end
        return False, last if last is not None else self.last_before(day), self._midnight(day + 1)

    def last_before(self, day: int) -> int | None:
        """The end of the last session of an earlier local day."""
        if self._before is None or self._before[0] != day:
            self._before = (day, self._look_back(day))
        return self._before[1]

    def next_start(self, now: int) -> int | None:
        """The start of the first session after ``now``, if there is one in the foreseeable time."""
        day = self.local_day(now)
        for ahead in range(day, day + _LOOK_AHEAD_DAYS):
            for start, _ in self.sessions(ahead):
                if start > now:
                    return start
        return None

    def _look_back(self, day: int) -> int | None:
        if self.kind is Kind.NEVER:
            return None
        before = day - 1
        for _ in range(_LOOK_AHEAD_DAYS):
            idle = self._idle_days(before)
            if idle:
                before -= idle
                continue
            sessions = self.sessions(before)
            if sessions:
                return sessions[-1][1]
            before -= 1
        return None

    def _works(self, day: int) -> bool:
        chance = _OF_65536.get(self.kind)
        if chance is None:
            return False
        # Day 0 of the epoch was a Thursday, so Saturday and Sunday come out as 5 and 6.
        if (day + 3) % 7 >= 5 and self.kind is not Kind.SHIFTS:
            return False
        if self._idle_days(day):
            return False
        return mixed(self.key ^ (day * 0xD1B54A32D192ED03)) & 0xFFFF < chance

    def _idle_days(self, day: int) -> int:
        """For a lapsed desktop, how many days ago its last busy spell ended; 0 within one."""
        if self.kind is not Kind.LAPSED:
            return 0
        cycle = 160 + self.key % 540
        busy = 10 + (self.key >> 10) % 40
        phase = (day + (self.key >> 20)) % cycle
        return max(0, phase - busy + 1)

    def _midnight(self, day: int) -> int:
        return day * DAY - self.offset
