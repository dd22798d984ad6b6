"""What models that judge every travel time share: the table of times, and the plan made of the sites they choose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from access15.arrays import Bools, Floats, Ints
from access15.errors import InfeasibleError
from access15.model import SitingPlan
from access15.siting.exact.cover import max_cover
from access15.siting.exact.reduce import cover_matrix, reduce_cover
from access15.siting.model import Model, Terms
from access15.siting.plan import make_plan, time_note, time_order
from access15.siting.question import Question


@dataclass(frozen=True, slots=True, eq=False)
class AllTimes:
    """Times from every candidate that reaches somebody to every cell that the plan must reach.

    Attributes
    ----------
    usable : (k,) int64
        Candidates, as rows of the matrix.
    cells : (n,) bool
        The cells that the plan must reach.
    seconds : (k, c) float64
        From each usable candidate to each of those cells, or from the nearest existing facility where that is
        nearer; ``inf`` where there is no way.
    demand : (c,) float64
        Of those cells.
    start : (s,) int64 or None
        Rows of ``seconds`` that reach all cells, where not every candidate does.
    """

    usable: Ints
    cells: Bools
    seconds: Floats
    demand: Floats
    start: Ints | None

    @property
    def person_seconds(self) -> Floats:
        """What serving each cell from each candidate costs, (k, c)."""
        return self.seconds * self.demand

    def most_sites(self, p: int) -> int:
        """Return ``p``, or the number of usable candidates where that is less."""
        return min(p, len(self.usable))


def all_times(question: Question, terms: Terms) -> AllTimes:
    """Return the times of the cells that ``p`` sites can reach; a note tells of those they cannot.

    Raises
    ------
    InfeasibleError
        If no candidate reaches anybody.
    """
    usable = np.flatnonzero(np.diff(question.matrix.indptr) > 0)
    cells, start = _reachable(question, usable, terms)
    if not len(usable) or not cells.any():
        raise InfeasibleError("no candidate reaches anybody: check where the candidates stand on the network")
    return AllTimes(usable, cells, _dense(question, usable, cells), question.demand[cells], start)


def time_plan(
    model: Model,
    question: Question,
    terms: Terms,
    rows: Ints,
    figures: tuple[float, float, bool],
    what: str,
) -> SitingPlan:
    """Return the plan of chosen candidates.

    Parameters
    ----------
    model : Model
    question : Question
    terms : Terms
    rows : (k,) int64
        Rows of the matrix.
    figures : (float, float, bool)
        Objective, bound, and whether the plan is proven.
    what : str
        What is proven where the plan itself is not.
    """
    order = time_order(question, rows)
    if len(order) < terms.sites:
        terms.notes.append(
            f"{len(order)} of {terms.sites} sites are named: more would reach nobody else and save no time"
        )
    terms.notes.extend(time_note(figures[2], what))
    return make_plan(model, question, order, figures, terms.notes)


def _reachable(question: Question, usable: Ints, terms: Terms) -> tuple[Bools, Ints | None]:
    """Return the cells that the plan must reach, and a plan that does where not every candidate would.

    Cells that nothing reaches are left out. Where ``p`` sites cannot reach all others (several islands),
    those reached by the plan that reaches the most people are kept.
    """
    matrix, people = question.matrix, question.demand
    count = np.bincount(matrix.cell, minlength=matrix.n_cells)
    now = np.isfinite(question.reached_s) & (people > 0)
    wanted = (count > 0) & ~now & (people > 0)
    if (count[wanted] == len(usable)).all():
        return now | wanted, None
    problem = reduce_cover(
        cover_matrix(matrix.indptr, matrix.cell, matrix.n_cells), np.where(wanted, people, 0.0)
    )
    choice, _ = max_cover(problem, terms.sites, terms.deadline)
    rows = problem.row[choice.rows]
    reached = np.zeros(matrix.n_cells, bool)
    for row in rows:
        reached[matrix.of(int(row))[0]] = True
    lost = wanted & ~reached
    if lost.any():
        terms.notes.append(
            f"{terms.sites} sites cannot reach every part of the network: {people[lost].sum():,.6g} people in "
            f"{int(lost.sum()):,} cells are left out of the travel time"
        )
    return now | (wanted & reached), np.searchsorted(usable, rows)


def _dense(question: Question, usable: Ints, cells: Bools) -> Floats:
    """Return seconds usable candidates × wanted cells; no candidate is slower than the nearest existing facility."""
    out = np.empty((len(usable), int(cells.sum())))
    row_s = np.empty(question.matrix.n_cells)
    for at, candidate in enumerate(usable):
        row_s[:] = question.reached_s
        reached, seconds = question.matrix.of(int(candidate))
        row_s[reached] = np.minimum(row_s[reached], seconds)
        out[at] = row_s[cells]
    return out
