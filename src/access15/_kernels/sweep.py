"""People within reach of every node, for many sources at a time, down a hierarchy.

All rows here are ranks (`access15._kernels.hierarchy`). A block is a subtree of the elimination tree: from
outside it is entered only over its *gates*, the upper neighbours of its first row.
"""

import numpy as np
from numba import int64, uint32

from access15._kernels._jit import kernel
from access15._kernels.growth import copy, doubled
from access15._kernels.hierarchy import NONE


@kernel
def farthest(blocks, most_rows, lanes, gate_ptr, ptr, above, up, down, cell_ptr, end_ptr, end_row, end_ms):
    """Return the time from each gate in which all cells of its block are reached.

    `NONE` where it is beyond the limit, and for blocks with more than ``most_rows`` rows.

    Parameters
    ----------
    blocks : (b, 4) int32
        As `access15._kernels.hierarchy.blocks_of` makes them.
    most_rows, lanes : int
    gate_ptr : (b + 1,) int64
    ptr, above, up, down : (n + 1,) int64, (m,) uint32 each
        Upper neighbours of each rank with the shortest times to and from them, in compressed rows.
    cell_ptr : (n + 1,) int64
        Cells of each rank: the lowest from which they are entered.
    end_ptr, end_row, end_ms : (cells + 1,) int64, (h,) uint32, (h,) uint32
        Ranks from which each cell is entered.

    Returns
    -------
    (gates,) uint32
    """
    far = np.full(gate_ptr[-1], NONE, np.uint32)
    labels = np.empty((most_rows, lanes), np.uint32)
    own = np.empty(lanes, np.uint32)
    worst = np.empty(lanes, np.uint32)
    place = np.empty(ptr.size, np.int64)
    for c in range(blocks.shape[0]):
        first, last = blocks[c, 0], blocks[c, 2]
        gates = above[ptr[first] : ptr[first + 1]]
        if gates.size + last - first > most_rows:
            continue
        for g in range(gates.size):
            place[gates[g]] = g
        place[first:last] = np.arange(gates.size, gates.size + last - first)
        for g in range(0, gates.size, lanes):
            _between_gates(gates, g, ptr, above, up, down, labels)
            worst[:] = 0
            for v in range(first, last):
                own[:] = NONE
                for k in range(ptr[v], ptr[v + 1]):
                    _earlier(own, labels, place[above[k]], down[k])
                labels[place[v]] = own
                for cell in range(cell_ptr[v], cell_ptr[v + 1]):
                    own[:] = NONE
                    for h in range(end_ptr[cell], end_ptr[cell + 1]):
                        _earlier(own, labels, place[end_row[h]], end_ms[h])
                    worst = np.maximum(worst, own)
            some = min(lanes, gates.size - g)
            copy(worst[:some], far[gate_ptr[c] + g :])
    return far


@kernel
def _between_gates(gates, g, ptr, above, up, down, labels):
    """Write the times from the gates from ``g`` on, one per lane, to all gates; all gates are neighbours."""
    labels[: gates.size] = NONE
    for lane in range(min(labels.shape[1], gates.size - g)):
        labels[g + lane, lane] = 0
    for i in range(gates.size):
        k = ptr[gates[i]]
        for j in range(i):
            while above[k] < gates[j]:
                k += 1
            if g <= j < g + labels.shape[1]:
                labels[i, j - g] = down[k]
            if g <= i < g + labels.shape[1]:
                labels[j, i - g] = up[k]


