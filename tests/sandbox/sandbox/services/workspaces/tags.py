"""Tags of desktops and directories, one resource a call. Writing a key again overwrites it."""

from typing import Any

from ...estate.deeds import tagged
from ...estate.desktop import Desktop
from ...wire import Answer, AwsError, json
from ...world import Ask
from .reads import INVALID

MAX_TAGS = 50


def describe_tags(ask: Ask) -> Answer:
    tags = _resource(ask, ask.params["ResourceId"]).tags
    return json({"TagList": [{"Key": key, "Value": value} for key, value in tags.items()]})


def create_tags(ask: Ask) -> Answer:
    id_ = ask.params["ResourceId"]
    tags = read_tags(ask.params["Tags"])
    with ask.world.estate.lock:
        if len({*_resource(ask, id_).tags, *tags}) > MAX_TAGS:
            raise AwsError(
                "ResourceLimitExceededException", f"A resource can have at most {MAX_TAGS} tags"
            )
        ask.perform("tag", id=id_, tags=tags)
    return json({})


def delete_tags(ask: Ask) -> Answer:
    id_ = ask.params["ResourceId"]
    with ask.world.estate.lock:
        _resource(ask, id_)
        ask.perform("untag", id=id_, keys=ask.params["TagKeys"])
    return json({})


def read_tags(pairs: list[dict[str, Any]]) -> dict[str, str]:
    """The tags of a request as a dict; keys must be different and not AWS's own."""
    tags = {pair["Key"]: pair.get("Value") or "" for pair in pairs}
    if len(tags) != len(pairs):
        raise AwsError(INVALID, "A tag key is given more than once")
    if any(key.lower().startswith("aws:") for key in tags):
        raise AwsError(INVALID, "Tag keys that begin with aws: are reserved")
    return tags


def _resource(ask: Ask, id_: str) -> Any:
    try:
        found = tagged(ask.site, id_)
    except KeyError:
        found = None
    gone = isinstance(found, Desktop) and ask.now >= found.gone_at
    if found is None or gone or id_ in ask.strike.hidden:
        raise AwsError("ResourceNotFoundException", f"The resource {id_} could not be found")
    return found
