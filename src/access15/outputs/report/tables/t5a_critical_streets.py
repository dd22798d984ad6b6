"""T5a: the streets whose closure would uncover the most people."""

from __future__ import annotations

from access15.crs import WGS84
from access15.outputs.findings import Findings
from access15.outputs.report.report_table import Builder, ReportTable
from access15.outputs.words import Words, said


def _build(findings: Findings, word: Words) -> Builder | None:
    found = findings.critical
    if found is None:
        return None
    rows = found.table
    middle = rows.geometry.representative_point().to_crs(WGS84)
    out = Builder(word)
    out.add("rank", "number", rows["rank"])
    out.add("way_id", "text", rows["way_id"])
    out.say("street_class", rows["highway"])
    out.add("bridge", "text", [word["is_bridge"] if flag else None for flag in rows["bridge"]])
    out.add("loses_care", "count", rows["people_uncovered"])
    out.add("loses_all", "count", rows["people_unreachable"])
    out.add("closed_m", "count", rows["length_m"])
    out.add("lon", "degrees", middle.x)
    out.add("lat", "degrees", middle.y)
    if not len(rows):
        return out.done(word["no_street"])
    mode, rest = said(word, found.origin.profile.name), float(rows["people_uncovered"].iloc[-1])
    return out.done(word["note"].format(mode=mode, minutes=found.minutes, people=found.people, rest=rest))


TABLE = ReportTable(
    id="T5a",
    title=("Critical streets", "关键路段"),
    about="streets whose closure would uncover the most people; if asked for",
    build=_build,
    note=(
        "One closure at a time, {mode} at {minutes:g} min: of {people:,.0f} people covered today, those who would no longer be. "
        "A closure stops everybody who passes along a piece of street between two junctions; a bridge is closed "
        "whole. Who lives along it still gets to its ends. Exact: no street left out uncovers more than "
        "{rest:,.0f} people.",
        "每次只封闭一处，按{mode}{minutes:g}分钟计：现状覆盖 {people:,.0f} 人中将失去覆盖的人口。封闭指两个路口之间的路段不得通行，"
        "桥梁整体封闭；沿线居民仍可到达路段两端。结果为精确值：未列路段封闭后失去覆盖的人口不超过 {rest:,.0f} 人。",
    ),
    words={
        "way_id": ("OSM way or road number", "道路编号"),
        "street_class": ("class", "道路等级"),
        "bridge": ("bridge?", "是否桥梁"),
        "is_bridge": ("bridge", "桥梁"),
        "loses_care": ("people no longer covered", "失去覆盖人口"),
        "loses_all": ("people without any way to care", "完全不可达人口"),
        "closed_m": ("length closed, m", "封闭长度（米）"),
        "no_street": (
            "No closure of a single street uncovers anybody.",
            "封闭任一路段均不会使人口失去覆盖。",
        ),
    },
    on_page=("rank", "street_class", "bridge", "loses_care", "loses_all", "closed_m"),
)
