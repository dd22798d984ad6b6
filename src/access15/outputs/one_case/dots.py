"""People on a map: a dot for each cell, by number; squares of one size where there are many."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from access15.arrays import Floats, Ints
from access15.model import Status
from access15.outputs.one_case.case_figures import Figures
from access15.outputs.one_case.marks import Dots, Mark, Squares
from access15.outputs.palette import NO_WAY, TIME_BEYOND, TIME_WITHIN, Rgb, edge_of

MOST_DOTS: Final = 5000
"""Cells drawn as dots; more are drawn as squares of one size."""

SQUARE: Final = 3.0
_KEY: Final = 100_000
_MEDIAN_R: Final = 1.8
_LARGEST_R: Final = 9.0

Steps = list[tuple[float, Rgb]]


def time_steps(minutes: float, cuts: tuple[float, ...]) -> Steps:
    """Return the upper ends of at most six time classes with their colours; hue turns at the limit.

    Within the limit the last three cut-offs of the study, beyond it twice and four times the limit.
    """
    within = [*[c for c in cuts if c < minutes][-2:], minutes]
    colors = [*TIME_WITHIN[len(TIME_WITHIN) - len(within) :], *TIME_BEYOND]
    return list(zip([*within, 2 * minutes, 4 * minutes, math.inf], colors, strict=True))


def kinds(figures: Figures, steps: Steps) -> Ints:
    """Return the time class of every cell; one more for no way. The limit is the study's own answer."""
    status = figures.findings.times[figures.findings.headline_case].status
    ends = np.array([end for end, _ in steps[:-1]])
    kind = np.searchsorted(ends * 60, figures.seconds, side="left")
    at = next(i for i, (end, _) in enumerate(steps) if end == figures.findings.minutes)
    kind = np.where(figures.within, np.minimum(kind, at), np.maximum(kind, at + 1))
    return np.where(status == Status.REACHED, kind, len(steps))


def radii(people: Floats, unit: float = 1.0) -> tuple[Floats, float]:
    """Return the radius of every dot, and pixels per root of a person."""
    lived = people[people > 0]
    if not len(lived):
        return np.zeros(len(people)), 0.0
    k = unit * min(_MEDIAN_R / math.sqrt(float(np.median(lived))), _LARGEST_R / math.sqrt(float(lived.max())))
    return k * np.sqrt(people), k


def paint(steps: Steps) -> tuple[Rgb, ...]:
    """Return the colours of the classes, that of no way last."""
    return (*(color for _, color in steps), NO_WAY)


def dots(x: Floats, y: Floats, radius: Floats, kind: Ints, steps: Steps, unit: float = 1.0) -> list[Mark]:
    """Return dots, the large ones first, so that none hides a smaller one."""
    order = np.argsort(-radius, kind="stable")
    order = order[radius[order] > 0]
    colors = paint(steps)
    edges = tuple(edge_of(c) for c in colors)
    return [Dots(x[order], y[order], radius[order], kind[order], colors, edges, 0.45 * unit)]


def squares(x: Floats, y: Floats, people: Floats, kind: Ints, steps: Steps) -> list[Mark]:
    """Return squares of one size, each of the class of its median resident."""
    lived = people > 0
    keys, of = np.unique(square_of(x[lived], y[lived], SQUARE), return_inverse=True)
    bins = np.column_stack([keys // _KEY, keys % _KEY])
    order = np.lexsort((kind[lived], of))
    weight, owner = people[lived][order], of[order]
    upto = np.cumsum(weight)
    total = np.bincount(owner, weight, len(bins))
    start = np.concatenate([[0.0], np.cumsum(total)[:-1]])
    first = np.searchsorted(upto, start + total / 2 - 1e-9)
    shown = kind[lived][order][np.minimum(first, len(order) - 1)]
    out: list[Mark] = []
    for k, color in enumerate(paint(steps)):
        places = bins[shown == k] * SQUARE
        if len(places):
            out.append(Squares(places[:, 0], places[:, 1], SQUARE, color))
    return out


def square_of(x: Floats, y: Floats, side: float) -> Ints:
    """Return one number for the square of each point inside the frame."""
    column, row = (np.floor(v / side).astype(np.int64) for v in (x, y))
    out: Ints = column * _KEY + np.maximum(row, 0)
    return out
