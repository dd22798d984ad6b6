"""Searches against plain Python and scipy, on random streets."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from access15.errors import InputError
from access15.model import Facilities, Status
from access15.network import routing_graph
from access15.profiles import DRIVE, WALK, WALK_ELDER
from access15.travel_time import k_nearest, nearest_times, node_times, travel_times
from access15.units import NOT_REACHED_MS
from random_streets import UTM, random_points, random_streets, renumbered
from slow_twins import point_to_point_ms


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("direction", ["to", "from"])
@pytest.mark.parametrize("profile", [WALK, DRIVE], ids=lambda p: p.name)
def test_matrix_and_nearest_equal_plain_dijkstra(seed, direction, profile):
    network = random_streets(seed)
    facilities, population = random_points(seed, network, 6, 60)
    matrix = travel_times(network, facilities, population, profile, direction=direction)
    expected = point_to_point_ms(network, profile, matrix.sites, matrix.cells, direction)
    full = np.full((6, 60), -1, np.int64)
    full[matrix.facility, matrix.cell] = matrix.time_ms
    assert full.tolist() == [[-1 if ms is None else ms for ms in row] for row in expected]
    start, facility, seconds = matrix.by_cell()
    for i in range(60):
        reached = np.flatnonzero(full[:, i] >= 0)
        np.testing.assert_array_equal(facility[start[i] : start[i + 1]], reached)
        np.testing.assert_array_equal(seconds[start[i] : start[i + 1]], full[reached, i] / 1000)

    nearest = nearest_times(network, facilities, population, profile, direction=direction)
    labels = np.array([[(10**12 if ms is None else ms, j) for ms in row] for j, row in enumerate(expected)])
    best = labels[:, :, 0].min(axis=0)
    np.testing.assert_array_equal(
        np.where(np.isinf(nearest.seconds), 10**12, np.rint(nearest.seconds * 1000)), best
    )
    first = labels[:, :, 0].argmin(axis=0)
    np.testing.assert_array_equal(nearest.facility, np.where(best < 10**12, first, -1))
    unreached = nearest.status == Status.UNREACHABLE
    np.testing.assert_array_equal(unreached, (best == 10**12) & nearest.cells.linked)


@pytest.mark.parametrize("seed", range(4))
def test_bounded_is_the_unbounded_cut_at_the_limit(seed):
    network = random_streets(seed)
    facilities, population = random_points(seed, network, 6, 60)
    everything = travel_times(network, facilities, population, WALK)
    some = travel_times(network, facilities, population, WALK, minutes=12)
    keep = everything.time_ms <= 12 * 60_000
    np.testing.assert_array_equal(some.cell, everything.cell[keep])
    np.testing.assert_array_equal(some.facility, everything.facility[keep])
    np.testing.assert_array_equal(some.time_ms, everything.time_ms[keep])
    free = nearest_times(network, facilities, population, WALK)
    bound = nearest_times(network, facilities, population, WALK, minutes=12)
    late = free.seconds > 720
    np.testing.assert_array_equal(bound.seconds, np.where(late, np.inf, free.seconds))
    np.testing.assert_array_equal(bound.status == Status.UNREACHABLE, free.status == Status.UNREACHABLE)
    np.testing.assert_array_equal(bound.status == Status.BEYOND_LIMIT, late & np.isfinite(free.seconds))


@pytest.mark.parametrize("seed", range(3))
def test_threads_and_node_order_change_nothing(seed):
    network = random_streets(seed)
    facilities, population = random_points(seed, network, 200, 60)
    one = travel_times(network, facilities, population, DRIVE, threads=1, metres=True)
    four = travel_times(network, facilities, population, DRIVE, threads=4, metres=True)
    for name in ("indptr", "cell", "time_ms", "metres"):
        np.testing.assert_array_equal(getattr(one, name), getattr(four, name))

    again, _ = renumbered(network, seed)
    other = travel_times(again, facilities, population, DRIVE, metres=True)
    for name in ("indptr", "cell", "time_ms"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    a, b = (nearest_times(net, facilities, population, WALK) for net in (network, again))
    np.testing.assert_array_equal(a.seconds, b.seconds)
    np.testing.assert_array_equal(a.facility, b.facility)


@pytest.mark.parametrize("seed", range(4))
def test_times_from_equal_times_to_on_the_turned_network(seed):
    network = random_streets(seed)
    turned = replace(network, access_forward=network.access_backward, access_backward=network.access_forward)
    facilities, population = random_points(seed, network, 5, 50)
    a = nearest_times(network, facilities, population, DRIVE, direction="from")
    b = nearest_times(turned, facilities, population, DRIVE, direction="to")
    np.testing.assert_array_equal(a.seconds, b.seconds)


@pytest.mark.parametrize("seed", range(4))
def test_nothing_added_ever_lengthens_a_time(seed):
    network = random_streets(seed)
    facilities, population = random_points(seed, network, 6, 60)
    some = Facilities.of(facilities.x[:4], facilities.y[:4], UTM)
    assert (
        nearest_times(network, facilities, population, WALK).seconds
        <= nearest_times(network, some, population, WALK).seconds
    ).all()
    slow, fast = (nearest_times(network, some, population, p).seconds for p in (WALK_ELDER, WALK))
    assert (fast <= slow).all()


def test_metres_are_those_of_the_quickest_path():
    network = random_streets(2)
    facilities, population = random_points(2, network, 6, 60)
    matrix = travel_times(network, facilities, population, WALK, metres=True)
    # Walking has one speed, so time and length say the same, up to the roundings of each edge.
    np.testing.assert_allclose(matrix.metres, matrix.seconds * 4.8 / 3.6, atol=0.05)


def test_node_times_equal_scipy():
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import dijkstra

    network = random_streets(5, n=200)
    facilities, _ = random_points(5, network, 6, 10)
    found = node_times(network, facilities, WALK)
    n = network.n_nodes
    graph = routing_graph(network, WALK)
    tail = np.repeat(np.arange(n), np.diff(graph.indptr.astype(int)))
    head, ms = graph.arcs[:, 0].astype(int), graph.arcs[:, 1].astype(float)
    dense = np.full((n, n), np.inf)
    np.minimum.at(dense, (head, tail), np.maximum(ms, 1e-7))  # scipy reads 0 as "no edge"
    sparse = csr_matrix(np.where(np.isinf(dense), 0, dense))
    starts = found.sites
    best = np.full(n, np.inf)
    for k in np.flatnonzero(starts.linked):
        e, f = starts.edge[k], starts.fraction[k]
        leg = np.rint(starts.leg_m[k] * 750)
        ahead, behind = graph.forward_ms[e], graph.backward_ms[e]
        # People reach the clinic forward along its edge from its start, backward from its end.
        if ahead != NOT_REACHED_MS:
            best = np.minimum(
                best,
                leg + (ahead - np.rint((1 - f) * ahead)) + dijkstra(sparse, indices=network.edge_from[e]),
            )
        if behind != NOT_REACHED_MS:
            best = np.minimum(
                best, leg + (behind - np.rint(f * behind)) + dijkstra(sparse, indices=network.edge_to[e])
            )
        if f in (0, 1):
            best = np.minimum(
                best, leg + dijkstra(sparse, indices=(network.edge_from, network.edge_to)[int(f)][e])
            )
    reached = found.time_ms != NOT_REACHED_MS
    np.testing.assert_array_equal(reached, np.isfinite(best))
    np.testing.assert_allclose(found.time_ms[reached], best[reached], atol=2)


def test_bad_input_is_one_clear_sentence():
    network = random_streets(1)
    facilities, population = random_points(1, network, 3, 10)
    for minutes in (0, -5, float("nan")):
        with pytest.raises(InputError, match="above 0"):
            nearest_times(network, facilities, population, WALK, minutes=minutes)
    with pytest.raises(InputError, match="facility list is empty"):
        nearest_times(network, Facilities.of([], [], UTM), population, WALK)
    with pytest.raises(InputError, match="direction"):
        travel_times(network, facilities, population, WALK, direction="up")
    closed = replace(
        network, access_forward=network.access_forward * 0, access_backward=network.access_backward * 0
    )
    with pytest.raises(InputError, match="may use none"):
        nearest_times(closed, facilities, population, WALK)


def test_one_limit_and_a_number_of_threads():
    network = random_streets(1)
    given = (network, *random_points(1, network, 3, 10), WALK)
    for ask in (nearest_times, travel_times, k_nearest):
        with pytest.raises(InputError, match=r"minutes must be one number here, not \[5, 10\]"):
            ask(*given, minutes=[5, 10])
    np.testing.assert_array_equal(
        nearest_times(*given, minutes=[5]).seconds, nearest_times(*given, minutes=5).seconds
    )
    for threads in (0, -1, 1.5, "all"):
        with pytest.raises(InputError, match="threads must be a whole number above 0"):
            travel_times(*given, threads=threads)


def test_the_wrong_kind_of_argument_is_named():
    network = random_streets(1)
    facilities, population = random_points(1, network, 3, 10)
    with pytest.raises(InputError, match=r"network must be a StreetNetwork \(from read_network\), not a str"):
        nearest_times("district.osm.pbf", facilities, population, WALK)
    with pytest.raises(InputError, match=r"facilities must be a Facilities .* not a Population"):
        nearest_times(network, population, facilities, WALK)
    with pytest.raises(InputError, match="population must be a Population"):
        travel_times(network, facilities, facilities, WALK)
    with pytest.raises(InputError, match="profile must be a TravelProfile"):
        node_times(network, facilities, "walk")
    for minutes in ("15", True):
        with pytest.raises(InputError, match="minutes must be numbers above 0"):
            nearest_times(network, facilities, population, WALK, minutes=minutes)
