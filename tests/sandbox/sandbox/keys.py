"""Temporary credentials that describe themselves, so that a restart does not sign anybody out.

An access key carries the account and its expiry, the session token the role's session, both under
a checksum. That is enough to tell a forged or truncated key from an issued one; it is not secrecy,
and signatures are not verified: nothing here is worth protecting.
"""

import base64
import binascii
import hashlib
import hmac
import time
from dataclasses import dataclass
from functools import lru_cache

from .accounts import ROLE_NAME, TOOLING_ACCOUNT, TOOLING_ARN
from .wire import AwsError

_SECRET = b"skydesk-sandbox"
_KEY_LENGTH = 20
_PREFIX = "ASIA"
_MINUTE_ZERO = 26_297_280
"""Minutes from the epoch to 2020, so that an expiry fits three bytes until 2051."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who signed a call. ``session`` is the session's name, or the user's where ``role`` is None;
    ``source`` is the source identity that the session was begun with."""

    account: str
    arn: str
    user_id: str
    access_key: str = "AKIASKYDESKTOOLING01"
    role: str | None = None
    session: str = "skydesk-tooling"
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Credentials:
    """What AssumeRole hands out. ``expires`` is in seconds since the epoch, on a full minute."""

    access_key: str
    secret_key: str
    session_token: str
    expires: int


TOOLING = Caller(TOOLING_ACCOUNT, TOOLING_ARN, "AIDASKYDESKTOOLING001")


def issue(
    account: str, session: str, seconds: int, role: str = ROLE_NAME, source: str = ""
) -> Credentials:
    """Credentials for one session of a role, lasting at least ``seconds``."""
    minute = -(-int(time.time() + seconds) // 60)
    body = int(account).to_bytes(5, "big") + (minute - _MINUTE_ZERO).to_bytes(3, "big")
    access_key = _PREFIX + base64.b32encode(body + _mac(body)[:2]).decode()
    # None of the three can hold a slash.
    claim = f"{role}/{session}/{source}".encode()
    token = base64.b64encode(_mac(access_key.encode() + claim) + claim).decode()
    secret = hmac.new(_SECRET, access_key.encode(), hashlib.sha256)
    return Credentials(access_key, secret.hexdigest()[:40], token, minute * 60)


def role_id(account: str, role: str) -> str:
    """The stable unique id that AWS would have given the account's role."""
    return "AROA" + base64.b32encode(_mac(f"{account}/{role}".encode())[:10]).decode()


def session_arn(account: str, role: str, session: str) -> str:
    return f"arn:aws:sts::{account}:assumed-role/{role}/{session}"


def caller_of(access_key: str | None, token: str | None) -> Caller:
    """The caller behind a key. Any long-lived key is the tooling account's; a temporary one must
    be one that was issued here, with its token, and not expired."""
    if access_key is None:
        raise AwsError("MissingAuthenticationTokenException", "Missing Authentication Token", 403)
    if not access_key.startswith(_PREFIX):
        return TOOLING
    caller, expires = _session_of(access_key, token)
    if time.time() >= expires:
        raise AwsError(
            "ExpiredTokenException", "The security token included in the request is expired", 403
        )
    return caller


@lru_cache(maxsize=1024)
def _session_of(access_key: str, token: str | None) -> tuple[Caller, int]:
    invalid = AwsError(
        "UnrecognizedClientException", "The security token included in the request is invalid", 403
    )
    try:
        raw = base64.b32decode(access_key[len(_PREFIX) :])
        opened = base64.b64decode(token or "", validate=True)
    except (binascii.Error, ValueError):
        raise invalid from None
    body, check = raw[:8], raw[8:]
    mac, claim = opened[:12], opened[12:]
    issued_here = (
        len(access_key) == _KEY_LENGTH
        and hmac.compare_digest(check, _mac(body)[:2])
        and hmac.compare_digest(mac, _mac(access_key.encode() + claim))
    )
    if not issued_here:
        raise invalid
    account = f"{int.from_bytes(body[:5], 'big'):012d}"
    minute = int.from_bytes(body[5:], "big") + _MINUTE_ZERO
    role, session, source = claim.decode().split("/")
    arn, user_id = session_arn(account, role, session), f"{role_id(account, role)}:{session}"
    caller = Caller(account, arn, user_id, access_key, role, session, source or None)
    return caller, minute * 60


def _mac(data: bytes) -> bytes:
    return hmac.new(_SECRET, data, hashlib.sha256).digest()[:12]
