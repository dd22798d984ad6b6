"""Turns: what the streets of a junction take for them, beside a graph that knows every pair of streets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from access15 import read_network
from access15.network import edge_delays_s, routing_graph, turn_delays
from access15.profiles import DRIVE
from access15.testing import street_map
from access15.travel_time import nearest_times
from random_streets import random_streets, with_restrictions
from slow_twins import (
    arms_of,
    dijkstra,
    edge_milliseconds,
    neighbours,
    turn_costs,
    turn_graph_ms,
    turn_shares,
)

FLAT = replace(DRIVE, class_kph={}, speed_kph=36.0, maxspeed_factor=None, delay_s={})
"""10 m/s on every street: 100 m take 10 s."""
MONACO = Path(__file__).parents[2] / "data" / "sample" / "monaco" / "monaco.osm.pbf"
TURN, SHARP = 6, 9
TURNS = replace(FLAT, delay_s={"turn": TURN, "sharp_turn": SHARP})
TEE = "A--J--B\n   |\n   D"
TEE_WAYS = {"AJ": {}, "JB": {}, "JD": {}}


def lost(drawn, *trips):
    """Return the seconds by which turns lengthen each trip, such as ``"AB"``."""

    def seconds(trip, profile):
        people, clinic = trip
        return nearest_times(
            drawn.network, drawn.facilities(clinic), drawn.population({people: 1.0}), profile
        ).seconds[0]

    return [pytest.approx(seconds(trip, TURNS) - seconds(trip, FLAT), abs=0.003) for trip in trips]


def test_at_a_t_junction_straight_on_is_free_and_turns_take_their_time():
    town = street_map(TEE, TEE_WAYS)
    assert lost(town, "AB", "BA", "AD", "DA", "BD", "DB") == [0, 0, TURN, TURN, TURN, TURN]
    one_way = street_map(TEE, {"AJ": {}, "JB": {}, "JD": {"oneway": "yes"}})
    assert lost(one_way, "AB", "AD", "BD") == [0, TURN, TURN]


def test_a_bend_is_no_junction_and_a_dead_end_takes_nothing():
    assert lost(street_map("A--J\n   |\n   D", {"AJ": {}, "JD": {}}), "AD") == [0]
    path = street_map(TEE, {"AJ": {}, "JB": {"highway": "footway"}, "JD": {}})
    assert lost(path, "AD") == [0]  # people on foot only: no junction for cars
    ahead, behind = edge_delays_s(street_map("A--B").network, TURNS)
    assert ahead.tolist() == behind.tolist() == [0]


def test_at_a_crossroads_turns_are_free():
    """What the shares cannot say: everybody may go straight on, so that nobody is charged."""
    drawn = street_map("   C\n   |\nA--J--B\n   |\n   D", {"AJ": {}, "JB": {}, "JD": {}, "CJ": {}})
    assert lost(drawn, "AB", "CD", "AD", "AC", "DB") == [0, 0, 0, 0, 0]
    costs = turn_costs(drawn.network, TURNS, arms_of(drawn.network, TURNS))
    (cost,) = costs.values()
    assert sorted(cost.values()) == pytest.approx([0] * 4 + [TURN] * 8)


def test_into_a_slanting_street_the_cheaper_turn_counts():
    """45 degrees off for those from B, 135 for those from A; both pay the first."""
    drawn = street_map("D\n\n\nA--J--B", {"AJ": {}, "JB": {}, "JD": {}})
    soft, hard = TURN / 4, TURN / 4 + SHARP * 3 / 4
    costs = turn_costs(drawn.network, TURNS, arms_of(drawn.network, TURNS))
    assert sorted({round(s, 6) for s in costs[0 if 0 in costs else next(iter(costs))].values()}) == [
        0,
        soft,
        hard,
    ]
    assert lost(drawn, "BD", "DB", "AD", "DA", "AB") == [soft, soft, soft, soft, 0]


def test_a_roundabout_takes_a_turn_on_the_way_in_and_one_on_the_way_out():
    drawing = "  P-T\n  | |\nA-W E-B\n  | |\n  Q-R"
    ring = {"junction": "roundabout", "oneway": "yes"}
    drawn = street_map(drawing, {"AW": {}, "EB": {}, "WQRETPW": ring})
    assert lost(drawn, "AB", "BA") == [2 * TURN, 2 * TURN]


def test_a_trip_that_starts_in_mid_street_takes_its_part_of_the_share():
    drawn = street_map("A--J--B\n   |\n   X\n   |\n   D", {"AJ": {}, "JB": {}, "JXD": {}})
    assert lost(drawn, "DA", "XA", "AX") == [TURN, TURN / 2, TURN / 2]


@pytest.mark.parametrize("scale_m", [100.0, 5.0])
def test_a_street_cut_by_a_node_with_two_arms_takes_the_same(scale_m):
    drawing = TEE.replace("B", "X--B")
    whole = street_map(drawing, {"AJ": {}, "JXB": {}, "JD": {}}, scale_m=scale_m)
    cut = street_map(drawing, {"AJ": {}, "JX": {}, "XB": {}, "JD": {}}, scale_m=scale_m)
    assert cut.network.n_edges == whole.network.n_edges + 1
    trips = ("AB", "BA", "BD", "DB", "AD")
    assert lost(cut, *trips) == lost(whole, *trips) == [0, 0, TURN, TURN, TURN]


@pytest.mark.parametrize("seed", range(4))
def test_shares_are_never_negative_and_never_more_than_the_turn(seed):
    network = random_streets(seed)
    costs = turn_costs(network, TURNS, arms_of(network, TURNS))
    assert sum(len(cost) for cost in costs.values()) > 100
    for cost in costs.values():
        arrive, leave = turn_shares(cost)
        assert min([*arrive.values(), *leave.values()], default=0) >= 0
        assert all(arrive[into] + leave[out] <= s + 1e-9 for (into, out), s in cost.items())


@pytest.mark.parametrize("seed", range(3))
def test_shares_follow_from_the_streets_alone_and_are_the_same_turned_round(seed, monkeypatch):
    network = random_streets(seed, n=80)
    ahead, behind = edge_delays_s(network, TURNS)
    turned = replace(network, access_forward=network.access_backward, access_backward=network.access_forward)
    np.testing.assert_array_equal(edge_delays_s(turned, TURNS), (behind, ahead))
    bound = with_restrictions(network, seed)
    np.testing.assert_array_equal(edge_delays_s(bound, TURNS), (ahead, behind))
    monkeypatch.setattr(turn_delays, "NODES_AT_ONCE", 7)
    np.testing.assert_array_equal(edge_delays_s(network, TURNS), (ahead, behind))
    graph = routing_graph(network, TURNS)
    assert sorted(graph.reversed.arcs[:, 1].tolist()) == sorted(graph.arcs[:, 1].tolist())


def test_one_of_two_delays_is_enough():
    town = street_map("D\n\n\nA--J--B", {"AJ": {}, "JB": {}, "JD": {}}).network
    both = edge_delays_s(town, replace(TURNS, delay_s={"turn": 6, "sharp_turn": 6}))
    np.testing.assert_array_equal(edge_delays_s(town, replace(TURNS, delay_s={"turn": 6})), both)
    only_sharp, _ = edge_delays_s(
        street_map(TEE, TEE_WAYS).network, replace(TURNS, delay_s={"sharp_turn": 9})
    )
    assert only_sharp.tolist() == [0, 0, 0]


def test_beside_a_graph_of_turns_monaco_is_a_few_percent_short():
    """Street to street over all Monaco: the figures of docs/explanation/speeds.md."""
    network = read_network(MONACO)
    off = replace(DRIVE, delay_s={k: s for k, s in DRIVE.delay_s.items() if k not in ("turn", "sharp_turn")})
    drive = np.flatnonzero((network.access_forward | network.access_backward) & DRIVE.access_bit)
    metres = network.length_m[drive]
    starts = np.random.default_rng(15).choice(drive, 40, p=metres / metres.sum()).tolist()
    full = turn_graph_ms(network, DRIVE, starts)
    gap = {}
    for name, profile in (("shared", DRIVE), ("none", off)):
        times = edge_milliseconds(network, profile)
        lists = neighbours(network, profile, "from")
        gap[name] = np.array([
            ms / there[e] - 1
            for start, there in zip(starts, full, strict=True)
            for e, ms in middles(network, times, lists, start).items()
            if e in there
        ])  # fmt: skip
    assert len(gap["shared"]) > 50_000
    assert np.percentile(gap["shared"], (5, 50)) == pytest.approx([-0.084, -0.024], abs=0.002)
    assert np.percentile(gap["none"], (5, 50)) == pytest.approx([-0.211, -0.101], abs=0.002)
    assert (
        np.percentile(gap["shared"], 99) < 0.005
    )  # above zero by the spread within the first and last street


def middles(network, times, lists, start):
    """Return the ms from the middle of an edge to the middle of every other that is reached."""
    ends = list(zip(network.edge_from.tolist(), network.edge_to.tolist(), strict=True))
    ahead, behind = times[start]
    off = [(ends[start][along], ms / 2, 0) for along, ms in ((1, ahead), (0, behind)) if ms is not None]
    best = dijkstra(lists, off)
    out = {}
    for e, both in enumerate(times):
        options = [
            best[node][0] + ms / 2
            for node, ms in zip(ends[e], both, strict=True)
            if ms is not None and best[node]
        ]
        if options and e != start:
            out[e] = min(options)
    return out
