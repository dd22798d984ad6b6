"""Scenarios of a study: what follows from the town's geometry when clinics, roads and people change."""

from __future__ import annotations

import json
import sqlite3

import numpy as np
import openpyxl
import pytest

import access15 as a15
from access15.errors import InputError, MissingFileError
from access15.outputs.report import report_tables
from access15.study import Study
from town_files import COLUMNS, place, write_town

WEST, EAST = place(0, 0), place(COLUMNS - 1, 0)
SCENARIOS = f"""
[[scenarios]]
name = "Nothing"
[[scenarios]]
name = "Second clinic"
add = "new.csv"
capacity = {{ "001" = 5000 }}
[[scenarios]]
name = "Moved"
move = {{ "001" = [{EAST[0]}, {EAST[1]}] }}
[[scenarios]]
name = "Replaced"
add = "new.csv"
remove = ["001"]
[[scenarios]]
name = "Bridge"
roads = "roads.geojson"
[[scenarios]]
name = "2030"
estates = "estates.csv"
year = 2030
[[scenarios]]
name = "Projected"
population = "people_2035.csv"
"""


def write_scenarios(folder):
    """The town with files for every kind of scenario; a track joins the place 20 km away to the clinic's end."""
    file = write_town(folder)
    (folder / "new.csv").write_text(f"id,name,lon,lat,capacity\n002,East,{EAST[0]},{EAST[1]},900\n", "utf-8")
    far, hill = place(0, 60), place(25, 0)
    estates = ["id,name,规划人口,建成年份,lon,lat", f"E1,<i>Park</i>,400,2028,{WEST[0]},{WEST[1]}",
               f"E2,Hill,300,2033,{hill[0]},{hill[1]}", f"E3,Moon,100,2029,{far[0]},{far[1]}"]  # fmt: skip
    (folder / "estates.csv").write_text("\n".join(estates) + "\n", "utf-8")
    line = {"type": "LineString", "coordinates": [place(0, 0), place(0, 230)]}
    roads = {"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {"class": "track"}, "geometry": line},
    ]}  # fmt: skip
    (folder / "roads.geojson").write_text(json.dumps(roads), "utf-8")
    people = (folder / "people.csv").read_text("utf-8").replace(",10\n", ",20\n")
    (folder / "people_2035.csv").write_text(people, "utf-8")
    file.write_text(file.read_text("utf-8") + SCENARIOS, "utf-8")
    return file


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    file = write_scenarios(tmp_path_factory.mktemp("scenarios"))
    with pytest.warns(UserWarning, match="no street near enough.*: E3"):
        return Study.from_toml(file).run(parts=("gaps", "siting", "scenarios"))


def figures(result, name):
    table = result.scenarios[name].comparison.table
    mine = (
        (table["mode"] == "walk")
        & (table["minutes"] == 15)
        & (table["group"] == "all")
        & table["area_id"].isna()
    )
    return table[mine].iloc[0]


def test_scenarios_stand_in_the_order_of_the_file_and_the_plan_last(result):
    names = [
        "Nothing",
        "Second clinic",
        "Moved",
        "Replaced",
        "Bridge",
        "2030",
        "Projected",
        "with the proposed sites",
    ]
    assert list(result.scenarios) == names


def test_nothing_changed_changes_nothing(result):
    found = result.scenarios["Nothing"]
    assert found.comparison.unchanged
    for mode, times in result.times.items():
        assert np.array_equal(found.result.times[mode].seconds, times.seconds)


def test_a_clinic_at_the_other_end_serves_the_mirror_image(result):
    today = figures(result, "Nothing")["covered_before"]
    both, moved = figures(result, "Second clinic"), figures(result, "Moved")
    assert both["gain"] == today
    assert both["lose"] == 0
    assert (moved["gain"], moved["lose"]) == (today, today)
    table = result.scenarios["Second clinic"].comparison.facilities.set_index("facility_id")
    assert table["change"].to_dict() == {"001": "changed", "002": "added"}
    assert table.loc["001", "capacity_after"] == 5000


def test_moving_is_closing_and_opening_elsewhere(result):
    moved, replaced = (result.scenarios[name].result for name in ("Moved", "Replaced"))
    for mode, times in moved.times.items():
        assert np.array_equal(times.seconds, replaced.times[mode].seconds)


def test_the_same_edits_in_a_what_if_give_the_same_times(result):
    given = result.inputs
    what_if = a15.WhatIf(given.network, given.facilities, given.population, a15.WALK, 15)
    what_if.add(*EAST, "002", crs="EPSG:4326")
    found = result.scenarios["Second clinic"].result
    assert np.array_equal(what_if.times.seconds, found.times["walk"].seconds)
    assert what_if.covered == figures(result, "Second clinic")["covered_after"]


