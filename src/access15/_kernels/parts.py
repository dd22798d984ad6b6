"""Centres of the parts of gaps: greedy cover and 1-medians over rows of cells, times looked at once and not kept.

A block is some sites with the cells they reach: ``count`` cells of each, one site after the other.
"""

from __future__ import annotations

import numpy as np

from access15._kernels._jit import kernel
from access15.arrays import Bools, Floats, Int32s, Ints


@kernel
def own_cells(count: Ints, cell: Int32s, away: Floats, group: Int32s, group_of: Int32s) -> int:
    """Move the pairs of each site's own group to the front, correct ``count``, and return how many there are."""
    at, to = 0, 0
    for s in range(count.size):
        first = to
        for k in range(at, at + count[s]):
            if group[cell[k]] == group_of[s]:
                cell[to], away[to] = cell[k], away[k]
                to += 1
        at += count[s]
        count[s] = to - first
    return to


@kernel
def write_rows(row: Ints, count: Ints, cell: Int32s, indptr: Ints, out: Int32s) -> None:
    """Write the cells of a block where the rows of its sites begin."""
    at = 0
    for s in range(count.size):
        begin = indptr[row[s]]
        for k in range(count[s]):
            out[begin + k] = cell[at + k]
        at += count[s]


@kernel
def _sink(heap: Ints, size: int, at: int, gain: Floats) -> None:
    """Let an entry of a heap sink to its place: the largest gain stands first, then the lowest row."""
    row = heap[at]
    while 2 * at + 1 < size:
        child = 2 * at + 1
        if child + 1 < size:
            one, other = heap[child], heap[child + 1]
            if gain[other] > gain[one] or (gain[other] == gain[one] and other < one):
                child += 1
        below = heap[child]
        if gain[row] > gain[below] or (gain[row] == gain[below] and row < below):
            break
        heap[at] = below
        at = child
    heap[at] = row


@kernel
def choose(indptr: Ints, cell: Int32s, left: Floats, chosen: Ints) -> int:
    """Choose rows, each the one that adds the most people ``left`` (0 where reached); return how many.

    Gains only shrink, so that stale ones are upper bounds. Summed in one order they cannot grow by rounding either.
    """
    size = indptr.size - 1
    heap, gain = np.arange(size), np.zeros(size)
    for row in range(size):
        for c in cell[indptr[row] : indptr[row + 1]]:
            gain[row] += left[c]
    for row in range(size // 2 - 1, -1, -1):
        _sink(heap, size, row, gain)
    n = 0
    while size > 0:
        row = heap[0]
        cells = cell[indptr[row] : indptr[row + 1]]
        total = 0.0
        for c in cells:
            total += left[c]
        if total <= 0.0 and gain[row] <= 0.0:
            break
        if total == gain[row]:
            chosen[n] = row
            n += 1
            for c in cells:
                left[c] = 0.0
            total = 0.0
        gain[row] = total
        if total <= 0.0:
            size -= 1
            heap[0] = heap[size]
        _sink(heap, size, 0, gain)
    return n


@kernel
def nearest_centre(
    rank: Int32s, count: Ints, cell: Int32s, away: Floats, best_away: Floats, best_rank: Int32s
) -> None:
    """Give each cell the nearest of some sites with a ``rank`` each (equal: the lowest)."""
    at = 0
    for s in range(count.size):
        for k in range(at, at + count[s]):
            c = cell[k]
            if away[k] < best_away[c] or (away[k] == best_away[c] and rank[s] < best_rank[c]):
                best_away[c], best_rank[c] = away[k], rank[s]
        at += count[s]


@kernel
def reach_a_part(indptr: Ints, cell: Int32s, part: Int32s, size: Int32s, out: Bools) -> None:
    """Mark the rows that hold every cell of at least one part; ``size`` is the cells of each part."""
    held = np.zeros(size.size, np.int32)
    for row in range(indptr.size - 1):
        for c in cell[indptr[row] : indptr[row + 1]]:
            held[part[c]] += 1
            if held[part[c]] == size[part[c]]:
                out[row] = True
        for c in cell[indptr[row] : indptr[row + 1]]:
            held[part[c]] = 0


@kernel
def medians(
    where: Ints,
    count: Ints,
    cell: Int32s,
    away: Floats,
    part: Int32s,
    size: Int32s,
    people: Floats,
    centre: Ints,
    least: Floats,
    own: Bools,
) -> None:
    """Keep for each part the site that reaches all of it with the least total time.

    A site at a cell of the part goes before one elsewhere, then the least time, then the lowest cell. ``where`` is the
    cell of each site; ``centre``, ``least`` and ``own`` are the best so far, -1 without one.
    """
    held = np.zeros(size.size, np.int32)
    spent = np.zeros(size.size)
    at = 0
    for s in range(count.size):
        here = where[s]
        block = slice(at, at + count[s])
        at += count[s]
        for c, time in zip(cell[block], away[block]):  # noqa: B905 - numba knows no strict
            held[part[c]] += 1
            spent[part[c]] += people[c] * time
        for c in cell[block]:
            p = part[c]
            if held[p] == size[p]:
                mine, cost = part[here] == p, spent[p]
                better = cost < least[p] or (cost == least[p] and here < centre[p])
                if centre[p] < 0 or mine > own[p] or (mine == own[p] and better):
                    centre[p], least[p], own[p] = here, cost, mine
            held[p] = 0
            spent[p] = 0.0
