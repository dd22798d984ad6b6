"""Equity between areas: raise the coverage rate of the worst area, then cover the most people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from access15.arrays import Floats, Ints
from access15.siting.exact.reduce import CoverProblem, merge_cells, undominated
from access15.siting.exact.solver import Deadline, Milp, solve_milp

if TYPE_CHECKING:
    from scipy import sparse


_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class AreaProblem:
    """Which candidate covers whom, in which area.

    Attributes
    ----------
    cover : CoverProblem
        Demand of one area with identical cover sets is added up, dominated candidates are gone.
    area : (g,) int64
        Row of the area of each demand group, -1 for areas that do not count.
    base, total : (a,) float64
        Demand covered already, and all demand (above 0), of each area that counts.
    """

    cover: CoverProblem
    area: Ints
    base: Floats
    total: Floats

    @classmethod
    def of(
        cls, cover: sparse.csr_array, left: Floats, area: Ints, base: Floats, total: Floats
    ) -> AreaProblem:
        """Return the problem of all demand a candidate covers; ``area`` is the row of each cell's area."""
        from scipy import sparse

        m, places = cover.shape[0], len(total) + 1
        some = np.flatnonzero((left > 0) & (np.bincount(cover.indices, minlength=cover.shape[1]) > 0))
        # One row per area beside the candidates, so that only cells of the same area are alike.
        inside = sparse.csr_array(
            (np.ones(len(some)), (area[some] % places, np.arange(len(some)))), shape=(places, len(some))
        )
        both = sparse.csr_array(sparse.vstack([cover[:, some], inside], format="csr"))
        both.sort_indices()
        merged = merge_cells(CoverProblem(both, left[some], np.arange(m + places)))
        parts = merged.cover[m:].tocsc()
        group = np.asarray(parts.indices, np.int64)
        keep = undominated(sparse.csr_array(merged.cover[:m]))
        problem = CoverProblem(sparse.csr_array(merged.cover[:m][keep]), merged.weight, np.flatnonzero(keep))
        return cls(problem, np.where(group == places - 1, -1, group), base, total)

    def rates(self, chosen: Ints) -> Floats:
        """Return the coverage rate of every area that counts with chosen candidates."""
        covered = self.cover.covered_by(chosen) & (self.area >= 0)
        gained = np.bincount(self.area[covered], self.cover.weight[covered], len(self.total))
        return np.asarray((self.base + gained) / self.total, np.float64)

    def merit(self, chosen: Ints) -> tuple[float, float]:
        """Return the rate of the worst area, and the demand that chosen candidates cover."""
        return float(self.rates(chosen).min()), self.cover.value(chosen)

    def better(self, one: Ints, other: Ints) -> bool:
        """Return whether ``one`` has the higher worst rate, or the same and more demand (to rounding)."""
        (rate, people), (least, fewer) = self.merit(one), self.merit(other)
        if abs(rate - least) > _ROUNDING:
            return rate > least
        return people > fewer + _ROUNDING * self.cover.total


def greedy_area(problem: AreaProblem, p: int) -> Ints:
    """Return ``p`` candidates, each the one that gains most in the area that is worst then (ties: people, row).

    Where no candidate gains there, the next worst area decides.
    """
    chosen: list[int] = []
    cover, left = problem.cover, problem.cover.weight.copy()
    while len(chosen) < min(p, cover.n_candidates) and left.any():
        all_gains = cover.cover @ left
        for area in np.argsort(problem.rates(np.array(chosen, np.int64)), kind="stable"):
            gains = cover.cover @ np.where(problem.area == area, left, 0.0)
            if gains.max() > 0:
                break
        else:
            gains = all_gains
        row = int(np.lexsort((-all_gains, -gains))[0])
        chosen.append(row)
        left[cover.cells_of(row)] = 0.0
    return np.sort(np.array(chosen, np.int64))


def worst_area(
    problem: AreaProblem, p: int, deadline: Deadline, starts: list[Ints]
) -> tuple[Ints, float, bool]:
    """Return the best plan, the proven bound on the worst rate, and whether both steps are proven.

    Parameters
    ----------
    problem : AreaProblem
    p : int
    deadline : Deadline
    starts : list of (k,) int64
        Plans of at most ``p`` candidates to start from.

    Notes
    -----
    The max-min model with coverage as its second objective, lexicographic: two mixed-integer programmes.
    """
    plan = greedy_area(problem, p)
    for start in starts:
        plan = start if problem.better(start, plan) else plan
    rate = problem.merit(plan)[0]
    top = float(problem.rates(np.arange(problem.cover.n_candidates)).min())
    proven, bound = rate >= top - _ROUNDING, top
    if not proven:
        answer = solve_milp(_model(problem, p, None), deadline.part(0.6).left(), _solution(problem, plan))
        plan = _improved(problem, plan, answer.x)
        rate = problem.merit(plan)[0]
        proven = answer.optimal
        bound = rate if proven else max(rate, min(top, -answer.bound))
    answer = solve_milp(_model(problem, p, rate), deadline.left(), _solution(problem, plan))
    plan = _improved(problem, plan, answer.x)
    return np.sort(plan), bound, proven and answer.optimal


def _improved(problem: AreaProblem, plan: Ints, x: Floats | None) -> Ints:
    if x is None:
        return plan
    found = np.flatnonzero(x[: problem.cover.n_candidates] > 0.5)
    return found if problem.better(found, plan) else plan


def _solution(problem: AreaProblem, plan: Ints) -> Floats:
    is_open = np.zeros(problem.cover.n_candidates)
    is_open[plan] = 1.0
    return np.concatenate([is_open, problem.cover.covered_by(plan), [problem.merit(plan)[0]]])


def _model(problem: AreaProblem, p: int, least: float | None) -> Milp:
    """Return the model: sites, covered shares of groups, the worst rate; with ``least`` that rate is given."""
    from scipy import sparse

    m, g = problem.cover.cover.shape
    a, inside = len(problem.total), np.flatnonzero(problem.area >= 0)
    share = problem.cover.weight[inside] / problem.total[problem.area[inside]]
    # Columns: sites, covered shares of the groups, the worst rate. Rows: who covers whom, areas, number of sites.
    by_area = sparse.csr_array((share, (problem.area[inside], inside)), shape=(a, g))
    rows = sparse.block_array(
        [
            [problem.cover.cover.T, -sparse.eye_array(g), sparse.csr_array((g, 1))],
            [sparse.csr_array((a, m)), by_area, sparse.csr_array(-np.ones((a, 1)))],
            [sparse.csr_array(np.ones((1, m))), None, None],
        ],
        format="csr",
    )
    cost, upper = np.zeros(m + g + 1), np.ones(m + g + 1)
    low = np.concatenate([np.zeros(g), -problem.base / problem.total, [0.0]])
    high = np.concatenate([np.full(g + a, np.inf), [float(p)]])
    # First the worst rate is raised; then it is given, and the demand covered is raised.
    if least is None:
        cost[-1] = -1.0
    else:
        cost[m : m + g] = -problem.cover.weight
        upper[-1] = 0.0
        low[g : g + a] += max(0.0, least - _ROUNDING)
    return Milp(cost, upper, m, rows, low, high)
