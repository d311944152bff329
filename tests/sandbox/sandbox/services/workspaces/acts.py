"""Start, stop, reboot, rebuild, terminate and modify: legal states checked, effects that take time.

The bulk operations answer 200 and name what they could not do in FailedRequests; only a
malformed request is refused as a whole.
"""

from collections.abc import Iterator
from typing import Any

from ...estate.desktop import Desktop
from ...wire import Answer, AwsError, json
from ...world import Ask
from .reads import INVALID

STOPPABLE = ("AVAILABLE", "IMPAIRED", "UNHEALTHY", "ERROR")
REBUILDABLE = ("AVAILABLE", "ERROR", "UNHEALTHY", "STOPPED", "REBOOTING")
REBOOTABLE = ("AVAILABLE", "UNHEALTHY", "REBOOTING")
MODIFIABLE = ("AVAILABLE", "STOPPED")

_NOT_ALLOWED = "OperationNotSupportedException"
_WRONG_STATE = "InvalidResourceStateException"
_KINDS_OF_PROPERTIES = (
    ("RunningMode", "RunningModeAutoStopTimeoutInMinutes"),
    ("ComputeTypeName",),
    ("RootVolumeSizeGib",),
    ("UserVolumeSizeGib",),
    ("Protocols",),
)
"""Members that go together in one change."""

_GIB = range(10, 2001)


def start_workspaces(ask: Ask) -> Answer:
    return _each(ask, "StartWorkspaceRequests", "start", ("STOPPED",), needs_timer=True)


def stop_workspaces(ask: Ask) -> Answer:
    return _each(ask, "StopWorkspaceRequests", "stop", STOPPABLE, needs_timer=True)


def reboot_workspaces(ask: Ask) -> Answer:
    return _each(ask, "RebootWorkspaceRequests", "reboot", REBOOTABLE)


def rebuild_workspaces(ask: Ask) -> Answer:
    return _each(ask, "RebuildWorkspaceRequests", "rebuild", REBUILDABLE)


def terminate_workspaces(ask: Ask) -> Answer:
    return _each(ask, "TerminateWorkspaceRequests", "terminate", None)


def modify_state(ask: Ask) -> Answer:
    held = ask.params["WorkspaceState"] == "ADMIN_MAINTENANCE"
    with ask.world.estate.lock:
        desktop = _present(ask, ask.params["WorkspaceId"])
        state, _ = desktop.state(ask.now)
        if state not in ("AVAILABLE", "STOPPED", "ADMIN_MAINTENANCE"):
            raise AwsError(_WRONG_STATE, f"The WorkSpace {desktop.id} is {state}")
        ask.perform("hold", id=desktop.id, held=held)
    return json({})


def modify_properties(ask: Ask) -> Answer:
    asked = dict(ask.params.get("WorkspaceProperties") or {})
    if "DataReplication" in ask.params:
        raise AwsError(INVALID, "Data replication cannot be changed here")
    with ask.world.estate.lock:
        desktop = _present(ask, ask.params["WorkspaceId"])
        state, _ = desktop.state(ask.now)
        if state not in MODIFIABLE:
            raise AwsError(_WRONG_STATE, f"The WorkSpace {desktop.id} is {state}")
        properties, modifying = _changes(desktop, asked)
        if properties:
            ask.perform("modify", id=desktop.id, properties=properties, modifying=modifying)
    return json({})


def timeout_of(mode: str, minutes: int | None) -> int | None:
    """The AutoStop timeout that a mode goes with: whole hours, an hour when not named."""
    if mode != "AUTO_STOP":
        if minutes is not None:
            raise AwsError(INVALID, "The AutoStop timeout is for the running mode AUTO_STOP only")
        return None
    if minutes is not None and (minutes < 60 or minutes % 60):
        raise AwsError(INVALID, "The AutoStop timeout must be a multiple of 60 minutes")
    return minutes or 60


def _changes(desktop: Desktop, asked: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """What differs from now, as fields of the desktop; the resources that take time to change."""
    if not asked:
        raise AwsError(INVALID, "At least one property must be given")
    if sum(any(member in asked for member in kind) for kind in _KINDS_OF_PROPERTIES) > 1:
        raise AwsError(INVALID, "Only one kind of property can be modified at a time")
    properties: dict[str, Any] = {}
    modifying: list[str] = []
    mode = asked.get("RunningMode", desktop.mode)
    if "RunningMode" in asked or "RunningModeAutoStopTimeoutInMinutes" in asked:
        kept = desktop.timeout if mode == desktop.mode else None
        minutes = asked.get("RunningModeAutoStopTimeoutInMinutes", kept)
        properties["timeout"] = timeout_of(mode, minutes)
    for member, field, resource in (
        ("RunningMode", "mode", None),
        ("ComputeTypeName", "compute", "COMPUTE_TYPE"),
        ("RootVolumeSizeGib", "root_gib", "ROOT_VOLUME"),
        ("UserVolumeSizeGib", "user_gib", "USER_VOLUME"),
        ("Protocols", "protocols", "PROTOCOL"),
    ):
        if member not in asked or asked[member] == getattr(desktop, field):
            continue
        if member.endswith("SizeGib") and not getattr(desktop, field) < asked[member] < _GIB.stop:
            raise AwsError(INVALID, f"{member} can only grow, up to {_GIB.stop - 1} GiB")
        properties[field] = asked[member]
        if resource:
            modifying.append(resource)
    if properties.get("timeout", -1) == desktop.timeout and "mode" not in properties:
        del properties["timeout"]
    return properties, modifying


def _present(ask: Ask, id_: str) -> Desktop:
    desktop = ask.site.find(id_, ask.now)
    if desktop is None or id_ in ask.strike.hidden:
        raise AwsError("ResourceNotFoundException", f"The WorkSpace {id_} could not be found")
    return desktop


def _each(
    ask: Ask, member: str, do: str, legal: tuple[str, ...] | None, needs_timer: bool = False
) -> Answer:
    """Do something to each desktop of a bulk request that is in a legal state (None: any)."""
    failed = []
    with ask.world.estate.lock:
        for id_ in _asked_ids(ask.params[member]):
            desktop = ask.site.find(id_, ask.now)
            if desktop is None or id_ in ask.strike.hidden:
                failed.append(_failure(id_, "ResourceNotFound.Workspace", "does not exist"))
                continue
            state, _ = desktop.state(ask.now)
            if needs_timer and desktop.mode == "ALWAYS_ON":
                failed.append(_failure(id_, _NOT_ALLOWED, "runs in mode ALWAYS_ON"))
            elif _illegal(state, legal):
                failed.append(_failure(id_, _WRONG_STATE, f"is {state}"))
            else:
                ask.perform(do, id=id_)
    return json({"FailedRequests": failed})


def _illegal(state: str, legal: tuple[str, ...] | None) -> bool:
    if legal is None:
        return state in ("SUSPENDED", "TERMINATING")
    return state not in legal


def _asked_ids(requests: list[dict[str, Any]]) -> Iterator[str]:
    """Each id once; a request without one asks for nothing that exists."""
    yield from dict.fromkeys(request.get("WorkspaceId", "") for request in requests)


def _failure(id_: str, code: str, why: str) -> dict[str, str]:
    return {
        "WorkspaceId": id_,
        "ErrorCode": code,
        "ErrorMessage": f"The WorkSpace {id_} {why}",
    }
