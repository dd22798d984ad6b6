"""Land use and water of an OSM file as land: classes, walls, the sea, points in the water."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

import access15 as a15
from access15.errors import InputError
from access15.model import UNCLASSIFIED, WATER_AREA, notes_of
from access15.profiles import WALK, off_road_kph
from access15.search import ashore, land_of
from access15.sources import blocked_moves
from access15.sources.osm_land import class_of_tags, is_wall, sea_of

UTM = "EPSG:32638"


@pytest.mark.parametrize(
    ("tags", "want"),
    [
        ({"natural": "wood"}, "tree"),
        ({"landuse": "forest"}, "tree"),
        ({"natural": "wetland"}, "wetland"),
        ({"natural": "wetland", "wetland": "mangrove"}, "mangrove"),
        ({"natural": "water"}, WATER_AREA),
        ({"natural": "water", "intermittent": "yes"}, "seasonal water"),
        ({"landuse": "residential"}, "built"),
        ({"natural": "sand", "landuse": "residential"}, "bare"),
        ({"amenity": "parking"}, ""),
    ],
)
def test_tags_of_areas_say_what_covers_the_land(tags: dict[str, str], want: str) -> None:
    assert class_of_tags(tags) == want


@pytest.mark.parametrize(
    ("way", "wide", "dry", "wall"),
    [
        ("river", np.nan, "no", True),
        ("river", 2.0, "no", False),
        ("river", np.nan, "yes", False),
        ("canal", 12.0, "no", True),
        ("stream", np.nan, "no", False),
        ("stream", 8.0, "no", True),
    ],
)
def test_width_decides_what_is_a_wall_and_class_where_there_is_none(
    way: str, wide: float, dry: str, wall: bool
) -> None:
    assert is_wall(way, wide, dry) is wall


@pytest.mark.parametrize("turn", [0.0, 0.3, 2.0])
def test_the_sea_lies_on_the_right_of_the_coast(turn: float) -> None:
    box = (0.0, 0.0, 1000.0, 1000.0)
    angle = turn + np.linspace(0, 2 * np.pi, 41)
    ring = np.column_stack((500 + 200 * np.cos(angle), 500 + 200 * np.sin(angle)))  # land on the left: inside
    ring[-1] = ring[0]
    sea = shapely.union_all(sea_of(np.array([shapely.LineString(ring)], object), box))
    assert sea.area == pytest.approx(1e6 - shapely.Polygon(ring).area)
    assert not shapely.contains_xy(sea, 500, 500)
    coast = np.array([shapely.LineString([(-50, 300), (400, 350), (1100, 300)])], object)
    assert shapely.contains_xy(shapely.union_all(sea_of(coast, box)), 500, 100)
    assert not shapely.contains_xy(shapely.union_all(sea_of(coast, box)), 500, 900)
    # A coast that ends in the box, as extracts cut it, still has the sea on its right only.
    cut = np.array([shapely.LineString([(200, 300), (400, 350), (900, 300)])], object)
    assert shapely.contains_xy(shapely.union_all(sea_of(cut, box)), 500, 200)
    assert not shapely.contains_xy(shapely.union_all(sea_of(cut, box)), 500, 900)
    assert not len(sea_of(np.array([shapely.LineString([(5000, 0), (6000, 0)])], object), box))


def drawn(tmp_path: Path) -> tuple[Path, gpd.GeoDataFrame]:
    """Write an OSM file of 4 by 2 km: wood in the west, a river from south to north, a lake, a brook; no streets."""
    lon, lat = np.array([45.0, 45.04]), np.array([12.0, 12.02])
    nodes: list[tuple[float, float]] = []
    ways: list[tuple[list[int], dict[str, str]]] = []

    def way(points: list[tuple[float, float]], close: bool = False, **tags: str) -> None:
        first = len(nodes) + 1
        nodes.extend(points)
        refs = list(range(first, first + len(points)))
        ways.append(([*refs, first] if close else refs, tags))

    way([(45.0, 12.0), (45.01, 12.0), (45.01, 12.02), (45.0, 12.02)], True, natural="wood")
    way([(45.02, 11.99), (45.02, 12.03)], waterway="river")
    way([(45.015, 11.99), (45.015, 12.03)], waterway="stream")
    way([(45.03, 12.008), (45.034, 12.008), (45.034, 12.012), (45.03, 12.012)], True, natural="water")
    text = ["<osm version='0.6'>"]
    text += [f"<node id='{k}' version='1' lon='{x}' lat='{y}'/>" for k, (x, y) in enumerate(nodes, 1)]
    for k, (refs, tags) in enumerate(ways, 1):
        text.append(f"<way id='{k}' version='1'>")
        text += [f"<nd ref='{ref}'/>" for ref in refs] + [f"<tag k='{a}' v='{b}'/>" for a, b in tags.items()]
        text.append("</way>")
    file = tmp_path / "land.osm"
    file.write_text("\n".join([*text, "</osm>"]), "utf-8")
    area = gpd.GeoDataFrame(geometry=[shapely.box(lon[0], lat[0], lon[1], lat[1])], crs=4326)
    return file, area


def test_a_terrain_of_an_osm_file_has_classes_rivers_and_an_assumed_rest(tmp_path: Path) -> None:
    file, area = drawn(tmp_path)
    terrain = a15.read_terrain(file, area=area, margin_m=0, cell_m=50)
    count = {name: int((terrain.cover == k).sum()) for k, name in enumerate(terrain.classes)}
    assert count["tree"] / terrain.cover.size == pytest.approx(0.25, abs=0.02)
    assert count[WATER_AREA] > 20
    assert count[UNCLASSIFIED] > 0.6 * terrain.cover.size
    assert terrain.shores > 0
    assert len(terrain.barriers) == terrain.shores + 1  # the river; the brook is none
    assert "speed is assumed" in " ".join(note.line() for note in notes_of(terrain.provenance))
    with pytest.raises(InputError, match="name the area"):
        a15.read_terrain(file)


def test_the_margin_is_what_people_walk_in_the_cut_off(tmp_path: Path) -> None:
    file, area = drawn(tmp_path)
    wide = [a15.read_terrain(file, area=area, minutes=m).bounds for m in (15.0, 60.0)]
    assert wide[0][0] - wide[1][0] == pytest.approx(4500, abs=100)


def test_points_in_the_water_stand_on_the_shore(tmp_path: Path) -> None:
    file, area = drawn(tmp_path)
    terrain = a15.read_terrain(file, area=area, margin_m=500, cell_m=50)
    land = land_of(terrain, off_road_kph(WALK))
    lake = gpd.GeoSeries([shapely.box(45.03, 12.008, 45.034, 12.012)], crs=4326).to_crs(terrain.crs).iloc[0]
    x0, y0, x1, y1 = lake.bounds
    rng = np.random.default_rng(1)
    x, y = rng.uniform(x0 - 300, x1 + 300, 500), rng.uniform(y0 - 300, y1 + 300, 500)
    wet = shapely.contains_xy(lake, x, y)
    ax, ay, out = ashore(land, x, y)
    moved = np.hypot(ax - x, ay - y) > 0
    assert (moved == wet).mean() > 0.995
    assert not out.any()
    assert not shapely.contains_xy(lake, ax, ay).any()
    assert (
        np.hypot(ax - x, ay - y)[wet].max() - 1e-6
        <= 1 + shapely.distance(lake.exterior, shapely.points(x, y))[wet].max()
    )


def test_a_line_that_is_no_shore_moves_nobody() -> None:
    cells = np.zeros((20, 20), np.uint8)
    river = np.array([[1000.0, -100.0, 1000.0, 2100.0]])
    blocked = blocked_moves(river, 0.0, 2000.0, 20, 20, 100.0)
    terrain = a15.Terrain(cells, ("open",), 0.0, 2000.0, 100.0, UTM, barriers=river, blocked=blocked)
    x, y = np.array([995.0, 1005.0]), np.array([500.0, 500.0])
    ax, ay, out = ashore(land_of(terrain, {"open": 4.8}), x, y)
    assert (ax == x).all()
    assert (ay == y).all()
    assert not out.any()
