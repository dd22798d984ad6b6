"""Covering with capacity: people count only where a site within the cut-off can serve them.

People whom existing facilities cover need no capacity. With a budget, a larger or a mobile site is a candidate of its
own, and so is the enlargement of a facility: a candidate at its place, with the capacity and the cost that it adds.
"""

from __future__ import annotations

import numpy as np

from access15.arrays import Floats, Ints
from access15.model import SitingPlan
from access15.siting.candidate_values import checked_capacities, checked_costs, spent_note
from access15.siting.exact.capacity import CapacityProblem, capacity_cover
from access15.siting.model import PEOPLE, Model, Terms
from access15.siting.plan import make_plan, time_note
from access15.siting.question import Question


def solve(question: Question, terms: Terms) -> SitingPlan:
    """Return the plan of ``p`` sites, or for a budget, that serves the most people within reach and capacity."""
    notes = terms.notes
    capacity = checked_capacities(question, terms.candidates, MODEL.name)
    problem = CapacityProblem.of(question.cover(), question.left(), capacity)
    # The best sites by number, or by what they cost.
    cost = None
    if terms.budget is None:
        choice = capacity_cover(problem, terms.sites, terms.deadline)
    else:
        cost, usable_cost, budget = checked_costs(question, terms)
        choice = capacity_cover(problem, budget, terms.deadline, usable_cost)
    # Opening order, and what the planner should know of it.
    order, served = _served_order(problem, choice.rows)
    if cost is not None and terms.budget is not None:
        notes.append(spent_note(cost[order], terms.budget))
    elif len(order) < terms.sites:
        notes.append(f"{len(order)} of {terms.sites} sites are named: more would serve nobody else")
    notes += time_note(
        choice.optimal, f"another plan could serve at most {choice.bound - choice.value:,.6g} more"
    )
    base = question.base()
    figures = (base + choice.value, base + choice.bound, choice.optimal)
    plan = make_plan(MODEL, question, order, figures, notes)
    # What each site serves in the end.
    _, flow = problem.served(order)
    plan.table["served_gain"] = np.diff(served, prepend=0.0)
    plan.table["served"] = np.asarray(flow.sum(axis=1)).ravel()
    plan.table["capacity"] = capacity[order]
    if cost is not None:
        plan.table["cost"] = cost[order]
    return plan


def _served_order(problem: CapacityProblem, chosen: Ints) -> tuple[Ints, Floats]:
    """Return sites by how many more people each lets be served, and the people served after each."""
    left, order, served = sorted(int(row) for row in chosen), list[int](), list[float]()
    while left:
        values = [problem.served(np.array([*order, row], np.int64))[0] for row in left]
        best = int(np.argmax(values))
        if values[best] <= (served[-1] if served else 0.0) * (1 + 1e-12):
            break
        order.append(left.pop(best))
        served.append(values[best])
    return np.array(order, np.int64), np.array(served)


MODEL = Model(
    name="capacitated-coverage",
    titles=("covering with capacity", "容量约束覆盖"),
    question=(
        "Which sites serve the most people, each no more than its capacity and all within the cut-off?",
        "在哪些地点布点，能在时限内、且不超过各点服务能力的前提下服务最多人口？",
    ),
    unit=PEOPLE,
    source="Current & Storbeck (1988), Capacitated covering models, with demand that may be split",
    solve=solve,
    takes={"p": "needs", "budget": "needs", "capacity": "needs"},
)
