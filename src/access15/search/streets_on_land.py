"""Streets joined to land: left and joined at the best place of every piece."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from access15.arrays import AnyArray, Bools, Float32s, Floats, Int32s, Ints, Labels, UInt32s
from access15.errors import InputError
from access15.model import NEIGHBOURS, StreetNetwork
from access15.network import RoutingGraph
from access15.search.cut_streets import Pieces, cut_streets
from access15.search.homes_on_land import HomeTimes, may_stand_dry, read_cells, read_places
from access15.search.labels import LARGEST_MS, NO_LABEL, times_and_rows
from access15.search.on_land import (
    Land,
    LandTimes,
    blocked_of,
    bordered,
    centre_of,
    climb,
    crossed,
    height_at,
    heights_of,
    legs_ms,
    packed,
    spread_starts,
    with_border,
    without_border,
)

if TYPE_CHECKING:
    import shapely

_NEAR: Final = 2.2
"""Cells around a home or a place within which pieces of street are joined: no street lies in the ring it is read from."""
STREET_M: Final = 1.0
"""The last metre of a leg is the street: a quay may be drawn on the very line of the water (practice value)."""
_CHUNK: Final = 20_000


@dataclass(frozen=True, eq=False)
class Legs:
    """Ways between points of streets and the cells around them.

    Attributes
    ----------
    point, cell : (k,) int64
        Cells of the terrain, without border.
    off_ms, on_ms : (k,) float64
        From the street to the cell and back, as the search goes; ``inf`` where there is no way.
    off_m, on_m : (k,) float64
        Metres over land.
    """

    point: Ints
    cell: Ints
    off_ms: Floats
    on_ms: Floats
    off_m: Floats
    on_m: Floats


@dataclass(frozen=True, eq=False)
class StreetsBesideLand:
    """Streets in pieces, and the ways between them and the land."""

    land: Land
    pieces: Pieces

    @cached_property
    def legs(self) -> Legs:
        """Ways between the ends of pieces and the cells around them."""
        return _legs(self.land, self.pieces)

    @cached_property
    def joined(self) -> Ints:
        """Rows of the pieces one may step off."""
        return np.flatnonzero(self.pieces.joined)

    @cached_property
    def _entered(self) -> tuple[Ints, shapely.STRtree]:
        """Rows of the pieces one may step on, and an index of them."""
        import shapely

        rows = np.flatnonzero(self.pieces.entered)
        return rows, shapely.STRtree(shapely.linestrings(self._ends(rows).reshape(-1, 2, 2)))

    def _ends(self, rows: Ints) -> Floats:
        p = self.pieces
        return np.stack((p.x[p.a[rows]], p.y[p.a[rows]], p.x[p.b[rows]], p.y[p.b[rows]]), 1)

    @cached_property
    def _by_cell(self) -> tuple[Any, ...]:
        """The pieces one may step off by their cells, as `access15._kernels.street_legs` takes them."""
        p, rows = self.pieces, self.joined
        n_cells = self.land.cross_ms.size
        order = np.argsort(p.cell[rows], kind="stable")
        of_cell = np.concatenate(([0], np.cumsum(np.bincount(p.cell[rows], minlength=n_cells))))
        share = np.column_stack((p.share_a[rows], p.share_b[rows]))
        edge_ms = np.column_stack((p.ahead_ms[rows], p.behind_ms[rows]))
        return self._ends(rows), share, edge_ms, of_cell.astype(np.int64), order.astype(np.int64)

    def from_places(self, x: Floats, y: Floats) -> tuple[Ints, Ints, Floats, Floats]:
        """Return the ways from places to the ends of pieces near them: points, rows of places, ms, metres over land."""
        found = [(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), np.empty(0))]
        for first in range(0, len(x), _CHUNK):
            point, row, ms, metres = self._from(x[first : first + _CHUNK], y[first : first + _CHUNK])
            found.append((point, first + row, ms, metres))
        point, row, ms, metres = (np.concatenate(column) for column in zip(*found, strict=True))
        return point, row, ms, metres

    def _from(self, x: Floats, y: Floats) -> tuple[Ints, Ints, Floats, Floats]:
        import shapely

        land, pieces = self.land, self.pieces
        terrain = land.terrain
        rows, tree = self._entered
        place, near = tree.query(shapely.points(x, y), predicate="dwithin", distance=_NEAR * terrain.cell_m)
        piece = rows[near]
        cross = land.cross_ms.ravel() / terrain.cell_m
        own = terrain.cell_of(x, y)[place]
        there = np.where(own >= 0, cross[own], np.inf)
        on_street = cross[pieces.cell[piece]]
        # Closed cells hold nobody back who stands in one: the leg has the pace of the street's cell.
        pace = np.where(np.isfinite(there), 0.5 * (there + on_street), on_street).astype(float)
        at = x[place], y[place]
        found = []
        for end in (_End.first(pieces, piece), _End.second(pieces, piece)):
            start, stop = end.ends(pieces)
            metres = best_place_m(start, stop, end.back_ms * end.length, at, pace)
            share = metres / np.maximum(np.hypot(stop[0] - start[0], stop[1] - start[1]), 1e-9)
            px, py = start[0] + share * (stop[0] - start[0]), start[1] + share * (stop[1] - start[1])
            best = end.ride_back_ms(share) + legs_ms(land, *at, px, py, to_home=False, street_m=STREET_M)
            only = legs_ms(land, *at, *start, to_home=False, street_m=STREET_M)
            leg_m = np.where(
                best < only, np.hypot(px - at[0], py - at[1]), np.hypot(start[0] - at[0], start[1] - at[1])
            )
            ms = np.minimum(best, only)
            open_ = np.flatnonzero(np.isfinite(ms))
            found.append((end.near[open_], place[open_], ms[open_], leg_m[open_]))
        point, row, ms, leg_m = (np.concatenate(column) for column in zip(*found, strict=True))
        return point, row, ms, leg_m

    def to_homes(
        self, labels: Labels, over_m: Floats | Float32s, homes: tuple[Floats, Floats], found: HomeTimes
    ) -> None:
        """Lower the labels of homes by the pieces of street near them.

        Parameters
        ----------
        labels : (s,) uint64
            Of the points.
        over_m : (s,) float
            Metres over land behind them.
        homes : pair of (k,) float64
        found : HomeTimes
        """
        from access15._kernels.street_legs import best_street_legs

        land, terrain = self.land, self.land.terrain
        x, y = (np.ascontiguousarray(v, np.float64) for v in homes)
        ends, share, edge_ms, of_cell, order = self._by_cell
        a, b = self.pieces.a[self.joined], self.pieces.b[self.joined]
        leg_m, end = np.empty(len(x)), np.full(len(x), -1, np.int64)
        label = found.label.copy()
        best_street_legs(
            land.cross_ms,
            terrain.height_m if land.uphill else np.empty((0, 0), np.float32),
            terrain.x_min,
            terrain.y_max,
            terrain.cell_m,
            land.uphill,
            ends,
            share,
            edge_ms,
            labels[a],
            labels[b],
            of_cell,
            order,
            _NEAR,
            *land.barriers,
            x,
            y,
            may_stand_dry(land, x, y),
            label,
            leg_m,
            end,
        )
        rows = np.flatnonzero(end >= 0)
        point = np.where(end[rows] % 2 == 0, a[end[rows] // 2], b[end[rows] // 2])
        found.offer(rows, label[rows], over_m[point] + leg_m[rows], leg_m[rows])


@dataclass(frozen=True, eq=False)
class _End:
    """Ends of pieces: ``near``, from which or to which one rides, and ``far``.

    ``low`` and ``length`` are the share of the edge at ``near`` in the direction that leads away from it and the share
    of the piece; ``away_ms`` and ``back_ms`` the times of the whole edge away from ``near`` and towards it.
    """

    near: Ints
    far: Ints
    low: Floats
    length: Floats
    away_ms: Floats
    back_ms: Floats

    @classmethod
    def first(cls, p: Pieces, rows: Ints) -> _End:
        length = (p.share_b - p.share_a)[rows]
        return cls(p.a[rows], p.b[rows], p.share_a[rows], length, p.ahead_ms[rows], p.behind_ms[rows])

    @classmethod
    def second(cls, p: Pieces, rows: Ints) -> _End:
        length = (p.share_b - p.share_a)[rows]
        return cls(p.b[rows], p.a[rows], 1 - p.share_b[rows], length, p.behind_ms[rows], p.ahead_ms[rows])

    def ends(self, p: Pieces) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
        """Return where the two ends lie."""
        return (p.x[self.near], p.y[self.near]), (p.x[self.far], p.y[self.far])

    def ride_back_ms(self, share: Floats) -> Floats:
        """Return the time from a share of the piece to ``near``, rounded once from where that direction begins."""
        whole = np.where(np.isfinite(self.back_ms), self.back_ms, 0.0)
        ride = np.rint((1 - self.low) * whole) - np.rint((1 - self.low - share * self.length) * whole)
        return np.where(share > 0, ride, 0.0)

    def where(self, rows: Ints) -> _End:
        """Return some of them."""
        return _End(
            *(getattr(self, name)[rows] for name in ("near", "far", "low", "length", "away_ms", "back_ms"))
        )


def best_place_m(
    start: tuple[Floats, Floats],
    end: tuple[Floats, Floats],
    along_ms: Floats,
    at: tuple[Floats, Floats],
    pace: Floats,
) -> Floats:
    """Return how many metres along a piece one steps off for a place beside it.

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
    (k,) float64
    """
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = np.maximum(np.hypot(dx, dy), 1e-9)
    ux, uy = dx / length, dy / length
    along = (at[0] - start[0]) * ux + (at[1] - start[1]) * uy
    across = np.abs((at[1] - start[1]) * ux - (at[0] - start[0]) * uy)
    with np.errstate(invalid="ignore", divide="ignore"):
        cosine = along_ms / length / pace
        step = np.where(
            cosine < 1, along - across * cosine / np.sqrt(np.maximum(1 - cosine * cosine, 1e-12)), 0.0
        )
    return np.asarray(np.clip(np.nan_to_num(step), 0.0, length), float)


def _legs(land: Land, pieces: Pieces) -> Legs:
    """Return the ways between the ends of pieces and the cells around them."""
    terrain = land.terrain
    rows, columns = terrain.shape
    use = np.flatnonzero(pieces.joined)
    cross = land.cross_ms.ravel()
    near_barrier = _near_barriers(land)
    ends = _End.first(pieces, use), _End.second(pieces, use)
    on = pieces.entered[use]
    found: list[tuple[AnyArray, ...]] = [(np.empty(0, np.int64),) * 2 + (np.empty(0),) * 4]
    for down, right in ((0, 0), *NEIGHBOURS):
        r, c = pieces.cell[use] // columns + down, pieces.cell[use] % columns + right
        there = (r >= 0) & (r < rows) & (c >= 0) & (c < columns)
        there[there] = np.isfinite(cross[(r * columns + c)[there]])
        some = np.flatnonzero(there)
        cell, own = (r * columns + c)[some], pieces.cell[use[some]]
        pace = 0.5 * (cross[cell].astype(float) + cross[own]) / terrain.cell_m
        checked = near_barrier[cell] | near_barrier[own] if len(near_barrier) else np.zeros(len(cell), bool)
        at = centre_of(cell, terrain)
        for end in ends:
            own_end = end.where(some)
            off = _leg(land, pieces, own_end, own_end.away_ms, at, pace, checked, outwards=True)
            to = _leg(land, pieces, own_end, own_end.back_ms, at, pace, checked, outwards=False)
            found.append((own_end.near, cell, off[0], np.where(on[some], to[0], np.inf), off[1], to[1]))
    return Legs(*(np.concatenate(column) for column in zip(*found, strict=True)))


def _near_barriers(land: Land) -> Bools:
    """Return the cells at or beside which a barrier lies, flat; empty where there is none."""
    import shapely
    from rasterio import Affine
    from rasterio.features import rasterize
    from scipy.ndimage import binary_dilation

    terrain = land.terrain
    if not len(terrain.barriers):
        return np.empty(0, bool)
    touched = rasterize(
        list(shapely.linestrings(terrain.barriers.reshape(-1, 2, 2))),
        out_shape=terrain.shape,
        transform=Affine(*terrain.transform),
        all_touched=True,
        dtype="uint8",
    )
    return np.asarray(binary_dilation(touched == 1, np.ones((3, 3), bool)).ravel())


def _leg(
    land: Land,
    pieces: Pieces,
    end: _End,
    edge_ms: Floats,
    at: tuple[Floats, Floats],
    pace: Floats,
    checked: Bools,
    *,
    outwards: bool,
) -> tuple[Floats, Floats]:
    """Return times and metres over land between the ends of pieces and places beside them; ``inf`` across a barrier.

    ``outwards`` says that the search goes from the street to the place; it decides who climbs. ``checked`` are legs that a
    barrier may cross.
    """
    start, stop = end.ends(pieces)
    along_ms = edge_ms * end.length
    metres = best_place_m(start, stop, along_ms, at, pace)
    share = metres / np.maximum(np.hypot(stop[0] - start[0], stop[1] - start[1]), 1e-9)
    x, y = start[0] + share * (stop[0] - start[0]), start[1] + share * (stop[1] - start[1])
    ms, leg_m = _beside_ms(land, x, y, at, pace, outwards)
    ms += np.where(share > 0, share * np.where(np.isfinite(along_ms), along_ms, 0.0), 0.0)
    bar = np.flatnonzero(checked)
    bar = bar[_barred(land, x[bar], y[bar], (at[0][bar], at[1][bar]))]
    if len(bar):
        # A leg may be barred from the best place and free from the end: then that one counts.
        there = at[0][bar], at[1][bar]
        ms[bar], leg_m[bar] = _beside_ms(land, start[0][bar], start[1][bar], there, pace[bar], outwards)
        ms[bar[_barred(land, start[0][bar], start[1][bar], there)]] = np.inf
    return ms, leg_m


def _barred(land: Land, x: Floats, y: Floats, at: tuple[Floats, Floats]) -> Bools:
    """Return which legs between points of streets and places cross a barrier, the last metre at the street left out."""
    metres = np.hypot(at[0] - x, at[1] - y)
    free = np.minimum(STREET_M / np.maximum(metres, STREET_M), 1.0)
    return crossed(land, x + (at[0] - x) * free, y + (at[1] - y) * free, *at)


def _beside_ms(
    land: Land, x: Floats, y: Floats, at: tuple[Floats, Floats], pace: Floats, outwards: bool
) -> tuple[Floats, Floats]:
    """Return the times and metres of straight legs between points of streets and places."""
    metres = np.hypot(at[0] - x, at[1] - y)
    ms = pace * metres
    if land.uphill:
        z_street, z = height_at(land.terrain, x, y), height_at(land.terrain, *at)
        ms = ms * (climb(land, z_street, z, metres) if outwards else climb(land, z, z_street, metres))
    return ms, metres


@dataclass(frozen=True, eq=False)
class LandAndStreets(StreetsBesideLand):
    """Land with streets joined to it, ready to be searched.

    Attributes
    ----------
    graph : RoutingGraph
    row_of_cell : (n,) int32
        Of the cells with borders; see `access15._kernels.land_and_streets`.
    indptr, head, arc_ms
        Arcs of points, then of cells that have any.
    arc_m : (a,) float32
        Metres over land of each arc.
    """

    graph: RoutingGraph
    row_of_cell: Int32s
    indptr: Ints
    head: Ints
    arc_ms: UInt32s
    arc_m: Float32s


@dataclass(frozen=True, eq=False)
class Starts:
    """Where a search begins: cells (without border) or points (behind them), labels, and metres over land so far."""

    at: Ints
    label: Labels
    over_m: Floats
    first_m: Floats

    @classmethod
    def joined(cls, parts: list[Starts]) -> Starts:
        """Return several as one."""
        return cls(
            *(
                np.concatenate([getattr(part, name) for part in parts])
                for name in ("at", "label", "over_m", "first_m")
            )
        )


@dataclass(frozen=True, eq=False)
class JointTimes:
    """Times of cells and of the points of streets.

    Attributes
    ----------
    labels : (n + s,) uint64
        Of the cells with borders, then of the points.
    over_m, first_m : (n + s,) float32
        Metres over land; see `access15.search.LandTimes`.
    cells : LandTimes
        The same of the cells alone.
    """

    labels: Labels
    over_m: Float32s
    first_m: Float32s
    cells: LandTimes

    def point_labels(self, joint: LandAndStreets) -> Labels:
        """Return the labels of the points."""
        return self.labels[len(joint.row_of_cell) :]

    def point_over_m(self, joint: LandAndStreets) -> Float32s:
        """Return the metres over land behind the points."""
        return self.over_m[len(joint.row_of_cell) :]


def join_streets(network: StreetNetwork, graph: RoutingGraph, land: Land) -> LandAndStreets:
    """Join the streets of a network to land.

    Parameters
    ----------
    network : StreetNetwork
        In the CRS of the terrain.
    graph : RoutingGraph
        Turned round where people travel to the places; of people on foot, whom no turn restriction binds.
    land : Land

    Raises
    ------
    InputError
        If the network is in another CRS than the terrain, or the graph remembers how a driver came.
    """
    from access15._kernels.land import BORDER

    check_same_crs(network, land)
    if graph.n_nodes != network.n_nodes:
        raise InputError("streets with turn restrictions are driven, not walked: use a profile on foot")
    pieces = cut_streets(network, graph, land)
    legs = _legs(land, pieces)
    rows, columns = land.terrain.shape
    n_cells = (rows + 2 * BORDER) * (columns + 2 * BORDER)
    start, stop, ms = street_arcs(graph, pieces)
    with_edge = with_border(legs.cell, land.terrain)
    cells, of_cell = np.unique(with_edge, return_inverse=True)
    row_of_cell = np.full(n_cells, -1, np.int32)
    row_of_cell[cells] = pieces.n_points + np.arange(len(cells))
    off, on = np.isfinite(legs.off_ms), np.isfinite(legs.on_ms)
    begin = np.concatenate((start, legs.point[off], pieces.n_points + of_cell[on]))
    head = np.concatenate((n_cells + stop, with_edge[off], n_cells + legs.point[on]))
    time = np.concatenate((ms, np.rint(legs.off_ms[off]), np.rint(legs.on_ms[on])))
    metres = np.concatenate((np.zeros(len(ms)), legs.off_m[off], legs.on_m[on])).astype(np.float32)
    order = np.argsort(begin, kind="stable")
    indptr = np.concatenate(([0], np.cumsum(np.bincount(begin, minlength=pieces.n_points + len(cells)))))
    return LandAndStreets(
        land,
        pieces,
        graph,
        row_of_cell,
        indptr.astype(np.int64),
        head[order],
        np.minimum(time[order], LARGEST_MS).astype(np.uint32),
        metres[order],
    )


def check_same_crs(network: StreetNetwork, land: Land) -> None:
    """Raise `InputError` if streets and terrain are in two CRS."""
    if network.crs != land.terrain.crs:
        raise InputError(
            f"the streets are in {network.crs[:40]} and the terrain in {land.terrain.crs[:40]}: read the terrain with crs={network.crs[:40]!r}"
        )


def street_arcs(graph: RoutingGraph, pieces: Pieces) -> tuple[Ints, Ints, Floats]:
    """Return the arcs of the graph, whole edges, and those along pieces: starts, heads, ms."""
    start = np.repeat(np.arange(graph.n_nodes), graph.out_degree)
    ahead_ms, behind_ms = pieces.whole_ms()
    ahead, behind = np.isfinite(ahead_ms), np.isfinite(behind_ms)
    return (
        np.concatenate((start, pieces.a[ahead], pieces.b[behind])).astype(np.int64),
        np.concatenate((graph.arcs[:, 0].astype(np.int64), pieces.b[ahead], pieces.a[behind])),
        np.concatenate((graph.arcs[:, 1].astype(float), ahead_ms[ahead], behind_ms[behind])),
    )


def place_starts(joint: LandAndStreets, x: Floats, y: Floats) -> tuple[Starts, Bools]:
    """Return where a search from places begins: cells and points of streets around them; and which places are shut in."""
    px, py = np.asarray(x, float), np.asarray(y, float)
    n = len(joint.row_of_cell)
    cell, label, metres, shut_in = spread_starts(joint.land, px, py)
    point, place, ms, leg_m = joint.from_places(px, py)
    shut_in[place] = False
    starts = Starts(
        np.concatenate((with_border(cell, joint.land.terrain), n + point)),
        np.concatenate((label, packed(ms, place))),
        np.concatenate((metres, leg_m)),
        np.concatenate((metres, np.zeros(len(leg_m)))),
    )
    return starts, shut_in


def spread_over_both(
    joint: LandAndStreets,
    starts: Starts,
    shut_in: Bools,
    before: JointTimes | None = None,
    *,
    limit_ms: int = LARGEST_MS,
    metres: bool = True,
) -> JointTimes:
    """Return the times of cells and points of streets.

    Parameters
    ----------
    joint : LandAndStreets
    starts : Starts
        Such as `place_starts` gives.
    shut_in : (p,) bool
    before : JointTimes, optional
        What is known already and may only be lowered.
    limit_ms : int
    metres : bool
        Also follow the metres over land.
    """
    from access15._kernels.land import BORDER
    from access15._kernels.land_and_streets import spread_over_land_and_streets
    from access15._kernels.land_metres import carry_metres

    land, terrain = joint.land, joint.land.terrain
    n, size = len(joint.row_of_cell), len(joint.row_of_cell) + joint.pieces.n_points
    labels = np.full(size, NO_LABEL, np.uint64) if before is None else before.labels.copy()
    ground = (
        bordered(land.cross_ms, np.float32(np.inf)),
        heights_of(land),
        blocked_of(land),
        terrain.shape[1] + 2 * BORDER,
        terrain.cell_m,
        land.uphill,
    )
    arcs = joint.row_of_cell, joint.indptr, joint.head, joint.arc_ms
    spread_over_land_and_streets(labels, *ground, *arcs, starts.at, starts.label, limit_ms, land.bucket_shift)
    over_m = np.full(size if metres else 0, np.nan, np.float32)
    first_m = over_m.copy()
    if metres:
        if before is not None:
            same = labels == before.labels
            over_m[same], first_m[same] = before.over_m[same], before.first_m[same]
        reached = np.flatnonzero(labels != NO_LABEL)
        order = reached[np.argsort(labels[reached], kind="stable")]
        carry_metres(
            labels,
            *ground,
            *arcs,
            joint.arc_m,
            starts.at,
            starts.label,
            starts.over_m,
            starts.first_m,
            order,
            over_m,
            first_m,
        )
    time, row = times_and_rows(without_border(labels[:n], terrain).ravel())
    grids = [without_border(values[:n], terrain) for values in (over_m, first_m) if metres]
    cells = LandTimes(time.reshape(terrain.shape), row.reshape(terrain.shape), shut_in, *grids)
    return JointTimes(labels, over_m, first_m, cells)


def read_homes(
    joint: LandAndStreets, times: JointTimes, places: tuple[Floats, Floats], homes: tuple[Floats, Floats]
) -> HomeTimes:
    """Return the best ways between homes and their nearest places over land and streets, read where the homes are."""
    found = HomeTimes.nowhere(len(homes[0]))
    read_cells(joint.land, times.cells, homes, found)
    read_places(joint.land, places, homes, found)
    over_m = times.point_over_m(joint) if times.over_m.size else np.zeros(joint.pieces.n_points)
    joint.to_homes(times.point_labels(joint), over_m, homes, found)
    return found


def joint_times_at(
    joint: LandAndStreets, times: JointTimes, places: tuple[Floats, Floats], homes: tuple[Floats, Floats]
) -> tuple[UInt32s, Int32s]:
    """Return the time between homes and their nearest places over land and streets, read where the homes are.

    As `access15.search.times_at`, and by the pieces of street near a home.
    """
    return times_and_rows(read_homes(joint, times, places, homes).label)
