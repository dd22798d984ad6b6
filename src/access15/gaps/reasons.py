"""Why a cell is not covered, and which form of service fits a gap."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from access15.arrays import Floats, Ints
from access15.crs import to_crs
from access15.errors import InputError
from access15.model import GapKind, GapReason, GapService, Status

if TYPE_CHECKING:
    from access15.model import Facilities, NearestTimes, Population, StreetNetwork


REASONS: Final = tuple(GapReason)
"""In the order in which rows of reasons count."""


def cell_reasons(
    network: StreetNetwork,
    facilities: Facilities,
    population: Population,
    times: NearestTimes,
    rows: Ints,
    cutoff_s: float,
    detour_ratio: float,
) -> Ints:
    """Return why each under-served cell is not covered, as a row of `REASONS`.

    Parameters
    ----------
    network, facilities, population, times
        As in `find_gaps`.
    rows : (k,) int64
        Under-served cells.
    cutoff_s : float
        Cut-off, seconds.
    detour_ratio : float
        A cell is a detour when a way this many times the straight line to the closest linked facility,
        at the flat speed of the profile, would take at most ``cutoff_s``.

    Returns
    -------
    (k,) int64
    """
    status, leg_m = times.status[rows], times.cells.leg_m[rows]
    leg_s = leg_m * 3.6 / times.profile.off_network_kph
    straight_s = _straight_m(network, facilities, population, times, rows) * 3.6 / times.profile.speed_kph
    reason = np.full(len(rows), REASONS.index(GapReason.TOO_FAR))
    reason[straight_s * detour_ratio <= cutoff_s] = REASONS.index(GapReason.DETOUR)
    if len(times.land_first_m):
        # With a terrain nobody is without a way for want of a street: water or closed land lies between.
        first_s = times.land_first_m[rows] * 3.6 / times.profile.off_network_kph
        reason[first_s > cutoff_s / 2] = REASONS.index(GapReason.OVER_LAND)
        lost = (status == Status.UNREACHABLE) | (status == Status.CLOSED_LAND)
        reason[lost] = REASONS.index(GapReason.BEHIND_WATER)
        reason[status == Status.UNLINKED] = REASONS.index(GapReason.NO_ROAD)
    else:
        reason[status == Status.UNREACHABLE] = REASONS.index(GapReason.ISLAND)
        reason[times.unlinked[rows] | (leg_s > cutoff_s)] = REASONS.index(GapReason.NO_ROAD)
    reason[times.seconds[rows] <= cutoff_s] = REASONS.index(GapReason.NEAREST_FULL)
    return reason


def _straight_m(
    network: StreetNetwork,
    facilities: Facilities,
    population: Population,
    times: NearestTimes,
    rows: Ints,
) -> Floats:
    """Return the straight distance to the closest linked facility, metres, ``inf`` without one."""
    from scipy.spatial import cKDTree

    on = np.flatnonzero(times.sites.linked)
    if not len(on) or not len(rows):
        return np.full(len(rows), np.inf)
    sites = to_crs(facilities.x[on], facilities.y[on], facilities.crs, network.crs)
    cells = to_crs(population.x[rows], population.y[rows], population.crs, network.crs)
    return np.asarray(cKDTree(np.column_stack(sites)).query(np.column_stack(cells))[0], float)


@dataclass(frozen=True, slots=True)
class Responses:
    """The rules that give each gap exactly one form of service.

    The first that applies: ``fixed clinic`` from ``fixed_clinic_people``; ``enlargement`` of the facility
    where only its capacity is missing; ``neighbour-village extension``
    where half of the people are within ``extension_s`` of a facility; ``resident service`` (staff of a
    higher institution stationed there) from ``resident_people``; ``mobile circuit`` for the rest.

    The four forms are those of the central opinions on completing the health service system (2023) for
    villages with few people; the thresholds are practice values, to be set by the planner. 1,000 is the
    number of residents for whom one village doctor is provided.
    """

    fixed_clinic_people: float
    resident_people: float
    extension_s: float

    @classmethod
    def of(
        cls,
        cutoff: float,
        fixed_clinic_people: float,
        resident_people: float,
        extension_minutes: float | None,
    ) -> Responses:
        """Return the rules for a cut-off in minutes.

        Raises
        ------
        InputError
            If a clinic needs fewer people than resident staff, or the extension time is not above 0.
        """
        if fixed_clinic_people < resident_people:
            raise InputError(
                f"fixed_clinic_people ({fixed_clinic_people:g}) is below resident_people ({resident_people:g}): "
                "a clinic must need at least as many people as resident staff"
            )
        extension = 2 * cutoff if extension_minutes is None else extension_minutes
        if not math.isfinite(extension) or extension <= 0:
            raise InputError(f"extension_minutes must be a number above 0, not {extension_minutes!r}")
        return cls(fixed_clinic_people, resident_people, extension * 60)

    def recommend(self, people: Floats, median_s: Floats, kind: Sequence[str]) -> list[str]:
        """Return the form of service of each gap; a missing median is a gap that reaches no facility."""
        *forms, last = (service.value for service in GapService)
        found = np.select(
            [
                people >= self.fixed_clinic_people,
                np.array([word == GapKind.CAPACITY for word in kind], bool),
                median_s <= self.extension_s,
                people >= self.resident_people,
            ],
            forms,
            last,
        )
        return [str(form) for form in found]
