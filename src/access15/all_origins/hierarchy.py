"""All sources down one hierarchy: quicker than a search each where much is within reach.

Prepared anew for each task: an order of the rows by nested dissection, shortcuts between each row and the
ranks above it with exact times, and blocks of rows that are entered over few gates. A batch of
sources then goes up the shortcuts and down again at once, and passes by every block that lies wholly
inside or wholly outside the limit of all of them. Times are the same whole milliseconds as those of a search.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from access15.all_origins.task import Task, in_threads
from access15.arrays import Bools, Int32s, Ints, UInt32s
from access15.units import MAX_MS

CompressedRows = tuple[Ints, UInt32s, UInt32s]
"""Shortcuts of each rank in compressed rows: where they begin, the upper rank, the time."""

_LANES = 64
"""Sources side by side: their labels of one row fill four cache lines."""
_SPACE_BYTES = 2 << 30
"""Labels of all threads together take no more; one thread always runs."""
_BLOCK_ROWS = 64
"""Blocks of so many rows are not divided. Half and twice as many are as quick."""
_TWIG_ROWS = 8
"""Subtrees of so many rows are no blocks of their own inside a larger one."""
_SURE_ROWS = 2048
"""Larger blocks are hardly ever wholly within a limit that is short enough to matter."""


@dataclass(frozen=True, eq=False)
class _Cells:
    """Cells in the order of the lowest rank from which they are entered.

    Attributes
    ----------
    ptr : (n + 1,) int64
        Cells of each rank.
    end_ptr, end_row, end_ms : (c + 1,) int64, (h,) uint32, (h,) uint32
        Ranks from which each cell is entered, in compressed rows.
    people : (c, groups) int64
    """

    ptr: Ints
    end_ptr: Ints
    end_row: UInt32s
    end_ms: UInt32s
    people: Ints

    def people_before(self) -> Ints:
        """People of all cells of lower ranks, (n + 1, groups)."""
        total = np.zeros((len(self.people) + 1, self.people.shape[1]), np.int64)
        np.cumsum(self.people, axis=0, out=total[1:])
        return total[self.ptr]


@dataclass(frozen=True, eq=False)
class _EndEntries:
    """Entries of cells within the limit, sorted by cell: graph row, cell, time."""

    row: Ints
    cell: Int32s
    ms: UInt32s

    @classmethod
    def of(cls, task: Task) -> _EndEntries:
        row = np.repeat(np.arange(task.graph.n_nodes), np.diff(task.end_ptr))
        near = np.flatnonzero(task.end_ms <= task.limit_ms)
        by_cell = near[np.argsort(task.end_cell[near], kind="stable")]
        return cls(row[by_cell], task.end_cell[by_cell], task.end_ms[by_cell])


def can_count(task: Task) -> bool:
    """Whether the limit is in the range of the labels: it is not only at 24.8 days."""
    return task.limit_ms < MAX_MS


def count_by_hierarchy(task: Task, threads: int) -> Ints:
    """Return the people within the limit of each source, (sources, groups), as `count_by_search` does.

    Work space: 256 bytes per row for every thread; there are fewer threads where that is above 2 GiB.
    """
    from access15._kernels.sweep import farthest, people_in_blocks

    ends = _EndEntries.of(task)
    start, heads = _neighbours(task, ends)
    order, blocks = _order(task, start, heads)
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    ptr, above, times, needed = _shortcuts(task, start, heads, order, rank)
    cells = _cells(task, ends, rank)
    gate_ptr, gate = _gates(blocks, ptr, above)
    end_rows = cells.ptr, cells.end_ptr, cells.end_row, cells.end_ms
    far = farthest(blocks, _SURE_ROWS, _LANES, gate_ptr, ptr, above, *times, *end_rows)
    ways = [_kept(ptr, above, time, use) for time, use in zip(times, needed, strict=True)]
    parent = _parents(ptr, above)
    arrays = (
        task.start_ptr,
        rank[task.start_row].astype(np.uint32),
        parent,
        *ways[0],
        *ways[1],
        blocks,
        *_block_tree(blocks, parent),
        gate_ptr,
        gate,
        far,
        *end_rows,
        cells.people,
        cells.people_before(),
    )
    counts = task.new_counts()

    def new_space() -> tuple[UInt32s, Ints]:
        return np.empty((len(order), _LANES), np.uint32), np.zeros(len(order) + len(blocks), np.int64)

    def count(first: int, last: int, space: tuple[UInt32s, Ints]) -> None:
        people_in_blocks(*arrays, first, last, task.limit_ms, *space, counts)

    most_threads = _SPACE_BYTES // (4 * _LANES * len(order))
    in_threads(count, new_space, task.n_sources, max(1, min(threads, most_threads)))
    return counts


def _neighbours(task: Task, ends: _EndEntries) -> tuple[Ints, Int32s]:
    """Return the neighbours of each row, both ways, in compressed rows.

    Rows from which one cell is entered are made neighbours too: then one is above the other in the
    hierarchy, and the cell can be looked at where the lower one is reached.
    """
    from scipy.sparse import csr_matrix

    n = task.graph.n_nodes
    tails, heads = [np.repeat(np.arange(n), task.graph.out_degree)], [task.graph.arcs[:, 0].astype(np.int64)]
    apart = 1
    while len(pair := np.flatnonzero(ends.cell[apart:] == ends.cell[:-apart])):
        tails.append(ends.row[pair])
        heads.append(ends.row[pair + apart])
        apart += 1
    tail, head = np.concatenate(tails), np.concatenate(heads)
    graph = csr_matrix((np.ones(len(tail), bool), (tail, head)), shape=(n, n))
    both = graph + graph.T.tocsr()
    return both.indptr.astype(np.int64), both.indices.astype(np.int32)


def _order(task: Task, start: Ints, heads: Int32s) -> tuple[Int32s, Int32s]:
    """Return the graph row at each rank, and the blocks (`access15._kernels.hierarchy.blocks_of`)."""
    from access15._kernels.dissection import dissect
    from access15._kernels.hierarchy import blocks_of, elimination_tree

    order = dissect(start, heads, task.x, task.y)
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    again, blocks = blocks_of(elimination_tree(start, heads, order, rank), _BLOCK_ROWS, _TWIG_ROWS)
    return order[again], blocks


def _shortcuts(
    task: Task, start: Ints, heads: Int32s, order: Int32s, rank: Int32s
) -> tuple[Ints, UInt32s, tuple[UInt32s, UInt32s], tuple[Bools, Bools]]:
    """Return the upper neighbours of each rank, and times and need of the shortcuts to and from them."""
    from access15._kernels.hierarchy import add_shortcuts, fill_in, perfect, street_times

    ptr, above = fill_in(start, heads, order, rank)
    times = street_times(ptr, above, task.graph.indptr, task.graph.arcs, rank)
    add_shortcuts(ptr, above, task.limit_ms, *times)
    return ptr, above, times, perfect(ptr, above, task.limit_ms, *times)


def _kept(ptr: Ints, above: UInt32s, time: UInt32s, needed: Bools) -> CompressedRows:
    before = np.zeros(len(needed) + 1, np.int64)
    np.cumsum(needed, out=before[1:])
    return before[ptr], above[needed], time[needed]


def _parents(ptr: Ints, above: UInt32s) -> Int32s:
    """Return the last upper neighbour of each rank, -1 where there is none."""
    parent = np.full(len(ptr) - 1, -1, np.int32)
    some = np.flatnonzero(ptr[1:] > ptr[:-1])
    parent[some] = above[ptr[some + 1] - 1]
    return parent


def _block_tree(blocks: Int32s, parent: Int32s) -> tuple[Int32s, Int32s]:
    """Return the block of each rank, and the block around each block (-1: none)."""
    block_of = np.repeat(np.arange(len(blocks), dtype=np.int32), blocks[:, 1] - blocks[:, 0])
    upper = parent[blocks[:, 0]]
    return block_of, np.where(upper >= 0, block_of[upper], -1).astype(np.int32)


def _gates(blocks: Int32s, ptr: Ints, above: UInt32s) -> tuple[Ints, UInt32s]:
    """Return the upper neighbours of each block's first row, in compressed rows."""
    first = blocks[:, 0]
    gate_ptr = np.zeros(len(blocks) + 1, np.int64)
    np.cumsum(ptr[first + 1] - ptr[first], out=gate_ptr[1:])
    shift = np.repeat(ptr[first] - gate_ptr[:-1], np.diff(gate_ptr))
    return gate_ptr, above[shift + np.arange(gate_ptr[-1])]


def _cells(task: Task, ends: _EndEntries, rank: Int32s) -> _Cells:
    cell, which = np.unique(ends.cell, return_inverse=True)
    row = rank[ends.row]
    lowest = np.zeros(len(cell), np.int64)
    np.maximum.at(lowest, which, row)
    in_order = np.argsort(lowest, kind="stable")
    place = np.empty(len(cell), np.int64)
    place[in_order] = np.arange(len(cell))
    by_place = np.argsort(place[which], kind="stable")
    ptr = np.zeros(len(rank) + 1, np.int64)
    np.cumsum(np.bincount(lowest, minlength=len(rank)), out=ptr[1:])
    end_ptr = np.zeros(len(cell) + 1, np.int64)
    np.cumsum(np.bincount(place[which], minlength=len(cell)), out=end_ptr[1:])
    return _Cells(
        ptr, end_ptr, row[by_place].astype(np.uint32), ends.ms[by_place], task.people[cell[in_order]]
    )
