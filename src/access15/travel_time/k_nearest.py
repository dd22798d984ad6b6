"""Times to the k nearest facilities."""

from __future__ import annotations

import numpy as np

from access15.arrays import Labels
from access15.errors import InputError
from access15.model import (
    Facilities,
    KNearest,
    Origin,
    Population,
    StreetNetwork,
    TravelProfile,
)
from access15.network import MAX_SNAP_M, RoutingGraph
from access15.profiles import WALK
from access15.search import (
    LARGEST_MS,
    Positions,
    bucket_sizes,
    direction_of,
    end_entries,
    link_cells,
    link_sites,
    same_edge,
    search_graph,
    start_entries,
    times_and_rows,
)
from access15.units import check_limit, minutes_to_ms, ms_to_seconds

MOST_K = 256
"""Every node holds k labels of eight bytes: beyond this the whole matrix (`travel_times`) is smaller."""


def k_nearest(
    network: StreetNetwork,
    facilities: Facilities,
    population: Population,
    profile: TravelProfile = WALK,
    *,
    k: int = 3,
    minutes: float | None = None,
    direction: str | None = None,
    max_snap_m: float = MAX_SNAP_M,
) -> KNearest:
    """Return the k nearest facilities of every cell, by one search from all facilities.

    As exact as `nearest_times`, whose answer is the first column. Two facilities at one place count as two.

    Parameters
    ----------
    network : StreetNetwork
    facilities : Facilities
    population : Population
        n cells.
    profile : TravelProfile
    k : int
        How many; 1 to 256.
    minutes : float, optional
        Only facilities within it, the limit included.
    direction : {"to", "from"}, optional
        Default: the profile's. ``"to"``: cells travel to facilities.
    max_snap_m : float
        Points further from a street are unlinked.

    Returns
    -------
    KNearest

    Raises
    ------
    InputError
        If ``k`` is not a whole number from 1 to 256, ``minutes`` is not above 0, there is no facility or
        no cell, or the profile may use no street.

    Notes
    -----
    Labels per node as in Martins (1984), "On a multicriteria shortest path problem", with the k smallest
    kept; buckets after Dial (1969).
    """
    if isinstance(k, bool) or not isinstance(k, (int, np.integer)) or not 1 <= k <= MOST_K:
        raise InputError(f"k must be a whole number from 1 to {MOST_K}, not {k!r}")
    way = direction_of(profile, direction)
    limit = LARGEST_MS if minutes is None else minutes_to_ms(check_limit(minutes))
    graph = search_graph(network, profile, way)
    sites = link_sites(network, facilities, profile, way, max_snap_m)
    cells = link_cells(network, population, profile, way, max_snap_m)
    labels = _cell_labels(
        graph,
        Positions.of_sites(sites, graph, profile),
        Positions.of(cells, graph, profile),
        len(cells),
        int(k),
        limit,
    )
    time, row = times_and_rows(labels)
    return KNearest(
        seconds=ms_to_seconds(time),
        facility=row,
        cells=cells,
        sites=sites,
        limit_s=np.inf if minutes is None else limit / 1000,
        origin=Origin.of(network, facilities, population, profile, way),
    )


def _cell_labels(
    graph: RoutingGraph, sites: Positions, cells: Positions, n_cells: int, k: int, limit_ms: int
) -> Labels:
    """Return the k smallest ``time_ms << 32 | site row`` of every cell row, (n_cells, k)."""
    from access15._kernels.k_nearest import k_nearest_cells, k_nearest_labels

    start = start_entries(sites, graph)
    shift, buckets = bucket_sizes(graph, int(start.time_ms.max(initial=0)))
    label = (start.time_ms.astype(np.uint64) << np.uint64(32)) | start.point.astype(np.uint64)
    nodes = k_nearest_labels(
        graph.indptr, graph.arcs, start.node.astype(np.uint32), label, k, limit_ms, shift, buckets
    )
    ends = end_entries(cells, graph)
    site, direct = same_edge(sites, cells, graph)
    found: Labels = k_nearest_cells(
        nodes, k, ends.node, ends.point, ends.time_ms, direct.point, site, direct.time_ms, limit_ms, n_cells
    )
    return found.reshape(n_cells, k)
