"""The shapes of questions about rows and figures: each makes a plan and a sentence that means it.

A shape gives up (None) where the scene has nothing for it; the generator draws again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from training.catalog import Dimension
from training.conditions import Said, comparison, size
from training.figures import Figure, figure
from training.plans import grouped, ordered, plan
from training.scene import Scene
from training.times import compared, number_word
from training.wording import marked, say, slots_of

LEADERS = ((3, 5, 5, 5, 10, 10, 10, 15, 20, 25, 50, 2, 4, 7, 8, 12, 100), (2, 3, 5, 5, 10))


@dataclass(frozen=True)
class Draft:
    """A question before it is wrapped. ``form``: np, do or ask; the scene's loose time is not yet in it."""

    plan: dict[str, Any]
    form: str
    text: str


Shape = Callable[[Scene], Draft | None]


def _frame(scene: Scene, shape: str, has: set[str] | None = None) -> tuple[str, str]:
    """A form and one of its sentences; ``has``: of which the slots are wanted, if it can be."""
    form = scene.rng.choices(("np", "do", "ask"), (0.38, 0.27, 0.35))[0]
    frames: list[str] = scene.frames[shape][form]
    wanted = [it for it in frames if has is None or slots_of(it) <= has]
    return form, scene.rng.choice(wanted or frames)


def _which_or(scene: Scene) -> str:
    return scene.which() or scene.things()


def _lead(scene: Scene) -> tuple[int, str]:
    n = scene.rng.choice(LEADERS[0])
    return n, marked(number_word(scene.rng, n))


class _Spoken:
    """The slots ``most``, ``c`` and ``fig``: after "most" or a number, a figure is its noun alone."""

    def __init__(self, scene: Scene, figure: Figure, least: bool = False) -> None:
        self.scene, self.figure, self.least = scene, figure, least
        self.before = False

    def most(self) -> str:
        self.before = True
        side = "least" if self.least else "most"
        counted = self.figure.measure["function"] in ("count", "distinct")
        return self.scene.piece(f"{side}_count" if counted else side)

    def highest(self) -> str:
        return self.scene.piece("lowest" if self.least else "highest")

    def fig(self) -> str:
        bare, self.before = self.before, False
        return self.figure.bare() if bare else self.figure.noun()


def list_rows(scene: Scene) -> Draft | None:
    """Rows as they are."""
    rows = plan(scene.entity.name, filters=scene.filters)
    if scene.said and scene.rng.random() < 0.18:
        return Draft(rows, "terse", scene.terse())
    form, frame = _frame(scene, "list", None if scene.said else {"np"})
    return Draft(rows, form, say(scene.rng, frame, np=scene.things, which=lambda: _which_or(scene)))


def count_rows(scene: Scene) -> Draft | None:
    """How many rows."""
    counted = plan(scene.entity.name, measures=[{"function": "count"}], filters=scene.filters)
    form, frame = _frame(scene, "count", None if scene.which() else {"np"})
    return Draft(counted, form, say(scene.rng, frame, np=scene.things, which=lambda: _which_or(scene)))


def distinct_values(scene: Scene) -> Draft | None:
    """How many different values."""
    of = scene.group()
    if of is None:
        return None
    form, frame = _frame(scene, "distinct")
    text = say(scene.rng, frame, d=scene.count_label(of, 1), ds=scene.count_label(of, 2),
               np=scene.things, among=lambda: scene.piece("among", np=scene.things()))  # fmt: skip
    measures = [{"function": "distinct", "of": of.name}]
    return Draft(plan(scene.entity.name, measures=measures, filters=scene.filters), form, text)


def one_figure(scene: Scene) -> Draft | None:
    """A figure over everything that the conditions leave."""
    it = figure(scene)
    if it.measure["function"] == "count":
        return count_rows(scene)
    form, text = _figure_sentence(scene, it)
    return Draft(plan(scene.entity.name, measures=[it.measure], filters=scene.filters), form, text)


def _figure_sentence(scene: Scene, it: Figure) -> tuple[str, str]:
    if it.ask and scene.rng.random() < 0.4:
        return "ask", it.ask()
    if it.measure["function"] == "count":
        form, frame = _frame(scene, "count", {"np"})
        return form, say(scene.rng, frame, np=scene.things)
    form, frame = _frame(scene, "figure")
    return form, say(scene.rng, frame, fig=it.noun)


