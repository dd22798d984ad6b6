"""A street network seen by one profile: who may pass, how long each edge takes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from access15.errors import InputError
from access15.model import StreetNetwork, TravelProfile
from access15.network.speeds import edge_speeds_kph
from access15.units import MAX_MS, NOT_REACHED_MS

UInt32s = npt.NDArray[np.uint32]
Bools = npt.NDArray[np.bool_]

CORE_M = 2000.0
"""A component is worth travelling on from this street length on: anything smaller is crossed on foot
within a quarter of an hour, and being cut off is more likely a hole in the map than an island …"""
CORE_SHARE = 0.1
"""… or from this share of all permitted streets, so that small networks work too."""

_GRAPHS: WeakKeyDictionary[StreetNetwork, WeakKeyDictionary[TravelProfile, RoutingGraph]] = (
    WeakKeyDictionary()
)


@dataclass(frozen=True, eq=False)
class RoutingGraph:
    """Directed graph in compressed rows with whole-millisecond times.

    Attributes
    ----------
    indptr : (n + 1,) uint32
        ``indptr[v]:indptr[v + 1]`` are the arcs that leave node ``v``.
    arcs : (a, 2) uint32
        Head node and time in ms.
    arc_edge : (a,) int32
        Edge of the network each arc runs along.
    tail, head : (m,) int32
        End nodes of each edge.
    forward_ms, backward_ms : (m,) uint32
        Time of each edge in each direction, `NOT_REACHED_MS` where it may not be travelled.
    length_m : (m,) float64
    """

    indptr: UInt32s
    arcs: UInt32s
    arc_edge: npt.NDArray[np.int32]
    tail: npt.NDArray[np.int32]
    head: npt.NDArray[np.int32]
    forward_ms: UInt32s
    backward_ms: UInt32s
    length_m: npt.NDArray[np.float64]

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return len(self.indptr) - 1

    @property
    def forward(self) -> Bools:
        """Edges that may be travelled from tail to head, (m,)."""
        return np.not_equal(self.forward_ms, NOT_REACHED_MS)

    @property
    def backward(self) -> Bools:
        """Edges that may be travelled from head to tail, (m,)."""
        return np.not_equal(self.backward_ms, NOT_REACHED_MS)

    @cached_property
    def largest_ms(self) -> int:
        """Time of the slowest arc."""
        return int(self.arcs[:, 1].max(initial=0))

    @cached_property
    def bucket_shift(self) -> int:
        """Bucket width of the search as a power of two of milliseconds: about half a mean arc."""
        mean = float(self.arcs[:, 1].mean()) if len(self.arcs) else 1024.0
        return int(np.clip(np.log2(max(mean, 1.0)) - 1, 6, 20))

    @cached_property
    def reversed(self) -> RoutingGraph:
        """The same streets with every arc turned round: searches *to* a facility run on it."""
        return _graph(self.n_nodes, self.tail, self.head, self.backward_ms, self.forward_ms, self.length_m)

    @cached_property
    def core(self) -> Bools:
        """Nodes of the components worth travelling on, (n,): one can go from any to any inside each.

        Strongly connected components with at least `CORE_M` of permitted street inside, or `CORE_SHARE` of
        all permitted street where that is less.
        """
        from scipy.sparse import csr_matrix
        from scipy.sparse.csgraph import connected_components

        n = self.n_nodes
        if not len(self.arcs):
            return np.zeros(n, bool)
        ones = np.ones(len(self.arcs))
        graph = csr_matrix(
            (ones, self.arcs[:, 0].astype(np.int32), self.indptr.astype(np.int32)), shape=(n, n)
        )
        # Parallel arcs must be merged first: scipy's strong components never end on repeated entries.
        graph.sum_duplicates()
        count, component = connected_components(graph, directed=True, connection="strong")
        usable = (self.forward | self.backward) & (component[self.tail] == component[self.head])
        inside_m = np.bincount(component[self.tail[usable]], self.length_m[usable], minlength=count)
        total_m = float(self.length_m[self.forward | self.backward].sum())
        large = inside_m >= min(CORE_M, CORE_SHARE * total_m)
        large &= inside_m > 0
        return np.asarray(large[component])

    @cached_property
    def leads_to_core(self) -> Bools:
        """Nodes from which the core can be reached, (n,); all nodes where there is no core."""
        return _reaching(self.reversed, self.core)

    @cached_property
    def led_to_by_core(self) -> Bools:
        """Nodes that can be reached from the core, (n,); all nodes where there is no core."""
        return _reaching(self, self.core)

    def linkable(self, role: str) -> Bools:
        """Return the edges a point may be linked to, (m,).

        An ``origin`` needs a way from its edge into the core, a ``destination`` a way from the core to its
        edge: fragments, gated compounds and stubs that lead nowhere do not capture points.
        """
        if role == "origin":
            ok = self.leads_to_core
            return (self.forward & ok[self.head]) | (self.backward & ok[self.tail])
        ok = self.led_to_by_core
        return (self.forward & ok[self.tail]) | (self.backward & ok[self.head])


def routing_graph(network: StreetNetwork, profile: TravelProfile) -> RoutingGraph:
    """Return the network as ``profile`` travels it (compiled once per pair of objects).

    Raises
    ------
    InputError
        If the profile may not use a single street.
    """
    per_profile = _GRAPHS.setdefault(network, WeakKeyDictionary())
    known = per_profile.get(profile)
    if known is None:
        known = per_profile[profile] = _compile(network, profile)
    return known


def _compile(network: StreetNetwork, profile: TravelProfile) -> RoutingGraph:
    forward_kph, backward_kph = edge_speeds_kph(network, profile)
    times = []
    for kph in (forward_kph, backward_kph):
        with np.errstate(divide="ignore", invalid="ignore"):
            seconds = np.where(np.isnan(network.duration_s), network.length_m * 3.6 / kph, network.duration_s)
        allowed = np.isfinite(kph)
        milliseconds = np.where(allowed, np.minimum(np.rint(seconds * 1000), MAX_MS), NOT_REACHED_MS)
        times.append(milliseconds.astype(np.uint32))
    if (times[0] == NOT_REACHED_MS).all() and (times[1] == NOT_REACHED_MS).all():
        what = (
            f"none of the {network.n_edges:,} streets"
            if network.n_edges
            else "a network without streets; nothing"
        )
        raise InputError(
            f"the profile {profile.name!r} may use {what}: check the access tags of the road data or choose another mode"
        )
    return _graph(network.n_nodes, network.edge_from, network.edge_to, times[0], times[1], network.length_m)


def _graph(
    n: int,
    tail: npt.NDArray[np.int32],
    head: npt.NDArray[np.int32],
    forward_ms: UInt32s,
    backward_ms: UInt32s,
    length_m: npt.NDArray[np.float64],
) -> RoutingGraph:
    forward = np.flatnonzero(forward_ms != NOT_REACHED_MS).astype(np.int32)
    backward = np.flatnonzero(backward_ms != NOT_REACHED_MS).astype(np.int32)
    start = np.concatenate((tail[forward], head[backward]))
    stop = np.concatenate((head[forward], tail[backward]))
    time = np.concatenate((forward_ms[forward], backward_ms[backward]))
    edge = np.concatenate((forward, backward))
    order = np.argsort(start, kind="stable")
    indptr = np.zeros(n + 1, np.uint32)
    np.cumsum(np.bincount(start, minlength=n), out=indptr[1:])
    arcs = np.empty((len(order), 2), np.uint32)
    arcs[:, 0] = stop[order]
    arcs[:, 1] = time[order]
    return RoutingGraph(indptr, arcs, edge[order], tail, head, forward_ms, backward_ms, length_m)


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
