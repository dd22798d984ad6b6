"""The p-median's search, lists and splits, against trying all plans."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest

from access15.siting.exact import median, median_branch
from access15.siting.exact.median import list_candidates, p_median
from access15.siting.exact.solver import Deadline


def table(seed):
    """A small table of costs: whole or not, with existing sites, unreachable pairs, ties."""
    rng = np.random.default_rng(seed)
    m, n = int(rng.integers(2, 10)), int(rng.integers(1, 30))
    cost = rng.integers(0, 20, (m, n)).astype(float) if seed % 4 < 2 else rng.random((m, n)) * 100
    if seed % 2:
        cost = np.minimum(cost, rng.integers(3, 25, n))
    if seed % 3 == 0:
        cost[rng.random((m, n)) < 0.3] = np.inf
    return cost, int(rng.integers(1, m))


def value_of(cost, plan):
    return cost[list(plan)].min(axis=0).sum()


@pytest.mark.parametrize("part", range(10))
def test_every_small_plan_is_the_best_and_proven(part, monkeypatch):
    """600 tables; the root gets few steps and the search few starts, so that splits have to prove."""
    for seed in range(60 * part, 60 * part + 60):
        cost, p = table(seed)
        monkeypatch.setattr(median, "_ROOT_STEPS", (4000, 3, 1)[seed % 3])
        monkeypatch.setattr(median, "_SHAKES", 30 if seed % 7 == 0 else 0)
        plans = list(itertools.combinations(range(len(cost)), p))
        best = min(value_of(cost, plan) for plan in plans)
        if not np.isfinite(best):
            continue
        start = next(np.array(plan) for plan in plans if np.isfinite(value_of(cost, plan)))
        found = p_median(cost, p, Deadline(60), start=start)
        assert found.optimal, seed
        assert found.value == value_of(cost, found.rows) == pytest.approx(best, rel=1e-9), seed
        assert found.bound == found.value


@pytest.mark.parametrize("seed", range(8))
def test_splits_alone_prove_a_town(seed, monkeypatch):
    """Bounds of every node hold for the best plan under its decisions."""
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(0, 1000, (2, 14))
    u, v = rng.uniform(0, 1000, (2, 40))
    cost = np.hypot(x[:, None] - u, y[:, None] - v) * rng.integers(1, 9, 40)
    best = min(value_of(cost, plan) for plan in itertools.combinations(range(14), 4))
    monkeypatch.setattr(median, "_ROOT_STEPS", 1)
    seen = []
    real = median_branch._best_split

    def watched(lists, table, tag, p, node, limit, target):
        seen.append(node.bound)
        return real(lists, table, tag, p, node, limit, target)

    monkeypatch.setattr(median_branch, "_best_split", watched)
    found = p_median(cost, 4, Deadline(60))
    assert found.optimal
    assert found.value == pytest.approx(best, rel=1e-9)
    assert all(bound <= best * (1 + 1e-9) for bound in seen)


def test_lists_hold_what_can_matter():
    cost = np.array([[3.0, 5, np.inf, 7], [1, 5, 2, 7], [9, 5, 4, 6]])
    lists, shortened = list_candidates(cost)
    assert not shortened
    assert lists.far[[0, 1, 3]].tolist() == [9, 5, 7]
    assert lists.far[2] == 26  # more than any plan that serves everybody
    rows = [lists.idx[a:b].tolist() for a, b in itertools.pairwise(lists.ptr.tolist())]
    assert rows == [[1, 0], [], [1, 2], [2]]
    again = lists.without(np.array([0, 2]))
    assert [again.idx[a:b].tolist() for a, b in itertools.pairwise(again.ptr.tolist())] == [[0], [], [1], [1]]


@pytest.mark.parametrize("seed", range(40))
def test_short_lists_never_promise_too_much(seed, monkeypatch):
    monkeypatch.setattr(median, "_MOST_PAIRS", 0)
    monkeypatch.setattr(median, "_FEWEST_LISTED", 3)
    cost, p = table(seed)
    plans = list(itertools.combinations(range(len(cost)), p))
    best = min(value_of(cost, plan) for plan in plans)
    if not np.isfinite(best):
        return
    start = next(np.array(plan) for plan in plans if np.isfinite(value_of(cost, plan)))
    found = p_median(cost, p, Deadline(60), start=start)
    assert found.bound <= best * (1 + 1e-9)
    assert found.value == value_of(cost, found.rows) >= best * (1 - 1e-9)
    if found.optimal:
        assert found.value == pytest.approx(best, rel=1e-9)


def hard(n=400, p=5):
    """A graph without any pattern: bounds are far apart."""
    rng = np.random.default_rng(3)
    x, y = rng.uniform(0, 1, (2, n))
    return np.rint(1000 * np.hypot(x[:, None] - x, y[:, None] - y) ** 3) + rng.integers(0, 50, (n, n)), p


def test_the_time_limit_is_kept():
    p_median(*hard(60), Deadline(60))  # compiled
    cost, p = hard(900)
    for seconds in (1.0, 3.0):
        began = time.perf_counter()
        found = p_median(cost, p, Deadline(seconds))
        took = time.perf_counter() - began
        assert found.bound <= found.value
        assert took < 1.2 * seconds + 3  # a busy machine counts against us
