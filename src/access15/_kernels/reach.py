"""People within reach of every node: one bounded search per node, nothing cleared in between.

Labels are 32 bits: a falling epoch above, the time below. Only when the epochs are used up, after some
thousand searches, are the labels cleared.
"""

import numpy as np
from numba import int32, int64, uint32, uint64

from access15._kernels._jit import kernel
from access15._kernels.growth import doubled
from access15._kernels.search import _grown


@kernel
def people_within(
    indptr,
    arcs,
    start_ptr,
    start_node,
    end_ptr,
    end_cell,
    end_ms,
    people,
    first,
    last,
    limit_ms,
    shift,
    n_buckets,
    labels,
    seen,
    out,
):
    """Add up the people within the limit of the sources ``first..last - 1``.

    Parameters
    ----------
    indptr, arcs : as in `access15._kernels.nearest.lower_labels`
    start_ptr, start_node : (k + 1,) int64, (s,) uint32
        Graph rows each source stands on, in compressed rows.
    end_ptr, end_cell, end_ms : (n + 1,) int64, (h,) int32, (h,) uint32
        Cells that are entered from each node, nearest first, in compressed rows.
    people : (cells, g) int64
    limit_ms, shift, n_buckets : int
    labels, seen : (n,), (cells,) uint32
        Work space; its content does not matter.
    out : (k, g) int64
        Rows ``first..last - 1`` are filled.

    Returns
    -------
    int
        Rows reached, all sources together.
    """
    # A label is an epoch above a time: a new source takes a lower epoch, and all labels of the sources before it
    # count as not reached without being cleared.
    bits = uint32(1)
    while (uint64(1) << uint64(bits)) <= uint64(limit_ms):
        bits += uint32(1)
    epochs = (uint64(1) << (uint64(32) - uint64(bits))) - uint64(1)
    limit = uint32(limit_ms)
    mask = uint32(n_buckets - 1)
    width = uint32(shift)
    # The queue: buckets of ``2**shift`` ms, each a chain through ``entries`` (node, time, next); entries read are used again.
    bucket = np.full(n_buckets, -1, np.int32)
    entries = np.empty((1024, 3), np.uint32)
    touched = np.empty(1024, np.uint32)
    groups = people.shape[1]
    epoch = uint64(0)
    reached_rows = int64(0)
    seen[:] = uint32(0)
    # One search after another.
    for source in range(first, last):
        if epoch == uint64(0):
            labels[:] = uint32(0xFFFFFFFF)
            epoch = epochs
        epoch -= uint64(1)
        base = uint32(epoch << uint64(bits))
        above = uint64(base) + (uint64(1) << uint64(bits))
        stamp = uint32(source - first + 1)
        n_touched = int64(0)
        top = int64(0)
        free = int32(-1)
        live = int64(0)
        # 1. The rows the source stands on are reached at time 0.
        for s in range(start_ptr[source], start_ptr[source + 1]):
            node = start_node[s]
            if labels[node] == base:
                continue
            labels[node] = base
            if n_touched == touched.size:
                touched = doubled(touched)
            touched[n_touched] = node
            n_touched += 1
            if top == entries.shape[0]:
                entries = _grown(entries)
            entries[top, 0] = node
            entries[top, 1] = uint32(0)
            entries[top, 2] = uint32(bucket[0])
            bucket[0] = int32(top)
            top += 1
            live += 1
        # 2. Buckets in the order of time (Dial 1969). An arc within a bucket refills it, so it is read until it stays empty.
        now = uint32(0)
        while live > 0:
            slot_now = now & mask
            entry = bucket[slot_now]
            while entry >= 0:
                bucket[slot_now] = int32(-1)
                while entry >= 0:
                    at = uint32(entry)
                    node = entries[at, 0]
                    time = entries[at, 1]
                    following = int32(entries[at, 2])
                    entries[at, 2] = uint32(free)
                    free = entry
                    entry = following
                    live -= 1
                    # The node has been reached earlier since: this entry is void.
                    if labels[node] != uint32(base + time):
                        continue
                    left = uint32(limit - time)
                    for arc in range(indptr[node], indptr[node + uint32(1)]):
                        spent = arcs[arc, 1]
                        if spent > left:
                            continue
                        head = arcs[arc, 0]
                        reached = uint32(time + spent)
                        better = uint32(base + reached)
                        known = labels[head]
                        if better >= known:
                            continue
                        # Not reached by this source before.
                        if uint64(known) >= above:
                            if n_touched == touched.size:
                                touched = doubled(touched)
                            touched[n_touched] = head
                            n_touched += 1
                        labels[head] = better
                        # Queued, in an entry that is free or in a new one.
                        if free >= 0:
                            place = int64(free)
                            free = int32(entries[place, 2])
                        else:
                            if top == entries.shape[0]:
                                entries = _grown(entries)
                            place = top
                            top += 1
                        slot = reached >> width & mask
                        entries[place, 0] = head
                        entries[place, 1] = reached
                        entries[place, 2] = uint32(bucket[slot])
                        bucket[slot] = int32(place)
                        live += 1
                entry = bucket[slot_now]
            now += uint32(1)
        # 3. People of the cells entered from the rows reached, each cell once. The cells of a row are sorted by time.
        reached_rows += n_touched
        for g in range(groups):
            out[source, g] = 0
        for i in range(n_touched):
            node = touched[i]
            left = uint32(limit - (labels[node] - base))
            for h in range(end_ptr[node], end_ptr[node + uint32(1)]):
                if end_ms[h] > left:
                    break
                cell = end_cell[h]
                if seen[cell] != stamp:
                    seen[cell] = stamp
                    for g in range(groups):
                        out[source, g] += people[cell, g]
    return reached_rows
