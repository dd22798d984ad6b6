"""Mobile circuits: day trips along the streets from existing facilities to gaps that nothing fixed serves."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from access15.arrays import Bools, Floats, Ints, Objects
from access15.errors import InputError
from access15.model import Facilities, LinkedPoints
from access15.network import link_points
from access15.outreach.routing import Task, Trip, best_trips
from access15.outreach.rules import OutreachRules, on_the_street
from access15.search import street_lines
from access15.travel_time import linked_times

if TYPE_CHECKING:
    import geopandas as gpd

    from access15.model import StreetNetwork, TravelProfile


NO_STREET: Final = "no street for vehicles near"
NO_BASE: Final = "no base within a day"
DAY_SHORT: Final = "day too short"
NO_VEHICLE: Final = "no vehicle left"


@dataclass(frozen=True, slots=True, eq=False)
class Stops:
    """Where vehicles are to stop: ids, positions in ``crs``, and the people of each."""

    id: Objects
    x: Floats
    y: Floats
    crs: str
    people: Floats

    def __len__(self) -> int:
        return len(self.id)


@dataclass(frozen=True, slots=True, eq=False)
class Routed:
    """Circuits and what became of each stop.

    Attributes
    ----------
    circuits, stops : GeoDataFrame
        See `access15.outreach.Outreach`.
    circuit : (s,) object array of str or None
        Circuit of each stop.
    problem : (s,) object array of str or None
        Why a stop has none: one of the four words of this module.
    alone_s : (s,) float64
        Seconds of the shortest trip to each stop alone, the stop included; ``inf`` where no base is in reach.
    """

    circuits: gpd.GeoDataFrame
    stops: gpd.GeoDataFrame
    circuit: Objects
    problem: Objects
    alone_s: Floats


def plan_circuits(
    network: StreetNetwork, bases: Facilities, stops: Stops, rules: OutreachRules, profile: TravelProfile
) -> Routed:
    """Return the circuits with the least driving that visit every stop that can be visited.

    A trip starts and ends at one base. Where every base may have vehicles enough, only bases that are nearest, there
    and back, to at least one stop take part. Vehicles stand on the street.

    Raises
    ------
    InputError
        If there is no base near a street.
    MissingPackageError
        If there are stops and pyvrp is not installed.
    """
    if not len(stops):
        none = np.empty(0, object)
        return Routed(_frame(network, [], rules), _stops(network, []), none, none, np.empty(0))
    day_s, stop_s = round(rules.day_minutes * 60), round(rules.stop_minutes * 60)
    home, at = _linked(network, bases, stops, rules, profile)
    places = on_the_street(_joined(home, at))
    drive_s = _drive_s(network, places, profile, rules.day_minutes, day_s)
    n = len(home)
    problem, alone_s = _problems(drive_s, n, at.linked, rules)
    able = np.flatnonzero(problem == None)  # noqa: E711 (elementwise)
    used = _useful(drive_s, n, able) if rules.trips is None else np.flatnonzero(home.linked)
    keep = np.concatenate([used, n + able])
    task = Task(drive_s[np.ix_(keep, keep)], len(used), stop_s, day_s, stops.people[able], rules.trips)
    trips = [Trip(int(used[t.base]), tuple(int(able[k]) for k in t.stops)) for t in best_trips(task)]
    whole = Task(drive_s, n, stop_s, day_s, stops.people, rules.trips)
    circuit = np.full(len(stops), None, object)
    for number, trip in enumerate(trips, 1):
        circuit[list(trip.stops)] = f"m{number}"
    problem[(circuit == None) & (problem == None)] = NO_VEHICLE  # noqa: E711
    lines = _lines(network, places, n, trips, profile)
    rows, visits = [], []
    for number, (trip, line) in enumerate(zip(trips, lines, strict=True), 1):
        rows.append(_row(number, trip, whole, bases, stops, rules, line))
        visits += _visits(number, trip, stops, at, line)
    return Routed(_frame(network, rows, rules), _stops(network, visits), circuit, problem, alone_s)


def _linked(
    network: StreetNetwork, bases: Facilities, stops: Stops, rules: OutreachRules, profile: TravelProfile
) -> tuple[LinkedPoints, LinkedPoints]:
    """Return bases and stops on streets the vehicles use. A vehicle leaves from where it arrived."""
    if not len(bases):
        raise InputError("there is no base for mobile circuits: name at least one facility")
    home = link_points(network, bases.x, bases.y, bases.crs, profile, role="destination")
    if not home.linked.any():
        raise InputError(
            f"none of the {len(bases)} bases of mobile circuits is near a street that {profile.name} may use: name others"
        )
    at = link_points(
        network, stops.x, stops.y, stops.crs, profile, role="destination", max_snap_m=rules.stop_within_m
    )
    return home, at


def _joined(home: LinkedPoints, at: LinkedPoints) -> LinkedPoints:
    names = ("edge", "fraction", "leg_m", "reason")
    return LinkedPoints(*(np.concatenate([getattr(home, k), getattr(at, k)]) for k in names))


def _drive_s(
    network: StreetNetwork, places: LinkedPoints, profile: TravelProfile, minutes: float, day_s: int
) -> Ints:
    """Return whole seconds, rounded up, from place to place; one more than a day where it takes longer or there is no way."""
    indptr, cell, time_ms = linked_times(network, places, places, profile, "from", minutes)
    out = np.full((len(places), len(places)), day_s + 1, np.int64)
    out[np.repeat(np.arange(len(places)), np.diff(indptr)), cell] = -(-time_ms.astype(np.int64) // 1000)
    np.fill_diagonal(out, 0)
    return out


def _problems(drive_s: Ints, bases: int, linked: Bools, rules: OutreachRules) -> tuple[Objects, Floats]:
    """Return why each stop cannot be visited from any base, None where it can, and the seconds of its shortest trip."""
    there_s, back_s = drive_s[:bases, bases:], drive_s[bases:, :bases].T
    day_s = rules.day_minutes * 60
    known = (there_s <= day_s) & (back_s <= day_s)
    alone_s = np.where(known, there_s + back_s + rules.stop_minutes * 60, np.inf).min(axis=0)
    alone_s[~linked] = np.inf
    out = np.full(len(linked), None, object)
    out[alone_s > day_s] = DAY_SHORT
    out[np.isinf(alone_s)] = NO_BASE
    out[~linked] = NO_STREET
    return out, alone_s


def _useful(drive_s: Ints, bases: int, able: Ints) -> Ints:
    """Return the bases that are nearest, there and back, to one of the stops."""
    back_s = drive_s[:bases, bases:] + drive_s[bases:, :bases].T
    return np.unique(back_s[:, able].argmin(axis=0)).astype(np.int64)


def _lines(
    network: StreetNetwork, places: LinkedPoints, bases: int, trips: list[Trip], profile: TravelProfile
) -> list[Any]:
    """Return each trip as lines along the streets, leg by leg."""
    import shapely

    legs: list[tuple[int, int]] = []
    for trip in trips:
        path = [trip.base, *(bases + k for k in trip.stops), trip.base]
        legs += list(pairwise(path))
    drawn = iter(street_lines(network, places, profile, legs)[0]) if legs else iter(())
    return [shapely.MultiLineString([next(drawn) for _ in range(len(trip.stops) + 1)]) for trip in trips]


def _row(
    number: int, trip: Trip, task: Task, bases: Facilities, stops: Stops, rules: OutreachRules, line: Any
) -> dict[str, Any]:
    total_s = task.seconds(trip)
    stop_s = task.stop_s * len(trip.stops)
    return {
        "circuit_id": f"m{number}",
        "base_id": str(bases.id[trip.base]),
        "stops": len(trip.stops),
        "gap_ids": ";".join(str(stops.id[k]) for k in trip.stops),
        "people": float(stops.people[list(trip.stops)].sum()),
        "drive_s": float(total_s - stop_s),
        "stop_s": float(stop_s),
        "visits_per_month": rules.visits_per_month,
        "vehicle_hours": total_s * rules.visits_per_month / 3600,
        "geometry": line,
    }


def _visits(number: int, trip: Trip, stops: Stops, at: LinkedPoints, line: Any) -> list[dict[str, Any]]:
    """Return the stops of a trip; each is where a leg of its line ends."""
    import shapely

    return [
        {
            "circuit_id": f"m{number}",
            "visit": k + 1,
            "gap_id": str(stops.id[stop]),
            "people": float(stops.people[stop]),
            "walk_m": float(at.leg_m[stop]),
            "geometry": shapely.Point(leg.coords[-1]),
        }
        for k, (stop, leg) in enumerate(zip(trip.stops, line.geoms, strict=False))
    ]


def _stops(network: StreetNetwork, rows: list[dict[str, Any]]) -> gpd.GeoDataFrame:
    import geopandas as gpd

    columns = ("circuit_id", "visit", "gap_id", "people", "walk_m", "geometry")
    return gpd.GeoDataFrame(
        {k: [row[k] for row in rows] for k in columns}, geometry="geometry", crs=network.crs
    )


def _frame(network: StreetNetwork, rows: list[dict[str, Any]], rules: OutreachRules) -> gpd.GeoDataFrame:
    import geopandas as gpd

    columns = (
        "circuit_id",
        "base_id",
        "stops",
        "gap_ids",
        "people",
        "drive_s",
        "stop_s",
        "visits_per_month",
        "vehicle_hours",
        "base_vehicles",
        "geometry",
    )
    driven: dict[str, float] = {}
    for row in rows:
        driven[row["base_id"]] = driven.get(row["base_id"], 0.0) + rules.visits_per_month
    for row in rows:
        row["base_vehicles"] = math.ceil(driven[row["base_id"]] / rules.working_days - 1e-9)
    return gpd.GeoDataFrame(
        {k: [row[k] for row in rows] for k in columns}, geometry="geometry", crs=network.crs
    )
