"""Rasters of travel times as GeoTIFF."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np

from access15.arrays import Float32s
from access15.outputs.atomic import replacing


class Surface(Protocol):
    """What is written: `access15.isochrones.TimeSurface`."""

    seconds: Float32s
    west: float
    north: float
    pixel_m: float
    crs: str


def write_time_raster(path: str | Path, surface: Surface) -> Path:
    """Write a raster of travel times as a compressed GeoTIFF, whole or not at all.

    Parameters
    ----------
    path : str or Path
        ``.tif``; an existing file is replaced.
    surface : TimeSurface
        Of `access15.time_surface`; band 1 holds its seconds, NaN is "not reached".

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    import rasterio
    from rasterio.transform import from_origin

    rows, columns = surface.seconds.shape
    with (
        replacing(path) as temporary,
        rasterio.open(
            temporary,
            "w",
            driver="GTiff",
            width=columns,
            height=rows,
            count=1,
            dtype="float32",
            crs=surface.crs,
            transform=from_origin(surface.west, surface.north, surface.pixel_m, surface.pixel_m),
            nodata=float("nan"),
            compress="deflate",
            predictor=3,
            tiled=True,
        ) as raster,
    ):
        raster.write(np.asarray(surface.seconds, np.float32), 1)
        raster.set_band_description(1, "seconds to the nearest facility")
    return Path(path)
