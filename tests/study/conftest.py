"""The town of `town_files`, for studies."""

from __future__ import annotations

from pathlib import Path

import pytest

from town_files import write_town


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """The study.toml of the town; every test has its own copy."""
    return write_town(tmp_path)


@pytest.fixture(scope="session")
def shared_town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study.toml of a town that no test changes."""
    return write_town(tmp_path_factory.mktemp("town"))
