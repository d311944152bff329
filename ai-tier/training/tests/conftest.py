"""What all tests share: the catalog, and a few thousand lines made of it."""

from pathlib import Path
from typing import Any

import pytest

from training.catalog import Catalog, load
from training.generate import Generator

DEFINITION = Path(__file__).parents[3] / "app-tier/domain/src/catalog"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--torch", action="store_true", help="also what needs PyTorch: the recipe itself")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    return True if collection_path.name == "test_train.py" and not config.getoption("torch") else None


@pytest.fixture(scope="session")
def definition() -> Path:
    """Where the product defines its catalog."""
    return DEFINITION


@pytest.fixture(scope="session")
def catalog(definition: Path) -> Catalog:
    return load(definition)


@pytest.fixture(scope="session")
def lines(catalog: Catalog) -> list[dict[str, Any]]:
    return list(Generator(catalog, seed=11).lines(4000))
