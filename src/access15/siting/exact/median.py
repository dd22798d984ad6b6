"""p-median: the least total travel time of all residents with p sites."""

from __future__ import annotations

import numpy as np

from access15.arrays import Floats, Ints
from access15.siting.exact.bound import bound_median
from access15.siting.exact.solver import Choice, Deadline, Milp, solve_milp

_ROUNDING = 1e-9
_MOST_STEPS = 400_000
"""Distance steps above which the exact model is not tried and the Lagrangian bound stands."""


def p_median(cost: Floats, p: int, deadline: Deadline, *, start: Ints | None = None) -> Choice:
    """Return the ``p`` candidates with the least total cost when every cell uses its cheapest one.

    Greedy with exchanges gives a plan, a Lagrangian bound fixes most candidates, the rest goes to the
    mixed-integer solver.

    Parameters
    ----------
    cost : (m, n) float64
        Cost of serving each cell from each candidate (people × seconds), ``inf`` where it cannot.
    p : int
        Number of sites, at most ``m``.
    deadline : Deadline
    start : (k,) int64, optional
        A plan that serves every cell; needed only when greedy may leave some unserved.

    Notes
    -----
    Model: ReVelle & Swain (1970), Central facilities location.
    """
    plan = good_median(cost, p, deadline, start)
    value = _value(cost, plan)
    if p >= len(cost):
        return Choice(np.arange(len(cost)), value, value, True)
    # A bound, which rules candidates in and out, then exchanges from its best plan.
    state = bound_median(cost, p, plan, value, deadline.part(0.5))
    state.chosen = exchange_median(_finite(cost), state.chosen, deadline)
    state.value = _value(cost, state.chosen)
    if state.closed():
        return Choice(state.chosen, state.value, state.value, True)
    # What is undecided goes to the exact model; sites that every better plan has are open in it.
    forced = np.flatnonzero(state.into)
    free = np.flatnonzero(~state.out & ~state.into)
    if len(forced) > p or len(forced) + len(free) < p:
        return Choice(state.chosen, state.value, state.value, True)
    rest = np.minimum(cost[free], cost[forced].min(axis=0)) if len(forced) else cost[free]
    choice = _rest(rest, p - len(forced), np.flatnonzero(np.isin(free, state.chosen)), deadline)
    if choice is None:
        return Choice(state.chosen, state.value, state.bound, False)
    if choice.value < state.value * (1 - _ROUNDING):
        state.chosen = np.sort(np.concatenate([forced, free[choice.rows]]))
        state.value = _value(cost, state.chosen)
    bound = state.value if choice.optimal else min(state.value, max(state.bound, choice.bound))
    return Choice(state.chosen, state.value, bound, choice.optimal)


def _value(cost: Floats, plan: Ints) -> float:
    return float(cost[plan].min(axis=0).sum()) if len(plan) else np.inf


def _finite(cost: Floats) -> Floats:
    """Return costs where not served stands as a very high cost, for searches that pass through bad plans."""
    finite = np.isfinite(cost)
    if finite.all():
        return cost
    high = 1e4 * max(1.0, float(cost[finite].max(initial=1.0))) * max(1, cost.shape[1])
    return np.where(finite, cost, high)


def good_median(cost: Floats, p: int, deadline: Deadline, start: Ints | None = None) -> Ints:
    """Return a good plan of ``p`` sites: greedy, then exchanges (Teitz & Bart 1968); ties to the lowest row."""
    usable = _finite(cost)
    plan = greedy_median(usable, p, np.zeros(0, np.int64))
    if start is not None and not np.isfinite(_value(cost, plan)):
        plan = greedy_median(usable, p, start)
    return exchange_median(usable, plan, deadline)


def greedy_median(cost: Floats, p: int, begin: Ints) -> Ints:
    """Return ``p`` sites, each the one that lowers the (finite) total cost most, after those to begin with."""
    chosen = [int(row) for row in begin]
    best = cost[chosen].min(axis=0) if chosen else np.full(cost.shape[1], np.inf)
    while len(chosen) < min(p, len(cost)):
        totals = np.array([np.minimum(row, best).sum() for row in cost])
        totals[chosen] = np.inf
        chosen.append(int(np.argmin(totals)))
        best = np.minimum(best, cost[chosen[-1]])
    return np.sort(np.array(chosen, np.int64))


def exchange_median(cost: Floats, plan: Ints, deadline: Deadline) -> Ints:
    """Replace one site at a time, the best exchange first, until none lowers the (finite) total cost.

    The cost of all exchanges comes from one pass over the cells with their nearest and second nearest
    site (Whitaker 1983, A fast algorithm for the greedy interchange).
    """
    plan = plan.copy()
    if len(plan) in (0, len(cost)):
        return plan
    while deadline.left() > 0:
        open_cost = cost[plan]
        first = open_cost.argmin(axis=0)
        best = open_cost.min(axis=0)
        second = np.partition(open_cost, 1, axis=0)[1] if len(plan) > 1 else np.full(len(best), np.inf)
        totals = np.empty((len(cost), len(plan)))
        for row, values in enumerate(cost):
            with_it = np.minimum(values, best)
            extra = np.minimum(values, second) - with_it
            totals[row] = with_it.sum() + np.bincount(first, extra, minlength=len(plan))
        totals[plan] = np.inf
        row, slot = divmod(int(np.argmin(totals)), len(plan))
        if not totals[row, slot] < float(best.sum()) * (1 - 1e-12):
            break
        plan[slot] = row
    return np.sort(plan)


