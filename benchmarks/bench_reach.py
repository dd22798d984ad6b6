"""People within 15 minutes of every node: a hierarchy beside one bounded search per node, in one run.

Run ``python benchmarks/bench_reach.py`` (10 thousand and 100 thousand nodes) or name sizes:
``python benchmarks/bench_reach.py 1000000``. The hierarchy counts for all nodes; the search for a sample of
runs of neighbouring nodes, half of them before and half after, and its time is scaled up to all. All figures
of the sample are compared. Then `reach_surface` runs as a user calls it, linking and choice included.
Processor seconds of all threads, so that other work on the machine counts little, and seconds on the clock.
"""

from __future__ import annotations

import resource
import sys
import time
from dataclasses import replace

import numpy as np
from streets import people, streets

from access15.all_origins import reach_surface
from access15.all_origins.hierarchy import count_by_hierarchy
from access15.all_origins.junction_by_junction import count_by_search, mean_reach
from access15.all_origins.reach_surface import task_of
from access15.profiles import DRIVE, WALK

LIMIT_MS = 900_000
PARTS = 16
PART = 128


def some_of(job, first, last):
    """Return the task for the sources ``first..last - 1`` only."""
    seeds = job.start_ptr[first : last + 1]
    return replace(job, start_ptr=seeds - seeds[0], start_row=job.start_row[seeds[0] : seeds[-1]])


def seconds_of(call):
    """Return processor seconds, seconds on the clock, and the answer."""
    clock, processor = time.perf_counter(), time.process_time()
    answer = call()
    return time.process_time() - processor, time.perf_counter() - clock, answer


def searched(job, firsts):
    """Return processor seconds of the search from some runs of sources, and the people by first source."""
    each = [seconds_of(lambda at=at: count_by_search(some_of(job, at, at + PART), 1)) for at in firsts]
    return sum(took for took, _, _ in each), [answer for _, _, answer in each]


def main(size: int, profile) -> None:
    """Print the times of one network."""
    small = streets(1000)
    for count in (count_by_search, count_by_hierarchy):  # compile
        count(task_of(small, people(small, 100), profile, "to", LIMIT_MS)[2], 1)
    network = streets(size)
    cells = people(network, network.n_nodes)
    job = task_of(network, cells, profile, "to", LIMIT_MS)[2]
    firsts = np.random.default_rng(7).choice(job.n_sources // PART, PARTS, replace=False) * PART
    before, answers = searched(job, firsts[: PARTS // 2])
    prepare = seconds_of(lambda: count_by_hierarchy(some_of(job, 0, 0), 1))[0]
    whole, clock, answer = seconds_of(lambda: count_by_hierarchy(job, 2))
    after, more = searched(job, firsts[PARTS // 2 :])
    search = (before + after) * job.n_sources / (PARTS * PART)
    different = sum(
        int((answer[at : at + PART] != expected).any(axis=1).sum())
        for at, expected in zip(firsts, answers + more, strict=True)
    )
    print(
        f"{profile.name}, {network.n_nodes:,} nodes, {mean_reach(job):,.0f} rows within reach: "
        f"search {search:,.1f} s; hierarchy {whole:,.1f} s, of which preparing {prepare:,.1f}; "
        f"{search / whole:.1f} x; {clock:,.1f} s on the clock with 2 threads; "
        f"{different} of {PARTS * PART:,} differ",
        flush=True,
    )
    took, clock, _ = seconds_of(lambda: reach_surface(network, cells, profile, threads=2))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(
        f"    reach_surface {took:,.1f} s, {clock:,.1f} s on the clock; most memory so far {memory:.1f} GiB",
        flush=True,
    )


if __name__ == "__main__":
    for words in sys.argv[1:] or ("10000", "100000"):
        for way in (WALK, DRIVE):
            main(int(words), way)
