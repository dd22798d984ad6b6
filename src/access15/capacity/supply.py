"""How many people a facility can serve, from the doctors, beds and floor area it has."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Final, TypeAlias

import numpy as np

from access15.arrays import Floats
from access15.errors import InputError
from access15.model import CareTier, Facilities, care_tier, expect

Rate: TypeAlias = "float | Mapping[str, float]"
"""People per doctor, bed or square metre: one number, or one by tier."""

LIMITS: Final = {"doctors": "doctors", "beds": "beds", "floor area": "floor_area_m2"}
"""Words for what limits a capacity, and the columns they stand for; of equal limits the first is named."""

RATES: Final = "people_per"
"""Key of the provenance under which the rates are kept, ``{limit: people}``."""


def capacity_from_supply(
    facilities: Facilities,
    *,
    people_per_doctor: Rate | None = None,
    people_per_bed: Rate | None = None,
    people_per_m2: Rate | None = None,
) -> Facilities:
    """Return facilities with a capacity inferred from their supply where none is stated.

    The capacity is the smallest of the limits that are asked for: doctors × ``people_per_doctor``, beds ×
    ``people_per_bed``, floor area × ``people_per_m2``. A stated capacity is kept. Where one of the numbers asked for
    is unknown, so is the capacity, unless another limit is 0: nothing can be smaller. A single rate holds for every tier:
    a clinic with 0 beds then has a capacity of 0 where ``people_per_bed`` is given. A rate by tier limits the tiers it names and
    no other.

    Parameters
    ----------
    facilities : Facilities
        ``n`` facilities with ``doctors``, ``beds``, ``floor_area_m2``.
    people_per_doctor, people_per_bed, people_per_m2 : float, or mapping of tier to float, optional
        Tiers are named as the facilities have them, or in words of the same kind (``village clinic`` for 村卫生室). Residents one doctor, one bed or one square metre is provided for, above 0. There is no default: one village
        doctor for about 1,000 residents, 500 in remote villages, is the rule of Xiamen city office, document 2
        of 2024; for beds and floor area, and for doctors elsewhere, say where yours come from.

    Returns
    -------
    Facilities
        ``capacity_limit`` names what an inferred capacity comes from.

    Raises
    ------
    InputError
        If no rate is given, or one is not above 0.
    """
    expect(facilities, Facilities, "facilities", "from read_facilities")
    given = {
        "people_per_doctor": people_per_doctor,
        "people_per_bed": people_per_bed,
        "people_per_m2": people_per_m2,
    }
    for name, rate in given.items():
        for value in rate.values() if isinstance(rate, Mapping) else [rate]:
            if value is not None and not (value > 0 and math.isfinite(value)):
                raise InputError(f"{name} is {value!r}: give a number of people above 0")
    rates = {
        word: {str(tier): float(n) for tier, n in rate.items()} if isinstance(rate, Mapping) else float(rate)
        for word, rate in zip(LIMITS, given.values(), strict=True)
        if rate is not None
    }
    if not rates:
        raise InputError(f"a capacity needs a limit: give one of {', '.join(given)}")
    each = {word: _by_facility(word, rate, facilities) for word, rate in rates.items()}
    free = np.array([np.isnan(rate) for rate in each.values()])  # What no rate limits is no limit.
    limits = np.array([getattr(facilities, LIMITS[word]) * rate for word, rate in each.items()])
    limits[free] = np.inf
    least = np.where((limits == 0).any(axis=0), 0.0, limits.min(axis=0))
    inferred = np.isnan(facilities.capacity) & np.isfinite(least)
    word = np.array(list(rates), object)[np.where(np.isnan(limits), np.inf, limits).argmin(axis=0)]
    return replace(
        facilities,
        capacity=np.where(inferred, least, facilities.capacity),
        capacity_limit=np.where(inferred, word, facilities.capacity_limit),
        provenance={**facilities.provenance, RATES: rates},
    )


def _by_facility(word: str, rate: float | Mapping[str, float], facilities: Facilities) -> Floats:
    """Return the rate of every facility, NaN where it has none.

    Raises
    ------
    InputError
        If a tier is named that no facility has.
    """
    if not isinstance(rate, Mapping):
        return np.full(len(facilities), rate)
    out = np.full(len(facilities), np.nan)
    tiers = [str(tier) for tier in facilities.tier]
    for name, people in rate.items():
        same = np.array([tier == name for tier in tiers], bool)
        if not same.any() and care_tier(name) is not CareTier.UNKNOWN:
            same = np.array([care_tier(tier) is care_tier(name) for tier in tiers], bool) & np.isnan(out)
        if not same.any():
            listed = ", ".join(repr(t) for t in dict.fromkeys(tiers) if t) or "none"
            raise InputError(
                f"the rate for {word} names the tier {name!r}, which no facility has: there are {listed}"
            )
        out[same] = people
    return out
