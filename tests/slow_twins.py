"""Plain-Python twins of the searches: slow, short, and easy to believe."""

from __future__ import annotations

import heapq
from collections.abc import Collection
from dataclasses import replace

import numpy as np
from shapely import LineString

from access15.model import WAITS, LinkedPoints, StreetNetwork, TravelProfile
from access15.network import RoutingGraph, edge_speeds_kph

Arc = tuple[int, bool]
"""An edge, and whether it is travelled from its tail to its head."""


def edge_milliseconds(network: StreetNetwork, profile: TravelProfile) -> list[tuple[int | None, int | None]]:
    """Time of every edge forward and backward, None where it may not be travelled."""
    forward, backward = edge_speeds_kph(network, profile)
    junction_s = profile.delay_s.get("junction", 0)
    arms = arms_of(network, profile)
    turns = turn_seconds(network, profile, arms)
    out = []
    for e in range(network.n_edges):
        both = []
        waits = (network.waits_forward, network.waits_backward)
        busy = sum(arms[node] >= 3 for node in (network.edge_from[e], network.edge_to[e]))
        for along, kph, passed in zip((True, False), (forward[e], backward[e]), waits, strict=True):
            wait_s = junction_s * busy / 2 + turns.get((e, along), 0.0)
            for i, kind in enumerate(WAITS):
                wait_s += int(passed[e, i]) * profile.delay_s.get(kind, 0) / 2
            if not np.isfinite(kph):
                both.append(None)
            elif np.isfinite(network.duration_s[e]):
                both.append(round(float(network.duration_s[e]) * 1000))
            else:
                both.append(int(np.rint((network.length_m[e] * 3.6 / kph + wait_s) * 1000)))
        out.append((both[0], both[1]))
    return out


def arms_of(network: StreetNetwork, profile: TravelProfile) -> list[int]:
    """Pieces of street open to the profile at every node."""
    arms = [0] * network.n_nodes
    for e in range(network.n_edges):
        for node in (network.edge_from[e], network.edge_to[e]):
            arms[node] += bool(
                int(network.access_forward[e] | network.access_backward[e]) & profile.access_bit
            )
    return arms


def turn_costs(
    network: StreetNetwork, profile: TravelProfile, arms: list[int]
) -> dict[int, dict[tuple[Arc, Arc], float]]:
    """Seconds of every turn at every junction, by the arcs into and out of it."""
    turn_s = profile.delay_s.get("turn", 0.0)
    sharp_s = profile.delay_s.get("sharp_turn", turn_s)
    arriving: dict[int, list[tuple[Arc, float]]] = {}
    leaving: dict[int, list[tuple[Arc, float]]] = {}
    for e in range(network.n_edges):
        points = slice(network.vertex_offset[e], network.vertex_offset[e + 1])
        line = LineString(np.column_stack((network.vertex_x[points], network.vertex_y[points])))
        for along, access in ((True, network.access_forward[e]), (False, network.access_backward[e])):
            if not int(access) & profile.access_bit:
                continue
            way = line if along else line.reverse()
            ends = [way.interpolate(at) for at in (0, 15, max(way.length - 15, 0), way.length)]
            first, last = (np.degrees(np.arctan2(b.y - a.y, b.x - a.x)) for a, b in (ends[:2], ends[2:]))
            if not line.length:
                first = last = np.nan
            tail, head = network.edge_from[e], network.edge_to[e]
            leaving.setdefault(int(tail if along else head), []).append(((e, along), first))
            arriving.setdefault(int(head if along else tail), []).append(((e, along), last))

    def seconds(off: float) -> float:
        return 0.0 if np.isnan(off) else float(np.interp(abs(off), [30, 90, 150], [0, turn_s, sharp_s]))

    return {
        node: {
            (into, out): seconds((b - a + 180) % 360 - 180)
            for into, a in arriving.get(node, [])
            for out, b in leaving.get(node, [])
            if into[0] != out[0]
        }
        for node in range(network.n_nodes)
        if arms[node] >= 3 and (turn_s or sharp_s)
    }


def turn_shares(cost: dict[tuple[Arc, Arc], float]) -> tuple[dict[Arc, float], dict[Arc, float]]:
    """Share of every arc into a junction and of every arc out of it, from the seconds of its turns."""

    def least(end: int, cost: dict[tuple[Arc, Arc], float]) -> dict[Arc, float]:
        return {arc: min(s for t, s in cost.items() if t[end] == arc) for arc in {t[end] for t in cost}}

    arrive = least(0, cost)
    leave = least(1, {t: s - arrive[t[0]] for t, s in cost.items()})
    leave_first = least(1, cost)
    arrive_then = least(0, {t: s - leave_first[t[1]] for t, s in cost.items()})
    return (
        {arc: (s + arrive_then[arc]) / 2 for arc, s in arrive.items()},
        {arc: (s + leave_first[arc]) / 2 for arc, s in leave.items()},
    )


