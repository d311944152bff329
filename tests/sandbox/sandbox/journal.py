"""What was done in the estate, kept as JSON lines and replayed at start, so that a restart is not a
change.

Invariant: one process writes a journal at a time (it holds a lock on the file), and a line is
written before it takes effect. A last line cut short by a crash is dropped; a broken line before it
is refused, because the lines after it would mean something else.
"""

import fcntl
from pathlib import Path

import orjson

from .clock import Clock
from .estate import Estate
from .estate.deeds import Deed, apply


class JournalError(Exception):
    """The journal cannot be used: taken by another process, or damaged."""


class Journal:
    """The deeds of one estate. Each seed and size has a file of its own."""

    def __init__(self, folder: Path, estate: Estate, clock: Clock):
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"deeds-{estate.seed}-{estate.size}.jsonl"
        self._estate, self._clock = estate, clock
        self._file = self.path.open("a+b")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise JournalError(f"{self.path} is in use by another sandbox") from error
        self._replay()

    def perform(self, deed: Deed) -> None:
        """Write the deed down and apply it."""
        with self._estate.lock:
            self._file.write(orjson.dumps(deed) + b"\n")
            self._file.flush()
            apply(self._estate, deed)

    def forget(self) -> None:
        """Empty the journal. The caller starts from a fresh estate."""
        self._file.truncate(0)

    def onto(self, estate: Estate) -> None:
        """Perform further deeds on this estate."""
        self._estate = estate

    def _replay(self) -> None:
        self._file.seek(0)
        lines = self._file.read().split(b"\n")
        cut_short = lines.pop()
        if cut_short:
            self._file.truncate(self._file.tell() - len(cut_short))
        for index, line in enumerate(lines, start=1):
            try:
                deed = orjson.loads(line)
                apply(self._estate, deed)
            except (orjson.JSONDecodeError, KeyError, TypeError) as error:
                raise JournalError(f"{self.path}, line {index}: {error}") from error
            self._clock.not_before(deed["at"])
