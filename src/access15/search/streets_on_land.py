"""Streets joined to land: cut at the borders of cells, left and joined at the best place of every piece."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from access15.arrays import AnyArray, Bools, Floats, Int32s, Ints, Labels, UInt32s
from access15.errors import InputError
from access15.model import NEIGHBOURS, STANDING, LinkedPoints, StreetNetwork
from access15.network import RoutingGraph
from access15.search.labels import LARGEST_MS, NO_LABEL, times_and_rows
from access15.search.on_land import (
    Land,
    LandTimes,
    bordered,
    climb,
    crossed,
    height_at,
    legs_ms,
    packed,
    spread_starts,
    times_at,
    with_border,
    without_border,
)

if TYPE_CHECKING:
    import shapely

_SHORT_M: Final = 1e-6
_NEAR: Final = 2.2
"""Cells around a home or a place within which pieces of street are joined: no street lies in the ring it is read from."""


@dataclass(frozen=True, eq=False)
class Pieces:
    """Straight pieces of street, each within one cell, and the points between them.

    Points ``0 .. graph.n_nodes - 1`` are the nodes of the graph, the others lie on edges.

    Attributes
    ----------
    x, y : (s,) float64
        Points.
    a, b : (p,) int64
        The ends of each piece.
    ahead_ms, behind_ms : (p,) float64
        Time from ``a`` to ``b`` and back, as the search goes; ``inf`` where that is not allowed.
    cell : (p,) int64
        Cell of the terrain, -1 outside.
    joined : (p,) bool
        Whether people may step off.
    """

    x: Floats
    y: Floats
    a: Ints
    b: Ints
    ahead_ms: Floats
    behind_ms: Floats
    cell: Ints
    joined: Bools

    @property
    def n_points(self) -> int:
        """How many points there are."""
        return len(self.x)


def may_step_off(network: StreetNetwork) -> Bools:
    """Return the edges one may step off between their ends: no bridges, tunnels, motorways and ferries, (m,)."""
    if not len(network.standing):
        return np.ones(network.n_edges, bool)
    return np.isin(network.standing, [STANDING.index(kind) for kind in ("street", "square")])


def cut_streets(
    network: StreetNetwork, graph: RoutingGraph, land: Land, extra: tuple[Ints, Floats]
) -> Pieces:
    """Cut the streets one may step off where they bend or cross the borders of cells.

    Parameters
    ----------
    network : StreetNetwork
        In the CRS of the terrain.
    graph : RoutingGraph
        As the search goes through it.
    land : Land
    extra : edges (k,), shares (k,)
        More places to cut at.
    """
    terrain = land.terrain
    # 1. Straight segments of the edges that are open and may be left, with where they begin along their edge.
    offset = graph.vertex_offset.astype(np.int64)
    count = np.maximum(np.diff(offset) - 1, 0)
    edge_of = np.repeat(np.arange(len(count)), count)
    first = offset[edge_of] + np.arange(len(edge_of)) - (np.cumsum(count) - count)[edge_of]
    use = ((graph.forward | graph.backward) & may_step_off(network))[edge_of]
    whole = np.zeros(len(offset) - 1)
    x0, y0 = graph.vertex_x[first], graph.vertex_y[first]
    x1, y1 = graph.vertex_x[first + 1], graph.vertex_y[first + 1]
    length = np.hypot(x1 - x0, y1 - y0)
    np.add.at(whole, edge_of, length)
    before = np.concatenate(([0.0], np.cumsum(length)))[:-1]
    start_of = np.full(len(offset) - 1, np.inf)
    np.minimum.at(start_of, edge_of, before)
    begin = before - start_of[edge_of]
    use &= whole[edge_of] > _SHORT_M
    x0, y0, x1, y1, length, begin = (v[use] for v in (x0, y0, x1, y1, length, begin))
    edge_of = edge_of[use]
    # 2. Places to cut at, as segment and share: borders crossed either way, bends, and what is asked for.
    column0, column1 = (x0 - terrain.x_min) / terrain.cell_m, (x1 - terrain.x_min) / terrain.cell_m
    row0, row1 = (terrain.y_max - y0) / terrain.cell_m, (terrain.y_max - y1) / terrain.cell_m
    cuts = [_crossings(column0, column1), _crossings(row0, row1), (np.arange(len(x0)), np.ones(len(x0)))]
    segment, share = (np.concatenate(parts) for parts in zip(*cuts, strict=True))
    edge, along = edge_of[segment], begin[segment] + share * length[segment]
    wanted = np.isin(extra[0], edge_of)
    edge = np.concatenate((edge, extra[0][wanted]))
    along = np.concatenate((along, extra[1][wanted] * whole[extra[0][wanted]]))
    inner = (along > _SHORT_M) & (along < whole[edge] - _SHORT_M)
    edge, along = edge[inner], along[inner]
    order = np.lexsort((along, edge))
    edge, along = edge[order], along[order]
    apart = np.ones(len(edge), bool)
    apart[1:] = (np.diff(edge) != 0) | (np.diff(along) > _SHORT_M)
    edge, along = edge[apart], along[apart]
    # 3. Ends and cuts of every edge in one row, pieces between neighbours.
    edges = np.unique(edge_of)
    point = np.concatenate(
        (graph.tail[edges], graph.n_nodes + np.arange(len(edge)), graph.head[edges])
    ).astype(np.int64)
    of = np.concatenate((edges, edge, edges))
    at = np.concatenate((np.zeros(len(edges)), along, whole[edges]))
    rank = np.concatenate((np.zeros(len(edges)), np.ones(len(edge)), np.full(len(edges), 2.0)))
    order = np.lexsort((at, rank, of))
    point, of, at = point[order], of[order], at[order]
    same = of[1:] == of[:-1]
    px, py = _positions(x0, y0, x1, y1, begin, length, edge_of, edge, along)
    x, y = np.concatenate((network.node_x, px)), np.concatenate((network.node_y, py))
    a, b, on = point[:-1][same], point[1:][same], of[:-1][same]
    # 4. Times by whole milliseconds from the beginning of the edge: pieces add up to the edge.
    share0, share1 = at[:-1][same] / whole[on], at[1:][same] / whole[on]
    times = []
    for ms, allowed, low, high in (
        (graph.forward_ms, graph.forward, share0, share1),
        (graph.backward_ms, graph.backward, 1 - share1, 1 - share0),
    ):
        spent = np.rint(high * ms[on]) - np.rint(low * ms[on])
        times.append(np.where(allowed[on], spent, np.inf))
    cell = terrain.cell_of((x[a] + x[b]) / 2, (y[a] + y[b]) / 2)
    joined = cell >= 0
    joined[joined] = np.isfinite(land.cross_ms.ravel()[cell[joined]])
    return Pieces(x, y, a, b, times[0], times[1], cell, joined)


def _crossings(start: Floats, stop: Floats) -> tuple[Ints, Floats]:
    """Return the whole numbers between two values of each row, as row and share of the way."""
    low, high = np.minimum(start, stop), np.maximum(start, stop)
    first = np.floor(low) + 1
    count = np.maximum(np.ceil(high) - first, 0).astype(np.int64)
    row = np.repeat(np.arange(len(start)), count)
    number = first[row] + np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    return row, (number - start[row]) / (stop - start)[row]


def _positions(
    x0: Floats,
    y0: Floats,
    x1: Floats,
    y1: Floats,
    begin: Floats,
    length: Floats,
    edge_of: Ints,
    edge: Ints,
    along: Floats,
) -> tuple[Floats, Floats]:
    """Return where points lie that are some metres along their edges; segments stand in the order of edges."""
    first = np.searchsorted(edge_of, edge, "left")
    last = np.searchsorted(edge_of, edge, "right") - 1
    # Segments of an edge begin later and later: one number orders edge and metres.
    span = float((begin + length).max(initial=0.0)) + 1.0
    segment = np.searchsorted(edge_of * span + begin, edge * span + along, "right") - 1
    segment = np.clip(segment, first, last)
    share = np.clip((along - begin[segment]) / np.maximum(length[segment], 1e-12), 0, 1)
    return x0[segment] + share * (x1 - x0)[segment], y0[segment] + share * (y1 - y0)[segment]


def best_leg_ms(
    start: tuple[Floats, Floats],
    end: tuple[Floats, Floats],
    along_ms: Floats,
    at: tuple[Floats, Floats],
    pace: Floats,
) -> tuple[Floats, Floats, Floats]:
    """Return where one steps off a piece for a place beside it, and the time along the street until there.

    One goes ``l`` metres along the piece and then straight. By Snell's law the leg leaves the street at the angle whose
    cosine is the ratio of the two paces; nobody goes further than the piece, or along one that is slower than the land.

    Parameters
    ----------
    start, end, at : pairs of (k,) float64
    along_ms : (k,) float64
        Of the whole piece; ``inf`` where one may only step off at its start.
    pace : (k,) float64
        Beside the street, ms per metre.

    Returns
    -------
    ride_ms, x, y : (k,) float64
    """
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = np.maximum(np.hypot(dx, dy), 1e-9)
    ux, uy = dx / length, dy / length
    along = (at[0] - start[0]) * ux + (at[1] - start[1]) * uy
    across = np.abs((at[1] - start[1]) * ux - (at[0] - start[0]) * uy)
    street = along_ms / length
    with np.errstate(invalid="ignore", divide="ignore"):
        cosine = street / pace
        step = np.where(
            cosine < 1, along - across * cosine / np.sqrt(np.maximum(1 - cosine * cosine, 1e-12)), 0.0
        )
        metres = np.clip(np.nan_to_num(step), 0.0, length)
        ride = np.where(metres > 0, street * metres, 0.0)
    return ride, start[0] + ux * metres, start[1] + uy * metres


@dataclass(frozen=True, eq=False)
class LandAndStreets:
    """Land with streets joined to it, ready to be searched.

    Attributes
    ----------
    land : Land
    pieces : Pieces
    row_of_cell : (n,) int32
        Of the cells with borders; see `access15._kernels.land_and_streets`.
    indptr, head, arc_ms
        Arcs of points, then of cells that have any.
    """

    land: Land
    pieces: Pieces
    row_of_cell: Int32s
    indptr: Ints
    head: Ints
    arc_ms: UInt32s

    @cached_property
    def tree(self) -> shapely.STRtree:
        """An index of the pieces one may step off."""
        import shapely

        p, use = self.pieces, self.joined
        ends = np.stack((p.x[p.a[use]], p.y[p.a[use]], p.x[p.b[use]], p.y[p.b[use]]), 1)
        return shapely.STRtree(shapely.linestrings(ends.reshape(-1, 2, 2)))

    @cached_property
    def joined(self) -> Ints:
        """Rows of the pieces one may step off."""
        return np.flatnonzero(self.pieces.joined)


@dataclass(frozen=True, eq=False)
class JointTimes:
    """Times of cells and of the points of streets, the facility's own leg included."""

    cells: LandTimes
    point_labels: Labels


