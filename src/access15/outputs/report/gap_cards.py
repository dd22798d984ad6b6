"""Gaps of a rural study: a card for every township, with its gaps ranked as bars and what is done about them."""

from __future__ import annotations

from html import escape
from typing import Final

import numpy as np

from access15.arrays import Ints
from access15.crs import to_crs
from access15.model import GapService
from access15.outputs.maps.parts import LETTERS
from access15.outputs.one_case.case_figures import (
    Figures,
    area_labels,
    gaps_here,
    mode_of,
    percent,
    point_labels,
    spaced,
)
from access15.outputs.one_case.frame import Frame, area_shapes
from access15.outputs.one_case.marks import Dots, Mark, Shape, Text, area, badge, clinic
from access15.outputs.one_case.svg import svg
from access15.outputs.palette import BOUNDARY, GAP_INK, LAND, QUIET, TEXT
from access15.outputs.report import gap_actions as actions
from access15.outputs.report.gap_actions import GapRows, action_color, action_sign, gap_rows
from access15.outputs.report.gap_stops import stops_section
from access15.outputs.words import Pair, Words, said

FEWEST: Final = 24
"""Gaps from which there is a page of them."""

MOST_CARDS: Final = 40
MOST_ON_CARDS: Final = 400
"""More areas or more gaps than these are shown as places that a team can serve."""

_SHOWN: Final = 3
_CAP: Final = 3.0
"""A bar longer than so many times the next to it is cut with a break."""

WORDS: Final[dict[str, Pair]] = {
    "cards_head": (
        "{n:,} gaps come down to {k} actions: {first} hold {share} of their people",
        "{n:,} 处盲区归为 {k} 种办法：{first}，先解决 {share} 的人",
    ),
    "cards_lead": (
        "{mode}, {t:g} minutes; {people} people in gaps. Areas with the most of them first; each bar is a gap, its colour and character the action.",
        "{mode}{t:g} 分钟，盲区共 {people} 人。人多的区域在前；每一根柱是一处盲区，颜色和字是办法。",
    ),
    "cards_first": ("{n} with {what}", "{n} 处{what}"),
    "cards_count": ("{n:,} gaps", "{n:,} 处"),
    "cards_people": ("{n:,} people", "{n:,} 人"),
    "cards_half": ("{n:,} gaps, the first {k:,} hold half", "{n:,} 处，前 {k:,} 处占一半"),
    "cards_near": ("{site}, {t:.0f} min", "最近{site}，{t:.0f} 分钟"),
    "cards_no_way": ("no way to a service point", "无路可达医疗服务点"),
    "cards_below": ("{rate}, below target", "{rate}，未达标"),
    "cards_key": ("letters: the three largest gaps of the area", "字母：本区域最大的三处盲区"),
}


def gap_pages(figures: Figures, word: Words) -> str:
    """Return cards by area, or places that a team can serve where gaps are too many; nothing where they are few."""
    gaps = figures.findings.gaps
    if gaps is None or not gaps_here(figures) or len(gaps) < FEWEST:
        return ""
    rows = gap_rows(figures)
    areas = np.unique(rows.area)
    if figures.findings.areas is None or len(areas) > MOST_CARDS or len(rows) > MOST_ON_CARDS:
        return stops_section(figures, rows, word)
    cards = sorted(areas, key=lambda row: -float(rows.people[rows.area == row].sum()))
    sites = point_labels(figures.findings, word)
    made = "".join(_card(figures, rows, int(row), sites, word) for row in cards)
    key = f'<p class="key">{svg_of([badge("A", 9, 9, 0.72)], 18, 18)} {escape(word["cards_key"])}</p>'
    return f'<article class="first rural">{_head(figures, rows, word)}{key}<div class="cards">{made}</div></article>'


def svg_of(marks: list[Mark], wide: float, tall: float, name: str = "") -> str:
    """Return marks as an element of SVG of a size."""
    style = f' class="{name}"' if name else ""
    return f'<svg{style} viewBox="0 0 {wide:g} {tall:g}" width="{wide:g}" height="{tall:g}" aria-hidden="true">{svg(marks)}</svg>'


