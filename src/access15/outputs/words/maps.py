"""The words of the maps that are pictures."""

from __future__ import annotations

from typing import Final

from access15.outputs.words.shared import Pair

MAPS: Final[dict[str, Pair]] = {
    "time": ("Travel time to the nearest facility", "到最近服务点的出行时间"),
    "facility": ("facility", "医疗服务点"),
    "facility_unlinked": ("facility, no street near", "服务点(附近无道路)"),
    "site": ("proposed site", "建议布点"),
    "gap": ("service gap, ranked", "服务盲区(按序)"),
    "share": (
        "{rate} of {people} residents within {minutes:g} min",
        "{people} 常住人口中 {rate} 在 {minutes:g} 分钟内",
    ),
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
    "now_within": ("now within {minutes:g} min", "新增至 {minutes:g} 分钟内"),
    "quicker": ("quicker by a minute or more", "缩短 1 分钟以上"),
    "same": ("as before", "基本不变"),
    "slower": ("slower by a minute or more", "延长 1 分钟以上"),
    "no_longer_within": ("no longer within {minutes:g} min", "不再处于 {minutes:g} 分钟内"),
    "curve_title": ("Coverage by number of new sites", "覆盖率与新增布点数"),
    "curve_y": ("residents covered", "常住人口覆盖率"),
    "curve_best": ("best plan, proven", "最优方案（已证明）"),
    "curve_found": ("best plan found", "已找到的最好方案"),
    "curve_bound": ("proven bound", "可证明的上界"),
    "curve_needs": ("{rate:.0%}: {n} sites", "{rate:.0%}：{n} 个"),
}
