"""Shapes about rows: lists, the first of them, what one thing has."""

from dataclasses import replace

from training.catalog import Dimension
from training.plans import ordered, plan
from training.scene import Scene
from training.shapes.draft import Draft, lead, sentence, which_or
from training.wording import marked, say


def list_rows(scene: Scene) -> Draft | None:
    """Rows as they are."""
    rows = plan(scene.entity.name, filters=scene.filters)
    if scene.said and scene.rng.random() < 0.18:
        return Draft(rows, "terse", scene.terse())
    form, frame = sentence(scene, "list", None if scene.said else {"np"})
    return Draft(rows, form, say(scene.rng, frame, np=scene.things, which=lambda: which_or(scene)))


def rows_top(scene: Scene) -> Draft | None:
    """Rows with the greatest or smallest of a number, or the latest rows; of either also a single one."""
    rng, name = scene.rng, scene.entity.name
    numbers = [one for one in scene.entity.of_kind("number") if scene.lexicon.weight(name, one) > 0]
    time = scene.entity.dimensions.get(scene.entity.time or "")
    if time is not None and (not numbers or rng.random() < 0.4) and "desktop" not in scene.entity.label:
        return _latest(scene, time)
    if not numbers:
        return None
    of = rng.choices(numbers, [scene.lexicon.weight(name, one) for one in numbers])[0]
    least, single = rng.random() < 0.2, rng.random() < 0.35
    n, word = (1, "") if single else lead(scene)
    made = plan(name, filters=scene.filters, order=ordered(of.name, not least), limit=n)
    form = rng.choice(("np", "do", "ask"))
    frames = scene.frames["rows_best" if single else "rows_top"][form]
    adjectives = scene.lexicon.entry(name, of).get("small" if least else "big", [])
    sure = bool(adjectives) and of.bare not in ("root_volume_gib", "user_volume_gib")
    usable = [one for one in frames if (sure if "{adj}" in one else "{most}" in one or not least)]
    adjective = rng.choice(adjectives) if sure else ""
    text = say(rng, rng.choice(usable), n=word, d=scene.name(of), adj=adjective, np=scene.things,
               one=lambda: _one(scene), most=lambda: scene.piece("least" if least else "most"))  # fmt: skip
    return Draft(made, form, text)


def _one(scene: Scene) -> str:
    """One of the things, with its conditions."""
    scene.said = [replace(it, noun="") for it in scene.said]
    return scene.things(scene.rng.choice(scene.lexicon.noun(scene.entity)))


def _latest(scene: Scene, time: Dimension) -> Draft:
    """The last rows, or the first."""
    rng = scene.rng
    if rng.random() < 0.65:
        n, word = lead(scene)
        made = plan(scene.entity.name, filters=scene.filters, order=ordered(time.name), limit=n)
        form, frame = sentence(scene, "latest")
        return Draft(made, form, say(rng, frame, np=scene.things, n=word))
    latest = rng.random() < 0.75
    made = plan(scene.entity.name, filters=scene.filters, order=ordered(time.name, latest), limit=1)
    form, frame = sentence(scene, "latest_one")
    late = rng.choice(scene.frames["orders"]["latest" if latest else "oldest"])
    return Draft(made, form, say(rng, frame, one=lambda: _one(scene), late=late))


def in_order(scene: Scene) -> Draft | None:
    """All rows, in an order that is said."""
    rng, name = scene.rng, scene.entity.name
    known = [it for it in scene.entity.of_kind("number", "time", "text", "choice")
             if it.bare not in ("id", "gone_at")]  # fmt: skip
    weights = [scene.lexicon.weight(name, it) * (2 if it.kind in ("number", "time") else 0.5) for it in known]
    if not any(weights):
        return None
    by = rng.choices(known, weights)[0]
    down = by.kind in ("number", "time") and rng.random() < 0.7
    kind = by.kind if by.kind in ("number", "time") else "text"
    order = say(
        rng, rng.choice(scene.frames["orders"][f"{kind}_{'down' if down else 'up'}"]), d=scene.name(by)
    )
    form, frame = sentence(scene, "ordered")
    text = say(rng, frame, np=scene.things, order=order)
    return Draft(plan(name, filters=scene.filters, order=ordered(by.name, down)), form, text)


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
    form, frame_of = sentence(scene, "attribute")
    text = say(rng, frame_of, d=scene.name(of), thing=thing)
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
    form, frame = sentence(scene, "columns")
    text = say(scene.rng, frame, d=scene.name(first), d2=scene.name(second), np=scene.things)
    return Draft(made, form, text)
