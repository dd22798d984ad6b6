"""Boxes around what searches reached, and streets cut into pieces."""

import numpy as np

from access15._kernels._jit import kernel


@kernel
def _box_around(node, time_ms, limit_ms, indptr, arcs, arc_edge, node_x, node_y, edge_box, edge_m):
    """Return a box around what is reached from a node along its arcs."""
    x = node_x[node]
    y = node_y[node]
    west, south, east, north = x, y, x, y
    left = limit_ms - time_ms
    for arc in range(indptr[node], indptr[node + 1]):
        edge = arc_edge[arc]
        reach = edge_m[edge]
        if arcs[arc, 1] > left:
            reach *= left / arcs[arc, 1]
        west = min(west, max(edge_box[edge, 0], x - reach))
        south = min(south, max(edge_box[edge, 1], y - reach))
        east = max(east, min(edge_box[edge, 2], x + reach))
        north = max(north, min(edge_box[edge, 3], y + reach))
    return west, south, east, north


@kernel
def reached_boxes(nodes, times, limit_ms, indptr, arcs, arc_edge, node_x, node_y, edge_box, edge_m, out):
    """Fill ``out`` with a box around what is reached from each node along its arcs.

    Parameters
    ----------
    nodes : (k,) int64
    times : (k,) int64
        Milliseconds; nodes beyond the limit get an empty box (``inf, inf, -inf, -inf``).
    limit_ms : int
    indptr, arcs, arc_edge
        Of the search graph.
    node_x, node_y : (n,) float64
    edge_box : (m, 4) float64
        ``xmin, ymin, xmax, ymax`` of each edge.
    edge_m : (m,) float64
        Length in the plane of the map.
    out : (k, 4) float64
    """
    for k in range(nodes.size):
        box = (np.inf, np.inf, -np.inf, -np.inf)
        if times[k] <= limit_ms:
            box = _box_around(
                nodes[k], times[k], limit_ms, indptr, arcs, arc_edge, node_x, node_y, edge_box, edge_m
            )
        out[k, 0], out[k, 1], out[k, 2], out[k, 3] = box


@kernel
def mark_boxes(boxes, margin_m, tile_m, tile_i0, tile_j0, marks):
    """Set ``marks`` (rows, columns) to True for every tile that a box comes within ``margin_m`` of."""
    rows, columns = marks.shape
    for k in range(boxes.shape[0]):
        if boxes[k, 0] > boxes[k, 2]:
            continue
        i0 = max(int(np.floor((boxes[k, 0] - margin_m) / tile_m)) - tile_i0, 0)
        j0 = max(int(np.floor((boxes[k, 1] - margin_m) / tile_m)) - tile_j0, 0)
        i1 = min(int(np.floor((boxes[k, 2] + margin_m) / tile_m)) - tile_i0, columns - 1)
        j1 = min(int(np.floor((boxes[k, 3] + margin_m) / tile_m)) - tile_j0, rows - 1)
        for j in range(j0, j1 + 1):
            for i in range(i0, i1 + 1):
                marks[j, i] = True


@kernel
def cut_lines(edge, share_from, share_to, vertex_offset, vertex_x, vertex_y, offsets, coords):
    """Cut pieces out of polylines: first count the points, then, called again, write them.

    Parameters
    ----------
    edge : (k,) int32
    share_from, share_to : (k,) float64
        Along the length of the polyline in the plane, ``share_from < share_to``.
    vertex_offset, vertex_x, vertex_y
        Of the street network.
    offsets : (k + 1,) int64
        First call: filled with the running number of points. Second call: read.
    coords : (points, 2) float64
        Empty in the first call; filled in the second.
    """
    writing = coords.shape[0] > 0
    if not writing:
        offsets[0] = 0
    for k in range(edge.size):
        first = vertex_offset[edge[k]]
        last = vertex_offset[edge[k] + 1] - 1
        total = 0.0
        for v in range(first, last):
            total += np.hypot(vertex_x[v + 1] - vertex_x[v], vertex_y[v + 1] - vertex_y[v])
        begin = share_from[k] * total
        end = share_to[k] * total
        at = offsets[k]
        points = 0
        done = 0.0
        for v in range(first, last):
            dx = vertex_x[v + 1] - vertex_x[v]
            dy = vertex_y[v + 1] - vertex_y[v]
            step = np.hypot(dx, dy)
            if v == last - 1 or done + step >= end:
                stop = min(max((end - done) / step, 0.0), 1.0) if step > 0 else 1.0
            else:
                stop = 1.0
            if points == 0 and (done + step > begin or v == last - 1):
                t = min(max((begin - done) / step, 0.0), 1.0) if step > 0 else 0.0
                if writing:
                    coords[at, 0] = vertex_x[v] + t * dx
                    coords[at, 1] = vertex_y[v] + t * dy
                points = 1
            if points > 0:
                if writing:
                    # An end of the street is copied, never computed: pieces meet exactly.
                    coords[at + points, 0] = vertex_x[v + 1] if stop == 1.0 else vertex_x[v] + stop * dx
                    coords[at + points, 1] = vertex_y[v + 1] if stop == 1.0 else vertex_y[v] + stop * dy
                points += 1
            done += step
            if points > 0 and done >= end:
                break
        if not writing:
            offsets[k + 1] = at + points
