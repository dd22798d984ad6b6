"""Areas to their target first: as few people as possible short of it, then the most people covered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from access15.arrays import Floats, Ints
from access15.siting.exact.area import AreaProblem
from access15.siting.exact.solver import Deadline, Milp, solve_milp

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class TargetProblem:
    """Which candidate covers whom in which area, and how many people each area is short of its target.

    Attributes
    ----------
    areas : AreaProblem
    need : (a,) float64
        Demand that is missing to the target before anything is built, 0 where the target is met.
    """

    areas: AreaProblem
    need: Floats

    def short(self, chosen: Ints) -> Floats:
        """Return the demand each area is short of its target with chosen candidates."""
        problem = self.areas
        covered = problem.cover.covered_by(chosen) & (problem.area >= 0)
        gained = np.bincount(problem.area[covered], problem.cover.weight[covered], len(self.need))
        return np.maximum(self.need - gained, 0.0)

    def merit(self, chosen: Ints) -> tuple[float, float]:
        """Return the demand short of the targets, and the demand that chosen candidates cover."""
        return float(self.short(chosen).sum()), self.areas.cover.value(chosen)

    def better(self, one: Ints, other: Ints) -> bool:
        """Return whether ``one`` leaves less demand short of the targets, or as much and covers more (to rounding)."""
        (short, people), (least, fewer) = self.merit(one), self.merit(other)
        close = _ROUNDING * max(1.0, float(self.need.sum()))
        if abs(short - least) > close:
            return short < least
        return people > fewer + _ROUNDING * self.areas.cover.total


def greedy_target(problem: TargetProblem, p: int) -> Ints:
    """Return ``p`` candidates, each the one that brings most people towards their area's target (ties: people, row)."""
    from scipy import sparse

    cover, area = problem.areas.cover, problem.areas.area
    left, inside = cover.weight.copy(), np.flatnonzero(area >= 0)
    members = sparse.csr_array(
        (np.ones(len(inside)), (inside, area[inside])), shape=(len(left), len(problem.need))
    )
    chosen: list[int] = []
    while len(chosen) < min(p, cover.n_candidates) and left.any():
        short = problem.short(np.array(chosen, np.int64))
        by_area = sparse.csr_array(cover.cover @ (sparse.diags_array(left) @ members))
        towards = np.minimum(by_area.toarray(), short[None, :]).sum(axis=1)
        row = int(np.lexsort((-(cover.cover @ left), -towards))[0])
        chosen.append(row)
        left[cover.cells_of(row)] = 0.0
    return np.sort(np.array(chosen, np.int64))


def to_target(
    problem: TargetProblem, p: int, deadline: Deadline, starts: list[Ints]
) -> tuple[Ints, float, bool]:
    """Return the best plan, the proven least demand short of the targets, and whether both steps are proven.

    Parameters
    ----------
    problem : TargetProblem
    p : int
    deadline : Deadline
    starts : list of (k,) int64
        Plans of at most ``p`` candidates to start from.

    Notes
    -----
    Two mixed-integer programmes, lexicographic: goal programming of area coverage (Charnes & Storbeck 1980), then maximal
    covering (Church & ReVelle 1974).
    """
    plan = greedy_target(problem, p)
    for start in starts:
        plan = start if problem.better(start, plan) else plan
    short = problem.merit(plan)[0]
    floor = float(problem.short(np.arange(problem.areas.cover.n_candidates)).sum())
    close = _ROUNDING * max(1.0, float(problem.need.sum()))
    proven, bound = short <= floor + close, floor
    if not proven:
        answer = solve_milp(_model(problem, p, None), deadline.part(0.6).left(), _solution(problem, plan))
        plan = _improved(problem, plan, answer.x)
        short, proven = problem.merit(plan)[0], answer.optimal
        bound = short if proven else min(short, max(floor, answer.bound))
    answer = solve_milp(_model(problem, p, short), deadline.left(), _solution(problem, plan))
    plan = _improved(problem, plan, answer.x)
    return np.sort(plan), bound, proven and answer.optimal


def _improved(problem: TargetProblem, plan: Ints, x: Floats | None) -> Ints:
    if x is None:
        return plan
    found = np.flatnonzero(x[: problem.areas.cover.n_candidates] > 0.5)
    return found if problem.better(found, plan) else plan


def _solution(problem: TargetProblem, plan: Ints) -> Floats:
    is_open = np.zeros(problem.areas.cover.n_candidates)
    is_open[plan] = 1.0
    return np.concatenate([is_open, problem.areas.cover.covered_by(plan), problem.short(plan)])


def _model(problem: TargetProblem, p: int, most: float | None) -> Milp:
    """Return the model: sites, covered shares of groups, people short by area; with ``most`` no more are short in all."""
    from scipy import sparse

    cover, area = problem.areas.cover, problem.areas.area
    m, g = cover.cover.shape
    a, inside = len(problem.need), np.flatnonzero(area >= 0)
    by_area = sparse.csr_array((cover.weight[inside], (area[inside], inside)), shape=(a, g))
    # Columns: sites, covered shares of the groups, people short. Rows: who covers whom, areas, number of sites, all who are short.
    rows = sparse.block_array(
        [
            [cover.cover.T, -sparse.eye_array(g), sparse.csr_array((g, a))],
            [sparse.csr_array((a, m)), by_area, sparse.eye_array(a)],
            [sparse.csr_array(np.ones((1, m))), None, None],
            [None, None, sparse.csr_array(np.ones((1, a)))],
        ],
        format="csr",
    )
    cost, upper = np.zeros(m + g + a), np.ones(m + g + a)
    upper[m + g :] = problem.need
    if most is None:
        cost[m + g :] = 1.0
    else:
        cost[m : m + g] = -cover.weight
    limit = np.inf if most is None else most + _ROUNDING * max(1.0, float(problem.need.sum()))
    low = np.concatenate([np.zeros(g), problem.need, [0.0, 0.0]])
    high = np.concatenate([np.full(g + a, np.inf), [float(p), limit]])
    return Milp(cost, upper, m, rows, low, high)
