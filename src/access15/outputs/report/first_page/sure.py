"""Key groups, doctors and capacity, how sure the figures are, and where they come from."""

from __future__ import annotations

from html import escape
from typing import Final

import numpy as np

from access15.model import Status
from access15.outputs.one_case.case_figures import (
    Figures,
    joined,
    listed,
    percent,
    plain_name,
    point_labels,
    sources_of,
    spaced,
    whole_percent,
)
from access15.outputs.palette import TEXT, TODAY, hex_color
from access15.outputs.report.table_figures import TOTAL, figures_of
from access15.outputs.report.tables.t4_doctors import doctor_need
from access15.outputs.words import Pair, Words, said

_MOST_BARS: Final = 5

WORDS: Final[dict[str, Pair]] = {
    "groups_head": ("Key groups", "重点人群覆盖率"),
    "groups_modes": ("By what means", "各出行方式覆盖率"),
    "groups_line": ("line: target {rate}", "竖线：目标 {rate}"),
    "groups_none": (
        "The population data carry no ages: nothing can be said about children or older people.",
        "人口数据不含年龄，无法说明儿童和老年人的情况。",
    ),
    "room_head": ("Doctors and capacity", "医生与容量"),
    "room_doctors": (
        "{need:,.0f} village doctors are needed and {there:,.0f} are there: {short}.",
        "应配乡村医生 {need:,.0f} 名，实有 {there:,.0f} 名，{short}。",
    ),
    "doctors_short": ("{n:,} are missing", "缺 {n:,} 名"),
    "doctors_enough": ("none is missing", "不缺"),
    "doctors_unknown": ("Not stated for {areas}.", "{areas}未填报。"),
    "room_over": ("{n} service points have more people than room: {names}.", "{n} 个服务点超负荷：{names}。"),
    "room_fine": (
        "No service point with a known capacity has too many people.",
        "服务能力已知的服务点均未超负荷。",
    ),
    "room_partly": (
        "{n} of {all} service points state no capacity.",
        "{all} 个服务点中 {n} 个未注明服务能力。",
    ),
    "room_unknown": (
        "Cannot be judged: no service point states its doctors or its capacity.",
        "无法判断：没有服务点注明医生数或服务能力。",
    ),
    "load": ("{name} {load:.0%}", "{name}（{load:.0%}）"),
    "sure_head": ("How sure:", "有多可靠："),
    "sure_flat": ("streets count as flat", "道路按平路计"),
    "sure_slopes": ("slopes are counted where the way of travelling has them", "按坡度计算时间"),
    "sure_hours": ("opening hours and waiting are left out", "不计开诊时间与候诊"),
    "sure_edge": ("streets beyond the data are unknown", "数据范围以外的道路未知"),
    "sure_lost": ("{n} people have no way to a service point", "{n} 人无路可达"),
    "sure_unlinked": ("{n} people have no street near", "{n} 人附近无道路"),
    "sure_full": ("{n} people are in reach of full service points only", "{n} 人虽可达但机构已满"),
    "sure_close": ("{n:,} cells lie within half a second of the limit", "{n:,} 个人口单元在时限 ±0.5 秒以内"),
    "sure_one_close": (
        "one cell lies within half a second of the limit",
        "1 个人口单元在时限 ±0.5 秒以内",
    ),
    "sure_no_close": ("no cell lies within half a second of the limit", "没有人口单元在时限 ±0.5 秒以内"),
    "sure_data": ("Data: {sources}.", "资料：{sources}。"),
    "sure_publish": ("(before publication)", "（公开前须送审）"),
}


def groups_listed(figures: Figures, word: Words) -> tuple[str, list[tuple[str, float]], str]:
    """Return the head, the share of every group in the case of the page (without groups that of every mode), and a note."""
    findings, cut = figures.findings, figures.findings.minutes
    groups = list(findings.population.groups)
    if not groups:
        shares = [
            (str(said(word, case)), figures_of(coverage, cut, "rate", [TOTAL])[0])
            for case, coverage in list(findings.coverages.items())[:_MOST_BARS]
            if cut in coverage.minutes
        ]
        return word["groups_modes"], shares, word["groups_none"]
    shares = [
        (
            word["all"] if g == "all" else str(said(word, g)),
            figures_of(findings.coverage, cut, "rate", [TOTAL], g)[0],
        )
        for g in [*groups[: _MOST_BARS - 1], "all"]
    ]
    return word["groups_head"], shares, ""


def groups_section(figures: Figures, word: Words) -> str:
    """Return the shares of groups as bars."""
    (head, bars, below), target = groups_listed(figures, word), figures.target
    note = f'<p class="remark">{below}</p>' if below else ""
    line = "" if target is None else word["groups_line"].format(rate=whole_percent(target))
    rows = "".join(_bar(name, rate, target) for name, rate in bars)
    return f'<section><h2>{head}<small>{line}</small></h2><div class="bars">{rows}</div>{note}</section>'


