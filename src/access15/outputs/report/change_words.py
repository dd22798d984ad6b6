"""The words of a comparison, in English and Chinese."""

from __future__ import annotations

from typing import Final

CHANGES: Final[dict[str, tuple[str, str]]] = {
    "title": ("What changed: {before} → {after}", "方案对比：{before} → {after}"),
    "kicker": ("Two results compared", "两次结果对比"),
    "made": ("Made {date} with access15 {version}", "{date} 由 access15 {version} 生成"),
    "headline": ("Headline", "主要结论"),
    "lead": (
        "Within {minutes:g} minutes ({mode}), {gain} people gain access and {lose} lose it: {before} people were covered, "
        "{after} are now ({rate_before} → {rate_after} of residents).",
        "按{mode}{minutes:g}分钟计，{gain} 人由未覆盖变为覆盖，{lose} 人由覆盖变为未覆盖；覆盖人口由 {before} 人变为 {after} 人"
        "（覆盖率 {rate_before} → {rate_after}）。",
    ),
    "lead_people": (
        " Of the change, {by_population} is through people who came or went.",
        "其中 {by_population} 人为人口增减所致。",
    ),
    "unchanged": (
        "Nothing changed: no figure, no cell and no service point differs.",
        "没有变化：全部数字、人口单元和医疗服务点均相同。",
    ),
    "totals": ("All residents and groups", "全部常住人口与各人群"),
    "totals_note": (
        "Gain: covered only after. Lose: covered only before. Both are counted as the people before. Through people: change in "
        "people covered because people came or went. Gain − lose + through people = change.",
        "“受益”指仅在之后覆盖的人口，“受损”指仅在之前覆盖的人口，均按之前的人口计。“人口变动”指因人口增减造成的覆盖人口变化。"
        "受益 − 受损 + 人口变动 = 变化。",
    ),
    "by_area": ("By area: {mode}, {minutes:g} min", "分区：{mode}，{minutes:g} 分钟"),
    "facilities": ("Service points that differ", "有变化的医疗服务点"),
    "facilities_none": ("No service point differs.", "医疗服务点没有变化。"),
    "inputs": ("Inputs and parameters that differ", "有变化的输入与参数"),
    "inputs_note": (
        "From the provenance of both results; versions and counts that differ stand in the GeoPackage.",
        "依据两次结果的来源信息；版本与计数的差别见 GeoPackage。",
    ),
    "inputs_none": ("No input and no parameter differs.", "输入与参数没有变化。"),
    "notes": ("What only one of the two has", "仅一方具有的内容（英文原始记录）"),
    "area": ("area", "区域"),
    "mode": ("mode", "出行方式"),
    "min": ("min", "分钟"),
    "group": ("group", "人群"),
    "all": ("all residents", "全部常住人口"),
    "people": ("people after", "之后人口"),
    "covered_before": ("covered before", "之前覆盖"),
    "covered_after": ("covered after", "之后覆盖"),
    "change": ("change", "变化"),
    "gain": ("gain", "受益"),
    "lose": ("lose", "受损"),
    "by_population": ("through people", "人口变动"),
    "faster": ("faster", "时间缩短"),
    "slower": ("slower", "时间延长"),
    "rate_change": ("rate, points", "覆盖率变化（百分点）"),
    "mean_change": ("mean, min", "平均时间变化（分钟）"),
    "p90_change": ("P90, min", "P90变化（分钟）"),
    "facility": ("id", "编号"),
    "name": ("name", "名称"),
    "what": ("what changed", "变化内容"),
    "moved_m": ("moved, m", "移动距离（米）"),
    "columns": ("columns that differ", "变化的字段"),
    "key": ("fact", "项目"),
    "before": ("before", "之前"),
    "after": ("after", "之后"),
    "added": ("added", "新增"),
    "removed": ("removed", "撤销"),
    "moved": ("moved", "迁移"),
    "changed": ("changed", "属性变更"),
    "no_area": ("(in no area)", "（不属任何区域）"),
    "first_rows": (
        "The first {shown:,} of {all:,} rows; all of them are in {file}.",
        "共 {all:,} 行，此处显示前 {shown:,} 行，全部见 {file}。",
    ),
    "contents": ("Contents", "目录"),
}
