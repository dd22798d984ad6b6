"""What OSM tags mean for travel: who may pass, which way, how fast.

The rules follow the OSM wiki (Key:access, OSM tags for routing/Access restrictions, Key:oneway,
Key:barrier); defaults per highway class are those of its world-wide table, read conservatively. Speed limits and
durations are read in `access15.network.tag_values`. `interpret_way` is pure: tags in, a `WayRule` out, no state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from access15.model import Access
from access15.network.tag_values import parse_duration_s, parse_maxspeed

FOOT, BICYCLE, MOTORCAR, EMERGENCY = Access.FOOT, Access.BICYCLE, Access.MOTORCAR, Access.EMERGENCY
_CAR = MOTORCAR | EMERGENCY
_ALL = FOOT | BICYCLE | _CAR

CLASS_ACCESS: Final[dict[str, Access]] = {
    "motorway": _CAR,
    "motorway_link": _CAR,
    "trunk": _ALL,
    "trunk_link": _ALL,
    "primary": _ALL,
    "primary_link": _ALL,
    "secondary": _ALL,
    "secondary_link": _ALL,
    "tertiary": _ALL,
    "tertiary_link": _ALL,
    "unclassified": _ALL,
    "residential": _ALL,
    "living_street": _ALL,
    "service": _ALL,
    "track": _ALL,
    "road": _ALL,
    "pedestrian": FOOT | EMERGENCY,
    "footway": FOOT,
    "path": FOOT | BICYCLE,
    "steps": FOOT,
    "corridor": FOOT,
    "elevator": FOOT,
    "platform": FOOT,
    "cycleway": FOOT | BICYCLE,
    "bridleway": FOOT,
    "busway": EMERGENCY,
    "bus_guideway": Access.NONE,
    "escape": Access.NONE,
}
"""Who may use a highway class when no access tag says otherwise."""

NOT_STREETS: Final = frozenset(
    {"construction", "proposed", "planned", "abandoned", "disused", "razed", "demolished", "raceway", "rest_area",
     "services", "via_ferrata", "no", "traffic_signals", "crossing", "bus_stop", "street_lamp", "emergency_bay"}
)  # fmt: skip
"""Values of ``highway`` that are not streets to travel on."""

_ACCESS_KEYS: Final[tuple[tuple[str, Access], ...]] = (
    ("access", _ALL),
    ("vehicle", BICYCLE | _CAR),
    ("motor_vehicle", _CAR),
    ("motorcar", _CAR),
    ("bicycle", BICYCLE),
    ("foot", FOOT),
    ("emergency", EMERGENCY),
)
"""Access keys from general to special: a later key overrules an earlier one."""

_OPEN: Final = frozenset(
    {"yes", "permissive", "designated", "official", "destination", "customers", "delivery", "public", "allowed",
     "dismount", "permit", "residents", "limited"}
)  # fmt: skip
_CLOSED: Final = frozenset(
    {
        "no",
        "private",
        "agricultural",
        "forestry",
        "military",
        "emergency",
        "none",
        "use_sidepath",
    }
)

_NO_THROUGH: Final = frozenset({"destination", "customers", "delivery", "permit", "residents"})
"""Access values that let motor traffic in only where its trip starts or ends."""

_BARRIERS: Final[dict[str, Access]] = {
    "bollard": FOOT | BICYCLE,
    "cycle_barrier": FOOT | BICYCLE,
    "motorcycle_barrier": FOOT | BICYCLE,
    "block": FOOT | BICYCLE,
    "jersey_barrier": FOOT | BICYCLE,
    "planter": FOOT | BICYCLE,
    "log": FOOT | BICYCLE,
    "bus_trap": FOOT | BICYCLE,
    "sump_buster": FOOT | BICYCLE,
    "chain": FOOT | BICYCLE,
    "rope": FOOT | BICYCLE,
    "kissing_gate": FOOT,
    "stile": FOOT,
    "turnstile": FOOT,
    "full-height_turnstile": FOOT,
    "hampshire_gate": _ALL,
    "debris": FOOT,
    "wall": Access.NONE,
    "fence": Access.NONE,
    "hedge": Access.NONE,
}
"""Who passes a barrier node when no access tag says otherwise; barriers not listed stop nobody."""


@dataclass(frozen=True, slots=True)
class WayRule:
    """What the tags of one way say.

    Attributes
    ----------
    highway : str
        Class as stored: the ``highway`` value, or ``"ferry"``.
    surface : str
        The ``surface`` value, or empty.
    forward, backward : Access
        Who may travel along the way as drawn, and against it.
    maxspeed_forward_kph, maxspeed_backward_kph : float or None
        Signed limit.
    duration_s : float or None
        Timetable duration of the whole way (ferries).
    why : str
        The tags that decided, ``key=value`` joined by commas.
    no_through : bool
        Motor traffic may start and end here, and not drive through.
    off_ground : bool
        A bridge, a tunnel or an indoor way: it does not follow the terrain.
    """

    highway: str
    surface: str
    forward: Access
    backward: Access
    maxspeed_forward_kph: float | None = None
    maxspeed_backward_kph: float | None = None
    duration_s: float | None = None
    why: str = ""
    off_ground: bool = False
    no_through: bool = False


def interpret_way(tags: Mapping[str, str]) -> WayRule | None:
    """Return what a way's tags mean for travel, or None if it is not a street.

    Conditional tags (``…:conditional``) are not read: the rule that holds most of the day counts.
    ``destination``, ``customers`` and ``delivery`` are open, as the trip may well end there; motor traffic may
    not drive through (``no_through``). A pavement drawn
    apart (``sidewalk=separate``) does not close the street to people on foot, who must be able to cross. A
    ferry takes its mapped ``duration`` and half of its ``interval``; without a duration nobody knows how long
    the crossing takes, and it is not travelled.

    Parameters
    ----------
    tags : mapping of str to str
        OSM tags of the way.
    """
    highway = _first_value(tags.get("highway", ""))
    crossing_s: float | None = None
    if highway in NOT_STREETS:
        return None
    if highway:
        kind, why = highway, [f"highway={highway}"]
        allowed = default = CLASS_ACCESS.get(highway, Access.NONE)
    elif tags.get("route") == "ferry":
        kind, why = "ferry", ["route=ferry"]
        crossing_s = _crossing_s(tags, why)
        allowed = default = _ALL
    else:
        return None
    if tags.get("motorroad") == "yes":
        allowed &= ~(FOOT | BICYCLE)
        why.append("motorroad=yes")
    if tags.get("service") == "emergency_access":
        allowed &= ~MOTORCAR
        why.append("service=emergency_access")
    allowed = _apply_access(tags, allowed, default, why)
    forward, backward = _directions(tags, highway, allowed, why)
    forward = _apply_access(tags, forward, default, why, ":forward")
    backward = _apply_access(tags, backward, default, why, ":backward")
    if kind == "ferry" and crossing_s is None:
        forward = backward = Access.NONE
    ahead, behind = _limits(tags, why)
    why += [f"{key}={tags[key]}" for key in ("surface", *_OFF_GROUND) if tags.get(key)]
    if tags.get("type") == "multipolygon":
        why.append("type=multipolygon")  # The tags are those of the relation, not of the way.
    decides = next((tags[key] for key in _CAR_KEYS if key in tags), "")
    return WayRule(
        highway=kind,
        surface=_first_value(tags.get("surface", "")),
        forward=forward,
        backward=backward,
        maxspeed_forward_kph=ahead,
        maxspeed_backward_kph=behind,
        duration_s=crossing_s,
        why=", ".join(why),
        no_through=_first_value(decides) in _NO_THROUGH,
        off_ground=kind in _INDOOR
        or any(tags.get(key, "no") not in flat for key, flat in _OFF_GROUND.items()),
    )


def _crossing_s(tags: Mapping[str, str], why: list[str]) -> float | None:
    """Return how long a ferry takes, the mean wait included; None where no duration is mapped."""
    duration = parse_duration_s(tags.get("duration", ""))
    if duration is None:
        why.append("no duration")
        return None
    why.append(f"duration={tags['duration']}")
    interval = parse_duration_s(tags.get("interval", ""))
    if interval is not None:
        why.append(f"interval={tags['interval']}")
    return duration + (interval or 0.0) / 2


def _apply_access(
    tags: Mapping[str, str], allowed: Access, default: Access, why: list[str], suffix: str = ""
) -> Access:
    """Apply access keys from general to special; ambulances pass what is private, not what says emergency=no."""
    for key, bits in _ACCESS_KEYS:
        text = tags.get(key + suffix)
        if text is None:
            continue
        value = _first_value(text)
        if value in _CLOSED:
            allowed &= ~(bits if key == "emergency" else bits & ~EMERGENCY)
        elif value == "restricted":
            # No documented value: mappers mean traffic rules, which keep cars out, not people on foot.
            allowed &= ~(bits if key in {"foot", "bicycle"} else bits & MOTORCAR)
        elif value in _OPEN:
            # A general "open" opens a footway to people on foot, not to cars.
            allowed |= bits & default if key == "access" else bits
        else:
            continue
        why.append(f"{key}{suffix}={value}")
    return allowed


def _first_value(text: str) -> str:
    return text.split(";")[0].strip().lower()


_CAR_KEYS: Final = ("motorcar", "motor_vehicle", "vehicle", "access")
"""Access keys of a car, the one that decides first."""

_INDOOR: Final = frozenset({"ferry", "corridor", "elevator"})
_OFF_GROUND: Final[dict[str, frozenset[str]]] = {
    "bridge": frozenset({"", "no"}),
    "tunnel": frozenset({"", "no", "building_passage", "culvert", "avalanche_protector"}),
    "indoor": frozenset({"", "no"}),
}
"""Keys of ways that leave the terrain, and the values that do not."""

_CYCLEWAYS: Final = ("cycleway", "cycleway:left", "cycleway:right", "cycleway:both")

_ONEWAY_KEYS: Final[tuple[tuple[str, Access], ...]] = (
    ("oneway", BICYCLE | _CAR),
    ("oneway:motor_vehicle", _CAR),
    ("oneway:bicycle", BICYCLE),
    ("oneway:foot", FOOT),
    ("foot:oneway", FOOT),
)
"""One-way keys from general to special, and whom they bind; people on foot only by their own key."""

_FOOT_WAYS: Final = frozenset({"footway", "steps", "corridor", "platform"})


def _directions(
    tags: Mapping[str, str], highway: str, allowed: Access, why: list[str]
) -> tuple[Access, Access]:
    """Return who may travel forward and backward, from the one-way tags."""
    forward = backward = allowed
    for key, bits in _ONEWAY_KEYS:
        value = tags.get(key, "").strip().lower()
        if not value and key != "oneway":
            continue
        if key == "oneway":
            if not value and tags.get("junction") in {"roundabout", "circular"}:
                value = "yes"
                why.append(f"junction={tags['junction']}")
            elif not value and highway in {"motorway", "motorway_link"}:
                value = "yes"
            if highway in _FOOT_WAYS:
                bits |= FOOT  # on ways for people on foot, oneway means them: a turnstile, an escalator
        bits &= allowed
        if value in {"yes", "true", "1"}:
            forward, backward = forward | bits, backward & ~bits
        elif value in {"-1", "reverse"}:
            forward, backward = forward & ~bits, backward | bits
        elif value in {"reversible", "alternating"}:
            # Open one way at a time, by a timetable nobody maps: not relied upon.
            forward, backward = forward & ~bits, backward & ~bits
        elif value == "no":
            forward, backward = forward | bits, backward | bits
        else:
            continue
        why.append(f"{key}={value}")
    if any(tags.get(key, "").startswith("opposite") for key in _CYCLEWAYS):
        backward |= allowed & BICYCLE
        why.append("cycleway=opposite")
    if tags.get("conveying") in {"forward", "backward"} and highway in _FOOT_WAYS:
        why.append(f"conveying={tags['conveying']}")
        if tags["conveying"] == "forward":
            backward &= ~FOOT
        else:
            forward &= ~FOOT
    return forward, backward


def _limits(tags: Mapping[str, str], why: list[str]) -> tuple[float | None, float | None]:
    """Return the signed limit forward and backward; zone tags stand in where ``maxspeed`` says nothing."""
    both = None
    for key in ("maxspeed", "maxspeed:type", "source:maxspeed", "zone:maxspeed", "zone:traffic"):
        both = parse_maxspeed(tags.get(key, ""))
        if both is not None:
            why.append(f"{key}={tags[key]}")
            break
    ahead = parse_maxspeed(tags.get("maxspeed:forward", ""))
    behind = parse_maxspeed(tags.get("maxspeed:backward", ""))
    for key, value in (("maxspeed:forward", ahead), ("maxspeed:backward", behind)):
        if value is not None:
            why.append(f"{key}={tags[key]}")
    return (ahead if ahead is not None else both), (behind if behind is not None else both)


def interpret_barrier(tags: Mapping[str, str]) -> Access:
    """Return who may pass a node, from its ``barrier`` and access tags (everybody without a barrier).

    Access tags on a node without a barrier (a bus stop, an entrance) say nothing about passing it.
    """
    kind = tags.get("barrier")
    if kind is None:
        return _ALL
    default = _BARRIERS.get(kind, _ALL)
    if kind.endswith("gate") and tags.get("locked") == "yes":
        default &= EMERGENCY
    return _apply_access(tags, default, default, [])


def barrier_why(tags: Mapping[str, str]) -> str:
    """Return the tags that decide who passes a barrier, ``key=value`` joined by commas."""
    keys = ("barrier", "locked", *(key for key, _ in _ACCESS_KEYS))
    return ", ".join(f"{key}={tags[key]}" for key in keys if key in tags)


RELEVANT_KEYS: Final = frozenset(
    {"highway", "route", "motorroad", "service", "junction", "conveying", "surface", "duration", "interval", "maxspeed",
     "maxspeed:forward", "maxspeed:backward", "maxspeed:type", "source:maxspeed", "zone:maxspeed", "zone:traffic",
     "type"}
    | {key + suffix for key, _ in _ACCESS_KEYS for suffix in ("", ":forward", ":backward")}
    | {key for key, _ in _ONEWAY_KEYS}
    | set(_CYCLEWAYS)
    | set(_OFF_GROUND)
)  # fmt: skip
"""Keys the rules read; ways that agree in them share one interpretation."""
