"""Residential buildings of an OSM file, by a stated rule: where the people of an area live, for lack of a census."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from access15.arrays import Bools, Objects
from access15.crs import WGS84, middle_crs
from access15.errors import InputError
from access15.sources.layers import moved, read_layer
from access15.sources.osm_file import OSM_SUFFIXES, osm_file
from access15.sources.table import Source, existing

if TYPE_CHECKING:
    import geopandas as gpd

RESIDENTIAL: Final = (
    "apartments",
    "residential",
    "house",
    "detached",
    "semidetached_house",
    "terrace",
    "dormitory",
    "bungalow",
    "farm",
    "hut",
    "cabin",
    "static_caravan",
    "houseboat",
)
"""Values of ``building`` that say people live there, https://wiki.openstreetmap.org/wiki/Key:building#Accommodation."""

OTHER_USE: Final = (
    "aeroway",
    "amenity",
    "craft",
    "disused",
    "abandoned",
    "government",
    "healthcare",
    "historic",
    "industrial",
    "leisure",
    "man_made",
    "military",
    "office",
    "power",
    "public_transport",
    "railway",
    "religion",
    "shop",
    "sport",
    "telecom",
    "tourism",
)
"""Keys that say a building is used for something else."""

OTHER_GROUNDS: Final[Mapping[str, tuple[str, ...]]] = {
    "amenity": (
        "hospital",
        "clinic",
        "school",
        "college",
        "university",
        "kindergarten",
        "place_of_worship",
        "parking",
        "fuel",
        "theatre",
        "casino",
        "police",
        "fire_station",
        "grave_yard",
    ),
    "landuse": (
        "cemetery",
        "commercial",
        "construction",
        "industrial",
        "military",
        "port",
        "railway",
        "retail",
    ),
    "leisure": ("garden", "marina", "park", "pitch", "sports_centre", "stadium", "swimming_pool"),
    "tourism": ("attraction", "hotel", "museum", "zoo", "aquarium"),
    "railway": ("station",),
    "aeroway": ("heliport", "aerodrome"),
}
"""Areas of another use: a building of no stated use that stands on one is none where people live."""

SMALLEST_YES_M2: Final = 40.0
"""A building of no stated use with a smaller footprint is taken for a shed. Practice value."""

_INSIDE: Final = 0.8
_LEVELS: Final = (
    "levels",
    "building:levels",
    "building_levels",
    "层数",
    "楼层",
    "floors",
    "storeys",
    "stories",
)
_COLUMNS: Final = ("id", "building", "levels", "footprint_m2")


def read_buildings(path: Source, *, layer: str | None = None, within: Any = None) -> gpd.GeoDataFrame:
    """Return the buildings where people live.

    Parameters
    ----------
    path : path
        An OSM file, or a layer of building outlines that all count, with a column of levels if there is one.
    layer : str, optional
        Needed where the layer's file has several.
    within : shapely polygon in longitude and latitude, optional
        Only buildings with a point of their surface in it.

    Returns
    -------
    geopandas.GeoDataFrame
        ``id, building, levels`` (NaN where unknown), ``footprint_m2``, and outlines in a CRS in metres. ``attrs["counts"]``
        says how many are tagged and assumed, and how many were left out for which reason.

    Raises
    ------
    MissingFileError, InputError, CRSError
        If the file cannot be read, or holds no building where people live.

    Notes
    -----
    ``building=yes`` says nothing about use. It counts unless it has a tag of another use, is underground, is smaller than
    40 m², or stands on ground of another use. A building that lies at least 80 % inside a larger one is not counted twice.
    """
    file = existing(path)
    if file.name.lower().endswith(OSM_SUFFIXES):
        return _of_osm(file, within)
    return _of_layer(file, layer, within)


def _of_layer(file: Path, layer: str | None, within: Any) -> gpd.GeoDataFrame:
    import geopandas as gpd
    import shapely

    from access15.sources.areas import polygons_of

    table = read_layer(file, layer=layer, wanted="building outlines")
    assert table.geometry is not None
    solid = np.isin(shapely.get_type_id(table.geometry), (3, 6)) & ~shapely.is_empty(table.geometry)
    if not solid.any():
        raise InputError(f"{file} holds no outlines of buildings: name a layer of polygons")
    aside = int((~solid).sum())
    table = table.select(solid)
    shapes, _ = polygons_of(table)
    frame = moved(gpd.GeoDataFrame(geometry=list(shapes), crs=table.crs), WGS84)
    column = table.find(_LEVELS)
    levels = (
        np.full(len(table), np.nan)
        if column is None
        else np.array([levels_of(t) for t in table.text(column)])
    )
    ids = [str(i) for i in table.row]
    kind = [""] * len(table)
    found = _frame(ids, kind, levels, frame.geometry.array)
    counts = {"outlines": len(found), "features that are not polygons": aside}
    return _inside(found, within, counts)


def _of_osm(file: Path, within: Any) -> gpd.GeoDataFrame:
    rows = areas_with(file, "building")
    rules = [residential(tags) for _, tags, _ in rows]
    rows = [row for row, rule in zip(rows, rules, strict=True) if rule]
    if not rows:
        raise InputError(
            f"{file} holds no building where people live: give a layer of buildings, or spread over streets"
        )
    found = _frame(
        [i for i, _, _ in rows],
        [tags["building"] for _, tags, _ in rows],
        np.array([levels_of(tags.get("building:levels", "")) for _, tags, _ in rows]),
        [shape for _, _, shape in rows],
    )
    assumed = np.array([rule == "assumed" for rule in rules if rule], bool)
    counts = {"tagged": 0, "assumed": 0, "outside": 0, "too_small": 0, "other_grounds": 0, "doubled": 0}
    found = _kept(found, assumed, _grounds(file, found.crs), within, counts)
    if not len(found):
        raise InputError(
            f"{file} holds no building where people live inside the areas: give a layer of buildings"
        )
    found.attrs["counts"] = counts
    return found


