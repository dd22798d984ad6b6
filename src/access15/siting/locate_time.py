"""Plans that judge travel times: the least total, the least longest, the fairest."""

from __future__ import annotations

import math

import numpy as np

from access15.arrays import Bools, Floats, Ints
from access15.equity import kappa_of, kolm_pollak
from access15.errors import InfeasibleError, InputError
from access15.model import SitingPlan
from access15.siting.exact.center import p_center
from access15.siting.exact.cover import max_cover
from access15.siting.exact.median import good_median, greedy_median, p_median
from access15.siting.exact.reduce import cover_matrix, reduce_cover
from access15.siting.exact.solver import Deadline
from access15.siting.plan import make_plan, time_note, time_order
from access15.siting.question import Question

_MOST_POWER = 40.0
"""Largest exponent of the equity model: one such person outweighs all others, and the solver's numbers end there."""


def locate_by_time(
    question: Question, p: int, objective: str, kappa: float | None, deadline: Deadline, notes: list[str]
) -> SitingPlan:
    """Return the plan with the least total, longest or equally-distributed equivalent time."""
    usable = np.flatnonzero(np.diff(question.matrix.indptr) > 0)
    cells, start = _reachable(question, usable, p, deadline, notes)
    if not len(usable) or not cells.any():
        raise InfeasibleError("no candidate reaches anybody: check where the candidates stand on the network")
    seconds = _dense(question, usable, cells)
    cost = seconds * question.demand[cells]
    if objective == "kolm-pollak":
        rows, figures, told = _fair(question, usable, seconds, cells, kappa, p, deadline, start)
        notes.append(told)
        what = f"no plan has an equally-distributed equivalent under {figures[1]:,.6g} min"
        return _plan(question, objective, usable[rows], p, figures, what, notes)
    if objective == "p-median":
        choice = p_median(cost, min(p, len(usable)), deadline, start=start)
        rows = choice.rows
        what = f"no plan takes less than {choice.bound:,.6g} person-seconds"
    else:
        begin = good_median(cost, min(p, len(usable)), deadline, start)
        choice = p_center(seconds, p, deadline, start=begin)
        rows = greedy_median(np.where(np.isfinite(cost), cost, 1e15), min(p, len(usable)), choice.rows)
        what = f"no plan has a longest time under {choice.bound:,.6g} s"
    figures = (choice.value, choice.bound, choice.optimal)
    return _plan(question, objective, usable[rows], p, figures, what, notes)


def _plan(
    question: Question,
    objective: str,
    rows: Ints,
    p: int,
    figures: tuple[float, float, bool],
    what: str,
    notes: list[str],
) -> SitingPlan:
    order = time_order(question, rows)
    if len(order) < p:
        notes.append(f"{len(order)} of {p} sites are named: more would reach nobody else and save no time")
    notes += time_note(figures[2], what)
    return make_plan(question, objective, order, figures, notes)


def _fair(
    question: Question,
    usable: Ints,
    seconds: Floats,
    cells: Bools,
    kappa: float | None,
    p: int,
    deadline: Deadline,
    start: Ints | None,
) -> tuple[Ints, tuple[float, float, bool], str]:
    """Return the sites with the least Kolm–Pollak equally-distributed equivalent, its figures in minutes, and κ.

    With κ fixed the measure rises with the sum of ``people × exp(-κ t)``, so that the best plan is that of a
    p-median with these costs.

    Notes
    -----
    Source: Horton, Logan, Murrell, Skipper & Speakman (2024), A scalable optimization approach for equitable
    facility location.
    """
    people, minutes = question.demand[cells], seconds / 60
    nearest = minutes.min(axis=0)
    if kappa is None:
        now = question.reached_s[cells] / 60
        reached = np.isfinite(now)
        reference = (now[reached], people[reached]) if reached.any() else (nearest, people)
        kappa = kappa_of(*reference)
        if math.isnan(kappa):
            raise InputError("every travel time is 0, so κ cannot be computed: pass kappa")
    # Counted from the best that any number of sites could do, so that costs stay near numbers of people.
    least = kolm_pollak(nearest, people, kappa)
    power = -kappa * (minutes - least)
    cost = people * np.exp(np.minimum(power, _MOST_POWER, where=np.isfinite(power), out=power))
    choice = p_median(cost, min(p, len(usable)), deadline, start=start)
    total = float(people.sum())
    value, bound = (
        least + math.log(max(figure, total) / total) / -kappa for figure in (choice.value, choice.bound)
    )
    told = f"κ is {kappa:.6g} per minute: measure other plans with the same κ"
    if (power[choice.rows].min(axis=0) >= _MOST_POWER).any():
        told += f"; times beyond {least - _MOST_POWER / kappa:,.0f} min count as that long"
    return choice.rows, (value, min(bound, value), choice.optimal), told


def _reachable(
    question: Question, usable: Ints, p: int, deadline: Deadline, notes: list[str]
) -> tuple[Bools, Ints | None]:
    """Return the cells that the plan must reach, and a plan that does where not every candidate would.

    Cells that nothing reaches are left out. Where ``p`` sites cannot reach all others (several islands),
    those reached by the plan that reaches the most people are kept.
    """
    matrix, people = question.matrix, question.demand
    count = np.bincount(matrix.cell, minlength=matrix.n_cells)
    now = np.isfinite(question.reached_s) & (people > 0)
    wanted = (count > 0) & ~now & (people > 0)
    if (count[wanted] == len(usable)).all():
        return now | wanted, None
    problem = reduce_cover(
        cover_matrix(matrix.indptr, matrix.cell, matrix.n_cells), np.where(wanted, people, 0.0)
    )
    choice, _ = max_cover(problem, p, deadline)
    rows = problem.row[choice.rows]
    reached = np.zeros(matrix.n_cells, bool)
    for row in rows:
        reached[matrix.of(int(row))[0]] = True
    lost = wanted & ~reached
    if lost.any():
        notes.append(
            f"{p} sites cannot reach every part of the network: {people[lost].sum():,.6g} people in "
            f"{int(lost.sum()):,} cells are left out of the travel time"
        )
    return now | (wanted & reached), np.searchsorted(usable, rows)


def _dense(question: Question, usable: Ints, cells: Bools) -> Floats:
    """Return seconds usable candidates × wanted cells; no candidate is slower than the nearest existing facility."""
    out = np.empty((len(usable), int(cells.sum())))
    row_s = np.empty(question.matrix.n_cells)
    for at, candidate in enumerate(usable):
        row_s[:] = question.reached_s
        reached, seconds = question.matrix.of(int(candidate))
        row_s[reached] = np.minimum(row_s[reached], seconds)
        out[at] = row_s[cells]
    return out
