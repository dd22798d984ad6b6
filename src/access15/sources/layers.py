"""Vector layers: GeoPackage, GeoJSON, shapefile and whatever else GDAL reads, with errors that say what to do."""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from access15.crs import crs_name, parse_crs
from access15.errors import CRSError, InputError
from access15.sources.table import Source, Table, existing


def read_layer(
    path: Source,
    *,
    layer: str | None = None,
    crs: str | None = None,
    wanted: str = "points or polygons",
) -> Table:
    """Return a vector layer as a table with geometry.

    Parameters
    ----------
    path : path
        .gpkg, .geojson, .json, .shp (DBF text in GB18030 without a .cpg is read), .fgb, .kml …
    layer : str, optional
        Needed where a file has several layers.
    crs : str, optional
        CRS of a file that does not state it; a different one in the file is an error.
    wanted : str
        What the layer should hold, for messages.

    Raises
    ------
    MissingFileError, InputError, CRSError
    """
    import pyogrio

    file = existing(path)
    chosen = _choose_layer(file, layer)
    # A shape GEOS cannot hold, such as a line of one point, comes back as none and is treated as one.
    options: dict[str, Any] = {"layer": chosen, "on_invalid": "ignore"}
    encoding = dbf_encoding(file) if file.suffix.lower() == ".shp" else None
    if encoding:
        options["encoding"] = encoding
    try:
        with no_trace(file):
            frame = pyogrio.read_dataframe(file, **options)
    except (
        pyogrio.errors.CRSError,
        UnboundLocalError,
    ) as error:  # pyogrio's answer to a CRS that is not UTF-8
        raise InputError(
            f"{file} states a CRS that cannot be read: correct it (the .prj beside a shapefile)"
        ) from error
    except (
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
        UnicodeDecodeError,
        ValueError,
    ) as error:
        raise InputError(f"{file} cannot be read as a vector layer ({error}): export it again") from error
    if "geometry" not in frame or not hasattr(frame, "crs"):
        raise InputError(f"{file}, layer {chosen!r} has no geometry: name a layer of {wanted}")
    if frame.empty:
        raise InputError(f"{file}, layer {chosen!r} holds no features: check that it is the right file")
    header = tuple(str(c) for c in frame.columns if c != frame.geometry.name)
    cells = {name: _objects(frame[name]) for name in header}
    geometry = np.array([*frame.geometry.array, None], object)[:-1]
    notes = {"layer": chosen} | ({"encoding": encoding} if encoding else {})
    return Table(
        file.name, header, cells, np.arange(1, len(frame) + 1), "feature", geometry,
        _layer_crs(file, frame.crs, crs), notes,
    )  # fmt: skip


@contextlib.contextmanager
def no_trace(file: Path) -> Iterator[None]:
    """Remove the .gfs that GDAL writes beside a GML file it reads, unless it was there before."""
    guess = file.with_suffix(".gfs")
    ours = file.suffix.lower() == ".gml" and not guess.exists()
    try:
        yield
    finally:
        if ours:
            with contextlib.suppress(OSError):
                guess.unlink(missing_ok=True)


def _choose_layer(file: Path, layer: str | None) -> str:
    import pyogrio

    try:
        with no_trace(file):
            layers = [str(name) for name, _ in pyogrio.list_layers(file)]
    except (pyogrio.errors.DataSourceError, ValueError) as error:
        raise InputError(
            f"{file} is not a table or vector file that can be read: use .csv, .xlsx, .gpkg, .geojson or .shp"
        ) from error
    if layer is not None:
        if layer not in layers:
            raise InputError(f"{file} has no layer {layer!r}: the layers are {', '.join(layers) or 'none'}")
        return layer
    layers = [name for name in layers if name != "layer_styles"]
    if not layers:
        raise InputError(f"{file} holds no layer: it is damaged, cut off or empty; export it again")
    if len(layers) != 1:
        raise InputError(f"{file} must have one layer or a layer must be named: it has {', '.join(layers)}")
    return layers[0]


def _layer_crs(file: Path, stated: Any, given: str | None) -> str:
    if stated is None:
        if given is None:
            raise CRSError(
                f"{file} does not state its CRS: set it in the file or pass crs=, such as crs='EPSG:4326'"
            )
        return crs_name(parse_crs(given))
    name = crs_name(stated)
    if given is not None and not parse_crs(given).equals(parse_crs(name), ignore_axis_order=True):
        raise CRSError(
            f"{file} says it is in {name[:60]} but crs={given!r} was given: leave crs out or correct the file"
        )
    return name


def _objects(column: Any) -> Any:
    values = column.astype(object).where(column.notna(), None)
    return np.array([*values, None], object)[:-1]


def dbf_encoding(shp: Path) -> str | None:
    """Return the encoding of a shapefile's attributes where it has no .cpg: UTF-8 or GB18030, None if ASCII.

    Parameters
    ----------
    shp : Path
        The .shp file.
    """
    if any(shp.with_suffix(s).exists() for s in (".cpg", ".CPG")):
        return None
    dbf = next((f for f in (shp.with_suffix(".dbf"), shp.with_suffix(".DBF")) if f.exists()), None)
    if dbf is None:
        return None
    data = dbf.read_bytes()
    if len(data) < 32:
        return None
    (header,) = struct.unpack("<H", data[8:10])
    records = data[header:]
    if records.isascii():
        return None
    # Fixed-width fields may cut a character in half: the encoding with fewer broken characters wins.
    broken = {e: records.decode(e, errors="replace").count("\ufffd") for e in ("utf-8", "gb18030")}
    return min(broken, key=lambda e: broken[e])
