"""Where water is, as far as the lines of a network know it: sea beside its coast, lakes inside their banks.

The sea has no outline in OpenStreetMap, only coasts with water on their right (OSM wiki, Tag:natural=coastline). Where a
coast ends inside the frame it is drawn on as it goes: the sea is known there, its coast is not.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from access15.arrays import Floats, Objects
from access15.model import StreetNetwork

_SETTLED: Final = 0.02
"""Share of the people from which a face is land, whatever its coast says."""

_ISLANDS: Final = 0.9
"""Share of the people who live inside closed coasts where the rest of the frame is sea."""

_RAY: Final = 1e-3
"""Weight of a coast that is only drawn on, beside one that is known."""


def water_of(
    network: StreetNetwork, box: tuple[float, float, float, float], x: Floats, y: Floats, people: Floats
) -> Any:
    """Return the water inside a box as polygons in the CRS of the network; None where nothing is known of any.

    Parameters
    ----------
    network : StreetNetwork
    box : tuple of float
        West, south, east, north.
    x, y, people : (n,) float64
        Where people live, in the same CRS.
    """
    import shapely

    if not len(network.water_river):
        return None
    banks = _banks(network)
    frame = shapely.box(*box)
    closed = shapely.is_closed(banks)
    rings = _rings(banks[closed]) if closed.any() else np.zeros(0, object)
    outlines = shapely.make_valid(shapely.polygons(rings))
    outlines = outlines[shapely.intersects(outlines, frame)]
    lived = np.array([people[shapely.contains_xy(shape, x, y)].sum() for shape in outlines])
    total = max(float(people.sum()), 1e-9)
    island = lived >= 1
    sea = _sea(banks[~closed], frame, x, y, people)
    if sea is None and lived[island].sum() >= _ISLANDS * total:
        sea = frame
    lakes, islets = outlines[~island], outlines[island]
    if sea is not None:  # An outline without people in the sea is an islet, on land it is a lake.
        middle = shapely.point_on_surface(lakes)
        at_sea = shapely.contains(sea, middle) & ~shapely.contains(shapely.union_all(islets), middle)
        islets, lakes = np.append(islets, lakes[at_sea]), lakes[~at_sea]
        sea = shapely.difference(sea, shapely.union_all(islets))
    found = shapely.intersection(shapely.union_all([*lakes, *([] if sea is None else [sea])]), frame)
    return None if found.is_empty else found


def _banks(network: StreetNetwork) -> Objects:
    """Return banks and coasts joined end to end, without the middles of rivers."""
    import shapely

    xy = np.column_stack((network.water_x, network.water_y))
    rows = np.repeat(np.arange(len(network.water_river)), np.diff(network.water_offset))
    pieces = np.asarray(shapely.linestrings(xy, indices=rows), object)[~network.water_river]
    if not len(pieces):
        return pieces
    # Directed: a coast and a bank that meet nose to nose stay two lines.
    out: Objects = shapely.get_parts(
        shapely.line_merge(shapely.multilinestrings(list(pieces)), directed=True)
    )
    kept: Objects = out[~(shapely.is_closed(out) & (shapely.get_num_coordinates(out) < 4))]
    return kept


def _rings(lines: Objects) -> Objects:
    """Return closed lines as rings."""
    import shapely

    xy, rows = shapely.get_coordinates(lines, return_index=True)
    out: Objects = np.asarray(shapely.linearrings(xy, indices=rows), object)
    return out


def _sea(coasts: Objects, frame: Any, x: Floats, y: Floats, people: Floats) -> Any:
    """Return the faces of the frame on the right of open coasts; None without any."""
    import shapely

    coasts = coasts[shapely.intersects(coasts, frame)] if len(coasts) else coasts
    if not len(coasts):
        return None
    west, south, east, north = frame.bounds
    size = max(east - west, north - south)
    coasts = coasts[shapely.length(coasts) > 0.02 * size]
    if not len(coasts):
        return None
    drawn_on = [ray for coast in coasts for ray in _rays(shapely.get_coordinates(coast), frame, size)]
    every = [*coasts, *drawn_on]
    faces = shapely.get_parts(shapely.polygonize([shapely.unary_union([*every, frame.exterior])]))
    faces = faces[shapely.contains(frame.buffer(1e-6 * size), faces)]
    vote = np.zeros(len(faces))
    for line, weight in [(c, 1.0) for c in coasts] + [(r, _RAY) for r in drawn_on]:
        xy = shapely.get_coordinates(line)
        step = np.diff(xy, axis=0)
        length = np.hypot(*step.T)
        keep = length > 0
        middle, ahead = (xy[:-1] + step / 2)[keep], step[keep] / length[keep, None]
        right = np.column_stack([ahead[:, 1], -ahead[:, 0]]) * 1e-4 * size
        for side, sign in ((middle + right, 1.0), (middle - right, -1.0)):
            point, face = shapely.STRtree(faces).query(shapely.points(side), predicate="within")
            vote += sign * weight * np.bincount(face, length[keep][point], len(faces))
    lived = np.array([people[shapely.contains_xy(face, x, y)].sum() for face in faces])
    chosen = faces[(vote > 0) & (lived <= _SETTLED * people.sum())]
    return shapely.union_all(chosen) if len(chosen) else None


def _rays(xy: Floats, frame: Any, size: float) -> list[Any]:
    """Return the ends of a coast drawn on, the way they run over a tenth of the frame, to its edge and beyond."""
    import shapely

    out = []
    for ends, forward in ((xy, False), (xy[::-1], True)):
        tip = ends[0]
        if not shapely.contains_xy(frame, *tip):
            continue
        away = np.hypot(*(ends - tip).T)
        back = ends[np.argmax(away >= 0.1 * size)] if (away >= 0.1 * size).any() else ends[np.argmax(away)]
        ahead = (tip - back) / max(float(np.hypot(*(tip - back))), 1e-9)
        far = tip + 3 * size * ahead
        out.append(shapely.linestrings([tip, far] if forward else [far, tip]))
    return out
