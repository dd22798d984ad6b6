"""Siting on real streets: every junction a candidate, five sites with a map, and the peers on the same question.

Run ``python benchmarks/bench_siting.py`` with the environment variable ``ACCESS15_DATA`` naming the folder of the
data (one core, some minutes); ``python benchmarks/bench_siting.py plans FOLDER`` draws the maps of the plans into a
folder. spopt is measured where ``PEERS_PYTHON`` names a Python that has it; otherwise it is reported as absent.

Porto comes without people: 100,000 residents are drawn with a seed at junctions, which says something of speed and
nothing of Porto. Porto Alegre has its people in hexagons, the Comoros theirs in cells of 100 m.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from bench_locate import plain_highs

import access15 as a15

SEED = 15
PEER = """
import sys, time
import numpy as np, pulp, spopt
from spopt.locate import MCLP
given = np.load(sys.argv[1])
begin = time.perf_counter()
model = MCLP.from_cost_matrix(given["cost"], given["people"], float(given["limit"]), p_facilities=int(given["p"]))
model = model.solve(pulp.PULP_CBC_CMD(msg=False, timeLimit=120))
print(time.perf_counter() - begin, pulp.value(model.problem.objective), spopt.__version__, model.problem.status)
"""


def porto(folder):
    """Return Porto's streets, no facilities, and residents drawn at junctions."""
    network = a15.read_network(folder / "porto" / "porto_portugal.osm.pbf")
    rng = np.random.default_rng(SEED)
    node = rng.integers(0, network.n_nodes, 20_000)
    x, y = (np.asarray(v)[node] + rng.normal(0, 30, len(node)) for v in (network.node_x, network.node_y))
    return (
        network,
        None,
        a15.Population.of(x, y, rng.multinomial(100_000, np.full(len(node), 1 / len(node))), network.crs),
    )


def porto_alegre(folder):
    """Return Porto Alegre's streets, the hexagons with care, and the people of all hexagons."""
    network = a15.read_network(folder / "porto_alegre" / "poa_osm.pbf")
    table = pd.read_csv(folder / "porto_alegre" / "poa_hexgrid.csv")
    care = table[table["healthcare"] > 0]
    facilities = a15.Facilities.of(care["lon"], care["lat"], "EPSG:4326", ids=care["id"])
    return (
        network,
        facilities,
        a15.Population.of(table["lon"], table["lat"], table["population"], "EPSG:4326"),
    )


def comoros(folder):
    """Return the streets, care and people of the Comoros."""
    osm = folder / "comoros" / "comores-latest.osm.pbf"
    people = a15.read_population(folder / "comoros" / "com_ppp_2020_UNadj.tif")
    return a15.read_network(osm), a15.facilities_from_osm(osm), people


def question(place, minutes, spacing_m=0.0):
    """Return candidates at junctions, their matrix and what exists; with the seconds it took."""
    network, facilities, population = place
    begin = time.perf_counter()
    candidates = a15.junction_candidates(network, a15.WALK, spacing_m=spacing_m)
    matrix = a15.travel_times(network, candidates, population, a15.WALK, minutes=minutes)
    now = None if facilities is None else a15.nearest_times(network, facilities, population, a15.WALK)
    return candidates, matrix, now, time.perf_counter() - begin


def plan_of(name, place, p, minutes=15, spacing_m=0.0):
    """Choose sites, print the plan and the seconds; return what a map needs."""
    candidates, matrix, now, searched = question(place, minutes, spacing_m)
    begin = time.perf_counter()
    plan = a15.locate(matrix, place[2], now, candidates=candidates, p=p)
    seconds = time.perf_counter() - begin
    print(
        f"{name}: {len(candidates):,} junctions, {len(place[2]):,} cells, {len(matrix.cell):,} pairs in {searched:.1f} s; "
        f"{p} sites in {seconds:.2f} s: {plan.status}, {plan.objective:,.0f} of {place[2].people.sum():,.0f} people, "
        f"bound {plan.bound:,.0f}, gap {plan.gap:.3%}", flush=True,
    )  # fmt: skip
    return plan, candidates, matrix, now


def beside(name, place, p, minutes=15, spacing_m=150.0):
    """Solve one question with access15, plain HiGHS and spopt, in one run."""
    network, _, population = place
    candidates = a15.junction_candidates(network, a15.WALK, spacing_m=spacing_m)
    matrix = a15.travel_times(network, candidates, population, a15.WALK, minutes=minutes)
    begin = time.perf_counter()
    plan = a15.locate(matrix, population, p=p)
    ours = time.perf_counter() - begin
    size = f"{name}: {matrix.n_facilities:,} x {matrix.n_cells:,}, p={p}"
    print(f"{size}: access15 {ours:.2f} s, {plan.status}, {plan.objective:,.0f} people", flush=True)
    begin = time.perf_counter()
    value, bound, optimal = plain_highs(matrix, population, p)
    word = "optimal" if optimal else f"time limit, bound {bound:,.0f}"
    print(f"    plain HiGHS {time.perf_counter() - begin:.2f} s, {word}, {value:,.0f} people", flush=True)
    print(f"    spopt {_spopt(matrix, population, p, minutes)}", flush=True)


def _spopt(matrix, population, p, minutes):
    """Return what spopt needed and found, in its own Python; or that it is absent."""
    python = os.environ.get("PEERS_PYTHON")
    if not python:
        return "absent (PEERS_PYTHON names no Python)"
    cost = np.full((matrix.n_cells, matrix.n_facilities), 1e9)
    for row in range(matrix.n_facilities):
        cells, seconds = matrix.of(row)
        cost[cells, row] = seconds
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "question.npz"
        np.savez(file, cost=cost, people=population.people, limit=minutes * 60, p=p)
        run = subprocess.run([python, "-c", PEER, str(file)], capture_output=True, text=True, check=False)
    if run.returncode:
        return f"absent or failed: {run.stderr.strip().splitlines()[-1]}"
    seconds, value, version, status = run.stdout.split()[-4:]
    return f"{version}: {float(seconds):.2f} s, status {status}, {float(value):,.0f} people"


def draw(folder, name, place, found):
    """Draw the map of a plan."""
    plan, candidates, _, now = found
    network, facilities, population = place
    a15.plot_plan(
        plan, candidates, population, existing=now, network=network, facilities=facilities,
        path=folder / f"plan_{name}.png",
    )  # fmt: skip


def main(arguments):
    """Run what is named: nothing for all figures, ``plans FOLDER`` for the maps."""
    data = Path(os.environ["ACCESS15_DATA"])
    city = porto_alegre(data)
    islands = comoros(data)
    for name, place in (("porto_alegre", city), ("comoros", islands)):
        found = plan_of(name, place, 5)
        if arguments[:1] == ["plans"]:
            draw(Path(arguments[1]), name, place, found)
    if arguments:
        return
    plan_of("porto", porto(data), 3)
    plan_of("porto_alegre", city, 3)
    beside("porto_alegre", city, 5)


if __name__ == "__main__":
    main(sys.argv[1:])
