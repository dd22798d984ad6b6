"""From lateness at pixels to polygons."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from access15.isochrones.pixels import Window

Floats = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]
Shapes = npt.NDArray[np.object_]

_DECIMALS = 4
"""Coordinates are whole tenths of a millimetre. Rounding keeps the order of crossings along a lattice line, so that
contours that share a crossing share the vertex, whatever window they were computed in."""


class Rings:
    """Contours of many fields, turned into MultiPolygons in one go."""

    def __init__(self, pixel_m: float) -> None:
        self.pixel_m = pixel_m
        self._points: list[Floats] = []
        self._rings: list[Int64s] = []
        self._outers: list[Int64s] = []
        self._polygons: list[int] = []
        self._borders: list[Floats] = []

    def add(self, field: Floats | None, window: Window | None) -> None:
        """Add the part of a window where ``field`` is 0 or less; None adds an empty one."""
        border = (np.nan,) * 4 if window is None else (window.i0, window.j0, window.i1, window.j1)
        self._borders.append(np.round(np.array(border, float) * self.pixel_m, _DECIMALS))
        points = rings = outers = None
        if field is not None and window is not None:
            points, rings, outers = _filled(field)
        if points is None or rings is None or outers is None or window is None:
            self._polygons.append(0)
            return
        at = (points + np.array((window.i0, window.j0))) * self.pixel_m
        self._points.append(np.round(at, _DECIMALS))
        self._rings.append(np.diff(rings.astype(np.int64)))
        self._outers.append(np.diff(outers.astype(np.int64)))
        self._polygons.append(len(outers) - 1)

    @property
    def borders(self) -> Floats:
        """Borders ``xmin, ymin, xmax, ymax`` of the windows added, (k, 4)."""
        return np.array(self._borders).reshape(-1, 4)

    def multipolygons(self) -> Shapes:
        """Return one valid MultiPolygon per call of `add`."""
        import shapely

        points = np.concatenate(self._points) if self._points else np.empty((0, 2))
        offsets = [
            np.concatenate(([0], *parts)).cumsum().astype(np.int64)
            for parts in (self._rings, self._outers, [np.array(self._polygons, np.int64)])
        ]
        shapes = shapely.from_ragged_array(shapely.GeometryType.MULTIPOLYGON, points, tuple(offsets))
        return valid(shapes)


def _filled(field: Floats) -> tuple[Any, Any, Any]:
    from contourpy import FillType, contour_generator

    floor = float(field.min())
    if floor > 0:
        return None, None, None
    lines = contour_generator(z=field, fill_type=FillType.ChunkCombinedOffsetOffset, name="serial")
    points, rings, outers = lines.filled(floor - 1.0, 0.0)
    return points[0], rings[0], outers[0]


def valid(shapes: Shapes) -> Shapes:
    """Return valid MultiPolygons, repaired only where they are not."""
    import shapely

    bad = np.flatnonzero(~shapely.is_valid(shapes))
    for k in bad:
        parts = polygons(shapely.make_valid(shapes[k]))
        shapes[k] = shapely.multipolygons(parts) if len(parts) else shapely.MultiPolygon()
    return shapes


def polygons(shape: Any) -> Shapes:
    """Return the polygons of any geometry, (k,)."""
    import shapely

    parts = shapely.get_parts(shapely.get_parts(shape))
    found: Shapes = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
    return found


def joined(shapes: Shapes, borders: Floats) -> Any:
    """Return the union of polygons of windows that share only the lattice lines between them.

    Parameters
    ----------
    shapes : (k,) MultiPolygons, one per window
    borders : (k, 4) float64
        ``xmin, ymin, xmax, ymax`` of the windows. Only parts that touch them can have neighbours.
    """
    import shapely

    parts, of = shapely.get_parts(shapes, return_index=True)
    bounds, border = shapely.bounds(parts), borders[of]
    touches = (bounds[:, :2] <= border[:, :2]).any(axis=1) | (bounds[:, 2:] >= border[:, 2:]).any(axis=1)
    if not touches.any():
        return shapely.multipolygons(parts) if len(parts) else shapely.MultiPolygon()
    union = shapely.coverage_union_all(parts[touches])
    if not shapely.is_valid(union):
        union = shapely.union_all(parts[touches])
    return shapely.multipolygons(np.concatenate((parts[~touches], polygons(union))))
