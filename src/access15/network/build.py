"""Ways and their nodes become a street network."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from access15.arrays import Bools, Float32s, Floats, Ints, UInt8s, UInt16s
from access15.crs import WGS84, ground_lengths_m, is_geographic, middle_crs, to_crs
from access15.errors import InputError
from access15.model import STANDING, WAITS, StreetNetwork, going_of, with_notes
from access15.modes import CLASS_ACCESS, EVERYBODY, WALKS, Access
from access15.network.conditions import Reading, absent_why, cycleways_on_foot
from access15.network.ferries import GUESSED, time_ferries
from access15.network.fitness import FITTED_BITS, crossed_on_foot, unknown_nodes
from access15.network.order import hilbert_order
from access15.network.restrictions import Given, restriction_columns
from access15.network.standing import settled
from access15.network.street_notes import CYCLEWAYS, UNLISTED, date_facts, season_facts, street_notes
from access15.network.tag_rules import (
    NOT_STREETS,
    RELEVANT_KEYS,
    WayRule,
    barrier_why,
    interpret_barrier,
    interpret_way,
)
from access15.network.waits import count_waits
from access15.units import check_date

_MOST_RULES = 65_535


@dataclass(slots=True)
class StreetWays:
    """Ways as they were read, before any rule.

    Attributes
    ----------
    way_id : sequence of int
    tags : sequence of mapping
        One per way; those the rules read are enough.
    size : sequence of int
        Vertices of each way.
    node : (k,) int64
        Node ids of all vertices, way after way.
    x, y : (k,) float64
        Their positions in ``crs``, NaN where the file does not hold the node.
    crs : str
    node_tags : mapping of node id to tags
        Nodes with a barrier tag, and those where trips wait (`access15.network.waits`).
    restrictions : sequence of (ways, via node, is "only", turn)
        Turn restrictions: way ids from, via …, to; the via node's id, or -1 where ways are between; the turn, of
        `access15.model.TURNS`, may be left out.
    provenance : dict
        Source, and what reading dropped.
    water : WaterLines, optional
        Water that no leg between a point and its street crosses.
    """

    way_id: Sequence[int]
    tags: Sequence[Mapping[str, str]]
    size: Sequence[int]
    node: Ints
    x: Floats
    y: Floats
    crs: str
    node_tags: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    restrictions: Sequence[Given] = ()
    provenance: dict[str, Any] = field(default_factory=dict)
    water: WaterLines | None = None


@dataclass(frozen=True, slots=True)
class WaterLines:
    """Lines of water in the CRS of the ways: rivers by their middle, lakes and the sea by their banks.

    Attributes
    ----------
    size : sequence of int
        Vertices of each line.
    x, y : (v,) float64
    river : sequence of bool
    """

    size: Sequence[int]
    x: Floats
    y: Floats
    river: Sequence[bool]


@dataclass(slots=True)
class _Pieces:
    """Edges before the nodes have rows: first and last vertex of each, and its way."""

    first: Ints
    last: Ints
    way: Ints


def build_network(
    ways: StreetWays,
    *,
    crs: str | None = None,
    season: str = "all-year",
    country: str = "",
    date: datetime.date | str | None = None,
) -> StreetNetwork:
    """Return the street network of some ways.

    Ways are cut where they meet, at their ends, at barriers and where nodes are missing. Lengths are on
    the ellipsoid for longitude and latitude, else in the plane.

    Parameters
    ----------
    ways : StreetWays
    crs : str, optional
        Metric CRS of the network; default: the UTM zone of the middle of the data, or the ways' own CRS
        where that is projected.
    season : {"all-year", "dry", "wet", "winter"}
        Streets that are not there then are left out and told (`access15.network.conditions`).
    country : str
        ISO 3166 code, such as ``"NL"``, for defaults that differ by country; empty for the worldwide ones.
    date : date or str, optional
        What opens later, or has ended by its tags, is not there; today unless named.

    Raises
    ------
    InputError
        If no way is a street.
    """
    # 1. What the rules say of every way; only streets go on.
    south = is_geographic(ways.crs) and bool(len(ways.y)) and float(np.nanmean(ways.y)) < 0
    reading = Reading(season, country.strip().upper(), south, check_date(date))
    rules, reasons = _interpret(ways.tags, reading)
    way_m = _way_m(ways, rules)
    rules, reasons, guessed = time_ferries(rules, reasons, way_m, _ends_of_ways(ways))
    dropped = Counter(filter(None, reasons))
    size = np.asarray(ways.size, np.int64)
    street = np.array([rule is not None for rule in rules], bool)
    on_street = np.repeat(street, size)
    way_of = np.repeat(np.arange(len(size)), size)[on_street]
    node, x, y = ways.node[on_street], ways.x[on_street], ways.y[on_street]
    node, seam = _one_at_the_seam(node, x, y, ways.crs)
    # 2. Their vertices, one after another; a run breaks at the end of a way and where a node is missing.
    missing = np.isnan(x) | np.isnan(y)
    gappy = np.unique(way_of[missing])
    keep = ~missing
    # A vertex that repeats the one before it in its way says nothing.
    repeated = np.zeros(len(node), bool)
    repeated[1:] = (node[1:] == node[:-1]) & (way_of[1:] == way_of[:-1])
    keep &= ~repeated
    run = np.cumsum(np.r_[True, way_of[1:] != way_of[:-1]] | missing)[keep] if len(node) else np.empty(0, int)
    way_of, node, x, y = way_of[keep], node[keep], x[keep], y[keep]
    if not len(node):
        raise InputError(
            f"{ways.provenance.get('source', 'the data')} holds no streets: check that it is a road extract "
            "(ways with a highway tag) and that its nodes are inside"
        )
    # 3. Cut at junctions, the nodes of several vertices, and at barriers.
    ids, row, uses = np.unique(node, return_inverse=True, return_counts=True)
    tagged = _tagged(ways.node_tags, ids)
    walks = np.array([rule is not None and rule.highway in WALKS for rule in rules], bool)
    blocked = _barriers(ways.node_tags, tagged, node[walks[way_of]])
    cuts = (uses > 1) | np.isin(ids, np.fromiter(blocked, np.int64, len(blocked)))
    pieces = _cut(cuts[row], run, way_of)
    if not len(pieces.first):
        raise InputError(f"{ways.provenance.get('source', 'the data')} holds no street of two points or more")
    # 4. What was left out is counted.
    still = np.setdiff1d(np.flatnonzero(street), np.concatenate((pieces.way, gappy)))
    dropped.update(
        {
            "ways that never leave one node": len(still),
            "vertices missing from the file": int(missing.sum()),
            "ways cut where nodes are missing": len(gappy),
            "nodes at 180° and -180° that are one place": seam,
        }
    )
    told: dict[str, Any] = {
        "barriers that stop somebody": len(blocked),
        **unknown_nodes(ways.node_tags, tagged),
    }
    network = _assemble(ways, rules, pieces, (node, x, y, run), blocked, crs, dropped, told)
    told = dict(network.provenance) | ({GUESSED: guessed} if guessed else {})
    lost_m = _lost_m(reasons, way_m)
    told["country"] = reading.country or "none named, the worldwide defaults"
    told |= season_facts(season, lost_m) | date_facts(reading.today, reading.turns)
    closed, closed_m = _cycleways_told(ways, rules, reading, network)
    told |= closed
    kept_m = float(network.length_m.sum())
    water = {} if ways.water is None else _water_columns(ways.water, ways.crs, network.crs)
    return replace(
        network,
        provenance=with_notes(told, street_notes(told, lost_m, closed_m, kept_m)),
        **water,
    )


def _water_columns(water: WaterLines, source: str, target: str) -> dict[str, Any]:
    x, y = to_crs(water.x, water.y, source, target)
    offset = np.concatenate(([0], np.cumsum(np.asarray(water.size, np.int64))))
    return {"water_offset": offset, "water_x": x, "water_y": y, "water_river": np.array(water.river, bool)}


_SEAM: Final = 1e-7
"""Degrees: the resolution of OSM positions."""


def _one_at_the_seam(node: Ints, x: Floats, y: Floats, crs: str) -> tuple[Ints, int]:
    """Return the node ids where nodes at 180° and at -180° on one place are one node, and how many became another.

    OSM cuts ways at the 180° meridian (OSM wiki, 180th meridian): each side ends at a node of its own.
    """
    if not is_geographic(crs):
        return node, 0
    at = np.flatnonzero(np.abs(np.abs(x) - 180.0) <= _SEAM)
    if not len(at) or (x[at] > 0).all() or (x[at] < 0).all():
        return node, 0
    _, first, inverse = np.unique(np.rint(y[at] / _SEAM), return_index=True, return_inverse=True)
    moved = node.copy()
    moved[at] = node[at][first][inverse]
    return moved, len(np.unique(node[at][moved[at] != node[at]]))


def _interpret(tags: Sequence[Mapping[str, str]], reading: Reading) -> tuple[list[WayRule | None], list[str]]:
    """Return the rule of each way (None: nobody travels on it), and why it was dropped."""
    known: dict[tuple[tuple[str, str], ...], WayRule | str] = {}
    rules: list[WayRule | None] = []
    reasons: list[str] = []
    for one in tags:
        key = tuple([item for item in one.items() if item[0] in RELEVANT_KEYS])
        found = known.get(key)
        if found is None:
            found = known[key] = _rule_or_why_not(one, reading)
        if isinstance(found, str):
            rules.append(None)
            reasons.append(found)
        else:
            rules.append(found)
            reasons.append("")
    return rules, reasons


def _way_m(ways: StreetWays, rules: Sequence[WayRule | None]) -> Floats:
    """Return the length of ferries and of ways nobody travels on, steps to missing nodes left out; 0 for others, metres."""
    size = np.asarray(ways.size, np.int64)
    asked = np.array([rule is None or rule.highway == "ferry" for rule in rules], bool)
    on = np.repeat(asked, size)
    run, x, y = np.repeat(np.arange(len(size)), size)[on], ways.x[on], ways.y[on]
    if not len(run):
        return np.zeros(len(size))
    step = ground_lengths_m(x, y) if is_geographic(ways.crs) else np.hypot(np.diff(x), np.diff(y))
    step = np.where((run[1:] == run[:-1]) & np.isfinite(step), step, 0.0)
    return np.bincount(run[1:], step, minlength=len(size)).astype(float)


def _ends_of_ways(ways: StreetWays) -> list[tuple[int, int]]:
    """Return the first and the last node of each way."""
    last = np.cumsum(ways.size)
    first = last - np.asarray(ways.size, np.int64)
    return list(zip(ways.node[first].tolist(), ways.node[last - 1].tolist(), strict=True))


def _lost_m(reasons: Sequence[str], way_m: Floats) -> dict[str, float]:
    """Return the length of what was dropped for each reason, metres."""
    why = np.array(reasons, object)
    return {str(reason): float(way_m[why == reason].sum()) for reason in set(reasons) - {""}}


def _cycleways_told(
    ways: StreetWays, rules: Sequence[WayRule | None], reading: Reading, network: StreetNetwork
) -> tuple[dict[str, int], dict[str, float]]:
    """Return how many cycleways people on foot may not use for no tag and no country's default says so, and their metres."""
    if reading.country in cycleways_on_foot():
        return {}, {}
    shut = [
        way
        for way, one, rule in zip(ways.way_id, ways.tags, rules, strict=True)
        if rule is not None
        and rule.highway == "cycleway"
        and "foot" not in one
        and not rule.forward & Access.FOOT
    ]
    if not shut:
        return {}, {}
    kind = UNLISTED if reading.country else CYCLEWAYS
    metres = float(network.length_m[np.isin(network.way_id, np.array(shut, np.int64))].sum())
    return {kind: len(shut)}, {kind: metres}


