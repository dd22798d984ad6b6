"""From chosen candidates to a plan: opening order, table, figures and notes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from access15.arrays import Bools, Floats, Ints, Objects
from access15.model import SitingPlan
from access15.siting.exact.greedy import greedy_cover
from access15.siting.exact.reduce import CoverProblem
from access15.siting.model import Model
from access15.siting.question import Question, Reach

if TYPE_CHECKING:
    import pandas as pd


_NAMED = 5
"""Most cells or candidates a note names one by one."""


def cover_order(question: Question, chosen: Ints) -> Ints:
    """Return chosen candidates by marginal gain, largest first (ties: lowest row), without those that gain nobody."""
    rows = np.sort(chosen).astype(np.int64)
    if not len(rows):
        return rows
    problem = CoverProblem(question.cover()[rows], question.left(), rows)
    return problem.row[greedy_cover(problem, len(chosen))]


def times_of(question: Question, candidate: int) -> Floats:
    """Return the seconds from one candidate to every cell, ``inf`` where there is no way, (n,)."""
    out = np.full(question.matrix.n_cells, np.inf)
    cells, seconds = question.matrix.of(candidate)
    out[cells] = seconds
    return out


def time_order(question: Question, chosen: Ints) -> Ints:
    """Return chosen candidates by what they add: people reached first, then time saved (ties: lowest row).

    Sites that add neither are left out.
    """
    people = question.demand
    best = question.reached_s
    waiting = {int(row): times_of(question, int(row)) for row in np.sort(chosen)}
    order: list[int] = []
    while waiting:
        merits = {row: _merit(people, np.minimum(best, times)) for row, times in waiting.items()}
        row = min(merits, key=lambda key: (*merits[key], key))
        if merits[row] >= _merit(people, best):
            break
        best = np.minimum(best, waiting.pop(row))
        order.append(row)
    return np.array(order, np.int64)


def _merit(people: Floats, seconds: Floats) -> tuple[float, float]:
    reached = np.isfinite(seconds) & (people > 0)
    return -float(people[reached].sum()), float((people[reached] * seconds[reached]).sum())


def plan_table(question: Question, order: Ints, *, times: bool) -> tuple[pd.DataFrame, Bools]:
    """Return the table of a plan in opening order, and the cells covered in the end.

    ``gain`` and ``cumulative_people`` count people within the cut-off (people reached at all where there
    is none); where the objective adds up something else (weights, several modes, coverage that fades
    out), ``objective_gain`` is its rise. With ``times``, ``mean_s`` and ``max_s`` tell the travel time of everybody reached so far.
    """
    import pandas as pd

    covered = question.covered_now().copy()
    best = question.reached_s
    people_now = float(question.people[covered].sum())
    everybody = float(question.people.sum())
    value = question.base()
    rows = []
    # Sites open one after the other; each row is what is covered then.
    for rank, candidate in enumerate(order.tolist(), start=1):
        before = people_now
        covered[question.cells_of(candidate)] = True
        people_now = float(question.people[covered].sum())
        row = {
            "rank": rank,
            "candidate_id": question.ids[candidate],
            "source": question.kinds[candidate],
            "gain": people_now - before,
            "cumulative_people": people_now,
            "cumulative_rate": people_now / everybody,
        }
        if not question.plain and not times:
            before, value = value, question.value(order[:rank])
            row["objective_gain"] = value - before
        if times:
            best = np.minimum(best, times_of(question, candidate))
            row |= dict(zip(("mean_s", "max_s"), mean_and_max(question.people, best), strict=True))
        rows.append(row)
    columns = ["rank", "candidate_id", "source", "gain", "cumulative_people", "cumulative_rate"]
    if times:
        columns += ["mean_s", "max_s"]
    elif not question.plain:
        columns += ["objective_gain"]
    return pd.DataFrame(rows, columns=columns), covered


def mean_and_max(people: Floats, seconds: Floats) -> tuple[float, float]:
    """Return the mean time per resident reached and the longest one, NaN where nobody is reached."""
    reached = np.isfinite(seconds) & (people > 0)
    if not reached.any():
        return math.nan, math.nan
    return float(np.average(seconds[reached], weights=people[reached])), float(seconds[reached].max())


def notes_on_limits(question: Question, cell_ids: Objects) -> list[str]:
    """Return what no plan can change: people beyond every candidate, and candidates off the network."""
    notes = []
    beyond = ~question.coverable() & (question.people > 0)
    if beyond.any():
        within = "at all" if math.isnan(question.minutes) else f"within {question.minutes:g} min"
        rows = np.flatnonzero(beyond)
        worst = rows[np.argsort(-question.people[rows], kind="stable")][:_NAMED]
        named = ", ".join(f"{cell_ids[row]} ({question.people[row]:,.0f})" for row in worst)
        notes.append(
            f"{question.people[beyond].sum():,.0f} people in {len(rows):,} {'cell' if len(rows) == 1 else 'cells'} are not reached {within} by any "
            f"candidate or existing facility; cells with the most people: {named}"
        )
    unlinked = np.flatnonzero(~question.usable)
    if len(unlinked):
        more = f" and {len(unlinked) - _NAMED} more" if len(unlinked) > _NAMED else ""
        notes.append(
            f"{len(unlinked)} of {len(question.ids)} candidates could not be linked to a street and were not "
            f"considered: {', '.join(question.ids[unlinked[:_NAMED]])}{more}"
        )
    return notes


def time_note(optimal: bool, what: str) -> list[str]:
    """Return the note that a plan was not proven, nothing for one that was."""
    return [] if optimal else [f"the time limit ended the search before the plan was proven: {what}"]


def mode_notes(question: Question, chosen: Ints) -> list[str]:
    """Return how many people a plan covers in each mode, where there are several."""
    modes: dict[int, Reach] = {}
    for reach in question.reaches:
        known = modes.get(id(reach.matrix))
        if known is None or reach.minutes > known.minutes:
            modes[id(reach.matrix)] = reach
    if len(modes) < 2:
        return []
    notes = []
    for reach in modes.values():
        covered = reach.covered_now().copy()
        for row in chosen:
            covered[reach.cells_of(int(row))] = True
        people = float(question.people[covered].sum())
        profile = reach.matrix.origin.profile.name
        notes.append(f"{profile}, {reach.minutes:g} min: {people:,.6g} people covered with the plan")
    return notes


def make_plan(
    model: Model, question: Question, order: Ints, figures: tuple[float, float, bool], notes: list[str]
) -> SitingPlan:
    """Return the plan of an opening order; ``figures`` are objective, bound and whether it is proven.

    A NaN objective means demand covered: it is then added up, and the bound is never below it.
    """
    objective, bound, optimal = figures
    table, covered = plan_table(question, order, times=model.every_time)
    if math.isnan(objective):
        objective = question.value(order)
        bound = objective if optimal else max(bound, objective)
    return SitingPlan(
        model=model.name,
        status="optimal" if optimal else "feasible",
        objective=objective,
        bound=bound,
        gap=abs(bound - objective) / max(abs(objective), 1.0),
        p=len(order),
        chosen=order.astype(np.int32),
        table=table,
        covered=covered,
        minutes=question.minutes,
        origin=question.matrix.origin,
        notes=tuple(notes),
        by_time=model.every_time,
        unit=model.unit.en,
    )
