"""Make the sample county: an invented place with townships, villages, roads, clinics and Chinese tables.

Run it as ``python scripts/make_county_sample.py``. Everything is drawn with a fixed seed: the files hold the same
things on every run. Nothing of it exists. It lies in the open sea, so that no map shows a real place under it.

`county_land` draws the land, the places and the roads; here come the people, the clinics and the files. README.md in
the output folder states what the numbers are.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import re
import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import openpyxl
import pyogrio
import shapely
from county_land import BRIDGES, TOWNS, County, Place, build_roads, draw_land, river_x, settle

from access15.crs import to_crs, wgs84_to_bd09, wgs84_to_gcj02

SEED: Final = 15
CRS: Final = "EPSG:4550"  # CGCS2000, 3-degree Gauss-Kruger, central meridian 123° E
EAST, NORTH = 500_000.0, 3_652_000.0
COUNTY_CODE: Final = "990015"  # No province of GB/T 2260 begins with 99.
YEAR: Final = 2025
MADE: Final = "2025-12-31"
"""Date in the files, so that making them again changes no byte."""

OFFERS: Final = {
    "县级医院": ("急救;住院;中医", "24小时"),
    "妇幼保健院": ("住院;妇幼", "周一至周日 8:00-17:30"),
    "社区卫生服务中心": ("中医;妇幼;预防接种", "周一至周日 8:00-20:00"),
    "社区卫生服务站": ("预防接种", "周一至周五 8:00-12:00,14:00-17:30"),
    "中心卫生院": ("急救;住院;中医;妇幼;预防接种", "24小时"),
    "乡镇卫生院": ("急救;住院;预防接种", "周一至周日 8:00-17:30"),
    "中心村卫生室": ("中医", "周一至周六 8:00-18:00"),
    "村卫生室": ("", "周一至周五 8:00-11:30,14:30-17:30"),
}
"""Services and opening hours of every tier."""


def main(argv: Sequence[str] | None = None) -> None:
    """Write the sample."""
    parser = argparse.ArgumentParser(description="Make the invented sample county.")
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "data" / "sample" / "county")
    make(parser.parse_args(argv).out)


def make(out: Path) -> None:
    """Write the sample's inputs and README into ``out``; the study and its baseline are written by hand."""
    out.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(SEED)
    county = draw_land()
    settle(county, rng)
    build_roads(county, rng)
    people(county, rng)
    clinics = facilities(county, rng)
    county.new_bridge = missing_bridge(county, clinics)
    write_map(county, out / "county.gpkg")
    write_population(county, out / "population.xlsx")
    write_facilities(county, clinics, out / "facilities.csv")
    write_candidates(candidates(county, clinics, rng), out / "candidates.csv")
    write_bridge(county, out / "new_bridge.geojson")
    (out / "README.md").write_text(readme(county, clinics), encoding="utf-8", newline="\n")


def missing_bridge(county: County, clinics: list[dict[str, Any]]) -> Any:
    """Return where a bridge would help most people: from a clinic's village to the nearest place across the river."""
    with_clinic = {clinic["village"] for clinic in clinics} - {-1}
    spots = np.array([(p.x, p.y) for p in county.places])
    west = spots[:, 0] < river_x(spots[:, 1])
    best, most = (0, 0), 0
    for k, place in enumerate(county.places):
        if place.village in with_clinic and place.kind == "village":
            gap = np.hypot(*(spots - spots[k]).T)
            across = (west != west[k]) & (gap < 1_100)
            helped = sum(county.places[i].people for i in np.flatnonzero(across))
            if helped > most:
                best, most = (k, int(np.where(across, gap, np.inf).argmin())), helped
    return shapely.LineString(spots[list(best)])


def people(county: County, rng: np.random.Generator) -> None:
    """Say how many live at each place, and how many of them are 65 and older or up to 6 years old."""
    ranges = {"block": (150, 720), "street": (60, 260), "village": (120, 520), "hamlet": (30, 240),
              "island": (8, 40), "lonely": (58, 59)}  # fmt: skip
    remote = [k for k, (_, _, kind) in enumerate(TOWNS) if "偏远" in kind]
    for number, place in enumerate(county.places, 1):
        place.people = int(rng.integers(*ranges[place.kind]))
        rural = place.kind not in ("block", "street")
        old = (
            rng.uniform(0.2, 0.31) + (0.05 if place.town in remote else 0)
            if rural
            else rng.uniform(0.1, 0.17)
        )
        place.older = int(place.people * old)
        place.young = int(place.people * rng.uniform(0.03, 0.06 if rural else 0.09))
        place.code = f"{COUNTY_CODE}{place.town + 1:03d}{number:04d}"


