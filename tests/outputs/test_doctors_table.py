"""Table T4: one village doctor for about 1,000 residents, for about 500 where it is remote."""

from __future__ import annotations

import json

import numpy as np
import pytest

from access15.errors import InputError
from access15.outputs.report import report_tables
from access15.outputs.report.tables.t4_doctors import DoctorNeed
from access15.sources import read_areas
from access15.study import Study
from town_files import write_town


def with_doctors(folder, west, east, column="村医", kinds=("", "偏远")):
    study = write_town(folder)
    path = folder / "wards.geojson"
    wards = json.loads(path.read_text("utf-8"))
    for shape, count, kind in zip(wards["features"], (west, east), kinds, strict=True):
        shape["properties"] |= {column: count, "kind": kind}
    path.write_text(json.dumps(wards), "utf-8")
    study.write_text(
        study.read_text("utf-8").replace('id = "code"\n', 'id = "code"\nflags = "kind"\n'), "utf-8"
    )
    return study


def doctors(study, lang="en"):
    result = Study.from_toml(study).run(parts=())
    return report_tables(result.findings(), lang).get("T4")


def test_need_and_gap_by_hand(tmp_path):
    table = doctors(with_doctors(tmp_path, 0, 3))
    # 16 columns of two blocks of 10 people in the west, 15 in the east: 320 and 300 residents.
    rows = table.frame.iloc[:, 2:].values.tolist()
    assert rows[0][0] == 320
    assert rows[0][2:6] == [1000, 1, 0, 1]  # 0.32 doctors are one
    assert rows[1][0] == 300
    assert rows[1][2:6] == [500, 1, 3, -2]
    assert [row[6] for row in rows] == ["no", "yes", None]
    assert rows[2][3:6] == [2, 3, 1]  # one is missing in the west, whatever the east has


def test_about_the_standard_is_met():
    def met(people, there):
        columns = (np.array([value], float) for value in (people, 1000, people / 1000, there))
        return DoctorNeed(np.array(["v"], object), *columns, np.array([False])).met

    assert met(1_100, 1) == ["yes"]  # misses a tenth of a doctor
    assert met(1_120, 1) == ["no"]
    assert met(1_120, np.nan) == ["cannot be judged"]


def test_more_than_about_is_missing_and_unknown_is_never_zero(tmp_path):
    table = doctors(with_doctors(tmp_path, 0.28, None), "zh")
    assert table.title == "T4 乡村医生配备表"
    assert table.frame.iloc[:, -1].tolist() == ["未达标", "无法判断", None]
    assert table.frame.iloc[1:, 6].isna().all()  # nobody knows how many there are, nor the total


def test_without_the_column_there_is_no_table(tmp_path):
    assert doctors(write_town(tmp_path)) is None


def test_less_than_none_is_refused(tmp_path):
    with_doctors(tmp_path, -1, 2)
    with pytest.raises(InputError, match="feature 1: -1 in column '村医' is no number of doctors"):
        read_areas(tmp_path / "wards.geojson", id="code")
    with pytest.raises(InputError, match="doctors column"):
        read_areas(tmp_path / "wards.geojson", id="code", doctors="none")
