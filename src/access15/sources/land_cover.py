"""Rasters of land cover: codes of the common products, a table of one's own, or the share of every class."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from access15.crs import crs_name
from access15.errors import Access15Error, CRSError, InputError
from access15.model import LAND_CLASSES
from access15.sources.formats import raster_driver
from access15.sources.osm_file import OSM_SUFFIXES
from access15.sources.osm_land import OsmLand, read_osm_land
from access15.sources.table import existing

_CGLS_FORESTS: Final = (*range(111, 117), *range(121, 127))

LEGENDS: Final[Mapping[str, Mapping[int, str]]] = {
    # ESA WorldCover 10 m v200, product user manual, table 2.
    "worldcover": {
        10: "tree", 20: "shrub", 30: "grass", 40: "crop", 50: "built", 60: "bare", 70: "snow", 80: "water", 90: "wetland",
        95: "mangrove", 100: "moss",
    },
    # Copernicus Global Land Service, land cover 100 m collection 3, product user manual, table 4.
    "cgls": {
        **dict.fromkeys(_CGLS_FORESTS, "tree"), 20: "shrub", 30: "grass", 40: "crop", 50: "built", 60: "bare", 70: "snow",
        80: "water", 90: "wetland", 100: "moss", 200: "water",
    },
    # GlobeLand30, Chen et al. 2015, ISPRS Journal of Photogrammetry and Remote Sensing 103, table 1; tundra as moss.
    "globeland30": {
        10: "crop", 20: "tree", 30: "grass", 40: "shrub", 50: "wetland", 60: "water", 70: "moss", 80: "built", 90: "bare",
        100: "snow", 255: "water",
    },
    # Esri and Impact Observatory, Sentinel-2 10 m land cover, class definitions; rangeland as grass, clouds have no class.
    "esri": {1: "water", 2: "tree", 4: "wetland", 5: "crop", 7: "built", 8: "bare", 9: "snow", 11: "grass"},
}  # fmt: skip
"""What the codes of the common products mean."""


@dataclass(frozen=True, eq=False)
class LandCover:
    """A land cover that `access15.sources.read_terrain` can bring onto its grid.

    Attributes
    ----------
    rasters : mapping of str to Path
        One raster of codes, under the name ``""``; or one of per cents for every class.
    codes : mapping of int to str
        Class of each code; empty for shares.
    class_kph : mapping of str to float
        Speeds on foot that the legend states.
    osm : OsmLand or None
        The land of an OSM file, where there is no raster.
    """

    rasters: Mapping[str, Path]
    codes: Mapping[int, str]
    class_kph: Mapping[str, float]
    osm: OsmLand | None = None

    @property
    def label(self) -> str:
        """The names of the files."""
        return ", ".join(path.name for path in self.rasters.values())


def read_land_cover(
    path: str | Path | Mapping[str, str | Path], legend: str | Mapping[int, str | float] = "worldcover"
) -> LandCover:
    """Return a land cover for `access15.sources.read_terrain`.

    Parameters
    ----------
    path : path, or mapping of str to path
        A raster of codes in any CRS. Or a raster for each class, with the per cent of a cell that it covers. Or an OSM file:
        its land use and water; what it says nothing of is `access15.model.UNCLASSIFIED`, at an assumed speed.
    legend : {"worldcover", "cgls", "globeland30", "esri"} or mapping
        What the codes mean: the name of a product, ``{code: class}``, or ``{code: km/h}`` with the speed on foot, 0 = closed.
        Not used for shares.

    Raises
    ------
    MissingFileError
        If a file does not exist.
    InputError
        If a file is no raster of one band, or the legend is not known or mixes classes and speeds.
    CRSError
        If a raster does not state its CRS.
    """
    shares = isinstance(path, Mapping)
    files = (
        {str(k): existing(Path(v)) for k, v in path.items()}
        if isinstance(path, Mapping)
        else {"": existing(Path(path))}
    )
    if not files:
        raise InputError("no raster of land cover is named: name one for each class")
    if not shares and files[""].name.lower().endswith(OSM_SUFFIXES):
        return LandCover(files, {}, {}, read_osm_land(files[""]))
    for file in files.values():
        with opened(file):
            pass
    if shares:
        return LandCover(files, {}, {})
    codes, kph = _legend(legend)
    return LandCover(files, codes, kph)


def _legend(legend: str | Mapping[int, str | float]) -> tuple[dict[int, str], dict[str, float]]:
    """Return the class of each code, and the speeds a legend states."""
    if isinstance(legend, str):
        if legend not in LEGENDS:
            raise InputError(
                f"the legend {legend!r} is not known: use one of {', '.join(LEGENDS)}, or a table such as {{10: 'tree', 80: 'water'}}"
            )
        return dict(LEGENDS[legend]), {}
    codes: dict[int, str] = {}
    kph: dict[str, float] = {}
    for code, value in legend.items():
        if isinstance(code, bool) or not isinstance(code, (int, np.integer)) or not 0 <= code <= 65535:
            raise InputError(f"the legend's code {code!r} is not a whole number from 0 to 65535")
        if isinstance(value, str) and value.strip():
            codes[int(code)] = value
        elif isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 300:
            codes[int(code)] = f"{value:g} km/h"
            kph[f"{value:g} km/h"] = float(value)
        else:
            raise InputError(
                f"the legend gives {value!r} for code {code}: give a class such as {LAND_CLASSES[0]!r}, or a speed on foot from 0 to "
                "300 km/h"
            )
    if not codes:
        raise InputError("the legend is empty: name a class or a speed for every code of the raster")
    if len(set(codes.values())) > 250:
        raise InputError(
            f"the legend has {len(set(codes.values())):,} classes, at most 250 can be kept: join some"
        )
    return codes, kph


@contextmanager
def opened(file: Path) -> Iterator[Any]:
    """Open a raster of land cover: one band, with a CRS."""
    import rasterio

    try:
        with rasterio.open(file, driver=raster_driver(file)) as raster:
            if raster.crs is None:
                raise CRSError(f"the land cover {file} does not state its CRS: set it in the file")
            if raster.count != 1:
                raise InputError(
                    f"the land cover {file} has {raster.count} bands: give a raster with one band"
                )
            crs_name(raster.crs.to_wkt())
            yield raster
    except Access15Error:
        raise
    except (
        rasterio.errors.RasterioError,
        ValueError,
        OverflowError,
    ) as error:  # Texts of a CRS that are no UTF-8, too.
        raise InputError(
            f"the land cover {file} cannot be read as a raster ({(str(error).splitlines() or [type(error).__name__])[0]}): download or export it again"
        ) from error
