"""What a search reached, in the arrays that the raster and the street pieces read."""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from access15.arrays import AnyArray, Floats, Int32s, Ints, UInt32s
from access15.model import StreetNetwork
from access15.network import RoutingGraph
from access15.search import NO_LABEL, BoundedSearches, Positions, WorkSpace, node_labels, start_entries
from access15.units import NOT_REACHED_MS

_NO_BOX = (np.inf, np.inf, -np.inf, -np.inf)
_ONE_ROW = np.array([0, 1])
_EDGE_SHAPES: WeakKeyDictionary[StreetNetwork, tuple[Floats, Floats]] = WeakKeyDictionary()


def edge_shapes(network: StreetNetwork) -> tuple[Floats, Floats]:
    """Return boxes ``xmin, ymin, xmax, ymax`` (m, 4) and lengths in the plane (m,) of all edges."""
    known = _EDGE_SHAPES.get(network)
    if known is None:
        x, y, first = network.vertex_x, network.vertex_y, network.vertex_offset[:-1]
        box = np.column_stack([f.reduceat(v, first) for f in (np.minimum, np.maximum) for v in (x, y)])
        step = np.append(np.hypot(np.diff(x), np.diff(y)), 0.0)
        step[network.vertex_offset[1:] - 1] = 0.0
        known = _EDGE_SHAPES[network] = np.ascontiguousarray(box), np.add.reduceat(step, first)
    return known


@dataclass(frozen=True, eq=False)
class Streets:
    """A search graph and the shapes of its edges.

    Attributes
    ----------
    graph : RoutingGraph
        Arcs lead away from the facilities.
    edges : (m, 6) uint32
        Per edge the rows of its labels and its times, as `access15._kernels.raster.street_ms` reads them.
    junctions : (j, c) int64
        Junctions that stand in several rows of the graph, where a trip may end at any: the junction, then
        its copies, padded with the junction.
    shape : tuple of arrays
        The arguments ``indptr … edge_m`` of `access15._kernels.pieces.reached_boxes`.
    """

    graph: RoutingGraph
    edges: UInt32s
    junctions: Ints
    shape: tuple[AnyArray, ...]

    @classmethod
    def of(cls, network: StreetNetwork, graph: RoutingGraph) -> Streets:
        """Return the streets of ``network`` as ``graph`` searches them."""
        rows = _junctions(graph)
        stands = np.arange(graph.n_nodes, dtype=np.int64)
        stands[rows[:, 0]] = graph.n_nodes + np.arange(len(rows))
        edges = np.column_stack(
            (
                graph.enter_forward,
                graph.enter_backward,
                graph.forward_ms,
                graph.backward_ms,
                stands[graph.tail],
                stands[graph.head],
            )
        )
        box, plane_m = edge_shapes(network)
        x, y = network.node_x[graph.node_of], network.node_y[graph.node_of]
        shape = (graph.indptr, graph.arcs, graph.arc_edge, x, y, box, plane_m)
        return cls(graph, np.ascontiguousarray(edges, np.uint32), rows, shape)

    def blank(self) -> UInt32s:
        """Return labels of nothing reached: one per row of the graph, then one per junction with copies."""
        return np.full(self.graph.n_nodes + len(self.junctions), NOT_REACHED_MS, np.uint32)

    def settle(self, labels: UInt32s) -> None:
        """Set the labels of junctions with copies from those of their rows."""
        if len(self.junctions):
            labels[self.graph.n_nodes :] = labels[self.junctions].min(axis=1)

    def site_boxes(self, sites: Positions, x: Floats, y: Floats, limit_ms: int) -> Floats:
        """Return a box around each site and what it reaches on its own edge, (k, 4); ``x, y`` are the sites."""
        box, plane_m = (self.shape[5], self.shape[6])
        left = limit_ms - sites.leg_ms
        quickest = np.minimum(self.graph.forward_ms[sites.edge], self.graph.backward_ms[sites.edge])
        share = np.clip(left / np.maximum(quickest, 1), 0, 1)
        radius = (sites.leg_m + share * plane_m[sites.edge])[:, None]
        at = np.column_stack((x, y))
        out: Floats = np.hstack(
            (np.maximum(box[sites.edge, :2], at - radius), np.minimum(box[sites.edge, 2:], at + radius))
        )
        out[left < 0] = _NO_BOX
        out[:, :2] = np.minimum(out[:, :2], at)
        out[:, 2:] = np.maximum(out[:, 2:], at)
        return out


@dataclass(frozen=True, eq=False)
class OwnEdges:
    """Facilities in mid-edge, as `access15._kernels.raster.street_ms` looks them up."""

    row: Int32s
    ptr: Ints
    ms: Floats
    best: Floats

    @classmethod
    def of(cls, sites: Positions, graph: RoutingGraph) -> OwnEdges:
        """Return the look-up of all sites on a search graph."""
        edges = np.unique(sites.edge)
        row = np.full(len(graph.tail), -1, np.int32)
        row[edges] = np.arange(len(edges), dtype=np.int32)
        ptr = np.zeros(len(edges) + 1, np.int64)
        np.cumsum(np.bincount(row[sites.edge], minlength=len(edges)), out=ptr[1:])
        sides = []
        for allowed, position, along in (
            (graph.forward, sites.forward_ms, sites.fraction),
            (graph.backward, sites.backward_ms, 1 - sites.fraction),
        ):
            order = np.lexsort((along, sites.edge))
            ms = np.where(allowed[sites.edge], position, 0)[order]
            # Taking a growing amount off makes the running minimum start anew at every edge.
            fall = row[sites.edge[order]] * 2.0**33
            best = np.minimum.accumulate(sites.leg_ms[order] - ms - fall) + fall
            sides.append((ms.astype(np.float64), best))
        return cls(row, ptr, np.array([side[0] for side in sides]), np.array([side[1] for side in sides]))

    @property
    def arrays(self) -> tuple[AnyArray, ...]:
        """The arguments ``own_row … own_best``."""
        return self.row, self.ptr, self.ms, self.best


