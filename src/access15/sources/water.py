"""Water that nobody walks across: areas and coastlines of an OSM file, or a layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from access15.errors import InputError
from access15.sources.layers import read_layer
from access15.sources.osm_file import OSM_SUFFIXES
from access15.sources.osm_land import WATER_AREAS, read_osm_land
from access15.sources.table import Source, existing

if TYPE_CHECKING:
    import geopandas as gpd


def read_water(path: Source) -> gpd.GeoDataFrame:
    """Return the water that off-network legs may not cross, for `access15.isochrones`.

    Parameters
    ----------
    path : path
        An OSM file: its areas of water, and its coastlines as lines. Or a layer (.gpkg, .geojson, .shp …)
        of polygons and lines, such as banks. For `read_terrain` an OSM file also gives the middle of its rivers.

    Returns
    -------
    geopandas.GeoDataFrame
        Polygons and lines, in the CRS of the file. Those of an OSM file have the columns ``waterway``, ``natural``
        (``coastline``) and ``width_m``; ``attrs`` holds ``broken``, how many areas have no closed outline, and
        ``passed``, how many rivers dry up or are narrow. A layer keeps its column ``waterway``.

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
        land = read_osm_land(file)
        if not len(land.water):
            tags = ", ".join("=".join(tag) for tag in (*WATER_AREAS, ("natural", "coastline")))
            raise InputError(f"{file} holds no water ({tags}): give a layer of polygons or lines")
        land.water.attrs.update(broken=land.broken, passed=land.passed)
        return land.water
    table = read_layer(file, wanted="polygons or lines")
    frame = gpd.GeoDataFrame(geometry=table.geometry, crs=table.crs)
    if (column := table.find(("waterway",))) is not None:
        frame["waterway"] = table.text(column)
    return frame
