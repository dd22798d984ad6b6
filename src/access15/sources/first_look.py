"""A first look at a file: streets, clinics, people, areas, candidate sites or heights, and why it is taken for that."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from access15 import crs as crs_room
from access15.errors import Access15Error, InputError
from access15.sources import columns as words
from access15.sources.area_columns import area_columns
from access15.sources.areas import AREA_FLAGS
from access15.sources.care_words import tier_of
from access15.sources.formats import check_layer, raster_driver
from access15.sources.layers import no_trace
from access15.sources.osm_file import OSM_SUFFIXES
from access15.sources.population_raster import RASTERS, check_raster_size
from access15.sources.positions import surface_points
from access15.sources.raster_look import raster_kind
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
    "water",
    "raster",
    "outline",
    "other",
    "unknown",
)
"""What a file, or a layer of it, may be. ``group`` is a raster of one group of people, ``raster`` one of which nothing says
what it counts, ``outline`` a polygon without people or ids, ``other`` something a study does not read."""

_TABLES: Final = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".dbf")
_STEMS: Final = (
    ("candidates", re.compile(r"candidat|kandidat|候选|备选|sites?_to", re.IGNORECASE)),
    (
        "clinics",
        re.compile(
            r"clinic|clínic|klini|facilit|hospital|h[oô]pita|health|sant[eé]|salud|sa[uú]de|gesund|[aä]rzte|krankenh|praxen|"
            r"dispensa|postos?_|puskesmas|posyandu|faskes|unidades|больниц|клиник|机构|医院|诊所|卫生|医疗",
            re.IGNORECASE,
        ),
    ),
    (
        "people",
        re.compile(
            r"popul|people|residents|habitant|einwohn|bev[oö]e?lk|poblac|penduduk|насел|worldpop|ghs_?pop|人口|居民",
            re.IGNORECASE,
        ),
    ),
)
_CARE_FIELDS: Final = ("tier", "services", "hours", "beds", "doctors")
_WATER: Final = re.compile(
    r"water|river|lake|hydro|(?<![a-z])(eau|rio|agua)|fleuve|gew[aä]sser|sungai|水系|河流|水体|湖泊",
    re.IGNORECASE,
)
_NO_STREETS: Final = re.compile(
    r"ferr(y|ies)|rail|power|pipeline|boundar|contour|coast|fähre|chemin_de_fer|铁路|渡轮|航线|电力|等高线|界线",
    re.IGNORECASE,
)
_NO_STREET_COLUMNS: Final = ("waterway", "railway", "route", "power", "aeroway", "elevation", "contour")


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
    why_zh : str
        The same in Chinese; empty where only English has words.
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
    placeless : bool
        Whether rows have neither coordinates nor a geometry.
    year : (column, newest year) or None
        Of a table with rows for several years.
    notes : dict
        Encoding, sheet, CRS …
    """

    file: Path
    kind: str
    why: str
    why_zh: str = ""
    layer: str | None = None
    osm: bool = False
    rows: int = 0
    columns: Mapping[str, str] = field(default_factory=dict)
    as_areas: Mapping[str, str] = field(default_factory=dict)
    unread: tuple[str, ...] = ()
    box: tuple[float, float, float, float] | None = None
    shifted: bool = False
    datum: str = ""
    placeless: bool = False
    year: tuple[str, str] | None = None
    notes: Mapping[str, Any] = field(default_factory=dict)

    def said(self, lang: str = "en") -> str:
        """Return what it was taken for that by, in English or Chinese."""
        return self.why_zh if lang == "zh" and self.why_zh else self.why

    def titled(self, lang: str = "en") -> str:
        """File name, with the layer where there are several, in English or Chinese."""
        return f"{self.file.name}，图层 {self.layer}" if self.layer and lang == "zh" else self.name

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
        return (
            Look(
                file, "streets", "an OpenStreetMap file", "OpenStreetMap 文件", osm=True, box=_osm_box(file)
            ),
        )
    if name.endswith(".graphml"):
        return (Look(file, "streets", "a graph of OSMnx", "OSMnx 路网"),)
    if name.endswith((".hgt", ".hgt.zip")):
        return (Look(file, "heights", "an SRTM tile", "SRTM 高程"),)
    try:
        if name.endswith(RASTERS):
            return (_raster(file),)
        if name.endswith(_TABLES):
            return (_table(file, read_table(file, known=_known(), degrees=_degrees())),)
        if name.endswith(LAYER_SUFFIXES):
            return _layers(file)
    except Access15Error as error:
        return (Look(file, "unknown", str(error)),)
    return (
        Look(
            file,
            "unknown",
            f"{file} is none of the kinds of files that are read: OSM extracts, csv, xlsx, vector layers, rasters",
            "不属可读取的文件类型（OSM 文件、csv、xlsx、矢量图层、栅格）",
        ),
    )


