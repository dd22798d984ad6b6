"""Tables as people write them: each is read right, refused in one sentence, or counted. Nothing is off by a factor in silence."""

from __future__ import annotations

import datetime
import re
import warnings
import zipfile
from pathlib import Path

import openpyxl
import pytest

from access15.errors import Access15Error
from access15.sources import read_facilities, read_population

LONLAT = "104.1,30.6"


def heard(call) -> tuple[object, str]:
    """Return what a call gives, or the refusal, and what it told."""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        try:
            found = call()
        except Access15Error as error:
            found = str(error)
    return found, "\n".join(str(one.message) for one in seen if issubclass(one.category, UserWarning))


def people_of(path: Path, **how) -> tuple[object, str]:
    return heard(lambda: read_population(path, **how).people.tolist())


READ = {
    # What stands in the header, the cell, and how many people that is.
    "人口（千人）": ("1.2", 1200),
    "人口(百人)": ("1.2", 120),
    "人口（万人）": ("1.2", 12_000),
    "人口（万）": ("1.2", 12_000),
    "人口(单位:万人)": ("1.2", 12_000),
    "常住人口(万人,2020)": ("1.2", 12_000),
    "人口（单位：人）": ("12", 12),
    "Population (thousands)": ("1.2", 1200),
    "Population (in thousands)": ("1.2", 1200),
    "Population ('000)": ("1.2", 1200),
    "population [1000]": ("1.2", 1200),
    "population (in millions)": ("1.2", 1_200_000),
    "population (persons per cell)": ("12", 12),
    "population (census 2020)": ("12", 12),
    "常 住 人 口": ("12", 12),
    "常住人口": ("1.2万", 12_000),
    "人口": ("1.2万人", 12_000),
    "人口数": ("0.5亿", 50_000_000),
    "总人口": ("3千", 3000),
    "population": ("3000人", 3000),
    "people": ("１２００", 1200),
    "residents": ("1\u00a0200", 1200),
    "pop": ("12\u2009345", 12_345),
    "常住人口数": ("3’000", 3000),
    "常住人口(人)": ("1.2e3", 1200),
}


@pytest.mark.parametrize("header", READ)
def test_units_and_spellings_are_read(tmp_path, header):
    cell, people = READ[header]
    file = tmp_path / "p.csv"
    file.write_text(f'id,lon,lat,"{header}"\na,{LONLAT},{cell}\nb,{LONLAT},1\n', "utf-8")
    found, _ = people_of(file)
    assert found[0] == people, found


REFUSED = {
    "人口（户）": ("12", "'户', which is no count of people"),
    "population (%)": ("12", "'%', which is no count of people"),
    "人口(人/平方公里)": ("12", "no count of people"),
    "population (per km2)": ("12", "no count of people"),
    "常住人口(万人)": ("1.2万", "says its unit as the column does"),
    "人口": ("一千二百", "is not a number"),
    "总人口": ("约1200", "is not a number"),
    "people": ("12%", "is not a number"),
    "pop": ("1000-1200", "is not a number"),
    "residents": ("<5", "is not a number"),
    "population": ("(5)", "is not a number"),
    "人口数": ("5/2", "is not a number"),
    "常住人口": ("#REF!", "is not a number"),
    "常住人口数": ("1e999", "is not a number"),
    "Population": ("TRUE", "is not a number"),
    "Residents": ("1.250", "is 1.25 or 1250, and only other columns tell which"),
    "人口密度": ("12", "no column of people"),
}


@pytest.mark.parametrize("header", REFUSED)
def test_what_is_no_count_is_refused_with_its_place(tmp_path, header):
    cell, why = REFUSED[header]
    file = tmp_path / "p.csv"
    file.write_text(f'id,lon,lat,"{header}"\na,{LONLAT},{cell}\nb,{LONLAT},1\n', "utf-8")
    found, _ = people_of(file)
    assert isinstance(found, str), found
    assert why in found
    assert "p.csv" in found


