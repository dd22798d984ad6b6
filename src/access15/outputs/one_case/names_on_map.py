"""Badges and names: each takes the place with the least cost, none stands on a sign or on another name."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from access15.arrays import Floats
from access15.outputs.one_case.frame import Taken
from access15.outputs.one_case.marks import Group, Mark, Shape, Text, badge, pin
from access15.outputs.palette import GAP_INK, PLAN, QUIET, TEXT, Rgb

_CJK: Final = 0x2E80
_LEADER: Final = 16.0
"""Pixels from its place beyond which a name gets a line to it."""

_DISTANCES: Final = (8.0, 14.0, 20.0, 28.0, 38.0, 50.0, 64.0, 80.0)
_OUTSIDE: Final = 5.0
_PER_PX: Final = 0.06


def text_width(text: str, size: float) -> float:
    """Return about how wide a text is."""
    return sum(size if ord(c) > _CJK else 0.58 * size for c in text)


def broken(name: str, most: int) -> list[str]:
    """Return a name on one line, or on two where it is long and has a space or a hyphen near its middle."""
    if len(name) <= most:
        return [name]
    cuts = [i + 1 for i, c in enumerate(name[:-1]) if c in " -－·" or ord(c) > _CJK]
    if not cuts:
        return [name if len(name) <= 2 * most else f"{name[: 2 * most - 1]}…"]
    at = min(cuts, key=lambda i: abs(i - len(name) / 2))
    parts = [name[:at].strip(), name[at:].strip()]
    return [p if len(p) <= 1.4 * most else f"{p[: int(1.4 * most) - 1]}…" for p in parts]


def place_pin(number: int, at: tuple[float, float], taken: Taken) -> list[Mark]:
    """Return a pin with its tip on its site, or beside it with a line where another pin stands."""
    unit = taken.frame.unit
    for away in (0, 16, 24, 34, 46, 60):
        for turn in (2, 1, 3, 0, 4, 7, 5, 6):
            x = at[0] + away * unit * math.cos(turn * math.pi / 4)
            y = at[1] - away * unit * math.sin(turn * math.pi / 4)
            if taken.free(x, y - 12.5 * unit, 9 * unit, 12.5 * unit) or (not away and not taken.boxes):
                taken.take(x, y - 12.5 * unit, 9 * unit, 12.5 * unit)
                line = Shape((np.array([at, (x, y)]),), False, stroke=PLAN, width=1.3 * unit)
                return [*([line] if away else []), pin(number, x, y, unit)]
            if not away:
                break
    taken.take(at[0], at[1] - 12.5 * unit, 9 * unit, 12.5 * unit)
    return [pin(number, *at, unit)]


def place_badge(letter: str, at: tuple[float, float], taken: Taken) -> list[Mark]:
    """Return a badge at its gap, or beside it with a line where something stands there."""
    unit = taken.frame.unit
    for away in (0, 14, 20, 28, 38, 50):
        for turn in range(8):
            x = at[0] + away * unit * math.cos(turn * math.pi / 4)
            y = at[1] + away * unit * math.sin(turn * math.pi / 4)
            if taken.free(x, y, 12 * unit, 12 * unit):
                taken.take(x, y, 12 * unit, 12 * unit)
                line = Shape((np.array([at, (x, y)]),), False, stroke=GAP_INK, width=unit)
                return [*([line] if away > _LEADER else []), badge(letter, x, y, unit)]
            if not away:
                break
    taken.take(*at, 12 * unit, 12 * unit)
    return [badge(letter, *at, unit)]


def place_name(
    name: str,
    at: tuple[float, float],
    taken: Taken,
    dots: tuple[Floats, Floats],
    home: Any = None,
    *,
    size: float = 11.0,
    bold: bool = True,
    color: Rgb = TEXT,
    leader: bool = True,
    first: float = 0.0,
) -> list[Mark]:
    """Return a name where it costs least; nothing where no place is free.

    Parameters
    ----------
    name : str
    at : tuple of float
        What is named.
    taken : Taken
    dots : tuple of (n,) float64
        Middles of the dots: each that is covered costs 1.
    home : shape, optional
        The area that is named; leaving it costs 5.
    size, bold, color : float, bool, Rgb
    leader : bool
        Whether a line joins a name that stands away.
    first : float
        The nearest it may stand, px: beyond the sign it names.
    """
    import shapely

    frame = taken.frame
    size *= frame.unit
    said = broken(name, 20 if bold else 26)
    half_wide = max(text_width(line, size) for line in said) / 2 + 2 * frame.unit
    half_tall = 0.62 * size * len(said)
    best: tuple[float, float, float, float] | None = None
    for away in (0.0, *_DISTANCES):
        for turn in (2, 6, 0, 4, 1, 3, 5, 7) if away else (0,):
            reach = away * frame.unit if not first else first + max(away - _DISTANCES[0], 0) * frame.unit
            if first and not away:
                continue
            dx, dy = math.cos(turn * math.pi / 4), -math.sin(turn * math.pi / 4)
            if first:  # Beside a sign: the whole box stands off, not its middle.
                x, y = at[0] + dx * (reach + half_wide), at[1] + dy * (reach + half_tall)
            else:
                x, y = at[0] + dx * reach * 1.4, at[1] + dy * reach
            if not taken.free(x, y, half_wide, half_tall):
                continue
            cost = _PER_PX * math.hypot(x - at[0], y - at[1])
            cost += float(_covered(dots, x, y, half_wide, half_tall))
            if home is not None and not shapely.contains_xy(home, x, y):
                cost += _OUTSIDE
            if best is None or cost < best[0]:
                best = (cost, x, y, reach)
        if best is not None and best[0] <= _PER_PX * away:
            break
    if best is None:
        return []
    _, x, y, reach = best
    taken.take(x, y, half_wide, half_tall)
    out: list[Mark] = []
    if leader and math.hypot(x - at[0], y - at[1]) > _LEADER * frame.unit + (half_wide if first else 0):
        end = (min(max(at[0], x - half_wide), x + half_wide), min(max(at[1], y - half_tall), y + half_tall))
        if math.hypot(end[0] - at[0], end[1] - at[1]) > _LEADER * frame.unit:
            out.append(Shape((np.array([at, end]),), False, stroke=QUIET, width=0.7 * frame.unit))
    top = y - half_tall + 0.95 * size
    out += [
        Text(x, top + i * 1.2 * size, line, size, bold=bold, color=color, halo=True)
        for i, line in enumerate(said)
    ]
    return [Group("name", tuple(out))]


def _covered(dots: tuple[Floats, Floats], x: float, y: float, half_wide: float, half_tall: float) -> int:
    inside = (np.abs(dots[0] - x) < half_wide) & (np.abs(dots[1] - y) < half_tall)
    return int(np.count_nonzero(inside))
