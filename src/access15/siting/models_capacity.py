"""Covering with capacity: people count only where a site within reach has room for them."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from access15.siting.models_solver import Choice, Deadline, Milp, solve_milp
from access15.siting.reduce import CoverProblem, merge_cells

if TYPE_CHECKING:
    from scipy import sparse

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

_ROUNDING = 1e-9
_MOST_PAIRS = 500_000
"""Pairs of candidate and demand above which candidates are ruled out by a bound before the exact model is tried."""


@dataclass(frozen=True, slots=True, eq=False)
class CapacityProblem:
    """Who can be served where, and how many each candidate has room for.

    Attributes
    ----------
    cover : CoverProblem
        Demand of identical cover sets is added up, which is exact as demand may be split.
    room : (m,) float64
        Demand each candidate has room for, ``inf`` without a limit.
    """

    cover: CoverProblem
    room: Floats

    @classmethod
    def of(cls, cover: sparse.csr_array, weight: Floats, room: Floats) -> CapacityProblem:
        """Return the problem without demand that nobody covers; candidates all stay."""
        some = np.flatnonzero((weight > 0) & (np.bincount(cover.indices, minlength=cover.shape[1]) > 0))
        merged = merge_cells(CoverProblem(cover[:, some], weight[some], np.arange(cover.shape[0])))
        return cls(merged, room)

    def served(self, chosen: Rows) -> tuple[float, sparse.csr_array]:
        """Return the most demand that chosen candidates serve together, and who serves how much of whom.

        A linear programme: demand may be split between sites. The table is chosen candidates × groups.
        """
        from scipy import sparse

        part = sparse.csr_array(self.cover.cover[chosen])
        k, g = part.shape
        if not part.nnz:
            return 0.0, sparse.csr_array((k, g))
        site, group = np.repeat(np.arange(k), np.diff(part.indptr)), part.indices
        pairs, ones = np.arange(part.nnz), np.ones(part.nnz)
        rows = sparse.vstack(
            [
                sparse.csr_array((ones, (site, pairs)), shape=(k, part.nnz)),
                sparse.csr_array((ones, (group, pairs)), shape=(g, part.nnz)),
            ],
            format="csr",
        )
        model = Milp(
            cost=-ones, upper=self.cover.weight[group], n_integer=0, matrix=rows,
            row_low=np.zeros(k + g), row_high=np.concatenate([self.room[chosen], self.cover.weight]),
        )  # fmt: skip
        x = solve_milp(model, math.inf).x
        flow = np.zeros(part.nnz) if x is None else np.maximum(x, 0.0)
        return float(flow.sum()), sparse.csr_array((flow, (site, group)), shape=(k, g))


def greedy_capacity(problem: CapacityProblem, p: int) -> Rows:
    """Return up to ``p`` candidates, each the one that lets the most more people be served (ties: lowest row).

    What sites serve together is submodular, so old gains bound new ones and few are computed again.
    """
    alone = np.minimum(problem.cover.cover @ problem.cover.weight, problem.room)
    heap = [(-float(gain), row, 0) for row, gain in enumerate(alone) if gain > 0]
    heapq.heapify(heap)
    chosen: list[int] = []
    served = 0.0
    while heap and len(chosen) < p:
        gain, row, seen = heapq.heappop(heap)
        if seen < len(chosen):
            value, _ = problem.served(np.array([*chosen, row], np.int64))
            heapq.heappush(heap, (served - value, row, len(chosen)))
            continue
        if -gain <= _ROUNDING * problem.cover.total:
            break
        chosen.append(row)
        served -= gain
    return np.array(chosen, np.int64)


def capacity_cover(problem: CapacityProblem, p: int, deadline: Deadline) -> Choice:
    """Return at most ``p`` candidates that serve the most demand within reach and room.

    Parameters
    ----------
    problem : CapacityProblem
    p : int
    deadline : Deadline

    Notes
    -----
    Model: Current & Storbeck (1988), Capacitated covering models, with demand that may be split.
    """
    from scipy import sparse

    from access15.siting.models_capbound import bound_capacity

    plan = greedy_capacity(problem, p)
    value, flow = problem.served(plan)
    most = np.sort(np.minimum(problem.cover.cover @ problem.cover.weight, problem.room))[::-1]
    simple = min(problem.cover.total, float(most[:p].sum()))
    if value >= simple * (1 - _ROUNDING):
        return Choice(plan, value, value, True)
    free = np.arange(len(problem.room))
    if problem.cover.cover.nnz > _MOST_PAIRS:
        state = bound_capacity(problem, min(p, len(free)), plan, value, deadline.part(0.5))
        if state.value > value * (1 + _ROUNDING):
            plan = state.chosen
            value, flow = problem.served(plan)
        simple = min(simple, state.bound)
        # A plan better than the best known has no other candidates than these.
        free = np.union1d(np.flatnonzero(~state.out), plan)
    cover = sparse.csr_array(problem.cover.cover[free])
    if cover.nnz > _MOST_PAIRS or value >= simple * (1 - _ROUNDING):
        return Choice(plan, value, simple, value >= simple * (1 - _ROUNDING))
    part = CapacityProblem(CoverProblem(cover, problem.cover.weight, free), problem.room[free])
    hint = np.searchsorted(free, plan)
    answer = solve_milp(*_model(part, p, hint, flow, deadline.left()))
    if answer.x is not None:
        found = free[np.flatnonzero(answer.x[: len(free)] > 0.5)]
        better, _ = problem.served(found)
        if better > value * (1 + _ROUNDING):
            plan, value = found, better
    if answer.optimal:
        return Choice(plan, value, value, True)
    bound = max(value, min(simple, -answer.bound))
    return Choice(plan, value, bound, bound <= value * (1 + _ROUNDING))


def _model(
    problem: CapacityProblem, p: int, plan: Rows, flow: sparse.csr_array, time_s: float
) -> tuple[Milp, float, Floats]:
    """Return the mixed-integer model, the time, and a plan as a solution: sites first, then one flow per pair."""
    from scipy import sparse

    cover, weight = problem.cover.cover, problem.cover.weight
    m, g, pairs = *cover.shape, cover.nnz
    site, group, at = np.repeat(np.arange(m), np.diff(cover.indptr)), cover.indices, np.arange(pairs)
    room = np.minimum(problem.room, cover @ weight)
    ones = np.ones(pairs)
    by_site = sparse.csr_array((ones, (site, at)), shape=(m, pairs))
    by_group = sparse.csr_array((ones, (group, at)), shape=(g, pairs))
    # A flow needs its own site open: implied by the rows of the sites, but a tighter bound.
    tight = sparse.csr_array((weight[group], (at, site)), shape=(pairs, m))
    count = sparse.csr_array(np.ones((1, m)))
    rows = sparse.block_array(
        [
            [-sparse.diags_array(room), by_site],
            [None, by_group],
            [-tight, sparse.eye_array(pairs)],
            [count, None],
        ],
        format="csr",
    )
    high = np.concatenate([np.zeros(m), weight, np.zeros(pairs), [float(p)]])
    start = np.zeros(m + pairs)
    start[plan] = 1.0
    index = sparse.csr_array((at + 1.0, cover.indices, cover.indptr), shape=cover.shape)
    where = sparse.csr_array(index[plan])
    for row in range(len(plan)):
        cells = where.indices[where.indptr[row] : where.indptr[row + 1]]
        columns = where.data[where.indptr[row] : where.indptr[row + 1]].astype(np.int64) - 1
        start[m + columns] = flow[[row], :].toarray().ravel()[cells]
    model = Milp(
        cost=np.concatenate([np.zeros(m), -ones]), upper=np.concatenate([np.ones(m), weight[group]]),
        n_integer=m, matrix=rows, row_low=np.full(len(high), -np.inf), row_high=high,
    )  # fmt: skip
    return model, time_s, start
