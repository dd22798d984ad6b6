"""T7: services that go to the people, one row per gap that gets no clinic of its own."""

from __future__ import annotations

from access15.model import GapService
from access15.outputs.findings import Findings, site_names
from access15.outputs.report.report_table import Builder, ReportTable
from access15.outputs.report.table_figures import called
from access15.outputs.words import Words


def _build(findings: Findings, word: Words) -> Builder | None:
    plan = findings.outreach
    if plan is None:
        return None
    rows = plan.gaps.table.sort_values("rank")
    rows = rows[rows["recommendation"] != GapService.FIXED_CLINIC]
    if not len(rows):
        return None
    circuits = {row["circuit_id"]: row for row in plan.circuits.to_dict("records")}
    visit = dict(zip(plan.stops["gap_id"], plan.stops["visit"], strict=True))
    routes = [circuits.get(i, {}) for i in rows["circuit_id"]]
    places, names = findings.area_names(), site_names(findings)
    out = Builder(word)
    out.add("gap_id", "text", rows["gap_id"])
    out.add("place", "text", [called(places, i) for i in rows["area_id"]])
    out.add("people", "count", rows["people"])
    out.say("recommendation", rows["recommendation"])
    out.add("served_by", "text", [called(names, i) for i in rows["served_by"]])
    out.add("mobile_people", "count", rows["mobile_people"])
    out.add("route_from", "text", [called(names, r.get("base_id")) for r in routes])
    out.add("visit", "number", [visit.get(i) for i in rows["gap_id"]])
    for column in ("stops", "visits_per_month", "vehicle_hours"):
        out.add(column, "number", [r.get(column) for r in routes])
    out.add("alone_min", "minutes", [s / 60 for s in rows["alone_s"]])
    out.say("problem", rows["problem"])
    made, rules = plan.circuits, plan.rules
    note = word["note"].format(
        circuits=len(circuits),
        bases=made["base_id"].nunique(),
        people=made["people"].sum(),
        hours=made["vehicle_hours"].sum(),
        stop=rules.stop_minutes,
        day=rules.day_minutes,
    )
    return out.done(note)


TABLE = ReportTable(
    id="T7",
    title=("Mobile and small clusters", "巡回医疗与延伸服务建议表"),
    about="services that go to the people, with the routes of mobile circuits; if outreach was planned",
    build=_build,
    note=(
        "Gaps that get no clinic of their own. Circuits: {circuits:,}, bases: {bases}; they serve {people:,.0f} people with "
        "{hours:,.0f} vehicle hours a month: {stop:g} min at each stop, trips of at most {day:g} min. Stops and hours are of "
        "the whole route, which may stand in several rows. People whom a circuit serves are never counted as covered.",
        "未建议增设固定服务点的盲区。{circuits:,} 条巡回线路由 {bases} 个机构出发，服务 {people:,.0f} 人，每月用车 {hours:,.0f} 小时："
        "每点停留 {stop:g} 分钟，每次出车不超过 {day:g} 分钟。停靠点数与用车小时为整条线路的数，同一线路可列于多行。"
        "巡回医疗服务人口不计入覆盖人口。",
    ),
    words={
        "mobile_people": ("people of a mobile circuit", "巡回医疗服务人口"),
        "route_from": ("route from and to", "巡回线路起讫机构"),
        "visit": ("stop number", "停靠顺序"),
        "stops": ("stops of the route", "线路停靠点数"),
        "visits_per_month": ("visits a month", "每月次数"),
        "vehicle_hours": ("vehicle hours of the route, a month", "线路每月用车小时"),
        "alone_min": ("shortest trip to this stop alone, min", "单独出车最短时间（分钟）"),
        "problem": ("why there is no route", "无法巡回的原因"),
    },
    on_page=("place", "people", "recommendation", "served_by", "route_from", "problem"),
)
