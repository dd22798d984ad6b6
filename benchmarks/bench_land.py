"""One search over land in every direction, from many places at once, on generated land cover of six classes.

Run ``python benchmarks/bench_land.py`` (1 and 10 million cells of 100 m) or name sizes in millions of cells:
``python benchmarks/bench_land.py 1 100``. GRASS r.cost is named as absent where it is not installed. Times are processor
seconds.
"""

from __future__ import annotations

import resource
import shutil
import sys

import numpy as np
from bench_nearest import row, timed

from access15.model import Terrain
from access15.search import Land, land_of, spread, spread_in_moves

SIZES = (1.0, 10.0)
KPH = {"built": 5.0, "grass": 4.2, "shrub": 3.0, "crop": 2.5, "snow": 1.62, "moss": 4.86}
PATCH = 16
"""Cells in a row of one class."""


def patches(side: int) -> Land:
    """Return a square of land in patches of random classes."""
    rng = np.random.default_rng(1)
    few = rng.integers(0, len(KPH), (side // PATCH + 1, side // PATCH + 1)).astype(np.uint8)
    cover = few.repeat(PATCH, 0).repeat(PATCH, 1)[:side, :side]
    return land_of(Terrain(cover, tuple(KPH), 0.0, side * 100.0, 100.0, "EPSG:32638"), KPH)


def main(sizes: list[float]) -> None:
    """Print one line for each size and way of searching."""
    for millions in sizes:
        side = int(np.sqrt(millions * 1e6))
        land, places = patches(side), max(int(50 * millions), 1)
        x, y = np.random.default_rng(2).uniform(0, side * 100.0, (2, places))
        ours, _ = timed(lambda land=land, x=x, y=y: spread(land, x, y), runs=2)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        task = f"{millions:g} million cells, {places:,} places"
        row(task, "access15", ours, ours, f"every direction; peak {peak:.2f} GB so far")
        if millions <= 1:
            moves, _ = timed(lambda land=land, x=x, y=y: spread_in_moves(land, x, y, 16), runs=1)
            row(task, "16 moves", moves, ours, "the slow twin")
    if shutil.which("grass") is None:
        print("GRASS r.cost is not installed: no line for it")


if __name__ == "__main__":
    main([float(size) for size in sys.argv[1:]] or list(SIZES))
