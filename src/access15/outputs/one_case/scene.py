"""The map of one case put together: people by time, gaps, sites and whom they newly reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from access15.arrays import Floats
from access15.crs import to_crs
from access15.outputs.maps.parts import LETTERS
from access15.outputs.maps.sheet import round_length
from access15.outputs.one_case import dots as people
from access15.outputs.one_case.case_figures import Figures, area_labels, plain_name
from access15.outputs.one_case.frame import Frame, Taken, area_shapes, frame_of
from access15.outputs.one_case.ground import Ground, border_marks, ground_marks, ground_of
from access15.outputs.one_case.marks import Group, Mark, Shape, Text, clinic
from access15.outputs.one_case.names_on_map import place_badge, place_name, place_pin
from access15.outputs.one_case.outlines import gap_marks, reach_marks
from access15.outputs.palette import QUIET, TEXT
from access15.outputs.words import Words

_MOST_CLINICS: Final = 250
_NAMED_CLINICS: Final = 12
_MOST_NAMES: Final = 40


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A drawn map: its marks, its frame, its time classes, and pixels per root of a person (None of squares)."""

    marks: tuple[Mark, ...]
    frame: Frame
    steps: people.Steps
    per_root: float | None


def scene(
    figures: Figures,
    word: Words,
    *,
    wide: float = 418.0,
    tallest: float = 440.0,
    least: float = 300.0,
    unit: float = 1.0,
    badges: int = 3,
    clinics_named: bool = False,
) -> Scene:
    """Return the map.

    Parameters
    ----------
    figures : Figures
    word : mapping of str to str
        ``map_km`` and ``map_m``.
    wide, tallest, least : float
        Width, and bounds of the height, px.
    unit : float
        Size of signs and letters; 1 on the page.
    badges : int
        Gaps with a letter.
    clinics_named : bool
        Whether service points get their names, where there are few.
    """
    findings = figures.findings
    frame = frame_of(figures, wide, tallest, least, unit)
    east, north = to_crs(findings.population.x, findings.population.y, findings.population.crs, findings.crs)
    x, y = frame.x(np.asarray(east)), frame.y(np.asarray(north))
    steps = people.time_steps(findings.minutes, findings.coverage.minutes)
    kind = people.kinds(figures, steps)
    as_dots = len(x) <= people.MOST_DOTS
    radius, per_root = people.radii(figures.people, unit)
    if as_dots:
        drawn = people.dots(x, y, radius, kind, steps, unit)
    else:
        radius = np.full(len(x), people.SQUARE / 2)
        drawn = people.squares(x, y, figures.people, kind, steps)
    ground = ground_of(figures, frame)
    spots = (x, y, radius)
    shades, places = gap_marks(figures, frame, spots, ground.land, badges)
    taken = Taken(
        frame, [(wide - 34 * unit, 0, wide, 46 * unit), (0, frame.tall - 26 * unit, 130 * unit, frame.tall)]
    )
    pins, clinics = _pins(figures, frame, taken), _clinics(figures, frame, taken)
    marks = [m for letter, at in zip(LETTERS, places, strict=False) for m in place_badge(letter, at, taken)]
    lived = figures.people > 0
    seen = (x[lived], y[lived]) if as_dots else (np.zeros(0), np.zeros(0))
    names = _names(figures, frame, ground, taken, seen)
    if clinics_named:
        names += _clinic_names(figures, frame, taken, seen)
    body: list[Mark] = [
        *ground_marks(figures, frame, ground),
        *shades,
        *drawn,
        *border_marks(frame, ground),
        *reach_marks(figures, frame, spots),
        *clinics,
        *names,
        *marks,
        *pins,
        *_furniture(frame, word),
    ]
    return Scene(tuple(body), frame, steps, per_root if as_dots else None)


def _pins(figures: Figures, frame: Frame, taken: Taken) -> list[Mark]:
    """Return the pins of the sites, the first on top."""
    findings, plan, candidates = figures.findings, figures.findings.plan, figures.findings.candidates
    if plan is None or candidates is None or figures.planned is None:
        return []
    east, north = to_crs(candidates.x[plan.chosen], candidates.y[plan.chosen], candidates.crs, findings.crs)
    shown = range(min(plan.p, 99))
    placed = [place_pin(i + 1, (float(frame.x(east[i])), float(frame.y(north[i]))), taken) for i in shown]
    return [mark for marks in reversed(placed) for mark in marks]


