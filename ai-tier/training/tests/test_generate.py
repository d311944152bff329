"""The laws of the data: reproducible, valid, without repetition, with something of everything."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from training import generate
from training.catalog import Catalog, read
from training.check import plans_of, statistics, wrong
from training.generate import Generator
from training.shapes import SHAPES

Line = dict[str, Any]


def test_the_same_seed_gives_the_same_bytes(definition: Path, tmp_path: Path, monkeypatch: Any) -> None:
    files = []
    for name in ("one", "two"):
        out, values = tmp_path / name, tmp_path / f"{name}.values"
        command = ["generate", "--catalog", str(definition), "--seed", "3", "--count", "300"]
        monkeypatch.setattr("sys.argv", [*command, "--out", str(out), "--values", str(values)])
        generate.main()
        files.append((out.read_bytes(), values.read_bytes()))
    assert files[0] == files[1]
    assert files[0][0].count(b"\n") == 300


def test_another_seed_asks_something_else(catalog: Catalog) -> None:
    one, two = ({it["q"] for it in Generator(catalog, seed).lines(500)} for seed in (1, 2))
    assert len(one & two) < 50


def test_every_plan_is_valid_and_no_question_is_there_twice(lines: list[Line], catalog: Catalog) -> None:
    assert list(wrong(lines, catalog)) == []


def test_every_entity_and_shape_is_there(lines: list[Line], catalog: Catalog) -> None:
    answered = [it for it in lines if it["expect"] == "answer"]
    assert {it["plan"]["entity"] for it in answered} == set(catalog.entities)
    assert {it["kind"] for it in answered} == {*SHAPES, "idiom", "follow"}
    parts = Counter(part for it in answered for part in it["plan"])
    for part in ("filters", "part", "having", "compare", "order", "limit", "limit_per", "columns"):
        assert parts[part] >= 20, part


def test_every_function_operator_and_grain_is_there(lines: list[Line], catalog: Catalog) -> None:
    plans = [plan for it in lines for plan in plans_of(it)]
    functions = {one["function"] for it in plans for one in it.get("measures", [])}
    assert functions == {"count", "sum", "average", "minimum", "maximum", "distinct", "share"}
    operators = {one["op"] for it in plans for one in it.get("filters", [])}
    assert operators == {
        op for it in catalog.entities.values() for d in it.dimensions.values() for op in d.ops
    }
    grains = {one.get("grain") for it in plans for one in it.get("group_by", [])}
    assert grains == {None, "hour", "day", "week", "month", "quarter", "year"}
    reached = {one["dimension"] for it in plans for one in it.get("filters", []) + it.get("group_by", [])}
    assert any(it.startswith("desktop.tags.") for it in reached)
    assert any(it.startswith("tags.") for it in reached)


def test_what_has_no_plan_is_a_good_part(lines: list[Line]) -> None:
    expected = Counter(it["expect"] for it in lines)
    assert 0.08 < expected["refuse"] / len(lines) < 0.2
    assert 0.04 < expected["ask"] / len(lines) < 0.15


def test_simple_questions_are_the_most(lines: list[Line]) -> None:
    filters = [len(it["plan"].get("filters", [])) for it in lines if it["expect"] == "answer"]
    assert sum(n <= 2 for n in filters) > 0.7 * len(filters)


def test_an_edit_changes_the_last_plan(lines: list[Line]) -> None:
    edits = [it for it in lines if "previous" in it]
    assert len(edits) > 100
    assert all(it["plan"] != it["previous"] for it in edits)
    assert all(it["plan"]["entity"] == it["previous"]["entity"] for it in edits)


def test_an_entity_that_nobody_has_words_for_is_asked_about_by_its_labels() -> None:
    def dimension(name: str, label: str, kind: str, ops: list[str], **more: Any) -> dict[str, Any]:
        it = {"name": name, "label": label, "kind": kind, "ops": ops, "unit": None, "values": [],
              "aggregates": ["distinct"], "groupable": True}  # fmt: skip
        return {**it, **more}

    texts = ["is", "is_not", "contains", "empty", "not_empty"]
    bookings = {
        "name": "bookings", "label": "bookings", "examples": [], "synonyms": ["reservations"],
        "dimensions": [
            dimension("room", "meeting room", "choice", texts, values=["OAK", "ELM"]),
            dimension("booked_by", "organiser", "text", texts),
            dimension("seats", "seats", "number", ["is", "at_least", "more_than", "less_than", "at_most"],
                      aggregates=["sum", "average", "minimum", "maximum", "share", "distinct"]),
            dimension("starts_at", "start", "time", ["since", "before", "empty", "not_empty"], aggregates=[],
                      grains=["hour", "day", "week", "month", "quarter", "year"]),
        ],
    }  # fmt: skip
    catalog = read({"entities": [bookings]})
    generator = Generator(catalog, seed=4)
    made = [it for it in (generator.answer() for _ in range(400)) if it is not None]
    assert list(wrong({it["q"]: it for it in made}.values(), catalog)) == []
    said = " ".join(it["q"].lower() for it in made)
    for word in ("bookings", "reservations", "meeting room", "organiser", "seats", "oak"):
        assert word in said
    kinds = {it["kind"] for it in made}
    assert {"list", "count", "group", "figure", "top", "having", "compare", "grain"} <= kinds


def test_the_same_words_hardly_ever_mean_two_things(catalog: Catalog) -> None:
    """Two shapes or kinds that say the same for different plans would teach nothing but doubt."""
    generator = Generator(catalog, seed=5)
    meant: dict[str, str] = {}
    disputed = []
    for n in range(9000):
        line = (generator.answer, generator.answer, generator.refuse, generator.ask)[n % 4]()
        if line is not None:
            words = " ".join(
                "".join(it if it.isalnum() or it == "#" else " " for it in line["q"].lower()).split()
            )
            now = json.dumps([line["expect"], line.get("plan"), line.get("plans")])
            if meant.setdefault(words, now) != now:
                disputed.append((words, meant[words], now))
    assert len(disputed) <= 3, disputed


def test_statistics_name_every_entity(lines: list[Line], catalog: Catalog) -> None:
    said = statistics(lines)
    assert all(name in said for name in catalog.entities)
    assert said.startswith("4000 questions")


def test_the_checker_sees_what_is_wrong(lines: list[Line], catalog: Catalog) -> None:
    good = next(it for it in lines if it["expect"] == "answer" and "previous" not in it)
    assert len(list(wrong([good, good], catalog))) == 1
    assert list(wrong([{**good, "expect": "refuse"}], catalog))
    assert list(wrong([{**good, "plan": {"entity": "secrets"}}], catalog))
    assert list(wrong([{**good, "q": "who {x}"}], catalog))
    assert list(wrong([json.loads('{"q":"a","expect":"ask","plans":[]}')], catalog))
