"""What lies under the people of a map: neighbouring land, land, water, quiet streets, boundaries."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from access15.arrays import Floats
from access15.crs import to_crs
from access15.outputs.one_case.case_figures import Figures
from access15.outputs.one_case.frame import Frame, area_shapes
from access15.outputs.one_case.marks import Mark, Shape, area, lines
from access15.outputs.one_case.water import water_of
from access15.outputs.palette import AROUND, BOUNDARY, COAST, LAND, MAIN_ROAD, SEA, STREET

_MAIN: Final = ("motorway", "trunk", "primary", "secondary", "tertiary")
_MOST_STREETS: Final = 4000


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """Shapes in pixels: the areas without water, all areas, the water; None where unknown."""

    land: Any
    areas: Any
    water: Any


def ground_of(figures: Figures, frame: Frame) -> Ground:
    """Return land and water inside the frame."""
    import shapely

    findings = figures.findings
    x, y = to_crs(findings.population.x, findings.population.y, findings.population.crs, findings.crs)
    box = (frame.x0, frame.y0 - frame.tall / frame.scale, frame.x0 + frame.wide / frame.scale, frame.y0)
    sea = water_of(findings.network, box, np.asarray(x, float), np.asarray(y, float), figures.people)
    water = None if sea is None else shapely.make_valid(shapely.simplify(frame.flat(sea), 0.15))
    shapes = area_shapes(figures)
    if shapes is None:
        return Ground(None, None, water)
    flat = shapely.make_valid(shapely.simplify(frame.flat(shapes), 0.3))
    land = shapely.union_all(flat)
    return Ground(land if water is None else shapely.difference(land, water), flat, water)


def ground_marks(figures: Figures, frame: Frame, ground: Ground) -> list[Mark]:
    """Return land, neighbours, water and quiet streets."""
    corners = np.array([(0, 0), (frame.wide, 0), (frame.wide, frame.tall), (0, frame.tall)], float)
    out: list[Mark] = [Shape((corners,), fill=LAND if ground.land is None else AROUND)]
    if ground.land is not None:
        out.append(area(ground.land, fill=LAND))
    if ground.water is not None:
        out.append(area(ground.water, fill=SEA, stroke=COAST, width=0.7 * frame.unit))
    network = figures.findings.network
    counts = np.diff(network.vertex_offset)
    classes = [name.removesuffix("_link") in _MAIN for name in network.highway_classes]
    main = np.array(classes, bool)[network.highway] if len(counts) else np.zeros(0, bool)
    rows = np.flatnonzero((counts >= 2) & (main | (len(counts) <= _MOST_STREETS)))
    if len(rows) > _MOST_STREETS:
        rows = rows[np.argsort(-network.length_m[rows], kind="stable")[:_MOST_STREETS]]
    x, y = frame.x(network.vertex_x), frame.y(network.vertex_y)
    for wide, color, chosen in ((0.5, STREET, rows[~main[rows]]), (0.9, MAIN_ROAD, rows[main[rows]])):
        thin = (
            _thin(x, y, int(network.vertex_offset[i]), int(network.vertex_offset[i + 1]), frame)
            for i in chosen
        )
        seen = tuple(line for line in thin if line is not None)
        if seen:
            out.append(Shape(seen, False, stroke=color, width=wide * frame.unit, alpha=0.8))
    return out


def _thin(x: Floats, y: Floats, first: int, last: int, frame: Frame) -> Floats | None:
    """Return a street without points nearer than a pixel and a half to the one before; None outside the frame."""
    points = [(float(x[first]), float(y[first]))]
    for i in range(first + 1, last):
        ends = i == last - 1
        if ends or math.hypot(x[i] - points[-1][0], y[i] - points[-1][1]) >= 1.5:
            points.append((float(x[i]), float(y[i])))
    if not any(-5 <= px <= frame.wide + 5 and -5 <= py <= frame.tall + 5 for px, py in points):
        return None
    out: Floats = np.array(points)
    return out


def border_marks(frame: Frame, ground: Ground) -> list[Mark]:
    """Return the boundaries of the areas, where they are not in the water."""
    import shapely

    if ground.areas is None:
        return []
    borders = shapely.union_all(shapely.boundary(ground.areas))
    if ground.water is not None:
        borders = shapely.difference(borders, ground.water)
    merged = shapely.line_merge(borders)
    dash = tuple(d * frame.unit for d in (6.0, 2.0, 1.0, 2.0))
    return [lines(merged, stroke=BOUNDARY, width=0.8 * frame.unit, dash=dash)]
