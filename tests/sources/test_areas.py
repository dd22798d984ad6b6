"""Areas: ids unchanged, polygons valid, errors that name the feature."""

import os
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from access15.errors import CRSError, InputError, MissingFileError
from access15.sources.areas import read_areas

BOX = shapely.box(0, 0, 10, 10)
BOWTIE = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])


def layer(path: Path, shapes, crs="EPSG:32632", **columns) -> Path:
    gpd.GeoDataFrame(columns, geometry=shapes, crs=crs).to_file(path)
    return path


def test_ids_are_text_and_unchanged(tmp_path):
    areas = read_areas(
        layer(tmp_path / "a.gpkg", [BOX, BOX], code=["001", "002"], label=["x", "y"]), id="code", name="label"
    )
    assert (areas.id.tolist(), areas.name.tolist(), areas.crs) == (["001", "002"], ["x", "y"], "EPSG:32632")
    numbers = read_areas(layer(tmp_path / "b.gpkg", [BOX], id=[510723]))
    assert (numbers.id.tolist(), numbers.name.tolist()) == (["510723"], ["510723"])


def test_usual_columns_are_found_by_default(tmp_path):
    areas = read_areas(layer(tmp_path / "a.gpkg", [BOX], 行政区划代码=["513321"], 名称=["康定市"]))
    assert (areas.id[0], areas.name[0]) == ("513321", "康定市")


def test_kinds_of_areas_are_read_in_either_language(tmp_path):
    kinds = ["rural; Remote", "", "城中村、人口快速增长", "rural,flood plain"]
    file = layer(tmp_path / "a.gpkg", [BOX] * 4, id=list("abcd"), kind=kinds)
    areas = read_areas(file, flags="kind")
    assert {flag: rows.tolist() for flag, rows in areas.flags.items()} == {
        "remote": [True, False, False, False],
        "rural": [True, False, False, True],
        "fast-growing": [False, False, True, False],
        "urban village": [False, False, True, False],
        "flood plain": [False, False, False, True],
    }
    assert read_areas(file).flags == {}
    with pytest.raises(InputError, match="knd"):
        read_areas(file, flags="knd")


def test_broken_polygons_are_repaired_and_counted(tmp_path):
    areas = read_areas(layer(tmp_path / "a.gpkg", [BOX, BOWTIE], id=["1", "2"]))
    assert areas.provenance["repaired"] == 1
    assert shapely.is_valid(areas.polygons).all()
    assert areas.polygons[1].area == pytest.approx(50)


def test_bad_layers(tmp_path):
    with pytest.raises(MissingFileError, match="does not exist"):
        read_areas(tmp_path / "no.gpkg")
    path = layer(tmp_path / "a.gpkg", [BOX, BOX], code=["1", "1"], label=["x", None])
    with pytest.raises(
        InputError, match=r"no id column 'cod': did you mean 'code'. The columns are code, label"
    ):
        read_areas(path, id="cod")
    with pytest.raises(InputError, match="the id '1' in column 'code' stands in feature 1 and feature 2"):
        read_areas(path, id="code")
    with pytest.raises(InputError, match="feature 2 has no id in column 'label'"):
        read_areas(path, id="label")
    with pytest.raises(InputError, match=r"feature 1 is not a polygon \(Point\)"):
        read_areas(layer(tmp_path / "b.gpkg", [shapely.Point(0, 0)], id=["1"]))
    with pytest.raises(CRSError, match="does not state its CRS"):
        read_areas(layer(tmp_path / "c.shp", [BOX], crs=None, id=["1"]))
    with pytest.raises(InputError, match="holds no features"):
        read_areas(layer(tmp_path / "d.gpkg", [], id=[]))


def test_two_layers_need_a_name(tmp_path):
    path = layer(tmp_path / "a.gpkg", [BOX], id=["1"])
    gpd.GeoDataFrame({"id": ["2"]}, geometry=[BOX], crs="EPSG:32632").to_file(path, layer="b", mode="a")
    with pytest.raises(InputError, match="has a, b"):
        read_areas(path)
    assert read_areas(path, layer="b").id[0] == "2"


def test_comoros():
    folder = os.environ.get("ACCESS15_DATA")
    if not folder:
        pytest.skip("ACCESS15_DATA is not set")
    areas = read_areas(Path(folder) / "comoros" / "gadm.gpkg", id="GID_1", name="NAME_1")
    assert (len(areas), areas.name[0], areas.crs) == (3, "Mwali", "EPSG:4326")
