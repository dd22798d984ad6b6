"""One bounded search per site, side by side in threads; no nouns of the border here."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event
from typing import Any

import numpy as np
import numpy.typing as npt

from access15.network import RoutingGraph
from access15.travel_time.attach import Holds, Positions, holds, same_edge, seeds
from access15.units import thread_count

Int64s = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_PAIRS_AT_ONCE = 1 << 18
"""Pairs to gather before they are handed on: few enough to stay in the cache of the processor."""
_SITES_AT_ONCE = 256
"""Most sites in one piece of work, so that threads end together."""
_LARGEST_RING = 1 << 10
"""Most buckets of a queue: each keeps its own room. Arcs of hours (ferries) only make buckets wider."""
_ROOM = 256
"""Room of a bucket at first; it doubles when one is full."""
_NO_CELLS = Holds(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """What some consecutive sites reach.

    Attributes
    ----------
    count : (s,) int64
        Cells of each site.
    cell, time_ms, metres : (pairs,) int32, uint32, float32 or None
        Site by site, cells rising.
    """

    count: Int64s
    cell: npt.NDArray[np.int32]
    time_ms: npt.NDArray[np.uint32]
    metres: npt.NDArray[np.float32] | None


class BoundedSearches:
    """Searches on one graph within one limit, from sites to cells.

    Parameters
    ----------
    graph : RoutingGraph
        Its arcs lead away from the sites.
    start : Holds
        Nodes each site starts at.
    site : (s,) int64
        Site of each of these, 0..``n_sites`` - 1.
    hold : Holds or None
        Nodes from which each cell is entered; without it the nodes themselves are the cells.
    n_sites, n_cells : int
    limit_ms : int
        Included; below 2**32 - 1.
    direct : (Int64s, Holds), optional
        Cells on the edge of a site: sites, and the ways along that edge.
    metres : bool
        Also measure the quickest paths.
    """

    def __init__(
        self,
        graph: RoutingGraph,
        start: Holds,
        site: Int64s,
        hold: Holds | None,
        n_sites: int,
        n_cells: int,
        limit_ms: int,
        direct: tuple[Int64s, Holds] | None = None,
        metres: bool = False,
    ) -> None:
        own_site, own = direct or (_NO_CELLS.point, _NO_CELLS)
        seed_ptr, *seed = _rows(start, start.node, site, n_sites, metres)
        direct_ptr, *own_cells = _rows(own, own.point, own_site, n_sites, metres)
        held = hold or _NO_CELLS
        hold_ptr, *cells = _rows(held, held.point, held.node, graph.n_nodes, metres)
        if hold is None:
            cells[0] = None
        self.arrays = (
            graph.indptr, graph.arcs, graph.arc_m if metres else None, seed_ptr, *seed,
            direct_ptr.astype(np.uint32), *own_cells, hold_ptr.astype(np.uint32), *cells,
        )  # fmt: skip
        self.n_nodes, self.n_sites, self.n_cells = graph.n_nodes, n_sites, n_cells
        self.limit_ms, self.metres = limit_ms, metres
        span = min(max(graph.largest_ms, int(start.time_ms.max(initial=0)), 1), limit_ms)
        self.shift = graph.bucket_shift
        while (span >> self.shift) + 2 > _LARGEST_RING:
            self.shift += 1
        self.n_buckets = 1 << int((span >> self.shift) + 1).bit_length()

    @classmethod
    def between(
        cls,
        graph: RoutingGraph,
        sites: Positions,
        cells: Positions,
        n_sites: int,
        n_cells: int,
        limit_ms: int,
        metres: bool = False,
    ) -> BoundedSearches:
        """Return the searches between positions on the graph; rows of both count in their nouns."""
        start, direct = seeds(sites, graph), same_edge(sites, cells, graph)
        return cls(graph, start, start.point, holds(cells, graph), n_sites, n_cells, limit_ms, direct, metres)

    def run(self, threads: int | None = None) -> Iterator[Part]:
        """Yield what the sites reach, in their order; ``threads`` search a little ahead.

        A piece of work is as many sites as reach a certain number of pairs, judged by those before it. When
        the iterator is closed or an interrupt arrives, the searches under way end within moments.
        """
        threads = thread_count(threads)
        spaces: list[WorkSpace] = []
        stop = Event()

        def work(first: int, last: int) -> list[Part]:
            space = spaces.pop() if spaces else WorkSpace(self)
            found = list(space.parts(first, last, stop))
            spaces.append(space)
            return found

        first, rows, pairs = 0, 1, 0
        # The first site is searched alone, so that the kernel is compiled once.
        ahead = 1
        waiting: deque[Future[list[Part]]] = deque()
        pool = ThreadPoolExecutor(threads)
        try:
            while first < self.n_sites or waiting:
                while first < self.n_sites and len(waiting) < ahead:
                    last = min(first + rows, self.n_sites)
                    waiting.append(pool.submit(work, first, last))
                    first = last
                found = waiting.popleft().result()
                pairs += sum(len(part.cell) for part in found)
                rows = min(2 * rows, _SITES_AT_ONCE, max(1, _PAIRS_AT_ONCE * first // max(pairs, 1)))
                ahead = 2 * threads
                yield from found
        finally:
            stop.set()
            pool.shutdown(cancel_futures=True)


class WorkSpace:
    """What one thread searches in; kept from search to search and never cleared in between."""

    def __init__(self, searches: BoundedSearches) -> None:
        self._searches = searches
        n, k = searches.n_nodes, searches.n_cells
        room = k + _PAIRS_AT_ONCE
        # Only what is touched of these becomes memory.
        self._space: tuple[npt.NDArray[Any] | None, ...] = (
            np.empty(n, np.uint32),
            np.empty(n) if searches.metres else None,
            np.empty(n + 1, np.uint32),
        )
        self._queue = np.empty((searches.n_buckets, _ROOM), np.uint32)
        self._queued = np.zeros(searches.n_buckets, np.uint32)
        self._cells: tuple[npt.NDArray[Any] | None, ...] = (
            np.empty(k, np.uint32),
            np.empty(k) if searches.metres else None,
            np.empty(k + 1, np.uint32),
            np.zeros(max(n, k) // 32 + 1, np.uint32),
            np.zeros(max(n, k) // 1024 + 1, np.uint32),
        )
        self._out = np.empty(room, np.int32), np.empty(room, np.uint32)
        self._out_m = np.empty(room, np.float32) if searches.metres else None
        self._epoch = np.zeros(1, np.int64)

    def parts(self, first: int, last: int, stop: Event | None = None) -> Iterator[Part]:
        """Yield what the sites ``first..last - 1`` reach, until ``stop`` is set."""
        from access15._kernels.bounded import bounded_rows

        searches, (cell, time_ms), metres = self._searches, self._out, self._out_m
        while first < last and not (stop and stop.is_set()):
            count = np.empty(last - first, np.int64)
            done, written, self._queue = bounded_rows(
                *searches.arrays, first, last, searches.limit_ms, searches.shift, self._epoch, *self._space,
                self._queue, self._queued, *self._cells, cell, time_ms, metres, count,
            )  # fmt: skip
            yield Part(
                count[:done],
                cell[:written].copy(),
                time_ms[:written].copy(),
                None if metres is None else metres[:written].copy(),
            )
            first += done


def _rows(
    entries: Holds, column: Int64s, key: Int64s, size: int, metres: bool
) -> tuple[npt.NDArray[Any], npt.NDArray[np.uint32], Floats | None]:
    """Return ``(indptr, (column, time), metres or None)`` of the entries grouped by ``key`` (0..``size`` - 1)."""
    indptr, order = entries.rows_by(key, size)
    pairs = np.empty((len(order), 2), np.uint32)
    pairs[:, 0], pairs[:, 1] = column[order], entries.time_ms[order]
    return indptr, pairs, entries.metres[order] if metres else None
