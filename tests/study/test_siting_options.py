"""What a study can ask of its sites besides their number."""

from __future__ import annotations

import re

import pytest

from access15.errors import InputError
from access15.study import Study
from town_files import place


def asked(town, lines):
    """Run the sites of the town with other lines in place of the number of sites."""
    text = town.read_text("utf-8")
    head, _, siting = text.partition("[siting]")
    siting = re.sub(r"(?m)^p = \d+$", lines, siting)
    assert lines in siting
    town.write_text(f"{head}[siting]{siting}", "utf-8")
    return Study.from_toml(town).run(parts=("siting",))


def test_a_budget_by_kind_of_candidate(town):
    result = asked(town, "budget = 70\ncosts = { junction = 30 }\nfrontier = 3\nrobustness = true")
    plan = result.plan
    assert (plan.model, plan.status, plan.p) == ("budget-coverage", "optimal", 2)
    assert plan.table["cost"].tolist() == [30, 30]
    assert result.frontier["sites"].tolist() == list(range(len(result.frontier)))
    assert result.frontier.loc[2, "people"] == plan.objective
    assert result.robustness["candidate_id"].tolist()[:2] == plan.table["candidate_id"].tolist()
    assert (result.robustness["near_in"] >= result.robustness["chosen_in"]).all()


def test_fading_coverage_and_backup(town):
    text = town.read_text("utf-8")
    whole = Study.from_toml(town).run(parts=("siting",)).plan
    fading = asked(town, "p = 2\nfull_minutes = 2").plan
    assert fading.status == "optimal"
    assert fading.objective < whole.objective
    assert "objective_gain" in fading.table
    town.write_text(text, "utf-8")
    backup = asked(town, 'p = 2\nobjective = "backup-coverage"').plan
    assert backup.covered.sum() == whole.covered.sum()


def test_a_kind_without_cost_is_named(town):
    with pytest.raises(InputError, match="costs has no candidates of the kind 'junction'"):
        asked(town, "budget = 70\ncosts = { house = 30 }")


def test_candidates_far_from_every_street_are_called_candidates(town):
    (town.parent / "places.csv").write_text("id,lon,lat\na,19.001,45.151\n", "utf-8")
    text = town.read_text("utf-8").replace("[siting]", '[siting]\ncandidates = "places.csv"')
    town.write_text(text, "utf-8")
    with pytest.raises(InputError, match="none of the 1 candidates lies within"):
        asked(town, "p = 1")


def test_candidates_without_cost_and_kind_are_told_in_words(town):
    lon, lat = place(1, 0)
    (town.parent / "places.csv").write_text(f"id,lon,lat\na,{lon},{lat}\n", "utf-8")
    text = town.read_text("utf-8").replace("[siting]", '[siting]\ncandidates = "places.csv"')
    town.write_text(text, "utf-8")
    with pytest.raises(InputError, match="some candidates have neither a cost nor a kind"):
        asked(town, "budget = 70")
