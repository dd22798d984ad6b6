"""OSMnx graphs and GraphML, both ways."""

from __future__ import annotations

import socket
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import access15 as a15
from access15.errors import CRSError, InputError, OfflineError
from access15.model import Access
from access15.network import routing_graph
from access15.outputs import to_osmnx
from access15.sources import read_network, read_network_place
from access15.testing import street_map

nx = pytest.importorskip("networkx")
MONACO = Path(__file__).parents[2] / "data" / "sample" / "monaco" / "monaco.osm.pbf"
CAR, FOOT = Access.MOTORCAR, Access.FOOT


@pytest.fixture(scope="module")
def monaco():
    return read_network(MONACO)


def graph_of(*arcs, crs="EPSG:4326", **nodes):
    """Return an OSMnx-like graph: nodes a, b, c … 0.001° apart; arcs (from, to, attributes)."""
    graph = nx.MultiDiGraph(crs=crs)
    for i, name in enumerate((1, 2, 3, 4)):
        graph.add_node(name, x=7.40 + 0.001 * i, y=43.7)
    for u, v, data in arcs:
        graph.add_edge(u, v, **data)
    return graph


def edges(network):
    """Return every edge whatever its row, direction of drawing and node rows: a multiset."""

    def limit(kph, bits):
        return round(float(kph), 4) if bits and np.isfinite(kph) else None

    found = []
    for e in np.flatnonzero(network.access_forward | network.access_backward).tolist():
        ends = [(round(float(network.node_x[v]), 3), round(float(network.node_y[v]), 3)) for v in (network.edge_from[e], network.edge_to[e])]  # fmt: skip
        ways = [
            (int(bits), limit(kph, bits))
            for bits, kph in (
                (network.access_forward[e], network.maxspeed_forward_kph[e]),
                (network.access_backward[e], network.maxspeed_backward_kph[e]),
            )
        ]
        if ends[0] > ends[1]:
            ends, ways = ends[::-1], ways[::-1]
        elif ends[0] == ends[1]:
            ways = sorted(ways, key=str)
        found.append(
            (int(network.way_id[e]), tuple(ends), tuple(ways), round(float(network.length_m[e]), 6),
             network.highway_classes[network.highway[e]], network.surface_classes[network.surface[e]],
             round(float(np.nan_to_num(network.duration_s[e], nan=-1)), 3),
             bool(network.no_through[e]), bool(network.off_ground[e]),
             int(network.vertex_offset[e + 1] - network.vertex_offset[e]))
        )  # fmt: skip
    return Counter(found)


def test_round_trip_keeps_every_edge(monaco):
    back = read_network(to_osmnx(monaco))
    assert back.crs == monaco.crs
    assert edges(back) == edges(monaco)


def test_round_trip_through_a_graphml_of_osmnx(tmp_path):
    ox = pytest.importorskip("osmnx")
    monaco = read_network(MONACO, clip=(7.418, 43.731, 7.424, 43.736))
    file = tmp_path / "monaco.graphml"
    ox.save_graphml(to_osmnx(monaco), file)
    assert edges(read_network(file)) == edges(monaco)
    assert edges(read_network(ox.load_graphml(file))) == edges(monaco)


