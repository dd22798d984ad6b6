"""Commands and studies on road layers and graphs instead of OSM extracts."""

from __future__ import annotations

import sqlite3

import geopandas as gpd
import pytest
import shapely

from access15.errors import InputError
from access15.study import Study
from town_files import COLUMNS, ROWS, place


@pytest.fixture
def roads(town):
    """The town's streets as a shapefile with columns of its own."""
    along = [shapely.LineString([place(c, r) for c in range(COLUMNS)]) for r in range(ROWS)]
    across = [shapely.LineString([place(c, r) for r in range(ROWS)]) for c in range(COLUMNS)]
    file = town.parent / "roads.shp"
    gpd.GeoDataFrame({"rang": ["A"] * 2 + ["B"] * COLUMNS}, geometry=along + across, crs="EPSG:4326").to_file(
        file
    )
    return file


NETWORK = (
    'path = "roads.shp"\ncolumns = { class = "rang", "class=A" = "residential", "class=B" = "residential" }'
)


def figures(path):
    with sqlite3.connect(path) as file:
        return file.execute(
            'select mode, minutes, covered, unreachable from "coverage" order by 1, 2'
        ).fetchall()


def test_a_study_on_a_road_layer_finds_what_it_finds_on_osm(town, roads):
    Study.from_toml(town).run().to_gpkg(town.parent / "osm.gpkg")
    text = town.read_text("utf-8").replace('path = "streets.osm"', NETWORK)
    town.write_text(text, "utf-8")
    result = Study.from_toml(town).run()
    result.to_gpkg(town.parent / "layer.gpkg")
    assert figures(town.parent / "layer.gpkg") == figures(town.parent / "osm.gpkg")
    with sqlite3.connect(town.parent / "layer.gpkg") as file:
        said = dict(file.execute("select key, value from provenance"))
    assert any("class values translated" in key for key in said)


def test_a_study_cut_to_a_box_and_to_its_wards(town):
    west, south = place(-1, -1)
    east, north = place(10.5, 4)
    box = f'path = "streets.osm"\nclip = [{west}, {south}, {east}, {north}]\nbuffer_m = 100'
    whole = Study.from_toml(town).settings.network
    assert (whole.clip, whole.buffer_m) == (None, 0.0)
    text = town.read_text("utf-8")
    town.write_text(text.replace('path = "streets.osm"', box), "utf-8")
    cut = Study.from_toml(town).run()
    assert 0 < cut.inputs.network.n_edges < 3 * 12 + 5
    town.write_text(
        text.replace('path = "streets.osm"', 'path = "streets.osm"\nclip = "wards.geojson"'), "utf-8"
    )
    assert Study.from_toml(town).run().inputs.network.provenance["clip"]["area"] == "wards.geojson"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("clip = [1, 2, 3]", "[network] clip: must be a path or [west, south, east, north]"),
        ("buffer_m = 100", "buffer_m widens a clip area"),
        ('column = { class = "x" }', "did you mean 'columns'"),
    ],
)
def test_bad_keys(town, line, words):
    text = town.read_text("utf-8").replace('path = "streets.osm"', f'path = "streets.osm"\n{line}')
    town.write_text(text, "utf-8")
    with pytest.raises(InputError) as caught:
        Study.from_toml(town)
    assert words in str(caught.value)


def test_isochrones_on_a_shapefile(run, town, roads):
    frame = gpd.read_file(roads)
    frame.rename(columns={"rang": "fclass"}).assign(fclass="residential").to_file(roads)
    out = town.parent / "iso.gpkg"
    words = ["isochrones", "--facilities", town.parent / "clinics.csv", "--minutes", "5,10", "--out", out]
    result = run(*words, "--network", roads)
    assert result.exit_code == 0, result.output
    assert len(gpd.read_file(out, layer="isochrones")) >= 2


def test_a_damaged_shapefile_is_one_line_and_leaves_nothing(refused, town, roads):
    roads.write_bytes(roads.read_bytes()[:500])
    before = {p.name for p in town.parent.iterdir()}
    words = ["isochrones", "--facilities", town.parent / "clinics.csv", "--out", town.parent / "iso.gpkg"]
    line = refused(*words, "--network", roads)
    assert "roads.shp" in line
    assert "cut off" in line
    assert {p.name for p in town.parent.iterdir()} == before
