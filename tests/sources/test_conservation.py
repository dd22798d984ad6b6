"""People in are people out: the same people in every format, and through every way they are put somewhere else."""

import struct

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

from access15.sources import read_population

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
