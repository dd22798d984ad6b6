"""The words of the map and the summary, in English and Chinese."""

from __future__ import annotations

from typing import Final, Literal

from access15.errors import InputError

Lang = Literal["en", "zh"]

WORDS: Final[dict[str, tuple[str, str]]] = {
    "lang": ("en", "zh"),
    "time": ("Travel time to the nearest facility", "到最近服务点的出行时间"),
    "minutes": ("{low:g}–{high:g} min", "{low:g}–{high:g} 分钟"),
    "beyond": ("over {low:g} min", "超过 {low:g} 分钟"),
    "unreachable": ("no way there", "不可达"),
    "unlinked": ("no street near", "附近无道路"),
    "facility": ("facility", "医疗服务点"),
    "facility_unlinked": ("facility, no street near", "服务点(附近无道路)"),
    "site": ("proposed site", "建议布点"),
    "gap": ("service gap, ranked", "服务盲区(按序)"),
    "area": ("area", "统计单元"),
    "street": ("street", "道路"),
    "share": (
        "{rate} of {people} residents within {minutes:g} min",
        "{people} 常住人口中 {rate} 在 {minutes:g} 分钟内",
    ),
    "coverage": ("Coverage", "覆盖情况"),
    "candidate_site": ("candidate", "候选点"),
    "isochrones": ("Isochrones", "等时圈"),
    "up_to": ("up to {minutes:g} min", "{minutes:g} 分钟以内"),
    "reach": ("Within reach of a service point", "服务范围"),
    "gaps_title": ("Service gaps", "服务盲区"),
    "gaps_share": ("{people} people in {n} gaps", "{n} 处盲区，{people} 人"),
    "why": ("Why people are not reached", "盲区原因"),
    "reason_other": ("other", "其他"),
    "gap_line": ("{people} people", "{people} 人"),
    "gap_line_min": ("{people} people, {minutes:.0f} min", "{people} 人，{minutes:.0f} 分钟"),
    "largest": ("Ranked: people, median time", "盲区排序：人口、中位时间"),
    "plan_title": ("Proposed sites", "建议布点"),
    "plan_share": (
        "{n} sites: {before} → {after} of {people} residents",
        "{n} 个布点：{people} 常住人口的覆盖率 {before} → {after}",
    ),
    "plan_status": ("{model}, {status}", "{model}，{status}"),
    "plan_what": ("Residents and the limit of the plan", "常住人口与方案时限"),
    "plan_within": ("Residents within {minutes:g} min", "{minutes:g} 分钟覆盖情况"),
    "had": ("covered already", "原已覆盖"),
    "gets": ("covered by the plan", "方案新增覆盖"),
    "with_plan": ("covered with the plan", "方案覆盖"),
    "lacks": ("still not covered", "仍未覆盖"),
    "site_line": ("+{gain} people, then {rate}", "+{gain} 人，累计 {rate}"),
    "site_list": ("Sites in opening order", "布点（按建设先后）"),
    "change_title": ("Before and after", "前后对比"),
    "change_share": (
        "{before} → {after} of {people} residents within {minutes:g} min",
        "{people} 常住人口 {minutes:g} 分钟覆盖率 {before} → {after}",
    ),
    "change_what": ("Change of travel time", "出行时间变化"),
    "gains": ("now within {minutes:g} min", "新增至 {minutes:g} 分钟内"),
    "quicker": ("quicker by a minute or more", "缩短 1 分钟以上"),
    "same": ("as before", "基本不变"),
    "slower": ("slower by a minute or more", "延长 1 分钟以上"),
    "loses": ("no longer within {minutes:g} min", "不再处于 {minutes:g} 分钟内"),
    "curve_title": ("Coverage by number of new sites", "覆盖率与新增布点数"),
    "curve_x": ("new sites", "新增布点数"),
    "curve_y": ("residents covered", "常住人口覆盖率"),
    "curve_best": ("best plan, proven", "最优方案（已证明）"),
    "curve_found": ("best plan found", "已找到的最好方案"),
    "curve_bound": ("proven bound", "可证明的上界"),
    "curve_needs": ("{rate:.0%}: {n} sites", "{rate:.0%}：{n} 个"),
    "points": ("points", "服务点"),
    "mode": ("mode", "出行方式"),
    "min": ("min", "分钟"),
    "people": ("people", "常住人口"),
    "covered": ("covered", "覆盖人口"),
    "rate": ("rate", "覆盖率"),
    "uncovered": ("uncovered", "未覆盖"),
    "not_covered": ("not covered", "未覆盖合计"),
    "unreachable_n": ("unreachable", "不可达"),
    "unlinked_n": ("unlinked", "未连接"),
    "by_area": ("By area: {case}, {minutes:g} min", "分区:{case},{minutes:g} 分钟"),
    "area_name": ("area", "区域"),
    "mean": ("mean min", "平均(分钟)"),
    "p90": ("P90 min", "P90(分钟)"),
    "no_area": ("(none)", "(不属任何区域)"),
    "total": ("total", "合计"),
    "gaps": ("Gaps: {mode}, {minutes:g} min", "服务盲区:{mode},{minutes:g} 分钟"),
    "areas_more": (
        "{more} more areas with fewer people not covered, together {people}",
        "另有 {more} 个单元,未覆盖人数较少,合计 {people} 人",
    ),
    "sites_more": ("{more} more sites, to {rate} of residents", "另有 {more} 个布点,累计覆盖率 {rate}"),
    "no_room": (
        "Of these people {people} are within reach, but only of service points that are full",
        "其中 {people} 人时限内可达,但机构已满",
    ),
    "kind": ("kind", "类别"),
    "gaps_more": ("{more} more, {people} people", "另有 {more} 处,{people} 人"),
    "gaps_small": ("{more} too small to list, {people} people", "另有 {more} 处过小未列,{people} 人"),
    "gaps_none": ("none", "无"),
    "rank": ("rank", "序"),
    "nearest": ("nearest", "最近机构"),
    "median": ("median min", "中位(分钟)"),
    "reason": ("reason", "原因"),
    "recommendation": ("recommendation", "建议"),
    "outreach": ("Services for the gaps", "盲区服务建议"),
    "gap_count": ("gaps", "盲区数"),
    "circuits": (
        "Mobile circuits: {circuits}, from {bases} of the facilities; {people} people, {hours} vehicle hours a month",
        "巡回线路 {circuits} 条,由 {bases} 个机构出发:{people} 人,每月用车 {hours} 小时",
    ),
    "no_circuit": (
        "Without a circuit ({problem}): gaps {gaps}, people {people}",
        "无巡回线路({problem}):{gaps} 处、{people} 人",
    ),
    "plan": (
        "Proposed sites, plan {plan}: {model}, {mode}{limit}, p = {p}, {status}, objective {objective}, bound {bound}, gap {gap}",
        "建议布点,方案 {plan}:{model},{mode}{limit},p = {p},{status},目标值 {objective},界 {bound},差距 {gap}",
    ),
    "candidate": ("candidate", "候选点"),
    "source": ("source", "来源"),
    "gain": ("gain", "新增覆盖"),
    "cumulative": ("cumulative", "累计覆盖"),
    "note": ("note", "程序记录（英文原文）"),
}


def words(lang: str) -> dict[str, str]:
    """Return the words of one language.

    Raises
    ------
    InputError
        If the language is neither ``en`` nor ``zh``.
    """
    if lang not in ("en", "zh"):
        raise InputError(f"language {lang!r} is not known: use en or zh")
    return {key: pair[lang == "zh"] for key, pair in WORDS.items()}
