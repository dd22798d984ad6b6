"""A study: what ``study.toml`` names, run from streets to proposed sites."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from access15.errors import InputError
from access15.study import stages
from access15.study.clock import Clock, Progress
from access15.study.placing import place_people
from access15.study.provenance import hash_inputs
from access15.study.reading_land import read_land
from access15.study.result import StudyResult
from access15.study.scenarios import check_scenarios
from access15.study.stations import own_points
from access15.study.steps import steps
from access15.study.study_file import StudyFile

PARTS: Final = ("isochrones", "gaps", "siting", "scenarios", "referral")
"""What a run computes besides times and coverage."""


@dataclass(frozen=True, slots=True, repr=False)
class Study(StudyFile):
    """A study as it stands in a file, and what runs it; immutable.

    Attributes
    ----------
    settings : Settings
        Every table of the file, paths made relative to its folder.
    file : Path
        The ``study.toml``.
    """

    def run(self, progress: Progress | None = None, *, parts: Collection[str] = PARTS) -> StudyResult:
        """Run the study: streets, people and service points to coverage, isochrones, gaps and sites.

        Parameters
        ----------
        progress : callable, optional
            Called with a stage's name and None when it starts, and with its seconds when it is done.
        parts : collection of {"isochrones", "gaps", "siting", "scenarios", "referral"}
            What to compute besides times and coverage; sites need a ``[siting]`` table. Scenarios are those of
            ``[[scenarios]]`` and, where sites were chosen, the plan.

        Returns
        -------
        StudyResult

        Raises
        ------
        Access15Error
            If an input is missing or cannot be used; the message names file, place and remedy.
        """
        _check_parts(parts)
        given, clock = self.settings, Clock(progress)
        analysis = given.analysis
        with clock.stage("check files"):
            hashes = hash_inputs(given)
        inputs = self.read(clock, with_scenarios="scenarios" in parts)
        with clock.stage("travel times"):
            times = {mode: stages.time_people(inputs, mode, analysis) for mode in analysis.modes}
        with clock.stage("coverage"):
            coverages = {mode: stages.count_people(inputs, found, analysis) for mode, found in times.items()}
        result = StudyResult.of(self, inputs, times, coverages, hashes, clock.seconds)
        for stage, step in steps(given, parts):
            with clock.stage(stage):
                result = step(result)
        return result.adding(provenance=result.provenance())

    def read(self, clock: Clock, *, with_scenarios: bool = False) -> stages.Inputs:
        """Read the inputs, the small ones first: what is wrong with them shows at once.

        With scenarios, their service points and estates are looked at as well.
        """
        with clock.stage("read service points"):
            facilities = stages.read_points(
                self.settings.facilities, self.settings.network.path, self.settings.analysis.day
            )
            if with_scenarios:
                check_scenarios(self.settings.scenarios, facilities)
            facilities = stages.with_capacity(facilities, self.settings.capacity)
            stations = own_points(self.settings.analysis.modes, self.settings.emergency, facilities)
        with clock.stage("read people"):
            population = stages.read_people(self.settings)
            areas = stages.read_reporting_areas(self.settings)
        with clock.stage("read streets"):
            network = stages.read_streets(self.settings.network, self.settings.analysis.day)
        with clock.stage("place people"):
            population = place_people(population, self.settings, network, areas)
        terrain = None
        if self.settings.terrain is not None:
            with clock.stage("read land"):
                longest = max(self.settings.analysis.minutes)
                terrain = read_land(
                    self.settings.terrain,
                    self.settings.network,
                    longest,
                    network,
                    facilities,
                    population,
                    areas,
                )
        return stages.Inputs(
            network,
            facilities,
            population,
            areas,
            stations,
            self.settings.emergency.dispatch_minutes,
            terrain,
        )


def _check_parts(parts: Collection[str]) -> None:
    for part in parts:
        if part not in PARTS:
            raise InputError(f"parts has {part!r}: use {', '.join(PARTS)}")
