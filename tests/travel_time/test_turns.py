"""Turn restrictions: drawn cases, and a twin that remembers every arc it came by."""

from __future__ import annotations

import heapq
from dataclasses import replace

import numpy as np
import pytest

from access15.model import Facilities, Population
from access15.network import routing_graph
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


@pytest.mark.parametrize(
    ("turn", "shut", "free"),
    [
        (
            "no-right WXE X XS",
            "WS",
            "ES",
        ),  # from the west it is the turn to the right, from the east to the left
        ("no-left WXE X XS", "ES", "WS"),
        ("no-left NX X WXE", "NE", "NW"),  # and where the street it leads to passes through
        ("no-right NX X WXE", "NW", "NE"),
        ("only-right WXE X XS", "WE", "EW"),
        ("only-left WXE X XS", "EW", "WE"),
    ],
)
def test_a_street_through_the_via_node_is_bound_on_the_side_where_the_turn_is(turn, shut, free):
    ways = {"WXE": {}, "NX": {}, "XS": {}, "ST": {}}
    drawn, open_to_all = street_map(CROSS, ways, turns=[turn]), street_map(CROSS, ways)
    assert seconds(drawn, *free) == pytest.approx(seconds(open_to_all, *free))
    assert seconds(drawn, *shut) > seconds(open_to_all, *shut) + 5


def test_a_way_between_may_return_to_where_it_began():
    """A is left by BCDB, which comes back to B: from there nobody turns into BE."""
    square = """
    A--B--C
       |  |
       E  D
    """
    ways = {"AB": {}, "BCDB": {"oneway": "yes"}, "BE": {}}
    free, shut = street_map(square, ways), street_map(square, ways, turns=["no AB BCDB BE"])
    assert seconds(shut, "A", "E") == pytest.approx(
        seconds(free, "A", "E")
    )  # straight away, not over the loop
    assert seconds(shut, "C", "E") == pytest.approx(seconds(free, "C", "E"))
    over = routing_graph(shut.network, FLAT)
    assert over.n_nodes > routing_graph(free.network, FLAT).n_nodes


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


def test_nobody_turns_round_to_dodge_a_restriction():
    """The turn from W to S is forbidden, and so is driving on to J and turning back there."""
    drawing = """
           N
           |
     W--X--J--E
        |
        S
    """
    ways = {"WX": {}, "XS": {}, "XJ": {}, "JN": {}, "JE": {}}
    free, shut = street_map(drawing, ways), street_map(drawing, ways, turns=["no WX X XS"])
    assert seconds(free, "W", "S") == pytest.approx(50)
    # 300 m to X, 300 to J, 200 to the dead end N and back, 300 to X, 200 to S.
    for direction in ("to", "from"):
        assert seconds(shut, "W", "S", direction=direction) == pytest.approx(30 + 30 + 20 + 20 + 30 + 20)
        slow = replace(FLAT, name="slow", delay_s={"u_turn": 20.0})
        assert seconds(shut, "W", "S", slow, direction) == pytest.approx(150 + 20)
    assert seconds(shut, "J", "S") == pytest.approx(50)  # who sets out at J may start either way


def test_one_turns_back_where_no_other_exit_is_left():
    """From A to B one must go round: at the dead end S, or at X where the turn on to S is forbidden."""
    drawing = """
    A--W--X--S
       |
       B
    """
    ways, slow = (
        {"AW": {}, "WB": {}, "WX": {}, "XS": {}},
        replace(FLAT, name="slow", delay_s={"u_turn": 20.0}),
    )
    far = street_map(drawing, ways, turns=["no AW W WB"])
    near = street_map(drawing, ways, turns=["no AW W WB", "no WX X XS"])
    assert seconds(far, "A", "B", slow) == pytest.approx(30 + 60 + 20 + 60 + 20)
    assert seconds(near, "A", "B", slow) == pytest.approx(30 + 30 + 20 + 30 + 20)


def test_a_street_for_its_own_traffic_is_not_driven_through():
    drawing = """
    A--B--C--D
       |  |
       |  |
       E--F
          |
          G
    """
    for value in ("destination", "customers", "delivery", "permit"):
        ways = {"AB": {}, "BC": {"motor_vehicle": value}, "CD": {}, "BE": {}, "EF": {}, "FC": {}, "FG": {}}
        drawn = street_map(drawing, ways)
        for direction in ("to", "from"):
            assert seconds(drawn, "A", "D", direction=direction) == pytest.approx(60 + 30 + 60), value
            assert seconds(drawn, "A", "D", WALK, direction) == pytest.approx(900 * 3.6 / 4.8)
    people = Population.of([500_450.0], [5_000_000.0], [1.0], "EPSG:32632")  # in the middle of BC
    for clinic in ("A", "D"):
        for direction in ("to", "from"):
            times = nearest_times(drawn.network, drawn.facilities(clinic), people, FLAT, direction=direction)
            assert times.seconds[0] == pytest.approx(45)


def test_what_lies_behind_is_reached_and_not_driven_through():
    """E and F lie behind destination streets: one gets there and back, and nobody takes them as a short cut."""
    drawing = """
    A--B--------C--D
       |        |
       |  E--F  |
       |        |
       G--H--I--J
    """
    far = {"AB": {}, "BG": {}, "GH": {}, "HI": {}, "IJ": {}, "JC": {}, "CD": {}}
    ways = {**far, "BE": {"access": "destination"}, "EF": {}, "FC": {"access": "destination"}}
    drawn = street_map(drawing, ways)
    length = {"BE": np.hypot(300, 200), "FC": np.hypot(300, 200)}
    round_about = 300 + 400 + 900 + 400 + 300
    for direction in ("to", "from"):
        assert seconds(drawn, "A", "D", direction=direction) == pytest.approx(round_about / 10)
        assert seconds(drawn, "A", "F", direction=direction) == pytest.approx(
            (600 + length["BE"]) / 10, abs=0.01
        )
        assert seconds(drawn, "F", "D", direction=direction) == pytest.approx(
            (300 + length["FC"]) / 10, abs=0.01
        )
        assert seconds(drawn, "E", "F", direction=direction) == pytest.approx(30)


