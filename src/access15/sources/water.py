"""Water that nobody walks across: areas and coastlines of an OSM file, or a layer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from access15.crs import WGS84
from access15.errors import InputError
from access15.sources.layers import read_layer
from access15.sources.osm_file import OSM_SUFFIXES, osm_file
from access15.sources.table import Source, existing

if TYPE_CHECKING:
    import geopandas as gpd

WATER_TAGS: Final = (
    ("natural", "water"),
    ("waterway", "riverbank"),
    ("waterway", "dock"),
    ("landuse", "reservoir"),
)
"""Tags of areas of water, https://wiki.openstreetmap.org/wiki/Tag:natural=water."""

_COASTLINE: Final = ("natural", "coastline")


def read_water(path: Source) -> gpd.GeoDataFrame:
    """Return the water that off-network legs may not cross, for `access15.isochrones`.

    Parameters
    ----------
    path : path
        An OSM file: its areas of water, and its coastlines as lines. Or a layer (.gpkg, .geojson, .shp …)
        of polygons and lines, such as banks.

    Returns
    -------
    geopandas.GeoDataFrame
        Polygons and lines, in the CRS of the file. ``attrs`` of an OSM file holds
        ``broken``, how many areas have no closed outline in it.

    Raises
    ------
    MissingFileError, InputError, CRSError
        If the file does not exist, cannot be read, or holds no water; if a layer does not state its CRS.

    Notes
    -----
    Water in a tunnel or covered (culverts) is left out. The sea has no polygon in OSM: legs that start in
    it cross the coastline.
    """
    import geopandas as gpd

    file = existing(path)
    if file.name.lower().endswith(OSM_SUFFIXES):
        shapes, broken = _of_osm(file)
        if not shapes:
            tags = ", ".join("=".join(tag) for tag in (*WATER_TAGS, _COASTLINE))
            raise InputError(f"{file} holds no water ({tags}): give a layer of polygons or lines")
        frame = gpd.GeoDataFrame(geometry=shapes, crs=WGS84)
        frame.attrs["broken"] = broken
        return frame
    table = read_layer(file, wanted="polygons or lines")
    return gpd.GeoDataFrame(geometry=table.geometry, crs=table.crs)


def _of_osm(file: Path) -> tuple[list[Any], int]:
    """Return the shapes of an OSM file, and how many areas are broken."""
    import osmium
    import shapely

    shapes: list[Any] = []
    broken = 0
    wkb = osmium.geom.WKBFactory()
    areas, wanted = osmium.filter.TagFilter(*WATER_TAGS), osmium.filter.TagFilter(*WATER_TAGS, _COASTLINE)
    with osm_file(file) as opened:
        for item in osmium.FileProcessor(opened.path).with_areas(areas).with_filter(wanted):
            if item.tags.get("tunnel", "no") != "no" or item.tags.get("covered", "no") != "no":
                continue
            coast = item.tags.get(_COASTLINE[0]) == _COASTLINE[1]
            try:
                if coast and item.is_way():
                    shapes.append(shapely.from_wkb(wkb.create_linestring(item)))
                elif item.is_area() and not coast:
                    shapes.append(shapely.from_wkb(wkb.create_multipolygon(item)))
            except RuntimeError:
                broken += 1
    return shapes, broken
