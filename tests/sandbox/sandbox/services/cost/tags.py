"""Cost allocation tags: which there are, turning them on and off, and a backfill of the past.

Anybody may look; only the account that pays may change.
"""

from datetime import UTC, datetime
from typing import Any

from ...estate.days import DAY, first_of, month_of
from ...wire import Answer, AwsError, json
from ...world import Ask
from .expression import VALIDATION
from .usage import PAYER

_BACKFILL_MONTHS = 12
_PAGE = 100


def list_tags(ask: Ask) -> Answer:
    params = ask.params
    keys, status, kind = params.get("TagKeys"), params.get("Status"), params.get("Type")
    found = [
        tag
        for tag in _all_tags(ask)
        if (not keys or tag["TagKey"] in keys)
        and status in (None, tag["Status"])
        and kind in (None, tag["Type"])
    ]
    token, limit = params.get("NextToken"), min(params.get("MaxResults") or _PAGE, _PAGE)
    question = ask.question(keys, status, kind)
    start = ask.position(token, question, "InvalidNextTokenException") + 1
    answer: dict[str, Any] = {"CostAllocationTags": found[start : start + limit]}
    if start + limit < len(found):
        answer["NextToken"] = ask.next_token(token, question, start + limit - 1)
    return json(answer)


def update_status(ask: Ask) -> Answer:
    _only_the_payer(ask)
    known = {tag["TagKey"] for tag in _all_tags(ask)}
    errors, wanted = [], {"Active": [], "Inactive": []}
    for one in ask.params["CostAllocationTagsStatus"]:
        if one["TagKey"] in known:
            wanted[one["Status"]].append(one["TagKey"])
        else:
            message = "Tag keys not found. Tag keys appear here after they are used on a resource."
            named = {"TagKey": one["TagKey"], "Code": "TagKeysNotFoundException"}
            errors.append({**named, "Message": message})
    with ask.world.estate.lock:
        for status, keys in wanted.items():
            if keys:
                ask.perform("activate", keys=keys, active=status == "Active")
    return json({"Errors": errors})


def start_backfill(ask: Ask) -> Answer:
    _only_the_payer(ask)
    text = ask.params["BackfillFrom"]
    try:
        since = int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())
    except ValueError:
        raise AwsError(VALIDATION, "BackfillFrom must look like 2026-01-01T00:00:00Z") from None
    year, month = month_of(ask.now)
    if since != first_of(*month_of(since)) or since > ask.now:
        raise AwsError(VALIDATION, "BackfillFrom must be the first day of a month in the past")
    if since < first_of(year, month - _BACKFILL_MONTHS):
        raise AwsError(VALIDATION, f"BackfillFrom reaches {_BACKFILL_MONTHS} months back at most")
    with ask.world.estate.lock:
        done = ask.world.estate.allocation.backfills
        if done and ask.now - done[-1].requested < DAY:
            raise AwsError(
                "BackfillLimitExceededException", "A backfill can be requested once in 24 hours"
            )
        ask.perform("backfill", **{"from": since})
        return json({"BackfillRequest": _described(done[-1], ask.now)})


def list_backfills(ask: Ask) -> Answer:
    done = ask.world.estate.allocation.backfills
    return json({"BackfillRequests": [_described(one, ask.now) for one in reversed(done)]})


def _only_the_payer(ask: Ask) -> None:
    if ask.account != PAYER:
        raise AwsError(
            "AccessDeniedException",
            "Linked account doesn't have access to cost allocation tags: "
            "they are changed in the management account",
        )


def _all_tags(ask: Ask) -> list[dict[str, Any]]:
    """Every key that a desktop carries or that was ever turned on, and AWS's own."""
    allocation, used = ask.world.estate.allocation, set()
    for site in ask.world.estate.all():
        for desktop in site.desktops:
            used.update(desktop.tags)
    today = _moment(ask.now // DAY * DAY)
    found = []
    for name in sorted(used | set(allocation.keys)):
        known = allocation.keys.get(name)
        tag = {
            "TagKey": name,
            "Type": "UserDefined",
            "Status": "Active" if known and known.active else "Inactive",
        }
        if known:
            tag["LastUpdatedDate"] = _moment(known.updated)
        if name in used:
            tag["LastUsedDate"] = today
        found.append(tag)
    own = {"TagKey": "aws:createdBy", "Type": "AWSGenerated", "Status": "Inactive"}
    return [*found, own]


def _described(backfill: Any, now: float) -> dict[str, str]:
    done = backfill.done <= now
    shown = {
        "BackfillFrom": _moment(backfill.since),
        "RequestedAt": _moment(backfill.requested),
        "BackfillStatus": "SUCCEEDED" if done else "PROCESSING",
        "LastUpdatedAt": _moment(backfill.done if done else backfill.requested),
    }
    return {**shown, "CompletedAt": _moment(backfill.done)} if done else shown


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
