"""T4: village doctors needed and there, one row per area and a total."""

from __future__ import annotations

from typing import Final

import numpy as np

from access15.outputs.findings import Findings
from access15.outputs.report.report_table import Builder, ReportTable
from access15.outputs.report.table_figures import by_area
from access15.outputs.words import Words

RESIDENTS_PER_DOCTOR: Final = 1000.0
REMOTE_RESIDENTS_PER_DOCTOR: Final = 500.0
"""Residents for whom one village doctor is provided, and in remote mountain villages: Xiamen city office, document 2
of 2024, "about" (左右) one doctor for a thousand, or for five hundred."""

TOLERANCE: Final = 0.1
"""Share of the need that may be missing and still be "about" the standard; practice value."""


def _build(findings: Findings, word: Words) -> Builder | None:
    areas = findings.areas
    if areas is None or areas.doctors is None:
        return None
    known = by_area(findings.coverage.summary, "people")
    people = np.array([known.get(str(i), 0.0) for i in areas.id])
    remote = areas.flags.get("remote", np.zeros(len(areas), bool))
    standard = np.where(remote, REMOTE_RESIDENTS_PER_DOCTOR, RESIDENTS_PER_DOCTOR)
    need, actual = people / standard, areas.doctors
    names, out = findings.area_names(), Builder(word)
    out.add("code", "text", [*areas.id, None])
    out.add("name", "text", [*(names[str(i)] for i in areas.id), word["total"]])
    out.add("residents", "count", [*people, people.sum()])
    out.add("remote", "text", [*(word["is_remote"] if flag else None for flag in remote), None])
    out.add("standard", "number", [*standard, None])
    for head, values in (("doctors_need", need), ("doctors_there", actual), ("doctors_gap", need - actual)):
        out.add(head, "number", [*values, values.sum() if np.isfinite(values).all() else None])
    out.say("target_met", [*(_verdict(r, n) for r, n in zip(need, actual, strict=True)), None])
    return out.done(word["note"].format(tolerance=TOLERANCE), totals=1)


def _verdict(need: float, actual: float) -> str:
    return "cannot be judged" if actual != actual else "yes" if actual >= need * (1 - TOLERANCE) else "no"


TABLE = ReportTable(
    id="T4",
    title=("Village doctors", "乡村医生配备表"),
    about="village doctors needed and there; where the areas carry numbers of doctors",
    build=_build,
    note=(
        "One village doctor for about 1,000 residents, for about 500 in areas flagged as remote. Gap = need − there; a negative "
        "one is more than needed. Met: at most {tolerance:.0%} of the need is missing (about, 左右; a practice value).",
        "一千常住人口左右配备一名乡村医生，标为偏远的区域每五百常住人口左右一名。缺口 = 应配 − 实有，负数为超出。"
        "缺额不超过应配数的 {tolerance:.0%} 视为达标（“左右”，经验值）。",
    ),
    words={
        "remote": ("remote?", "是否偏远"),
        "is_remote": ("remote", "偏远"),
        "standard": ("residents per doctor, standard", "配备标准（人/名）"),
        "doctors_need": ("doctors needed", "应配乡村医生"),
        "doctors_there": ("doctors there", "实有乡村医生"),
        "doctors_gap": ("gap", "缺口"),
    },
)
