"""How pixels are judged, and which of them can be inside."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from access15.arrays import Bools, Floats, Ints
from access15.isochrones.lattice import MOST_TILES

STRIP = 0.75
"""Half the width of the narrowest strip that a lattice shows without gaps, in pixels: a little above half a diagonal."""


@dataclass(frozen=True)
class Rules:
    """How a pixel is judged.

    Attributes
    ----------
    pixel_m : float
        Distance between pixels.
    reach_m : float
        Longest off-network leg.
    ms_per_m : float
        Time of one metre of that leg.
    strip_m : float
        Pixels this near to a reached street point are inside, whatever their leg: the strip that a fast
        mode reaches last is narrower than a pixel. 0 for walking, where it tapers within a pixel.
    threads : int
    """

    pixel_m: float
    reach_m: float
    ms_per_m: float
    strip_m: float
    threads: int

    @property
    def bridge_m(self) -> float:
        """Places in water this near to a street above it are on the bridge: enough for one unbroken strip."""
        return STRIP * self.pixel_m

    @property
    def far_m(self) -> float:
        """Longest leg that a pixel beside one inside can have."""
        return self.reach_m + 1.5 * self.pixel_m

    @property
    def margin_m(self) -> float:
        """How far from a reached street a pixel can be that a contour needs."""
        return self.reach_m + 2 * self.pixel_m


@dataclass(frozen=True, eq=False)
class Band:
    """Some rows of blocks, ``first..last - 1`` of the marks, and their tiles.

    ``row, column`` are the places of the tiles among the marks, ``tiles`` (t, 2) their columns and rows of the lattice.
    """

    first: int
    last: int
    row: Ints
    column: Ints
    tiles: Ints


@dataclass(frozen=True, eq=False)
class Marks:
    """Blocks that can hold pixels inside: ``marks[j, i]`` is block ``(i0 + i, j0 + j)``, whole tiles each way."""

    marks: Bools
    i0: int
    j0: int

    @classmethod
    def of(cls, boxes: Floats, rules: Rules) -> Marks | None:
        """Return the blocks near to any of some boxes, of which the outermost pixels are outside; None without boxes."""
        from access15._kernels.pieces import mark_boxes
        from access15._kernels.raster import BLOCK, TILE

        west, south = boxes[:, :2].min(axis=0, initial=np.inf) - rules.margin_m
        east, north = boxes[:, 2:].max(axis=0, initial=-np.inf) + rules.margin_m
        if not west <= east:
            return None
        tile_m, side = TILE * rules.pixel_m, TILE // BLOCK
        i0, j0, i1, j1 = (math.floor(v / tile_m) for v in (west, south, east, north))
        marks = np.zeros(((j1 - j0 + 1) * side, (i1 - i0 + 1) * side), bool)
        mark_boxes(boxes, rules.margin_m, BLOCK * rules.pixel_m, i0 * side, j0 * side, marks)
        return cls(marks, i0 * side, j0 * side)

    @property
    def tiles(self) -> tuple[int, int]:
        """Rows and columns of tiles."""
        from access15._kernels.raster import BLOCK, TILE

        rows, columns = self.marks.shape
        return rows * BLOCK // TILE, columns * BLOCK // TILE

    def bands(self) -> Iterator[Band]:
        """Yield the rows, as many at a time as have no more tiles than are kept."""
        rows, columns = self.tiles
        side = self.marks.shape[0] // rows
        needed = np.logical_or.reduce(self.marks.reshape(rows, side, columns, side), axis=(1, 3))
        upto = np.cumsum(needed.sum(axis=1))
        first = 0
        while first < rows:
            before = upto[first - 1] if first else 0
            last = max(int(np.searchsorted(upto, before + MOST_TILES, side="right")), first + 1)
            row, column = np.nonzero(needed[first:last])
            row += first
            tiles = np.column_stack((column + self.i0 // side, row + self.j0 // side))
            yield Band(first * side, last * side, row, column, tiles)
            first = last