@dataclass(frozen=True, eq=False)
class Reach:
    """What one search reached.

    Attributes
    ----------
    labels : (n + j,) uint32
        Milliseconds at every row of the graph, and at every junction with copies; `NOT_REACHED_MS` where
        not reached.
    own : OwnEdges
    nodes, times : (k,) int64
        The reached rows of the graph and their milliseconds.
    sites : Positions
    x, y : (sites,) float64
        Where the sites are, in the CRS of the network.
    site_boxes : (sites, 4) float64
        See `Streets.site_boxes`.
    """

    labels: UInt32s
    own: OwnEdges
    nodes: Ints
    times: Ints
    sites: Positions
    x: Floats
    y: Floats
    site_boxes: Floats

    @classmethod
    def together(cls, streets: Streets, sites: Positions, x: Floats, y: Floats, limit_ms: int) -> Reach:
        """Return what is reached from the nearest of all sites, by one search; ``x, y`` of all facilities."""
        found = node_labels(streets.graph, start_entries(sites, streets.graph), limit_ms)
        nodes = np.flatnonzero(found != NO_LABEL)
        times = (found[nodes] >> np.uint64(32)).astype(np.int64)
        labels = streets.blank()
        labels[nodes] = times
        streets.settle(labels)
        x, y = x[sites.row], y[sites.row]
        own, boxes = OwnEdges.of(sites, streets.graph), streets.site_boxes(sites, x, y, limit_ms)
        return cls(labels, own, nodes, times, sites, x, y, boxes)

    def boxes(self, streets: Streets, limit_ms: int) -> Floats:
        """Return boxes that hold all street reached within the limit, (b, 4)."""
        from access15._kernels.pieces import reached_boxes

        out = np.empty((len(self.nodes) + len(self.sites), 4))
        reached_boxes(self.nodes, self.times, limit_ms, *streets.shape, out)
        out[len(self.nodes) :] = self.site_boxes
        return out


class FacilityReaches:
    """Bounded searches, one per site, in one work space: a reach is valid until the next one is taken."""

    def __init__(self, streets: Streets, sites: Positions, x: Floats, y: Floats, limit_ms: int) -> None:
        self.streets, self.sites, self.limit_ms = streets, sites, limit_ms
        self.x, self.y = x[sites.row], y[sites.row]
        self._boxes = streets.site_boxes(sites, self.x, self.y, limit_ms)
        passable = streets.edges[sites.edge, 2:4] != NOT_REACHED_MS
        ms = np.where(passable, np.column_stack((sites.forward_ms, sites.backward_ms)), 0).astype(float)
        self._own_ms, self._own_best = ms[:, :, None], (sites.leg_ms[:, None] - ms)[:, :, None]
        n = streets.graph.n_nodes
        start = start_entries(sites, streets.graph)
        # Seeds carry the row of the facility; here sites are counted from 0.
        of_site = np.searchsorted(sites.row, start.point)
        self._space = WorkSpace(BoundedSearches(streets.graph, start, of_site, None, len(sites), n, limit_ms))
        self._labels = streets.blank()
        self._row = np.full(len(streets.edges), -1, np.int32)

    def of(self, site: int) -> Reach:
        """Return what one site reaches."""
        (found,) = self._space.parts(site, site + 1)
        self._labels[found.cell] = found.time_ms
        self.streets.settle(self._labels)
        return self._reach(site, found.cell.astype(np.int64), found.time_ms.astype(np.int64))

    def _reach(self, site: int, nodes: Ints, times: Ints) -> Reach:
        one = slice(site, site + 1)
        self._row[self.sites.edge[site]] = 0
        own = OwnEdges(self._row, _ONE_ROW, self._own_ms[site], self._own_best[site])
        sites = self.sites.where(one)
        return Reach(self._labels, own, nodes, times, sites, self.x[one], self.y[one], self._boxes[one])

    def done(self, reach: Reach) -> None:
        """Clear the work space of a reach, so that the next may be taken."""
        self._labels[reach.nodes] = NOT_REACHED_MS
        self.streets.settle(self._labels)
        self._row[reach.sites.edge] = -1


def _junctions(graph: RoutingGraph) -> Ints:
    """Return the rows of junctions at any of which a trip may end, (j, c)."""
    copies = graph.copies if graph.arrive_at_copies else {}
    width = 1 + max(map(len, copies.values()), default=0)
    rows = [[node, *more, *[node] * (width - 1 - len(more))] for node, more in copies.items()]
    return np.array(rows, np.int64).reshape(-1, width)
