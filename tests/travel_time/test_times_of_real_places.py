"""Times on real streets against a plain implementation: links by shapely, times by a heap."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
import shapely

from access15.crs import to_crs
from access15.model import Facilities, Population
from access15.network import core_nodes, linkable, routing_graph
from access15.profiles import DRIVE, WALK
from access15.sources import facilities_from_osm, read_network, read_population
from access15.travel_time import nearest_times
from slow_twins import nearest_ms


@cache
def porto_alegre(folder):
    hexagons = pd.read_csv(folder / "porto_alegre" / "poa_hexgrid.csv")
    care = hexagons[hexagons["healthcare"] > 0]
    assert care["healthcare"].sum() == 141
    assert hexagons["population"].sum() == 812_935
    return (
        read_network(folder / "porto_alegre" / "poa_osm.pbf"),
        Facilities.of(care["lon"], care["lat"], "EPSG:4326", ids=care["id"]),
        Population.of(hexagons["lon"], hexagons["lat"], hexagons["population"], "EPSG:4326"),
    )


@cache
def comoros(folder):
    osm = folder / "comoros" / "comores-latest.osm.pbf"
    people = read_population(folder / "comoros" / "com_ppp_2020_UNadj.tif")
    some = np.random.default_rng(0).choice(len(people), 10_000, replace=False)
    sample = Population.of(people.x[some], people.y[some], people.people[some], people.crs)
    return read_network(osm), facilities_from_osm(osm), sample


@pytest.mark.parametrize(
    ("place", "profile", "direction"),
    [
        (porto_alegre, WALK, "to"),
        (porto_alegre, DRIVE, "from"),
        (comoros, WALK, "from"),
        (comoros, DRIVE, "to"),
    ],
)
def test_times_of_a_plain_implementation(shared_data, place, profile, direction):
    network, facilities, population = place(shared_data)
    network = replace(network, no_through=np.zeros(0))  # the plain search has no memory
    times = nearest_times(network, facilities, population, profile, direction=direction)
    plain = nearest_ms(network, profile, times.sites, times.cells, direction)
    ms = np.array([-1 if label is None else label[0] for label in plain])
    row = np.array([-1 if label is None else label[1] for label in plain])
    np.testing.assert_array_equal(np.where(np.isinf(times.seconds), -1, np.rint(times.seconds * 1000)), ms)
    np.testing.assert_array_equal(times.facility, row)
    assert np.isfinite(times.seconds).mean() > 0.9


def test_links_of_shapely(shared_data):
    network, _, population = porto_alegre(shared_data)
    edges = np.flatnonzero(linkable(routing_graph(network, WALK), "origin"))
    first, count = network.vertex_offset[edges], np.diff(network.vertex_offset)[edges]
    rows = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + np.repeat(first, count)
    xy = np.column_stack((network.vertex_x[rows], network.vertex_y[rows]))
    lines = shapely.linestrings(xy, indices=np.repeat(np.arange(len(edges)), count))
    x, y = to_crs(population.x, population.y, population.crs, network.crs)
    points = shapely.points(x, y)
    (_, line), distance = shapely.STRtree(lines).query_nearest(
        points, all_matches=False, return_distance=True
    )
    times = nearest_times(network, Facilities.of(x[:1], y[:1], network.crs), population, WALK)
    ordinary = network.standing[edges[line]] == 0  # the rim of a square leaves some to the street beside it
    assert ordinary.mean() > 0.95
    np.testing.assert_allclose(times.cells.leg_m[ordinary], distance[ordinary], atol=1e-6)
    along = shapely.line_locate_point(lines[line], points, normalized=True)
    same = edges[line] == times.cells.edge
    assert same.mean() > 0.95  # the others are as near to two streets, at a junction
    np.testing.assert_allclose(times.cells.fraction[same], along[same], atol=1e-5)


@pytest.mark.parametrize("profile", [WALK, DRIVE], ids=lambda p: p.name)
def test_three_islands_stay_three(shared_data, profile):
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    network, _, _ = comoros(shared_data)
    graph = routing_graph(network, profile)
    used = graph.forward | graph.backward
    ends = graph.tail[used], graph.head[used]
    joined = coo_matrix((np.ones(used.sum()), ends), shape=(network.n_nodes, network.n_nodes))
    _, island = connected_components(joined, directed=False)
    km = np.sort(np.bincount(island[ends[0]], network.length_m[used]) / 1000)[::-1]
    assert (km[:3] > 100).all()
    assert km[3] < 10
    # Nothing else is worth speaking of, and points may link to each of the three.
    assert km[:3].sum() / km.sum() > 0.98
    largest = np.argsort(-np.bincount(island[ends[0]], network.length_m[used]))[:3]
    assert set(largest) <= set(island[np.flatnonzero(core_nodes(graph)[: network.n_nodes])].tolist())
