"""A span of a desktop's life in which nothing was done to it.

A desktop is a row of eras, the last of which is open. Everything that depends on the past (who was
connected, what ran, what it cost, who did what) is read from them and from the user's habit.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

FOREVER = float("inf")

Window = tuple[float, float, str]
"""[start, end) in which a desktop is in a state, whatever its user does."""


@dataclass(slots=True)
class Era:
    """What a desktop was from ``since`` on. ``forced`` lists (until, state) as a deed left them;
    ``fixed`` is the state after that in spite of its user; ``cause`` is the operation that began
    the era, None where it broke by itself."""

    since: float
    mode: str
    timeout: int | None
    compute: str
    root_gib: int
    user_gib: int
    forced: list[tuple[float, str]] = field(default_factory=list)
    fixed: str | None = None
    cause: str | None = None

    def windows(self, end: float) -> Iterator[Window]:
        """The states that were not the user's doing, in order, up to the end of the era."""
        start = self.since
        for until, state in self.forced:
            stop = min(until, end)
            if start < stop:
                yield start, stop, state
                start = stop
        if self.fixed and start < end:
            yield start, end, self.fixed

    def terms(self) -> tuple[str, int, int]:
        """What its price depends on: compute type, root and user volume in GiB."""
        return self.compute, self.root_gib, self.user_gib
