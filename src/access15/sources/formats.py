"""Only the format that a file's ending names is opened: nothing in a file makes a reader ask the network or another file."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from xml.parsers import expat

from access15.errors import InputError

_HEAD: Final = 1 << 16
_SQLITE: Final = b"SQLite format 3\0"
_FOREIGN: Final = re.compile(
    rb"<OGRVRTDataSource|<OGRWFSDataSource|WFS_Capabilities|<GDAL_W[MC]S|<WCS_GDAL|<VRTDataset|gdal_streamed_alg|/vsi\w+/",
    re.IGNORECASE,
)
"""How formats begin that send GDAL elsewhere: virtual layers, services, pipelines, files behind an address."""

_CRS_KEY: Final = re.compile(rb'"(?:c|\\u0063)(?:r|\\u0072)(?:s|\\u0073)"\s*:', re.IGNORECASE)
_XML_SPACES: Final = re.compile(r"^.*[}:]")


def _text_head(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(_HEAD)


def _starts(*marks: bytes) -> Callable[[Path], bool]:
    return lambda file: _text_head(file).startswith(marks)


def _root(*names: str) -> Callable[[Path], bool]:
    """Return a test for the name of the first element of an XML file."""

    def fits(file: Path) -> bool:
        seen: list[str] = []
        parser = expat.ParserCreate()
        parser.StartElementHandler = lambda name, _: seen.append(_XML_SPACES.sub("", name).lower())
        with contextlib.suppress(
            expat.ExpatError, LookupError, ValueError
        ):  # What follows the first element is the driver's to judge.
            parser.Parse(_text_head(file), False)
        return bool(seen) and seen[0] in names

    return fits


def _json(file: Path) -> bool:
    head = _text_head(file).removeprefix(b"\xef\xbb\xbf").lstrip()
    return head[:1] in (b"{", b"\x1e")


def _has(mark: bytes) -> Callable[[Path], bool]:
    return lambda file: mark in _text_head(file)[:4096]


LAYERS: Final[dict[str, tuple[frozenset[str], Callable[[Path], bool]]]] = {
    ".gpkg": (frozenset({"GPKG"}), _starts(_SQLITE)),
    ".sqlite": (frozenset({"SQLite"}), _starts(_SQLITE)),
    ".geojson": (frozenset({"GeoJSON"}), _json),
    ".json": (frozenset({"GeoJSON"}), _json),
    ".geojsonl": (frozenset({"GeoJSONSeq"}), _json),
    ".geojsons": (frozenset({"GeoJSONSeq"}), _json),
    ".shp": (frozenset({"ESRI Shapefile"}), _starts(b"\0\0\x27\x0a")),
    ".fgb": (frozenset({"FlatGeobuf"}), _starts(b"fgb")),
    ".kml": (frozenset({"KML", "LIBKML"}), _root("kml")),
    ".gpx": (frozenset({"GPX"}), _root("gpx")),
    ".gml": (
        frozenset({"GML"}),
        _root("featurecollection", "wfs:featurecollection", "ogr:featurecollection", "dataset"),
    ),
    ".tab": (frozenset({"MapInfo File"}), _has(b"Type NATIVE")),
    ".mif": (frozenset({"MapInfo File"}), _has(b"ersion")),
}
"""Endings of layers that are read: the drivers of GDAL that may open them, and how such a file begins."""

RASTER_DRIVERS: Final = {
    ".tif": "GTiff",
    ".tiff": "GTiff",
    ".img": "HFA",
    ".asc": "AAIGrid",
    ".vrt": "VRT",
    ".hgt": "SRTMHGT",
    ".bil": "EHdr",
}
"""Endings of rasters that are read, and the driver of each."""


def check_layer(file: Path) -> str:
    """Return the name by which GDAL opens a vector layer with no driver but that of its ending.

    Raises
    ------
    InputError
        If the ending is none that is read, or the file is something else, or its CRS is a link.
    """
    known = LAYERS.get(file.suffix.lower())
    if known is None:
        raise InputError(
            f"{file} is not a table or vector file that can be read: use .csv, .xlsx, .gpkg, .geojson or .shp"
        )
    if not known[1](file) or (
        file.suffix.lower() not in (".gpkg", ".sqlite", ".shp", ".fgb") and _FOREIGN.search(_text_head(file))
    ):
        raise InputError(
            f"{file} is not a table or vector file that can be read: it is damaged, or no {file.suffix} file whatever its name "
            "says; export it again"
        )
    if known[1] is _json:
        _refuse_links(file)
        return f"{next(iter(known[0]))}:{file}"
    return str(file)


def check_driver(file: Path, driver: str) -> None:
    """Refuse a layer that another driver opened than those of its ending."""
    if driver not in LAYERS[file.suffix.lower()][0]:
        raise InputError(
            f"{file} is no {file.suffix} file but {driver}, whatever its name says: export it again"
        )


def _refuse_links(file: Path) -> None:
    """Refuse a GeoJSON whose ``crs`` is to be fetched from somewhere."""
    data = file.read_bytes()
    for found in _CRS_KEY.finditer(data):
        text = data[found.end() : found.end() + 4096].decode("utf-8", errors="replace")
        try:
            value: Any = json.JSONDecoder().raw_decode(text.lstrip())[0]
        except (ValueError, RecursionError):
            value = text
        kind = value.get("type") if isinstance(value, dict) else value
        if value is not None and kind not in ("name", "EPSG"):
            if isinstance(value, dict) and kind is None:
                continue
            raise InputError(
                f"{file} does not state its CRS but where to fetch it ({str(value)[:60]}): nothing is fetched; write the CRS itself into "
                "the file, or leave it out for longitude and latitude"
            )


def raster_driver(file: Path) -> str:
    """Return the only driver with which a raster may be opened.

    Raises
    ------
    InputError
        If its ending is none that is read, or it is a virtual raster of anything but plain rasters beside it.
    """
    suffix = file.suffix.lower()
    if suffix not in RASTER_DRIVERS:
        raise InputError(f"{file} cannot be read as a raster: use one of {', '.join(RASTER_DRIVERS)}")
    if suffix == ".vrt":
        _check_virtual(file)
    return RASTER_DRIVERS[suffix]


_PLAIN_TAGS: Final = frozenset(
    [
        "vrtdataset",
        "srs",
        "geotransform",
        "vrtrasterband",
        "nodatavalue",
        "colorinterp",
        "description",
        "metadata",
        "mdi",
        "simplesource",
        "complexsource",
        "sourcefilename",
        "sourceband",
        "sourceproperties",
        "srcrect",
        "dstrect",
        "nodata",
        "scaleratio",
        "scaleoffset",
        "usemaskband",
        "averagedsource",
        "unittype",
        "offset",
        "scale",
        "colortable",
        "entry",
        "overviewlist",
        "maskband",
        "blockxsize",
        "blockysize",
        "categorynames",
        "category",
    ]
)


def _check_virtual(file: Path) -> None:
    """Refuse a virtual raster that names anything but plain rasters in its own folder or below."""
    from xml.etree import ElementTree

    refusal = InputError(
        f"{file} is a virtual raster of other things than plain rasters beside it: write it out as .tif"
    )
    if file.stat().st_size > 64 << 20:
        raise refusal
    try:
        tree = ElementTree.fromstring(file.read_bytes())
    except (ElementTree.ParseError, LookupError, ValueError) as error:
        raise InputError(f"{file} cannot be read as a raster ({error}): write it again") from error
    for item in tree.iter():
        if (
            item.tag.rpartition("}")[2].lower() not in _PLAIN_TAGS
            or item.get("subClass", "VRTRasterBand") != "VRTRasterBand"
        ):
            raise refusal
        if item.tag == "SourceFilename":
            source = Path((item.text or "").strip())
            inside = (
                item.get("relativeToVRT") == "1" and not source.is_absolute() and ".." not in source.parts
            )
            if (
                not inside
                or source.suffix.lower() not in (".tif", ".tiff", ".img", ".asc")
                or ":" in str(source)
            ):
                raise refusal
            if "/vsi" in f"/{source}" or not (file.parent / source).is_file():
                raise refusal
