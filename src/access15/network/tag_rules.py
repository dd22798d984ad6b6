"""What OSM tags mean for travel: who may pass, which way, how fast.

The rules follow the OSM wiki (Key:access, OSM tags for routing/Access restrictions, Key:oneway,
Key:barrier); defaults per highway class are those of its world-wide table, read conservatively. Speed limits and
durations are read in `access15.network.tag_values`. `interpret_way` is pure: tags in, a `WayRule` out, no state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from access15.model import FERRY_INTERVAL_S
from access15.modes import ACCESS_KEYS, CAR_KEYS, CLASS_ACCESS, EVERYBODY, MODES, ONEWAY_KEYS, Access, who
from access15.network.conditions import CONDITION_KEYS, Reading, absent_why
from access15.network.fitness import FIT_KEYS, FITTED, designated, fit_node, fit_way, unfit_node
from access15.network.hours import usual_value
from access15.network.standing import standing_of
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

_OF_OTHERS: Final = frozenset({"restricted", "psv", "bus", "taxi"})
"""Access values that keep cars out, and those whose own key says so; OSRM's foot profile does not read them."""

_NO_THROUGH: Final = frozenset({"destination", "customers", "delivery", "permit", "residents"})
"""Access values that let motor traffic in only where its trip starts or ends."""


WORLDWIDE: Final = Reading()
"""All year, with the defaults of no country."""


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
    wait_s : float
        Mean wait before a ferry leaves.
    assumed_wait_s : float
        The same where no interval is mapped, 0 where one is.
    alternating : bool
        One lane that both directions use in turn.
    tracktype, smoothness : str
        Their values, which cap speeds; empty where they say nothing.
    standing : str
        Whether one can step on or off: one of `access15.model.STANDING`.
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
    standing: str = "street"
    wait_s: float = 0.0
    assumed_wait_s: float = 0.0
    alternating: bool = False
    tracktype: str = ""
    smoothness: str = ""


def interpret_way(tags: Mapping[str, str], reading: Reading = WORLDWIDE) -> WayRule | None:
    """Return what a way's tags mean for travel, or None if it is not a street.

    Conditional tags (``…:conditional``) are read for months (`access15.network.conditions`) and for hours: the value that
    holds for most of the week counts (`access15.network.hours`).
    ``destination``, ``customers`` and ``delivery`` are open, as the trip may well end there; motor traffic may
    not drive through (``no_through``). A pavement drawn
    apart (``sidewalk=separate``) does not close the street to people on foot, who must be able to cross. A
    ferry takes its mapped ``duration`` and half of its ``interval``, or of `FERRY_INTERVAL_S` where none is mapped;
    without a duration `access15.network.ferries` times it by its length.

    Parameters
    ----------
    tags : mapping of str to str
        OSM tags of the way.
    reading : Reading
        Country and season.
    """
    # 1. A street or a ferry, and who may use its class.
    highway = _first_value(tags.get("highway", ""))
    highway = "track" if highway in _SEASONAL_CLASSES else highway or _walked(tags)
    crossing_s, wait_s, assumed = None, 0.0, False
    walked = highway == "construction" and tags.get("foot") in ("yes", "designated", "permissive")
    if (highway in NOT_STREETS and not walked) or absent_why(tags, reading):
        return None
    if highway:
        kind, why = highway, [f"highway={highway}"]
        allowed = default = _class_access(tags, highway, reading)
        if highway not in CLASS_ACCESS:
            default = _PEDESTRIANS  # where one may walk one can; what wheels could do there is not known
    elif tags.get("route") in FERRIES:
        kind, why = "ferry", [f"route={tags['route']}"]
        crossing_s, wait_s, assumed = _crossing_s(tags, why)
        allowed = default = (
            EVERYBODY if tags["route"] == "ferry" else EVERYBODY & ~(_PEDESTRIANS | _CONTRAFLOW)
        )
    else:
        return None
    # 2. Tags that close it, access tags for the whole way, then for each direction.
    for (key, value), bits in _CLOSING.items():
        if tags.get(key) == value:
            allowed &= ~bits
            why.append(f"{key}={value}")
    allowed = designated(tags, _apply_access(tags, allowed, default, why)) & ~_impassable(tags, why)
    forward, backward = _directions(tags, highway, allowed, why)
    forward = _apply_access(tags, forward, default, why, ":forward")
    backward = _apply_access(tags, backward, default, why, ":backward")
    if highway and highway not in CLASS_ACCESS and highway != "barrier":
        forward, backward = forward & _PEDESTRIANS, backward & _PEDESTRIANS
    # 3. Limits, and what else the explanation of an edge names.
    ahead, behind = _limits(tags, why)
    why += [f"{key}={tags[key]}" for key in ("surface", *_OFF_GROUND) if tags.get(key)]
    if tags.get("type") == "multipolygon":
        why.append("type=multipolygon")  # The tags are those of the relation, not of the way.
    # 4. What does not suit a mode, whatever the law says.
    forward, backward = fit_way(tags, (forward, backward), why)
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
        no_through=_most_open(decides) in _NO_THROUGH,
        standing=standing_of(tags, kind),
        wait_s=wait_s,
        assumed_wait_s=wait_s if assumed else 0.0,
        alternating=tags.get("oneway") == "alternating" and tags.get("junction") not in _ROUNDABOUTS,
        tracktype=tags.get("tracktype", ""),
        smoothness=tags.get("smoothness", ""),
        off_ground=kind in _INDOOR
        or any(tags.get(key, "no") not in flat for key, flat in _OFF_GROUND.items()),
    )


