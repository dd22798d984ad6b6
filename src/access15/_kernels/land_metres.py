"""Metres over land of the ways that a search over land and streets found."""

import numpy as np
from numba import uint64

from access15._kernels._jit import kernel
from access15._kernels.land import _DOWN, _NEVER, _RIGHT, _through_edge, _towards, tobler_factor

_HALF = np.uint64(32)


@kernel
def carry_metres(
    labels,
    cross_ms,
    height_m,
    blocked,
    columns,
    cell_m,
    uphill,
    row_of_cell,
    indptr,
    head,
    arc_ms,
    arc_m,
    start,
    start_label,
    start_m,
    start_first_m,
    order,
    over_m,
    first_m,
):
    """Fill in the metres over land behind each label: on the whole way, and from the last point of a street on.

    Parameters
    ----------
    labels, cross_ms, height_m, blocked, columns, cell_m, uphill, row_of_cell, indptr, head, arc_ms, start, start_label
        As in `land_and_streets.spread_over_land_and_streets`, behind the search.
    arc_m : (a,) float32
        Metres over land of each arc.
    start_m, start_first_m : (k,) float64
    order : (r,) int64
        Reached cells and points, the earliest label first.
    over_m, first_m : (n + s,) float32
        NaN where still to be filled.
    """
    n = cross_ms.size
    stack = np.empty(64, np.int64)
    for s in range(start.size):
        at = start[s]
        if labels[at] == start_label[s] and np.isnan(over_m[at]):
            over_m[at] = start_m[s]
            first_m[at] = 0.0 if at >= n else start_first_m[s]
    for turn in range(order.size):
        stack[0] = order[turn]
        waiting = 1
        while waiting > 0:
            waiting -= 1
            v = stack[waiting]
            if np.isnan(over_m[v]):
                if v >= n:
                    continue
                _pull(labels, cross_ms, height_m, blocked, columns, cell_m, uphill, v, over_m, first_m)
                if np.isnan(over_m[v]):
                    continue
            row = np.int64(row_of_cell[v]) if v < n else v - n
            if row < 0:
                continue
            for a in range(indptr[row], indptr[row + 1]):
                h = head[a]
                if not np.isnan(over_m[h]) or labels[h] != labels[v] + (uint64(arc_ms[a]) << _HALF):
                    continue
                over_m[h] = over_m[v] + arc_m[a]
                first_m[h] = 0.0 if h >= n else first_m[v] + arc_m[a]
                # What takes no time may stand before this in the order.
                if arc_ms[a] == 0:
                    if waiting == stack.size:
                        larger = np.empty(2 * stack.size, np.int64)
                        larger[:waiting] = stack
                        stack = larger
                    stack[waiting] = h
                    waiting += 1


@kernel
def _pull(labels, cross_ms, height_m, blocked, columns, cell_m, uphill, y, over_m, first_m):
    """Fill in the metres of a cell by the edge between neighbours that gave its label."""
    barred, sloped = blocked.size > 0, uphill != 0.0
    here = np.float64(cross_ms[y])
    least = np.inf
    for k in range(8):
        back = (k + 4) & 7
        v = y + _DOWN[back] * columns + _RIGHT[back]
        if labels[v] >= labels[y] or not cross_ms[v] < np.inf or np.isnan(over_m[v]):
            continue
        if barred and (blocked[v] >> k) & 1:
            continue
        corner = (k & 1) == 1
        if corner:
            one = v + _DOWN[(k + 1) & 7] * columns + _RIGHT[(k + 1) & 7]
            other = v + _DOWN[(k + 7) & 7] * columns + _RIGHT[(k + 7) & 7]
            if not (cross_ms[one] < np.inf or cross_ms[other] < np.inf):
                continue
        tv = np.float64(labels[v] >> _HALF)
        cells = np.sqrt(2.0) if corner else 1.0
        time = cells * 0.5 * (here + cross_ms[v])
        z = zv = zn = 0.0
        if sloped:
            z, zv = height_m[y], height_m[v]
            time *= tobler_factor(uphill * (zv - z) / (cells * cell_m))
        if tv + time < least:
            least = tv + time
            over_m[y] = over_m[v] + cells * cell_m
            first_m[y] = first_m[v] + cells * cell_m
        if corner:
            continue  # the edge is looked at from its other end
        for side in (1, 7):
            m = (back + side) & 7
            beside = y + _DOWN[m] * columns + _RIGHT[m]
            if labels[beside] == _NEVER or not cross_ms[beside] < np.inf or np.isnan(over_m[beside]):
                continue
            if barred and ((blocked[y] >> m) & 1 or (blocked[beside] >> _towards(beside, v, columns)) & 1):
                continue
            if sloped:
                zn = height_m[beside]
            tn = np.float64(labels[beside] >> _HALF)
            time, share = _through_edge(
                tv, tn, here, np.float64(cross_ms[v]), np.float64(cross_ms[beside]), zv, zn, z, cell_m, uphill
            )
            if time < least:
                least = time
                leg = cell_m * np.sqrt(1.0 + share * share)
                over_m[y] = (1.0 - share) * over_m[v] + share * over_m[beside] + leg
                first_m[y] = (1.0 - share) * first_m[v] + share * first_m[beside] + leg


@kernel
def carry_along(labels, indptr, arcs, start, start_label, start_m, order, over_m):
    """Fill in the metres over land behind each label of a search along streets, which add none.

    Parameters
    ----------
    labels : (n,) uint64
        Behind the search.
    indptr, arcs
        As in `nearest`.
    start : (k,) int64
    start_label : (k,) uint64
    start_m : (k,) float64
    order : (r,) int64
        Reached rows, the earliest label first.
    over_m : (n,) float64
        NaN where still to be filled.
    """
    stack = np.empty(64, np.int64)
    for s in range(start.size):
        if labels[start[s]] == start_label[s] and np.isnan(over_m[start[s]]):
            over_m[start[s]] = start_m[s]
    for turn in range(order.size):
        stack[0] = order[turn]
        waiting = 1
        while waiting > 0:
            waiting -= 1
            v = stack[waiting]
            if np.isnan(over_m[v]):
                continue
            for a in range(np.int64(indptr[v]), np.int64(indptr[v + 1])):
                h = np.int64(arcs[a, 0])
                if not np.isnan(over_m[h]) or labels[h] != labels[v] + (uint64(arcs[a, 1]) << _HALF):
                    continue
                over_m[h] = over_m[v]
                if arcs[a, 1] == 0:
                    if waiting == stack.size:
                        larger = np.empty(2 * stack.size, np.int64)
                        larger[:waiting] = stack
                        stack = larger
                    stack[waiting] = h
                    waiting += 1
