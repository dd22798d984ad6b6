"""Published benchmarks: San Francisco stores, and the OR-Library p-median instances."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
import pytest
from dense_times import CRS, candidates_of, matrix_of, people_of

from access15.model import Facilities
from access15.siting import frontier, locate

DATA = os.environ.get("ACCESS15_DATA")
pytestmark = pytest.mark.skipif(not DATA, reason="ACCESS15_DATA names no folder with the benchmark instances")

PMED = {  # p-median, p-center
    1: (5819, 127), 2: (4093, 98), 3: (4250, 93), 4: (3034, 74), 5: (1355, 48),
    6: (7824, 84), 7: (5631, 64), 8: (4445, 55), 9: (2734, 37), 10: (1255, 20),
}  # fmt: skip


@pytest.fixture(scope="module")
def stores():
    """Population, (16, 205) road metres, and the candidate stores of San Francisco."""
    folder = Path(DATA) / "sf_stores"
    with (folder / "SF_demand_205_centroid_uniform_weight.csv").open(encoding="utf-8") as file:
        tracts = {row["NAME"]: float(row["POP2000"]) for row in csv.DictReader(file)}
    row_of = {name: row for row, name in enumerate(tracts)}
    with (folder / "SF_store_site_16_longlat.csv").open(encoding="utf-8") as file:
        stores = {row["NAME"]: row_number for row_number, row in enumerate(csv.DictReader(file))}
    metres = np.full((16, len(tracts)), np.inf)
    path = folder / "SF_network_distance_candidateStore_16_censusTract_205_new.csv"
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            metres[stores[row["name"]], row_of[row["DestinationName"]]] = float(row["distance"])
    assert np.isfinite(metres).all()
    ids = [name.removeprefix("Store_") for name in stores]
    sites = Facilities.of(np.arange(16), np.zeros(16), CRS, ids=ids)
    return people_of(list(tracts.values())), metres, sites


def km(metres, kilometres):
    """Return a matrix in which ``kilometres`` take 10 minutes."""
    return metres * (600 / (kilometres * 1000))


def test_stores_max_coverage(stores):
    population, metres, sites = stores
    matrix = matrix_of(km(metres, 5), population, sites, minutes=10)
    known = {1: 448_255, 2: 671_938, 3: 791_499, 4: 875_247}
    for p, people in known.items():
        plan = locate(matrix, population, candidates=sites, p=p)
        assert (plan.status, plan.objective, plan.gap) == ("optimal", people, 0.0)
        assert plan.table["gain"].sum() == people
        assert plan.table["cumulative_rate"].iloc[-1] == pytest.approx(people / 955_113, rel=1e-15)
    assert sorted(plan.table["candidate_id"], key=int) == ["2", "11", "12", "15"]
    table = frontier(matrix, population, p_max=4)
    assert list(table["people"]) == [0, *known.values()]


def test_stores_set_cover(stores):
    population, metres, sites = stores
    for kilometres, fewest in ((5, 8), (8, 3)):
        matrix = matrix_of(km(metres, kilometres), population, sites, minutes=10)
        plan = locate(matrix, population, objective="set-cover")
        assert (plan.status, plan.objective, plan.p) == ("optimal", fewest, fewest)
        plan = locate(matrix, population, target=float(plan.table["cumulative_rate"].iloc[-1]))
        assert (plan.status, plan.p) == ("optimal", fewest)


def test_stores_backup(stores):
    population, metres, sites = stores
    tracts = people_of(np.ones(len(population)))
    matrix = matrix_of(km(metres, 5), tracts, sites, minutes=10)
    plan = locate(matrix, tracts, objective="backup-coverage")
    assert (plan.status, plan.p, plan.objective, plan.covered.all()) == ("optimal", 8, 145, True)
    assert ((metres[plan.chosen] <= 5000).sum(axis=0) >= 2).sum() == 145


def test_stores_p_median(stores):
    population, metres, sites = stores
    known = [5_731_159_103.675, 4_009_098_972.135, 3_385_565_397.532, 2_848_268_129.715]
    matrix = matrix_of(metres, population, sites)
    for p, person_metres in enumerate(known, start=1):
        plan = locate(matrix, population, p=p, objective="p-median")
        assert plan.status == "optimal"
        assert (population.people * metres[plan.chosen].min(axis=0)).sum() == pytest.approx(
            person_metres, abs=1e-3
        )
        assert plan.objective == pytest.approx(
            person_metres, abs=0.5e-3 * population.total
        )  # whole milliseconds
        assert plan.table["mean_s"].iloc[-1] == pytest.approx(person_metres / 955_113, abs=0.5e-3)


def pmed(number):
    """Return p and the (n, n) shortest distances of an instance; a repeated edge takes the last cost."""
    from scipy.sparse.csgraph import floyd_warshall

    numbers = (Path(DATA) / "orlib_pmed" / f"pmed{number}.txt").read_text().split()
    n, _, p = (int(text) for text in numbers[:3])
    edges = np.array(numbers[3:], float).reshape(-1, 3)
    cost = np.full((n, n), np.inf)
    for i, j, length in edges:
        cost[int(i) - 1, int(j) - 1] = cost[int(j) - 1, int(i) - 1] = length
    return p, floyd_warshall(np.where(np.isfinite(cost), cost, 0), directed=False)


@pytest.mark.parametrize("number", PMED)
def test_orlib(number):
    p, distance = pmed(number)
    population, candidates = people_of(np.ones(len(distance))), candidates_of(len(distance))
    matrix = matrix_of(distance, population, candidates)
    median, center = PMED[number]
    plan = locate(matrix, population, p=p, objective="p-median")
    assert plan.status == "optimal"
    assert plan.objective == pytest.approx(median, rel=1e-9)
    assert distance[plan.chosen].min(axis=0).sum() == median
    plan = locate(matrix, population, p=p, objective="p-center")
    assert (plan.status, plan.objective, plan.bound) == ("optimal", center, center)
    assert distance[plan.chosen].min(axis=0).max() == center
