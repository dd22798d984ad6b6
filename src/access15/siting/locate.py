"""Where new sites should go: exact location models over real travel times, with existing facilities in place."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from access15.arrays import Floats
from access15.errors import InfeasibleError, InputError
from access15.model import Areas, Facilities, NearestTimes, Population, SitingPlan, TravelTimes
from access15.siting.exact.cover import max_cover, partial_cover, set_cover
from access15.siting.exact.solver import Deadline
from access15.siting.locate_fair import locate_worst_area
from access15.siting.locate_special import (
    locate_backup,
    locate_budget,
    locate_capacitated,
    locate_capacitated_median,
)
from access15.siting.locate_time import locate_by_time
from access15.siting.modes import ask_all, mode_notes
from access15.siting.plan import cover_order, make_plan, notes_on_limits, time_note
from access15.siting.question import OBJECTIVES, Question, check_p, check_target


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
    areas: Areas | None = None,
    kappa: float | None = None,
    time_limit_s: float = 60.0,
) -> SitingPlan:
    """Choose sites among candidates, and prove how good the choice is.

    Parameters
    ----------
    matrix : TravelTimes
        Candidates × cells. Objectives of time need one without a limit. For several modes at once
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
        ``worst-area``: raise the coverage rate of the worst of ``areas`` as far as it goes, and among those
        plans cover the most people. Areas where no candidate covers anybody new are left out.
        ``capacitated-p-median``: least total travel time when every site has room for its ``capacity`` only (the
        people of a cell may be split); existing facilities take whoever comes.
        ``p-median``: least total travel time. ``p-center``: least longest travel time. ``kolm-pollak``: least
        equally-distributed equivalent time, which counts long times for more than their minutes. The last
        three first reach as many people as ``p`` sites can, which matters where the network has several parts.
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
        For ``max-coverage`` and ``capacitated-coverage`` in place of ``p``: what all sites may cost together; the
        first is then named ``budget-coverage``. A larger or a mobile site is a candidate of its own, with its own cost;
        so is the enlargement of a facility: a candidate at its place, with the room and the cost that it adds.
    areas : Areas, optional
        For ``worst-area``.
    kappa : float, optional
        For ``kolm-pollak``: κ per minute, below 0, as ``access15.equity`` tells it; by default that of the
        present times, or, without existing facilities, of the times if every candidate were open.
    time_limit_s : float
        Seconds for the search; the best plan so far and its bound come back when they are over.

    Returns
    -------
    SitingPlan
        ``objective`` and ``bound`` are people covered in total, existing facilities included
        (``max-coverage`` with ``p``); numbers of sites (``set-cover``, and ``target``, whose model is
        named ``partial-cover``); people covered twice (``backup-coverage``); person-seconds of everybody reached (``p-median``, ``capacitated-p-median``); seconds
        (``p-center``); minutes (``kolm-pollak``); the rate of the worst area (``worst-area``). ``gap`` is ``|bound - objective| / max(|objective|, 1)``. A plan called
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
    (1970) for p-median; Minieka (1970) for p-center; Horton et al. (2024) for kolm-pollak. Identical cover sets are merged and dominated
    candidates dropped, which loses no plan; a greedy plan starts every search, so that the answer is
    never worse than greedy.
    """
    deadline = Deadline(time_limit_s)
    _check_size(objective, p, target, budget)
    _check_fair(objective, areas, kappa)
    question = ask_all(
        matrix, population, existing, candidates, minutes, objective, weights, full_minutes, shares
    )
    notes = notes_on_limits(question, population.cell_id)
    if objective == "set-cover":
        return _locate_set_cover(question, deadline, notes)
    if budget is not None and objective == "max-coverage":
        return locate_budget(question, candidates, costs, budget, deadline, notes)
    if objective == "backup-coverage":
        return locate_backup(question, None if p is None else check_p(p, question), deadline, notes)
    if target is not None:
        return _locate_target(question, check_target(target), deadline, notes)
    sites = None if p is None else check_p(p, question)
    if objective == "capacitated-coverage":
        return locate_capacitated(question, candidates, sites, budget, costs, deadline, notes)
    assert sites is not None, "the other objectives need p"
    if objective == "capacitated-p-median":
        return locate_capacitated_median(question, candidates, sites, deadline, notes)
    if objective == "worst-area":
        return locate_worst_area(question, population, areas, sites, deadline, notes)
    if objective == "max-coverage":
        return _locate_max_coverage(question, sites, deadline, notes)
    return locate_by_time(question, sites, objective, kappa, deadline, notes)


def _check_size(objective: str, p: int | None, target: float | None, budget: float | None) -> None:
    if objective not in OBJECTIVES:
        raise InputError(f"objective {objective!r} is not known: use one of {', '.join(OBJECTIVES)}")
    if budget is not None:
        if objective not in ("max-coverage", "capacitated-coverage") or p is not None or target is not None:
            raise InputError(
                "a budget is for max-coverage or capacitated-coverage, in place of p and target: leave those out"
            )
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
        money = " or budget" if objective == "capacitated-coverage" else ""
        raise InputError(f"{objective} needs p{money}, and no target")


def _check_fair(objective: str, areas: Areas | None, kappa: float | None) -> None:
    if (areas is None) == (objective == "worst-area"):
        what = (
            "worst-area needs areas: name a layer of them (areas)"
            if areas is None
            else "areas are for worst-area: leave them out"
        )
        raise InputError(what)
    if kappa is None:
        return
    if objective != "kolm-pollak":
        raise InputError(f"kappa is for kolm-pollak, not for {objective}: leave it out")
    if isinstance(kappa, bool) or not isinstance(kappa, (int, float)) or not -math.inf < kappa < 0:
        raise InputError(f"kappa must be a number below 0, per minute, not {kappa!r}")


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
        left = f" ({notes[0]})" if notes else ""
        raise InfeasibleError(
            f"{target:.6g} of the residents cannot be covered: all {len(question.ids)} candidates and the existing "
            f"facilities together cover {reach / total:.6g} ({reach:,.6g} of {total:,.6g} {question.unit}) within "
            f"{question.minutes:g} min and leave {total - reach:,.6g}{left}; lower the target, add candidates or allow more minutes"
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
