"""Nearest street segment of many points, by a uniform grid.

Segments are listed in every grid square their bounding box meets. A query reads squares in rings
around its own square and stops when no further ring can hold anything nearer: the answer is exact.
"""

import numpy as np

from access15._kernels._jit import kernel
from access15._kernels._prefetch import load_later

_AHEAD = 8
"""Points by which each of the three steps to a point's segments is asked for before the next one."""
_POINTS_PER_SQUARE = 0.125
"""Fewer points are not put in the order of the squares: neighbours share too little memory."""


@kernel
def grid_of_segments(segments, size, x0, y0, nx, ny):
    """Return the grid as compressed rows: ``(square start (nx * ny + 1,), segment ids)``.

    Parameters
    ----------
    segments : (s, 4) float64
        ``x1, y1, x2, y2``.
    size : float
        Side of a square.
    x0, y0 : float
        Lower left corner.
    nx, ny : int
        Number of squares.
    """
    start = np.zeros(nx * ny + 1, np.int64)
    ids = np.empty(0, np.int32)
    for writing in range(2):
        if writing == 1:
            for i in range(nx * ny):
                start[i + 1] += start[i]
            ids = np.empty(start[nx * ny], np.int32)
            for i in range(nx * ny, 0, -1):
                start[i] = start[i - 1]
            start[0] = 0
        for s in range(segments.shape[0]):
            i0 = int((min(segments[s, 0], segments[s, 2]) - x0) / size)
            i1 = int((max(segments[s, 0], segments[s, 2]) - x0) / size)
            j0 = int((min(segments[s, 1], segments[s, 3]) - y0) / size)
            j1 = int((max(segments[s, 1], segments[s, 3]) - y0) / size)
            for j in range(j0, j1 + 1):
                for i in range(i0, i1 + 1):
                    square = j * nx + i
                    if writing == 0:
                        start[square + 1] += 1
                    else:
                        # While writing, start[square + 1] walks from the square's start to its end.
                        ids[start[square + 1]] = s
                        start[square + 1] += 1
    return start, ids


@kernel
def _square_of(x, y, size, x0, y0, nx, ny):
    """Return the column and the row of the square nearest to a place."""
    return min(max(int((x - x0) / size), 0), nx - 1), min(max(int((y - y0) / size), 0), ny - 1)


@kernel
def _square_order(points, size, x0, y0, nx, ny):
    """Return the rows of points square by square: neighbours read the same memory."""
    square = np.empty(points.shape[0], np.int32)
    start = np.zeros(nx * ny + 1, np.int64)
    for q in range(points.shape[0]):
        i, j = _square_of(points[q, 0], points[q, 1], size, x0, y0, nx, ny)
        square[q] = j * nx + i
        start[square[q] + 1] += 1
    for i in range(nx * ny):
        start[i + 1] += start[i]
    order = np.empty(points.shape[0], np.int64)
    for q in range(points.shape[0]):
        order[start[square[q]]] = q
        start[square[q]] += 1
    return order


@kernel
def _ask_for(points, order, turn, segments, start, ids, size, x0, y0, nx, ny):
    """Ask for the squares of the points to come: where each begins, then its list, then its segments."""
    last = order.size - 1
    q = order[min(turn + 3 * _AHEAD, last)]
    i, j = _square_of(points[q, 0], points[q, 1], size, x0, y0, nx, ny)
    load_later(start, j * nx + i)
    q = order[min(turn + 2 * _AHEAD, last)]
    i, j = _square_of(points[q, 0], points[q, 1], size, x0, y0, nx, ny)
    load_later(ids, start[j * nx + i])
    q = order[min(turn + _AHEAD, last)]
    i, j = _square_of(points[q, 0], points[q, 1], size, x0, y0, nx, ny)
    for k in range(start[j * nx + i], start[j * nx + i + 1]):
        load_later(segments, 4 * ids[k])


@kernel
def nearest_segment(points, segments, start, ids, size, x0, y0, nx, ny, reach, out_segment, out_t, out_m):
    """Find the nearest segment within ``reach`` of every point; the lowest segment row on ties.

    Parameters
    ----------
    points : (q, 2) float64
    reach : float
        Look no further than this; may be ``inf``.
    out_segment : (q,) int32
        Filled with the segment row, -1 for none.
    out_t : (q,) float64
        Filled with the share along the segment.
    out_m : (q,) float64
        Filled with the distance, ``inf`` for none.
    """
    # Many points are read in the order of their squares: neighbours read the same segments.
    order = np.arange(points.shape[0])
    if points.shape[0] > _POINTS_PER_SQUARE * nx * ny:
        order = _square_order(points, size, x0, y0, nx, ny)
    for turn in range(points.shape[0]):
        _ask_for(points, order, turn, segments, start, ids, size, x0, y0, nx, ny)
        q = order[turn]
        x = points[q, 0]
        y = points[q, 1]
        out_segment[q] = -1
        out_t[q] = 0.0
        out_m[q] = np.inf
        # Too far from the whole grid.
        outside_x = max(x0 - x, x - (x0 + nx * size), 0.0)
        outside_y = max(y0 - y, y - (y0 + ny * size), 0.0)
        if np.hypot(outside_x, outside_y) > reach:
            continue
        ci, cj = _square_of(x, y, size, x0, y0, nx, ny)
        # Distance from the point to the border of its own square (negative outside of the grid).
        left, right = x - (x0 + ci * size), x0 + (ci + 1) * size - x
        down, up = y - (y0 + cj * size), y0 + (cj + 1) * size - y
        margin = min(min(left, right), min(down, up))
        # Rings of squares around its own, until none further out can be nearer.
        best = reach * reach
        best_segment = -1
        best_t = 0.0
        ring = 0
        while ring <= max(nx, ny):
            clear = margin + (ring - 1) * size
            if ring > 0 and clear > 0 and best < clear * clear:
                break
            for j in range(max(cj - ring, 0), min(cj + ring, ny - 1) + 1):
                step = 1 if (j == cj - ring or j == cj + ring) else max(2 * ring, 1)
                for i in range(ci - ring, ci + ring + 1, step):
                    if i < 0 or i >= nx:
                        continue
                    # A square that is further off than the best so far (and a rounding) holds nothing better.
                    off_x = max(x0 + i * size - x, x - (x0 + (i + 1) * size), 0.0)
                    off_y = max(y0 + j * size - y, y - (y0 + (j + 1) * size), 0.0)
                    if off_x * off_x + off_y * off_y > best * 1.000001 + 1e-9:
                        continue
                    square = j * nx + i
                    for k in range(start[square], start[square + 1]):
                        s = ids[k]
                        dx = segments[s, 2] - segments[s, 0]
                        dy = segments[s, 3] - segments[s, 1]
                        length2 = dx * dx + dy * dy
                        t = 0.0
                        if length2 > 0:
                            t = ((x - segments[s, 0]) * dx + (y - segments[s, 1]) * dy) / length2
                            t = min(max(t, 0.0), 1.0)
                        ex = segments[s, 0] + t * dx - x
                        ey = segments[s, 1] + t * dy - y
                        d2 = ex * ex + ey * ey
                        if d2 < best or (d2 == best and (best_segment < 0 or s < best_segment)):
                            best = d2
                            best_segment = s
                            best_t = t
            ring += 1
        if best_segment >= 0:
            out_segment[q] = best_segment
            out_t[q] = best_t
            out_m[q] = np.sqrt(best)
