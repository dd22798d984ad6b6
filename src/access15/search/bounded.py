"""Bounded searches from sites, one by one or some neighbours at once, side by side in threads.

No nouns of the border here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from threading import Event
from typing import Any

import numpy as np

from access15.arrays import AnyArray, Float32s, Floats, Int32s, Ints, UInt32s
from access15.network import RoutingGraph
from access15.search.on_edges import Entries, Positions, end_entries, same_edge, start_entries
from access15.units import thread_count

_PAIRS_AT_ONCE = 1 << 18
"""Pairs to gather before they are handed on: few enough to stay in the cache of the processor."""
_SITES_AT_ONCE = 256
"""Most sites in one piece of work, so that threads end together."""
_GROUPS_AT_ONCE = 4
"""Most groups of neighbours in one piece of work."""
_KEPT = 1 << 21
"""Pairs that share a piece of memory: systems hand out large ones sooner than many small ones."""
_LARGEST_RING = 1 << 10
"""Most buckets of a queue: each keeps its own space. Arcs of hours (ferries) only make buckets wider."""
_BUCKET_SIZE = 256
"""Entries of a bucket at first; it doubles when one is full."""
_GROUP_BUCKET_SIZE = 1 << 12
"""The same where a queue serves a group of sites: all that few of them have reached is queued in few buckets."""
_PAIRS_TO_GROUP = 1 << 10
"""Pairs of a site from which on groups pay: handing a group on costs as much as a small search."""
_WORK_TO_GROUP = 1 << 22
"""Pairs of all from which on groups pay: their kernel is loaded and their work space cleared once."""
_NEAR = 0.5
"""Sites are neighbours if a group stands on a smaller part of the network than this share of the part of the cells that
one site reaches. At three quarters they gain nothing, at a third they are 1.6 times as quick."""
_NO_CELLS = Entries(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """What some sites reach.

    Attributes
    ----------
    site, count : (s,) int64
        Sites in rising order, and the cells of each.
    cell, time_ms, metres : (pairs,) int32, uint32, float32 or None
        Site by site, cells rising.
    """

    site: Ints
    count: Ints
    cell: Int32s
    time_ms: UInt32s
    metres: Float32s | None


class BoundedSearches:
    """Searches on one graph within one limit, from sites to cells.

    Parameters
    ----------
    graph : RoutingGraph
        Its arcs lead away from the sites.
    start : Entries
        Nodes each site starts at.
    site : (s,) int64
        Site of each of these, 0..``n_sites`` - 1.
    ends : Entries or None
        Nodes from which each cell is entered; without it the nodes themselves are the cells.
    n_sites, n_cells : int
    limit_ms : int
        Included; below 2**32 - 1.
    direct : (Int64s, Entries), optional
        Cells on the edge of a site: sites, and the ways along that edge.
    metres : bool
        Also measure the quickest paths.
    """

    def __init__(
        self,
        graph: RoutingGraph,
        start: Entries,
        site: Ints,
        ends: Entries | None,
        n_sites: int,
        n_cells: int,
        limit_ms: int,
        direct: tuple[Ints, Entries] | None = None,
        metres: bool = False,
    ) -> None:
        own_site, own = direct or (_NO_CELLS.point, _NO_CELLS)
        start_ptr, *starts = _rows(start, start.node, site, n_sites, metres)
        direct_ptr, *own_cells = _rows(own, own.point, own_site, n_sites, metres)
        entered = ends or _NO_CELLS
        end_ptr, *cells = _rows(entered, entered.point, entered.node, graph.n_nodes, metres)
        if ends is None:
            cells[0] = None
        self.arrays: tuple[Any, ...] = (
            graph.indptr,
            graph.arcs,
            graph.arc_m if metres else None,
            start_ptr,
            *starts,
            direct_ptr.astype(np.uint32),
            *own_cells,
            end_ptr.astype(np.uint32),
            *cells,
        )
        self.n_nodes, self.n_sites, self.n_cells = graph.n_nodes, n_sites, n_cells
        self.limit_ms, self.metres = limit_ms, metres
        span = min(max(graph.largest_ms, int(start.time_ms.max(initial=0)), 1), limit_ms)
        self.shift = graph.bucket_shift
        while (span >> self.shift) + 2 > _LARGEST_RING:
            self.shift += 1
        self.n_buckets = 1 << int((span >> self.shift) + 1).bit_length()
        self._graph, self._start = graph, (start, site)

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
        start, direct = start_entries(sites, graph), same_edge(sites, cells, graph)
        return cls(
            graph, start, start.point, end_entries(cells, graph), n_sites, n_cells, limit_ms, direct, metres
        )

    def run(self, threads: int | None = None, pairs: int | None = None) -> Iterator[tuple[Part, bool]]:
        """Yield what the sites reach, and whether all sites before these are done; ``threads`` search a little ahead.

        A piece of work is as many sites as reach a certain number of pairs, judged by those before it. When
        the iterator is closed or an interrupt arrives, the searches under way end within moments.
        Neighbours among the next sites, as many as reach about ``pairs`` (default: all), are searched
        at once where that pays; then their parts come in any order.
        """
        threads = thread_count(threads)
        spaces: list[WorkSpace] = []
        stop = Event()

        def work(piece: _Piece) -> list[Part]:
            space = spaces.pop() if spaces else WorkSpace(self)
            found = list(space.search(piece, stop))
            spaces.append(space)
            return found

        done = _Done()
        pieces = self._pieces(done, pairs)
        # The first site is searched alone, so that the kernel is compiled once.
        ahead = 1
        waiting: deque[tuple[_Piece, Future[list[Part]]]] = deque()
        pool = ThreadPoolExecutor(threads)
        try:
            while True:
                for piece in islice(pieces, ahead - len(waiting)):
                    waiting.append((piece, pool.submit(work, piece)))
                if not waiting:
                    break
                piece, future = waiting.popleft()
                found = future.result()
                done.sites += len(piece.sites)
                done.pairs += sum(len(part.cell) for part in found)
                while found:
                    part = found.pop(0)
                    # Consecutive sites come in their order, neighbours in any.
                    yield part, not piece.near or (piece.last and not found)
                ahead = 2 * threads
        finally:
            stop.set()
            pool.shutdown(cancel_futures=True)

    def _pieces(self, done: _Done, pairs: int | None) -> Iterator[_Piece]:
        """Yield pieces of work as they are asked for, judged by what is done until then."""
        first, rows, look = 0, 1, 1
        while first < self.n_sites:
            if first >= look:
                look = 2 * first
                groups = self._groups(first, done, pairs)
                for at in range(0, len(groups), _GROUPS_AT_ONCE):
                    sites = np.concatenate(groups[at : at + _GROUPS_AT_ONCE])
                    first += len(sites)
                    yield _Piece(sites, True, at + _GROUPS_AT_ONCE >= len(groups))
                if groups:
                    look = first
                    continue
            last = min(first + rows, self.n_sites)
            yield _Piece(np.arange(first, last), False, True)
            first = last
            rows = min(2 * rows, _SITES_AT_ONCE, max(1, _PAIRS_AT_ONCE * done.sites // max(done.pairs, 1)))

    def _groups(self, first: int, done: _Done, pairs: int | None) -> list[Ints]:
        """Return the next sites in groups of neighbours; nothing where they have few or are not worth it."""
        from access15._kernels._rows import LANES

        each = done.pairs / max(done.sites, 1)
        count = min(self.n_sites - first, self.n_sites if pairs is None else int(pairs / max(each, 1)))
        if count < LANES or self.metres or LANES * (self.limit_ms + 1) >= 1 << 32:
            return []
        if each < _PAIRS_TO_GROUP or each * count < _WORK_TO_GROUP:
            return []
        start, site = self._start
        row = np.zeros(self.n_sites, np.int64)
        row[site] = self._graph.node_of[start.node]
        row = row[first : first + count]
        # Rows are in the order of a Hilbert curve: what is near in it is near on the map.
        order = np.argsort(row, kind="stable")
        ends = np.arange(0, count, LANES), np.minimum(np.arange(0, count, LANES) + LANES, count) - 1
        span = row[order[ends[1]]] - row[order[ends[0]]]
        if np.median(span) / self.n_nodes > _NEAR * each / self.n_cells:
            return []
        return [first + np.sort(order[k : k + LANES]) for k in range(0, count, LANES)]


@dataclass(slots=True)
class _Done:
    """What the searches have found so far."""

    sites: int = 0
    pairs: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    """Sites for one thread: groups of neighbours, or consecutive ones; after the ``last`` piece all before it are searched."""

    sites: Ints
    near: bool
    last: bool


class WorkSpace:
    """What one thread searches in; kept from search to search and never cleared in between."""

    def __init__(self, searches: BoundedSearches) -> None:
        self._searches = searches
        n, k = searches.n_nodes, searches.n_cells
        most_pairs = k + _PAIRS_AT_ONCE
        # Only what is touched of these becomes memory.
        self._space: tuple[AnyArray | None, ...] = (
            np.empty(n, np.uint32),
            np.empty(n) if searches.metres else None,
            np.empty(n + 1, np.uint32),
        )
        self._queue = np.empty((searches.n_buckets, _BUCKET_SIZE), np.uint32)
        self._queued = np.zeros(searches.n_buckets, np.uint32)
        self._cells: tuple[AnyArray | None, ...] = (
            np.empty(k, np.uint32),
            np.empty(k) if searches.metres else None,
            np.empty(k + 1, np.uint32),
            np.zeros(max(n, k) // 32 + 1, np.uint32),
            np.zeros(max(n, k) // 1024 + 1, np.uint32),
        )
        self._out = np.empty(most_pairs, np.int32), np.empty(most_pairs, np.uint32)
        self._out_m = np.empty(most_pairs, np.float32) if searches.metres else None
        self._epoch = np.zeros(1, np.int64)
        self._lanes: _Lanes | None = None

    def search(self, piece: _Piece, stop: Event | None = None) -> Iterator[Part]:
        """Yield what the sites of a piece of work reach, until ``stop`` is set."""
        if not piece.near:
            yield from self.parts(int(piece.sites[0]), int(piece.sites[-1]) + 1, stop)
            return
        self._lanes = self._lanes or _Lanes(self._searches)
        lanes = self._lanes
        for first in range(0, len(piece.sites), lanes.count.size):
            if stop and stop.is_set():
                return
            yield lanes.part(piece.sites[first : first + lanes.count.size])

    def parts(self, first: int, last: int, stop: Event | None = None) -> Iterator[Part]:
        """Yield what the sites ``first..last - 1`` reach, until ``stop`` is set."""
        from access15._kernels.bounded import bounded_rows

        searches, (cell, time_ms), metres = self._searches, self._out, self._out_m
        while first < last and not (stop and stop.is_set()):
            count = np.empty(last - first, np.int64)
            done, written, self._queue = bounded_rows(
                *searches.arrays,
                first,
                last,
                searches.limit_ms,
                searches.shift,
                self._epoch,
                *self._space,
                self._queue,
                self._queued,
                *self._cells,
                cell,
                time_ms,
                metres,
                count,
            )
            yield Part(
                np.arange(first, first + done),
                count[:done],
                cell[:written].copy(),
                time_ms[:written].copy(),
                None if metres is None else metres[:written].copy(),
            )
            first += done


class _Lanes:
    """What one thread searches in from a group of sites at once; kept as `WorkSpace` is."""

    def __init__(self, searches: BoundedSearches) -> None:
        from access15._kernels._rows import LANES
        from access15._kernels.lanes import AHEAD, BATCH, FEW

        indptr, arcs, _, start_ptr, starts, _, direct_ptr, direct, _, end_ptr, ends, _ = searches.arrays
        self._searches = searches
        self._arrays = (
            indptr,
            arcs.ravel() if len(arcs) else np.zeros(2, np.uint32),
            start_ptr,
            starts,
            direct_ptr,
            direct,
            end_ptr,
            None if ends is None else ends.ravel(),
        )
        n, k = searches.n_nodes, searches.n_cells
        # The labels of all lanes are added up, and a node waits for all of them: four times as wide for each.
        self._width, span = searches.shift + LANES.bit_length() + 1, LANES * (searches.limit_ms + 1)
        while span >> self._width >= _LARGEST_RING:
            self._width += 1
        self._queued = np.zeros((span >> self._width) + 2, np.uint32)
        self._queue = np.zeros(len(self._queued) * _GROUP_BUCKET_SIZE + AHEAD, np.uint32)
        self._offers = np.empty((BATCH * max(FEW, int(np.diff(indptr).max(initial=0))) + FEW, 3), np.uint32)
        self._epoch = np.zeros(1, np.int64)
        self._space = (
            np.empty(n * LANES, np.uint32),
            np.full(n, 0xFFFFFFFF, np.uint32),
            np.empty(n + 1, np.uint32),
        )
        self._cells = (
            np.empty(k * LANES, np.uint32),
            np.empty(k + 1, np.uint32),
            np.zeros(max(n, k) // 32 + 1, np.uint32),
            np.zeros(max(n, k) // 1024 + 1, np.uint32),
        )
        self._out = np.empty((LANES, k + 1), np.int32), np.empty((LANES, k + 1), np.uint32)
        self.count = np.empty(LANES, np.int64)
        self._kept = np.empty(0, np.int32), np.empty(0, np.uint32)
        self._used = 0

    def part(self, sites: Ints) -> Part:
        """Return what some sites reach."""
        from access15._kernels.lanes import AHEAD, group_rows

        while not group_rows(
            *self._arrays,
            sites,
            self._searches.limit_ms,
            self._width,
            self._epoch,
            *self._space,
            self._queue,
            self._queued,
            self._offers,
            *self._cells,
            *self._out,
            self.count,
        ):
            self._queue = np.zeros(2 * (len(self._queue) - AHEAD) + AHEAD, np.uint32)
        count = self.count[: len(sites)].copy()
        first, last = self._used, self._used + int(count.sum())
        if last > len(self._kept[0]):
            first, last = 0, last - first
            self._kept = np.empty(max(last, _KEPT), np.int32), np.empty(max(last, _KEPT), np.uint32)
        self._used = last
        cell, time_ms = self._kept[0][first:last], self._kept[1][first:last]
        for out, part in zip(self._out, (cell, time_ms), strict=True):
            np.concatenate([row[:pairs] for row, pairs in zip(out, count, strict=False)], out=part)
        return Part(sites, count, cell, time_ms, None)


def _rows(
    entries: Entries, column: Ints, key: Ints, size: int, metres: bool
) -> tuple[AnyArray, UInt32s, Floats | None]:
    """Return ``(indptr, (column, time), metres or None)`` of the entries grouped by ``key`` (0..``size`` - 1)."""
    indptr, order = entries.rows_by(key, size)
    pairs = np.empty((len(order), 2), np.uint32)
    pairs[:, 0], pairs[:, 1] = column[order], entries.time_ms[order]
    return indptr, pairs, entries.metres[order] if metres else None
