"""One bounded search per facility, and the cells each one reaches.

The queue is that of `access15._kernels.search`. Labels pack (epoch, time); a falling epoch makes the labels
of the previous search count as infinite, so that nothing is cleared between searches.
"""

import numpy as np
from numba import int32, int64, uint32, uint64

from access15._kernels._jit import kernel
from access15._kernels.search import _grown


@kernel
def _doubled(values):
    bigger = np.empty(2 * values.size, values.dtype)
    for i in range(values.size):
        bigger[i] = values[i]
    return bigger


@kernel
def _rising(rows):
    """Return whole numbers of 0 or more in rising order (many of them by counting, eleven bits at a time)."""
    if rows.size < 512:
        return np.sort(rows)
    now = rows.copy()
    after = np.empty_like(now)
    largest = rows.max()
    shift = 0
    while (largest >> shift) > 0:
        start = np.zeros(2049, np.int64)
        for i in range(now.size):
            start[((now[i] >> shift) & 2047) + 1] += 1
        for i in range(2048):
            start[i + 1] += start[i]
        for i in range(now.size):
            digit = (now[i] >> shift) & 2047
            after[start[digit]] = now[i]
            start[digit] += 1
        now, after = after, now
        shift += 11
    return now


@kernel
def bounded_rows(
    indptr, arcs, arc_m, seed_ptr, seed_node, seed_ms, seed_m, direct_ptr, direct_cell, direct_ms, direct_m,
    hold_ptr, hold_cell, hold_ms, hold_m, first, last, limit_ms, shift, n_buckets, labels, cell_labels, epoch,
):  # fmt: skip
    """Search from each facility row ``first..last - 1`` and collect the cells within the limit.

    Parameters
    ----------
    indptr, arcs : as in `access15._kernels.search.nearest_labels`
    arc_m : (a,) float32, or (0,) when lengths are not wanted
    seed_ptr, seed_node, seed_ms, seed_m
        Nodes each facility starts at, with time and metres already spent, in compressed rows.
    direct_ptr, direct_cell, direct_ms, direct_m
        Cells on the facility's own edge with the time along that edge.
    hold_ptr, hold_cell, hold_ms, hold_m
        Cells that are entered from each node, with the time from that node, in compressed rows.
    labels, cell_labels : (n,), (cells,) uint64
        Work space, kept between calls: the first holds ``epoch << 32 | time``.
    epoch : int
        Epoch of the last search in this work space; it falls by one per facility.

    Returns
    -------
    count : (last - first,) int64
        Cells of each facility.
    cell : int32, time_ms : uint32, metres : float32
        Pairs facility by facility, cells rising.
    """
    with_metres = arc_m.size > 0
    n_nodes = labels.size
    node_m = np.zeros(n_nodes if with_metres else 1, np.float64)
    cell_m = np.zeros(cell_labels.size if with_metres else 1, np.float64)
    touched = np.empty(1024, np.uint32)
    found = np.empty(1024, np.int32)
    out_cell = np.empty(1024, np.int32)
    out_ms = np.empty(1024, np.uint32)
    out_m = np.empty(1024 if with_metres else 1, np.float32)
    written = 0
    count = np.zeros(last - first, np.int64)
    bucket = np.full(n_buckets, -1, np.int32)
    entries = np.empty((1024, 3), np.uint32)
    mask = uint32(n_buckets - 1)
    width = uint32(shift)
    limit = uint64(limit_ms)
    half = uint64(32)
    for facility in range(first, last):
        epoch -= 1
        base = uint64(epoch) << half
        top = int64(0)
        free = int32(-1)
        live = int64(0)
        n_touched = 0
        for s in range(seed_ptr[facility], seed_ptr[facility + 1]):
            node = seed_node[s]
            time64 = uint64(seed_ms[s])
            if time64 > limit or (base | time64) > labels[node]:
                continue
            if (base | time64) == labels[node]:
                if with_metres and seed_m[s] < node_m[node]:
                    node_m[node] = seed_m[s]
                continue
            if (labels[node] >> half) != uint64(epoch):
                if n_touched == touched.size:
                    touched = _doubled(touched)
                touched[n_touched] = node
                n_touched += 1
            labels[node] = base | time64
            if with_metres:
                node_m[node] = seed_m[s]
            if top == entries.shape[0]:
                entries = _grown(entries)
            slot = uint32(time64) >> width & mask
            entries[top, 0] = node
            entries[top, 1] = uint32(time64)
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
                    if labels[node] != (base | uint64(time)):
                        continue
                    for arc in range(indptr[node], indptr[node + uint32(1)]):
                        head = arcs[arc, 0]
                        reached = uint64(time) + uint64(arcs[arc, 1])
                        if reached > limit:
                            continue
                        better = base | reached
                        known = labels[head]
                        if better > known:
                            continue
                        if better == known:
                            # An equally quick path that is shorter: pass its length on.
                            if not with_metres or node_m[node] + arc_m[arc] >= node_m[head]:
                                continue
                        elif (known >> half) != uint64(epoch):
                            if n_touched == touched.size:
                                touched = _doubled(touched)
                            touched[n_touched] = head
                            n_touched += 1
                        labels[head] = better
                        if with_metres:
                            node_m[head] = node_m[node] + arc_m[arc]
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
        n_found = 0
        for source in range(n_touched + 1):
            # The last round takes the cells on the facility's own edge.
            own = source == n_touched
            if own:
                start, stop, spent, spent_m = direct_ptr[facility], direct_ptr[facility + 1], uint64(0), 0.0
            else:
                node = touched[source]
                start, stop = hold_ptr[node], hold_ptr[node + uint32(1)]
                spent = labels[node] & uint64(0xFFFFFFFF)
                spent_m = node_m[node] if with_metres else 0.0
            for h in range(start, stop):
                cell = direct_cell[h] if own else hold_cell[h]
                reached = spent + uint64(direct_ms[h] if own else hold_ms[h])
                if reached > limit:
                    continue
                length = spent_m + (direct_m[h] if own else hold_m[h])
                better = base | reached
                known = cell_labels[cell]
                if better > known or (better == known and (not with_metres or length >= cell_m[cell])):
                    continue
                if (known >> half) != uint64(epoch):
                    if n_found == found.size:
                        found = _doubled(found)
                    found[n_found] = cell
                    n_found += 1
                cell_labels[cell] = better
                if with_metres:
                    cell_m[cell] = length
        ordered = _rising(found[:n_found])
        while written + n_found > out_cell.size:
            out_cell = _doubled(out_cell)
            out_ms = _doubled(out_ms)
            if with_metres:
                out_m = _doubled(out_m)
        for i in range(n_found):
            cell = ordered[i]
            out_cell[written] = cell
            out_ms[written] = uint32(cell_labels[cell] & uint64(0xFFFFFFFF))
            if with_metres:
                out_m[written] = cell_m[cell]
            written += 1
        count[facility - first] = n_found
    return (
        count,
        out_cell[:written].copy(),
        out_ms[:written].copy(),
        out_m[: written if with_metres else 0].copy(),
    )
