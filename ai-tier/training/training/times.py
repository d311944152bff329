"""When: stretches of time, each with the ways to say it.

What is relative stays relative in plans. A day without a year is ``{"latest": "MM-DD"}``: the last one
that has begun when the question is asked; ``plus_months`` moves it on. Durations in months are of 30
days, as the product reads them. What people mean differently is left out ("in the past week", "until
3 May"), so that nothing wrong is taught.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from training.catalog import Dimension
from training.wording import marked, say

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@dataclass(frozen=True)
class When:
    """A stretch of time, said. ``since`` or ``before`` may be open."""

    text: str
    since: Any = None
    before: Any = None

    def filters(self, dimension: str) -> list[dict[str, Any]]:
        """As conditions on a time."""
        bounds = (("since", self.since), ("before", self.before))
        return [
            {"dimension": dimension, "op": op, "values": [value]} for op, value in bounds if value is not None
        ]


def start_of(period: str, ago: int) -> dict[str, Any]:
    return {"start_of": period, "ago": ago}


def when(rng: random.Random, field: Dimension) -> When:
    """A stretch that fits how finely a time is known."""
    finest = field.grains[0] if field.grains else "day"
    kinds: tuple[Callable[[random.Random, str], When], ...]
    if finest in ("month", "quarter", "year"):
        kinds = (_period, _period, _period, _named_month, _year, _past_months)
    else:
        kinds = (_period, _period, _days, _days, _past_days, _past_days, _since_day, _named_month,
                 _year, _iso, _before_day, _long_days)  # fmt: skip
        if finest == "hour":
            kinds += (_hours, _hours)
    made = rng.choice(kinds)(rng, finest)
    return When(marked(made.text), made.since, made.before)


def _month_name(rng: random.Random, month: int) -> str:
    name = MONTHS[month - 1]
    short = rng.random() < 0.25 and name != "may"
    name = name[:4] if short and name == "september" else name[:3] if short else name
    return name.capitalize() if rng.random() < 0.6 else name


def _period(rng: random.Random, finest: str) -> When:
    periods = ["month", "month", "quarter", "year"] + (["week"] * 3 if finest in ("hour", "day") else [])
    period = rng.choice(periods)
    ago = rng.choice((0, 1, 1))
    if ago == 0:
        so_far = f"[this {period}|this {period}|the current {period}|this {period} so far|so far this"
        so_far += f" {period}|in the current {period}|during this {period}|since the start of the {period}"
        so_far += {"month": "|month to date|mtd|month-to-date", "year": "|year to date|ytd"}.get(period, "")
        return When(say(rng, so_far + "]"), start_of(period, 0))
    text = f"[last {period}|last {period}|last {period}|the previous {period}|in the previous {period}"
    text += f"|during last {period}|in last {period}|the {period} before this one|over last {period}]"
    return When(say(rng, text), start_of(period, 1), start_of(period, 0))


def _days(rng: random.Random, _: str) -> When:
    if rng.random() < 0.5:
        text = "[today|today|so far today|since midnight|this very day|since the start of today]"
        return When(say(rng, text), {"days_ago": 0})
    text = "[yesterday|yesterday|yesterday|the day before today|during yesterday|on the previous day]"
    return When(say(rng, text), {"days_ago": 1}, {"days_ago": 0})


def number_word(rng: random.Random, n: int) -> str:
    """Digits mostly; small ones sometimes spelled."""
    return NUMBERS[n - 1] if n <= 10 and rng.random() < 0.3 else str(n)


def span(rng: random.Random) -> tuple[str, int]:
    """A duration said, and how many days it is."""
    unit, days, most = rng.choice(
        (("day", 1, 180), ("day", 1, 180), ("day", 1, 0), ("week", 7, 12), ("month", 30, 12))
    )
    n = rng.choice((3, 5, 7, 10, 14, 30, 45, 60, 90)) if most == 0 else rng.randint(2, most)
    shown = number_word(rng, n)
    short = {"day": "d", "week": "w", "month": " mo"}[unit]
    if rng.random() < 0.12 and unit != "month":
        return f"{n}{short}", n * days
    return f"{shown} {unit}s", n * days


def _past_months(rng: random.Random, _: str) -> When:
    """Of what is known by months."""
    n = rng.randint(2, 12)
    said, days = rng.choice(((f"{number_word(rng, n)} months", 30 * n), ("30 days", 30), ("90 days", 90)))
    frame = "[the |in the |over the |during the |for the |][last|past|last|previous] {span}"
    return When(say(rng, frame, span=said), {"days_ago": days})


def _past_days(rng: random.Random, _: str) -> When:
    said, days = span(rng)
    frames = (
        "[the |in the |over the |during the |within the |for the ][last|past|last|previous] {span}"
        "|last {span}|past {span}|[in|over|during] the {span} before now"
    )
    return When(say(rng, f"[{frames}]", span=said), {"days_ago": days})


def _long_days(rng: random.Random, _: str) -> When:
    said, days = span(rng)
    return When(say(rng, "[since {span} ago|from {span} ago on|since about {span} ago]", span=said),
                {"days_ago": days})  # fmt: skip


def _hours(rng: random.Random, _: str) -> When:
    n = rng.choice((1, 2, 3, 4, 6, 8, 12, 24, 24, 36, 48, 72))
    shown = "hour" if n == 1 else rng.choice((f"{n} hours", f"{n} hours", f"{n}h", f"{n} hrs"))
    frame = "[the last|in the last|in the past|over the last|within the last|during the past|last] {n}"
    return When(say(rng, frame, n=shown), {"hours_ago": n})


def _day_text(rng: random.Random, month: int, day: int) -> str:
    name = _month_name(rng, month)
    ordinal = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}.get(day, "th")
    return rng.choice(
        (f"{day} {name}", f"{name} {day}", f"{day}{ordinal} {name}", f"the {day}{ordinal} of {name}",
         f"{name} {day}{ordinal}")
    )  # fmt: skip


def _some_day(rng: random.Random) -> tuple[str, Any]:
    day = date(2024, 1, 1) + timedelta(days=rng.randrange(1000))
    if rng.random() < 0.5:
        month, number = rng.randint(1, 12), rng.randint(1, 28)
        return _day_text(rng, month, number), {"latest": f"{month:02}-{number:02}"}
    if rng.random() < 0.5:
        return day.isoformat(), day.isoformat()
    comma = rng.choice((" ", ", "))
    return f"{_day_text(rng, day.month, day.day)}{comma}{day.year}", day.isoformat()


def _since_day(rng: random.Random, _: str) -> When:
    text, value = _some_day(rng)
    frame = "[since {day}|since {day}|from {day} on|starting {day}|from {day} onwards|"
    frame += "beginning {day}|on or after {day}]"
    return When(say(rng, frame, day=text), value)


def _before_day(rng: random.Random, _: str) -> When:
    text, value = _some_day(rng)
    frame = "[before {day}|before {day}|prior to {day}|earlier than {day}|any time before {day}]"
    return When(say(rng, frame, day=text), None, value)


def _named_month(rng: random.Random, _: str) -> When:
    month = rng.randint(1, 12)
    name = _month_name(rng, month)
    if rng.random() < 0.35:
        year = rng.randint(2024, 2026)
        after = date(year + month // 12, month % 12 + 1, 1)
        frame = "[in {m} {y}|during {m} {y}|for {m} {y}|{m} {y}|over {m} {y}]"
        text = say(rng, frame, m=name, y=str(year))
        return When(text, f"{year}-{month:02}-01", after.isoformat())
    first = f"{month:02}-01"
    if rng.random() < 0.2:
        return When(say(rng, "[since {m}|from {m} on|since the start of {m}]", m=name), {"latest": first})
    if rng.random() < 0.2 and month <= 10:
        n = rng.randint(2, 12 - month)
        last = _month_name(rng, month + n - 1)
        frame = "[from {m} to {n}|between {m} and {n}|from {m} through {n}|{m} to {n}]"
        end = {"latest": first, "plus_months": n}
        return When(say(rng, frame, m=name, n=last), {"latest": first}, end)
    frame = "[in {m}|in {m}|during {m}|for {m}|over {m}|in the month of {m}|throughout {m}]"
    return When(say(rng, frame, m=name), {"latest": first}, {"latest": first, "plus_months": 1})


def _year(rng: random.Random, _: str) -> When:
    year = rng.randint(2023, 2026)
    text = say(rng, "[in {y}|during {y}|for {y}|in the year {y}|over {y}|throughout {y}]", y=str(year))
    return When(text, f"{year}-01-01", f"{year + 1}-01-01")


def _iso(rng: random.Random, _: str) -> When:
    day = date(2025, 1, 1) + timedelta(days=rng.randrange(690))
    after = (day + timedelta(days=1)).isoformat()
    if rng.random() < 0.4:
        end = day + timedelta(days=rng.randint(2, 60))
        frame = "[between {a} and {b}|from {a} to {b}|from {a} through {b}]"
        last = (end + timedelta(days=1)).isoformat()
        text = say(rng, frame, a=day.isoformat(), b=end.isoformat())
        return When(text, day.isoformat(), last)
    shown = rng.choice((day.isoformat(), f"{_day_text(rng, day.month, day.day)} {day.year}"))
    text = say(rng, "[on {day}|on {day}|during {day}|on the day {day}]", day=shown)
    return When(text, day.isoformat(), after)


COMPARED = (
    ("month", "[this month {vs} last month|this month {vs} last|this month {vs} the previous one|"
     "the current month {vs} the previous month|this month {vs} the month before]"),
    ("week", "[this week {vs} last week|this week {vs} last|the current week {vs} the previous week|"
     "this week {vs} the week before|this week {vs} the one before]"),
    ("quarter", "[this quarter {vs} last quarter|this quarter {vs} last|"
     "the current quarter {vs} the previous one|this quarter {vs} the quarter before]"),
    ("year", "[this year {vs} last year|this year {vs} last|the current year {vs} the previous year|"
     "this year {vs} the year before]"),
)  # fmt: skip
VERSUS = "[against|vs|versus|vs.|compared to|compared with|over|and|in comparison to|next to]"


def compared(rng: random.Random, field: Dimension) -> tuple[str, When, dict[str, Any]]:
    """Two stretches side by side: how it is said, the plan's own, the other."""
    periods = [it for it in COMPARED if it[0] in field.grains]
    versus = say(rng, VERSUS)
    if rng.random() < 0.25:
        period = rng.choice(periods)[0]
        frame = "last {p} {vs} [the {p} before that|the one before|the {p} before|the preceding {p}]"
        text = say(rng, frame, p=period, vs=versus)
        own = When("", start_of(period, 1), start_of(period, 0))
        other = {"since": start_of(period, 2), "before": start_of(period, 1)}
        return marked(text), own, other
    if rng.random() < 0.15 and "day" in field.grains:
        text = say(rng, "[today {vs} yesterday|today {vs} the day before]", vs=versus)
        return (
            marked(text),
            When("", {"days_ago": 0}),
            {"since": {"days_ago": 1}, "before": {"days_ago": 0}},
        )
    if rng.random() < 0.2:
        said, days = span(rng)
        frame = "[the last|the past|last] {s} {vs} the [{s} before|previous {s}|{s} before that]"
        text = say(rng, frame, s=said, vs=versus)
        other = {"since": {"days_ago": 2 * days}, "before": {"days_ago": days}}
        return marked(text), When("", {"days_ago": days}), other
    period, frame = rng.choice(periods)
    text = say(rng, frame, vs=versus)
    other = {"since": start_of(period, 1), "before": start_of(period, 0)}
    return marked(text), When("", start_of(period, 0)), other
