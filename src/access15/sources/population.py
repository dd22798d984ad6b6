"""Where people live: a raster of counts, points or polygons with a number of people, or a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from access15.arguments import say
from access15.arrays import Bools, Floats, Objects
from access15.errors import InputError
from access15.model import Areas, Note, Population, tell, with_notes
from access15.sources import columns as words
from access15.sources.areas import polygons_of, read_areas
from access15.sources.bands import AgeGroup, Band, add_up, age_range, bands_of, check_bands
from access15.sources.choice import Choice, left_out, wanted
from access15.sources.facilities import total_rows
from access15.sources.joins import join_areas, join_notes
from access15.sources.people_spread import spread_people
from access15.sources.plausible import odd_values
from access15.sources.population_raster import RASTERS, check_groups, read_raster
from access15.sources.positions import (
    Positions,
    degree_columns,
    moved_shapes,
    positions,
    surface_points,
    unique_ids,
)
from access15.sources.table import Source, Table, existing, note
from access15.sources.tables import read_table
from access15.sources.village_columns import VillageColumns, read_villages

if TYPE_CHECKING:
    import pandas as pd


def read_population(
    path: Source | pd.DataFrame,
    *,
    groups: Mapping[str, str | PathLike[str]] | None = None,
    columns: Mapping[str, str] | None = None,
    layer: str | None = None,
    crs: str | None = None,
    join: Areas | Source | None = None,
    on: str | None = None,
    datum: str = "wgs84",
    decimal: str | None = None,
    hidden: str = "leave",
    accept_datum: bool = False,
    keep: Choice | None = None,
    drop: Choice | None = None,
    spread: Any = None,
) -> Population:
    """Return the people of a file by cell; cells without people are dropped and counted.

    A raster holds people **per cell** (not per hectare or km²: nothing in a file tells the two apart for
    certain). Its cells become points at their centres; counts are never resampled. Polygons stand on a
    point of their surface and keep their outline.

    Parameters
    ----------
    path : path, DataFrame or GeoDataFrame
        .tif (and .vrt, .img, .asc) raster of counts; .gpkg, .geojson or .shp points or polygons; .csv or
        .xlsx table with ``id, lon, lat, population``.
    groups : mapping, optional
        ``{group: raster}`` on the same grid, for a raster; ``{group: column}`` otherwise. Without it the
        columns ``60+``, ``65+``, ``0-6``, ``pregnant`` are found by their usual names, or added up from bands of
        age (``0-4岁``, ``65-69``, ``70岁及以上``, ``F_0`` … ``M_80``). A band that a group cuts is shared evenly over its
        years; such a group is estimated, and this is told. ``{"80+": "80+"}`` adds up other ages.
    columns : mapping, optional
        ``{field: column}`` for ``id, lon, lat, population``, and for administrative villages ``village, town, village_code,
        village_class`` (`access15.sources.village_columns`).
    layer : str, optional
        Layer or sheet.
    crs : str, optional
        CRS of a file that does not state it.
    join : Areas or path, optional
        Polygons onto which a table without positions is put.
    on : str, optional
        Column of the table with the areas' codes or names; found unless named. Rows and areas without the other are
        told of, with names that are close.
    datum : {"wgs84", "gcj02", "bd09"}
        Datum of longitudes and latitudes: ``gcj02`` for Amap and Tencent, ``bd09`` for Baidu. Positions are moved to
        WGS 84.
    decimal : {".", ","}, optional
        What separates decimals, where the file's numbers do not tell.
    hidden : {"leave", "keep"}
        Whether hidden rows and columns of a workbook are left out, and told of, or read.
    accept_datum : bool
        Keep ``datum`` where the streets speak for another one.
    keep, drop : mapping of str to str or list of str, optional
        Columns and the values meant, ``{"year": "2019"}``: rows must fit all of ``keep`` and none of ``drop``.
    spread : GeoDataFrame, StreetNetwork or path, optional
        Where in their polygons people live: buildings, streets or a raster, as ``onto`` of `access15.spread_people`.
        ``"centre"`` leaves them at one point of each.

    Returns
    -------
    Population
        In the CRS of the file. ``provenance`` counts what was dropped: cells without data, without people,
        with negative values, rows without a number or a place.

    Raises
    ------
    MissingFileError, InputError, CRSError
    """
    if not hasattr(path, "columns") and existing(path).suffix.lower() in RASTERS:
        of_tables = {"columns": columns, "join": join or on, "decimal": decimal, "keep": keep, "drop": drop}
        if datum != "wgs84":
            of_tables["datum"] = datum
        return _placed(_raster(Path(path), groups, crs, of_tables), spread)
    given = dict(columns or {})
    if "people" in given:
        given["population"] = given.pop("people")
    unknown = sorted(set(given) - set(words.POPULATION))
    if unknown:
        raise InputError(
            f"columns have no field {unknown[0]!r}: the fields are {', '.join(words.POPULATION)}; say "
            + say("columns", {"population": "人口"}, "population")
        )
    wanted = {str(k): str(v) for k, v in (groups or {}).items()}
    fields = [names for field, names in words.POPULATION.items() if field not in words.BESIDE]
    known = [a for names in (*fields, *words.GROUPS.values()) for a in names]
    table = read_table(
        path,
        layer=layer,
        crs=crs,
        known=[*known, *given.values(), *wanted.values()],
        degrees=degree_columns(given),
        decimal=decimal,
        hidden=hidden,
    )
    table = _chosen(table, keep, drop)
    read = _Read(table, _people_column(table, given), _groups(table, wanted))
    if join is not None:
        found = _joined(read, join if isinstance(join, Areas) else read_areas(join), on, given)
    else:
        where = positions(table, datum=datum, columns=given, crs=crs, accept_datum=accept_datum)
        found = _population(read, given, where)
    return _placed(found, spread)


def _placed(found: Population, spread: Any) -> Population:
    """Return people with what is odd about their numbers told, spread as was asked for."""
    odd = odd_values(found)
    if odd:
        tell(odd, str(found.provenance.get("source", "")))
        found = replace(found, provenance=with_notes(found.provenance, odd))
    return found if spread is None or _is(spread, "centre") else spread_people(found, _onto(spread))


def _is(given: Any, word: str) -> bool:
    return isinstance(given, str) and given == word


def _onto(spread: Any) -> Any:
    for word, instead in (
        ("buildings", 'spread="town.osm.pbf" or a layer of outlines'),
        ("streets", "spread=network"),
    ):
        if _is(spread, word) and not Path(word).exists():
            raise InputError(f"spread={word!r} does not say which: give them, {instead}")
    return spread


def _chosen(table: Table, keep: Choice | None, drop: Choice | None) -> Table:
    """Return the rows that ``keep`` and ``drop`` leave, the others counted."""

    def cells(column: str) -> list[str]:
        return [str(text) for text in table.text(table.named(column))]

    kept, dropped = wanted(keep, "keep"), wanted(drop, "drop")
    out = left_out(kept, dropped, cells, np.ones(len(table), bool), table.source)
    if not out:
        return table
    rest = np.ones(len(table), bool)
    rest[list(out)] = False
    named = ", ".join(repr(column) for column in {**kept, **dropped})
    told = Note(
        "rows left out by keep and drop",
        len(out),
        f"of {len(table)} rows are left out by keep and drop of {named} ({table.rows(~rest)})",
        f"行按 keep 和 drop（{named}）未读取（{table.rows(~rest)}）",
    )
    tell([told], table.source)
    table = replace(table, notes=with_notes(table.notes, [told]))
    return table.select(rest)


def _raster(
    file: Path, groups: Mapping[str, str | PathLike[str]] | None, crs: str | None, given: Mapping[str, Any]
) -> Population:
    for name, value in given.items():
        if value is not None:
            raise InputError(f"{file} is a raster, in which no column is read: leave out {say(name)}")
    return read_raster(file, {str(name): Path(raster) for name, raster in (groups or {}).items()}, crs)


@dataclass(frozen=True, slots=True, eq=False)
class _Read:
    """A table, its column of people, and the columns that make each group."""

    table: Table
    column: str
    groups: Mapping[str, AgeGroup]

    def people(self) -> Floats:
        return _people(self.table, self.column)

    def counts(self) -> dict[str, Floats]:
        """Return the people of every group in every row, nobody where the cell is empty."""
        columns = {column for group in self.groups.values() for column in group.shares}
        of = {column: _people(self.table, column) for column in columns}
        return {name: group.people(of) for name, group in self.groups.items()}

    def estimates(self) -> dict[str, str]:
        """Return which groups are estimated, and from what."""
        return {name: group.estimated for name, group in self.groups.items() if group.estimated}


def _people_column(table: Table, given: Mapping[str, str]) -> str:
    if "population" in given:
        return table.named(given["population"], "population column")
    column = table.find(words.POPULATION["population"])
    if column is None:
        raise InputError(
            f"{table.source} has no column of people: name the column 'population', or say "
            f"{say('columns', {'population': '…'}, 'population')}; {table.choice('population')}"
        )
    return column


def _groups(table: Table, wanted: Mapping[str, str]) -> dict[str, AgeGroup]:
    """Return the columns of each group: those named, else those found by their usual names, else bands of age."""
    bands = bands_of(table.header)
    if wanted:
        return {name: _named_group(table, bands, name, column) for name, column in wanted.items()}
    found: dict[str, AgeGroup] = {}
    for name, aliases in words.GROUPS.items():
        column = table.find(aliases)
        ages = age_range(name)
        if column is not None:
            found[name] = AgeGroup({column: 1.0})
        elif ages is not None and bands:
            check_bands(table.source, bands)
            added = add_up(bands, *ages)
            if added is not None:
                found[name] = added
    if bands and not found:
        note(
            f"{table.source}: the bands of age ({', '.join(b.column for b in bands[:5])} …) give none of the groups "
            f"{', '.join(words.GROUPS)}: people are counted together"
        )
    return found


def _named_group(table: Table, bands: Sequence[Band], name: str, column: str) -> AgeGroup:
    ages = age_range(column)
    if table.find([column]) is None and ages is not None and (added := add_up(bands, *ages)) is not None:
        return added
    return AgeGroup({table.named(column, f"{name} column"): 1.0})


def _sums(table: Table, id_column: str | None, people: Floats, placeless: Bools) -> Bools:
    """Return the rows that are sums of others: they say so, and have no place, or as many people as all others together."""
    said = total_rows(table, {"id": id_column, "name": table.find(words.FACILITY["name"])})
    out = said & placeless
    for row in np.flatnonzero(said & ~placeless).tolist():
        others = float(np.nansum(people[~said]))
        out[row] = abs(people[row] - others) <= 1e-3 * others
    return out


def _population(read: _Read, given: Mapping[str, str], where: Positions) -> Population:
    table = read.table
    id_column = table.named(given["id"], "id column") if "id" in given else table.find(words.POPULATION["id"])
    people, counts = read.people(), read.counts()
    sums = _sums(table, id_column, people, where.missing)
    _place_needed(table, where.missing & ~sums & (people > 0), people)
    keep = ~sums & ~where.missing & (people > 0)
    if not keep.any():
        raise InputError(f"{table.source} has no row with people in column {read.column!r}: check the column")
    check_rows(table, people, counts, ~sums)
    ids = unique_ids(table, id_column, tuple(np.flatnonzero(~keep)))
    villages = read_villages(table, given, keep)
    shapes, repaired = _outlines(table.select(keep))
    if shapes is not None and where.notes["datum"] != "wgs84":
        shapes = moved_shapes(shapes, where.notes["datum"])
    return Population(
        cell_id=ids[keep],
        x=where.x[keep],
        y=where.y[keep],
        people=people[keep],
        crs=where.crs,
        groups={name: values[keep] for name, values in counts.items()},
        outlines=shapes,
        **_villages(villages, keep),
        provenance=_provenance(read, people, keep, sums, _village_notes(villages))
        | {"repaired_polygons": repaired, **where.notes},
    )


def _villages(found: VillageColumns | None, rows: Any) -> dict[str, Any]:
    """Return the villages of a population, and of its cells."""
    return {} if found is None else {"villages": found.villages, "village": found.of_row[rows]}


def _village_notes(found: VillageColumns | None) -> tuple[Note, ...]:
    return () if found is None else found.notes


def _joined(read: _Read, areas: Areas, on: str | None, given: Mapping[str, str]) -> Population:
    """Return the people of a table on the polygons of areas."""
    table = read.table
    if table.geometry is not None:
        raise InputError(
            f"{table.source} has shapes of its own, and only tables without positions are joined: leave out {say('join')}"
        )
    people, counts = read.people(), read.counts()
    id_column = table.named(given["id"], "id column") if "id" in given else on if on in table.cells else None
    sums = total_rows(table, {"id": id_column})
    check_rows(table, people, counts, ~sums)
    found = join_areas(table, areas, on, sums)
    row = {int(r): i for i, r in enumerate(table.row)}
    at = np.array([row[int(r)] for r in found.table.row], np.intp)
    everybody = float(np.nansum(people[~sums]))
    notes = join_notes(found, everybody - float(np.nansum(people[at])), everybody)
    inside = people[at] > 0
    if not inside.any():
        raise InputError(f"{table.source} has no row with people in column {read.column!r}: check the column")
    keep = np.zeros(len(table), bool)
    keep[at[inside]] = True
    polygons, repaired = polygons_of(found.table.select(inside))
    x, y = surface_points(polygons)
    ids = found.table.text(found.key)[inside]
    villages = read_villages(table, given, keep)
    return Population(
        cell_id=ids,
        x=x,
        y=y,
        people=people[at][inside],
        crs=areas.crs,
        groups={name: values[at][inside] for name, values in counts.items()},
        outlines=polygons,
        **_villages(villages, at[inside]),
        provenance=_provenance(read, people, keep, sums, [*notes, *_village_notes(villages)])
        | {
            "joined_on": found.key,
            "rows_without_area": found.unmatched,
            "areas_without_row": found.areas_left,
            "repaired_polygons": repaired,
        },
    )


def _provenance(
    read: _Read, people: Floats, keep: Bools, sums: Bools, notes: Sequence[Note] = ()
) -> dict[str, Any]:
    table = read.table
    groups = {name: ", ".join(group.shares) for name, group in read.groups.items()}
    notes = [*notes, *_notes(read, np.isnan(people) & ~sums), *_sum_notes(table, sums)]
    tell(notes, table.source)
    estimated = read.estimates()
    facts = {
        "source": table.source,
        **table.notes,
        "columns": {"population": read.column, **groups},
        "unit": "people per row",
        "rows": len(table),
        "kept": int(keep.sum()),
        "sum_rows_set_aside": int(sums.sum()),
        "rows_without_number": int(np.isnan(people[~sums]).sum()),
        "rows_without_people": int((people[~sums] == 0).sum()),
        "people": float(people[keep].sum()),
    } | ({"groups_estimated": estimated} if estimated else {})
    return with_notes(facts, notes)


def _notes(read: _Read, blank: Bools) -> list[Note]:
    """Return what is to be told of a table of people."""
    table = read.table
    others = _other_columns(table, read.column)
    out = [
        Note(
            f"group {name} estimated",
            1,
            f"group is estimated, {name}: its ages cut a band that is shared evenly ({how})",
            f"个群体为估算值，{name}：其年龄跨分组，按年龄均分（{how}）",
        )
        for name, how in read.estimates().items()
    ]
    if others:
        listed = ", ".join(map(repr, others))
        out.append(
            Note(
                "other columns of people",
                len(others),
                f"other columns look like numbers of people ({listed}), {read.column!r} is read: to read another one say "
                + say("columns", {"population": others[0]}, "population"),
                f"个其他列也像人口数（{listed}），读取的是 {read.column!r}",
            )
        )
    if blank.any():
        first = table.at(int(np.flatnonzero(blank)[0]))
        out.append(
            Note(
                "rows without a number of people",
                int(blank.sum()),
                f"of {len(table)} rows hold no number of people in column {read.column!r} and count as nobody (first: {first}): "
                "fill them in",
                f"行的 {read.column!r} 列没有人数，按无人计（首个：{first}）",
            )
        )
    return out


def _sum_notes(table: Table, sums: Bools) -> list[Note]:
    if not sums.any():
        return []
    return [
        Note(
            "sum rows",
            int(sums.sum()),
            f"of {len(table)} rows are sums of others by what they are called, and are left out ({table.rows(sums)})",
            f"行为合计行，未计入（{table.rows(sums)}）",
        )
    ]


def _other_columns(table: Table, column: str) -> list[str]:
    """Return the columns that go by another usual name of people, where their numbers differ."""
    names = (table.find([alias]) for alias in words.POPULATION["population"])
    found = [name for name in dict.fromkeys(names) if name is not None and name != column]
    own = table.cells[column].tolist()
    return [name for name in found if table.cells[name].tolist() != own]


def check_rows(table: Table, people: Floats, groups: Mapping[str, Floats], rows: Bools) -> None:
    """Refuse a row with more people in a group than there are together; half a person is rounding."""
    for name, counts in groups.items():
        bad = np.flatnonzero(rows & (counts > np.nan_to_num(people) * 1.001 + 0.5))
        if len(bad):
            row = bad[0]
            raise InputError(
                f"{table.source}, {table.at(row)}: the group {name!r} has {counts[row]:,.6g} people, more than the "
                f"{np.nan_to_num(people[row]):,.6g} residents: correct the row"
            )
    check_groups(table.source, np.nan_to_num(people[rows]), {k: v[rows] for k, v in groups.items()})


def _place_needed(table: Table, lost: Bools, people: Floats) -> None:
    """Refuse people without a place: leaving them out would change every rate."""
    if lost.any():
        raise InputError(
            f"{table.source}, {table.rows(lost)}: {people[lost].sum():,.0f} people have no coordinates: "
            "fill them in or remove the rows"
        )


def _people(table: Table, column: str) -> Floats:
    values = table.counted(column, "people")
    bad = (values < 0) | np.isinf(values)
    if bad.any():
        first = int(np.flatnonzero(bad)[0])
        raise InputError(
            f"{table.source}, {table.at(first)}: {values[first]:g} in column {column!r} is not a number of people: "
            "use 0 or more, and an empty cell for unknown"
        )
    return values


def _outlines(table: Table) -> tuple[Objects | None, int]:
    import shapely

    if table.geometry is None or not np.isin(shapely.get_type_id(table.geometry), (3, 6)).all():
        return None, 0
    return polygons_of(table)
