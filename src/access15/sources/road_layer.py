"""Streets from a plain road layer: a shapefile, GeoPackage or GeoJSON of lines."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from access15.arrays import Bools, Floats, Ints, Objects
from access15.crs import WGS84, crs_name, is_geographic, metric_crs, middle_crs, parse_crs, to_crs
from access15.errors import CRSError, InputError
from access15.network import StreetWays
from access15.sources.formats import check_layer
from access15.sources.layers import no_trace, read_layer
from access15.sources.positions import check_datum, from_datum
from access15.sources.road_columns import road_attributes
from access15.sources.road_joins import JOIN_M, join_lines
from access15.sources.table import Table

_FARTHEST_M = 2e8
"""No projected CRS in metres goes beyond: eastings with a zone number in front stay below 1.3e8."""
LAYER_SUFFIXES = (
    ".shp",
    ".gpkg",
    ".geojson",
    ".json",
    ".geojsonl",
    ".fgb",
    ".gml",
    ".kml",
    ".tab",
    ".sqlite",
)


def read_road_layer(
    file: Path,
    *,
    columns: Mapping[str, str] | None = None,
    layer: str | None = None,
    datum: str = "wgs84",
) -> tuple[StreetWays, str]:
    """Read the lines of a road layer as ways with OSM tags, and the metric CRS they are measured in.

    Positions come back in WGS 84, so that lengths are those on the ground and not those of a map plane,
    which a Gauss-Krueger zone stretches by up to a thousandth.

    Parameters
    ----------
    file : Path
    columns : mapping, optional
        See `access15.sources.road_columns.road_attributes`.
    layer : str, optional
        Needed where the file has several.
    datum : {"wgs84", "gcj02", "bd09"}
        Datum of corners in longitude and latitude; they are moved to WGS 84.

    Raises
    ------
    InputError, CRSError
        If the file is damaged, empty, has no lines, no CRS, or no class of road.
    """
    _check_whole(file)
    table = _table(file, layer)
    lines, owner, aside = _lines(table)
    size, x, y = _vertices(lines)
    if check_datum(datum) != "wgs84":
        x, y = from_datum(table, x, y, datum)
    crs = _check_crs(table, np.repeat(owner, size), x, y)
    said = road_attributes(table, columns)
    plane_x, plane_y = to_crs(x, y, table.crs, crs)
    joined = join_lines(plane_x, plane_y, size, said.level[owner], said.raised[owner])
    lon, lat = to_crs(joined.x, joined.y, crs, WGS84)
    provenance: dict[str, Any] = {
        "source": table.source,
        **table.notes,
        "lines read": len(table),
        "lines used": len(lines),
        "crs of the file": table.crs,
        **({} if datum == "wgs84" else {"datum": datum}),
        **said.notes,
        "join tolerance m": JOIN_M,
        "joined": joined.counts,
        "lengths": "on the ground (WGS 84 ellipsoid), not in the map plane",
    }
    if aside:
        provenance["set aside"] = aside
    ways = StreetWays(
        way_id=said.way_id[owner].tolist(),
        tags=[said.tags[i] for i in owner],
        size=joined.size.tolist(),
        node=joined.node,
        x=lon,
        y=lat,
        crs=WGS84,
        provenance=provenance,
    )
    return ways, crs


def _table(file: Path, layer: str | None) -> Table:
    import pyogrio

    try:
        table = read_layer(file, layer=layer, wanted="road lines")
    except CRSError as error:
        raise CRSError(
            f"{file} does not state its CRS: give it one (a .prj beside a shapefile) and read it again"
        ) from error
    # Some formats state how many features they hold, and GDAL reads what is left of a file in silence.
    with no_trace(file):
        stated = int(
            pyogrio.read_info(
                check_layer(file), layer=table.notes["layer"], encoding=table.notes.get("encoding")
            )["features"]
        )
    if stated > len(table):
        raise InputError(f"{file} is cut off: it holds {len(table):,} of {stated:,} lines; copy it again")
    return table


def _check_whole(file: Path) -> None:
    """Refuse a shapefile whose parts are shorter than their headers say: GDAL reads what is left in silence."""
    if file.suffix.lower() != ".shp":
        return
    head = file.read_bytes()[:28] if file.stat().st_size < 100 else _head(file, 32)
    claimed = 2 * struct.unpack(">i", head[24:28])[0] if len(head) >= 28 else None
    if claimed is None or file.stat().st_size < claimed:
        raise InputError(
            f"{file} is cut off ({file.stat().st_size:,} bytes of {claimed or 100:,}): copy it again"
        )
    for suffix in (".shx", ".dbf"):
        part = next(
            (p for p in (file.with_suffix(suffix), file.with_suffix(suffix.upper())) if p.exists()), None
        )
        if part is None:
            raise InputError(f"{file} lacks its {suffix} file: copy all parts of the shapefile")
        head, actual = _head(part, 32), part.stat().st_size
        if suffix == ".dbf":
            rows, start, width = struct.unpack("<IHH", head[4:12]) if len(head) >= 12 else (0, 32, 0)
            least = start + rows * width
        else:
            least = 2 * struct.unpack(">i", head[24:28])[0] if len(head) >= 28 else 100
        if actual < least:
            raise InputError(f"{part} is cut off ({actual:,} bytes of {least:,}): copy it again")


def _head(file: Path, size: int) -> bytes:
    with file.open("rb") as stream:
        return stream.read(size)


def _lines(
    table: Table,
) -> tuple[Objects, Ints, dict[str, int]]:
    """Return the single lines of a layer and the row each comes from; what is not a line is counted."""
    import shapely

    assert table.geometry is not None
    present = np.array([g is not None and not g.is_empty for g in table.geometry], bool)
    rows = np.flatnonzero(present)
    shapes, outlines = _outlined(table, table.geometry[rows])
    linear = np.isin(shapely.get_type_id(shapes), (1, 2, 5))
    parts, source = shapely.get_parts(shapes[linear], return_index=True)
    # Bounds pass over a vertex that is not a number: look at every one.
    size = shapely.get_num_coordinates(parts)
    off = ~np.isfinite(shapely.get_coordinates(parts)).all(axis=1)
    finite = (size >= 2) & (np.bincount(np.repeat(np.arange(len(parts)), size), off, len(parts)) == 0)
    counts = {
        "lines without geometry": int((~present).sum()),
        "features that are not lines": int((~linear).sum()),
        "lines without finite coordinates": int((~finite).sum()),
    }
    if not finite.any():
        found = ", ".join(f"{v} {k}" for k, v in counts.items() if v)
        raise InputError(f"{table.source} holds no lines ({found}): use a layer of road centre lines")
    counts["multi-part lines taken apart"] = len(np.unique(source[np.flatnonzero(np.diff(source) == 0)]))
    counts["squares drawn as polygons, walked round"] = outlines
    return parts[finite], rows[linear][source[finite]], {k: v for k, v in counts.items() if v}


def _outlined(table: Table, shapes: Objects) -> tuple[Objects, int]:
    """Return the shapes with the outlines of squares for their polygons, and how many there are.

    OSM exports (overpass turbo, ogr2ogr) draw a way with ``area=yes`` as a polygon among the lines. A layer of
    polygons alone, or without OSM's ``highway``, holds no streets: it stays as it is.
    """
    import shapely

    kind = shapely.get_type_id(shapes)
    square = np.isin(kind, (3, 6))
    if "highway" not in table.header or square.all() or not square.any():
        return shapes, 0
    out = shapes.copy()
    out[square] = shapely.boundary(shapes[square])
    return out, int(square.sum())


def _vertices(lines: Objects) -> tuple[Ints, Floats, Floats]:
    import shapely

    xy = shapely.get_coordinates(lines)
    return shapely.get_num_coordinates(lines).astype(np.int64), xy[:, 0], xy[:, 1]


def _check_crs(table: Table, owner: Ints, x: Floats, y: Floats) -> str:
    """Return the CRS to measure in: the layer's own where it is in metres, else the UTM zone of its middle."""
    beyond = (np.abs(x) > 180) | (np.abs(y) > 90)
    crs, claimed = table.crs, table.crs[:60]
    if is_geographic(crs):
        if beyond.any():
            raise CRSError(
                f"{table.source} says it is in longitude and latitude ({claimed}) but {_where(table, owner, beyond, x, y)}: "
                "set the CRS the coordinates are in, or correct that line"
            )
    elif not beyond.any():
        raise CRSError(
            f"{table.source} says it is in metres ({claimed}) but all its coordinates are degrees ({x[0]:g}, {y[0]:g}): "
            "set its CRS to EPSG:4326, or the one they are in"
        )
    far = (np.abs(x) > _FARTHEST_M) | (np.abs(y) > _FARTHEST_M)
    if far.any():
        raise CRSError(
            f"{table.source}: {_where(table, owner, far, x, y)}, which is off the Earth: correct it"
        )
    return measuring_crs(crs, x, y)


def _where(table: Table, owner: Ints, bad: Bools, x: Floats, y: Floats) -> str:
    first = int(np.flatnonzero(bad)[0])
    return f"{table.at(int(owner[first]))} is at {x[first]:g}, {y[first]:g}"


def measuring_crs(crs: str, x: Floats, y: Floats) -> str:
    """Return ``crs`` where it is a projected CRS in metres fit to measure in, else the UTM zone of the middle."""
    parsed = parse_crs(crs)
    metres = bool(parsed.is_projected) and all(
        abs(axis.unit_conversion_factor - 1) < 1e-9 for axis in parsed.axis_info[:2]
    )
    method = (
        parsed.coordinate_operation.method_name if parsed.is_projected and parsed.coordinate_operation else ""
    )
    if metres and "pseudo" not in method.lower() and "Mercator (variant" not in method:
        return crs_name(parsed)
    if parsed.is_geographic:
        return middle_crs(*to_crs(x, y, crs, WGS84))
    lon, lat = to_crs(np.array([(x.min() + x.max()) / 2]), np.array([(y.min() + y.max()) / 2]), crs, WGS84)
    return metric_crs(float(lon[0]), float(lat[0]))