def _rule_or_why_not(tags: Mapping[str, str], reading: Reading) -> WayRule | str:
    rule = interpret_way(tags, reading)
    if rule is None:
        gone = absent_why(tags, reading) if "highway" in tags or tags.get("route") == "ferry" else ""
        return gone if gone and tags.get("highway") not in NOT_STREETS else "ways that are not streets"
    if rule.forward | rule.backward:
        return rule
    known = rule.highway == "ferry" or rule.highway in CLASS_ACCESS
    return "ways nobody may use" if known else "ways of a class the rules do not know"


def _tagged(node_tags: Mapping[int, Mapping[str, str]], ids: Ints) -> list[int]:
    """Return the tagged nodes that are nodes of streets, in rising order."""
    tagged = np.sort(np.fromiter(node_tags, np.int64, len(node_tags)))
    found: list[int] = tagged[ids[np.minimum(np.searchsorted(ids, tagged), len(ids) - 1)] == tagged].tolist()
    return found


def _barriers(
    node_tags: Mapping[int, Mapping[str, str]], tagged: Sequence[int], walked: Ints
) -> dict[int, Access]:
    """Return who passes each node that stops somebody; at a crossing only where a way for people on foot meets it."""
    out = {}
    for node_id in tagged:
        allowed = interpret_barrier(node_tags[node_id])
        if allowed != EVERYBODY:
            out[node_id] = allowed
    crossings = [node_id for node_id in out if crossed_on_foot(node_tags[node_id])]
    for node_id in np.setdiff1d(np.array(crossings, np.int64), walked).tolist():
        del out[node_id]
    return out


