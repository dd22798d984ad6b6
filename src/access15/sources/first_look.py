"""A first look at a file: streets, clinics, people, areas, candidate sites or heights, and why it is taken for that."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from access15 import crs as crs_room
from access15.errors import Access15Error, InputError
from access15.sources import columns as words
from access15.sources.areas import AREA_FLAGS
from access15.sources.care_words import tier_of
from access15.sources.osm_file import OSM_SUFFIXES
from access15.sources.population_raster import RASTERS
from access15.sources.positions import surface_points
from access15.sources.road_columns import ROAD
from access15.sources.road_layer import LAYER_SUFFIXES
from access15.sources.service_points import osm_columns, status_columns
from access15.sources.table import Table, existing
from access15.sources.tables import read_table

KINDS: Final = (
    "streets",
    "clinics",
    "people",
    "group",
    "areas",
    "candidates",
    "heights",
    "outline",
    "unknown",
)
"""What a file, or a layer of it, may be. ``group`` is a raster of one group of people, ``outline`` a polygon without people
or ids."""

_TABLES: Final = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".dbf")
_HEIGHTS: Final = re.compile(r"dem|srtm|elev|height|aster|gtopo|fabdem|高程|terrain", re.IGNORECASE)
_GROUPS: Final = (
    (
        re.compile(
            r"(?<!\d)(60|65|70|80)[ _-]?(\+|plus|岁|up|over)|(p|age|pop)_?(60|65|70|80)(?!\d)", re.IGNORECASE
        ),
        None,
    ),
    (re.compile(r"(?<!\d)0[ _-](to_)?6(?!\d)|under_?7", re.IGNORECASE), "0-6"),
    (re.compile(r"pregnan|孕", re.IGNORECASE), "pregnant"),
)
_STEMS: Final = (
    ("candidates", re.compile(r"candidat|候选|备选|sites?_to", re.IGNORECASE)),
    (
        "clinics",
        re.compile(
            r"clinic|facilit|hospital|health|sante|salud|saude|机构|医院|诊所|卫生|医疗", re.IGNORECASE
        ),
    ),
    ("people", re.compile(r"popul|people|residents|worldpop|ghs_?pop|人口|居民", re.IGNORECASE)),
)
_CARE_FIELDS: Final = ("tier", "services", "hours", "beds", "doctors")


_PLACELESS: Final = ", without positions"


@dataclass(frozen=True, slots=True)
class Look:
    """What a file, or one layer of it, looks like.

    Attributes
    ----------
    file : Path
    kind : str
        One of `KINDS`.
    why : str
        What it was taken for that by; of an unknown file, what is wrong with it.
    layer : str or None
        Name of the layer, where the file has several.
    osm : bool
        Whether it is an OSM file, which may hold clinics too.
    rows : int
    columns : dict of str to str
        Column of each field, as understood.
    as_areas : dict of str to str
        Of polygons: the columns of their ids, names and kinds, should they be areas to report on.
    unread : tuple of str
        Columns nobody reads.
    box : (west, south, east, north) or None
        In longitude and latitude, as they stand in the file.
    shifted : bool
        Whether the positions are longitudes and latitudes in mainland China, where the datum is to be asked for.
    datum : str
        The datum that the names of the columns say; empty without.
    year : (column, newest year) or None
        Of a table with rows for several years.
    notes : dict
        Encoding, sheet, CRS …
    """

    file: Path
    kind: str
    why: str
    layer: str | None = None
    osm: bool = False
    rows: int = 0
    columns: Mapping[str, str] = field(default_factory=dict)
    as_areas: Mapping[str, str] = field(default_factory=dict)
    unread: tuple[str, ...] = ()
    box: tuple[float, float, float, float] | None = None
    shifted: bool = False
    datum: str = ""
    year: tuple[str, str] | None = None
    notes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def placeless(self) -> bool:
        """Whether rows have neither coordinates nor a geometry."""
        return self.why.endswith(_PLACELESS)

    @property
    def name(self) -> str:
        """File name, with the layer where there are several."""
        return f"{self.file.name}, layer {self.layer}" if self.layer else self.file.name


def look_at(path: Path) -> tuple[Look, ...]:
    """Return what a file holds, one look per layer.

    Parameters
    ----------
    path : Path

    Raises
    ------
    MissingFileError
        If there is no such file.
    InputError
        If it is a folder.
    """
    file = existing(path)
    name = file.name.lower()
    if name.endswith(OSM_SUFFIXES):
        return (Look(file, "streets", "an OpenStreetMap file", osm=True),)
    if name.endswith(".graphml"):
        return (Look(file, "streets", "a graph of OSMnx"),)
    if name.endswith((".hgt", ".hgt.zip")):
        return (Look(file, "heights", "an SRTM tile"),)
    try:
        if name.endswith(RASTERS):
            return (_raster(file),)
        if name.endswith(_TABLES):
            return (_table(file, read_table(file, known=_known())),)
        if name.endswith(LAYER_SUFFIXES):
            return _layers(file)
    except Access15Error as error:
        return (Look(file, "unknown", str(error)),)
    return (
        Look(
            file,
            "unknown",
            f"{file} is none of the kinds of files that are read: OSM extracts, csv, xlsx, vector layers, rasters",
        ),
    )


def _known() -> list[str]:
    tables = (words.FACILITY, words.POPULATION, words.GROUPS, words.AREA)
    return [alias for table in tables for names in table.values() for alias in names]


def _raster(file: Path) -> Look:
    import rasterio
    from rasterio.warp import transform_bounds

    try:
        with rasterio.open(file) as raster:
            box = tuple(raster.bounds)
            notes = {
                "CRS": str(raster.crs or "none"),
                "cells": f"{raster.width} × {raster.height}",
                "bands": raster.count,
            }
            if raster.crs is not None:
                box = transform_bounds(raster.crs, crs_room.WGS84, *raster.bounds)
            sample = raster.read(1, out_shape=(min(raster.height, 400), min(raster.width, 400)), masked=True)
    except (rasterio.errors.RasterioError, ValueError, OSError) as error:
        raise InputError(f"{file} cannot be read as a raster ({error}): export it again") from error
    values = np.ma.compressed(sample).astype(float)
    notes |= {"values": f"{values.min():g} to {values.max():g}"} if len(values) else {}
    look = Look(file, "people", "a raster", rows=int(raster.width) * int(raster.height), box=box, notes=notes)
    if _HEIGHTS.search(file.stem):
        return replace(look, kind="heights", why="a raster, heights by its name")
    group = group_named(file.stem)
    if group:
        return replace(
            look, kind="group", why=f"a raster of the group {group} by its name", columns={"group": group}
        )
    return look


def group_named(stem: str) -> str:
    """Return the group of people that the name of a file speaks of: ``65+``, ``0-6``, ``pregnant``; empty without."""
    for pattern, name in _GROUPS:
        found = pattern.search(stem)
        if found:
            return name or f"{next(part for part in found.groups() if part and part.isdigit())}+"
    return ""


def _layers(file: Path) -> tuple[Look, ...]:
    import pyogrio

    try:
        names = [str(name) for name, _ in pyogrio.list_layers(file) if name != "layer_styles"]
    except (pyogrio.errors.DataSourceError, ValueError) as error:
        raise InputError(f"{file} cannot be read as a vector layer: export it again") from error
    if not names:
        raise InputError(f"{file} holds no layer: it is damaged, cut off or empty; export it again")
    several = len(names) > 1
    return tuple(_layer(file, name, name if several else None) for name in names)


def _layer(file: Path, name: str, shown: str | None) -> Look:
    import pyogrio

    info = pyogrio.read_info(file, layer=name)
    if "LineString" in str(info["geometry_type"]):
        header = [str(column) for column in info["fields"]]
        found = _found(header, ROAD)
        why = (
            "lines with a class of road"
            if "class" in found
            else "lines, but no column for the class of road is found"
        )
        notes = {"CRS": _crs_of(info["crs"])}
        return Look(file, "streets", why, shown, rows=int(info["features"]), columns=found, notes=notes)
    try:
        return replace(_table(file, read_table(file, layer=name, known=_known())), layer=shown)
    except Access15Error as error:
        return Look(file, "unknown", str(error), shown)


def _crs_of(crs: Any) -> str:
    return "none" if crs is None else str(crs)[:40]


def _found(header: list[str], fields: words.Aliases) -> dict[str, str]:
    by_name = {words.fold(column): column for column in reversed(header)}
    by_name = {words.without_unit(column): column for column in reversed(header)} | by_name
    hits = {
        f: next((by_name[words.fold(a)] for a in names if words.fold(a) in by_name), None)
        for f, names in fields.items()
    }
    return {f: column for f, column in hits.items() if column is not None}


def _table(file: Path, table: Table) -> Look:
    fields = {f: c for f, names in words.FACILITY.items() if (c := table.find(names)) is not None}
    people = table.find(words.POPULATION["population"])
    groups = {f: c for f, names in words.GROUPS.items() if (c := table.find(names)) is not None}
    area = {f: c for f, names in words.AREA.items() if (c := table.find(names)) is not None}
    kind, why = _kind(file, table, fields, people)
    area = area | _flags(table) if table.geometry is not None else {}
    if kind == "people":
        columns = (
            {f: fields[f] for f in ("id", "lon", "lat") if f in fields} | {"population": str(people)} | groups
        )
    elif kind == "areas":
        columns = area
    else:
        columns = dict(fields)
    columns |= _in_datum(table, columns)
    used = {*columns.values(), *status_columns(table)}
    unread = tuple(column for column in table.header if column and column not in used)
    notes = {**table.notes, **({"CRS": table.crs} if table.crs else {})}
    look = Look(file, kind, why, rows=len(table), columns=columns, as_areas=area, unread=unread, notes=notes)
    return _placed(replace(look, year=_newest_year(table)), table)


_YEARS: Final = ("year", "年份", "年度", "年", "année", "annee", "jahr", "año", "ano", "tahun")


def _newest_year(table: Table) -> tuple[str, str] | None:
    """Return the column of years and the newest of them, where a table has rows for several."""
    column = table.find(_YEARS)
    if column is None:
        return None
    years = {str(text).strip() for text in table.text(column)} - {""}
    if len(years) < 2 or not all(re.fullmatch(r"(19|20)\d\d年?", year) for year in years):
        return None
    return column, max(years)


def _flags(table: Table) -> dict[str, str]:
    """Return the column of kinds of areas, where its words are those of planning (偏远, rural)."""
    for column in table.header:
        texts = {
            part.strip()
            for text in table.text(column)
            for part in re.split("[;,、,]", str(text))
            if part.strip()
        }
        if texts and texts <= {*AREA_FLAGS, *AREA_FLAGS.values()}:
            return {"flags": column}
    return {}


def _in_datum(table: Table, columns: Mapping[str, str]) -> dict[str, str]:
    """Return the columns of longitude and latitude that name a datum, where no plain ones are there."""
    if table.geometry is not None or {"lon", "lat"} <= set(columns):
        return {}
    for datum in words.DATUM_PREFIXES:
        pair = {axis: table.find(words.datum_aliases(axis, datum)) for axis in ("lon", "lat")}
        if all(pair.values()):
            return {axis: str(column) for axis, column in pair.items()}
    return {}


def _kind(file: Path, table: Table, fields: Mapping[str, str], people: str | None) -> tuple[str, str]:
    import shapely

    if table.geometry is not None and np.isin(shapely.get_type_id(table.geometry), (3, 6)).all():
        if people is not None:
            return "people", f"polygons with people in column {people!r}"
        if osm_columns(table):
            return "clinics", "outlines with the tags of care"
        has_id = table.find(words.AREA["id"]) is not None
        return (
            ("areas", "polygons with ids")
            if has_id
            else ("outline", "polygons without people and without ids")
        )
    stem = next((kind for kind, pattern in _STEMS if pattern.search(file.stem)), "")
    care = _care_share(table, fields)
    if people is not None and care < 0.5 and not ({"beds", "doctors"} & set(fields)):
        return "people", f"people in column {people!r}"
    if stem == "candidates" or ("kind" in fields and care < 0.5):
        return (
            "candidates",
            "candidate sites, by its name"
            if stem == "candidates"
            else f"kinds of sites in column {fields['kind']!r}",
        )
    if care >= 0.3:
        return "clinics", f"{care:.0%} of the rows have a name or type of health care"
    if any(f in fields for f in _CARE_FIELDS) or stem == "clinics" or status_columns(table):
        return "clinics", "columns, or a name, of a list of clinics"
    return (
        "unknown",
        f"{file} has neither a column of people nor names or types of health care: name its columns in a study",
    )


def _care_share(table: Table, fields: Mapping[str, str]) -> float:
    if osm_columns(table):
        return 1.0
    rows = np.unique(np.linspace(0, len(table) - 1, min(len(table), 2000)).astype(int))
    name, kind = (table.text(fields.get(f)) for f in ("name", "tier"))
    hits = [tier_of(str(name[i]), str(kind[i])) for i in rows.tolist()]
    return sum(bool(said.word) for said in hits) / max(len(hits), 1)


def _placed(look: Look, table: Table) -> Look:
    """Return a look with where its rows are, and the datum that its columns name."""
    if table.geometry is not None:
        x, y = surface_points(table.geometry)
        known = np.isfinite(x) & np.isfinite(y)
        if not known.any():
            return look
        lon, lat = crs_room.to_crs(x[known], y[known], table.crs, crs_room.WGS84)
        degrees = crs_room.is_geographic(table.crs)
    elif {"lon", "lat"} <= set(look.columns):
        lon, lat = (table.number(look.columns[axis]) for axis in ("lon", "lat"))
        known = np.isfinite(lon) & np.isfinite(lat) & ~((lon == 0) & (lat == 0))
        lon, lat = lon[known], lat[known]
        degrees = bool(len(lon)) and np.abs(lon).max() <= 180 and np.abs(lat).max() <= 90
        if not degrees:
            return look
    else:
        return replace(look, why=look.why + _PLACELESS) if look.kind != "unknown" else look
    box = (float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max()))
    named = words.datum_named(look.columns["lon"]) if "lon" in look.columns else ""
    shifted = degrees and bool(crs_room.in_shifted_china(lon, lat).mean() > 0.5)
    return replace(look, box=box, shifted=shifted, datum=named)
