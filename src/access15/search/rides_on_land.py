"""Vehicles on their streets between two walks over land."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from access15.arrays import AnyArray, Floats, Ints, Labels, UInt32s
from access15.model import StreetNetwork
from access15.network import RoutingGraph
from access15.search.cut_streets import cut_streets
from access15.search.labels import LARGEST_MS, NO_LABEL, times_and_rows
from access15.search.on_land import Land, packed, with_border
from access15.search.streets_on_land import (
    JointTimes,
    LandAndStreets,
    Starts,
    StreetsBesideLand,
    street_arcs,
)


@dataclass(frozen=True, eq=False)
class Ride(StreetsBesideLand):
    """Streets of a vehicle, in pieces that people on foot step on and off.

    Attributes
    ----------
    graph : RoutingGraph
        As the search goes through it.
    indptr : (s + 1,) uint32
    arcs : (a, 2) uint32
        Heads and ms, by the points they start at.
    on_node, on_row : (k,) int64
        Junctions where one steps on, and the rows from which one then rides.
    off_row, off_node : (k,) int64
        Rows at which one arrives at a junction, and the junctions.
    """

    graph: RoutingGraph
    indptr: UInt32s
    arcs: UInt32s
    on_node: Ints
    on_row: Ints
    off_row: Ints
    off_node: Ints


@dataclass(frozen=True, eq=False)
class RideTimes:
    """Labels of the points of a vehicle's streets, and metres over land behind them, (s,)."""

    labels: Labels
    over_m: Floats


def ride_of(network: StreetNetwork, graph: RoutingGraph, land: Land) -> Ride:
    """Return the streets of a vehicle beside land; ``graph`` as the search goes through it."""
    pieces = cut_streets(network, graph, land)
    start, stop, ms = street_arcs(graph, pieces)
    order = np.argsort(start, kind="stable")
    indptr = np.zeros(pieces.n_points + 1, np.uint32)
    np.cumsum(np.bincount(start, minlength=pieces.n_points), out=indptr[1:])
    arcs = np.column_stack((stop[order].astype(np.uint32), ms[order].astype(np.uint32)))
    # Junctions where some street ends that the vehicle may use and people may leave.
    firm = graph.standing & (graph.forward | graph.backward)
    node = np.unique(np.concatenate((network.edge_from[firm], network.edge_to[firm]))).astype(np.int64)
    # A trip begins at the junction itself and ends at any copy of it; turned round, the other way.
    copies = [(n, c) for n, rows in graph.copies.items() for c in rows]
    copied, copy = np.array(copies, np.int64).reshape(-1, 2).T
    of_firm = np.isin(copied, node)
    all_nodes = np.concatenate((node, copied[of_firm]))
    all_rows = np.concatenate((node, copy[of_firm]))
    on = (node, node) if graph.arrive_at_copies else (all_nodes, all_rows)
    off = (all_rows, all_nodes) if graph.arrive_at_copies else (node, node)
    return Ride(land, pieces, graph, indptr, np.ascontiguousarray(arcs), *on, *off)


def ride(
    ride: Ride, foot: LandAndStreets, walked: JointTimes, starts: Starts, limit_ms: int = LARGEST_MS
) -> RideTimes:
    """Return the times of a vehicle's streets behind a walk over land, and behind starts on the streets themselves."""
    from access15._kernels.land_metres import carry_along
    from access15._kernels.nearest import lower_labels

    # 1. Where one steps on: from cells, at junctions, and from places beside the streets.
    legs = ride.legs
    on = np.flatnonzero(np.isfinite(legs.on_ms))
    cell = with_border(legs.cell[on], ride.land.terrain)
    n = len(foot.row_of_cell)
    all_starts = Starts.joined(
        [
            starts,
            _passed_on(
                walked.labels[cell], legs.on_ms[on], legs.point[on], walked.over_m[cell] + legs.on_m[on]
            ),
            _passed_on(walked.labels[n + ride.on_node], 0.0, ride.on_row, walked.over_m[n + ride.on_node]),
        ]
    )
    # 2. Along the streets.
    labels = np.full(ride.pieces.n_points, NO_LABEL, np.uint64)
    lower_labels(
        ride.indptr,
        ride.arcs,
        labels,
        all_starts.at.astype(np.uint32),
        all_starts.label,
        limit_ms,
        ride.graph.bucket_shift,
        False,
    )
    over_m = np.full(len(labels), np.nan)
    reached = np.flatnonzero(labels != NO_LABEL)
    order = reached[np.argsort(labels[reached], kind="stable")]
    carry_along(
        labels, ride.indptr, ride.arcs, all_starts.at, all_starts.label, all_starts.over_m, order, over_m
    )
    return RideTimes(labels, over_m)


def steps_off(ride: Ride, foot: LandAndStreets, rode: RideTimes) -> Starts:
    """Return where people go on on foot behind a ride: cells beside the streets, and junctions."""
    legs = ride.legs
    off = np.flatnonzero(np.isfinite(legs.off_ms))
    point, n = legs.point[off], len(foot.row_of_cell)
    cells = _passed_on(
        rode.labels[point], legs.off_ms[off], with_border(legs.cell[off], ride.land.terrain), rode.over_m[point] + legs.off_m[off],
        legs.off_m[off],
    )  # fmt: skip
    nodes = _passed_on(rode.labels[ride.off_row], 0.0, n + ride.off_node, rode.over_m[ride.off_row])
    return Starts.joined([cells, nodes])


def _passed_on(
    labels: Labels, ms: Floats | float, at: Ints, over_m: AnyArray, first_m: Floats | float = 0.0
) -> Starts:
    """Return starts some time behind labels; none where nothing is reached."""
    time, row = times_and_rows(labels)
    known = np.flatnonzero(row >= 0)
    later = np.asarray(time + np.rint(ms), float)[known]
    label = packed(later, row[known])
    first = np.broadcast_to(first_m, labels.shape)[known]
    return Starts(at[known], label, np.asarray(over_m[known], float), np.asarray(first, float))
