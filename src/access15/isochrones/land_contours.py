"""Isochrones and time surfaces over land and streets: contours of the field that the cells of the terrain have."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final

import numpy as np

from access15.arrays import Floats, Ints, Objects
from access15.model import Direction, Facilities, StreetNetwork, Terrain, TravelProfile
from access15.search import LARGEST_MS, LandField, OverLand, land_field
from access15.travel_time import over_land_way, sites_on_land
from access15.units import NOT_REACHED_MS

_BEYOND_CELLS: Final = 2.0
"""Cells at 1 km/h that are searched beyond the longest limit."""


def cells_seconds(way: OverLand, field: LandField, profile: TravelProfile) -> Floats:
    """Return the time of the centre of every cell of the terrain in seconds, ``inf`` where not reached."""
    time = field.walked.cells.time_ms
    seconds = np.where(time == NOT_REACHED_MS, np.inf, time / 1000 + profile.start_s)
    return np.asarray(seconds, float).reshape(way.land.terrain.shape)


def surface_over_land(
    network: StreetNetwork,
    terrain: Terrain,
    facilities: Facilities,
    profile: TravelProfile,
    direction: Direction,
) -> Floats:
    """Return the time of every cell to its nearest facility, seconds, ``inf`` where not reached, (rows, columns)."""
    way = over_land_way(network, terrain, profile, direction)
    sites = sites_on_land(way, facilities)
    return cells_seconds(way, land_field(way, sites.ends, metres=False), profile)


def shapes_over_land(
    network: StreetNetwork,
    terrain: Terrain,
    facilities: Facilities,
    profile: TravelProfile,
    direction: Direction,
    limits_ms: tuple[int, ...],
    by: str,
) -> tuple[Objects, Objects]:
    """Return the areas within limits over land and streets, (1 or facilities, limits), and the facilities without any.

    Borders run where the time between the centres of cells is the limit, linear between them; a cell that nobody reaches
    is outside, and so is closed land.
    """
    way = over_land_way(network, terrain, profile, direction)
    sites = sites_on_land(way, facilities)
    groups: list[Ints] = (
        [np.arange(len(facilities))] if by == "merged" else [np.array([k]) for k in range(len(facilities))]
    )
    out = np.empty((len(groups), len(limits_ms)), object)
    # A border is drawn between a cell within the limit and the next one: both need their time.
    beyond_ms = min(max(limits_ms) + int(_BEYOND_CELLS * terrain.cell_m * 3600), LARGEST_MS)
    for row, members in enumerate(groups):
        members = members[sites.links.placed[members]]
        ends = sites.ends.where(members)
        field = land_field(way, ends, limit_ms=beyond_ms, metres=False) if len(members) else None
        for column, limit in enumerate(limits_ms):
            seconds = None if field is None else cells_seconds(way, field, profile)
            out[row, column] = _within(terrain, seconds, limit / 1000)
    return out, facilities.id[~sites.links.placed]


def _within(terrain: Terrain, seconds: Floats | None, limit_s: float) -> Any:
    """Return the area where the time is at most a limit, as a MultiPolygon."""
    import contourpy
    import shapely

    if seconds is None or not (seconds <= limit_s).any():
        return shapely.MultiPolygon()
    # Only the part of the grid that is reached, with a rim. What is not reached is as late as the limit again.
    rows, columns = np.nonzero(seconds <= limit_s)
    r0, c0 = rows.min(), columns.min()
    part = np.pad(seconds, 1, constant_values=np.inf)[r0 : rows.max() + 3, c0 : columns.max() + 3]
    known = np.where(np.isfinite(part), np.minimum(part, 2 * limit_s), 2 * limit_s)
    x = terrain.x_min + (np.arange(c0, columns.max() + 3) - 0.5) * terrain.cell_m
    y = terrain.y_max - (np.arange(r0, rows.max() + 3) - 0.5) * terrain.cell_m
    drawn = contourpy.contour_generator(x, y, known, fill_type=contourpy.FillType.OuterOffset).filled(
        -1.0, limit_s
    )
    shapes = []
    for points, offset in zip(*drawn, strict=True):
        rings = [points[a:b] for a, b in pairwise(offset.tolist())]
        shapes.append(shapely.Polygon(rings[0], [ring for ring in rings[1:] if len(ring) > 3]))
    joined = shapely.union_all(shapely.make_valid(np.array(shapes, object)))
    parts = [one for one in shapely.get_parts(joined) if one.geom_type == "Polygon"]
    return shapely.MultiPolygon(parts)
