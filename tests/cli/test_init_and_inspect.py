"""A first study from files in any order, and what one file is."""

from __future__ import annotations

import dataclasses
import shutil
import tomllib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely

from access15.crs import wgs84_to_bd09, wgs84_to_gcj02
from access15.sources import look_at, read_facilities
from access15.study import Study, first_study, sample
from access15.study.settings import read_settings

SAMPLES = Path(__file__).parents[2] / "data" / "sample"
MONACO = [
    SAMPLES / "monaco" / name for name in ("population.csv", "wards.gpkg", "facilities.csv", "monaco.osm.pbf")
]
COUNTY = [
    SAMPLES / "county" / name
    for name in ("candidates.csv", "county.gpkg", "population.xlsx", "facilities.csv")
]


def figures(study: Study) -> pd.DataFrame:
    coverages = study.run(parts=()).coverages
    return pd.concat([found.table for found in coverages.values()], ignore_index=True)


def same_settings(first: Study, bundled: Study) -> Study:
    """Return a first study with the analysis of the bundled one."""
    return dataclasses.replace(
        first,
        settings=dataclasses.replace(
            first.settings, analysis=bundled.settings.analysis, siting=None, targets={}
        ),
    )


@pytest.mark.parametrize(("name", "files"), [("monaco", MONACO), ("county", COUNTY)])
@pytest.mark.parametrize("turned", [False, True])
def test_the_first_study_gives_the_figures_of_the_bundled_one(run, tmp_path, name, files, turned):
    out = tmp_path / "deep" / "study.toml"
    out.parent.mkdir()
    result = run("init", *(files[::-1] if turned else files), "--out", out)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines()[-1] == f"next: access15 run {out}"
    for role in ("streets", "clinics", "people", "areas"):
        assert f"\n{role}: " in f"\n{result.stdout}"
    if not turned:
        bundled = sample(name)
        pd.testing.assert_frame_equal(figures(same_settings(Study.from_toml(out), bundled)), figures(bundled))


def test_the_study_of_the_county_knows_each_datum(run, tmp_path):
    out = tmp_path / "study.toml"
    result = run("init", *COUNTY, "--out", out)
    given = read_settings(out)
    assert given.facilities.datum == "bd09"
    assert given.siting.datum == "gcj02"
    assert (given.network.layer, given.areas.layer, given.areas.flags) == ("roads", "townships", "类别")
    assert "the positions are in bd09" in result.stdout


def test_the_study_runs_as_it_is_from_a_folder(run, tmp_path):
    folder = tmp_path / "Monaco data"
    folder.mkdir()
    for file in MONACO:
        shutil.copy(file, folder)
    (folder / "notes.md").write_text("no data")
    out = folder / "study.toml"
    assert run("init", folder, "--out", out).exit_code == 0
    assert read_settings(out).facilities.path == folder / "facilities.csv"
    assert 'path = "facilities.csv"' in out.read_text("utf-8")
    result = run("run", out, "--out", tmp_path / "results")
    assert result.exit_code == 0, result.stderr
    assert (tmp_path / "results" / "coverage.gpkg").exists()


def test_without_clinics_they_come_from_the_tags(run, tmp_path):
    out = tmp_path / "study.toml"
    result = run("init", MONACO[0], MONACO[3], "--out", out)
    assert "in doubt: no file of clinics" in result.stdout
    given = read_settings(out)
    assert (given.facilities.osm, given.areas) == (True, None)
    assert "no file of clinics" in out.read_text("utf-8")


def test_it_speaks_chinese(run, tmp_path):
    result = run("init", *MONACO, "--out", tmp_path / "s.toml", "--lang", "zh")
    assert "已写入" in result.stdout
    assert "人口: " in result.stdout
    assert "识别的列" in (tmp_path / "s.toml").read_text("utf-8")
    assert "识别为: " in run("inspect", MONACO[2], "--lang", "zh").stdout


