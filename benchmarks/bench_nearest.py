"""The nearest facility of every node beside scipy, pandana, networkit and igraph, and its cost against size.

``python benchmarks/bench_nearest.py`` runs on a generated network of a million nodes and, where ``ACCESS15_DATA``
names the folder of the extracts, on Porto (the words ``generated`` and ``porto`` name one of them);
``python benchmarks/bench_nearest.py sizes`` measures 10 thousand to 4 million nodes and writes the plot and the table of ``docs/explanation/performance.md``.

Peers get the graph ready made, in node order of access15, with times in seconds; what it takes them to build
their own form of it is not counted. Those that are not installed are named as absent. They search from nodes to
nodes; access15 links the facilities to streets first: that is in its time, and shown apart. Times are processor seconds of
all threads; best of three runs (the first one where it takes over four seconds).
"""

from __future__ import annotations

import gc
import importlib.util
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from streets import streets

from access15.model import Facilities
from access15.network import core_nodes, routing_graph
from access15.profiles import DRIVE, WALK
from access15.search.ends import direction_of, link_sites
from access15.travel_time import node_times
from access15.units import ms_to_seconds

PROFILES = {"walk": WALK, "drive": DRIVE}
COUNTS = (50, 500, 5_000)
PEERS = ("pandana", "networkit", "igraph")
DIFFERS = 0.5
SLOW_S = 4.0
SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000, 4_000_000)
NODES_PER_SITE = 2_000
DOCS = Path(__file__).parents[1] / "docs"
TABLE = "<!-- cost against size -->"


def timed(job: Callable[[], Any], runs: int = 3) -> tuple[float, Any]:
    """Return the least processor seconds of some runs after a first one (which counts if it is slow), and the answer."""
    start = time.process_time()
    answer = job()
    first = time.process_time() - start
    if first > SLOW_S:
        return first, answer
    best = np.inf
    for _ in range(runs):
        gc.collect()
        start = time.process_time()
        answer = job()
        best = min(best, time.process_time() - start)
    return best, answer


def row(task: str, who: str, seconds: float, ours: float, note: str = "") -> None:
    """Print one line: who, milliseconds, ratio to access15."""
    ratio = "" if who == "access15" else f"{seconds / ours:,.1f} x"
    print(f"{task:<44}{who:<12}{seconds * 1000:>14,.3f} ms{ratio:>12}  {note}", flush=True)


def has(peer: str) -> bool:
    """Whether a peer is installed."""
    return importlib.util.find_spec(peer) is not None


class Peers:
    """The graph of one profile in the form of every peer, turned round so that arcs leave the facilities."""

    def __init__(self, network, profile):
        from scipy.sparse import csr_matrix

        graph = routing_graph(network, profile).reversed
        n = graph.n_nodes
        self.tail = np.repeat(np.arange(n), graph.out_degree)
        self.head = graph.arcs[:, 0].astype(np.int64)
        self.seconds = np.maximum(graph.arcs[:, 1], 1) / 1000.0
        self.n, self.x, self.y = n, network.node_x, network.node_y
        # Of several streets between two nodes scipy gets the quickest: it would add them up.
        order = np.lexsort((self.seconds, self.head, self.tail))
        tail, head = self.tail[order], self.head[order]
        first = np.r_[True, (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])][: len(order)]
        self.scipy = csr_matrix((self.seconds[order][first], (tail[first], head[first])), shape=(n, n))

    def with_pandana(self):
        import pandana
        import pandas as pd

        start = time.process_time()
        nodes = pd.RangeIndex(self.n)
        # pandana searches from people to places by itself: it gets the arcs as people travel them.
        graph = pandana.Network(
            pd.Series(self.x, nodes), pd.Series(self.y, nodes), pd.Series(self.head), pd.Series(self.tail),
            pd.DataFrame({"s": self.seconds}), twoway=False,
        )  # fmt: skip
        return graph, time.process_time() - start

    def with_networkit(self, sources):
        import networkit

        networkit.setNumberOfThreads(1)
        start = time.process_time()
        tail, head, weight = self._and_super_source(sources)
        graph = networkit.GraphFromCoo((weight, (tail, head)), n=self.n + 1, weighted=True, directed=True)
        return graph, time.process_time() - start

    def with_igraph(self, sources):
        import igraph

        start = time.process_time()
        tail, head, weight = self._and_super_source(sources)
        graph = igraph.Graph(self.n + 1, np.column_stack((tail, head)), directed=True)
        return graph, weight, time.process_time() - start

    def _and_super_source(self, sources):
        """Return the arcs, with one more node that leads to every source at once."""
        tail = np.concatenate((self.tail, np.full(len(sources), self.n)))
        head = np.concatenate((self.head, sources))
        return tail, head, np.concatenate((self.seconds, np.zeros(len(sources))))


