"""Legs do not cross water, and patches that other modes join to the rest are no islands."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import access15 as a15
from access15.errors import InputError
from access15.model import LinkReason
from access15.network import core_nodes, link_points, routing_graph
from access15.network.legs import cross_water
from access15.profiles import DRIVE, WALK
from access15.testing import street_map


def with_water(network, *lines):
    """Return a network with lines of water: (is a river, [(x, y), …])."""
    xy = np.array([p for _, line in lines for p in line], float)
    return replace(
        network,
        water_offset=np.cumsum([0, *(len(line) for _, line in lines)]),
        water_x=xy[:, 0],
        water_y=xy[:, 1],
        water_river=np.array([river for river, _ in lines]),
    )


def two_streets():
    """A-B in the north and C-D 400 m south of it, joined in the east."""
    return street_map("A--------B\n\n\n\nC--------D", {"AB": {}, "CD": {}, "BD": {}})


@pytest.mark.parametrize(
    ("above_m", "river", "leg_m"), [(300, True, 300), (300, False, 100), (300, None, 100)]
)
def test_a_river_is_not_crossed_and_one_bank_is(above_m, river, leg_m):
    """300 m south of A-B, 100 m north of C-D; the river runs 50 m north of C-D."""
    drawn = two_streets()
    (x_a, y_a), (_, y_c) = drawn.places["A"], drawn.places["C"]
    network = drawn.network
    if river is not None:
        network = with_water(network, (river, [(x_a - 5000, y_c + 50), (x_a + 800, y_c + 50)]))
    linked = link_points(network, np.array([x_a + 400]), np.array([y_a - above_m]), network.crs, WALK)
    assert linked.reason[0] == LinkReason.LINKED
    assert linked.leg_m[0] == pytest.approx(leg_m)


def test_a_lake_is_walked_round_and_a_cell_in_it_is_joined():
    drawn = two_streets()
    (x_a, y_a), (_, y_c) = drawn.places["A"], drawn.places["C"]
    lake = [
        (x_a - 300, y_c + 20),
        (x_a + 800, y_c + 20),
        (x_a + 800, y_c + 60),
        (x_a - 300, y_c + 60),
        (x_a - 300, y_c + 20),
    ]
    network = with_water(drawn.network, (False, lake))
    linked = link_points(network, np.full(2, x_a + 400), np.array([y_a - 300, y_c + 40]), network.crs, WALK)
    np.testing.assert_allclose(linked.leg_m, [300, 40])


def test_who_has_only_water_around_is_not_linked():
    drawn = two_streets()
    (x_a, y_a), (_, y_c) = drawn.places["A"], drawn.places["C"]
    x, y = x_a + 400, (y_a + y_c) / 2
    islet = shapely.Point(x, y).buffer(30)
    shore = shapely.Point(x, y).buffer(100)
    network = with_water(
        drawn.network, (False, list(islet.exterior.coords)), (False, list(shore.exterior.coords))
    )
    linked = link_points(network, np.array([x]), np.array([y]), network.crs, WALK)
    assert (linked.edge[0], linked.reason[0]) == (-1, LinkReason.ACROSS_WATER)


@given(st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_crossings_are_those_counted_one_by_one(seed):
    rng = np.random.default_rng(seed)
    drawn = two_streets()
    lines = [(bool(rng.integers(2)), rng.uniform(0, 500, (rng.integers(2, 5), 2)).tolist()) for _ in range(4)]
    points, streets = rng.uniform(0, 500, (2, 30, 2))
    found = cross_water(with_water(drawn.network, *lines), points, streets)
    for k in range(30):
        step = streets[k] - points[k]
        leg = shapely.LineString([points[k], streets[k] - step / np.hypot(*step)])
        met = [
            (river, shapely.get_num_geometries(leg.intersection(shapely.LineString(line))))
            for river, line in lines
            if leg.intersects(shapely.LineString(line))
        ]
        assert found[k] == (any(river for river, _ in met) or sum(n for river, n in met if not river) >= 2)


def test_water_is_read_and_kept(tmp_path):
    file = tmp_path / "town.osm"
    spots = {
        1: (50.0, 9.0),
        2: (50.0, 9.02),
        3: (50.004, 9.0),
        4: (50.004, 9.02),
        5: (50.006, 9.0),
        6: (50.006, 9.02),
    }
    nodes = "".join(f"<node id='{n}' lat='{lat}' lon='{lon}'/>" for n, (lat, lon) in spots.items())

    def way(number, refs, *tags):
        told = "".join(f"<tag k='{k}' v='{v}'/>" for k, v in tags)
        return f"<way id='{number}'>{''.join(f'<nd ref={chr(34)}{r}{chr(34)}/>' for r in refs)}{told}</way>"

    ways = (
        way(1, (1, 2), ("highway", "residential"))
        + way(2, (3, 4), ("waterway", "river"))
        + way(3, (5, 6), ("waterway", "river"), ("tunnel", "culvert"))
        + way(4, (3, 5, 6, 4, 3))
    )
    lake = "<relation id='1'><member type='way' ref='4' role='outer'/><tag k='type' v='multipolygon'/><tag k='natural' v='water'/></relation>"
    file.write_text(f"<osm version='0.6'>{nodes}{ways}{lake}</osm>")
    network = a15.read_network(file)
    assert network.water_river.tolist() == [True, False]
    clinic = a15.Facilities.of([9.01], [50.008], "EPSG:4326")
    people = a15.Population.of([9.01], [50.0], [10], "EPSG:4326")
    with pytest.raises(InputError):
        a15.nearest_times(network, clinic, people, WALK)
    again = a15.read_network(file, cache=tmp_path / "kept")
    kept = a15.read_network(file, cache=tmp_path / "kept")
    np.testing.assert_array_equal(again.water_x, kept.water_x)


def patch(track):
    """A town of 12 km in a grid, and 2.4 km of streets 200 m east of it, which a way joins."""
    rows = "\n".join("A--B--C--D--E" .translate(str.maketrans("ABCDE", letters)) + end for letters, end in (
        ("ABCDE", ""), ("FGHIJ", "     P--Q"), ("KLMNO", "     R--S"),
    ))  # fmt: skip
    ways = {"ABCDE": {}, "FGHIJ": {}, "KLMNO": {}, "AFK": {}, "BGL": {}, "CHM": {}, "DIN": {}, "EJO": {}}
    return street_map(rows, ways | {"PQSRP": {}, "JP": track}, scale_m=200)


@pytest.mark.parametrize(
    ("track", "is_island"),
    [
        ({"highway": "track", "motor_vehicle": "no"}, False),
        ({"highway": "footway"}, False),
        ({"highway": "", "route": "ferry", "foot": "yes", "motor_vehicle": "no", "duration": "10"}, True),
    ],
    ids=["track without cars", "footway", "a ferry for people on foot"],
)
def test_a_patch_that_any_street_joins_is_no_island(track, is_island):
    drawn = patch(track)
    graph = routing_graph(drawn.network, DRIVE)
    there = np.hypot(
        drawn.network.node_x - drawn.places["Q"][0], drawn.network.node_y - drawn.places["Q"][1]
    ).argmin()
    assert core_nodes(graph)[there] == is_island
    on_foot = routing_graph(drawn.network, WALK)
    assert core_nodes(on_foot)[there]
