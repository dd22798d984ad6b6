"""Turn restrictions: drawn cases, and a twin that remembers every arc it came by."""

from __future__ import annotations

import heapq
from dataclasses import replace

import numpy as np
import pytest

from access15.model import Facilities, Population
from access15.profiles import DRIVE, WALK
from access15.testing import street_map
from access15.travel_time import nearest_times, node_times, travel_times
from access15.units import NOT_REACHED_MS
from random_streets import random_streets
from slow_twins import edge_milliseconds

FLAT = replace(DRIVE, class_kph={}, speed_kph=36.0, maxspeed_factor=None, delay_s={})
"""10 m/s on every street: 100 m take 10 s."""

CROSS = """
    N
    |
 W--X--E
    |
    S--T
"""
ROADS = {"WX": {}, "XE": {}, "NX": {}, "XS": {}, "ST": {}}


def seconds(drawn, start, stop, profile=FLAT, direction="to"):
    """Time from one letter to another."""
    people, clinic = (start, stop) if direction == "to" else (stop, start)
    times = nearest_times(
        drawn.network, drawn.facilities(clinic), drawn.population({people: 1.0}), profile, direction=direction
    )
    return times.seconds[0]


@pytest.mark.parametrize("direction", ["to", "from"])
def test_a_forbidden_turn_needs_a_way_round(direction):
    free = street_map(CROSS, ROADS)
    shut = street_map(CROSS, ROADS, turns=["no WX X XS"])
    assert seconds(free, "W", "S", direction=direction) == pytest.approx(50)
    # Past the crossing, round at the end of a street, and back: 300 + 300 + 300 + 200 m, over E or N.
    assert seconds(shut, "W", "S", direction=direction) == pytest.approx(90, abs=0.1)
    assert seconds(shut, "W", "S", WALK, direction) == pytest.approx(seconds(free, "W", "S", WALK, direction))
    assert seconds(shut, "E", "S", direction=direction) == pytest.approx(50)
    assert seconds(shut, "W", "E", direction=direction) == pytest.approx(60)


def test_only_forbids_everything_else():
    drawn = street_map(CROSS, ROADS, turns=["only WX X XE"])
    assert seconds(drawn, "W", "E") == pytest.approx(60)
    assert seconds(drawn, "W", "S") == pytest.approx(110, abs=0.1)  # on to E, round there and back
    assert seconds(drawn, "N", "S") == pytest.approx(40)


def test_a_restriction_over_a_way():
    square = """
    A--B--C
       |
       D
       |
    E--F--G
    """
    ways = {"AB": {}, "BC": {}, "BDF": {}, "EF": {}, "FG": {}}
    free, shut = street_map(square, ways), street_map(square, ways, turns=["no AB BDF EF"])
    assert seconds(free, "A", "E") == pytest.approx(100)
    assert seconds(free, "A", "G") == pytest.approx(100)
    assert seconds(shut, "A", "G") == pytest.approx(100)  # only the turn to E is shut, and only from A
    assert seconds(shut, "C", "E") == pytest.approx(100)
    assert seconds(shut, "D", "E") == pytest.approx(50)
    assert seconds(shut, "A", "E") == pytest.approx(100 + 60)  # over G, or C, and back
    only = street_map(square, ways, turns=["only AB BDF EF"])
    assert seconds(only, "A", "G") == pytest.approx(100 + 60)
    assert seconds(only, "D", "G") == pytest.approx(50)


def test_no_u_turn():
    line = "A--B--C"
    ways = {"AB": {}, "BC": {}}
    drawn = street_map(line, ways, turns=["no AB B AB"])
    people = Population.of([500_100.0], [5_000_000.0], [1.0], "EPSG:32632")
    clinic = drawn.facilities("A")
    # In mid-street people may set out either way; nothing else changes.
    assert nearest_times(drawn.network, clinic, people, FLAT).seconds[0] == pytest.approx(10)


def test_a_turn_nobody_can_drive_is_no_error():
    ways = {**ROADS, "XS": {"highway": "footway"}}
    drawn = street_map(CROSS, ways, turns=["no WX X XS", "only NX X XS", "no WX X NX"])
    assert seconds(drawn, "W", "E") == pytest.approx(60)


def sequence_dijkstra(network, profile, forbidden, start_arcs, longest):
    """Smallest ms at the end of every arc, remembering the last arcs driven; ``start_arcs`` = [(arc, ms)]."""
    arcs = {}
    for e, (ahead, behind) in enumerate(edge_milliseconds(network, profile)):
        if ahead is not None:
            arcs[e, True] = (int(network.edge_from[e]), int(network.edge_to[e]), ahead)
        if behind is not None:
            arcs[e, False] = (int(network.edge_to[e]), int(network.edge_from[e]), behind)
    leaving = {}
    for name, (u, _, _) in arcs.items():
        leaving.setdefault(u, []).append(name)
    best, queue = {}, [(ms, (arc,)) for arc, ms in start_arcs]
    heapq.heapify(queue)
    while queue:
        ms, path = heapq.heappop(queue)
        if path in best:
            continue
        best[path] = ms
        for arc in leaving.get(arcs[path[-1]][1], ()):
            longer = (*path, arc)
            if any(longer[-len(f) :] == f for f in forbidden):
                continue
            heapq.heappush(queue, (ms + arcs[arc][2], longer[-(longest - 1) :]))
    return best, arcs


