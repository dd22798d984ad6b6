"""The k nearest facilities of every node in one search.

A node holds up to k labels ``time_ms << 32 | row``, rising, one per facility. A label that is not among
the k best of a node can be among the k best of no node behind it, because whatever beats it here beats it
there too: passing on only what is kept is exact. The queue is that of `access15._kernels.search`.
"""

import numpy as np
from numba import int32, int64, uint32, uint64

from access15._kernels._jit import kernel
from access15._kernels.search import _grown

NO_LABEL = np.uint64(0xFFFFFFFFFFFFFFFF)


@kernel
def _insert(labels, first, k, label):
    """Put a label among the k that begin at ``first``; return whether it is one of the k best now."""
    last = first + k - 1
    if label >= labels[last]:
        return False
    row_bits = uint64(0xFFFFFFFF)
    row = label & row_bits
    at = first
    while at < last and (labels[at] & row_bits) != row:
        at += 1
    # ``at`` is the label of the same facility, or else the last one, which drops out.
    if labels[at] <= label:
        return False
    while at > first and labels[at - 1] > label:
        labels[at] = labels[at - 1]
        at -= 1
    labels[at] = label
    return True


@kernel
def _holds_label(labels, first, k, label):
    for at in range(first, first + k):  # noqa: SIM110 - numba compiles no generator
        if labels[at] == label:
            return True
    return False


@kernel
def k_nearest_labels(indptr, arcs, start_node, start_label, k, limit_ms, shift, n_buckets):
    """Return the k smallest ``time_ms << 32 | row`` of every node, one per row, ``(n * k,)``.

    Parameters
    ----------
    indptr, arcs, start_node, start_label, limit_ms, shift, n_buckets
        As in `access15._kernels.nearest.lower_labels`.
    k : int
        At least 1.
    """
    # The queue: buckets of ``2**shift`` ms, each a chain through ``entries`` (node, time, row, next).
    n = indptr.size - 1
    labels = np.full(n * k, NO_LABEL, np.uint64)
    bucket = np.full(n_buckets, -1, np.int32)
    entries = np.empty((max(1024, n // 2), 4), np.uint32)
    mask = uint32(n_buckets - 1)
    width = uint32(shift)
    limit = uint64(limit_ms)
    half = uint64(32)
    top = int64(0)
    free = int32(-1)
    live = int64(0)
    # 1. Every start is among the k of its node, unless k are better.
    for s in range(start_node.size):
        label = start_label[s]
        time = label >> half
        if time > limit or not _insert(labels, int64(start_node[s]) * k, k, label):
            continue
        if top == entries.shape[0]:
            entries = _grown(entries)
        slot = uint32(time) >> width & mask
        entries[top, 0] = start_node[s]
        entries[top, 1] = uint32(time)
        entries[top, 2] = uint32(label)
        entries[top, 3] = uint32(bucket[slot])
        bucket[slot] = int32(top)
        top += 1
        live += 1
    # 2. Buckets in the order of time; an arc within a bucket refills it.
    now = uint32(0)
    while live > 0:
        slot_now = now & mask
        entry = bucket[slot_now]
        while entry >= 0:
            bucket[slot_now] = int32(-1)
            while entry >= 0:
                at = uint32(entry)
                node = entries[at, 0]
                time = uint64(entries[at, 1])
                row = uint64(entries[at, 2])
                following = int32(entries[at, 3])
                entries[at, 3] = uint32(free)
                free = entry
                entry = following
                live -= 1
                # The label has been pushed out since: it is passed on no further.
                if not _holds_label(labels, int64(node) * k, k, (time << half) | row):
                    continue
                for arc in range(indptr[node], indptr[node + uint32(1)]):
                    head = arcs[arc, 0]
                    reached = time + uint64(arcs[arc, 1])
                    if reached > limit or not _insert(labels, int64(head) * k, k, (reached << half) | row):
                        continue
                    # Queued, in an entry that is free or in a new one.
                    if free >= 0:
                        place = int64(free)
                        free = int32(entries[place, 3])
                    else:
                        if top == entries.shape[0]:
                            entries = _grown(entries)
                        place = top
                        top += 1
                    slot = uint32(reached) >> width & mask
                    entries[place, 0] = head
                    entries[place, 1] = uint32(reached)
                    entries[place, 2] = uint32(row)
                    entries[place, 3] = uint32(bucket[slot])
                    bucket[slot] = int32(place)
                    live += 1
            entry = bucket[slot_now]
        now += uint32(1)
    return labels


@kernel
def k_nearest_cells(
    node_labels, k, end_node, end_cell, end_ms, direct_cell, direct_row, direct_ms, limit_ms, n_cells
):
    """Return the k smallest labels of every cell, ``(n_cells * k,)``.

    Parameters
    ----------
    node_labels : (n * k,) uint64
    end_node, end_cell, end_ms : (h,) int64
        Nodes from which each cell is entered.
    direct_cell, direct_row, direct_ms : (d,) int64
        Cells and facilities on one edge, with the time along it.
    limit_ms : int
    """
    labels = np.full(n_cells * k, NO_LABEL, np.uint64)
    limit = uint64(limit_ms)
    half = uint64(32)
    row_bits = uint64(0xFFFFFFFF)
    for h in range(end_node.size):
        first = end_node[h] * k
        for at in range(first, first + k):
            label = node_labels[at]
            if label == NO_LABEL:
                break
            time = (label >> half) + uint64(end_ms[h])
            if time <= limit:
                _insert(labels, end_cell[h] * k, k, (time << half) | (label & row_bits))
    for d in range(direct_cell.size):
        time = uint64(direct_ms[d])
        if time <= limit:
            _insert(labels, direct_cell[d] * k, k, (time << half) | uint64(direct_row[d]))
    return labels
