"""Everything that one sandbox is: the estate and what follows from it, journal, clock, faults."""

from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .calls import CallCounts
from .clock import Clock
from .estate import Estate, Site
from .estate.ledger import Ledger
from .faults import FaultBoard, Strike
from .journal import Journal
from .keys import Caller
from .tokens import issue, read
from .trail import History
from .wire import AwsError, Call


class World:
    """One sandbox. ``transition_seconds`` is how long a state that takes time takes,
    ``trail_seconds`` how long a call takes to be in CloudTrail's history."""

    def __init__(
        self,
        seed: int,
        desktops: int,
        folder: Path,
        clock: Clock,
        transition_seconds: float,
        trail_seconds: float = 5.0,
    ):
        self.clock, self.transition_seconds = clock, transition_seconds
        self.trail_seconds = trail_seconds
        self.estate = Estate(seed, desktops)
        self._derive()
        self.journal = Journal(folder, self.estate, clock)
        self.faults = FaultBoard(seed)
        self.calls = CallCounts()

    def reset(self) -> None:
        """Back to the seed: no deeds, no faults, no counts."""
        fresh = Estate(self.estate.seed, self.estate.size)
        # One lock for both, so that a call which is under way cannot write into the new journal.
        fresh.lock = self.estate.lock
        with fresh.lock:
            self.journal.forget()
            self.journal.onto(fresh)
            self.estate = fresh
            self._derive()
        self.faults.clear()
        self.calls.clear()

    def _derive(self) -> None:
        """What follows from the present estate, with nothing remembered about another one."""
        estate = self.estate
        self.history = History(estate.seed)
        self.ledger = Ledger(estate.seed, estate.of_account)
        self.answers: OrderedDict[tuple, Any] = OrderedDict()

    def some_ids(self, match: dict[str, str], count: int | None) -> list[str]:
        """The ids of ``count`` present desktops in the account and region that ``match`` names,
        spread evenly, so that whole pages do not vanish. Without a count, of all."""
        now = self.clock.now()
        ids = [
            desktop.id
            for site in self.estate.all()
            if match.get("account") in (None, site.account)
            and match.get("region") in (None, site.region)
            for desktop in site.desktops
            if now < desktop.gone_at
        ]
        if count is None or count >= len(ids):
            return ids
        return [ids[index * len(ids) // count] for index in range(count)]


@dataclass(slots=True)
class Ask:
    """One authorised call to an operation of the sandbox's own."""

    world: World
    call: Call
    caller: Caller
    now: float
    params: dict[str, Any]
    strike: Strike
    _site: Site | None = field(default=None)

    @property
    def account(self) -> str:
        return self.caller.account

    @property
    def region(self) -> str:
        return self.call.scope.region

    @property
    def site(self) -> Site:
        if self._site is None:
            self._site = self.world.estate.site(self.account, self.region)
        return self._site

    def question(self, *filters: Any) -> str:
        """What a page token of this call is bound to."""
        return "|".join(map(str, (self.call.operation, self.account, self.region, *filters)))

    def position(self, token: str | None, question: str, code: str) -> int:
        """The ordinal after which a page begins; -1 for the first. Refuses a foreign token."""
        if not token:
            return -1
        ordinal = read(question, token)
        if ordinal is None:
            raise AwsError(code, "The pagination token is invalid")
        return ordinal

    def next_token(self, token: str | None, question: str, last: int) -> str:
        """The token that continues after ``last``; the same again where a fault asks for that."""
        if token and self.strike.repeat_token:
            return token
        return issue(question, last)

    def perform(self, do: str, **deed: Any) -> None:
        """Do something in the site: write it down and apply it. The caller holds the lock."""
        taken = {"takes": self.world.transition_seconds}
        where = {"account": self.account, "region": self.region}
        self.world.journal.perform({"do": do, "at": self.now, **where, **taken, **deed})
