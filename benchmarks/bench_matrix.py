"""Bounded searches and tables of times beside their peers, per facility, all in one run.

Run ``python benchmarks/bench_matrix.py`` (a million generated nodes) or name the size and street files:
``python benchmarks/bench_matrix.py 100000 porto.osm.pbf``; the word ``memory`` measures that instead. scipy always runs along, pandana where it is
installed. networkit, rustworkx and igraph's Python have no way to stop a search at a time limit (igraph's C has, as an
experiment: ``igraph_distances_dijkstra_cutoff``), so that they have no line.

Two questions are asked for 15 minutes, walking and driving. *Nodes*: the nodes each facility reaches, with
times. *Table*: the finished table facility × cell of a million cells in mid-street, cells in order. Peers get
the graph ready made, in our node order, and the cells linked; for the table their nodes are joined to cells with
numpy. The table of access15 is that of `travel_times`, one thread, without what it takes once for any number of
facilities (linking cells, shown apart). Times are processor seconds of all threads, best of some rounds in which
all take turns. Facilities stand on nodes, because peers start there; all answers are compared. Driving, access15 has
5,000 facilities, as many as a planner's candidates: where they are close enough together it searches eight at once.
"""

from __future__ import annotations

import gc
import importlib.util
import resource
import sys
import time

import numpy as np
from streets import clinics, people, streets

from access15 import read_network
from access15.model import Facilities
from access15.network import linkable, routing_graph
from access15.profiles import DRIVE, WALK
from access15.search.bounded import BoundedSearches
from access15.search.ends import link_cells, link_sites
from access15.search.on_edges import Positions, end_entries, start_entries
from access15.travel_time import iter_travel_times, travel_times

LIMIT_S = 900.0
DIFFERS_S = 0.1
FACILITIES = {"walk": 20_000, "drive": 5000}
"""A walk costs so little that fewer would be lost in what all of them take once."""
OF_PEERS = {"walk": 400, "drive": 40}
AT_ONCE = 20
"""Sources of one call of scipy: its answer has a column for every node."""
ROUNDS = 4


