"""The hierarchy counts the same people as a search from every source, to the last one."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from access15._kernels.dissection import dissect
from access15._kernels.hierarchy import blocks_of, elimination_tree, fill_in
from access15.all_origins import hierarchy, reach_surface
from access15.all_origins.hierarchy import count_by_hierarchy
from access15.all_origins.junction_by_junction import count_by_search
from access15.all_origins.reach_surface import task_of
from access15.model import Population
from access15.profiles import DRIVE, WALK
from access15.sources import read_network
from access15.testing import straight_streets
from random_streets import UTM, random_points, random_streets, with_restrictions


def task(network, cells, profile, minutes, way="to"):
    return task_of(network, cells, profile, way, round(minutes * 60_000))[2]


def assert_same(job, threads=1):
    np.testing.assert_array_equal(count_by_hierarchy(job, threads), count_by_search(job, threads))


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    n=st.integers(10, 100),
    way=st.sampled_from(["to", "from"]),
    profile=st.sampled_from([WALK, DRIVE]),
    minutes=st.sampled_from([0.01, 0.7, 2, 6, 15, 600]),
)
def test_equals_searches_on_random_streets(seed, n, way, profile, minutes):
    network = with_restrictions(random_streets(seed, n), seed)
    _, cells = random_points(seed, network, 5, 150)
    rng = np.random.default_rng(seed)
    cells = replace(cells, people=rng.uniform(0, 9, 150), groups={"65+": rng.uniform(0, 2, 150)})
    assert_same(task(network, cells, profile, minutes, way))


def town(side: int, seed: int):
    """A shaken grid of 100 m with missing and one-way streets; the right half is an island."""
    rng = np.random.default_rng(seed)
    node = np.arange(side * side).reshape(side, side)
    start = np.concatenate((node[:, :-1].ravel(), node[:-1].ravel()))
    end = np.concatenate((node[:, 1:].ravel(), node[1:].ravel()))
    keep = (rng.random(len(start)) < 0.8) & ((start % side < side // 2) == (end % side < side // 2))
    x, y = 100.0 * (node.ravel() % side), 100.0 * (node.ravel() // side)
    x, y = x + rng.uniform(-30, 30, side * side), y + rng.uniform(-30, 30, side * side)
    start, end = start[keep], end[keep]
    backward = np.where(rng.random(len(start)) < 0.2, 1, 255)  # one-way for all but walkers
    length = np.where(rng.random(len(start)) < 0.1, 0.0, np.hypot(x[start] - x[end], y[start] - y[end]))
    return straight_streets(x, y, start, end, length_m=length, backward=backward, crs=UTM)


@pytest.mark.parametrize(("profile", "minutes"), [(WALK, 8), (DRIVE, 2), (DRIVE, 4.5)])
def test_equals_searches_where_blocks_are_passed_by(profile, minutes, monkeypatch):
    network = town(45, 1)
    rng = np.random.default_rng(1)
    at = rng.integers(0, network.n_nodes, 4000)
    cells = Population.of(
        network.node_x[at] + rng.uniform(-50, 50, 4000),
        network.node_y[at] + rng.uniform(-50, 50, 4000),
        rng.uniform(0, 50, 4000),
        UTM,
    )
    job = task(network, cells, profile, minutes)
    assert_same(job, threads=2)
    for name, value in (("_BLOCK_ROWS", 8), ("_TWIG_ROWS", 1), ("_LANES", 16), ("_SPACE_BYTES", 1)):
        monkeypatch.setattr(hierarchy, name, value)
    assert_same(job, threads=2)


@pytest.mark.parametrize("way", ["to", "from"])
def test_equals_searches_in_monaco(way):
    network = read_network(Path(__file__).parents[2] / "data/sample/monaco/monaco.osm.pbf")
    assert len(network.restriction_node)
    rng = np.random.default_rng(6)
    at = rng.integers(0, network.n_nodes, 3000)
    cells = Population.of(network.node_x[at], network.node_y[at], rng.uniform(0, 50, 3000), network.crs)
    assert_same(task(network, cells, DRIVE, 3, way))


def test_nobody_and_nowhere():
    network = town(5, 2)
    nobody = Population.of([0.0], [0.0], [0.0], UTM)
    far_away = Population.of([9e5], [9e5], [7.0], UTM)
    for cells in (nobody, far_away):
        job = task(network, cells, WALK, 15)
        assert_same(job)
        assert not count_by_hierarchy(job, 1).any()
    assert count_by_hierarchy(
        replace(job, start_ptr=job.start_ptr[:1], start_row=job.start_row[:0]), 1
    ).shape == (0, 1)


def test_rows_in_one_place_are_dissected_too():
    n = 300
    start, heads = np.arange(0, 2 * n + 1, 2), np.empty(2 * n, np.int32)
    heads[::2], heads[1::2] = (np.arange(n) - 1) % n, (np.arange(n) + 1) % n  # a ring
    order = dissect(start, heads, np.zeros(n), np.zeros(n))
    np.testing.assert_array_equal(np.sort(order), np.arange(n))


def test_blocks_are_subtrees_entered_over_the_gates():
    job = task(town(20, 3), Population.of([50.0], [50.0], [1.0], UTM), DRIVE, 5)
    start, heads = hierarchy._neighbours(job, hierarchy._EndEntries.of(job))
    order = dissect(start, heads, job.x, job.y)
    rank = np.argsort(order).astype(np.int32)
    again, blocks = blocks_of(elimination_tree(start, heads, order, rank), 30, 4)
    order = order[again]
    rank = np.argsort(order).astype(np.int32)
    ptr, above = fill_in(start, heads, order, rank)
    upper = [set(above[ptr[v] : ptr[v + 1]].tolist()) for v in range(len(order))]
    for v in range(len(order)):  # all streets are there; upper neighbours are neighbours of each other
        assert {rank[u] for u in heads[start[order[v]] : start[order[v] + 1]] if rank[u] < v} <= upper[v]
        assert all(b in upper[a] for a in upper[v] for b in upper[v] if b < a)
    own = np.concatenate([np.arange(first, behind) for first, behind, _, _ in blocks])
    np.testing.assert_array_equal(own, np.arange(len(order)))
    for first, _, behind, _ in blocks:
        assert set().union(*upper[first:behind]) - set(range(first, behind)) == upper[first]


def test_the_surface_takes_the_hierarchy_where_much_is_within_reach(monkeypatch):
    network = town(30, 4)
    cells = Population.of(network.node_x, network.node_y, np.full(network.n_nodes, 0.1), UTM)
    plain = reach_surface(network, cells, DRIVE, 5)
    module = sys.modules["access15.all_origins.reach_surface"]  # the function of that name hides it
    for name, value in (("_MANY_ROWS", 2), ("_MUCH_WORK", 2), ("count_by_search", None)):
        monkeypatch.setattr(module, name, value)
    np.testing.assert_array_equal(reach_surface(network, cells, DRIVE, 5).people, plain.people)


def test_kernels_without_compiling():
    script = (
        "from test_hierarchy import *\n"
        "network = with_restrictions(random_streets(5, 25), 5)\n"
        "_, cells = random_points(5, network, 5, 30)\n"
        "assert_same(task(network, cells, DRIVE, 2))\n"
        "assert not hasattr(dissect, 'py_func')\n"
    )
    here = Path(__file__).parent
    folders = [str(here), str(here.parent), *sys.path]
    env = {**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": os.pathsep.join(folders)}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, env=env
    )
    assert done.returncode == 0, done.stderr
