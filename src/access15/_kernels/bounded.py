"""One bounded search per facility, and the cells each one reaches.

Times are whole milliseconds. The queue is a ring of buckets (Dial 1969), each ``2**shift`` ms wide and a row
of one array; it holds nodes only. Results are exact for any width: a node whose label improves is queued
again, and one that was settled in an earlier bucket is passed over.

Labels are 32 bits: a falling epoch above, the time below. The labels of earlier searches are then larger
than any of this one, so that nothing is cleared until the epochs are used up, after thousands of searches.

Whether a label improves is a coin toss that no processor can foresee. So the inner loops do not branch on
it: they always write, and move the end of a list by 0 or 1.

A search waits for memory most of its time. So a batch of nodes first writes down what it offers to its
neighbours, and asks for their labels; their arcs are asked for when they are met, long before they are read;
and what lies around the next facility while this one is searched.
"""

import numpy as np
from numba import int32, int64, uint32, uint64

from access15._kernels._jit import kernel
from access15._kernels._prefetch import load_later
from access15._kernels.in_order import SORTED, in_order

_NODES_PER_CALL = 1 << 19
"""A call ends after the search that has settled so many nodes: some hundredths of a second, so that an
interrupt is heard."""

_NEAR = np.uint64(256)
"""Rows on either side of a facility that a walk mostly stays among: their labels are asked for."""
_NEAREST = np.uint64(64)
"""Rows on either side of it whose arcs are asked for, which take more memory."""
_BATCH = np.uint64(64)
"""Nodes read at once: all they need fits the processor's nearest memory."""
_FEW = np.uint64(4)
"""Arcs or cells of a node that are copied at once, because guessing their number wrongly costs more: what is too
much is written over. Where there are more, they are read one by one."""
_FIRST_OFFERS = 2048
"""Offers of a batch at first, far more than ``_BATCH * _FEW``; the array grows where nodes have so many arcs."""
_NEVER = np.uint32(0xFFFFFFFF)
_LINE = np.uint64(16)
"""Numbers of 32 bits that arrive from memory together."""

_FULL = -1


@kernel
def _offer(pairs, first, number, label, left, offers, count, labels, indptr):
    """Write what one node offers to some (head or cell, time) behind the first ``count`` offers, and ask for these."""
    for i in range(number):
        head = pairs[first + i, 0]
        spent = pairs[first + i, 1]
        offers[count + i, 0] = head
        offers[count + i, 1] = uint32(label + spent) if spent <= left else _NEVER
        load_later(labels, head)
        if indptr is not None:
            load_later(indptr, head)


@kernel
def _search(
    indptr, arcs, arc_m, starts, start_m, first_start, last_start, base, limit, width,
    labels, node_m, reached, queue, queued, offers, offers_m,
):  # fmt: skip
    """Label the nodes within the limit of some starts; return their number, or `_FULL` for entries or offers.

    ``reached`` lists the nodes. Among equally quick paths the shortest counts, where lengths are wanted.
    ``offers`` and ``offers_m`` take pairs (node, label) and metres.
    """
    ring = uint32(queued.size - 1)
    bucket_size = uint32(queue.shape[1])
    above = uint32(base + limit)
    n = uint64(0)
    live = int64(0)
    # 1. The nodes the site starts at.
    for s in range(first_start, last_start):
        head = starts[s, 0]
        time = starts[s, 1]
        if time > limit:
            continue
        label = uint32(base + time)
        known = labels[head]
        improved = label < known
        if arc_m is not None:
            improved = improved or (label == known and start_m[s] < node_m[head])
            if improved:
                node_m[head] = start_m[s]
        if not improved:
            continue
        reached[n] = head
        n += uint64(known > above)
        labels[head] = label
        slot = (time >> width) & ring
        queue[slot, queued[slot]] = head
        queued[slot] += uint32(1)
        live += 1
        if queued[slot] == bucket_size:
            return _FULL
    # 2. Buckets in the order of time; a node whose label improves is queued again.
    n_arcs = uint64(arcs.shape[0])
    now = uint32(0)
    while live > 0:
        slot_now = now & ring
        at = uint32(0)
        while at < queued[slot_now]:
            # A batch of nodes first writes down what it offers, and asks for all that will be compared with it.
            stop = min(queued[slot_now], at + uint32(_BATCH))
            count = uint64(0)
            while at < stop:
                node = queue[slot_now, at]
                at += uint32(1)
                label = labels[node]
                time = uint32(label - base)
                left = uint32(limit - time)
                arc = uint64(indptr[node])
                end = uint64(indptr[node + uint32(1)])
                # The node has been read in an earlier bucket: it offers nothing.
                if (time >> width) != now:
                    end = arc
                if arc + _FEW >= end and arc + _FEW <= n_arcs:
                    _offer(arcs, arc, _FEW, label, left, offers, count, labels, indptr)
                elif count + (end - arc) + _BATCH * _FEW <= uint64(offers.shape[0]):
                    _offer(arcs, arc, end - arc, label, left, offers, count, labels, indptr)
                else:
                    return _FULL
                if arc_m is not None:
                    for i in range(end - arc):
                        offers_m[count + i] = node_m[node] + arc_m[arc + i]
                count += end - arc
            # Then the offers are compared, without a branch where lengths are not wanted.
            for i in range(count):
                head = offers[i, 0]
                better = offers[i, 1]
                # Few nodes have more than four arcs, which may lie across two lines.
                at_head = uint64(2) * uint64(indptr[head])
                load_later(arcs, at_head)
                load_later(arcs, at_head + uint64(6))
                known = labels[head]
                improved = better < known
                if arc_m is not None:
                    length = offers_m[i]
                    improved = improved or (better == known and better <= above and length < node_m[head])
                    if improved:
                        node_m[head] = length
                reached[n] = head
                n += uint64(improved & (known > above))
                labels[head] = min(better, known)
                slot = (uint32(better - base) >> width) & ring
                place = queued[slot]
                queue[slot, place] = head
                place += uint32(improved)
                queued[slot] = place
                live += int64(improved)
                if place == bucket_size:
                    return _FULL
        live -= int64(at)
        queued[slot_now] = uint32(0)
        now += uint32(1)
    return int64(n)