def by_group(scene: Scene) -> Draft | None:
    """A figure for each value of one or two dimensions."""
    rng = scene.rng
    it, of = figure(scene), scene.group()
    if of is None:
        return None
    second = scene.group((of,)) if rng.random() < 0.14 else None
    groups = [grouped(one.name) for one in (of, second) if one]
    made = plan(scene.entity.name, measures=[it.measure], group_by=groups, filters=scene.filters)
    chance = rng.random()
    if chance < 0.12 and second is None:
        fig = it.noun()
        d = scene.count_label(of, 1)
        text = scene.piece("front_by", d=d, x=fig)
        return Draft(made, "np", text)
    if chance < 0.24 and second is None:
        frame = "[breakdown of {f} by {d}|{d} breakdown of {f}|{f} {d} by {d}|{f}, {d} wise|{d}-wise {f}"
        frame += "|{d} distribution of {f}|distribution of {f} over {ds}|how {f} spreads over {ds}]"
        text = say(rng, frame, f=it.noun, d=scene.count_label(of, 1), ds=scene.count_label(of, 2))
        return Draft(made, "np", text)
    form, text = _figure_sentence(scene, it)
    return Draft(made, form, _inner(scene, text, scene.by(of, second)))


def _inner(scene: Scene, text: str, by: str) -> str:
    """``by`` behind the sentence; the time now and then between them."""
    if scene.loose and scene.rng.random() < 0.35:
        text, scene.loose = f"{text} {scene.loose}", ""
    return f"{text} {by}"


def by_grain(scene: Scene) -> Draft | None:
    """A figure over time."""
    rng = scene.rng
    time = scene.entity.dimensions.get(scene.entity.time or "")
    if time is None or not time.grains:
        return None
    it = figure(scene)
    if scene.lexicon.about(scene.entity.name, "activity"):
        return _by_named_time(scene, it)
    grain = rng.choice([g for g in time.grains for _ in range(1 if g in ("hour", "year", "quarter") else 4)])
    every = {"hour": "hourly", "day": "daily", "week": "weekly", "month": "monthly",
             "quarter": "quarterly", "year": "yearly"}[grain]  # fmt: skip
    groups = [grouped(time.name, grain)]
    second = scene.group() if rng.random() < 0.12 else None
    if second is not None:
        groups.append(grouped(second.name))
    made = plan(scene.entity.name, measures=[it.measure], group_by=groups, filters=scene.filters)
    behind = "" if second is None else f" and {scene.count_label(second, 1)}"
    if second is None and rng.random() < 0.25:
        frame = "[{e} {f}|{e} {f}|{e} figures for {f}|{f} over time, {e}|trend of {f} by {g}"
        frame += "|development of {f} {g} by {g}|{f}, {e}|history of {f} per {g}|{g}ly chart of {f}]"
        return Draft(made, "np", say(rng, frame.replace("{g}ly", every), e=every, f=it.noun, g=grain))
    if second is None:
        by = scene.piece("grain", g=grain, gly=every)
    else:
        by = say(rng, "[by {g}|per {g}|for each {g}]{b}", g=grain, b=behind)
    form, text = _figure_sentence(scene, it)
    return Draft(made, form, _inner(scene, text, by))


def _by_named_time(scene: Scene, it: Figure) -> Draft | None:
    """Over a time that has to be named, as people mean no time of desktops by itself."""
    never = {*scene.used, *scene.lexicon.entities["never_grouped"]["names"]}
    times = [one for one in scene.entity.of_kind("time") if one.name not in never]
    weights = [scene.lexicon.weight(scene.entity.name, one) for one in times]
    if not any(weights):
        return None
    time = scene.rng.choices(times, weights)[0]
    grain = scene.rng.choice(("day", "week", "month", "month", "year"))
    made = plan(scene.entity.name, measures=[it.measure], group_by=[grouped(time.name, grain)],
                filters=scene.filters)  # fmt: skip
    frame = (
        "[by {g} of [the |]{d}|per {g} of {d}|by {d}, per {g}|by {d} {g}|for each {g} of {d}|grouped by {d}"
    )
    frame += " per {g}|by the {g} of their {d}|per {d} {g}]"
    form, text = _figure_sentence(scene, it)
    return Draft(made, form, f"{text} {say(scene.rng, frame, g=grain, d=scene.name(time))}")


def top(scene: Scene) -> Draft | None:
    """The n groups with the most or the least; one of them where n is not said."""
    rng = scene.rng
    it, of = figure(scene), scene.group()
    if of is None:
        return None
    single, least = rng.random() < 0.35, rng.random() < 0.15
    n, word = (1, "") if single else _lead(scene)
    made = plan(scene.entity.name, measures=[it.measure], group_by=[grouped(of.name)],
                filters=scene.filters, order=ordered(it.key, not least), limit=n)  # fmt: skip
    d, ds = scene.count_label(of, 1), scene.count_label(of, 2)
    if it.spends and not scene.said and rng.random() < 0.45:
        does = say(rng, rng.choice(it.spends[least]))
        frame = "which {d} {does}" if single else "[which|what] {n} {ds} {does}"
        return Draft(made, "ask", say(rng, frame, d=d, ds=ds, n=word, does=does))
    spoken = _Spoken(scene, it, least)
    slots = {"most": spoken.most, "fig": spoken.fig, "highest": spoken.highest}
    shape = "best" if single else "top"
    form = rng.choice(("np", "do", "ask"))
    usable = [one for one in scene.frames[shape][form] if not least or "{most}" in one or "{highest}" in one]
    if not usable:
        return None
    text = say(rng, rng.choice(usable), d=d, ds=ds, n=word, **slots)
    return Draft(made, form, text)