def _cut(inside: Bools, run: Ints, way_of: Ints) -> _Pieces:
    """Cut runs of vertices at their ends and at the vertices to cut ``inside``: junctions and barriers."""
    new = run[1:] != run[:-1]
    split = inside | np.r_[True, new] | np.r_[new, True]
    at = np.flatnonzero(split)
    same = run[at[1:]] == run[at[:-1]]
    first, last = at[:-1][same], at[1:][same]
    return _Pieces(first, last, way_of[first])


def _assemble(
    ways: StreetWays,
    rules: Sequence[WayRule | None],
    pieces: _Pieces,
    vertices: tuple[Ints, Floats, Floats, Ints],
    blocked: Mapping[int, Access],
    crs: str | None,
    dropped: Counter[str],
    told: Mapping[str, Any],
) -> StreetNetwork:
    # 1. Geometry in the metric CRS: the length of every piece, and the vertices that draw it.
    node, x, y, run = vertices
    length, x, y, metric = _measure(ways.crs, x, y, run, crs)
    first, last, way = pieces.first, pieces.last, pieces.way
    edge_m = np.add.reduceat(length, first)
    count = last - first + 1
    offset = np.zeros(len(first) + 1, np.int64)
    np.cumsum(count, out=offset[1:])
    drawn = np.arange(offset[-1]) - np.repeat(offset[:-1] - first, count)
    vertex_x, vertex_y = x[drawn], y[drawn]

    # 2. What the rules say of each piece: class, access, speeds, and the waits on its way.
    columns = _rule_columns(rules, way, edge_m)
    waits = count_waits(ways.node_tags, node, length, first, last)
    lift = np.array(columns.highway_classes)[columns.highway] == "elevator"
    in_turn = np.array([rule is not None and rule.alternating for rule in rules], bool)[way]
    first_piece = np.zeros(len(way), bool)
    first_piece[np.unique(way, return_index=True)[1]] = True
    for counts in waits:
        counts[in_turn & first_piece, WAITS.index("alternating")] += 2  # one lane in turn: one whole wait
        counts[lift, WAITS.index("elevator")] += 2  # a way that is a lift: one whole wait
    # 3. Nodes: one row per OSM node at an end of a piece. A node with a barrier is two, the barrier between them.
    start_id, start_xy = node[first], (x[first], y[first])
    stop_id, stop_xy = node[last], (x[last], y[last])
    ends = _Ends(
        np.concatenate((start_id, stop_id)),
        np.concatenate((start_xy[0], stop_xy[0])),
        np.concatenate((start_xy[1], stop_xy[1])),
    )
    node_id, node_x, node_y, end_row, gates = _node_rows(ends, blocked)
    m = len(first)
    # 4. Barriers are edges of no length from the junction to its copy, behind the others, of no way.
    if len(gates.hub):
        gates.allowed = _past_crossings(gates, node_id, ways.node_tags, columns)
        columns = columns.with_gates(
            gates, [barrier_why(ways.node_tags[i]) for i in node_id[gates.hub].tolist()]
        )
        way = np.concatenate((way, np.full(len(gates.hub), -1)))
        gate_x, gate_y = np.repeat(node_x[gates.hub], 2), np.repeat(node_y[gates.hub], 2)
        vertex_x, vertex_y = np.concatenate((vertex_x, gate_x)), np.concatenate((vertex_y, gate_y))
        offset = np.concatenate((offset, offset[-1] + 2 * np.arange(1, len(gates.hub) + 1)))
        edge_m = np.concatenate((edge_m, np.zeros(len(gates.hub))))
        none = np.zeros((len(gates.hub), waits[0].shape[1]), np.uint8)
        waits = (np.concatenate((waits[0], none)), np.concatenate((waits[1], none)))
    # 5. Nodes along a Hilbert curve: what is near on the map is near in memory.
    edge_from = np.concatenate((end_row[:m], gates.hub))
    edge_to = np.concatenate((end_row[m:], gates.copy))
    order = hilbert_order(node_x, node_y)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    # 6. Turn restrictions, by the rows of edges and nodes; those that fit no streets are counted.
    way_ids = np.asarray(ways.way_id, np.int64)
    way_of = np.where(way >= 0, way_ids[way], -1)
    ends_row = rank[edge_from], rank[edge_to]
    turns, misfits = restriction_columns(ways.restrictions, node_id[order], way_of, ends_row)
    dropped.update(misfits)
    provenance = dict(ways.provenance)
    provenance["dropped"] = {k: v for k, v in sorted(dropped.items()) if v}
    provenance |= told
    standing, alone = settled(columns.standing, edge_from, edge_to, len(node_id))
    if alone:
        provenance["tunnels and bridges that lead to no other street, to stand at"] = alone
    return StreetNetwork(
        node_x=node_x[order],
        node_y=node_y[order],
        node_id=node_id[order],
        edge_from=ends_row[0].astype(np.int32),
        edge_to=ends_row[1].astype(np.int32),
        length_m=edge_m,
        way_id=way_of,
        highway=columns.highway,
        highway_classes=columns.highway_classes,
        surface=columns.surface,
        surface_classes=columns.surface_classes,
        access_forward=columns.forward,
        access_backward=columns.backward,
        maxspeed_forward_kph=columns.ahead_kph,
        maxspeed_backward_kph=columns.behind_kph,
        duration_s=columns.duration_s,
        assumed_wait_s=columns.assumed_wait_s,
        slope=np.zeros(len(edge_m), np.float32),
        vertex_offset=offset,
        vertex_x=vertex_x,
        vertex_y=vertex_y,
        **turns,
        crs=metric,
        provenance=provenance,
        waits_forward=waits[0],
        waits_backward=waits[1],
        no_through=columns.no_through,
        standing=standing,
        going=columns.going,
        off_ground=columns.off_ground,
        rule=columns.rule,
        rules=columns.rules,
    )


