"""The streets reached in time, cut exactly at the limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from access15.arrays import Floats, Int32s, Ints
from access15.crs import to_crs
from access15.isochrones.reach import Reach, Streets
from access15.model import Facilities, StreetNetwork, TravelProfile
from access15.profiles import WALK
from access15.search import Positions, direction_of, link_sites, search_graph
from access15.units import NOT_REACHED_MS, check_limit, minutes_to_ms

if TYPE_CHECKING:
    import geopandas as gpd


def reached_edges(
    network: StreetNetwork,
    facilities: Facilities,
    profile: TravelProfile = WALK,
    minutes: float = 15,
    *,
    direction: str | None = None,
    max_snap_m: float = 5000.0,
) -> gpd.GeoDataFrame:
    """Return the pieces of street from which a facility is reached in time, cut exactly at the limit.

    Parameters
    ----------
    network : StreetNetwork
    facilities : Facilities
    profile : TravelProfile
    minutes : float
        Cut-off, minutes; the facility's off-network leg counts.
    direction : {"to", "from"}, optional
        People travel to the facilities, or an ambulance from them. Default: the profile's.
    max_snap_m : float
        Facilities further from a street do not take part.

    Returns
    -------
    geopandas.GeoDataFrame
        One row per connected piece of an edge, no stretch twice, in the order of the edges: ``edge`` (row
        of the network), ``way_id``, ``from_share``, ``to_share`` (of the edge, 0..1, in its drawn
        direction), ``from_m``, ``to_m`` (metres on the ground), ``from_s``, ``to_s`` (seconds at the two
        ends) and ``geometry`` (LineString), in the CRS of the network. Streets without length are left
        out.

    Raises
    ------
    InputError
        If ``minutes`` is not above 0, there is no facility, or the profile may use no street.

    Notes
    -----
    An edge is entered from its ends where the profile may travel it from there, and from facilities in
    mid-edge; the reached stretches are united. Shares are cut by time, which is even along an edge.
    """
    import geopandas as gpd
    import shapely

    limit = minutes_to_ms(check_limit(minutes))
    way = direction_of(profile, direction)
    graph = search_graph(network, profile, way)
    sites = Positions.of_sites(link_sites(network, facilities, profile, way, max_snap_m), graph, profile)
    x, y = to_crs(facilities.x, facilities.y, facilities.crs, network.crs)
    streets = Streets.of(network, graph)
    reach = Reach.together(streets, sites, x, y, limit)
    pieces = reached_pieces(streets, reach, limit)
    coords, offsets = cut(network, pieces)
    drawn = lengths(coords, offsets) > 0
    lines = shapely.linestrings(coords, indices=np.repeat(np.arange(len(pieces.edge)), np.diff(offsets)))
    length = network.length_m[pieces.edge]
    table = {
        "edge": pieces.edge,
        "way_id": network.way_id[pieces.edge],
        "from_share": pieces.begin,
        "to_share": pieces.end,
        "from_m": pieces.begin * length,
        "to_m": pieces.end * length,
        "from_s": times_at(streets, reach, pieces.edge, pieces.begin) / 1000,
        "to_s": times_at(streets, reach, pieces.edge, pieces.end) / 1000,
    }
    frame = gpd.GeoDataFrame(table, geometry=lines, crs=network.crs)
    return frame[drawn].reset_index(drop=True)


@dataclass(frozen=True, eq=False)
class Pieces:
    """Stretches of edges: ``edge`` (k,) int32, and shares ``begin < end`` (k,) float64 along it."""

    edge: Int32s
    begin: Floats
    end: Floats


def reached_pieces(streets: Streets, reach: Reach, limit_ms: int) -> Pieces:
    """Return the stretches reached within a limit, united, in the order of the edges."""
    parts = [*_from_ends(streets, reach, limit_ms), *_from_sites(streets, reach.sites, limit_ms)]
    edge, begin, end = (np.concatenate([part[k] for part in parts]) for k in range(3))
    some = end > begin
    edge, begin, end = edge[some].astype(np.int64), begin[some], end[some]
    order = np.lexsort((begin, edge))
    edge, begin, end = edge[order], begin[order], end[order]
    if not len(edge):
        return Pieces(edge.astype(np.int32), begin, end)
    # Edges are laid end to end with gaps, so that one running maximum serves all of them.
    furthest = np.maximum.accumulate(2 * edge + end)
    opens = np.append(True, 2 * edge[1:] + begin[1:] > furthest[:-1])
    first = np.flatnonzero(opens)
    return Pieces(edge[first].astype(np.int32), begin[first], np.maximum.reduceat(end, first))


def _from_ends(streets: Streets, reach: Reach, limit_ms: int) -> list[tuple[Ints, Floats, Floats]]:
    """Return the stretches entered from the tails and from the heads of edges."""
    found = []
    for side in (0, 1):
        label, pass_ms = reach.labels[streets.edges[:, side]], streets.edges[:, 2 + side]
        edge = np.flatnonzero((label <= limit_ms) & (pass_ms != NOT_REACHED_MS))
        share = np.minimum((limit_ms - label[edge].astype(np.int64)) / np.maximum(pass_ms[edge], 1), 1.0)
        share[pass_ms[edge] == 0] = 1.0
        whole = np.zeros(len(edge)), share
        found.append((edge, *(whole if side == 0 else (1 - share, whole[0] + 1))))
    return found


def _from_sites(streets: Streets, sites: Positions, limit_ms: int) -> list[tuple[Ints, Floats, Floats]]:
    """Return the stretches that facilities reach on their own edges, ahead and behind."""
    found = []
    for side in (0, 1):
        pass_ms = streets.edges[sites.edge, 2 + side]
        use = (pass_ms != NOT_REACHED_MS) & (sites.leg_ms <= limit_ms)
        at = sites.fraction[use]
        share = (limit_ms - sites.leg_ms[use]) / np.maximum(pass_ms[use], 1)
        share[pass_ms[use] == 0] = 1.0
        span = (at, np.minimum(at + share, 1.0)) if side == 0 else (np.maximum(at - share, 0.0), at)
        found.append((sites.edge[use].astype(np.int64), *span))
    return found


def times_at(streets: Streets, reach: Reach, edge: Int32s, share: Floats) -> Floats:
    """Return the milliseconds at places on streets, (k,)."""
    from access15._kernels.raster import places_ms

    out = np.empty(len(edge))
    places_ms(edge, share, reach.labels, streets.edges, *reach.own.arrays, out)
    return out


def cut(network: StreetNetwork, pieces: Pieces) -> tuple[Floats, Ints]:
    """Return the points of all pieces (p, 2), and where each piece starts in them (k + 1,)."""
    from access15._kernels.pieces import cut_lines

    offsets = np.zeros(len(pieces.edge) + 1, np.int64)
    shape = (network.vertex_offset, network.vertex_x, network.vertex_y)
    cut_lines(pieces.edge, pieces.begin, pieces.end, *shape, offsets, np.empty((0, 2)))
    coords = np.empty((int(offsets[-1]), 2))
    if len(coords):
        cut_lines(pieces.edge, pieces.begin, pieces.end, *shape, offsets, coords)
    return coords, offsets


def lengths(coords: Floats, offsets: Ints) -> Floats:
    """Return the length of each piece of `cut` in the plane, (k,)."""
    if len(offsets) < 2:
        return np.empty(0)
    step = np.append(np.hypot(*np.diff(coords, axis=0).T), 0.0)
    step[offsets[1:] - 1] = 0.0
    out: Floats = np.add.reduceat(step, offsets[:-1])
    return out
