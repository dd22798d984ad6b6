"""Seconds lost in turns, shared out to the streets that meet at a junction.

How long a turn takes depends on two streets, the one a driver comes from and the one taken. A graph that knows
both has a node per street and direction, several times as many as junctions. Here each street gets a share for
arriving at the junction, the time of its cheapest way on, and one for leaving it, the least that is then still
missing; and the same the other way round, leaving first. The mean of both counts, so that a search turned round
sees the same times. A share depends on the streets alone, not on restrictions, and the shares of two streets never
exceed the time of the turn between them. At a T-junction they are exact: going straight on is free, turning into or
out of the stem takes the time of the turn. At a crossroads, where everybody may go straight on, turns are free.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from access15.arrays import AnyInts, Bools, Floats
from access15.model import StreetNetwork, TravelProfile
from access15.network.profile_access import profile_access

STRAIGHT, TURN, SHARP_TURN = 30.0, 90.0, 150.0
"""Degrees off straight on: up to the first nothing is lost, at the second ``turn``, from the third ``sharp_turn``;
linear in between."""

HEADING_M: Final = 15.0
"""A street's direction at a junction is that of the nearest 15 metres of its piece: rounded corners do not count as
straight on."""

NODES_AT_ONCE: Final = 250_000
"""Nodes whose turns are in memory at a time."""


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
        0 where the edge may not be travelled.
    """
    m = network.n_edges
    turn_s = profile.delay_s.get("turn", 0.0)
    sharp_s = profile.delay_s.get("sharp_turn", turn_s)
    forward, backward = (
        np.flatnonzero(access & profile.access_bit) for access in profile_access(network, profile)
    )
    edge = np.concatenate((forward, backward))
    start = np.concatenate((network.edge_from[forward], network.edge_to[backward]))
    stop = np.concatenate((network.edge_to[forward], network.edge_from[backward]))
    at_from, at_to = _headings(network)
    begins = np.concatenate((at_from[forward], at_to[backward]))
    ends = np.concatenate((at_to[forward], at_from[backward]))
    arrive, leave = np.zeros((2, len(edge)))
    for into, out in _turns(start, stop, edge, busy):
        off = np.abs(np.abs(ends[into] - begins[out]) - 180.0)
        seconds = np.nan_to_num(np.interp(off, (STRAIGHT, TURN, SHARP_TURN), (0.0, turn_s, sharp_s)))
        came, went = _least(into, seconds, len(edge)), _least(out, seconds, len(edge))
        arrive += (came + _least(into, seconds - went[out], len(edge))) / 2
        leave += (went + _least(out, seconds - came[into], len(edge))) / 2
    lost = arrive + leave
    split = len(forward)
    ahead, behind = np.zeros(m), np.zeros(m)
    ahead[forward], behind[backward] = lost[:split], lost[split:]
    return ahead, behind


def _headings(network: StreetNetwork) -> tuple[Floats, Floats]:
    """Return the direction into every edge at its two ends, degrees; NaN for an edge without length."""
    points = network.vertex_x + 1j * network.vertex_y
    step = np.abs(np.diff(points))
    first, last = network.vertex_offset[:-1], network.vertex_offset[1:] - 1
    step[last[:-1]] = 1.0  # a gap between edges, so that a place along all of them names one
    along = np.concatenate(([0.0], np.cumsum(step)))
    reach = np.minimum(HEADING_M, along[last] - along[first])
    near_first = np.interp(along[first] + reach, along, points) - points[first]
    near_last = np.interp(along[last] - reach, along, points) - points[last]
    return (
        np.where(reach > 0, np.angle(near_first, deg=True), np.nan),
        np.where(reach > 0, np.angle(near_last, deg=True), np.nan),
    )


def _turns(start: AnyInts, stop: AnyInts, edge: AnyInts, busy: Bools) -> Iterator[tuple[AnyInts, AnyInts]]:
    """Yield every turn at the junctions as arcs (into, out of) it, whole junctions at a time; no U-turns."""
    exits = np.argsort(start)
    first = np.concatenate(([0], np.cumsum(np.bincount(start, minlength=len(busy)))))
    came = np.flatnonzero(busy[stop])
    for node in range(0, len(busy), NODES_AT_ONCE):
        block = came[(node <= stop[came]) & (stop[came] < node + NODES_AT_ONCE)]
        each = np.diff(first)[stop[block]]
        into = np.repeat(block, each)
        nth = np.arange(len(into)) - np.repeat(np.cumsum(each) - each, each)
        out = exits[first[stop[into]] + nth]
        on = edge[into] != edge[out]
        yield into[on], out[on]


def _least(arc: AnyInts, seconds: Floats, n: int) -> Floats:
    """Return the least of the seconds of every arc, (n,), 0 where it has none."""
    least = np.full(n, np.inf)
    np.minimum.at(least, arc, seconds)
    least[np.isinf(least)] = 0.0
    return least