def turn_seconds(network: StreetNetwork, profile: TravelProfile, arms: list[int]) -> dict[Arc, float]:
    """Seconds lost in turns at both ends of every edge, by edge and direction."""
    out: dict[Arc, float] = {}
    for cost in turn_costs(network, profile, arms).values():
        for part in turn_shares(cost):
            for arc, seconds in part.items():
                out[arc] = out.get(arc, 0.0) + seconds
    return out


def turn_graph_ms(
    network: StreetNetwork, profile: TravelProfile, starts: list[int]
) -> list[dict[int, float]]:
    """Ms from the middle of some edges to the middle of every other, on a graph that knows every pair of streets.

    Every turn takes its own time. Nobody turns round but at a dead end; turn restrictions do not count.
    """
    apart = {kind: s for kind, s in profile.delay_s.items() if kind not in ("turn", "sharp_turn")}
    plain = edge_milliseconds(network, replace(profile, delay_s=apart))
    costs = turn_costs(network, profile, arms_of(network, profile))
    times: dict[Arc, int] = {}
    leaving: dict[int, list[Arc]] = {}
    ends = list(zip(network.edge_from.tolist(), network.edge_to.tolist(), strict=True))
    for e, both in enumerate(plain):
        for along, ms in zip((True, False), both, strict=True):
            if ms is not None:
                times[e, along] = ms
                leaving.setdefault(ends[e][not along], []).append((e, along))
    out = []
    for start in starts:
        queue = [(times[arc] / 2, arc) for arc in ((start, True), (start, False)) if arc in times]
        best: dict[Arc, float] = {}
        while queue:
            at, arc = heapq.heappop(queue)
            if arc in best:
                continue
            best[arc] = at
            node = ends[arc[0]][arc[1]]
            exits = leaving.get(node, [])
            for way in [other for other in exits if other[0] != arc[0]] or exits:
                turn_s = costs.get(node, {}).get((arc, way), 0.0)
                heapq.heappush(queue, (at + turn_s * 1000 + times[way], way))
        middle: dict[int, float] = {}
        for arc, at in best.items():
            if arc[0] != start:
                middle[arc[0]] = min(middle.get(arc[0], np.inf), at - times[arc] / 2)
        out.append(middle)
    return out


def neighbours(
    network: StreetNetwork, profile: TravelProfile, direction: str, closed: Collection[int] = ()
) -> list[list[tuple[int, int]]]:
    """Adjacency lists (node, ms) of the graph on which a search leaves the facilities, without closed edges."""
    lists: list[list[tuple[int, int]]] = [[] for _ in range(network.n_nodes)]
    for e, (ahead, behind) in enumerate(edge_milliseconds(network, profile)):
        if e in closed:
            continue
        u, v = int(network.edge_from[e]), int(network.edge_to[e])
        if direction == "to":
            ahead, behind = behind, ahead
        if ahead is not None:
            lists[u].append((v, ahead))
        if behind is not None:
            lists[v].append((u, behind))
    return lists


def dijkstra(
    lists: list[list[tuple[int, int]]], starts: list[tuple[int, int, int]]
) -> list[tuple[int, int] | None]:
    """Smallest (ms, row) of every node from starts (node, ms, row)."""
    best: list[tuple[int, int] | None] = [None] * len(lists)
    queue = [((ms, row), node) for node, ms, row in starts]
    heapq.heapify(queue)
    while queue:
        label, node = heapq.heappop(queue)
        if best[node] is not None:
            continue
        best[node] = label
        for head, ms in lists[node]:
            if best[head] is None:
                heapq.heappush(queue, ((label[0] + ms, label[1]), head))
    return best


