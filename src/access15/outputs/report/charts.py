"""Charts of the report as SVG: drawn by a few lines of our own, text as text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Final

import numpy as np

from access15.arrays import Floats
from access15.equity import lorenz
from access15.model import Status
from access15.outputs.findings import Findings
from access15.outputs.palette import INK, SITE, class_colors, hex_color
from access15.outputs.report.map_data import time_classes
from access15.outputs.report.table_figures import cap_of
from access15.outputs.words import Words

if TYPE_CHECKING:
    from access15.model import SitingPlan


_WIDE: Final = 760
_TALL: Final = 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 76, 20, 16, 48
_MOST_BARS: Final = 40
_NAMES, _ROW = 2, 20
"""Names of lines in a row of the legend, and the height of a row."""

LINES: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
"""Line colours that people with the common colour-vision deficiencies tell apart (Okabe and Ito 2008)."""

_DASHES: Final = ("", "8 4", "2 4", "12 4 2 4")


@dataclass(frozen=True, slots=True)
class Axes:
    """A chart's frame: what stands at its ends, and how a value becomes a place."""

    x_max: float
    y_max: float
    x_name: str
    y_name: str
    percent: bool = False
    percent_x: bool = False

    def x(self, value: float) -> float:
        """Return the place of a value across."""
        return _LEFT + value / self.x_max * (_WIDE - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        """Return the place of a value up."""
        return _TALL - _BOTTOM - value / self.y_max * (_TALL - _TOP - _BOTTOM)

    def frame(self) -> list[str]:
        """Return grid, ticks and names."""
        out = []
        for value in ticks(self.y_max):
            at, shown = self.y(value), f"{value:.0%}" if self.percent else f"{value:,.10g}"
            out.append(f'<line x1="{_LEFT}" x2="{_WIDE - _RIGHT}" y1="{at:.1f}" y2="{at:.1f}" class="grid"/>')
            out.append(f'<text x="{_LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{shown}</text>')
        for value in ticks(self.x_max):
            at, shown = self.x(value), f"{value:.0%}" if self.percent_x else f"{value:,.10g}"
            out.append(f'<text x="{at:.1f}" y="{_TALL - _BOTTOM + 18}" text-anchor="middle">{shown}</text>')
        middle = (_TOP + _TALL - _BOTTOM) / 2
        out.append(
            f'<text x="{(_LEFT + _WIDE - _RIGHT) / 2}" y="{_TALL - 8}" text-anchor="middle">{escape(self.x_name)}</text>'
        )
        out.append(
            f'<text x="14" y="{middle}" text-anchor="middle" transform="rotate(-90 14 {middle})">{escape(self.y_name)}</text>'
        )
        return out


def ticks(top: float) -> list[float]:
    """Return about five round values from 0 to ``top``."""
    if not top > 0:
        return [0.0]
    raw = top / 5
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(s * power for s in (1, 2, 2.5, 5, 10) if s * power >= raw * (1 - 1e-9))
    return [round(i * step, 10) for i in range(int(top / step * (1 + 1e-9)) + 1)]


def _svg(parts: Sequence[str], label: str, above: int = 0) -> str:
    return (
        f'<svg class="chart" viewBox="0 {-above} {_WIDE} {_TALL + above}" role="img" aria-label="{escape(label)}">'
        f"{''.join(parts)}</svg>"
    )


def _cut_lines(axes: Axes, cuts: Sequence[float]) -> list[str]:
    return [
        f'<line x1="{axes.x(c):.1f}" x2="{axes.x(c):.1f}" y1="{_TOP}" y2="{_TALL - _BOTTOM}" class="cut"/>'
        for c in cuts
        if c < axes.x_max
    ]


@dataclass(frozen=True, slots=True)
class Histogram:
    """The histogram as SVG, and what it leaves out."""

    svg: str
    width: float
    last: float
    over: float
    lost: float


def histogram(findings: Findings, word: Words, label: str) -> Histogram:
    """Return residents by travel time of the headline case, bars coloured as the map."""
    times, people = findings.times[findings.headline_case], findings.population.people
    reached = times.status == Status.REACHED
    minutes, counted = times.seconds[reached] / 60, people[reached]
    width, last = _bars(minutes, counted, findings.minutes)
    # A cell on a cut-off belongs to the bar below it, as it belongs to those covered.
    row = np.maximum(np.ceil(minutes / width - 1e-9).astype(int) - 1, 0)
    bars = round(last / width)
    heights = np.bincount(np.minimum(row, bars), counted, bars + 1)
    axes = Axes(last, max(float(heights[:-1].max(initial=0)) * 1.05, 1.0), word["minutes"], word["residents"])
    classes = time_classes(findings)
    colors = [hex_color(c) for c in class_colors(classes, findings.minutes)]
    parts = axes.frame()
    for i, height in enumerate(heights[:-1]):
        left, right = axes.x(i * width), axes.x((i + 1) * width)
        color = colors[int(np.searchsorted(classes, (i + 1) * width - 1e-6))]
        name = f"{i * width:g}–{(i + 1) * width:g} {word['minutes']}: {height:,.0f}"
        parts.append(
            f'<rect x="{left:.1f}" y="{axes.y(height):.1f}" width="{max(right - left - 1, 0.5):.1f}" '
            f'height="{axes.y(0) - axes.y(height):.1f}" fill="{color}"><title>{escape(name)}</title></rect>'
        )
    parts += _cut_lines(axes, [findings.minutes])
    return Histogram(_svg(parts, label), width, last, float(heights[-1]), float(people[~reached].sum()))


def _bars(minutes: Floats, people: Floats, headline: float) -> tuple[float, float]:
    """Return the width of a bar and the end of the last: the time of nearly everybody, twice the headline at least."""
    order = np.argsort(minutes)
    running = np.cumsum(people[order])
    most = (
        float(minutes[order][np.searchsorted(running, 0.99 * running[-1])])
        if len(order) and running[-1] > 0
        else 0.0
    )
    most = min(max(most, 2 * headline), 12 * headline)
    width = next(w for w in (1, 2.5, 5, 10, 15, 30, 60, 120, 1e9) if most / w <= _MOST_BARS)
    return width, math.ceil(most / width) * width


def cumulative(findings: Findings, word: Words, names: Sequence[str]) -> str:
    """Return the share of residents reached within a time, a line per mode."""
    top = max(4 * findings.minutes, findings.coverage.minutes[-1] * 2)
    axes = Axes(top, 1.0, word["minutes"], word["axis_share"], percent=True)
    parts = axes.frame() + _cut_lines(axes, findings.coverage.minutes)
    people, at = findings.population.people, np.linspace(0, top, 241)
    total = max(float(people.sum()), 1e-12)
    for i, (times, name) in enumerate(zip(findings.times.values(), names, strict=True)):
        order = np.argsort(times.seconds, kind="stable")
        running = np.append(0.0, np.cumsum(people[order])) / total
        share = running[np.searchsorted(times.seconds[order], at * 60, side="right")]
        line = " ".join(f"{axes.x(x):.1f},{axes.y(y):.1f}" for x, y in zip(at, share, strict=True))
        parts += _named_line(i, line, name)
    return _svg(parts, word["times_cumulative"], _above(names))


def lorenz_curves(findings: Findings, word: Words, names: Sequence[str]) -> str:
    """Return the share of all time that a share of the residents spends, shortest times first, a line per mode."""
    axes = Axes(1.0, 1.0, word["axis_lorenz_people"], word["axis_lorenz_time"], percent=True, percent_x=True)
    parts = axes.frame()
    parts.append(
        f'<line x1="{axes.x(0):.1f}" y1="{axes.y(0):.1f}" x2="{axes.x(1):.1f}" y2="{axes.y(1):.1f}" class="cut"/>'
    )
    drawn = 0
    for i, (times, name) in enumerate(zip(findings.times.values(), names, strict=True)):
        minutes = np.minimum(times.seconds / 60, cap_of(times))
        order = np.argsort(minutes, kind="stable")
        heads, sums = lorenz(minutes[order], findings.population.people[order])
        if not np.isfinite(sums[-1]):
            continue
        drawn, at = drawn + 1, np.linspace(0, 1, 101)
        line = " ".join(
            f"{axes.x(x):.1f},{axes.y(y):.1f}" for x, y in zip(at, np.interp(at, heads, sums), strict=True)
        )
        parts += _named_line(i, line, name)
    return _svg(parts, word["lorenz"], _above(names)) if drawn else ""


def _named_line(i: int, points: str, name: str) -> list[str]:
    """Return the line of a mode and its entry in the legend above the chart."""
    look = f'stroke="{LINES[i % len(LINES)]}" stroke-dasharray="{_DASHES[i // 2 % len(_DASHES)]}"'
    row, column = divmod(i, _NAMES)
    left, high = _LEFT + column * (_WIDE - _LEFT) // _NAMES, -_ROW * row
    return [
        f'<polyline points="{points}" fill="none" {look} stroke-width="2.5"><title>{escape(name)}</title></polyline>',
        f'<line x1="{left}" x2="{left + 30}" y1="{high - 4}" y2="{high - 4}" {look} stroke-width="2.5"/>',
        f'<text x="{left + 36}" y="{high}">{escape(name[:26])}</text>',
    ]


def _above(names: Sequence[str]) -> int:
    """Return the height of the legend above a chart."""
    return _ROW * -(-len(names) // _NAMES) + 4


def site_curve(findings: Findings, plan: SitingPlan, word: Words) -> str:
    """Return people covered against the number of sites; the first point is the existing service points.

    The best plan for every number of sites where the study asked for it, else the plan in opening order.
    """
    if findings.frontier is not None:
        values = [float(v) for v in findings.frontier["people"]]
    elif plan.by_time or not len(plan.table):
        return ""
    else:
        covered = [float(v) for v in plan.table["cumulative_people"]]
        values = [covered[0] - float(plan.table["gain"].iloc[0]), *covered]
    axes = Axes(
        float(max(len(values) - 1, 1)),
        max(findings.population.total, 1e-9),
        word["new_sites"],
        word["axis_covered"],
    )
    spots = [(axes.x(i), axes.y(v)) for i, v in enumerate(values)]
    parts = axes.frame()
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
    parts.append(f'<polyline points="{line}" fill="none" stroke="{hex_color(INK)}" stroke-width="2"/>')
    for (x, y), value, i in zip(spots, values, range(len(values)), strict=True):
        parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" fill="{hex_color(SITE)}" stroke="{hex_color(INK)}">'
            f"<title>{i}: {value:,.0f}</title></circle>"
        )
        if len(values) <= 12:
            end = "start" if i == 0 else "end" if i == len(values) - 1 else "middle"
            parts.append(f'<text x="{x:.1f}" y="{y - 12:.1f}" text-anchor="{end}">{value:,.0f}</text>')
    return _svg(parts, word["curve"])
