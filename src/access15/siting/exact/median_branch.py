"""Branch and bound of the p-median: some site within a reach of a cell, or none."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from access15.arrays import Floats, Int8s, Int32s, Ints
from access15.siting.exact.solver import Deadline

_HOW: Final = np.array([8.0, 0.6, 0.8, 0.02])
"""Steps at a node, see `access15._kernels.median.bound_node`; found by trial on instances of 100 to 900 candidates."""

_TRIES, _PROBE, _STEPS = 6, 20, 100
"""Splits that are tried at a node, steps in each trial, and steps once one is taken."""

_LOOK_EVERY = 8
"""Nodes between two looks at the plan of the bound."""

_MOST_KEPT: Final = 5e7
"""Numbers that waiting nodes may hold in all."""


@dataclass(frozen=True, slots=True, eq=False)
class Lists:
    """For every cell the candidates that are worth going to, cheapest first (compressed rows).

    Attributes
    ----------
    ptr, idx, val : (n + 1,) int64, (pairs,) int32, (pairs,) float64
    far : (n,) float64
        What a cell costs, at least, when none of its list is open.
    candidates : int
    """

    ptr: Ints
    idx: Int32s
    val: Floats
    far: Floats
    candidates: int

    @property
    def arrays(self) -> tuple[Ints, Int32s, Floats]:
        """The rows, as kernels take them."""
        return self.ptr, self.idx, self.val

    def without(self, keep: Ints) -> Lists:
        """Return the lists of some candidates only, numbered anew in their order."""
        row = np.full(self.candidates, -1, np.int32)
        row[keep] = np.arange(len(keep))
        use = row[self.idx] >= 0
        ptr = np.concatenate([[0], np.cumsum(use)])[self.ptr]
        return Lists(ptr, row[self.idx[use]], self.val[use], self.far, len(keep))

    def table(self) -> Floats:
        """Return candidates × cells, `FAR` where a candidate is in no list."""
        from access15._kernels.median import FAR

        out = np.full((self.candidates, len(self.far)), FAR)
        out[self.idx, np.repeat(np.arange(len(self.far)), np.diff(self.ptr))] = self.val
        return out


@dataclass(slots=True, eq=False)
class Node:
    """Decisions so far, and what is known under them.

    Attributes
    ----------
    bound : float
        Of every plan under these decisions.
    reach, top, price : (n,) float64
        Largest cost a cell may pay, its highest useful price, its price.
    status, share : (m,) int8, float64
        Whether a candidate is decided, and how often the plans of the bound had it.
    """

    bound: float
    reach: Floats
    top: Floats
    price: Floats
    status: Int8s
    share: Floats

    def copy(self) -> Node:
        """Return a node that may change on its own."""
        numbers = self.reach.copy(), self.top.copy(), self.price.copy()
        return Node(self.bound, *numbers, self.status.copy(), self.share.copy())


def branch(
    lists: Lists,
    p: int,
    root: Node,
    goal: Callable[[], tuple[float, float]],
    offer: Callable[[Ints], None],
    deadline: Deadline,
) -> float:
    """Search for plans below the limit, best bound first; return the bound on all of them, inf: there is none.

    Parameters
    ----------
    lists : Lists
    p : int
    root : Node
    goal : callable
        Returns what a plan must stay below to be wanted, and the value the steps aim at.
    offer : callable
        Takes plans, which may lower the goal.
    deadline : Deadline

    Notes
    -----
    Splits as in the radius formulation: García, Labbé & Marín (2011), Solving large p-median problems with a radius
    formulation. Of six splits the one is taken that lifts both bounds the most (strong branching).
    """
    from access15._kernels.median import OPEN, bound_node

    cost = lists.table()
    tag = np.random.default_rng(0).integers(1, 1 << 40, lists.candidates)
    waiting: list[tuple[float, int, Node]] = [(root.bound, 0, root)]
    made = looked = 0
    while waiting and deadline.left() > 0:
        limit, target = goal()
        if waiting[0][0] >= limit:
            return np.inf
        if len(waiting) * (3 * len(lists.far) + lists.candidates) > _MOST_KEPT:
            break
        _, _, node = heapq.heappop(waiting)
        if not (node.status == OPEN).any():  # the root decided all
            offer(_plan(node, p))
            continue
        for child in _best_split(lists, cost, tag, p, node, limit, target):
            here = child.bound
            if here < limit:
                arrays = child.reach, child.top, child.status, p, child.price, child.share
                here = bound_node(cost, *arrays, here, limit, target, _STEPS, _HOW)
            if here >= limit:
                continue
            looked += 1
            complete = not (child.status == OPEN).any()
            if complete or looked % _LOOK_EVERY == 1:
                offer(_plan(child, p))
                limit, target = goal()
            if complete:
                continue
            made += 1
            child.bound = here
            heapq.heappush(waiting, (here, made, child))
    return waiting[0][0] if waiting else np.inf


def _plan(node: Node, p: int) -> Ints:
    """Return the candidates inside, and those that the plans of the bound had most often."""
    from access15._kernels.median import INSIDE, OUTSIDE

    often = node.share + (node.status == INSIDE) - 2.0 * (node.status == OUTSIDE)
    return np.argsort(-often, kind="stable")[:p]


def _best_split(
    lists: Lists, cost: Floats, tag: Ints, p: int, node: Node, limit: float, target: float
) -> list[Node]:
    """Return the two nodes of the split that lifts both bounds the most, after a few steps each."""
    from access15._kernels.median import bound_node

    floor = 0.01 * (limit - node.bound)
    best, pair = -np.inf, []
    for two in _two_nodes(lists, cost, tag, node):
        for child in two:
            arrays = child.reach, child.top, child.status, p, child.price, child.share
            child.bound = bound_node(cost, *arrays, node.bound, limit, target, _PROBE, _HOW)
        lifted = [min(limit, child.bound) - node.bound + floor for child in two]
        if lifted[0] * lifted[1] > best:
            best, pair = lifted[0] * lifted[1], two
    return pair


def _two_nodes(lists: Lists, cost: Floats, tag: Ints, node: Node) -> Iterator[list[Node]]:
    """Yield ways to split a node; without any by reach, one open candidate is inside or outside."""
    from access15._kernels.median import FORCED, INSIDE, OPEN, OUTSIDE, splits

    cells, lasts = splits(*lists.arrays, node.reach, node.status, node.share, tag, _TRIES)
    for cell, last in zip(cells.tolist(), lasts.tolist(), strict=True):
        near = lists.idx[lists.ptr[cell] : last]
        some, none = node.copy(), node.copy()
        some.reach[cell] = lists.val[last - 1]
        some.top[cell] = max(some.top[cell], FORCED)
        none.status[near[none.status[near] == OPEN]] = OUTSIDE
        yield [some, none]
    if not len(cells):
        free = np.flatnonzero(node.status == OPEN)
        row = free[np.argmax(node.share[free])]
        inside, outside = node.copy(), node.copy()
        inside.status[row], outside.status[row] = INSIDE, OUTSIDE
        inside.top = np.minimum(inside.top, np.where(cost[row] <= inside.reach, cost[row], np.inf))
        yield [inside, outside]
