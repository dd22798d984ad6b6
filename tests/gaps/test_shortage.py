"""Gaps where facilities are full: everybody who is not served stands in exactly one."""

from dataclasses import replace

import numpy as np
import pytest

from access15.capacity import catchments
from access15.errors import MismatchError
from access15.gaps.find import find_gaps
from access15.model import Access, Facilities, Population, TravelProfile
from access15.testing import straight_streets
from access15.travel_time import nearest_times, travel_times

UTM = "EPSG:32629"
WALK = TravelProfile("walk", "foot", 4.8)
CARE = Facilities.of([0.0, 9000.0], [0.0, 0.0], UTM, ids=["west", "east"], capacity=[250.0, 5000.0])


def town(capacity=(250.0, 5000.0)):
    """A street of 10 km with a clinic at either end; 400 people near the west one, 60 near the east, 90 between."""
    foot = int(Access.FOOT)
    x = np.arange(11) * 1000.0
    network = straight_streets(x, np.zeros(11), range(10), range(1, 11), forward=foot, backward=foot, crs=UTM)
    at, people = [100, 200, 500, 1400, 5000, 8900], [100, 200, 100, 50, 40, 60]
    population = Population.of(at, np.zeros(6), people, UTM, groups={"65+": np.array(people) / 10})
    care = replace(CARE, capacity=np.array(capacity))
    times = nearest_times(network, care, population, WALK)
    matrix = travel_times(network, care, population, WALK, minutes=15)
    return network, care, population, times, matrix


def test_kinds_and_reasons():
    network, care, population, times, matrix = town()
    found = catchments(matrix, population, care)
    assert found.overflow.sum() == 150
    gaps = find_gaps(network, care, population, times, catchments=found, cluster_minutes=1).table
    assert gaps["people"].sum() == 150 + 50 + 40
    assert gaps["people_65plus"].sum() == pytest.approx(24)
    full = gaps[gaps["kind"] == "capacity"]
    assert set(full["reason"]) == {"nearest facility full"}
    assert set(full["recommendation"]) == {"enlargement"}
    assert full["priority"].sum() == pytest.approx(150 + 15 * 0.5)  # as if not reached; 65+ count 1.5
    beyond = gaps[gaps["kind"] != "capacity"]
    assert dict(zip(beyond["people"], beyond["kind"], strict=True)) == {50: "both", 40: "distance"}
    assert set(beyond["reason"]) == {"too far"}


def test_enough_room_changes_nothing():
    network, care, population, times, matrix = town((1e6, 1e6))
    with_room = find_gaps(network, care, population, times, catchments=catchments(matrix, population, care))
    plain = find_gaps(network, care, population, times)
    assert with_room.table.drop(columns="geometry").equals(plain.table.drop(columns="geometry"))
    assert with_room.cell_gap.tolist() == plain.cell_gap.tolist()


def test_gaps_grow_by_those_without_room():
    for west in (0.0, 100.0, 399.0, 400.0):
        network, care, population, times, matrix = town((west, np.inf))
        found = find_gaps(network, care, population, times, catchments=catchments(matrix, population, care))
        assert found.table["people"].sum() == pytest.approx(90 + max(0, 400 - west))


def test_other_catchments_are_refused():
    network, care, population, times, matrix = town()
    for wrong in (
        catchments(matrix, population, care, minutes=10),
        catchments(matrix, population, care, method="nearest"),
    ):
        with pytest.raises(MismatchError, match="gaps at 15 min need catchments with minutes=15"):
            find_gaps(network, care, population, times, catchments=wrong)
    _, others, people, _, table = town((1.0, 1.0))
    with pytest.raises(MismatchError, match="the catchments and the times do not belong together"):
        find_gaps(network, care, population, times, catchments=catchments(table, people, others))
