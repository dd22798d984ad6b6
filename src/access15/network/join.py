"""New roads joined to a street network: where drawn lines meet the streets that are there."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np

from access15.arrays import Bools, Floats, Ints, Objects, UInt8s
from access15.errors import InputError
from access15.model import LinkedPoints, StreetNetwork

END_JOIN_M: Final = 10.0
"""An end of a new road this close to a street meets it, metres (practice value: half the width of a main road
and the slip of a hand that draws)."""

_SAME_M: Final = 0.5
"""Meetings this close to the end of a piece of street are the junction itself, metres."""

_APART: Final = frozenset({"motorway", "motorway_link", "barrier", "ferry"})
"""Classes that a new road crosses without meeting: it passes over, under or beside them."""

EDGE_COLUMNS: Final = (
    "length_m",
    "way_id",
    "highway",
    "surface",
    "access_forward",
    "access_backward",
    "maxspeed_forward_kph",
    "maxspeed_backward_kph",
    "duration_s",
    "slope",
    "tobler_forward",
    "tobler_backward",
    "off_ground",
    "rule",
    "waits_forward",
    "waits_backward",
    "no_through",
    "standing",
    "going",
    "assumed_wait_s",
)
"""Columns of a network with a value for each edge."""


@dataclass(frozen=True, slots=True, eq=False)
class JoinedStreets:
    """A network with new roads in it.

    Attributes
    ----------
    network : StreetNetwork
        The old nodes keep their rows.
    old_edge : (m,) int64
        Row in the old network of the edge that each edge is, or is a piece of; -1 for new roads.
    share : (m, 2) float64
        From where to where along that old edge, 0 to 1.
    """

    network: StreetNetwork
    old_edge: Ints
    share: Floats

    def moved(self, points: LinkedPoints) -> LinkedPoints:
        """Return points linked to the old network where they stand on this one."""
        order = np.lexsort((self.share[:, 0], self.old_edge))
        order = order[self.old_edge[order] >= 0]
        edge, fraction = points.edge.copy(), points.fraction.copy()
        on = np.flatnonzero(points.linked)
        # Edge and share as one rising number; the end of an edge belongs to its last piece.
        starts = self.old_edge[order] + self.share[order, 0]
        at = np.searchsorted(starts, edge[on] + np.minimum(fraction[on], 1 - 1e-6), "right") - 1
        row = order[at]
        low, high = self.share[row].T
        edge[on] = row
        along = (fraction[on] - low) / (high - low)
        fraction[on] = np.where(fraction[on] == 1.0, 1.0, np.clip(along, 0.0, 1.0))
        return LinkedPoints(edge, fraction, points.leg_m, points.reason)


@dataclass(slots=True)
class _Meeting:
    """A place where a new road meets an old street: edge and metres along of both, and the gap to bridge."""

    new: int
    new_along: float
    old: int
    old_along: float
    gap_m: float = 0.0


@dataclass(slots=True)
class _Piece:
    """A piece of an edge: parent row, end nodes, from where to where along the parent (0 to 1), coordinates."""

    edge: int
    start: int
    stop: int
    span: tuple[float, float]
    xy: Floats
    extra_m: float = 0.0


def join_streets(
    network: StreetNetwork, added: StreetNetwork, *, end_join_m: float = END_JOIN_M
) -> JoinedStreets:
    """Return a network with new roads joined to it.

    A new road meets an old street where the two cross on the ground (not at bridges and tunnels, and not with
    motorways and ferries), and where an end of it lies within ``end_join_m`` of a street that the same travellers
    may use; the gap is then part of the road. Streets are cut there and keep everything else. New roads are
    flat where the network has elevation.

    Parameters
    ----------
    network : StreetNetwork
    added : StreetNetwork
        The new roads, joined among themselves, in the CRS of ``network``.
    end_join_m : float
        Metres.

    Raises
    ------
    InputError
        If no new road meets a street, or the CRSs differ.
    """
    if network.crs != added.crs:
        raise InputError(
            f"new roads in {added.crs} cannot join streets in {network.crs}: read them in one CRS"
        )
    new_lines, old_lines = _lines(added), _lines(network)
    meetings = _crossings(network, added, new_lines, old_lines)
    crossings = len(meetings)
    meetings += _ends(network, added, new_lines, old_lines, meetings, end_join_m)
    if not meetings:
        raise InputError(
            f"{added.provenance.get('source', 'the new roads')}: no new road crosses a street or ends within "
            f"{end_join_m:g} m of one: move an end onto a street"
        )
    old_cuts, new_cuts, split = _nodes(network, meetings, old_lines)
    alone = _alone(added, meetings)
    counts = {
        "source": added.provenance.get("source", ""),
        "pieces": added.n_edges,
        "km": round(float(added.length_m.sum()) / 1000, 3),
        "crossings joined": crossings,
        "ends joined": len(meetings) - crossings,
        "pieces that meet no street": alone,
    }
    return _assemble(network, added, (old_lines, new_lines), (old_cuts, new_cuts), split, counts)


def _lines(network: StreetNetwork) -> Objects:
    import shapely

    xy = np.column_stack((network.vertex_x, network.vertex_y))
    rows = np.repeat(np.arange(network.n_edges), np.diff(network.vertex_offset))
    return np.asarray(shapely.linestrings(xy, indices=rows), object)


def _flat(network: StreetNetwork) -> Bools:
    """Return the edges that a road on the ground can meet in passing."""
    off = network.off_ground if len(network.off_ground) else np.zeros(network.n_edges, bool)
    apart = np.array([name in _APART for name in network.highway_classes], bool)[network.highway]
    ground: Bools = np.logical_not(off | apart) & (network.length_m > 0)
    return ground


def _users(network: StreetNetwork) -> UInt8s:
    return network.access_forward | network.access_backward


def _crossings(network: StreetNetwork, added: StreetNetwork, new: Objects, old: Objects) -> list[_Meeting]:
    import shapely

    i, j = shapely.STRtree(old).query(new, predicate="intersects")
    ok = _flat(added)[i] & _flat(network)[j] & ((_users(added)[i] & _users(network)[j]) > 0)
    out = []
    for a, b in zip(i[ok].tolist(), j[ok].tolist(), strict=True):
        # Where they run together, the stretch's ends count.
        shared = shapely.get_parts(shapely.intersection(new[a], old[b]))
        places = [xy for part in shared for xy in shapely.get_coordinates(part)[[0, -1]]]
        for point in shapely.points(np.unique(np.array(places).reshape(-1, 2), axis=0)):
            along = (float(shapely.line_locate_point(line, point)) for line in (new[a], old[b]))
            out.append(_Meeting(a, next(along), b, next(along)))
    return out


def _ends(
    network: StreetNetwork,
    added: StreetNetwork,
    new: Objects,
    old: Objects,
    known: Sequence[_Meeting],
    end_join_m: float,
) -> list[_Meeting]:
    """Return the loose ends of new roads with the nearest street each, where that is near enough."""
    import shapely

    degree = np.bincount(np.concatenate((added.edge_from, added.edge_to)), minlength=added.n_nodes)
    ground = network.length_m > 0
    if len(network.off_ground):
        ground &= ~network.off_ground
    met = {(m.new, m.new_along <= _SAME_M) for m in known if _at_end(m.new_along, new[m.new].length)}
    tree, out = shapely.STRtree(old), []
    for edge in range(added.n_edges):
        for node, first in ((int(added.edge_from[edge]), True), (int(added.edge_to[edge]), False)):
            if degree[node] > 1 or (edge, first) in met:
                continue
            point = shapely.Point(added.node_x[node], added.node_y[node])
            near = tree.query(point, predicate="dwithin", distance=end_join_m)
            near = near[ground[near] & ((_users(network)[near] & _users(added)[edge]) > 0)]
            if len(near):
                gaps = shapely.distance(old[near], point)
                row = int(near[np.lexsort((near, gaps))[0]])
                along = float(shapely.line_locate_point(old[row], point))
                out.append(_Meeting(edge, 0.0 if first else new[edge].length, row, along, float(gaps.min())))
    return out


def _at_end(along: float, length: float) -> bool:
    return along <= _SAME_M or along >= length - _SAME_M


Cuts = dict[int, list[tuple[float, int, float]]]


def _nodes(
    network: StreetNetwork, meetings: Sequence[_Meeting], old: Objects
) -> tuple[Cuts, Cuts, list[tuple[float, float]]]:
    """Return the cuts of old and new edges, (metres along, node row, gap) each, and the places of new nodes."""
    import shapely

    old_cuts: Cuts = defaultdict(list)
    new_cuts: Cuts = defaultdict(list)
    places: list[tuple[float, float]] = []
    for m in meetings:
        length = old[m.old].length
        if m.old_along <= _SAME_M:
            node = int(network.edge_from[m.old])
        elif m.old_along >= length - _SAME_M:
            node = int(network.edge_to[m.old])
        else:
            known = [n for along, n, _ in old_cuts[m.old] if abs(along - m.old_along) <= _SAME_M]
            node = known[0] if known else network.n_nodes + len(places)
            if not known:
                point = shapely.line_interpolate_point(old[m.old], m.old_along)
                places.append((point.x, point.y))
                old_cuts[m.old].append((m.old_along, node, 0.0))
        # One junction per place: at a barrier several streets end there, each at a node of its own.
        if not any(abs(along - m.new_along) <= 1e-3 for along, _, _ in new_cuts[m.new]):
            new_cuts[m.new].append((m.new_along, node, m.gap_m))
    return old_cuts, new_cuts, places


def _alone(added: StreetNetwork, meetings: Sequence[_Meeting]) -> int:
    """Return how many pieces of new roads belong to a part that meets no street."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    links = coo_matrix(
        (np.ones(added.n_edges), (added.edge_from, added.edge_to)), shape=(added.n_nodes, added.n_nodes)
    )
    part = connected_components(links, directed=False)[1][added.edge_from]
    return int((~np.isin(part, part[[m.new for m in meetings]])).sum())


