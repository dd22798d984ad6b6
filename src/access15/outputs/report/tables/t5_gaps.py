"""T5: service gaps, one row per gap by rank."""

from __future__ import annotations

from access15.model import GapService
from access15.outputs.findings import Findings, site_names
from access15.outputs.report.report_table import Builder, ReportTable
from access15.outputs.report.table_figures import called
from access15.outputs.words import Words, said
from access15.units import slugs


def _build(findings: Findings, word: Words) -> Builder | None:
    gaps = findings.gaps
    if gaps is None:
        return None
    table = gaps.table.sort_values(["priority", "rank"], ascending=[False, True])
    places, sites = findings.area_names(), findings.facility_names()
    out = Builder(word)
    out.add("rank", "number", table["rank"])
    out.add("gap_id", "text", table["gap_id"])
    out.add("place", "text", [called(places, i) for i in table["area_id"]])
    out.add("people", "count", table["people"])
    for group, name in slugs(findings.population.groups).items():
        if f"people_{name}" in table:
            out.add("people_of", "count", table[f"people_{name}"], group=said(word, group))
    for what in ("median", "max"):
        out.add(f"{what}_min", "minutes", [s / 60 for s in table[f"{what}_s"]])
    out.add("nearest", "text", [called(sites, i) for i in table["nearest_facility"]])
    for what in ("kind", "reason"):
        out.say(what, table[what])
    out.add("priority", "number", table["priority"])
    out.say("recommendation", table["recommendation"])
    if "served_by" in table:
        names = site_names(findings)
        own = table["served_by"].isin(table["gap_id"]) & (table["served_by"] == table["gap_id"])
        out.add(
            "served_by",
            "text",
            [None if o else called(names, i) for o, i in zip(own, table["served_by"], strict=True)],
        )
    note = word["note"].format(mode=said(word, gaps.origin.profile.name), minutes=gaps.minutes)
    note += _of_plan(findings, word)
    small = gaps.table.attrs.get("left_out") or {}
    if small.get("gaps"):
        note += " " + word["small_gaps"].format(gaps=small["gaps"], people=small["people"])
    return out.done(note)


def _of_plan(findings: Findings, word: Words) -> str:
    """Return how many gaps the proposed sites serve."""
    assert findings.gaps is not None
    table = findings.gaps.table
    if findings.plan is None or findings.candidates is None or "served_by" not in table:
        return ""
    chosen = {str(i) for i in findings.candidates.id[findings.plan.chosen]}
    mine = table["served_by"].isin(chosen) & (table["recommendation"] == GapService.FIXED_CLINIC)
    return " " + word["of_plan"].format(
        n=int(mine.sum()), people=table["people"][mine].sum(), sites=len(chosen)
    )


TABLE = ReportTable(
    id="T5",
    title=("Service gaps, ranked", "服务盲区排序表"),
    about="where people are not reached, why, and what is recommended",
    build=_build,
    note=(
        "Clusters of people who are not within {minutes:g} min by {mode}, highest priority first. Priority = sum over the "
        "people of weight × min(1, (t − {minutes:g}) / {minutes:g}), 1 where no service point is reached; members of "
        "weighted groups count more, see the parameters. An empty time: not reached. Kind capacity: within reach, but every "
        "facility there is full.",
        "{mode}{minutes:g}分钟内不能到达的人口聚集区，按优先度从高到低排列。优先度 = Σ 人口权重 × min(1, (t − {minutes:g}) / "
        "{minutes:g})，不可达计 1；重点人群权重见参数。时间为空表示不可达。类型为“服务能力”者在可达范围内，但机构均已满负荷。",
    ),
    words={
        "people_of": ("of them {group}", "其中{group}"),
        "median_min": ("time to nearest, median, min", "到最近服务点时间中位数（分钟）"),
        "max_min": ("time to nearest, longest, min", "到最近服务点最长时间（分钟）"),
        "nearest": ("nearest service point", "最近医疗服务点"),
        "kind": ("kind", "类型"),
        "priority": ("priority", "优先度"),
        "of_plan": (
            "{n:,} of these gaps, {people:,.0f} people, get a fixed clinic at one of the {sites} proposed sites (T6), which is named.",
            "其中 {n:,} 处（{people:,.0f} 人）由 {sites} 个建议布点（T6）之一设固定服务点，已列明。",
        ),
        "small_gaps": (
            "{gaps:,} smaller gaps with {people:,.0f} people are not listed.",
            "另有 {gaps:,} 处较小盲区、{people:,.0f} 人未列出。",
        ),
    },
    on_page=("rank", "place", "people", "median_min", "nearest", "recommendation"),
)