def rows_top(scene: Scene) -> Draft | None:
    """Rows with the greatest or smallest of a number, or the latest rows."""
    rng, name = scene.rng, scene.entity.name
    numbers = [one for one in scene.entity.of_kind("number") if scene.lexicon.weight(name, one) > 0]
    time = scene.entity.dimensions.get(scene.entity.time or "")
    n, word = _lead(scene)
    if time is not None and (not numbers or rng.random() < 0.4) and "desktop" not in scene.entity.label:
        made = plan(name, filters=scene.filters, order=ordered(time.name), limit=n)
        form, frame = _frame(scene, "latest")
        return Draft(made, form, say(rng, frame, np=scene.things, n=word))
    if not numbers:
        return None
    of = rng.choices(numbers, [scene.lexicon.weight(name, one) for one in numbers])[0]
    least = rng.random() < 0.2
    made = plan(name, filters=scene.filters, order=ordered(of.name, not least), limit=n)
    form = rng.choice(("np", "do", "ask"))
    frames = scene.frames["rows_top"][form]
    adjectives = scene.lexicon.entry(name, of).get("small" if least else "big", [])
    sure = bool(adjectives) and of.bare not in ("root_volume_gib", "user_volume_gib")
    usable = [one for one in frames if (sure if "{adj}" in one else "{most}" in one or not least)]
    adjective = rng.choice(adjectives) if sure else ""
    text = say(rng, rng.choice(usable), n=word, d=scene.name(of), adj=adjective, np=scene.things,
               most=lambda: scene.piece("least" if least else "most"))  # fmt: skip
    return Draft(made, form, text)


def share(scene: Scene) -> Draft | None:
    """What percentage of some rows fulfil one more condition."""
    parts = [it for it in scene.said if it.predicate() and not it.noun]
    if not parts or scene.needs_base:
        return None
    part: Said = scene.rng.choice(parts)
    scene.said.remove(part)
    made = plan(scene.entity.name, measures=[{"function": "share"}], filters=scene.filters,
                part=part.filters)  # fmt: skip
    form, frame = _frame(scene, "share")
    text = say(scene.rng, frame, np=scene.things, part=part.predicate())
    if scene.rng.random() < 0.2 and (of := scene.group()) is not None and of.name != part.dimension:
        made = plan(**{**made, "group_by": [grouped(of.name)]})
        text = f"{text} {scene.by(of)}"
    return Draft(made, form, text)


def share_by(scene: Scene) -> Draft | None:
    """Each group's percentage of all."""
    it, of = figure(scene, additive=True), scene.group()
    if of is None or it.measure["function"] not in ("count", "sum"):
        return None
    measure = {"function": "share"} if it.of is None else {"function": "share", "of": it.of.name}
    made = plan(scene.entity.name, measures=[measure], group_by=[grouped(of.name)],
                filters=scene.filters)  # fmt: skip
    form, frame = _frame(scene, "share_by")
    noun = it.noun if it.of else scene.things
    text = say(scene.rng, frame, fig=noun, by=lambda: scene.by(of), d=scene.count_label(of, 1))
    return Draft(made, form, text)


def having(scene: Scene) -> Draft | None:
    """Groups whose figure is beyond a number."""
    rng = scene.rng
    it, of = figure(scene), scene.group()
    if of is None:
        return None
    op = rng.choice(("more_than", "more_than", "at_least", "at_least", "less_than", "at_most"))
    n = size(rng, it.unit)
    compare = comparison(rng, it.unit, op, n)
    spoken = _Spoken(scene, it)

    def before() -> str:
        spoken.before = True
        return compare

    made = plan(scene.entity.name, measures=[it.measure], group_by=[grouped(of.name)],
                filters=scene.filters, having=[{"by": it.key, "op": op, "value": n}])  # fmt: skip
    form, frame = _frame(scene, "having")
    text = say(rng, frame, d=scene.count_label(of, 1), ds=scene.count_label(of, 2), fig=spoken.fig,
               c=before, c2=compare)  # fmt: skip
    return Draft(made, form, text)


