"""The Describe operations, 25 a page.

These are asked for thousands of times in a sync: a page is a concatenation of forms that the
desktops keep, and no lock is taken while it is put together.
"""

from typing import Any

from ...estate.desktop import Desktop
from ...estate.site import after
from ...wire import Answer, AwsError, json
from ...world import Ask

PAGE = 25

_SNAPSHOT_SECONDS = 43_200

INVALID = "InvalidParameterValuesException"


def describe_workspaces(ask: Ask) -> Answer:
    params = ask.params
    candidates = _candidates(ask)
    user, name = params.get("UserName"), params.get("WorkspaceName")
    limit = params.get("Limit") or PAGE
    token = params.get("NextToken")
    question = ask.question(
        params.get("DirectoryId"), params.get("BundleId"), user, name, params.get("WorkspaceIds")
    )
    ordinal = ask.position(token, question, INVALID)
    now, hidden, lock = ask.now, ask.strike.hidden, ask.world.estate.lock
    rows: list[bytes] = []
    if ask.strike.duplicate_row and ordinal >= 0 and limit > 1:
        # The last row of the page before comes again as the first of this one, within the limit.
        rows += [one.row(now, lock) for one in candidates if one.ordinal == ordinal]
    last, more = ordinal, None
    for desktop in after(candidates, ordinal):
        if now >= desktop.gone_at or desktop.id in hidden:
            continue
        if (user and desktop.user.lower() != user.lower()) or (name and desktop.computer != name):
            continue
        if len(rows) >= limit:
            more = ask.next_token(token, question, last)
            break
        rows.append(desktop.row(now, lock))
        last = desktop.ordinal
    return _page(b"Workspaces", rows, more)


def describe_connection_status(ask: Ask) -> Answer:
    ids = ask.params.get("WorkspaceIds")
    token = ask.params.get("NextToken")
    now, hidden, lock = ask.now, ask.strike.hidden, ask.world.estate.lock
    if ids:
        if token:
            raise AwsError(INVALID, "You cannot combine WorkspaceIds with NextToken")
        found = (ask.site.find(id_, now) for id_ in dict.fromkeys(ids) if id_ not in hidden)
        rows = [desktop.status(now, lock) for desktop in found if desktop is not None]
        return _page(b"WorkspacesConnectionStatus", [row for row in rows if row], None)
    question = ask.question()
    ordinal = ask.position(token, question, INVALID)
    rows, last, more = [], ordinal, None
    for desktop in after(ask.site.desktops, ordinal):
        if now >= desktop.gone_at or desktop.id in hidden or not desktop.reported:
            continue
        if len(rows) == PAGE:
            more = ask.next_token(token, question, last)
            break
        rows.append(desktop.status(now, lock))
        last = desktop.ordinal
    return _page(b"WorkspacesConnectionStatus", rows, more)


def describe_bundles(ask: Ask) -> Answer:
    ids, owner = ask.params.get("BundleIds"), ask.params.get("Owner")
    if ids and owner:
        raise AwsError(INVALID, "You cannot combine BundleIds with Owner")
    site = ask.site
    if ids:
        bundles = [site.bundles[id_] for id_ in ids if id_ in site.bundles]
    elif owner == "AMAZON":
        bundles = site.public
    elif owner in (None, ask.account):
        bundles = site.own
    else:
        bundles = []
    return _described(ask, "Bundles", bundles, PAGE, (owner, ids))


def describe_directories(ask: Ask) -> Answer:
    ids, names = ask.params.get("DirectoryIds"), ask.params.get("WorkspaceDirectoryNames")
    filters = ask.params.get("Filters") or []
    directories = [
        directory
        for directory in ask.site.directories.values()
        if (not ids or directory.id in ids)
        # Names and types other than these exist for pools only, which the estate has none of.
        and not names
        and all(_directory_matches(one) for one in filters)
    ]
    limit = ask.params.get("Limit") or PAGE
    return _described(ask, "Directories", directories, limit, (ids, names, filters))


def describe_snapshots(ask: Ask) -> Answer:
    """When the volumes were last copied: every twelve hours."""
    id_ = ask.params["WorkspaceId"]
    desktop = ask.site.find(id_, ask.now)
    if desktop is None or id_ in ask.strike.hidden:
        raise AwsError("ResourceNotFoundException", f"The WorkSpace {id_} could not be found")
    offset = desktop.habit.key % _SNAPSHOT_SECONDS
    last = int(ask.now - offset) // _SNAPSHOT_SECONDS * _SNAPSHOT_SECONDS + offset
    taken = [{"SnapshotTime": last}] if last > desktop.created else []
    return json({"RebuildSnapshots": taken, "RestoreSnapshots": taken})


def _directory_matches(asked: dict[str, Any]) -> bool:
    mine = "PERSONAL" if asked["Name"] == "WORKSPACE_TYPE" else "CUSTOMER_MANAGED"
    return mine in asked["Values"]


def _candidates(ask: Ask) -> list[Desktop]:
    """The desktops that the filter of a DescribeWorkspaces leaves, in order."""
    params, site = ask.params, ask.site
    ids, directory, bundle = (params.get(k) for k in ("WorkspaceIds", "DirectoryId", "BundleId"))
    if sum(1 for one in (ids, directory, bundle) if one) > 1:
        raise AwsError(
            INVALID, "WorkspaceIds, DirectoryId and BundleId are mutually exclusive filters"
        )
    if params.get("UserName") and not directory:
        raise AwsError(INVALID, "UserName needs a DirectoryId")
    if ids:
        found = (site.find(id_, ask.now) for id_ in dict.fromkeys(ids))
        return sorted((one for one in found if one is not None), key=lambda one: one.ordinal)
    if directory:
        return site.in_directory(directory)
    if bundle:
        return site.from_bundle(bundle)
    return site.desktops


def _described(ask: Ask, member: str, things: list, limit: int, filters: tuple) -> Answer:
    """A page of things that are few: bundles and directories."""
    token = ask.params.get("NextToken")
    question = ask.question(*filters)
    start = ask.position(token, question, INVALID) + 1
    end = min(start + limit, len(things))
    answer: dict[str, Any] = {member: [thing.described() for thing in things[start:end]]}
    if end < len(things):
        answer["NextToken"] = ask.next_token(token, question, end - 1)
    return json(answer)


def _page(member: bytes, rows: list[bytes], token: str | None) -> Answer:
    tail = b',"NextToken":"%s"}' % token.encode() if token else b"}"
    return Answer(b'{"%s":[' % member + b",".join(rows) + b"]" + tail)
