"""Land of an OSM file: what covers it, and the water that people cross on bridges only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from access15.arrays import Objects
from access15.crs import WGS84
from access15.modes import parse_length_m
from access15.sources.osm_file import osm_file

if TYPE_CHECKING:
    import geopandas as gpd

_CLASSES: Final = {
    "tree": "natural=wood landuse=forest",
    "shrub": "natural=scrub natural=heath natural=shrubbery",
    "grass": "natural=grassland natural=fell landuse=grass landuse=meadow landuse=village_green landuse=recreation_ground "
    "leisure=park leisure=pitch leisure=golf_course leisure=common",
    "crop": "landuse=farmland landuse=orchard landuse=vineyard landuse=allotments landuse=plant_nursery landuse=paddy",
    "built": "landuse=residential landuse=commercial landuse=industrial landuse=retail landuse=construction landuse=farmyard "
    "landuse=education landuse=institutional landuse=railway landuse=military landuse=garages",
    "bare": "natural=bare_rock natural=rock natural=scree natural=shingle natural=sand natural=beach natural=shoal "
    "natural=dune natural=desert landuse=quarry landuse=landfill landuse=brownfield landuse=greenfield",
    "snow": "natural=glacier",
    "wetland": "natural=wetland natural=mud",
    "moss": "natural=tundra",
    "water": "landuse=salt_pond landuse=aquaculture",
}
LAND_TAGS: Final[Mapping[tuple[str, str], str]] = {
    (tag.split("=")[0], tag.split("=")[1]): name for name, tags in _CLASSES.items() for tag in tags.split()
}
"""What tags of areas say of the land: OSM wiki, Key:landuse, Key:natural, Key:leisure."""

WATER_AREAS: Final = (
    ("natural", "water"),
    ("waterway", "riverbank"),
    ("waterway", "dock"),
    ("landuse", "reservoir"),
    ("landuse", "basin"),
)
RIVERS: Final = ("river", "canal")
"""Lines of ``waterway`` that are crossed on bridges only, unless they are narrow."""
BROOKS: Final = ("stream", "ditch", "drain", "brook", "tidal_channel")
"""Values of ``waterway`` that one steps across, unless they are wide."""
_CLEAR: Final = 10
STEP_M: Final = 3.0
"""Water narrower than this is stepped or waded across (practice value), where its width is mapped."""


@dataclass(frozen=True, eq=False)
class OsmLand:
    """What an OSM file says of the land, in WGS 84.

    Attributes
    ----------
    shapes : (k,) objects
        Areas, and their ``classes`` (k,).
    water : GeoDataFrame
        Areas and lines of water that nobody walks across, with ``waterway`` and ``width_m``; the coast has ``natural``.
    broken : int
        Areas without a closed outline.
    passed : int
        Lines of water that dry up or are narrow: no barriers.
    """

    shapes: Objects
    classes: Objects
    water: gpd.GeoDataFrame
    broken: int
    passed: int


def read_osm_land(file: Path) -> OsmLand:
    """Return the land of an OSM file.

    Water in a tunnel or covered is left out. Areas of water that dry up (``intermittent=yes``) are ``seasonal water``,
    lines of that kind and narrow ones (`STEP_M`) no barriers.
    """
    import geopandas as gpd
    import osmium
    import shapely

    wkb = osmium.geom.WKBFactory()
    areas = osmium.filter.TagFilter(*LAND_TAGS, *WATER_AREAS)
    wanted = osmium.filter.TagFilter(
        *LAND_TAGS,
        *WATER_AREAS,
        *(("waterway", kind) for kind in (*RIVERS, *BROOKS)),
        ("natural", "coastline"),
    )
    shapes: list[Any] = []
    classes: list[str] = []
    water: list[tuple[Any, str, str, float]] = []
    broken = passed = 0
    with osm_file(file) as opened:
        for item in osmium.FileProcessor(opened.path).with_areas(areas).with_filter(wanted):
            tags = item.tags
            if tags.get("tunnel", "no") != "no" or tags.get("covered", "no") != "no":
                continue
            try:
                if item.is_area():
                    shape = shapely.from_wkb(wkb.create_multipolygon(item))
                    kind = class_of_tags(tags)
                    if kind == "water area":
                        water.append((shape, "", "", np.nan))
                    elif kind:
                        shapes.append(shape)
                        classes.append(kind)
                elif item.is_way() and ("waterway" in tags or tags.get("natural") == "coastline"):
                    way = tags.get("waterway", "")
                    if way not in (*RIVERS, *BROOKS) and "natural" not in tags:
                        continue
                    wide = parse_length_m(tags.get("width", "")) or np.nan
                    if way and not is_wall(way, wide, tags.get("intermittent", "no")):
                        passed += way in RIVERS
                        continue
                    line = shapely.from_wkb(wkb.create_linestring(item))
                    water.append((line, way, "" if way else "coastline", wide))
            except RuntimeError:
                broken += 1
    frame = gpd.GeoDataFrame(
        {name: [row[k] for row in water] for k, name in ((1, "waterway"), (2, "natural"), (3, "width_m"))},
        geometry=np.array([row[0] for row in water], object) if water else [],
        crs=WGS84,
    )
    return OsmLand(_array(shapes), _array(classes), frame, broken, passed)


def class_of_tags(tags: Mapping[str, str]) -> str:
    """Return what the tags of an area say of the land: a class, ``water area``, or nothing."""
    if any(tags.get(key) == value for key, value in WATER_AREAS):
        return "seasonal water" if tags.get("intermittent", "no") == "yes" else "water area"
    if tags.get("natural") == "wetland" and tags.get("wetland") == "mangrove":
        return "mangrove"
    for key in ("natural", "landuse", "leisure"):
        if found := LAND_TAGS.get((key, tags.get(key, ""))):
            return found
    return ""


def is_wall(waterway: str, wide_m: float, intermittent: str) -> bool:
    """Return whether a line of water is a barrier: by its width where that is known, else by its class."""
    if intermittent == "yes":
        return False
    return wide_m >= STEP_M if np.isfinite(wide_m) else waterway in RIVERS


def _array(values: list[Any]) -> Objects:
    out: Objects = np.empty(len(values), object)
    out[:] = values
    return out


def sea_of(coast: Objects, box: tuple[float, float, float, float]) -> Objects:
    """Return the areas of a box that lie on the right of the coastlines: the sea.

    Parameters
    ----------
    coast : (k,) objects
        Lines with the land on their left (OSM wiki, Tag:natural=coastline).
    box : xmin, ymin, xmax, ymax
    """
    import shapely

    frame = shapely.box(*box)
    inside = shapely.line_merge(shapely.intersection(shapely.union_all(coast), frame))
    if inside.is_empty:
        return _array([])
    # A coast that ends in the box, where an extract was cut, goes on to the nearest side of the box.
    open_ = [
        part for part in shapely.get_parts(inside) if part.geom_type == "LineString" and not part.is_ring
    ]
    ends = np.array([shapely.Point(part.coords[k]) for part in open_ for k in (0, -1)], object)
    ends = ends[shapely.distance(ends, frame.exterior) > 0] if len(ends) else ends
    onward = shapely.shortest_line(ends, frame.exterior) if len(ends) else _array([])
    lines = shapely.union_all(np.concatenate((np.array([inside, frame.exterior], object), onward)))
    parts = np.asarray(shapely.get_parts(shapely.polygonize(shapely.get_parts(lines))), object)
    points, line = shapely.get_coordinates(coast, return_index=True)
    same = line[1:] == line[:-1]
    start, stop = points[:-1][same], points[1:][same]
    step = stop - start
    length = np.maximum(np.hypot(*step.T), 1e-9)
    side = 0.5 * (start + stop)
    off = (
        np.minimum(1e-3 * length, 0.5)[:, None] * np.column_stack((step[:, 1], -step[:, 0])) / length[:, None]
    )
    tree = shapely.STRtree(parts)
    votes = []
    for sign in (1.0, -1.0):
        _, part = tree.query(shapely.points(side + sign * off), predicate="within")
        votes.append(np.bincount(part, minlength=len(parts)))
    right, left = votes
    # Where both sides of a coast lie in one part it is not closed, and nothing is known of that part.
    return np.asarray(parts[(right > 0) & (right >= _CLEAR * left)], object)
