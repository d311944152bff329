"""Requests and answers as AWS's protocols write them: JSON 1.x, rpc-v2-cbor, query/XML and, of S3,
REST/XML.

What this module does not do is decide anything: it reads a WSGI environ into a ``Call``, and writes
a refusal in the form that the caller's SDK can parse. An SDK retries a 5xx page it cannot read, so
every refusal must be one that its service could have given.
"""

import itertools
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

import orjson

from . import cbor

JSON_TYPE = "application/x-amz-json-1.1"

CBOR_TYPE = "application/cbor"

CBOR_HEADERS = (("smithy-protocol", "rpc-v2-cbor"),)

_request_numbers = itertools.count(1)

_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/\d+/([^/,\s]+)/([^/,\s]+)/aws4_request")

_RPC_PATH = re.compile(r"/service/(\w+)/operation/(\w+)")

_XML_CODES = {
    "ExpiredTokenException": "ExpiredToken",
    "MissingAuthenticationTokenException": "MissingAuthenticationToken",
    "UnrecognizedClientException": "InvalidClientTokenId",
}
"""Refusals of a key that the XML protocols call by another name."""


class AwsError(Exception):
    """A refusal that the service models: code, message, HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400):
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.status = code, message, status


@dataclass(slots=True)
class Answer:
    """A finished answer."""

    body: bytes
    status: int = 200
    content_type: str = JSON_TYPE
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """The credential scope of a signed request: who, and for which region and service."""

    access_key: str | None
    region: str
    service: str


UNSIGNED = Scope(None, "us-east-1", "")


@lru_cache(maxsize=4096)
def _scope(credential: str) -> Scope:
    found = _CREDENTIAL.search(credential)
    return Scope(found[1], found[2], found[3]) if found else UNSIGNED


@dataclass(slots=True)
class Call:
    """One request, read as far as needed to know what it asks for.

    ``body`` is read only for the protocols whose operation or parameters are in it; a REST body
    stays in the environ for moto.
    """

    environ: dict[str, Any]
    scope: Scope
    protocol: str
    target: str
    operation: str
    body: bytes
    service: str
    form: dict[str, str] = field(default_factory=dict)
    request_id: str = field(default_factory=lambda: _new_request_id())

    @classmethod
    def read(cls, environ: dict[str, Any]) -> "Call":
        authorization = environ.get("HTTP_AUTHORIZATION")
        if authorization:
            scope = _scope(authorization.partition("SignedHeaders")[0])
        else:
            scope = _presigned(environ.get("QUERY_STRING", ""))
        target = environ.get("HTTP_X_AMZ_TARGET")
        if target:
            prefix, _, operation = target.rpartition(".")
            body = environ["wsgi.input"].read(_length(environ))
            return cls(environ, scope, "json", prefix, operation, body, scope.service)
        if environ.get("HTTP_SMITHY_PROTOCOL") == "rpc-v2-cbor":
            found = _RPC_PATH.fullmatch(environ["PATH_INFO"])
            body = environ["wsgi.input"].read(_length(environ))
            service, operation = (found[1], found[2]) if found else ("", environ["PATH_INFO"])
            return cls(environ, scope, "cbor", service, operation, body, scope.service)
        kind = environ.get("CONTENT_TYPE", "")
        if kind.startswith("application/x-www-form-urlencoded") and scope.service != "s3":
            body = environ["wsgi.input"].read(_length(environ))
            parsed = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
            form = {name: values[-1] for name, values in parsed.items()}
            service = scope.service or ("sts" if form.get("Version") == "2011-06-15" else "")
            return cls(environ, scope, "query", "", form.get("Action", ""), body, service, form)
        operation = f"{environ['REQUEST_METHOD']} {'/' if environ['PATH_INFO'] == '/' else '/*'}"
        return cls(environ, scope, "rest", "", operation, b"", scope.service or "s3")

    def params(self) -> dict[str, Any]:
        """The JSON or CBOR parameters; an empty body is an empty object, as AWS takes it."""
        if not self.body:
            return {}
        try:
            params = (cbor.loads if self.protocol == "cbor" else orjson.loads)(self.body)
        except (orjson.JSONDecodeError, cbor.CborError):
            text = f"The request body is not valid {self.protocol.upper()}"
            raise AwsError("SerializationException", text) from None
        if not isinstance(params, dict):
            raise AwsError("SerializationException", "Start of structure expected")
        return params

    def refuse(self, error: AwsError) -> Answer:
        """``error`` in the form of the call's protocol."""
        if self.protocol == "json":
            body = orjson.dumps({"__type": error.code, "message": error.message})
            return Answer(body, error.status)
        kind = "Sender" if error.status < 500 else "Receiver"
        if self.protocol == "cbor":
            named = cbor.dumps({"__type": error.code, "message": error.message})
            headers = (*CBOR_HEADERS, ("x-amzn-query-error", f"{error.code};{kind}"))
            return Answer(named, error.status, CBOR_TYPE, headers)
        code = _XML_CODES.get(error.code, error.code)
        inner = f"<Code>{code}</Code><Message>{escape(error.message)}</Message>"
        if self.protocol == "rest":
            text = f"<Error>{inner}<RequestId>{self.request_id}</RequestId></Error>"
        else:
            text = (
                f"<ErrorResponse><Error><Type>{kind}</Type>{inner}</Error>"
                f"<RequestId>{self.request_id}</RequestId></ErrorResponse>"
            )
        return xml(text, error.status)


def _new_request_id() -> str:
    return f"00000000-0000-4000-8000-{next(_request_numbers):012x}"


def json(value: Any) -> Answer:
    return Answer(orjson.dumps(value))


def xml(text: str, status: int = 200) -> Answer:
    return Answer(f'<?xml version="1.0" encoding="UTF-8"?>{text}'.encode(), status, "text/xml")


def _presigned(query: str) -> Scope:
    credential = parse_qs(query).get("X-Amz-Credential", [""])[0] if query else ""
    return _scope(f"Credential={credential}") if credential else UNSIGNED


def _length(environ: dict[str, Any]) -> int:
    return int(environ.get("CONTENT_LENGTH") or 0)
