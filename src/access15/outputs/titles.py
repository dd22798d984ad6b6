"""What layers and their columns are called in a GIS, in English and Chinese; their names in the file never change."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from access15.outputs._words import words
from access15.profiles import PRESETS, profile_title
from access15.units import slug

LAYERS: Final[dict[str, tuple[str, str]]] = {
    "cells": ("Population cells", "人口格网"),
    "facilities": ("Service points", "医疗服务点"),
    "areas": ("Areas", "统计单元"),
    "coverage": ("Coverage figures", "覆盖情况"),
    "isochrones": ("Isochrones", "等时圈"),
    "gaps": ("Service gaps", "服务盲区"),
    "circuits": ("Mobile circuits", "巡回医疗线路"),
    "circuit_stops": ("Stops of mobile circuits", "巡回医疗停靠点"),
    "settlements": ("Settlements beyond the limit", "仍未覆盖的居民点"),
    "plans": ("Plans", "布点方案"),
    "proposed_sites": ("Proposed sites", "建议布点"),
    "rejected_candidates": ("Candidates set aside", "未采用的候选点"),
    "critical_streets": ("Critical streets", "关键道路"),
    "provenance": ("Provenance", "数据来源与参数"),
    "changes": ("Changes", "变化"),
    "cell_changes": ("Changes per cell", "格网变化"),
    "area_changes": ("Changes per area", "统计单元变化"),
    "facility_changes": ("Changes per service point", "服务点变化"),
    "input_changes": ("Inputs that differ", "输入与参数变化"),
}

# Only what a name in the file leaves open has an English title.
_COLUMNS: Final[dict[str, tuple[str, str]]] = {
    "cell_id": ("", "格网编号"),
    "people": ("", "常住人口"),
    "area_id": ("", "统计单元代码"),
    "snapped_m": ("distance to the street, m", "距道路（米）"),
    "status": ("", "状态"),
    "facility_id": ("", "机构代码"),
    "name": ("", "名称"),
    "tier": ("", "机构类型"),
    "services": ("", "服务项目"),
    "capacity": ("capacity, people", "服务能力（人）"),
    "capacity_limit": ("what the capacity comes from", "服务能力限制因素"),
    "beds": ("", "床位数"),
    "doctors": ("", "医师数"),
    "floor_area_m2": ("floor area, m²", "业务用房面积（平方米）"),
    "points": ("service-point set", "服务点集合"),
    "mode": ("", "出行方式"),
    "minutes": ("", "分钟"),
    "group": ("", "人群"),
    "covered": ("", "覆盖人口"),
    "uncovered": ("", "未覆盖人口"),
    "unreachable": ("", "不可达人口"),
    "unlinked": ("", "未连接人口"),
    "rate": ("coverage rate", "覆盖率"),
    "gap_id": ("", "盲区编号"),
    "rank": ("", "序号"),
    "nearest_facility": ("", "最近机构代码"),
    "median_s": ("median time, s", "中位出行时间（秒）"),
    "max_s": ("longest time, s", "最长出行时间（秒）"),
    "kind": ("", "类型"),
    "reason": ("", "原因"),
    "priority": ("", "优先度"),
    "recommendation": ("", "建议"),
    "place": ("", "所在区域"),
    "cluster_id": ("", "聚集区编号"),
    "centre_x": ("", "中心点 X"),
    "centre_y": ("", "中心点 Y"),
    "serve_s": ("longest time to the centre, s", "到中心点最长时间（秒）"),
    "served_by": ("", "服务机构"),
    "circuit_id": ("", "线路编号"),
    "mobile_people": ("people served by mobile circuits", "巡回医疗服务人口"),
    "problem": ("", "未能安排的原因"),
    "alone_s": ("shortest trip to its stop alone, s", "单独前往一次所需时间（秒）"),
    "base_id": ("", "出发机构代码"),
    "stops": ("", "停靠点数"),
    "gap_ids": ("gaps in the order of the visits", "依次停靠的盲区"),
    "drive_s": ("driving time of a trip, s", "一次行车时间（秒）"),
    "stop_s": ("time at the stops of a trip, s", "一次停靠时间（秒）"),
    "visits_per_month": ("", "每月次数"),
    "vehicle_hours": ("vehicle hours a month", "每月车时"),
    "base_vehicles": ("vehicles needed at the base", "出发机构所需车辆"),
    "visit": ("", "停靠次序"),
    "walk_m": ("distance from the gap's centre, m", "距盲区中心（米）"),
    "settlement_id": ("", "居民点编号"),
    "seconds": ("time to the nearest facility, s", "到最近机构时间（秒）"),
    "plan_id": ("", "方案编号"),
    "model": ("", "模型"),
    "p": ("number of sites", "布点数"),
    "objective": ("", "目标值"),
    "bound": ("proven bound", "可证明的界"),
    "gap": ("gap to the bound", "与界的差距"),
    "notes": ("", "说明"),
    "candidate_id": ("", "候选点编号"),
    "source": ("", "来源"),
    "gain": ("marginal people covered", "边际新增覆盖人口"),
    "cumulative_people": ("", "累计覆盖人口"),
    "cumulative_rate": ("", "累计覆盖率"),
    "cost": ("", "成本"),
    "elder_care_m": ("distance to elder care, m", "与养老设施的距离（米）"),
    "key": ("", "事项"),
    "value": ("", "数值"),
    "change": ("", "变化"),
    "way_id": ("id of the way in OSM", "道路编号"),
    "highway": ("class of the street", "道路等级"),
    "bridge": ("", "是否桥梁"),
    "people_uncovered": ("people who lose coverage when it closes", "封闭后失去覆盖的人口"),
    "people_unreachable": ("people left without any way when it closes", "封闭后不可达的人口"),
    "people_along": ("covered people who live along it", "沿线覆盖人口"),
    "length_m": ("length, m", "长度（米）"),
    "pieces": ("pieces whose closure does the same", "效果相同的路段数"),
}

# Some names mean another thing where two results are compared.
_CHANGES: Final[dict[str, tuple[str, str]]] = {
    "people_before": ("", "之前人口"),
    "people_after": ("", "之后人口"),
    "people_change": ("", "人口变化"),
    "covered_before": ("", "之前覆盖人口"),
    "covered_after": ("", "之后覆盖人口"),
    "covered_change": ("change in people covered", "覆盖人口变化"),
    "gain": ("people covered only after", "受益人口"),
    "lose": ("people covered only before", "受损人口"),
    "by_population": ("change through people who came or went", "人口变动所致变化"),
    "rate_before": ("coverage rate before", "之前覆盖率"),
    "rate_after": ("coverage rate after", "之后覆盖率"),
    "rate_change": ("change of the coverage rate", "覆盖率变化"),
    "mean_before_s": ("mean time before, s", "之前平均时间（秒）"),
    "mean_after_s": ("mean time after, s", "之后平均时间（秒）"),
    "mean_change_s": ("change of the mean time, s", "平均时间变化（秒）"),
    "p90_before_s": ("P90 before, s", "之前P90（秒）"),
    "p90_after_s": ("P90 after, s", "之后P90（秒）"),
    "p90_change_s": ("change of P90, s", "P90变化（秒）"),
    "faster": ("people with a shorter time", "时间缩短的人口"),
    "slower": ("people with a longer time", "时间延长的人口"),
    "capacity_before": ("capacity before, people", "之前服务能力（人）"),
    "capacity_after": ("capacity after, people", "之后服务能力（人）"),
    "moved_m": ("distance from the old place, m", "移动距离（米）"),
    "changed": ("columns that differ", "变化的字段"),
    "part": ("", "部分"),
    "before": ("", "之前"),
    "after": ("", "之后"),
}

# A column of a case; the layer that has `drive_s` as a column of its own is not one with cases.
_PATTERNS: Final = (
    (r"people_(?P<case>.+?)_(?P<min>\d+(?:_\d+)?)", "{case}{min}分钟内服务人口"),
    (r"people_(?P<group>.+)", "{group}人口"),
    (r"covered_(?P<case>.+?)_(?P<min>\d+(?:_\d+)?)", "{case}{min}分钟覆盖人口"),
    (r"uncovered_(?P<case>.+?)_(?P<min>\d+(?:_\d+)?)", "{case}{min}分钟未覆盖人口"),
    (r"rate_(?P<case>.+?)_(?P<min>\d+(?:_\d+)?)", "{case}{min}分钟覆盖率"),
    (r"unreachable_(?P<case>.+)", "{case}不可达人口"),
    (r"unlinked_(?P<case>.+)", "{case}未连接人口"),
    (r"mean_(?P<case>.+)_s", "{case}平均时间（秒）"),
    (r"p90_(?P<case>.+)_s", "{case}P90 时间（秒）"),
    (r"(?P<case>.+)_facility", "{case}最近机构代码"),
    (r"(?P<case>.+)_status", "{case}状态"),
    (r"(?P<case>.+)_s", "{case}出行时间（秒）"),
)
_CHANGE_PATTERNS: Final = (
    (r"people_(?P<case>.+?)_(?P<min>\d+(?:_\d+)?)_before", "{case}{min}分钟内之前服务人口"),
    (r"people_(?P<case>.+?)_(?P<min>\d+(?:_\d+)?)_after", "{case}{min}分钟内之后服务人口"),
    (r"change_(?P<case>.+?)_(?P<min>\d+(?:_\d+)?)", "{case}{min}分钟变化"),
    (r"gain_(?P<case>.+?)_(?P<min>\d+(?:_\d+)?)", "{case}{min}分钟受益人口"),
    (r"lose_(?P<case>.+?)_(?P<min>\d+(?:_\d+)?)", "{case}{min}分钟受损人口"),
    (r"covered_change_(?P<case>.+?)_(?P<min>\d+(?:_\d+)?)", "{case}{min}分钟覆盖人口变化"),
    (r"rate_change_(?P<case>.+?)_(?P<min>\d+(?:_\d+)?)", "{case}{min}分钟覆盖率变化"),
    (r"mean_change_(?P<case>.+)_s", "{case}平均时间变化（秒）"),
    (r"p90_change_(?P<case>.+)_s", "{case}P90变化（秒）"),
    (r"faster_(?P<case>.+)", "{case}时间缩短的人口"),
    (r"slower_(?P<case>.+)", "{case}时间延长的人口"),
    (r"(?P<case>.+)_before_s", "{case}之前出行时间（秒）"),
    (r"(?P<case>.+)_after_s", "{case}之后出行时间（秒）"),
    (r"(?P<case>.+)_change_s", "{case}出行时间变化（秒）"),
)
_CASE_LAYERS: Final = ("cells", "facilities", "areas")
_CHANGE_LAYERS: Final = ("changes", "cell_changes", "area_changes", "facility_changes", "input_changes")
_OF_LAYER: Final = {
    **dict.fromkeys(_CHANGE_LAYERS, _CHANGES),
    "critical_streets": {"bound": ("people behind the closure", "封闭点后方的人口（上限）")},
}
_MODES: Final = {slug(mode): profile_title(mode, "zh") for mode in PRESETS}


def layer_title(layer: str, lang: str = "en") -> str:
    """Return what a layer is called; its name where there is no other word."""
    words(lang)  # An unknown language is refused here too.
    return LAYERS.get(layer, (layer, layer))[lang == "zh"]


def mode_name(mode: str) -> str:
    """Return a mode in Chinese; as it is where there is no word."""
    return _MODES.get(slug(mode), mode)


def column_titles(
    layer: str, columns: Iterable[str], aliases: Mapping[str, str], lang: str = "en"
) -> dict[str, str]:
    """Return what the columns of a layer are called, by name.

    Parameters
    ----------
    layer : str
        Name of the layer.
    columns : iterable of str
        Names of its columns.
    aliases : mapping of str to str
        The original text behind names that were made from one (``people_65plus``: ``people 65+``).
    lang : {"en", "zh"}

    Returns
    -------
    dict of str to str
        Only columns whose title says more than their name.
    """
    words(lang)
    plain = _COLUMNS | _OF_LAYER.get(layer, {})
    out = {}
    for name in columns:
        title = _chinese(layer, name, plain, aliases) if lang == "zh" else ""
        title = title or aliases.get(name, "") or plain.get(name, ("", ""))[lang == "zh"]
        if title:
            out[name] = title
    return out


def _chinese(layer: str, name: str, plain: Mapping[str, tuple[str, str]], aliases: Mapping[str, str]) -> str:
    if name in plain and layer not in _CASE_LAYERS:
        return plain[name][1]
    for pattern, template in _patterns(layer) if name not in plain or name == "drive_s" else ():
        found = re.fullmatch(pattern, name)
        if found:
            parts = found.groupdict()
            if "min" in parts:
                parts["min"] = parts["min"].replace("_", ".")
            if "case" in parts:
                parts["case"] = _case(parts["case"])
            if "group" in parts:
                parts["group"] = aliases.get(name, f"people {parts['group']}").removeprefix("people ")
            return template.format(**parts)
    return ""


def _patterns(layer: str) -> tuple[tuple[str, str], ...]:
    """Return the patterns of a layer; people of a case stand only in facilities, elsewhere ``0_6`` is an age."""
    if layer in _CHANGE_LAYERS:
        return _CHANGE_PATTERNS
    if layer == "facilities":
        return _PATTERNS
    return _PATTERNS[1:] if layer in _CASE_LAYERS else _PATTERNS[1:2]


def _case(name: str) -> str:
    """Return a case in Chinese: the mode, behind the set of service points where there are more than one."""
    for mode in sorted(_MODES, key=len, reverse=True):
        if name == mode or name.endswith(f"_{mode}"):
            return name.removesuffix(mode).replace("_", " ") + _MODES[mode]
    return name
