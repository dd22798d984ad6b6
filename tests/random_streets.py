"""Random streets of every kind, and points among them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from access15.model import Facilities, Population
from access15.network import StreetWays, build_network

UTM = "EPSG:32632"


def random_streets(seed: int, n: int = 40):
    """Random ways of every kind: one-way, parallel, self-touching, zero-length, cut off."""
    rng = np.random.default_rng(seed)
    xy = rng.uniform(0, 2000, (n, 2)).round(1)
    xy[1] = xy[0]
    nodes, size, tags = [], [], []
    for _ in range(n):
        path = rng.integers(0, n, rng.integers(2, 5)).tolist()
        nodes += path
        size.append(len(path))
        tags.append({
            "highway": str(rng.choice(["residential", "footway", "primary", "steps", "motorway"], p=[0.5, 0.2, 0.15, 0.1, 0.05])),
            "oneway": str(rng.choice(["yes", "no", "-1"], p=[0.3, 0.6, 0.1])),
        })  # fmt: skip
    nodes += [0, 1]  # a street without length
    size.append(2)
    tags.append({"highway": "residential"})
    return build_network(
        StreetWays(way_id=range(len(size)), tags=tags, size=size, node=np.array(nodes), x=xy[nodes, 0], y=xy[nodes, 1], crs=UTM)
    )  # fmt: skip


def random_points(seed: int, network, sites: int, cells: int):
    rng = np.random.default_rng(seed + 1000)
    x, y = rng.uniform(-100, 2100, (2, cells))
    # Some people and clinics share a street, or a place.
    on_node = rng.integers(0, network.n_nodes, 5)
    x[:5], y[:5] = network.node_x[on_node], network.node_y[on_node]
    fx, fy = rng.uniform(-100, 2100, (2, sites))
    fx[:3], fy[:3] = x[3:6], y[3:6]
    fx[-1], fy[-1] = fx[0], fy[0]
    return Facilities.of(fx, fy, UTM), Population.of(x, y, np.ones(cells), UTM)


def with_restrictions(network, seed: int):
    """Return the network with random turn restrictions between streets that meet; a fifth are ``only_*``."""
    rng = np.random.default_rng(seed + 2000)
    given = []
    for node in range(network.n_nodes):
        touching = np.flatnonzero((network.edge_from == node) | (network.edge_to == node))
        if len(touching) > 1:
            given += [(network.way_id[rng.choice(touching, 2)], node) for _ in range(2)]
    return replace(
        network,
        restriction_offset=2 * np.arange(len(given) + 1),
        restriction_way=np.concatenate([ways for ways, _ in given]),
        restriction_node=np.array([node for _, node in given]),
        restriction_only=rng.random(len(given)) < 0.2,
    )


def renumbered(network, seed: int):
    """Return the network with its nodes in another order, and the old row of each new one."""
    order = np.random.default_rng(seed + 3000).permutation(network.n_nodes)
    rank = np.argsort(order)
    again = replace(
        network, node_x=network.node_x[order], node_y=network.node_y[order], node_id=network.node_id[order],
        edge_from=rank[network.edge_from], edge_to=rank[network.edge_to], restriction_node=rank[network.restriction_node],
    )  # fmt: skip
    return again, order
