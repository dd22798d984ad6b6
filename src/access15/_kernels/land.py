"""Times over land: one search over the cells of a grid, from all starts at once.

A cell takes its time from the straight edges between its neighbours, not only from the neighbours themselves: with
``Ta`` at the neighbour across a side, ``Td`` at the one across a corner beside it, and ``s`` the time to cross a cell,
``T = Ta + s * sqrt(1 - d * d)`` where ``d = (Ta - Td) / s`` lies between 0 and ``sqrt(1/2)`` (Tsitsiklis 1995, Efficient
algorithms for globally optimal trajectories, IEEE Transactions on Automatic Control 40). So paths run in any
direction. On slopes, where the direction decides the pace, and between cells of different pace the best point of the edge
is looked for among nine.

Labels are those of `nearest`: milliseconds in the upper half, row of the start in the lower one. A cell enters a bucket
whenever its label improves, so results do not depend on the order in which cells are read. Grids have a border of
`BORDER` closed cells, so that no neighbour lies outside.
"""

import heapq

import numpy as np
from numba import uint64

from access15._kernels._jit import kernel

BORDER = 2
"""Closed cells around a grid: as far as the longest move of `spread_by_moves` reaches."""

RING = ((0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1))
"""Steps ``(row, column)`` to the neighbours of a cell, in the order of the bits of ``blocked``: east, then clockwise."""

_KNIGHT = ((-2, -1), (-2, 1), (2, -1), (2, 1), (-1, -2), (-1, 2), (1, -2), (1, 2))
_DOWN = np.array([step[0] for step in (*RING, *_KNIGHT)], np.int64)
_RIGHT = np.array([step[1] for step in (*RING, *_KNIGHT)], np.int64)

_BUCKETS = np.uint64(64)
"""Buckets in the ring, a power of two. What lies further ahead waits in the last one."""
_BATCH = np.uint64(256)
_SAMPLES = 8
"""Parts of an edge on slopes, and where its ends are not equally fast."""
_LEGS = np.sqrt(1.0 + (np.arange(_SAMPLES + 1) / _SAMPLES) ** 2)
"""Distance of their ends from the cell, in cells."""
_SIDE = np.float64(np.sqrt(0.5))

_HALF = np.uint64(32)
_TIME = np.uint64(0xFFFFFFFF00000000)
_ROW = np.uint64(0xFFFFFFFF)
_ZERO = np.uint64(0)
_ONE = np.uint64(1)
_NEVER = np.uint64(0xFFFFFFFFFFFFFFFF)


@kernel
def tobler_factor(grade):
    """Return the time on a slope relative to level ground: Tobler's hiking function, rise over run."""
    return np.exp(3.5 * (abs(grade + 0.05) - 0.05))


@kernel
def _with_space(queue, fill, more):
    """Return the queue, a larger one if any bucket might not take ``more`` entries."""
    fullest = _ZERO
    for bucket in range(_BUCKETS):
        fullest = max(fullest, fill[bucket])
    if fullest + more <= uint64(queue.shape[1]):
        return queue
    larger = np.empty((queue.shape[0], int(uint64(2) * (fullest + more))), np.uint64)
    for bucket in range(_BUCKETS):
        for i in range(fill[bucket]):
            larger[bucket, i] = queue[bucket, i]
    return larger


@kernel
def _put(queue, fill, now, width, label, cell):
    """Add an entry ``time_ms << 32 | cell`` to the bucket of its time, or to the last of the ring."""
    at = max(label >> width, now)
    bucket = (now + min(at - now, _BUCKETS - _ONE)) & (_BUCKETS - _ONE)
    queue[bucket, fill[bucket]] = (label & _TIME) | uint64(cell)
    fill[bucket] += _ONE


