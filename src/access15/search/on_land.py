"""Times over land: from places at their own position over the cells of a `Terrain` to homes at theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

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
from access15.model import NO_DATA, WATER_AREA, Direction, Terrain
from access15.search.labels import LARGEST_MS, NO_LABEL, times_and_rows
from access15.units import NOT_REACHED_MS

FAN: Final = 12
"""Cells around a place that are reached on straight legs: near a start the field is too curved for the grid.

The error of the cells' own steps is at most 9.1 % times ``log(R / FAN) / R`` at ``R`` cells: 0.28 % with 12, 0.67 % with 5."""
_CHUNK: Final = 400_000
_SQUARE_CELLS: Final = 4.0
_MOST_SQUARES: Final = 2000
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
    def barriers(self) -> tuple[Any, ...]:
        """The barrier pieces in the squares of a grid, as `access15._kernels.barriers` takes them."""
        from access15._kernels.snap import grid_of_segments

        pieces = self.terrain.barriers
        if not len(pieces):
            return pieces, np.zeros(2, np.int64), np.empty(0, np.int32), 1.0, 0.0, 0.0, 1, 1
        west, south = float(pieces[:, [0, 2]].min()), float(pieces[:, [1, 3]].min())
        wide, high = float(pieces[:, [0, 2]].max()) - west, float(pieces[:, [1, 3]].max()) - south
        size = max(_SQUARE_CELLS * self.terrain.cell_m, max(wide, high) / _MOST_SQUARES)
        nx, ny = int(wide / size) + 1, int(high / size) + 1
        start, ids = grid_of_segments(pieces, size, west, south, nx, ny)
        return pieces, start, ids, size, west, south, nx, ny

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
    over_m, first_m : (rows, columns) float32, or (0, 0)
        Metres over land of the whole way, and from the last street on; (0, 0) where not asked for.
    """

    time_ms: UInt32s
    place: Int32s
    shut_in: Bools
    over_m: Float32s = field(default_factory=lambda: np.empty((0, 0), np.float32))
    first_m: Float32s = field(default_factory=lambda: np.empty((0, 0), np.float32))


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
    cell, label, _, shut_in = spread_starts(land, np.asarray(x, float), np.asarray(y, float), fan_cells)
    columns = terrain.shape[1] + 2 * BORDER
    cross = bordered(land.cross_ms, np.float32(np.inf))
    labels = np.full(cross.size, NO_LABEL, np.uint64)
    spread_over_land(
        labels,
        cross,
        heights_of(land),
        blocked_of(land),
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
        heights_of(land),
        blocked_of(land),
        terrain.shape[1] + 2 * BORDER,
        terrain.cell_m,
        land.uphill,
        with_border(cell[inside], terrain),
        np.zeros(len(inside)),
        inside.astype(np.int32),
    )
    return without_border(time, terrain) / 1000, without_border(row, terrain)


def bordered(grid: Float32s, value: np.float32) -> Float32s:
    """Return a grid with a border of one value, as kernels take it: flat."""
    from access15._kernels.land import BORDER

    return np.pad(grid, BORDER, constant_values=value).ravel()


def heights_of(land: Land) -> Float32s:
    """Return heights with a border, flat, as kernels take them; empty on level land."""
    from access15._kernels.land import BORDER

    if not land.uphill:
        return np.empty(0, np.float32)
    return np.pad(land.terrain.height_m, BORDER, mode="edge").ravel()


def blocked_of(land: Land) -> UInt8s:
    """Return the barred moves with a border, flat; empty where there is no barrier."""
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


def centre_of(cell: Ints, terrain: Terrain) -> tuple[Floats, Floats]:
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
    from access15._kernels.barriers import legs_are_cut

    out = np.zeros(len(x0), bool)
    if len(land.terrain.barriers) and len(x0):
        ends = (np.ascontiguousarray(v, np.float64) for v in np.broadcast_arrays(x0, y0, x1, y1))
        legs_are_cut(*ends, *land.barriers, out)
    return out


def legs_ms(
    land: Land,
    place_x: Floats,
    place_y: Floats,
    x: Floats,
    y: Floats,
    *,
    to_home: bool,
    street_m: float = 0.0,
) -> Floats:
    """Return the times of straight legs between places and cells' centres or homes, ms; ``inf`` where there is no way.

    The closed cell of a place itself does not hold it: it has a door somewhere. Nor does that of a home, if only the
    cell's centre lies in water. The last ``street_m`` before ``x, y`` are a street, whatever is drawn there.
    """
    from access15._kernels.land import leg_times

    terrain = land.terrain
    length_m = np.hypot(x - place_x, y - place_y)
    wet = np.zeros(len(x), bool)
    if to_home:
        home = terrain.cell_of(x, y)
        wet = (home >= 0) & (class_of(terrain, home) == WATER_AREA)
    time = np.empty(len(x))
    leg_times(land.cross_ms, terrain.x_min, terrain.y_max, terrain.cell_m, place_x, place_y, x, y, wet, time)
    if land.uphill:
        time *= climb(land, height_at(terrain, place_x, place_y), height_at(terrain, x, y), length_m)
    open_ = np.flatnonzero(np.isfinite(time))
    free = 1 - np.minimum(street_m / np.maximum(length_m[open_], 1e-9), 1.0)
    px, py = place_x[open_], place_y[open_]
    time[open_[crossed(land, px, py, px + (x[open_] - px) * free, py + (y[open_] - py) * free)]] = np.inf
    return time


def class_of(terrain: Terrain, cell: Ints) -> Objects:
    """Return the class of some cells."""
    return np.array(terrain.classes, object)[terrain.cover.ravel()[cell]]


def packed(time_ms: Floats, row: AnyInts) -> Labels:
    """Return labels of times and rows; `NO_LABEL` where there is no time that fits one."""
    fits = time_ms < NOT_REACHED_MS - 1
    whole = np.where(fits, time_ms + 0.5, 0).astype(np.uint64)
    return np.where(fits, (whole << np.uint64(32)) | row.astype(np.uint64), np.uint64(NO_LABEL))


def spread_starts(
    land: Land, x: Floats, y: Floats, fan_cells: int = FAN
) -> tuple[Ints, Labels, Floats, Bools]:
    """Return the cells around places, their labels by straight legs, the legs' metres, and which places are shut in."""
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
    metres: list[Floats] = [np.empty(0)]
    inside = np.flatnonzero(own >= 0)
    for first in range(0, len(inside), max(_CHUNK // len(down), 1)):
        part = inside[first : first + max(_CHUNK // len(down), 1)]
        r, c = own[part, None] // columns + down, own[part, None] % columns + right
        there = (r >= 0) & (r < rows) & (c >= 0) & (c < columns)
        place = np.broadcast_to(part[:, None], there.shape)[there]
        cell = (r * columns + c)[there]
        open_ = np.isfinite(land.cross_ms.ravel()[cell])
        place, cell = place[open_], cell[open_]
        centre = centre_of(cell, terrain)
        time = legs_ms(land, x[place], y[place], *centre, to_home=False)
        reached = np.isfinite(time)
        shut_in[place[reached]] = False
        cells.append(cell[reached])
        labels.append(packed(time[reached], place[reached]))
        metres.append(np.hypot(centre[0] - x[place], centre[1] - y[place])[reached])
    return np.concatenate(cells), np.concatenate(labels), np.concatenate(metres), shut_in