def _past_crossings(
    gates: _Gates, node_id: Ints, node_tags: Mapping[int, Mapping[str, str]], columns: _Columns
) -> Ints:
    """Return who passes each gate: the kerbs of a crossing stop nobody who stays on the road.

    Where only what suits a mode stops somebody, a gate is no arm of the junction to those who may not use its street.
    """
    crossed = np.array([crossed_on_foot(node_tags[i]) for i in node_id[gates.hub].tolist()], bool)
    walk = np.array([name in WALKS for name in columns.highway_classes])[columns.highway[gates.piece]]
    allowed = np.where(crossed & ~walk, int(EVERYBODY), gates.allowed)
    users = (columns.forward | columns.backward)[gates.piece]
    lawful = gates.allowed | int(FITTED_BITS) == int(EVERYBODY)
    return np.where(lawful, allowed & users, allowed)


def _measure(
    source: str, x: Floats, y: Floats, run: Ints, target: str | None
) -> tuple[Floats, Floats, Floats, str]:
    """Return the length of the step after each vertex (0 at the end of a run), and metric positions."""
    if is_geographic(source):
        lon, lat = to_crs(x, y, source, WGS84)
        metric = target or middle_crs(lon, lat)
        step = ground_lengths_m(lon, lat)
        px, py = to_crs(lon, lat, WGS84, metric)
    else:
        metric = target or source
        step = np.hypot(np.diff(x), np.diff(y))
        px, py = to_crs(x, y, source, metric)
    step[run[1:] != run[:-1]] = 0.0
    return np.append(step, 0.0), px, py, metric


