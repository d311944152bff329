"""What has no plan, and what has two: questions to refuse, and questions to ask back about."""

from typing import Any

from training.lexicon import texts
from training.plans import grouped, key, ordered, plan
from training.scene import Scene
from training.times import When, when
from training.wording import marked, say, slots_of, unmarked


def refused(scene: Scene) -> tuple[str, str]:
    """A kind and a question of it."""
    rng, known = scene.rng, texts("beyond")
    kind = rng.choice(list(known["refuse"]))
    text = rng.choice(known["refuse"][kind])
    lists = {name: rng.choice(them) for name, them in known["lists"].items()}
    lists["evil"] = say(rng, lists["evil"])
    return kind, say(rng, text, **lists, **_names(scene))


def _names(scene: Scene) -> dict[str, str]:
    rng, pools = scene.rng, scene.pools
    things = rng.choice([*scene.catalog.entities.values()])
    return {
        "user": marked(pools.person()),
        "account": marked(pools.value("workspaces", "account")),
        "region": marked(rng.choice(rng.choice(list(texts("values")["region"].values())))),
        "id": marked(pools.value("workspaces", "id")),
        "things": rng.choice(scene.lexicon.nouns(things)),
        "t": rng.choice(("last week", "yesterday", "last month", "this year", "today", "in May", "lately")),
        "n": marked(str(rng.choice((2, 5, 7, 10, 12, 50, 60, 100, 120, 500)))),
    }


def ambiguous(
    scene: Scene, kind: dict[str, Any] | None = None
) -> tuple[str, str, list[dict[str, Any]]] | None:
    """A kind, a question with two readings, and the plan of each; None without the entities."""
    rng = scene.rng
    kind = kind or rng.choice(texts("beyond")["ask"])
    entities = [scene.catalog.entities.get(it["entity"]) for it in kind["plans"]]
    if any(it is None for it in entities):
        return None
    said = rng.choice(kind["texts"])
    slots = slots_of(said)
    first, second = (
        Scene(rng, scene.catalog, scene.lexicon, scene.pools, it) for it in entities if it is not None
    )
    names = _names(scene)
    group = _shared_group(first, second) if "by" in slots and rng.random() < 0.6 else None
    enc = rng.choice(("encrypted", "unencrypted"))
    text = say(rng, said, **{**names, "by": first.by(group) if group else "", "t": "", "enc": enc})
    stretch = _shared_time(first, second) if "t" in slots and rng.random() < 0.6 else None
    if stretch is not None:
        text = f"{text} {stretch.text}"
    facts = {
        "text": text,
        "n": int(unmarked(names["n"])),
        "user": names["user"],
        "id": names["id"],
    }
    plans = [
        _reading(one, shape, {**facts, "group": group, "when": stretch})
        for one, shape in zip((first, second), kind["plans"], strict=True)
    ]
    return kind["name"], text, plans


def _shared_group(first: Scene, second: Scene) -> Any:
    names = {it.name for it in second.groups()}
    found = [it for it in first.groups() if it.name in names and "." not in it.name]
    return first.rng.choice(found) if found else None


def _shared_time(first: Scene, second: Scene) -> When | None:
    """A stretch that fits both, by the coarser of the two."""
    times = [it.entity.dimensions[it.entity.time] for it in (first, second) if it.entity.time]
    if len(times) < 2 or any(it.lexicon.about(it.entity.name, "activity") for it in (first, second)):
        return None
    return when(first.rng, min(times, key=lambda it: len(it.grains)))


COMPARED = (
    ("more than", "more_than"), ("over", "more_than"), ("above", "more_than"), ("at least", "at_least"),
    ("less than", "less_than"), ("under", "less_than"),
)  # fmt: skip
FUNCTIONS = (("average", "average"), ("mean", "average"), ("max", "maximum"))


def _reading(scene: Scene, shape: dict[str, Any], facts: dict[str, Any]) -> dict[str, Any]:
    """The plan of one reading, from what the table of kinds says and what the question names."""
    text, stretch, group = facts["text"].lower(), facts["when"], facts["group"]
    name, filters = scene.entity.name, []
    parts: dict[str, Any] = {"group_by": [grouped(group.name)]} if group else {}
    counts = text.startswith(("how many", "number", "count")) or "how many" in text or "number of" in text
    if "flag" in shape:
        yes = not any(it in text for it in ("unencrypted", "not encrypted", "without"))
        filters.append(_is(shape["flag"], yes))
        parts["measures"] = [{"function": "count"}] if counts or group else []
    if shape.get("of") and shape.get("function") == "$f":
        parts |= _volume(shape["of"], text, facts["n"], filters)
    elif shape.get("function"):
        function = "average" if text.startswith(("average", "mean")) else shape["function"]
        parts["measures"] = [{"function": function, "of": shape["of"]}]
        parts |= _ranked(shape["of"], text, scene)
    if "top" in shape:
        top = {"function": "sum", "of": shape["top"]}
        parts |= {"measures": [top], "order": ordered(key(top)),
                  "group_by": [grouped("user_name")], "limit": facts["n"]}  # fmt: skip
    if "named" in shape:
        filters.append(_is("name", shape["named"]))
    if "error" in shape:
        filters.append({"dimension": "error_code", "op": shape["error"]})
    for one in ("action", "state", "kind"):
        if one in shape:
            filters.append(_is(one, shape[one]))
    if shape.get("c"):
        parts["measures"] = [{"function": "count"}] if counts or group else []
    if shape.get("of_id"):
        filters.append(_is("workspace_id", unmarked(facts["id"])))
    if facts["user"] in facts["text"]:
        filters.append(_is("user_name", unmarked(facts["user"])))
    if stretch is not None:
        filters += stretch.filters(scene.entity.time or "")
    return plan(name, filters=filters, **parts)


def _is(dimension: str, value: Any) -> dict[str, Any]:
    return {"dimension": dimension, "op": "is", "values": [value]}


def _volume(of: str, text: str, n: int, filters: list[dict[str, Any]]) -> dict[str, Any]:
    for words, op in COMPARED:
        if f" {words} {n} " in unmarked(text):
            filters.append({"dimension": of, "op": op, "values": [n]})
            return {}
    if text.startswith(("biggest", "largest")):
        return {"order": ordered(of)}
    found = [function for word, function in FUNCTIONS if text.startswith(word)]
    return {"measures": [{"function": found[0] if found else "sum", "of": of}]}


def _ranked(of: str, text: str, scene: Scene) -> dict[str, Any]:
    """Who uses most: by user, in order."""
    users = "user_name" in scene.entity.dimensions and of != "user_name"
    if not users or not text.startswith(("who", "biggest", "top", "greatest", "users", "people")):
        return {}
    limit = {"limit": 1} if text.startswith("who") else {}
    return {"group_by": [grouped("user_name")], "order": ordered(key({"function": "sum", "of": of})), **limit}
