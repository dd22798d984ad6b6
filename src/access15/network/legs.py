"""Legs between points and streets do not cross water that the network knows.

Water is kept as lines: rivers by their middle, lakes and the sea by their banks (OSM wiki, Tag:waterway=river,
Tag:natural=water, Tag:natural=coastline). A leg that meets a river, or enters and leaves a bank, crosses it; one that
starts in the water and leaves it does not: a cell's middle may lie in a river.
"""

from __future__ import annotations

from typing import Any, Final
from weakref import WeakKeyDictionary

import numpy as np

from access15.arrays import Bools, Float32s, Floats, Int32s, Ints, Objects
from access15.model import StreetNetwork

STREET_M: Final = 1.0
"""The last metre of a leg is the street: a quay may be drawn on the very line of the water (practice value)."""
TRIED: Final = 256
"""Streets tried for a point whose nearest one lies across water, the nearest first."""
_AT_ONCE: Final = 512
_SQUARE_M: Final = 500.0

_LINES: WeakKeyDictionary[StreetNetwork, tuple[Any, Objects]] = WeakKeyDictionary()


def _lines(network: StreetNetwork) -> tuple[Any, Objects]:
    """Return the lines of water and an index of them (built once)."""
    import shapely

    if network not in _LINES:
        xy = np.column_stack((network.water_x, network.water_y))
        rows = np.repeat(np.arange(len(network.water_river)), np.diff(network.water_offset))
        shapes = np.asarray(shapely.linestrings(xy, indices=rows), object)
        _LINES[network] = shapely.STRtree(shapes), shapes
    return _LINES[network]


def cross_water(network: StreetNetwork, points: Floats, streets: Floats) -> Bools:
    """Return which straight legs cross water, (k,).

    Parameters
    ----------
    points, streets : (k, 2) float64
        The two ends of each leg in the CRS of the network.
    """
    import shapely

    barred = np.zeros(len(points), bool)
    if not len(network.water_river) or not len(points):
        return barred
    tree, shapes = _lines(network)
    step = streets - points
    length = np.hypot(*step.T)
    stop = streets - step * np.minimum(STREET_M / np.maximum(length, STREET_M), 1.0)[:, None]
    legs = shapely.linestrings(np.stack((points, stop), axis=1))
    leg, water = tree.query(legs, predicate="intersects")
    if not len(leg):
        return barred
    met = shapely.get_num_geometries(shapely.intersection(legs[leg], shapes[water]))
    river = network.water_river[water]
    banks = np.bincount(leg[~river], met[~river], minlength=len(points))
    barred[banks >= 2] = True
    barred[leg[river]] = True
    return barred


def near_water(network: StreetNetwork, points: Floats, leg_m: Floats | Float32s) -> Bools:
    """Return which points may have water within their leg, (k,): none that it crosses is left out."""
    import shapely

    if not len(points):
        return np.zeros(0, bool)
    tree, _ = _lines(network)
    square, of = np.unique(np.floor(points / _SQUARE_M), axis=0, return_inverse=True)
    of = of.ravel()
    most = np.zeros(len(square))
    np.maximum.at(most, of, leg_m)
    low, high = square * _SQUARE_M - most[:, None], (square + 1) * _SQUARE_M + most[:, None]
    wet = np.zeros(len(square), bool)
    wet[tree.query(shapely.box(*low.T, *high.T))[0]] = True
    return np.asarray(wet[of], bool)


class Streets:
    """The edges that points may join, found by distance."""

    def __init__(self, network: StreetNetwork, edges: Bools) -> None:
        import shapely

        self._edge = np.flatnonzero(edges)
        xy = np.column_stack((network.vertex_x, network.vertex_y))
        owner = np.repeat(np.arange(network.n_edges), np.diff(network.vertex_offset))
        keep = edges[owner]
        self._line: Objects = np.asarray(
            shapely.linestrings(xy[keep], indices=np.searchsorted(self._edge, owner[keep])), object
        )
        self._tree = shapely.STRtree(self._line)

    def on_this_side(
        self, network: StreetNetwork, points: Floats, from_m: Floats, max_m: float
    ) -> tuple[Int32s, Floats, Floats]:
        """Return the nearest edge that no water parts from each point, the share along it and the leg; edge -1 for none.

        Parameters
        ----------
        points : (k, 2) float64
        from_m : (k,) float64
            Distance of the nearest street, across water.
        max_m : float
            Longest leg.
        """
        k = len(points)
        out = np.full(k, -1, np.int32), np.full(k, np.nan), np.full(k, np.inf)
        radius = np.minimum(np.maximum(1.25 * from_m, 50.0), max_m)
        left = np.arange(k)
        while len(left):
            over = np.zeros(k, bool)
            for first in range(0, len(left), _AT_ONCE):
                some = left[first : first + _AT_ONCE]
                found, tried = self._first(network, points[some], radius[some])
                for values, new in zip(out, found, strict=True):
                    values[some] = new
                over[some] = (found[0] >= 0) | (tried >= TRIED) | (radius[some] >= max_m)
            left = left[~over[left]]
            radius[left] = np.minimum(1.5 * radius[left], max_m)
        return out

    def _first(
        self, network: StreetNetwork, points: Floats, radius: Floats
    ) -> tuple[tuple[Int32s, Floats, Floats], Ints]:
        """Return the nearest edges within the radii that no water parts from the points, and how many were tried."""
        import shapely

        at, row = self._tree.query(shapely.points(points), predicate="dwithin", distance=radius)
        legs = shapely.shortest_line(shapely.points(points[at]), self._line[row])
        order = np.lexsort((shapely.length(legs), at))
        at, row = at[order], row[order]
        tried = np.bincount(at, minlength=len(points))
        rank = np.arange(len(at)) - (np.cumsum(tried) - tried)[at]
        ends = shapely.get_coordinates(legs[order]).reshape(-1, 2, 2)[:, 1]
        edge = np.full(len(points), -1, np.int32)
        share, leg_m = np.full(len(points), np.nan), np.full(len(points), np.inf)
        # The nearest few first: mostly one of them is on this side.
        for low, high in ((0, 8), (8, TRIED)):
            ask = np.flatnonzero((rank >= low) & (rank < high) & (edge[at] < 0))
            free = ask[~cross_water(network, points[at[ask]], ends[ask])]
            who, first = np.unique(at[free], return_index=True)
            best = free[first]
            edge[who] = self._edge[row[best]]
            share[who] = shapely.line_locate_point(
                self._line[row[best]], shapely.points(ends[best]), normalized=True
            )
            leg_m[who] = np.hypot(*(ends[best] - points[who]).T)
        return (edge, share, leg_m), tried