def facilities(county: County, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Return hospitals, health centres of every township and the clinics of most villages."""
    out: list[dict[str, Any]] = []

    def add(place: Place, name: str, tier: str, beds: int, doctors: int, room: object) -> None:
        x, y = place.x + rng.uniform(-35, 35), place.y + rng.uniform(-35, 35)
        code = f"{COUNTY_CODE}{place.town + 1:03d}{len(out) + 1:03d}"
        out.append({"code": code, "name": name, "tier": tier, "town": county.names[place.town], "x": x, "y": y,
                    "beds": beds, "doctors": doctors, "room": room, "village": place.village})  # fmt: skip

    blocks = [p for p in county.places if p.kind == "block"]
    spots = rng.choice(len(blocks), 7, replace=False)
    town = (("县人民医院", "县级医院", 480, 160, ""), ("县中医院", "县级医院", 260, 85, ""),
            ("县妇幼保健院", "妇幼保健院", 80, 30, ""), ("城关社区卫生服务中心", "社区卫生服务中心", 40, 22, 30_000),
            ("城北社区卫生服务站", "社区卫生服务站", 0, 5, 9_000), ("城南社区卫生服务站", "社区卫生服务站", 0, 4, 8_000),
            ("城西社区卫生服务站", "社区卫生服务站", 0, 4, 8_000))  # fmt: skip
    for spot, row in zip(spots, town, strict=True):
        add(blocks[spot], *row)
    for k, name in enumerate(county.names[1:], 1):
        centre = next(p for p in county.places if p.town == k and p.kind == "street")
        tier = "中心卫生院" if k in (2, 5) else "乡镇卫生院"
        add(
            centre,
            name + ("中心卫生院" if k in (2, 5) else "卫生院"),
            tier,
            40 if k in (2, 5) else 20,
            8 + k,
            12_000,
        )
    for place in (p for p in county.places if p.kind == "village"):
        if rng.random() < (0.4 if "偏远" in TOWNS[place.town][2] else 0.6):
            central = rng.random() < 0.08
            doctors = int(rng.integers(1, 3)) + central
            room = "" if rng.random() < 0.1 else 900 * doctors
            tier = "中心村卫生室" if central else "村卫生室"
            add(
                place,
                place.name + tier.removeprefix("村") if central else place.name + "卫生室",
                tier,
                0,
                doctors,
                room,
            )
    return out


def candidates(
    county: County, clinics: list[dict[str, Any]], rng: np.random.Generator
) -> list[dict[str, Any]]:
    """Return houses that could become clinics: in villages without one, and some in the town."""
    served = {clinic["village"] for clinic in clinics}
    empty = [p for p in county.places if p.kind == "village" and p.village not in served]
    empty += [p for p in county.places if p.kind == "hamlet" and rng.random() < 0.12]
    empty += [p for p in county.places if p.kind == "block" and rng.random() < 0.1]
    out = []
    for number, place in enumerate(empty, 1):
        town = ("公房", "工业厂房", "规划小区")
        kind = str(
            rng.choice(
                town if place.kind == "block" else ("村集体房", "闲置校舍", "公房"), p=(0.6, 0.25, 0.15)
            )
        )
        x, y = place.x + rng.uniform(-60, 60), place.y + rng.uniform(-60, 60)
        out.append({"code": f"H{number:03d}", "name": f"{place.name}{kind}", "kind": kind, "x": x, "y": y,
                    "cost": int(rng.integers(12, 60))})  # fmt: skip
    return out


def degrees(x: Any, y: Any) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return longitude and latitude (WGS 84) of metres from the middle of the county."""
    return to_crs(np.asarray(x, float) + EAST, np.asarray(y, float) + NORTH, CRS, "EPSG:4326")


def write_map(county: County, path: Path) -> None:
    """Write roads and townships as two layers; without spatial indexes, which would double the file."""
    path.unlink(missing_ok=True)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{MADE}T00:00:00.000Z"})
    lines = [
        shapely.transform(line, lambda xy: np.round(np.add(xy, (EAST, NORTH)), 1)) for line, _ in county.roads
    ]
    roads = gpd.GeoDataFrame([tags for _, tags in county.roads], geometry=lines, crs=CRS)
    roads.insert(0, "道路编号", range(1, len(roads) + 1))
    how = {"engine": "pyogrio", "driver": "GPKG", "SPATIAL_INDEX": "NO", "GEOMETRY_NAME": "geom"}
    roads.to_file(path, layer="roads", **how)
    codes = [f"{COUNTY_CODE}{k + 1:03d}" for k in range(len(TOWNS))]
    table = {"行政区划代码": codes, "名称": county.names, "类别": [kind for *_, kind in TOWNS]}
    gpd.GeoDataFrame(table, geometry=_townships(county), crs=CRS).to_file(path, layer="townships", **how)


def _townships(county: County) -> list[Any]:
    """Return the townships: all that is nearer to one of their places than to others', within the outline."""
    points = shapely.MultiPoint([(p.x, p.y) for p in county.places])
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=county.outline))
    near = shapely.STRtree(cells)
    parts: list[list[Any]] = [[] for _ in TOWNS]
    for place in county.places:
        (k,) = near.query(shapely.Point(place.x, place.y), predicate="within")
        parts[place.town].append(cells[k])
    out = [shapely.intersection(shapely.union_all(cells), county.outline) for cells in parts]
    simple = shapely.coverage_simplify(np.array(out, object), 120.0)
    return [shapely.transform(one, lambda xy: np.round(np.add(xy, (EAST, NORTH)))) for one in simple]


