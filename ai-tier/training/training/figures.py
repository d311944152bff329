"""Figures as phrases: ``number of idle desktops``, ``average root volume``, ``spend in Frankfurt``."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from training.catalog import Dimension
from training.plans import key
from training.scene import Scene
from training.wording import say

DESKTOP_ONLY = ("user_name", "running_mode", "compute_type", "directory", "workspace_id")
"""Conditions of costs that only desktops fulfil: then "cost of machines" says nothing more."""


@dataclass(frozen=True)
class Figure:
    """What is computed. ``noun()``: with its conditions; ``bare()``: to stand after "most" or a number;
    ``short()``: in catchwords."""

    measure: dict[str, Any]
    of: Dimension | None
    noun: Callable[[], str]
    bare: Callable[[], str]
    short: Callable[[], str]
    ask: Callable[[], str] | None = None
    spends: tuple[list[str], list[str]] | None = None
    """What the greatest and the least do: ``cost most``."""

    @property
    def key(self) -> str:
        return key(self.measure)

    @property
    def unit(self) -> str | None:
        return self.of.unit if self.of else None


def figure(scene: Scene, additive: bool = False) -> Figure:
    """A figure as often as people ask for it. ``additive``: one that groups have a share of."""
    rng, own = scene.rng, scene.lexicon.about(scene.entity.name, "figure")
    numbers = [
        it for it in scene.entity.of_kind("number")
        if scene.lexicon.weight(scene.entity.name, it) > 0 and "sum" in it.aggregates
    ]  # fmt: skip
    chance = rng.random()
    known = scene.entity.dimensions
    if own and chance < (0.75 if scene.needs_base else 0.3):
        return _own(scene, rng.choice([own[0], *own])) if own[0]["of"] in known else count(scene)
    if numbers and (scene.needs_base or chance > 0.72):
        weights = [scene.lexicon.weight(scene.entity.name, it) for it in numbers]
        of = rng.choices(numbers, weights)[0]
        summed = of.unit != "%" and of.bare not in scene.lexicon.entities["never_summed"]["names"]
        functions = ["sum"] if additive else ["average", "average", "maximum", "minimum"]
        function = rng.choice([*functions, "sum"] if summed else functions)
        return computed(scene, function, of) if summed or function != "sum" else count(scene)
    return count(scene)


def count(scene: Scene) -> Figure:
    """How many rows."""

    def noun() -> str:
        frame = scene.rng.choice(("number of {np}", "number of {np}", "{np} count", "count of {np}", "{np}",
                                  "total {np}", "number of [all |]{np}", "the {np} we have"))  # fmt: skip
        return say(scene.rng, frame, np=scene.things)

    def short() -> str:
        return say(scene.rng, "[{x} count|count {x}|# {x}|number {x}|{x} total|how many {x}]", x=scene.terse)

    return Figure({"function": "count"}, None, noun, scene.things, short)


def computed(scene: Scene, function: str, of: Dimension) -> Figure:
    """Sum, average, minimum or maximum."""

    def noun() -> str:
        head = scene.piece(function, m=scene.name(of))
        return _with_conditions(scene, head)

    def bare() -> str:
        return _with_conditions(scene, _bare(scene, function, of))

    def short() -> str:
        head = scene.piece(function, m=scene.name(of))
        return _catchwords(scene, head) if scene.needs_base else f"{head} {scene.terse()}"

    return Figure({"function": function, "of": of.name}, of, noun, bare, short)


def _bare(scene: Scene, function: str, of: Dimension) -> str:
    if function == "sum":
        return scene.name(of)
    return scene.piece(function, m=scene.name(of))


def _own(scene: Scene, entry: dict[str, Any]) -> Figure:
    """A figure with words of its own: spend, billable hours."""
    rng = scene.rng

    def noun() -> str:
        return _with_conditions(scene, rng.choice(entry["np"]))

    def ask() -> str:
        frame = rng.choice(entry["ask"])
        on = _hung(scene, "on") if "{on}" in frame else ""
        on2 = _subject(scene) if "{on2}" in frame else ""
        return say(rng, frame, on=on, on2=on2)

    of = scene.entity.dimensions[entry["of"]]
    measure = {"function": entry["function"], "of": entry["of"]}

    def short() -> str:
        return _catchwords(scene, rng.choice(entry["np"]))

    spends = (entry["spends"], entry["spends_least"])
    return Figure(measure, of, noun, noun, short, ask, spends)


def _catchwords(scene: Scene, head: str) -> str:
    """The figure's name with the values, in any order."""
    words = [head, *(it.short or it.post or it.pre for it in scene.said)]
    if scene.rng.random() < 0.5:
        scene.rng.shuffle(words)
    return scene.rng.choice((" ", " ", ", ")).join(words)


def _with_conditions(scene: Scene, head: str) -> str:
    rng = scene.rng
    if scene.needs_base:
        if whose := scene.whose():
            head = f"{whose} {head.removeprefix('the ').removeprefix('our ')}"
        if len(scene.said) == 1 and scene.said[0].dimension == "service" and rng.random() < 0.5:
            return f"{scene.said[0].pre} {head}" if scene.said[0].pre else f"{head} {scene.said[0].post}"
        return f"{head} {_hung(scene, rng.choice(('of', 'of', 'for', 'by')))}"
    if not scene.said and rng.random() < 0.25:
        return head
    return f"{head} {rng.choice(('of', 'of', 'for', 'across', 'among'))} {scene.things()}"


def _hung(scene: Scene, preposition: str) -> str:
    """The conditions behind a figure that has no noun; behind "desktops" only where that adds nothing."""
    if not scene.said:
        return ""
    if _may_say_desktops(scene) and (any(not it.post for it in scene.said) or scene.rng.random() < 0.5):
        return f"{'of' if preposition == 'by' else preposition} {_based(scene)}"
    posts = [it.post or it.pre for it in scene.said]
    scene.rng.shuffle(posts)
    return " ".join(posts)


def _subject(scene: Scene) -> str:
    if scene.said and _may_say_desktops(scene):
        return _based(scene)
    services = [it for it in scene.said if it.dimension == "service" and it.pre]
    posts = " ".join(it.post or it.pre for it in scene.said if it not in services[:1])
    return f"{services[0].pre if services else 'everything'} {posts}"


def _based(scene: Scene) -> str:
    base = scene.lexicon.about(scene.entity.name, "base") or ["desktops", "machines"]
    return scene.things(noun=scene.rng.choice(base))


def _may_say_desktops(scene: Scene) -> bool:
    if "service" not in scene.entity.dimensions:
        return True
    own = {it["dimension"] for it in scene.filters}
    return bool(own & set(DESKTOP_ONLY)) or any(it.startswith("desktop.") for it in own)
