"""Seconds lost in turns, shared out to the streets that meet at a junction.

How long a turn takes depends on two streets, the one a driver comes from and the one taken. A graph that knows
both has a node per street and direction, several times as many as junctions. Here each street gets a share for
arriving at the junction, what its cheapest way on takes, and one for leaving it, the least that is then missing.
The shares of two streets never exceed the time of the turn between them, and at a T-junction they are exact: going
straight on is free, turning into or out of the stem takes the time of the turn. At a crossing of four, where every
street goes straight on, turns are free.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from access15.model import StreetNetwork, TravelProfile

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.integer]

STRAIGHT, TURN, SHARP_TURN = 30.0, 90.0, 150.0
"""Degrees off straight on: up to the first nothing is lost, at the second ``turn``, from the third ``sharp_turn``;
linear in between."""

HEADING_M: Final = 15.0
"""A street's direction at a junction is that of its nearest 15 metres: rounded corners do not count as straight on."""

PAIRS_AT_ONCE: Final = 1_000_000
"""Turns in memory at a time."""


def turn_delays_s(network: StreetNetwork, profile: TravelProfile, busy: Bools) -> tuple[Floats, Floats]:
    """Return the seconds that turns at both ends add to every edge forward and backward.

    Parameters
    ----------
    network : StreetNetwork
    profile : TravelProfile
        Its delays ``turn`` and ``sharp_turn`` (which is ``turn`` where it is not given).
    busy : (n,) bool
        Nodes that are junctions.

    Returns
    -------
    forward, backward : (m,) float64
    """
    m = network.n_edges
    turn_s = profile.delay_s.get("turn", 0.0)
    sharp_s = profile.delay_s.get("sharp_turn", turn_s)
    if not turn_s and not sharp_s:
        return np.zeros(m), np.zeros(m)
    forward, backward = (
        np.flatnonzero(access & profile.access_bit)
        for access in (network.access_forward, network.access_backward)
    )
    edge = np.concatenate((forward, backward))
    start = np.concatenate((network.edge_from[forward], network.edge_to[backward]))
    stop = np.concatenate((network.edge_to[forward], network.edge_from[backward]))
    at_from, at_to = _headings(network)
    leaving = np.concatenate((at_from[forward], at_to[backward]))
    arriving = np.concatenate((-at_to[forward], -at_from[backward]))
    lost = np.zeros(len(edge))
    for into, out in _turns(start, stop, edge, busy):
        allowed = ~_forbidden(network, stop[into], network.way_id[edge[into]], network.way_id[edge[out]])
        into, out = into[allowed], out[allowed]
        off = np.abs(np.degrees(np.angle(leaving[out] * np.conj(arriving[into]))))
        seconds = np.interp(off, (STRAIGHT, TURN, SHARP_TURN), (0.0, turn_s, sharp_s))
        lost += _shares(into, out, seconds, len(edge))
    split = len(forward)
    ahead, behind = np.zeros(m), np.zeros(m)
    ahead[forward], behind[backward] = lost[:split], lost[split:]
    return ahead, behind


def _headings(network: StreetNetwork) -> tuple[npt.NDArray[np.complex128], npt.NDArray[np.complex128]]:
    """Return the direction into every edge at its two ends, as complex numbers."""
    points = network.vertex_x + 1j * network.vertex_y
    step = np.abs(np.diff(points))
    first, last = network.vertex_offset[:-1], network.vertex_offset[1:] - 1
    step[last[:-1]] = 1.0  # a gap between edges, so that a place along all of them names one
    along = np.concatenate(([0.0], np.cumsum(step)))
    reach = np.minimum(HEADING_M, along[last] - along[first])
    return (
        np.interp(along[first] + reach, along, points) - points[first],
        np.interp(along[last] - reach, along, points) - points[last],
    )


def _turns(start: Ints, stop: Ints, edge: Ints, busy: Bools) -> Iterator[tuple[Ints, Ints]]:
    """Yield every turn at the junctions as arcs (into, out of) it, whole junctions at a time; no U-turns."""
    exits = np.argsort(start, kind="stable")
    first = np.concatenate(([0], np.cumsum(np.bincount(start, minlength=len(busy)))))
    came = np.flatnonzero(busy[stop])
    came = came[np.argsort(stop[came], kind="stable")]
    count = np.diff(first)[stop[came]]
    block = np.cumsum(count) // PAIRS_AT_ONCE
    opens = np.flatnonzero(np.diff(block) & np.diff(stop[came]).astype(bool)) + 1
    for rows in np.split(np.arange(len(came)), opens):
        each = count[rows]
        into = np.repeat(came[rows], each)
        nth = np.arange(len(into)) - np.repeat(np.cumsum(each) - each, each)
        out = exits[first[stop[into]] + nth]
        on = edge[into] != edge[out]
        yield into[on], out[on]


def _forbidden(network: StreetNetwork, node: Ints, came: Ints, goes: Ints) -> Bools:
    """Return the turns between two ways that a restriction at their junction forbids."""
    shut = np.zeros(len(node), bool)
    offset = network.restriction_offset
    rows = np.flatnonzero((network.restriction_node >= 0) & (np.diff(offset) == 2))
    rows = rows[np.argsort(network.restriction_node[rows], kind="stable")]
    at = network.restriction_node[rows]
    first, last = (np.searchsorted(at, node, side) for side in ("left", "right"))
    for nth in range(int((last - first).max(initial=0))):
        turn = np.flatnonzero(first + nth < last)
        row = rows[first[turn] + nth]
        source, target = (network.restriction_way[offset[row] + k] for k in (0, 1))
        shut[turn] |= (came[turn] == source) & ((goes[turn] == target) != network.restriction_only[row])
    return shut


def _shares(into: Ints, out: Ints, seconds: Floats, n: int) -> Floats:
    """Return the share of every arc, (n,): what arriving over it takes and what leaving over it takes."""
    arrive, leave = np.full((2, n), np.inf)
    np.minimum.at(arrive, into, seconds)
    np.minimum.at(leave, out, seconds - arrive[into])
    return np.where(np.isfinite(arrive), arrive, 0.0) + np.where(np.isfinite(leave), leave, 0.0)
