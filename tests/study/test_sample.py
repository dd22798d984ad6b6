"""The bundled sample: a real place, with gaps to find and sites that help."""

from __future__ import annotations

import json

import pytest

from access15.study import check, sample


@pytest.fixture(scope="module")
def monaco():
    return sample("monaco").run()


def test_gaps_exist_and_every_proposed_site_gains_people(monaco):
    assert len(monaco.gaps) >= 1
    assert monaco.gaps.table["people"].max() > 1000
    assert monaco.plan.p == monaco.study.settings.siting.p == 3
    assert (monaco.plan.table["gain"] > 50).all()
    assert monaco.plan.status == "optimal"
    assert monaco.plan.bound == pytest.approx(monaco.plan.objective)


@pytest.mark.parametrize("name", ["monaco", "county"])
def test_a_bundled_study_is_one_case(name):
    chosen = sample(name).settings
    head = chosen.analysis.headline
    for part in (chosen.analysis.gaps, chosen.siting):
        assert (part.mode, part.minutes) == (head.mode, head.minutes)
    assert f"{head.mode.replace('-', '_')}_{head.minutes:g}" in chosen.targets


def test_everybody_is_counted_once(monaco):
    assert monaco.inputs.population.total == pytest.approx(38_367)
    for coverage in monaco.coverages.values():
        table = coverage.table
        parts = table["covered"] + table["uncovered"] + table["unreachable"] + table["unlinked"]
        assert (abs(parts - table["people"]) <= 1e-9 * table["people"]).all()
        for _, rows in table.groupby("minutes"):
            total = rows[rows["area_id"].isna()]["covered"].item()
            assert rows[rows["area_id"].notna()]["covered"].sum() == pytest.approx(total, rel=1e-9)
    assert set(monaco.coverage.summary["area_id"].dropna()) == set(monaco.inputs.areas.id)


def test_proposed_sites_lie_inside_the_country(monaco):
    import shapely

    land = monaco.inputs.areas
    here = monaco.candidates
    from access15.crs import to_crs

    x, y = to_crs(here.x, here.y, here.crs, land.crs)
    country = shapely.union_all(land.polygons)
    assert shapely.dwithin(country, shapely.points(x, y), 1e-6).all()


def test_isochrones_are_nested(monaco):
    table = monaco.isochrones
    for mode in ("walk", "walk-elder", "drive"):
        rows = table[table["mode"] == mode].sort_values("minutes")
        areas = rows.geometry.area.to_list()
        assert rows.geometry.is_valid.all()
        assert areas == sorted(areas)
        small, middle, large = rows.geometry
        assert small.difference(middle).area < 1e-6
        assert middle.difference(large).area < 1e-6


def test_the_reviewed_baseline_holds_and_a_planted_drift_fails(tmp_path):
    study = sample("monaco")
    report = check(study)
    assert report.moved == (), report.text()
    assert [line.partition(":")[0] for line in report.missed] == [
        "walk_elder_15"
    ]  # 66.3 % of 70 %: not met today
    baseline = json.loads((study.file.parent / "baseline.json").read_text("utf-8"))
    assert report.n_figures == len(baseline["figures"]) > 100
    baseline["figures"]["covered_walk_15 @ MC-MC"] -= 10
    drifted = tmp_path / "drifted.json"
    drifted.write_text(json.dumps(baseline), "utf-8")
    failed = check(study, drifted)
    assert not failed.ok
    assert len(failed.moved) == 1
    assert failed.moved[0].startswith("covered_walk_15 of area MC-MC")
    assert "people (+10, " in failed.moved[0]
    assert "inputs" not in failed.changed
