"""Proof, order, bad input and limits of plans; the exact solvers behind them on their own."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from dense_times import PROFILE, candidates_of, matrix_of, nearest_of, people_of

from access15.errors import InfeasibleError, InputError, MismatchError
from access15.model import TravelProfile
from access15.siting import frontier, locate
from access15.siting.exact.bound import bound_cover, bound_median
from access15.siting.exact.center import p_center
from access15.siting.exact.cover import _cover_milp, max_cover, partial_cover, set_cover
from access15.siting.exact.greedy import exchange_cover, good_cover, greedy_bound, greedy_cover
from access15.siting.exact.median import good_median, p_median
from access15.siting.exact.reduce import (
    CoverProblem,
    cover_matrix,
    drop_implied,
    minimal,
    reduce_cover,
    undominated,
)
from access15.siting.exact.search import search_cover
from access15.siting.exact.solver import Deadline

INF = np.inf
NONE = np.zeros(0, np.int64)


def city(seed, m=60, n=1500, side=10_000, kph=4.8):
    """Clustered residents with fractional counts, scattered candidates, straight-line seconds."""
    rng = np.random.default_rng(seed)
    centres = rng.uniform(0, side, (8, 2))
    cells = np.where(
        rng.random(n)[:, None] < 0.5,
        rng.uniform(0, side, (n, 2)),
        centres[rng.integers(0, 8, n)] + rng.normal(0, 600, (n, 2)),
    )
    sites = rng.uniform(0, side, (m, 2))
    metres = np.hypot(*(sites[:, None] - cells[None]).transpose(2, 0, 1))
    return metres / (kph / 3.6), rng.gamma(0.6, 60, n)


def problem_of(cover, weight):
    cover = np.asarray(cover, bool)
    indptr = np.concatenate([[0], np.cumsum(cover.sum(axis=1))])
    return CoverProblem(
        cover_matrix(indptr, np.nonzero(cover)[1], cover.shape[1]), weight, np.arange(len(cover))
    )


# ---- reductions -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(30))
def test_reductions_keep_every_optimum(seed):
    rng = np.random.default_rng(seed)
    cover = rng.random((7, 25)) < rng.uniform(0.05, 0.5)
    cover[3] = cover[1]
    cover[4] = cover[2] & (rng.random(25) < 0.5)
    weight = rng.integers(0, 9, 25).astype(float)
    small = reduce_cover(problem_of(cover, weight).cover, weight)
    assert small.total == weight[cover.any(axis=0)].sum()
    assert 3 not in small.row
    for p in range(1, 8):
        best = max(weight[cover[list(c)].any(axis=0)].sum() for c in itertools.combinations(range(7), p))
        subsets = itertools.combinations(range(small.n_candidates), min(p, small.n_candidates))
        assert max(small.value(np.array(c, np.int64)) for c in subsets) == best


@pytest.mark.parametrize("seed", range(20))
def test_sieves_match_set_comparison(seed):
    rng = np.random.default_rng(seed)
    cover = rng.random((25, 6)) < 0.4
    sets = [frozenset(np.flatnonzero(row)) for row in cover]
    kept = undominated(problem_of(cover, np.ones(6)).cover)
    inside = [any(a < b or (a == b and j < i) for j, b in enumerate(sets)) for i, a in enumerate(sets)]
    assert list(kept) == [bool(a) and not i for a, i in zip(sets, inside, strict=True)]
    kept = minimal(problem_of(cover, np.ones(6)).cover)
    holds = [any(b and (b < a or (a == b and j < i)) for j, b in enumerate(sets)) for i, a in enumerate(sets)]
    assert list(kept) == [bool(a) and not i for a, i in zip(sets, holds, strict=True)]


def test_identical_cover_sets_are_merged_and_summed():
    problem = reduce_cover(
        problem_of([[1, 1, 0, 1], [0, 0, 1, 1]], np.ones(4)).cover, np.array([1.0, 2, 4, 8])
    )
    assert sorted(problem.weight) == [3, 4, 8]
    assert drop_implied(problem).cover.shape[1] == 2  # the cell both cover is implied by either of the others


# ---- the exact solvers, without the shortcuts before them ---------------------------------------------------


@pytest.mark.parametrize("seed", range(15))
def test_cover_milp_alone(seed):
    rng = np.random.default_rng(seed)
    cover, weight = rng.random((10, 40)) < 0.15, rng.random(40) * 100
    problem = problem_of(cover, weight)
    for p in (2, 4):
        best = max(weight[cover[list(c)].any(axis=0)].sum() for c in itertools.combinations(range(10), p))
        choice = _cover_milp(problem, p, NONE, Deadline(20))
        assert choice.optimal
        assert choice.value == pytest.approx(best, rel=1e-12)


@pytest.mark.parametrize("seed", range(10))
def test_bounds_hold_and_fixing_loses_no_better_plan(seed):
    rng = np.random.default_rng(seed)
    cover, weight = rng.random((9, 60)) < 0.2, rng.random(60)
    problem = problem_of(cover, weight)
    plans = [np.array(c) for c in itertools.combinations(range(9), 3)]
    values = [problem.value(plan) for plan in plans]
    start = greedy_cover(problem, 3)
    state = bound_cover(problem, 3, np.sort(start), Deadline(10), iterations=60)
    assert problem.value(start) <= state.value <= max(values) <= state.bound * (1 + 1e-12)
    assert max(values) <= greedy_bound(problem, 3) * (1 + 1e-12)
    for plan, value in zip(plans, values, strict=True):
        if value > state.value * (1 + 1e-9):
            assert not state.out[plan].any()
            assert state.into.sum() == state.into[plan].sum()
    cost = rng.random((9, 30))
    costs = [cost[plan].min(axis=0).sum() for plan in plans]
    state = bound_median(cost, 3, plans[0], costs[0], Deadline(10), iterations=60)
    assert state.bound <= min(costs) * (1 + 1e-12) <= state.value * (1 + 2e-12)
    for plan, value in zip(plans, costs, strict=True):
        if value < state.value * (1 - 1e-9):
            assert not state.out[plan].any()
            assert state.into.sum() == state.into[plan].sum()


# ---- invariants on a larger instance ------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_greedy_plan_bound_and_more_candidates(seed):
    seconds, counts = city(seed)
    population = people_of(counts)
    best_before = 0.0
    for m in (20, 40, 60):
        matrix = matrix_of(seconds[:m], population, candidates_of(m), minutes=15)
        plan = locate(matrix, population, p=6)
        problem = problem_of(seconds[:m] <= 900, counts)
        greedy = problem.value(greedy_cover(problem, 6))
        assert plan.status == "optimal"
        assert greedy * (1 - 1e-12) <= plan.objective <= plan.bound
        assert plan.objective >= best_before
        assert plan.table["gain"].sum() == pytest.approx(plan.objective, rel=1e-12)
        assert plan.table["cumulative_people"].iloc[-1] == plan.objective
        best_before = plan.objective


def test_equal_input_gives_an_equal_plan():
    seconds, counts = city(5)
    population, candidates = people_of(counts), candidates_of(60)
    matrix = matrix_of(seconds, population, candidates)
    for question in (
        {"minutes": 15, "p": 7},
        {"minutes": 15, "target": 0.5},
        {"objective": "p-median", "p": 5},
    ):
        first, second = (locate(matrix, population, **question) for _ in range(2))
        assert list(first.chosen) == list(second.chosen)
        assert (first.objective, first.bound) == (second.objective, second.bound)


def test_ties_go_to_the_lowest_row():
    population = people_of([5, 5, 5])
    matrix = matrix_of(np.where(np.eye(3, dtype=bool), 60.0, INF), population, candidates_of(3), minutes=10)
    assert list(locate(matrix, population, p=2).chosen) == [0, 1]
    same = matrix_of(np.full((3, 3), 60.0), population, candidates_of(3))
    for objective in ("p-median", "p-center"):
        assert list(locate(same, population, p=1, objective=objective).chosen) == [0]


def test_a_limit_in_time_still_gives_a_plan_and_a_bound():
    seconds, counts = city(3, m=120, n=3000)
    population, candidates = people_of(counts), candidates_of(120)
    matrix = matrix_of(seconds, population, candidates)
    for question in (
        {"minutes": 10, "p": 15},
        {"minutes": 10, "target": 0.4},
        {"minutes": 10, "objective": "set-cover"},
        {"objective": "p-median", "p": 10},
        {"objective": "p-center", "p": 10},
    ):
        quick = locate(matrix, population, time_limit_s=1e-6, **question)
        assert np.isfinite([quick.objective, quick.bound]).all() or question.get("objective") == "p-median"
        if question.get("objective", "max-coverage") == "max-coverage" and "p" in question:
            assert quick.bound >= quick.objective >= 0.63 * quick.bound
            problem = problem_of(seconds <= 600, counts)
            assert quick.objective >= problem.value(greedy_cover(problem, 15)) * (1 - 1e-12)
        else:
            assert quick.bound <= quick.objective
        if quick.status == "feasible":
            assert any("time limit" in note for note in quick.notes)
    table = frontier(matrix, population, p_max=5, minutes=10, time_limit_s=1e-6)
    assert (table["bound"] >= table["people"]).all()
    assert table["people"].is_monotonic_increasing


# ---- what a plan tells --------------------------------------------------------------------------------------


def test_table_and_notes_name_what_cannot_be_done():
    population = people_of([10, 20, 30, 40, 0])
    seconds = [
        [60, INF, INF, INF, INF],
        [INF, 60, 60, INF, INF],
        [60, 60, INF, INF, INF],
        [60, 60, 60, 60, 60],
    ]
    candidates = candidates_of(4, kind="village collective house")
    matrix = matrix_of(seconds, population, candidates, minutes=10, linked=[True, True, True, False])
    existing = nearest_of([INF, 300, INF, INF, INF], population)
    plan = locate(matrix, population, existing, candidates=candidates, p=3)
    assert list(plan.table["candidate_id"]) == ["c1", "c0"]
    assert list(plan.table["source"]) == ["village collective house"] * 2
    assert list(plan.table["rank"]) == [1, 2]
    assert list(plan.table["gain"]) == [30, 10]
    assert list(plan.table["cumulative_people"]) == [50, 60]
    assert list(plan.table["cumulative_rate"]) == [0.5, 0.6]
    assert list(plan.covered) == [True, True, True, False, False]
    assert (plan.p, plan.objective, plan.minutes) == (2, 60, 10)
    assert plan.notes[0].startswith("40 people in 1 cell are not reached within 10 min")
    assert "4 (40)" in plan.notes[0]
    assert "1 of 4 candidates could not be linked" in plan.notes[1]
    assert plan.notes[1].endswith(": c3")
    assert "2 of 3 sites" in plan.notes[2]


def test_nothing_left_to_gain():
    population = people_of([10, 20])
    matrix = matrix_of([[60, INF]], population, candidates_of(1), minutes=10)
    existing = nearest_of([60, 60], population)
    for question in ({"p": 1}, {"target": 0.9}, {"objective": "set-cover"}):
        plan = locate(matrix, population, existing, **question)
        assert (plan.p, plan.status, len(plan.table), plan.gap) == (0, "optimal", 0, 0.0)
        assert plan.covered.all()
    assert len(frontier(matrix, population, existing)) == 1


def test_islands_reach_the_most_people_first():
    population = people_of([1, 1, 100, 5])
    seconds = [[10, 10, INF, INF], [INF, INF, 500, INF], [INF, INF, 400, INF]]
    matrix = matrix_of(seconds, population, candidates_of(3))
    plan = locate(matrix, population, p=1, objective="p-median")
    assert (list(plan.chosen), plan.objective) == ([2], 40_000)
    assert "5 people in 1 cell are not reached at all" in plan.notes[0]
    assert "2 people in 2 cells are left out" in plan.notes[1]
    plan = locate(matrix, population, p=2, objective="p-center")
    assert (sorted(plan.chosen), plan.objective) == ([0, 2], 400)
    assert list(plan.covered) == [True, True, True, False]


def test_a_cut_off_for_p_median_only_changes_what_counts_as_covered():
    population = people_of([10, 20])
    matrix = matrix_of([[60, 1200], [1500, 30]], population, candidates_of(2))
    plan = locate(matrix, population, p=1, objective="p-median", minutes=10)
    assert list(plan.covered) == [False, True]
    assert (plan.objective, plan.minutes) == (10 * 1500 + 20 * 30, 10)
    assert np.isnan(locate(matrix, population, p=1, objective="p-median").minutes)


# ---- bad input ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def parts():
    population, candidates = people_of([10, 20, 30]), candidates_of(2)
    seconds = [[60, 60, INF], [INF, 60, INF]]
    return population, candidates, seconds


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ({}, "name either p"),
        ({"p": 1, "target": 0.5}, "one of the two"),
        ({"p": 3}, "p = 3 is more than the 2 candidates"),
        ({"p": 0}, "at least 1, not 0"),
        ({"p": -1}, "at least 1, not -1"),
        ({"p": 1.5}, "whole number"),
        ({"p": float("nan")}, "whole number"),
        ({"p": True}, "whole number"),
        ({"target": 1.2}, "share above 0 and at most 1"),
        ({"target": 0}, "share above 0"),
        ({"target": float("nan")}, "share above 0"),
        ({"target": "90%"}, "share above 0"),
        ({"p": 1, "objective": "p-medan"}, "objective 'p-medan' is not known"),
        ({"p": 1, "objective": "set-cover"}, "leave p and target out"),
        ({"objective": "p-median"}, "p-median needs p"),
        ({"objective": "p-center", "p": 1, "target": 0.5}, "p-center needs p"),
        (
            {"p": 1, "objective": "p-median"},
            "p-median needs every travel time, but the candidate matrix stops at 10",
        ),
        ({"p": 1, "minutes": -5}, "minutes must be numbers above 0"),
        ({"p": 1, "time_limit_s": 0}, "time_limit_s"),
        ({"p": 1, "time_limit_s": float("nan")}, "time_limit_s"),
    ],
)
def test_bad_values(parts, question, message):
    population, candidates, seconds = parts
    matrix = matrix_of(seconds, population, candidates, minutes=10)
    with pytest.raises(InputError, match=message):
        locate(matrix, population, **question)


def test_parts_that_do_not_belong_together(parts):
    population, candidates, seconds = parts
    matrix = matrix_of(seconds, population, candidates, minutes=10)
    with pytest.raises(MismatchError, match="population do not belong together"):
        locate(matrix, people_of([1, 2, 3]), p=1)
    with pytest.raises(MismatchError, match="facilities do not belong together"):
        locate(matrix, population, candidates=candidates_of(3), p=1)
    with pytest.raises(MismatchError, match="stops at 10 min"):
        locate(matrix, population, p=1, minutes=15)
    with pytest.raises(MismatchError, match="different networks"):
        locate(matrix, population, nearest_of([1, 1, 1], population, network="other"), p=1)
    with pytest.raises(MismatchError, match=r"walk 'to'.*walk 'from'"):
        locate(matrix, population, nearest_of([1, 1, 1], population, direction="from"), p=1)
    slow = TravelProfile("walk", "foot", 3.0)
    with pytest.raises(MismatchError, match="same profile"):
        locate(matrix, population, nearest_of([1, 1, 1], population, profile=slow), p=1)
    with pytest.raises(MismatchError, match="the times stop at 5 min"):
        locate(matrix, population, nearest_of([1, 1, 1], population, minutes=5), p=1)
    unlimited = matrix_of(seconds, population, candidates, profile=PROFILE)
    with pytest.raises(InputError, match="has no limit: name minutes"):
        locate(unlimited, population, p=1)
    with pytest.raises(InputError, match="the existing times stops at 5 min"):
        locate(unlimited, population, nearest_of([1, 1, 1], population, minutes=5), p=1, objective="p-center")


def test_nobody_and_nothing():
    empty = people_of([0, 0])
    matrix = matrix_of([[60, 60]], empty, candidates_of(1), minutes=10)
    with pytest.raises(InputError, match="population is zero"):
        locate(matrix, empty, p=1)
    population = people_of([1, 2])
    nowhere = matrix_of([[INF, INF]], population, candidates_of(1))
    with pytest.raises(InfeasibleError, match="no candidate reaches anybody"):
        locate(nowhere, population, p=1, objective="p-median")
    none = matrix_of(np.zeros((0, 2)), population, candidates_of(1), minutes=10)
    with pytest.raises(InputError, match="there is no candidate"):
        locate(none, population, p=1)
    linked = matrix_of([[60, 60], [60, 60]], population, candidates_of(2), minutes=10, linked=[True, False])
    with pytest.raises(InputError, match=r"more than the 1 candidates \(1 more could not be linked"):
        locate(linked, population, p=2)
    with pytest.raises(InputError, match="p_max must be"):
        frontier(linked, population, p_max=0)


def test_a_target_out_of_reach_says_how_far_one_can_get(parts):
    population, candidates, seconds = parts
    matrix = matrix_of(seconds, population, candidates, minutes=10)
    with pytest.raises(
        InfeasibleError, match=r"0.9 of the residents.*cover 0.5 \(30 of 60 people\).*leave 30"
    ):
        locate(matrix, population, target=0.9)
    assert locate(matrix, population, target=0.5).p == 1


def test_models_agree_with_each_other_on_a_city():
    seconds, counts = city(11)
    problem = problem_of(seconds <= 1800, counts)
    small = reduce_cover(problem.cover, counts)
    fewest = set_cover(small, Deadline(30))
    assert fewest.optimal
    full, _ = max_cover(small, len(fewest.rows), Deadline(30))
    assert full.value == pytest.approx(small.total, rel=1e-12)
    fewer, _ = max_cover(small, len(fewest.rows) - 1, Deadline(30))
    assert fewer.bound < small.total
    share = partial_cover(small, fewer.value, Deadline(30))
    assert (share.optimal, share.value) == (True, len(fewest.rows) - 1)
    cost = seconds * counts
    assert p_median(cost, 5, Deadline(30)).value <= cost[good_median(cost, 5, Deadline(30))].min(axis=0).sum()
    center = p_center(seconds, 5, Deadline(30), start=good_median(cost, 5, Deadline(30)))
    assert center.optimal
    assert good_cover(problem_of(seconds <= center.value, np.ones(len(counts))), 5).size <= 5


# ---- the kernel and its slow twin ---------------------------------------------------------------------------


def slow_exchange(problem, plan):
    """The exchange search with every gain computed anew."""
    plan, slot, unchanged = list(plan), 0, 0
    while unchanged < len(plan):
        others = plan[:slot] + plan[slot + 1 :]
        left = np.where(problem.covered_by(np.array(others, np.int64)), 0.0, problem.weight)
        gains = problem.cover @ left
        gains[others] = -1.0
        best = int(np.argmax(gains))
        unchanged = 0 if gains[best] > gains[plan[slot]] else unchanged + 1
        if unchanged == 0:
            plan[slot] = best
        slot = (slot + 1) % len(plan)
    return sorted(plan)


@pytest.mark.parametrize("seed", range(12))
def test_exchange_kernel_and_slow_twin(seed):
    rng = np.random.default_rng(seed)
    problem = problem_of(rng.random((25, 80)) < 0.1, rng.integers(1, 50, 80).astype(float))
    begin = rng.choice(25, 5, replace=False)
    once = exchange_cover(problem, begin)
    assert list(once) == slow_exchange(problem, begin)
    often = exchange_cover(problem, begin, 50)
    assert len(set(often)) == 5
    assert problem.value(often) >= problem.value(once) >= problem.value(begin)
    assert slow_exchange(problem, often) == list(often)
    assert list(exchange_cover(problem, begin, 50)) == list(often)
    assert list(exchange_cover(problem, np.arange(25), 5)) == list(range(25))
    assert not len(exchange_cover(problem, NONE, 5))


@pytest.mark.parametrize("seed", range(12))
def test_branch_and_bound_finds_the_best_plan(seed):
    rng = np.random.default_rng(100 + seed)
    cover, weight = rng.random((12, 80)) < 0.15, rng.random(80)
    problem = problem_of(cover, weight)
    for p in (2, 4):
        best = max(problem.value(np.array(c)) for c in itertools.combinations(range(12), p))
        # From a poor plan, so that nodes are needed.
        choice = search_cover(problem, p, np.arange(p), Deadline(20))
        assert choice.optimal
        assert (choice.value, choice.bound) == (pytest.approx(best), pytest.approx(best))
        assert len(choice.rows) <= p
        assert problem.value(choice.rows) == choice.value


def test_branch_and_bound_out_of_time_keeps_a_bound_that_holds():
    rng = np.random.default_rng(7)
    problem = problem_of(rng.random((40, 600)) < 0.15, rng.random(600))
    true = search_cover(problem, 6, np.arange(6), Deadline(60))
    early = search_cover(problem, 6, np.arange(6), Deadline(1e-6))
    assert not early.optimal
    assert early.value <= true.value * (1 + 1e-12) <= early.bound * (1 + 1e-9)
