"""Scenarios: the study again with other facilities, roads, people, and what changes."""

from __future__ import annotations

import dataclasses
import difflib
import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from access15.arrays import Ints, Rows
from access15.crs import WGS84, to_crs
from access15.errors import Access15Error, InputError
from access15.model import Facilities, SitingPlan, StreetNetwork
from access15.outputs import PROPOSED, Compared, Estate
from access15.study import stages
from access15.study.comparing.pair import pair
from access15.study.comparing.runs import compared
from access15.study.comparing.sides import Side, side_of
from access15.study.input_notes import known_lines, with_scenario_notes
from access15.study.placing import place_people
from access15.study.provenance import plain
from access15.study.result import ScenarioResult, StudyResult
from access15.study.settings import Case
from access15.study.settings.scenarios import Scenario
from access15.study.stations import own_points, some

if TYPE_CHECKING:
    from access15.network import JoinedStreets
    from access15.sources import Estates


def with_scenarios(result: StudyResult) -> StudyResult:
    """Return a result with its scenarios: those of ``[[scenarios]]``, then the plan where there is one.

    Raises
    ------
    Access15Error
        If an input of a scenario cannot be used; the message names the scenario.
    """
    given = result.study.settings.scenarios
    plan = result.plan
    if not given and (plan is None or not len(plan.chosen)):
        return result
    today, said = side_of(result), known_lines(result.found.provenance["notes"])
    found, others = {}, {}
    for scenario in given:
        with _named(scenario.name, said=said):
            run = found[scenario.name] = _run(result, scenario, today)
            estates = tuple(_estates(result, run))
            others[scenario.name] = Compared.of(run.result.found, run.comparison.table, estates)
    if plan is not None and result.candidates is not None and len(plan.chosen):
        inputs = _opened(result.inputs, _chosen(plan, result.candidates), plan)
        changes = {"add": [str(i) for i in result.candidates.id[plan.chosen]]}
        with _named(PROPOSED, said=said):
            run = found[PROPOSED] = _compared(result, inputs, None, None, PROPOSED, changes, today)
            others[PROPOSED] = Compared.of(run.result.found, run.comparison.table)
    notes = {name: run.result.found.provenance["notes"] for name, run in found.items()}
    facts = {**result.found.provenance, "notes": with_scenario_notes(result.found.provenance["notes"], notes)}
    return dataclasses.replace(result.adding(compared=others, provenance=facts), scenarios=found)


def _opened(inputs: stages.Inputs, sites: Facilities, plan: SitingPlan) -> stages.Inputs:
    """Return the inputs with the sites of a plan open: service points, and stations where the plan is for ambulances."""
    mode = plan.origin.profile.name
    own = {
        name: _joined(points, sites) if name == mode else points for name, points in inputs.own_points.items()
    }
    return dataclasses.replace(inputs, facilities=_joined(inputs.facilities, sites), own_points=own)


def check_scenarios(scenarios: Iterable[Scenario], facilities: Facilities) -> None:
    """Refuse scenarios whose service points or estates cannot be used, before anything that takes long.

    Raises
    ------
    Access15Error
        As `with_scenarios`.
    """
    from access15.sources import read_estates

    for scenario in scenarios:
        with _named(scenario.name, quiet=True):
            changed_facilities(facilities, scenario)
            if scenario.estates is not None:
                read_estates(scenario.estates, year=scenario.year, datum=scenario.estates_datum)


