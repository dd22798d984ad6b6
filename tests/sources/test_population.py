"""Population from rasters, tables and layers: counts are kept, and everything dropped is counted."""

import os
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

from access15.errors import CRSError, InputError, MissingFileError
from access15.sources import population_raster
from access15.sources.population import read_population

GRID = from_origin(7.40, 43.75, 0.001, 0.001)


def raster(path: Path, values, nodata=-99999.0, crs="EPSG:4326", transform=GRID, bands: int = 1) -> Path:
    values = np.asarray(values, np.float32)
    with rasterio.open(
        path, "w", driver="GTiff", width=values.shape[1], height=values.shape[0], count=bands,
        dtype="float32", nodata=nodata, crs=crs, transform=transform,
    ) as out:  # fmt: skip
        for band in range(bands):
            out.write(values, band + 1)
    return path


def test_cells_become_points_at_their_centres_and_counts_stay(tmp_path):
    values = [[1, 2, -99999], [0, np.nan, 4], [-3, 8, 16]]
    people = read_population(raster(tmp_path / "p.tif", values))
    assert people.people.tolist() == [1, 2, 4, 8, 16]
    assert people.cell_id.tolist() == ["r0c0", "r0c1", "r1c2", "r2c1", "r2c2"]
    np.testing.assert_allclose(people.x, [7.4005, 7.4015, 7.4025, 7.4015, 7.4025])
    np.testing.assert_allclose(people.y, [43.7495, 43.7495, 43.7485, 43.7475, 43.7475])
    np.testing.assert_allclose(people.cell_size, (0.001, 0.001))
    counts = people.provenance
    dropped = [counts[k] for k in ("without_data", "without_people", "negative")]
    assert dropped == [2, 1, 1]
    assert counts["cells"] == sum(dropped) + counts["kept"]


def test_reading_in_strips_changes_nothing(tmp_path, monkeypatch):
    values = np.random.default_rng(3).integers(0, 5, (40, 30))
    path = raster(tmp_path / "p.tif", values)
    groups = {"65+": raster(tmp_path / "g.tif", values / 4)}
    whole = read_population(path, groups=groups)
    monkeypatch.setattr(population_raster, "_BLOCK_CELLS", 90)
    strips = read_population(path, groups=groups)
    assert whole.total == strips.total == values.sum()
    np.testing.assert_array_equal(whole.cell_id, strips.cell_id)
    np.testing.assert_array_equal(whole.groups["65+"], strips.groups["65+"])
    assert whole.groups["65+"].sum() == values.sum() / 4


def test_people_of_a_group_outside_the_kept_cells_are_counted(tmp_path):
    path = raster(tmp_path / "p.tif", [[10, 0], [20, 30]])
    group = raster(tmp_path / "g.tif", [[5, 2], [-99999, 7]])
    people = read_population(path, groups={"65+": group})
    assert people.groups["65+"].tolist() == [5, 0, 7]
    assert people.provenance["groups"]["65+"] == {
        "people_in_dropped_cells": 2.0,
        "cells_without_data": 1,
        "people_without_group": 20.0,
        "cells_negative": 0,
    }


def test_a_rotated_grid_keeps_its_centres(tmp_path):
    cos, sin = 0.001 * np.cos(0.5), 0.001 * np.sin(0.5)
    turned = rasterio.Affine(cos, sin, 7.40, sin, -cos, 43.75)
    people = read_population(raster(tmp_path / "p.tif", [[1, 2], [3, 4]], transform=turned))
    expected = [rasterio.transform.xy(turned, r, c) for r in range(2) for c in range(2)]
    np.testing.assert_allclose(np.column_stack([people.x, people.y]), expected)
    np.testing.assert_allclose(people.cell_size, (0.001, 0.001))


def test_bad_rasters(tmp_path):
    with pytest.raises(CRSError, match="does not state its CRS"):
        read_population(raster(tmp_path / "a.tif", [[1]], crs=None))
    assert read_population(tmp_path / "a.tif", crs="EPSG:4326").crs == "EPSG:4326"
    with pytest.raises(InputError, match="no data in any cell"):
        read_population(raster(tmp_path / "b.tif", [[-99999, np.nan]]))
    with pytest.raises(InputError, match="no people in any cell"):
        read_population(raster(tmp_path / "c.tif", [[0, -1]]))
    with pytest.raises(InputError, match="2 bands"):
        read_population(raster(tmp_path / "d.tif", [[1]], bands=2))
    (tmp_path / "e.tif").write_bytes(b"not a raster")
    with pytest.raises(InputError, match="cannot be read as a raster"):
        read_population(tmp_path / "e.tif")
    with pytest.raises(MissingFileError, match="does not exist"):
        read_population(tmp_path / "f.tif")
    with pytest.raises(CRSError, match="but 'EPSG:32632' is stated"):
        read_population(raster(tmp_path / "g.tif", [[1]]), crs="EPSG:32632")


