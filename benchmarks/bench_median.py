"""p-median and p-center: random graphs of the kind of the OR-Library, and a planner's real size.

Run ``python benchmarks/bench_median.py`` (ten graphs of 100 to 900 nodes, 60 s each) or name what to run: ``graphs``, ``pmed`` (files
of the folder that the environment variable ``ACCESS15_DATA`` names), ``real`` (1,000 candidates × 100,000 cells, p = 20); a number
is the limit in seconds. Every line says the value, the bound, the gap, and seconds on the clock and of the processor.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from access15.siting.exact.center import p_center
from access15.siting.exact.median import good_median, p_median
from access15.siting.exact.solver import Deadline

GRAPHS = (
    (100, 5),
    (200, 20),
    (300, 5),
    (300, 30),
    (400, 40),
    (500, 5),
    (600, 60),
    (700, 10),
    (900, 5),
    (900, 90),
)


def distances(edges, n):
    """Return shortest paths between all nodes; the last of parallel edges counts."""
    cost = {(min(a, b), max(a, b)): c for a, b, c in edges if a != b}
    a, b = np.array(list(cost)).T
    return dijkstra(csr_array((np.array(list(cost.values()), float), (a, b)), shape=(n, n)), directed=False)


def graph(n, seed):
    """Return distances of a random connected graph with n²/50 edges of lengths 1 to 99, as Beasley (1985) drew them."""
    rng = np.random.default_rng(seed)
    a = np.concatenate([np.arange(n - 1), rng.integers(0, n, n * n // 50)])
    b = np.concatenate([np.arange(1, n), rng.integers(0, n, n * n // 50)])
    return distances(zip(a.tolist(), b.tolist(), rng.integers(1, 100, len(a)).tolist(), strict=True), n)


def pmed(path):
    """Return distances and p of a file of the OR-Library."""
    n, m, p, *rest = (int(word) for word in path.read_text().split())
    edges = np.array(rest[: 3 * m]).reshape(m, 3)
    return distances([(a - 1, b - 1, c) for a, b, c in edges.tolist()], n), p


def towns(cells, candidates, seed=0):
    """Return person-seconds candidates × cells of people in clustered towns, walking between straight and rectangular."""
    rng = np.random.default_rng(seed)
    at, size = rng.uniform(0, 30_000, (60, 2)), rng.pareto(1.2, 60) + 0.2
    town = rng.choice(60, cells, p=size / size.sum())
    spot = at[town] + rng.normal(size=(cells, 2)) * rng.uniform(300, 2500, 60)[town, None]
    people = np.ceil(rng.gamma(1.0, 20.0, cells)) + 1
    site = spot[rng.choice(cells, candidates, replace=False)] + rng.normal(size=(candidates, 2)) * 100
    out = np.empty((candidates, cells))
    for row, place in enumerate(site):
        gap = np.abs(spot - place)
        out[row] = np.round((gap.sum(axis=1) + np.hypot(*gap.T)) / 2 * 1.1 / 1.3) * people
    return out


def measure(name, call):
    """Print what a model answers and the time it took."""
    clock, processor = time.perf_counter(), time.process_time()
    found = call()
    clock, processor = time.perf_counter() - clock, time.process_time() - processor
    gap = 0.0 if found.optimal else (found.value - found.bound) / found.value
    print(
        f"{name}: {found.value:,.0f}, bound {found.bound:,.0f}, {'optimal' if found.optimal else f'gap {gap:.2%}'}; "
        f"{clock:.1f} s on the clock, {processor:.1f} s of processor time",
        flush=True,
    )


def both(name, cost, p, seconds):
    """Measure the median and the center of one table."""
    measure(f"{name} p-median", lambda: p_median(cost, p, Deadline(seconds)))
    start = good_median(cost, p, Deadline(seconds))
    measure(f"{name} p-center", lambda: p_center(cost, p, Deadline(seconds), start=start))


def main(words):
    """Run what is named."""
    seconds = next((float(word) for word in words if word.replace(".", "").isdigit()), 60.0)
    p_median(graph(60, 0), 5, Deadline(60))  # compile
    if "pmed" in words:
        folder = Path(os.environ["ACCESS15_DATA"]) / "orlib_pmed"
        for path in sorted(folder.glob("pmed*.txt"), key=lambda path: (len(path.stem), path.stem)):
            both(path.stem, *pmed(path), seconds)
    if "graphs" in words or not set(words) & {"pmed", "real"}:
        for n, p in GRAPHS:
            both(f"{n} nodes, p = {p}", graph(n, n + p), p, seconds)
    if "real" in words:
        cost = towns(100_000, 1000)
        measure("1,000 x 100,000, p = 20", lambda: p_median(cost, 20, Deadline(seconds)))


if __name__ == "__main__":
    main(sys.argv[1:])
