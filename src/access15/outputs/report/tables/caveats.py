"""The table of caveats: what the data cannot say, written by the program from its own counts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any, Final

import numpy as np

from access15.model import Status, said_in
from access15.outputs.findings import Findings
from access15.outputs.report.report_table import Builder, ReportTable
from access15.outputs.report.table_figures import below_target
from access15.outputs.words import Words, said
from access15.units import ROUNDING_S

SNAP_BANDS_M: Final = (50.0, 200.0, 500.0, 1000.0)
"""Upper ends of the bands of distance between people and their street, metres."""

LAND_M: Final = 100.0
"""Who walks further over land before the first street is counted, metres."""
_LISTED: Final = 5
_SET_ASIDE: Final = ("without", "repaired", "outside", "dropped", "set_aside")
_DATES: Final = ("date", "timestamp", "year", "日期")

_Line = tuple[str, float | None, str, str]


def _build(findings: Findings, word: Words) -> Builder:
    parts = (_targets, _notes, _people, _snapping, _land, _lost, _close_calls, _points, _streets, _parameters)
    out = Builder(word)
    out.rows(
        "item:text value:number unit:text statement:text",
        [line for part in parts for line in part(findings, word)],
    )
    return out


def _targets(findings: Findings, word: Words) -> Iterator[_Line]:
    for (case, minutes), target in findings.targets.items():
        rate = findings.coverages[case].rate(minutes)
        verdict = said(word, "cannot be judged" if rate != rate else "yes" if rate >= target else "no")
        item = word["target"].format(mode=said(word, case), minutes=minutes)
        text = word["target_text"].format(rate=rate, verdict=verdict)
        if findings.areas is not None:
            below, judged = below_target(findings, case, minutes, target)
            named = word["target_named"].format(names=_some(below, word)) if below else ""
            text += word["target_areas"].format(below=len(below), judged=judged, named=named)
        yield item, target * 100, word["share"], text


def _notes(findings: Findings, word: Words) -> Iterator[_Line]:
    """Yield what was set aside, repaired or guessed, worst first (`access15.model.notes`)."""
    lang = word["lang"]
    for note in findings.provenance.get("notes", ()):
        yield (
            word["noted"].format(source=said_in(note["source"], lang)).strip(" :："),
            note["count"],
            "",
            note[word["noted_in"]],
        )


def _people(findings: Findings, word: Words) -> Iterator[_Line]:
    population = findings.population
    source = population.provenance.get("source") or word["nosource"]
    text = word["modelled_text"].format(source=source)
    yield word["residents"], population.total, word["unit_people"], text
    for key, value in _counted(population.provenance, _SET_ASIDE):
        yield word["pop_note"].format(key=said_in(key, word["lang"])), value, "", word["pop_note_text"]
    outside = findings.coverage.cell_area < 0
    if findings.areas is not None and outside.any():
        lost = float(population.people[outside].sum())
        yield word["in_no_area"], lost, word["unit_people"], word["in_no_area_text"]


def _counted(provenance: Any, about: Iterable[str]) -> Iterator[tuple[str, float]]:
    """Return the counts above 0 of a provenance whose key names one of the words."""
    for key, value in provenance.items():
        parts = value.items() if isinstance(value, dict) else [("", value)]
        for name, count in parts:
            is_count = isinstance(count, (int, float)) and not isinstance(count, bool) and count > 0
            if is_count and any(word in str(key) for word in about):
                yield f"{key} {name}".strip().replace("_", " "), float(count)


def _snapping(findings: Findings, word: Words) -> Iterator[_Line]:
    people, seen = findings.population.people, set()
    for case, times in findings.times.items():
        leg, linked = times.cells.leg_m, times.cells.linked
        if leg.tobytes() in seen:
            continue  # Walking profiles share their streets: one set of bands says it all.
        seen.add(leg.tobytes())
        band = np.searchsorted(SNAP_BANDS_M, leg)
        counted = np.bincount(band[linked], people[linked], len(SNAP_BANDS_M) + 1)
        for i, count in enumerate(counted):
            low, high = (SNAP_BANDS_M[i - 1] if i else 0.0), (*SNAP_BANDS_M, math.inf)[i]
            name = "snap_to" if not i else "snap_over" if i == len(SNAP_BANDS_M) else "snap_between"
            text = word["snap_far_text"] if low >= 200 and count > 0 else word["snap_text"]
            mode = said(word, case)
            yield word[name].format(mode=mode, low=low, high=high), float(count), word["unit_people"], text


def _land(findings: Findings, word: Words) -> Iterator[_Line]:
    """Yield who walks over land before the first street, and how far, and who lives on closed land."""
    people = findings.population.people
    for case, times in findings.times.items():
        if not len(times.land_first_m):
            continue
        known = np.isfinite(times.land_first_m)
        first_m, who = times.land_first_m[known], people[known]
        order = np.argsort(first_m, kind="stable")
        half = np.searchsorted(np.cumsum(who[order]), who.sum() / 2) if len(order) else 0
        middle = float(first_m[order[min(int(half), len(order) - 1)]]) if len(order) else 0.0
        longer = float(who[first_m > LAND_M].sum())
        text = word["land_text"].format(
            share=longer / max(float(who.sum()), 1e-9), limit=LAND_M, median=middle
        )
        yield (
            word["land_first"].format(mode=said(word, case), limit=LAND_M),
            longer,
            word["unit_people"],
            text,
        )
        closed = float(people[times.status == Status.CLOSED_LAND].sum())
        yield (
            word["land_closed"].format(mode=said(word, case)),
            closed,
            word["unit_people"],
            word["land_closed_text"],
        )


def _lost(findings: Findings, word: Words) -> Iterator[_Line]:
    people, snap = findings.population.people, _snap_limit(findings)
    for case, times in findings.times.items():
        for name, which in (
            ("unreachable", times.status == Status.UNREACHABLE),
            ("unlinked", times.unlinked),
        ):
            count = float(people[which].sum())
            text = word[f"{name}_text"].format(snap=snap)
            yield word[name].format(mode=said(word, case)), count, word["unit_people"], text


def _close_calls(findings: Findings, word: Words) -> Iterator[_Line]:
    for case, coverage in findings.coverages.items():
        counts = zip(coverage.minutes, coverage.rounding_cells, strict=True)
        each = [word["rounding_count"].format(minutes=cutoff, cells=cells) for cutoff, cells in counts]
        text = word["rounding_text"].format(seconds=ROUNDING_S, counts="; ".join(each))
        item = word["rounding"].format(mode=said(word, case))
        yield item, float(sum(coverage.rounding_cells)), word["cells"], text


def _snap_limit(findings: Findings) -> float:
    given = findings.provenance.get("parameters", {}).get("analysis", {}).get("max_snap_m", 5000.0)
    return float(given)


def _points(findings: Findings, word: Words) -> Iterator[_Line]:
    sites = findings.facilities
    source = sites.provenance.get("source") or word["nosource"]
    used = word["points_text"].format(label=said(word, sites.label), source=source)
    yield word["points_used"], float(len(sites)), word["n"], used
    aside = [f"{name} ({said_in(why, word['lang'])})" for name, why in sites.set_aside[: _LISTED + 1]]
    yield (
        word["aside"],
        float(len(sites.set_aside)),
        word["n"],
        word["aside_text"].format(names=_some(aside, word, len(sites.set_aside))),
    )
    for case, times in findings.times.items():
        lost = [str(i) for i in findings.points_of(case).id[~times.sites.placed]]
        if lost:
            text = word["points_unlinked_text"].format(names=_some(lost, word))
            yield word["points_unlinked"].format(mode=said(word, case)), float(len(lost)), word["n"], text
    datum = sites.provenance.get("datum") or _parameter(findings, "facilities", "datum")
    if datum:
        yield word["datum"], None, "", word["datum_text"].format(datum=datum)
    known = float(np.isfinite(sites.capacity).sum())
    yield word["capacity"], known, word["n"], word["capacity_text"]


def _some(names: list[str], word: Words, count: int = 0) -> str:
    """Return the first of some names, and how many more there are of ``count``."""
    if not names:
        return word["none"]
    left = max(count, len(names)) - _LISTED
    more = word["more"].format(n=left) if left > 0 else ""
    return "; ".join(names[:_LISTED]) + more


def _parameter(findings: Findings, table: str, key: str) -> Any:
    return (findings.provenance.get("parameters", {}).get(table) or {}).get(key)


def _streets(findings: Findings, word: Words) -> Iterator[_Line]:
    network, facts = findings.network, findings.network.provenance
    source, credit = facts.get("source") or word["nosource"], facts.get("attribution") or "-"
    text = word["streets_text"].format(source=source, credit=credit)
    yield word["streets"], float(network.length_m.sum()) / 1000, word["km"], text
    for key, value in _counted(facts, ("dropped", "set aside", "repaired")):
        yield (
            word["streets_note"].format(key=said_in(key, word["lang"])),
            value,
            "",
            word["streets_note_text"],
        )
    slopes = "elevation_some" if network.has_elevation else "elevation_none"
    yield word["elevation"], None, "", word[slopes]
    nouns: dict[str, Any] = {"streets": network, "people": findings.population, "points": findings.facilities}
    found = [
        f"{role} {key}: {value}"
        for role, noun in nouns.items()
        for key, value in noun.provenance.items()
        if any(part in str(key).lower() for part in _DATES) and value
    ]
    yield word["dates"], None, "", "; ".join(found) or word["dates_none"]


def _parameters(findings: Findings, word: Words) -> Iterator[_Line]:
    for case, times in findings.times.items():
        profile = times.profile
        source = said(word, profile.source) or word["nosource"]
        text = word["speed_text"].format(direction=word[times.direction], source=source)
        yield word["speed"].format(mode=said(word, case)), profile.speed_kph, word["kph"], text
    yield word["snap_limit"], _snap_limit(findings), word["m"], word["snap_limit_text"]
    yield word["nearest"], None, "", word["nearest_text"]
    for note in () if findings.plan is None else findings.plan.notes:
        yield word["proposed_sites"], None, "", word["plan_text"].format(note=said_in(note, word["lang"]))


TABLE = ReportTable(
    id="caveats",
    title=("Data and limits", "数据说明与局限"),
    about="what the data cannot say: people by their distance to the street, whom no street reaches, parameters, dates",
    build=_build,
    words={
        "item": ("item", "事项"),
        "unit": ("unit", "单位"),
        "statement": ("what it means", "说明"),
        "unit_people": ("people", "人"),
        "cells": ("cells", "个单元"),
        "n": ("points", "个"),
        "m": ("m", "米"),
        "km": ("km", "公里"),
        "kph": ("km/h", "公里/小时"),
        "share": ("%", "%"),
        "modelled_text": (
            "Residents stand where the population data put them. Grids and building counts are modelled, not counted: "
            "figures of small areas are less certain than totals. Source: {source}.",
            "人口按所给人口数据的位置计算。格网和按建筑推算的人口是模型结果而非普查，小区域的数字不如总数可靠。来源：{source}。",
        ),
        "nosource": ("not named", "未注明"),
        "noted_in": ("text", "text_zh"),
        "noted": ("to know: {source}", "须知：{source}"),
        "pop_note": ("population data: {key}", "人口数据：{key}"),
        "pop_note_text": ("As counted while reading the population.", "读取人口数据时的计数。"),
        "in_no_area": ("people in no area", "不属任何区域的人口"),
        "in_no_area_text": (
            "They count in the total and stand in a row of their own.",
            "计入合计，并单列一行。",
        ),
        "snap_to": ("{mode}: up to {high:g} m from a street", "{mode}：距道路不超过 {high:g} 米"),
        "snap_between": ("{mode}: {low:g} to {high:g} m from a street", "{mode}：距道路 {low:g}–{high:g} 米"),
        "snap_over": ("{mode}: more than {low:g} m from a street", "{mode}：距道路超过 {low:g} 米"),
        "land_first": (
            "{mode}: more than {limit:g} m over land first",
            "{mode}：先在野外步行超过 {limit:g} 米",
        ),
        "land_text": (
            "{share:.1%} of those who reach care walk further than {limit:g} m over land before their first street; half of all "
            "walk at most {median:,.0f} m. What covers the land decides the speed",
            "能到达者中 {share:.1%} 在到达第一条道路前野外步行超过 {limit:g} 米；半数人不超过 {median:,.0f} 米。速度取决于土地覆盖",
        ),
        "land_closed": ("{mode}: on closed land", "{mode}：位于不可通行的地面"),
        "land_closed_text": (
            "they live on water or on a class of land that nobody crosses, and stand among the unlinked",
            "位于水面或不可通行的土地类型上，计入未接入路网",
        ),
        "snap_text": (
            "People by the straight way to the street, which is walked and counted in the time.",
            "按到最近道路的直线距离分组的人口，这段路按步行计入出行时间。",
        ),
        "snap_far_text": (
            "Streets or paths may be missing on the map here, or the population is placed off the settlements: look before you rely on them.",
            "这里的道路或小路可能缺失，或人口位置偏离居民点，使用前请核对。",
        ),
        "unreachable": ("{mode}: unreachable", "{mode}：不可达"),
        "unreachable_text": (
            "There is a street, but none that leads to a service point. Never counted as covered.",
            "附近有道路但不通往任何服务点，不计为覆盖。",
        ),
        "unlinked": ("{mode}: unlinked", "{mode}：未接入路网"),
        "unlinked_text": (
            "No street within {snap:g} m. Never counted as covered.",
            "{snap:g} 米内没有道路，不计为覆盖。",
        ),
        "rounding": ("{mode}: a close call", "{mode}：临界人口单元"),
        "rounding_text": (
            "Their time is within {seconds:g} s of a cut-off: the rounding of times to milliseconds may decide whether they count "
            "as covered. {counts}.",
            "其时间与时限相差不超过 {seconds:g} 秒，时间按毫秒取整，可能影响其是否计为覆盖。{counts}。",
        ),
        "rounding_count": ("{minutes:g} min: {cells}", "{minutes:g} 分钟：{cells}"),
        "points_used": ("service points used", "采用的医疗服务点"),
        "points_text": ("The set “{label}”; source: {source}.", "服务点集合“{label}”；来源：{source}。"),
        "points_unlinked": ("{mode}: service points without a street", "{mode}：未接入路网的服务点"),
        "points_unlinked_text": ("They take no part: {names}.", "不参与计算：{names}。"),
        "aside": ("service points set aside", "剔除的服务点"),
        "aside_text": ("Not counted as service points: {names}.", "不计为服务点：{names}。"),
        "more": (" and {n} more", "，另有 {n} 个"),
        "datum": ("datum of the service points", "服务点坐标基准"),
        "datum_text": ("As given by the study: {datum}.", "按研究设定：{datum}。"),
        "capacity": ("service points with a known capacity", "服务能力已知的服务点"),
        "capacity_text": (
            "Coverage asks for time only. Whether a service point has room for everybody it is nearest to cannot be judged from it.",
            "覆盖只看时间，服务点能否容纳全部就近人口无法由此判断。",
        ),
        "dates": ("dates of the data", "数据日期"),
        "dates_none": (
            "The inputs name no date. State the date of the streets, the people and the service points yourself.",
            "输入数据未注明日期，请自行注明道路、人口和服务点数据的日期。",
        ),
        "streets": ("length of streets", "道路总长"),
        "streets_text": (
            "Source: {source}; {credit}. What is missing on the map is missing here. Streets beyond the edge of the data are unknown: "
            "times near the edge may be too long.",
            "来源：{source}；{credit}。地图上缺失的道路在此同样缺失。数据范围以外的道路未知，边缘地带的时间可能偏长。",
        ),
        "streets_note": ("streets: {key}", "道路数据：{key}"),
        "streets_note_text": ("As counted while reading the streets.", "读取道路数据时的计数。"),
        "elevation": ("slopes", "坡度"),
        "elevation_none": (
            "No elevation was given: streets count as flat.",
            "未提供高程数据，道路按平路计。",
        ),
        "elevation_some": (
            "Elevation was given; profiles with slopes follow it.",
            "已提供高程数据，计坡度的出行方式按坡度计算。",
        ),
        "speed": ("{mode}: speed", "{mode}：速度"),
        "speed_text": ("Direction: {direction}. Source: {source}", "方向：{direction}。来源：{source}"),
        "to": ("people travel to the service point", "居民前往服务点"),
        "from": ("from the service point to the people", "由服务点前往居民"),
        "snap_limit": ("farthest street a point is linked to", "连接道路的最大距离"),
        "snap_limit_text": ("Points farther from any street are unlinked.", "超过此距离的点视为未接入路网。"),
        "nearest": ("nearest is not chosen", "最近不等于实际就诊"),
        "nearest_text": (
            "Times are to the nearest service point, open at any hour, without waiting, transfers or live traffic.",
            "时间指到最近服务点的时间，不考虑开诊时间、候诊、换乘和实时路况。",
        ),
        "plan_text": ("Note of the program: {note}", "程序记录：{note}"),
        "target": ("target {mode}, {minutes:g} min", "目标：{mode}{minutes:g}分钟"),
        "target_areas": (
            " {below} of {judged} areas are below it{named}.",
            "{judged} 个区域中有 {below} 个未达标{named}。",
        ),
        "target_named": (": {names}", "（{names}）"),
        "target_text": ("Reached: {rate:.2%}. Target met: {verdict}.", "实际 {rate:.2%}，{verdict}。"),
    },
)
