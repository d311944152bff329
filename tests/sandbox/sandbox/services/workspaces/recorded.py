"""Writes down who called what, so that CloudTrail can tell of it.

Only operations that change something are kept, with their refusals; reads would fill the journal.
"""

from collections.abc import Callable, Iterator
from typing import Any

import orjson

from ...estate.chance import number
from ...wire import Answer, AwsError
from ...world import Ask

_ID_MEMBERS = ("WorkspaceId", "ResourceId")


def recorded(operation: Callable[[Ask], Answer]) -> Callable[[Ask], Answer]:
    """The operation, with a line in the journal about each call of it."""

    def call(ask: Ask) -> Answer:
        try:
            answer = operation(ask)
        except AwsError as error:
            _record(ask, {}, [error.code, error.message])
            raise
        _record(ask, orjson.loads(answer.body), None)
        return answer

    return call


def _record(ask: Ask, answer: dict[str, Any], error: list[str] | None) -> None:
    if (ask.account, ask.region) not in ask.world.estate.sites:
        return
    caller, environ = ask.caller, ask.call.environ
    ids = dict.fromkeys([*_ids(ask.params), *_ids(answer.get("PendingRequests"))])
    chance = number(0, ask.now, ask.call.request_id, *ids)
    digits = f"{chance:016x}"
    with ask.world.estate.lock:
        ask.perform(
            "call",
            id=f"{digits[:8]}-{digits[8:12]}-4{digits[12:15]}-8{digits[1:4]}-{digits[4:16]}",
            name=ask.call.operation,
            params=ask.params,
            answer=answer,
            error=error,
            ids=list(ids),
            agent=environ.get("HTTP_USER_AGENT", "-"),
            address=environ.get("REMOTE_ADDR", "127.0.0.1"),
            who={
                "role": caller.role,
                "session": caller.session,
                "source": caller.source,
                "key": caller.access_key,
            },
        )


def _ids(value: Any) -> Iterator[str]:
    """Every id of a resource in a request or an answer."""
    if isinstance(value, dict):
        for name, item in value.items():
            if name in _ID_MEMBERS and isinstance(item, str):
                yield item
            else:
                yield from _ids(item)
    elif isinstance(value, list):
        for item in value:
            yield from _ids(item)
