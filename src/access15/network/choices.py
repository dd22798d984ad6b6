"""Which street serves a point: the nearest one that leads somewhere, with three exceptions.

A motorway, where no other street is near enough; an ordinary street beside the long rim of a square, where the way by it
is shorter; the next street on this side, where the leg to the nearest one would cross water. The same choice for points
and for pixels of isochrones.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal
from weakref import WeakKeyDictionary, ref

import numpy as np

from access15.arrays import Bools, Float32s, Floats, Int32s, Ints, UInt8s
from access15.model import LinkReason, StreetNetwork, TravelProfile
from access15.network.islands import leading, linkable
from access15.network.legs import STREET_M, Streets, cross_water, near_water
from access15.network.routing_graph import RoutingGraph, routing_graph
from access15.network.segments import AT_END_M, SegmentIndex, segment_index
from access15.network.standing import are

Role = Literal["origin", "destination"]

MAX_SNAP_M = 5000.0
"""Points further than this from any street are unlinked; below it, time decides, not distance."""

BESIDE_M: Final = 10.0
"""An ordinary street this much further off than the rim of a square may serve a point better."""

_KNOWN: WeakKeyDictionary[RoutingGraph, dict[str, Choices]] = WeakKeyDictionary()


@dataclass(slots=True)
class Found:
    """Where points met the segments of a grid; ``edge`` is -1 for none within reach."""

    edge: Int32s
    fraction: Floats
    leg_m: Floats
    reason: UInt8s

    @classmethod
    def within(cls, points: Floats, index: SegmentIndex | None, reach_m: float) -> Found:
        """Return the nearest place on the grid for each point."""
        from access15._kernels.snap import nearest_segment

        k = len(points)
        segment, t, leg_m = np.full(k, -1, np.int32), np.zeros(k), np.full(k, np.inf)
        if index is not None and k:
            nearest_segment(points, *index.grid, float(reach_m), segment, t, leg_m)
        return cls.on(segment, t, leg_m, index)

    @classmethod
    def on(cls, segment: Int32s, t: Floats, leg_m: Floats, index: SegmentIndex | None) -> Found:
        """Return the places at shares along segments of an index; segment -1 for none."""
        k = len(segment)
        reason = np.where(segment >= 0, LinkReason.LINKED, LinkReason.TOO_FAR).astype(np.uint8)
        out = cls(np.full(k, -1, np.int32), np.full(k, np.nan), leg_m, reason)
        if index is None or not k:
            return out
        met = segment >= 0
        row = segment[met]
        ends = index.segments[row]
        along = index.before_m[row] + t[met] * np.hypot(ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1])
        total = index.edge_m[index.edge[row]]
        share = np.divide(along, total, out=np.zeros_like(along), where=total > 0)
        share[along <= AT_END_M] = 0.0
        share[(total - along <= AT_END_M) & (total > AT_END_M)] = 1.0
        out.edge[met], out.fraction[met] = index.edge[row], share
        return out

    def take(self, rows: Ints, other: Found, reason: LinkReason = LinkReason.LINKED) -> None:
        """Put what another found for some points in the place of what is here."""
        met = other.edge >= 0
        rows = rows[met]
        self.edge[rows], self.fraction[rows] = other.edge[met], other.fraction[met]
        self.leg_m[rows], self.reason[rows] = other.leg_m[met], reason


class Choices:
    """The streets that the points of one role may join under one profile; made once per graph.

    Attributes
    ----------
    rim : (m,) bool
        Rims of squares.
    """

    def __init__(self, network: StreetNetwork, graph: RoutingGraph, role: Role) -> None:
        # Weak: what is kept for a graph must not keep the graph.
        self._of = ref(network), ref(graph)
        self._role: Role = role
        self.rim = are(network, "square")

    @property
    def _network(self) -> StreetNetwork:
        found = self._of[0]()
        assert found is not None, "who asks holds the network"
        return found

    @property
    def _graph(self) -> RoutingGraph:
        found = self._of[1]()
        assert found is not None, "who asks holds the network, which holds its graphs"
        return found

    @classmethod
    def of(cls, network: StreetNetwork, profile: TravelProfile, role: Role) -> Choices:
        """Return the choices of a network, a profile and a role."""
        graph = routing_graph(network, profile)
        known = _KNOWN.setdefault(graph, {})
        if role not in known:
            known[role] = cls(network, graph, role)
        return known[role]

    @cached_property
    def index(self) -> SegmentIndex | None:
        """The grid over all streets that lead somewhere and at which one can stand, and over landings of ferries."""
        return segment_index(self._network, linkable(self._graph, self._role), self._landings())

    @cached_property
    def motorways(self) -> SegmentIndex | None:
        """The grid over those that nobody stands at, for points with no other street near enough."""
        edges = leading(self._graph, self._role) & ~self._graph.standing & are(self._network, "motorway")
        return segment_index(self._network, edges)

    @cached_property
    def ordinary(self) -> SegmentIndex | None:
        """The grid over streets that are not the rim of a square."""
        return segment_index(self._network, linkable(self._graph, self._role) & ~self.rim)

    @cached_property
    def fragments(self) -> SegmentIndex | None:
        """The grid over streets that the profile may use and that lead nowhere."""
        open_to = self._graph.standing & (self._graph.forward | self._graph.backward)
        return segment_index(self._network, open_to & ~leading(self._graph, self._role))

    @cached_property
    def _streets(self) -> Streets:
        return Streets(self._network, linkable(self._graph, self._role))

    @cached_property
    def _round_m(self) -> Floats:
        return _round_squares(self._network, linkable(self._graph, self._role), self.rim)

    def _landings(self) -> tuple[Ints, Ints]:
        """Return the ends of ferries that no street one can stand at meets: ``(edges, 0 or 1)``.

        One steps on and off a ferry at its ends; where a landing has no street of its own, the end itself is joined.
        """
        network, graph = self._network, self._graph
        ferry = np.flatnonzero(are(network, "ferry") & leading(graph, self._role) & ~graph.standing)
        firm = np.zeros(network.n_nodes, bool)
        if len(ferry):
            streets = linkable(graph, self._role)
            firm[network.edge_from[streets]] = True
            firm[network.edge_to[streets]] = True
        row, side = np.nonzero(~firm[np.column_stack((network.edge_from[ferry], network.edge_to[ferry]))])
        return ferry[row], side

    @cached_property
    def _lonely_m(self) -> float:
        """A point nearer than this to a motorway has another street near enough, metres."""
        if self.motorways is None:
            return np.inf
        ends = self.motorways.segments
        middle, step = (ends[:, :2] + ends[:, 2:]) / 2, ends[:, 2:] - ends[:, :2]
        leg_m = np.minimum(Found.within(middle, self.index, MAX_SNAP_M).leg_m, MAX_SNAP_M)
        return float((MAX_SNAP_M - leg_m - np.hypot(*step.T) / 2).min())

    def elsewhere(self, max_m: float) -> bool:
        """Return whether a leg of ``max_m`` may cross water, or end at a motorway for want of another street."""
        return bool(len(self._network.water_river)) or self._lonely_m < max_m

    def may_change(self, points: Floats, linked: Bools, leg_m: Floats | Float32s, max_m: float) -> Bools:
        """Return the points, (k,), that may have water or only a motorway near; ``linked`` have a nearest street."""
        out = ~linked if self._lonely_m < max_m else np.zeros(len(points), bool)
        if len(self._network.water_river):
            at = np.flatnonzero(linked)
            out[at] |= near_water(self._network, points[at], leg_m[at])
        return np.asarray(out, bool)

    def amend(self, points: Floats, found: Found, max_m: float) -> None:
        """Apply the exceptions to the nearest streets of points, in place.

        Parameters
        ----------
        points : (k, 2) float64
            In the CRS of the network.
        found : Found
            The nearest place of each on `index`, within ``max_m``.
        max_m : float
            Longest leg.
        """
        self._on_motorways(points, found, max_m)
        self._beside_squares(points, found)
        self._keep_dry(points, found, max_m)

    def _on_motorways(self, points: Floats, found: Found, max_m: float) -> None:
        lost = np.flatnonzero(found.edge < 0)
        if not len(lost) or self.motorways is None:
            return
        there = Found.within(points[lost], self.motorways, max_m)
        lost, near = lost[there.edge >= 0], there.edge >= 0
        # However short the ways asked for: who has an ordinary street within reach of a walk has not a motorway.
        served = Found.within(points[lost], self.index, max(max_m, MAX_SNAP_M)).edge >= 0
        there.edge[np.flatnonzero(near)[served]] = -1
        found.take(np.flatnonzero(found.edge < 0), there, LinkReason.ON_MOTORWAY)

    def _beside_squares(self, points: Floats, found: Found) -> None:
        """Let an ordinary street serve the points at the rim of a square where that is the shorter way.

        From the nearest place on a long rim it may be a long walk to any street that leaves the square. What counts is
        the leg and the way to the nearest junction, along the rim to one where another street meets it.
        """
        if not self.rim.any():
            return
        at = np.flatnonzero((found.edge >= 0) & self.rim[found.edge])
        if not len(at) or self.ordinary is None:
            return
        other = Found.within(points[at], self.ordinary, float(found.leg_m[at].max()) + BESIDE_M)
        near = (other.edge >= 0) & (other.leg_m <= found.leg_m[at] + BESIDE_M)
        if not near.any():
            return
        network, edge, share = self._network, found.edge[at], found.fraction[at]
        length = network.length_m[edge]
        rim_m = found.leg_m[at] + np.minimum(
            share * length + self._round_m[network.edge_from[edge]],
            (1 - share) * length + self._round_m[network.edge_to[edge]],
        )
        way_m = np.minimum(other.fraction, 1 - other.fraction) * network.length_m[other.edge]
        other.edge[~(near & (other.leg_m + way_m < rim_m))] = -1
        found.take(at, other)

    def _keep_dry(self, points: Floats, found: Found, max_m: float) -> None:
        """Link points whose leg would cross water to the next street on their side, or to none."""
        if not len(self._network.water_river):
            return
        at = np.flatnonzero((found.edge >= 0) & (found.leg_m > STREET_M))
        at = at[near_water(self._network, points[at], found.leg_m[at])]
        wet = at[
            cross_water(self._network, points[at], _places(self._network, found.edge[at], found.fraction[at]))
        ]
        if not len(wet):
            return
        edge, share, leg_m = self._streets.on_this_side(self._network, points[wet], found.leg_m[wet], max_m)
        dry = edge >= 0
        found.edge[wet], found.fraction[wet] = edge, share
        found.leg_m[wet[dry]] = leg_m[dry]
        found.reason[wet[~dry]] = LinkReason.ACROSS_WATER


def _places(network: StreetNetwork, edge: Int32s, share: Floats) -> Floats:
    """Return the positions at shares along edges, (k, 2)."""
    import shapely

    xy = np.column_stack((network.vertex_x, network.vertex_y))
    first, count = network.vertex_offset[edge], np.diff(network.vertex_offset)[edge]
    rows = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + np.repeat(first, count)
    lines = shapely.linestrings(xy[rows], indices=np.repeat(np.arange(len(edge)), count))
    return np.asarray(
        shapely.get_coordinates(shapely.line_interpolate_point(lines, share, normalized=True)), float
    )


def _round_squares(network: StreetNetwork, edges: Bools, rim: Bools) -> Floats:
    """Return how far it is round a square from each node to one where another street meets it, metres."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import dijkstra

    met = np.zeros(network.n_nodes, bool)
    met[network.edge_from[edges & ~rim]] = True
    met[network.edge_to[edges & ~rim]] = True
    row = np.flatnonzero(edges & rim)
    tail, head = network.edge_from[row], network.edge_to[row]
    nodes, place = np.unique(np.concatenate((tail, head)), return_inverse=True)
    k = len(nodes)
    # A row behind the others stands for all exits; 1 mm to it keeps the arc, for 0 means none.
    exits = np.flatnonzero(met[nodes])
    start = np.concatenate((place, np.full(len(exits), k)))
    stop = np.concatenate((place[len(row) :], place[: len(row)], exits))
    length = np.concatenate((network.length_m[row], network.length_m[row], np.full(len(exits), AT_END_M)))
    shortest: dict[tuple[int, int], float] = {}
    for pair, metres in zip(zip(start.tolist(), stop.tolist(), strict=True), length.tolist(), strict=True):
        shortest[pair] = min(metres, shortest.get(pair, np.inf))
    ends = np.array(list(shortest), np.int64).reshape(-1, 2).T
    links = coo_matrix(
        (np.maximum(list(shortest.values()), AT_END_M), tuple(ends)), shape=(k + 1, k + 1)
    ).tocsr()
    out = np.zeros(network.n_nodes)
    out[nodes] = dijkstra(links, indices=[k])[0, :k]
    return out
