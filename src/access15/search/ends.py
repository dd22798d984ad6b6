"""The two ends of a search: its graph, its direction, and points linked to the streets."""

from __future__ import annotations

from access15.errors import InputError
from access15.model import (
    Direction,
    Facilities,
    LinkedPoints,
    Population,
    StreetNetwork,
    TravelProfile,
    check_direction,
    expect,
)
from access15.network import MAX_SNAP_M, Role, RoutingGraph, link_points, routing_graph
from access15.search.datum_check import check_datum

_NAMED = ("candidates", "origins", "destinations")
"""Labels of points that a message calls by their name."""


def direction_of(profile: TravelProfile, direction: str | None) -> Direction:
    """Return the direction asked for, by default the profile's."""
    expect(profile, TravelProfile, "profile", "such as WALK, or profile_by_name('walk')")
    return check_direction(direction or profile.direction)


def search_graph(network: StreetNetwork, profile: TravelProfile, direction: Direction) -> RoutingGraph:
    """Return the graph on which a search leaves the facilities."""
    expect(network, StreetNetwork, "network", "from read_network")
    graph = routing_graph(network, profile)
    return graph.reversed if direction == "to" else graph


def link_sites(
    network: StreetNetwork,
    facilities: Facilities,
    profile: TravelProfile,
    direction: Direction,
    max_snap_m: float = MAX_SNAP_M,
) -> LinkedPoints:
    """Link facilities: destinations of people who travel ``to`` them, origins of an ambulance.

    Raises
    ------
    InputError
        If there is no facility, or none near a street.
    CRSError
        If the streets speak clearly for another datum than the facilities were read in.
    """
    expect(network, StreetNetwork, "network", "from read_network")
    expect(facilities, Facilities, "facilities", "from read_facilities")
    if not len(facilities):
        raise InputError("the facility list is empty: name at least one service point")
    check_datum(network, facilities)
    role: Role = "destination" if direction == "to" else "origin"
    what = facilities.label if facilities.label in _NAMED else "facilities"
    sites = link_points(
        network,
        facilities.x,
        facilities.y,
        facilities.crs,
        profile,
        role=role,
        max_snap_m=max_snap_m,
        what=what,
    )
    if not sites.linked.any():
        raise InputError(
            f"none of the {len(facilities)} {what} lies within {max_snap_m:,.0f} m of a street that {profile.name} "
            f"may use (the nearest, {facilities.id[sites.leg_m.argmin()]!r}, is {sites.leg_m.min() / 1000:,.1f} km off): "
            f"check the CRS or datum of the {what} and the extent of the network"
        )
    return sites


def link_cells(
    network: StreetNetwork,
    population: Population,
    profile: TravelProfile,
    direction: Direction,
    max_snap_m: float = MAX_SNAP_M,
) -> LinkedPoints:
    """Link population cells: origins of people who travel ``to`` a facility, destinations of an ambulance.

    Raises
    ------
    InputError
        If there is no cell.
    CRSError
        If the streets speak clearly for another datum than the people were read in.
    """
    expect(population, Population, "population", "from read_population")
    if not len(population):
        raise InputError("the population has no cells with people: check the file")
    check_datum(network, population)
    role: Role = "origin" if direction == "to" else "destination"
    return link_points(
        network,
        population.x,
        population.y,
        population.crs,
        profile,
        role=role,
        max_snap_m=max_snap_m,
        what="population cells",
    )
