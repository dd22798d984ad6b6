"""Covering models: most people with p sites, all people with the fewest, a share of people with the fewest."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from access15.arrays import Bools, Floats, Ints
from access15.siting.exact.bound import bound_cover
from access15.siting.exact.greedy import exchange_cover, good_cover, greedy_bound, greedy_cover, rounds_for
from access15.siting.exact.reduce import CoverProblem, drop_implied, reduce_cover
from access15.siting.exact.search import search_cover
from access15.siting.exact.solver import Choice, Deadline, Milp, solve_milp

_ROUNDING = 1e-9
"""Relative room for the rounding of sums of people."""

_FEW = 100
"""Undecided candidates that the exact model handles without a better plan first."""

_SEARCH = 0.6
"""Share of the time left for branch and bound; the mixed-integer solver gets the rest."""

_MOST_PAIRS = 4_000_000
"""Pairs of candidate and demand above which the exact model is not tried."""


def max_cover(
    problem: CoverProblem,
    p: int,
    deadline: Deadline,
    *,
    start: Ints | None = None,
    price: Floats | None = None,
) -> tuple[Choice, Floats]:
    """Return the plan of at most ``p`` candidates that covers the most weight, and the prices of its bound.

    Greedy with exchanges gives a plan, a Lagrangian bound proves most candidates useless or needed, the
    rest is merged again and goes to branch and bound, and what that leaves to the mixed-integer solver. Every step keeps an optimal plan.

    Parameters
    ----------
    problem : CoverProblem
        Rows of the answer count in it.
    p : int
    deadline : Deadline
    start : (k,) int64, optional
        A plan to improve on.
    price : (g,) float64, optional
        Prices returned for a neighbouring ``p``.

    Notes
    -----
    Model: Church & ReVelle (1974), The maximal covering location problem.
    """
    if p >= problem.n_candidates or not len(problem.weight):
        every = np.arange(min(p, problem.n_candidates))
        return Choice(every, problem.total, problem.total, True), problem.weight
    # A good plan by greedy and exchanges, or the one that was given.
    plan = good_cover(problem, p, rounds_for(problem, p, 100) if deadline.left() else 0)
    if start is not None and problem.value(start) > problem.value(plan) * (1 + _ROUNDING):
        plan = np.sort(start)
    # A bound, which rules candidates in and out; many undecided ones are worth more exchanges.
    state = bound_cover(problem, p, plan, deadline.part(0.5), price=price)
    undecided = int((~state.out & ~state.into).sum())
    if not state.closed() and undecided > _FEW and deadline.left():
        plan = exchange_cover(problem, state.chosen, rounds_for(problem, p, 1000))
        if problem.value(plan) > state.value * (1 + _ROUNDING):
            state.chosen, state.value = plan, problem.value(plan)
            state.bound = max(state.value, state.bound)
    state.bound = min(state.bound, max(state.value, greedy_bound(problem, p)))
    if state.closed():
        return Choice(state.chosen, state.value, state.value, True), state.price
    # What is undecided is searched exactly.
    choice = _cover_rest(problem, p, state.out & ~state.into, state.into, state.chosen, deadline)
    value, rows = choice.value, choice.rows
    if state.value >= value * (1 - _ROUNDING):
        value, rows = state.value, state.chosen
    bound = value if choice.optimal else max(value, min(state.bound, choice.bound))
    return Choice(rows, value, bound, choice.optimal), state.price


def _cover_rest(
    problem: CoverProblem,
    p: int,
    out: Bools,
    into: Bools,
    plan: Ints,
    deadline: Deadline,
) -> Choice:
    """Solve exactly for plans that contain ``into`` and avoid ``out``, unless that is too large to try.

    The bound holds for every plan better than the best known one, as only such plans were kept.
    """
    forced = np.flatnonzero(into)
    if len(forced) > p:
        return Choice(plan, problem.value(plan), problem.value(plan), True)
    done = problem.covered_by(forced)
    base = float(problem.weight[done].sum())
    free = np.flatnonzero(~out & ~into)
    rest = reduce_cover(problem.cover[free], np.where(done, 0.0, problem.weight), free)
    left = p - len(forced)
    if left == 0 or left >= rest.n_candidates:
        rows = np.concatenate([forced, rest.row[:left]])
        value = problem.value(rows)
        return Choice(np.sort(rows), value, value, True)
    hint = np.flatnonzero(np.isin(rest.row, plan))
    small = search_cover(rest, left, hint[:left], deadline.part(_SEARCH))
    if not small.optimal and rest.cover.nnz <= _MOST_PAIRS:
        milp = _cover_milp(rest, left, small.rows, deadline)
        small = replace(milp, bound=max(milp.value, min(milp.bound, small.bound)))
    rows = np.sort(np.concatenate([forced, rest.row[small.rows]]))
    return Choice(rows, problem.value(rows), base + small.bound, small.optimal)


def _cover_milp(problem: CoverProblem, p: int, hint: Ints, deadline: Deadline) -> Choice:
    """Solve a maximal covering model with the mixed-integer solver, starting from a good plan."""
    from scipy import sparse

    start_rows = good_cover(problem, p)
    if problem.value(hint) > problem.value(start_rows):
        start_rows = hint
    m, g = problem.cover.shape
    # Columns: sites, then covered groups. Rows: who covers whom, number of sites.
    rows = sparse.block_array(
        [[problem.cover.T, -sparse.eye_array(g)], [sparse.csr_array(np.ones((1, m))), None]], format="csr"
    )
    model = Milp(
        cost=np.concatenate([np.zeros(m), -problem.weight]),
        upper=np.ones(m + g),
        n_integer=m,
        matrix=rows,
        row_low=np.concatenate([np.zeros(g), [0.0]]),
        row_high=np.concatenate([np.full(g, np.inf), [float(p)]]),
    )
    start = np.zeros(m + g)
    start[start_rows] = 1.0
    start[m:] = problem.covered_by(start_rows)
    answer = solve_milp(model, deadline.left(), start)
    found = start_rows if answer.x is None else np.flatnonzero(answer.x[:m] > 0.5)
    if problem.value(found) <= problem.value(start_rows) * (1 + _ROUNDING):
        found = start_rows
    value = problem.value(found)
    return Choice(found, value, max(value, min(problem.total, -answer.bound)), answer.optimal)


def set_cover(problem: CoverProblem, deadline: Deadline) -> Choice:
    """Return the fewest candidates that cover all demand of the problem.

    Notes
    -----
    Model: Toregas, Swain, ReVelle & Bergman (1971), The location of emergency service facilities.
    """
    needed = drop_implied(problem)
    return partial_cover(needed, needed.total, deadline)


def partial_cover(problem: CoverProblem, need: float, deadline: Deadline) -> Choice:
    """Return the fewest candidates that cover at least the weight ``need``; value and bound are counts.

    Sums within 1e-9 of ``need`` (relative to the total) count as reaching it. ``need`` must be reachable.

    Notes
    -----
    Model: Daskin & Owen (1999), Two new location covering problems.
    """
    enough = need - _ROUNDING * problem.total
    if enough <= 0:
        return Choice(np.zeros(0, np.int64), 0.0, 0.0, True)
    plan = fewest_greedy(problem, enough)
    bound = _fewest_bound(problem, enough)
    if bound >= len(plan):
        return Choice(plan, float(len(plan)), float(len(plan)), True)
    every = need >= problem.total * (1 - _ROUNDING)
    answer = solve_milp(*_fewest_milp(problem, enough, plan, deadline.left(), every))
    if answer.x is not None:
        found = np.flatnonzero(answer.x[: problem.n_candidates] > 0.5)
        if len(found) < len(plan) and problem.value(found) >= enough - _ROUNDING * problem.total:
            plan = found
    proven = min(max(answer.bound, 0.0), len(plan))
    bound = max(bound, math.ceil(proven - 1e-6))
    return Choice(plan, float(len(plan)), float(bound), bound >= len(plan))


def fewest_greedy(problem: CoverProblem, enough: float) -> Ints:
    """Return a greedy plan that covers at least ``enough``, without sites that others make needless."""
    chosen = greedy_cover(problem, problem.n_candidates, until=enough).tolist()
    for row in list(reversed(chosen)):
        without = np.array([other for other in chosen if other != row], np.int64)
        if problem.value(without) >= enough:
            chosen.remove(row)
    return np.sort(np.array(chosen, np.int64))


def _fewest_bound(problem: CoverProblem, enough: float) -> int:
    """Return a number of sites below which ``enough`` cannot be covered: the largest candidates side by side."""
    sizes = np.sort(problem.cover @ problem.weight)[::-1]
    return int(np.searchsorted(np.cumsum(sizes), enough * (1 - _ROUNDING))) + 1


def _fewest_milp(
    problem: CoverProblem, enough: float, plan: Ints, time_s: float, every: bool
) -> tuple[Milp, float, Floats]:
    """Return the model, the time and the start of a (partial) set cover."""
    from scipy import sparse

    m, g = problem.cover.shape
    if every:
        start = np.zeros(m)
        start[plan] = 1.0
        model = Milp(np.ones(m), np.ones(m), m, problem.cover.T.tocsr(), np.ones(g), np.full(g, np.inf))
        return model, time_s, start
    people = sparse.csr_array(problem.weight[None, :])
    rows = sparse.block_array([[problem.cover.T, -sparse.eye_array(g)], [None, people]], format="csr")
    start = np.zeros(m + g)
    start[plan] = 1.0
    start[m:] = problem.covered_by(plan)
    model = Milp(
        cost=np.concatenate([np.ones(m), np.zeros(g)]),
        upper=np.ones(m + g),
        n_integer=m,
        matrix=rows,
        row_low=np.concatenate([np.zeros(g), [enough]]),
        row_high=np.full(g + 1, np.inf),
    )
    return model, time_s, start