@pytest.mark.parametrize(
    ("lon", "lat", "header", "why"),
    [
        ("104.1°", "30.6°", "id,lon,lat,people", "no decimal number of degrees"),
        ("104.1E", "30.6N", "id,lon,lat,people", "no decimal number of degrees"),
        ("E104.1", "N30.6", "id,lon,lat,people", "no decimal number of degrees"),
        ("104 06 00", "30 36 00", "id,lon,lat,people", "no decimal number of degrees"),
        ("104-06-00", "30-36-00", "id,lon,lat,people", "no decimal number of degrees"),
        ("104:06:00", "30:36:00", "id,lon,lat,people", "no decimal number of degrees"),
        ("104度6分0秒", "30度36分0秒", "id,lon,lat,people", "no decimal number of degrees"),
        ("1040600", "303600", "id,lon,lat,people", "not a longitude and a latitude"),
        ("412345.6", "3389876.1", "id,x,y,people", "not a longitude and a latitude.*crs = "),
        ("11588400", "3588400", "id,x,y,people", "not a longitude and a latitude"),
        ("1.817", "0.534", "id,lon(rad),lat(rad),people", "in rad, not in degrees"),
        ("104.1", "30.6", "id,lon(m),lat(m),people", "in m, not in degrees.*crs = "),
        ("30.6", "104.1", "id,lon,lat,people", "longitude and latitude are swapped"),
        ("0", "0", "id,lon,lat,people", "have no coordinates"),
        ("", "", "id,lon,lat,people", "have no coordinates"),
    ],
)
def test_coordinates_that_are_no_degrees(tmp_path, lon, lat, header, why):
    file = tmp_path / "p.csv"
    file.write_text(f"{header}\na,{lon},{lat},12\n", "utf-8")
    found, _ = people_of(file)
    assert isinstance(found, str), found
    assert re.search(why, found)


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("id,lon,lat,people\na,\u2212104.1,\u221230.6,12\n", [12]),
        ("id;lon;lat;people\na;104,1;30,6;12\n", [12]),
        ("sep=;\nid;lon;lat;people\na;104.1;30.6;12\n", [12]),
        ("id|lon|lat|people\na|104.1|30.6|12\n", [12]),
        ("\ufeff\ufeffid,lon,lat,people\na,104.1,30.6,12\n", [12]),
        ("id,lon,lat,people,\na,104.1,30.6,12,\n", [12]),
        ("人口统计表,,,\n编号,经度,纬度,常住人口\na,104.1,30.6,12\n", [12]),
        ("# made by hand\nid,lon,lat,people\na,104.1,30.6,12\n", [12]),
        ("表1\n单位：万人\n县,经度,纬度,常住人口\na,104.1,30.6,1.2\n", [12_000]),
        ("县,经度,纬度,常住人口\n单位：万人,,,\na,104.1,30.6,1.2\n", [12_000]),
        ("2020年常住人口（千人）\n县,经度,纬度,常住人口\na,104.1,30.6,1.2\n", [1200]),
        ("Population (in thousands)\nid,lon,lat,people\na,104.1,30.6,1.2\n", [1200]),
        ("单位：万元\n县,经度,纬度,常住人口\na,104.1,30.6,12\n", [12]),
        ("单位：万人\n县,经度,纬度,常住人口(人)\na,104.1,30.6,12\n", [12]),
        ("id,lon,lat,people,people\na,104.1,30.6,12,12\n", [12]),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32", "gb18030"])
def test_layouts_and_encodings(tmp_path, text, people, encoding):
    file = tmp_path / "p.csv"
    if encoding == "gb18030" and (text.isascii() or "\ufeff" in text or "\u2212" in text):
        encoding = "utf-8"
    file.write_bytes(text.encode(encoding))
    assert people_of(file)[0] == people


def test_two_columns_of_one_name_with_different_numbers_are_refused(tmp_path):
    file = tmp_path / "p.csv"
    file.write_text("id,lon,lat,people,people\na,104.1,30.6,12,13\n", "utf-8")
    assert "two columns 'people' with different numbers" in people_of(file)[0]


