"""A street network seen by one profile: who may pass, how long each edge takes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np

from access15.arrays import Bools, Floats, Int32s, Ints, UInt32s
from access15.errors import InputError
from access15.model import StreetNetwork, TravelProfile
from access15.network.delays import edge_delays_s, fixed_times_s
from access15.network.memory import Arcs
from access15.network.speeds import edge_speeds_kph
from access15.network.standing import are, can_stand
from access15.network.turns import restrict
from access15.units import MAX_MS, NOT_REACHED_MS

_GRAPHS: WeakKeyDictionary[StreetNetwork, WeakKeyDictionary[TravelProfile, RoutingGraph]] = (
    WeakKeyDictionary()
)


@dataclass(frozen=True, eq=False)
class RoutingGraph:
    """Directed graph in compressed rows with whole-millisecond times.

    Rows ``0 .. network.n_nodes - 1`` are the nodes of the network. Turn restrictions and no-through streets
    add copies of junctions and sinks behind them (`access15.network.memory`). Ends, lengths and geometry of the
    edges are the network's own arrays; without sinks the rows to enter and to leave an edge are its ends.

    Attributes
    ----------
    indptr : (n + 1,) uint32
        ``indptr[v]:indptr[v + 1]`` are the arcs that leave row ``v``.
    arcs : (a, 2) uint32
        Head row and time in ms.
    arc_edge : (a,) int32
        Edge of the network each arc runs along (for arcs at a sink: the edge entered there).
    tail, head : (m,) int32
        End nodes of each edge in the network.
    forward_ms, backward_ms : (m,) uint32
        Time of each edge in each direction, `NOT_REACHED_MS` where it may not be travelled.
    length_m : (m,) float64
    enter_forward, enter_backward : (m,) int32
        Row whose time is that of the edge's beginning, travelled from tail to head, or from head to tail.
    leave_forward, leave_backward : (m,) int32
        Row at which one arrives behind the edge.
    vertex_offset : (m + 1,) int64
    vertex_x, vertex_y : (k,) float64
        Geometry of the edges, as in the network.
    node_of_extra : (n - n_network,) int32
        Network node of each row behind those of the network.
    standing : (m,) bool
        Edges at which points may join the network (`access15.network.standing`).
    joining : (m,) bool
        Streets that are open to anybody at all: what they join is no island.
    n_network : int
        Rows below it are nodes of the network.
    first_sink : int
        Rows from here on are sinks; arcs into (turned round: out of) them take no time.
    arrive_at_copies : bool
        True if trips end at any copy of a junction and start at the junction itself; turned round, the
        other way.
    """

    indptr: UInt32s
    arcs: UInt32s
    arc_edge: Int32s
    tail: Int32s
    head: Int32s
    forward_ms: UInt32s
    backward_ms: UInt32s
    length_m: Floats
    enter_forward: Int32s
    enter_backward: Int32s
    leave_forward: Int32s
    leave_backward: Int32s
    vertex_offset: Ints
    vertex_x: Floats
    vertex_y: Floats
    node_of_extra: Int32s
    n_network: int
    first_sink: int
    standing: Bools
    joining: Bools
    arrive_at_copies: bool = True

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return len(self.indptr) - 1

    @cached_property
    def forward(self) -> Bools:
        """Edges that may be travelled from tail to head, (m,)."""
        return np.not_equal(self.forward_ms, NOT_REACHED_MS)

    @cached_property
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

    @property
    def out_degree(self) -> Ints:
        """Number of arcs that leave each row, (n,)."""
        bounds = self.indptr.astype(np.int64)
        return bounds[1:] - bounds[:-1]

    @cached_property
    def node_of(self) -> Int32s:
        """Network node of each row, (n,)."""
        return np.concatenate((np.arange(self.n_network, dtype=np.int32), self.node_of_extra))

    @cached_property
    def arc_m(self) -> Floats:
        """Length of each arc, metres."""
        sink = self.first_sink
        start = np.repeat(np.arange(self.n_nodes), self.out_degree)
        return np.where((start >= sink) | (self.arcs[:, 0] >= sink), 0.0, self.length_m[self.arc_edge])

    @cached_property
    def copies(self) -> dict[int, list[int]]:
        """Copies of each junction that has any."""
        found: dict[int, list[int]] = {}
        for row in range(self.n_network, self.first_sink):
            found.setdefault(int(self.node_of_extra[row - self.n_network]), []).append(row)
        return found

    @cached_property
    def reversed(self) -> RoutingGraph:
        """The same streets with every arc turned round: searches *to* a facility run on it."""
        start = np.repeat(np.arange(self.n_nodes, dtype=np.int32), self.out_degree)
        indptr, order = _rows(self.arcs[:, 0].astype(np.int64), self.n_nodes)
        arcs = np.column_stack((start[order].astype(np.uint32), self.arcs[order, 1]))
        return replace(
            self,
            indptr=indptr,
            arcs=np.ascontiguousarray(arcs),
            arc_edge=self.arc_edge[order],
            forward_ms=self.backward_ms,
            backward_ms=self.forward_ms,
            enter_forward=self.leave_backward,
            leave_forward=self.enter_backward,
            enter_backward=self.leave_forward,
            leave_backward=self.enter_forward,
            arrive_at_copies=not self.arrive_at_copies,
        )


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
    times, fixed_s = [], fixed_times_s(network, profile)
    for kph, delay_s in zip((forward_kph, backward_kph), edge_delays_s(network, profile), strict=True):
        with np.errstate(divide="ignore", invalid="ignore"):
            seconds = np.where(np.isnan(fixed_s), network.length_m * 3.6 / kph + delay_s, fixed_s)
        allowed = np.isfinite(kph)
        milliseconds = np.where(allowed, np.minimum(np.rint(seconds * 1000), MAX_MS), NOT_REACHED_MS)
        times.append(milliseconds.astype(np.uint32))
    if (times[0] == NOT_REACHED_MS).all() and (times[1] == NOT_REACHED_MS).all():
        if not network.n_edges:
            raise InputError(
                "the network has no streets: check that the road data and their extent are the right ones"
            )
        raise InputError(
            f"the profile {profile.name!r} may use none of the {network.n_edges:,} streets: check the access tags of the "
            "road data or choose another mode"
        )
    u_turn_ms = round(1000 * profile.delay_s.get("u_turn", 0.0))
    return _graph(
        network,
        times[0],
        times[1],
        u_turn_ms if profile.travel_mode.turn_rules else None,
        can_stand(network, profile),
    )


def _graph(
    network: StreetNetwork, forward_ms: UInt32s, backward_ms: UInt32s, u_turn_ms: int | None, standing: Bools
) -> RoutingGraph:
    """Compile the arcs; ``u_turn_ms`` is None for modes that no turn restriction binds."""
    # 1. One arc per edge and direction that may be travelled.
    tail, head = network.edge_from, network.edge_to
    anybody = (network.access_forward | network.access_backward) > 0
    forward = np.flatnonzero(forward_ms != NOT_REACHED_MS).astype(np.int32)
    backward = np.flatnonzero(backward_ms != NOT_REACHED_MS).astype(np.int32)
    plain = Arcs.plain(
        start=np.concatenate((tail[forward], head[backward])),
        stop=np.concatenate((head[forward], tail[backward])),
        edge=np.concatenate((forward, backward)),
        along=np.arange(len(forward) + len(backward)) < len(forward),
    )
    # 2. Turn restrictions: copies of junctions, and sinks behind them at which a trip may end.
    arcs = plain if u_turn_ms is None else restrict(network, plain, u_turn_ms)
    first_sink = network.n_nodes + len(arcs.copy_of)
    n = first_sink + len(arcs.sink_arc)
    # 3. Times; an arc into a sink takes none.
    time = np.where(arcs.along, forward_ms[arcs.edge], backward_ms[arcs.edge]) + arcs.extra_ms
    time[arcs.stop >= first_sink] = 0
    # 4. From which row an edge is entered, and at which one arrives behind it.
    enter_forward, enter_backward, leave_forward, leave_backward = tail, head, head, tail
    if arcs is not plain:
        enter_forward, enter_backward, leave_forward, leave_backward = _ends(
            arcs, len(plain.start), first_sink, tail, head
        )
    # 5. Compressed rows.
    indptr, order = _rows(arcs.start.astype(np.int64), n)
    rows = np.column_stack((arcs.stop[order].astype(np.uint32), time[order].astype(np.uint32)))
    return RoutingGraph(
        indptr=indptr,
        arcs=np.ascontiguousarray(rows),
        arc_edge=arcs.edge[order],
        tail=tail,
        head=head,
        forward_ms=forward_ms,
        backward_ms=backward_ms,
        length_m=network.length_m,
        enter_forward=enter_forward,
        enter_backward=enter_backward,
        leave_forward=leave_forward,
        leave_backward=leave_backward,
        vertex_offset=network.vertex_offset,
        vertex_x=network.vertex_x,
        vertex_y=network.vertex_y,
        node_of_extra=np.concatenate((arcs.copy_of, plain.start[arcs.sink_arc])),
        n_network=network.n_nodes,
        first_sink=first_sink,
        standing=standing,
        joining=np.asarray(anybody & ~are(network, "ferry"), bool),
    )


def _ends(
    arcs: Arcs, n_plain: int, first_sink: int, tail: Int32s, head: Int32s
) -> tuple[Int32s, Int32s, Int32s, Int32s]:
    """Return the rows to enter each edge forward and backward, and to leave it, on a graph with copies."""
    enter, leave = (tail.copy(), head.copy()), (head.copy(), tail.copy())
    for i, along in enumerate((True, False)):
        own = np.flatnonzero(arcs.along[:n_plain] == along)
        leave[i][arcs.edge[own]] = arcs.stop[own]
        sink = np.flatnonzero(arcs.along[arcs.sink_arc] == along)
        enter[i][arcs.edge[arcs.sink_arc[sink]]] = first_sink + sink
    return *enter, *leave


def _rows(start: Ints, n: int) -> tuple[UInt32s, Ints]:
    """Return ``(indptr, order)`` that group arcs by the row they start at."""
    order = np.argsort(start, kind="stable")
    indptr = np.zeros(n + 1, np.uint32)
    np.cumsum(np.bincount(start, minlength=n), out=indptr[1:])
    return indptr, order
