"""p-median with capacity: the least total travel time when every site serves so many people only."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from access15.arrays import Floats, Ints
from access15.siting.exact.bound import bound_median
from access15.siting.exact.solver import Choice, Deadline, Milp, solve_milp

if TYPE_CHECKING:
    from scipy import sparse


_ROUNDING = 1e-9
_MOST_PAIRS: Final = 200_000
"""Pairs of candidate and cell above which the exact model is not tried and the bound without capacities stands."""


@dataclass(frozen=True, slots=True, eq=False)
class CapacitatedMedian:
    """Who can go where, in what time, and how many people each place can serve.

    Attributes
    ----------
    time_ms : (m + 1, n) int64
        Milliseconds to each candidate and, last, to what is open anyway; negative where there is no way.
    demand : (n,) float64
        Above 0.
    capacity : (m,) float64
        People each candidate can serve; what is open anyway takes everybody.
    """

    time_ms: Ints
    demand: Floats
    capacity: Floats

    def assign(self, plan: Ints) -> tuple[float, Floats]:
        """Return the person-seconds of a plan (``inf`` where somebody is left out), and who goes where.

        The table is chosen candidates, what is open anyway, and nowhere × cells.
        """
        from access15._kernels.transport import transport

        open_ms = self.time_ms[[*plan, -1]]
        away = int(open_ms.max(initial=0) + 1) * (len(plan) + 3)
        table = np.vstack([open_ms, np.full(len(self.demand), away)])
        first = np.where(table < 0, np.iinfo(np.int64).max, table).argmin(axis=0)
        flow: Floats = transport(
            table, self.demand, np.concatenate([self.capacity[plan], [np.inf, np.inf]]), first
        )
        if flow[-1].sum() > _ROUNDING * self.demand.sum():
            return np.inf, flow
        return float((flow[:-1] * np.maximum(open_ms, 0)).sum()) / 1000, flow

    def cost(self) -> Floats:
        """Return person-seconds of serving each cell from each candidate, or from what is open anyway if nearer."""
        seconds = np.where(self.time_ms < 0, np.inf, self.time_ms / 1000)
        out: Floats = np.minimum(seconds[:-1], seconds[-1]) * self.demand
        return out


def capacitated_median(problem: CapacitatedMedian, p: int, deadline: Deadline, start: Ints) -> Choice:
    """Return at most ``p`` candidates with the least total time of everybody, each within its capacity.

    Parameters
    ----------
    problem : CapacitatedMedian
    p : int
    deadline : Deadline
    start : (k,) int64
        A plan that serves everybody.

    Notes
    -----
    Model: ReVelle & Swain (1970) with a row of capacity per site; demand may be split, so that the assignment to
    given sites is a transportation problem, solved exactly. Bound: the p-median without capacities
    (Cornuéjols, Fisher & Nemhauser 1977) and the mixed-integer programme.
    """
    plan = _exchange(problem, fill_up(problem, start, p), deadline.part(0.3))
    value, _ = problem.assign(plan)
    cost = problem.cost()
    bound = 0.0
    if p < len(cost):
        bound = max(0.0, bound_median(cost, p, np.arange(p), value, deadline.part(0.2), iterations=300).bound)
    if (problem.time_ms >= 0).sum() > _MOST_PAIRS:
        return Choice(plan, value, min(bound, value), bound >= value * (1 - _ROUNDING))
    answer = solve_milp(_model(problem, p), deadline.left(), _solution(problem, plan))
    if answer.x is not None:
        found = np.flatnonzero(answer.x[: len(problem.capacity)] > 0.5)
        better, _ = problem.assign(found)
        if better < value * (1 - _ROUNDING):
            plan, value = found, better
    if answer.optimal:
        return Choice(plan, value, value, True)
    bound = min(value, max(bound, answer.bound))
    return Choice(plan, value, bound, bound >= value * (1 - _ROUNDING))


def fill_up(problem: CapacitatedMedian, start: Ints, p: int) -> Ints:
    """Return ``start`` with sites added one by one, each the one that saves most time (ties: lowest row)."""
    plan = [int(row) for row in start]
    while len(plan) < min(p, len(problem.capacity)):
        others = np.setdiff1d(np.arange(len(problem.capacity)), plan)
        values = [problem.assign(np.array([*plan, row], np.int64))[0] for row in others]
        plan.append(int(others[int(np.argmin(values))]))
    return np.sort(np.array(plan, np.int64))


def _exchange(problem: CapacitatedMedian, plan: Ints, deadline: Deadline) -> Ints:
    """Replace one site at a time as long as that saves time (Teitz & Bart 1968)."""
    value, _ = problem.assign(plan)
    improved = True
    while improved:
        improved = False
        others = np.setdiff1d(np.arange(len(problem.capacity)), plan)
        for slot, row in itertools.product(range(len(plan)), others):
            if deadline.left() <= 0:
                return np.sort(plan)
            trial = plan.copy()
            trial[slot] = row
            found, _ = problem.assign(trial)
            if found < value * (1 - _ROUNDING):
                plan, value, improved = trial, found, True
                break
    return np.sort(plan)


def _pairs(problem: CapacitatedMedian) -> tuple[Ints, Ints]:
    site, cell = np.nonzero(problem.time_ms >= 0)
    return site, cell


def _solution(problem: CapacitatedMedian, plan: Ints) -> Floats:
    """Return a plan as a solution of the model: sites, then the share of each cell at each place."""
    m, (site, cell) = len(problem.capacity), _pairs(problem)
    _, flow = problem.assign(plan)
    share = np.zeros(problem.time_ms.shape)
    share[[*plan, m]] = flow[:-1] / problem.demand
    is_open = np.zeros(m)
    is_open[plan] = 1.0
    return np.concatenate([is_open, share[site, cell]])


def _model(problem: CapacitatedMedian, p: int) -> Milp:
    from scipy import sparse

    m, n = len(problem.capacity), len(problem.demand)
    site, cell = _pairs(problem)
    k, at = len(site), np.arange(len(site))
    new = site < m
    most = np.minimum(problem.capacity, problem.demand.sum())
    # Rows: every cell is served, no site beyond its capacity, nobody by a site that is not open, number of sites.
    served = sparse.csr_array((np.ones(k), (cell, at)), shape=(n, k))
    load = sparse.csr_array((problem.demand[cell[new]], (site[new], at[new])), shape=(m, k))
    own = sparse.csr_array((np.ones(new.sum()), (np.arange(new.sum()), at[new])), shape=(int(new.sum()), k))
    opened: sparse.csr_array = sparse.csr_array(
        (np.ones(new.sum()), (np.arange(new.sum()), site[new])), shape=(int(new.sum()), m)
    )
    rows = sparse.block_array(
        [
            [None, served],
            [-sparse.diags_array(most), load],
            [-opened, own],  # implied by the rows of capacity, but a tighter bound
            [sparse.csr_array(np.ones((1, m))), None],
        ],
        format="csr",
    )
    none = np.full(m + int(new.sum()), -np.inf)
    low = np.concatenate([np.ones(n), none, [0.0]])
    high = np.concatenate([np.ones(n), np.zeros(len(none)), [float(p)]])
    cost = np.concatenate([np.zeros(m), problem.demand[cell] * problem.time_ms[site, cell] / 1000])
    return Milp(cost, np.ones(m + k), m, rows, low, high)
