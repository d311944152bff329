"""The estate's past: who was there when, what was done, and that all of it is one story."""

import json
from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from conftest import PRODUCTION, every, refusal, running, until
from dateutil.zoneinfo import get_zonefile_instance

from sandbox.estate import Estate
from sandbox.estate.days import AMERICA, DAY, EUROPE, first_of, iso_day, moment_of, months
from sandbox.estate.desktop import Desktop
from sandbox.estate.habit import Habit, Kind
from sandbox.estate.past import ANCHOR
from sandbox.estate.timeline import points, sessions
from sandbox.estate.timeline import running as running_spans

NOW = 1_795_003_200  # 2026-11-18T12:00:00Z
HOUR = 3_600
SUNDAY_NIGHT = ("--desktops", "200", "--now", "2026-11-22T03:00:00Z")


@pytest.fixture(scope="module")
def estate() -> Estate:
    return Estate(42, 2400)


def everyone(estate: Estate) -> list[Desktop]:
    return [desktop for site in estate.all() for desktop in site.everyone()]


def held(desktop: Desktop, days: int) -> float:
    """Hours of connection a month over the last days."""
    start = NOW - days * DAY
    spent = sum(min(b, NOW) - max(a, start) for a, b in sessions(desktop, start, NOW))
    return spent / HOUR / days * 30


def story(desktop: Desktop) -> tuple:
    return (
        desktop.id,
        desktop.created,
        desktop.gone_at,
        desktop.eras(),
        sessions(desktop, NOW - 40 * DAY, NOW),
    )


def test_the_seed_decides_the_past_and_the_size_only_adds(estate):
    again, larger, other = Estate(42, 2400), Estate(42, 3000), Estate(43, 600)
    assert [story(one) for one in everyone(estate)] == [story(one) for one in everyone(again)]
    assert [story(one) for one in everyone(estate)] != [story(one) for one in everyone(other)]
    for key, site in estate.sites.items():
        bigger = larger.sites[key]
        for mine, theirs in ((site.desktops, bigger.desktops), (site.departed, bigger.departed)):
            assert [story(d) for d in mine] == [story(d) for d in theirs[: len(mine)]]


def test_people_differ(estate):
    by_kind: dict[Kind, list[float]] = {}
    for desktop in everyone(estate):
        if desktop.created < NOW - 200 * DAY and not desktop.disturbed:
            by_kind.setdefault(desktop.habit.kind, []).append(held(desktop, 180))
    mean = {kind: sum(hours) / len(hours) for kind, hours in by_kind.items()}
    assert mean[Kind.HEAVY] > 150 > mean[Kind.REGULAR] > 90 > mean[Kind.PART_TIME] > 40
    assert 40 > mean[Kind.MONTH_END] > 10 > mean[Kind.OCCASIONAL] > 1
    assert mean[Kind.ALWAYS] == pytest.approx(720) and mean[Kind.NEVER] == 0
    assert set(by_kind) == set(Kind)