def _head(figures: Figures, rows: GapRows, word: Words) -> str:
    """Return what comes first, the people of every action as one bar, and its list."""
    findings, total = figures.findings, max(float(rows.people.sum()), 1e-9)
    used = [k for k in range(actions.OTHER + 1) if (rows.action == k).any()]
    early = [k for k in used if k < 2] or used[:1]
    named = [word["cards_first"].format(n=int((rows.action == k).sum()), what=_what(k, word)) for k in early]
    between = ", " if word["html_lang"] == "en" else "、"
    share = float(rows.people[np.isin(rows.action, early)].sum()) / total
    head = word["cards_head"].format(
        n=len(rows), k=len(used), first=between.join(named), share=percent(share)
    )
    lead = word["cards_lead"].format(
        mode=mode_of(findings, word), t=findings.minutes, people=f"{rows.people.sum():,.0f}"
    )
    bar, x, lines = list[Mark](), 0.0, []
    for k in used:
        people, count = float(rows.people[rows.action == k].sum()), int((rows.action == k).sum())
        wide = 710.0 * people / total
        box = np.array([(x, 0), (x + wide, 0), (x + wide, 20), (x, 20)])
        bar.append(Shape((box,), fill=action_color(k), stroke=TEXT, width=0.5))
        if wide > 24:
            ink = actions.letter_ink(k)
            bar.append(
                Text(x + 6, 14.5, actions.action_letter(k, word), 12, bold=True, anchor="start", color=ink)
            )
        x += wide
        lines.append(
            f"<li>{svg_of(action_sign(k, word, 1, 1), 18, 18)}<span>{escape(_what(k, word))}</span>"
            f"<span>{word['cards_count'].format(n=count)}</span><b>{word['cards_people'].format(n=round(people))}</b></li>"
        )
    return (
        f'<h1>{escape(spaced(head))}</h1><p class="lead">{escape(lead)}</p>'
        f'<svg class="mix" viewBox="0 0 710 20" preserveAspectRatio="none" aria-hidden="true">{svg(bar)}</svg><ul class="acts">{"".join(lines)}</ul>'
    )


def _what(row: int, word: Words) -> str:
    services = list(actions.ORDER)
    return str(said(word, services[row][0] if row < len(services) else GapService.FIXED_CLINIC))


def _card(figures: Figures, rows: GapRows, row: int, sites: dict[str, str], word: Words) -> str:
    """Return the card of one area: its map, its bars, its largest gaps, its actions."""
    mine = np.flatnonzero(rows.area == row)
    name = area_labels(figures.findings)[row] if row >= 0 else word["place_none"]
    people = rows.people[mine]
    half = int(np.searchsorted(np.cumsum(people), people.sum() / 2 - 1e-9)) + 1
    found = next((a for a in figures.areas if a.name == name), None)
    rate = ""
    if found is not None:
        below = figures.target is not None and found.short(figures.target) > 0
        text = percent(found.rate, figures.target)
        rate = f'<i class="{"no" if below else ""}">{word["cards_below"].format(rate=text) if below else text}</i>'
    largest = "".join(_largest(rows, int(i), k, sites, word) for k, i in enumerate(mine[:_SHOWN]))
    mix = "".join(
        f"<span>{svg_of(action_sign(k, word, 1, 1), 18, 18)}{word['cards_count'].format(n=int((rows.action[mine] == k).sum()))} "
        f"{word['cards_people'].format(n=round(float(people[rows.action[mine] == k].sum())))}</span>"
        for k in range(actions.OTHER + 1)
        if (rows.action[mine] == k).any()
    )
    return (
        f'<section class="card"><h2><span><bdi>{escape(name)}</bdi> {word["cards_people"].format(n=round(float(people.sum())))}'
        f"<small>{word['cards_half'].format(n=len(mine), k=half)}</small></span>{rate}</h2>"
        f'<div class="both">{_map(figures, rows, row, mine)}<div>{_bars(rows, mine)}<ol>{largest}</ol></div></div><p class="acted">{mix}</p></section>'
    )


def _largest(rows: GapRows, i: int, place: int, sites: dict[str, str], word: Words) -> str:
    text = word["cards_no_way"]
    if rows.nearest[i] and np.isfinite(rows.minutes[i]):
        text = spaced(word["cards_near"].format(site=sites[rows.nearest[i]], t=rows.minutes[i]))
    return (
        f"<li>{svg_of([badge(LETTERS[place], 9, 9, 0.72)], 18, 18)}{svg_of(action_sign(int(rows.action[i]), word, 1, 1), 18, 18)}"
        f"<b>{rows.people[i]:,.0f}</b><span><bdi>{escape(text)}</bdi></span></li>"
    )