def _assemble(
    network: StreetNetwork,
    added: StreetNetwork,
    lines: tuple[Objects, Objects],
    cuts: tuple[Cuts, Cuts],
    split: Sequence[tuple[float, float]],
    counts: Mapping[str, Any],
) -> JoinedStreets:
    # 1. Nodes: those of the network, the points at which its streets are cut, those of the new roads. A new road that ends
    # on a cut or on a node takes its row.
    old_cuts, new_cuts = cuts
    base = network.n_nodes + len(split)
    row_of_added = base + np.arange(added.n_nodes)
    for edge, found in new_cuts.items():
        for along, node, _ in found:
            for end, at in ((added.edge_from, 0.0), (added.edge_to, lines[1][edge].length)):
                if abs(along - at) <= _SAME_M:
                    row_of_added[end[edge]] = node
    # 2. Edges: streets that are cut, in pieces; new roads, in pieces; and all other streets, whole and first.
    ends = (network.edge_from.astype(np.int64), network.edge_to.astype(np.int64))
    pieces_old = [
        p
        for e, c in sorted(old_cuts.items())
        for p in _cut(e, lines[0][e], (int(ends[0][e]), int(ends[1][e])), c)
    ]
    pieces_new = [
        piece
        for e in range(added.n_edges)
        for piece in _cut(
            e,
            lines[1][e],
            (int(row_of_added[added.edge_from[e]]), int(row_of_added[added.edge_to[e]])),
            new_cuts.get(e, []),
        )
    ]
    whole = np.setdiff1d(np.arange(network.n_edges), np.fromiter(old_cuts, np.int64, len(old_cuts)))
    whole_pieces = (whole, [p.edge for p in pieces_old], [p.edge for p in pieces_new])
    pieces = pieces_old + pieces_new
    columns = _columns(network, added, whole_pieces, pieces)
    # 3. Vertices, edge by edge in that order.
    vertices = [
        np.column_stack((network.vertex_x, network.vertex_y))[_rows(network, whole)],
        *(p.xy for p in pieces),
    ]
    size = np.concatenate((np.diff(network.vertex_offset)[whole], [len(p.xy) for p in pieces])).astype(
        np.int64
    )
    xy = np.concatenate(vertices)
    # 4. The network with the new rows; new nodes have ids above all others.
    spots = np.array(split, np.float64).reshape(-1, 2)
    top = int(max(network.node_id.max(), 0)) + 1
    fresh = len(split) + added.n_nodes
    out = dataclasses.replace(
        network,
        node_x=np.concatenate((network.node_x, spots[:, 0], added.node_x)),
        node_y=np.concatenate((network.node_y, spots[:, 1], added.node_y)),
        node_id=np.concatenate((network.node_id, top + np.arange(fresh))),
        edge_from=np.concatenate((ends[0][whole], [p.start for p in pieces])),
        edge_to=np.concatenate((ends[1][whole], [p.stop for p in pieces])),
        vertex_offset=np.concatenate(([0], np.cumsum(size))),
        vertex_x=xy[:, 0],
        vertex_y=xy[:, 1],
        **columns,
        provenance={**network.provenance, "new roads": dict(counts)},
    )
    # 5. For every edge the street it is a piece of, -1 for new roads, and from where to where on it.
    old_edge = np.concatenate((whole, [p.edge for p in pieces_old], np.full(len(pieces_new), -1))).astype(
        np.int64
    )
    spans = np.array([p.span for p in pieces]).reshape(-1, 2)
    share = np.concatenate((np.tile([0.0, 1.0], (len(whole), 1)), spans))
    return JoinedStreets(out, old_edge, share)


