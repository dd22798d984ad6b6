"""The invented county is what its script makes, reads as planners' files do, and its figures are true."""

from __future__ import annotations

import csv
import importlib.util
import json
import math
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pyproj
import pytest
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra

from access15.outputs.report import report_tables
from access15.study import Study, areas_below_targets, check, sample
from access15.study.check_formats import github_text, write_junit

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "data" / "sample" / "county"
CRS = "EPSG:4550"
HOSPITALS = ("县级医院", "妇幼保健院")
REMOTE = ("鹿畈乡", "石峪乡")


@pytest.fixture(scope="module")
def remade(tmp_path_factory):
    sys.path.insert(0, str(ROOT / "scripts"))  # As when the script is run: its other half lies beside it.
    out = tmp_path_factory.mktemp("county")
    name = "make_county_sample"
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    module.main(["--out", str(out)])
    sys.path.remove(str(ROOT / "scripts"))
    return out


@pytest.fixture(scope="module")
def result():
    return sample("county").run()


@pytest.fixture(scope="module")
def baseline():
    return json.loads((SAMPLE / "baseline.json").read_text("utf-8"))["figures"]


def table(path, encoding):
    """Rows of a csv, numbers as numbers."""
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.reader(file))


def clinic_rows():
    """Rows of facilities.csv by the names of their columns, without the clinic that has no place and the sum."""
    heads, *rows = table(SAMPLE / "facilities.csv", "gb18030")
    named = [dict(zip(heads, row, strict=True)) for row in rows]
    return [row for row in named if row["经度"] not in ("", "0")]


def workbook(path):
    return list(openpyxl.load_workbook(path).active.iter_rows(values_only=True))


def alike(old, new):
    """Whether two tables are equal, positions to a metre: libraries differ in the last digit."""
    assert len(old) == len(new)
    for a, b in zip((c for row in old for c in row), (c for row in new for c in row), strict=True):
        if a != b:
            assert float(a) == pytest.approx(float(b), abs=1e-5)


def test_the_script_makes_the_same_tables_again(remade):
    for name, encoding in (("facilities.csv", "gb18030"), ("candidates.csv", "utf-8-sig")):
        alike(table(SAMPLE / name, encoding), table(remade / name, encoding))
    alike(workbook(SAMPLE / "population.xlsx"), workbook(remade / "population.xlsx"))
    assert (SAMPLE / "README.md").read_text("utf-8") == (remade / "README.md").read_text("utf-8")
    old, new = (json.loads((d / "new_bridge.geojson").read_text("utf-8")) for d in (SAMPLE, remade))
    ends = [d["features"][0]["geometry"]["coordinates"] for d in (old, new)]
    np.testing.assert_allclose(ends[0], ends[1], atol=1e-6)


def test_the_script_makes_the_same_map_again(remade):
    for layer in ("roads", "townships"):
        old, new = (pyogrio.read_dataframe(d / "county.gpkg", layer=layer) for d in (SAMPLE, remade))
        assert old.drop(columns="geometry").equals(new.drop(columns="geometry"))
        assert str(old.crs) == str(new.crs) == CRS
        far = shapely.hausdorff_distance(old.geometry.to_numpy(), new.geometry.to_numpy())
        assert far.max() < (0.3 if layer == "roads" else 5)


def test_the_sample_is_small_and_says_that_it_is_invented():
    assert sum(f.stat().st_size for f in SAMPLE.iterdir() if f.is_file()) < 400_000
    text = (SAMPLE / "README.md").read_text("utf-8")
    assert "invented" in text
    assert "Apache License 2.0" in text


def test_the_files_are_as_awkward_as_planners_files():
    raw = (SAMPLE / "facilities.csv").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")
    assert "合计" in raw.decode("gb18030")
    book = openpyxl.load_workbook(SAMPLE / "population.xlsx").active
    assert {str(cells) for cells in book.merged_cells.ranges} >= {"A1:I1", "E2:F2", "G2:I2"}
    first = [row[0] for row in workbook(SAMPLE / "population.xlsx")]
    assert first.count("小计") == 8
    assert first[-1] == "合计"


