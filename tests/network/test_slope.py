"""Slopes: Tobler in closed form on planes and hills, structures off the ground, gaps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from access15.errors import InputError
from access15.model import TravelProfile, fingerprint
from access15.network import edge_speeds_kph, tobler_factor
from access15.network.slope import PIECE_M, STEEPEST, slope_network, stations
from access15.profiles import DRIVE, WALK, WALK_ELDER_SLOPE, WALK_SLOPE
from access15.testing import street_map
from access15.travel_time import nearest_times

GRID = """
A---B---C
|   |   |
D---E---F
|   |   |
G---H---I
"""


def raised(network, height):
    """Return the network on the surface ``height(x, y)``."""
    points = stations(network)
    x, y = points.x - network.node_x.min(), points.y - network.node_y.min()
    return slope_network(network, points, height(x, y) if height.__code__.co_argcount == 2 else height(x))


def tobler_kph(slope, flat_kph):
    """Tobler's function as published, rescaled to a flat speed."""
    return 6 * np.exp(-3.5 * abs(slope + 0.05)) / (6 * np.exp(-3.5 * 0.05)) * flat_kph


def test_the_factor_is_tobler_relative_to_flat():
    assert tobler_factor(0.0) == 1.0
    assert tobler_factor(0.1) == pytest.approx(np.exp(0.35))
    assert tobler_factor(-0.05) == pytest.approx(np.exp(-0.175))
    slopes = np.linspace(-0.5, 0.5, 101)
    np.testing.assert_allclose(4.8 / tobler_factor(slopes), [tobler_kph(s, 4.8) for s in slopes])
    assert slopes[tobler_factor(slopes).argmin()] == pytest.approx(-0.05)


def test_stations_cut_every_edge_into_equal_pieces():
    town = street_map("A----B\n      \\\n       C", {"ABC": {"highway": "residential"}}, scale_m=37.0)
    points = stations(town.network)
    assert points.offset.tolist() == [0, len(points.x)]
    total = town.network.length_m[0]
    assert len(points.x) == round(total / PIECE_M) + 1
    # Distances along the bent street are equal; at the bend the chord is shorter.
    along = np.hypot(np.diff(points.x), np.diff(points.y))
    assert np.median(along) == pytest.approx(total / (len(points.x) - 1))
    assert (points.x[0], points.y[0]) == town.places["A"]
    assert (points.x[-1], points.y[-1]) == pytest.approx(town.places["C"])


@pytest.mark.parametrize(("east", "north"), [(0.08, 0.0), (0.0, -0.12), (0.05, 0.03), (-0.3, 0.2)])
def test_a_tilted_plane_gives_tobler_in_closed_form(east, north):
    ways = {name: {"highway": "residential"} for name in ("ABC", "DEF", "GHI", "ADG", "BEH", "CFI")}
    flat = street_map(GRID, ways, scale_m=43.0).network
    network = raised(flat, lambda x, y: 500 + east * x + north * y)
    dx = (network.node_x[network.edge_to] - network.node_x[network.edge_from]) / network.length_m
    dy = (network.node_y[network.edge_to] - network.node_y[network.edge_from]) / network.length_m
    slope = east * dx + north * dy
    np.testing.assert_allclose(network.slope, slope, atol=1e-6)
    forward, backward = edge_speeds_kph(network, WALK_SLOPE)
    np.testing.assert_allclose(forward, tobler_kph(slope, 4.8), rtol=1e-6)
    np.testing.assert_allclose(backward, tobler_kph(-slope, 4.8), rtol=1e-6)
    elder, _ = edge_speeds_kph(network, WALK_ELDER_SLOPE)
    np.testing.assert_allclose(elder, tobler_kph(slope, 3.24), rtol=1e-6)


def test_uphill_and_downhill_times_differ_and_flat_profiles_do_not_care():
    town = street_map("A--------B", {"AB": {"highway": "residential"}})
    network = raised(town.network, lambda x: 0.1 * x)
    assert town.network.length_m[0] == 900
    uphill, downhill = (np.exp(3.5 * (abs(s + 0.05) - 0.05)) for s in (0.1, -0.1))
    care, people = town.facilities("B"), town.population({"A": 1.0})
    flat_s = 900 / (4.8 / 3.6)
    for direction, factor in (("to", uphill), ("from", downhill)):
        times = nearest_times(network, care, people, WALK_SLOPE, direction=direction)
        assert times.seconds[0] == pytest.approx(flat_s * factor, abs=0.01)
        assert nearest_times(network, care, people, WALK, direction=direction).seconds[0] == flat_s
    np.testing.assert_array_equal(edge_speeds_kph(network, DRIVE), edge_speeds_kph(town.network, DRIVE))


def test_a_street_over_a_hill_takes_longer_though_its_ends_are_level():
    network = street_map("A-----B", {"AB": {"highway": "path"}}).network
    assert network.length_m[0] == 600
    over = raised(network, lambda x: 0.2 * (300 - np.abs(x - 300)))
    assert over.slope[0] == pytest.approx(0, abs=1e-6)
    mean = (tobler_factor(0.2) + tobler_factor(-0.2)) / 2
    assert over.tobler_forward[0] == pytest.approx(mean, rel=1e-6)
    assert over.tobler_backward[0] == pytest.approx(mean, rel=1e-6)


def valley(x):
    """A gorge of 60 m between x = 200 and x = 400."""
    return np.where((x > 200) & (x < 400), 100.0 - 60, 100.0)


