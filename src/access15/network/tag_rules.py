"""What OSM tags mean for travel: who may pass, which way, how fast.

The rules follow the OSM wiki (Key:access, OSM tags for routing/Access restrictions, Key:oneway,
Key:barrier); defaults per highway class are those of its world-wide table, read conservatively. Speed limits and
durations are read in `access15.network.tag_values`. `interpret_way` is pure: tags in, a `WayRule` out, no state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from access15.modes import ACCESS_KEYS, CAR_KEYS, CLASS_ACCESS, EVERYBODY, MODES, ONEWAY_KEYS, Access, who
from access15.network.fitness import FIT_KEYS, FITTED, designated, fit_node, fit_way, unfit_node
from access15.network.tag_values import parse_duration_s, parse_maxspeed

NOT_STREETS: Final = frozenset(
    {"construction", "proposed", "planned", "abandoned", "disused", "razed", "demolished", "raceway", "rest_area",
     "services", "via_ferrata", "no", "traffic_signals", "crossing", "bus_stop", "street_lamp", "emergency_bay"}
)  # fmt: skip
"""Values of ``highway`` that are not streets to travel on."""


@dataclass(frozen=True, slots=True)
class _KeyRule:
    """Whom the values of one access key speak of."""

    opens: Access
    closes: Access
    restricts: Access


def _key_rule(key: str) -> _KeyRule:
    """Return whom a key speaks of.

    ``restricted`` is no documented value: mappers mean traffic rules, which keep cars out; of other modes only
    those whose own key says so.
    """
    own = key not in CAR_KEYS
    return _KeyRule(
        who(lambda mode: key in mode.access_keys),
        who(lambda mode: key in mode.access_keys and (not mode.let_in or key == mode.access_keys[-1])),
        who(lambda mode: key in mode.access_keys and not mode.let_in and (own or mode.turn_rules)),
    )


_KEY_RULES: Final = {key: _key_rule(key) for key in ACCESS_KEYS}
"""What access keys do, from general to special: a later key overrules an earlier one."""


def _closed_by(tag: tuple[str, str]) -> Access:
    return who(lambda mode: tag in mode.closed_by.items())


def _bound_by(key: str) -> Access:
    return who(lambda mode: key in mode.oneway_keys)


def _stopped_by(barrier: str) -> Access:
    return who(lambda mode: barrier in mode.stopped_by)


_CLOSING: Final = {tag: _closed_by(tag) for mode in MODES.values() for tag in mode.closed_by.items()}
"""Tags that close what a class has opened, and to whom."""

_ONEWAY: Final = {key: _bound_by(key) for key in ONEWAY_KEYS}
"""One-way keys from general to special, and whom they bind; people on foot only by their own key."""

_BARRIERS: Final = {
    kind: EVERYBODY & ~_stopped_by(kind) for mode in MODES.values() for kind in mode.stopped_by
}
"""Who passes a barrier node when no access tag says otherwise; barriers not listed stop nobody."""

_PEDESTRIANS: Final = who(lambda mode: mode.pedestrian)
_CONTRAFLOW: Final = who(lambda mode: mode.contraflow)
_LET_IN: Final = who(lambda mode: mode.let_in)

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
    # 1. A street or a ferry, and who may use its class.
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
        allowed = default = EVERYBODY
    else:
        return None
    # 2. Tags that close it, access tags for the whole way, then for each direction.
    for (key, value), bits in _CLOSING.items():
        if tags.get(key) == value:
            allowed &= ~bits
            why.append(f"{key}={value}")
    allowed = designated(tags, _apply_access(tags, allowed, default, why))
    forward, backward = _directions(tags, highway, allowed, why)
    forward = _apply_access(tags, forward, default, why, ":forward")
    backward = _apply_access(tags, backward, default, why, ":backward")
    # 3. Limits, and what else the explanation of an edge names.
    ahead, behind = _limits(tags, why)
    why += [f"{key}={tags[key]}" for key in ("surface", *_OFF_GROUND) if tags.get(key)]
    if tags.get("type") == "multipolygon":
        why.append("type=multipolygon")  # The tags are those of the relation, not of the way.
    # 4. What does not suit a mode, whatever the law says, and ferries nobody can time.
    forward, backward = fit_way(tags, (forward, backward), why)
    if kind == "ferry" and crossing_s is None:
        forward = backward = Access.NONE
    decides = next((tags[key] for key in reversed(CAR_KEYS) if key in tags), "")
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
    for key, bits in _KEY_RULES.items():
        text = tags.get(key + suffix)
        if text is None:
            continue
        value = _first_value(text)
        if value in _CLOSED:
            allowed &= ~bits.closes
        elif value == "restricted":
            allowed &= ~bits.restricts
        elif value in _OPEN:
            # A general "open" opens a footway to people on foot, not to cars.
            allowed |= bits.opens & default if key == "access" else bits.opens
        else:
            continue
        why.append(f"{key}{suffix}={value}")
    return allowed


def _first_value(text: str) -> str:
    return text.split(";")[0].strip().lower()


_INDOOR: Final = frozenset({"ferry", "corridor", "elevator"})
_OFF_GROUND: Final[dict[str, frozenset[str]]] = {
    "bridge": frozenset({"", "no"}),
    "tunnel": frozenset({"", "no", "building_passage", "culvert", "avalanche_protector"}),
    "indoor": frozenset({"", "no"}),
}
"""Keys of ways that leave the terrain, and the values that do not."""

_CYCLEWAYS: Final = ("cycleway", "cycleway:left", "cycleway:right", "cycleway:both")

_FOOT_WAYS: Final = frozenset({"footway", "steps", "corridor", "platform"})


def _directions(
    tags: Mapping[str, str], highway: str, allowed: Access, why: list[str]
) -> tuple[Access, Access]:
    """Return who may travel forward and backward, from the one-way tags."""
    forward = backward = allowed
    for key, bits in _ONEWAY.items():
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
                bits |= (
                    _PEDESTRIANS  # on ways for people on foot, oneway means them: a turnstile, an escalator
                )
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
        backward |= allowed & _CONTRAFLOW
        why.append("cycleway=opposite")
    if tags.get("conveying") in {"forward", "backward"} and highway in _FOOT_WAYS:
        why.append(f"conveying={tags['conveying']}")
        if tags["conveying"] == "forward":
            backward &= ~_PEDESTRIANS
        else:
            forward &= ~_PEDESTRIANS
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
    """Return who may pass a node, from its ``barrier`` and access tags, and from what stops a mode (kerbs, lifts).

    Access tags on a node without a barrier (a bus stop, an entrance) say nothing about passing it.
    """
    kind = tags.get("barrier")
    if kind is None:
        return fit_node(tags, EVERYBODY)
    default = _BARRIERS.get(kind, EVERYBODY)
    if kind.endswith("gate") and tags.get("locked") == "yes":
        default &= _LET_IN
    return fit_node(tags, designated(tags, _apply_access(tags, default, default, [])))


def barrier_why(tags: Mapping[str, str]) -> str:
    """Return the tags that decide who passes a barrier, ``key=value`` joined by commas."""
    keys = ("barrier", "locked", *ACCESS_KEYS)
    told = [f"{key}={tags[key]}" for key in keys if key in tags]
    unfit = [reason for _, mode in FITTED if (reason := unfit_node(tags, mode))]
    return ", ".join(dict.fromkeys((*told, *unfit)))


RELEVANT_KEYS: Final = frozenset(
    {"highway", "route", "motorroad", "service", "junction", "conveying", "surface", "duration", "interval", "maxspeed",
     "maxspeed:forward", "maxspeed:backward", "maxspeed:type", "source:maxspeed", "zone:maxspeed", "zone:traffic",
     "type"}
    | {key + suffix for key in ACCESS_KEYS for suffix in ("", ":forward", ":backward")}
    | set(ONEWAY_KEYS)
    | set(_CYCLEWAYS)
    | set(_OFF_GROUND)
    | FIT_KEYS
)  # fmt: skip
"""Keys the rules read; ways that agree in them share one interpretation."""
