"""How many people any plan with limited room can serve at most, and which candidates no better plan contains."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from access15.siting.models_bound import BoundState, StepLength, fix
from access15.siting.models_capacity import CapacityProblem
from access15.siting.models_solver import Deadline

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]


def bound_capacity(
    problem: CapacityProblem, p: int, start: Rows, value: float, deadline: Deadline, *, iterations: int = 1000
) -> BoundState:
    """Return an upper bound on the demand that ``p`` candidates serve, by relaxing who is served where.

    With prices ``0 <= u <= 1`` the bound is the sum of ``u × weight`` plus the ``p`` largest profits, where a
    candidate fills its room with the demand in its reach of least price, at ``1 - u`` each. A candidate whose
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
    price = np.where(np.bincount(cover.indices, minlength=len(weight)) > 1, 0.5, 0.0)
    state = BoundState(start, value, problem.cover.total, np.zeros(m, bool), np.zeros(m, bool), price)
    step = StepLength()
    for _ in range(iterations):
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
        slope = weight - np.bincount(cover.indices, np.where(is_top[site], sent, 0.0), len(weight))
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


def _profits(problem: CapacityProblem, site: Rows, price: Floats) -> tuple[Floats, Floats]:
    """Return the profit of every candidate, and how much of its demand each pair serves."""
    cover, weight = problem.cover.cover, problem.cover.weight
    order = np.lexsort((price[cover.indices], site))
    group = cover.indices[order]
    filled = np.concatenate([[0.0], np.cumsum(weight[group])])
    before = filled[:-1] - filled[cover.indptr[site]]
    taken = np.clip(problem.room[site] - before, 0.0, weight[group])
    profit = np.bincount(site, (1 - price[group]) * taken, cover.shape[0]).astype(float)
    sent = np.empty(len(site))
    sent[order] = taken
    return profit, sent
