"""The k nearest facilities against plain Python."""

from __future__ import annotations

import numpy as np
import pytest

from access15.errors import InputError
from access15.model import Facilities, Population
from access15.profiles import DRIVE, WALK
from access15.testing import street_map
from access15.travel_time import k_nearest, nearest_times, travel_times
from random_streets import UTM, random_points, random_streets, with_restrictions
from slow_twins import point_to_point_ms


def plain_k_nearest(rows, k):
    """Seconds and facilities of each cell from door-to-door ms (facility × cell), None where there is no way."""
    seconds, facility = [], []
    for cell in range(len(rows[0])):
        found = sorted((row[cell], j) for j, row in enumerate(rows) if row[cell] is not None)[:k]
        found += [(np.inf, -1)] * (k - len(found))
        seconds.append([ms / 1000 for ms, _ in found])
        facility.append([j for _, j in found])
    return seconds, facility


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("direction", ["to", "from"])
@pytest.mark.parametrize("profile", [WALK, DRIVE], ids=lambda p: p.name)
def test_equals_plain_dijkstra(seed, direction, profile):
    network = random_streets(seed)
    facilities, population = random_points(seed, network, 9, 60)
    for k in (1, 3, 12):  # 12 is more than there are
        found = k_nearest(network, facilities, population, profile, k=k, direction=direction)
        rows = point_to_point_ms(network, profile, found.sites, found.cells, direction)
        seconds, facility = plain_k_nearest(rows, k)
        assert found.facility.tolist() == facility
        assert found.seconds.tolist() == seconds
        assert found.k == k
        np.testing.assert_array_equal(found.reached, (found.seconds < np.inf).sum(axis=1))


@pytest.mark.parametrize("direction", ["to", "from"])
@pytest.mark.parametrize("seed", range(3))
def test_equals_the_matrix_where_turns_are_restricted(seed, direction):
    network = with_restrictions(random_streets(seed), seed)
    facilities, population = random_points(seed, network, 8, 60)
    matrix = travel_times(network, facilities, population, DRIVE, direction=direction)
    full = np.full((60, 8), np.inf)
    full[matrix.cell, matrix.facility] = matrix.seconds
    order = np.argsort(full, axis=1, kind="stable")[:, :4]
    best = np.take_along_axis(full, order, axis=1)
    found = k_nearest(network, facilities, population, DRIVE, k=4, direction=direction)
    np.testing.assert_array_equal(found.seconds, best)
    np.testing.assert_array_equal(found.facility, np.where(np.isinf(best), -1, order))


def test_first_column_is_the_nearest_and_the_limit_only_cuts():
    network = random_streets(7)
    facilities, population = random_points(7, network, 9, 80)
    free = k_nearest(network, facilities, population, k=4)
    nearest = nearest_times(network, facilities, population)
    np.testing.assert_array_equal(free.seconds[:, 0], nearest.seconds)
    np.testing.assert_array_equal(free.facility[:, 0], nearest.facility)
    assert "k = 4" in repr(free)
    bound = k_nearest(network, facilities, population, k=4, minutes=9)
    late = free.seconds > 540
    assert late.any()
    np.testing.assert_array_equal(bound.seconds, np.where(late, np.inf, free.seconds))
    np.testing.assert_array_equal(bound.facility, np.where(late, -1, free.facility))


def test_facilities_at_one_place_count_each():
    drawn = street_map("A--B--C")
    place = [drawn.places[letter] for letter in "CAAC"]
    clinics = Facilities.of(*np.array(place).T, UTM)
    found = k_nearest(drawn.network, clinics, drawn.population({"A": 1, "B": 1}), k=3)
    assert found.facility.tolist() == [[1, 2, 0], [0, 1, 2]]
    np.testing.assert_allclose(found.seconds, [[0, 0, 450], [225, 225, 225]], atol=0.01)


def test_bad_input_is_one_clear_sentence():
    drawn = street_map("A--B")
    sites, people = drawn.facilities("A"), drawn.population({"B": 1})
    for k in (0, -1, 2.0, True, 257):
        with pytest.raises(InputError, match="whole number from 1 to 256"):
            k_nearest(drawn.network, sites, people, k=k)
    with pytest.raises(InputError, match="above 0"):
        k_nearest(drawn.network, sites, people, minutes=-1)
    with pytest.raises(InputError, match="facility list is empty"):
        k_nearest(drawn.network, Facilities.of([], [], UTM), people)
    with pytest.raises(InputError, match="no cells"):
        k_nearest(drawn.network, sites, Population.of([], [], [], UTM))
