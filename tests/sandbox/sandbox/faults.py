"""Faults on demand: what a test may ask AWS to get wrong, and on which calls.

A fault names the calls it strikes (service, operation, account, region; what is left out matches
all), how often (`rate`), and for how long (`times`, `seconds`). Faults live in memory only.

The kinds of ``BENDING`` and `currency` bend an answer instead of refusing it, and `drop` hides
desktops from every answer; the services ask for these by ``Strike``.
"""

import random
import re
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from .wire import AwsError

REFUSING = ("throttle", "deny", "error")

BENDING = ("repeat_token", "duplicate_row", "lost_page", "doubled_page", "shuffle", "free")
"""Kinds that bend an answer: each is a flag of ``Strike``."""

KINDS = (*REFUSING, "slow", *BENDING, "currency", "drop")

_MEMBERS = {
    "kind": str,
    "service": str,
    "operation": str,
    "account": str,
    "region": str,
    "rate": (int, float),
    "times": int,
    "seconds": (int, float),
    "status": int,
    "ms": (int, float),
    "ids": list,
    "count": int,
    "code": str,
}

_IAM_PREFIX = {"tagging": "tag", "monitoring": "cloudwatch", "email": "ses"}
"""Where the action's prefix differs from the service's signing name."""

_MAX_FAULTS = 100
_MAX_SLOW_MS = 60_000


class FaultError(Exception):
    """A fault that cannot be: the message says why."""


@dataclass(slots=True)
class Fault:
    """One fault as it was asked for, and how often it has struck."""

    id: int
    kind: str
    match: dict[str, str]
    rate: float = 1.0
    times: int | None = None
    ends_at: float | None = None
    status: int = 503
    ms: float = 0
    ids: frozenset[str] = frozenset()
    code: str = "EUR"
    struck: int = 0

    def described(self) -> dict[str, Any]:
        shown = {"id": self.id, "kind": self.kind, **self.match, "rate": self.rate}
        shown |= {"struck": self.struck, "times": self.times}
        if self.ends_at is not None:
            shown["seconds_left"] = max(0.0, round(self.ends_at - time.monotonic(), 3))
        if self.kind == "error":
            shown["status"] = self.status
        if self.kind == "slow":
            shown["ms"] = self.ms
        if self.kind == "currency":
            shown["code"] = self.code
        if self.kind == "drop":
            shown["ids"] = sorted(self.ids)
        return shown

    def over(self) -> bool:
        spent = self.times is not None and self.struck >= self.times
        return spent or (self.ends_at is not None and time.monotonic() >= self.ends_at)


@dataclass(slots=True)
class Strike:
    """What the faults do to one call."""

    wait_ms: float = 0
    refusal: AwsError | None = None
    repeat_token: bool = False
    duplicate_row: bool = False
    lost_page: bool = False
    doubled_page: bool = False
    shuffle: bool = False
    free: bool = False
    currency: str = "USD"
    hidden: frozenset[str] = field(default_factory=frozenset)


CALM = Strike()


