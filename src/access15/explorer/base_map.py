"""What the page draws once: where cells are, and the streets, areas and water around them, without any server."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from access15.arrays import AnyArray, Floats, Ints
from access15.crs import WGS84, is_geographic, to_crs
from access15.explorer.frames import message, packed_lines, varints, zigzag
from access15.study import LiveStudy

DOTS: Final = 20_000
"""People are dots up to this many cells, and small squares beyond."""

MOST_PIXELS: Final = 16_000_000
STREET_VERTICES: Final = 160_000
"""Vertices of streets drawn; where there are more, small streets stay away."""

_POLYGON: Final = 3
_STEPS: Final = 1e5
_TOLERANCE: Final = 2e-5


def cells(live: LiveStudy) -> bytes:
    """Return where every cell is: pixels of a raster in degrees, pixels of a map, or dots with people."""
    population = live.inputs.population
    lon, lat, n = live.lon, live.lat, len(population)
    box = [float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())]
    side = population.cell_size
    head: dict[str, Any] = {"n": n, "box": box}
    if n <= DOTS:
        spots = (_steps(np.rint(v * 1e6)) for v in (lon, lat))
        people = np.maximum(np.rint(population.people * 10), 0).astype(np.int64)
        return message({**head, "kind": "dots"}, *spots, varints(people))
    if side is not None and is_geographic(population.crs):
        wide, high = (abs(float(v)) for v in side)
        column, row = np.rint((lon - box[0]) / wide), np.rint((box[3] - lat) / high)
        head |= {"kind": "degrees", "step": [wide, high]}
    else:
        # The map's own plane, in pixels about as wide as the cells lie apart.
        x, y = np.radians(lon), -np.arcsinh(np.tan(np.radians(lat)))
        step = math.sqrt(max(np.ptp(x), 1e-9) * max(np.ptp(y), 1e-9) / n)
        if side is not None:
            step = abs(float(side[0])) / 6_378_137.0 / math.cos(math.radians((box[1] + box[3]) / 2))
        column, row = np.floor((x - x.min()) / step), np.floor((y - y.min()) / step)
        head |= {"kind": "plane", "step": [step, step], "origin": [float(x.min()), float(y.min())]}
    width, height = int(column.max()) + 1, int(row.max()) + 1
    if width * height > MOST_PIXELS:
        head["coarse"] = factor = math.ceil(math.sqrt(width * height / MOST_PIXELS))
        column, row = column // factor, row // factor
        head["step"] = [v * factor for v in head["step"]]
        width, height = width // factor + 1, height // factor + 1
    pixel = row.astype(np.int64) * width + column.astype(np.int64)
    hidden = _hidden(pixel, population.people)
    head |= {"width": width, "height": height, "hidden": len(hidden)}
    return message(head, _steps(pixel), varints(np.diff(hidden, prepend=0)))


def _steps(values: AnyArray) -> bytes:
    """Return whole numbers as the steps from one to the next, the first from 0."""
    given = np.asarray(values, np.int64)
    return varints(zigzag(np.diff(given, prepend=np.int64(0))))


def _hidden(pixel: Ints, people: Floats) -> Ints:
    """Return the rows of cells that share a pixel with one of more people: that one is drawn."""
    order = np.lexsort((-people, pixel))
    again = np.zeros(len(pixel), bool)
    again[1:] = pixel[order][1:] == pixel[order][:-1]
    return np.sort(order[again])


def ground(live: LiveStudy) -> bytes:
    """Return areas, water, main and other streets as lines in steps of 1e-5 degrees."""
    main, other, left_out = _streets(live)
    sets = {"areas": _areas(live), "water": _water(live), "main": main, "other": other}
    parts = [part for lines in sets.values() for part in packed_lines(lines, _STEPS)]
    head = {"sets": list(sets), "left_out": left_out, "labels": _labels(live)}
    return message(head, *parts)


def _labels(live: LiveStudy) -> list[list[Any]]:
    """Return name and place of every area."""
    areas = live.inputs.areas
    if areas is None:
        return []
    import shapely

    spots = shapely.get_coordinates(shapely.point_on_surface(areas.polygons))
    lon, lat = to_crs(spots[:, 0], spots[:, 1], areas.crs, WGS84)
    return [
        [str(n), round(float(a), 5), round(float(b), 5)] for n, a, b in zip(areas.name, lon, lat, strict=True)
    ]


def _areas(live: LiveStudy) -> list[AnyArray]:
    areas = live.inputs.areas
    return [] if areas is None else list(rings(areas.polygons, areas.crs))


def _water(live: LiveStudy) -> list[AnyArray]:
    water = live.water()
    if water is None or not len(water):
        return []
    return list(rings(water.geometry.to_numpy(object), str(water.crs)))


def rings(polygons: AnyArray, crs: str, tolerance: float = _TOLERANCE) -> Iterator[AnyArray]:
    """Yield the rings of polygons as (k, 2) arrays of degrees, a little simpler than they are."""
    import shapely

    parts = shapely.get_parts(np.asarray(polygons, object))
    for ring in shapely.get_rings(parts[shapely.get_type_id(parts) == _POLYGON]):
        xy = shapely.get_coordinates(ring)
        lon, lat = to_crs(xy[:, 0], xy[:, 1], crs, WGS84)
        line = shapely.simplify(shapely.linestrings(np.column_stack([lon, lat])), tolerance)
        yield shapely.get_coordinates(line)


def _streets(live: LiveStudy) -> tuple[list[AnyArray], list[AnyArray], int]:
    """Return main and other streets, and how many are left out because there are too many."""
    import shapely

    network = live.inputs.network
    lon, lat = to_crs(network.vertex_x, network.vertex_y, network.crs, WGS84)
    main_class = np.array([live.is_main(name) for name in network.highway_classes], bool)
    counts = np.diff(network.vertex_offset)
    drawn: list[list[AnyArray]] = []
    left_out = 0
    for mine in (main_class[network.highway], ~main_class[network.highway]):
        rows = np.flatnonzero(mine & (counts >= 2))
        # The longest first; a line has two vertices at least.
        rows = rows[np.argsort(-network.length_m[rows], kind="stable")]
        chosen = rows[: STREET_VERTICES // 2]
        picked = np.zeros(len(counts), bool)
        picked[chosen] = True
        xy = np.column_stack([lon, lat])[np.repeat(picked, counts)]
        row = np.repeat(np.arange(len(chosen)), counts[picked])
        lines = shapely.linestrings(xy, indices=row) if len(chosen) else np.empty(0, object)
        lines = shapely.simplify(lines, _TOLERANCE)
        longest = np.argsort(-network.length_m[picked], kind="stable")
        room = int(
            np.searchsorted(np.cumsum(shapely.get_num_coordinates(lines[longest])), STREET_VERTICES, "right")
        )
        left_out += len(rows) - room
        drawn.append([shapely.get_coordinates(line) for line in lines[np.sort(longest[:room])]])
    return drawn[0], drawn[1], left_out
