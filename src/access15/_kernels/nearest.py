"""The nearest facility of every node: buckets of equal width (Dial 1969), read in batches.

Times are whole milliseconds. Labels pack (time, source row) into one ``uint64``: taking the smaller label
then breaks ties towards the lowest row by itself. A node enters a bucket whenever its label improves, and
the nodes of a bucket are read in any order: results are exact for any bucket width.

What costs time is waiting for memory. Therefore a batch of nodes first writes down what it offers to its
neighbours and asks for their labels; then all are compared, without a branch the processor must guess.
"""

import numpy as np
from numba import int64, uint64

from access15._kernels._jit import kernel
from access15._kernels._prefetch import load_later
from access15._kernels.growth import doubled

_BUCKETS = np.uint64(32)
"""Buckets in the ring, a power of two. What lies further ahead waits in the last one."""
_BATCH = np.uint64(256)
"""Nodes read at once: all they need fits the processor's nearest memory."""
_ARCS = np.uint64(4)
"""Arcs of a node that are copied at once; where there are more, they are copied one by one."""

_HALF = np.uint64(32)
_TIME = np.uint64(0xFFFFFFFF00000000)
_ROW = np.uint64(0xFFFFFFFF)
_ZERO = np.uint64(0)
_ONE = np.uint64(1)
_NEVER = np.uint64(0xFFFFFFFFFFFFFFFF)


@kernel
def _with_space(queue, fill, more):
    """Return the queue, a larger one if any bucket might not take ``more`` entries."""
    fullest = _ZERO
    for bucket in range(_BUCKETS):
        fullest = max(fullest, fill[bucket])
    if fullest + more <= uint64(queue.shape[1]):
        return queue
    larger = np.empty((queue.shape[0], int(uint64(2) * (fullest + more))), np.uint64)
    for bucket in range(_BUCKETS):
        for i in range(fill[bucket]):
            larger[bucket, i] = queue[bucket, i]
    return larger


@kernel
def _put(queue, fill, now, width, label, node):
    """Add an entry ``time_ms << 32 | node`` to the bucket of its time, or to the last of the ring."""
    bucket = (now + min((label >> width) - now, _BUCKETS - _ONE)) & (_BUCKETS - _ONE)
    queue[bucket, fill[bucket]] = (label & _TIME) | node
    fill[bucket] += _ONE


@kernel
def _look_ahead(indptr, arcs, labels, queue, fill, first, stop, now, width):
    """Ask for what some entries of the bucket ``now`` need; put off those whose time has not come."""
    here = now & (_BUCKETS - _ONE)
    for i in range(first, stop):
        entry = queue[here, i]
        node = entry & _ROW
        load_later(labels, node)
        load_later(indptr, node)
        if (entry >> width) > now:
            _put(queue, fill, now, width, entry, node)
            queue[here, i] = node  # with time 0: outdated, or read once too often, which changes nothing
    for i in range(first, stop):
        load_later(arcs, uint64(2) * uint64(indptr[queue[here, i] & _ROW]))


@kernel
def _write_offers(indptr, arcs, labels, entries, limit, heads, offers):
    """Write down what the nodes of some entries offer; return how many entries were read, and how many offers.

    Entries whose node has improved since offer nothing. Reading ends early where the array of offers does.
    """
    count = _ZERO
    n_arcs = uint64(arcs.shape[0])
    for i in range(uint64(entries.size)):
        entry = entries[i]
        node = entry & _ROW
        label = labels[node]
        first, stop = uint64(indptr[node]), uint64(indptr[node + _ONE])
        if ((label ^ entry) & _TIME) != _ZERO:
            stop = first
        # Always the same number, because guessing it wrongly costs more: what is too much is written over.
        copied = _ARCS
        if first + copied < stop or first + copied > n_arcs:
            copied = stop - first
        if count + copied > uint64(heads.size):
            return uint64(i), count
        left = limit - label
        if copied == _ARCS:
            for k in range(_ARCS):
                time = uint64(arcs[first + k, 1]) << _HALF
                heads[count + k] = arcs[first + k, 0]
                offers[count + k] = label + time if time <= left else _NEVER
        else:
            for k in range(copied):
                time = uint64(arcs[first + k, 1]) << _HALF
                heads[count + k] = arcs[first + k, 0]
                offers[count + k] = label + time if time <= left else _NEVER
        count += stop - first
    for i in range(count):
        load_later(labels, uint64(heads[i]))
    return uint64(entries.size), count


