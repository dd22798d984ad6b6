"""The modes there are, in their order, and what all of them say together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import IntFlag
from importlib import import_module
from itertools import chain
from typing import Final

from access15.modes.travel_mode import TravelMode


class Access(IntFlag):
    """Permission bits of one direction of an edge, one per mode; the file of a mode has its name in lower case."""

    NONE = 0
    FOOT = 1
    BICYCLE = 2
    MOTORCAR = 4
    EMERGENCY = 8
    WHEELCHAIR = 16


def _load(name: str) -> TravelMode:
    entry = import_module(f"access15.modes.{name}").MODE
    assert isinstance(entry, TravelMode)
    return entry


MODES: Final[dict[str, TravelMode]] = {
    name.lower(): _load(name.lower()) for name, bit in Access.__members__.items() if bit
}
"""Every mode by the name that profiles give it, in the order of `Access`."""


def access_of(mode: str) -> Access:
    """Return the permission bit of a mode."""
    return Access[mode.upper()]


def who(holds: Callable[[TravelMode], bool]) -> Access:
    """Return the bits of the modes for which something holds."""
    found = Access.NONE
    for name, mode in MODES.items():
        if holds(mode):
            found |= access_of(name)
    return found


EVERYBODY: Final = who(lambda mode: bool(mode.classes))

CAR_KEYS: Final = MODES["motorcar"].access_keys
"""The access keys of a car; all but the last few speak of others too."""


def _joined(first: tuple[str, ...], keys: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Return all keys once, from general to special; ``first`` settles the order of those that several modes share."""
    return tuple(dict.fromkeys((*first, *chain.from_iterable(keys))))


ACCESS_KEYS: Final = _joined((*CAR_KEYS, "bicycle"), (mode.access_keys for mode in MODES.values()))
"""The access keys of all modes, from general to special."""

ONEWAY_KEYS: Final = _joined(
    ("oneway", "oneway:motor_vehicle", "oneway:bicycle"), (mode.oneway_keys for mode in MODES.values())
)
"""The one-way keys of all modes, from general to special."""

_CLASSES: Final = (
    "motorway", "motorway_link", "trunk", "trunk_link", "primary", "primary_link", "secondary", "secondary_link",
    "tertiary", "tertiary_link", "unclassified", "residential", "living_street", "service", "track", "road",
    "pedestrian", "footway", "path", "steps", "corridor", "elevator", "platform", "cycleway", "bridleway", "busway",
    "bus_guideway", "escape",
)  # fmt: skip


def _open_to(highway: str) -> Access:
    return who(lambda mode: highway in mode.classes)


CLASS_ACCESS: Final[dict[str, Access]] = {highway: _open_to(highway) for highway in _CLASSES}
"""Who may use a highway class when no access tag says otherwise; the last two are nobody's."""