@kernel
def _through_edge(ta, td, here, ca, cd, za, zd, z, cell_m, uphill):
    """Return the least time at a cell through the edge between two neighbours, and the share of the edge it goes through.

    ``ta, td`` in ms at the neighbours across the side (share 0) and across the corner (share 1); ``here, ca, cd`` ms to cross
    the cell and the two; ``za, zd, z`` heights in metres. ``uphill`` is 1 where people walk from the cell to the edge, -1 from
    the edge to the cell, 0 on level land. Either end counts too, so that an earlier time there never makes the cell later.
    """
    if uphill == 0.0 and ca == cd:
        pace = 0.5 * (here + ca)
        late = min(max((ta - td) / pace, 0.0), _SIDE)
        rest = np.sqrt(1.0 - late * late)
        return ta + pace * rest, late / rest
    best, at = np.inf, 0
    for k in range(_SAMPLES + 1):
        share = k / _SAMPLES
        time = ta + share * (td - ta)
        cost = (0.5 * (here + ca) + share * 0.5 * (cd - ca)) * _LEGS[k]
        if uphill != 0.0:
            rise = za + share * (zd - za) - z
            cost *= tobler_factor(uphill * rise / (_LEGS[k] * cell_m))
        if time + cost < best:
            best, at = time + cost, k
    return best, at / _SAMPLES


@kernel
def _step(labels, cross_ms, height_m, blocked, columns, cell_m, uphill, v, k):
    """Return the label that cell ``v`` offers its neighbour ``k``, alone and together with the cells beside both."""
    barred, sloped = blocked.size > 0, uphill != 0.0
    y = v + _DOWN[k] * columns + _RIGHT[k]
    here = np.float64(cross_ms[y])
    if not here < np.inf or (barred and (blocked[v] >> k) & 1):
        return _NEVER
    label = labels[v]
    corner = (k & 1) == 1
    if corner:
        one = v + _DOWN[(k + 1) & 7] * columns + _RIGHT[(k + 1) & 7]
        other = v + _DOWN[(k + 7) & 7] * columns + _RIGHT[(k + 7) & 7]
        # Between two closed cells that touch at a corner there is no way.
        if not (cross_ms[one] < np.inf or cross_ms[other] < np.inf):
            return _NEVER
    tv = np.float64(label >> _HALF)
    z = zv = zn = 0.0
    if sloped:
        z, zv = height_m[y], height_m[v]
    cells = np.sqrt(2.0) if corner else 1.0
    best = cells * 0.5 * (here + cross_ms[v])
    if sloped:
        best *= tobler_factor(uphill * (zv - z) / (cells * cell_m))
    best += tv
    row = label & _ROW
    back = (k + 4) & 7
    for side in (1, 7):
        n = (back + side) & 7
        beside = y + _DOWN[n] * columns + _RIGHT[n]
        if labels[beside] == _NEVER or not cross_ms[beside] < np.inf:
            continue
        # No edge of the triangle may be cut: paths to one edge of it fill it.
        if barred and ((blocked[y] >> n) & 1 or (blocked[beside] >> _towards(beside, v, columns)) & 1):
            continue
        tn = np.float64(labels[beside] >> _HALF)
        if sloped:
            zn = height_m[beside]
        ca, cd = np.float64(cross_ms[v]), np.float64(cross_ms[beside])
        if corner:
            time, share = _through_edge(tn, tv, here, cd, ca, zn, zv, z, cell_m, uphill)
            share = 1.0 - share
        else:
            time, share = _through_edge(tv, tn, here, ca, cd, zv, zn, z, cell_m, uphill)
        if time < best:
            best = time
            row = label & _ROW if share < 0.5 else labels[beside] & _ROW
    if best >= 4294967294.0:
        return _NEVER
    return (uint64(best + 0.5) << _HALF) | row


@kernel
def _towards(a, b, columns):
    """Return the bit of the neighbour ``b`` across a side of ``a``."""
    step = b - a
    if step == 1:
        return 0
    if step == columns:
        return 2
    return 4 if step == -1 else 6


