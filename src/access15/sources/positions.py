"""Where the rows of a table are: columns or geometry, checked, and moved from a Chinese datum if one is named."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import numpy as np

from access15 import crs as crs_room
from access15.arguments import say
from access15.arrays import Bools, Floats, Objects
from access15.errors import CRSError, InputError
from access15.sources import columns as words
from access15.sources.table import Table

Datum = Literal["wgs84", "gcj02", "bd09"]
_CHINESE = {"gcj02": crs_room.gcj02_to_wgs84, "bd09": crs_room.bd09_to_wgs84}


@dataclass(frozen=True, slots=True, eq=False)
class Positions:
    """Positions of the rows of a table; NaN where a row has none.

    Attributes
    ----------
    x, y : (n,) float64
    crs : str
    columns : (str, str) or None
        Names of the columns they were read from.
    missing : (n,) bool
        Rows without coordinates, or at 0, 0.
    notes : dict
        Datum and how far points moved.
    """

    x: Floats
    y: Floats
    crs: str
    columns: tuple[str, str] | None
    missing: Bools
    notes: Mapping[str, Any]


def check_datum(datum: str) -> Datum:
    """Return a datum name, or raise naming the valid ones."""
    for name in get_args(Datum):
        if datum == name:
            return name  # type: ignore[no-any-return]
    raise InputError(f"the datum {datum!r} is not known: use wgs84, gcj02 (Amap, Tencent) or bd09 (Baidu)")


def positions(
    table: Table,
    *,
    datum: str = "wgs84",
    columns: Mapping[str, str] | None = None,
    crs: str | None = None,
    accept_datum: bool = False,
) -> Positions:
    """Return where the rows of a table are.

    Parameters
    ----------
    table : Table
    datum : {"wgs84", "gcj02", "bd09"}
        Datum of longitudes and latitudes.
    columns : mapping, optional
        ``{"lon": …, "lat": …}`` where the columns have other names.
    crs : str, optional
        CRS of coordinate columns that are not longitude and latitude.
    accept_datum : bool
        Whether the datum is kept where the streets speak for another one.

    Raises
    ------
    InputError
        If there are no coordinate columns, a cell is not a number, or longitude and latitude are swapped.
    CRSError
        If the CRS and the datum do not fit.
    """
    name = check_datum(datum)
    if table.geometry is not None:
        x, y = surface_points(table.geometry)
        where, system = None, table.crs
    else:
        where = _lon_lat_columns(table, name, columns or {}, crs)
        x, y = _degrees(table, where[0]), _degrees(table, where[1])
        system = crs_room.WGS84 if crs is None else crs_room.crs_name(crs_room.parse_crs(crs))
    missing = ~(np.isfinite(x) & np.isfinite(y)) | ((x == 0) & (y == 0))
    x, y = np.where(missing, np.nan, x), np.where(missing, np.nan, y)
    if crs_room.is_geographic(system):
        _check_degrees(table, x, y, where, name)
    notes: dict[str, Any] = {"datum": name} | ({"datum_accepted": True} if accept_datum else {})
    if name != "wgs84":
        x, y, moved = _from_chinese(table, x, y, system, name)
        system = crs_room.WGS84
        notes["datum_shift_median_m"] = moved
    return Positions(x, y, system, where, missing, notes)


def surface_points(geometry: Objects) -> tuple[Floats, Floats]:
    """Return a point of each geometry: points as they are, others a point on their surface; NaN for none."""
    import shapely

    points = geometry.copy()
    other = ~np.isin(shapely.get_type_id(geometry), (-1, 0))
    points[other] = shapely.point_on_surface(geometry[other])
    return np.asarray(shapely.get_x(points), float), np.asarray(shapely.get_y(points), float)


def _degrees(table: Table, column: str) -> Floats:
    """Return a column of coordinates; degrees, minutes and seconds are refused by name."""
    try:
        return table.number(column)
    except InputError as error:
        if any(
            isinstance(cell, str)
            and re.search(
                r"\d\s*[°º度′'\"]|\d\s*[NSEW]$|^[NSEW东西南北]\s*\d|^\d+[ :-]\d+[ :-]\d+(\.\d+)?$",
                cell.strip(),
            )
            for cell in table.cells[column]
        ):
            raise InputError(
                f"{str(error).partition(' is not a number')[0]} is no decimal number of degrees: write degrees, minutes and seconds as one "
                "number, 9°00'36\" E as 9.01"
            ) from error
        raise


def moved_shapes(shapes: Objects, datum: str) -> Objects:
    """Return shapes in WGS 84 whose corners are longitudes and latitudes in a Chinese datum."""
    import shapely

    def move(corners: Floats) -> Floats:
        return np.column_stack(_CHINESE[datum](corners[:, 0], corners[:, 1]))

    return np.asarray(shapely.transform(shapes, move), object)


_NO_DEGREES: Final = (
    "m",
    "km",
    "米",
    "千米",
    "公里",
    "metres",
    "meters",
    "rad",
    "radians",
    "弧度",
    "gon",
    "grad",
)


def _lon_lat_columns(
    table: Table, datum: Datum, columns: Mapping[str, str], crs: str | None
) -> tuple[str, str]:
    found: list[str] = []
    for axis in ("lon", "lat"):
        if axis in columns:
            found.append(table.named(columns[axis], f"{axis} column"))
            continue
        column = table.find(words.datum_aliases(axis, datum)) or table.find(words.FACILITY[axis])
        if column is None:
            hint = _other_datum(table, axis, datum)
            raise InputError(
                f"{table.source} has no column for {'longitude' if axis == 'lon' else 'latitude'}{hint}: "
                f"name the column {axis!r}, or say {say('columns', {axis: '…'})}; {table.choice(axis)}"
            )
        found.append(column)
    for column in found:
        unit = words.unit_of(column)
        if crs is None and unit in _NO_DEGREES:
            raise InputError(
                f"{table.source}: the column {column!r} is in {unit}, not in degrees: give decimal degrees, or say in which CRS it is, "
                + say("crs", "EPSG:4547")
            )
    return found[0], found[1]


def degree_columns(columns: Mapping[str, str] | None = None) -> list[str]:
    """Return what columns of longitudes and latitudes in degrees may be called."""
    given = [name for axis, name in (columns or {}).items() if axis in ("lon", "lat")]
    return given + [
        name
        for axis in ("lon", "lat")
        for name in (
            *words.FACILITY[axis],
            *(n for datum in get_args(Datum) for n in words.datum_aliases(axis, datum)),
        )
    ]


def _other_datum(table: Table, axis: str, datum: str) -> str:
    for other in get_args(Datum):
        column = table.find(words.datum_aliases(axis, other)) if other != datum else None
        if column:
            return f" in {datum} (column {column!r} looks like {other}: if it is, say {say('datum', other)})"
    return ""


def _check_degrees(table: Table, x: Floats, y: Floats, where: tuple[str, str] | None, datum: Datum) -> None:
    swapped = (np.abs(y) > 90) & (np.abs(y) <= 180) & (np.abs(x) <= 90)
    if datum != "wgs84":
        # In China no latitude is above 54 and no longitude below 73.
        swapped |= (y >= 73) & (y <= 136) & (x >= 3) & (x <= 54)
    if swapped.any():
        first = int(np.flatnonzero(swapped)[0])
        fix = (
            f"exchange the two headers, or say {say('columns', {'lon': where[1], 'lat': where[0]})}"
            if where
            else "swap x and y in the layer"
        )
        if not swapped.all():
            raise InputError(
                f"{table.source}, {table.rows(swapped)}: latitude {y[first]:g} is impossible, as if longitude and "
                "latitude were swapped there: correct these rows in the file"
            )
        raise InputError(
            f"{table.source}, {table.at(first)}: longitude and latitude are swapped (latitude {y[first]:g}); {fix}"
        )
    bad = (np.abs(x) > 180) | (np.abs(y) > 90)
    if bad.any():
        first = int(np.flatnonzero(bad)[0])
        raise InputError(
            f"{table.source}, {table.at(first)}: ({x[first]:g}, {y[first]:g}) is not a longitude and a latitude: "
            f"correct it; metres need the CRS of the table, {say('crs', 'EPSG:4547')}, and degrees with minutes (900.6 for 9°00.6′) must "
            "be decimal degrees"
        )


def from_datum(table: Table, x: Floats, y: Floats, datum: str) -> tuple[Floats, Floats]:
    """Return corners of the shapes of a layer in WGS 84, from longitudes and latitudes in a Chinese datum.

    Raises
    ------
    CRSError
        If the layer is not in longitude and latitude, or nothing of it lies where the datum applies.
    """
    out_x, out_y, _ = _from_chinese(table, x, y, table.crs, check_datum(datum))
    return out_x, out_y


def _from_chinese(
    table: Table, x: Floats, y: Floats, system: str, datum: Datum
) -> tuple[Floats, Floats, float]:
    if not crs_room.is_geographic(system):
        raise CRSError(
            f"{table.source} is in {system[:60]}, and {datum} is a datum of longitudes and latitudes: say {say('datum', 'wgs84')}"
        )
    known = np.isfinite(x) & np.isfinite(y)
    if known.any() and not crs_room.in_shifted_china(x[known], y[known]).any():
        raise CRSError(
            f"{table.source} has no point where {datum} applies (mainland China): say {say('datum', 'wgs84')}, "
            "or check whether longitude and latitude are swapped"
        )
    out_x, out_y = x.copy(), y.copy()
    out_x[known], out_y[known] = _CHINESE[datum](x[known], y[known])
    # Every second leg of the way from a point to where it moved, on to the next point.
    there_and_back = [
        np.column_stack(pair).ravel() for pair in ((x[known], out_x[known]), (y[known], out_y[known]))
    ]
    steps = crs_room.ground_lengths_m(*there_and_back)[::2]
    return out_x, out_y, round(float(np.median(steps)), 1) if len(steps) else 0.0


def unique_ids(table: Table, column: str | None, aside: Sequence[int] = ()) -> Objects:
    """Return the ids of a table as text, unchanged.

    Without a column they are ``1, 2, …``; an empty cell becomes ``row 7`` (or ``feature 7``).

    Parameters
    ----------
    table : Table
    column : str or None
    aside : sequence of int
        Rows that may repeat an id because they are not kept.

    Raises
    ------
    InputError
        If an id stands twice, with its rows.
    """
    if column is None:
        return np.array([str(i + 1) for i in range(len(table))] + [None], object)[:-1]
    ids = table.text(column)
    for i, text in enumerate(ids):
        if not text.strip():
            ids[i] = table.at(i)
    seen: dict[str, int] = {}
    skip = set(aside)
    for i, text in enumerate(ids):
        if i in skip:
            continue
        if text in seen:
            raise InputError(
                f"{table.source}: the id {text!r} in column {column!r} stands in {table.at(seen[text])} and {table.at(i)}: "
                "ids must be unique"
            )
        seen[text] = i
    return ids
