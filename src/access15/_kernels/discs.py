"""The outline of many equal discs together: which piece of the rim of each is outside all others, and rings of these.

A disc is a regular polygon with an even number of corners, the first one to the east, the others counter-clockwise. A
place on its rim is a number: corner ``k`` is ``k``, the middle of the side after it ``k + 0.5``.
"""

from __future__ import annotations

import math

import numpy as np

from access15._kernels._jit import kernel
from access15.arrays import Bools, Floats, Int32s, Ints

NEARLY = 1e-6
"""Share of a disc's size, or of a side of its rim, below which rounding may decide what meets what."""


@kernel
def _leaving(dx: float, dy: float, corner: Floats, normal: Floats, inner_m: float) -> tuple[float, float]:
    """Return where the rim of a disc leaves one that stands ``(dx, dy)`` away: the place on its own rim and on that one's.

    The two must overlap. From the place nearest to the other disc, which is inside it, side by side counter-clockwise.
    """
    corners = len(normal)
    middle = math.atan2(dy, dx) / (2 * math.pi) * corners
    side = math.floor(middle)
    for _ in range(corners):
        a, b = corner[side % corners], corner[(side + 1) % corners]
        step_x, step_y = b[0] - a[0], b[1] - a[1]
        leave, through = 2.0, 0
        for k in range(corners):
            away = normal[k, 0] * step_x + normal[k, 1] * step_y
            if away > 1e-12 * inner_m:
                at = (inner_m - normal[k, 0] * (a[0] - dx) - normal[k, 1] * (a[1] - dy)) / away
                if at < leave:
                    leave, through = at, k
        if leave <= 1.0:
            # The place on the other rim: along its side that is passed through.
            leave = max(leave, 0.0)
            c, d = corner[through], corner[(through + 1) % corners]
            x, y = a[0] + leave * step_x - dx - c[0], a[1] + leave * step_y - dy - c[1]
            side_x, side_y = d[0] - c[0], d[1] - c[1]
            along = (x * side_x + y * side_y) / (side_x * side_x + side_y * side_y)
            return side + leave, through + min(1.0, max(0.0, along))
        side += 1
    return middle, middle + corners / 2


@kernel
def _root(parent: Int32s, disc: int) -> int:
    """Return the first disc of those joined to a disc; ways are halved."""
    while parent[disc] != disc:
        parent[disc] = parent[parent[disc]]
        disc = parent[disc]
    return disc


@kernel
def _join(parent: Int32s, one: int, other: int) -> None:
    a, b = _root(parent, one), _root(parent, other)
    parent[max(a, b)] = min(a, b)


@kernel
def free_rims(
    x: Floats,
    y: Floats,
    key: Ints,
    column_step: int,
    corner: Floats,
    normal: Floats,
    inner_m: float,
    parent: Int32s,
    doubtful: Bools,
    arc_ptr: Ints,
    arc_from: Floats,
    arc_to: Floats,
    arc_left: Int32s,
    arc_met: Int32s,
) -> int:
    """Find the pieces of each rim outside all other discs, as arcs; return how many, -1 where there is no room for them.

    Discs stand in the order of ``key``, which counts squares as wide as a disc: the one above is the next, the one to
    the east ``column_step`` further. An arc runs from where its rim leaves disc ``arc_left`` to where it meets
    ``arc_met`` (-1: it is the whole rim). ``parent`` joins discs that overlap, ``doubtful``
    marks those where two rims, or three, so nearly touch that rounding decides what meets what.
    """
    corners = len(normal)
    start, length, whose = np.empty(16), np.empty(16), np.empty(16, np.int32)
    n = 0
    for i in range(len(x)):
        arc_ptr[i] = n
        found = 0
        for column in range(-1, 2):
            near = key[i] + column * column_step
            first = np.searchsorted(key, near - 1)
            last = np.searchsorted(key, near + 1, side="right")
            for j in range(first, last):
                dx, dy = x[j] - x[i], y[j] - y[i]
                if i == j or dx * dx + dy * dy > 4.1 * inner_m * inner_m:
                    continue
                widest = -np.inf
                for k in range(corners):
                    widest = max(widest, normal[k, 0] * dx + normal[k, 1] * dy)
                if abs(widest - 2 * inner_m) < NEARLY * inner_m:
                    doubtful[i] = True
                if widest >= 2 * inner_m:
                    continue
                _join(parent, i, j)
                if found == len(start):
                    start, length, whose = _longer(start), _longer(length), _longer_rows(whose)
                leave, through = _leaving(dx, dy, corner, normal, inner_m)
                # The two rims cross again opposite the middle between the two discs.
                enter = (through + corners / 2) % corners
                start[found], length[found], whose[found] = enter, (leave - enter) % corners, j
                found += 1
        stretches = start[:found], length[:found], whose[:found]
        n = _free(i, stretches, corners, n, doubtful, arc_from, arc_to, arc_left, arc_met)
        if n < 0:
            return -1
    arc_ptr[len(x)] = n
    return n


