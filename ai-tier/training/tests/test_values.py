"""Values: made up, split, and untouched by slips of the typist."""

import random
import re
from pathlib import Path
from typing import Any

from training import pools
from training.catalog import Catalog
from training.generate import Generator
from training.pools import Pools, is_held_out
from training.register import REGISTERS, noisy, slip
from training.times import MONTHS, compared, when
from training.validity import is_time
from training.wording import marked

ESTATE = Path(__file__).parents[3] / "tests/sandbox/sandbox/estate"


def drawn(held_out: bool) -> set[str]:
    made = Pools(random.Random(1), held_out)
    fields = ("user_name", "account", "directory", "bundle", "tags.Project", "id", "error_code", "actor")
    return {made.value("workspaces", it) for it in fields for _ in range(150)}


def test_what_is_held_out_is_never_learnt() -> None:
    learnt, held_out = drawn(False), drawn(True)
    assert not learnt & held_out
    assert len(held_out) > 100
    assert not any(is_held_out(it) for it in learnt if not it.endswith("-1"))


def test_people_are_not_those_of_the_practice_estate() -> None:
    text = (ESTATE / "words.py").read_text()
    first, last = re.findall(r'_NAMES = """(.*?)"""', text, re.S)
    assert not set(pools.FIRST) & set(first.split())
    assert not set(pools.LAST) & set(last.split())
    everything = " ".join(path.read_text() for path in ESTATE.glob("*.py"))
    for name in ("account", "directory", "bundle", "actor_role"):
        for value in pools._listed(name):
            assert f'"{value}"' not in everything, value


def test_only_drawn_values_are_in_plans(catalog: Catalog) -> None:
    generator = Generator(catalog, seed=2)
    known = {value for it in catalog.entities.values() for d in it.dimensions.values() for value in d.values}
    plans = [it["plan"] for it in generator.lines(600) if "plan" in it]
    given = {value for them in generator.pools.drawn.values() for value in them} | known
    given |= set(generator.lexicon.known["field@changes"])
    for plan in plans:
        for it in plan.get("filters", []):
            for value in it.get("values", []):
                if isinstance(value, str) and not is_time(value) and it["op"] != "contains":
                    assert value in given or it["dimension"] == "new", (value, it)


def test_a_slip_leaves_the_value_alone() -> None:
    worst = max(REGISTERS, key=lambda it: it.typos)
    for n in range(200):
        text = noisy(random.Random(n), worst, f"show me the desktops of {marked('Ada.Byron')} in account")
        assert "Ada.Byron" in text


def test_a_slip_changes_one_place() -> None:
    for n in range(200):
        made = slip(random.Random(n), "desktops")
        assert made[0] == "d" and abs(len(made) - 8) <= 1


def test_times_are_times(catalog: Catalog) -> None:
    fields = [d for it in catalog.entities.values() for d in it.dimensions.values() if d.kind == "time"]
    for n in range(600):
        rng = random.Random(n)
        field = rng.choice(fields)
        made = when(rng, field)
        bounds = [it for it in (made.since, made.before) if it is not None]
        assert bounds and all(is_time(it) for it in bounds)
        assert made.text.strip("\x02\x03")
        if "hour" not in field.grains:
            assert not any(isinstance(it, dict) and "hours_ago" in it for it in bounds)
        _, own, other = compared(rng, field)
        assert own.since is not None and is_time(other["since"])


def test_a_named_month_is_that_month() -> None:
    class Field:
        grains = ("month", "quarter", "year")

    field: Any = Field()
    seen = 0
    for n in range(3000):
        made = when(random.Random(n), field)
        words = made.text.strip("\x02\x03").lower().split()
        if len(words) == 2 and words[0] == "in" and words[1] in MONTHS:
            month = MONTHS.index(words[1]) + 1
            assert made.since == {"latest": f"{month:02}-01"}
            assert made.before == {"latest": f"{month:02}-01", "plus_months": 1}
            seen += 1
    assert seen > 20
