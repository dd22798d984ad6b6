"""Day trips of vehicles from bases to stops: the routes with the least driving."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np

from access15.arrays import Floats, Ints
from access15.errors import MissingPackageError

SEED: Final = 1
UNIMPROVED: Final = 2_000
"""The search ends after so many steps without a better plan: a count, not a time, so that every run is equal."""


@dataclass(frozen=True, slots=True)
class Trip:
    """One day's route: a base, and the stops in the order they are visited (rows of the bases and of the stops)."""

    base: int
    stops: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """What is to be routed; places are the bases, then the stops.

    Attributes
    ----------
    drive_s : (b + s, b + s) int64
        Whole seconds from place to place; more than ``day_s`` where there is no way.
    bases : int
    stop_s : int
        Seconds at every stop.
    day_s : int
        Longest trip, driving and stops.
    people : (s,) float64
        Who is served at each stop; decides who is served first where trips are limited.
    trips : int or None
        Most trips from one base; None without a limit.
    """

    drive_s: Ints
    bases: int
    stop_s: int
    day_s: int
    people: Floats
    trips: int | None = None

    @property
    def stops(self) -> int:
        """Number of stops."""
        return len(self.drive_s) - self.bases

    def seconds(self, trip: Trip) -> int:
        """Return how long a trip takes, driving and stops."""
        places = [trip.base, *(self.bases + stop for stop in trip.stops), trip.base]
        driven = sum(int(self.drive_s[a, b]) for a, b in pairwise(places))
        return driven + self.stop_s * len(trip.stops)

    def alone_s(self) -> Ints:
        """Return how long the shortest trip to each stop alone takes, (s,)."""
        out = self.drive_s[: self.bases, self.bases :] + self.drive_s[self.bases :, : self.bases].T
        return np.asarray(out.min(axis=0) + self.stop_s, np.int64)


def best_trips(task: Task) -> list[Trip]:
    """Return the trips with the least driving that visit every stop once, or the most people where trips are limited.

    Every stop must be within a day of a base by itself (`Task.alone_s`).

    Parameters
    ----------
    task : Task

    Returns
    -------
    list of Trip
        By base, then by first stop. Never more driving than one trip per stop. The same for the same task.

    Raises
    ------
    MissingPackageError
        If pyvrp is not installed.

    Notes
    -----
    Solver: the iterated local search of PyVRP (Wouda, Lan & Kool 2024, PyVRP: a high-performance VRP solver
    package), with a fixed seed and a fixed number of steps. It proves no bound.
    """
    if not task.stops:
        return []
    pyvrp = _pyvrp()
    data = _data(pyvrp, task)
    stop = pyvrp.stop.NoImprovement(UNIMPROVED)
    result = pyvrp.solve(
        data, stop, seed=SEED, collect_stats=False, initial_solution=_start(pyvrp, data, task)
    )
    trips = [_trip(route) for route in result.best.routes()]
    for trip in trips:
        assert task.seconds(trip) <= task.day_s, (
            "a trip is longer than the day: the program is wrong, not the input"
        )
    served = sorted(stop for trip in trips for stop in trip.stops)
    assert len(set(served)) == len(served), "a stop is visited twice: the program is wrong, not the input"
    assert task.trips is not None or len(served) == task.stops, "a stop is left out: the program is wrong"
    return sorted(trips, key=lambda trip: (trip.base, trip.stops))


def _pyvrp() -> Any:
    try:
        import pyvrp
        import pyvrp.stop
    except ImportError as error:
        raise MissingPackageError(
            'mobile circuits need the package pyvrp, which is not installed: pip install "access15[outreach]"'
        ) from error
    return pyvrp


def _data(pyvrp: Any, task: Task) -> Any:
    """Return the task as PyVRP has it: only duration costs; a stop may be left out only where trips are limited."""
    n, most = task.stops, task.stops if task.trips is None else task.trips
    durations = np.minimum(task.drive_s, task.day_s + 1)
    # More than all driving there can be: one more person is worth any detour.
    worth = task.day_s * (n + 1)
    clients = [
        pyvrp.Client(
            task.bases + k,
            service_duration=task.stop_s,
            required=task.trips is None,
            prize=0 if task.trips is None else worth * max(1, round(float(task.people[k]))),
        )
        for k in range(n)
    ]
    vehicles = [
        pyvrp.VehicleType(
            min(most, n),
            start_depot=b,
            end_depot=b,
            shift_duration=task.day_s,
            unit_distance_cost=0,
            unit_duration_cost=1,
        )
        for b in range(task.bases)
    ]
    return pyvrp.ProblemData(
        [pyvrp.Location(0, 0)] * len(durations),
        clients,
        [pyvrp.Depot(b) for b in range(task.bases)],
        vehicles,
        [np.zeros_like(durations)],
        [durations],
    )


def _start(pyvrp: Any, data: Any, task: Task) -> Any:
    """Return one trip per stop from its best base, the most people first, as far as trips are left."""
    left = [task.stops if task.trips is None else task.trips] * task.bases
    routes = []
    for stop in np.argsort(-task.people, kind="stable").tolist():
        able = [
            (task.seconds(Trip(base, (stop,))), base)
            for base in range(task.bases)
            if left[base] and task.seconds(Trip(base, (stop,))) <= task.day_s
        ]
        if able:
            base = min(able)[1]
            left[base] -= 1
            routes.append(pyvrp.Route(data, [stop], base))
    return pyvrp.Solution(data, routes)


def _trip(route: Any) -> Trip:
    return Trip(int(route.vehicle_type()), tuple(int(a.idx) for a in route if a.is_client()))