def test_a_place_of_destination_streets_only_is_driven_freely():
    drawn = street_map("A--B--C", {"AB": {"access": "destination"}, "BC": {"access": "customers"}})
    assert seconds(drawn, "A", "C") == pytest.approx(60)


def test_a_barrier_in_a_destination_street_stays_inside():
    ways = {"AB": {}, "BXC": {"access": "destination"}, "CD": {"access": "destination"}}
    drawn = street_map(
        "A--B--X--C--D", ways, nodes={"X": {"barrier": "gate", "foot": "no", "motorcar": "yes"}}
    )
    assert seconds(drawn, "A", "D") == pytest.approx(120)


def sequence_dijkstra(network, profile, rules, start_arcs, longest):
    """Smallest ms at the end of every path memory; ``start_arcs`` = [(arc, ms)].

    Remembers the last arcs driven, and where one is: still on streets for their own traffic (0), outside (1),
    or back on such streets (2), which one may then not leave.
    """
    forbidden, extra, closed = rules
    arcs = {}
    for e, (ahead, behind) in enumerate(edge_milliseconds(network, profile)):
        if ahead is not None:
            arcs[e, True] = (int(network.edge_from[e]), int(network.edge_to[e]), ahead)
        if behind is not None:
            arcs[e, False] = (int(network.edge_to[e]), int(network.edge_from[e]), behind)
    leaving = {}
    for name, (u, _, _) in arcs.items():
        leaving.setdefault(u, []).append(name)
    best, queue = {}, [(ms, (arc,), int(arc not in closed)) for arc, ms in start_arcs]
    heapq.heapify(queue)
    while queue:
        ms, path, place = heapq.heappop(queue)
        if (path, place) in best:
            continue
        best[path, place] = ms
        for arc in leaving.get(arcs[path[-1]][1], ()):
            longer = (*path, arc)
            if any(longer[-len(f) :] == f for f in forbidden):
                continue
            if place == 2 and arc not in closed:
                continue
            now = 1 if arc not in closed else 2 if place else 0
            more = arcs[arc][2] + max((t for s, t in extra.items() if longer[-len(s) :] == s), default=0)
            heapq.heappush(queue, (ms + more, longer[-(longest - 1) :], now))
    return {path: min(best.get((path, k), np.inf) for k in range(3)) for path, _ in best}, arcs


@pytest.mark.parametrize("seed", range(6))
def test_random_restrictions_against_a_search_with_memory(seed):
    """Node times from one clinic over random streets with random restrictions over nodes and ways."""
    from access15.network import linkable, routing_graph
    from access15.network.memory import Arcs, Book
    from access15.network.no_through import no_through_arcs
    from access15.network.turns import forbidden_sequences

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
        no_through=rng.random(network.n_edges) < 0.15,
    )
    profile = replace(FLAT, name="twin", direction="from", delay_s={"u_turn": 7.0, "junction": 1.0})
    graph = routing_graph(network, profile)
    assert graph.n_nodes > network.n_nodes

    # The sequences themselves are read from the product; that they are right is shown by the drawings.
    free = replace(network, restriction_offset=np.zeros(1), restriction_way=np.zeros(0), restriction_node=np.zeros(0), restriction_only=np.zeros(0), no_through=np.zeros(0))  # fmt: skip
    plain = routing_graph(free, profile)
    start = np.repeat(np.arange(plain.n_nodes), plain.out_degree).astype(np.int32)
    along = (plain.tail[plain.arc_edge] == start) & (plain.arcs[:, 1] == plain.forward_ms[plain.arc_edge])
    loops = plain.tail[plain.arc_edge] == plain.head[plain.arc_edge]
    twice = plain.forward[plain.arc_edge] & plain.backward[plain.arc_edge] & loops
    along[np.flatnonzero(twice)[1::2]] = False
    drawn = Arcs.plain(start, plain.arcs[:, 0].astype(np.int32), plain.arc_edge, along)
    book = Book(drawn, network.n_nodes)
    names = [(int(e), bool(way)) for e, way in zip(plain.arc_edge, along, strict=True)]
    shut, slow = forbidden_sequences(network, book, 7000)
    forbidden = {tuple(names[a] for a in sequence) for sequence in shut}
    extra = {tuple(names[a] for a in sequence): ms for sequence, ms in slow.items()}
    closed = no_through_arcs(network, drawn.start, drawn.stop, drawn.edge)
    rules = forbidden, extra, {names[a] for a in np.flatnonzero(closed)}
    assert len(forbidden) > 10
    assert 1 < closed.sum() < len(closed)
    longest = max(map(len, forbidden))

    both = linkable(graph, "origin") & linkable(graph, "destination") & (network.length_m > 50)
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
    best, arcs = sequence_dijkstra(network, profile, rules, starts, longest)
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
        best, _ = sequence_dijkstra(network, profile, rules, out, longest)
        whole = {True: (ahead, f), False: (behind, 1 - f)}
        # On the turned graph a position in mid-street is rounded from the other end.
        ways_in = [
            ms - int(np.rint((1 - whole[path[-1][1]][1]) * whole[path[-1][1]][0])) + leg
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
