"""Where pixels stand on the streets, linked tile by tile and kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TypeVar
from weakref import WeakKeyDictionary

import numpy as np

from access15.arrays import AnyArray, Floats, Int32s, Ints
from access15.isochrones.pixel_joins import Joins
from access15.isochrones.water import Water, bar_pixels
from access15.network import SegmentIndex

T = TypeVar("T")

MOST_TILES = 20_000
"""Tiles kept for later calls, of all networks and profiles together: 20 million pixels, 260 MB."""

_TILES_AT_ONCE = 128
_LOCK = Lock()


class TileSpace:
    """Links of the pixels of some tiles, as `access15._kernels.raster.late_strip` reads them."""

    def __init__(self, tiles: int) -> None:
        from access15._kernels.raster import BLOCKS, PIXELS

        kinds = np.int32, np.uint8, np.float32, np.float32
        # Only what is written to becomes memory.
        self.arrays = (
            *(np.empty((tiles, BLOCKS, PIXELS), kind) for kind in kinds),
            np.empty((tiles, BLOCKS), np.float32),
        )
        self.row: dict[tuple[int, ...], int] = {}
        self.used = 0


class Lattice:
    """Links of pixels to the streets of an index: linked when first needed, and kept.

    Parameters
    ----------
    joins : Joins
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
        joins: Joins,
        pixel_m: float,
        far_m: float,
        water: Water | None = None,
        bridge_m: float = 0.0,
    ) -> None:
        self._joins = joins
        self.pixel_m, self.far_m = pixel_m, far_m
        self._water, self._bridge_m = water, bridge_m
        self._space = TileSpace(MOST_TILES)

    @classmethod
    def kept(cls, joins: Joins, pixel_m: float, far_m: float) -> Lattice:
        """Return the lattice without water that an earlier call made, or a new one that later calls will find."""
        with _LOCK:
            index = joins.choices.index or joins.choices.motorways
            assert index is not None, "there are joins only where there are streets"
            known = _KEPT.get(index)
            if known is None or (known.pixel_m, known.far_m) != (pixel_m, far_m):
                known = _KEPT[index] = cls(joins, pixel_m, far_m)
        return known

    def linked(self, tiles: Ints, threads: int = 1) -> tuple[tuple[AnyArray, ...], Int32s]:
        """Return links of pixels, each to its nearest street as `link_points` links points.

        Threads that miss the same tile at the same time both link it; the links are the same.

        Parameters
        ----------
        tiles : (t, 2) int64
            Column and row of each.
        threads : int

        Returns
        -------
        arrays : tuple of arrays
            The arguments ``link_edges … longest_m`` of `access15._kernels.raster.late_strip`. They stay as they
            are, even where the tiles are dropped to make space for others.
        row : (t,) int32
            Where each tile is in them.
        """
        keys = list(map(tuple, tiles.tolist()))
        with _LOCK:
            space = self._space_for(keys)
            row = np.array([space.row.get(key, -1) for key in keys], np.int32)
            missing = np.flatnonzero(row < 0)
            first, space.used = space.used, space.used + len(missing)
        if len(missing):
            row[missing] = np.arange(first, first + len(missing))
            self._link(
                tiles[missing], [array[first : first + len(missing)] for array in space.arrays], threads
            )
            with _LOCK:
                space.row.update({keys[k]: int(row[k]) for k in missing})
        return space.arrays, row

    def _space_for(self, keys: list[tuple[int, ...]]) -> TileSpace:
        """Return the tile space of this lattice, emptied if there is no space for the tiles that it does not have."""
        more = sum(key not in self._space.row for key in keys)
        kept = {*_KEPT.values(), self}
        if sum(lattice._space.used for lattice in kept) + more > MOST_TILES:
            for lattice in kept:
                lattice._space = TileSpace(MOST_TILES)
        return self._space if len(keys) <= MOST_TILES else TileSpace(len(keys))

    def _link(self, tiles: Ints, out: list[AnyArray], threads: int) -> None:
        from access15._kernels.raster import PIXELS, link_tiles, shares_along

        def work(first: int) -> None:
            some = tiles[first : first + _TILES_AT_ONCE]
            edge, slot, share, leg_m, longest_m = (array[first : first + _TILES_AT_ONCE] for array in out)
            link_tiles(some, self.pixel_m, self.far_m, *self._joins.grid, edge, share, leg_m)

            def where(of: Ints = some) -> Floats:
                return np.asarray(pixels_of(of) * self.pixel_m, np.float64)

            self._joins.amend(where, edge.reshape(-1), share.reshape(-1), leg_m.reshape(-1), self.far_m)
            if self._water is not None:
                for tile, on, at in zip(some, edge, share, strict=True):
                    segments = self._joins.segments
                    bar_pixels(self._water, where(tile), on.ravel(), at.ravel(), segments, self._bridge_m)
            blocks = [array.reshape(-1, PIXELS) for array in (edge, share, leg_m, slot)]
            shares_along(*blocks, longest_m.ravel(), *self._joins.along)

        in_threads(work, range(0, len(tiles), _TILES_AT_ONCE), threads)


_KEPT: WeakKeyDictionary[SegmentIndex, Lattice] = WeakKeyDictionary()


def pixels_of(tiles: Ints) -> Ints:
    """Return column and row in the lattice of the pixels of some tiles, in the order of their links, (pixels, 2)."""
    from access15._kernels.raster import BLOCK, TILE

    side = TILE // BLOCK
    row, column, j, i = np.indices((side, side, BLOCK, BLOCK)).reshape(4, -1)
    within = np.column_stack((column * BLOCK + i, row * BLOCK + j))
    return (np.atleast_2d(tiles)[:, None] * TILE + within).reshape(-1, 2)


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
