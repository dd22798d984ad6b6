"""Points onto streets: the nearest permitted edge, where along it, and how far off it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal
from weakref import WeakKeyDictionary

import numpy as np

from access15.arrays import Bools, Floats, Int32s, Ints, UInt8s
from access15.crs import is_geographic, to_crs
from access15.errors import CRSError, InputError
from access15.model import LinkedPoints, LinkReason, StreetNetwork, TravelProfile
from access15.network.islands import leading, linkable
from access15.network.legs import STREET_M, Streets, cross_water
from access15.network.routing_graph import RoutingGraph, routing_graph
from access15.network.standing import are

Role = Literal["origin", "destination"]

MAX_SNAP_M = 5000.0
"""Points further than this from any street are unlinked; below it, time decides, not distance."""

AT_END_M = 0.001
"""A position this close to the end of an edge is the junction itself."""

BESIDE_M = 10.0
"""An ordinary street this much further off than the rim of a square may serve a point better."""


@dataclass(frozen=True, eq=False)
class SegmentIndex:
    """Grid over the straight segments of some edges (arrays of `access15._kernels.snap`)."""

    segments: Floats
    edge: Int32s
    before_m: Floats
    edge_m: Floats
    start: Ints
    ids: Int32s
    size: float
    x0: float
    y0: float
    nx: int
    ny: int

    @property
    def grid(self) -> tuple[Any, ...]:
        """The arrays and numbers `access15._kernels.snap.nearest_segment` asks for."""
        return (self.segments, self.start, self.ids, self.size, self.x0, self.y0, self.nx, self.ny)


_INDEXES: WeakKeyDictionary[RoutingGraph, dict[str, SegmentIndex | None]] = WeakKeyDictionary()


def segment_index(
    network: StreetNetwork, edges: Bools, ends: tuple[Ints, Ints] | None = None
) -> SegmentIndex | None:
    """Return a grid over the segments of the edges that are True in ``edges`` (m,); None if there are none.

    ``ends`` are edges of which only one end is there, and which (0: where it starts, 1: where it stops).
    """
    from access15._kernels.snap import grid_of_segments

    offset = network.vertex_offset
    count = np.diff(offset) - 1
    edge_of: Int32s = np.repeat(np.arange(network.n_edges, dtype=np.int32), count)
    first = np.arange(len(edge_of)) + edge_of  # every edge has one vertex more than segments
    keep = edges[edge_of]
    edge_of, first = edge_of[keep], first[keep]
    alone, side = (np.empty(0, np.int64),) * 2 if ends is None else ends
    if not len(edge_of) + len(alone):
        return None
    x, y = network.vertex_x, network.vertex_y
    segments = np.column_stack((x[first], y[first], x[first + 1], y[first + 1]))
    step = np.hypot(segments[:, 2] - segments[:, 0], segments[:, 3] - segments[:, 1])
    edge_m: Floats = np.bincount(edge_of, step, minlength=network.n_edges).astype(float)
    run = np.cumsum(step) - step
    opens = np.r_[True, edge_of[1:] != edge_of[:-1]][: len(edge_of)]
    before = run - np.repeat(run[opens], np.diff(np.append(np.flatnonzero(opens), len(run))))
    if len(alone):
        at = np.where(side == 0, offset[alone], offset[alone + 1] - 1)
        segments = np.concatenate((segments, np.column_stack((x[at], y[at], x[at], y[at]))))
        edge_m[alone] = network.length_m[alone]
        before = np.concatenate((before, side * edge_m[alone]))
        edge_of, step = (
            np.concatenate((edge_of, alone.astype(np.int32))),
            np.concatenate((step, np.zeros(len(alone)))),
        )
    x0, y0 = segments[:, [0, 2]].min(), segments[:, [1, 3]].min()
    width, height = segments[:, [0, 2]].max() - x0, segments[:, [1, 3]].max() - y0
    # As large as a segment is long, and about as many squares as segments: a point reads few of either.
    size = max(float(np.median(step)), np.sqrt(max(width * height, 1.0) / len(step)), 10.0)
    size = max(size, max(width, height) / (4 * len(step) + 64))
    nx, ny = int(width / size) + 1, int(height / size) + 1
    start, ids = grid_of_segments(segments, size, x0, y0, nx, ny)
    return SegmentIndex(segments, edge_of, before, edge_m, start, ids, size, x0, y0, nx, ny)


def link_index(network: StreetNetwork, profile: TravelProfile, role: Role) -> SegmentIndex | None:
    """Return the grid over the edges that `link_points` links to (built once); None if there are none."""
    graph = routing_graph(network, profile)
    known = _INDEXES.setdefault(graph, {})
    if role not in known:
        known[role] = segment_index(network, linkable(graph, role), _landings(network, graph, role))
    return known[role]


def _landings(network: StreetNetwork, graph: RoutingGraph, role: Role) -> tuple[Ints, Ints]:
    """Return the ends of ferries that no street one can stand at meets: ``(edges, 0 or 1)``.

    One steps on and off a ferry at its ends; where a landing has no street of its own, the end itself is joined.
    """
    ferry = np.flatnonzero(are(network, "ferry") & leading(graph, role) & ~graph.standing)
    firm = np.zeros(network.n_nodes, bool)
    if len(ferry):
        streets = linkable(graph, role)
        firm[network.edge_from[streets]] = True
        firm[network.edge_to[streets]] = True
    row, side = np.nonzero(~firm[np.column_stack((network.edge_from[ferry], network.edge_to[ferry]))])
    return ferry[row], side


def _apart(network: StreetNetwork, profile: TravelProfile, role: Role, name: str) -> SegmentIndex | None:
    """Return the grid over some of the edges that lead somewhere (built once).

    ``motorways``: those that nobody stands at, for points with no other street near enough. ``ordinary``: those that
    are not the rim of a square.
    """
    graph = routing_graph(network, profile)
    known, key = _INDEXES.setdefault(graph, {}), f"{role} {name}"
    if key not in known:
        if name == "motorways":
            edges = leading(graph, role) & ~graph.standing & are(network, "motorway")
        else:
            edges = linkable(graph, role) & ~are(network, "square")
        known[key] = segment_index(network, edges) if edges.any() else None
    return known[key]


def _fragments(network: StreetNetwork, profile: TravelProfile, role: Role) -> SegmentIndex | None:
    """Return the grid over the edges the profile may use and `link_points` does not link to (built once)."""
    graph = routing_graph(network, profile)
    known, name = _INDEXES.setdefault(graph, {}), f"{role} fragments"
    if name not in known:
        known[name] = segment_index(
            network, graph.standing & (graph.forward | graph.backward) & ~leading(graph, role)
        )
    return known[name]


def link_points(
    network: StreetNetwork,
    x: Floats,
    y: Floats,
    crs: str,
    profile: TravelProfile,
    *,
    role: Role = "origin",
    max_snap_m: float = MAX_SNAP_M,
    what: str = "points",
) -> LinkedPoints:
    """Project points onto the nearest edge that leads somewhere and at which people of the profile can stand.

    Parameters
    ----------
    network : StreetNetwork
    x, y : (k,) float64
        Positions in ``crs``.
    crs : str
        CRS of the positions.
    profile : TravelProfile
        Decides which edges count.
    role : {"origin", "destination"}
        An origin must be able to leave its edge for the rest of the network, a destination to be reached.
    max_snap_m : float
        Points further off are unlinked, with the reason.
    what : str
        What the points are, for messages.

    Returns
    -------
    LinkedPoints
        With reason `LinkReason.PAST_FRAGMENT` where a nearer street leads nowhere, and `LinkReason.ON_MOTORWAY`
        where no other street is near enough.

    Raises
    ------
    InputError
        If the profile may use no street at all, or ``max_snap_m`` is not above 0.
    CRSError
        If a position cannot be expressed in the network's CRS, or longitude and latitude look swapped.
    """
    if not max_snap_m > 0:
        raise InputError(f"max_snap_m must be above 0, not {max_snap_m!r}")
    index, motorways = link_index(network, profile, role), None
    k = len(x)
    if index is None:
        motorways = _apart(network, profile, role, "motorways")
    if index is None and motorways is None:
        return LinkedPoints(
            np.full(k, -1, np.int32),
            np.full(k, np.nan),
            np.full(k, np.inf),
            np.full(k, LinkReason.NO_STREETS, np.uint8),
        )
    # 1. The nearest segment of a street that leads somewhere, within the limit.
    points = np.column_stack(to_crs(x, y, crs, network.crs))
    found = _Found.within(points, index, max_snap_m)
    lost = np.flatnonzero(found.edge < 0)
    if len(lost):
        motorways = _apart(network, profile, role, "motorways")
        # However short the ways asked for: who has an ordinary street within reach of a walk has not a motorway.
        bare = lost[_Found.within(points[lost], index, max(max_snap_m, MAX_SNAP_M)).edge < 0]
        found.take(bare, _Found.within(points[bare], motorways, max_snap_m), LinkReason.ON_MOTORWAY)
    lost = np.flatnonzero(found.edge < 0)
    _refuse_swapped(x, y, crs, lost, index or motorways, network.crs, what)
    found.leg_m[lost] = _Found.within(points[lost], index or motorways, np.inf).leg_m
    _beside_squares(network, profile, role, points, found)
    _keep_dry(network, profile, role, points, found, max_snap_m)
    fragments = _fragments(network, profile, role)
    linked = found.edge >= 0
    if fragments is not None and linked.any():
        nearer = _Found.within(points, fragments, float(found.leg_m[linked].max()))
        found.reason[linked & (nearer.edge >= 0) & (nearer.leg_m < found.leg_m)] = LinkReason.PAST_FRAGMENT
    return LinkedPoints(found.edge, found.fraction, found.leg_m, found.reason)


@dataclass(slots=True)
class _Found:
    """Where points met the segments of a grid; ``edge`` is -1 for none within reach."""

    edge: Int32s
    fraction: Floats
    leg_m: Floats
    reason: UInt8s

    @classmethod
    def within(cls, points: Floats, index: SegmentIndex | None, reach_m: float) -> _Found:
        """Return the nearest place on the grid for each point."""
        from access15._kernels.snap import nearest_segment

        k = len(points)
        out = cls(
            np.full(k, -1, np.int32),
            np.full(k, np.nan),
            np.full(k, np.inf),
            np.full(k, LinkReason.TOO_FAR, np.uint8),
        )
        if index is None or not k:
            return out
        segment, t = np.empty(k, np.int32), np.empty(k)
        nearest_segment(points, *index.grid, float(reach_m), segment, t, out.leg_m)
        met = segment >= 0
        row = segment[met]
        ends = index.segments[row]
        along = index.before_m[row] + t[met] * np.hypot(ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1])
        total = index.edge_m[index.edge[row]]
        share = np.divide(along, total, out=np.zeros_like(along), where=total > 0)
        share[along <= AT_END_M] = 0.0
        share[(total - along <= AT_END_M) & (total > AT_END_M)] = 1.0
        out.edge[met], out.fraction[met], out.reason[met] = index.edge[row], share, LinkReason.LINKED
        return out

    def take(self, rows: Ints, other: _Found, reason: LinkReason = LinkReason.LINKED) -> None:
        """Put what another found for some points in the place of what is here."""
        met = other.edge >= 0
        rows = rows[met]
        self.edge[rows], self.fraction[rows] = other.edge[met], other.fraction[met]
        self.leg_m[rows], self.reason[rows] = other.leg_m[met], reason


def _keep_dry(
    network: StreetNetwork,
    profile: TravelProfile,
    role: Role,
    points: Floats,
    found: _Found,
    max_snap_m: float,
) -> None:
    """Link points whose leg would cross water to the next street on their side, or to none."""
    if not len(network.water_river):
        return
    at = np.flatnonzero((found.edge >= 0) & (found.leg_m > STREET_M))
    wet = at[cross_water(network, points[at], _places(network, found.edge[at], found.fraction[at]))]
    if not len(wet):
        return
    streets = Streets(network, linkable(routing_graph(network, profile), role))
    for k in wet.tolist():
        dry = streets.on_this_side(points[k], float(found.leg_m[k]), max_snap_m)
        if dry is None:
            found.edge[k], found.fraction[k], found.reason[k] = -1, np.nan, LinkReason.ACROSS_WATER
        else:
            found.edge[k], found.fraction[k], found.leg_m[k] = dry


def _places(network: StreetNetwork, edge: Int32s, share: Floats) -> Floats:
    """Return the positions at shares along edges, (k, 2)."""
    import shapely

    xy = np.column_stack((network.vertex_x, network.vertex_y))
    first, count = network.vertex_offset[edge], np.diff(network.vertex_offset)[edge]
    rows = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + np.repeat(first, count)
    lines = shapely.linestrings(xy[rows], indices=np.repeat(np.arange(len(edge)), count))
    return np.asarray(
        shapely.get_coordinates(shapely.line_interpolate_point(lines, share, normalized=True)), float
    )


def _beside_squares(
    network: StreetNetwork, profile: TravelProfile, role: Role, points: Floats, found: _Found
) -> None:
    """Let an ordinary street serve the points at the rim of a square where that is the shorter way.

    From the nearest place on a long rim it may be a long walk to any street that leaves the square. What counts is the
    leg and the way to the nearest junction, along the rim to one where another street meets it.
    """
    rim = are(network, "square")
    at = np.flatnonzero((found.edge >= 0) & rim[found.edge]) if rim.any() else np.empty(0, np.int64)
    ordinary = _apart(network, profile, role, "ordinary") if len(at) else None
    if ordinary is None:
        return
    other = _Found.within(points[at], ordinary, float(found.leg_m[at].max()) + BESIDE_M)
    near = (other.edge >= 0) & (other.leg_m <= found.leg_m[at] + BESIDE_M)
    if not near.any():
        return
    round_m = _round_squares(network, linkable(routing_graph(network, profile), role), rim)
    edge, share = found.edge[at], found.fraction[at]
    length = network.length_m[edge]
    rim_m = found.leg_m[at] + np.minimum(
        share * length + round_m[network.edge_from[edge]],
        (1 - share) * length + round_m[network.edge_to[edge]],
    )
    street_m = other.leg_m + np.minimum(other.fraction, 1 - other.fraction) * network.length_m[other.edge]
    other.edge[~(near & (street_m < rim_m))] = -1
    found.take(at, other)


def _round_squares(network: StreetNetwork, edges: Bools, rim: Bools) -> Floats:
    """Return how far it is round a square from each node to one where another street meets it, metres."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import dijkstra

    met = np.zeros(network.n_nodes, bool)
    met[network.edge_from[edges & ~rim]] = True
    met[network.edge_to[edges & ~rim]] = True
    row = np.flatnonzero(edges & rim)
    tail, head = network.edge_from[row], network.edge_to[row]
    nodes, place = np.unique(np.concatenate((tail, head)), return_inverse=True)
    k = len(nodes)
    # A row behind the others stands for all exits; 1 mm to it keeps the arc, for 0 means none.
    exits = np.flatnonzero(met[nodes])
    start = np.concatenate((place, np.full(len(exits), k)))
    stop = np.concatenate((place[len(row) :], place[: len(row)], exits))
    length = np.concatenate((network.length_m[row], network.length_m[row], np.full(len(exits), AT_END_M)))
    shortest: dict[tuple[int, int], float] = {}
    for pair, metres in zip(zip(start.tolist(), stop.tolist(), strict=True), length.tolist(), strict=True):
        shortest[pair] = min(metres, shortest.get(pair, np.inf))
    ends = np.array(list(shortest), np.int64).reshape(-1, 2).T
    links = coo_matrix(
        (np.maximum(list(shortest.values()), AT_END_M), tuple(ends)), shape=(k + 1, k + 1)
    ).tocsr()
    out = np.zeros(network.n_nodes)
    out[nodes] = dijkstra(links, indices=[k])[0, :k]
    return out


def _refuse_swapped(
    x: Floats,
    y: Floats,
    crs: str,
    lost: Ints,
    index: SegmentIndex | None,
    network_crs: str,
    what: str,
) -> None:
    """Raise if most of the points far from any street would be among the streets with x and y exchanged."""
    if index is None or not len(lost) or not is_geographic(crs) or np.abs(x[lost]).max() > 90:
        return
    px, py = to_crs(y[lost], x[lost], crs, network_crs)
    pad = MAX_SNAP_M
    inside = (px > index.x0 - pad) & (px < index.x0 + index.nx * index.size + pad)
    inside &= (py > index.y0 - pad) & (py < index.y0 + index.ny * index.size + pad)
    if inside.mean() > 0.5:
        row = lost[0]
        who = f"the {what}" if len(lost) == len(x) else f"{len(lost)} of the {len(x)} {what}"
        raise CRSError(
            f"longitude and latitude of {who} look swapped: ({x[row]:g}, {y[row]:g}), point {row + 1}, lies among the "
            "streets only the other way round; exchange the two columns there"
        )
