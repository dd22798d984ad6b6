"""What must hold for every network, every place and every profile."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from access15.coverage import coverage
from access15.model import Facilities, Population, Status
from access15.profiles import DRIVE, WALK
from access15.travel_time import nearest_times
from random_streets import UTM, random_points, random_streets

PROPERTY = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
SEEDS = st.integers(0, 10_000)
PROFILES = st.sampled_from([WALK, DRIVE])
DIRECTIONS = st.sampled_from(["to", "from"])


def place(seed, scale=1.0):
    network = random_streets(seed)
    facilities, points = random_points(seed, network, 6, 40)
    rng = np.random.default_rng(seed)
    people = rng.uniform(0.01, 50, len(points)) * scale
    people[-3:] = 0
    x, y = points.x.copy(), points.y.copy()
    x[-8:-5] += 50_000  # nobody has a street here
    population = Population.of(x, y, people, UTM, groups={"65+": people * rng.uniform(0, 1, len(people))})
    return network, facilities, population


@PROPERTY
@given(SEEDS, PROFILES, DIRECTIONS, st.lists(st.floats(0.1, 90), min_size=1, max_size=4, unique=True))
def test_people_are_conserved(seed, profile, direction, minutes):
    network, facilities, population = place(seed)
    times = nearest_times(network, facilities, population, profile, direction=direction)
    table = coverage(times, population, minutes=minutes).table
    parts = table[["covered", "uncovered", "unreachable", "unlinked"]].sum(axis=1)
    np.testing.assert_allclose(parts, table["people"], rtol=1e-12)
    everybody = table[table["group"] == "all"]
    np.testing.assert_allclose(everybody["people"], population.total, rtol=1e-12)
    assert (table["unlinked"] > 0).any()
    assert (times.status == Status.UNLINKED).sum() == 3


@PROPERTY
@given(SEEDS, PROFILES, DIRECTIONS)
def test_coverage_grows_with_the_cutoff(seed, profile, direction):
    network, facilities, population = place(seed)
    times = nearest_times(network, facilities, population, profile, direction=direction)
    covered = coverage(times, population, minutes=(1, 2, 5, 10, 20, 40, 80)).table.query("group == 'all'")[
        "covered"
    ]
    assert (np.diff(covered) >= 0).all()


@PROPERTY
@given(SEEDS, PROFILES, DIRECTIONS, st.floats(1, 3))
def test_a_higher_speed_never_lowers_coverage(seed, profile, direction, factor):
    network, facilities, population = place(seed)
    quick = replace(
        profile,
        speed_kph=profile.speed_kph * factor,
        class_kph={name: kph * factor for name, kph in profile.class_kph.items()},
        off_network_kph=profile.off_network_kph * factor,
    )
    slow_s, quick_s = (
        nearest_times(network, facilities, population, p, direction=direction).seconds
        for p in (profile, quick)
    )
    # Each edge and each leg is rounded once: no time rises by more than that.
    assert (quick_s <= slow_s + 0.05).all() if np.isfinite(slow_s).any() else np.isinf(quick_s).all()


@PROPERTY
@given(SEEDS, PROFILES, DIRECTIONS)
def test_one_facility_more_never_lengthens_a_time(seed, profile, direction):
    network, facilities, population = place(seed)
    fewer = Facilities.of(facilities.x[1:], facilities.y[1:], UTM)
    all_s, fewer_s = (
        nearest_times(network, f, population, profile, direction=direction).seconds
        for f in (facilities, fewer)
    )
    assert (all_s <= fewer_s).all()


@PROPERTY
@given(SEEDS, PROFILES, DIRECTIONS)
def test_an_empty_scenario_changes_nothing(seed, profile, direction):
    network, facilities, population = place(seed)
    again, more_facilities, more_people = place(seed)
    first = nearest_times(network, facilities, population, profile, direction=direction)
    second = nearest_times(again, more_facilities, more_people, profile, direction=direction)
    np.testing.assert_array_equal(first.seconds, second.seconds)
    np.testing.assert_array_equal(first.facility, second.facility)
    assert first.origin == second.origin


def test_scaling_people_scales_every_count():
    network, facilities, population = place(7)
    _, _, tenfold = place(7, scale=10.0)
    one, ten = (
        coverage(nearest_times(network, facilities, p, WALK), p, minutes=15).table
        for p in (population, tenfold)
    )
    np.testing.assert_allclose(ten["covered"], one["covered"] * 10)
    assert ten["rate"].tolist() == pytest.approx(one["rate"].tolist())
