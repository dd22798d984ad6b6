"""Where people live: a raster of counts, points or polygons with a number of people, or a table."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from pathlib import Path

import numpy as np

from access15.arrays import Bools, Floats, Objects
from access15.errors import InputError
from access15.model import Population
from access15.sources import columns as words
from access15.sources.facilities import total_rows
from access15.sources.population_raster import check_groups, read_raster
from access15.sources.positions import positions, unique_ids
from access15.sources.table import Source, Table, existing, note
from access15.sources.tables import read_table

_RASTERS = (".tif", ".tiff", ".vrt", ".img", ".asc")


def read_population(
    path: Source,
    *,
    groups: Mapping[str, str | PathLike[str]] | None = None,
    columns: Mapping[str, str] | None = None,
    layer: str | None = None,
    crs: str | None = None,
) -> Population:
    """Return the people of a file by cell; cells without people are dropped and counted.

    A raster holds people **per cell** (not per hectare or km²: nothing in a file tells the two apart for
    certain). Its cells become points at their centres; counts are never resampled. Polygons stand on a
    point of their surface and keep their outline.

    Parameters
    ----------
    path : path
        .tif (and .vrt, .img, .asc) raster of counts; .gpkg, .geojson or .shp points or polygons; .csv or
        .xlsx table with ``id, lon, lat, population``.
    groups : mapping, optional
        ``{group: raster}`` on the same grid, for a raster; ``{group: column}`` otherwise. Without it the
        columns ``60+``, ``65+``, ``0-6``, ``pregnant`` are found by their usual names.
    columns : mapping, optional
        ``{field: column}`` for ``id, lon, lat, population``.
    layer : str, optional
        Layer or sheet.
    crs : str, optional
        CRS of a file that does not state it.

    Returns
    -------
    Population
        In the CRS of the file. ``provenance`` counts what was dropped: cells without data, without people,
        with negative values, rows without a number or a place.

    Raises
    ------
    MissingFileError, InputError, CRSError
    """
    file = existing(path)
    if file.suffix.lower() in _RASTERS:
        if columns is not None:
            raise InputError(f"{file} is a raster: columns= is for tables and layers")
        rasters = {str(name): Path(raster) for name, raster in (groups or {}).items()}
        return read_raster(file, rasters, crs)
    given = dict(columns or {})
    if "people" in given:
        given["population"] = given.pop("people")
    unknown = sorted(set(given) - set(words.POPULATION))
    if unknown:
        raise InputError(
            f"columns= does not know {unknown[0]!r}: the fields are {', '.join(words.POPULATION)}"
        )
    wanted = {str(k): str(v) for k, v in (groups or {}).items()}
    known = [a for names in (*words.POPULATION.values(), *words.GROUPS.values()) for a in names]
    table = read_table(file, layer=layer, crs=crs, known=[*known, *given.values(), *wanted.values()])
    return _population(table, given, _group_columns(table, wanted), crs)


def _group_columns(table: Table, wanted: Mapping[str, str]) -> dict[str, str]:
    if wanted:
        return {name: table.named(column, f"{name} column") for name, column in wanted.items()}
    found = {name: table.find(aliases) for name, aliases in words.GROUPS.items()}
    return {name: column for name, column in found.items() if column is not None}


def _population(
    table: Table, given: Mapping[str, str], groups: dict[str, str], crs: str | None
) -> Population:
    if "population" in given:
        column: str | None = table.named(given["population"], "population column")
    else:
        column = table.find(words.POPULATION["population"])
    if column is None:
        raise InputError(
            f"{table.source} has no column of people: name the column 'population' (in Python: columns={{'population': …}}); {table.choice('population')}"
        )
    id_column = table.named(given["id"], "id column") if "id" in given else table.find(words.POPULATION["id"])
    where = positions(table, columns=given, crs=crs)
    people = _people(table, column)
    sums = total_rows(table, {"id": id_column}) & where.missing
    _place_needed(table, where.missing & ~sums & (people > 0), people)
    keep = ~sums & ~where.missing & (people > 0)
    if not keep.any():
        raise InputError(f"{table.source} has no row with people in column {column!r}: check the column")
    ids = unique_ids(table, id_column, tuple(np.flatnonzero(~keep)))
    counts = {name: np.nan_to_num(_people(table, group)[keep]) for name, group in groups.items()}
    check_groups(table.source, people[keep], counts)
    shapes, repaired = _outlines(table.select(keep))
    blank = np.isnan(people) & ~sums
    if blank.any():
        note(
            f"{table.source}, column {column!r}: {int(blank.sum())} of {len(table)} rows hold no number of people and "
            f"count as nobody (first: {table.at(int(np.flatnonzero(blank)[0]))}): fill them in"
        )
    return Population(
        cell_id=ids[keep], x=where.x[keep], y=where.y[keep], people=people[keep], crs=where.crs,
        groups=counts, outlines=shapes,
        provenance={
            "source": table.source, **table.notes, "columns": {"population": column, **groups},
            "unit": "people per row", "rows": len(table), "kept": int(keep.sum()),
            "sum_rows_set_aside": int(sums.sum()),
            "rows_without_number": int(np.isnan(people[~sums]).sum()),
            "rows_without_people": int((people[~sums] == 0).sum()),
            "people": float(people[keep].sum()),
            "repaired_polygons": repaired,
        },
    )  # fmt: skip


def _place_needed(table: Table, lost: Bools, people: Floats) -> None:
    """Refuse people without a place: leaving them out would change every rate."""
    if lost.any():
        raise InputError(
            f"{table.source}, {table.rows(lost)}: {people[lost].sum():,.0f} people have no coordinates: "
            "fill them in or remove the rows"
        )


def _people(table: Table, column: str) -> Floats:
    values = table.number(column)
    bad = (values < 0) | np.isinf(values)
    if bad.any():
        first = int(np.flatnonzero(bad)[0])
        raise InputError(
            f"{table.source}, {table.at(first)}: {values[first]:g} in column {column!r} is not a number of people: "
            "use 0 or more, and an empty cell for unknown"
        )
    return values * 10_000 if words.unit_of(column) in words.TEN_THOUSAND else values


def _outlines(table: Table) -> tuple[Objects | None, int]:
    import shapely

    if table.geometry is None or not np.isin(shapely.get_type_id(table.geometry), (3, 6)).all():
        return None, 0
    from access15.sources.areas import polygons_of

    return polygons_of(table)
