"""Gaps: where the people live who are not covered, why, and what would serve them."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from access15.coverage import assign_areas
from access15.coverage.summary import sorted_quantiles
from access15.crs import to_crs
from access15.errors import InputError
from access15.model import Gaps, LinkedPoints, NearestTimes
from access15.network import routing_graph
from access15.siting.clusters import cluster_by_distance, cluster_by_time
from access15.siting.gap_reasons import REASONS, Responses, cell_reasons
from access15.siting.gap_shapes import gap_polygons
from access15.units import NOT_REACHED_MS, check_minutes, minutes_to_ms, slugs

if TYPE_CHECKING:
    import geopandas as gpd

    from access15.model import Areas, Facilities, Population, StreetNetwork, TravelProfile

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

GROUP_WEIGHTS: Final[Mapping[str, float]] = {"65+": 1.5, "0-6": 1.5}
"""Default weights of key groups in the priority of a gap: practice values, not from a published source."""


@dataclass(frozen=True, slots=True)
class _Nearness:
    """How near two cells must be to belong together."""

    cluster_minutes: float
    off_street_m: float
    door_to_door: bool


@dataclass(frozen=True, slots=True)
class _Members:
    """Under-served cells, their gap, and how many gaps there are."""

    rows: Numbers
    gap: Numbers
    count: int

    def sum(self, values: Floats) -> Floats:
        """Return the sum over each gap of a value per member."""
        return np.bincount(self.gap, weights=values, minlength=self.count).astype(float)


def find_gaps(
    network: StreetNetwork,
    facilities: Facilities,
    population: Population,
    times: NearestTimes,
    minutes: float = 15,
    areas: Areas | None = None,
    *,
    cluster_minutes: float = 5.0,
    door_to_door: bool = False,
    off_street_m: float = 500.0,
    group_weights: Mapping[str, float] | None = None,
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
    (see `access15.siting.clusters.cluster_by_time`). Cells off the streets, which are those of the reason
    ``no road`` below, form gaps among themselves, by straight distance.

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
        To name the place of each gap.
    cluster_minutes : float
        Largest time between neighbours in one gap, minutes.
    door_to_door : bool
        Count the ways from the cells to the street in that time too. Where many people live away from
        streets, nearly every cell is then a gap of its own.
    off_street_m : float
        Largest straight distance between neighbours in one gap off the streets, metres.
    group_weights : mapping of str to float, optional
        Weight of the members of a group in ``priority``; by default 1.5 for ``65+`` and ``0-6`` where
        the population has these groups.
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
        - ``kind``: ``distance``.
        - ``reason``: the one that holds for most of its people, of ``no road`` (no street near enough,
          or the way to the street alone takes longer than ``T``), ``island`` (streets, but none that
          leads to a facility), ``detour`` (so near that a way ``detour_ratio`` times the straight line,
          at the flat speed of the profile, would take at most ``T``: a barrier or one-way street is in
          between) and ``too far``.
        - ``priority``: sum over cells of ``weighted people × min(1, (t - T) / T)``, 1 where not reached.
          A person in no weighted group counts 1, a member the weight of the group; with two groups the
          excess of both adds up (1.5 and 1.5: 2).
        - ``recommendation``: see `access15.siting.gap_reasons.Responses`.

    Raises
    ------
    InputError
        If a parameter is out of range or a weighted group is not in the population.
    MismatchError
        If ``times`` was computed from other inputs or stops before ``minutes``.
    """
    cutoff = _one_cutoff(minutes)
    _check_numbers(
        cluster_minutes=cluster_minutes, off_street_m=off_street_m, min_people=min_people,
        fixed_clinic_people=fixed_clinic_people, resident_people=resident_people, detour_ratio=detour_ratio,
    )  # fmt: skip
    times.origin.check("the times", network=network, facilities=facilities, population=population)
    weight = _weighted_people(population, group_weights)
    responses = Responses.of(cutoff, fixed_clinic_people, resident_people, extension_minutes)

    rows = np.flatnonzero(~times.within(cutoff) & (population.people > 0))
    nearness = _Nearness(cluster_minutes, off_street_m, door_to_door)
    cluster = _clusters(network, population, times, rows, cutoff, nearness)
    members, left_out = _ranked(rows, cluster, population, min_people)
    reason = cell_reasons(network, facilities, population, times, members.rows, cutoff * 60, detour_ratio)
    table = _table(network, facilities, population, times, members, cutoff, areas, reason, weight, responses)
    table.attrs["left_out"] = left_out
    cell_gap = np.full(len(population), -1, np.int32)
    cell_gap[members.rows] = members.gap
    return Gaps(table=table, cell_gap=cell_gap, minutes=cutoff, origin=times.origin)


def _one_cutoff(minutes: float) -> float:
    cutoffs = check_minutes(minutes)
    if len(cutoffs) > 1:
        raise InputError(f"gaps are found for one cut-off, not {len(cutoffs)}: call find_gaps once for each")
    return cutoffs[0]


def _check_numbers(**numbers: float) -> None:
    for name, value in numbers.items():
        lowest = 1 if name == "detour_ratio" else 0
        if not math.isfinite(value) or value < lowest:
            raise InputError(f"{name} must be a number of {lowest} or more, not {value!r}")


def _weighted_people(population: Population, group_weights: Mapping[str, float] | None) -> Floats:
    """Return people with the members of key groups counted at their weight, (n,)."""
    if group_weights is None:
        group_weights = {g: w for g, w in GROUP_WEIGHTS.items() if g in population.groups}
    weight = population.people.copy()
    for group, factor in group_weights.items():
        if group not in population.groups:
            known = ", ".join(population.groups) or "none"
            raise InputError(
                f"group_weights names {group!r}, but the population has no such group (it has: {known})"
            )
        if not math.isfinite(factor) or factor < 0:
            raise InputError(f"the weight of group {group!r} must be a number of 0 or more, not {factor!r}")
        weight += (factor - 1) * population.groups[group]
    return np.maximum(weight, 0)