def column_values(file: Path, column: str, layer: str | None = None) -> list[str]:
    """Return the different texts of a column of a table or layer, in their order; none where there is no such column.

    Parameters
    ----------
    file : Path
    column : str
    layer : str, optional
    """
    table = read_table(file, layer=layer, known=_known(), degrees=_degrees())
    texts = table.text(column).tolist() if column in table.cells else []
    return [text for text in dict.fromkeys(str(t).strip() for t in texts) if text]


def _osm_box(file: Path) -> tuple[float, float, float, float] | None:
    """Return the box that an OSM file states; None where it states none, or cannot be read."""
    import osmium

    with contextlib.suppress(RuntimeError, OSError, ValueError):
        reader = osmium.io.Reader(str(file), osmium.osm.osm_entity_bits.NOTHING)
        try:
            box = reader.header().box()
            if box.valid():
                low, high = box.bottom_left, box.top_right
                return low.lon, low.lat, high.lon, high.lat
        finally:
            reader.close()
    return None


def osm_has_streets(file: Path) -> bool:
    """Return whether an OSM file has a way with ``highway``; a file that cannot be read is said to have some.

    Parameters
    ----------
    file : Path
    """
    import osmium

    try:
        ways = osmium.FileProcessor(str(file), osmium.osm.WAY).with_filter(osmium.filter.KeyFilter("highway"))
        return next(iter(ways), None) is not None
    except (RuntimeError, OSError, ValueError):
        return True


def usual_people(column: str) -> bool:
    """Return whether a column of people goes by one of its usual names, so that no study has to name it."""
    names = {words.fold(name) for name in words.POPULATION["population"]}
    return words.fold(column) in names or words.without_unit(column) in names


def _degrees() -> list[str]:
    return [*words.FACILITY["lon"], *words.FACILITY["lat"]]


def _known() -> list[str]:
    tables = (words.FACILITY, words.POPULATION, words.GROUPS, words.AREA)
    return [alias for table in tables for names in table.values() for alias in names]


def _raster(file: Path) -> Look:
    import rasterio

    try:
        with rasterio.open(file, driver=raster_driver(file)) as raster:
            check_raster_size(file, raster)
            notes = {
                "CRS": str(raster.crs or "none"),
                "cells": f"{raster.width} × {raster.height}",
                "bands": raster.count,
            }
            box = None if raster.crs is None else _box_of(raster.bounds, raster.crs.to_wkt())
            says = [*raster.descriptions, *raster.units, *(raster.tags().get(k) for k in _RASTER_TAGS)]
            sample = raster.read(1, out_shape=(min(raster.height, 400), min(raster.width, 400)), masked=True)
    except (
        rasterio.errors.RasterioError,
        rasterio.errors.CRSError,
        ValueError,
        OSError,
        OverflowError,
    ) as error:
        raise InputError(f"{file} cannot be read as a raster ({error}): export it again") from error
    values = np.ma.compressed(sample).astype(float)
    values = values[np.isfinite(values)]
    notes |= {"values": f"{values.min():g} to {values.max():g}"} if len(values) else {}
    kind, group, en, zh = raster_kind(file.stem, [str(text) for text in says if text])
    look = Look(file, kind, en, zh, rows=int(raster.width) * int(raster.height), box=box, notes=notes)
    return replace(look, columns={"group": group}) if group else look


