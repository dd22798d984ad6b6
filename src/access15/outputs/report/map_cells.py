"""The cells of the report's map: as they are, or merged where they are too many for a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from access15.arrays import Floats, Ints
from access15.crs import WGS84, to_crs
from access15.model import NearestTimes, Status
from access15.outputs._frames import moved
from access15.outputs.findings import Findings
from access15.outputs.report.pack import pack, pack_index, pack_lines, rings_of
from access15.units import minutes_to_ms

MAX_CELLS: Final = 250_000
"""Cells the map draws one by one at most; more are merged."""

_BUDGET: Final = 8_500_000
"""Characters of the page that cells may take; every byte takes four thirds."""

_OUTLINE_VERTICES: Final = 300_000
_NO_TIME: Final = {
    Status.BEYOND_LIMIT: 65_533,
    Status.UNREACHABLE: 65_534,
    Status.UNLINKED: 65_535,
    Status.CLOSED_LAND: 65_535,
}
_LONGEST_S: Final = 65_532


@dataclass(frozen=True, slots=True)
class Spots:
    """What the map draws: ``bin`` is the spot of each cell, ``size`` the side of a square (None: points)."""

    x: Floats
    y: Floats
    people: Floats
    bin: Ints
    size: tuple[float, float] | None
    merged: bool


def spots_of(findings: Findings, most: int) -> Spots:
    """Return the cells, or squares of cells where there are more than ``most``.

    The side of a square is 2, 3, … cells of a raster. For points it starts at the step at which ``most``
    squares fill the extent, and grows by a quarter until there are few enough.
    """
    given = findings.population
    x, y, people, n = given.x, given.y, given.people, len(given)
    if n <= most:
        return Spots(x, y, people, np.arange(n), given.cell_size, merged=False)
    step = max(
        (float(np.ptp(x)) * float(np.ptp(y)) / most) ** 0.5, max(float(np.ptp(x)), float(np.ptp(y))) / most
    )
    width, height = (abs(side) for side in given.cell_size or (step, step))
    # Whole numbers of cells: centres carry the noise of their floats, which must not move a border.
    rounded = np.rint if given.cell_size else np.floor
    column, row = (rounded((v - v.min()) / side).astype(np.int64) for v, side in ((x, width), (y, height)))
    factor = 1.0
    while True:
        factor = factor + 1 if given.cell_size else factor * 1.25
        bins = [np.floor(at / factor).astype(np.int64) for at in (column, row)]
        key, where = np.unique(bins[0] * (int(bins[1].max()) + 1) + bins[1], return_inverse=True)
        if len(key) <= most:
            break
    where = where.ravel()
    across, up = np.divmod(key, int(bins[1].max()) + 1)
    if given.cell_size is None:
        count = np.bincount(where)
        at_x, at_y = np.bincount(where, x) / count, np.bincount(where, y) / count
        return Spots(at_x, at_y, _people(where, people), where, None, merged=True)
    middle = (factor - 1) / 2
    at_x = x.min() + (across * factor + middle) * width
    at_y = y.min() + (up * factor + middle) * height
    return Spots(at_x, at_y, _people(where, people), where, (factor * width, factor * height), merged=True)


def _people(where: Ints, people: Floats) -> Floats:
    return np.bincount(where, people).astype(np.float64)


def median_cells(spots: Spots, times: NearestTimes, people: Floats) -> Ints:
    """Return the cell whose people are the median of each spot: the one of a spot that is a cell."""
    if not spots.merged:
        return np.arange(len(spots.x))
    rank = np.where(times.status == Status.REACHED, times.seconds, np.inf)
    order = np.lexsort((times.status, rank, spots.bin))
    running = np.cumsum(people[order])
    ends = np.cumsum(np.bincount(spots.bin))
    before = np.concatenate([[0.0], running[ends[:-1] - 1]])
    half = before + (running[ends - 1] - before) / 2
    return np.asarray(order[np.clip(np.searchsorted(running, half), 0, ends - 1)], np.int64)


def time_codes(times: NearestTimes, classes: Floats) -> Ints:
    """Return whole seconds of every cell, rounded up; codes without a time.

    Seconds stay on the side of every cut-off (upper ends of the classes, minutes) that the time is on: at most
    `whole_cuts` of it if and only if the cell is within it. So the page knows the class from the seconds.
    """
    seconds = np.full(len(times), 0, np.int64)
    reached = times.status == Status.REACHED
    seconds[reached] = np.minimum(np.ceil(times.seconds[reached]), _LONGEST_S).astype(np.int64)
    ends = np.append(whole_cuts(classes), _LONGEST_S)
    seconds = np.minimum(seconds, ends[np.searchsorted(_limits_s(classes), times.seconds, side="left")])
    for status, code in _NO_TIME.items():
        seconds[times.status == status] = code
    return np.asarray(seconds, np.int64)


def whole_cuts(classes: Floats) -> Ints:
    """Return cut-offs in minutes as whole seconds, rounded down; all below the longest time the page holds."""
    return np.minimum(np.floor(_limits_s(classes)), _LONGEST_S - 1).astype(np.int64)


def _limits_s(classes: Floats) -> Floats:
    return np.array([minutes_to_ms(cut) / 1000 for cut in classes])


def most_cells(findings: Findings) -> int:
    """Return how many cells the map has room for: 16 bytes each at most, and 4 for every mode."""
    named = 2 * (findings.areas is not None) + 2 * (findings.gaps is not None)
    return min(MAX_CELLS, _BUDGET * 3 // (4 * (12 + named + 4 * len(findings.times))))


def cells_data(findings: Findings, classes: tuple[float, ...], most: int | None = None) -> dict[str, Any]:
    """Return the cells of the map as packed arrays; more than ``most`` are merged, see `spots_of`."""
    most = most_cells(findings) if most is None else most
    spots = spots_of(findings, most)
    lon, lat = to_crs(spots.x, spots.y, findings.population.crs, WGS84)
    out: dict[str, Any] = {
        "n": len(spots.x),
        "merged": spots.merged,
        "x": pack(np.rint(lon * 1e6), "<i4"),
        "y": pack(np.rint(lat * 1e6), "<i4"),
        "people": pack(spots.people, "<f4"),
        "cuts": whole_cuts(np.asarray(classes)).tolist(),
        **_shape(findings, spots),
        "modes": [],
    }
    people = findings.population.people
    cells = median_cells(spots, findings.times[findings.headline_case], people)
    if findings.areas is not None:
        out["area"] = pack_index(findings.coverage.cell_area[cells], len(findings.areas))
    if findings.gaps is not None and len(findings.gaps):
        out["gap"] = pack_index(findings.gaps.cell_gap[cells], len(findings.gaps))
    row = {key: i for i, key in enumerate(findings.facility_names())}
    for case, times in findings.times.items():
        cells = median_cells(spots, times, people)
        seconds = time_codes(times, np.asarray(classes))
        shown = np.array([*(row[str(i)] for i in findings.points_of(case).id), -1], np.int32)
        nearest = pack_index(shown[times.facility[cells]], len(row))
        out["modes"].append({"s": pack(seconds[cells], "<u2"), "f": nearest})
    return out


def _shape(findings: Findings, spots: Spots) -> dict[str, Any]:
    """Return how cells are drawn: polygons, squares of a size in degrees, or circles."""
    given = findings.population
    if given.outlines is not None and not spots.merged and len(given):
        rings, owner = rings_of(moved(given.outlines, given.crs, WGS84))
        packed = pack_lines(rings, _OUTLINE_VERTICES)
        return {"shape": "polygon", "rings": packed, "owner": pack(owner, "<u4")}
    if spots.size is None or not len(spots.x):
        return {"shape": "point"}
    middle = len(spots.x) // 2
    x, y = float(spots.x[middle]), float(spots.y[middle])
    half_x, half_y = (abs(side) / 2 for side in spots.size)
    corners_x, corners_y = to_crs(
        np.array([x - half_x, x + half_x, x, x]), np.array([y, y, y - half_y, y + half_y]), given.crs, WGS84
    )
    return {
        "shape": "square",
        "width": round(float(abs(corners_x[1] - corners_x[0])), 8),
        "height": round(float(abs(corners_y[3] - corners_y[2])), 8),
    }
