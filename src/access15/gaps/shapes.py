"""The ground a gap covers: the outlines of its cells, merged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from access15.arrays import Ints, Objects
from access15.crs import to_crs
from access15.gaps.discs import CORNERS, merged_discs

if TYPE_CHECKING:
    from access15.model import Population


POINT_BUFFER_M: Final = 50.0
"""Radius of the disc drawn around a cell that is only a point, metres."""

_CELLS_AT_ONCE: Final = 1 << 13
"""Cells of gaps that are drawn together."""


def gap_polygons(population: Population, rows: Ints, gap: Ints, count: int, crs: str) -> Objects:
    """Return one polygon per gap: raster squares or outlines of its cells merged, points as 50 m discs.

    Parameters
    ----------
    population : Population
    rows : (k,) int64
        Cells in gaps.
    gap : (k,) int64
        Gap of each of them, ``0 … count - 1``.
    count : int
    crs : str
        Metric CRS of the result.

    Returns
    -------
    (count,) object array of shapely Polygons and MultiPolygons
    """
    order = np.argsort(gap, kind="stable")
    rows, ends = rows[order], np.cumsum(np.bincount(gap, minlength=count))
    out = np.empty(count, object)
    first, begin = 0, 0
    while first < count:
        # Some gaps at once, so that the shapes of single cells never stand side by side for all.
        last = max(first + 1, int(np.searchsorted(ends, begin + _CELLS_AT_ONCE, side="right")))
        end = int(ends[last - 1])
        out[first:last] = _grounds(population, rows[begin:end], ends[first:last] - begin, crs)
        first, begin = last, end
    return out


def _grounds(population: Population, rows: Ints, ends: Ints, crs: str) -> Objects:
    """Return the ground of each run of cells."""
    if population.outlines is None and population.cell_size is not None:
        # Merged before the move: squares that share corners exactly merge twenty times faster.
        squares, tile = _squares(population, rows)
        return _moved(_merged(squares, ends, tile=tile), population.crs, crs)
    if population.outlines is None:
        at = to_crs(population.x[rows], population.y[rows], population.crs, crs)
        return merged_discs(*at, ends, POINT_BUFFER_M)
    return _merged(_drawn(population, rows, crs), ends, tile=False)


def _merged(shapes: Objects, ends: Ints, *, tile: bool) -> Objects:
    """Return the union of each run of shapes; ``tile`` = none overlap and shared corners are equal."""
    import shapely

    union = shapely.coverage_union_all if tile else shapely.union_all
    merged = np.empty(len(ends), object)
    for i, part in enumerate(np.split(shapes, ends[:-1]) if len(ends) else []):
        merged[i] = union(part) if len(part) > 1 else part[0]
    return merged


def _drawn(population: Population, rows: Ints, crs: str) -> Objects:
    """Return the outlines of cells in ``crs``, discs where a cell is only a point."""
    import shapely

    assert population.outlines is not None
    x, y = to_crs(population.x[rows], population.y[rows], population.crs, crs)
    shapes: Objects = shapely.buffer(shapely.points(x, y), POINT_BUFFER_M, quad_segs=CORNERS // 4)
    outlines = population.outlines[rows]
    real = shapely.area(outlines) > 0
    shapes[real] = shapely.make_valid(_moved(outlines[real], population.crs, crs))
    return shapes


def _squares(population: Population, rows: Ints) -> tuple[Objects, bool]:
    """Return the raster squares of cells, and whether they tile: all on one lattice, none twice."""
    import shapely

    assert population.cell_size is not None
    sides, places = [], []
    for centre, size in zip((population.x, population.y), population.cell_size, strict=True):
        step = abs(size)
        steps = (centre[rows] - centre[:1]) / step
        on_lattice = bool((np.abs(steps - np.rint(steps)) < 1e-3).all())
        places.append(np.rint(steps) if on_lattice else np.zeros(len(rows)))
        steps = np.rint(steps) if on_lattice else steps
        sides.append((centre[:1] + (steps - 0.5) * step, centre[:1] + (steps + 0.5) * step))
    (west, east), (south, north) = sides
    squares: Objects = shapely.box(west, south, east, north)
    return squares, len(np.unique(np.column_stack(places), axis=0)) == len(rows)


def _moved(shapes: Objects, source: str, target: str) -> Objects:
    import shapely

    points = shapely.get_coordinates(shapes)
    moved = to_crs(points[:, 0], points[:, 1], source, target)
    out: Objects = shapely.set_coordinates(shapely.force_2d(shapes), np.column_stack(moved))
    return out
