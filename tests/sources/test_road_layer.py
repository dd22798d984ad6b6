"""Plain road layers: columns, values, CRS, and files that cannot be used."""

from __future__ import annotations

import csv
import json
import shutil

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Geod

import access15 as a15
from access15.crs import WGS84, to_crs
from access15.errors import CRSError, InputError
from access15.model import Access
from access15.network import link_points
from access15.sources import read_network

UTM = "EPSG:32647"
CAR = Access.MOTORCAR


def write(path, lines, crs=UTM, **columns):
    """Write lines in local metres (or degrees for a geographic CRS) with their columns."""
    shift = (0.0, 0.0) if crs is None or crs == WGS84 else (500_000.0, 3_300_000.0)
    shapes = [
        line if not isinstance(line, list) else shapely.LineString(np.array(line) + shift) for line in lines
    ]
    columns = columns or {"fclass": ["residential"] * len(lines)}
    gpd.GeoDataFrame(columns, geometry=shapes, crs=crs).to_file(path)
    return path


def cars(network, way):
    """Return whether cars may go (along, against) the edges of a way."""
    rows = np.flatnonzero(network.way_id == way)
    assert len(rows)
    return (
        bool((network.access_forward[rows] & CAR).all()),
        bool((network.access_backward[rows] & CAR).all()),
    )


STREET = [[0, 0], [100, 0]]


@pytest.mark.parametrize("suffix", [".shp", ".gpkg", ".geojson", ".fgb"])
def test_every_kind_gives_the_same_streets(tmp_path, suffix):
    lines = [[[100, 30], [100.001, 30]], [[100.001, 30], [100.001, 30.002]]]
    file = write(tmp_path / f"r{suffix}", lines, WGS84)
    network = read_network(file)
    assert (network.n_nodes, network.n_edges, network.crs) == (3, 2, UTM)
    # A degree of latitude at 30° N is 110,852 m; FlatGeobuf writes features in an order of its own.
    assert network.length_m.max() == pytest.approx(0.002 * 110_852, rel=1e-4)


def test_lengths_are_those_on_the_ground(tmp_path):
    # In the middle of a UTM zone the plane is 0.9996 of the ground.
    network = read_network(write(tmp_path / "r.gpkg", [STREET]))
    assert network.crs == UTM
    assert network.length_m[0] == pytest.approx(100 / 0.9996, rel=1e-6)
    np.testing.assert_allclose(np.sort(network.node_x), [500_000, 500_100], atol=1e-6)


def test_web_mercator_is_never_measured_in(tmp_path):
    x, y = to_crs(np.array([100.0, 100.001]), np.array([30.0, 30.0]), WGS84, "EPSG:3857")
    file = write(tmp_path / "r.gpkg", [shapely.LineString(np.stack((x, y), axis=1))], "EPSG:3857")
    network = read_network(file)
    assert network.crs == UTM
    assert network.length_m[0] == pytest.approx(96.49, abs=0.01)


def test_roads_cut_at_the_180_meridian_join_again(tmp_path):
    frame = gpd.GeoDataFrame(
        {"fclass": ["primary"] * 2}, crs="EPSG:4326",
        geometry=[shapely.LineString([[179.99, -16.8], [180, -16.8]]), shapely.LineString([[-180, -16.8], [-179.98, -16.8]])],
    )  # fmt: skip
    frame.to_file(tmp_path / "r.gpkg")
    network = read_network(tmp_path / "r.gpkg")
    assert network.crs == "EPSG:32701"
    assert (network.n_nodes, network.n_edges) == (3, 2)
    degree_m = Geod(ellps="WGS84").line_length([0, 0.01], [-16.8, -16.8])
    np.testing.assert_allclose(sorted(network.length_m), [degree_m, 2 * degree_m], rtol=1e-5)


def test_oneway_letters_of_geofabrik(tmp_path):
    lines = [[[0, i], [100, i]] for i in range(4)]
    file = write(
        tmp_path / "r.gpkg",
        lines,
        fclass=["primary"] * 4,
        oneway=["B", "F", "T", None],
        osm_id=["1", "2", "3", "4"],
    )
    network = read_network(file)
    assert [cars(network, way) for way in (1, 2, 3, 4)] == [
        (True, True), (True, False), (False, True), (True, True)
    ]  # fmt: skip
    # People on foot go both ways.
    assert (network.access_backward & Access.FOOT).all()
    assert network.provenance["oneway values"] == {"B → no": 1, "F → yes": 1, "T → -1": 1}
    assert "class = fclass" in network.provenance["columns guessed"]