@pytest.mark.parametrize(
    ("last", "people", "told"),
    [
        ("合计,,,30", [10, 20], "1 of 3 rows are sums"),
        ("总 计:,,,30", [10, 20], "1 of 3 rows are sums"),
        ("合计,104.1,30.6,30", [10, 20], "1 of 3 rows are sums"),
        ("Total,104.1,30.6,30", [10, 20], "1 of 3 rows are sums"),
        ("合计,104.1,30.6,7", [10, 20, 7], ""),
        ("注：数据来源于普查,,,", [10, 20], "1 of 3 rows hold no number of people"),
    ],
)
def test_rows_under_the_table(tmp_path, last, people, told):
    file = tmp_path / "p.csv"
    file.write_text(f"name,lon,lat,people\n甲,104.1,30.6,10\n乙,104.2,30.6,20\n{last}\n", "utf-8")
    found, said = people_of(file)
    assert found == people
    assert told in said
    assert bool(told) == bool(said)


ROWS = [["id", "lon", "lat", "population"], ["a", 104.1, 30.6, 1200], ["b", 104.2, 30.6, 3000]]


def book(path: Path, change, rows=ROWS) -> Path:
    made = openpyxl.Workbook()
    sheet = made.active
    for row in rows:
        sheet.append(row)
    change(made, sheet)
    made.save(path)
    return path


def _set(cell: str, value: object, shown: str | None = None):
    def change(_, sheet) -> None:
        sheet[cell] = value
        if shown is not None:
            sheet[cell].number_format = shown

    return change


def _second(name: str, first: bool = False):
    def change(made, _) -> None:
        sheet = made.create_sheet(name, 0 if first else None)
        sheet.append(["某县人口统计表"])

    return change


@pytest.mark.parametrize(
    ("change", "people", "told"),
    [
        (_set("D2", 1200, '0!.0,"万"'), [1200, 3000], ""),
        (_set("D2", 1200, "#,##0"), [1200, 3000], ""),
        (_set("D2", "1200", "@"), [1200, 3000], ""),
        (_set("D2", "１,２００.5"), [1200.5, 3000], ""),
        (_set("D2", 0.12, "0%"), "'12%' in column 'population' is not a number", ""),
        (_set("D2", 0.125, "0.00%"), "'12.5%' in column 'population' is not a number", ""),
        (_set("D2", datetime.date(2020, 1, 5)), "is not a number", ""),
        (_set("D2", 1200, "yyyy-mm-dd"), "is not a number", ""),
        (_set("D2", datetime.time(12, 30)), "is not a number", ""),
        (_set("D2", "=1200"), "holds a formula without its result", ""),
        (_set("D2", "1,200"), "is 1200 or 1.2", ""),
        (_set("D2", True), "is not a number", ""),
        (_set("H2", "数据来源：统计局"), [1200, 3000], ""),
        (_set("A6", "备注"), [1200, 3000], "hold no number of people"),
        (_second("v"), [1200, 3000], "1 other sheets are not read ('v')"),
        (_second("封面", first=True), "in the sheet '封面'; others are 'Sheet': layer = \"Sheet\"", ""),
    ],
)
def test_cells_and_sheets_of_a_workbook(tmp_path, change, people, told):
    found, said = people_of(book(tmp_path / "b.xlsx", change))
    assert found == people if isinstance(people, list) else people in found, found
    assert told in said


def test_rows_and_columns_drawn_with_no_size_are_hidden(tmp_path):
    path = book(tmp_path / "b.xlsx", lambda *_: None)
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    flat = sheet.replace(b'<row r="2"', b'<row r="2" ht="0" customHeight="1"')
    assert flat != sheet
    with zipfile.ZipFile(path, "w") as new:
        for name, data in parts.items():
            new.writestr(name, flat if name.endswith("sheet1.xml") else data)
    found, said = people_of(path)
    assert found == [3000]
    assert "1 hidden rows are left out" in said
    assert people_of(path, hidden="keep")[0] == [1200, 3000]


