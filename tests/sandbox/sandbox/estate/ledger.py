"""The company's bill, line by line: desktops, the other services that a company uses, tax.

Invariant: the lines of desktops are the charges of `bill`, no more and no less, so that every sum
over them is the sum over the desktops. A month that is over is remembered, within bounds; the
present one is known up to the last full hour.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from .background import background
from .bill import Bills
from .days import DAY, first_of, months
from .desktop import Desktop

HOUR = 3_600

DESKTOPS = "Amazon WorkSpaces"

_TAX_PERCENT = 20
_MAX_MONTHS = 120
_UNITS = {"month": "Month", "base": "Month", "hour": "Hour"}


class Line(NamedTuple):
    """One line of a day. Quantity and amount are in ten-thousand-millionths; ``desktop`` is None
    for what is not a desktop's, and in lines that sum desktops up."""

    day: int
    account: str
    region: str
    service: str
    usage_type: str
    operation: str
    record_type: str
    quantity: int
    unit: str
    amount: int
    desktop: Desktop | None = None


class Ledger:
    """The lines of the whole company. ``sites`` gives an account's sites at the time of asking."""

    def __init__(self, seed: int, sites: Callable[[str], list[Any]]):
        self._seed, self._sites = seed, sites
        self.bills = Bills()
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple, list[Line]] = OrderedDict()

    def lines(
        self, account: str, start: int, end: int, now: float, by_desktop: bool
    ) -> Iterator[Line]:
        """The lines of the days in [start, end). Those of desktops are one by one where asked."""
        now = now // HOUR * HOUR
        for year, month in months(start, min(end, now)):
            summed = self._month(account, year, month, now)
            whole = start <= first_of(year, month) and first_of(year, month + 1) <= end
            if by_desktop:
                summed = [line for line in summed if line.service != DESKTOPS]
                for line in self._one_by_one(account, year, month, now):
                    if whole or start <= line.day < end:
                        yield line
            for line in summed:
                if whole or start <= line.day < end:
                    yield line

    def state(self, account: str, now: float) -> tuple[int, int]:
        """What an answer about the present depends on: the hour, and what has been done."""
        changes = sum(d.version for site in self._sites(account) for d in site.desktops)
        return int(now // HOUR), changes

    def _month(self, account: str, year: int, month: int, now: float) -> list[Line]:
        """A month's lines, those of desktops summed by region, day and usage type."""
        over = first_of(year, month + 1) <= now
        key = (account, year, month, *((0, 0) if over else self.state(account, now)))
        with self._lock:
            found = self._kept.get(key)
        if found is None:
            found = self._written(account, year, month, now)
            with self._lock:
                self._kept[key] = found
                if len(self._kept) > _MAX_MONTHS:
                    self._kept.popitem(last=False)
        return found

    def _written(self, account: str, year: int, month: int, now: float) -> list[Line]:
        sums: dict[tuple[str, int, str, str], list[int]] = {}
        for site in self._sites(account):
            for desktop in site.everyone():
                for charge in self.bills.month(desktop, year, month, now).charges():
                    key = (site.region, charge.day, charge.usage_type, charge.part)
                    total = sums.setdefault(key, [0, 0])
                    total[0] += charge.quantity
                    total[1] += charge.amount
        lines = [
            _desktops(account, region, day, kind, part, quantity, amount)
            for (region, day, kind, part), (quantity, amount) in sums.items()
        ]
        begin, end = first_of(year, month), min(first_of(year, month + 1), now)
        for day in range(begin, int(end), DAY):
            known = min(1.0, (end - day) / DAY)
            lines += [Line(*row) for row in background(self._seed, account, day, known)]
        taxed = sum(line.amount for line in lines) * _TAX_PERCENT // 100
        nowhere = ("NoRegion", "Tax", "NoUsageType", "NoOperation", "Tax")
        lines.append(Line(begin, account, *nowhere, 0, "", taxed))
        return lines

    def _one_by_one(self, account: str, year: int, month: int, now: float) -> Iterator[Line]:
        for site in self._sites(account):
            for desktop in site.everyone():
                for charge in self.bills.month(desktop, year, month, now).charges():
                    sums = (charge.part, charge.quantity, charge.amount)
                    yield _desktops(
                        account, site.region, charge.day, charge.usage_type, *sums, desktop
                    )


def _desktops(
    account: str,
    region: str,
    day: int,
    kind: str,
    part: str,
    quantity: int,
    amount: int,
    desktop: Desktop | None = None,
) -> Line:
    unit = _UNITS[part]
    where = (day, account, region, DESKTOPS, kind)
    return Line(*where, "Running", "Usage", quantity, unit, amount, desktop)
