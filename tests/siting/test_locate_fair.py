"""Equity in siting: the worst area and the Kolm–Pollak measure, against trying all subsets and against greedy."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import shapely
from dense_times import CRS, candidates_of, matrix_of, nearest_of, people_of

from access15.equity.measures import kappa_of, kolm_pollak
from access15.errors import InfeasibleError, InputError
from access15.model import Areas
from access15.siting import locate
from access15.siting.exact.area import AreaProblem, greedy_area, worst_area
from access15.siting.exact.reduce import cover_matrix
from access15.siting.exact.solver import Deadline

LIMIT_S = 600.0


def instance(seed):
    rng = np.random.default_rng(seed + 70)
    m, n = int(rng.integers(3, 8)), int(rng.integers(6, 30))
    seconds = rng.integers(1, 30, (m, n)) * 60.0
    counts = rng.integers(0, 50, n) * (rng.random(n) < 0.9) + 1.0
    near = np.full(n, np.inf)
    if seed % 2:
        near = rng.integers(5, 40, n) * 60.0
    population = people_of(counts)
    existing = nearest_of(near, population) if seed % 2 else None
    return seconds, counts, near, population, candidates_of(m), existing


def strips(n, parts):
    """Areas side by side; the last cell lies in none."""
    edges = np.linspace(0, n - 1, parts + 1).astype(int) - 0.5
    boxes = [shapely.box(low, -1, high, 1) for low, high in itertools.pairwise(edges)]
    names = np.array([f"a{k}" for k in range(parts)], object)
    areas = Areas(names, names, np.array(boxes, object), CRS)
    area = np.searchsorted(edges, np.arange(n), side="right") - 1
    return areas, np.where(area < parts, area, -1)


def worst_and_people(seconds, counts, near, area, rows, parts):
    covered = (np.minimum(near, seconds[list(rows)].min(axis=0)) if len(rows) else near) <= LIMIT_S
    rates = [counts[covered & (area == k)].sum() / counts[area == k].sum() for k in parts]
    return min(rates), counts[covered].sum()


@pytest.mark.parametrize("seed", range(30))
def test_worst_area(seed):
    seconds, counts, near, population, candidates, existing = instance(seed)
    areas, area = strips(len(counts), 3)
    matrix = matrix_of(seconds, population, candidates, minutes=10)
    gains = ((seconds <= LIMIT_S).any(axis=0)) & (near > LIMIT_S)
    parts = [k for k in range(3) if gains[area == k].any()]
    for p in range(1, len(seconds) + 1):
        subsets = itertools.combinations(range(len(seconds)), p)
        best = max(
            (round(rate, 9), people)
            for rate, people in (
                worst_and_people(seconds, counts, near, area, rows, parts) for rows in subsets
            )
        )
        plan = locate(matrix, population, existing, p=p, objective="worst-area", areas=areas)
        found = worst_and_people(seconds, counts, near, area, plan.chosen, parts)
        assert plan.status == "optimal"
        assert plan.objective == pytest.approx(best[0], abs=1e-8)
        assert found == pytest.approx(best, abs=1e-8)
        assert plan.bound == pytest.approx(plan.objective, abs=1e-8)
        assert plan.table["worst_rate"].iloc[-1] == pytest.approx(plan.objective, abs=1e-8)
        assert any("can help the worst with the plan is" in note for note in plan.notes)


@pytest.mark.parametrize("seed", range(30))
def test_areas_come_to_their_target_first(seed):
    seconds, counts, near, population, candidates, existing = instance(seed)
    areas, area = strips(len(counts), 3)
    matrix = matrix_of(seconds, population, candidates, minutes=10)
    target = (0.5, 0.8, 1.0)[seed % 3]

    def judged(rows):
        covered = (np.minimum(near, seconds[list(rows)].min(axis=0)) if len(rows) else near) <= LIMIT_S
        short = [
            max(target * counts[area == k].sum() - counts[covered & (area == k)].sum(), 0) for k in range(3)
        ]
        return sum(short), counts[covered].sum()

    for p in range(1, len(seconds) + 1):
        subsets = itertools.combinations(range(len(seconds)), p)
        best = min((round(short, 6), -people) for short, people in map(judged, subsets))
        plan = locate(
            matrix, population, existing, p=p, objective="area-target", areas=areas, area_target=target
        )
        short, people = judged(plan.chosen)
        assert plan.status == "optimal"
        assert (round(short, 6), -people) == pytest.approx(best, abs=1e-5)
        assert plan.objective == pytest.approx(short, abs=1e-6)
        assert plan.bound <= plan.objective + 1e-9
        if len(plan.table):
            assert plan.table["short_of_target"].iloc[-1] == pytest.approx(short, abs=1e-6)
        assert any(f"areas reach {target:.6g} with the plan" in note for note in plan.notes)


@pytest.mark.parametrize("seed", range(3))
def test_quick_plans_for_the_worst_area_are_greedy_or_better(seed):
    rng = np.random.default_rng(seed)
    covers = rng.random((30, 150)) < 0.08
    indptr = np.concatenate([[0], np.cumsum(covers.sum(axis=1))])
    cover = cover_matrix(indptr, np.nonzero(covers)[1], 150)
    weight, area = rng.random(150) * 9, rng.integers(0, 5, 150)
    total = np.bincount(area, weight, 5)
    problem = AreaProblem.of(cover, weight, area, np.zeros(5), total)
    greedy = problem.merit(greedy_area(problem, 5))
    (quick, high, _), (best, bound, proven) = (worst_area(problem, 5, Deadline(s), []) for s in (1e-9, 60))
    assert proven
    assert greedy <= problem.merit(quick) <= problem.merit(best)
    assert problem.merit(best)[0] == pytest.approx(bound)
    assert bound <= high + 1e-9


def test_an_area_beyond_all_candidates_does_not_hide_the_others():
    population = people_of([10, 20, 30, 5])
    seconds = [[60, np.inf, np.inf, np.inf], [np.inf, 60, np.inf, np.inf]]
    areas, _ = strips(4, 3)
    matrix = matrix_of(seconds, population, candidates_of(2), minutes=10)
    plan = locate(matrix, population, p=2, objective="worst-area", areas=areas)
    assert plan.objective == 1.0
    assert any("stay as they are" in note and ": 1, a2 (" in note for note in plan.notes)
    one = locate(matrix, population, p=1, objective="worst-area", areas=areas)
    assert (one.objective, one.chosen.tolist()) == (0.0, [1])  # no worst rate can rise: most people


def ede(seconds, counts, near, rows, kappa):
    best = np.minimum(near, seconds[list(rows)].min(axis=0)) / 60
    return kolm_pollak(best, counts, kappa)


@pytest.mark.parametrize("seed", range(24))
def test_kolm_pollak(seed):
    seconds, counts, near, population, candidates, existing = instance(seed)
    matrix = matrix_of(seconds, population, candidates)
    reference = near if existing is not None else seconds.min(axis=0)
    kappa = kappa_of(reference / 60, counts)
    for p in range(1, len(seconds) + 1):
        best = min(
            ede(seconds, counts, near, rows, kappa) for rows in itertools.combinations(range(len(seconds)), p)
        )
        plan = locate(matrix, population, existing, p=p, objective="kolm-pollak")
        assert plan.status == "optimal"
        assert plan.objective == pytest.approx(best, rel=1e-7)
        assert plan.bound == pytest.approx(plan.objective, rel=1e-7)
        assert plan.bound <= plan.objective
        assert f"κ is {kappa:.6g} per minute" in " ".join(plan.notes)


def test_little_aversion_is_the_p_median_and_much_the_p_center():
    seconds, _, _, population, candidates, _ = instance(4)
    matrix = matrix_of(seconds, population, candidates)

    def chosen(objective, **more):
        plan = locate(matrix, population, candidates=candidates, p=2, objective=objective, **more)
        best = seconds[plan.chosen].min(axis=0)
        return population.people @ best, best.max()

    assert chosen("kolm-pollak", kappa=-1e-7)[0] == pytest.approx(chosen("p-median")[0])
    assert chosen("kolm-pollak", kappa=-2.0)[1] == chosen("p-center")[1]


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ({"objective": "worst-area", "p": 1}, "worst-area needs areas"),
        ({"objective": "worst-area"}, "worst-area needs p"),
        ({"p": 1, "areas": "given"}, "areas are for worst-area or area-target"),
        ({"objective": "worst-area", "p": 1, "areas": 7}, "areas must be an Areas"),
        ({"objective": "area-target", "p": 1, "areas": "given"}, "area-target needs area_target"),
        ({"objective": "area-target", "p": 1, "area_target": 0.5}, "area-target needs areas"),
        (
            {"objective": "area-target", "p": 1, "areas": "given", "area_target": 1.5},
            "target must be a share",
        ),
        ({"p": 1, "area_target": 0.5}, "area_target is for area-target"),
        ({"objective": "p-median", "p": 1, "kappa": -0.1}, "kappa is for kolm-pollak"),
        ({"objective": "kolm-pollak", "p": 1, "kappa": 0.1}, "kappa must be a number below 0"),
        ({"objective": "kolm-pollak", "p": 1}, "needs every travel time"),
    ],
)
def test_bad_values(question, message):
    population = people_of([10, 20])
    matrix = matrix_of([[60, 60], [60, np.inf]], population, candidates_of(2), minutes=10)
    if question.get("areas") == "given":
        question = {**question, "areas": strips(2, 1)[0]}
    with pytest.raises(InputError, match=message):
        locate(matrix, population, **question)


def test_nobody_to_gain():
    population = people_of([10, 20])
    matrix = matrix_of([[60, 60]], population, candidates_of(1), minutes=10)
    with pytest.raises(InfeasibleError, match="no candidate covers anybody in an area"):
        locate(
            matrix,
            population,
            nearest_of([60, 60], population),
            p=1,
            objective="worst-area",
            areas=strips(2, 1)[0],
        )
