"""Modes of travel: what foot, bicycle, car and others have each of their own, one file per mode.

A mode is added as one file with a `TravelMode` called ``MODE``, and one line of `Access` in `registry`. Permissions of
streets and nodes, explanations, profile files, isochrones, graphs for OSMnx and the pages read it there. The room
lies below ``model``: a profile refuses a mode that is not here, and a network keeps the permission bits.
"""

from access15.modes.quantities import parse_length_m
from access15.modes.registry import (
    ACCESS_KEYS,
    CAR_KEYS,
    CLASS_ACCESS,
    EVERYBODY,
    MODES,
    ONEWAY_KEYS,
    Access,
    access_of,
    who,
)
from access15.modes.travel_mode import WALKS, Obstacle, TravelMode

__all__ = [
    "ACCESS_KEYS",
    "CAR_KEYS",
    "CLASS_ACCESS",
    "EVERYBODY",
    "MODES",
    "ONEWAY_KEYS",
    "WALKS",
    "Access",
    "Obstacle",
    "TravelMode",
    "access_of",
    "parse_length_m",
    "who",
]
