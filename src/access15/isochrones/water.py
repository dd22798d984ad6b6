"""Water that off-network legs may not cross."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from access15.arrays import Bools, Floats, Int32s, Objects
from access15.errors import CRSError, InputError

if TYPE_CHECKING:
    import geopandas as gpd
    import shapely

Box = tuple[float, float, float, float]

STREET_M: Final = 1.0
"""The last metre of a leg is the street: a quay may be drawn on the very line of the water (practice value)."""


@dataclass(frozen=True, eq=False)
class Water:
    """Areas and lines of water in the CRS of the network, and an index of them."""

    shapes: Objects
    tree: shapely.STRtree

    @classmethod
    def of(cls, frame: gpd.GeoDataFrame | None, crs: str) -> Water | None:
        """Return the water of a layer; None if there is none.

        Raises
        ------
        InputError, CRSError
            If it is no layer of polygons and lines, or has no CRS.
        """
        import shapely

        if frame is None:
            return None
        if not hasattr(frame, "geometry") or not hasattr(frame, "crs"):
            raise InputError("water must be a GeoDataFrame of polygons or lines: read it with read_water")
        if frame.crs is None:
            raise CRSError("the water layer has no CRS: name one with water.set_crs(...)")
        if {"waterway", "natural"} <= set(frame.columns):
            # Of OSM water the banks decide, not the middle of rivers: that would cut bridges off their own ground.
            frame = frame[(frame["waterway"] == "") | (frame.geom_type != "LineString")]
        shapes = shapely.get_parts(shapely.make_valid(frame.geometry.to_crs(crs).to_numpy()))
        if (shapely.get_dimensions(shapes) == 0).any():
            raise InputError("the water layer holds points: keep its polygons and lines")
        return cls(shapes, shapely.STRtree(shapes)) if len(shapes) else None

    def bars(self, box: Box, ends: Floats, streets: Floats, bridge_m: float) -> Bools:
        """Return which straight legs cross water, (k,).

        A leg in water is no crossing on a bridge: where its street lies above the water, up to
        ``bridge_m`` from it.

        Parameters
        ----------
        box : xmin, ymin, xmax, ymax
            Holds all legs.
        ends, streets : (k, 2) float64
            The two ends of each leg: the place, and the point of the street.
        bridge_m : float
        """
        import shapely

        barred = np.zeros(len(ends), bool)
        near = self.tree.query(shapely.box(*box), predicate="intersects")
        if not len(near) or not len(ends):
            return barred
        step = streets - ends
        length = np.hypot(*step.T)
        stop = streets - step * np.minimum(STREET_M / np.maximum(length, STREET_M), 1.0)[:, None]
        legs = shapely.linestrings(np.stack((ends, stop), axis=1))
        for shape in shapely.clip_by_rect(self.shapes[near], *box):
            shapely.prepare(shape)
            rows = np.flatnonzero(~barred & shapely.intersects(shape, legs))
            on_bridge = (length[rows] <= bridge_m) & shapely.intersects_xy(shape, *streets[rows].T)
            barred[rows[~on_bridge]] = True
        return barred


def bar_pixels(
    water: Water, ends: Any, segment: Int32s, share: Any, segments: Floats, bridge_m: float
) -> None:
    """Unlink the pixels whose legs cross water (in place).

    Parameters
    ----------
    water : Water
    ends : (k, 2) float64
        Where the pixels are.
    segment, share : (k,)
        Nearest segment of each pixel, -1 for none, and the share along it.
    segments : (s, 4) float64
        ``x0, y0, x1, y1``.
    bridge_m : float
    """
    linked = np.flatnonzero(segment >= 0)
    if not len(linked):
        return
    ends, on = ends[linked], segments[segment[linked]]
    streets = on[:, :2] + share[linked].astype(float)[:, None] * (on[:, 2:] - on[:, :2])
    both = np.vstack((ends, streets))
    box = (*both.min(axis=0), *both.max(axis=0))
    segment[linked[water.bars(box, ends, streets, bridge_m)]] = -1
