"""Questions whose words are no composition ("who rebooted most"), with conditions and times of their own."""

import copy
from typing import Any

from training.conditions import Said
from training.lexicon import texts
from training.plans import plan
from training.pools import surface
from training.scene import Scene
from training.shapes import Draft
from training.wording import marked, say, slots_of

SAFE = ("region", "account", "running_mode", "compute_type", "directory")
"""Dimensions whose conditions may follow almost any noun."""


def idiom(scene: Scene) -> Draft | None:
    """One of the entity's idioms; conditions and time are added where it has a place for them."""
    rng, name = scene.rng, scene.entity.name
    entries = [it for it in texts("idioms")["idiom"] if it["entity"] == name]
    if not entries:
        return None
    entry = rng.choice(entries)
    made: dict[str, Any] = copy.deepcopy(entry["plan"])
    text = rng.choice(entry["texts"])
    slots = slots_of(text)
    filters: list[dict[str, Any]] = made.pop("filters", [])
    words: dict[str, str] = {}
    if entry.get("deed"):
        deed, verbs = rng.choice(list(texts("idioms")["deeds"].items()))
        filters.append({"dimension": "name", "op": "is", "values": [deed]})
        words |= {"done": marked(rng.choice(verbs["done"])), "do": marked(rng.choice(verbs["do"]))}
    for slot, dimension in entry.get("of", {}).items():
        value = scene.pools.value(name, dimension)
        filters.append({"dimension": dimension, "op": "is", "values": [value]})
        words[slot] = marked(surface(rng, dimension, value))
    n = rng.choice((2, 3, 3, 4, 5, 10))
    words |= {
        "n": marked(str(n)),
        "times": marked("twice" if n == 2 and rng.random() < 0.6 else f"{n} times"),
    }
    scene.said, scene.when, scene.loose = _conditions(scene, slots, made), [], ""
    if "t" in slots and (rng.random() < 0.55 or entry.get("needs_time")):
        scene.add_time()
        if not scene.loose and not all(it.dimension in SAFE for it in scene.said):
            return None
    elif entry.get("needs_time"):
        return None
    words |= {"x": " ".join(it.post for it in scene.said), "t": scene.loose}
    text = say(rng, text, **words)
    scene.loose = ""
    made = _filled(made, n)
    return Draft(plan(name, filters=filters + scene.filters, **made), "ask", text)


def _conditions(scene: Scene, slots: set[str], made: dict[str, Any]) -> list[Said]:
    grouped = {it["dimension"] for it in made.get("group_by", [])}
    if "x" not in slots or scene.rng.random() < 0.5:
        return []
    known = [scene.entity.dimensions[it] for it in SAFE if it in scene.entity.dimensions]
    known = [it for it in known if it.name not in grouped]
    if not known:
        return []
    it = scene.rng.choice(known)
    said = scene.conditions.value(it, "is_not" if scene.rng.random() < 0.12 else "is")
    return [said] if said.post else []


def _filled(made: dict[str, Any], n: int) -> dict[str, Any]:
    """``$n`` becomes the number."""
    if made.get("limit") == "$n":
        made["limit"] = n
    for it in made.get("having", []):
        if it["value"] == "$n":
            it["value"] = n
    return made
