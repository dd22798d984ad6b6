"""What the closure of a piece of street changes: searched anew behind it, and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from access15.arrays import Bools, Ints, Labels
from access15.errors import MismatchError
from access15.model import NearestTimes, Population, Status, StreetNetwork
from access15.network import RoutingGraph
from access15.search import (
    LARGEST_MS,
    NO_LABEL,
    Entries,
    Positions,
    end_entries,
    node_labels,
    own_edge,
    search_graph,
    start_entries,
)
from access15.units import NOT_REACHED_MS, minutes_to_ms


@dataclass(frozen=True, slots=True, eq=False)
class Closing:
    """Cell rows, rising: no longer covered, and no longer reached at all."""

    lost: Ints
    unreachable: Ints


def bridges(network: StreetNetwork) -> Bools:
    """Return which edges are tagged as bridges, (m,); none where tags are unknown."""
    tagged = [any(_is_bridge(tag) for tag in rule.split(", ")) for rule in network.rules]
    if not len(network.rule) or not any(tagged):
        return np.zeros(network.n_edges, bool)
    return np.array(tagged, bool)[network.rule]


def _is_bridge(tag: str) -> bool:
    return tag.startswith("bridge=") and tag != "bridge=no"


class Closures:
    """Every way to close one piece of street, or one bridge, and whom it can uncover.

    Parameters
    ----------
    network : StreetNetwork
    population : Population
    times : NearestTimes
        Before any closure.
    minutes : float
        Cut-off.

    Attributes
    ----------
    people : (n,) float64
    covered : (n,) bool
        Cells covered before any closure.
    is_bridge : (m,) bool
    bound : (c,) float64
        Covered people behind each closure: none of the others can lose by it.
    """

    def __init__(
        self, network: StreetNetwork, population: Population, times: NearestTimes, minutes: float
    ) -> None:
        self.people = population.people
        self.is_bridge = bridges(network)
        self._reached = np.isin(times.status, (Status.REACHED, Status.BEYOND_LIMIT))
        self._limit_ms = minutes_to_ms(minutes)
        graph = search_graph(network, times.profile, times.direction)
        self._graph, back = graph, graph.reversed
        self._sites = Positions.of_sites(times.sites, graph, times.profile)
        self._cells = Positions.of(times.cells, graph, times.profile)
        self._number(network)
        self._closing = _arcs_by_closure(graph, self._closure_of)
        self._closing_back = _arcs_by_closure(back, self._closure_of)
        # Private copies: arcs are closed and opened again in place.
        self._arcs, self._back_arcs = graph.arcs.copy(), back.arcs.copy()
        self._back_indptr = back.indptr
        self._prepare(len(self.people))
        self.covered = self._new != NO_LABEL
        if not np.array_equal(self.covered, times.within(minutes)):
            raise MismatchError(
                "the times are not those of nearest_times on these streets: compute them with it"
            )
        self._find_bounds()

    def _number(self, network: StreetNetwork) -> None:
        """Give every edge its closure: pieces of one bridge share one."""
        own = np.arange(network.n_edges)
        if self.is_bridge.any():
            rows = np.flatnonzero(self.is_bridge)
            _, first, which = np.unique(network.way_id[rows], return_index=True, return_inverse=True)
            own[rows] = rows[first[which]]
        _, self._closure_of = np.unique(own, return_inverse=True)
        n = int(self._closure_of.max(initial=-1)) + 1
        self._edge_order = np.argsort(self._closure_of, kind="stable")
        self._edge_ptr = np.searchsorted(self._closure_of[self._edge_order], np.arange(n + 1))

    def _prepare(self, n_cells: int) -> None:
        """Search once without any closure, and note from where each cell is entered."""
        graph, limit = self._graph, self._limit_ms
        self._start = _from_own_end(start_entries(self._sites, graph), self._sites, graph)
        start = self._start
        self._labels = node_labels(graph, start, limit)
        label = (start.time_ms.astype(np.uint64) << np.uint64(32)) | start.point.astype(np.uint64)
        self._start_labels: Labels = np.full(graph.n_nodes, NO_LABEL)
        np.minimum.at(self._start_labels, start.node, label)
        self._direct: Labels = np.full(n_cells, NO_LABEL)
        own_edge(graph, _inside(self._sites), _inside(self._cells), self._direct)
        ends = _from_own_end(end_entries(self._cells, graph), self._cells, graph)
        at_node, order = ends.rows_by(ends.node, graph.n_nodes)
        self._cell_at = (at_node, ends.point[order])
        by_cell, order = ends.rows_by(ends.point, n_cells)
        self._end_entries = (by_cell, ends.node[order], ends.time_ms[order])
        self._seen = np.zeros(n_cells, np.int64)
        self._stamp = 0
        self._new: Labels = np.full(n_cells, NO_LABEL)
        self._renew(np.arange(n_cells))

    def _renew(self, cells: Ints) -> None:
        from access15._kernels.what_if import renew_cells

        renew_cells(cells, *self._end_entries, self._labels, self._direct, self._limit_ms, self._new)

    def _find_bounds(self) -> None:
        """Find the shortest-path forest, and count the covered people behind every closure."""
        from access15._kernels.shortest_path_forest import add_behind, shortest_path_forest

        graph = self._graph
        start = np.flatnonzero(self._start_labels != NO_LABEL)
        self._order, before, by_arc, self._size = shortest_path_forest(
            graph.indptr, graph.arcs, self._labels, start.astype(np.uint32), self._start_labels[start]
        )
        cells, row = self._entered()
        behind = np.bincount(row, self.people[cells], graph.n_nodes)[self._order]
        add_behind(before, behind)
        closure = np.full(len(self._order), -1)
        inner = by_arc >= 0
        closure[inner] = _closure_of_arcs(graph, self._closure_of)[by_arc[inner]]
        # The next piece of the same closure is behind the first one already.
        first = (closure >= 0) & (closure != np.where(before >= 0, closure[before], -1))
        place = np.flatnonzero(first)
        place = place[np.argsort(closure[place], kind="stable")]
        n = len(self._edge_ptr) - 1
        self.bound = np.bincount(closure[place], behind[place], n)
        self._place, self._place_ptr = place, np.searchsorted(closure[place], np.arange(n + 1))

    def _entered(self) -> tuple[Ints, Ints]:
        """Return the covered cells that are entered from a row, each with one such row."""
        by_cell, node, time_ms = self._end_entries
        cell = np.repeat(np.arange(len(by_cell) - 1), np.diff(by_cell))
        label = self._labels[node]
        tight = (label != NO_LABEL) & (self._new[cell] != NO_LABEL) & (self._direct[cell] != self._new[cell])
        tight &= label + (time_ms.astype(np.uint64) << np.uint64(32)) == self._new[cell]
        cells, first = np.unique(cell[tight], return_index=True)
        return cells, node[tight][first]

    def edges(self, closure: int) -> Ints:
        """Return the edges that a closure closes."""
        return self._edge_order[self._edge_ptr[closure] : self._edge_ptr[closure + 1]]

    def people_along(self, edges: Ints) -> float:
        """Return the covered people whose place on the network is on some edges, ends not counted."""
        at = self._cells
        here = np.isin(at.edge, edges) & (at.fraction > 0) & (at.fraction < 1)
        rows = at.row[here]
        return float(self.people[rows[self.covered[rows]]].sum())

    def lost(self, closure: int) -> Ints:
        """Return the cells that a closure uncovers, rising: everything behind it is searched anew."""
        from access15._kernels.nearest import lower_labels
        from access15._kernels.what_if import cells_at, labels_from_outside

        graph, labels, limit = self._graph, self._labels, self._limit_ms
        places = self._place[self._place_ptr[closure] : self._place_ptr[closure + 1]]
        rows = np.concatenate([self._order[k : k + self._size[k]] for k in places])
        known = labels[rows]
        labels[rows] = NO_LABEL
        arcs, back = self._closing.of(closure), self._closing_back.of(closure)
        open_ms, open_back_ms = self._arcs[arcs, 1], self._back_arcs[back, 1]
        self._arcs[arcs, 1] = self._back_arcs[back, 1] = NOT_REACHED_MS
        node, label = labels_from_outside(self._back_indptr, self._back_arcs, labels, rows, limit)
        inside = rows[self._start_labels[rows] != NO_LABEL]
        lower_labels(
            graph.indptr,
            self._arcs,
            labels,
            np.concatenate((node, inside)),
            np.concatenate((label, self._start_labels[inside])),
            limit,
            graph.bucket_shift,
            False,
        )
        self._stamp += 1
        cells = cells_at(rows, *self._cell_at, self._seen, self._stamp)
        self._renew(cells)
        self._arcs[arcs, 1], self._back_arcs[back, 1] = open_ms, open_back_ms
        labels[rows] = known
        return np.sort(cells[self.covered[cells] & (self._new[cells] == NO_LABEL)])

    def close_anew(self, closure: int) -> Closing:
        """Return what a closure changes by a search from scratch, without a limit."""
        from access15._kernels.what_if import renew_cells

        arcs = self._graph.arcs.copy()
        arcs[self._closing.of(closure), 1] = NOT_REACHED_MS
        labels: Labels = np.full(len(self.people), NO_LABEL)
        at_rows = node_labels(replace(self._graph, arcs=arcs), self._start)
        renew_cells(np.arange(len(labels)), *self._end_entries, at_rows, self._direct, LARGEST_MS, labels)
        late = (labels >> np.uint64(32)) > np.uint64(self._limit_ms)
        return Closing(
            np.flatnonzero(self.covered & late), np.flatnonzero(self._reached & (labels == NO_LABEL))
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Grouped:
    """Arcs by closure, in compressed rows."""

    ptr: Ints
    arc: Ints

    def of(self, closure: int) -> Ints:
        return self.arc[self.ptr[closure] : self.ptr[closure + 1]]


def _inside(points: Positions) -> Positions:
    """Return the points that do not stand on a junction."""
    return points.where((points.fraction > 0) & (points.fraction < 1))


def _from_own_end(entries: Entries, points: Positions, graph: RoutingGraph) -> Entries:
    """Leave out what runs along a whole edge: a point on a junction is entered there, then the arc does the rest."""
    place = np.empty(int(points.row.max(initial=-1)) + 1, np.int64)
    place[points.row] = np.arange(len(points))
    at = place[entries.point]
    edge, fraction = points.edge[at], points.fraction[at]
    end = np.where(fraction == 0, graph.tail[edge], graph.head[edge])
    keep = ((fraction > 0) & (fraction < 1)) | (graph.node_of[entries.node] == end)
    return Entries(entries.node[keep], entries.point[keep], entries.time_ms[keep], entries.metres[keep])


def _closure_of_arcs(graph: RoutingGraph, closure_of: Ints) -> Ints:
    """Return the closure each arc belongs to, -1 for arcs at a sink: they take no time and run nowhere."""
    start = np.repeat(np.arange(graph.n_nodes), graph.out_degree)
    nowhere = (start >= graph.first_sink) | (graph.arcs[:, 0] >= graph.first_sink)
    return np.where(nowhere, -1, closure_of[graph.arc_edge])


def _arcs_by_closure(graph: RoutingGraph, closure_of: Ints) -> _Grouped:
    closure = _closure_of_arcs(graph, closure_of)
    order = np.argsort(closure, kind="stable")
    n = int(closure_of.max(initial=-1)) + 1
    return _Grouped(np.searchsorted(closure[order], np.arange(n + 1)), order)
