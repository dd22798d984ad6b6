"""Covering with capacity: people count only where a site within reach can serve them."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from access15.arrays import Floats, Ints
from access15.siting.exact.bound import BoundState, StepLength, fix
from access15.siting.exact.reduce import CoverProblem, merge_cells
from access15.siting.exact.solver import Choice, Deadline, Milp, solve_milp

if TYPE_CHECKING:
    from scipy import sparse


_ROUNDING = 1e-9
_FREE = 1e-12
"""What a site that costs nothing counts where gains are served per cost."""
_MOST_PAIRS = 500_000
"""Pairs of candidate and demand above which candidates are ruled out by a bound before the exact model is tried."""


@dataclass(frozen=True, slots=True, eq=False)
class CapacityProblem:
    """Who can be served where, and how much each candidate can serve.

    Attributes
    ----------
    cover : CoverProblem
        Demand of identical cover sets is added up, which is exact as demand may be split.
    capacity : (m,) float64
        Demand each candidate can serve, ``inf`` without a limit.
    """

    cover: CoverProblem
    capacity: Floats

    @classmethod
    def of(cls, cover: sparse.csr_array, weight: Floats, capacity: Floats) -> CapacityProblem:
        """Return the problem without demand that nobody covers; candidates all stay."""
        some = np.flatnonzero((weight > 0) & (np.bincount(cover.indices, minlength=cover.shape[1]) > 0))
        merged = merge_cells(CoverProblem(cover[:, some], weight[some], np.arange(cover.shape[0])))
        return cls(merged, capacity)

    def served(self, chosen: Ints) -> tuple[float, sparse.csr_array]:
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
        # One variable per pair; rows: no site beyond its capacity, nobody served more than once.
        rows = sparse.vstack(
            [
                sparse.csr_array((ones, (site, pairs)), shape=(k, part.nnz)),
                sparse.csr_array((ones, (group, pairs)), shape=(g, part.nnz)),
            ],
            format="csr",
        )
        model = Milp(
            cost=-ones,
            upper=self.cover.weight[group],
            n_integer=0,
            matrix=rows,
            row_low=np.zeros(k + g),
            row_high=np.concatenate([self.capacity[chosen], self.cover.weight]),
        )
        x = solve_milp(model, math.inf).x
        flow = np.zeros(part.nnz) if x is None else np.maximum(x, 0.0)
        return float(flow.sum()), sparse.csr_array((flow, (site, group)), shape=(k, g))


def greedy_capacity(problem: CapacityProblem, budget: float, cost: Floats | None = None) -> Ints:
    """Return candidates for a budget, each the one that lets the most more people be served per cost (ties: lowest row).

    What sites serve together is submodular, so old gains bound new ones and few are computed again. Where
    costs are unlike, the best single site is the plan if it alone serves more.
    """
    alone = np.minimum(problem.cover.cover @ problem.cover.weight, problem.capacity)
    price = np.ones(len(alone)) if cost is None else np.maximum(cost, _FREE)
    money = budget * (1 + _ROUNDING)
    # Gains per cost of each candidate alone bound its gain beside others.
    heap = [(-float(gain / price[row]), row, 0) for row, gain in enumerate(alone) if gain > 0]
    heapq.heapify(heap)
    chosen: list[int] = []
    served = 0.0
    while heap:
        merit, row, seen = heapq.heappop(heap)
        if price[row] > money:
            continue
        # An old gain: computed anew beside the sites chosen since.
        if seen < len(chosen):
            value, _ = problem.served(np.array([*chosen, row], np.int64))
            heapq.heappush(heap, ((served - value) / price[row], row, len(chosen)))
            continue
        gain = -merit * price[row]
        if gain <= _ROUNDING * problem.cover.total:
            break
        chosen.append(row)
        served, money = served + gain, money - price[row]
    # Where costs are unlike, one dear site may serve more than all of these.
    able = np.where(price <= budget * (1 + _ROUNDING), alone, 0.0)
    if cost is not None and able.max(initial=0.0) > served:
        return np.array([int(np.argmax(able))], np.int64)
    return np.array(chosen, np.int64)


def capacity_cover(
    problem: CapacityProblem, budget: float, deadline: Deadline, cost: Floats | None = None
) -> Choice:
    """Return the candidates that serve the most demand within reach and capacity, for at most ``budget``.

    Parameters
    ----------
    problem : CapacityProblem
    budget : float
        Number of sites, or with ``cost`` what they may cost together.
    deadline : Deadline
    cost : (m,) float64, optional
        Cost of each candidate, 0 or more; by default each counts 1.

    Notes
    -----
    Model: Current & Storbeck (1988), Capacitated covering models, with demand that may be split; a budget row in
    place of the number of sites where costs are unlike.
    """
    from scipy import sparse

    # A greedy plan, and a bound that needs no search.
    plan = greedy_capacity(problem, budget, cost)
    value, flow = problem.served(plan)
    price = np.ones(len(problem.capacity)) if cost is None else cost
    simple = _simple_bound(problem, budget, price)
    if value >= simple * (1 - _ROUNDING):
        return Choice(plan, value, value, True)
    # Too many pairs for the exact model: a Lagrangian bound rules candidates out, and may find a better plan.
    free = np.flatnonzero(price <= budget * (1 + _ROUNDING))
    if cost is None and problem.cover.cover.nnz > _MOST_PAIRS:
        state = bound_capacity(problem, min(int(budget), len(free)), plan, value, deadline.part(0.5))
        if state.value > value * (1 + _ROUNDING):
            plan = state.chosen
            value, flow = problem.served(plan)
        simple = min(simple, state.bound)
        # A plan better than the best known has no other candidates than these.
        free = np.union1d(np.flatnonzero(~state.out), plan)
    cover = sparse.csr_array(problem.cover.cover[free])
    if cover.nnz > _MOST_PAIRS or value >= simple * (1 - _ROUNDING):
        return Choice(plan, value, simple, value >= simple * (1 - _ROUNDING))
    # The exact model over the candidates that are left, from the best plan so far.
    part = CapacityProblem(CoverProblem(cover, problem.cover.weight, free), problem.capacity[free])
    hint = np.searchsorted(free, plan)
    answer = solve_milp(*_model(part, budget, price[free], hint, flow, deadline.left()))
    if answer.x is not None:
        found = free[np.flatnonzero(answer.x[: len(free)] > 0.5)]
        better, _ = problem.served(found)
        paid = price[found].sum() <= budget * (1 + 2 * _ROUNDING)
        if paid and better > value * (1 + _ROUNDING):
            plan, value = found, better
    if answer.optimal:
        return Choice(plan, value, value, True)
    bound = max(value, min(simple, -answer.bound))
    return Choice(plan, value, bound, bound <= value * (1 + _ROUNDING))


def _simple_bound(problem: CapacityProblem, budget: float, price: Floats) -> float:
    """Return what no plan serves more than: everybody, or the best the money buys if sites shared nobody."""
    able = np.flatnonzero(price <= budget * (1 + _ROUNDING))
    most = np.minimum(problem.cover.cover[able] @ problem.cover.weight, problem.capacity[able])
    costs = np.maximum(price[able], _FREE)
    order = np.argsort(-most / costs, kind="stable")
    spent = np.concatenate([[0.0], np.cumsum(costs[order])[:-1]])
    part = np.clip((budget - spent) / costs[order], 0.0, 1.0)
    return min(problem.cover.total, float(most[order] @ part))


def _model(
    problem: CapacityProblem, budget: float, price: Floats, plan: Ints, flow: sparse.csr_array, time_s: float
) -> tuple[Milp, float, Floats]:
    """Return the mixed-integer model, the time, and a plan as a solution: sites first, then one flow per pair."""
    from scipy import sparse

    cover, weight = problem.cover.cover, problem.cover.weight
    m, g, pairs = *cover.shape, cover.nnz
    site, group, at = np.repeat(np.arange(m), np.diff(cover.indptr)), cover.indices, np.arange(pairs)
    most = np.minimum(problem.capacity, cover @ weight)
    ones = np.ones(pairs)
    by_site = sparse.csr_array((ones, (site, at)), shape=(m, pairs))
    by_group = sparse.csr_array((ones, (group, at)), shape=(g, pairs))
    # A flow needs its own site open: implied by the rows of the sites, but a tighter bound.
    tight = sparse.csr_array((weight[group], (at, site)), shape=(pairs, m))
    count = sparse.csr_array(price[None, :])
    rows = sparse.block_array(
        [
            [-sparse.diags_array(most), by_site],
            [None, by_group],
            [-tight, sparse.eye_array(pairs)],
            [count, None],
        ],
        format="csr",
    )
    high = np.concatenate([np.zeros(m), weight, np.zeros(pairs), [budget * (1 + _ROUNDING)]])
    start = np.zeros(m + pairs)
    start[plan] = 1.0
    index = sparse.csr_array((at + 1.0, cover.indices, cover.indptr), shape=cover.shape)
    where = sparse.csr_array(index[plan])
    for row in range(len(plan)):
        cells = where.indices[where.indptr[row] : where.indptr[row + 1]]
        columns = where.data[where.indptr[row] : where.indptr[row + 1]].astype(np.int64) - 1
        start[m + columns] = flow[[row], :].toarray().ravel()[cells]
    model = Milp(
        cost=np.concatenate([np.zeros(m), -ones]),
        upper=np.concatenate([np.ones(m), weight[group]]),
        n_integer=m,
        matrix=rows,
        row_low=np.full(len(high), -np.inf),
        row_high=high,
    )
    return model, time_s, start


def bound_capacity(
    problem: CapacityProblem, p: int, start: Ints, value: float, deadline: Deadline, *, iterations: int = 1000
) -> BoundState:
    """Return an upper bound on the demand that ``p`` candidates serve, by relaxing who is served where.

    With prices ``0 <= u <= 1`` the bound is the sum of ``u × weight`` plus the ``p`` largest profits, where a
    candidate fills its capacity with the demand in its reach of least price, at ``1 - u`` each. A candidate whose
    forced use or absence pushes that bound below the best known plan is fixed.

    Parameters
    ----------
    problem : CapacityProblem
    p : int
        Number of candidates, at most the number there are.
    start : (k,) int64
        A plan, and ``value`` what it serves.
    value : float
    deadline : Deadline
    iterations : int
        Most subgradient steps.

    Notes
    -----
    The relaxation of Pirkul & Schilling (1991), The maximal covering location problem with capacities on total
    workload; with demand that may be split each candidate's part is solved exactly by sorting.
    """
    cover, weight, m = problem.cover.cover, problem.cover.weight, problem.cover.cover.shape[0]
    site = np.repeat(np.arange(m), np.diff(cover.indptr))
    # Demand of one candidate only needs no price: nobody competes for it.
    price = np.where(np.bincount(cover.indices, minlength=len(weight)) > 1, 0.5, 0.0)
    state = BoundState(start, value, problem.cover.total, np.zeros(m, bool), np.zeros(m, bool), price)
    step = StepLength()
    for _ in range(iterations):
        # The bound of these prices, and the candidates that it rules in and out.
        profit, sent = _profits(problem, site, price)
        order = np.argsort(-profit, kind="stable")
        top = order[:p]
        bound = float(price @ weight + profit[top].sum())
        fix(state, profit, order, p, bound)
        improved = bound < state.bound - 1e-6 * (state.bound - state.value)
        if bound < state.bound:
            state.bound, state.price = bound, price
        is_top = np.zeros(m, bool)
        is_top[top] = True
        # Prices rise where more is served than there is, and fall where less is.
        slope = weight - np.bincount(cover.indices, np.where(is_top[site], sent, 0.0), len(weight))
        # A stall: back to the best prices, and the plan of the bound is tried as it is.
        if step.shorten(improved):
            price = state.price
            served, _ = problem.served(np.sort(top))
            if served > state.value:
                state.chosen, state.value = np.sort(top), served
            continue
        slope[((price >= 1) & (slope < 0)) | ((price <= 0) & (slope > 0))] = 0.0
        norm = float((slope * slope).sum())
        if state.closed() or norm == 0 or step.ended or deadline.left() <= 0:
            break
        price = np.clip(price - step.length * (bound - state.value) / norm * slope, 0.0, 1.0)
    state.bound = max(state.bound, state.value)
    return state


def _profits(problem: CapacityProblem, site: Ints, price: Floats) -> tuple[Floats, Floats]:
    """Return the profit of every candidate, and how much of its demand each pair serves."""
    cover, weight = problem.cover.cover, problem.cover.weight
    order = np.lexsort((price[cover.indices], site))
    group = cover.indices[order]
    filled = np.concatenate([[0.0], np.cumsum(weight[group])])
    before = filled[:-1] - filled[cover.indptr[site]]
    served = np.clip(problem.capacity[site] - before, 0.0, weight[group])
    profit = np.bincount(site, (1 - price[group]) * served, cover.shape[0]).astype(float)
    sent = np.empty(len(site))
    sent[order] = served
    return profit, sent
