"""Ways drawn along the streets take exactly the time the searches say, and run where they should."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import numpy as np
import pytest
import shapely

import access15 as a15
from access15.network import link_points
from access15.search import street_lines
from access15.testing import street_map
from access15.travel_time import linked_times

SAMPLE = Path(__file__).parents[2] / "data" / "sample" / "monaco" / "monaco.osm.pbf"


def check(network, x, y, profile):
    """Every pair of points: the same time as the search, a line from place to place."""
    points = link_points(network, np.array(x), np.array(y), network.crs, profile, role="destination")
    pairs = [pair for pair in itertools.product(range(len(x)), repeat=2) if pair[0] != pair[1]]
    lines, time_ms = street_lines(network, points, profile, pairs)
    indptr, cell, searched = linked_times(network, points, points, profile, "from", 24 * 60)
    known = dict(
        zip(zip(np.repeat(range(len(x)), np.diff(indptr)), cell, strict=True), searched, strict=True)
    )
    assert time_ms.tolist() == [int(known.get(pair, -1)) for pair in pairs]
    for line, ms in zip(lines, time_ms, strict=True):
        assert (line is None) == (ms < 0)
    spots = {}
    for (start, stop), line in zip(pairs, lines, strict=True):
        if line is not None:
            ends = np.array(line.coords)[[0, -1]]
            for point, at in ((start, ends[0]), (stop, ends[1])):
                np.testing.assert_allclose(spots.setdefault(point, at), at, atol=1e-6)
    return lines


def test_a_way_over_the_bridge_turns_two_corners():
    drawn = street_map(
        """
        A--B--C
           |
        D--E--F
    """,
        scale_m=40,
    )
    nodes = {name: drawn.facilities(name) for name in "ABEF"}
    x = [float(nodes[n].x[0]) for n in "AF"]
    y = [float(nodes[n].y[0]) for n in "AF"]
    line = check(drawn.network, x, y, a15.WALK)[0]
    corners = [(float(nodes[n].x[0]), float(nodes[n].y[0])) for n in "ABEF"]
    np.testing.assert_allclose(np.array(line.coords), corners, atol=1e-6)


def test_one_way_streets_are_driven_one_way():
    drawn = street_map("A--B--C", {"AB": {"oneway": "yes"}, "BC": {}})
    a, c = drawn.facilities("A"), drawn.facilities("C")
    points = link_points(drawn.network, np.r_[a.x, c.x], np.r_[a.y, c.y], a.crs, a15.DRIVE)
    lines, time_ms = street_lines(drawn.network, points, a15.DRIVE, [(0, 1), (1, 0)])
    assert lines[0] is not None
    assert (lines[1], time_ms[1]) == (None, -1)


@pytest.mark.parametrize("profile", [a15.WALK, a15.DRIVE], ids=["walk", "drive"])
def test_monaco(profile):
    network = a15.read_network(SAMPLE)
    random = np.random.default_rng(5)
    rows = random.integers(0, network.n_nodes, 12)
    x, y = network.node_x[rows] + random.normal(0, 30, 12), network.node_y[rows] + random.normal(0, 30, 12)
    lines = check(network, x, y, profile)
    streets = shapely.STRtree(network_lines(network))
    for line in (line for line in lines[:20] if line is not None):
        middle = line.interpolate(0.5, normalized=True)
        assert streets.query_nearest(middle, return_distance=True)[1][0] < 0.01


def network_lines(network):
    at = network.vertex_offset
    return [
        shapely.LineString(np.column_stack((network.vertex_x[a:b], network.vertex_y[a:b])))
        for a, b in itertools.pairwise(at.tolist())
    ]


@pytest.mark.skipif("ACCESS15_DATA" not in os.environ, reason="ACCESS15_DATA is not set")
def test_the_comoros_with_a_ferry_less_sea():
    network = a15.read_network(Path(os.environ["ACCESS15_DATA"]) / "comoros" / "comores-latest.osm.pbf")
    rows = np.random.default_rng(2).integers(0, network.n_nodes, 10)
    lines = check(network, network.node_x[rows], network.node_y[rows], a15.DRIVE)
    assert any(line is None for line in lines)  # three islands
