"""Backup, budget and capacity: every plan against trying all subsets, and against greedy."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from dense_times import candidates_of, matrix_of, nearest_of, people_of
from scipy.optimize import linprog

from access15.errors import InputError
from access15.siting import locate
from access15.siting.exact import capacity as models_capacity
from access15.siting.exact.backup import BackupProblem, backup_cover, fill_up
from access15.siting.exact.budget import affordable, budget_cover, greedy_budget
from access15.siting.exact.capacity import CapacityProblem, bound_capacity, capacity_cover, greedy_capacity
from access15.siting.exact.reduce import cover_matrix
from access15.siting.exact.solver import Deadline

LIMIT_S = 600.0
NONE = np.zeros(0, np.int64)


def instance(seed, fractional=False):
    rng = np.random.default_rng(seed + 500)
    m, n = int(rng.integers(3, 8)), int(rng.integers(4, 25))
    seconds = rng.integers(1, 30, (m, n)) * 60.0
    counts = rng.integers(0, 50, n) * (rng.random(n) < 0.8) + (rng.random(n) if fractional else 0)
    counts[0] += 7
    near = np.full(n, np.inf)
    if seed % 2:
        near = np.where(rng.random(n) < 0.4, 300.0, 1e4)
    population = people_of(counts)
    candidates = candidates_of(m)
    existing = nearest_of(near, population) if seed % 2 else None
    return seconds, counts.astype(float), near, population, candidates, existing, rng


def subsets(m, p):
    for k in range(p + 1):
        yield from itertools.combinations(range(m), k)


def dense_cover(covers):
    covers = np.asarray(covers, bool)
    indptr = np.concatenate([[0], np.cumsum(covers.sum(axis=1))])
    return cover_matrix(indptr, np.nonzero(covers)[1], covers.shape[1])


# ---- backup ---------------------------------------------------------------------------------------------------


def once_and_twice(seconds, counts, near, rows):
    times = (seconds[list(rows)] <= LIMIT_S).sum(axis=0) + (near <= LIMIT_S)
    return counts[times >= 1].sum(), counts[times >= 2].sum()


@pytest.mark.parametrize("seed", range(24))
def test_backup(seed):
    seconds, counts, near, population, candidates, existing, _ = instance(seed)
    matrix = matrix_of(seconds, population, candidates, minutes=10)
    for p in range(1, len(seconds) + 1):
        merits = [once_and_twice(seconds, counts, near, rows) for rows in subsets(len(seconds), p)]
        once, twice = max(merits)
        plan = locate(matrix, population, existing, p=p, objective="backup-coverage")
        assert (plan.status, plan.objective, plan.gap) == ("optimal", twice, 0.0)
        assert once_and_twice(seconds, counts, near, plan.chosen) == (once, twice)
        assert counts[plan.covered].sum() == once
        assert plan.table["backup_gain"].sum() == twice


@pytest.mark.parametrize("seed", range(12))
def test_backup_of_the_fewest_sites(seed):
    seconds, counts, near, population, candidates, existing, _ = instance(seed)
    matrix = matrix_of(seconds, population, candidates, minutes=10)
    every = once_and_twice(seconds, counts, near, range(len(seconds)))[0]
    merits = [(len(rows), once_and_twice(seconds, counts, near, rows)) for rows in subsets(len(seconds), 9)]
    fewest = min(size for size, (once, _) in merits if once == every)
    twice = max(merit[1] for size, merit in merits if size == fewest and merit[0] == every)
    plan = locate(matrix, population, existing, objective="backup-coverage")
    assert (plan.status, plan.p, plan.objective) == ("optimal", fewest, twice)


def test_a_client_with_one_candidate_is_not_backed_up():
    population = people_of([10, 20, 40])
    matrix = matrix_of([[60, 60, np.inf], [60, np.inf, np.inf]], population, candidates_of(2), minutes=10)
    plan = locate(matrix, population, objective="backup-coverage", p=2)
    assert (plan.objective, plan.covered.tolist()) == (10, [True, True, False])
    assert plan.table[["gain", "backup_gain"]].to_numpy().tolist() == [[30, 0], [0, 10]]


# ---- budget ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(24))
def test_budget(seed):
    seconds, counts, near, population, candidates, existing, rng = instance(seed)
    cost = rng.choice([0.0, 1.0, 2.5, 4.0, 10.0], len(seconds))
    matrix = matrix_of(seconds, population, candidates, minutes=10)
    for budget in (1.0, 3.5, 5.0, 12.0):
        if cost.min() > budget:
            continue
        best = max(
            once_and_twice(seconds, counts, near, rows)[0]
            for rows in subsets(len(seconds), 9)
            if cost[list(rows)].sum() <= budget
        )
        plan = locate(matrix, population, existing, costs=cost, budget=budget)
        assert (plan.model, plan.status, plan.objective, plan.gap) == (
            "budget-coverage",
            "optimal",
            best,
            0.0,
        )
        assert cost[plan.chosen].sum() <= budget
        assert plan.table["cost"].tolist() == cost[plan.chosen].tolist()
        named = dict(zip(candidates.id, cost, strict=True))
        again = locate(matrix, population, existing, candidates=candidates, costs=named, budget=budget)
        assert again.chosen.tolist() == plan.chosen.tolist()


@pytest.mark.parametrize("seed", range(5))
def test_budget_without_time_is_at_least_greedy_and_bounded(seed):
    rng = np.random.default_rng(seed)
    cover, weight = dense_cover(rng.random((40, 200)) < 0.08), rng.random(200) * 9
    cost = rng.integers(1, 9, 40).astype(float)
    problem = affordable(cover, weight, cost, 20.0)
    prices = cost[problem.row]
    greedy = problem.value(greedy_budget(problem, prices, 20.0))
    quick, best = (budget_cover(problem, prices, 20.0, Deadline(s)) for s in (1e-9, 60))
    assert greedy <= quick.value <= best.value <= quick.bound
    assert best.optimal
    assert prices[best.rows].sum() <= 20


# ---- capacity -------------------------------------------------------------------------------------------------


def served(seconds, counts, near, room, rows):
    """Most people served, by a linear programme over all pairs."""
    open_now = near <= LIMIT_S
    base = counts[open_now].sum()
    pairs = [(j, i) for j in rows for i in np.flatnonzero(~open_now) if seconds[j, i] <= LIMIT_S]
    if not pairs:
        return base
    upper, limits = [], []
    for k, limit in [
        *((("site", j), room[j]) for j in rows),
        *((("cell", i), c) for i, c in enumerate(counts)),
    ]:
        upper.append([float(pair[k[0] == "cell"] == k[1]) for pair in pairs])
        limits.append(limit)
    return base - linprog(-np.ones(len(pairs)), np.array(upper), np.array(limits)).fun


@pytest.mark.parametrize("seed", range(10))
def test_capacity(seed):
    seconds, counts, near, population, candidates, existing, rng = instance(seed, fractional=True)
    room = rng.integers(0, 120, len(seconds)).astype(float)
    room[0] = 60.0
    candidates = dataclasses.replace(candidates, capacity=room)
    matrix = matrix_of(seconds, population, candidates, minutes=10)
    for p in (1, 2, 3):
        exactly = itertools.combinations(range(len(seconds)), p)
        best = max(served(seconds, counts, near, room, rows) for rows in exactly)
        plan = locate(
            matrix, population, existing, candidates=candidates, p=p, objective="capacitated-coverage"
        )
        assert plan.status == "optimal"
        assert plan.objective == pytest.approx(best, rel=1e-7)
        assert plan.bound == pytest.approx(plan.objective, rel=1e-9)
        assert served(seconds, counts, near, room, plan.chosen) == pytest.approx(best, rel=1e-7)
        assert (plan.table["served"] <= plan.table["capacity"] + 1e-6).all()
        assert plan.table["served"].sum() == pytest.approx(plan.table["served_gain"].sum(), rel=1e-7)


@pytest.mark.parametrize("seed", range(10))
def test_capacity_for_a_budget(seed):
    seconds, counts, near, population, candidates, existing, rng = instance(seed, fractional=True)
    n = len(seconds)
    room, cost = rng.integers(0, 120, n).astype(float), rng.integers(0, 9, n).astype(float)
    room[0], cost[0] = 60.0, 2.0
    candidates = dataclasses.replace(candidates, capacity=room)
    matrix = matrix_of(seconds, population, candidates, minutes=10)
    for budget in (2, 7.5, 15):
        sets = (rows for k in range(1, n + 1) for rows in itertools.combinations(range(n), k))
        best = max(
            served(seconds, counts, near, room, rows) for rows in sets if cost[list(rows)].sum() <= budget
        )
        plan = locate(
            matrix, population, existing, candidates=candidates, costs=cost, budget=budget, objective="capacitated-coverage",
        )  # fmt: skip
        assert plan.status == "optimal"
        assert plan.objective == pytest.approx(best, rel=1e-7)
        assert served(seconds, counts, near, room, plan.chosen) == pytest.approx(best, rel=1e-7)
        assert plan.table["cost"].sum() <= budget
        assert plan.table["cost"].tolist() == cost[plan.chosen].tolist()


def test_enlarging_beats_building_where_it_is_cheap():
    population = people_of([100, 100])
    candidates = dataclasses.replace(
        candidates_of(3), capacity=np.array([60.0, 40.0, 100.0]), cost=np.array([0.0, 1.0, 5.0])
    )
    # The clinic itself (free), its enlargement at the same place, and a new one that reaches everybody.
    matrix = matrix_of([[60, np.inf], [60, np.inf], [60, 60]], population, candidates, minutes=10)
    ask = {"candidates": candidates, "objective": "capacitated-coverage"}
    small = locate(matrix, population, budget=1, **ask)
    assert (small.objective, sorted(small.table["candidate_id"])) == (100, ["c0", "c1"])
    large = locate(matrix, population, budget=6, **ask)
    assert (large.objective, sorted(large.table["candidate_id"])) == (200, ["c0", "c1", "c2"])


@pytest.mark.parametrize("seed", range(6))
def test_capacity_beyond_the_exact_model(seed, monkeypatch):
    rng = np.random.default_rng(seed)
    cover, weight = dense_cover(rng.random((20, 80)) < 0.12), rng.random(80) * 9
    problem = CapacityProblem.of(cover, weight, rng.integers(5, 60, 20).astype(float))
    best = capacity_cover(problem, 4, Deadline(60))
    state = bound_capacity(problem, 4, best.rows, best.value * 0.98, Deadline(60))
    assert best.value <= state.bound * (1 + 1e-9)
    assert not state.out[best.rows].any()  # no better plan is ruled out
    monkeypatch.setattr(models_capacity, "_MOST_PAIRS", 20)
    large = capacity_cover(problem, 4, Deadline(60))
    assert large.value <= best.value * (1 + 1e-9) <= large.bound * (1 + 2e-9)


@pytest.mark.parametrize("seed", range(4))
def test_room_for_everybody_is_plain_coverage(seed):
    seconds, _, _, population, candidates, existing, _ = instance(seed)
    candidates = dataclasses.replace(candidates, capacity=np.full(len(seconds), np.inf))
    matrix = matrix_of(seconds, population, candidates, minutes=10)
    for p in (1, 2):
        plain = locate(matrix, population, existing, p=p)
        plan = locate(
            matrix, population, existing, candidates=candidates, p=p, objective="capacitated-coverage"
        )
        assert plan.objective == pytest.approx(plain.objective, rel=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_quick_capacity_and_backup_plans_are_greedy_or_better(seed):
    rng = np.random.default_rng(seed)
    cover, weight = dense_cover(rng.random((30, 120)) < 0.1), rng.random(120) * 9
    problem = CapacityProblem.of(cover, weight, rng.integers(5, 60, 30).astype(float))
    greedy, _ = problem.served(greedy_capacity(problem, 6))
    quick, best = (capacity_cover(problem, 6, Deadline(s)) for s in (1e-9, 60))
    assert greedy <= quick.value <= best.value * (1 + 1e-9)
    assert best.value <= quick.bound * (1 + 1e-9)
    assert best.optimal
    twice = BackupProblem.of(cover, weight, rng.random(120) < 0.3)
    start = fill_up(twice, NONE, 6)
    quick, best = (backup_cover(twice, 6, start, Deadline(s)) for s in (1e-9, 60))
    assert twice.value(start)[1] <= quick.value <= best.value <= quick.bound
    assert best.optimal


# ---- closing what exists ----------------------------------------------------------------------------------------


def test_facilities_that_may_close_are_candidates():
    population = people_of([50, 20, 30, 40])
    # Two facilities stand side by side in the west; a candidate in the east.
    seconds = [[60, 60, np.inf, np.inf], [60, np.inf, np.inf, np.inf], [np.inf, np.inf, 60, 60]]
    matrix = matrix_of(seconds, population, candidates_of(3), minutes=10)
    plan = locate(matrix, population, p=2)
    assert (sorted(plan.chosen), plan.objective) == ([0, 2], 140)
    keep_running = locate(matrix, population, costs=[3, 1, 4], budget=5)
    assert (sorted(keep_running.chosen), keep_running.objective) == ([1, 2], 120)


# ---- bad input ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ({"budget": 5}, "a budget needs costs"),
        ({"budget": 0, "costs": [1, 1, 1]}, "budget must be a number above 0"),
        ({"budget": 5, "p": 2, "costs": [1, 1, 1]}, "in place of p and target"),
        ({"budget": 5, "costs": [1, 1]}, "costs has 2 numbers for 3 candidates"),
        ({"budget": 5, "costs": [1, -1, 1]}, "cost of candidate 'c1' is -1"),
        ({"budget": 5, "costs": [1, np.nan, 1]}, "cost of candidate 'c1' is nan"),
        ({"budget": 5, "costs": {"c0": 1, "c2": 1}}, "costs has no candidate 'c1'"),
        ({"budget": 5, "costs": [7, 8, 9]}, "pays for no candidate: the cheapest on the network costs 7"),
        ({"objective": "backup-coverage", "target": 0.5}, "leave target out"),
        ({"objective": "backup-coverage", "p": 4}, "p = 4 is more than the 3 candidates"),
        ({"objective": "capacitated-coverage", "p": 1}, "candidate 'c0' has no capacity"),
        ({"objective": "capacitated-coverage"}, "capacitated-coverage needs p or budget"),
        ({"objective": "p-median", "budget": 5}, "a budget is for max-coverage or capacitated-coverage"),
    ],
)
def test_bad_values(question, message):
    population, candidates = people_of([10, 20]), candidates_of(3)
    matrix = matrix_of([[60, 60], [60, np.inf], [np.inf, 60]], population, candidates, minutes=10)
    with pytest.raises(InputError, match=message):
        locate(matrix, population, candidates=candidates, **question)


def test_no_room_at_all():
    population = people_of([10, 20])
    candidates = dataclasses.replace(candidates_of(1), capacity=np.zeros(1))
    matrix = matrix_of([[60, 60]], population, candidates, minutes=10)
    with pytest.raises(InputError, match="every capacity is 0"):
        locate(matrix, population, candidates=candidates, p=1, objective="capacitated-coverage")
    with pytest.raises(InputError, match="pass candidates"):
        locate(matrix, population, p=1, objective="capacitated-coverage")
