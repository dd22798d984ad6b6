"""What both ways of counting are given, and the threads they run in."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from access15.arrays import Floats, Int32s, Ints, UInt32s
from access15.network import RoutingGraph

Space = TypeVar("Space")

SOURCES_AT_ONCE = 2048
"""Sources per call of a kernel: enough to hide its start, few enough to share work and stop on Ctrl-C."""


@dataclass(frozen=True, eq=False)
class Task:
    """People within a limit of every source, in arrays.

    Attributes
    ----------
    graph : RoutingGraph
        Searches leave the sources on it; n rows.
    x, y : (n,) float64
        Where the rows are, metres.
    start_ptr, start_row : (k + 1,) int64, (s,) uint32
        Rows each of the k sources stands on, in compressed rows.
    end_ptr, end_cell, end_ms : (n + 1,) int64, (h,) int32, (h,) uint32
        Cells that are entered from each row, nearest first, in compressed rows.
    people : (cells, groups) int64
        Whole numbers: sums do not depend on their order.
    limit_ms : int
    """

    graph: RoutingGraph
    x: Floats
    y: Floats
    start_ptr: Ints
    start_row: UInt32s
    end_ptr: Ints
    end_cell: Int32s
    end_ms: UInt32s
    people: Ints
    limit_ms: int

    @property
    def n_sources(self) -> int:
        """Number of sources."""
        return len(self.start_ptr) - 1

    def new_counts(self) -> Ints:
        """Return an empty array for the answer, (sources, groups)."""
        return np.zeros((self.n_sources, self.people.shape[1]), np.int64)


def in_threads(
    count: Callable[[int, int, Space], None], new_space: Callable[[], Space], n_sources: int, threads: int
) -> None:
    """Call ``count(first, last, work space)`` for all sources, side by side; a work space is never shared."""
    spaces: list[Space] = []

    def work(first: int) -> None:
        space = spaces.pop() if spaces else new_space()
        count(first, min(first + SOURCES_AT_ONCE, n_sources), space)
        spaces.append(space)

    firsts = range(0, n_sources, SOURCES_AT_ONCE)
    if n_sources:
        work(0)  # alone, so that the kernel is compiled once
    with ThreadPoolExecutor(max(1, min(threads, len(firsts)))) as pool:
        try:
            list(pool.map(work, firsts[1:]))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
