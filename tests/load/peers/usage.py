"""The peer of session reconstruction: the same rule in pandas, over the same points.

Reads packed records, and works on columns wherever the rule allows: slots, sessions, gaps. Only the hours are a loop over
sessions, since where one begins depends on the one before. Prints hours by desktop and month, how many sessions there
are and how many are estimates, and the seconds that the computing alone took, as JSON.
"""

import json
import sys
import time
from datetime import UTC, datetime

import numpy as np
import pandas as pd

POINT = np.dtype([("desktop", "<u4"), ("at", "<i8"), ("connected", "u1")])
SLOT = 300
HOUR = 3600
TOLERATED_GAP = 15 * 60


def sessions_of(points: pd.DataFrame, timeout: int, now: int) -> pd.DataFrame:
    """Sessions in order of desktop and time; columns desktop, began, billed_until (seconds), estimated."""
    slot = points["at"] // SLOT * SLOT
    # A point may come twice; the metric is a maximum.
    slots = points["connected"].groupby([points["desktop"], slot]).max().reset_index(name="connected")
    seen = slots.loc[slots["connected"], ["desktop", "at"]]
    other = seen["desktop"] != seen["desktop"].shift()
    pause = seen["at"].diff() > timeout + SLOT
    grouped = seen.groupby((other | pause).cumsum())
    sessions = grouped.agg(desktop=("desktop", "first"), began=("at", "first"), last_seen=("at", "last"))
    sessions = sessions.reset_index(drop=True)
    sessions["billed_until"] = sessions["last_seen"] + timeout
    sessions["estimated"] = _estimated(sessions, _gaps(slots, now))
    return sessions


def _gaps(slots: pd.DataFrame, now: int) -> pd.DataFrame:
    """Stretches without observations that are too long, up to now; columns desktop, begin, end."""
    following = slots.groupby("desktop")["at"].shift(-1).fillna(now).astype("int64")
    gaps = pd.DataFrame({"desktop": slots["desktop"], "begin": slots["at"] + SLOT, "end": following})
    return gaps[gaps["end"] - gaps["begin"] > TOLERATED_GAP]


def _estimated(sessions: pd.DataFrame, gaps: pd.DataFrame) -> np.ndarray:
    """Whether a gap begins in a session's billed time, or reaches from there to the next session's begin."""
    estimated = np.zeros(len(sessions), dtype=bool)
    if sessions.empty or gaps.empty:
        return estimated
    right = sessions.reset_index().sort_values("began")
    found = pd.merge_asof(
        gaps.sort_values("begin"), right, left_on="begin", right_on="began", by="desktop", allow_exact_matches=False
    )
    found = found[found["begin"] < found["billed_until"]]
    index = found["index"].astype("int64").to_numpy()
    estimated[index] = True
    following = index + 1
    inside = following < len(sessions)
    following, found = following[inside], found[inside]
    touches = (sessions["desktop"].to_numpy()[following] == found["desktop"].to_numpy()) & (
        sessions["began"].to_numpy()[following] == found["end"].to_numpy()
    )
    estimated[following[touches]] = True
    return estimated


def hours_of(sessions: pd.DataFrame, now: int) -> dict[int, dict[str, int]]:
    """Billable hours by desktop and month: blocks of an hour that cover what is billed, afresh each month."""
    hours: dict[int, dict[str, int]] = {}
    desktop, covered_until, month_ends, month = -1, 0, 0, ""
    for each in zip(sessions["desktop"].tolist(), sessions["began"].tolist(), sessions["billed_until"].tolist()):
        if each[0] != desktop:
            desktop, covered_until, month_ends = each[0], 0, 0
        at, end = max(each[1], covered_until), min(each[2], now)
        while at < end:
            if at >= month_ends:
                month, month_ends = _month(at)
            months = hours.setdefault(desktop, {})
            months[month] = months.get(month, 0) + 1
            covered_until = at = min(at + HOUR, month_ends)
    return hours


def _month(at: int) -> tuple[str, int]:
    """The month's name and the second at which it ends."""
    moment = datetime.fromtimestamp(at, UTC)
    following = datetime(moment.year + moment.month // 12, moment.month % 12 + 1, 1, tzinfo=UTC)
    return moment.strftime("%Y-%m"), int(following.timestamp())


def main() -> None:
    path, timeout, now = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    packed = np.fromfile(path, dtype=POINT)
    points = pd.DataFrame({name: packed[name] for name in ("desktop", "at")})
    points["connected"] = packed["connected"] == 1
    begin = time.perf_counter()
    sessions = sessions_of(points, timeout, now)
    hours = hours_of(sessions, now)
    seconds = time.perf_counter() - begin
    estimated = int(sessions["estimated"].sum())
    outcome = {"sessions": len(sessions), "estimated": estimated, "hours": hours}
    print(json.dumps({"seconds": seconds, "outcome": outcome}))


if __name__ == "__main__":
    main()
