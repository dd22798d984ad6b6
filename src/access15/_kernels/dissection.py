"""Nested dissection: an order of rows in which small groups part the graph, then part the parts, and so on."""

import numpy as np
from numba import int64

from access15._kernels._jit import kernel
from access15._kernels.growth import copy

_BINS = 1024
"""Places at which a cut is tried along each direction."""
_SMALL = 8
"""Parts of so many rows are not cut any more."""
_LEAST_SHARE = 0.3
"""Neither half of a cut is smaller than this share."""
_DIRECTIONS = np.array([[1.0, 0.0], [0.0, 1.0], [0.7071, 0.7071], [0.7071, -0.7071]])


@kernel
def dissect(start, heads, x, y):
    """Order rows by nested dissection with straight cuts (George 1973; cuts by inertia of place).

    Parameters
    ----------
    start, heads : (n + 1,) int64, (a,) int32
        Neighbours of each row, both ways, in compressed rows.
    x, y : (n,) float64
        Where the rows are, metres.

    Returns
    -------
    (n,) int32
        The graph's row at each rank. A separator comes before the parts it parts.
    """
    n = x.size
    order = np.arange(n).astype(np.int32)
    member = np.full(n, -1, np.int32)
    place = np.empty(n, np.int32)
    far_side = np.empty(n, np.bool_)
    spare = np.empty(n, np.int32)
    stack = [(int64(0), int64(n))]
    tag = 0
    while len(stack):
        lo, hi = stack.pop()
        if hi - lo <= _SMALL:
            continue
        for i in range(lo, hi):
            member[order[i]] = tag
        _cut(start, heads, x, y, order[lo:hi], tag, member, place, far_side)
        own, near = _part(start, heads, order[lo:hi], tag, member, far_side, spare)
        stack.append((lo + own + near, hi))
        stack.append((lo + own, lo + own + near))
        tag += 1
    return order


@kernel
def _cut(start, heads, x, y, rows, tag, member, place, far_side):
    """Find the straight cut that crosses few streets and halves the part; fill ``far_side`` of its rows."""
    n_bins = min(max(rows.size, 2 * _SMALL), _BINS)
    count = np.empty(n_bins, np.int64)
    change = np.empty(n_bins, np.int64)
    best, best_turn, best_bin = np.inf, -1, 0
    for turn in range(4):
        low, scale = _scale(x, y, rows, turn, n_bins)
        if scale == 0:
            continue
        count[:] = 0
        change[:] = 0
        for row in rows:
            at = int64((x[row] * _DIRECTIONS[turn, 0] + y[row] * _DIRECTIONS[turn, 1] - low) * scale)
            place[row] = at
            count[at] += 1
        for row in rows:
            for k in range(start[row], start[row + 1]):
                other = heads[k]
                if member[other] == tag and place[row] < place[other]:
                    change[place[row]] += 1
                    change[place[other]] -= 1
        crossed, before = 0, 0
        for at in range(n_bins - 1):
            crossed += change[at]
            before += count[at]
            share = before / rows.size
            if _LEAST_SHARE <= share <= 1 - _LEAST_SHARE:
                score = (crossed + 0.5) * (1 + 2 * abs(share - 0.5))
                if score < best:
                    best, best_turn, best_bin = score, turn, at
    if best_turn < 0:  # nearly all in one place: any half will do
        for i in range(rows.size):
            far_side[rows[i]] = 2 * i >= rows.size
        return
    low, scale = _scale(x, y, rows, best_turn, n_bins)
    for row in rows:
        at = x[row] * _DIRECTIONS[best_turn, 0] + y[row] * _DIRECTIONS[best_turn, 1]
        far_side[row] = int64((at - low) * scale) > best_bin


@kernel
def _scale(x, y, rows, turn, n_bins):
    """Return where the bins of a direction begin and how many there are per metre (0: no extent)."""
    low, high = np.inf, -np.inf
    for row in rows:
        at = x[row] * _DIRECTIONS[turn, 0] + y[row] * _DIRECTIONS[turn, 1]
        low, high = min(low, at), max(high, at)
    return low, (n_bins - 0.5) / (high - low) if high - low > 1e-6 else 0.0


@kernel
def _part(start, heads, rows, tag, member, far_side, spare):
    """Sort the rows of a part in place: separator, near half, far half; return the sizes of the first two.

    The separator is the shore of the cut with fewer rows.
    """
    shores = np.zeros(2, np.int64)
    for row in rows:
        shores[int64(far_side[row])] += _on_shore(start, heads, row, tag, member, far_side)
    shore = shores[1] < shores[0]
    sizes = np.zeros(3, np.int64)
    kind = np.empty(rows.size, np.int8)
    for i in range(rows.size):
        row = rows[i]
        if far_side[row] == shore and _on_shore(start, heads, row, tag, member, far_side):
            kind[i] = 0
        else:
            kind[i] = 2 if far_side[row] else 1
        sizes[kind[i]] += 1
    at = np.array([0, sizes[0], sizes[0] + sizes[1]])
    for i in range(rows.size):
        spare[at[kind[i]]] = rows[i]
        at[kind[i]] += 1
    copy(spare[: rows.size], rows)
    return sizes[0], sizes[1]


@kernel
def _on_shore(start, heads, row, tag, member, far_side):
    for k in range(start[row], start[row + 1]):
        if member[heads[k]] == tag and far_side[heads[k]] != far_side[row]:
            return True
    return False