@kernel
def people_in_blocks(
    start_ptr,
    start_row,
    parent,
    up_ptr,
    up_row,
    up_ms,
    down_ptr,
    down_row,
    down_ms,
    blocks,
    block_of,
    block_parent,
    gate_ptr,
    gate,
    far,
    cell_ptr,
    end_ptr,
    end_row,
    end_ms,
    cell_people,
    people_before,
    first,
    last,
    limit_ms,
    labels,
    stamp,
    out,
):
    """Add up the people within the limit of the sources ``first..last - 1``.

    Parameters
    ----------
    start_ptr, start_row : (k + 1,) int64, (s,) uint32
        Ranks each source stands on, in compressed rows.
    parent : (n,) int32
        Last upper neighbour of each rank, -1 at a top.
    up_ptr, up_row, up_ms, down_ptr, down_row, down_ms : compressed rows
        Shortcuts from and to the upper neighbours of each rank.
    blocks : (b, 4) int32
    block_of : (n,) int32
        Innermost block of each rank.
    block_parent : (b,) int32
        -1 at a top.
    gate_ptr, gate, far : (b + 1,) int64, (g,) uint32, (g,) uint32
        Gates of each block and `farthest` of them.
    cell_ptr, end_ptr, end_row, end_ms : as in `farthest`
    cell_people : (cells, groups) int64
    people_before : (n + 1, groups) int64
        People of all cells of lower ranks.
    limit_ms : int
        Below `NONE`; no time of a shortcut or entry is above it.
    labels, stamp : (n, lanes) uint32, (n + b,) int64
        Work space; ``stamp`` is below ``first`` where it is first used.
    out : (k, groups) int64
        Rows ``first..last - 1`` are filled.
    """
    limit = uint32(limit_ms)
    n_blocks, n_rows, groups = blocks.shape[0], parent.size, cell_people.shape[1]
    lanes = labels.shape[1]
    total = np.empty((groups, lanes), np.int64)
    soon = np.empty(lanes, np.uint32)
    sure = np.empty(lanes, np.uint32)
    path = np.empty(1024, np.int32)
    # As many sources at once as there are lanes.
    for start in range(first, last, lanes):
        epoch = int64(start + 1)
        # 1. Up: stamp and label all ranks and blocks above the sources.
        path, steps = _climb(
            start_ptr, start_row, parent, block_of, block_parent, start, last, epoch, labels, stamp, path
        )
        _up(path[:steps], up_ptr, up_row, up_ms, limit, labels)
        # 2. Down, block by block; a stamped block stands above a source and is always entered.
        total[:] = 0
        c = 0
        while c < n_blocks:
            entered = stamp[n_rows + c] == epoch
            if not entered:
                # Over its gates: is the block too late for every lane, or even its farthest cell early enough?
                soon[:] = NONE
                sure[:] = NONE
                for g in range(gate_ptr[c], gate_ptr[c + 1]):
                    _earlier(soon, labels, gate[g], uint32(0))
                    _earlier(sure, labels, gate[g], far[g])
                if not _undecided(soon, sure, limit):
                    for g in range(groups):
                        inside = people_before[blocks[c, 2], g] - people_before[blocks[c, 0], g]
                        _add(total[g], inside, sure, limit)
                    c = blocks[c, 3]
                    continue
            # Entered: labels of its rows from their upper neighbours, and people of its cells.
            for v in range(uint32(blocks[c, 0]), uint32(blocks[c, 1])):
                if not entered or stamp[v] != epoch:
                    labels[v] = NONE
                for k in range(down_ptr[v], down_ptr[v + 1]):
                    row, time = down_row[k], down_ms[k]
                    for lane in range(lanes):
                        labels[v, lane] = min(labels[v, lane], uint32(labels[row, lane] + time))
                for cell in range(cell_ptr[v], cell_ptr[v + 1]):
                    soon[:] = NONE
                    for h in range(end_ptr[cell], end_ptr[cell + 1]):
                        _earlier(soon, labels, end_row[h], end_ms[h])
                    for g in range(groups):
                        _add(total[g], cell_people[cell, g], soon, limit)
            c += 1
        for lane in range(min(lanes, last - start)):
            copy(total[:, lane], out[start + lane])


@kernel
def _earlier(known, labels, row, time):
    """Lower the label of each lane to that of a row plus a time."""
    for lane in range(known.size):
        known[lane] = min(known[lane], uint32(labels[row, lane] + time))


@kernel
def _undecided(soon, sure, limit):
    """Whether the limit lies between the two labels of any lane."""
    count = uint32(0)
    for lane in range(soon.size):
        count |= uint32((soon[lane] <= limit) & (sure[lane] > limit))
    return count > 0


@kernel
def _add(total, people, labels, limit):
    """Add people to the lanes with a label within the limit."""
    for lane in range(total.size):
        total[lane] += people if labels[lane] <= limit else int64(0)


@kernel
def _climb(start_ptr, start_row, parent, block_of, block_parent, start, last, epoch, labels, stamp, path):
    """Stamp all ranks and blocks above the starts, label them, and list the ranks from the lowest up."""
    steps = int64(0)
    for lane in range(min(labels.shape[1], last - start)):
        for s in range(start_ptr[start + lane], start_ptr[start + lane + 1]):
            row = int64(start_row[s])
            while row >= 0 and stamp[row] != epoch:
                stamp[row] = epoch
                labels[row, :] = NONE
                if steps == path.size:
                    path = doubled(path)
                path[steps] = row
                steps += 1
                row = int64(parent[row])
            labels[int64(start_row[s]), lane] = 0
            block = int64(block_of[start_row[s]])
            while block >= 0 and stamp[parent.size + block] != epoch:
                stamp[parent.size + block] = epoch
                block = int64(block_parent[block])
    path[:steps].sort()
    path[:steps] = path[:steps][::-1].copy()
    return path, steps


@kernel
def _up(path, up_ptr, up_row, up_ms, limit, labels):
    """Carry the labels of the ranks in ``path`` up their shortcuts."""
    for v in path:
        if labels[v].min() <= limit:
            for k in range(up_ptr[v], up_ptr[v + 1]):
                row, time = up_row[k], up_ms[k]
                for lane in range(labels.shape[1]):
                    labels[row, lane] = min(labels[row, lane], uint32(labels[v, lane] + time))