@dataclass(slots=True)
class _Columns:
    """Edge columns that come from the tag rules."""

    highway: UInt8s
    highway_classes: tuple[str, ...]
    surface: UInt8s
    surface_classes: tuple[str, ...]
    forward: UInt8s
    backward: UInt8s
    ahead_kph: Float32s
    behind_kph: Float32s
    duration_s: Float32s
    assumed_wait_s: Float32s
    no_through: Bools
    standing: UInt8s
    going: UInt8s
    off_ground: Bools
    rule: UInt16s
    rules: tuple[str, ...]

    def with_gates(self, gates: _Gates, why: Sequence[str]) -> _Columns:
        """Return the columns with one zero-length edge per gate behind them, and the tags of each barrier."""
        k = len(gates.hub)
        texts = sorted(set(why))[: _MOST_RULES + 1 - len(self.rules)]
        code = {text: len(self.rules) + i for i, text in enumerate(texts)}
        classes = (*self.highway_classes, "barrier")
        none = np.full(k, np.nan, np.float32)
        allowed = gates.allowed.astype(np.uint8)
        return _Columns(
            np.concatenate((self.highway, np.full(k, len(classes) - 1, np.uint8))),
            classes,
            np.concatenate((self.surface, np.zeros(k, np.uint8))),
            self.surface_classes,
            np.concatenate((self.forward, allowed)),
            np.concatenate((self.backward, allowed)),
            np.concatenate((self.ahead_kph, none)),
            np.concatenate((self.behind_kph, none)),
            np.concatenate((self.duration_s, none)),
            np.concatenate((self.assumed_wait_s, np.zeros(k, np.float32))),
            np.concatenate((self.no_through, self.no_through[gates.piece])),
            np.concatenate((self.standing, self.standing[gates.piece])),
            np.concatenate((self.going, np.zeros(k, np.uint8))),
            np.concatenate((self.off_ground, np.zeros(k, bool))),
            np.concatenate((self.rule, np.array([code.get(text, 0) for text in why], np.uint16))),
            (*self.rules, *texts),
        )


