"""Marks drawn by matplotlib, into axes whose units are pixels from the top left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from access15.outputs.one_case.marks import Dots, Group, Mark, Shape, Squares, Text
from access15.outputs.palette import Rgb, hex_color

if TYPE_CHECKING:
    from matplotlib.axes import Axes

POINT: Final = 0.72
"""Points of a pixel: 100 pixels are an inch."""


def draw(axes: Axes, marks: Iterable[Mark], families: Sequence[str], shown: Any, clip: Any = None) -> None:
    """Draw marks over each other in their order.

    Parameters
    ----------
    axes : Axes
    marks : iterable of marks
    families : sequence of str
        Of fonts.
    shown : callable
        Returns a text as the fonts can show it.
    clip : Patch, optional
        Nothing is drawn outside of it.
    """
    for mark in marks:
        order = axes.access15_order = getattr(axes, "access15_order", 1.0) + 0.001  # type: ignore[attr-defined]
        if isinstance(mark, Group):
            draw(axes, mark.marks, families, shown, clip)
        elif isinstance(mark, Text):
            _text(axes, mark, families, shown, order, clip)
        else:
            _collection(axes, mark, order, clip)


def _rgb(color: Rgb | None) -> str:
    return "none" if color is None else hex_color(color)


def _text(axes: Axes, mark: Text, families: Sequence[str], shown: Any, order: float, clip: Any) -> None:
    from matplotlib import patheffects

    # What no font can show: half of a pair of surrogates, control characters.
    text = "".join(c for c in shown(mark.text) if c.isprintable())
    if not text:
        return
    halo = [patheffects.withStroke(linewidth=3 * POINT * mark.size / 11, foreground="white")]
    drawn = axes.text(
        mark.x,
        mark.y,
        text,
        fontsize=mark.size * POINT,
        weight="bold" if mark.bold else "normal",
        ha={"start": "left", "middle": "center", "end": "right"}[mark.anchor],
        va="baseline",
        color=hex_color(mark.color),
        family=list(families),
        path_effects=halo if mark.halo else [],
        parse_math=False,
        zorder=order,
    )
    if clip is not None:
        drawn.set_clip_path(clip)


def _collection(axes: Axes, mark: Shape | Dots | Squares, order: float, clip: Any) -> None:
    from matplotlib.collections import EllipseCollection, LineCollection, PathCollection, PolyCollection

    made: Any
    if isinstance(mark, Dots):
        wide = 2 * np.maximum(mark.radius, 0.6)
        fills = [hex_color(c) for c in mark.colors]
        edges = [hex_color(c) for c in mark.edges]
        made = EllipseCollection(
            wide,
            wide,
            np.zeros(len(wide)),
            units="xy",
            offsets=np.column_stack([mark.x, mark.y]),
            offset_transform=axes.transData,
            facecolors=[fills[k] for k in mark.kind],
            edgecolors=[edges[k] for k in mark.kind],
            linewidths=mark.width * POINT,
        )
    elif isinstance(mark, Squares):
        corner = np.array([(0, 0), (1, 0), (1, 1), (0, 1)]) * mark.side
        at = np.column_stack([mark.x, mark.y])[:, None, :] + corner
        made = PolyCollection(list(at), facecolors=hex_color(mark.color), linewidths=0, antialiased=False)
    elif mark.closed:
        made = PathCollection(
            [_path(mark.lines)] if mark.lines else [],
            facecolors=_faded(mark.fill, mark.alpha),
            edgecolors=_rgb(mark.stroke),
            linewidths=mark.width * POINT if mark.stroke else 0,
            linestyles=_dash(mark),
        )
    else:
        made = LineCollection(
            list(mark.lines),
            colors=_rgb(mark.stroke),
            linewidths=mark.width * POINT,
            linestyles=_dash(mark),
            alpha=mark.alpha,
            capstyle="round",
        )
    made.set_zorder(order)
    axes.add_collection(made, autolim=False)
    if clip is not None:
        made.set_clip_path(clip)


def _faded(color: Rgb | None, alpha: float) -> Any:
    return "none" if color is None else (*(c / 255 for c in color), alpha)


def _dash(mark: Shape) -> Any:
    # Matplotlib measures dashes in widths of the line.
    return (0, [d / mark.width for d in mark.dash]) if mark.dash else "solid"


def _path(lines: Sequence[Any]) -> Any:
    from matplotlib.path import Path

    codes = []
    for line in lines:
        code = np.full(len(line), Path.LINETO, np.uint8)
        code[0] = Path.MOVETO
        if len(line) > 2 and (line[0] == line[-1]).all():
            code[-1] = Path.CLOSEPOLY
        codes.append(code)
    whole = [
        (line, code)
        if code[-1] == Path.CLOSEPOLY
        else (np.vstack([line, line[:1]]), np.append(code, Path.CLOSEPOLY))
        for line, code in zip(lines, codes, strict=True)
    ]
    return Path(np.concatenate([line for line, _ in whole]), np.concatenate([code for _, code in whole]))
