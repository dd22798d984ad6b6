"""Bounded searches from some neighbouring facilities at once, one lane each.

Neighbours reach nearly the same nodes. So a node has a row of labels, one per lane, and a street lowers all of them
with a few vector instructions. A node whose row goes down is queued once for all lanes, in the order of the mean of its
row, in which a lane that has not come there counts as the limit: what all lanes have reached goes
first. It is queued again when its row goes down after that, so that the result is exact in any order.

Labels are as in `access15._kernels.bounded`: an epoch above, the time below; nothing is cleared between groups.
"""

import numpy as np
from numba import int32, int64, uint32, uint64

from access15._kernels._jit import kernel
from access15._kernels._prefetch import load_later
from access15._kernels._rows import LANES, lower_row
from access15._kernels.in_order import in_order

_NOT_QUEUED = 0xFFFFFFFF
_FULL = -1
_NEVER_SORTED = 0
"""`in_order` is to use the marks that are set already."""
BATCH = 64
"""Nodes whose arcs are read at once, and their heads asked for, before the first is lowered."""
FEW = 4
"""Arcs of a node that are copied in any case, because guessing their number wrongly costs more."""
AHEAD = 8
"""Places of the queue to look ahead in; it is so much longer than its buckets."""
_FAR_AHEAD = 16
"""The same in lists whose rows lie far apart in memory."""
_BITS = LANES.bit_length() - 1


@kernel
def _offer(arcs, arc, number, node, offers, n_offers, labels, bucket_of):
    """Write some arcs of a node behind the first ``n_offers`` offers, and ask for what is known of their heads."""
    for i in range(number):
        head = arcs[uint64(2) * (arc + i)]
        offers[n_offers + i, 0] = node
        offers[n_offers + i, 1] = head
        offers[n_offers + i, 2] = arcs[uint64(2) * (arc + i) + uint64(1)]
        load_later(labels, uint64(head) << uint64(_BITS))
        load_later(bucket_of, uint64(head))