def _clusters(
    network: StreetNetwork,
    population: Population,
    times: NearestTimes,
    rows: Numbers,
    cutoff: float,
    nearness: _Nearness,
) -> Numbers:
    """Return the cluster of each under-served cell; those off the streets are clustered apart."""
    links = times.cells
    leg_ms = links.leg_m[rows] * 3600 / times.profile.off_network_kph
    near = links.linked[rows] & (leg_ms <= minutes_to_ms(cutoff))
    on, off = rows[near], rows[~near]
    cluster = np.empty(len(rows), np.int64)
    if len(on):
        cells = LinkedPoints(links.edge[on], links.fraction[on], links.leg_m[on], links.reason[on])
        counted = leg_ms[near] if nearness.door_to_door else np.zeros(len(on))
        limit_ms = minutes_to_ms(nearness.cluster_minutes)
        cluster[near] = cluster_by_time(network, _edge_ms(network, times.profile), cells, counted, limit_ms)
    x, y = to_crs(population.x[off], population.y[off], population.crs, network.crs)
    cluster[~near] = cluster_by_distance(x, y, nearness.off_street_m) + len(on)
    return cluster


def _edge_ms(network: StreetNetwork, profile: TravelProfile) -> Floats:
    """Return the time along each edge in the faster permitted direction, ``inf`` where there is none."""
    graph = routing_graph(network, profile)
    fastest = np.minimum(graph.forward_ms, graph.backward_ms)
    return np.where(fastest == NOT_REACHED_MS, np.inf, fastest)


def _ranked(
    rows: Numbers, cluster: Numbers, population: Population, min_people: float
) -> tuple[_Members, dict[str, float]]:
    """Return members with gaps numbered by rank, and how many gaps and people were left out as too small."""
    _, first, number = np.unique(cluster, return_index=True, return_inverse=True)
    people = np.bincount(number, population.people[rows], len(first))
    order = np.lexsort((first, -people))
    kept = order[people[order] >= min_people]
    rank = np.full(len(first), -1, np.int64)
    rank[kept] = np.arange(len(kept))
    gap = rank[number]
    out = {"gaps": len(first) - len(kept), "people": float(population.people[rows[gap < 0]].sum())}
    if out["gaps"]:
        warnings.warn(
            f"{out['gaps']:,} gaps with fewer than {min_people:g} people each, {out['people']:,.0f} people in "
            "all, are left out: lower min_people to see them",
            stacklevel=3,
        )
    return _Members(rows[gap >= 0], gap[gap >= 0], len(kept)), out


def _table(
    network: StreetNetwork,
    facilities: Facilities,
    population: Population,
    times: NearestTimes,
    members: _Members,
    cutoff: float,
    areas: Areas | None,
    reason: Numbers,
    weight: Floats,
    responses: Responses,
) -> gpd.GeoDataFrame:
    import geopandas as gpd
    import pandas as pd

    rows, count = members.rows, members.count
    people, seconds = population.people[rows], times.seconds[rows]
    area = np.full(len(rows), -1) if areas is None else assign_areas(population, areas)[rows]
    late = np.where(np.isfinite(seconds), np.minimum(1, seconds / (cutoff * 60) - 1), 1.0)
    median_s, max_s = _medians(members, seconds, people), _longest(members, seconds)
    names = slugs(population.groups)
    all_people = members.sum(people)
    columns: dict[str, Any] = {
        "gap_id": _texts([f"g{i + 1}" for i in range(count)]),
        "rank": np.arange(1, count + 1),
        "mode": _texts([times.profile.name] * count),
        "minutes": np.full(count, cutoff),
        "people": all_people,
        **{f"people_{names[g]}": members.sum(v[rows]) for g, v in population.groups.items()},
        "area_id": _texts(_pick(_most(members, area, people), None if areas is None else areas.id)),
        "nearest_facility": _texts(_pick(_most(members, times.facility[rows], people), facilities.id)),
        "median_s": median_s,
        "max_s": max_s,
        "kind": _texts(["distance"] * count),
        "reason": _texts([REASONS[i] for i in _most(members, reason, people)]),
        "priority": members.sum(weight[rows] * late),
        "recommendation": _texts(responses.recommend(all_people, median_s)),
    }
    table = gpd.GeoDataFrame(
        pd.DataFrame(columns),
        geometry=gap_polygons(population, rows, members.gap, count, network.crs),
        crs=network.crs,
    )
    table.attrs["aliases"] = {f"people_{names[g]}": f"people_{g}" for g in names}
    return table


def _texts(values: list[Any]) -> Any:
    """Return a column of text; missing stays missing, and an empty one is still text."""
    import pandas as pd

    return pd.Series(values, dtype=object)


def _pick(found: Numbers, ids: npt.NDArray[np.object_] | None) -> list[str | None]:
    return [None if ids is None or row < 0 else str(ids[row]) for row in found]


def _most(members: _Members, key: npt.NDArray[Any], people: Floats) -> Numbers:
    """Return per gap the key that most of its people have (equal: the lowest), -1 where nobody has one."""
    has = key >= 0
    pairs, inverse = np.unique(np.column_stack([members.gap[has], key[has]]), axis=0, return_inverse=True)
    share = np.bincount(inverse.ravel(), people[has], len(pairs))
    best = np.lexsort((pairs[:, 1], -share, pairs[:, 0]))
    gaps, first = np.unique(pairs[best, 0], return_index=True)
    out = np.full(members.count, -1, np.int64)
    out[gaps] = pairs[best[first], 1]
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
