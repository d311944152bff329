"""AWS's billing rules, on desktops made for the purpose, and on the whole estate."""

from collections import Counter

import pytest

from sandbox.estate import Estate
from sandbox.estate.bill import Bills, month_bill
from sandbox.estate.days import DAY, first_of, months
from sandbox.estate.desktop import Desktop
from sandbox.estate.era import FOREVER, Era
from sandbox.estate.habit import Habit, Kind
from sandbox.estate.ledger import DESKTOPS, Ledger
from sandbox.estate.prices import UNIT, rates, usage_type, written
from sandbox.estate.timeline import points, sessions

HOUR = 3_600
JUNE, JULY = first_of(2026, 6), first_of(2026, 7)
NOW = 1_795_003_200  # 2026-11-18T12:00:00Z


class Fixed(Habit):
    """A habit of sessions that a test lists."""

    __slots__ = ("listed",)

    def __init__(self, *listed: tuple[float, float]):
        super().__init__(Kind.REGULAR, 2, 0)
        self.listed = [(int(start), int(end)) for start, end in listed]

    def sessions(self, day: int) -> tuple[tuple[int, int], ...]:
        return tuple(one for one in self.listed if one[0] // DAY == day)


def made(habit: Habit, mode: str = "AUTO_STOP", timeout: int | None = 60, **more) -> Desktop:
    fields = {
        "ordinal": 0,
        "id": "ws-000000001",
        "arn": "arn:aws:workspaces:us-east-1:111111111111:workspace/ws-000000001",
        "region": "us-east-1",
        "directory_id": "d-1",
        "user": "a.b",
        "bundle_id": "wsb-1",
        "subnet_id": "subnet-1",
        "ip": None,
        "computer": None,
        "mode": mode,
        "timeout": timeout if mode == "AUTO_STOP" else None,
        "compute": "STANDARD",
        "system": "WINDOWS_SERVER_2022",
        "protocols": ["WSP"],
        "root_gib": 80,
        "user_gib": 50,
        "key_arn": None,
        "root_encrypted": False,
        "user_encrypted": False,
        "tags": {},
        "habit": habit,
        "created": first_of(2025, 1),
        "since": first_of(2025, 1),
    }
    return Desktop(**{**fields, **more})


def dollars(desktop: Desktop, month: int = 6, now: float = NOW) -> list[tuple[int, str, float]]:
    """(day of the month, part, dollars) of each line of a month of 2026."""
    begin = first_of(2026, month)
    return [
        ((charge.day - begin) // DAY + 1, charge.part, charge.amount / UNIT)
        for charge in month_bill(desktop, 2026, month, now).charges()
    ]


def at(day: int, hour: float = 0) -> int:
    """A moment in June 2026."""
    return int(JUNE + (day - 1) * DAY + hour * HOUR)


def used(*spans: tuple[int, float, float]) -> Fixed:
    """Sessions in June: (day, from hour, to hour)."""
    return Fixed(*((at(day, first), at(day, last)) for day, first, last in spans))


def test_always_on_is_a_fee_on_the_first():
    assert dollars(made(used((3, 8, 17)), "ALWAYS_ON")) == [(1, "month", 35.0)]


def test_auto_stop_is_a_base_and_whole_hours_up_to_the_timeout():
    # Seen from 8:00 to 9:55, so it runs until 10:55: three hours.
    assert dollars(made(used((3, 8, 10)))) == [(1, "base", 9.75), (3, "hour", 0.90)]
    # Four hours of timeout: until 13:55.
    assert dollars(made(used((3, 8, 10)), timeout=240))[1] == (3, "hour", 1.80)


def test_a_break_within_the_timeout_is_one_run():
    desktop = made(used((3, 8, 10), (3, 10.75, 11)))
    assert dollars(desktop)[1] == (3, "hour", 0.30 * 4), "8:00 to 11:55"


def test_hours_do_not_overlap():
    # Runs 8:00-9:25 and 9:35-10:30: hours begin at 8:00, 9:00 and 10:00.
    desktop = made(Fixed((at(3, 8), at(3, 8.5)), (at(3, 9.6), at(3, 9.65))))
    assert [charge.quantity // UNIT for charge in month_bill(desktop, 2026, 6, NOW).charges()][
        1
    ] == 3


def test_an_hour_belongs_to_the_day_in_which_it_begins():
    lines = dollars(made(used((3, 22.5, 23.5))))
    # 22:30 and 23:30 begin on the third; the run ends at 0:25.
    assert lines[1:] == [(3, "hour", 0.60)]
    assert dollars(made(used((3, 22.5, 23.99))))[1:] == [(3, "hour", 0.60), (4, "hour", 0.30)]


def test_a_month_begins_afresh():
    desktop = made(used((30, 23, 24)))
    assert dollars(desktop)[1:] == [(30, "hour", 0.30)]
    assert dollars(desktop, 7)[1:] == [(1, "hour", 0.30)], "it runs until 0:55"


def test_creation_within_a_month_is_prorated():
    desktop = made(used((25, 8, 9)), created=at(21, 10), since=at(21, 10))
    assert dollars(desktop) == [(21, "base", 9.75 / 3), (25, "hour", 0.60)]
    always = made(used(), "ALWAYS_ON", created=at(21, 10), since=at(21, 10))
    assert dollars(always)[0][2] == pytest.approx(35 / 3)


def switched(before: str, after: str, moment: int, habit: Habit) -> Desktop:
    era = Era(first_of(2025, 1), before, 60, "STANDARD", 80, 50, cause="create")
    return made(habit, after, past=[era], since=moment, cause="mode")


def test_to_always_on_comes_on_top_of_what_was_charged():
    desktop = switched("AUTO_STOP", "ALWAYS_ON", at(11, 0), used((3, 8, 10), (20, 8, 10)))
    assert dollars(desktop) == [
        (1, "base", 9.75),
        (11, "month", pytest.approx(35 * 20 / 30)),
        (3, "hour", 0.90),
    ]
    assert dollars(desktop, 7) == [(1, "month", 35.0)]


def test_to_auto_stop_takes_effect_with_the_next_month():
    july = (JULY + 2 * DAY + 8 * HOUR, JULY + 2 * DAY + 10 * HOUR)
    desktop = switched("ALWAYS_ON", "AUTO_STOP", at(11), Fixed((at(20, 8), at(20, 10)), july))
    assert dollars(desktop) == [(1, "month", 35.0)]
    assert dollars(desktop, 7) == [(1, "base", 9.75), (3, "hour", 0.90)]


def test_stopped_by_hand_it_stops_charging_and_started_by_hand_it_charges():
    era = Era(first_of(2025, 1), "AUTO_STOP", 60, "STANDARD", 80, 50, cause="create")
    stopped = [(at(3, 10) + 60, "STOPPING"), (FOREVER, "STOPPED")]
    desktop = made(used((3, 8, 17)), past=[era], since=at(3, 10), forced=stopped, disturbed=True)
    assert dollars(desktop)[1:] == [(3, "hour", 0.60)]
    started = [(at(3, 10), "STARTING"), (at(3, 11), "AVAILABLE")]
    desktop = made(used(), past=[era], since=at(3, 9.9), forced=started, disturbed=True)
    assert dollars(desktop)[1:] == [(3, "hour", 0.30)]


def test_a_bill_ends_with_the_present_and_the_desktop():
    desktop = made(used((3, 8, 17), (20, 8, 17)))
    assert dollars(desktop, now=at(3, 9.5)) == [(1, "base", 9.75), (3, "hour", 0.60)]
    assert dollars(made(used((20, 8, 17)), gone_at=at(11)))[1:] == []
    assert dollars(made(used(), gone_at=first_of(2026, 5))) == []


def test_what_was_never_made_is_not_charged():
    assert dollars(made(used(), fixed="ERROR", disturbed=True)) == []


def test_prices_of_regions_and_systems():
    def of(*what) -> tuple[float, float, float]:
        found = rates(*what)
        return found.month / UNIT, found.base / UNIT, found.hour / UNIT

    windows = "WINDOWS_SERVER_2022"
    assert of("us-east-1", windows, "VALUE", 80, 10) == (25, 7.25, 0.22)
    assert of("us-east-1", windows, "POWERPRO", 175, 100) == (140, 19, 1.53)
    assert of("eu-west-1", windows, "STANDARD", 80, 50) == (37, 11, 0.32)
    assert of("ap-southeast-1", windows, "POWER", 175, 100) == (124, 26, 0.99)
    assert of("us-east-1", "WINDOWS_11", "STANDARD", 80, 50) == (31, 9.75, 0.27)
    assert of("us-east-1", windows, "STANDARD", 80, 100) == (40, 14.75, 0.30)
    assert of("us-east-1", None, "STANDARD", 80, 50) == (35, 9.75, 0.30)
    assert usage_type("eu-west-1", "POWER", "hour") == "EU-AW-HW-8-AutoStop-Usage"
    assert (written(245 * UNIT // 10), written(-1)) == ("24.5000000000", "-0.0000000001")


@pytest.fixture(scope="module")
def estate() -> Estate:
    return Estate(42, 300)


def everyone(estate: Estate) -> list[Desktop]:
    return [desktop for site in estate.all() for desktop in site.everyone()]


def hours_by_hand(desktop: Desktop, begin: int, end: int) -> Counter[int]:
    """Hours of a month by day, counted point by point, of a desktop that nobody touched."""
    timeout = desktop.timeout * 60
    spans = points(sessions(desktop, begin - 3 * DAY, end))
    ones = [moment for first, last in spans for moment in range(first, last, 300)]
    ran: set[int] = set()
    for one, following in zip(ones, [*ones[1:], FOREVER], strict=False):
        # A pause of the timeout and one point cannot be told from one of the timeout.
        pause = following - one <= timeout + 300
        ran.update(range(one, int(following) if pause else one + timeout, 300))
    found: Counter[int] = Counter()
    busy = begin
    for moment in range(begin, end, 300):
        if moment in ran and moment >= busy:
            found[moment // DAY * DAY] += 1
            busy = moment + HOUR
    return found


def test_the_bill_is_sessions_times_prices(estate):
    begin, end, checked = first_of(2026, 10), first_of(2026, 11), 0
    for desktop in everyone(estate):
        if desktop.mode != "AUTO_STOP" or desktop.disturbed or desktop.since > begin - 30 * DAY:
            continue
        if desktop.habit.kind is Kind.ALWAYS:
            continue
        charges = list(month_bill(desktop, 2026, 10, NOW).charges())
        price = rates(
            desktop.region, desktop.system, desktop.compute, desktop.root_gib, desktop.user_gib
        )
        hours = {one.day: one.quantity // UNIT for one in charges if one.part == "hour"}
        assert hours == hours_by_hand(desktop, begin, end), desktop.id
        assert sum(one.amount for one in charges) == price.base + price.hour * sum(hours.values())
        checked += 1
    assert checked > 120


def test_somebody_who_never_signs_out_is_charged_for_every_hour(estate):
    ever = [
        one
        for one in everyone(Estate(42, 1200))
        if one.habit.kind is Kind.ALWAYS and one.mode == "AUTO_STOP" and not one.disturbed
    ]
    assert ever
    for desktop in ever:
        if desktop.since < first_of(2026, 9):
            charges = month_bill(desktop, 2026, 10, NOW).charges()
            assert sum(one.quantity for one in charges if one.part == "hour") == 31 * 24 * UNIT


def test_the_ledger_sums_the_desktops_up(estate):
    ledger = Ledger(42, estate.of_account)
    begin, end = first_of(2026, 9), first_of(2026, 12)
    now = NOW // HOUR * HOUR
    for account in ("111111111111", "222222222222"):
        summed = sum(
            line.amount
            for line in ledger.lines(account, begin, end, now, False)
            if line.service == DESKTOPS
        )
        one_by_one = [
            line
            for line in ledger.lines(account, begin, end, now, True)
            if line.service == DESKTOPS
        ]
        assert summed == sum(line.amount for line in one_by_one)
        assert summed == sum(
            charge.amount
            for site in estate.of_account(account)
            for desktop in site.everyone()
            for month in months(begin, now)
            for charge in month_bill(desktop, *month, now).charges()
        )


def test_a_closed_month_is_one_bill_for_ever(estate):
    bills = Bills()
    for desktop in everyone(estate)[:80]:
        first = bills.month(desktop, 2026, 9, NOW)
        assert bills.month(desktop, 2026, 9, NOW + 40 * DAY) is first
        assert month_bill(desktop, 2026, 9, NOW + 400 * DAY) == first
