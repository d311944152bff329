"""Shapes about rows: lists, the first of them, what one thing has."""

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
    """Rows with the greatest or smallest of a number, or the latest rows."""
    rng, name = scene.rng, scene.entity.name
    numbers = [one for one in scene.entity.of_kind("number") if scene.lexicon.weight(name, one) > 0]
    time = scene.entity.dimensions.get(scene.entity.time or "")
    n, word = lead(scene)
    if time is not None and (not numbers or rng.random() < 0.4) and "desktop" not in scene.entity.label:
        made = plan(name, filters=scene.filters, order=ordered(time.name), limit=n)
        form, frame = sentence(scene, "latest")
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
