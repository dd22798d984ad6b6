"""The shortest-path forest of a nearest search: what lies behind every row, seen from the facilities."""

import numpy as np
from numba import int64, uint32, uint64

from access15._kernels._jit import kernel

NO_LABEL = np.uint64(0xFFFFFFFFFFFFFFFF)


@kernel
def shortest_path_forest(indptr, arcs, labels, start_node, start_label):
    """Return the rows that were reached, each behind its predecessor, with everything behind a row next to it.

    Of several quickest ways the forest holds one.

    Parameters
    ----------
    indptr, arcs, labels : as in `access15._kernels.nearest.lower_labels`
        Labels are those of a search that has ended.
    start_node, start_label : (s,) uint32, (s,) uint64
        The starts of that search.

    Returns
    -------
    order : (r,) uint32
        Rows; those behind ``order[k]`` are ``order[k + 1:k + size[k]]``.
    before : (r,) int64
        Place in ``order`` of the predecessor, -1 for a start.
    by_arc : (r,) int64
        Arc from there, -1 for a start.
    size : (r,) int64
    """
    half = uint64(32)
    n = labels.size
    order = np.empty(n, np.uint32)
    before = np.empty(n, np.int64)
    by_arc = np.empty(n, np.int64)
    # Every row is put on the stack at most once, by its predecessor: what is behind it is read before its neighbours.
    stack = np.empty(n, np.uint32)
    from_place = np.empty(n, np.int64)
    from_arc = np.empty(n, np.int64)
    known = np.zeros(n, np.bool_)
    height = int64(0)
    count = int64(0)
    # 1. Rows whose label is that of a start.
    for s in range(start_node.size):
        node = start_node[s]
        if not known[node] and labels[node] == start_label[s]:
            known[node] = True
            stack[height] = node
            from_place[height] = -1
            from_arc[height] = -1
            height += 1
    # 2. A row goes to those that have their label from it and are not known yet.
    while height > 0:
        height -= 1
        node = stack[height]
        order[count] = node
        before[count] = from_place[height]
        by_arc[count] = from_arc[height]
        for arc in range(indptr[node], indptr[node + uint32(1)]):
            head = arcs[arc, 0]
            if known[head] or labels[head] == NO_LABEL:
                continue
            if labels[head] == labels[node] + (uint64(arcs[arc, 1]) << half):
                known[head] = True
                stack[height] = head
                from_place[height] = count
                from_arc[height] = arc
                height += 1
        count += 1
    size = np.ones(count, np.int64)
    for k in range(count - 1, -1, -1):
        if before[k] >= 0:
            size[before[k]] += size[k]
    return order[:count].copy(), before[:count].copy(), by_arc[:count].copy(), size


@kernel
def add_behind(before, amount):
    """Add to every place of a forest what stands behind it (in place).

    Parameters
    ----------
    before : (r,) int64
        As in `shortest_path_forest`.
    amount : (r,) float64
    """
    for k in range(before.size - 1, -1, -1):
        if before[k] >= 0:
            amount[before[k]] += amount[k]