def test_a_road_to_people_without_one_reaches_them_and_nobody_loses(result):
    found = result.scenarios["Bridge"]
    for mode, times in result.times.items():
        assert (found.result.times[mode].seconds <= times.seconds + 0.01).all()
    row = list(result.inputs.population.cell_id).index("far")
    assert np.isinf(result.times["walk"].seconds[row])
    # 0.2 degrees of latitude are 222.2 streets of 0.0009 degrees, 100 m each.
    assert found.result.times["walk"].seconds[row] == pytest.approx(0.2 / 0.0009 * 75, rel=0.003)
    assert figures(result, "Bridge")["lose"] == 0
    assert found.result.inputs.network.provenance["new roads"]["crossings joined"] > 0


def test_estates_are_people_who_come_and_not_people_who_gain(result):
    row = figures(result, "2030")
    assert row["people_change"] == 500
    assert (row["gain"], row["lose"], row["by_population"]) == (0, 0, 400)
    assert "+400 is through people who came or went" in result.scenarios["2030"].comparison.lead()
    assert list(result.scenarios["2030"].estates.people.cell_id) == ["E1", "E3"]


def test_a_projected_population_doubles_what_is_covered(result):
    row = figures(result, "Projected")
    assert (row["gain"], row["lose"]) == (0, 0)
    assert row["covered_after"] == 2 * row["covered_before"]
    assert row["rate_after"] == pytest.approx(2 * row["covered_before"] / (2 * 620 + 7))


def test_the_plan_covers_what_it_promised(result):
    plan = result.plan
    times = result.scenarios["with the proposed sites"].result.times["walk-elder"]
    people = result.inputs.population.people
    assert people[times.within(plan.minutes)].sum() == pytest.approx(people[plan.covered].sum())


def test_the_report_has_before_after_and_estates(result, tmp_path):
    tables = report_tables(result.findings())
    estates = tables["T8"].frame.set_index("estate")
    assert estates["open service points in time"].to_dict() == {"<i>Park</i>": 1, "Moon": 0}
    assert estates["capacity to add, people"]["Moon"] == 100
    assert "ALERT" in estates["judgement"]["Moon"]
    frame = tables["T10"].frame
    row = frame[
        (frame["scenario"] == "Second clinic") & (frame["mode"] == "walk, adult") & (frame["minutes"] == 15)
    ]
    today = figures(result, "Nothing")["covered_before"]
    assert row["gain"].iloc[0] == row["change in covered"].iloc[0] == today
    assert row["over 15 min or no access"].iloc[0] == 627 - row["covered"].iloc[0]
    assert row["Gini"].between(0, 1).all()
    elder = frame[(frame["mode"] == "walk, older person") & (frame["minutes"] == 15)].set_index("scenario")
    assert (
        elder["overloaded service points"]["Second clinic"] == 0
    )  # 170 people each, room for 5,000 and 900.
    assert np.isnan(elder["overloaded service points"]["Nothing"])  # No capacity is known.
    page = result.report(tmp_path / "r.html", "zh").read_text("utf-8")
    assert "方案对比表" in page
    assert "警示" in page
    assert "<i>Park" not in page
    book = openpyxl.load_workbook(result.tables(tmp_path / "t.xlsx"))
    assert {"T8 New estates", "T10 Before and after"} <= set(book.sheetnames)


def test_changes_and_provenance_name_the_scenario(result, tmp_path):
    path = result.scenarios["Second clinic"].comparison.to_gpkg(tmp_path / "c.gpkg")
    with sqlite3.connect(path) as base:
        told = dict(base.execute("SELECT key, after FROM input_changes"))
    assert told["scenario.add"] == "new.csv"
    facts = result.provenance()
    assert "scenario Second clinic, add" in facts["inputs"]
    assert str(result.study.file.parent) not in json.dumps(facts)
    assert "Second clinic: Within 15 minutes" in result.summary()
    assert "Nothing: 没有变化" in result.summary("zh")
    assert "with the proposed sites" not in result.summary("zh")


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ('remove = ["01"]', r"scenario 'X': remove names facility '01', which the study does not have: did you mean '001'"),
        ('add = "same.csv"', r"scenario 'X': the new facility '001' has the id of one that is there"),
        ('remove = ["001"]', r"scenario 'X': remove closes every service point"),
        ('move = { "001" = [43.7, 700] }', r"\[scenarios 1.move\] 001: must be \[longitude, latitude\]"),
        ('remove = ["001"]\ncapacity = { "001" = 3 }', r"'001' is removed and also moved or enlarged"),
        ("year = 2030", r"\[scenarios 1\]: year is for estates"),
        ('adds = "x.csv"', r"unknown key 'adds' in \[scenarios 1\]: did you mean 'add'"),
        ('estates = "clinics.csv"', r"clinics\.csv has no column of planned people"),
        ('estates = "estates.csv"\nyear = 2000', r"no estate opens by 2000: the first opens in 2028"),
        ('roads = "loose.geojson"', r"scenario 'X': .*no new road crosses a street or ends within 10 m"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_named(tmp_path, lines, message):
    file = write_scenarios(tmp_path)
    (tmp_path / "same.csv").write_text(f"id,lon,lat\n001,{EAST[0]},{EAST[1]}\n", "utf-8")
    line = {"type": "LineString", "coordinates": [place(3, 40), place(9, 40)]}
    loose = {"type": "Feature", "properties": {"class": "track"}, "geometry": line}
    (tmp_path / "loose.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": [loose]}), "utf-8"
    )
    text = file.read_text("utf-8").replace(SCENARIOS, f'\n[[scenarios]]\nname = "X"\n{lines}\n')
    file.write_text(text, "utf-8")
    with pytest.raises(InputError, match=message):
        Study.from_toml(file).run(parts=("scenarios",))


