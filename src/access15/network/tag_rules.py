"""What OSM tags mean for travel: who may pass, which way, how fast.

The rules follow the OSM wiki (Key:access, OSM tags for routing/Access restrictions, Key:oneway,
Key:maxspeed, Key:barrier); defaults per highway class are those of its world-wide table, read
conservatively. `interpret_way` is pure: tags in, a `WayRule` out, no state.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from access15.model import Access

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

NO_LIMIT_KPH: Final = 130.0
"""What ``maxspeed=none`` counts as: the German advisory speed."""
WALKING_KPH: Final = 4.8
"""What ``maxspeed=walk`` counts as."""

_ZONES: Final[dict[str, float]] = {
    "urban": 50.0,
    "rural": 90.0,
    "trunk": 110.0,
    "motorway": 120.0,
    "living_street": 10.0,
    "bicycle_road": 30.0,
    "walk": WALKING_KPH,
}
"""Implicit limits ``CC:zone`` where the country is not listed below."""
_COUNTRY_ZONES: Final[dict[str, float]] = {
    "AT:rural": 100.0, "AT:motorway": 130.0, "CH:rural": 80.0, "CH:motorway": 120.0, "CN:urban": 50.0,
    "CN:rural": 70.0, "CN:motorway": 120.0, "CZ:motorway": 130.0, "DE:rural": 100.0, "DE:motorway": NO_LIMIT_KPH,
    "DE:living_street": 7.0, "ES:rural": 90.0, "FR:rural": 80.0, "FR:motorway": 130.0, "FR:living_street": 20.0,
    "GB:nsl_single": 96.5606, "GB:nsl_dual": 112.654, "GB:motorway": 112.654, "GB:nsl_restricted": 48.2803,
    "IT:rural": 90.0, "IT:motorway": 130.0, "PT:rural": 90.0, "PT:motorway": 120.0, "RU:urban": 60.0,
    "RU:rural": 90.0, "RU:motorway": 110.0, "RU:living_street": 20.0,
}  # fmt: skip
"""Implicit limits by country and zone (OSM wiki, Key:maxspeed, implicit values)."""

KPH_PER_MPH: Final = 1.609344
KPH_PER_KNOT: Final = 1.852


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
    highway = tags.get("highway", "")
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
    forward, backward = _directions(tags, allowed, why)
    forward = _apply_access(tags, forward, default, why, ":forward")
    backward = _apply_access(tags, backward, default, why, ":backward")
    if kind == "ferry" and crossing_s is None:
        forward = backward = Access.NONE
    ahead, behind = _limits(tags, why)
    why += [f"{key}={tags[key]}" for key in ("surface", *_OFF_GROUND) if tags.get(key)]
    decides = next((tags[key] for key in _CAR_KEYS if key in tags), "")
    return WayRule(
        highway=kind,
        surface=tags.get("surface", ""),
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
        value = _first_value(tags.get(key + suffix, ""))
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


def _directions(tags: Mapping[str, str], allowed: Access, why: list[str]) -> tuple[Access, Access]:
    """Return who may travel forward and backward, from the one-way tags."""
    forward = backward = allowed
    highway = tags.get("highway")
    for key, bits in _ONEWAY_KEYS:
        value = tags.get(key, "").strip().lower()
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


def parse_maxspeed(text: str) -> float | None:
    """Return a speed limit in km/h, or None where the text says nothing usable.

    One rule for lists: the *lowest* value of ``60|100`` or ``100;70`` counts, as the limit that is safe
    in every lane and at every hour. A condition behind ``@`` is left out.

    Parameters
    ----------
    text : str
        A ``maxspeed`` value: ``50``, ``30 mph``, ``5 knots``, ``FR:urban``, ``walk``, ``none``, ``60|100``.
    """
    values = []
    for part in re.split(r"[|;,]", text):
        value = _one_limit(part.split("@")[0].strip())
        if value is not None:
            values.append(value)
    return min(values) if values else None


def _one_limit(text: str) -> float | None:
    lower = text.lower()
    if lower in {"none", "unlimited"}:
        return NO_LIMIT_KPH
    if lower in {"walk", "walking", "foot"}:
        return WALKING_KPH
    number = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(km/h|kmh|kph|mph|knots?)?", lower)
    if number:
        factor = {"mph": KPH_PER_MPH, "knot": KPH_PER_KNOT, "knots": KPH_PER_KNOT}.get(number[2] or "", 1.0)
        value = float(number[1]) * factor
        return value if 0 < value <= 300 else None
    zone = re.fullmatch(r"([a-z]{2})[:_](?:zone:?)?(.+)", lower)
    if zone:
        country = f"{zone[1].upper()}:{zone[2]}"
        if country in _COUNTRY_ZONES:
            return _COUNTRY_ZONES[country]
        if zone[2] in _ZONES:
            return _ZONES[zone[2]]
        if re.fullmatch(r"\d{1,3}", zone[2]) and int(zone[2]) > 0:
            return float(zone[2])
    return None


def parse_duration_s(text: str) -> float | None:
    """Return an OSM duration (``00:35``, ``1:20:00``, ``45`` minutes, ``PT1H30M``) in seconds, else None."""
    value = text.strip()
    if re.fullmatch(r"\d+(\.\d+)?", value):
        seconds = float(value) * 60
    elif re.fullmatch(r"\d+:\d{2}(:\d{2})?", value):
        parts = [int(p) for p in value.split(":")]
        seconds = parts[0] * 3600.0 + parts[1] * 60 + (parts[2] if len(parts) > 2 else 0)
    elif match := re.fullmatch(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?", value):
        hours, minutes, rest = (int(g or 0) for g in match.groups())
        seconds = hours * 3600.0 + minutes * 60 + rest
    else:
        return None
    return seconds if 0 < seconds <= 7 * 86400 else None


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


RELEVANT_KEYS: Final = frozenset(
    {"highway", "route", "motorroad", "service", "junction", "conveying", "surface", "duration", "interval", "maxspeed",
     "maxspeed:forward", "maxspeed:backward", "maxspeed:type", "source:maxspeed", "zone:maxspeed", "zone:traffic"}
    | {key + suffix for key, _ in _ACCESS_KEYS for suffix in ("", ":forward", ":backward")}
    | {key for key, _ in _ONEWAY_KEYS}
    | set(_CYCLEWAYS)
    | set(_OFF_GROUND)
)  # fmt: skip
"""Keys the rules read; ways that agree in them share one interpretation."""
