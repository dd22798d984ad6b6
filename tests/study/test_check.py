"""The regression check: what moved, by how much, where, and which input changed."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import pytest

from access15.errors import InputError, MissingFileError
from access15.study import Study, check
from access15.study.baseline import TOLERANCES
from access15.study.check import compare_figures
from access15.study.check_formats import github_text, write_junit

PARTS = ("inputs", "parameters", "profiles", "versions", "tolerances", "figures")


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
    # The target is met in total; the ward that is below it is told, and fails nothing.
    below, verdict = report.text().splitlines()
    assert (
        below == "BELOW   walk_15: target 25.00% met in total, but 1 of 2 areas are below it: Ward E (0.00%)"
    )
    assert verdict == f"Town: {report.n_figures} figures compared, ok"


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
    before = {"rate_walk_15 @ W3": 0.5, "people @ W3": 40, "n_gaps": 2}
    moved = compare_figures(before, {"n_gaps": 2, "n_sites": 1, "people @ W3": 40}, TOLERANCES)
    assert [found.says for found in moved] == [
        "",
        "n_sites in total: is 1, was not in the baseline",
        "",
        "rate_walk_15 of area W3: was 0.5, is no longer there",
    ]


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
    (found,) = compare_figures({figure: old}, {figure: new}, TOLERANCES)
    assert bool(found.says) == moves


def test_no_baseline_says_how_to_write_one(town):
    with pytest.raises(MissingFileError, match="--update"):
        check(Study.from_toml(town))


def test_an_area_that_went_is_told_once(checked):
    baseline = checked.file.parent / "baseline.json"
    edit(baseline, " @ W", " @ X")
    report = check(checked)
    people = f"({json.loads(baseline.read_text('utf-8'))['figures']['people @ X']:,.8g} people)"
    assert set(report.moved) == {
        f"area W {people} was not in the baseline",
        f"area X {people} was in the baseline and is gone",
    }
    assert sum(bool(found.says) for found in report.figures) > 10


@pytest.mark.parametrize(
    ("own", "moves"),
    [
        ({"covered_walk_15 @ W3": {"absolute": 30}}, False),
        ({"covered_walk_15 @ W3": {"relative": 0.25}}, False),
        ({"covered_*": {"absolute": 30}, "*": {"absolute": 0}}, False),
        ({"covered_*": {"absolute": 30}, "covered_walk_* @ W3": {"absolute": 5}}, True),
        ({"covered_walk_15": {"absolute": 30}}, True),
    ],
)
def test_a_figure_may_have_a_tolerance_of_its_own(own, moves):
    figure = {"covered_walk_15 @ W3": 100}
    found = compare_figures(figure, {"covered_walk_15 @ W3": 120}, {**TOLERANCES, **own})
    assert bool(found[0].says) == moves


def test_what_else_changed_is_told(checked):
    baseline = checked.file.parent / "baseline.json"
    content = json.loads(baseline.read_text("utf-8"))
    content["versions"]["numpy"] = "1.0"
    content["profiles"]["walk"] = "0" * 64
    content["figures"]["rate_walk_15"] = 0.99
    baseline.write_text(json.dumps(content), "utf-8")
    edit(checked.file, "walk_15 = 0.25", "walk_15 = 0.26")
    report = check(Study.from_toml(checked.file))
    assert set(report.changed) == {"parameters", "profiles", "versions"}
    text = report.text()
    assert "changed parameters: targets.walk_15 0.25 is now 0.26" in text
    assert "changed profiles: walk\n" in text
    assert re.search(r"changed versions: numpy 1\.0 is now [2-9]", text)


@pytest.fixture
def drifted(checked):
    """The report of a town with one figure moved and one target missed."""
    baseline = checked.file.parent / "baseline.json"
    content = json.loads(baseline.read_text("utf-8"))
    content["figures"]["covered_walk_15 @ W"] += 20
    baseline.write_text(json.dumps(content, indent=2), "utf-8")
    edit(checked.file, "walk_15 = 0.25", "walk_15 = 0.9")
    return check(Study.from_toml(checked.file))


def test_annotations_stand_where_the_figure_does(drifted, monkeypatch):
    monkeypatch.setenv("GITHUB_WORKSPACE", str(drifted.file.parent.parent))
    lines = github_text(drifted).splitlines()
    folder = drifted.file.parent.name
    missed, moved = (line for line in lines if line.startswith("::error "))
    number = drifted.file.read_text("utf-8").splitlines().index("walk_15 = 0.9") + 1
    assert missed.startswith(f"::error file={folder}/study.toml,line={number},title=target missed::walk_15: ")
    assert "90.00%25 of residents" not in missed
    assert "target 90.00%25," in missed
    place = re.match(rf"::error file={folder}/baseline\.json,line=(\d+),title=(.*?)::(.*)", moved)
    assert place is not None
    line = drifted.baseline.read_text("utf-8").splitlines()[int(place[1]) - 1]
    assert line.strip().startswith('"covered_walk_15 @ W":')
    assert place[2] == "covered_walk_15 @ W moved"
    assert place[3].startswith("covered_walk_15 of area W: ")
    assert all(re.match(r"::(error|notice) \S", line) for line in lines)


def test_annotations_escape_what_github_would_read(drifted):
    from dataclasses import replace

    from access15.study.check import Finding

    bad = Finding("p90 @ a,b:c%\n::error::x", "50% of\r\n::set-env name=A::b")
    text = github_text(replace(drifted, study="::stop-commands::x", figures=(bad,), targets=()))
    first, *rest = text.splitlines()
    assert "title=p90 @ a%2Cb%3Ac%25%0A%3A%3Aerror%3A%3Ax moved::50%25 of%0D%0A::set-env" in first
    assert all(line.startswith("::notice ") for line in rest)


def test_junit_has_a_case_for_every_figure_and_target(drifted, tmp_path):
    path = write_junit(drifted, tmp_path / "new" / "check.xml")
    root = ElementTree.parse(path).getroot()
    (suite,) = root
    cases = suite.findall("testcase")
    assert suite.tag == "testsuite"
    assert int(suite.get("tests")) == len(cases) == drifted.n_figures + 1
    failures = suite.findall("testcase/failure")
    assert int(suite.get("failures")) == len(failures) == 2
    assert {failure.get("type") for failure in failures} == {"missed", "moved"}
    # The order and the attributes of the stricter schema, that of Ant's reports.
    tags = [part.tag for part in suite]
    assert tags == ["properties", *["testcase"] * len(cases), "system-out", "system-err"]
    attributes = {"id", "package", "name", "timestamp", "hostname", "tests", "failures", "errors", "time"}
    assert set(suite.keys()) == attributes
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", suite.get("timestamp"))
    assert all(set(case.keys()) == {"name", "classname", "time"} for case in cases)
    changed = [(one.get("name"), one.get("value")) for one in suite.iter("property")]
    assert changed == [("changed parameters", "targets.walk_15 0.25 is now 0.9")]


def test_junit_survives_characters_that_xml_does_not_have(drifted, tmp_path):
    from dataclasses import replace

    from access15.study.check import Finding

    bad = Finding("p90 @ a\x00<b>&\ud800\x1b", "moved \x07 by ]]> 县")
    path = write_junit(replace(drifted, study="\x01", figures=(bad,)), tmp_path / "check.xml")
    (failure,) = [f for f in ElementTree.parse(path).iter("failure") if f.get("type") == "moved"]
    assert failure.text == "moved \ufffd by ]]> 县"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "not a baseline that can be read \\(line 1"),
        ("[]", "no 'study'"),
        ('{"figures": {}}', "no 'study'"),
        ({"figures": None}, "no 'figures'"),
        ({"versions": []}, "no 'versions'"),
        ({"study": "Paris"}, "of 'Paris', not of 'Town'"),
        ({"format": 3}, "of format 3, this access15 writes format 2"),
        ({"format": None}, "of format None"),
        ({"figures": {"n_gaps": "3"}}, "'n_gaps' is '3', not a number"),
        ({"figures": {"n_gaps": True}}, "not a number"),
        ({"figures": {"n_gaps": float("nan")}}, "holds NaN"),
        ({"figures": {"n_gaps": 10**400}}, "not a number"),
        ({"tolerances": {"people": {"absolute": float("inf")}}}, "holds Infinity"),
        ({"tolerances": {"people": {}}}, "'people' must have absolute"),
        ({"tolerances": {"people": {"absolute": -1}}}, "0 or more"),
        ({"tolerances": {"people": {"percent": 1}}}, "absolute or relative"),
        ({"tolerances": {"peple": {"absolute": 1}}}, "did you mean 'people'"),
        ({"tolerances": {"covred_*": {"absolute": 1}}}, "'covred_\\*' is no kind and fits no figure"),
    ],
)
def test_a_baseline_that_is_none(town, content, words):
    sound = {"format": 2, "study": "Town", **{part: {} for part in PARTS}}
    text = content if isinstance(content, str) else json.dumps({**sound, **content})
    (town.parent / "b.json").write_text(text, "utf-8")
    for update in (False, True):
        with pytest.raises(InputError, match=words):
            check(Study.from_toml(town), town.parent / "b.json", update=update)
    assert (town.parent / "b.json").read_text("utf-8") == text
