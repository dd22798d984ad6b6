"""The words of the map and the summary, in English and Chinese."""

from __future__ import annotations

from typing import Final, Literal

from access15.errors import InputError

Lang = Literal["en", "zh"]

WORDS: Final[dict[str, tuple[str, str]]] = {
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
    "gaps_more": ("{more} more, {people} people", "另有 {more} 处,{people} 人"),
    "gaps_small": ("{more} too small to list, {people} people", "另有 {more} 处过小未列,{people} 人"),
    "gaps_none": ("none", "无"),
    "rank": ("rank", "序"),
    "nearest": ("nearest", "最近机构"),
    "median": ("median min", "中位(分钟)"),
    "reason": ("reason", "原因"),
    "recommendation": ("recommendation", "建议"),
    "plan": (
        "Plan {plan}: {model}, {mode}{limit}, p = {p}, {status}, objective {objective}, bound {bound}, gap {gap}",
        "方案 {plan}:{model},{mode}{limit},p = {p},{status},目标值 {objective},界 {bound},差距 {gap}",
    ),
    "candidate": ("candidate", "候选点"),
    "source": ("source", "来源"),
    "gain": ("gain", "新增覆盖"),
    "cumulative": ("cumulative", "累计覆盖"),
    "note": ("note", "说明"),
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
