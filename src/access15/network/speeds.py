"""Speed of every edge under a profile, and the rule that gave it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import IntEnum

import numpy as np

from access15.arguments import say
from access15.arrays import Floats, UInt8s
from access15.errors import InputError
from access15.model import SMOOTHNESS, TRACKTYPES, StreetNetwork, TravelProfile
from access15.network.fitness import too_steep
from access15.network.profile_access import profile_access


class SpeedRule(IntEnum):
    """What decided the speed of an edge in one direction."""

    CLOSED = 0
    DURATION = 1
    LIMIT = 2
    CLASS = 3
    FLAT = 4
    SURFACE = 5
    TRACKTYPE = 6
    SMOOTHNESS = 7


RULE_TEXT = {
    SpeedRule.CLOSED: "closed",
    SpeedRule.DURATION: "timetable or fixed time",
    SpeedRule.LIMIT: "signed limit",
    SpeedRule.CLASS: "class speed",
    SpeedRule.FLAT: "the profile's one speed",
    SpeedRule.SURFACE: "surface cap",
    SpeedRule.TRACKTYPE: "track type cap",
    SpeedRule.SMOOTHNESS: "smoothness cap",
}


def edge_speeds_kph(network: StreetNetwork, profile: TravelProfile) -> tuple[Floats, Floats]:
    """Return km/h of every edge forward and backward, NaN where the profile may not travel, or its mode cannot climb.

    A signed limit (times ``maxspeed_factor``) goes before the class speed, the class speed before the
    profile's flat speed; the surface caps either; the peak factor and, where the profile has it switched
    on, the slope apply last.

    Returns
    -------
    forward, backward : (m,) float64

    Raises
    ------
    InputError
        If the profile asks for slopes and the network has no elevation.
    """
    ahead, behind = slope_factors(network, profile)
    speeds = (_decide(network, profile, along)[0] for along in (True, False))
    forward, backward = speeds
    return forward / ahead, backward / behind


def edge_speed_rules(network: StreetNetwork, profile: TravelProfile) -> tuple[UInt8s, UInt8s]:
    """Return the `SpeedRule` of every edge forward and backward.

    Returns
    -------
    forward, backward : (m,) uint8
    """
    return _decide(network, profile, True)[1], _decide(network, profile, False)[1]


def slope_factors(network: StreetNetwork, profile: TravelProfile) -> tuple[Floats, Floats]:
    """Return the time of every edge relative to a flat one, forward and backward; 1 without slope.

    Returns
    -------
    forward, backward : (m,) float64

    Raises
    ------
    InputError
        If the profile asks for slopes and the network has no elevation.
    """
    flat = np.ones(network.n_edges)
    if profile.slope is None or not network.n_edges:
        return flat, flat
    if not network.has_elevation:
        raise InputError(
            f"the profile {profile.name!r} follows slopes, and the network has no elevation: read it with "
            f"heights, a GeoTIFF or SRTM tiles, {say('elevation', 'dem.tif')}, or use the profile without slope"
        )
    return network.tobler_forward.astype(float), network.tobler_backward.astype(float)


def _decide(network: StreetNetwork, profile: TravelProfile, along: bool) -> tuple[Floats, UInt8s]:
    """Return km/h on the flat and the rule, in one direction."""
    access = profile_access(network, profile)[0 if along else 1]
    limit = network.maxspeed_forward_kph if along else network.maxspeed_backward_kph
    if not network.n_edges:
        return np.empty(0), np.empty(0, np.uint8)
    classes = network.highway_classes
    kph = np.array([profile.class_kph.get(name, profile.speed_kph) for name in classes])[network.highway]
    named = np.array([name in profile.class_kph for name in classes])[network.highway]
    rule = np.where(named, SpeedRule.CLASS, SpeedRule.FLAT)
    if profile.maxspeed_factor is not None:
        signed = ~np.isnan(limit)
        kph = np.where(signed, limit * profile.maxspeed_factor, kph)
        rule[signed] = SpeedRule.LIMIT
    elif not profile.travel_mode.pedestrian:  # Limits bind who is faster, such as an electric bicycle.
        slower = limit < kph
        kph, rule[slower] = np.where(slower, limit, kph), SpeedRule.LIMIT
    for decides, cap in _caps(network, profile):
        rule[cap < kph] = decides
        kph = np.minimum(kph, cap)
    kph = kph * profile.peak_factor
    rule[~np.isnan(network.duration_s)] = SpeedRule.DURATION
    closed = ((access & profile.access_bit) == 0) | too_steep(network, profile)
    rule[closed] = SpeedRule.CLOSED
    kph[closed] = np.nan
    return kph, rule.astype(np.uint8)


def _caps(network: StreetNetwork, profile: TravelProfile) -> Iterator[tuple[SpeedRule, Floats]]:
    """Yield the highest speeds that surface, track type and smoothness allow on each edge."""

    def caps(names: Sequence[str], table: Mapping[str, float]) -> Floats:
        return np.array([table.get(name, np.inf) for name in names])

    if profile.surface_cap_kph:
        yield SpeedRule.SURFACE, caps(network.surface_classes, profile.surface_cap_kph)[network.surface]
    if len(network.going):
        track, smooth = np.divmod(network.going, len(SMOOTHNESS))
        if profile.tracktype_cap_kph:
            yield SpeedRule.TRACKTYPE, caps(TRACKTYPES, profile.tracktype_cap_kph)[track]
        if profile.smoothness_cap_kph:
            yield SpeedRule.SMOOTHNESS, caps(SMOOTHNESS, profile.smoothness_cap_kph)[smooth]
