"""Neighbouring sites searched at once give what each gives alone, bit by bit."""

from __future__ import annotations

import heapq
import os
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from access15._kernels import _rows
from access15.profiles import DRIVE, WALK
from access15.search import bounded
from access15.search.bounded import BoundedSearches
from access15.search.on_edges import Entries
from access15.travel_time import iter_travel_times, travel_times
from random_streets import random_points, random_streets, with_restrictions
from scripts_apart import assert_interrupt_breaks_nothing, assert_same_without_machine_code
from slow_twins import point_to_point_ms

COLUMNS = ("indptr", "cell", "time_ms")


def always(monkeypatch):
    """Search in groups whatever they cost; return the list of all groups."""
    used: list[np.ndarray] = []
    groups = BoundedSearches._groups

    def listed(self, *about):
        found = groups(self, *about)
        used.extend(found)
        return found

    monkeypatch.setattr(bounded, "_PAIRS_TO_GROUP", 0)
    monkeypatch.setattr(bounded, "_WORK_TO_GROUP", 0)
    monkeypatch.setattr(bounded, "_NEAR", np.inf)
    monkeypatch.setattr(BoundedSearches, "_groups", listed)
    return used


@pytest.mark.parametrize("direction", ["to", "from"])
@pytest.mark.parametrize("minutes", [0.01, 2, 15, 4000])
@pytest.mark.parametrize("seed", range(3))
def test_groups_and_single_searches_give_the_same_table(seed, minutes, direction, monkeypatch):
    network = random_streets(seed)
    if seed % 2:
        network = with_restrictions(network, seed)
    # 4,000 minutes leave 15 epochs, fewer than there are groups.
    points = random_points(seed, network, 150, 60)
    alone = travel_times(network, *points, DRIVE, minutes=minutes, direction=direction)
    used = always(monkeypatch)
    for threads in (1, 3):
        table = travel_times(network, *points, DRIVE, minutes=minutes, direction=direction, threads=threads)
        for name in COLUMNS:
            np.testing.assert_array_equal(getattr(table, name), getattr(alone, name))
    assert len(used) > 30
    for pairs in (1, 300, 10**9):
        blocks = list(
            iter_travel_times(network, *points, DRIVE, minutes=minutes, direction=direction, pairs=pairs)
        )
        for name in ("facility", "cell", "time_ms"):
            np.testing.assert_array_equal(
                np.concatenate([getattr(block, name) for block in blocks]), getattr(alone, name)
            )


@pytest.mark.parametrize("seed", range(3))
def test_groups_equal_plain_dijkstra(seed, monkeypatch):
    network = random_streets(seed)
    facilities, population = random_points(seed, network, 20, 60)
    used = always(monkeypatch)
    table = travel_times(network, facilities, population, WALK, minutes=25)
    assert used
    expected = point_to_point_ms(network, WALK, table.sites, table.cells, "to")
    full = np.full((20, 60), -1, np.int64)
    full[table.facility, table.cell] = table.time_ms
    assert full.tolist() == [[-1 if ms is None or ms > 1_500_000 else ms for ms in row] for row in expected]


def test_a_queue_that_is_too_short_is_made_longer(monkeypatch):
    network = random_streets(2)
    points = random_points(2, network, 40, 60)
    alone = travel_times(network, *points, DRIVE, minutes=15)
    always(monkeypatch)
    monkeypatch.setattr(bounded, "_GROUP_BUCKET_SIZE", 1)
    table = travel_times(network, *points, DRIVE, minutes=15)
    for name in COLUMNS:
        np.testing.assert_array_equal(getattr(table, name), getattr(alone, name))


def test_sites_far_apart_or_few_pairs_are_searched_alone(monkeypatch):
    network = random_streets(2)
    points = random_points(2, network, 40, 60)
    used = always(monkeypatch)
    for name, value in (("_PAIRS_TO_GROUP", 61), ("_WORK_TO_GROUP", 60 * 40 + 1), ("_NEAR", 0.0)):
        with monkeypatch.context() as one:
            one.setattr(bounded, name, value)
            travel_times(network, *points, DRIVE, minutes=15)
    # Lengths, and limits whose sums over the lanes do not fit, are left to single searches.
    travel_times(network, *points, DRIVE, minutes=15, metres=True)
    travel_times(network, *points, DRIVE)
    assert not used


NODES = 7
TIMES = st.one_of(st.integers(0, 30), st.sampled_from([0, 2**20, 2**28, 2**31, 2**32 - 2]))
NODE = st.integers(0, NODES - 1)


