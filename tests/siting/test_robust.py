"""Robustness and alternatives of plans, against making every plan by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from dense_times import candidates_of, matrix_of, nearest_of, people_of

from access15.errors import InputError, MismatchError
from access15.siting import alternatives, locate, robustness

INF = np.inf


def instance(seed, m=7, n=30):
    rng = np.random.default_rng(seed + 70)
    seconds = rng.integers(1, 40, (m, n)) * 60.0
    population = people_of(rng.integers(1, 50, n))
    near = np.where(rng.random(n) < 0.3, 300.0, 1e4)
    return seconds, near, population, candidates_of(m)


@pytest.mark.parametrize("seed", range(6))
def test_runs_are_plans_made_anew(seed):
    seconds, near, population, candidates = instance(seed)
    matrix, existing = matrix_of(seconds, population, candidates), nearest_of(near, population)
    plan = locate(matrix, population, existing, candidates=candidates, minutes=15, p=3)
    table = robustness(plan, matrix, population, existing, candidates=candidates, runs=[{"minutes": 20}])
    cutoffs = [13, 17, 13.5, 16.5, 20]
    chosen = [locate(matrix, population, existing, minutes=c, p=plan.p).chosen.tolist() for c in cutoffs]
    assert [run["minutes"] for run in table.attrs["runs"]] == pytest.approx(cutoffs)
    count = {name: sum(row in plan for plan in chosen) for row, name in enumerate(candidates.id)}
    assert table["candidate_id"].tolist()[: plan.p] == plan.table["candidate_id"].tolist()
    assert dict(zip(table["candidate_id"], table["chosen_in"], strict=True)) == {
        name: times for name, times in count.items() if times or name in set(plan.table["candidate_id"])
    }
    assert table["rank"].isna().sum() == len(table) - plan.p
    assert (table["share"] == table["chosen_in"] / 5).all()
    assert table["chosen_in"].sum() == sum(map(len, chosen))


def test_a_site_beyond_doubt_and_one_that_is_not():
    # c0 serves 90 people at the door. c1 serves 10 at 14 min, c2 serves 9 at the door.
    population = people_of([90, 10, 9])
    seconds = [[0, INF, INF], [INF, 840, INF], [INF, INF, 0]]
    matrix = matrix_of(seconds, population, candidates_of(3))
    plan = locate(matrix, population, minutes=15, p=2)
    table = robustness(plan, matrix, population)
    assert table["candidate_id"].tolist() == ["0", "1", "2"]
    assert table["chosen_in"].tolist() == [4, 2, 2]  # 13 and 13.5 min lose the 10 people at 14 min
    only_speed = robustness(plan, matrix, population, margin=0)
    assert only_speed["chosen_in"].tolist() == [2, 1, 1]
    assert only_speed["runs"].tolist() == [2, 2, 2]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("objective", ["max-coverage", "p-median", "p-center", "backup-coverage"])
def test_the_best_plan_without_each_site(seed, objective):
    seconds, near, population, candidates = instance(seed)
    matrix, existing = matrix_of(seconds, population, candidates), nearest_of(near, population)
    asked = {"minutes": 15, "objective": objective}
    plan = locate(matrix, population, existing, candidates=candidates, p=2, **asked)
    table = alternatives(plan, matrix, population, existing, candidates=candidates, **asked, p=2)
    assert table["without"].tolist() == plan.table["candidate_id"].tolist()
    for at, row in enumerate(plan.chosen):
        others = [k for k in range(len(seconds)) if k != row]
        merits = []
        for rows in itertools.combinations(others, 2):
            best = np.minimum(near, seconds[list(rows)].min(axis=0))
            times = (seconds[list(rows)] <= 900).sum(axis=0) + (near <= 900)
            merits.append(
                {
                    "max-coverage": population.people[best <= 900].sum(),
                    "p-median": -(population.people * best).sum(),
                    "p-center": -best.max(),
                    "backup-coverage": (
                        population.people[times >= 1].sum(),
                        population.people[times >= 2].sum(),
                    ),
                }[objective]
            )
        best = max(merits)
        found = table.loc[at, "objective"]
        assert (best[1] if objective == "backup-coverage" else abs(best)) == pytest.approx(found, rel=1e-9)
        assert table.loc[at, "loss"] == pytest.approx(abs(plan.objective - found), abs=1e-6)
        assert candidates.id[row] not in table.loc[at, "chosen"].split(";")
        assert set(filter(None, table.loc[at, "instead"].split(";"))) <= set(
            table.loc[at, "chosen"].split(";")
        )


def test_a_plan_for_a_target_and_one_without_alternative():
    population = people_of([10, 20])
    matrix = matrix_of([[60, INF], [INF, 60]], population, candidates_of(2))
    plan = locate(matrix, population, minutes=10, target=1.0)
    table = alternatives(plan, matrix, population)
    assert table["loss"].tolist() == [20, 10]
    assert table["instead"].tolist() == ["", ""]
    lone = matrix_of([[60, 60]], population, candidates_of(1))
    median = locate(lone, population, p=1, objective="p-median")
    assert alternatives(median, lone, population)["status"].tolist() == ["infeasible"]


def test_a_site_that_moves_to_the_next_junction_stays_near():
    population = people_of([90, 10])
    # c0 and c1 are 1 m apart; c1 is quicker for the few, c0 wins only with long limits.
    seconds = [[60, 850], [60, 780], [INF, 0]]
    matrix, candidates = matrix_of(seconds, population, candidates_of(3)), candidates_of(3)
    plan = locate(matrix, population, candidates=candidates, minutes=15, p=1)
    table = robustness(plan, matrix, population, candidates=candidates, near_m=1.0)
    assert table[["candidate_id", "chosen_in", "near_in"]].to_numpy().tolist() == [["c0", 2, 4], ["c1", 2, 4]]
    with pytest.raises(InputError, match="near_m needs candidates"):
        robustness(plan, matrix, population, near_m=1.0)


def test_bad_values():
    population = people_of([10, 20])
    matrix = matrix_of([[60, 60]], population, candidates_of(1), minutes=15)
    plan = locate(matrix, population, p=1)
    other = matrix_of([[60, 60]], population, candidates_of(1), minutes=15, network="other")
    for ask in (robustness, alternatives):
        with pytest.raises(MismatchError, match="made with another matrix"):
            ask(plan, other, population)
    with pytest.raises(MismatchError, match="stops at 15 min"):
        robustness(plan, matrix, population)
    with pytest.raises(InputError, match="no run to try"):
        robustness(plan, matrix, population, margin=0, speed=0)
    with pytest.raises(InputError, match="below the cut-off"):
        robustness(plan, matrix, population, margin=15)
    with pytest.raises(InputError, match="margin must be a number of 0 or more"):
        robustness(plan, matrix, population, margin=-1)
