"""T3b: service points and the people nearest to them, one row per tier."""

from __future__ import annotations

from access15.outputs.findings import Findings
from access15.outputs.report.table import Builder, ReportTable
from access15.outputs.words import Words


def _build(findings: Findings, word: Words) -> Builder | None:
    if findings.catchments is None:
        return None
    tiers = findings.catchments.table.groupby("tier", sort=True)["nearest_people"]
    out = Builder(word)
    out.add("tier", "text", [tier for tier, _ in tiers])
    out.add("service_points", "count", tiers.count())
    out.add("people_nearest", "count", tiers.sum())
    return out.done(word["note"])


TABLE = ReportTable(
    id="T3b",
    title=("Service points by tier", "各类机构服务人口表"),
    about="service points of every tier and the people nearest to them; with capacities",
    build=_build,
    note=("Each resident counts at the nearest service point.", "每名居民计入其最近的医疗服务点。"),
    words={"people_nearest": ("people nearest to one of them", "就近人口合计")},
)
