"""The tables of what is missing and what is proposed: gaps, sites, before and after."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from access15.crs import WGS84, to_crs
from access15.outputs.report.findings import Findings, place_rows
from access15.outputs.report.table import Builder, Kind, Table
from access15.outputs.report.words import said
from access15.units import slugs

if TYPE_CHECKING:
    from access15.model import SitingPlan


def gap_table(findings: Findings, word: dict[str, str]) -> Table | None:
    """Return T5, one row per gap by rank; None where gaps were not looked for."""
    gaps = findings.gaps
    if gaps is None:
        return None
    table = gaps.table.sort_values("rank")
    places, sites = findings.area_names(), findings.facility_names()
    out = Builder()
    out.add(word["rank"], "number", list(table["rank"]))
    out.add(word["gap_id"], "text", list(table["gap_id"]))
    out.add(word["place"], "text", [_named(places, i) for i in table["area_id"]])
    out.add(word["people"], "count", list(table["people"]))
    for group, name in slugs(findings.population.groups).items():
        if f"people_{name}" in table:
            out.add(word["people_of"].format(group=group), "count", list(table[f"people_{name}"]))
    for what in ("median", "max"):
        out.add(word[f"{what}_min"], "minutes", [s / 60 for s in table[f"{what}_s"]])
    out.add(word["nearest"], "text", [_named(sites, i) for i in table["nearest_facility"]])
    for what in ("kind", "reason"):
        out.add(word[what], "text", [said(word, v) for v in table[what]])
    out.add(word["priority"], "number", list(table["priority"]))
    out.add(word["recommendation"], "text", [said(word, v) for v in table["recommendation"]])
    note = word["T5_note"].format(mode=said(word, gaps.origin.profile.name), minutes=gaps.minutes)
    small = gaps.table.attrs.get("left_out") or {}
    if small.get("gaps"):
        note += " " + word["T5_small"].format(gaps=small["gaps"], people=small["people"])
    return out.table("T5", word["T5"], note)


def _named(names: dict[str, str], key: Any) -> str | None:
    return None if key is None or key != key else names.get(str(key), str(key))


def site_table(findings: Findings, word: dict[str, str]) -> Table | None:
    """Return T6, one row per proposed site in opening order; None without a plan."""
    plan, candidates = findings.plan, findings.candidates
    if plan is None or candidates is None:
        return None
    x, y = candidates.x[plan.chosen], candidates.y[plan.chosen]
    lon, lat = to_crs(x, y, candidates.crs, WGS84)
    area = place_rows(findings, x, y, candidates.crs)
    names = list(findings.area_names().values())
    out, table = Builder(), plan.table
    out.add(word["rank"], "number", list(table["rank"]))
    out.add(word["candidate"], "text", list(table["candidate_id"]))
    out.add(word["source"], "text", [said(word, v) for v in table["source"]])
    out.add(word["place"], "text", [names[row] if row >= 0 else None for row in area])
    out.add(word["lon"], "degrees", list(lon))
    out.add(word["lat"], "degrees", list(lat))
    out.add(word["crs"], "text", [WGS84] * len(table))
    for column, (head, kind) in _plan_columns(plan).items():
        out.add(word[head], kind, _plan_values(plan, column))
    firm = _firmness(findings, list(table["candidate_id"]))
    for head, values in firm.items():
        out.add(word[head], "number", values)
    note = f"{plan_note(plan, word)} {word['T6_firm' if firm else 'T6_not_firm']}"
    return out.table("T6", word["T6"], note)


def _firmness(findings: Findings, ids: list[str]) -> dict[str, list[float]]:
    """Return in how many of the sensitivity runs each site is chosen; empty where there were none."""
    table = findings.robustness
    if table is None:
        return {}
    chosen = table["near_in" if "near_in" in table else "chosen_in"]
    known = dict(zip(table["candidate_id"].astype(str), zip(chosen, table["runs"], strict=True), strict=True))
    rows = [known.get(str(i), (math.nan, math.nan)) for i in ids]
    return {"chosen_in": [float(k) for k, _ in rows], "runs": [float(n) for _, n in rows]}


def _plan_columns(plan: SitingPlan) -> dict[str, tuple[str, Kind]]:
    """Return the columns of a plan's table with head and kind; a plan for times gains time, not people."""
    columns: dict[str, tuple[str, Kind]] = {}
    if not plan.by_time:
        columns["gain"] = ("gain", "count")
    columns["cumulative_people"] = ("cumulative", "count")
    columns["cumulative_rate"] = ("cumulative_rate", "rate")
    extra: dict[str, tuple[str, Kind]] = {
        "cost": ("cost", "number"),
        "elder_care_m": ("elder_care_m", "count"),
    }
    return columns | {name: what for name, what in extra.items() if name in plan.table}


def _plan_values(plan: SitingPlan, column: str) -> list[float]:
    return [float(v) for v in plan.table[column]]


def plan_note(plan: SitingPlan, word: dict[str, str]) -> str:
    """Return one sentence on how a plan was found and how good it is proven to be."""
    limit = "" if math.isnan(plan.minutes) else word["limit"].format(minutes=plan.minutes)
    return word["T6_note"].format(
        model=said(word, plan.model), mode=said(word, plan.origin.profile.name), limit=limit, p=plan.p,
        status=said(word, plan.status), objective=plan.objective, bound=plan.bound, gap=plan.gap,
    )  # fmt: skip
