"""The profiles that come with the package: a file each, numbers with their sources, titles in two languages."""

from __future__ import annotations

from pathlib import Path
from typing import Final

ORDER: Final = (
    "walk",
    "walk-elder",
    "walk-slope",
    "walk-elder-slope",
    "walk-land",
    "walk-elder-land",
    "walk-land-slope",
    "walk-elder-land-slope",
    "bike",
    "ebike",
    "drive",
    "drive-peak",
    "drive-land",
    "ambulance",
    "wheelchair",
)
"""Names in the order in which they are listed; a preset that extends another stands behind it."""


def preset_file(name: str) -> Path:
    """Return the file of a preset."""
    return Path(__file__).with_name(f"{name}.toml")
