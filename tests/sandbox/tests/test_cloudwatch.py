"""The metrics of desktops: what a client is told against what was."""

import time
import urllib.error
from datetime import UTC, datetime

import pytest
from conftest import PRODUCTION, every, refusal
from raw import Wire

from sandbox import cbor

NOW = 1_795_003_200  # 2026-11-18T12:00:00Z, a Wednesday; the shared sandbox's clock starts there
HOUR, DAY = 3_600, 86_400


def query(index: int, id_: str, metric="UserConnected", period=300, stat="Maximum") -> dict:
    dimensions = [{"Name": "WorkspaceId", "Value": id_}]
    named = {"Namespace": "AWS/WorkSpaces", "MetricName": metric, "Dimensions": dimensions}
    return {"Id": f"m{index}", "MetricStat": {"Metric": named, "Period": period, "Stat": stat}}


def asked(ids: list[str], days: float, end: int = NOW, **more) -> dict:
    queries = [query(index, id_, **more) for index, id_ in enumerate(ids)]
    return {"MetricDataQueries": queries, "StartTime": end - int(days * DAY), "EndTime": end}


def seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def truth(sandbox, id_: str, start: int, end: int) -> dict:
    moments = [
        datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for at in (start, end)
    ]
    return sandbox.control("GET", f"past?workspace={id_}&from={moments[0]}&to={moments[1]}")


def ones_of(past: dict) -> set[int]:
    """The points at which somebody was connected, as the sandbox knows it."""
    spans = [(seconds(one["from"]), seconds(one["to"])) for one in past["connected_points"]]
    return {at for first, last in spans for at in range(first + -first % 300, last, 300)}


@pytest.fixture
def ids(sandbox) -> list[str]:
    client = sandbox.client("workspaces")
    return [row["WorkspaceId"] for row in every(client, "describe_workspaces", "Workspaces")]


def test_points_tell_when_somebody_was_connected(sandbox, ids):
    start = NOW - 7 * DAY
    got = Wire(sandbox).cbor("GetMetricData", asked(ids[:40], 7))["MetricDataResults"]
    missing = connected = 0
    for id_, result in zip(ids, got, strict=False):
        told = dict(zip(result["Timestamps"], result["Values"], strict=True))
        assert result["Timestamps"] == sorted(told, reverse=True), "newest first, none twice"
        assert all(start <= at < NOW and at % 300 == 0 for at in told)
        ones = ones_of(truth(sandbox, id_, start, NOW))
        assert {at for at, value in told.items() if value} <= ones
        assert not any(value for at, value in told.items() if at not in ones)
        missing += len(ones) - sum(told.values())
        connected += len(ones)
    assert connected > 5_000 and 0 < missing < connected * 0.01, "a few points were lost"


def hours_of(points: list[int], timeout: int, begin: int, end: int) -> int:
    """The whole hours of a month that a client makes of the points at which somebody was there."""
    hours, busy = 0, begin
    for index, point in enumerate(points):
        following = points[index + 1] if index + 1 < len(points) else end + DAY
        stop = following if following - point <= timeout + 300 else point + timeout
        while (moment := max(point, busy)) < min(stop, end):
            hours, busy = hours + 1, moment + HOUR
    return hours


def test_the_bill_follows_from_the_points(sandbox):
    october, november = NOW - 48 * DAY - HOUR * 12, NOW - 17 * DAY - HOUR * 12
    rows = every(sandbox.client("workspaces"), "describe_workspaces", "Workspaces")
    by_hour = {
        row["WorkspaceId"]: row["WorkspaceProperties"]["RunningModeAutoStopTimeoutInMinutes"] * 60
        for row in rows
        if row["WorkspaceProperties"]["RunningMode"] == "AUTO_STOP"
    }
    wire, told = Wire(sandbox), {}
    ids = list(by_hour)
    for first in range(0, len(ids), 10):
        params = asked(ids[first : first + 10], 32, november)
        for id_, result in zip(
            ids[first:], wire.cbor("GetMetricData", params)["MetricDataResults"], strict=False
        ):
            pairs = zip(result["Timestamps"], result["Values"], strict=True)
            told[id_] = sorted(at for at, value in pairs if value)
    same = checked = 0
    for id_, timeout in by_hour.items():
        past = truth(sandbox, id_, october, november)
        if past["modes"][-1]["since"] > "2026-10" or past["months"][0]["month"] != "2026-10":
            continue
        billed = past["months"][0]["hours"]
        same += billed == hours_of(told[id_], timeout, october, november)
        checked += 1
    assert checked > 150
    # The others lost points at an end of a session, or were started or stopped by hand.
    assert same > checked * 0.9


def test_both_protocols_tell_the_same(sandbox, ids):
    wire, params = Wire(sandbox), asked(ids[:5], 2)
    target = "GraniteServiceVersion20100801.GetMetricData"
    in_cbor = wire.cbor("GetMetricData", params)
    assert in_cbor == wire.json("cloudwatch", "monitoring", target, params)
    client = sandbox.client("cloudwatch")
    (first, *_) = client.get_metric_data(**params)["MetricDataResults"]
    assert first["Values"] == in_cbor["MetricDataResults"][0]["Values"]
    assert [int(at.timestamp()) for at in first["Timestamps"]] == (
        in_cbor["MetricDataResults"][0]["Timestamps"]
    )


