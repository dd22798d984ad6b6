"""Every model against trying all subsets, on small random instances."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from dense_times import candidates_of, matrix_of, nearest_of, people_of

from access15.errors import InfeasibleError
from access15.siting import frontier, locate

LIMIT = 10.0
SEEDS = range(40)


def instance(seed, *, islands=False):
    """A random instance with ties, empty cells, and existing facilities in half of the cases."""
    rng = np.random.default_rng(seed)
    m, n = int(rng.integers(3, 9)), int(rng.integers(4, 30))
    seconds = rng.integers(1, 40, (m, n)) * 60.0
    if islands:
        part_m, part_n = rng.integers(0, 3, m), rng.integers(0, 3, n)
        seconds[part_m[:, None] != part_n[None, :]] = np.inf
    counts = rng.integers(0, 50, n) * (rng.random(n) < 0.8)
    counts[0] = 7
    population = people_of(counts)
    candidates = candidates_of(m)
    existing = None
    if seed % 2:
        near = rng.integers(5, 60, n) * 60.0
        near[rng.random(n) < 0.2] = np.inf
        existing = nearest_of(near, population)
    base = existing.seconds if existing is not None else np.full(n, np.inf)
    return seconds, counts.astype(float), base, population, candidates, existing


def covered_people(seconds, counts, base, rows):
    best = np.minimum(base, seconds[list(rows)].min(axis=0)) if len(rows) else base
    return counts[best <= LIMIT * 60].sum()


def subsets(m, p):
    return itertools.combinations(range(m), p)


@pytest.mark.parametrize("seed", SEEDS)
def test_max_coverage(seed):
    seconds, counts, base, population, candidates, existing = instance(seed)
    matrix = matrix_of(seconds, population, candidates, minutes=15)
    for p in range(1, len(seconds) + 1):
        best = max(covered_people(seconds, counts, base, rows) for rows in subsets(len(seconds), p))
        plan = locate(matrix, population, existing, candidates=candidates, minutes=LIMIT, p=p)
        assert (plan.status, plan.objective, plan.bound, plan.gap) == ("optimal", best, best, 0.0)
        assert covered_people(seconds, counts, base, plan.chosen) == best
        assert counts[plan.covered].sum() == best
        rise = best - counts[base <= LIMIT * 60].sum()
        assert plan.table["gain"].sum() == rise
        assert list(plan.table["gain"]) == sorted(plan.table["gain"], reverse=True)
        assert (plan.table["gain"] > 0).all()
        assert plan.p == len(plan.table) <= p


@pytest.mark.parametrize("seed", SEEDS)
def test_frontier_rows_are_the_best_plans(seed):
    seconds, counts, base, population, candidates, existing = instance(seed)
    matrix = matrix_of(seconds, population, candidates, minutes=LIMIT)
    table = frontier(matrix, population, existing, p_max=50)
    for row in table.itertuples():
        best = max(covered_people(seconds, counts, base, rows) for rows in subsets(len(seconds), row.sites))
        assert (row.people, row.bound, row.status) == (best, best, "optimal")
        assert row.rate == pytest.approx(best / counts.sum(), rel=1e-15)
    assert table["people"].iloc[-1] == covered_people(seconds, counts, base, range(len(seconds)))
    assert (table["gain"].iloc[1:] > 0).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_set_cover_and_target(seed):
    seconds, counts, base, population, candidates, existing = instance(seed)
    matrix = matrix_of(seconds, population, candidates, minutes=LIMIT)
    m, total = len(seconds), counts.sum()
    reach = {
        p: max(covered_people(seconds, counts, base, rows) for rows in subsets(m, p)) for p in range(m + 1)
    }
    fewest = min(p for p in reach if reach[p] == reach[m])
    plan = locate(matrix, population, existing, objective="set-cover")
    assert (plan.status, plan.objective, plan.bound, plan.p) == ("optimal", fewest, fewest, fewest)
    assert counts[plan.covered].sum() == reach[m]
    for target in (0.3, 0.5, 0.8, reach[m] / total):
        if target <= 0:
            continue
        if target * total > reach[m] + 1e-6:
            with pytest.raises(InfeasibleError, match="cannot be covered"):
                locate(matrix, population, existing, target=target)
            continue
        fewest = min(p for p in reach if reach[p] >= target * total - 1e-6)
        plan = locate(matrix, population, existing, target=target)
        assert (plan.model, plan.status, plan.objective, plan.p) == (
            "partial-cover",
            "optimal",
            fewest,
            fewest,
        )
        assert counts[plan.covered].sum() == reach[fewest]


@pytest.mark.parametrize("islands", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
def test_p_median_and_p_center(seed, islands):
    seconds, counts, base, population, candidates, existing = instance(seed, islands=islands)
    matrix = matrix_of(seconds, population, candidates)
    lived = counts > 0
    for p in range(1, len(seconds) + 1):
        merits = []
        for rows in subsets(len(seconds), p):
            best = np.minimum(base, seconds[list(rows)].min(axis=0))
            reached = lived & np.isfinite(best)
            merits.append(
                (
                    -counts[reached].sum(),
                    (counts * np.where(reached, best, 0)).sum(),
                    max(best[reached], default=0),
                )
            )
        most = min(merits)[0]
        median = min(merit[1] for merit in merits if merit[0] == most)
        center = min(merit[2] for merit in merits if merit[0] == most)
        if not any(np.isfinite(seconds[:, lived]).ravel()):
            continue
        plan = locate(matrix, population, existing, p=p, objective="p-median")
        assert plan.status == "optimal"
        assert plan.objective == pytest.approx(median, rel=1e-9)
        assert plan.bound == pytest.approx(plan.objective, rel=1e-9)
        reached = lived & plan.covered
        assert counts[reached].sum() == -most
        if len(plan.table):
            assert plan.table["mean_s"].iloc[-1] * counts[reached].sum() == pytest.approx(median, rel=1e-9)
        plan = locate(matrix, population, existing, p=p, objective="p-center")
        assert (plan.status, plan.objective, plan.bound) == ("optimal", center, center)
        if len(plan.table):
            assert plan.table["max_s"].iloc[-1] == center
