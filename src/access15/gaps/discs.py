"""The ground under many equal discs, one shape for each group of points, without merging disc by disc."""

from __future__ import annotations

from typing import Final

import numpy as np

from access15.arrays import Bools, Floats, Int32s, Ints, Objects

CORNERS: Final = 32
"""Corners of a disc, as many as `shapely.buffer` gives it."""


def merged_discs(x: Floats, y: Floats, ends: Ints, radius_m: float) -> Objects:
    """Return the ground within a radius of the points of each group: a union of regular polygons.

    Parameters
    ----------
    x, y : (k,) float64
        Points, group after group, metres.
    ends : (groups,) int64
        Where each group ends; none is empty.
    radius_m : float
        From a point to the corners of its disc.

    Returns
    -------
    (groups,) object array of shapely Polygons and MultiPolygons

    Notes
    -----
    The rims of two discs of one shape cross twice at most, so the rim of each loses one stretch to every disc that
    overlaps it, and what is left of all rims joins end to end to the rings of the union. Where rounding leaves an end
    without a beginning, or discs that only touch make an invalid shape, shapely merges the discs of that group.
    """
    import shapely

    group = np.repeat(np.arange(len(ends)), np.diff(ends, prepend=0))
    shapes, sound = _union(x, y, group, len(ends), radius_m)
    for row in np.flatnonzero(~sound):
        own = np.column_stack([x, y])[group == row]
        shapes[row] = shapely.buffer(shapely.multipoints(own), radius_m, quad_segs=CORNERS // 4)
    return shapes


def _union(x: Floats, y: Floats, group: Ints, count: int, radius_m: float) -> tuple[Objects, Bools]:
    """Return the ground of each group, and whether it came out sound."""
    import shapely

    from access15._kernels.discs import free_rims, next_arcs, rings

    angle = np.arange(CORNERS) * (2 * np.pi / CORNERS)
    corner = radius_m * np.column_stack([np.cos(angle), np.sin(angle)])
    normal = np.column_stack([np.cos(angle + np.pi / CORNERS), np.sin(angle + np.pi / CORNERS)])
    inner_m = radius_m * np.cos(np.pi / CORNERS)
    order, key, column_step = _in_squares(x, y, group, 2.1 * radius_m)
    x, y, group = x[order], y[order], group[order]
    # What is left of each rim: at most six arcs a disc in all, for the rims of a union are those of a planar map.
    n = len(x)
    most = 8 * n + 64
    parent, doubtful = np.arange(n, dtype=np.int32), np.zeros(n, bool)
    arc_ptr = np.empty(n + 1, np.int64)
    place = np.empty(most), np.empty(most)
    other = np.empty(most, np.int32), np.empty(most, np.int32)
    arcs = free_rims(
        x, y, key, column_step, corner, normal, inner_m, parent, doubtful, arc_ptr, *place, *other
    )
    if arcs < 0:
        return np.empty(count, object), np.zeros(count, bool)
    disc_of = np.repeat(np.arange(n, dtype=np.int32), np.diff(arc_ptr))
    following = np.empty(arcs, np.int32)
    next_arcs(arc_ptr, other[0], other[1], following)
    # Every arc must be followed by one of its own and no two by the same.
    sound = np.ones(count, bool)
    sound[group[disc_of[following < 0]]] = False
    times_followed = np.bincount(following[following >= 0], minlength=arcs)
    sound[group[disc_of[times_followed != 1]]] = False
    wanted = np.flatnonzero(sound[group[disc_of]])
    begin, end = place[0][wanted], place[1][wanted]
    points = np.empty((int((np.ceil(end) - np.floor(begin)).sum()), 2))
    ring_ptr, ring_disc = np.empty(len(wanted) + 1, np.int64), np.empty(len(wanted), np.int32)
    area = np.empty(len(wanted))
    found = rings(x, y, corner, disc_of, following, *place, wanted, points, ring_ptr, ring_disc, area)
    island = _roots(parent)[ring_disc[:found]]
    shapes, sound = _shapes(points, ring_ptr[: found + 1], area[:found], island, group, sound)
    check = np.flatnonzero(sound & (np.bincount(group[doubtful], minlength=count) > 0))
    sound[check] = shapely.is_valid(shapes[check])
    return shapes, sound


def _in_squares(x: Floats, y: Floats, group: Ints, side_m: float) -> tuple[Ints, Ints, int]:
    """Return points by group and square, each place once, the number of the square, and the step to the next column."""
    column, row = (np.floor((v - v.min()) / side_m).astype(np.int64) for v in (x, y))
    # A row and a column stay empty between any two groups, so that neighbours of a square are of its group.
    rows, columns = int(row.max()) + 3, int(column.max()) + 3
    key = (group * columns + column + 1) * rows + row + 1
    order = np.lexsort((y, x, key))
    # Two discs on one place are one.
    new = np.ones(len(order), bool)
    new[1:] = np.any([np.diff(v[order]) != 0 for v in (x, y, key)], axis=0)
    order = order[new]
    return order, key[order], rows


def _roots(parent: Int32s) -> Int32s:
    """Return the first of the discs that each disc is joined to."""
    while True:
        above = parent[parent]
        if np.array_equal(above, parent):
            return parent
        parent = above


def _shapes(
    points: Floats, ring_ptr: Ints, area: Floats, island: Int32s, group: Ints, sound: Bools
) -> tuple[Objects, Bools]:
    """Return the shapes of rings, and the groups that are sound in the end: one outside for each island of discs."""
    import shapely

    # Islands of one group stand together, the outside of each before its holes.
    order = np.lexsort((area < 0, island, group[island]))
    points, size = _in_order(points, ring_ptr, order)
    island, outside = island[order], area[order] > 0
    first = np.ones(len(order), bool)
    first[1:] = np.diff(island) != 0
    sound[group[island[first != outside]]] = False
    out = np.empty(len(sound), object)
    ring = shapely.linearrings(points, indices=np.repeat(np.arange(len(order)), size))
    number = np.cumsum(first) - 1
    polygon = shapely.polygons(ring, indices=number) if len(ring) else ring
    of = group[island[first]]
    each = np.bincount(of, minlength=len(sound))
    single = each[of] == 1
    out[of[single]] = polygon[single]
    if not single.all():
        several, which = np.unique(of[~single], return_inverse=True)
        out[several] = shapely.multipolygons(polygon[~single], indices=which)
    return out, sound


def _in_order(points: Floats, ring_ptr: Ints, order: Ints) -> tuple[Floats, Ints]:
    """Return the points of rings in another order of rings, and how many each has."""
    size = np.diff(ring_ptr)[order]
    start = np.cumsum(size) - size
    at = np.repeat(ring_ptr[:-1][order] - start, size) + np.arange(int(size.sum()))
    return points[at], size
