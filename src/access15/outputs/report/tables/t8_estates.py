"""T8: planned estates and the service points near them, one row per scenario and estate."""

from __future__ import annotations

import math
from typing import Final

from access15.outputs.findings import Findings
from access15.outputs.report.report_table import Builder, ReportTable
from access15.outputs.words import Words, said

_COLUMNS: Final = (
    "scenario:text estate:text planned_people:count year:text open_sites:count sites_in_time:count nearest_min:minutes "
    "capacity_to_add:count judgement:text"
)


def _build(findings: Findings, word: Words) -> Builder | None:
    lines = []
    for name, run in findings.compared.items():
        for estate in run.estates:
            served = estate.open_sites > 0
            state = "served" if served else "proposed_only" if estate.proposed_sites else "alert"
            year = None if math.isnan(estate.year) else f"{estate.year:.0f}"
            wanting = math.nan if served else estate.people
            near = (estate.open_sites, estate.proposed_sites, estate.seconds / 60)
            lines.append((name, estate.name, estate.people, year, *near, wanting, word[state]))
    if not lines:
        return None
    out = Builder(word)
    out.rows(_COLUMNS, lines)
    return out.done(word["note"].format(mode=said(word, findings.headline_case), minutes=findings.minutes))


TABLE = ReportTable(
    id="T8",
    title=("New estates", "新建住区同步配套表"),
    about="planned estates and whether anybody serves them; with a scenario that has estates",
    build=_build,
    note=(
        "Service points within {minutes:g} min ({mode}) of each planned estate: those open under the scenario, and the proposed "
        "sites of this study. Capacity to add: the planned people, where no open service point serves them; whether those "
        "that do have room is not judged here.",
        "各规划住区 {minutes:g} 分钟（{mode}）内的医疗服务点：方案中已开放的与本研究建议布点。“需增服务能力”为无开放服务点覆盖的规划人口；"
        "已有服务点是否有余量此处不判断。",
    ),
    words={
        "estate": ("estate", "住区"),
        "planned_people": ("planned people", "规划人口"),
        "year": ("year", "投用年份"),
        "open_sites": ("open service points in time", "时限内已开放服务点"),
        "sites_in_time": ("proposed sites in time", "时限内建议布点"),
        "nearest_min": ("time to the nearest open one, min", "到最近开放服务点（分钟）"),
        "capacity_to_add": ("capacity to add, people", "需增服务能力（人）"),
        "judgement": ("judgement", "判断"),
        "served": ("served", "已覆盖"),
        "proposed_only": ("only by a proposed site", "仅由建议布点覆盖"),
        "alert": ("ALERT: nobody serves it", "警示：无服务点覆盖"),
    },
    on_page=("scenario", "estate", "planned_people", "year", "nearest_min", "judgement"),
)