@contextmanager
def _named(name: str, *, quiet: bool = False, said: Collection[str] = ()) -> Iterator[None]:
    """Name the scenario in whatever goes wrong and, unless ``quiet``, in every warning that was not ``said`` of today."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        try:
            yield
        except Access15Error as error:
            raise type(error)(f"scenario {name!r}: {error}") from error
    for caution in () if quiet else caught:
        if str(caution.message) in said:
            continue
        warnings.warn_explicit(
            f"scenario {name!r}: {caution.message}", caution.category, caution.filename, caution.lineno
        )


def _run(result: StudyResult, scenario: Scenario, today: Side) -> ScenarioResult:
    from access15.sources import read_estates, read_new_roads, with_estates

    base, settings = result.inputs, result.study.settings
    streets = base.network
    if scenario.season is not None:
        given = dataclasses.replace(settings.network, season=scenario.season, crs=streets.crs)
        streets = stages.read_streets(given, settings.analysis.day)
    changed = changed_facilities(base.facilities, scenario)
    stations = own_points(settings.analysis.modes, settings.emergency, changed)
    inputs = dataclasses.replace(base, facilities=changed, own_points=stations, network=streets)
    roads = estates = None
    if scenario.roads is not None:
        roads = read_new_roads(
            streets, scenario.roads, columns=scenario.road_columns, layer=scenario.road_layer
        )
        inputs = dataclasses.replace(inputs, network=roads.network)
    if scenario.population is not None:
        then = stages.projected(settings, scenario)
        people = place_people(stages.read_people(then), then, inputs.network, inputs.areas)
        inputs = dataclasses.replace(inputs, population=people)
    if scenario.estates is not None:
        estates = read_estates(scenario.estates, year=scenario.year, datum=scenario.estates_datum)
        inputs = dataclasses.replace(inputs, population=with_estates(inputs.population, estates))
    changes = plain(scenario.changes())
    changes |= {
        key: getattr(scenario, key).name
        for key in ("add", "roads", "estates", "population")
        if key in changes
    }
    both = None if roads is None else (streets, roads)
    found = _compared(result, inputs, both, estates, scenario.name, changes, today)
    if estates is not None:
        _tell_lost_estates(found.result, estates)
    return found


def _tell_lost_estates(after: StudyResult, estates: Estates) -> None:
    """Warn of planned estates that no street is near enough to: their people count as beyond every service point."""
    linked = after.times[after.study.settings.analysis.headline_case.mode].cells.placed
    lost = [
        str(i)
        for i, row in zip(estates.people.cell_id, _rows_of(after, estates), strict=True)
        if not linked[row]
    ]
    if lost:
        warnings.warn(
            f"{len(lost)} of {len(estates)} estates have no street near enough, check their longitude and latitude: "
            f"{', '.join(lost[:5])}{' …' if len(lost) > 5 else ''}",
            stacklevel=2,
        )


def _rows_of(after: StudyResult, estates: Estates) -> Rows:
    """Return the row of every estate among the cells of its scenario."""
    row = {str(name): i for i, name in enumerate(after.inputs.population.cell_id)}
    return np.array([row[f"estate {i}"] for i in estates.people.cell_id], np.intp)


def _compared(
    result: StudyResult,
    inputs: stages.Inputs,
    roads: tuple[StreetNetwork, JoinedStreets] | None,
    estates: Estates | None,
    name: str,
    changes: Mapping[str, Any],
    today: Side,
) -> ScenarioResult:
    analysis, rates = result.study.settings.analysis, result.study.settings.capacity
    inputs = dataclasses.replace(inputs, facilities=stages.with_capacity(inputs.facilities, rates))
    times = {mode: stages.time_people(inputs, mode, analysis, roads) for mode in analysis.modes}
    coverages = {mode: stages.count_people(inputs, found, analysis) for mode, found in times.items()}
    after = StudyResult.of(result.study, inputs, times, coverages, result.hashes, result.seconds)
    if result.gaps is not None:
        after = after.adding(catchments=stages.assign_people(inputs, analysis))
    found = compared(pair(today, side_of(after)), (result.study.name, name))
    return ScenarioResult(after, dataclasses.replace(found, inputs=_as_inputs(changes)), estates)


def _as_inputs(changes: Mapping[str, Any]) -> Any:
    """Return what a scenario changes as the table of inputs of a comparison."""
    import pandas as pd

    rows = [("parameters", f"scenario.{key}", None, str(value)) for key, value in changes.items()]
    return pd.DataFrame(rows, columns=["part", "key", "before", "after"], dtype=object)


def changed_facilities(facilities: Facilities, scenario: Scenario) -> Facilities:
    """Return the facilities of a scenario: some closed, moved, enlarged or new.

    Raises
    ------
    InputError
        If an id is not known, or a new one is in use.
    """
    from access15.sources import read_facilities

    facilities = _placed(facilities, scenario)
    rows = {str(name): row for row, name in enumerate(facilities.id)}
    x, y, capacity = facilities.x.copy(), facilities.y.copy(), facilities.capacity.copy()
    limit = facilities.capacity_limit.copy()
    for name, (lon, lat) in (scenario.move or {}).items():
        row = _row(rows, name, "move")
        px, py = to_crs(np.array([lon]), np.array([lat]), WGS84, facilities.crs)
        x[row], y[row] = px[0], py[0]
    for name, people in (scenario.capacity or {}).items():
        row = _row(rows, name, "capacity")
        capacity[row], limit[row] = people, ""
    keep = np.ones(len(facilities), bool)
    keep[[_row(rows, name, "remove") for name in scenario.remove]] = False
    if not keep.any() and scenario.add is None:
        raise InputError("remove closes every service point: leave one open, or add new ones")
    out = some(dataclasses.replace(facilities, x=x, y=y, capacity=capacity, capacity_limit=limit), keep)
    if scenario.add is None:
        return out
    return _joined(out, read_facilities(scenario.add, datum=scenario.datum, judge=False))


def _placed(facilities: Facilities, scenario: Scenario) -> Facilities:
    """Return facilities with those that the scenario places, behind them in its order."""
    spots = scenario.place
    if not spots:
        return facilities
    lon, lat = np.array(list(spots.values()), float).T
    return _joined(facilities, Facilities.of(lon, lat, WGS84, ids=list(spots), name=list(spots)))


def _row(rows: Mapping[str, int], name: str, key: str) -> int:
    if name not in rows:
        near = difflib.get_close_matches(name, list(rows), 1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}?" if near else f"the ids are {', '.join(list(rows)[:5])} …"
        raise InputError(f"{key} names facility {name!r}, which the study does not have: {hint}")
    return rows[name]


def _chosen(plan: SitingPlan, candidates: Facilities) -> Facilities:
    """Return the proposed sites as facilities; a candidate may have the id of a facility."""
    sites = some(candidates, plan.chosen)
    return dataclasses.replace(sites, id=np.array([f"proposed {i}" for i in sites.id], object))


def _joined(first: Facilities, second: Facilities) -> Facilities:
    """Return facilities with new ones behind them, in the CRS of the first."""
    twice = sorted({str(i) for i in first.id} & {str(i) for i in second.id})
    if twice:
        raise InputError(f"the new facility {twice[0]!r} has the id of one that is there: give it another")
    x, y = to_crs(second.x, second.y, second.crs, first.crs)
    moved = dataclasses.replace(second, x=x, y=y, crs=first.crs)
    columns = ((f.name, getattr(first, f.name), getattr(moved, f.name)) for f in dataclasses.fields(first))
    both: dict[str, Any] = {
        name: np.concatenate((a, b)) for name, a, b in columns if isinstance(a, np.ndarray)
    }
    return dataclasses.replace(first, **both)


def _estates(result: StudyResult, found: ScenarioResult) -> Iterator[Estate]:
    """Return every estate of a scenario with the open and the proposed sites within the headline minutes."""
    estates, after = found.estates, found.result
    if estates is None:
        return
    headline = result.study.settings.analysis.headline_case
    cells = _rows_of(after, estates)
    open_sites = _within(after, after.inputs.points_of(headline.mode), estates, headline)
    # The nearest open one is in time or none is: the search for people knows new roads, too.
    near = after.times[headline.mode].within(headline.minutes)[cells]
    open_sites = np.where(near, np.maximum(open_sites, 1), 0)
    proposed = np.zeros(len(estates), np.int64)
    if result.plan is not None and result.candidates is not None and len(result.plan.chosen):
        proposed = _within(after, _chosen(result.plan, result.candidates), estates, headline)
    seconds = after.times[headline.mode].seconds[cells]
    for i in range(len(estates)):
        people = estates.people
        yield Estate(
            str(people.cell_id[i]),
            str(estates.name[i]),
            float(people.people[i]),
            float(estates.year[i]),
            int(open_sites[i]),
            int(proposed[i]),
            float(seconds[i]),
        )


def _within(after: StudyResult, facilities: Facilities, estates: Estates, case: Case) -> Ints:
    """Return how many facilities each estate reaches in time."""
    from access15.travel_time import travel_times

    analysis = after.study.settings.analysis
    matrix = travel_times(
        after.inputs.network,
        facilities,
        estates.people,
        after.inputs.profile_of(case.mode),
        minutes=case.minutes,
        direction=stages.direction_of(analysis),
        max_snap_m=analysis.max_snap_m,
        terrain=after.inputs.terrain,
    )
    return np.bincount(matrix.cell, minlength=len(estates))
