"""Where new sites should go: exact location models over real travel times, with existing facilities in place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from access15.errors import InfeasibleError, InputError
from access15.model import Facilities, NearestTimes, Population, SitingPlan, TravelTimes
from access15.siting.layers import ask_all, mode_notes
from access15.siting.locate_special import locate_backup, locate_budget, locate_capacitated
from access15.siting.models import OBJECTIVES, Question, check_p, check_target
from access15.siting.models_center import p_center
from access15.siting.models_cover import max_cover, partial_cover, set_cover
from access15.siting.models_median import good_median, greedy_median, p_median
from access15.siting.models_plan import cover_order, make_plan, notes_on_limits, time_note, time_order
from access15.siting.models_solver import Deadline
from access15.siting.reduce import cover_matrix, reduce_cover

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]


def locate(
    matrix: TravelTimes | Sequence[TravelTimes],
    population: Population,
    existing: NearestTimes | Sequence[NearestTimes] | None = None,
    *,
    candidates: Facilities | None = None,
    minutes: float | Sequence[float] | None = None,
    p: int | None = None,
    target: float | None = None,
    objective: str = "max-coverage",
    weights: Mapping[str, float] | None = None,
    full_minutes: float | None = None,
    shares: Sequence[float] | None = None,
    costs: Mapping[str, float] | Sequence[float] | Floats | None = None,
    budget: float | None = None,
    time_limit_s: float = 60.0,
) -> SitingPlan:
    """Choose sites among candidates, and prove how good the choice is.

    Parameters
    ----------
    matrix : TravelTimes
        Candidates × cells. p-median and p-center need one without a limit. For several modes at once
        (``max-coverage``), a list with one matrix per mode, all of the same candidates; ``existing`` and
        ``minutes`` are then lists as well. What counts is the mean of the people covered over the modes, by
        ``shares``; table and ``covered`` are those of the first mode, and a note tells the others.
    population : Population
        The cells of the matrix.
    existing : NearestTimes, optional
        Times to the nearest existing facility, which stays open (facilities that may close are left out
        here and put among the candidates); same population, network, profile and
        direction as the matrix.
    candidates : Facilities, optional
        The candidates of the matrix, for ids and kinds in the table; otherwise row numbers.
    minutes : float, optional
        Cut-off in minutes; default the limit of the matrix. For p-median and p-center it only decides
        what counts as covered in the table.
    p : int, optional
        Number of sites. Sites that would gain nothing are not named, so the plan may have fewer.
    target : float, optional
        Share of all residents, 0..1: find the fewest sites that cover it (with ``max-coverage``), and
        among those plans one that covers the most people.
    objective : str
        ``max-coverage``: most people within the cut-off with ``p`` sites, or the fewest sites for
        ``target``. ``set-cover``: fewest sites that cover everybody whom a candidate can cover.
        ``backup-coverage``: among the plans that cover the most people (without ``p``: the fewest sites for
        everybody), one that covers the most people twice; existing facilities count once together.
        ``capacitated-coverage``: most people whom ``p`` sites reach and have room for, by the ``capacity`` of
        the candidates; people whom existing facilities cover need no room.
        ``p-median``: least total travel time. ``p-center``: least longest travel time. The last two
        first reach as many people as ``p`` sites can, which matters where the network has several parts.
    weights : mapping of str to float, optional
        How much a member of a population group counts in the objective (and in the share ``target``), such
        as ``{"65+": 1.5}``; ``"all"`` is everybody else, 1 unless named (``{"all": 0, "65+": 1}``: only 65+).
        The table still counts people.
    full_minutes : float, optional
        For ``max-coverage``: up to this time coverage is whole, from there it falls in a straight line (in
        20 steps) to nothing at ``minutes``.
    shares : sequence of float, optional
        For several modes: how much each counts; equal unless given.
    costs : sequence of float, or mapping of candidate id to float, optional
        Cost of each candidate, 0 or more, in any unit; by default their own (``candidates.cost``).
    budget : float, optional
        For ``max-coverage`` in place of ``p``: what all sites may cost together; the model is named
        ``budget-coverage``. A larger or a mobile site is a candidate of its own, with its own cost.
    time_limit_s : float
        Seconds for the search; the best plan so far and its bound come back when they are over.

    Returns
    -------
    SitingPlan
        ``objective`` and ``bound`` are people covered in total, existing facilities included
        (``max-coverage`` with ``p``); numbers of sites (``set-cover``, and ``target``, whose model is
        named ``partial-cover``); people covered twice (``backup-coverage``); person-seconds of everybody reached (``p-median``); seconds
        (``p-center``). ``gap`` is ``|bound - objective| / max(|objective|, 1)``. A plan called
        ``optimal`` is proven to within 1e-9 of its value. Equal input gives an equal plan unless the
        time limit ends the search.

    Raises
    ------
    InputError
        If a value cannot be used, or the matrix is bounded where every time is needed.
    MismatchError
        If the parts were computed from different inputs, or stop before ``minutes``.
    InfeasibleError
        If no plan reaches ``target``; the message says how far one can get.

    Notes
    -----
    Models: Church & ReVelle (1974) for max-coverage; Toregas et al. (1971) for set-cover; ReVelle & Swain
    (1970) for p-median; Minieka (1970) for p-center. Identical cover sets are merged and dominated
    candidates dropped, which loses no plan; a greedy plan starts every search, so that the answer is
    never worse than greedy.
    """
    deadline = Deadline(time_limit_s)
    _check_size(objective, p, target, budget)
    question = ask_all(
        matrix, population, existing, candidates, minutes, objective, weights, full_minutes, shares
    )
    notes = notes_on_limits(question, population.cell_id)
    if objective == "set-cover":
        return _locate_set_cover(question, deadline, notes)
    if budget is not None:
        return locate_budget(question, candidates, costs, budget, deadline, notes)
    if objective == "backup-coverage":
        return locate_backup(question, None if p is None else check_p(p, question), deadline, notes)
    if target is not None:
        return _locate_target(question, check_target(target), deadline, notes)
    sites = check_p(p, question)
    if objective == "capacitated-coverage":
        return locate_capacitated(question, candidates, sites, deadline, notes)
    if objective == "max-coverage":
        return _locate_max_coverage(question, sites, deadline, notes)
    return _locate_by_time(question, sites, objective, deadline, notes)


def _check_size(objective: str, p: int | None, target: float | None, budget: float | None) -> None:
    if objective not in OBJECTIVES:
        raise InputError(f"objective {objective!r} is not known: use one of {', '.join(OBJECTIVES)}")
    if budget is not None:
        if objective != "max-coverage" or p is not None or target is not None:
            raise InputError("a budget is for max-coverage, in place of p and target: leave those out")
        return
    if objective == "backup-coverage":
        if target is not None:
            raise InputError("backup-coverage takes p or finds the number of sites itself: leave target out")
        return
    if objective == "set-cover":
        if p is not None or target is not None:
            raise InputError("set-cover finds the number of sites itself: leave p and target out")
    elif objective == "max-coverage":
        if (p is None) == (target is None):
            raise InputError(
                "name either p (a number of sites) or target (a share of residents), one of the two"
            )
    elif p is None or target is not None:
        raise InputError(f"{objective} needs p, a number of sites, and no target")


def _locate_max_coverage(question: Question, p: int, deadline: Deadline, notes: list[str]) -> SitingPlan:
    problem = question.cover_problem()
    choice, _ = max_cover(problem, p, deadline)
    base = question.base()
    order = cover_order(question, problem.row[choice.rows])
    if len(order) < p:
        notes.append(
            f"{len(order)} of {p} sites are named: more would gain nobody within {question.minutes:g} min"
        )
    notes += mode_notes(question, order)
    more = f"another plan could cover at most {choice.bound - choice.value:,.6g} {question.unit} more"
    notes += time_note(choice.optimal, more)
    return make_plan(question, "max-coverage", order, (np.nan, base + choice.bound, choice.optimal), notes)


def _locate_set_cover(question: Question, deadline: Deadline, notes: list[str]) -> SitingPlan:
    problem = question.cover_problem()
    choice = set_cover(problem, deadline)
    order = cover_order(question, problem.row[choice.rows])
    notes += time_note(choice.optimal, f"at least {choice.bound:g} sites are needed")
    return make_plan(question, "set-cover", order, (choice.value, choice.bound, choice.optimal), notes)


def _locate_target(question: Question, target: float, deadline: Deadline, notes: list[str]) -> SitingPlan:
    problem = question.cover_problem()
    base, total = question.base(), question.total
    need = target * total - base
    if need > problem.total + 1e-9 * total:
        reach = base + problem.total
        raise InfeasibleError(
            f"{target:.6g} of the residents cannot be covered: all {len(question.ids)} candidates and the existing "
            f"facilities together cover {reach / total:.6g} ({reach:,.6g} of {total:,.6g} {question.unit}) within "
            f"{question.minutes:g} min and leave {total - reach:,.6g}; lower the target, add candidates or allow more minutes"
        )
    if need <= 1e-9 * total:
        notes.append(f"the existing facilities already cover {base / total:.6g} of the residents")
        return make_plan(question, "partial-cover", np.zeros(0, np.int64), (0.0, 0.0, True), notes)
    choice = partial_cover(problem, min(need, problem.total), deadline)
    fullest, _ = max_cover(problem, len(choice.rows), deadline, start=choice.rows)
    notes += time_note(choice.optimal, f"at least {choice.bound:g} sites are needed")
    if fullest.optimal:
        notes.append(f"no plan of {len(choice.rows)} sites covers more people than this one")
    order = cover_order(question, problem.row[fullest.rows])
    notes += mode_notes(question, order)
    return make_plan(question, "partial-cover", order, (choice.value, choice.bound, choice.optimal), notes)


def _locate_by_time(
    question: Question, p: int, objective: str, deadline: Deadline, notes: list[str]
) -> SitingPlan:
    usable = np.flatnonzero(np.diff(question.matrix.indptr) > 0)
    cells, start = _reachable(question, usable, p, deadline, notes)
    if not len(usable) or not cells.any():
        raise InfeasibleError("no candidate reaches anybody: check where the candidates stand on the network")
    seconds = _dense(question, usable, cells)
    cost = seconds * question.demand[cells]
    if objective == "p-median":
        choice = p_median(cost, min(p, len(usable)), deadline, start=start)
        rows = choice.rows
        what = f"no plan takes less than {choice.bound:,.6g} person-seconds"
    else:
        begin = good_median(cost, min(p, len(usable)), deadline, start)
        choice = p_center(seconds, p, deadline, start=begin)
        rows = greedy_median(np.where(np.isfinite(cost), cost, 1e15), min(p, len(usable)), choice.rows)
        what = f"no plan has a longest time under {choice.bound:,.6g} s"
    order = time_order(question, usable[rows])
    if len(order) < p:
        notes.append(f"{len(order)} of {p} sites are named: more would reach nobody else and save no time")
    notes += time_note(choice.optimal, what)
    return make_plan(question, objective, order, (choice.value, choice.bound, choice.optimal), notes)


def _reachable(
    question: Question, usable: Rows, p: int, deadline: Deadline, notes: list[str]
) -> tuple[Flags, Rows | None]:
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


def _dense(question: Question, usable: Rows, cells: Flags) -> Floats:
    """Return seconds usable candidates × wanted cells; no candidate is slower than the nearest existing facility."""
    out = np.empty((len(usable), int(cells.sum())))
    row_s = np.empty(question.matrix.n_cells)
    for at, candidate in enumerate(usable):
        row_s[:] = question.reached_s
        reached, seconds = question.matrix.of(int(candidate))
        row_s[reached] = np.minimum(row_s[reached], seconds)
        out[at] = row_s[cells]
    return out
