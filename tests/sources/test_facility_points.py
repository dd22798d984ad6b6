"""Facilities from tables and layers, as planners send them."""

import os
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import shapely

from access15.crs import wgs84_to_bd09, wgs84_to_gcj02
from access15.errors import CRSError, InputError, MissingFileError
from access15.sources.facilities import read_facilities


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


CHINESE = (
    "机构代码,机构名称,机构类型,经度,纬度,诊疗科目\n"
    "001,高城镇中心卫生院,乡镇卫生院,100.27,29.99,全科、中医\n"
    "002,河东社区卫生服务中心新都分中心,,１００.３０,30.01,\n"
    ",王村卫生室,,100.31,30.02,\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_chinese_columns_in_every_encoding(tmp_path, encoding):
    points = read_facilities(write(tmp_path / "机构.csv", CHINESE, encoding))
    assert list(points.id) == ["001", "002", "row 4"]
    assert points.name[0] == "高城镇中心卫生院"
    assert list(points.tier) == ["中心卫生院", "社区卫生服务分中心", "村卫生室"]
    assert points.services[0] == "全科;中医"
    np.testing.assert_allclose(points.x, [100.27, 100.30, 100.31])
    assert points.crs == "EPSG:4326"


def test_ids_default_to_row_numbers_and_english_columns_are_read(tmp_path):
    points = read_facilities(
        write(tmp_path / "f.csv", "Name;Longitude;Latitude\nA;7,41;43,73\nB;7,42;43,74\n")
    )
    assert list(points.id) == ["1", "2"]
    np.testing.assert_allclose(points.x, [7.41, 7.42])


def test_workbook_with_title_merged_header_and_sum_rows(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["某县医疗机构一览表"])
    sheet.append(["机构代码", "机构名称", "位置"])
    sheet.append([None, None, "经度", "纬度"])
    sheet.merge_cells("A2:A3")
    sheet.merge_cells("B2:B3")
    sheet.append(["007", "甲卫生院", 100.1, 30.1])
    sheet.append(["008", "乙卫生院", "100.2", "30.2"])
    sheet.append([None, "丙卫生院", 0, 0])
    sheet.append([None, "合 计", None, None])
    sheet.append(["小计:3家", None, None, None])
    path = tmp_path / "f.xlsx"
    book.save(path)
    points = read_facilities(path)
    assert list(points.id) == ["007", "008"]
    assert list(points.name) == ["甲卫生院", "乙卫生院"]
    assert points.provenance["header_row"] == 3
    reasons = dict(points.set_aside)
    assert "0, 0" in reasons["row 6"]
    assert "sum of other rows" in reasons["row 7"]
    assert "sum of other rows" in reasons["小计:3家"]


@pytest.mark.parametrize(("datum", "forward"), [("gcj02", wgs84_to_gcj02), ("bd09", wgs84_to_bd09)])
def test_a_chinese_datum_is_moved_to_wgs84(tmp_path, datum, forward):
    (x,), (y,) = forward([100.27], [29.99])
    points = read_facilities(write(tmp_path / "f.csv", f"id,lon,lat\n1,{x!s},{y!s}\n"), datum=datum)
    np.testing.assert_allclose([points.x[0], points.y[0]], [100.27, 29.99], atol=1e-9)
    assert points.provenance["datum"] == datum
    assert 100 < points.provenance["datum_shift_median_m"] < 2500


def test_the_datum_chooses_between_columns(tmp_path):
    path = write(
        tmp_path / "f.csv", "name,BD_lon,BD_lat,WGS_lon,WGS_lat\nA,100.278162,29.99957,100.27038,29.99655\n"
    )
    assert read_facilities(path).x[0] == 100.27038
    assert abs(read_facilities(path, datum="bd09").x[0] - 100.27038) < 1e-5
    with pytest.raises(InputError, match=r"WGS_lon.*wgs84"):
        read_facilities(path, datum="gcj02")


@pytest.mark.parametrize(
    "head",
    [
        "床位数,执业(助理)医师,业务用房面积(㎡)",
        "beds,doctors,floor_area_m2",
        "实有床位,村医,建筑面积（平方米）",
    ],
)
def test_beds_doctors_and_floor_area(tmp_path, head):
    rows = "1,7.1,43,0,2,120\n2,7,43,,—,1,500\n3,7,43,４０,,"
    file = write(tmp_path / "f.csv", f"id,lon,lat,{head}\n" + rows.replace("1,500", '"1,500"') + "\n")
    found = read_facilities(file)
    np.testing.assert_array_equal(found.beds, [0, np.nan, 40])  # 0 beds are no beds; an empty cell is unknown
    np.testing.assert_array_equal(found.doctors, [2, np.nan, np.nan])
    np.testing.assert_array_equal(found.floor_area_m2, [120, 1500, np.nan])
    assert np.isnan(found.capacity).all()


def test_ten_thousands_are_counted_in_ones(tmp_path):
    file = write(tmp_path / "f.csv", "id,lon,lat,服务人口(万人),建筑面积(万平方米)\n1,7,43,3.5,0.2\n")
    found = read_facilities(file)
    assert (found.capacity[0], found.floor_area_m2[0]) == (35_000, 2_000)


def test_a_known_word_among_the_data_is_no_header(tmp_path):
    path = write(tmp_path / "f.csv", "a,b,c\nA,7,43\ntype,8,44\n")
    points = read_facilities(path, columns={"lon": "b", "lat": "c", "name": "a"})
    assert list(points.name) == ["A", "type"]
    with pytest.raises(InputError, match="the columns are a, b, c"):
        read_facilities(path)


BAD = [
    ("id,lon,lat\nA,7,43\nB,7,43\nA,7,44\n", {}, "the id 'A' in column 'id' stands in row 2 and row 4"),
    (
        "id,lon,lat\n1,30.1,102.3\n",
        {},
        "swapped.*exchange the two headers.*columns={'lon': 'lat', 'lat': 'lon'}",
    ),
    (
        "id,lon,lat\n1,102,30\n2,30.1,102.3\n",
        {},
        "row 3: latitude 102.3 is impossible, as if .* swapped there: correct these rows",
    ),
    ("id,lon,lat\n1,40.1,80.3\n", {"datum": "bd09"}, "swapped"),
    ("id,lon,lat\n1,7.4,43.7\n", {"datum": "bd09"}, "no point where bd09 applies"),
    ("id,lon,lat\n1,7.4,north\n", {}, "row 2: 'north' in column 'lat' is not a number"),
    ("id,lon,lat,capacity\n1,7,43,10\n2,7,43,-3\n", {}, "row 3: -3 in column 'capacity' is below 0"),
    ("id,lon,lat,床位数\n1,7,43,10\n2,7,43,-3\n", {}, "row 3: -3 in column '床位数' is below 0"),
    ("id,lon,lat,doctors\n1,7,43,two\n", {}, "row 2: 'two' in column 'doctors' is not a number"),
    ("id,lon,lat,cost\n1,7,43,-1\n", {}, "row 2: -1 in column 'cost' is below 0"),
    ("id,lon,lat\n1,500000,4800000\n", {}, "row 2.*metres need the CRS"),
    ("id,lon,lat\n1,0,0\n2,,\n", {}, "no row with coordinates"),
    ("id,lon,lat\n", {}, "a header but no rows"),
    ("", {}, "is empty"),
    ("id,nome,lattitude\n1,A,7\n", {}, "no column for longitude.*columns are id, nome, lattitude"),
    ("id,lon,lat\n1,7,43\n", {"columns": {"name": "lom"}}, "no name column 'lom': did you mean 'lon'"),
    ("id,lon,lat\n1,7,43\n", {"columns": {"colour": "id"}}, "columns have no field 'colour'"),
    ("id,lon,lat\n1,7,43\n", {"datum": "mars"}, "'mars' is not known: use wgs84, gcj02"),
    ("id,lon,lat\n1,7,43,9\n", {}, "row 2 has more cells than the header"),
]


@pytest.mark.parametrize(("text", "options", "message"), BAD)
def test_bad_tables_say_what_to_do(tmp_path, text, options, message):
    with pytest.raises(InputError, match=message) as caught:
        read_facilities(write(tmp_path / "f.csv", text), **options)
    assert "\n" not in str(caught.value)


def test_missing_and_unreadable_files(tmp_path):
    with pytest.raises(MissingFileError, match=r"nowhere\.csv does not exist"):
        read_facilities(tmp_path / "nowhere.csv")
    with pytest.raises(InputError, match="is a folder"):
        read_facilities(tmp_path)
    with pytest.raises(InputError, match="cannot be read as an Excel workbook"):
        read_facilities(write(tmp_path / "f.xlsx", "no zip"))
    with pytest.raises(InputError, match="old Excel format"):
        read_facilities(write(tmp_path / "f.xls", "x"))
    with pytest.raises(InputError, match="not a table or vector file"):
        read_facilities(write(tmp_path / "f.gpkg", "x"))


def layer(tmp_path: Path, file: str, crs: str | None = "EPSG:32632", **columns: object) -> Path:
    frame = gpd.GeoDataFrame(
        {"id": ["001", "002"], **columns},
        geometry=[shapely.Point(373000, 4843000), shapely.box(373000, 4843000, 373100, 4843100)],
        crs=crs,
    )
    if file.endswith(".shp"):
        frame = frame.set_geometry(frame.representative_point())
    frame.to_file(tmp_path / file)
    return tmp_path / file


def test_layers_keep_their_crs_and_areas_stand_on_their_surface(tmp_path):
    points = read_facilities(layer(tmp_path, "f.gpkg", name=["A", "B"]))
    assert points.crs == "EPSG:32632"
    assert list(points.id) == ["001", "002"]
    assert (points.x[1], points.y[1]) == (373050, 4843050)
    with pytest.raises(CRSError, match="is a datum of longitudes and latitudes"):
        read_facilities(tmp_path / "f.gpkg", datum="gcj02")
    with pytest.raises(CRSError, match="but 'EPSG:4326' is stated"):
        read_facilities(tmp_path / "f.gpkg", crs="EPSG:4326")
    with pytest.raises(InputError, match="has no layer 'x': the layers are f"):
        read_facilities(tmp_path / "f.gpkg", layer="x")


def test_a_layer_without_crs_is_refused_unless_one_is_named(tmp_path):
    path = layer(tmp_path, "f.shp", crs=None)
    with pytest.raises(CRSError, match="does not state its CRS"):
        read_facilities(path)
    assert read_facilities(path, crs="EPSG:32632").crs == "EPSG:32632"


def test_shapefile_text_in_gb18030_without_cpg(tmp_path):
    frame = gpd.GeoDataFrame({"NAME": ["高城镇卫生院"]}, geometry=[shapely.Point(100, 30)], crs="EPSG:4326")
    frame.to_file(tmp_path / "f.shp", encoding="gb18030")
    (tmp_path / "f.cpg").unlink()
    assert read_facilities(tmp_path / "f.shp").name[0] == "高城镇卫生院"


def test_hospitals_of_garze():
    folder = os.environ.get("ACCESS15_DATA")
    if not folder:
        pytest.skip("ACCESS15_DATA is not set")
    path = Path(folder) / "garze" / "Garze_hospitals_WGS.csv"
    moved, given = read_facilities(path, datum="bd09"), read_facilities(path)
    assert len(moved) == 85
    np.testing.assert_allclose(moved.x, given.x, atol=2e-6)
    np.testing.assert_allclose(moved.y, given.y, atol=2e-6)
    assert moved.provenance["encoding"] == "gb18030"
