"""Colours by time class, the same in QGIS styles and on the map.

Blue-green within the headline, orange to red beyond it, near black and grey for people who cannot get there
at all: told apart with the common colour-vision deficiencies, and in grey by lightness within each ramp.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from access15.model import GapReason

Rgb = tuple[int, int, int]

_WITHIN: Final[tuple[Rgb, ...]] = ((8, 81, 140), (44, 140, 190), (115, 195, 185), (165, 219, 150))
_BEYOND: Final[tuple[Rgb, ...]] = ((253, 190, 110), (240, 125, 60), (200, 55, 30))

UNREACHABLE: Final[Rgb] = (60, 30, 20)
UNLINKED: Final[Rgb] = (140, 140, 140)
STREET: Final[Rgb] = (150, 150, 150)
FACILITY: Final[Rgb] = (200, 16, 46)
SITE: Final[Rgb] = (255, 200, 0)
GAP: Final[Rgb] = (140, 20, 60)
CRITICAL: Final[Rgb] = (230, 0, 120)
INK: Final[Rgb] = (45, 45, 45)
CANDIDATE: Final[Rgb] = (70, 70, 120)

# What a plan does to a cell: had care, gets it, still has none.
HAD: Final[Rgb] = (176, 196, 205)
GETS: Final[Rgb] = (8, 81, 140)
LACKS: Final[Rgb] = (240, 125, 60)

# Before and after: gains the limit, quicker, as before, slower, loses it. Blue to red over grey.
CHANGES: Final[tuple[Rgb, ...]] = (
    (5, 90, 165),
    (130, 190, 225),
    (205, 205, 205),
    (245, 175, 125),
    (185, 30, 45),
)

# Why a gap exists; other reasons share the last colour. After Okabe and Ito (2008).
REASONS: Final[dict[str, Rgb]] = {
    GapReason.TOO_FAR: (230, 159, 0),
    GapReason.DETOUR: (86, 180, 233),
    GapReason.ISLAND: (204, 121, 167),
    GapReason.NO_ROAD: (0, 114, 178),
    "": (70, 70, 70),
}

# The first page of the report: time falls in lightness without a break, hue turns once, at the limit.
TIME_WITHIN: Final[tuple[Rgb, ...]] = ((227, 238, 240), (185, 213, 219), (134, 179, 194))
TIME_BEYOND: Final[tuple[Rgb, ...]] = ((210, 105, 30), (152, 58, 28), (87, 27, 23))
NO_WAY: Final[Rgb] = (22, 10, 12)
_EDGES: Final[dict[Rgb, Rgb]] = {
    (227, 238, 240): (107, 147, 157),
    (185, 213, 219): (109, 151, 163),
    (134, 179, 194): (79, 131, 149),
    (210, 105, 30): (154, 71, 16),
    (152, 58, 28): (107, 37, 16),
    (87, 27, 23): (58, 15, 13),
    NO_WAY: (0, 0, 0),
}
TEXT: Final[Rgb] = (29, 36, 41)
QUIET: Final[Rgb] = (84, 94, 102)
GAP_INK: Final[Rgb] = (154, 63, 12)
GAP_FILL: Final[Rgb] = (241, 201, 165)
PLAN: Final[Rgb] = (28, 74, 156)
PLAN_FILL: Final[Rgb] = (220, 230, 246)
TODAY: Final[Rgb] = (47, 111, 134)
TODAY_TEXT: Final[Rgb] = (35, 87, 104)
LAND: Final[Rgb] = (252, 251, 248)
AROUND: Final[Rgb] = (230, 226, 216)
MAIN_ROAD: Final[Rgb] = (185, 180, 168)
BOUNDARY: Final[Rgb] = (123, 127, 128)

GAIN: Final[Rgb] = (8, 81, 140)
FASTER: Final[Rgb] = (140, 195, 225)
SLOWER: Final[Rgb] = (250, 185, 120)
LOSE: Final[Rgb] = (190, 45, 25)
SAME: Final[Rgb] = (225, 225, 225)


def class_colors(classes: Sequence[float], headline: float) -> tuple[Rgb, ...]:
    """Return one colour per time class and one more for everything beyond the last.

    Parameters
    ----------
    classes : sequence of float
        Upper ends of the classes in minutes, rising.
    headline : float
        Classes up to here are cool, above it warm.
    """
    within = sum(c <= headline for c in classes)
    cool = [_ramp(_WITHIN, i / max(within - 1, 2)) for i in range(within)]
    beyond = len(classes) + 1 - within
    warm = [_ramp(_BEYOND, (i + 1) / (beyond + 1)) for i in range(beyond)]
    return (*cool, *warm)


def edge_of(fill: Rgb) -> Rgb:
    """Return the edge that parts a dot of a time class from the land."""
    return _EDGES[fill]


def _ramp(anchors: Sequence[Rgb], at: float) -> Rgb:
    place = min(max(at, 0.0), 1.0) * (len(anchors) - 1)
    low = min(int(place), len(anchors) - 2)
    share = place - low
    first, second = anchors[low], anchors[low + 1]
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def hex_color(rgb: Rgb) -> str:
    """Return ``#rrggbb``."""
    return "#{:02x}{:02x}{:02x}".format(*rgb)
