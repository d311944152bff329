"""What a calendar knows about a day: summer time, and whether a month begins or ends with it.

Days are counted from the epoch. Both are asked for each desktop and day of a year, so they are
tables, which end with the year 2069.
"""

from calendar import monthrange
from datetime import date

DAY = 86_400

NO_SUMMER, EUROPE, AMERICA = "none", "Europe", "America"
"""Rules of summer time: none, the European Union's, and that of the United States."""

_YEARS = range(1971, 2070)
_EPOCH = date(1970, 1, 1).toordinal()
_TABLE_DAYS = date(2070, 1, 1).toordinal() - _EPOCH


def _number(day: date) -> int:
    return day.toordinal() - _EPOCH


def _sunday(year: int, month: int, nth: int) -> int:
    """The number of the nth Sunday of a month; -1 is the last one."""
    length = monthrange(year, month)[1]
    sundays = [d for d in range(1, length + 1) if date(year, month, d).weekday() == 6]
    return _number(date(year, month, sundays[nth]))


def _summers(begin: tuple[int, int], end: tuple[int, int]) -> bytes:
    table = bytearray(_TABLE_DAYS)
    for year in _YEARS:
        first, last = _sunday(year, *begin), _sunday(year, *end)
        table[first:last] = b"\x01" * (last - first)
    return bytes(table)


def _edges() -> bytes:
    table = bytearray(_TABLE_DAYS)
    for year in _YEARS:
        for month in range(1, 13):
            first, length = _number(date(year, month, 1)), monthrange(year, month)[1]
            for day in (0, 1, length - 3, length - 2, length - 1):
                table[first + day] = 1
    return bytes(table)


SUMMERS = {
    NO_SUMMER: bytes(_TABLE_DAYS),
    EUROPE: _summers((3, -1), (10, -1)),
    AMERICA: _summers((3, 1), (11, 0)),
}
"""Per rule, for each day 1 if its noon is in summer time. Clocks change in the night before."""

MONTH_EDGES = _edges()
"""For each day 1 if it is one of the first two or the last three of its month."""


def month_of(moment: float) -> tuple[int, int]:
    """(year, month) of a moment, in UTC."""
    day = date.fromordinal(_EPOCH + int(moment // DAY))
    return day.year, day.month


def first_of(year: int, month: int) -> int:
    """The moment at which a month begins, in UTC. The month may be 13 or 0 and beyond."""
    years, index = divmod(month - 1, 12)
    return _number(date(year + years, index + 1, 1)) * DAY


def months(start: float, end: float) -> list[tuple[int, int]]:
    """The months that [start, end) touches."""
    found = []
    year, month = month_of(start)
    while first_of(year, month) < end:
        found.append((year, month))
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return found


def iso_day(moment: float) -> str:
    """The UTC day of a moment as 2026-11-21."""
    return date.fromordinal(_EPOCH + int(moment // DAY)).isoformat()


def moment_of(text: str) -> int:
    """The moment at which the day 2026-11-21 begins, in UTC. Raises ValueError."""
    return _number(date.fromisoformat(text)) * DAY
