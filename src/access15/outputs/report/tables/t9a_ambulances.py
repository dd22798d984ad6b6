"""T9a: minutes until an ambulance arrives, one row per ambulance mode and area, the total last."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from access15.outputs._frames import NONE_AREA
from access15.outputs.findings import Findings
from access15.outputs.report.report_table import Builder, ReportTable
from access15.outputs.words import Words, said

_SHARES: Final = (50, 90)
_NAMED: Final = 6


def _build(findings: Findings, word: Words) -> Builder | None:
    cases = [case for case, times in findings.times.items() if times.profile.mode == "emergency"]
    lines = [line for case in cases for line in _lines(findings, case, word)]
    if not lines:
        return None
    out, columns = Builder(word), list(zip(*lines, strict=True))
    for head, values in zip(("mode", "code", "name"), columns[:3], strict=True):
        out.add(head, "text", values)
    out.add("residents", "count", columns[3])
    for share, values in zip(_SHARES, columns[4:6], strict=True):
        out.add("arrival_min", "minutes", values, share=share)
    out.add("late_people", "count", columns[6])
    stations = findings.points_of(cases[0])
    note = word["note"].format(
        dispatch=findings.times[cases[0]].profile.start_s / 60,
        minutes=findings.minutes,
        n=len(stations),
        stations=_named(findings, cases[0], word),
    )
    return out.done(note, totals=int(len(cases) == 1))


def _named(findings: Findings, case: str, word: Words) -> str:
    """Return the first stations by name."""
    names, ids = findings.facility_names(), [str(i) for i in findings.points_of(case).id]
    listed = word["list"].join(names[i] for i in ids[:_NAMED])
    return listed + (word["more"].format(n=len(ids) - _NAMED) if len(ids) > _NAMED else "")


def _lines(findings: Findings, case: str, word: Words) -> list[tuple[Any, ...]]:
    """Return a row per area, the total last; the times of ambulance modes hold the dispatch."""
    coverage, times, people = findings.coverages[case], findings.times[case], findings.population.people
    late = np.where(times.within(findings.minutes), 0.0, people)
    names = {**findings.area_names(), NONE_AREA: word["no_area"]}
    ids = [] if findings.areas is None else [str(i) for i in findings.areas.id]
    in_area = np.bincount(coverage.cell_area + 1, late, len(ids) + 1)
    known = dict(zip([NONE_AREA, *ids], in_area, strict=True))
    lines = []
    for row in coverage.summary.to_dict("records"):
        total = row["area_id"] is None or row["area_id"] != row["area_id"]
        key = None if total else str(row["area_id"])
        name, beyond = (word["total"], late.sum()) if key is None else (names.get(key, key), known[key])
        waits = (row[f"p{share}_s"] / 60 for share in _SHARES)
        lines.append((said(word, case), key, name, row["people"], *waits, beyond))
    return lines


TABLE = ReportTable(
    id="T9a",
    title=("Emergency", "急救"),
    about="response time: minutes from the call until an ambulance from its station arrives; with an ambulance mode",
    build=_build,
    note=(
        "Response time, minutes from the call until an ambulance arrives: {dispatch:g} min until it leaves, then the way from the "
        "nearest of {n} stations to the patient ({stations}). P50 and P90 are over all residents; empty where fewer are reached. Beyond: "
        "more than {minutes:g} min, or no way there. The ambulance columns of the other tables hold the {dispatch:g} min, too.",
        "急救响应时间为从呼叫到救护车到达的分钟数：出车前 {dispatch:g} 分钟，加上从最近急救站点到患者的时间，共 {n} 个急救站点（{stations}）。"
        "P50、P90 按全部常住人口计，可达人口不足则为空。“超时或不可达”为超过 {minutes:g} 分钟或不可达。其他各表的救护车时间同样含出车前 {dispatch:g} 分钟。",
    ),
    words={
        "arrival_min": ("P{share} response time, min", "P{share}急救响应时间（分钟）"),
        "late_people": ("later or no access", "超时或不可达人口"),
        "list": (", ", "、"),
        "more": (" and {n} more", "等，另有 {n} 个"),
    },
    on_page=("mode", "name", "residents", "arrival_min", "late_people"),
)
