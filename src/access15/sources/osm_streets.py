"""Streets from OpenStreetMap files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from access15.arrays import Floats
from access15.crs import WGS84, ground_lengths_m
from access15.errors import InputError
from access15.model import TURNS
from access15.modes import ACCESS_KEYS
from access15.network import (
    FERRIES,
    PASSED_KEYS,
    RELEVANT_KEYS,
    WAIT_HIGHWAYS,
    WALKED,
    StreetWays,
    WaterLines,
    holds_most_of_the_week,
    is_walked,
    parse_duration_s,
    usual_value,
)
from access15.sources.osm_file import OsmFile, osm_file

_KEYS = tuple(dict.fromkeys((
    "highway", "name", "oneway", "surface", "source", "service", "maxspeed", "lanes", "ref", "access", "tracktype", "bicycle",
    "foot", "layer", "lit", "bridge", "sidewalk", "horse", "footway", "motor_vehicle", "smoothness", "tunnel", "incline",
    "cycleway", "junction", "wheelchair", "crossing", "area",
    "source:maxspeed", *sorted(RELEVANT_KEYS),
)))  # fmt: skip
"""The keys of streets, the most frequent first, whether the rules read them or not; then the others of the rules."""
_RESTRICTION_KEYS = (
    "restriction:motorcar",
    "restriction:motor_vehicle",
    "restriction:vehicle",
    "restriction",
)
"""Keys of a turn restriction that binds cars, the one that decides first."""
_HOURS = ("day_on", "day_off", "hour_on", "hour_off")
"""Keys of the hours of a restriction, as they were written before ``restriction:conditional``."""
_OTHER_RESTRICTIONS = tuple(
    f"restriction:{who}"
    for who in ("conditional", "motorcar:conditional", "hgv", "bus", "bicycle", "caravan")
)
"""Keys of restrictions that are only counted."""
_DAMAGED = (
    "cannot be read to its end ({}): it is damaged, cut off, or not an OpenStreetMap file; download it again"
)
_WKB_HEAD = 9
"""Bytes before the coordinates of a line in WKB: byte order, kind, number of points."""


@dataclass(slots=True)
class _Reading:
    """What a file holds, as far as it has been read."""

    way_id: list[int] = field(default_factory=list)
    tags: list[dict[str, str]] = field(default_factory=list)
    node: list[int] = field(default_factory=list)
    size: list[int] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    broken: dict[int, list[tuple[float, float]]] = field(default_factory=dict)
    node_tags: dict[int, dict[str, str]] = field(default_factory=dict)
    restrictions: list[tuple[tuple[int, ...], int, bool, str]] = field(default_factory=list)
    ferries: list[tuple[dict[str, str], list[int]]] = field(default_factory=list)
    """Routes of ferries: their tags and their ways."""
    shores: set[int] = field(default_factory=set)
    """Ways round water that is drawn as a multipolygon."""
    wet: set[int] = field(default_factory=set)
    """Ways that were kept as water."""
    water: list[str] = field(default_factory=list)
    rivers: list[bool] = field(default_factory=list)
    water_size: list[int] = field(default_factory=list)
    squares: dict[int, dict[str, str]] = field(default_factory=dict)
    """Ways that draw a square, and the tags of its relation."""
    aside: Counter[str] = field(default_factory=Counter)
    seen: set[int] = field(default_factory=set)

    def keep_water(self, item: Any, kind: str, line: Callable[[Any], str | None]) -> None:
        """Keep a line of water that is whole; a way is kept once."""
        drawn = line(item) if item.id not in self.wet and len(item.nodes) > 1 else None
        self.wet.add(item.id)
        if drawn is not None:
            self.water.append(drawn)
            self.rivers.append(kind == "river")
            self.water_size.append(len(item.nodes))


def read_ways(file: Path) -> StreetWays:
    """Read the ways, the nodes that bar or delay, and the turn restrictions of an OSM file; no rule is applied yet.

    Ways that draw a square for a relation (``type=multipolygon`` with ``highway``) and are no street themselves come
    last, with the tags of the relation (OSM wiki, Relation:multipolygon: the outline stays untagged).

    Raises
    ------
    InputError
        If osmium cannot read the file to its end.
    """
    with osm_file(file, _DAMAGED) as opened:
        read = _read(opened)
    if not read.way_id:
        raise InputError(
            f"{file} holds no streets (no way with a highway tag): use a road extract of your region"
        )
    xy = _coordinates(read.lines)
    if read.broken:
        xy = _fill(xy, read.size, read.broken)
    _share_durations(read, xy)
    if np.isnan(xy).all():
        raise InputError(
            f"{file}: no street has a position, for the nodes are not inside: ask Overpass for them too "
            '("out body; >; out skel qt;", or "out geom;"), or take another extract'
        )
    return StreetWays(
        way_id=read.way_id,
        tags=read.tags,
        size=read.size,
        node=np.array(read.node, np.int64),
        x=xy[:, 0],
        y=xy[:, 1],
        crs=WGS84,
        node_tags=read.node_tags,
        restrictions=read.restrictions,
        water=_water_lines(read),
        provenance={
            "source": file.name,
            "attribution": "© OpenStreetMap contributors",
            "ways read": len(read.way_id),
            "turn restrictions": len(read.restrictions),
            **({"set aside": dict(read.aside)} if read.aside else {}),
        },
    )


def _water_lines(read: _Reading) -> WaterLines | None:
    if not read.water:
        return None
    xy = _coordinates(read.water)
    return WaterLines(read.water_size, xy[:, 0], xy[:, 1], read.rivers)


def _read(file: OsmFile) -> _Reading:
    """Read a file once, and its ways again only where a square needs them: relations stand behind the ways."""
    import osmium

    of = osmium.filter.KeyFilter
    nodes = of("highway", *PASSED_KEYS, *ACCESS_KEYS).enable_for(osmium.osm.NODE)
    keys = (
        "highway",
        "route",
        *(key for key, _ in WALKED),
        "man_made",
        "natural",
        "waterway",
        *_RESTRICTION_KEYS,
        *_OTHER_RESTRICTIONS,
    )
    others = of(*dict.fromkeys(keys)).enable_for(osmium.osm.WAY | osmium.osm.RELATION)
    places = osmium.index.create_map("flex_mem")
    draw = osmium.geom.WKBFactory().create_linestring
    every, ahead = osmium.geom.use_nodes.ALL, osmium.geom.direction.FORWARD

    def line(way: Any) -> str | None:
        try:
            return str(draw(way, every, ahead))
        except (RuntimeError, osmium.InvalidLocationError):
            return None

    read = _Reading(aside=Counter(file.repaired))
    for item in osmium.FileProcessor(file.path).with_locations(places).with_filter(nodes).with_filter(others):
        if item.is_node():
            passed = any(key in item.tags for key in PASSED_KEYS)
            if passed or item.tags.get("highway", "access") in _NODE_HIGHWAYS:
                read.node_tags[item.id] = dict(item.tags)
        elif item.is_way():
            given = item.tags
            if "highway" in given or given.get("route") in FERRIES or is_walked(given):
                _take(item, _tags(given), read, line)
            elif kind := _water_kind(given):
                read.keep_water(item, kind, line)
        elif item.tags.get("type") == "multipolygon" and _water_kind(item.tags) == "bank":
            read.shores.update(member.ref for member in item.members if member.type == "w")
        elif item.tags.get("type") == "multipolygon" and ("highway" in item.tags or is_walked(item.tags)):
            _square(item, read)
        elif item.tags.get("type") == "route":
            if item.tags.get("route") in FERRIES:
                ways = [
                    m.ref for m in item.members if m.type == "w" and not m.role.startswith(_NOT_TRAVELLED)
                ]
                read.ferries.append((_tags(item.tags), ways))
        else:
            _restriction(item, read.restrictions, read.aside)
    for tags, members in read.ferries:
        for ref in members:
            read.squares.setdefault(ref, {key: value for key, value in tags.items() if key != "duration"})
    # A member that is a street itself has been taken, with its own tags.
    if untagged := read.squares.keys() - read.seen:
        located = osmium.NodeLocationsForWays(places)
        located.ignore_errors()
        again = osmium.FileProcessor(file.path, osmium.osm.WAY).with_filter(osmium.filter.IdFilter(untagged))
        for item in again.with_filter(located):
            _take(item, read.squares[item.id], read, line)
        if absent := len(untagged - read.seen):
            read.aside["ways of squares missing from the file"] = absent
    if shores := read.shores - read.wet:
        located = osmium.NodeLocationsForWays(places)
        located.ignore_errors()
        again = osmium.FileProcessor(file.path, osmium.osm.WAY).with_filter(osmium.filter.IdFilter(shores))
        for item in again.with_filter(located):
            read.keep_water(item, "bank", line)
    return read


_NOT_TRAVELLED = ("platform", "stop")
"""Roles of the members of a route that nobody travels along."""
_RIVERS = frozenset({"river", "canal"})
_BANKS = (
    ("natural", "water"),
    ("natural", "coastline"),
    ("waterway", "riverbank"),
    ("waterway", "dock"),
    ("landuse", "reservoir"),
)


def _water_kind(tags: Any) -> str:
    """Return ``river`` for the middle of a river, ``bank`` for the edge of water, or nothing; culverts are none."""
    if (
        tags.get("tunnel", "no") != "no"
        or tags.get("covered", "no") != "no"
        or tags.get("intermittent", "no") == "yes"
    ):
        return ""
    if tags.get("waterway") in _RIVERS:
        return "river"
    return "bank" if any(tags.get(key) == value for key, value in _BANKS) else ""


_NODE_HIGHWAYS = WAIT_HIGHWAYS | {"access"}
"""Values of ``highway`` of nodes that count; ``access`` stands for none, where an access key let the node through."""


def _share_durations(read: _Reading, xy: Floats) -> None:
    """Give the ways of a ferry's route their part of its duration, by length, where they have none of their own."""
    row = {way: i for i, way in enumerate(read.way_id)}
    start = np.concatenate(([0], np.cumsum(read.size)))
    for tags, members in read.ferries:
        seconds = parse_duration_s(tags.get("duration", ""))
        own = [row[ref] for ref in members if ref in row and read.tags[row[ref]].get("route") in FERRIES]
        if seconds is None or not own:
            continue
        length_m = [float(ground_lengths_m(*xy[start[i] : start[i + 1]].T).sum()) for i in own]
        interval = parse_duration_s(tags.get("interval", ""))
        for i, metres in zip(own, length_m, strict=True):
            if parse_duration_s(read.tags[i].get("duration", "")) is None and np.isfinite(metres):
                part = metres / max(sum(length_m), 1e-9)
                given = {"duration": seconds * part}
                if interval is not None:
                    given["interval"] = interval
                read.tags[i] = {**read.tags[i], **{k: f"PT{max(round(v), 1)}S" for k, v in given.items()}}