@kernel
def _search(
    indptr, arcs, start_ptr, starts, sites, base, limit, width,
    labels, bucket_of, reached, queue, queued, offers, marks,
):  # fmt: skip
    """Label what the sites reach, and list it; return the number of nodes, or `_FULL` if a bucket is full."""
    none = uint32(_NOT_QUEUED)
    to_row = uint64(_BITS)
    above = uint32(base + limit + uint32(1))
    end_of_queue = uint32(queued.size - 1)
    bucket_size = uint64((queue.size - AHEAD) // queued.size)
    n_arcs = uint64(arcs.size // 2)
    now = end_of_queue
    # 1. Labels of all starts first: a node that several sites start at is queued once.
    for lane in range(sites.size):
        for s in range(start_ptr[sites[lane]], start_ptr[sites[lane] + 1]):
            if starts[s, 1] > limit:
                continue
            row = uint64(starts[s, 0]) << to_row
            labels[row + uint64(lane)] = min(labels[row + uint64(lane)], uint32(base + starts[s, 1]))
    for lane in range(sites.size):
        for s in range(start_ptr[sites[lane]], start_ptr[sites[lane] + 1]):
            node = starts[s, 0]
            if starts[s, 1] > limit or bucket_of[node] != none:
                continue
            # Its place in the queue is the sum of its labels, those beyond the limit counted as the limit.
            key = uint64(0)
            for other in range(LANES):
                key += uint64(uint32(min(labels[(uint64(node) << to_row) + uint64(other)], above) - base))
            slot = uint32(key >> uint64(width))
            bucket_of[node] = slot
            queue[uint64(slot) * bucket_size + uint64(queued[slot])] = node
            queued[slot] += uint32(1)
            now = min(now, slot)
            if uint64(queued[slot]) == bucket_size:
                return _FULL
    # 2. Buckets in the order of these sums. A node that goes down is queued again, perhaps in an earlier bucket.
    n = uint64(0)
    while now < end_of_queue:
        first = uint64(now) * bucket_size
        at = first
        lowest = now + uint32(1)
        while at < first + uint64(queued[now]):
            stop = min(at + uint64(BATCH), first + uint64(queued[now]))
            n_offers = uint64(0)
            while at < stop:
                node = queue[at]
                # What lies there may be an old entry: a row all the same, so that it does no harm to ask for it.
                later = uint64(queue[at + uint64(AHEAD)])
                load_later(indptr, later)
                load_later(bucket_of, later)
                load_later(arcs, uint64(2) * uint64(indptr[queue[at + uint64(AHEAD // 2)]]))
                at += uint64(1)
                if bucket_of[node] != now:
                    continue
                bucket_of[node] = none
                word = node >> uint32(5)
                bit = uint32(1) << (node & uint32(31))
                reached[n] = node
                n += uint64((marks[word] & bit) == uint32(0))
                marks[word] |= bit
                arc = uint64(indptr[node])
                number = uint64(indptr[node + uint32(1)]) - arc
                if number <= uint64(FEW) and arc + uint64(FEW) <= n_arcs:
                    _offer(arcs, arc, uint64(FEW), node, offers, n_offers, labels, bucket_of)
                else:
                    _offer(arcs, arc, number, node, offers, n_offers, labels, bucket_of)
                n_offers += number
            # The offers of the batch are compared, all lanes of a row at once.
            for k in range(n_offers):
                head = offers[k, 1]
                row = uint64(offers[k, 0]) << to_row
                key = lower_row(labels, uint64(head) << to_row, labels, row, offers[k, 2], base, above, width)
                # Written in any case, and kept only if the row went down and is not queued as early already.
                slot = min(key, end_of_queue)
                queued_in = bucket_of[head]
                place = queued[slot]
                queue[uint64(slot) * bucket_size + uint64(place)] = head
                place += uint32(key < queued_in)
                queued[slot] = place
                bucket_of[head] = min(key, queued_in)
                lowest = min(lowest, slot)
                if uint64(place) == bucket_size:
                    return _FULL
        queued[now] = uint32(0)
        now = lowest
    return int64(n)


@kernel
def _enter(nodes, n, labels, end_ptr, ends, base, limit, cell_labels, found, marks):
    """Label the cells entered from some nodes, and list them; return their number."""
    to_row = uint64(_BITS)
    above = uint32(base + limit + uint32(1))
    last = uint64(max(ends.size // 2, 1) - 1)
    listed = int64(0)
    for k in range(n):
        row = uint64(nodes[k]) << to_row
        entry = uint64(end_ptr[nodes[k]])
        end = uint64(end_ptr[nodes[k] + uint32(1)])
        while entry < end:
            cell = ends[uint64(2) * entry]
            load_later(cell_labels, uint64(ends[uint64(2) * min(entry + uint64(_FAR_AHEAD), last)]) << to_row)
            spent = ends[uint64(2) * entry + uint64(1)]
            key = lower_row(cell_labels, uint64(cell) << to_row, labels, row, spent, base, above, uint32(0))
            entry += uint64(1)
            word = cell >> uint32(5)
            bit = uint32(key != uint32(_NOT_QUEUED)) << (cell & uint32(31))
            found[listed] = cell
            listed += int64((bit & ~marks[word]) != uint32(0))
            marks[word] |= bit
    return listed


@kernel
def group_rows(
    indptr, arcs, start_ptr, starts, direct_ptr, direct, end_ptr, ends,
    sites, limit_ms, width, epoch, labels, bucket_of, reached, queue, queued, offers, cell_labels, found, marks, groups,
    out_cell, out_ms, count,
):  # fmt: skip
    """Search from some facilities at once and collect the cells each has within the limit.

    Parameters
    ----------
    indptr, start_ptr, starts, direct_ptr, direct, end_ptr : as in `access15._kernels.bounded.bounded_rows`
    arcs, ends : (2 * a,) uint32, (2 * h,) uint32
        Those of `bounded_rows` as one row; ``arcs`` is not empty, ``ends`` may be None.
    sites : (at most LANES,) int64
        Rows of the facilities.
    limit_ms : int
        ``LANES * (limit_ms + 1)`` is below 2**32.
    width : int
        A bucket is ``2**width`` ms wide; the row sums of the limit fill all buckets but the last.
    epoch : (1,) int64
        Epochs left in this work space; 0 at first. It belongs to one limit.
    labels, bucket_of, reached : (n * LANES,) uint32, (n,) uint32, (n + 1,) uint32
        ``bucket_of`` is 2**32 - 1.
    queue, queued : (buckets * any + AHEAD,) uint32, (buckets,) uint32
        0.
    offers : (BATCH times the most arcs of a node, but at least FEW; and FEW more, 3) uint32
    cell_labels, found : (cells * LANES,) uint32, (cells + 1,) uint32
    marks, groups : as in `bounded_rows`
    out_cell, out_ms : (LANES, at least cells + 1) int32, uint32
        Filled with the pairs of each facility, cells rising.
    count : (LANES,) int64
        Filled with the number of cells of each facility.

    Returns
    -------
    bool
        False if the queue was too small: then nothing is written, and a longer one is needed.
    """
    # A label is an epoch above a time: each search takes a lower epoch, so that labels of earlier ones need no clearing.
    bits = uint64(1)
    while (uint64(1) << bits) <= uint64(limit_ms):
        bits += uint64(1)
    limit = uint32(limit_ms)
    if epoch[0] == 0:
        labels[:] = uint32(0xFFFFFFFF)
        cell_labels[:] = uint32(0xFFFFFFFF)
        # The highest epoch stays free, so that a cleared label is above all others.
        epoch[0] = int64((uint64(1) << (uint64(32) - bits)) - uint64(1))
    epoch[0] -= 1
    base = uint32(uint64(epoch[0]) << bits)
    # 1. Nodes.
    n = _search(
        indptr, arcs, start_ptr, starts, sites, base, limit, uint32(width),
        labels, bucket_of, reached, queue, queued, offers, marks,
    )  # fmt: skip
    # The work space is left as it was found; the caller comes again with a longer queue.
    if n == _FULL:
        bucket_of[:] = uint32(_NOT_QUEUED)
        queued[:] = uint32(0)
        marks[:] = uint32(0)
        return False
    # 2. Cells entered from them, and those on the sites' own edges.
    spare = np.empty(_NEVER_SORTED, np.uint32)
    in_order(reached, n, marks, groups, spare)
    rows, row_labels, n_rows = reached, labels, n
    if ends is not None:
        rows, row_labels = found, cell_labels
        n_rows = _enter(reached, n, labels, end_ptr, ends, base, limit, cell_labels, found, marks)
        for lane in range(sites.size):
            for k in range(direct_ptr[sites[lane]], direct_ptr[sites[lane] + 1]):
                cell = direct[k, 0]
                if direct[k, 1] <= limit:
                    at = (uint64(cell) << uint64(_BITS)) + uint64(lane)
                    cell_labels[at] = min(cell_labels[at], uint32(base + direct[k, 1]))
                    bit = uint32(1) << (cell & uint32(31))
                    found[n_rows] = cell
                    n_rows += int64((marks[cell >> uint32(5)] & bit) == uint32(0))
                    marks[cell >> uint32(5)] |= bit
        in_order(found, n_rows, marks, groups, spare)
    # 3. The pairs of each lane, cells rising. Written in any case, and kept where the lane has the cell.
    count[:] = 0
    for i in range(n_rows):
        first = uint64(rows[i]) << uint64(_BITS)
        load_later(row_labels, uint64(rows[min(i + _FAR_AHEAD, n_rows - 1)]) << uint64(_BITS))
        for lane in range(LANES):
            label = row_labels[first + uint64(lane)]
            place = uint64(count[lane])
            out_cell[lane, place] = int32(rows[i])
            out_ms[lane, place] = uint32(label - base)
            count[lane] += int64(label <= uint32(base + limit))
    return True
