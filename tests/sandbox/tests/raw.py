"""Calls as they are on the wire, so that answers are held to their models as they come."""

import json
import urllib.request
from typing import Any

from conftest import PRODUCTION, Sandbox
from shapes import conforms

from sandbox import cbor
from sandbox.modelled import service


class Wire:
    """Calls of one account in one region; without an account, those of a long-lived key."""

    def __init__(
        self, sandbox: Sandbox, account: str | None = PRODUCTION, region: str = "eu-west-1"
    ):
        self._sandbox, self._region = sandbox, region
        self._key, self._token = "AKIATOOLING", None
        if account is not None:
            held = sandbox.assume(account)
            self._key, self._token = held["AccessKeyId"], held["SessionToken"]

    def json(self, model: str, scope: str, target: str, params: dict[str, Any]) -> dict[str, Any]:
        """The answer of an operation, which conforms to its model."""
        headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target}
        got = json.loads(self._post("", headers, scope, json.dumps(params).encode())[0])
        return _checked(model, target.rpartition(".")[2], got)

    def cbor(self, operation: str, params: dict[str, Any] | cbor.Raw) -> dict[str, Any]:
        """The answer of an operation of CloudWatch, asked as the Rust SDK asks."""
        headers = {
            "Content-Type": "application/cbor",
            "Accept": "application/cbor",
            "smithy-protocol": "rpc-v2-cbor",
            "x-amzn-query-mode": "true",
        }
        path = f"/service/GraniteServiceVersion20100801/operation/{operation}"
        body, got = self._post(path, headers, "monitoring", cbor.dumps(params))
        assert got["smithy-protocol"] == "rpc-v2-cbor"
        assert got["Content-Type"] == "application/cbor"
        return _checked("cloudwatch", operation, cbor.loads(body))

    def _post(
        self, path: str, headers: dict[str, str], scope: str, body: bytes
    ) -> tuple[bytes, Any]:
        credential = f"{self._key}/20261118/{self._region}/{scope}/aws4_request"
        headers["Authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=00"
        )
        if self._token:
            headers["X-Amz-Security-Token"] = self._token
        request = urllib.request.Request(self._sandbox.url + path, body, headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read(), answer.headers


def _checked(model: str, operation: str, got: dict[str, Any]) -> dict[str, Any]:
    conforms(service(model).operation_model(operation).output_shape, got)
    return got
