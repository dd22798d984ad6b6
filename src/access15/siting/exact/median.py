"""p-median: the least total travel time of all residents with p sites."""

from __future__ import annotations

import time
from typing import Final

import numpy as np

from access15.arrays import Floats, Ints
from access15.siting.exact.median_branch import Lists, Node, branch
from access15.siting.exact.solver import Choice, Deadline

_ROUNDING = 1e-9
"""Share of the value below which two plans are equally good."""

_MOST_PAIRS: Final = 3e7
"""Pairs of cell and candidate in lists; with more, only the nearest candidates of each cell are listed."""

_FEWEST_LISTED: Final = 50
"""Candidates of a cell that are listed at least."""

_MOST_SPLIT: Final = 4e6
"""Undecided candidates times cells above which the bound of the root stands: one node would take too long."""

_SHAKES: Final = 30
"""Starts of the search: the plan is disturbed so often, and improved again."""

_ROOT: Final = np.array([30.0, 0.7, 0.7, 1e-3])
"""Steps at the root, see `access15._kernels.median.bound_root`; found by trial on instances of 100 to 900 candidates."""

_ROOT_STEPS, _STEPS_AT_ONCE = 4000, 100


def p_median(cost: Floats, p: int, deadline: Deadline, *, start: Ints | None = None) -> Choice:
    """Return the ``p`` candidates with the least total cost when every cell uses its cheapest one.

    Greedy and exchanges from many starts give a plan; a Lagrangian bound decides most candidates, and gives more
    plans to improve; what stays undecided is split, best bound first.

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
    Model: ReVelle & Swain (1970), Central facilities location. Bound: Cornuéjols, Fisher & Nemhauser (1977),
    Location of bank accounts to optimize float. Splits: `access15.siting.exact.median_branch`.
    """
    if p >= len(cost):
        value = _value(cost, np.arange(len(cost)))
        return Choice(np.arange(len(cost)), value, value, True)
    search = _Search(cost, p, deadline)
    search.start(start)
    bound = search.bound()
    value = search.value
    if not bound < value * (1 - _ROUNDING):
        return Choice(search.plan, value, value, True)
    if search.least_gain:
        bound = float(np.ceil(bound - _ROUNDING * abs(bound)))
    return Choice(search.plan, value, min(bound, value), False)


