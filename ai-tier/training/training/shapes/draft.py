"""What every shape makes, and what they share: frames, leaders, figures after "most"."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from training.figures import Figure
from training.scene import Scene
from training.times import number_word
from training.wording import marked, say, slots_of

LEADERS = ((3, 5, 5, 5, 10, 10, 10, 15, 20, 25, 50, 2, 4, 7, 8, 12, 100), (2, 3, 5, 5, 10))


@dataclass(frozen=True)
class Draft:
    """A question before it is wrapped. ``form``: np, do or ask; the scene's loose time is not yet in it."""

    plan: dict[str, Any]
    form: str
    text: str


Shape = Callable[[Scene], Draft | None]


def sentence(scene: Scene, shape: str, has: set[str] | None = None) -> tuple[str, str]:
    """A form and one of its sentences; ``has``: of which the slots are wanted, if it can be."""
    form = scene.rng.choices(("np", "do", "ask"), (0.38, 0.27, 0.35))[0]
    frames: list[str] = scene.frames[shape][form]
    wanted = [it for it in frames if has is None or slots_of(it) <= has]
    return form, scene.rng.choice(wanted or frames)


def which_or(scene: Scene) -> str:
    return scene.which() or scene.things()


def lead(scene: Scene) -> tuple[int, str]:
    n = scene.rng.choice(LEADERS[0])
    return n, marked(number_word(scene.rng, n))


class Spoken:
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


def figure_sentence(scene: Scene, it: Figure) -> tuple[str, str]:
    if it.ask and scene.rng.random() < 0.4:
        return "ask", it.ask()
    if scene.rng.random() < 0.12:
        return "terse", it.short()
    if it.measure["function"] == "count":
        form, frame = sentence(scene, "count", {"np"})
        return form, say(scene.rng, frame, np=scene.things)
    form, frame = sentence(scene, "figure")
    return form, say(scene.rng, frame, fig=it.noun)
