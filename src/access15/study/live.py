"""A study that is looked at while it changes: inputs read once, times that follow the hand, figures of every frame.

Times and figures equal those of a run of the same scenario bit by bit. `access15.explorer` shows them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from access15.arrays import Floats, Int32s, Ints
from access15.coverage import assign_areas, ratio, rows_of
from access15.crs import WGS84, to_crs
from access15.errors import InputError
from access15.model import Facilities, Gaps, LinkedPoints, NearestTimes
from access15.study import stages
from access15.study.clock import Clock, Progress
from access15.study.provenance import hash_inputs
from access15.study.result import StudyResult
from access15.study.scenarios import changed_facilities
from access15.study.settings import ALL_STATIONS, case_name
from access15.study.settings.scenarios import Scenario as ScenarioSettings
from access15.study.stations import own_points
from access15.study.study import Study
from access15.units import check_limit, minutes_to_ms
from access15.whatif import WhatIf

if TYPE_CHECKING:
    import geopandas as gpd

EVERYBODY: Final = "all"
_MAIN: Final = ("motorway", "trunk", "primary", "secondary", "tertiary")
_SLACK: Final = 1e-6
STEPS: Final = 6
"""Steps of `Count.by_step` up to the limit."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a scenario wants of one facility; what is None stays as it is today.

    Attributes
    ----------
    lon, lat : float, optional
        Where it stands, degrees. A facility that the study does not have is new, and needs them.
    is_open : bool
    capacity : float, optional
        People it can serve.
    """

    lon: float | None = None
    lat: float | None = None
    is_open: bool = True
    capacity: float | None = None

    @property
    def spot(self) -> tuple[float, float] | None:
        """Longitude and latitude, where they are wanted."""
        return None if self.lon is None or self.lat is None else (self.lon, self.lat)


Scenario = Mapping[str, Wanted]
"""What differs from today, by facility id, new ones in the order they open."""


@dataclass(frozen=True, slots=True, eq=False)
class Count:
    """People within the limit: the figures of one frame.

    Attributes
    ----------
    people, covered : (parts,) float64
        Of each area; empty where the study has none.
    total, within : float
        Everybody, and those within the limit.
    gained, lost : float
        Within the limit now and not today, and the other way round.
    mean_s : float
        Mean time of those who reach a facility at all, NaN where nobody does.
    by_step : (18,) float64
        People by time, in steps of a sixth of the limit up to three times the limit.
    """

    people: Floats
    covered: Floats
    total: float
    within: float
    gained: float
    lost: float
    mean_s: float
    by_step: Floats

    @property
    def rate(self) -> float:
        """Share of everybody within the limit; NaN where nobody lives."""
        return self.within / self.total if self.total > 0 else math.nan

    @property
    def today(self) -> float:
        """People within the limit without any change."""
        return self.within - self.gained + self.lost

    @property
    def rates(self) -> Floats:
        """The share within the limit of each area, NaN where nobody lives, (parts,)."""
        return ratio(self.covered, self.people)

    def short_of(self, target: float) -> int:
        """Return how many more people must be within the limit to reach a share of everybody."""
        return max(0, math.ceil(target * self.total - self.within - _SLACK))


@dataclass(slots=True, eq=False)
class LiveStudy:
    """A study whose inputs are read: what several pages share. Nothing in it changes.

    Attributes
    ----------
    study : Study
    inputs : Inputs
    part : (n,) int32
        Row of `part_ids` each cell counts for.
    part_ids, part_names : list of str
        Areas, and ``(none)`` where cells lie in no area; empty where the study has no areas.
    lon, lat : (n,) float64
        Of the cells, degrees.
    """

    study: Study
    inputs: stages.Inputs
    part: Int32s
    part_ids: list[str]
    part_names: list[str]
    lon: Floats
    lat: Floats
    hashes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @classmethod
    def open(cls, study: Study, progress: Progress | None = None) -> LiveStudy:
        """Read the inputs of a study.

        Raises
        ------
        Access15Error
            If an input is missing or cannot be used; the message names file, place and remedy.
        """
        if study.settings.terrain is not None:
            raise InputError("edits are followed along streets alone: leave [terrain] out of the study")
        clock = Clock(progress)
        with clock.stage("check files"):
            hashes = hash_inputs(study.settings)
        inputs = study.read(clock)
        people, areas = inputs.population, inputs.areas
        area = np.full(len(people), -1, np.int32) if areas is None else assign_areas(people, areas)
        ids, names, part = rows_of(area, areas)
        return cls(study, inputs, part, ids, names, *to_crs(people.x, people.y, people.crs, WGS84), hashes)

    @property
    def modes(self) -> tuple[str, ...]:
        """Ways of travelling, the headline's first."""
        analysis = self.study.settings.analysis
        first = analysis.headline_case.mode
        return (first, *(mode for mode in analysis.modes if mode != first))

    @property
    def groups(self) -> dict[str, Floats]:
        """People of every cell by group, everybody first."""
        population = self.inputs.population
        return {EVERYBODY: population.people, **population.groups}

    def target(self, mode: str, minutes: float) -> float | None:
        """Return the share of residents the study wants within reach, where it has a target for this case."""
        return self.study.settings.targets.get(case_name(mode, minutes))

    def water(self) -> gpd.GeoDataFrame | None:
        """Return the polygons of water of ``[analysis] water``, None where the study names none."""
        from access15.sources import read_water

        path = self.study.settings.analysis.water
        return None if path is None else read_water(path)

    @staticmethod
    def is_main(street_class: str) -> bool:
        """Return whether a class of streets is one that a map of the whole place shows."""
        return street_class.removesuffix("_link") in _MAIN

    def follow(self, mode: str) -> LiveTimes:
        """Return times of one way of travelling that follow a scenario."""
        return LiveTimes(self, mode)

    def count(self, seconds: Floats, today: Floats, minutes: float, group: str) -> Count:
        """Count people of a group within a limit, as `access15.coverage` does.

        Parameters
        ----------
        seconds, today : (n,) float64
            Times now and without any change, ``inf`` where not reached.
        minutes : float
        group : str

        Raises
        ------
        InputError
            If the population has no such group, or ``minutes`` is not above 0.
        """
        people = self.groups.get(group)
        if people is None:
            raise InputError(f"the population has no group {group!r}: use one of {', '.join(self.groups)}")
        limit_s = minutes_to_ms(check_limit(minutes)) / 1000
        within, before = seconds <= limit_s, today <= limit_s
        parts = max(len(self.part_ids), 1)
        # Summed in the order of the cells, so that the figures are those of a run to the last bit.
        all_in = np.bincount(self.part, people, parts).astype(np.float64)
        covered = np.bincount(self.part[within], people[within], parts).astype(np.float64)
        reached = np.isfinite(seconds)
        arrived = np.where(reached, people, 0.0)
        spent = arrived * np.where(reached, seconds, 0.0)
        mean_s = float(ratio(np.array([spent.sum()]), np.array([arrived.sum()]))[0])
        listed = len(self.part_ids)
        return Count(
            all_in[:listed],
            covered[:listed],
            math.fsum(all_in),
            math.fsum(covered),
            float(people[within & ~before].sum()),
            float(people[before & ~within].sum()),
            mean_s,
            _by_step(seconds, people, limit_s),
        )

    def facilities(self, scenario: Scenario) -> Facilities:
        """Return the facilities of a scenario as a run has them.

        Raises
        ------
        InputError
            If it names a facility that the study does not have without saying where it stands.
        """
        if not scenario:
            return self.inputs.facilities
        changed = changed_facilities(
            self.inputs.facilities, as_settings("scenario", scenario, self.inputs.facilities)
        )
        return stages.with_capacity(changed, self.study.settings.capacity)

    def gaps(self, times: NearestTimes, facilities: Facilities, minutes: float) -> Gaps:
        """Return the clusters of people beyond a limit, by the thresholds of the study."""
        from access15.gaps import find_gaps

        inputs, rules = self.inputs, self.study.settings.analysis.gap_rules
        return find_gaps(
            inputs.network,
            facilities,
            inputs.population,
            times,
            minutes=minutes,
            areas=inputs.areas,
            **rules.thresholds,
        )

    def outline(self, facilities: Facilities, mode: str, minutes: float) -> gpd.GeoDataFrame:
        """Return the polygons within a limit of some facilities, all together: one row."""
        from access15.isochrones import isochrones

        inputs, analysis = self.inputs, self.study.settings.analysis
        return isochrones(
            inputs.network,
            facilities,
            inputs.profile_of(mode),
            (minutes,),
            direction=stages.direction_of(analysis),
            max_snap_m=analysis.max_snap_m,
            water=self.water(),
        )

    def result(self, scenario: Scenario) -> StudyResult:
        """Run the study with a scenario in place of today: times, coverage, isochrones and gaps, to be written to files."""
        settings, analysis = self.study.settings, self.study.settings.analysis
        facilities = self.facilities(scenario)
        stations = own_points(analysis.modes, settings.emergency, facilities)
        inputs = replace(self.inputs, facilities=facilities, own_points=stations)
        times = {mode: stages.time_people(inputs, mode, analysis) for mode in analysis.modes}
        coverages = {mode: stages.count_people(inputs, found, analysis) for mode, found in times.items()}
        result = StudyResult.of(self.study, inputs, times, coverages, self.hashes, {})
        assigned = stages.assign_people(inputs, analysis)
        return result.adding(
            isochrones=stages.draw_isochrones(
                inputs.network,
                facilities,
                analysis,
                own_points=stations,
                dispatch_minutes=inputs.dispatch_minutes,
            ),
            gaps=stages.look_for_gaps(inputs, times, assigned, settings),
            catchments=assigned,
        )


