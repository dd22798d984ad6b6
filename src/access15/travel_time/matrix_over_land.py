"""Times between every facility and every cell over land and streets."""

from __future__ import annotations

import numpy as np

from access15.errors import InputError
from access15.model import (
    Direction,
    Facilities,
    Origin,
    Population,
    StreetNetwork,
    Terrain,
    TravelProfile,
    TravelTimes,
)
from access15.search import LARGEST_MS, OverLand, land_field, read_field, times_and_rows
from access15.travel_time.over_land import homes_on_land, over_land_way, sites_on_land
from access15.units import check_limit, minutes_to_ms

_MARGIN_CELLS = 4.0


def matrix_over_land(
    network: StreetNetwork,
    terrain: Terrain,
    facilities: Facilities,
    population: Population,
    profile: TravelProfile,
    direction: Direction,
    minutes: float | None,
    metres: bool = False,
) -> TravelTimes:
    """Return travel times of all facility–cell pairs within a limit over land and streets, one search per facility.

    Parameters and errors are those of `travel_times`; each pair has the time that `nearest_times` gives the cell where
    that facility is the only one.
    """
    if metres:
        raise InputError("lengths of ways over land are not kept pair by pair: leave metres out")
    limit = LARGEST_MS if minutes is None else minutes_to_ms(check_limit(minutes))
    late = round(profile.start_s * 1000)
    way = over_land_way(network, terrain, profile, direction)
    sites, homes = sites_on_land(way, facilities), homes_on_land(way, population)
    reach_m = (limit - late) / 1000 * _fastest_m_s(way) + _MARGIN_CELLS * terrain.cell_m
    indptr = np.zeros(len(facilities) + 1, np.int64)
    cells, times = [np.empty(0, np.int32)], [np.empty(0, np.uint32)]
    for row in range(len(facilities)):
        indptr[row + 1] = indptr[row]
        if limit < late or not sites.links.placed[row]:
            continue
        one = sites.ends.where(np.array([row]))
        near = np.flatnonzero(np.hypot(homes.ends.x - one.x[0], homes.ends.y - one.y[0]) <= reach_m)
        field = land_field(way, one, limit_ms=limit - late, metres=False)
        found = read_field(way, field, one, homes.ends.where(near))
        time, who = times_and_rows(found.label)
        within = np.flatnonzero((who >= 0) & (time <= limit - late))
        cells.append(near[within].astype(np.int32))
        times.append((time[within] + np.uint32(late)).astype(np.uint32))
        indptr[row + 1] += len(within)
    return TravelTimes(
        indptr=indptr,
        cell=np.concatenate(cells),
        time_ms=np.concatenate(times),
        metres=None,
        n_cells=len(population),
        cells=homes.links,
        sites=sites.links,
        limit_s=np.inf if minutes is None else limit / 1000,
        origin=Origin.of(network, facilities, population, profile, direction, terrain),
    )


def _fastest_m_s(way: OverLand) -> float:
    """Return the greatest speed at which anybody gets further, metres per second."""
    kph = way.land.terrain.cell_m * 3600 / float(way.land.cross_ms.min())
    if way.land.uphill:
        kph *= np.exp(3.5 * 0.05)  # Tobler's best slope
    for graph in (way.foot.graph, *(() if way.ride is None else (way.ride.graph,))):
        for ms, open_ in ((graph.forward_ms, graph.forward), (graph.backward_ms, graph.backward)):
            drawn = graph.length_m[open_] / np.maximum(ms[open_], 1.0) * 3600
            kph = max(kph, float(drawn.max(initial=0.0)))
    return kph / 3.6
