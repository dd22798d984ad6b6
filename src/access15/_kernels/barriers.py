"""Straight legs against the pieces of shores and rivers, found by the squares of a grid (`snap.grid_of_segments`)."""

import numpy as np

from access15._kernels._jit import kernel


@kernel
def _side(ax, ay, bx, by, x, y):
    """Return on which side of the line from ``a`` to ``b`` a point lies: above 0 to the left, 0 on it."""
    return (bx - ax) * (y - ay) - (by - ay) * (x - ax)


@kernel
def _meet(x0, y0, x1, y1, ax, ay, bx, by):
    """Return whether two straight pieces touch."""
    if max(x0, x1) < min(ax, bx) or max(ax, bx) < min(x0, x1):
        return False
    if max(y0, y1) < min(ay, by) or max(ay, by) < min(y0, y1):
        return False
    one, other = _side(ax, ay, bx, by, x0, y0), _side(ax, ay, bx, by, x1, y1)
    if (one > 0 and other > 0) or (one < 0 and other < 0):
        return False
    one, other = _side(x0, y0, x1, y1, ax, ay), _side(x0, y0, x1, y1, bx, by)
    return not ((one > 0 and other > 0) or (one < 0 and other < 0))


@kernel
def leg_is_cut(x0, y0, x1, y1, barriers, start, ids, size, west, south, nx, ny):
    """Return whether a straight leg touches a barrier."""
    i0 = max(int(np.floor((min(x0, x1) - west) / size)), 0)
    i1 = min(int(np.floor((max(x0, x1) - west) / size)), nx - 1)
    j0 = max(int(np.floor((min(y0, y1) - south) / size)), 0)
    j1 = min(int(np.floor((max(y0, y1) - south) / size)), ny - 1)
    for j in range(j0, j1 + 1):
        for i in range(i0, i1 + 1):
            for k in range(start[j * nx + i], start[j * nx + i + 1]):
                b = ids[k]
                if _meet(x0, y0, x1, y1, barriers[b, 0], barriers[b, 1], barriers[b, 2], barriers[b, 3]):
                    return True
    return False


@kernel
def legs_are_cut(x0, y0, x1, y1, barriers, start, ids, size, west, south, nx, ny, out):
    """Fill in which straight legs touch a barrier.

    Parameters
    ----------
    x0, y0, x1, y1 : (k,) float64
    barriers : (b, 4) float64
    start, ids, size, west, south, nx, ny
        As `snap.grid_of_segments` takes and gives them.
    out : (k,) bool
    """
    for i in range(x0.size):
        out[i] = leg_is_cut(x0[i], y0[i], x1[i], y1[i], barriers, start, ids, size, west, south, nx, ny)
