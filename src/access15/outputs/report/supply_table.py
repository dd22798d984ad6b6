"""T3: supply and demand, one row per facility."""

from __future__ import annotations

from access15.outputs.report.findings import Findings
from access15.outputs.report.tables import Builder, Table
from access15.outputs.report.words import said


def supply_table(findings: Findings, word: dict[str, str]) -> Table | None:
    """Return T3, one row per facility and a total; None where no facility has a capacity."""
    found = findings.catchments
    if found is None:
        return None
    table, out = found.table, Builder()
    known = table["capacity"].notna().to_numpy()
    names = findings.facility_names()
    out.add(word["code"], "text", [*table["facility_id"], None])
    out.add(word["name"], "text", [*(names[str(i)] for i in table["facility_id"]), word["total"]])
    out.add(word["tier"], "text", [*table["tier"], None])
    capacity = float(table["capacity"].sum()) if known.all() else None
    out.add(word["capacity_people"], "count", [*table["capacity"], capacity])
    people = table["nearest_people"]
    out.add(word["nearest_people"], "count", [*people, people.sum()])
    load = float(people.sum()) / capacity if capacity else None
    out.add(word["load_ratio"], "rate", [*table["nearest_load"], load])
    for column in ("allocated", "sent_away", "overflow"):
        out.add(word[column], "count", [*table[column], table[column].sum()])
    out.add(word["recommendation"], "text", [*(said(word, v) for v in table["recommendation"]), None])
    note = word["T3_note"].format(mode=said(word, found.origin.profile.name), minutes=found.minutes)
    if not known.all():
        note += " " + word["T3_unknown"].format(n=int((~known).sum()), all=len(known))
    return out.table("T3", word["T3"], note, totals=1)
