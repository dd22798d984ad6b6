"""Where one steps on and off: points join streets one can stand at, trips run over all."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import access15 as a15
from access15.errors import InputError
from access15.model import STANDING, LinkReason
from access15.network import can_stand, explain_edge, link_points
from access15.network.standing import standing_of
from access15.profiles import BIKE, DRIVE, WALK, profile_from_toml
from access15.siting import junction_candidates
from access15.testing import street_map

SAID = [
    ({"highway": "residential"}, "street"),
    ({"highway": "motorway"}, "motorway"),
    ({"highway": "motorway_link"}, "motorway"),
    ({"highway": "trunk", "motorroad": "yes"}, "motorway"),
    ({"highway": "trunk_link", "motorroad": "yes"}, "motorway"),
    ({"highway": "trunk", "motorroad": "no"}, "street"),
    ({"highway": "primary", "tunnel": "yes"}, "tunnel"),
    ({"highway": "footway", "tunnel": "passage"}, "tunnel"),
    ({"highway": "primary", "tunnel": "avalanche_protector"}, "tunnel"),
    ({"highway": "footway", "tunnel": "building_passage"}, "street"),
    ({"highway": "service", "tunnel": "building_passage"}, "street"),
    ({"highway": "residential", "tunnel": "building_passage"}, "street"),
    ({"highway": "primary", "tunnel": "building_passage"}, "street"),
    ({"highway": "footway", "tunnel": "no"}, "street"),
    ({"highway": "footway", "covered": "arcade"}, "street"),
    ({"highway": "footway", "covered": "yes", "layer": "-1"}, "tunnel"),
    ({"highway": "corridor", "indoor": "yes", "layer": "-2"}, "tunnel"),
    ({"highway": "corridor", "indoor": "yes", "layer": "1"}, "street"),
    ({"highway": "footway", "location": "underground"}, "tunnel"),
    ({"highway": "residential", "bridge": "yes"}, "bridge"),
    ({"highway": "residential", "bridge": "viaduct"}, "bridge"),
    ({"highway": "path", "bridge": "boardwalk"}, "street"),
    ({"highway": "track", "bridge": "low_water_crossing"}, "street"),
    ({"highway": "pedestrian", "area": "yes"}, "square"),
    ({"highway": "pedestrian", "type": "multipolygon"}, "square"),
    ({"highway": "primary", "junction": "roundabout"}, "street"),
    ({"route": "ferry"}, "ferry"),
]


@pytest.mark.parametrize(
    ("tags", "kind"), SAID, ids=[" ".join(map("=".join, tags.items())) for tags, _ in SAID]
)
def test_what_tags_say_of_standing(tags, kind):
    assert standing_of(tags, tags.get("highway", "ferry")) == kind


#   C-----D       the street of the homes, 80 m north
#   |     |
# A-B=====E-F     something nobody stands at, from B to E
MAP = """
  C-----D
  |     |