def write_population(county: County, path: Path) -> None:
    """Write people as a planner's workbook: a title, merged headers of two rows, subtotals and a total."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "常住人口"
    sheet.append([f"示例县{YEAR}年常住人口登记表(虚构)"])
    sheet.append(["乡镇(街道)", "行政村(社区)", "自然村(组)", "编码", "位置", None, "人口", None, None])
    sheet.append([None, None, None, None, "经度", "纬度", "常住人口", "65岁及以上", "0-6岁"])
    for cells in ("A1:I1", "A2:A3", "B2:B3", "C2:C3", "D2:D3", "E2:F2", "G2:I2"):
        sheet.merge_cells(cells)
    villages = {p.village: p.name for p in county.places if p.kind == "village"}
    lon, lat = degrees([p.x for p in county.places], [p.y for p in county.places])
    for k, name in enumerate(county.names):
        rows = [i for i, p in enumerate(county.places) if p.town == k]
        for n, i in enumerate(rows):
            p = county.places[i]
            counts = (
                [p.people, p.older, p.young] if k != 3 else [_wide(v) for v in (p.people, p.older, p.young)]
            )
            sheet.append([name if n == 0 else None, villages.get(p.village, "城镇社区"), p.name, p.code,
                          round(lon[i], 6), round(lat[i], 6), *counts])  # fmt: skip
        _sum(sheet, "小计", [county.places[i] for i in rows])
    _sum(sheet, "合计", county.places)
    sheet.freeze_panes = "A4"
    book.properties.created = book.properties.modified = datetime.fromisoformat(MADE)
    held = io.BytesIO()
    book.save(held)
    _without_clock(held, path)


def _without_clock(book: io.BytesIO, path: Path) -> None:
    """Write a workbook with one date on every part of it."""
    date = datetime.fromisoformat(MADE).timetuple()[:6]
    change = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "docProps/core.xml":  # openpyxl writes the present as the time of the change.
                part = change.sub(rb"\g<1>" + MADE.encode() + b"T00:00:00Z", part)
            new.writestr(zipfile.ZipInfo(name, date), part, zipfile.ZIP_DEFLATED)


def _wide(number: int) -> str:
    """Return a number as text in full-width digits, as some offices type it."""
    return str(number).translate({48 + d: 0xFF10 + d for d in range(10)})


def _sum(sheet: Any, word: str, rows: list[Place]) -> None:
    sums = [sum(getattr(p, field) for p in rows) for field in ("people", "older", "young")]
    sheet.append([word, None, None, None, None, None, *sums])


def write_facilities(county: County, clinics: list[dict[str, Any]], path: Path) -> None:
    """Write the clinics as a web map gives them: GB18030, Baidu's positions, one clinic without a place, a sum."""
    villages = {p.village: p.name for p in county.places if p.kind == "village"}
    lon, lat = wgs84_to_bd09(*degrees([c["x"] for c in clinics], [c["y"] for c in clinics]))
    with path.open("w", encoding="gb18030", newline="") as file:
        out = csv.writer(file)
        out.writerow(
            [
                "机构代码",
                "机构名称",
                "机构类型",
                "所属乡镇",
                "行政村",
                "经度",
                "纬度",
                "床位数",
                "执业医师数",
                "服务能力",
                "服务项目",
                "开诊时间",
            ]
        )
        for k, c in enumerate(clinics):
            where = c["code"], c["name"], c["tier"], c["town"], villages.get(c["village"], "")
            what = c["beds"], c["doctors"], c["room"], *OFFERS[c["tier"]]
            out.writerow([*where, f"{lon[k]:.6f}", f"{lat[k]:.6f}", *what])
        where = f"{COUNTY_CODE}999", "筹建中卫生室", "村卫生室", clinics[-1]["town"], ""
        out.writerow([*where, "0", "0", 0, 0, "", "", ""])
        sums = [sum(c[key] for c in clinics) for key in ("beds", "doctors")]
        out.writerow(["合计", "", "", "", "", "", "", *sums, "", "", ""])


