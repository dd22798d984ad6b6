"""Gaps: where the people live who are not covered, why, and what would serve them."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from access15.arrays import AnyArray, Floats, Int32s, Ints, Objects
from access15.coverage import assign_areas, sorted_quantiles
from access15.crs import to_crs
from access15.errors import InputError
from access15.gaps.groups import Grouping, Nearness, group_cells
from access15.gaps.reasons import REASONS, Responses, cell_reasons
from access15.gaps.shapes import gap_polygons
from access15.gaps.shortage import KINDS, Shortage, find_shortage
from access15.model import GapKind, Gaps, NearestTimes
from access15.siting import GROUP_WEIGHTS, area_factor, weighted_people
from access15.units import check_minutes, slugs

if TYPE_CHECKING:
    import geopandas as gpd

    from access15.model import Areas, Catchments, Facilities, Population, StreetNetwork, TravelProfile


_LEAST_MINUTES, _LEAST_OFF_STREET_M = 5.0, 500.0
"""Neighbours of one gap are at least so near that no one speaks of two places; practice values."""


@dataclass(frozen=True, slots=True)
class _Members:
    """Under-served cells, their gap, and how many gaps there are.

    Per gap: its cluster (clusters are numbered by people too), the cell its centre stands at (-1 without
    one) and the seconds from the farthest of its cells to it.
    """

    rows: Ints
    gap: Ints
    count: int
    cluster: Ints
    centre: Ints
    serve_s: Floats

    def sum(self, values: Floats) -> Floats:
        """Return the sum over each gap of a value per member."""
        return np.bincount(self.gap, weights=values, minlength=self.count).astype(float)


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """What gaps are looked for in: the inputs, who is not served, and the rules of what to do.

    ``area`` and ``weight`` are of all cells: the row of its area (-1 without one), and how much its people count in
    the priority.
    """

    network: StreetNetwork
    facilities: Facilities
    times: NearestTimes
    areas: Areas | None
    shortage: Shortage
    cutoff: float
    area: Int32s
    weight: Floats
    responses: Responses


def find_gaps(
    network: StreetNetwork,
    facilities: Facilities,
    population: Population,
    times: NearestTimes,
    minutes: float = 15,
    areas: Areas | None = None,
    *,
    catchments: Catchments | None = None,
    cluster_minutes: float | None = None,
    door_to_door: bool = False,
    off_street_m: float | None = None,
    serve_minutes: float | None = None,
    group_weights: Mapping[str, float] | None = None,
    area_factors: Mapping[str, float] | None = None,
    min_people: float = 0.0,
    detour_ratio: float = 2.0,
    fixed_clinic_people: float = 1000.0,
    resident_people: float = 300.0,
    extension_minutes: float | None = None,
) -> Gaps:
    """Find the clusters of people who are not covered, with a reason and a recommendation for each.

    Every inhabited cell that is not within ``minutes`` belongs to exactly one gap, so the gaps add up
    to all people who are not covered. Cells belong together when a chain of cells joins them whose
    neighbours reach the street at places at most ``cluster_minutes`` of travel along the streets apart
    (see `access15.gaps.clusters.cluster_by_time`). Cells off the streets, which are those of the reason
    ``no road`` below, form clusters among themselves, by straight distance. In a city such chains run on
    for kilometres: a cluster that one site cannot serve is cut into gaps whose cells are all within
    ``serve_minutes`` of a centre (see `access15.gaps.parts`).

    Parameters
    ----------
    network, facilities, population
        What ``times`` was computed from.
    times : NearestTimes
        Best without a limit: with one, cells beyond it have no time and count as not reached in
        ``priority``, ``median_s`` and ``max_s``.
    minutes : float
        Cut-off ``T``, minutes.
    areas : Areas, optional
        To name the place of each gap, and for their flags.
    catchments : Catchments, optional
        Of ``access15.catchments(…, minutes=T)`` with the same inputs: people within ``minutes`` for whom no
        facility has room then belong to gaps as well, and the gaps add up to everybody who is not served.
    cluster_minutes : float, optional
        Largest time between neighbours in one gap, minutes; by default a third of the cut-off, at least 5.
    door_to_door : bool
        Count the ways from the cells to the street in that time too. Where many people live away from
        streets, nearly every cell is then a gap of its own.
    off_street_m : float, optional
        Largest straight distance between neighbours in one gap off the streets, metres; by default what the mode
        goes off the streets in a third of the cut-off, at least 500.
    serve_minutes : float, optional
        Longest time from a cell of a gap to its centre, minutes: door to door along the streets, or
        straight at off-network speed where a cell is further than that from a street. Default
        ``minutes``: one site at the centre would then cover the whole gap. ``inf`` leaves clusters whole.
    group_weights : mapping of str to float, optional
        Weight of the members of a group in ``priority``; by default 1.5 for ``65+`` and ``0-6`` where
        the population has these groups.
    area_factors : mapping of str to float, optional
        Factor of people in areas with a flag in ``priority``, the largest one where an area has several;
        by default 1.25 for ``fast-growing``, ``urban village``, ``rural`` and ``remote``.
    min_people : float
        Gaps with fewer people are left out of the table; a warning and ``table.attrs`` count them.
    detour_ratio : float
        How much longer than the straight line an ordinary way may be (see ``reason`` below).
    fixed_clinic_people, resident_people : float
        People from which a gap merits its own clinic, or staff that live there.
    extension_minutes : float, optional
        Median time within which a neighbour's clinic can extend its service, minutes; ``2 T`` by default.

    Returns
    -------
    Gaps
        ``table`` in ``network.crs``, ranked by people (equal: the gap with the lowest cell row first),
        ``gap_id`` ``g1, g2, …`` by rank.

        - ``area_id``: the area that holds most of its people; ``nearest_facility``: the id most of its
          people are nearest to; missing where there is none.
        - ``median_s``, ``max_s``: of the time to that facility over all people of the gap; missing where
          the median person, or the worst served, reaches none.
        - ``kind``: what is missing for most of its people: ``distance`` (no facility within ``T``),
          ``capacity`` (within ``T``, but every facility there is full) or ``both`` (none within ``T``, and the
          nearest one is full). Without ``catchments`` always ``distance``.
        - ``reason``: the one that holds for most of its people, of ``no road`` (no street near enough,
          or the way to the street alone takes longer than ``T``), ``island`` (streets, but none that
          leads to a facility), ``detour`` (so near that a way ``detour_ratio`` times the straight line,
          at the flat speed of the profile, would take at most ``T``: a barrier or one-way street is in
          between), ``too far`` and, within ``T``, ``nearest facility full``. Times with a terrain have ``over land``
          (the walk to the first street alone takes longer than half of ``T``) and ``behind water`` (no way at all: water
          or closed land lies between) instead of ``island``; ``no road`` is then for people outside the terrain.
        - ``priority``: sum over cells of ``weighted people × min(1, (t - T) / T)``, 1 where not reached.
          A person in no weighted group counts 1, a member the weight of the group; with two groups the
          excess of both adds up (1.5 and 1.5: 2). In a flagged area all of this is taken times its factor.
          People within ``T`` who find no room count as not reached.
        - ``recommendation``: see `access15.gaps.reasons.Responses`.
        - ``place``: name of the area ``area_id``; ``cluster_id``: the cluster the gap is part of, ``c1,
          c2, …`` by people; ``centre_x``, ``centre_y``: the cell at whose place on the street the
          centre stands, ``serve_s``: the longest time to it; missing where clusters are left whole.

    Raises
    ------
    InputError
        If a parameter is out of range, a weighted group is not in the population, or an area factor is for
        a flag no area has.
    MismatchError
        If ``times`` was computed from other inputs or stops before ``minutes``.
    """
    cutoff = _one_cutoff(minutes)
    cluster_minutes, off_street_m = _neighbours(cluster_minutes, off_street_m, cutoff, times.profile)
    _check_numbers(
        cluster_minutes=cluster_minutes,
        off_street_m=off_street_m,
        min_people=min_people,
        fixed_clinic_people=fixed_clinic_people,
        resident_people=resident_people,
        detour_ratio=detour_ratio,
    )
    times.origin.check("the times", network=network, facilities=facilities, population=population)
    if group_weights is None:
        group_weights = {group: w for group, w in GROUP_WEIGHTS.items() if group in population.groups}
    # Who is not served, and how much each of them counts in the priority.
    area = np.full(len(population), -1, np.int32) if areas is None else assign_areas(population, areas)
    shortage = find_shortage(population, times, cutoff, catchments)
    unserved = shortage.population
    weight = weighted_people(unserved, group_weights, "group_weights")
    weight = weight * area_factor(area, areas, area_factors)
    responses = Responses.of(cutoff, fixed_clinic_people, resident_people, extension_minutes)
    asked = _Asked(network, facilities, times, areas, shortage, cutoff, area, weight, responses)
    # Which cells belong together: clusters along the streets, cut to what one site can serve, ranked by people.
    nearness = Nearness(cluster_minutes, off_street_m, door_to_door, _serve(serve_minutes, cutoff))
    grouping = group_cells(network, unserved, times, shortage.rows, cutoff, nearness)
    members, left_out = _ranked(shortage.rows, grouping, unserved, min_people)
    # Why each cell is not served; the table says of each gap what most of its people have in common.
    reason = cell_reasons(network, facilities, unserved, times, members.rows, cutoff * 60, detour_ratio)
    table = _table(asked, members, reason)
    table.attrs["left_out"] = left_out
    cell_gap = np.full(len(population), -1, np.int32)
    cell_gap[members.rows] = members.gap
    return Gaps(table=table, cell_gap=cell_gap, minutes=cutoff, origin=times.origin)


def _one_cutoff(minutes: float) -> float:
    cutoffs = check_minutes(minutes)
    if len(cutoffs) > 1:
        raise InputError(f"gaps are found for one cut-off, not {len(cutoffs)}: call find_gaps once for each")
    return cutoffs[0]


def _neighbours(
    cluster_minutes: float | None, off_street_m: float | None, cutoff: float, profile: TravelProfile
) -> tuple[float, float]:
    """Return how near neighbours are in minutes and in metres off the streets: what is given, else by cut-off and mode."""
    third = max(_LEAST_MINUTES, cutoff / 3)
    metres = max(_LEAST_OFF_STREET_M, third / 60 * profile.off_network_kph * 1000)
    return (
        third if cluster_minutes is None else cluster_minutes,
        metres if off_street_m is None else off_street_m,
    )


def _serve(serve_minutes: float | None, cutoff: float) -> float:
    if serve_minutes is None or serve_minutes == math.inf:
        return cutoff if serve_minutes is None else math.inf
    return check_minutes(serve_minutes, "serve_minutes")[0]


def _check_numbers(**numbers: float) -> None:
    for name, value in numbers.items():
        lowest = 1 if name == "detour_ratio" else 0
        if not math.isfinite(value) or value < lowest:
            raise InputError(f"{name} must be a number of {lowest} or more, not {value!r}")


def _ranked(
    rows: Ints, grouping: Grouping, population: Population, min_people: float
) -> tuple[_Members, dict[str, float]]:
    """Return members with gaps numbered by rank, and how many gaps and people were left out as too small."""
    people = population.people[rows]
    number, by_people = _by_people(grouping.part, people)
    kept = int((by_people >= min_people).sum())
    gap = np.where(number < kept, number, -1)
    out = {"gaps": len(by_people) - kept, "people": float(people[gap < 0].sum())}
    if out["gaps"]:
        warnings.warn(
            f"{out['gaps']:,} gaps with fewer than {min_people:g} people each, {out['people']:,.0f} people in "
            "all, are left out: lower min_people to see them",
            stacklevel=3,
        )
    # Cluster, centre and longest time of each gap that is kept.
    member = np.flatnonzero(gap >= 0)
    cluster, centre, serve_s = np.zeros(kept, np.int64), np.zeros(kept, np.int64), np.zeros(kept)
    cluster[gap[member]] = _by_people(grouping.cluster, people)[0][member]
    cells = grouping.centre[grouping.part[member]]
    centre[gap[member]] = np.where(cells < 0, -1, rows[cells])
    np.maximum.at(serve_s, gap[member], np.nan_to_num(grouping.away_s[member]))
    serve_s[centre < 0] = np.nan
    return _Members(rows[member], gap[member], kept, cluster, centre, serve_s), out


def _by_people(label: Ints, people: Floats) -> tuple[Ints, Floats]:
    """Return labels numbered by their people (equal: by their first cell), and the people of each number."""
    _, first, number = np.unique(label, return_index=True, return_inverse=True)
    total: Floats = np.bincount(number, people, len(first)).astype(float)
    order = np.lexsort((first, -total))
    rank = np.empty(len(first), np.int64)
    rank[order] = np.arange(len(first))
    return rank[number], total[order]


def _table(asked: _Asked, members: _Members, reason: Ints) -> gpd.GeoDataFrame:
    """Return the table of gaps; ``reason`` is a row of `REASONS` for each member."""
    import geopandas as gpd
    import pandas as pd

    times, areas, shortage = asked.times, asked.areas, asked.shortage
    rows, count, population = members.rows, members.count, shortage.population
    kind = shortage.kind[np.searchsorted(shortage.rows, rows)]
    gap_kind = [KINDS[row].value for row in _most(members, kind, population.people[rows])]
    people, seconds = population.people[rows], times.seconds[rows]
    # The priority counts how late people are as a share of the cut-off, at most 1; who finds no capacity counts 1.
    main_area = _most(members, asked.area[rows], people)
    late = np.where(np.isfinite(seconds), np.minimum(1, seconds / (asked.cutoff * 60) - 1), 1.0)
    late[kind == KINDS.index(GapKind.CAPACITY)] = 1.0
    median_s, max_s = _medians(members, seconds, people), _longest(members, seconds)
    # One column after the other, in the order of the layer.
    names = slugs(population.groups)
    all_people = members.sum(people)
    columns: dict[str, Any] = {
        "gap_id": _texts([f"g{i + 1}" for i in range(count)]),
        "rank": np.arange(1, count + 1),
        "mode": _texts([times.profile.name] * count),
        "minutes": np.full(count, asked.cutoff),
        "people": all_people,
        **{f"people_{names[g]}": members.sum(v[rows]) for g, v in population.groups.items()},
        "area_id": _texts(_pick(main_area, None if areas is None else areas.id)),
        "nearest_facility": _texts(_pick(_most(members, times.facility[rows], people), asked.facilities.id)),
        "median_s": median_s,
        "max_s": max_s,
        "kind": _texts(gap_kind),
        "reason": _texts([REASONS[i].value for i in _most(members, reason, people)]),
        "priority": members.sum(asked.weight[rows] * late),
        "recommendation": _texts(asked.responses.recommend(all_people, median_s, gap_kind)),
        **_where(asked.network, population, members, main_area, areas),
    }
    table = gpd.GeoDataFrame(
        pd.DataFrame(columns),
        geometry=gap_polygons(population, rows, members.gap, count, asked.network.crs),
        crs=asked.network.crs,
    )
    table.attrs["aliases"] = {f"people_{names[g]}": f"people {g}" for g in names}
    return table


def _where(
    network: StreetNetwork, population: Population, members: _Members, area: Ints, areas: Areas | None
) -> dict[str, Any]:
    """Return the columns that tell where a gap is and how far its cells are from its centre."""
    has = members.centre >= 0
    x, y = np.full(members.count, np.nan), np.full(members.count, np.nan)
    cells = members.centre[has]
    x[has], y[has] = to_crs(population.x[cells], population.y[cells], population.crs, network.crs)
    return {
        "place": _texts(_pick(area, None if areas is None else areas.name)),
        "cluster_id": _texts([f"c{row + 1}" for row in members.cluster]),
        "centre_x": x,
        "centre_y": y,
        "serve_s": members.serve_s,
    }


def _texts(values: list[Any]) -> Any:
    """Return a column of text; missing stays missing, and an empty one is still text."""
    import pandas as pd

    return pd.Series(values, dtype=object)


def _pick(found: Ints, ids: Objects | None) -> list[str | None]:
    return [None if ids is None or row < 0 else str(ids[row]) for row in found]


def _most(members: _Members, key: AnyArray, people: Floats) -> Ints:
    """Return per gap the key that most of its people have (equal: the lowest), -1 where nobody has one."""
    has = key >= 0
    step = int(key.max(initial=0)) + 1
    pair, inverse = np.unique(members.gap[has] * step + key[has], return_inverse=True)
    share = np.bincount(inverse, people[has], len(pair))
    gap, value = np.divmod(pair, step)
    best = np.lexsort((value, -share, gap))
    gaps, first = np.unique(gap[best], return_index=True)
    out = np.full(members.count, -1, np.int64)
    out[gaps] = value[best[first]]
    return out


def _medians(members: _Members, seconds: Floats, people: Floats) -> Floats:
    """Return per gap the time within which half of its people are served, NaN where not reached."""
    order = np.lexsort((seconds, members.gap))
    ends = np.cumsum(np.bincount(members.gap, minlength=members.count))
    parts = np.split(order, ends[:-1]) if members.count else []
    half = np.array([0.5])
    return np.array([sorted_quantiles(seconds[part], people[part], half)[0] for part in parts], float)


def _longest(members: _Members, seconds: Floats) -> Floats:
    """Return per gap the longest time, NaN where a cell is not reached."""
    longest = np.zeros(members.count)
    np.maximum.at(longest, members.gap, seconds)
    longest[np.isinf(longest)] = np.nan
    return longest
