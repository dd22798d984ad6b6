"""Backup coverage: as many people within reach of one site as can be, and of those as many of two.

Existing facilities count once together.
"""

from __future__ import annotations

import numpy as np

from access15.arrays import Floats, Ints
from access15.model import SitingPlan
from access15.siting.exact.backup import BackupProblem, backup_cover
from access15.siting.exact.cover import max_cover, set_cover
from access15.siting.model import PEOPLE, Model, Terms
from access15.siting.plan import make_plan, time_note
from access15.siting.question import Question


def solve(question: Question, terms: Terms) -> SitingPlan:
    """Return the plan that covers as many people once as any, and of those plans the most people twice.

    Without ``p``, the fewest sites that cover everybody who can be covered.
    """
    p, deadline, notes = terms.p, terms.deadline, terms.notes
    # First the best single coverage, which the plan keeps; then the most backup beside it.
    single = question.cover_problem()
    if p is None:
        first = set_cover(single, deadline.part(0.5))
        p = len(first.rows)
    else:
        first, _ = max_cover(single, p, deadline.part(0.5))
    problem = BackupProblem.of(question.cover(), question.demand, question.covered_now())
    choice = backup_cover(problem, p, single.row[first.rows], deadline)
    order, backed = _backup_order(problem, choice.rows)
    if not first.optimal:
        notes.append("the time limit ended the search before single coverage was proven to be the best")
    more = f"another plan could back up at most {choice.bound - choice.value:,.6g} {question.unit} more"
    notes += time_note(choice.optimal, more)
    proven = first.optimal and choice.optimal
    plan = make_plan(MODEL, question, order, (choice.value, choice.bound, proven), notes)
    plan.table["backup_gain"] = np.diff(backed, prepend=0.0)
    return plan


def _backup_order(problem: BackupProblem, chosen: Ints) -> tuple[Ints, Floats]:
    """Return sites by what they cover, then by what they back up, and the demand backed up after each."""
    left, order, backed = sorted(int(row) for row in chosen), list[int](), list[float]()
    while left:
        merits = [problem.value(np.array([*order, row], np.int64)) for row in left]
        best = max(range(len(left)), key=lambda at: (merits[at], -left[at]))
        order.append(left.pop(best))
        backed.append(merits[best][1])
    return np.array(order, np.int64), np.array(backed)


MODEL = Model(
    name="backup-coverage",
    titles=("backup coverage", "双重覆盖"),
    question=(
        "Which sites bring the most people within the cut-off, and the most of them within that of a second site?",
        "在哪些地点布点，能使时限内覆盖的人口最多，并使其中有第二个点可及的人口最多？",
    ),
    unit=PEOPLE,
    source="Hogan & ReVelle (1986), Concepts and applications of backup coverage",
    solve=solve,
    takes={"p": "may"},
)
