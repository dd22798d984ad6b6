"""Which street each pixel joins: the nearest one, or the one that `link_points` chooses in its place."""

from __future__ import annotations

from collections.abc import Callable
from weakref import ref

import numpy as np

from access15.arrays import AnyArray, Float32s, Floats, Int32s, Ints
from access15.network import AT_END_M, Choices, Found, SegmentIndex


class Joins:
    """The streets that pixels join, as the kernels of the raster read them.

    Attributes
    ----------
    grid : tuple of arrays and numbers
        Of the streets a pixel joins first.
    along : tuple of arrays and a number
        The arguments ``segments … at_end_m`` of `access15._kernels.raster.shares_along`: the segments of the grid, then
        those of motorways, which a pixel joins only where no other street is near enough.
    """

    def __init__(self, choices: Choices, index: SegmentIndex) -> None:
        # Weak: what is kept for an index must not keep the index.
        self._choices = ref(choices)
        self.grid = index.grid
        parts = [index]
        if choices.motorways is not None and choices.motorways is not index:
            parts.append(choices.motorways)
        self.segments: Floats = np.concatenate([part.segments for part in parts])
        edge: Int32s = np.concatenate([part.edge for part in parts])
        before_m: Floats = np.concatenate([part.before_m for part in parts])
        edge_m: Floats = np.max([part.edge_m for part in parts], axis=0)
        self.along: tuple[AnyArray | float, ...] = (self.segments, edge, before_m, edge_m, AT_END_M)
        self._edge, self._before_m, self._edge_m = edge, before_m, edge_m
        self._at_rim = choices.rim[edge]
        self._any_rim = bool(self._at_rim.any())
        self._sorted: tuple[Ints, Floats, Floats] | None = None

    @classmethod
    def of(cls, choices: Choices) -> Joins | None:
        """Return the streets of some choices; None if there are none."""
        index = choices.index or choices.motorways
        return None if index is None else cls(choices, index)

    @property
    def choices(self) -> Choices:
        """Where points may join."""
        found = self._choices()
        assert found is not None, "who draws holds the network"
        return found

    def amend(
        self,
        pixels: Callable[[], Floats],
        segment: Int32s,
        t: Float32s,
        leg_m: Float32s,
        far_m: float,
    ) -> None:
        """Let pixels join what `access15.network.link_points` has them join, in place.

        Parameters
        ----------
        pixels : callable
            Returns where the pixels are, (k, 2) float64; called only where one may join another street.
        segment, t, leg_m : (k,)
            The nearest segment of the grid within ``far_m``, -1 for none, the share along it, and the distance.
        far_m : float
        """
        may = self._at_rim[segment] & (segment >= 0) if self._any_rim else np.zeros(len(segment), bool)
        if self.choices.elsewhere(far_m):
            may |= self.choices.may_change(pixels(), segment >= 0, leg_m, far_m)
        some = np.flatnonzero(may)
        if not len(some):
            return
        points = pixels()
        index = self.choices.index
        before = segment[some].copy()
        found = Found.on(before, t[some].astype(float), leg_m[some].astype(float), index)
        was, at_m = found.edge.copy(), found.leg_m.copy()
        self.choices.amend(points[some], found, far_m)
        segment[some[found.edge < 0]] = -1
        leg_m[some[found.edge < 0]] = np.inf
        moved = (found.edge >= 0) & ((found.edge != was) | (found.leg_m != at_m))
        rows = some[moved]
        segment[rows], t[rows] = self._rows(found.edge[moved], found.fraction[moved])
        leg_m[rows] = found.leg_m[moved]

    def _rows(self, edge: Int32s, fraction: Floats) -> tuple[Ints, Floats]:
        """Return the segments at shares along edges, and the shares along them."""
        if self._sorted is None:
            # Edges end to end, a metre between them; of landings, which are only ends, nothing is asked.
            begins = np.cumsum(self._edge_m + 1.0) - (self._edge_m + 1.0)
            place = begins[self._edge] + self._before_m
            order = np.argsort(place, kind="stable")
            self._sorted = order, place[order], begins
        order, place, begins = self._sorted
        along = fraction * self._edge_m[edge]
        row = order[np.maximum(np.searchsorted(place, begins[edge] + along, side="right") - 1, 0)]
        step = self.segments[row]
        length = np.hypot(step[:, 2] - step[:, 0], step[:, 3] - step[:, 1])
        t = np.divide(along - self._before_m[row], length, out=np.zeros(len(row)), where=length > 0)
        return row, np.clip(t, 0.0, 1.0)
