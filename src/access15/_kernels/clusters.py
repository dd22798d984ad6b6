"""Single linkage of points by straight distance, square by square."""

from __future__ import annotations

import numpy as np

from access15._kernels._jit import kernel
from access15.arrays import Floats, Ints

BESIDE = np.array(
    [(0, 1), (1, 0), (1, 1), (1, -1), (0, 2), (2, 0), (1, 2), (2, 1), (2, -1), (1, -2), (2, 2), (2, -2)]
)
"""Steps of columns and rows to the squares a point may be near to, each pair of squares once, the nearest first."""


@kernel
def root(parent: Ints, point: int) -> int:
    """Return the lowest point of those a point is joined to; ways are halved."""
    while parent[point] != point:
        parent[point] = parent[parent[point]]
        point = parent[point]
    return point


@kernel
def join_near(
    x: Floats,
    y: Floats,
    order: Ints,
    start: Ints,
    key: Ints,
    column_step: int,
    beside: Ints,
    within_m: float,
    parent: Ints,
) -> None:
    """Join the points that chains of neighbours at most ``within_m`` apart connect.

    Parameters
    ----------
    order : (k,) int64
        Points square by square.
    start : (squares + 1,) int64
        Where the points of each square begin in it.
    key : (squares,) int64
        Rising: one more is the square above, ``column_step`` more the one to the east. Points of a square are all near.
    parent : (k,) int64
        Each point itself; then a forest of which `root` tells the trees.
    """
    for square in range(len(key)):
        one = root(parent, order[start[square]])
        for k in range(start[square] + 1, start[square + 1]):
            other = root(parent, order[k])
            parent[max(one, other)] = min(one, other)
            one = min(one, other)
    for step in range(len(beside)):
        for square in range(len(key)):
            wanted = key[square] + beside[step, 0] * column_step + beside[step, 1]
            other = np.searchsorted(key, wanted)
            if other == len(key) or key[other] != wanted:
                continue
            a, b = root(parent, order[start[square]]), root(parent, order[start[other]])
            if a != b and _meet(x, y, order, start, square, other, within_m * within_m):
                parent[max(a, b)] = min(a, b)


@kernel
def _meet(x: Floats, y: Floats, order: Ints, start: Ints, one: int, other: int, within_m2: float) -> bool:
    """Return whether any two points of two squares are near."""
    for a in order[start[one] : start[one + 1]]:
        for b in order[start[other] : start[other + 1]]:
            if (x[a] - x[b]) ** 2 + (y[a] - y[b]) ** 2 <= within_m2:
                return True
    return False


@kernel
def roots(parent: Ints, out: Ints) -> None:
    """Write the lowest point of those each point is joined to."""
    for point in range(len(parent)):
        out[point] = root(parent, point)
