"""The tables a health commission hands in, once, for the report and the workbook alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from access15.outputs.area_layers import NONE_AREA
from access15.outputs.report.caveats import caveats
from access15.outputs.report.critical_table import critical_table
from access15.outputs.report.doctors_table import doctors_table
from access15.outputs.report.emergency_table import ambulance_table, referral_table
from access15.outputs.report.equity_table import equity_parts, equity_table
from access15.outputs.report.findings import Findings, place_rows
from access15.outputs.report.outreach_table import outreach_table
from access15.outputs.report.plan_tables import gap_table, site_table
from access15.outputs.report.scenario_tables import before_after, change_by_area, estate_table
from access15.outputs.report.supply_table import area_supply_table, supply_table
from access15.outputs.report.table import Builder, Kind, Table
from access15.outputs.report.words import said, words
from access15.units import check_minutes

if TYPE_CHECKING:
    from access15.model import Coverage, NearestTimes

_TOTAL: Final = "\0total"
_QUANTILES: Final = (80, 90, 95)


def report_tables(findings: Findings, lang: str = "en") -> dict[str, Table]:
    """Return the tables by key, in the order of the report; those without data are left out.

    Parameters
    ----------
    findings : Findings
    lang : {"en", "zh"}

    Returns
    -------
    dict of str to Table
        ``T1`` to ``T12`` (``T3a``, ``T5a``, ``T9a``, ``T10a`` and ``T11a`` beside theirs), ``caveats``. Totals are sums of people, never means of rates.
    """
    word = words(lang)
    made = [
        coverage_table(findings, word),
        group_table(findings, word),
        supply_table(findings, word),
        area_supply_table(findings, word),
        doctors_table(findings, word),
        gap_table(findings, word),
        critical_table(findings, word),
        site_table(findings, word),
        outreach_table(findings, word),
        estate_table(findings, word),
        referral_table(findings, word),
        ambulance_table(findings, word),
        before_after(findings, word),
        change_by_area(findings, word),
        equity_table(findings, word),
        equity_parts(findings, word),
        sensitivity(findings, word),
    ]
    return {table.key: table for table in [*made, caveats(findings, lang)] if table is not None}


def coverage_table(findings: Findings, word: dict[str, str]) -> Table:
    """Return T1: one row per area, the total last."""
    cut, headline = findings.minutes, findings.coverage
    ids = [str(i) for i in headline.summary["area_id"] if i is not None and i == i]
    rows, names = [*ids, _TOTAL], findings.area_names()
    labels = [names.get(i, i) if i != NONE_AREA else word["no_area"] for i in ids]
    out, points = Builder(), _points_by_area(findings, rows)
    out.add(word["code"], "text", [*ids, None])
    out.add(word["name"], "text", [*labels, word["total"]])
    out.add(word["residents"], "count", _summary(headline, "people", rows))
    out.add(word["service_points"], "count", points)
    for case, coverage in findings.coverages.items():
        mode = said(word, case)
        for what, kind in (("covered", "count"), ("rate", "rate")):
            head = word[f"{what}_case"].format(mode=mode, minutes=cut)
            out.add(head, kind, _figures(coverage, cut, what, rows))  # type: ignore[arg-type]
    for what in ("uncovered", "unreachable", "unlinked"):
        out.add(word[what], "count", _figures(headline, cut, what, rows))
    out.add(word["mean_min"], "minutes", [s / 60 for s in _summary(headline, "mean_s", rows)])
    out.add(word["p_min"].format(share=90), "minutes", [s / 60 for s in _summary(headline, "p90_s", rows)])
    target = findings.targets.get((findings.headline_case, cut))
    rates = _figures(headline, cut, "rate", rows)
    out.add(word["target"], "rate", [target] * len(rows))
    out.add(word["target_met"], "text", [_met(rate, target, word) for rate in rates])
    note = word["T1_note"].format(mode=said(word, findings.headline_case), minutes=cut)
    return out.table("T1", word["T1"], note, totals=1)


def _met(rate: float, target: float | None, word: dict[str, str]) -> str:
    if target is None:
        return word["no_target"]
    return word["unknown"] if rate != rate else word["yes"] if rate >= target else word["no"]


def _summary(coverage: Coverage, column: str, rows: list[str]) -> list[float]:
    known = {
        (_TOTAL if i is None or i != i else str(i)): v
        for i, v in zip(coverage.summary["area_id"], coverage.summary[column], strict=True)
    }
    return [float(known.get(row, np.nan)) for row in rows]


def _figures(
    coverage: Coverage, minutes: float, what: str, rows: list[str], group: str = "all"
) -> list[float]:
    """Return a figure of record per area; an area that is not in the table has no residents."""
    table = coverage.table[(coverage.table["minutes"] == minutes) & (coverage.table["group"] == group)]
    known = {
        (_TOTAL if i is None or i != i else str(i)): v
        for i, v in zip(table["area_id"], table[what], strict=True)
    }
    return [float(known.get(row, np.nan if what == "rate" else 0.0)) for row in rows]


def _points_by_area(findings: Findings, rows: list[str]) -> list[float]:
    """Return how many service points stand in each area; those in none are in the total alone."""
    sites = findings.facilities
    inside = place_rows(findings, sites.x, sites.y, sites.crs)
    ids = [] if findings.areas is None else [str(i) for i in findings.areas.id]
    counts = (
        {i: float((inside == k).sum()) for k, i in enumerate(ids)} if len(ids) < 200 else _count(inside, ids)
    )
    counts[NONE_AREA], counts[_TOTAL] = float((inside < 0).sum()), float(len(sites))
    return [counts.get(row, 0.0) for row in rows]


def _count(inside: Any, ids: list[str]) -> dict[str, float]:
    counted = np.bincount(inside[inside >= 0], minlength=len(ids))
    return {i: float(n) for i, n in zip(ids, counted, strict=True)}


def group_table(findings: Findings, word: dict[str, str]) -> Table:
    """Return T2: every mode and group at the headline cut-off."""
    groups, cut = ["all", *findings.population.groups], findings.minutes
    lines = []
    for case, coverage in findings.coverages.items():
        total = _figures(coverage, cut, "rate", [_TOTAL])[0]
        for group in groups:
            people, covered, rate = (
                _figures(coverage, cut, what, [_TOTAL], group)[0] for what in ("people", "covered", "rate")
            )
            name = word["all"] if group == "all" else group
            lines.append((said(word, case), cut, name, people, covered, rate, (rate - total) * 100))
    out, columns = Builder(), list(zip(*lines, strict=True))
    heads = ("mode", "minutes", "group", "people", "covered", "rate", "gap_to_total")
    kinds: tuple[Kind, ...] = ("text", "number", "text", "count", "count", "rate", "points")
    for head, kind, values in zip(heads, kinds, columns, strict=True):
        out.add(word[head], kind, values)
    note = word["T2_note"] if len(groups) > 1 else f"{word['T2_note']} {word['T2_none']}"
    return out.table("T2", word["T2"], note)


def sensitivity(findings: Findings, word: dict[str, str]) -> Table:
    """Return T12: every mode at every cut-off, and around the headline."""
    cuts = thresholds(findings)
    out, modes = Builder(), list(findings.coverages)
    found = [findings.times[case] for case in modes]
    out.add(word["points"], "text", [times.origin.label for times in found])
    out.add(word["mode"], "text", [said(word, case) for case in modes])
    out.add(word["speed"], "number", [times.profile.speed_kph for times in found])
    for cut in cuts:
        rates = [_rate(times, findings.population.people, cut) for times in found]
        out.add(word["rate_at"].format(minutes=cut), "rate", rates)
    for share in _QUANTILES:
        seconds = [_summary(findings.coverages[case], f"p{share}_s", [_TOTAL])[0] for case in modes]
        out.add(word["p_min"].format(share=share), "minutes", [s / 60 for s in seconds])
    return out.table("T12", word["T12"], word["T12_note"].format(minutes=findings.minutes))


def thresholds(findings: Findings) -> tuple[float, ...]:
    """Return the cut-offs of the study and five minutes around the headline, those the times reach."""
    cuts = {*findings.coverage.minutes, findings.minutes + 5}
    if findings.minutes > 5:
        cuts.add(findings.minutes - 5)
    limit = min(times.limit_s for times in findings.times.values())
    return check_minutes(sorted(cut for cut in cuts if cut * 60 <= limit))


def _rate(times: NearestTimes, people: Any, minutes: float) -> float:
    total = float(people.sum())
    return float(people[times.within(minutes)].sum()) / total if total > 0 else float("nan")
