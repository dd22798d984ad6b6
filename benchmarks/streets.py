"""A generated street network of any size, for measuring.

A grid of 100 m with shaken crossings. Every 8th line is a collector, every 32nd an arterial, every 128th
a motorway (50, 80, 110 km/h; other streets 30). Some local streets are missing, so that there are dead ends
and blocks of every size. Rivers are crossed only by arterials and motorways. 8 % of the local streets are
one-way for cars, 3 % of all streets are very short.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from access15.model import Access, Facilities, Population, StreetNetwork
from access15.network.order import hilbert_order
from access15.testing import straight_streets

CRS = "EPSG:32632"
BLOCK_M = 100.0
CLASSES = ("", "residential", "tertiary", "primary", "motorway")
LIMIT_KPH = np.array([np.nan, 30, 50, 80, 110])
KEPT = np.array([0, 0.56, 0.96, 0.99, 1.0])
EVERYBODY = int(Access.FOOT | Access.BICYCLE | Access.MOTORCAR | Access.EMERGENCY)
NO_CAR = int(Access.FOOT | Access.BICYCLE)


def streets(n_nodes: int, seed: int = 1) -> StreetNetwork:
    """Return a network of about ``n_nodes`` nodes in Hilbert order, all connected for walking and driving."""
    rng = np.random.default_rng(seed)
    side = max(int(np.sqrt(n_nodes * 1.06)), 4)
    column, row = (part.ravel() for part in np.meshgrid(np.arange(side), np.arange(side)))
    x, y = (BLOCK_M * (part + rng.uniform(-0.33, 0.33, side * side)) for part in (column, row))
    start, end, kind = _grid_streets(side, rng)
    length_m = np.hypot(x[start] - x[end], y[start] - y[end]) * rng.uniform(1, 1.25, len(start))
    length_m[rng.random(len(start)) < 0.03] *= 0.05
    one_way = (kind == 1) & (rng.random(len(start)) < 0.08)
    inside = _largest_component(side * side, start, end, one_way)
    keep = inside[start] & inside[end]
    nodes = np.flatnonzero(inside)
    nodes = nodes[hilbert_order(x[nodes], y[nodes])]
    rank = np.full(side * side, -1)
    rank[nodes] = np.arange(len(nodes))
    kind = kind[keep]
    signed = LIMIT_KPH[kind].astype(np.float32)
    network = straight_streets(
        x[nodes], y[nodes], rank[start[keep]], rank[end[keep]], length_m=length_m[keep],
        forward=EVERYBODY, backward=np.where(one_way[keep], NO_CAR, EVERYBODY), crs=CRS,
    )  # fmt: skip
    return replace(
        network, highway=kind, highway_classes=CLASSES, maxspeed_forward_kph=signed, maxspeed_backward_kph=signed
    )  # fmt: skip


def _grid_streets(side, rng):
    """Return ``(start, end, class)`` of the streets of the grid that are there."""
    node = np.arange(side * side).reshape(side, side)
    line = np.arange(side)
    kind = np.select([line % 128 == 64, line % 32 == 16, line % 8 == 4], [4, 3, 2], 1)
    start = np.concatenate((node[:, :-1].ravel(), node[:-1].ravel()))
    end = np.concatenate((node[:, 1:].ravel(), node[1:].ravel()))
    kinds = np.concatenate((np.repeat(kind, side - 1), np.tile(kind, side - 1)))
    river = np.zeros((side - 1, side), bool)
    rivers = max(1, side // 200)
    for number in range(rivers):
        at = side * (number + 0.5) / rivers + 6 * np.sin(line / 23.0 + number)
        river |= np.arange(side - 1)[:, None] == np.floor(at)[None, :]
    wet = np.concatenate((np.zeros(side * (side - 1), bool), river.ravel()))
    keep = (rng.random(len(start)) < KEPT[kinds]) & (~wet | (kinds >= 3))
    return start[keep], end[keep], kinds[keep]


def _largest_component(n, start, end, one_way):
    """Return the nodes among which a car can go from any to any."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    tail, head = np.concatenate((start, end[~one_way])), np.concatenate((end, start[~one_way]))
    graph = csr_matrix((np.ones(len(tail), np.int8), (tail, head)), shape=(n, n))
    _, component = connected_components(graph, directed=True, connection="strong")
    return component == np.bincount(component).argmax()


def clinics(network: StreetNetwork, count: int, seed: int = 2) -> Facilities:
    """Return facilities at random places among the streets."""
    rng = np.random.default_rng(seed)
    at = rng.choice(network.n_nodes, count, replace=False)
    shift = rng.uniform(-40, 40, (2, count))
    return Facilities.of(network.node_x[at] + shift[0], network.node_y[at] + shift[1], network.crs)


def people(network: StreetNetwork, count: int, seed: int = 3) -> Population:
    """Return ``count`` cells at random places among the streets, with whole numbers of people.

    They come row by row of 100 m, from north to south and west to east, as those of a raster do.
    """
    rng = np.random.default_rng(seed)
    at = rng.integers(0, network.n_nodes, count)
    x, y = network.node_x[at] + rng.uniform(-60, 60, count), network.node_y[at] + rng.uniform(-60, 60, count)
    order = np.lexsort((x, -np.floor(y / 100)))
    x, y = x[order], y[order]
    return Population.of(x, y, rng.integers(1, 200, count), network.crs)
