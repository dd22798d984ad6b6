"""The headline figures of a run as one flat table: name → number."""

from __future__ import annotations

from access15.model import Coverage
from access15.outputs import Findings
from access15.study.settings import case_name
from access15.units import slug

AREA = " @ "
"""Stands between a figure and the id of its area: ``rate_walk_15 @ W3``; without it, the total."""

_COUNTS = ("covered", "uncovered", "rate")


def figures(found: Findings) -> dict[str, float]:
    """Return every headline figure of a run by name.

    ``people``, ``covered_<case>``, ``uncovered_<case>``, ``rate_<case>`` (``…_of_<group>`` for a group) and
    ``unreachable_<mode>``, ``unlinked_<mode>``, ``mean_<mode>_s``, ``p90_<mode>_s``, in total and, followed by
    ``@ <area id>``, per area; ``n_…`` counts; the gaps' people; the plan's objective, bound and gain. A
    figure that does not exist (the rate of an area without residents) is left out.
    """
    out = _counts(found)
    for mode, coverage in found.coverages.items():
        out |= _coverage_figures(mode, coverage)
    if found.gaps is not None:
        out["n_gaps"] = len(found.gaps)
        out["people_in_gaps"] = float(found.gaps.table["people"].sum())
    if found.plan is not None:
        plan = found.plan
        out["n_sites"] = plan.p
        out["plan_objective"], out["plan_bound"] = plan.objective, plan.bound
        out["plan_gain"] = float(plan.table["gain"].sum())
    return {name: float(value) for name, value in out.items() if value == value}


def _counts(found: Findings) -> dict[str, float]:
    out: dict[str, float] = {
        "people": found.population.total,
        "n_cells": len(found.population),
        "n_facilities": len(found.facilities),
        "n_facilities_set_aside": len(found.facilities.set_aside),
        "n_street_edges": found.network.n_edges,
        "km_streets": float(found.network.length_m.sum()) / 1000,
    }
    for mode, times in found.times.items():
        out[f"n_facilities_unlinked_{slug(mode)}"] = int((~times.sites.placed).sum())
        out[f"n_cells_unlinked_{slug(mode)}"] = int(times.unlinked.sum())
    return out


def _coverage_figures(mode: str, coverage: Coverage) -> dict[str, float]:
    out: dict[str, float] = {}
    last = coverage.minutes[-1]
    for row in coverage.table.to_dict("records"):
        everybody, at = row["group"] == "all", _at(row["area_id"])
        case = case_name(mode, row["minutes"]) + ("" if everybody else f"_of_{slug(row['group'])}")
        for name in _COUNTS:
            out[f"{name}_{case}{at}"] = row[name]
        if everybody and row["minutes"] == last:
            for name in ("unreachable", "unlinked"):
                out[f"{name}_{slug(mode)}{at}"] = row[name]
    for row in coverage.summary.to_dict("records"):
        at = _at(row["area_id"])
        if at:
            out[f"people{at}"] = row["people"]
        out[f"mean_{slug(mode)}_s{at}"] = row["mean_s"]
        out[f"p90_{slug(mode)}_s{at}"] = row["p90_s"]
    return out


def _at(area_id: str | None) -> str:
    return "" if area_id is None else f"{AREA}{area_id}"