def point_to_point_ms(
    network: StreetNetwork,
    profile: TravelProfile,
    sites: LinkedPoints,
    cells: LinkedPoints,
    direction: str,
    graph: RoutingGraph | None = None,
) -> list[list[int | None]]:
    """Door-to-door ms between every site and every cell, one Dijkstra per site."""
    lists = neighbours(network, profile, direction)
    times = edge_milliseconds(network, profile)
    if direction == "to":
        times = [(behind, ahead) for ahead, behind in times]

    def ways_off(
        points: LinkedPoints, k: int, leaving: bool
    ) -> tuple[int, list[tuple[int, int]], dict[bool, int]]:
        e, f = int(points.edge[k]), float(points.fraction[k])
        ahead, behind = times[e]
        leg = int(np.rint(points.leg_m[k] * 3600 / profile.off_network_kph))
        u, v = int(network.edge_from[e]), int(network.edge_to[e])
        at: dict[bool, int] = {}
        nodes: list[tuple[int, int]] = []
        if ahead is not None:
            at[True] = int(np.rint(f * ahead))
            nodes.append((v, ahead - at[True]) if leaving else (u, at[True]))
        if behind is not None:
            at[False] = int(np.rint((1 - f) * behind))
            nodes.append((u, behind - at[False]) if leaving else (v, at[False]))
        if f == 0:
            nodes.append((u, 0))
        if f == 1:
            nodes.append((v, 0))
        return leg, nodes, at

    out: list[list[int | None]] = []
    for j in range(len(sites)):
        row: list[int | None] = [None] * len(cells)
        out.append(row)
        if sites.edge[j] < 0:
            continue
        leg, nodes, at = ways_off(sites, j, leaving=True)
        best = dijkstra(lists, [(node, leg + ms, 0) for node, ms in nodes])
        for i in range(len(cells)):
            if cells.edge[i] < 0:
                continue
            cell_leg, entries, cell_at = ways_off(cells, i, leaving=False)
            options = [best[node][0] + ms + cell_leg for node, ms in entries if best[node] is not None]  # type: ignore[index]
            if sites.edge[j] == cells.edge[i]:
                options += [
                    leg + cell_leg + cell_at[way] - at[way]
                    for way in at
                    if way in cell_at and cell_at[way] >= at[way]
                ]
            row[i] = min(options) if options else None
    return out


def nearest_ms(
    network: StreetNetwork, profile: TravelProfile, sites: LinkedPoints, cells: LinkedPoints, direction: str,
    closed: Collection[int] = (),
) -> list[tuple[int, int] | None]:  # fmt: skip
    """Smallest (ms, site row) of every cell, by one Dijkstra on a graph in which every site is a node of its own.

    Nobody passes along the whole of a ``closed`` edge; who stands along it gets to its ends.
    """
    lists = neighbours(network, profile, direction, closed)
    times = edge_milliseconds(network, profile)
    if direction == "to":
        times = [(behind, ahead) for ahead, behind in times]
    starts: list[tuple[int, int, int]] = []
    on_edge: dict[int, list[int]] = {}
    legs = [0 if m != m else int(np.rint(m * 3600 / profile.off_network_kph)) for m in sites.leg_m]
    for j in np.flatnonzero(sites.edge >= 0).tolist():
        e, f = int(sites.edge[j]), float(sites.fraction[j])
        on_edge.setdefault(e, []).append(j)
        ends = int(network.edge_from[e]), int(network.edge_to[e])
        ahead, behind = times[e] if e not in closed or 0 < f < 1 else (None, None)
        if ahead is not None:
            starts.append((ends[1], legs[j] + ahead - int(np.rint(f * ahead)), j))
        if behind is not None:
            starts.append((ends[0], legs[j] + behind - int(np.rint((1 - f) * behind)), j))
        if f in (0.0, 1.0):
            starts.append((ends[int(f)], legs[j], j))
    best = dijkstra(lists, starts)
    out: list[tuple[int, int] | None] = []
    for i in range(len(cells)):
        e, f = int(cells.edge[i]), float(cells.fraction[i])
        if e < 0:
            out.append(None)
            continue
        leg = int(np.rint(cells.leg_m[i] * 3600 / profile.off_network_kph))
        ends = int(network.edge_from[e]), int(network.edge_to[e])
        ahead, behind = times[e] if e not in closed or 0 < f < 1 else (None, None)
        entries = []
        if ahead is not None:
            entries.append((ends[0], int(np.rint(f * ahead))))
        if behind is not None:
            entries.append((ends[1], int(np.rint((1 - f) * behind))))
        if f in (0.0, 1.0):
            entries.append((ends[int(f)], 0))
        options = [(best[n][0] + ms + leg, best[n][1]) for n, ms in entries if best[n] is not None]  # type: ignore[index]
        for j in on_edge.get(e, ()):
            g = float(sites.fraction[j])
            if e in closed and g in (0.0, 1.0):
                continue
            if ahead is not None and np.rint(f * ahead) >= np.rint(g * ahead):
                options.append((legs[j] + leg + int(np.rint(f * ahead)) - int(np.rint(g * ahead)), j))
            if behind is not None and np.rint((1 - f) * behind) >= np.rint((1 - g) * behind):
                options.append(
                    (legs[j] + leg + int(np.rint((1 - f) * behind)) - int(np.rint((1 - g) * behind)), j)
                )
        out.append(min(options) if options else None)
    return out
