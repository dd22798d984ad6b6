"""Networks and lists at the edge of what there is: defined answers, or one clear sentence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from access15.errors import InputError
from access15.model import Facilities, Population, Status
from access15.profiles import WALK
from access15.testing import straight_streets
from access15.travel_time import k_nearest, nearest_times, node_times, travel_times
from access15.units import MAX_MS
from random_streets import UTM, random_points, random_streets


def people_at(x, y):
    return Population.of(x, y, np.ones(len(x)), UTM)


def test_hundred_thousand_facilities_are_as_good_as_the_best_of_their_parts():
    network = random_streets(2)
    _, population = random_points(2, network, 3, 20)
    x, y = np.random.default_rng(2).uniform(-100, 2100, (2, 100_000))
    times = nearest_times(network, Facilities.of(x, y, UTM), population, WALK)
    best = [(np.inf, -1)] * 20
    for first in range(0, 100_000, 5_000):
        part = slice(first, first + 5_000)
        found = nearest_times(network, Facilities.of(x[part], y[part], UTM), population, WALK)
        ours = zip(found.seconds.tolist(), (found.facility + first).tolist(), strict=True)
        best = [min(pair) for pair in zip(best, ours, strict=True)]
    reached = np.isfinite(times.seconds)
    assert times.seconds.tolist() == [seconds for seconds, _ in best]
    assert times.facility[reached].tolist() == [row for seconds, row in best if seconds < np.inf]


def test_a_network_without_streets_is_refused():
    bare = straight_streets([0.0, 100.0], [0.0, 0.0], [], [])
    with pytest.raises(InputError, match="the network has no streets"):
        nearest_times(bare, Facilities.of([0], [0], UTM), people_at([50.0], [0.0]), WALK)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("length_m", -1.0, "edge length is negative"),
        ("length_m", np.nan, "edge length is negative or not a number"),
        ("duration_s", -1.0, "edge duration is negative"),
        ("node_x", np.nan, "a position of the network is not a number"),
        ("vertex_y", np.inf, "a position of the network is not a number"),
    ],
)
def test_a_network_of_impossible_numbers_is_refused(column, value, message):
    network = straight_streets([0.0, 100.0], [0.0, 0.0], [0], [1])
    values = np.array(getattr(network, column))
    values[0] = value
    with pytest.raises(InputError, match=message):
        replace(network, **{column: values})


def test_loops_parallel_streets_and_lonely_nodes():
    # A loop at 0; two streets 0-1, the shorter one counts; a street without length 1-2; node 3 has no street.
    network = straight_streets(
        [0.0, 600.0, 600.0, 900.0], [0.0] * 4, [0, 0, 0, 1], [0, 1, 1, 2], length_m=[50.0, 800.0, 600.0, 0.0]
    )
    found = node_times(network, Facilities.of([0], [0], UTM), WALK)
    walk_ms = round(600 * 3600 / 4.8)
    assert found.time_ms.tolist() == [0, walk_ms, walk_ms, 2**32 - 1]
    assert found.facility.tolist() == [0, 0, 0, -1]


def test_a_time_of_more_than_seven_weeks_is_out_of_reach():
    # Each street counts as the longest that one may be, 24.8 days: two fit into a time, three do not.
    network = straight_streets(
        [0.0, 100.0, 200.0, 300.0], [0.0] * 4, [0, 1, 2], [1, 2, 3], length_m=[5e9, 5e9, 5e9]
    )
    times = nearest_times(
        network, Facilities.of([0], [0], UTM), people_at([0.0, 100.0, 200.0, 300.0], [0.0] * 4)
    )
    assert times.seconds.tolist() == [0, MAX_MS / 1000, 2 * MAX_MS / 1000, np.inf]
    assert times.status[3] == Status.UNREACHABLE


def test_cells_whose_answer_the_rounding_may_decide():
    # 4.8 km/h is 0.75 s a metre: 15 minutes are 1,200 m, half a second is 0.67 m.
    network = straight_streets([0.0, 3000.0], [0.0, 0.0], [0], [1])
    x = np.array([1199.2, 1199.4, 1200.0, 1200.6, 1200.8, 600.0])
    times = nearest_times(network, Facilities.of([0], [0], UTM), people_at(x, np.zeros(6)), WALK)
    assert times.within_rounding(15).tolist() == [False, True, True, True, False, False]
    assert times.within(15).tolist() == [True, True, True, False, False, True]


def test_neighbours_too_slow_to_meet_are_out_of_reach_everywhere():
    # Two legs of 24.8 days fill a label; the way along the street they share makes it run over.
    network = straight_streets([0.0, 1000.0, 2000.0], [0.0] * 3, [0, 1], [1, 2])
    profile = replace(WALK, off_network_kph=0.001)
    facilities, people = Facilities.of([300], [1000], UTM), people_at([300.0, 500.0, 1500.0], [1000.0] * 3)
    longest = 2 * MAX_MS / 1000
    assert nearest_times(network, facilities, people, profile).seconds.tolist() == [longest, np.inf, np.inf]
    assert k_nearest(network, facilities, people, profile, k=1).seconds.ravel().tolist() == [
        longest,
        np.inf,
        np.inf,
    ]
    matrix = travel_times(network, facilities, people, profile)
    assert (matrix.cell.tolist(), matrix.seconds.tolist()) == ([0], [longest])
