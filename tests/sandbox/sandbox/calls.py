"""Counts of calls, so that a test can say how often a client asked for what, and what it got."""

import threading
from collections import Counter
from typing import Any

_MAX_KINDS = 10_000
"""Beyond this many different calls only known ones are counted: names come from clients."""


class CallCounts:
    """Calls per (service, operation, account, region, outcome): ok, or an error code."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, str, str, str, str]] = Counter()

    def count(self, service: str, operation: str, account: str, region: str, outcome: str) -> None:
        key = (service, operation, account, region, outcome)
        with self._lock:
            if key in self._counts or len(self._counts) < _MAX_KINDS:
                self._counts[key] += 1

    def shown(self) -> dict[str, Any]:
        names = ("service", "operation", "account", "region", "outcome")
        with self._lock:
            rows = sorted(self._counts.items())
        calls = [dict(zip(names, key, strict=True), calls=count) for key, count in rows]
        return {"total": sum(count for _, count in rows), "calls": calls}

    def clear(self) -> None:
        with self._lock:
            self._counts.clear()
