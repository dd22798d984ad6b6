"""The streets a quickest way runs along, as lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from access15.arrays import Floats, Ints, Objects
from access15.model import LinkedPoints, StreetNetwork, TravelProfile
from access15.network import RoutingGraph, routing_graph
from access15.search.on_edges import Entries, Positions, end_entries, same_edge, start_entries

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Pair = tuple[int, int]

_TINY_MS = 1e-4
"""Added to every arc: a search on a sparse matrix may not meet arcs of 0, and 10 million of them are a second."""


def street_lines(
    network: StreetNetwork, points: LinkedPoints, profile: TravelProfile, pairs: Sequence[Pair]
) -> tuple[Objects, Ints]:
    """Return the quickest way between points on the network, as lines along the streets.

    Parameters
    ----------
    network : StreetNetwork
    points : LinkedPoints
    profile : TravelProfile
    pairs : sequence of (int, int)
        Rows of ``points``: from, to.

    Returns
    -------
    lines : (p,) object array of shapely LineStrings
        In ``network.crs``, from street to street; None where there is no way.
    time_ms : (p,) int64
        Time of each, off-network legs included, -1 where there is none: that of
        `access15.travel_time.linked_times` for the same points.
    """
    finder = _Finder.of(network, points, profile)
    lines, times = np.empty(len(pairs), object), np.full(len(pairs), -1, np.int64)
    by_start: dict[int, list[int]] = {}
    for k, (start, _) in enumerate(pairs):
        by_start.setdefault(start, []).append(k)
    for start, rows in by_start.items():
        ways = finder.ways(start, [pairs[k][1] for k in rows])
        for k, (line, time_ms) in zip(rows, ways, strict=True):
            lines[k], times[k] = line, time_ms
    return lines, times


@dataclass(frozen=True, slots=True, eq=False)
class _Finder:
    """One graph, and the entries of the points on it."""

    network: StreetNetwork
    graph: RoutingGraph
    at: Positions
    start: Entries
    end: Entries
    direct: Entries
    direct_from: Ints
    arcs: csr_array[np.float64]
    edge: dict[Pair, int]

    @classmethod
    def of(cls, network: StreetNetwork, points: LinkedPoints, profile: TravelProfile) -> _Finder:
        from scipy.sparse import csr_array

        graph = routing_graph(network, profile)
        at = Positions.of(points, graph, profile)
        origin, direct = same_edge(at, at, graph)
        tail = np.repeat(np.arange(graph.n_nodes), graph.out_degree)
        head, ms = graph.arcs[:, 0].astype(np.int64), graph.arcs[:, 1].astype(np.float64)
        order = np.lexsort((ms, head, tail))
        # Of parallel arcs the quickest one counts.
        new = np.r_[True, (np.diff(tail[order]) != 0) | (np.diff(head[order]) != 0)][: len(order)]
        kept = order[new]
        arcs = csr_array((ms[kept] + _TINY_MS, (tail[kept], head[kept])), shape=(graph.n_nodes,) * 2)
        edge = dict(
            zip(
                zip(tail[kept].tolist(), head[kept].tolist(), strict=True),
                graph.arc_edge[kept].tolist(),
                strict=True,
            )
        )
        return cls(
            network, graph, at, start_entries(at, graph), end_entries(at, graph), direct, origin, arcs, edge
        )

    def ways(self, origin: int, targets: Sequence[int]) -> list[tuple[Any, int]]:
        """Return line and time from one point to others; None and -1 where there is no way."""
        from scipy.sparse.csgraph import dijkstra

        leaving = np.flatnonzero(self.start.point == origin)
        if not len(leaving):
            return [(None, -1)] * len(targets)
        away, before = dijkstra(self.arcs, indices=self.start.node[leaving], return_predecessors=True)
        found = list(zip(away, before, strict=True))
        return [self._way(origin, target, leaving, found) for target in targets]

    def _way(self, origin: int, target: int, leaving: Any, found: list[Any]) -> tuple[Any, int]:
        """Return the quickest of the ways along one edge and those over junctions."""
        best: tuple[float, Any] = (np.inf, None)
        for k in np.flatnonzero((self.direct.point == target) & (self.direct_from == origin)):
            best = min(best, (float(self.direct.time_ms[k]), ("direct",)), key=lambda item: item[0])
        for k in np.flatnonzero(self.end.point == target):
            for s, (away, before) in zip(leaving, found, strict=True):
                time = self.start.time_ms[s] + float(away[self.end.node[k]]) + self.end.time_ms[k]
                if time < best[0] - 0.5:
                    best = (time, (s, k, before))
        if best[1] is None:
            return None, -1
        return self._line(origin, target, best[1]), round(best[0])

    def _line(self, origin: int, target: int, way: Any) -> Any:
        a, b = (int(np.flatnonzero(self.at.row == row)[0]) for row in (origin, target))
        f, g = float(self.at.fraction[a]), float(self.at.fraction[b])
        if way[0] == "direct":
            return _as_line([self._piece(int(self.at.edge[a]), f, g)])
        s, k, before = way
        rows = [int(self.end.node[k])]
        while rows[-1] != self.start.node[s]:
            rows.append(int(before[rows[-1]]))
        rows.reverse()
        first, last = int(self.at.edge[a]), int(self.at.edge[b])
        parts = [self._piece(first, f, self._end_of(first, rows[0], a, leaving=True))]
        for u, v in pairwise(rows):
            edge = self.edge[u, v]
            if v < self.graph.first_sink:
                along = self.graph.node_of[u] == self.graph.tail[edge]
                parts.append(self._piece(edge, *((0.0, 1.0) if along else (1.0, 0.0))))
        parts.append(self._piece(last, self._end_of(last, rows[-1], b, leaving=False), g))
        return _as_line(parts)

    def _end_of(self, edge: int, row: int, point: int, *, leaving: bool) -> float:
        """Return at which end of its edge (0 or 1) a point's way meets a row of the graph."""
        node, tail, head = self.graph.node_of[row], self.graph.tail[edge], self.graph.head[edge]
        if tail != head:
            return 0.0 if node == tail else 1.0
        ahead_ms = int(self.at.forward_ms[point])
        back_ms = int(self.at.backward_ms[point])
        ahead, behind = bool(self.graph.forward[edge]), bool(self.graph.backward[edge])
        if leaving:  # A loop: the shorter way out, or in, that is allowed.
            ahead_ms, back_ms = (
                int(self.graph.forward_ms[edge]) - ahead_ms,
                int(self.graph.backward_ms[edge]) - back_ms,
            )
        forward = ahead and (not behind or ahead_ms <= back_ms)
        return float(forward == leaving)

    def _piece(self, edge: int, start: float, stop: float) -> Floats:
        """Return the vertices of an edge from one fraction of its length to another, (v, 2)."""
        import shapely
        from shapely.ops import substring

        first, last = self.network.vertex_offset[edge], self.network.vertex_offset[edge + 1]
        xy = np.column_stack((self.network.vertex_x[first:last], self.network.vertex_y[first:last]))
        if (start, stop) == (0.0, 1.0):
            return xy
        if (start, stop) == (1.0, 0.0):
            return xy[::-1]
        return np.asarray(
            shapely.get_coordinates(substring(shapely.LineString(xy), start, stop, normalized=True))
        )


def _as_line(parts: list[Floats]) -> Any:
    """Return pieces as one line without repeated vertices; two equal ones where nothing is travelled."""
    import shapely

    xy = np.concatenate(parts)
    keep = np.r_[True, (np.diff(xy, axis=0) != 0).any(axis=1)]
    return shapely.LineString(xy[keep] if keep.sum() > 1 else xy[[0, -1]])