def test_group_rasters_must_fit(tmp_path):
    base = raster(tmp_path / "p.tif", [[1, 2]])
    with pytest.raises(InputError, match=r"not on the grid of p\.tif"):
        read_population(base, groups={"65+": raster(tmp_path / "g.tif", [[1]])})
    shifted = from_origin(7.4005, 43.75, 0.001, 0.001)
    with pytest.raises(InputError, match=r"not on the grid of p\.tif"):
        read_population(base, groups={"65+": raster(tmp_path / "h.tif", [[1, 1]], transform=shifted)})
    with pytest.raises(InputError, match=r"'65\+' has 30 people, more than the 3 residents"):
        read_population(base, groups={"65+": raster(tmp_path / "i.tif", [[10, 20]])})
    with pytest.raises(MissingFileError, match=r"none\.tif does not exist"):
        read_population(base, groups={"65+": tmp_path / "none.tif"})


def test_a_table_of_people(tmp_path):
    path = tmp_path / "p.csv"
    path.write_bytes(
        '编号,经度,纬度,常住人口,65岁及以上\n001,100,30,"1,200",300\n002,100.1,30,０,\n003,100.2,30,,\n合计,,,1200,300\n'.encode(
            "gb18030"
        )
    )
    people = read_population(path)
    assert (people.cell_id.tolist(), people.people.tolist()) == (["001"], [1200.0])
    assert people.groups["65+"].tolist() == [300]
    notes = people.provenance
    assert (notes["sum_rows_set_aside"], notes["rows_without_number"], notes["rows_without_people"]) == (
        1,
        1,
        1,
    )


def test_ten_thousands_become_people(tmp_path):
    path = tmp_path / "p.csv"
    path.write_text("id,lon,lat,常住人口(万人)\n1,100,30,1.5\n", encoding="utf-8")
    assert read_population(path).people[0] == 15_000


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        (
            "id,lon,lat,population\n1,7,43,-5\n",
            {},
            "row 2: -5 in column 'population' is not a number of people",
        ),
        ("id,lon,lat,population\n1,7,43,5\n2,,,8\n", {}, "row 3: 8 people have no coordinates"),
        ("id,lon,lat,population\n1,7,43,0\n", {}, "no row with people"),
        ("id,lon,lat,folk\n1,7,43,5\n", {}, "no column of people.*columns are id, lon, lat, folk"),
        ("id,lon,lat,folk\n1,7,43,5\n", {"columns": {"people": "fulk"}}, "'fulk': did you mean 'folk'"),
        ("id,lon,lat,people\n1,7,43,5\n", {"groups": {"65+": "old"}}, "no 65. column 'old'"),
        (
            "id,lon,lat,people\n1,7,43,5\n1,8,43,5\n",
            {},
            "the id '1' in column 'id' stands in row 2 and row 3",
        ),
        ("id,lon,lat,people\n1,43,107,5\n", {}, "swapped"),
    ],
)
def test_bad_tables_of_people(tmp_path, text, options, message):
    path = tmp_path / "p.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_population(path, **options)


def test_polygons_keep_their_outline(tmp_path):
    shapes = [shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)]
    gpd.GeoDataFrame(
        {"code": ["01", "02"], "pop": [5, 7], "old": [1, 2]}, geometry=shapes, crs="EPSG:32632"
    ).to_file(tmp_path / "p.gpkg")
    people = read_population(tmp_path / "p.gpkg", groups={"65+": "old"})
    assert (people.cell_id.tolist(), people.total, people.crs) == (["01", "02"], 12.0, "EPSG:32632")
    assert people.groups["65+"].tolist() == [1, 2]
    assert people.outlines is not None
    assert all(
        o.covers(shapely.Point(x, y)) for o, x, y in zip(people.outlines, people.x, people.y, strict=True)
    )


def test_comoros_keeps_every_person():
    folder = os.environ.get("ACCESS15_DATA")
    if not folder:
        pytest.skip("ACCESS15_DATA is not set")
    people = read_population(Path(folder) / "comoros" / "com_ppp_2020_UNadj.tif")
    assert round(people.total) == 869_595
    assert people.provenance["kept"] == len(people) == 203_208
