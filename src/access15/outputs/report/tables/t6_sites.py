"""T6: proposed sites, one row each in opening order."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from access15.arrays import Floats
from access15.crs import WGS84, to_crs
from access15.model import SitingPlan
from access15.outputs.findings import PROPOSED, Findings, place_rows
from access15.outputs.report.report_table import Builder, Kind, ReportTable
from access15.outputs.words import Words, said


def _build(findings: Findings, word: Words) -> Builder | None:
    plan, candidates = findings.plan, findings.candidates
    if plan is None or candidates is None:
        return None
    x, y = candidates.x[plan.chosen], candidates.y[plan.chosen]
    lon, lat = to_crs(x, y, candidates.crs, WGS84)
    area = place_rows(findings, x, y, candidates.crs)
    names = list(findings.area_names().values())
    out, table = Builder(word), plan.table
    out.add("rank", "number", table["rank"])
    called = candidates.name[plan.chosen]
    out.add("candidate", "text", table["candidate_id"])
    if any(called):
        out.add("name", "text", called)
    kinds = _kinds(findings, plan)
    if kinds:
        out.say("site_kind", kinds)
    out.say("source", table["source"])
    out.add("place", "text", [names[row] if row >= 0 else None for row in area])
    out.add("lon", "degrees", lon)
    out.add("lat", "degrees", lat)
    out.add("crs", "text", [WGS84] * len(table))
    for column, kind in _plan_columns(plan).items():
        out.add(column, kind, table[column])
    for group, gained in _groups_gained(findings, plan).items():
        out.add("group_gained", "count", gained, group=said(word, group))
    firm = _firmness(findings, list(table["candidate_id"]))
    for head, values in firm.items():
        out.add(head, "number", values)
    return out.done(f"{_note(plan, word)} {word['firm' if firm else 'not_firm']}")


def _kinds(findings: Findings, plan: SitingPlan) -> list[str]:
    """Return what kind of institution each site is, by where it stands and how many it gains; empty where nothing tells town from village.

    The village of the nearest populated place decides, else the flag ``rural`` of the area.
    """
    from scipy.spatial import cKDTree

    population, candidates, areas = findings.population, findings.candidates, findings.areas
    assert candidates is not None
    x, y = candidates.x[plan.chosen], candidates.y[plan.chosen]
    if population.villages is not None and population.village is not None:
        homes = np.column_stack(to_crs(population.x, population.y, population.crs, findings.crs))
        _, near = cKDTree(homes).query(np.column_stack(to_crs(x, y, candidates.crs, findings.crs)))
        village = population.village[near]
        rural = np.where(village < 0, True, ~population.villages.community[village])
    elif areas is not None and "rural" in areas.flags:
        rural = np.append(areas.flags["rural"], False)[place_rows(findings, x, y, candidates.crs)]
    else:
        return []
    gain = plan.table["gain"].to_numpy(float)
    return [
        next(kind for most, kind in (_RURAL if here else _URBAN) if not people > most)
        for here, people in zip(rural, gain, strict=True)
    ]


def _groups_gained(findings: Findings, plan: SitingPlan) -> dict[str, Floats]:
    """Return how many of each group newly reach each site in time: everybody counts for the nearest site."""
    run, groups = findings.compared.get(PROPOSED), findings.population.groups
    case = next((c for c, t in findings.times.items() if t.profile.name == plan.origin.profile.name), None)
    if run is None or case is None or not groups or math.isnan(plan.minutes) or case not in run.times:
        return {}
    now, then = findings.times[case], run.times[case]
    site = then.facility - len(findings.points_of(case))
    gained = then.within(plan.minutes) & ~now.within(plan.minutes) & (site >= 0) & (site < plan.p)
    return {
        group: np.bincount(site[gained], people[gained], plan.p).astype(float)
        for group, people in groups.items()
    }


def _firmness(findings: Findings, ids: list[str]) -> dict[str, list[float]]:
    """Return in how many of the sensitivity runs each site is chosen; empty where there were none."""
    table = findings.robustness
    if table is None:
        return {}
    chosen = table["near_in" if "near_in" in table else "chosen_in"]
    known = dict(zip(table["candidate_id"].astype(str), zip(chosen, table["runs"], strict=True), strict=True))
    rows = [known.get(str(i), (math.nan, math.nan)) for i in ids]
    return {"chosen_in": [float(k) for k, _ in rows], "runs": [float(n) for _, n in rows]}


def _plan_columns(plan: SitingPlan) -> dict[str, Kind]:
    """Return the columns of a plan's table; a plan for times gains time, not people."""
    columns: dict[str, Kind] = {} if plan.by_time else {"gain": "count"}
    columns |= {"cumulative_people": "count", "cumulative_rate": "rate"}
    extra: dict[str, Kind] = {"cost": "number", "elder_care_m": "count"}
    return columns | {name: kind for name, kind in extra.items() if name in plan.table}


def _note(plan: SitingPlan, word: Words) -> str:
    """Return one sentence on how a plan was found and how good it is proven to be."""
    limit = "" if math.isnan(plan.minutes) else word["limit"].format(minutes=plan.minutes)
    names = {"model": plan.model, "mode": plan.origin.profile.name, "status": plan.status}
    figures = {"p": plan.p, "objective": plan.objective, "bound": plan.bound, "gap": plan.gap}
    return word["note"].format(
        limit=limit, **{key: said(word, name) for key, name in names.items()}, **figures
    )


_URBAN: Final = ((10_000.0, "new station"), (math.inf, "new sub-centre"))
_RURAL: Final = (
    (2_000.0, "new village clinic"),
    (10_000.0, "new central village clinic"),
    (math.inf, "new branch"),
)
"""Up to how many people gained a site is of what kind: a station is for 8,000 to 10,000 residents, a central village clinic for
several villages; practice values."""

TABLE = ReportTable(
    id="T6",
    title=("Proposed sites", "建议布点表"),
    about="where new sites go, in opening order, with how the plan was proven",
    build=_build,
    note=(
        "{model}, {mode}{limit}: {p} sites, {status}; objective {objective:,.1f}, proven bound {bound:,.1f}, gap {gap:.2%}. "
        "Sites stand in opening order. A group gained is counted at the nearest site.",
        "{model}，{mode}{limit}：{p} 个点，{status}；目标函数值 {objective:,.1f}，理论上界 {bound:,.1f}，差距 {gap:.2%}。"
        "按建设先后排列。新增覆盖重点人群按最近布点计。",
    ),
    words={
        "site_kind": ("kind", "建议类型"),
        "group_gained": ("{group} gained", "新增覆盖{group}"),
        "crs": ("CRS", "坐标系"),
        "gain": ("marginal people covered", "边际新增覆盖人口"),
        "cumulative_people": ("cumulative people covered", "累计覆盖人口"),
        "cumulative_rate": ("cumulative coverage", "累计覆盖率"),
        "cost": ("cost", "成本"),
        "elder_care_m": ("distance to elder care, m", "与养老设施的距离（米）"),
        "chosen_in": ("chosen in", "入选次数"),
        "runs": ("of sensitivity runs", "敏感性试验次数"),
        "limit": (" {minutes:g} min", "{minutes:g}分钟"),
        "firm": (
            "Chosen in: how many of the sensitivity runs choose the same site, or one as near as the study allows.",
            "“入选次数”为敏感性试验中选中该点（或规定距离内邻近点）的次数。",
        ),
        "not_firm": (
            "Robustness over sensitivity runs was not asked for.",
            "未要求计算敏感性试验中的稳健性。",
        ),
    },
    on_page=("rank", "source", "place", "gain", "cumulative_people", "cumulative_rate"),
)
