"""The words of the report's page around its tables."""

from __future__ import annotations

from typing import Final

from access15.outputs.words.shared import Pair

PAGE: Final[dict[str, Pair]] = {
    "contents": ("Contents", "目录"),
    "title": (
        "{name}: primary care within {minutes:g} minutes",
        "{name}：基层医疗{minutes:g}分钟可达性评估与布点建议报告",
    ),
    "kicker": ("Access to primary care", "15分钟医疗卫生服务圈"),
    "headline_text": (
        "{rate} of {people} residents reach the nearest service point within {minutes:g} minutes ({mode}): "
        "{covered} people are covered, {beyond} are not.",
        "按{mode}计，{people} 常住人口中有 {rate}（{covered} 人）能在 {minutes:g} 分钟内到达最近的医疗服务点，"
        "{beyond} 人不能。",
    ),
    "headline_none": (
        "The study has no residents, so no rate can be given.",
        "研究范围内没有常住人口，无法计算覆盖率。",
    ),
    "matrix_note": (
        "“Within 15 minutes” has no single official definition. The matrix shows every mode, threshold and group "
        "of this study; quote the mode with the figure. Below each rate: people covered.",
        "“15分钟可达”没有唯一的官方定义。下表列出本研究的全部出行方式、时间阈值和人群，引用数字时请注明出行方式。"
        "覆盖率下方为覆盖人口。",
    ),
    "matrix": ("Coverage by mode, threshold and group", "按出行方式、时间阈值与人群的覆盖率"),
    "within": ("within {minutes:g} min", "{minutes:g} 分钟内"),
    "map": ("Map", "地图"),
    "about_lead": (
        "Choose a mode and layers at the upper right. Point at a cell for its time and nearest service point; "
        "tap or click to keep it below the map.",
        "在右上角选择出行方式和图层。指向格网查看出行时间和最近医疗服务点；点击后固定显示在地图下方。",
    ),
    "about_alt": (
        "Map of travel time to the nearest service point; the same figures by area stand in table T1.",
        "到最近医疗服务点的出行时间地图；分区数字见表 T1。",
    ),
    "about_all": (
        "All {n:,} cells are drawn, none is merged.",
        "共绘制 {n:,} 个人口单元，未合并。",
    ),
    "about_merged": (
        "{cells:,} cells are merged into {n:,} squares for drawing; a square shows the time of its median resident. Figures and tables use "
        "every cell.",
        "为便于显示，{cells:,} 个人口单元合并为 {n:,} 个方格，方格显示其中位居民的时间；统计数字和表格均用全部单元计算。",
    ),
    "about_streets": (
        "Streets from the network of the study, simplified to about {metres:.0f} m.",
        "道路来自本研究所用路网，简化精度约 {metres:.0f} 米。",
    ),
    "about_gaps": (
        "The {drawn:,} gaps with the most people of {all:,} are outlined.",
        "共 {all:,} 处服务盲区，图中标出人口最多的 {drawn:,} 处。",
    ),
    "about_review": (
        "In China a map must pass map review before it is published.",
        "公开发布本图前须依法送审并标注审图号。",
    ),
    "noscript": (
        "The map needs JavaScript, which is switched off here. Every figure is in the tables.",
        "地图需要 JavaScript，当前已关闭。全部数字见下列表格。",
    ),
    "times": ("Distribution of times", "出行时间分布"),
    "times_hist": (
        "Residents by travel time to the nearest service point ({mode})",
        "常住人口按到最近医疗服务点出行时间的分布（{mode}）",
    ),
    "times_hist_note": (
        "Bars of {width:g} min. Not shown: {over} people beyond {last:g} min, {lost} unreachable or unlinked.",
        "每柱 {width:g} 分钟。未显示：超过 {last:g} 分钟 {over} 人，不可达或未连接 {lost} 人。",
    ),
    "times_cumulative": (
        "Share of all residents reached within a time, by mode",
        "各出行方式在给定时间内可达的常住人口比例",
    ),
    "axis_share": ("share of residents", "常住人口比例"),
    "curve": (
        "People covered against the number of proposed sites",
        "覆盖人口与建议布点数量的关系",
    ),
    "lorenz": (
        "Lorenz curves: the share of all travel time that falls to a share of the residents, shortest times first; the dashed "
        "line would be the same time for all",
        "洛伦兹曲线：按时间由短到长排列，累计人口比例对应的累计出行时间比例；虚线表示人人时间相同",
    ),
    "axis_lorenz_people": ("share of residents", "常住人口累计比例"),
    "axis_lorenz_time": ("share of all time", "出行时间累计比例"),
    "axis_covered": ("people covered", "覆盖人口"),
    "no_gaps": ("There is no gap: everybody is covered.", "没有服务盲区：全部人口已覆盖。"),
    "provenance": ("Provenance", "数据来源与可复核信息"),
    "role": ("input", "输入"),
    "file": ("file", "文件"),
    "hash": ("SHA-256", "SHA-256"),
    "configuration": ("configuration", "参数配置"),
    "versions": ("Versions", "软件版本"),
    "all_facts": (
        "Every recorded fact: parameters, profiles, counts",
        "全部记录：参数、出行方式、计数（英文原始记录）",
    ),
    "key": ("key", "键"),
    "licence": ("Map library", "地图程序库"),
    "licence_text": (
        "The map is drawn by Leaflet {version}, which stands inside this file under the BSD-2-Clause licence.",
        "地图由内嵌于本文件的 Leaflet {version} 绘制，许可为 BSD-2-Clause，许可原文如下。",
    ),
    "credit": ("Map data: {credit}", "地图数据：{credit}"),
    "map_streets": ("streets", "道路"),
    "map_isochrones": ("isochrones ({mode})", "等时圈（{mode}）"),
    "map_borders": ("areas", "统计单元"),
    "map_gaps": ("service gaps", "服务盲区"),
    "map_minutes": ("{n} min", "{n} 分钟"),
    "map_over": ("over {n} min", "超过 {n} 分钟"),
    "map_unreachable": ("no way to a service point", "不可达任何医疗服务点"),
    "map_nearest": ("nearest", "最近"),
    "map_gap": ("service gap, rank", "服务盲区，序号"),
    "map_time": ("time", "时间"),
    "map_colon": (": ", "："),
    "map_hint": (
        "Point at a coloured cell, or tap it.",
        "指向或点击有颜色的单元查看。",
    ),
    "map_site": ("proposed site {n}", "建议布点 {n}"),
    "map_gain": ("{n} more people covered", "新增覆盖 {n} 人"),
    "map_no_street": ("no street near, takes no part", "附近无道路，不参与计算"),
    "map_zoom_in": ("Zoom in", "放大"),
    "map_zoom_out": ("Zoom out", "缩小"),
    "map_legend": ("Time to the nearest service point", "到最近医疗服务点的时间"),
}
