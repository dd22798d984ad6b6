"""Marks as SVG; whatever comes from the data is escaped."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

import numpy as np

from access15.outputs.one_case.marks import Dots, Group, Mark, Shape, Squares, Text
from access15.outputs.palette import TEXT, Rgb, hex_color

_SIZE = 11.0
"""Of texts in the style sheet of the page, px."""


def svg(marks: Iterable[Mark]) -> str:
    """Return marks as elements of SVG, in their order."""
    return "".join(map(_element, marks))


def _element(mark: Mark) -> str:
    if isinstance(mark, Group):
        return f'<g class="{mark.name}">{svg(mark.marks)}</g>'
    if isinstance(mark, Text):
        return _text(mark)
    if isinstance(mark, Dots):
        return _dots(mark)
    if isinstance(mark, Squares):
        side = f"{mark.side:g}"
        path = "".join(
            f"M{x:.0f} {y:.0f}h{side}v{side}h-{side}z" for x, y in zip(mark.x, mark.y, strict=True)
        )
        return f'<path d="{path}" fill="{hex_color(mark.color)}"/>'
    return _shape(mark)


def _shape(mark: Shape) -> str:
    end = "Z" if mark.closed else ""
    path = "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in line) + end for line in mark.lines)
    if not path:
        return ""
    out = f'<path d="{path}" fill="{_color(mark.fill)}"'
    if mark.alpha < 1:
        out += f' {"fill-" if mark.fill else ""}opacity="{mark.alpha:g}"'
    if mark.stroke is not None:
        out += f' stroke="{_color(mark.stroke)}" stroke-width="{mark.width:g}"'
    if mark.dash:
        out += f' stroke-dasharray="{" ".join(f"{d:g}" for d in mark.dash)}"'
    return f"{out}/>"


def _color(color: Rgb | None) -> str:
    return "none" if color is None else hex_color(color)


def _dots(mark: Dots) -> str:
    styles = [
        f'fill="{hex_color(fill)}" stroke="{hex_color(edge)}"'
        for fill, edge in zip(mark.colors, mark.edges, strict=True)
    ]
    circles = (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.2f}" {styles[kind]}/>'
        for x, y, r, kind in zip(mark.x, mark.y, np.maximum(mark.radius, 0.6), mark.kind, strict=True)
    )
    return f'<g stroke-width="{mark.width:g}">{"".join(circles)}</g>'


def _text(mark: Text) -> str:
    names = " ".join(name for name, on in (("b", mark.bold), ("label", mark.halo)) if on)
    size = f' style="font-size:{mark.size:g}px"' if mark.size != _SIZE else ""
    color = f' fill="{hex_color(mark.color)}"' if mark.color != TEXT else ""
    anchor = f' text-anchor="{mark.anchor}"' if mark.anchor != "start" else ""
    cls = f' class="{names}"' if names else ""
    return f'<text x="{mark.x:.1f}" y="{mark.y:.1f}"{anchor}{cls}{color}{size}>{escape(mark.text)}</text>'
