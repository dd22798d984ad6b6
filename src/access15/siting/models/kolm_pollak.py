"""Kolm–Pollak: the least equally-distributed equivalent time, which counts long times for more than their minutes."""

from __future__ import annotations

import math

import numpy as np

from access15.equity import kappa_of, kolm_pollak
from access15.errors import InputError
from access15.model import SitingPlan
from access15.siting.all_times import AllTimes, all_times, time_plan
from access15.siting.exact.median import p_median
from access15.siting.model import MINUTES, Model, Terms
from access15.siting.question import Question

_MOST_POWER = 40.0
"""Largest exponent: one such person outweighs all others, and the solver's numbers end there."""


def solve(question: Question, terms: Terms) -> SitingPlan:
    """Return the plan with the least Kolm–Pollak equally-distributed equivalent, in minutes.

    With κ fixed the measure rises with the sum of ``people × exp(-κ t)``, so that the best plan is that of a
    p-median with these costs.
    """
    times = all_times(question, terms)
    people, minutes = times.demand, times.seconds / 60
    nearest = minutes.min(axis=0)
    kappa = _kappa(question, times) if terms.kappa is None else terms.kappa
    # Counted from the best that any number of sites could do, so that costs stay near numbers of people.
    least = kolm_pollak(nearest, people, kappa)
    power = -kappa * (minutes - least)
    cost = people * np.exp(np.minimum(power, _MOST_POWER, where=np.isfinite(power), out=power))
    choice = p_median(cost, times.most_sites(terms.sites), terms.deadline, start=times.start)
    # Costs of plan and bound, back into minutes.
    total = float(people.sum())
    value, bound = (
        least + math.log(max(figure, total) / total) / -kappa for figure in (choice.value, choice.bound)
    )
    bound = min(bound, value)
    note = f"κ is {kappa:.6g} per minute: measure other plans with the same κ"
    if (power[choice.rows].min(axis=0) >= _MOST_POWER).any():
        note += f"; times beyond {least - _MOST_POWER / kappa:,.0f} min count as that long"
    terms.notes.append(note)
    what = f"no plan has an equally-distributed equivalent under {bound:,.6g} min"
    return time_plan(MODEL, question, terms, times.usable[choice.rows], (value, bound, choice.optimal), what)


def _kappa(question: Question, times: AllTimes) -> float:
    """Return κ of the present times, or, without existing facilities, of the times if every candidate were open."""
    now = question.reached_s[times.cells] / 60
    reached = np.isfinite(now)
    if reached.any():
        kappa = kappa_of(now[reached], times.demand[reached])
    else:
        kappa = kappa_of(times.seconds.min(axis=0) / 60, times.demand)
    if math.isnan(kappa):
        raise InputError("every travel time is 0, so κ cannot be computed: pass kappa")
    return kappa


MODEL = Model(
    name="kolm-pollak",
    titles=("least equally-distributed equivalent time", "最小等价均等时间"),
    question=(
        "Which sites make travel times shortest and most equal, long times counting for more?",
        "在哪些地点布点，能使出行时间又短又均等（较长的时间权重更大）？",
    ),
    unit=MINUTES,
    source="Horton, Logan, Murrell, Skipper & Speakman (2024), A scalable optimization approach for equitable "
    "facility location",
    solve=solve,
    takes={"p": "needs", "kappa": "may"},
    every_time=True,
)
