"""Turn restrictions and U-turns as sequences of arcs that may not be driven, or that take longer.

A restriction forbids a sequence of arcs: two for a turn at a node, more for one over a via way; ``only_*``
forbids every other continuation. Where a street passes through the via node, and so meets it from two sides, the sides
count from which it is the turn that the restriction names (OSM wiki, Relation:restriction, wants such streets split).

U-turns: a driver who may go on does not turn round where that would be a way round a restriction: within
`U_TURN_JUNCTIONS` junctions of a forbidden turn nobody turns back on the spot while another exit is left, and
at a dead end it takes the profile's ``u_turn`` delay. Elsewhere turning round gains nothing, so that no rule is
needed: a shortest path never meets a junction twice.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import numpy as np

from access15.model import TURNS, StreetNetwork
from access15.network.memory import Arcs, Book, Sequence, with_memory
from access15.network.no_through import no_through_arcs

U_TURN_JUNCTIONS: Final = 5
"""How many junctions away from a forbidden turn the U-turn rule reaches. Of random pairs in Monaco 11 % change
at 1, 5 % more at 2, 4 % at 3, 2 % at 5, 0.3 % at 8; in Porto 0.2 % at 5 and 0.02 % at 8."""


_STRAIGHT: Final = 45.0
"""Up to this many degrees to either side is straight on."""


def restrict(network: StreetNetwork, arcs: Arcs, u_turn_ms: int = 0) -> Arcs:
    """Return the arcs of a graph on which a car keeps the turn restrictions and no-through streets of ``network``.

    Parameters
    ----------
    network : StreetNetwork
        Its ``restriction_*`` fields and ``no_through``.
    arcs : Arcs
        Without copies yet.
    u_turn_ms : int
        Time of a U-turn at a dead end near a restriction.
    """
    closed = no_through_arcs(network, arcs.start, arcs.stop, arcs.edge)
    if not len(network.restriction_node) and not closed.any():
        return arcs
    book = Book(arcs, network.n_nodes)
    forbidden, extra_ms = forbidden_sequences(network, book, u_turn_ms)
    return with_memory(arcs, book, network.n_nodes, forbidden, extra_ms, closed)


def forbidden_sequences(
    network: StreetNetwork, book: Book, u_turn_ms: int = 0
) -> tuple[set[Sequence], dict[Sequence, int]]:
    """Return the sequences of arcs nobody may drive, and the U-turns that take time.

    Returns
    -------
    forbidden : set of tuple of int
    extra_ms : dict of tuple of int to ms
    """
    forbidden: set[Sequence] = set()
    ways = _Ways(network, book)
    offset = network.restriction_offset
    for r, node in enumerate(network.restriction_node.tolist()):
        members = network.restriction_way[offset[r] : offset[r + 1]].tolist()
        only, fits = bool(network.restriction_only[r]), _fits(network, book, r)
        forbidden |= _sequences(book, ways, members, node, only, fits)
    # A forbidden U-turn is no reason to look for a way round: turning back gains nothing by itself.
    junctions = {book.start[s[-1]] for s in forbidden if book.edge[s[-1]] != book.edge[s[-2]]}
    turned, extra_ms = _u_turns(book, junctions, forbidden, u_turn_ms)
    return forbidden | turned, extra_ms


class _Ways:
    """The arcs of every way that a restriction names, and the way of every arc."""

    def __init__(self, network: StreetNetwork, book: Book) -> None:
        edge = np.array(book.edge, np.int64)
        way = network.way_id[edge]
        self.of = way.tolist()
        self.arcs: dict[int, list[int]] = {}
        for arc in np.flatnonzero(np.isin(way, network.restriction_way)).tolist():
            self.arcs.setdefault(self.of[arc], []).append(arc)


def _fits(network: StreetNetwork, book: Book, restriction: int) -> Callable[[int, int], bool]:
    """Return whether going from one arc to another is the turn that a restriction names."""
    turn = TURNS[network.restriction_turn[restriction]] if len(network.restriction_turn) else ""

    def heading(arc: int, *, at_end: bool) -> tuple[float, float]:
        """Return the direction of an arc where it ends, or where it begins."""
        edge = book.edge[arc]
        first, last = int(network.vertex_offset[edge]), int(network.vertex_offset[edge + 1]) - 1
        ahead = int(network.edge_from[edge]) == book.start[arc]
        a, b = (last - 1, last) if at_end == ahead else (first, first + 1)
        sign = 1 if ahead else -1
        x, y = network.vertex_x, network.vertex_y
        return sign * float(x[b] - x[a]), sign * float(y[b] - y[a])

    def fits(came: int, goes: int) -> bool:
        if not turn:
            return True
        (ax, ay), (bx, by) = heading(came, at_end=True), heading(goes, at_end=False)
        left = math.degrees(math.atan2(ax * by - ay * bx, ax * bx + ay * by))
        return abs(left) < _STRAIGHT if turn == "straight" else (left > 0) == (turn == "left")

    return fits


def _sequences(
    book: Book, ways: _Ways, members: list[int], node: int, only: bool, fits: Callable[[int, int], bool]
) -> set[Sequence]:
    """Return the arc sequences one restriction forbids; none where it does not fit the graph."""
    if node >= 0:
        pivots = [node]
        prefixes: list[Sequence] = [(arc,) for arc in book.entering(node) if ways.of[arc] == members[0]]
    else:
        prefixes = _over_ways(book, ways, members)
        pivots = sorted({book.stop[prefix[-1]] for prefix in prefixes})
    if len(pivots) != 1 or not prefixes:
        return set()
    exits = book.leaving(pivots[0])
    out: set[Sequence] = set()
    # A street that passes through the node comes from two sides, or goes on to two.
    sides = len({book.edge[prefix[-1]] for prefix in prefixes})
    for prefix in prefixes:
        came = book.edge[prefix[-1]]
        u_turn = members[0] == members[-1] and node >= 0
        targets = [arc for arc in exits if ways.of[arc] == members[-1] and (book.edge[arc] == came) == u_turn]
        if not u_turn and node >= 0 and (sides > 1 or len(targets) > 1):
            targets = [arc for arc in targets if fits(prefix[-1], arc)]
        if len(targets) == 1:
            out.update((*prefix, arc) for arc in exits if (arc == targets[0]) != only)
    return out


def _over_ways(book: Book, ways: _Ways, members: list[int]) -> list[Sequence]:
    """Return the paths from the last arc of the first way over all via ways, up to where the last way begins."""
    goal = {book.start[arc] for arc in ways.arcs.get(members[-1], ())}
    paths: list[Sequence] = []
    for first in ways.arcs.get(members[0], ()):
        stack: list[tuple[Sequence, int]] = [((first,), 0)]
        while stack:
            path, via = stack.pop()
            node = book.stop[path[-1]]
            if via == len(members) - 2 and node in goal:
                paths.append(path)
                continue
            if len(path) > 64:
                continue
            visited = {book.start[arc] for arc in path}
            for arc in book.leaving(node):
                way = ways.of[arc]
                # The last way between may return to where it began, if the last street leaves from there.
                returns = book.stop[arc] in visited and not (
                    book.stop[arc] in goal and way == members[-2] and via >= len(members) - 3
                )
                if book.edge[arc] == book.edge[path[-1]] or returns:
                    continue
                if via and way == members[via]:
                    stack.append(((*path, arc), via))
                elif via + 1 < len(members) - 1 and way == members[via + 1]:
                    stack.append(((*path, arc), via + 1))
    return paths


def _u_turns(
    book: Book, junctions: set[int], forbidden: set[Sequence], u_turn_ms: int
) -> tuple[set[Sequence], dict[Sequence, int]]:
    """Return the U-turns near forbidden turns: those nobody makes, and those that take time."""
    near, edge_of_it = set(junctions), set(junctions)
    for _ in range(U_TURN_JUNCTIONS):
        edge_of_it = {book.stop[arc] for node in edge_of_it for arc in book.leaving(node)} - near
        near |= edge_of_it
    turned: set[Sequence] = set()
    extra_ms: dict[Sequence, int] = {}
    for node in near:
        exits = book.leaving(node)
        for came in book.entering(node):
            if book.start[came] == node:
                continue
            back = [arc for arc in exits if book.edge[arc] == book.edge[came]]
            on = [arc for arc in exits if arc not in back and (came, arc) not in forbidden]
            if on:
                turned.update((came, arc) for arc in back)
            elif u_turn_ms:
                extra_ms.update(((came, arc), u_turn_ms) for arc in back)
    return turned, extra_ms
