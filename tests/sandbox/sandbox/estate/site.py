"""One account-region (`Site`) and all of them together (`Estate`).

The lock guards changes and the making of written forms; reading pages takes no lock.
"""

import threading
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from typing import Any

from .. import accounts
from .allocation import Allocation
from .catalog import Bundle, Directory, directories, own_bundles, public_bundles
from .chance import number
from .desktop import Desktop
from .people import DEPARTED, Draw

_SHARES = (
    ("111111111111", "eu-west-1", 0.44),
    ("111111111111", "us-east-1", 0.31),
    ("222222222222", "eu-west-1", 0.17),
    ("222222222222", "us-east-1", 0.08),
)
"""Where the reachable desktops are. The account that refuses is never seen, so it has none."""

_PRESENT_PER_DEPARTED = 30


class Site:
    """The desktops, directories and bundles of one account in one region. ``departed`` are the
    desktops that were terminated before the present, ``trail`` what was called through the API."""

    def __init__(self, account: str, region: str, public: list[Bundle], own: list[Bundle]):
        self.account, self.region = account, region
        self.public, self.own = public, own
        self.bundles = {bundle.id: bundle for bundle in (*public, *own)}
        self.directories: dict[str, Directory] = {}
        self.desktops: list[Desktop] = []
        self.by_id: dict[str, Desktop] = {}
        self.departed: list[Desktop] = []
        self.trail: list[dict[str, Any]] = []
        self._departed_by_id: dict[str, Desktop] = {}
        self._by_directory: dict[str, list[Desktop]] = {}
        self._by_bundle: dict[str, list[Desktop]] = {}

    def add(self, desktop: Desktop) -> None:
        self.desktops.append(desktop)
        self.by_id[desktop.id] = desktop
        self._by_directory.setdefault(desktop.directory_id, []).append(desktop)
        self._by_bundle.setdefault(desktop.bundle_id, []).append(desktop)

    def add_departed(self, desktop: Desktop) -> None:
        self.departed.append(desktop)
        self._departed_by_id[desktop.id] = desktop

    def find(self, id_: str, now: float) -> Desktop | None:
        """The desktop, unless it was never there or is gone."""
        desktop = self.by_id.get(id_)
        return desktop if desktop is not None and now < desktop.gone_at else None

    def ever(self, id_: str) -> Desktop | None:
        """The desktop, though it may be gone."""
        return self.by_id.get(id_) or self._departed_by_id.get(id_)

    def everyone(self) -> Iterator[Desktop]:
        """All desktops that there ever were, those of the past included."""
        yield from self.desktops
        yield from self.departed

    def in_directory(self, directory_id: str) -> list[Desktop]:
        return self._by_directory.get(directory_id, [])

    def from_bundle(self, bundle_id: str) -> list[Desktop]:
        return self._by_bundle.get(bundle_id, [])

    def summary(self, now: float) -> dict[str, Any]:
        """Numbers by which a test compares what a client shows with what is there."""
        present = [desktop for desktop in self.desktops if now < desktop.gone_at]
        return {
            "account": self.account,
            "region": self.region,
            "desktops": len(present),
            "by_state": Counter(desktop.state(now)[0] for desktop in present),
            "by_mode": Counter(desktop.mode for desktop in present),
            "by_compute": Counter(desktop.compute for desktop in present),
            "connected": sum(desktop.connected(now)[0] for desktop in present if desktop.reported),
            "with_status": sum(desktop.reported for desktop in present),
            "tagged": sum(bool(desktop.tags) for desktop in present),
            "directories": len(self.directories),
            "own_bundles": len(self.own),
            "public_bundles": len(self.public),
        }


class Estate:
    """All sites. ``desktops`` is the number of reachable desktops that the seed gives."""

    def __init__(self, seed: int, desktops: int):
        self.seed, self.size = seed, desktops
        self.lock = threading.RLock()
        self.allocation = Allocation()
        self.sites: dict[tuple[str, str], Site] = {}
        self.draws: dict[tuple[str, str], Draw] = {}
        counts = _counts(desktops)
        for network, (account, region, _) in enumerate(_SHARES, start=20):
            self._build(account, region, network, counts[account, region])
        self._pair_standbys()

    def site(self, account: str, region: str) -> Site:
        """The site, or an empty one where the company has nothing."""
        found = self.sites.get((account, region))
        if found is None:
            found = Site(account, region, public_bundles(self.seed, region), [])
            # Not kept: a client may ask for any number of accounts and regions.
        return found

    def of_account(self, account: str) -> list[Site]:
        """The sites of an account."""
        return [site for site in self.sites.values() if site.account == account]

    def all(self) -> Iterator[Site]:
        return iter(self.sites.values())

    def summary(self, now: float) -> dict[str, Any]:
        """The numbers of every site, and their sums."""
        sites = [site.summary(now) for site in self.sites.values()]
        totals: dict[str, Any] = {"desktops": sum(site["desktops"] for site in sites)}
        for key in ("by_state", "by_mode", "by_compute"):
            totals[key] = sum((site[key] for site in sites), Counter())
        for key in ("connected", "with_status", "tagged"):
            totals[key] = sum(site[key] for site in sites)
        return {"seed": self.seed, "now": int(now), "total": totals, "sites": sites}

    def _build(self, account: str, region: str, network: int, count: int) -> None:
        public = public_bundles(self.seed, region)
        own = own_bundles(self.seed, account, region)
        site = Site(account, region, public, own)
        weighed = directories(self.seed, account, region, network)
        site.directories = {directory.id: directory for directory, _ in weighed}
        offers = {(bundle.system, bundle.compute): bundle for bundle in public}
        draw = Draw(self.seed, account, region, weighed, offers, own)
        for ordinal in range(count):
            site.add(draw.desktop(ordinal))
        # Another draw, so that neither names nor addresses of the present depend on the departed.
        former = Draw(self.seed, account, region, weighed, offers, own)
        for index in range(count // _PRESENT_PER_DEPARTED):
            site.add_departed(former.desktop(DEPARTED + index))
        self.sites[account, region] = site
        self.draws[account, region] = draw

    def _pair_standbys(self) -> None:
        """One production desktop in a hundred of us-east-1 stands by for one of eu-west-1."""
        production = accounts.ACCOUNTS[0].id
        primaries = self.sites[production, "eu-west-1"].desktops
        standbys = self.sites[production, "us-east-1"].desktops
        # zip ends with the shorter list, so each pair is the same in an estate of any size.
        for primary, standby in zip(primaries, standbys, strict=False):
            if number(self.seed, "standby", standby.ordinal) % 100 == 0:
                primary.related.append(_related(standby, "STANDBY"))
                standby.related.append(_related(primary, "PRIMARY"))


def after(desktops: list[Desktop], ordinal: int) -> Iterator[Desktop]:
    """The desktops of an ordered list that come after an ordinal; -1 is before the first."""
    start = bisect_right(desktops, ordinal, key=lambda desktop: desktop.ordinal)
    # By index, not by slice: the list may be long and may grow while it is read.
    for index in range(start, len(desktops)):
        yield desktops[index]


def _counts(desktops: int) -> dict[tuple[str, str], int]:
    counts = {(account, region): int(desktops * share) for account, region, share in _SHARES}
    first = _SHARES[0][:2]
    counts[first] += desktops - sum(counts.values())
    return counts


def _related(desktop: Desktop, kind: str) -> dict[str, str]:
    return {"WorkspaceId": desktop.id, "Region": desktop.region, "Type": kind}