def served(times: LiveTimes, people: Floats, minutes: float) -> dict[str, float]:
    """Return the people for whom each facility is the nearest, and within the limit; those of nobody are left out."""
    within = times.seconds <= minutes_to_ms(check_limit(minutes)) / 1000
    by_site = np.bincount(times.nearest[within], people[within], len(times.name_of))
    return {times.name_of[row]: float(by_site[row]) for row in np.flatnonzero(by_site)}


def _by_step(seconds: Floats, people: Floats, limit_s: float) -> Floats:
    """Return people by steps of a sixth of the limit; a time on the border of two counts for the first, as the limit does."""
    step = np.ceil(np.minimum(seconds / (limit_s / STEPS), 3 * STEPS + 1)).astype(np.int64)
    counted = np.bincount(np.maximum(step, 1), people, 3 * STEPS + 2)
    return np.asarray(counted[1 : 3 * STEPS + 1], np.float64)


class LiveTimes:
    """Times of one way of travelling that follow a scenario; only what differs is searched again.

    Attributes
    ----------
    seconds, today : (n,) float64
        Time to the nearest open facility now, and without any change; ``inf`` where not reached.
    nearest : (n,) int32
        That facility as a number of `name_of`, -1 where there is none.
    what_if : WhatIf
        To read.
    """

    def __init__(self, live: LiveStudy, mode: str) -> None:
        analysis, inputs = live.study.settings.analysis, live.inputs
        self._live = live
        self.mode = mode
        self.what_if = WhatIf(
            inputs.network,
            inputs.points_of(mode),
            inputs.population,
            inputs.profile_of(mode),
            analysis.headline_case.minutes,
            direction=stages.direction_of(analysis),
            max_snap_m=analysis.max_snap_m,
        )
        times = self.what_if.times
        self.today = times.seconds
        self.seconds = times.seconds.copy()
        self.nearest = times.facility.copy()
        self.linked = times.cells.linked
        self.name_of = [str(i) for i in inputs.points_of(mode).id]
        self._number = {name: number for number, name in enumerate(self.name_of)}
        self._row = {name: row for row, name in enumerate(self.name_of)}
        self._held: dict[str, Wanted] = {}
        self._touched: list[Ints] = []

    def touched(self) -> Ints:
        """Return the rows of the cells whose times changed since this was last asked, ascending."""
        rows = np.unique(np.concatenate(self._touched)) if self._touched else np.zeros(0, np.int64)
        self._touched.clear()
        return rows

    def follow(self, scenario: Scenario) -> Ints:
        """Let the times be those of a scenario; return the rows of the cells that changed, ascending.

        Raises
        ------
        InputError
            If the scenario cannot be: a position is no number, or no open facility is near a street. The times are
            then those of the scenario before.
        """
        touched: list[Ints] = []
        scenario = self._part_of(scenario)
        try:
            for step in self._steps_to(scenario):
                step()
                self._note(touched)
        except InputError:
            while self.what_if.edits:
                self.what_if.undo()
                self._note(touched)
            raise
        finally:
            self.what_if.forget()
            self._touched += touched
        self._held = {name: wanted for name, wanted in scenario.items() if wanted != Wanted()}
        return np.unique(np.concatenate(touched)) if touched else np.zeros(0, np.int64)

    def place_of(self, facility: str) -> LinkedPoints | None:
        """Return where an open facility of the scenario stands on the streets; None where this mode does not go there."""
        known = facility in self._row or facility in self._held
        return self.what_if.place_of(facility) if known else None

    def _part_of(self, scenario: Scenario) -> Scenario:
        """Return what a scenario says of the points of this mode: ambulances start from stations, which a run finds anew."""
        stations = self._live.study.settings.emergency.stations
        if self.mode not in self._live.inputs.own_points or stations == (ALL_STATIONS,):
            return scenario
        if isinstance(stations, Path):
            return {}
        return {name: wanted for name, wanted in scenario.items() if name in self._row}

    def _steps_to(self, scenario: Scenario) -> list[Callable[[], Any]]:
        """Return the edits that lead from the scenario held to another one; what opens comes before what closes."""
        opening: list[Callable[[], Any]] = []
        closing: list[Callable[[], Any]] = []
        edit = self.what_if
        for name in dict.fromkeys([*scenario, *self._held]):
            held, wanted = self._held.get(name), scenario.get(name)
            spot = None if wanted is None else wanted.spot
            if name in self._row:
                held, wanted = held or Wanted(), wanted or Wanted()
            elif wanted is None or not wanted.is_open:
                # A new facility that is not wanted any more, or not yet.
                if held is not None and held.is_open:
                    closing.append(partial(edit.remove, name))
                continue
            elif spot is None:
                raise InputError(
                    f"the scenario names facility {name!r}, which the study does not have: place it"
                )
            elif held is None or not held.is_open:
                opening.append(partial(edit.add, *spot, name, crs=WGS84))
                continue
            assert held is not None, "a facility that is not held was added above"
            if held.spot != spot:
                opening.append(partial(self._move, name, spot))
            if held.is_open != wanted.is_open:
                change = edit.open if wanted.is_open else edit.close
                (opening if wanted.is_open else closing).append(partial(change, name))
        return opening + closing

    def _move(self, name: str, spot: tuple[float, float] | None) -> None:
        if spot is not None:
            self.what_if.move(name, *spot, crs=WGS84)
            return
        given, row = self._live.inputs.points_of(self.mode), self._row[name]
        self.what_if.move(name, float(given.x[row]), float(given.y[row]))

    def _note(self, touched: list[Ints]) -> None:
        """Take over what the last edit changed."""
        found = self.what_if.changes()
        if not len(found):
            return
        numbers = np.array([self._number_of(str(i)) for i in self.what_if.facilities.id], np.int32)
        self.seconds[found.rows] = found.seconds
        self.nearest[found.rows] = np.where(found.facility < 0, np.int32(-1), numbers[found.facility])
        touched.append(found.rows)

    def _number_of(self, name: str) -> int:
        if name not in self._number:
            self._number[name] = len(self.name_of)
            self.name_of.append(name)
        return self._number[name]


