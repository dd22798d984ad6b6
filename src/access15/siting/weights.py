"""How much a person counts: weights of population groups and of flagged areas."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np

from access15.arrays import Floats, Int32s
from access15.errors import InputError

if TYPE_CHECKING:
    from access15.model import Areas, Population


GROUP_WEIGHTS: Final[Mapping[str, float]] = {"65+": 1.5, "0-6": 1.5}
"""Default weights of key groups in the priority of a gap: practice values, not from a published source."""

AREA_FACTORS: Final[Mapping[str, float]] = {
    "fast-growing": 1.25,
    "urban village": 1.25,
    "rural": 1.25,
    "remote": 1.25,
}
"""Default factors of flagged areas in the priority of a gap: practice values, not from a published source.

The kinds of areas are those whose service network Xiamen's city office asks to strengthen (2024, no. 2).
"""

EVERYBODY: Final = "all"
"""Key of the weight of people in no weighted group (1 unless named)."""


def weighted_people(population: Population, weights: Mapping[str, float], name: str = "weights") -> Floats:
    """Return people with the members of groups counted at their weight, (n,).

    Parameters
    ----------
    population : Population
        ``n`` cells.
    weights : mapping of str to float
        Group → weight of a member, 0 or more; ``all`` → weight of everybody else. A member of two groups
        counts the excess of both.
    name : str
        What messages call the weights.

    Raises
    ------
    InputError
        If a group is not in the population, or a weight is not a number of 0 or more.
    """
    base = _weight(weights.get(EVERYBODY, 1.0), EVERYBODY)
    out = base * population.people
    for group, factor in weights.items():
        if group == EVERYBODY:
            continue
        if group not in population.groups:
            known = ", ".join(population.groups) or "none"
            raise InputError(
                f"{name} names {group!r}, but the population has no such group (it has: {known})"
            )
        out = out + (_weight(factor, group) - base) * population.groups[group]
    return np.maximum(out, 0)


def _weight(value: float, group: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, np.number)) or not 0 <= value < math.inf:
        raise InputError(f"the weight of group {group!r} must be a number of 0 or more, not {value!r}")
    return float(value)


def area_factor(cell_area: Int32s, areas: Areas | None, factors: Mapping[str, float] | None) -> Floats:
    """Return the factor of the area each cell lies in: the largest of its flags', 1 without one, (n,).

    Parameters
    ----------
    cell_area : (n,) int32
        Row of ``areas``, -1 for none.
    areas : Areas or None
    factors : mapping of str to float or None
        Flag → factor, 0 or more; None takes `AREA_FACTORS` for the flags there are.

    Raises
    ------
    InputError
        If no area can have a flag that is named, or a factor is not a number of 0 or more.
    """
    flags = {} if areas is None else areas.flags
    if factors is None:
        factors = {flag: factor for flag, factor in AREA_FACTORS.items() if flag in flags}
    of_area = np.full(0 if areas is None else len(areas), -math.inf)
    for flag, factor in factors.items():
        if flag not in flags:
            known = ", ".join(flags) or "none"
            raise InputError(
                f"area_factors names {flag!r}, but the areas have no such flag (they have: {known})"
            )
        if not 0 <= factor < math.inf:
            raise InputError(f"the factor of {flag!r} areas must be a number of 0 or more, not {factor!r}")
        of_area[flags[flag]] = np.maximum(of_area[flags[flag]], factor)
    with_none = np.append(np.where(np.isinf(of_area), 1.0, of_area), 1.0)
    return with_none[cell_area]
