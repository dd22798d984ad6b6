"""The stages of a study, one small function each, in the order they run."""

from __future__ import annotations

import datetime
import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from access15.arguments import say
from access15.arrays import Objects
from access15.errors import InputError
from access15.model import (
    Areas,
    Catchments,
    Coverage,
    CriticalStreets,
    Direction,
    Facilities,
    Gaps,
    LinkedPoints,
    NearestTimes,
    Population,
    StreetNetwork,
    Terrain,
    TravelProfile,
    care_tier,
    check_direction,
    tell,
)
from access15.study.input_notes import link_notes, site_note
from access15.study.settings import Analysis, FacilitiesInput, NetworkInput, Settings
from access15.study.settings.capacity import CapacityRates
from access15.study.settings.scenarios import Scenario

if TYPE_CHECKING:
    import geopandas as gpd

    from access15.network import JoinedStreets

_LISTED = 5


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a study reads: streets, service points, people, and areas where there are any."""

    network: StreetNetwork
    facilities: Facilities
    population: Population
    areas: Areas | None
    own_points: Mapping[str, Facilities] = field(default_factory=dict)
    """The points of modes that do not go to all service points: ambulances start from stations."""
    dispatch_minutes: float = 0.0
    terrain: Terrain | None = None

    @property
    def facts(self) -> list[Mapping[str, Any]]:
        """The provenance of each input."""
        nouns = (
            self.network,
            self.facilities,
            self.population,
            self.areas,
            *self.own_points.values(),
            self.terrain,
        )
        facts = {id(noun.provenance): noun.provenance for noun in nouns if noun is not None}
        return list(facts.values())

    def points_of(self, mode: str) -> Facilities:
        """Return the points that a mode goes to, or starts from."""
        return self.own_points.get(mode, self.facilities)

    def profile_of(self, mode: str) -> TravelProfile:
        """Return the travel profile of a mode; an ambulance leaves after the dispatch."""
        return profile_of(mode, self.dispatch_minutes)


def read_streets(given: NetworkInput, day: datetime.date | None = None) -> StreetNetwork:
    """Return the street network of ``[network]`` on the day of the study."""
    from access15.sources import read_network

    return read_network(
        given.path,
        crs=given.crs,
        clip=given.clip,
        buffer_m=given.buffer_m,
        columns=given.columns,
        layer=given.layer,
        elevation=given.elevation or None,
        cache=given.cache,
        incomplete=given.incomplete,
        season=given.season,
        country=given.country or "",
        date=day,
        datum=given.datum,
    )


def read_points(given: FacilitiesInput, network: Path, day: datetime.date | None = None) -> Facilities:
    """Return the service points of ``[facilities]``, from a table or from OSM tags.

    Tags are read from the file of the streets where none is named.
    """
    from access15.sources import facilities_from_osm, read_facilities

    if given.osm or given.path is None:
        return facilities_from_osm(
            given.path or network, points=given.points, keep=given.keep, drop=given.drop, date=day
        )
    return read_facilities(
        given.path,
        datum=given.datum,
        columns=given.columns,
        layer=given.layer,
        crs=given.crs,
        keep=given.keep,
        drop=given.drop,
        decimal=given.decimal,
        hidden=given.hidden,
        accept_datum=given.accept_datum,
        date=day,
    )


def with_capacity(facilities: Facilities, rates: CapacityRates | None) -> Facilities:
    """Return facilities with the capacities that ``[capacity]`` lets us infer; as they are without that table."""
    from access15.capacity import capacity_from_supply

    if rates is None:
        return facilities
    out = capacity_from_supply(facilities, **asdict(rates))
    closed = out.id[(out.capacity == 0) & (out.capacity_limit != "") & (facilities.capacity_limit == "")]
    if len(closed):
        warnings.warn(
            f"[capacity] leaves {len(closed)} of {len(out)} service points room for nobody, they have 0 of what limits "
            f"them: {_listed(closed)}",
            stacklevel=2,
        )
    return out


def read_people(settings: Settings) -> Population:
    """Return the population of ``[population]``; a group is a file where there is one of that name, else a column."""
    from access15.sources import RASTERS, read_population

    given = settings.population
    groups = (
        None if given.groups is None else {name: str(path) for name, path in group_sources(settings).items()}
    )
    raster = given.path.suffix.lower() in RASTERS
    for name in ("keep", "drop"):
        if raster and getattr(given, name) is not None:
            raise InputError(
                f"{given.path} is a raster, which has no rows: leave out {say(name, of='population')}"
            )
    table: dict[str, Any] = (
        {}
        if raster
        else {
            "decimal": given.decimal,
            "hidden": given.hidden,
            "keep": given.keep,
            "drop": given.drop,
        }
    )
    return read_population(
        given.path,
        groups=groups,
        columns=given.columns,
        layer=given.layer,
        crs=given.crs,
        datum=given.datum,
        accept_datum=given.accept_datum,
        join=_joined_to(settings),
        on=given.join,
        **table,
    )


def _joined_to(settings: Settings) -> Areas | None:
    """Return the polygons that ``[population] join`` puts a table onto."""
    from access15.sources import read_areas

    given = settings.population
    if given.join is None:
        return None
    return read_reporting_areas(settings) if given.join_to is None else read_areas(given.join_to)


def group_sources(settings: Settings) -> dict[str, Path | str]:
    """Return file or column of each population group (paths are relative to the population's folder)."""
    folder = settings.population.path.parent
    out: dict[str, Path | str] = {}
    for name, source in (settings.population.groups or {}).items():
        beside = folder / source
        out[name] = beside if beside.is_file() else source
    return out


def projected(settings: Settings, scenario: Scenario) -> Settings:
    """Return the settings with the projected population of a scenario.

    Raises
    ------
    InputError
        If a group would be read from the file of today's group.
    """
    if scenario.population is None:
        return settings
    groups = scenario.groups or settings.population.groups
    out = replace(settings, population=replace(settings.population, path=scenario.population, groups=groups))
    today = group_sources(settings)
    for name, source in group_sources(out).items():
        if isinstance(source, Path) and source == today.get(name):
            raise InputError(
                f"the group {name!r} would be read from today's {source.name}: name groups for the projected population"
            )
    return out


def read_reporting_areas(settings: Settings) -> Areas | None:
    """Return the areas of ``[areas]``, None without that table."""
    from access15.sources import read_areas

    given = settings.areas
    if given is None:
        return None
    return read_areas(
        given.path,
        id=given.id,
        name=given.name,
        layer=given.layer,
        flags=given.flags,
        doctors=given.doctors,
        crs=given.crs,
        datum=given.datum,
    )


def profile_of(mode: str, dispatch_minutes: float = 0.0) -> TravelProfile:
    """Return the travel profile of a mode; an ambulance leaves after the dispatch."""
    from access15.profiles import profile_by_name

    profile = profile_by_name(mode)
    return _dispatched(profile, dispatch_minutes) if profile.mode == "emergency" else profile


@lru_cache(maxsize=64)
def _dispatched(profile: TravelProfile, dispatch_minutes: float) -> TravelProfile:
    """Return one profile for one dispatch: the graph of a profile is kept."""
    return replace(profile, start_s=profile.start_s + dispatch_minutes * 60)


def direction_of(analysis: Analysis) -> Direction | None:
    """Return the direction the study names, None for the profiles' own."""
    return None if analysis.direction is None else check_direction(analysis.direction)


def time_people(
    inputs: Inputs, mode: str, analysis: Analysis, roads: tuple[StreetNetwork, JoinedStreets] | None = None
) -> NearestTimes:
    """Return the time to the nearest service point for every cell, without a limit.

    ``roads`` are the streets without and with the new roads of a scenario.
    """
    from access15.travel_time import nearest_times, nearest_times_with_roads

    profile, points = inputs.profile_of(mode), (inputs.points_of(mode), inputs.population)
    how: dict[str, Any] = {"direction": direction_of(analysis), "max_snap_m": analysis.max_snap_m}
    if roads is None or inputs.terrain is not None:
        # Over land a home joins whichever street serves it: new roads need no care of their own.
        how["terrain"] = inputs.terrain
        times = nearest_times(inputs.network, *points, profile, **how)
    else:
        times = nearest_times_with_roads(*roads, *points, profile, **how)
    tell_unlinked(points[0], times.sites, times.profile)
    told = [*link_notes(mode, times.cells, inputs.population.people), site_note(mode, times.sites)]
    tell(note for note in told if note.count)
    if not times.cells.placed.any():
        raise InputError(
            f"none of the {len(times):,} population cells has a street open to {times.profile.mode} near enough (the "
            f"nearest is {times.cells.leg_m.min() / 1000:,.1f} km away): check that streets and people are of one place"
        )
    return times


def tell_unlinked(facilities: Facilities, linked: LinkedPoints, profile: TravelProfile) -> None:
    """Warn of service points that no street is near enough to: they take no part."""
    lost = facilities.id[~linked.placed]
    if len(lost):
        warnings.warn(
            f"{len(lost)} of {len(facilities)} service points take no part, no street open to {profile.mode} is near "
            f"enough: {_listed(lost)}",
            stacklevel=2,
        )


def _listed(ids: Objects) -> str:
    return ", ".join(str(name) for name in ids[:_LISTED]) + (" …" if len(ids) > _LISTED else "")


def count_people(inputs: Inputs, times: NearestTimes, analysis: Analysis) -> Coverage:
    """Return who is covered at every cut-off."""
    from access15.coverage import coverage

    return coverage(times, inputs.population, analysis.minutes, inputs.areas)


def find_critical(inputs: Inputs, times: Mapping[str, NearestTimes], analysis: Analysis) -> CriticalStreets:
    """Return the streets whose closure would uncover the most people of the headline case."""
    from access15.coverage import critical_streets

    case = analysis.headline_case
    return critical_streets(
        inputs.network,
        inputs.points_of(case.mode),
        inputs.population,
        times[case.mode],
        case.minutes,
        analysis.critical_streets or 0,
    )


def draw_isochrones(
    network: StreetNetwork,
    facilities: Facilities,
    analysis: Analysis,
    water: gpd.GeoDataFrame | None = None,
    *,
    own_points: Mapping[str, Facilities] | None = None,
    dispatch_minutes: float = 0.0,
    terrain: Terrain | None = None,
) -> gpd.GeoDataFrame:
    """Return merged isochrones of every mode and cut-off, one table; off-network legs do not cross ``water``.

    ``own_points`` are the points of modes that do not go to ``facilities``. Service points without a street were counted when people were timed, or by `check_sites`.
    """
    import geopandas as gpd
    import pandas as pd

    from access15.isochrones import isochrones

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        parts = [
            isochrones(
                network,
                (own_points or {}).get(mode, facilities),
                profile_of(mode, dispatch_minutes),
                analysis.minutes,
                direction=direction_of(analysis),
                max_snap_m=analysis.max_snap_m,
                water=water,
                terrain=terrain,
            )
            for mode in analysis.modes
        ]
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=network.crs)


