"""Isochrone polygons."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from access15.arrays import Objects
from access15.crs import to_crs
from access15.errors import InputError
from access15.isochrones.draw import Drawing
from access15.isochrones.land_contours import shapes_over_land
from access15.isochrones.lattice import Lattice
from access15.isochrones.pixel_joins import Joins
from access15.isochrones.pixels import STRIP, Rules
from access15.isochrones.reach import Reach, Streets
from access15.isochrones.water import Water
from access15.model import Facilities, StreetNetwork, Terrain, TravelProfile
from access15.modes import MODES
from access15.network import Choices
from access15.profiles import WALK
from access15.search import Positions, direction_of, link_sites, search_graph
from access15.units import check_minutes, minutes_to_ms, thread_count

if TYPE_CHECKING:
    import geopandas as gpd


ISOCHRONE_REACH_M: Final = 100.0
"""Longest off-network leg of a point that counts as inside."""

PIXEL_M: Final = {name: mode.pixel_m for name, mode in MODES.items()}
"""Distance between pixels by mode; smaller where the shortest limit asks for it."""

FINEST_M: Final = 0.1
"""Least distance between pixels."""

_FAST: Final = 2.0
"""From this multiple of the walking leg's speed on, the strip reached last is drawn with a least width."""


def isochrones(
    network: StreetNetwork,
    facilities: Facilities,
    profile: TravelProfile = WALK,
    minutes: float | Sequence[float] = (5, 10, 15),
    *,
    direction: str | None = None,
    by: Literal["merged", "facility"] = "merged",
    reach_m: float = ISOCHRONE_REACH_M,
    pixel_m: float | None = None,
    max_snap_m: float = 5000.0,
    bands: bool = False,
    water: gpd.GeoDataFrame | None = None,
    threads: int | None = None,
    terrain: Terrain | None = None,
) -> gpd.GeoDataFrame:
    """Return the areas from which a facility is reached in time (or that it reaches in time).

    A place is inside when its routed time is within the limit: the off-network leg to the street that
    `access15.nearest_times` has it join (the nearest one at which people of the profile can stand, on this side
    of the water that the network knows), along the streets, and the facility's own leg; and when its leg is no
    longer than ``reach_m``.

    Parameters
    ----------
    network : StreetNetwork
    facilities : Facilities
    profile : TravelProfile
    minutes : float or sequence of float
        Cut-offs, minutes.
    direction : {"to", "from"}, optional
        People travel to the facilities, or an ambulance from them. Default: the profile's.
    by : {"merged", "facility"}
        One polygon per cut-off around all facilities, or one per facility and cut-off.
    reach_m : float
        Longest off-network leg, metres.
    pixel_m : float, optional
        Distance between sampled places, metres, 0.1 or more. Default: 10 on foot and by bicycle, 15 by car,
        less for very short limits.
    max_snap_m : float
        Facilities further from a street are unlinked.
    bands : bool
        Give each cut-off without the area of the one before: 0-5, 5-10, 10-15 minutes, in a further column
        ``from_minutes``.
    water : GeoDataFrame, optional
        More polygons and lines than the network knows (`access15.read_water`), that no off-network leg may cross: a
        place whose straight leg to its nearest street does is outside. Bridges stay inside, as narrow strips.
    threads : int, optional
        Default: all cores. The result does not depend on it.
    terrain : Terrain, optional
        Land that people may cross, as for `access15.nearest_times`: contours of the times of its cells, linear between
        their centres. ``reach_m``, ``pixel_m``, ``max_snap_m`` and ``water`` are not used then.

    Returns
    -------
    geopandas.GeoDataFrame
        Columns ``facility_id`` (None when merged), ``mode`` (the profile's name), ``minutes`` and
        ``geometry`` (MultiPolygon, valid, with its holes; empty where nothing is reached), in the CRS of
        the network; facilities in their order, cut-offs rising. ``attrs`` holds ``direction``,
        ``reach_m``, ``pixel_m`` and ``unlinked``, the ids of facilities too far from any street (a
        warning names them, their polygons are empty).

    Raises
    ------
    InputError
        If a cut-off, ``by``, ``reach_m`` or ``pixel_m`` is not usable, there is no facility, or the
        profile may use no street.
    CRSError
        If facilities cannot be expressed in the CRS of the network, or the water layer has no CRS.

    Notes
    -----
    Every pixel of a lattice is linked to its nearest street and timed without rounding; contours of that
    field are the polygons, so a border lies within one pixel of the exact one. Where two neighbouring
    pixels belong to streets of very different times the border runs half-way between them. Contours of
    one field are nested. Strips that a fast mode reaches last are narrower than a pixel: there, places
    within 0.75 pixels of a reached street count as inside. A facility whose leg is no longer than
    ``reach_m`` is inside its own polygon whatever the limit (its routed time to itself would be twice its
    leg): the square between the four pixels around it is.

    Pixels stay linked to their streets for later calls with the same network, profile, ``pixel_m`` and ``reach_m``,
    20 million of them at most, which is 260 MB; with ``water`` they are linked anew in each call.
    """
    cutoffs = check_minutes(minutes)
    way = direction_of(profile, direction)
    _check(by, reach_m, pixel_m)
    if terrain is not None:
        limits = tuple(minutes_to_ms(cutoff) for cutoff in cutoffs)
        shapes, lost = shapes_over_land(network, terrain, facilities, profile, way, limits, by)
        attrs = {"direction": way, "reach_m": np.nan, "pixel_m": terrain.cell_m}
        return _table(
            _bands(shapes) if bands else shapes,
            facilities,
            lost,
            profile,
            cutoffs,
            by,
            network.crs,
            attrs,
            bands,
        )
    graph = search_graph(network, profile, way)
    points = link_sites(network, facilities, profile, way, max_snap_m)
    x, y = to_crs(facilities.x, facilities.y, facilities.crs, network.crs)
    sites = Positions.of_sites(points, graph, profile)
    joins = Joins.of(Choices.of(network, profile, "origin" if way == "to" else "destination"))
    rules = _rules(profile, cutoffs, reach_m, pixel_m, thread_count(threads))
    limits = tuple(minutes_to_ms(cutoff) for cutoff in cutoffs)
    shapes = _empty(len(facilities) if by == "facility" else 1, len(limits))
    wet = Water.of(water, network.crs)
    if joins is not None and len(sites):
        drawing = Drawing(Streets.of(network, graph), _lattice(joins, rules, wet), limits, rules)
        if by == "facility":
            shapes[sites.row] = drawing.each(sites, x, y)
        else:
            shapes[0] = drawing.one(Reach.together(drawing.streets, sites, x, y, limits[-1]))
    if bands:
        shapes = _bands(shapes)
    attrs = {"direction": way, "reach_m": reach_m, "pixel_m": rules.pixel_m}
    lost = facilities.id[~points.linked]
    return _table(shapes, facilities, lost, profile, cutoffs, by, network.crs, attrs, bands)


