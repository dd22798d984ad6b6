"""How firm a plan is: which sites stay when the assumptions move, and what the next best plans are."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from access15.arrays import Int32s, Ints
from access15.errors import InfeasibleError, InputError, MismatchError
from access15.model import Facilities, NearestTimes, Population, SitingPlan, TravelTimes
from access15.siting.candidates import metric_positions
from access15.siting.exact.solver import Deadline
from access15.siting.locate import locate
from access15.siting.model import SITES
from access15.siting.models import MODELS
from access15.siting.models.max_coverage import MODEL as MAX_COVERAGE
from access15.siting.weights import weighted_people

if TYPE_CHECKING:
    import pandas as pd


def robustness(
    plan: SitingPlan,
    matrix: TravelTimes,
    population: Population,
    existing: NearestTimes | None = None,
    *,
    candidates: Facilities | None = None,
    margin: float = 2.0,
    speed: float = 0.1,
    near_m: float = 0.0,
    runs: Sequence[Mapping[str, Any]] = (),
    time_limit_s: float = 60.0,
    **question: Any,
) -> pd.DataFrame:
    """Count in how many sensitivity runs each site of a plan is chosen again.

    The plan is made anew with the cut-off ``margin`` minutes shorter and longer, with everybody ``speed``
    (a share) slower and faster, and once for each of ``runs``. Going faster by a factor is the same as a
    cut-off times that factor, as every travel time is divided by it.

    Parameters
    ----------
    plan : SitingPlan
        Of ``locate``, with this matrix.
    matrix : TravelTimes
        Candidates × cells, at least up to the longest cut-off tried.
    population, existing, candidates
        As for the plan; times of ``existing`` reach as far as the matrix.
    margin : float
        Minutes, 0 to leave these runs out. Plans without a cut-off have neither these nor the next two.
    speed : float
        Share, 0 to leave these runs out.
    near_m : float
        Among dense candidates a run often moves a site by one junction: with this distance, metres (and
        ``candidates``), ``near_in`` counts the runs that choose this site or one as near as that.
    runs : sequence of mappings
        Further runs: arguments of ``locate`` that differ, such as ``{"weights": {"65+": 2}}``.
    time_limit_s : float
        Seconds for each run.
    **question
        Arguments of ``locate`` the plan was made with, other than ``target`` and ``minutes``. A plan for
        a target is tried again with its number of sites.

    Returns
    -------
    DataFrame
        ``candidate_id, rank, chosen_in, runs, share`` (and ``near_in``): the sites of the plan by rank, then other sites that a
        run chose (``rank`` missing) by how often. ``table.attrs["runs"]`` tells each run and its sites.

    Raises
    ------
    InputError, MismatchError
        As ``locate``, and where the plan is of another matrix.
    """
    import pandas as pd

    _check_plan(plan, matrix)
    # The runs: cut-offs around the one of the plan, and what was asked for.
    tried = _runs(plan, margin, speed) + [dict(run) for run in runs]
    if not tried:
        raise InputError("there is no run to try: give margin, speed or runs")
    asked = _asked(plan, question)
    # Each makes the plan anew.
    ids = [str(row) for row in range(matrix.n_facilities)] if candidates is None else list(candidates.id)
    plans, run_rows = [], []
    for run in tried:
        again = locate(
            matrix,
            population,
            existing,
            candidates=candidates,
            **{**asked, **run, "time_limit_s": time_limit_s},
        )
        plans.append(again.chosen)
        run_rows.append({**run, "status": again.status, "chosen": [ids[row] for row in again.chosen]})
    # How often each site is chosen: those of the plan by rank, then others.
    count = np.bincount(np.concatenate(plans), minlength=matrix.n_facilities)
    others = np.setdiff1d(np.flatnonzero(count), plan.chosen)
    rows = np.concatenate([plan.chosen, others[np.lexsort((others, -count[others]))]]).astype(np.int64)
    rank = [*range(1, len(plan.chosen) + 1), *[None] * len(others)]
    table = pd.DataFrame(
        {
            "candidate_id": pd.Series([ids[row] for row in rows], dtype=object),
            "rank": pd.array(rank, dtype="Int64"),
            "chosen_in": count[rows],
            "runs": len(tried),
            "share": count[rows] / len(tried),
        }
    )
    if near_m:
        table["near_in"] = _near(rows, plans, candidates, near_m)
    table.attrs["runs"] = run_rows
    return table


def _near(
    rows: Ints,
    plans: list[Int32s],
    candidates: Facilities | None,
    near_m: float,
) -> list[int]:
    """Return in how many plans a site stands within ``near_m`` metres of each of ``rows``."""
    if candidates is None or not 0 < near_m < np.inf:
        raise InputError(f"near_m needs candidates and a number of metres above 0, not {near_m!r}")
    x, y = metric_positions(candidates)
    near = [
        [bool((np.hypot(x[plan] - x[row], y[plan] - y[row]) <= near_m).any()) for plan in plans]
        for row in rows
    ]
    return [sum(found) for found in near]


def _check_plan(plan: SitingPlan, matrix: TravelTimes) -> None:
    if plan.origin != matrix.origin:
        raise MismatchError("the plan was made with another matrix: pass the one it was made with")


def _runs(plan: SitingPlan, margin: float, speed: float) -> list[dict[str, Any]]:
    for name, value in (("margin", margin), ("speed", speed)):
        if isinstance(value, bool) or not 0 <= value < np.inf:
            raise InputError(f"{name} must be a number of 0 or more, not {value!r}")
    if speed >= 1 or (margin and margin >= plan.minutes):
        raise InputError(
            f"speed must be a share below 1 and margin below the cut-off, not {speed:g} and {margin:g}"
        )
    if np.isnan(plan.minutes):
        return []
    minutes = [plan.minutes - margin, plan.minutes + margin] if margin else []
    minutes += [plan.minutes * (1 - speed), plan.minutes * (1 + speed)] if speed else []
    return [{"minutes": cutoff} for cutoff in minutes]


def _asked(plan: SitingPlan, question: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of ``locate`` that make a plan of this kind and size again."""
    model = MODELS[plan.model]
    asked = {"objective": model.objective, **question}
    size = asked.pop("p", None)
    if not np.isnan(plan.minutes):
        asked["minutes"] = plan.minutes
    # A plan for a sum is made again for that sum, others with the number of sites that they have; where a model
    # finds that number itself, with the one that was given.
    for_a_sum = asked.get("budget") is not None or list(model.sizes) == ["budget"]
    takes_p = MODELS[model.objective].takes.get("p")
    if takes_p == "may":
        asked["p"] = size
    elif takes_p == "needs" and not for_a_sum:
        asked["p"] = max(plan.p, 1)
    asked.pop("target", None)
    return asked


