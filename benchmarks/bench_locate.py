"""Maximal covering: access15 beside plain HiGHS on the same instances.

Run ``python benchmarks/bench_locate.py`` (one core, some minutes), or name sizes:
``python benchmarks/bench_locate.py 200x20000x10x20`` (candidates, cells, sites, minutes). Residents are half uniform, half in clusters on a square of
20 km; candidates are uniform; times are straight lines at 4.8 km/h within the minutes named. Plain HiGHS
gets the textbook model (one variable per cell, one row per cell) and the same time limit.
"""

from __future__ import annotations

import sys
import time

import numpy as np
from scipy import sparse
from scipy.spatial import cKDTree

from access15.model import Facilities, LinkedPoints, Origin, Population, TravelProfile, TravelTimes
from access15.siting import locate
from access15.siting.exact.solver import Milp, solve_milp

CRS = "EPSG:32629"
LIMIT_S = 300.0
PLAIN_UP_TO = 20_000
SIZES = (
    (200, 20_000, 10, 20),
    (1_000, 100_000, 10, 20),
    (1_000, 100_000, 20, 20),
    (1_000, 100_000, 30, 15),
    (10_000, 1_000_000, 20, 8),
)


def instance(m, n, minutes, seed=1):
    """Return candidates × cells times and the population of a random city."""
    rng = np.random.default_rng(seed)
    side, metres_per_s = 20_000.0, 4.8 / 3.6
    centres = rng.uniform(0, side, (60, 2))
    around = centres[rng.integers(0, 60, n)] + rng.normal(0, 800, (n, 2))
    cells = np.where(rng.random(n)[:, None] < 0.5, rng.uniform(0, side, (n, 2)), around)
    sites = rng.uniform(0, side, (m, 2))
    tree = cKDTree(cells)
    rows = [tree.query_ball_point(site, minutes * 60 * metres_per_s, return_sorted=True) for site in sites]
    cell = np.concatenate([np.asarray(row, np.int32) for row in rows])
    indptr = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
    metres = np.hypot(*(cells[cell] - np.repeat(sites, np.diff(indptr), axis=0)).T)
    population = Population.of(cells[:, 0], cells[:, 1], np.rint(rng.gamma(0.6, 60, n)), CRS)
    candidates = Facilities.of(sites[:, 0], sites[:, 1], CRS)
    profile = TravelProfile("walk", "foot", 4.8)
    matrix = TravelTimes(
        indptr=indptr, cell=cell, time_ms=np.floor(metres / metres_per_s * 1000), metres=None, n_cells=n,
        cells=_linked(n), sites=_linked(m), limit_s=minutes * 60,
        origin=Origin.of(population, candidates, population, profile, "to"),
    )  # fmt: skip
    return matrix, population


def _linked(n):
    return LinkedPoints(np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n))


def plain_highs(matrix, population, p):
    """Solve the textbook model: a variable and a row per cell, nothing reduced, no start."""
    m, n = matrix.n_facilities, matrix.n_cells
    cover = sparse.csr_array((np.ones(len(matrix.cell)), matrix.cell, matrix.indptr), shape=(m, n))
    one_p = sparse.csr_array(np.ones((1, m)))
    rows = sparse.block_array([[cover.T, -sparse.eye_array(n)], [one_p, None]], format="csr")
    cost = np.concatenate([np.zeros(m), -population.people])
    low, high = np.append(np.zeros(n), 0.0), np.append(np.full(n, np.inf), float(p))
    answer = solve_milp(Milp(cost, np.ones(m + n), m, rows, low, high), LIMIT_S)
    value = 0.0
    if answer.x is not None:
        chosen = np.flatnonzero(answer.x[:m] > 0.5)
        covered = np.zeros(n, bool)
        for row in chosen:
            covered[matrix.of(row)[0]] = True
        value = population.people[covered].sum()
    return value, -answer.bound, answer.optimal


def main(sizes):
    """Print one line per size: seconds, people, bound, and the ratio to plain HiGHS where it is run."""
    small, tiny = instance(20, 200, 20)
    locate(small, tiny, p=2)  # imports are not part of the figures
    for m, n, p, minutes in sizes:
        matrix, population = instance(m, n, minutes)
        begin, used = time.perf_counter(), time.process_time()
        plan = locate(matrix, population, p=p, time_limit_s=LIMIT_S if n <= 100_000 else 60.0)
        ours, used = time.perf_counter() - begin, time.process_time() - used
        print(
            f"{m:,} x {n:,}, p={p}, {minutes} min, {len(matrix.cell):,} pairs: access15 {ours:.2f} s ({used:.2f} of the processor), {plan.status}, "
            f"{plan.objective:,.0f} people, bound {plan.bound:,.0f}, gap {plan.gap:.3%}",
            flush=True,
        )
        if n <= PLAIN_UP_TO:
            begin = time.perf_counter()
            value, bound, optimal = plain_highs(matrix, population, p)
            theirs = time.perf_counter() - begin
            status = "optimal" if optimal else "time limit"
            print(
                f"    plain HiGHS {theirs:.2f} s, {status}, {value:,.0f} people, bound {bound:,.0f}: "
                f"access15 is {theirs / ours:.0f} times as fast",
                flush=True,
            )


if __name__ == "__main__":
    named = [tuple(int(part) for part in text.split("x")) for text in sys.argv[1:]]
    main(named or SIZES)
