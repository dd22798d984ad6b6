"""Which parts of a network are worth travelling on: islands stay, holes in the map do not capture points.

A part is a strong component: one can go from any of its nodes to any other. Its size tells too little. In Porto the
paths that the map fails to join to the rest are 2 to 3 km long and end 0 to 50 m from other streets; the inhabited
islands of Porto Alegre have 2.5 to 7 km of street, 900 m and more from the mainland.
"""

from __future__ import annotations

from typing import Final
from weakref import WeakKeyDictionary

import numpy as np

from access15.arrays import Bools, Floats, Int32s, Ints
from access15.network.routing_graph import RoutingGraph

ISLAND_M: Final = 20_000.0
"""A component with this length of permitted street is worth travelling on …"""
CORE_SHARE: Final = 0.1
"""… and so is one with this share of all permitted street, so that small networks work too."""
JOINED_SHARE: Final = 0.2
"""A part of less than this share of the longest that only streets of other modes join to it is a hole in what the
mode may use, no place of its own."""
CORE_M: Final = 2000.0
"""A smaller one is an island from this length on, if it lies apart; anything smaller is crossed on foot within a
quarter of an hour."""
APART_M: Final = 100.0
"""Streets that come nearer than this to a larger component and do not join it are cut off by a hole in the map."""


_KNOWN: WeakKeyDictionary[RoutingGraph, dict[str, Bools]] = WeakKeyDictionary()
"""What was found once for a graph: its core, and the edges that either role may be linked to."""


def leading(graph: RoutingGraph, role: str) -> Bools:
    """Return the edges that lead somewhere, (m,).

    An ``origin`` needs a way from its edge into the core, a ``destination`` a way from the core to its
    edge: fragments, gated compounds and stubs that lead nowhere do not capture points.
    """
    known = _KNOWN.setdefault(graph, {})
    if role not in known:
        core = core_nodes(graph)
        if role == "origin":
            ok = _reaching(graph.reversed, core)
            forward, backward = ok[graph.leave_forward], ok[graph.leave_backward]
        else:
            ok = _reaching(graph, core)
            forward, backward = ok[graph.enter_forward], ok[graph.enter_backward]
        known[role] = (graph.forward & forward) | (graph.backward & backward)
    return known[role]


def linkable(graph: RoutingGraph, role: str) -> Bools:
    """Return the edges a point may be linked to, (m,): those that lead somewhere, and at which one can stand."""
    return leading(graph, role) & graph.standing


def core_nodes(graph: RoutingGraph) -> Bools:
    """Return the rows of the components worth travelling on, (n,); searched for once per graph.

    Strong components with at least `ISLAND_M` of permitted street inside, or `CORE_SHARE` of all permitted
    street where that is less (and `JOINED_SHARE` of the longest where only streets of another mode join
    it to that); and those with at least `CORE_M` that no street joins to a larger component and
    none of whose streets comes within `APART_M` of one.
    """
    known = _KNOWN.setdefault(graph, {})
    if "core" not in known:
        known["core"] = _core_nodes(graph)
    return known["core"]


def _core_nodes(graph: RoutingGraph) -> Bools:
    if not len(graph.arcs):
        return np.zeros(graph.n_nodes, bool)
    component, weak = _components(graph)
    start = np.repeat(np.arange(graph.n_nodes), graph.out_degree)
    stop = graph.arcs[:, 0]
    within = np.flatnonzero(
        (component[start] == component[stop]) & (np.maximum(start, stop) < graph.first_sink)
    )
    edge_component = np.full(len(graph.length_m), -1)
    edge_component[graph.arc_edge[within]] = component[stop[within]]
    inside = edge_component >= 0
    length_m = np.bincount(edge_component[inside], graph.length_m[inside], minlength=int(component.max()) + 1)
    total_m = float(graph.length_m[graph.forward | graph.backward].sum())
    large = (length_m >= min(ISLAND_M, CORE_SHARE * total_m)) & (length_m > 0)
    part, own = _any_mode(graph, component), np.zeros(len(length_m), np.int32)
    own[component] = weak
    longest = _longest(np.asarray(length_m, float), part)
    joined = own == own[longest][part]
    large &= (length_m >= ISLAND_M) | joined | (length_m >= JOINED_SHARE * length_m[longest][part])
    maybe = np.flatnonzero(~large & (length_m >= CORE_M))
    for one in maybe[np.argsort(-length_m[maybe], kind="stable")]:
        if part[one] not in part[large]:
            large[one] = _apart(graph, edge_component == one, inside & large[edge_component])
    return np.asarray(large[component])


