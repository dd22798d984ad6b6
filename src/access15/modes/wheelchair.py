"""Wheelchairs: where people walk, but for steps, raised kerbs and ways that are rough, steep or narrow.

What the law opens and closes to people on foot, it opens and closes to them; what they can pass is read from these:
OSM wiki, Wheelchair routing, Key:wheelchair, Key:kerb (whose values imply ``wheelchair=yes`` or ``no``), Key:smoothness,
Key:ramp, Key:incline, Tag:barrier=cycle_barrier; openrouteservice, Routing options and Tag filtering of its wheelchair
profile; U.S. Access Board, Exterior Surfaces (sand could not be tested) and ADA Standards (clear width 915 mm). What
nobody mapped is passed: a way without ``smoothness``, a kerb without a word.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from access15.modes.foot import MODE as FOOT
from access15.modes.quantities import parse_incline, parse_length_m
from access15.modes.travel_mode import Obstacle

STEEPEST: Final = 0.06
"""Rise over run (openrouteservice, Routing options: ``maximum_incline`` is 6 % by default)."""
NARROWEST_M: Final = 0.9
HIGHEST_KERB_M: Final = 0.03
"""From here on a kerb is raised (OSM wiki, Key:kerb)."""

_KERBS: Final = ("kerb", "kerb:left", "kerb:right", "kerb:height")
_OTHER_RAMPS: Final = ("ramp:bicycle", "ramp:stroller", "ramp:luggage")
_HIKES: Final = ("hiking", *(f"{how}_hiking" for how in ("mountain", "demanding_mountain", "alpine")))
_CLIMBS: Final = ("demanding_alpine_hiking", "difficult_alpine_hiking")
_STEPPED_OVER: Final = frozenset(
    {"stile", "horse_stile", "step", "cattle_grid", "hampshire_gate", "log", "debris"}
)
_SQUEEZED_THROUGH: Final = frozenset(
    {"kissing_gate", "turnstile", "full-height_turnstile", "cycle_barrier", "motorcycle_barrier"}
)


def _value(tags: Mapping[str, str], key: str) -> str:
    return tags.get(key, "").split(";")[0].strip().lower()


def _one_of(key: str, *values: str) -> Obstacle:
    return Obstacle((key,), lambda tags: _value(tags, key) in values)


def _narrow(key: str) -> Obstacle:
    return Obstacle((key,), lambda tags: (parse_length_m(tags.get(key, "")) or NARROWEST_M) < NARROWEST_M)


def _steps(tags: Mapping[str, str]) -> bool:
    """Return whether steps have no ramp for wheelchairs; ``ramp=yes`` is one unless it is said to be for others."""
    if _value(tags, "highway") != "steps" or _value(tags, "ramp:wheelchair") in {"yes", "limited"}:
        return False
    others = any(_value(tags, key) not in {"", "no"} for key in _OTHER_RAMPS)
    return others or _value(tags, "ramp") != "yes" or _value(tags, "ramp:wheelchair") == "no"


def _kerb(tags: Mapping[str, str]) -> bool:
    words = {word.strip().lower() for key in _KERBS for word in tags.get(key, "").split(";")}
    height_m = parse_length_m(tags.get("kerb:height", "")) or 0.0
    return bool(words & {"raised", "rolled"}) or height_m > HIGHEST_KERB_M


def _barrier(tags: Mapping[str, str]) -> bool:
    """Return whether a barrier is stepped over, or squeezed through where no gap of its own width is mapped."""
    kind = _value(tags, "barrier")
    gap_m = parse_length_m(tags.get("maxwidth:physical", "")) or 0.0
    return kind in _STEPPED_OVER or (kind in _SQUEEZED_THROUGH and gap_m < NARROWEST_M)


def _kerb_unknown(tags: Mapping[str, str]) -> bool:
    here = _value(tags, "highway") == "crossing" or _value(tags, "barrier") == "kerb"
    return here and not any(tags.get(key, "").strip() for key in _KERBS)


MODE = replace(
    FOOT,
    words=("by wheelchair", "轮椅"),
    hikes=False,
    max_slope=STEEPEST,
    fit_key="wheelchair",
    obstacles=(
        Obstacle(("highway", "ramp", "ramp:wheelchair", *_OTHER_RAMPS), _steps),
        _one_of("conveying", "yes", "forward", "backward", "reversible"),
        _one_of("smoothness", "very_bad", "horrible", "very_horrible", "impassable"),
        _one_of("surface", "sand", "mud", "rock", "stepping_stones", "snow", "ice"),
        Obstacle(("incline",), lambda tags: (parse_incline(tags.get("incline", "")) or 0.0) > STEEPEST),
        _narrow("width"),
        _narrow("maxwidth:physical"),
        _one_of("sac_scale", *_HIKES, *_CLIMBS),
    ),
    node_obstacles=(
        Obstacle(("barrier", "maxwidth:physical"), _barrier),
        Obstacle(_KERBS, _kerb),
        _narrow("maxwidth:physical"),
    ),
    unknown=Obstacle(_KERBS, _kerb_unknown),
)
