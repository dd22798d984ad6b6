"""Asking: the parts of a siting question, checked and put together, also for several modes and fading coverage."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from access15.arrays import Floats
from access15.errors import InputError, MismatchError
from access15.model import Facilities, NearestTimes, Population, TravelTimes, fingerprint
from access15.siting.model import Model, Option
from access15.siting.models import takers
from access15.siting.question import Question, Reach
from access15.siting.weights import weighted_people
from access15.units import check_limit, check_minutes

STEPS: Final = 20
"""Steps in which coverage falls from 1 to 0 between two times: within 1/40 of the straight line."""


def ask_all(
    matrix: TravelTimes | Sequence[TravelTimes],
    population: Population,
    existing: NearestTimes | Sequence[NearestTimes] | None,
    candidates: Facilities | None,
    minutes: float | Sequence[float] | None,
    model: Model,
    weights: Mapping[str, float] | None,
    full_minutes: float | None,
    shares: Sequence[float] | None,
) -> Question:
    """Return the question of `access15.siting.locate`, with a reach for every mode and every step of fading.

    The parameters are those of ``locate``; sequences hold one item per mode.

    Raises
    ------
    InputError
        If a value cannot be used, or sequences have different lengths.
    MismatchError
        If the parts were computed from different inputs.
    """
    if isinstance(matrix, TravelTimes):
        if shares is not None:
            raise InputError("shares are for several modes: pass a list of matrices, or leave shares out")
        if isinstance(minutes, Sequence) or isinstance(existing, Sequence):
            raise InputError("one matrix needs one cut-off and one table of existing times, not a list")
        found = ask(matrix, population, existing, candidates, minutes, model, weights)
        if full_minutes is None:
            return found
        _check_takes(model, "full_minutes", "coverage that fades out")
        return dataclasses.replace(found, reaches=_fading(found.reaches[0], full_minutes))
    return _ask_modes(
        list(matrix), population, existing, candidates, minutes, model, weights, full_minutes, shares
    )


def _check_takes(model: Model, option: Option, what: str) -> None:
    if option not in model.takes:
        raise InputError(f"{what} is for {' or '.join(takers(option))}, not for {model.objective}")


def _ask_modes(
    matrices: list[TravelTimes],
    population: Population,
    existing: Any,
    candidates: Facilities | None,
    minutes: Any,
    model: Model,
    weights: Mapping[str, float] | None,
    full_minutes: float | None,
    shares: Sequence[float] | None,
) -> Question:
    _check_takes(model, "modes", "a list of matrices")
    count = len(matrices)
    if not count:
        raise InputError("there is no matrix: pass at least one")
    times = _each("existing", existing, count)
    cutoffs = _each("minutes", minutes, count)
    parts = _shares(_each("shares", shares, count))
    asked = []
    for one, now, cutoff in zip(matrices, times, cutoffs, strict=True):
        if one.origin.facilities != matrices[0].origin.facilities:
            raise MismatchError("the matrices have different candidates: compute all with the same ones")
        asked.append(ask(one, population, now, candidates, cutoff, model, weights))
    reaches: list[Reach] = []
    for found, share in zip(asked, parts, strict=True):
        reach = dataclasses.replace(found.reaches[0], share=share)
        reaches += [reach] if full_minutes is None else _fading(reach, full_minutes)
    return dataclasses.replace(asked[0], reaches=tuple(reaches))


def _each(name: str, given: Any, count: int) -> list[Any]:
    """Return one value per mode; None stands for none in any mode."""
    if given is None:
        return [None] * count
    if not isinstance(given, (list, tuple, np.ndarray)) or len(given) != count:
        raise InputError(f"{name} must be a list with one item for each of the {count} matrices")
    return list(given)


def _shares(given: list[Any]) -> list[float]:
    """Return shares that add up to 1, equal ones where none are given."""
    if given[0] is None:
        return [1 / len(given)] * len(given)
    for value in given:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < math.inf:
            raise InputError(f"shares must be numbers above 0, not {value!r}")
    return [float(value) / float(sum(given)) for value in given]


def _fading(reach: Reach, full_minutes: float) -> tuple[Reach, ...]:
    """Return the steps of coverage that is whole up to ``full_minutes`` and 0 at the cut-off of a reach.

    Notes
    -----
    Model: Church & Roberts (1983), Generalized coverage models and public facility location; Berman &
    Krass (2002), The generalized maximal covering location problem. Each step is a cover of its own, so
    that the search and its proof stay those of maximal covering.
    """
    full = float(full_minutes) if full_minutes == 0 else check_minutes(full_minutes, "full_minutes")[0]
    if full >= reach.minutes:
        raise InputError(
            f"full_minutes ({full:g}) must be below the cut-off of {reach.minutes:g} min: coverage fades between them"
        )
    width = (reach.minutes - full) / STEPS
    ends = [full + width * (step + 0.5) for step in range(STEPS)]
    return tuple(dataclasses.replace(reach, minutes=end, share=reach.share / STEPS) for end in ends)


def ask(
    matrix: TravelTimes,
    population: Population,
    existing: NearestTimes | None,
    candidates: Facilities | None,
    minutes: float | None,
    model: Model,
    weights: Mapping[str, float] | None,
) -> Question:
    """Check that all parts belong together and return them as one question with one reach.

    Raises
    ------
    InputError
        If a value cannot be used.
    MismatchError
        If the parts were computed from different inputs, or stop before ``minutes``.
    """
    _check_origins(matrix, population, existing, candidates)
    if not population.total > 0:
        raise InputError("the population is zero: there is nobody to find a site for")
    if not matrix.n_facilities:
        raise InputError("there is no candidate: pass a matrix with at least one")
    if model.every_time:
        _check_unlimited(matrix, existing, model.name)
        cutoff = math.nan if minutes is None else check_limit(minutes)
    else:
        cutoff = _cutoff(matrix, minutes)
    if existing is not None and not math.isnan(cutoff):
        existing.within(cutoff)  # says so when the search stopped before
    m = matrix.n_facilities
    reached_s = np.full(len(population), np.inf) if existing is None else existing.seconds
    return Question(
        matrix=matrix,
        people=population.people,
        demand=population.people if weights is None else _demand(population, weights),
        reached_s=reached_s,
        minutes=cutoff,
        ids=np.array([str(row) for row in range(m)], object) if candidates is None else candidates.id,
        kinds=np.full(m, "", object) if candidates is None else candidates.kind,
        reaches=(Reach(matrix, reached_s, cutoff),),
    )


def _demand(population: Population, weights: Mapping[str, float]) -> Floats:
    demand = weighted_people(population, weights)
    if not demand.sum() > 0:
        raise InputError("with these weights nobody counts: give a group that lives here a weight above 0")
    return demand


def _check_origins(
    matrix: TravelTimes, population: Population, existing: NearestTimes | None, candidates: Facilities | None
) -> None:
    matrix.origin.check("the candidate matrix", population=population)
    if candidates is not None:
        matrix.origin.check("the candidate matrix", facilities=candidates)
    if existing is None:
        return
    existing.origin.check("the existing times", population=population)
    ours, theirs = matrix.origin, existing.origin
    if ours.network != theirs.network:
        raise MismatchError(
            "the candidate matrix and the existing times were computed on different networks: use one"
        )
    if ours.terrain != theirs.terrain:
        raise MismatchError(
            "of the candidate matrix and the existing times one is over land, or both are over different land: compute both with "
            "the same terrain"
        )
    if ours.direction != theirs.direction or fingerprint(ours.profile) != fingerprint(theirs.profile):
        raise MismatchError(
            f"the candidate matrix is for {ours.profile.name} {ours.direction!r}, the existing times are for "
            f"{theirs.profile.name} {theirs.direction!r}: compute both with the same profile and direction"
        )


def _cutoff(matrix: TravelTimes, minutes: float | None) -> float:
    if minutes is None:
        if math.isinf(matrix.limit_s):
            raise InputError("the candidate matrix has no limit: name minutes, such as minutes=15")
        return matrix.limit_s / 60
    cutoff = check_limit(minutes)
    if cutoff * 60 > matrix.limit_s:
        raise MismatchError(
            f"the candidate matrix stops at {matrix.limit_s / 60:g} min: compute it with a limit of "
            f"{cutoff:g} min or without one"
        )
    return cutoff


def _check_unlimited(matrix: TravelTimes, existing: NearestTimes | None, objective: str) -> None:
    for name, limit_s in (
        ("candidate matrix", matrix.limit_s),
        ("existing times", existing.limit_s if existing else math.inf),
    ):
        if math.isfinite(limit_s):
            raise InputError(
                f"{objective} needs every travel time, but the {name} stops at {limit_s / 60:g} min: "
                f"compute the {name} without minutes"
            )
