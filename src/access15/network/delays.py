"""Seconds lost on every edge: waits of the profile, spread evenly over the piece of street.

Spreading keeps every later step exact under the model: a position in mid-edge, a cut edge and a search
turned round all see the same time per metre.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from access15.model import WAITS, StreetNetwork, TravelProfile
from access15.network.turn_delays import turn_delays_s

Floats = npt.NDArray[np.float64]

JUNCTION_ARMS = 3
"""Street pieces open to the mode that make a node a junction."""

LEAST_SAID_S = 0.05
"""Turns that take less are not worth a word."""


def edge_delays_s(network: StreetNetwork, profile: TravelProfile) -> tuple[Floats, Floats]:
    """Return the seconds that delays add to every edge forward and backward.

    What stands at an end is shared in halves by the edges a trip passes there; ferries and lifts have their
    fixed time.

    Returns
    -------
    forward, backward : (m,) float64
    """
    m = network.n_edges
    forward, backward = np.zeros(m), np.zeros(m)
    each = np.array([profile.delay_s.get(kind, 0.0) for kind in WAITS])
    if each.any() and len(network.waits_forward):
        forward += network.waits_forward @ each / 2
        backward += network.waits_backward @ each / 2
    if any(profile.delay_s.get(kind) for kind in ("junction", "turn", "sharp_turn")):
        busy = junctions(network, profile)
        both = (
            profile.delay_s.get("junction", 0.0) / 2 * (busy[network.edge_from] * 1.0 + busy[network.edge_to])
        )
        ahead, behind = turn_delays_s(network, profile, busy)
        forward += both + ahead
        backward += both + behind
    fixed = ~np.isnan(network.duration_s)
    forward[fixed] = backward[fixed] = 0.0
    return forward, backward


def junctions(network: StreetNetwork, profile: TravelProfile) -> npt.NDArray[np.bool_]:
    """Return the nodes where at least `JUNCTION_ARMS` pieces open to the profile meet, (n,)."""
    usable = (network.access_forward | network.access_backward) & profile.access_bit != 0
    ends = np.concatenate((network.edge_from[usable], network.edge_to[usable]))
    return np.asarray(np.bincount(ends, minlength=network.n_nodes) >= JUNCTION_ARMS)


def delay_text(network: StreetNetwork, edge: int, profile: TravelProfile, along: bool, delay_s: float) -> str:
    """Return what makes one edge take longer, such as ``0.5 × traffic_signals 2 s (source)``; empty if nothing.

    What ``delay_s``, all that it takes longer, holds beyond the waits is lost in turns.
    """
    counts = network.waits_forward if along else network.waits_backward
    found = {kind: counts[edge, i] / 2 if len(counts) else 0.0 for i, kind in enumerate(WAITS)}
    if profile.delay_s.get("junction"):
        ends = np.array([network.edge_from[edge], network.edge_to[edge]])
        found["junction"] = junctions(network, profile)[ends].sum() / 2
    said = []
    for kind, number in found.items():
        if number and (seconds := profile.delay_s.get(kind, 0.0)):
            delay_s -= number * seconds
            said.append(f"{number:g} × {kind} {seconds:g} s ({profile.source_of(f'delay_s.{kind}')})")
    if delay_s > LEAST_SAID_S:
        said.append(f"turns at its ends {delay_s:.1f} s ({profile.source_of('delay_s.turn')})")
    return ", ".join(said)
