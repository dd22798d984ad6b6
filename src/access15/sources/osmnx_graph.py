"""Streets from OSMnx graphs: lengths and directions are the graph's, what tags mean is ours."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from access15.arrays import Floats, Ints
from access15.crs import WGS84, crs_name, is_geographic, to_crs
from access15.errors import CRSError, InputError
from access15.model import STANDING, WAITS, StreetNetwork
from access15.modes import MODES
from access15.network import PASSED_KEYS, RELEVANT_KEYS, WAIT_HIGHWAYS, StreetWays, build_network
from access15.sources.clip import ClipArea, clip_ways
from access15.sources.graphml import StreetGraph
from access15.sources.road_layer import measuring_crs

if TYPE_CHECKING:
    from networkx import MultiDiGraph

Arc: TypeAlias = "tuple[Hashable, Hashable, dict[str, Any]]"

ACCESS_KEYS: Final = tuple(MODES)
"""Edge attributes with which `access15.outputs.to_osmnx` says who may travel an arc."""
_SIGN: Final = ("foot", "bicycle", "motorcar", "emergency")
"""All four together on an arc say that `access15.outputs.to_osmnx` wrote it."""

_SKIPPED: Final = frozenset({"oneway", "junction", "highway", "route", "maxspeed", *ACCESS_KEYS})
_PASSED: Final = tuple(sorted(RELEVANT_KEYS - _SKIPPED))
_OWN_FLAGS: Final = ("no_through", "off_ground")
_NO_WAITS: Final = [0] * len(WAITS)


def network_from_osmnx(
    graph: MultiDiGraph[Any] | StreetGraph,
    *,
    crs: str | None = None,
    area: ClipArea | None = None,
    source: str = "an OSMnx graph",
    season: str = "all-year",
    country: str = "",
    date: datetime.date | str | None = None,
) -> StreetNetwork:
    """Return the street network of an OSMnx graph.

    Two arcs that run against each other along one street (same ends, ``osmid``, length and shape) become one
    edge open both ways; an arc alone is a one-way street, which people on foot may use both ways unless tags
    say otherwise. Lengths are the graph's own. Where an attribute is a list (OSMnx joins streets), the first
    class counts, as in OSMnx, and the lowest limit.

    Parameters
    ----------
    graph : networkx.MultiDiGraph or StreetGraph
        Simplified or not, in longitude and latitude or projected.
    crs : str, optional
        Metric CRS of the network.
    area : ClipArea, optional
        Keep the edges that meet it.
    source : str
        For messages and provenance.
    season, country, date
        See `access15.network.build_network`.

    Raises
    ------
    InputError
        If it is not a directed graph with positions, or has no streets.
    CRSError
        If it does not state its CRS.
    """
    read = graph if isinstance(graph, StreetGraph) else _from_networkx(graph)
    if not read.edge:
        raise InputError(f"{source} has no edges: use a street graph of OSMnx")
    system = _crs_of(read, source)
    streets, counts = _pair(read)
    ways = _ways(read, streets, system, source, counts)
    _check_positions(ways, system, source)
    if is_geographic(system):
        target = crs
    else:
        target = crs or measuring_crs(system, ways.x, ways.y)
        if target != system:
            lon, lat = to_crs(ways.x, ways.y, system, WGS84)
            ways = dataclasses.replace(ways, x=lon, y=lat, crs=WGS84)
    clipped = ways if area is None else clip_ways(ways, area)
    built = build_network(clipped, crs=target, season=season, country=country, date=date)
    return _with_own_values(built, streets)


def _from_networkx(graph: Any) -> StreetGraph:
    if not (hasattr(graph, "nodes") and hasattr(graph, "edges") and hasattr(graph, "is_directed")):
        raise InputError(
            f"{type(graph).__name__} is neither a path nor an OSMnx graph: pass a file name or a networkx.MultiDiGraph"
        )
    if not graph.is_directed():
        raise InputError("the graph is undirected: pass the directed graph that OSMnx made")
    return StreetGraph(dict(graph.graph), dict(graph.nodes(data=True)), list(graph.edges(data=True)))


def _crs_of(read: StreetGraph, source: str) -> str:
    if not read.graph.get("crs"):
        raise CRSError(f"{source} does not state its CRS: set graph.graph['crs'], as OSMnx does")
    import pyproj

    try:
        return crs_name(read.graph["crs"])
    except pyproj.exceptions.CRSError as error:
        raise CRSError(
            f"{source} states a CRS that PROJ does not know ({str(read.graph['crs'])[:60]}): correct it"
        ) from error


def _check_positions(ways: StreetWays, system: str, source: str) -> None:
    """Refuse metres that claim to be degrees, and the reverse."""
    beyond = (np.abs(ways.x) > 180) | (np.abs(ways.y) > 90)
    if is_geographic(system) and beyond.any():
        at = int(np.flatnonzero(beyond)[0])
        raise CRSError(
            f"{source} says it is in longitude and latitude ({system[:60]}) but has a node at "
            f"({ways.x[at]:g}, {ways.y[at]:g}): set graph.graph['crs'] to the CRS the coordinates are in"
        )
    if not is_geographic(system) and not beyond.any():
        raise CRSError(
            f"{source} says it is projected ({system[:60]}) but all its coordinates are degrees "
            f"({ways.x[0]:g}, {ways.y[0]:g}): set graph.graph['crs'] to EPSG:4326, or the one they are in"
        )


@dataclasses.dataclass(slots=True)
class _Street:
    """One street of the graph: the arc along it, and the arc against it where there is one."""

    tail: Hashable
    head: Hashable
    ahead: dict[str, Any]
    behind: dict[str, Any] | None
    drawn_only: bool
    points: Floats | None


def _pair(read: StreetGraph) -> tuple[list[_Street], dict[str, int]]:
    """Join arcs that run against each other along one street."""
    # With OSMnx's all_oneway=True every way is one arc, and oneway is the tag itself.
    drawn_only = any(isinstance(data.get("oneway"), str) for _, _, data in read.edge)
    waiting: dict[tuple[Hashable, Hashable], list[int]] = {}
    partner = np.full(len(read.edge), -1, np.int64)
    shapes = [_points(data) for _, _, data in read.edge]
    for i, (u, v, _) in enumerate(read.edge):
        for j in waiting.get((v, u), ()) if not drawn_only else ():
            if _opposite(read.edge[j][2], read.edge[i][2], shapes[j], shapes[i], u == v):
                waiting[v, u].remove(j)
                partner[i], partner[j] = j, i
                break
        else:
            waiting.setdefault((u, v), []).append(i)
    streets = []
    for i, (u, v, data) in enumerate(read.edge):
        other = int(partner[i])
        if other >= 0 and (_flag(data, "reversed"), i) > (_flag(read.edge[other][2], "reversed"), other):
            continue  # its partner stands for both
        behind = read.edge[other][2] if other >= 0 else None
        streets.append(_Street(u, v, data, behind, drawn_only, shapes[i]))
    two_way = int((partner >= 0).sum()) // 2
    return streets, {
        "arcs read": len(read.edge),
        "two-way streets": two_way,
        "arcs alone": len(streets) - two_way,
    }


def _points(data: Mapping[str, Any]) -> Floats | None:
    """Return the vertices of an arc's geometry, (k, 2), None without one."""
    import shapely

    shape = data.get("geometry")
    if shape is None or shape == "":
        return None
    if isinstance(shape, str):
        try:
            shape = shapely.from_wkt(shape)
        except shapely.errors.ShapelyError:
            return None
    found = shapely.get_coordinates(shape)
    return found if len(found) >= 2 and bool(np.isfinite(found).all()) else None


