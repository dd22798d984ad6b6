"""T4: village doctors needed and there, one row per area."""

from __future__ import annotations

from typing import Final

import numpy as np

from access15.outputs.report.findings import Findings
from access15.outputs.report.table import Builder, Table
from access15.outputs.report.words import said

RESIDENTS_PER_DOCTOR: Final = 1000.0
REMOTE_RESIDENTS_PER_DOCTOR: Final = 500.0
"""Residents for whom one village doctor is provided, and in remote mountain villages: Xiamen city office, document 2
of 2024, "about" (左右) one doctor for a thousand, or for five hundred."""

TOLERANCE: Final = 0.1
"""Share of the need that may be missing and still be "about" the standard; practice value."""


def doctors_table(findings: Findings, word: dict[str, str]) -> Table | None:
    """Return T4, one row per area and a total; None where the areas carry no numbers of doctors."""
    areas = findings.areas
    if areas is None or areas.doctors is None:
        return None
    summary = findings.coverage.summary
    known = {
        str(i): float(p) for i, p in zip(summary["area_id"], summary["people"], strict=True) if i is not None
    }
    people = np.array([known.get(str(i), 0.0) for i in areas.id])
    remote = areas.flags.get("remote", np.zeros(len(areas), bool))
    standard = np.where(remote, REMOTE_RESIDENTS_PER_DOCTOR, RESIDENTS_PER_DOCTOR)
    need, actual = people / standard, areas.doctors
    names = findings.area_names()
    out = Builder()
    out.add(word["code"], "text", [*areas.id, None])
    out.add(word["name"], "text", [*(names[str(i)] for i in areas.id), word["total"]])
    out.add(word["residents"], "count", [*people, people.sum()])
    out.add(word["remote"], "text", [*(word["is_remote"] if flag else None for flag in remote), None])
    out.add(word["standard"], "number", [*standard, None])
    for head, values in (("doctors_need", need), ("doctors_there", actual), ("doctors_gap", need - actual)):
        out.add(word[head], "number", [*values, values.sum() if np.isfinite(values).all() else None])
    verdicts = ["unknown" if n != n else _verdict(r, n) for r, n in zip(need, actual, strict=True)]
    out.add(word["target_met"], "text", [*(said(word, v) for v in verdicts), None])
    return out.table("T4", word["T4"], word["T4_note"].format(tolerance=TOLERANCE), totals=1)


def _verdict(need: float, actual: float) -> str:
    return "yes" if actual >= need * (1 - TOLERANCE) else "no"
