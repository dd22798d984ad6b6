"""The searches, between positions on a graph; no nouns of the border here."""

from __future__ import annotations

import numpy as np

from access15.arrays import Int32s, Labels, UInt32s
from access15.network import RoutingGraph
from access15.search.on_edges import Entries, Positions, end_entries, start_entries
from access15.units import NOT_REACHED_MS

NO_LABEL = np.uint64(0xFFFFFFFFFFFFFFFF)
LARGEST_MS = NOT_REACHED_MS - 1
"""Search limit that stands for "no limit"."""


def times_and_rows(labels: Labels) -> tuple[UInt32s, Int32s]:
    """Return what labels ends: milliseconds (`NOT_REACHED_MS` for `NO_LABEL`), and rows (-1)."""
    # The halves of `NO_LABEL` are `NOT_REACHED_MS` and, read as a signed number, -1.
    return (labels >> np.uint64(32)).astype(np.uint32), labels.astype(np.uint32).view(np.int32)


def bucket_sizes(graph: RoutingGraph, latest_start_ms: int) -> tuple[int, int]:
    """Return ``(shift, number of buckets)`` of a ring that spans every arc and every start."""
    span = max(graph.largest_ms, latest_start_ms, 1)
    shift = graph.bucket_shift
    while (span >> shift) >= (1 << 20):
        shift += 1
    buckets = 1 << int((span >> shift) + 2).bit_length()
    return shift, buckets


def node_labels(graph: RoutingGraph, starts: Entries, limit_ms: int = LARGEST_MS) -> Labels:
    """Return ``time_ms << 32 | row`` of the nearest start for every node, `NO_LABEL` where not reached."""
    from access15._kernels.nearest import lower_labels

    labels = np.full(graph.n_nodes, NO_LABEL)
    start = (starts.time_ms.astype(np.uint64) << np.uint64(32)) | starts.point.astype(np.uint64)
    node = starts.node.astype(np.uint32)
    lower_labels(graph.indptr, graph.arcs, labels, node, start, limit_ms, graph.bucket_shift, False)
    return labels


def cell_labels(
    graph: RoutingGraph, sites: Positions, cells: Positions, n_cells: int, limit_ms: int = LARGEST_MS
) -> Labels:
    """Return ``time_ms << 32 | site row`` of the nearest site for every cell row, (n_cells,).

    Off-network legs of both ends count; sites and cells on one edge meet along it.
    """
    nodes = node_labels(graph, start_entries(sites, graph), limit_ms)
    labels = np.full(n_cells, NO_LABEL)
    entry = end_entries(cells, graph)
    at_node = nodes[entry.node]
    reached = at_node != NO_LABEL
    time = (at_node[reached] >> np.uint64(32)) + entry.time_ms[reached].astype(np.uint64)
    ok = time <= np.uint64(limit_ms)
    row = at_node[reached][ok] & np.uint64(0xFFFFFFFF)
    np.minimum.at(labels, entry.point[reached][ok], (time[ok] << np.uint64(32)) | row)
    own_edge(graph, sites, cells, labels)
    labels[(labels >> np.uint64(32)) > np.uint64(limit_ms)] = NO_LABEL
    return labels


def own_edge(graph: RoutingGraph, sites: Positions, cells: Positions, labels: Labels) -> None:
    """Lower the labels of cells that share their edge with a site (in place)."""
    from access15._kernels.nearest import own_edge_labels

    here = np.isin(cells.edge, sites.edge)
    if not here.any():
        return
    edge = np.concatenate((sites.edge, cells.edge[here]))
    row = np.concatenate((sites.row, cells.row[here]))
    leg = np.concatenate((sites.leg_ms, cells.leg_ms[here]))
    is_site = np.arange(len(edge)) < len(sites)
    for along, position in (
        (graph.forward, np.concatenate((sites.forward_ms, cells.forward_ms[here]))),
        (graph.backward, np.concatenate((sites.backward_ms, cells.backward_ms[here]))),
    ):
        order = np.lexsort((~is_site, position, edge))
        own_edge_labels(order, edge, position, leg, row, is_site, along, labels)
