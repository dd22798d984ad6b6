"""Assignment with limited capacity: everybody whom a facility can take gets one, at the least total time."""

from __future__ import annotations

from typing import Final

import numpy as np

from access15.arrays import Bools, Floats, Ints
from access15.errors import InputError

MOST_PAIRS: Final = 40_000_000
"""Facilities × cells that one assignment may span: about a gigabyte of memory."""


def nearest_site(site: Ints, cell: Ints, time_ms: Ints, n_cells: int) -> Ints:
    """Return the nearest facility of each cell (the lowest row on ties), -1 without one, (n,)."""
    base = int(site.max(initial=0)) + 1
    none = np.iinfo(np.int64).max
    best = np.full(n_cells, none)
    np.minimum.at(best, cell, time_ms * base + site)
    return np.where(best == none, -1, best % base)


def assign(
    site: Ints, cell: Ints, cost: Ints, demand: Floats, capacity: Floats
) -> tuple[Ints, Ints, Floats, Floats]:
    """Return who goes where: as many people as possible get a place, and of those plans one of the least total cost.

    The people of a cell may be split between facilities. Parts of the network in which everybody
    finds capacity at the nearest facility need no search.

    Parameters
    ----------
    site, cell : (k,) int64
        Facility and cell of each pair in reach.
    cost : (k,) int64
        Cost per person, 0 or more: milliseconds.
    demand : (n,) float64
    capacity : (f,) float64
        People each facility can take, ``inf`` without a limit.

    Returns
    -------
    (a,) int64, (a,) int64, (a,) float64, (n,) float64
        Cell, facility and people of each assignment, by cell and facility; people without a place.

    Raises
    ------
    InputError
        If facilities and cells are too many to search.
    """
    n, f = len(demand), len(capacity)
    first = nearest_site(site, cell, cost, n)
    people = np.where(first >= 0, demand, 0.0)
    load = np.bincount(np.maximum(first, 0), people, f)
    crowded = _crowded(site, cell, n, f, load > capacity)
    still = np.flatnonzero((people > 0) & ~crowded[f:])
    cells, sites, served = [still], [first[still]], [people[still]]
    left = np.zeros(n)
    if crowded.any():
        some_sites, some_cells = np.flatnonzero(crowded[:f]), np.flatnonzero(crowded[f:] & (people > 0))
        flow = _flow(site, cell, cost, some_sites, some_cells, demand, capacity, first)
        row, column = np.nonzero(flow[:-1])
        cells.append(some_cells[column])
        sites.append(some_sites[row])
        served.append(flow[row, column])
        left[some_cells] = flow[-1]
    all_cells, all_sites, all_people = np.concatenate(cells), np.concatenate(sites), np.concatenate(served)
    order = np.lexsort((all_sites, all_cells))
    return all_cells[order], all_sites[order], all_people[order], left


def _crowded(site: Ints, cell: Ints, n: int, f: int, over: Bools) -> Bools:
    """Return which facilities, then which cells, belong to a connected part with too little capacity somewhere."""
    from scipy import sparse

    if not over.any():
        return np.zeros(f + n, bool)
    graph = sparse.coo_array((np.ones(len(site), np.int8), (site, f + cell)), shape=(f + n, f + n))
    _, part = sparse.csgraph.connected_components(graph, directed=False)
    crowded: Bools = np.isin(part, part[:f][over])
    return crowded


def _flow(
    site: Ints,
    cell: Ints,
    cost: Ints,
    sites: Ints,
    cells: Ints,
    demand: Floats,
    capacity: Floats,
    first: Ints,
) -> Floats:
    """Return people of some cells at some facilities, the last row those without a place."""
    from access15._kernels.transport import transport

    if (len(sites) + 1) * len(cells) > MOST_PAIRS:
        raise InputError(
            f"{len(sites):,} facilities and {len(cells):,} cells are too many to assign at once: name a shorter "
            "limit (minutes), so that the network falls apart into smaller parts"
        )
    place, slot = np.full(len(capacity), -1), np.full(len(demand), -1)
    place[sites], slot[cells] = np.arange(len(sites)), np.arange(len(cells))
    inside = slot[cell] >= 0
    table = np.full((len(sites) + 1, len(cells)), -1, np.int64)
    table[place[site[inside]], slot[cell[inside]]] = cost[inside]
    # Longer than any chain of moves, so that no place stays free while somebody who could get it has none.
    table[-1] = (int(cost.max()) + 1) * (len(sites) + 2)
    flow: Floats = transport(table, demand[cells], np.append(capacity[sites], np.inf), place[first[cells]])
    return flow
