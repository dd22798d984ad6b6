"""How many people each further site covers: the curve of coverage against the number of sites."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from access15.arrays import Ints
from access15.errors import InputError
from access15.model import Facilities, NearestTimes, Population, TravelTimes
from access15.siting.ask import ask
from access15.siting.exact.cover import max_cover
from access15.siting.exact.reduce import CoverProblem
from access15.siting.exact.solver import Choice, Deadline
from access15.siting.models.max_coverage import MODEL
from access15.siting.question import Question

if TYPE_CHECKING:
    import pandas as pd


def frontier(
    matrix: TravelTimes,
    population: Population,
    existing: NearestTimes | None = None,
    *,
    p_max: int = 30,
    candidates: Facilities | None = None,
    minutes: float | None = None,
    weights: Mapping[str, float] | None = None,
    time_limit_s: float = 60.0,
) -> pd.DataFrame:
    """Return the most people that 0, 1, 2, … new sites can cover.

    Every number of sites is solved on its own, as the best plans for different numbers need not contain
    each other; each search starts from the plan before it and one more site. The table ends when further
    sites gain nobody.

    Parameters
    ----------
    matrix : TravelTimes
        Candidates × cells.
    population : Population
        The cells of the matrix.
    existing : NearestTimes, optional
        Times to the nearest existing facility, which stays open.
    p_max : int
        Most sites, at least 1; more than there are candidates is the same as all of them.
    candidates : Facilities, optional
        The candidates of the matrix, checked against it; ``chosen`` then holds ids, else row numbers.
    minutes : float, optional
        Cut-off; default the limit of the matrix.
    weights : mapping of str to float, optional
        As in `access15.siting.locate`; the best plan is then the one of the largest ``objective``, a column
        more.
    time_limit_s : float
        Seconds for the whole table; afterwards rows hold the best plan found and its bound.

    Returns
    -------
    DataFrame
        ``sites, people, rate, status, bound, gain, chosen``: people covered in total (existing facilities
        included), their share of all residents, ``optimal`` or ``feasible``, the proven most people for
        that many sites, the rise over the row before, and the ids of the plan. The fewest sites for 90 %
        are ``table.loc[table["rate"] >= 0.9, "sites"].min()``.

    Raises
    ------
    InputError, MismatchError
        As `access15.siting.locate`.
    """
    import pandas as pd

    if isinstance(p_max, bool) or not isinstance(p_max, (int, np.integer)) or p_max < 1:
        raise InputError(f"p_max must be a whole number of sites of at least 1, not {p_max!r}")
    deadline = Deadline(time_limit_s)
    question = ask(matrix, population, existing, candidates, minutes, MODEL, weights)
    # No site: what existing facilities cover.
    base, everybody = question.base(), float(question.people.sum())
    people = float(question.people[question.covered_now()].sum())
    rows: list[tuple[Any, ...]] = [(0, people, people / everybody, "optimal", base, 0.0, "", base)]
    # Then the best plan for each number of sites.
    problem = question.cover_problem()
    for choice in _choices(problem, int(p_max), deadline):
        value = base + choice.value
        chosen = problem.row[choice.rows]
        people = value if question.plain else _people(question, chosen)
        bound = value if choice.optimal else base + choice.bound
        ids = ";".join(str(question.ids[row]) for row in chosen)
        status = "optimal" if choice.optimal else "feasible"
        gain = people - rows[-1][1]
        rows.append((len(chosen), people, people / everybody, status, bound, gain, ids, value))
    columns = ["sites", "people", "rate", "status", "bound", "gain", "chosen", "objective"]
    table = pd.DataFrame(rows, columns=columns)
    return table.drop(columns="objective") if question.plain else table


def _people(question: Question, chosen: Ints) -> float:
    covered = question.covered_now().copy()
    for row in chosen:
        covered[question.cells_of(int(row))] = True
    return float(question.people[covered].sum())


def _choices(problem: CoverProblem, p_max: int, deadline: Deadline) -> list[Choice]:
    """Return the best plan for 1, 2, … sites, until everybody is covered who can be."""
    out: list[Choice] = []
    price, plan = None, np.zeros(0, np.int64)
    for p in range(1, min(p_max, problem.n_candidates) + 1):
        left = np.where(problem.covered_by(plan), 0.0, problem.weight)
        plan = np.append(plan, int(np.argmax(problem.cover @ left)))
        choice, price = max_cover(problem, p, deadline, start=plan, price=price)
        out.append(choice)
        plan = choice.rows
        if choice.value >= problem.total * (1 - 1e-12):
            break
    return out