class _Search:
    """The best plan so far, and what is proven of all others."""

    def __init__(self, cost: Floats, p: int, deadline: Deadline) -> None:
        self.cost, self.p, self.deadline = cost, p, deadline
        self.lists, self.shortened = list_candidates(cost)
        self.value, self.plan = np.inf, np.arange(p)
        self.proven = -np.inf
        finite = np.isfinite(cost)
        # With whole costs a better plan is better by one.
        whole = bool((cost == np.floor(cost))[finite].all()) and cost[finite].sum(dtype=float) < 2.0**52
        self.least_gain = 1 - 1e-6 if whole else 0.0

    def goal(self) -> tuple[float, float]:
        """Return what a plan must stay below to be wanted, and the value the steps of a bound aim at, above it."""
        limit = self.value - max(self.least_gain, _ROUNDING * abs(self.value))
        aim = self.value + 0.1 * (self.value - self.proven) if np.isfinite(self.proven) else self.value
        return limit, aim

    def offer(self, plan: Ints) -> None:
        """Improve a plan by exchanges, and keep it if it is the best."""
        self.keep(self._exchanged(plan))

    def keep(self, plan: Ints) -> None:
        """Keep a plan if it is the best."""
        value = _value(self.cost, plan)
        if value < self.value * (1 - 1e-12):
            self.value, self.plan = value, np.sort(plan)

    def _exchanged(self, plan: Ints) -> Ints:
        from access15._kernels.median import exchange

        plan, done = plan.copy(), False
        while not done and self.deadline.left() > 0:
            _, done = exchange(*self.lists.arrays, self.lists.far, self.lists.candidates, plan, 4)
        return plan

    def start(self, begin: Ints | None) -> None:
        """Find a good plan: greedy, then exchanges from it and from plans disturbed at random."""
        self.offer(_greedy_that_serves(self.cost, self.p, begin))
        rng = np.random.default_rng(0)
        until = self.deadline.part(0.1)
        swaps = min(max(2, self.p // 8), self.p)
        for _ in range(_SHAKES):
            if until.left() <= 0:
                break
            plan = self.plan.copy()
            others = np.setdiff1d(np.arange(len(self.cost)), plan)
            some = min(swaps, len(others))
            plan[rng.choice(self.p, some, replace=False)] = rng.choice(others, some, replace=False)
            self.offer(plan)

    def bound(self) -> float:
        """Return a bound on every plan, `inf` where none is better than the best; plans are improved on the way."""
        from access15._kernels.median import INSIDE, OUTSIDE

        node = self._root()
        if node is None:
            return np.inf
        keep = np.flatnonzero(node.status != OUTSIDE)
        if self.shortened or len(keep) * len(node.price) > _MOST_SPLIT or self.deadline.left() <= 0:
            return self.proven
        rest = self.lists.without(keep)
        node.status, node.share = node.status[keep], node.share[keep]
        inside = self.cost[keep[node.status == INSIDE]]
        node.top = np.minimum(self.lists.far, inside.min(axis=0)) if len(inside) else self.lists.far.copy()
        found = branch(rest, self.p, node, self.goal, lambda plan: self.offer(keep[plan]), self.deadline)
        return max(found, self.proven)

    def _root(self) -> Node | None:
        """Return what the bound without splits decides; None where it proves the best plan."""
        from access15._kernels.median import FAR, bound_root, second_nearest

        m, lists = len(self.cost), self.lists
        price = second_nearest(*lists.arrays, lists.far, self.plan, m)
        kept, share, run = price.copy(), np.zeros(m), np.array([1.0, -np.inf])
        top, status = lists.far.copy(), np.zeros(m, np.int8)
        steps, at_once = _ROOT_STEPS, 20
        bounding = improving = 0.0
        while steps > 0 and self.deadline.left() > 0 and run[0] >= _ROOT[3]:
            began = time.perf_counter()
            goal = self.goal()
            found = bound_root(
                *lists.arrays, top, status, self.p, price, kept, share, run, *goal, at_once, _ROOT
            )
            if found == np.inf:
                return None
            self.proven = max(self.proven, found)
            steps -= at_once
            bounded = time.perf_counter()
            bounding += bounded - began
            each = (bounded - began) / at_once
            at_once = int(np.clip(0.02 * self.deadline.left() / max(each, 1e-9), 1, _STEPS_AT_ONCE))
            if improving > 0.3 * bounding:  # where exchanges take long, bounds go first
                continue
            before = self.value
            self.offer(np.argsort(-share, kind="stable")[: self.p])
            improving += time.perf_counter() - bounded
            if self.value < before:
                run[0] = max(run[0], 0.1)
        return Node(self.proven, np.full(len(price), FAR), top, kept, status, share)


def list_candidates(cost: Floats) -> tuple[Lists, bool]:
    """Return the candidates of every cell, cheapest first, and whether some that matter are left out.

    Candidates that cost a cell no less than the dearest one are not listed where every candidate can serve it: then it
    never costs more. A cell that not every candidate can serve costs more than any plan while none of its list is
    open.

    Parameters
    ----------
    cost : (m, n) float64
        ``inf`` where a candidate cannot serve a cell.
    """
    m, n = cost.shape
    listed = m if m * n <= _MOST_PAIRS else int(min(m, max(_FEWEST_LISTED, _MOST_PAIRS // n, 1)))
    finite = np.isfinite(cost)
    most = np.where(finite, cost, -np.inf).max(axis=0, initial=0.0)
    never = most.sum() + 1.0
    far = np.where(finite.all(axis=0), most, never)
    size, parts = np.zeros(n, np.int64), []
    for first in range(0, n, 4096):
        columns = slice(first, first + 4096)
        part = np.ascontiguousarray(cost[:, columns].T)
        if listed < m:
            near = np.argpartition(part, listed - 1, axis=1)[:, :listed]
            near = np.take_along_axis(
                near, np.argsort(np.take_along_axis(part, near, axis=1), axis=1, kind="stable"), axis=1
            )
        else:
            near = np.argsort(part, axis=1, kind="stable")
        value = np.take_along_axis(part, near, axis=1)
        if listed < m:  # whoever is not listed costs at least as much as the last who is
            far[columns] = np.minimum(far[columns], np.where(np.isfinite(value[:, -1]), value[:, -1], np.inf))
        use = value < far[columns, None]
        size[columns] = use.sum(axis=1)
        parts.append((near[use].astype(np.int32), value[use]))
    ptr = np.concatenate([[0], np.cumsum(size)])
    idx, val = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Lists(ptr, idx, val, far, m), listed < m


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
    """Return a good plan of ``p`` sites: greedy, then exchanges; ties to the lowest row."""
    search = _Search(cost, p, deadline)
    search.offer(_greedy_that_serves(cost, p, start))
    return search.plan


def _greedy_that_serves(cost: Floats, p: int, start: Ints | None) -> Ints:
    """Return the greedy plan, from ``start`` on where it would leave somebody unserved without."""
    usable = _finite(cost)
    plan = greedy_median(usable, p, np.zeros(0, np.int64))
    if start is not None and not np.isfinite(_value(cost, plan)):
        plan = greedy_median(usable, p, start)
    return plan


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
