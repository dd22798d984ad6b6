"""Exchange search of covering plans: gains kept up to date site by site instead of computed anew."""

from __future__ import annotations

from typing import Any

import numpy as np

from access15._kernels._jit import kernel
from access15.arrays import Bools, Floats, Ints


@kernel
def _shift(
    site: int,
    step: int,
    start: Ints,
    cells: Ints,
    by_cell: Ints,
    rows: Ints,
    weight: Floats,
    count: Ints,
    gain: Floats,
) -> None:
    """Open (``step`` 1) or close (-1) a site: update how often cells are covered and what candidates would gain."""
    for k in range(start[site], start[site + 1]):
        cell = cells[k]
        if step < 0:
            count[cell] -= 1
        if count[cell] == 0:
            for q in range(by_cell[cell], by_cell[cell + 1]):
                gain[rows[q]] -= step * weight[cell]
        if step > 0:
            count[cell] += 1


@kernel
def _descend(
    plan: Ints,
    is_open: Bools,
    start: Ints,
    cells: Ints,
    by_cell: Ints,
    rows: Ints,
    weight: Floats,
    count: Ints,
    gain: Floats,
    least: float,
) -> float:
    """Replace sites one by one until no replacement gains more than ``least``; return what was gained in all."""
    total, slot, unchanged = 0.0, 0, 0
    while unchanged < len(plan):
        out = plan[slot]
        _shift(out, -1, start, cells, by_cell, rows, weight, count, gain)
        is_open[out] = False
        best = out
        for row in range(len(gain)):
            if not is_open[row] and gain[row] > gain[best] + (least if best == out else 0.0):
                best = row
        unchanged = unchanged + 1 if best == out else 0
        total += gain[best] - gain[out]
        plan[slot] = best
        is_open[best] = True
        _shift(best, 1, start, cells, by_cell, rows, weight, count, gain)
        slot = (slot + 1) % len(plan)
    return total


@kernel
def _copy(source: Any, target: Any) -> None:
    """Copy an array; assigning a slice would cost seconds of compiling."""
    for i in range(source.size):
        target[i] = source[i]


@kernel
def exchange(
    plan: Ints, rounds: int, start: Ints, cells: Ints, by_cell: Ints, rows: Ints, weight: Floats, least: float
) -> Ints:
    """Return a plan that no exchange of one site improves, after ``rounds`` disturbances of the best one.

    Parameters
    ----------
    plan : (p,) int64
        Candidates open at the start, each once.
    rounds : int
        How often two random sites of the best plan are replaced at random and the search repeated. The
        random numbers are the same in every run.
    start, cells : (m + 1,), (pairs,) int64
        Cells of each candidate in compressed rows.
    by_cell, rows : (n + 1,), (pairs,) int64
        Candidates of each cell in compressed rows.
    weight : (n,) float64
    least : float
        An exchange must gain more than this, above the rounding of sums.

    Notes
    -----
    Exchange: Teitz & Bart (1968). Disturbances: Lourenço, Martin & Stützle (2003), Iterated local search.
    """
    # 1. What every candidate adds to the plan, and how often each cell is covered.
    m, p = len(start) - 1, len(plan)
    count, gain = np.zeros(len(weight), np.int64), np.zeros(m)
    is_open = np.zeros(m, np.bool_)
    for row in range(m):
        for k in range(start[row], start[row + 1]):
            gain[row] += weight[cells[k]]
    now = plan.copy()
    for site in now:
        is_open[site] = True
        _shift(site, 1, start, cells, by_cell, rows, weight, count, gain)
    _descend(now, is_open, start, cells, by_cell, rows, weight, count, gain, least)
    # 2. Disturb the best plan at two random sites, descend again, and keep what is better.
    best, state = now.copy(), np.uint64(88172645463325252)
    kept_count, kept_gain, kept_open = count.copy(), gain.copy(), is_open.copy()
    for _ in range(rounds if p < m else 0):
        change = 0.0
        for _ in range(2):
            # Marsaglia (2003), xorshift.
            state ^= state << np.uint64(13)
            state ^= state >> np.uint64(7)
            state ^= state << np.uint64(17)
            slot, new = (
                np.int64(state >> np.uint64(40)) % p,
                np.int64((state >> np.uint64(8)) & np.uint64(0xFFFFFFF)) % m,
            )
            if not is_open[new]:
                out = now[slot]
                _shift(out, -1, start, cells, by_cell, rows, weight, count, gain)
                change += gain[new] - gain[out]
                is_open[out], is_open[new], now[slot] = False, True, new
                _shift(new, 1, start, cells, by_cell, rows, weight, count, gain)
        change += _descend(now, is_open, start, cells, by_cell, rows, weight, count, gain, least)
        if change > least:
            _copy(now, best)
            _copy(count, kept_count)
            _copy(gain, kept_gain)
            _copy(is_open, kept_open)
        else:
            _copy(best, now)
            _copy(kept_count, count)
            _copy(kept_gain, gain)
            _copy(kept_open, is_open)
    return best
