"""Travel times between every facility and every cell within a limit."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from access15.model import (
    Direction,
    Facilities,
    LinkedPoints,
    Origin,
    Population,
    StreetNetwork,
    TravelProfile,
    TravelTimes,
)
from access15.network import MAX_SNAP_M, RoutingGraph
from access15.profiles import WALK
from access15.travel_time.attach import Positions, holds, same_edge, seeds
from access15.travel_time.nearest import direction_of, link_cells, link_sites, search_graph
from access15.travel_time.search import LARGEST_MS, NO_LABEL, bucket_sizes
from access15.units import check_minutes, minutes_to_ms

_FIRST_EPOCH = 0xFFFFFFFE
_ROWS_AT_ONCE = 64
"""Facilities per call of the kernel: small enough to share work between threads and to stop on Ctrl-C."""


@dataclass(frozen=True, eq=False)
class _Job:
    """Arrays of one matrix in the order `access15._kernels.bounded.bounded_rows` takes them."""

    arrays: tuple[npt.NDArray[Any], ...]
    limit_ms: int
    shift: int
    buckets: int
    n_nodes: int
    n_cells: int


class _WorkSpace:
    """Labels of one thread; epochs fall from search to search, so labels are never cleared."""

    def __init__(self, n_nodes: int, n_cells: int) -> None:
        self.labels = np.full(n_nodes, NO_LABEL)
        self.cell_labels = np.full(n_cells, NO_LABEL)
        self.epoch = _FIRST_EPOCH

    def rows(self, job: _Job, first: int, last: int) -> tuple[npt.NDArray[Any], ...]:
        from access15._kernels.bounded import bounded_rows

        epoch, self.epoch = self.epoch, self.epoch - (last - first)
        out: tuple[npt.NDArray[Any], ...] = bounded_rows(
            *job.arrays,
            first,
            last,
            job.limit_ms,
            job.shift,
            job.buckets,
            self.labels,
            self.cell_labels,
            epoch,
        )
        return out


def travel_times(
    network: StreetNetwork,
    facilities: Facilities,
    population: Population,
    profile: TravelProfile = WALK,
    *,
    minutes: float | None = None,
    direction: str | None = None,
    metres: bool = False,
    max_snap_m: float = MAX_SNAP_M,
    threads: int | None = None,
) -> TravelTimes:
    """Return travel times of all facility–cell pairs within a limit, by one bounded search per facility.

    Parameters
    ----------
    network : StreetNetwork
    facilities : Facilities
        Existing or candidate sites.
    population : Population
    profile : TravelProfile
    minutes : float, optional
        Only pairs within it, the limit included; without it every reachable pair.
    direction : {"to", "from"}, optional
        Default: the profile's. ``"to"``: cells travel to facilities.
    metres : bool
        Also return the length of each quickest path (the shortest one among equally quick paths).
    max_snap_m : float
        Points further from a street are unlinked: they have no pairs.
    threads : int, optional
        Searches side by side; default: all cores. The result does not depend on it.

    Returns
    -------
    TravelTimes

    Raises
    ------
    InputError
        If ``minutes`` is not above 0, there is no facility or no cell, or the profile may use no street.
    """
    way = direction_of(profile, direction)
    limit = LARGEST_MS if minutes is None else minutes_to_ms(check_minutes(minutes)[0])
    sites = link_sites(network, facilities, profile, way, max_snap_m)
    cells = link_cells(network, population, profile, way, max_snap_m)
    parts = _searched(network, sites, cells, profile, way, limit, metres, threads)
    indptr = np.zeros(len(facilities) + 1, np.int64)
    np.cumsum(np.concatenate([part[0] for part in parts]), out=indptr[1:])
    return TravelTimes(
        indptr=indptr,
        cell=np.concatenate([part[1] for part in parts]),
        time_ms=np.concatenate([part[2] for part in parts]),
        metres=np.concatenate([part[3] for part in parts]) if metres else None,
        n_cells=len(population),
        cells=cells,
        sites=sites,
        limit_s=np.inf if minutes is None else limit / 1000,
        origin=Origin.of(network, facilities, population, profile, way),
    )


def linked_times(
    network: StreetNetwork,
    sites: LinkedPoints,
    cells: LinkedPoints,
    profile: TravelProfile,
    direction: Direction,
    minutes: float,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32], npt.NDArray[np.uint32]]:
    """Return times between points that stand on the network already, as compressed rows.

    Parameters
    ----------
    network : StreetNetwork
    sites, cells : LinkedPoints
        ``s`` and ``n`` points.
    profile : TravelProfile
    direction : {"to", "from"}
        ``"to"``: cells travel to sites.
    minutes : float
        Only pairs within it, the limit included.

    Returns
    -------
    indptr, cell, time_ms : (s + 1,) int64, (pairs,) int32, (pairs,) uint32
        Cells of each site in rising order, off-network legs of both ends included.
    """
    limit = minutes_to_ms(check_minutes(minutes)[0])
    indptr = np.zeros(len(sites) + 1, np.int64)
    if not len(sites):
        return indptr, np.zeros(0, np.int32), np.zeros(0, np.uint32)
    parts = _searched(network, sites, cells, profile, direction, limit, False, None)
    np.cumsum(np.concatenate([part[0] for part in parts]), out=indptr[1:])
    return indptr, np.concatenate([part[1] for part in parts]), np.concatenate([part[2] for part in parts])


def _searched(
    network: StreetNetwork,
    sites: LinkedPoints,
    cells: LinkedPoints,
    profile: TravelProfile,
    way: Direction,
    limit_ms: int,
    metres: bool,
    threads: int | None,
) -> list[tuple[npt.NDArray[Any], ...]]:
    """Return counts, cells, times and metres of one bounded search per site, in blocks of sites."""
    graph = search_graph(network, profile, way)
    at = Positions.of(sites, graph, profile), Positions.of(cells, graph, profile)
    job = _job(graph, *at, (len(sites), len(cells)), limit_ms, metres)
    return _run(job, len(sites), threads or os.cpu_count() or 1)


def _job(
    graph: RoutingGraph,
    sites: Positions,
    cells: Positions,
    size: tuple[int, int],
    limit_ms: int,
    metres: bool,
) -> _Job:
    n_sites, n_cells = size
    start = seeds(sites, graph)
    start_ptr, a = start.rows_by(start.point, n_sites)
    site, direct = same_edge(sites, cells, graph)
    direct_ptr, b = direct.rows_by(site, n_sites)
    hold = holds(cells, graph)
    hold_ptr, c = hold.rows_by(hold.node, graph.n_nodes)
    arc_m = graph.arc_m if metres else np.empty(0)
    shift, buckets = bucket_sizes(graph, int(start.time_ms.max(initial=0)))
    arrays = (
        graph.indptr, graph.arcs, arc_m,
        start_ptr, start.node[a].astype(np.uint32), start.time_ms[a].astype(np.uint32), start.metres[a],
        direct_ptr, direct.point[b].astype(np.int32), direct.time_ms[b].astype(np.uint32), direct.metres[b],
        hold_ptr, hold.point[c].astype(np.int32), hold.time_ms[c].astype(np.uint32), hold.metres[c],
    )  # fmt: skip
    return _Job(arrays, limit_ms, shift, buckets, graph.n_nodes, n_cells)


def _run(job: _Job, n_sites: int, threads: int) -> list[tuple[npt.NDArray[Any], ...]]:
    blocks = [(first, min(first + _ROWS_AT_ONCE, n_sites)) for first in range(0, n_sites, _ROWS_AT_ONCE)]
    threads = max(1, min(threads, len(blocks)))
    first_space = _WorkSpace(job.n_nodes, job.n_cells)
    if threads == 1:
        return [first_space.rows(job, *block) for block in blocks]
    # The first block runs alone, so that the kernel is compiled once.
    parts = [first_space.rows(job, *blocks[0])]
    spaces = [first_space, *(_WorkSpace(job.n_nodes, job.n_cells) for _ in range(threads - 1))]
    with ThreadPoolExecutor(threads) as pool:

        def work(block: tuple[int, int]) -> tuple[npt.NDArray[Any], ...]:
            space = spaces.pop()
            try:
                return space.rows(job, *block)
            finally:
                spaces.append(space)

        try:
            parts += pool.map(work, blocks[1:])
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return parts