def compare(scene: Scene) -> Draft | None:
    """A figure beside the same figure of another stretch of time."""
    rng = scene.rng
    time = scene.entity.dimensions.get(scene.entity.time or "")
    bound = {it["dimension"] for it in scene.filters if it["op"] in ("since", "before")}
    if time is None or bound or scene.lexicon.about(scene.entity.name, "activity"):
        return None
    it, of = figure(scene, additive=True), scene.group() if rng.random() < 0.5 else None
    pair, own, other = compared(rng, time)
    filters = scene.filters + own.filters(time.name)
    groups = [grouped(of.name)] if of else []
    more: dict[str, Any] = {}
    text_order = ""
    if of and rng.random() < 0.2:
        more["order"] = ordered(f"{it.key}_change")
        text_order = rng.choice((", biggest change first", ", ordered by the change", ", sorted by change"))
    made = plan(scene.entity.name, measures=[it.measure], group_by=groups, filters=filters,
                compare=other, **more)  # fmt: skip
    form, frame = _frame(scene, "compare")
    text = say(rng, frame, fig=it.noun, pair=pair)
    return Draft(made, form, f"{text} {scene.by(of)}{text_order}" if of else text)


def limit_per(scene: Scene) -> Draft | None:
    """The top n of each."""
    rng = scene.rng
    it, outer = figure(scene, additive=True), scene.group()
    inner = scene.group((outer,)) if outer else None
    if outer is None or inner is None:
        return None
    n = rng.choice(LEADERS[1])
    word = marked(number_word(rng, n))
    made = plan(scene.entity.name, measures=[it.measure],
                group_by=[grouped(outer.name), grouped(inner.name)], filters=scene.filters,
                order=ordered(it.key), limit=n, limit_per=outer.name)  # fmt: skip
    spoken = _Spoken(scene, it)
    form, frame = _frame(scene, "limit_per")
    text = say(rng, frame, n=word, d=scene.count_label(inner, 1), ds=scene.count_label(inner, 2),
               per=lambda: scene.piece("per", o=scene.count_label(outer, 1)), fig=spoken.fig,
               most=spoken.most)  # fmt: skip
    return Draft(made, form, text)


THINGS = ("id", "computer_name", "user_name", "name", "title", "username")
"""By which a single thing is named."""


def attribute(scene: Scene) -> Draft | None:
    """What one thing has."""
    rng, name = scene.rng, scene.entity.name
    known = scene.entity.dimensions
    keys = [known[it] for it in THINGS if it in known and known[it].kind == "text"]
    if not keys or name in ("billing", "usage", "events", "changes", "recommendations"):
        return None
    key = rng.choice(keys)
    shown = [it for it in known.values() if it.kind != "tags" and it.name != key.name
             and scene.lexicon.weight(name, it) > 0]  # fmt: skip
    of = rng.choices(shown, [scene.lexicon.weight(name, it) + 0.5 for it in shown])[0]
    (value, word), *_ = scene.conditions.drawn(key, 1)
    noun = rng.choice(scene.lexicon.noun(scene.entity))
    if key.name == "user_name":
        frame = "[{v}'s {n}|the {n} of {v}|{v}'s {n}|user {v}'s {n}|the {n} that {v} has]"
    else:
        frame = "[{v}|{v}|{n} {v}|the {n} {v}|{n} called {v}]"
    thing = say(rng, frame, v=marked(word), n=noun)
    filters = [{"dimension": key.name, "op": "is", "values": [value]}]
    scene.said, scene.when, scene.loose, scene.front = [], [], "", ""
    form, sentence = _frame(scene, "attribute")
    text = say(rng, sentence, d=scene.name(of), thing=thing)
    return Draft(plan(name, columns=[of.name], filters=filters), form, text)


def columns(scene: Scene) -> Draft | None:
    """A list with two columns that are named."""
    known = [it for it in scene.entity.dimensions.values()
             if it.kind != "tags" and scene.lexicon.weight(scene.entity.name, it) > 0]  # fmt: skip
    if len(known) < 2 or scene.needs_base:
        return None
    weights = [scene.lexicon.weight(scene.entity.name, it) for it in known]
    first: Dimension = scene.rng.choices(known, weights)[0]
    second: Dimension = scene.rng.choices(known, weights)[0]
    if first is second:
        return None
    made = plan(scene.entity.name, columns=[first.name, second.name], filters=scene.filters)
    form, frame = _frame(scene, "columns")
    text = say(scene.rng, frame, d=scene.name(first), d2=scene.name(second), np=scene.things)
    return Draft(made, form, text)


SHAPES: dict[str, tuple[Shape, float]] = {
    "list": (list_rows, 19), "count": (count_rows, 17), "distinct": (distinct_values, 3.5),
    "figure": (one_figure, 9), "group": (by_group, 17), "grain": (by_grain, 6), "top": (top, 8),
    "rows_top": (rows_top, 3.5), "share": (share, 4), "share_by": (share_by, 2.5),
    "having": (having, 3.5), "compare": (compare, 4), "limit_per": (limit_per, 2),
    "attribute": (attribute, 3), "columns": (columns, 2),
}  # fmt: skip
"""Every shape with how often it is drawn."""
