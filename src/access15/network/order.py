"""Node order: neighbours on the ground become neighbours in memory."""

from __future__ import annotations

import numpy as np

from access15.arrays import Floats, Ints


def hilbert_order(x: Floats, y: Floats) -> Ints:
    """Return the rows of points along a Hilbert curve of 2**16 × 2**16 squares (stable for equal squares).

    Searches on a graph in this order read memory nearly in sequence.
    """
    if not len(x):
        return np.empty(0, np.int64)
    span = max(float(np.ptp(x)), float(np.ptp(y)), 1e-9)
    column = ((x - x.min()) / span * 65535).astype(np.int64)
    row = ((y - y.min()) / span * 65535).astype(np.int64)
    distance = np.zeros(len(x), np.int64)
    side = 1 << 15
    while side:
        right = ((column & side) > 0).astype(np.int64)
        upper = ((row & side) > 0).astype(np.int64)
        distance += side * side * ((3 * right) ^ upper)
        mirror = (upper == 0) & (right == 1)
        column = np.where(mirror, 65535 - column, column)
        row = np.where(mirror, 65535 - row, row)
        column, row = np.where(upper == 0, row, column), np.where(upper == 0, column, row)
        side >>= 1
    return np.argsort(distance, kind="stable")
