"""Waits: what stands where, for whom, and what it costs."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from access15.errors import InputError
from access15.model import WAITS
from access15.network import edge_delays_s, explain_edge, routing_graph
from access15.network.delays import delays_by_kind
from access15.network.waits import wait_kind
from access15.profiles import AMBULANCE, DRIVE, DRIVE_PEAK, PRESETS, WALK, profile_from_toml
from access15.testing import street_map
from access15.travel_time import nearest_times

FLAT = replace(DRIVE, class_kph={}, speed_kph=36.0, maxspeed_factor=None, delay_s={})
"""10 m/s on every street: 100 m take 10 s."""
SIGNAL = {"highway": "traffic_signals"}


def waiting(**delay_s):
    return replace(FLAT, name="waiting", delay_s=delay_s)


def seconds(drawn, start, stop, profile, direction="to"):
    people, clinic = (start, stop) if direction == "to" else (stop, start)
    times = nearest_times(
        drawn.network, drawn.facilities(clinic), drawn.population({people: 1.0}), profile, direction=direction
    )
    return times.seconds[0]


@pytest.mark.parametrize("direction", ["to", "from"])
def test_a_signal_counts_once_in_mid_street_and_once_at_a_junction(direction):
    ways = {"ASB": {}, "BJC": {}, "JD": {}}
    drawn = street_map("A--S--B--J--C\n         |\n         D", ways, nodes={"S": SIGNAL, "J": SIGNAL})
    slow = waiting(traffic_signals=20)
    trips = [
        ("A", "B", 1, 600),
        ("B", "C", 1, 600),
        ("A", "D", 2, 1100),
        ("D", "C", 1, 500),
        ("A", "J", 1.5, 900),
    ]
    for start, stop, signals, metres in trips:  # a trip that ends at a signal pays half of it
        for a, b in ((start, stop), (stop, start)):
            assert seconds(drawn, a, b, FLAT, direction) == pytest.approx(metres / 10)
            assert seconds(drawn, a, b, slow, direction) == pytest.approx(metres / 10 + 20 * signals), (a, b)


def test_a_wait_is_spread_over_its_piece_of_street():
    drawn = street_map("A-B-C", {"ABC": {}}, nodes={"B": SIGNAL})
    (piece,) = range(drawn.network.n_edges)
    graph = routing_graph(drawn.network, waiting(traffic_signals=20))
    assert graph.forward_ms[piece] == graph.backward_ms[piece] == 60_000
    assert seconds(drawn, "A", "B", waiting(traffic_signals=20)) == pytest.approx(30)


@pytest.mark.parametrize(
    ("tags", "forward", "backward"),
    [
        ({**SIGNAL, "traffic_signals:direction": "forward"}, 1, 0),
        ({**SIGNAL, "traffic_signals:direction": "backward", "direction": "forward"}, 0, 1),
        ({**SIGNAL, "direction": "both"}, 1, 1),
        ({**SIGNAL, "direction": "87"}, 1, 1),
        ({"highway": "stop"}, 1, 0),  # 300 m behind it, 100 m before it: the sign of those who come to C
        ({"highway": "give_way", "direction": "backward"}, 0, 1),
        ({"highway": "stop", "stop": "minor"}, 0, 0),
        ({"highway": "crossing"}, 1, 1),
        ({"barrier": "gate"}, 1, 1),
        ({"barrier": "gate", "access": "yes"}, 0, 0),
        ({"barrier": "toll_booth"}, 1, 1),
        ({"barrier": "kerb"}, 0, 0),
    ],
)
def test_who_waits_in_mid_street(tags, forward, backward):
    network = street_map("A--B-C", {"ABC": {}}, nodes={"B": tags}).network
    assert network.n_edges == 1
    assert (network.waits_forward.sum(), network.waits_backward.sum()) == (2 * forward, 2 * backward)
    kind = wait_kind(tags)
    if kind:
        assert network.waits_forward[0, WAITS.index(kind)] == 2 * forward
    assert wait_kind({"highway": "crossing", "crossing": "traffic_signals"}) == "traffic_signals"


def test_a_junction_needs_three_arms_open_to_the_mode():
    drawing = "A--J--B\n   |\n   D"
    slow = waiting(junction=5)
    three = street_map(drawing, {"AJ": {}, "JB": {}, "JD": {}})
    path = street_map(drawing, {"AJ": {}, "JB": {}, "JD": {"highway": "footway"}})
    assert seconds(three, "A", "B", slow) == pytest.approx(65)
    assert seconds(three, "A", "J", slow) == pytest.approx(32.5)
    assert seconds(path, "A", "B", slow) == pytest.approx(60)
    loop = street_map("A--J--B\n   |  |\n   D--E", {"AJ": {}, "JBEDJ": {}})
    assert seconds(loop, "A", "E", slow) == pytest.approx(30 + 5 + 50)


def test_a_gate_that_stops_others_keeps_the_waits_of_the_street():
    nodes = {"B": {"barrier": "gate", "foot": "no"}, "S": SIGNAL}
    drawn = street_map("A--S--B--C", {"ASBC": {}}, nodes=nodes)
    assert seconds(drawn, "A", "C", waiting(traffic_signals=20, gate=60)) == pytest.approx(90 + 20 + 60)


def test_ferries_keep_their_time():
    drawn = street_map(
        "A--B--C\n   |\n   D", {"AB": {}, "BC": {"highway": "", "route": "ferry", "duration": "5"}, "BD": {}}
    )
    ferry = int(np.flatnonzero(np.isfinite(drawn.network.duration_s))[0])
    assert [column[ferry] for column in edge_delays_s(drawn.network, waiting(junction=5, turn=6))] == [0, 0]


def test_nobody_waits_on_foot_or_in_an_ambulance():
    for name, profile in PRESETS.items():
        waits = {delay: s for delay, s in profile.delay_s.items() if s}
        assert bool(waits) == (profile.mode == "motorcar"), name
        assert all(profile.sources[f"delay_s.{delay}"] for delay in waits), name
    drawn = street_map("A--S--B", {"ASB": {}}, nodes={"S": SIGNAL})
    assert seconds(drawn, "A", "B", WALK) == pytest.approx(600 * 3.6 / 4.8)
    assert not AMBULANCE.delay_s


def test_lifts_drawn_as_a_point_and_as_a_way():
    lift = {"highway": "elevator"}
    drawn = street_map("A-L-B-C", {"ALB": {}, "BC": lift}, nodes={"L": lift})
    slow = replace(WALK, name="lift", delay_s={"elevator": 40.0})
    for start, stop, lifts, metres in (("A", "B", 1, 400), ("B", "C", 1, 200), ("C", "A", 2, 600)):
        walked = metres * 3.6 / 4.8
        assert seconds(drawn, start, stop, slow) == pytest.approx(walked + 40 * lifts, abs=0.01)
        assert seconds(drawn, start, stop, WALK) == pytest.approx(walked, abs=0.01)


def test_the_peak_slows_streets_not_waits():
    assert DRIVE_PEAK.peak_factor == 0.6
    assert "practice value" in DRIVE_PEAK.source_of("peak_factor")
    drawn = street_map("A--S--B", {"ASB": {}}, nodes={"S": SIGNAL})
    slow = waiting(traffic_signals=20)
    assert seconds(drawn, "A", "B", replace(slow, peak_factor=0.5)) == pytest.approx(120 + 20)


def test_an_edge_says_what_it_waits_for():
    drawn = street_map("A--S--J--B\n      |\n      C", {"ASJ": {}, "JB": {}, "JC": {}}, nodes={"S": SIGNAL})
    first = int(np.flatnonzero(drawn.network.way_id == 1)[0])
    told = explain_edge(drawn.network, first, DRIVE)
    lost = DRIVE.delay_s["traffic_signals"] + DRIVE.delay_s["junction"] / 2
    assert told.forward.delay_s == told.backward.delay_s == pytest.approx(lost)
    turned = str(explain_edge(drawn.network, int(np.flatnonzero(drawn.network.way_id == 3)[0]), DRIVE))
    assert re.search("0.5 × junction .*, turns at its ends 4.7 s .OSRM car profile 26.10", turned)
    graph = routing_graph(drawn.network, DRIVE)
    assert round(told.forward.seconds * 1000) == graph.forward_ms[first]
    assert "waits: 1 × traffic_signals 2 s (OSRM car profile 26.10), 0.5 × junction" in str(told)
    assert "waits" not in str(explain_edge(drawn.network, first, WALK))


def test_delays_in_a_profile_file(tmp_path):
    file = tmp_path / "rush.toml"
    file.write_text(
        'extends = "walk"\nsource = "timed at 8 crossings"\n[delay_s]\ntraffic_signals = 20\n'
        'crossing = { s = 3, source = "practice value" }\n'
    )
    profile = profile_from_toml(file)
    assert profile.delay_s == {"traffic_signals": 20.0, "crossing": 3.0}
    assert profile.source_of("delay_s.traffic_signals") == "timed at 8 crossings"
    assert profile.source_of("delay_s.crossing") == "practice value"
    file.write_text('extends = "drive"\nsource = "no turns"\n[delay_s]\nturn = 0\nsharp_turn = 0\n')
    assert "turn" not in {
        kind for kind, *_ in delays_by_kind(street_map("A-B-C").network, profile_from_toml(file))
    }
    file.write_text('extends = "drive"\nsource = "x"\n[delay_s]\ntrafic_signals = 20\n')
    with pytest.raises(InputError, match="unknown name 'trafic_signals': did you mean 'traffic_signals'"):
        profile_from_toml(file)
    file.write_text('extends = "drive"\nsource = "x"\n[delay_s]\nstop = -1\n')
    with pytest.raises(InputError, match=r"delay_s\[stop\] must be 0 to 3600 seconds, not -1"):
        profile_from_toml(file)
    with pytest.raises(InputError, match="there is no delay 'tea'"):
        waiting(tea=5)
