"""Where lines of a road layer meet, drawn by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from access15.sources.road_joins import JOIN_M, join_lines

INSIDE = "line ends joined to the inside of a line"
MOVED = "line ends moved onto another within tolerance"
APART = "shared vertices kept apart by level"
CROSS = "pairs of lines that cross without a shared vertex, not joined"


def joined(*lines, level=None, raised=None):
    xy = np.concatenate([np.array(line, float) for line in lines])
    size = np.array([len(line) for line in lines])
    level = np.zeros(len(lines), int) if level is None else np.array(level)
    raised = np.zeros(len(lines), bool) if raised is None else np.array(raised, bool)
    return join_lines(xy[:, 0], xy[:, 1], size, level, raised)


def nodes(result):
    """Return the set of node numbers of each line."""
    return [set(part.tolist()) for part in np.split(result.node, np.cumsum(result.size)[:-1])]


def meet(result, a=0, b=1):
    return bool(nodes(result)[a] & nodes(result)[b])


EAST = [(0, 0), (50, 0), (100, 0)]
NORTH = [(50, -50), (50, 0), (50, 50)]
NORTH_PLAIN = [(50, -50), (50, 50)]
EAST_PLAIN = [(0, 0), (100, 0)]


def test_shared_vertices_are_a_junction():
    result = joined(EAST, NORTH)
    assert meet(result)
    assert not any(result.counts.values())


def test_lines_that_cross_without_a_vertex_do_not_meet_and_are_counted():
    result = joined(EAST_PLAIN, NORTH_PLAIN)
    assert not meet(result)
    assert result.counts[CROSS] == 1
    # Under a bridge, or on another level, a crossing is nothing to report.
    assert joined(EAST_PLAIN, NORTH_PLAIN, raised=[True, False]).counts[CROSS] == 0
    assert joined(EAST_PLAIN, NORTH_PLAIN, level=[1, 0]).counts[CROSS] == 0


@pytest.mark.parametrize(
    ("level", "raised"), [([1, 0], [True, False]), ([1, 0], [False, False]), ([0, 0], [False, True])]
)
def test_a_bridge_with_a_vertex_over_a_road_does_not_meet_it(level, raised):
    result = joined(EAST, NORTH, level=level, raised=raised)
    assert not meet(result)
    assert result.counts[APART] == 1


def test_a_bridge_over_a_road_that_is_cut_there_does_not_meet_it():
    south, north = [(50, -50), (50, 0)], [(50, 0), (50, 50)]
    result = joined(EAST, south, north, level=[1, 0, 0], raised=[True, False, False])
    assert meet(result, 1, 2)
    assert not meet(result, 0, 1)


def test_a_road_on_the_bridge_meets_it():
    assert meet(joined(EAST, NORTH, level=[1, 1], raised=[True, True]))


def test_a_bridge_meets_the_road_at_its_end():
    bridge = [(50, 0), (50, 50)]
    assert meet(joined(EAST, bridge, level=[0, 1], raised=[False, True]))
    # Two bridges that end on a quay between them.
    result = joined(EAST, bridge, [(50, -50), (50, 0)], level=[0, 1, 1], raised=[False, True, True])
    assert meet(result, 0, 1)
    assert meet(result, 0, 2)


@pytest.mark.parametrize("gap", [0.0, 0.2, 0.49])
def test_an_end_that_touches_the_inside_of_a_line_meets_it(gap):
    result = joined(EAST_PLAIN, [(30, gap), (30, 50)])
    assert meet(result)
    assert result.counts[INSIDE] == 1
    assert result.size.tolist() == [3, 2]
    # The line is cut where the end is, and its parts are as long as the whole.
    assert result.x[:3].tolist() == [0, 30, 100]


def test_an_end_farther_than_the_tolerance_does_not():
    assert not meet(joined(EAST_PLAIN, [(30, JOIN_M + 0.01), (30, 50)]))


@pytest.mark.parametrize(
    ("level", "raised"), [([1, 0], [True, False]), ([0, 0], [False, True]), ([0, 1], [False, False])]
)
def test_an_end_under_a_bridge_does_not_meet_it(level, raised):
    assert not meet(joined(EAST_PLAIN, [(30, 0.1), (30, 50)], level=level, raised=raised))


def test_several_ends_on_one_segment_cut_it_in_order():
    result = joined(EAST_PLAIN, [(70, 0), (70, 50)], [(30, 0), (30, 50)], [(30, -0.1), (30, -50)])
    assert result.x[: result.size[0]].tolist() == [0, 30, 70, 100]
    assert all(meet(result, 0, k) for k in (1, 2, 3))
    # The two ends at 30 are one junction.
    assert result.counts[MOVED] == 1


def test_ends_within_tolerance_are_one_node_at_one_place():
    result = joined([(0, 0), (50, 0)], [(50.3, 0.2), (100, 0)])
    assert meet(result)
    assert result.counts[MOVED] == 1
    assert (result.x[1], result.y[1]) == (result.x[2], result.y[2])


def test_an_end_near_a_vertex_takes_the_vertex():
    result = joined(EAST, [(50, 0.3), (50, 50)])
    assert meet(result)
    assert result.size.tolist() == [3, 2]


def test_random_grids_keep_their_connections():
    """Cut a grid of streets at random places and shake the loose ends: the pieces still join as before."""
    rng = np.random.default_rng(7)
    lines = []
    for k in range(6):
        lines += [[(0, 100 * k), (500, 100 * k)], [(100 * k, 0), (100 * k, 500)]]
    grid = []
    for (x0, y0), (x1, y1) in lines:
        cuts = np.r_[0.0, np.sort(rng.uniform(0.05, 0.95, 2)), 1.0]
        for a, b in itertools.pairwise(cuts):
            # a vertex at every crossing inside the piece
            inner = [c / 5 for c in range(6) if a < c / 5 < b]
            grid.append([(x0 + (x1 - x0) * t, y0 + (y1 - y0) * t) for t in (a, *inner, b)])
    shaken = [
        [
            tuple(np.array(p) + (rng.uniform(-0.1, 0.1, 2) if i in (0, len(g) - 1) else 0))
            for i, p in enumerate(g)
        ]
        for g in grid
    ]
    result = joined(*shaken)
    sets = nodes(result)
    reached, todo = {0}, [0]
    while todo:
        here = todo.pop()
        for k, other in enumerate(sets):
            if k not in reached and sets[here] & other:
                reached.add(k)
                todo.append(k)
    assert len(reached) == len(grid)
