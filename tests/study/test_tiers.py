"""``[[tiers]]``: coverage by some of the service points, each with its own mode and cut-off."""

from __future__ import annotations

import pytest

from access15 import DRIVE, coverage, nearest_times
from access15.errors import InputError
from access15.model import Facilities
from access15.outputs.report import report_tables
from access15.study import Study
from town_files import place

TIERS = '[[tiers]]\nname = "hubs"\nof = "卫生院"\nmode = "drive"\nminutes = 5\n[[tiers]]\nname = "stroke"\nof = ["卒中"]\n'


def with_tiers(town, more):
    lines = ["id,name,tier,services,lon,lat"]
    for i, (column, tier, services) in enumerate(
        ((0, "村卫生室", ""), (15, "乡镇卫生院", "妇幼"), (30, "县医院", "卒中;胸痛"))
    ):
        lon, lat = place(column, 0)
        lines.append(f"{i},P{i},{tier},{services},{lon},{lat}")
    (town.parent / "clinics.csv").write_text("\n".join(lines) + "\n", "utf-8")
    town.write_text(f"{town.read_text('utf-8')}\n{more}", "utf-8")
    return Study.from_toml(town)


def test_each_entry_counts_its_own_points_alone(town):
    result = with_tiers(town, TIERS).run(parts=())
    given, (hubs, stroke) = result.inputs, result.found.tiers
    alone = Facilities.of(given.facilities.x[[1]], given.facilities.y[[1]], given.facilities.crs)
    times = nearest_times(given.network, alone, given.population, DRIVE)
    by_hand = coverage(times, given.population, 5, given.areas).table
    assert hubs.coverage.table["covered"].tolist() == by_hand["covered"].tolist()
    assert (hubs.points, stroke.points) == (1, 1)
    assert stroke.minutes == result.study.settings.analysis.headline_case.minutes
    for lang in ("en", "zh"):
        frame = report_tables(result.findings(), lang)["T1a"].frame
        assert frame.iloc[:, 0].tolist() == ["hubs", "stroke"]
        assert (
            frame.iloc[0, 3]
            == by_hand[by_hand["area_id"].isna() & (by_hand["group"] == "all")]["covered"].iloc[0]
        )


def test_without_the_table_there_is_no_table(town):
    assert "T1a" not in report_tables(Study.from_toml(town).run(parts=()).findings())


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (
            '[[tiers]]\nname = "x"\nof = "卒中心"',
            "names '卒中心', which is no tier and no service .*did you mean '卒中'",
        ),
        ('[[tiers]]\nname = "x"\nof = []', "of: is empty: name at least one"),
        ('[[tiers]]\nname = "x"', "the key 'of' is missing"),
        (TIERS.replace("stroke", "hubs"), r"\[\[tiers\]\] has the name 'hubs' twice"),
    ],
)
def test_entries_that_fit_nothing_are_refused(town, more, says):
    with pytest.raises(InputError, match=says):
        with_tiers(town, more).run(parts=())