def write_candidates(houses: list[dict[str, Any]], path: Path) -> None:
    """Write candidate houses as UTF-8 with a mark, positions as Amap gives them."""
    lon, lat = wgs84_to_gcj02(*degrees([c["x"] for c in houses], [c["y"] for c in houses]))
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        out.writerow(["编号", "名称", "候选类型", "经度", "纬度", "估算投资(万元)"])
        for k, c in enumerate(houses):
            out.writerow([c["code"], c["name"], c["kind"], f"{lon[k]:.6f}", f"{lat[k]:.6f}", c["cost"]])


def write_bridge(county: County, path: Path) -> None:
    """Write the bridge of the scenario as GeoJSON."""
    lon, lat = degrees(*county.new_bridge.coords.xy)
    spots = [[round(x, 7), round(y, 7)] for x, y in zip(lon.tolist(), lat.tolist(), strict=True)]
    shape = {"type": "LineString", "coordinates": spots}
    feature = {"type": "Feature", "properties": {"name": "新桥"}, "geometry": shape}
    content = {"type": "FeatureCollection", "features": [feature]}
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")


def readme(county: County, clinics: list[dict[str, Any]]) -> str:
    """Return the README of the sample."""
    total = sum(p.people for p in county.places)
    km = sum(line.length for line, _ in county.roads) / 1000
    villages = sum(p.kind == "village" for p in county.places)
    return f"""# The sample county

**An invented county.** Roads, names, people and clinics are drawn by `scripts/make_county_sample.py` with a fixed seed.
It lies in the open sea, so that no map shows a real place under it. Any likeness of a name is chance. The codes
begin with {COUNTY_CODE}, which is no code of GB/T 2260. All files here are part of access15, Apache License 2.0; nobody else's
data is in them.

It stands for what planners in China really send, and access15 reads it as it is:

| file | what | what is awkward in it |
|---|---|---|
| `county.gpkg` | layers `roads` ({len(county.roads)} lines, {km:,.0f} km) and `townships` ({len(TOWNS)}) | CGCS2000, Gauss-Kruger 3° zone (EPSG:4550); classes, one-ways and bridges in Chinese |
| `facilities.csv` | {len(clinics)} hospitals, health centres and village clinics | GB18030, Chinese columns, BD-09 positions, a 合计 row, one clinic without a place, missing capacities; services and opening hours in Chinese, doctors by village |
| `population.xlsx` | {total:,} residents at {len(county.places)} places, 65 and older, 0 to 6 | title, merged headers of two rows, 小计 and 合计 rows, full-width digits in one township |
| `candidates.csv` | houses that could become clinics, by kind and cost | GCJ-02 positions |
| `new_bridge.geojson` | a bridge that is not there, for the scenario | |
| `study.toml`, `baseline.json` | the study, and its figures for `access15 check` | written by hand; by `access15 check --update` |

A river parts the county, with {len(BRIDGES)} bridges. {villages} villages have 1 to 5 hamlets. An island in a reservoir has paths but
no bridge or ferry, and one hamlet has no road: they cannot or hardly reach care. Two townships are remote.

People per place, shares of age groups, numbers of doctors and capacities are drawn at random within ranges that look
plausible. They are not statistics of anything.

Make the files again with `python scripts/make_county_sample.py`.
"""


if __name__ == "__main__":
    main()
