"""One ruler from 0 to 100 %: today, what the plan adds, the target."""

from __future__ import annotations

from typing import Final

from access15.outputs.one_case.case_figures import Figures, percent, whole_percent
from access15.outputs.palette import GAP_FILL, PLAN, PLAN_FILL, TEXT, TODAY, TODAY_TEXT, hex_color
from access15.outputs.words import Words

_WIDE: Final = 710.0
_NARROW: Final = 366.0
_LABEL: Final = 96.0
"""Pixels that two labels on one line need between them."""


def ruler(figures: Figures, word: Words, narrow: bool = False) -> str:
    """Return the ruler as SVG, for a sheet or for a phone; empty where nobody lives."""
    wide = _NARROW if narrow else _WIDE
    hatch = "narrow" if narrow else "broad"
    if not figures.total > 0:
        return ""
    today, target = figures.covered / figures.total, figures.target
    plan = today if figures.planned is None else figures.after / figures.total
    bar = 'y="18" height="12"'
    out = [
        f'<defs><pattern id="{hatch}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        f'<rect width="6" height="6" fill="{hex_color(PLAN_FILL)}"/><path d="M0 0V6" stroke="{hex_color(PLAN)}" stroke-width="2"/></pattern></defs>',
        f'<rect x="0" {bar} width="{wide}" fill="{hex_color(GAP_FILL)}"/>',
        f'<rect x="0" {bar} width="{wide * today:.1f}" fill="{hex_color(TODAY)}"/>',
    ]
    at_today, at_plan = _held(today, 40, wide), _held(plan, 48, wide)
    if plan - today > 0.0005:
        out.append(
            f'<rect x="{wide * today:.1f}" {bar} width="{wide * (plan - today):.1f}" fill="url(#{hatch})" stroke="{hex_color(PLAN)}" stroke-width="1"/>'
        )
        if at_plan - at_today < _LABEL:  # They part to both sides of their middle, inside the frame.
            middle = min(max((at_plan + at_today) / 2, _LABEL), wide - _LABEL)
            at_today, at_plan = middle - _LABEL / 2, middle + _LABEL / 2
        out.append(
            f'<text x="{at_plan:.1f}" y="12" text-anchor="middle" class="b" fill="{hex_color(PLAN)}">{word["ruler_plan"].format(rate=percent(plan, target))}</text>'
        )
    out.append(
        f'<text x="{at_today:.1f}" y="12" text-anchor="middle" class="b" fill="{hex_color(TODAY_TEXT)}">{word["ruler_today"].format(rate=percent(today, target))}</text>'
    )
    ends = [(0.0, "start", "0"), (wide, "end", "100%")]
    if target is not None:
        at = wide * target
        out.append(f'<path d="M{at:.1f} 14V34" stroke="{hex_color(TEXT)}" stroke-width="2"/>')
        out.append(
            f'<text x="{_held(target, 40, wide):.1f}" y="44" text-anchor="middle" class="b">{word["ruler_target"].format(rate=whole_percent(target))}</text>'
        )
        ends = [end for end in ends if abs(end[0] - at) > 80]
    out += [
        f'<text x="{x:.0f}" y="44" text-anchor="{anchor}" class="quiet">{text}</text>'
        for x, anchor, text in ends
    ]
    label = word["ruler_today"].format(rate=percent(today, target))
    return f'<svg class="ruler {hatch}" viewBox="0 0 {wide:.0f} 48" role="img" aria-label="{label}">{"".join(out)}</svg>'


def _held(share: float, half: float, wide: float) -> float:
    """Return where a label stands so that it stays inside the frame."""
    return min(max(wide * share, half), wide - half)
