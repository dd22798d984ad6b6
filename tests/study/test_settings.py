"""study.toml: every key is read, everything else is an error that helps."""

from __future__ import annotations

from pathlib import Path

import pytest

from access15.errors import InputError, MissingFileError
from access15.study import Study
from access15.study.settings import Case, read_settings

INPUTS = """
[network]
path = "streets.osm.pbf"
[facilities]
path = "clinics.csv"
[population]
path = "people.tif"
"""
STUDY = '[study]\nname = "Town"\n' + INPUTS


def settings(folder: Path, text: str):
    file = folder / "study.toml"
    file.write_text(text, "utf-8")
    return read_settings(file)


def message(folder: Path, text: str) -> str:
    with pytest.raises(InputError) as caught:
        settings(folder, text)
    words = str(caught.value)
    assert "study.toml" in words
    assert "\n" not in words
    return words


def test_the_documented_file_is_read(tmp_path):
    found = settings(
        tmp_path,
        """
[study]
name = "Monaco"
out = "results"
[network]
path = "monaco.osm.pbf"
[facilities]
path = "facilities.csv"
datum = "bd09"
[population]
path = "population.tif"
groups = { "65+" = "p65.tif" }
[areas]
path = "wards.gpkg"
id = "code"
name = "name"
[analysis]
modes = ["walk", "walk-elder", "drive"]
minutes = [15, 5, 10]
headline = { mode = "walk", minutes = 15 }
gaps = { mode = "walk-elder", minutes = 15, min_people = 20 }
[siting]
candidates = "junctions"
mode = "walk-elder"
minutes = 10
p = 3
[targets]
walk_15 = 0.90
""",
    )
    assert found.study.name == "Monaco"
    assert found.study.out == tmp_path / "results"
    assert found.network.path == tmp_path / "monaco.osm.pbf"
    assert found.facilities.datum == "bd09"
    assert found.population.groups == {"65+": "p65.tif"}
    assert found.areas.id == "code"
    assert found.analysis.minutes == (5.0, 10.0, 15.0)
    assert found.analysis.headline_case == Case("walk", 15.0)
    assert found.analysis.gap_rules.thresholds == {"min_people": 20.0}
    assert found.siting.case(found.analysis) == Case("walk-elder", 10.0)
    assert found.siting.layer is None
    assert found.targets == {"walk_15": 0.9}


def test_defaults_headline_is_the_first_mode_at_the_largest_cut_off(tmp_path):
    found = settings(tmp_path, STUDY + '[analysis]\nmodes = ["drive", "walk"]\nminutes = [30, 10]\n')
    assert found.analysis.headline_case == Case("drive", 30.0)
    assert found.analysis.gap_rules.mode == "drive"
    assert found.analysis.gap_rules.minutes == 30.0
    assert found.siting is None


def test_one_mode_and_one_cut_off_need_no_list(tmp_path):
    found = settings(tmp_path, STUDY + '[analysis]\nmodes = "ebike"\nminutes = 7.5\n')
    assert [str(case) for case in found.analysis.cases] == ["ebike_7_5"]


def test_a_byte_order_mark_is_no_error(tmp_path):
    (tmp_path / "study.toml").write_bytes(b"\xef\xbb\xbf" + STUDY.encode())
    assert read_settings(tmp_path / "study.toml").study.name == "Town"


def test_candidates_may_be_a_layer_beside_the_file(tmp_path):
    found = settings(tmp_path, STUDY + '[siting]\ncandidates = "houses.gpkg"\np = 2\n')
    assert found.siting.layer == str(tmp_path / "houses.gpkg")


