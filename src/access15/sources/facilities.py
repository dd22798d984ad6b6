"""Service points, or candidate sites, from a table or a layer of points."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any, Final

import numpy as np

from access15.arguments import say
from access15.arrays import Bools, Floats, Ints, Objects
from access15.errors import InputError
from access15.model import FACILITY_NUMBERS, Facilities, Note, notes_of, tell, with_notes
from access15.sources import columns as words
from access15.sources.choice import Choice, left_out, wanted
from access15.sources.doubles import SAME_PLACE_M, doubles, on_one_spot
from access15.sources.facility_notes import (
    NO_PLACE,
    choice_note,
    double_notes,
    judged_notes,
    multipoint_note,
    placeless_note,
    price_note,
)
from access15.sources.positions import Positions, check_datum, degree_columns, positions, unique_ids
from access15.sources.service_points import Judged, judged, tiers
from access15.sources.table import Source, Table, as_text
from access15.sources.tables import read_table
from access15.units import check_date


def read_facilities(
    path: Source,
    *,
    datum: str = "wgs84",
    columns: Mapping[str, str] | None = None,
    layer: str | None = None,
    crs: str | None = None,
    label: str = "care",
    keep: Choice | None = None,
    drop: Choice | None = None,
    judge: bool = True,
    decimal: str | None = None,
    hidden: str = "leave",
    accept_datum: bool = False,
    date: datetime.date | str | None = None,
) -> Facilities:
    """Return the service points of a file.

    Columns are found by their usual Chinese and English names. Ids are text and kept unchanged; rows
    without an id get their number. Areas stand on a point of their surface, and each point of a multipoint is a
    facility (``7/1``, ``7/2``). Set aside with a reason are

    - sum rows (合计, 小计), and rows without coordinates or at 0, 0;
    - what does not work by a status column or by its hours: closed, suspended, under construction, planned;
    - what its name or type says is no care for everybody: dentists, eye, skin and beauty clinics, veterinarians,
      pharmacies, laboratories, check-ups only, offices, and rooms for one institution (医务室);
    - a row that repeats an earlier one: the same name, or the same id and no other name, within 150 m. The earlier row
      stands for it, and takes over what it leaves empty.

    The tier comes from the name and the type, the name beats a coarse type
    (`access15.sources.care_words.tier_of`).

    Parameters
    ----------
    path : path
        .csv (UTF-8 or GB18030), .xlsx, .gpkg, .geojson or .shp.
    datum : {"wgs84", "gcj02", "bd09"}
        Datum of longitudes and latitudes: ``gcj02`` for Amap and Tencent, ``bd09`` for Baidu. Positions
        are moved to WGS 84.
    columns : mapping, optional
        ``{field: column}`` for ``id, name, lon, lat, tier, services, hours, kind, capacity, beds, doctors,
        floor_area_m2, cost, town, village``.
    layer : str, optional
        Layer or sheet.
    crs : str, optional
        CRS of coordinate columns that are not degrees, or of a layer that does not state it.
    label : str
        Name of the service-point set.
    keep, drop : mapping of str to str or list of str, optional
        Columns and the values meant, ``{"type": ["clinic", "health post"]}``; ``tier`` stands for the tier as understood
        where there is no such column. Rows must fit all of ``keep`` and none of ``drop``. What is kept by the column that
        speaks against it counts: ``keep={"status": ["Functional", "Closed"]}``.
    judge : bool
        False reads every row as a place, whatever its status, name or type: candidates, origins, settlements.
    decimal : {".", ","}, optional
        What separates decimals, where the file's numbers do not tell.
    hidden : {"leave", "keep"}
        Whether hidden rows and columns of a workbook are left out, and told of, or read.
    accept_datum : bool
        Keep ``datum`` where the streets speak for another one; without it such points are refused when they are
        linked.
    date : date or str, optional
        What has closed by then, or opens later, by tags of OSM in columns does not count; today unless named.

    Returns
    -------
    Facilities

    Raises
    ------
    MissingFileError
        If the file does not exist.
    InputError
        If it cannot be read, a column is missing, an id stands twice, a capacity, cost or number of beds, doctors
        or square metres is no number or below 0, longitude and latitude are swapped, or nothing is left.
    CRSError
        If a layer states no CRS.
    """
    check_datum(datum)
    day = check_date(date)
    given = dict(columns or {})
    unknown = sorted(set(given) - set(words.FACILITY))
    if unknown:
        raise InputError(
            f"columns have no field {unknown[0]!r}: the fields are {', '.join(words.FACILITY)}; say {say('columns', {'name': '机构名称'})}"
        )
    fields = [names for field, names in words.FACILITY.items() if field not in words.BESIDE]
    known = [a for names in fields for a in names] + list(given.values())
    kept, dropped = wanted(keep, "keep"), wanted(drop, "drop")
    table = read_table(
        path, layer=layer, crs=crs, known=known, degrees=degree_columns(given), decimal=decimal, hidden=hidden
    )
    found = {
        field: table.named(given[field], f"{field} column") if field in given else table.find(aliases)
        for field, aliases in words.FACILITY.items()
    }
    table, part = _one_row_per_point(table)
    notes = [*multipoint_note(table, part), *_no_price(table, found, given)]
    where = positions(table, datum=datum, columns=given, crs=crs, accept_datum=accept_datum)
    aside = _aside(table, where, found)
    free = np.ones(len(table), bool)
    free[list(aside)] = False
    seen = (
        judged(table, found, kept, np.flatnonzero(free).tolist(), day)
        if judge
        else Judged(tiers(table, found))
    )
    aside |= {row: reason for row, (_, reason) in seen.aside.items()}
    free[list(seen.aside)] = False
    chosen = _choose(table, seen.tier, kept, dropped, free)
    aside |= chosen
    free[list(aside)] = False
    if not free.any():
        raise InputError(
            f"{table.source} has no service point left: {len(aside)} rows are set aside (first: {next(iter(aside.values()))}); "
            f"name what counts: {say('keep', {'type': '…'})}"
        )
    same = _doubles(table, where, found, free) if judge else {}
    aside |= {
        b: f"the same facility as {table.at(a)}: one name or id within {SAME_PLACE_M:.0f} m"
        for b, a in same.items()
    }
    alone = free & judge & ~np.isin(np.arange(len(table)), list(same))
    notes += [*placeless_note(table, aside), *judged_notes(table, seen)]
    notes += [
        *choice_note(table, chosen, {**kept, **dropped}),
        *double_notes(table, same, on_one_spot(where.x, where.y, alone)),
    ]
    tell((note for note in notes if note.count), table.source)
    provenance = with_notes({"notes": [asdict(note) for note in notes_of(table.notes)]}, notes)
    out = _facilities(table, where, found, aside, label, seen.tier, part, provenance)
    return _filled_up(out, table, found, aside, same)


def _choose(
    table: Table,
    tier: Objects,
    keep: Mapping[str, tuple[str, ...]],
    drop: Mapping[str, tuple[str, ...]],
    free: Bools,
) -> dict[int, str]:
    """Return the rows that ``keep`` and ``drop`` leave out; ``tier`` is the tier as understood where no column is called so."""

    def cells(column: str) -> list[str]:
        if words.fold(column) == "tier" and table.find(["tier"]) is None:
            return [str(text) for text in tier]
        return [str(text) for text in table.text(table.named(column))]

    return left_out(keep, drop, cells, free, table.source)


def _one_row_per_point(table: Table) -> tuple[Table, Ints]:
    """Return a table in which each point of a multipoint has its row, and the number of each such point, 0 for other rows."""
    if table.geometry is None:
        return table, np.zeros(len(table), np.int64)
    import shapely

    many = (shapely.get_type_id(table.geometry) == 4) & (shapely.get_num_geometries(table.geometry) > 1)
    times = np.where(many, shapely.get_num_geometries(table.geometry), 1)
    row = np.repeat(np.arange(len(table)), times)
    number = np.arange(len(row)) - np.repeat(np.cumsum(times) - times, times)
    part = np.where(many[row], number + 1, 0).astype(np.int64)
    if not many.any():
        return table, part
    shapes = table.geometry[row].copy()
    for i in np.flatnonzero(part).tolist():
        shapes[i] = shapely.get_geometry(shapes[i], int(part[i]) - 1)
    return replace(
        table, cells={k: v[row] for k, v in table.cells.items()}, row=table.row[row], geometry=shapes
    ), part


_MAP_SERVICE: Final = (
    "typecode",
    "pname",
    "cityname",
    "adname",
    "biz_ext",
    "rating",
    "gridcode",
    "poiweight",
    "shopid",
    "poi_id",
)
"""Columns of the tables that map services give; their ``cost`` is what a visitor pays."""


def _no_price(table: Table, found: dict[str, str | None], given: Mapping[str, str]) -> list[Note]:
    """Take a consumer price out of ``found``: the column ``cost`` of a map service is no cost of building."""
    column = found["cost"]
    if column is None or "cost" in given or words.fold(column) != "cost":
        return []
    headers = {words.fold(name) for name in table.header}
    classes = [str(v) for v in table.text(found["tier"]) if ";" in str(v) or "；" in str(v)]
    shifted = any(words.datum_named(name) in ("gcj02", "bd09") for name in table.header)
    if not (headers & set(_MAP_SERVICE) or shifted or any("服务" in text for text in classes)):
        return []
    found["cost"] = None
    return [price_note(column)]


def _doubles(table: Table, where: Positions, found: Mapping[str, str | None], free: Bools) -> dict[int, int]:
    ids = table.text(found["id"]) if found["id"] else None
    if table.geometry is not None and ids is not None:
        # The points of one multipoint have one id and are places of their own.
        _, first = np.unique(table.row, return_index=True)
        ids = np.where(np.isin(np.arange(len(table)), first), ids, "")
    return doubles(where.x, where.y, where.crs, table.text(found["name"]), ids, free)


def _filled_up(
    out: Facilities,
    table: Table,
    found: Mapping[str, str | None],
    aside: Mapping[int, str],
    same: Mapping[int, int],
) -> Facilities:
    """Return the facilities with what an earlier row left empty and the rows merged with it say."""
    fields = {f: found[f] for f in (*FACILITY_NUMBERS, "services", "hours") if found[f]}
    if not same or not fields:
        return out
    place = {row: i for i, row in enumerate(r for r in range(len(table)) if r not in aside)}
    changed: dict[str, Objects | Floats] = {}
    for name in fields:
        numeric = name in FACILITY_NUMBERS
        values = getattr(out, name).copy()
        given = _numbers(table, found[name], name) if numeric else table.text(found[name])
        for later, first in sorted(same.items()):
            at = place[first]
            if np.isnan(values[at]) if numeric else not values[at]:
                values[at] = _services(given[later]) if name == "services" else given[later]
        changed[name] = values
    return replace(out, **changed)  # type: ignore[arg-type]


def total_rows(table: Table, found: Mapping[str, str | None]) -> Bools:
    """Return the rows that are sums of others: 合计, 小计, total … as id, name or first filled cell."""
    named = [table.cells[c] for c in (found.get("id"), found.get("name")) if c]
    out = np.zeros(len(table), bool)
    for cells in named:
        out |= np.array([_says_sum(cell) for cell in cells.tolist()], bool)
    rest = np.arange(len(table))
    for column in table.header:
        first = [table.cells[column][rest].tolist(), rest.tolist()]
        blank = [row for cell, row in zip(*first, strict=True) if not as_text(cell)]
        out[[row for cell, row in zip(*first, strict=True) if _says_sum(cell)]] = True
        rest = np.array(blank, np.intp)
    return out


_SUM_BEGINS: Final = re.compile(r"\s*(?:[合小总共gst]|[^\x00-\x7f\u4e00-\u9fff])", re.IGNORECASE)
"""How a cell that says sum may begin: a quick look before the full one."""


def _says_sum(cell: Any) -> bool:
    return (
        isinstance(cell, str)
        and _SUM_BEGINS.match(cell) is not None
        and words.TOTAL_ROW.fullmatch(words.fold(cell)) is not None
    )


def _aside(table: Table, where: Positions, found: Mapping[str, str | None]) -> dict[int, str]:
    totals = total_rows(table, found)
    aside: dict[int, str] = {}
    for i in np.flatnonzero(totals | where.missing).tolist():
        # A clinic may be called "Total …": it is a sum only where it also has no place.
        if totals[i] and where.missing[i]:
            aside[i] = f"{table.at(i)} is a sum of other rows"
        elif where.missing[i]:
            aside[i] = f"{table.at(i)}{NO_PLACE}"
    if len(aside) == len(table):
        raise InputError(f"{table.source} has no row with coordinates: fill in longitude and latitude")
    return aside


def _facilities(
    table: Table,
    where: Positions,
    found: Mapping[str, str | None],
    aside: dict[int, str],
    label: str,
    tier: Objects,
    part: Ints,
    notes: Mapping[str, Any],
) -> Facilities:
    ids = _ids(table, found["id"], aside, part)
    keep = np.ones(len(table), bool)
    keep[list(aside)] = False
    kept = table.select(keep)
    return Facilities(
        id=ids[keep],
        x=where.x[keep],
        y=where.y[keep],
        crs=where.crs,
        name=np.array([*(text.strip() for text in kept.text(found["name"])), None], object)[:-1],
        tier=tier[keep],
        services=np.array([_services(text) for text in kept.text(found["services"])], object),
        hours=kept.text(found["hours"]),
        kind=kept.text(found["kind"]),
        town=kept.text(found["town"]),
        village=kept.text(found["village"]),
        capacity_limit=np.full(len(kept), "", object),
        **{field: _numbers(kept, found[field], field) for field in FACILITY_NUMBERS},
        set_aside=tuple((str(ids[i]), reason) for i, reason in sorted(aside.items())),
        label=label,
        provenance={
            "source": table.source,
            **table.notes,
            **where.notes,
            "rows": len(table),
            "set_aside": len(aside),
            **notes,
            "columns": {k: v for k, v in found.items() if v is not None}
            | (dict(zip(("lon", "lat"), where.columns, strict=True)) if where.columns else {}),
        },
    )


def _ids(table: Table, column: str | None, aside: Mapping[int, str], part: Ints) -> Objects:
    """Return unique ids; the points of a multipoint have the id of their row and a number, ``7/2``."""
    first = part < 2
    rows = np.cumsum(first) - 1
    gone = set(rows[list(aside)].tolist()) - set(np.delete(rows, list(aside)).tolist())
    ids: Objects = unique_ids(table.select(first), column, sorted(gone))[rows]
    for i in np.flatnonzero(part).tolist():
        ids[i] = f"{ids[i]}/{part[i]}"
    return ids


_WHAT: Final = {"capacity": "people", "beds": "beds", "doctors": "doctors", "floor_area_m2": "square metres"}


def _numbers(table: Table, column: str | None, name: str) -> Floats:
    """Return a column of numbers, NaN where it is empty; 万人 and 万平方米 are counted in ones, a cost is as it stands.

    Raises
    ------
    InputError
        If a number is negative: it can mean "unknown" or be a slip, and which is not ours to guess.
    """
    if column is None:
        return np.full(len(table), np.nan)
    values = table.counted(column, _WHAT[name]) if name in _WHAT else table.number(column)
    for row in np.flatnonzero(values < 0)[:1].tolist():
        raise InputError(
            f"{table.source}, {table.at(row)}: {values[row]:g} in column {column!r} is below 0: use 0 or more, and an "
            "empty cell for unknown"
        )
    return values


def _services(text: str) -> str:
    return ";".join(part.strip() for part in re.split(r"[;;、,,|]", text) if part.strip())