def test_everybody_and_every_clinic_is_read(result):
    rows = workbook(SAMPLE / "population.xlsx")
    found = result.inputs
    assert found.population.total == rows[-1][6]
    assert found.population.groups["65+"].sum() == rows[-1][7]
    assert found.population.groups["0-6"].sum() == rows[-1][8]
    listed = table(SAMPLE / "facilities.csv", "gb18030")[1:]
    assert len(found.facilities) == len(listed) - 2
    reasons = [why for _, why in found.facilities.set_aside]
    assert any("has no coordinates" in why for why in reasons)
    assert any("sum of other rows" in why for why in reasons)
    tiers = {
        "乡镇卫生院",
        "中心卫生院",
        "村卫生室",
        "中心村卫生室",
        "社区卫生服务中心",
        "社区卫生服务站",
        "县级医院",
    }
    assert tiers <= set(found.facilities.tier)
    assert set(found.areas.flags) == {"rural", "remote"}
    assert {"村集体房", "闲置校舍", "公房"} <= set(result.candidates.kind)


def test_supply_adds_up_to_the_sum_row_and_to_townships(result):
    heads, *_, total = table(SAMPLE / "facilities.csv", "gb18030")
    total, rows = dict(zip(heads, total, strict=True)), clinic_rows()
    sites = result.inputs.facilities
    assert (sites.beds.sum(), sites.doctors.sum()) == (float(total["床位数"]), float(total["执业医师数"]))
    assert np.isnan(sites.floor_area_m2).all()  # There is no such column.
    rows = [row for row in rows if row["机构类型"] not in HOSPITALS]
    by_area = report_tables(result.findings(), "zh")["T3a"].frame.iloc[:-1]
    for code, known, blank in by_area[["代码", "已知服务能力（人）", "其中服务能力不明"]].itertuples(
        index=False
    ):
        stated = [row["服务能力"] for row in rows if row["机构代码"].startswith(code)]
        assert (known, blank) == (sum(float(room) for room in stated if room), stated.count(""))
    assert by_area["常住人口"].sum() == result.inputs.population.total


# What follows computes coverage once more from the raw files, with nothing of access15 in it.


def to_wgs84(bd_lon, bd_lat):
    """Baidu's positions to WGS 84: the published formulas, the second one inverted by iteration."""
    x, y = bd_lon - 0.0065, bd_lat - 0.006
    turn = math.pi * 3000 / 180
    z = math.hypot(x, y) - 0.00002 * math.sin(y * turn)
    theta = math.atan2(y, x) - 0.000003 * math.cos(x * turn)
    return from_gcj(z * math.cos(theta), z * math.sin(theta))


def from_gcj(gcj_lon, gcj_lat):
    """Amap's positions to WGS 84, by iteration."""
    lon, lat = gcj_lon, gcj_lat
    for _ in range(8):
        shift = gcj_shift(lon, lat)
        lon, lat = gcj_lon - shift[0], gcj_lat - shift[1]
    return lon, lat


