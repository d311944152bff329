"""The estate's clock: the wall clock, or one that was set to a given moment and runs on from it.

Invariant: it never runs backwards; after a restart it is not behind the last deed in the journal.
Credentials do not use it: their expiry is real time, because the client compares it with its own.
"""

import time


class Clock:
    """Seconds since the epoch, shifted by a fixed offset."""

    def __init__(self, start_at: float | None = None):
        self._offset = 0.0 if start_at is None else start_at - time.time()

    def now(self) -> float:
        return time.time() + self._offset

    def not_before(self, moment: float) -> None:
        """Jump ahead to ``moment`` when the clock is behind it."""
        self._offset = max(self._offset, moment - time.time())
