"""Set covering: the fewest sites that cover everybody whom a candidate can cover."""

from __future__ import annotations

from access15.model import SitingPlan
from access15.siting.exact.cover import set_cover
from access15.siting.model import SITES, Model, Terms
from access15.siting.plan import cover_order, make_plan, time_note
from access15.siting.question import Question


def solve(question: Question, terms: Terms) -> SitingPlan:
    """Return the plan of the fewest sites that cover all demand that candidates can cover."""
    problem = question.cover_problem()
    choice = set_cover(problem, terms.deadline)
    order = cover_order(question, problem.row[choice.rows])
    terms.notes.extend(time_note(choice.optimal, f"at least {choice.bound:g} sites are needed"))
    return make_plan(MODEL, question, order, (choice.value, choice.bound, choice.optimal), terms.notes)


MODEL = Model(
    name="set-cover",
    titles=("set covering", "集合覆盖"),
    question=(
        "How few sites bring everybody within the cut-off whom a candidate can reach?",
        "最少布设多少个点，能使候选点可及的所有居民都在时限内？",
    ),
    unit=SITES,
    source="Toregas, Swain, ReVelle & Bergman (1971), The location of emergency service facilities",
    solve=solve,
    takes={},
)
