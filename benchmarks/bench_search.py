"""Five nearest facilities, the nearest of each tier, edits of a scenario and people around every node, on generated streets.

Run ``python benchmarks/bench_search.py`` (10 thousand, 100 thousand and 1 million nodes) or name sizes:
``python benchmarks/bench_search.py 4000000``. pandana runs along where it is installed, for people around every node of up
to 100 thousand; the nearest facility, tables and more of that surface beside their peers are in `bench_nearest`,
`bench_matrix` and `bench_reach`. Times are processor seconds of all threads, so that other work on the machine counts
little.
"""

from __future__ import annotations

import sys
import time

import numpy as np
from bench_nearest import PROFILES, Peers, has, row, timed
from streets import clinics, people, streets

from access15.all_origins import reach_surface
from access15.model import Facilities
from access15.travel_time import k_nearest, nearest_times, nearest_times_by, node_times
from access15.whatif import WhatIf

SIZES = (10_000, 100_000, 1_000_000)
LIMIT_S = 900.0


def bench_k_nearest(network, profile, count) -> None:
    """The five nearest facilities of as many cells as there are nodes."""
    sites, cells = clinics(network, count), people(network, network.n_nodes)
    one, _ = timed(lambda: nearest_times(network, sites, cells, profile), runs=1)
    row(
        f"nearest of {count:,} {profile.name}, {len(cells):,} cells", "access15", one, one, "linking included"
    )
    five, _ = timed(lambda: k_nearest(network, sites, cells, profile, k=5), runs=1)
    row(
        f"5 nearest of {count:,} {profile.name}, {len(cells):,} cells",
        "access15",
        five,
        five,
        "linking included",
    )


def bench_by_tier(network, profile, count) -> None:
    """The nearest facility of each of five tiers, all at once and one after another."""
    sites, cells = clinics(network, count), people(network, network.n_nodes)
    tier = np.arange(count) % 5
    sites = Facilities.of(sites.x, sites.y, sites.crs, tier=[f"tier {k}" for k in tier])
    of_tier = [Facilities.of(sites.x[tier == k], sites.y[tier == k], sites.crs) for k in range(5)]
    once, _ = timed(lambda: nearest_times_by(network, sites, cells, profile), runs=1)
    each, _ = timed(lambda: [nearest_times(network, one, cells, profile) for one in of_tier], runs=1)
    task = f"nearest of {count:,} {profile.name} by tier, {len(cells):,} cells"
    row(task, "access15", once, once, f"one after another {each * 1000:,.0f} ms")


def bench_what_if(network, profile, count) -> None:
    """One edit with its answer (covered people), beside a full rerun and beside the search alone."""
    rng = np.random.default_rng(6)
    sites, cells = clinics(network, count), people(network, network.n_nodes)
    full, _ = timed(lambda: nearest_times(network, sites, cells, profile).within(15).sum(), runs=1)
    search, _ = timed(lambda: node_times(network, sites, profile))
    scenario = WhatIf(network, sites, cells, profile)
    took: dict[str, list[float]] = {"add": [], "move": [], "close": []}

    def edit(name, *words):
        start = time.process_time()
        getattr(scenario, name)(*words)
        _ = scenario.covered
        took[name].append(time.process_time() - start)

    for turn in range(30):
        first, second = rng.integers(network.n_nodes, size=2)
        edit("add", network.node_x[first], network.node_y[first], f"new {turn}")
        edit("move", f"new {turn}", network.node_x[second], network.node_y[second])
        scenario.remove(f"new {turn}")
        if count > 1:
            known = sites.id[rng.integers(count)]
            edit("close", known)
            scenario.open(known)
    again = nearest_times(network, scenario.facilities, cells, profile)
    same = np.array_equal(scenario.times.seconds, again.seconds) and np.array_equal(
        scenario.times.facility, again.facility
    )
    for name, each in took.items():
        if each:
            middle, worst = float(np.median(each)), max(each[1:])
            row(
                f"what-if {name}, {count:,} {profile.name}, {network.n_nodes:,} nodes", "access15", middle, middle,
                f"worst {worst * 1000:.1f} ms; full rerun {full * 1000:,.0f}, search alone {search * 1000:,.0f} ms",
            )  # fmt: skip
    if not same:
        sys.exit("the scenario differs from a full rerun")


def bench_surface(network, profile, pandana) -> None:
    """People within 15 minutes of every node; `bench_reach.py` has more of it."""
    cells = people(network, network.n_nodes)
    ours, _ = timed(lambda: reach_surface(network, cells, profile), runs=1)
    row(f"people around every node, {profile.name}, {network.n_nodes:,}", "access15", ours, ours)
    if pandana is not None and network.n_nodes <= 100_000:
        import pandas as pd

        from access15.search.ends import link_cells

        at = network.edge_from[link_cells(network, cells, profile, "to").edge]
        pandana.set(pd.Series(at), variable=pd.Series(cells.people), name="people")
        took, _ = timed(lambda: pandana.aggregate(LIMIT_S, type="sum", decay="flat", name="people"), runs=1)
        row(
            f"people around every node, {profile.name}, {network.n_nodes:,}",
            "pandana",
            took,
            ours,
            "cells at nodes",
        )


def main(sizes) -> None:
    """Print one line per task, size and program."""
    for size in sizes:
        network = streets(size)
        for profile in PROFILES.values():
            pandana = None
            if has("pandana"):
                pandana, took = Peers(network, profile).with_pandana()
                print(f"pandana builds its graph in {took:,.1f} s", flush=True)
            bench_k_nearest(network, profile, 5_000)
            bench_by_tier(network, profile, 5_000)
            for count in (1, 5, 50, 5_000):
                bench_what_if(network, profile, count)
            bench_surface(network, profile, pandana)


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or SIZES)
