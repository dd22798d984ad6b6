"""Partial covering: the fewest sites that cover a share of all residents."""

from __future__ import annotations

import numpy as np

from access15.errors import InfeasibleError
from access15.model import SitingPlan
from access15.siting.exact.cover import max_cover, partial_cover
from access15.siting.model import SITES, Model, Terms
from access15.siting.plan import cover_order, make_plan, mode_notes, time_note
from access15.siting.question import Question


def solve(question: Question, terms: Terms) -> SitingPlan:
    """Return the plan of the fewest sites that reach the target, and of those plans one for the most people.

    Raises
    ------
    InfeasibleError
        If all candidates together do not reach it; the message says how far one can get.
    """
    target, notes = terms.target, terms.notes
    assert target is not None, "not asked without a target"
    problem = question.cover_problem()
    base, total = question.base(), question.total
    need = target * total - base
    if need > problem.total + 1e-9 * total:
        raise InfeasibleError(_out_of_reach(question, target, base + problem.total, notes))
    if need <= 1e-9 * total:
        notes.append(f"the existing facilities already cover {base / total:.6g} of the residents")
        return make_plan(MODEL, question, np.zeros(0, np.int64), (0.0, 0.0, True), notes)
    # First the least number of sites, then the most people with that number.
    choice = partial_cover(problem, min(need, problem.total), terms.deadline)
    fullest, _ = max_cover(problem, len(choice.rows), terms.deadline, start=choice.rows)
    notes += time_note(choice.optimal, f"at least {choice.bound:g} sites are needed")
    if fullest.optimal:
        notes.append(f"no plan of {len(choice.rows)} sites covers more people than this one")
    order = cover_order(question, problem.row[fullest.rows])
    notes += mode_notes(question, order)
    return make_plan(MODEL, question, order, (choice.value, choice.bound, choice.optimal), notes)


def _out_of_reach(question: Question, target: float, reach: float, notes: list[str]) -> str:
    """Return how far one can get, and why not further."""
    total = question.total
    left = f" ({notes[0]})" if notes else ""
    return (
        f"{target:.6g} of the residents cannot be covered: all {len(question.ids)} candidates and the existing "
        f"facilities together cover {reach / total:.6g} ({reach:,.6g} of {total:,.6g} {question.unit}) within "
        f"{question.minutes:g} min and leave {total - reach:,.6g}{left}; lower the target, add candidates or allow more minutes"
    )


MODEL = Model(
    name="partial-cover",
    titles=("fewest sites for a target share", "达到目标覆盖率的最少布点"),
    question=(
        "How few sites bring a given share of the residents within the cut-off?",
        "最少布设多少个点，能使时限内覆盖的居民达到给定比例？",
    ),
    unit=SITES,
    source="Daskin & Owen (1999), Two new location covering problems",
    solve=solve,
    takes={"target": "needs", "full_minutes": "may", "modes": "may"},
    variant_of="max-coverage",
)