def test_some_were_left_and_some_are_new(estate):
    left = [d for d in everyone(estate) if d.habit.last_day < ANCHOR // DAY]
    assert len(left) > 30
    for desktop in left:
        here, last, _ = desktop.connected(NOW)
        assert not here and last is not None and last < NOW - 30 * DAY
        assert not sessions(desktop, last, NOW + 400 * DAY)
    ages = [(ANCHOR - desktop.created) / DAY for desktop in everyone(estate)]
    assert min(ages) > 0 and sum(age < 380 for age in ages) > 400
    departed = [d for site in estate.all() for d in site.departed]
    assert len(departed) == sum(len(site.desktops) // 30 for site in estate.all())
    assert all(d.created < d.gone_at < ANCHOR for d in departed)


def test_people_go_on_leave():
    away = Counter()
    for key in range(1, 2**62, 2**55 + 987_654_321):
        habit = Habit(Kind.REGULAR, key, 0, EUROPE)
        worked = [day for day in range(20_400, 20_765) if habit.sessions(day)]
        gaps = [later - day - 1 for day, later in pairwise(worked)]
        away[sum(gap >= 9 for gap in gaps)] += 1
        assert max(gaps) < 32
    assert away[0] < sum(away.values()) * 0.1 and away[2] > 0, "most are away, once or more"


@pytest.mark.parametrize(
    ("rule", "offset", "zone"),
    [(EUROPE, HOUR, "Europe/Berlin"), (AMERICA, -5 * HOUR, "America/New_York")],
)
def test_a_week_follows_the_clock_on_the_wall(rule, offset, zone):
    habit = Habit(Kind.REGULAR, 0x1234_5678_9ABC_DEF1, offset, rule)
    there = get_zonefile_instance().get(zone)
    for day in range(moment_of("2025-01-01") // DAY, moment_of("2027-01-01") // DAY):
        midnight = datetime.fromtimestamp(habit.midnight(day), there)
        assert (midnight.hour, midnight.minute) == (0, 0)
        assert midnight.date().isoformat() == iso_day(day * DAY)
        assert habit.local_day(habit.midnight(day)) == day
        assert habit.local_day(habit.midnight(day) - 1) == day - 1
        for start, _ in habit.sessions(day)[:1]:
            assert 7 <= datetime.fromtimestamp(start, there).hour <= 10


def test_night_work_goes_through_midnight(estate):
    nightly = [d for d in everyone(estate) if d.habit.night and not d.disturbed]
    assert nightly
    spans = [one for d in nightly for one in points(sessions(d, NOW - 30 * DAY, NOW))]
    assert all(last - first > 5 * HOUR for first, last in spans[1:-1])


def test_the_present_is_the_end_of_the_past(estate):
    for moment in (NOW, NOW + 5 * DAY, NOW + 15 * HOUR):
        for desktop in everyone(estate)[::5]:
            if moment >= desktop.gone_at:
                continue
            here, last, _ = desktop.connected(moment)
            past = sessions(desktop, moment - 60 * DAY, moment + 1)
            assert here == any(start <= moment < end for start, end in past), desktop.id
            over = [end for _, end in past if end <= moment]
            if over:
                assert last == over[-1]
            elif last is not None:
                assert last <= moment - 60 * DAY
            if desktop.mode == "AUTO_STOP" and not desktop.disturbed:
                # The grid may end a run five minutes early, and a stop takes two.
                ran = running_spans(desktop, moment - DAY, moment + 600)
                state, _ = desktop.state(moment)
                near = any(start <= moment < stop + 420 for start, stop in ran)
                assert near == (state in ("AVAILABLE", "STOPPING")) or state == "STOPPED"


def test_modes_changed_and_lead_to_the_present(estate):
    changed = [d for d in everyone(estate) if any(e.mode != d.mode for e in d.past)]
    assert 150 < len(changed) < 500
    for desktop in changed:
        eras = desktop.eras()
        assert [era.since for era in eras] == sorted(era.since for era in eras)
        assert eras[0].cause == "create" and eras[0].since == desktop.created
        for before, after in pairwise(eras):
            assert (before.mode != after.mode) == (after.cause == "mode")
        assert all((era.timeout is None) == (era.mode == "ALWAYS_ON") for era in eras)


def test_nobody_was_connected_before_creation_or_after_the_end(estate):
    for desktop in everyone(estate):
        found = sessions(desktop, desktop.created - 20 * DAY, desktop.created + 20 * DAY)
        assert all(start >= desktop.created for start, _ in found)
        if desktop.gone_at < NOW:
            assert not sessions(desktop, desktop.gone_at, NOW)


def test_months_and_days():
    assert months(first_of(2025, 12) + 5, first_of(2026, 2)) == [(2025, 12), (2026, 1)]
    assert (first_of(2026, 13), first_of(2026, 0)) == (first_of(2027, 1), first_of(2025, 12))
    assert iso_day(NOW) == "2026-11-18"


def past(sandbox, id_: str, **asked: str) -> dict:
    query = "&".join(f"{name}={value}" for name, value in {"workspace": id_, **asked}.items())
    return sandbox.control("GET", f"past?{query}")


def test_the_control_endpoint_tells_the_truth_of_a_desktop(sandbox):
    client = sandbox.client("workspaces")
    rows = every(client, "describe_workspaces", "Workspaces")
    hours = 0
    for row in rows[:30]:
        told = past(sandbox, row["WorkspaceId"], **{"from": "2026-09-15", "to": "2026-11-01"})
        assert told["account"] == PRODUCTION and told["region"] == "eu-west-1"
        assert told["modes"][-1]["mode"] == row["WorkspaceProperties"]["RunningMode"]
        assert [month["month"] for month in told["months"]] == ["2026-09", "2026-10"]
        for month in told["months"]:
            parts = sum(round(float(part["amount"]) * 1e10) for part in month["parts"])
            assert parts == round(float(month["total"]) * 1e10)
            hours += month["hours"]
        assert told["sessions"] == sorted(told["sessions"], key=lambda one: one["from"])
    assert hours > 1_000
    assert sandbox.control_error("GET", "past?workspace=ws-none")[0] == 400
    id_ = rows[0]["WorkspaceId"]
    assert sandbox.control_error("GET", f"past?workspace={id_}&from=2020-01-01")[0] == 400
    assert sandbox.control_error("GET", f"past?workspace={id_}&from=nonsense")[0] == 400


def test_what_is_done_changes_what_follows(sandbox):
    client = sandbox.client("workspaces")
    running_now = (
        past(sandbox, row["WorkspaceId"])
        for row in every(client, "describe_workspaces", "Workspaces")
        if row["WorkspaceProperties"]["RunningMode"] == "AUTO_STOP" and row["State"] == "AVAILABLE"
    )
    before = next(told for told in running_now if len(told["modes"]) == 1)
    id_ = before["workspace"]
    client.modify_workspace_properties(
        WorkspaceId=id_, WorkspaceProperties={"RunningMode": "ALWAYS_ON"}
    )
    after = past(sandbox, id_)
    assert after["modes"][:-1] == before["modes"]
    assert (after["modes"][-1]["mode"], after["modes"][-1]["by"]) == ("ALWAYS_ON", "test")
    (month,) = after["months"]
    (fee,) = [part for part in month["parts"] if part["part"] == "month"]
    assert fee["day"] == "2026-11-18"
    # The 18th and the days after it, 13 of 30.
    assert float(fee["amount"]) == pytest.approx(float(fee["rate"]) * 13 / 30)
    assert [p for p in month["parts"] if p["part"] != "month"] == before["months"][0]["parts"]


def test_a_stop_ends_the_session_of_the_past(sandbox):
    client = sandbox.client("workspaces")
    status = every(client, "describe_workspaces_connection_status", "WorkspacesConnectionStatus")
    here = [row["WorkspaceId"] for row in status if row["ConnectionState"] == "CONNECTED"]
    id_ = next(
        row["WorkspaceId"]
        for row in client.describe_workspaces(WorkspaceIds=here[:25])["Workspaces"]
        if row["WorkspaceProperties"]["RunningMode"] == "AUTO_STOP"
    )
    client.stop_workspaces(StopWorkspaceRequests=[{"WorkspaceId": id_}])

    def unknown() -> dict | None:
        (row,) = client.describe_workspaces_connection_status(WorkspaceIds=[id_])[
            "WorkspacesConnectionStatus"
        ]
        return row if row["ConnectionState"] == "UNKNOWN" else None

    row = until(unknown)
    last = past(sandbox, id_)["sessions"][-1]
    assert last["to"] == row["LastKnownUserConnectionTimestamp"].astimezone(UTC).strftime(
        "%Y-%m-%dT%H:%M:%SZ"
    )


def test_a_restart_tells_the_same_past(tmp_path):
    def picture(sandbox) -> str:
        client, told = sandbox.client("workspaces"), []
        rows = every(client, "describe_workspaces", "Workspaces")
        for row in rows[:20]:
            asked = {"from": "2026-10-01", "to": "2026-11-22T02:00:00Z"}
            told.append(past(sandbox, row["WorkspaceId"], **asked))
        return json.dumps(told)

    with running(tmp_path, *SUNDAY_NIGHT) as sandbox:
        client = sandbox.client("workspaces")
        always = next(
            row["WorkspaceId"]
            for row in every(client, "describe_workspaces", "Workspaces")[:20]
            if row["WorkspaceProperties"]["RunningMode"] == "ALWAYS_ON"
            and row["State"] == "AVAILABLE"
        )
        wanted = {"RunningMode": "AUTO_STOP", "RunningModeAutoStopTimeoutInMinutes": 120}
        client.modify_workspace_properties(WorkspaceId=always, WorkspaceProperties=wanted)
        before = picture(sandbox)
    with running(tmp_path, *SUNDAY_NIGHT) as sandbox:
        assert picture(sandbox) == before
    with running(tmp_path, "--desktops", "300", *SUNDAY_NIGHT[2:]) as sandbox:
        larger = json.loads(picture(sandbox))
        for mine, theirs in zip(json.loads(before), larger, strict=True):
            assert mine["sessions"] == theirs["sessions"]
            if mine["workspace"] != always:
                assert mine["months"] == theirs["months"]


def test_the_clock_is_not_set_to_the_past(tmp_path):
    with pytest.raises(AssertionError), running(tmp_path, "--now", "2026-11-01"):
        raise RuntimeError("it must not start")


def test_rebuild_and_snapshots(sandbox):
    client = sandbox.client("workspaces")
    rows = every(client, "describe_workspaces", "Workspaces")
    broken = next(r["WorkspaceId"] for r in rows if r["State"] in ("UNHEALTHY", "AVAILABLE"))
    starting = next(r["WorkspaceId"] for r in rows if r["State"] == "STOPPED")
    assert client.describe_workspace_snapshots(WorkspaceId=broken)["RebuildSnapshots"]
    asked = [{"WorkspaceId": broken}]
    assert not client.rebuild_workspaces(RebuildWorkspaceRequests=asked)["FailedRequests"]
    (row,) = client.describe_workspaces(WorkspaceIds=[broken])["Workspaces"]
    assert row["State"] == "REBUILDING"
    until(
        lambda: (
            client.describe_workspaces(WorkspaceIds=[broken])["Workspaces"][0]["State"]
            == "AVAILABLE"
        )
    )
    code, message = refusal(client.rebuild_workspaces, RebuildWorkspaceRequests=asked * 2)
    assert code == "ValidationException" and "less than or equal to 1" in message
    client.start_workspaces(StartWorkspaceRequests=[{"WorkspaceId": starting}])
    (failed,) = client.rebuild_workspaces(RebuildWorkspaceRequests=[{"WorkspaceId": starting}])[
        "FailedRequests"
    ]
    assert failed["ErrorCode"] == "InvalidResourceStateException"
    code, _ = refusal(client.describe_workspace_snapshots, WorkspaceId="ws-000000000")
    assert code == "ResourceNotFoundException"


def test_one_kind_of_property_at_a_time(sandbox):
    client = sandbox.client("workspaces")
    rows = every(client, "describe_workspaces", "Workspaces")
    id_ = next(row["WorkspaceId"] for row in rows if row["State"] == "AVAILABLE")
    code, message = refusal(
        client.modify_workspace_properties,
        WorkspaceId=id_,
        WorkspaceProperties={"RunningMode": "ALWAYS_ON", "ComputeTypeName": "POWER"},
    )
    assert code == "InvalidParameterValuesException" and "one kind" in message
