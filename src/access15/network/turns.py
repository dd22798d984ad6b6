"""Turn restrictions: the graph remembers, only where it must, which way a driver came.

A restriction forbids a sequence of arcs: two for a turn at a node, more for one over a via way;
``only_*`` forbids every other continuation. All sequences together form a trie (Aho & Corasick 1975).
Each proper prefix becomes one more graph node: a copy of the junction for drivers who are in the
middle of a restricted sequence, with every exit but the forbidden one. The rest of the graph stays
as it is. A trip that ends on a street leaving such a junction may come from any copy: a sink per street,
reached from the copies at no cost, keeps one place to look.

U-turns: a driver may turn round at any junction at no cost, but not as a way round a restriction: where
a turn is forbidden, so is turning back on the spot, as long as another exit is left.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from access15.model import StreetNetwork

Int32s = npt.NDArray[np.int32]
Sequence = tuple[int, ...]


@dataclass(slots=True)
class Arcs:
    """Directed arcs before they are put into rows.

    Attributes
    ----------
    start, stop : (a,) int32
        Graph nodes; rows from the network's node count on are copies, then sinks.
    edge : (a,) int32
        Edge of the network; for an arc into a sink the edge that is entered there.
    along : (a,) bool
        True where the arc runs from ``edge_from`` to ``edge_to``.
    copy_of : (c,) int32
        Network node of each copy.
    sink_arc : (s,) int32
        Arc that is entered at each sink.
    """

    start: Int32s
    stop: Int32s
    edge: Int32s
    along: npt.NDArray[np.bool_]
    copy_of: Int32s
    sink_arc: Int32s


def restrict_turns(network: StreetNetwork, arcs: Arcs) -> Arcs:
    """Return the arcs of a graph on which no restricted sequence of ``network`` can be driven.

    Parameters
    ----------
    network : StreetNetwork
        Its ``restriction_*`` fields.
    arcs : Arcs
        Without copies yet.
    """
    if not len(network.restriction_node):
        return arcs
    book = _Book(arcs)
    forbidden: set[Sequence] = set()
    offset = network.restriction_offset
    for r, node in enumerate(network.restriction_node):
        ways = [int(w) for w in network.restriction_way[offset[r] : offset[r + 1]]]
        forbidden |= _sequences(network, book, ways, int(node), bool(network.restriction_only[r]))
    if not forbidden:
        return arcs
    return _expand(arcs, book, forbidden, network.n_nodes)


class _Book:
    """Look-ups among arcs: by node they leave or enter, and by way."""

    def __init__(self, arcs: Arcs) -> None:
        self.start = arcs.start.tolist()
        self.stop = arcs.stop.tolist()
        self.edge = arcs.edge.tolist()
        self.leaving: dict[int, list[int]] = {}
        self.entering: dict[int, list[int]] = {}
        for arc, (start, stop) in enumerate(zip(self.start, self.stop, strict=True)):
            self.leaving.setdefault(start, []).append(arc)
            self.entering.setdefault(stop, []).append(arc)


def _sequences(network: StreetNetwork, book: _Book, ways: list[int], node: int, only: bool) -> set[Sequence]:
    """Return the arc sequences one restriction forbids; none where it does not fit the graph."""
    if node >= 0:
        pivots = [node]
        prefixes: list[Sequence] = [
            (arc,) for arc in book.entering.get(node, ()) if _way(network, book, arc) == ways[0]
        ]
    else:
        prefixes = _over_ways(network, book, ways)
        pivots = sorted({book.stop[prefix[-1]] for prefix in prefixes})
    if len(pivots) != 1 or not prefixes:
        return set()
    exits = book.leaving.get(pivots[0], [])
    out: set[Sequence] = set()
    for prefix in prefixes:
        came = book.edge[prefix[-1]]
        u_turn = ways[0] == ways[-1] and node >= 0
        targets = [
            arc
            for arc in exits
            if _way(network, book, arc) == ways[-1] and (book.edge[arc] == came) == u_turn
        ]
        if len(targets) != 1:
            continue
        others = [arc for arc in exits if arc != targets[0]]
        if only:
            out.update((*prefix, arc) for arc in others)
            continue
        out.add((*prefix, targets[0]))
        back = [arc for arc in others if book.edge[arc] == came]
        if len(others) > len(back) and node >= 0:
            out.update((*prefix, arc) for arc in back)
    return out


def _way(network: StreetNetwork, book: _Book, arc: int) -> int:
    return int(network.way_id[book.edge[arc]])


def _over_ways(network: StreetNetwork, book: _Book, ways: list[int]) -> list[Sequence]:
    """Return the paths from the last arc of the first way over all via ways, up to where the last way begins."""
    goal = {book.start[arc] for arc in _arcs_of_way(network, book, ways[-1])}
    paths: list[Sequence] = []
    for first in _arcs_of_way(network, book, ways[0]):
        stack: list[tuple[Sequence, int]] = [((first,), 0)]
        while stack:
            path, via = stack.pop()
            node = book.stop[path[-1]]
            if via == len(ways) - 2 and node in goal:
                paths.append(path)
                continue
            if len(path) > 64:
                continue
            visited = {book.start[arc] for arc in path}
            for arc in book.leaving.get(node, ()):
                way = _way(network, book, arc)
                if book.edge[arc] == book.edge[path[-1]] or book.stop[arc] in visited:
                    continue
                if via and way == ways[via]:
                    stack.append(((*path, arc), via))
                elif via + 1 < len(ways) - 1 and way == ways[via + 1]:
                    stack.append(((*path, arc), via + 1))
    return paths


def _arcs_of_way(network: StreetNetwork, book: _Book, way: int) -> list[int]:
    edges = set(np.flatnonzero(network.way_id == way).tolist())
    ends = {int(network.edge_from[e]) for e in edges} | {int(network.edge_to[e]) for e in edges}
    return sorted({arc for node in ends for arc in book.leaving.get(node, ()) if book.edge[arc] in edges})


def _expand(arcs: Arcs, book: _Book, forbidden: set[Sequence], n_nodes: int) -> Arcs:
    """Build the copies: one per proper prefix of a forbidden sequence."""
    child: dict[tuple[int, int], int] = {}
    last_arc = [-1]
    ends_here = [False]
    for sequence in sorted(forbidden):
        at = 0
        for arc in sequence:
            if (at, arc) not in child:
                child[at, arc] = len(last_arc)
                last_arc.append(arc)
                ends_here.append(False)
            at = child[at, arc]
        ends_here[at] = True
    fail = _fail_links(child, last_arc, ends_here)

    def step(state: int, arc: int) -> int:
        while state and (state, arc) not in child:
            state = fail[state]
        return child.get((state, arc), 0)

    row: dict[int, int] = {}
    for state in range(1, len(last_arc)):
        if not ends_here[state]:
            row[state] = n_nodes + len(row)
    stop = arcs.stop.copy()
    for (parent, arc), state in child.items():
        if parent == 0:
            stop[arc] = row[state]
    entered_from: dict[int, list[int]] = {}
    start_more, stop_more, source = [], [], []
    for state, place in row.items():
        junction = book.stop[last_arc[state]]
        for arc in book.leaving.get(junction, ()):
            after = step(state, arc)
            starts = entered_from.setdefault(arc, [junction])
            if ends_here[after]:
                continue
            starts.append(place)
            start_more.append(place)
            stop_more.append(row[after] if after else book.stop[arc])
            source.append(arc)
    sinks = sorted(entered_from)
    first_sink = n_nodes + len(row)
    for number, arc in enumerate(sinks):
        for start in entered_from[arc]:
            start_more.append(start)
            stop_more.append(first_sink + number)
            source.append(arc)
    more = np.array(source, np.int64)
    return Arcs(
        np.concatenate((arcs.start, np.array(start_more, np.int32))),
        np.concatenate((stop, np.array(stop_more, np.int32))),
        np.concatenate((arcs.edge, arcs.edge[more])),
        np.concatenate((arcs.along, arcs.along[more])),
        np.array([book.stop[last_arc[state]] for state in row], np.int32),
        np.array(sinks, np.int32),
    )


def _fail_links(child: dict[tuple[int, int], int], last_arc: list[int], ends_here: list[bool]) -> list[int]:
    """Return, for every trie state, the state of its longest proper suffix; mark states that end a sequence."""
    children: dict[int, list[int]] = {}
    for (parent, _), state in child.items():
        children.setdefault(parent, []).append(state)
    fail = [0] * len(last_arc)
    queue = deque((state, 0) for state in children.get(0, ()))
    while queue:
        state, parent = queue.popleft()
        link = fail[parent]
        while parent and link and (link, last_arc[state]) not in child:
            link = fail[link]
        fail[state] = child.get((link, last_arc[state]), 0) if parent else 0
        ends_here[state] = ends_here[state] or ends_here[fail[state]]
        queue.extend((deeper, state) for deeper in children.get(state, ()))
    return fail
