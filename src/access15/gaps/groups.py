"""Which under-served cells belong to one gap: clusters along the streets, cut to what one site can serve."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from access15.arrays import Floats, Ints
from access15.crs import to_crs
from access15.gaps.clusters import cluster_by_distance, cluster_by_time
from access15.gaps.parts import parts_by_distance, parts_by_time
from access15.model import LinkedPoints
from access15.network import routing_graph
from access15.units import NOT_REACHED_MS, minutes_to_ms

if TYPE_CHECKING:
    from access15.model import NearestTimes, Population, StreetNetwork, TravelProfile


@dataclass(frozen=True, slots=True)
class Nearness:
    """How near two cells must be to belong together, and how far from one site they may be.

    Attributes
    ----------
    cluster_minutes : float
        Between neighbours, along the streets.
    off_street_m : float
        Between neighbours off the streets, in a straight line.
    door_to_door : bool
        Whether the ways to the street count between neighbours.
    serve_minutes : float
        From a cell to the centre of its gap; ``inf`` leaves clusters whole.
    """

    cluster_minutes: float
    off_street_m: float
    door_to_door: bool
    serve_minutes: float


@dataclass(frozen=True, slots=True, eq=False)
class Grouping:
    """The cluster and the part of each under-served cell, and where the centres of the parts are.

    Attributes
    ----------
    cluster, part : (k,) int64
        Numbers without order; a part lies within one cluster.
    centre : (parts,) int64
        Position among the ``k`` cells of the cell at which each part's centre stands, -1 without centres.
    away_s : (k,) float64
        Seconds from each cell to that centre, NaN without one.
    """

    cluster: Ints
    part: Ints
    centre: Ints
    away_s: Floats


def group_cells(
    network: StreetNetwork,
    population: Population,
    times: NearestTimes,
    rows: Ints,
    cutoff: float,
    nearness: Nearness,
) -> Grouping:
    """Return the cluster and the part of each under-served cell.

    Parameters
    ----------
    network, population, times
        As in `access15.find_gaps`.
    rows : (k,) int64
        Under-served cells.
    cutoff : float
        Cut-off, minutes: cells whose way to the street alone takes longer are clustered apart.
    nearness : Nearness
    """
    k = len(rows)
    leg_ms = times.cells.leg_m[rows] * 3600 / times.profile.off_network_kph
    on = times.cells.linked[rows] & (leg_ms <= minutes_to_ms(cutoff))
    x, y = to_crs(population.x[rows], population.y[rows], population.crs, network.crs)
    # Chains of near cells: along the streets, and in a straight line for cells off them.
    cluster = np.empty(k, np.int64)
    cluster[on] = _along_streets(network, times, rows[on], leg_ms[on], nearness)
    cluster[~on] = cluster_by_distance(x[~on], y[~on], nearness.off_street_m) + int(on.sum())
    if math.isinf(nearness.serve_minutes):
        return Grouping(cluster, cluster, np.full(cluster.max(initial=-1) + 1, -1), np.full(k, np.nan))
    # Clusters too large for one site are cut; cells too far from a street for that are cut in a straight line too.
    minutes, people = nearness.serve_minutes, population.people[rows]
    on &= leg_ms <= minutes_to_ms(minutes)
    at, off = np.flatnonzero(on), np.flatnonzero(~on)
    street = parts_by_time(network, times, rows[at], cluster[at], people[at], minutes)
    metres = minutes / 60 * times.profile.off_network_kph * 1000
    straight = parts_by_distance(x[off], y[off], cluster[off], people[off], metres)
    part, away_s = np.empty(k, np.int64), np.empty(k)
    part[at], part[off] = street.part, straight.part + len(street.centre)
    away_s[at], away_s[off] = street.away / 1000, straight.away * 3.6 / times.profile.off_network_kph
    return Grouping(cluster, part, np.concatenate([at[street.centre], off[straight.centre]]), away_s)


def _along_streets(
    network: StreetNetwork, times: NearestTimes, rows: Ints, leg_ms: Floats, nearness: Nearness
) -> Ints:
    links = times.cells
    cells = LinkedPoints(links.edge[rows], links.fraction[rows], links.leg_m[rows], links.reason[rows])
    counted = leg_ms if nearness.door_to_door else np.zeros(len(rows))
    limit_ms = minutes_to_ms(nearness.cluster_minutes)
    return cluster_by_time(network, _edge_ms(network, times.profile), cells, counted, limit_ms)


def _edge_ms(network: StreetNetwork, profile: TravelProfile) -> Floats:
    """Return the time along each edge in the faster permitted direction, ``inf`` where there is none."""
    graph = routing_graph(network, profile)
    fastest = np.minimum(graph.forward_ms, graph.backward_ms)
    return np.where(fastest == NOT_REACHED_MS, np.inf, fastest)
