"""Tables T11 and T11a, and the Lorenz curves."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pytest
from report_town import findings_of

from access15.outputs.report import report_tables
from access15.outputs.report.charts import lorenz_curves
from access15.outputs.report.page import WORDS as PAGE
from access15.outputs.words import words


def test_the_measures_are_over_everybody_with_a_cap(town):
    frame = report_tables(findings_of(town))["T11"].frame
    people, seconds = town.population.people, town.times().seconds
    minutes = np.minimum(seconds / 60, 60)
    mean = people @ minutes / people.sum()
    apart = np.abs(minutes[:, None] - minutes) * people[:, None] * people
    row = frame.iloc[0]
    assert row.iloc[2] == people.sum()
    assert row.iloc[3] == pytest.approx(mean)
    assert row.iloc[4] > mean  # a burden: inequality makes it worse
    assert row.iloc[5] == pytest.approx(apart.sum() / (2 * mean * people.sum() ** 2))


def test_areas_of_a_kind_against_all_others(town):
    flags = {"urban": np.arange(len(town.areas)) == 0}
    odd = dataclasses.replace(town, areas=dataclasses.replace(town.areas, flags=flags))
    frame = report_tables(findings_of(odd))["T11a"].frame
    assert frame["division"].tolist() == ["all areas", "urban areas"] * 2
    inside, p = odd.cell_area() == 0, odd.population.people
    minutes = np.minimum(odd.times().seconds / 60, 60)
    row = frame.iloc[1]
    means = [np.average(minutes[part], weights=p[part]) for part in (inside, ~inside)]
    rates = [np.average(minutes[part] <= 15, weights=p[part]) for part in (inside, ~inside)]
    assert row.iloc[5:10].tolist() == pytest.approx([p[inside].sum(), *means, *rates])
    assert row.iloc[10] == pytest.approx((rates[0] - rates[1]) * 100)
    whole = report_tables(findings_of(odd))["T11"].frame.iloc[0]["Theil"]
    assert row.iloc[2] + row.iloc[3] == pytest.approx(whole)


def test_without_kinds_there_is_only_the_split_by_area(town):
    table = report_tables(findings_of(town), "zh")["T11a"]
    assert list(table.frame.columns) == ["出行方式", "划分", "泰尔指数：组内", "泰尔指数：组间", "组间占比"]


def test_lorenz_curves_stay_below_the_line_of_equality(town):
    word = words("en", PAGE)
    svg = lorenz_curves(findings_of(town), word, ["walk", "older"])
    curves = re.findall(r'polyline points="([^"]+)"', svg)
    assert len(curves) == 2
    for curve in curves:
        x, y = np.array([spot.split(",") for spot in curve.split()], float).T
        share_x, share_y = (x - x[0]) / np.ptp(x), (y[0] - y) / np.ptp(y)
        assert (np.diff(share_y) >= 0).all()
        assert (share_y <= share_x + 1e-3).all()


def test_where_everybody_is_at_the_door_there_is_nothing_to_measure(town):
    times = {"walk": dataclasses.replace(town.times(), seconds=np.zeros(len(town.population)))}
    found = dataclasses.replace(
        findings_of(town), times=times, coverages={"walk": town.coverage(town.times())}
    )
    assert "T11" not in report_tables(found)
    assert lorenz_curves(found, words("en", PAGE), ["walk"]) == ""
