"""The lexicon: every wording can be read, every slot is one that is filled, and there are many of them."""

import random
from collections.abc import Iterator
from typing import Any

import pytest

from training.beyond import ambiguous
from training.catalog import Catalog
from training.generate import Generator
from training.lexicon import Lexicon, texts
from training.pools import Pools
from training.scene import Scene
from training.shapes import SHAPES
from training.wording import count, parse, say, slots_of, split, tidy, unmarked

FILES = ("acts", "beyond", "dimensions", "entities", "follow", "frames", "idioms", "values")


def wordings(it: Any) -> Iterator[str]:
    """Every text in a file."""
    if isinstance(it, str):
        yield it
    elif isinstance(it, dict):
        for one in it.values():
            yield from wordings(one)
    elif isinstance(it, list):
        for one in it:
            yield from wordings(one)


@pytest.mark.parametrize("name", FILES)
def test_every_wording_can_be_read(name: str) -> None:
    for text in wordings(texts(name)):
        parse(text)


def test_choices_nest_and_slots_are_filled() -> None:
    said = {say(random.Random(n), "[a|b [c|d]|] {x}", x=lambda: "y") for n in range(60)}
    assert said == {"a y", "b c y", "b d y", "y"}
    assert count("[a|b [c|d]|] {x}") == 4
    assert slots_of("{a} [{b}|c]") == {"a", "b"}


@pytest.mark.parametrize("text", ["[a|b", "a]", "{a b}"])
def test_a_wording_that_is_not_closed_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse(text)


def test_two_prepositions_become_one() -> None:
    assert tidy("what about  in May ?") == "what about May?"
    assert [it for it, _ in split("a \x02b\x03")] == ["a ", "\x02b\x03"]
    assert unmarked("a \x02b\x03") == "a b"


def test_every_kind_without_an_answer_has_thirty_phrasings_at_least() -> None:
    """Slots drawn from lists count, names and places do not."""
    known = texts("beyond")
    for kind, wordings_of in known["refuse"].items():
        assert phrasings(wordings_of) >= 30, kind
    for kind in known["ask"]:
        assert phrasings(kind["texts"]) >= 30, kind["name"]


def phrasings(of: list[str]) -> int:
    choices = {name: len(them) for name, them in texts("beyond")["lists"].items()} | {"by": 15, "t": 20}
    total = 0
    for text in of:
        made = count(text)
        for slot in slots_of(text):
            made *= choices.get(slot, 1)
        total += made
    return total


def test_every_piece_of_a_sentence_has_variants() -> None:
    frames = texts("frames")
    for shape in SHAPES:
        if shape in frames:
            for form in ("np", "do", "ask"):
                assert len(frames[shape][form]) >= 6, (shape, form)
    for name, pieces in frames["pieces"].items():
        if not name.endswith(("_count", "highest", "lowest", "nor")):
            assert len(pieces) >= 4 and sum(map(count, pieces)) >= 4, name
    for kind in ("choice", "number", "time"):
        for form, variants in texts("dimensions")["kind"][kind].items():
            assert len(variants) >= 4, (kind, form)


def test_each_dimension_and_entity_has_words(catalog: Catalog) -> None:
    lexicon = Lexicon(catalog)
    for entity in catalog.entities.values():
        assert lexicon.nouns(entity) and lexicon.noun(entity)
        for it in catalog.all_of(entity.name):
            assert all(lexicon.one(entity.name, it)) and all(lexicon.many(entity.name, it))


def test_the_lexicon_names_nothing_that_is_not_in_the_catalog(catalog: Catalog) -> None:
    """A dimension that was renamed would else keep its words under the old name, unseen."""
    names = {d for it in catalog.entities.values() for d in it.dimensions}
    own = {f"{d}@{it.name}" for it in catalog.entities.values() for d in it.dimensions}
    for file in ("dimensions", "values"):
        entries = texts(file)["dimension"] if file == "dimensions" else texts(file)
        assert set(entries) <= names | own, file
    fixed = {f"{d.name}@{it.name}": d for it in catalog.entities.values() for d in it.dimensions.values()}
    for name, d in fixed.items():
        said = texts("values").get(name) or ({} if not d.values else texts("values").get(d.name, {}))
        if d.values and said:
            assert set(said) <= set(d.values), name


def test_both_readings_of_each_kind_are_plans(catalog: Catalog) -> None:
    from training.validity import faults

    generator = Generator(catalog, seed=9)
    for kind in texts("beyond")["ask"]:
        entity = catalog.entities[kind["plans"][0]["entity"]]
        for n in range(60):
            rng = random.Random(n)
            scene = Scene(rng, catalog, generator.lexicon, Pools(rng), entity)
            found = ambiguous(scene, kind)
            assert found is not None
            assert all(faults(it, catalog) == [] for it in found[2]), found
            assert found[2][0] != found[2][1]