def _take(item: Any, tags: dict[str, str], read: _Reading, line: Callable[[Any], str | None]) -> None:
    """Take a way with its vertices (``line``: None if a node is missing); ways of one node are counted."""
    read.seen.add(item.id)
    nodes = item.nodes
    count = len(nodes)
    if count < 2:
        read.aside["ways of fewer than two nodes"] += 1
        return
    drawn = line(item)
    if drawn is None:
        read.broken[len(read.way_id)] = [
            (node.lon, node.lat) if node.location.valid() else (np.nan, np.nan) for node in nodes
        ]
    else:
        read.lines.append(drawn)
    read.way_id.append(item.id)
    read.tags.append(tags)
    read.size.append(count)
    read.node += [nodes[i].ref for i in range(count)]


def _square(item: Any, read: _Reading) -> None:
    """Note the ways round a square and its holes; a way of two squares belongs to the first."""
    tags = _tags(item.tags)
    for member in item.members:
        if member.type == "w":
            read.squares.setdefault(member.ref, tags)
        else:
            read.aside["members of squares that are no ways"] += 1


def _tags(given: Any) -> dict[str, str]:
    """Return the tags of a way that the rules read, and some others.

    Asking osmium for a key costs a tenth of a step through the tags, and most ways have only the first keys.
    """
    found: dict[str, str] = {}
    left = len(given)
    for key in _KEYS:
        value = given.get(key)
        if value is not None:
            found[key] = value
            left -= 1
            if not left:
                break
    return found