def test_oneway_letters_that_mean_true_and_false(tmp_path):
    lines = [[[0, i], [100, i]] for i in range(2)]
    network = read_network(write(tmp_path / "r.gpkg", lines, fclass=["primary"] * 2, oneway=["T", "F"]))
    assert [cars(network, way) for way in (1, 2)] == [(True, False), (True, True)]
    assert "true and false" in network.provenance["oneway letters"]


def test_chinese_columns_in_gb18030_without_cpg(tmp_path):
    lines = [[[0, i], [100, i]] for i in range(3)]
    frame = gpd.GeoDataFrame(
        {"道路等级": ["国道", "县道", "村道"], "限速": [60, 0, -1], "单行": ["否", "是", "否"]},
        geometry=[shapely.LineString(np.add(line, (500_000, 3_300_000))) for line in lines], crs=UTM,
    )  # fmt: skip
    frame.to_file(tmp_path / "路.shp", encoding="GB18030")
    for cpg in tmp_path.glob("*.cpg"):
        cpg.unlink()
    network = read_network(tmp_path / "路.shp")
    assert [network.highway_classes[i] for i in network.highway] == ["primary", "tertiary", "unclassified"]
    np.testing.assert_array_equal(network.maxspeed_forward_kph, [60, np.nan, np.nan])
    assert cars(network, 2) == (True, False)
    assert network.provenance["maxspeed values that say nothing"] == {"0": 1, "-1": 1}


def test_values_are_translated_by_hand(tmp_path):
    lines = [[[0, i], [100, i]] for i in range(2)]
    file = write(tmp_path / "r.gpkg", lines, rang=["A", "B"], dir=["->", "<-"])
    network = read_network(
        file,
        columns={"class": "rang", "class=A": "trunk", "class=B": "track", "oneway": "dir", "oneway=->": "yes",
                 "oneway=<-": "-1", "surface": "=gravel"},
    )  # fmt: skip
    assert [network.highway_classes[i] for i in network.highway] == ["trunk", "track"]
    assert [cars(network, way) for way in (1, 2)] == [(True, False), (False, True)]
    assert {network.surface_classes[i] for i in network.surface} == {"gravel"}


def test_unknown_classes_are_counted_and_taken_as_road(tmp_path):
    lines = [[[0, i], [100, i]] for i in range(4)]
    file = write(tmp_path / "r.gpkg", lines, fclass=["primary", "goat", "goat", None])
    for _ in range(2):  # built, then from the cache
        with pytest.warns(
            UserWarning, match=r"r.gpkg: class .* taken as road: goat \(2\), \(empty\) \(1\); tran"
        ):
            network = read_network(file, cache=tmp_path / "kept")
    assert [network.highway_classes[i] for i in network.highway] == ["primary", "road", "road", "road"]
    assert network.provenance["class values not understood, taken as road"] == {"goat": 2, "(empty)": 1}


def test_lines_that_are_not_streets_are_dropped_with_their_count(tmp_path):
    lines = [[[0, i], [100, i]] for i in range(2)]
    network = read_network(write(tmp_path / "r.gpkg", lines, highway=["primary", "construction"]))
    assert network.n_edges == 1
    assert network.provenance["dropped"] == {"ways that are not streets": 1}


def test_multi_lines_points_and_gaps(tmp_path):
    here = np.array((500_000.0, 3_300_000.0))
    shapes = [
        shapely.MultiLineString([np.array(STREET) + here, np.array([[200, 0], [300, 0]]) + here]),
        None,
        shapely.LineString(np.array([[100, 0], [200, 0]]) + here),
    ]
    network = read_network(write(tmp_path / "r.gpkg", shapes, fclass=["primary"] * 3, osm_id=[7, 8, 9]))
    assert sorted(network.way_id.tolist()) == [7, 7, 9]
    assert network.n_nodes == 4
    assert network.provenance["set aside"] == {"lines without geometry": 1, "multi-part lines taken apart": 1}


# --- what cannot be used -----------------------------------------------------------------------------------


def refused(file, *words, error=InputError, **options):
    """Read a file that must be refused; the message is one line with these words; nothing is left behind."""
    before = sorted(p.name for p in file.parent.iterdir())
    with pytest.raises(error) as caught:
        read_network(file, **options)
    message = str(caught.value)
    assert "\n" not in message
    for word in (file.stem, *words):
        assert word in message
    assert sorted(p.name for p in file.parent.iterdir()) == before


