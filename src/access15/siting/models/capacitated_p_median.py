"""p-median with capacity: the least total travel time when every site serves no more than its capacity.

The people of a cell may be split; existing facilities take whoever comes.
"""

from __future__ import annotations

import numpy as np

from access15.arrays import Floats, Ints
from access15.errors import InfeasibleError
from access15.model import SitingPlan
from access15.siting.candidate_values import checked_capacities
from access15.siting.exact.capacitated_median import CapacitatedMedian, capacitated_median
from access15.siting.exact.capacity import CapacityProblem, capacity_cover
from access15.siting.exact.reduce import cover_matrix
from access15.siting.exact.solver import Deadline
from access15.siting.model import PERSON_SECONDS, Model, Terms
from access15.siting.plan import make_plan, time_note
from access15.siting.question import Question


def solve(question: Question, terms: Terms) -> SitingPlan:
    """Return the plan with the least total time of everybody, each at a site that can serve them.

    Raises
    ------
    InfeasibleError
        If no ``p`` sites can serve everybody who can be reached; the message says how far one can get.
    """
    deadline, notes = terms.deadline, terms.notes
    capacity = checked_capacities(question, terms.candidates, MODEL.name)
    problem = _problem(question, capacity)
    # A first plan that serves everybody, then the least time.
    start = _serving_all(question, capacity, terms.sites, deadline.part(0.3))
    choice = capacitated_median(problem, terms.sites, deadline, start)
    order, served = _served_order(problem, choice.rows)
    notes.append("mean_s and max_s count everybody at the nearest site, as if there were room for all")
    notes += time_note(choice.optimal, f"no plan takes less than {choice.bound:,.6g} person-seconds")
    plan = make_plan(MODEL, question, order, (choice.value, choice.bound, choice.optimal), notes)
    plan.table["served"], plan.table["capacity"] = served, capacity[order]
    return plan


def _problem(question: Question, capacity: Floats) -> CapacitatedMedian:
    """Return the times to candidates and, last, to the nearest existing facility, of cells that are reached."""
    matrix = question.matrix
    now = np.isfinite(question.reached_s)
    reached = now.copy()
    reached[matrix.cell] = True
    cells = np.flatnonzero(reached & (question.demand > 0))
    time_ms = np.full((len(capacity) + 1, matrix.n_cells), -1, np.int64)
    time_ms[matrix.facility, matrix.cell] = matrix.time_ms
    time_ms[-1, now] = np.rint(question.reached_s[now] * 1000)
    return CapacitatedMedian(time_ms[:, cells], question.demand[cells], capacity)


def _serving_all(question: Question, capacity: Floats, p: int, deadline: Deadline) -> Ints:
    """Return at most ``p`` sites that can serve everybody who can be reached but not by an existing facility."""
    left = question.demand * ~np.isfinite(question.reached_s)
    matrix = question.matrix
    problem = CapacityProblem.of(cover_matrix(matrix.indptr, matrix.cell, matrix.n_cells), left, capacity)
    choice = capacity_cover(problem, p, deadline)
    wanted = problem.cover.total
    if choice.value >= wanted * (1 - 1e-9):
        return choice.rows
    most = "" if choice.optimal else f" (at most {choice.bound:,.6g} are possible)"
    raise InfeasibleError(
        f"{p} sites have room for {choice.value:,.6g} of the {wanted:,.6g} {question.unit} who need one{most}: raise p or "
        "the capacities, or use capacitated-coverage"
    )


def _served_order(problem: CapacitatedMedian, chosen: Ints) -> tuple[Ints, Floats]:
    """Return sites by what they serve, largest first (ties: lowest row), without those nobody goes to, and how many."""
    rows = np.sort(chosen)
    _, flow = problem.assign(rows)
    served = flow[: len(rows)].sum(axis=1)
    by_served = np.lexsort((rows, -served))
    order = np.asarray(rows[by_served][served[by_served] > 0], np.int64)
    _, flow = problem.assign(order)
    return order, flow[: len(order)].sum(axis=1)


MODEL = Model(
    name="capacitated-p-median",
    titles=("p-median with capacity", "容量约束P-中值"),
    question=(
        "Which sites make the total travel time shortest when none serves more than its capacity?",
        "在哪些地点布点，能在各点不超过服务能力的前提下使总出行时间最短？",
    ),
    unit=PERSON_SECONDS,
    source="ReVelle & Swain (1970), with a row of capacity per site and demand that may be split",
    solve=solve,
    takes={"p": "needs", "capacity": "needs"},
    every_time=True,
)
