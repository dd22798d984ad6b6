"""Gaps that one site can serve: clusters cut where a site at their centre would be too far away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from access15.arrays import Floats, Int32s, Ints
from access15.model import LinkedPoints
from access15.travel_time import iter_linked_times

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from access15.model import NearestTimes, StreetNetwork


_MOST_CENTRES: Final = 2000
"""Cells up to which every one may be a centre; of more, the one with the most people in each square."""

_SQUARES: Final = 8
"""Squares in which centres are thinned out, along the straight way one can go within the limit."""

_PAIRS_AT_ONCE: Final = 1 << 19
"""Pairs of a centre and a cell in a straight line that are looked at together."""


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
class _Block:
    """What some centres reach: their cells, how many cells each has, these one centre after the other, and how far."""

    centre: Ints
    count: Ints
    cell: Int32s
    away: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Reached:
    """Which cells some centres reach: compressed rows, four bytes a pair."""

    centre: Ints
    indptr: Ints
    cell: Int32s


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

    def reach(centres: Ints) -> Iterator[_Block]:
        sites = LinkedPoints(
            cells.edge[centres], cells.fraction[centres], np.zeros(len(centres)), cells.reason[centres]
        )
        for some in iter_linked_times(network, sites, cells, profile, times.direction, minutes):
            yield _Block(centres[some.site], some.count, some.cell, some.time_ms.astype(np.float64))

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

    def reach(centres: Ints) -> Iterator[_Block]:
        first, rows = 0, 64
        while first < len(centres):
            some = centres[first : first + rows]
            own = cKDTree(np.column_stack([x[some], y[some]]))
            found = own.sparse_distance_matrix(tree, metres * (1 + 1e-12), output_type="ndarray")
            row, cell = np.divmod(np.sort(found["i"] * len(x) + found["j"]), len(x))
            away = np.hypot(x[cell] - x[some[row]], y[cell] - y[some[row]])
            yield _Block(some, np.bincount(row, minlength=len(some)), cell.astype(np.int32), away)
            first += len(some)
            rows = int(min(2 * rows, max(1, _PAIRS_AT_ONCE * len(some) // len(row))))

    return _cut(cluster, people, _squares(x, y, metres / _SQUARES), reach)


def _squares(x: Floats, y: Floats, step_m: float) -> Ints:
    """Return the square of side ``step_m`` each cell lies in."""
    column, row = (np.floor(v / max(step_m, 1e-9)).astype(np.int64) for v in (x, y))
    square: Ints = (column - column.min()) * (np.ptp(row) + 1) + row - row.min()
    return square


def _cut(cluster: Ints, people: Floats, square: Ints, reach: Callable[[Ints], Iterator[_Block]]) -> Parts:
    """Cut clusters; ``reach`` gives what some centres have within the limit, each with its cells rising.

    Only which cells a centre reaches is kept. Times are looked at as they come, and searched again where they
    are needed: from the chosen centres, and from those that reach a whole part.
    """
    own = _own_cells(reach, cluster.astype(np.int32))
    found, chosen = _choose(_first_centres(cluster, people, square), people, own)
    part = _assign(chosen, own, len(people))
    centre = _moved(part, found, people, own)
    # Once more from the centres as they are now, to say how far each cell is from its own.
    at = np.unique(centre)
    away = np.full(len(people), np.nan)
    for block in own(at):
        mine = centre[part[block.cell]] == np.repeat(block.centre, block.count)
        away[block.cell[mine]] = block.away[mine]
    return Parts(part.astype(np.int64), centre, away)


def _own_cells(
    reach: Callable[[Ints], Iterator[_Block]], cluster: Int32s
) -> Callable[[Ints], Iterator[_Block]]:
    """Return ``reach`` without what centres reach of other clusters."""
    from access15._kernels.parts import own_cells

    def own(centres: Ints) -> Iterator[_Block]:
        for block in reach(centres):
            pairs = own_cells(block.count, block.cell, block.away, cluster, cluster[block.centre])
            yield _Block(block.centre, block.count, block.cell[:pairs], block.away[:pairs])

    return own


def _first_centres(cluster: Ints, people: Floats, square: Ints) -> Ints:
    """Return every cell; where there are many, only the one with the most people in each square."""
    if len(people) <= _MOST_CENTRES:
        return np.arange(len(people))
    order = np.lexsort((-people, square, cluster))
    first = np.ones(len(people), bool)
    first[1:] = (np.diff(square[order]) != 0) | (np.diff(cluster[order]) != 0)
    return np.sort(order[first])


def _choose(
    centres: Ints, people: Floats, reach: Callable[[Ints], Iterator[_Block]]
) -> tuple[list[_Reached], Ints]:
    """Choose centres until every cell is reached; return what those tried reach, and those chosen in their order."""
    from access15._kernels.parts import choose

    left = people.copy()
    tried: list[_Reached] = []
    chosen: list[Ints] = []
    while len(centres):
        rows = _rows(centres, reach(centres))
        picked = np.empty(len(centres), np.int64)
        count = choose(rows.indptr, rows.cell, left, picked)
        if not count:
            raise AssertionError("a cell does not reach its own place: this is a defect of access15")
        tried.append(rows)
        chosen.append(centres[picked[:count]])
        # Cells that none of these reaches may be centres themselves.
        centres = np.flatnonzero(left > 0)
    return tried, np.concatenate(chosen)


def _rows(centres: Ints, blocks: Iterator[_Block]) -> _Reached:
    """Return the cells of blocks as rows in the order of ``centres``, which rise; no time is kept."""
    from access15._kernels.parts import write_rows

    number = np.zeros(len(centres), np.int64)
    pieces: list[tuple[Ints, Ints, Int32s]] = []
    for block in blocks:
        row = np.searchsorted(centres, block.centre)
        number[row] = block.count
        pieces.append((row, block.count, block.cell.copy()))
    indptr = np.concatenate([[0], np.cumsum(number)])
    cell = np.empty(indptr[-1], np.int32)
    while pieces:  # let go one by one
        write_rows(*pieces.pop(), indptr, cell)
    return _Reached(centres, indptr, cell)


def _assign(chosen: Ints, reach: Callable[[Ints], Iterator[_Block]], k: int) -> Int32s:
    """Return the part of each cell: the nearest chosen centre (equal: the one chosen first)."""
    from access15._kernels.parts import nearest_centre

    at = np.sort(chosen)
    rank = np.argsort(chosen).astype(np.int32)
    best, away = np.full(k, -1, np.int32), np.full(k, np.inf)
    for block in reach(at):
        nearest_centre(
            rank[np.searchsorted(at, block.centre)], block.count, block.cell, block.away, away, best
        )
    return np.unique(best, return_inverse=True)[1].ravel().astype(np.int32)


def _moved(
    part: Int32s, tried: list[_Reached], people: Floats, reach: Callable[[Ints], Iterator[_Block]]
) -> Ints:
    """Return the 1-median of each part among the centres that reach all of it; ``tried`` is emptied.

    A centre in the part itself goes before one in another part, then the lowest row.
    """
    from access15._kernels.parts import medians, reach_a_part

    size = np.bincount(part).astype(np.int32)
    able: list[Ints] = []
    while tried:
        rows = tried.pop()
        whole = np.zeros(len(rows.centre), bool)
        reach_a_part(rows.indptr, rows.cell, part, size, whole)
        able.append(rows.centre[whole])
    del rows
    centre, least, own = np.full(len(size), -1), np.full(len(size), np.inf), np.zeros(len(size), bool)
    for block in reach(np.sort(np.concatenate(able))):
        medians(block.centre, block.count, block.cell, block.away, part, size, people, centre, least, own)
    return centre
