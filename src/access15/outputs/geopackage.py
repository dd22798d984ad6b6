"""The coverage GeoPackage: every layer in one file, one CRS, each with its QGIS style."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from access15.crs import crs_name, parse_crs
from access15.errors import Access15Error, CRSError, InputError, OutputError
from access15.model import facts_in_chinese
from access15.outputs._frames import as_multi
from access15.outputs.atomic import SQLITE_SIDECARS, database_is_open, replacing
from access15.outputs.layers import layer_named
from access15.outputs.styles import layer_style
from access15.outputs.table_files import without_inf
from access15.outputs.titles import column_titles, layer_title

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

_SYMBOLS: Final = {"Point": "marker", "LineString": "line", "Polygon": "fill"}

_STYLE_TABLE: Final = """
CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256),
    styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT,
    owner TEXT(30), ui TEXT(30), update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now'))
)
"""
_ALIAS_TABLE: Final = """
CREATE TABLE IF NOT EXISTS gpkg_data_columns (
    table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT,
    mime_type TEXT, constraint_name TEXT,
    CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name), CONSTRAINT gdc_tn UNIQUE (table_name, name)
)
"""


def write_geopackage(
    path: str | os.PathLike[str], layers: Mapping[str, pd.DataFrame], crs: str, lang: str = "en"
) -> Path:
    """Write layers to one GeoPackage, whole or not at all.

    Parameters
    ----------
    path : path
        Ends in ``.gpkg``. Missing folders are made; a file that is there is replaced in one step,
        together with the ``-wal``, ``-shm`` and ``-journal`` files beside it.
    layers : mapping of str to GeoDataFrame or DataFrame
        By layer name, in order. Tables without geometry are registered as attributes. Layers in another
        CRS are moved; empty ones are written with their columns. NaN, ``inf`` and None become NULL.
    crs : str
        CRS of every layer with geometry.
    lang : {"en", "zh"}
        Language of the titles and legends that a GIS shows; the names of layers and columns never change.

    Returns
    -------
    Path
        The file written. Each layer has a title and a default style (``layer_styles``); columns have theirs in
        ``gpkg_data_columns``: the original text behind the name, or what the name leaves open.

    Raises
    ------
    InputError
        If there is no layer, the ending or the language is another, or two columns differ only by case.
    CRSError
        If a layer has no CRS.
    OutputError
        If the file cannot be written; nothing is left behind.
    FileOpenError
        If the old file is open in another program; the new one is kept beside it under a dated name.
    """
    target = Path(path)
    if target.suffix.lower() != ".gpkg" and not target.is_dir():
        raise InputError(f"{target.name} does not end in .gpkg: give the GeoPackage that ending")
    if not layers:
        raise InputError(f"{target.name} would have no layers: pass at least one")
    layer_title("", lang)
    name = crs_name(parse_crs(crs))
    ready = {layer: _prepare(layer, frame, name, lang) for layer, frame in layers.items()}
    if len({layer.lower() for layer in ready}) < len(ready):
        raise InputError(f"two layers of {target.name} differ only by case: rename one")
    with replacing(target, is_open=database_is_open, sidecars=SQLITE_SIDECARS) as temp:
        try:
            for layer, frame in ready.items():
                _write_layer(temp, layer, frame)
            _add_styles(temp, ready, lang)
            _check_written(temp, ready)
        except Access15Error:
            raise
        except (RuntimeError, ValueError, sqlite3.Error) as error:  # pyogrio's errors are RuntimeErrors
            raise OutputError(
                f"{target} cannot be written ({_words(error)}): check the free space there, or choose another folder"
            ) from error
    return target


def _words(error: Exception) -> str:
    """Return what a driver said, on one line and without the statements that failed."""
    said = " ".join(str(error).split()).rstrip(".")
    said = said.rpartition(" failed: ")[2].rpartition(") failed:")[2].strip(" )")
    return said if len(said) <= 200 else said[:198] + ".."


def _has_geometry(frame: pd.DataFrame) -> bool:
    return hasattr(frame, "to_crs")


def _prepare(layer: str, frame: pd.DataFrame, crs: str, lang: str) -> pd.DataFrame:
    """Return a copy in the CRS of the file, without ``inf``, its geometry of one kind, its sentences in the language."""
    lower = [str(c).lower() for c in frame.columns]
    twice = sorted({c for c in lower if lower.count(c) > 1})
    if twice:
        raise InputError(
            f"layer {layer!r} has the column {twice[0]!r} twice (case does not count): rename one"
        )
    attrs = dict(frame.attrs)
    out = without_inf(frame)
    if _has_geometry(out):
        out = _in_file_crs(layer, out, crs)
    for name in out.columns:
        if out[name].dtype == object:
            out[name] = out[name].where(out[name].notna(), None)
        column = layer_named(layer).column(str(name)) if lang == "zh" else None
        if column is not None and column.prose:
            out[name] = [None if text is None else facts_in_chinese(text) for text in out[name]]
    out.attrs.update(attrs)
    out.attrs["geometry_type"] = _geometry_type(layer, out) if _has_geometry(out) else None
    return out


def _in_file_crs(layer: str, frame: Any, crs: str) -> gpd.GeoDataFrame:
    if frame.crs is None:
        raise CRSError(f"layer {layer!r} has no CRS: set the one its coordinates are in")
    if crs_name(frame.crs) != crs:
        frame = frame.to_crs(crs)
    shapes = frame.geometry.to_numpy(object)
    return frame.set_geometry(as_multi(shapes), crs=frame.crs) if len(frame) else frame


def _geometry_type(layer: str, frame: Any) -> str:
    kinds = sorted(set(frame.geometry.geom_type.dropna()))
    if len(kinds) == 1:
        return str(kinds[0])
    if kinds:
        return "Unknown"
    return str(frame.attrs.get("geometry_type") or layer_named(layer).geometry or "Unknown")


def _symbol_kind(geometry_type: str | None) -> str | None:
    if geometry_type is None:
        return None
    return _SYMBOLS.get(geometry_type.removeprefix("Multi"), "fill")


def _write_layer(path: Path, layer: str, frame: pd.DataFrame) -> None:
    import pyogrio

    options: dict[str, Any] = {"layer": layer, "driver": "GPKG", "nan_as_null": True}
    if not path.exists():
        # Version 1.2 is what every GIS in use reads without a warning.
        options["dataset_options"] = {"VERSION": "1.2"}
    if frame.attrs["geometry_type"] is None:
        pyogrio.write_dataframe(frame, path, **options)
        return
    options |= {"layer_options": {"GEOMETRY_NAME": "geom"}, "geometry_type": frame.attrs["geometry_type"]}
    pyogrio.write_dataframe(frame, path, **options)


def _add_styles(path: Path, layers: Mapping[str, pd.DataFrame], lang: str) -> None:
    """Add the style and title of every layer and the titles of its columns (the schema extension)."""
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.execute(_STYLE_TABLE)
        database.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description) "
            "VALUES ('layer_styles', 'attributes', 'layer_styles', 'QGIS styles')"
        )
        titles = []
        for layer, frame in layers.items():
            kind, flat = frame.attrs["geometry_type"], _without_geometry(frame)
            named = column_titles(layer, map(str, flat.columns), frame.attrs.get("aliases", {}), lang)
            style = layer_style(layer, flat, _symbol_kind(kind), named, lang)
            database.execute(
                "UPDATE gpkg_contents SET identifier = ?1, description = ?1 WHERE table_name = ?2",
                (layer_title(layer, lang), layer),
            )
            database.execute(
                "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, "
                "styleName, styleQML, styleSLD, useAsDefault, description, owner) "
                "VALUES ('', '', ?, ?, ?, ?, '', 1, '', '')",
                (layer, "" if kind is None else "geom", layer, style),
            )
            titles += [(layer, column, title) for column, title in named.items()]
        if titles:
            database.execute(_ALIAS_TABLE)
            database.executemany(
                "INSERT INTO gpkg_data_columns (table_name, column_name, title) VALUES (?, ?, ?)", titles
            )
            _register_schema_extension(database)


def _register_schema_extension(database: sqlite3.Connection) -> None:
    database.execute(
        "CREATE TABLE IF NOT EXISTS gpkg_extensions (table_name TEXT, column_name TEXT, "
        "extension_name TEXT NOT NULL, definition TEXT NOT NULL, scope TEXT NOT NULL, "
        "CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name))"
    )
    database.execute(
        "INSERT OR IGNORE INTO gpkg_extensions VALUES ('gpkg_data_columns', NULL, 'gpkg_schema', "
        "'http://www.geopackage.org/spec121/#extension_schema', 'read-write')"
    )
    database.execute(
        "CREATE TABLE IF NOT EXISTS gpkg_data_column_constraints (constraint_name TEXT NOT NULL, "
        "constraint_type TEXT NOT NULL, value TEXT, min NUMERIC, min_is_inclusive BOOLEAN, max NUMERIC, "
        "max_is_inclusive BOOLEAN, description TEXT, "
        "CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value))"
    )
    database.execute(
        "INSERT OR IGNORE INTO gpkg_extensions VALUES ('gpkg_data_column_constraints', NULL, 'gpkg_schema', "
        "'http://www.geopackage.org/spec121/#extension_schema', 'read-write')"
    )


def _without_geometry(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the columns as QGIS numbers them: without the geometry."""
    import pandas as pd

    if not _has_geometry(frame):
        return frame
    shapes: Any = frame
    out = pd.DataFrame(frame.drop(columns=shapes.geometry.name))
    out.attrs.update(frame.attrs)
    return out


def _check_written(path: Path, layers: Mapping[str, pd.DataFrame]) -> None:
    """Read the file back: drivers can report a full disk late or not at all."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        verdict = database.execute("PRAGMA quick_check(1)").fetchone()[0]
        if verdict != "ok":
            raise OutputError(f"{path.name} was not written whole ({verdict}): check the free space there")
        for layer, frame in layers.items():
            quoted = layer.replace('"', '""')
            (rows,) = database.execute(f'SELECT count(*) FROM "{quoted}"').fetchone()
            if rows != len(frame):
                raise OutputError(
                    f"layer {layer!r} has {rows} of {len(frame)} rows: check the free space there"
                )