class Case:
    """One network, one profile, facilities on nodes, and cells."""

    def __init__(self, network, profile):
        self.network, self.profile = network, profile
        self.graph = routing_graph(network, profile).reversed
        rng = np.random.default_rng(5)
        count = min(FACILITIES[profile.name], network.n_nodes // 10)
        # Only junctions without turn restrictions: peers start at one node.
        plain = np.setdiff1d(np.unique(network.edge_from), list(self.graph.copies))
        usable = np.zeros(network.n_nodes, bool)
        usable[network.edge_from[linkable(routing_graph(network, profile), "destination")]] = True
        plain = plain[usable[plain]]
        self.nodes = rng.choice(plain, count, replace=False)
        self.sites = self.facilities(self.nodes)
        self.cells = people(network, network.n_nodes)
        self.peers = self.nodes[: OF_PEERS[profile.name]]
        at = Positions.of(link_cells(network, self.cells, profile, "to"), self.graph, profile)
        ends = end_entries(at, self.graph)
        self.end_ptr, order = ends.rows_by(ends.node, self.graph.n_nodes)
        self.end_cell, self.end_s = ends.point[order], ends.time_ms[order] / 1000
        self.best = np.full(len(self.cells), np.inf)

    def facilities(self, nodes) -> Facilities:
        """Return facilities that stand exactly on nodes."""
        return Facilities.of(self.network.node_x[nodes], self.network.node_y[nodes], self.network.crs)

    def table_row(self, nodes, seconds):
        """Return cells in order and seconds of one facility from the nodes it reaches: the peers' last step."""
        count = self.end_ptr[nodes + 1] - self.end_ptr[nodes]
        entry = np.repeat(self.end_ptr[nodes] - np.cumsum(count) + count, count) + np.arange(count.sum())
        cell, reached = self.end_cell[entry], np.repeat(seconds, count) + self.end_s[entry]
        self.best[cell] = np.inf
        np.minimum.at(self.best, cell, reached)
        cell = np.unique(cell[reached <= LIMIT_S])
        return cell, self.best[cell]


class Ours:
    """access15."""

    name = "access15"

    def __init__(self, case):
        self.case = case
        graph, n = case.graph, case.graph.n_nodes
        at = Positions.of(link_sites(case.network, case.sites, case.profile, "to"), graph, case.profile)
        start = start_entries(at, graph)
        self.searches = BoundedSearches(
            graph, start, start.point, None, len(case.nodes), n, int(LIMIT_S * 1000)
        )

    def reach(self):
        """Search; return the number of nodes reached by all facilities."""
        return sum(len(part.cell) for part, _ in self.searches.run(threads=1))

    def table(self, count):
        """Return the table of the first facilities."""
        case = self.case
        sites = case.facilities(case.nodes[:count])
        return travel_times(case.network, sites, case.cells, case.profile, minutes=LIMIT_S / 60, threads=1)


class Scipy:
    """scipy.sparse.csgraph.dijkstra with a limit."""

    name = "scipy"

    def __init__(self, case):
        from scipy.sparse import csr_array

        self.case, graph = case, case.graph
        seconds = np.maximum(graph.arcs[:, 1], 1) / 1000  # it reads 0 as "no street"
        heads, ptr = graph.arcs[:, 0].astype(np.int32), graph.indptr.astype(np.int32)
        self.matrix = csr_array((seconds, heads, ptr), shape=(graph.n_nodes,) * 2)

    def rows(self):
        """Yield the dense times of some facilities at once."""
        from scipy.sparse.csgraph import dijkstra

        for first in range(0, len(self.case.peers), AT_ONCE):
            yield dijkstra(self.matrix, indices=self.case.peers[first : first + AT_ONCE], limit=LIMIT_S)

    def reach(self):
        """Search; return the number of nodes reached by the first facility."""
        first = [(rows[0] <= LIMIT_S).sum() if k == 0 else None for k, rows in enumerate(self.rows())]
        return int(first[0])

    def table(self):
        """Return cells and seconds of each facility."""
        found = []
        for rows in self.rows():
            for row in rows:
                nodes = np.flatnonzero(row <= LIMIT_S)
                found.append(self.case.table_row(nodes, row[nodes]))
        return found


class Pandana:
    """pandana.Network.nodes_in_range, which returns a table of sources, nodes and times."""

    name = "pandana"

    def __init__(self, case):
        import pandana
        import pandas as pd

        self.case, graph = case, case.graph
        node = pd.RangeIndex(graph.n_nodes)
        x, y = (pd.Series(xy[graph.node_of], node) for xy in (case.network.node_x, case.network.node_y))
        tail = pd.Series(np.repeat(np.arange(graph.n_nodes), graph.out_degree))
        seconds = pd.DataFrame({"s": graph.arcs[:, 1] / 1000})
        start = time.process_time()
        self.graph = pandana.Network(
            x, y, tail, pd.Series(graph.arcs[:, 0].astype(np.int64)), seconds, twoway=False
        )
        print(f"pandana builds its graph in {time.process_time() - start:,.1f} s", flush=True)

    def reach(self):
        """Search; return the number of nodes reached by the first facility."""
        found = self.graph.nodes_in_range(self.case.peers.tolist(), LIMIT_S)
        return int((found["source"] == self.case.peers[0]).sum())

    def table(self):
        """Return cells and seconds of each facility."""
        found = self.graph.nodes_in_range(self.case.peers.tolist(), LIMIT_S)
        source, node, seconds = (found[name].to_numpy() for name in ("source", "destination", "s"))
        order = np.argsort(source, kind="stable")
        known, first = np.unique(source[order], return_index=True)
        part = dict(zip(known.tolist(), np.split(order, first[1:]), strict=True))
        return [self.case.table_row(node[part[s]], seconds[part[s]]) for s in self.case.peers.tolist()]


def seconds_of(job) -> float:
    """Return the processor seconds of a job."""
    gc.collect()
    start = time.process_time()
    job()
    return time.process_time() - start


def check(case, ours, peers) -> None:
    """Stop if the answers differ by more than a rounding."""
    table = ours.table(len(case.peers))
    for peer in peers:
        for row, (cell, seconds) in enumerate(peer.table()[:20]):
            own, own_s = table.of(row)
            both = np.intersect1d(own, cell)
            edge = np.setxor1d(own, cell)
            late = np.concatenate((own_s[np.isin(own, edge)], seconds[np.isin(cell, edge)]))
            apart = np.abs(own_s[np.isin(own, both)] - seconds[np.isin(cell, both)]).max(initial=0)
            if apart > DIFFERS_S or (np.abs(late - LIMIT_S) > DIFFERS_S).any():
                sys.exit(f"{peer.name} and access15 differ: no comparison")


def compare(case) -> None:
    """Print nodes and table, per facility, for all programs."""
    ours = Ours(case)
    peers = [Scipy(case)] + ([Pandana(case)] if importlib.util.find_spec("pandana") else [])
    check(case, ours, peers)
    n, few = len(case.nodes), 20
    best: dict[tuple[str, str], float] = {}
    for _ in range(ROUNDS):
        turn = {("nodes", ours.name): seconds_of(ours.reach) / n}
        turn["all", ours.name] = seconds_of(lambda: ours.table(n))
        turn["once", ours.name] = seconds_of(lambda: ours.table(few))
        for peer in peers:
            turn["nodes", peer.name] = seconds_of(peer.reach) / len(case.peers)
            turn["table", peer.name] = seconds_of(peer.table) / len(case.peers)
        best = {key: min(best.get(key, np.inf), value) for key, value in turn.items()}
    best["table", ours.name] = (best["all", ours.name] - best["once", ours.name]) / (n - few)
    nodes, table = ours.reach(), ours.table(n)
    size = {"nodes": nodes / n, "table": len(table.cell) / n}
    for what in ("nodes", "table"):
        for who in (ours, *peers):
            ms, ratio = best[what, who.name] * 1000, best[what, who.name] / best[what, ours.name]
            print(
                f"{case.profile.name:<8}{what:<8}{who.name:<10}{ms:>10.4f} ms {ratio:>8.1f} x"
                f"   {size[what]:,.0f} {'cells' if what == 'table' else 'nodes'}",
                flush=True,
            )
    print(f"{case.profile.name:<8}once    access15  {best['once', 'access15'] * 1000:>10.0f} ms", flush=True)


def memory(network) -> None:
    """Print how much a process grows with a table of 5,000 facilities, driving: in blocks, then whole."""

    def peak() -> float:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    cells, sites = people(network, network.n_nodes), clinics(network, 5000)
    travel_times(network, clinics(network, 2), cells, DRIVE, minutes=LIMIT_S / 60)
    for name, table in (("in blocks", iter_travel_times), ("whole", travel_times)):
        before = peak()
        found = table(network, sites, cells, DRIVE, minutes=LIMIT_S / 60)
        pairs = sum(len(part.cell) for part in (found if name == "in blocks" else [found]))
        print(
            f"{name}: {pairs:,} pairs, {pairs * 8 / 2**20:,.0f} MB; peak grows by {peak() - before:,.0f} MB"
        )


def main(words: list[str]) -> None:
    """Measure generated streets and files."""
    size = [int(word) for word in words if word.isdigit()] or [1_000_000]
    if "memory" in words:
        memory(streets(size[0]))
        return
    places = [word for word in words if not word.isdigit()]
    for place, network in [*((n, streets(n)) for n in size), *((p, read_network(p)) for p in places)]:
        print(f"{place}: {network.n_nodes:,} nodes", flush=True)
        for profile in (WALK, DRIVE):
            compare(Case(network, profile))


if __name__ == "__main__":
    main(sys.argv[1:])
