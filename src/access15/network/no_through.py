"""Streets where a car may only start or end its trip, and what lies behind them."""

from __future__ import annotations

from typing import Literal

import numpy as np

from access15.arrays import Bools, Int32s
from access15.model import StreetNetwork


def no_through_arcs(network: StreetNetwork, start: Int32s, stop: Int32s, edge: Int32s) -> Bools:
    """Return the arcs that nobody drives through: those of ``no_through`` streets, and those behind them.

    In each connected part of the network the largest strong component of the other streets is the
    outside. A street that can be reached from there only through a ``no_through`` street shares its rule:
    otherwise nobody could get to it.

    Parameters
    ----------
    network : StreetNetwork
    start, stop, edge : (a,) int32
        Nodes and edge of each arc a car may drive.

    Returns
    -------
    (a,) bool
    """
    if not len(network.no_through):
        return np.zeros(len(edge), bool)
    closed = network.no_through[edge]
    if not closed.any():
        return closed
    outside = _outside(network, start, stop, edge, closed)
    inner = ~outside[start] & ~outside[stop]
    cluster = _components(start[inner], stop[inner], network.n_nodes, "weak")
    ends = np.concatenate((start[closed], stop[closed]))
    behind = np.zeros(network.n_nodes, bool)
    behind[cluster[ends[~outside[ends]]]] = True
    behind = behind[cluster] & ~outside
    return np.asarray(closed | behind[start] | behind[stop])


def _outside(network: StreetNetwork, start: Int32s, stop: Int32s, edge: Int32s, closed: Bools) -> Bools:
    """Return the nodes of the longest strong component of open arcs in each connected part, (n,)."""
    n = network.n_nodes
    part = _components(start, stop, n, "weak")
    strong = _components(start[~closed], stop[~closed], n, "strong")
    inside = ~closed & (strong[start] == strong[stop])
    metres = np.bincount(strong[start[inside]], network.length_m[edge[inside]], minlength=n)
    node = np.lexsort((-metres[strong], part))
    first = np.r_[True, part[node][1:] != part[node][:-1]]
    longest = strong[node[first]]
    chosen = np.zeros(n, bool)
    chosen[longest[metres[longest] > 0]] = True
    return np.asarray(chosen[strong])


def _components(start: Int32s, stop: Int32s, n: int, connection: Literal["weak", "strong"]) -> Int32s:
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    # Parallel arcs are merged by the conversion: scipy's strong components never end on repeated entries.
    graph = csr_matrix((np.ones(len(start), np.int8), (start, stop)), shape=(n, n))
    graph.data[:] = 1
    return np.asarray(connected_components(graph, directed=True, connection=connection)[1], np.int32)
