"""Times on a network with new roads: nobody is worse off for a road that was built."""

from __future__ import annotations

import dataclasses

import numpy as np

from access15.model import Facilities, NearestTimes, Origin, Population, Status, StreetNetwork, TravelProfile
from access15.network import MAX_SNAP_M, JoinedStreets
from access15.search import (
    NO_LABEL,
    Positions,
    cell_labels,
    direction_of,
    link_cells,
    link_sites,
    search_graph,
    times_and_rows,
)
from access15.units import ms_to_seconds


def nearest_times_with_roads(
    before: StreetNetwork,
    joined: JoinedStreets,
    facilities: Facilities,
    population: Population,
    profile: TravelProfile,
    *,
    direction: str | None = None,
    max_snap_m: float = MAX_SNAP_M,
) -> NearestTimes:
    """Return the time to the nearest facility for every cell on streets with new roads.

    A point stands on its nearest street, so that a new road beside a house would take the house off the street
    it used, and could make its way longer. Here every point may take either: the nearest street of all, or the
    nearest that was there before. A new road then never lengthens a time, but for what drivers wait at the new
    junctions where their profile waits, and roundings of milliseconds.

    Parameters
    ----------
    before : StreetNetwork
        Without the new roads.
    joined : JoinedStreets
        With them, see `access15.network.join_streets`.
    facilities, population, profile, direction, max_snap_m
        As in `access15.nearest_times`.

    Returns
    -------
    NearestTimes
        ``cells`` and ``sites`` are the links to the nearest street of all.
    """
    network = joined.network
    way = direction_of(profile, direction)
    graph = search_graph(network, profile, way)
    sites = link_sites(network, facilities, profile, way, max_snap_m)
    cells = link_cells(network, population, profile, way, max_snap_m)
    old_sites = joined.moved(link_sites(before, facilities, profile, way, max_snap_m))
    old_cells = joined.moved(link_cells(before, population, profile, way, max_snap_m))
    site_places = _either(
        Positions.of_sites(sites, graph, profile), Positions.of_sites(old_sites, graph, profile)
    )
    cell_places = _either(Positions.of(cells, graph, profile), Positions.of(old_cells, graph, profile))
    labels = cell_labels(graph, site_places, cell_places, len(population))
    time, row = times_and_rows(labels)
    status = np.where(labels == NO_LABEL, Status.UNREACHABLE, Status.REACHED).astype(np.uint8)
    status[~(cells.linked | old_cells.linked)] = Status.UNLINKED
    origin = Origin.of(network, facilities, population, profile, way)
    return NearestTimes(ms_to_seconds(time), row, status, cells, sites, np.inf, origin)


def _either(first: Positions, second: Positions) -> Positions:
    """Return both positions of every point; a search takes the better one."""
    names = [field.name for field in dataclasses.fields(Positions)]
    return Positions(*(np.concatenate((getattr(first, name), getattr(second, name))) for name in names))
