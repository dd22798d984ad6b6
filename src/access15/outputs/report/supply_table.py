"""T3: supply and demand, one row per facility; T3a: residents against capacity, one row per area."""

from __future__ import annotations

from typing import Final

import numpy as np

from access15.arrays import AnyArray, Bools, Floats, Objects
from access15.capacity import RATES, recommend
from access15.outputs.area_layers import NONE_AREA
from access15.outputs.report.findings import Findings, place_rows
from access15.outputs.report.table import Builder, Table
from access15.outputs.report.words import said

_SUPPLY: Final = ("beds", "doctors", "floor_area_m2")


def supply_table(findings: Findings, word: dict[str, str]) -> Table | None:
    """Return T3, one row per facility and a total; None where no facility has a capacity."""
    found, sites = findings.catchments, findings.facilities
    if found is None:
        return None
    table, out = found.table, Builder()
    known = table["capacity"].notna().to_numpy()
    names = findings.facility_names()
    out.add(word["code"], "text", [*table["facility_id"], None])
    out.add(word["name"], "text", [*(names[str(i)] for i in table["facility_id"]), word["total"]])
    out.add(word["tier"], "text", [*table["tier"], None])
    for column in _SUPPLY:
        values = getattr(sites, column)
        out.add(word[column], "number", [*values, values.sum()])  # One that is unknown makes the sum unknown.
    capacity = float(table["capacity"].sum()) if known.all() else None
    out.add(word["capacity_people"], "count", [*table["capacity"], capacity])
    limits = [word[f"limit_{name}"] for name in _limits(known, sites.capacity_limit)]
    out.add(word["capacity_limit"], "text", [*limits, None])
    people = table["nearest_people"]
    out.add(word["nearest_people"], "count", [*people, people.sum()])
    load = float(people.sum()) / capacity if capacity else None
    out.add(word["load_ratio"], "rate", [*table["nearest_load"], load])
    for column in ("allocated", "sent_away", "overflow"):
        out.add(word[column], "count", [*table[column], table[column].sum()])
    out.add(word["recommendation"], "text", [*(said(word, v) for v in table["recommendation"]), None])
    return out.table("T3", word["T3"], _note(findings, word, known), totals=1)


def _limits(known: Bools, limit: Objects) -> list[str]:
    return ["unknown" if not k else str(name) or "stated" for k, name in zip(known, limit, strict=True)]


def _note(findings: Findings, word: dict[str, str], known: Bools) -> str:
    found, sites = findings.catchments, findings.facilities
    assert found is not None
    note = word["T3_note"].format(mode=said(word, found.origin.profile.name), minutes=found.minutes)
    inferred = int((sites.capacity_limit != "").sum())
    if inferred:
        rates = sites.provenance.get(RATES, {})
        listed = word["list"].join(word[f"per_{name}"].format(people=rate) for name, rate in rates.items())
        note += " " + word["T3_inferred"].format(n=inferred, all=len(sites), rates=listed)
    if not known.all():
        note += " " + word["T3_unknown"].format(n=int((~known).sum()), all=len(known))
    return note


def area_supply_table(findings: Findings, word: dict[str, str]) -> Table | None:
    """Return T3a, one row per area and a total; None without areas, or where no facility has a capacity."""
    areas, sites = findings.areas, findings.facilities
    if areas is None or findings.catchments is None:
        return None
    summary = findings.coverage.summary
    people_of = {
        str(i): float(p) for i, p in zip(summary["area_id"], summary["people"], strict=True) if i is not None
    }
    people = np.array([people_of.get(i, 0.0) for i in (*map(str, areas.id), NONE_AREA)])
    inside = place_rows(findings, sites.x, sites.y, sites.crs)  # -1, outside all areas, is the last row.
    n, unknown = len(people), np.isnan(sites.capacity)

    def by_area(values: AnyArray) -> Floats:
        return np.bincount(inside % n, values, n).astype(float)

    points, blank, room = (
        by_area(np.ones(len(sites))),
        by_area(unknown),
        by_area(np.where(unknown, 0, sites.capacity)),
    )
    # Room that is enough stays enough, whatever the unknown capacities are.
    judged = np.where((blank > 0) & (people > room), np.nan, room)
    rural = np.where(np.append(areas.flags["rural"], False), people, 0) if "rural" in areas.flags else None
    told = [said(word, text) for text in recommend(people, judged, rural)]
    rows = slice(None) if people[-1] or points[-1] else slice(-1)
    names, out = findings.area_names(), Builder()
    out.add(word["code"], "text", [*[*areas.id, NONE_AREA][rows], None])
    out.add(
        word["name"], "text", [*[*(names[str(i)] for i in areas.id), word["no_area"]][rows], word["total"]]
    )
    for head, values in (
        ("residents", people), ("service_points", points), ("without_capacity", blank), ("known_capacity", room),
    ):  # fmt: skip
        out.add(word[head], "count", [*values[rows], values.sum()])
    total = people.sum() / room.sum() if room.sum() and not blank.any() else np.nan
    load = np.divide(people, room, out=np.full(n, np.nan), where=(room > 0) & (blank == 0))
    out.add(word["load_ratio"], "rate", [*load[rows], total])
    out.add(word["recommendation"], "text", [*[*told[:-1], None][rows], None])
    return out.table("T3a", word["T3a"], word["T3a_note"], totals=1)