BAD = [
    ("empty folder", lambda d: [d / "empty"], "holds no files of streets, clinics, people or areas"),
    ("two populations", lambda d: [*MONACO, d / "more_people.csv"], "population.csv and more_people.csv could both be the people"),
    ("an unknown file", lambda d: [*MONACO, d / "letter.docx"], "letter.docx is none of the kinds of files that are read"),
    ("no such file", lambda d: [*MONACO, d / "nowhere.csv"], "nowhere.csv does not exist: check the path"),
    ("no streets", lambda _: MONACO[:3], "there are no streets among"),
    ("no people", lambda _: MONACO[1:], "there are no people among"),
    ("a damaged file", lambda d: [*MONACO, d / "damaged.gpkg"], "damaged.gpkg"),
    ("a table of nothing known", lambda d: [*MONACO, d / "prices.csv"], "neither a column of people nor names or types of health care"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "message"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_bad_input_is_one_sentence_and_nothing_is_written(refused, tmp_path, files, message):
    (tmp_path / "empty").mkdir()
    shutil.copy(MONACO[0], tmp_path / "more_people.csv")
    (tmp_path / "letter.docx").write_bytes(b"PK")
    (tmp_path / "damaged.gpkg").write_bytes(b"SQLite format 3\0" + b"x" * 100)
    (tmp_path / "prices.csv").write_text("item,price\nbread,2\n")
    out = tmp_path / "study.toml"
    assert message in refused("init", *files(tmp_path), "--out", out)
    assert not out.exists()


def test_a_study_that_is_there_is_kept(refused, run, tmp_path):
    out = tmp_path / "study.toml"
    out.write_text("mine")
    assert "exists already: name another file with --out, or say --force" in refused(
        "init", *MONACO, "--out", out
    )
    assert out.read_text() == "mine"
    assert run("init", *MONACO, "--out", out, "--force").exit_code == 0
    assert "must end in .toml" in refused("init", *MONACO, "--out", tmp_path / "study.txt")


def test_paths_of_windows(monkeypatch):
    """Backslashes become slashes, another drive gives the whole path, and what TOML would read is escaped."""
    monkeypatch.setattr(first_study.os, "sep", "\\")
    monkeypatch.setattr(first_study.os.path, "relpath", lambda *_: "..\\new data\\clinics.csv")
    assert first_study.path_in_toml(Path("x"), Path("y")) == '"../new data/clinics.csv"'

    def other_drive(*_):
        raise ValueError("path is on mount 'D:', start on mount 'C:'")

    monkeypatch.setattr(first_study.os.path, "relpath", other_drive)
    monkeypatch.setattr(first_study.Path, "resolve", lambda _: "D:\\data\\clinics.csv")
    assert first_study.path_in_toml(Path("x"), Path("y")) == '"D:/data/clinics.csv"'
    for text in ('a "b" c', "tab\there", "new\ntext", "back\\slash", "中文"):
        assert tomllib.loads(f"x = {first_study.quoted(text)}")["x"] == text


def raster(path: Path, values: np.ndarray) -> Path:
    with rasterio.open(
        path, "w", driver="GTiff", crs="EPSG:4326", transform=rasterio.Affine(0.01, 0, 7, 0, -0.01, 44), dtype="float32",
        height=values.shape[0], width=values.shape[1], count=1,
    ) as file:  # fmt: skip
        file.write(values.astype("float32"), 1)
    return path


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("mco_ppp_2020.tif", "people"),
        ("people65plus.tif", "group"),
        ("pop_0_6.tif", "group"),
        ("pregnant.tif", "group"),
        ("dem_30m.tif", "heights"),
        ("srtm.tif", "heights"),
    ],
)
def test_rasters_by_their_names(tmp_path, name, kind):
    (look,) = look_at(raster(tmp_path / name, np.ones((4, 4))))
    assert look.kind == kind


def test_rasters_of_groups_join_the_people(run, tmp_path):
    files = [
        raster(tmp_path / name, np.full((4, 60), 9.0)) for name in ("population.tif", "p65.tif", "p0_6.tif")
    ]
    out = tmp_path / "study.toml"
    result = run("init", *files, MONACO[3], MONACO[2], "--out", out)
    assert result.exit_code == 0, result.stderr
    assert read_settings(out).population.groups == {"0-6": "p0_6.tif", "65+": "p65.tif"}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("id,lon,lat,population\n1,9,50,10\n2,9,51,20\n", "people"),
        ("编号,经度,纬度,常住人口(万人)\n1,112,30,1\n", "people"),
        ("code,name,lat,lon\n1,Health Centre A,50,9\n2,Clinic B,50,9.1\n", "clinics"),
        ("机构名称,经度,纬度\n甲村卫生室,112,30\n", "clinics"),
        ("name,lat,lon,status\nA,50,9,open\n", "clinics"),
        ("id,lon,lat,kind,cost\n1,9,50,house,3\n", "candidates"),
        ("item,price\nbread,2\n", "unknown"),
        ("lon,lat\n9,50\n", "unknown"),
    ],
)
def test_tables_by_their_columns(tmp_path, text, kind):
    file = tmp_path / "table.csv"
    file.write_text(text, "utf-8")
    assert look_at(file)[0].kind == kind


