"""A study that infers capacities from doctors and floor area: tables T3 and T3a by hand."""

from __future__ import annotations

import json

import numpy as np
import pytest

from access15.errors import InputError
from access15.outputs.report import report_tables
from access15.study import Study
from town_files import COLUMNS, place, write_town

WEST, EAST = place(0, 0), place(COLUMNS - 1, 0)
RATES = "[capacity]\npeople_per_doctor = 100\npeople_per_m2 = 5\n"


def write_clinics(study, west, east, more="", rates=RATES, kinds=("农村", "")):
    """Two clinics with doctors, beds, floor area and stated capacity; wards of 320 and 300 residents, 7 in none."""
    folder = study.parent
    rows = [f"001,西村卫生室,{WEST[0]},{WEST[1]},{west}", f"002,East,{EAST[0]},{EAST[1]},{east}"]
    text = "\n".join(["机构代码,机构名称,经度,纬度,医师数,床位数,建筑面积,服务能力", *rows]) + "\n"
    (folder / "clinics.csv").write_text(text, "utf-8")
    wards = json.loads((folder / "wards.geojson").read_text("utf-8"))
    for shape, kind in zip(wards["features"], kinds, strict=True):
        shape["properties"]["kind"] = kind
    (folder / "wards.geojson").write_text(json.dumps(wards), "utf-8")
    named = study.read_text("utf-8").replace('id = "code"\n', 'id = "code"\nflags = "kind"\n')
    study.write_text(named + rates + more, "utf-8")
    return Study.from_toml(study)


def test_which_limit_binds(town):
    result = write_clinics(town, "1,0,10,", "4,,100,").run(parts=("gaps",))
    english, chinese = (report_tables(result.findings(), lang) for lang in ("en", "zh"))
    t3 = english["T3"].frame
    assert t3["doctors"].tolist() == [1, 4, 5]
    np.testing.assert_array_equal(t3["beds"], [0, np.nan, np.nan])  # 0 stays 0; unknown and its sum are none
    assert t3["floor area, m²"].tolist() == [10, 100, 110]
    assert t3["service capacity, people"].tolist() == [50, 400, 450]
    assert t3["what limits the capacity"].tolist() == ["floor area", "doctors", None]
    assert "2 of 2 facilities is not stated" in english["T3"].note
    assert "100 people per doctor, 5 people per m²" in english["T3"].note
    assert chinese["T3"].frame["服务能力限制因素"].tolist() == ["业务用房面积", "医师数", None]
    layer = result.layers()["facilities"]
    assert layer["capacity_limit"].tolist() == ["floor area", "doctors"]


def test_load_of_areas(town):
    result = write_clinics(town, "1,0,10,", "4,,100,").run(parts=("gaps",))
    table = report_tables(result.findings())["T3a"]
    assert table.frame["residents"].tolist() == [320, 300, 7, 627]
    assert table.frame["service points"].tolist() == [1, 1, 0, 2]
    np.testing.assert_allclose(table.frame["load ratio"], [6.4, 0.75, np.nan, 627 / 450])
    assert table.frame["recommendation"].tolist() == ["branch or enlargement", "enough room", None, None]
    town_wards = write_clinics(write_town(town.parent), "1,0,10,", "2,,100,", kinds=("", "农村"))
    again = report_tables(town_wards.run(parts=("gaps",)).findings(), "zh")["T3a"].frame
    assert again["建议"].tolist()[:2] == [
        "增设社区卫生服务分中心或增加建设规模",
        "增设乡镇卫生院分院或增加建设规模",
    ]


@pytest.mark.filterwarnings("ignore:.*have no capacity")
def test_unknown_is_not_zero_and_stated_comes_first(town):
    result = write_clinics(town, "1,0,10,330", ",,100,").run(parts=("gaps",))
    tables = report_tables(result.findings(), "zh")
    assert tables["T3"].frame["服务能力限制因素"].tolist() == ["填报数", "无法判断", None]
    assert tables["T3"].frame["服务能力（人）"].isna().tolist() == [False, True, True]
    assert tables["T3a"].frame["建议"].tolist()[:2] == ["能力满足", "无法判断"]
    assert tables["T3a"].frame["负荷率"].isna().tolist() == [False, True, True, True]


def test_scenarios_infer_too(town):
    lon, lat = place(9, 0)
    new = f"id,lon,lat,doctors,floor_area\nnew,{lon},{lat},3,20\n"
    (town.parent / "new.csv").write_text(new, "utf-8")
    more = '[[scenarios]]\nname = "More"\nadd = "new.csv"\ncapacity = { "002" = 700 }\n'
    result = write_clinics(town, "1,0,10,", "4,,100,", more).run(parts=("gaps", "scenarios"))
    sites = result.scenarios["More"].result.inputs.facilities
    assert sites.capacity.tolist() == [50, 700, 100]
    assert sites.capacity_limit.tolist() == ["floor area", "", "floor area"]


def test_what_cannot_be_inferred_is_told(town):
    study = write_clinics(town, ",,,", ",3,,")
    with pytest.warns(UserWarning, match="infers nothing: no service point has all the numbers"):
        assert study.run(parts=("gaps",)).catchments is None


def test_room_for_nobody_is_told(town):
    study = write_clinics(town, ",0,,", ",3,,", rates="[capacity]\npeople_per_bed = 100\n")
    with pytest.warns(UserWarning, match="leaves 1 of 2 service points room for nobody.*: 001"):
        assert study.run(parts=("gaps",)).catchments.table["capacity"].tolist() == [0, 300]


@pytest.mark.parametrize(
    ("rates", "message"),
    [
        ("[capacity]\n", r"\[capacity\]: names no limit: add one of people_per_doctor"),
        ("[capacity]\npeople_per_bed = 0\n", "people_per_bed must be above 0"),
        ("[capacity]\npeople_per_bet = 1\n", "did you mean 'people_per_bed'"),
    ],
)
def test_tables_that_cannot_be_used(town, rates, message):
    with pytest.raises(InputError, match=message):
        write_clinics(town, ",,,", ",,,", rates=rates)
