"""When a person sits at a desktop: sessions as a pure function of (desktop, day).

Everything that depends on use (connection status, AutoStop, metrics, hours, cost) is read from
these sessions, so that all of it tells one story. Nothing is stored but memos that may be lost.
What a person does follows the clock on the wall, so sessions move with summer time.

Invariant: a session lies within one local day and sessions of a day are in order, without overlap.
Who works through the night has a session that ends at midnight and one that begins there.
"""

from enum import Enum

from .chance import mixed
from .days import DAY, MONTH_EDGES, NO_SUMMER, SUMMERS

_LOOK_AHEAD_DAYS = 800
_EVER = 1 << 40
_HOUR = 3_600


class Kind(Enum):
    """How a desktop is used."""

    REGULAR = "regular"
    HEAVY = "heavy"
    PART_TIME = "part time"
    OCCASIONAL = "occasional"
    MONTH_END = "month end"
    SHIFTS = "shifts"
    LAPSED = "lapsed"
    ALWAYS = "always"
    NEVER = "never"


_CHANCE = {
    Kind.REGULAR: 0.92,
    Kind.HEAVY: 0.97,
    Kind.PART_TIME: 0.5,
    Kind.OCCASIONAL: 0.05,
    Kind.MONTH_END: 0.95,
    Kind.SHIFTS: 0.7,
    Kind.LAPSED: 0.8,
}

_TAKE_LEAVE = frozenset({Kind.REGULAR, Kind.HEAVY, Kind.PART_TIME, Kind.SHIFTS})
_LEAVE_WEEKS = (1, 1, 1, 2, 2, 3)
_QUARTER_WEEKS = 13

Session = tuple[int, int]
"""[start, end) in seconds since the epoch."""