def test_polygons_with_people_are_areas_beside_a_finer_source(run, tmp_path):
    wards = gpd.read_file(MONACO[1]).assign(population=100)
    wards.to_file(tmp_path / "wards.gpkg")
    assert look_at(tmp_path / "wards.gpkg")[0].kind == "people"
    out = tmp_path / "study.toml"
    assert run("init", MONACO[0], MONACO[2], MONACO[3], tmp_path / "wards.gpkg", "--out", out).exit_code == 0
    given = read_settings(out)
    assert (given.population.path.name, given.areas.path.name) == ("population.csv", "wards.gpkg")
    assert (given.areas.id, given.areas.name) == ("code", "name")


@pytest.mark.parametrize(
    ("datum", "move"), [("gcj02", wgs84_to_gcj02), ("bd09", wgs84_to_bd09), ("wgs84", lambda x, y: (x, y))]
)
def test_inspect_tells_the_datum_by_the_streets(run, tmp_path, datum, move):
    x = np.linspace(112.0, 112.05, 40)
    roads = [shapely.LineString([(112.0, y), (112.05, y)]) for y in (30.0, 30.02, 30.04)]
    gpd.GeoDataFrame({"highway": ["residential"] * 3}, geometry=roads, crs="EPSG:4326").to_file(
        tmp_path / "roads.gpkg"
    )
    lon, lat = move(x, np.full(40, 30.02))
    pd.DataFrame({"name": [f"{i}村卫生室" for i in range(40)], "lon": lon, "lat": lat}).to_csv(
        tmp_path / "c.csv", index=False
    )
    result = run("inspect", tmp_path / "c.csv", "--network", tmp_path / "roads.gpkg")
    assert result.exit_code == 0, result.stderr
    assert f"datum by the streets: {datum} (median distance" in result.stdout
    assert f'datum = "{datum}"; columns' in result.stdout


def test_inspect_says_what_would_be_set_aside(run, tmp_path):
    file = tmp_path / "clinics.csv"
    file.write_text(
        "id,name,lon,lat,status,colour\n1,A Clinic,9,50,open,red\n2,B Clinic,9.1,50,closed,red\n3,C Dental Clinic,9.2,50,,\n"
    )
    said = run("inspect", file).stdout
    assert "taken for: clinics" in said
    assert "rows: 3" in said
    assert "columns as understood: id = id, name = name, lon = lon, lat = lat" in said
    assert "columns not read: colour" in said
    assert "service points: 1 count: clinic 1; 2 set aside: closed 1, a dentist 1" in said
    assert "set aside: 2: closed (column 'status' says 'closed')" in said
    assert 'study.toml: [facilities] path = "clinics.csv"' in said
    assert 'to change it: [facilities] keep = { "status" = ["open", "closed"] }  # counts 1 of closed' in said
    assert (
        'to change it: [facilities] keep = { "tier" = ["clinic", "a dentist"] }  # counts 1 of a dentist'
        in said
    )


def test_what_inspect_says_to_change_changes_it(run, tmp_path):
    file = tmp_path / "clinics.csv"
    file.write_text(
        "id,name,lon,lat,status\n1,A Clinic,9,50,open\n2,B Clinic,9.1,50,closed\n3,C Clinic,9.3,50,under construction\n"
        "4,D Dental Clinic,9.2,50,\n5,E Pharmacy,9.4,50,open\n6,F 公司医务室,9.5,50,open\n"
    )
    said = run("inspect", file).stdout.splitlines()
    lines = [
        line.split("keep = ")[1].split("  # counts ") for line in said if line.startswith("to change it")
    ]
    assert len(lines) == 5
    assert len(read_facilities(file)) == 1
    for line, counted in lines:
        keep = tomllib.loads(f"keep = {line}")["keep"]
        assert len(read_facilities(file, keep=keep)) == 1 + int(counted.split(" of ")[0])


def test_inspect_doubts_what_is_no_number_of_people(run, tmp_path):
    shares = np.linspace(0, 100, 400).reshape(20, 20)
    assert "as per cent would be" in run("inspect", raster(tmp_path / "pop_shares.tif", shares)).stdout
    land = run("inspect", raster(tmp_path / "builtup.tif", shares)).stdout
    assert "taken for: other (a raster of land cover, by its name)" in land
    assert "people" not in land
    assert (
        "have the same 7 people"
        in run("inspect", raster(tmp_path / "flat.tif", np.full((20, 20), 7.0))).stdout
    )
    people = run("inspect", MONACO[0]).stdout
    assert "38,367 people in 915 places" in people
    assert "in doubt" not in people


