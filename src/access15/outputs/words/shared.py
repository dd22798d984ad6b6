"""Words that more than one table, page, map or text says."""

from __future__ import annotations

from typing import Final

Pair = tuple[str, str]
"""English and Chinese."""

SHARED: Final[dict[str, Pair]] = {
    "html_lang": ("en", "zh-CN"),
    # heads of columns
    "code": ("code", "代码"),
    "name": ("name", "名称"),
    "residents": ("residents", "常住人口"),
    "service_points": ("service points", "医疗服务点"),
    "covered": ("covered", "覆盖人口"),
    "rate": ("coverage rate", "覆盖率"),
    "mean_min": ("mean time, min", "平均出行时间（分钟）"),
    "p_min": ("P{share} time, min", "P{share}出行时间（分钟）"),
    "target_met": ("target met?", "是否达标"),
    "mode": ("mode", "出行方式"),
    "minutes": ("minutes", "分钟"),
    "min": ("min", "分钟"),
    "group": ("group", "人群"),
    "people": ("people", "人口"),
    "gap_id": ("gap", "盲区编号"),
    "rank": ("rank", "序号"),
    "place": ("place", "所在区域"),
    "area": ("area", "区域"),
    "tier": ("tier", "机构类型"),
    "load_ratio": ("load ratio", "负荷率"),
    "reason": ("reason", "原因"),
    "recommendation": ("recommendation", "建议"),
    "candidate": ("candidate", "候选点"),
    "source": ("source", "来源"),
    "lon": ("longitude", "经度"),
    "lat": ("latitude", "纬度"),
    "scenario": ("scenario", "方案"),
    "gains": ("gain", "受益人口"),
    "loses": ("lose", "受损人口"),
    "change_people": ("change in covered", "覆盖人口变化"),
    "change_rate": ("change, percentage points", "覆盖率变化（百分点）"),
    "ede": ("EDE, min", "EDE（分钟）"),
    "gini": ("Gini", "基尼系数"),
    "value": ("value", "数值"),
    # words in rows
    "total": ("total", "合计"),
    "no_area": ("(in no area)", "（不属任何区域）"),
    "all": ("all residents", "全部常住人口"),
    "none": ("none", "无"),
    "plan_name": ("with the proposed sites", "建议布点后"),
    # classes of time
    "class": ("{low:g}–{high:g} min", "{low:g}–{high:g} 分钟"),
    "class_beyond": ("over {low:g} min", "超过 {low:g} 分钟"),
    "class_unreachable": ("no way there", "不可达"),
    "class_unlinked": ("no street near", "附近无道路"),
    # pages
    "made": ("Made {date} with access15 {version}", "{date} 由 access15 {version} 生成"),
    "headline": ("Headline", "主要结论"),
    "first_rows": (
        "The first {shown:,} of {all:,} rows; all of them are in {file}.",
        "共 {all:,} 行，此处显示前 {shown:,} 行，全部见 {file}。",
    ),
    "proposed_sites": ("proposed sites", "建议布点"),
    "new_sites": ("new sites", "新增布点数"),
    "coverage": ("Coverage", "覆盖情况"),
}
