"""p-center: the least longest travel time with p sites."""

from __future__ import annotations

import numpy as np

from access15.arrays import Floats, Ints
from access15.siting.exact.cover import fewest_greedy
from access15.siting.exact.reduce import drop_implied, reduce_cover
from access15.siting.exact.solver import Choice, Deadline, Milp, solve_milp


def p_center(seconds: Floats, p: int, deadline: Deadline, *, start: Ints) -> Choice:
    """Return at most ``p`` candidates whose worst-served cell has the least travel time.

    Binary search over the distinct times: a time is reachable when ``p`` candidates cover every cell
    within it. Greedy covers narrow the search, exact covers decide.

    Parameters
    ----------
    seconds : (m, n) float64
        Time from each candidate to each cell, ``inf`` where there is no way.
    p : int
    deadline : Deadline
    start : (k,) int64
        A plan of at most ``p`` candidates that reaches every cell.

    Notes
    -----
    Source: Minieka (1970), The m-center problem; Daskin (1995), Network and Discrete Location, chapter 5.
    """
    plan = start
    worst = float(seconds[plan].min(axis=0).max()) if seconds.shape[1] else 0.0
    least = float(seconds.min(axis=0).max()) if seconds.shape[1] else 0.0
    times = np.unique(seconds[(seconds >= least) & (seconds <= worst)])
    if len(times) <= 1:
        return Choice(plan, worst, worst, True)
    for exact in (False, True):
        low, high = 0, int(np.searchsorted(times, worst))
        while low < high:
            middle = (low + high) // 2
            found, proven = _within(seconds, float(times[middle]), p, deadline, exact)
            if found is not None:
                plan, high = found, middle
            elif exact and not proven:
                return _best(seconds, plan, float(times[low]))
            else:
                low = middle + 1
        worst = float(seconds[plan].min(axis=0).max())
    return _best(seconds, plan, float(times[high]))


def _best(seconds: Floats, plan: Ints, bound: float) -> Choice:
    worst = float(seconds[plan].min(axis=0).max())
    return Choice(np.sort(plan), worst, min(bound, worst), bound >= worst)


def _within(
    seconds: Floats, limit: float, p: int, deadline: Deadline, exact: bool
) -> tuple[Ints | None, bool]:
    """Return ``p`` candidates or fewer that serve every cell within ``limit``, or None and whether none exist."""
    from scipy import sparse

    cover = sparse.csr_array((seconds <= limit).astype(float))
    if (np.bincount(cover.indices, minlength=cover.shape[1]) == 0).any():
        return None, True
    problem = drop_implied(reduce_cover(cover, np.ones(seconds.shape[1])))
    plan = fewest_greedy(problem, problem.total - 0.5)
    if len(plan) <= p:
        return problem.row[plan], True
    if not exact:
        return None, False
    m, g = problem.cover.shape
    rows = sparse.vstack([problem.cover.T, sparse.csr_array(np.ones((1, m)))], format="csr")
    low, high = np.append(np.ones(g), 0.0), np.append(np.full(g, np.inf), float(p))
    model = Milp(np.ones(m), np.ones(m), m, rows, low, high)
    answer = solve_milp(model, deadline.left(), stop_at=float(p))
    if answer.x is not None:
        found = np.flatnonzero(answer.x > 0.5)
        if len(found) <= p and problem.covered_by(found).all():
            return problem.row[found], True
    return None, answer.infeasible
