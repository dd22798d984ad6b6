"""People in are people out: the same people in every format, and through every way they are put somewhere else."""

import struct
from collections import Counter

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import rasterio
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyproj import CRS
from rasterio.transform import from_origin

from access15.sources import read_estates, read_facilities, read_population, with_estates

RNG = np.random.default_rng(5)
PEOPLE = 2.0 ** RNG.integers(-4, 12, 40)
LON, LAT = (7.4 + np.arange(40) / 1000).round(6), np.full(40, 43.7)
FRAME = pd.DataFrame(
    {"id": [f"{k:02}" for k in range(40)], "lon": LON, "lat": LAT, "population": PEOPLE, "65+": PEOPLE / 4}
)


def shapes(kind):
    points = gpd.GeoDataFrame(
        FRAME.drop(columns=["lon", "lat"]), geometry=gpd.points_from_xy(LON, LAT), crs="EPSG:4326"
    )
    return (
        points if kind == "points" else points.set_geometry(shapely.box(LON, LAT, LON + 0.001, LAT + 0.001))
    )


def csv(path, separator=",", decimal=".", encoding="utf-8", **more):
    FRAME.to_csv(
        path, index=False, sep=separator, decimal=decimal, encoding=encoding, float_format="%.6f", **more
    )


def xlsx(path):
    book = openpyxl.Workbook()
    book.active.append(list(FRAME.columns))
    for row in FRAME.itertuples(index=False):
        book.active.append([v.item() if hasattr(v, "item") else v for v in row])
    book.save(path)


def dbf(path):
    fields = [("id", "C", 4), ("lon", "N", 14), ("lat", "N", 14), ("population", "N", 16), ("65+", "N", 16)]
    width = 1 + sum(size for _, _, size in fields)
    head = struct.pack("<B3BIHH20x", 3, 126, 12, 1, len(FRAME), 33 + 32 * len(fields), width)
    head += b"".join(struct.pack("<11sc4xBB14x", n.encode(), k.encode(), s, 6) for n, k, s in fields)
    rows = [
        b" " + b"".join(str(v).encode()[:s].ljust(s) for v, (_, _, s) in zip(r, fields, strict=True))
        for r in FRAME.itertuples(index=False)
    ]
    path.write_bytes(head + b"\r" + b"".join(rows) + b"\x1a")


def raster(path):
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=40,
        height=1,
        count=1,
        dtype="float64",
        crs="EPSG:4326",
        transform=from_origin(7.4, 43.7, 0.001, 0.001),
    ) as out:
        out.write(PEOPLE[None], 1)


