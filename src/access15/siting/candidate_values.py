"""What candidates cost and how many people they can serve, checked."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from access15.arrays import Floats
from access15.errors import InputError
from access15.model import Facilities
from access15.siting.model import Costs, Terms
from access15.siting.question import Question


def checked_costs(question: Question, terms: Terms) -> tuple[Floats, Floats, float]:
    """Return the cost of every candidate, again with ``inf`` off the network, and the budget.

    Raises
    ------
    InputError
        If the budget or a cost cannot be used, or the budget pays for no candidate.
    """
    budget = terms.budget
    number = isinstance(budget, (int, float, np.number)) and not isinstance(budget, bool)
    if not number or not 0 < budget < math.inf:  # type: ignore[operator]
        raise InputError(f"budget must be a number above 0, in the unit of costs, not {budget!r}")
    cost = _costs(question, terms.candidates, terms.costs)
    usable = np.where(question.usable, cost, np.inf)
    if not (usable <= budget).any():
        raise InputError(
            f"the budget of {budget:g} pays for no candidate: the cheapest on the network costs {usable.min():g}"
        )
    return cost, usable, float(budget)  # type: ignore[arg-type]


def spent_note(cost: Floats, budget: float) -> str:
    """Return the note of what the chosen sites cost."""
    return f"the sites cost {float(cost.sum()):,.6g} of {budget:,.6g}"


def _costs(question: Question, candidates: Facilities | None, costs: Costs | None) -> Floats:
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


def checked_capacities(question: Question, candidates: Facilities | None, objective: str) -> Floats:
    """Return how many people each candidate can serve, 0 off the network.

    Raises
    ------
    InputError
        If there are no candidates, one has no capacity or one below 0, or every one is 0.
    """
    if candidates is None:
        raise InputError(f"{objective} needs candidates with a capacity: pass candidates")
    unknown = np.flatnonzero(np.isnan(candidates.capacity) & question.usable)
    if len(unknown):
        raise InputError(
            f"candidate {candidates.id[unknown[0]]!r} has no capacity ({len(unknown)} have none): fill it in"
        )
    capacity = np.where(question.usable, np.nan_to_num(candidates.capacity, posinf=np.inf), 0.0)
    if (capacity < 0).any():
        first = candidates.id[int(np.argmax(capacity < 0))]
        raise InputError(
            f"candidate {first!r} has a capacity below 0: it must be a number of people of 0 or more"
        )
    if not (capacity > 0).any():
        raise InputError("no candidate has room for anybody: every capacity is 0")
    return capacity
