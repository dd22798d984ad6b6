"""Homes read where they stand: from the cells around them, and from places near them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from access15.arrays import Bools, Floats, Int32s, Ints, Labels, UInt32s
from access15.model import NEIGHBOURS, WATER_AREA
from access15.search.labels import NO_LABEL, times_and_rows
from access15.search.on_land import (
    Land,
    LandTimes,
    centre_of,
    class_of,
    climb,
    crossed,
    height_at,
    legs_ms,
    packed,
)
from access15.units import NOT_REACHED_MS

_NEAR: Final = 3.0
"""Cells within which a home is also reached on a straight leg from the place itself."""
_CHUNK: Final = 50_000
_ALONG: Final = 8
"""Parts of an edge of the ring that are tried on slopes."""


@dataclass(frozen=True, eq=False)
class HomeTimes:
    """The best found so far for homes; lowered in place.

    Attributes
    ----------
    label : (k,) uint64
        As `access15.search.labels` packs times and rows of places.
    over_m, first_m : (k,) float64
        Metres over land of the whole way, and those between the home and the nearest street of the way.
    """

    label: Labels
    over_m: Floats
    first_m: Floats

    @classmethod
    def nowhere(cls, k: int) -> HomeTimes:
        """Return homes that nothing has reached yet."""
        return cls(np.full(k, NO_LABEL, np.uint64), np.full(k, np.nan), np.full(k, np.nan))

    def offer(self, row: Ints, label: Labels, over_m: Floats, first_m: Floats) -> None:
        """Take what is earlier than before; a row may stand more than once."""
        better = np.flatnonzero(label < self.label[row])
        better = better[np.lexsort((label[better], row[better]))]
        first = np.ones(len(better), bool)
        first[1:] = np.diff(row[better]) != 0
        best = better[first]
        at = row[best]
        self.label[at], self.over_m[at], self.first_m[at] = label[best], over_m[best], first_m[best]


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
    found = HomeTimes.nowhere(len(homes[0]))
    read_cells(land, times, homes, found)
    read_places(land, places, homes, found)
    return times_and_rows(found.label)


def read_places(
    land: Land, places: tuple[Floats, Floats], homes: tuple[Floats, Floats], found: HomeTimes
) -> None:
    """Lower the labels of homes by straight legs from places near them."""
    import shapely

    (px, py), (hx, hy) = (tuple(np.asarray(v, float) for v in pair) for pair in (places, homes))
    tree = shapely.STRtree(shapely.points(px, py))
    home, place = tree.query(
        shapely.points(hx, hy), predicate="dwithin", distance=_NEAR * land.terrain.cell_m
    )
    if len(home):
        time = legs_ms(land, px[place], py[place], hx[home], hy[home], to_home=True)
        metres = np.hypot(px[place] - hx[home], py[place] - hy[home])
        found.offer(home, packed(time, place), metres, metres)


def may_stand_dry(land: Land, x: Floats, y: Floats) -> Bools:
    """Return which points lie in cells whose centre is water: they may stand on the dry part, (k,)."""
    cell = land.terrain.cell_of(x, y)
    return np.asarray((cell >= 0) & (class_of(land.terrain, np.maximum(cell, 0)) == WATER_AREA), bool)


def read_cells(land: Land, times: LandTimes, homes: tuple[Floats, Floats], found: HomeTimes) -> None:
    """Lower the labels of homes by the ring of cells around their own, and by its centre."""
    terrain = land.terrain
    hx, hy = (np.asarray(v, float) for v in homes)
    for first in range(0, len(hx), _CHUNK):
        x, y = hx[first : first + _CHUNK], hy[first : first + _CHUNK]
        own = terrain.cell_of(x, y)
        rows = np.flatnonzero(own >= 0)
        rows = rows[np.isfinite(land.cross_ms.ravel()[own[rows]]) | may_stand_dry(land, x[rows], y[rows])]
        if not len(rows):
            continue
        ring = _Ring.of(land, times, own[rows], x[rows], y[rows])
        found.offer(first + rows, *ring.from_centre())
        for k in range(len(NEIGHBOURS)):
            found.offer(first + rows, *ring.through(k, (k + 1) % len(NEIGHBOURS)))


@dataclass(frozen=True, eq=False)
class _Ring:
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
    metres: tuple[Floats, Floats]

    @classmethod
    def of(cls, land: Land, times: LandTimes, own: Ints, x: Floats, y: Floats) -> _Ring:
        terrain = land.terrain
        rows, columns = terrain.shape
        down, right = np.array([*NEIGHBOURS, (0, 0)]).T[:, :, None]
        r, c = own // columns + down, own % columns + right
        inside = (r >= 0) & (r < rows) & (c >= 0) & (c < columns)
        cell = np.where(inside, r * columns + c, 0)
        centre = centre_of(cell, terrain)
        time = times.time_ms.ravel()[cell]
        open_ = inside & (time != NOT_REACHED_MS)
        if len(terrain.barriers):
            nine, home = np.nonzero(open_)
            cut = crossed(land, x[home], y[home], centre[0][nine, home], centre[1][nine, home])
            open_[nine[cut], home[cut]] = False
        pace = land.cross_ms.ravel()[cell].astype(float) / terrain.cell_m
        place = times.place.ravel()[cell].astype(np.int64)
        known = times.over_m.size > 0
        metres = tuple(
            grid.ravel()[cell].astype(float) if known else np.zeros(cell.shape)
            for grid in (times.over_m, times.first_m)
        )
        cell = np.where(inside, cell, -1)
        pair = metres[0], metres[1]
        return cls(land, x, y, cell, centre, pace, time.astype(float), place, open_, pair)

    def from_centre(self) -> tuple[Labels, Floats, Floats]:
        """Return labels by the straight leg from the centre of the own cell, and metres over land."""
        x, y = self.centre[0][-1], self.centre[1][-1]
        leg_m = np.hypot(self.x - x, self.y - y)
        time = np.where(self.open[-1], self.time_ms[-1] + self._leg_ms(x, y, self.pace[-1], leg_m), np.inf)
        label = packed(time, np.maximum(self.place[-1], 0))
        return label, self.metres[0][-1] + leg_m, self.metres[1][-1] + leg_m

    def through(self, a: int, b: int) -> tuple[Labels, Floats, Floats]:
        """Return labels by the best point of the edge between two neighbours of the ring, and metres over land.

        The time at a point ``l`` metres along is linear between the two, the rest a straight leg: the least sum lies where
        the leg meets the edge at the angle of Snell's law. On slopes the best of some fixed points is taken. So an earlier
        time at either end never gives a later one here.
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
        if self.land.uphill:
            tried = [np.full(len(self.x), k * side / _ALONG) for k in range(_ALONG + 1)]
        else:
            with np.errstate(invalid="ignore"):
                late = np.clip((tb - ta) / (side * pace), -1 + 1e-12, 1 - 1e-12)
            tried = [along - across * late / np.sqrt(1 - late * late)]
        best, at = np.full(len(self.x), np.inf), np.zeros(len(self.x))
        for foot in tried:
            metres = np.clip(foot, 0, side)
            leg_m = np.hypot(along - metres, across)
            with np.errstate(invalid="ignore"):
                time = ta + (tb - ta) * metres / side
                time = time + self._leg_ms(ax + ux * metres, ay + uy * metres, pace, leg_m)
            better = use & (time < best)
            best, at = np.where(better, time, best), np.where(better, metres, at)
        share = at / side
        row = np.where(share < 0.5, self.place[a], self.place[b])
        leg_m = np.hypot(along - at, across)
        over, first = (m[a] + share * (m[b] - m[a]) + leg_m for m in self.metres)
        return packed(best, row), over, first

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
