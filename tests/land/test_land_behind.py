"""What stands behind times over land: matrix, siting, isochrones, surface, gaps, a study, the command line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from grids import UTM, land_grid

import access15 as a15
from access15.errors import InputError, MismatchError
from access15.profiles import WALK
from access15.testing import straight_streets

LEVEL = replace(WALK, name="level", off_road_kph={"open": 2.88, "lake": 0.0})
MONACO = Path(__file__).parents[2] / "data" / "sample" / "monaco" / "monaco.osm.pbf"


def village() -> tuple[Any, Any, Any, Any]:
    """Return a road, land with a lake from edge to edge, two clinics, and people around them."""
    cover = np.zeros((40, 60), int)
    cover[:, 45:47] = 1
    network = straight_streets([450, 3550], [2050, 2050], [0], [1], crs=UTM)
    places = a15.Facilities.of(np.array([500.0, 3500.0]), np.array([2050.0, 2300.0]), UTM)
    rng = np.random.default_rng(3)
    x, y = rng.uniform(100, 5900, 200), rng.uniform(100, 3900, 200)
    return network, land_grid(cover, ("open", "lake")), places, a15.Population.of(x, y, np.ones(200), UTM)


def test_the_matrix_is_the_nearest_times_of_each_facility_alone() -> None:
    network, terrain, places, people = village()
    everything = a15.travel_times(network, places, people, LEVEL, terrain=terrain)
    nearest = a15.nearest_times(network, places, people, LEVEL, terrain=terrain)
    best = np.full(len(people), np.inf)
    for row in range(2):
        cells, seconds = everything.of(row)
        np.minimum.at(best, cells, seconds)
    assert (best == nearest.seconds).all()
    near = a15.travel_times(network, places, people, LEVEL, minutes=20, terrain=terrain)
    for row in range(2):
        cells, seconds = everything.of(row)
        some, limited = near.of(row)
        assert some.tolist() == cells[seconds <= 1200].tolist()
        assert (limited == seconds[seconds <= 1200]).all()
    (block,) = a15.iter_travel_times(network, places, people, LEVEL, minutes=20, terrain=terrain)
    assert (block.time_ms == near.time_ms).all()
    with pytest.raises(InputError, match="leave metres out"):
        a15.travel_times(network, places, people, LEVEL, terrain=terrain, metres=True)


def test_sites_are_chosen_by_times_over_land() -> None:
    network, terrain, places, people = village()
    now = a15.nearest_times(network, places, people, LEVEL, terrain=terrain)
    spots = a15.Facilities.of(
        np.array([5300.0, 2000.0, 1500.0]), np.array([2000.0, 3700.0, 500.0]), UTM, label="candidates"
    )
    matrix = a15.travel_times(network, spots, people, LEVEL, minutes=20, terrain=terrain)
    plan = a15.locate(matrix, people, existing=now, minutes=20, p=1, candidates=spots)
    gains = [len(np.setdiff1d(matrix.of(k)[0], np.flatnonzero(now.within(20)))) for k in range(3)]
    assert plan.table["gain"].iloc[0] == max(gains)


def test_what_goes_along_streets_alone_says_so() -> None:
    network, terrain, places, people = village()
    times = a15.nearest_times(network, places, people, LEVEL, terrain=terrain)
    with pytest.raises(InputError, match="closures of streets go along streets alone"):
        a15.critical_streets(network, places, people, times, 15)
    gaps = a15.find_gaps(network, places, people, times, minutes=15)
    with pytest.raises(InputError, match="mobile circuits go along streets alone"):
        a15.plan_outreach(network, places, gaps)
    alone = a15.travel_times(network, places, people, LEVEL, minutes=15)
    with pytest.raises(MismatchError, match="one is over land"):
        a15.locate(alone, people, existing=times, minutes=15, p=1)


def test_isochrones_and_the_surface_follow_the_field() -> None:
    network, terrain, places, people = village()
    found = a15.isochrones(network, places, LEVEL, (10, 20), terrain=terrain)
    small, large = found.geometry
    assert small.is_valid
    assert large.is_valid
    assert small.difference(large).area < 1
    # In the open a clinic off the road is surrounded by a circle of what one walks in 10 minutes.
    alone = a15.Facilities.of(places.x[1:], places.y[1:], UTM)
    circle = a15.isochrones(
        straight_streets([50, 60], [50, 50], [0], [1], crs=UTM), alone, LEVEL, 10, terrain=terrain
    )
    assert circle.geometry.iloc[0].area == pytest.approx(np.pi * 480**2, rel=0.03)
    surface = a15.time_surface(network, places, LEVEL, terrain=terrain)
    assert surface.seconds.shape == terrain.shape
    times = a15.nearest_times(network, places, people, LEVEL, terrain=terrain)
    inside = shapely.contains_xy(large, people.x, people.y)
    edge = shapely.distance(large.boundary, shapely.points(people.x, people.y)) > 60
    assert (inside == times.within(20))[edge].all()
    each = a15.isochrones(network, places, LEVEL, 20, by="facility", terrain=terrain)
    assert shapely.union_all(each.geometry).symmetric_difference(large).area < 0.02 * large.area


def test_gaps_say_over_land_and_behind_water() -> None:
    network, terrain, places, people = village()
    times = a15.nearest_times(network, places, people, LEVEL, terrain=terrain)
    gaps = a15.find_gaps(network, places, people, times, minutes=15)
    assert gaps.table["people"].sum() == (~times.within(15)).sum()
    assert {"over land", "behind water"} <= set(gaps.table["reason"])


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_study_with_land_conserves_people_and_writes_metres_over_land(tmp_path: Path) -> None:
    study = a15.sample("monaco")
    settings = replace(study.settings, terrain=a15.study.TerrainInput(), scenarios=())
    result = replace(study, settings=settings).run(parts=("isochrones", "gaps"))
    table = result.coverage.table
    parts = table[["covered", "uncovered", "unreachable", "unlinked"]].sum(axis=1)
    assert np.allclose(parts, table["people"])
    cells = result.layers()["cells"]
    assert "walk_land_m" in cells.columns
    assert cells["walk_land_m"].notna().sum() > 100
    assert not result.isochrones.geometry.is_empty.any()
    assert any("land" in note["text"] for note in result.found.provenance["notes"])


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_table_terrain_that_cannot_be_used_is_refused() -> None:
    for wrong, said in (
        ({"legend": "esri"}, "add land_cover"),
        ({"land_cover": Path("a.tif"), "shares": {"tree": Path("b.tif")}}, "keep one"),
        ({"land_cover": Path("a.tif"), "table": {"ten": "tree"}}, "whole numbers"),
        ({"land_cover": Path("a.tif"), "table": {"10": "tree"}, "legend": "esri"}, "leave one out"),
    ):
        with pytest.raises(InputError, match=said):
            a15.study.TerrainInput(**wrong)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_the_command_line_takes_land(tmp_path: Path) -> None:
    import pyogrio
    from click.testing import CliRunner

    from access15.cli import main

    out = tmp_path / "c.gpkg"
    places = tmp_path / "places.csv"
    places.write_text("id,lon,lat\na,7.4204,43.7347\nb,7.4310,43.7420\n", "utf-8")
    people = tmp_path / "people.csv"
    people.write_text(
        "id,lon,lat,population\n1,7.4190,43.7340,10\n2,7.4270,43.7400,20\n3,7.4150,43.7310,5\n", "utf-8"
    )
    points = ["--facilities", str(places), "--population", str(people), "--mode", "walk-land,drive-land"]
    land = ["--network", str(MONACO), "--land-cover", str(MONACO), "--cell-m", "50"]
    run = CliRunner().invoke(main, ["coverage", *land, *points, "--out", str(out)])
    assert run.exit_code == 0, run.output
    cells = pyogrio.read_dataframe(out, layer="cells")
    assert {"walk_land_land_m", "drive_land_land_m"} <= set(cells.columns)
    table = tmp_path / "t.csv"
    ends = ["--origins", str(people), "--destinations", str(places), "--mode", "walk-land", "--minutes", "60"]
    run = CliRunner().invoke(main, ["matrix", *land, *ends, "--out", str(table)])
    assert run.exit_code == 0, run.output
    assert len(table.read_text("utf-8").splitlines()) == 7
    run = CliRunner().invoke(main, ["coverage", "--legend", "esri", *land[:2], *points, "--out", str(out)])
    assert run.exit_code == 2
    assert "add --land-cover" in run.output
