"""The control endpoint under /_sandbox/: for tests and scripts, never for the product.

Answers JSON; a wrong request gets ``{"error": …}`` with 400, 404 or 405.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import orjson

from . import accounts
from .faults import FaultError
from .past import PastError, told
from .wire import Answer
from .world import World

_BAD, _NOT_FOUND, _NOT_ALLOWED = 400, 404, 405


class Control:
    """Health, the estate's numbers and past, calls, faults, reset."""

    def __init__(self, world: World):
        self._world = world
        self._routes: dict[str, dict[str, Callable[[dict[str, Any]], Answer]]] = {
            "health": {"GET": self._health},
            "estate": {"GET": self._estate},
            "accounts": {"GET": lambda _: _json({"items": accounts.described()})},
            "past": {"GET": self._past},
            "calls": {"GET": self._calls, "DELETE": self._clear_calls},
            "faults": {"GET": self._faults, "POST": self._add, "DELETE": self._clear},
            "reset": {"POST": self._reset},
        }

    def answer(self, environ: dict[str, Any]) -> Answer:
        """The answer to a request whose path begins with /_sandbox/."""
        path, method = environ["PATH_INFO"].removeprefix("/_sandbox/"), environ["REQUEST_METHOD"]
        if path.startswith("faults/") and method == "DELETE":
            return self._clear_one(path.removeprefix("faults/"))
        methods = self._routes.get(path)
        if methods is None:
            return _error(_NOT_FOUND, f"nothing at {path!r}; there is {', '.join(self._routes)}")
        route = methods.get(method)
        if route is None:
            return _error(_NOT_ALLOWED, f"{path!r} takes {', '.join(methods)}")
        return route(environ)

    def _health(self, _: dict[str, Any]) -> Answer:
        estate = self._world.estate
        return _json({"status": "ok", "seed": estate.seed, "desktops": estate.size})

    def _estate(self, _: dict[str, Any]) -> Answer:
        return _json(self._world.estate.summary(self._world.clock.now()))

    def _past(self, environ: dict[str, Any]) -> Answer:
        asked = dict(parse_qsl(environ.get("QUERY_STRING", "")))
        try:
            return _json(told(self._world, asked))
        except PastError as error:
            return _error(_BAD, str(error))

    def _calls(self, _: dict[str, Any]) -> Answer:
        return _json(self._world.calls.shown())

    def _clear_calls(self, _: dict[str, Any]) -> Answer:
        self._world.calls.clear()
        return _json({"total": 0})

    def _faults(self, _: dict[str, Any]) -> Answer:
        return _json({"items": self._world.faults.shown()})

    def _add(self, environ: dict[str, Any]) -> Answer:
        try:
            asked = orjson.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"] or 0)))
            wanted = asked if isinstance(asked, list) else [asked]
            added = [self._world.faults.add(one, self._world.some_ids) for one in wanted]
        except orjson.JSONDecodeError as error:
            return _error(_BAD, f"not JSON: {error}")
        except FaultError as error:
            return _error(_BAD, str(error))
        return _json({"items": [fault.described() for fault in added]}, 201)

    def _clear(self, _: dict[str, Any]) -> Answer:
        return _json({"cleared": self._world.faults.clear()})

    def _clear_one(self, id_: str) -> Answer:
        if id_.isdecimal() and self._world.faults.clear(int(id_)):
            return _json({"cleared": 1})
        return _error(_NOT_FOUND, f"no fault {id_!r}")

    def _reset(self, _: dict[str, Any]) -> Answer:
        self._world.reset()
        return self._health({})


def _json(value: Any, status: int = 200) -> Answer:
    return Answer(orjson.dumps(value), status, "application/json")


def _error(status: int, message: str) -> Answer:
    return _json({"error": message}, status)
