"""What is done in the estate: each deed is a line of the journal, and applying it is all it does.

The API checks whether a deed is legal and then performs it; a start replays the journal through the
same ``apply``. So a deed carries everything that decides its effect, its time and the duration of
its transition included.

Invariant: applying the same deeds to the same estate gives the same estate.
"""

from collections.abc import Callable
from typing import Any

from .desktop import FOREVER, Desktop
from .site import Estate, Site

Deed = dict[str, Any]
"""{"do", "at", "account", "region", …}: JSON, with the members that its kind reads below."""


def apply(estate: Estate, deed: Deed) -> None:
    """Change the estate as the deed says. The caller holds the estate's lock."""
    billing = _BILLING.get(deed["do"])
    if billing is not None:
        billing(estate, deed)
        return
    site = estate.sites[deed["account"], deed["region"]]
    _KINDS[deed["do"]](estate, site, deed)


def _start(_: Estate, site: Site, deed: Deed) -> None:
    desktop = _turned(site, deed)
    running = deed["at"] + deed["takes"]
    desktop.forced = [(running, "STARTING"), (_idle_until(desktop, running), "AVAILABLE")]
    desktop.changed()


def _stop(_: Estate, site: Site, deed: Deed) -> None:
    desktop = _turned(site, deed)
    stopped = deed["at"] + deed["takes"]
    # An AutoStop desktop starts by itself when its user comes back; a manual one does not.
    back = desktop.habit.next_start(int(stopped)) if desktop.mode == "AUTO_STOP" else None
    until = FOREVER if back is None else back
    desktop.forced = [(stopped, "STOPPING"), (until, "STOPPED")]
    desktop.changed()


def _reboot(_: Estate, site: Site, deed: Deed) -> None:
    desktop = _turned(site, deed)
    running = deed["at"] + deed["takes"]
    desktop.fixed = None
    desktop.forced = [(running, "REBOOTING"), (_idle_until(desktop, running), "AVAILABLE")]
    desktop.changed()


def _terminate(_: Estate, site: Site, deed: Deed) -> None:
    desktop = _turned(site, deed)
    desktop.gone_at = deed["at"] + deed["takes"]
    desktop.forced = [(FOREVER, "TERMINATING")]
    desktop.changed()


def _create(estate: Estate, site: Site, deed: Deed) -> None:
    ordinal = len(site.desktops)
    draw = estate.draws[site.account, site.region]
    desktop = Desktop(
        ordinal=ordinal,
        **draw.place(site.directories[deed["directory"]], ordinal),
        user=deed["user"],
        bundle_id=deed["bundle"],
        key_arn=deed["key"],
        root_encrypted=deed["root_encrypted"],
        user_encrypted=deed["user_encrypted"],
        tags=dict(deed["tags"]),
        habit=draw.new_habit(ordinal),
        **deed["properties"],
    )
    desktop.created = desktop.since = int(deed["at"])
    desktop.habit.first_day = desktop.habit.local_day(desktop.created) + 1
    desktop.disturbed = True
    ready = deed["at"] + deed["takes"]
    desktop.forced = [(ready, "PENDING"), (_idle_until(desktop, ready), "AVAILABLE")]
    site.add(desktop)


def _modify(_: Estate, site: Site, deed: Deed) -> None:
    desktop = _turned(site, deed)
    for name, value in deed["properties"].items():
        setattr(desktop, name, value)
    if desktop.mode != "AUTO_STOP":
        desktop.timeout = None
    done = deed["at"] + deed["takes"]
    if deed["modifying"]:
        desktop.modifying = deed["modifying"]
        desktop.forced = [(done, "UPDATING"), (_idle_until(desktop, done), "AVAILABLE")]
    elif "mode" in deed["properties"]:
        desktop.forced = [(_idle_until(desktop, deed["at"]), "AVAILABLE")]
    desktop.changed()


def _rebuild(_: Estate, site: Site, deed: Deed) -> None:
    desktop = _turned(site, deed)
    rebuilt = deed["at"] + deed["takes"]
    desktop.fixed = desktop.error = None
    desktop.forced = [(rebuilt, "REBUILDING"), (_idle_until(desktop, rebuilt), "AVAILABLE")]
    desktop.changed()


def _hold(_: Estate, site: Site, deed: Deed) -> None:
    desktop = _turned(site, deed)
    desktop.forced = [(FOREVER, "ADMIN_MAINTENANCE")] if deed["held"] else []
    if desktop.fixed == "ADMIN_MAINTENANCE":
        desktop.fixed = None
    desktop.changed()


def _tag(_: Estate, site: Site, deed: Deed) -> None:
    target = tagged(site, deed["id"])
    # A new dict, so that a page being written sees the old tags or the new ones.
    _tagged_anew(target, {**target.tags, **deed["tags"]}, deed["at"])


def _untag(_: Estate, site: Site, deed: Deed) -> None:
    target = tagged(site, deed["id"])
    kept = {key: value for key, value in target.tags.items() if key not in deed["keys"]}
    _tagged_anew(target, kept, deed["at"])


def _tagged_anew(target: Any, tags: dict[str, str], at: float) -> None:
    if isinstance(target, Desktop):
        target.tag_past.append((at, target.tags))
    target.tags = tags
    if isinstance(target, Desktop):
        target.changed()


def _call(_: Estate, site: Site, deed: Deed) -> None:
    site.trail.append(deed)


def _activate(estate: Estate, deed: Deed) -> None:
    estate.allocation.activate(deed["keys"], deed["active"], deed["at"])


def _backfill(estate: Estate, deed: Deed) -> None:
    estate.allocation.backfill(deed["from"], deed["at"], deed["takes"])


def tagged(site: Site, id_: str) -> Any:
    """The thing with tags that has this id. Raises KeyError."""
    return site.directories[id_] if id_ in site.directories else site.by_id[id_]


def _idle_until(desktop: Desktop, running: float) -> float:
    """Until when a desktop that was started by hand runs if nobody connects."""
    if desktop.mode == "AUTO_STOP":
        return running + (desktop.timeout or 60) * 60
    return FOREVER


def _turned(site: Site, deed: Deed) -> Desktop:
    """The desktop of a deed, with an era that begins with the deed."""
    desktop = site.by_id[deed["id"]]
    desktop.turn(deed["at"], "mode" if deed["do"] == "modify" else deed["do"])
    desktop.disturbed = True
    return desktop


_KINDS: dict[str, Callable[[Estate, Site, Deed], None]] = {
    "start": _start,
    "stop": _stop,
    "reboot": _reboot,
    "rebuild": _rebuild,
    "terminate": _terminate,
    "create": _create,
    "modify": _modify,
    "hold": _hold,
    "tag": _tag,
    "untag": _untag,
    "call": _call,
}

_BILLING: dict[str, Callable[[Estate, Deed], None]] = {
    "activate": _activate,
    "backfill": _backfill,
}
"""What is done to the company's bill as a whole, in no account and region."""
