"""AWS CloudTrail's event history, LookupEvents: management events of one account and region, newest
first, fifty a page, ninety days back, by one attribute at most. Trails themselves are moto's."""

from itertools import islice
from typing import Any

from ..wire import Answer, AwsError, json
from ..world import Ask
from .service import Service

DAYS, PAGE = 90, 50
DAY = 86_400


def lookup_events(ask: Ask) -> Answer:
    params = ask.params
    attributes = params.get("LookupAttributes") or []
    if len(attributes) > 1:
        raise AwsError(
            "InvalidLookupAttributesException", "You can use only one lookup attribute at a time"
        )
    if params.get("EventCategory"):
        raise AwsError("InvalidEventCategoryException", "The sandbox has management events only")
    start, end = params.get("StartTime"), params.get("EndTime")
    if start is not None and end is not None and start > end:
        raise AwsError("InvalidTimeRangeException", "StartTime must not be after EndTime")
    token, limit = params.get("NextToken"), params.get("MaxResults") or PAGE
    now, given = _place(ask, token)
    begin = max(start or 0, now - DAYS * DAY)
    span = (begin, min(now if end is None else end, now))
    found = ask.world.history.newest_first(ask.site, span, now - ask.world.trail_seconds)
    if attributes:
        key, value = attributes[0]["AttributeKey"], attributes[0]["AttributeValue"]
        found = (event for event in found if event.has(key, value))
    # The last event of the page before comes again where a fault asks for that.
    again = 1 if ask.strike.duplicate_row and given and limit > 1 else 0
    page = list(islice(found, given - again, given - again + limit + 1))
    shown = [event.written(ask.account, ask.region) for event in page[:limit]]
    answer: dict[str, Any] = {"Events": shown}
    if len(page) > limit:
        inner = token.partition(".")[2] if token else None
        last = given - again + limit
        answer["NextToken"] = f"{now:x}.{ask.next_token(inner, _question(ask, now), last)}"
    return json(answer)


def _place(ask: Ask, token: str | None) -> tuple[int, int]:
    """(the present of the first page, how many events were given). A token is good with the very
    parameters it was given for, and with no others."""
    if not token:
        return int(ask.now), 0
    refused = AwsError("InvalidNextTokenException", "Invalid token")
    first, _, inner = token.partition(".")
    try:
        now = int(first, 16)
    except ValueError:
        raise refused from None
    if not inner or now > ask.now:
        raise refused
    return now, ask.position(inner, _question(ask, now), refused.code)


def _question(ask: Ask, now: int) -> str:
    asked = {name: value for name, value in ask.params.items() if name != "NextToken"}
    return ask.question(now, sorted(asked.items(), key=lambda pair: pair[0]))


SERVICE = Service(
    name="cloudtrail",
    model="cloudtrail",
    target="CloudTrail_20131101",
    operations={"LookupEvents": lookup_events},
    moto_has_the_rest=True,
    aliases=("com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101",),
)