def test_a_head_over_several_columns_gives_them_its_unit(tmp_path):
    rows = [
        ["机构", "位置", None, "人口(万人)", None, "床位"],
        [None, "经度", "纬度", "常住人口", "65岁及以上", None],
        ["a", 104.1, 30.6, 1.2, 0.2, 5],
    ]
    path = book(tmp_path / "b.xlsx", lambda *_: None, rows)
    found = read_population(path)
    assert found.people.tolist() == [12_000]
    assert found.groups["65+"].tolist() == [2000]
    assert read_facilities(path, judge=False).beds.tolist() == [5]


@pytest.mark.parametrize(
    ("header", "cell", "field", "value"),
    [
        ("床位数(张)", "12", "beds", 12),
        ("床位数", "12张", "beds", 12),
        ("服务人口(万人)", "1.2", "capacity", 12_000),
        ("服务人口（千人）", "1.2", "capacity", 1200),
        ("服务人口", "1.2万", "capacity", 12_000),
        ("业务用房面积(万平方米)", "1.2", "floor_area_m2", 12_000),
        ("业务用房面积（㎡）", "120", "floor_area_m2", 120),
        ("业务用房面积（亩）", "1.2", None, "no count of square metres"),
        ("床位数（%）", "1.2", None, "no count of beds"),
        ("投资（万元）", "120", "cost", 120),
    ],
)
def test_units_of_facilities(tmp_path, header, cell, field, value):
    file = tmp_path / "f.csv"
    file.write_text(f"id,name,lon,lat,{header}\na,石塘镇卫生院,{LONLAT},{cell}\n", "utf-8")
    found, _ = heard(lambda: read_facilities(file))
    if field is None:
        assert value in found
    else:
        assert getattr(found, field).tolist() == [value], found


@pytest.mark.parametrize(
    "name",
    [
        "x.xls",
        "x.et",
        "x.ods",
        "x.xlsb",
        "x.numbers",
        "x.wps",
        "x.docx",
        "x.pdf",
        "x.zip",
        "x.csv.gz",
        "x.rar",
    ],
)
@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04" + b"0" * 600, b"\xd0\xcf\x11\xe0" + b"0" * 600, b"id,lon,lat\n"]
)
def test_files_of_other_programs_are_refused_with_what_to_save(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    for read in (read_population, read_facilities):
        found, _ = heard(lambda read=read: read(tmp_path / name))
        assert isinstance(found, str)
        assert name in found
        assert ".xlsx" in found
        assert ".csv" in found


@pytest.mark.parametrize("old", ["120", "90\nb,1,1,50,60"])
def test_a_group_larger_than_everybody_is_refused_with_its_row(tmp_path, old):
    file = tmp_path / "g.csv"
    file.write_text(f"id,lon,lat,people,65+\na,{LONLAT},100,{old}\n", "utf-8")
    row = 2 if old == "120" else 3
    assert f"row {row}: the group '65+' has" in people_of(file)[0]


def test_other_columns_that_look_like_people_are_told(tmp_path):
    file = tmp_path / "p.csv"
    file.write_text(f"id,lon,lat,人口,常住人口\na,{LONLAT},12,10\n", "utf-8")
    found, said = people_of(file)
    assert found == [10]
    assert "1 other columns look like numbers of people ('人口'), '常住人口' is read" in said
    assert people_of(file, columns={"population": "人口"})[0] == [12]
    file.write_text(f"id,lon,lat,人口,常住人口\na,{LONLAT},12,12\n", "utf-8")
    assert people_of(file)[1] == ""


@pytest.mark.parametrize("read", [read_facilities, read_population])
def test_the_second_row_of_a_header_is_found_whatever_stands_in_the_first(tmp_path, read):
    """The first row may have more known names than the second, which holds the coordinates."""
    rows = [
        ["登记表", None, None, None, None, None, None],
        ["乡镇(街道)", "行政村(社区)", "名称", "编码", "位置", None, "人口"],
        [None, None, None, None, "经度", "纬度", "常住人口"],
        ["甲镇", "乙村", "乙村卫生室", "01", 104.1, 30.6, 12],
    ]
    found = read(book(tmp_path / "b.xlsx", lambda *_: None, rows))
    assert found.x.tolist() == [104.1]
    assert len(found) == 1
