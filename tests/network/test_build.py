"""Ways become edges: cutting, lengths, barriers, missing nodes."""

from __future__ import annotations

import numpy as np
import pytest
from pyproj import Geod

from access15.errors import InputError
from access15.model import Access
from access15.network import StreetWays, build_network
from access15.profiles import WALK
from access15.testing import street_map
from access15.travel_time import nearest_times

UTM = "EPSG:32632"


def ways(paths, points, tags=None, crs=UTM, **more):
    order = [n for path in paths for n in path]
    xy = np.asarray(points, float)
    return StreetWays(
        way_id=range(10, 10 + len(paths)), tags=tags or [{"highway": "residential"}] * len(paths),
        size=[len(path) for path in paths], node=np.array(order, np.int64), x=xy[order, 0], y=xy[order, 1], crs=crs, **more,
    )  # fmt: skip


def test_ways_are_cut_at_junctions_only():
    # 0-1-2-3 with 4-2-5 crossing at 2: vertex 1 is only a bend.
    network = build_network(
        ways([[0, 1, 2, 3], [4, 2, 5]], [(0, 0), (100, 10), (200, 0), (300, 0), (200, 100), (200, -100)])
    )
    assert (network.n_nodes, network.n_edges) == (5, 4)
    assert sorted(network.way_id.tolist()) == [10, 10, 11, 11]
    bend = network.vertex_offset[1] - network.vertex_offset[0]
    assert bend == 3
    np.testing.assert_allclose(sorted(network.length_m), [100, 100, 100, 2 * np.hypot(100, 10)])


def test_a_bridge_does_not_meet_the_road_under_it():
    network = build_network(ways([[0, 1], [2, 3]], [(-100, 0), (100, 0), (0, -100), (0, 100)]))
    assert network.n_edges == 2
    assert network.n_nodes == 4


def test_lengths_are_geodesic():
    lon, lat = np.array([7.41, 7.42, 7.43]), np.array([43.73, 43.735, 43.731])
    network = build_network(ways([[0, 1, 2]], np.column_stack((lon, lat)), crs="EPSG:4326"))
    assert network.crs == "EPSG:32632"
    expected = Geod(ellps="WGS84").line_length(lon, lat)
    assert network.length_m.sum() == pytest.approx(expected, rel=1e-6)


def test_a_street_across_the_180_meridian_goes_the_short_way():
    lon, lat = np.array([179.99, 179.999, -179.998, -179.99]), np.array([-16.8, -16.81, -16.81, -16.8])
    network = build_network(ways([[0, 1, 2, 3]], np.column_stack((lon, lat)), crs="EPSG:4326"))
    expected = Geod(ellps="WGS84").line_length(lon, lat)
    assert network.length_m.sum() == pytest.approx(expected, rel=1e-6)
    # In the plane too, where UTM enlarges by up to 0.1 % at the edge of a zone.
    plane = np.hypot(np.diff(network.vertex_x), np.diff(network.vertex_y)).sum()
    assert plane == pytest.approx(expected, rel=1e-3)
    assert network.crs == "EPSG:32760"
    # With its middle beyond the meridian, it lies in the first zone.
    further = np.column_stack(([179.99, 179.999, -179.998, -179.9], lat))
    east = build_network(ways([[0, 1, 2, 3]], further, crs="EPSG:4326"))
    assert east.crs == "EPSG:32701"


def test_a_missing_node_cuts_the_way_and_is_counted():
    points = [(0, 0), (100, 0), (np.nan, np.nan), (300, 0), (400, 0)]
    network = build_network(ways([[0, 1, 2, 3, 4]], points))
    assert network.n_edges == 2
    assert network.length_m.tolist() == [100, 100]
    assert network.provenance["dropped"]["vertices missing from the file"] == 1
    assert network.provenance["dropped"]["ways cut where nodes are missing"] == 1


def test_loops_repeats_and_parallel_ways_are_kept_whole():
    square = [(0, 0), (100, 0), (100, 100), (0, 100)]
    network = build_network(ways([[0, 1, 1, 2, 3, 0], [0, 1], [0, 1]], square))
    assert sorted(network.length_m.tolist()) == [100, 100, 100, 300]
    lonely = build_network(ways([[0, 1, 2, 0]], square))
    assert lonely.n_nodes == 1
    assert lonely.length_m[0] == pytest.approx(200 + np.hypot(100, 100))


def test_a_barrier_parts_the_street_for_those_it_stops():
    network = street_map("A--B--C", {"ABC": {}}, nodes={"B": {"barrier": "bollard"}}).network
    gate = [network.highway_classes[i] == "barrier" for i in network.highway]
    assert sum(gate) == 2
    passes = Access.FOOT | Access.BICYCLE | Access.WHEELCHAIR
    assert set(network.access_forward[gate].tolist()) == {int(passes)}
    assert network.length_m[gate].tolist() == [0, 0]
    open_gate = street_map("A--B--C", {"ABC": {}}, nodes={"B": {"barrier": "gate"}}).network
    assert open_gate.n_edges == 1


def test_what_nobody_uses_is_dropped_and_counted():
    tags = [
        {"highway": "residential"},
        {"highway": "proposed"},
        {"highway": "footway", "foot": "no"},
        {"building": "yes"},
    ]
    network = build_network(ways([[0, 1]] * 4, [(0, 0), (100, 0)], tags))
    assert network.n_edges == 1
    assert network.provenance["dropped"] == {"ways nobody may use": 1, "ways that are not streets": 2}


def test_no_street_at_all_is_an_error():
    with pytest.raises(InputError, match="holds no streets"):
        build_network(ways([[0, 1]], [(0, 0), (1, 0)], [{"highway": "proposed"}]))


def test_a_ferry_shares_its_timetable_among_its_pieces():
    tags = [{"route": "ferry", "duration": "00:29", "interval": "00:02"}, {"highway": "residential"}]
    network = build_network(ways([[0, 1, 2], [1, 3]], [(0, 0), (1000, 0), (3000, 0), (1000, 50)], tags))
    ferry = network.way_id == 10
    np.testing.assert_allclose(sorted(network.duration_s[ferry]), [600, 1200])
    assert np.isnan(network.duration_s[~ferry]).all()


def test_fragments_do_not_capture_points():
    """A clinic beside a 50 m stub that joins nothing is linked to the street behind it."""
    drawn = street_map(
        """
        A---------------------B
        |                     |
        D---------------------C
             x-y
        """,
        {"ABCD": {}, "DA": {}, "xy": {}},
    )
    clinic, people = drawn.facilities("x"), drawn.population({"B": 1.0})
    times = nearest_times(drawn.network, clinic, people, WALK)
    assert times.sites.leg_m[0] == pytest.approx(100)
    assert np.isfinite(times.seconds[0])
