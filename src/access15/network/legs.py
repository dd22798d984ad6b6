"""Legs between points and streets do not cross water that the network knows.

Water is kept as lines: rivers by their middle, lakes and the sea by their banks (OSM wiki, Tag:waterway=river,
Tag:natural=water, Tag:natural=coastline). A leg that meets a river, or enters and leaves a bank, crosses it; one that
starts in the water and leaves it does not: a cell's middle may lie in a river.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

import numpy as np

from access15.arrays import Bools, Floats, Objects
from access15.model import StreetNetwork

if TYPE_CHECKING:
    import shapely

STREET_M: Final = 1.0
"""The last metre of a leg is the street: a quay may be drawn on the very line of the water (practice value)."""
TRIED: Final = 256
"""Streets tried for a point whose nearest one lies across water, the nearest first."""

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


class Streets:
    """The edges that points may join, found by distance."""

    def __init__(self, network: StreetNetwork, edges: Bools) -> None:
        import shapely

        self._network, self._edge = network, np.flatnonzero(edges)
        xy = np.column_stack((network.vertex_x, network.vertex_y))
        owner = np.repeat(np.arange(network.n_edges), np.diff(network.vertex_offset))
        keep = edges[owner]
        self._line: Objects = np.asarray(
            shapely.linestrings(xy[keep], indices=np.searchsorted(self._edge, owner[keep])), object
        )
        self._tree = shapely.STRtree(self._line)

    def on_this_side(self, point: Floats, from_m: float, max_m: float) -> tuple[int, float, float] | None:
        """Return the nearest edge that no water parts from a point, the share along it and the leg; None if none is."""
        import shapely

        here, radius = shapely.Point(*point), max(2 * from_m, 50.0)
        while True:
            near = self._tree.query(here, predicate="dwithin", distance=min(radius, max_m))
            if len(near) >= TRIED or radius >= max_m:
                break
            found = self._first(here, point, near)
            if found is not None:
                return found
            radius *= 2
        return self._first(here, point, near)

    def _first(self, here: shapely.Point, point: Floats, near: Any) -> tuple[int, float, float] | None:
        import shapely

        legs = shapely.shortest_line(here, self._line[near])
        order = np.argsort(shapely.length(legs), kind="stable")[:TRIED]
        ends = shapely.get_coordinates(legs[order]).reshape(-1, 2, 2)[:, 1]
        free = np.flatnonzero(~cross_water(self._network, np.tile(point, (len(order), 1)), ends))
        if not len(free):
            return None
        row, end = int(near[order[free[0]]]), ends[free[0]]
        share = float(shapely.line_locate_point(self._line[row], shapely.Point(*end), normalized=True))
        return int(self._edge[row]), share, float(np.hypot(*(end - point)))
