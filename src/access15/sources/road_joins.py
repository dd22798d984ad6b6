"""Where the lines of a plain road layer meet: shared vertices, ends that touch, and crossings that do not meet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from access15.arrays import Bools, Floats, Ints

JOIN_M = 0.5
"""Ends closer than this are one junction, and an end this close to another line meets it: less than half a
lane, more than the rounding of any survey."""
SAME_M = 0.001
"""Vertices that agree to the millimetre are shared."""


@dataclass(slots=True)
class JoinedLines:
    """Lines with a node id at every vertex.

    Attributes
    ----------
    size : (n,) int64
        Vertices of each line, inserted ones included.
    x, y : (k,) float64
    node : (k,) int64
        Equal where lines meet.
    counts : dict
        What was joined and what was not.
    """

    size: Ints
    x: Floats
    y: Floats
    node: Ints
    counts: dict[str, int]


def join_lines(
    x: Floats, y: Floats, size: Ints, level: Ints, raised: Bools, *, join_m: float = JOIN_M
) -> JoinedLines:
    """Find the junctions of lines.

    Vertices at the same place are one junction, and ends within ``join_m`` of each other. An end within
    ``join_m`` of the inside of another line meets it if both have the same level and neither is a bridge or
    a tunnel. Lines that cross without a vertex there do not meet (they are counted); nor do lines of
    different level that both run on through a shared vertex.

    Parameters
    ----------
    x, y : (k,) float64
        Vertices in metres, line after line.
    size : (n,) int64
        Vertices of each line, at least two.
    level : (n,) int64
        Layer of each line, 0 on the ground.
    raised : (n,) bool
        Bridges and tunnels.
    join_m : float
        Tolerance in metres.
    """
    line = np.repeat(np.arange(len(size)), size)
    first = np.cumsum(size) - size
    is_end = np.zeros(len(x), bool)
    is_end[first] = is_end[first + size - 1] = True
    node = _places(x, y)
    node, x, y, snapped = _snap_ends(x, y, node, is_end, join_m)
    crossing_pairs = _crossings(x, y, size, node, level, raised)
    node, apart = _separate(node, line, is_end, level, raised)
    touching = _touching_ends(x, y, line, node, is_end, (level, raised), join_m)
    counts = {
        "line ends moved onto another within tolerance": snapped,
        "line ends joined to the inside of a line": len(touching.end),
        "shared vertices kept apart by level": apart,
        "pairs of lines that cross without a shared vertex, not joined": crossing_pairs,
    }
    return _insert(x, y, size, node, touching, counts)


def _places(x: Floats, y: Floats) -> Ints:
    """Return a number per distinct place (to the millimetre), from 0 in order of first appearance by row."""
    grid = np.stack((np.rint(x / SAME_M), np.rint(y / SAME_M)), axis=1).astype(np.int64)
    return np.unique(grid, axis=0, return_inverse=True)[1].reshape(-1)


def _snap_ends(
    x: Floats, y: Floats, node: Ints, is_end: Bools, join_m: float
) -> tuple[Ints, Floats, Floats, int]:
    """Give places of ends within ``join_m`` of each other one number; return how many places vanished too."""
    from scipy.spatial import cKDTree

    rows = np.flatnonzero(is_end)
    rows = rows[np.unique(node[rows], return_index=True)[1]]
    pairs = cKDTree(np.stack((x[rows], y[rows]), axis=1)).query_pairs(join_m, output_type="ndarray")
    before = int(node.max()) + 1
    node, x, y = _merge(x, y, node, rows[pairs[:, 0]], rows[pairs[:, 1]])
    return node, x, y, before - (int(node.max()) + 1)


def _separate(node: Ints, line: Ints, is_end: Bools, level: Ints, raised: Bools) -> tuple[Ints, int]:
    """Give lines that pass each other on different levels at a shared vertex nodes of their own."""
    floor = np.unique(np.stack((level, raised), axis=1), axis=0, return_inverse=True)[1].reshape(-1)[line]
    lowest = np.full(int(node.max()) + 1, np.iinfo(np.int64).max)
    highest = np.full(len(lowest), -1)
    np.minimum.at(lowest, node, floor)
    np.maximum.at(highest, node, floor)
    mixed = np.flatnonzero((lowest != highest)[node])
    out, apart = node.copy(), 0
    order = mixed[np.argsort(node[mixed], kind="stable")]
    for rows in np.split(order, np.flatnonzero(np.diff(node[order])) + 1) if len(order) else []:
        for group in _storeys(rows, floor, line, is_end, raised)[1:]:
            out[group] = int(out.max()) + 1
            apart += 1
    return out, apart


def _storeys(rows: Ints, floor: Ints, line: Ints, is_end: Bools, raised: Bools) -> list[Ints]:
    """Return the vertices at one place in groups that meet, storey by storey."""
    storeys = [rows[floor[rows] == f] for f in np.unique(floor[rows])]
    groups: list[list[Ints]] = []
    for mine in storeys:
        meets = [g for g in groups if any(_meet(mine, theirs, line, is_end, raised) for theirs in g)]
        groups = [g for g in groups if not any(g is m for m in meets)]
        groups.append([part for g in meets for part in g] + [mine])
    return [np.concatenate(g) for g in groups]


def _meet(one: Ints, other: Ints, line: Ints, is_end: Bools, raised: Bools) -> bool:
    """Return whether two storeys meet at a place.

    They do unless both run on by themselves (two ends, or one inside), and both have an inside here or the
    one that has is a bridge or a tunnel.
    """
    inside = [part[~is_end[part]] for part in (one, other)]
    if any(len(part) + len(i) < 2 for part, i in zip((one, other), inside, strict=True)):
        return True
    if len(inside[0]) and len(inside[1]):
        return False
    return not any(raised[line[i]].any() for i in inside)


@dataclass(slots=True)
class _Touching:
    """Ends that meet the inside of a line: the end's vertex row, and the segment and place along it."""

    end: Ints
    segment: Ints
    along: Floats


