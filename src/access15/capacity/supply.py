"""How many people a facility can serve, from the doctors, beds and floor area it has."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

import numpy as np

from access15.errors import InputError
from access15.model import Facilities, expect

LIMITS: Final = {"doctors": "doctors", "beds": "beds", "floor area": "floor_area_m2"}
"""Words for what limits a capacity, and the columns they stand for; of equal limits the first is named."""

RATES: Final = "people_per"
"""Key of the provenance under which the rates are kept, ``{limit: people}``."""


def capacity_from_supply(
    facilities: Facilities,
    *,
    people_per_doctor: float | None = None,
    people_per_bed: float | None = None,
    people_per_m2: float | None = None,
) -> Facilities:
    """Return facilities with a capacity inferred from their supply where none is stated.

    The capacity is the smallest of the limits that are asked for: doctors × ``people_per_doctor``, beds ×
    ``people_per_bed``, floor area × ``people_per_m2``. A stated capacity is kept. Where one of the numbers asked for
    is unknown, so is the capacity, unless another limit is 0: nothing can be smaller. A rate holds for every tier;
    a clinic with 0 beds has a capacity of 0 where ``people_per_bed`` is given.

    Parameters
    ----------
    facilities : Facilities
        ``n`` facilities with ``doctors``, ``beds``, ``floor_area_m2``.
    people_per_doctor, people_per_bed, people_per_m2 : float, optional
        Residents one doctor, one bed or one square metre is provided for, above 0. There is no default: one village
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
        if rate is not None and not (rate > 0 and math.isfinite(rate)):
            raise InputError(f"{name} is {rate!r}: give a number of people above 0")
    rates = {word: float(rate) for word, rate in zip(LIMITS, given.values(), strict=True) if rate is not None}
    if not rates:
        raise InputError(f"a capacity needs a limit: give one of {', '.join(given)}")
    limits = np.array([getattr(facilities, LIMITS[word]) * rate for word, rate in rates.items()])
    least = np.where((limits == 0).any(axis=0), 0.0, limits.min(axis=0))
    inferred = np.isnan(facilities.capacity) & np.isfinite(least)
    word = np.array(list(rates), object)[np.where(np.isnan(limits), np.inf, limits).argmin(axis=0)]
    return replace(
        facilities,
        capacity=np.where(inferred, least, facilities.capacity),
        capacity_limit=np.where(inferred, word, facilities.capacity_limit),
        provenance={**facilities.provenance, RATES: rates},
    )
