"""Reading a street network, whatever it comes as."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from access15.arguments import say
from access15.errors import InputError, MissingFileError
from access15.leftovers import no_name, shortened
from access15.model import StreetNetwork, notes_of, tell
from access15.network import NOT_STREETS, StreetWays, build_network, same_on
from access15.sources.clip import clip_area, clip_ways
from access15.sources.elevation import with_elevation
from access15.sources.network_cache import cached
from access15.sources.osm_file import OSM_SUFFIXES
from access15.sources.osm_streets import read_ways
from access15.sources.osmnx_graph import network_from_osmnx
from access15.sources.road_columns import NOT_UNDERSTOOD
from access15.sources.road_layer import LAYER_SUFFIXES, read_road_layer
from access15.sources.table import note
from access15.units import check_date

if TYPE_CHECKING:
    from networkx import MultiDiGraph

    from access15.sources.clip import Clip, ClipArea

GRAPHML_SUFFIXES = (".graphml",)
MOST_MISSING: Final = 0.01
"""Share of the vertices of streets that may be missing without being asked for."""


def read_network(
    path: str | PathLike[str] | MultiDiGraph[Any],
    *,
    crs: str | None = None,
    clip: Clip | None = None,
    buffer_m: float = 0.0,
    columns: Mapping[str, str] | None = None,
    layer: str | None = None,
    elevation: str | PathLike[str] | Sequence[str | PathLike[str]] | None = None,
    cache: bool | str | PathLike[str] = False,
    incomplete: bool = False,
    season: str = "all-year",
    country: str = "",
    date: datetime.date | str | None = None,
    datum: str = "wgs84",
) -> StreetNetwork:
    """Read streets into one network for all modes.

    Parameters
    ----------
    path : path or networkx.MultiDiGraph
        An OpenStreetMap extract (``.osm.pbf``, ``.osm``, ``.osm.gz``, ``.osm.bz2``), an OSMnx graph or a
        ``.graphml`` of one, or a layer of road lines (``.shp``, ``.gpkg``, ``.geojson`` …).
    crs : str, optional
        Metric CRS of the network; default: the data's own where it is projected in metres, else the UTM zone
        of its middle.
    clip : path, (west, south, east, north), polygon, Areas or GeoDataFrame, optional
        Keep the edges that meet this area, whole. Numbers and bare polygons are in longitude and latitude.
    buffer_m : float
        Metres added round the clip area. The default 0 adds nothing: people near the edge then lose the streets
        beyond it; 1,200 m is 15 minutes on foot.
    columns : mapping, optional
        For a road layer whose columns are not guessed: ``{role: column}`` with the roles class, oneway, maxspeed,
        bridge, tunnel, layer, id, name, or an OSM key such as surface; ``{role: "=value"}`` for one value
        everywhere; ``{"class=国道": "trunk"}`` translates a value.
    layer : str, optional
        Name of the layer, where a file has several.
    elevation : path or sequence of paths, optional
        GeoTIFF or SRTM tiles (``.hgt``, ``.hgt.zip``) in metres, for profiles that follow slopes
        (``walk-slope``); see `access15.sources.elevation.with_elevation`.
    cache : bool or path
        Keep the built network and use it next time: True for the user's cache folder, or a folder; see
        `access15.sources.network_cache.cached`.
    incomplete : bool
        Read an OpenStreetMap file even if more than 1 % of the vertices of its streets have no position (inside
        ``clip``, where one is given): the streets are cut there. Fewer are cut and counted.

    season : {"all-year", "dry", "wet", "winter"}
        What the streets are read for. ``all-year`` keeps only what is there in every season: ice roads, fords of
        intermittent streams and roads closed for months are left out and told.
    country : str
        ISO 3166 code, such as ``"NL"``: defaults that differ by country, such as walking on cycleways.
    date : date or str, optional
        The day streets are read for, ``2026-12-01``: what opens later, or has ended by its tags, is not there; today unless named.
    datum : {"wgs84", "gcj02", "bd09"}
        Datum of a road layer in longitude and latitude: ``gcj02`` where it was drawn on a map of Amap or Tencent.

    Returns
    -------
    StreetNetwork
        With ``provenance``: columns used, what was translated, joined, clipped and dropped, with counts.

    Raises
    ------
    MissingFileError
        If there is no such file.
    InputError
        If the file is of another kind, damaged, or holds no streets; if an option does not fit the kind; if
        vertices are missing (``incomplete``).
    CRSError
        If a CRS is missing or does not fit the coordinates.

    Examples
    --------
    >>> import access15 as a15
    >>> streets = a15.read_network("roads.shp", columns={"class": "等级"})  # doctest: +SKIP
    """
    if clip is None and buffer_m:
        raise InputError(
            f"buffer_m widens a clip area: say {say('clip', 'area.gpkg', 'network')}, or leave buffer_m out"
        )
    area = None if clip is None else clip_area(clip, buffer_m)
    given = [elevation] if isinstance(elevation, (str, PathLike)) else elevation or []
    rasters = [Path(file) for file in given]
    day = check_date(date)

    def build() -> StreetNetwork:
        network = _built(
            path,
            crs,
            area,
            columns,
            layer,
            datum,
            incomplete,
            {"season": season, "country": country, "date": day.isoformat()},
        )
        return network if elevation is None else with_elevation(network, rasters)

    if cache is False:
        return _telling(build())
    if not isinstance(path, (str, PathLike)):
        raise InputError("cache keeps networks of files, not of an OSMnx graph in memory: leave cache out")
    shape = None if area is None else area.shape
    options = {
        "crs": crs,
        "clip": shape,
        "columns": columns,
        "layer": layer,
        "elevation": len(rasters),
        "incomplete": incomplete,
        "season": season,
        "country": country,
    } | ({} if datum == "wgs84" else {"datum": datum})
    folder = cache if cache is True else Path(cache)
    kept = cached([Path(path), *rasters], options, build, cache=folder, usable=lambda one: same_on(one, day))
    return _telling(kept)


def _telling(network: StreetNetwork) -> StreetNetwork:
    """Say what was set aside or guessed and which values nobody understands, from the cache too."""
    tell(notes_of(network.provenance), str(network.provenance.get("source", "")))
    for what, values in network.provenance.items():
        if NOT_UNDERSTOOD in what and not what.startswith("layer"):
            shown = ", ".join(f"{value} ({count})" for value, count in list(values.items())[:5])
            role, first = what.split()[0], next(iter(values)).replace("(empty)", "")
            note(
                f"{network.provenance['source']}: {what}: {shown}; translate them: "
                + say("columns", {f"{role}={first}": "yes" if role == "oneway" else "primary"}, "network")
            )
    return network


def _built(
    path: str | PathLike[str] | MultiDiGraph[Any],
    crs: str | None,
    area: ClipArea | None,
    columns: Mapping[str, str] | None,
    layer: str | None,
    datum: str,
    incomplete: bool,
    rules: dict[str, str],
) -> StreetNetwork:
    if not isinstance(path, (str, PathLike)):
        _no_layer_options("an OSMnx graph", columns, layer, datum)
        return network_from_osmnx(path, crs=crs, area=area, **rules)
    file = _street_file(Path(path))
    name = file.name.lower()
    if name.endswith(LAYER_SUFFIXES):
        ways, metric = read_road_layer(file, columns=columns, layer=layer, datum=datum)
        return build_network(_clipped(ways, area), crs=crs or metric, **rules)
    _no_layer_options(str(file), columns, layer, datum)
    if name.endswith(GRAPHML_SUFFIXES):
        from access15.sources.graphml import read_graphml

        return network_from_osmnx(read_graphml(file), crs=crs, area=area, source=file.name, **rules)
    ways = _clipped(read_ways(file), area)
    if not incomplete:
        _refuse_holes(ways, str(file))
    return build_network(ways, crs=crs, **rules)


def _refuse_holes(ways: StreetWays, file: str) -> None:
    """Raise if more than `MOST_MISSING` of the vertices of the streets have no position."""
    street = np.array([tags.get("highway", "") not in NOT_STREETS for tags in ways.tags], bool)
    missing = np.isnan(ways.x)[np.repeat(street, np.asarray(ways.size, np.int64))]
    if missing.mean() > MOST_MISSING:
        raise InputError(
            f"{file}: {missing.sum():,} of {len(missing):,} vertices of the streets ({missing.mean():.1%}) have no position, "
            "for their nodes are not in the file, so that streets would be cut there: take a complete extract (Overpass: "
            '"out body; >; out skel qt;"; osmium extract: --strategy complete_ways), name a clip area inside it, or ask '
            f"for it as it is, {say('incomplete', True)}"
        )


def _clipped(ways: StreetWays, area: ClipArea | None) -> StreetWays:
    return ways if area is None else clip_ways(ways, area)


def _street_file(file: Path) -> Path:
    try:
        there = file.is_file()
    except (OSError, ValueError) as error:
        raise MissingFileError(f"{shortened(file)} does not exist: {no_name(error)}") from error
    if not there:
        what = "is a folder, not a file" if file.is_dir() else "does not exist"
        raise MissingFileError(f"the network file {file} {what}: check the path")
    kinds = (*OSM_SUFFIXES, *GRAPHML_SUFFIXES, *LAYER_SUFFIXES)
    if not file.name.lower().endswith(kinds):
        raise InputError(
            f"{file} is not a street file access15 reads: use an OpenStreetMap extract ({', '.join(OSM_SUFFIXES)}), "
            f"an OSMnx .graphml, or a layer of road lines ({', '.join(LAYER_SUFFIXES)})"
        )
    if file.stat().st_size == 0:
        raise InputError(f"{file} is empty: get the file again")
    return file


def _no_layer_options(what: str, columns: Mapping[str, str] | None, layer: str | None, datum: str) -> None:
    shifted = None if datum == "wgs84" else datum
    for option, value in (("columns", columns), ("layer", layer), ("datum", shifted)):
        if value:
            raise InputError(
                f"{option} is for layers of road lines, not for {what}: leave out {say(option, value, 'network')}"
            )
