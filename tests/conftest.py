"""Shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data that may not enter the project; named by ``ACCESS15_DATA``."""
    folder = os.environ.get("ACCESS15_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("ACCESS15_DATA does not name the folder of real data")
    return Path(folder)
