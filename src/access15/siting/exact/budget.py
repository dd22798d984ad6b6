"""Most people covered for a sum of money, where sites cost differently."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from access15.arrays import Floats, Ints
from access15.siting.exact.reduce import CoverProblem, merge_cells, undominated
from access15.siting.exact.solver import Choice, Deadline, Milp, solve_milp

if TYPE_CHECKING:
    from scipy import sparse


_ROUNDING = 1e-9


def affordable(cover: sparse.csr_array, weight: Floats, cost: Floats, budget: float) -> CoverProblem:
    """Return the covering problem without candidates above the budget, or no better than an equally dear one."""
    some = np.flatnonzero((weight > 0) & (np.bincount(cover.indices, minlength=cover.shape[1]) > 0))
    rows = np.flatnonzero(cost <= budget * (1 + _ROUNDING))
    problem = CoverProblem(cover[rows][:, some], weight[some], rows)
    keep = np.zeros(len(rows), bool)
    for price in np.unique(cost[rows]):
        same = np.flatnonzero(cost[rows] == price)
        keep[same[undominated(problem.cover[same])]] = True
    kept = problem.cover[keep]
    seen = np.bincount(kept.indices, minlength=len(some)) > 0
    return merge_cells(CoverProblem(kept[:, seen], problem.weight[seen], rows[keep]))


def greedy_budget(problem: CoverProblem, cost: Floats, budget: float) -> Ints:
    """Return the better of adding sites by gain per cost and of the best single site (ties: lowest row).

    At least half of 1 - 1/e of the best (Khuller, Moss & Naor 1999, The budgeted maximum coverage problem).
    Sites that cost nothing come first.
    """
    left, money, chosen = problem.weight.copy(), budget * (1 + _ROUNDING), list[int]()
    while True:
        gains = problem.cover @ left
        able = (cost <= money) & (gains > 0)
        able[chosen] = False
        if not able.any():
            break
        merit = np.where(able, gains / np.where(cost > 0, cost, 1.0), -1.0)
        merit[able & (cost == 0)] = np.inf
        row = int(np.argmax(merit))
        chosen.append(row)
        money -= cost[row]
        left[problem.cells_of(row)] = 0.0
    plan = np.array(chosen, np.int64)
    single = np.array([int(np.argmax(problem.cover @ problem.weight))], np.int64)
    return single if problem.value(single) > problem.value(plan) else plan


def budget_cover(problem: CoverProblem, cost: Floats, budget: float, deadline: Deadline) -> Choice:
    """Return the candidates that cover the most weight and cost at most ``budget`` together.

    Parameters
    ----------
    problem : CoverProblem
        Of `affordable`.
    cost : (m,) float64
        Of its candidates, 0 or more.
    budget : float
    deadline : Deadline

    Notes
    -----
    Model: Church & ReVelle (1974) with a budget row in place of the number of sites.
    """
    from scipy import sparse

    m, g = problem.cover.shape
    if not g:
        return Choice(np.zeros(0, np.int64), 0.0, 0.0, True)
    if cost.sum() <= budget * (1 + _ROUNDING):
        return Choice(np.arange(m), problem.total, problem.total, True)
    # A greedy plan starts the exact model.
    plan = greedy_budget(problem, cost, budget)
    money = sparse.csr_array(cost[None, :])
    rows = sparse.block_array([[problem.cover.T, -sparse.eye_array(g)], [money, None]], format="csr")
    model = Milp(
        cost=np.concatenate([np.zeros(m), -problem.weight]),
        upper=np.ones(m + g),
        n_integer=m,
        matrix=rows,
        row_low=np.append(np.zeros(g), 0.0),
        row_high=np.append(np.full(g, np.inf), budget * (1 + _ROUNDING)),
    )
    start = np.zeros(m + g)
    start[plan] = 1.0
    start[m:] = problem.covered_by(plan)
    # What the solver finds counts where it keeps to the budget and covers more.
    answer = solve_milp(model, deadline.left(), start)
    if answer.x is not None:
        found = np.flatnonzero(answer.x[:m] > 0.5)
        paid = cost[found].sum() <= budget * (1 + 2 * _ROUNDING)
        if paid and problem.value(found) > problem.value(plan) * (1 + _ROUNDING):
            plan = found
    value = problem.value(plan)
    if answer.optimal:
        return Choice(np.sort(plan), value, value, True)
    # Not proven: the better of two bounds stands.
    bound = max(value, min(_bound(problem, cost, budget, plan), -answer.bound))
    return Choice(np.sort(plan), value, bound, bound <= value * (1 + _ROUNDING))


def _bound(problem: CoverProblem, cost: Floats, budget: float, plan: Ints) -> float:
    """Return what no plan covers more than: the plan and, for the whole budget, the best gains per cost beside it.

    Coverage is submodular: a plan gains at most the sum of single gains over any other (Nemhauser et al. 1978).
    """
    best = problem.total
    for base in (np.zeros(0, np.int64), plan):
        gains = problem.cover @ np.where(problem.covered_by(base), 0.0, problem.weight)
        order = np.argsort(-gains / np.maximum(cost, 1e-300), kind="stable")
        spent = np.concatenate([[0.0], np.cumsum(cost[order])[:-1]])
        part = np.clip((budget - spent) / np.maximum(cost[order], 1e-300), 0.0, 1.0)
        part[cost[order] == 0] = 1.0
        best = min(best, problem.value(base) + float(gains[order] @ part))
    return best