FORMATS = {
    "plain.csv": csv,
    "semicolon.csv": lambda p: csv(p, ";", ","),
    "tab.tsv": lambda p: csv(p, "\t"),
    "utf16.csv": lambda p: csv(p, encoding="utf-16"),
    "quoted.csv": lambda p: csv(p, quoting=1),
    "book.xlsx": xlsx,
    "table.dbf": dbf,
    "people.tif": raster,
    **{
        f"{kind}{end}": (lambda p, k=kind: shapes(k).to_file(p))
        for kind in ("points", "polygons")
        for end in (".gpkg", ".geojson", ".fgb", ".shp")
    },
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", FORMATS)
def test_every_format_keeps_every_person(tmp_path, name):
    FORMATS[name](tmp_path / name)
    people = read_population(tmp_path / name)
    if name == "people.tif":
        assert people.people.tolist() == PEOPLE.tolist()
        return
    order = np.argsort(people.cell_id)  # FlatGeobuf puts neighbours together.
    assert people.people[order].tolist() == PEOPLE.tolist()
    assert people.groups["65+"][order].tolist() == (PEOPLE / 4).tolist()


def test_frames_keep_every_person():
    for frame in (FRAME, shapes("points"), shapes("polygons")):
        assert read_population(frame).people.tolist() == PEOPLE.tolist()


def asc(path):
    """Write the raster as text."""
    lines = ["ncols 40", "nrows 1", "xllcorner 7.4", "yllcorner 43.699", "cellsize 0.001", "NODATA_value -1"]
    path.write_text("\n".join([*lines, " ".join(map(str, PEOPLE.tolist()))]), "utf-8")
    path.with_suffix(".prj").write_text(CRS.from_epsg(4326).to_wkt("WKT1_ESRI"), "utf-8")


def vrt(path):
    raster(path.with_name("below.tif"))
    path.write_text(
        '<VRTDataset rasterXSize="40" rasterYSize="1"><SRS>EPSG:4326</SRS><GeoTransform>7.4,0.001,0,43.7,0,-0.001</GeoTransform>'
        '<VRTRasterBand dataType="Float64" band="1"><SimpleSource><SourceFilename relativeToVRT="1">below.tif</SourceFilename>'
        "<SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></VRTDataset>",
        "utf-8",
    )


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("write", [asc, vrt])
def test_rasters_of_other_kinds(tmp_path, write):
    path = tmp_path / f"people.{write.__name__}"
    write(path)
    assert read_population(path).people.tolist() == PEOPLE.tolist()


OPTIONS = {
    "columns": ({"population": "Leute"}, {"columns": {"population": "Leute"}}),
    "crs": ({}, {"crs": "EPSG:4326"}),
    "gcj02": ({}, {"datum": "gcj02"}),
    "bd09": ({}, {"datum": "bd09"}),
    "decimal": ({}, {"decimal": "."}),
    "groups": ({}, {"groups": {"old": "65+"}}),
    "spread at centres": ({}, {"spread": "centre"}),
    "unit": ({"population": "population (thousands)"}, {}),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("end", ["csv", "xlsx", "gpkg"])
@pytest.mark.parametrize("option", OPTIONS)
def test_every_option_keeps_every_person(tmp_path, option, end):
    renamed, how = OPTIONS[option]
    frame = FRAME.assign(lon=LON + 96.0, lat=LAT - 13.0).rename(columns=renamed)
    if option == "unit":
        frame = frame.drop(columns="65+")
    path = tmp_path / f"p.{end}"
    if end == "csv":
        frame.to_csv(path, index=False, float_format="%.6f")
    elif end == "xlsx":
        frame.to_excel(path, index=False)
    else:
        shape = gpd.points_from_xy(frame["lon"], frame["lat"])
        gpd.GeoDataFrame(frame.drop(columns=["lon", "lat"]), geometry=shape, crs="EPSG:4326").to_file(path)
    people = read_population(path, **how)
    times = 1000 if option == "unit" else 1
    assert people.people.tolist() == (PEOPLE * times).tolist()
    for counts in people.groups.values():
        assert counts.tolist() == (PEOPLE / 4).tolist()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("end", ["csv", "xlsx", "gpkg"])
def test_what_keep_leaves_and_what_drop_leaves_are_all(tmp_path, end):
    frame = FRAME.assign(year=[str(2019 + k % 3) for k in range(40)])
    path = tmp_path / f"p.{end}"
    if end == "csv":
        frame.to_csv(path, index=False)
    elif end == "xlsx":
        frame.to_excel(path, index=False)
    else:
        gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(LON, LAT), crs="EPSG:4326").to_file(path)
    choice = {"year": ["2019", "2021"]}
    kept, rest = read_population(path, keep=choice), read_population(path, drop=choice)
    assert kept.total + rest.total == PEOPLE.sum()
    assert sorted([*kept.cell_id, *rest.cell_id]) == sorted(FRAME["id"])
    if end == "csv":
        return
    layered = tmp_path / f"layers.{end}"
    if end == "xlsx":
        with pd.ExcelWriter(layered) as book:
            for name, half in (("a", frame[:20]), ("b", frame[20:])):
                half.to_excel(book, sheet_name=name, index=False)
    else:
        for name, half in (("a", slice(0, 20)), ("b", slice(20, 40))):
            shapes("points")[half].to_file(layered, layer=name)
    halves = [read_population(layered, layer=name).total for name in ("a", "b")]
    assert halves == [PEOPLE[:20].sum(), PEOPLE[20:].sum()]


@pytest.mark.filterwarnings("ignore")
def test_hidden_rows_are_read_or_left_out_and_counted(tmp_path):
    path = tmp_path / "p.xlsx"
    xlsx(path)
    book = openpyxl.load_workbook(path)
    for row in (3, 17, 30):
        book.active.row_dimensions[row].hidden = True
    book.save(path)
    left = read_population(path)
    assert read_population(path, hidden="keep").total == PEOPLE.sum()
    assert left.total == PEOPLE.sum() - PEOPLE[[1, 15, 28]].sum()
    assert left.provenance["hidden_rows_left_out"] == 3


@pytest.mark.filterwarnings("ignore")
def test_estates_come_on_top(tmp_path):
    FRAME.rename(columns={"population": "planned_people"}).to_csv(tmp_path / "e.csv", index=False)
    estates = read_estates(tmp_path / "e.csv")
    assert estates.people.total == PEOPLE.sum()
    together = with_estates(read_population(FRAME), estates)
    assert together.total == 2 * PEOPLE.sum()
    assert together.groups["65+"].sum() == PEOPLE.sum() / 2


ROW = st.tuples(st.sampled_from(["people", "nobody", "blank", "empty", "sum", "note"]), st.integers(1, 4000))


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROW, min_size=1, max_size=30), end=st.sampled_from(["csv", "xlsx"]))
def test_rows_of_every_kind_are_read_or_counted(tmp_path, rows, end):
    """People, empty rows, rows without a number, sums and notes in any order: all of them are accounted for."""
    lines = {
        "people": lambda k, n: [f"r{k}", 7.4 + k / 1000, 43.7, n],
        "nobody": lambda k, _: [f"r{k}", 7.4 + k / 1000, 43.7, 0],
        "blank": lambda k, _: [f"r{k}", 7.4 + k / 1000, 43.7, None],
        "empty": lambda *_: [None, None, None, None],
        "sum": lambda _, n: ["小计", None, None, n],
        "note": lambda *_: ["注：…", None, None, None],
    }
    body = [lines[kind](k, n) for k, (kind, n) in enumerate([*rows, ("people", 8)])]
    path = tmp_path / f"t.{end}"
    frame = pd.DataFrame(body, columns=["name", "lon", "lat", "population"])
    frame.to_csv(path, index=False) if end == "csv" else frame.to_excel(path, index=False)
    found = read_population(path)
    kinds = Counter(kind for kind, _ in rows)
    facts = found.provenance
    assert found.total == sum(n for kind, n in rows if kind == "people") + 8
    assert facts["kept"] == kinds["people"] + 1
    assert facts["sum_rows_set_aside"] == kinds["sum"]
    assert facts["rows_without_people"] == kinds["nobody"]
    assert facts["rows_without_number"] == kinds["blank"] + kinds["note"]
    assert facts["rows"] == len(rows) + 1 - kinds["empty"]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("end", ["csv", "xlsx", "gpkg", "geojson"])
