"""Which form of service each gap gets once neighbours and proposed sites are known, and by whom."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from access15.arrays import Floats, Objects
from access15.errors import InputError
from access15.model import Facilities, Gaps, GapService, LinkedPoints
from access15.network import Role, link_points
from access15.travel_time import linked_times
from access15.units import check_minutes

if TYPE_CHECKING:
    from access15.model import StreetNetwork


@dataclass(frozen=True, slots=True)
class OutreachRules:
    """The thresholds of services that go to the people. The defaults are practice values: set your own.

    Attributes
    ----------
    extension_minutes : float or None
        Longest time from a gap's centre to a clinic of a neighbour (one that is proposed, or that another gap
        gets) from which service can be extended, minutes in the mode of the gaps; None is twice their cut-off.
    stop_minutes : float
        How long a vehicle stands at a stop, minutes.
    day_minutes : float
        Longest day trip, driving and stops, minutes.
    visits_per_month : float
        How often each circuit is driven.
    working_days : float
        Days of a month on which a vehicle drives.
    vehicles : int or None
        Vehicles at every base; None for as many as are needed. A vehicle drives one circuit a day.
    stop_within_m : float
        Farthest a gap's centre may be from a street that vehicles use, metres: people walk this last part.
    """

    extension_minutes: float | None = None
    stop_minutes: float = 60.0
    day_minutes: float = 480.0
    visits_per_month: float = 4.0
    working_days: float = 21.0
    vehicles: int | None = None
    stop_within_m: float = 1000.0

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            if value is not None and (isinstance(value, bool) or not math.isfinite(value) or value <= 0):
                raise InputError(f"{item.name} must be a number above 0, not {value!r}")
        if self.trips is not None and self.trips < 1:
            raise InputError(
                f"{self.visits_per_month:g} visits a month are more than the {self.working_days:g} working days of "
                f"{self.vehicles} vehicles: lower visits_per_month or add vehicles"
            )

    @property
    def trips(self) -> int | None:
        """Most circuits that the vehicles of one base can drive; None without a limit."""
        if self.vehicles is None:
            return None
        return math.floor(self.vehicles * self.working_days / self.visits_per_month + 1e-9)

    def extension(self, minutes: float) -> float:
        """Return the longest time of an extension for a cut-off, minutes."""
        return check_minutes(2 * minutes if self.extension_minutes is None else self.extension_minutes)[0]


def centres(gaps: Gaps) -> tuple[Floats, Floats]:
    """Return where each gap is served, in the CRS of its table: its centre, else a point of its polygon."""
    spots = gaps.table.geometry.representative_point()
    x, y = gaps.table["centre_x"].to_numpy(float), gaps.table["centre_y"].to_numpy(float)
    known = np.isfinite(x) & np.isfinite(y)
    return np.where(known, x, spots.x), np.where(known, y, spots.y)


def decide(
    network: StreetNetwork, gaps: Gaps, sites: Facilities | None, rules: OutreachRules
) -> tuple[Objects, Objects]:
    """Return the form of service of each gap and by whom it is given.

    The first that holds: ``fixed clinic`` of a proposed site within the cut-off of the gap's centre; its own
    ``fixed clinic``; ``enlargement`` of a full facility; ``neighbour-village extension`` of the existing facility most of its people are nearest to;
    the same of a proposed site, or of a gap that gets a clinic, within `OutreachRules.extension`; ``resident
    service``; ``mobile circuit``. Without the second last rule these are the recommendations of `find_gaps`,
    which has the numbers of people.

    Parameters
    ----------
    network : StreetNetwork
    gaps : Gaps
    sites : Facilities, optional
        Proposed sites.
    rules : OutreachRules

    Returns
    -------
    form, by : (n,) object arrays
        ``by`` is the id of a candidate, facility or gap; None where nobody is named yet.
    """
    fixed, enlargement, extension, resident, circuit = (service.value for service in GapService)
    form = gaps.table["recommendation"].to_numpy(object).copy()
    ids = gaps.table["gap_id"].to_numpy(object)
    nearest = gaps.table["nearest_facility"].to_numpy(object)
    by = np.where(form == fixed, ids, np.where(np.isin(form, (extension, enlargement)), nearest, None))
    x, y = centres(gaps)
    limit = rules.extension(gaps.minutes)
    new = [] if sites is None else [(sites.x, sites.y, sites.crs, sites.id)]
    for places in new:
        seconds, who = _nearest(network, gaps, places, max(limit, gaps.minutes))
        here = seconds <= gaps.minutes * 60
        form[here], by[here] = fixed, who[here]
    own = (form == fixed) & (by == ids)
    new.append((x[own], y[own], gaps.table.crs.to_wkt(), ids[own]))
    for places in new:
        seconds, who = _nearest(network, gaps, places, limit)
        near = np.isfinite(seconds) & np.isin(form, (resident, circuit))
        form[near], by[near] = extension, who[near]
    return form, by


def _nearest(
    network: StreetNetwork, gaps: Gaps, places: tuple[Floats, Floats, str, Objects], minutes: float
) -> tuple[Floats, Objects]:
    """Return the seconds from each gap's centre to the nearest of some places and its id; ``inf`` and None beyond a limit."""
    profile, way = gaps.origin.profile, gaps.origin.direction
    site_role: Role = "destination" if way == "to" else "origin"
    cell_role: Role = "origin" if way == "to" else "destination"
    seconds, who = np.full(len(gaps), np.inf), np.full(len(gaps), None, object)
    if not len(places[0]) or not len(gaps):
        return seconds, who
    sites = link_points(network, *places[:3], profile, role=site_role)
    at = link_points(network, *centres(gaps), gaps.table.crs.to_wkt(), profile, role=cell_role)
    indptr, cell, time_ms = linked_times(network, sites, at, profile, way, minutes)
    for site in range(len(sites)):
        rows = cell[indptr[site] : indptr[site + 1]]
        found = time_ms[indptr[site] : indptr[site + 1]] / 1000
        better = found < seconds[rows]
        seconds[rows[better]], who[rows[better]] = found[better], places[3][site]
    return seconds, who


def on_the_street(points: LinkedPoints) -> LinkedPoints:
    """Return the same places without their ways off the street: where a vehicle stands."""
    leg = np.where(points.linked, 0.0, points.leg_m)
    return LinkedPoints(points.edge, points.fraction, leg, points.reason)
