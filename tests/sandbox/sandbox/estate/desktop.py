"""One desktop: what it is, what state it is in now, and how AWS would write that down.

State is not stored but read: the deeds done through the API leave forced states with an end, and
beyond them the habit of its user decides. The written form is kept until the moment at which it
may change, which makes a page of 25 a concatenation. What it was before is in its eras.

Invariant: whoever changes a field calls ``changed`` under the estate's lock, under which written
forms are made as well; so no stale form outlives a change.
"""

from dataclasses import dataclass, field
from typing import Any

import orjson

from .era import FOREVER, Era
from .habit import Habit, Kind
from .timeline import REACHABLE_STATES, last_connection

POLL_SECONDS = 300
"""How often AWS looks whether somebody is connected."""

STOPPING_SECONDS = 120


@dataclass(slots=True, eq=False)
class Desktop:
    """A WorkSpace. Sizes are GiB, the timeout minutes, moments seconds since the epoch.

    ``past`` are its closed eras and ``since`` is when the open one began; it is ``disturbed`` once
    anything but its user ever decided its state."""

    ordinal: int
    id: str
    arn: str
    region: str
    directory_id: str
    user: str
    bundle_id: str
    subnet_id: str
    ip: str | None
    computer: str | None
    mode: str
    timeout: int | None
    compute: str
    system: str | None
    protocols: list[str]
    root_gib: int
    user_gib: int
    key_arn: str | None
    root_encrypted: bool
    user_encrypted: bool
    tags: dict[str, str]
    habit: Habit
    reported: bool = True
    fixed: str | None = None
    error: tuple[str, str] | None = None
    related: list[dict[str, str]] = field(default_factory=list)
    forced: list[tuple[float, str]] = field(default_factory=list)
    modifying: list[str] = field(default_factory=list)
    created: int = 0
    gone_at: float = FOREVER
    since: float = 0
    cause: str | None = "create"
    past: list[Era] = field(default_factory=list)
    tag_past: list[tuple[float, dict[str, str]]] = field(default_factory=list)
    disturbed: bool = False
    version: int = 0
    _row: bytes = b""
    _row_until: float = 0
    _status: bytes = b""
    _status_until: float = 0
    _mapping: bytes = b""

    def changed(self) -> None:
        """Forget the written forms."""
        self.version += 1
        self._row_until = self._status_until = 0
        self._mapping = b""

    def turn(self, at: float, cause: str | None) -> None:
        """Close the era at ``at``: what is changed from here on is a new one's."""
        self.past.append(self.era())
        self.since, self.cause = at, cause

    def era(self) -> Era:
        """The open era."""
        return Era(
            self.since,
            self.mode,
            self.timeout,
            self.compute,
            self.root_gib,
            self.user_gib,
            self.forced,
            self.fixed,
            self.cause,
        )

    def eras(self) -> list[Era]:
        """All eras, oldest first."""
        return [*self.past, self.era()]

    def tags_at(self, moment: float) -> dict[str, str]:
        """The tags that it carried at a moment."""
        for until, tags in self.tag_past:
            if moment < until:
                return tags
        return self.tags

    def state(self, now: float) -> tuple[str, float]:
        """The state and the moment until which it holds at least."""
        for until, state in self.forced:
            if now < until:
                return state, until
        return self._state_by_habit(now)

    def connected(self, now: float) -> tuple[bool, int | None, float]:
        """(connected, last known connection before now, until when that holds)."""
        state, state_until = self.state(now)
        within, last, until = self.habit.around(int(now))
        here = within and state in REACHABLE_STATES
        if self.disturbed:
            last = last_connection(self, now)
        return here, last, min(until, state_until)

    def row(self, now: float, lock: Any) -> bytes:
        """The desktop as DescribeWorkspaces writes it."""
        if now < self._row_until:
            return self._row
        with lock:
            state, until = self.state(now)
            self._row = orjson.dumps(self.described(state))
            self._row_until = until
            return self._row

    def status(self, now: float, lock: Any) -> bytes:
        """The desktop as DescribeWorkspacesConnectionStatus writes it; empty when it has no row."""
        if now < self._status_until:
            return self._status
        with lock:
            self._status, self._status_until = self._written_status(now)
            return self._status

    def mapping(self, lock: Any) -> bytes:
        """The desktop as GetResources writes it; empty when it has no tags."""
        if self._mapping or not self.tags:
            return self._mapping
        with lock:
            tags = [{"Key": key, "Value": value} for key, value in self.tags.items()]
            self._mapping = orjson.dumps({"ResourceARN": self.arn, "Tags": tags})
            return self._mapping

    def described(self, state: str) -> dict[str, Any]:
        """All members of the modelled shape that AWS would send for this desktop."""
        row: dict[str, Any] = {
            "WorkspaceId": self.id,
            "DirectoryId": self.directory_id,
            "UserName": self.user,
            "State": state,
            "BundleId": self.bundle_id,
            "SubnetId": self.subnet_id,
            "WorkspaceProperties": self._properties(),
            "ModificationStates": [],
            "DataReplicationSettings": {"DataReplication": "NO_REPLICATION"},
        }
        if state == "UPDATING":
            row["ModificationStates"] = [
                {"Resource": resource, "State": "UPDATE_IN_PROGRESS"} for resource in self.modifying
            ]
        if self.ip and state != "PENDING":
            row["IpAddress"] = self.ip
        if self.computer and state != "PENDING":
            row["ComputerName"] = self.computer
        if self.key_arn:
            row["VolumeEncryptionKey"] = self.key_arn
            row["RootVolumeEncryptionEnabled"] = self.root_encrypted
            row["UserVolumeEncryptionEnabled"] = self.user_encrypted
        if self.error and state == self.fixed:
            row["ErrorCode"], row["ErrorMessage"] = self.error
        if self.related:
            row["RelatedWorkspaces"] = self.related
        return row

    def _properties(self) -> dict[str, Any]:
        properties: dict[str, Any] = {
            "RunningMode": self.mode,
            "RootVolumeSizeGib": self.root_gib,
            "UserVolumeSizeGib": self.user_gib,
            "ComputeTypeName": self.compute,
            "Protocols": self.protocols,
        }
        if self.mode == "AUTO_STOP":
            properties["RunningModeAutoStopTimeoutInMinutes"] = self.timeout
        if self.system:
            properties["OperatingSystemName"] = self.system
        return properties

    def _state_by_habit(self, now: float) -> tuple[str, float]:
        if self.fixed:
            return self.fixed, FOREVER
        if self.mode == "ALWAYS_ON":
            return "AVAILABLE", FOREVER
        if self.mode == "MANUAL":
            return "AVAILABLE", FOREVER
        within, last, until = self.habit.around(int(now))
        if within:
            return "AVAILABLE", until
        if last is not None:
            idle_until = last + (self.timeout or 60) * 60
            if now < idle_until:
                return "AVAILABLE", min(until, idle_until)
            if now < idle_until + STOPPING_SECONDS:
                return "STOPPING", min(until, idle_until + STOPPING_SECONDS)
        return "STOPPED", until

    def _written_status(self, now: float) -> tuple[bytes, float]:
        if not self.reported:
            return b"", FOREVER
        # Each desktop is polled at its own second of the five minutes.
        polled = int(now) - (int(now) - self.habit.key) % POLL_SECONDS
        here, last, until = self.connected(now)
        state, _ = self.state(now)
        connection = "CONNECTED" if here else "UNKNOWN"
        if not here and state in REACHABLE_STATES:
            connection = "DISCONNECTED"
        row: dict[str, Any] = {
            "WorkspaceId": self.id,
            "ConnectionState": connection,
            "ConnectionStateCheckTimestamp": polled,
        }
        known = polled if here else last
        if known is not None and self.habit.kind is not Kind.NEVER:
            row["LastKnownUserConnectionTimestamp"] = known
        return orjson.dumps(row), min(until, polled + POLL_SECONDS)
