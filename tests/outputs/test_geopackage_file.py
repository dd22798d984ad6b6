import contextlib
import json
import sqlite3
import subprocess
import sys
import textwrap
import xml.etree.ElementTree as Xml

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from outputs_town import UTM

from access15 import outputs
from access15.errors import CRSError, InputError, OutputError
from access15.outputs import FileOpenError, write_geopackage
from access15.outputs.styles import layer_style

TABLES = ["coverage", "plans", "provenance"]


@pytest.fixture(scope="module")
def layers(town):
    walk, elder = town.times(), town.times(3.24, "walk-elder")
    cases, coverages = (
        {"walk": walk, "walk_elder": elder},
        {"walk": town.coverage(walk), "walk_elder": town.coverage(elder)},
    )
    plans, ring = {"five": town.plan(walk)}, gpd.GeoDataFrame(
        {"facility_id": [None], "mode": ["walk"], "minutes": [15.0]}, geometry=[shapely.Point(372500, 4843500).buffer(500)], crs=UTM
    )  # fmt: skip
    return {
        "cells": outputs.cells_layer(
            town.population, cases, town.facilities, headline_case="walk_elder", minutes=15, crs=UTM,
            areas=town.areas, cell_area=town.cell_area(),
        ),
        "facilities": outputs.facilities_layer(town.facilities, cases, town.population, (5, 10, 15), UTM),
        "areas": outputs.areas_layer(town.areas, coverages, town.population, UTM),
        "coverage": outputs.coverage_layer(coverages),
        "isochrones": outputs.isochrones_layer(ring, UTM),
        "gaps": outputs.gaps_layer(town.gaps(elder), UTM),
        "plans": outputs.plans_layer(plans),
        "proposed_sites": outputs.sites_layer(plans, town.candidates(), UTM),
        "provenance": outputs.provenance_layer({"access15": "0.1.0", "inputs": {"people": 3}}),
    }  # fmt: skip


@pytest.fixture(scope="module")
def written(layers, tmp_path_factory):
    return write_geopackage(tmp_path_factory.mktemp("gpkg") / "coverage.gpkg", layers, UTM)


def ask(path, statement):
    with contextlib.closing(sqlite3.connect(path)) as database:
        return database.execute(statement).fetchall()


def test_it_is_a_geopackage(written, layers):
    assert ask(written, "PRAGMA application_id") == [(int.from_bytes(b"GPKG", "big"),)]
    assert ask(written, "PRAGMA integrity_check") == [("ok",)]
    assert ask(written, "PRAGMA foreign_key_check") == []
    kinds = dict(ask(written, "SELECT table_name, data_type FROM gpkg_contents"))
    assert kinds == {
        **{layer: "attributes" if layer in TABLES else "features" for layer in layers}, "layer_styles": "attributes",
    }  # fmt: skip
    spatial = set(layers) - set(TABLES)
    assert dict(ask(written, "SELECT table_name, srs_id FROM gpkg_geometry_columns")) == dict.fromkeys(
        spatial, 32632
    )


def test_extents_and_indexes_match_the_shapes(written, layers):
    for layer in set(layers) - set(TABLES):
        stored = ask(
            written, f"SELECT min_x, min_y, max_x, max_y FROM gpkg_contents WHERE table_name='{layer}'"
        )[0]
        indexed = ask(
            written, f"SELECT min(minx), min(miny), max(maxx), max(maxy), count(*) FROM rtree_{layer}_geom"
        )[0]
        bounds = layers[layer].total_bounds
        assert stored == pytest.approx(bounds)
        assert indexed[:4] == pytest.approx(
            bounds, abs=1.0
        )  # An R-tree holds single precision, rounded outwards.
        assert indexed[4] == layers[layer].geometry.notna().sum()


def test_layers_come_back_as_they_went(written, layers):
    for layer, frame in layers.items():
        back = pyogrio.read_dataframe(written, layer=layer)
        assert list(back.columns) == list(frame.columns)
        assert len(back) == len(frame)
        if layer not in TABLES:
            assert back.crs == UTM
        for name in frame.columns.drop("geometry", errors="ignore"):
            if frame[name].dtype.kind == "f":
                assert back[name].to_numpy(float) == pytest.approx(
                    frame[name].to_numpy(float), rel=1e-15, nan_ok=True
                )
            else:
                assert (
                    back[name].where(back[name].notna(), None).tolist()
                    == frame[name].where(frame[name].notna(), None).tolist()
                )


