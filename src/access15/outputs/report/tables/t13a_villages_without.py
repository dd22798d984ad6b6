"""T13a: the administrative villages without a clinic, one row each, most residents first."""

from __future__ import annotations

from typing import Final

import numpy as np

from access15.outputs.findings import Findings
from access15.outputs.report.report_table import Builder, ReportTable
from access15.outputs.report.tables.t13_compliance import care_of
from access15.outputs.words import Words, said

JOINT_PEOPLE: Final = 500.0
"""Residents below which a village may share the clinic of another; practice value."""


def _build(findings: Findings, word: Words) -> Builder | None:
    care = care_of(findings)
    if care is None:
        return None
    rows = np.flatnonzero((care.clinics == 0) & ~care.villages.community & (care.people > 0))
    if not len(rows):
        return None
    rows = rows[np.argsort(-care.people[rows], kind="stable")]
    times, population = findings.times[findings.headline_case], findings.population
    assert population.village is not None
    names, ids = findings.facility_names(), findings.points_of(findings.headline_case).id
    nearest, longest = [], []
    for village in rows:
        cells = np.flatnonzero((population.village == village) & (population.people > 0))
        longest.append(float(times.seconds[cells].max()) / 60)
        site = times.facility[cells[population.people[cells].argmax()]]
        nearest.append(names[str(ids[site])] if site >= 0 else None)
    small = care.people[rows] < JOINT_PEOPLE
    near = np.array(longest) <= findings.minutes
    out = Builder(word)
    out.add("village", "text", [f"{care.villages.town[i]} {care.villages.name[i]}".strip() for i in rows])
    out.add("residents", "count", care.people[rows])
    out.add("nearest", "text", nearest)
    out.add("longest_min", "minutes", longest)
    out.say("recommendation", np.where(small & near, "joint clinic", "own clinic"))
    note = word["note"].format(
        villages=int((~care.villages.community).sum()),
        n=len(rows),
        people=care.people[rows].sum(),
        mode=said(word, findings.headline_case),
        minutes=findings.minutes,
        joint=JOINT_PEOPLE,
    )
    return out.done(note)


TABLE = ReportTable(
    id="T13a",
    title=("Villages without a clinic", "无村卫生室的行政村"),
    about="the administrative villages that have no clinic of their own and share none; where the population names villages",
    build=_build,
    note=(
        "{n:,} of {villages:,} administrative villages, {people:,.0f} residents, have neither a clinic of their own nor a joint one. Time: {mode}, "
        "from the farthest of their places to its nearest service point; empty where a place reaches none. A joint clinic may do for fewer than "
        "{joint:,.0f} residents who all reach a service point within {minutes:g} min (practice value).",
        "{villages:,} 个行政村中有 {n:,} 个（{people:,.0f} 人）既无村卫生室也无联合设置。时间为{mode}，取村内最远居民点到最近服务点的时间，为空表示有居民点不可达。"
        "不足 {joint:,.0f} 人且全部居民 {minutes:g} 分钟内可达服务点的村可联合设置（经验值）。",
    ),
    words={
        "nearest": ("nearest to most of them", "多数居民最近的机构"),
        "longest_min": ("longest time to it, min", "最长出行时间（分钟）"),
    },
)