@pytest.mark.parametrize("seed", range(6))
def test_random_restrictions_against_a_search_with_memory(seed):
    """Node times from one clinic over random streets with random restrictions over nodes and ways."""
    from access15.network import routing_graph
    from access15.network.turns import Arcs, _Book, _sequences

    rng = np.random.default_rng(seed)
    network = random_streets(seed, n=25)
    ids = sorted(set(network.way_id.tolist()))
    over_node = [
        ([int(w) for w in rng.choice(ids, 2)], int(rng.integers(network.n_nodes))) for _ in range(150)
    ]
    # Most random triples meet nowhere; restrictions between streets that do meet make up the rest.
    for v in range(network.n_nodes):
        touching = np.flatnonzero((network.edge_from == v) | (network.edge_to == v))
        if len(touching) > 1:
            over_node.append(([int(w) for w in network.way_id[rng.choice(touching, 2)]], v))
    over_way = [([int(w) for w in rng.choice(ids, 3)], -1) for _ in range(400)]
    given = over_node + over_way
    network = replace(
        network,
        restriction_offset=np.cumsum([0, *(len(ways) for ways, _ in given)]),
        restriction_way=np.array([way for ways, _ in given for way in ways]),
        restriction_node=np.array([node for _, node in given]),
        restriction_only=rng.random(len(given)) < 0.2,
    )
    profile = replace(FLAT, name="twin", direction="from")
    graph = routing_graph(network, profile)
    assert graph.n_nodes > network.n_nodes

    # The sequences themselves are read from the product; that they are right is shown by the drawings.
    free = replace(network, restriction_offset=np.zeros(1), restriction_way=np.zeros(0), restriction_node=np.zeros(0), restriction_only=np.zeros(0))  # fmt: skip
    plain = routing_graph(free, profile)
    start = np.repeat(np.arange(plain.n_nodes), plain.out_degree).astype(np.int32)
    along = (plain.tail[plain.arc_edge] == start) & (plain.arcs[:, 1] == plain.forward_ms[plain.arc_edge])
    loops = plain.tail[plain.arc_edge] == plain.head[plain.arc_edge]
    twice = plain.forward[plain.arc_edge] & plain.backward[plain.arc_edge] & loops
    along[np.flatnonzero(twice)[1::2]] = False
    none = np.empty(0, np.int32)
    book = _Book(Arcs(start, plain.arcs[:, 0].astype(np.int32), plain.arc_edge, along, none, none))
    forbidden = set()
    offset = network.restriction_offset
    for r, (ways, node) in enumerate(given):
        for sequence in _sequences(network, book, ways, node, bool(network.restriction_only[r])):
            forbidden.add(tuple((int(plain.arc_edge[a]), bool(along[a])) for a in sequence))
    assert len(forbidden) > 10
    assert offset[-1] == sum(len(ways) for ways, _ in given)
    longest = max(map(len, forbidden))

    both = graph.linkable("origin") & graph.linkable("destination") & (network.length_m > 50)
    e = int(rng.choice(np.flatnonzero(both)))
    first = network.vertex_offset[e]
    clinic = Facilities.of(
        network.vertex_x[first : first + 2].mean(), network.vertex_y[first : first + 2].mean(), "EPSG:32632"
    )
    found = node_times(network, clinic, profile)
    assert found.sites.edge[0] == e
    f = float(found.sites.fraction[0])
    leg = int(np.rint(found.sites.leg_m[0] * 750))
    ahead, behind = edge_milliseconds(network, profile)[e]
    starts = []
    if ahead is not None:
        starts.append(((e, True), leg + ahead - int(np.rint(f * ahead))))
    if behind is not None:
        starts.append(((e, False), leg + behind - int(np.rint((1 - f) * behind))))
    assert 0 < f < 1, "the clinic stands in mid-street"
    best, arcs = sequence_dijkstra(network, profile, forbidden, starts, longest)
    expected = np.full(network.n_nodes, NOT_REACHED_MS, np.int64)
    for path, ms in best.items():
        node = arcs[path[-1]][1]
        expected[node] = min(expected[node], ms)
    np.testing.assert_array_equal(found.time_ms, expected)

    # Turned round: people who travel to the clinic from a node meet the same restrictions.
    back = node_times(network, clinic, profile, direction="to")
    assert (back.sites.edge[0], back.sites.fraction[0]) == (e, f)
    for node in range(network.n_nodes):
        out = [(a, ms) for a, (u, _, ms) in arcs.items() if u == node]
        best, _ = sequence_dijkstra(network, profile, forbidden, out, longest)
        whole = {True: (ahead, f), False: (behind, 1 - f)}
        ways_in = [
            ms - whole[path[-1][1]][0] + int(np.rint(whole[path[-1][1]][1] * whole[path[-1][1]][0])) + leg
            for path, ms in best.items()
            if path[-1][0] == e
        ]
        assert back.time_ms[node] == min(ways_in, default=NOT_REACHED_MS)


def test_matrix_and_nearest_agree_with_restrictions():
    drawn = street_map(CROSS, ROADS, turns=["no WX X XS", "no NX X WX", "only XE X NX"])
    sites, people = drawn.facilities("S", "E", "N"), drawn.population({"W": 1, "T": 1, "X": 1, "E": 1})
    for direction in ("to", "from"):
        matrix = travel_times(drawn.network, sites, people, FLAT, direction=direction)
        nearest = nearest_times(drawn.network, sites, people, FLAT, direction=direction)
        full = np.full((3, 4), np.inf)
        full[matrix.facility, matrix.cell] = matrix.seconds
        np.testing.assert_array_equal(full.min(axis=0), nearest.seconds)
        np.testing.assert_array_equal(full.argmin(axis=0), nearest.facility)
