"""Service points, or candidate sites, from a table or a layer of points."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from access15.arrays import Bools, Floats, Objects
from access15.errors import InputError
from access15.model import FACILITY_NUMBERS, Facilities
from access15.sources import columns as words
from access15.sources.positions import Positions, check_datum, positions, unique_ids
from access15.sources.table import Source, Table, as_text, note
from access15.sources.tables import read_table


def read_facilities(
    path: Source,
    *,
    datum: str = "wgs84",
    columns: Mapping[str, str] | None = None,
    layer: str | None = None,
    crs: str | None = None,
    label: str = "care",
) -> Facilities:
    """Return the service points of a file.

    Columns are found by their usual Chinese and English names. Ids are text and kept unchanged; rows
    without an id get their number. Sum rows (合计, 小计), and rows without coordinates or at 0, 0, are set
    aside with a reason. Areas stand on a point of their surface. The tier is the longest word of primary
    care in the tier column (``乡镇卫生院`` → ``卫生院``), else in the name, else the column's own text.

    Parameters
    ----------
    path : path
        .csv (UTF-8 or GB18030), .xlsx, .gpkg, .geojson or .shp.
    datum : {"wgs84", "gcj02", "bd09"}
        Datum of longitudes and latitudes: ``gcj02`` for Amap and Tencent, ``bd09`` for Baidu. Positions
        are moved to WGS 84.
    columns : mapping, optional
        ``{field: column}`` for ``id, name, lon, lat, tier, services, hours, kind, capacity, beds, doctors,
        floor_area_m2, cost``.
    layer : str, optional
        Layer or sheet.
    crs : str, optional
        CRS of coordinate columns that are not degrees, or of a layer that does not state it.
    label : str
        Name of the service-point set.

    Returns
    -------
    Facilities

    Raises
    ------
    MissingFileError
        If the file does not exist.
    InputError
        If it cannot be read, a column is missing, an id stands twice, a capacity, cost or number of beds, doctors
        or square metres is no number or below 0, or longitude and latitude are swapped.
    CRSError
        If a layer states no CRS.
    """
    check_datum(datum)
    given = dict(columns or {})
    unknown = sorted(set(given) - set(words.FACILITY))
    if unknown:
        raise InputError(f"columns= does not know {unknown[0]!r}: the fields are {', '.join(words.FACILITY)}")
    known = [a for names in words.FACILITY.values() for a in names] + list(given.values())
    table = read_table(path, layer=layer, crs=crs, known=known)
    found = {
        field: table.named(given[field], f"{field} column") if field in given else table.find(aliases)
        for field, aliases in words.FACILITY.items()
    }
    where = positions(table, datum=datum, columns=given, crs=crs)
    aside = _aside(table, where, found)
    placeless = [reason for reason in aside.values() if reason.endswith(_NO_PLACE)]
    if placeless:
        note(
            f"{table.source}: {len(placeless)} of {len(table)} facilities are left out, they have no coordinates "
            f"(first: {placeless[0].removesuffix(_NO_PLACE)}): fill them in"
        )
    return _facilities(table, where, found, aside, label)


_NO_PLACE = " has no coordinates (empty, or 0, 0)"


def total_rows(table: Table, found: Mapping[str, str | None]) -> Bools:
    """Return the rows that are sums of others: 合计, 小计, total … as id, name or first filled cell."""
    out = np.zeros(len(table), bool)
    named = [c for c in (found.get("id"), found.get("name")) if c]
    for i in range(len(table)):
        cells = [as_text(table.cells[c][i]) for c in named]
        cells += [next((t for c in table.header if (t := as_text(table.cells[c][i]))), "")]
        out[i] = any(words.TOTAL_ROW.fullmatch(words.fold(cell)) for cell in cells)
    return out


def _aside(table: Table, where: Positions, found: Mapping[str, str | None]) -> dict[int, str]:
    totals = total_rows(table, found)
    aside: dict[int, str] = {}
    for i in np.flatnonzero(totals | where.missing).tolist():
        # A clinic may be called "Total …": it is a sum only where it also has no place.
        if totals[i] and where.missing[i]:
            aside[i] = f"{table.at(i)} is a sum of other rows"
        elif where.missing[i]:
            aside[i] = f"{table.at(i)}{_NO_PLACE}"
    if len(aside) == len(table):
        raise InputError(f"{table.source} has no row with coordinates: fill in longitude and latitude")
    return aside


def _facilities(
    table: Table, where: Positions, found: Mapping[str, str | None], aside: dict[int, str], label: str
) -> Facilities:
    ids = unique_ids(table, found["id"], tuple(aside))
    keep = np.ones(len(table), bool)
    keep[list(aside)] = False
    kept = table.select(keep)
    name = np.array([text.strip() for text in kept.text(found["name"])], object)
    return Facilities(
        id=ids[keep],
        x=where.x[keep],
        y=where.y[keep],
        crs=where.crs,
        name=name,
        tier=_tiers(kept.text(found["tier"]), name),
        services=np.array([_services(text) for text in kept.text(found["services"])], object),
        hours=kept.text(found["hours"]),
        kind=kept.text(found["kind"]),
        capacity_limit=np.full(len(kept), "", object),
        **{field: _numbers(kept, found[field]) for field in FACILITY_NUMBERS},
        set_aside=tuple((str(ids[i]), reason) for i, reason in sorted(aside.items())),
        label=label,
        provenance={
            "source": table.source,
            **table.notes,
            **where.notes,
            "rows": len(table),
            "set_aside": len(aside),
            "columns": {k: v for k, v in found.items() if v is not None}
            | (dict(zip(("lon", "lat"), where.columns, strict=True)) if where.columns else {}),
        },
    )


def _numbers(table: Table, column: str | None) -> Floats:
    """Return a column of numbers, NaN where it is empty; 万人 and 万平方米 are counted in ones.

    Raises
    ------
    InputError
        If a number is negative: it can mean "unknown" or be a slip, and which is not ours to guess.
    """
    if column is None:
        return np.full(len(table), np.nan)
    values = table.number(column)
    for row in np.flatnonzero(values < 0)[:1].tolist():
        raise InputError(
            f"{table.source}, {table.at(row)}: {values[row]:g} in column {column!r} is below 0: use 0 or more, and an "
            "empty cell for unknown"
        )
    return values * 10_000 if words.unit_of(column) in words.TEN_THOUSAND else values


def _tiers(tier: Objects, name: Objects) -> Objects:
    out = [
        words.tier_in(t) or t.strip() or words.tier_in(n, name=True) for t, n in zip(tier, name, strict=True)
    ]
    return np.array(out, object)


def _services(text: str) -> str:
    return ";".join(part.strip() for part in re.split(r"[;;、,,|]", text) if part.strip())
