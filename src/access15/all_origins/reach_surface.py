"""People within reach of every junction, whom a clinic there would cover, or the facilities within reach of it."""

from __future__ import annotations

import numpy as np

from access15.all_origins.hierarchy import can_count, count_by_hierarchy
from access15.all_origins.junction_by_junction import count_by_search, mean_reach
from access15.all_origins.task import Task
from access15.arrays import Floats, Ints
from access15.model import (
    Direction,
    Facilities,
    LinkedPoints,
    Origin,
    Population,
    ReachSurface,
    StreetNetwork,
    TravelProfile,
)
from access15.network import MAX_SNAP_M, Role, RoutingGraph, linkable, routing_graph
from access15.profiles import WALK
from access15.search import Positions, direction_of, end_entries, link_cells, link_sites, search_graph
from access15.units import check_limit, minutes_to_ms, thread_count

_MANY_ROWS = 200
"""Rows within reach of a source from which on the hierarchy, prepared anew each time, is quicker …"""
_MUCH_WORK = 20_000_000
"""… if there is work for seconds at all: rows within reach of all sources together."""
_PEOPLE_BITS = 62
"""All people together, in the unit in which they are counted, stay below two to this power."""


def reach_surface(
    network: StreetNetwork,
    population: Population | Facilities,
    profile: TravelProfile = WALK,
    minutes: float = 15,
    *,
    direction: str | None = None,
    max_snap_m: float = MAX_SNAP_M,
    threads: int | None = None,
) -> ReachSurface:
    """Return the people within reach of every junction: what a clinic that stands on it would cover.

    Given facilities, return how many of them somebody who stands on the junction reaches in time.

    Exact: the same people as `travel_times` finds for a facility exactly at the junction. Where little is
    within reach, by one bounded search per junction; where much is, by sweeps over a hierarchy of the
    streets, which find the same to the last bit. Memory is that of the network plus 4 bytes per node and
    cell for every thread; for a hierarchy some 300 bytes per node plus 256 for every thread.

    Sources: Dibbelt, Strasser & Wagner (2016), Customizable contraction hierarchies; Delling, Goldberg,
    Nowatzyk & Werneck (2013), PHAST; Buchhold & Wagner (2021), nearest-neighbour queries in them.

    Parameters
    ----------
    network : StreetNetwork
        n nodes.
    population : Population or Facilities
        Whom or what to count. All groups of a population are added up too.
    profile : TravelProfile
    minutes : float
        The limit, included.
    direction : {"to", "from"}, optional
        People travel to facilities, or are reached from them. Default: the profile's. The junction is the
        facility where people are counted, and the place of people where facilities are.
    max_snap_m : float
        Cells or facilities further from a street are unlinked: they are not counted.
    threads : int, optional
        Searches side by side; default: all cores. The result does not depend on it.

    Returns
    -------
    ReachSurface
        NaN at nodes that no street of this profile links to the network.

    Raises
    ------
    InputError
        If ``minutes`` is not above 0, there is no cell or facility, or the profile may use no street.
    """
    way = direction_of(profile, direction)
    limit = minutes_to_ms(check_limit(minutes))
    nodes, cells, task, unit = task_of(network, population, profile, way, limit, max_snap_m)
    counted = _count(task, thread_count(threads))
    counts = np.full((network.n_nodes, counted.shape[1]), np.nan)
    counts[nodes] = counted * unit
    groups = population.groups if isinstance(population, Population) else {}
    return ReachSurface(
        people=counts[:, 0].copy(),
        groups={name: counts[:, g + 1].copy() for g, name in enumerate(groups)},
        node_x=network.node_x,
        node_y=network.node_y,
        node_id=network.node_id,
        crs=network.crs,
        limit_s=limit / 1000,
        cells=cells,
        origin=Origin.of(network, network, population, profile, way),
        counted="people" if isinstance(population, Population) else "facilities",
    )