def alternatives(
    plan: SitingPlan,
    matrix: TravelTimes,
    population: Population,
    existing: NearestTimes | None = None,
    *,
    candidates: Facilities | None = None,
    time_limit_s: float = 60.0,
    **question: Any,
) -> pd.DataFrame:
    """Return the best plan without each site of a plan: what to do where a site cannot be had, and its price.

    Parameters
    ----------
    plan : SitingPlan
        Of ``locate``, with this matrix.
    matrix, population, existing, candidates
        As for the plan.
    time_limit_s : float
        Seconds for all plans together.
    **question
        Arguments of ``locate`` the plan was made with, other than ``target`` and ``minutes``.

    Returns
    -------
    DataFrame
        ``without, status, objective, bound, loss, chosen, instead``, one row per site in the order of the plan:
        the objective of the best plan without it, how much worse that is than the plan, its sites, and those
        among them that the plan does not have. For plans that count sites (``set-cover``, a target) it is the
        people covered by as many sites. An alternative nobody can make has the status ``infeasible``.

    Raises
    ------
    InputError, MismatchError
        As ``locate``, and where the plan is of another matrix.
    """
    import pandas as pd

    _check_plan(plan, matrix)
    deadline, asked = Deadline(time_limit_s), _asked(plan, question)
    value = plan.objective
    # A plan of the fewest sites is compared by what as many sites can cover.
    if MODELS[plan.model].unit is SITES:
        asked |= {"objective": MAX_COVERAGE.name, "p": max(plan.p, 1)}
        demand = weighted_people(population, question.get("weights") or {})
        value = float(demand[plan.covered].sum())
    # The best plan without each site, for its share of the time.
    ids = [str(row) for row in range(matrix.n_facilities)] if candidates is None else list(candidates.id)
    here = {ids[row] for row in plan.chosen}
    rows = []
    for at, row in enumerate(plan.chosen.tolist()):
        share = deadline.part(1 / (len(plan.chosen) - at)).left()
        try:
            other = locate(
                _without(matrix, row),
                population,
                existing,
                candidates=candidates,
                **{**asked, "time_limit_s": max(share, 1e-6)},
            )
        except InfeasibleError:
            rows.append((ids[row], "infeasible", np.nan, np.nan, np.nan, "", ""))
            continue
        chosen = [ids[k] for k in other.chosen]
        loss = abs(value - other.objective)
        new = [name for name in chosen if name not in here]
        rows.append(
            (ids[row], other.status, other.objective, other.bound, loss, ";".join(chosen), ";".join(new))
        )
    columns = ["without", "status", "objective", "bound", "loss", "chosen", "instead"]
    return pd.DataFrame(rows, columns=columns)


def _without(matrix: TravelTimes, row: int) -> TravelTimes:
    """Return the matrix in which one candidate reaches nobody."""
    keep = np.ones(len(matrix.cell), bool)
    keep[matrix.indptr[row] : matrix.indptr[row + 1]] = False
    return dataclasses.replace(
        matrix,
        indptr=np.concatenate([[0], np.cumsum(keep)])[matrix.indptr],
        cell=matrix.cell[keep],
        time_ms=matrix.time_ms[keep],
        metres=None if matrix.metres is None else matrix.metres[keep],
    )
