"""A study whose clinics have capacities: who finds no room shows in gaps and in table T3."""

import re

import openpyxl
import pytest

from access15.outputs.report import report_tables
from access15.study import Study


def with_capacity(town, text):
    """Give the clinics of the town capacities: one column more, one value a row."""
    file = town.parent / "clinics.csv"
    head, *rows = file.read_text("utf-8").strip().split("\n")
    values = text.split(",")
    lines = [head + ",capacity"] + [
        f"{row},{value}" for row, value in zip(rows, values * len(rows), strict=False)
    ]
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return Study.from_toml(town).run(parts=("gaps",))


def test_full_clinic(town, tmp_path):
    plain = Study.from_toml(town).run(parts=("gaps",))
    assert plain.catchments is None
    assert "T3" not in report_tables(plain.findings())
    result = with_capacity(town, "30")
    found = result.catchments
    assert found.table["allocated"].sum() == 30 * len(found.table)
    gaps, more = result.gaps.table, float(found.overflow.sum())
    assert more > 0
    assert gaps["people"].sum() == plain.gaps.table["people"].sum() + more
    assert "both" in set(gaps["kind"])  # most people of the gap are too far from a clinic that is full anyway
    assert (
        f"Of these people {more:,.0f} are within reach, but only of service points that are full"
        in result.summary()
    )
    assert re.search(r"median min +kind +reason", result.summary())
    english, chinese = (report_tables(result.findings(), lang)["T3"] for lang in ("en", "zh"))
    assert english.frame["allocated people"].iloc[-1] == 30 * len(found.table)
    assert "负荷率" in chinese.frame
    assert chinese.frame["建议"].iloc[0] == "增设服务点或增加建设规模"
    kinds = report_tables(result.findings(), "zh")["T5"].frame["类型"]
    assert "距离与服务能力" in set(kinds)
    book = openpyxl.load_workbook(result.tables(tmp_path / "tables.xlsx"))
    assert "T3 Supply and demand" in book.sheetnames


def test_unknown_capacity_cannot_be_judged(town):
    file = town.parent / "clinics.csv"
    head, first, *rest = file.read_text("utf-8").strip().split("\n")
    columns = head.split(",")
    again = first.split(",")
    again[columns.index("id")] = "second"
    again[columns.index("name")] = "Second Clinic"  # One name on one spot would be one clinic.
    file.write_text(
        "\n".join([head + ",capacity", first + ",40", ",".join([*again, ""]), *rest]) + "\n", "utf-8"
    )
    with pytest.warns(UserWarning, match="1 of 2 facilities have no capacity"):
        result = Study.from_toml(town).run(parts=("gaps",))
    table = report_tables(result.findings(), "zh")["T3"]
    assert table.frame["建议"].tolist()[1] == "无法判断"
    assert table.frame["负荷率"].isna().tolist() == [False, True, True]
    assert "缺服务能力数据" in table.note
