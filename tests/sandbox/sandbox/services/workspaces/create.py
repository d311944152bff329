"""CreateWorkspaces: each request becomes a pending desktop or a failed request with its code."""

from typing import Any

from ...estate.site import Site
from ...wire import Answer, AwsError, json
from ...world import Ask
from .acts import timeout_of
from .tags import read_tags


def create_workspaces(ask: Ask) -> Answer:
    failed, pending = [], []
    with ask.world.estate.lock:
        for request in ask.params["Workspaces"]:
            try:
                deed = _deed(ask.site, request, ask.now)
            except AwsError as error:
                failed.append(
                    {
                        "WorkspaceRequest": request,
                        "ErrorCode": error.code,
                        "ErrorMessage": error.message,
                    }
                )
                continue
            ask.perform("create", **deed)
            pending.append(ask.site.desktops[-1].described("PENDING"))
    return json({"FailedRequests": failed, "PendingRequests": pending})


def _deed(site: Site, request: dict[str, Any], now: float) -> dict[str, Any]:
    directory, user, bundle_id = (request[k] for k in ("DirectoryId", "UserName", "BundleId"))
    if directory not in site.directories:
        raise AwsError("ResourceNotFound.Directory", f"The directory {directory} is not registered")
    bundle = site.bundles.get(bundle_id)
    if bundle is None:
        raise AwsError("ResourceNotFound.Bundle", f"The bundle {bundle_id} does not exist")
    taken = (
        one.user.lower() == user.lower() and now < one.gone_at
        for one in site.in_directory(directory)
    )
    if any(taken):
        raise AwsError("ResourceExists.Workspace", f"The user {user} has a WorkSpace already")
    asked = request.get("WorkspaceProperties") or {}
    mode = asked.get("RunningMode", "ALWAYS_ON")
    key = request.get("VolumeEncryptionKey")
    return {
        "directory": directory,
        "user": user,
        "bundle": bundle_id,
        "key": key,
        "root_encrypted": bool(request.get("RootVolumeEncryptionEnabled")),
        "user_encrypted": bool(request.get("UserVolumeEncryptionEnabled")),
        "tags": read_tags(request.get("Tags") or []),
        "properties": {
            "mode": mode,
            "timeout": timeout_of(mode, asked.get("RunningModeAutoStopTimeoutInMinutes")),
            "compute": asked.get("ComputeTypeName", bundle.compute),
            "system": bundle.system,
            "protocols": asked.get("Protocols") or ["WSP"],
            "root_gib": asked.get("RootVolumeSizeGib", bundle.root_gib),
            "user_gib": asked.get("UserVolumeSizeGib", bundle.user_gib),
        },
    }
