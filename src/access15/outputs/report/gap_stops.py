"""Hundreds of gaps: the places that a team can serve from one stop, those with the most people first."""

from __future__ import annotations

from html import escape
from typing import Any, Final

import numpy as np

from access15.arrays import Floats, Ints
from access15.outputs.maps.parts import LETTERS
from access15.outputs.one_case.case_figures import Figures, mode_of, percent, places_of
from access15.outputs.one_case.frame import Frame, frame_of
from access15.outputs.one_case.ground import border_marks, ground_marks, ground_of
from access15.outputs.one_case.marks import Dots, Mark, Shape, badge
from access15.outputs.one_case.svg import svg
from access15.outputs.palette import GAP_FILL, GAP_INK, TEXT
from access15.outputs.report.gap_actions import GapRows
from access15.outputs.words import Pair, Words

REACH_M: Final = 10_000.0
"""How far a team goes from its stop, along the straight way; practice value."""

_PER_FRAME: Final = 12.0
"""In a study that is smaller than so many times this reach, the reach is that part of it."""

_LISTED: Final = 10
_MOST_PLACES: Final = 200
_MOST_GAPS: Final = 20_000

WORDS: Final[dict[str, Pair]] = {
    "stops_head": (
        "{n:,} gaps fall into {places:,} places that a team can serve from one stop",
        "{n:,} 处盲区可归为 {places:,} 个一支小分队能服务的片区",
    ),
    "stops_lead": (
        "{mode}, {t:g} minutes; within {reach:g} km of each stop. {half:,} places hold half of the {people} people, {most:,} hold 80%. Only the first are listed; the rest is in table T5.",
        "{mode}{t:g} 分钟，每个停靠点周围 {reach:g} 公里。{half:,} 个片区占 {people} 人的一半，{most:,} 个占 80%。此处只列前几个，其余见表 T5。",
    ),
    "stops_share": ("then {share}", "累计 {share}"),
}


def served_places(x: Floats, y: Floats, people: Floats, reach_m: float) -> tuple[list[int], Ints]:
    """Return the gaps around which a team stops, those that serve the most people first, and the place of every gap.

    Each stop is the gap from which most of the people not served yet are within reach; ties go to the first gap.
    """
    from scipy.spatial import cKDTree

    at = np.column_stack([x, y])
    near: Any = cKDTree(at).query_ball_point(at, reach_m, return_sorted=True)
    left = people.astype(float).copy()
    place = np.full(len(x), -1)
    stops: list[int] = []
    within = np.array([left[found].sum() for found in near])
    while (place < 0).any() and len(stops) < _MOST_PLACES:
        best = int(np.argmax(within))
        if not within[best] > 0:
            best = int(np.flatnonzero(place < 0)[0])
        mine = [i for i in near[best] if place[i] < 0]
        place[mine] = len(stops)
        stops.append(best)
        for i in mine:
            within[near[i]] -= left[i]
            left[i] = 0.0
        within[stops] = -1.0
    return stops, place


def stops_section(figures: Figures, rows: GapRows, word: Words) -> str:
    """Return the places with the most people as a list and on a map."""
    findings = figures.findings
    kept = slice(0, _MOST_GAPS)
    x, y, people = rows.x[kept], rows.y[kept], rows.people[kept]
    size = float(max(np.ptp(x), np.ptp(y), 1.0))
    reach = min(REACH_M, size / _PER_FRAME)
    stops, place = served_places(x, y, people, reach)
    held = np.bincount(place[place >= 0], people[place >= 0], len(stops))
    order = np.argsort(-held, kind="stable")
    total = max(float(rows.people.sum()), 1e-9)
    upto = np.cumsum(held[order]) / total
    half, most = (int(np.searchsorted(upto, share - 1e-9)) + 1 for share in (0.5, 0.8))
    digits = max(round(reach / 1000, 1), 0.1)
    head = word["stops_head"].format(n=len(rows), places=len(stops))
    lead = word["stops_lead"].format(
        mode=mode_of(findings, word),
        t=findings.minutes,
        reach=digits,
        half=min(half, len(stops)),
        most=min(most, len(stops)),
        people=f"{total:,.0f}",
    )
    first = order[:_LISTED]
    spots = [stops[k] for k in first]
    named = places_of(findings, x[spots], y[spots], findings.crs, word)
    counted = np.bincount(place[place >= 0], minlength=len(stops))
    lines = "".join(
        f'<li><svg viewBox="0 0 18 18" width="18" height="18" aria-hidden="true">{svg([badge(LETTERS[i], 9, 9, 0.72)])}</svg>'
        f"<span><bdi>{escape(named[i] or '')}</bdi></span>"
        f'<span class="bar"><i style="width:{100 * held[k] / max(held[first[0]], 1e-9):.1f}%"></i></span><b>{held[k]:,.0f}</b>'
        f"<span>{word['cards_count'].format(n=int(counted[k]))}</span><span>{word['stops_share'].format(share=percent(float(upto[i])))}</span></li>"
        for i, k in enumerate(first)
    )
    frame = frame_of(figures, 418.0, 440.0, 260.0)
    marks = [*_ground(figures, frame), *_places(frame, x, y, people, spots, reach)]
    drawn = f'<svg class="sheet" viewBox="0 0 {frame.wide:.0f} {frame.tall:.0f}" aria-hidden="true">{svg(marks)}</svg>'
    return f'<article class="first rural"><h1>{escape(head)}</h1><p class="lead">{escape(lead)}</p><div class="stops">{drawn}<ol>{lines}</ol></div></article>'


def _ground(figures: Figures, frame: Frame) -> list[Mark]:
    ground = ground_of(figures, frame)
    return [*ground_marks(figures, frame, ground), *border_marks(frame, ground)]


def _places(
    frame: Frame, x: Floats, y: Floats, people: Floats, stops: list[int], reach_m: float
) -> list[Mark]:
    """Return the gaps as dots, the reach of each stop as a circle, and its letter."""
    px, py = frame.x(x), frame.y(y)
    radius = np.clip(0.5 * np.sqrt(people / max(float(np.median(people)), 1e-9)), 0.8, 5.0)
    one = np.zeros(len(px), int)
    marks: list[Mark] = []
    turn = np.linspace(0, 2 * np.pi, 49)
    for i in stops:
        ring = np.column_stack(
            [px[i] + reach_m * frame.scale * np.cos(turn), py[i] + reach_m * frame.scale * np.sin(turn)]
        )
        marks.append(Shape((ring,), fill=GAP_FILL, alpha=0.4, stroke=GAP_INK, width=1))
    marks.append(Dots(px, py, radius, one, (GAP_INK,), (TEXT,), 0.2))
    return [*marks, *(badge(LETTERS[k], float(px[i]), float(py[i]), 0.8) for k, i in enumerate(stops))]
