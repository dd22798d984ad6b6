"""Which area a population cell lies in."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from access15.arrays import Floats, Int32s, Ints, Objects
from access15.crs import to_crs
from access15.errors import CRSError, InputError

if TYPE_CHECKING:
    from access15.model import Areas, Population


_CHUNK = 1 << 20


def assign_areas(population: Population, areas: Areas) -> Int32s:
    """Return the row of the area each cell lies in.

    The position of a cell decides, moved to the CRS of the areas (their borders stay as drawn). A cell
    on a border, or in areas that overlap, belongs to the area with the lowest row; a warning counts
    the cells and people that lie inside more than one area.

    Parameters
    ----------
    population : Population
        ``n`` cells.
    areas : Areas
        Polygons in any CRS.

    Returns
    -------
    (n,) int32
        Rows of ``areas``, -1 for cells in no area.

    Raises
    ------
    InputError
        If not one cell lies in any area.
    """
    x, y = _positions(population, areas)
    rows = np.full(len(population), -1, np.int32)
    doubled: list[Ints] = [np.zeros((0, 3), np.int64)]
    for start in range(0, len(rows), _CHUNK):
        part = slice(start, start + _CHUNK)
        cell, area, twice = _hits(x[part], y[part], areas.polygons)
        rows[part][cell] = area
        doubled.append(twice + np.array([start, 0, 0]))
    if len(rows) and rows.max() < 0:
        raise InputError(_nowhere(population, areas, x, y))
    overlaps = np.concatenate(doubled)
    if len(overlaps):
        warnings.warn(_overlap(population, areas, overlaps), stacklevel=2)
    return rows


def _positions(population: Population, areas: Areas) -> tuple[Floats, ...]:
    try:
        return to_crs(population.x, population.y, population.crs, areas.crs)
    except CRSError as error:
        raise CRSError(f"the population cannot be laid over the areas: {error}") from error


def _hits(x: Floats, y: Floats, polygons: Objects) -> tuple[Ints, Ints, Ints]:
    """Return cells and the lowest area row of each, and rows ``cell, area, area`` where two areas overlap.

    The tree holds the points and the polygons ask, because shapely prepares the side that asks: one
    test then costs the logarithm of the vertices of the polygon instead of all of them.
    """
    import shapely

    points = shapely.points(x, y)
    area, cell = shapely.STRtree(points).query(polygons, predicate="intersects")
    order = np.lexsort((area, cell))
    area, cell = area[order], cell[order]
    first = np.ones(len(cell), bool)
    first[1:] = cell[1:] != cell[:-1]
    again = np.flatnonzero(~first)
    shared = np.flatnonzero(np.isin(cell, cell[~first]))
    inside = shared[shapely.contains_properly(polygons[area[shared]], points[cell[shared]])]
    again = np.flatnonzero(cell[inside[1:]] == cell[inside[:-1]])
    one, other = inside[again], inside[again + 1]
    return cell[first], area[first], np.column_stack([cell[one], area[one], area[other]])


def _overlap(population: Population, areas: Areas, overlaps: Ints) -> str:
    cells = np.unique(overlaps[:, 0])
    cell, one, other = overlaps[0]
    return (
        f"{len(cells):,} cells with {population.people[cells].sum():,.0f} people lie in more than one area "
        f"(cell {population.cell_id[cell]!r} in {areas.id[one]!r} and {areas.id[other]!r}): each counts for "
        "the area that stands first; mend the polygons if they should not overlap"
    )


def _nowhere(population: Population, areas: Areas, x: Any, y: Any) -> str:
    import shapely

    bounds = shapely.total_bounds(areas.polygons)
    return (
        f"no population cell lies in any of the {len(areas)} areas: the areas ({areas.crs}) span x "
        f"{bounds[0]:g} to {bounds[2]:g}, y {bounds[1]:g} to {bounds[3]:g}, and the cells "
        f"({population.crs}) fall on x {x.min():g} to {x.max():g}, y {y.min():g} to {y.max():g} there: check "
        "that both name the right CRS and show the same place"
    )
