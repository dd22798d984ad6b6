"""Weighted p-center: the least longest person-time of any cell, so that large remote cells come before small ones."""

from __future__ import annotations

from access15.model import SitingPlan
from access15.siting.all_times import all_times, time_plan
from access15.siting.exact.center import p_center
from access15.siting.exact.median import good_median
from access15.siting.model import PERSON_SECONDS, Model, Terms
from access15.siting.question import Question


def solve(question: Question, terms: Terms) -> SitingPlan:
    """Return the plan in which the largest product of people and travel time of a cell is least."""
    times = all_times(question, terms)
    begin = good_median(times.person_seconds, times.most_sites(terms.sites), terms.deadline, times.start)
    choice = p_center(times.person_seconds, terms.sites, terms.deadline, start=begin)
    what = f"no plan has a largest person-time under {choice.bound:,.6g} person-seconds"
    figures = (choice.value, choice.bound, choice.optimal)
    return time_plan(MODEL, question, terms, times.usable[choice.rows], figures, what)


MODEL = Model(
    name="weighted-center",
    titles=("p-center weighted by people", "人口加权P-中心"),
    question=(
        "Which sites make the largest person-time of any cell least?",
        "在哪些地点布点，能使各网格人口与出行时间乘积的最大值最小？",
    ),
    unit=PERSON_SECONDS,
    source="Kariv & Hakimi (1979), An algorithmic approach to network location problems, part I: the p-centers",
    solve=solve,
    takes={"p": "needs"},
    every_time=True,
)