class FaultBoard:
    """The faults in force."""

    def __init__(self, seed: int):
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._rng = random.Random(seed)
        self._next_id = 1

    def add(self, asked: Any, hide: Any) -> Fault:
        """Put a fault up. ``hide(match, count)`` picks the ids that a `drop` by count hides."""
        fault = self._read(asked, hide)
        with self._lock:
            self._faults = [one for one in self._faults if not one.over()]
            if len(self._faults) >= _MAX_FAULTS:
                raise FaultError(f"at most {_MAX_FAULTS} faults at a time")
            fault.id = self._next_id
            self._next_id += 1
            self._faults.append(fault)
        return fault

    def shown(self) -> list[dict[str, Any]]:
        with self._lock:
            return [fault.described() for fault in self._faults if not fault.over()]

    def clear(self, id_: int | None = None) -> int:
        """Take one fault down, or all; how many went."""
        with self._lock:
            kept = [] if id_ is None else [one for one in self._faults if one.id != id_]
            gone = len(self._faults) - len(kept)
            self._faults = kept
            return gone

    def strike(self, service: str, operation: str, account: str, region: str, arn: str) -> Strike:
        """What happens to a call. Counts the faults that take part."""
        if not self._faults:
            return CALM
        asked = {"service": service, "operation": operation, "account": account, "region": region}
        strike = Strike()
        with self._lock:
            for fault in self._faults:
                if fault.over() or any(asked[key] != value for key, value in fault.match.items()):
                    continue
                if fault.rate >= 1 or self._rng.random() < fault.rate:
                    fault.struck += _take_part(fault, strike, service, operation, arn)
        return strike

    def _read(self, asked: Any, hide: Any) -> Fault:
        if not isinstance(asked, dict):
            raise FaultError("a fault is a JSON object")
        for name, value in asked.items():
            if name not in _MEMBERS:
                raise FaultError(f"unknown member {name!r}; known are {', '.join(_MEMBERS)}")
            if value is not None and not isinstance(value, _MEMBERS[name]):
                raise FaultError(f"{name!r} has the wrong type")
        asked = {name: value for name, value in asked.items() if value is not None}
        if asked.get("kind") not in KINDS:
            raise FaultError(f"'kind' must be one of {', '.join(KINDS)}")
        match = {
            name: asked[name]
            for name in ("service", "operation", "account", "region")
            if name in asked
        }
        fault = Fault(0, asked["kind"], match, rate=asked.get("rate", 1.0))
        fault.times = asked.get("times")
        if not 0 <= fault.rate <= 1:
            raise FaultError("'rate' must be between 0 and 1")
        if "seconds" in asked:
            fault.ends_at = time.monotonic() + asked["seconds"]
        fault.status = asked.get("status", 503)
        if fault.status not in (500, 502, 503, 504):
            raise FaultError("'status' must be 500, 502, 503 or 504")
        fault.ms = asked.get("ms", 0)
        if fault.kind == "slow" and not 0 < fault.ms <= _MAX_SLOW_MS:
            raise FaultError(f"'slow' needs 'ms', at most {_MAX_SLOW_MS}")
        fault.code = asked.get("code", "EUR")
        if not re.fullmatch(r"[A-Z]{3}", fault.code):
            raise FaultError("'code' must be three capital letters, as in EUR")
        if fault.kind == "drop":
            fault.ids = frozenset(
                asked["ids"] if "ids" in asked else hide(match, asked.get("count"))
            )
        return fault


def action_of(service: str, operation: str) -> str:
    """The operation as policies name it."""
    return f"{_IAM_PREFIX.get(service, service)}:{operation}"


def denied(service: str, operation: str, arn: str) -> AwsError:
    """The refusal of a policy that leaves an action out, worded as IAM words it."""
    action = action_of(service, operation)
    return AwsError(
        "AccessDenied" if service in ("sts", "s3") else "AccessDeniedException",
        f"User: {arn} is not authorized to perform: {action} "
        f"because no identity-based policy allows the {action} action",
        403 if service in ("sts", "s3") else 400,
    )


def _take_part(fault: Fault, strike: Strike, service: str, operation: str, arn: str) -> int:
    """Add the fault to the strike; 1 if it had an effect of its own."""
    if fault.kind == "slow":
        strike.wait_ms += fault.ms
    elif fault.kind in BENDING:
        setattr(strike, fault.kind, True)
    elif fault.kind == "currency":
        strike.currency = fault.code
    elif fault.kind == "drop":
        strike.hidden |= fault.ids
    elif strike.refusal is not None:
        return 0
    elif fault.kind == "deny":
        strike.refusal = denied(service, operation, arn)
    elif fault.kind == "throttle":
        strike.refusal = _throttled(service)
    else:
        code = "ServiceUnavailable" if fault.status == 503 else "InternalFailure"
        strike.refusal = AwsError(code, "The request processing has failed", fault.status)
    return 1


def _throttled(service: str) -> AwsError:
    if service == "s3":
        return AwsError("SlowDown", "Please reduce your request rate.", 503)
    if service == "sts":
        return AwsError("Throttling", "Rate exceeded")
    return AwsError("ThrottlingException", "Rate exceeded")