def _opposite(
    one: Mapping[str, Any], two: Mapping[str, Any], shape: Floats | None, other: Floats | None, loop: bool
) -> bool:
    """Return whether two arcs between the same nodes are the two directions of one street."""
    if loop and _flag(one, "reversed") == _flag(two, "reversed"):
        return False
    if sorted(map(str, _list(one.get("osmid")))) != sorted(map(str, _list(two.get("osmid")))):
        return False
    a, b = _number(one.get("length")), _number(two.get("length"))
    if a is not None and b is not None and abs(a - b) > 1e-6 * max(a, b) + 1e-6:
        return False
    if shape is None or other is None:
        return shape is other
    return shape.shape == other.shape and bool(np.allclose(shape, other[::-1], rtol=0, atol=1e-6))


def _ways(
    read: StreetGraph, streets: list[_Street], crs: str, source: str, counts: dict[str, int]
) -> StreetWays:
    """Return one way per street; its id is its row, so that each keeps its own length."""
    # 1. Vertices of every street: its ends, and the inner points of its shape as new nodes.
    node_id, x, y = _nodes(read, source)
    row = {node: i for i, node in enumerate(read.node)}
    fresh = int(node_id.max(initial=0)) + 1
    nodes, xs, ys, size = [], [], [], []
    for street in streets:
        try:
            ends = np.array([row[street.tail], row[street.head]])
        except KeyError as error:
            raise InputError(
                f"{source} has an edge to node {error}, which it does not hold: save it again"
            ) from error
        inner = street.points[1:-1] if street.points is not None else np.empty((0, 2))
        nodes.append(np.concatenate((node_id[ends[:1]], fresh + np.arange(len(inner)), node_id[ends[1:]])))
        fresh += len(inner)
        xs.append(np.concatenate((x[ends[:1]], inner[:, 0], x[ends[1:]])))
        ys.append(np.concatenate((y[ends[:1]], inner[:, 1], y[ends[1:]])))
        size.append(len(inner) + 2)
    # 2. Tags of ways and nodes, and what is worth counting.
    tags = [_tags(s) for s in streets]
    if not any(one.get("highway") or "route" in one for one in tags):
        raise InputError(f"{source} has no highway attribute on any edge: use a street graph of OSMnx")
    lists = sum(isinstance(s.ahead.get("highway"), list) for s in streets)
    vanish = sum(s.tail == s.head and n == 2 for s, n in zip(streets, size, strict=True))
    node_tags = {
        int(node_id[row[n]]): {k: str(v) for k, v in data.items()}
        for n, data in read.node.items()
        if any(data.get(key) for key in PASSED_KEYS) or data.get("highway") in WAIT_HIGHWAYS
    }
    provenance: dict[str, Any] = {"source": source, **counts}
    if lists:
        provenance["edges of several classes, the first taken"] = lists
    if vanish:
        provenance["loops without a shape, left out"] = vanish
    return StreetWays(
        way_id=list(range(len(streets))),
        tags=tags,
        size=size,
        node=np.concatenate(nodes),
        x=np.concatenate(xs),
        y=np.concatenate(ys),
        crs=crs,
        node_tags=node_tags,
        provenance=provenance,
    )


