"""Words as data: beside this file one CSV per subject, with the columns ``key, en, zh``."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Final

Pair = tuple[str, str]
"""English and Chinese."""


def read_pairs(subject: str) -> dict[str, Pair]:
    """Return the words of a subject by key."""
    with Path(__file__).with_name(f"{subject}.csv").open(encoding="utf-8", newline="") as file:
        return {row["key"]: (row["en"], row["zh"]) for row in csv.DictReader(file)}


SHARED: Final[dict[str, Pair]] = read_pairs("shared")
"""Words that more than one table, page, map or text says."""
