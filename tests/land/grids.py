"""Small grids of land for tests."""

from __future__ import annotations

from typing import Any

import numpy as np

from access15.model import Terrain
from access15.search import Land, spread, times_at
from access15.sources import blocked_moves

UTM = "EPSG:32638"


def land_grid(
    cover: Any, classes: tuple[str, ...] = ("open",), cell_m: float = 100.0, **fields: Any
) -> Terrain:
    """Return a terrain whose south-western corner is at 0, 0; ``barriers`` block the moves that cross them."""
    cells = np.asarray(cover, np.uint8)
    rows, columns = cells.shape
    if "barriers" in fields:
        lines = np.asarray(fields["barriers"], float).reshape(-1, 4)
        fields = {
            **fields,
            "barriers": lines,
            "blocked": blocked_moves(lines, 0.0, rows * cell_m, rows, columns, cell_m),
        }
    return Terrain(cells, classes, 0.0, rows * cell_m, cell_m, UTM, **fields)


def seconds(land: Land, places: list[tuple[float, float]], homes: Any) -> Any:
    """Return the times of homes, ``inf`` where not reached."""
    at = np.array(places, float).T
    where = np.asarray(homes, float).T
    time, place = times_at(land, spread(land, *at), (at[0], at[1]), (where[0], where[1]))
    return np.where(place >= 0, time / 1000.0, np.inf)
