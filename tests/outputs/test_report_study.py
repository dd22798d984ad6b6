"""Reports of whole studies: the ordinary one and the smallest there are."""

from __future__ import annotations

import warnings

import openpyxl
import pytest
from report_town import Page

from access15.study import Study
from town_files import LAT, LON, write_town


@pytest.fixture
def town_file(tmp_path):
    return write_town(tmp_path)


def run(file):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Study.from_toml(file).run()


def page_of(result, folder, lang="en"):
    return Page(result.report(folder / "r.html", lang).read_text("utf-8"))


def without_areas(file):
    head, _, rest = file.read_text("utf-8").partition("[areas]")
    file.write_text(head + rest[rest.index("[analysis]") :], "utf-8")


def test_a_study_writes_both_languages(town_file, tmp_path):
    result = run(town_file)
    written = result.write(tmp_path / "zh", lang="zh")
    page = Page(written["report.html"].read_text("utf-8"))
    assert ("html", {"lang": "zh-CN"}) in page.elements
    assert page.data["bounds"][0] == pytest.approx(LON)
    book = openpyxl.load_workbook(written["tables.xlsx"])
    assert book.sheetnames[0] == "T1 覆盖情况表"
    total = result.figures()["covered_walk_15"]
    sheet = book.worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    last = next(row for row in sheet.iter_rows(min_row=2) if row[1].value == "合计")
    assert last[heads.index("步行\uff08成人\uff0915分钟\uff1a覆盖人口")].value == pytest.approx(total)


def test_one_cell(town_file, tmp_path):
    (tmp_path / "people.csv").write_text(f"id,lon,lat,population\na,{LON},{LAT},7\n", "utf-8")
    without_areas(town_file)
    result = run(town_file)
    page = page_of(result, tmp_path)
    assert page.data["cells"]["n"] == 1
    assert page.data["cells"]["shape"] == "point"
    assert page.rows["table-T1"] == 2
    assert "100.0% of 7 residents" in page.text
    assert "There is no gap" in page.text


def test_people_whom_no_street_reaches(town_file, tmp_path):
    far = [f"f{i},{LON},{LAT + 0.2 + i / 1000},5" for i in range(9)]
    near = f"near,{LON},{LAT},1"
    (tmp_path / "people.csv").write_text("\n".join(["id,lon,lat,population", near, *far]), "utf-8")
    page = page_of(run(town_file), tmp_path)
    assert "2.2% of 46 residents" in page.text
    assert "–" in page.text


def test_another_run_stands_beside_this_one(town_file, tmp_path):
    result = run(town_file)
    (tmp_path / "clinics.csv").write_text(
        f"id,name,lon,lat\n001,West Clinic,{LON},{LAT}\n002,East Clinic,{LON + 0.03},{LAT}\n", "utf-8"
    )
    after = run(town_file)
    path = result.tables(tmp_path / "t.xlsx", compared={"with a second clinic": after})
    sheet = openpyxl.load_workbook(path)["T10 Before and after"]
    names = [row[0].value for row in sheet.iter_rows(min_row=2)]
    assert names.count("with a second clinic") == 5  # Two modes at two cut-offs, and the case of the plan.
    gains = {
        (row[1].value, row[2].value): row[7].value
        for row in sheet.iter_rows(min_row=2)
        if row[0].value == "with a second clinic"
    }
    before, now = result.figures(), after.figures()
    assert gains["walk, adult", 15] == pytest.approx(now["covered_walk_15"] - before["covered_walk_15"])
