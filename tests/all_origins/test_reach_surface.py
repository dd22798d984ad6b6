"""People within reach of every junction, against the matrix of clinics that stand there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from access15.all_origins import reach_surface
from access15.errors import InputError
from access15.model import Facilities, Population
from access15.profiles import DRIVE, WALK
from access15.testing import street_map
from access15.travel_time import travel_times
from random_streets import random_points, random_streets, renumbered, with_restrictions


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("direction", ["to", "from"])
@pytest.mark.parametrize(("profile", "minutes"), [(WALK, 15), (DRIVE, 2)], ids=["walk", "drive"])
def test_equals_the_matrix_of_clinics_at_the_junctions(seed, direction, profile, minutes):
    network = random_streets(seed)
    if profile is DRIVE:
        network = with_restrictions(network, seed)
    _, cells = random_points(seed, network, 5, 80)
    people = np.arange(80) + 1.0
    population = replace(cells, people=people, groups={"65+": people // 3})
    surface = reach_surface(network, population, profile, minutes, direction=direction)
    clinics = Facilities.of(network.node_x, network.node_y, network.crs)
    matrix = travel_times(network, clinics, population, profile, minutes=minutes, direction=direction)
    # Only clinics that were linked to an end of a street at their own junction.
    sites = matrix.sites
    edge = sites.edge
    stands = np.where(sites.fraction == 0, network.edge_from[edge], network.edge_to[edge])
    own = (sites.leg_m == 0) & np.isin(sites.fraction, (0, 1)) & (stands == np.arange(network.n_nodes))
    here = np.isfinite(surface.people)
    assert own.sum() > 10
    assert here[own].all()
    for weight, found in (
        (population.people, surface.people),
        (population.groups["65+"], surface.groups["65+"]),
    ):
        expected = np.bincount(matrix.facility, weight[matrix.cell], minlength=network.n_nodes)
        np.testing.assert_array_equal(found[own], expected[own])


@pytest.mark.parametrize("direction", ["to", "from"])
def test_facilities_within_reach_equal_the_matrix_of_people_at_the_junctions(direction):
    network = random_streets(1)
    clinics, _ = random_points(1, network, 40, 9)
    surface = reach_surface(network, clinics, DRIVE, 2, direction=direction)
    people = Population.of(network.node_x, network.node_y, np.ones(network.n_nodes), network.crs)
    matrix = travel_times(network, clinics, people, DRIVE, minutes=2, direction=direction)
    edge, fraction = matrix.cells.edge, matrix.cells.fraction
    stands = np.where(fraction == 0, network.edge_from[edge], network.edge_to[edge])
    own = (matrix.cells.leg_m == 0) & np.isin(fraction, (0, 1)) & (stands == np.arange(network.n_nodes))
    assert own.sum() > 10
    expected = np.bincount(matrix.cell, minlength=network.n_nodes)
    assert len(np.unique(expected[own])) > 3
    np.testing.assert_array_equal(surface.people[own], expected[own])
    assert list(surface.frame().columns) == ["node_id", "facilities", "geometry"]


def test_one_way_the_clinic_is_reached_not_left():
    drawn = street_map("A--B--C", {"AB": {"oneway": "yes"}, "BC": {"oneway": "yes"}})
    clinic = drawn.facilities("C")
    network = replace(drawn.network, no_through=np.zeros(0))
    to, back = (reach_surface(network, clinic, DRIVE, direction=way).people for way in ("to", "from"))
    np.testing.assert_array_equal(to, [1, 1, 1])
    np.testing.assert_array_equal(np.nan_to_num(back), [0, 0, 1])


def test_powers_of_two_along_a_street():
    drawn = street_map("A--B--C--D", scale_m=200)  # 600 m between neighbours: 7.5 minutes
    population = drawn.population({"A": 1, "B": 2, "C": 4, "D": 8})
    np.testing.assert_array_equal(reach_surface(drawn.network, population, minutes=7).people, [1, 2, 4, 8])
    np.testing.assert_array_equal(reach_surface(drawn.network, population, minutes=8).people, [3, 7, 14, 12])
    surface = reach_surface(drawn.network, population)
    np.testing.assert_array_equal(surface.people, [7, 15, 15, 14])
    table = surface.frame()
    assert table["people"].tolist() == [7, 15, 15, 14]
    assert table.crs == drawn.network.crs
    assert len(surface) == 4
    assert "15 min: 4 of 4 nodes" in repr(surface)


def test_result_does_not_depend_on_threads_or_on_how_often_labels_are_cleared():
    network = random_streets(3, n=300)
    _, population = random_points(3, network, 5, 400)
    one, four = (reach_surface(network, population, DRIVE, 3, threads=t).people for t in (1, 4))
    np.testing.assert_array_equal(one, four)
    # With a limit of 20 days every search needs fresh labels; everything reachable is within it.
    far = reach_surface(network, population, DRIVE, 30_000).people
    clinics = Facilities.of(network.node_x, network.node_y, network.crs)
    matrix = travel_times(network, clinics, population, DRIVE)
    reached = np.bincount(matrix.facility, population.people[matrix.cell], minlength=network.n_nodes)
    own = np.isfinite(far) & (matrix.sites.leg_m == 0)
    assert (far[own] == reached[own]).mean() > 0.95  # the others share their place with another junction


@pytest.mark.parametrize("counts_facilities", [False, True])
def test_result_does_not_depend_on_the_numbering_of_nodes(counts_facilities):
    network = random_streets(2)
    facilities, population = random_points(2, network, 12, 60)
    again, order = renumbered(network, 2)
    what = facilities if counts_facilities else population
    a, b = (reach_surface(net, what, DRIVE, 3).people for net in (network, again))
    np.testing.assert_array_equal(a[order], b)


def test_no_clinic_where_the_profile_has_no_street():
    drawn = street_map("A--B--C", {"AB": {}, "BC": {"highway": "footway"}})
    surface = reach_surface(drawn.network, drawn.population({"A": 5.0}), DRIVE)
    np.testing.assert_array_equal(surface.people, [5, 5, np.nan])
    assert len(surface.frame()) == 2


def test_bad_input_is_one_clear_sentence():
    drawn = street_map("A--B")
    with pytest.raises(InputError, match="above 0"):
        reach_surface(drawn.network, drawn.population({"B": 1}), minutes=0)
    with pytest.raises(InputError, match="no cells"):
        reach_surface(drawn.network, Population.of([], [], [], drawn.network.crs))
    with pytest.raises(InputError, match="facility list is empty"):
        reach_surface(drawn.network, Facilities.of([], [], drawn.network.crs))
