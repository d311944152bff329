"""Everything the sandbox does not answer itself: moto, in this process, made to refuse like AWS.

moto is imported at the first call that needs it, which keeps the start short. It tells accounts
apart by a header, set here from the caller. What moto answers as an HTML page or dies of becomes a
modelled error: an SDK would retry such a page and then fail to read it.
"""

import logging
import threading
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

from .keys import Caller
from .wire import AwsError, Call

_LOG = logging.getLogger(__name__)

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Moto:
    """moto's WSGI application, loaded on demand."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._app: Wsgi | None = None

    def answer(self, call: Call, caller: Caller) -> tuple[str, list[tuple[str, str]], list[bytes]]:
        """Status line, headers and body of moto's answer. Raises AwsError where it has none."""
        environ = dict(call.environ)
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = caller.account
        # S3 keys may hold encoded slashes, which only the undecoded path still shows.
        environ["RAW_URI"] = environ.get("REQUEST_URI", environ["PATH_INFO"])
        if call.protocol != "rest":
            environ["wsgi.input"] = BytesIO(call.body)
        started: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> None:
            started[:] = [status, headers]

        try:
            body = self._run(environ, start_response)
        except NotImplementedError:
            raise unknown(call) from None
        except Exception as error:
            _LOG.warning("moto failed on %s %s: %r", call.service, call.operation, error)
            failure = AwsError("InternalFailure", "The sandbox could not answer this call", 500)
            raise failure from None
        status, headers = started
        html = any(k.lower() == "content-type" and v.startswith("text/html") for k, v in headers)
        if html and status[0] in "45" and (status[0] == "5" or call.protocol != "rest"):
            raise unknown(call)
        return status, headers, body

    def _run(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        body = self._loaded()(environ, start_response)
        try:
            return list(body)
        finally:
            close = getattr(body, "close", None)
            if close is not None:
                close()

    def _loaded(self) -> Wsgi:
        with self._lock:
            if self._app is None:
                from moto.moto_server.werkzeug_app import (
                    DomainDispatcherApplication,
                    create_backend_app,
                )

                self._app = DomainDispatcherApplication(create_backend_app)
            return self._app


def unknown(call: Call) -> AwsError:
    """The refusal of an operation that neither the sandbox nor moto has."""
    unheard = "UnknownOperationException"
    code = {"json": unheard, "cbor": unheard, "query": "InvalidAction"}.get(
        call.protocol, "NotImplemented"
    )
    status = 501 if call.protocol == "rest" else 400
    return AwsError(code, f"The operation {call.operation} is not available in the sandbox", status)
