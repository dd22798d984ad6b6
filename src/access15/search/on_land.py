"""Times over land: from places at their own position over the cells of a `Terrain` to homes at theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from access15.arrays import (
    AnyArray,
    AnyInts,
    Bools,
    Float32s,
    Floats,
    Int32s,
    Ints,
    Labels,
    Objects,
    UInt8s,
    UInt32s,
)
from access15.errors import InputError
from access15.model import NEIGHBOURS, NO_DATA, WATER_AREA, Direction, Terrain
from access15.search.labels import LARGEST_MS, NO_LABEL, times_and_rows
from access15.units import NOT_REACHED_MS

if TYPE_CHECKING:
    import shapely

FAN: Final = 12
"""Cells around a place that are reached on straight legs: near a start the field is too curved for the grid.

The error of the cells' own steps is at most 9.1 % times ``log(R / FAN) / R`` at ``R`` cells: 0.28 % with 12, 0.67 % with 5."""
_NEAR: Final = 3.0
"""Cells within which a home is also reached on a straight leg from the place itself."""
_CHUNK: Final = 400_000
_BUCKET: Final = 0.35
"""Width of a bucket of the search, as a share of the time to cross the fastest cell."""


@dataclass(frozen=True, eq=False)
class Land:
    """A terrain as somebody travels it.

    Attributes
    ----------
    terrain : Terrain
    cross_ms : (rows, columns) float32
        Time to cross a cell from side to side, ``inf`` where it is closed.
    uphill : float
        1: people walk to the places, -1: from them, 0: slopes do not matter.
    """

    terrain: Terrain
    cross_ms: Float32s
    uphill: float

    @cached_property
    def barriers(self) -> shapely.STRtree:
        """An index of the barrier pieces."""
        import shapely

        return shapely.STRtree(shapely.linestrings(self.terrain.barriers.reshape(-1, 2, 2)))

    @property
    def bucket_shift(self) -> int:
        """Width of the search's buckets as a power of two of milliseconds."""
        fastest = float(self.cross_ms.min())
        return int(np.clip(np.rint(np.log2(max(fastest * _BUCKET, 1.0))), 0, 24))


@dataclass(frozen=True, eq=False)
class LandTimes:
    """Time between the centre of every cell and its nearest place.

    Attributes
    ----------
    time_ms : (rows, columns) uint32
        `access15.units.NOT_REACHED_MS` where not reached.
    place : (rows, columns) int32
        Row of that place, -1 where not reached.
    shut_in : (p,) bool
        Places from which no way leads on: in water, on closed land, or outside the grid.
    """

    time_ms: UInt32s
    place: Int32s
    shut_in: Bools


def land_of(
    terrain: Terrain, kph: Mapping[str, float], *, direction: Direction = "to", slopes: bool = False
) -> Land:
    """Return a terrain with the pace of every cell.

    Parameters
    ----------
    terrain : Terrain
    kph : mapping of str to float
        Speed by class, km/h; 0 = closed. Classes without one have the speed that the terrain states for them.
    direction : {"to", "from"}
        Whether people walk to the places or from them: who climbs.
    slopes : bool
        Follow slopes by Tobler's function, where the terrain has heights.

    Raises
    ------
    InputError
        If a class that covers any cell has no speed, a speed is not a number from 0 to 300, or all land is closed.
    """
    known = {**terrain.class_kph, **kph}
    for name, value in known.items():
        if not (np.isfinite(value) and 0 <= value <= 300):
            raise InputError(f"the speed over {name!r} must be 0 (closed) to 300 km/h, not {value!r}")
    there = np.bincount(terrain.cover.ravel(), minlength=len(terrain.classes)) > 0
    if terrain.share_pct.size:
        there |= terrain.share_pct.any(axis=(1, 2))
    known |= dict.fromkeys((WATER_AREA, NO_DATA), 0.0)
    missing = [name for name, used in zip(terrain.classes, there, strict=True) if used and name not in known]
    if missing:
        raise InputError(f"there is no speed over {', '.join(missing)}: add it, 0 where nobody walks")
    speed = np.array([known.get(name, 0.0) for name in terrain.classes])
    if terrain.share_pct.size:
        cell_kph = np.tensordot(speed / 100, terrain.share_pct, axes=1)
        closed = np.array([name == WATER_AREA for name in terrain.classes])[terrain.cover]
        cell_kph[closed] = 0.0
    else:
        cell_kph = speed[terrain.cover]
    with np.errstate(divide="ignore"):
        cross_ms = (terrain.cell_m * 3600 / cell_kph).astype(np.float32)
    if not np.isfinite(cross_ms).any():
        raise InputError("every cell of the land is closed: give at least one of its classes a speed above 0")
    sign = {"to": 1.0, "from": -1.0}[direction]
    return Land(terrain, cross_ms, sign if slopes and terrain.height_m.size else 0.0)


