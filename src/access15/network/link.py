"""Points onto streets: the nearest permitted edge, where along it, and how far off it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal
from weakref import WeakKeyDictionary

import numpy as np

from access15.arrays import Bools, Floats, Int32s, Ints
from access15.crs import is_geographic, to_crs
from access15.errors import CRSError, InputError
from access15.model import LinkedPoints, LinkReason, StreetNetwork, TravelProfile
from access15.network.islands import linkable
from access15.network.routing_graph import RoutingGraph, routing_graph

Role = Literal["origin", "destination"]

MAX_SNAP_M = 5000.0
"""Points further than this from any street are unlinked; below it, time decides, not distance."""

AT_END_M = 0.001
"""A position this close to the end of an edge is the junction itself."""


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


def segment_index(network: StreetNetwork, edges: Bools) -> SegmentIndex | None:
    """Return a grid over the segments of the edges that are True in ``edges`` (m,); None if there are none."""
    from access15._kernels.snap import grid_of_segments

    count = np.diff(network.vertex_offset) - 1
    edge_of: Int32s = np.repeat(np.arange(network.n_edges, dtype=np.int32), count)
    first = np.arange(len(edge_of)) + edge_of  # every edge has one vertex more than segments
    keep = edges[edge_of]
    edge_of, first = edge_of[keep], first[keep]
    if not len(edge_of):
        return None
    x, y = network.vertex_x, network.vertex_y
    segments = np.column_stack((x[first], y[first], x[first + 1], y[first + 1]))
    step = np.hypot(segments[:, 2] - segments[:, 0], segments[:, 3] - segments[:, 1])
    edge_m: Floats = np.bincount(edge_of, step, minlength=network.n_edges).astype(float)
    run = np.cumsum(step) - step
    opens = np.r_[True, edge_of[1:] != edge_of[:-1]]
    before = run - np.repeat(run[opens], np.diff(np.append(np.flatnonzero(opens), len(run))))
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
        known[role] = segment_index(network, linkable(graph, role))
    return known[role]


def _fragments(network: StreetNetwork, profile: TravelProfile, role: Role) -> SegmentIndex | None:
    """Return the grid over the edges the profile may use and `link_points` does not link to (built once)."""
    graph = routing_graph(network, profile)
    known, name = _INDEXES.setdefault(graph, {}), f"{role} fragments"
    if name not in known:
        known[name] = segment_index(network, (graph.forward | graph.backward) & ~linkable(graph, role))
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
    """Project points onto the nearest edge that the profile may use and that leads somewhere.

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
        With reason `LinkReason.PAST_FRAGMENT` where a nearer street leads nowhere.

    Raises
    ------
    InputError
        If the profile may use no street at all, or ``max_snap_m`` is not above 0.
    CRSError
        If a position cannot be expressed in the network's CRS, or longitude and latitude look swapped.
    """
    from access15._kernels.snap import nearest_segment

    if not max_snap_m > 0:
        raise InputError(f"max_snap_m must be above 0, not {max_snap_m!r}")
    index = link_index(network, profile, role)
    k = len(x)
    if index is None:
        return LinkedPoints(
            np.full(k, -1, np.int32),
            np.full(k, np.nan),
            np.full(k, np.inf),
            np.full(k, LinkReason.NO_STREETS, np.uint8),
        )
    # 1. The nearest segment of a street that leads somewhere, within the limit.
    points = np.column_stack(to_crs(x, y, crs, network.crs))
    segment, t, leg = np.empty(k, np.int32), np.empty(k), np.empty(k)
    grid = index.grid
    nearest_segment(points, *grid, float(max_snap_m), segment, t, leg)
    found = segment >= 0
    _refuse_swapped(x, y, crs, np.flatnonzero(~found), index, network.crs, what)
    # 2. For points without one, how far off the nearest is: a message or a table says it.
    if not found.all():
        beyond = np.flatnonzero(~found)
        spare, spare_t = np.empty(len(beyond), np.int32), np.empty(len(beyond))
        distance = np.empty(len(beyond))
        nearest_segment(points[beyond], *grid, np.inf, spare, spare_t, distance)
        leg[beyond] = distance
    # 3. From the segment to the edge, and the share along the edge; ends within a millimetre are the junction.
    row = segment[found]
    edge = np.full(k, -1, np.int32)
    fraction = np.full(k, np.nan)
    edge[found] = index.edge[row]
    along = index.before_m[row] + t[found] * np.hypot(
        index.segments[row, 2] - index.segments[row, 0], index.segments[row, 3] - index.segments[row, 1]
    )
    total = index.edge_m[edge[found]]
    share = np.divide(along, total, out=np.zeros_like(along), where=total > 0)
    share[along <= AT_END_M] = 0.0
    share[(total - along <= AT_END_M) & (total > AT_END_M)] = 1.0
    fraction[found] = share
    # 4. Why: linked, too far, or linked past a nearer street that leads nowhere.
    reason = np.where(found, LinkReason.LINKED, LinkReason.TOO_FAR).astype(np.uint8)
    fragments = _fragments(network, profile, role)
    if fragments is not None and found.any():
        near, along_it, distance = np.empty(k, np.int32), np.empty(k), np.empty(k)
        nearest_segment(points, *fragments.grid, float(leg[found].max()), near, along_it, distance)
        reason[found & (near >= 0) & (distance < leg)] = LinkReason.PAST_FRAGMENT
    return LinkedPoints(edge, fraction, leg, reason)


def _refuse_swapped(
    x: Floats,
    y: Floats,
    crs: str,
    lost: Ints,
    index: SegmentIndex,
    network_crs: str,
    what: str,
) -> None:
    """Raise if most of the points far from any street would be among the streets with x and y exchanged."""
    if not len(lost) or not is_geographic(crs) or np.abs(x[lost]).max() > 90:
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
