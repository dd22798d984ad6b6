"""Nearest times that follow the open sites: only what an edit changes is searched again.

A site that opens lowers labels as far as it improves them. A site that closes gives up its region; the
labels around the region, and the sites inside it, then fill it from its border. Labels are a function of
the open sites alone, so they equal those of a search from scratch (Ramalingam & Reps 1996, "An incremental
algorithm for a generalization of the shortest-path problem"; regions after Erwig 2000, "The graph Voronoi
diagram").
"""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np

from access15.arrays import Ints, Labels, UInt32s
from access15.network import RoutingGraph
from access15.search import LARGEST_MS, NO_LABEL, Positions, end_entries, node_labels, own_edge, start_entries

_REGION_SHARE = 0.5
"""A region larger than this share of all nodes is not worth keeping the rest: search anew."""


class IncrementalLabels:
    """Labels ``time_ms << 32 | site`` of nodes and cells for a set of open sites.

    Call `start` first, and again when `close` says so.

    Parameters
    ----------
    graph : RoutingGraph
        Arcs lead away from the sites.
    backwards : RoutingGraph
        The same graph with every arc turned round.
    cells : Positions
    n_cells : int
        Rows of the population, linked or not.
    limit_ms : int
        Of `within`.

    Attributes
    ----------
    within : (n_cells,) bool
        Cells within the limit of a site.
    """

    def __init__(
        self, graph: RoutingGraph, backwards: RoutingGraph, cells: Positions, n_cells: int, limit_ms: int
    ) -> None:
        self._graph, self._backwards = graph, backwards
        self._bound = np.uint64((limit_ms + 1) << 32)
        self.within = np.zeros(n_cells, bool)
        # Inside, cells stand in the order of their edges: an edit then reads and writes them side by side.
        cells = cells.where(
            np.argsort(graph.tail[cells.edge].astype(np.int64) << 32 | cells.edge, kind="stable")
        )
        self._row_of, k = cells.row, len(cells)
        self._cells = replace(cells, row=np.arange(k))
        self._along_edges = np.argsort(cells.edge, kind="stable")
        self._edges = cells.edge[self._along_edges]
        ends = end_entries(self._cells, graph)
        self._by_node, order = ends.rows_by(ends.node, graph.n_nodes)
        self._cell_at_node = ends.point[order]
        by_cell, order = ends.rows_by(ends.point, k)
        self._by_cell = (by_cell, ends.node[order], ends.time_ms[order])
        self._seen = np.zeros(k, np.int64)
        self._stamp = 0
        self._direct: Labels = np.full(k, NO_LABEL)
        self._cell_labels: Labels = np.full(k, NO_LABEL)
        self._changed: list[tuple[Ints, Labels]] = []

    def begin(self) -> None:
        """Let `changed` tell what changes from now on."""
        self._changed = []

    def changed(self) -> tuple[Ints, Labels, Labels]:
        """Return the rows of the cells whose label is not what it was at `begin`, and the labels then and now."""
        if not self._changed:
            return self.nothing()
        cells, before = map(np.concatenate, zip(*self._changed, strict=True))
        # A cell may have changed several times: the first label that was noted is that of the beginning.
        cells, first = np.unique(cells, return_index=True)
        before, now = before[first], self._cell_labels[cells]
        other = before != now
        row = self._row_of[cells[other]]
        order = np.argsort(row)
        return row[order], before[other][order], now[other][order]

    @staticmethod
    def nothing() -> tuple[Ints, Labels, Labels]:
        """Return what `changed` tells where nothing did."""
        return np.zeros(0, np.int64), np.zeros(0, np.uint64), np.zeros(0, np.uint64)

    def cell_labels(self) -> Labels:
        """Return the label of every cell, (n_cells,); `NO_LABEL` where no site is reached."""
        labels = np.full(len(self.within), NO_LABEL)
        labels[self._row_of] = self._cell_labels
        return labels

    def start(self, sites: Positions) -> None:
        """Search from all of ``sites``; their rows become the labels' sites."""
        self._sites = sites
        start = start_entries(sites, self._graph)
        self._start_node, self._start_label = _as_labels(start.node, start.point, start.time_ms)
        self._labels = node_labels(self._graph, start)
        self._direct[:] = NO_LABEL
        own_edge(self._graph, sites, self._cells, self._direct)
        self._renew_cells(np.arange(len(self._cells)))

    def open(self, site: Positions) -> None:
        """Add one site, whose row is not in use."""
        start = start_entries(site, self._graph)
        node, label = _as_labels(start.node, start.point, start.time_ms)
        self._sites = _joined(self._sites, site)
        self._start_node = np.concatenate((self._start_node, node))
        self._start_label = np.concatenate((self._start_label, label))
        self._renew(self._settle(node, label), int(site.edge[0]))

    def close(self, row: int) -> bool:
        """Take one site away; False if so much hangs on it that `start` is quicker (and needed now)."""
        from access15._kernels.what_if import labels_from_outside, take_region

        leaves = self._sites.row == row
        edge = int(self._sites.edge[leaves][0])
        self._sites = self._sites.where(~leaves)
        own = (self._start_label & np.uint64(0xFFFFFFFF)) == np.uint64(row)
        start = self._start_node[own]
        self._start_node, self._start_label = self._start_node[~own], self._start_label[~own]
        graph, back = self._graph, self._backwards
        most = int(_REGION_SHARE * graph.n_nodes)
        region, complete = take_region(graph.indptr, graph.arcs, self._labels, start, row, most)
        if not complete:
            return False
        node, label = labels_from_outside(back.indptr, back.arcs, self._labels, region, LARGEST_MS)
        # Sites inside the region come to light again.
        inside = self._start_label < self._labels[self._start_node]
        self._settle(
            np.concatenate((node, self._start_node[inside])),
            np.concatenate((label, self._start_label[inside])),
        )
        self._renew(region, edge)
        return True

    def _settle(self, node: UInt32s, label: Labels) -> UInt32s:
        """Lower node labels from some starts on; return the nodes that changed."""
        from access15._kernels.nearest import lower_labels

        graph = self._graph
        changed: UInt32s = lower_labels(
            graph.indptr, graph.arcs, self._labels, node, label, LARGEST_MS, graph.bucket_shift, True
        )
        return changed

    def _renew(self, nodes: UInt32s, edge: int) -> None:
        """Compute the labels of the cells behind some nodes and along one edge anew."""
        from access15._kernels.what_if import cells_at

        first, last = np.searchsorted(self._edges, (edge, edge + 1))
        here = self._cells.where(self._along_edges[first:last])
        self._direct[here.row] = NO_LABEL
        own_edge(self._graph, self._sites.where(self._sites.edge == edge), here, self._direct)
        self._stamp += 1
        self._seen[here.row] = self._stamp
        behind = cells_at(nodes, self._by_node, self._cell_at_node, self._seen, self._stamp)
        self._renew_cells(here.row)
        self._renew_cells(behind)

    def _renew_cells(self, cells: Ints) -> None:
        from access15._kernels.what_if import renew_cells

        labels = self._cell_labels
        changed, before = renew_cells(cells, *self._by_cell, self._labels, self._direct, LARGEST_MS, labels)
        self._changed.append((changed, before))
        self.within[self._row_of[changed]] = labels[changed] < self._bound


def _as_labels(node: Ints, row: Ints, time_ms: Ints) -> tuple[UInt32s, Labels]:
    label = (time_ms.astype(np.uint64) << np.uint64(32)) | row.astype(np.uint64)
    return node.astype(np.uint32), label


def _joined(first: Positions, second: Positions) -> Positions:
    names = [field.name for field in fields(first)]
    return Positions(*(np.concatenate((getattr(first, name), getattr(second, name))) for name in names))
