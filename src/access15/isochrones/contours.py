"""From lateness at pixels to polygons."""

from __future__ import annotations

from typing import Any

import numpy as np

from access15.arrays import AnyArray, Floats, Ints, Objects
from access15.isochrones.lattice import Lattice
from access15.isochrones.pixels import Marks, Rules
from access15.isochrones.reach import Reach, Streets

_DECIMALS = 4
"""Coordinates are whole tenths of a millimetre. Rounding keeps the order of crossings along a lattice line."""

_FIRST_ROWS = 2048


def rings_of(
    lattice: Lattice, streets: Streets, reach: Reach, pins: Ints, limit_ms: int, rules: Rules, threads: int
) -> tuple[Floats, Ints, Ints]:
    """Return the rings around what is within a limit: points (p, 2), points per ring, and rings per polygon.

    Parameters
    ----------
    lattice : Lattice
    streets : Streets
    reach : Reach
    pins : (p, 2) int64
        Row and column of pixels that are inside whatever their time, in rising order.
    limit_ms : int
    rules : Rules
    threads : int
        Used where many tiles are to be linked.
    """
    from access15._kernels.contour import contour_strips, most_crossings, rings
    from access15._kernels.raster import BLOCK

    # 1. Blocks of pixels that may be inside: those near reached streets.
    marks = Marks.of(reach.boxes(streets, limit_ms), rules)
    if marks is None:
        return np.empty((0, 2)), np.empty(0, np.int64), np.empty(0, np.int64)
    columns = marks.marks.shape[1]
    # 2. Work space of the strips, and the crossings found so far.
    soft_ms = rules.pixel_m * rules.ms_per_m
    work = (
        np.full((BLOCK + 1, columns * BLOCK), soft_ms),
        np.zeros((2, columns), np.uint8),
        np.empty(columns * BLOCK, np.int64),
    )
    found: tuple[Any, ...] = (np.empty((0, 2)), np.empty(0, np.int32), np.empty(0, np.int32))
    n = 0
    # 3. Band by band: link its tiles to streets, then draw strip by strip where times cross the limit.
    for band in marks.bands():
        links, rows = lattice.linked(band.tiles, threads)
        tile_of = np.full(marks.tiles, -1, np.int32)
        tile_of[band.row, band.column] = rows
        strip = band.first
        while strip < band.last:
            found = tuple(_with_space_for(array, n, n + most_crossings(columns)) for array in found)
            n, strip = contour_strips(
                strip,
                band.last,
                marks.marks,
                marks.i0,
                marks.j0,
                tile_of,
                *links,
                reach.labels,
                streets.edges,
                *reach.own.arrays,
                pins,
                float(limit_ms),
                rules.ms_per_m,
                rules.reach_m,
                rules.strip_m,
                soft_ms,
                *work,
                *found,
                n,
            )
    # 4. Crossings follow each other round rings.
    points, lengths, per_polygon = rings(*found, n, rules.pixel_m, _DECIMALS)
    return points, lengths, per_polygon


def _with_space_for(array: AnyArray, used: int, rows: int) -> AnyArray:
    """Return an array with space for so many rows, the first ``used`` kept."""
    if rows <= len(array):
        return array
    larger = np.empty((max(rows, 2 * len(array), _FIRST_ROWS), *array.shape[1:]), array.dtype)
    larger[:used] = array[:used]
    return larger


def multipolygons(drawn: list[tuple[Floats, Ints, Ints]]) -> Objects:
    """Return a MultiPolygon for each of some `rings_of`."""
    import shapely

    parts = [[rings[k] for rings in drawn] for k in range(3)]
    points = np.concatenate([np.empty((0, 2)), *parts[0]])
    sizes = (*(np.concatenate(([0], *part)) for part in parts[1:]), np.array([0, *map(len, parts[2])]))
    offsets = tuple(np.cumsum(size, dtype=np.int64) for size in sizes)
    shapes: Objects = shapely.from_ragged_array(shapely.GeometryType.MULTIPOLYGON, points, offsets)
    return shapes
