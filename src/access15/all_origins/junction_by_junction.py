"""One bounded search per source: the plain way, and the quicker one where little is within reach."""

from __future__ import annotations

import numpy as np

from access15.all_origins.task import Task, in_threads
from access15.arrays import Ints, UInt32s
from access15.search import bucket_sizes

_SAMPLE = 64


def count_by_search(task: Task, threads: int) -> Ints:
    """Return the people within the limit of each source, (sources, groups).

    Work space: 4 bytes per row and cell for every thread.
    """
    counts = task.new_counts()

    def count(first: int, last: int, space: tuple[UInt32s, UInt32s]) -> None:
        _count(task, first, last, space, counts)

    in_threads(count, lambda: _space(task), task.n_sources, threads)
    return counts


def mean_reach(task: Task) -> float:
    """Return how many rows a search reaches, in the mean over a few sources spread evenly."""
    sample = np.unique(np.linspace(0, task.n_sources - 1, min(_SAMPLE, task.n_sources)).astype(np.int64))
    space, counts = _space(task), task.new_counts()
    reached = [_count(task, int(source), int(source) + 1, space, counts) for source in sample]
    return float(np.mean(reached)) if reached else 0.0


def _space(task: Task) -> tuple[UInt32s, UInt32s]:
    return np.empty(task.graph.n_nodes, np.uint32), np.empty(len(task.people), np.uint32)


def _count(task: Task, first: int, last: int, space: tuple[UInt32s, UInt32s], counts: Ints) -> int:
    from access15._kernels.reach import people_within

    reached: int = people_within(
        task.graph.indptr,
        task.graph.arcs,
        task.start_ptr,
        task.start_row,
        task.end_ptr,
        task.end_cell,
        task.end_ms,
        task.people,
        first,
        last,
        task.limit_ms,
        *bucket_sizes(task.graph, 0),
        *space,
        counts,
    )
    return reached