def _rest(cost: Floats, p: int, hint: Ints, deadline: Deadline) -> Choice | None:
    """Solve exactly by the radius formulation; None when the model is too large to try.

    One variable stands for "no site within this set of nearest candidates"; cells that share such a
    set share the variable.  Source: Elloumi (2010), A tighter formulation of the p-median problem;
    García, Labbé & Marín (2011), Solving large p-median problems with a radius formulation.
    """
    if p == 0:
        value = float(cost.min(axis=0).sum())
        return Choice(np.zeros(0, np.int64), value, value, bool(np.isfinite(value)))
    if np.isinf(cost.min(axis=0)).any():
        return Choice(np.zeros(0, np.int64), np.inf, np.inf, True)
    steps = _Steps(cost, p)
    if len(steps.cost) > _MOST_STEPS:
        return None
    m = len(cost)
    start = None
    if len(hint) == p and np.isfinite(_value(cost, hint)):
        start = steps.solution(hint)
    answer = solve_milp(steps.model(p), deadline.left(), start)
    if answer.infeasible:
        return Choice(np.zeros(0, np.int64), np.inf, np.inf, True)
    if answer.x is None:
        return None
    found = np.flatnonzero(answer.x[:m] > 0.5)
    return Choice(found, _value(cost, found), answer.bound + steps.constant, answer.optimal)


def _same_sets(order: Ints, rank: Ints, cell: Ints) -> tuple[Ints, Ints]:
    """Return the first step of each distinct set ``order[: rank + 1, cell]``, and the set of every step.

    Sets are distinguished by their size and two sums of random 64-bit numbers: two different sets look equal
    with a chance below 1e-25 even among a million.
    """
    keys = [rank.astype(np.uint64)]
    for seed in range(2):
        numbers = np.random.default_rng(seed).integers(1, 1 << 63, len(order), dtype=np.uint64)
        sums = np.cumsum(np.asarray(numbers)[order], axis=0, dtype=np.uint64)
        keys.append(sums[rank, cell])
    _, first, group = np.unique(np.stack(keys, axis=1), axis=0, return_index=True, return_inverse=True)
    return first, group.ravel()


class _Steps:
    """The distance steps of a p-median: for each nested set of nearest candidates, the cost of having none open."""

    def __init__(self, cost: Floats, p: int) -> None:
        m = len(cost)
        # The candidates of each cell by cost: having none of the nearest k open costs the step to the next.
        order = np.argsort(cost, axis=0, kind="stable")
        ranked = np.take_along_axis(cost, order, axis=0)
        self.m, self.order = m, order
        self.constant = float(ranked[0].sum())
        last = m - p  # one of the m - p + 1 nearest is open in every plan of p sites
        rank, cell = np.nonzero((ranked[1:] > ranked[:-1])[:last])
        by_cell = np.lexsort((rank, cell))
        rank, cell = rank[by_cell], cell[by_cell]
        step = ranked[rank + 1, cell] - ranked[rank, cell]
        # Cells that share a set of nearest candidates share its variable.
        first, group = _same_sets(order, rank, cell)
        hard = np.zeros(len(first), bool)
        hard[group[np.isinf(step)]] = True
        self.hard = hard
        self.cost = np.bincount(group, np.where(np.isinf(step), 0.0, step), minlength=len(first))
        # Each set says only what it adds to the set before it.
        same = np.zeros(len(rank), bool)
        same[1:] = cell[1:] == cell[:-1]
        before = np.maximum(np.arange(len(rank)) - 1, 0)
        self.previous = np.where(same, group[before], -1)[first]
        low = np.where(same, rank[before] + 1, 0)[first]
        self.rank, self.cell = rank[first], cell[first]
        self.size = self.rank + 1 - low
        within = np.arange(self.size.sum()) - np.repeat(np.cumsum(self.size) - self.size, self.size)
        self.added = order[np.repeat(low, self.size) + within, np.repeat(self.cell, self.size)]

    def model(self, p: int) -> Milp:
        """Return the mixed-integer model: sites first, then one variable per step."""
        from scipy import sparse

        m, g = self.m, len(self.cost)
        row = np.repeat(np.arange(g), self.size)
        linked = np.flatnonzero(self.previous >= 0)
        rows = np.concatenate([row, np.arange(g), linked, np.full(m, g)])
        columns = np.concatenate([self.added, m + np.arange(g), m + self.previous[linked], np.arange(m)])
        ones = [np.ones(len(row) + g), -np.ones(len(linked)), np.ones(m)]
        matrix = sparse.csr_array((np.concatenate(ones), (rows, columns)), shape=(g + 1, m + g))
        low = np.append(np.where(self.previous >= 0, 0.0, 1.0), float(p))
        return Milp(
            cost=np.concatenate([np.zeros(m), self.cost]),
            upper=np.concatenate([np.ones(m), np.where(self.hard, 0.0, 1.0)]),
            n_integer=m,
            matrix=matrix,
            row_low=low,
            row_high=np.append(np.full(g, np.inf), float(p)),
        )

    def solution(self, plan: Ints) -> Floats:
        """Return a plan as a solution of the model."""
        open_site = np.zeros(self.m)
        open_site[plan] = 1.0
        nearest = open_site[self.order].argmax(axis=0)
        return np.concatenate([open_site, nearest[self.cell] > self.rank])
