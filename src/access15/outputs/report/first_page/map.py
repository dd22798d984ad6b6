"""The map of the first page as SVG: people by time, gaps, sites and whom they newly reach, in one case."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from typing import Any, Final

import numpy as np

from access15.arrays import Bools, Floats, Ints, Objects
from access15.crs import to_crs
from access15.model import Status
from access15.outputs._frames import moved
from access15.outputs.findings import PROPOSED
from access15.outputs.maps.sheet import round_length
from access15.outputs.palette import (
    AROUND,
    BOUNDARY,
    GAP_FILL,
    GAP_INK,
    LAND,
    MAIN_ROAD,
    NO_WAY,
    PLAN,
    TEXT,
    TIME_BEYOND,
    TIME_WITHIN,
    Rgb,
    edge_of,
    hex_color,
)
from access15.outputs.report.first_page.case_figures import Figures, mode_of, plain_name
from access15.outputs.report.first_page.ranked import MOST_GAPS, badge, gaps_here, pin
from access15.outputs.words import Pair, Words

WORDS: Final[dict[str, Pair]] = {
    "map_head": ("Gaps and plan", "盲区与布点"),
    "map_case": ("one case: {mode}, {t:g} min", "同一口径：{mode}{t:g} 分钟"),
    "key_time": ("Minutes to the nearest service point", "到最近服务点的时间（分钟）"),
    "key_no_way": ("no way", "无路"),
    "key_dots": ("dots: people", "圆点大小＝人数"),
    "key_cells": ("each square: its median resident", "方格：其中位居民的时间"),
    "key_gap": ("gap", "盲区范围"),
    "key_reach": ("newly reached", "新增覆盖范围"),
    "key_clinic": ("clinic today", "现有服务点"),
    "map_about": (
        "Map: people by minutes to the nearest service point, gaps A to C, proposed sites by number.",
        "地图：人口按到最近服务点的时间着色，盲区 A–C，建议布点按序编号。",
    ),
    "map_km": ("{n:g} km", "{n:g} 公里"),
    "map_m": ("{n:g} m", "{n:g} 米"),
}

WIDE: Final = 418.0
TALL: Final = 400.0
_PAD: Final = 14.0
MOST_DOTS: Final = 5000
"""Cells drawn as dots; more are drawn as squares of one size."""

_SQUARE: Final = 3.0
_KEY: Final = 100_000
_MANY: Final = 2000
_SEEN: Final = 3.0
"""Of more than so many dots in a shape, one is kept in each square of so many pixels."""

_MEDIAN_R: Final = 1.8
_LARGEST_R: Final = 9.0
_MAIN: Final = ("motorway", "trunk", "primary", "secondary", "tertiary")
_MOST_STREETS: Final = 4000
_SMALLEST_GAP: Final = 0.005
"""Share of all uncovered people below which a gap stays dots without shading."""

_LETTERS: Final = 11.0
_MOST_CLINICS: Final = 250


@dataclass(frozen=True, slots=True)
class Frame:
    """From the metric CRS of the streets to pixels."""

    x0: float
    y0: float
    scale: float
    tall: float

    def x(self, east: Any) -> Any:
        """Return pixels from the left."""
        return (east - self.x0) * self.scale

    def y(self, north: Any) -> Any:
        """Return pixels from the top."""
        return (self.y0 - north) * self.scale


@dataclass(slots=True)
class Taken:
    """Boxes of what stands on the map already: left, top, right, bottom."""

    boxes: list[tuple[float, float, float, float]]

    def free(self, x: float, y: float, half_wide: float, half_tall: float, tall: float) -> bool:
        """Return whether a box is inside the frame and on none of the others."""
        if not (half_wide <= x <= WIDE - half_wide and half_tall <= y <= tall - half_tall):
            return False
        return not any(
            x - half_wide < right and x + half_wide > left and y - half_tall < bottom and y + half_tall > top
            for left, top, right, bottom in self.boxes
        )

    def take(self, x: float, y: float, half_wide: float, half_tall: float) -> None:
        """Put a box down."""
        self.boxes.append((x - half_wide, y - half_tall, x + half_wide, y + half_tall))


def time_steps(minutes: float, cuts: tuple[float, ...]) -> list[tuple[float, Rgb]]:
    """Return the upper ends of at most six time classes with their colours; hue turns at the limit.

    Within the limit the last three cut-offs of the study, beyond it twice and four times the limit.
    """
    within = [*[c for c in cuts if c < minutes][-2:], minutes]
    colors = [*TIME_WITHIN[len(TIME_WITHIN) - len(within) :], *TIME_BEYOND]
    return list(zip([*within, 2 * minutes, 4 * minutes, math.inf], colors, strict=True))


def map_section(figures: Figures, word: Words) -> str:
    """Return the map with its key."""
    findings = figures.findings
    case = word["map_case"].format(mode=mode_of(findings, word), t=findings.minutes)
    frame = _frame(figures)
    east, north = to_crs(findings.population.x, findings.population.y, findings.population.crs, findings.crs)
    x, y = frame.x(np.asarray(east)), frame.y(np.asarray(north))
    steps = time_steps(findings.minutes, findings.coverage.minutes)
    kind = _kinds(figures, steps)
    radius, k = _radii(figures.people)
    dots = len(x) <= MOST_DOTS
    taken = Taken([(WIDE - 34, 0, WIDE, 46), (0, frame.tall - 26, 120, frame.tall)])
    shades, badges = _gaps(figures, frame, x, y, radius)
    outlines, pins = _sites(figures, frame, x, y, radius, taken)
    people = _dots(x, y, radius, kind, steps) if dots else _squares(x, y, figures.people, kind, steps)
    clinics = _clinics(figures, frame, taken)
    marks = [_place_badge(letter, at, taken, frame.tall) for letter, at in zip("ABC", badges, strict=False)]
    body = [
        *_ground(figures, frame),
        *shades,
        *people,
        *_borders(figures, frame),
        *outlines,
        *clinics,
        *marks,
        *pins,
        *_names(figures, frame, taken),
        *_furniture(frame, word),
    ]
    svg = (
        f'<svg class="sheet" viewBox="0 0 {WIDE:.0f} {frame.tall:.0f}" role="img" aria-label="{escape(word["map_about"])}">'
        f"{''.join(body)}</svg>"
    )
    key = _key(steps, figures, k if dots else None, word)
    return (
        f'<section class="map"><h2>{word["map_head"]}<small>{escape(case)}</small></h2>{svg}{key}</section>'
    )


def _frame(figures: Figures) -> Frame:
    """Return the frame around people and areas, its height at most `TALL`."""
    import shapely

    findings = figures.findings
    parts = [
        to_crs(noun.x, noun.y, noun.crs, findings.crs) for noun in (findings.population, findings.facilities)
    ]
    east = np.concatenate([np.asarray(p[0], float) for p in parts])
    north = np.concatenate([np.asarray(p[1], float) for p in parts])
    box = [east.min(), north.min(), east.max(), north.max()]
    if findings.areas is not None and len(findings.areas):
        inside = findings.coverage.cell_area
        used = np.unique(inside[inside >= 0])
        shapes = moved(findings.areas.polygons, findings.areas.crs, findings.crs)[used]
        if len(shapes):
            w, s, e, n = shapely.total_bounds(shapes)
            box = [min(box[0], w), min(box[1], s), max(box[2], e), max(box[3], n)]
    wide, high = max(box[2] - box[0], 1.0), max(box[3] - box[1], 1.0)
    scale = min((WIDE - 2 * _PAD) / wide, (TALL - 2 * _PAD) / high)
    tall = min(max(high * scale + 2 * _PAD, 300.0), TALL)
    middle_x, middle_y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return Frame(middle_x - WIDE / 2 / scale, middle_y + tall / 2 / scale, scale, tall)


def _kinds(figures: Figures, steps: list[tuple[float, Rgb]]) -> Ints:
    """Return the time class of every cell; one more for no way. The limit is the study's own answer."""
    status = figures.findings.times[figures.findings.headline_case].status
    ends = np.array([end for end, _ in steps[:-1]])
    kind = np.searchsorted(ends * 60, figures.seconds, side="left")
    at = next(i for i, (end, _) in enumerate(steps) if end == figures.findings.minutes)
    kind = np.where(figures.within, np.minimum(kind, at), np.maximum(kind, at + 1))
    return np.where(status == Status.REACHED, kind, len(steps))