@kernel
def _enter(
    nodes, n, labels, node_m, end_ptr, ends, end_m, base, limit, offers, cell_labels, cell_m, found, n_found
):  # fmt: skip
    """Label the cells entered from some nodes and list them behind the first ``n_found``; return how many there are now.

    ``offers`` takes `_BATCH` times `_FEW` pairs (cell, label).
    """
    above = uint32(base + limit)
    listed = uint64(n_found)
    n_entries = uint64(ends.shape[0])
    first = uint64(0)
    # What the first batch reads is asked for, then always the next batch's.
    for k in range(min(uint64(n), _BATCH)):
        load_later(ends, uint64(2) * uint64(end_ptr[nodes[k]]))
    while first < uint64(n):
        stop = min(first + _BATCH, uint64(n))
        for k in range(stop, min(stop + _BATCH, uint64(n))):
            load_later(ends, uint64(2) * uint64(end_ptr[nodes[k]]))
        count = uint64(0)
        for k in range(first, stop):
            node = nodes[k]
            label = labels[node]
            left = uint32(limit - uint32(label - base))
            entry = uint64(end_ptr[node])
            end = uint64(end_ptr[node + uint32(1)])
            # Few cells: all offers of the batch are written down and compared together below.
            if end_m is None and end - entry <= _FEW and entry + _FEW <= n_entries:
                _offer(ends, entry, _FEW, label, left, offers, count, cell_labels, None)
                count += end - entry
                continue
            # Many cells, or lengths are wanted: compared one by one.
            while entry < end:
                cell = ends[entry, 0]
                spent = ends[entry, 1]
                entry += uint64(1)
                if spent > left:
                    continue
                better = uint32(label + spent)
                known = cell_labels[cell]
                if end_m is not None:
                    length = node_m[node] + end_m[entry - uint64(1)]
                    if better < known or (better == known and length < cell_m[cell]):
                        cell_m[cell] = length
                found[listed] = cell
                listed += uint64(known > above)
                cell_labels[cell] = min(better, known)
        for i in range(count):
            cell = offers[i, 0]
            better = offers[i, 1]
            known = cell_labels[cell]
            found[listed] = cell
            listed += uint64((known > above) & (better <= above))
            cell_labels[cell] = min(better, known)
        first = stop
    return int64(listed)


@kernel
def _ask_for(indptr, arcs, labels, row):
    """Ask for what a search from ``row`` reads first: rows near it in number are near it on the ground."""
    rows = uint64(labels.size)
    for i in range(row - min(row, _NEAR), min(row + _NEAR, rows), _LINE):
        load_later(indptr, i)
        load_later(labels, i)
    for i in range(row - min(row, _NEAREST), min(row + _NEAREST, rows), uint64(3)):
        load_later(arcs, uint64(2) * uint64(indptr[i]))


