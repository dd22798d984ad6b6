"""Time to the nearest facility of each tier, or of each service."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from access15.arrays import Bools
from access15.errors import InputError
from access15.model import Facilities, NearestTimes, Origin, Population, StreetNetwork, TravelProfile
from access15.network import MAX_SNAP_M
from access15.profiles import WALK
from access15.search import Positions, cell_labels, direction_of, link_cells, link_sites, search_graph
from access15.travel_time.nearest import as_nearest_times
from access15.units import check_limit

NO_TIER = "(none)"
"""Name of the tier of facilities without one."""


def nearest_times_by(
    network: StreetNetwork,
    facilities: Facilities,
    population: Population,
    profile: TravelProfile = WALK,
    *,
    by: Literal["tier", "service"] = "tier",
    minutes: float | None = None,
    direction: str | None = None,
    max_snap_m: float = MAX_SNAP_M,
) -> dict[str, NearestTimes]:
    """Return the time to the nearest facility of every tier, or to the nearest that offers each service.

    Facilities and cells are linked once for all, which is most of the work; then every tier or service is
    one search. The answers equal those of `nearest_times` with only these facilities.

    Parameters
    ----------
    network : StreetNetwork
    facilities : Facilities
        Tiers are texts; services are separated by ``;``.
    population : Population
        n cells.
    profile : TravelProfile
    by : {"tier", "service"}
        Facilities without a tier are the tier ``(none)``; those that name no service offer none.
    minutes, direction, max_snap_m
        As in `nearest_times`.

    Returns
    -------
    dict of str to NearestTimes
        In the order of the facilities. Facility rows are those of all ``facilities``. The label of the points
        is theirs and the name, such as ``care: hospital``.

    Raises
    ------
    InputError
        As `nearest_times`, or if ``by`` is neither word, or no facility has a tier (a service).
    """
    offered = _offered(facilities, by)
    if minutes is not None:
        minutes = check_limit(minutes)
    way = direction_of(profile, direction)
    graph = search_graph(network, profile, way)
    sites = link_sites(network, facilities, profile, way, max_snap_m)
    cells = link_cells(network, population, profile, way, max_snap_m)
    site_places, cell_places = Positions.of_sites(sites, graph, profile), Positions.of(cells, graph, profile)
    origin = Origin.of(network, facilities, population, profile, way)
    out: dict[str, NearestTimes] = {}
    for name, offers in offered.items():
        labels = cell_labels(graph, site_places.where(offers[site_places.row]), cell_places, len(cells))
        own = replace(origin, label=f"{origin.label}: {name}")
        out[name] = as_nearest_times(labels, cells, sites, minutes, own)
    return out


def _offered(facilities: Facilities, by: str) -> dict[str, Bools]:
    """Return which facilities have each tier, or offer each service."""
    if by == "tier":
        named = [[tier.strip()] for tier in facilities.tier]
    elif by == "service":
        named = [[word.strip() for word in text.split(";")] for text in facilities.services]
    else:
        raise InputError(f"by must be 'tier' or 'service', not {by!r}")
    names = dict.fromkeys(name for words in named for name in words if name)
    if not names and len(facilities):
        raise InputError(f"no facility names a {by}: fill that column, or use nearest_times")
    found = {name: np.array([name in words for words in named]) for name in names}
    without = ~np.any(list(found.values()), axis=0) if found else np.empty(0, bool)
    return {**found, NO_TIER: without} if by == "tier" and without.any() else found