@kernel
def spread_over_land(
    labels, cross_ms, height_m, blocked, columns, cell_m, uphill, start_cell, start_label, limit_ms, shift
):
    """Lower the labels of cells from some starts on, in every direction.

    Parameters
    ----------
    labels : (n,) uint64
        Changed in place; 0xFFFFFFFFFFFFFFFF where nothing is reached.
    cross_ms : (n,) float32
        Time to cross a cell from side to side, ``inf`` where it is closed; the outer `BORDER` cells are.
    height_m : (n,) float32, or (0,) on level land
    blocked : (n,) uint8, or (0,) where there is no barrier
        Bit ``k``: the move to neighbour ``RING[k]`` crosses a barrier.
    columns : int
        Cells in a row, borders included.
    cell_m : float
    uphill : float
        1: people walk towards the starts, -1: away from them, 0: level land.
    start_cell : (s,) int64
    start_label : (s,) uint64
        ``start_ms << 32 | row``.
    limit_ms : int
        Times beyond it are not passed on.
    shift : int
        Buckets are ``2**shift`` ms wide.
    """
    width = uint64(shift) + _HALF
    limit = (uint64(limit_ms) << _HALF) | _ROW
    queue = np.empty((int(_BUCKETS), int(uint64(10) * _BATCH)), np.uint64)
    fill = np.zeros(int(_BUCKETS), np.uint64)
    # 1. Starts that improve their cell, from the earliest bucket on.
    now = limit >> width
    for s in range(start_cell.size):
        now = min(now, start_label[s] >> width)
    for s in range(start_cell.size):
        cell, label = start_cell[s], start_label[s]
        if label <= limit and label < labels[cell] and cross_ms[cell] < np.inf:
            labels[cell] = label
            queue = _with_space(queue, fill, _ONE)
            _put(queue, fill, now, width, label, cell)
    # 2. Buckets in the order of time, until all of the ring are empty.
    idle = _ZERO
    while idle < _BUCKETS:
        here = now & (_BUCKETS - _ONE)
        idle = idle + _ONE if fill[here] == _ZERO else _ZERO
        read = _ZERO
        while read < fill[here]:
            queue = _with_space(queue, fill, uint64(8) * _BATCH)
            stop = min(read + _BATCH, fill[here])
            for i in range(read, stop):
                entry = queue[here, i]
                v = np.int64(entry & _ROW)
                if ((labels[v] ^ entry) & _TIME) != _ZERO:
                    continue  # improved since
                if (entry >> width) > now:
                    _put(queue, fill, now, width, entry, v)
                    continue
                for k in range(8):
                    y = v + _DOWN[k] * columns + _RIGHT[k]
                    if labels[y] <= labels[v]:
                        continue
                    label = _step(labels, cross_ms, height_m, blocked, columns, cell_m, uphill, v, k)
                    if label < labels[y] and label <= limit:
                        labels[y] = label
                        _put(queue, fill, now, width, label, y)
            read = stop
        fill[here] = _ZERO
        now += _ONE


