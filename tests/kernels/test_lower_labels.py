"""The search for the nearest start, alone, on graphs that no street network would have."""

from __future__ import annotations

import heapq
import os
import subprocess
import sys

import numpy as np
import pytest

from access15._kernels.nearest import lower_labels

NO_LABEL = 2**64 - 1
NO_LIMIT = 2**32 - 2


def graph_of(n, arcs):
    """Return ``(indptr, arcs)`` of arcs (tail, head, ms)."""
    arcs = sorted(arcs)
    indptr = np.zeros(n + 1, np.uint32)
    np.cumsum(np.bincount([tail for tail, _, _ in arcs], minlength=n), out=indptr[1:])
    return indptr, np.array([arc[1:] for arc in arcs], np.uint32).reshape(-1, 2)


def nearest(n, arcs, starts, limit=NO_LIMIT, shift=6, before=None):
    """Run the kernel on arcs (tail, head, ms) and starts (node, ms, row); return labels and what changed."""
    labels = np.full(n, NO_LABEL, np.uint64) if before is None else before.copy()
    node = np.array([s[0] for s in starts], np.uint32)
    label = np.array([s[1] << 32 | s[2] for s in starts], np.uint64)
    changed = lower_labels(*graph_of(n, arcs), labels, node, label, limit, shift, True)
    return labels, changed


def twin(n, arcs, starts, limit=NO_LIMIT):
    """Compute the same with a heap."""
    out: list[list[tuple[int, int]]] = [[] for _ in range(n)]
    for tail, head, ms in arcs:
        out[tail].append((head, ms))
    best = [NO_LABEL] * n
    heap = [(ms << 32 | row, node) for node, ms, row in starts]
    heapq.heapify(heap)
    while heap:
        label, node = heapq.heappop(heap)
        if label >= best[node] or label >> 32 > limit:
            continue
        best[node] = label
        for head, ms in out[node]:
            heapq.heappush(heap, (label + (ms << 32), head))
    return best


def random_graph(rng, n, longest):
    """Return arcs with loops, parallel arcs, zeros and nodes without any."""
    tails, heads = rng.integers(n * 3 // 4, size=(2, 3 * n))
    times = rng.integers(longest, size=3 * n) * (rng.random(3 * n) < 0.8)
    arcs = list(zip(tails.tolist(), heads.tolist(), times.tolist(), strict=True))
    return arcs + arcs[: n // 8] + [(0, 0, 0), (1, 1, 5)]


@pytest.mark.parametrize(
    ("longest", "shift"), [(1, 6), (60, 6), (4_000, 6), (4_000, 14), (100_000, 6), (2**31, 26)]
)
def test_as_with_a_heap(longest, shift):
    rng = np.random.default_rng([longest, shift])
    for _ in range(6):
        n = int(rng.integers(4, 120))
        arcs = random_graph(rng, n, longest)
        starts = [
            (int(rng.integers(n)), int(rng.integers(2 * longest)), row) for row in range(rng.integers(1, 9))
        ]
        limit = int(rng.choice([NO_LIMIT, longest, longest // 2 + 1]))
        found, changed = nearest(n, arcs, starts, limit, shift)
        assert found.tolist() == twin(n, arcs, starts, limit)
        assert set(changed.tolist()) == set(np.flatnonzero(found != NO_LABEL).tolist())


def test_more_starts_change_only_what_they_improve():
    rng = np.random.default_rng(3)
    for _ in range(10):
        arcs = random_graph(rng, 80, 900)
        first, second = [(3, 10, 0), (4, 0, 1)], [(5, 0, 0), (9, 7, 2)]
        before, _ = nearest(80, arcs, first)
        after, changed = nearest(80, arcs, second, before=before)
        assert after.tolist() == twin(80, arcs, first + second)
        assert set(changed.tolist()) == set(np.flatnonzero(before != after).tolist())


def test_a_hub_with_more_arcs_than_a_batch_holds():
    n = 3_000
    arcs = [(0, k, k % 97) for k in range(1, n)] + [(k, 0, 1) for k in range(1, n)]
    assert nearest(n, arcs, [(7, 3, 4), (11, 3, 2)])[0].tolist() == twin(n, arcs, [(7, 3, 4), (11, 3, 2)])


def test_many_arcs_per_node_and_times_far_ahead():
    rng = np.random.default_rng(8)
    tails, heads = rng.integers(400, size=(2, 5_000))
    times = rng.integers(100, 90_000, 5_000)
    arcs = list(zip(tails.tolist(), heads.tolist(), times.tolist(), strict=True))
    starts = [(k, int(rng.integers(200_000)), k) for k in range(0, 400, 5)]
    assert nearest(400, arcs, starts)[0].tolist() == twin(400, arcs, starts)


def test_times_beyond_the_range_are_not_reached():
    day = 2**31 - 1
    arcs = [(0, 1, day), (1, 2, day), (2, 3, day)]
    found, _ = nearest(4, arcs, [(0, 0, 5)], shift=27)
    assert found.tolist() == [5, day << 32 | 5, 2 * day << 32 | 5, NO_LABEL]
    assert nearest(4, arcs, [(0, 2**31, 5)], shift=27)[0].tolist()[2:] == [NO_LABEL, NO_LABEL]


def test_the_lowest_row_wins_a_tie_whatever_the_order():
    arcs = [(k, k + 1, 0) for k in range(40)] + [(k + 1, k, 0) for k in range(40)]
    starts = [(k, 60, 50 - k) for k in range(41)]
    for order in (starts, starts[::-1]):
        assert set(nearest(41, arcs, order)[0].tolist()) == {60 << 32 | 10}


def test_without_arcs_starts_or_nodes():
    assert nearest(3, [], [(1, 5, 0)])[0].tolist() == [NO_LABEL, 5 << 32, NO_LABEL]
    found, changed = nearest(3, [(0, 1, 2)], [])
    assert (found.tolist(), len(changed)) == ([NO_LABEL] * 3, 0)
    assert len(nearest(0, [], [])[0]) == 0


@pytest.mark.skipif("NUMBA_DISABLE_JIT" in os.environ, reason="too many for plain Python")
def test_hundred_thousand_starts():
    n = 150_000
    rng = np.random.default_rng(5)
    line = [(k, k + 1, 7) for k in range(n - 1)] + [(k + 1, k, 7) for k in range(n - 1)]
    rows = rng.permutation(n)[:100_000]
    at = np.sort(rows)
    found, _ = nearest(n, line, [(int(node), 0, row) for row, node in enumerate(rows)])
    after = np.clip(np.searchsorted(at, np.arange(n)), 0, len(at) - 1)
    gap = np.minimum(np.abs(at[after] - np.arange(n)), np.abs(at[np.maximum(after - 1, 0)] - np.arange(n)))
    assert ((found >> np.uint64(32)).astype(int) == 7 * gap).all()


@pytest.mark.skipif("NUMBA_DISABLE_JIT" in os.environ, reason="already without compiling")
def test_the_same_without_compiling():
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", __file__]
    plain = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=plain)
    assert done.returncode == 0, done.stdout