def spread(
    land: Land, x: Floats, y: Floats, *, limit_ms: int = LARGEST_MS, fan_cells: int = FAN
) -> LandTimes:
    """Return the time between every cell and its nearest place, in every direction over the land.

    Parameters
    ----------
    land : Land
    x, y : (p,) float64
        Places in the CRS of the terrain. Cells near them are reached from their own position.
    limit_ms : int
        Times beyond it are not passed on.
    fan_cells : int
        Cells around a place that are reached on straight legs.
    """
    from access15._kernels.land import BORDER, spread_over_land

    terrain = land.terrain
    cell, label, shut_in = spread_starts(land, np.asarray(x, float), np.asarray(y, float), fan_cells)
    columns = terrain.shape[1] + 2 * BORDER
    cross = bordered(land.cross_ms, np.float32(np.inf))
    labels = np.full(cross.size, NO_LABEL, np.uint64)
    spread_over_land(
        labels,
        cross,
        _heights(land),
        _blocked(land),
        columns,
        terrain.cell_m,
        land.uphill,
        with_border(cell, terrain),
        label,
        limit_ms,
        land.bucket_shift,
    )
    time, place = times_and_rows(without_border(labels, terrain).ravel())
    return LandTimes(time.reshape(terrain.shape), place.reshape(terrain.shape), shut_in)


def spread_in_moves(land: Land, x: Floats, y: Floats, moves: int) -> tuple[Floats, Int32s]:
    """Return times in seconds and rows of places by 8 or 16 moves between the centres of cells, as AccessMod and r.cost do.

    Places are at the centres of their cells. It is slower than `spread`, and up to 8.2 % (8 moves) or 2.7 % (16) too slow
    on open land; it is there to be compared with other tools.

    Returns
    -------
    seconds : (rows, columns) float64
        ``inf`` where not reached.
    place : (rows, columns) int32
        -1 where not reached.

    Raises
    ------
    InputError
        If ``moves`` is neither 8 nor 16.
    """
    from access15._kernels.land import BORDER, spread_by_moves

    if moves not in (8, 16):
        raise InputError(f"moves must be 8 or 16, not {moves!r}")
    terrain = land.terrain
    cell = terrain.cell_of(x, y)
    inside = np.flatnonzero(cell >= 0)
    cross = bordered(land.cross_ms, np.float32(np.inf))
    time = np.full(cross.size, np.inf)
    row = np.full(cross.size, -1, np.int32)
    spread_by_moves(
        moves,
        time,
        row,
        cross,
        _heights(land),
        _blocked(land),
        terrain.shape[1] + 2 * BORDER,
        terrain.cell_m,
        land.uphill,
        with_border(cell[inside], terrain),
        np.zeros(len(inside)),
        inside.astype(np.int32),
    )
    return without_border(time, terrain) / 1000, without_border(row, terrain)


