"""Services that go to the people, in a study and on the command line."""

from __future__ import annotations

import sqlite3

import pytest

from access15.errors import InputError
from access15.outputs.report import report_tables
from access15.study import Study
from town_files import place


def test_a_study_with_outreach_writes_its_layers(town):
    lon, lat = place(30, 0)
    (town.parent / "villages.csv").write_text(f"id,name,lon,lat\nv,East End,{lon},{lat}\n", "utf-8")
    rules = '[outreach]\nresident_people = 900\nfixed_clinic_people = 900\nextension_minutes = 16\nsettlements = "villages.csv"\n'
    town.write_text(town.read_text("utf-8").replace("[siting]\np = 2", f"{rules}[siting]\np = 1"), "utf-8")
    result = Study.from_toml(town).run(parts=("gaps", "siting"))
    out = result.to_gpkg(town.parent / "out.gpkg")
    with sqlite3.connect(out) as database:
        rows = database.execute(
            "SELECT recommendation, served_by, people, mobile_people FROM gaps"
        ).fetchall()
        circuits = database.execute("SELECT circuit_id, base_id, people FROM circuits").fetchall()
        (settlement,) = database.execute("SELECT settlement_id, status FROM settlements").fetchall()
    forms = {form for form, *_ in rows}
    assert forms <= {"fixed clinic", "neighbour-village extension", "mobile circuit"}
    assert {"fixed clinic", "mobile circuit"} <= forms  # of the proposed site, and for the place far off
    site = result.plan.table["candidate_id"].iloc[0]
    assert all(by == site for form, by, *_ in rows if form == "fixed clinic")
    assert sum(people for _, _, people in circuits) == sum(row[3] for row in rows)
    assert settlement == ("v", "too far")
    for lang, form, why in (
        ("en", "mobile circuit", "no base within a day"),
        ("zh", "巡回医疗", "一日内无机构可到达"),
    ):
        table = report_tables(result.findings(), lang)["T7"].frame
        mobile = table[table.iloc[:, 3] == form]
        assert mobile.iloc[:, 5].sum() == sum(people for _, _, people in circuits)
        assert set(mobile.iloc[:, -1].dropna()) <= {why, "no street for vehicles near", "附近无可通车道路"}
        assert result.tables(town.parent / f"{lang}.xlsx", lang).exists()
    assert "Services for the gaps" in result.summary()
    assert "villages.csv" in {part["file"] for part in result.hashes.values()}


def test_one_threshold_in_two_tables_is_refused(town):
    text = town.read_text("utf-8").replace("minutes = 15 }", "minutes = 15, resident_people = 5 }")
    town.write_text(f"{text}\n[outreach]\nresident_people = 6\n", "utf-8")
    with pytest.raises(InputError, match=r"resident_people stands in \[analysis.gaps\] and in \[outreach\]"):
        Study.from_toml(town)


def test_a_rule_out_of_range_names_its_table(town):
    town.write_text(f"{town.read_text('utf-8')}\n[outreach]\nvehicles = 1\nvisits_per_month = 40\n", "utf-8")
    with pytest.raises(
        InputError, match=r"\[outreach\]: 40 visits a month are more than the 21 working days"
    ):
        Study.from_toml(town)
