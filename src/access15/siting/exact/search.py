"""Branch and bound for maximal covering on Lagrangian bounds: closes what is left where the bound alone does not."""

from __future__ import annotations

import math

import numpy as np

from access15.arrays import Bools, Floats, Ints
from access15.siting.exact.bound import bound_cover
from access15.siting.exact.reduce import CoverProblem
from access15.siting.exact.solver import Choice, Deadline

_STEPS = 60
"""Steps per node: prices start from those of the node above, so few are needed."""

_HOW = np.array([15.0, 0.8, 0.9, 1e-9])
_LENGTH = 0.5
"""Step rule at a node, see `access15._kernels.lagrange.bound_plans`; found by trial on random cities."""


def search_cover(problem: CoverProblem, p: int, start: Ints, deadline: Deadline) -> Choice:
    """Return the plan of at most ``p`` candidates that covers the most, by branch and bound.

    Every node is bounded by `access15._kernels.lagrange.bound_plans`, which also decides many candidates. The
    candidate that is split on is the one about which the plans of the bound disagree most.

    Parameters
    ----------
    problem : CoverProblem
    p : int
        At least 1 and below the number of candidates.
    start : (k,) int64
        A good plan.
    deadline : Deadline
        When it is over, the largest bound of the nodes left stands.

    Notes
    -----
    Method: Land & Doig (1960); with Lagrangian bounds: Geoffrion (1974). Depth first, so few nodes wait.
    """
    from access15._kernels.lagrange import INSIDE, OPEN, OUTSIDE, bound_plans

    # The root: a long run of the bound, which decides many candidates.
    root = bound_cover(problem, p, start, deadline.part(0.5), iterations=10_000)
    best, rows = root.value, root.chosen
    status = np.where(root.out, OUTSIDE, OPEN).astype(np.int8)
    plan, often, sure = (np.zeros(problem.n_candidates, kind) for kind in (bool, float, bool))
    waiting = [] if root.closed() else [(root.bound, status, root.price)]
    while waiting and deadline.left():
        bound, status, price = waiting.pop()
        if bound <= best * (1 + _HOW[3]):
            continue
        often[:] = 0
        arrays = problem.cover.indptr, problem.cover.indices, problem.weight
        run = np.array([_LENGTH, 0.0, bound])
        kept, direction = price.copy(), np.zeros(len(price))
        # A node: some steps of the bound from the prices of the node above.
        here, value = bound_plans(
            *arrays, p, status, sure, price, kept, direction, run, best, plan, often, _STEPS, _HOW, True
        )
        if value > best:
            rows = np.flatnonzero(plan)
            best = problem.value(rows)
        here = min(here, bound)
        if here <= best * (1 + _HOW[3]):
            continue
        # Two nodes more: without the most doubtful candidate and with it.
        row = _most_doubtful(often, status == OPEN)
        for decision in (OUTSIDE, INSIDE):
            below = status.copy()
            below[row] = decision
            waiting.append((here, below, kept.copy()))
    bound = max((node[0] for node in waiting), default=-math.inf)
    closed = bound <= best * (1 + _HOW[3])
    return Choice(rows, best, best if closed else bound, closed)


def _most_doubtful(often: Floats, free: Bools) -> int:
    """Return the open candidate that was among those of the bound about half of the time."""
    rows = np.flatnonzero(free)
    share = often[rows] / max(1.0, float(often[rows].max()))
    return int(rows[np.argmin(np.abs(share - 0.5))])
