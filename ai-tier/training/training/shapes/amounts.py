"""Shapes about figures: over all, by group, over time."""

from training.catalog import Dimension
from training.figures import Figure, count, figure
from training.plans import grouped, ordered, plan
from training.scene import Scene
from training.shapes.draft import Draft, figure_sentence, sentence, which_or
from training.wording import say


def count_rows(scene: Scene) -> Draft | None:
    """How many rows."""
    counted = plan(scene.entity.name, measures=[{"function": "count"}], filters=scene.filters)
    if scene.rng.random() < 0.1:
        return Draft(counted, "terse", count(scene).short())
    form, frame = sentence(scene, "count", None if scene.which() else {"np"})
    return Draft(counted, form, say(scene.rng, frame, np=scene.things, which=lambda: which_or(scene)))


def distinct_values(scene: Scene) -> Draft | None:
    """How many different values."""
    of = scene.group()
    if of is None:
        return None
    form, frame = sentence(scene, "distinct")
    text = say(scene.rng, frame, d=scene.count_label(of, 1), ds=scene.count_label(of, 2),
               np=scene.things, among=lambda: scene.piece("among", np=scene.things()))  # fmt: skip
    measures = [{"function": "distinct", "of": of.name}]
    return Draft(plan(scene.entity.name, measures=measures, filters=scene.filters), form, text)


def one_figure(scene: Scene) -> Draft | None:
    """A figure over everything that the conditions leave."""
    it = figure(scene)
    if it.measure["function"] == "count":
        return count_rows(scene)
    form, text = figure_sentence(scene, it)
    return Draft(plan(scene.entity.name, measures=[it.measure], filters=scene.filters), form, text)


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
    form, text = figure_sentence(scene, it)
    text = _inner(scene, text, scene.by(of, second))
    if chance < 0.34:
        down = rng.random() < 0.8
        made = plan(**{**made, "order": ordered(it.key, down)})
        order = rng.choice(scene.frames["orders"]["figure_down" if down else "figure_up"])
        # Said last, or the time behind it would seem to be ordered too.
        text, scene.loose = f"{text} {scene.loose}{order}", ""
    return Draft(made, form, text)


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
    form, text = figure_sentence(scene, it)
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
    form, text = figure_sentence(scene, it)
    return Draft(made, form, f"{text} {say(scene.rng, frame, g=grain, d=scene.name(time))}")


def two_figures(scene: Scene) -> Draft | None:
    """Two figures of the same number, or how many and how much, in one question."""
    rng, name = scene.rng, scene.entity.name
    numbers = [
        it for it in scene.entity.of_kind("number")
        if scene.lexicon.weight(name, it) > 0 and "average" in it.aggregates
    ]  # fmt: skip
    if not numbers:
        return None
    of: Dimension = rng.choices(numbers, [scene.lexicon.weight(name, it) for it in numbers])[0]
    first, second = rng.sample(("average", "minimum", "maximum"), 2)
    words = [scene.piece("bare_" + it) for it in (first, second)]
    measures = [{"function": it, "of": of.name} for it in (first, second)]
    text = say(rng, "{a} [and|and|as well as|plus|&] {b} {m}", a=words[0], b=words[1], m=scene.name(of))
    if scene.said or rng.random() < 0.5:
        text = f"{text} {rng.choice(('of', 'for', 'across', 'among'))} {scene.things()}"
    form, frame = sentence(scene, "figure", {"fig"})
    text, groups = say(rng, frame, fig=text), []
    if rng.random() < 0.6 and (by := scene.group()) is not None:
        groups, text = [grouped(by.name)], f"{text} {scene.by(by)}"
    return Draft(plan(name, measures=measures, group_by=groups, filters=scene.filters), form, text)
