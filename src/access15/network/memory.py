"""A graph that remembers, only where it must, how a driver came.

Two rules need memory. A turn restriction forbids a sequence of arcs: all sequences together form a trie
(Aho & Corasick 1975), and each proper prefix is a state. A no-through street may only begin or end a trip:
whoever came from outside is in another state at its mouth (`OUTSIDE`) and within it (`INSIDE`) than somebody who
set out there (`FREE`). Each junction gets one more graph node, a *copy*, for every state in which a driver can
reach it, with the exits that are left. A trip starts at the junction itself and may end at any copy: a sink per
street, reached from the copies at no cost, keeps one place to look.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Set
from dataclasses import dataclass

import numpy as np

from access15.arrays import Bools, Int32s

Sequence = tuple[int, ...]
State = tuple[int, int, int]
"""Junction, trie state (0: none), and `FREE`, `OUTSIDE` or `INSIDE`."""

FREE, OUTSIDE, INSIDE = 0, 1, 2


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
    extra_ms : (a,) int32
        Time on top of the edge's: turning round.
    copy_of : (c,) int32
        Network node of each copy.
    sink_arc : (s,) int32
        Arc that is entered at each sink.
    """

    start: Int32s
    stop: Int32s
    edge: Int32s
    along: Bools
    extra_ms: Int32s
    copy_of: Int32s
    sink_arc: Int32s

    @classmethod
    def plain(cls, start: Int32s, stop: Int32s, edge: Int32s, along: Bools) -> Arcs:
        """Return arcs without copies."""
        none = np.empty(0, np.int32)
        return cls(start, stop, edge, along, np.zeros(len(start), np.int32), none, none)


class Book:
    """Look-ups among plain arcs, by the node they leave or enter."""

    def __init__(self, arcs: Arcs, n_nodes: int) -> None:
        self.start, self.stop, self.edge = arcs.start.tolist(), arcs.stop.tolist(), arcs.edge.tolist()
        self._leaving = _grouped(arcs.start, n_nodes)
        self._entering = _grouped(arcs.stop, n_nodes)

    def leaving(self, node: int) -> list[int]:
        """Return the arcs that leave a node."""
        first, order = self._leaving
        return order[first[node] : first[node + 1]]

    def entering(self, node: int) -> list[int]:
        """Return the arcs that enter a node."""
        first, order = self._entering
        return order[first[node] : first[node + 1]]


def _grouped(key: Int32s, n: int) -> tuple[list[int], list[int]]:
    first = np.concatenate(([0], np.cumsum(np.bincount(key, minlength=n))))
    order: list[int] = np.argsort(key, kind="stable").tolist()
    return first.tolist(), order


class _Trie:
    """Sequences of arcs that are forbidden or cost time, as an automaton; state 0 remembers nothing."""

    def __init__(self, forbidden: Set[Sequence], extra_ms: Mapping[Sequence, int]) -> None:
        self.child: dict[tuple[int, int], int] = {}
        self.last_arc, self.shut, self.extra_ms = [-1], [False], [0]
        for sequence in sorted(forbidden | extra_ms.keys()):
            at = 0
            for arc in sequence:
                if (at, arc) not in self.child:
                    self.child[at, arc] = len(self.last_arc)
                    self.last_arc.append(arc)
                    self.shut.append(False)
                    self.extra_ms.append(0)
                at = self.child[at, arc]
            self.shut[at] = sequence in forbidden
            self.extra_ms[at] = extra_ms.get(sequence, 0)
        self._link()
        self._goes_on = {state for state, _ in self.child}

    def step(self, state: int, arc: int) -> int:
        """Return the state behind an arc."""
        while state and (state, arc) not in self.child:
            state = self.fail[state]
        return self.child.get((state, arc), 0)

    def useful(self, state: int) -> int:
        """Return the longest suffix of a state that some sequence continues."""
        while state and state not in self._goes_on:
            state = self.fail[state]
        return state

    def _link(self) -> None:
        """Find the longest proper suffix of every state, and let states inherit what their suffix ends."""
        children: dict[int, list[int]] = {}
        for (parent, _), state in self.child.items():
            children.setdefault(parent, []).append(state)
        self.fail = [0] * len(self.last_arc)
        queue = deque((state, 0) for state in children.get(0, ()))
        while queue:
            state, parent = queue.popleft()
            self.fail[state] = self.step(self.fail[parent], self.last_arc[state]) if parent else 0
            suffix = self.fail[state]
            self.shut[state] = self.shut[state] or self.shut[suffix]
            self.extra_ms[state] = max(self.extra_ms[state], self.extra_ms[suffix])
            queue.extend((deeper, state) for deeper in children.get(state, ()))


