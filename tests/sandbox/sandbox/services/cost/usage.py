"""GetCostAndUsage and GetCostAndUsageWithResources over the ledger.

An account sees its own costs; the account that pays for all sees everybody's. Sums are exact; what
was worked out is remembered while nothing it depends on has changed, so that a page costs nothing.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from ...accounts import ACCOUNTS, TOOLING_ACCOUNT
from ...estate.days import DAY, first_of, iso_day, moment_of, month_of
from ...estate.prices import written
from ...wire import Answer, AwsError, json
from ...world import Ask
from .expression import VALIDATION, Tagging, grouper, matcher, mentions

PAYER = TOOLING_ACCOUNT
HORIZON_MONTHS, RESOURCE_DAYS = 13, 14
PAGE = 5_000

NOT_OPTED_IN = frozenset({"222222222222"})
"""Accounts that never turned resource-level data on."""

_AMOUNTS = frozenset(
    {"UnblendedCost", "NetUnblendedCost", "AmortizedCost", "NetAmortizedCost", "BlendedCost"}
)
_QUANTITIES = frozenset({"UsageQuantity", "NormalizedUsageAmount"})
_MAX_KEPT = 24

Sums = dict[tuple[str, ...], list]
"""Per group: quantity, amount, and the units that occur."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """One period of an answer, [start, end)."""

    start: int
    end: int


def get_cost_and_usage(ask: Ask) -> Answer:
    groups = ask.params.get("GroupBy") or []
    if mentions(ask.params.get("Filter"), "Dimensions", "RESOURCE_ID") or _by_resource(groups):
        raise AwsError(VALIDATION, "RESOURCE_ID is for GetCostAndUsageWithResources only")
    start, end = _period(ask)
    year, month = month_of(ask.now)
    if start < first_of(year, month - HORIZON_MONTHS):
        raise AwsError(VALIDATION, "You haven't enabled historical data beyond 14 months")
    return _answer(ask, start, end, _payees(ask.account))


def get_cost_and_usage_with_resources(ask: Ask) -> Answer:
    if ask.account in NOT_OPTED_IN:
        raise AwsError(
            "DataUnavailableException", "Resource-level data is not enabled for this account"
        )
    groups, asked = ask.params.get("GroupBy") or [], ask.params.get("Filter")
    if not (mentions(asked, "Dimensions", "RESOURCE_ID") or _by_resource(groups)):
        raise AwsError(VALIDATION, "A filter or a group by RESOURCE_ID is required")
    start, end = _period(ask)
    if start < (ask.now // DAY - RESOURCE_DAYS) * DAY:
        raise AwsError(VALIDATION, f"Data is available for the last {RESOURCE_DAYS} days only")
    payees = [account for account in _payees(ask.account) if account not in NOT_OPTED_IN]
    return _answer(ask, start, end, payees)


def _payees(account: str) -> list[str]:
    return [one.id for one in ACCOUNTS] if account == PAYER else [account]


def _by_resource(groups: list[dict[str, Any]]) -> bool:
    return any(group.get("Key") == "RESOURCE_ID" for group in groups)


def _period(ask: Ask) -> tuple[int, int]:
    """[start, end) of the request, whose end is exclusive."""
    period, granularity = ask.params["TimePeriod"], ask.params["Granularity"]
    if granularity == "HOURLY":
        raise AwsError(VALIDATION, "Hourly data is not enabled for this account")
    try:
        start, end = moment_of(period["Start"]), moment_of(period["End"])
    except ValueError:
        raise AwsError(VALIDATION, "Dates must be yyyy-MM-dd for this granularity") from None
    if start >= end:
        raise AwsError(VALIDATION, "Start date (and hour) should be before end date (and hour)")
    year, month = month_of(ask.now)
    if end > first_of(year, month + 1):
        raise AwsError(VALIDATION, "end date past the beginning of next month")
    metrics = ask.params.get("Metrics") or []
    unknown = [name for name in metrics if name not in _AMOUNTS | _QUANTITIES]
    if unknown or not metrics:
        raise AwsError(VALIDATION, f"Metrics must be given and known, not {unknown or metrics}")
    if len(ask.params.get("GroupBy") or []) > 2:
        raise AwsError(VALIDATION, "A maximum of 2 group by definitions is allowed")
    return start, end


def _buckets(start: int, end: int, granularity: str) -> list[Bucket]:
    """The periods of an answer: days, or months of which the first and last may be cut."""
    if granularity == "DAILY":
        return [Bucket(day, day + DAY) for day in range(start, end, DAY)]
    found = []
    while start < end:
        year, month = month_of(start)
        found.append(Bucket(start, min(end, first_of(year, month + 1))))
        start = found[-1].end
    return found


def _answer(ask: Ask, start: int, end: int, payees: list[str]) -> Answer:
    params = ask.params
    buckets = _buckets(start, end, params["Granularity"])
    sums = _remembered(ask, buckets, payees)
    grouped = bool(params.get("GroupBy"))
    asked = {name: value for name, value in params.items() if name != "NextPageToken"}
    token, question = params.get("NextPageToken"), ask.question(sorted(asked.items()))
    last = ask.position(token, question, "InvalidNextTokenException")
    flat = [(index, key) for index, groups in enumerate(sums) for key in sorted(groups) or [None]]
    page = flat[last + 1 : last + 1 + PAGE]
    results: list[dict[str, Any]] = []
    shown = -1
    for index, key in page:
        if index != shown:
            results.append(_result(ask, buckets[index]))
            shown = index
        metrics = _metrics(ask, *sums[index].get(key, (0, 0, frozenset())))
        if not grouped:
            results[-1]["Total"] = metrics
        elif key is not None:
            results[-1]["Groups"].append({"Keys": list(key), "Metrics": metrics})
    if ask.strike.lost_page:
        for result in results:
            result["Total"], result["Groups"] = {}, []
    if ask.strike.doubled_page:
        results = results * 2
    answer: dict[str, Any] = {"ResultsByTime": results, "DimensionValueAttributes": []}
    if grouped:
        answer["GroupDefinitions"] = params["GroupBy"]
    if last + 1 + PAGE < len(flat):
        answer["NextPageToken"] = ask.next_token(token, question, last + PAGE)
    return json(answer)


def _remembered(ask: Ask, buckets: list[Bucket], payees: list[str]) -> list[Sums]:
    """The sums of each period, from memory where nothing has changed since."""
    world, params = ask.world, ask.params
    named = ("Filter", "GroupBy", "Granularity", "TimePeriod")
    state = [world.ledger.state(account, ask.now) for account in payees]
    allocation = world.estate.allocation
    tags = [len(allocation.keys), [one.done <= ask.now for one in allocation.backfills]]
    tags += [(name, one.active, one.since) for name, one in allocation.keys.items()]
    asked = [params.get(name) for name in named]
    key = (ask.call.operation, str((asked, payees, state, tags)))
    kept: OrderedDict[tuple, list[Sums]] = world.answers
    found = kept.get(key)
    if found is None:
        found = kept[key] = _summed(ask, buckets, payees)
        while len(kept) > _MAX_KEPT:
            kept.popitem(last=False)
    return found


def _summed(ask: Ask, buckets: list[Bucket], payees: list[str]) -> list[Sums]:
    world, params = ask.world, ask.params
    groups = params.get("GroupBy") or []
    allocation = world.estate.allocation
    tagging = Tagging(lambda key: allocation.carried_since(key, ask.now))
    matches = matcher(params.get("Filter"), tagging)
    getters = [grouper(group, tagging) for group in groups]
    by_desktop = (
        _by_resource(groups)
        or any(group.get("Type") == "TAG" for group in groups)
        or mentions(params.get("Filter"), "Tags")
        or mentions(params.get("Filter"), "Dimensions", "RESOURCE_ID")
    )
    place = {
        day: index
        for index, bucket in enumerate(buckets)
        for day in range(bucket.start, bucket.end, DAY)
    }
    sums: list[Sums] = [{} for _ in buckets]
    span = (buckets[0].start, buckets[-1].end)
    for account in payees:
        for line in world.ledger.lines(account, *span, ask.now, by_desktop):
            if not matches(line):
                continue
            key = tuple([get(line) for get in getters])
            found = sums[place[line.day]].setdefault(key, [0, 0, set()])
            found[0] += line.quantity
            found[1] += line.amount
            found[2].add(line.unit)
    return sums


def _result(ask: Ask, bucket: Bucket) -> dict[str, Any]:
    year, month = month_of(ask.now)
    settled = min(first_of(year, month), (ask.now // DAY - 1) * DAY)
    return {
        "TimePeriod": {"Start": iso_day(bucket.start), "End": iso_day(bucket.end)},
        "Total": {},
        "Groups": [],
        "Estimated": bucket.end > settled,
    }


def _metrics(ask: Ask, quantity: int, amount: int, units: Any) -> dict[str, dict[str, str]]:
    """The metrics asked for. A quantity has a unit where all that it sums has the same."""
    found = {}
    for name in ask.params["Metrics"]:
        if name in _AMOUNTS:
            found[name] = {"Amount": written(amount), "Unit": ask.strike.currency}
        else:
            unit = next(iter(units)) if len(units) == 1 else ""
            count = quantity if name == "UsageQuantity" else 0
            found[name] = {"Amount": written(count), "Unit": unit or "N/A"}
    return found