@kernel
def _take_offers(labels, queue, fill, now, width, heads, offers, count):
    """Lower labels to what is offered; every node that improves enters the queue."""
    for i in range(count):
        head = uint64(heads[i])
        offer = offers[i]
        known = labels[head]
        better = uint64(offer < known)
        labels[head] = min(offer, known)
        # `_put`, but an entry that is not better is written over by the next one.
        bucket = (now + min((offer >> width) - now, _BUCKETS - _ONE)) & (_BUCKETS - _ONE)
        place = fill[bucket]
        queue[bucket, place] = (offer & _TIME) | head
        fill[bucket] = place + better


@kernel
def lower_labels(indptr, arcs, labels, start_node, start_label, limit_ms, shift, list_changed):
    """Lower labels from some starts on, as far as that improves any.

    From labels of `NO_LABEL` this gives ``time_ms << 32 | row`` of the nearest start for every node.

    Parameters
    ----------
    indptr : (n + 1,) uint32
    arcs : (a, 2) uint32
        Head node and time in ms of each arc.
    labels : (n,) uint64
        Changed in place; 0xFFFFFFFFFFFFFFFF where nothing is reached.
    start_node : (s,) uint32
    start_label : (s,) uint64
        ``start_ms << 32 | row``.
    limit_ms : int
        Times beyond it are not passed on.
    shift : int
        Buckets are ``2**shift`` ms wide.
    list_changed : bool

    Returns
    -------
    (c,) uint32
        The nodes that changed, one may stand twice; nothing unless ``list_changed``.
    """
    # The queue is a ring of buckets, longer ones made as needed; ``fill`` counts what is in each.
    width = uint64(shift) + _HALF
    limit = (uint64(limit_ms) << _HALF) | _ROW
    heads = np.empty(int(_BATCH * _ARCS), np.uint32)
    offers = np.empty(heads.size, np.uint64)
    queue = np.empty((int(_BUCKETS), 2 * heads.size), np.uint64)
    fill = np.zeros(int(_BUCKETS), np.uint64)
    changed = np.empty(1024 if list_changed else 0, np.uint32)
    n_changed = 0
    # 1. Starts that improve their node, from the earliest bucket on.
    now = limit >> width
    for s in range(start_node.size):
        now = min(now, start_label[s] >> width)
    for s in range(start_node.size):
        node, label = uint64(start_node[s]), start_label[s]
        if label <= limit and label < labels[node]:
            labels[node] = label
            queue = _with_space(queue, fill, _ONE)
            _put(queue, fill, now, width, label, node)
    # 2. Buckets in the order of time, until all of the ring are empty. A batch of nodes writes down what it offers,
    # then the offers are compared.
    idle = _ZERO
    while idle < _BUCKETS:
        here = now & (_BUCKETS - _ONE)
        idle = idle + _ONE if fill[here] == _ZERO else _ZERO
        read = _ZERO
        while read < fill[here]:
            queue = _with_space(queue, fill, _BATCH + uint64(heads.size))
            stop = min(read + _BATCH, fill[here])
            _look_ahead(indptr, arcs, labels, queue, fill, read, stop, now, width)
            entries = queue[here, read:stop]
            done, count = _write_offers(indptr, arcs, labels, entries, limit, heads, offers)
            if list_changed:
                while n_changed + entries.size > changed.size:
                    changed = doubled(changed)
                for i in range(done):
                    node = entries[i] & _ROW
                    changed[n_changed] = node
                    n_changed += int(((labels[node] ^ entries[i]) & _TIME) == _ZERO)
            _take_offers(labels, queue, fill, now, width, heads, offers, count)
            read += done
            # One node has more arcs than fit: longer arrays, and it comes again.
            if done == _ZERO:
                heads = np.empty(2 * heads.size, np.uint32)
                offers = np.empty(heads.size, np.uint64)
        fill[here] = _ZERO
        now += _ONE
    return changed[:n_changed].copy()


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
            time = best_time + position_ms[k] + leg_ms[k]
            # Two legs and an edge may take longer than half a label can keep.
            label = (uint64(time) << _HALF) | uint64(best_row) if time < int64(_ROW) else _NEVER
            labels[row[k]] = min(labels[row[k]], label)
