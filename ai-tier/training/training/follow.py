"""Follow-ups: what is said after an answer, and the plan that it makes of the last one.

A condition on the same dimension takes the place of the old one; another is added. Nothing else of the
last plan changes, except what would no longer fit.
"""

import copy
from typing import Any

from training.conditions import Said
from training.lexicon import texts
from training.plans import grouped, key, ordered, plan
from training.scene import Scene
from training.times import number_word
from training.wording import marked, say

Edit = tuple[dict[str, Any], str]


def follow_up(scene: Scene, last: dict[str, Any]) -> Edit | None:
    """An edit of ``last``, which is about the scene's entity; None where the drawn one does not fit."""
    rng = scene.rng
    edits = ((_filter, 40), (_time, 18), (_group, 16), (_count, 7), (_list, 5), (_top, 6), (_drop, 6),
             (_turn, 2))  # fmt: skip
    edit = rng.choices([it for it, _ in edits], [n for _, n in edits])[0]
    made = edit(scene, copy.deepcopy(last))
    if made is None or made[0] == last:
        return None
    return plan(**made[0]), made[1]


def _say(scene: Scene, kind: str, **slots: str) -> str:
    return say(scene.rng, scene.rng.choice(texts("follow")[kind]), **slots)


def _filter(scene: Scene, made: dict[str, Any]) -> Edit | None:
    fixed = {it["dimension"]: it for it in made.get("filters", []) if it["op"] == "is"}
    grouped_by = {it["dimension"] for it in made.get("group_by", [])}
    same = [scene.entity.dimensions[it] for it in fixed if it in scene.entity.dimensions]
    same = [it for it in same if it.kind in ("choice", "text")]
    said: Said | None
    if same and scene.rng.random() < 0.6:
        it = scene.rng.choice(same)
        said = scene.conditions.value(it, "is")
        if said.filters[0]["values"] == fixed[it.name]["values"]:
            return None
        filters = [said.filters[0] if old["dimension"] == it.name else old for old in made["filters"]]
        text = _say(scene, "replace", post=said.post, short=said.short or said.post)
        return {**made, "filters": filters}, text
    used = {it["dimension"] for it in made.get("filters", []) + made.get("part", [])}
    said = scene.conditions.any(used | grouped_by)
    if said is None or not said.post or ("compare" in made and said.dimension == scene.entity.time):
        return None
    kind = "add" if scene.rng.random() < 0.75 else "replace"
    if any(it["op"] != "is" for it in said.filters):
        kind = "add"
    text = _say(scene, kind, post=said.post, short=said.short or said.post)
    return {**made, "filters": [*made.get("filters", []), *said.filters]}, text


def _time(scene: Scene, made: dict[str, Any]) -> Edit | None:
    if "compare" in made:
        return None
    scene.said, scene.when, scene.loose = [], [], ""
    scene.add_time()
    if not scene.loose:
        return None
    kept = [it for it in made.get("filters", []) if it["dimension"] != scene.entity.time]
    return {**made, "filters": kept + scene.when}, _say(scene, "time", t=scene.loose)


def _group(scene: Scene, made: dict[str, Any]) -> Edit | None:
    if "compare" in made or "limit_per" in made or "part" in made or "having" in made:
        return None
    fixed = [it["dimension"] for it in made.get("filters", []) if it["op"] == "is"]
    of = scene.group()
    if of is None or of.name in fixed or "limit" in made or not made.get("measures"):
        return None
    made = {name: it for name, it in made.items() if name != "order"}
    return {**made, "group_by": [grouped(of.name)]}, _say(scene, "group", d=scene.count_label(of, 1))


def _count(scene: Scene, made: dict[str, Any]) -> Edit | None:
    if made.get("measures") or "limit" in made:
        return None
    kept = plan(made["entity"], filters=made.get("filters", []))
    return {**kept, "measures": [{"function": "count"}]}, _say(scene, "count")


def _list(scene: Scene, made: dict[str, Any]) -> Edit | None:
    if made.get("measures") != [{"function": "count"}] or made.get("group_by"):
        return None
    return plan(made["entity"], filters=made.get("filters", [])), _say(scene, "list")


def _top(scene: Scene, made: dict[str, Any]) -> Edit | None:
    if not made.get("group_by") or "limit" in made or "grain" in made["group_by"][0] or "compare" in made:
        return None
    n = scene.rng.choice((3, 5, 10, 20))
    text = _say(scene, "top", n=marked(number_word(scene.rng, n)))
    return {**made, "order": ordered(key(made["measures"][0])), "limit": n}, text


def _drop(scene: Scene, made: dict[str, Any]) -> Edit | None:
    known = [it for it in made.get("filters", []) if it["dimension"] in scene.entity.dimensions]
    known = [it for it in known if it["dimension"] != scene.entity.time]
    if not known:
        return None
    out = scene.rng.choice(known)["dimension"]
    field = scene.entity.dimensions[out]
    kept = [it for it in made["filters"] if it["dimension"] != out]
    names = {"d": scene.name(field), "ds": scene.names(field)}
    return {**made, "filters": kept}, _say(scene, "drop", **names)


def _turn(scene: Scene, made: dict[str, Any]) -> Edit | None:
    if "order" not in made:
        return None
    order = made["order"]
    return {**made, "order": {**order, "descending": not order["descending"]}}, _say(scene, "order")
