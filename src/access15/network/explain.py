"""Why an edge is as it is: tags, permission, speed and the rule that gave it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape
from typing import Any

import numpy as np

from access15.errors import InputError
from access15.model import SMOOTHNESS, STANDING, TRACKTYPES, StreetNetwork, TravelProfile
from access15.network.delays import delay_text, delays_by_kind, fixed_times_s
from access15.network.fitness import closing_tags
from access15.network.join import EDGE_COLUMNS
from access15.network.speeds import SpeedRule, edge_speed_rules, edge_speeds_kph, slope_factors
from access15.network.standing import can_stand


@dataclass(frozen=True, slots=True)
class DirectionExplanation:
    """One direction of an edge.

    Attributes
    ----------
    allowed : bool
    kph : float
        Speed, slope included; NaN where closed or where a fixed time decides.
    seconds : float
        Time of the whole edge, delays included, ``inf`` where closed.
    delay_s : float
        Seconds of it that are waits.
    slope_factor : float
        Time relative to a flat street, 1 where the profile does not follow slopes.
    rule : str
        What gave the speed, or why the direction is closed.
    """

    allowed: bool
    kph: float
    seconds: float
    delay_s: float
    slope_factor: float
    rule: str


@dataclass(frozen=True, slots=True)
class EdgeExplanation:
    """One edge under one profile; prints as text, and as a table in notebooks.

    Attributes
    ----------
    edge : int
        Row of the edge.
    way_id : int
        OSM way id or row of the source's line; -1 for a barrier.
    highway, surface : str
    tags : str
        The tags that decided, ``key=value`` joined by commas; empty where the source has none.
    profile : str
        Name of the profile.
    length_m : float
    slope : float or None
        Mean rise over run from ``edge_from`` to ``edge_to``; None without elevation.
    standing : str
        Empty where people of the profile can step on or off; else what the street is: one of
        `access15.model.STANDING`.
    forward, backward : DirectionExplanation
    """

    edge: int
    way_id: int
    highway: str
    surface: str
    tags: str
    profile: str
    length_m: float
    slope: float | None
    standing: str
    forward: DirectionExplanation
    backward: DirectionExplanation

    def __str__(self) -> str:
        what = f"way {self.way_id}" if self.way_id >= 0 else "barrier"
        slope = "" if self.slope is None else f", slope {self.slope:+.1%}"
        lines = [f"edge {self.edge}, {what}, {self.highway or 'no class'}, {self.length_m:,.1f} m{slope}"]
        lines.append(f"  tags: {self.tags or 'not known'}")
        if self.standing:
            lines.append(f"  nobody steps on or off: {_STANDING[self.standing]}")
        lines += [f"  {name} ({self.profile}): {_line(way)}" for name, way in self._ways()]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        head, tags, *ways = (escape(line.strip()) for line in str(self).splitlines())
        rows = "".join("<tr><td>{}</td><td>{}</td></tr>".format(*way.split(": ", 1)) for way in ways)
        return f"<b>{head}</b><br>{tags}<table>{rows}</table>"

    def _ways(self) -> tuple[tuple[str, DirectionExplanation], ...]:
        return (("forward", self.forward), ("backward", self.backward))


_STANDING = {
    "motorway": "a motorway, a motorroad or their link",
    "tunnel": "a tunnel",
    "bridge": "a bridge, not at the level of what lies beside it",
    "ferry": "a ferry, but at its ends",
}


def _line(way: DirectionExplanation) -> str:
    if not way.allowed:
        return f"closed, {way.rule}"
    speed = "" if np.isnan(way.kph) else f"{way.kph:.4g} km/h, "
    return f"{speed}{way.seconds:,.1f} s, {way.rule}"


def explain_edge(network: StreetNetwork, edge: int, profile: TravelProfile) -> EdgeExplanation:
    """Return why a profile may travel an edge, how fast, and by which rule.

    Parameters
    ----------
    network : StreetNetwork
    edge : int
        Row of the edge, such as ``times.cells.edge[i]``.
    profile : TravelProfile

    Returns
    -------
    EdgeExplanation

    Raises
    ------
    InputError
        If there is no such edge, or the profile follows slopes and the network has no elevation.
    """
    if not 0 <= edge < network.n_edges:
        raise InputError(f"there is no edge {edge}: the network has edges 0 to {network.n_edges - 1}")
    row = int(edge)
    tags = network.rules[network.rule[row]] if len(network.rule) else ""
    one = _row_of(network, row)
    speeds, rules = edge_speeds_kph(one, profile), edge_speed_rules(one, profile)
    factors, delays = slope_factors(one, profile), list(delays_by_kind(network, profile))
    ways = [
        _delayed(
            _direction(one, profile, along, float(speeds[i][0]), int(rules[i][0]), float(factors[i][0])),
            {kind: float(both[i][row]) for kind, *both in delays},
            profile,
        )
        for i, along in enumerate((True, False))
    ]
    return EdgeExplanation(
        edge=row,
        way_id=int(network.way_id[row]),
        highway=network.highway_classes[network.highway[row]],
        surface=network.surface_classes[network.surface[row]],
        tags=tags,
        profile=profile.name,
        length_m=float(network.length_m[row]),
        standing="" if can_stand(one, profile)[0] else STANDING[one.standing[0]],
        slope=float(network.slope[row]) if network.has_elevation else None,
        forward=ways[0],
        backward=ways[1],
    )


def _row_of(network: StreetNetwork, row: int) -> StreetNetwork:
    """Return a network of one edge, so that explaining costs the same on any network."""
    ends = np.array([network.edge_from[row], network.edge_to[row]])
    columns: dict[str, Any] = {name: getattr(network, name)[row : row + 1] for name in EDGE_COLUMNS}
    for name in ("restriction_way", "restriction_node", "restriction_only", "restriction_turn"):
        columns[name] = getattr(network, name)[:0]
    return replace(
        network,
        **columns,
        restriction_offset=np.zeros(1, np.int64),
        node_x=network.node_x[ends],
        node_y=network.node_y[ends],
        node_id=network.node_id[ends],
        edge_from=np.zeros(1, np.int32),
        edge_to=np.ones(1, np.int32),
        vertex_offset=np.array([0, 2]),
        vertex_x=network.node_x[ends],
        vertex_y=network.node_y[ends],
    )


def _delayed(
    way: DirectionExplanation, lost_s: dict[str, float], profile: TravelProfile
) -> DirectionExplanation:
    delay_s = sum(lost_s.values())
    if not way.allowed or not delay_s:
        return way
    rule = f"{way.rule}; waits: {delay_text(lost_s, profile)}"
    return replace(way, seconds=way.seconds + delay_s, delay_s=delay_s, rule=rule)


def _direction(
    one: StreetNetwork, profile: TravelProfile, along: bool, kph: float, rule: int, factor: float
) -> DirectionExplanation:
    length_m, duration_s = float(one.length_m[0]), float(fixed_times_s(one, profile)[0])
    limit = float((one.maxspeed_forward_kph if along else one.maxspeed_backward_kph)[0])
    if rule == SpeedRule.CLOSED:
        why = f"not open to {profile.mode} this way"
        reason = closing_tags(one, profile, np.zeros(1, int))[0]
        return DirectionExplanation(False, np.nan, np.inf, 0.0, 1.0, f"{why}: {reason}" if reason else why)
    if rule == SpeedRule.DURATION:
        why = f"a fixed time of {duration_s:,.0f} s"
        if len(one.assumed_wait_s) and one.assumed_wait_s[0]:
            crossing_s = float(one.duration_s[0] - one.assumed_wait_s[0])
            why += f", {duration_s - crossing_s:,.0f} s of it an assumed wait"
        return DirectionExplanation(True, np.nan, duration_s, 0.0, 1.0, why)
    name, surface = one.highway_classes[one.highway[0]], one.surface_classes[one.surface[0]]
    text = _speed_text(SpeedRule(rule), profile, name, surface, limit) or _going_text(
        SpeedRule(rule), profile, one
    )
    if profile.peak_factor != 1:
        text += f" × peak {profile.peak_factor:g}"
    if profile.travel_mode.turn_rules and len(one.no_through) and one.no_through[0]:
        text += ", to start or end there, not to drive through"
    if factor != 1:
        text += f", slope: {factor:.3f} times as long as flat"
    return DirectionExplanation(True, kph, length_m * 3.6 / kph, 0.0, factor, text)


def _going_text(rule: SpeedRule, profile: TravelProfile, one: StreetNetwork) -> str:
    track, smooth = divmod(int(one.going[0]), len(SMOOTHNESS))
    if rule == SpeedRule.TRACKTYPE:
        key, value, cap = "tracktype", TRACKTYPES[track], profile.tracktype_cap_kph[TRACKTYPES[track]]
    else:
        key, value, cap = "smoothness", SMOOTHNESS[smooth], profile.smoothness_cap_kph[SMOOTHNESS[smooth]]
    return f"{key} {value} caps at {cap:g} km/h ({profile.source_of(f'{key}_cap_kph.{value}')})"


def _speed_text(rule: SpeedRule, profile: TravelProfile, name: str, surface: str, limit: float) -> str:
    if rule == SpeedRule.SURFACE:
        cap = profile.surface_cap_kph[surface]
        return f"surface {surface} caps at {cap:g} km/h ({profile.source_of(f'surface_cap_kph.{surface}')})"
    if rule in (SpeedRule.TRACKTYPE, SpeedRule.SMOOTHNESS):
        return ""
    if rule == SpeedRule.LIMIT and profile.maxspeed_factor is None:
        return f"maxspeed {limit:.4g}"
    if rule == SpeedRule.LIMIT:
        factor = profile.maxspeed_factor
        return f"maxspeed {limit:.4g} × {factor:g} ({profile.source_of('maxspeed_factor')})"
    if rule == SpeedRule.CLASS:
        return f"class {name} {profile.class_kph[name]:g} km/h ({profile.source_of(f'class_kph.{name}')})"
    return f"one speed {profile.speed_kph:g} km/h ({profile.source_of('speed_kph')})"
