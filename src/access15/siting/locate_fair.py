"""Plans that raise the worst-covered area."""

from __future__ import annotations

import numpy as np

from access15.arrays import Floats, Ints
from access15.coverage import assign_areas
from access15.errors import InfeasibleError, InputError
from access15.model import Areas, Population, SitingPlan, expect
from access15.siting.exact.area import AreaProblem, worst_area
from access15.siting.exact.cover import max_cover
from access15.siting.exact.solver import Deadline
from access15.siting.plan import cover_order, make_plan, time_note
from access15.siting.question import Question

_NAMED = 5


def locate_worst_area(
    question: Question,
    population: Population,
    areas: Areas | None,
    p: int,
    deadline: Deadline,
    notes: list[str],
) -> SitingPlan:
    """Return the plan that raises the rate of the worst area most, and of those plans the one for most people."""
    if areas is None:
        raise InputError("worst-area needs areas: name a layer of them (areas)")
    expect(areas, Areas, "areas", "from read_areas")
    area = assign_areas(population, areas).astype(np.int64)
    inside, n_areas = area >= 0, len(areas)
    cover, left = question.cover(), question.left()
    total = np.bincount(area[inside], question.demand[inside], n_areas).astype(float)
    gains = np.bincount(cover.indices, minlength=len(left)) > 0
    more = np.bincount(area[inside], (left * gains)[inside], n_areas) > 0
    if not (left * gains).any() or not more.any():
        raise InfeasibleError(
            "no candidate covers anybody in an area who is not covered yet: add candidates or allow more minutes"
        )
    counts = np.flatnonzero(more)
    number = np.full(n_areas + 1, -1)
    number[counts] = np.arange(len(counts))
    base = np.bincount(area[inside], (question.demand - left)[inside], n_areas).astype(float)
    problem = AreaProblem.of(cover, left, number[area], base[counts], total[counts])
    notes += _left_out(areas, np.flatnonzero((total > 0) & ~more), base, total)
    fullest, _ = max_cover(problem.cover, p, deadline.part(0.2))
    chosen, bound, proven = worst_area(problem, p, deadline, [fullest.rows])
    rate = problem.merit(chosen)[0]
    order = cover_order(question, problem.cover.row[chosen])
    if len(order) < p:
        notes.append(f"{len(order)} of {p} sites are named: more would gain nobody")
    lowest = areas.name[counts[int(np.argmin(problem.rates(chosen)))]]
    notes.append(
        f"of the areas that candidates can help the worst with the plan is {lowest}: {rate:.2%} are covered"
    )
    notes += time_note(proven, f"no plan lifts the worst area above {bound:.2%}")
    plan = make_plan(question, "worst-area", order, (rate, max(bound, rate), proven), notes)
    slot = {row: at for at, row in enumerate(problem.cover.row.tolist())}
    steps = [np.array([slot[int(row)] for row in order[: k + 1]], np.int64) for k in range(len(order))]
    plan.table["worst_rate"] = [problem.merit(rows)[0] for rows in steps]
    return plan


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
