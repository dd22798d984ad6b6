"""The report is one file that asks for nothing, runs nothing that came with the data, and says what is there."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import re
from importlib import resources

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from outputs_town import UTM, linked
from report_town import Page, drawn_lines, findings_of, renamed, unpack

from access15.errors import InputError
from access15.model import Areas, Facilities, Gaps, Origin, Status
from access15.outputs.report import write_report
from access15.outputs.report.map_cells import median_cells, spots_of, time_codes, whole_cuts
from access15.outputs.report.pack import pack_lines

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\u2028'\""


def page_of(findings, tmp_path, lang="en", **more) -> Page:
    return Page(write_report(tmp_path / "r.html", findings, lang, **more).read_text("utf-8"))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_nothing_is_loaded(town, tmp_path, lang):
    page = page_of(findings_of(town), tmp_path, lang)
    for tag, attributes in page.elements:
        assert "src" not in attributes, tag
        assert attributes.get("href", "#").startswith("#") or attributes["href"] == "data:,"
        assert not any(name.startswith("on") for name in attributes)
    style = re.search(r"<style>(.*?)</style>", page.text, re.S)
    assert style is not None
    assert "url(" not in style[1]
    assert "sourceMappingURL" not in page.text
    assert "@import" not in page.text
    assert ("html", {"lang": "zh-CN" if lang == "zh" else "en"}) in page.elements


def test_only_our_two_scripts_may_run(town, tmp_path):
    page = page_of(findings_of(town), tmp_path)
    policy = next(a["content"] for t, a in page.elements if t == "meta" and "http-equiv" in a)
    assert policy.startswith("default-src 'none'; script-src ")
    data, *scripts = page.scripts
    assert data.startswith("{")
    assert len(scripts) == 2
    for script in scripts:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert "Redistribution and use in source and binary forms" in page.text


def test_the_library_is_the_one_that_is_named():
    folder = resources.files("access15.outputs.report").joinpath("assets", "leaflet")
    listed = dict(
        re.findall(r"\| `([\w.]+)` \|.*`([0-9a-f]{64})`", folder.joinpath("README.md").read_text("utf-8"))
    )
    assert set(listed) == {"leaflet.js", "leaflet.css", "LICENSE"}
    for name, digest in listed.items():
        assert hashlib.sha256(folder.joinpath(name).read_bytes()).hexdigest() == digest, name


def test_names_with_markup_stay_text(town, tmp_path):
    town = dataclasses.replace(town, facilities=renamed(town.facilities, [EVIL, EVIL + "2"]))
    areas = dataclasses.replace(town.areas, name=[EVIL, "b", "c"])
    findings = findings_of(town, name=EVIL, areas=areas, provenance={"parameters": {EVIL: EVIL}})
    page = page_of(findings, tmp_path)
    assert len(page.scripts) == 3
    assert not any(tag == "img" for tag, _ in page.elements)
    assert page.data["facilities"][0][2] == EVIL
    assert page.data["areas"][0] == EVIL
    assert "<script>alert" not in page.text


def test_the_map_holds_every_cell_with_its_time_and_nearest(town, tmp_path):
    findings = findings_of(town)
    data = page_of(findings, tmp_path).data
    cells, times = data["cells"], findings.times["walk"]
    assert cells["n"] == len(town.population) == len(unpack(cells["people"]))
    seconds, nearest = (unpack(cells["modes"][0][name]) for name in "sf")
    reached = times.status == Status.REACHED
    assert (seconds[reached] == np.ceil(times.seconds[reached])).all()
    assert (seconds[:3] == 65_534).all()
    assert seconds[3] == 65_535
    assert cells["cuts"] == [300, 600, 900, 1800]
    assert ((seconds <= cells["cuts"][2]) == times.within(15)).all()
    assert (nearest[reached] == times.facility[reached]).all()
    assert nearest[3] == 255
    assert data["modes"] == ["walk, adult", "walk, older person"]
    # 100 m squares, in degrees at 43.7° N.
    assert cells["width"] * 111_320 * np.cos(np.radians(43.7)) == pytest.approx(100, rel=0.01)
    assert cells["height"] * 111_132 == pytest.approx(100, rel=0.01)


def test_streets_on_the_map_are_our_own(town, tmp_path):
    data = page_of(findings_of(town), tmp_path).data
    main, other = drawn_lines(data["main"]), drawn_lines(data["streets"])
    assert len(main) + len(other) == town.network.n_edges
    assert len(main) == (town.network.highway == 1).sum()
    lengths = [np.hypot(*((line[-1] - line[0]) * [80_500, 111_100])) for line in main]
    assert lengths == pytest.approx([100] * len(main), rel=0.03)


def test_lines_survive_packing():
    rng = np.random.default_rng(3)
    lines = np.array(
        [shapely.LineString(np.cumsum(rng.normal(0, 0.05, (n, 2)), 0)) for n in (2, 5, 40)], object
    )
    drawn = drawn_lines(pack_lines(lines, 1000))
    for line, found in zip(lines, drawn, strict=True):
        assert shapely.hausdorff_distance(line, shapely.LineString(found)) < 2e-5
    far = np.array([shapely.LineString([(-20, 0), (20, 10)])], object)
    assert drawn_lines(pack_lines(far, 10))[0][-1] == pytest.approx([20, 10])
    loop = np.array(
        [shapely.Point(0, 0).buffer(1e-7).exterior, shapely.LineString([(0, 0), (1e-9, 0)])], object
    )
    assert len(drawn_lines(pack_lines(loop, 4, 2e-5))) == 2
    assert drawn_lines(pack_lines(np.empty(0, object), 10)) == []
    many = np.array([shapely.Point(0, 0).buffer(0.5, 400).exterior], object)
    assert len(drawn_lines(pack_lines(many, 100))[0]) <= 100


def test_too_many_cells_are_merged_and_nobody_is_lost(town):
    findings = findings_of(town)
    spots = spots_of(findings, 50)
    assert spots.merged
    assert len(spots.x) <= 50
    assert spots.people.sum() == pytest.approx(town.population.total)
    times, people = findings.times["walk"], town.population.people
    chosen = median_cells(spots, times, people)
    for k, cell in enumerate(chosen):
        members = np.flatnonzero(spots.bin == k)
        assert cell in members
        rank = np.where(times.status == Status.REACHED, times.seconds, np.inf)[members]
        sooner = people[members][rank < np.where(times.status[cell] == 0, times.seconds[cell], np.inf)].sum()
        assert sooner <= people[members].sum() / 2 + 1e-9
    side = round(spots.size[0] / 100)
    assert len(spots.x) == (-(-17 // side)) ** 2
    centre = np.abs(spots.x[spots.bin] - town.population.x).max()
    assert centre <= spots.size[0] / 2 + 1e-6


def test_the_noise_of_centres_does_not_move_the_borders_of_squares(town):
    step = 1 / 1200
    column, row = np.divmod(np.arange(289), 17)
    noise = np.random.default_rng(5).normal(0, 1e-12, (2, 289))
    moved = dataclasses.replace(
        town.population, x=7.4 + column * step + noise[0], y=43.7 - row * step + noise[1], crs="EPSG:4326",
        cell_size=(step, -step),
    )  # fmt: skip
    bare = findings_of(town)
    object.__setattr__(bare, "population", moved)
    spots = spots_of(bare, 100)
    assert len(spots.x) == 81
    assert spots.size == pytest.approx((2 * step, 2 * step))


def test_merged_points_keep_their_people(town):
    bare = dataclasses.replace(town, population=dataclasses.replace(town.population, cell_size=None))
    spots = spots_of(findings_of(bare, gaps=None, plan=None, candidates=None), 30)
    assert 1 < len(spots.x) <= 30
    assert spots.people.sum() == pytest.approx(town.population.total)


def test_a_time_on_the_cut_off_is_within(town):
    times = town.times()
    seconds = times.seconds.copy()
    seconds[10:14] = [899.9996, 900.0, 900.0004, 901.0]
    shown = time_codes(dataclasses.replace(times, seconds=seconds), np.array([5.0, 10, 15, 30]))
    assert shown[10:14].tolist() == [900, 900, 901, 901]
    # 7.51 minutes are 450.6 seconds: whole seconds stay on their side.
    seconds[10:14] = [450.2, 450.6, 450.601, 451.3]
    classes = np.array([7.51, 30])
    shown = time_codes(dataclasses.replace(times, seconds=seconds), classes)
    assert whole_cuts(classes).tolist() == [450, 1800]
    assert shown[10:14].tolist() == [450, 450, 451, 452]


def test_isochrones_of_the_headline_mode_are_on_the_map(town, tmp_path):
    spots = shapely.points(town.facilities.x, town.facilities.y)
    rings = [shapely.union_all(shapely.buffer(spots, cut * 40)) for cut in (5, 10, 15)]
    table = gpd.GeoDataFrame(
        {"facility_id": None, "mode": ["walk"] * 3 + ["drive"], "minutes": [5.0, 10, 15, 15]},
        geometry=[*rings, rings[2].buffer(500)], crs=UTM,
    )  # fmt: skip
    data = page_of(findings_of(town, isochrones=table), tmp_path).data
    bands = data["isochrones"]
    assert [band["minutes"] for band in bands] == [15, 10, 5]
    assert [band["color"] for band in bands] == [data["classes"][i]["color"] for i in (2, 1, 0)]
    for band, ring in zip(bands, reversed(rings), strict=True):
        found = sum(shapely.Polygon(line).area for line in drawn_lines(band["rings"]))
        assert found == pytest.approx(gpd.GeoSeries([ring], crs=UTM).to_crs("EPSG:4326")[0].area, rel=0.01)
    assert "isochrones" not in page_of(findings_of(town), tmp_path).data


def test_zero_gaps_are_told(town, tmp_path):
    gaps = town.gaps(town.times())
    none = Gaps(gaps.table.iloc[:0], np.full(len(town.population), -1, np.int32), 15.0, gaps.origin)
    page = page_of(findings_of(town, gaps=none), tmp_path)
    assert "There is no gap: everybody is covered." in page.text
    assert "outlines" not in page.data


def test_cells_with_outlines_are_drawn_as_polygons(town, tmp_path):
    p = town.population
    hexagons = shapely.buffer(shapely.points(p.x, p.y), 50, quad_segs=2)
    shaped = dataclasses.replace(town, population=dataclasses.replace(p, outlines=hexagons, cell_size=None))
    cells = page_of(findings_of(shaped), tmp_path).data["cells"]
    assert cells["shape"] == "polygon"
    assert unpack(cells["owner"]).tolist() == list(range(len(p)))
    assert len(drawn_lines(cells["rings"])) == len(p)


def test_ten_thousand_areas_are_cut_on_the_page_with_a_count(town, tmp_path):
    n = 10_000
    shapes = shapely.box(np.arange(n) + 9e5, 0, np.arange(n) + 9e5 + 1, 1)
    areas = Areas(
        np.array([f"{i:05d}" for i in range(n)], object),
        np.array(["שלום עולם " * 8 if i % 2 else "很长的名称" * 40 for i in range(n)], object),
        shapes, town.areas.crs,
    )  # fmt: skip
    coverage = town.coverage(town.times(), areas=False)
    rows = pd.DataFrame({"area_id": areas.id, "people": 0.0, "mean_s": np.nan, "p90_s": np.nan})
    wide = dataclasses.replace(coverage, summary=pd.concat([rows, coverage.summary], ignore_index=True))
    times = {"walk": town.times()}
    findings = findings_of(
        town, areas=areas, times=times, coverages={"walk": wide}, gaps=None, plan=None, candidates=None
    )
    page = page_of(findings, tmp_path)
    assert page.rows["table-T1"] == 1 + 500 + 1
    assert "The first 500 of 10,000 rows; all of them are in tables.xlsx." in page.text
    assert len(page.text) < 10_000_000
    assert "<bdi>שלום עולם" in page.text


def test_the_headline_names_its_mode_and_its_people(town, tmp_path):
    findings = findings_of(town)
    rate = findings.coverage.rate(15)
    page = page_of(findings, tmp_path, date="2030-01-02")
    assert f"{rate:.1%} of {town.population.total:,.0f} residents" in page.text
    assert "2030-01-02" in page.text
    assert page.rows["matrix"] == 1 + 2 * 3
    assert "ab" * 32 in page.text
    chinese = page_of(findings, tmp_path, "zh")
    assert "Town\uff1a基层医疗15分钟可达性评估与布点建议报告" in chinese.text


def test_refusals(town, tmp_path):
    with pytest.raises(InputError, match=r"does not end in \.html"):
        write_report(tmp_path / "r.pdf", findings_of(town))
    with pytest.raises(InputError, match="'fr' is not known"):
        write_report(tmp_path / "r.html", findings_of(town), "fr")
    assert not list(tmp_path.iterdir())


def test_a_study_without_service_points(town, tmp_path):
    none = Facilities.of([], [], town.facilities.crs, ids=[])
    walk, n = town.times(), len(town.population)
    times = dataclasses.replace(
        walk, seconds=np.full(n, np.inf), facility=np.full(n, -1), status=np.full(n, Status.UNREACHABLE),
        sites=linked(0), origin=Origin.of(town.network, none, town.population, walk.profile, "to"),
    )  # fmt: skip
    findings = findings_of(
        town,
        facilities=none,
        times={"walk": times},
        coverages={"walk": town.coverage(times)},
        gaps=None,
        plan=None,
        candidates=None,
    )
    page = page_of(findings, tmp_path)
    assert page.data["facilities"] == []
    assert f"0.0% of {town.population.total:,.0f} residents" in page.text
