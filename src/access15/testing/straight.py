"""Networks of straight streets, given as arrays: rows are exactly those that were given."""

from __future__ import annotations

import numpy as np

from access15.arrays import ArrayLike
from access15.model import StreetNetwork
from access15.modes import EVERYBODY


def straight_streets(
    x: ArrayLike,
    y: ArrayLike,
    start: ArrayLike,
    end: ArrayLike,
    *,
    length_m: ArrayLike | None = None,
    forward: ArrayLike = int(EVERYBODY),
    backward: ArrayLike = int(EVERYBODY),
    node_id: ArrayLike | None = None,
    crs: str = "EPSG:32632",
) -> StreetNetwork:
    """Return a network of straight residential streets without tags.

    Parameters
    ----------
    x, y : (n,) float
        Nodes, metres.
    start, end : (m,) int
        Node rows of each edge.
    length_m : (m,) float, optional
        Default: the straight distance.
    forward, backward : (m,) or scalar int
        `Access` bits of each direction.
    node_id : (n,) int, optional
        Default: the row numbers.
    crs : str
        A metric CRS.
    """
    nodes = np.column_stack((np.asarray(x, float), np.asarray(y, float)))
    ends = np.column_stack((np.asarray(start, int), np.asarray(end, int)))
    n, m = len(nodes), len(ends)
    unknown = np.full(m, np.nan, np.float32)
    drawn = nodes[ends.ravel()]
    straight_m = np.hypot(*(nodes[ends[:, 0]] - nodes[ends[:, 1]]).T)
    return StreetNetwork(
        node_x=nodes[:, 0],
        node_y=nodes[:, 1],
        node_id=np.arange(n) if node_id is None else np.asarray(node_id, np.int64),
        edge_from=ends[:, 0].astype(np.int32),
        edge_to=ends[:, 1].astype(np.int32),
        length_m=straight_m if length_m is None else np.asarray(length_m, float),
        way_id=np.arange(m),
        highway=np.ones(m, np.uint8),
        highway_classes=("", "residential"),
        surface=np.zeros(m, np.uint8),
        surface_classes=("",),
        access_forward=np.broadcast_to(np.asarray(forward, np.uint8), m),
        access_backward=np.broadcast_to(np.asarray(backward, np.uint8), m),
        maxspeed_forward_kph=unknown,
        maxspeed_backward_kph=unknown,
        duration_s=unknown,
        slope=np.zeros(m, np.float32),
        vertex_offset=2 * np.arange(m + 1),
        vertex_x=drawn[:, 0],
        vertex_y=drawn[:, 1],
        restriction_offset=np.zeros(1, np.int64),
        restriction_way=np.empty(0, np.int64),
        restriction_node=np.empty(0, np.int32),
        restriction_only=np.empty(0, bool),
        crs=crs,
    )