def _radii(people: Floats) -> tuple[Floats, float]:
    """Return the radius of every dot, and pixels per root of a person."""
    lived = people[people > 0]
    if not len(lived):
        return np.zeros(len(people)), 0.0
    k = min(_MEDIAN_R / math.sqrt(float(np.median(lived))), _LARGEST_R / math.sqrt(float(lived.max())))
    return k * np.sqrt(people), k


def _paint(steps: list[tuple[float, Rgb]]) -> list[Rgb]:
    return [*(color for _, color in steps), NO_WAY]


def _dots(x: Floats, y: Floats, radius: Floats, kind: Ints, steps: list[tuple[float, Rgb]]) -> list[str]:
    """Return dots, the large ones first, so that none hides a smaller one."""
    styles = [f'fill="{hex_color(c)}" stroke="{hex_color(edge_of(c))}"' for c in _paint(steps)]
    order = [int(i) for i in np.argsort(-radius, kind="stable") if radius[i] > 0]
    circles = (
        f'<circle cx="{x[i]:.1f}" cy="{y[i]:.1f}" r="{max(radius[i], 0.6):.2f}" {styles[kind[i]]}/>'
        for i in order
    )
    return ['<g stroke-width=".45">', *circles, "</g>"]


def _squares(x: Floats, y: Floats, people: Floats, kind: Ints, steps: list[tuple[float, Rgb]]) -> list[str]:
    """Return squares of one size, each of the class of its median resident."""
    lived = people > 0
    keys, of = np.unique(_square_of(x[lived], y[lived], _SQUARE), return_inverse=True)
    bins = np.column_stack([keys // _KEY, keys % _KEY])
    order = np.lexsort((kind[lived], of))
    weight, owner = people[lived][order], of[order]
    upto = np.cumsum(weight)
    total = np.bincount(owner, weight, len(bins))
    start = np.concatenate([[0.0], np.cumsum(total)[:-1]])
    first = np.searchsorted(upto, start + total / 2 - 1e-9)
    shown = kind[lived][order][np.minimum(first, len(order) - 1)]
    out = []
    for k, color in enumerate(_paint(steps)):
        places = bins[shown == k] * _SQUARE
        if len(places):
            path = "".join(f"M{px:.0f} {py:.0f}h3v3h-3z" for px, py in places)
            out.append(f'<path d="{path}" fill="{hex_color(color)}"/>')
    return out


def _square_of(x: Floats, y: Floats, side: float) -> Ints:
    """Return one number for the square of each point inside the frame."""
    column, row = (np.floor(v / side).astype(np.int64) for v in (x, y))
    out: Ints = column * _KEY + np.maximum(row, 0)
    return out


def _path(shape: Any, frame: Frame | None = None) -> str:
    """Return polygons and lines as the path of an SVG element."""
    import shapely

    out = []
    for part in shapely.get_parts(shapely.get_parts(shape)):
        polygon = part.geom_type == "Polygon"
        rings = (
            [part.exterior, *part.interiors] if polygon else [part] if part.geom_type == "LineString" else []
        )
        for ring in rings:
            xy = shapely.get_coordinates(ring)
            if frame is not None:
                xy = np.column_stack([frame.x(xy[:, 0]), frame.y(xy[:, 1])])
            out.append("M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in xy) + ("Z" if polygon else ""))
    return "".join(out)


def _land(figures: Figures, frame: Frame) -> Any:
    """Return the areas in pixels as one shape; None without areas."""
    import shapely

    areas = figures.findings.areas
    if areas is None or not len(areas):
        return None
    shapes = shapely.make_valid(moved(areas.polygons, areas.crs, figures.findings.crs))
    flat = shapely.transform(shapes, lambda xy: np.column_stack([frame.x(xy[:, 0]), frame.y(xy[:, 1])]))
    return shapely.union_all(shapely.simplify(flat, 0.3))


def _ground(figures: Figures, frame: Frame) -> list[str]:
    """Return land, neighbours and quiet streets."""
    findings, network = figures.findings, figures.findings.network
    land = _land(figures, frame)
    ground = hex_color(LAND if land is None else AROUND)
    out = [f'<rect width="{WIDE:.0f}" height="{frame.tall:.0f}" fill="{ground}"/>']
    if land is not None:
        out.append(f'<path d="{_path(land)}" fill="{hex_color(LAND)}"/>')
    counts = np.diff(network.vertex_offset)
    classes = [name.removesuffix("_link") in _MAIN for name in network.highway_classes]
    main = np.array(classes, bool)[network.highway] if len(counts) else np.zeros(0, bool)
    rows = np.flatnonzero((counts >= 2) & (main | (len(counts) <= _MOST_STREETS)))
    if len(rows) > _MOST_STREETS:
        rows = rows[np.argsort(-network.length_m[rows], kind="stable")[:_MOST_STREETS]]
    x, y = frame.x(network.vertex_x), frame.y(network.vertex_y)
    assert network.crs == findings.crs
    for wide, chosen in ((0.5, rows[~main[rows]]), (0.9, rows[main[rows]])):
        path = "".join(_thin(x, y, network.vertex_offset[i], network.vertex_offset[i + 1]) for i in chosen)
        if path:
            out.append(
                f'<path d="{path}" fill="none" stroke="{hex_color(MAIN_ROAD)}" stroke-width="{wide}" opacity=".8"/>'
            )
    return out


def _thin(x: Floats, y: Floats, first: int, last: int) -> str:
    """Return a street as a path without points nearer than a pixel and a half to the one before."""
    points = [(float(x[first]), float(y[first]))]
    for i in range(first + 1, last):
        ends = i == last - 1
        if ends or math.hypot(x[i] - points[-1][0], y[i] - points[-1][1]) >= 1.5:
            points.append((float(x[i]), float(y[i])))
    if not any(-5 <= px <= WIDE + 5 and -5 <= py <= TALL + 5 for px, py in points):
        return ""
    return "M" + "L".join(f"{px:.1f} {py:.1f}" for px, py in points)


def _borders(figures: Figures, frame: Frame) -> list[str]:
    import shapely

    areas = figures.findings.areas
    if areas is None or not len(areas):
        return []
    shapes = shapely.make_valid(moved(areas.polygons, areas.crs, figures.findings.crs))
    flat = shapely.transform(shapes, lambda xy: np.column_stack([frame.x(xy[:, 0]), frame.y(xy[:, 1])]))
    lines = shapely.line_merge(shapely.union_all(shapely.boundary(shapely.simplify(flat, 0.3))))
    return [
        f'<path d="{_path(lines)}" fill="none" stroke="{hex_color(BOUNDARY)}" stroke-width=".8" stroke-dasharray="6 2 1 2"/>'
    ]


def _blob(x: Floats, y: Floats, radius: Floats) -> Any:
    """Return the shape around dots: closed over about one spacing of dots; of many, one for each spot that can be seen."""
    import shapely

    if len(x) > _MANY:
        _, kept = np.unique(_square_of(x, y, _SEEN), return_index=True)
        x, y, radius = x[kept], y[kept], radius[kept]
    spots = shapely.points(x, y)
    step = 6.0
    if len(spots) > 1:
        _, away = shapely.STRtree(spots).query_nearest(
            spots, exclusive=True, return_distance=True, all_matches=False
        )
        step = min(max(float(np.median(away)), 3.0), 10.0)
    shape = shapely.union_all(shapely.buffer(spots, np.maximum(radius, 0.6) + 2.5 + step, quad_segs=4))
    return shapely.simplify(shapely.buffer(shape, -step), 0.4)


def _gaps(
    figures: Figures, frame: Frame, x: Floats, y: Floats, radius: Floats
) -> tuple[list[str], list[tuple[float, float]]]:
    """Return the shaded gaps, each cut at the coast and at those above it, and where their badges belong."""
    import shapely

    gaps = figures.findings.gaps
    if gaps is None or not gaps_here(figures) or not len(gaps):
        return [], []
    table, land = gaps.table, _land(figures, frame)
    order = np.argsort(table["rank"].to_numpy(), kind="stable")
    least = _SMALLEST_GAP * (figures.total - figures.covered)
    people = table["people"].to_numpy(float)
    out, spots, above = [], [], None
    small = len(x) <= MOST_DOTS
    for place, row in enumerate(order):
        if people[row] < least and place >= MOST_GAPS:
            continue
        cells = np.flatnonzero((gaps.cell_gap == row) & (figures.people > 0))
        if not len(cells):
            continue
        r = radius[cells] if small else np.full(len(cells), _SQUARE / 2)
        shape = _blob(x[cells], y[cells], r)
        if land is not None:
            shape = shapely.intersection(shape, land)
        if above is not None:
            shape = shapely.difference(shape, above)
        above = shape if above is None else shapely.union(above, shape)
        path = _path(shape)
        if path:
            out.append(
                f'<path d="{path}" fill="{hex_color(GAP_FILL)}" fill-opacity=".62" stroke="{hex_color(GAP_INK)}" stroke-width="1"/>'
            )
        if place < MOST_GAPS:
            weight = figures.people[cells]
            mx, my = np.average(x[cells], weights=weight), np.average(y[cells], weights=weight)
            near = cells[np.argmin(np.hypot(x[cells] - mx, y[cells] - my))]
            spots.append((float(x[near]), float(y[near])))
    return out, spots


def _place_badge(letter: str, at: tuple[float, float], taken: Taken, tall: float) -> str:
    """Return a badge at its gap, or beside it with a line where a pin stands there."""
    for away in (0, 16, 24, 32, 44):
        for turn in range(8):
            x = at[0] + away * math.cos(turn * math.pi / 4)
            y = at[1] + away * math.sin(turn * math.pi / 4)
            if taken.free(x, y, 12, 12, tall):
                taken.take(x, y, 12, 12)
                line = f'<path d="M{at[0]:.1f} {at[1]:.1f}L{x:.1f} {y:.1f}" stroke="{hex_color(GAP_INK)}" stroke-width="1"/>'
                return (line if away > 16 else "") + badge(letter, x, y)
            if not away:
                break
    taken.take(*at, 12, 12)
    return badge(letter, *at)


def site_of_cells(figures: Figures) -> Ints:
    """Return which site newly reaches each cell, as its place in opening order; -1 for none.

    The nearest by travel time where the run with the plan is known, else along the straight way.
    """
    findings, plan, candidates = figures.findings, figures.findings.plan, figures.findings.candidates
    out = np.full(len(figures.people), -1)
    if plan is None or candidates is None or figures.planned is None or not plan.p:
        return out
    gained: Bools = figures.planned & ~figures.within & (figures.people > 0)
    cx, cy = to_crs(candidates.x[plan.chosen], candidates.y[plan.chosen], candidates.crs, findings.crs)
    px, py = to_crs(findings.population.x, findings.population.y, findings.population.crs, findings.crs)
    away = np.hypot(np.asarray(px)[gained, None] - cx, np.asarray(py)[gained, None] - cy)
    nearest = away.argmin(axis=1)
    run = findings.compared.get(PROPOSED)
    if run is not None and findings.headline_case in run.times:
        times = run.times[findings.headline_case]
        today = len(findings.points_of(findings.headline_case))
        row = times.facility[gained] - today
        known = (row >= 0) & (row < plan.p) & (len(times.sites.linked) == today + plan.p)
        nearest = np.where(known, row, nearest)
    out[gained] = nearest
    return out


def _sites(
    figures: Figures, frame: Frame, x: Floats, y: Floats, radius: Floats, taken: Taken
) -> tuple[list[str], list[str]]:
    """Return the outline of whom each site newly reaches, and the pins."""
    findings, plan, candidates = figures.findings, figures.findings.plan, figures.findings.candidates
    if plan is None or candidates is None or figures.planned is None:
        return [], []
    owner, lines, pins = site_of_cells(figures), [], []
    east, north = to_crs(candidates.x[plan.chosen], candidates.y[plan.chosen], candidates.crs, findings.crs)
    small = len(x) <= MOST_DOTS
    for site in range(plan.p):
        cells = np.flatnonzero(owner == site)
        if len(cells):
            path = _path(
                _blob(x[cells], y[cells], radius[cells] if small else np.full(len(cells), _SQUARE / 2))
            )
            lines.append(f'<path d="{path}" fill="none" stroke="#fff" stroke-width="3.4"/>')
            lines.append(f'<path d="{path}" fill="none" stroke="{hex_color(PLAN)}" stroke-width="1.7"/>')
    shown = min(plan.p, 99)
    for site in reversed(range(shown)):  # The first on top.
        px, py = float(frame.x(east[site])), float(frame.y(north[site]))
        pins.append(pin(site + 1, px, py))
        taken.take(px, py - 12.5, 9, 12.5)
    return lines, pins


def _clinics(figures: Figures, frame: Frame, taken: Taken) -> list[str]:
    """Return the service points of today: ink squares with a white cross, larger by tier."""
    sites = figures.findings.points_of(figures.findings.headline_case)
    if not len(sites):
        return []
    east, north = to_crs(sites.x, sites.y, sites.crs, figures.findings.crs)
    many = len(sites) > _MOST_CLINICS
    out = ['<g class="clinics">']
    for px, py, tier in zip(frame.x(np.asarray(east)), frame.y(np.asarray(north)), sites.tier, strict=True):
        if not (0 <= px <= WIDE and 0 <= py <= frame.tall):
            continue
        out.append(clinic(float(px), float(py), 3.0 if many else clinic_size(str(tier))))
        if not many:
            taken.take(float(px), float(py), 4, 4)
    return [*out, "</g>"]


def clinic_size(tier: str) -> float:
    """Return the side of the square of a service point, px: county or hospital, township, village."""
    text = tier.lower()
    if any(w in text for w in ("卫生院", "社区卫生服务中心", "分中心", "centre", "center", "sub-cent")):
        return 7.5
    return 9.0 if any(w in text for w in ("医院", "hospital", "保健院")) else 5.5


def clinic(x: float, y: float, side: float) -> str:
    """Return one service point as SVG."""
    h, arm = side / 2, side / 2 - 1
    return (
        f'<path d="M{x - h:.1f} {y - h:.1f}h{side}v{side}h-{side}z" fill="{hex_color(TEXT)}" stroke="#fff" stroke-width=".6"/>'
        f'<path d="M{x - arm:.1f} {y:.1f}h{2 * arm:.1f}M{x:.1f} {y - arm:.1f}v{2 * arm:.1f}" stroke="#fff" stroke-width="{side / 6:.2f}"/>'
    )


def _names(figures: Figures, frame: Frame, taken: Taken) -> list[str]:
    """Return the names of areas from the smallest, each where it stands on nothing else; those without a place are left out."""
    import shapely

    findings = figures.findings
    if findings.areas is None or len(findings.areas) > 40:
        return []
    shapes: Objects = moved(findings.areas.polygons, findings.areas.crs, findings.crs)
    spots = shapely.point_on_surface(shapes)
    names = [plain_name(name) for name in findings.area_names().values()]
    out = []
    for i in np.argsort(shapely.area(shapes), kind="stable"):
        name = names[i] if len(names[i]) <= 22 else f"{names[i][:21]}…"
        half = sum(_LETTERS if ord(c) > 0x2E80 else 0.56 * _LETTERS for c in name) / 2 + 2
        at = (float(frame.x(spots[i].x)), float(frame.y(spots[i].y)))
        for away, turn in [(0, 0), *((a, t) for a in (10, 18, 26, 36) for t in (2, 6, 0, 4, 1, 3, 5, 7))]:
            x = min(max(at[0] + away * math.cos(turn * math.pi / 4), half + 2), WIDE - half - 2)
            y = at[1] - away * math.sin(turn * math.pi / 4)
            if taken.free(x, y, half, 7, frame.tall):
                taken.take(x, y, half, 7)
                out.append(
                    f'<text x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle" class="b label">{escape(name)}</text>'
                )
                break
    return out


def _furniture(frame: Frame, word: Words) -> list[str]:
    """Return scale bar and north arrow."""
    metres = round_length(90 / frame.scale)
    wide, y = metres * frame.scale, frame.tall - 12
    text = word["map_km"].format(n=metres / 1000) if metres >= 1000 else word["map_m"].format(n=metres)
    ink = hex_color(TEXT)
    return [
        f'<path d="M12 {y - 4:.1f}V{y:.1f}H{12 + wide:.1f}V{y - 4:.1f}" fill="none" stroke="{ink}" stroke-width="1.4"/>',
        f'<text x="{17 + wide:.1f}" y="{y:.1f}" class="label">{text}</text>',
        f'<path d="M{WIDE - 18:.0f} 10l5 14-5-3-5 3z" fill="{ink}"/><text x="{WIDE - 18:.0f}" y="36" text-anchor="middle" class="label">N</text>',
    ]


def _key(steps: list[tuple[float, Rgb]], figures: Figures, k: float | None, word: Words) -> str:
    """Return the key: the time ramp with the limit marked, sizes of dots, the other signs."""
    minutes, ink = figures.findings.minutes, hex_color(TEXT)
    each = 236.0 / (len(steps) + 1)
    low, out = 0.0, []
    for i, (end, color) in enumerate([*steps, (math.nan, NO_WAY)]):
        text = f"{low:g}–{end:g}" if math.isfinite(end) else f">{low:g}" if end == end else word["key_no_way"]
        out.append(
            f'<rect x="{i * each:.1f}" y="16" width="{each:.1f}" height="10" fill="{hex_color(color)}" stroke="{hex_color(edge_of(color))}" stroke-width=".5"/>'
        )
        out.append(f'<text x="{(i + 0.5) * each:.1f}" y="38" text-anchor="middle">{text}</text>')
        if end == minutes:
            out.append(f'<path d="M{(i + 1) * each:.1f} 12V30" stroke="{ink}" stroke-width="2"/>')
        low = end
    ramp = f'<svg class="ramp" viewBox="0 0 236 42"><text x="0" y="9">{word["key_time"]}</text>{"".join(out)}</svg>'
    dots = f'<span class="dots">{word["key_cells"]}</span>' if k is None else _dot_key(k, word)
    line = f'<path d="M2 7q0-5 8-5t8 5-8 5-8-5z" fill="none" stroke="{hex_color(PLAN)}" stroke-width="1.7"/>'
    gap = f'<rect x="2" y="2" width="16" height="10" fill="{hex_color(GAP_FILL)}" stroke="{hex_color(GAP_INK)}"/>'
    signs = ((gap, "key_gap"), (line, "key_reach"), (clinic(10, 7, 7.5), "key_clinic"))
    items = "".join(f'<span><svg viewBox="0 0 20 14">{s}</svg>{word[name]}</span>' for s, name in signs)
    return f'<div class="key">{ramp}{dots}<div class="signs">{items}</div></div>'


def _dot_key(k: float, word: Words) -> str:
    if not k:
        return "<span></span>"
    small = round_length((1.6 / k) ** 2) if (1.6 / k) ** 2 >= 1 else 1.0
    large = round_length((5.0 / k) ** 2) if (5.0 / k) ** 2 >= 1 else 5.0
    out = [f'<text x="0" y="9">{word["key_dots"]}</text>']
    for x, people in ((12, small), (52, large)):
        out.append(
            f'<circle cx="{x}" cy="21" r="{k * math.sqrt(people):.2f}" fill="#fff" stroke="{hex_color(TEXT)}" stroke-width=".8"/>'
        )
        out.append(f'<text x="{x}" y="38" text-anchor="middle">{people:,.0f}</text>')
    return f'<svg class="dots" viewBox="0 0 84 42">{"".join(out)}</svg>'
