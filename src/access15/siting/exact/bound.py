"""Lagrangian bounds: how good any plan can be, and which candidates no better plan can contain."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from access15.arrays import Bools, Floats, Ints
from access15.siting.exact.greedy import exchange_cover
from access15.siting.exact.reduce import CoverProblem
from access15.siting.exact.solver import Deadline

_SAFE = 1e-9
"""Relative room for rounding before a candidate is fixed: a plan as good as the best known may be lost, never a better one."""

_PATIENCE, _CUT, _SHORTEST = 40, 0.8, 2e-3
"""Steps without progress before the step length is cut, by how much, and where the run ends."""

DEFLECTED = (40.0, 0.8, 0.9)
"""The same for covering, where the direction keeps that share of the last one; found by trial on random cities."""

_WORK = 2e7
"""Pairs looked at between two looks at the clock."""


@dataclass(slots=True, eq=False)
class BoundState:
    """What a subgradient run has learnt.

    Attributes
    ----------
    chosen : (p,) int64
        Best plan seen, rows rising.
    value, bound : float
        Its value, and the proven bound.
    out, into : (m,) bool
        Candidates that no better plan contains, and that every better plan contains.
    price : (g,) float64
        Multipliers of the best bound.
    """

    chosen: Ints
    value: float
    bound: float
    out: Bools
    into: Bools
    price: Floats

    def closed(self) -> bool:
        """Return whether the best plan is proven (to rounding)."""
        return abs(self.bound - self.value) <= _SAFE * max(1.0, abs(self.value))


@dataclass(slots=True)
class StepLength:
    """Step length of the subgradient method: shorter whenever the bound stalls (Held, Wolfe & Crowder 1974)."""

    length: float = 2.0
    stalled: int = 0

    @property
    def ended(self) -> bool:
        """Whether steps are too short to get anywhere."""
        return self.length < _SHORTEST

    def shorten(self, improved: bool) -> bool:
        """Count a step; return True when the length was cut because the bound stalls."""
        self.stalled = 0 if improved else self.stalled + 1
        if self.stalled < _PATIENCE:
            return False
        self.length, self.stalled = self.length * _CUT, 0
        return True


def bound_cover(
    problem: CoverProblem,
    p: int,
    start: Ints,
    deadline: Deadline,
    *,
    price: Floats | None = None,
    iterations: int = 5000,
) -> BoundState:
    """Return an upper bound on the weight ``p`` candidates can cover, by relaxing who covers whom.

    With prices ``0 <= u <= weight`` the bound is the sum of ``weight - u`` plus the ``p`` largest sums
    of prices over a candidate's cells. A candidate whose forced use or absence pushes that bound below
    the best known plan is fixed.

    Parameters
    ----------
    problem : CoverProblem
    p : int
        Number of candidates, at most the number there are.
    start : (k,) int64
        A plan to improve on.
    deadline : Deadline
    price : (g,) float64, optional
        Multipliers to start from.
    iterations : int
        Most subgradient steps.

    Notes
    -----
    Source: Galvão & ReVelle (1996), A Lagrangean heuristic for the maximal covering location problem;
    steps as in `access15._kernels.lagrange`.
    """
    from access15._kernels.lagrange import OUTSIDE, bound_plans

    weight, m = problem.weight, problem.n_candidates
    price = _first_prices(problem, start) if price is None else price.copy()
    state = BoundState(
        start, problem.value(start), problem.total, np.zeros(m, bool), np.zeros(m, bool), price
    )
    status, plan, often = np.zeros(m, np.int8), np.zeros(m, bool), np.zeros(m)
    # Plans as good as the best one stay possible: another objective may tell them apart.
    how, run = np.array([*DEFLECTED, -_SAFE]), np.array([1.0, 0.0, problem.total])
    now, direction = price.copy(), np.zeros(len(weight))
    at_once = int(np.clip(_WORK / (problem.cover.nnz + 4 * len(weight)), 20, 500))
    # Some steps at a time in the kernel, then exchanges from the candidates that its plans contained most often.
    while iterations > 0 and run[0] >= _SHORTEST and not state.closed() and deadline.left() > 0:
        often[:] = 0
        bound, value = bound_plans(
            problem.cover.indptr,
            problem.cover.indices,
            weight,
            p,
            status,
            state.into,
            now,
            price,
            direction,
            run,
            state.value,
            plan,
            often,
            min(iterations, at_once),
            how,
            False,
        )
        if value > state.value * (1 + _SAFE):
            state.chosen = np.flatnonzero(plan)
            state.value = problem.value(state.chosen)
        state.bound = min(state.bound, max(bound, state.value))
        _exchange(problem, state, np.argsort(-often, kind="stable")[:p])
        iterations -= at_once
    state.out = status == OUTSIDE
    state.bound = max(state.bound, state.value)
    return state


def _first_prices(problem: CoverProblem, plan: Ints) -> Floats:
    """Return prices to start from: the weight, half of it where the plan covers, shared by those who cover."""
    count = _times_covered(problem, plan)
    return np.where(count > 0, problem.weight / np.maximum(count, 1) * 0.5, problem.weight)


def _exchange(problem: CoverProblem, state: BoundState, plan: Ints) -> None:
    """Try to beat the best plan by exchanges from the plan of the bound."""
    better = exchange_cover(problem, plan)
    value = problem.value(better)
    if value > state.value * (1 + _SAFE):
        state.chosen, state.value = better, value


def _times_covered(problem: CoverProblem, chosen: Ints) -> Ints:
    cells = [problem.cells_of(int(row)) for row in chosen]
    if not cells:
        return np.zeros(len(problem.weight), np.int64)
    return np.bincount(np.concatenate(cells), minlength=len(problem.weight))


def fix(state: BoundState, score: Floats, order: Ints, p: int, bound: float) -> None:
    """Mark candidates that no plan better than the best known contains, or misses."""
    limit = state.value - _SAFE * max(1.0, abs(state.value))
    state.out[order[p:]] |= bound - score[order[p - 1]] + score[order[p:]] < limit
    if p < len(order):
        state.into[order[:p]] |= bound - score[order[:p]] + score[order[p]] < limit


def bound_median(
    cost: Floats, p: int, start: Ints, value: float, deadline: Deadline, *, iterations: int = 2000
) -> BoundState:
    """Return a lower bound on the cost of serving every cell from the cheapest of ``p`` sites.

    With prices ``u`` the bound is the sum of ``u`` plus the ``p`` smallest sums of
    ``min(0, cost - u)`` over a candidate's cells.

    Parameters
    ----------
    cost : (m, n) float64
        Cost of serving each cell from each candidate, ``inf`` where it cannot.
    p : int
    start : (p,) int64
        A feasible plan.
    value : float
        Its cost.
    deadline : Deadline
    iterations : int
        Most subgradient steps.

    Notes
    -----
    Source: Cornuéjols, Fisher & Nemhauser (1977), Location of bank accounts to optimize float.
    """
    m = cost.shape[0]
    # Prices start from the second nearest site of each cell.
    near = np.partition(cost, 1, axis=0)[:2] if m > 1 else np.repeat(cost, 2, axis=0)
    price = np.where(np.isfinite(near[1]), near[1], near[0])
    state = BoundState(start, value, -math.inf, np.zeros(m, bool), np.zeros(m, bool), price)
    step = StepLength()
    for _ in range(iterations):
        # The bound of these prices, and the candidates that it rules in and out.
        saving = np.empty(m)
        for row in range(m):
            saving[row] = np.minimum(cost[row] - price, 0.0).sum()
        order = np.argsort(saving, kind="stable")
        top = order[:p]
        bound = float(price.sum() + saving[top].sum())
        _fix_median(state, saving, order, p, bound)
        improved = state.bound == -math.inf or bound > state.bound + 1e-6 * (state.value - state.bound)
        if bound > state.bound:
            state.bound, state.price = bound, price
        # The sites of the bound are a plan themselves: perhaps the best so far.
        plan_cost = float(cost[top].min(axis=0).sum())
        if plan_cost < state.value * (1 - _SAFE):
            state.chosen, state.value = np.sort(top), plan_cost
        step.shorten(improved)
        # Prices fall where several sites are below them, and rise where none is.
        slope = 1.0 - (cost[top] < price).sum(axis=0)
        norm = float((slope * slope).sum())
        if state.closed() or norm == 0 or step.ended or deadline.left() <= 0:
            break
        price = np.maximum(price + step.length * (state.value - bound) / norm * slope, 0.0)
    state.bound = min(state.bound, state.value)
    return state


def _fix_median(state: BoundState, saving: Floats, order: Ints, p: int, bound: float) -> None:
    limit = state.value + _SAFE * max(1.0, abs(state.value))
    state.out[order[p:]] |= bound - saving[order[p - 1]] + saving[order[p:]] > limit
    if p < len(order):
        state.into[order[:p]] |= bound - saving[order[:p]] + saving[order[p]] > limit
