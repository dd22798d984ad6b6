"""Elevation rasters onto streets: GeoTIFF, SRTM ``.hgt`` and zipped tiles, one or several.

A height is the mean of nine bilinear readings one pixel apart, weighted 1-2-1 both ways: the noise of a
pixel is damped to a third or less and an even slope stays exact. Several tiles in one CRS are one
surface: a reading is taken from the first tile that knows all four pixels around it.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from access15.arrays import Bools, Float32s, Floats
from access15.crs import crs_name, parse_crs, to_crs
from access15.errors import Access15Error, CRSError, InputError
from access15.model import StreetNetwork
from access15.network import slope_network, stations
from access15.sources.formats import raster_driver
from access15.sources.table import existing

_TILE_SUFFIXES: Final = (".hgt", ".tif", ".tiff", ".img", ".bil", ".asc", ".vrt")
_BELIEVED_M: Final = (-500.0, 9000.0)
"""Heights outside, the Dead Sea shore to Mount Everest, are voids that the file does not mark."""
_CHUNK: Final = 1_000_000
_MOST_PIXELS: Final = 400_000_000
_STENCIL: Final = tuple((i, j, (2 - abs(i)) * (2 - abs(j))) for j in (-1, 0, 1) for i in (-1, 0, 1))


@dataclass(frozen=True, slots=True)
class Surface:
    """Elevation tiles in one CRS.

    Attributes
    ----------
    files : tuple of str
        Names GDAL opens.
    labels : tuple of str
        Names for people.
    crs : str
    across, down : (float, float)
        Steps of one pixel in CRS units, to the next column and to the next row.
    """

    files: tuple[str, ...]
    labels: tuple[str, ...]
    crs: str
    across: tuple[float, float]
    down: tuple[float, float]


def with_elevation(network: StreetNetwork, rasters: str | Path | Sequence[str | Path]) -> StreetNetwork:
    """Return the network with the slope of every street, read from elevation rasters.

    Parameters
    ----------
    network : StreetNetwork
    rasters : path or sequence of paths
        GeoTIFF (or another raster GDAL reads), SRTM ``.hgt``, or a ``.zip`` of such tiles (``.hgt.zip``).
        Metres above sea level in the first band; several tiles must share one CRS.

    Returns
    -------
    StreetNetwork
        With ``slope`` and the walking-time factors of `access15.network.slope`; the counts of streets
        outside the rasters, voids and cut slopes are in ``provenance["elevation"]``. Profiles follow
        slopes only where they ask for it (``walk-slope``, ``profile.with_slope()``).

    Raises
    ------
    MissingFileError
        If a raster does not exist.
    InputError
        If one cannot be read, or none lies under the streets.
    CRSError
        If one has no CRS, or they differ.
    """
    surface = open_surface(rasters)
    points = stations(network)
    height, voids = heights_m(surface, points.x, points.y, network.crs)
    known = np.isfinite(height)
    if network.n_edges and not known.any():
        raise InputError(
            f"{', '.join(surface.labels)}: no elevation under any street; check that the rasters cover the place"
        )
    found: dict[str, Any] = {
        "source": list(surface.labels),
        "smoothing": "mean of nine bilinear readings one pixel apart, weights 1-2-1 both ways",
        "stations": len(height),
        "stations outside the rasters": int((~known).sum()) - voids,
        "stations in voids": voids,
        "lowest_m": round(float(np.nanmin(height)), 1) if known.any() else None,
        "highest_m": round(float(np.nanmax(height)), 1) if known.any() else None,
    }
    noted = replace(network, provenance={**network.provenance, "elevation": found})
    return slope_network(noted, points, height)


def open_surface(rasters: str | Path | Sequence[str | Path]) -> Surface:
    """Return the tiles of some rasters, checked to have one CRS.

    Raises
    ------
    MissingFileError, InputError, CRSError
        See `with_elevation`.
    """
    given = [rasters] if isinstance(rasters, (str, Path)) else list(rasters)
    if not given:
        raise InputError("elevation names no raster: name a GeoTIFF or SRTM tiles, or leave it out")
    files, labels, systems, steps = [], [], [], []
    for path in given:
        for label, name in _tiles(existing(Path(path))):
            with _opened(label, name) as raster:
                if raster.crs is None:
                    raise CRSError(f"the elevation raster {label} does not state its CRS: set it in the file")
                a, b, _, d, e, _ = tuple(raster.transform)[:6]
                files.append(name)
                labels.append(label)
                systems.append(crs_name(raster.crs.to_wkt()))
                steps.append(((a, d), (b, e)))
    for label, crs in zip(labels, systems, strict=True):
        if crs != systems[0] and not parse_crs(crs).equals(parse_crs(systems[0]), ignore_axis_order=True):
            raise CRSError(
                f"the elevation rasters {labels[0]} and {label} are in {systems[0][:40]} and {crs[:40]}: bring them into "
                "one CRS"
            )
    return Surface(tuple(files), tuple(labels), systems[0], *steps[0])


def heights_m(surface: Surface, x: Floats, y: Floats, crs: str) -> tuple[Floats, int]:
    """Return smoothed heights at points.

    Parameters
    ----------
    surface : Surface
    x, y : (k,) float64
        Positions in ``crs``.
    crs : str

    Returns
    -------
    height_m : (k,) float64
        NaN outside the tiles and in voids.
    voids : int
        Points inside a tile that have no height.
    """
    px, py = to_crs(x, y, crs, surface.crs)
    height = np.full(len(px), np.nan)
    inside = np.zeros(len(px), bool)
    order = np.argsort(py, kind="stable")
    # Strips from south to north: a large network never needs whole tiles at once.
    for start in range(0, len(order), _CHUNK):
        rows = order[start : start + _CHUNK]
        height[rows], inside[rows] = _smoothed(surface, px[rows], py[rows])
    return height, int((inside & ~np.isfinite(height)).sum())


def _smoothed(surface: Surface, x: Floats, y: Floats) -> tuple[Floats, Bools]:
    """Return smoothed heights of points in the surface's CRS, and which lie inside a tile."""
    value = np.zeros((len(_STENCIL), len(x)), np.float32)
    weight = np.zeros((len(_STENCIL), len(x)), np.float32)
    inside = np.zeros(len(x), bool)
    for label, name in zip(surface.labels, surface.files, strict=True):
        with _opened(label, name) as raster:
            column, row = _pixels(raster, x, y)
            near = (column > -2) & (column < raster.width + 1) & (row > -2) & (row < raster.height + 1)
            if not near.any():
                continue
            inside |= (np.abs(column + 0.5 - raster.width / 2) <= raster.width / 2) & (
                np.abs(row + 0.5 - raster.height / 2) <= raster.height / 2
            )
            rows = np.flatnonzero(near)
            grid, left, top = _window(label, raster, column[rows], row[rows])
            for k, (i, j, _) in enumerate(_STENCIL):
                sx = x[rows] + i * surface.across[0] + j * surface.down[0]
                sy = y[rows] + i * surface.across[1] + j * surface.down[1]
                c, r = _pixels(raster, sx, sy)
                z, w = _bilinear(grid, c - left, r - top)
                better = w > weight[k, rows]
                value[k, rows[better]], weight[k, rows[better]] = z[better], w[better]
    share = np.array([s for _, _, s in _STENCIL], np.float32)[:, None] * (weight >= 0.5)
    total = share.sum(axis=0)
    known = weight[len(_STENCIL) // 2] >= 0.5
    out = np.divide(
        (value * share).sum(axis=0, dtype=np.float64), total, out=np.full(len(x), np.nan), where=known
    )
    return out, inside


def _pixels(raster: Any, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return fractional column and row, whole numbers at pixel centres."""
    a, b, c, d, e, f = tuple(~raster.transform)[:6]
    return a * x + b * y + c - 0.5, d * x + e * y + f - 0.5


def _window(label: str, raster: Any, column: Floats, row: Floats) -> tuple[Float32s, int, int]:
    """Return the pixels around some positions, voids as NaN, and the column and row of the first one."""
    from rasterio.windows import Window

    left, top = max(int(column.min()) - 2, 0), max(int(row.min()) - 2, 0)
    right = min(int(column.max()) + 4, raster.width)
    bottom = min(int(row.max()) + 4, raster.height)
    wide, tall = max(right - left, 1), max(bottom - top, 1)
    if wide * tall > _MOST_PIXELS:
        raise InputError(
            f"{label} has {wide:,} × {tall:,} pixels under the streets, far finer than a street's slope needs: resample "
            "it to about 10 m"
        )
    window = Window(left, top, wide, tall)
    grid = raster.read(1, window=window).astype(np.float32) * raster.scales[0] + raster.offsets[0]
    void = (raster.read_masks(1, window=window) == 0) | ~np.isfinite(grid)
    void |= (grid < _BELIEVED_M[0]) | (grid > _BELIEVED_M[1])
    grid[void] = np.nan
    return grid.astype(np.float32, copy=False), left, top


def _bilinear(grid: Float32s, column: Floats, row: Floats) -> tuple[Float32s, Float32s]:
    """Return the bilinear reading over the known pixels around each position, and their share of the weight."""
    tall, wide = grid.shape
    left, top = np.floor(column).astype(np.int64), np.floor(row).astype(np.int64)
    u, v = (column - left).astype(np.float32), (row - top).astype(np.float32)
    total, weight = np.zeros(len(u), np.float32), np.zeros(len(u), np.float32)
    for i, j, share in ((0, 0, (1 - u) * (1 - v)), (1, 0, u * (1 - v)), (0, 1, (1 - u) * v), (1, 1, u * v)):
        c, r = left + i, top + j
        there = (c >= 0) & (c < wide) & (r >= 0) & (r < tall)
        z = grid[np.where(there, r, 0), np.where(there, c, 0)]
        there &= ~np.isnan(z)
        total += np.where(there, z * share, 0)
        weight += np.where(there, share, 0)
    return np.divide(total, weight, out=total, where=weight > 0), weight


def _tiles(file: Path) -> Iterator[tuple[str, str]]:
    """Yield ``(label, name GDAL opens)`` of a raster, or of every raster in a zip."""
    if file.suffix.lower() != ".zip":
        yield file.name, str(file)
        return
    try:
        with zipfile.ZipFile(file) as archive:
            inner = [name for name in archive.namelist() if name.lower().endswith(_TILE_SUFFIXES[:-1])]
    except (zipfile.BadZipFile, OSError) as error:
        raise InputError(f"{file} cannot be read as a zip ({error}): download it again") from error
    if not inner:
        raise InputError(f"{file} holds no elevation tile ({', '.join(_TILE_SUFFIXES)}): choose another file")
    for name in sorted(inner):
        # The braces keep a path with .zip in a folder name whole.
        yield f"{file.name}/{name}" if len(inner) > 1 else file.name, f"/vsizip/{{{file.resolve()}}}/{name}"


@contextmanager
def _opened(label: str, name: str) -> Iterator[Any]:
    import rasterio

    try:
        with rasterio.open(name, driver=raster_driver(Path(name))) as raster:
            yield raster
    except Access15Error:
        raise
    except (
        rasterio.errors.RasterioError,
        ValueError,
        OverflowError,
    ) as error:  # Texts of a CRS that are no UTF-8, too.
        raise InputError(
            f"the elevation raster {label} cannot be read ({(str(error).splitlines() or [type(error).__name__])[0]}): download or export it again"
        ) from error
