"""Contours of lateness, drawn strip by strip, and the rings they make.

Marching squares (Lorensen, Cline 1987) with every square cut where the values at its corners say 0. A crossing of a lattice line
belongs to two squares: one begins a piece of border there, the other ends one. So every crossing has one that follows it, and
borders are closed rings that neither touch nor cross themselves or each other: in a square pieces do not meet, and squares share
only crossings. That makes polygons valid by construction: nothing is checked or repaired afterwards.
"""

import numpy as np

from access15._kernels._jit import kernel
from access15._kernels.growth import copy
from access15._kernels.raster import BLOCK, MIXED, late_strip

VERTICAL = -2
ENTERS = -1

_SOUTH, _EAST, _NORTH, _WEST = 0, 1, 2, 3
_PIECES = np.full((18, 4), -1, np.int8)
"""Border pieces of a square, ``from, to`` by its sides, with the inside on the left. The row is the sum of 1, 2, 4, 8 for the
corners that are inside, from the south-west round by the south-east. Rows 16 and 17 are 5 and 10 with the middle inside."""
for _row, _sides in {
    1: (_SOUTH, _WEST), 2: (_EAST, _SOUTH), 3: (_EAST, _WEST), 4: (_NORTH, _EAST), 6: (_NORTH, _SOUTH),
    7: (_NORTH, _WEST), 8: (_WEST, _NORTH), 9: (_SOUTH, _NORTH), 11: (_EAST, _NORTH), 12: (_WEST, _EAST),
    13: (_SOUTH, _EAST), 14: (_WEST, _SOUTH), 5: (_SOUTH, _WEST, _NORTH, _EAST), 10: (_EAST, _SOUTH, _WEST, _NORTH),
    16: (_SOUTH, _EAST, _NORTH, _WEST), 17: (_WEST, _SOUTH, _EAST, _NORTH),
}.items():  # fmt: skip
    _PIECES[_row, : len(_sides)] = _sides


@kernel
def _active_blocks(kind, out):
    """List the blocks of a strip that, with the ones west, south and south-west of them, are not all of one kind."""
    n = 0
    for b in range(kind.shape[1]):
        west = b - 1 if b > 0 else b
        same = kind[0, b] == kind[1, b] and kind[0, west] == kind[1, west] and kind[0, west] == kind[1, b]
        if kind[1, b] == MIXED or not same:
            out[n] = b
            n += 1
    return n


@kernel
def _contour_row(late, r, j, i0, blocks, below, at, follows, source, n):
    """Add the crossings and border pieces between rows ``r`` and ``r + 1`` of a strip; return the number of crossings.

    ``at, follows, source`` have space. A crossing between rows is `VERTICAL`. One along a row that enters the inside, seen
    from the west, is `ENTERS`; one that leaves it knows the one that entered.
    """
    sides = np.empty(4, np.int64)
    sides[:] = -1
    entered = -1
    for block in blocks:
        for i in range(max(block * BLOCK, 1), (block + 1) * BLOCK):
            a, b = late[r, i - 1], late[r, i]
            d, c = late[r + 1, i - 1], late[r + 1, i]
            row = (a <= 0) + 2 * (b <= 0) + 4 * (c <= 0) + 8 * (d <= 0)
            if row == 0 or row == 15:
                continue
            sides[_SOUTH] = below[i]
            if (b <= 0) != (c <= 0):
                sides[_EAST] = n
                at[n, 0], at[n, 1] = i0 + i, j + b / (b - c)
                source[n] = VERTICAL
                n += 1
            if (d <= 0) != (c <= 0):
                sides[_NORTH] = n
                at[n, 0], at[n, 1] = i0 + i - 1 + d / (d - c), j + 1
                source[n] = ENTERS if c <= 0 else entered
                entered = n
                below[i] = n
                n += 1
            if (row == 5 or row == 10) and a + b + c + d <= 0:
                row = 16 if row == 5 else 17
            follows[sides[_PIECES[row, 0]]] = sides[_PIECES[row, 1]]
            if _PIECES[row, 2] >= 0:
                follows[sides[_PIECES[row, 2]]] = sides[_PIECES[row, 3]]
            sides[_WEST] = sides[_EAST]
    return n


@kernel
def most_crossings(blocks):
    """Return how many crossings a strip of so many blocks can have: a row and a column at each pixel."""
    return 2 * BLOCK * BLOCK * blocks