def test_missing_is_null_and_ids_are_text(written):
    assert ask(written, "SELECT count(*) FROM cells WHERE walk_s IS NULL AND walk_facility IS NULL") == [(4,)]
    assert ask(
        written, "SELECT DISTINCT typeof(cell_id), typeof(area_id) FROM cells WHERE area_id IS NOT NULL"
    ) == [("text", "text")]
    assert ask(written, "SELECT count(*) FROM cells WHERE abs(walk_s) > 1e9") == [(0,)]
    assert ask(written, "SELECT median_s, typeof(nearest_facility) FROM gaps WHERE rank = 1") == [
        (None, "null")
    ]
    assert ask(written, "SELECT rate_walk_15 FROM areas WHERE area_id = '003'") == [(None,)]
    assert ask(written, "SELECT area_id FROM areas WHERE geom IS NULL") == [("(none)",)]


def test_original_names_are_titles(written):
    titles = dict(ask(written, "SELECT column_name, title FROM gpkg_data_columns WHERE table_name = 'cells'"))
    assert titles["people_65plus"] == "people 65+"
    assert titles["walk_elder_s"] == "walk-elder s"
    assert titles["snapped_m"] == "distance to the street, m"
    assert "people" not in titles


def test_every_layer_has_a_default_style_that_is_well_formed(written, layers):
    rows = ask(
        written,
        "SELECT f_table_name, f_geometry_column, styleQML FROM layer_styles "
        "WHERE useAsDefault = 1 AND f_table_schema = '' AND f_table_catalog = ''",
    )
    assert [row[0] for row in rows] == list(layers)
    for layer, column, qml in rows:
        assert column == ("" if layer in TABLES else "geom")
        root = Xml.fromstring(qml)
        assert root.tag == "qgis"
        rules, symbols = root.findall(".//rule"), root.findall(".//symbol")
        assert (layer in TABLES) == (not rules)
        assert [rule.get("symbol") for rule in rules] == [symbol.get("name") for symbol in symbols]
        for alias in root.findall(".//alias"):
            fields = [row[1] for row in ask(written, f"PRAGMA table_info({layer})") if row[1] != "geom"]
            assert fields[int(alias.get("index"))] == alias.get("field")


def test_the_rules_of_the_cells_put_every_cell_in_one_class(written):
    """The filters are SQL as well as QGIS expressions: each cell is in exactly one class, the right one."""
    root = Xml.fromstring(
        ask(written, "SELECT styleQML FROM layer_styles WHERE f_table_name = 'cells'")[0][0]
    )
    rules = [(rule.get("label"), rule.get("filter")) for rule in root.findall(".//rule")]
    found = {
        label: ask(written, f"SELECT fid, walk_elder_s FROM cells WHERE {rule}") for label, rule in rules
    }
    assert list(found) == ["0 - 5 min", "5 - 10 min", "10 - 15 min", "> 15 min", "unreachable", "unlinked"]
    fids = sorted(fid for rows in found.values() for fid, _ in rows)
    assert fids == [fid for (fid,) in ask(written, "SELECT fid FROM cells ORDER BY fid")]
    assert all(300 < seconds <= 600 for _, seconds in found["5 - 10 min"])
    assert len(found["unreachable"]) == 3


def test_empty_layers_are_written_with_their_columns(tmp_path, layers, town):
    empty = {layer: frame.iloc[:0] for layer, frame in layers.items()}
    path = write_geopackage(tmp_path / "e.gpkg", empty, UTM)
    for layer, frame in layers.items():
        back = pyogrio.read_dataframe(path, layer=layer)
        assert [c for c in back.columns if c != "geometry"] == [c for c in frame.columns if c != "geometry"]
    types = dict(ask(path, "SELECT table_name, geometry_type_name FROM gpkg_geometry_columns"))
    assert types["gaps"] == "MULTIPOLYGON"
    assert types["proposed_sites"] == "POINT"
    assert len(ask(path, "SELECT 1 FROM layer_styles")) == len(layers)


