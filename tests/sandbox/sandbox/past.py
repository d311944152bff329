"""The truth about one desktop's past, for tests that compare with it what a client works out.

It is read from where the services read: nothing here is worked out in another way.
"""

from datetime import UTC, datetime
from typing import Any

from .estate.actors import Actor
from .estate.days import DAY, first_of, iso_day, month_of, months
from .estate.desktop import Desktop
from .estate.era import Era
from .estate.prices import UNIT, written
from .estate.site import Site
from .estate.timeline import points, runs, sessions
from .world import World

_MOST_DAYS = 460


class PastError(Exception):
    """What was asked cannot be answered: the message says why."""


def told(world: World, asked: dict[str, str]) -> dict[str, Any]:
    """Sessions, running modes and bills of the desktop ``workspace`` in [``from``, ``to``), which
    are days or moments; this month up to now, where left out. Raises PastError."""
    now = world.clock.now()
    site, desktop = _found(world, asked.get("workspace", ""))
    start = _moment(asked["from"]) if "from" in asked else first_of(*month_of(now))
    end = min(_moment(asked["to"]) if "to" in asked else now, now)
    if not 0 < end - start <= _MOST_DAYS * DAY:
        raise PastError(f"'from' must be before 'to' and now, by {_MOST_DAYS} days at most")
    held = sessions(desktop, start, end)
    return {
        "workspace": desktop.id,
        "account": site.account,
        "region": site.region,
        "kind": desktop.habit.kind.value,
        "created": _written(desktop.created),
        "gone": _written(desktop.gone_at) if desktop.gone_at <= now else None,
        "from": _written(start),
        "to": _written(end),
        "sessions": [_span(*_clip(one, start, end)) for one in held],
        "connected_points": [_span(*_clip(one, start, end)) for one in points(held)],
        "runs": [_span(*_clip(one, start, end)) for one in runs(desktop, start, end)],
        "modes": [_mode(world, site, desktop, era) for era in _modes(desktop)],
        "months": [_month(world, desktop, *month, now) for month in months(start, end)],
    }


def _found(world: World, id_: str) -> tuple[Site, Desktop]:
    for site in world.estate.all():
        desktop = site.ever(id_)
        if desktop is not None:
            return site, desktop
    raise PastError(f"no desktop {id_!r}; name one by 'workspace'")


def _modes(desktop: Desktop) -> list[Era]:
    """The eras that began with another running mode or timeout, and the first."""
    found: list[Era] = []
    for era in desktop.eras():
        if not found or (era.mode, era.timeout) != (found[-1].mode, found[-1].timeout):
            found.append(era)
    return found


def _mode(world: World, site: Site, desktop: Desktop, era: Era) -> dict[str, Any]:
    return {
        "since": _written(era.since),
        "mode": era.mode,
        "timeout_minutes": era.timeout,
        "by": _actor(world, site, desktop, era),
    }


def _actor(world: World, site: Site, desktop: Desktop, era: Era) -> str | None:
    """Who began an era: by name where it was called here, otherwise as the past was drawn."""
    for called in site.trail:
        if called["at"] == era.since and desktop.id in called["ids"]:
            return called["who"]["session"]
    if era.cause is None:
        return None
    actor: Actor = world.history.actor(desktop, era.cause, int(era.since))
    return actor.name


def _month(world: World, desktop: Desktop, year: int, month: int, now: float) -> dict[str, Any]:
    charges = list(world.ledger.bills.month(desktop, year, month, now).charges())
    return {
        "month": f"{year}-{month:02}",
        "total": written(sum(charge.amount for charge in charges)),
        "hours": sum(charge.quantity // UNIT for charge in charges if charge.part == "hour"),
        "parts": [
            {
                "day": iso_day(charge.day),
                "part": charge.part,
                "usage_type": charge.usage_type,
                "quantity": written(charge.quantity),
                "rate": written(charge.rate),
                "amount": written(charge.amount),
            }
            for charge in charges
        ],
    }


def _clip(span: tuple[float, float], start: float, end: float) -> tuple[float, float]:
    return max(span[0], start), min(span[1], end)


def _span(start: float, end: float) -> dict[str, str]:
    return {"from": _written(start), "to": _written(end)}


def _moment(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise PastError(f"{text!r} is no moment as 2026-11-21T08:00:00Z is") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _written(moment: float) -> str:
    return datetime.fromtimestamp(int(moment), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
