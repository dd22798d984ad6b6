"""The street network: one graph for all modes."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from access15.arrays import Bools, Float32s, Floats, Int32s, Ints, UInt8s, UInt16s
from access15.errors import InputError
from access15.model._base import freeze

WAITS = ("traffic_signals", "crossing", "stop", "give_way", "gate", "toll_booth", "elevator", "alternating")
"""What can make a trip wait at a point of a street; columns of ``waits_forward`` and ``waits_backward``."""

TURNS = ("", "left", "right", "straight")
"""What a turn restriction may name."""

STANDING = ("street", "square", "motorway", "tunnel", "bridge", "ferry")
"""Kinds of streets by whether one can step on or off: at the first two anybody can, at the others nobody."""

TRACKTYPES = ("", "grade1", "grade2", "grade3", "grade4", "grade5")
SMOOTHNESS = (
    "",
    "excellent",
    "good",
    "intermediate",
    "bad",
    "very_bad",
    "horrible",
    "very_horrible",
    "impassable",
)
"""Values of ``tracktype`` and ``smoothness`` that cap speeds; `going_of` makes one number of both."""


def going_of(tracktype: str, smoothness: str) -> int:
    """Return the ``going`` of an edge: ``len(SMOOTHNESS)`` times the tracktype's place, and that of the smoothness."""
    track = TRACKTYPES.index(tracktype) if tracktype in TRACKTYPES else 0
    smooth = SMOOTHNESS.index(smoothness) if smoothness in SMOOTHNESS else 0
    return len(SMOOTHNESS) * track + smooth


FERRY_INTERVAL_S = 1800.0
"""Interval of a ferry that has none mapped, seconds (practice value, unverified: a small ferry every half hour); people wait
half of it on average."""

