"""Circuits against brute force, and what must hold for every plan of trips."""

from __future__ import annotations

import itertools
import sys

import numpy as np
import pytest

from access15.errors import MissingPackageError
from access15.outreach.routing import Task, Trip, best_trips


def drawn_task(seed, stops=None, trips=None):
    """Bases and stops at random places of a square, streets a little longer one way than the other."""
    random = np.random.default_rng(seed)
    n, bases = stops or int(random.integers(1, 8)), int(random.integers(1, 4))
    xy = random.uniform(0, 5000, (n + bases, 2))
    detour = random.uniform(1, 1.3, (n + bases, n + bases))
    drive = np.ceil(np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)) * detour).astype(np.int64)
    np.fill_diagonal(drive, 0)
    stop_s = int(random.integers(600, 3600))
    alone = (drive[:bases, bases:] + drive[bases:, :bases].T).min(axis=0) + stop_s
    day_s = max(int(alone.max()), int(random.integers(8000, 28800)))
    return Task(drive, bases, stop_s, day_s, np.ceil(random.uniform(1, 300, n)), trips)


def best_of_set(task):
    """The shortest feasible trip of every set of stops, per base: all orders tried."""
    found = {}
    for size in range(1, task.stops + 1):
        for chosen in itertools.combinations(range(task.stops), size):
            for base in range(task.bases):
                seconds = min(task.seconds(Trip(base, order)) for order in itertools.permutations(chosen))
                if seconds <= task.day_s:
                    found[chosen, base] = seconds
    return found


def splits(items):
    """Every way to split a list into groups."""
    if not items:
        yield []
        return
    for rest in splits(items[1:]):
        yield [[items[0]], *rest]
        for k in range(len(rest)):
            yield [*rest[:k], [items[0], *rest[k]], *rest[k + 1 :]]


def brute_force(task):
    """The least seconds of all plans that visit every stop."""
    trip = best_of_set(task)
    least = {}
    for (chosen, _), seconds in trip.items():
        least[chosen] = min(seconds, least.get(chosen, np.inf))
    return min(
        sum(least.get(tuple(sorted(group)), np.inf) for group in split)
        for split in splits(list(range(task.stops)))
    )


@pytest.mark.parametrize("seed", range(15))
def test_the_plan_is_the_best_of_all_plans(seed):
    task = drawn_task(seed)
    trips = best_trips(task)
    assert sum(task.seconds(trip) for trip in trips) == brute_force(task)
    assert sorted(stop for trip in trips for stop in trip.stops) == list(range(task.stops))
    assert all(task.seconds(trip) <= task.day_s for trip in trips)
    assert trips == best_trips(task)  # the same again


@pytest.mark.parametrize("seed", range(8))
def test_where_trips_are_limited_the_most_people_are_served(seed):
    task = drawn_task(seed + 50, stops=5, trips=1)
    trips = best_trips(task)
    assert len({trip.base for trip in trips}) == len(trips) <= task.bases
    trip_of = best_of_set(task)
    plans = []  # every choice of at most one trip per base, without a stop twice
    choices = [
        [((), 0), *((c, s) for (c, b), s in trip_of.items() if b == base)] for base in range(task.bases)
    ]
    for plan in itertools.product(*choices):
        stops = [stop for chosen, _ in plan for stop in chosen]
        if len(set(stops)) == len(stops):
            plans.append((-task.people[stops].sum() if stops else 0.0, sum(s for _, s in plan)))
    served = [stop for trip in trips for stop in trip.stops]
    assert (-task.people[served].sum(), sum(task.seconds(trip) for trip in trips)) == min(plans)


def test_many_stops_never_drive_more_than_one_trip_each():
    task = drawn_task(3, stops=20)
    trips = best_trips(task)
    assert sum(task.seconds(trip) for trip in trips) <= task.alone_s().sum()
    assert sorted(stop for trip in trips for stop in trip.stops) == list(range(20))


def test_without_the_package_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyvrp", None)
    with pytest.raises(MissingPackageError, match=r'not installed: pip install "access15\[outreach\]"'):
        best_trips(drawn_task(1))