FERRIES: Final = frozenset({"ferry", "shuttle_train"})
"""Values of ``route`` that carry people or cars by a timetable. A shuttle train takes cars, and who else its tags name (OSM wiki,
Tag:route=shuttle_train; OSRM's car profile)."""
_SEASONAL_CLASSES: Final = frozenset({"ice_road", "winter_road"})
"""Values of ``highway`` that are tracks of a season."""

WALKED: Final = (
    ("man_made", "pier"),
    ("railway", "platform"),
    ("public_transport", "platform"),
    ("amenity", "ferry_terminal"),
)
"""Tags of what people walk on without ``highway`` (OSM wiki, Tag:man_made=pier, Tag:railway=platform; OSRM's foot profile)."""


def is_walked(tags: Mapping[str, str]) -> bool:
    """Return whether people walk on a way although it has no ``highway``."""
    return "highway" not in tags and bool(_walked(tags))


def _walked(tags: Mapping[str, str]) -> str:
    """Return the class of what people walk on without ``highway``: a platform, or nothing."""
    walked = any(tags.get(key) == value for key, value in WALKED)
    by_tag = tags.get("man_made") in ("breakwater", "groyne") and tags.get("foot", "no") not in (
        "no",
        "private",
    )
    return "platform" if (walked or by_tag) and tags.get("route") not in FERRIES else ""


def _class_access(tags: Mapping[str, str], highway: str, reading: Reading) -> Access:
    """Return who may use a class where no access tag says otherwise.

    People on foot may not use a cycleway (OSM wiki, worldwide table; Valhalla, OSRM, OSMnx, R5, OpenTripPlanner), unless
    it has a pavement or a part of its own for them, or the country's default is another (`Reading.country`).
    """
    found = CLASS_ACCESS.get(highway, Access.NONE)
    if highway == "cycleway" and not reading.foot_on_cycleways:
        pavement = any(tags.get(key, "no") not in ("no", "none", "separate") for key in _SIDEWALKS)
        if not pavement and "segregated" not in tags:
            found &= ~_PEDESTRIANS
    lanes = {tags.get(key, "") for key in _CYCLEWAYS}
    if highway == "motorway" and lanes & {"lane", "track", "share_busway"}:
        found |= _CONTRAFLOW  # OSRM and R5: a lane or track mapped with the motorway is open to bicycles
    if highway in ("footway", "platform", "pedestrian") and tags.get("access") in ("yes", "permissive"):
        found |= _CONTRAFLOW  # OSRM and R5: open to all on a way for people on foot includes bicycles
    if highway in reading.classes:
        opened, bits = reading.classes[highway]
        found = found | Access(bits) if opened else found & ~Access(bits)
    return found


_SIDEWALKS: Final = ("sidewalk", "sidewalk:both", "sidewalk:left", "sidewalk:right")


def _impassable(tags: Mapping[str, str], why: list[str]) -> Access:
    """Return who cannot pass although allowed: wheels on what only feet manage, cars where one needs another car.

    OSM wiki, Key:smoothness (very_horrible: heavy-duty off-road vehicles), Key:4wd_only, Key:impassable.
    """
    smoothness = tags.get("smoothness", "")
    wheels = EVERYBODY & ~_PEDESTRIANS
    if smoothness == "impassable" or tags.get("impassable") == "yes":
        why.append("impassable")
        return wheels
    if smoothness == "very_horrible" or tags.get("4wd_only", "no") not in ("no", ""):
        why.append("4wd_only" if "4wd_only" in tags else "smoothness=very_horrible")
        return wheels & ~_CONTRAFLOW
    return Access.NONE


