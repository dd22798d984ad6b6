"""Pairs of facility and cell within reach, and the checks that both functions of this room share."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from access15.arrays import Bools, Ints
from access15.errors import InputError, MismatchError
from access15.model import Facilities, Population, TravelTimes, expect
from access15.units import check_limit, minutes_to_ms


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Facility, cell and time of every pair within ``minutes``; (k,) each, by facility and cell."""

    site: Ints
    cell: Ints
    time_ms: Ints
    minutes: float

    def of_sites(self, which: Bools) -> Pairs:
        """Return the pairs of some facilities, (f,) bool."""
        if which.all():
            return self
        keep = which[self.site]
        return Pairs(self.site[keep], self.cell[keep], self.time_ms[keep], self.minutes)


def pairs_within(
    matrix: TravelTimes, population: Population, facilities: Facilities, minutes: float | None
) -> Pairs:
    """Return the pairs of a matrix within ``minutes`` (None: the limit of the matrix), everything checked.

    Raises
    ------
    InputError
        If ``minutes`` or a capacity cannot be used.
    MismatchError
        If the parts do not belong together, or the matrix stops before ``minutes``.
    """
    expect(matrix, TravelTimes, "matrix", "from travel_times")
    expect(population, Population, "population", "from read_population")
    expect(facilities, Facilities, "facilities", "from read_facilities")
    matrix.origin.check("the matrix", population=population, facilities=facilities)
    negative = np.flatnonzero(facilities.capacity < 0)
    if len(negative):
        raise InputError(
            f"facility {facilities.id[negative[0]]!r} has a capacity below 0: it must be a number of people of 0 or more"
        )
    limit = matrix.limit_s / 60
    if minutes is not None:
        cutoff = check_limit(minutes)
        if cutoff > limit:
            raise MismatchError(
                f"the matrix stops at {limit:g} min: compute it with a limit of {cutoff:g} min or without one"
            )
        limit = cutoff
    near = matrix.time_ms <= (minutes_to_ms(limit) if math.isfinite(limit) else math.inf)
    return Pairs(
        site=matrix.facility[near].astype(np.int64),
        cell=matrix.cell[near].astype(np.int64),
        time_ms=matrix.time_ms[near].astype(np.int64),
        minutes=limit,
    )


def check_some_known(facilities: Facilities, remedy: str) -> None:
    """Raise unless at least one capacity is known."""
    if len(facilities) and np.isnan(facilities.capacity).all():
        raise InputError(f"none of the {len(facilities)} facilities has a capacity: {remedy}")
