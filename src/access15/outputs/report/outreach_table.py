"""T7: services that go to the people, one row per gap that gets no clinic of its own."""

from __future__ import annotations

from typing import Any

from access15.outputs.report.findings import Findings
from access15.outputs.report.table import Builder, Table
from access15.outputs.report.words import said


def outreach_table(findings: Findings, word: dict[str, str]) -> Table | None:
    """Return T7, the gaps by rank; None where outreach was not planned or every gap gets a clinic."""
    plan = findings.outreach
    if plan is None:
        return None
    rows = plan.gaps.table.sort_values("rank")
    rows = rows[rows["recommendation"] != "fixed clinic"]
    if not len(rows):
        return None
    circuits = {row["circuit_id"]: row for row in plan.circuits.to_dict("records")}
    visit = dict(zip(plan.stops["gap_id"], plan.stops["visit"], strict=True))
    routes = [circuits.get(i, {}) for i in rows["circuit_id"]]
    places, names = findings.area_names(), findings.facility_names()
    if findings.candidates is not None:
        ids = findings.candidates.id
        names = {str(i): str(n) or str(i) for i, n in zip(ids, findings.candidates.name, strict=True)} | names
    out = Builder()
    out.add(word["gap_id"], "text", list(rows["gap_id"]))
    out.add(word["place"], "text", [_known(places, i) for i in rows["area_id"]])
    out.add(word["people"], "count", list(rows["people"]))
    out.add(word["recommendation"], "text", [said(word, v) for v in rows["recommendation"]])
    out.add(word["served_by"], "text", [_known(names, i) for i in rows["served_by"]])
    out.add(word["mobile_people"], "count", list(rows["mobile_people"]))
    out.add(word["route_from"], "text", [_known(names, r.get("base_id")) for r in routes])
    out.add(word["visit"], "number", [visit.get(i) for i in rows["gap_id"]])
    for column in ("stops", "visits_per_month", "vehicle_hours"):
        out.add(word[column], "number", [r.get(column) for r in routes])
    out.add(word["alone_min"], "minutes", [s / 60 for s in rows["alone_s"]])
    out.add(word["problem"], "text", [said(word, v) for v in rows["problem"]])
    note = word["T7_note"].format(
        circuits=len(circuits), bases=plan.circuits["base_id"].nunique(), people=plan.circuits["people"].sum(),
        hours=plan.circuits["vehicle_hours"].sum(), stop=plan.rules.stop_minutes, day=plan.rules.day_minutes,
    )  # fmt: skip
    return out.table("T7", word["T7"], note)


def _known(names: dict[str, str], key: Any) -> str | None:
    return None if key is None or key != key else names.get(str(key), str(key))
