"""Shapes that set groups beside each other: the first, shares, conditions on figures, comparisons."""

from typing import Any

from training.conditions import Said, comparison, size
from training.figures import figure
from training.plans import grouped, ordered, plan
from training.scene import Scene
from training.shapes.draft import LEADERS, Draft, Spoken, lead, sentence
from training.times import compared, number_word
from training.wording import marked, say


def top(scene: Scene) -> Draft | None:
    """The n groups with the most or the least; one of them where n is not said."""
    rng = scene.rng
    it, of = figure(scene), scene.group()
    if of is None:
        return None
    single, least = rng.random() < 0.35, rng.random() < 0.15
    n, word = (1, "") if single else lead(scene)
    made = plan(scene.entity.name, measures=[it.measure], group_by=[grouped(of.name)],
                filters=scene.filters, order=ordered(it.key, not least), limit=n)  # fmt: skip
    d, ds = scene.count_label(of, 1), scene.count_label(of, 2)
    if it.spends and not scene.said and rng.random() < 0.45:
        does = say(rng, rng.choice(it.spends[least]))
        frame = "which {d} {does}" if single else "[which|what] {n} {ds} {does}"
        return Draft(made, "ask", say(rng, frame, d=d, ds=ds, n=word, does=does))
    spoken = Spoken(scene, it, least)
    slots = {"most": spoken.most, "fig": spoken.fig, "highest": spoken.highest}
    shape = "best" if single else "top"
    form = rng.choice(("np", "do", "ask"))
    usable = [one for one in scene.frames[shape][form] if not least or "{most}" in one or "{highest}" in one]
    if not usable:
        return None
    text = say(rng, rng.choice(usable), d=d, ds=ds, n=word, **slots)
    return Draft(made, form, text)


def share(scene: Scene) -> Draft | None:
    """What percentage of some rows fulfil one more condition."""
    if scene.needs_base:
        return _share_of(scene)
    parts = [it for it in scene.said if it.predicate() and not it.noun]
    if not parts:
        return None
    part: Said = scene.rng.choice(parts)
    scene.said.remove(part)
    made = plan(scene.entity.name, measures=[{"function": "share"}], filters=scene.filters,
                part=part.filters)  # fmt: skip
    form, frame = sentence(scene, "share")
    text = say(scene.rng, frame, np=scene.things, part=part.predicate())
    if scene.rng.random() < 0.2 and (of := scene.group()) is not None and of.name != part.dimension:
        made = plan(**{**made, "group_by": [grouped(of.name)]})
        text = f"{text} {scene.by(of)}"
    return Draft(made, form, text)


def _share_of(scene: Scene) -> Draft | None:
    """What percentage of a sum falls on some condition."""
    it = figure(scene, additive=True)
    parts = [one for one in scene.said if one.post.startswith(("for ", "on ", "of ", "in ", "from "))]
    if it.of is None or it.measure["function"] != "sum" or not parts:
        return None
    part = scene.rng.choice(parts)
    scene.said.remove(part)
    measure = {"function": "share", "of": it.of.name}
    made = plan(scene.entity.name, measures=[measure], filters=scene.filters, part=part.filters)
    form, frame = sentence(scene, "share_of")
    if scene.said:
        # Two conditions behind each other would not tell what is of what.
        scene.bring_forward()
    if scene.said:
        return None
    text = say(scene.rng, frame, fig=it.noun, part=part.post)
    return Draft(plan(**{**made, "filters": scene.filters}), form, text)


def share_by(scene: Scene) -> Draft | None:
    """Each group's percentage of all."""
    it, of = figure(scene, additive=True), scene.group()
    if of is None or it.measure["function"] not in ("count", "sum"):
        return None
    measure = {"function": "share"} if it.of is None else {"function": "share", "of": it.of.name}
    made = plan(scene.entity.name, measures=[measure], group_by=[grouped(of.name)],
                filters=scene.filters)  # fmt: skip
    form, frame = sentence(scene, "share_by")
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
    spoken = Spoken(scene, it)

    def before() -> str:
        spoken.before = True
        return compare

    made = plan(scene.entity.name, measures=[it.measure], group_by=[grouped(of.name)],
                filters=scene.filters, having=[{"by": it.key, "op": op, "value": n}])  # fmt: skip
    form, frame = sentence(scene, "having")
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
    form, frame = sentence(scene, "compare")
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
    spoken = Spoken(scene, it)
    form, frame = sentence(scene, "limit_per")
    text = say(rng, frame, n=word, d=scene.count_label(inner, 1), ds=scene.count_label(inner, 2),
               per=lambda: scene.piece("per", o=scene.count_label(outer, 1)), fig=spoken.fig,
               most=spoken.most)  # fmt: skip
    return Draft(made, form, text)
