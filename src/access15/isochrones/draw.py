"""Polygons of what searches reached: of one search piece by piece, of many searches side by side."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from access15.isochrones.contours import Rings, joined
from access15.isochrones.pixels import LinkedPixels, Rules, TileMarks, Window
from access15.isochrones.reach import FacilityReaches, Reach, Streets, take
from access15.isochrones.water import Water
from access15.network.link import SegmentIndex
from access15.travel_time.attach import Positions

Floats = npt.NDArray[np.float64]
Shapes = npt.NDArray[np.object_]

PIECE_TILES = 32
"""Tiles along the side of a piece: about 4 million pixels are in memory at a time."""

WINDOW_TILES = 8
"""Tiles along the side of one contour: empty stretches in between are skipped."""

MOST_PIXELS = 40_000_000
"""Linked pixels kept for many searches side by side (12 bytes each)."""

WIDEST_WINDOW = 8_000_000
"""A single search that needs more pixels is drawn piece by piece."""

_SITES_AT_ONCE = 16


@dataclass(frozen=True, eq=False)
class Drawing:
    """What all polygons of one call share."""

    streets: Streets
    index: SegmentIndex
    limits_ms: tuple[int, ...]
    rules: Rules
    water: Water | None = None

    def one(self, reach: Reach) -> Shapes:
        """Return the polygons of one search, one per limit, in memory that does not grow with its extent."""
        marks = [TileMarks.of(reach.boxes(self.streets, limit), self.rules) for limit in self.limits_ms]
        widest = marks[-1]
        parts: list[list[tuple[Shapes, Floats]]] = [[] for _ in self.limits_ms]
        if widest is not None:
            for j in range(0, widest.marks.shape[0], PIECE_TILES):
                for i in range(0, widest.marks.shape[1], PIECE_TILES):
                    if not widest.part(i, j, PIECE_TILES).marks.any():
                        continue
                    # One more tile each way: neighbouring pieces share a line of pixels.
                    linked = LinkedPixels.of(
                        self.index, widest.part(i, j, PIECE_TILES + 1), self.rules, self.water
                    )
                    for level, limit in enumerate(self.limits_ms):
                        parts[level].append(self._piece(linked, marks[level], (i, j), widest, reach, limit))
        out = np.empty(len(parts), object)
        for level, pieces in enumerate(parts):
            shapes = [np.empty(0, object), *(piece[0] for piece in pieces)]
            borders = [np.empty((0, 4)), *(piece[1] for piece in pieces)]
            out[level] = joined(np.concatenate(shapes), np.concatenate(borders))
        return out

    def _piece(
        self,
        linked: LinkedPixels,
        marks: TileMarks | None,
        corner: tuple[int, int],
        widest: TileMarks,
        reach: Reach,
        limit_ms: int,
    ) -> tuple[Shapes, Floats]:
        """Return polygons and borders of the windows of one piece; its first tile in ``widest`` is ``corner``."""
        rings = Rings(self.rules.pixel_m)
        for j in range(corner[1], corner[1] + PIECE_TILES, WINDOW_TILES):
            for i in range(corner[0], corner[0] + PIECE_TILES, WINDOW_TILES):
                window = None if marks is None else marks.within(widest.i0 + i, widest.j0 + j, WINDOW_TILES)
                if window is not None:
                    rings.add(linked.lateness(window, self.streets, reach, limit_ms, self.rules), window)
        return rings.multipolygons(), rings.borders

    def each(self, sites: Positions, x: Floats, y: Floats) -> Shapes:
        """Return the polygons of every site, (sites, limits); ``x, y`` are all facilities."""
        out = np.empty((len(sites), len(self.limits_ms)), object)
        todo = [np.arange(len(sites))] if len(sites) else []
        while todo:
            rows = todo.pop()
            some = take(sites, rows)
            reach = Reach.together(self.streets, some, x, y, self.limits_ms[-1])
            marks = TileMarks.of(reach.boxes(self.streets, self.limits_ms[-1]), self.rules)
            if marks is not None and marks.pixels > MOST_PIXELS and len(rows) > 1:
                # Too much to keep: first one half of the sites, then the other.
                along = x if np.ptp(x[some.row]) > np.ptp(y[some.row]) else y
                order = rows[np.argsort(along[some.row], kind="stable")]
                todo += [np.sort(order[len(order) // 2 :]), np.sort(order[: len(order) // 2])]
            elif marks is not None and marks.pixels > MOST_PIXELS:
                out[rows[0]] = self.one(reach)
            else:
                linked = None if marks is None else LinkedPixels.of(self.index, marks, self.rules, self.water)
                out[rows] = self._side_by_side(some, x, y, linked)
        return out

    def _side_by_side(self, sites: Positions, x: Floats, y: Floats, linked: LinkedPixels | None) -> Shapes:
        blocks = [range(k, min(k + _SITES_AT_ONCE, len(sites))) for k in range(0, len(sites), _SITES_AT_ONCE)]
        threads = max(1, min(self.rules.threads, len(blocks)))
        spaces = [FacilityReaches(self.streets, sites, x, y, self.limits_ms[-1]) for _ in range(threads)]

        def work(block: range) -> Shapes:
            space = spaces.pop()
            try:
                return self._block(space, block, linked)
            finally:
                spaces.append(space)

        parts = [work(blocks[0])]
        if threads == 1:
            parts += [work(block) for block in blocks[1:]]
        else:
            with ThreadPoolExecutor(threads) as pool:
                try:
                    parts += pool.map(work, blocks[1:])
                except BaseException:
                    pool.shutdown(cancel_futures=True)
                    raise
        return np.concatenate(parts)

    def _block(self, space: FacilityReaches, block: range, linked: LinkedPixels | None) -> Shapes:
        rings = Rings(self.rules.pixel_m)
        wide: dict[int, Shapes] = {}
        for site in block:
            reach = space.of(site)
            for limit in self.limits_ms:
                window = Window.around(reach.box(self.streets, limit), self.rules)
                if window is not None and window.size > WIDEST_WINDOW and site not in wide:
                    wide[site] = self.one(reach)
                if window is None or linked is None or site in wide:
                    rings.add(None, None)
                else:
                    rings.add(linked.lateness(window, self.streets, reach, limit, self.rules), window)
            space.done(reach)
        shapes: Shapes = rings.multipolygons().reshape(len(block), len(self.limits_ms))
        for site, drawn in wide.items():
            shapes[site - block.start] = drawn
        return shapes