def endless(value) -> bytes:
    """A request as the Rust SDK writes it: lengths that show at the end, times as tagged floats."""
    if isinstance(value, dict):
        inner = b"".join(
            cbor.dumps(key) + (timed(item) if key.endswith("Time") else endless(item))
            for key, item in value.items()
        )
        return b"\xbf" + inner + b"\xff"
    if isinstance(value, list):
        return b"\x9f" + b"".join(endless(item) for item in value) + b"\xff"
    return cbor.dumps(value)


def timed(moment: int) -> bytes:
    return b"\xc1" + cbor.dumps(float(moment))


def test_a_request_in_the_rust_sdks_form(sandbox, ids):
    wire, params = Wire(sandbox), asked(ids[:2], 1)
    raw = cbor.Raw(endless(params))
    assert wire.cbor("GetMetricData", raw) == wire.cbor("GetMetricData", params)


def test_a_stopped_desktop_is_zero_or_silent(sandbox, ids):
    wire = Wire(sandbox)
    used = wire.cbor("GetMetricData", asked(ids, 1))["MetricDataResults"]
    stopped = wire.cbor("GetMetricData", asked(ids, 1, metric="Stopped"))["MetricDataResults"]
    up = wire.cbor("GetMetricData", asked(ids, 1, metric="Available"))["MetricDataResults"]
    silent = zeros = unwell = 0
    for use, stop, well in zip(used, stopped, up, strict=True):
        down = {at for at, value in zip(stop["Timestamps"], stop["Values"], strict=True) if value}
        fine = {at for at, value in zip(well["Timestamps"], well["Values"], strict=True) if value}
        here = {at for at, value in zip(use["Timestamps"], use["Values"], strict=True) if value}
        assert not here & down and not fine & down
        unwell += not here <= fine
        if len(down) > 50:
            gone = down.isdisjoint(use["Timestamps"])
            silent, zeros = silent + gone, zeros + (down <= set(use["Timestamps"]))
    assert 0 < silent < zeros
    assert unwell < len(ids) * 0.02, "few are used while they are impaired or unhealthy"


def test_statistics_of_an_hour(sandbox, ids):
    wire = Wire(sandbox)
    fine = wire.cbor("GetMetricData", asked(ids[:20], 3))["MetricDataResults"]
    for stat in ("Maximum", "Sum", "Average", "SampleCount"):
        coarse = wire.cbor("GetMetricData", asked(ids[:20], 3, period=HOUR, stat=stat))
        for points, hours in zip(fine, coarse["MetricDataResults"], strict=True):
            by_hour: dict[int, list[float]] = {}
            for at, value in zip(points["Timestamps"], points["Values"], strict=True):
                by_hour.setdefault(at // HOUR * HOUR, []).append(value)
            count = {"Maximum": max, "Sum": sum, "SampleCount": len}.get(
                stat, lambda values: sum(values) / len(values)
            )
            told = dict(zip(hours["Timestamps"], hours["Values"], strict=True))
            assert told == {at: count(values) for at, values in by_hour.items()}


def test_old_points_are_kept_by_the_hour_only(sandbox, ids):
    wire = Wire(sandbox)
    wanted = asked(ids[:60], 460, period=HOUR, stat="Maximum")
    result = wire.cbor("GetMetricData", wanted)["MetricDataResults"]
    oldest = min(result[index]["Timestamps"][-1] for index in range(3) if result[index]["Values"])
    assert NOW - 455 * DAY <= oldest <= NOW - 63 * DAY
    five = wire.cbor("GetMetricData", asked(ids[:3], 80))["MetricDataResults"]
    assert all(at >= NOW - 63 * DAY - HOUR for one in five for at in one["Timestamps"])
    assert min(one["Timestamps"][-1] for one in five) < NOW - 62 * DAY


def test_pages_have_every_point_once(sandbox, ids):
    wire = Wire(sandbox)
    whole = {}
    for result in wire.cbor("GetMetricData", asked(ids[:9], 2))["MetricDataResults"]:
        whole[result["Id"]] = (result["Timestamps"], result["Values"])
        assert result["StatusCode"] == "Complete"
    params = {**asked(ids[:9], 2), "MaxDatapoints": 777}
    read: dict[str, tuple[list, list]] = {}
    pages, token = 0, None
    while token or not pages:
        page = wire.cbor("GetMetricData", {**params, "NextToken": token} if token else params)
        assert sum(len(result["Values"]) for result in page["MetricDataResults"]) <= 777
        for result in page["MetricDataResults"]:
            moments, values = read.setdefault(result["Id"], ([], []))
            moments += result["Timestamps"]
            values += result["Values"]
        cut = [one["Id"] for one in page["MetricDataResults"] if one["StatusCode"] != "Complete"]
        assert len(cut) <= 1
        token, pages = page.get("NextToken"), pages + 1
    assert read == whole and pages == -(-sum(len(v) for _, v in whole.values()) // 777)


def test_oldest_first_where_asked(sandbox, ids):
    result = Wire(sandbox).cbor(
        "GetMetricData", {**asked(ids[:1], 1), "ScanBy": "TimestampAscending"}
    )["MetricDataResults"][0]
    assert result["Timestamps"] == sorted(result["Timestamps"])


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ({"EndTime": NOW - 2 * DAY}, "ValidationError", "less than"),
        ({"MaxDatapoints": 100_801}, "ValidationError", "MaxDatapoints"),
        ({"NextToken": "nonsense"}, "InvalidNextToken", "token"),
        ({"MetricDataQueries": [query(0, "a")] * 2}, "ValidationError", "unique"),
        (
            {"MetricDataQueries": [query(n, "a") for n in range(501)]},
            "ValidationError",
            "greater than 500",
        ),
        ({"MetricDataQueries": [query(0, "a", period=301)]}, "ValidationError", "Period"),
        ({"MetricDataQueries": [{"Id": "a", "Expression": "1"}]}, "ValidationError", "MetricStat"),
    ],
)
def test_bad_requests(sandbox, ids, change, code, words):
    client = sandbox.client("cloudwatch")
    got, message = refusal(client.get_metric_data, **{**asked(ids[:1], 1), **change})
    assert got == code and words in message


