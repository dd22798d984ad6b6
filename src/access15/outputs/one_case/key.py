"""The key of a map: the time ramp with the limit marked, sizes of dots, the other signs."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from access15.outputs.maps.sheet import round_length
from access15.outputs.one_case.dots import Steps
from access15.outputs.one_case.marks import WHITE, Dots, Mark, Shape, Text
from access15.outputs.palette import GAP_FILL, GAP_INK, NO_WAY, PLAN, TEXT, edge_of
from access15.outputs.words import Words

_RAMP: Final = 236.0


def ramp_marks(steps: Steps, minutes: float, word: Words) -> list[Mark]:
    """Return the classes side by side, 236 by 42 px; a bar stands at the limit."""
    each = _RAMP / (len(steps) + 1)
    out: list[Mark] = [Text(0, 9, word["key_time"], 10.5, anchor="start")]
    for i, (text, color) in enumerate(class_words(steps, word)):
        box = np.array([(i * each, 16), ((i + 1) * each, 16), ((i + 1) * each, 26), (i * each, 26)], float)
        out.append(Shape((box,), fill=color, stroke=edge_of(color), width=0.5))
        out.append(Text((i + 0.5) * each, 38, text, 9.5))
    at = next(i for i, (end, _) in enumerate(steps) if end == minutes)
    out.append(
        Shape((np.array([((at + 1) * each, 12.0), ((at + 1) * each, 30.0)]),), False, stroke=TEXT, width=2)
    )
    return out


def class_words(steps: Steps, word: Words) -> list[tuple[str, tuple[int, int, int]]]:
    """Return what each class is called, with its colour."""
    low, out = 0.0, []
    for end, color in steps:
        out.append((f"{low:g}–{end:g}" if math.isfinite(end) else f">{low:g}", color))
        low = end
    return [*out, (word["key_no_way"], NO_WAY)]


def dot_sizes(per_root: float, unit: float = 1.0) -> list[float]:
    """Return two round numbers of people whose dots can be told apart; none where nobody lives."""
    if not per_root:
        return []
    small, large = ((r * unit / per_root) ** 2 for r in (1.6, 5.0))
    return [round_length(small) if small >= 1 else 1.0, round_length(large) if large >= 1 else 5.0]


def dot_marks(per_root: float, word: Words) -> list[Mark]:
    """Return dots of two sizes with their people, 84 by 42 px."""
    out: list[Mark] = [Text(0, 9, word["key_dots"], 10.5, anchor="start")]
    for x, people in zip((12.0, 52.0), dot_sizes(per_root), strict=False):
        out += [_dot(x, 21, per_root * math.sqrt(people)), Text(x, 38, f"{people:,.0f}", 10.5)]
    return out


def _dot(x: float, y: float, radius: float) -> Dots:
    one = np.array([0])
    return Dots(np.array([x]), np.array([y]), np.array([radius]), one, (WHITE,), (TEXT,), 0.8)


def gap_sign(x: float = 2.0, y: float = 2.0) -> Shape:
    """Return the sign of a shaded gap, 16 by 10 px."""
    box = np.array([(x, y), (x + 16, y), (x + 16, y + 10), (x, y + 10)])
    return Shape((box,), fill=GAP_FILL, stroke=GAP_INK)


def reach_sign(x: float = 2.0, y: float = 2.0) -> Shape:
    """Return the sign of what a site newly reaches, 16 by 10 px."""
    turn = np.linspace(0, 2 * np.pi, 25)
    round_x, round_y = np.cos(turn), np.sin(turn)
    wide = x + 8 + 8 * np.sign(round_x) * np.abs(round_x) ** 0.6
    tall = y + 5 + 5 * np.sign(round_y) * np.abs(round_y) ** 0.6
    return Shape((np.column_stack([wide, tall]),), stroke=PLAN, width=1.7)
