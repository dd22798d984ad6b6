"""Time to the nearest facility."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from access15.arrays import Int32s, Labels, UInt32s
from access15.model import (
    Facilities,
    LinkedPoints,
    NearestTimes,
    Origin,
    Population,
    Status,
    StreetNetwork,
    Terrain,
    TravelProfile,
)
from access15.network import MAX_SNAP_M, RoutingGraph
from access15.profiles import WALK
from access15.search import (
    LARGEST_MS,
    NO_LABEL,
    Positions,
    cell_labels,
    direction_of,
    link_cells,
    link_sites,
    node_labels,
    search_graph,
    start_entries,
    times_and_rows,
)
from access15.travel_time.over_land import nearest_over_land
from access15.units import NOT_REACHED_MS, check_limit, minutes_to_ms, ms_to_seconds


@dataclass(frozen=True, eq=False)
class NodeTimes:
    """Time between every node of the network and its nearest facility.

    Attributes
    ----------
    time_ms : (n,) uint32
        The facility's off-network leg included; `access15.units.NOT_REACHED_MS` where not reached.
    facility : (n,) int32
        Row of that facility, -1 where not reached.
    graph : RoutingGraph
        The graph searched: for ``direction="to"`` with every arc turned round, so that arcs lead away
        from the facilities in both cases.
    sites : LinkedPoints
        Where the facilities stand.
    """

    time_ms: UInt32s
    facility: Int32s
    graph: RoutingGraph
    sites: LinkedPoints


def node_times(
    network: StreetNetwork,
    facilities: Facilities,
    profile: TravelProfile = WALK,
    *,
    minutes: float | None = None,
    direction: str | None = None,
    max_snap_m: float = MAX_SNAP_M,
) -> NodeTimes:
    """Return the time between every node and its nearest facility, by one search from all facilities.

    Parameters
    ----------
    network : StreetNetwork
    facilities : Facilities
    profile : TravelProfile
    minutes : float, optional
        Stop the search there; nodes beyond count as not reached.
    direction : {"to", "from"}, optional
        Default: the profile's.
    max_snap_m : float
        Facilities further from a street do not take part.

    Returns
    -------
    NodeTimes

    Raises
    ------
    InputError
        If ``minutes`` is not above 0, there is no facility, or the profile may use no street.
    """
    way = direction_of(profile, direction)
    limit = LARGEST_MS if minutes is None else minutes_to_ms(check_limit(minutes))
    graph = search_graph(network, profile, way)
    sites = link_sites(network, facilities, profile, way, max_snap_m)
    labels = node_labels(graph, start_entries(Positions.of_sites(sites, graph, profile), graph), limit)
    if way == "from":
        for node, copies in graph.copies.items():
            labels[node] = min(labels[node], labels[copies].min())
    time, row = times_and_rows(labels[: network.n_nodes])
    return NodeTimes(time, row, graph, sites)


def nearest_times(
    network: StreetNetwork,
    facilities: Facilities,
    population: Population,
    profile: TravelProfile = WALK,
    *,
    minutes: float | None = None,
    direction: str | None = None,
    max_snap_m: float = MAX_SNAP_M,
    terrain: Terrain | None = None,
) -> NearestTimes:
    """Return the time to the nearest facility for every cell, by one search from all facilities.

    Times are exact under the model to the millisecond roundings of `access15.units`: door to door, both
    off-network legs included, points in mid-edge, one-way streets honoured. Ties go to the facility with
    the lowest row.

    Parameters
    ----------
    network : StreetNetwork
    facilities : Facilities
        n_facilities service points.
    population : Population
        n cells.
    profile : TravelProfile
    minutes : float, optional
        Stop the search there. Cells beyond are `Status.BEYOND_LIMIT`; whether they could be reached at
        all is decided by a search without limit.
    direction : {"to", "from"}, optional
        Default: the profile's.
    max_snap_m : float
        Points further from a street are unlinked. Not used with a terrain.
    terrain : Terrain, optional
        Land that people may cross between their streets (`access15.sources.read_terrain`), in the CRS of the network.
        Motor modes are walked to and from.

    Returns
    -------
    NearestTimes

    Raises
    ------
    InputError
        If ``minutes`` is not above 0, there is no facility or no cell, or the profile may use no street. With a terrain
        also if it is in another CRS than the network, has a class without a speed, or misses most of the people.
    CRSError
        If points cannot be expressed in the network's CRS.
    """
    way = direction_of(profile, direction)
    if minutes is not None:
        minutes = check_limit(minutes)
    if terrain is not None:
        return nearest_over_land(network, terrain, facilities, population, profile, way, minutes)
    graph = search_graph(network, profile, way)
    sites = link_sites(network, facilities, profile, way, max_snap_m)
    cells = link_cells(network, population, profile, way, max_snap_m)
    labels = cell_labels(
        graph, Positions.of_sites(sites, graph, profile), Positions.of(cells, graph, profile), len(cells)
    )
    origin = Origin.of(network, facilities, population, profile, way)
    return as_nearest_times(labels, cells, sites, minutes, origin)


def as_nearest_times(
    labels: Labels,
    cells: LinkedPoints,
    sites: LinkedPoints,
    minutes: float | None,
    origin: Origin,
) -> NearestTimes:
    """Return labels of a search without limit as times; those beyond ``minutes`` count as not reached."""
    limit = LARGEST_MS if minutes is None else minutes_to_ms(minutes)
    time, row = times_and_rows(labels)
    missing = labels == NO_LABEL
    status = np.where(missing, Status.UNREACHABLE, Status.REACHED).astype(np.uint8)
    status[~cells.linked] = Status.UNLINKED
    late = ~missing & (time > limit)
    status[late] = Status.BEYOND_LIMIT
    time[late] = NOT_REACHED_MS
    row[late] = -1
    return NearestTimes(
        seconds=ms_to_seconds(time),
        facility=row,
        status=status,
        cells=cells,
        sites=sites,
        limit_s=np.inf if minutes is None else limit / 1000,
        origin=origin,
    )
