"""The page for newcomers: its rooms are all there are, and what it points to exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "access15"
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the first table below a heading."""
    _, _, section = PAGE.partition(f"## {heading}\n")
    lines = [line for line in section.partition("\n## ")[0].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def paths() -> list[str]:
    return sorted(
        {
            path
            for row in rows("Where a change goes")
            for path in re.findall(r"`([^`]*[/.][^`]*)`", " ".join(row))
        }
    )


def test_every_room_stands_on_the_page() -> None:
    told = {name for row in rows("Rooms") for name in re.findall(r"`(\w+)`", row[0])}
    rooms = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").is_file()}
    beside = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__", "__main__"}
    assert told == rooms | beside


def test_the_table_of_changes_names_what_newcomers_ask_for() -> None:
    asked = " ".join(row[0] for row in rows("Where a change goes"))
    for word in (
        "layer",
        "table of the report",
        "siting model",
        "mode",
        "preset",
        "command",
        "key",
        "format",
        "search",
        "gap",
    ):
        assert word in asked


@pytest.mark.parametrize("path", paths())
def test_where_a_change_goes_exists(path: str) -> None:
    root = ROOT if path.startswith(("docs/", "tests/")) else PACKAGE
    if "<name>" not in path:
        assert (root / path).exists(), path
        return
    # Beside the new file stand others of its kind.
    folder = (root / path).parent
    others = [file for file in folder.glob(f"*{Path(path).suffix}") if not file.name.startswith("_")]
    assert len(others) >= 2, path
