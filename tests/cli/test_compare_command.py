"""``access15 compare``: a table, a GeoPackage, a report, and one line for what cannot be."""

from __future__ import annotations

import sqlite3

import pytest

from town_files import COLUMNS, place


@pytest.fixture
def results(run, inputs, town):
    """The town's coverage before and after a clinic at its east end."""
    out = [town.parent / "before.gpkg", town.parent / "after.gpkg"]
    assert run("coverage", *inputs, "--minutes", "15", "--out", out[0]).exit_code == 0
    lon, lat = place(COLUMNS - 1, 0)
    with (town.parent / "clinics.csv").open("a", encoding="utf-8") as file:
        file.write(f"002,East,{lon},{lat}\n")
    assert run("coverage", *inputs, "--minutes", "15", "--out", out[1]).exit_code == 0
    return out


def test_what_changed_is_printed_and_written(run, results, tmp_path):
    out, report = tmp_path / "c.gpkg", tmp_path / "c.html"
    found = run("compare", *results, "--out", out, "--report", report, "--lang", "zh")
    assert found.exit_code == 0, found.output
    assert "受益" in found.stdout
    assert f"written: {out}" in found.stdout
    assert "由未覆盖变为覆盖" in report.read_text("utf-8")
    with sqlite3.connect(out) as base:
        ((gain,),) = base.execute('SELECT gain FROM changes WHERE area_id IS NULL AND "group" = "all"')
        ((added,),) = base.execute("SELECT facility_id FROM facility_changes WHERE change = 'added'")
    assert gain > 0
    assert added == "002"
    again = run("compare", *results, "--report", report)
    assert again.exit_code == 0
    assert "people gain access" in report.read_text("utf-8")


def test_a_result_with_itself(run, results):
    found = run("compare", results[0], results[0])
    assert found.exit_code == 0
    assert "Nothing changed" in found.stdout


def test_refusals_are_one_line(refused, results, town, tmp_path):
    assert "does not exist" in refused("compare", results[0], tmp_path / "no.gpkg")
    assert "clinics.csv" in refused("compare", results[0], town.parent / "clinics.csv")
    assert "BEFORE reads" in refused("compare", *results, "--out", results[0])
    assert "--report" in refused("compare", *results, "--report", tmp_path / "c.pdf")
