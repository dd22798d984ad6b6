"""Services that go to the people: one recommendation per gap, mobile circuits, and the list of who stays beyond."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from access15.errors import InputError
from access15.model import Facilities, Gaps, GapService
from access15.outreach.circuits import Stops, plan_circuits
from access15.outreach.rules import OutreachRules, centres, decide
from access15.profiles import DRIVE

if TYPE_CHECKING:
    import geopandas as gpd

    from access15.model import StreetNetwork, TravelProfile


@dataclass(frozen=True, slots=True, eq=False)
class Outreach:
    """Services for the gaps that remain.

    Attributes
    ----------
    gaps : Gaps
        The same gaps; their table has ``recommendation`` after all rules, and in addition ``served_by`` (id of the
        facility, candidate, gap or circuit), ``circuit_id``, ``mobile_people`` (0 without a circuit; never part of
        what is covered), ``problem`` (why a gap that needs a circuit has none: ``no street for vehicles near``,
        ``no base within a day``, ``day too short``, ``no vehicle left``) and ``alone_s`` (seconds of the shortest
        trip to its stop alone, the stop included; missing where no base is in reach).
    circuits : GeoDataFrame
        One row per circuit: ``circuit_id, base_id, stops, gap_ids`` (in the order of the visits, ``;``),
        ``people, drive_s, stop_s`` (of one trip), ``visits_per_month, vehicle_hours`` (per month),
        ``base_vehicles`` (needed at its base for all its circuits) and lines along the streets.
    stops : GeoDataFrame
        One row per stop, points on the street: ``circuit_id, visit`` (1, 2 …), ``gap_id, people, walk_m`` (from
        the gap's centre).
    rules : OutreachRules
    """

    gaps: Gaps
    circuits: gpd.GeoDataFrame
    stops: gpd.GeoDataFrame
    rules: OutreachRules

    def __repr__(self) -> str:
        people = float(self.circuits["people"].sum())
        return (
            f"<Outreach: {len(self.gaps):,} gaps, {len(self.circuits):,} circuits for {people:,.0f} people>"
        )

    def _repr_html_(self) -> str:
        return str(self.circuits.drop(columns="geometry").to_html(index=False))


def follow_plan(
    network: StreetNetwork, gaps: Gaps, sites: Facilities, rules: OutreachRules | None = None
) -> Gaps:
    """Return the gaps with the form of service that is left for them once proposed sites are open, and by whom it is given.

    Parameters
    ----------
    network : StreetNetwork
    gaps : Gaps
    sites : Facilities
        Proposed sites.
    rules : OutreachRules, optional

    Returns
    -------
    Gaps
        ``recommendation`` and ``served_by`` (id of a site, facility or gap) after all rules of `access15.outreach.rules.decide`;
        circuits are not routed.
    """
    import pandas as pd

    gaps.origin.check("the gaps", network=network)
    gaps.origin.check_streets_alone("mobile circuits", "find the gaps without a terrain")
    form, by = decide(network, gaps, sites, rules or OutreachRules())
    table = gaps.table.copy()
    for name, values in (("recommendation", form), ("served_by", by)):
        table[name] = pd.Series(values, index=table.index, dtype=object)
    table.attrs.update(gaps.table.attrs)
    return dataclasses.replace(gaps, table=table)


def plan_outreach(
    network: StreetNetwork,
    facilities: Facilities,
    gaps: Gaps,
    *,
    sites: Facilities | None = None,
    bases: Facilities | None = None,
    rules: OutreachRules | None = None,
    profile: TravelProfile = DRIVE,
) -> Outreach:
    """Give every gap one form of service, and route the mobile circuits.

    Parameters
    ----------
    network, facilities
        What the gaps were found with.
    gaps : Gaps
        From `access15.find_gaps`, which decides by people and by time to the nearest facility.
    sites : Facilities, optional
        Proposed sites: gaps near them need nothing else, see `access15.outreach.rules.decide`.
    bases : Facilities, optional
        Where vehicles start and end; all facilities by default.
    rules : OutreachRules, optional
    profile : TravelProfile
        Of the vehicles.

    Returns
    -------
    Outreach

    Raises
    ------
    InputError
        If no base is near a street.
    MismatchError
        If the gaps are of another network or other facilities.
    MissingPackageError
        If a circuit is needed and pyvrp is not installed (``pip install "access15[outreach]"``).

    Notes
    -----
    The four forms are those of the central opinions on completing the health service system (2023) for villages
    with few people. A circuit is a day trip that is repeated ``visits_per_month`` times; all its stops are equally
    long. The routes are the best that a fixed number of search steps finds, without a bound.
    """
    import pandas as pd

    given = rules or OutreachRules()
    gaps.origin.check("the gaps", network=network, facilities=facilities)
    gaps.origin.check_streets_alone("mobile circuits", "find the gaps without a terrain")
    form, by = decide(network, gaps, sites, given)
    rows = np.flatnonzero(form == GapService.CIRCUIT.value)
    x, y = centres(gaps)
    table = gaps.table.copy()
    crs = table.crs.to_wkt()
    people = table["people"].to_numpy(float)
    stops = Stops(table["gap_id"].to_numpy(object)[rows], x[rows], y[rows], crs, people[rows])
    routed = plan_circuits(network, facilities if bases is None else bases, stops, given, profile)
    columns: dict[str, Any] = {"recommendation": form, "served_by": by}
    for name, values in (("circuit_id", routed.circuit), ("problem", routed.problem)):
        columns[name] = np.full(len(table), None, object)
        columns[name][rows] = values
    visited = np.array([name is not None for name in columns["circuit_id"]], bool)
    columns["served_by"] = np.where(visited, columns["circuit_id"], columns["served_by"])
    columns["alone_s"] = np.full(len(table), np.nan)
    columns["alone_s"][rows] = np.where(np.isfinite(routed.alone_s), routed.alone_s, np.nan)
    columns["mobile_people"] = np.where(visited, people, 0.0)
    for name, values in columns.items():
        table[name] = pd.Series(values, index=table.index, dtype=values.dtype)  # or None would become NaN
    table.attrs.update(gaps.table.attrs)
    return Outreach(dataclasses.replace(gaps, table=table), routed.circuits, routed.stops, given)


def bases_of_tier(facilities: Facilities, tiers: tuple[str, ...]) -> Facilities:
    """Return the facilities of some tiers, as bases.

    Raises
    ------
    InputError
        If there is none, with the tiers there are.
    """
    keep = np.isin(facilities.tier, tiers)
    if not keep.any():
        known = sorted({str(t) for t in facilities.tier if t})
        raise InputError(
            f"no facility has the tier {' or '.join(map(repr, tiers))}, so mobile circuits have no base: the tiers are "
            f"{', '.join(known) or 'not filled in'}"
        )
    parts: dict[str, Any] = {
        f.name: getattr(facilities, f.name)[keep]
        for f in dataclasses.fields(facilities)
        if isinstance(getattr(facilities, f.name), np.ndarray)
    }
    return dataclasses.replace(facilities, **parts)