def _nodes(read: StreetGraph, source: str) -> tuple[Ints, Floats, Floats]:
    """Return node ids and positions; ids that are not whole numbers are numbered from 1."""
    for name, data in read.node.items():
        if _number(data.get("x")) is None or _number(data.get("y")) is None:
            raise InputError(
                f"{source}, node {name}: x or y is missing or not a number: use a graph of OSMnx"
            )
    x = np.array([float(d["x"]) for d in read.node.values()])
    y = np.array([float(d["y"]) for d in read.node.values()])
    whole = all(isinstance(n, (int, np.integer)) and abs(int(n)) < 2**62 for n in read.node)
    ids = np.fromiter(read.node, np.int64, len(x)) if whole else np.arange(1, len(x) + 1)
    return ids, x, y


def _tags(street: _Street) -> dict[str, str]:
    """Return the OSM tags of a street; what differs by direction is said by direction."""
    data, back = street.ahead, street.behind
    kind = _first(data.get("highway"))
    out = {"route": "ferry"} if "ferry" in (kind, _first(data.get("route"))) else {"highway": kind}
    if "route" in out and (crossing_s := _number(data.get("duration_s"))):
        out["duration"] = f"PT{max(1, round(crossing_s))}S"  # a ferry without a duration is not travelled
    for key in _PASSED:
        if value := _first(data.get(key)):
            out[key] = value
    if street.drawn_only:
        out |= {key: value for key in ("oneway", "junction") if (value := _first(data.get(key)))}
    else:
        out["oneway"] = "yes" if back is None else "no"
    # All modes together are ours and hold for one direction; alone they are OSM tags of the whole way.
    own = all(_first(data.get(key)) in {"yes", "no"} for key in _SIGN)
    given = {key: value for key in ACCESS_KEYS if (value := _first(data.get(key)))}
    if not own:
        out |= given
    for arc, way in ((data, "forward"), (back, "backward")):
        for key in given if own else ():
            value = "no" if arc is None else _first(arc.get(key)) or "no"
            # What suits a mode is said by tags that open nothing unless a way is made for it.
            out[f"{key}:{way}"] = "designated" if value == "yes" and MODES[key].fit_key else value
        if arc is not None and (limit := ";".join(map(str, _list(arc.get("maxspeed"))))):
            out[f"maxspeed:{way}"] = limit
    if street.drawn_only and (limit := out.pop("maxspeed:forward", "")):
        out["maxspeed"] = limit
    return out


