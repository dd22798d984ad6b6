"""Vector layers: GeoPackage, GeoJSON, shapefile and whatever else GDAL reads, with errors that say what to do."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from access15.arguments import say
from access15.crs import crs_name, parse_crs
from access15.errors import CRSError, InputError
from access15.model import Note, tell, with_notes
from access15.sources.dbf import encoding_of
from access15.sources.formats import check_driver, check_layer
from access15.sources.once import once
from access15.sources.table import Source, Table, column_of, existing

POINTS_OR_POLYGONS: Final = "points or polygons"


def read_layer(
    path: Source,
    *,
    layer: str | None = None,
    crs: str | None = None,
    wanted: str = POINTS_OR_POLYGONS,
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
        What the layer should hold, for messages. Layers of other things have no option for their CRS.

    Raises
    ------
    MissingFileError, InputError, CRSError
    """
    file = existing(path)
    name = check_layer(file)
    chosen = _choose_layer(file, name, layer)
    return once(("layer", file, chosen, crs), lambda: _read(file, name, chosen, crs, wanted))


def _read(file: Path, name: str, chosen: str, crs: str | None, wanted: str) -> Table:
    import pyogrio
    import pyproj

    # A shape GEOS cannot hold, such as a line of one point, comes back as none and is treated as one.
    options: dict[str, Any] = {"layer": chosen, "on_invalid": "ignore"}
    encoding, claim = encoding_of(file) if file.suffix.lower() == ".shp" else (None, "")
    if encoding:
        options["encoding"] = encoding
    _check_size(file, name, chosen)
    try:
        with no_trace(file):
            frame = pyogrio.read_dataframe(name, **options)
    except (
        pyproj.exceptions.CRSError,
        pyogrio.errors.CRSError,
        UnboundLocalError,
    ) as error:  # pyogrio's answer to a CRS that is not UTF-8
        raise InputError(
            f"{file} states a CRS that cannot be read: correct it (the .prj beside a shapefile)"
        ) from error
    except (
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
        pyogrio.errors.FieldError,
        pyogrio.errors.GeometryError,
        pyogrio.errors.FeatureError,
        UnicodeDecodeError,
        ValueError,
        OverflowError,
        RecursionError,
    ) as error:
        raise InputError(f"{file} cannot be read as a vector layer ({error}): export it again") from error
    if "geometry" not in frame or not hasattr(frame, "crs"):
        raise InputError(f"{file}, layer {chosen!r} has no geometry: name a layer of {wanted}")
    if frame.empty:
        raise InputError(f"{file}, layer {chosen!r} holds no features: check that it is the right file")
    notes: dict[str, Any] = {"layer": chosen} | ({"encoding": encoding} if encoding else {})
    if claim:
        told = cpg_note(len(frame), claim, str(encoding))
        tell([told], file.name)
        notes = with_notes(notes | {"cpg": claim}, [told])
    if frame.crs is None and wanted != POINTS_OR_POLYGONS:
        raise CRSError(f"{file} does not state its CRS: set it in the file (a .prj beside a shapefile)")
    return _table(file.name, frame, _layer_crs(file, frame.crs, crs), notes)


def cpg_note(rows: int, claim: str, encoding: str) -> Note:
    """Return the note on a .cpg that says what is not so."""
    return Note(
        "wrong .cpg",
        rows,
        f"rows of text are {encoding}, as they are read, though the .cpg beside them says {claim!r}",
        f"行文本按 {encoding} 读取，与 .cpg 所写 {claim!r} 不符",
    )


def layer_of_frame(frame: Any, crs: str | None = None) -> Table:
    """Return a data frame, with geometry or without, as a table.

    Parameters
    ----------
    frame : DataFrame or GeoDataFrame
    crs : str, optional
        CRS of a GeoDataFrame that does not state it.

    Raises
    ------
    InputError, CRSError
        If it has no rows; if its geometry has no CRS.
    """
    if not len(frame):
        raise InputError("the data frame has no rows: check what was put into it")
    if hasattr(frame, "geometry") and hasattr(frame, "crs"):
        return _table("the data frame", frame, _layer_crs("the data frame", frame.crs, crs), {})
    cells = _cells(frame, None)
    row = np.arange(1, len(frame) + 1)
    return Table("the data frame", tuple(cells), cells, row, "row", None, "", {})


def moved(frame: Any, crs: Any) -> Any:
    """Return a geopandas frame or series in another CRS.

    Raises
    ------
    CRSError
        If PROJ knows no way from the CRS it states.
    """
    import pyproj

    try:
        return frame.to_crs(crs)
    except (pyproj.exceptions.ProjError, ValueError) as error:
        raise CRSError(
            f"PROJ cannot move shapes from {str(frame.crs)[:60]} ({error}): correct the CRS"
        ) from error


def _cells(frame: Any, but: Any) -> dict[str, Any]:
    """Return the columns of a frame but one; of two with one name the second gets a number."""
    cells: dict[str, Any] = {}
    for k, name in enumerate(frame.columns):
        if but is None or name != but:
            again = sum(known == str(name) or known.startswith(f"{name}#") for known in cells)
            cells[f"{name}#{again + 1}" if again else str(name)] = _objects(frame.iloc[:, k])
    return cells


def _table(source: str, frame: Any, crs: str, notes: dict[str, Any]) -> Table:
    cells = _cells(frame, frame.geometry.name)
    geometry = column_of(frame.geometry.array)
    return Table(source, tuple(cells), cells, np.arange(1, len(frame) + 1), "feature", geometry, crs, notes)


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


def _check_size(file: Path, name: str, layer: str) -> None:
    """Refuse a layer that another driver opened, or that states more features than its bytes can hold."""
    import pyogrio
    import pyproj

    try:
        with no_trace(file):
            facts = pyogrio.read_info(name, layer=layer)
    except (
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
        pyogrio.errors.CRSError,
        pyproj.exceptions.CRSError,
        ValueError,
        UnboundLocalError,
    ):
        return  # Reading it will say what is wrong.
    check_driver(file, str(facts["driver"]))
    if int(facts["features"]) > file.stat().st_size:
        raise InputError(
            f"{file} states {int(facts['features']):,} features, more than its {file.stat().st_size:,} bytes can hold: it is damaged; "
            "export it again"
        )


def _choose_layer(file: Path, name: str, layer: str | None) -> str:
    import pyogrio

    try:
        with no_trace(file):
            layers = [str(one) for one, _ in pyogrio.list_layers(name)]
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


def _layer_crs(file: Path | str, stated: Any, given: str | None) -> str:
    if stated is None:
        if given is None:
            raise CRSError(
                f"{file} does not state its CRS: set it in the file, or say {say('crs', 'EPSG:4326')}"
            )
        return crs_name(parse_crs(given))
    name = crs_name(stated)
    if given is not None and not parse_crs(given).equals(parse_crs(name), ignore_axis_order=True):
        raise CRSError(
            f"{file} says it is in {name[:60]}, but {given!r} is stated: correct the file, or leave out {say('crs', given)}"
        )
    return name


def _objects(column: Any) -> Any:
    values = column.astype(object).where(column.notna(), None)
    return column_of(values)
