"""Areas ranked, the lowest first: today's share, the plan's, and who is missing to the target."""

from __future__ import annotations

from html import escape
from typing import Final

from access15.outputs.one_case.case_figures import (
    AreaFigures,
    Figures,
    percent,
    unit_of,
    whole_percent,
)
from access15.outputs.palette import BOUNDARY, GAP_INK, PLAN, TEXT, TODAY, hex_color
from access15.outputs.words import Pair, Words

MOST_AREAS: Final = 8

WORDS: Final[dict[str, Pair]] = {
    "areas_head": ("Coverage of {areas}, lowest first", "各{areas}覆盖率，低者在前"),
    "areas_key": ("◆ below  ● met  ▶ with plan", "◆ 未达标  ● 达标  ▶ 建设后"),
    "areas_key_free": ("● today  ▶ with plan", "● 现状  ▶ 建设后"),
    "areas_short": ("short → with plan", "还差人数 → 建设后"),
    "areas_beyond": ("not reached", "未覆盖人数"),
    "area_met": ("met", "已达标"),
    "areas_rest": (
        "{n:,} more {areas}, each with a higher share: table T1.",
        "另有 {n:,} 个{areas}覆盖率更高，见表 T1。",
    ),
    "areas_none": ("The study has no areas.", "本研究未划分区域。"),
}

_SEEN: Final = 0.02
"""Least rise of the share that gets an arrow."""

_TINT: Final = "#faf1e8"


def areas_section(figures: Figures, word: Words) -> str:
    """Return the ranked areas as a table, each with a line of marks."""
    areas, target = figures.areas, figures.target
    head = word["areas_head"].format(areas=unit_of(areas, word))
    if not areas:
        return f'<section class="areas"><h2>{head}</h2><p class="remark">{word["areas_none"]}</p></section>'
    key = word["areas_key" if target is not None else "areas_key_free"]
    ticks = f'<svg class="line"><text x="0" y="11" class="quiet">0</text>{_target_text(target)}</svg>'
    last = word["areas_short" if target is not None else "areas_beyond"]
    rows = "".join(_row(a, target, word) for a in areas[:MOST_AREAS])
    rest = len(areas) - MOST_AREAS
    more = word["areas_rest"].format(n=rest, areas=unit_of(areas, word)) if rest > 0 else ""
    note = f'<p class="remark">{more}</p>' if more else ""
    return (
        f'<section class="areas"><h2>{head}<small>{key}</small></h2><div class="rows" style="--last:{_last_width(areas[:MOST_AREAS], target)}px"><div class="row top"><span></span><span></span>{ticks}'
        f'<span class="figure quiet">{last}</span></div>{rows}</div>{note}</section>'
    )


def area_rows(figures: Figures, word: Words) -> tuple[str, list[tuple[str, str, str, str]], str]:
    """Return the head, for each area its name, share, people short and people short with the plan, and a note."""
    areas, target = figures.areas, figures.target
    head = word["areas_head"].format(areas=unit_of(areas, word))
    if not areas:
        return head, [], word["areas_none"]
    rows = []
    for area in areas[:MOST_AREAS]:
        known = area.planned == area.planned
        if target is None:
            then = f"{area.people - area.planned:,.0f}" if known else "–"
            rows.append((area.name, percent(area.rate), f"{area.people - area.covered:,.0f}", then))
            continue
        short, after = area.short(target), area.short(target, planned=True) if known else 0
        met = word["area_met"]
        texts = (f"{short:,}" if short else met, "–" if not known else f"{after:,}" if after else met)
        rows.append((area.name, percent(area.rate, target), *texts))
    rest = len(areas) - MOST_AREAS
    note = word["areas_rest"].format(n=rest, areas=unit_of(areas, word)) if rest > 0 else ""
    return head, rows, note


def _last_width(areas: tuple[AreaFigures, ...], target: float | None) -> int:
    """Return how wide the last column must be for the longest of its figures."""
    if target is None:
        return 104
    both = [
        f"{a.short(target):,} → {a.short(target, planned=True) if a.planned == a.planned else 0:,}"
        for a in areas
    ]
    return max(104, round(7.4 * max(map(len, both))))


def _target_text(target: float | None) -> str:
    if target is None:
        return '<text x="100%" y="11" text-anchor="end" class="quiet">100%</text>'
    x = min(max(100 * target, 16), 90)
    return f'<text x="{x:.1f}%" y="11" text-anchor="middle" class="b">{whole_percent(target)}</text>'


def _row(area: AreaFigures, target: float | None, word: Words) -> str:
    below = target is not None and area.short(target) > 0
    kind, name = "below" if below else "met", escape(area.name)
    return (
        f'<div class="row {kind}"><span class="name"><bdi>{name}</bdi></span><span class="rate">{percent(area.rate, target)}</span>'
        f'{_line(area, target, below)}<span class="figure">{_missing(area, target, word)}</span></div>'
    )


def _line(area: AreaFigures, target: float | None, below: bool) -> str:
    """Return the marks of an area on a line from 0 to 100 %, as wide as there is room."""
    x, ink = 100 * area.rate, hex_color(GAP_INK if below else TODAY)
    out = [f'<line x2="100%" y1="12" y2="12" stroke="{hex_color(BOUNDARY)}" stroke-width=".5" opacity=".6"/>']
    if target is not None:
        at = 100 * target
        out.insert(0, f'<rect width="{at:.2f}%" height="24" fill="{_TINT}"/>')
        out.append(
            f'<line x1="{at:.2f}%" x2="{at:.2f}%" y2="24" stroke="{hex_color(TEXT)}" stroke-width="1.6"/>'
        )
    if area.planned == area.planned and area.planned / area.people - area.rate >= _SEEN:
        end, blue = 100 * area.planned / area.people, hex_color(PLAN)
        out.append(f'<line x1="{x:.2f}%" x2="{end:.2f}%" y1="12" y2="12" stroke="{blue}" stroke-width="2"/>')
        out.append(_mark(end, f'<path d="M-7 8L1 12-7 16Z" fill="{blue}"/>'))
    sign = f'<path d="M0-5L5 0 0 5-5 0Z" fill="{ink}"/>' if below else f'<circle r="4" fill="{ink}"/>'
    out.append(_mark(x, f'<g transform="translate(0 12)">{sign}</g>'))
    return f'<svg class="line" aria-hidden="true">{"".join(out)}</svg>'


def _mark(share: float, sign: str) -> str:
    return f'<svg x="{share:.2f}%" overflow="visible">{sign}</svg>'


def _missing(area: AreaFigures, target: float | None, word: Words) -> str:
    if target is None:
        return f"{area.people - area.covered:,.0f}"
    short = area.short(target)
    if not short:
        return f'<span class="quiet">{word["area_met"]}</span>'
    if area.planned != area.planned:
        return f"{short:,}"
    then = area.short(target, planned=True)
    after = f'<b class="gap">{then:,}</b>' if then else f'<b class="plan">{word["area_met"]}</b>'
    return f"{short:,} → {after}"
