"""Fast good plans for covering problems: greedy addition, then exchange of single sites."""

from __future__ import annotations

import heapq

import numpy as np

from access15.arrays import Ints
from access15.siting.exact.reduce import CoverProblem

_BETTER = 1e-10
"""Least improvement that counts, as a share of all weight: above the rounding of sums kept up to date."""

_STEPS = 1e9
"""Elementary steps of the exchange search that are worth spending before an exact search."""


def greedy_cover(problem: CoverProblem, p: int, *, until: float | None = None) -> Ints:
    """Return up to ``p`` candidates, each covering the most weight not yet covered (ties: lowest row).

    Stops early when nothing more is gained, or when ``until`` is covered. Gains only shrink as sites
    open, so stale gains are upper bounds and few are computed again (lazy evaluation, Minoux 1978).
    The value is at least 1 - 1/e of the best (Nemhauser, Wolsey & Fisher 1978).
    """
    left = problem.weight.copy()
    first = problem.cover @ left
    heap = [(-float(gain), row, 0) for row, gain in enumerate(first)]
    heapq.heapify(heap)
    chosen: list[int] = []
    covered = 0.0
    while heap and len(chosen) < p and (until is None or covered < until):
        negative, row, seen = heapq.heappop(heap)
        cells = problem.cells_of(row)
        if seen < len(chosen):
            heapq.heappush(heap, (-float(left[cells].sum()), row, len(chosen)))
            continue
        if negative >= 0:
            break
        chosen.append(row)
        covered -= negative
        left[cells] = 0
    return np.array(chosen, np.int64)


def exchange_cover(problem: CoverProblem, chosen: Ints, rounds: int = 0) -> Ints:
    """Improve a plan by replacing one site at a time until no replacement helps (Teitz & Bart 1968).

    With ``rounds`` the best plan is disturbed that often and improved again.
    """
    from access15._kernels.cover import exchange

    if not len(chosen):
        return chosen
    cover, columns = problem.cover, problem.columns
    arrays = (np.asarray(a, np.int64) for a in (cover.indptr, cover.indices, columns.indptr, columns.indices))
    plan = exchange(np.asarray(chosen, np.int64), rounds, *arrays, problem.weight, _BETTER * problem.total)
    return np.sort(np.asarray(plan, np.int64))


def good_cover(problem: CoverProblem, p: int, rounds: int = 0) -> Ints:
    """Return the better of greedy and greedy with exchanges, rows rising (the greedy plan on ties)."""
    greedy = greedy_cover(problem, p)
    better = exchange_cover(problem, greedy, rounds)
    if problem.value(better) > problem.value(greedy) + _BETTER * problem.total:
        return better
    return np.sort(greedy)


def rounds_for(problem: CoverProblem, p: int, most: int) -> int:
    """Return how many disturbances cost about a second or two, at least 10 and at most ``most``."""
    degree = np.diff(problem.columns.indptr).astype(np.float64)
    steps = 6.0 * p * float((degree * degree).sum()) / max(1, problem.n_candidates)
    return int(min(most, max(10.0, _STEPS / max(steps, 1.0))))


def greedy_bound(problem: CoverProblem, p: int) -> float:
    """Return an upper bound on what ``p`` candidates cover, at the price of one greedy run.

    Coverage is submodular: no plan beats the greedy prefix plus the ``p`` largest gains left beside it.
    """
    left = problem.weight.copy()
    bound, covered = problem.total, 0.0
    for row in [-1, *greedy_cover(problem, p).tolist()]:
        if row >= 0:
            cells = problem.cells_of(row)
            covered += float(left[cells].sum())
            left[cells] = 0
        gains = np.sort(problem.cover @ left)[::-1]
        bound = min(bound, covered + float(gains[:p].sum()))
    return bound
