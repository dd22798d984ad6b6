"""Gaps that one site can serve: clusters cut where a site at their centre would be too far away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from access15.arrays import Bools, Floats, Ints
from access15.model import LinkedPoints
from access15.siting import CoverProblem, cover_matrix, greedy_cover
from access15.travel_time import linked_times

if TYPE_CHECKING:
    from collections.abc import Callable

    from access15.model import NearestTimes, StreetNetwork


_MOST_CENTRES: Final = 2000
"""Cells up to which every one may be a centre; of more, the one with the most people in each square."""

_SQUARES: Final = 8
"""Squares in which centres are thinned out, along the straight way one can go within the limit."""


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """Cells in parts, each with a centre from which every one of its cells is near enough.

    Attributes
    ----------
    part : (k,) int64
        Part of each cell, ``0, 1, …``.
    centre : (parts,) int64
        The cell at whose place on the street (off the streets: at which) the centre stands.
    away : (k,) float64
        Milliseconds, or metres, between each cell and the centre of its part.
    """

    part: Ints
    centre: Ints
    away: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    """Which centres reach which cells of their own cluster: compressed rows, one for each of ``centres``."""

    centres: Ints
    indptr: Ints
    cell: Ints
    away: Floats

    @property
    def centre(self) -> Ints:
        """The centre's cell of each pair, (pairs,)."""
        return np.repeat(self.centres, np.diff(self.indptr))

    def kept(self, keep: Bools) -> _Pairs:
        """Return only some of the pairs."""
        indptr = np.concatenate([[0], np.cumsum(keep)])[self.indptr]
        return _Pairs(self.centres, indptr, self.cell[keep], self.away[keep])


def parts_by_time(
    network: StreetNetwork,
    times: NearestTimes,
    rows: Ints,
    cluster: Ints,
    people: Floats,
    minutes: float,
) -> Parts:
    """Cut clusters on the streets into parts one site can serve.

    The centre of a part stands on the street, where one of its cells reaches it; every cell of the part
    is within ``minutes`` of it, door to site, in the direction of ``times``. Greedy: again and again the
    centre that serves the most people not yet served; then every cell goes to the nearest of these
    centres, and the centre moves to the place of the part with the least total travel time from which
    all of it is within the limit.

    Parameters
    ----------
    network, times
        As in `access15.find_gaps`.
    rows : (k,) int64
        Linked cells whose way to the street alone is within the limit.
    cluster : (k,) int64
        Parts do not cross from one cluster to another.
    people : (k,) float64
        Above 0.
    minutes : float
        Limit, minutes.

    Notes
    -----
    Method: greedy covering after Church & ReVelle (1974), The maximal covering location problem; the
    centre of a part is its 1-median. A cluster that one site can serve stays whole. Where there are more
    than two thousand cells, centres are tried at the one with the most people in each square of an
    eighth of the limit (and then at cells that none of these reaches), which keeps the work in bounds.
    """
    if not len(rows):
        return Parts(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    links, profile = times.cells, times.profile
    cells = LinkedPoints(links.edge[rows], links.fraction[rows], links.leg_m[rows], links.reason[rows])
    step_m = minutes / 60 * profile.speed_kph * 1000 / _SQUARES
    place = network.node_x, network.node_y
    ends = network.edge_from[cells.edge], network.edge_to[cells.edge]
    x, y = (v[ends[0]] + cells.fraction * (v[ends[1]] - v[ends[0]]) for v in place)

    def reach(centres: Ints) -> _Pairs:
        sites = LinkedPoints(
            cells.edge[centres], cells.fraction[centres], np.zeros(len(centres)), cells.reason[centres]
        )
        indptr, cell, time_ms = linked_times(network, sites, cells, profile, times.direction, minutes)
        return _Pairs(centres, indptr, cell.astype(np.int64), time_ms.astype(np.float64))

    return _cut(cluster, people, _squares(x, y, step_m), reach)


def parts_by_distance(x: Floats, y: Floats, cluster: Ints, people: Floats, metres: float) -> Parts:
    """Cut clusters off the streets in the same way, by straight distance to a cell of the part.

    Parameters
    ----------
    x, y : (k,) float64
        Positions, metres.
    cluster : (k,) int64
    people : (k,) float64
        Above 0.
    metres : float
        Largest distance to the centre, metres, included.
    """
    from scipy.spatial import cKDTree

    if not len(x):
        return Parts(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    tree = cKDTree(np.column_stack([x, y]))

    def reach(centres: Ints) -> _Pairs:
        own = cKDTree(np.column_stack([x[centres], y[centres]]))
        found = own.sparse_distance_matrix(tree, metres * (1 + 1e-12), output_type="ndarray")
        key = np.sort(found["i"] * len(x) + found["j"])
        del found  # as large as all that follows
        row, cell = np.divmod(key, len(x))
        centre = centres[row]
        indptr = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(centres)))]).astype(np.int64)
        return _Pairs(centres, indptr, cell, np.hypot(x[cell] - x[centre], y[cell] - y[centre]))

    return _cut(cluster, people, _squares(x, y, metres / _SQUARES), reach)


