"""Points to their nearest street beside shapely's STRtree, in one run.

Run ``python benchmarks/bench_link.py`` (a million points, a million nodes) or name other numbers:
``python benchmarks/bench_link.py 100000 100000``. One thread each. shapely gets 20,000 of the points and
its time is scaled up; both answers are compared on those. Times are processor seconds.
"""

from __future__ import annotations

import sys
import time

import numpy as np
from streets import people, streets

from access15.network import link_points
from access15.profiles import WALK

SAMPLE = 20_000


def main(n_points: int, n_nodes: int) -> None:
    """Print the seconds of building and asking."""
    import shapely

    network = streets(n_nodes)
    cells = people(network, n_points)
    x, y, crs = cells.x, cells.y, cells.crs
    start = time.process_time()
    link_points(network, x[:1], y[:1], crs, WALK)
    print(f"access15: graph and grid {time.process_time() - start:.2f} s (compiling included)")
    ours = np.inf
    for _ in range(3):
        start = time.process_time()
        linked = link_points(network, x, y, crs, WALK)
        ours = min(ours, time.process_time() - start)
    print(f"access15: {n_points:,} points to {network.n_edges:,} streets in {ours:.2f} s")
    ends = network.vertex_x[::2], network.vertex_y[::2], network.vertex_x[1::2], network.vertex_y[1::2]
    start = time.process_time()
    lines = shapely.linestrings(np.column_stack(ends).reshape(-1, 2, 2))
    tree = shapely.STRtree(lines)
    print(f"shapely: lines and tree {time.process_time() - start:.2f} s")
    sample = np.random.default_rng(7).choice(n_points, min(SAMPLE, n_points), replace=False)
    points = shapely.points(x[sample], y[sample])
    tree.nearest(points[:10])
    start = time.process_time()
    nearest = tree.nearest(points)
    fraction = shapely.line_locate_point(lines[nearest], points, normalized=True)
    theirs = (time.process_time() - start) * n_points / len(sample)
    print(
        f"shapely: {n_points:,} points in {theirs:.1f} s (from {len(sample):,}), {theirs / ours:.0f} x access15"
    )
    apart = np.abs(shapely.distance(lines[nearest], points) - linked.leg_m[sample])
    same = nearest == linked.edge[sample]
    print(f"distances differ by at most {apart.max():.2g} m; {same.mean():.4%} chose the same street")
    print(f"places along it differ by at most {np.abs(fraction - linked.fraction[sample])[same].max():.2g}")
    if apart.max() > 1e-6:
        sys.exit("the answers differ")


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:]]
    main(*(numbers or [1_000_000, 1_000_000]))
