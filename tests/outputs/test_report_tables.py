"""The tables of the report: totals are sums of people, missing is missing, words are complete."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from report_town import findings_of

from access15.equity import equity
from access15.errors import InputError
from access15.outputs.findings import Compared
from access15.outputs.report import report_tables
from access15.outputs.report.tables import t10_before_after


@pytest.fixture(scope="module")
def findings(town):
    return findings_of(town)


@pytest.fixture(scope="module")
def tables(findings):
    return report_tables(findings)


def test_every_table_is_there_in_order(tables):
    assert list(tables) == ["T1", "T2", "T5", "T6", "T11", "T11a", "T12", "T13", "caveats"]


def test_totals_are_sums_of_people(tables, town):
    frame = tables["T1"].frame
    parts, total = frame.iloc[:-1], frame.iloc[-1]
    for name, kind in zip(frame.columns, tables["T1"].kinds, strict=True):
        if kind == "count":
            assert parts[name].sum() == pytest.approx(total[name])
    assert total["residents"] == pytest.approx(town.population.total)
    conserved = frame[["walk, adult, 15 min: covered", "uncovered", "unreachable", "unlinked"]].sum(axis=1)
    assert conserved.to_numpy() == pytest.approx(frame["residents"].to_numpy())
    rate = total["walk, adult, 15 min: covered"] / total["residents"]
    assert total["walk, adult, 15 min: rate"] == pytest.approx(rate)
    # Not the mean of the rates of the areas.
    assert parts["walk, adult, 15 min: rate"].mean() != pytest.approx(rate, abs=1e-3)


def test_an_area_without_people_has_no_rate_and_cannot_be_judged(tables):
    row = tables["T1"].frame.set_index("code").loc["003"]
    assert row["residents"] == 0
    assert np.isnan(row["walk, adult, 15 min: rate"])
    assert row["target met?"] == "cannot be judged"


def test_service_points_are_counted_where_they_stand(tables):
    counted = tables["T1"].frame.set_index("code")["service points"]
    assert counted["001"] == 1  # Metres 400, 400.
    assert counted["002"] == 1  # Metres 900, 700.
    assert tables["T1"].frame["service points"].iloc[-1] == 2


def test_codes_stay_text(tables):
    assert list(tables["T1"].frame["code"])[:3] == ["001", "002", "003"]
    assert tables["T5"].frame["gap"].tolist() == ["g1", "g2"]


def test_groups_are_compared_with_everybody(tables):
    frame = tables["T2"].frame
    assert frame["group"].tolist() == ["all residents", "65+", "0-6"] * 2
    # Groups are a fixed share of the people of every cell: no difference.
    assert frame["gap to the total, percentage points"].to_numpy() == pytest.approx(0, abs=1e-9)
    elder = frame[frame["group"] == "65+"]
    assert elder["covered"].to_numpy() == pytest.approx(elder["people"] * elder["coverage rate"])


def test_gaps_that_reach_nothing_have_no_time(tables):
    frame = tables["T5"].frame
    assert np.isnan(frame["time to nearest, median, min"][0])
    assert frame["nearest service point"][0] is None
    assert frame["nearest service point"][1] == "East"
    assert frame["time to nearest, median, min"][1] == pytest.approx(1000 / 60)
    assert frame["of them 65+"].tolist() == [10, 10]


def test_sites_have_coordinates_and_the_gains_add_up(tables):
    frame = tables["T6"].frame
    assert frame["candidate"].tolist() == ["j2", "j1"]
    assert frame["CRS"].tolist() == ["EPSG:4326"] * 2
    assert frame["longitude"].between(7.40, 7.45).all()
    assert frame["cumulative people covered"].iloc[-1] - frame["cumulative people covered"].iloc[
        0
    ] == pytest.approx(frame["marginal people covered"].iloc[1])
    assert "proven optimal" in tables["T6"].note


def test_sites_tell_how_firm_they_are(town):
    runs = pd.DataFrame(
        {"candidate_id": ["j1", "j2", "j3"], "chosen_in": [3, 1, 2], "near_in": [4, 1, 2], "runs": 5}
    )
    frame = report_tables(findings_of(town, robustness=runs))["T6"].frame
    assert frame["chosen in"].tolist() == [1, 4]
    assert frame["of sensitivity runs"].tolist() == [5, 5]


def test_scenarios_are_compared_case_by_case(town):
    times = town.times(9.6)
    buses = Compared(town.population, {"walk": times}, {"walk": town.coverage(times)}, pd.DataFrame())
    found = findings_of(town, compared={"Buses": buses}, plan=None)
    frame = t10_before_after.TABLE.made(found).frame
    walk = frame[frame["mode"] == "walk, adult"]
    assert walk["scenario"].tolist() == ["existing service points", "Buses"] * 3
    change = walk[walk["scenario"] == "Buses"]
    assert (change["change in covered"] >= 0).all()
    assert change["gain"].to_numpy() == pytest.approx(change["change in covered"].to_numpy())
    base = walk[walk["scenario"] != "Buses"]["covered"].to_numpy()
    assert change["covered"].to_numpy() - base == pytest.approx(change["change in covered"].to_numpy())
    people = town.population.people
    assert change["over 30 min or no access"].iloc[0] == pytest.approx(people[~(times.seconds <= 1800)].sum())
    capped = equity(
        times,
        town.population,
        cap_minutes=60,
        kappa=equity(found.times["walk"], town.population, cap_minutes=60).kappa,
    )
    assert change["EDE, min"].iloc[0] == pytest.approx(capped.total["ede_min"])
    assert change["Gini"].iloc[0] == pytest.approx(capped.total["gini"])


def test_parts_that_were_not_computed_have_no_table(town):
    assert list(report_tables(findings_of(town, gaps=None, plan=None, candidates=None))) == [
        "T1", "T2", "T11", "T11a", "T12", "T13", "caveats",
    ]  # fmt: skip


def test_sensitivity_stands_five_minutes_around_the_headline(tables, findings):
    frame = tables["T12"].frame
    rates = [c for c in frame.columns if c.startswith("rate within")]
    assert rates == [f"rate within {m} min" for m in (5, 10, 15, 20)]
    assert (np.diff(frame[rates].to_numpy(), axis=1) >= 0).all()
    assert frame["rate within 15 min"][0] == pytest.approx(findings.coverage.rate(15))
    bounded = {"walk": dataclasses.replace(findings.times["walk"], limit_s=900.0)}
    short = dataclasses.replace(findings, times=bounded, coverages={"walk": findings.coverage})
    assert "rate within 20 min" not in report_tables(short)["T12"].frame


def test_caveats_count_people_by_their_way_to_the_street(tables, town):
    frame = tables["caveats"].frame
    lines = dict(zip(frame["item"], frame["value"], strict=True))
    bands = [v for k, v in lines.items() if "from a street" in k]
    # The modes share their streets: said once. The unlinked cell is in no band.
    assert sum(bands) == pytest.approx(town.population.total - lines["walk, adult: unlinked"])
    assert lines["walk, adult: unreachable"] == pytest.approx(town.population.people[:3].sum())
    assert lines["target walk, adult, 15 min"] == 90
    close = findings_of(town).coverages["walk"].rounding_cells
    assert lines["walk, adult: a close call"] == sum(close)
    said = frame.set_index("item")["what it means"]["walk, adult: a close call"]
    assert said.endswith(f"15 min: {close[-1]}.")
    assert np.isnan(lines["dates of the data"])
    assert any("12 people no candidate can reach" in text for text in frame["what it means"])


def test_the_chinese_tables_have_chinese_heads(town):
    tables = report_tables(findings_of(town), "zh")
    assert tables["T1"].title == "T1 覆盖情况表"
    heads = list(tables["T1"].frame.columns)
    assert heads[:4] == ["代码", "名称", "常住人口", "医疗服务点"]
    for table in tables.values():
        for head in table.frame.columns:
            assert any("\u4e00" <= char <= "\u9fff" for char in head), head
    assert tables["T5"].frame["原因"].tolist() == ["距离过远"] * 2


def test_findings_refuse_what_does_not_belong_together(town):
    with pytest.raises(InputError, match="no figure for 7 min"):
        findings_of(town, minutes=7.0)
    with pytest.raises(InputError, match="without its candidates"):
        findings_of(town, candidates=None)
    with pytest.raises(InputError, match="pass both of every case"):
        findings_of(town, coverages={"walk": town.coverage(town.times())})
    with pytest.raises(InputError, match="'fr' is not known"):
        report_tables(findings_of(town), "fr")
