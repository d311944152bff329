"""The events of a site by day: what the drawn past says was done, what was called through the
sandbox, and the calls that programs make all day long.

Invariant: each operation that began an era of a desktop is exactly one event, at that moment.
"""

import threading
from collections.abc import Iterator
from typing import Any

from ..estate.actors import READER, Actor, actor_of, identity, session_identity
from ..estate.chance import generator, number
from ..estate.desktop import Desktop
from ..estate.era import Era
from ..estate.past import ANCHOR
from ..estate.site import Site
from .record import WORKSPACES, Event, camel, moment, uuid

DAY = 86_400

_NAMES = {
    "create": "CreateWorkspaces",
    "mode": "ModifyWorkspaceProperties",
    "start": "StartWorkspaces",
    "stop": "StopWorkspaces",
    "reboot": "RebootWorkspaces",
    "rebuild": "RebuildWorkspaces",
    "terminate": "TerminateWorkspaces",
    "tag": "CreateTags",
}

_READS = (
    (WORKSPACES, "DescribeWorkspaces"),
    (WORKSPACES, "DescribeWorkspacesConnectionStatus"),
    (WORKSPACES, "DescribeWorkspaceDirectories"),
    (WORKSPACES, "DescribeTags"),
    ("ec2.amazonaws.com", "DescribeInstances"),
    ("ec2.amazonaws.com", "DescribeVolumes"),
    ("rds.amazonaws.com", "DescribeDBInstances"),
    ("kms.amazonaws.com", "ListAliases"),
    ("s3.amazonaws.com", "ListBuckets"),
    ("cloudtrail.amazonaws.com", "LookupEvents"),
    ("sts.amazonaws.com", "GetCallerIdentity"),
)

_NOISE_A_DAY = 36
_TAGGED_SHARE = 8
_MAX_DAYS = 1_000

Done = tuple[int, str, Desktop, Era]
"""(when, cause, the desktop, the era as it began)."""