_RASTER_TAGS: Final = ("TIFFTAG_IMAGEDESCRIPTION", "TIFFTAG_DOCUMENTNAME", "DESCRIPTION", "TITLE", "UNITS")


def _layers(file: Path) -> tuple[Look, ...]:
    import pyogrio

    driven = check_layer(file)
    try:
        with no_trace(file):
            names = [str(name) for name, _ in pyogrio.list_layers(driven) if name != "layer_styles"]
    except (pyogrio.errors.DataSourceError, ValueError) as error:
        raise InputError(f"{file} cannot be read as a vector layer: export it again") from error
    if not names:
        raise InputError(f"{file} holds no layer: it is damaged, cut off or empty; export it again")
    several = len(names) > 1
    return tuple(_layer(file, driven, name, name if several else None) for name in names)


def _layer(file: Path, driven: str, name: str, shown: str | None) -> Look:
    import pyogrio

    try:
        with no_trace(file):
            info = pyogrio.read_info(driven, layer=name)
        if "LineString" in str(info["geometry_type"]):
            return _lines(file, name, shown, info)
        return replace(
            _table(file, read_table(file, layer=name, known=_known(), degrees=_degrees())), layer=shown
        )
    except Access15Error as error:
        return Look(file, "unknown", str(error), layer=shown)
    except (
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
        pyogrio.errors.CRSError,
        ValueError,
        OverflowError,
        RecursionError,
        UnboundLocalError,  # pyogrio's answer to a CRS that is not UTF-8
    ) as error:
        return Look(file, "unknown", f"{file} cannot be read as a vector layer ({error})", layer=shown)


def _lines(file: Path, name: str, shown: str | None, info: Mapping[str, Any]) -> Look:
    """Return what a layer of lines is: streets, water, or neither."""
    header = [str(column) for column in info["fields"]]
    found = _found(header, ROAD)
    rows, notes = int(info["features"]), {"CRS": _crs_of(info["crs"])}
    box = _box_of(info.get("total_bounds"), info["crs"])
    if "class" in found:
        column = found["class"]
        why = "lines with a class of road", f"线，含道路等级列 {column!r}"
        return Look(file, "streets", *why, layer=shown, rows=rows, columns=found, box=box, notes=notes)
    title = f"{file.stem} {name}"
    folded = {words.fold(column) for column in header}
    if _WATER.search(title) or "waterway" in folded:
        return Look(file, "water", "lines of water", "水系线", layer=shown, rows=rows, box=box, notes=notes)
    if _NO_STREETS.search(title) or folded & set(_NO_STREET_COLUMNS):
        why = "lines that are no streets, by their name or columns", "线，按名称或列不是道路"
        return Look(file, "other", *why, layer=shown, rows=rows, box=box, notes=notes)
    why = "lines, but no column for the class of road is found", "线，未找到道路等级列"
    return Look(file, "streets", *why, layer=shown, rows=rows, columns=found, box=box, notes=notes)


def _box_of(bounds: Sequence[float] | None, crs: Any) -> tuple[float, float, float, float] | None:
    """Return the box of a layer or raster in degrees; None where it is not known."""
    if crs is None or bounds is None or not np.isfinite(bounds).all():
        return None
    x, y = np.array([bounds[0], bounds[2]]), np.array([bounds[1], bounds[3]])
    try:
        lon, lat = crs_room.to_crs(x, y, str(crs), crs_room.WGS84)
    except Access15Error:
        return None
    if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
        return None
    return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())


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
    people = people_column(table)
    groups = {f: c for f, names in words.GROUPS.items() if (c := table.find(names)) is not None}
    area = area_columns(table)
    kind, why = _kind(file, table, fields, people, area)
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
    look = Look(file, kind, *why, rows=len(table), columns=columns, as_areas=area, unread=unread, notes=notes)
    return _placed(replace(look, year=_newest_year(table)), table)


