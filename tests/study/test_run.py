"""A whole study on a town whose answers follow from its geometry."""

from __future__ import annotations

import json
import sqlite3

import numpy as np
import pytest

from access15.errors import InputError, MissingFileError
from access15.study import Study, sample

FILES = [
    "changes_with_the_proposed_sites.gpkg", "coverage.gpkg", "map.png", "report.html", "run.json", "tables.xlsx",
]  # fmt: skip


@pytest.fixture(scope="module")
def result(shared_town):
    return Study.from_toml(shared_town).run()


def test_times_follow_from_the_blocks(result):
    # 100 m blocks at 80 m/min; the cell in column c, row r is c + r blocks from the clinic.
    times = result.times["walk"]
    ids = result.inputs.population.cell_id
    for row, cell in enumerate(ids):
        if cell == "far":
            continue
        column, street = map(int, cell.split("-"))
        assert times.seconds[row] == pytest.approx((column + street) * 75, rel=0.003, abs=0.01)


def test_coverage_counts_the_cells_within_reach(result):
    figures = result.figures()
    # 1,200 m: columns 0..11 of both streets, and column 12 or not as the 100 m are rounded.
    assert figures["people"] == 62 * 10 + 7
    assert figures["covered_walk_5"] == pytest.approx(70, abs=20)
    assert figures["covered_walk_15"] == pytest.approx(250, abs=20)
    assert figures["unlinked_walk"] == 7
    assert figures["unreachable_walk"] == 0
    assert figures["n_cells_unlinked_walk"] == 1
    walk = result.times["walk"]
    facts = result.provenance()["counts"]
    assert (
        facts["walk cells within 0.5 s of 15 min, where rounding may decide"]
        == walk.within_rounding(15).sum()
    )


def test_people_are_conserved_in_every_area_and_in_total(result):
    figures = result.figures()
    for mode in ("walk", "walk_elder"):
        for minutes in (5, 15):
            for at in ("", " @ W", " @ E", " @ (none)"):
                parts = [
                    f"covered_{mode}_{minutes}",
                    f"uncovered_{mode}_{minutes}",
                    f"unreachable_{mode}",
                    f"unlinked_{mode}",
                ]
                assert sum(figures[part + at] for part in parts) == pytest.approx(
                    figures["people" + at], rel=1e-9
                )
            areas = [figures[f"covered_{mode}_{minutes} @ {area}"] for area in ("W", "E", "(none)")]
            assert sum(areas) == pytest.approx(figures[f"covered_{mode}_{minutes}"])


def test_gaps_hold_everybody_who_is_not_covered(result):
    figures = result.figures()
    assert figures["people_in_gaps"] == pytest.approx(figures["people"] - figures["covered_walk_elder_15"])


def test_every_site_gains_people_and_the_gains_add_up(result):
    plan, figures = result.plan, result.figures()
    before = result.inputs.population.people[result.times["walk-elder"].within(10)].sum()
    assert plan.p == 2
    assert (plan.table["gain"] > 0).all()
    assert figures["plan_gain"] == pytest.approx(plan.objective - before)
    assert figures["plan_bound"] >= figures["plan_objective"] - 1e-6


def test_faster_travel_and_longer_cut_offs_cover_more(result):
    figures = result.figures()
    assert figures["covered_walk_15"] > figures["covered_walk_elder_15"] > figures["covered_walk_elder_5"]


def test_files_are_written_whole_and_again(result, tmp_path):
    written = result.write(tmp_path / "out")
    assert sorted(written) == FILES
    again = result.write(tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(again)
    with sqlite3.connect(again["coverage.gpkg"]) as base:
        layers = {name for (name,) in base.execute("SELECT table_name FROM gpkg_contents")}
        ids = [row[0] for row in base.execute("SELECT facility_id FROM facilities")]
    assert layers >= {
        "cells", "facilities", "areas", "coverage", "isochrones", "gaps", "plans", "proposed_sites", "provenance",
    }  # fmt: skip
    assert ids == ["001"]
    run = json.loads(again["run.json"].read_text("utf-8"))
    assert run["figures"]["people"] == 627
    assert len(run["inputs"]["network"]["sha256"]) == 64
    assert run["profiles"]["walk"]["speed_kph"] == 4.8
    assert run["parameters"]["siting"]["p"] == 2
    assert str(tmp_path) not in again["run.json"].read_text("utf-8")
    assert {"read streets", "travel times", "sites"} <= set(run["seconds"])


def test_progress_tells_every_stage_twice(town):
    told = []
    Study.from_toml(town).run(lambda stage, seconds: told.append((stage, seconds)), parts=())
    starts = [stage for stage, seconds in told if seconds is None]
    ends = [stage for stage, seconds in told if seconds is not None]
    assert starts == ends
    assert starts[0] == "check files"


def test_parts_that_are_not_asked_for_are_not_computed(town):
    result = Study.from_toml(town).run(parts=())
    assert result.isochrones is None
    assert result.gaps is None
    assert result.plan is None
    assert set(result.layers()) == {"cells", "facilities", "areas", "coverage", "provenance"}
    with pytest.raises(InputError, match="isochrones, gaps, siting"):
        Study.from_toml(town).run(parts=("gap",))


def test_a_missing_input_is_told_before_any_work(town):
    (town.parent / "people.csv").unlink()
    told = []
    with pytest.raises(MissingFileError, match=r"people\.csv \(population\) does not exist"):
        Study.from_toml(town).run(lambda stage, _: told.append(stage))
    assert told == ["check files"]


def test_two_runs_give_equal_figures(town, result):
    assert Study.from_toml(town).run().figures() == result.figures()


def test_an_unknown_sample_lists_those_there_are():
    with pytest.raises(InputError, match="monaco"):
        sample("atlantis")


def test_isochrones_of_a_study_do_not_cross_its_water(town):
    import geopandas as gpd
    import shapely

    dry = Study.from_toml(town).run(parts=("isochrones",))
    streets = dry.inputs.network
    places = np.column_stack([streets.vertex_x, streets.vertex_y])
    ways = shapely.union_all(
        [shapely.LineString(part) for part in np.split(places, streets.vertex_offset[1:-1])]
    )
    whole = shapely.union_all(dry.isochrones.geometry.to_numpy())
    moat = whole.envelope.buffer(200).difference(ways.buffer(20))
    gpd.GeoDataFrame(geometry=[moat], crs=streets.crs).to_file(town.parent / "water.gpkg")
    text = town.read_text("utf-8").replace("[analysis]\n", '[analysis]\nwater = "water.gpkg"\n')
    town.write_text(text, "utf-8")
    wet = Study.from_toml(town).run(parts=("isochrones",))
    left = shapely.union_all(wet.isochrones.geometry.to_numpy())
    assert left.area < 0.5 * whole.area
    assert left.intersection(moat).area < 0.1 * left.area  # A pixel's width along the banks.
    assert wet.figures() == dry.figures()
    assert "water" in wet.provenance()["inputs"]