class Habit:
    """One desktop's use over all time. ``offset`` is the person's distance from UTC in seconds, in
    winter, and ``summer`` the rule of summer time there; ``first_day`` and ``last_day`` bound the
    local days on which anybody uses the desktop at all."""

    __slots__ = (
        "_before",
        "_chance",
        "_leave",
        "_length",
        "_morning",
        "_rests",
        "_summers",
        "_weekends",
        "first_day",
        "key",
        "kind",
        "last_day",
        "night",
        "offset",
        "summer",
    )

    def __init__(self, kind: Kind, key: int, offset: int, summer: str = NO_SUMMER):
        self.key, self.offset, self.summer = key, offset, summer
        self.first_day, self.last_day = -_EVER, _EVER
        self._summers = SUMMERS[summer]
        self._before: tuple[int, int | None] | None = None
        self._leave = (-_EVER, 0, 0)
        self.become(kind)

    def become(self, kind: Kind) -> None:
        """Use the desktop in another way, all the time."""
        self.kind = kind
        person = mixed(self.key)
        self.night = kind is Kind.SHIFTS and (person >> 20) % 3 == 0
        self._rests, self._weekends = kind in _TAKE_LEAVE, kind is Kind.SHIFTS
        self._chance = int(_CHANCE.get(kind, 0) * 65_536)
        self._morning = 14 * _HOUR if kind is Kind.SHIFTS else 7 * _HOUR + person % 9_000
        self._length = (36_000, 9_000) if kind is Kind.HEAVY else (21_600, 12_600)

    def local_day(self, now: int) -> int:
        there = now + self.offset
        return (there + _HOUR * self._summers[there // DAY]) // DAY

    def midnight(self, day: int) -> int:
        """When a local day begins. Clocks change after it, so the day before has its offset."""
        return day * DAY - self.offset - _HOUR * self._summers[day - 1]

    def sessions(self, day: int) -> tuple[Session, ...]:
        """The sessions of a local day."""
        if not self.first_day <= day <= self.last_day:
            return ()
        if self.kind is Kind.ALWAYS:
            return ((self.midnight(day), self.midnight(day + 1)),)
        if self.night:
            return self._nightly(day)
        if not self._works(day):
            return ()
        zero = day * DAY - self.offset - _HOUR * self._summers[day]
        chance = mixed(self.key ^ (day * 0x9E3779B97F4A7C15))
        start = zero + self._morning + chance % 3_600
        least, more = self._length
        end = min(start + least + (chance >> 12) % more, zero + DAY - 600)
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
        return False, last if last is not None else self.last_before(day), self.midnight(day + 1)

    def last_before(self, day: int) -> int | None:
        """The end of the last session of an earlier local day."""
        if self._before is None or self._before[0] != day:
            self._before = (day, self._look_back(day))
        return self._before[1]

    def next_start(self, now: int) -> int | None:
        """The start of the first session after ``now``, if there is one in the foreseeable time."""
        day = self.local_day(now)
        for ahead in range(day, min(day + _LOOK_AHEAD_DAYS, self.last_day + 1)):
            for start, _ in self.sessions(ahead):
                if start > now:
                    return start
        return None

    def _look_back(self, day: int) -> int | None:
        if self.kind is Kind.NEVER:
            return None
        before = min(day - 1, self.last_day)
        for _ in range(_LOOK_AHEAD_DAYS):
            if before < self.first_day:
                return None
            idle = self._idle_days(before)
            if idle:
                before -= idle
                continue
            sessions = self.sessions(before)
            if sessions:
                return sessions[-1][1]
            before -= 1
        return None

    def _nightly(self, day: int) -> tuple[Session, ...]:
        """The end of last night's work and the beginning of tonight's."""
        found: tuple[Session, ...] = ()
        zero = day * DAY - self.offset - _HOUR * self._summers[day]
        if day > self.first_day and self._works(day - 1):
            chance = mixed(self.key ^ (day - 1) * 0x9E3779B97F4A7C15)
            found = ((self.midnight(day), zero + 4 * _HOUR + (chance >> 12) % 7_200),)
        if self._works(day):
            chance = mixed(self.key ^ (day * 0x9E3779B97F4A7C15))
            found = (*found, (zero + 20 * _HOUR + chance % 3_600, zero + DAY))
        return found

    def _works(self, day: int) -> bool:
        # Day 0 of the epoch was a Thursday, so Saturday and Sunday come out as 5 and 6.
        if not self._chance or ((day + 3) % 7 >= 5 and not self._weekends):
            return False
        if self.kind is Kind.LAPSED and self._idle_days(day):
            return False
        if self.kind is Kind.MONTH_END and not MONTH_EDGES[day]:
            return False
        if self._rests and self._on_leave(day):
            return False
        return mixed(self.key ^ (day * 0xD1B54A32D192ED03)) & 0xFFFF < self._chance

    def _on_leave(self, day: int) -> bool:
        """Whether the person is away: in most quarters for one to three weeks from a Monday on."""
        monday = day + 3 + 7 * (self.key % _QUARTER_WEEKS)
        quarter, place = divmod(monday, 7 * _QUARTER_WEEKS)
        leave = self._leave
        if leave[0] != quarter:
            chance = mixed(self.key ^ (quarter * 0xA24BAED4963EE407))
            weeks = _LEAVE_WEEKS[(chance >> 8) % len(_LEAVE_WEEKS)]
            first = (chance >> 16) % (_QUARTER_WEEKS - weeks)
            away = chance % 16 < 9
            leave = (quarter, first * 7, (first + weeks) * 7) if away else (quarter, 0, 0)
            self._leave = leave
        return leave[1] <= place < leave[2]

    def _idle_days(self, day: int) -> int:
        """For a lapsed desktop, how many days ago its last busy spell ended; 0 within one."""
        if self.kind is not Kind.LAPSED:
            return 0
        cycle = 160 + self.key % 540
        busy = 10 + (self.key >> 10) % 40
        phase = (day + (self.key >> 20)) % cycle
        return max(0, phase - busy + 1)