@pytest.mark.parametrize("part", [".shp", ".shx", ".dbf", ".gpkg", ".geojson"])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_truncated(tmp_path, part, share):
    kind = part if part in {".gpkg", ".geojson"} else ".shp"
    write(tmp_path / f"roads{kind}", [[[0, i], [100, i]] for i in range(30)])
    victim = tmp_path / f"roads{part}"
    data = victim.read_bytes()
    victim.write_bytes(data[: int(len(data) * share)])
    refused(tmp_path / f"roads{kind}")


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99])
def test_a_truncated_flatgeobuf_is_not_read_in_part(tmp_path, share):
    file = write(tmp_path / "roads.fgb", [[[0, i], [100, i]] for i in range(30)])
    data = file.read_bytes()
    file.write_bytes(data[: int(len(data) * share)])
    refused(file)


def test_missing_companions(tmp_path):
    write(tmp_path / "roads.shp", [STREET])
    for part in (".dbf", ".shx"):
        shutil.copytree(tmp_path, tmp_path / part)
        (tmp_path / part / f"roads{part}").unlink()
        refused(tmp_path / part / "roads.shp", part, "copy all parts")


def test_no_crs(tmp_path):
    write(tmp_path / "roads.shp", [STREET], None)
    refused(tmp_path / "roads.shp", ".prj", error=CRSError)


def test_degrees_that_claim_to_be_metres_and_the_reverse(tmp_path):
    degrees = shapely.LineString([[100, 30], [100.001, 30]])
    refused(write(tmp_path / "a.gpkg", [degrees]), "degrees", "EPSG:4326", error=CRSError)
    metres = shapely.LineString([[500_000, 3_300_000], [500_100, 3_300_000]])
    refused(write(tmp_path / "b.gpkg", [degrees, metres], WGS84), "feature 2", "500000", error=CRSError)


def test_empty_and_without_lines(tmp_path):
    gpd.GeoDataFrame({"fclass": []}, geometry=[], crs=UTM).to_file(tmp_path / "none.gpkg")
    refused(tmp_path / "none.gpkg", "no features")
    refused(
        write(tmp_path / "dots.gpkg", [shapely.Point(5e5, 3e6)]), "no lines", "1 features that are not lines"
    )


def test_no_geometry_column(tmp_path):
    import pandas as pd
    import pyogrio

    pyogrio.write_dataframe(pd.DataFrame({"fclass": ["primary"]}), tmp_path / "t.gpkg", layer="t")
    refused(tmp_path / "t.gpkg", "no geometry", "road lines")


def test_columns_that_do_not_fit(tmp_path):
    file = write(tmp_path / "roads.gpkg", [STREET], kind_of_way=["residential"])
    refused(file, "class of road", "kind_of_way", "columns={'class'")
    refused_role = pytest.raises(
        InputError, match="'klass', which a road layer does not have: use class, oneway"
    )
    with refused_role:
        read_network(file, columns={"klass": "kind_of_way"})
    assert read_network(file, columns={"class": "kind_of_way"}).n_edges == 1
    assert read_network(file, columns={"class": "=service"}).highway_classes == ("", "service")


def test_a_column_that_is_not_there(tmp_path):
    file = write(tmp_path / "roads.gpkg", [STREET], klasse=["residential"])
    refused(file, "no column 'klase'", "did you mean 'klasse'", columns={"class": "klase"})


def test_no_class_value_is_known(tmp_path):
    file = write(tmp_path / "roads.gpkg", [STREET], fclass=["goat"])
    refused(file, "'fclass'", "goat", "columns={'class=goat': 'primary'}")


def test_all_lines_dropped(tmp_path):
    refused(write(tmp_path / "roads.gpkg", [STREET], fclass=["construction"]), "no streets")


def test_several_layers_must_be_named(tmp_path):
    file = write(tmp_path / "two.gpkg", [STREET])
    frame = gpd.read_file(file)
    frame.to_file(file, layer="roads")
    refused(file, "roads")
    assert read_network(file, layer="roads").n_edges == 1


def test_options_of_other_kinds_are_refused(tmp_path):
    (tmp_path / "a.osm").write_text("<osm version='0.6'/>", encoding="utf-8")
    for options in ({"columns": {"class": "x"}}, {"layer": "x"}):
        refused(tmp_path / "a.osm", "is for layers of road lines", **options)
    (tmp_path / "a.txt").write_text("x", encoding="utf-8")
    refused(tmp_path / "a.txt", ".graphml", ".shp")


