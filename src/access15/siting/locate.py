"""Where new sites should go: exact location models over real travel times, with existing facilities in place."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from access15.arrays import Floats
from access15.errors import InputError
from access15.model import Areas, Facilities, NearestTimes, Population, SitingPlan, TravelTimes
from access15.siting.ask import ask_all
from access15.siting.exact.solver import Deadline
from access15.siting.model import SIZES, Model, Option, Size, Terms
from access15.siting.models import DEFAULT, finds_size, model_of, sizes_of, takers, variant
from access15.siting.plan import notes_on_limits
from access15.siting.question import Question


def locate(
    matrix: TravelTimes | Sequence[TravelTimes],
    population: Population,
    existing: NearestTimes | Sequence[NearestTimes] | None = None,
    *,
    candidates: Facilities | None = None,
    minutes: float | Sequence[float] | None = None,
    p: int | None = None,
    target: float | None = None,
    objective: str = DEFAULT,
    weights: Mapping[str, float] | None = None,
    full_minutes: float | None = None,
    shares: Sequence[float] | None = None,
    costs: Mapping[str, float] | Sequence[float] | Floats | None = None,
    budget: float | None = None,
    areas: Areas | None = None,
    area_target: float | None = None,
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
        Cut-off in minutes; default the limit of the matrix. For models of travel times it only decides
        what counts as covered in the table.
    p : int, optional
        Number of sites. Sites that would gain nothing are not named, so the plan may have fewer.
    target : float, optional
        Share of all residents, 0..1: find the fewest sites that cover it (with ``max-coverage``), and
        among those plans one that covers the most people.
    objective : str
        Name of a model in `access15.siting.MODELS`, by default ``max-coverage``. There each model says in one sentence what it asks, what it takes
        (``p``, ``target``, ``budget``, ``areas`` ...), its unit and its source. Models of travel times first reach as
        many people as ``p`` sites can, which matters where the network has several parts.
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
        In place of ``p``: what all sites may cost together. A larger or a mobile site is a candidate of its own, with its own cost;
        so is the enlargement of a facility: a candidate at its place, with the capacity and the cost that it adds.
    areas : Areas, optional
        For ``worst-area`` and ``area-target``.
    area_target : float, optional
        For ``area-target``: share of its residents, 0..1, that every area is to reach.
    kappa : float, optional
        For ``kolm-pollak``: κ per minute, below 0, as ``access15.equity`` gives it; by default that of the
        present times, or, without existing facilities, of the times if every candidate were open.
    time_limit_s : float
        Seconds for the search; the best plan so far and its bound come back when they are over.

    Returns
    -------
    SitingPlan
        ``objective`` and ``bound`` count what ``unit`` says; people covered are counted in total, existing
        facilities included, person-seconds over everybody reached. ``gap`` is
        ``|bound - objective| / max(|objective|, 1)``. A plan called ``optimal`` is proven to within 1e-9 of its
        value. Equal input gives an equal plan unless the time limit ends the search.

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
    Identical cover sets are merged and dominated candidates dropped, which loses no plan; a greedy plan starts
    every search, so that the answer is never worse than greedy.
    """
    deadline = Deadline(time_limit_s)
    model = _checked_model(objective, p, target, budget)
    _check_takes(model, "areas", areas, "areas are", "name a layer of them (areas)")
    _check_takes(
        model, "area_target", area_target, "area_target is", "the share of residents every area is to reach"
    )
    _check_takes(model, "kappa", kappa, "kappa is")
    if kappa is not None:
        _check_kappa(kappa)
    question = ask_all(
        matrix, population, existing, candidates, minutes, model, weights, full_minutes, shares
    )
    terms = Terms(
        population=population,
        candidates=candidates,
        p=None if p is None else _check_p(p, question),
        target=None if target is None else _check_target(target),
        budget=budget,
        costs=costs,
        areas=areas,
        area_target=None if area_target is None else _check_target(area_target),
        kappa=kappa,
        deadline=deadline,
        notes=notes_on_limits(question, population.cell_id),
    )
    return model.solve(question, terms)


def _checked_model(objective: str, p: int | None, target: float | None, budget: float | None) -> Model:
    """Return the model that answers, after a check that it takes the sizes that are given."""
    model_of(objective)
    given: set[Size] = {
        size for size, value in zip(SIZES, (p, target, budget), strict=True) if value is not None
    }
    known = sizes_of(objective)
    if "budget" in given and (len(given) > 1 or "budget" not in known):
        raise InputError(
            f"a budget is for {' or '.join(takers('budget'))}, in place of p and target: leave those out"
        )
    if finds_size(objective):
        if given - set(known):
            takes = "".join(f"takes {size} or " for size in known)
            others = " and ".join(size for size in ("p", "target") if size not in known)
            raise InputError(f"{objective} {takes}finds the number of sites itself: leave {others} out")
    elif "budget" not in given and "target" in known:
        if len(given) != 1:
            raise InputError(
                "name either p (a number of sites) or target (a share of residents), one of the two"
            )
    elif "budget" not in given and given != {"p"}:
        raise InputError(f"{objective} needs {' or '.join(known)}, and no target")
    return variant(objective, given)


def _check_takes(model: Model, option: Option, value: object, what: str, remedy: str = "") -> None:
    """Check that an option is given where the model needs it, and only where it takes it."""
    if value is None and model.takes.get(option) == "needs":
        raise InputError(f"{model.objective} needs {option}: {remedy}")
    if value is not None and option not in model.takes:
        them = "it" if what.endswith(" is") else "them"
        raise InputError(
            f"{what} for {' or '.join(takers(option))}, not for {model.objective}: leave {them} out"
        )


def _check_kappa(kappa: object) -> None:
    number = isinstance(kappa, (int, float)) and not isinstance(kappa, bool)
    if not number or not -math.inf < kappa < 0:  # type: ignore[operator]
        raise InputError(f"kappa must be a number below 0, per minute, not {kappa!r}")


def _check_p(p: object, question: Question) -> int:
    """Return ``p`` as a whole number of sites between 1 and the candidates on the network."""
    if isinstance(p, bool) or not isinstance(p, (int, np.integer)) or p < 1:
        raise InputError(f"p must be a whole number of sites of at least 1, not {p!r}")
    linked = int(question.usable.sum())
    if p > linked:
        unlinked = len(question.ids) - linked
        aside = f" ({unlinked} more could not be linked to a street)" if unlinked else ""
        raise InputError(f"p = {p} is more than the {linked} candidates{aside}: lower p or add candidates")
    return int(p)


def _check_target(target: object) -> float:
    """Return ``target`` as a share of all residents above 0 and at most 1."""
    number = isinstance(target, (int, float, np.number)) and not isinstance(target, bool)
    if not number or not 0 < float(target) <= 1:  # type: ignore[arg-type]
        raise InputError(f"target must be a share above 0 and at most 1, such as 0.9, not {target!r}")
    return float(target)  # type: ignore[arg-type]
