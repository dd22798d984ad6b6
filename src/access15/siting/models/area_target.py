"""Every area to its target first: as few people as possible short of it, then the most people covered."""

from __future__ import annotations

import numpy as np

from access15.coverage import assign_areas
from access15.errors import InputError
from access15.model import Areas, SitingPlan, expect
from access15.siting.exact.area import AreaProblem
from access15.siting.exact.area_target import TargetProblem, to_target
from access15.siting.exact.cover import max_cover
from access15.siting.model import SHORT, Model, Terms
from access15.siting.plan import cover_order, make_plan, time_note
from access15.siting.question import Question

_NAMED = 5
"""Most areas a note names one by one."""


def solve(question: Question, terms: Terms) -> SitingPlan:
    """Return the plan that leaves the fewest people short of their area's target, and of those plans the one for most people."""
    areas, p, target = terms.areas, terms.sites, terms.area_target
    if areas is None or target is None:
        raise InputError("area-target needs areas and area_target, the share each of them is to reach")
    expect(areas, Areas, "areas", "from read_areas")
    area = assign_areas(terms.population, areas).astype(np.int64)
    inside, left = area >= 0, question.left()
    total = np.bincount(area[inside], question.demand[inside], len(areas)).astype(float)
    base = np.bincount(area[inside], (question.demand - left)[inside], len(areas)).astype(float)
    lived = np.flatnonzero(total > 0)
    number = np.full(len(areas) + 1, -1)
    number[lived] = np.arange(len(lived))
    parts = AreaProblem.of(question.cover(), left, number[area], base[lived], total[lived])
    # Half of one in a billion below the target is the target: shares of whole people are not exact.
    problem = TargetProblem(parts, np.maximum(target * total[lived] * (1 - 1e-12) - base[lived], 0.0))
    fullest, _ = max_cover(parts.cover, p, terms.deadline.part(0.2))
    chosen, bound, proven = to_target(problem, p, terms.deadline, [fullest.rows])
    order = cover_order(question, parts.cover.row[chosen])
    short = problem.short(chosen)
    notes = terms.notes
    if len(order) < p:
        notes.append(f"{len(order)} of {p} sites are named: more would gain nobody")
    below = np.flatnonzero(short > 1e-9 * np.maximum(total[lived], 1.0))
    worst = below[np.argsort(-short[below], kind="stable")]
    named = ", ".join(f"{areas.name[lived[k]]} ({short[k]:,.0f})" for k in worst[:_NAMED])
    more = " …" if len(worst) > _NAMED else ""
    notes.append(
        f"{len(lived) - len(below)} of {len(lived)} areas reach {target:.6g} with the plan"
        + (f"; short of it stay {named}{more}" if len(worst) else "")
    )
    notes += time_note(proven, f"no plan leaves fewer than {bound:,.6g} {question.unit} short of the targets")
    figures = (float(short.sum()), min(bound, float(short.sum())), proven)
    plan = make_plan(MODEL, question, order, figures, notes)
    slot = {row: at for at, row in enumerate(parts.cover.row.tolist())}
    steps = [np.array([slot[int(row)] for row in order[: k + 1]], np.int64) for k in range(len(order))]
    plan.table["short_of_target"] = [float(problem.short(rows).sum()) for rows in steps]
    return plan


MODEL = Model(
    name="area-target",
    titles=("every area to its target", "各区域优先达标"),
    question=(
        "Which sites bring every area to its target first, or leave the fewest people short of it, and then cover the most people?",
        "在哪些地点布点，能优先使各区域达到目标覆盖率或使未达标缺口人数最少，并在此前提下覆盖最多人口？",
    ),
    unit=SHORT,
    source="Goal programming of coverage, after Charnes & Storbeck (1980), A goal programming model for the siting of multilevel EMS systems",
    solve=solve,
    takes={"p": "needs", "areas": "needs", "area_target": "needs"},
)