def join_streets(
    network: StreetNetwork, graph: RoutingGraph, land: Land, sites: LinkedPoints | None = None
) -> LandAndStreets:
    """Join the streets of a network to land.

    Parameters
    ----------
    network : StreetNetwork
        In the CRS of the terrain.
    graph : RoutingGraph
        Turned round where people travel to the places; of people on foot, whom no turn restriction binds.
    land : Land
    sites : LinkedPoints, optional
        Streets are also cut where these stand, so that trips along the street are exact.

    Raises
    ------
    InputError
        If the network is in another CRS than the terrain, or the graph has turn restrictions.
    """
    from access15._kernels.land import BORDER

    if network.crs != land.terrain.crs:
        raise InputError(
            f"the streets are in {network.crs[:40]} and the terrain in {land.terrain.crs[:40]}: read the terrain with crs={network.crs[:40]!r}"
        )
    if graph.n_nodes != network.n_nodes:
        raise InputError("streets with turn restrictions cannot be joined to land yet: use a profile on foot")
    extra = (np.empty(0, np.int64), np.empty(0))
    if sites is not None:
        linked = np.flatnonzero(sites.edge >= 0)
        extra = sites.edge[linked].astype(np.int64), sites.fraction[linked].astype(float)
    pieces = cut_streets(network, graph, land, extra)
    rows, columns = land.terrain.shape
    n_cells = (rows + 2 * BORDER) * (columns + 2 * BORDER)
    start, stop, ms = _street_arcs(graph, pieces)
    point, cell, out_ms, in_ms = _legs(land, pieces)
    with_edge = with_border(cell, land.terrain)
    cells, of_cell = np.unique(with_edge, return_inverse=True)
    row_of_cell = np.full(n_cells, -1, np.int32)
    row_of_cell[cells] = pieces.n_points + np.arange(len(cells))
    off, on = np.isfinite(out_ms), np.isfinite(in_ms)
    begin = np.concatenate((start, point[off], pieces.n_points + of_cell[on]))
    head = np.concatenate((n_cells + stop, with_edge[off], n_cells + point[on]))
    time = np.concatenate((ms, np.rint(out_ms[off]), np.rint(in_ms[on])))
    order = np.argsort(begin, kind="stable")
    indptr = np.concatenate(([0], np.cumsum(np.bincount(begin, minlength=pieces.n_points + len(cells)))))
    return LandAndStreets(
        land, pieces, row_of_cell, indptr.astype(np.int64), head[order], time[order].astype(np.uint32)
    )