def _clinics(figures: Figures, frame: Frame, taken: Taken) -> list[Mark]:
    """Return the service points of today: ink squares with a white cross, larger by tier."""
    sites = figures.findings.points_of(figures.findings.headline_case)
    if not len(sites):
        return []
    x, y = _clinic_places(figures, frame)
    many = len(sites) > _MOST_CLINICS
    out: list[Mark] = []
    sides = np.array([3.0 if many else clinic_size(str(tier)) for tier in sites.tier])
    for i in np.argsort(sides, kind="stable"):
        if not (0 <= x[i] <= frame.wide and 0 <= y[i] <= frame.tall):
            continue
        out += clinic(float(x[i]), float(y[i]), float(sides[i]) * frame.unit)
        if not many:
            half = float(sides[i]) * frame.unit / 2
            taken.take(float(x[i]), float(y[i]), half, half)
    return [Group("clinics", tuple(out))]


def _clinic_places(figures: Figures, frame: Frame) -> tuple[Floats, Floats]:
    sites = figures.findings.points_of(figures.findings.headline_case)
    east, north = to_crs(sites.x, sites.y, sites.crs, figures.findings.crs)
    return frame.x(np.asarray(east)), frame.y(np.asarray(north))


def clinic_size(tier: str) -> float:
    """Return the side of the square of a service point, px: county or hospital, township, village."""
    text = tier.lower()
    if any(w in text for w in ("卫生院", "社区卫生服务中心", "分中心", "centre", "center", "sub-cent")):
        return 7.5
    return 9.0 if any(w in text for w in ("医院", "hospital", "保健院")) else 5.5


def _names(
    figures: Figures, frame: Frame, ground: Ground, taken: Taken, dots: tuple[Floats, Floats]
) -> list[Mark]:
    """Return the names of areas from the smallest; those without a place are left out."""
    import shapely

    shapes = area_shapes(figures)
    if shapes is None or len(shapes) > _MOST_NAMES:
        return []
    box: Any = shapely.box(0, 0, frame.wide, frame.tall)
    flat = shapely.intersection(frame.flat(shapes), box)
    if ground.water is not None:
        dry = shapely.difference(flat, ground.water)
        flat = np.where(shapely.is_empty(dry), flat, dry)
    spots = shapely.point_on_surface(flat)
    names = area_labels(figures.findings)
    out: list[Mark] = []
    for i in np.argsort(shapely.area(flat), kind="stable"):
        if not shapely.is_empty(flat[i]):
            out += place_name(names[i], (float(spots[i].x), float(spots[i].y)), taken, dots, flat[i])
    return out


def _clinic_names(figures: Figures, frame: Frame, taken: Taken, dots: tuple[Floats, Floats]) -> list[Mark]:
    sites = figures.findings.points_of(figures.findings.headline_case)
    if len(sites) > _NAMED_CLINICS:
        return []
    x, y = _clinic_places(figures, frame)
    out: list[Mark] = []
    for px, py, name, tier in zip(x, y, sites.name, sites.tier, strict=True):
        if str(name) and 0 <= px <= frame.wide and 0 <= py <= frame.tall:
            first = (clinic_size(str(tier)) / 2 + 2) * frame.unit
            at = (float(px), float(py))
            out += place_name(
                plain_name(str(name)), at, taken, dots, size=8.5, bold=False, color=QUIET, first=first
            )
    return out


def _furniture(frame: Frame, word: Words) -> list[Mark]:
    """Return scale bar and north arrow."""
    u = frame.unit
    metres = round_length(90 * u / frame.scale)
    wide, y = metres * frame.scale, frame.tall - 12 * u
    text = word["map_km"].format(n=metres / 1000) if metres >= 1000 else word["map_m"].format(n=metres)
    bar = np.array([(12 * u, y - 4 * u), (12 * u, y), (12 * u + wide, y), (12 * u + wide, y - 4 * u)])
    right = frame.wide - 18 * u
    arrow = np.array([(right, 10 * u), (right + 5 * u, 24 * u), (right, 21 * u), (right - 5 * u, 24 * u)])
    return [
        Shape((bar,), False, stroke=TEXT, width=1.4 * u),
        Text(17 * u + wide, y, text, 11 * u, anchor="start", halo=True),
        Shape((arrow,), fill=TEXT),
        Text(right, 36 * u, "N", 11 * u, halo=True),
    ]
