"""Ferries: their time from the timetable or the length, and one wait for each line."""

from __future__ import annotations

import numpy as np
import pytest

from access15.network import StreetWays, build_network
from access15.network.ferries import GUESSED, TOO_LONG

FERRY = {"route": "ferry"}


def crossing_s(ways, nodes, tags, **options):
    """Return the seconds of all pieces of some ways, drawn as rows of nodes at (x, 0)."""
    x = np.array([float(nodes[node]) for way in ways for node in way])
    street = {"highway": "residential"}
    network = build_network(
        StreetWays(
            way_id=list(range(1, len(ways) + 2)),
            tags=[*tags, street],
            size=[*(len(way) for way in ways), 2],
            node=np.array([node for way in ways for node in way] + [900, 901]),
            x=np.append(x, [0.0, 1.0]),
            y=np.append(np.zeros(len(x)), [9000.0, 9000.0]),
            crs="EPSG:32632",
        ),
        **options,
    )
    return float(np.nansum(network.duration_s)), network


@pytest.mark.parametrize("parts", [1, 2, 3, 5])
def test_a_line_has_one_wait_however_many_ways_draw_it(parts):
    """1,000 m at 5 km/h are 720 s; the wait is 900 s."""
    ways = [(i, i + 1) for i in range(parts)]
    nodes = {i: 1000 * i / parts for i in range(parts + 1)}
    seconds, network = crossing_s(ways, nodes, [FERRY] * parts)
    assert seconds == pytest.approx(1620, abs=0.01)
    assert network.provenance[GUESSED] == parts


@pytest.mark.parametrize("parts", [1, 4])
def test_long_lines_without_a_duration_are_closed_as_a_whole(parts):
    ways = [(i, i + 1) for i in range(parts)]
    nodes = {i: 2001 * i / parts for i in range(parts + 1)}
    seconds, network = crossing_s(ways, nodes, [FERRY] * parts)
    assert seconds == 0
    assert network.provenance["dropped"][TOO_LONG] == parts
    timed = [{**FERRY, "duration": "01:00", "interval": "00:20"}] * parts
    assert crossing_s(ways, nodes, timed)[0] == pytest.approx(3600 * parts + 600, abs=0.01)


def test_lines_that_share_a_pier_wait_each_for_their_own():
    """Three lines end at node 1: they do not continue each other."""
    ways = [(0, 1), (1, 2), (1, 3)]
    seconds, _ = crossing_s(ways, {0: 0, 1: 100, 2: 300, 3: 600}, [FERRY] * 3)
    assert seconds == pytest.approx(800 * 0.72 + 3 * 900, abs=0.01)