def test_wrong_ids_stop_a_study_before_its_streets_are_read(tmp_path):
    file = write_scenarios(tmp_path)
    file.write_text(file.read_text("utf-8").replace('remove = ["001"]', 'remove = ["9"]'), "utf-8")
    done = []
    with pytest.raises(InputError, match="remove names facility '9'"):
        Study.from_toml(file).run(lambda stage, _: done.append(stage), parts=("scenarios",))
    assert "read streets" not in done


def test_what_is_noted_names_its_scenario(tmp_path):
    file = write_scenarios(tmp_path)
    far = place(0, 900)
    lines = f'[[scenarios]]\nname = "X"\nmove = {{ "001" = [{far[0]}, {far[1]}] }}\nadd = "new.csv"\n'
    file.write_text(file.read_text("utf-8").replace(SCENARIOS, f"\n{lines}"), "utf-8")
    with pytest.warns(UserWarning, match=r"^scenario 'X': 1 of 2 service points take no part"):
        Study.from_toml(file).run(parts=("scenarios",))


def test_an_estate_far_from_every_street_is_noted(tmp_path):
    file = write_scenarios(tmp_path)
    lon, lat = place(0, 900)
    (tmp_path / "estates.csv").write_text(
        f"id,planned_people,year,lon,lat\nE9,50,2028,{lon},{lat}\n", "utf-8"
    )
    lines = '[[scenarios]]\nname = "X"\nestates = "estates.csv"\n'
    file.write_text(file.read_text("utf-8").replace(SCENARIOS, f"\n{lines}"), "utf-8")
    with pytest.warns(UserWarning, match=r"^scenario 'X': 1 of 1 estates have no street near enough.*: E9"):
        Study.from_toml(file).run(parts=("scenarios",))


def test_names_and_missing_files(tmp_path):
    file = write_scenarios(tmp_path)
    (tmp_path / "new.csv").unlink()
    with pytest.raises(MissingFileError, match=r"new\.csv \(scenario Second clinic, add\) does not exist"):
        Study.from_toml(file).run(parts=("scenarios",))
    file.write_text(file.read_text("utf-8").replace('"Replaced"', '"Moved"'), "utf-8")
    with pytest.raises(InputError, match=r"\[\[scenarios\]\] has the name 'Moved' twice"):
        Study.from_toml(file)


SEASONS = """
[[scenarios]]
name = "Dry"
season = "dry"
[[scenarios]]
name = "Wet"
season = "wet"
"""


def test_dry_and_wet_stand_side_by_side(town):
    """The south street is flooded when it rains, the north one only there when it does not: 3 km each."""
    xml = (town.parent / "streets.osm").read_text("utf-8")
    for way, tag in (("1", "flood_prone"), ("2", "seasonal")):
        value = "yes" if way == "1" else "dry_season"
        head, tail = xml.split(f'<way id="{way}" version="1">')
        xml = f'{head}<way id="{way}" version="1">' + tail.replace(
            "</way>", f'<tag k="{tag}" v="{value}"/></way>', 1
        )
    (town.parent / "streets.osm").write_text(xml, "utf-8")
    text = town.read_text("utf-8").split("[siting]")[0]
    town.write_text(text + SEASONS, "utf-8")
    with pytest.warns(UserWarning, match="season: wet") as told:
        result = Study.from_toml(town).run(parts=("scenarios",))
    frame = report_tables(result.findings())["T10"].frame
    walk = frame[(frame["mode"] == "walk, adult") & (frame["minutes"] == 15)]
    assert walk["season"].tolist() == ["all year", "dry", "wet"]
    assert walk["streets not there then, km"].tolist() == pytest.approx([3.0, 0.0, 6.0], rel=0.01)
    # 1,200 m in 15 minutes: 11 blocks of 100.1 m along the clinic's street, and as many less one of the other street.
    assert walk["covered"].tolist() == [(12 + 11) * 10, (12 + 11) * 10, 20]
    lines = [str(one.message) for one in told]
    assert [line for line in lines if "scenario 'Wet'" in line and "6.0 km" in line]
    assert not [line for line in lines if "scenario 'Dry'" in line]
    kept = [note["source"] for note in result.provenance()["notes"] if "season: wet" in note["text"]]
    assert kept == ["scenario 'Wet', streets.osm"]