@kernel
def bounded_rows(
    indptr, arcs, arc_m, start_ptr, starts, start_m, direct_ptr, direct, direct_m, end_ptr, ends, end_m,
    first, last, limit_ms, shift, epoch, labels, node_m, reached, queue, queued,
    cell_labels, cell_m, found, marks, groups, out_cell, out_ms, out_m, count,
):  # fmt: skip
    """Search from the facility rows ``first..last - 1``, or some of them, and collect the cells within the limit.

    Parameters
    ----------
    indptr, arcs : as in `access15._kernels.nearest.lower_labels`
    arc_m : (a,) float64, or None where lengths are not wanted; the same for every other ``_m``
    start_ptr, starts, start_m : (f + 1,) int64, (s, 2) uint32, (s,) float64
        Nodes each facility starts at, with time and metres already spent, in compressed rows.
    direct_ptr, direct, direct_m : (f + 1,) uint32, (d, 2) uint32, (d,) float64
        Cells on the facility's own edge, with time and metres along that edge.
    end_ptr, ends, end_m : (n + 1,) uint32, (h, 2) uint32, (h,) float64
        Cells that are entered from each node, with time and metres from that node, in compressed rows.
        Where ``ends`` is None the nodes themselves take the part of cells, and ``direct`` is not read.
    first, last, limit_ms, shift : int
        The limit is below 2**32 - 1.
    epoch : (1,) int64
        Epochs left in this work space; 0 at first. It belongs to one limit.
    labels, node_m, reached : (n,) uint32, (n,) float64, (n + 1,) uint32
    queue, queued : (buckets, any) uint32, (buckets,) uint32
        The number of buckets is a power of two that spans the largest arc and the latest start, or the
        limit. ``queued`` is 0.
    cell_labels, cell_m, found : (cells,) uint32, (cells,) float64, (cells + 1,) uint32
    marks, groups : (k // 32 + 1,) uint32, (k // 1024 + 1,) uint32
        0; k is the number of nodes or of cells, whichever is larger.
    out_cell, out_ms, out_m : (at least cells,) int32, uint32, float32
        Filled with pairs facility by facility, cells rising.
    count : (at least last - first,) int64
        Filled with the number of cells of each facility.

    Returns
    -------
    done : int
        Facilities searched, at least one: the call ends early where the next might not fit into ``out_cell``
        or much work is done.
    written : int
        Pairs written.
    queue : (buckets, any) uint32
        To be passed to the next call.
    """
    # A label is an epoch above a time: each search takes a lower epoch, so that labels of earlier ones need no clearing.
    bits = uint64(1)
    while (uint64(1) << bits) <= uint64(limit_ms):
        bits += uint64(1)
    limit = uint32(limit_ms)
    width = uint32(shift)
    own = np.zeros(1, np.uint32)
    own_label = np.zeros(1, np.uint32)
    own_m = np.zeros(1, np.float64)
    spare = np.empty(SORTED, np.uint32)
    offers = np.empty((_FIRST_OFFERS, 2), np.uint32)
    offers_m = np.empty(_FIRST_OFFERS, np.float64)
    written = uint64(0)
    most_pairs = uint64(out_cell.size)
    settled = int64(0)
    facility = first
    while facility < last:
        if epoch[0] == 0:
            labels[:] = uint32(0xFFFFFFFF)
            cell_labels[:] = uint32(0xFFFFFFFF)
            # The highest epoch stays free, so that a cleared label is above all others.
            epoch[0] = max(int64((uint64(1) << (uint64(32) - bits)) - uint64(1)), 1)
        epoch[0] -= 1
        base = uint32(uint64(epoch[0]) << bits)
        # While this site is searched, memory fetches what the next one reads first.
        following = start_ptr[min(facility + 1, last - 1)]
        if following < starts.shape[0]:
            _ask_for(indptr, arcs, labels, uint64(starts[following, 0]))
        n = _search(
            indptr, arcs, arc_m, starts, start_m, start_ptr[facility], start_ptr[facility + 1], base, limit, width,
            labels, node_m, reached, queue, queued, offers, offers_m,
        )  # fmt: skip
        if n == _FULL:
            # Begun anew with the next epoch: a queue that could change would slow down every search.
            queue = np.empty((queue.shape[0], 2 * queue.shape[1]), np.uint32)
            offers = np.empty((2 * offers.shape[0], 2), np.uint32)
            offers_m = np.empty(offers.shape[0], np.float64)
            queued[:] = uint32(0)
            continue
        # In the order of the rows what is read next is near what was read before.
        in_order(reached, n, marks, groups, spare)
        # Cells entered from the nodes reached, then those on the site's own edge.
        rows, row_labels, row_m, n_rows = reached, labels, node_m, n
        if ends is not None:
            rows, row_labels, row_m = found, cell_labels, cell_m
            n_rows = _enter(
                reached, n, labels, node_m, end_ptr, ends, end_m, base, limit, offers,
                cell_labels, cell_m, found, 0,
            )  # fmt: skip
            own_label[0] = base
            n_rows = _enter(
                own, 1, own_label, own_m, direct_ptr[facility : facility + 2], direct, direct_m, base, limit,
                offers, cell_labels, cell_m, found, n_rows,
            )  # fmt: skip
            in_order(found, n_rows, marks, groups, spare)
        # The pairs of the site, cells rising.
        for i in range(n_rows):
            row = rows[i]
            out_cell[written] = int32(row)
            out_ms[written] = uint32(row_labels[row] - base)
            if out_m is not None:
                out_m[written] = row_m[row]
            written += uint64(1)
        count[facility - first] = n_rows
        facility += 1
        settled += n
        if settled > _NODES_PER_CALL or most_pairs - written < uint64(cell_labels.size):
            break
    return facility - first, int64(written), queue