def gcj_shift(lon, lat):
    x, y, pi = lon - 105, lat - 35, math.pi
    wave = (20 * math.sin(6 * x * pi) + 20 * math.sin(2 * x * pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x)) + wave
    north += (20 * math.sin(y * pi) + 40 * math.sin(y / 3 * pi)) * 2 / 3
    north += (160 * math.sin(y / 12 * pi) + 320 * math.sin(y * pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + wave
    east += (20 * math.sin(x * pi) + 40 * math.sin(x / 3 * pi)) * 2 / 3
    east += (150 * math.sin(x / 12 * pi) + 300 * math.sin(x / 30 * pi)) * 2 / 3
    a, ee = 6378245.0, 0.00669342162296594323
    w = 1 - ee * math.sin(math.radians(lat)) ** 2
    d_lat = math.degrees(north / (a * (1 - ee) / (w * math.sqrt(w))))
    return math.degrees(east / (a / math.sqrt(w) * math.cos(math.radians(lat)))), d_lat


def raw_points():
    """Homes (x, y, people) and clinics (x, y) in metres."""
    project = pyproj.Transformer.from_crs("EPSG:4326", CRS, always_xy=True).transform
    homes = [r for r in workbook(SAMPLE / "population.xlsx")[3:] if r[4] is not None]
    xy = np.column_stack(project([r[4] for r in homes], [r[5] for r in homes]))
    care = np.array([project(*to_wgs84(float(r["经度"]), float(r["纬度"]))) for r in clinic_rows()])
    return xy, np.array([int(r[6]) for r in homes]), care


def seconds_to_care(kph, door_kph, one_ways, *, only=None, away=False, which=False, more=()):
    """Seconds from every home to the nearest clinic along the roads, and straight between road and door.

    ``kph`` is one speed or the speed of every class, roads of others are closed and signed limits are driven in full;
    ``only`` are the clinics meant; ``away`` is from them to the homes; ``which`` adds the nearest one of every home;
    ``more`` are places (x, y) of further clinics.
    """
    roads = pyogrio.read_dataframe(SAMPLE / "county.gpkg", layer="roads")
    by_class = kph if isinstance(kph, dict) else dict.fromkeys(roads["道路等级"], kph)
    roads = roads[roads["道路等级"].isin(list(by_class))].reset_index(drop=True)
    speed = roads["道路等级"].map(by_class).to_numpy(float)
    if isinstance(kph, dict):
        signed = roads["限速"].replace("", None).to_numpy(float)
        speed = np.where(np.isnan(signed), speed, signed)
    xy, people, care = raw_points()
    care = np.vstack((care if only is None else care[only], *([more] if len(more) else [])))
    parts = [shapely.get_coordinates(line) for line in roads.geometry]
    ends = np.concatenate([np.hstack((p[:-1], p[1:])) for p in parts])
    speeds = np.repeat(speed, [len(p) - 1 for p in parts])
    signs = np.repeat(roads["单行"].fillna("").to_numpy(), [len(p) - 1 for p in parts])
    place, node = np.unique(np.round(ends.reshape(-1, 2), 1), axis=0, return_inverse=True)
    start, stop = node.reshape(-1, 2).T
    points = np.vstack((xy, care))
    segments = shapely.linestrings(ends.reshape(-1, 2, 2))
    tree, spots = shapely.STRtree(segments), shapely.points(points)
    (_, on), leg = tree.query_nearest(spots, all_matches=False, return_distance=True)
    along = shapely.line_locate_point(segments[on], spots)
    feet = len(place) + np.arange(len(points))
    doors = feet + len(points)
    hops = []
    for k, line in enumerate(segments):
        here = np.flatnonzero(on == k)
        here = here[np.argsort(along[here], kind="stable")]
        chain = [start[k], *feet[here], stop[k]]
        took = np.diff([0.0, *along[here], line.length]) * 3.6 / speeds[k]
        hops += zip(chain[:-1], chain[1:], took, strict=True) if signs[k] != "反向" or not one_ways else ()
        hops += zip(chain[1:], chain[:-1], took, strict=True) if signs[k] != "正向" or not one_ways else ()
    hops += zip(doors, feet, leg * 3.6 / door_kph, strict=True)
    hops += zip(feet, doors, leg * 3.6 / door_kph, strict=True)
    a, b, took = map(np.array, zip(*hops, strict=True))
    size = len(place) + 2 * len(points)
    # From all clinics at once: along the arrows, or against them for people who travel. A hop that takes no time must stay a hop.
    ends = (a, b) if away else (b, a)
    graph = coo_matrix((np.maximum(took, 1e-9), ends), (size, size)).tocsr()
    found, _, source = dijkstra(graph, indices=doors[len(xy) :], min_only=True, return_predecessors=True)
    home = doors[: len(xy)]
    nearest = np.where(np.isfinite(found[home]), source[home] - doors[len(xy)], -1)
    return (found[home], people, xy, nearest) if which else (found[home], people, xy)


@pytest.mark.parametrize(
    ("mode", "kph", "door_kph", "one_ways"),
    [("walk", 4.8, 4.8, False), ("walk_elder", 3.24, 3.24, False), ("ebike", 18, 4.8, True)],
)
def test_the_coverage_is_what_a_second_program_computes_from_the_raw_files(
    baseline, mode, kph, door_kph, one_ways
):
    seconds, people, xy = seconds_to_care(kph, door_kph, one_ways)
    towns = pyogrio.read_dataframe(SAMPLE / "county.gpkg", layer="townships")
    codes = {
        c: shapely.contains_xy(g, *xy.T) for c, g in zip(towns["行政区划代码"], towns.geometry, strict=True)
    }
    assert sum(codes.values()).tolist() == [1] * len(xy)
    for minutes in (15, 30):
        covered = seconds <= 60 * minutes
        # Who lives within a fifth of a second of the limit may count or not.
        close = people[np.abs(seconds - 60 * minutes) < 0.2].sum()
        name = f"covered_{mode}_{minutes}"
        assert baseline[name] == pytest.approx(people[covered].sum(), abs=close + 1e-6)
        for code, here in codes.items():
            expected = people[covered & here].sum()
            assert baseline[f"{name} @ {code}"] == pytest.approx(expected, abs=close + 1e-6)
    reached = np.isfinite(seconds)
    mean = np.average(seconds[reached], weights=people[reached])
    assert baseline[f"mean_{mode}_s"] == pytest.approx(mean, rel=2e-4)
    assert baseline[f"unreachable_{mode}"] == people[~reached].sum() > 100
    share = baseline[f"covered_{mode}_15"] / people.sum()
    assert share == pytest.approx(baseline[f"rate_{mode}_15"], abs=1e-6)


AMBULANCE_KPH = {
    "国道": 65,
    "省道": 65,
    "主干路": 65,
    "县道": 40,
    "乡道": 25,
    "村道": 25,
    "次干路": 55,
    "支路": 40,
    "街巷": 25,
    "机耕路": 10,
}
"""What `access15.AMBULANCE` drives, by the names of the classes in the file."""


def test_ambulances_start_from_the_stations_three_minutes_after_the_call(result, baseline):
    stations = np.array(["急救" in row["服务项目"] for row in clinic_rows()])
    assert stations.sum() == 9  # two county hospitals and the seven health centres of the townships
    way, people, _ = seconds_to_care(AMBULANCE_KPH, 4.8, True, only=stations, away=True)
    after_call = way + 180
    share = np.cumsum(people[np.argsort(after_call)]) / people.sum()
    p90 = np.sort(after_call)[np.searchsorted(share, 0.9)]
    assert round(p90 / 60, 1) == 22.8
    assert baseline["p90_ambulance_s"] == pytest.approx(p90, rel=1e-3)
    for lang, (p90_head, late, covered) in {
        "en": ("P90 response time, min", "later or no access", "ambulance, 15 min: covered"),
        "zh": ("P90急救响应时间（分钟）", "超时或不可达人口", "救护车15分钟：覆盖人口"),
    }.items():
        tables = report_tables(result.findings(), lang)
        assert tables["T9a"].frame[p90_head].iloc[-1] == pytest.approx(p90 / 60, rel=1e-3)
        # The other tables count the same people as in time.
        assert tables["T9a"].frame[late].iloc[-1] == people[after_call > 900].sum()
        assert tables["T1"].frame[covered].iloc[-1] == people[after_call <= 900].sum()


def homes_of_villages():
    """People, village and township of every place in the workbook, by pandas alone."""
    frame = pd.read_excel(SAMPLE / "population.xlsx", header=[1, 2])
    frame.columns = [lower if not lower.startswith("Unnamed") else upper for upper, lower in frame.columns]
    frame = frame[~frame["乡镇(街道)"].isin(["小计", "合计"])]
    frame = frame.assign(
        town=frame["乡镇(街道)"].ffill(), people=frame["常住人口"].map(lambda v: int(str(v)))
    )
    return frame.rename(columns={"行政村(社区)": "village"})[["town", "village", "people"]]


def test_village_doctors_are_counted_for_villages(result):
    homes = homes_of_villages()
    rural = homes[~homes["village"].str.endswith("社区")]
    people = rural.groupby(["town", "village"], sort=False)["people"].sum()
    clinics = pd.DataFrame(clinic_rows())
    clinics = clinics[clinics["机构类型"].isin(["村卫生室", "中心村卫生室"])]
    there = clinics.assign(n=clinics["执业医师数"].astype(int)).groupby(["所属乡镇", "行政村"])["n"].sum()
    remote = people.index.get_level_values(0).isin(REMOTE)
    exact = people / np.where(remote, 500, 1000)
    need, have = np.ceil(exact), there.reindex(people.index).fillna(0)
    assert (len(people), round(exact.sum(), 1)) == (112, 87.3)
    # All residents, towns too, would make 149.4.
    everybody = homes["people"] / np.where(homes["town"].isin(REMOTE), 500, 1000)
    assert round(everybody.sum(), 1) == 149.4
    for lang in ("en", "zh"):
        table = report_tables(result.findings(), lang)["T4"]
        rows, total = table.frame.iloc[:-1], table.frame.iloc[-1]
        assert rows.iloc[:, 0].tolist() == [" ".join(key) for key in people.index]
        for column, values in enumerate(
            (people, np.where(remote, 500, 1000), need, have, (need - have).clip(lower=0)), 1
        ):
            assert rows.iloc[:, column].tolist() == list(values)
        assert total.iloc[[1, 3, 4, 5]].tolist() == [
            people.sum(),
            need.sum(),
            have.sum(),
            (need - have).clip(lower=0).sum(),
        ]
        assert "112" in table.note
        assert "87.3" in table.note


def test_the_load_is_that_of_primary_care(result):
    clinics = pd.DataFrame(clinic_rows())
    primary = ~clinics["机构类型"].isin(HOSPITALS).to_numpy()
    assert (~primary).sum() == 3
    seconds, people, _, nearest = seconds_to_care(4.8, 4.8, False, only=primary, which=True)
    near = np.bincount(nearest[seconds <= 900], people[seconds <= 900], primary.sum())
    room = pd.to_numeric(clinics["服务能力"][primary]).to_numpy()
    south = clinics["机构名称"][primary].tolist().index("城南社区卫生服务站")
    assert near[south] / room[south] > 2  # as long as hospitals counted, most of these people were theirs
    words = {
        "en": (
            "people nearest to it",
            "load ratio",
            "recommendation",
            ("another station or enlargement", "another doctor or more room"),
        ),
        "zh": (
            "就近服务人口",
            "负荷率",
            "建议",
            ("增设社区卫生服务站或增加建设规模", "增配乡村医生或增加业务用房"),
        ),
    }
    for lang, (people_head, load_head, advice, (station, clinic)) in words.items():
        table = report_tables(result.findings(), lang)["T3"].frame
        np.testing.assert_allclose(table[people_head].iloc[:-1][primary], near)
        np.testing.assert_allclose(table[load_head].iloc[:-1][primary], near / room)
        assert (table[people_head].iloc[:-1][~primary] == 0).all()
        assert table[people_head].iloc[-1] == near.sum()
        over = near > np.where(np.isnan(room), np.inf, room)
        village = clinics["机构类型"][primary].isin(["村卫生室", "中心村卫生室"]).to_numpy()[over]
        assert table[advice].iloc[:-1][primary][over].tolist() == [clinic if v else station for v in village]
        assert sorted(village) == [False, True, True]  # nobody proposes a branch for a full village clinic


def test_sixty_villages_have_no_clinic(result):
    homes = homes_of_villages()
    rural = homes[~homes["village"].str.endswith("社区")]
    people = rural.groupby(["town", "village"], sort=False)["people"].sum()
    clinics = pd.DataFrame(clinic_rows())
    served = {
        (row.所属乡镇, row.行政村)
        for row in clinics.itertuples()
        if row.机构类型 in ("村卫生室", "中心村卫生室")
    }
    without = people[[key not in served for key in people.index]]
    assert (len(people), len(without)) == (112, 60)
    urban = homes[homes["village"].str.endswith("社区") & (homes["town"] == "示例县城关镇")]["people"].sum()
    for lang, total, rule, met in (
        ("en", "total", "clinic of every village", ("yes", "no")),
        ("zh", "合计", "村卫生室（每村一所）", ("达标", "未达标")),
    ):
        tables = report_tables(result.findings(), lang)
        table = tables["T13"].frame
        last = table[(table.iloc[:, 0] == total) & (table.iloc[:, 1] == rule)].iloc[0]
        assert last.iloc[2:].tolist() == [112, 52, 60, met[1]]
        by_town = table[(table.iloc[:, 1] == rule) & (table.iloc[:, 0] != total)].set_index(table.columns[0])
        expected = without.groupby(level="town").size()
        assert by_town.iloc[:, 3].to_dict() == expected.astype(float).to_dict()
        # A station or centre for every 10,000 urban residents: one centre and three stations are there.
        stations = table[table.iloc[:, 0].eq("示例县城关镇")].iloc[-1]
        assert stations.iloc[2:].tolist() == [math.ceil(urban / 10_000), 4, 1, met[1]]
        listed = tables["T13a"].frame
        assert sorted(listed.iloc[:, 0]) == sorted(" ".join(key) for key in without.index)
        assert listed.iloc[:, 1].tolist() == sorted(without, reverse=True)


def test_gaps_and_sites_are_one_plan(result):
    """What the six sites reach, from the raw files; T5 names each of them, and nobody else for what they reach."""
    houses = {row[0]: row for row in table(SAMPLE / "candidates.csv", "utf-8-sig")[1:]}
    chosen = result.plan.table["candidate_id"].tolist()
    project = pyproj.Transformer.from_crs("EPSG:4326", CRS, always_xy=True).transform
    spots = np.array([project(*from_gcj(float(houses[i][3]), float(houses[i][4]))) for i in chosen])
    before, people, _ = seconds_to_care(4.8, 4.8, False)
    after, _, _, nearest = seconds_to_care(4.8, 4.8, False, which=True, more=spots)
    site = nearest - len(clinic_rows())
    gained = (after <= 900) & (before > 900)
    assert (site[gained] >= 0).all()
    older = np.array([int(str(r[7])) for r in workbook(SAMPLE / "population.xlsx")[3:] if r[4] is not None])
    for lang, (name, gain, old, by, form, says) in {
        "en": ("name", "marginal people covered", "65+ gained", "given by", "recommendation", "fixed clinic"),
        "zh": ("名称", "边际新增覆盖人口", "新增覆盖65岁及以上", "提供方", "建议", "增设固定服务点"),
    }.items():
        tables = report_tables(result.findings(), lang)
        sites, gaps = tables["T6"].frame, tables["T5"].frame
        assert sites[gain].sum() == people[gained].sum()
        assert sites[old].tolist() == [older[gained & (site == k)].sum() for k in range(len(chosen))]
        assert sites[name].tolist() == [houses[i][1] for i in chosen]
        # Every site serves a gap that says so, and every gap with a fixed clinic is served by a site.
        fixed = gaps[gaps[form] == says]
        assert set(fixed[by]) == set(sites[name])
        priority = gaps["priority" if lang == "en" else "优先度"]
        assert priority.is_monotonic_decreasing
    # The other way round: a gap nobody of whom a site reaches is not said to be served by one.
    found, cells = result.gaps.table, result.gaps.cell_gap
    reached = np.bincount(cells[gained & (cells >= 0)], people[gained & (cells >= 0)], len(found))
    served = (found["recommendation"] == "fixed clinic").to_numpy() & found["served_by"].isin(
        chosen
    ).to_numpy()
    assert (reached[served] > 0).all()
    assert reached[~served].sum() < 0.02 * reached.sum()


def test_a_target_that_is_met_tells_the_townships_below_it(result):
    """60 % are covered in all, and 4 of 8 townships are below; sites may bring the townships to it first."""
    seconds, people, xy = seconds_to_care(4.8, 4.8, False)
    towns = pyogrio.read_dataframe(SAMPLE / "county.gpkg", layer="townships")
    inside = {n: shapely.contains_xy(g, *xy.T) for n, g in zip(towns["名称"], towns.geometry, strict=True)}
    rates = {
        name: people[here & (seconds <= 900)].sum() / people[here].sum() for name, here in inside.items()
    }
    below = sorted((name for name, rate in rates.items() if rate < 0.6), key=rates.get)
    assert people[seconds <= 900].sum() / people.sum() > 0.6
    assert len(below) == 4
    (said,) = areas_below_targets(result)[:1]
    assert "walk_15: target 60.00% met in total, but 4 of 8 areas are below it" in said
    assert [said.index(name) for name in below] == sorted(said.index(name) for name in below)
    for lang, met in (("en", "yes, but 4 of 8 areas are below"), ("zh", "达标，但 8 个区域中有 4 个未达标")):
        tables = report_tables(result.findings(), lang)
        assert tables["T1"].frame.iloc[-1, -1] == met
        caveats = tables["caveats"].frame.astype(str).to_string()
        assert all(name in caveats for name in below)
    assert "BELOW" not in check(sample("monaco")).text()


def test_sites_may_bring_the_townships_to_their_target_first(tmp_path):
    for file in SAMPLE.iterdir():
        if file.is_file():
            (tmp_path / file.name).write_bytes(file.read_bytes())
    study = tmp_path / "study.toml"
    text = study.read_text("utf-8")
    study.write_text(text.replace("p = 6", 'p = 6\nobjective = "area-target"'), "utf-8")
    plan = Study.from_toml(study).run(parts=("siting",)).plan
    today = sample("county").run(parts=("siting",)).plan
    # Who is short of 60 % of their township with each plan, from the raw files.
    houses = {row[0]: row for row in table(SAMPLE / "candidates.csv", "utf-8-sig")[1:]}
    project = pyproj.Transformer.from_crs("EPSG:4326", CRS, always_xy=True).transform
    towns = pyogrio.read_dataframe(SAMPLE / "county.gpkg", layer="townships")
    short = []
    for chosen in (plan.table["candidate_id"], today.table["candidate_id"]):
        spots = np.array([project(*from_gcj(float(houses[i][3]), float(houses[i][4]))) for i in chosen])
        seconds, people, xy = seconds_to_care(4.8, 4.8, False, more=spots)
        here = [shapely.contains_xy(g, *xy.T) for g in towns.geometry]
        short.append(sum(max(0.6 * people[h].sum() - people[h & (seconds <= 900)].sum(), 0) for h in here))
    assert plan.objective == pytest.approx(short[0], abs=0.01)
    assert short[0] < short[1]
    assert plan.status == "optimal"
    assert any("of 8 areas reach 0.6 with the plan" in note for note in plan.notes)


def test_tiers_and_services_have_cut_offs_of_their_own(result):
    clinics = pd.DataFrame(clinic_rows())
    base = clinics["机构类型"].isin(["村卫生室", "中心村卫生室", "社区卫生服务站"]).to_numpy()
    seconds, people, xy = seconds_to_care(4.8, 4.8, False, only=base)
    covered = people[seconds <= 900].sum()
    towns = pyogrio.read_dataframe(SAMPLE / "county.gpkg", layer="townships")
    inside = {n: shapely.contains_xy(g, *xy.T) for n, g in zip(towns["名称"], towns.geometry, strict=True)}
    lowest = min(inside, key=lambda n: people[inside[n] & (seconds <= 900)].sum() / people[inside[n]].sum())
    for lang, case in (("en", "walk, adult, 15 min"), ("zh", "步行（成人）15分钟")):
        frame = report_tables(result.findings(), lang)["T1a"].frame
        assert frame.iloc[:, 1].tolist() == [2, 8, base.sum(), clinics["服务项目"].str.contains("中医").sum()]
        row = frame.iloc[2].tolist()
        assert row[2] == case
        assert row[3] == covered
        assert row[4] == pytest.approx(covered / people.sum())
        assert row[5].startswith(lowest)


def test_one_way_streets_do_not_bind_people_on_foot(result):
    from access15.model import Access

    both = result.inputs.network
    car = (both.access_forward & Access.MOTORCAR > 0) != (both.access_backward & Access.MOTORCAR > 0)
    foot = (both.access_forward & Access.FOOT > 0) & (both.access_backward & Access.FOOT > 0)
    assert car.sum() > 20
    assert foot.all()


def test_the_plan_and_the_bridge_help(result):
    assert result.plan.status == "optimal"
    assert (result.plan.table["gain"] > 500).all()
    cells = result.scenarios["New bridge"].comparison.cells
    assert (cells["change"] == "gain").any()
    assert not (cells["change"] == "lose").any()


def test_the_report_is_in_chinese(result, tmp_path):
    page = result.report(tmp_path / "report.html", lang="zh").read_text("utf-8")
    for words in ("示例县", "石峪乡", "覆盖率", "村集体房"):
        assert words in page


def test_the_reviewed_baseline_holds(baseline):
    report = check(sample("county"))
    assert report.ok, report.text()
    assert report.n_figures == len(baseline)


def test_a_closed_health_centre_fails_the_check_in_every_format(tmp_path, monkeypatch):
    for file in SAMPLE.iterdir():
        if file.is_file():
            (tmp_path / file.name).write_bytes(file.read_bytes())
    clinics = tmp_path / "facilities.csv"
    lines = clinics.read_bytes().decode("gb18030").splitlines(keepends=True)
    kept = [line for line in lines if "永坪乡中心卫生院" not in line]
    assert len(kept) == len(lines) - 1
    clinics.write_bytes("".join(kept).encode("gb18030"))
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    report = check(Study.from_toml(tmp_path / "study.toml"))
    assert not report.ok
    text = report.text()
    assert "MOVED   n_facilities in total: 66 is now 65" in text
    assert "MOVED   covered_walk_15 of area 990015006: " in text
    assert "of area 990015008" not in text
    assert "changed inputs: facilities (facilities.csv)" in text
    annotations = github_text(report).splitlines()
    assert any(
        line.startswith("::error file=baseline.json,line=")
        and "title=covered_walk_15 @ 990015006 moved::" in line
        for line in annotations
    )
    root = ElementTree.parse(write_junit(report, tmp_path / "check.xml"))
    failed = {f"{c.get('classname')}:{c.get('name')}" for c in root.iter("testcase") if len(c)}
    assert f"{report.study}.area 990015006:covered_walk_15" in failed
    assert len(failed) == sum(bool(f.says) for f in report.figures)