# --- a whole prefecture ------------------------------------------------------------------------------------


def test_garze_is_a_drivable_network(shared_data):
    folder = shared_data / "garze"
    if not folder.is_dir():
        pytest.skip("no garze folder")
    network = read_network(folder / "Garze_roads_17.shp")
    said = network.provenance
    assert network.crs == "EPSG:4572"
    assert (said["lines read"], said["lines used"], said["encoding"]) == (5597, 5640, "gb18030")
    assert said["set aside"] == {"multi-part lines taken apart": 25}
    assert said["oneway values"] == {"B → no": 5563, "F → yes": 34}
    assert said["maxspeed values that say nothing"] == {"0": 5596}
    assert network.length_m.sum() / 1000 == pytest.approx(13_059.7, abs=0.1)
    facilities = a15.read_facilities(folder / "Garze_hospitals_WGS.csv")
    near = link_points(network, facilities.x, facilities.y, facilities.crs, a15.DRIVE, role="destination")
    assert near.linked.all()
    assert 20 < np.median(near.leg_m) < 27
    with (folder / "Garze_hospitals_WGS.csv").open(encoding="gb18030") as file:
        rows = list(csv.DictReader(file))
    wrong = [np.array([float(r[c]) for r in rows]) for c in ("BD_lon", "BD_lat")]
    misread = link_points(network, wrong[0], wrong[1], WGS84, a15.DRIVE, role="destination")
    assert 300 < np.median(misread.leg_m) < 360
    with (folder / "governments_WGS.csv").open(encoding="gb18030") as file:
        seats = [r for r in csv.DictReader(file) if r["county"] != "Chengdu"]
    lon, lat = (np.array([float(r[c]) for r in seats]) for c in ("WGS_lon", "WGS_lat"))
    people = a15.Population.of(lon, lat, np.ones(len(seats)), WGS84)
    times = a15.nearest_times(network, facilities, people, a15.DRIVE)
    # Every county seat has a hospital of its own town.
    assert (times.seconds < 5 * 60).all()


def test_a_vertex_that_is_no_number_sets_its_line_aside(tmp_path):
    broken = shapely.LineString([[500_000, 3_300_000], [np.nan, np.nan], [500_100, 3_300_000]])
    network = read_network(write(tmp_path / "roads.gpkg", [STREET, broken]))
    assert network.n_edges == 1
    assert network.provenance["set aside"] == {"lines without finite coordinates": 1}


def test_a_line_of_one_point_is_set_aside(tmp_path):
    file = write(tmp_path / "roads.geojson", [shapely.LineString([[100, 30], [100, 30.001]])], WGS84)
    layer = json.loads(file.read_text())
    stub = {"type": "LineString", "coordinates": [[100, 30]]}
    layer["features"].append(layer["features"][0] | {"geometry": stub, "id": "2"})
    file.write_text(json.dumps(layer))
    assert read_network(file).provenance["set aside"] == {"lines without geometry": 1}


def test_a_damaged_prj(tmp_path):
    file = write(tmp_path / "roads.shp", [STREET])
    prj = file.with_suffix(".prj")
    for bad in (b"Transverse_Merca\xffor", b'Trans"Verse['):
        good = write(file, [STREET]) and prj.read_bytes()
        prj.write_bytes(good.replace(b"Transverse_Mercator", bad))
        refused(file, "CRS that cannot be read", ".prj")


def test_a_projection_without_a_method(tmp_path):
    file = write(tmp_path / "roads.shp", [STREET])
    prj = file.with_suffix(".prj")
    prj.write_text(prj.read_text().replace("Transverse_Mercator", "Transverse_8ercator"))
    with pytest.raises(CRSError, match=r"PROJ cannot move points .* correct the CRS"):
        read_network(file)


def test_reading_gml_leaves_no_trace(tmp_path):
    """GDAL notes the columns it guessed in a .gfs beside a GML file without a schema."""
    file = write(tmp_path / "roads.gml", [STREET])
    file.with_suffix(".xsd").unlink()
    assert read_network(file).n_edges == 1
    assert [p.name for p in tmp_path.iterdir()] == ["roads.gml"]
    file.with_suffix(".gfs").touch()
    read_network(file)
    assert file.with_suffix(".gfs").exists()
