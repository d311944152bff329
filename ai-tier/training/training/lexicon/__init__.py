"""How people call things: the TOML files beside this, with the catalog's own words where they are silent.

Invariant: every entity and dimension of a catalog has words here, whether a file knows it or not.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from training.catalog import Catalog, Dimension, Entity

QUESTION_WORDS = frozenset(
    [
        "who",
        "what",
        "when",
        "why",
        "how",
        "happened",
        "date",
        "time",
        "reads",
        "looks",
        "money",
        "use",
        "never",
    ]
)
"""Synonyms in the catalog that name a thing only in questions of the rules' own kind."""

FEW = 6
"""With fewer wordings than this, a dimension borrows those of its kind."""


@cache
def texts(name: str) -> dict[str, Any]:
    """A file of the lexicon."""
    return tomllib.loads((Path(__file__).parent / f"{name}.toml").read_text())


def plural(word: str) -> str:
    """As English mostly forms it."""
    if word.endswith("s"):
        return word
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    return word + "s"


class Lexicon:
    """The words for one catalog."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.entries: dict[str, dict[str, list[str]]] = texts("dimensions")["dimension"]
        self.kinds: dict[str, dict[str, list[str]]] = texts("dimensions")["kind"]
        self.known = texts("values")
        self.entities = texts("entities")

    def entry(self, entity: str, field: Dimension) -> dict[str, list[str]]:
        """What the files say of a dimension; empty if nothing."""
        owner = "workspaces" if field.name.startswith("desktop.") else entity
        return self.entries.get(f"{field.bare}@{owner}") or self.entries.get(field.bare, {})

    def one(self, entity: str, field: Dimension) -> list[str]:
        """Names of a dimension, singular."""
        listed = self.entry(entity, field).get("one")
        own = [it for it in field.synonyms if it not in QUESTION_WORDS and not it.endswith("s")]
        return listed or [field.label, field.label, *own]

    def many(self, entity: str, field: Dimension) -> list[str]:
        """Names of a dimension, plural."""
        listed = self.entry(entity, field).get("many")
        own = [it for it in field.synonyms if it not in QUESTION_WORDS and it.endswith("s")]
        return listed or [plural(field.label), plural(field.label), *own]

    def forms(self, entity: str, field: Dimension, form: str) -> list[str]:
        """The wordings of a condition in one form; empty where there is none.

        Where few are listed, those of its kind are there too; except of a time that stands for itself.
        """
        listed = self.entry(entity, field).get(form, [])
        if len(listed) >= FEW or "{t}" in listed:
            return listed
        kind = "choice" if field.kind == "text" else field.kind
        return listed + self.kinds.get(kind, {}).get(form, [])

    def nouns(self, entity: Entity) -> list[str]:
        """What its rows are called."""
        listed = self.entities.get(entity.name, {}).get("nouns")
        own = [it for it in entity.synonyms if it not in QUESTION_WORDS and it.endswith("s")]
        return listed or [entity.label, entity.label, entity.label, *own]

    def noun(self, entity: Entity) -> list[str]:
        """What one row is called."""
        return self.entities.get(entity.name, {}).get("noun") or [entity.singular]

    def about(self, entity: str, key: str) -> Any:
        """Anything else that is said of an entity; None if nothing."""
        return self.entities.get(entity, {}).get(key)

    def weight(self, entity: str, field: Dimension) -> float:
        """How often it is asked about, against others of the entity."""
        weights = self.entities["weights"]
        own = weights.get(f"{field.bare}@{entity}", weights.get(field.bare, 1))
        return float(own) * (0.12 if field.name.startswith("desktop.") else 1)

    def values(self, entity: str, field: Dimension) -> dict[str, list[str]]:
        """The values that the catalog or AWS fixes, each with its words; ``~`` marks no adjective."""
        owner = "workspaces" if field.name.startswith("desktop.") else entity
        listed = self.known.get(f"{field.bare}@{owner}") or self.known.get(field.bare) or {}
        words: dict[str, list[str]] = {}
        if field.values:
            for value in field.values:
                said = [*listed.get(value, []), *(f"~{it}" for it in field.words.get(value, []))]
                words[value] = said or [value.lower().replace("_", " "), value]
        elif field.kind in ("choice", "text"):
            words = dict(listed)
        return words