def test_inspect_of_streets_areas_and_heights(run, tmp_path):
    streets = run("inspect", MONACO[3]).stdout
    assert "streets: 140.9 km; open to walk" in streets
    assert "service points: 6 count" in streets
    assert "areas: 7: La Condamine" in run("inspect", MONACO[1]).stdout
    assert (
        '[network] elevation = ["dem.tif"]'
        in run("inspect", raster(tmp_path / "dem.tif", np.ones((3, 3)))).stdout
    )
    layers = run("inspect", COUNTY[1]).stdout
    assert layers.count("taken for: ") == 2
    assert run("inspect", COUNTY[1], "--layer", "roads").stdout.count("taken for: ") == 1


def test_inspect_of_an_osm_file_without_streets_shows_its_clinics(run, tmp_path):
    node = '<node id="1" version="1" lat="43.7" lon="7.4"><tag k="amenity" v="clinic"/></node>'
    (tmp_path / "health.osm").write_text(f'<osm version="0.6">{node}</osm>')
    said = run("inspect", tmp_path / "health.osm").stdout
    assert "service points: 1 count: clinic 1" in said


def test_inspect_of_bad_files_is_one_sentence(refused, tmp_path):
    (tmp_path / "letter.docx").write_bytes(b"PK")
    assert "none of the kinds of files" in refused("inspect", tmp_path / "letter.docx")
    assert "does not exist" in refused("inspect", tmp_path / "no.csv")
    assert "is a folder" in refused("inspect", tmp_path)
    assert "has no layer 'x'" in refused("inspect", COUNTY[1], "--layer", "x")


def test_people_without_positions_are_joined_to_the_areas_and_spread(run, refused, tmp_path):
    wards = gpd.read_file(MONACO[1])
    people = pd.DataFrame({"code": wards["code"], "population": 1000 + np.arange(len(wards))})
    people.to_csv(tmp_path / "people.csv", index=False)
    files = [tmp_path / "people.csv", MONACO[3], MONACO[2]]
    assert "has people but no positions" in refused("init", *files, "--out", tmp_path / "s.toml")
    out = tmp_path / "study.toml"
    result = run("init", *files, MONACO[1], "--out", out)
    assert result.exit_code == 0, result.stderr
    given = read_settings(out).population
    assert (given.join, given.spread) == ("code", "buildings")
    assert "in doubt: people.csv: its polygons are large" in result.stdout
    found = Study.from_toml(out).run(parts=()).inputs.population
    assert found.total == pytest.approx(people["population"].sum())
    assert len(found) > 500


@pytest.mark.parametrize("heading", ["year", "年份"])
@pytest.mark.parametrize("turned", [False, True])
def test_tables_of_years_are_joined_to_outlines_that_have_names_alone(run, tmp_path, heading, turned):
    wards = gpd.read_file(MONACO[1])
    names = [str(name) for name in wards["name"]]
    wards[["name", "geometry"]].rename(columns={"name": "NAME"}).to_file(tmp_path / "outlines.shp")
    rows = [
        (name, year, (k + 1) * (year - 2000)) for year in (2018, 2020, 2019) for k, name in enumerate(names)
    ]
    table = pd.DataFrame(rows, columns=["county", heading, "pop"])
    table.to_excel(tmp_path / "yearbook.xlsx", index=False)
    files = [MONACO[3], MONACO[2], tmp_path / "yearbook.xlsx", tmp_path / "outlines.shp"]
    out = tmp_path / "study.toml"
    result = run("init", *(files[::-1] if turned else files), "--out", out)
    assert result.exit_code == 0, result.stderr
    assert f"rows for several years in column {heading!r}, 2020 is kept" in result.stdout
    written = tomllib.loads(out.read_text("utf-8"))
    assert written["population"]["keep"] == {heading: "2020"}
    assert written["areas"]["id"] == "NAME"
    people = Study.from_toml(out).run(parts=()).inputs.population
    assert people.total == pytest.approx(20 * sum(range(1, len(names) + 1)))


def test_outlines_nobody_needs_are_left_out(run, tmp_path):
    outline = SAMPLES / "monaco" / "monaco_boundary.geojson"
    result = run("init", *MONACO, outline, "--out", tmp_path / "study.toml")
    assert "monaco_boundary.geojson: left out" in result.stdout
