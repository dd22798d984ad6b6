"""T9: referral to the next tier, one row per service point; T9a: ambulances, one row per area."""

from __future__ import annotations

from typing import Any

import numpy as np

from access15.outputs.area_layers import NONE_AREA
from access15.outputs.report.findings import Findings
from access15.outputs.report.table import Builder, Table
from access15.outputs.report.words import said


def referral_table(findings: Findings, word: dict[str, str]) -> Table | None:
    """Return T9, one row per service point that has a next tier; None where tiers are not known."""
    found = findings.referral
    if found is None:
        return None
    sites, out = findings.facilities, Builder()
    names = list(findings.facility_names().values())
    out.add(word["code"], "text", [sites.id[i] for i in found.facility])
    out.add(word["name"], "text", [names[i] for i in found.facility])
    out.add(word["tier"], "text", [sites.tier[i] for i in found.facility])
    out.add(word["next_tier"], "text", [None if i < 0 else names[i] for i in found.to])
    out.add(word["next_tier_kind"], "text", [None if i < 0 else sites.tier[i] for i in found.to])
    out.add(word["next_tier_min"], "minutes", [s / 60 for s in found.seconds])
    return out.table(
        "T9", word["T9"], word["T9_note"].format(mode=said(word, found.mode), unknown=found.unknown)
    )


def ambulance_table(findings: Findings, word: dict[str, str]) -> Table | None:
    """Return T9a, one row per ambulance mode and area, the total last; None without an ambulance."""
    cases = [case for case, times in findings.times.items() if times.profile.mode == "emergency"]
    lines = [line for case in cases for line in _lines(findings, case, word)]
    if not lines:
        return None
    out, columns = Builder(), list(zip(*lines, strict=True))
    for head, values in zip(("mode", "code", "name"), columns[:3], strict=True):
        out.add(word[head], "text", values)
    out.add(word["residents"], "count", columns[3])
    for share, values in zip((50, 90), columns[4:6], strict=True):
        out.add(word["p_min"].format(share=share), "minutes", values)
    out.add(word["late_people"], "count", columns[6])
    note = word["T9a_note"].format(dispatch=findings.dispatch_minutes, minutes=findings.minutes)
    return out.table("T9a", word["T9a"], note, totals=int(len(cases) == 1))


def _lines(findings: Findings, case: str, word: dict[str, str]) -> list[tuple[Any, ...]]:
    coverage, times, people = findings.coverages[case], findings.times[case], findings.population.people
    late = np.where(times.seconds / 60 + findings.dispatch_minutes > findings.minutes, people, 0.0)
    names = {**findings.area_names(), NONE_AREA: word["no_area"]}
    ids = [] if findings.areas is None else [str(i) for i in findings.areas.id]
    by_area = np.bincount(coverage.cell_area + 1, late, len(ids) + 1)
    known = dict(zip([NONE_AREA, *ids], by_area, strict=True))
    lines = []
    for row in coverage.summary.to_dict("records"):
        total = row["area_id"] is None or row["area_id"] != row["area_id"]
        key = None if total else str(row["area_id"])
        lines.append((
            said(word, case), key, word["total"] if key is None else names.get(key, key), row["people"],
            *(row[f"p{share}_s"] / 60 + findings.dispatch_minutes for share in (50, 90)),
            late.sum() if key is None else known[key],
        ))  # fmt: skip
    return lines