def as_settings(name: str, scenario: Scenario, facilities: Facilities) -> ScenarioSettings:
    """Return a scenario as ``[[scenarios]]`` of a study file has it.

    Raises
    ------
    InputError
        If a new facility has no place.
    """
    known = {str(i) for i in facilities.id}
    kept = {i: wanted for i, wanted in scenario.items() if wanted.is_open}
    unplaced = [i for i, wanted in kept.items() if i not in known and wanted.spot is None]
    if unplaced:
        raise InputError(
            f"the scenario names facility {unplaced[0]!r}, which the study does not have: place it"
        )
    spots = {i: wanted.spot for i, wanted in kept.items() if wanted.spot is not None}
    return ScenarioSettings(
        name=name,
        remove=tuple(i for i, wanted in scenario.items() if i in known and not wanted.is_open),
        move={i: spot for i, spot in spots.items() if i in known} or None,
        place={i: spot for i, spot in spots.items() if i not in known} or None,
        capacity={i: w.capacity for i, w in kept.items() if w.capacity is not None} or None,
    )


def from_settings(given: ScenarioSettings) -> dict[str, Wanted]:
    """Return what ``[[scenarios]]`` says of facilities, as a scenario.

    Raises
    ------
    InputError
        If it changes more than the explorer can: files of clinics, roads, estates, people or a season.
    """
    more = [key for key in given.changes() if key not in ("remove", "move", "place", "capacity")]
    if more:
        raise InputError(
            f"scenario {given.name!r} changes {', '.join(more)}: run it with access15 run, it is not a scenario of clinics alone"
        )
    out: dict[str, Wanted] = {}
    for name, (lon, lat) in {**(given.move or {}), **(given.place or {})}.items():
        out[name] = Wanted(lon, lat)
    for name, people in (given.capacity or {}).items():
        out[name] = replace(out.get(name, Wanted()), capacity=people)
    for name in given.remove:
        out[name] = replace(out.get(name, Wanted()), is_open=False)
    return out
