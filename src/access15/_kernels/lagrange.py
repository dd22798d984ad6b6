"""Lagrangian bounds of the maximal covering problem, and the part of a tree of choices they leave open.

The rule that a cell counts only if a chosen candidate covers it is relaxed at a price. Prices follow a deflected
subgradient: the direction of every step keeps a share of the last one (Camerini, Fratta & Maffioli 1975), which on
covering problems comes to the bound of the linear programme, where the plain method stops far from it.
"""

import numpy as np

from access15._kernels._jit import kernel
from access15._kernels.growth import copy

OPEN, INSIDE, OUTSIDE = 0, 1, 2
"""What is decided of a candidate."""


@kernel
def _take(indptr, cells, row, left_weight, price):
    """Cover the cells of a candidate for good; return what that is worth."""
    gained = 0.0
    for k in range(indptr[row], indptr[row + 1]):
        cell = cells[k]
        gained += left_weight[cell]
        left_weight[cell] = 0.0
        price[cell] = 0.0
    return gained


@kernel
def _scores(indptr, cells, price, status):
    """Return the candidates that are open, by the sum of the prices of their cells, and these sums."""
    rows = np.empty(status.size, np.int64)
    score = np.empty(status.size)
    count = 0
    for row in range(status.size):
        if status[row] == OPEN:
            total = 0.0
            for k in range(indptr[row], indptr[row + 1]):
                total += price[cells[k]]
            rows[count] = row
            score[count] = total
            count += 1
    order = np.argsort(-score[:count], kind="mergesort")
    return rows[order], score[order]


@kernel
def _step(left_weight, price, times, direction, keep, length, gap):
    """Move the prices; return False where no direction is left."""
    norm = 0.0
    for cell in range(price.size):
        direction[cell] = 1.0 - times[cell] + keep * direction[cell]
        move = direction[cell]
        if (
            left_weight[cell] == 0
            or (move > 0 and price[cell] >= left_weight[cell])
            or (move < 0 and price[cell] <= 0)
        ):
            continue
        norm += move * move
    if norm == 0:
        return False
    step = length * gap / norm
    for cell in range(price.size):
        price[cell] = min(max(price[cell] + step * direction[cell], 0.0), left_weight[cell])
    return True


@kernel
def bound_plans(
    indptr, cells, weight, p, status, sure, price, kept, direction, run, best, plan, often, steps, how, branch
):
    """Bound what any plan within some decisions covers, decide what the bound decides, and keep the best plan met.

    Parameters
    ----------
    indptr, cells : (m + 1,), (pairs,)
        Cells by candidate.
    weight : (g,) float64
    p : int
        Most candidates of a plan.
    status : (m,) int8
        `OPEN`, `INSIDE` or `OUTSIDE`; candidates that no better plan holds become `OUTSIDE` (in place).
    sure : (m,) bool
        Becomes True for candidates that every better plan holds; with ``branch`` they become `INSIDE` at once.
    price, kept, direction : (g,) float64
        Prices to start from, those of the best bound, and the last direction (all in place).
    run : (3,) float64
        Length of the next step, steps without progress, and the bound so far (in place).
    best : float
        Value of the best plan known.
    plan : (m,) bool
        The best plan met, where it is better than ``best``.
    often : (m,) float64
        Counts how often a candidate was among those of the bound.
    steps : int
    how : (4,) float64
        Steps without progress until the length is cut, by how much, share of the direction that is kept, and the
        share by which a plan must beat ``best`` to count as better (below 0: plans as good are kept too).
    branch : bool

    Returns
    -------
    bound : float
        On plans better than ``best`` within the decisions; ``-inf`` where there is none.
    best : float
    """
    # 1. Decided sites cover their cells; the others choose among what is left.
    left_weight = weight.copy()
    base, left = 0.0, p
    for row in range(status.size):
        if status[row] == INSIDE:
            base += _take(indptr, cells, row, left_weight, price)
            left -= 1
    length, stalled, bound = run
    times = np.zeros(weight.size)
    # 2. Steps of the subgradient: each gives a bound and a plan.
    for _ in range(steps):
        limit = best + how[3] * max(1.0, abs(best))
        rows, score = _scores(indptr, cells, price, status)
        if left < 0:
            return -np.inf, best
        top = min(left, rows.size)
        # What the plan of the bound really covers.
        times[:] = 0.0
        value = base
        for r in range(top):
            often[rows[r]] += 1.0
            for k in range(indptr[rows[r]], indptr[rows[r] + 1]):
                if times[cells[k]] == 0.0:
                    value += left_weight[cells[k]]
                times[cells[k]] += 1.0
        if value > max(best, limit):
            best = value
            limit = best + how[3] * max(1.0, abs(best))
            for row in range(status.size):
                plan[row] = status[row] == INSIDE
            for r in range(top):
                plan[rows[r]] = True
        # The bound at these prices. No plan can be better, or only one that the plan met equals: done.
        here = base + (left_weight - price).sum() + score[:top].sum()
        if here <= limit or rows.size <= left:
            return -np.inf, best
        if here <= best * (1 + 1e-12):
            return here, best
        # The prices of the best bound are kept.
        stalled = 0.0 if here < bound - 1e-6 * abs(bound - best) else stalled + 1.0
        if here < bound:
            bound = here
            copy(price, kept)
        # Candidates that no better plan has, and those that every better plan has.
        moved = False
        last, next_one = score[left - 1] if left else np.inf, score[left]
        for r in range(rows.size):
            if r >= left:
                if here - last + score[r] <= limit:
                    status[rows[r]] = OUTSIDE
            elif here - score[r] + next_one <= limit:
                sure[rows[r]] = True
                if branch:
                    status[rows[r]] = INSIDE
                    base += _take(indptr, cells, rows[r], left_weight, price)
                    left -= 1
                    moved = True
        if moved:
            for cell in range(kept.size):
                if left_weight[cell] == 0:
                    kept[cell] = 0.0
            continue
        # Without progress: shorter steps from the best prices. Otherwise one step along the direction.
        if stalled >= how[0]:
            length *= how[1]
            stalled = 0.0
            copy(kept, price)
            direction[:] = 0.0
        elif not _step(left_weight, price, times, direction, how[2], length, here - best):
            break
    run[0], run[1], run[2] = length, stalled, bound
    return bound, best
