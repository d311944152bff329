"""GetMetricData for AWS/WorkSpaces: up to 500 series a call and 100,800 points a page.

Pages go through the queries in order; a series that a page cuts is PartialData and goes on with
the next one. What was asked first fixes the present for all pages, so that points which come in
meanwhile move nothing.
"""

import random
import re
import struct
from typing import Any

import orjson

from ... import cbor
from ...estate.desktop import Desktop
from ...wire import CBOR_HEADERS, CBOR_TYPE, Answer, AwsError
from ...world import Ask
from .series import METRICS, Wanted, series

MAX_QUERIES, MAX_POINTS = 500, 100_800

_INVALID = "ValidationError"
_ID = re.compile(r"[a-z]\w*", re.ASCII)
_STATS = frozenset({"Maximum", "Minimum", "Sum", "Average", "SampleCount"})
_ORDINAL_BITS = 22

_DOUBLES = {value: struct.pack(">Bd", 0xFB, value) for value in map(float, range(13))}
_TIME = struct.Struct(">BBI")


def get_metric_data(ask: Ask) -> Answer:
    params = ask.params
    queries = params["MetricDataQueries"]
    _check(params, queries)
    room = params.get("MaxDatapoints") or MAX_POINTS
    oldest_first = params.get("ScanBy") == "TimestampAscending"
    token = params.get("NextToken")
    now, index, offset = _place(ask, token)
    question = _question(ask, now)
    results: list[dict[str, Any]] = []
    following = None
    while index < len(queries):
        if room <= 0:
            following = (index, offset)
            break
        moments, values = _points(ask, queries[index], now)
        if not oldest_first:
            moments, values = moments[::-1], values[::-1]
        page = slice(offset, offset + room)
        whole = len(moments) <= offset + room
        if queries[index].get("ReturnData", True):
            results.append(_result(queries[index], moments[page], values[page], whole))
        room -= len(moments[page])
        index, offset = (index + 1, 0) if whole else (index, page.stop)
    _bend(ask, results)
    more = None
    if following:
        ordinal = following[0] << _ORDINAL_BITS | following[1]
        inner = token.partition(".")[2] if token else None
        more = f"{now:x}.{ask.next_token(inner, question, ordinal)}"
    return _answer(ask, results, more)


def _check(params: dict[str, Any], queries: list[dict[str, Any]]) -> None:
    """What AWS refuses beyond what its model says."""
    if len(queries) > MAX_QUERIES:
        raise AwsError(
            _INVALID,
            f"The collection MetricDataQueries must not have a size greater than {MAX_QUERIES}.",
        )
    if params["StartTime"] >= params["EndTime"]:
        raise AwsError(_INVALID, "The parameter StartTime must be less than the parameter EndTime.")
    if not 0 < params.get("MaxDatapoints", 1) <= MAX_POINTS:
        raise AwsError(_INVALID, f"MaxDatapoints must be between 1 and {MAX_POINTS}")
    ids = [query["Id"] for query in queries]
    if len(set(ids)) < len(ids):
        raise AwsError(_INVALID, "The values for parameter id in MetricDataQueries are not unique.")
    for query in queries:
        if not _ID.fullmatch(query["Id"]):
            pattern = "^[a-z][a-zA-Z0-9_]*$"
            raise AwsError(_INVALID, f"Id {query['Id']} is not matching the pattern {pattern}.")
        if "MetricStat" not in query or "Expression" in query:
            raise AwsError(_INVALID, "The sandbox answers MetricStat only, no Expression")
        asked = query["MetricStat"]
        if asked["Period"] % 60 and asked["Period"] not in (1, 5, 10, 20, 30):
            raise AwsError(_INVALID, "The parameter Period must be a multiple of 60.")
        if asked["Stat"] not in _STATS:
            raise AwsError(_INVALID, f"The Stat {asked['Stat']} is not supported.")


