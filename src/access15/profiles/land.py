"""Speeds on foot over land, by class of the land cover."""

from __future__ import annotations

from access15.model import LAND_CLASSES, TravelProfile
from access15.profiles.files import PRESETS

STANDARD = "walk-land"
"""The preset whose speeds over land other profiles take, in proportion to their own pace."""


def off_road_kph(profile: TravelProfile) -> dict[str, float]:
    """Return the speed on foot over each class of land, km/h, 0 = closed.

    Classes for which a profile has no speed of its own take that of ``walk-land`` times the ratio of the two paces on
    foot (``off_network_kph``).

    Parameters
    ----------
    profile : TravelProfile
    """
    standard = PRESETS[STANDARD]
    ratio = profile.off_network_kph / standard.off_network_kph
    return {name: kph * ratio for name, kph in standard.off_road_kph.items()} | dict(profile.off_road_kph)


def borrowed_classes(profile: TravelProfile) -> tuple[str, ...]:
    """Return the classes of land for which a profile takes the speeds of ``walk-land``."""
    return tuple(name for name in LAND_CLASSES if name not in profile.off_road_kph)
