"""T13: the rules of layout by hand, and what tells a township from a sub-district."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from access15.model import Villages
from access15.outputs.report import report_tables
from access15.outputs.report.tables.t13_compliance import rules, unit_of
from access15.study import Study
from town_files import write_town


@pytest.mark.parametrize(
    ("code", "name", "unit"),
    [
        ("", "东门街道", "sub-district"),
        ("330102001", "甲镇", "township"),  # the name comes first
        ("", "乙乡", "township"),
        ("", "Old Town sub-district", "sub-district"),
        ("330102003", "Ward", "sub-district"),
        ("330102100", "Ward", "township"),
        ("330102200000", "Ward", "township"),
        ("330102400", "开发区", ""),
        ("W1", "Ward 1", ""),
    ],
)
def test_names_and_codes_tell_what_an_area_is(code, name, unit):
    assert unit_of(code, name) == unit


@pytest.fixture(scope="module")
def findings(tmp_path_factory):
    return Study.from_toml(write_town(tmp_path_factory.mktemp("town"))).run(parts=()).findings()


def named(findings, names, tiers=None, villages=None):
    """The findings of the town with other names of areas, tiers of clinics and villages of cells."""
    areas = replace(findings.areas, name=np.array(names, object))
    sites = findings.facilities
    if tiers is not None:
        sites = replace(sites, tier=np.array(tiers, object))
    people = findings.population
    if villages is not None:
        people = replace(people, villages=villages[0], village=villages[1])
    # Past the check that times are of these very people: only names, tiers and villages differ.
    out = object.__new__(type(findings))
    for field in findings.__dataclass_fields__:
        object.__setattr__(out, field, getattr(findings, field))
    for field, value in (("areas", areas), ("facilities", sites), ("population", people)):
        object.__setattr__(out, field, value)
    return out


def test_wards_that_are_neither_have_no_table(findings):
    assert "T13" not in report_tables(findings)


def test_every_rule_by_hand(findings):
    n = len(findings.population)
    ids = ["a", "b", "c"]
    villages = Villages(ids, ids, ["", "", ""], [False, False, True])
    of_cell = np.arange(n) % 3
    found = rules(
        named(findings, ["甲镇", "东门街道"], ["村卫生室"] * len(findings.facilities), (villages, of_cell))
    )
    by = {(r.area, r.rule): (r.needed, r.there) for r in found}
    assert by[0, "township health centre"] == (1, 0)
    assert by[1, "community health centre"] == (1, 0)
    assert sum(v[0] for k, v in by.items() if k[1] == "clinic of every village") == 2
    for lang, title in (("en", "T13 Compliance"), ("zh", "T13 机构设置达标情况表")):
        table = report_tables(named(findings, ["甲镇", "东门街道"]), lang)["T13"]
        assert table.title.startswith(title)
        assert table.totals == len({r.rule for r in rules(named(findings, ["甲镇", "东门街道"]))})


def test_a_sub_district_above_a_hundred_thousand_has_another_centre(findings):
    big = named(findings, ["东门街道", "甲镇"])
    summary = big.coverage.summary.copy()
    summary.loc[summary["area_id"] == str(big.areas.id[0]), "people"] = 100_001.0
    coverage = replace(big.coverage, summary=summary)
    object.__setattr__(big, "coverages", {**big.coverages, big.headline_case: coverage})
    needed = {r.rule: r.needed for r in rules(big) if r.area == 0}
    assert needed["community health centre"] == 2
