"""Times over land and streets at once: cells in every direction as in `land`, points of streets along arcs.

Streets are cut where they cross the borders of cells. Arcs lead along streets, from points of streets to the cells around
them, and back; their times are worked out before, since the best place to leave a straight piece of street depends on
paces only. One ring of buckets holds cells and points.
"""

import numpy as np
from numba import uint64

from access15._kernels._jit import kernel
from access15._kernels.land import _BUCKETS, _DOWN, _RIGHT, _put, _step, _with_space

_HALF = np.uint64(32)
_TIME = np.uint64(0xFFFFFFFF00000000)
_ROW = np.uint64(0xFFFFFFFF)
_ZERO = np.uint64(0)
_ONE = np.uint64(1)
_SPARE = np.uint64(2048)


@kernel
def spread_over_land_and_streets(
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
    start,
    start_label,
    limit_ms,
    shift,
):
    """Lower the labels of cells and points of streets from some starts on.

    Parameters
    ----------
    labels : (n + s,) uint64
        Of ``n`` cells, borders included, then of ``s`` points; changed in place.
    cross_ms, height_m, blocked, columns, cell_m, uphill
        As in `land.spread_over_land`, of the cells.
    row_of_cell : (n,) int32
        Row of ``indptr`` with the arcs from a cell to points, -1 where there is none.
    indptr : (r + 1,) int64
        Rows of arcs: first those of the ``s`` points, then those of cells.
    head : (a,) int64
        Where an arc leads: cells, then points, as in ``labels``.
    arc_ms : (a,) uint32
    start : (k,) int64
        Cells or points.
    start_label : (k,) uint64
    limit_ms, shift
        As in `land.spread_over_land`.
    """
    n = cross_ms.size
    width = uint64(shift) + _HALF
    limit = (uint64(limit_ms) << _HALF) | _ROW
    queue = np.empty((int(_BUCKETS), int(uint64(2) * _SPARE)), np.uint64)
    fill = np.zeros(int(_BUCKETS), np.uint64)
    now = limit >> width
    for s in range(start.size):
        now = min(now, start_label[s] >> width)
    for s in range(start.size):
        at, label = start[s], start_label[s]
        if label <= limit and label < labels[at]:
            labels[at] = label
            queue = _with_space(queue, fill, _ONE)
            _put(queue, fill, now, width, label, at)
    idle = _ZERO
    spare = _ZERO  # entries that every bucket still takes
    while idle < _BUCKETS:
        here = now & (_BUCKETS - _ONE)
        idle = idle + _ONE if fill[here] == _ZERO else _ZERO
        read = _ZERO
        while read < fill[here]:
            entry = queue[here, read]
            read += _ONE
            v = np.int64(entry & _ROW)
            if ((labels[v] ^ entry) & _TIME) != _ZERO:
                continue  # improved since
            row = np.int64(row_of_cell[v]) if v < n else v - n
            need = uint64(9)
            if row >= 0:
                need += uint64(indptr[row + 1] - indptr[row])
            if spare < need:
                spare = need + _SPARE
                queue = _with_space(queue, fill, spare)
            spare -= need
            if (entry >> width) > now:
                _put(queue, fill, now, width, entry, v)
                continue
            if row >= 0:
                for a in range(indptr[row], indptr[row + 1]):
                    label = labels[v] + (uint64(arc_ms[a]) << _HALF)
                    if label < labels[head[a]] and label <= limit and label >= labels[v]:
                        labels[head[a]] = label
                        _put(queue, fill, now, width, label, head[a])
            if v < n:
                for k in range(8):
                    y = v + _DOWN[k] * columns + _RIGHT[k]
                    if labels[y] <= labels[v]:
                        continue
                    label = _step(labels, cross_ms, height_m, blocked, columns, cell_m, uphill, v, k)
                    if label < labels[y] and label <= limit:
                        labels[y] = label
                        _put(queue, fill, now, width, label, y)
        fill[here] = _ZERO
        now += _ONE