A-B-----E-F
"""
NOWHERE = {
    "tunnel": ({"highway": "residential", "tunnel": "yes"}, (WALK, BIKE, DRIVE)),
    "bridge": ({"highway": "residential", "bridge": "yes"}, (WALK, BIKE, DRIVE)),
    "motorway": ({"highway": "motorway", "oneway": "no"}, (DRIVE,)),
    "motorroad": ({"highway": "trunk", "motorroad": "yes"}, (DRIVE,)),
    "underground": ({"highway": "residential", "covered": "yes", "layer": "-1"}, (WALK, BIKE, DRIVE)),
    "ferry": ({"route": "ferry", "highway": "", "duration": "2"}, (WALK, BIKE, DRIVE)),
}


def _drawn(tags):
    return street_map(MAP, {"AB": {}, "BE": tags, "EF": {}, "BC": {}, "CD": {}, "DE": {}}, scale_m=40)


@pytest.mark.parametrize(
    ("kind", "profile"), [(kind, profile) for kind, (_, profiles) in NOWHERE.items() for profile in profiles]
)
@pytest.mark.parametrize("role", ["origin", "destination"])
def test_a_point_beside_it_joins_the_street_one_can_stand_at(kind, profile, role):
    tags = NOWHERE[kind][0]
    drawn = _drawn(tags)
    network = drawn.network
    (x_b, y_b), (x_e, _) = drawn.places["B"], drawn.places["E"]
    x, y = np.array([(x_b + x_e) / 2]), np.array([y_b + 5])
    linked = link_points(network, x, y, network.crs, profile, role=role)
    assert linked.reason[0] == LinkReason.LINKED
    at = int(linked.edge[0])
    assert STANDING[network.standing[at]] == "street"
    assert linked.leg_m[0] > 5
    # Travelling through it is as before.
    through = np.flatnonzero(network.standing > 1)
    assert len(through) == 1
    said = explain_edge(network, int(through[0]), profile)
    assert said.forward.allowed
    assert said.standing in STANDING[2:]
    assert "nobody steps on or off" in str(said)


def test_trips_run_through_tunnels():
    drawn = _drawn({"highway": "residential", "tunnel": "yes"})
    times = a15.nearest_times(drawn.network, drawn.facilities("A"), drawn.population({"F": 1}), WALK)
    straight_m = np.hypot(*np.subtract(drawn.places["A"], drawn.places["F"]))
    assert times.seconds[0] == pytest.approx(straight_m / 4.8 * 3.6, abs=0.1)


def test_a_motorway_is_joined_where_no_other_street_is_near_enough():
    drawn = street_map(
        "A-----B-----------C",
        {"AB": {"highway": "residential"}, "BC": {"highway": "motorway", "oneway": "no"}},
        scale_m=500,
    )
    x, y = drawn.places["C"]
    linked = link_points(
        drawn.network, np.array([x]), np.array([y + 100]), drawn.network.crs, DRIVE, max_snap_m=3000
    )
    assert (linked.reason[0], linked.leg_m[0]) == (LinkReason.ON_MOTORWAY, pytest.approx(100))
    farther = link_points(
        drawn.network, np.array([x]), np.array([y + 100]), drawn.network.crs, DRIVE, max_snap_m=9000
    )
    assert farther.reason[0] == LinkReason.LINKED
    assert drawn.network.highway_classes[drawn.network.highway[farther.edge[0]]] == "residential"


def test_a_path_that_is_all_tunnel_stays_and_is_counted():
    drawn = street_map("A--B   C--D", {"AB": {"tunnel": "yes"}, "CD": {}}, scale_m=60)
    assert drawn.network.standing.tolist() == [0, 0]
    assert drawn.network.provenance["tunnels and bridges that lead to no other street, to stand at"] == 1


def test_the_landing_of_a_ferry_is_joined_at_its_end():
    drawn = street_map(
        "A---B--------C",
        {"AB": {}, "BC": {"highway": "", "route": "ferry", "duration": "8", "interval": "4"}},
        scale_m=60,
    )
    x, y = drawn.places["C"]
    times = a15.nearest_times(
        drawn.network, drawn.facilities("A"), a15.Population.of([x], [y + 8], [3], drawn.network.crs), WALK
    )
    legs_s = (8 + np.hypot(*np.subtract(drawn.places["A"], drawn.places["B"]))) / 4.8 * 3.6
    assert times.seconds[0] == pytest.approx(600 + legs_s, abs=0.1)


def test_a_profile_may_say_where_one_stands(tmp_path):
    file = tmp_path / "bridge-town.toml"
    file.write_text('extends = "walk"\nstand_on = ["bridge"]\n', encoding="utf-8")
    drawn = _drawn({"highway": "residential", "bridge": "yes"})
    assert can_stand(drawn.network, profile_from_toml(file)).all()
    assert not can_stand(drawn.network, WALK).all()
    file.write_text('extends = "walk"\nname = "x"\nstand_on = ["rooftop"]\n', encoding="utf-8")
    with pytest.raises(InputError, match="stand_on has 'rooftop': use motorway, tunnel, bridge, ferry"):
        profile_from_toml(file)
    file.write_text('extends = "walk"\nname = "x"\nstand_on = "bridge"\n', encoding="utf-8")
    with pytest.raises(InputError, match="stand_on must be a list"):
        profile_from_toml(file)


def test_junctions_in_tunnels_are_no_sites():
    ways = {
        "AB": {},
        "BC": {"tunnel": "yes"},
        "CD": {"tunnel": "yes"},
        "CE": {"tunnel": "yes"},
        "AF": {},
        "AG": {},
    }
    drawn = street_map(
        """
        F--A--B--C--D
           |     |
           G     E
    """,
        ways | {"FA": {}},
        scale_m=50,
    )
    found = junction_candidates(drawn.network, WALK)
    assert list(zip(found.x.tolist(), found.y.tolist(), strict=True)) == [drawn.places["A"]]


SQUARE = """
F---------G-H
A---------B |
|         | |
D---------C-E
"""


@pytest.mark.parametrize(("above_m", "kind"), [(1.0, "street"), (4.0, "street"), (6.0, "street")])
def test_an_ordinary_street_beside_a_square_wins_over_its_long_rim(above_m, kind):
    """Round the rim it is 100 m to the street that leaves the square; FG, 10 m north of the rim, is left 20 m on."""
    ways = {
        "ABCDA": {"highway": "pedestrian", "area": "yes"},
        "FGH": {},
        "HE": {},
        "CE": {},
        "FA": {"foot": "no"},
    }
    drawn = street_map(SQUARE, ways, scale_m=10)
    (x_a, y_a), (x_b, _) = drawn.places["A"], drawn.places["B"]
    x, y = np.array([x_a + 0.2 * (x_b - x_a)]), np.array([y_a + above_m])
    linked = link_points(drawn.network, x, y, drawn.network.crs, WALK)
    assert STANDING[drawn.network.standing[linked.edge[0]]] == kind
    assert linked.leg_m[0] == pytest.approx(10 - above_m)


def test_the_rim_of_a_square_serves_who_has_no_other_street_beside_it():
    ways = {"ABCDA": {"highway": "pedestrian", "area": "yes"}, "FGH": {}, "HE": {}, "CE": {}}
    drawn = street_map(SQUARE, ways, scale_m=10)
    (x_d, y_d), (x_c, _) = drawn.places["D"], drawn.places["C"]
    linked = link_points(
        drawn.network, np.array([(x_d + x_c) / 2]), np.array([y_d - 3.0]), drawn.network.crs, WALK
    )
    assert STANDING[drawn.network.standing[linked.edge[0]]] == "square"
    assert linked.leg_m[0] == pytest.approx(3)


@pytest.mark.parametrize("place", ["porto/porto_portugal.osm.pbf", "porto_alegre/poa_osm.pbf"])
@pytest.mark.parametrize("profile", [WALK, DRIVE], ids=lambda profile: profile.name)
def test_of_many_random_points_none_stands_where_nobody_can(place, profile):
    data = os.environ.get("ACCESS15_DATA")
    if not data:
        pytest.skip("ACCESS15_DATA is not set")
    network = a15.read_network(Path(data) / place)
    rng = np.random.default_rng(7)
    x = rng.uniform(network.node_x.min(), network.node_x.max(), 20_000)
    y = rng.uniform(network.node_y.min(), network.node_y.max(), 20_000)
    linked = link_points(network, x, y, network.crs, profile)
    at = linked.edge[linked.linked & (linked.reason != LinkReason.ON_MOTORWAY)]
    assert len(at) > 15_000
    assert np.isin(network.standing[at], [STANDING.index("street"), STANDING.index("square")]).all()
    # Without the rule some would: the count can fail.
    anywhere = replace(network, standing=np.empty(0, np.uint8))
    free = link_points(anywhere, x, y, network.crs, profile)
    assert (network.standing[free.edge[free.linked]] > 1).sum() > 50