def _table(
    shapes: Objects,
    facilities: Facilities,
    lost: Objects,
    profile: TravelProfile,
    cutoffs: tuple[float, ...],
    by: str,
    crs: str,
    attrs: dict[str, Any],
    bands: bool,
) -> gpd.GeoDataFrame:
    frame = _frame(shapes, facilities, lost, profile, cutoffs, by, crs, attrs)
    if bands:
        frame.insert(2, "from_minutes", np.tile(np.array((0.0, *cutoffs[:-1])), len(shapes)))
    return frame


def _bands(shapes: Objects) -> Objects:
    """Take from each polygon the one of the cut-off before it; (rows, cut-offs) MultiPolygons."""
    import shapely

    rings = shapely.difference(shapes[:, 1:], shapes[:, :-1])
    single = shapely.get_type_id(rings) == shapely.GeometryType.POLYGON
    rings[single] = [shapely.MultiPolygon([ring] if not ring.is_empty else []) for ring in rings[single]]
    return np.column_stack((shapes[:, :1], rings))


def _check(by: str, reach_m: float, pixel_m: float | None) -> None:
    if by not in ("merged", "facility"):
        raise InputError(f'by must be "merged" or "facility", not {by!r}')
    for name, value in (("reach_m", reach_m), ("pixel_m", pixel_m)):
        if value is not None and not (math.isfinite(value) and value > 0):
            raise InputError(f"{name} must be a number of metres above 0, not {value!r}")
    if pixel_m is not None and pixel_m < FINEST_M:
        raise InputError(
            f"pixel_m must be {FINEST_M:g} m or more, not {pixel_m:g}: no street is mapped finer"
        )


def _rules(
    profile: TravelProfile, cutoffs: tuple[float, ...], reach_m: float, pixel_m: float | None, threads: int
) -> Rules:
    ms_per_m = 3600 / profile.off_network_kph
    if pixel_m is None:
        # The smallest isochrone is at least 32 pixels across.
        pixel_m = min(PIXEL_M[profile.mode], max(cutoffs[0] * 60_000 / ms_per_m / 16, 0.5))
    fastest = max([profile.speed_kph, *profile.class_kph.values()])
    strip_m = STRIP * pixel_m if fastest >= _FAST * profile.off_network_kph else 0.0
    return Rules(float(pixel_m), float(reach_m), ms_per_m, strip_m, threads)


def _lattice(joins: Joins, rules: Rules, water: Water | None) -> Lattice:
    if water is None:
        return Lattice.kept(joins, rules.pixel_m, rules.far_m)
    return Lattice(joins, rules.pixel_m, rules.far_m, water, rules.bridge_m)


def _empty(rows: int, columns: int) -> Objects:
    import shapely

    out: Objects = np.full((rows, columns), shapely.MultiPolygon(), object)
    return out


def _frame(
    shapes: Objects,
    facilities: Facilities,
    lost: Objects,
    profile: TravelProfile,
    cutoffs: tuple[float, ...],
    by: str,
    crs: str,
    attrs: dict[str, Any],
) -> gpd.GeoDataFrame:
    import geopandas as gpd
    import pandas as pd

    ids = list(facilities.id) if by == "facility" else [None]
    table = pd.DataFrame(
        {
            "facility_id": pd.Series([i for i in ids for _ in cutoffs], dtype=object),
            "mode": profile.name,
            "minutes": np.tile(np.array(cutoffs), len(ids)),
        }
    )
    frame = gpd.GeoDataFrame(table, geometry=shapes.ravel(), crs=crs)
    unlinked = [str(name) for name in lost]
    frame.attrs.update(attrs, unlinked=unlinked)
    if unlinked:
        warnings.warn(
            f"{len(unlinked)} of {len(facilities)} facilities are too far from any street and have no isochrone "
            f"(first: {unlinked[0]!r}): check their coordinates, or raise max_snap_m",
            UserWarning,
            stacklevel=3,
        )
    return frame
