"""The nearest segment against a search through all of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from access15.errors import CRSError
from access15.model import LinkReason
from access15.network import link_points, linkable, routing_graph
from access15.profiles import WALK
from access15.testing import street_map
from random_streets import UTM, random_streets


def brute_force(network, x, y):
    """Distance to the nearest edge and its row, by looking at every segment."""
    best, edge = np.inf, -1
    for e in range(network.n_edges):
        a, b = network.vertex_offset[e], network.vertex_offset[e + 1]
        px, py = network.vertex_x[a:b], network.vertex_y[a:b]
        dx, dy = np.diff(px), np.diff(py)
        length2 = dx * dx + dy * dy
        t = np.clip(
            np.divide(
                (x - px[:-1]) * dx + (y - py[:-1]) * dy, length2, out=np.zeros_like(dx), where=length2 > 0
            ),
            0,
            1,
        )
        distance = np.hypot(px[:-1] + t * dx - x, py[:-1] + t * dy - y).min()
        if distance < best - 1e-9:
            best, edge = distance, e
    return best, edge


@pytest.mark.parametrize("seed", range(4))
def test_links_are_the_nearest_edges(seed):
    network = random_streets(seed)
    everywhere = np.asarray(network.access_forward) * 0 + 15
    network = replace(network, access_forward=everywhere, access_backward=everywhere)
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(-3000, 5000, (2, 200))
    graph = routing_graph(network, WALK)
    usable = linkable(graph, "origin")
    linked = link_points(network, x, y, UTM, WALK, max_snap_m=1500)
    sub = replace(network, access_forward=np.where(usable, 15, 0), access_backward=np.where(usable, 15, 0))
    keep = np.flatnonzero(usable)
    assert len(keep)
    for k in range(len(x)):
        distance = min(brute_force(_only(sub, [e]), x[k], y[k])[0] for e in keep)
        assert linked.leg_m[k] == pytest.approx(distance)
        assert linked.linked[k] == (distance <= 1500)
        if linked.linked[k]:
            own, _ = brute_force(_only(sub, [linked.edge[k]]), x[k], y[k])
            assert own == pytest.approx(distance)
    assert set(linked.reason[~linked.linked]) <= {LinkReason.TOO_FAR}


def _only(network, edges):
    """The vertices of some edges, as an object with what `brute_force` reads."""

    class Part:
        n_edges = len(edges)
        vertex_offset = np.concatenate(([0], np.cumsum(np.diff(network.vertex_offset)[edges])))
        vertex_x = np.concatenate(
            [network.vertex_x[network.vertex_offset[e] : network.vertex_offset[e + 1]] for e in edges]
        )
        vertex_y = np.concatenate(
            [network.vertex_y[network.vertex_offset[e] : network.vertex_offset[e + 1]] for e in edges]
        )

    return Part


def test_fractions_run_along_the_edge():
    network = street_map("A---------B").network
    ax = 500_000
    linked = link_points(
        network, np.array([ax + 250.0, ax + 999.9999, ax - 50.0]), np.full(3, 5_000_010.0), UTM, WALK
    )
    forward = network.node_x[network.edge_from[0]] == ax
    share = linked.fraction if forward else 1 - linked.fraction
    np.testing.assert_allclose(share, [0.25, 1.0, 0.0])
    np.testing.assert_allclose(linked.leg_m, [10, 10, np.hypot(50, 10)])


def test_swapped_coordinates_are_named():
    network = street_map("A---------B").network  # near 45.15 N, 9 E
    with pytest.raises(CRSError, match="longitude and latitude of the points look swapped"):
        link_points(network, np.array([45.1535]), np.array([9.0005]), "EPSG:4326", WALK)
    right = link_points(network, np.array([9.0005]), np.array([45.1535]), "EPSG:4326", WALK)
    assert right.linked.all()


def test_some_swapped_coordinates_are_named_too():
    network = street_map("A---------B").network
    lon, lat = np.array([9.0005, 45.1535, 9.0006]), np.array([45.1535, 9.0005, 45.1535])
    with pytest.raises(CRSError, match=r"1 of the 3 points look swapped.*point 2"):
        link_points(network, lon, lat, "EPSG:4326", WALK)
    far = np.array([9.0005, 30.0, 9.0006])  # far away, but not the other way round
    assert link_points(network, far, lat, "EPSG:4326", WALK).linked.tolist() == [True, False, True]
