"""The datum of points is asked of the streets: a wrong one is refused with the line to add, a right one passes."""

import warnings
from dataclasses import replace
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pytest
import shapely

import access15 as a15
from access15.crs import WGS84, to_crs, wgs84_to_bd09, wgs84_to_gcj02
from access15.errors import CRSError, InputError
from access15.network import StreetWays, build_network
from access15.sources import (
    read_areas,
    read_buildings,
    read_estates,
    read_facilities,
    read_land,
    read_network,
    read_population,
)
from access15.testing import street_map

FORWARD = {"wgs84": lambda x, y: (x, y), "gcj02": wgs84_to_gcj02, "bd09": wgs84_to_bd09}


@pytest.fixture(scope="module")
def town():
    """One street of 3 km in mainland China and twelve homes beside it, WGS 84."""
    x, y = 596_000.0, 3_319_000.0
    ends = np.array([x, x + 3000]), np.array([y, y])
    ways = StreetWays([1], [{"highway": "residential"}], [2], np.array([1, 2]), *ends, "EPSG:32649")
    network = build_network(ways, crs="EPSG:32649")
    lon, lat = to_crs(np.linspace(x + 100, x + 2900, 12), np.full(12, y + 8), network.crs, WGS84)
    return network, lon, lat


def table(path, lon, lat, datum, head="id,lon,lat,population"):
    x, y = FORWARD[datum](lon, lat)
    rows = "".join(f"{i},{a:.7f},{b:.7f},10\n" for i, (a, b) in enumerate(zip(x, y, strict=True)))
    path.write_text(f"{head}\n{rows}", encoding="utf-8")
    return path


@pytest.mark.parametrize("true", FORWARD)
@pytest.mark.parametrize("said", FORWARD)
@pytest.mark.parametrize("kind", ["facilities", "people"])
def test_a_wrong_datum_is_refused_with_the_line_to_add(tmp_path, town, true, said, kind):
    network, lon, lat = town
    file = table(tmp_path / "p.csv", lon, lat, true)
    here = a15.Facilities.of(lon[:1], lat[:1], WGS84)
    homes = a15.Population.of(lon, lat, np.ones(12), WGS84)

    def run(**how):
        if kind == "facilities":
            return a15.nearest_times(network, read_facilities(file, datum=said, **how), homes, a15.WALK)
        return a15.nearest_times(network, here, read_population(file, datum=said, **how), a15.WALK)

    if true == said:
        with pytest.warns(
            UserWarning, match=rf"(service points|people) lie a median 8 m from the nearest street as {said}"
        ):
            assert np.isfinite(run().seconds).all()
        return
    with pytest.raises(
        CRSError, match=rf'were read as {said}, but the streets speak for {true}.*datum = "{true}" under'
    ):
        run()
    with pytest.warns(UserWarning, match=f"kept: accept_datum; {true} fits better"):
        run(accept_datum=True)


def test_points_made_of_checked_ones_are_not_told_of_again(tmp_path, town, recwarn):
    network, lon, lat = town
    people = read_population(table(tmp_path / "p.csv", lon, lat, "gcj02"), datum="gcj02")
    here = a15.Facilities.of(lon[:1], lat[:1], WGS84)
    for homes in (people, replace(people, people=2 * people.people)):
        a15.nearest_times(network, here, homes, a15.WALK)
    assert len([w for w in recwarn if "from the nearest street" in str(w.message)]) == 1


def test_points_outside_mainland_china_are_not_asked(tmp_path, recwarn):
    drawn = street_map("A---B", scale_m=40)
    file = table(
        tmp_path / "p.csv",
        *to_crs(drawn.network.node_x, drawn.network.node_y, drawn.network.crs, WGS84),
        "wgs84",
    )
    a15.nearest_times(drawn.network, read_facilities(file), drawn.population({"A": 1}), a15.WALK)
    assert not [w for w in recwarn if "as wgs84" in str(w.message)]


