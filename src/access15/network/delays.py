"""Seconds lost on every edge: waits of the profile, spread evenly over the piece of street.

Spreading keeps every later step exact under the model: a position in mid-edge, a cut edge and a search
turned round all see the same time per metre.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from access15.arrays import Bools, Floats
from access15.model import FERRY_INTERVAL_S, WAITS, StreetNetwork, TravelProfile
from access15.network.profile_access import profile_access
from access15.network.turn_delays import turn_delays_s

JUNCTION_ARMS = 3
"""Street pieces open to the mode that make a node a junction."""


def edge_delays_s(network: StreetNetwork, profile: TravelProfile) -> tuple[Floats, Floats]:
    """Return the seconds that delays add to every edge forward and backward.

    Returns
    -------
    forward, backward : (m,) float64
    """
    forward, backward = np.zeros(network.n_edges), np.zeros(network.n_edges)
    for _, ahead, behind in delays_by_kind(network, profile):
        forward += ahead
        backward += behind
    return forward, backward


def fixed_times_s(network: StreetNetwork, profile: TravelProfile) -> Floats:
    """Return the time of every edge with a timetable, the wait of a profile in place of an assumed one; NaN elsewhere, (m,)."""
    seconds = network.duration_s.astype(float)
    wait_s = profile.delay_s.get("ferry")
    if wait_s is None or not len(network.assumed_wait_s):
        return seconds
    seconds += network.assumed_wait_s * (wait_s / (FERRY_INTERVAL_S / 2) - 1)
    return seconds


def delays_by_kind(network: StreetNetwork, profile: TravelProfile) -> Iterator[tuple[str, Floats, Floats]]:
    """Yield each delay of a profile with the seconds it adds to every edge forward and backward.

    What stands at an end is shared in halves by the edges a trip passes there; turns are shared out by
    `access15.network.turn_delays`, ``sharp_turn`` with ``turn``. Ferries have a fixed time and no delay; a way
    that is a lift has one whole wait.

    Yields
    ------
    kind : str
        One of `DELAYS`; ``u_turn`` never, it is no edge's.
    forward, backward : (m,) float64
    """
    free = np.isnan(network.duration_s)
    if len(network.waits_forward):
        for i, kind in enumerate(WAITS):
            if seconds := profile.delay_s.get(kind):
                share = free * (seconds / 2)
                yield kind, network.waits_forward[:, i] * share, network.waits_backward[:, i] * share
    turns = profile.delay_s.get("turn") or profile.delay_s.get("sharp_turn")
    if not turns and not profile.delay_s.get("junction"):
        return
    busy = junctions(network, profile)
    if seconds := profile.delay_s.get("junction"):
        both = free * (seconds / 2) * (busy[network.edge_from] * 1.0 + busy[network.edge_to])
        yield "junction", both, both
    if turns:
        ahead, behind = turn_delays_s(network, profile, busy)
        yield "turn", ahead * free, behind * free


def junctions(network: StreetNetwork, profile: TravelProfile) -> Bools:
    """Return the nodes where at least `JUNCTION_ARMS` pieces open to the profile meet, (n,)."""
    forward, backward = profile_access(network, profile)
    usable = (forward | backward) & profile.access_bit != 0
    ends = np.concatenate((network.edge_from[usable], network.edge_to[usable]))
    return np.asarray(np.bincount(ends, minlength=network.n_nodes) >= JUNCTION_ARMS)


def delay_text(lost_s: Mapping[str, float], profile: TravelProfile) -> str:
    """Return what makes one edge take longer, such as ``0.5 × traffic_signals 2 s (source)``; empty if nothing.

    Parameters
    ----------
    lost_s : mapping of str to float
        Seconds by kind, of `delays_by_kind`.
    profile : TravelProfile
    """
    said = []
    for kind, seconds in lost_s.items():
        if not seconds:
            continue
        if kind == "turn":
            what = f"turns at its ends {seconds:.1f} s"
        else:
            each = profile.delay_s[kind]
            what = f"{seconds / each:g} × {kind} {each:g} s"
        said.append(f"{what} ({profile.source_of(f'delay_s.{kind}')})")
    return ", ".join(said)