class _Copies:
    """Copies of junctions as they are met, and the arcs that leave them."""

    def __init__(self, book: Book, trie: _Trie, no_through: Bools, n_nodes: int) -> None:
        self.book, self.trie, self.n_nodes = book, trie, n_nodes
        self.no_through = no_through.tolist()
        self.mouth = {book.start[arc] for arc in np.flatnonzero(no_through).tolist()}
        self.row: dict[State, int] = {}
        self.start: list[int] = []
        self.stop: list[int] = []
        self.source: list[int] = []
        self.extra_ms: list[int] = []
        self.entered_from: dict[int, list[int]] = {}

    def behind(self, state: State, arc: int) -> tuple[int, int] | None:
        """Return the row one reaches over an arc and the time on top; None where that is not allowed."""
        _, memory, place = state
        after = self.trie.step(memory, arc)
        if self.trie.shut[after]:
            return None
        node = self.book.stop[arc]
        if self.no_through[arc]:
            place = FREE if place == FREE else INSIDE
        elif place == INSIDE:
            return None
        else:
            place = OUTSIDE if node in self.mouth else FREE
        known = (node, self.trie.useful(after), place)
        row = node if known[1:] == (0, FREE) else self.row.setdefault(known, self.n_nodes + len(self.row))
        return row, self.trie.extra_ms[after]

    def fill(self) -> None:
        """Add the arcs that leave every copy; copies they lead to are filled in turn."""
        done = 0
        while done < len(self.row):
            for state, row in list(self.row.items())[done:]:
                done += 1
                for arc in self.book.leaving(state[0]):
                    starts = self.entered_from.setdefault(arc, [state[0]])
                    reached = self.behind(state, arc)
                    if reached is None:
                        continue
                    starts.append(row)
                    self.start.append(row)
                    self.stop.append(reached[0])
                    self.source.append(arc)
                    self.extra_ms.append(reached[1])

    def add_sinks(self) -> list[int]:
        """Add an arc into a sink from wherever a street may be entered; return the arc entered at each."""
        sinks = sorted(self.entered_from)
        for number, arc in enumerate(sinks):
            for start in self.entered_from[arc]:
                self.start.append(start)
                self.stop.append(self.n_nodes + len(self.row) + number)
                self.source.append(arc)
                self.extra_ms.append(0)
        return sinks


def with_memory(
    arcs: Arcs,
    book: Book,
    n_nodes: int,
    forbidden: Set[Sequence],
    extra_ms: Mapping[Sequence, int],
    no_through: Bools,
) -> Arcs:
    """Return the arcs of a graph on which no forbidden sequence and no no-through street can be driven.

    Parameters
    ----------
    arcs : Arcs
        Without copies yet.
    book : Book
        Of the same arcs.
    n_nodes : int
        Nodes of the network.
    forbidden : set of tuple of int
        Sequences of two arcs or more.
    extra_ms : mapping of tuple of int to ms
        Sequences that take longer than their arcs.
    no_through : (a,) bool
        Arcs that may only begin or end a trip.
    """
    if not forbidden and not no_through.any():
        return arcs
    trie = _Trie(forbidden, extra_ms)
    copies = _Copies(book, trie, no_through, n_nodes)
    stop = arcs.stop.copy()
    first = {arc for state, arc in trie.child if state == 0}
    for node in copies.mouth:
        first.update(book.entering(node))
    for arc in sorted(first):
        reached = copies.behind((book.start[arc], 0, FREE), arc)
        if reached is not None:
            stop[arc] = reached[0]
    copies.fill()
    sinks = copies.add_sinks()
    source = np.array(copies.source, np.int64)
    return Arcs(
        np.concatenate((arcs.start, np.array(copies.start, np.int32))),
        np.concatenate((stop, np.array(copies.stop, np.int32))),
        np.concatenate((arcs.edge, arcs.edge[source])),
        np.concatenate((arcs.along, arcs.along[source])),
        np.concatenate((arcs.extra_ms, np.array(copies.extra_ms, np.int32))),
        np.array([state[0] for state in copies.row], np.int32),
        np.array(sinks, np.int32),
    )
