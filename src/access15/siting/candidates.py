"""Where a site could go: junctions of the network, a grid, and what is left of them after rules on land."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from access15.arrays import Bools, Floats, Ints, Objects
from access15.crs import WGS84, is_geographic, metric_crs, parse_crs, to_crs
from access15.errors import CRSError, InputError
from access15.model import Areas, Facilities, StreetNetwork, TravelProfile
from access15.network import can_stand, profile_access

if TYPE_CHECKING:
    import geopandas as gpd
    from shapely.geometry.base import BaseGeometry

    Land: TypeAlias = Areas | gpd.GeoDataFrame | gpd.GeoSeries | BaseGeometry

Nodes = Literal["junctions", "ends", "all"]

_MOST_POINTS = 5_000_000


def junction_candidates(
    network: StreetNetwork,
    profile: TravelProfile,
    *,
    spacing_m: float = 0.0,
    within: Land | None = None,
    nodes: Nodes = "junctions",
) -> Facilities:
    """Return the junctions of the network that a profile can use, as candidate sites.

    A street end counts when the profile may travel its edge in at least one direction; both ends of a
    loop count. Nodes in tunnels and of motorways, bridges and ferries alone are no sites.

    Parameters
    ----------
    network : StreetNetwork
    profile : TravelProfile
    spacing_m : float
        Least distance between two candidates, metres; of two that are closer the lower node row stays.
    within : Areas, GeoDataFrame, GeoSeries or shapely geometry, optional
        Where candidates may lie, border included; a bare geometry is in the CRS of the network.
    nodes : {"junctions", "ends", "all"}
        ``junctions``: at least three street ends meet. ``ends``: dead ends as well, where the last
        houses of a valley stand. ``all``: every node with a street end.

    Returns
    -------
    Facilities
        Ids ``j<node id>``, kind ``junction``, label ``candidates``, in node order and the CRS of the
        network; ``set_aside`` lists those thinned out or outside ``within``.

    Raises
    ------
    InputError
        If no node is left, or a value cannot be used.
    """
    if nodes not in ("junctions", "ends", "all"):
        raise InputError(f'nodes must be "junctions", "ends" or "all", not {nodes!r}')
    forward, backward = profile_access(network, profile)
    usable = (forward | backward) & int(profile.access_bit) > 0
    ends = np.concatenate([network.edge_from[usable], network.edge_to[usable]])
    degree = np.bincount(ends, minlength=network.n_nodes)
    wanted = degree >= (1 if nodes == "all" else 3)
    if nodes == "ends":
        wanted |= degree == 1
    # A junction in a tunnel is no site: some street of it must be one to stand at.
    standing = usable & can_stand(network, profile)
    firm = np.concatenate([network.edge_from[standing], network.edge_to[standing]])
    wanted &= np.bincount(firm, minlength=network.n_nodes) > 0
    rows = np.flatnonzero(wanted)
    if not len(rows):
        raise InputError(
            f"the network has no such node that {profile.name} can use: "
            + ("check the network and the profile" if nodes == "all" else 'try nodes="all"')
        )
    points = Facilities.of(
        network.node_x[rows],
        network.node_y[rows],
        network.crs,
        ids=_node_ids(network, rows),
        label="candidates",
        kind=np.full(len(rows), "junction", object),
    )
    return filter_candidates(points, allowed=within, min_spacing_m=spacing_m)


def _node_ids(network: StreetNetwork, rows: Ints) -> list[str]:
    """Return ``j<node id>``; where node ids repeat (split nodes) the node row follows."""
    ids = network.node_id[rows]
    if len(np.unique(ids)) == len(ids):
        return [f"j{node}" for node in ids.tolist()]
    _, group, count = np.unique(ids, return_inverse=True, return_counts=True)
    repeated = (count[group] > 1).tolist()
    pairs = zip(ids.tolist(), rows.tolist(), repeated, strict=True)
    return [f"j{node}r{row}" if twice else f"j{node}" for node, row, twice in pairs]


def grid_candidates(
    extent: StreetNetwork | tuple[float, float, float, float],
    spacing_m: float,
    *,
    within: Land | None = None,
    crs: str | None = None,
) -> Facilities:
    """Return the points of a square grid as candidate sites.

    Points lie on whole multiples of the spacing, so that a larger extent adds points and moves none.

    Parameters
    ----------
    extent : StreetNetwork or (min x, min y, max x, max y)
        The box to fill; of a network, the box around its nodes.
    spacing_m : float
        Distance between neighbours, metres.
    within : Areas, GeoDataFrame, GeoSeries or shapely geometry, optional
        Where candidates may lie, border included; a bare geometry is in the CRS of the grid.
    crs : str, optional
        Metric CRS of a bare box; of a network it is known.

    Returns
    -------
    Facilities
        Ids ``g<column>_<row>``, kind ``grid``, label ``candidates``, from west to east, then north;
        ``set_aside`` lists those outside ``within``.

    Raises
    ------
    InputError
        If the spacing is not above 0, the box is empty, or holds no or more than five million points.
    CRSError
        If the CRS is missing or in degrees.
    """
    if not math.isfinite(spacing_m) or spacing_m <= 0:
        raise InputError(f"spacing_m must be a number of metres above 0, not {spacing_m!r}")
    box, grid_crs = _extent(extent, crs)
    west, south = math.ceil(box[0] / spacing_m), math.ceil(box[1] / spacing_m)
    columns = np.arange(west, math.floor(box[2] / spacing_m) + 1)
    count = len(columns) * max(0, math.floor(box[3] / spacing_m) + 1 - south)
    if not count:
        raise InputError(f"the box {box} holds no grid point {spacing_m:g} m apart: use a smaller spacing_m")
    if count > _MOST_POINTS:
        raise InputError(f"the grid would have {count:,} points: use a larger spacing_m than {spacing_m:g}")
    lines = np.arange(south, math.floor(box[3] / spacing_m) + 1)
    column, line = np.tile(columns, len(lines)), np.repeat(lines, len(columns))
    ids = [f"g{c}_{r}" for c, r in zip(column.tolist(), line.tolist(), strict=True)]
    points = Facilities.of(
        column * spacing_m,
        line * spacing_m,
        grid_crs,
        ids=ids,
        label="candidates",
        kind=np.full(count, "grid", object),
    )
    return filter_candidates(points, allowed=within)


def _extent(
    extent: StreetNetwork | tuple[float, float, float, float], crs: str | None
) -> tuple[tuple[float, float, float, float], str]:
    if isinstance(extent, StreetNetwork):
        if not extent.n_nodes:
            raise InputError("the network has no node: pass a box instead")
        x, y = extent.node_x, extent.node_y
        return (float(x.min()), float(y.min()), float(x.max()), float(y.max())), extent.crs
    if crs is None:
        raise CRSError("a box needs its CRS: pass crs, such as EPSG:32650")
    if is_geographic(crs):
        raise CRSError(f"{crs} is in degrees: give the box in a CRS in metres, such as a UTM zone")
    west, south, east, north = (float(value) for value in extent)
    if not (math.isfinite(west + south + east + north) and west <= east and south <= north):
        raise InputError(f"the box must be (min x, min y, max x, max y), not {extent}")
    return (west, south, east, north), crs


def filter_candidates(
    candidates: Facilities,
    *,
    allowed: Land | None = None,
    forbidden: Land | None = None,
    min_spacing_m: float = 0.0,
) -> Facilities:
    """Return the candidates that the rules on land allow; the others are listed with a reason each.

    Parameters
    ----------
    candidates : Facilities
    allowed : Areas, GeoDataFrame, GeoSeries or shapely geometry, optional
        Candidates must lie in one of these polygons, border included. A bare geometry is in the CRS of
        the candidates.
    forbidden : Areas, GeoDataFrame, GeoSeries or shapely geometry, optional
        Candidates must not lie in any of these polygons, border included (such as an industrial control
        line). Of `Areas` the reason names the area.
    min_spacing_m : float
        Least distance between two candidates, metres; row order decides who stays.

    Returns
    -------
    Facilities
        What is left, in the order given; ``set_aside`` has ``(id, reason)`` of every other one after
        those it had before.

    Raises
    ------
    InputError
        If nothing is left, or the spacing is negative.
    CRSError
        If polygons have no CRS.
    """
    if not math.isfinite(min_spacing_m) or min_spacing_m < 0:
        raise InputError(f"min_spacing_m must be a number of metres of 0 or more, not {min_spacing_m!r}")
    reasons = np.full(len(candidates), "", object)
    if allowed is not None:
        inside, _ = _polygon_of(candidates, allowed, "allowed")
        reasons[inside < 0] = "outside the allowed polygons"
    if forbidden is not None:
        inside, names = _polygon_of(candidates, forbidden, "forbidden")
        for row in np.flatnonzero((inside >= 0) & (reasons == "")):
            reasons[row] = f"inside {names[inside[row]]}"
    if min_spacing_m > 0:
        _thin(candidates, reasons, min_spacing_m)
    keep = reasons == ""
    if len(keep) and not keep.any():
        raise InputError(f"no candidate is left of {len(candidates)}: the first one is {reasons[0]}")
    aside = zip(candidates.id[~keep].tolist(), reasons[~keep].tolist(), strict=True)
    return _take(candidates, keep, candidates.set_aside + tuple(aside))


def _take(candidates: Facilities, keep: Bools, set_aside: tuple[tuple[str, str], ...]) -> Facilities:
    columns = ((f.name, getattr(candidates, f.name)) for f in dataclasses.fields(candidates))
    parts: dict[str, Any] = {name: v[keep] for name, v in columns if isinstance(v, np.ndarray)}
    return dataclasses.replace(candidates, **parts, set_aside=set_aside)


def _polygon_of(candidates: Facilities, land: Land, what: str) -> tuple[Ints, list[str]]:
    """Return the first polygon each candidate lies in (-1 for none), and what to call the polygons."""
    import shapely

    shapes, crs, names = _shapes(land, candidates.crs, what)
    x, y = to_crs(candidates.x, candidates.y, candidates.crs, crs)
    tree = shapely.STRtree(shapes)
    point, polygon = tree.query(shapely.points(x, y), predicate="intersects")
    out = np.full(len(candidates), len(shapes), np.int64)
    np.minimum.at(out, point, polygon)
    out[out == len(shapes)] = -1
    return out, names


def _shapes(land: Land, crs: str, what: str) -> tuple[Objects, str, list[str]]:
    if isinstance(land, Areas):
        names = [f"{what} area {name or id_}" for id_, name in zip(land.id, land.name, strict=True)]
        return land.polygons, land.crs, names
    if hasattr(land, "geometry") and hasattr(land, "crs"):
        if land.crs is None:
            raise CRSError(f"the {what} polygons have no CRS: set one, such as EPSG:4326")
        shapes = np.asarray(land.geometry.values, object)
        crs = land.crs.to_wkt()
    else:
        shapes = np.array([land], object)
    return shapes, crs, [f"{what} polygon {row + 1}" for row in range(len(shapes))]


def _thin(candidates: Facilities, reasons: Objects, spacing_m: float) -> None:
    """Give a reason to every candidate that stands too close to an earlier one that stays."""
    from scipy.spatial import cKDTree

    rows = np.flatnonzero(reasons == "")
    if not len(rows):
        return
    x, y = metric_positions(candidates)
    tree = cKDTree(np.column_stack([x[rows], y[rows]]))
    for at, row in enumerate(rows.tolist()):
        if reasons[row]:
            continue
        for near in tree.query_ball_point((x[row], y[row]), spacing_m):
            # exactly the spacing apart is far enough
            if near > at and not reasons[rows[near]]:
                apart = math.hypot(x[rows[near]] - x[row], y[rows[near]] - y[row])
                if apart < spacing_m:
                    reasons[rows[near]] = f"within {spacing_m:g} m of candidate {candidates.id[row]}"


def distances_m(candidates: Facilities, places: Facilities) -> Floats:
    """Return how far each candidate is from the nearest of some places, such as elder care, (n,) metres.

    Straight distances on the ground: building next to each other is a matter of plots, not of travel. ``inf``
    where there is no place.
    """
    from scipy.spatial import cKDTree

    if not len(places) or not len(candidates):
        return np.full(len(candidates), np.inf)
    lon, lat = to_crs(candidates.x, candidates.y, candidates.crs, WGS84)
    zone = metric_crs(float(np.median(lon)), float(np.median(lat)))
    spots = np.column_stack(to_crs(places.x, places.y, places.crs, zone))
    return np.asarray(cKDTree(spots).query(np.column_stack(to_crs(lon, lat, WGS84, zone)))[0], float)


def metric_positions(candidates: Facilities) -> tuple[Floats, Floats]:
    """Return positions in metres: as they are in a metric CRS, else in the UTM zone of their middle."""
    if not is_geographic(candidates.crs):
        if parse_crs(candidates.crs).axis_info[0].unit_conversion_factor != 1.0:
            raise CRSError(f"{candidates.crs} is not in metres: use a metric CRS for a spacing in metres")
        return candidates.x, candidates.y
    zone = metric_crs(float(np.median(candidates.x)), float(np.median(candidates.y)))
    return to_crs(candidates.x, candidates.y, candidates.crs, zone)