@settings(max_examples=150, deadline=None)
@given(
    arcs=st.lists(st.tuples(NODE, NODE, TIMES), max_size=20),
    seeds=st.lists(st.tuples(NODE, st.integers(0, 10), TIMES), max_size=25),
    held=st.lists(st.tuples(NODE, st.integers(0, 4), TIMES), max_size=12),
    own=st.lists(st.tuples(st.integers(0, 10), st.integers(0, 4), TIMES), max_size=4),
    limit=st.sampled_from([0, 7, 40, 2**21, 2**29 - 2]),
    to_nodes=st.booleans(),
)
def test_any_graph(arcs, seeds, held, own, limit, to_nodes):
    """Self-loops, parallel and endless arcs, several seeds or none, sites on top of each other, cells on their edge."""
    sites, cells = 11, NODES if to_nodes else 5
    searches = BoundedSearches(
        graph_of(arcs), entries(seeds), np.array([s for _, s, _ in seeds], np.int64), None if to_nodes else entries(held),
        sites, cells, limit, None if to_nodes else (np.array([s for s, _, _ in own], np.int64), entries(own)),
    )  # fmt: skip
    lanes = bounded._Lanes(searches)
    found = {}
    for group in (np.arange(8), np.arange(8, 11), np.array([3, 9])):
        part = lanes.part(group)
        ends = np.cumsum(part.count)
        for site, begin, end in zip(group, ends - part.count, ends, strict=True):
            pairs = list(zip(part.cell[begin:end].tolist(), part.time_ms[begin:end].tolist(), strict=True))
            assert found.setdefault(int(site), pairs) == pairs
    for site in range(sites):
        at = shortest(arcs, [(ms, node) for node, s, ms in seeds if s == site])
        if to_nodes:
            times = at
        else:
            times = {}
            ways = [(c, at[v] + ms) for v, c, ms in held if v in at] + [
                (c, ms) for s, c, ms in own if s == site
            ]
            for cell, ms in ways:
                times[cell] = min(times.get(cell, ms), ms)
        assert found[site] == sorted((c, ms) for c, ms in times.items() if ms <= limit)


def graph_of(arcs):
    """Return what a search reads of a graph."""
    arcs = sorted(arcs)
    table = np.array([arc[1:] for arc in arcs], np.uint32).reshape(-1, 2)
    indptr = np.searchsorted([arc[0] for arc in arcs], np.arange(NODES + 1)).astype(np.uint32)
    return SimpleNamespace(
        indptr=indptr, arcs=table, arc_m=None, n_nodes=NODES, bucket_shift=3,
        largest_ms=int(table[:, 1].max(initial=0)), node_of=np.arange(NODES),
    )  # fmt: skip


def entries(rows):
    node, point, time_ms = (np.array([row[i] for row in rows], np.int64) for i in range(3))
    return Entries(node, point, time_ms, np.zeros(len(rows)))


def shortest(arcs, queue):
    """Return the shortest times from some (ms, node)."""
    heapq.heapify(queue)
    times: dict[int, int] = {}
    while queue:
        ms, node = heapq.heappop(queue)
        if node not in times:
            times[node] = ms
            for tail, head, spent in arcs:
                if tail == node:
                    heapq.heappush(queue, (ms + spent, head))
    return times


def test_vector_instructions_do_what_their_twin_does():
    import numba

    @numba.njit
    def run(rows, others, spent, base, above, width):
        return _rows.lower_row(
            rows, np.uint64(_rows.LANES), others, np.uint64(0), np.uint32(spent), np.uint32(base), np.uint32(above), np.uint32(width)
        )  # fmt: skip

    rng = np.random.default_rng(4)
    for _ in range(300):
        base = int(rng.integers(0, 2**31))
        above = base + int(rng.integers(1, 2**28))
        labels = rng.integers(base, rng.choice([above, 2**32]), (2, 2 * _rows.LANES)).astype(np.uint32)
        about = int(rng.choice([0, 5, 2**27, 2**32 - 1])), base, above, int(rng.integers(0, 20))
        fast, plain = labels[0].copy(), labels[0].copy()
        key = run(fast, labels[1], *about)
        assert key == _rows._one_by_one(plain, _rows.LANES, labels[1], 0, *about)
        np.testing.assert_array_equal(fast, plain)


FORCED = """
import numpy as np
from access15.profiles import DRIVE
from access15.search import bounded
from access15.travel_time import travel_times
bounded._PAIRS_TO_GROUP = bounded._WORK_TO_GROUP = 0
bounded._NEAR = np.inf
"""

TABLE = (
    FORCED
    + """
import hashlib
from random_streets import random_points, random_streets

network = random_streets(6)
table = travel_times(network, *random_points(6, network, 12, 40), DRIVE, minutes=6)
assert len(table.cell)
print(hashlib.sha256(b"".join(a.tobytes() for a in (table.indptr, table.cell, table.time_ms))).hexdigest())
"""
)


def test_groups_with_and_without_machine_code_are_the_same():
    assert_same_without_machine_code(TABLE)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for another process")
def test_an_interrupt_ends_groups_too():
    assert_interrupt_breaks_nothing("profiles.DRIVE, minutes=600", first=FORCED)