def test_osm_facilities_need_no_path(tmp_path):
    found = settings(tmp_path, STUDY.replace('path = "clinics.csv"', 'osm = true\npoints = "primary"'))
    assert found.facilities.osm
    assert found.facilities.path is None
    assert found.facilities.points == "primary"


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("[population]", "[popluation]", ["'popluation'", "top level", "'population'"]),
        ('name = "Town"', 'nmae = "Town"', ["'nmae'", "[study]", "'name'"]),
        ('path = "people.tif"', 'pth = "people.tif"', ["'pth'", "[population]", "'path'"]),
        (
            'path = "people.tif"',
            'path = "people.tif"\nzzzzzz = 1',
            ["'zzzzzz'", "[population]", "valid keys are"],
        ),
        ('name = "Town"', "", ["[study]", "'name'", "missing"]),
        ('[network]\npath = "streets.osm.pbf"', "", ["'network'", "missing"]),
        ('path = "clinics.csv"', "", ["[facilities]", "osm = true"]),
        ('name = "Town"', "name = 5", ["[study] name", "text"]),
        ('path = "clinics.csv"', 'path = "clinics.csv"\nosm = 1', ["[facilities] osm", "true or false"]),
        ('path = "clinics.csv"', 'path = "c.csv"\ndatum = "wgs"', ["[facilities] datum", "gcj02"]),
        ("[population]", "population = 3\n[other]", ["'other'"]),
    ],
)
def test_mistakes_in_the_inputs_name_table_key_and_remedy(tmp_path, old, new, wanted):
    words = message(tmp_path, STUDY.replace(old, new))
    for part in wanted:
        assert part in words


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("[analysis]\nminutes = [5, 0]", ["[analysis]", "minutes", "above 0"]),
        ("[analysis]\ngaps = { minutes = 5 }\n[analysis.gaps]\nminutes = 9", ["twice", "in one place"]),
        ("[analysis]\nminutes = [5, -10]", ["minutes", "above 0"]),
        ("[analysis]\nminutes = []", ["minutes", "empty"]),
        ('[analysis]\nminutes = ["5"]', ["minutes", "above 0", "'5'"]),
        ("[analysis]\nminutes = [true]", ["minutes", "above 0"]),
        ("[analysis]\nminutes = [5, 5]", ["minutes", "twice"]),
        ('[analysis]\nmodes = ["bus"]', ["[analysis] modes", "'bus'", "walk-elder"]),
        ("[analysis]\nmodes = []", ["[analysis] modes", "empty"]),
        ('[analysis]\nmodes = ["walk", "walk"]', ["[analysis] modes", "twice"]),
        ('[analysis]\nmode = ["walk"]', ["'mode'", "'modes'", "[analysis]"]),
        ('[analysis]\nheadline = { mode = "drive", minutes = 15 }', ["headline", "'drive'", "modes"]),
        ('[analysis]\nheadline = { mode = "walk", minutes = 20 }', ["headline", "20", "minutes"]),
        ('[analysis]\nheadline = { mode = "walk" }', ["[analysis.headline]", "'minutes'", "missing"]),
        (
            '[analysis]\nheadline = { mode = "walk", minute = 15 }',
            ["'minute'", "'minutes'", "[analysis.headline]"],
        ),
        ('[analysis]\nheadline = "walk"', ["headline", "table"]),
        ('[analysis]\ngaps = { mode = "drive", minutes = 15 }', ["gaps", "'drive'", "modes"]),
        (
            '[analysis]\ngaps = { mode = "walk", minutes = 15, min_peple = 2 }',
            ["'min_peple'", "'min_people'"],
        ),
        ("[siting]\nmode = 'walk'", ["[siting]", "p (how many", "target"]),
        ("[siting]\np = 2\ntarget = 0.9", ["[siting]", "either"]),
        ("[siting]\np = 2\nbudget = 5\ncosts = { grid = 1 }", ["[siting]", "one of them"]),
        ("[siting]\np = 1\ncosts = { grid = 1 }", ["[siting]", "costs are for a budget"]),
        ("[siting]\np = 1\nelder_care_near_m = 500", ["[siting]", "needs elder_care"]),
        ("[siting]\np = 1\nkinds = ['barn']", ["[siting] kinds", "industrial building"]),
        ("[siting]\nobjective = 'p-median'", ["[siting]", "p-median needs p"]),
        ("[siting]\nobjective = 'p-median'\ntarget = 0.5", ["[siting]", "leave it out"]),
        ("[siting]\nobjective = 'set-cover'\np = 2", ["[siting]", "leave p out"]),
        ("[siting]\nobjective = 'p-medan'\np = 2", ["[siting] objective", "p-median"]),
        ("[siting]\np = 0", ["[siting] p", "1 or more"]),
        ("[siting]\np = 2.5", ["[siting] p", "whole"]),
        ("[siting]\ntarget = 90", ["[siting] target", "share"]),
        ("[siting]\np = 2\nspacing_m = -1", ["[siting] spacing_m", "0 or more"]),
        ("[siting]\np = 2\nmode = 'drive'", ["[siting] mode", "'drive'", "[analysis]"]),
        ("[targets]\nwalk_20 = 0.9", ["[targets] walk_20", "walk_15"]),
        ("[targets]\nwalk_15 = 90", ["[targets] walk_15", "share"]),
        ("[study.x]\ny = 1", ["'x'", "[study]"]),
    ],
)
def test_mistakes_in_the_rest_name_table_key_and_remedy(tmp_path, text, wanted):
    words = message(tmp_path, STUDY + text)
    for part in wanted:
        assert part in words


def test_a_windows_path_with_backslashes_says_what_to_do(tmp_path):
    assert "Windows paths" in message(tmp_path, STUDY.replace("streets.osm.pbf", "C:\\data\\Users.pbf"))


def test_text_in_another_encoding(tmp_path):
    file = tmp_path / "study.toml"
    file.write_bytes(STUDY.replace("Town", "厦门").encode("gb18030"))
    with pytest.raises(InputError, match="UTF-8"):
        read_settings(file)


def test_a_missing_file_and_a_folder(tmp_path):
    with pytest.raises(MissingFileError, match=r"none\.toml does not exist"):
        Study.from_toml(tmp_path / "none.toml")
    with pytest.raises(InputError, match="is a folder"):
        Study.from_toml(tmp_path)


def test_results_stand_beside_the_file_unless_named(tmp_path):
    (tmp_path / "study.toml").write_text(STUDY, "utf-8")
    study = Study.from_toml(tmp_path / "study.toml")
    assert study.out == tmp_path / "results"
    assert "Town" in repr(study)


def test_every_threshold_is_an_argument_of_find_gaps(tmp_path):
    import dataclasses
    import inspect

    from access15.gaps import find_gaps
    from access15.study.settings import GapRules

    named = {field.name for field in dataclasses.fields(GapRules)} - {"mode"}
    assert named <= set(inspect.signature(find_gaps).parameters)
    rules = """
[analysis]
gaps = { mode = "walk", minutes = 15, serve_minutes = 10, area_factors = { rural = 1.5 }, door_to_door = true }
"""
    study = STUDY[: STUDY.index("[analysis]")] if "[analysis]" in STUDY else STUDY
    found = settings(tmp_path, study + rules).analysis.gap_rules
    assert found.thresholds == {"serve_minutes": 10, "area_factors": {"rural": 1.5}, "door_to_door": True}