def check_sites(network: StreetNetwork, facilities: Facilities, analysis: Analysis) -> None:
    """Warn of service points that no street is near enough to, for every mode, where no people are timed.

    Raises
    ------
    InputError
        If not one is near a street.
    """
    from access15.search import link_sites

    for mode in analysis.modes:
        profile = profile_of(mode)
        way = direction_of(analysis) or profile.direction
        linked = link_sites(network, facilities, profile, way, analysis.max_snap_m)
        tell_unlinked(facilities, linked, profile)
        tell(note for note in [site_note(mode, linked)] if note.count)


def assign_people(inputs: Inputs, analysis: Analysis) -> Catchments | None:
    """Return who goes to which primary care at the cut-off of the gaps case; None where none has a capacity."""
    from access15.capacity import RATES, catchments
    from access15.travel_time import travel_times

    if not (inputs.facilities.capacity >= 0).any():
        if RATES in inputs.facilities.provenance:
            warnings.warn(
                "[capacity] infers nothing: no service point has all the numbers it asks for", stacklevel=2
            )
        return None
    rules = analysis.gap_rules
    if rules.mode in inputs.own_points:  # Nobody is assigned to an ambulance station.
        return None
    primary = np.array([care_tier(str(tier)).primary for tier in inputs.facilities.tier], bool)
    if not (inputs.facilities.capacity[primary] >= 0).any():
        return None
    matrix = travel_times(
        inputs.network,
        inputs.facilities,
        inputs.population,
        profile_of(rules.mode),
        minutes=rules.minutes,
        direction=direction_of(analysis),
        max_snap_m=analysis.max_snap_m,
        terrain=inputs.terrain,
    )
    return catchments(
        matrix,
        inputs.population,
        inputs.facilities,
        areas=inputs.areas,
        counted=primary if primary.any() else None,
    )


def look_for_gaps(
    inputs: Inputs, times: Mapping[str, NearestTimes], found: Catchments | None, given: Settings
) -> Gaps:
    """Return the clusters of people beyond the cut-off of the gaps case, or without room where capacities are known."""
    from access15.gaps import find_gaps

    rules = given.analysis.gap_rules
    forms = {} if given.outreach is None else given.outreach.forms
    return find_gaps(
        inputs.network,
        inputs.points_of(rules.mode),
        inputs.population,
        times[rules.mode],
        minutes=rules.minutes,
        areas=inputs.areas,
        catchments=found,
        **rules.thresholds,
        **forms,
    )