def _crossing_s(tags: Mapping[str, str], why: list[str]) -> tuple[float | None, float, bool]:
    """Return how long a ferry takes, the mean wait included (None: no duration is mapped), that wait, and if it is assumed."""
    interval = parse_duration_s(tags.get("interval", ""))
    wait = (FERRY_INTERVAL_S if interval is None else interval) / 2
    waits = (
        f"interval={tags['interval']}"
        if interval is not None
        else f"interval {FERRY_INTERVAL_S / 60:g} min, not mapped"
    )
    duration = parse_duration_s(tags.get("duration", ""))
    if duration is None:
        why += ["no duration", waits]
        return None, wait, interval is None
    why += [f"duration={tags['duration']}", waits]
    return duration + wait, wait, interval is None


def _apply_access(
    tags: Mapping[str, str], allowed: Access, default: Access, why: list[str], suffix: str = ""
) -> Access:
    """Apply access keys from general to special; ambulances pass what is private, not what says emergency=no."""
    for key, bits in _KEY_RULES.items():
        text = usual_value(tags.get(key + suffix, ""), tags.get(f"{key}{suffix}:conditional", ""))
        if not text:
            continue
        value = _most_open(text)
        before = allowed
        if value in _CLOSED:
            # A cycleway is designated for bicycles: only their own keys close it (OSM wiki, Tag:highway=cycleway).
            spared = _CONTRAFLOW if key == "access" and tags.get("highway") == "cycleway" else Access.NONE
            allowed &= ~(bits.closes & ~spared)
        elif value == "delivery":
            # Who brings nothing is no delivery; a car may end its trip there, as before.
            allowed = (allowed | (bits.opens & default if key == "access" else bits.opens)) & ~(
                bits.opens & _CONTRAFLOW
            )
        elif value in _OF_OTHERS:
            allowed &= ~bits.restricts
        elif value in _OPEN:
            # A general "open" opens a footway to people on foot, not to cars.
            # Nor does a general key of one direction open what its class keeps closed.
            general = key == "access" or (bool(suffix) and key in CAR_KEYS[:-1])
            allowed |= bits.opens & default if general else bits.opens
        else:
            continue
        if (
            suffix
        ):  # A key of the mode itself, though of no direction, goes before a general one of a direction.
            own = _named_after(key, tags)
            allowed = (allowed & ~own) | (before & own)
        why.append(f"{key}{suffix}={value}")
    return allowed


def _named_after(key: str, tags: Mapping[str, str]) -> Access:
    """Return whom more special keys of no direction than ``key`` speak of."""
    keys = list(_KEY_RULES)
    found = Access.NONE
    for other in keys[keys.index(key) + 1 :]:
        if other in tags:
            found |= _KEY_RULES[other].opens
    return found & ~_KEY_RULES[key].opens if key not in CAR_KEYS[:-1] else found


def _most_open(text: str) -> str:
    """Return the value of an access tag; of several (``forestry;permissive``) the most open that is known."""
    values = [value.strip().lower() for value in text.split(";")]
    rank = {value: 2 if value in _OPEN - _NO_THROUGH else 1 for value in _OPEN}
    return max(values, key=lambda value: rank.get(value, 0))


def _first_value(text: str) -> str:
    return text.split(";")[0].strip().lower()


_INDOOR: Final = frozenset({"ferry", "corridor", "elevator"})
_OFF_GROUND: Final[dict[str, frozenset[str]]] = {
    "bridge": frozenset({"", "no"}),
    "tunnel": frozenset({"", "no", "building_passage", "culvert", "avalanche_protector"}),
    "indoor": frozenset({"", "no"}),
}
"""Keys of ways that leave the terrain, and the values that do not."""

