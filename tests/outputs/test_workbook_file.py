"""The workbook opens, numbers are numbers, codes are text, nothing is a formula."""

from __future__ import annotations

import dataclasses

import openpyxl
import pytest
from report_town import findings_of

from access15.errors import InputError, OutputError
from access15.outputs.report import report_tables
from access15.outputs.workbook import sheet_name, write_workbook


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_one_sheet_per_table_with_frozen_heads(town, tmp_path, lang):
    tables = report_tables(findings_of(town), lang)
    book = openpyxl.load_workbook(write_workbook(tmp_path / "t.xlsx", tables, lang))
    assert book.sheetnames == [sheet_name(table.title) for table in tables.values()]
    for sheet, table in zip(book, tables.values(), strict=True):
        assert [cell.value for cell in sheet[1]] == list(table.frame.columns)
        assert sheet.freeze_panes in ("A2", "C2")
        assert all(dim.width >= 10 for dim in sheet.column_dimensions.values())
        for i, kind in enumerate(table.kinds):
            for row, value in enumerate(table.frame.iloc[:, i]):
                cell = sheet.cell(row + 2, i + 1)
                if value is None or value != value:
                    assert cell.value is None
                else:
                    assert isinstance(cell.value, str if kind == "text" else (int, float))


def test_formats_and_codes(town, tmp_path):
    tables = report_tables(findings_of(town))
    sheet = openpyxl.load_workbook(write_workbook(tmp_path / "t.xlsx", tables))["T1 Coverage"]
    heads = [cell.value for cell in sheet[1]]
    first = {head: sheet.cell(2, i + 1) for i, head in enumerate(heads)}
    assert first["code"].value == "001"
    assert first["code"].number_format == "@"
    assert first["residents"].number_format == "#,##0"
    assert first["walk, adult, 15 min: rate"].number_format == "0.0%"
    assert 0 <= first["walk, adult, 15 min: rate"].value <= 1
    total = next(row for row in sheet.iter_rows(min_row=2) if row[1].value == "total")
    assert total[2].value == pytest.approx(town.population.total)
    assert total[2].font.bold


def test_a_name_is_never_a_formula_and_has_no_control_characters(town, tmp_path):
    areas = dataclasses.replace(town.areas, name=["=1+1", "+cmd|' /C calc'!A0", "bell\x07 \u202bעברית"])
    tables = report_tables(findings_of(town, areas=areas))
    sheet = openpyxl.load_workbook(write_workbook(tmp_path / "t.xlsx", tables))["T1 Coverage"]
    names = [sheet.cell(row, 2) for row in (2, 3, 4)]
    assert [cell.value for cell in names] == ["=1+1", "+cmd|' /C calc'!A0", "bell \u202bעברית"]
    assert all(cell.data_type == "s" for cell in names)


def test_sheets_have_names_that_excel_takes():
    assert sheet_name("T1: a/b [c]*?\\") == "T1  a b  c"
    assert len(sheet_name("x" * 99)) == 31


def test_refusals_leave_the_old_file(town, tmp_path):
    tables = report_tables(findings_of(town))
    with pytest.raises(InputError, match=r"does not end in \.xlsx"):
        write_workbook(tmp_path / "t.xls", tables)
    with pytest.raises(InputError, match="no table"):
        write_workbook(tmp_path / "t.xlsx", {})
    (tmp_path / "t.xlsx").mkdir()
    with pytest.raises(OutputError):
        write_workbook(tmp_path / "t.xlsx", tables)
    assert [path.name for path in tmp_path.iterdir()] == ["t.xlsx"]
