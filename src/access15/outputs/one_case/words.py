"""Words of the map of one case, on the page, on the sheet and in the document."""

from __future__ import annotations

from typing import Final

from access15.outputs.words import Pair

WORDS: Final[dict[str, Pair]] = {
    "map_head": ("Gaps and plan", "盲区与布点"),
    "map_case": ("one case: {mode}, {t:g} min", "同一口径：{mode}{t:g} 分钟"),
    "key_time": ("Minutes to the nearest service point", "到最近服务点的时间（分钟）"),
    "key_no_way": ("no way", "无路"),
    "key_dots": ("dots: people", "圆点大小＝人数"),
    "key_cells": ("each square: its median resident", "方格：其中位居民的时间"),
    "key_gap": ("gap", "盲区范围"),
    "key_reach": ("newly reached", "新增覆盖范围"),
    "key_clinic": ("clinic today", "现有服务点"),
    "map_about": (
        "Map: people by minutes to the nearest service point, gaps A to C, proposed sites by number.",
        "地图：人口按到最近服务点的时间着色，盲区 A–C，建议布点按序编号。",
    ),
    "review": ("Map review number:", "审图号："),
    "today": ("today", "现状"),
    "ruler_today": ("today {rate}", "现状 {rate}"),
    "ruler_plan": ("with plan {rate}", "建设后 {rate}"),
    "ruler_target": ("target {rate}", "目标 {rate}"),
    "map_km": ("{n:g} km", "{n:g} 公里"),
    "map_m": ("{n:g} m", "{n:g} 米"),
}
