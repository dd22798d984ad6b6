"""People to facilities with a capacity each: least total time by successive shortest paths.

Facilities are few and cells are many, so paths are searched on the facilities alone: the way from one to
another costs what the cheapest move of a cell between them costs.
"""

from __future__ import annotations

import numpy as np

from access15._kernels._jit import kernel
from access15.arrays import Floats, Ints

_FAR = 1 << 62
"""Longer than any path; no place is marked by a negative cost."""


@kernel
def _cheapest(j: int, k: int, cost: Ints, member: Ints, count: Ints, way: Ints, mover: Ints) -> None:
    """Find the member of ``j`` that moves to ``k`` at the least extra cost."""
    best, who = _FAR, -1
    for at in range(count[j]):
        cell = member[j, at]
        if cost[k, cell] >= 0 and cost[k, cell] - cost[j, cell] < best:
            best, who = cost[k, cell] - cost[j, cell], cell
    way[j, k], mover[j, k] = best, who


@kernel
def _join(cell: int, k: int, cost: Ints, member: Ints, count: Ints, way: Ints, mover: Ints) -> None:
    """Make a cell a member of ``k`` and offer its moves from there."""
    member[k, count[k]] = cell
    count[k] += 1
    for m in range(len(cost)):
        if m != k and cost[m, cell] >= 0 and cost[m, cell] - cost[k, cell] < way[k, m]:
            way[k, m], mover[k, m] = cost[m, cell] - cost[k, cell], cell


@kernel
def _leave(cell: int, j: int, cost: Ints, member: Ints, count: Ints, way: Ints, mover: Ints) -> None:
    """Take a cell out of ``j`` and look anew for the moves it offered."""
    for at in range(count[j]):
        if member[j, at] == cell:
            member[j, at] = member[j, count[j] - 1]
            break
    count[j] -= 1
    for k in range(len(cost)):
        if mover[j, k] == cell:
            _cheapest(j, k, cost, member, count, way, mover)


@kernel
def _shortest(excess: Floats, free: Floats, way: Ints, level: Ints, before: Ints) -> int:
    """Return the nearest place below its capacity, from any place with too many; update levels and predecessors.

    Dijkstra over places on costs made non-negative by the levels of earlier searches.
    """
    f = len(excess)
    distance = np.full(f, _FAR)
    done = np.zeros(f, np.bool_)
    for j in range(f):
        before[j] = -1
        if excess[j] > 0:
            distance[j] = 0
    goal = -1
    while True:
        j = -1
        for k in range(f):
            if not done[k] and distance[k] < _FAR and (j < 0 or distance[k] < distance[j]):
                j = k
        if j < 0:
            return -1
        done[j] = True
        if free[j] > 0:
            goal = j
            break
        for k in range(f):
            if not done[k] and way[j, k] < _FAR:
                reached = distance[j] + way[j, k] + level[j] - level[k]
                if reached < distance[k]:
                    distance[k] = reached
                    before[k] = j
    for k in range(f):
        level[k] += min(distance[k], distance[goal])
    return goal


@kernel
def transport(cost: Ints, demand: Floats, capacity: Floats, first: Ints) -> Floats:
    """Return how many people of each cell go to each place, at the least total cost.

    Parameters
    ----------
    cost : (f, n) int64
        Cost per person, negative where a cell cannot go. The last place must take everybody who is left,
        at a cost above any path between the others.
    demand : (n,) float64
    capacity : (f,) float64
        Capacity of each place; ``inf`` for the last one.
    first : (n,) int64
        The cheapest place of each cell.

    Returns
    -------
    (f, n) float64

    Notes
    -----
    Source: Ahuja, Magnanti & Orlin (1993), Network Flows, section 9.7, successive shortest paths.
    """
    f, n = cost.shape
    flow = np.zeros((f, n))
    member, count = np.zeros((f, n), np.int32), np.zeros(f, np.int64)
    way, mover = np.full((f, f), _FAR), np.full((f, f), -1)
    level, before, load = np.zeros(f, np.int64), np.zeros(f, np.int64), np.zeros(f)
    for cell in range(n):
        if demand[cell] > 0:
            flow[first[cell], cell] = demand[cell]
            load[first[cell]] += demand[cell]
            _join(cell, first[cell], cost, member, count, way, mover)
    excess, free = np.maximum(load - capacity, 0.0), np.maximum(capacity - load, 0.0)
    while excess.max() > 0:
        goal = _shortest(excess, free, way, level, before)
        if goal < 0:
            break  # only rounding is left of the excess: nobody is there to move
        moved, k = free[goal], goal
        while before[k] >= 0:
            moved = min(moved, flow[before[k], mover[before[k], k]])
            k = before[k]
        moved = min(moved, excess[k])
        excess[k] -= moved
        free[goal] -= moved
        k = goal
        while before[k] >= 0:
            j = before[k]
            cell = mover[j, k]
            new = flow[k, cell] == 0
            flow[k, cell] += moved
            flow[j, cell] -= moved
            if new:
                _join(cell, k, cost, member, count, way, mover)
            if flow[j, cell] <= 0:
                flow[j, cell] = 0.0
                _leave(cell, j, cost, member, count, way, mover)
            k = j
    return flow
