"""The WSGI application: reads a call, lets faults strike, and hands it to a service or to moto.

Invariant: every call to AWS that comes in is counted once, with its outcome, and every refusal
leaves in the form of the caller's protocol.
"""

import logging
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from .accounts import DENIED_ACTIONS
from .control import Control
from .elsewhere import Moto, unknown
from .faults import CALM, Strike, action_of, denied
from .keys import TOOLING, Caller, caller_of
from .modelled import check
from .services import BY_NAME, BY_TARGET, Service
from .services.tagging import asks_for_desktops
from .wire import Answer, AwsError, Call
from .world import Ask, World

_LOG = logging.getLogger(__name__)

_STATUS = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}

StartResponse = Callable[..., Any]


class Gate:
    """Dispatches every request of one sandbox."""

    def __init__(self, world: World):
        self._world, self._control, self._moto = world, Control(world), Moto()

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith("/_sandbox/"):
            return _send(self._control.answer(environ), "control", start_response)
        call = Call.read(environ)
        caller, outcome = TOOLING, "ok"
        try:
            caller = self._caller(call)
            answer = self._answer(call, caller)
            if isinstance(answer, Answer):
                return _send(answer, call.request_id, start_response)
            status, headers, body = answer
            outcome = "ok" if status[0] in "123" else status[:3]
            start_response(status, headers)
            return body
        except AwsError as error:
            outcome = error.code
            return _send(call.refuse(error), call.request_id, start_response)
        except Exception:
            _LOG.exception("failed on %s %s", call.service, call.operation)
            outcome = "InternalFailure"
            failure = AwsError(outcome, "The sandbox failed, see its log", 500)
            return _send(call.refuse(failure), call.request_id, start_response)
        finally:
            self._world.calls.count(
                call.service, call.operation, caller.account, call.scope.region, outcome
            )

    def _caller(self, call: Call) -> Caller:
        token = call.environ.get("HTTP_X_AMZ_SECURITY_TOKEN")
        if call.scope.access_key is None and call.protocol == "rest":
            # An anonymous or old-style S3 request: whether it is allowed is moto's business.
            return TOOLING
        if token is None and call.protocol == "rest" and "X-Amz-" in call.environ["QUERY_STRING"]:
            # A presigned address has its token in the query; its key alone tells the account.
            return caller_of(call.scope.access_key, _presigned_token(call))
        return caller_of(call.scope.access_key, token)

    def _answer(self, call: Call, caller: Caller) -> Any:
        service = BY_TARGET.get(call.target) if call.target else BY_NAME.get(call.service)
        if service is not None:
            call.service = service.name
        strike = self._strike(call, caller)
        if service is None and call.protocol == "cbor":
            raise unknown(call)
        if service is None or (call.protocol == "query" and service.target):
            return self._moto.answer(call, caller)
        operation = service.operations.get(call.operation)
        if operation is None:
            if service.moto_has_the_rest and call.protocol != "cbor":
                return self._moto.answer(call, caller)
            raise unknown(call)
        params = self._params(service, call)
        if service.name == "tagging" and not asks_for_desktops(
            params.get("ResourceTypeFilters") or []
        ):
            return self._moto.answer(call, caller)
        return operation(Ask(self._world, call, caller, self._world.clock.now(), params, strike))

    def _strike(self, call: Call, caller: Caller) -> Strike:
        """What keeps this call from a plain answer: the fixed denials, and the faults."""
        action = action_of(call.service, call.operation)
        if (caller.account, call.scope.region, action) in DENIED_ACTIONS:
            raise denied(call.service, call.operation, caller.arn)
        strike = self._world.faults.strike(
            call.service, call.operation, caller.account, call.scope.region, caller.arn
        )
        if strike is CALM:
            return strike
        if strike.wait_ms:
            time.sleep(strike.wait_ms / 1000)
        if strike.refusal is not None:
            raise strike.refusal
        return strike

    def _params(self, service: Service, call: Call) -> dict[str, Any]:
        if call.protocol not in ("json", "cbor"):
            return {}
        params = call.params()
        check(service.model, call.operation, params)
        return params


def _presigned_token(call: Call) -> str | None:
    values = parse_qs(call.environ["QUERY_STRING"]).get("X-Amz-Security-Token")
    return values[0] if values else None


def _send(answer: Answer, request_id: str, start_response: StartResponse) -> list[bytes]:
    start_response(
        _STATUS[answer.status],
        [
            ("Content-Type", answer.content_type),
            ("Content-Length", str(len(answer.body))),
            ("x-amzn-RequestId", request_id),
            *answer.headers,
        ],
    )
    return [answer.body]