def _any_mode(graph: RoutingGraph, component: Int32s) -> Int32s:
    """Return the part of the network each component belongs to: parts that no street of any mode joins.

    A patch that cars leave only by a track for people on foot is no island, but a hole in what cars may use.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    tail, head = graph.tail[graph.joining], graph.head[graph.joining]
    links = coo_matrix((np.ones(len(tail), np.int8), (tail, head)), shape=(graph.n_network, graph.n_network))
    of_node = connected_components(links, directed=False)[1]
    part = np.zeros(int(component.max()) + 1, np.int32)
    part[component] = of_node[graph.node_of]
    return part


def _longest(length_m: Floats, part: Int32s) -> Ints:
    """Return the longest component of each part."""
    out = np.zeros(int(part.max()) + 1, np.int64)
    order = np.argsort(length_m, kind="stable")
    out[part[order]] = order  # the last one written, the longest, stays
    return out


def _components(graph: RoutingGraph) -> tuple[Int32s, Int32s]:
    """Return the strong component of every row, and what its own mode joins, one-way or not."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    heads, indptr = graph.arcs[:, 0].astype(np.int32), graph.indptr.astype(np.int32)
    matrix = csr_matrix((np.ones(len(heads)), heads, indptr), shape=(graph.n_nodes, graph.n_nodes))
    # Parallel arcs must be merged first: scipy's strong components never end on repeated entries.
    matrix.sum_duplicates()
    _, strong = connected_components(matrix, directed=True, connection="strong")
    _, weak = connected_components(matrix, directed=False)
    return strong, weak


def _apart(graph: RoutingGraph, own: Bools, others: Bools) -> bool:
    """Return whether no vertex of some edges is within `APART_M` of a vertex of the others."""
    from scipy.spatial import cKDTree

    edge = np.repeat(np.arange(len(own)), np.diff(graph.vertex_offset))
    xy = np.column_stack((graph.vertex_x, graph.vertex_y))
    mine = xy[own[edge]]
    theirs = xy[others[edge]]
    near = ((theirs >= mine.min(axis=0) - APART_M) & (theirs <= mine.max(axis=0) + APART_M)).all(axis=1)
    if not near.any():
        return True
    distance, _ = cKDTree(mine).query(theirs[near], distance_upper_bound=APART_M)
    return bool(np.isinf(distance).all())


def _reaching(graph: RoutingGraph, core: Bools) -> Bools:
    """Return the nodes a search on ``graph`` from the core meets; all nodes where there is no core."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import breadth_first_order

    if core.all() or not core.any():
        return np.ones(graph.n_nodes, bool)
    # One extra node with an arc to every core node starts the sweep.
    n = graph.n_nodes
    sources = np.flatnonzero(core).astype(np.int32)
    heads = np.concatenate((graph.arcs[:, 0].astype(np.int32), sources))
    indptr = np.append(graph.indptr.astype(np.int32), len(heads))
    sweep = csr_matrix((np.ones(len(heads), np.int8), heads, indptr), shape=(n + 1, n + 1))
    met = breadth_first_order(sweep, n, directed=True, return_predecessors=False)
    out = np.zeros(n + 1, bool)
    out[met] = True
    return out[:n]
