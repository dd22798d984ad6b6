"""Why an edge is as it is, and what a network holds."""

from __future__ import annotations

import numpy as np
import pytest

from access15.errors import InputError
from access15.model import TravelProfile
from access15.network import edge_speeds_kph, explain_edge, network_summary, routing_graph
from access15.network.slope import slope_network, stations
from access15.profiles import AMBULANCE, BIKE, DRIVE, DRIVE_PEAK, WALK, WALK_SLOPE
from access15.testing import street_map
from access15.units import NOT_REACHED_MS

WAYS = {
    "AB": {"highway": "primary", "maxspeed": "50", "oneway": "yes"},
    "BC": {"highway": "residential"},
    "CD": {"highway": "tertiary", "surface": "mud", "bridge": "yes"},
    "DE": {"highway": "footway", "foot": "yes"},
    "EF": {"highway": "", "route": "ferry", "duration": "00:10"},
    "FG": {"highway": "secondary", "maxspeed:backward": "30 mph"},
}


@pytest.fixture
def town():
    return street_map("A-B-C-D-E-F-G", WAYS, nodes={"F": {"barrier": "bollard"}}).network


def edge_of(network, way):
    """Return the edge of a way, and whether the way is drawn along it."""
    return int(np.flatnonzero(network.way_id == list(WAYS).index(way) + 1)[0])


@pytest.mark.parametrize(
    ("way", "profile", "kph", "rule"),
    [
        ("AB", DRIVE, 40, "maxspeed 50 × 0.8 ("),
        ("AB", AMBULANCE, 50, "maxspeed 50 × 1 ("),
        ("AB", DRIVE_PEAK, 24, "maxspeed 50 × 0.8 ("),
        ("AB", WALK, 4.8, "one speed 4.8 km/h (80 m/min"),
        ("BC", DRIVE, 25, "class residential 25 km/h (OSRM car profile of an older release)"),
        ("CD", DRIVE, 15, "surface mud caps at 15 km/h (OSRM car profile of an older release)"),
        ("CD", BIKE, 5, "surface mud caps at 5 km/h (practice value (unverified))"),
        ("DE", WALK, 4.8, "one speed 4.8 km/h"),
    ],
)
def test_every_speed_names_its_rule(town, way, profile, kph, rule):
    found = explain_edge(town, edge_of(town, way), profile)
    assert found.forward.allowed
    assert found.forward.kph == pytest.approx(kph)
    assert found.forward.rule.startswith(rule)
    assert found.forward.seconds == pytest.approx(200 * 3.6 / kph)
    assert found.way_id == list(WAYS).index(way) + 1


def test_the_tags_that_decided_are_kept(town):
    tags = {way: explain_edge(town, edge_of(town, way), WALK).tags for way in WAYS}
    assert tags == {
        "AB": "highway=primary, oneway=yes, maxspeed=50",
        "BC": "highway=residential",
        "CD": "highway=tertiary, surface=mud, bridge=yes",
        "DE": "highway=footway, foot=yes",
        "EF": "route=ferry, duration=00:10, interval 30 min, not mapped",
        "FG": "highway=secondary, maxspeed:backward=30 mph",
    }


def test_closed_ways_fixed_times_and_barriers(town):
    one_way = explain_edge(town, edge_of(town, "AB"), DRIVE)
    assert not one_way.backward.allowed
    assert one_way.backward.seconds == np.inf
    assert one_way.backward.rule == "not open to motorcar this way"
    ferry = explain_edge(town, edge_of(town, "EF"), WALK)
    assert ferry.forward.seconds == 600 + 900
    assert ferry.forward.rule == "a fixed time of 1,500 s, 900 s of it an assumed wait"
    gates = np.flatnonzero(town.way_id == -1)
    assert len(gates) == 2
    gate = explain_edge(town, int(gates[0]), DRIVE)
    assert not gate.forward.allowed
    assert "barrier" in str(gate)
    back = explain_edge(town, edge_of(town, "FG"), DRIVE)
    assert back.backward.rule.startswith("maxspeed 48.28 × 0.8")
    assert back.forward.rule.startswith("class secondary")


def test_slope_is_told(town):
    points = stations(town)
    uphill = slope_network(town, points, 0.1 * points.x)
    found = explain_edge(uphill, edge_of(town, "BC"), WALK_SLOPE)
    assert found.slope == pytest.approx(0.1, abs=1e-6)
    assert found.forward.slope_factor == pytest.approx(np.exp(0.35), rel=1e-6)
    assert found.forward.rule.endswith("slope: 1.419 times as long as flat")
    assert "slope +10.0%" in str(found)
    assert explain_edge(uphill, edge_of(town, "BC"), WALK).forward.slope_factor == 1
    assert explain_edge(town, edge_of(town, "BC"), WALK).slope is None