def times_at(
    land: Land, times: LandTimes, places: tuple[Floats, Floats], homes: tuple[Floats, Floats]
) -> tuple[UInt32s, Int32s]:
    """Return the time between homes and their nearest places, read where the homes are.

    A home takes its time through the edges of the ring of cells around it, in closed form, and from places near it on a
    straight leg. No leg crosses a barrier or closed land; a home in a cell whose centre lies in water may stand on dry land.

    Parameters
    ----------
    land : Land
    times : LandTimes
        Of `spread` for ``places``.
    places, homes : pairs of (p,) and (k,) float64
        Positions in the CRS of the terrain.

    Returns
    -------
    time_ms : (k,) uint32
        `access15.units.NOT_REACHED_MS` where not reached.
    place : (k,) int32
    """
    hx, hy = (np.asarray(v, float) for v in homes)
    out = np.full(len(hx), NO_LABEL, np.uint64)
    for first in range(0, len(hx), _CHUNK // 8):
        part = slice(first, first + _CHUNK // 8)
        out[part] = np.minimum(
            _from_ring(land, times, hx[part], hy[part]), _from_places(land, places, hx[part], hy[part])
        )
    return times_and_rows(out)


def bordered(grid: Float32s, value: np.float32) -> Float32s:
    """Return a grid with a border of one value, as kernels take it: flat."""
    from access15._kernels.land import BORDER

    return np.pad(grid, BORDER, constant_values=value).ravel()


def _heights(land: Land) -> Float32s:
    from access15._kernels.land import BORDER

    if not land.uphill:
        return np.empty(0, np.float32)
    return np.pad(land.terrain.height_m, BORDER, mode="edge").ravel()


def _blocked(land: Land) -> UInt8s:
    from access15._kernels.land import BORDER

    blocked = land.terrain.blocked
    return np.pad(blocked, BORDER).ravel() if blocked.size else np.empty(0, np.uint8)


def with_border(cell: Ints, terrain: Terrain) -> Ints:
    """Return where cells of the grid lie in the grid with a border."""
    from access15._kernels.land import BORDER

    columns = terrain.shape[1]
    return (cell // columns + BORDER) * (columns + 2 * BORDER) + cell % columns + BORDER


def without_border(values: AnyArray, terrain: Terrain) -> AnyArray:
    """Return what a kernel filled, as the grid of the terrain."""
    from access15._kernels.land import BORDER

    rows, columns = terrain.shape
    grid = values.reshape(rows + 2 * BORDER, columns + 2 * BORDER)
    return grid[BORDER : BORDER + rows, BORDER : BORDER + columns]


def _centre(cell: Ints, terrain: Terrain) -> tuple[Floats, Floats]:
    """Return the middle of cells."""
    columns = terrain.shape[1]
    right, down = (cell % columns).astype(np.float64), (cell // columns).astype(np.float64)
    return terrain.x_min + (right + 0.5) * terrain.cell_m, terrain.y_max - (down + 0.5) * terrain.cell_m


def height_at(terrain: Terrain, x: Floats, y: Floats) -> Floats:
    """Return heights between the centres of cells, bilinear."""
    rows, columns = terrain.shape
    right = np.clip((x - terrain.x_min) / terrain.cell_m - 0.5, 0, columns - 1)
    down = np.clip((terrain.y_max - y) / terrain.cell_m - 0.5, 0, rows - 1)
    c, r = np.minimum(right.astype(int), max(columns - 2, 0)), np.minimum(down.astype(int), max(rows - 2, 0))
    u, v = right - c, down - r
    c1, r1, z = np.minimum(c + 1, columns - 1), np.minimum(r + 1, rows - 1), terrain.height_m
    upper, lower = z[r, c] * (1 - u) + z[r, c1] * u, z[r1, c] * (1 - u) + z[r1, c1] * u
    return np.asarray(upper * (1 - v) + lower * v, float)


def climb(land: Land, z_place: Floats, z_away: Floats, length_m: Floats) -> Floats:
    """Return Tobler's factor of legs between a place, or what is nearer to it, and what is further away."""
    grade = land.uphill * (z_place - z_away) / np.maximum(length_m, 1e-9)
    return np.asarray(np.exp(3.5 * (np.abs(grade + 0.05) - 0.05)))


def crossed(land: Land, x0: Floats, y0: Floats, x1: Floats, y1: Floats) -> Bools:
    """Return which straight legs cross a barrier, (k,)."""
    import shapely

    crossed = np.zeros(len(x0), bool)
    if len(land.terrain.barriers) and len(x0):
        legs = shapely.linestrings(np.stack((np.stack((x0, y0), 1), np.stack((x1, y1), 1)), 1))
        crossed[land.barriers.query(legs, predicate="intersects")[0]] = True
    return crossed


def legs_ms(land: Land, place_x: Floats, place_y: Floats, x: Floats, y: Floats, *, to_home: bool) -> Floats:
    """Return the times of straight legs between places and cells' centres or homes, ms; ``inf`` where there is no way.

    The closed cell of a place itself does not hold it: it has a door somewhere. Nor does that of a home, if only the
    cell's centre lies in water.
    """
    from access15._kernels.land import leg_times

    terrain = land.terrain
    length_m = np.hypot(x - place_x, y - place_y)
    wet = np.zeros(len(x), bool)
    if to_home:
        home = terrain.cell_of(x, y)
        wet = (home >= 0) & (_class_of(terrain, home) == WATER_AREA)
    time = np.empty(len(x))
    leg_times(land.cross_ms, terrain.x_min, terrain.y_max, terrain.cell_m, place_x, place_y, x, y, wet, time)
    if land.uphill:
        time *= climb(land, height_at(terrain, place_x, place_y), height_at(terrain, x, y), length_m)
    open_ = np.flatnonzero(np.isfinite(time))
    time[open_[crossed(land, place_x[open_], place_y[open_], x[open_], y[open_])]] = np.inf
    return time


def _class_of(terrain: Terrain, cell: Ints) -> Objects:
    return np.array(terrain.classes, object)[terrain.cover.ravel()[cell]]


def packed(time_ms: Floats, row: AnyInts) -> Labels:
    """Return labels of times and rows; `NO_LABEL` where there is no time that fits one."""
    fits = time_ms < NOT_REACHED_MS - 1
    whole = np.where(fits, time_ms + 0.5, 0).astype(np.uint64)
    return np.where(fits, (whole << np.uint64(32)) | row.astype(np.uint64), np.uint64(NO_LABEL))


def spread_starts(land: Land, x: Floats, y: Floats, fan_cells: int = FAN) -> tuple[Ints, Labels, Bools]:
    """Return the cells around places, their labels by straight legs, and which places are shut in."""
    terrain = land.terrain
    rows, columns = terrain.shape
    steps = np.arange(-fan_cells, fan_cells + 1)
    down, right = (grid.ravel() for grid in np.meshgrid(steps, steps, indexing="ij"))
    round_ = np.hypot(down, right) <= fan_cells + 0.5
    down, right = down[round_], right[round_]
    own = terrain.cell_of(x, y)
    shut_in = np.ones(len(x), bool)
    cells: list[Ints] = [np.empty(0, np.int64)]
    labels: list[Labels] = [np.empty(0, np.uint64)]
    inside = np.flatnonzero(own >= 0)
    for first in range(0, len(inside), max(_CHUNK // len(down), 1)):
        part = inside[first : first + max(_CHUNK // len(down), 1)]
        r, c = own[part, None] // columns + down, own[part, None] % columns + right
        there = (r >= 0) & (r < rows) & (c >= 0) & (c < columns)
        place = np.broadcast_to(part[:, None], there.shape)[there]
        cell = (r * columns + c)[there]
        open_ = np.isfinite(land.cross_ms.ravel()[cell])
        place, cell = place[open_], cell[open_]
        time = legs_ms(land, x[place], y[place], *_centre(cell, terrain), to_home=False)
        reached = np.isfinite(time)
        shut_in[place[reached]] = False
        cells.append(cell[reached])
        labels.append(packed(time[reached], place[reached]))
    return np.concatenate(cells), np.concatenate(labels), shut_in


def _from_places(land: Land, places: tuple[Floats, Floats], hx: Floats, hy: Floats) -> Labels:
    """Return labels of homes by straight legs from places near them."""
    import shapely

    out = np.full(len(hx), NO_LABEL, np.uint64)
    px, py = (np.asarray(v, float) for v in places)
    tree = shapely.STRtree(shapely.points(px, py))
    home, place = tree.query(
        shapely.points(hx, hy), predicate="dwithin", distance=_NEAR * land.terrain.cell_m
    )
    if len(home):
        time = legs_ms(land, px[place], py[place], hx[home], hy[home], to_home=True)
        np.minimum.at(out, home, packed(time, place))
    return out


def _from_ring(land: Land, times: LandTimes, hx: Floats, hy: Floats) -> Labels:
    """Return labels of homes by the ring of cells around their own, and by its centre."""
    terrain = land.terrain
    own = terrain.cell_of(hx, hy)
    out = np.full(len(hx), NO_LABEL, np.uint64)
    rows = np.flatnonzero(own >= 0)
    wet = _class_of(terrain, own[rows]) == WATER_AREA
    rows = rows[np.isfinite(land.cross_ms.ravel()[own[rows]]) | wet]
    if not len(rows):
        return out
    homes = _Homes.of(land, times, own[rows], hx[rows], hy[rows])
    found = homes.from_centre()
    for k in range(len(NEIGHBOURS)):
        found = np.minimum(found, homes.through(k, (k + 1) % len(NEIGHBOURS)))
    out[rows] = found
    return out


@dataclass(frozen=True, eq=False)
class _Homes:
    """Homes, and the nine cells around each: the ring in its order, then their own.

    ``cell`` is -1 outside the grid; ``open`` says which of the nine are inside, reached and not behind a barrier.
    """

    land: Land
    x: Floats
    y: Floats
    cell: Ints
    centre: tuple[Floats, Floats]
    pace: Floats
    time_ms: Floats
    place: Ints
    open: Bools

    @classmethod
    def of(cls, land: Land, times: LandTimes, own: Ints, x: Floats, y: Floats) -> _Homes:
        terrain = land.terrain
        rows, columns = terrain.shape
        down, right = np.array([*NEIGHBOURS, (0, 0)]).T[:, :, None]
        r, c = own // columns + down, own % columns + right
        inside = (r >= 0) & (r < rows) & (c >= 0) & (c < columns)
        cell = np.where(inside, r * columns + c, 0)
        centre = _centre(cell, terrain)
        time = times.time_ms.ravel()[cell]
        open_ = inside & (time != NOT_REACHED_MS)
        if len(terrain.barriers):
            nine, home = np.nonzero(open_)
            cut = crossed(land, x[home], y[home], centre[0][nine, home], centre[1][nine, home])
            open_[nine[cut], home[cut]] = False
        pace = land.cross_ms.ravel()[cell].astype(float) / terrain.cell_m
        place = times.place.ravel()[cell].astype(np.int64)
        return cls(land, x, y, np.where(inside, cell, -1), centre, pace, time.astype(float), place, open_)

    def from_centre(self) -> Labels:
        """Return labels by the straight leg from the centre of the own cell."""
        x, y = self.centre[0][-1], self.centre[1][-1]
        metres = np.hypot(self.x - x, self.y - y)
        time = np.where(self.open[-1], self.time_ms[-1] + self._leg_ms(x, y, self.pace[-1], metres), np.inf)
        return packed(time, np.maximum(self.place[-1], 0))

    def through(self, a: int, b: int) -> Labels:
        """Return labels by the best point of the edge between two neighbours of the ring.

        The time at a point ``l`` metres along is linear between the two, the rest a straight leg: the least sum lies where
        the leg meets the edge at the angle of Snell's law.
        """
        side = self.land.terrain.cell_m
        use = self.open[a] & self.open[b] & ~self._cut(a, b)
        ax, ay, bx, by = self.centre[0][a], self.centre[1][a], self.centre[0][b], self.centre[1][b]
        ta, tb = self.time_ms[a], self.time_ms[b]
        beside = 0.5 * (self.pace[a] + self.pace[b])
        pace = np.where(np.isfinite(self.pace[-1]), 0.5 * (self.pace[-1] + beside), beside)
        ux, uy = (bx - ax) / side, (by - ay) / side
        along = (self.x - ax) * ux + (self.y - ay) * uy
        across = np.abs((self.y - ay) * ux - (self.x - ax) * uy)
        with np.errstate(invalid="ignore"):
            late = np.clip((tb - ta) / (side * pace), -0.999, 0.999)
        foot = along - across * late / np.sqrt(1 - late * late)
        best = np.full(len(self.x), np.inf)
        row = np.zeros(len(self.x), np.int64)
        for at in (foot, 0.0 * foot, 0.0 * foot + 0.5 * side, 0.0 * foot + side):
            metres = np.clip(at, 0, side)
            leg_m = np.hypot(along - metres, across)
            with np.errstate(invalid="ignore"):
                time = ta + (tb - ta) * metres / side
                time = time + self._leg_ms(ax + ux * metres, ay + uy * metres, pace, leg_m)
            better = use & (time < best)
            best = np.where(better, time, best)
            row = np.where(better, np.where(metres < side / 2, self.place[a], self.place[b]), row)
        return packed(best, row)

    def _cut(self, a: int, b: int) -> Bools:
        """Return where a barrier cuts the edge between two neighbours of the ring."""
        blocked = self.land.terrain.blocked
        if not blocked.size:
            return np.zeros(len(self.x), bool)
        bit = NEIGHBOURS.index((NEIGHBOURS[b][0] - NEIGHBOURS[a][0], NEIGHBOURS[b][1] - NEIGHBOURS[a][1]))
        return np.asarray((blocked.ravel()[self.cell[a]] >> bit) & 1, bool)

    def _leg_ms(self, x: Floats, y: Floats, pace: Floats, metres: Floats) -> Floats:
        """Return the times of straight legs from points to the homes."""
        # On closed land nobody stands: what comes out there is not asked for.
        with np.errstate(invalid="ignore"):
            time = pace * metres
        if self.land.uphill:
            terrain = self.land.terrain
            time = time * climb(
                self.land, height_at(terrain, x, y), height_at(terrain, self.x, self.y), metres
            )
        return time
