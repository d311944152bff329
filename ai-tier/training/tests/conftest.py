"""What all tests share: the catalog, and a few thousand lines made of it."""

from pathlib import Path
from typing import Any

import pytest

from training.catalog import Catalog, load
from training.generate import Generator

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return load(HERE.parent / "catalog.json")


@pytest.fixture(scope="session")
def lines(catalog: Catalog) -> list[dict[str, Any]]:
    return list(Generator(catalog, seed=11).lines(4000))