@pytest.mark.parametrize("profile", [WALK, BIKE, DRIVE, DRIVE_PEAK, AMBULANCE])
def test_explanations_agree_with_the_engine(town, profile):
    speeds = edge_speeds_kph(town, profile)
    graph = routing_graph(town, profile)
    for edge in range(town.n_edges):
        found = explain_edge(town, edge, profile)
        for way, kph, ms in zip(
            (found.forward, found.backward), speeds, (graph.forward_ms, graph.backward_ms), strict=True
        ):
            assert way.allowed == np.isfinite(kph[edge]) == (ms[edge] != NOT_REACHED_MS)
            if way.allowed:
                assert way.seconds * 1000 == pytest.approx(ms[edge], abs=0.51)
            if not np.isnan(way.kph):
                assert way.kph == kph[edge]


def test_it_prints_and_refuses(town):
    found = explain_edge(town, 0, DRIVE)
    assert found._repr_html_().startswith("<b>edge 0, way")
    assert "&" not in found._repr_html_().replace("&#x27;", "")
    with pytest.raises(InputError, match="there is no edge 99"):
        explain_edge(town, 99, DRIVE)
    with pytest.raises(InputError, match="there is no edge -1"):
        explain_edge(town, -1, DRIVE)


def test_a_summary_adds_up(town):
    found = network_summary(town, [WALK, DRIVE])
    lengths = found.lengths.set_index("highway")
    assert lengths.loc["all", "km"] == pytest.approx(1.2)
    assert lengths.loc["all", "km_walk"] == pytest.approx(1.2)
    assert lengths.loc["all", "km_drive"] == pytest.approx(1.0)  # not the footway
    assert lengths.loc["footway", "km_drive"] == 0
    assert lengths["km"].iloc[:-1].sum() == pytest.approx(1.2)
    parts = found.components.set_index("profile")
    assert parts.loc["walk", "components"] == 1
    assert parts.loc["walk", "largest_share"] == 1
    # A car is stopped by the footway and by the bollard: A-D, E-F and F-G.
    assert parts.loc["drive", "components"] == 3
    assert parts.loc["drive", "largest_share"] == pytest.approx(0.6)
    drive = found.speeds[found.speeds["profile"] == "drive"].set_index("rule")["km"]
    assert drive["signed limit"] == pytest.approx(0.2 + 0.2)
    assert drive["surface cap"] == pytest.approx(0.4)
    assert drive["timetable or fixed time"] == pytest.approx(0.4)
    assert drive["class speed"] == pytest.approx(0.4 + 0.2)
    for _, rows in found.speeds.groupby("profile"):
        assert rows["share"].sum() == pytest.approx(1)


def test_a_summary_prints_and_goes_into_files(town):
    found = network_summary(town)
    page = found._repr_html_()
    assert "Components" in page
    assert "barriers that stop somebody" in page
    assert "a drawing" in str(found)
    rows = found.as_dict()
    assert set(rows) == {"lengths", "components", "speeds", "delays", "standing"}
    assert {row["profile"] for row in rows["components"]} == {"walk", "bike", "drive"}


def test_a_summary_says_what_takes_time_besides_the_streets():
    town = street_map("A--J--B\n   |\n   D", {"AJ": {}, "JB": {}, "JD": {}}).network
    found = network_summary(town, [WALK, DRIVE])
    turn, junction = DRIVE.delay_s["turn"], DRIVE.delay_s["junction"]
    streets_s = 2 * (300 + 300 + 200) * 3.6 / 25
    lost = {"junction": 6 * junction / 2, "turn": 2 * turn}  # into the stem and out of it
    rows = found.delays.set_index("delay")
    assert rows.loc["turn", "source"] == DRIVE.source_of("delay_s.turn")
    for kind, seconds in lost.items():
        assert rows.loc[kind, "share"] == pytest.approx(seconds / (streets_s + sum(lost.values())), rel=1e-4)
    assert "What takes time besides" in found._repr_html_()
    assert "What takes time besides" not in network_summary(town, [WALK])._repr_html_()


def test_a_profile_that_may_go_nowhere_is_in_the_summary():
    network = street_map("A-B", {"AB": {"highway": "footway"}}).network
    parts = network_summary(network, [WALK, DRIVE]).components.set_index("profile")
    assert parts.loc["drive", "km"] == 0
    assert parts.loc["drive", "components"] == 0
    assert TravelProfile("x", "foot", 4.8).source_of("speed_kph") == ""


def test_a_barrier_and_a_destination_street_say_so():
    nodes = {"B": {"barrier": "gate", "access": "private", "name": "Gate 1"}}
    town = street_map("A-B-C", {"AB": {}, "BC": {"motor_vehicle": "destination"}}, nodes=nodes).network
    gates = np.flatnonzero(town.way_id < 0)
    assert {explain_edge(town, int(e), WALK).tags for e in gates} == {"barrier=gate, access=private"}
    street = int(np.flatnonzero(town.way_id == 2)[0])
    assert "to start or end there, not to drive through" in str(explain_edge(town, street, DRIVE))
    assert "drive through" not in str(explain_edge(town, street, AMBULANCE))
