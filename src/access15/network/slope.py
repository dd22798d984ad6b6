"""Slopes: heights along every street become its slope and its walking time relative to a flat street.

Tobler's hiking function v = 6·exp(-3.5·|s + 0.05|) km/h (Tobler 1993) is divided by its value on the flat,
so that a flat street keeps the profile's own speed: a slope s (rise over run in the direction of travel)
takes exp(3.5·(|s + 0.05| - 0.05)) times as long. A street over a hill has no mean slope but two steep
sides, so the factor is taken piece by piece (about `PIECE_M` each) and averaged by length. Slopes beyond
`STEEPEST` are taken for an error of the raster, are cut to it and counted.

Bridges, tunnels and indoor ways do not follow the terrain: they run evenly from end to end. A junction
that only such ways meet lies on the even grade between the places where they reach the ground.
Ferries and lifts have no slope. Off-network legs are walked as if flat.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from access15.arrays import ArrayLike, Bools, Floats, Ints
from access15.model import StreetNetwork

PIECE_M = 30.0
"""Length of the pieces a street is cut into: one pixel of a 1-arc-second raster."""
STEEPEST = 0.5
"""Steepest slope believed, about that of stairs."""
_LEVEL = frozenset({"ferry", "elevator"})


def tobler_factor(slope: ArrayLike) -> Floats:
    """Return the walking time on a slope relative to a flat street of the same length.

    Parameters
    ----------
    slope : array-like of float
        Rise over run in the direction of travel, negative downhill.

    Returns
    -------
    float64 array
        1 on the flat, below 1 on a gentle descent (0.839 at -5 %, the lowest), 1.419 at +10 %.

    Notes
    -----
    W. Tobler (1993), Three presentations on geographical analysis and modeling, NCGIA Technical Report 93-1:
    v = 6·exp(-3.5·|s + 0.05|) km/h, rescaled to 1 on the flat.
    """
    return np.asarray(np.exp(3.5 * (np.abs(np.asarray(slope, float) + 0.05) - 0.05)))


@dataclass(frozen=True, slots=True)
class Stations:
    """Points along every edge where a height is wanted, both ends included.

    Attributes
    ----------
    offset : (m + 1,) int64
        Rows of the stations of each edge.
    x, y : (k,) float64
        Positions in the network's CRS.
    """

    offset: Ints
    x: Floats
    y: Floats


def stations(network: StreetNetwork, piece_m: float = PIECE_M) -> Stations:
    """Return stations that cut every edge into equal pieces of about ``piece_m``."""
    m = network.n_edges
    opens, closes = network.vertex_offset[:-1], network.vertex_offset[1:] - 1
    # One running distance over all edges; the jump from one edge to the next counts nothing.
    step = np.hypot(np.diff(network.vertex_x), np.diff(network.vertex_y))
    if m:
        step[closes[:-1]] = 0.0
    run = np.concatenate(([0.0], np.cumsum(step))) if len(network.vertex_x) else np.empty(0)
    drawn_m = run[closes] - run[opens]
    pieces = np.maximum(np.rint(drawn_m / piece_m), 1).astype(np.int64)
    offset = np.zeros(m + 1, np.int64)
    np.cumsum(pieces + 1, out=offset[1:])
    edge = np.repeat(np.arange(m), pieces + 1)
    share = (np.arange(offset[-1]) - offset[edge]) / pieces[edge]
    at = run[opens][edge] + share * drawn_m[edge]
    # The segment a station lies on, never one outside its own edge.
    row = np.clip(np.searchsorted(run, at, side="right") - 1, opens[edge], np.maximum(closes[edge] - 1, 0))
    length = run[row + 1] - run[row] if len(row) else np.empty(0)
    t = np.clip(np.divide(at - run[row], length, out=np.zeros_like(at), where=length > 0), 0.0, 1.0)
    x, y = network.vertex_x, network.vertex_y
    return Stations(offset, x[row] + t * (x[row + 1] - x[row]), y[row] + t * (y[row + 1] - y[row]))


def slope_network(network: StreetNetwork, points: Stations, height_m: Floats) -> StreetNetwork:
    """Return the network with ``slope``, ``tobler_forward`` and ``tobler_backward`` from heights.

    Parameters
    ----------
    network : StreetNetwork
    points : Stations
        Of this network.
    height_m : (k,) float64
        Height at each station, NaN where unknown. Gaps inside an edge are bridged evenly; a piece without
        a height at both ends counts as flat.

    Returns
    -------
    StreetNetwork
        ``provenance["elevation"]`` has the counts.
    """
    # 1. Heights: voids bridged; bridges, tunnels and indoor ways run evenly between their ends.
    m, offset = network.n_edges, points.offset
    first, last = offset[:-1], offset[1:] - 1
    height, bridged = _bridge_gaps(height_m, offset)
    level = np.isin(network.highway, [i for i, n in enumerate(network.highway_classes) if n in _LEVEL])
    lifted = level | network.off_ground if len(network.off_ground) else level
    node_m = _node_heights(network, lifted, height[first], height[last])
    _run_evenly(height, points.offset, lifted, node_m[network.edge_from], node_m[network.edge_to])
    # 2. The slope of every piece; unknown ones are flat, steeper ones than the limit are cut and counted.
    edge, slope, run = _pieces(network, height, offset)
    flat = ~np.isfinite(slope) | level[edge]
    steep = ~flat & (np.abs(slope) > STEEPEST)
    slope = np.clip(np.where(flat, 0.0, slope), -STEEPEST, STEEPEST)
    # 3. Tobler's factor of every edge: the mean of its pieces, one value per direction, and the mean slope.
    pieces = last - first
    up, down = (np.bincount(edge, tobler_factor(s), minlength=m) / pieces for s in (slope, -slope))
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (height[last] - height[first]) / network.length_m
    mean = np.where(np.isfinite(mean) & ~level, mean, 0.0)
    # 4. What the provenance says of it.
    street = network.length_m > 0
    blind = street & ~level & (np.bincount(edge[flat], minlength=m) == pieces)
    known = street & ~blind
    found: dict[str, Any] = {
        "rule": (
            f"Tobler's hiking function relative to the flat, in pieces of about {PIECE_M:g} m, slopes cut at "
            f"{STEEPEST:.0%}; bridges, tunnels and indoor ways run evenly between their ends"
        ),
        "edges without elevation, flat": int(blind.sum()),
        "kilometres without elevation, flat": round(float(network.length_m[blind].sum()) / 1000, 3),
        "stations bridged over a void": bridged,
        "edges off the ground": int((lifted & street).sum()),
        f"pieces steeper than {STEEPEST:.0%}, cut to it": int(steep.sum()),
        "mean steepness": _mean(np.abs(slope), run),
        "mean walking time relative to flat, both ways": _mean(
            (up + down)[known] / 2, network.length_m[known]
        ),
    }
    return replace(
        network,
        slope=np.clip(mean, -STEEPEST, STEEPEST).astype(np.float32),
        tobler_forward=up.astype(np.float32),
        tobler_backward=down.astype(np.float32),
        provenance={**network.provenance, "elevation": {**network.provenance.get("elevation", {}), **found}},
    )


def _pieces(network: StreetNetwork, height: Floats, offset: Ints) -> tuple[Ints, Floats, Floats]:
    """Return edge, slope (NaN where unknown) and length of every piece between two stations."""
    count = np.diff(offset) - 1
    edge = np.repeat(np.arange(network.n_edges), count)
    inside = np.ones(max(len(height) - 1, 0), bool)
    inside[offset[1:-1] - 1] = False
    rise, run = np.diff(height)[inside], (network.length_m / count)[edge]
    with np.errstate(divide="ignore", invalid="ignore"):
        return edge, np.where(run > 0, rise / run, 0.0), run


def _mean(values: Floats, weight: Floats) -> float | None:
    total = float(weight.sum())
    return round(float(values @ weight) / total, 4) if total else None


def _bridge_gaps(height_m: Floats, offset: Ints) -> tuple[Floats, int]:
    """Return heights with gaps between two known stations of one edge filled evenly, and how many those were."""
    height = np.array(height_m, float)
    known = np.flatnonzero(np.isfinite(height))
    gaps = np.flatnonzero(~np.isfinite(height))
    if not len(gaps) or not len(known):
        return height, 0
    edge = np.repeat(np.arange(len(offset) - 1), np.diff(offset))
    after = np.searchsorted(known, gaps)
    left = known[np.maximum(after - 1, 0)]
    right = known[np.minimum(after, len(known) - 1)]
    between = (left < gaps) & (right > gaps) & (edge[left] == edge[gaps]) & (edge[right] == edge[gaps])
    gaps, left, right = gaps[between], left[between], right[between]
    height[gaps] = height[left] + (gaps - left) / (right - left) * (height[right] - height[left])
    return height, len(gaps)


def _run_evenly(height: Floats, offset: Ints, which: Bools, start_m: Floats, stop_m: Floats) -> None:
    """Put the stations of some edges on the straight line between given end heights."""
    size = np.diff(offset)
    rows = np.flatnonzero(np.repeat(which, size))
    edge = np.repeat(np.arange(len(size)), size)[rows]
    share = (rows - offset[edge]) / (size[edge] - 1)
    height[rows] = start_m[edge] + share * (stop_m[edge] - start_m[edge])


def _node_heights(network: StreetNetwork, lifted: Bools, start_m: Floats, stop_m: Floats) -> Floats:
    """Return node heights: the terrain's, but on the even grade where only lifted edges meet.

    The even grade is the height at which all lifted edges at a node balance, each pulling with its rise
    over its length (the resistor network of the structure). Structures that never reach the ground stay NaN.
    """
    from scipy.sparse import csr_matrix, diags
    from scipy.sparse.csgraph import connected_components
    from scipy.sparse.linalg import spsolve

    n, tail, head = network.n_nodes, network.edge_from, network.edge_to
    height = np.full(n, np.nan)
    height[head], height[tail] = stop_m, start_m
    if not lifted.any():
        return height
    gate = network.length_m <= 0
    ground = np.zeros(n, bool)
    walked = ~lifted & ~gate
    ground[tail[walked]] = ground[head[walked]] = True
    # A structure that ends in the air ends at the terrain: dead ends reach the ground.
    touched = lifted | gate
    degree = np.bincount(tail[touched], minlength=n) + np.bincount(head[touched], minlength=n)
    ground |= degree <= 1
    ground &= np.isfinite(height)
    weight = 1 / np.maximum(network.length_m[touched], 0.1)
    pairs = np.concatenate((tail[touched], head[touched])), np.concatenate((head[touched], tail[touched]))
    pull = csr_matrix((np.tile(weight, 2), pairs), shape=(n, n))
    pull.sum_duplicates()
    _, part = connected_components(pull, directed=False)
    held = np.zeros(part.max() + 1, bool)
    held[part[ground]] = True
    hanging = (degree > 0) & ~ground
    height[hanging] = np.nan
    free = np.flatnonzero(hanging & held[part])
    if len(free):
        rows = pull[free]
        system = diags(np.asarray(rows.sum(axis=1)).ravel()) - rows[:, free]
        fixed = np.flatnonzero(ground)
        height[free] = spsolve(system.tocsc(), rows[:, fixed] @ height[fixed])
    return height
