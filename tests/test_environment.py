"""What continuous integration must bring: a test that is skipped there would prove nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.mark.skipif(
    os.environ.get("CI") != "true", reason="only continuous integration must have the real data"
)
@pytest.mark.parametrize(
    "place", ["comoros", "garze", "monaco", "orlib_pmed", "porto", "porto_alegre", "sf_stores"]
)
def test_the_real_data_is_there(place):
    folder = os.environ.get("ACCESS15_DATA", "")
    assert folder, "ACCESS15_DATA must name the folder of real data in continuous integration"
    assert Path(folder).is_absolute()
    assert any((Path(folder) / place).iterdir())
