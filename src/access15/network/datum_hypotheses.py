"""Which Chinese datum points are in, asked of the streets: clinics and homes stand near streets only in the right one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from weakref import WeakKeyDictionary

import numpy as np

from access15.arrays import Floats
from access15.crs import (
    WGS84,
    bd09_to_wgs84,
    gcj02_to_wgs84,
    in_shifted_china,
    to_crs,
    wgs84_to_bd09,
    wgs84_to_gcj02,
)
from access15.model import StreetNetwork
from access15.network.segments import SegmentIndex, segment_index

_TO_WGS84: Final = {"gcj02": gcj02_to_wgs84, "bd09": bd09_to_wgs84}
_FROM_WGS84: Final = {"gcj02": wgs84_to_gcj02, "bd09": wgs84_to_bd09}
DATUMS: Final = ("wgs84", "gcj02", "bd09")

_MOST: Final = 2_000
"""Points that are asked of; more are thinned out evenly."""

_FARTHEST_M: Final = 5_000.0
"""Points further from any street under every datum tell nothing: the streets end before them."""

_NEARER: Final = 0.6
_CLEAR_M: Final = 10.0
_SIGMAS: Final = 3.0
_FEW: Final = 9
_FEW_NEARER: Final = 0.2
_FEW_CLEAR_M: Final = 100.0
"""Practice values. Another datum is clearly right if its median is at most 0.6 of the stated one's and 10 m less, and
more points are nearer under it than chance allows (three sigmas of a sign test). Of three to eight points all must
be nearer, their median at most a fifth and 100 m less."""

_ALL: WeakKeyDictionary[StreetNetwork, SegmentIndex | None] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class DatumEvidence:
    """How far points lie from the streets if their coordinates are in each datum.

    Attributes
    ----------
    stated : str
        The datum they were read in.
    median_m : dict of str to float
        Median distance to the nearest street, metres, under each datum.
    points : int
        Points looked at: those in mainland China and near the streets.
    best : str
        The datum of the smallest median.
    clear : bool
        Whether ``best`` is another datum than stated, and clearly so.
    """

    stated: str
    median_m: Mapping[str, float]
    points: int
    best: str
    clear: bool

    def __str__(self) -> str:
        rest = ", ".join(f"{self.median_m[name]:,.0f} m as {name}" for name in DATUMS if name != self.stated)
        margin = sorted(self.median_m.values())
        times = (
            f"; {self.best} is {margin[1] / max(margin[0], 0.1):.1f} times nearer than the next"
            if self.points
            else ""
        )
        return f"a median {self.median_m[self.stated]:,.0f} m from the nearest street as {self.stated}, {rest}{times}"


def datum_evidence(network: StreetNetwork, lon: Floats, lat: Floats, stated: str) -> DatumEvidence | None:
    """Return how well the streets fit points under WGS 84, GCJ-02 and BD-09.

    Parameters
    ----------
    network : StreetNetwork
    lon, lat : (n,) float64
        WGS 84 degrees, as they came out of reading them in ``stated``.
    stated : {"wgs84", "gcj02", "bd09"}

    Returns
    -------
    DatumEvidence or None
        None where no point lies in mainland China and near a street under any datum.
    """
    step = max(len(lon) // _MOST, 1)
    x, y = np.asarray(lon, float)[::step], np.asarray(lat, float)[::step]
    china = in_shifted_china(x, y)
    if not china.any():
        return None
    x, y = x[china], y[china]
    if stated != "wgs84":
        x, y = _FROM_WGS84[stated](x, y)
    off = {"wgs84": _distances_m(network, x, y)} | {
        name: _distances_m(network, *move(x, y)) for name, move in _TO_WGS84.items()
    }
    near = np.minimum.reduce(list(off.values())) <= _FARTHEST_M
    if not near.any():
        return None
    off = {name: distance[near] for name, distance in off.items()}
    median = {name: float(np.median(distance)) for name, distance in off.items()}
    best = min(median, key=lambda name: (median[name], name != stated))
    return DatumEvidence(stated, median, int(near.sum()), best, _clearly(off[stated], off[best]))


def _clearly(stated: Floats, best: Floats) -> bool:
    """Return whether points are clearly nearer to the streets the second way."""
    nearer, further = int((best < stated).sum()), int((best > stated).sum())
    before, after = float(np.median(stated)), float(np.median(best))
    if len(stated) < _FEW:
        few = len(stated) >= 3 and nearer == len(stated)
        return few and after <= _FEW_NEARER * before and before - after >= _FEW_CLEAR_M
    sure = nearer - further >= _SIGMAS * np.sqrt(max(nearer + further, 1))
    return bool(sure and after <= _NEARER * before and before - after >= _CLEAR_M)


def _distances_m(network: StreetNetwork, lon: Floats, lat: Floats) -> Floats:
    """Return the distance of points to the nearest street of any mode, infinite beyond some kilometres."""
    from access15._kernels.snap import nearest_segment

    if network not in _ALL:
        _ALL[network] = segment_index(network, np.ones(network.n_edges, bool))
    index = _ALL[network]
    out: Floats = np.full(len(lon), np.inf)
    if index is not None:
        points = np.column_stack(to_crs(lon, lat, WGS84, network.crs))
        row, along = np.empty(len(lon), np.int32), np.empty(len(lon))
        nearest_segment(points, *index.grid, 4 * _FARTHEST_M, row, along, out)
    return np.minimum(out, 4 * _FARTHEST_M)