@kernel
def contour_strips(
    first, last, marks, i0, j0, tile_of, link_edges, link_slot, link_share, link_m, longest_m, labels, edges,
    own_row, own_ptr, own_ms, own_best, pins, limit_ms, ms_per_m, reach_m, strip_m, soft_ms, late, kind, below, at, follows, source, n,
):  # fmt: skip
    """Add the crossings and border pieces of the strips ``first..last - 1``, each a row of blocks, while there is space.

    Parameters
    ----------
    first, last : int
        Rows of ``marks``. A call goes on where the one before ended.
    marks, i0, j0, tile_of, link_edges, …, soft_ms
        See `access15._kernels.raster.late_strip`.
    late : (BLOCK + 1, columns) float64
        Work space. Row 0 is the row of pixels before the first strip, at first all above 0.
    kind : (2, blocks) uint8
        Work space. Row 1 has the kinds of the strip before, at first all `OUTSIDE`.
    below : (columns,) int64
        Work space, kept from call to call.
    at : (a, 2) float64
        Crossings, in pixels from the origin of the lattice. A strip is drawn where there is space for `most_crossings`.
    follows : (a,) int32
        The crossing that follows each, the inside to the left.
    source : (a,) int32
        `VERTICAL`, `ENTERS`, or the crossing that entered the inside that this one leaves.
    n : int
        Crossings so far.

    Returns
    -------
    n, next : int
        Crossings, and the strip to go on with: there was no space for it, or it is ``last``.
    """
    active = np.empty(marks.shape[1], np.int64)
    for strip in range(first, last):
        if n + most_crossings(marks.shape[1]) > follows.size:
            return n, strip
        copy(kind[1], kind[0])
        late_strip(
            strip, marks, i0, j0, tile_of, link_edges, link_slot, link_share, link_m, longest_m, labels, edges,
            own_row, own_ptr, own_ms, own_best, pins, limit_ms, ms_per_m, reach_m, strip_m, soft_ms, late[1:], kind[1],
        )  # fmt: skip
        blocks = active[: _active_blocks(kind, active)]
        for r in range(BLOCK):
            j = (j0 + strip) * BLOCK + r - 1
            n = _contour_row(late, r, j, i0 * BLOCK, blocks, below, at, follows, source, n)
        copy(late[BLOCK], late[0])
    return n, last


@kernel
def rings(at, follows, source, n, pixel_m, decimals):
    """Return the rings of crossings as ``(points, ring lengths, rings per polygon)``; holes follow their outer ring.

    Rings are found by their lowest row, westmost first. An outer ring enters the inside there; a hole leaves it, and the
    crossing to the west, which entered, is on a ring of the same polygon that was found before.

    Parameters
    ----------
    at, follows, source, n
        As `contour_strips` gives them.
    pixel_m, decimals : float, int
        Points are rounded to so many decimals of a metre.
    """
    # 1. Follow every ring once, from its first crossing in the order of rows.
    ring_of = np.full(n, -1, np.int32)
    start = np.empty(n // 4 + 1, np.int32)
    size = np.empty(n // 4 + 1, np.int64)
    polygon = np.empty(n // 4 + 1, np.int64)
    found = polygons = 0
    for crossing in range(n):
        if source[crossing] == VERTICAL or ring_of[crossing] >= 0:
            continue
        if source[crossing] == ENTERS:
            polygon[found] = polygons
            polygons += 1
        else:
            polygon[found] = polygon[ring_of[source[crossing]]]
        start[found] = crossing
        here = crossing
        count = 1  # The first point again at the end.
        while ring_of[here] < 0:
            ring_of[here] = found
            here = follows[here]
            count += 1
        size[found] = count
        found += 1
    # 2. Put the rings of a polygon next to each other, by counting; the outer one was found first.
    per_polygon = np.zeros(polygons, np.int64)
    for ring in range(found):
        per_polygon[polygon[ring]] += 1
    place = np.zeros(polygons + 1, np.int64)
    for k in range(polygons):
        place[k + 1] = place[k] + per_polygon[k]
    order = np.empty(found, np.int64)
    for ring in range(found):
        order[place[polygon[ring]]] = ring
        place[polygon[ring]] += 1
    # 3. Points in metres, ring by ring.
    points = np.empty((n + found, 2), np.float64)
    lengths = np.empty(found, np.int64)
    scale = 10.0**decimals
    p = 0
    for k in range(found):
        lengths[k] = size[order[k]]
        here = start[order[k]]
        for _ in range(lengths[k]):
            points[p, 0] = np.floor(at[here, 0] * pixel_m * scale + 0.5) / scale
            points[p, 1] = np.floor(at[here, 1] * pixel_m * scale + 0.5) / scale
            here = follows[here]
            p += 1
    return points, lengths, per_polygon
