"""What fits no street, and points that a nearer street could not serve, are counted."""

from __future__ import annotations

import numpy as np
import pytest

from access15.model import LinkReason, Population
from access15.network import StreetWays, build_network, link_points, network_summary
from access15.network.ferries import GUESSED
from access15.profiles import DRIVE, WALK
from access15.testing import street_map


def with_restrictions(*restrictions):
    """Ways 1: 0-1, 2: 1-2, 3: 2-3, and a stream 4: 1-3."""
    x = np.array([0.0, 100, 100, 200, 200, 300, 100, 300])
    return build_network(
        StreetWays(
            way_id=[1, 2, 3, 4], tags=[{"highway": "residential"}] * 3 + [{"waterway": "stream"}], size=[2] * 4,
            node=np.array([0, 1, 1, 2, 2, 3, 1, 3]), x=x + 500_000, y=np.full(8, 5_000_000.0), crs="EPSG:32632",
            restrictions=restrictions,
        )
    )  # fmt: skip


@pytest.mark.parametrize(
    ("restriction", "why"),
    [
        (((1, 2), 1, False), None),
        (((1, 2, 3), -1, True), None),
        (((1, 4), 1, False), "turn restrictions that name a way that is no street here"),
        (((1, 77), 1, False), "turn restrictions that name a way that is no street here"),
        (((1, 2), 2, False), "turn restrictions whose ways do not meet where they say"),
        (((1, 2), 99, False), "turn restrictions whose ways do not meet where they say"),
        (((1, 3, 2), -1, False), "turn restrictions whose ways do not meet where they say"),
    ],
)
def test_restrictions_that_fit_no_street_are_counted(restriction, why):
    network = with_restrictions(restriction, ((2, 3), 2, False))
    assert len(network.restriction_node) == (1 if why else 2)
    assert network.provenance["dropped"].get(why, 0) == (1 if why else 0)
    if why:
        assert f"dropped: {why}: 1" in str(network_summary(network))


def test_streets_nobody_travels_are_counted_by_reason():
    """A list of classes counts as its first."""
    tags = [
        {"highway": "unclassified;tertiary", "surface": "Gravel; asphalt"}, {"highway": "hovercraft"}, {"route": "ferry"},
        {"highway": "bus_guideway"}, {"highway": "proposed"},
    ]  # fmt: skip
    x = 500_000 + 100.0 * np.arange(10)
    network = build_network(
        StreetWays(
            way_id=[1, 2, 3, 4, 5], tags=tags, size=[2] * 5, node=np.arange(10), x=x, y=np.full(10, 5_000_000.0), crs="EPSG:32632"
        )
    )  # fmt: skip
    assert network.way_id.tolist() == [1, 3]
    assert network.provenance[GUESSED] == 1  # 100 m at 5 km/h, and a quarter of an hour of waiting
    assert network.duration_s[1] == pytest.approx(72 + 900)
    assert network.highway_classes[network.highway[0]] == "unclassified"
    assert network.surface_classes[network.surface[0]] == "gravel"
    assert network.provenance["dropped"] == {
        "ways nobody may use": 1, "ways of a class the rules do not know": 1,
        "ways that are not streets": 1,
    }  # fmt: skip


def test_points_past_a_fragment_are_counted():
    """The point at P is nearest to the fragment C-D, which is too short to travel on, and links to A-B."""
    drawn = street_map("A" + "-" * 40 + "B\n\n      C--D", {"AB": {}, "CD": {}})
    x, y = np.array([500_000.0 + 750, 500_000 + 750]), np.array([5_000_000.0 - 190, 5_000_000 - 60])
    linked = link_points(drawn.network, x, y, "EPSG:32632", WALK)
    assert linked.reason.tolist() == [LinkReason.PAST_FRAGMENT, LinkReason.LINKED]
    np.testing.assert_allclose(linked.leg_m, [190, 60])
    assert drawn.network.way_id[linked.edge].tolist() == [1, 1]
    near = link_points(drawn.network, x, y, "EPSG:32632", WALK, max_snap_m=100)
    assert near.reason.tolist() == [LinkReason.TOO_FAR, LinkReason.LINKED]


def test_a_network_of_one_piece_has_no_fragments():
    drawn = street_map("A--B--C")
    people = Population.of([500_100.0], [4_999_900.0], [1.0], "EPSG:32632")
    for profile in (WALK, DRIVE):
        linked = link_points(drawn.network, people.x, people.y, people.crs, profile)
        assert linked.reason.tolist() == [LinkReason.LINKED]
