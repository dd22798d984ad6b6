"""Backup coverage: as many people as can be within reach of two sites, not one, so that one may fail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from access15.arrays import Bools, Floats, Ints
from access15.siting.exact.bound import bound_cover
from access15.siting.exact.reduce import CoverProblem, merge_cells
from access15.siting.exact.solver import Choice, Deadline, Milp, solve_milp

if TYPE_CHECKING:
    from scipy import sparse


_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class BackupProblem:
    """Demand groups, which candidates cover them, and which of them something existing covers once.

    Attributes
    ----------
    cover : (m, g) csr_array of float64 ones
    weight : (g,) float64
        Above 0.
    now : (g,) bool
        Covered once already.
    """

    cover: sparse.csr_array
    weight: Floats
    now: Bools

    @classmethod
    def of(cls, cover: sparse.csr_array, weight: Floats, now: Bools) -> BackupProblem:
        """Return the problem with cells of identical cover sets added up; candidates all stay.

        A candidate whose cells another one covers as well is useless for single coverage, not for backup.
        """
        from scipy import sparse

        parts = []
        for flag in (False, True):
            some = np.flatnonzero((weight > 0) & (now == flag))
            used = np.bincount(cover.indices, minlength=cover.shape[1])[some] > 0
            rows = np.arange(cover.shape[0])
            parts.append(merge_cells(CoverProblem(cover[:, some[used]], weight[some[used]], rows)))
        both = sparse.csr_array(sparse.hstack([part.cover for part in parts], format="csr"))
        sizes = [len(part.weight) for part in parts]
        weights = np.concatenate([part.weight for part in parts])
        return cls(both, weights, np.repeat([False, True], sizes))

    def only(self, rows: Ints) -> BackupProblem:
        """Return the problem of some candidates, all demand kept."""
        return BackupProblem(self.cover[rows], self.weight, self.now)

    def times_covered(self, chosen: Ints) -> Ints:
        """Return how often each group is covered, what exists counted once."""
        count = np.asarray(self.cover[chosen].sum(axis=0)).ravel() + self.now
        return np.asarray(np.rint(count), np.int64)

    def value(self, chosen: Ints) -> tuple[float, float]:
        """Return the weight that is covered at least once, and at least twice."""
        count = self.times_covered(chosen)
        return float(self.weight[count >= 1].sum()), float(self.weight[count >= 2].sum())


def fill_up(problem: BackupProblem, chosen: Ints, p: int) -> Ints:
    """Return a plan with sites added up to ``p``: each the one that adds most cover, then most backup."""
    plan = [int(row) for row in chosen]
    while len(plan) < p:
        count = problem.times_covered(np.array(plan, np.int64))
        once = problem.cover @ np.where(count == 0, problem.weight, 0.0)
        twice = problem.cover @ np.where(count == 1, problem.weight, 0.0)
        once[plan] = twice[plan] = -1.0
        best = int(np.lexsort((np.arange(len(once)), -twice, -once))[0])
        if once[best] <= 0 and twice[best] <= 0:
            break
        plan.append(best)
    return np.array(plan, np.int64)


def backup_cover(problem: BackupProblem, p: int, first: Ints, deadline: Deadline) -> Choice:
    """Return at most ``p`` candidates with the most weight covered twice, among those that cover the most once.

    Parameters
    ----------
    problem : BackupProblem
    p : int
    first : (k,) int64
        At most ``p`` candidates that cover as much once as any plan can, or as much as is asked for.
    deadline : Deadline

    Returns
    -------
    Choice
        Value and bound are the weight covered twice.

    Notes
    -----
    Model: Hogan & ReVelle (1986), Concepts and applications of backup coverage, with coverage kept at its
    best value and backup second. Demand counts as backed up only when two different sites cover it.
    """
    start = fill_up(problem, first, p)
    need, value = problem.value(start)
    rows = _possible(problem, p, start, deadline)
    model, x = _model(problem.only(rows), p, need, np.searchsorted(rows, start))
    answer = solve_milp(model, deadline.left(), x)
    if answer.x is not None:
        found = rows[np.flatnonzero(answer.x[: len(rows)] > 0.5)]
        once, twice = problem.value(found)
        if once >= need * (1 - _ROUNDING) and twice > value * (1 + _ROUNDING):
            start, value = found, twice
    most = float(problem.weight[problem.times_covered(rows) >= 2].sum())
    bound = value if answer.optimal else max(value, min(most, -answer.bound))
    return Choice(np.sort(start), value, bound, answer.optimal or bound <= value * (1 + _ROUNDING))


def _possible(problem: BackupProblem, p: int, plan: Ints, deadline: Deadline) -> Ints:
    """Return the candidates that a plan with as much single coverage can contain, and those of the plan.

    The Lagrangian bound of single coverage rules most of them out.
    """
    m = problem.cover.shape[0]
    if p >= m or problem.now.all():
        return np.arange(m)
    single = CoverProblem(problem.cover[:, ~problem.now], problem.weight[~problem.now], np.arange(m))
    state = bound_cover(single, p, np.sort(plan), deadline.part(0.5), iterations=1000)
    state.out[plan] = False
    return np.flatnonzero(~state.out)


def _model(problem: BackupProblem, p: int, need: float, plan: Ints) -> tuple[Milp, Floats]:
    """Return the mixed-integer model and a plan as a solution of it.

    Columns: sites ``y``, then backup ``z``, then single cover ``c``. A group needs ``z + c`` sites and ``z <= c``;
    where every group must be covered, ``c`` is 1 and ``z`` comes out whole by itself.
    """
    from scipy import sparse

    m, g = problem.cover.shape
    every = need >= problem.weight.sum() * (1 - _ROUNDING)
    covers, one = problem.cover.T, sparse.eye_array(g)
    enough = one if every else sparse.csr_array(problem.weight[None, :])
    least = np.ones(g) if every else np.array([need * (1 - _ROUNDING)])
    count_row = sparse.csr_array(np.ones((1, m)))
    rows = sparse.block_array(
        [[covers, -one, -one], [None, -one, one], [None, None, enough], [count_row, None, None]], format="csr"
    )
    x = np.zeros(m + 2 * g)
    count = problem.times_covered(plan)
    x[plan], x[m : m + g], x[m + g :] = 1.0, count >= 2, count >= 1
    model = Milp(
        cost=np.concatenate([np.zeros(m), -problem.weight, np.zeros(g)]),
        upper=np.ones(m + 2 * g),
        n_integer=m if every else m + g,
        matrix=rows,
        row_low=np.concatenate([-problem.now.astype(float), np.zeros(g), least, [0.0]]),
        row_high=np.concatenate([np.full(2 * g + len(least), np.inf), [float(p)]]),
    )
    return model, x