def test_a_bridge_does_not_dive_into_the_valley():
    ways = {
        "AB": {"highway": "residential"},
        "BCD": {"highway": "residential", "bridge": "yes"},
        "DE": {"highway": "residential"},
    }
    town = street_map("A-B-C-D-E", ways)
    bridge = raised(town.network, valley)
    np.testing.assert_allclose(bridge.tobler_forward, 1, atol=1e-6)
    road = raised(street_map("A-B-C-D-E", {**ways, "BCD": {"highway": "residential"}}).network, valley)
    assert road.tobler_forward.max() > 1.5
    assert bridge.provenance["elevation"]["edges off the ground"] == 1


def test_a_junction_on_a_bridge_lies_on_the_even_grade():
    # The deck climbs 20 m over 300 m from B to D; under C, where two of its ways meet, is a deep gorge.
    deck = {"highway": "residential", "bridge": "yes"}
    ways = {"AB": {"highway": "residential"}, "BC": deck, "CD": deck, "DE": {"highway": "residential"}}
    town = street_map("A--B-C---D--E", ways, scale_m=50.0)

    def height(x):
        return np.where(x <= 150, 0.0, np.where(x >= 450, 20.0, -500.0))

    network = raised(town.network, height)
    climb = np.abs(network.slope[network.off_ground])
    np.testing.assert_allclose(climb, [20 / 300, 20 / 300], rtol=1e-5)
    assert network.provenance["elevation"]["edges off the ground"] == 2
    # A barrier on the deck is no way down.
    gated = street_map("A--B-C---D--E", ways, scale_m=50.0, nodes={"C": {"barrier": "bollard"}})
    again = raised(gated.network, height)
    np.testing.assert_allclose(np.abs(again.slope[again.off_ground]), [20 / 300, 20 / 300], rtol=1e-2)


def test_ferries_and_lifts_are_level():
    ways = {
        "AB": {"highway": "", "route": "ferry", "duration": "00:10"},
        "BC": {"highway": "elevator"},
        "CD": {"highway": "footway"},
    }
    network = raised(street_map("A-B-C-D", ways).network, lambda x: 0.2 * x)
    level = [network.highway_classes[h] in {"ferry", "elevator"} for h in network.highway]
    np.testing.assert_array_equal(network.tobler_forward[level], 1)
    assert sum(level) == 2
    np.testing.assert_allclose(network.tobler_forward[np.logical_not(level)], tobler_factor(0.2), rtol=1e-6)


def test_gaps_are_bridged_and_ends_without_height_are_flat_and_counted():
    town = street_map("A---B---C", {"AB": {"highway": "residential"}, "BC": {"highway": "residential"}})
    points = stations(town.network)
    x = points.x - points.x.min()
    height = 0.1 * x
    inner = (x > 100) & (x < 300)
    found = slope_network(town.network, points, np.where(inner, np.nan, height))
    np.testing.assert_allclose(found.tobler_forward, tobler_factor(0.1), rtol=1e-6)
    assert found.provenance["elevation"]["stations bridged over a void"] == inner.sum()
    east = slope_network(town.network, points, np.where(x > 400, np.nan, height))
    blind = east.node_x[east.edge_to] + east.node_x[east.edge_from] > 2 * points.x.min() + 800
    assert blind.sum() == 1
    assert east.tobler_forward[blind].tolist() == [1]
    assert east.provenance["elevation"]["edges without elevation, flat"] == 1
    assert east.provenance["elevation"]["kilometres without elevation, flat"] == 0.4
    none = slope_network(town.network, points, np.full(len(height), np.nan))
    assert none.tobler_forward.tolist() == [1, 1]
    assert none.provenance["elevation"]["edges without elevation, flat"] == 2


def test_cliffs_are_cut_and_counted():
    network = street_map("A---B", {"AB": {"highway": "path"}}).network
    cliff = raised(network, lambda x: np.where(x > 200, 1000.0, 0.0))
    assert cliff.provenance["elevation"][f"pieces steeper than {STEEPEST:.0%}, cut to it"] == 1
    pieces = len(stations(network).x) - 1
    assert cliff.tobler_forward[0] == pytest.approx((pieces - 1 + tobler_factor(STEEPEST)) / pieces, rel=1e-6)


def test_barriers_on_a_slope_change_nothing():
    ways = {"AB": {"highway": "residential"}, "BC": {"highway": "residential"}}
    gated = street_map("A---B---C", ways, nodes={"B": {"barrier": "bollard"}}).network
    network = raised(gated, lambda x: 0.1 * x)
    street = network.length_m > 0
    assert (~street).sum() == 2
    np.testing.assert_allclose(network.tobler_forward[street], tobler_factor(0.1), rtol=1e-6)
    np.testing.assert_array_equal(network.tobler_forward[~street], 1)


def test_a_profile_with_slope_needs_elevation_and_feet():
    network = street_map("A---B", {"AB": {"highway": "path"}}).network
    with pytest.raises(InputError, match=r"no elevation: read it with heights.*elevation = "):
        edge_speeds_kph(network, WALK_SLOPE)
    with pytest.raises(InputError, match="people on foot"):
        DRIVE.with_slope()
    with pytest.raises(InputError, match='slope must be "tobler"'):
        TravelProfile("x", "foot", 4.8, slope="steep")
    assert WALK.with_slope().name == "walk-slope"
    assert fingerprint(WALK.with_slope()) != fingerprint(WALK)


def test_elevation_is_part_of_what_a_network_is():
    network = street_map("A---B", {"AB": {"highway": "path"}}).network
    up, down = raised(network, lambda x: 0.1 * x), raised(network, lambda x: -0.1 * x)
    assert len({fingerprint(n) for n in (network, up, down)}) == 3
    assert fingerprint(replace(up)) == fingerprint(up)
    assert "elevation" not in network.provenance
