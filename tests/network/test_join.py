"""New roads: where they meet the streets, what is cut, and that nobody is worse off."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from access15.errors import InputError
from access15.model import Population
from access15.network import StreetWays, build_network, join_streets
from access15.profiles import DRIVE, WALK
from access15.testing import street_map
from access15.testing.ascii_map import CRS
from access15.travel_time import nearest_times, nearest_times_with_roads
from random_streets import UTM, random_points, random_streets, with_restrictions

X0, Y0 = 500_000.0, 5_000_000.0
NO_WAITS = dataclasses.replace(DRIVE, delay_s={})
"""A new junction may hold drivers up: here it does not."""


def road(*points, **tags):
    """A new road through places of a drawing, in its columns and lines of 100 m."""
    x, y = (np.array(column, float) for column in zip(*points, strict=True))
    return build_network(
        StreetWays(
            [7],
            [{"highway": "residential", **tags}],
            [len(x)],
            np.arange(len(x)),
            X0 + 100 * x,
            Y0 - 100 * y,
            CRS,
        )
    )


def ladder():
    """Two parallel streets 400 m apart that meet only in the west."""
    return street_map("A--------B\n|\n|\n|\nC--------D")


def seconds(drawn, joined, profile=WALK, at="ABCD", to="B"):
    people = drawn.population(dict.fromkeys(at, 1))
    times = nearest_times_with_roads(drawn.network, joined, drawn.facilities(to), people, profile)
    return dict(zip(at, times.seconds, strict=True))


def test_a_road_between_two_ends_is_the_short_way():
    drawn = ladder()
    assert seconds(drawn, join_streets(drawn.network, road((0, 3), (0, 1))))["D"] == pytest.approx(
        2200 / 80 * 60
    )
    found = seconds(drawn, join_streets(drawn.network, road((9, 0), (9, 4))))
    assert found["D"] == pytest.approx(400 / 80 * 60, abs=0.01)
    assert found["A"] == pytest.approx(900 / 80 * 60, abs=0.01)


def test_a_crossing_cuts_both_and_a_bridge_does_not():
    drawn = ladder()
    across = ((5, -1), (5, 5))  # Over both streets, its ends in the fields.
    joined = join_streets(drawn.network, road(*across))
    assert joined.network.provenance["new roads"]["crossings joined"] == 2
    assert joined.network.n_edges == drawn.network.n_edges + 2 + 3
    assert joined.network.length_m.sum() == pytest.approx(drawn.network.length_m.sum() + 600)
    assert seconds(drawn, joined)["D"] == pytest.approx((400 + 400 + 400) / 80 * 60, abs=0.01)
    with pytest.raises(InputError, match="no new road crosses a street or ends within 10 m"):
        join_streets(drawn.network, road(*across, bridge="yes"))


def test_ends_near_a_street_meet_it_and_the_gap_counts():
    drawn = ladder()
    joined = join_streets(drawn.network, road((9, 0.05), (9, 3.96)))
    assert joined.network.provenance["new roads"]["ends joined"] == 2
    assert seconds(drawn, joined)["D"] == pytest.approx(400 / 80 * 60, abs=0.01)
    far = join_streets(drawn.network, road((9, 0), (9, 3.8)))
    assert seconds(drawn, far)["D"] == pytest.approx(2200 / 80 * 60, abs=0.01)


def test_a_raised_road_meets_streets_at_its_ends():
    drawn = ladder()
    joined = join_streets(drawn.network, road((9, 0), (9, 4), bridge="yes"))
    assert seconds(drawn, joined)["D"] == pytest.approx(400 / 80 * 60, abs=0.01)


def test_class_speed_and_one_way_of_the_new_road_count():
    drawn = ladder()
    plain = seconds(drawn, join_streets(drawn.network, road((9, 0), (9, 4))), DRIVE)
    fast = seconds(
        drawn, join_streets(drawn.network, road((9, 0), (9, 4), highway="primary", maxspeed="100")), DRIVE
    )
    assert fast["D"] < plain["D"]
    down = seconds(drawn, join_streets(drawn.network, road((9, 0), (9, 4), oneway="yes")), DRIVE)
    up = seconds(drawn, join_streets(drawn.network, road((9, 4), (9, 0), oneway="yes")), DRIVE)
    assert up["D"] == pytest.approx(plain["D"], abs=0.01)
    assert down["D"] > plain["D"]
    foot = join_streets(drawn.network, road((9, 0), (9, 4), highway="footway"))
    assert seconds(drawn, foot, DRIVE)["D"] == pytest.approx(down["D"], abs=0.01)


def test_motorways_are_crossed_without_meeting():
    drawn = street_map("A--------B\n\n\n\nC--------D", {"AB": {"highway": "motorway"}, "CD": {}})
    joined = join_streets(drawn.network, road((5, -1), (5, 5)))
    assert joined.network.provenance["new roads"]["crossings joined"] == 1


def test_old_turn_restrictions_hold_on_the_pieces():
    drawn = street_map("A---B---C\n    |\n    D", {"AB": {}, "BC": {}, "BD": {}}, turns=["no AB B BD"])
    joined = join_streets(drawn.network, road((2, -1), (2, 1)))
    free = street_map("A---B---C\n    |\n    D", {"AB": {}, "BC": {}, "BD": {}})
    people = drawn.population({"A": 1})
    old = nearest_times(drawn.network, drawn.facilities("D"), people, NO_WAITS).seconds[0]
    new = nearest_times_with_roads(drawn.network, joined, drawn.facilities("D"), people, NO_WAITS).seconds[0]
    assert new == pytest.approx(old, abs=0.01)
    assert new > nearest_times(free.network, free.facilities("D"), people, NO_WAITS).seconds[0] + 1


def test_a_road_beside_a_house_does_not_take_it_off_its_street():
    # The house stands between the old street and a new road that leaves from far away.
    drawn = street_map("A------------------B")
    house = Population.of([X0], [Y0 + 30.0], [1.0], CRS, cell_id=["house"])
    clinic = drawn.facilities("A")
    joined = join_streets(drawn.network, road((0, -0.5), (19, -0.5), (19, 0)))
    plain = nearest_times(joined.network, clinic, house).seconds[0]
    both = nearest_times_with_roads(drawn.network, joined, clinic, house, WALK).seconds[0]
    assert plain > 1000  # The nearest street of all is the new road, whose only way in is at the far end.
    assert both == pytest.approx(30 / 80 * 60, abs=0.01)


@pytest.mark.parametrize("seed", range(8))
def test_a_new_road_never_lengthens_a_time(seed):
    network = random_streets(seed)
    network = with_restrictions(network, seed) if seed % 2 else network
    clinics, people = random_points(seed, network, 6, 200)
    line = np.random.default_rng(seed).uniform(0, 2000, (3, 2))
    new = build_network(
        StreetWays([1], [{"highway": "tertiary"}], [3], np.arange(3), line[:, 0], line[:, 1], UTM)
    )
    joined = join_streets(network, new, end_join_m=100)
    rounding_s = 0.001 * (joined.network.n_edges - network.n_edges + 2)
    faster = 0
    for profile in (WALK, NO_WAITS):
        for direction in ("to", "from"):
            before = nearest_times(network, clinics, people, profile, direction=direction)
            after = nearest_times_with_roads(network, joined, clinics, people, profile, direction=direction)
            assert (after.seconds <= before.seconds + rounding_s).all()
            assert (after.status <= before.status).all()
            faster += int((after.seconds < before.seconds - 1).sum())
    assert faster > 0


def test_waits_and_lengths_are_shared_by_the_pieces():
    drawn = street_map("A----S----B", {"ASB": {}}, nodes={"S": {"highway": "traffic_signals"}})
    joined = join_streets(drawn.network, road((2, -1), (2, 1)))
    assert drawn.network.waits_forward.sum() == 2
    assert joined.network.waits_forward.sum() == 2
    assert joined.network.length_m[joined.old_edge >= 0].sum() == pytest.approx(1000)
    columns = [f.name for f in dataclasses.fields(drawn.network)]
    rows = [
        c for c in columns if len(np.shape(getattr(drawn.network, c))) and len(getattr(drawn.network, c)) == 1
    ]
    for name in rows:
        if name.startswith(("node", "restriction", "rules")) or name.endswith("classes"):
            continue
        assert len(getattr(joined.network, name)) == joined.network.n_edges, name


def test_another_crs_is_refused():
    drawn = ladder()
    other = dataclasses.replace(road((9, 0), (9, 4)), crs="EPSG:32633")
    with pytest.raises(InputError, match="EPSG:32633 cannot join streets in EPSG:32632"):
        join_streets(drawn.network, other)