def _bar(name: str, rate: float, target: float | None) -> str:
    known = rate == rate
    tick = (
        ""
        if target is None
        else f'<path d="M{100 * target:.1f} 0V14" stroke="{hex_color(TEXT)}" stroke-width="1.6" vector-effect="non-scaling-stroke"/>'
    )
    fill = f'<rect y="2" width="{100 * rate:.1f}" height="10" fill="{hex_color(TODAY)}"/>' if known else ""
    return (
        f'<div class="row"><span class="name"><bdi>{escape(name)}</bdi></span><svg viewBox="0 0 100 14" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect y="2" width="100" height="10" fill="#eceae4"/>{fill}{tick}</svg><b class="figure">{percent(rate) if known else "–"}</b></div>'
    )


def room_text(figures: Figures, word: Words) -> str:
    """Return what is known of doctors and of the capacity of service points."""
    return spaced(joined([*_doctors(figures, word), *_loads(figures, word)] or [word["room_unknown"]], word))


def room_section(figures: Figures, word: Words) -> str:
    """Return doctors and capacity as HTML."""
    text = escape(room_text(figures, word))
    return f'<section><h2>{word["room_head"]}</h2><p class="text">{text}</p></section>'


def _doctors(figures: Figures, word: Words) -> list[str]:
    found = doctor_need(figures.findings)
    if found is None:
        return []
    known = np.isfinite(found.there)
    if not known.any():
        return []
    missing = int(found.missing[known].sum())
    short = word["doctors_short"].format(n=missing) if missing > 0 else word["doctors_enough"]
    out = [
        word["room_doctors"].format(need=found.need[known].sum(), there=found.there[known].sum(), short=short)
    ]
    if not known.all():
        out.append(
            word["doctors_unknown"].format(areas=listed([plain_name(n) for n in found.name[~known]], word))
        )
    return out


def _loads(figures: Figures, word: Words) -> list[str]:
    findings, full = figures.findings, figures.findings.catchments
    unknown = int((~np.isfinite(findings.facilities.capacity)).sum())
    if unknown == len(findings.facilities) or full is None:
        return []
    over = full.table[full.table["nearest_load"] > 1].sort_values("nearest_load", ascending=False)
    out = [word["room_fine"]]
    if len(over):
        names = point_labels(findings, word)
        loads = [
            word["load"].format(name=names[str(i)], load=load)
            for i, load in zip(over["facility_id"], over["nearest_load"], strict=True)
        ]
        out = [word["room_over"].format(n=len(over), names=listed(loads, word))]
    return [*out, word["room_partly"].format(n=unknown, all=len(findings.facilities))] if unknown else out


def foot_texts(figures: Figures, version: str, word: Words) -> tuple[str, str, str]:
    """Return how sure the figures are, whose data they are, and the system of coordinates with the program."""
    findings, english = figures.findings, word["html_lang"] == "en"
    times = findings.times[findings.headline_case]
    said_ = [
        word["sure_slopes" if findings.network.has_elevation else "sure_flat"],
        word["sure_hours"],
        word["sure_edge"],
    ]
    for key, which in (("sure_lost", times.status == Status.UNREACHABLE), ("sure_unlinked", times.unlinked)):
        people = float(figures.people[which].sum())
        said_ += [word[key].format(n=f"{people:,.0f}")] if people >= 0.5 else []
    if findings.catchments is not None and findings.catchments.overflow.sum() >= 0.5:
        said_.append(word["sure_full"].format(n=f"{findings.catchments.overflow.sum():,.0f}"))
    close = dict(zip(findings.coverage.minutes, findings.coverage.rounding_cells, strict=False)).get(
        findings.minutes
    )
    if close is not None:
        key = "sure_no_close" if not close else "sure_one_close" if close == 1 else "sure_close"
        said_.append(word[key].format(n=close))
    text = ("; " if english else "；").join(said_) + ("." if english else "。")
    unique = sources_of(findings) or [word["none"]]
    data = word["sure_data"].format(sources=("; " if english else "；").join(unique))
    crs = findings.crs if len(findings.crs) < 40 else ""
    return text, data, f"{crs} access15 {version}".strip()


def foot(figures: Figures, version: str, word: Words) -> str:
    """Return how sure the figures are, and the line of sources."""
    text, data, made = foot_texts(figures, version, word)
    review = f'<b>{word["review"]}</b><span class="blank"></span>{word["sure_publish"]} '
    return (
        f'<footer class="sure"><p><b>{word["sure_head"]}</b> {escape(text)}</p>'
        f"<p><bdi>{escape(data)}</bdi> {'' if word['html_lang'] == 'en' else review}{escape(made)}</p></footer>"
    )