_PEOPLE_OF_A_YEAR: Final = re.compile(
    r"(?:t_?|tot_?|total_?)?(?:pop|people|population|habitants|hab|einwohner|poblacion|populacao|penduduk)_?"
    r"((?:19|20)\d\d)(?:_?total)?|((?:19|20)\d\d)年?(?:末)?(?:常住|总)?人口(?:数)?"
)


def people_column(table: Table) -> str | None:
    """Return the column of people of a table: one of the usual names, else that of the newest year (``POP2000``, ``2019年人口``)."""
    found = table.find(words.POPULATION["population"])
    if found is not None:
        return found
    by_year = {}
    for column in table.header:
        hit = _PEOPLE_OF_A_YEAR.fullmatch(words.without_unit(column))
        if hit:
            by_year[hit[1] or hit[2]] = column
    return by_year[max(by_year)] if by_year else None


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


def _kind(
    file: Path, table: Table, fields: Mapping[str, str], people: str | None, area: Mapping[str, str]
) -> tuple[str, tuple[str, str]]:
    """Return what a table or layer is, and by what, in English and Chinese."""
    import shapely

    if table.geometry is not None:
        shapes = shapely.get_type_id(table.geometry[[shape is not None for shape in table.geometry]])
        if len(shapes) and np.isin(shapes, (3, 6)).all():
            return _polygons(file, table, people, area)
        tagged = {words.fold(column) for column in table.header} & {"waterway", "natural", "water"}
        if tagged and _WATER.search(file.stem) and not np.isin(shapes, (0, 4)).all():
            return "water", ("outlines and lines of water", "水系")
    stem = next((kind for kind, pattern in _STEMS if pattern.search(file.stem)), "")
    care = _care_share(table, fields)
    if people is not None and care < 0.5 and not ({"beds", "doctors"} & set(fields)):
        return "people", (f"people in column {people!r}", f"人口列 {people!r}")
    if stem == "candidates":
        return "candidates", ("candidate sites, by its name", "候选点（依文件名）")
    if "kind" in fields and care < 0.5:
        column = fields["kind"]
        return "candidates", (f"kinds of sites in column {column!r}", f"候选点类型列 {column!r}")
    if care >= 0.3:
        said = f"{care:.0%}"
        return "clinics", (
            f"{said} of the rows have a name or type of health care",
            f"{said} 的行名称或类别属医疗卫生",
        )
    if any(f in fields for f in _CARE_FIELDS) or stem == "clinics" or status_columns(table):
        return "clinics", ("columns, or a name, of a list of clinics", "列名或文件名似医疗机构名单")
    return "unknown", (
        f"{file} has neither a column of people nor names or types of health care: name its columns in a study",
        "既无人口列，也无医疗机构的名称或类别",
    )


def _polygons(
    file: Path, table: Table, people: str | None, area: Mapping[str, str]
) -> tuple[str, tuple[str, str]]:
    if people is not None:
        return "people", (f"polygons with people in column {people!r}", f"多边形，人口列 {people!r}")
    if osm_columns(table):
        return "clinics", ("outlines with the tags of care", "带医疗标签的轮廓")
    if _WATER.search(file.stem):
        return "water", ("polygons of water, by its name", "水体多边形（依文件名）")
    if area:
        one = len(table) == 1
        return "outline" if one else "areas", (
            f"{'one polygon' if one else 'polygons'} with ids in column {area['id']!r}",
            f"{'单个' if one else ''}多边形，编号列 {area['id']!r}",
        )
    return "outline", ("polygons without people and without ids", "多边形，无人口、无编号")


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
        if look.kind == "unknown":
            return look
        return replace(
            look,
            why=f"{look.why}, without positions",
            why_zh=f"{look.why_zh}，无坐标",
            placeless=True,
        )
    box = (float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max()))
    named = words.datum_named(look.columns["lon"]) if "lon" in look.columns else ""
    shifted = degrees and bool(crs_room.in_shifted_china(lon, lat).mean() > 0.5)
    return replace(look, box=box, shifted=shifted, datum=named)