def at_nodes(network, rows) -> Facilities:
    """Return facilities that stand exactly on nodes."""
    return Facilities.of(network.node_x[rows], network.node_y[rows], network.crs)


def differs(ours, theirs, strict=True) -> str:
    """Return the largest difference of two answers; stop if it is more than a rounding (or say at how many nodes)."""
    theirs = np.where(np.asarray(theirs) > 1e12, np.inf, theirs)
    both = np.isfinite(ours) & np.isfinite(theirs)
    apart = np.isfinite(ours) != np.isfinite(theirs)
    apart[both] = np.abs(ours[both] - theirs[both]) > DIFFERS
    if apart.any() and strict:
        sys.exit("the answers differ: no comparison")
    largest = np.abs(ours[both & ~apart] - theirs[both & ~apart]).max()
    return f"differs by {largest:.3f} s" + (f", by more at {apart.sum():,} nodes" if apart.any() else "")


def bench_nearest(network, profile, peers, pandana, count) -> None:
    """Time and identity of the nearest facility for every node."""
    from scipy.sparse.csgraph import dijkstra

    task = f"nearest of {count:,} {profile.name}, {network.n_nodes:,} nodes"
    sources = sources_of(network, profile, count)
    sites = at_nodes(network, sources)
    ours, answer = timed(lambda: node_times(network, sites, profile))
    seconds = ms_to_seconds(answer.time_ms)
    linking, _ = timed(lambda: link_sites(network, sites, profile, direction_of(profile, None)))
    row(task, "access15", ours, ours, f"of which linking {linking * 1000:,.3f} ms")
    took, theirs = timed(
        lambda: dijkstra(peers.scipy, indices=sources, min_only=True, return_predecessors=True)[0]
    )
    alone = f"{took / (ours - linking):,.1f} x without linking; "
    row(task, "scipy", took, ours, alone + differs(seconds, theirs))
    if pandana is not None and (count > 500 or network.n_nodes < 500_000):
        import pandas as pd

        reach = float(seconds[np.isfinite(seconds)].max()) + 1
        places = pd.Series(network.node_x[sources]), pd.Series(network.node_y[sources])

        def ask():
            pandana.set_pois("care", reach, 1, *places)
            return pandana.nearest_pois(reach, "care", num_pois=1)[1].to_numpy()

        took, theirs = timed(ask, runs=1)
        # It says "the limit" where there is nothing within it, and chooses by itself among nodes at one place.
        theirs = np.where(theirs >= reach, np.inf, theirs)
        row(task, "pandana", took, ours, differs(seconds, theirs, strict=False))
    if has("networkit"):
        import networkit

        graph, _ = peers.with_networkit(sources)
        took, theirs = timed(
            lambda: np.array(
                networkit.distance.Dijkstra(graph, peers.n, storePaths=False).run().getDistances()
            )
        )
        row(task, "networkit", took, ours, differs(seconds, theirs[:-1]))
    if has("igraph"):
        graph, weight, _ = peers.with_igraph(sources)
        took, theirs = timed(lambda: np.array(graph.distances(peers.n, weights=weight)[0]), runs=1)
        row(task, "igraph", took, ours, differs(seconds, theirs[:-1]))


def arrays(noun) -> dict[int, np.ndarray]:
    """Return the arrays among the fields of a dataclass, by identity."""
    values = (getattr(noun, name) for name in noun.__dataclass_fields__)
    return {id(value): value for value in values if isinstance(value, np.ndarray)}


def memory(network, profile) -> None:
    """Bytes per node of the network's arrays, of those a graph adds to them, and of those its reverse adds."""
    graph = routing_graph(network, profile)
    known: dict[int, np.ndarray] = {}
    added = []
    for noun in (network, graph, graph.reversed):
        own = {key: value for key, value in arrays(noun).items() if key not in known}
        known |= own
        added.append(sum(value.nbytes for value in own.values()) / network.n_nodes)
    search = (graph.indptr.nbytes + graph.arcs.nbytes) / network.n_nodes
    print(
        f"memory, {profile.name}: {network.n_nodes:,} nodes, {graph.n_nodes - network.n_nodes:,} copies and sinks, "
        f"{network.n_edges:,} streets, {len(graph.arcs):,} arcs; bytes per node: network {added[0]:.0f}, graph {added[1]:.0f}, "
        f"of which searches read {search:.0f} (4 per row and 8 per arc), turned round {added[2]:.0f} more, "
        "labels 8 per thread",
        flush=True,
    )


