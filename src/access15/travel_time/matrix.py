"""Travel times between every facility and every cell within a limit."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass

import numpy as np

from access15.arrays import Float32s, Int32s, Ints, UInt32s
from access15.errors import InputError
from access15.model import (
    Direction,
    Facilities,
    LinkedPoints,
    Origin,
    Population,
    StreetNetwork,
    Terrain,
    TravelProfile,
    TravelTimes,
)
from access15.network import MAX_SNAP_M
from access15.profiles import WALK
from access15.search import (
    LARGEST_MS,
    BoundedSearches,
    Part,
    Positions,
    direction_of,
    link_cells,
    link_sites,
    search_graph,
)
from access15.travel_time.matrix_over_land import matrix_over_land
from access15.units import check_limit, minutes_to_ms


def travel_times(
    network: StreetNetwork,
    facilities: Facilities,
    population: Population,
    profile: TravelProfile = WALK,
    *,
    minutes: float | None = None,
    direction: str | None = None,
    metres: bool = False,
    max_snap_m: float = MAX_SNAP_M,
    threads: int | None = None,
    terrain: Terrain | None = None,
) -> TravelTimes:
    """Return travel times of all facility–cell pairs within a limit, by one bounded search per facility.

    Parameters
    ----------
    network : StreetNetwork
    facilities : Facilities
        Existing or candidate sites.
    population : Population
    profile : TravelProfile
    minutes : float, optional
        Only pairs within it, the limit included; without it every reachable pair.
    direction : {"to", "from"}, optional
        Default: the profile's. ``"to"``: cells travel to facilities.
    metres : bool
        Also return the length of each quickest path (the shortest one among equally quick paths).
    max_snap_m : float
        Points further from a street are unlinked: they have no pairs.
    threads : int, optional
        Searches side by side; default: all cores. The result does not depend on it.
    terrain : Terrain, optional
        Land that people may cross, as for `access15.nearest_times`; searched one facility after another.

    Returns
    -------
    TravelTimes

    Raises
    ------
    InputError
        If ``minutes`` is not above 0, there is no facility or no cell, or the profile may use no street; with a terrain
        also for ``metres``, and as `access15.nearest_times`.
    """
    if terrain is not None:
        way = direction_of(profile, direction)
        return matrix_over_land(network, terrain, facilities, population, profile, way, minutes, metres)
    asked = _asked(network, facilities, population, profile, minutes, direction, metres, max_snap_m)
    return asked.table([part for part, _ in asked.searches.run(threads)])


def iter_travel_times(
    network: StreetNetwork,
    facilities: Facilities,
    population: Population,
    profile: TravelProfile = WALK,
    *,
    minutes: float | None = None,
    direction: str | None = None,
    metres: bool = False,
    max_snap_m: float = MAX_SNAP_M,
    threads: int | None = None,
    pairs: int = 1 << 22,
    terrain: Terrain | None = None,
) -> Generator[TravelTimes, None, None]:
    """Return the table of `travel_times` block by block, for tables that do not fit in memory.

    Parameters
    ----------
    network, facilities, population, profile, minutes, direction, metres, max_snap_m, threads
        As in `travel_times`.
    pairs : int
        A block ends with the facility that brings it to so many pairs, or soon after where facilities were searched
        together.
    terrain : Terrain, optional
        As in `travel_times`; the table is then one block.

    Yields
    ------
    TravelTimes
        Only some facilities, one after another, have pairs; all others have none. The blocks behind
        each other are the whole table. There is at least one.

    Raises
    ------
    InputError
        As `travel_times`, and if ``pairs`` is not above 0; at once, not with the first block.
    """
    if not pairs > 0:
        raise InputError(f"pairs must be above 0, not {pairs}: it is the size of a block")
    if terrain is not None:
        way = direction_of(profile, direction)
        found = matrix_over_land(network, terrain, facilities, population, profile, way, minutes, metres)
        return (table for table in (found,))
    asked = _asked(network, facilities, population, profile, minutes, direction, metres, max_snap_m)
    return asked.blocks(threads, pairs)


def linked_times(
    network: StreetNetwork,
    sites: LinkedPoints,
    cells: LinkedPoints,
    profile: TravelProfile,
    direction: Direction,
    minutes: float,
) -> tuple[Ints, Int32s, UInt32s]:
    """Return times between points that stand on the network already, as compressed rows.

    Parameters
    ----------
    network : StreetNetwork
    sites, cells : LinkedPoints
        ``s`` and ``n`` points.
    profile : TravelProfile
    direction : {"to", "from"}
        ``"to"``: cells travel to sites.
    minutes : float
        Only pairs within it, the limit included.

    Returns
    -------
    indptr, cell, time_ms : (s + 1,) int64, (pairs,) int32, (pairs,) uint32
        Cells of each site in rising order, off-network legs of both ends included.
    """
    limit = minutes_to_ms(check_limit(minutes))
    searches = _searches(network, sites, cells, profile, direction, limit)
    return _joined([part for part, _ in searches.run()], len(sites))[:3]


def iter_linked_times(
    network: StreetNetwork,
    sites: LinkedPoints,
    cells: LinkedPoints,
    profile: TravelProfile,
    direction: Direction,
    minutes: float,
    pairs: int = 1 << 22,
) -> Iterator[Part]:
    """Yield the times of `linked_times` as they are found, about ``pairs`` at once, for tables that are looked at once.

    Neighbouring sites are searched together, so that the parts come in any order of sites.
    """
    limit = minutes_to_ms(check_limit(minutes))
    for part, _ in _searches(network, sites, cells, profile, direction, limit).run(pairs=pairs):
        yield part


@dataclass(frozen=True, eq=False)
class _Asked:
    """The searches of one table, and what the table tells beside its pairs."""

    searches: BoundedSearches
    cells: LinkedPoints
    sites: LinkedPoints
    limit_s: float
    origin: Origin

    def table(self, parts: list[Part]) -> TravelTimes:
        """Return the pairs of some facilities; ``parts`` is emptied."""
        pairs = _joined(parts, len(self.sites), self.searches.metres)
        return TravelTimes(*pairs, len(self.cells), self.cells, self.sites, self.limit_s, self.origin)

    def blocks(self, threads: int | None, pairs: int) -> Generator[TravelTimes, None, None]:
        """Yield tables of about so many pairs."""
        parts: list[Part] = []
        done = 0
        for part, in_order in self.searches.run(threads, pairs):
            parts.append(part)
            done += len(part.site)
            if in_order and (sum(len(part.cell) for part in parts) >= pairs or done == len(self.sites)):
                yield self.table(parts)


def _asked(
    network: StreetNetwork,
    facilities: Facilities,
    population: Population,
    profile: TravelProfile,
    minutes: float | None,
    direction: str | None,
    metres: bool,
    max_snap_m: float,
) -> _Asked:
    way = direction_of(profile, direction)
    limit = LARGEST_MS if minutes is None else minutes_to_ms(check_limit(minutes))
    sites = link_sites(network, facilities, profile, way, max_snap_m)
    cells = link_cells(network, population, profile, way, max_snap_m)
    searches = _searches(network, sites, cells, profile, way, limit, metres)
    origin = Origin.of(network, facilities, population, profile, way)
    return _Asked(searches, cells, sites, np.inf if minutes is None else limit / 1000, origin)


def _searches(
    network: StreetNetwork,
    sites: LinkedPoints,
    cells: LinkedPoints,
    profile: TravelProfile,
    way: Direction,
    limit_ms: int,
    metres: bool = False,
) -> BoundedSearches:
    graph = search_graph(network, profile, way)
    at = Positions.of_sites(sites, graph, profile), Positions.of(cells, graph, profile)
    return BoundedSearches.between(graph, *at, len(sites), len(cells), limit_ms, metres)


def _joined(
    parts: list[Part], n_sites: int, metres: bool = False
) -> tuple[Ints, Int32s, UInt32s, Float32s | None]:
    """Return ``indptr, cell, time_ms, metres`` of parts, which are let go one by one."""
    indptr = np.zeros(n_sites + 1, np.int64)
    for part in parts:
        indptr[part.site + 1] = part.count
    np.cumsum(indptr, out=indptr)
    cell, time_ms = np.empty(indptr[-1], np.int32), np.empty(indptr[-1], np.uint32)
    length = np.empty(indptr[-1], np.float32) if metres else None
    while parts:
        part = parts.pop()
        for start, end, some in _runs(part, indptr):
            cell[start:end], time_ms[start:end] = part.cell[some], part.time_ms[some]
            if length is not None and part.metres is not None:
                length[start:end] = part.metres[some]
    return indptr, cell, time_ms, length


def _runs(part: Part, indptr: Ints) -> list[tuple[int, int, slice]]:
    """Return where the pairs of a part stand in the table: ``(start, end, pairs of the part)`` of sites in a row."""
    breaks = np.flatnonzero(np.diff(part.site) != 1) + 1
    first, last = np.append(0, breaks), np.append(breaks, len(part.site)) - 1
    start, end = indptr[part.site[first]], indptr[part.site[last] + 1]
    stop = np.cumsum(end - start)
    rows = zip(start.tolist(), end.tolist(), (stop - end + start).tolist(), stop.tolist(), strict=True)
    return [(a, b, slice(c, d)) for a, b, c, d in rows]
