"""Single linkage by travel time, against all pairs."""

import numpy as np
import pytest
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial.distance import pdist, squareform

from access15.gaps.clusters import cluster_by_distance, cluster_by_time, linked_groups
from access15.model import LinkedPoints
from access15.testing import straight_streets

UTM = "EPSG:32629"


def streets(x, y, start, end, length_m):
    """A street network of straight edges open to everybody."""
    return straight_streets(x, y, start, end, length_m=length_m, crs=UTM)


def on_streets(edge, fraction, leg_m=None):
    k = len(edge)
    return LinkedPoints(edge, fraction, np.zeros(k) if leg_m is None else leg_m, np.zeros(k))


def clusters(network, edge_s, cells, leg_s, within_s):
    return cluster_by_time(network, edge_s * 1000, cells, leg_s * 1000, within_s * 1000)


def all_pairs(network, edge_s, cells, leg_s):
    """Door-to-door seconds between all cells, from a full table of node times."""
    n, a, b = network.n_nodes, network.edge_from, network.edge_to
    order = np.lexsort((-edge_s,))
    table = np.full((n, n), np.inf)
    for e in order:  # the fastest of parallel edges comes last
        table[a[e], b[e]] = table[b[e], a[e]] = edge_s[e]
    rows, cols = np.nonzero(np.isfinite(table))
    between = dijkstra(coo_array((table[rows, cols], (rows, cols)), shape=(n, n)).tocsr())
    np.fill_diagonal(between, 0)
    k = len(cells)
    out = np.zeros((k, k))
    for i in range(k):
        for j in range(i):
            e, f = cells.edge[i], cells.edge[j]
            p, q = cells.fraction[i] * edge_s[e], cells.fraction[j] * edge_s[f]
            ways = [
                out_i + between[u, v] + in_j
                for out_i, u in ((p, a[e]), (edge_s[e] - p, b[e]))
                for in_j, v in ((q, a[f]), (edge_s[f] - q, b[f]))
            ]
            if e == f:
                ways.append(abs(p - q))
            out[i, j] = out[j, i] = min(ways) + leg_s[i] + leg_s[j]
    return out


def same_partition(one, other):
    pairs = np.unique(np.column_stack([one, other]), axis=0)
    return len(pairs) == len(np.unique(one)) == len(np.unique(other))


def random_place(seed):
    """A grid with holes, parallel edges and a loop; whole seconds everywhere, so that ties are exact."""
    rng = np.random.default_rng(seed)
    side = 6
    x, y = (v.ravel() for v in np.meshgrid(np.arange(side) * 100.0, np.arange(side) * 100.0))
    ids = np.arange(side * side).reshape(side, side)
    pairs = np.concatenate(
        [
            np.column_stack([ids[:, :-1].ravel(), ids[:, 1:].ravel()]),
            np.column_stack([ids[:-1].ravel(), ids[1:].ravel()]),
        ]
    )
    pairs = pairs[rng.random(len(pairs)) < 0.7]
    pairs = np.concatenate([pairs, pairs[:3], [[7, 7]]])
    edge_s = rng.integers(0, 90, len(pairs)).astype(float)
    network = streets(x, y, pairs[:, 0], pairs[:, 1], edge_s)
    k = 40
    edge = rng.integers(0, len(pairs), k)
    along = rng.integers(0, edge_s[edge] + 1)
    fraction = np.divide(along, edge_s[edge], out=np.zeros(k), where=edge_s[edge] > 0)
    leg_s = rng.integers(0, 15, k).astype(float)
    return network, edge_s, on_streets(edge, fraction), leg_s


@pytest.mark.parametrize("seed", range(30))
def test_clusters_are_those_of_all_pairs(seed):
    network, edge_s, cells, leg_s = random_place(seed)
    between = np.round(all_pairs(network, edge_s, cells, leg_s), 6)
    between[np.isinf(between)] = 1e9
    tree = linkage(squareform(between, checks=False), "single")
    for within_s in (0, 10, 20, 30, 40, 60, 100):
        found = clusters(network, edge_s, cells, leg_s, within_s)
        assert same_partition(found, fcluster(tree, within_s + 1e-3, "distance")), within_s


def test_the_limit_is_included_and_one_edge_is_enough():
    network = streets([0, 1000], [0, 0], [0], [1], [1000])
    cells = on_streets([0, 0, 0], [0.9, 0.1, 0.4])
    spent = np.array([1000.0])
    assert clusters(network, spent, cells, np.zeros(3), 299.999).tolist() == [0, 1, 2]
    assert clusters(network, spent, cells, np.zeros(3), 300).tolist() == [0, 1, 1]
    assert clusters(network, spent, cells, np.zeros(3), 500).tolist() == [0, 0, 0]
    assert clusters(network, spent, cells, np.array([0, 100.0, 100]), 499).tolist() == [0, 1, 2]


def test_straight_neighbours_across_a_river_stay_apart():
    # Two banks 20 m apart, the only bridge 1 km away.
    network = streets([0, 1000, 0, 1000], [0, 0, 20, 20], [0, 2, 1], [1, 3, 3], [1000, 1000, 20])
    cells = on_streets([0, 1, 0, 1], [0.0, 0.0, 0.1, 0.1])
    spent = np.array([1000.0, 1000, 20])
    assert clusters(network, spent, cells, np.zeros(4), 300).tolist() == [0, 1, 0, 1]
    assert clusters(network, spent, cells, np.zeros(4), 1820).tolist() == [0, 0, 0, 0]


def test_a_closed_edge_joins_nobody():
    network = streets([0, 100, 200], [0, 0, 0], [0, 1], [1, 2], [100, 100])
    cells = on_streets([0, 1], [0.5, 1.0])
    assert clusters(network, np.array([1.0, np.inf]), cells, np.zeros(2), 60).tolist() == [0, 1]


def test_no_cells_no_clusters():
    network = streets([0, 100], [0, 0], [0], [1], [100])
    assert len(clusters(network, np.ones(1), on_streets([], []), np.zeros(0), 60)) == 0
    assert len(cluster_by_distance(np.zeros(0), np.zeros(0), 500)) == 0


def test_straight_clusters_are_those_of_all_pairs():
    rng = np.random.default_rng(5)
    points = rng.integers(0, 40, (60, 2)).astype(float)
    tree = linkage(pdist(points), "single")
    for within in (1, 2, 3, 5):
        found = cluster_by_distance(points[:, 0], points[:, 1], within)
        assert same_partition(found, fcluster(tree, within + 1e-9, "distance"))


def test_labels_follow_the_first_member():
    assert linked_groups(np.array([4, 0]), np.array([1, 3]), 5).tolist() == [0, 1, 2, 0, 1]
