"""Rows of a table that are one facility: one name, or one id, within 150 m of each other."""

from __future__ import annotations

from typing import Final

import numpy as np

from access15.arrays import Bools, Floats, Objects, Rows
from access15.crs import WGS84, ground_lengths_m, to_crs
from access15.sources.care_words import fold_name

SAME_PLACE_M: Final = 150.0
"""One name within this distance is one facility, metres."""

_POLAR_RADIUS_M: Final = 6_399_594.0


def doubles(
    x: Floats, y: Floats, crs: str, name: Objects, ids: Objects | None, free: Bools
) -> dict[int, int]:
    """Return which rows repeat an earlier one: ``{row: the row it repeats}``.

    The first row stands for those that follow it within 150 m and have its name (case, accents and punctuation
    aside), or its id and no other name.

    Parameters
    ----------
    x, y : (n,) float64
    crs : str
    name : (n,) object array of str
    ids : (n,) object array of str, or None
        As they stand in the file; None where there is no such column.
    free : (n,) bool
        Rows that count so far.
    """
    lon, lat = np.full(len(x), np.nan), np.full(len(x), np.nan)
    lon[free], lat[free] = to_crs(x[free], y[free], crs, WGS84)
    folded = np.array([fold_name(text).replace(" ", "") for text in name], object)
    out: dict[int, int] = {}
    for key in (folded, ids):
        if key is not None:
            out |= _of_one(key, folded, lon, lat, free & ~np.isin(np.arange(len(x)), list(out)))
    return out


def _of_one(key: Objects, name: Objects, lon: Floats, lat: Floats, free: Bools) -> dict[int, int]:
    rows = np.flatnonzero(free & (key.astype(str) != ""))
    _, group, size = np.unique(key[rows].astype(str), return_inverse=True, return_counts=True)
    rows, group = rows[size[group] > 1], group[size[group] > 1]
    out: dict[int, int] = {}
    for first, second in _pairs(lon[rows], lat[rows]):
        a, b = int(rows[first]), int(rows[second])
        if group[first] != group[second] or a in out or b in out:
            continue
        if not name[a] or not name[b] or name[a] == name[b]:
            out[b] = a
    return out


def _pairs(lon: Floats, lat: Floats) -> list[tuple[int, int]]:
    """Return pairs of rows at most 150 m apart, the earlier row first, in the order of rows."""
    if len(lon) < 2:
        return []
    from scipy.spatial import cKDTree

    # On a sphere of the largest radius of curvature nothing is nearer than on the ellipsoid by more than 1.1 %.
    a, b = np.radians(lon), np.radians(lat)
    ball = _POLAR_RADIUS_M * np.column_stack((np.cos(b) * np.cos(a), np.cos(b) * np.sin(a), np.sin(b)))
    found: Rows = cKDTree(ball).query_pairs(SAME_PLACE_M * 1.02, output_type="ndarray")
    if not len(found):
        return []
    ends = found.ravel()
    found = np.sort(found[ground_lengths_m(lon[ends], lat[ends])[::2] <= SAME_PLACE_M], axis=1)
    return [(int(a), int(b)) for a, b in sorted(found.tolist())]


def on_one_spot(x: Floats, y: Floats, free: Bools) -> Bools:
    """Return the rows that stand exactly where an earlier one stands."""
    out = np.zeros(len(x), bool)
    rows = np.flatnonzero(free)
    _, first = np.unique(np.column_stack((x[rows], y[rows])), axis=0, return_index=True)
    out[np.delete(rows, first)] = True
    return out
