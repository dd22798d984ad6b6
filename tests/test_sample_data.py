"""The Monaco sample is what its script makes, and holds what its README says."""

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from access15.sources.areas import read_areas
from access15.sources.facilities import read_facilities
from access15.sources.osm_points import facilities_from_osm
from access15.sources.population import read_population

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "data" / "sample" / "monaco"


def load_script():
    spec = importlib.util.spec_from_file_location(
        "make_monaco_sample", ROOT / "scripts" / "make_monaco_sample.py"
    )
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def remade(tmp_path_factory):
    out = tmp_path_factory.mktemp("monaco")
    load_script().main(["--source", str(SAMPLE), "--out", str(out)])
    return out


def test_the_script_makes_the_same_tables_again(remade):
    for name, exact in (
        ("facilities.csv", ["id", "name", "tier", "services", "hours"]),
        ("population.csv", ["id", "ward", "building", "levels_source"]),
    ):
        old, new = (pd.read_csv(d / name, dtype={"id": str}, keep_default_na=False) for d in (SAMPLE, remade))
        assert list(old.columns) == list(new.columns)
        pd.testing.assert_frame_equal(old[exact], new[exact])
        numbers = old.select_dtypes("number").columns
        np.testing.assert_allclose(old[numbers], new[numbers], rtol=1e-9, atol=0.0625)
    assert (SAMPLE / "README.md").read_text(encoding="utf-8") == (remade / "README.md").read_text(
        encoding="utf-8"
    )


def test_the_script_makes_the_same_wards_again(remade):
    old, new = read_areas(SAMPLE / "wards.gpkg", id="code"), read_areas(remade / "wards.gpkg", id="code")
    assert old.id.tolist() == new.id.tolist()
    assert old.name.tolist() == new.name.tolist()
    assert shapely.area(shapely.symmetric_difference(old.polygons, new.polygons)).max() < 1e-12


def test_residents_are_the_official_total_exactly():
    people = read_population(SAMPLE / "population.csv")
    assert people.total == 38_367.0
    assert people.people.min() > 0
    assert people.groups == {}


def test_people_follow_footprint_times_levels():
    table = pd.read_csv(SAMPLE / "population.csv")
    floor = table["footprint_m2"] * table["levels"]
    np.testing.assert_allclose(table["population"], floor / floor.sum() * 38_367, atol=0.1)
    medians = table[table["levels_source"] == "tagged"].groupby("ward")["levels"].median()
    filled = table[table["levels_source"] == "ward median"]
    assert (filled["levels"] == filled["ward"].map(medians)).all()


def test_every_building_lies_in_its_ward():
    table = pd.read_csv(SAMPLE / "population.csv")
    wards = read_areas(SAMPLE / "wards.gpkg", id="code")
    assert wards.id.tolist() == ["MC-CO", "MC-FO", "MC-LA", "MC-MC", "MC-MO", "MC-VR", "rest"]
    assert wards.name[-1].startswith("Rest of Monaco")
    for code, polygon in zip(wards.id, wards.polygons, strict=True):
        here = table[table["ward"] == code]
        assert len(here) > 10
        near = shapely.buffer(polygon, 1e-6)
        assert shapely.contains_xy(near, here["lon"], here["lat"]).all()


def test_facilities_are_those_of_the_extract():
    written, found = (
        read_facilities(SAMPLE / "facilities.csv"),
        facilities_from_osm(SAMPLE / "monaco.osm.pbf"),
    )
    assert written.id.tolist() == found.id.tolist()
    assert written.name.tolist() == found.name.tolist()
    np.testing.assert_allclose(written.x, found.x, atol=1e-6)
    assert (SAMPLE / "facilities.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_the_readme_attributes_and_lists_what_was_set_aside():
    text = (SAMPLE / "README.md").read_text(encoding="utf-8")
    assert "© OpenStreetMap contributors" in text
    assert "38,367" in text
    for osm_id, _ in facilities_from_osm(SAMPLE / "monaco.osm.pbf").set_aside:
        assert osm_id in text


def test_the_sample_is_small():
    assert sum(f.stat().st_size for f in SAMPLE.iterdir() if f.suffix != ".toml") < 2_000_000


def test_spread_is_exact_and_fair():
    spread = load_script().spread
    weight = np.random.default_rng(1).uniform(1, 1000, 997)
    people = spread(38_367, weight)
    assert people.sum() == 38_367
    np.testing.assert_allclose(people, weight / weight.sum() * 38_367, atol=1 / 16)