def test_round_trip_keeps_driving_times(monaco):
    """Distances between random junctions by networkx on the exported graph equal ours on the one read back."""
    graph = to_osmnx(monaco, a15.DRIVE)
    names = {(d["x"], d["y"]): n for n, d in graph.nodes(data=True)}
    back = read_network(graph)
    # networkx knows no streets that nobody drives through.
    back = replace(back, no_through=np.zeros(back.n_edges, bool))
    compiled = routing_graph(back, a15.DRIVE)
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import dijkstra

    best: dict[tuple[int, int], float] = {}
    tails = np.repeat(np.arange(compiled.n_nodes), np.diff(compiled.indptr.astype(np.int64)))
    for tail, (head, ms) in zip(tails.tolist(), compiled.arcs.tolist(), strict=True):
        best[tail, head] = min(best.get((tail, head), np.inf), ms / 1000)
    rows, cols = np.array(list(best)).T
    ours = csr_matrix((list(best.values()), (rows, cols)), shape=(compiled.n_nodes,) * 2)
    start = [0, compiled.n_nodes // 2, compiled.n_nodes - 1]
    times = dijkstra(ours, indices=start)
    for s, row in zip(start, times, strict=True):
        theirs = nx.single_source_dijkstra_path_length(
            graph, names[back.node_x[s], back.node_y[s]], weight="travel_time"
        )
        for v in range(0, compiled.n_nodes, 37):
            expected = theirs.get(names[back.node_x[v], back.node_y[v]], np.inf)
            assert row[v] == pytest.approx(expected, abs=0.1)


def test_round_trip_keeps_destination_streets_and_lifts():
    """The straight way is for residents, so that a car goes round; the lift's wait comes back once."""
    ways = {
        "AB": {},
        "BC": {"motor_vehicle": "destination"},
        "CD": {},
        "BEFC": {},
        "DG": {"highway": "elevator"},
    }
    drawn = street_map("A-B-C-D-G\n  | |\n  E-F", ways)
    back = read_network(to_osmnx(drawn.network))
    assert edges(back) == edges(drawn.network)
    assert back.provenance["turn restrictions"].startswith("none")
    for profile in (a15.DRIVE, replace(a15.WALK, name="lift", delay_s={"elevator": 40.0})):
        before, after = (
            a15.nearest_times(n, drawn.facilities("D"), drawn.population({"A": 1, "G": 1}), profile).seconds
            for n in (drawn.network, back)
        )
        np.testing.assert_allclose(after, before, atol=0.01)
    assert after[1] == pytest.approx(200 / 4.8 * 3.6 + 40, abs=0.01)


def test_osmnx_accepts_the_graph(monaco):
    ox = pytest.importorskip("osmnx")
    graph = to_osmnx(monaco, a15.DRIVE)
    nodes, arcs = ox.graph_to_gdfs(graph)
    assert nodes.crs == arcs.crs == monaco.crs
    assert arcs["length"].sum() == pytest.approx(sum(d["length"] for *_, d in graph.edges(data=True)))
    drawn = arcs.geometry.iloc[0]
    u, v, _ = arcs.index[0]
    assert drawn.coords[0] == (nodes.x[u], nodes.y[u])
    assert drawn.coords[-1] == (nodes.x[v], nodes.y[v])
    largest = ox.truncate.largest_component(graph, strongly=True)
    a, b = next(iter(largest)), list(largest)[-1]
    route = ox.shortest_path(graph, a, b, weight="travel_time")
    assert route[0] == a
    assert route[-1] == b
    assert ox.nearest_nodes(graph, nodes.x[a], nodes.y[a]) in graph
    assert ox.stats.basic_stats(graph)["edge_length_total"] == pytest.approx(arcs["length"].sum())
    assert ox.project_graph(graph, to_latlong=True).number_of_edges() == graph.number_of_edges()


def test_only_arcs_the_profile_may_travel(monaco):
    seen = routing_graph(monaco, a15.DRIVE)
    graph = to_osmnx(monaco, a15.DRIVE)
    assert graph.number_of_edges() == int(seen.forward.sum() + seen.backward.sum())
    assert all(d["motorcar"] == "yes" for *_, d in graph.edges(data=True))


def test_lengths_and_directions_are_the_graphs_own():
    both = {"osmid": 10, "highway": "residential", "length": 123.456, "oneway": False}
    network = read_network(
        graph_of(
            (1, 2, both | {"reversed": False}), (2, 1, both | {"reversed": True}),
            (2, 3, {"osmid": 11, "highway": "primary", "length": 55.5, "oneway": True, "maxspeed": ["50", "30 mph"]}),
        )
    )  # fmt: skip
    assert network.length_m.tolist() == [123.456, 55.5]
    assert network.way_id.tolist() == [10, 11]
    assert (network.access_forward & CAR).astype(bool).tolist() == [True, True]
    assert (network.access_backward & CAR).astype(bool).tolist() == [True, False]
    # Nobody said that people on foot may not walk against a one-way street.
    assert (network.access_backward & FOOT).astype(bool).tolist() == [True, True]
    assert network.maxspeed_forward_kph[1] == pytest.approx(48.28, abs=0.01)
    assert network.provenance["two-way streets"] == 1
    assert network.provenance["arcs alone"] == 1


def test_parallel_streets_and_loops_are_not_taken_for_one():
    import shapely

    bow = shapely.LineString([(7.400, 43.7), (7.4005, 43.701), (7.401, 43.7)])
    loop = shapely.LineString([(7.401, 43.7), (7.4015, 43.701), (7.402, 43.701), (7.401, 43.7)])
    arcs = [
        (1, 2, {"osmid": 1, "highway": "residential", "length": 80.0}),
        (2, 1, {"osmid": 1, "highway": "residential", "length": 250.0, "geometry": bow.reverse()}),
        (2, 2, {"osmid": 2, "highway": "residential", "length": 300.0, "geometry": loop, "reversed": False}),
        (
            2,
            2,
            {
                "osmid": 2,
                "highway": "residential",
                "length": 300.0,
                "geometry": loop.reverse(),
                "reversed": True,
            },
        ),
        (2, 2, {"osmid": 3, "highway": "residential", "length": 0.0}),
    ]
    network = read_network(graph_of(*arcs))
    assert sorted(network.length_m.tolist()) == [80.0, 250.0, 300.0]
    car = {
        float(m): (bool(f & CAR), bool(b & CAR))
        for m, f, b in zip(network.length_m, network.access_forward, network.access_backward, strict=True)
    }
    assert car == {80.0: (True, False), 250.0: (True, False), 300.0: (True, True)}
    assert network.provenance["loops without a shape, left out"] == 1


def test_graphs_drawn_once_per_way_follow_their_oneway_tag():
    network = read_network(
        graph_of(
            (1, 2, {"osmid": 1, "highway": "primary", "length": 80.0, "oneway": "no"}),
            (2, 3, {"osmid": 2, "highway": "primary", "length": 80.0, "oneway": "-1"}),
            (3, 4, {"osmid": 3, "highway": "primary", "length": 80.0}),
        )
    )
    assert (network.access_forward & CAR).astype(bool).tolist() == [True, False, True]
    assert (network.access_backward & CAR).astype(bool).tolist() == [True, True, True]


def test_lists_missing_lengths_and_grades():
    network = read_network(
        graph_of((1, 2, {"osmid": [5, 6], "highway": ["steps", "footway"], "oneway": False, "grade": 0.1}))
    )
    assert network.highway_classes[network.highway[0]] == "steps"
    assert network.way_id[0] == 5
    assert network.length_m[0] == pytest.approx(80.6, abs=0.1)
    assert network.slope[0] == pytest.approx(0.1)
    assert network.provenance["edges without a length, measured"] == 1
    assert network.provenance["edges of several classes, the first taken"] == 1


def test_a_drawn_map_round_trips_with_its_times():
    network = street_map("A--B--C").network
    assert edges(read_network(to_osmnx(network))) == edges(network)


def test_osm_tags_on_arcs_hold_for_the_whole_way():
    tags = {
        "osmid": 1,
        "highway": "residential",
        "length": 80.0,
        "oneway": True,
        "foot": "designated",
        "bicycle": "no",
    }
    network = read_network(graph_of((1, 2, tags)))
    assert network.access_forward[0] & (FOOT | Access.BICYCLE | CAR) == FOOT | CAR
    assert network.access_backward[0] & (FOOT | Access.BICYCLE | CAR) == FOOT


def test_edges_without_a_class_are_no_streets():
    """``graph_from_xml`` takes every way of a file, walls and coasts too."""
    network = read_network(
        graph_of(
            (1, 2, {"osmid": 1, "highway": "primary", "length": 80.0}), (2, 3, {"osmid": 2, "length": 80.0}),
            (3, 4, {"osmid": 3, "highway": float("nan"), "length": 80.0}),
        )
    )  # fmt: skip
    assert network.way_id.tolist() == [1]
    assert network.provenance["dropped"] == {"ways that are not streets": 2}
    with pytest.raises(InputError, match="no highway attribute on any edge"):
        read_network(graph_of((1, 2, {"osmid": 1, "length": 80.0})))


# --- what cannot be used -----------------------------------------------------------------------------------


def test_bad_graphs():
    street = {"osmid": 1, "highway": "residential", "length": 80.0}
    with pytest.raises(CRSError, match="does not state its CRS"):
        read_network(graph_of((1, 2, street), crs=None))
    with pytest.raises(CRSError, match="PROJ does not know"):
        read_network(graph_of((1, 2, street), crs="EPSG:1"))
    with pytest.raises(
        CRSError, match=r"graph says it is projected \(EPSG:32632\) but all its coordinates are deg"
    ):
        read_network(graph_of((1, 2, street), crs="EPSG:32632"))
    metres = graph_of((1, 2, street))
    metres.nodes[2]["x"] = 373_164.0
    with pytest.raises(CRSError, match=r"graph says it is in longitude .* a node at \(373164, 43.7\): set"):
        read_network(metres)
    with pytest.raises(InputError, match="no edges"):
        read_network(graph_of())
    with pytest.raises(InputError, match="undirected"):
        read_network(nx.MultiGraph(graph_of((1, 2, street))))
    with pytest.raises(InputError, match="neither a path nor an OSMnx graph"):
        read_network(42)
    broken = graph_of((1, 2, street))
    del broken.nodes[2]["x"]
    with pytest.raises(InputError, match="node 2: x or y is missing"):
        read_network(broken)
    with pytest.raises(InputError, match="no streets"):
        read_network(graph_of((1, 2, street | {"highway": "construction"})))
    with pytest.raises(InputError, match="columns is for layers of road lines"):
        read_network(graph_of((1, 2, street)), columns={"class": "highway"})


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.99])
def test_graphml_cut_off(tmp_path, share):
    file = tmp_path / "g.graphml"
    nx.write_graphml(graph_of((1, 2, {"osmid": 1, "highway": "residential", "length": 80.0})), file)
    data = file.read_bytes()
    file.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(InputError, match=r"g\.graphml"):
        read_network(file)


def test_graphml_that_is_something_else(tmp_path):
    file = tmp_path / "g.graphml"
    file.write_text("<osm/>", encoding="utf-8")
    with pytest.raises(InputError, match="is not GraphML"):
        read_network(file)
    nx.write_graphml(nx.Graph([(1, 2)]), file)
    with pytest.raises(InputError, match="undirected"):
        read_network(file)


def test_places_offline(monkeypatch, tmp_path):
    ox = pytest.importorskip("osmnx")

    def nobody(*args, **kwargs):
        raise socket.gaierror("no network")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    monkeypatch.setattr(socket, "gethostbyname", nobody)
    monkeypatch.chdir(tmp_path)
    before = ox.settings.requests_timeout, ox.settings.use_cache
    with pytest.raises(OfflineError, match=r"'Monaco' cannot be fetched.*download an extract"):
        read_network_place("Monaco", timeout_s=2)
    assert (ox.settings.requests_timeout, ox.settings.use_cache) == before
    assert socket.getaddrinfo is nobody
    assert not list(tmp_path.iterdir())
