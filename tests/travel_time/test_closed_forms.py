"""Answers that follow from arithmetic."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from access15.coverage import coverage
from access15.model import Facilities, Population
from access15.network import StreetWays, build_network, link_points
from access15.profiles import DRIVE, WALK
from access15.testing import street_map
from access15.travel_time import nearest_times, node_times, travel_times
from access15.units import ms_to_seconds

UTM = "EPSG:32632"
FREE = replace(DRIVE, maxspeed_factor=1.0, direction="from", delay_s={})


def plane(points, ways, lengths=None):
    """A network of straight lines between numbered points; tags per way."""
    order = [n for nodes, _ in ways for n in nodes]
    xy = np.asarray(points, float)
    return build_network(
        StreetWays(
            way_id=range(len(ways)), tags=[tags for _, tags in ways], size=[len(nodes) for nodes, _ in ways],
            node=np.array(order), x=xy[order, 0], y=xy[order, 1], crs=UTM,
        )
    )  # fmt: skip


def test_nine_nodes_from_zero_to_all():
    edges = [
        (0, 1, 70, 10, ">"), (0, 4, 50, 20, ">"), (1, 4, 70, 10, "-"), (1, 5, 70, 10, "-"), (1, 2, 200, 10, "-"),
        (5, 2, 50, 10, ">"), (2, 3, 50, 10, ">"), (5, 3, 110, 20, ">"), (3, 7, 70, 10, ">"), (4, 6, 50, 20, ">"),
        (5, 4, 70, 10, ">"), (5, 6, 70, 10, ">"), (7, 5, 50, 20, ">"), (6, 7, 50, 20, "-"), (3, 8, 25, 20, "-"),
    ]  # fmt: skip
    corners = np.random.default_rng(4).uniform(0, 1000, (9, 2)) + 500_000
    ways = [
        ([a, b], {"highway": "road", "maxspeed": str(kph), "oneway": "yes" if way == ">" else "no"})
        for a, b, _, kph, way in edges
    ]
    drawn = plane(corners, ways)
    network = replace(drawn, length_m=np.array([m for _, _, m, _, _ in edges], float))
    row = {int(i): r for r, i in enumerate(network.node_id)}
    found = node_times(network, Facilities.of(*corners[0], UTM), FREE)
    seconds = ms_to_seconds(found.time_ms)[[row[i] for i in range(9)]]
    np.testing.assert_allclose(seconds, [0, 25.2, 54.0, 55.8, 9.0, 36.0, 18.0, 27.0, 60.3], atol=0.01)


@pytest.fixture
def two_streets():
    points = [(0, 100), (400, 100), (800, 100), (0, 0), (800, 0), (400, 150)]
    street = {"highway": "residential"}
    return plane(
        points, [([0, 1, 2], street), ([3, 4], street), ([4, 2], street), ([1, 5], {"highway": "footway"})]
    )


def metres_between(network, origins, destinations):
    """Path lengths from every destination (rows) to every origin, both off-network legs included."""
    matrix = travel_times(
        network,
        Facilities.of(*np.transpose(destinations), UTM),
        Population.of(*np.transpose(origins), np.ones(len(origins)), UTM),
        WALK,
        metres=True,
    )
    assert matrix.metres is not None
    out = np.full((len(destinations), len(origins)), np.inf)
    out[matrix.facility, matrix.cell] = matrix.metres
    return out


def test_two_streets_and_one_link(two_streets):
    mid, east = (400, 30), (700, 30)
    linked = link_points(two_streets, np.array([400.0, 700.0]), np.array([30.0, 30.0]), UTM, WALK)
    np.testing.assert_allclose(linked.leg_m, 30)
    np.testing.assert_allclose(metres_between(two_streets, [(0, 0)], [mid, east]), [[430], [730]])
    np.testing.assert_allclose(metres_between(two_streets, [mid], [east]), [[360]])


def test_a_linked_point_opens_no_short_cut(two_streets):
    # People stand between both streets; nobody walks from one street to the other through them.
    origins = [(400, 100), (400, 30), (400, 60)]
    np.testing.assert_allclose(metres_between(two_streets, origins, [(400, 0)])[0, 0], 400 + 100 + 400)


def test_long_edges_are_cut_where_the_time_is_up():
    network = plane([(0, 0), (2000, 0), (4000, 0)], [([0, 1, 2], {"highway": "path"})])
    five_kph = replace(WALK, speed_kph=5.0, off_network_kph=5.0)
    times = nearest_times(
        network,
        Facilities.of(2000, 0, UTM),
        Population.of([2000, 0, 4000, 2800, 2850], [0] * 5, np.ones(5), UTM),
        five_kph,
        minutes=10,
    )
    assert times.within(10).tolist() == [True, False, False, True, False]
    assert times.seconds[3] == pytest.approx(576)


@pytest.mark.parametrize("minutes", [3, 5, 7.5])
def test_powers_of_two_name_the_cells_reached(minutes):
    """A 7 × 7 grid of 100 m streets: the covered sum is a bit pattern of the cells."""
    side = 7
    points = [(100 * i, 100 * j) for j in range(side) for i in range(side)]
    rows = [([j * side + i for i in range(side)], {"highway": "residential"}) for j in range(side)]
    columns = [([j * side + i for j in range(side)], {"highway": "residential"}) for i in range(side)]
    network = plane(points, rows + columns)
    x, y = np.transpose(points)
    population = Population.of(x, y, 2.0 ** np.arange(side * side), UTM)
    clinic = (200, 300)
    times = nearest_times(network, Facilities.of(*clinic, UTM), population, WALK)
    total = coverage(times, population, minutes=minutes).table
    covered = int(total["covered"].iloc[0])
    reach_m = minutes * 80
    expected = [
        i for i, (px, py) in enumerate(points) if abs(px - clinic[0]) + abs(py - clinic[1]) <= reach_m
    ]
    assert [i for i in range(side * side) if covered >> i & 1] == expected


def test_a_clinic_up_a_one_way_street():
    drawn = street_map(
        """
        A--B
        |  |
        D--C
        """,
        {"AB": {"oneway": "yes"}, "BC": {"oneway": "yes"}, "CD": {"oneway": "yes"}, "DA": {"oneway": "yes"}},
    )
    clinic, people = drawn.facilities("B"), drawn.population({"A": 1.0})
    to = nearest_times(drawn.network, clinic, people, FREE, direction="to").seconds[0]
    back = nearest_times(drawn.network, clinic, people, FREE, direction="from").seconds[0]
    # 300 m along A-B, or 200 + 300 + 200 m round the block, at 25 km/h.
    assert (to, back) == (pytest.approx(43.2), pytest.approx(100.8))


def test_walking_limits_are_1200_and_810_metres():
    network = plane([(0, 0), (5000, 0)], [([0, 1], {"highway": "footway"})])
    from access15.profiles import WALK_ELDER

    x = [1200, 1201, 810, 811]
    people = Population.of(x, [0] * 4, np.ones(4), UTM)
    clinic = Facilities.of(0, 0, UTM)
    assert nearest_times(network, clinic, people, WALK).within(15).tolist() == [True, False, True, True]
    assert nearest_times(network, clinic, people, WALK_ELDER).within(15).tolist() == [
        False,
        False,
        True,
        False,
    ]


def test_ties_go_to_the_lowest_facility_row():
    drawn = street_map("A--B--C")
    people = drawn.population({"B": 1.0})
    for letters in ("AC", "CA"):
        assert nearest_times(drawn.network, drawn.facilities(*letters), people, WALK).facility[0] == 0


def test_a_bollard_stops_cars_and_lets_people_through():
    drawn = street_map("A--B--C", {"ABC": {}}, nodes={"B": {"barrier": "bollard"}})
    clinic, people = drawn.facilities("A"), drawn.population({"C": 1.0})
    assert nearest_times(drawn.network, clinic, people, WALK).seconds[0] == pytest.approx(450)
    assert np.isinf(nearest_times(drawn.network, clinic, people, DRIVE).seconds[0])