def test_a_token_is_for_its_own_question(sandbox, ids):
    client, params = sandbox.client("cloudwatch"), {**asked(ids[:3], 1), "MaxDatapoints": 9}
    token = client.get_metric_data(**params)["NextToken"]
    assert client.get_metric_data(**params, NextToken=token)["MetricDataResults"]
    params["MaxDatapoints"] = 8
    assert refusal(client.get_metric_data, **params, NextToken=token)[0] == "InvalidNextToken"


def test_what_is_not_there_has_no_points(sandbox, ids):
    queries = [query(0, "ws-000000000"), query(1, ids[0], metric="CPUUsage"), query(2, ids[0])]
    params = {**asked([], 1), "MetricDataQueries": queries}
    results = Wire(sandbox).cbor("GetMetricData", params)["MetricDataResults"]
    assert [bool(result["Values"]) for result in results] == [False, False, True]
    sandbox.control("POST", "faults", {"kind": "drop", "ids": [ids[0]]})
    results = Wire(sandbox).cbor("GetMetricData", params)["MetricDataResults"]
    assert not any(result["Values"] for result in results)
    elsewhere = Wire(sandbox, PRODUCTION, "us-east-1").cbor("GetMetricData", params)
    assert not elsewhere["MetricDataResults"][2]["Values"], "metrics are regional"


def test_pages_go_wrong_on_demand(sandbox, ids):
    wire, params = Wire(sandbox), asked(ids[:4], 1)
    plain = wire.cbor("GetMetricData", params)["MetricDataResults"]

    def bent(kind: str) -> list[dict]:
        fault = {"kind": kind, "service": "monitoring", "operation": "GetMetricData", "times": 1}
        sandbox.control("POST", "faults", fault)
        return wire.cbor("GetMetricData", params)["MetricDataResults"]

    assert [one["Values"] for one in bent("lost_page")] == [[]] * 4
    for one, twice in zip(plain, bent("doubled_page"), strict=True):
        assert twice["Timestamps"] == one["Timestamps"] * 2
    for one, mixed in zip(plain, bent("shuffle"), strict=True):
        assert mixed["Timestamps"] != one["Timestamps"]
        assert sorted(zip(mixed["Timestamps"], mixed["Values"], strict=True), reverse=True) == list(
            zip(one["Timestamps"], one["Values"], strict=True)
        )
    assert wire.cbor("GetMetricData", params)["MetricDataResults"] == plain


def test_refusals_are_readable_in_cbor(sandbox):
    with pytest.raises(urllib.error.HTTPError) as caught:
        Wire(sandbox).cbor("PutMetricData", {})
    assert caught.value.headers["smithy-protocol"] == "rpc-v2-cbor"
    assert cbor.loads(caught.value.read())["__type"] == "UnknownOperationException"
    sandbox.control("POST", "faults", {"kind": "throttle", "service": "monitoring", "times": 1})
    with pytest.raises(urllib.error.HTTPError) as caught:
        Wire(sandbox).cbor("GetMetricData", asked(["ws-000000000"], 1))
    assert caught.value.headers["x-amzn-query-error"] == "ThrottlingException;Sender"


def test_a_full_page_is_quick(sandbox, ids):
    wire = Wire(sandbox)
    begun = time.monotonic()
    got = wire.cbor("GetMetricData", asked((ids * 2)[:350], 1))
    assert time.monotonic() - begun < 2, "some 100 ms on an idle machine"
    assert sum(len(one["Values"]) for one in got["MetricDataResults"]) > 70_000
