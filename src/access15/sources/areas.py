"""Areas to report on: townships, wards, districts."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

import numpy as np

from access15.arguments import say
from access15.arrays import Bools, Floats, Objects
from access15.crs import is_geographic
from access15.errors import CRSError, InputError
from access15.model import Areas
from access15.sources import columns as words
from access15.sources.layers import read_layer
from access15.sources.numbers import check_decimal
from access15.sources.positions import check_datum, moved_shapes, unique_ids
from access15.sources.table import Source, Table

AREA_FLAGS: Final = {
    "人口快速增长": "fast-growing", "快速增长": "fast-growing", "城中村": "urban village", "农村": "rural",
    "乡村": "rural", "城镇": "urban", "城市": "urban", "偏远": "remote", "边远": "remote",
}  # fmt: skip
"""Words for kinds of areas in Chinese files, as `access15.find_gaps` names them."""


def read_areas(
    path: Source,
    id: str = "id",
    name: str = "name",
    layer: str | None = None,
    flags: str | None = None,
    doctors: str | None = None,
    *,
    crs: str | None = None,
    datum: str = "wgs84",
    decimal: str | None = None,
) -> Areas:
    """Return the areas of a polygon layer.

    Parameters
    ----------
    path : path
        .gpkg, .geojson or .shp.
    id, name : str
        Columns. Where the default is not there, the usual Chinese and English names are tried
        (``code``, ``行政区划代码``, ``名称`` …); without a name column the id is the name.
    layer : str, optional
        Needed where a file has several layers.
    flags : str, optional
        Column with the kinds of each area (``rural``, ``remote; fast-growing``, ``城中村`` …), separated
        by ``;``, ``,`` or ``、``; empty for an ordinary area.
    doctors : str, optional
        Column with the number of village doctors; found by its usual names (``乡村医生数``, ``村医`` …) unless named.
    crs : str, optional
        CRS of a layer that does not state it.
    datum : {"wgs84", "gcj02", "bd09"}
        Datum of corners in longitude and latitude; they are moved to WGS 84.
    decimal : {".", ","}, optional
        What separates decimals in columns of text, where the file's numbers do not tell.

    Returns
    -------
    Areas
        In the CRS of the file. Ids are text, unchanged. Invalid polygons are repaired and counted in
        ``provenance``.

    Raises
    ------
    MissingFileError, InputError, CRSError
    """
    table = replace(read_layer(path, layer=layer, crs=crs), decimal=check_decimal(decimal))
    id_column = _column(table, id, "id")
    if id_column is None:
        raise InputError(f"{table.source} has no id column {id!r}: {table.choice(id)}")
    name_column = _column(table, name, "name")
    blank = [i for i, text in enumerate(table.text(id_column)) if not text.strip()]
    if blank:
        raise InputError(
            f"{table.source}, {table.at(blank[0])} has no id in column {id_column!r}: fill it in"
        )
    ids = _ids(table, id_column)
    names = [n.strip() or i for n, i in zip(table.text(name_column), ids, strict=True)]
    polygons, repaired = polygons_of(table)
    if check_datum(datum) != "wgs84":
        _check_degrees(table, datum)
        polygons = moved_shapes(polygons, datum)
    return Areas(
        id=ids,
        name=np.array(names, object),
        polygons=polygons,
        crs=table.crs,
        provenance={
            "source": table.source,
            **table.notes,
            "areas": len(table),
            "repaired": repaired,
            "datum": datum,
        },
        flags={} if flags is None else _flags(table, table.named(flags, "flags column")),
        doctors=_doctors(table, doctors),
    )


def _ids(table: Table, column: str) -> Objects:
    """Return the ids of areas, which are of one polygon (or multipolygon) each."""
    try:
        return unique_ids(table, column)
    except InputError as error:
        raise InputError(f"{error}: dissolve the polygons of one area into one, by that column") from error


def _check_degrees(table: Table, datum: str) -> None:
    if not is_geographic(table.crs):
        raise CRSError(
            f"{table.source} is in {table.crs[:60]}, and {datum} is a datum of longitudes and latitudes: leave it out, or correct it, "
            + say("datum", "wgs84", "areas")
        )


def area_numbers(
    path: Source,
    column: str,
    layer: str | None = None,
    decimal: str | None = None,
    crs: str | None = None,
) -> Floats:
    """Return a column of numbers of a layer of areas, in the order of `read_areas`; NaN where a cell is empty."""
    table = replace(read_layer(path, layer=layer, crs=crs), decimal=check_decimal(decimal))
    return table.counted(table.named(column), "people")


def read_land(path: Source) -> Areas:
    """Return the polygons of a rule on land, such as an industrial control line; they need no ids.

    Parameters
    ----------
    path : path
        .gpkg, .geojson or .shp.

    Returns
    -------
    Areas
        Numbered from 1, in the CRS of the file; a polygon without a name is called ``polygon 1``, ``polygon 2`` …

    Raises
    ------
    MissingFileError, InputError, CRSError
    """
    table = read_layer(path, wanted="polygons")
    names = table.text(_column(table, "name", "name"))
    polygons, repaired = polygons_of(table)
    return Areas(
        id=np.array([str(k + 1) for k in range(len(table))], object),
        name=np.array([name.strip() or f"polygon {k + 1}" for k, name in enumerate(names)], object),
        polygons=polygons,
        crs=table.crs,
        provenance={"source": table.source, **table.notes, "areas": len(table), "repaired": repaired},
    )


def _doctors(table: Table, column: str | None) -> Floats | None:
    """Return the village doctors of each area; None without such a column."""
    found = table.find(words.VILLAGE_DOCTORS) if column is None else table.named(column, "doctors column")
    if found is None:
        return None
    count = table.number(found)
    bad = np.flatnonzero(count < 0)
    if len(bad):
        raise InputError(
            f"{table.source}, {table.at(bad[0])}: {count[bad[0]]:g} in column {found!r} is no number of doctors: correct it "
            "or leave the cell empty"
        )
    return count


def _flags(table: Table, column: str) -> dict[str, Bools]:
    """Return which areas have each kind that stands in a column, in the order kinds first appear."""
    kinds = [
        {
            AREA_FLAGS.get(word.strip(), word.strip().lower())
            for word in re.split("[;,、;,]", text)
            if word.strip()
        }
        for text in table.text(column)
    ]
    names = dict.fromkeys(kind for row in kinds for kind in sorted(row))
    return {name: np.array([name in row for row in kinds], bool) for name in names}


def _column(table: Table, wanted: str, field: str) -> str | None:
    if wanted != field:
        return table.named(wanted, f"{field} column")
    return table.find(words.AREA[field])


def polygons_of(table: Table) -> tuple[Objects, int]:
    """Return the valid (Multi)Polygons of a layer and how many were repaired.

    Raises
    ------
    InputError
        If a feature has no polygon, with its number.
    """
    import shapely

    assert table.geometry is not None
    shapes = shapely.force_2d(table.geometry)
    kinds = shapely.get_type_id(shapes)
    bad = ~np.isin(kinds, (3, 6)) | shapely.is_empty(shapes)
    if bad.any():
        first = int(np.flatnonzero(bad)[0])
        what = (
            "no geometry" if kinds[first] < 0 or shapely.is_empty(shapes[first]) else shapes[first].geom_type
        )
        raise InputError(f"{table.source}, {table.at(first)} is not a polygon ({what}): remove or correct it")
    odd = [not np.isfinite(shapely.get_coordinates(shape)).all() for shape in shapes]
    if any(odd):
        raise InputError(
            f"{table.source}, {table.at(odd.index(True))} has a corner that is no number: correct or remove it"
        )
    broken = ~shapely.is_valid(shapes)
    for i in np.flatnonzero(broken).tolist():
        parts = shapely.get_parts(shapely.make_valid(shapes[i]))
        parts = shapely.get_parts(parts[np.isin(shapely.get_type_id(parts), (3, 6))])
        if not len(parts):
            raise InputError(f"{table.source}, {table.at(i)} has no surface: remove or correct it")
        shapes[i] = parts[0] if len(parts) == 1 else shapely.MultiPolygon(list(parts))
    return np.asarray(shapes, object), int(broken.sum())
