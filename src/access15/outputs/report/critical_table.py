"""T5a: the streets whose closure would uncover the most people."""

from __future__ import annotations

from access15.crs import WGS84
from access15.outputs.report.findings import Findings
from access15.outputs.report.table import Builder, Table
from access15.outputs.report.words import said


def critical_table(findings: Findings, word: dict[str, str]) -> Table | None:
    """Return T5a, one row per street; None where critical streets were not looked for."""
    found = findings.critical
    if found is None:
        return None
    rows = found.table
    middle = rows.geometry.representative_point().to_crs(WGS84)
    out = Builder()
    out.add(word["rank"], "number", list(rows["rank"]))
    out.add(word["way_id"], "text", [str(i) for i in rows["way_id"]])
    out.add(word["street_class"], "text", list(rows["highway"]))
    out.add(word["bridge"], "text", [word["is_bridge"] if flag else None for flag in rows["bridge"]])
    out.add(word["loses_care"], "count", list(rows["people_uncovered"]))
    out.add(word["loses_all"], "count", list(rows["people_unreachable"]))
    out.add(word["closed_m"], "count", list(rows["length_m"]))
    out.add(word["lon"], "degrees", list(middle.x))
    out.add(word["lat"], "degrees", list(middle.y))
    rest = float(rows["people_uncovered"].iloc[-1]) if len(rows) else 0.0
    note = word["T5a_note"].format(
        mode=said(word, found.origin.profile.name), minutes=found.minutes, people=found.people, rest=rest
    )
    return out.table("T5a", word["T5a"], note if len(rows) else word["T5a_none"])
