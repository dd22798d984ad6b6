"""p-center: the least longest travel time with p sites."""

from __future__ import annotations

import numpy as np

from access15.model import SitingPlan
from access15.siting.all_times import all_times, time_plan
from access15.siting.exact.center import p_center
from access15.siting.exact.median import good_median, greedy_median
from access15.siting.model import SECONDS, Model, Terms
from access15.siting.question import Question

_NOT_SERVED = 1e15
"""Person-seconds that stand for a cell a candidate cannot serve, in the search for sites left over."""


def solve(question: Question, terms: Terms) -> SitingPlan:
    """Return the plan whose worst-served cell has the least travel time."""
    times = all_times(question, terms)
    cost, p = times.person_seconds, times.most_sites(terms.sites)
    begin = good_median(cost, p, terms.deadline, times.start)
    choice = p_center(times.seconds, terms.sites, terms.deadline, start=begin)
    # The longest time may need fewer sites than there are: the others save the most time for everybody.
    rows = greedy_median(np.where(np.isfinite(cost), cost, _NOT_SERVED), p, choice.rows)
    what = f"no plan has a longest time under {choice.bound:,.6g} s"
    figures = (choice.value, choice.bound, choice.optimal)
    return time_plan(MODEL, question, terms, times.usable[rows], figures, what)


MODEL = Model(
    name="p-center",
    titles=("p-center", "P-中心"),
    question=(
        "Which sites make the longest travel time of any resident shortest?",
        "在哪些地点布点，能使居民中最长的出行时间最短？",
    ),
    unit=SECONDS,
    source="Minieka (1970), The m-center problem",
    solve=solve,
    takes={"p": "needs"},
    every_time=True,
)
