"""Cutting streets to a place, with a margin."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from access15.arrays import Bools, Floats, Ints
from access15.crs import WGS84, crs_name, is_geographic, metric_crs, parse_crs, to_crs
from access15.errors import CRSError, InputError
from access15.model import Areas
from access15.network import NOT_STREETS, StreetWays

if TYPE_CHECKING:
    import geopandas as gpd
    from shapely.geometry.base import BaseGeometry

    Clip: TypeAlias = (
        "str | PathLike[str] | Sequence[float] | BaseGeometry | Areas | gpd.GeoDataFrame | gpd.GeoSeries"
    )

_STEP_M = 1000.0
"""Longest side of the buffered outline when it is moved between CRSs: its sides stay straight to a centimetre."""


@dataclasses.dataclass(frozen=True, slots=True)
class ClipArea:
    """Where streets are kept.

    Attributes
    ----------
    shape : shapely geometry
        The outline with its edge buffer, in longitude and latitude.
    buffer_m : float
    source : str
        What it was made from, for provenance.
    """

    shape: Any
    buffer_m: float
    source: str


def clip_area(clip: Clip, buffer_m: float = 0.0) -> ClipArea:
    """Return the area streets are cut to.

    Parameters
    ----------
    clip : path, four numbers, geometry, Areas, GeoDataFrame or GeoSeries
        A layer of polygons; or ``(west, south, east, north)`` or a bare shapely polygon, both in longitude and
        latitude; or polygons that carry their CRS.
    buffer_m : float
        Metres added all round, measured in the UTM zone of the middle.

    Raises
    ------
    InputError, CRSError
        If it is not a polygon, is empty, or its coordinates do not fit.
    """
    import shapely

    check_buffer(buffer_m)
    shapes, crs, source = _shapes(clip)
    flat = shapely.make_valid(shapely.force_2d(shapes))
    polygons = [g for g in shapely.get_parts(flat) if shapely.get_dimensions(g) == 2 and not g.is_empty]
    if not polygons:
        raise InputError(f"the clip area ({source}) holds no polygon: name a polygon layer or a bounding box")
    west, south, east, north = shapely.total_bounds(polygons)
    if is_geographic(crs) and not (west >= -180 and east <= 180 and south >= -90 and north <= 90):
        raise CRSError(
            f"the clip area ({source}) reaches from {west:g}, {south:g} to {east:g}, {north:g}, which is not longitude and "
            "latitude: give it in degrees, or as polygons with a CRS"
        )
    if is_geographic(crs):
        _check_span(west, east, source)
    lon, lat = to_crs(np.array([(west + east) / 2]), np.array([(south + north) / 2]), crs, WGS84)
    metric = metric_crs(float(lon[0]), float(lat[0]))
    whole = shapely.union_all([moved(g, crs, metric) for g in polygons])
    grown = shapely.segmentize(shapely.buffer(whole, buffer_m) if buffer_m else whole, _STEP_M)
    shape = moved(grown, metric, WGS84)
    west, _, east, _ = shape.bounds
    _check_span(west, east, source)
    return ClipArea(shape, float(buffer_m), source)


def _check_span(west: float, east: float, source: str) -> None:
    """Refuse an area on both sides of the 180° meridian: in degrees its parts lie round the globe from each other."""
    if east - west > 180:
        raise InputError(
            f"the clip area ({source}) with its buffer reaches across the 180° meridian: make it end there, or cut the "
            "extract before and leave clip out"
        )


def check_buffer(buffer_m: float) -> None:
    """Raise unless ``buffer_m`` is a number of metres of 0 or more."""
    usable = isinstance(buffer_m, (int, float, np.number)) and not isinstance(buffer_m, bool)
    if not usable or not np.isfinite(buffer_m) or buffer_m < 0:
        raise InputError(f"buffer_m must be 0 or more metres, not {buffer_m!r}")


def _shapes(clip: Any) -> tuple[list[Any], str, str]:
    """Return the geometries of whatever was given, their CRS, and what to call it."""
    if isinstance(clip, (str, PathLike)):
        from access15.sources.layers import read_layer

        table = read_layer(Path(clip), wanted="polygons")
        assert table.geometry is not None
        return [g for g in table.geometry if g is not None], table.crs, table.source
    if isinstance(clip, Areas):
        return list(clip.polygons), clip.crs, f"{len(clip)} areas"
    if hasattr(clip, "geom_type") and hasattr(clip, "wkb"):
        return [clip], WGS84, "a polygon in longitude and latitude"
    if hasattr(clip, "geometry") and hasattr(clip, "crs"):
        if clip.crs is None:
            raise CRSError("the clip polygons have no CRS: set it with set_crs")
        return [g for g in clip.geometry if g is not None], crs_name(clip.crs), f"{len(clip)} polygons"
    return [_box(clip)], WGS84, "a bounding box"


def _box(clip: Any) -> Any:
    import shapely

    try:
        west, south, east, north = (float(v) for v in clip)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"clip must be a polygon, a layer of polygons or (west, south, east, north), not {clip!r}"
        ) from error
    if not (west < east and south < north):
        raise InputError(
            f"the clip box {west:g}, {south:g}, {east:g}, {north:g} is empty: give west, south, east, north in degrees"
        )
    return shapely.box(west, south, east, north)


def moved(geometry: Any, source: str, target: str) -> Any:
    """Return a geometry in another CRS."""
    import shapely

    if parse_crs(source) == parse_crs(target):
        return geometry

    def transform(xy: Floats) -> Floats:
        return np.stack(to_crs(xy[:, 0], xy[:, 1], source, target), axis=1)

    return shapely.transform(geometry, transform)


def clip_ways(ways: StreetWays, area: ClipArea) -> StreetWays:
    """Return the ways with every edge that meets an area, each whole from junction to junction.

    A way that leaves the area and comes back becomes several rows with one id. Ferries with a timetable stay
    whole, because their duration holds for the whole way.

    Raises
    ------
    InputError
        If no edge meets the area.
    """
    size = np.asarray(ways.size, np.int64)
    street = np.array([t.get("highway", "") not in NOT_STREETS for t in ways.tags], bool)
    whole = np.array(["duration" in t and t.get("route") == "ferry" for t in ways.tags], bool)
    way = np.repeat(np.arange(len(size)), size)
    segment = np.flatnonzero(way[1:] == way[:-1])
    meets = _meets(ways, segment, area)
    edge = _edge_of(ways, way, street, segment)
    count = int(edge.max(initial=-1)) + 1
    kept = np.bincount(edge, meets, minlength=count) > 0
    ferries = np.bincount(way[segment], meets, minlength=len(size)) > 0
    stays = kept[edge] | (ferries & whole)[way[segment]]
    edges_kept = len(np.unique(edge[stays]))
    if not edges_kept:
        raise InputError(
            f"{ways.provenance.get('source', 'the road data')} has no street inside the clip area ({area.source}): check "
            "that both are of one place and that longitude comes before latitude"
        )
    note = {
        "area": area.source,
        "buffer m": area.buffer_m,
        "edges kept": edges_kept,
        "edges left out": count - edges_kept,
        "edge effect": "streets beyond the buffer are missing: times near the edge may be too long",
    }
    return _select(ways, way, segment[stays], note)


def _meets(ways: StreetWays, segment: Ints, area: ClipArea) -> Bools:
    """Return which steps between neighbouring vertices meet the area."""
    import shapely

    shape = moved(area.shape, WGS84, ways.crs)
    shapely.prepare(shape)
    west, south, east, north = shape.bounds
    x, y = ways.x, ways.y
    # NaN compares as False: a step with a missing end does not meet.
    near = (np.minimum(x[segment], x[segment + 1]) <= east) & (np.maximum(x[segment], x[segment + 1]) >= west)
    near &= (np.minimum(y[segment], y[segment + 1]) <= north) & (
        np.maximum(y[segment], y[segment + 1]) >= south
    )
    rows = np.flatnonzero(near)
    pairs = np.stack((segment[rows], segment[rows] + 1), axis=1)
    lines = shapely.linestrings(np.stack((x[pairs], y[pairs]), axis=2)) if len(rows) else []
    out = np.zeros(len(segment), bool)
    out[rows] = shapely.intersects(shape, lines)
    return out


def _edge_of(ways: StreetWays, way: Ints, street: Bools, segment: Ints) -> Ints:
    """Return a number per step: steps between the same two junctions share it."""
    _, inverse = np.unique(ways.node, return_inverse=True)
    used = np.bincount(inverse, street[way])
    ends = np.r_[True, way[1:] != way[:-1]] | np.r_[way[1:] != way[:-1], True]
    cut = ends | (used[inverse] > 1)
    if barriers := [node for node, tags in ways.node_tags.items() if "barrier" in tags]:
        cut |= np.isin(ways.node, np.array(barriers, np.int64))
    return np.asarray(np.cumsum(cut[segment]) - 1, np.int64)


def _select(ways: StreetWays, way: Ints, stays: Ints, note: dict[str, Any]) -> StreetWays:
    """Return ways made of the steps that stay; each unbroken run of steps is a row."""
    new = np.r_[True, (stays[1:] != stays[:-1] + 1) | (way[stays[1:]] != way[stays[:-1]])]
    start = stays[new]
    count = np.diff(np.append(np.flatnonzero(new), len(stays))) + 1
    vertex = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count - start, count)
    rows = way[start]
    return dataclasses.replace(
        ways,
        way_id=[ways.way_id[i] for i in rows],
        tags=[ways.tags[i] for i in rows],
        size=count.tolist(),
        node=ways.node[vertex],
        x=ways.x[vertex],
        y=ways.y[vertex],
        provenance=ways.provenance | {"clip": note},
    )
