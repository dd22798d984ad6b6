import dataclasses
import re

import pytest
from report_town import findings_of

from access15.errors import InputError
from access15.outputs import summary_text, text_table
from access15.outputs.summary import display_width


def test_width_of_chinese_is_two_and_of_marks_none():
    assert display_width("abc") == 3
    assert display_width("鼓楼街道") == 8
    assert display_width("é") == display_width("é") == 1
    assert display_width("，") == 2


def test_columns_align_also_in_chinese():
    lines = text_table(["name", "n"], [["鼓楼街道", "1,024"], ["Harbour", "7"]]).split("\n")
    assert lines == ["name          n", "--------  -----", "鼓楼街道  1,024", "Harbour       7"]
    assert {display_width(line) for line in lines} == {15}


def test_long_text_is_cut_at_its_width_and_line_breaks_go():
    table = text_table(["name"], [["医疗卫生服务中心分院"], ["a\nb"]], max_column=9)
    assert table.split("\n")[2:] == ["医疗卫..", "a b"]


def test_a_row_of_another_length_is_an_error():
    with pytest.raises(InputError, match="table row 2 has 1 cells for 2 columns"):
        text_table(["a", "b"], [["1", "2"], ["3"]])


def test_a_table_without_rows_is_its_head():
    assert text_table(["a", "bc"], []) == "a  bc\n-  --"


def found_of(town, **changes):
    """What a run on foot found in the town, without gaps and plan unless they are given."""
    walk = town.times()
    return findings_of(
        town, **{"times": {"walk": walk}, "coverages": {"walk": town.coverage(walk)}, "gaps": None, **changes}
    )


def without_areas(town, **changes):
    """The same without areas."""
    walk = town.times()
    return found_of(town, areas=None, coverages={"walk": town.coverage(walk, areas=False)}, **changes)


def test_everything_is_in_the_summary(town):
    walk, elder = town.times(), town.times(3.24, "walk-elder")
    coverages = {"walk": town.coverage(walk), "walk_elder": town.coverage(elder)}
    times = {"walk": walk, "walk_elder": elder}
    out = summary_text(
        found_of(
            town,
            times=times,
            coverages=coverages,
            headline_case="walk_elder",
            minutes=10,
            gaps=town.gaps(elder, 7),
        )
    )
    assert out.startswith("Town\n\nCoverage\n")
    assert out.isascii() is False
    total = coverages["walk"].rate(15)
    row = next(line for line in out.splitlines() if line.split()[:2] == ["walk", "15"])
    assert f"{total:.1%}" in row
    assert "By area: walk-elder, 10 min" in out
    assert "鼓楼街道" in out
    assert "(none)" in out
    assert "2 more, 189 people" in out
    assert "East" in out
    assert "optimal, objective 600.0, bound 600.0, gap 0.00%" in out
    assert "note: 12 people no candidate can reach" in out
    assert out.count("100.0%") == 0


def test_areas_of_the_summary_add_up(town):
    out = summary_text(found_of(town))
    block = out.split("By area: walk, 15 min\n")[1].splitlines()[2:6]
    people = [int(line.split()[1].replace(",", "")) for line in block]
    assert sum(people) == pytest.approx(town.population.total, abs=len(people))


def test_no_gaps_and_chinese_words(town):
    found = without_areas(town, gaps=town.gaps(town.times(), 0))
    out = summary_text(found, "zh")
    assert "覆盖率" in out
    assert "服务盲区：步行（成人），15 分钟\n无" in out
    with pytest.raises(InputError, match="language 'fr' is not known"):
        summary_text(found, "fr")


def test_a_cut_off_that_was_not_computed(town):
    with pytest.raises(InputError, match="no figure for 7 min"):
        found_of(town, minutes=7)


def test_ids_stand_in_for_missing_names(town):
    gaps = town.gaps(town.times())
    gaps.table["nearest_facility"] = "c9"
    assert " c9 " in summary_text(found_of(town, gaps=gaps))


def test_of_many_areas_the_worst_are_shown_and_the_rest_is_summed(town, monkeypatch):
    walk = town.times()
    monkeypatch.setattr("access15.outputs.summary.LONG", 2)
    out = summary_text(found_of(town))
    block = out.split("By area: walk, 15 min\n")[1].splitlines()
    lacking = [int(line.split()[4].replace(",", "")) for line in block[2:4]]
    told = re.fullmatch(r"2 more areas with fewer people not covered, together ([\d,]+)", block[4])
    table = town.coverage(walk).table
    total = table[table["area_id"].isna() & (table["minutes"] == 15) & (table["group"] == "all")].iloc[0]
    assert lacking == sorted(lacking, reverse=True)
    whole = total["people"] - total["covered"]
    assert sum(lacking) + int(told[1].replace(",", "")) == pytest.approx(whole, abs=4)


def test_a_plan_without_sites_has_no_table(town):
    plan = town.plan(town.times())
    none = dataclasses.replace(plan, p=0, chosen=plan.chosen[:0], table=plan.table.iloc[:0])
    out = summary_text(found_of(town, plan=none))
    assert "Proposed sites, plan A: " in out
    assert "candidate  source" not in out


def test_gaps_too_small_for_the_table_are_counted(town):
    gaps = town.gaps(town.times(), 0)
    gaps.table.attrs["left_out"] = {"gaps": 3, "people": 12.0}
    out = summary_text(found_of(town, gaps=gaps, plan=None))
    assert out.endswith("none\n3 too small to list, 12 people\n")