def _bars(rows: GapRows, mine: Ints) -> str:
    """Return one bar for each gap, the largest first; one that is far over the rest is cut with a break."""
    wide, tall, people = 176.0, 56.0, rows.people[mine]
    top = float(people[0])
    if len(people) > 1 and people[0] > _CAP * people[1]:
        top = 1.6 * float(people[1])
    each = min(wide / len(mine), 18.0)
    marks: list[Mark] = []
    for k, i in enumerate(mine):
        high = (tall - 14) * min(float(rows.people[i]) / max(top, 1e-9), 1.0)
        x = k * each
        box = np.array([(x, tall), (x, tall - high), (x + each - 0.8, tall - high), (x + each - 0.8, tall)])
        marks.append(Shape((box,), fill=action_color(int(rows.action[i])), stroke=TEXT, width=0.4))
        if rows.people[i] > top:
            cut = np.array([(x - 1, tall - high * 0.6), (x + each, tall - high * 0.6 - 5)])
            marks.append(Shape((cut, cut + np.array([0.0, 3.0])), False, stroke=(255, 255, 255), width=1.6))
    marks.append(
        Text(
            0 if each * len(mine) > 40 else each + 4, 9, f"{people[0]:,.0f}", 10, anchor="start", color=QUIET
        )
    )
    base = np.array([(0.0, tall), (wide, tall)])
    return svg_of([*marks, Shape((base,), False, stroke=TEXT, width=1)], wide, tall, "bars")


def _map(figures: Figures, rows: GapRows, row: int, mine: Ints) -> str:
    """Return the outline of an area with its gaps by action and its service points."""
    import shapely

    wide, tall, pad = 150.0, 120.0, 10.0
    shapes, findings = area_shapes(figures), figures.findings
    x, y = rows.x[mine], rows.y[mine]
    box = np.array([x.min(), y.min(), x.max(), y.max()])
    if shapes is not None and row >= 0:
        own = shapely.bounds(shapes[row])
        box = np.array([*np.minimum(box[:2], own[:2]), *np.maximum(box[2:], own[2:])])
    scale = min((wide - 2 * pad) / max(box[2] - box[0], 1.0), (tall - 2 * pad) / max(box[3] - box[1], 1.0))
    middle = (box[:2] + box[2:]) / 2
    frame = Frame(middle[0] - wide / 2 / scale, middle[1] + tall / 2 / scale, scale, wide, tall)
    marks: list[Mark] = []
    if shapes is not None and row >= 0:
        flat = shapely.simplify(frame.flat(shapes[row : row + 1]), 0.3)
        marks.append(area(flat, fill=LAND, stroke=BOUNDARY, width=0.9))
    radius = np.clip(0.36 * np.sqrt(rows.people[mine]), 1.6, 11.0)
    colors = tuple(action_color(k) for k in range(actions.OTHER + 1))
    order = np.argsort(-radius, kind="stable")
    marks.append(
        Dots(
            frame.x(x)[order],
            frame.y(y)[order],
            radius[order],
            rows.action[mine][order],
            colors,
            (TEXT,) * len(colors),
            0.5,
        )
    )
    sites = findings.points_of(findings.headline_case)
    east, north = to_crs(sites.x, sites.y, sites.crs, findings.crs)
    inside = (
        np.ones(len(sites), bool)
        if shapes is None or row < 0
        else shapely.contains_xy(shapes[row], east, north)
    )
    for px, py in zip(frame.x(np.asarray(east)[inside]), frame.y(np.asarray(north)[inside]), strict=True):
        marks += clinic(float(px), float(py), 5.5)
    for k, i in enumerate(mine[:_SHOWN]):
        px, py = float(frame.x(rows.x[i])), float(frame.y(rows.y[i]))
        at = min(max(px - 9 - radius[k] / 2, 8), wide - 8), min(max(py - 5, 8), tall - 8)
        marks.append(Shape((np.array([at, (px, py)]),), False, stroke=GAP_INK, width=0.7))
        marks.append(badge(LETTERS[k], *at, 0.66))
    return svg_of(marks, wide, tall, "small")