def _frame(ids: list[str], kind: list[str], levels: Any, shapes: Any) -> gpd.GeoDataFrame:
    """Return buildings in metres from outlines in degrees."""
    import geopandas as gpd

    frame = gpd.GeoDataFrame(
        {"id": ids, "building": kind, "levels": levels}, geometry=list(shapes), crs=WGS84
    )
    box = frame.total_bounds
    frame = moved(frame, middle_crs(box[[0, 2]], box[[1, 3]]))
    frame["footprint_m2"] = frame.geometry.area
    return frame[[*_COLUMNS, "geometry"]]


def _inside(found: gpd.GeoDataFrame, within: Any, counts: dict[str, int]) -> gpd.GeoDataFrame:
    import geopandas as gpd

    if within is not None:
        region = moved(gpd.GeoSeries([within], crs=WGS84), found.crs).iloc[0]
        keep = found.representative_point().intersects(region)
        counts["outside"] = int((~keep).sum())
        found = found[keep].reset_index(drop=True)
    found.attrs["counts"] = counts
    return found


def _kept(
    found: gpd.GeoDataFrame, assumed: Bools, grounds: Objects, within: Any, counts: dict[str, int]
) -> gpd.GeoDataFrame:
    """Return the buildings that count, and count those that do not by reason."""
    import geopandas as gpd
    import shapely

    spots = found.representative_point()
    outside = np.zeros(len(found), bool)
    if within is not None:
        region = moved(gpd.GeoSeries([within], crs=WGS84), found.crs).iloc[0]
        outside = ~shapely.covers(region, spots.to_numpy())
    small = ~outside & assumed & (found["footprint_m2"].to_numpy() < SMALLEST_YES_M2)
    hit = np.zeros(len(found), bool)
    hit[shapely.STRtree(grounds).query(spots.to_numpy(), predicate="within")[0]] = True
    elsewhere = ~outside & ~small & assumed & hit
    keep = ~(outside | small | elsewhere)
    doubled = np.zeros(len(found), bool)
    doubled[np.flatnonzero(keep)[_doubled(found[keep])]] = True
    keep &= ~doubled
    named = {"outside": outside, "too_small": small, "other_grounds": elsewhere, "doubled": doubled}
    counts.update({name: int(mask.sum()) for name, mask in named.items()})
    counts.update(tagged=int((keep & ~assumed).sum()), assumed=int((keep & assumed).sum()))
    return found[keep].reset_index(drop=True)


def areas_with(file: Path, *keys: str) -> list[tuple[str, dict[str, str], Any]]:
    """Return ``(id, tags, outline in degrees)`` of the closed ways and multipolygons of an OSM file that have a key.

    Sorted by kind and number. Areas that cannot be assembled are left out.
    """
    import osmium
    import shapely

    wkb = osmium.geom.WKBFactory()
    found: list[tuple[str, dict[str, str], Any]] = []
    with osm_file(file) as opened:
        for item in (
            osmium.FileProcessor(opened.path).with_areas().with_filter(osmium.filter.KeyFilter(*keys))
        ):
            if item.is_area():
                name = f"{'w' if item.from_way() else 'r'}{item.orig_id()}"
                try:
                    shape = shapely.from_wkb(wkb.create_multipolygon(item))
                except RuntimeError:
                    continue
                found.append((name, {tag.k: tag.v for tag in item.tags}, shape))
    return sorted(found, key=lambda one: (one[0][0], int(one[0][1:])))


def residential(tags: Mapping[str, str]) -> str:
    """Return ``tagged`` for a residential building, ``assumed`` for ``building=yes`` without another use, else empty."""
    kind = tags.get("building", "no")
    if kind in RESIDENTIAL:
        return "tagged"
    if kind == "yes" and not any(tags.get(key, "no") != "no" for key in OTHER_USE):
        underground = tags.get("location") == "underground" or tags.get("layer", "0").startswith("-")
        return "" if underground else "assumed"
    return ""


def levels_of(text: str) -> float:
    """Return the largest number of levels that a tag or cell states, NaN without one of at least 1."""
    numbers = [float(n) for n in re.findall(r"\d+(?:\.\d+)?", text)]
    return max(numbers) if numbers and max(numbers) >= 1 else float("nan")


def _grounds(file: Path, crs: Any) -> Objects:
    import geopandas as gpd

    shapes = [
        shape
        for _, tags, shape in areas_with(file, *OTHER_GROUNDS)
        if any(tags.get(key) in values for key, values in OTHER_GROUNDS.items())
    ]
    return np.asarray(moved(gpd.GeoSeries(shapes, crs=WGS84), crs).to_numpy(), object)


def _doubled(found: gpd.GeoDataFrame) -> list[int]:
    """Return the rows of buildings that lie at least 80 % inside a larger one."""
    import shapely

    shapes = found.geometry.to_numpy()
    area, ids = shapely.area(shapes), found["id"].tolist()
    inner, outer = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    larger = [
        (area[k], ids[k]) > (area[i], ids[i]) for i, k in zip(inner.tolist(), outer.tolist(), strict=True)
    ]
    inner, outer = inner[larger], outer[larger]
    shared = shapely.area(shapely.intersection(shapes[inner], shapes[outer]))
    return sorted(set(inner[shared >= _INSIDE * area[inner]].tolist()))
