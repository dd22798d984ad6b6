"""p-median: the least total travel time of all residents with p sites."""

from __future__ import annotations

from access15.model import SitingPlan
from access15.siting.all_times import all_times, time_plan
from access15.siting.exact.median import p_median
from access15.siting.model import PERSON_SECONDS, Model, Terms
from access15.siting.question import Question


def solve(question: Question, terms: Terms) -> SitingPlan:
    """Return the plan with the least total time."""
    times = all_times(question, terms)
    choice = p_median(times.person_seconds, times.most_sites(terms.sites), terms.deadline, start=times.start)
    what = f"no plan takes less than {choice.bound:,.6g} person-seconds"
    return time_plan(
        MODEL, question, terms, times.usable[choice.rows], (choice.value, choice.bound, choice.optimal), what
    )


MODEL = Model(
    name="p-median",
    titles=("p-median", "P-中值"),
    question=(
        "Which sites make the total travel time of all residents shortest?",
        "在哪些地点布点，能使全体居民的总出行时间最短？",
    ),
    unit=PERSON_SECONDS,
    source="ReVelle & Swain (1970), Central facilities location",
    solve=solve,
    takes={"p": "needs"},
    every_time=True,
)