def _street_arcs(graph: RoutingGraph, pieces: Pieces) -> tuple[Ints, Ints, Floats]:
    """Return the arcs of the graph, whole edges, and those along pieces: starts, heads, ms."""
    start = np.repeat(np.arange(graph.n_nodes), graph.out_degree)
    ahead, behind = np.isfinite(pieces.ahead_ms), np.isfinite(pieces.behind_ms)
    return (
        np.concatenate((start, pieces.a[ahead], pieces.b[behind])).astype(np.int64),
        np.concatenate((graph.arcs[:, 0].astype(np.int64), pieces.b[ahead], pieces.a[behind])),
        np.concatenate((graph.arcs[:, 1].astype(float), pieces.ahead_ms[ahead], pieces.behind_ms[behind])),
    )


def _legs(land: Land, pieces: Pieces) -> tuple[Ints, Ints, Floats, Floats]:
    """Return the ways between the ends of pieces and the cells around them: points, cells, ms off the street and onto it."""
    terrain = land.terrain
    rows, columns = terrain.shape
    use = np.flatnonzero(pieces.joined)
    cross = land.cross_ms.ravel()
    found: list[tuple[AnyArray, ...]] = []
    for down, right in ((0, 0), *NEIGHBOURS):
        r, c = pieces.cell[use] // columns + down, pieces.cell[use] % columns + right
        there = (r >= 0) & (r < rows) & (c >= 0) & (c < columns)
        cell, piece = (r * columns + c)[there], use[there]
        open_ = np.isfinite(cross[cell])
        cell, piece = cell[open_], piece[open_]
        pace = 0.5 * (cross[cell].astype(float) + cross[pieces.cell[piece]]) / terrain.cell_m
        centre = (
            terrain.x_min + ((cell % columns).astype(float) + 0.5) * terrain.cell_m,
            terrain.y_max - ((cell // columns).astype(float) + 0.5) * terrain.cell_m,
        )
        for one, other, off_ms, on_ms in (
            (pieces.a, pieces.b, pieces.ahead_ms, pieces.behind_ms),
            (pieces.b, pieces.a, pieces.behind_ms, pieces.ahead_ms),
        ):
            near, far = one[piece], other[piece]
            out_ms = leg_from_piece_ms(land, pieces, near, far, off_ms[piece], centre, pace, outwards=True)
            in_ms = leg_from_piece_ms(land, pieces, near, far, on_ms[piece], centre, pace, outwards=False)
            found.append((near, cell, out_ms, in_ms))
    point, cell, out_ms, in_ms = (np.concatenate(column) for column in zip(*found, strict=True))
    return point, cell, out_ms, in_ms


def leg_from_piece_ms(
    land: Land,
    pieces: Pieces,
    near: Ints,
    far: Ints,
    along_ms: Floats,
    at: tuple[Floats, Floats],
    pace: Floats,
    *,
    outwards: bool,
) -> Floats:
    """Return the times between the ends of pieces and places beside them, ms; ``inf`` across a barrier.

    ``outwards`` says that the search goes from the street to the place; it decides who climbs.
    """
    start, end = (pieces.x[near], pieces.y[near]), (pieces.x[far], pieces.y[far])
    ride, x, y = best_leg_ms(start, end, along_ms, at, pace)
    ms = ride + _beside_ms(land, x, y, at, pace, outwards)
    # A leg may be barred from the best place and free from the end: then that one counts.
    barred = np.flatnonzero(np.isinf(ms))
    end_x, end_y, there = start[0][barred], start[1][barred], (at[0][barred], at[1][barred])
    ms[barred] = _beside_ms(land, end_x, end_y, there, pace[barred], outwards)
    return ms


def _beside_ms(
    land: Land, x: Floats, y: Floats, at: tuple[Floats, Floats], pace: Floats, outwards: bool
) -> Floats:
    """Return the times of straight legs between points of streets and places; ``inf`` across a barrier."""
    metres = np.hypot(at[0] - x, at[1] - y)
    with np.errstate(invalid="ignore"):
        ms = np.where(np.isfinite(pace), pace * metres, np.inf)
    if land.uphill:
        z_street, z = height_at(land.terrain, x, y), height_at(land.terrain, *at)
        ms = ms * (climb(land, z_street, z, metres) if outwards else climb(land, z, z_street, metres))
    return np.where(crossed(land, x, y, *at), np.inf, ms)


def spread_over_both(
    joint: LandAndStreets, x: Floats, y: Floats, *, limit_ms: int = LARGEST_MS
) -> JointTimes:
    """Return the times of cells and points of streets, from places at their own positions.

    Parameters
    ----------
    joint : LandAndStreets
    x, y : (p,) float64
    limit_ms : int
    """
    from access15._kernels.land import BORDER
    from access15._kernels.land_and_streets import spread_over_land_and_streets

    land = joint.land
    terrain = land.terrain
    px, py = np.asarray(x, float), np.asarray(y, float)
    cell, label, shut_in = spread_starts(land, px, py)
    point, place, ms = _near_points(joint, px, py, outwards=False)
    shut_in[place[np.isfinite(ms)]] = False
    n = len(joint.row_of_cell)
    labels = np.full(n + joint.pieces.n_points, NO_LABEL, np.uint64)
    heights = (
        np.pad(terrain.height_m, BORDER, mode="edge").ravel() if land.uphill else np.empty(0, np.float32)
    )
    blocked = np.pad(terrain.blocked, BORDER).ravel() if terrain.blocked.size else np.empty(0, np.uint8)
    spread_over_land_and_streets(
        labels,
        bordered(land.cross_ms, np.float32(np.inf)),
        heights,
        blocked,
        terrain.shape[1] + 2 * BORDER,
        terrain.cell_m,
        land.uphill,
        joint.row_of_cell,
        joint.indptr,
        joint.head,
        joint.arc_ms,
        np.concatenate((with_border(cell, terrain), n + point)),
        np.concatenate((label, packed(ms, place))),
        limit_ms,
        land.bucket_shift,
    )
    time, row = times_and_rows(without_border(labels[:n], terrain).ravel())
    cells = LandTimes(time.reshape(terrain.shape), row.reshape(terrain.shape), shut_in)
    return JointTimes(cells, labels[n:])


def _near_points(joint: LandAndStreets, x: Floats, y: Floats, *, outwards: bool) -> tuple[Ints, Ints, Floats]:
    """Return the ways between places and the ends of pieces near them: points, rows of places, ms."""
    import shapely

    land, pieces = joint.land, joint.pieces
    terrain = land.terrain
    place, near = joint.tree.query(shapely.points(x, y), predicate="dwithin", distance=_NEAR * terrain.cell_m)
    piece = joint.joined[near]
    cross = land.cross_ms.ravel() / terrain.cell_m
    own = terrain.cell_of(x, y)[place]
    there = np.where(own >= 0, cross[own], np.inf)
    on_street = cross[pieces.cell[piece]]
    # Closed cells hold nobody back who stands in one: the leg has the pace of the street's cell.
    pace = np.where(np.isfinite(there), 0.5 * (there + on_street), on_street).astype(float)
    found = []
    for one, other, ahead, behind in (
        (pieces.a, pieces.b, pieces.ahead_ms, pieces.behind_ms),
        (pieces.b, pieces.a, pieces.behind_ms, pieces.ahead_ms),
    ):
        start, end = (
            (pieces.x[one[piece]], pieces.y[one[piece]]),
            (pieces.x[other[piece]], pieces.y[other[piece]]),
        )
        at = x[place], y[place]
        ride, sx, sy = best_leg_ms(start, end, (ahead if outwards else behind)[piece], at, pace)
        ms = np.minimum(
            ride + _over_cells(land, (sx, sy), at, outwards), _over_cells(land, start, at, outwards)
        )
        found.append((one[piece], place, ms))
    point, row, ms = (np.concatenate(column) for column in zip(*found, strict=True))
    return point, row, ms


def _over_cells(
    land: Land, street: tuple[Floats, Floats], at: tuple[Floats, Floats], outwards: bool
) -> Floats:
    """Return the times of straight legs between points of streets and homes or places, by the cells they lead over."""
    if outwards:
        return legs_ms(land, *street, *at, to_home=True)
    return legs_ms(land, *at, *street, to_home=False)


def joint_times_at(
    joint: LandAndStreets, times: JointTimes, places: tuple[Floats, Floats], homes: tuple[Floats, Floats]
) -> tuple[UInt32s, Int32s]:
    """Return the time between homes and their nearest places over land and streets, read where the homes are.

    As `access15.search.times_at`, and by the pieces of street near a home.
    """
    hx, hy = (np.asarray(v, float) for v in homes)
    time, row = times_at(joint.land, times.cells, places, homes)
    found = (time.astype(np.uint64) << np.uint64(32)) | row.astype(np.uint32)
    point, home, ms = _near_points(joint, hx, hy, outwards=True)
    before, who = times_and_rows(times.point_labels[point])
    total = np.where(who >= 0, before + ms, np.inf)
    np.minimum.at(found, home, packed(total, np.maximum(who, 0)))
    return times_and_rows(found)