def porto():
    """Return Porto as peers can travel it (no rules on turns and through traffic), or None where the extract is not there."""
    from access15.sources import read_network

    folder = os.environ.get("ACCESS15_DATA")
    if not folder:
        print("Porto is left out: ACCESS15_DATA does not name the folder of the extracts", flush=True)
        return None
    whole = read_network(Path(folder) / "porto" / "porto_portugal.osm.pbf")
    print("with the rules on turns and through traffic:", flush=True)
    memory(whole, DRIVE)
    none = np.empty(0, np.int64)
    return replace(
        whole, restriction_offset=np.zeros(1, np.int64), restriction_way=none,
        restriction_node=none.astype(np.int32), restriction_only=none.astype(bool),
        no_through=np.zeros_like(whole.no_through),
    )  # fmt: skip


def sources_of(network, profile, count):
    """Return nodes that facilities can stand on, so that all programs start at the same places."""
    core = np.flatnonzero(core_nodes(routing_graph(network, profile)))
    chosen = np.random.default_rng(4).permutation(core)[: 2 * count]
    sites = node_times(network, at_nodes(network, chosen), profile).sites
    end = np.where(sites.fraction == 1, network.edge_to[sites.edge], network.edge_from[sites.edge])
    same = np.isin(sites.fraction, (0.0, 1.0)) & (end == chosen)
    return chosen[same][:count]


def compare(wanted) -> None:
    """Print one line per network, profile, number of facilities and program."""
    absent = [peer for peer in PEERS if not has(peer)]
    if absent:
        print(f"absent: {', '.join(absent)}", flush=True)
    for name, make in (("generated", lambda: streets(1_000_000)), ("porto", porto)):
        network = make() if not wanted or name in wanted else None
        if network is None:
            continue
        print(f"{name}: {network.n_nodes:,} nodes, {network.n_edges:,} streets", flush=True)
        for profile in PROFILES.values():
            peers = Peers(network, profile)
            pandana = peers.with_pandana()[0] if has("pandana") else None
            memory(network, profile)
            for count in COUNTS:
                bench_nearest(network, profile, peers, pandana, count)


def cost_by_size() -> None:
    """Measure access15 and scipy from ten thousand to four million nodes; write the plot and the table."""
    from scipy.sparse.csgraph import dijkstra

    rows = []
    for size in SIZES:
        network = streets(size)
        for profile in PROFILES.values():
            graph = Peers(network, profile).scipy
            sources = sources_of(network, profile, max(network.n_nodes // NODES_PER_SITE, 5))
            sites = at_nodes(network, sources)
            ours, _ = timed(lambda sites=sites, p=profile, net=network: node_times(net, sites, p), runs=7)
            theirs, _ = timed(
                lambda graph=graph, sources=sources: dijkstra(
                    graph, indices=sources, min_only=True, return_predecessors=True
                )
            )
            rows.append((profile.name, network.n_nodes, ours, theirs))
            print(
                f"{profile.name} {network.n_nodes:,} nodes: {ours * 1000:.2f} ms, scipy {theirs * 1000:.1f} ms",
                flush=True,
            )
    plot(rows)
    lines = [
        "| nodes | walking | per node | scipy | driving | per node | scipy |",
        "|---|---|---|---|---|---|---|",
    ]
    for (_, n, walk, walk_scipy), (_, _, drive, drive_scipy) in zip(rows[::2], rows[1::2], strict=True):
        cells = [
            part
            for own, other in ((walk, walk_scipy), (drive, drive_scipy))
            for part in (f"{own * 1e3:.1f} ms", f"{own / n * 1e9:.0f} ns", f"{other * 1e3:,.0f} ms")
        ]
        lines.append(f"| {n:,} | " + " | ".join(cells) + " |")
    page = DOCS / "explanation" / "performance.md"
    before, _, after = page.read_text(encoding="utf-8").split(TABLE)
    page.write_text("\n".join([before + TABLE, "", *lines, "", TABLE + after]), encoding="utf-8")


def plot(rows) -> None:
    """Write the plot of milliseconds against nodes, both logarithmic."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 4), layout="constrained")
    axes = figure.subplots()
    for name, colour in (("walk", "#0072B2"), ("drive", "#D55E00")):
        n, ours, theirs = (np.array([row[k] for row in rows if row[0] == name], float) for k in (1, 2, 3))
        axes.loglog(n, ours * 1e3, "o-", color=colour, label=f"access15, {name}")
        axes.loglog(n, theirs * 1e3, "s--", color=colour, label=f"scipy, {name}", alpha=0.6)
    axes.set(xlabel="nodes", ylabel="processor time, ms", title="Nearest facility for every node")
    axes.grid(True, which="major", alpha=0.3)
    axes.legend()
    FigureCanvasAgg(figure).print_png(DOCS / "images" / "nearest-by-size.png")


if __name__ == "__main__":
    cost_by_size() if "sizes" in sys.argv[1:] else compare(sys.argv[1:])
