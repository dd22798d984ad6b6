"""T3: supply and demand, one row per facility and a total."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from access15.arrays import Bools, Objects
from access15.capacity import RATES
from access15.outputs.findings import Findings
from access15.outputs.report.report_table import Builder, ReportTable
from access15.outputs.words import Words, said

_SUPPLY: Final = ("beds", "doctors", "floor_area_m2")


def _build(findings: Findings, word: Words) -> Builder | None:
    found, sites = findings.catchments, findings.facilities
    if found is None:
        return None
    table, out, counted = found.table, Builder(word), found.counted
    assert counted is not None
    known = table["capacity"].notna().to_numpy()
    ours = known[counted]
    names = findings.facility_names()
    out.add("code", "text", [*table["facility_id"], None])
    out.add("name", "text", [*(names[str(i)] for i in table["facility_id"]), word["total"]])
    out.add("tier", "text", [*table["tier"], None])
    for column in _SUPPLY:
        values = getattr(sites, column)
        # One that is unknown makes the sum unknown; hospitals are no part of it.
        out.add(column, "number", [*values, values[counted].sum()])
    capacity = float(table["capacity"][counted].sum()) if ours.all() else None
    out.add("capacity_people", "count", [*table["capacity"], capacity])
    out.add("capacity_limit", "text", [*_limits(known, sites.capacity_limit, word), None])
    people = table["nearest_people"]
    out.add("nearest_people", "count", [*people, people.sum()])
    load = float(people.sum()) / capacity if capacity else None
    out.add("load_ratio", "rate", [*np.where(counted, table["nearest_load"], np.nan), load])
    for column in ("allocated", "sent_away", "overflow"):
        out.add(column, "count", [*table[column], table[column].sum()])
    out.say("recommendation", [*table["recommendation"], None])
    return out.done(_note(findings, word, ours), totals=1)


def _limits(known: Bools, limit: Objects, word: Words) -> list[str | None]:
    unknown = said(word, "cannot be judged")
    return [word[str(name) or "stated"] if k else unknown for k, name in zip(known, limit, strict=True)]


def _note(findings: Findings, word: Words, known: Bools) -> str:
    found, sites = findings.catchments, findings.facilities
    assert found is not None
    note = word["note"].format(mode=said(word, found.origin.profile.name), minutes=found.minutes)
    inferred = int((sites.capacity_limit != "").sum())
    if inferred:
        rates = sites.provenance.get(RATES, {})
        listed = word["list"].join(
            word[f"per_{name}"].format(people=people, of=word["of_tier"].format(tier=tier) if tier else "")
            for name, given in rates.items()
            for tier, people in (given.items() if isinstance(given, Mapping) else [("", given)])
        )
        note += " " + word["inferred"].format(n=inferred, all=len(sites), rates=listed)
    left = int((~np.asarray(found.counted)).sum())
    if left:
        note += " " + word["hospitals"].format(n=left)
    if not known.all():
        note += " " + word["room_unknown"].format(n=int((~known).sum()), all=len(known))
    return note


TABLE = ReportTable(
    id="T3",
    title=("Supply and demand", "供需匹配表"),
    about="every service point: its capacity, the people who have it nearest of primary care, and what follows; with capacities",
    build=_build,
    note=(
        "{mode}, within {minutes:g} min. Load ratio = people who have the facility nearest / its capacity. Allocated: as "
        "many people as possible find room, then the least total travel time. An empty load cannot be judged.",
        "{mode}，{minutes:g}分钟内。负荷率 = 就近服务人口 / 服务能力。核定服务人口：先使能得到服务的人口最多，再使总出行时间最短。"
        "负荷率为空表示无法判断。",
    ),
    words={
        "beds": ("beds", "床位数"),
        "doctors": ("doctors", "医师数"),
        "floor_area_m2": ("floor area, m²", "业务用房面积（平方米）"),
        "capacity_people": ("service capacity, people", "服务能力（人）"),
        "capacity_limit": ("what limits the capacity", "服务能力限制因素"),
        "stated": ("as stated", "填报数"),
        "floor area": ("floor area", "业务用房面积"),
        "of_tier": (" of {tier}", "{tier}"),
        "per_doctors": ("{people:,g} people per doctor{of}", "{of}每名医师 {people:,g} 人"),
        "per_beds": ("{people:,g} people per bed{of}", "{of}每张床位 {people:,g} 人"),
        "per_floor area": ("{people:,g} people per m²{of}", "{of}每平方米 {people:,g} 人"),
        "list": (", ", "，"),
        "nearest_people": ("people nearest to it", "就近服务人口"),
        "allocated": ("allocated people", "核定服务人口"),
        "sent_away": ("of the nearest: served elsewhere", "就近人口中由他处服务"),
        "overflow": ("of the nearest: no room anywhere", "就近人口中超出服务能力"),
        "inferred": (
            "The capacity of {n} of {all} facilities is not stated and follows from their supply, the smallest of: {rates} (an assumption of "
            "this study).",
            "{all} 个机构中有 {n} 个未填报服务能力，按资源配置推算，取下列各项中最小者：{rates}（本研究假定）。",
        ),
        "hospitals": (
            "{n} hospitals and special institutions are no primary care: nobody is counted for them, and the totals leave them out.",
            "{n} 个医院和专业公共卫生机构不属基层医疗卫生机构，就近人口不归入其中，亦不计入合计。",
        ),
        "room_unknown": (
            "{n} of {all} facilities have no capacity in the data: they are taken to have room for whoever comes.",
            "{all} 个机构中有 {n} 个缺服务能力数据，计算时视为不受限制。",
        ),
    },
    on_page=("name", "tier", "capacity_people", "nearest_people", "load_ratio", "recommendation"),
)
