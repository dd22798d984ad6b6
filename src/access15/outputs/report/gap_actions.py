"""What is done about gaps, as the gap pages say it: five actions, each with a character, a colour and its people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from access15.arrays import Floats, Ints
from access15.model import GapService
from access15.outputs.one_case.case_figures import Figures
from access15.outputs.one_case.marks import Mark, Shape, Text
from access15.outputs.palette import ACTIONS, TEXT, Rgb
from access15.outputs.words import Pair, Words

WORDS: Final[dict[str, Pair]] = {
    "action_fixed": ("F", "固"),
    "action_resident": ("R", "驻"),
    "action_extension": ("N", "邻"),
    "action_mobile": ("M", "巡"),
    "action_enlarge": ("E", "扩"),
    "action_other": ("?", "？"),
}

ORDER: Final = (
    (GapService.FIXED_CLINIC, "fixed"),
    (GapService.RESIDENT, "resident"),
    (GapService.EXTENSION, "extension"),
    (GapService.CIRCUIT, "mobile"),
    (GapService.ENLARGEMENT, "enlarge"),
)
OTHER: Final = len(ORDER)


@dataclass(frozen=True, slots=True, eq=False)
class GapRows:
    """The gaps of the page's case by rank.

    Attributes
    ----------
    x, y : (n,) float64
        A point of each, metres in the CRS of the streets.
    people, minutes : (n,) float64
        Minutes to the nearest service point, ``inf`` where there is no way.
    action : (n,) int
        Row of `ORDER`, one more for any other.
    area : (n,) int
        Row of the areas, -1 for none.
    nearest : tuple of str
        Ids of the nearest service points, empty for none.
    """

    x: Floats
    y: Floats
    people: Floats
    minutes: Floats
    action: Ints
    area: Ints
    nearest: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.people)


def gap_rows(figures: Figures) -> GapRows:
    """Return the gaps of the study, the largest first."""
    gaps, areas = figures.findings.gaps, figures.findings.areas
    assert gaps is not None
    table = gaps.table.sort_values("rank").to_crs(figures.findings.crs)
    spots = table.geometry.representative_point()
    known = {str(service): row for row, (service, _) in enumerate(ORDER)}
    row = {} if areas is None else {str(i): k for k, i in enumerate(areas.id)}
    near = tuple("" if i is None or i != i else str(i) for i in table["nearest_facility"])
    return GapRows(
        spots.x.to_numpy(float),
        spots.y.to_numpy(float),
        table["people"].to_numpy(float),
        table["median_s"].to_numpy(float) / 60,
        np.array([known.get(str(what), OTHER) for what in table["recommendation"]], int),
        np.array([row.get(str(i), -1) for i in table["area_id"]], int),
        near,
    )


def action_color(row: int) -> Rgb:
    """Return the colour of an action."""
    return ACTIONS[min(row, OTHER)]


def action_letter(row: int, word: Words) -> str:
    """Return the character of an action."""
    return word[f"action_{ORDER[row][1] if row < OTHER else 'other'}"]


def letter_ink(row: int) -> Rgb:
    """Return the colour of letters on an action: white on dark ones, ink on light ones."""
    return (255, 255, 255) if row in (0, 1) else TEXT


def action_sign(row: int, word: Words, x: float = 0.0, y: float = 0.0, side: float = 16.0) -> list[Mark]:
    """Return the square of an action with its character."""
    box: Any = np.array([(x, y), (x + side, y), (x + side, y + side), (x, y + side)])
    edge = TEXT if row >= OTHER - 1 else action_color(row)
    letter = Text(
        x + side / 2, y + 0.76 * side, action_letter(row, word), 0.68 * side, bold=True, color=letter_ink(row)
    )
    return [Shape((box,), fill=action_color(row), stroke=edge, width=0.8), letter]
