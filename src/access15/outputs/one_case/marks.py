"""What a map is drawn of, in pixels from the top left: the page writes it as SVG, the sheet draws it as a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from access15.arrays import Floats, Ints
from access15.outputs.palette import GAP_INK, PLAN, TEXT, Rgb

WHITE: Final[Rgb] = (255, 255, 255)


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """Rings and lines with one fill and one stroke; ``dash`` in pixels of pen down, pen up and so on."""

    lines: tuple[Floats, ...]
    closed: bool = True
    fill: Rgb | None = None
    alpha: float = 1.0
    stroke: Rgb | None = None
    width: float = 1.0
    dash: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Dots:
    """Circles by class, in the order they are drawn; ``colors`` and ``edges`` by class."""

    x: Floats
    y: Floats
    radius: Floats
    kind: Ints
    colors: tuple[Rgb, ...]
    edges: tuple[Rgb, ...]
    width: float = 0.45


@dataclass(frozen=True, slots=True, eq=False)
class Squares:
    """Squares of one side and one colour, from their top left corners."""

    x: Floats
    y: Floats
    side: float
    color: Rgb


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text with its base line at ``y``; ``anchor`` is start, middle or end."""

    x: float
    y: float
    text: str
    size: float = 11.0
    bold: bool = False
    anchor: str = "middle"
    color: Rgb = TEXT
    halo: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Marks that belong together under a name."""

    name: str
    marks: tuple[Any, ...]


Mark = Shape | Dots | Squares | Text | Group


def rings(shape: Any) -> tuple[tuple[Floats, ...], tuple[Floats, ...]]:
    """Return the rings of the polygons of a shape, and its lines."""
    import shapely

    parts = shapely.get_parts(shapely.get_parts(np.atleast_1d(np.asarray(shape, object))))
    polygons = parts[shapely.get_type_id(parts) == 3]
    lines = parts[np.isin(shapely.get_type_id(parts), (1, 2))]
    closed = tuple(shapely.get_coordinates(ring) for ring in shapely.get_rings(polygons))
    return closed, tuple(shapely.get_coordinates(line) for line in lines)


def area(shape: Any, **style: Any) -> Shape:
    """Return the polygons of a shape as a mark."""
    return Shape(rings(shape)[0], True, **style)


def lines(shape: Any, **style: Any) -> Shape:
    """Return the lines of a shape as a mark."""
    return Shape(rings(shape)[1], False, **style)


def _at(points: list[tuple[float, float]], x: float, y: float, unit: float) -> Floats:
    out: Floats = np.array(points, float) * unit + (x, y)
    return out


def badge(letter: str, x: float = 12.5, y: float = 12.5, unit: float = 1.0) -> Group:
    """Return the lettered diamond of a gap, its middle at a point."""
    diamond = _at([(0, -11.5), (11.5, 0), (0, 11.5), (-11.5, 0)], x, y, unit)
    word = Text(x, y + 4 * unit, letter, 11.5 * unit, bold=True, color=GAP_INK)
    return Group("badge", (Shape((diamond,), fill=WHITE, stroke=GAP_INK, width=2 * unit), word))


def pin(number: int, x: float = 12.5, y: float = 25.0, unit: float = 1.0) -> Group:
    """Return the numbered pin of a site, its tip at a point."""
    turn = np.radians(np.linspace(-205, 25, 24))
    head = [(9 * float(np.cos(a)), -16 + 9 * float(np.sin(a))) for a in turn]
    drop = _at([(0, 0), (-3.6, -6.6), *head, (3.6, -6.6)], x, y, unit)
    size = 11 if number < 10 else 9.5
    word = Text(x, y - 12 * unit, str(number), size * unit, bold=True, color=WHITE)
    return Group("pin", (Shape((drop,), fill=PLAN, stroke=WHITE, width=unit), word))


def clinic(x: float, y: float, side: float) -> tuple[Shape, Shape]:
    """Return the sign of a service point: a square with a cross."""
    h, arm = side / 2, side / 2 - side / 8
    square = np.array([(x - h, y - h), (x + h, y - h), (x + h, y + h), (x - h, y + h)])
    cross = (np.array([(x - arm, y), (x + arm, y)]), np.array([(x, y - arm), (x, y + arm)]))
    return (
        Shape((square,), fill=TEXT, stroke=WHITE, width=0.6),
        Shape(cross, closed=False, stroke=WHITE, width=side / 6),
    )
