"""Weights of groups, coverage that fades out, and several modes at once: against trying all subsets."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from dense_times import CRS, candidates_of, matrix_of, nearest_of

from access15.errors import InfeasibleError, InputError, MismatchError
from access15.model import Population, TravelProfile
from access15.siting import frontier, locate

BIKE = TravelProfile("bike", "bicycle", 15.0)
SEEDS = range(12)


def people_with_groups(seed, n):
    rng = np.random.default_rng(seed)
    old, young = rng.integers(0, 20, (2, n)).astype(float)
    counts = old + young + rng.integers(0, 30, n)
    counts[0] += 7
    groups = {"65+": old, "0-6": young}
    return Population.of(np.arange(n), np.zeros(n), counts, CRS, groups=groups)


def instance(seed, scale=1.0):
    rng = np.random.default_rng(seed + 1000)
    m, n = int(rng.integers(3, 8)), int(rng.integers(5, 25))
    population = people_with_groups(seed, n)
    seconds = np.rint(rng.integers(1, 40, (m, n)) * 60.0 * scale)
    near = np.where(rng.random(n) < 0.5, np.inf, rng.integers(5, 60, n) * 60.0 * scale)
    return seconds, near, population


def best_times(seconds, near, rows):
    return np.minimum(near, seconds[list(rows)].min(axis=0)) if len(rows) else near


def subsets(m, p):
    return itertools.combinations(range(m), p)


@pytest.mark.parametrize("seed", SEEDS)
def test_weighted_groups(seed):
    seconds, near, population = instance(seed)
    demand = population.people + 0.5 * population.groups["65+"] + 2 * population.groups["0-6"]
    only_old = 3 * population.groups["65+"]
    matrix = matrix_of(seconds, population, candidates_of(len(seconds)))
    existing = nearest_of(near, population)
    for weights, value in (({"65+": 1.5, "0-6": 3}, demand), ({"all": 0, "65+": 3}, only_old)):
        table = frontier(matrix, population, existing, minutes=10, p_max=2, weights=weights)
        for p in (1, 2):
            merits = {
                rows: value[best_times(seconds, near, rows) <= 600].sum() for rows in subsets(len(seconds), p)
            }
            best = max(merits.values())
            plan = locate(matrix, population, existing, minutes=10, p=p, weights=weights)
            assert (plan.status, plan.gap) == ("optimal", 0.0)
            assert plan.objective == pytest.approx(best, rel=1e-12)
            covered = best_times(seconds, near, plan.chosen) <= 600
            assert plan.covered.tolist() == covered.tolist()
            assert plan.table["gain"].sum() == pytest.approx(population.people[covered & (near > 600)].sum())
            rise = value[covered].sum() - value[near <= 600].sum()
            assert plan.table["objective_gain"].sum() == pytest.approx(rise, abs=1e-9)
            rows = table[table["sites"] == p]
            if len(rows):
                assert rows["objective"].iloc[0] == pytest.approx(best, rel=1e-12)
            median = min((demand * best_times(seconds, near, rows)).sum() for rows in merits)
            plan = locate(
                matrix, population, existing, p=p, objective="p-median", weights={"65+": 1.5, "0-6": 3}
            )
            assert plan.objective == pytest.approx(median, rel=1e-9)


def test_the_target_is_a_share_of_weighted_people():
    population = Population.of([0, 1], [0, 0], [90, 10], CRS, groups={"65+": np.array([0.0, 10])})
    matrix = matrix_of([[60, np.inf], [np.inf, 60]], population, candidates_of(2), minutes=10)
    assert locate(matrix, population, target=0.9).table["candidate_id"].tolist() == ["0"]
    old = {"all": 0, "65+": 1}
    assert locate(matrix, population, target=0.9, weights=old).table["candidate_id"].tolist() == ["1"]
    nowhere = matrix_of([[60, np.inf]], population, candidates_of(1), minutes=10)
    with pytest.raises(InfeasibleError, match="0 of 10 weighted people"):
        locate(nowhere, population, target=0.5, weights=old)


def fading(seconds, full, end):
    """The share of a straight line that twenty steps count."""
    ends = full + (end - full) * (np.arange(20) + 0.5) / 20
    return (seconds[..., None] <= np.rint(ends * 60_000) / 1000).mean(axis=-1)


@pytest.mark.parametrize("seed", SEEDS)
def test_fading_coverage(seed):
    seconds, near, population = instance(seed)
    matrix = matrix_of(seconds, population, candidates_of(len(seconds)))
    existing = nearest_of(near, population)
    for full in (0, 5, 9):
        for p in (1, 2):
            best = max(
                population.people @ fading(best_times(seconds, near, rows), full, 20)
                for rows in subsets(len(seconds), p)
            )
            plan = locate(matrix, population, existing, minutes=20, full_minutes=full, p=p)
            assert plan.status == "optimal"
            assert plan.objective == pytest.approx(best, rel=1e-12)
            found = population.people @ fading(best_times(seconds, near, plan.chosen), full, 20)
            assert found == pytest.approx(best, rel=1e-12)
            assert plan.covered.tolist() == (best_times(seconds, near, plan.chosen) <= 1200).tolist()
    line = np.clip((20 - seconds / 60) / 15, 0, 1)
    assert np.abs(fading(seconds, 5, 20) - line).max() <= 1 / 40 + 1e-12


@pytest.mark.parametrize("seed", SEEDS)
def test_two_modes(seed):
    walk_s, walk_now, population = instance(seed)
    bike_s, bike_now = np.rint(walk_s * 0.4), np.rint(np.roll(walk_now, 1) * 0.5)
    candidates = candidates_of(len(walk_s))
    walk = matrix_of(walk_s, population, candidates)
    bike = matrix_of(bike_s, population, candidates, profile=BIKE)
    now = [nearest_of(walk_now, population), nearest_of(bike_now, population, profile=BIKE)]
    for p in (1, 2):
        merits = [
            0.75 * population.people[best_times(walk_s, walk_now, rows) <= 900].sum()
            + 0.25 * population.people[best_times(bike_s, bike_now, rows) <= 300].sum()
            for rows in subsets(len(walk_s), p)
        ]
        plan = locate([walk, bike], population, now, minutes=[15, 5], shares=[3, 1], p=p)
        assert plan.status == "optimal"
        assert plan.objective == pytest.approx(max(merits), rel=1e-12)
        covered = best_times(bike_s, bike_now, plan.chosen) <= 300
        assert plan.notes[-1].startswith(f"bike, 5 min: {population.people[covered].sum():,.6g} people")


def test_bad_values():
    seconds, _, population = instance(1)
    candidates = candidates_of(len(seconds))
    matrix = matrix_of(seconds, population, candidates, minutes=20)
    other = matrix_of(seconds[:2], population, candidates_of(2), minutes=20)
    for bad, words in [
        ({"weights": {"80+": 2}}, r"weights names '80\+'.*it has: 65\+, 0-6"),
        ({"weights": {"65+": -1}}, "weight of group '65\\+' must be a number of 0 or more"),
        ({"weights": {"all": 0}}, "with these weights nobody counts"),
        ({"full_minutes": 20}, "must be below the cut-off of 20 min"),
        ({"full_minutes": -1}, "full_minutes must be numbers above 0"),
        ({"full_minutes": 5, "objective": "p-median"}, "p-median needs every travel time"),
        ({"full_minutes": 5, "objective": "set-cover", "p": None}, "is for max-coverage, not for set-cover"),
        ({"shares": [1]}, "shares are for several modes"),
        ({"minutes": [5, 10]}, "one cut-off"),
    ]:
        with pytest.raises(InputError, match=words):
            locate(matrix, population, **{"p": 1, **bad})
    for bad, words in [
        ({"minutes": [5]}, "minutes must be a list with one item for each of the 2"),
        ({"shares": [1, 0]}, "shares must be numbers above 0, not 0"),
    ]:
        with pytest.raises(InputError, match=words):
            locate([matrix, matrix], population, p=1, **bad)
    with pytest.raises(InputError, match="there is no matrix"):
        locate([], population, p=1)
    with pytest.raises(MismatchError, match="different candidates"):
        locate([matrix, other], population, p=1)
