"""Reading the catalog's definition."""

import re
from pathlib import Path

import pytest

from training.definitions import Unreadable, catalog, entity

ROOMS = """
pub(super) static ROOMS: Entity = Entity {
    name: "rooms", singular: "room", plural: "rooms", synonyms: &["places"], view: "ask_rooms",
    key: "id", time: "built_at",
    dimensions: &[
        // A remark, "with a text".
        Dimension::new("id", "number", Kind::Number, &[], Values::Free, false),
        Dimension::new("floor", "floor", Kind::Choice, &["level"], Values::KnownAndStored(FLOORS), true),
        Dimension::new("area", "area", Kind::Number, &[], Values::Free, true).in_unit("m2"),
        Dimension::new("built_at", "built", Kind::Time, &[], Values::Free, false).known_by(Grain::Day),
    ],
    examples: &["How many rooms?"],
};
const FLOORS: &[(&str, &[&str])] = &[("GROUND", &["ground floor"]), ("FIRST", &[])];
"""


def test_an_entity_is_read() -> None:
    rooms = entity(ROOMS, {})
    assert rooms is not None
    assert (rooms["name"], rooms["label"], rooms["time"]) == ("rooms", "rooms", "built_at")
    number, floor, area, built = rooms["dimensions"]
    assert floor["values"] == ["GROUND", "FIRST"] and floor["words"] == {"GROUND": ["ground floor"]}
    assert floor["stored"] and floor["nullable"] and floor["synonyms"] == ["level"]
    assert area["unit"] == "m2" and "sum" in area["aggregates"]
    assert built["grains"] == ["day", "week", "month", "quarter", "year"]
    assert number["nullable"] is False


def test_what_is_missing_is_refused() -> None:
    with pytest.raises(Unreadable):
        entity(ROOMS.replace("const FLOORS", "const OTHERS"), {})
    with pytest.raises(Unreadable):
        entity(ROOMS[:600], {})


def test_a_file_without_an_entity_is_none() -> None:
    assert entity("pub const DAYS: u32 = 30;", {}) is None


DIMENSION = re.compile(r"^        (?:Dimension::new|text|choice|number|flag|time)\(", re.M)


def test_of_the_products_own_definition_nothing_is_lost(definition: Path) -> None:
    made = {it["name"]: it for it in catalog(definition)["entities"]}
    read = sum(len(it["dimensions"]) for it in made.values())
    assert read == sum(len(DIMENSION.findall(it.read_text())) for it in definition.glob("*.rs")) > 100
    for it in made.values():
        dimensions = {one["name"]: one for one in it["dimensions"]}
        assert it["singular"] and it["label"] and it["examples"] and it["key"] in dimensions
        assert dimensions[it["time"]]["kind"] == "time"
        assert all(one["label"] and one["ops"] for one in dimensions.values())
    desktops = {it["name"]: it for it in made["workspaces"]["dimensions"]}
    assert "AVAILABLE" in desktops["state"]["values"] and "running" in desktops["state"]["words"]["AVAILABLE"]
    assert desktops["root_volume_gib"]["unit"] == "GiB"
    reached = [it["relations"] for it in made.values() if "relations" in it]
    assert reached and all(it[0]["entity"] == "workspaces" for it in reached)
