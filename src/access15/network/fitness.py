"""Streets and nodes that do not suit a mode, whatever the law says: steps, kerbs, stiles, narrow or steep ways.

Only modes with a ``fit_key`` are asked (`access15.modes.TravelMode`). Access tags say who may pass; these rules say
who can.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from access15.arrays import Bools, Ints
from access15.model import StreetNetwork, TravelProfile
from access15.modes import MODES, Access, TravelMode, access_of, who

FITTED: Final = tuple((access_of(name), mode) for name, mode in MODES.items() if mode.fit_key)
"""The modes that are asked, each with its permission bit."""
FITTED_BITS: Final = who(lambda mode: bool(mode.fit_key))

_UNFIT: Final = frozenset({"no", "private", "restricted", "none"})
_FIT: Final = frozenset({"yes", "designated", "official", "permissive"})
_CROSSINGS: Final = frozenset({"crossing", "traffic_signals"})

_ASKED: Final = (key for mode in MODES.values() if mode.unknown for key in mode.unknown.keys)
PASSED_KEYS: Final = ("barrier", *dict.fromkeys(_ASKED))
"""Keys of nodes that somebody has to pass: barriers, and what a mode asks for besides."""


def unfit_way(tags: Mapping[str, str], mode: TravelMode, suffix: str = "") -> str:
    """Return the tag that makes a way unfit for a mode, ``key=value``; empty if it suits.

    Parameters
    ----------
    tags : mapping of str to str
    mode : TravelMode
        One with a ``fit_key``.
    suffix : str
        ``":forward"`` or ``":backward"``, of tags that speak of one direction.
    """
    return next(_reasons(tags, mode, suffix, node=False), "")


def unfit_node(tags: Mapping[str, str], mode: TravelMode) -> str:
    """Return the tag that keeps a mode from passing a node, ``key=value``; empty if it passes.

    Nodes that are no barrier, kerb, crossing or lift (a bus stop, an entrance) say nothing about passing them.
    """
    if not any(key in tags for key in PASSED_KEYS) and tags.get("highway") not in {*_CROSSINGS, "elevator"}:
        return ""
    return next(_reasons(tags, mode, "", node=True), "")


def _reasons(tags: Mapping[str, str], mode: TravelMode, suffix: str, *, node: bool) -> Iterator[str]:
    key = mode.fit_key + suffix if mode.fit_key + suffix in tags else mode.fit_key
    value = tags.get(key, "").split(";")[0].strip().lower()
    if value in _UNFIT:
        yield f"{key}={tags[key]}"
    elif value not in _FIT:
        for obstacle in mode.node_obstacles if node else mode.obstacles:
            if obstacle.stops(tags):
                named = next(key for key in obstacle.keys if key in tags)
                yield f"{named}={tags[named]}"


def fit_way(tags: Mapping[str, str], ways: tuple[Access, Access], why: list[str]) -> tuple[Access, Access]:
    """Return who may travel a way forward and backward without those whom it does not suit; ``why`` gets the tags."""
    found = list(ways)
    for bit, mode in FITTED:
        both = unfit_way(tags, mode)
        for i, suffix in enumerate((":forward", ":backward")):
            own = tags.get(mode.fit_key + suffix, "")
            reason = unfit_way(tags, mode, suffix) if own else both
            if own == "designated":
                found[i] |= bit
            elif reason and found[i] & bit:
                found[i] &= ~bit
                if reason not in why:
                    why.append(reason)
    return found[0], found[1]


def designated(tags: Mapping[str, str], allowed: Access) -> Access:
    """Return who may travel with those for whom a way or node is made, such as lifts for wheelchairs alone."""
    for bit, mode in FITTED:
        if tags.get(mode.fit_key) == "designated":
            allowed |= bit
    return allowed


def fit_node(tags: Mapping[str, str], allowed: Access) -> Access:
    """Return who passes a node without those whom it does not suit."""
    for bit, mode in FITTED:
        if allowed & bit and unfit_node(tags, mode):
            allowed &= ~bit
    return allowed


def crossed_on_foot(tags: Mapping[str, str]) -> bool:
    """Return whether a node's kerbs are those of people who cross a road: nobody meets them along the road."""
    return "barrier" not in tags and tags.get("highway") in _CROSSINGS


def unknown_nodes(
    node_tags: Mapping[int, Mapping[str, str]], present: list[int]
) -> dict[str, dict[str, int]]:
    """Return by mode how many nodes are passed because nobody mapped what matters, by what they are."""
    found: dict[str, dict[str, int]] = {}
    for name, mode in MODES.items():
        unknown = mode.unknown
        if unknown is None:
            continue
        count = sum(
            not node_tags[node].get(mode.fit_key) and unknown.stops(node_tags[node]) for node in present
        )
        if count:
            found[name] = {f"nodes without {', '.join(unknown.keys)}, passed": count}
    return found


STEEP_OVER_M: Final = 30.0
"""Shorter edges are not judged by their slope: one pixel of a 1-arc-second raster."""


def too_steep(network: StreetNetwork, profile: TravelProfile) -> Bools:
    """Return the edges steeper than the profile's mode can travel, by their mean slope and in both directions.

    Returns
    -------
    (m,) bool
        All False where no elevation was given.
    """
    steepest = profile.travel_mode.max_slope
    if not network.has_elevation or math.isinf(steepest):
        return np.zeros(network.n_edges, bool)
    return np.asarray((np.abs(network.slope) > steepest) & (network.length_m >= STEEP_OVER_M))


def closing_tags(network: StreetNetwork, profile: TravelProfile, edges: Ints) -> list[str]:
    """Return what makes each of some edges unfit for the profile's mode, ``key=value`` or its slope; empty if nothing.

    Parameters
    ----------
    network : StreetNetwork
    profile : TravelProfile
    edges : (k,) int
        Rows of edges.
    """
    mode = profile.travel_mode
    if not mode.fit_key:
        return [""] * len(edges)
    steep = too_steep(network, profile)[edges]
    barrier = np.array([name == "barrier" for name in network.highway_classes])[network.highway[edges]]
    known: dict[tuple[int, bool], str] = {}
    found = []
    rule = network.rule[edges] if len(network.rule) else np.zeros(len(edges), int)
    for code, at_node, is_steep in zip(rule.tolist(), barrier.tolist(), steep.tolist(), strict=True):
        if is_steep:
            found.append(f"slope above {mode.max_slope:.0%}")
            continue
        if (code, at_node) not in known:
            known[code, at_node] = _last_reason(network.rules[code] if network.rules else "", mode, at_node)
        found.append(known[code, at_node])
    return found


def _last_reason(text: str, mode: TravelMode, node: bool) -> str:
    """Return the tag that closed, of tags as the rules write them: ``key=value`` joined by commas.

    What closed stands last, unless it would be there anyway; tags that make something passable (a ramp) are not there.
    """
    tags = dict(item.split("=", 1) for item in text.split(", ") if "=" in item)
    found: list[str] = []
    for suffix in ("", ":forward", ":backward"):
        found += _reasons(tags, mode, suffix, node=node)
    return max(found, key=text.rfind, default="")


FIT_KEYS: Final = frozenset(
    {mode.fit_key + suffix for _, mode in FITTED for suffix in ("", ":forward", ":backward")}
    | {key for _, mode in FITTED for obstacle in mode.obstacles for key in obstacle.keys}
)
"""Keys of ways that these rules read."""