@kernel
def _longer(values: Floats) -> Floats:
    return np.concatenate((values, np.empty_like(values)))


@kernel
def _longer_rows(values: Int32s) -> Int32s:
    return np.concatenate((values, np.empty_like(values)))


@kernel
def _free(
    disc: int,
    stretches: tuple[Floats, Floats, Int32s],
    corners: int,
    n: int,
    doubtful: Bools,
    arc_from: Floats,
    arc_to: Floats,
    arc_left: Int32s,
    arc_met: Int32s,
) -> int:
    """Write what is left of a rim beside the covered stretches of it; return how many arcs there are now, or -1."""
    start, length, whose = stretches
    if n + len(start) + 1 > len(arc_from):
        return -1
    if len(start) == 0:
        arc_from[n], arc_to[n], arc_left[n], arc_met[n] = 0.0, corners, -1, -1
        return n + 1
    # The stretch that ends last, one turn earlier, is the one before the first.
    until, left = -np.inf, -1
    for k in range(len(start)):
        if start[k] + length[k] - corners > until:
            until, left = start[k] + length[k] - corners, whose[k]
    for k in np.argsort(start):
        if abs(start[k] - until) < NEARLY:
            doubtful[disc] = True
        if start[k] > until:
            arc_from[n], arc_to[n], arc_left[n], arc_met[n] = until, start[k], left, whose[k]
            n += 1
        if start[k] + length[k] > until:
            until, left = start[k] + length[k], whose[k]
    return n


@kernel
def next_arcs(arc_ptr: Ints, arc_left: Int32s, arc_met: Int32s, following: Int32s) -> None:
    """Tell which arc goes on where each ends: that of the disc it meets which begins there; -1 where there is none."""
    for disc in range(len(arc_ptr) - 1):
        for arc in range(arc_ptr[disc], arc_ptr[disc + 1]):
            other = arc_met[arc]
            following[arc] = -1
            if other < 0:
                following[arc] = arc
                continue
            for k in range(arc_ptr[other], arc_ptr[other + 1]):
                if arc_left[k] == disc:
                    following[arc] = k
                    break


@kernel
def rings(
    x: Floats,
    y: Floats,
    corner: Floats,
    disc_of: Int32s,
    following: Int32s,
    arc_from: Floats,
    arc_to: Floats,
    arcs: Ints,
    points: Floats,
    ring_ptr: Ints,
    ring_disc: Int32s,
    ring_area: Floats,
) -> int:
    """Follow the wanted ``arcs`` round and round; write the points of each ring, one of its discs and its area; return how many.

    ``following`` is used up. The area is above 0 round the outside, below round a hole.
    """
    corners = len(corner)
    n, at = 0, 0
    for first in arcs:
        if following[first] < 0:
            continue
        ring_ptr[n], ring_disc[n] = at, disc_of[first]
        arc = first
        while following[arc] >= 0:
            disc = disc_of[arc]
            begin = math.floor(arc_from[arc])
            share = arc_from[arc] - begin
            a, b = corner[begin % corners], corner[(begin + 1) % corners]
            points[at, 0] = x[disc] + a[0] + share * (b[0] - a[0])
            points[at, 1] = y[disc] + a[1] + share * (b[1] - a[1])
            at += 1
            for k in range(begin + 1, math.ceil(arc_to[arc])):
                points[at, 0], points[at, 1] = (
                    x[disc] + corner[k % corners, 0],
                    y[disc] + corner[k % corners, 1],
                )
                at += 1
            step = following[arc]
            following[arc] = -1
            arc = step
        x0, y0 = points[ring_ptr[n], 0], points[ring_ptr[n], 1]
        area = 0.0
        for k in range(ring_ptr[n] + 1, at - 1):
            area += (points[k, 0] - x0) * (points[k + 1, 1] - y0) - (points[k + 1, 0] - x0) * (
                points[k, 1] - y0
            )
        ring_area[n] = area / 2
        n += 1
    ring_ptr[n] = at
    return n
