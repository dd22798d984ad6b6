"""Coordinate reference systems: which metric CRS a place gets, moving between CRSs, ground lengths, Chinese datums."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from access15.arrays import ArrayLike, Bools, Floats
from access15.errors import CRSError

if TYPE_CHECKING:
    from pyproj import CRS, Transformer


WGS84: Final = "EPSG:4326"
_WGS84_A: Final = 6378137.0
_WGS84_E2: Final = 0.00669437999014


@lru_cache(maxsize=64)
def parse_crs(crs: str) -> CRS:
    """Return the pyproj CRS of an authority code or WKT.

    Raises
    ------
    CRSError
        If nothing is known by that name.
    """
    import pyproj

    try:
        return pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError as error:
        raise CRSError(f"{crs!r} is not a CRS that PROJ knows: use a code such as EPSG:4326") from error


def crs_name(crs: Any) -> str:
    """Return a CRS as ``AUTHORITY:CODE`` where it has one, else as WKT."""
    import pyproj

    parsed = pyproj.CRS.from_user_input(crs)
    code = parsed.to_authority(min_confidence=100)
    return ":".join(code) if code else str(parsed.to_wkt())


def is_geographic(crs: str) -> bool:
    """Return whether coordinates in ``crs`` are longitude and latitude."""
    return bool(parse_crs(crs).is_geographic)


def metric_crs(lon: float, lat: float) -> str:
    """Return the UTM zone (WGS 84) that holds a point, as an EPSG code.

    Raises
    ------
    CRSError
        If the coordinates are not a longitude and a latitude.
    """
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise CRSError(
            f"({lon:g}, {lat:g}) is not a longitude and a latitude: check the CRS and the order of the columns"
        )
    zone = min(int((lon + 180) // 6) + 1, 60)
    return f"EPSG:{(32600 if lat >= 0 else 32700) + zone}"


def middle_crs(lon: Floats, lat: Floats) -> str:
    """Return the UTM zone of the middle of some points, which may lie on both sides of the 180° meridian.

    Raises
    ------
    CRSError
        If the coordinates are not longitudes and latitudes.
    """
    west, east = float(np.min(lon)), float(np.max(lon))
    if east - west > 180:
        turned = np.asarray(lon) % 360
        if np.ptp(turned) < east - west:
            west, east = float(turned.min()), float(turned.max())
    middle = (west + east) / 2
    return metric_crs(middle - 360 if middle > 180 else middle, float((np.min(lat) + np.max(lat)) / 2))


@lru_cache(maxsize=64)
def _transformer(source: str, target: str) -> Transformer:
    import pyproj

    try:
        # No grid of a datum is fetched, whatever the environment says: figures would depend on the day and the place.
        pyproj.network.set_network_enabled(False)  # type: ignore[attr-defined]
        return pyproj.Transformer.from_crs(parse_crs(source), parse_crs(target), always_xy=True)
    except pyproj.exceptions.ProjError as error:
        raise CRSError(
            f"PROJ cannot move points from {source[:60]} to {target[:60]} ({error}): correct the CRS"
        ) from error


def to_crs(x: Floats, y: Floats, source: str, target: str) -> tuple[Floats, Floats]:
    """Return coordinates moved from one CRS to another (x = easting or longitude in both).

    Raises
    ------
    CRSError
        If a point cannot be expressed in the target CRS.
    """
    xs, ys = np.asarray(x, float), np.asarray(y, float)
    if source == target or parse_crs(source) == parse_crs(target):
        return xs, ys
    out_x, out_y = _transformer(source, target).transform(xs, ys)
    bad = np.flatnonzero(~(np.isfinite(out_x) & np.isfinite(out_y)))
    if len(bad):
        row = bad[0]
        raise CRSError(
            f"point {row + 1} at ({xs[row]:g}, {ys[row]:g}) cannot be moved from {source} to {target}: "
            "check the CRS and whether longitude and latitude are swapped"
        )
    return np.asarray(out_x), np.asarray(out_y)


def ground_lengths_m(lon: Floats, lat: Floats) -> Floats:
    """Return the lengths of the steps along a polyline on the WGS 84 ellipsoid, metres, one less than points.

    Uses the radii of curvature at the middle latitude of each step (Snyder 1987, Map Projections: A
    Working Manual, eqs. 4-18 and 4-20): street segments agree with the geodesic within 1e-6. A step across the
    180° meridian goes the short way.
    """
    degrees = np.diff(lon)
    far = np.abs(degrees) > 180
    degrees[far] -= np.copysign(360.0, degrees[far])
    middle = np.radians((lat[1:] + lat[:-1]) / 2)
    w2 = 1 - _WGS84_E2 * np.sin(middle) ** 2
    north = np.radians(np.diff(lat)) * _WGS84_A * (1 - _WGS84_E2) / w2**1.5
    east = np.radians(degrees) * _WGS84_A / np.sqrt(w2) * np.cos(middle)
    return np.hypot(north, east)


# --- Chinese datums --------------------------------------------------------------------------------------

_GCJ_A: Final = 6378245.0
_GCJ_EE: Final = 0.00669342162296594323
_BD_TURN: Final = np.pi * 3000.0 / 180.0
_CORRECTIONS: Final = 8
"""Corrections of the inverse: each makes the error some 5,000 times smaller, four reach 1 µm."""

_CHINA_BOX: Final = (72.004, 0.8293, 137.8347, 55.8271)
"""The rectangle (west, south, east, north) that the published formula shifts."""

_NOT_SHIFTED: Final = (
    # Taiwan and Penghu
    ((119.9, 21.7), (122.3, 21.7), (122.3, 25.5), (121.0, 25.5), (119.9, 24.6)),
    ((119.2, 23.1), (119.9, 23.1), (119.9, 23.9), (119.2, 23.9)),
    # Hong Kong: along the middle of Deep Bay, the Shenzhen river and Mirs Bay
    (
        (113.82, 22.14),
        (114.50, 22.14),
        (114.50, 22.45),
        (114.45, 22.56),
        (114.32, 22.575),
        (114.235, 22.553),
        (114.2235, 22.5465),
        (114.19, 22.559),
        (114.1545, 22.5545),
        (114.129, 22.5375),
        (114.1135, 22.5325),
        (114.085, 22.528),
        (114.0655, 22.5146),
        (114.03, 22.503),
        (113.96, 22.475),
        (113.86, 22.42),
    ),
    # Macao: peninsula, Taipa, Cotai and Coloane, east of the channel to Hengqin
    (
        (113.527, 22.19),
        (113.535, 22.17),
        (113.553, 22.15),
        (113.55, 22.105),
        (113.61, 22.105),
        (113.61, 22.205),
        (113.557, 22.2145),
        (113.5495, 22.2163),
        (113.537, 22.213),
    ),
)
"""Rings (lon, lat) of the places inside the rectangle that maps do not shift, drawn to about 500 m."""


def in_shifted_china(lon: ArrayLike, lat: ArrayLike) -> Bools:
    """Return which points lie where Chinese maps are shifted.

    That is the rectangle of the published formula without Hong Kong, Macao and Taiwan (outlines drawn
    to about 500 m). Neighbouring countries inside the rectangle cannot be told apart and count as inside.

    Parameters
    ----------
    lon, lat : array-like of float
        Degrees, any datum (the shift is smaller than the precision of the outlines).
    """
    import shapely

    x, y = np.asarray(lon, float), np.asarray(lat, float)
    west, south, east, north = _CHINA_BOX
    inside = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    for ring in _NOT_SHIFTED:
        inside &= ~shapely.contains_xy(shapely.Polygon(ring), x, y)
    return np.asarray(inside, dtype=bool)


def _gcj_shift(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Return the GCJ-02 shift in degrees at WGS 84 positions, (dlon, dlat)."""
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    wave = (20 * np.sin(6 * x * np.pi) + 20 * np.sin(2 * x * np.pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + wave
    north += (20 * np.sin(y * np.pi) + 40 * np.sin(y / 3 * np.pi)) * 2 / 3
    north += (160 * np.sin(y / 12 * np.pi) + 320 * np.sin(y * np.pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + wave
    east += (20 * np.sin(x * np.pi) + 40 * np.sin(x / 3 * np.pi)) * 2 / 3
    east += (150 * np.sin(x / 12 * np.pi) + 300 * np.sin(x / 30 * np.pi)) * 2 / 3
    phi = np.radians(lat)
    w2 = 1 - _GCJ_EE * np.sin(phi) ** 2
    meridian = _GCJ_A * (1 - _GCJ_EE) / w2**1.5
    parallel = _GCJ_A / np.sqrt(w2) * np.cos(phi)
    return np.degrees(east / parallel), np.degrees(north / meridian)


def wgs84_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Return GCJ-02 positions (Amap, Tencent) of WGS 84 positions.

    Parameters
    ----------
    lon, lat : array-like of float
        Degrees. Points outside China, in Hong Kong, Macao and Taiwan are returned as they are.

    Returns
    -------
    lon, lat : float64 arrays, degrees

    Notes
    -----
    The published forward formula with a = 6378245 m, ee = 0.00669342162296594323.
    """
    x, y = np.array(lon, float), np.array(lat, float)
    return _shift(x, y, in_shifted_china(x, y))


def _shift(x: Floats, y: Floats, inside: Bools) -> tuple[Floats, Floats]:
    dx, dy = _gcj_shift(x, y)
    return np.where(inside, x + dx, x), np.where(inside, y + dy, y)


def gcj02_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Return WGS 84 positions of GCJ-02 positions, exact to far below a millimetre (by iteration).

    Parameters
    ----------
    lon, lat : array-like of float
        Degrees. Points outside China, in Hong Kong, Macao and Taiwan are returned as they are.

    Returns
    -------
    lon, lat : float64 arrays, degrees
    """
    x, y = np.array(lon, float), np.array(lat, float)
    inside = in_shifted_china(x, y)
    out_x, out_y = x, y
    for _ in range(_CORRECTIONS):
        again_x, again_y = _shift(out_x, out_y, inside)
        out_x, out_y = out_x + (x - again_x), out_y + (y - again_y)
    return out_x, out_y


def _gcj_to_bd(x: Floats, y: Floats, inside: Bools) -> tuple[Floats, Floats]:
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * _BD_TURN)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _BD_TURN)
    bd_x, bd_y = radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006
    return np.where(inside, bd_x, x), np.where(inside, bd_y, y)


def wgs84_to_bd09(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Return BD-09 positions (Baidu) of WGS 84 positions.

    Parameters
    ----------
    lon, lat : array-like of float
        Degrees. Points outside China, in Hong Kong, Macao and Taiwan are returned as they are.

    Returns
    -------
    lon, lat : float64 arrays, degrees

    Notes
    -----
    GCJ-02 first, then the published second shift of Baidu.
    """
    x, y = np.array(lon, float), np.array(lat, float)
    inside = in_shifted_china(x, y)
    return _gcj_to_bd(*_shift(x, y, inside), inside)


def bd09_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Return WGS 84 positions of BD-09 positions (Baidu), exact to far below a millimetre (by iteration).

    Parameters
    ----------
    lon, lat : array-like of float
        Degrees. Points outside China, in Hong Kong, Macao and Taiwan are returned as they are.

    Returns
    -------
    lon, lat : float64 arrays, degrees
    """
    x, y = np.array(lon, float), np.array(lat, float)
    inside = in_shifted_china(x, y)
    out_x, out_y = x, y
    for _ in range(_CORRECTIONS):
        again_x, again_y = _gcj_to_bd(*_shift(out_x, out_y, inside), inside)
        out_x, out_y = out_x + (x - again_x), out_y + (y - again_y)
    return out_x, out_y
