"""T9: referral to the next tier, one row per service point that has one."""

from __future__ import annotations

from access15.outputs.findings import Findings
from access15.outputs.report.report_table import Builder, ReportTable
from access15.outputs.words import Words, said


def _build(findings: Findings, word: Words) -> Builder | None:
    found = findings.referral
    if found is None:
        return None
    sites, out = findings.facilities, Builder(word)
    names = list(findings.facility_names().values())
    out.add("code", "text", [sites.id[i] for i in found.facility])
    out.add("name", "text", [names[i] for i in found.facility])
    out.add("tier", "text", [sites.tier[i] for i in found.facility])
    out.add("next_tier", "text", [None if i < 0 else names[i] for i in found.to])
    out.add("next_tier_kind", "text", [None if i < 0 else sites.tier[i] for i in found.to])
    out.add("next_tier_min", "minutes", [s / 60 for s in found.seconds])
    return out.done(word["note"].format(mode=said(word, found.mode), unknown=found.unknown))


TABLE = ReportTable(
    id="T9",
    title=("Referral", "转诊"),
    about="the way from every service point to the next tier; where tiers are known",
    build=_build,
    note=(
        "From every service point to the nearest one of the next tier ({mode}). Points of the highest tier refer to nobody and are not "
        "listed, nor are {unknown:,} whose tier is not known. An empty time: none is reached.",
        "各机构到最近上一级机构的出行时间（{mode}）。最高一级机构不列；{unknown:,} 个类型不明的机构未列入。时间为空表示不可达。",
    ),
    words={
        "next_tier": ("next tier: nearest", "最近的上一级机构"),
        "next_tier_kind": ("its tier", "上一级机构类型"),
        "next_tier_min": ("time to it, min", "转诊时间（分钟）"),
    },
)