def test_people_of_polygons_areas_and_estates_have_a_datum(tmp_path, town):
    import geopandas as gpd
    import shapely

    _, lon, lat = town
    x, y = FORWARD["gcj02"](lon[:2], lat[:2])
    shapes = shapely.box(x - 0.001, y - 0.001, x + 0.001, y + 0.001)
    frame = gpd.GeoDataFrame(
        {"id": ["1", "2"], "name": ["甲", "乙"], "population": [5, 7]}, geometry=shapes, crs=WGS84
    )
    frame.to_file(tmp_path / "p.gpkg")
    people = read_population(tmp_path / "p.gpkg", datum="gcj02")
    np.testing.assert_allclose(people.x, lon[:2], atol=1e-5)
    np.testing.assert_allclose(shapely.get_x(shapely.centroid(people.outlines)), lon[:2], atol=1e-5)
    areas = read_areas(tmp_path / "p.gpkg", datum="gcj02")
    np.testing.assert_allclose(shapely.get_y(shapely.centroid(areas.polygons)), lat[:2], atol=1e-5)
    file = table(tmp_path / "e.csv", lon, lat, "bd09", "id,lon,lat,planned_people")
    np.testing.assert_allclose(read_estates(file, datum="bd09").people.x, lon, atol=1e-5)
    with pytest.raises(InputError, match="not known"):
        read_areas(tmp_path / "p.gpkg", datum="mars")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_streets_drawn_on_a_chinese_map_are_moved(tmp_path, datum):
    """A road layer in a Chinese datum is read where it is: within a metre of the same layer in WGS 84."""
    lon = 104.0 + np.arange(12) / 1000
    lat = 30.6 + np.sin(np.arange(12)) / 2000

    def layer(name, x, y):
        lines = [shapely.LineString(pair) for pair in pairwise(zip(x, y, strict=True))]
        frame = gpd.GeoDataFrame({"class": ["residential"] * 11}, geometry=lines, crs="EPSG:4326")
        frame.to_file(tmp_path / name)
        return tmp_path / name

    true = read_network(layer("true.gpkg", lon, lat))
    moved = read_network(layer("shifted.gpkg", *FORWARD[datum](lon, lat)), datum=datum, crs=true.crs)
    assert moved.n_edges == true.n_edges
    assert np.abs(np.sort(moved.node_x) - np.sort(true.node_x)).max() < 1.0
    assert np.abs(np.sort(moved.node_y) - np.sort(true.node_y)).max() < 1.0
    assert moved.provenance["datum"] == datum
    raw = read_network(tmp_path / "shifted.gpkg", crs=true.crs)
    assert np.abs(np.sort(raw.node_x) - np.sort(true.node_x)).max() > 100
    kept = tmp_path / "kept"
    for stated in ("wgs84", datum, "wgs84", datum):
        found = read_network(tmp_path / "shifted.gpkg", datum=stated, crs=true.crs, cache=kept)
        assert np.array_equal(found.node_x, (moved if stated == datum else raw).node_x)


def test_a_datum_is_for_layers_of_roads_in_china(tmp_path):
    xml = tmp_path / "s.osm"
    xml.write_text("<osm version='0.6'/>", "utf-8")
    with pytest.raises(InputError, match=r"datum is for layers of road lines.*--network-datum"):
        read_network(xml, datum="gcj02")
    lines = [shapely.LineString([(7, 43), (7.01, 43)])]
    gpd.GeoDataFrame({"class": ["residential"]}, geometry=lines, crs="EPSG:4326").to_file(tmp_path / "m.gpkg")
    with pytest.raises(CRSError, match="no point where gcj02 applies"):
        read_network(tmp_path / "m.gpkg", datum="gcj02")


@pytest.mark.parametrize("read", ["buildings", "land", "clip"])
def test_layers_without_an_option_for_their_crs_say_what_helps(tmp_path, read):
    frame = gpd.GeoDataFrame({"building": ["yes"]}, geometry=[shapely.box(7, 43, 7.1, 43.1)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame.to_file(tmp_path / "b.shp")
    call = {
        "buildings": lambda: read_buildings(tmp_path / "b.shp"),
        "land": lambda: read_land(tmp_path / "b.shp"),
        "clip": lambda: read_network(tmp_path / "m.osm", clip=tmp_path / "b.shp"),
    }[read]
    (tmp_path / "m.osm").write_text("<osm version='0.6'/>", "utf-8")
    with pytest.raises(CRSError, match=r"b\.shp does not state its CRS: set it in the file \(a \.prj"):
        call()
