"""The frame of a map in pixels, and what stands on it already."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from access15.arrays import Objects
from access15.crs import to_crs
from access15.outputs._frames import moved
from access15.outputs.one_case.case_figures import Figures

_PAD = 16.0


@dataclass(frozen=True, slots=True)
class Frame:
    """From the metric CRS of the streets to pixels; ``unit`` is the size of signs and letters, 1 on the page."""

    x0: float
    y0: float
    scale: float
    wide: float
    tall: float
    unit: float = 1.0

    def x(self, east: Any) -> Any:
        """Return pixels from the left."""
        return (east - self.x0) * self.scale

    def y(self, north: Any) -> Any:
        """Return pixels from the top."""
        return (self.y0 - north) * self.scale

    def flat(self, shapes: Any) -> Any:
        """Return shapes in pixels."""
        import shapely

        return shapely.transform(shapes, lambda xy: np.column_stack([self.x(xy[:, 0]), self.y(xy[:, 1])]))


@dataclass(slots=True)
class Taken:
    """Boxes of what stands on the map already: left, top, right, bottom."""

    frame: Frame
    boxes: list[tuple[float, float, float, float]] = field(default_factory=list)

    def free(self, x: float, y: float, half_wide: float, half_tall: float) -> bool:
        """Return whether a box is inside the frame and on none of the others."""
        wide, tall = self.frame.wide, self.frame.tall
        if not (half_wide <= x <= wide - half_wide and half_tall <= y <= tall - half_tall):
            return False
        return not any(
            x - half_wide < right and x + half_wide > left and y - half_tall < bottom and y + half_tall > top
            for left, top, right, bottom in self.boxes
        )

    def take(self, x: float, y: float, half_wide: float, half_tall: float) -> None:
        """Put a box down."""
        self.boxes.append((x - half_wide, y - half_tall, x + half_wide, y + half_tall))


def frame_of(figures: Figures, wide: float, tallest: float, least: float, unit: float = 1.0) -> Frame:
    """Return the frame around people, service points and the areas they live in, as tall as it must be."""
    import shapely

    findings = figures.findings
    parts = [to_crs(n.x, n.y, n.crs, findings.crs) for n in (findings.population, findings.facilities)]
    east = np.concatenate([np.asarray(p[0], float) for p in parts])
    north = np.concatenate([np.asarray(p[1], float) for p in parts])
    box = [east.min(), north.min(), east.max(), north.max()]
    shapes = area_shapes(figures)
    if shapes is not None:
        inside = findings.coverage.cell_area
        used = shapes[np.unique(inside[inside >= 0])]
        if len(used):
            w, s, e, n = shapely.total_bounds(used)
            box = [min(box[0], w), min(box[1], s), max(box[2], e), max(box[3], n)]
    pad = _PAD * unit
    across, high = max(box[2] - box[0], 1.0), max(box[3] - box[1], 1.0)
    scale = min((wide - 2 * pad) / across, (tallest - 2 * pad) / high)
    tall = min(max(high * scale + 2 * pad, least), tallest)
    middle_x, middle_y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return Frame(middle_x - wide / 2 / scale, middle_y + tall / 2 / scale, scale, wide, tall, unit)


def area_shapes(figures: Figures) -> Objects | None:
    """Return the outlines of the areas in the metric CRS; None without areas."""
    import shapely

    areas = figures.findings.areas
    if areas is None or not len(areas):
        return None
    out: Objects = shapely.make_valid(moved(areas.polygons, areas.crs, figures.findings.crs))
    return out
