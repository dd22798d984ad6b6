"""p-median with capacity: against trying all subsets with a linear programme, and what must always hold."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from dense_times import candidates_of, matrix_of, nearest_of, people_of
from scipy.optimize import linprog

from access15.errors import InfeasibleError, InputError
from access15.siting import locate
from access15.siting.exact.capacitated_median import CapacitatedMedian, capacitated_median, fill_up
from access15.siting.exact.solver import Deadline


def instance(seed):
    rng = np.random.default_rng(seed + 900)
    m, n = int(rng.integers(3, 7)), int(rng.integers(4, 16))
    seconds = rng.integers(1, 40, (m, n)) * 60.0
    if seed % 3 == 0:
        seconds[1:][rng.random((m - 1, n)) < 0.2] = np.inf
    counts = rng.integers(1, 50, n) + (rng.random(n) if seed % 5 == 0 else 0.0)
    room = np.ceil(counts.sum() * rng.random(m) * 1.2) + 1
    near = np.where(rng.random(n) < 0.5, 1800.0, np.inf) if seed % 2 else np.full(n, np.inf)
    population = people_of(counts)
    candidates = dataclasses.replace(candidates_of(m), capacity=room)
    existing = nearest_of(near, population) if seed % 2 else None
    return seconds, counts.astype(float), room, near, population, candidates, existing


def least_time(seconds, counts, room, near, rows):
    """Person-seconds of the best assignment to given sites, inf where there is no room for all."""
    table = np.vstack([seconds[list(rows)], near])
    site, cell = np.nonzero(np.isfinite(table))
    limits = [*room[list(rows)], np.inf]
    load = np.array([site == j for j in range(len(rows))], float)
    served = np.array([cell == i for i in range(len(counts))], float)
    found = linprog(table[site, cell], load, limits[:-1], served, counts)
    return found.fun if found.success else np.inf


@pytest.mark.parametrize("seed", range(24))
def test_every_subset(seed):
    seconds, counts, room, near, population, candidates, existing = instance(seed)
    matrix = matrix_of(seconds, population, candidates)
    for p in range(1, len(seconds) + 1):
        subsets = itertools.combinations(range(len(seconds)), p)
        best = min(least_time(seconds, counts, room, near, rows) for rows in subsets)
        ask = {"candidates": candidates, "p": p, "objective": "capacitated-p-median"}
        if np.isinf(best):
            with pytest.raises(InfeasibleError, match="sites have room for"):
                locate(matrix, population, existing, **ask)
            continue
        plan = locate(matrix, population, existing, **ask)
        assert plan.status == "optimal"
        assert plan.objective == pytest.approx(best, rel=1e-7)
        assert plan.bound == pytest.approx(best, rel=1e-7)
        assert least_time(seconds, counts, room, near, plan.chosen) == pytest.approx(best, rel=1e-7)
        assert (plan.table["served"] <= plan.table["capacity"] * (1 + 1e-9)).all()


@pytest.mark.parametrize("seed", range(4))
def test_room_for_everybody_is_the_p_median(seed):
    seconds, _, _, _, population, candidates, existing = instance(seed)
    candidates = dataclasses.replace(candidates, capacity=np.full(len(seconds), np.inf))
    matrix = matrix_of(seconds, population, candidates)
    ask = {"candidates": candidates, "p": 2}
    plain = locate(matrix, population, existing, objective="p-median", **ask)
    plan = locate(matrix, population, existing, objective="capacitated-p-median", **ask)
    assert plan.objective == pytest.approx(plain.objective)


@pytest.mark.parametrize("seed", range(3))
def test_quick_plans_are_greedy_or_better_and_bounded(seed):
    rng = np.random.default_rng(seed)
    time_ms = np.vstack([rng.integers(1, 5000, (12, 60)), np.full((1, 60), -1)]).astype(np.int64)
    problem = CapacitatedMedian(time_ms, rng.random(60) * 9, np.full(12, 80.0))
    start = np.arange(5)
    greedy, _ = problem.assign(fill_up(problem, start[:4], 5))
    quick, best = (capacitated_median(problem, 5, Deadline(s), start[:4]) for s in (1e-9, 60))
    assert best.value <= quick.value * (1 + 1e-9) <= greedy * (1 + 2e-9)
    assert quick.bound <= best.value * (1 + 1e-9)
    assert best.optimal


def test_more_room_never_takes_longer():
    seconds, _, room, _, population, candidates, existing = instance(1)
    matrix = matrix_of(seconds, population, candidates)
    values = []
    for factor in (1.0, 1.5, 3.0, 100.0):
        with_room = dataclasses.replace(candidates, capacity=room * factor)
        again = matrix_of(seconds, population, with_room)
        plan = locate(
            again, population, existing, candidates=with_room, p=3, objective="capacitated-p-median"
        )
        values.append(plan.objective)
    assert (np.diff(values) <= 1e-6).all()
    assert matrix.n_facilities == len(room)


def test_bad_values():
    population, candidates = people_of([10, 20]), candidates_of(2)
    matrix = matrix_of([[60, 60], [60, 90]], population, candidates)
    with pytest.raises(InputError, match="candidate 'c0' has no capacity"):
        locate(matrix, population, candidates=candidates, p=1, objective="capacitated-p-median")
    with pytest.raises(InputError, match="capacitated-p-median needs candidates"):
        locate(matrix, population, p=1, objective="capacitated-p-median")
    with pytest.raises(InputError, match="needs p"):
        locate(matrix, population, objective="capacitated-p-median")
    small = dataclasses.replace(candidates, capacity=np.array([5.0, 12.0]))
    matrix = matrix_of([[60, 60], [60, 90]], population, small)
    with pytest.raises(
        InfeasibleError, match="2 sites have room for 17 of the 30 people who need one: raise p or"
    ):
        locate(matrix, population, candidates=small, p=2, objective="capacitated-p-median")
