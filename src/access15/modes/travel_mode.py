"""What a mode of travel is: an entry of plain data, and words for classes of streets that entries share."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

ROADS: Final = frozenset(
    {"trunk", "trunk_link", "primary", "primary_link", "secondary", "secondary_link", "tertiary"}
    | {"tertiary_link", "unclassified", "residential", "living_street", "service", "track", "road"}
)
MOTORWAYS: Final = frozenset({"motorway", "motorway_link"})
WALKS: Final = frozenset(
    {"pedestrian", "footway", "path", "steps", "corridor", "elevator", "platform", "cycleway", "bridleway"}
)
"""Classes of ``highway`` for people on foot alone, or with others that are no cars."""

CLOSED_GROUNDS: Final = frozenset({"wall", "fence", "hedge"})
"""Barriers that nobody passes."""
PERSON_SIZED: Final = frozenset({"kissing_gate", "stile", "turnstile", "full-height_turnstile", "debris"})
"""Barriers that people pass who leave everything with wheels behind."""
CAR_STOPS: Final = frozenset(
    {"bollard", "cycle_barrier", "motorcycle_barrier", "block", "jersey_barrier", "planter", "log"}
    | {"bus_trap", "sump_buster", "chain", "rope"}
)
"""Barriers that stop cars and let people and bicycles pass."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something that a mode cannot pass, told by tags.

    Attributes
    ----------
    keys : tuple of str
        The OSM keys that are looked at; the first one names the obstacle.
    stops : callable
        Takes the tags, says whether they stop the mode.
    """

    keys: tuple[str, ...]
    stops: Callable[[Mapping[str, str]], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class TravelMode:
    """One mode of travel: whom a permission is for, and what the rules of the road mean to it.

    Attributes
    ----------
    words : (str, str)
        Who travels, in English and in Chinese.
    classes : frozenset of str
        Values of ``highway`` that are open to it when no access tag says otherwise.
    access_keys : tuple of str
        OSM's access keys that speak of it, from general to special: a later one overrules an earlier one.
    oneway_keys : tuple of str
        One-way keys that bind it, from general to special.
    closed_by : mapping of str to str
        Tags that close what the class has opened, unless an access tag opens it.
    stopped_by : frozenset of str
        Values of ``barrier`` that it does not pass when no access tag says otherwise; it passes all others.
    pixel_m : float
        Distance between the pixels of an isochrone, metres.
    pedestrian : bool
        It goes where people walk: on ways for people on foot ``oneway`` and ``conveying`` bind it, and the leg
        between a point and its street goes at its own speed.
    hikes : bool
        Tobler's hiking function says what slopes do to it.
    contraflow : bool
        ``cycleway=opposite`` opens the other direction to it.
    let_in : bool
        Private streets and locked gates are opened for it; only its own key closes a street.
    turn_rules : bool
        Turn restrictions and streets without through traffic bind it.
    fit_key : str
        OSM's key that says whether a way or a node suits it, whatever the law says; empty without one. ``no``
        closes, ``yes`` takes the obstacles away, ``designated`` opens besides what the law keeps closed.
    obstacles, node_obstacles : tuple of Obstacle
        What closes a way, and a node on it, to a mode with a ``fit_key``.
    unknown : Obstacle or None
        Nodes that are passed because nobody mapped what matters; they are counted. A node with any of its keys is
        one that has to be passed.
    max_slope : float
        Steepest street, rise over run, on networks with elevation.
    """

    words: tuple[str, str]
    classes: frozenset[str]
    access_keys: tuple[str, ...]
    oneway_keys: tuple[str, ...]
    stopped_by: frozenset[str]
    pixel_m: float
    closed_by: Mapping[str, str] = field(default_factory=dict)
    pedestrian: bool = False
    hikes: bool = False
    contraflow: bool = False
    let_in: bool = False
    turn_rules: bool = False
    fit_key: str = ""
    obstacles: tuple[Obstacle, ...] = ()
    node_obstacles: tuple[Obstacle, ...] = ()
    unknown: Obstacle | None = None
    max_slope: float = math.inf