def _coordinates(lines: list[str]) -> Floats:
    """Return the vertices of lines in hexadecimal WKB, (k, 2); much faster than a geometry of each."""
    heads = np.arange(_WKB_HEAD)
    raw = np.frombuffer(bytes.fromhex("".join(lines)), np.uint8)
    start = np.cumsum([0, *(len(line) // 2 for line in lines[:-1])])
    pairs = np.delete(raw, (start[:, None] + heads).ravel()) if lines else raw
    return pairs.view(np.float64).reshape(-1, 2)


def _fill(xy: Floats, size: list[int], broken: dict[int, list[tuple[float, float]]]) -> Floats:
    """Put the vertices of ways with missing nodes (NaN there) among those of the whole ways."""
    out = np.empty((sum(size), 2))
    start = np.concatenate(([0], np.cumsum(size)))
    whole = np.ones(len(out), bool)
    for way, points in broken.items():
        whole[start[way] : start[way + 1]] = False
        out[start[way] : start[way + 1]] = points
    out[whole] = xy
    return out


def _ban(tags: Any) -> str:
    """Return the kind of a turn restriction that binds cars for most of the week; empty if it does so for less.

    Hours stand in ``restriction:conditional``, or in ``day_on`` and its like beside ``restriction``.
    """
    for key in _RESTRICTION_KEYS:
        if usual := usual_value("", tags.get(f"{key}:conditional", "")):
            return usual
        if key in tags:
            from_day, to_day, from_hour, to_hour = (tags.get(name, "") for name in _HOURS)
            timed = f"{from_day}-{to_day or from_day} {from_hour}-{to_hour}"
            if any(name in tags for name in _HOURS) and not holds_most_of_the_week(timed):
                return ""
            return str(tags[key])
    return "" if any(f"{key}:conditional" in tags for key in _RESTRICTION_KEYS) else "other"


def _restriction(item: Any, found: list[tuple[tuple[int, ...], int, bool, str]], aside: Counter[str]) -> None:
    """Take a turn restriction that binds cars; others are counted."""
    if item.tags.get("type") != "restriction":
        return
    kind = _ban(item.tags)
    if not kind:
        aside["turn restrictions of some hours, which do not hold most of the day"] += 1
        return
    if kind.endswith("_on_red"):
        aside["turn restrictions on red, which ban nobody on green"] += 1
        return
    if not kind.startswith(("no_", "only_")):
        aside["turn restrictions of another kind"] += 1
        return
    excepted = {word.strip() for word in item.tags.get("except", "").split(";")}
    if excepted & {"motorcar", "motor_vehicle", "vehicle"}:
        aside["turn restrictions that except cars"] += 1
        return
    members: dict[str, list[tuple[str, int]]] = {}
    for member in item.members:
        members.setdefault(member.role, []).append((member.type, member.ref))
    start, via, stop = (members.get(role, []) for role in ("from", "via", "to"))
    over_ways = bool(via) and all(kind_of == "w" for kind_of, _ in via)
    over_node = len(via) == 1 and via[0][0] == "n"
    # Of no_entry many streets may be the first, of no_exit the last: each pair is a restriction.
    most = {"from": np.inf if kind == "no_entry" else 1, "to": np.inf if kind == "no_exit" else 1}
    whole = 1 <= len(start) <= most["from"] and 1 <= len(stop) <= most["to"]
    if not whole or not (over_ways or over_node):
        aside["turn restrictions that are incomplete"] += 1
        return
    between = tuple(ref for _, ref in via) if over_ways else ()
    node = -1 if over_ways else via[0][1]
    named = kind.split("_")[1]
    turn = named if named in TURNS else ""
    for (_, first), (_, last) in product(start, stop):
        found.append(((first, *between, last), node, kind.startswith("only_"), turn))
