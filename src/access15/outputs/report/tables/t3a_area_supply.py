"""T3a: residents against capacity, one row per area and a total."""

from __future__ import annotations

import numpy as np

from access15.arrays import AnyArray, Floats
from access15.capacity import recommend
from access15.outputs._frames import NONE_AREA
from access15.outputs.findings import Findings, place_rows
from access15.outputs.report.report_table import Builder, ReportTable
from access15.outputs.report.table_figures import by_area
from access15.outputs.words import Words


def _build(findings: Findings, word: Words) -> Builder | None:
    areas, sites = findings.areas, findings.facilities
    if areas is None or findings.catchments is None:
        return None
    known = by_area(findings.coverage.summary, "people")
    people = np.array([known.get(i, 0.0) for i in (*map(str, areas.id), NONE_AREA)])
    inside = place_rows(findings, sites.x, sites.y, sites.crs)  # -1, outside all areas, is the last row.
    primary = findings.catchments.counted
    assert primary is not None
    n, unknown = len(people), np.isnan(sites.capacity) & primary

    def summed(values: AnyArray) -> Floats:
        return np.bincount(inside % n, values, n).astype(float)

    points, blank = summed(primary), summed(unknown)
    room = summed(np.where(primary & ~unknown, sites.capacity, 0.0))
    # Room that is enough stays enough, whatever the unknown capacities are.
    judged = np.where((blank > 0) & (people > room), np.nan, room)
    rural = np.where(np.append(areas.flags["rural"], False), people, 0) if "rural" in areas.flags else None
    rows = slice(None) if people[-1] or points[-1] else slice(-1)
    names, out = findings.area_names(), Builder(word)
    labels = [*(names[str(i)] for i in areas.id), word["no_area"]]
    out.add("code", "text", [*[*areas.id, NONE_AREA][rows], None])
    out.add("name", "text", [*labels[rows], word["total"]])
    heads = ("residents", "service_points", "without_capacity", "known_capacity")
    for head, values in zip(heads, (people, points, blank, room), strict=True):
        out.add(head, "count", [*values[rows], values.sum()])
    total = people.sum() / room.sum() if room.sum() and not blank.any() else np.nan
    load = np.divide(people, room, out=np.full(n, np.nan), where=(room > 0) & (blank == 0))
    out.add("load_ratio", "rate", [*load[rows], total])
    out.say("recommendation", [*[*recommend(people, judged, rural)[:-1], None][rows], None])
    return out.done(word["note"], totals=1)


TABLE = ReportTable(
    id="T3a",
    title=("Supply and demand by area", "各区域供需匹配表"),
    about="residents of every area against the capacity that stands there; with areas and capacities",
    build=_build,
    note=(
        "Load ratio = residents / capacity of the primary care that stands in the area; hospitals do not count. Above 1: a sub-centre in urban areas, a "
        "branch in rural ones, or enlargement. Where a capacity is unknown the load is empty, and cannot be judged unless the known capacity "
        "is enough.",
        "负荷率 = 常住人口 / 区域内基层医疗卫生机构的服务能力，不含医院。大于 1 时，城镇区域增设社区卫生服务分中心，农村区域增设乡镇卫生院分院，或增加建设规模。"
        "有服务能力不明的机构时负荷率为空，已知服务能力不足者无法判断。",
    ),
    words={
        "without_capacity": ("of them without a known capacity", "其中服务能力不明"),
        "known_capacity": ("known capacity, people", "已知服务能力（人）"),
    },
    on_page=("name", "residents", "service_points", "known_capacity", "load_ratio", "recommendation"),
)
