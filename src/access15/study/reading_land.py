"""The land of a study, around its people and its service points."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from access15.crs import to_crs
from access15.errors import InputError
from access15.model import Areas, Facilities, Population, StreetNetwork, Terrain, notes_of, tell
from access15.study.settings import NetworkInput, TerrainInput

if TYPE_CHECKING:
    import geopandas as gpd

_FAR_M = 50_000.0
"""Service points further from all people than this do not widen the terrain."""


def read_land(
    table: TerrainInput | None,
    streets_file: NetworkInput,
    minutes: float | None,
    network: StreetNetwork,
    facilities: Facilities,
    population: Population,
    areas: Areas | None = None,
) -> Terrain | None:
    """Return the terrain of ``[terrain]``, None without that table; ``minutes`` is the longest cut-off.

    Raises
    ------
    Access15Error
        If a file is missing or cannot be used.
    """
    from access15.sources import OSM_SUFFIXES, read_land_cover, read_terrain

    if table is None:
        return None
    streets = streets_file.path if streets_file.path.name.lower().endswith(OSM_SUFFIXES) else None
    osm = table.osm or streets
    if table.land_cover is None and table.shares is None and osm is None:
        raise InputError(
            f"[terrain] has no land cover, and {streets_file.path.name} is no OSM file whose land use could stand for it: add "
            "land_cover"
        )
    files = {name: str(path) for name, path in (table.shares or {}).items()}
    one = table.land_cover or osm
    assert files or one is not None, "checked above"
    cover = read_land_cover(files if one is None or files else one, table.codes)
    water = table.water or osm
    elevation = table.elevation or streets_file.elevation
    terrain = read_terrain(
        cover,
        area=_area(network, facilities, population, areas),
        water=water,
        elevation=[str(path) for path in elevation] or None,
        cell_m=table.cell_m,
        margin_m=table.margin_m,
        minutes=minutes,
        crs=network.crs,
    )
    tell(note for note in notes_of(terrain.provenance) if note.count)
    return terrain


def _area(
    network: StreetNetwork, facilities: Facilities, population: Population, areas: Areas | None
) -> gpd.GeoDataFrame:
    """Return the areas and people as boxes of 10 km with anybody inside, and the service points not too far from them."""
    import geopandas as gpd
    import shapely

    px, py = to_crs(population.x, population.y, population.crs, network.crs)
    tile = np.unique(np.floor(np.column_stack((px, py)) / 10_000).astype(np.int64), axis=0) * 10_000.0
    boxes = []
    for x, y in tile:
        here = (px >= x) & (px < x + 10_000) & (py >= y) & (py < y + 10_000)
        boxes.append(
            shapely.box(px[here].min() - 1, py[here].min() - 1, px[here].max() + 1, py[here].max() + 1)
        )
    shapes = (
        list(boxes)
        if areas is None
        else [*boxes, *gpd.GeoSeries(areas.polygons, crs=areas.crs).to_crs(network.crs)]
    )
    fx, fy = to_crs(facilities.x, facilities.y, facilities.crs, network.crs)
    sites = shapely.points(fx, fy)
    near = shapely.distance(sites, shapely.union_all(boxes)) <= _FAR_M
    shapes += list(shapely.buffer(sites[near], 1.0))
    return gpd.GeoDataFrame(geometry=shapes, crs=network.crs)
