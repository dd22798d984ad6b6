"""Points of a street where a trip may wait: signals, crossings, signs, gates, toll booths, lifts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from access15.arrays import Floats, Ints, UInt8s
from access15.model import WAITS
from access15.modes import CAR_KEYS

WAIT_HIGHWAYS: Final = frozenset({"traffic_signals", "crossing", "stop", "give_way", "elevator"})
"""Values of ``highway`` on nodes that are read."""
_GATES: Final = frozenset({"gate", "lift_gate", "swing_gate", "sliding_gate"})
_SIGNS: Final = frozenset({WAITS.index("stop"), WAITS.index("give_way")})
_AHEAD, _BEHIND, _BOTH = 1, 2, 3
_DIRECTIONS: Final = {"forward": _AHEAD, "backward": _BEHIND, "both": _BOTH}


def wait_kind(tags: Mapping[str, str]) -> str | None:
    """Return which of `WAITS` a node is, from its tags; None if nobody waits there.

    A crossing with signals is a signal. A gate whose access tags say who may pass is open to them. A sign
    that binds the minor road only (``stop=minor``) is left out: which road that is, the node does not say.
    """
    highway, barrier = tags.get("highway", ""), tags.get("barrier", "")
    if highway == "crossing" and tags.get("crossing") == "traffic_signals":
        return "traffic_signals"
    if highway in WAIT_HIGHWAYS:
        return None if tags.get("stop") == "minor" else highway
    if barrier in _GATES and not any(key in tags for key in CAR_KEYS):
        return "gate"
    return "toll_booth" if barrier == "toll_booth" else None


def count_waits(
    node_tags: Mapping[int, Mapping[str, str]],
    node: Ints,
    length: Floats,
    first: Ints,
    last: Ints,
) -> tuple[UInt8s, UInt8s]:
    """Return the halves of each of `WAITS` that every piece of street has, forward and backward.

    What stands in mid-piece is two halves; what stands at an end is one half for each piece that meets
    there, so that a trip that passes pays it once. ``direction`` tags (``traffic_signals:direction`` first) are those of the way. A stop or give-way
    sign in mid-piece without one is for those who come to the nearer end.

    Parameters
    ----------
    node_tags : mapping of node id to tags
    node : (k,) int64
        Node ids of all vertices, way after way.
    length : (k,) float64
        Length of the step behind each vertex, metres.
    first, last : (m,) int64
        Vertex rows of the ends of each piece.

    Returns
    -------
    forward, backward : (m, w) uint8
    """
    kinds = [
        (i, WAITS.index(kind), _direction(tags)) for i, tags in node_tags.items() if (kind := wait_kind(tags))
    ]
    forward, backward = (np.zeros((len(first), len(WAITS)), np.uint8) for _ in range(2))
    if not kinds:
        return forward, backward
    table = np.array(sorted(kinds), np.int64)
    place = np.minimum(np.searchsorted(table[:, 0], node), len(table) - 1)
    at = np.flatnonzero(table[place, 0] == node)
    kind, bound = table[place[at], 1], table[place[at], 2]
    into = np.minimum(np.searchsorted(last, at), len(last) - 1)  # the piece that ends at or behind the vertex
    out = np.maximum(np.searchsorted(first, at, "right") - 1, 0)
    run = np.cumsum(length) - length
    middle = (first[into] < at) & (at < last[into])
    nearer_end = np.where(2 * run[at] >= run[first[into]] + run[last[into]], _AHEAD, _BEHIND)
    bound = np.where(bound > 0, bound, np.where(middle & np.isin(kind, list(_SIGNS)), nearer_end, _BOTH))
    before = (first[into] < at) & (at <= last[into])
    behind = (first[out] <= at) & (at < last[out])
    for counts, way in ((forward, _AHEAD), (backward, _BEHIND)):
        for piece, touches in ((into, before), (out, behind)):
            pays = touches & (bound & way > 0)
            np.add.at(counts, (piece[pays], kind[pays]), 1)
    return forward, backward


def _direction(tags: Mapping[str, str]) -> int:
    return _DIRECTIONS.get(tags.get("traffic_signals:direction", tags.get("direction", "")), 0)