def test_layers_in_another_crs_are_moved(tmp_path, layers):
    path = write_geopackage(tmp_path / "a.gpkg", {"cells": layers["cells"].to_crs("EPSG:4326")}, UTM)
    back = gpd.read_file(path, layer="cells")
    assert back.crs == UTM
    assert back.total_bounds == pytest.approx(layers["cells"].total_bounds, abs=0.01)
    far = write_geopackage(tmp_path / "b.gpkg", {"cells": layers["cells"]}, "EPSG:4326")
    assert gpd.read_file(far, layer="cells").crs == "EPSG:4326"


def test_infinite_numbers_are_null_whoever_made_the_table(tmp_path):
    frame = pd.DataFrame({"x": [np.inf, -np.inf, np.nan, 1.0], "id": [None, np.nan, "001", "药"]})
    path = write_geopackage(tmp_path / "a.gpkg", {"t": frame}, UTM)
    assert ask(path, "SELECT x, id FROM t") == [(None, None), (None, None), (None, "001"), (1.0, "药")]


def test_an_old_file_is_replaced_whole_and_its_logs_go(tmp_path, layers):
    path = tmp_path / "c.gpkg"
    write_geopackage(path, layers, UTM)
    for ending in ("-wal", "-shm", "-journal"):
        (tmp_path / f"c.gpkg{ending}").write_bytes(b"stale" * 100)
    write_geopackage(path, {"plans": layers["plans"]}, UTM)
    assert [p.name for p in tmp_path.iterdir()] == ["c.gpkg"]
    assert [layer for layer, _ in pyogrio.list_layers(path)] == ["plans", "layer_styles"]


def test_something_else_of_that_name_is_replaced(tmp_path, layers):
    (tmp_path / "c.gpkg").write_text("not a database", "utf-8")
    path = write_geopackage(tmp_path / "c.gpkg", {"plans": layers["plans"]}, UTM)
    assert ask(path, "SELECT count(*) FROM plans") == [(1,)]


def test_a_file_open_in_another_process_stays_and_the_new_one_is_beside_it(tmp_path, layers):
    path = write_geopackage(tmp_path / "c.gpkg", {"plans": layers["plans"]}, UTM)
    code = f"""
        import sqlite3, sys
        database = sqlite3.connect({str(path)!r})
        database.execute("PRAGMA journal_mode=wal")      # as QGIS does
        database.execute("SELECT * FROM plans").fetchall()
        print("ready", flush=True)
        sys.stdin.read()
        print(database.execute("SELECT count(*) FROM plans").fetchone()[0])
    """
    reader = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert reader.stdout.readline() == "ready\n"
    with pytest.raises(
        FileOpenError, match=r"c\.gpkg is open in another program: the new file is kept"
    ) as caught:
        write_geopackage(path, layers, UTM)
    assert reader.communicate("")[0] == "1\n"
    assert caught.value.kept.parent == tmp_path
    assert len(pyogrio.list_layers(caught.value.kept)) == len(layers) + 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["c.gpkg", caught.value.kept.name]


