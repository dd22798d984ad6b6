"""Shortest-time searches with buckets (Dial 1969), label-correcting inside a bucket.

Times are whole milliseconds. The queue is a ring of ``n_buckets`` buckets, each ``2**shift`` ms wide;
an entry is (node, time, next entry) in one pool that is recycled through a free list and grows when
it must. Results are exact for any bucket width: a node is read again whenever its label improves.

Labels pack (time, source row) into one ``uint64``. Taking the smaller label then breaks ties towards
the lowest row by itself.
"""

import numpy as np
from numba import int32, int64, uint32, uint64

from access15._kernels._jit import kernel

NO_LABEL = np.uint64(0xFFFFFFFFFFFFFFFF)


@kernel
def _grown(entries):
    # Plain loops: assigning a slice would cost three more seconds of compiling.
    rows, columns = entries.shape
    bigger = np.empty((2 * rows, columns), entries.dtype)
    for i in range(rows):
        for j in range(columns):
            bigger[i, j] = entries[i, j]
    return bigger


@kernel
def nearest_labels(indptr, arcs, seed_node, seed_label, limit_ms, shift, n_buckets):
    """Return ``time_ms << 32 | row`` of the nearest seed for every node.

    Parameters
    ----------
    indptr : (n + 1,) uint32
    arcs : (a, 2) uint32
        Head node and time in ms of each arc.
    seed_node : (s,) uint32
    seed_label : (s,) uint64
        ``start_ms << 32 | row``.
    limit_ms : int
        Nodes beyond it keep `NO_LABEL`.
    shift, n_buckets : int
        Bucket width ``2**shift``; ``n_buckets`` is a power of two whose span exceeds the largest arc and
        the largest start.
    """
    n = indptr.size - 1
    labels = np.full(n, NO_LABEL, np.uint64)
    bucket = np.full(n_buckets, -1, np.int32)
    entries = np.empty((max(1024, n // 4), 3), np.uint32)
    mask = uint32(n_buckets - 1)
    width = uint32(shift)
    limit = uint64(limit_ms)
    half = uint64(32)
    row_bits = uint64(0xFFFFFFFF)
    top = int64(0)
    free = int32(-1)
    live = int64(0)
    for s in range(seed_node.size):
        node = seed_node[s]
        label = seed_label[s]
        if (label >> half) > limit or label >= labels[node]:
            continue
        labels[node] = label
        if top == entries.shape[0]:
            entries = _grown(entries)
        slot = uint32(label >> half) >> width & mask
        entries[top, 0] = node
        entries[top, 1] = uint32(label >> half)
        entries[top, 2] = uint32(bucket[slot])
        bucket[slot] = int32(top)
        top += 1
        live += 1
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
                label = labels[node]
                if uint32(label >> half) != time:
                    continue
                row = label & row_bits
                for arc in range(indptr[node], indptr[node + uint32(1)]):
                    head = arcs[arc, 0]
                    reached = uint64(time) + uint64(arcs[arc, 1])
                    if reached > limit:
                        continue
                    better = (reached << half) | row
                    if better >= labels[head]:
                        continue
                    labels[head] = better
                    if free >= 0:
                        place = int64(free)
                        free = int32(entries[place, 2])
                    else:
                        if top == entries.shape[0]:
                            entries = _grown(entries)
                        place = top
                        top += 1
                    slot = uint32(reached) >> width & mask
                    entries[place, 0] = head
                    entries[place, 1] = uint32(reached)
                    entries[place, 2] = uint32(bucket[slot])
                    bucket[slot] = int32(place)
                    live += 1
            entry = bucket[slot_now]
        now += uint32(1)
    return labels


@kernel
def own_edge_labels(order, edge, position_ms, leg_ms, row, is_facility, along, labels):
    """Lower cell labels by facilities that stand on the same edge, in one sweep along every edge.

    Parameters
    ----------
    order : (k,) int64
        Points sorted by edge and then along the direction in which the search leaves a facility.
    edge : (k,) int32
    position_ms : (k,) int64
        Time from the edge's start to the point in that direction.
    leg_ms : (k,) int64
        Off-network leg of the point.
    row : (k,) int64
        Facility row or cell row.
    is_facility : (k,) bool
    along : (m,) bool
        Whether the edge may be travelled in that direction.
    labels : (cells,) uint64
        Changed in place.
    """
    half = uint64(32)
    edge_now = -1
    best_time = int64(0)
    best_row = int64(-1)
    for i in range(order.size):
        k = order[i]
        if edge[k] != edge_now:
            edge_now = edge[k]
            best_row = int64(-1)
        if not along[edge_now]:
            continue
        if is_facility[k]:
            # Comparing "leg - position" compares arrival times anywhere further along the edge.
            time = leg_ms[k] - position_ms[k]
            if best_row < 0 or time < best_time or (time == best_time and row[k] < best_row):
                best_time = time
                best_row = row[k]
        elif best_row >= 0:
            label = (uint64(best_time + position_ms[k] + leg_ms[k]) << half) | uint64(best_row)
            if label < labels[row[k]]:
                labels[row[k]] = label
