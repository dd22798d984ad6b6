"""Time to the nearest facility over land and streets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from access15.arrays import Bools, Floats, UInt8s
from access15.crs import to_crs
from access15.errors import InputError
from access15.model import (
    WATER_AREA,
    Direction,
    Facilities,
    LinkedPoints,
    LinkReason,
    NearestTimes,
    Origin,
    Population,
    Status,
    StreetNetwork,
    Terrain,
    TravelProfile,
    expect,
)
from access15.network import MAX_SNAP_M, Role, link_points
from access15.search import (
    LARGEST_MS,
    Ends,
    OverLand,
    ashore,
    check_datum,
    ends_of,
    land_field,
    linked_on_foot,
    over_land,
    read_field,
    times_and_rows,
)
from access15.units import NOT_REACHED_MS, minutes_to_ms, ms_to_seconds


@dataclass(frozen=True, eq=False)
class LandPoints:
    """Places or homes on a terrain.

    Attributes
    ----------
    ends : Ends
        As a search takes them.
    links : LinkedPoints
        Where they stand on the streets; the reason says which stand on the land only, or nowhere.
    """

    ends: Ends
    links: LinkedPoints


def nearest_over_land(
    network: StreetNetwork,
    terrain: Terrain,
    facilities: Facilities,
    population: Population,
    profile: TravelProfile,
    direction: Direction,
    minutes: float | None = None,
) -> NearestTimes:
    """Return the time to the nearest facility over land and streets, by one search from all facilities.

    People walk over the land in every direction, at the speed of what covers it, along streets as without a terrain, and
    step on and off a street wherever they may stand; nobody crosses a barrier but on a bridge. Those of motor modes walk
    to their vehicle, ride along streets, and walk on. Points within a metre of a street stand on it. Homes on closed land
    have a status of their own.

    Parameters
    ----------
    network, facilities, population, profile, minutes
        As `nearest_times` takes them.
    terrain : Terrain
    direction : {"to", "from"}

    Returns
    -------
    NearestTimes
        With metres over land.

    Raises
    ------
    InputError
        See `nearest_times`.
    """
    way = over_land_way(network, terrain, profile, direction)
    sites = sites_on_land(way, facilities)
    homes = homes_on_land(way, population)
    found = read_field(way, land_field(way, sites.ends), sites.ends, homes.ends)
    time, row = times_and_rows(found.label)
    # What passes before a vehicle leaves is part of every time.
    time[row >= 0] = np.minimum(time[row >= 0] + np.uint32(round(profile.start_s * 1000)), LARGEST_MS)
    limit = LARGEST_MS if minutes is None else minutes_to_ms(minutes)
    late = (row >= 0) & (time > limit)
    status = status_on_land(homes, row >= 0)
    status[late] = Status.BEYOND_LIMIT
    time[late], row[late] = NOT_REACHED_MS, -1
    over_m, first_m = (np.where(row >= 0, metres, np.nan) for metres in (found.over_m, found.first_m))
    return NearestTimes(
        seconds=ms_to_seconds(time),
        facility=row,
        status=status,
        cells=homes.links,
        sites=sites.links,
        limit_s=np.inf if minutes is None else limit / 1000,
        origin=Origin.of(network, facilities, population, profile, direction, terrain),
        over_land_m=over_m,
        land_first_m=first_m,
    )


def over_land_way(
    network: StreetNetwork, terrain: Terrain, profile: TravelProfile, direction: Direction
) -> OverLand:
    """Return a terrain and streets as a profile travels them; parameters and errors as in `nearest_times`."""
    expect(network, StreetNetwork, "network", "from read_network")
    expect(terrain, Terrain, "terrain", "from read_terrain")
    return over_land(network, terrain, profile, direction)


def status_on_land(homes: LandPoints, reached: Bools) -> UInt8s:
    """Return the `Status` of homes, of which some are reached, (k,) uint8."""
    reason = homes.links.reason
    status = np.where(reached, Status.REACHED, Status.UNREACHABLE).astype(np.uint8)
    status[~reached & (reason == LinkReason.ON_CLOSED_LAND)] = Status.CLOSED_LAND
    status[~reached & (reason == LinkReason.OUTSIDE_TERRAIN)] = Status.UNLINKED
    return status


def sites_on_land(way: OverLand, facilities: Facilities) -> LandPoints:
    """Return facilities on a terrain: they may stand on closed land if a way leads out of it.

    Raises
    ------
    InputError
        If there is none, or none that is on the terrain or at a street.
    """
    expect(facilities, Facilities, "facilities", "from read_facilities")
    if not len(facilities):
        raise InputError("the facility list is empty: name at least one service point")
    check_datum(way.network, facilities)
    what = facilities.label if facilities.label in ("candidates", "origins", "destinations") else "facilities"
    role: Role = "destination" if way.direction == "to" else "origin"
    sites = _points(way, facilities.x, facilities.y, facilities.crs, role, what)
    if not sites.links.placed.any():
        raise InputError(
            f"none of the {len(facilities):,} {what} lies on the terrain or at a street: check their CRS or datum, and that the "
            "terrain covers them"
        )
    return sites


def homes_on_land(way: OverLand, population: Population) -> LandPoints:
    """Return population cells on a terrain.

    Raises
    ------
    InputError
        If there is none, or the terrain misses most of the people.
    """
    expect(population, Population, "population", "from read_population")
    if not len(population):
        raise InputError("the population has no cells with people: check the file")
    check_datum(way.network, population)
    role: Role = "origin" if way.direction == "to" else "destination"
    homes = _points(way, population.x, population.y, population.crs, role, "population cells")
    beyond = homes.links.reason == LinkReason.OUTSIDE_TERRAIN
    people = float(population.people.sum())
    if beyond.any() and float(population.people[beyond].sum()) > people / 2:
        raise InputError(
            f"the terrain misses {int(beyond.sum()):,} of the {len(population):,} population cells and most of the people: read "
            "the terrain with an area that holds them"
        )
    return homes


def _points(way: OverLand, x: Floats, y: Floats, crs: str, role: Role, what: str) -> LandPoints:
    """Link points to the streets, and say what becomes of the others."""
    terrain = way.land.terrain
    px, py = to_crs(x, y, crs, terrain.crs)
    px, py, wet = ashore(way.land, px, py)
    links = link_points(way.network, x, y, crs, way.profile, role=role, max_snap_m=MAX_SNAP_M, what=what)
    ends = ends_of(way, px, py, links, linked_on_foot(way, px, py, role))
    cell = terrain.cell_of(px, py)
    inside = np.maximum(cell, 0)
    closed = ~np.isfinite(way.land.cross_ms.ravel()[inside])
    by_centre = np.array([name == WATER_AREA for name in terrain.classes])[terrain.cover.ravel()[inside]]
    dry = ~wet & (~closed | by_centre)
    at_street = np.zeros(len(px), bool)
    at_street[ends.on_foot.row] = True
    if ends.on_ride is not None:
        at_street[ends.on_ride.row] = True
    reason = links.reason.copy()
    reason[~links.linked] = LinkReason.OVER_LAND
    reason[~at_street & (cell < 0)] = LinkReason.OUTSIDE_TERRAIN
    reason[~at_street & (cell >= 0) & ~dry] = LinkReason.ON_CLOSED_LAND
    gone = np.isin(reason, (LinkReason.OUTSIDE_TERRAIN, LinkReason.ON_CLOSED_LAND))
    edge = np.where(gone, -1, links.edge)
    return LandPoints(ends, LinkedPoints(edge, np.where(gone, np.nan, links.fraction), links.leg_m, reason))