class History:
    """The events of one estate."""

    def __init__(self, seed: int):
        self._seed = seed
        self._lock = threading.Lock()
        self._done: dict[tuple[str, str], dict[int, list[Done]]] = {}
        self._days: dict[tuple[str, str, int], list[Event]] = {}

    def newest_first(
        self, site: Site, span: tuple[float, float], delivered: float
    ) -> Iterator[Event]:
        """The events in [start, end]; of those called here the ones up to ``delivered``."""
        start, end = span
        # Latest first, so that those of one second come out in that order as well.
        trail = reversed(site.trail)
        called = [_called(deed) for deed in trail if start <= deed["at"] <= delivered]
        for day in range(int(end // DAY), int(start // DAY) - 1, -1):
            events = self._day(site, day)
            own = [event for event in called if event.at // DAY == day]
            if own:
                events = sorted([*own, *events], key=lambda event: -event.at)
            for event in events:
                if start <= event.at <= end:
                    yield event

    def _day(self, site: Site, day: int) -> list[Event]:
        """The drawn events of a day, newest first."""
        key = (site.account, site.region, day)
        with self._lock:
            found = self._days.get(key)
        if found is None:
            done = self._of_site(site).get(day, ())
            events = [self._event(site, *one) for one in done] + list(self._noise(site, day))
            found = sorted(events, key=lambda event: (-event.at, event.id))
            with self._lock:
                if len(self._days) >= _MAX_DAYS:
                    self._days.clear()
                self._days[key] = found
        return found

    def _of_site(self, site: Site) -> dict[int, list[Done]]:
        """What was done to the site's desktops before anything was called here, by day."""
        key = (site.account, site.region)
        if key not in self._done:
            by_day: dict[int, list[Done]] = {}
            for desktop in site.everyone():
                for one in self._of_desktop(desktop):
                    by_day.setdefault(one[0] // DAY, []).append(one)
            self._done[key] = by_day
        return self._done[key]

    def _of_desktop(self, desktop: Desktop) -> Iterator[Done]:
        for era in desktop.eras():
            if era.cause is not None and era.since < ANCHOR:
                yield int(era.since), era.cause, desktop, era
        chance = number(self._seed, "tagging", desktop.id)
        at = ANCHOR - chance % (80 * DAY)
        tagged = chance % 100 < _TAGGED_SHARE and desktop.tags_at(at)
        if tagged and desktop.created < at < desktop.gone_at:
            yield at, "tag", desktop, desktop.era()

    def _event(self, site: Site, at: int, cause: str, desktop: Desktop, era: Era) -> Event:
        actor = self.actor(desktop, cause, at)
        return _by(
            actor,
            site.account,
            (at, uuid(desktop.id, cause, at), _NAMES[cause], WORKSPACES, False),
            (desktop.id,),
            lambda: _details(at, cause, desktop, era),
        )

    def actor(self, desktop: Desktop, cause: str, at: int) -> Actor:
        """Who did something in the drawn past."""
        return actor_of(cause, number(self._seed, "actor", desktop.id, at))

    def _noise(self, site: Site, day: int) -> Iterator[Event]:
        rng = generator(self._seed, "noise", site.account, site.region, day)
        for index in range(_NOISE_A_DAY):
            source, name = _READS[rng.randrange(len(_READS))]
            at = day * DAY + rng.randrange(DAY)
            id_ = uuid(site.account, site.region, day, index)
            yield _by(READER, site.account, (at, id_, name, source, True), (), dict)


def _by(
    actor: Actor, account: str, what: tuple[int, str, str, str, bool], ids: tuple, details: Any
) -> Event:
    began = moment(what[0] - what[0] % 3_600)
    who = identity(actor, account, began)
    key = who["accessKeyId"]
    return Event(*what, actor.name, key, ids, lambda: who, details, actor.agent, actor.address)


def _details(at: int, cause: str, desktop: Desktop, era: Era) -> dict[str, Any]:
    """Request and response of what was done to one desktop."""
    if cause == "mode":
        properties: dict[str, Any] = {"runningMode": era.mode}
        if era.timeout:
            properties["runningModeAutoStopTimeoutInMinutes"] = era.timeout
        asked = {"workspaceId": desktop.id, "workspaceProperties": properties}
        return {"requestParameters": asked}
    if cause == "tag":
        tags = [{"key": key, "value": value} for key, value in desktop.tags_at(at).items()]
        return {"requestParameters": {"resourceId": desktop.id, "tags": tags}}
    if cause != "create":
        member = f"{_NAMES[cause].removesuffix('s')[:1].lower()}{_NAMES[cause][1:-1]}Requests"
        asked = {member: [{"workspaceId": desktop.id}]}
        return {"requestParameters": asked, "responseElements": {"failedRequests": []}}
    wanted = {
        "directoryId": desktop.directory_id,
        "userName": desktop.user,
        "bundleId": desktop.bundle_id,
        "workspaceProperties": {"runningMode": era.mode},
    }
    pending = {**wanted, "workspaceId": desktop.id, "state": "PENDING"}
    return {
        "requestParameters": {"workspaces": [wanted]},
        "responseElements": {"failedRequests": [], "pendingRequests": [pending]},
    }


def _called(deed: dict[str, Any]) -> Event:
    """What was called through the sandbox, from its line of the journal."""
    who, at, account = deed["who"], int(deed["at"]), deed["account"]

    def identified() -> dict[str, Any]:
        if who["role"] is None:
            user = Actor(who["session"], None, "", "")
            return identity(user, account, moment(at)) | {"accessKeyId": who["key"]}
        named = (who["role"], who["session"], who["source"])
        return session_identity(account, named, who["key"], moment(at - at % 900))

    def told() -> dict[str, Any]:
        details = {"requestParameters": camel(deed["params"])}
        if deed["error"]:
            details |= {"errorCode": deed["error"][0], "errorMessage": deed["error"][1]}
        elif deed["answer"]:
            details["responseElements"] = camel(deed["answer"])
        return details

    what = (at, deed["id"], deed["name"], WORKSPACES, False, who["session"], who["key"])
    return Event(*what, tuple(deed["ids"]), identified, told, deed["agent"], deed["address"])
