"""Travel times on a raster."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from access15.arrays import Float32s
from access15.errors import InputError
from access15.isochrones.land_contours import surface_over_land
from access15.model import Facilities, Population, StreetNetwork, Terrain, TravelProfile
from access15.profiles import WALK
from access15.search import (
    LARGEST_MS,
    Positions,
    cell_labels,
    direction_of,
    link_cells,
    link_sites,
    search_graph,
    times_and_rows,
)
from access15.units import NOT_REACHED_MS, check_limit, minutes_to_ms, ms_to_seconds

Bounds = tuple[float, float, float, float]

MOST_PIXELS = 1_000_000_000
"""4 GB of times."""
_PIXELS_AT_ONCE = 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class TimeSurface:
    """Travel times on a raster; write it with `access15.write_time_raster`.

    Attributes
    ----------
    seconds : (rows, columns) float32
        Time between the middle of each pixel and its nearest facility, row 0 in the north; NaN where
        nothing is reached.
    west, north : float
        Upper left corner in ``crs``.
    pixel_m : float
        Side of a pixel.
    crs : str
        The CRS of the network.
    """

    seconds: Float32s
    west: float
    north: float
    pixel_m: float
    crs: str

    def __repr__(self) -> str:
        rows, columns = self.seconds.shape
        reached = float(np.isfinite(self.seconds).mean()) if self.seconds.size else 0.0
        return f"<TimeSurface {rows:,} × {columns:,} pixels of {self.pixel_m:g} m, {reached:.0%} reached, {self.crs}>"


def time_surface(
    network: StreetNetwork,
    facilities: Facilities,
    profile: TravelProfile = WALK,
    *,
    pixel_m: float = 50.0,
    minutes: float | None = None,
    direction: str | None = None,
    bounds: Bounds | None = None,
    max_snap_m: float = 1000.0,
    terrain: Terrain | None = None,
) -> TimeSurface:
    """Return the time to the nearest facility from the middle of every pixel of a raster.

    A pixel is timed as `access15.nearest_times` times a population cell there: its leg to the nearest street,
    then along the streets.

    Parameters
    ----------
    network : StreetNetwork
    facilities : Facilities
    profile : TravelProfile
    pixel_m : float
        Side of a pixel, metres.
    minutes : float, optional
        Leave pixels beyond it empty.
    direction : {"to", "from"}, optional
        Default: the profile's.
    bounds : (west, south, east, north), optional
        In the CRS of the network; default: the extent of its streets.
    max_snap_m : float
        Pixels further from a street are empty.
    terrain : Terrain, optional
        Land that people may cross, as for `access15.nearest_times`: the pixels are then the cells of the terrain,
        ``pixel_m``, ``bounds`` and ``max_snap_m`` are not used.

    Returns
    -------
    TimeSurface

    Raises
    ------
    InputError
        If ``pixel_m``, ``minutes`` or the bounds are not usable, there is no facility, or the profile may use no
        street.
    """
    if not (math.isfinite(pixel_m) and pixel_m > 0):
        raise InputError(f"pixel_m must be a number of metres above 0, not {pixel_m!r}")
    way = direction_of(profile, direction)
    limit = LARGEST_MS if minutes is None else minutes_to_ms(check_limit(minutes))
    if terrain is not None:
        seconds = surface_over_land(network, terrain, facilities, profile, way)
        seconds[~np.less_equal(seconds, limit / 1000)] = np.nan
        corner = terrain.x_min, terrain.y_max, terrain.cell_m
        return TimeSurface(seconds.astype(np.float32), *corner, terrain.crs)
    graph = search_graph(network, profile, way)
    sites = link_sites(network, facilities, profile, way)
    west, south, east, north = _extent(network) if bounds is None else bounds
    if bounds is not None and not (west < east and south < north):
        raise InputError(f"bounds must be west < east and south < north, not {bounds}")
    columns, rows = max(1, math.ceil((east - west) / pixel_m)), max(1, math.ceil((north - south) / pixel_m))
    if columns * rows > MOST_PIXELS:
        raise InputError(
            f"the raster would have {columns:,} × {rows:,} pixels, and {MOST_PIXELS:,} is the most: "
            f"choose a larger pixel_m than {pixel_m:g}, or smaller bounds"
        )
    out = np.empty((rows, columns), np.float32)
    block = max(1, _PIXELS_AT_ONCE // columns)
    across = west + (np.arange(columns) + 0.5) * pixel_m
    for first in range(0, rows, block):
        down = north - (np.arange(first, min(first + block, rows)) + 0.5) * pixel_m
        px, py = np.meshgrid(across, down)
        pixels = Population.of(px.ravel(), py.ravel(), np.ones(px.size), network.crs)
        cells = link_cells(network, pixels, profile, way, max_snap_m)
        at = Positions.of_sites(sites, graph, profile), Positions.of(cells, graph, profile)
        time_ms, _ = times_and_rows(cell_labels(graph, *at, len(cells)))
        time_ms[time_ms > limit] = NOT_REACHED_MS
        out[first : first + len(down)] = ms_to_seconds(time_ms).reshape(px.shape)
    out[np.isinf(out)] = np.nan
    return TimeSurface(out, west, north, float(pixel_m), network.crs)


def _extent(network: StreetNetwork) -> Bounds:
    """Return the extent of the streets; a single straight one may have none across."""
    x, y = network.vertex_x, network.vertex_y
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())
