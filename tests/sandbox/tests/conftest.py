"""A sandbox in a process of its own, and clients that sign like the product does."""

import contextlib
import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

ROOT = Path(__file__).resolve().parent.parent
DESKTOPS = 600
QUICK = ("--transition-seconds", "0.3")
PRODUCTION, DEVELOPMENT = "111111111111", "222222222222"
SITES = [(a, r) for a in (PRODUCTION, DEVELOPMENT) for r in ("eu-west-1", "us-east-1")]
EXTERNAL_IDS = {PRODUCTION: "skydesk-production", DEVELOPMENT: "skydesk-development"}

# No retries, so that each call is one call; no checks in the client, so that the sandbox's show.
_ONCE = Config(retries={"total_max_attempts": 1}, parameter_validation=False)


class Sandbox:
    """A running sandbox."""

    def __init__(self, url: str, process: subprocess.Popen):
        self.url, self.process = url, process

    def base(self, service: str, region: str = "eu-west-1", key: str = "AKIATOOLING", **more: Any):
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=region,
            aws_access_key_id=key,
            aws_secret_access_key="secret",
            config=_ONCE,
            **more,
        )

    def assume(self, account: str, session: str = "test") -> dict[str, Any]:
        answer = self.base("sts").assume_role(
            RoleArn=f"arn:aws:iam::{account}:role/SkydeskReader",
            RoleSessionName=session,
            ExternalId=EXTERNAL_IDS[account],
        )
        return answer["Credentials"]

    def client(self, service: str, account: str = PRODUCTION, region: str = "eu-west-1"):
        held = self.assume(account)
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=region,
            aws_access_key_id=held["AccessKeyId"],
            aws_secret_access_key=held["SecretAccessKey"],
            aws_session_token=held["SessionToken"],
            config=_ONCE,
        )

    def control(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_sandbox/{path}", data, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def control_error(self, method: str, path: str, body: Any = None) -> tuple[int, str]:
        with pytest.raises(urllib.error.HTTPError) as caught:
            self.control(method, path, body)
        return caught.value.code, json.load(caught.value)["error"]


@contextlib.contextmanager
def running(state: Path, *options: str) -> Iterator[Sandbox]:
    """A sandbox until the end of the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox", "--port", "0", "--state", state, *QUICK, *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        line = process.stdout.readline()
        assert " at http://" in line, line
        yield Sandbox(line.rsplit(" ", 1)[1].strip(), process)
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


@pytest.fixture(scope="session")
def shared(tmp_path_factory) -> Iterator[Sandbox]:
    # A Wednesday noon, so that the estate is in use.
    with running(
        tmp_path_factory.mktemp("state"), "--desktops", str(DESKTOPS), "--now", "2026-11-18T12:00"
    ) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(shared) -> Sandbox:
    """The shared sandbox as the seed made it."""
    shared.control("POST", "reset")
    return shared


def every(client: Any, operation: str, member: str, **params: Any) -> list[dict]:
    """All items of a paged operation."""
    pages = client.get_paginator(operation).paginate(**params)
    return [item for page in pages for item in page[member]]


def rest(client: Any, token: str | None) -> list[dict]:
    """The desktops that come after a page token."""
    rows: list[dict] = []
    while token:
        page = client.describe_workspaces(NextToken=token)
        rows += page["Workspaces"]
        token = page.get("NextToken")
    return rows


def refusal(call: Callable[..., Any], **params: Any) -> tuple[str, str]:
    """Code and message of the refusal that a call must get."""
    with pytest.raises(ClientError) as caught:
        call(**params)
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


def until(condition: Callable[[], Any], seconds: float = 10) -> Any:
    """What ``condition`` answers once that is true."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, "the condition did not come true"
        time.sleep(0.02)
    return answer
