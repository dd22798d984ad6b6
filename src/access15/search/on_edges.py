"""Points in mid-edge, as the searches see them.

A search leaves a *site* (a facility) and ends at *cells*. Both stand somewhere on an edge and have an
off-network leg. A search from a site starts at the ends of its edge; a cell is entered from the ends of its
edge; a site and a cell on one edge also meet directly. All times are whole milliseconds, and a position on
an edge is rounded once per direction, so that pieces of an edge always add up to the whole.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from access15.arrays import Bools, Floats, Int32s, Ints
from access15.model import LinkedPoints, TravelProfile
from access15.network import RoutingGraph
from access15.units import MAX_MS, NOT_REACHED_MS


@dataclass(frozen=True, eq=False)
class Positions:
    """Linked points in times of one search graph; unlinked points are left out.

    Attributes
    ----------
    row : (k,) int64
        Row of the point in its noun.
    edge : (k,) int32
    leg_ms : (k,) int64
        Off-network leg.
    forward_ms, backward_ms : (k,) int64
        Time from the edge's start (for backward: from its end) to the point in that direction; only
        meaningful where the edge may be travelled so.
    """

    row: Ints
    edge: Int32s
    leg_ms: Ints
    forward_ms: Ints
    backward_ms: Ints
    fraction: Floats
    leg_m: Floats

    @classmethod
    def of(cls, points: LinkedPoints, graph: RoutingGraph, profile: TravelProfile) -> Positions:
        """Return the linked ones of ``points`` as ``graph`` times them."""
        row = np.flatnonzero(points.linked)
        edge, fraction, leg_m = points.edge[row], points.fraction[row], points.leg_m[row]
        leg_ms = np.minimum(np.rint(leg_m * 3600 / profile.off_network_kph), MAX_MS).astype(np.int64)
        forward = np.rint(fraction * graph.forward_ms[edge]).astype(np.int64)
        backward = np.rint((1 - fraction) * graph.backward_ms[edge]).astype(np.int64)
        return cls(row, edge, leg_ms, forward, backward, fraction, leg_m)

    @classmethod
    def of_sites(cls, points: LinkedPoints, graph: RoutingGraph, profile: TravelProfile) -> Positions:
        """Return positions of facilities: what passes before a vehicle leaves counts as part of their leg."""
        found = cls.of(points, graph, profile)
        late_ms = round(profile.start_s * 1000)
        return replace(found, leg_ms=np.minimum(found.leg_ms + late_ms, MAX_MS)) if late_ms else found

    def where(self, which: Bools | Ints | slice) -> Positions:
        """Return some of them: where ``which`` is True, or by their places."""
        return Positions(*(getattr(self, field.name)[which] for field in fields(self)))

    def __len__(self) -> int:
        return len(self.row)


@dataclass(frozen=True, eq=False)
class Entries:
    """Entries (node, point, time, metres): from the node along one edge to the point, or the other way.

    Attributes
    ----------
    node, point : (h,) int64
        Graph node, and row of the point in its noun.
    time_ms : (h,) int64
    metres : (h,) float64
    """

    node: Ints
    point: Ints
    time_ms: Ints
    metres: Floats

    def rows_by(self, key: Ints, size: int) -> tuple[Ints, Ints]:
        """Return ``(indptr, order)`` of the entries grouped by ``key`` (0..size - 1)."""
        order = np.argsort(key, kind="stable")
        indptr = np.zeros(size + 1, np.int64)
        np.cumsum(np.bincount(key, minlength=size), out=indptr[1:])
        return indptr, order


def start_entries(sites: Positions, graph: RoutingGraph) -> Entries:
    """Return where a search that starts at each site enters the graph: the rows its edge leads to.

    A site at the very end of its edge stands on that node, whichever way the edge may be travelled.
    """
    ahead, behind = graph.forward[sites.edge], graph.backward[sites.edge]
    rest_ms = np.where(ahead, graph.forward_ms[sites.edge] - sites.forward_ms, 0)
    back_ms = np.where(behind, graph.backward_ms[sites.edge] - sites.backward_ms, 0)
    at_head, at_tail = sites.fraction == 1, sites.fraction == 0
    rows = (
        np.where(at_head, graph.head[sites.edge], graph.leave_forward[sites.edge]),
        np.where(at_tail, graph.tail[sites.edge], graph.leave_backward[sites.edge]),
    )
    use = ahead | at_head, behind | at_tail
    found = _entries_of(sites, graph, rows, use, (rest_ms, back_ms), (1 - sites.fraction, sites.fraction))
    return found if graph.arrive_at_copies else _with_copies(found, sites, graph)


def end_entries(cells: Positions, graph: RoutingGraph) -> Entries:
    """Return from which rows each cell is entered: those from which its edge may be travelled.

    A cell at the very end of its edge stands on that node, whichever way the edge may be travelled.
    """
    ahead, behind = graph.forward[cells.edge], graph.backward[cells.edge]
    at_tail, at_head = cells.fraction == 0, cells.fraction == 1
    rows = (
        np.where(at_tail, graph.tail[cells.edge], graph.enter_forward[cells.edge]),
        np.where(at_head, graph.head[cells.edge], graph.enter_backward[cells.edge]),
    )
    use = ahead | at_tail, behind | at_head
    spent_ms = np.where(ahead, cells.forward_ms, 0), np.where(behind, cells.backward_ms, 0)
    found = _entries_of(cells, graph, rows, use, spent_ms, (cells.fraction, 1 - cells.fraction))
    return _with_copies(found, cells, graph) if graph.arrive_at_copies else found


def _entries_of(
    points: Positions,
    graph: RoutingGraph,
    rows: tuple[Int32s, Int32s],
    use: tuple[Bools, Bools],
    along_ms: tuple[Ints, Ints],
    share: tuple[Floats, Floats],
) -> Entries:
    length = graph.length_m[points.edge]
    return Entries(
        np.concatenate([row[ok] for row, ok in zip(rows, use, strict=True)]).astype(np.int64),
        np.concatenate([points.row[ok] for ok in use]),
        np.concatenate([(points.leg_ms + ms)[ok] for ms, ok in zip(along_ms, use, strict=True)]),
        np.concatenate([(points.leg_m + part * length)[ok] for part, ok in zip(share, use, strict=True)]),
    )


def _with_copies(found: Entries, points: Positions, graph: RoutingGraph) -> Entries:
    """Add the copies of a junction for points that stand on it: a trip may end there from any side."""
    if not graph.copies:
        return found
    more: list[tuple[int, int, int, float]] = []
    for ends, at in ((graph.tail, 0.0), (graph.head, 1.0)):
        for k in np.flatnonzero(points.fraction == at):
            copies = graph.copies.get(int(ends[points.edge[k]]), ())
            more += [
                (copy, int(points.row[k]), int(points.leg_ms[k]), float(points.leg_m[k])) for copy in copies
            ]
    if not more:
        return found
    node, point, time_ms, metres = (np.array(column) for column in zip(*more, strict=True))
    return Entries(
        np.concatenate((found.node, node)),
        np.concatenate((found.point, point)),
        np.concatenate((found.time_ms, time_ms)),
        np.concatenate((found.metres, metres)),
    )


def same_edge(sites: Positions, cells: Positions, graph: RoutingGraph) -> tuple[Ints, Entries]:
    """Return the direct way between sites and cells on one edge: site rows, and the entries of the cells.

    ``node`` of the entries is unused (-1). A pair may stand twice, once per direction of the edge, and
    not at all where its time would not fit a label.
    """
    order = np.argsort(cells.edge, kind="stable")
    first = np.searchsorted(cells.edge[order], sites.edge, "left")
    count = np.searchsorted(cells.edge[order], sites.edge, "right") - first
    site = np.repeat(np.arange(len(sites)), count)
    within = np.arange(len(site)) - np.repeat(np.cumsum(count) - count, count)
    cell = order[np.repeat(first, count) + within]
    edge = sites.edge[site]
    leg_ms = sites.leg_ms[site] + cells.leg_ms[cell]
    metres = sites.leg_m[site] + cells.leg_m[cell]
    metres += np.abs(sites.fraction[site] - cells.fraction[cell]) * graph.length_m[edge]
    ahead_ms = cells.forward_ms[cell] - sites.forward_ms[site]
    behind_ms = cells.backward_ms[cell] - sites.backward_ms[site]
    ahead = graph.forward[edge] & (ahead_ms >= 0) & (leg_ms + ahead_ms < NOT_REACHED_MS)
    behind = graph.backward[edge] & (behind_ms >= 0) & (leg_ms + behind_ms < NOT_REACHED_MS)
    entries = Entries(
        np.full(int(ahead.sum() + behind.sum()), -1, np.int64),
        np.concatenate((cells.row[cell[ahead]], cells.row[cell[behind]])),
        np.concatenate(((leg_ms + ahead_ms)[ahead], (leg_ms + behind_ms)[behind])),
        np.concatenate((metres[ahead], metres[behind])),
    )
    return np.concatenate((sites.row[site[ahead]], sites.row[site[behind]])), entries