def _touching_ends(
    x: Floats,
    y: Floats,
    line: Ints,
    node: Ints,
    is_end: Bools,
    floors: tuple[Ints, Bools],
    join_m: float,
) -> _Touching:
    """Find ends within ``join_m`` of a line that has no vertex there, both on the ground of one level."""
    import shapely

    level, raised = floors
    ends = np.flatnonzero(is_end & ~raised[line])
    start = np.flatnonzero(line[1:] == line[:-1])
    start = start[~raised[line[start]]]
    if not len(ends) or not len(start):
        return _Touching(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    pairs = np.stack((start, start + 1), axis=1)
    segments = shapely.linestrings(np.stack((x[pairs], y[pairs]), axis=2))
    points = shapely.points(x[ends], y[ends])
    who, where = shapely.STRtree(segments).query(points, predicate="dwithin", distance=join_m)
    owner = line[start[where]]
    # A line that comes through the place already has nothing to join.
    lines = int(line.max()) + 1
    wanted = node[ends[who]] * lines + owner
    ok = ~np.isin(wanted, node * lines + line) & (level[owner] == level[line[ends[who]]])
    who, where, wanted = who[ok], where[ok], wanted[ok]
    gap = shapely.distance(points[who], segments[where])
    order = np.lexsort((where, gap, wanted))
    _, nearest = np.unique(wanted[order], return_index=True)
    best = order[nearest]
    along = shapely.line_locate_point(segments[where[best]], points[who[best]])
    return _Touching(ends[who[best]], start[where[best]], np.asarray(along, float))


def _crossings(x: Floats, y: Floats, size: Ints, node: Ints, level: Ints, raised: Bools) -> int:
    """Count pairs of lines on the ground of one level that cross and share no vertex: not joined, but told."""
    import shapely

    lines = shapely.linestrings(np.stack((x, y), axis=1), indices=np.repeat(np.arange(len(size)), size))
    a, b = shapely.STRtree(lines).query(lines, predicate="crosses")
    ok = (a < b) & (level[a] == level[b]) & ~raised[a] & ~raised[b]
    parts = np.split(node, np.cumsum(size)[:-1])
    return sum(
        not np.intersect1d(parts[i], parts[j]).size
        for i, j in zip(a[ok].tolist(), b[ok].tolist(), strict=True)
    )


def _insert(
    x: Floats, y: Floats, size: Ints, node: Ints, touching: _Touching, counts: dict[str, int]
) -> JoinedLines:
    """Put a vertex where an end touches a line; where the line has a vertex just there, take that."""
    at = touching.segment
    length = np.hypot(x[at + 1] - x[at], y[at + 1] - y[at])
    whole = (touching.along <= SAME_M) | (touching.along >= length - SAME_M)
    vertex = (at + (touching.along > length / 2))[whole]
    node, x, y = _merge(x, y, node, touching.end[whole], vertex)
    new = np.flatnonzero(~whole)
    new = new[np.lexsort((touching.along[new], at[new]))]
    segment, end = at[new], touching.end[new]
    # The line bends to the end by less than the tolerance: the end itself does not move.
    line = np.repeat(np.arange(len(size)), size)
    grown = size + np.bincount(line[segment], minlength=len(size))
    return JoinedLines(
        grown,
        np.insert(x, segment + 1, x[end]),
        np.insert(y, segment + 1, y[end]),
        np.insert(node, segment + 1, node[end]),
        counts,
    )


def _merge(x: Floats, y: Floats, node: Ints, one: Ints, other: Ints) -> tuple[Ints, Floats, Floats]:
    """Make the nodes of vertices ``one`` and ``other`` the same, at one place."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    if not len(one):
        return node, x, y
    n = int(node.max()) + 1
    links = coo_matrix((np.ones(len(one)), (node[one], node[other])), shape=(n, n))
    node = connected_components(links, directed=False)[1][node].astype(np.int64)
    _, at, node = np.unique(node, return_index=True, return_inverse=True)
    return node.reshape(-1), x[at][node], y[at][node]
