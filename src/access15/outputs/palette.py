"""Colours by time class, the same in QGIS styles and on the map.

One ramp of time for every map: blue-grey within the limit, orange to brown beyond it, near black where there is no
way. It falls in lightness without a break and turns its hue once, at the limit: told apart with the common
colour-vision deficiencies, and in grey.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from access15.model import GapReason

Rgb = tuple[int, int, int]

# Why a gap exists; other reasons share the last colour. After Okabe and Ito (2008).
REASONS: Final[dict[str, Rgb]] = {
    GapReason.TOO_FAR: (230, 159, 0),
    GapReason.DETOUR: (86, 180, 233),
    GapReason.ISLAND: (204, 121, 167),
    GapReason.NO_ROAD: (0, 114, 178),
    GapReason.OVER_LAND: (120, 94, 40),
    GapReason.BEHIND_WATER: (0, 60, 90),
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
SEA: Final[Rgb] = (213, 225, 232)
COAST: Final[Rgb] = (123, 127, 128)
MAIN_ROAD: Final[Rgb] = (185, 180, 168)
BOUNDARY: Final[Rgb] = (123, 127, 128)

# Signs of every map: service points and streets, sites and gaps, what has no street near.
INK: Final[Rgb] = TEXT
FACILITY: Final[Rgb] = TEXT
STREET: Final[Rgb] = (207, 203, 193)
SITE: Final[Rgb] = PLAN
GAP: Final[Rgb] = GAP_INK
UNREACHABLE: Final[Rgb] = NO_WAY
UNLINKED: Final[Rgb] = (150, 150, 150)
CRITICAL: Final[Rgb] = (190, 0, 110)
CANDIDATE: Final[Rgb] = (70, 70, 120)

# What a plan does to a cell: had care, gets it, still has none.
HAD: Final[Rgb] = (185, 213, 219)
GETS: Final[Rgb] = PLAN
LACKS: Final[Rgb] = (210, 105, 30)

# Before and after: gains the limit, quicker, as before, slower, loses it. Blue to red over grey.
CHANGES: Final[tuple[Rgb, ...]] = (PLAN, (132, 172, 224), (201, 211, 214), (232, 170, 118), (152, 58, 28))
GAIN, FASTER, SAME, SLOWER, LOSE = CHANGES


# What is done about a gap: fixed, resident, extension, mobile, enlarge, any other. Each has its character beside it.
ACTIONS: Final[tuple[Rgb, ...]] = (
    (23, 54, 95),
    (180, 87, 26),
    (111, 163, 181),
    (230, 190, 85),
    (255, 255, 255),
    (235, 235, 235),
)


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
    beyond = len(classes) + 1 - within
    cool = [_ramp(TIME_WITHIN, 1 - (within - 1 - i) / max(within - 1, 2)) for i in range(within)]
    warm = [_ramp(TIME_BEYOND, i / max(beyond - 1, 2)) for i in range(beyond)]
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
