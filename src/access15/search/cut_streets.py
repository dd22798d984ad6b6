"""Streets cut into straight pieces, each within one cell of the land."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from access15.arrays import Bools, Floats, Ints
from access15.model import StreetNetwork
from access15.network import RoutingGraph
from access15.search.on_land import Land

SHORT_M: Final = 1e-6
_NEVER: Final = np.inf


@dataclass(frozen=True, eq=False)
class Pieces:
    """Straight pieces of street, each within one cell, and the points between them.

    Points ``0 .. graph.n_nodes - 1`` are the rows of the graph, the others lie on edges. Times are whole milliseconds,
    rounded once from the beginning of the edge: pieces add up to the edge.

    Attributes
    ----------
    x, y : (s,) float64
        Points.
    a, b : (p,) int64
        The ends of each piece.
    share_a, share_b : (p,) float64
        Where they lie, as shares of the edge in the direction from ``a`` to ``b``.
    ahead_ms, behind_ms : (p,) float64
        Time of the whole edge in that direction and against it, as the search goes; ``inf`` where that is not allowed.
    cell : (p,) int64
        Cell of the terrain, -1 outside.
    joined : (p,) bool
        Whether people may step off.
    entered : (p,) bool
        Whether people may step on.
    """

    x: Floats
    y: Floats
    a: Ints
    b: Ints
    share_a: Floats
    share_b: Floats
    ahead_ms: Floats
    behind_ms: Floats
    cell: Ints
    joined: Bools
    entered: Bools

    @property
    def n_points(self) -> int:
        """How many points there are."""
        return len(self.x)

    def whole_ms(self) -> tuple[Floats, Floats]:
        """Return the times of whole pieces, ahead and behind; ``inf`` where that is not allowed."""
        return (
            _between(self.share_a, self.share_b, self.ahead_ms),
            _between(1 - self.share_b, 1 - self.share_a, self.behind_ms),
        )


def _between(low: Floats, high: Floats, edge_ms: Floats) -> Floats:
    open_ = np.isfinite(edge_ms)
    known = np.where(open_, edge_ms, 0.0)
    return np.where(open_, np.rint(high * known) - np.rint(low * known), np.inf)


@dataclass(frozen=True, eq=False)
class _Cuts:
    """Ends and cuts of edges, one after another along each edge.

    ``first`` (e + 1,) are the rows of each of ``edge`` (e,); ``share`` and ``x, y`` say where on the edge.
    """

    edge: Ints
    first: Ints
    share: Floats
    x: Floats
    y: Floats


def cut_streets(network: StreetNetwork, graph: RoutingGraph, land: Land) -> Pieces:
    """Cut the streets one may step off where they bend or cross the borders of cells.

    Where a graph remembers how a driver came, nobody turns round between junctions: each direction has points of its own, and
    those at which one arrives from a junction lead to no other junction.

    Parameters
    ----------
    network : StreetNetwork
        In the CRS of the terrain.
    graph : RoutingGraph
        As the search goes through it.
    land : Land
    """
    cuts = _cuts(graph, land)
    ahead_ms = np.where(graph.forward, graph.forward_ms.astype(float), _NEVER)
    behind_ms = np.where(graph.backward, graph.backward_ms.astype(float), _NEVER)
    rows_x, rows_y = network.node_x[graph.node_of], network.node_y[graph.node_of]
    if graph.n_nodes == network.n_nodes:
        point, x, y = _points(
            cuts,
            graph.tail[cuts.edge].astype(np.int64),
            graph.head[cuts.edge].astype(np.int64),
            rows_x,
            rows_y,
        )
        chains = [
            _chain(cuts, point, ahead_ms[cuts.edge], behind_ms[cuts.edge], np.ones(len(cuts.edge), bool))
        ]
        return _pieces(land, x, y, chains)
    chains, x, y = [], rows_x, rows_y
    for ms, turned, enter, leave in (
        (ahead_ms, False, graph.enter_forward, graph.leave_forward),
        (behind_ms, True, graph.enter_backward, graph.leave_backward),
    ):
        own = _some(cuts, np.isfinite(ms[cuts.edge]), turned=turned)
        never = np.full(len(own.edge), _NEVER)
        none = np.full(len(own.edge), -1, np.int64)
        for start, stop, on in (
            (enter[own.edge].astype(np.int64), none, False),
            (none, leave[own.edge].astype(np.int64), True),
        ):
            point, x, y = _points(own, start, stop, x, y)
            chains.append(_chain(own, point, ms[own.edge], never, np.full(len(own.edge), on)))
    return _pieces(land, x, y, chains)


def _cuts(graph: RoutingGraph, land: Land) -> _Cuts:
    """Return where edges that are open and may be left bend or cross the borders of cells."""
    terrain = land.terrain
    # 1. Straight segments, with where they begin along their edge.
    offset = graph.vertex_offset.astype(np.int64)
    count = np.maximum(np.diff(offset) - 1, 0)
    edge_of = np.repeat(np.arange(len(count)), count)
    first = offset[edge_of] + np.arange(len(edge_of)) - (np.cumsum(count) - count)[edge_of]
    x0, y0 = graph.vertex_x[first], graph.vertex_y[first]
    x1, y1 = graph.vertex_x[first + 1], graph.vertex_y[first + 1]
    length = np.hypot(x1 - x0, y1 - y0)
    whole = np.bincount(edge_of, length, minlength=len(count))
    before = np.concatenate(([0.0], np.cumsum(length)))[:-1]
    start_of = np.full(len(count), np.inf)
    np.minimum.at(start_of, edge_of, before)
    begin = before - start_of[edge_of]
    use = ((graph.forward | graph.backward) & graph.standing & (whole > SHORT_M))[edge_of]
    x0, y0, x1, y1, length, begin = (v[use] for v in (x0, y0, x1, y1, length, begin))
    edge_of = edge_of[use]
    # 2. Cuts as segment and share of it: borders crossed either way, and bends.
    column0, column1 = (x0 - terrain.x_min) / terrain.cell_m, (x1 - terrain.x_min) / terrain.cell_m
    row0, row1 = (terrain.y_max - y0) / terrain.cell_m, (terrain.y_max - y1) / terrain.cell_m
    bends = np.arange(len(x0)), np.ones(len(x0))
    cut = [_crossings(column0, column1), _crossings(row0, row1), bends]
    segment, share = (np.concatenate(parts) for parts in zip(*cut, strict=True))
    edge, along = edge_of[segment], begin[segment] + share * length[segment]
    inner = (along > SHORT_M) & (along < whole[edge] - SHORT_M)
    edge, along, segment, share = (v[inner] for v in (edge, along, segment, share))
    order = np.lexsort((along, edge))
    edge, along, segment, share = (v[order] for v in (edge, along, segment, share))
    apart = np.ones(len(edge), bool)
    apart[1:] = (np.diff(edge) != 0) | (np.diff(along) > SHORT_M)
    edge, along, segment, share = (v[apart] for v in (edge, along, segment, share))
    # 3. The ends of each edge around its cuts.
    edges = np.unique(edge_of)
    of = np.concatenate((edges, edge, edges))
    at = np.concatenate((np.zeros(len(edges)), along / whole[edge], np.ones(len(edges))))
    low, high = offset[edges], offset[edges + 1] - 1
    x = np.concatenate((graph.vertex_x[low], x0[segment] + share * (x1 - x0)[segment], graph.vertex_x[high]))
    y = np.concatenate((graph.vertex_y[low], y0[segment] + share * (y1 - y0)[segment], graph.vertex_y[high]))
    order = np.lexsort((at, of))
    return _Cuts(
        edges, np.searchsorted(of[order], np.append(edges, len(count))), at[order], x[order], y[order]
    )


def _crossings(start: Floats, stop: Floats) -> tuple[Ints, Floats]:
    """Return the whole numbers between two values of each row, as row and share of the way."""
    low, high = np.minimum(start, stop), np.maximum(start, stop)
    first = np.floor(low) + 1
    count = np.maximum(np.ceil(high) - first, 0).astype(np.int64)
    row = np.repeat(np.arange(len(start)), count)
    number = first[row] + np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    return row, (number - start[row]) / (stop - start)[row]


def _some(cuts: _Cuts, which: Bools, *, turned: bool) -> _Cuts:
    """Return the cuts of some edges, from the other end where ``turned``."""
    count = np.diff(cuts.first)[which]
    first = np.concatenate(([0], np.cumsum(count))).astype(np.int64)
    at = np.arange(first[-1]) - np.repeat(first[:-1], count)
    if turned:
        at = np.repeat(count, count) - 1 - at
    rows = at + np.repeat(cuts.first[:-1][which], count)
    share = cuts.share[rows]
    return _Cuts(cuts.edge[which], first, 1 - share if turned else share, cuts.x[rows], cuts.y[rows])


def _points(cuts: _Cuts, start: Ints, stop: Ints, x: Floats, y: Floats) -> tuple[Ints, Floats, Floats]:
    """Return the point of every cut, and all points: new ones stand behind those there; ends at -1 are new too."""
    point = np.full(len(cuts.share), -1, np.int64)
    point[cuts.first[:-1]] = start
    point[cuts.first[1:] - 1] = stop
    new = np.flatnonzero(point < 0)
    point[new] = len(x) + np.arange(len(new))
    return point, np.concatenate((x, cuts.x[new])), np.concatenate((y, cuts.y[new]))


def _chain(
    cuts: _Cuts, point: Ints, ahead_ms: Floats, behind_ms: Floats, on: Bools
) -> tuple[Floats | Ints | Bools, ...]:
    """Return the pieces between neighbouring cuts of each edge, as columns."""
    row = np.repeat(np.arange(len(cuts.edge)), np.diff(cuts.first))
    same = row[1:] == row[:-1]
    of = row[:-1][same]
    return (
        point[:-1][same],
        point[1:][same],
        cuts.share[:-1][same],
        cuts.share[1:][same],
        ahead_ms[of],
        behind_ms[of],
        on[of],
    )


def _pieces(land: Land, x: Floats, y: Floats, chains: list[tuple[Floats | Ints | Bools, ...]]) -> Pieces:
    """Return pieces with the cell each lies in."""
    a, b, share_a, share_b, ahead, behind, on = (
        np.concatenate(column) for column in zip(*chains, strict=True)
    )
    a, b = a.astype(np.int64), b.astype(np.int64)
    cell = land.terrain.cell_of((x[a] + x[b]) / 2, (y[a] + y[b]) / 2)
    joined = cell >= 0
    joined[joined] = np.isfinite(land.cross_ms.ravel()[cell[joined]])
    return Pieces(x, y, a, b, share_a, share_b, ahead, behind, cell, joined, joined & on.astype(bool))
