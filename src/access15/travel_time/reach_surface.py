"""People within reach of every junction: what a clinic that stands there would cover."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from access15.model import Origin, Population, ReachSurface, StreetNetwork, TravelProfile
from access15.network import MAX_SNAP_M, Role, RoutingGraph, routing_graph
from access15.profiles import WALK
from access15.travel_time.attach import Positions, holds
from access15.travel_time.nearest import direction_of, link_cells, search_graph
from access15.travel_time.search import bucket_sizes
from access15.units import check_minutes, minutes_to_ms

_NODES_AT_ONCE = 2048
"""Searches per call of the kernel: enough to hide its start, few enough to share work and stop on Ctrl-C."""


@dataclass(frozen=True, eq=False)
class _Job:
    """Arrays in the order `access15._kernels.reach.people_within` takes them."""

    arrays: tuple[npt.NDArray[Any], ...]
    sizes: tuple[int, int, int]
    n_rows: int
    n_cells: int
    out: npt.NDArray[np.float64]


def reach_surface(
    network: StreetNetwork,
    population: Population,
    profile: TravelProfile = WALK,
    minutes: float = 15,
    *,
    direction: str | None = None,
    max_snap_m: float = MAX_SNAP_M,
    threads: int | None = None,
) -> ReachSurface:
    """Return the people within reach of every junction: what a clinic that stands on it would cover.

    Exact: the same people as `travel_times` finds for a facility exactly at the junction, by one bounded
    search per junction. Memory is that of the network plus 4 bytes per node and cell for every thread.

    Parameters
    ----------
    network : StreetNetwork
        n nodes.
    population : Population
        All its groups are added up too.
    profile : TravelProfile
    minutes : float
        The limit, included.
    direction : {"to", "from"}, optional
        Default: the profile's. ``"to"``: people travel to the junction.
    max_snap_m : float
        Cells further from a street are unlinked: nobody reaches them.
    threads : int, optional
        Searches side by side; default: all cores. The result does not depend on it.

    Returns
    -------
    ReachSurface
        NaN at nodes where no clinic can stand for this profile: no street there links to the network.

    Raises
    ------
    InputError
        If ``minutes`` is not above 0, there is no cell, or the profile may use no street.
    """
    way = direction_of(profile, direction)
    limit = minutes_to_ms(check_minutes(minutes)[0])
    graph = search_graph(network, profile, way)
    role: Role = "destination" if way == "to" else "origin"
    nodes = _standing_places(network, routing_graph(network, profile), role)
    cells = link_cells(network, population, profile, way, max_snap_m)
    weights = np.column_stack((population.people, *population.groups.values()))
    job = _job(graph, nodes, Positions.of(cells, graph, profile), weights, limit)
    _run(job, len(nodes), threads or os.cpu_count() or 1)
    counts = np.full((network.n_nodes, weights.shape[1]), np.nan)
    counts[nodes] = job.out
    return ReachSurface(
        people=counts[:, 0].copy(),
        groups={name: counts[:, g + 1].copy() for g, name in enumerate(population.groups)},
        node_x=network.node_x,
        node_y=network.node_y,
        node_id=network.node_id,
        crs=network.crs,
        limit_s=limit / 1000,
        cells=cells,
        origin=Origin.of(network, network, population, profile, way),
    )


def _standing_places(network: StreetNetwork, graph: RoutingGraph, role: Role) -> npt.NDArray[np.int64]:
    """Return the nodes at which an edge ends that points may be linked to."""
    edges = graph.linkable(role)
    there = np.zeros(network.n_nodes, bool)
    there[network.edge_from[edges]] = True
    there[network.edge_to[edges]] = True
    return np.flatnonzero(there)


def _job(
    graph: RoutingGraph,
    nodes: npt.NDArray[np.int64],
    cells: Positions,
    weights: npt.NDArray[np.float64],
    limit_ms: int,
) -> _Job:
    start_ptr, start = _rows_of(graph, nodes)
    hold = holds(cells, graph)
    order = np.lexsort((hold.time_ms, hold.node))
    hold_ptr = np.zeros(graph.n_nodes + 1, np.int64)
    np.cumsum(np.bincount(hold.node, minlength=graph.n_nodes), out=hold_ptr[1:])
    arrays = (
        graph.indptr, graph.arcs, start_ptr, start.astype(np.uint32),
        hold_ptr, hold.point[order].astype(np.int32), hold.time_ms[order].astype(np.uint32), weights,
    )  # fmt: skip
    out = np.empty((len(nodes), weights.shape[1]))
    return _Job(arrays, (limit_ms, *bucket_sizes(graph, 0)), graph.n_nodes, len(weights), out)


def _rows_of(
    graph: RoutingGraph, nodes: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return ``(indptr, rows)``: the rows at which a search from each node starts.

    People who travel *to* a junction may arrive by any of its copies (`access15.network.turns`).
    """
    copies: npt.NDArray[np.int64] = np.empty(0, np.int64)
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


def _run(job: _Job, n_sources: int, threads: int) -> None:
    from access15._kernels.reach import people_within

    spaces: list[tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]] = []

    def work(first: int) -> None:
        space = (
            spaces.pop() if spaces else (np.empty(job.n_rows, np.uint32), np.empty(job.n_cells, np.uint32))
        )
        last = min(first + _NODES_AT_ONCE, n_sources)
        people_within(*job.arrays, first, last, *job.sizes, *space, job.out)
        spaces.append(space)

    firsts = range(0, n_sources, _NODES_AT_ONCE)
    if n_sources:
        work(0)  # alone, so that the kernel is compiled once
    with ThreadPoolExecutor(max(1, min(threads, len(firsts)))) as pool:
        try:
            list(pool.map(work, firsts[1:]))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
