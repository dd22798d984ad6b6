"""Neighbourhoods of cells: single linkage by travel time over the streets, in one search."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from access15.arrays import AnyInts, Floats, Ints

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from access15.model import LinkedPoints, StreetNetwork

Arcs = tuple[Ints, Ints, Floats]


def cluster_by_time(
    network: StreetNetwork, edge_ms: Floats, cells: LinkedPoints, leg_ms: Floats, within_ms: float
) -> Ints:
    """Return the cluster of each cell: chains of cells whose neighbours are at most ``within_ms`` apart.

    The time between two cells is door to door: the leg of one, the streets, the leg of the other; a
    one-way street counts both ways. Clusters are exactly those of single linkage over all pairs, from
    one search out of all cells at once: an arc ``u - v`` whose ends are nearest to different cells
    proves a path of ``d(u) + w + d(v)`` between those two, and every pair within ``within_ms`` is
    joined by a chain of such proofs.

    Parameters
    ----------
    network : StreetNetwork
    edge_ms : (m,) float64
        Time along each edge, milliseconds; ``inf`` where the profile may not go.
    cells : LinkedPoints
        ``k`` cells, all linked.
    leg_ms : (k,) float64
        Time of the off-network leg of each cell, milliseconds.
    within_ms : float
        Largest time between neighbours of one cluster, milliseconds, included.

    Returns
    -------
    (k,) int64
        Cluster labels ``0, 1, …`` in the order of their first cell.

    Notes
    -----
    Method: K. Mehlhorn, "A faster approximation algorithm for the Steiner problem in graphs",
    Information Processing Letters 27 (1988), section 2: the pairs that such arcs prove hold a minimum
    spanning tree of all pairs. Whole milliseconds make the comparison with the limit exact.
    """
    from scipy.sparse.csgraph import dijkstra

    k = len(cells)
    if k == 0:
        return np.zeros(0, np.int64)
    n = network.n_nodes + 2 * k
    start, end, time_ms = _arcs(network, np.rint(edge_ms), cells, np.rint(leg_ms))
    homes = network.n_nodes + k + np.arange(k)
    graph = _symmetric(start, end, time_ms, n)
    away_ms, _, home = dijkstra(
        graph, indices=homes, min_only=True, return_predecessors=True, limit=within_ms
    )
    proof = np.flatnonzero(
        (away_ms[start] + time_ms + away_ms[end] <= within_ms) & (home[start] != home[end])
    )
    home = home.astype(np.int64) - homes[0]
    return linked_groups(home[start[proof]], home[end[proof]], k)


def cluster_by_distance(x: Floats, y: Floats, within_m: float) -> Ints:
    """Return the cluster of each point: single linkage by straight distance.

    Parameters
    ----------
    x, y : (k,) float64
        Positions, metres.
    within_m : float
        Largest distance between neighbours of one cluster, metres, included.

    Returns
    -------
    (k,) int64
        Cluster labels ``0, 1, …`` in the order of their first point.
    """
    from access15._kernels.clusters import BESIDE, join_near, roots

    k = len(x)
    if k == 0 or within_m == 0:
        return _in_order_of_first(np.unique(np.column_stack([x, y]), axis=0, return_inverse=True)[1].ravel())
    # All points of one square are near; two squares are looked at where they are not joined already.
    side_m = within_m / math.sqrt(2) * (1 - 1e-9)
    column, row = (np.floor((v - v.min()) / side_m).astype(np.int64) for v in (x, y))
    step = int(row.max()) + 5
    key = column * step + row
    order = np.argsort(key, kind="stable")
    squares, start = np.unique(key[order], return_index=True)
    parent, out = np.arange(k), np.empty(k, np.int64)
    join_near(x, y, order, np.append(start, k), squares, step, BESIDE, within_m, parent)
    roots(parent, out)
    return _in_order_of_first(out)


def linked_groups(one: Ints, other: Ints, count: int) -> Ints:
    """Return the connected group of each of ``count`` things, numbered in the order of their first member."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ones = np.ones(len(one), np.int8)
    graph = coo_array((ones, (one, other)), shape=(count, count))
    return _in_order_of_first(connected_components(graph, directed=False)[1])


def _in_order_of_first(label: AnyInts) -> Ints:
    """Return labels numbered in the order of their first member."""
    _, first, inverse = np.unique(label, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse]


def _arcs(network: StreetNetwork, edge_ms: Floats, cells: LinkedPoints, leg_ms: Floats) -> Arcs:
    """Return the streets cut at the cells, and the legs, as undirected arcs ``start, end, milliseconds``.

    Nodes after those of the network: ``k`` cuts in the order of edge and fraction, then ``k`` cells.
    """
    n, k = network.n_nodes, len(cells)
    order = np.lexsort((cells.fraction, cells.edge))
    edge = cells.edge[order].astype(np.int64)
    with np.errstate(invalid="ignore"):  # a closed edge takes inf: every piece of it is dropped below
        along = np.rint(np.clip(cells.fraction[order], 0, 1) * edge_ms[edge])
        beyond, between = edge_ms[edge] - along, np.diff(along, prepend=0)
    cut = n + np.arange(k)
    first = np.diff(edge, prepend=-1) > 0
    last = np.roll(first, -1)
    inner = np.flatnonzero(~first)
    whole = np.ones(network.n_edges, bool)
    whole[edge] = False
    pieces = [
        (network.edge_from[whole], network.edge_to[whole], edge_ms[whole]),
        (network.edge_from[edge[first]], cut[first], along[first]),
        (cut[inner - 1], cut[inner], between[inner]),
        (cut[last], network.edge_to[edge[last]], beyond[last]),
        (cut, n + k + order, leg_ms[order]),
    ]
    start, end, time_ms = (np.concatenate(column) for column in zip(*pieces, strict=True))
    usable = np.isfinite(time_ms)
    return start[usable].astype(np.int64), end[usable].astype(np.int64), time_ms[usable]


def _symmetric(start: Ints, end: Ints, time_ms: Floats, n: int) -> csr_array:
    """Return the graph with every arc both ways; of parallel arcs the fastest stays (zeros are times)."""
    from scipy.sparse import csr_array

    key = np.concatenate([start * n + end, end * n + start])
    order = np.argsort(key)
    key = key[order]
    first = np.flatnonzero(np.diff(key, prepend=-1))
    fastest = np.minimum.reduceat(np.concatenate([time_ms, time_ms])[order], first) if len(first) else time_ms
    u, v = np.divmod(key[first], n)
    indptr = np.concatenate([[0], np.cumsum(np.bincount(u, minlength=n))])
    return csr_array((fastest, v, indptr), shape=(n, n))
