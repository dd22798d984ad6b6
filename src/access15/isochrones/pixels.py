"""The lattice of pixels: which are needed, and where each stands on the streets."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from access15.isochrones.reach import Reach, Streets
from access15.isochrones.water import Water, bar_pixels
from access15.network.link import AT_END_M, SegmentIndex

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_TILES_AT_ONCE = 32

STRIP = 0.75
"""Half the width of the narrowest strip that a lattice shows without gaps, in pixels: a little above half a diagonal."""

_ORIGIN = 0.5
"""How early the pixels around a facility are at least, as a share of one pixel's walk: enough to hold a
facility that stands on a pixel."""


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
    def margin_m(self) -> float:
        """How far from a reached street a pixel can be that a contour needs."""
        return self.reach_m + 2 * self.pixel_m


@dataclass(frozen=True)
class Window:
    """A rectangle of the lattice: pixel columns ``i0..i1`` and rows ``j0..j1``, ends included."""

    i0: int
    j0: int
    i1: int
    j1: int

    @classmethod
    def around(cls, box: tuple[float, float, float, float], rules: Rules) -> Window | None:
        """Return the window of everything that can be inside, with a border outside; None if nothing can."""
        west, south, east, north = box
        if west > east:
            return None
        p, m = rules.pixel_m, rules.margin_m
        low = int(np.floor((west - m) / p)), int(np.floor((south - m) / p))
        return cls(*low, int(np.ceil((east + m) / p)), int(np.ceil((north + m) / p)))

    @property
    def size(self) -> int:
        """Number of pixels."""
        return (self.i1 - self.i0 + 1) * (self.j1 - self.j0 + 1)


@dataclass(frozen=True, eq=False)
class TileMarks:
    """Tiles that are needed: ``marks[j, i]`` is tile ``(i0 + i, j0 + j)``."""

    marks: Bools
    i0: int
    j0: int

    @classmethod
    def of(cls, boxes: Floats, rules: Rules) -> TileMarks | None:
        """Return the tiles near to any of some boxes; None if there are none."""
        from access15._kernels.pieces import mark_boxes
        from access15._kernels.raster import TILE

        boxes = boxes[boxes[:, 0] <= boxes[:, 2]]
        if not len(boxes):
            return None
        tile_m = TILE * rules.pixel_m
        i0, j0 = (int(v) for v in np.floor((boxes[:, :2].min(axis=0) - rules.margin_m) / tile_m))
        i1, j1 = (int(v) for v in np.floor((boxes[:, 2:].max(axis=0) + rules.margin_m) / tile_m))
        marks = np.zeros((j1 - j0 + 1, i1 - i0 + 1), bool)
        mark_boxes(boxes, rules.margin_m, tile_m, i0, j0, marks)
        return cls(marks, i0, j0)

    @property
    def pixels(self) -> int:
        """Number of pixels in the tiles."""
        from access15._kernels.raster import TILE

        return int(self.marks.sum()) * TILE**2

    def within(self, i0: int, j0: int, size: int) -> Window | None:
        """Return the window around the marks among ``size`` × ``size`` tiles; None if there are none.

        ``i0``, ``j0`` are tiles of the lattice. The last row and column of the window are the first of
        the tiles behind them.
        """
        from access15._kernels.raster import TILE

        i, j = max(i0 - self.i0, 0), max(j0 - self.j0, 0)
        stop_i, stop_j = max(i0 + size - self.i0, 0), max(j0 + size - self.j0, 0)
        row, column = np.nonzero(self.marks[j:stop_j, i:stop_i])
        if not len(row):
            return None
        row, column = (row + j + self.j0) * TILE, (column + i + self.i0) * TILE
        return Window(int(column.min()), int(row.min()), int(column.max()) + TILE, int(row.max()) + TILE)

    def part(self, i: int, j: int, size: int) -> TileMarks:
        """Return the marks of at most ``size`` × ``size`` tiles from column ``i`` and row ``j`` on."""
        return TileMarks(self.marks[j : j + size, i : i + size], self.i0 + i, self.j0 + j)


@dataclass(frozen=True, eq=False)
class LinkedPixels:
    """Where pixels stand on the streets, by tiles (see `access15._kernels.raster.late_field`)."""

    tile_of: npt.NDArray[np.int32]
    i0: int
    j0: int
    edge: npt.NDArray[np.int32]
    share: npt.NDArray[np.float32]
    leg_m: npt.NDArray[np.float32]

    @classmethod
    def of(
        cls, index: SegmentIndex, needed: TileMarks, rules: Rules, water: Water | None = None
    ) -> LinkedPixels:
        """Link every pixel of the marked tiles to its nearest street, as `link_points` links points.

        Pixels whose leg crosses water are linked to none.
        """
        from access15._kernels.raster import TILE, link_tiles, shares_along

        row, column = np.nonzero(needed.marks)
        tiles = np.column_stack((column + needed.i0, row + needed.j0)).astype(np.int64)
        tile_of = np.full(needed.marks.shape, -1, np.int32)
        tile_of[row, column] = np.arange(len(tiles), dtype=np.int32)
        shape = (len(tiles), TILE, TILE)
        edge, share, leg = np.empty(shape, np.int32), np.empty(shape, np.float32), np.empty(shape, np.float32)
        grid = (index.segments, index.start, index.ids, index.size, index.x0, index.y0, index.nx, index.ny)
        along = (index.segments, index.edge, index.before_m, index.edge_m, AT_END_M)
        far = rules.reach_m + 1.5 * rules.pixel_m

        def work(first: int) -> None:
            last = min(first + _TILES_AT_ONCE, len(tiles))
            link_tiles(tiles, first, last, rules.pixel_m, far, *grid, edge, share, leg)
            if water is not None:
                for k in range(first, last):
                    bar_pixels(
                        water, tiles[k], edge[k], share[k], index.segments, rules.pixel_m, rules.bridge_m
                    )
            shares_along(edge[first:last].ravel(), share[first:last].ravel(), *along)

        firsts = range(0, len(tiles), _TILES_AT_ONCE)
        _in_threads(work, firsts, rules.threads)
        return cls(tile_of, needed.i0, needed.j0, edge, share, leg)

    def lateness(self, window: Window, streets: Streets, reach: Reach, limit_ms: int, rules: Rules) -> Floats:
        """Return how much too late each pixel of a window is, (rows, columns), ms; 0 or less is inside."""
        from access15._kernels.raster import late_field

        out = np.empty((window.j1 - window.j0 + 1, window.i1 - window.i0 + 1))
        late_field(
            window.i0, window.j0, self.tile_of, self.i0, self.j0, self.edge, self.share, self.leg_m,
            reach.labels, streets.edges, *reach.own.arrays, float(limit_ms), rules.ms_per_m, rules.reach_m,
            rules.strip_m, rules.pixel_m * rules.ms_per_m, out,
        )  # fmt: skip
        _keep_origins(out, window, reach, rules)
        return out


def _keep_origins(field: Floats, window: Window, reach: Reach, rules: Rules) -> None:
    """Put the four pixels around each facility inside, where its leg is short enough (in place)."""
    near = reach.sites.leg_m <= rules.reach_m
    for beside in (0, 1):
        for above in (0, 1):
            i = np.floor(reach.x[near] / rules.pixel_m).astype(np.int64) + beside - window.i0
            j = np.floor(reach.y[near] / rules.pixel_m).astype(np.int64) + above - window.j0
            here = (i >= 0) & (j >= 0) & (i < field.shape[1]) & (j < field.shape[0])
            at = j[here], i[here]
            field[at] = np.minimum(field[at], -_ORIGIN * rules.pixel_m * rules.ms_per_m)


def _in_threads(work: Any, items: range, threads: int) -> None:
    """Call ``work`` on every item, the first alone so that kernels are compiled once."""
    if len(items):
        work(items[0])
    if threads <= 1 or len(items) < 3:
        for item in items[1:]:
            work(item)
        return
    with ThreadPoolExecutor(threads) as pool:
        try:
            list(pool.map(work, items[1:]))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
