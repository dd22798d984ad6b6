"""Islands keep their points, holes in the map do not."""

from __future__ import annotations

import numpy as np
import pytest

from access15.model import LinkReason
from access15.network import StreetWays, build_network, core_nodes, link_points, routing_graph
from access15.profiles import DRIVE, WALK

LONG_M = 60_000


def town(length_m: float, gap_m: float, **tags: str):
    """A long street, and a short one with a corner every 50 m that begins ``gap_m`` to the north of its middle."""
    corners = np.arange(0, length_m + 1, 50.0)
    x = np.concatenate((np.arange(0, LONG_M + 1, 50.0), LONG_M / 2 + corners * 0))
    y = np.concatenate((np.zeros(LONG_M // 50 + 1), gap_m + corners))
    size = [LONG_M // 50 + 1, len(corners)]
    return build_network(
        StreetWays(
            way_id=[1, 2], tags=[{"highway": "residential"}, {"highway": "residential", **tags}], size=size,
            node=np.arange(sum(size)), x=x + 400_000, y=y + 5_000_000, crs="EPSG:32632",
        )
    )  # fmt: skip


@pytest.mark.parametrize(
    ("length_m", "gap_m", "captures"),
    [
        (1_900, 500, False),  # too short for an island
        (2_500, 500, True),
        (2_500, 120, True),
        (2_500, 80, False),  # a hole in the map
        (21_000, 80, True),  # a town of its own
    ],
)
def test_what_captures_points(length_m, gap_m, captures):
    network = town(length_m, gap_m)
    at = 400_000.0 + LONG_M / 2 + 5, 5_000_000.0 + gap_m + 600
    for profile in (WALK, DRIVE):
        linked = link_points(network, *np.array(at).reshape(2, 1), "EPSG:32632", profile)
        assert int(network.way_id[linked.edge[0]]) == (2 if captures else 1)
        assert linked.reason[0] == (LinkReason.LINKED if captures else LinkReason.PAST_FRAGMENT)


def test_a_tenth_of_a_small_network_stays():
    drawn = town(8_000, 80)
    graph = routing_graph(drawn, WALK)
    assert core_nodes(graph).all()


def test_where_one_gets_in_and_not_out_is_no_island():
    """A closed circle of 5 km that a one-way street leads into: its people cannot leave, and link elsewhere."""
    angle = np.linspace(0, 2 * np.pi, 101)
    ring = np.column_stack((30_000 + 800 * np.sin(angle), 1_050 - 800 * np.cos(angle)))
    x = np.concatenate((np.arange(0, LONG_M + 1, 50.0), [30_000, 30_000], ring[:, 0]))
    y = np.concatenate((np.zeros(LONG_M // 50 + 1), [0, 250], ring[:, 1]))
    long, first = np.arange(LONG_M // 50 + 1), LONG_M // 50 + 1
    node = np.concatenate((long, [600, first], [first], first + np.arange(1, 100), [first]))
    network = build_network(
        StreetWays(
            way_id=[1, 2, 3], tags=[{"highway": "residential"}, {"highway": "residential", "oneway": "yes"}, {"highway": "residential"}],
            size=[len(long), 2, 101], node=node, x=x + 400_000, y=y + 5_000_000, crs="EPSG:32632",
        )
    )  # fmt: skip
    x, y = np.array([430_000.0]), np.array([5_001_800.0])
    origin = link_points(network, x, y, "EPSG:32632", DRIVE, role="origin")
    arrives = link_points(network, x, y, "EPSG:32632", DRIVE, role="destination")
    assert network.way_id[origin.edge].tolist() == [1]
    assert origin.reason[0] == LinkReason.PAST_FRAGMENT
    assert network.way_id[arrives.edge].tolist() == [3]
