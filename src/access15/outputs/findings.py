"""What a run found, in one frozen bundle: what every output is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np

from access15.arrays import Floats, Ints
from access15.errors import InputError
from access15.network import season_of
from access15.outputs._frames import check_case, check_times

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from access15.model import (
        Areas,
        Catchments,
        Coverage,
        CriticalStreets,
        Facilities,
        Gaps,
        NearestTimes,
        Population,
        SitingPlan,
        StreetNetwork,
        Terrain,
    )
    from access15.outreach import Outreach


PROPOSED: Final = "with the proposed sites"
"""Name of the scenario that a plan of the study is."""

PLAN: Final = "A"
"""Id of the plan of a run."""


@dataclass(frozen=True, slots=True, eq=False)
class Estate:
    """A planned estate and the service points near it.

    Attributes
    ----------
    id, name : str
    people : float
    year : float
        NaN where unknown.
    open_sites, proposed_sites : int
        Facilities open under the scenario, and sites proposed, within the headline minutes.
    seconds : float
        To the nearest open facility, ``inf`` where none is reached.
    """

    id: str
    name: str
    people: float
    year: float
    open_sites: int
    proposed_sites: int
    seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """Another run, as the tables read it beside the one of the report.

    Attributes
    ----------
    population : Population
    times, coverages : mapping of str to NearestTimes and Coverage
        By case.
    table : DataFrame
        The figures of `access15.outputs.Comparison`: who gains, who loses.
    estates : tuple of Estate
    catchments : Catchments or None
    season : tuple of str and float
        What its streets were read for, and the kilometres that are not there then.
    """

    population: Population
    times: Mapping[str, NearestTimes]
    coverages: Mapping[str, Coverage]
    table: pd.DataFrame
    estates: tuple[Estate, ...] = ()
    catchments: Catchments | None = None
    season: tuple[str, float] | None = None

    @classmethod
    def of(cls, found: Findings, table: pd.DataFrame, estates: tuple[Estate, ...] = ()) -> Self:
        """Return another run from what it found and the figures of its comparison."""
        season = season_of(found.network)
        return cls(found.population, found.times, found.coverages, table, estates, found.catchments, season)


@dataclass(frozen=True, slots=True, eq=False)
class Referral:
    """The way from service points to the nearest of the next tier.

    Attributes
    ----------
    mode : str
        How patients travel.
    facility, to : (n,) int
        Rows of facilities: where they leave, and where they go (-1 where none is reached).
    seconds : (n,) float64
        ``inf`` where none is reached.
    unknown : int
        Service points whose tier is not known.
    """

    mode: str
    facility: Ints
    to: Ints
    seconds: Floats
    unknown: int


@dataclass(frozen=True, slots=True, eq=False)
class TierCoverage:
    """Who reaches the service points of some tiers or services.

    Attributes
    ----------
    name : str
    points : int
        How many service points these are.
    minutes : float
        Its cut-off, the only one of the coverage.
    coverage : Coverage
    """

    name: str
    points: int
    minutes: float
    coverage: Coverage


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """What a run found, as every output reads it; immutable. Everything that was not computed is None.

    Attributes
    ----------
    name : str
        Name of the study.
    network, facilities, population : StreetNetwork, Facilities, Population
        The inputs.
    areas : Areas or None
        The areas the coverages were computed with.
    times, coverages : mapping of str to NearestTimes and Coverage
        By case (mode), with the same keys.
    headline_case : str
        Key of the headline case.
    minutes : float
        Headline cut-off, one of those of the coverage.
    gaps : Gaps or None
    outreach : Outreach or None
        Services that go to the people of these gaps.
    critical : CriticalStreets or None
        Streets whose closure would uncover the most people of the headline case.
    catchments : Catchments or None
        Who goes where, where facilities have capacities.
    candidates, plan : Facilities and SitingPlan, or None
        The candidates the plan chose from.
    frontier, robustness : DataFrame or None
        The curve of `access15.siting.frontier`, and how often each site of the plan is chosen.
    targets : mapping of (case, minutes) to float
        Share of residents to be reached.
    provenance : mapping
        Inputs with hashes, versions, profiles, parameters, counts.
    compared : mapping of str to Compared
        Other runs, by name of the scenario.
    isochrones : GeoDataFrame or None
        ``facility_id`` (missing: merged), ``mode``, ``minutes`` and polygons.
    referral : Referral or None
        From every service point to the nearest of the next tier, where there are tiers.
    tiers : tuple of TierCoverage
        Coverage by tiers and services, each with its own mode and cut-off.
    own_points : mapping of str to Facilities
        The points of cases that do not go to all service points: ambulances start from stations.
    settlements : GeoDataFrame or None
        Those that stay beyond the cut-off of the gaps.
    terrain : Terrain or None
        The land that people cross between their streets.
    """

    name: str
    network: StreetNetwork
    facilities: Facilities
    population: Population
    areas: Areas | None
    times: Mapping[str, NearestTimes]
    coverages: Mapping[str, Coverage]
    headline_case: str
    minutes: float
    gaps: Gaps | None = None
    catchments: Catchments | None = None
    candidates: Facilities | None = None
    plan: SitingPlan | None = None
    frontier: pd.DataFrame | None = None
    robustness: pd.DataFrame | None = None
    targets: Mapping[tuple[str, float], float] = field(default_factory=dict)
    provenance: Mapping[str, Any] = field(default_factory=dict)
    compared: Mapping[str, Compared] = field(default_factory=dict)
    outreach: Outreach | None = None
    isochrones: gpd.GeoDataFrame | None = None
    referral: Referral | None = None
    own_points: Mapping[str, Facilities] = field(default_factory=dict)
    tiers: tuple[TierCoverage, ...] = ()
    critical: CriticalStreets | None = None
    settlements: gpd.GeoDataFrame | None = None
    terrain: Terrain | None = None

    def __post_init__(self) -> None:
        if set(self.times) != set(self.coverages):
            raise InputError(
                f"times are of {', '.join(self.times)} but coverages of {', '.join(self.coverages)}: pass both of every case"
            )
        object.__setattr__(self, "headline_case", check_case(self.headline_case, self.coverages))
        if self.minutes not in self.coverage.minutes:
            raise InputError(
                f"the coverage has no figure for {self.minutes:g} min: compute it with this cut-off"
            )
        for case, found in self.times.items():
            check_times(case, found, self.population, self.points_of(case))
            self.coverages[case].origin.check(f"the coverage {case!r}", population=self.population)
        if self.plan is not None and self.candidates is None:
            raise InputError("a plan was given without its candidates: pass both")

    @property
    def crs(self) -> str:
        """The metric CRS of the streets, that of every layer."""
        return self.network.crs

    @property
    def coverage(self) -> Coverage:
        """Coverage of the headline case."""
        return self.coverages[self.headline_case]

    def points_of(self, case: str) -> Facilities:
        """Return the points that a case goes to, or starts from."""
        return self.own_points.get(case, self.facilities)

    @property
    def points(self) -> dict[str, Facilities]:
        """The points of every case."""
        return {case: self.points_of(case) for case in self.times}

    def area_names(self) -> dict[str, str]:
        """Return the name of every area by id; an area without one is called by its id."""
        if self.areas is None:
            return {}
        return {str(i): str(name) or str(i) for i, name in zip(self.areas.id, self.areas.name, strict=True)}

    def facility_names(self) -> dict[str, str]:
        """Return the name of every facility by id, and of points of own cases; one without is called by its id."""
        out: dict[str, str] = {}
        for sites in (self.facilities, *self.own_points.values()):
            for i, name in zip(sites.id, sites.name, strict=True):
                out.setdefault(str(i), str(name) or str(i))
        return out


def site_names(findings: Findings) -> dict[str, str]:
    """Return the name of every facility and candidate by id; a facility comes before a candidate of the same id."""
    names = findings.facility_names()
    if findings.candidates is not None:
        ids = findings.candidates.id
        names = {str(i): str(n) or str(i) for i, n in zip(ids, findings.candidates.name, strict=True)} | names
    return names


def place_rows(findings: Findings, x: Any, y: Any, crs: str) -> Any:
    """Return the row of the area each point stands in (the lowest of several), -1 for none, (n,) int."""
    import shapely

    from access15.crs import to_crs

    rows = np.full(len(x), -1)
    if findings.areas is None or not len(x):
        return rows
    spots = shapely.points(*to_crs(x, y, crs, findings.areas.crs))
    area, spot = shapely.STRtree(spots).query(findings.areas.polygons, predicate="intersects")
    order = np.argsort(-area, kind="stable")
    rows[spot[order]] = area[order]
    return rows