def task_of(
    network: StreetNetwork,
    population: Population | Facilities,
    profile: TravelProfile,
    way: Direction,
    limit_ms: int,
    max_snap_m: float = MAX_SNAP_M,
) -> tuple[Ints, LinkedPoints, Task, float]:
    """Return the nodes a clinic can stand on, the linked cells, the task, and the people per unit of it."""
    if isinstance(population, Facilities):
        cells = link_sites(network, population, profile, way, max_snap_m)
        weights = np.ones((len(population), 1))
        way = "from" if way == "to" else "to"  # the junction is where people are, not where the clinic is
    else:
        cells = link_cells(network, population, profile, way, max_snap_m)
        weights = np.column_stack((population.people, *population.groups.values()))
    streets, graph = routing_graph(network, profile), search_graph(network, profile, way)
    nodes = _standing_places(network, streets, "destination" if way == "to" else "origin")
    people, unit = _whole(weights)
    start_ptr, start_row = _rows_of(graph, nodes)
    ends = end_entries(Positions.of_sites(cells, graph, profile), graph)
    order = np.lexsort((ends.time_ms, ends.node))
    end_ptr = np.zeros(graph.n_nodes + 1, np.int64)
    np.cumsum(np.bincount(ends.node, minlength=graph.n_nodes), out=end_ptr[1:])
    task = Task(
        graph=graph,
        x=network.node_x[graph.node_of],
        y=network.node_y[graph.node_of],
        start_ptr=start_ptr,
        start_row=start_row.astype(np.uint32),
        end_ptr=end_ptr,
        end_cell=ends.point[order].astype(np.int32),
        end_ms=ends.time_ms[order].astype(np.uint32),
        people=people,
        limit_ms=limit_ms,
    )
    return nodes, cells, task, unit


def _count(task: Task, threads: int) -> Ints:
    if can_count(task):
        rows = mean_reach(task)
        if rows >= _MANY_ROWS and rows * task.n_sources >= _MUCH_WORK:
            return count_by_hierarchy(task, threads)
    return count_by_search(task, threads)


def _standing_places(network: StreetNetwork, graph: RoutingGraph, role: Role) -> Ints:
    """Return the nodes at which an edge ends that points may be linked to."""
    edges = linkable(graph, role)
    there = np.zeros(network.n_nodes, bool)
    there[network.edge_from[edges]] = True
    there[network.edge_to[edges]] = True
    return np.flatnonzero(there)


def _whole(weights: Floats) -> tuple[Ints, float]:
    """Return people in whole multiples of a unit, and the unit: a power of two far below one person.

    Whole numbers of people stay what they are, and sums do not depend on the order of adding.
    """
    most = float(weights.sum(axis=0).max(initial=1))
    unit = 2.0 ** (np.ceil(np.log2(most)) + 1 - _PEOPLE_BITS)
    return np.rint(weights / unit).astype(np.int64), unit


def _rows_of(graph: RoutingGraph, nodes: Ints) -> tuple[Ints, Ints]:
    """Return ``(indptr, rows)``: the rows at which a search from each node starts.

    People who travel *to* a junction may arrive by any of its copies (`access15.network.turns`).
    """
    copies: Ints = np.empty(0, np.int64)
    if not graph.arrive_at_copies:
        copies = np.arange(graph.n_network, graph.first_sink)
    rank = np.full(graph.n_network, -1, np.int64)
    rank[nodes] = np.arange(len(nodes))
    owner = np.concatenate((np.arange(len(nodes)), rank[graph.node_of[copies]]))
    rows = np.concatenate((nodes, copies))[owner >= 0]
    owner = owner[owner >= 0]
    indptr = np.zeros(len(nodes) + 1, np.int64)
    np.cumsum(np.bincount(owner, minlength=len(nodes)), out=indptr[1:])
    return indptr, rows[np.argsort(owner, kind="stable")]
