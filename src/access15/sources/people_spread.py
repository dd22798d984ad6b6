"""People of large polygons spread over where people live: buildings, the cells of a raster, or streets of settlements."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from access15.arrays import Bools, Floats, Ints
from access15.crs import WGS84, to_crs
from access15.errors import InputError
from access15.model import Areas, Note, Population, StreetNetwork, tell, with_notes
from access15.sources.buildings import read_buildings
from access15.sources.layers import moved
from access15.sources.population_raster import RASTERS, read_raster
from access15.sources.table import existing

if TYPE_CHECKING:
    import geopandas as gpd


SHARE: Final = 16
"""People are given in sixteenths: sums of sixteenths are exact in binary numbers."""

STREET_WEIGHTS: Final = {
    "residential": 1.0,
    "living_street": 1.0,
    "pedestrian": 1.0,
    "unclassified": 0.5,
    "tertiary": 0.5,
    "road": 0.5,
    "secondary": 0.25,
    "primary": 0.25,
}
"""Homes per metre of street, relative to a residential one. Practice values, not from a published source."""

PIECE_M: Final = 100.0
"""Longest piece of street whose people stand at its middle, metres."""


@dataclass(frozen=True, slots=True, eq=False)
class _Spots:
    """Places people can be given, in WGS 84, and how many each gets relative to the others."""

    ids: list[str]
    lon: Floats
    lat: Floats
    weight: Floats
    how: str


def spread_people(
    areas_or_population: Areas | Population | gpd.GeoDataFrame,
    onto: gpd.GeoDataFrame | StreetNetwork | Population | str | PathLike[str],
    total: str | float | Floats | list[float] = "population",
) -> Population:
    """Spread the people of polygons over buildings, a raster or streets; every polygon keeps its total exactly.

    Parameters
    ----------
    areas_or_population : Population, Areas or GeoDataFrame
        Polygons with people. A Population needs outlines, or cells of a raster; its groups are spread as everybody is.
    onto : GeoDataFrame, StreetNetwork, Population or path
        Where people live. *Buildings*: outlines, weighted by footprint × ``levels`` (a building without levels has the
        median of its polygon, else of all, else 1); a path to an OSM file or a layer of outlines is read by
        `access15.sources.read_buildings`. *A raster* (.tif …) of people or of built-up shares, weighted by its values.
        *Streets*, weighted by length and class (`STREET_WEIGHTS`), in pieces of up to 100 m.
    total : str, number or sequence
        For a GeoDataFrame the column of people; for Areas one number for each, or one for all together, which is then
        shared by nothing but the weights.

    Returns
    -------
    Population
        Points. A polygon in which nobody can live by ``onto`` keeps its people on a point of its surface; this is told.

    Raises
    ------
    InputError
        If there are no polygons, or no place lies in any of them.

    Notes
    -----
    Shares are rounded to sixteenths of a person by largest remainders; what a total has beyond sixteenths goes to the place
    with the largest share.
    """
    source = _source(areas_or_population, total)
    spots = _spots(onto, source)
    inside = _which(source, spots)
    return _given(source, spots, inside)


def _source(given: Any, total: Any) -> Population:
    """Return polygons with people as a population with outlines."""
    import shapely

    if isinstance(given, Population):
        if given.outlines is not None:
            return given
        if given.cell_size is None:
            raise InputError("the population has no outlines: people of points are where they are")
        half_x, half_y = given.cell_size[0] / 2, given.cell_size[1] / 2
        x, y = given.x, given.y
        return replace(given, outlines=shapely.box(x - half_x, y - half_y, x + half_x, y + half_y))
    if isinstance(given, Areas):
        shapes, crs, ids = given.polygons, given.crs, [str(i) for i in given.id]
        if isinstance(total, str):
            raise InputError(
                "areas carry no people: give total= as one number for each of them, or one for all"
            )
        people = np.atleast_1d(np.asarray(total, float))
        if len(people) == 1 and len(given) > 1:
            shapes, ids = np.array([shapely.union_all(shapes), None], object)[:-1], ["all"]
    elif hasattr(given, "geometry") and hasattr(given, "crs"):
        if not isinstance(total, str) or total not in given:
            raise InputError(f"the frame has no column {total!r} of people: name it, total=…")
        if given.crs is None:
            raise InputError("the frame has no CRS: set it, such as frame.set_crs('EPSG:4326')")
        people, shapes = given[total].to_numpy(float), given.geometry.to_numpy()
        lived = np.nan_to_num(people) > 0
        if not np.isin(shapely.get_type_id(shapes[lived]), (3, 6)).all() or not lived.any():
            raise InputError("the frame must hold polygons with people")
        people, shapes, crs = people[lived], shapes[lived], str(given.crs)
        ids = [str(i) for i in given.get("id", given.index)[lived]]
    else:
        raise InputError(
            f"people are spread from a Population, Areas or GeoDataFrame, not {type(given).__name__}"
        )
    if len(people) != len(ids):
        raise InputError(f"total= has {len(people)} numbers for {len(ids)} areas: give one for each")
    spot = shapely.point_on_surface(shapes)
    return Population.of(shapely.get_x(spot), shapely.get_y(spot), people, crs, cell_id=ids, outlines=shapes)


def _spots(onto: Any, source: Population) -> _Spots:
    if isinstance(onto, StreetNetwork):
        return _street_spots(onto)
    if isinstance(onto, Population):
        lon, lat = to_crs(onto.x, onto.y, onto.crs, WGS84)
        return _Spots([str(i) for i in onto.cell_id], lon, lat, onto.people, "cells, by their people")
    if hasattr(onto, "geometry") and hasattr(onto, "crs"):
        return _building_spots(onto, source)
    if isinstance(onto, (str, PathLike)):
        file = existing(onto)
        if file.suffix.lower() in RASTERS:
            return _spots(read_raster(Path(file), {}, None), source)
        return _building_spots(read_buildings(file, within=_region(source)), source)
    raise InputError(f"onto= must be buildings, a raster or streets, not {type(onto).__name__}")


def _region(source: Population) -> Any:
    """Return the rectangle around all polygons, in degrees."""
    import geopandas as gpd
    import shapely

    assert source.outlines is not None
    return shapely.box(*moved(gpd.GeoSeries(list(source.outlines), crs=source.crs), WGS84).total_bounds)


def _building_spots(buildings: gpd.GeoDataFrame, source: Population) -> _Spots:
    if buildings.crs is None:
        raise InputError("the buildings have no CRS: set it, such as buildings.set_crs('EPSG:4326')")
    if not len(buildings):
        raise InputError("there are no buildings to spread people over: give others, or spread over streets")
    metres = moved(buildings, buildings.estimate_utm_crs()) if buildings.crs.is_geographic else buildings
    spot = moved(metres.representative_point(), WGS84)
    lon, lat = spot.x.to_numpy(float), spot.y.to_numpy(float)
    ids = [str(i) for i in (buildings.get("id", buildings.index))]
    levels = np.full(len(ids), np.nan)
    if "levels" in buildings:
        levels = buildings["levels"].to_numpy(float)
    spots = _Spots(ids, lon, lat, metres.area.to_numpy(float), "")
    known = np.isfinite(levels) & (levels >= 1)
    weight = spots.weight * _filled(levels, known, _which(source, spots))
    how = f"{len(ids):,} buildings, by footprint × levels ({int(known.sum()):,} have levels, others the median of their polygon)"
    return _Spots(ids, lon, lat, weight, how)


def _filled(levels: Floats, known: Bools, inside: Ints) -> Floats:
    """Return levels, unknown ones the median of their polygon, else of all, else 1."""
    overall = float(np.median(levels[known])) if known.any() else 1.0
    out = np.where(known, levels, overall)
    for polygon in np.unique(inside[~known]).tolist():
        here = inside == polygon
        if polygon >= 0 and (here & known).any():
            out[here & ~known] = np.median(levels[here & known])
    return out


def _street_spots(network: StreetNetwork) -> _Spots:
    """Return pieces of the streets along which people live."""
    import shapely

    weight_of = np.array([STREET_WEIGHTS.get(name, 0.0) for name in network.highway_classes])
    edges = np.flatnonzero(weight_of[network.highway] > 0)
    if not len(edges):
        raise InputError(
            "no street of a settlement (residential, unclassified, tertiary …) is in the network: spread over buildings"
        )
    count = np.diff(network.vertex_offset)[edges]
    rows = np.repeat(network.vertex_offset[edges] - np.r_[0, np.cumsum(count)[:-1]], count) + np.arange(
        count.sum()
    )
    corners = np.column_stack((network.vertex_x[rows], network.vertex_y[rows]))
    lines = shapely.linestrings(corners, indices=np.repeat(np.arange(len(edges)), count))
    pieces = np.maximum(np.ceil(network.length_m[edges] / PIECE_M), 1).astype(np.int64)
    of = np.repeat(np.arange(len(edges)), pieces)
    turn = np.arange(len(of)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    spot = shapely.line_interpolate_point(lines[of], (turn + 0.5) / pieces[of], normalized=True)
    lon, lat = to_crs(shapely.get_x(spot), shapely.get_y(spot), network.crs, WGS84)
    weight = (network.length_m[edges] / pieces)[of] * weight_of[network.highway[edges]][of]
    ids = [f"edge {e} {k + 1}" for e, k in zip(edges[of].tolist(), turn.tolist(), strict=True)]
    return _Spots(
        ids, lon, lat, weight, f"{network.length_m[edges].sum() / 1000:,.0f} km of streets, by length × class"
    )


def _which(source: Population, spots: _Spots) -> Ints:
    """Return the polygon each place lies in, -1 for none; the first where polygons overlap."""
    import shapely

    x, y = to_crs(spots.lon, spots.lat, WGS84, source.crs)
    place, polygon = shapely.STRtree(source.outlines).query(shapely.points(x, y), predicate="intersects")
    out = np.full(len(x), len(source), np.int64)
    np.minimum.at(out, place, polygon)
    out[out == len(source)] = -1
    return out


def _given(source: Population, spots: _Spots, inside: Ints) -> Population:
    usable = (inside >= 0) & np.isfinite(spots.weight) & (spots.weight > 0)
    if not usable.any():
        raise InputError(
            f"none of the {len(spots.ids):,} places ({spots.how}) lies in a polygon with people: check that they are of one region"
        )
    order = np.flatnonzero(usable)[np.argsort(inside[usable], kind="stable")]
    starts = np.searchsorted(inside[order], np.arange(len(source) + 1))
    people, rows = np.zeros(len(order)), [order[a:b] for a, b in pairwise(starts.tolist())]
    groups = {name: np.zeros(len(order)) for name in source.groups}
    left: list[int] = []
    for i, (a, b) in enumerate(pairwise(starts.tolist())):
        if a == b:
            left.append(i)
            continue
        people[a:b] = shared(float(source.people[i]), spots.weight[rows[i]])
        for name, counts in source.groups.items():
            groups[name][a:b] = _in_proportion(float(counts[i]), people[a:b])
    lon, lat = to_crs(source.x[left], source.y[left], source.crs, WGS84)
    lived = people > 0
    ids = [spots.ids[k] for k in order[lived]] + [f"area {source.cell_id[i]}" for i in left]
    spread = float(people.sum())
    notes = _notes(source, left, spread, int(lived.sum()), spots.how)
    tell(notes, str(source.provenance.get("source", "")))
    return Population(
        cell_id=np.array([*ids, None], object)[:-1],
        x=np.r_[spots.lon[order[lived]], lon],
        y=np.r_[spots.lat[order[lived]], lat],
        people=np.r_[people[lived], source.people[left]],
        crs=WGS84,
        groups={name: np.r_[values[lived], source.groups[name][left]] for name, values in groups.items()},
        villages=source.villages,
        village=None if source.village is None else source.village[np.r_[inside[order[lived]], left]],
        provenance=with_notes(
            {
                **{k: v for k, v in source.provenance.items() if k != "datum"},
                "spread over": spots.how,
                "polygons spread": len(source) - len(left),
                "polygons without a place": [str(i) for i in source.cell_id[left]],
                "places": int(lived.sum()),
                "people spread": spread,
            },
            notes,
        ),
    )


def _notes(source: Population, left: list[int], spread: float, places: int, how: str) -> list[Note]:
    """Return what is to be told: people are modelled, and some stay where they were given."""
    lost = float(source.people[left].sum())
    listed = ", ".join(str(i) for i in source.cell_id[left][:5]) + (" …" if len(left) > 5 else "")
    out = [
        Note(
            "people spread",
            spread,
            f"people of {len(source) - len(left)} polygons are spread over {places:,} places, a model and no census: {how}",
            f"人（{len(source) - len(left)} 个面）按模型分布到 {places:,} 个位置，并非普查：{how}",
            spread / source.total,
            "people",
        )
    ]
    if left:
        out.append(
            Note(
                "polygons without a place to live",
                lost,
                f"people stay at a point of their polygon, {len(left)} of {len(source)} polygons hold no place to live: {listed}",
                f"人留在面内一点：{len(source)} 个面中有 {len(left)} 个没有可居住的位置（{listed}）",
                lost / source.total,
                "people",
            )
        )
    return out


def shared(total: float, weight: Floats) -> Floats:
    """Return ``total`` people shared by weight in whole sixteenths (largest remainders), with an exact sum.

    Parameters
    ----------
    total : float
        What it has beyond whole sixteenths goes to the largest weight.
    weight : (n,) float64
        Above 0.
    """
    whole = int(np.floor(total * SHARE))
    exact = weight / weight.sum() * whole
    parts = np.floor(exact).astype(np.int64)
    order = np.argsort(-(exact - parts), kind="stable")
    missing = whole - int(parts.sum())
    parts[order[: max(missing, 0)]] += 1
    if missing < 0:
        parts[np.argmax(parts)] += missing
    out = parts / SHARE
    out[np.argmax(weight)] += total - whole / SHARE
    return np.asarray(out, float)


def _in_proportion(total: float, people: Floats) -> Floats:
    """Return a group's people shared as everybody is, never more of them than people, the sum kept."""
    out = people * (total / people.sum())
    largest = int(np.argmax(people))
    out[largest] = max(out[largest] + (total - out.sum()), 0.0)
    return np.asarray(out, float)
