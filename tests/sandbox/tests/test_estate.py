"""The estate without a server: chance, habits, states over time."""

import pytest

from sandbox.estate import Estate
from sandbox.estate.habit import DAY, Habit, Kind

NOON = 1_795_003_200  # 2026-11-18T12:00:00Z, a Wednesday


@pytest.fixture(scope="module")
def estate() -> Estate:
    return Estate(42, 2400)


def everyone(estate: Estate) -> list:
    return [desktop for site in estate.all() for desktop in site.desktops]


def test_the_seed_decides_and_the_size_only_adds(estate):
    again, larger, other = Estate(42, 2400), Estate(42, 3000), Estate(43, 2400)

    def rows(one: Estate) -> list:
        return [(d.described(d.state(NOON)[0]), d.tags) for d in everyone(one)]

    assert rows(estate) == rows(again)
    assert rows(estate) != rows(other)
    for key, site in estate.sites.items():
        bigger = larger.sites[key].desktops[: len(site.desktops)]
        assert [d.described("X") for d in site.desktops] == [d.described("X") for d in bigger]


def test_ids_users_and_addresses_are_unique(estate):
    desktops = everyone(estate)
    assert len(desktops) == 2400
    assert len({d.id for d in desktops}) == 2400
    assert len({(d.directory_id, d.user) for d in desktops}) == 2400
    addresses = [d.ip for d in desktops if d.ip]
    assert len(set(addresses)) == len(addresses)


def test_it_looks_like_a_company(estate):
    total = estate.summary(NOON)["total"]
    share = {key: count / 2400 for key, count in total["by_state"].items()}
    assert 0.9 < share["AVAILABLE"] + share["STOPPED"] < 1
    assert total["by_state"]["ERROR"] > 0 and len(total["by_state"]) > 8
    assert total["by_mode"]["AUTO_STOP"] > 3 * total["by_mode"]["ALWAYS_ON"] > 0
    assert total["by_mode"]["MANUAL"] > 0
    assert total["by_compute"]["GENERALPURPOSE_16XLARGE"] > 0
    assert 2200 < total["tagged"] < 2400
    assert 2300 < total["with_status"] < 2400
    values = {value for d in everyone(estate) for value in d.tags.values()}
    assert {"=SUM(A1)", "", "研究開発"} <= values


def test_use_follows_the_time_of_day(estate):
    at_noon = estate.summary(NOON)["total"]["connected"]
    at_night = estate.summary(NOON - 9 * 3600)["total"]["connected"]
    on_sunday = estate.summary(NOON + 4 * DAY)["total"]["connected"]
    assert at_noon > 5 * at_night
    assert at_noon > 5 * on_sunday
    assert at_night > 0, "somebody never signs out"


@pytest.mark.parametrize("kind", list(Kind))
def test_sessions_lie_in_their_day_in_order(kind):
    for key in range(1, 2**62, 2**57 + 12345):
        habit = Habit(kind, key, 19_800)
        for day in range(20_700, 20_800):
            midnight = day * DAY - habit.offset
            edges = [edge for session in habit.sessions(day) for edge in session]
            assert edges == sorted(set(edges))
            assert all(midnight <= edge <= midnight + DAY for edge in edges)


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.NEVER])
def test_the_last_session_is_the_one_that_a_scan_finds(kind):
    habit = Habit(kind, 0x1234_5678_9ABC_DEF1, -18_000)
    day = habit.local_day(NOON)
    ends = [end for d in range(day - 900, day + 1) for _, end in habit.sessions(d) if end <= NOON]
    within, last, _ = habit.around(NOON)
    if not within:
        assert last == max(ends)
    start = habit.next_start(NOON)
    assert start is not None and habit.around(start)[0]
    assert kind is Kind.ALWAYS or not habit.around(start - 1)[0]


def test_a_state_holds_until_the_moment_it_names(estate):
    checked = 0
    for desktop in everyone(estate)[::7]:
        state, until = desktop.state(NOON)
        if until - NOON > 7 * DAY:
            continue
        moment = float(NOON)
        while moment < until:
            assert desktop.state(moment)[0] == state
            moment += max((until - NOON) / 5, 1)
        checked += 1
    assert checked > 100


def test_nobody_is_connected_to_a_stopped_desktop(estate):
    for moment in range(NOON - DAY, NOON + DAY, 7_213):
        for desktop in everyone(estate)[::11]:
            if desktop.connected(moment)[0]:
                assert desktop.state(moment)[0] in ("AVAILABLE", "UNHEALTHY", "IMPAIRED")