_OPTIONAL = {
    "tobler_forward": np.float32,
    "tobler_backward": np.float32,
    "off_ground": np.bool_,
    "rule": np.uint16,
    "waits_forward": np.uint8,
    "waits_backward": np.uint8,
    "no_through": np.bool_,
    "standing": np.uint8,
    "going": np.uint8,
    "assumed_wait_s": np.float32,
}


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class StreetNetwork:
    """Streets as a graph; immutable.

    One row of the *edge table* is a piece of street between two junctions and carries both directions:
    *forward* runs from ``edge_from`` to ``edge_to``, as the way is drawn. Directed graphs in compressed
    rows are compiled from it per profile (`access15.network.routing_graph`).

    Attributes
    ----------
    node_x, node_y : (n,) float64
        Node positions in ``crs``, metres.
    node_id : (n,) int64
        OSM node id, or the row number where the source has none.
    edge_from, edge_to : (m,) int32
        End nodes of each edge.
    length_m : (m,) float64
        Length on the ground.
    way_id : (m,) int64
        OSM way id, or the row number of the source's line.
    highway, surface : (m,) uint8
        Indices into ``highway_classes`` and ``surface_classes``.
    access_forward, access_backward : (m,) uint8
        `access15.modes.Access` bits of each direction.
    maxspeed_forward_kph, maxspeed_backward_kph : (m,) float32
        Signed speed limit, NaN where none is mapped.
    duration_s : (m,) float32
        Fixed time of the whole edge (ferries with a timetable, lifts), NaN where speed decides.
    slope : (m,) float32
        Rise over run from ``edge_from`` to ``edge_to``; 0 where no elevation was given.
    vertex_offset : (m + 1,) int64
        Rows of ``vertex_x``, ``vertex_y`` that draw each edge, ends included.
    vertex_x, vertex_y : (k,) float64
        Edge geometry in ``crs``.
    restriction_offset : (r + 1,) int64
        Rows of ``restriction_way`` of each turn restriction.
    restriction_way : (w,) int64
        Way ids: from, via ways (if any), to.
    restriction_node : (r,) int32
        Via node row, -1 where the restriction runs over ways.
    restriction_only : (r,) bool
        True for ``only_*``, False for ``no_*``.
    restriction_turn : (r,) uint8, or (0,) where unknown
        Index into `TURNS`: which turn it says it is, for streets that pass through the via node.
    crs : str
        A projected CRS in metres, as an authority code or WKT.
    provenance : mapping
        Where it came from and what was dropped or repaired, each with its count.
    tobler_forward, tobler_backward : (m,) float32, or (0,) where no elevation was given
        Time on foot relative to a flat street of the same length, uphill and downhill pieces added up
        (`access15.network.slope`).
    off_ground : (m,) bool, or (0,) where unknown
        Bridges, tunnels and indoor ways: they do not follow the terrain.
    waits_forward, waits_backward : (m, w) uint8, or (0, w) where unknown
        Halves of each of `WAITS` on the edge in each direction: 2 for one in mid-street, 1 for one at an end,
        where the edges that meet there share it.
    no_through : (m,) bool, or (0,) where unknown
        Streets where motor traffic may only start or end (``destination``, ``customers``, ``delivery`` …).
    standing : (m,) uint8, or (0,) where unknown
        Index into `STANDING`: at motorways, in tunnels, on bridges and on ferries nobody steps on or off. Where
        unknown, one can stand everywhere.
    going : (m,) uint8, or (0,) where unknown
        Track type and smoothness, see `going_of`.
    assumed_wait_s : (m,) float32, or (0,) where unknown
        Part of ``duration_s`` that is the wait for a ferry whose interval is not mapped: half of `FERRY_INTERVAL_S` for
        a line, which a profile may set otherwise (``delay_s["ferry"]``).
    water_offset : (w + 1,) int64, or (0,) without water
        Rows of ``water_x``, ``water_y`` of each line of water that no leg crosses.
    water_x, water_y : (v,) float64
        In ``crs``.
    water_river : (w,) bool
        True for the middle of a river, False for a bank or a coast.
    rule : (m,) uint16, or (0,) where unknown
        Index into ``rules``.
    rules : tuple of str
        The tags that decided, ``key=value`` joined by commas.
    """

    node_x: Floats
    node_y: Floats
    node_id: Ints
    edge_from: Int32s
    edge_to: Int32s
    length_m: Floats
    way_id: Ints
    highway: UInt8s
    highway_classes: tuple[str, ...]
    surface: UInt8s
    surface_classes: tuple[str, ...]
    access_forward: UInt8s
    access_backward: UInt8s
    maxspeed_forward_kph: Float32s
    maxspeed_backward_kph: Float32s
    duration_s: Float32s
    slope: Float32s
    vertex_offset: Ints
    vertex_x: Floats
    vertex_y: Floats
    restriction_offset: Ints
    restriction_way: Ints
    restriction_node: Int32s
    restriction_only: Bools
    crs: str
    provenance: Mapping[str, Any] = field(default_factory=dict, metadata={"fingerprint": False})
    tobler_forward: Float32s = field(default_factory=lambda: np.empty(0, np.float32))
    tobler_backward: Float32s = field(default_factory=lambda: np.empty(0, np.float32))
    waits_forward: UInt8s = field(default_factory=lambda: np.empty((0, len(WAITS)), np.uint8))
    waits_backward: UInt8s = field(default_factory=lambda: np.empty((0, len(WAITS)), np.uint8))
    restriction_turn: UInt8s = field(default_factory=lambda: np.empty(0, np.uint8))
    no_through: Bools = field(default_factory=lambda: np.empty(0, np.bool_))
    standing: UInt8s = field(default_factory=lambda: np.empty(0, np.uint8))
    going: UInt8s = field(default_factory=lambda: np.empty(0, np.uint8))
    assumed_wait_s: Float32s = field(default_factory=lambda: np.empty(0, np.float32))
    water_offset: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    water_x: Floats = field(default_factory=lambda: np.empty(0))
    water_y: Floats = field(default_factory=lambda: np.empty(0))
    water_river: Bools = field(default_factory=lambda: np.empty(0, np.bool_))
    # What only explains an edge changes no time: it is no part of the fingerprint.
    off_ground: Bools = field(default_factory=lambda: np.empty(0, np.bool_), metadata={"fingerprint": False})
    rule: UInt16s = field(default_factory=lambda: np.empty(0, np.uint16), metadata={"fingerprint": False})
    rules: tuple[str, ...] = field(default=(), metadata={"fingerprint": False})

    def __post_init__(self) -> None:
        n, m = len(self.node_x), len(self.edge_from)
        for name in ("node_x", "node_y"):
            freeze(self, name, np.float64, n)
        freeze(self, "node_id", np.int64, n)
        for name in ("edge_from", "edge_to"):
            freeze(self, name, np.int32, m)
        freeze(self, "length_m", np.float64, m)
        freeze(self, "way_id", np.int64, m)
        for name in ("highway", "surface", "access_forward", "access_backward"):
            freeze(self, name, np.uint8, m)
        for name in ("maxspeed_forward_kph", "maxspeed_backward_kph", "duration_s", "slope"):
            freeze(self, name, np.float32, m)
        freeze(self, "vertex_offset", np.int64, m + 1)
        for name in ("vertex_x", "vertex_y"):
            freeze(self, name, np.float64, int(self.vertex_offset[-1]) if m else 0)
        r = len(self.restriction_node)
        freeze(self, "restriction_offset", np.int64, r + 1)
        freeze(self, "restriction_way", np.int64, int(self.restriction_offset[-1]))
        freeze(self, "restriction_node", np.int32, r)
        freeze(self, "restriction_only", np.bool_, r)
        freeze(self, "restriction_turn", np.uint8, r if len(self.restriction_turn) else 0)
        w = len(self.water_river)
        freeze(self, "water_offset", np.int64, w + 1 if w else 0)
        freeze(self, "water_river", np.bool_, w)
        for name in ("water_x", "water_y"):
            freeze(self, name, np.float64, int(self.water_offset[-1]) if w else 0)
        for name, dtype in _OPTIONAL.items():
            freeze(self, name, dtype, m if len(getattr(self, name)) else 0)
        for name in ("waits_forward", "waits_backward"):
            if getattr(self, name).shape[1:] != (len(WAITS),):
                raise InputError(f"StreetNetwork.{name} needs a column for each of {', '.join(WAITS)}")
        if m and (
            min(self.edge_from.min(), self.edge_to.min()) < 0
            or max(self.edge_from.max(), self.edge_to.max()) >= n
        ):
            raise InputError(f"an edge ends at a node outside the {n} nodes of the network")
        if m and not (np.isfinite(self.length_m).all() and (self.length_m >= 0).all()):
            raise InputError("an edge length is negative or not a number")
        if (self.duration_s < 0).any():
            raise InputError("an edge duration is negative: leave out (NaN) what is not known")
        if not all(
            np.isfinite(getattr(self, f"{kind}_{axis}")).all() for kind in ("node", "vertex") for axis in "xy"
        ):
            raise InputError(
                "a position of the network is not a number: every node and every vertex needs one"
            )

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return len(self.node_x)

    @property
    def has_elevation(self) -> bool:
        """Whether elevation was given, so that slopes are known."""
        return len(self.tobler_forward) > 0

    @property
    def n_edges(self) -> int:
        """Number of street pieces (each may be travelled one way or both ways)."""
        return len(self.edge_from)

    def __repr__(self) -> str:
        km = float(self.length_m.sum()) / 1000
        return f"<StreetNetwork {self.n_nodes:,} nodes, {self.n_edges:,} edges, {km:,.1f} km, {self.crs}>"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{html.escape(name)}</td><td style='text-align:right'>{km:,.1f}</td></tr>"
            for name, km in self.length_by_class()
        )
        line = html.escape(repr(self).strip("<>"))
        return f"<p><b>{line}</b></p><table><tr><th>highway</th><th>km</th></tr>{rows}</table>"

    def length_by_class(self) -> list[tuple[str, float]]:
        """Return ``(highway class, kilometres)``, longest first."""
        km = np.bincount(self.highway, self.length_m, minlength=len(self.highway_classes)) / 1000
        order = np.argsort(-km, kind="stable")
        return [(self.highway_classes[i], float(km[i])) for i in order if km[i] > 0]
