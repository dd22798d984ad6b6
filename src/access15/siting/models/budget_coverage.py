"""Covering for a budget: the most people within the cut-off for a sum of money."""

from __future__ import annotations

import math

from access15.model import SitingPlan
from access15.siting.candidate_values import checked_costs, spent_note
from access15.siting.exact.budget import affordable, budget_cover
from access15.siting.model import PEOPLE, Model, Terms
from access15.siting.plan import cover_order, make_plan, mode_notes, time_note
from access15.siting.question import Question


def solve(question: Question, terms: Terms) -> SitingPlan:
    """Return the plan that covers the most people for at most the budget."""
    notes = terms.notes
    cost, usable_cost, budget = checked_costs(question, terms)
    problem = affordable(question.cover(), question.left(), usable_cost, budget)
    choice = budget_cover(problem, usable_cost[problem.row], budget, terms.deadline)
    order = cover_order(question, problem.row[choice.rows])
    notes.append(spent_note(cost[order], budget))
    notes += mode_notes(question, order)
    more = f"another plan could cover at most {choice.bound - choice.value:,.6g} {question.unit} more"
    notes += time_note(choice.optimal, more)
    figures = (math.nan, question.base() + choice.bound, choice.optimal)
    plan = make_plan(MODEL, question, order, figures, notes)
    plan.table["cost"] = cost[order]
    return plan


MODEL = Model(
    name="budget-coverage",
    titles=("covering for a budget", "预算约束覆盖"),
    question=(
        "Which sites bring the most people within the cut-off for a given sum?",
        "在给定预算内，在哪些地点布点能使时限内覆盖的人口最多？",
    ),
    unit=PEOPLE,
    source="Church & ReVelle (1974), with a row of costs in place of the number of sites; Khuller, Moss & Naor (1999)",
    solve=solve,
    takes={"budget": "needs", "full_minutes": "may", "modes": "may"},
    variant_of="max-coverage",
)
