"""The nearest facility of each tier and of each service."""

from __future__ import annotations

import numpy as np
import pytest

import access15 as a15
from access15.errors import InputError
from access15.model import Facilities
from access15.profiles import DRIVE, WALK
from access15.travel_time import nearest_times, nearest_times_by
from random_streets import UTM, random_points, random_streets

TIERS = ["village", "county", "", "village ", "township", "county", "village", "township"]
SERVICES = ["chest pain; stroke", "", "stroke", "stroke ;birth", "birth", "", "chest pain", "stroke"]


def some_facilities(seed, network, rows=slice(None), **more):
    facilities, population = random_points(seed, network, len(TIERS), 60)
    picked = Facilities.of(
        facilities.x[rows],
        facilities.y[rows],
        UTM,
        tier=np.array(TIERS)[rows],
        services=np.array(SERVICES)[rows],
        **more,
    )
    return picked, population


@pytest.mark.parametrize("direction", ["to", "from"])
@pytest.mark.parametrize(("profile", "minutes"), [(WALK, None), (DRIVE, 1.0)], ids=["walk", "drive"])
def test_as_with_only_these_facilities(direction, profile, minutes):
    for seed in range(3):
        network = random_streets(seed)
        facilities, population = some_facilities(seed, network)
        expected = {
            "tier": {"village": [0, 3, 6], "county": [1, 5], "township": [4, 7], "(none)": [2]},
            "service": {"chest pain": [0, 6], "stroke": [0, 2, 3, 7], "birth": [3, 4]},
        }
        for by, groups in expected.items():
            found = nearest_times_by(
                network, facilities, population, profile, by=by, minutes=minutes, direction=direction
            )
            assert list(found) == list(groups)
            for name, rows in groups.items():
                only, _ = some_facilities(seed, network, rows)
                alone = nearest_times(
                    network, only, population, profile, minutes=minutes, direction=direction
                )
                np.testing.assert_array_equal(found[name].seconds, alone.seconds)
                np.testing.assert_array_equal(found[name].status, alone.status)
                row = np.where(alone.facility < 0, -1, np.array(rows)[alone.facility])
                np.testing.assert_array_equal(found[name].facility, row)


def test_results_are_told_apart_and_can_be_counted():
    network = random_streets(1)
    facilities, population = some_facilities(1, network, label="care")
    times = nearest_times_by(network, facilities, population, by="tier")
    covered = a15.coverage(times["county"], population)
    assert covered.table["points"].unique().tolist() == ["care: county"]
    times["county"].origin.check("the times", facilities=facilities)


def test_what_cannot_be_asked():
    network = random_streets(1)
    facilities, population = random_points(1, network, 3, 10)
    with pytest.raises(InputError, match="by must be 'tier' or 'service', not 'name'"):
        nearest_times_by(network, facilities, population, by="name")
    with pytest.raises(InputError, match="no facility names a service"):
        nearest_times_by(network, facilities, population, by="service")
    with pytest.raises(InputError, match="facility list is empty"):
        nearest_times_by(network, Facilities.of([], [], UTM), population)
    with pytest.raises(InputError, match="above 0"):
        nearest_times_by(network, some_facilities(1, network)[0], population, minutes=0)
