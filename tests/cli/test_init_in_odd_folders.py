"""`access15 init` on folders as they are: other languages, other CRS, odd names, rasters of other things, several of a kind."""

from __future__ import annotations

import itertools
import os
import shutil
import tomllib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely

from access15.crs import WGS84, to_crs
from access15.sources import text_tables
from access15.study import Study
from access15.study.settings import read_settings
from town_files import write_town

SAMPLES = Path(__file__).parents[2] / "data" / "sample" / "monaco"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The files of the town without its study."""
    town = tmp_path / "town files"
    town.mkdir()
    write_town(town).unlink()
    return town


def figures(study: Path) -> pd.DataFrame:
    found = Study.from_toml(study).run(parts=()).coverages
    return pd.concat([coverage.table for coverage in found.values()], ignore_index=True)


def grid(path: Path, name: str, values: np.ndarray, **more) -> Path:
    with rasterio.open(
        path / name, "w", driver="GTiff", crs="EPSG:4326", transform=rasterio.Affine(0.001, 0, 7.4, 0, -0.001, 43.71),
        dtype="float32", height=values.shape[0], width=values.shape[1], count=1,
    ) as file:  # fmt: skip
        file.write(values.astype("float32"), 1)
        if more:
            file.update_tags(**more)
    return path / name


OTHERS = [
    "elevation.tif", "dem_30m.tif", "SRTM_90.tif", "slope.tif", "Slope_deg.tif", "坡度.tif", "高程.tif", "landcover_Tree.tif",
    "landcover_BuiltUp.tif", "ESA_WorldCover_10m.tif", "lulc2020.tif", "土地利用.tif", "ndvi.tif", "friction_surface.tif",
    "water_gsw.tif", "population_density.tif", "pop_density_2020.tif", "GHS_BUILT_S.tif", "viirs_2020.tif", "grid.tif",
    "export (1).tif", "aspect.tif", "Hangneigung.tif", "pente.tif", "com_pd_2020_1km.tif", "ghs_smod.tif",
]  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
def test_a_raster_of_something_else_is_never_taken_for_people(run, refused, folder, name):
    grid(folder, name, np.arange(400).reshape(20, 20))
    out = folder / "study.toml"
    result = run("init", folder, "--out", out)
    assert result.exit_code == 0, result.stderr
    assert read_settings(out).population.path.name == "people.csv"
    (folder / "people.csv").unlink()
    assert "there are no people among" in refused("init", folder, "--out", out, "--force")


@pytest.mark.parametrize(
    "name",
    [
        "com_ppp_2020_UNadj.tif",
        "Population.tif",
        "pop.tif",
        "人口2020.tif",
        "GHS_POP_E2020.tif",
        "urban_population.tif",
        "hrsl_tza.tif",
        "bevoelkerung.tif",
        "landscan.tif",
    ],
)
def test_a_raster_of_people_is_known_by_its_name(run, folder, name):
    grid(folder, name, np.ones((20, 20)))
    (folder / "people.csv").unlink()
    out = folder / "study.toml"
    assert run("init", folder, "--out", out).exit_code == 0
    assert read_settings(out).population.path.name == name


def test_a_raster_is_known_by_what_it_says_of_itself_or_by_the_user(run, refused, folder):
    (folder / "people.csv").unlink()
    out = folder / "study.toml"
    file = grid(folder, "a.tif", np.ones((20, 20)))
    said = refused("init", folder, "--out", out)
    assert "a.tif may be one, but neither names nor descriptions say so: if it is, say --people a.tif" in said
    assert run("init", folder, "--people", file, "--out", out).exit_code == 0
    assert read_settings(out).population.path.name == "a.tif"
    grid(folder, "a.tif", np.ones((20, 20)), TIFFTAG_IMAGEDESCRIPTION="Residents per cell")
    assert run("init", folder, "--out", out, "--force").exit_code == 0


LANGUAGES = {
    "fr": ("centres de santé.csv", "nom", "longitude", "latitude", "habitants.csv", "habitants"),
    "es": ("centros de salud.csv", "nombre", "longitud", "latitud", "población.csv", "población"),
    "pt": ("unidades.csv", "nome", "longitude", "latitude", "moradores.csv", "população"),
    "de": ("Praxen.csv", "Bezeichnung", "Länge", "Breite", "Einwohner.csv", "Einwohner"),
    "id": ("puskesmas.csv", "nama", "bujur", "lintang", "penduduk.csv", "jumlah penduduk".replace(" ", "_")),
    "ru": ("больницы.csv", "Название", "Долгота", "Широта", "население.csv", "Население"),
    "zh": ("卫生机构.csv", "机构名称", "经度", "纬度", "常住人口.csv", "常住人口"),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_tables_in_other_languages_give_the_same_figures(run, folder, language):
    out = folder / "study.toml"
    assert run("init", folder, "--out", out).exit_code == 0
    wanted = figures(out)
    clinics, name, lon, lat, people, number = LANGUAGES[language]
    for old, new, columns in (
        ("clinics.csv", clinics, {"name": name, "lon": lon, "lat": lat}),
        ("people.csv", people, {"lon": lon, "lat": lat, "population": number}),
    ):
        pd.read_csv(folder / old).rename(columns=columns).to_csv(folder / new, index=False)
        (folder / old).unlink()
    result = run("init", folder, "--out", out, "--force")
    assert result.exit_code == 0, result.stderr
    assert "missing" not in result.stdout
    given = read_settings(out)
    assert (given.facilities.path.name, given.population.path.name) == (clinics, people)
    pd.testing.assert_frame_equal(figures(out), wanted)


def test_files_in_other_crs_give_the_same_people(run, folder):
    out = folder / "study.toml"
    assert run("init", folder, "--out", out).exit_code == 0
    wanted = figures(out)
    for name, crs in (("people", "EPSG:32632"), ("clinics", "EPSG:3857")):
        table = pd.read_csv(folder / f"{name}.csv")
        points = gpd.points_from_xy(table["lon"], table["lat"], crs="EPSG:4326")
        gpd.GeoDataFrame(table.drop(columns=["lon", "lat"]), geometry=points).to_crs(crs).to_file(
            folder / f"{name}.gpkg"
        )
        (folder / f"{name}.csv").unlink()
    assert run("init", folder, "--out", out, "--force").exit_code == 0
    found = figures(out)
    number = wanted.select_dtypes("number").columns
    np.testing.assert_allclose(found[number], wanted[number], rtol=1e-6)


def test_what_a_file_lacks_is_said_and_the_study_is_written(run, refused, folder):
    table = pd.read_csv(folder / "people.csv")
    table["lon"], table["lat"] = to_crs(table["lon"].to_numpy(), table["lat"].to_numpy(), WGS84, "EPSG:32632")
    table.rename(columns={"lon": "x", "lat": "y"}).to_csv(folder / "people.csv", index=False)
    out = folder / "study.toml"
    result = run("init", folder, "--out", out)
    assert result.exit_code == 0, result.stderr
    told = [line for line in result.stdout.splitlines() if line.startswith("in doubt: missing: ")]
    assert len(told) == 1
    assert "people.csv" in told[0]
    assert "crs" in told[0]
    assert "# missing: " in out.read_text("utf-8")
    assert "crs" in refused("run", out)
    text = out.read_text("utf-8").replace("[population]\n", '[population]\ncrs = "EPSG:32632"\n')
    out.write_text(text, "utf-8")
    assert Study.from_toml(out).run(parts=()).inputs.population.total == table["population"].sum()


NAMES = [
    "with spaces and (brackets)",
    "数据 2024年",
    'quo"te',
    "hash # and = sign",
    "tab\there",
    "line\nbreak",
    "back\\slash",
    "é ü ß 😀",
    "bell\x07 and del\x7f",
    "'single'",
]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_odd_names_are_written_so_that_toml_reads_them(run, folder, name):
    odd = folder.parent / name
    odd.mkdir()
    for file in folder.iterdir():
        shutil.copy(file, odd / f"{name} {file.name}")
    out = odd / "study.toml"
    result = run("init", odd, "--out", out)
    assert result.exit_code == 0, result.stderr
    assert len(result.stdout.splitlines()) < 15
    given = read_settings(out)
    assert given.population.path.read_bytes() == (folder / "people.csv").read_bytes()
    assert tomllib.loads(out.read_text("utf-8"))["network"]["path"] == f"{name} streets.osm"
    away = folder.parent / "away.toml"
    assert run("init", odd, "--out", away).exit_code == 0
    assert read_settings(away).facilities.path.exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_a_name_that_is_no_text_is_refused(run, folder):
    file = os.fsencode(folder) + b"/clin\xffics.csv"
    (folder / "clinics.csv").rename(os.fsdecode(file))
    result = run("init", folder, "--out", folder / "study.toml")
    assert result.exit_code == 2
    assert "not UTF-8: rename the file" in result.stderr
    assert not (folder / "study.toml").exists()


def test_a_folder_with_all_sorts_of_files(run, folder):
    (folder / "letter.docx").write_bytes(b"PK")
    (folder / "~$people.xlsx").write_bytes(b"lock")
    (folder / ".hidden.csv").write_text("a,b\n1,2\n")
    (folder / "settings.json").write_text('{"a": 1}')
    (folder / "notes.md").write_text("no data")
    (folder / "prices.csv").write_text("item,price\nbread,2\n")
    (folder / "broken.gpkg").write_bytes(b"SQLite format 3\0" + b"x" * 100)
    (folder / "empty.csv").write_text("")
    (folder / "results").mkdir()
    line = [shapely.LineString([(7.4, 43.7), (7.41, 43.7)])]
    for name, columns in (("rivers", {"name": ["Lahn"]}), ("railway", {"a": [1]}), ("ferry", {"route": ["ferry"]})):  # fmt: skip
        gpd.GeoDataFrame(columns, geometry=line, crs="EPSG:4326").to_file(folder / f"{name}.gpkg")
    grid(folder, "slope.tif", np.ones((5, 5)))
    out = folder / "study.toml"
    result = run("init", folder, "--out", out)
    assert result.exit_code == 0, result.stderr
    doubts = [line for line in result.stdout.splitlines() if line.startswith("in doubt: ")]
    for name in ("letter.docx", "prices.csv", "broken.gpkg", "empty.csv", "railway.gpkg", "ferry.gpkg", "slope.tif"):  # fmt: skip
        assert sum(f"{name}: left out" in line for line in doubts) == 1, name
    assert any("folders in it are not looked into (results)" in line for line in doubts)
    for name in ("hidden", "~$", "settings.json", "notes.md"):
        assert name not in result.stdout
    assert all(str(folder) not in line for line in doubts)
    given = read_settings(out)
    assert given.analysis.water == folder / "rivers.gpkg"
    assert run("run", out, "--out", folder / "results").exit_code in (0, 1)


def test_of_two_files_the_better_one_or_the_one_named(run, refused, folder):
    out = folder / "study.toml"
    shutil.copy(folder / "clinics.csv", folder / "more clinics.csv")
    said = refused("init", folder, "--out", out)
    assert "clinics.csv and more clinics.csv could both be the clinics" in said
    assert "say which with --clinics FILE" in said
    result = run("init", folder, "--clinics", folder / "more clinics.csv", "--out", out)
    assert result.exit_code == 0, result.stderr
    assert read_settings(out).facilities.path.name == "more clinics.csv"
    assert "clinics.csv: left out, more clinics.csv is taken for the clinics" in result.stdout
    assert '# or: path = "clinics.csv"' in out.read_text("utf-8")
    (folder / "more clinics.csv").unlink()
    roads = gpd.GeoDataFrame({"name": ["x"]}, geometry=[shapely.LineString([(7.4, 43.7), (7.41, 43.7)])], crs="EPSG:4326")  # fmt: skip
    roads.to_file(folder / "lines.gpkg")
    result = run("init", folder, "--out", out, "--force")
    assert "lines.gpkg: left out, streets.osm is taken for the streets" in result.stdout
    assert read_settings(out).network.path.name == "streets.osm"


def test_an_osm_file_without_streets_is_one_of_clinics(run, folder):
    shutil.copy(folder / "clinics.csv", folder.parent / "clinics.csv")
    (folder / "clinics.csv").unlink()
    place = pd.read_csv(folder.parent / "clinics.csv").iloc[0]
    (folder / "health.osm").write_text(
        f'<osm version="0.6"><node id="1" version="1" lat="{place.lat}" lon="{place.lon}"><tag k="amenity" v="clinic"/></node></osm>'
    )
    out = folder / "study.toml"
    result = run("init", folder, "--out", out)
    assert result.exit_code == 0, result.stderr
    given = read_settings(out).facilities
    assert (given.osm, given.path.name) == (True, "health.osm")
    assert len(Study.from_toml(out).run(parts=()).inputs.facilities) == 1


def test_only_an_osm_file_or_streets_without_clinics_are_refused_in_one_sentence(refused, folder):
    out = folder / "study.toml"
    assert "there are no people among" in refused("init", SAMPLES / "monaco.osm.pbf", "--out", out)
    (folder / "clinics.csv").unlink()
    said = refused("init", folder, "--out", out)
    assert "there are no clinics: " in said
    assert "streets.osm is read for them" in said


def test_a_file_named_twice_counts_once(run, folder):
    out = folder / "study.toml"
    assert run("init", folder, folder / "people.csv", folder, "--out", out).exit_code == 0


AREAS = [
    ({"GID_1": ["A.1", "A.2"], "NAME_1": ["N", "S"], "GID_0": ["A", "A"], "NAME_0": ["X", "X"]}, ("GID_1", "NAME_1")),
    ({"ADM2_PCODE": ["1", "2"], "ADM2_FR": ["N", "S"], "ADM1_PCODE": ["0", "0"]}, ("ADM2_PCODE", "ADM2_FR")),
    ({"shapeName": ["N", "S"], "shapeID": ["a", "b"], "shapeType": ["ADM1"] * 2}, ("shapeID", "shapeName")),
    ({"AGS": ["01", "02"], "GEN": ["N", "S"], "BEZ": ["Stadt"] * 2}, ("AGS", "GEN")),
    ({"CD_MUN": [1, 2], "NM_MUN": ["N", "S"]}, ("CD_MUN", "NM_MUN")),
    ({"PAC": [1, 2], "NAME": ["N", "S"]}, ("PAC", "NAME")),
    ({"nom": ["N", "S"]}, ("nom", "nom")),
    ({"code": ["1", "1"], "name": ["N", "S"]}, ("name", "name")),
]  # fmt: skip


@pytest.mark.parametrize(("columns", "wanted"), AREAS)
def test_outlines_of_data_portals_are_areas(run, folder, columns, wanted):
    for file in folder.glob("wards*"):
        file.unlink()
    halves = [shapely.box(7.3, 43.5, 7.41, 44), shapely.box(7.41, 43.5, 7.5, 44)]
    gpd.GeoDataFrame(columns, geometry=halves, crs="EPSG:4326").to_file(folder / "outlines.geojson")
    out = folder / "study.toml"
    result = run("init", folder, "--out", out)
    assert result.exit_code == 0, result.stderr
    given = read_settings(out).areas
    assert (given.id, given.name) == wanted
    assert list(Study.from_toml(out).run(parts=()).inputs.areas.name) == list(columns[wanted[1]])


def test_of_two_layers_of_areas_the_finer_one(run, folder):
    for file in folder.glob("wards*"):
        file.unlink()
    for name, ends in (("counties", (7.41,)), ("townships", (7.405, 7.41, 7.42))):
        edges = [7.3, *ends, 7.5]
        shapes = [shapely.box(low, 43.5, high, 44) for low, high in itertools.pairwise(edges)]
        gpd.GeoDataFrame(
            {"code": [f"{k}" for k in range(len(shapes))]}, geometry=shapes, crs="EPSG:4326"
        ).to_file(folder / f"{name}.gpkg")
    out = folder / "study.toml"
    result = run("init", folder, "--out", out)
    assert result.exit_code == 0, result.stderr
    assert read_settings(out).areas.path.name == "townships.gpkg"
    assert "counties.gpkg: left out, townships.gpkg is taken for the areas" in result.stdout
    assert run("init", folder, "--areas", folder / "counties.gpkg", "--out", out, "--force").exit_code == 0
    assert read_settings(out).areas.path.name == "counties.gpkg"


def test_people_of_the_newest_year_are_named_in_the_study(run, folder):
    table = pd.read_csv(folder / "people.csv")
    table["POP2010"], table["POP2020"] = table["population"] * 2, table["population"]
    table.drop(columns="population").to_csv(folder / "people.csv", index=False)
    out = folder / "study.toml"
    assert run("init", folder, "--out", out).exit_code == 0
    assert read_settings(out).population.columns == {"population": "POP2020"}
    assert Study.from_toml(out).run(parts=()).inputs.population.total == table["POP2020"].sum()


def test_each_table_is_opened_once(run, folder, monkeypatch):
    opened = []
    before = text_tables.Path.open

    def counting(self, *given, **named):
        if self.suffix == ".csv":
            opened.append(self.name)
        return before(self, *given, **named)

    monkeypatch.setattr(text_tables.Path, "open", counting)
    assert run("init", folder, "--out", folder / "study.toml").exit_code == 0
    assert sorted(opened) == ["clinics.csv", "people.csv"]
    opened.clear()
    assert run("inspect", folder / "clinics.csv").exit_code == 0
    assert opened == ["clinics.csv"]


def test_nothing_was_named(refused):
    assert "name the files to begin with" in refused("init")
