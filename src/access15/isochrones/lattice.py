"""Where pixels stand on the streets, linked tile by tile and kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from access15.isochrones.water import Water, bar_pixels
from access15.network.link import AT_END_M, SegmentIndex

Int64s = npt.NDArray[np.int64]
T = TypeVar("T")

MOST_TILES = 5_000
"""Tiles kept for later calls, of all networks and profiles together: 20 million pixels, 240 MB."""

_TILES_AT_ONCE = 32
_LOCK = Lock()


@dataclass(frozen=True, eq=False)
class Linked:
    """Edge (-1 for none), share along it and leg of the pixels of some tiles, each (tiles, TILE, TILE)."""

    edge: npt.NDArray[np.int32]
    share: npt.NDArray[np.float32]
    leg_m: npt.NDArray[np.float32]

    @classmethod
    def room(cls, tiles: int) -> Linked:
        """Return room for some tiles; only what is written to becomes memory."""
        from access15._kernels.raster import TILE

        shape = (tiles, TILE, TILE)
        return cls(np.empty(shape, np.int32), np.empty(shape, np.float32), np.empty(shape, np.float32))

    @property
    def arrays(self) -> tuple[npt.NDArray[Any], ...]:
        """The arguments ``link_edge, link_share, link_m`` of `access15._kernels.raster.late_strip`."""
        return self.edge, self.share, self.leg_m

    def put(self, at: int, other: Linked, rows: Any) -> None:
        """Copy some rows of ``other`` to row ``at`` and those after it."""
        for mine, others in zip(self.arrays, other.arrays, strict=True):
            mine[at : at + len(rows)] = others[rows]


class Lattice:
    """Links of pixels to the streets of an index: linked when first needed, and kept.

    Parameters
    ----------
    index : SegmentIndex
    pixel_m : float
        Distance between pixels.
    far_m : float
        Pixels further from a street are linked to none.
    water : Water, optional
        Pixels whose leg crosses it are linked to none.
    bridge_m : float
        See `Water.bars`.
    """

    def __init__(
        self,
        index: SegmentIndex,
        pixel_m: float,
        far_m: float,
        water: Water | None = None,
        bridge_m: float = 0.0,
    ) -> None:
        self._grid = index.grid
        self._along = (index.segments, index.edge, index.before_m, index.edge_m, AT_END_M)
        self.pixel_m, self.far_m = pixel_m, far_m
        self._water, self._bridge_m = water, bridge_m
        self._row: dict[tuple[int, int], int] = {}
        self._linked = Linked.room(0)

    @classmethod
    def kept(cls, index: SegmentIndex, pixel_m: float, far_m: float) -> Lattice:
        """Return the lattice without water that an earlier call made, or a new one that later calls will find."""
        with _LOCK:
            known = _KEPT.get(index)
            if known is None or (known.pixel_m, known.far_m) != (pixel_m, far_m):
                known = _KEPT[index] = cls(index, pixel_m, far_m)
        return known

    def link(self, tiles: Int64s, threads: int = 1) -> Linked:
        """Link every pixel of some tiles to its nearest street, as `link_points` links points.

        Parameters
        ----------
        tiles : (t, 2) int64
            Column and row of each.
        threads : int
        """
        from access15._kernels.raster import link_tiles, shares_along

        out = Linked.room(len(tiles))

        def work(first: int) -> None:
            last = min(first + _TILES_AT_ONCE, len(tiles))
            edge, share = out.edge[first:last], out.share[first:last]
            link_tiles(tiles, first, last, self.pixel_m, self.far_m, *self._grid, *out.arrays)
            if self._water is not None:
                for tile, on, at in zip(tiles[first:last], edge, share, strict=True):
                    bar_pixels(self._water, tile, on, at, self._grid[0], self.pixel_m, self._bridge_m)
            shares_along(edge.ravel(), share.ravel(), *self._along)

        in_threads(work, range(0, len(tiles), _TILES_AT_ONCE), threads)
        return out

    def linked(self, tiles: Int64s, threads: int = 1) -> tuple[Linked, npt.NDArray[np.int32]]:
        """Return links that hold some tiles, and the row of each tile in them, (t,).

        Threads that miss the same tile at the same time may both link it; the links are the same. What has been
        returned is never written to again, even if the tiles are dropped to make room for others.
        """
        keys = list(map(tuple, tiles.tolist()))
        with _LOCK:
            known, row = self._linked, np.array([self._row.get(key, -1) for key in keys], np.int32)
        missing = np.flatnonzero(row < 0)
        if not len(missing):
            return known, row
        new = self.link(tiles[missing], threads)
        if len(tiles) > MOST_TILES and len(missing) == len(tiles):
            return new, np.arange(len(tiles), dtype=np.int32)
        with _LOCK:
            kept = {*_KEPT.values(), self}
            if sum(len(lattice._row) for lattice in kept) + len(missing) > MOST_TILES:
                for lattice in kept:
                    lattice._drop()
            at = np.full(len(tiles), -1)
            at[missing] = np.arange(len(missing))
            lost = np.array([key not in self._row for key in keys])
            for source, rows in ((known, np.where(at < 0, row, -1)), (new, at)):
                self._add(source, np.flatnonzero(lost & (rows >= 0)), rows, keys)
            return self._linked, np.array([self._row[key] for key in keys], np.int32)

    def _drop(self) -> None:
        self._row, self._linked = {}, Linked.room(0)

    def _add(self, source: Linked, which: Int64s, rows: Any, keys: list[tuple[int, ...]]) -> None:
        """Keep the tiles ``which``; they are ``rows[which]`` of ``source``."""
        count = len(self._row)
        if count + len(which) > len(self._linked.edge):
            larger = Linked.room(max(2 * count, count + len(which)))
            larger.put(0, self._linked, np.arange(count))
            self._linked = larger
        self._linked.put(count, source, rows[which])
        self._row.update({keys[k]: count + n for n, k in enumerate(which.tolist())})


_KEPT: WeakKeyDictionary[SegmentIndex, Lattice] = WeakKeyDictionary()


def drop_all() -> None:
    """Forget all links of pixels that are kept, to free memory or to time a first call."""
    with _LOCK:
        _KEPT.clear()


def in_threads(work: Callable[[T], None], items: Sequence[T], threads: int) -> None:
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
