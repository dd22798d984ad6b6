"""The regression check: what moved, by how much, where, and which input changed."""

from __future__ import annotations

import json

import pytest

from access15.errors import InputError, MissingFileError
from access15.study import Study, check
from access15.study.check import TOLERANCES, compare_figures


@pytest.fixture
def checked(town):
    """A town with its baseline written."""
    study = Study.from_toml(town)
    report = check(study, update=True)
    assert report.ok
    assert report.written == town.parent / "baseline.json"
    return study


def edit(path, old, new):
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_an_unchanged_study_agrees_with_its_baseline(checked):
    report = check(checked)
    assert report.ok
    assert report.n_figures > 25
    assert report.text() == f"Town: {report.n_figures} figures compared, ok"


def test_the_baseline_is_for_people_to_read(checked):
    lines = (checked.file.parent / "baseline.json").read_text("utf-8").splitlines()
    names = [line.split('"')[1] for line in lines if "_walk_15" in line]
    assert names == sorted(names)
    assert "covered_walk_15 @ W" in names
    assert "rate_walk_15" in names
    assert not [name for name in names if name.startswith("uncovered")]
    baseline = json.loads("\n".join(lines))
    assert baseline["tolerances"]["people"] == {"absolute": 1.0, "relative": 1e-4}
    assert len(baseline["inputs"]["network"]) == 64


def test_a_drift_of_people_names_figure_area_amount_and_input(checked):
    edit(checked.file.parent / "people.csv", "0-0,7.4,43.7,10", "0-0,7.4,43.7,60")
    report = check(checked)
    assert not report.ok
    text = report.text()
    assert "MOVED   covered_walk_15 of area W" in text
    assert "(+50" in text
    assert "percentage points" in text
    assert "changed inputs: population (people.csv)" in text
    assert "of area E:" not in text


def test_a_drift_of_the_method_says_that_no_input_changed(checked):
    baseline = checked.file.parent / "baseline.json"
    content = json.loads(baseline.read_text("utf-8"))
    content["figures"]["covered_walk_15 @ W"] += 20
    baseline.write_text(json.dumps(content), "utf-8")
    report = check(checked)
    assert len(report.moved) == 1
    assert "covered_walk_15 of area W" in report.moved[0]
    assert "no input changed" in report.text()


def test_a_missed_target_is_told_in_people(checked):
    edit(checked.file, "walk_15 = 0.25", "walk_15 = 0.9")
    report = check(Study.from_toml(checked.file))
    assert not report.ok
    assert not report.moved
    assert "walk_15" in report.missed[0]
    assert "90.00%" in report.missed[0]
    assert "people" in report.missed[0]


def test_tolerances_edited_by_hand_are_used_and_kept(checked):
    baseline = checked.file.parent / "baseline.json"
    edit(baseline, '"absolute": 1.0,\n      "relative": 0.0001', '"absolute": 30.0,\n      "relative": 0.0')
    edit(baseline, '"absolute": 0.0002', '"absolute": 0.5')
    edit(checked.file.parent / "people.csv", "0-0,7.4,43.7,10", "0-0,7.4,43.7,12")
    assert not [line for line in check(checked).moved if "covered" in line or "rate" in line]
    check(checked, update=True)
    assert json.loads(baseline.read_text("utf-8"))["tolerances"]["people"]["absolute"] == 30.0


def test_a_figure_that_comes_or_goes_is_a_move():
    moved = compare_figures({"rate_walk_15 @ W3": 0.5, "n_gaps": 2}, {"n_gaps": 2, "n_sites": 1}, TOLERANCES)
    assert moved == (
        "n_sites in total: is 1, was not in the baseline",
        "rate_walk_15 of area W3: was 0.5, is no longer there",
    )


@pytest.mark.parametrize(
    ("figure", "old", "new", "moves"),
    [
        ("n_gaps", 3, 4, True),
        ("covered_walk_15", 1000, 1000.9, False),
        ("covered_walk_15", 1000, 998, True),
        ("covered_walk_15", 100_000, 100_009, False),
        ("rate_walk_15", 0.5, 0.5001, False),
        ("rate_walk_15", 0.5, 0.501, True),
        ("mean_walk_s", 300.0, 300.4, False),
        ("p90_walk_s", 300.0, 301.0, True),
        ("km_streets", 134.2, 134.25, True),
    ],
)
def test_each_kind_has_its_tolerance(figure, old, new, moves):
    assert bool(compare_figures({figure: old}, {figure: new}, TOLERANCES)) == moves


def test_no_baseline_says_how_to_write_one(town):
    with pytest.raises(MissingFileError, match="--update"):
        check(Study.from_toml(town))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "not a baseline"),
        ("[]", "no 'study'"),
        ('{"study": "Town", "inputs": {}, "tolerances": {}}', "no 'figures'"),
        ('{"study": "Paris", "inputs": {}, "tolerances": {}, "figures": {}}', "of 'Paris', not of 'Town'"),
        ('{"study": "Town", "inputs": {}, "tolerances": {}, "figures": {"n_gaps": "3"}}', "n_gaps"),
        ('{"study": "Town", "inputs": {}, "tolerances": {"peple": {}}, "figures": {}}', "'peple'"),
    ],
)
def test_a_baseline_that_is_none(town, content, words):
    (town.parent / "b.json").write_text(content, "utf-8")
    with pytest.raises(InputError, match=words):
        check(Study.from_toml(town), town.parent / "b.json")