@kernel
def _move_cost(cross_ms, height_m, blocked, columns, cell_m, uphill, v, k):
    """Return the time of one move in ms: the mean of the cells it touches times its length; ``inf`` where it is closed."""
    y = v + _DOWN[k] * columns + _RIGHT[k]
    mean = 0.5 * (cross_ms[v] + cross_ms[y])
    if k < 8:
        if blocked.size and (blocked[v] >> k) & 1:
            return np.inf
    else:
        # A knight's move touches two more cells; it is closed where any of its two ways over them is cut.
        down, right = _DOWN[k], _RIGHT[k]
        one = v + (down // 2 * columns if abs(down) == 2 else right // 2)
        other = y - (down // 2 * columns if abs(down) == 2 else right // 2)
        mean = 0.5 * mean + 0.25 * (cross_ms[one] + cross_ms[other])
        if blocked.size:
            for through in (one, other):
                for a, b in ((v, through), (through, y)):
                    for j in range(8):
                        if a + _DOWN[j] * columns + _RIGHT[j] == b and (blocked[a] >> j) & 1:
                            return np.inf
    cells = np.sqrt(np.float64(_DOWN[k] * _DOWN[k] + _RIGHT[k] * _RIGHT[k]))
    if uphill != 0.0:
        mean *= tobler_factor(uphill * (height_m[v] - height_m[y]) / (cells * cell_m))
    return mean * cells


@kernel
def spread_by_moves(
    moves, time_ms, row, cross_ms, height_m, blocked, columns, cell_m, uphill, start_cell, start_ms, start_row
):
    """Give cells their times by moves between the centres of cells, 8 or 16 of them (Dijkstra 1959).

    The slow and simple twin of `spread_over_land`, and how AccessMod and GRASS r.cost move.

    Parameters
    ----------
    moves : {8, 16}
    time_ms : (n,) float64
        Filled in place from ``inf``.
    row : (n,) int32
        Row of the start, filled in place from -1; the lowest one on ties.
    cross_ms, height_m, blocked, columns, cell_m, uphill
        As in `spread_over_land`.
    start_cell : (s,) int64
    start_ms : (s,) float64
    start_row : (s,) int32
    """
    heap = [(0.0, np.int64(-1), np.int64(0))]
    heap.pop()
    for s in range(start_cell.size):
        heapq.heappush(heap, (start_ms[s], np.int64(start_row[s]), start_cell[s]))
    while len(heap) > 0:
        time, who, v = heapq.heappop(heap)
        if row[v] >= 0 or not cross_ms[v] < np.inf:
            continue
        time_ms[v], row[v] = time, who
        for k in range(moves):
            y = v + _DOWN[k] * columns + _RIGHT[k]
            if row[y] < 0:
                later = time + _move_cost(cross_ms, height_m, blocked, columns, cell_m, uphill, v, k)
                if later < np.inf:
                    heapq.heappush(heap, (later, who, y))


@kernel
def leg_time(cross_ms, x_min, y_max, cell_m, place_x, place_y, x, y, wet):
    """Return the time of a straight leg: its length times the mean pace of what it leads over. See `leg_times`."""
    rows, columns = cross_ms.shape
    dx, dy = x - place_x, y - place_y
    cells = np.sqrt(dx * dx + dy * dy) / cell_m
    parts = int(3.0 * cells) + 6
    own_column, own_row = np.floor((place_x - x_min) / cell_m), np.floor((y_max - place_y) / cell_m)
    end_column, end_row = np.floor((x - x_min) / cell_m), np.floor((y_max - y) / cell_m)
    total, counted = 0.0, 0
    for k in range(parts):
        share = (k + 0.5) / parts
        column = np.floor((place_x + share * dx - x_min) / cell_m)
        row = np.floor((y_max - place_y - share * dy) / cell_m)
        pace = np.inf
        if 0 <= column < columns and 0 <= row < rows:
            pace = np.float64(cross_ms[int(row), int(column)])
        own = column == own_column and row == own_row
        end = column == end_column and row == end_row
        if not (pace == np.inf and (own or (wet and end))):
            total += pace
            counted += 1
    if counted == 0 or total == np.inf:
        return np.inf
    return total / counted * cells


@kernel
def leg_times(cross_ms, x_min, y_max, cell_m, place_x, place_y, x, y, wet, out):
    """Fill in the times of straight legs.

    Parameters
    ----------
    cross_ms : (rows, columns) float32
        Time to cross a cell, ``inf`` where it is closed; no border here.
    x_min, y_max, cell_m : float
    place_x, place_y, x, y : (k,) float64
    wet : (k,) bool
        Whether the closed cell that holds the end ``x, y`` is passed over all the same; that of the place always is.
    out : (k,) float64
        Filled with ms; ``inf`` where a leg leads over closed land or outside the grid.
    """
    for i in range(x.size):
        out[i] = leg_time(cross_ms, x_min, y_max, cell_m, place_x[i], place_y[i], x[i], y[i], wet[i])