def _with_own_values(network: StreetNetwork, streets: list[_Street]) -> StreetNetwork:
    """Replace measured lengths by the graph's, and rows by way ids; timetables, grades and waits where it has them."""
    street = network.way_id
    real = street >= 0
    row = street[real]
    length, duration = network.length_m.copy(), network.duration_s.copy()
    flags = {key: getattr(network, key).copy() for key in _OWN_FLAGS}
    slope, way_id = network.slope.copy(), network.way_id.copy()
    stated = np.array([_value(s, "length") for s in streets])[row]
    pieces = np.bincount(row, length[real], minlength=len(streets))[row]
    share = np.divide(length[real], pieces, out=np.ones(len(row)), where=pieces > 0)
    usable = np.isfinite(stated) & (stated >= 0)
    length[real] = np.where(usable, stated * share, length[real])
    assumed_s = network.assumed_wait_s.copy()
    for values, key in ((duration, "duration_s"), (slope, "grade")):
        own = np.array([_value(s, key) for s in streets])[row]
        if key == "duration_s":  # a time of the graph's own says nothing of waits
            assumed_s[real] = np.where(np.isfinite(own), 0, assumed_s[real])
        values[real] = np.where(np.isfinite(own), own * (share if key == "duration_s" else 1), values[real])
    standing = network.standing.copy()
    own_kind = np.array([_standing(s.ahead) for s in streets], np.int64)[row]
    standing[real] = np.where(own_kind >= 0, own_kind, standing[real])
    for key, values in flags.items():
        values[real] |= np.array([_flag(s.ahead, key) for s in streets])[row]
    way_id[real] = np.array([_way_id(s, i) for i, s in enumerate(streets)], np.int64)[row]
    waits = [network.waits_forward.copy(), network.waits_backward.copy()]
    own_piece = np.flatnonzero(real)[np.unique(row, return_index=True)[1]]
    for counts, arcs in ((waits[0], [s.ahead for s in streets]), (waits[1], [s.behind for s in streets])):
        said = [_waits(arc) for arc in arcs]
        stated = np.array([one is not None for one in said])
        counts[real] = np.where(stated[row][:, None], 0, counts[real])
        counts[own_piece] += np.array([one or _NO_WAITS for one in said], np.uint8)[np.unique(row)]
    provenance = dict(network.provenance)
    provenance["lengths"] = "the graph's own"
    provenance["turn restrictions"] = "none: an OSMnx graph carries none"
    if (~usable).any():
        provenance["edges without a length, measured"] = int((~usable).sum())
    return dataclasses.replace(
        network,
        length_m=length,
        duration_s=duration,
        assumed_wait_s=assumed_s,
        slope=slope,
        way_id=way_id,
        provenance=provenance,
        waits_forward=waits[0],
        waits_backward=waits[1],
        standing=standing,
        **flags,
    )


def _waits(arc: Mapping[str, Any] | None) -> list[int] | None:
    """Return the waits `access15.outputs.to_osmnx` wrote on an arc; None where it has no such text."""
    words = str((arc or {}).get("waits", "")).split()
    fits = len(words) == len(WAITS) and all(word.isdigit() and int(word) < 256 for word in words)
    return [int(word) for word in words] if fits else None


def _way_id(street: _Street, row: int) -> int:
    """Return the first OSM id of a street, or its row where it has none."""
    ids = [_number(v) for v in _list(street.ahead.get("osmid"))]
    return int(ids[0]) if ids and ids[0] is not None else row


def _value(street: _Street, key: str) -> float:
    found = _number(street.ahead.get(key))
    return np.nan if found is None else found


def _flag(data: Mapping[str, Any], key: str) -> bool:
    return data.get(key) is True or data.get(key) == "True"


def _standing(data: Mapping[str, Any]) -> int:
    """Return the kind of standing an arc states, -1 where it states none."""
    kind = data.get("standing")
    return STANDING.index(kind) if kind in STANDING else -1


def _list(value: Any) -> list[Any]:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return []
    return list(value) if isinstance(value, (list, tuple, set)) else [value]


def _first(value: Any) -> str:
    found = _list(value)
    return str(found[0]) if found else ""


def _number(value: Any) -> float | None:
    try:
        found = float(value)
    except (TypeError, ValueError):
        return None
    return found if np.isfinite(found) else None
