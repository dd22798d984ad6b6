"""Plans with backup, with a budget, and with room for so many people only."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from access15.arrays import Floats, Ints
from access15.errors import InfeasibleError, InputError
from access15.model import Facilities, SitingPlan
from access15.siting.exact.backup import BackupProblem, backup_cover
from access15.siting.exact.budget import affordable, budget_cover
from access15.siting.exact.capacitated_median import RoomProblem, capacitated_median
from access15.siting.exact.capacity import CapacityProblem, capacity_cover
from access15.siting.exact.cover import max_cover, set_cover
from access15.siting.exact.reduce import cover_matrix
from access15.siting.exact.solver import Deadline
from access15.siting.modes import mode_notes
from access15.siting.plan import cover_order, make_plan, time_note
from access15.siting.question import Question


def locate_backup(question: Question, p: int | None, deadline: Deadline, notes: list[str]) -> SitingPlan:
    """Return the plan that covers as many people once as any, and of those plans the most people twice.

    Without ``p``, the fewest sites that cover everybody who can be covered.
    """
    single = question.cover_problem()
    if p is None:
        first = set_cover(single, deadline.part(0.5))
        p = len(first.rows)
    else:
        first, _ = max_cover(single, p, deadline.part(0.5))
    now = question.covered_now()
    cover = question.cover()
    problem = BackupProblem.of(cover, question.demand, now)
    choice = backup_cover(problem, p, single.row[first.rows], deadline)
    order, backed = _backup_order(problem, choice.rows)
    if not first.optimal:
        notes.append("the time limit ended the search before single coverage was proven to be the best")
    more = f"another plan could back up at most {choice.bound - choice.value:,.6g} {question.unit} more"
    notes += time_note(choice.optimal, more)
    proven = first.optimal and choice.optimal
    plan = make_plan(question, "backup-coverage", order, (choice.value, choice.bound, proven), notes)
    plan.table["backup_gain"] = np.diff(backed, prepend=0.0)
    return plan


def _backup_order(problem: BackupProblem, chosen: Ints) -> tuple[Ints, Floats]:
    """Return sites by what they cover, then by what they back up, and the demand backed up after each."""
    left, order, backed = sorted(int(row) for row in chosen), list[int](), list[float]()
    while left:
        merits = [problem.value(np.array([*order, row], np.int64)) for row in left]
        best = max(range(len(left)), key=lambda at: (merits[at], -left[at]))
        order.append(left.pop(best))
        backed.append(merits[best][1])
    return np.array(order, np.int64), np.array(backed)


def locate_budget(
    question: Question,
    candidates: Facilities | None,
    costs: Mapping[str, float] | Sequence[float] | Floats | None,
    budget: float,
    deadline: Deadline,
    notes: list[str],
) -> SitingPlan:
    """Return the plan that covers the most people for at most ``budget``."""
    cost, usable = _payable(question, candidates, costs, budget)
    problem = affordable(question.cover(), question.left(), usable, float(budget))
    choice = budget_cover(problem, usable[problem.row], float(budget), deadline)
    order = cover_order(question, problem.row[choice.rows])
    spent = float(cost[order].sum())
    notes.append(f"the sites cost {spent:,.6g} of {budget:,.6g}")
    notes += mode_notes(question, order)
    more = f"another plan could cover at most {choice.bound - choice.value:,.6g} {question.unit} more"
    notes += time_note(choice.optimal, more)
    figures = (math.nan, question.base() + choice.bound, choice.optimal)
    plan = make_plan(question, "budget-coverage", order, figures, notes)
    plan.table["cost"] = cost[order]
    return plan


def _payable(
    question: Question,
    candidates: Facilities | None,
    costs: Mapping[str, float] | Sequence[float] | Floats | None,
    budget: float,
) -> tuple[Floats, Floats]:
    """Return the cost of every candidate, checked, and again with ``inf`` off the network."""
    if (
        isinstance(budget, bool)
        or not isinstance(budget, (int, float, np.number))
        or not 0 < budget < math.inf
    ):
        raise InputError(f"budget must be a number above 0, in the unit of costs, not {budget!r}")
    cost = _costs(question, candidates, costs)
    usable = np.where(question.usable, cost, np.inf)
    if not (usable <= budget).any():
        raise InputError(
            f"the budget of {budget:g} pays for no candidate: the cheapest on the network costs {usable.min():g}"
        )
    return cost, usable


def _costs(
    question: Question,
    candidates: Facilities | None,
    costs: Mapping[str, float] | Sequence[float] | Floats | None,
) -> Floats:
    """Return the cost of every candidate, checked; that of the candidates themselves unless others are given."""
    ids = [str(row) for row in question.ids]
    if costs is None:
        if candidates is None or np.isnan(candidates.cost).all():
            raise InputError("a budget needs costs: pass one number per candidate, or id → cost")
        costs = candidates.cost
    if isinstance(costs, Mapping):
        missing = [row for row in ids if row not in costs]
        if missing:
            raise InputError(f"costs has no candidate {missing[0]!r} ({len(missing)} are missing): add them")
        costs = [costs[row] for row in ids]
    found = np.asarray(costs, np.float64)
    if found.shape != (len(ids),):
        raise InputError(f"costs has {found.size} numbers for {len(ids)} candidates: pass one for each")
    bad = np.flatnonzero(~np.isfinite(found) | (found < 0))
    if len(bad):
        raise InputError(
            f"the cost of candidate {ids[bad[0]]!r} is {found[bad[0]]}: it must be a number of 0 or more"
        )
    return found


def locate_capacitated(
    question: Question,
    candidates: Facilities | None,
    p: int | None,
    budget: float | None,
    costs: Mapping[str, float] | Sequence[float] | Floats | None,
    deadline: Deadline,
    notes: list[str],
) -> SitingPlan:
    """Return the plan of ``p`` sites, or for ``budget``, that serves the most people it reaches and has room for."""
    room = _room(question, candidates, "capacitated-coverage")
    problem = CapacityProblem.of(question.cover(), question.left(), room)
    cost = None
    if budget is None:
        assert p is not None, "either p or a budget"
        choice = capacity_cover(problem, p, deadline)
    else:
        cost, usable = _payable(question, candidates, costs, budget)
        choice = capacity_cover(problem, float(budget), deadline, usable)
    order, served = _served_order(problem, choice.rows)
    if cost is not None:
        notes.append(f"the sites cost {float(cost[order].sum()):,.6g} of {budget:,.6g}")
    elif p is not None and len(order) < p:
        notes.append(f"{len(order)} of {p} sites are named: more would serve nobody else")
    notes += time_note(
        choice.optimal, f"another plan could serve at most {choice.bound - choice.value:,.6g} more"
    )
    base = question.base()
    figures = (base + choice.value, base + choice.bound, choice.optimal)
    plan = make_plan(question, "capacitated-coverage", order, figures, notes)
    _, flow = problem.served(order)
    plan.table["served_gain"] = np.diff(served, prepend=0.0)
    plan.table["served"] = np.asarray(flow.sum(axis=1)).ravel()
    plan.table["capacity"] = room[order]
    if cost is not None:
        plan.table["cost"] = cost[order]
    return plan


def _served_order(problem: CapacityProblem, chosen: Ints) -> tuple[Ints, Floats]:
    """Return sites by how many more people each lets be served, and the people served after each."""
    left, order, served = sorted(int(row) for row in chosen), list[int](), list[float]()
    while left:
        values = [problem.served(np.array([*order, row], np.int64))[0] for row in left]
        best = int(np.argmax(values))
        if values[best] <= (served[-1] if served else 0.0) * (1 + 1e-12):
            break
        order.append(left.pop(best))
        served.append(values[best])
    return np.array(order, np.int64), np.array(served)


def _room(question: Question, candidates: Facilities | None, objective: str) -> Floats:
    """Return how many people each candidate has room for, 0 off the network, checked."""
    if candidates is None:
        raise InputError(f"{objective} needs candidates with a capacity: pass candidates")
    unknown = np.flatnonzero(np.isnan(candidates.capacity) & question.usable)
    if len(unknown):
        raise InputError(
            f"candidate {candidates.id[unknown[0]]!r} has no capacity ({len(unknown)} have none): fill it in"
        )
    room = np.where(question.usable, np.nan_to_num(candidates.capacity, posinf=np.inf), 0.0)
    if (room < 0).any():
        first = candidates.id[int(np.argmax(room < 0))]
        raise InputError(
            f"candidate {first!r} has a capacity below 0: it must be a number of people of 0 or more"
        )
    if not (room > 0).any():
        raise InputError("no candidate has room for anybody: every capacity is 0")
    return room


def locate_capacitated_median(
    question: Question, candidates: Facilities | None, p: int, deadline: Deadline, notes: list[str]
) -> SitingPlan:
    """Return the plan with the least total time of everybody, each at a site that has room.

    Raises
    ------
    InfeasibleError
        If no ``p`` sites have room for everybody who can be reached; the message says how far one can get.
    """
    room = _room(question, candidates, "capacitated-p-median")
    matrix = question.matrix
    reached = np.isfinite(question.reached_s)
    reached[matrix.cell] = True
    cells = np.flatnonzero(reached & (question.demand > 0))
    time_ms = np.full((len(room) + 1, matrix.n_cells), -1, np.int64)
    time_ms[matrix.facility, matrix.cell] = matrix.time_ms
    now = np.isfinite(question.reached_s)
    time_ms[-1, now] = np.rint(question.reached_s[now] * 1000)
    problem = RoomProblem(time_ms[:, cells], question.demand[cells], room)
    choice = capacitated_median(problem, p, deadline, _room_for_all(question, room, p, deadline.part(0.3)))
    order = _needed_order(problem, choice.rows)
    _, flow = problem.assign(order)
    served = flow[: len(order)].sum(axis=1)
    notes.append("mean_s and max_s count everybody at the nearest site, as if there were room for all")
    what = f"no plan takes less than {choice.bound:,.6g} person-seconds"
    notes += time_note(choice.optimal, what)
    figures = (choice.value, choice.bound, choice.optimal)
    plan = make_plan(question, "capacitated-p-median", order, figures, notes)
    plan.table["served"], plan.table["capacity"] = served, room[order]
    return plan


def _room_for_all(question: Question, room: Floats, p: int, deadline: Deadline) -> Ints:
    """Return at most ``p`` sites that have room for everybody who can be reached but not by an existing facility."""
    left = question.demand * ~np.isfinite(question.reached_s)
    matrix = question.matrix
    problem = CapacityProblem.of(cover_matrix(matrix.indptr, matrix.cell, matrix.n_cells), left, room)
    choice = capacity_cover(problem, p, deadline)
    wanted = problem.cover.total
    if choice.value >= wanted * (1 - 1e-9):
        return choice.rows
    most = "" if choice.optimal else f" (at most {choice.bound:,.6g} are possible)"
    raise InfeasibleError(
        f"{p} sites have room for {choice.value:,.6g} of the {wanted:,.6g} {question.unit} who need one{most}: raise p or "
        "the capacities, or use capacitated-coverage"
    )


def _needed_order(problem: RoomProblem, chosen: Ints) -> Ints:
    """Return chosen sites by what they serve, largest first (ties: lowest row), without those nobody goes to."""
    rows = np.sort(chosen)
    _, flow = problem.assign(rows)
    served = flow[: len(rows)].sum(axis=1)
    order = np.lexsort((rows, -served))
    return np.asarray(rows[order][served[order] > 0], np.int64)
