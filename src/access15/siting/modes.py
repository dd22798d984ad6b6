"""Coverage in several ways at once: fading out with time, and for several modes of travel."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from access15.errors import InputError, MismatchError
from access15.model import Facilities, NearestTimes, Population, TravelTimes
from access15.siting.question import Layer, Question, ask
from access15.units import check_minutes

STEPS: Final = 20
"""Steps in which coverage falls from 1 to 0 between two times: within 1/40 of the straight line."""


def ask_all(
    matrix: TravelTimes | Sequence[TravelTimes],
    population: Population,
    existing: NearestTimes | Sequence[NearestTimes] | None,
    candidates: Facilities | None,
    minutes: float | Sequence[float] | None,
    objective: str,
    weights: Mapping[str, float] | None,
    full_minutes: float | None,
    shares: Sequence[float] | None,
) -> Question:
    """Return the question of `access15.siting.locate`, with a layer for every mode and every step of fading.

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
        found = ask(matrix, population, existing, candidates, minutes, objective, weights)
        if full_minutes is None:
            return found
        _only_cover(objective, "coverage that fades out")
        return dataclasses.replace(found, layers=_fading(found.layers[0], full_minutes))
    return _ask_modes(
        list(matrix), population, existing, candidates, minutes, objective, weights, full_minutes, shares
    )


def _only_cover(objective: str, what: str) -> None:
    if objective != "max-coverage":
        raise InputError(f"{what} is for max-coverage, not for {objective}")


def _ask_modes(
    matrices: list[TravelTimes],
    population: Population,
    existing: Any,
    candidates: Facilities | None,
    minutes: Any,
    objective: str,
    weights: Mapping[str, float] | None,
    full_minutes: float | None,
    shares: Sequence[float] | None,
) -> Question:
    _only_cover(objective, "a list of matrices")
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
        asked.append(ask(one, population, now, candidates, cutoff, objective, weights))
    layers: list[Layer] = []
    for found, share in zip(asked, parts, strict=True):
        layer = dataclasses.replace(found.layers[0], share=share)
        layers += [layer] if full_minutes is None else _fading(layer, full_minutes)
    return dataclasses.replace(asked[0], layers=tuple(layers))


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


def _fading(layer: Layer, full_minutes: float) -> tuple[Layer, ...]:
    """Return the steps of coverage that is whole up to ``full_minutes`` and 0 at the cut-off of a layer.

    Notes
    -----
    Model: Church & Roberts (1983), Generalized coverage models and public facility location; Berman &
    Krass (2002), The generalized maximal covering location problem. Each step is a cover of its own, so
    that the search and its proof stay those of maximal covering.
    """
    full = float(full_minutes) if full_minutes == 0 else check_minutes(full_minutes, "full_minutes")[0]
    if full >= layer.minutes:
        raise InputError(
            f"full_minutes ({full:g}) must be below the cut-off of {layer.minutes:g} min: coverage fades between them"
        )
    width = (layer.minutes - full) / STEPS
    ends = [full + width * (step + 0.5) for step in range(STEPS)]
    return tuple(dataclasses.replace(layer, minutes=end, share=layer.share / STEPS) for end in ends)


def mode_notes(question: Question, chosen: Any) -> list[str]:
    """Return how many people a plan covers in each mode, where there are several."""
    modes: dict[int, Layer] = {}
    for layer in question.layers:
        known = modes.get(id(layer.matrix))
        if known is None or layer.minutes > known.minutes:
            modes[id(layer.matrix)] = layer
    if len(modes) < 2:
        return []
    notes = []
    for layer in modes.values():
        covered = layer.covered_now().copy()
        for row in chosen:
            covered[layer.cells_of(int(row))] = True
        people = float(question.people[covered].sum())
        profile = layer.matrix.origin.profile.name
        notes.append(f"{profile}, {layer.minutes:g} min: {people:,.6g} people covered with the plan")
    return notes
