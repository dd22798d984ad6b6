"""Ferries: their time from the timetable or the length, and one wait for each line."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from access15.model import Access
from access15.network import StreetWays, build_network, explain_edge, join_streets, routing_graph
from access15.network.delays import fixed_times_s
from access15.network.ferries import GUESSED, TOO_LONG
from access15.profiles import WALK
from access15.sources import read_network

FERRY = {"route": "ferry"}


def crossing_s(ways, nodes, tags, **options):
    """Return the seconds of all pieces of some ways, drawn as rows of nodes at (x, 0)."""
    x = np.array([float(nodes[node]) for way in ways for node in way])
    street = {"highway": "residential"}
    network = build_network(
        StreetWays(
            way_id=list(range(1, len(ways) + 2)),
            tags=[*tags, street],
            size=[*(len(way) for way in ways), 2],
            node=np.array([node for way in ways for node in way] + [900, 901]),
            x=np.append(x, [0.0, 1.0]),
            y=np.append(np.zeros(len(x)), [9000.0, 9000.0]),
            crs="EPSG:32632",
        ),
        **options,
    )
    return float(np.nansum(network.duration_s)), network


@pytest.mark.parametrize("parts", [1, 2, 3, 5])
def test_a_line_has_one_wait_however_many_ways_draw_it(parts):
    """1,000 m at 5 km/h are 720 s; the wait is 900 s."""
    ways = [(i, i + 1) for i in range(parts)]
    nodes = {i: 1000 * i / parts for i in range(parts + 1)}
    seconds, network = crossing_s(ways, nodes, [FERRY] * parts)
    assert seconds == pytest.approx(1620, abs=0.01)
    assert network.provenance[GUESSED] == parts


@pytest.mark.parametrize("parts", [1, 4])
def test_long_lines_without_a_duration_are_closed_as_a_whole(parts):
    ways = [(i, i + 1) for i in range(parts)]
    nodes = {i: 2001 * i / parts for i in range(parts + 1)}
    seconds, network = crossing_s(ways, nodes, [FERRY] * parts)
    assert seconds == 0
    assert network.provenance["dropped"][TOO_LONG] == parts
    timed = [{**FERRY, "duration": "01:00", "interval": "00:20"}] * parts
    assert crossing_s(ways, nodes, timed)[0] == pytest.approx(3600 * parts + 600, abs=0.01)


def test_lines_that_share_a_pier_wait_each_for_their_own():
    """Three lines end at node 1: they do not continue each other."""
    ways = [(0, 1), (1, 2), (1, 3)]
    seconds, _ = crossing_s(ways, {0: 0, 1: 100, 2: 300, 3: 600}, [FERRY] * 3)
    assert seconds == pytest.approx(800 * 0.72 + 3 * 900, abs=0.01)


def test_a_profile_says_how_long_one_waits_where_no_interval_is_mapped():
    """720 s on the water; the wait is 900 s, or the profile's own, or half of the interval that is mapped."""
    ways, nodes = [(0, 1), (1, 2)], {0: 0, 1: 400, 2: 1000}
    hurried = replace(WALK, name="hurried", delay_s={"ferry": 60.0})
    for tags, usual_s, hurried_s in ((FERRY, 1620, 780), ({**FERRY, "interval": "00:10"}, 1020, 1020)):
        _, network = crossing_s(ways, nodes, [tags, FERRY])
        for profile, seconds in ((WALK, usual_s), (hurried, hurried_s)):
            assert np.nansum(fixed_times_s(network, profile)) == pytest.approx(seconds, abs=0.01)
            graph = routing_graph(network, profile)
            ferry = np.isfinite(network.duration_s)
            assert graph.forward_ms[ferry].sum() == pytest.approx(1000 * seconds, abs=2)
    said = str(explain_edge(crossing_s(ways, nodes, [FERRY, FERRY])[1], 0, hurried))
    assert "24 s of it an assumed wait" in said


def test_a_new_road_does_not_change_what_a_ferry_takes():
    """A pier road joins the ferry's landing; cut or not, the whole line has its time and its wait."""
    _, network = crossing_s([(0, 1)], {0: 0, 1: 1000}, [FERRY])
    _, road = crossing_s([(0, 1)], {0: -500, 1: 0}, [{"highway": "residential"}])
    joined = join_streets(network, road).network
    hurried = replace(WALK, name="hurried", delay_s={"ferry": 0.0})
    assert np.nansum(fixed_times_s(joined, hurried)) == pytest.approx(720, abs=0.01)


def test_shuttle_trains_take_cars():
    for mode, bit in (({}, 0), ({"foot": "yes"}, int(Access.FOOT))):
        tags = {"route": "shuttle_train", "duration": "00:20", "interval": "00:30", **mode}
        _, network = crossing_s([(0, 1)], {0: 0, 1: 15_000}, [tags])
        train = int(np.flatnonzero(np.isfinite(network.duration_s))[0])
        assert network.access_forward[train] & int(Access.MOTORCAR)
        assert network.access_forward[train] & int(Access.FOOT) == bit
        assert not network.access_forward[train] & int(Access.BICYCLE)
        assert network.duration_s[train] == pytest.approx(1200 + 900)


@pytest.mark.parametrize(
    ("route", "own"),
    [
        ("ferry", {}),
        ("ferry", {"route": "ferry"}),
        ("shuttle_train", {"railway": "rail"}),
        ("shuttle_train", {}),
    ],
)
@pytest.mark.parametrize("interval", ["", "00:20"])
def test_a_route_lends_its_ways_duration_and_interval(tmp_path, route, own, interval):
    """Two ways of one line of 30 minutes, 2 and 1 parts long; a platform of the route is not travelled."""
    at = {1: 0.0, 2: 0.02, 3: 0.03, 4: -0.01, 5: 0.04}
    ways = {1: ((1, 2), own), 2: ((2, 3), own), 3: ((4, 1), {"highway": "service"}), 4: ((3, 5), {"highway": "service"}),
            5: ((4, 5), {"railway": "platform"} if own else {})}  # fmt: skip
    tag = "<tag k='{}' v='{}'/>".format
    text = "".join(f"<node id='{n}' lat='50.0' lon='{9 + lon}'/>" for n, lon in at.items())
    for number, (ends, tags) in ways.items():
        inside = "".join(f"<nd ref='{n}'/>" for n in ends) + "".join(tag(*one) for one in tags.items())
        text += f"<way id='{number}'>{inside}</way>"
    members = "".join(f"<member type='way' ref='{n}' role=''/>" for n in (1, 2))
    members += "<member type='way' ref='5' role='platform'/>"
    given = {"type": "route", "route": route, "duration": "00:30"} | (
        {"interval": interval} if interval else {}
    )
    text += f"<relation id='1'>{members}{''.join(tag(*one) for one in given.items())}</relation>"
    file = tmp_path / "line.osm"
    file.write_text(f"<osm version='0.6'>{text}</osm>", "utf-8")
    network = read_network(file)
    line = np.isfinite(network.duration_s)
    assert set(network.way_id[line].tolist()) == {1, 2}
    wait_s = 600 if interval else 900
    np.testing.assert_allclose(np.sort(network.duration_s[line]), [(1800 + wait_s) / 3, (1800 + wait_s) * 2 / 3], rtol=0.01)  # fmt: skip
    assert network.assumed_wait_s[line].sum() == pytest.approx(0 if interval else 900, rel=0.001)
    assert bool((network.access_forward[line] & int(Access.FOOT)).all()) == (route == "ferry")