@pytest.mark.parametrize("how", [{}, {"keep": {"kind": "a"}}, {"drop": {"kind": "a"}}, {"judge": False}])
def test_every_row_of_facilities_counts_or_is_set_aside(tmp_path, end, how):
    names = [
        "桃花村卫生室",
        "康齿口腔诊所",
        "Hill Clinic",
        "合计",
        "Hill Clinic",
        "City Hospital",
        "县疾控中心",
        "A",
    ]
    frame = pd.DataFrame(
        {
            "id": [f"{k:02}" for k in range(40)],
            "name": [
                names[k % 8] if k % 8 == 4 else f"{names[k % 8]}{k if k % 8 != 3 else ''}" for k in range(40)
            ],
            "status": ["open", "closed", "", "unheard of", "在建"] * 8,
            "kind": ["a", "b"] * 20,
            "lon": np.where(np.arange(40) % 11 == 3, np.nan, LON),
            "lat": LAT,
        }
    )
    path = tmp_path / f"f.{end}"
    if end == "csv":
        frame.to_csv(path, index=False)
    elif end == "xlsx":
        frame.to_excel(path, index=False)
    else:
        points = gpd.points_from_xy(frame["lon"].fillna(0), frame["lat"].where(frame["lon"].notna(), 0))
        gpd.GeoDataFrame(frame.drop(columns=["lon", "lat"]), geometry=points, crs="EPSG:4326").to_file(path)
    found = read_facilities(path, **how)
    aside = [name for name, _ in found.set_aside]
    assert sorted([*found.id, *aside]) == sorted(frame["id"])
    assert all(reason for _, reason in found.set_aside)