def _squares(x: Floats, y: Floats, step_m: float) -> Ints:
    """Return the square of side ``step_m`` each cell lies in."""
    corner = np.floor(np.column_stack([x, y]) / max(step_m, 1e-9)).astype(np.int64)
    return np.unique(corner, axis=0, return_inverse=True)[1].ravel().astype(np.int64)


def _cut(cluster: Ints, people: Floats, square: Ints, reach: Callable[[Ints], _Pairs]) -> Parts:
    """Choose centres until every cell is reached; ``reach`` gives the pairs within the limit of some centres."""
    k = len(cluster)
    # Where there are many cells, only the one with the most people in each square may be a centre at first.
    centres = np.arange(k)
    if k > _MOST_CENTRES:
        order = np.lexsort((-people, square, cluster))
        first = np.ones(k, bool)
        first[1:] = (np.diff(square[order]) != 0) | (np.diff(cluster[order]) != 0)
        centres = np.sort(order[first])
    left = np.ones(k, bool)
    found: list[_Pairs] = []
    chosen: list[Ints] = []
    while left.any():
        pairs = reach(centres)
        pairs = pairs.kept(cluster[pairs.cell] == cluster[pairs.centre])
        # Greedy centres for the people left; then cells that none of these reaches may be centres themselves.
        problem = CoverProblem(
            cover_matrix(pairs.indptr, pairs.cell, k), np.where(left, people, 0.0), np.arange(len(centres))
        )
        picked = greedy_cover(problem, len(centres))
        if not len(picked):
            raise AssertionError("a cell does not reach its own place: this is a defect of access15")
        left &= ~problem.covered_by(picked)
        found.append(pairs)
        chosen.append(centres[picked])
        centres = np.flatnonzero(left)
    return _assign(found, np.concatenate([np.zeros(0, np.int64), *chosen]), people)


def _assign(found: list[_Pairs], chosen: Ints, people: Floats) -> Parts:
    """Give every cell to its nearest chosen centre (equal: the one chosen first), then move the centres."""
    k = len(people)
    centre = np.concatenate([pairs.centre for pairs in found])
    cell = np.concatenate([pairs.cell for pairs in found])
    away = np.concatenate([pairs.away for pairs in found])
    rank = np.full(k, -1)
    rank[chosen] = np.arange(len(chosen))
    open_pair = np.flatnonzero(rank[centre] >= 0)
    best = open_pair[np.lexsort((rank[centre[open_pair]], away[open_pair], cell[open_pair]))]
    _, first = np.unique(cell[best], return_index=True)
    part: Ints = np.unique(rank[centre[best[first]]], return_inverse=True)[1].ravel()
    centre, away = _moved(part, centre, cell, away, people)
    return Parts(part, centre, away)


def _moved(part: Ints, centre: Ints, cell: Ints, away: Floats, people: Floats) -> tuple[Ints, Floats]:
    """Return the 1-median of each part among the centres that reach all of it, and how far its cells are.

    A centre in the part itself goes before one in another part, then the lowest row.
    """
    size = np.bincount(part)
    key = centre * len(size) + part[cell]
    keys, group, count = np.unique(key, return_inverse=True, return_counts=True)
    spent = np.bincount(group, people[cell] * away)
    where, of = np.divmod(keys, len(size))
    able = np.flatnonzero(count == size[of])
    order = able[np.lexsort((where[able], spent[able], part[where[able]] != of[able], of[able]))]
    _, first = np.unique(of[order], return_index=True)
    best = order[first]
    mine = np.flatnonzero(best[part[cell]] == group)
    out = np.empty(len(part))
    out[cell[mine]] = away[mine]
    return where[best], out