def _place(ask: Ask, token: str | None) -> tuple[int, int, int]:
    """(the present of the first page, index of the query, points of it that were given)."""
    if not token:
        return int(ask.now), 0, 0
    refused = AwsError("InvalidNextToken", "The next token specified is invalid.")
    first, _, inner = token.partition(".")
    try:
        now = int(first, 16)
    except ValueError:
        raise refused from None
    if not inner or now > ask.now:
        raise refused
    ordinal = ask.position(inner, _question(ask, now), refused.code)
    return now, ordinal >> _ORDINAL_BITS, ordinal & ((1 << _ORDINAL_BITS) - 1)


def _question(ask: Ask, now: int) -> str:
    asked = {name: value for name, value in ask.params.items() if name != "NextToken"}
    return ask.question(now, sorted(asked.items(), key=lambda pair: pair[0]))


def _points(ask: Ask, query: dict[str, Any], now: int) -> tuple[list[int], list[float]]:
    """The series of one query, oldest first; none of what the estate has not."""
    asked = query["MetricStat"]
    metric = asked["Metric"]
    desktop = _desktop(ask, metric)
    if desktop is None or metric.get("MetricName") not in METRICS:
        return [], []
    start, end = ask.params["StartTime"], ask.params["EndTime"]
    wanted = Wanted(metric["MetricName"], start, end, asked["Period"], asked["Stat"], now)
    return series(desktop, wanted)


def _desktop(ask: Ask, metric: dict[str, Any]) -> Desktop | None:
    dimensions = metric.get("Dimensions") or []
    if metric.get("Namespace") != "AWS/WorkSpaces" or len(dimensions) != 1:
        return None
    if dimensions[0]["Name"] != "WorkspaceId" or dimensions[0]["Value"] in ask.strike.hidden:
        return None
    return ask.site.ever(dimensions[0]["Value"])


def _result(query: dict[str, Any], moments: list, values: list, whole: bool) -> dict[str, Any]:
    label = query.get("Label") or query["MetricStat"]["Metric"]["MetricName"]
    return {
        "Id": query["Id"],
        "Label": label,
        "Timestamps": moments,
        "Values": values,
        "StatusCode": "Complete" if whole else "PartialData",
    }


def _bend(ask: Ask, results: list[dict[str, Any]]) -> None:
    """What the faults do to a page."""
    for result in results:
        if ask.strike.lost_page:
            result["Timestamps"], result["Values"] = [], []
        if ask.strike.doubled_page:
            result["Timestamps"], result["Values"] = result["Timestamps"] * 2, result["Values"] * 2
        if ask.strike.shuffle and result["Values"]:
            pairs = list(zip(result["Timestamps"], result["Values"], strict=True))
            random.Random(len(pairs)).shuffle(pairs)
            result["Timestamps"], result["Values"] = map(list, zip(*pairs, strict=True))


def _answer(ask: Ask, results: list[dict[str, Any]], more: str | None) -> Answer:
    answer: dict[str, Any] = {"MetricDataResults": results, "Messages": []}
    if more:
        answer["NextToken"] = more
    if ask.call.protocol != "cbor":
        return Answer(orjson.dumps(answer), content_type="application/x-amz-json-1.0")
    for result in results:
        result["Timestamps"] = _times(result["Timestamps"])
        result["Values"] = _doubles(result["Values"])
    return Answer(cbor.dumps(answer), 200, CBOR_TYPE, CBOR_HEADERS)


def _times(moments: list[int]) -> cbor.Raw:
    """Timestamps as CBOR: each is tag 1 and its seconds in four bytes."""
    pack = _TIME.pack
    return cbor.Raw(
        cbor.head(4, len(moments)) + b"".join([pack(0xC1, 0x1A, moment) for moment in moments])
    )


def _doubles(values: list[float]) -> cbor.Raw:
    try:
        parts = [_DOUBLES[value] for value in values]
    except KeyError:
        parts = [struct.pack(">Bd", 0xFB, value) for value in values]
    return cbor.Raw(cbor.head(4, len(parts)) + b"".join(parts))
