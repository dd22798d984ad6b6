"""Maximal covering: the most people within the cut-off with a number of sites."""

from __future__ import annotations

import numpy as np

from access15.model import SitingPlan
from access15.siting.exact.cover import max_cover
from access15.siting.model import PEOPLE, Model, Terms
from access15.siting.plan import cover_order, make_plan, mode_notes, time_note
from access15.siting.question import Question


def solve(question: Question, terms: Terms) -> SitingPlan:
    """Return the plan of ``p`` sites that covers the most people."""
    problem, notes = question.cover_problem(), terms.notes
    choice, _ = max_cover(problem, terms.sites, terms.deadline)
    order = cover_order(question, problem.row[choice.rows])
    if len(order) < terms.sites:
        notes.append(
            f"{len(order)} of {terms.sites} sites are named: more would gain nobody within {question.minutes:g} min"
        )
    notes += mode_notes(question, order)
    more = f"another plan could cover at most {choice.bound - choice.value:,.6g} {question.unit} more"
    notes += time_note(choice.optimal, more)
    figures = (np.nan, question.base() + choice.bound, choice.optimal)
    return make_plan(MODEL, question, order, figures, notes)


MODEL = Model(
    name="max-coverage",
    titles=("maximal covering", "最大覆盖选址"),
    question=(
        "Which sites bring the most people within the cut-off?",
        "在哪些地点布点，能使时限内覆盖的人口最多？",
    ),
    unit=PEOPLE,
    source="Church & ReVelle (1974), The maximal covering location problem",
    solve=solve,
    takes={"p": "needs", "full_minutes": "may", "modes": "may"},
)