@pytest.mark.skipif(sys.platform == "win32", reason="ulimit")
def test_disk_full_is_one_sentence_and_leaves_the_old_file(tmp_path):
    code = f"""
        import json, resource, numpy as np, pandas as pd
        from pathlib import Path
        from access15.errors import OutputError
        from access15.outputs import write_geopackage
        path = Path({str(tmp_path)!r}, "c.gpkg")
        small = {{"provenance": pd.DataFrame({{"key": ["a"], "value": ["b"]}})}}
        write_geopackage(path, small, "EPSG:4326")
        big = {{"provenance": pd.DataFrame({{"key": ["k" * 50] * 20_000, "value": ["v" * 50] * 20_000}})}}
        said = []
        for limit in (0, 4_096, 150_000, 1_000_000):
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
            try:
                write_geopackage(path, big, "EPSG:4326")
                said.append("written")
            except OutputError as error:
                said.append(str(error))
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        print(json.dumps(said))
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert all("free space there" in words and "\n" not in words for words in said), said
    assert all(len(words) < 300 for words in said), said
    assert [p.name for p in tmp_path.iterdir()] == ["c.gpkg"]
    assert ask(tmp_path / "c.gpkg", "SELECT key, value FROM provenance") == [("a", "b")]


def test_bad_calls(tmp_path, layers):
    with pytest.raises(InputError, match=r"c\.shp does not end in \.gpkg"):
        write_geopackage(tmp_path / "c.shp", layers, UTM)
    with pytest.raises(InputError, match="would have no layers"):
        write_geopackage(tmp_path / "c.gpkg", {}, UTM)
    with pytest.raises(OutputError, match="is a folder"):
        write_geopackage(tmp_path, layers, UTM)
    with pytest.raises(CRSError, match="'cells' has no CRS"):
        write_geopackage(
            tmp_path / "c.gpkg", {"cells": layers["cells"].set_crs(None, allow_override=True)}, UTM
        )
    with pytest.raises(InputError, match="has the column 'a' twice"):
        write_geopackage(tmp_path / "c.gpkg", {"t": pd.DataFrame({"a": [1], "A": [2]})}, UTM)
    with pytest.raises(InputError, match="differ only by case"):
        write_geopackage(tmp_path / "c.gpkg", {"t": layers["plans"], "T": layers["plans"]}, UTM)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["fill", "marker", "line"])
@pytest.mark.parametrize(
    "layer", ["cells", "facilities", "areas", "isochrones", "gaps", "proposed_sites", "other"]
)
def test_a_style_for_every_layer_and_geometry(layers, layer, kind):
    frame = layers.get(layer, layers["plans"])
    root = Xml.fromstring(layer_style(layer, frame, kind))
    assert {symbol.get("type") for symbol in root.findall(".//symbol")} == {kind}


def test_a_gis_shows_chinese_titles_and_legends_when_asked(tmp_path, layers):
    path = write_geopackage(tmp_path / "zh.gpkg", layers, UTM, "zh")
    said = dict(ask(path, "SELECT table_name, identifier FROM gpkg_contents"))
    assert (said["cells"], said["gaps"]) == ("人口单元", "服务盲区")
    titles = {
        (layer, column): title
        for layer, column, title in ask(path, "SELECT table_name, column_name, title FROM gpkg_data_columns")
    }
    assert titles["cells", "walk_elder_s"] == "步行（老年人）出行时间（秒）"
    assert titles["cells", "people_65plus"] == "65+人口"
    assert titles["areas", "covered_walk_15"] == "步行（成人）15分钟覆盖人口"
    assert titles["areas", "uncovered_walk_15"] == "步行（成人）15分钟未覆盖人口"
    for layer, frame in layers.items():
        untitled = {column for column in frame.columns if (layer, column) not in titles} - {"geometry"}
        assert not untitled, f"{layer}: {untitled}"
        root = Xml.fromstring(
            ask(path, f"SELECT styleQML FROM layer_styles WHERE f_table_name = '{layer}'")[0][0]
        )
        labels = [rule.get("label") for rule in root.findall(".//rule")]
        assert all(not any("a" <= c <= "z" for c in label) for label in labels), labels
    with pytest.raises(InputError, match="language 'fr' is not known"):
        write_geopackage(tmp_path / "fr.gpkg", layers, UTM, "fr")
    assert not (tmp_path / "fr.gpkg").exists()


def test_isochrones_of_several_modes_show_one_at_first(tmp_path):
    shapes = [shapely.Point(372500, 4843500).buffer(500 * n) for n in (1, 2, 3)]
    rings = gpd.GeoDataFrame(
        {"facility_id": [None] * 3, "mode": ["drive", "walk", "o'walk"], "minutes": [15.0] * 3},
        geometry=shapes,
        crs=UTM,
    )
    layer = outputs.isochrones_layer(rings, UTM, headline_mode="walk")
    path = write_geopackage(tmp_path / "i.gpkg", {"isochrones": layer}, UTM)
    ((qml,),) = ask(path, "SELECT styleQML FROM layer_styles")
    rules = {rule.get("label"): rule for rule in Xml.fromstring(qml).findall(".//rule")}
    assert {label for label, rule in rules.items() if rule.get("checkstate") != "0"} == {"walk, 15 min"}
    for rule in rules.values():
        assert ask(path, f"SELECT count(*) FROM isochrones WHERE {rule.get('filter')}") == [(1,)]