def _rule_columns(rules: Sequence[WayRule | None], way: Ints, edge_m: Floats) -> _Columns:
    # Most ways share a rule: each is read once.
    blank = WayRule("", "", Access.NONE, Access.NONE)
    known = {id(rule): rule or blank for rule in rules}
    row = {key: i for i, key in enumerate(known)}
    of_way = np.array([row[id(rule)] for rule in rules], np.int64)
    filled, of = list(known.values()), of_way[way]
    count = np.bincount(of_way, minlength=len(filled)).tolist()
    classes, highway = _codes([rule.highway for rule in filled], count)
    surfaces, surface = _codes([rule.surface for rule in filled], count)
    tags, tag_code = _codes([rule.why for rule in filled], count, _MOST_RULES)
    way_m = np.bincount(way, edge_m, minlength=len(rules))
    with np.errstate(divide="ignore", invalid="ignore"):
        share = edge_m / way_m[way]
    return _Columns(
        highway[of].astype(np.uint8),
        classes,
        surface[of].astype(np.uint8),
        surfaces,
        np.array([int(rule.forward) for rule in filled], np.uint8)[of],
        np.array([int(rule.backward) for rule in filled], np.uint8)[of],
        _floats([rule.maxspeed_forward_kph for rule in filled])[of],
        _floats([rule.maxspeed_backward_kph for rule in filled])[of],
        (_floats([rule.duration_s for rule in filled])[of] * share).astype(np.float32),
        np.nan_to_num(_floats([rule.assumed_wait_s for rule in filled])[of] * share).astype(np.float32),
        np.array([rule.no_through for rule in filled], bool)[of],
        np.array([STANDING.index(rule.standing) for rule in filled], np.uint8)[of],
        np.array([going_of(rule.tracktype, rule.smoothness) for rule in filled], np.uint8)[of],
        np.array([rule.off_ground for rule in filled], bool)[of],
        tag_code[of].astype(np.uint16),
        tags,
    )


