"""Gaps of many people who are not covered: processor seconds and memory, on generated streets and on the Comoros.

Run ``python benchmarks/bench_gaps.py`` (200 thousand cells) or name sizes: ``python benchmarks/bench_gaps.py
1000000``. So few clinics stand among the streets that nearly every cell is a gap's; a word after the sizes says
what the cells are: ``points`` (discs, the default) or ``raster`` (squares). ``comoros`` is the islands of the
folder that the environment variable ``ACCESS15_DATA`` names. Each runs in a process of its own (Linux). Processor
seconds of all threads, so that other work on the machine counts little. The digest is that of all columns, areas
of outlines and gaps of cells: equal digests are equal gaps.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from streets import clinics, people, streets

import access15 as a15

CELLS_PER_CLINIC = 50_000


def place(what: str, shape: str):
    """Return streets, clinics and people of a size, or of the Comoros."""
    if what == "comoros":
        folder = Path(os.environ["ACCESS15_DATA"]) / "comoros"
        osm = folder / "comores-latest.osm.pbf"
        population = a15.read_population(folder / "com_ppp_2020_UNadj.tif")
        return a15.read_network(osm), a15.facilities_from_osm(osm), population
    size = int(what)
    network = streets(size)
    population = people(network, size)
    if shape == "raster":
        population = squares(population)
    return network, clinics(network, max(1, size // CELLS_PER_CLINIC)), population


def squares(population, side_m: float = 50.0):
    """Return the people moved to the middle of raster squares, each square once."""
    column, row = (np.floor(v / side_m).astype(np.int64) for v in (population.x, population.y))
    _, at = np.unique(np.column_stack([-row, column]), axis=0, return_index=True)
    x, y = ((v[at] + 0.5) * side_m for v in (column, row))
    raster = a15.Population.of(x, y, population.people[at], population.crs)
    return replace(raster, cell_size=(side_m, side_m))


def kilobytes(what: str) -> int:
    """Return a figure of this process: memory now (VmRSS) or at most (VmHWM)."""
    status = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in status if line.startswith(what)).split()[1])


def digest(gaps) -> str:
    """Return a word that is equal for equal gaps, to the sixth decimal."""
    import pandas as pd
    import shapely

    seen = hashlib.sha256(gaps.cell_gap.tobytes())
    columns = gaps.table.drop(columns="geometry").round(6)
    seen.update(pd.util.hash_pandas_object(columns).to_numpy().tobytes())
    area_m2 = np.round(shapely.area(gaps.table.geometry.to_numpy()), 1)
    seen.update(area_m2.tobytes())
    return seen.hexdigest()[:12]


def main(what: str, shape: str) -> None:
    """Print the time and memory of the gaps of one place."""
    little = place("3000", shape)
    a15.find_gaps(*little, a15.nearest_times(*little, a15.WALK))  # compile
    network, facilities, population = place(what, shape)
    times = a15.nearest_times(network, facilities, population, a15.WALK)
    uncovered = int((~times.within(15) & (population.people > 0)).sum())
    Path("/proc/self/clear_refs").write_text("5")  # Linux forgets the most memory so far
    now = kilobytes("VmRSS")
    clock, processor = time.perf_counter(), time.process_time()
    gaps = a15.find_gaps(network, facilities, population, times)
    processor, clock = time.process_time() - processor, time.perf_counter() - clock
    memory = (kilobytes("VmHWM") - now) * 1024
    print(
        f"{what} {shape}: {uncovered:,} cells not covered, {len(gaps):,} gaps: {processor:.1f} s of processor time, "
        f"{clock:.1f} s on the clock, {memory / 1e6:,.0f} MB more at most, {memory / uncovered:,.0f} B a cell, "
        f"digest {digest(gaps)}",
        flush=True,
    )


if __name__ == "__main__":
    words = sys.argv[1:] or ["200000"]
    shapes = [word for word in words if word in ("points", "raster")] or ["points"]
    runs = [(what, shape) for what in words if what not in ("points", "raster") for shape in shapes]
    if len(runs) == 1:
        main(*runs[0])
    else:
        for run in runs:
            subprocess.run([sys.executable, __file__, *run], check=True)
