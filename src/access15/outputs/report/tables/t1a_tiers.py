"""T1a: who reaches each tier and service within its own cut-off, one row each."""

from __future__ import annotations

import math

from access15.outputs.findings import Findings, TierCoverage
from access15.outputs.report.report_table import Builder, ReportTable
from access15.outputs.words import Words, said


def _build(findings: Findings, word: Words) -> Builder | None:
    found = findings.tiers
    if not found:
        return None
    names, out = findings.area_names(), Builder(word)
    out.add("tier", "text", [tier.name for tier in found])
    out.add("service_points", "count", [tier.points for tier in found])
    cases = [(said(word, tier.coverage.origin.profile.name), tier.minutes) for tier in found]
    out.add("case", "text", [word["case_text"].format(mode=mode, minutes=minutes) for mode, minutes in cases])
    rows = [_total(tier) for tier in found]
    out.add("covered", "count", [covered for covered, _ in rows])
    out.add("rate", "rate", [rate for _, rate in rows])
    if findings.areas is not None:
        out.add("lowest", "text", [_lowest(tier, names, word) for tier in found])
    return out.done(word["note"])


def _total(tier: TierCoverage) -> tuple[float, float]:
    """Return people covered and rate of all residents."""
    table = tier.coverage.table
    row = table[(table["group"] == "all") & table["area_id"].isna()].iloc[0]
    return float(row["covered"]), float(row["rate"])


def _lowest(tier: TierCoverage, names: dict[str, str], word: Words) -> str | None:
    """Return the area with the lowest rate, and its rate."""
    table = tier.coverage.table
    mine = table[(table["group"] == "all") & table["area_id"].isin(list(names)) & table["rate"].notna()]
    if not len(mine):
        return None
    row = mine.sort_values("rate", kind="stable").iloc[0]
    return word["lowest_text"].format(
        name=names[str(row["area_id"])], rate=math.floor(row["rate"] * 1000) / 1000
    )


TABLE = ReportTable(
    id="T1a",
    title=("Coverage by tier and service", "分级分项覆盖情况表"),
    about="who reaches each tier or service within its own cut-off by its own mode; with `[[tiers]]`",
    build=_build,
    note=(
        "Each row counts the service points of its tiers or services alone, with its own mode and cut-off. Nobody is added up over rows: who "
        "reaches a hospital may reach a clinic, too.",
        "每行只计所列层级或服务项目的机构，按各自的出行方式和时限计算。各行不可相加。",
    ),
    words={
        "case": ("within", "时限"),
        "case_text": ("{mode}, {minutes:g} min", "{mode}{minutes:g}分钟"),
        "lowest": ("lowest area", "最低区域"),
        "lowest_text": ("{name} ({rate:.1%})", "{name}（{rate:.1%}）"),
    },
)
