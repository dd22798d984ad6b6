"""Points in the water: the middle of a cell of people may lie there, and nobody lives there."""

from __future__ import annotations

from typing import Final

import numpy as np

from access15.arrays import Bools, Floats
from access15.model import WATER_AREA
from access15.search.on_land import Land, centre_of, class_of, crossed

SHORE_M: Final = 500.0
"""Points this far from a shore stand on it (practice value: half a cell of a population grid of 1 km)."""
_ASHORE_M: Final = 1.0


def ashore(land: Land, x: Floats, y: Floats) -> tuple[Floats, Floats, Bools]:
    """Return points that lie in areas of water at the nearest shore, and which are too far out for that.

    A point lies in the water if its cell's centre does and no shore, or an even number of them, is between the two.

    Parameters
    ----------
    land : Land
    x, y : (k,) float64
        In the CRS of the terrain.

    Returns
    -------
    x, y : (k,) float64
    out : (k,) bool
        In the water, and no shore within `SHORE_M`.
    """
    import shapely

    terrain = land.terrain
    x, y = np.array(x, float), np.array(y, float)
    out = np.zeros(len(x), bool)
    cell = terrain.cell_of(x, y)
    inside = np.flatnonzero(cell >= 0)
    if not terrain.shores:
        return x, y, out
    # 1. Those on the wet side of a shore: whether their cell's centre is wet, and how many shores are between.
    tree = shapely.STRtree(shapely.linestrings(terrain.barriers[: terrain.shores].reshape(-1, 2, 2)))
    centre = np.column_stack(centre_of(cell[inside], terrain))
    here = np.column_stack((x[inside], y[inside]))
    in_water = class_of(terrain, cell[inside]) == WATER_AREA
    met = np.flatnonzero(crossed(land, here[:, 0], here[:, 1], centre[:, 0], centre[:, 1]))
    if len(met):
        legs = shapely.linestrings(np.stack((here[met], centre[met]), 1))
        between = np.bincount(tree.query(legs, predicate="intersects")[0], minlength=len(met))
        in_water[met] ^= between % 2 == 1
    wet, here = inside[in_water], here[in_water]
    if not len(wet):
        return x, y, out
    # 2. The nearest place on a shore, and a step further.
    (row, piece), metres = tree.query_nearest(
        shapely.points(here), max_distance=SHORE_M, return_distance=True, all_matches=False
    )
    out[wet] = True
    out[wet[row]] = False
    shore = np.asarray(tree.geometries)[piece]
    at = shapely.get_coordinates(
        shapely.line_interpolate_point(shore, shapely.line_locate_point(shore, shapely.points(here[row])))
    )
    step = (at - here[row]) / np.maximum(metres, 1e-9)[:, None] * _ASHORE_M
    x[wet[row]], y[wet[row]] = (at + step).T
    return x, y, out
