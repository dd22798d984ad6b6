"""T1: who is covered, one row per area, the total last."""

from __future__ import annotations

from typing import Final

import numpy as np

from access15.outputs._frames import NONE_AREA
from access15.outputs.findings import Findings, place_rows
from access15.outputs.report.report_table import Builder, Kind, ReportTable
from access15.outputs.report.table_figures import TOTAL, below_target, figures_of, summary_of
from access15.outputs.words import Words, said

_PER_CASE: Final[dict[str, Kind]] = {"covered": "count", "rate": "rate"}


def _build(findings: Findings, word: Words) -> Builder:
    cut, headline = findings.minutes, findings.coverage
    ids = [str(i) for i in headline.summary["area_id"] if i is not None and i == i]
    rows, names = [*ids, TOTAL], findings.area_names()
    labels = [names.get(i, i) if i != NONE_AREA else word["no_area"] for i in ids]
    out = Builder(word)
    out.add("code", "text", [*ids, None])
    out.add("name", "text", [*labels, word["total"]])
    out.add("residents", "count", summary_of(headline, "people", rows))
    out.add("service_points", "count", _points_by_area(findings, rows))
    for case, coverage in findings.coverages.items():
        for what, kind in _PER_CASE.items():
            values = figures_of(coverage, cut, what, rows)
            out.add(
                f"{what}_case",
                kind,
                values,
                on_page=case == findings.headline_case,
                mode=said(word, case),
                minutes=cut,
            )
    for what in ("uncovered", "unreachable", "unlinked"):
        out.add(what, "count", figures_of(headline, cut, what, rows))
    out.add("mean_min", "minutes", [s / 60 for s in summary_of(headline, "mean_s", rows)])
    out.add("p_min", "minutes", [s / 60 for s in summary_of(headline, "p90_s", rows)], share=90)
    target = findings.targets.get((findings.headline_case, cut))
    out.add("target", "rate", [target] * len(rows))
    rates = figures_of(headline, cut, "rate", rows)
    verdicts = [said(word, _verdict(rate, target)) for rate in rates]
    if target is not None and _verdict(rates[-1], target) == "yes":
        below, judged = below_target(findings, findings.headline_case, cut, target)
        if below:  # "Met" of the total never stands alone.
            verdicts[-1] = word["met_but"].format(below=len(below), judged=judged)
    out.add("target_met", "text", verdicts)
    note = word["note"].format(mode=said(word, findings.headline_case), minutes=cut)
    return out.done(" ".join([note, *_ambulances(findings, word)]), totals=1)


def _ambulances(findings: Findings, word: Words) -> list[str]:
    """Return what the columns of ambulance modes hold besides the way."""
    for case, points in findings.own_points.items():
        start = findings.times[case].profile.start_s / 60
        return [word["ambulances"].format(mode=said(word, case), n=len(points), dispatch=start)]
    return []


def _verdict(rate: float, target: float | None) -> str:
    if target is None:
        return "no target set"
    return "cannot be judged" if rate != rate else "yes" if rate >= target else "no"


def _points_by_area(findings: Findings, rows: list[str]) -> list[float]:
    """Return how many service points stand in each area; those in none are in the total alone."""
    sites = findings.facilities
    inside = place_rows(findings, sites.x, sites.y, sites.crs)
    ids = [] if findings.areas is None else [str(i) for i in findings.areas.id]
    counted = np.bincount(inside[inside >= 0], minlength=len(ids))
    counts = {i: float(n) for i, n in zip(ids, counted, strict=True)}
    counts[NONE_AREA], counts[TOTAL] = float((inside < 0).sum()), float(len(sites))
    return [counts.get(row, 0.0) for row in rows]


TABLE = ReportTable(
    id="T1",
    title=("Coverage", "覆盖情况表"),
    about="people covered, by mode and area, against the target",
    build=_build,
    note=(
        "Covered: the nearest service point is within the minutes named. The columns from uncovered to P90 are "
        "of {mode} at {minutes:g} min; covered + uncovered + unreachable + unlinked = residents. Mean time is weighted "
        "by people and over those who reach a service point; P90 is over all residents. Totals are sums of people. "
        "An empty time means that too few people reach a service point.",
        "覆盖指到最近医疗服务点的出行时间不超过所列分钟数。自“未覆盖人口”至“P90”各列按{mode}{minutes:g}分钟计；"
        "覆盖 + 未覆盖 + 不可达 + 未接入路网 = 常住人口。平均时间按人口加权，只计可达人口；P90 按全部常住人口计。"
        "合计为人数之和，不是覆盖率的平均。时间为空表示可达人口不足。",
    ),
    words={
        "ambulances": (
            "{mode}: from the nearest of {n} stations, {dispatch:g} min until it leaves included.",
            "{mode}：由最近的急救站点出发（共 {n} 个），含出车前 {dispatch:g} 分钟。",
        ),
        "covered_case": ("{mode}, {minutes:g} min: covered", "{mode}{minutes:g}分钟：覆盖人口"),
        "rate_case": ("{mode}, {minutes:g} min: rate", "{mode}{minutes:g}分钟：覆盖率"),
        "met_but": (
            "yes, but {below} of {judged} areas are below",
            "达标，但 {judged} 个区域中有 {below} 个未达标",
        ),
        "uncovered": ("uncovered", "未覆盖人口"),
        "unreachable": ("unreachable", "不可达人口"),
        "unlinked": ("unlinked", "未接入路网人口"),
        "target": ("target", "目标"),
    },
    on_page=("name", "residents", "mean_min", "target_met"),
)
