"""Numbers for the map of the report: typed arrays as base64, lines as whole steps of 1e-5 degrees."""

from __future__ import annotations

import base64
from typing import Any, Final

import numpy as np

from access15.arrays import AnyArray, ArrayLike, Objects, Rows

_STEPS: Final = 1e5
"""Steps per degree: 1e-5 degrees are at most 1.1 m."""

_LONGEST: Final = 0.3
"""Degrees of the longest piece of a line: its steps must fit 16 bits."""

_COARSEST: Final = 2e-3


def pack(values: ArrayLike, dtype: str) -> dict[str, str]:
    """Return an array as ``{t: type, b: base64}``, little endian; types as JavaScript's typed arrays name them."""
    names = {
        "<i4": "Int32", "<u4": "Uint32", "<i2": "Int16", "<u2": "Uint16", "|u1": "Uint8", "<f4": "Float32",
    }  # fmt: skip
    array = np.ascontiguousarray(values, np.dtype(dtype))
    return {"t": names[array.dtype.str], "b": base64.b64encode(array.tobytes()).decode("ascii")}


def pack_index(rows: AnyArray, count: int) -> dict[str, str]:
    """Return rows of a list of ``count`` names, in as few bytes as they fit; -1 becomes the largest number."""
    dtype = "|u1" if count < 0xFF else "<u2" if count < 0xFFFF else "<u4"
    return pack(np.where(rows < 0, np.iinfo(dtype).max, rows), dtype)


def pack_lines(lines: Objects, budget: int, tolerance: float = 0.0) -> dict[str, Any]:
    """Return lines in degrees as starts, counts and steps, simplified until they fit a number of vertices.

    Parameters
    ----------
    lines : (n,) object array of LineStrings
        Longitude and latitude. Not one may be empty.
    budget : int
        Vertices aimed at; the coarsest tolerance (2e-3 degrees) ends the search.
    tolerance : float
        Degrees to begin with; 0 keeps every vertex.

    Returns
    -------
    dict
        ``x, y`` first vertex of each line in steps, ``n`` vertices, ``dx, dy`` steps from vertex to vertex,
        ``tolerance`` in degrees.
    """
    import shapely

    drawn = _simplified(lines, tolerance) if tolerance > 0 else lines
    while shapely.get_num_coordinates(drawn).sum() > budget and tolerance < _COARSEST:
        tolerance = max(2 * tolerance, 1e-5)
        drawn = _simplified(lines, tolerance)
    wide = shapely.length(drawn) > _LONGEST
    drawn = np.array(drawn, object)
    drawn[wide] = shapely.segmentize(drawn[wide], _LONGEST)
    xy = np.rint(shapely.get_coordinates(drawn) * _STEPS).astype(np.int64)
    counts = np.asarray(shapely.get_num_coordinates(drawn), np.int64).reshape(-1)
    first = np.concatenate([[0], np.cumsum(counts)])[:-1].astype(np.int64) if len(counts) else counts
    inner = np.ones(len(xy), bool)
    inner[first] = False
    steps = np.diff(xy, axis=0, prepend=xy[:1])[inner] if len(xy) else xy
    return {
        "x": pack(xy[first, 0], "<i4"),
        "y": pack(xy[first, 1], "<i4"),
        "n": pack(counts, "<u4"),
        "dx": pack(steps[:, 0], "<i2"),
        "dy": pack(steps[:, 1], "<i2"),
        "tolerance": tolerance,
    }


def _simplified(lines: Objects, tolerance: float) -> Objects:
    """Return simpler lines; one that would shrink to a point stays as it is."""
    import shapely

    drawn = shapely.simplify(lines, tolerance, preserve_topology=False)
    lost = shapely.length(drawn) <= 0
    drawn[lost] = lines[lost]
    return np.asarray(drawn, object)


def rings_of(polygons: Objects) -> tuple[Objects, Rows]:
    """Return the rings of polygons as lines, and the row of the polygon each belongs to."""
    import shapely

    parts, owner = shapely.get_parts(np.array(polygons), return_index=True)
    flat = shapely.get_dimensions(parts) == 2
    rings, part = shapely.get_rings(parts[flat], return_index=True)
    xy, row = shapely.get_coordinates(rings, return_index=True)
    return np.asarray(shapely.linestrings(xy, indices=row), object), owner[flat][part]
