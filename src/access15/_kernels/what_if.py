"""Labels that follow their facilities: what an added or a removed facility changes, and nothing else.

Labels are those of `access15._kernels.nearest.lower_labels`, ``time_ms << 32 | row``, which also carries the
changes on. They depend only on the facilities that are open, not on the order of the edits that led there.
"""

import numpy as np
from numba import int64, uint32, uint64

from access15._kernels._jit import kernel
from access15._kernels.growth import doubled

NO_LABEL = np.uint64(0xFFFFFFFFFFFFFFFF)


@kernel
def take_region(indptr, arcs, labels, start_node, row, most):
    """Clear the labels of one facility and return the nodes that had them, or none if more than ``most``.

    The region of a facility hangs together: on a quickest path every node has the label's facility.

    Parameters
    ----------
    indptr, arcs, labels : as in `access15._kernels.nearest.lower_labels`
    start_node : (s,) uint32
        Where the facility enters the graph.
    row : int
    most : int
        Give up (labels half cleared) beyond this many nodes.

    Returns
    -------
    nodes : (r,) uint32
    complete : bool
    """
    row_bits = uint64(0xFFFFFFFF)
    nodes = np.empty(1024, np.uint32)
    count = int64(0)
    for s in range(start_node.size):
        node = start_node[s]
        if labels[node] != NO_LABEL and (labels[node] & row_bits) == uint64(row):
            labels[node] = NO_LABEL
            nodes[count] = node
            count += 1
            if count == nodes.size:
                nodes = doubled(nodes)
    read = int64(0)
    while read < count and count <= most:
        node = nodes[read]
        read += 1
        for arc in range(indptr[node], indptr[node + uint32(1)]):
            head = arcs[arc, 0]
            if labels[head] == NO_LABEL or (labels[head] & row_bits) != uint64(row):
                continue
            labels[head] = NO_LABEL
            if count == nodes.size:
                nodes = doubled(nodes)
            nodes[count] = head
            count += 1
    return nodes[:count].copy(), count <= most


@kernel
def labels_from_outside(in_indptr, in_arcs, labels, nodes, limit_ms):
    """Return ``(node, label)`` of the best way into each node of a cleared region from outside of it.

    Parameters
    ----------
    in_indptr, in_arcs
        The graph turned round: the arcs that end at each node.
    labels : (n,) uint64
        `NO_LABEL` inside the region.
    nodes : (r,) uint32
    limit_ms : int
    """
    half = uint64(32)
    row_bits = uint64(0xFFFFFFFF)
    out_node = np.empty(nodes.size, np.uint32)
    out_label = np.empty(nodes.size, np.uint64)
    count = 0
    for i in range(nodes.size):
        node = nodes[i]
        best = NO_LABEL
        for arc in range(in_indptr[node], in_indptr[node + uint32(1)]):
            label = labels[in_arcs[arc, 0]]
            if label == NO_LABEL:
                continue
            time = (label >> half) + uint64(in_arcs[arc, 1])
            if time <= uint64(limit_ms):
                best = min(best, (time << half) | (label & row_bits))
        if best != NO_LABEL:
            out_node[count] = node
            out_label[count] = best
            count += 1
    return out_node[:count].copy(), out_label[:count].copy()


@kernel
def cells_at(nodes, end_ptr, end_cell, seen, stamp):
    """Return the cells that are entered from some nodes, each once.

    Parameters
    ----------
    nodes : (c,) uint32
    end_ptr, end_cell : (n + 1,), (h,) int64
        Cells by node, in compressed rows.
    seen : (cells,) int64
        Work space: what was collected gets ``stamp``.
    stamp : int
        Not in ``seen`` before.
    """
    out = np.empty(1024, np.int64)
    count = 0
    for i in range(nodes.size):
        for h in range(end_ptr[nodes[i]], end_ptr[nodes[i] + uint32(1)]):
            cell = end_cell[h]
            if seen[cell] == stamp:
                continue
            seen[cell] = stamp
            if count == out.size:
                out = doubled(out)
            out[count] = cell
            count += 1
    return out[:count].copy()


@kernel
def renew_cells(cells, end_ptr, end_node, end_ms, node_labels, direct, limit_ms, labels):
    """Compute the labels of some cells anew (in place); return which changed, and what they were.

    Parameters
    ----------
    cells : (c,) int64
    end_ptr, end_node, end_ms : (cells + 1,), (h,), (h,) int64
        Nodes by cell, in compressed rows.
    node_labels : (n,) uint64
    direct : (cells,) uint64
        Labels by way of the cell's own edge.
    limit_ms : int
    labels : (cells,) uint64

    Returns
    -------
    changed : (m,) int64
        Those of ``cells`` whose label changed.
    before : (m,) uint64
        Their labels until now.
    """
    half = uint64(32)
    row_bits = uint64(0xFFFFFFFF)
    changed = np.empty(cells.size, np.int64)
    before = np.empty(cells.size, np.uint64)
    count = 0
    for i in range(cells.size):
        cell = cells[i]
        best = direct[cell]
        for h in range(end_ptr[cell], end_ptr[cell + 1]):
            label = node_labels[end_node[h]]
            if label == NO_LABEL:
                continue
            time = (label >> half) + uint64(end_ms[h])
            if time <= uint64(limit_ms):
                best = min(best, (time << half) | (label & row_bits))
        best = best if (best >> half) <= uint64(limit_ms) else NO_LABEL
        if best != labels[cell]:
            changed[count] = cell
            before[count] = labels[cell]
            count += 1
            labels[cell] = best
    return changed[:count].copy(), before[:count].copy()
