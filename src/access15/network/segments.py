"""A grid over the straight segments of streets, in which the nearest one to a point is found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from access15.arrays import Bools, Floats, Int32s, Ints
from access15.model import StreetNetwork

AT_END_M = 0.001
"""A position this close to the end of an edge is the junction itself."""


@dataclass(frozen=True, eq=False)
class SegmentIndex:
    """Grid over the straight segments of some edges (arrays of `access15._kernels.snap`)."""

    segments: Floats
    edge: Int32s
    before_m: Floats
    edge_m: Floats
    start: Ints
    ids: Int32s
    size: float
    x0: float
    y0: float
    nx: int
    ny: int

    @property
    def grid(self) -> tuple[Any, ...]:
        """The arrays and numbers `access15._kernels.snap.nearest_segment` asks for."""
        return (self.segments, self.start, self.ids, self.size, self.x0, self.y0, self.nx, self.ny)


def segment_index(
    network: StreetNetwork, edges: Bools, ends: tuple[Ints, Ints] | None = None
) -> SegmentIndex | None:
    """Return a grid over the segments of the edges that are True in ``edges`` (m,); None if there are none.

    ``ends`` are edges of which only one end is there, and which (0: where it starts, 1: where it stops).
    """
    from access15._kernels.snap import grid_of_segments

    offset = network.vertex_offset
    count = np.diff(offset) - 1
    edge_of: Int32s = np.repeat(np.arange(network.n_edges, dtype=np.int32), count)
    first = np.arange(len(edge_of)) + edge_of  # every edge has one vertex more than segments
    keep = edges[edge_of]
    edge_of, first = edge_of[keep], first[keep]
    alone, side = (np.empty(0, np.int64),) * 2 if ends is None else ends
    if not len(edge_of) + len(alone):
        return None
    x, y = network.vertex_x, network.vertex_y
    segments = np.column_stack((x[first], y[first], x[first + 1], y[first + 1]))
    step = np.hypot(segments[:, 2] - segments[:, 0], segments[:, 3] - segments[:, 1])
    edge_m: Floats = np.bincount(edge_of, step, minlength=network.n_edges).astype(float)
    run = np.cumsum(step) - step
    opens = np.r_[True, edge_of[1:] != edge_of[:-1]][: len(edge_of)]
    before = run - np.repeat(run[opens], np.diff(np.append(np.flatnonzero(opens), len(run))))
    if len(alone):
        at = np.where(side == 0, offset[alone], offset[alone + 1] - 1)
        segments = np.concatenate((segments, np.column_stack((x[at], y[at], x[at], y[at]))))
        edge_m[alone] = network.length_m[alone]
        before = np.concatenate((before, side * edge_m[alone]))
        edge_of, step = (
            np.concatenate((edge_of, alone.astype(np.int32))),
            np.concatenate((step, np.zeros(len(alone)))),
        )
    x0, y0 = segments[:, [0, 2]].min(), segments[:, [1, 3]].min()
    width, height = segments[:, [0, 2]].max() - x0, segments[:, [1, 3]].max() - y0
    # As large as a segment is long, and about as many squares as segments: a point reads few of either.
    size = max(float(np.median(step)), np.sqrt(max(width * height, 1.0) / len(step)), 10.0)
    size = max(size, max(width, height) / (4 * len(step) + 64))
    nx, ny = int(width / size) + 1, int(height / size) + 1
    start, ids = grid_of_segments(segments, size, x0, y0, nx, ny)
    return SegmentIndex(segments, edge_of, before, edge_m, start, ids, size, x0, y0, nx, ny)
