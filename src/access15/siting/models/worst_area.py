"""Equity between areas: raise the coverage rate of the worst area, then cover the most people."""

from __future__ import annotations

import numpy as np

from access15.arrays import Floats, Ints
from access15.coverage import assign_areas
from access15.errors import InfeasibleError, InputError
from access15.model import Areas, SitingPlan, expect
from access15.siting.exact.area import AreaProblem, worst_area
from access15.siting.exact.cover import max_cover
from access15.siting.model import RATE, Model, Terms
from access15.siting.plan import cover_order, make_plan, time_note
from access15.siting.question import Question

_NAMED = 5
"""Most areas a note names one by one."""


def solve(question: Question, terms: Terms) -> SitingPlan:
    """Return the plan that raises the rate of the worst area most, and of those plans the one for most people."""
    areas, p, notes = terms.areas, terms.sites, terms.notes
    if areas is None:
        raise InputError("worst-area needs areas: name a layer of them (areas)")
    expect(areas, Areas, "areas", "from read_areas")
    # Areas where no candidate covers anybody new would keep the worst rate where it is: they do not count.
    problem, counted = _problem(question, terms, areas)
    # The search starts from the plan that covers the most people, then lifts the worst rate.
    fullest, _ = max_cover(problem.cover, p, terms.deadline.part(0.2))
    chosen, bound, proven = worst_area(problem, p, terms.deadline, [fullest.rows])
    rate = problem.merit(chosen)[0]
    order = cover_order(question, problem.cover.row[chosen])
    if len(order) < p:
        notes.append(f"{len(order)} of {p} sites are named: more would gain nobody")
    lowest = areas.name[counted[int(np.argmin(problem.rates(chosen)))]]
    notes.append(
        f"of the areas that candidates can help the worst with the plan is {lowest}: {rate:.2%} are covered"
    )
    notes += time_note(proven, f"no plan lifts the worst area above {bound:.2%}")
    plan = make_plan(MODEL, question, order, (rate, max(bound, rate), proven), notes)
    slot = {row: at for at, row in enumerate(problem.cover.row.tolist())}
    steps = [np.array([slot[int(row)] for row in order[: k + 1]], np.int64) for k in range(len(order))]
    plan.table["worst_rate"] = [problem.merit(rows)[0] for rows in steps]
    return plan


def _problem(question: Question, terms: Terms, areas: Areas) -> tuple[AreaProblem, Ints]:
    """Return the problem of the areas that candidates can help, and their rows; a note names the others."""
    area = assign_areas(terms.population, areas).astype(np.int64)
    inside, n_areas = area >= 0, len(areas)
    cover, left = question.cover(), question.left()
    total = np.bincount(area[inside], question.demand[inside], n_areas).astype(float)
    gains = np.bincount(cover.indices, minlength=len(left)) > 0
    more = np.bincount(area[inside], (left * gains)[inside], n_areas) > 0
    if not (left * gains).any() or not more.any():
        raise InfeasibleError(
            "no candidate covers anybody in an area who is not covered yet: add candidates or allow more minutes"
        )
    counted = np.flatnonzero(more)
    number = np.full(n_areas + 1, -1)
    number[counted] = np.arange(len(counted))
    base = np.bincount(area[inside], (question.demand - left)[inside], n_areas).astype(float)
    terms.notes.extend(_left_out(areas, np.flatnonzero((total > 0) & ~more), base, total))
    return AreaProblem.of(cover, left, number[area], base[counted], total[counted]), counted


def _left_out(areas: Areas, rows: Ints, covered: Floats, total: Floats) -> list[str]:
    """Return the areas that no candidate can help, the worst first, with the rate they stay at."""
    if not len(rows):
        return []
    rate = covered[rows] / total[rows]
    worst = np.argsort(rate, kind="stable")[:_NAMED]
    named = ", ".join(f"{areas.name[rows[k]]} ({rate[k]:.2%})" for k in worst)
    more = " …" if len(rows) > _NAMED else ""
    return [
        f"areas that stay as they are, as no candidate covers anybody new there: {len(rows)}, {named}{more}"
    ]


MODEL = Model(
    name="worst-area",
    titles=("raise the worst area", "提升最低覆盖区域"),
    question=(
        "Which sites raise the coverage rate of the worst area most, and then cover the most people?",
        "在哪些地点布点，能最大程度提高覆盖率最低区域的覆盖率，并在此前提下覆盖最多人口？",
    ),
    unit=RATE,
    source="Max-min coverage of areas with coverage as the second objective, after Church & ReVelle (1974)",
    solve=solve,
    takes={"p": "needs", "areas": "needs"},
)
