"""Homes beside streets: where one steps off the pieces around them, and when one is there."""

import numpy as np
from numba import uint64

from access15._kernels._jit import kernel
from access15._kernels.barriers import leg_is_cut
from access15._kernels.land import leg_time, tobler_factor

_HALF = np.uint64(32)
_ROW = np.uint64(0xFFFFFFFF)
_NEVER = np.uint64(0xFFFFFFFFFFFFFFFF)


@kernel
def _height(height_m, x_min, y_max, cell_m, x, y):
    """Return the height between the centres of cells, bilinear."""
    rows, columns = height_m.shape
    right = min(max((x - x_min) / cell_m - 0.5, 0.0), columns - 1.0)
    down = min(max((y_max - y) / cell_m - 0.5, 0.0), rows - 1.0)
    c, r = min(int(right), max(columns - 2, 0)), min(int(down), max(rows - 2, 0))
    u, v = right - c, down - r
    c1, r1 = min(c + 1, columns - 1), min(r + 1, rows - 1)
    upper = height_m[r, c] * (1 - u) + height_m[r, c1] * u
    lower = height_m[r1, c] * (1 - u) + height_m[r1, c1] * u
    return upper * (1 - v) + lower * v


@kernel
def _ride(edge_ms, low, high):
    """Return the time along an edge between two shares of it, rounded once from where it begins."""
    return np.rint(high * edge_ms) - np.rint(low * edge_ms)


@kernel
def best_street_legs(
    cross_ms,
    height_m,
    x_min,
    y_max,
    cell_m,
    uphill,
    ends,
    share,
    edge_ms,
    label_a,
    label_b,
    of_cell,
    piece,
    near_cells,
    barriers,
    bar_start,
    bar_ids,
    bar_size,
    bar_west,
    bar_south,
    bar_nx,
    bar_ny,
    x,
    y,
    wet,
    label,
    leg_m,
    end,
):
    """Lower the labels of homes by the pieces of street in the cells around them.

    One rides from an end of a piece to the best place (Snell's law) or to none, and walks straight on from there.

    Parameters
    ----------
    cross_ms : (rows, columns) float32
    height_m : (rows, columns) float32, or (0, 0) on level land
    x_min, y_max, cell_m, uphill
        As in `land`.
    ends : (p, 4) float64
        ``x, y`` of both ends of each piece.
    share, edge_ms : (p, 2) float64
        Shares of the edge at the ends in the direction from the first to the second; time of the edge that way and back.
    label_a, label_b : (p,) uint64
        Labels of the ends.
    of_cell : (cells + 1,) int64
    piece : (p,) int64
        Pieces by the cell they lie in.
    near_cells : float
        Pieces up to this many cells away count.
    barriers, bar_start, bar_ids, bar_size, bar_west, bar_south, bar_nx, bar_ny
        As in `barriers`.
    x, y : (k,) float64
    wet : (k,) bool
        Homes that may stand on the dry part of a cell whose centre is water.
    label : (k,) uint64
        Lowered in place.
    leg_m : (k,) float64
        Length of the leg that lowered it.
    end : (k,) int64
        Twice the piece, plus 1 for its second end; untouched where nothing is lower.
    """
    rows, columns = cross_ms.shape
    reach = int(np.ceil(near_cells))
    for i in range(x.size):
        column, row = int(np.floor((x[i] - x_min) / cell_m)), int(np.floor((y_max - y[i]) / cell_m))
        here = np.inf
        if 0 <= row < rows and 0 <= column < columns:
            here = np.float64(cross_ms[row, column])
        for r in range(max(row - reach, 0), min(row + reach, rows - 1) + 1):
            for c in range(max(column - reach, 0), min(column + reach, columns - 1) + 1):
                for k in range(of_cell[r * columns + c], of_cell[r * columns + c + 1]):
                    p = piece[k]
                    dx, dy = ends[p, 2] - ends[p, 0], ends[p, 3] - ends[p, 1]
                    length = max(np.sqrt(dx * dx + dy * dy), 1e-9)
                    ux, uy = dx / length, dy / length
                    along = (x[i] - ends[p, 0]) * ux + (y[i] - ends[p, 1]) * uy
                    across = abs((y[i] - ends[p, 1]) * ux - (x[i] - ends[p, 0]) * uy)
                    past = max(max(-along, along - length), 0.0)
                    if across * across + past * past > near_cells * near_cells * cell_m * cell_m:
                        continue
                    there = np.float64(cross_ms[r, c])
                    pace = (there if here == np.inf else 0.5 * (here + there)) / cell_m
                    for side in range(2):
                        at_end = label_a[p] if side == 0 else label_b[p]
                        if at_end == _NEVER:
                            continue
                        before = np.float64(at_end >> _HALF)
                        whole = edge_ms[p, side]
                        low, high = share[p, 0], share[p, 1]
                        if side == 1:
                            low, high = 1.0 - high, 1.0 - low
                        from_end = along if side == 0 else length - along
                        best = 0.0
                        if whole < np.inf:
                            cosine = (whole * (high - low) / length) / pace
                            if cosine < 1.0:
                                back = across * cosine / np.sqrt(max(1.0 - cosine * cosine, 1e-12))
                                best = min(max(from_end - back, 0.0), length)
                        for turn in range(2):
                            metres = best if turn == 0 else 0.0
                            if turn == 1 and best == 0.0:
                                continue
                            ride = 0.0
                            if metres > 0.0:
                                ride = _ride(whole, low, low + (high - low) * metres / length)
                            if ((uint64(before + ride) << _HALF) | (at_end & _ROW)) >= label[i]:
                                continue
                            from_a = metres if side == 0 else length - metres
                            sx, sy = ends[p, 0] + ux * from_a, ends[p, 1] + uy * from_a
                            leg = np.sqrt((x[i] - sx) ** 2 + (y[i] - sy) ** 2)
                            time = leg_time(cross_ms, x_min, y_max, cell_m, sx, sy, x[i], y[i], wet[i])
                            if uphill != 0.0 and leg > 0.0:
                                rise = _height(height_m, x_min, y_max, cell_m, sx, sy) - _height(
                                    height_m, x_min, y_max, cell_m, x[i], y[i]
                                )
                                time *= tobler_factor(uphill * rise / leg)
                            total = before + ride + time
                            if not total < 4294967294.0:
                                continue
                            found = (uint64(total + 0.5) << _HALF) | (at_end & _ROW)
                            if found >= label[i]:
                                continue
                            # The last metre is the street: a quay may be drawn on the very line of the water.
                            free = min(1.0 / max(leg, 1.0), 1.0)
                            if barriers.shape[0] > 0 and leg_is_cut(
                                x[i],
                                y[i],
                                sx + (x[i] - sx) * free,
                                sy + (y[i] - sy) * free,
                                barriers,
                                bar_start,
                                bar_ids,
                                bar_size,
                                bar_west,
                                bar_south,
                                bar_nx,
                                bar_ny,
                            ):
                                continue
                            label[i], leg_m[i], end[i] = found, leg, 2 * p + side