_ROUNDABOUTS: Final = frozenset({"roundabout", "circular"})
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
        if key == "oneway:bicycle" and value == "yes" and tags.get("oneway") in {"-1", "reverse"}:
            value = "-1"
        if key == "oneway":
            if not value and tags.get("junction") in {"roundabout", "circular"}:
                value = "yes"
                why.append(f"junction={tags['junction']}")
            elif (not value and highway == "motorway") or (
                value in {"reversible", "alternating"}
                and tags.get("junction")
                in {
                    "roundabout",
                    "circular",
                }
            ):
                value = "yes"
            if highway == "steps" or (highway in _FOOT_WAYS and tags.get("conveying", "no") != "no"):
                bits |= _PEDESTRIANS  # an escalator, a moving walkway; elsewhere it does not bind them
        bits &= allowed
        if value in {"yes", "true", "1"}:
            forward, backward = forward | bits, backward & ~bits
        elif value in {"-1", "reverse"}:
            forward, backward = forward & ~bits, backward | bits
        elif value == "reversible":
            # Open one way at a time, by a timetable nobody maps: not relied upon.
            forward, backward = forward & ~bits, backward & ~bits
        elif value in {
            "no",
            "false",
            "0",
            "alternating",
        }:  # alternating within minutes: open both ways, with a wait
            forward, backward = forward | bits, backward | bits
        else:
            continue
        why.append(f"{key}={value}")
    if against := _contraflow(tags):
        why.append(against)
        if tags.get("oneway") in {"-1", "reverse"}:
            forward |= allowed & _CONTRAFLOW
        else:
            backward |= allowed & _CONTRAFLOW
    if tags.get("conveying") in {"forward", "backward"} and highway in _FOOT_WAYS:
        why.append(f"conveying={tags['conveying']}")
        if tags["conveying"] == "forward":
            backward &= ~_PEDESTRIANS
        else:
            forward &= ~_PEDESTRIANS
    return forward, backward


def _contraflow(tags: Mapping[str, str]) -> str:
    """Return the tag that lets bicycles ride against the one way; empty without one.

    OSM wiki, Key:cycleway (``opposite*``), Key:oneway:bicycle and the older ``bicycle:oneway``, ``cycleway:*:oneway``,
    ``bicycle:backward``.
    """
    for key in _CYCLEWAYS:
        if tags.get(key, "").startswith("opposite"):
            return f"{key}={tags[key]}"
        oneway = f"{key}:oneway"
        if tags.get(oneway) in {"no", "-1"} and tags.get(key, "no") not in {"no", "none", "separate"}:
            return f"{oneway}={tags[oneway]}"
    if tags.get("bicycle:oneway") == "no":
        return "bicycle:oneway=no"
    if tags.get("bicycle:backward") in _OPEN:
        return f"bicycle:backward={tags['bicycle:backward']}"
    return ""


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

    Access tags close a node without a barrier too, and open a barrier to whom they name (``access=yes`` to all), unless
    the node is something of its own: a bus stop, an entrance, a crossing, whose access is not that of the street.
    """
    kind = tags.get("barrier")
    if kind is None and any(key in tags for key in _OWN_ACCESS):
        return fit_node(tags, EVERYBODY)
    default = _BARRIERS.get(kind or "", EVERYBODY)
    if kind == "bollard" and tags.get("bollard") == "rising" and "access" not in tags:
        default = EVERYBODY
    if tags.get("locked") == "yes" and (kind or "").endswith(_LOCKED):
        default &= _LET_IN
    return fit_node(tags, designated(tags, _apply_access(tags, default, EVERYBODY, [])))


_LOCKED: Final = ("gate", "yes", "door", "turnstile")
"""Ends of the kinds of barrier that a lock closes; beside a locked bollard one walks past."""
_OWN_ACCESS: Final = (
    "highway",
    "railway",
    "amenity",
    "entrance",
    "public_transport",
    "shop",
    "building",
    "crossing",
)
"""Keys of nodes whose access tags are about themselves, not about the street they stand on."""


def barrier_why(tags: Mapping[str, str]) -> str:
    """Return the tags that decide who passes a barrier, ``key=value`` joined by commas."""
    keys = ("barrier", "locked", "bollard", *ACCESS_KEYS)
    told = [f"{key}={tags[key]}" for key in keys if key in tags]
    unfit = [reason for _, mode in FITTED if (reason := unfit_node(tags, mode))]
    return ", ".join(dict.fromkeys((*told, *unfit)))


RELEVANT_KEYS: Final = frozenset(
    {"highway", "route", "motorroad", "service", "junction", "conveying", "surface", "duration", "interval", "maxspeed",
     "maxspeed:forward", "maxspeed:backward", "maxspeed:type", "source:maxspeed", "zone:maxspeed", "zone:traffic",
     "smoothness", "tracktype", "4wd_only", "impassable", "segregated", "man_made", "railway", "public_transport",
     "amenity", "bicycle:oneway", "type", "area", "covered", "layer", "location"}
    | {key + suffix for key in ACCESS_KEYS for suffix in ("", ":forward", ":backward")}
    | set(ONEWAY_KEYS)
    | set(_CYCLEWAYS)
    | {f"{key}:oneway" for key in _CYCLEWAYS}
    | set(_SIDEWALKS)
    | CONDITION_KEYS
    | set(_OFF_GROUND)
    | FIT_KEYS
)  # fmt: skip
"""Keys the rules read; ways that agree in them share one interpretation."""