def _rows(network: StreetNetwork, edges: Ints) -> Ints:
    """Return the vertex rows of some edges, in their order."""
    size = np.diff(network.vertex_offset)[edges]
    start = np.repeat(network.vertex_offset[edges] - np.concatenate(([0], np.cumsum(size)[:-1])), size)
    return np.asarray(start + np.arange(size.sum()), np.int64)


def _cut(
    edge: int, line: Any, ends: tuple[int, int], cuts: Sequence[tuple[float, int, float]]
) -> list[_Piece]:
    """Return the pieces of an edge between its ends and its cuts; a gap at an end lengthens that piece."""
    import shapely
    from shapely.ops import substring

    inner = sorted({(along, node) for along, node, _ in cuts if not _at_end(along, line.length)})
    stops = [(0.0, ends[0]), *inner, (line.length, ends[1])]
    pieces = []
    for (low, start), (high, stop) in pairwise(stops):
        xy = shapely.get_coordinates(substring(line, low, high))
        span = (low / line.length, high / line.length) if line.length else (0.0, 1.0)
        pieces.append(_Piece(edge, start, stop, span, xy))
    for along, _, gap_m in cuts:
        if gap_m:
            pieces[0 if along <= _SAME_M else -1].extra_m += gap_m
    return pieces


def _columns(
    network: StreetNetwork,
    added: StreetNetwork,
    rows: tuple[Ints, list[int], list[int]],
    pieces: Sequence[_Piece],
) -> dict[str, Any]:
    """Return the edge columns: old streets, pieces of old streets, new roads."""
    whole, cut, new = rows
    old = np.concatenate((whole, np.array(cut, np.int64)))
    fresh = np.array(new, np.int64)
    low, high = np.array([(0.0, 1.0)] * len(whole) + [p.span for p in pieces]).T
    extra = np.concatenate((np.zeros(len(whole)), [p.extra_m for p in pieces]))
    classes = _merged(network.highway_classes, added.highway_classes)
    surfaces = _merged(network.surface_classes, added.surface_classes)
    out: dict[str, Any] = {"highway_classes": classes, "surface_classes": surfaces}
    known = {"rules": network.rules}
    if len(network.rule) and len(added.rule):
        known["rules"] = out["rules"] = _merged(network.rules, added.rules)
    for name in EDGE_COLUMNS:
        first, second = getattr(network, name), getattr(added, name)
        if not len(first):
            continue
        if name in ("highway", "surface", "rule"):
            before = getattr(
                added, {"highway": "highway_classes", "surface": "surface_classes", "rule": "rules"}[name]
            )
            after = {"highway": classes, "surface": surfaces, "rule": known["rules"]}[name]
            code = {text: i for i, text in enumerate(after)}
            second = (
                np.array([code.get(text, 0) for text in before] or [0])[second] if len(second) else second
            )
        if not len(second):
            second = np.full((added.n_edges, *first.shape[1:]), 1 if name.startswith("tobler") else 0)
        out[name] = np.concatenate((first[old], second[fresh]))
    out["length_m"] = out["length_m"] * (high - low) + extra
    for name in {"duration_s", "assumed_wait_s"} & set(out):
        out[name] = out[name] * (high - low)
    for name in {"waits_forward", "waits_backward"} & set(out):  # Whole halves, none lost and none twice.
        out[name] = np.rint(out[name] * high[:, None]) - np.rint(out[name] * low[:, None])
    # Ways of the source differ from new ones by their sign; -1 stands for gates.
    out["way_id"][len(old) :] = -2 - fresh
    return out


def _merged(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return (*first, *(text for text in second if text not in first))