def _codes(texts: Sequence[str], count: Sequence[int], most: int = 254) -> tuple[tuple[str, ...], Ints]:
    """Return the most frequent distinct texts (the rest becomes ``""``) behind an empty one, and a code each.

    ``count`` is how often each of ``texts`` stands there.
    """
    uses: Counter[str] = Counter()
    for text, times in zip(texts, count, strict=True):
        uses[text] += times
    names = [text for text, _ in uses.most_common() if text][:most]
    classes = ("", *sorted(names))
    code = {name: i for i, name in enumerate(classes)}
    return classes, np.array([code.get(text, 0) for text in texts], np.int64)


def _floats(values: Sequence[float | None]) -> Float32s:
    return np.array([np.nan if value is None else value for value in values], np.float32)


@dataclass(slots=True)
class _Ends:
    """Both ends of every edge: all starts, then all stops."""

    node: Ints
    x: Floats
    y: Floats


@dataclass(slots=True)
class _Gates:
    """Zero-length edges that join the copies of a barrier node to its hub; ``piece`` is the street behind each."""

    hub: Ints
    copy: Ints
    allowed: Ints
    piece: Ints


def _node_rows(ends: _Ends, blocked: Mapping[int, Access]) -> tuple[Ints, Floats, Floats, Ints, _Gates]:
    """Give nodes rows; at a barrier every street end gets a node of its own, joined to a hub by a gate."""
    ids, at, row = np.unique(ends.node, return_index=True, return_inverse=True)
    x, y = ends.x[at], ends.y[at]
    if not blocked:
        none = np.empty(0, np.int64)
        return ids, x, y, row, _Gates(none, none, none, none)
    closed = np.fromiter(blocked, np.int64, len(blocked))
    own = np.flatnonzero(np.isin(ends.node, closed))
    hub = row[own]
    copy = len(ids) + np.arange(len(own))
    allowed = np.array([int(blocked[int(i)]) for i in ends.node[own]], np.int64)
    row = row.copy()
    row[own] = copy
    node_id = np.concatenate((ids, ends.node[own]))
    gates = _Gates(hub, copy, allowed, own % (len(ends.node) // 2))
    return node_id, np.concatenate((x, x[hub])), np.concatenate((y, y[hub])), row, gates
