"""Capacity from doctors, beds and floor area: the smallest limit, by hand; unknown stays unknown."""

import numpy as np
import pytest

import access15 as a15
from access15.errors import InputError
from access15.model import Facilities

NAN = np.nan


def clinics(**columns):
    n = len(next(iter(columns.values())))
    return Facilities.of(np.arange(n), np.zeros(n), "EPSG:32629", **columns)


def test_one_doctor_for_a_thousand():
    found = a15.capacity_from_supply(clinics(doctors=[2, 0, NAN]), people_per_doctor=1000)
    np.testing.assert_array_equal(found.capacity, [2000, 0, NAN])
    assert found.capacity_limit.tolist() == ["doctors", "doctors", ""]
    assert found.provenance["people_per"] == {"doctors": 1000.0}


def test_the_smallest_limit_binds_and_equal_ones_name_the_first():
    sites = clinics(doctors=[2, 5, 1, 3], beds=[10, 10, 10, NAN], floor_area_m2=[900, 900, 250, 1])
    found = a15.capacity_from_supply(sites, people_per_doctor=1000, people_per_bed=300, people_per_m2=4)
    np.testing.assert_array_equal(found.capacity, [2000, 3000, 1000, NAN])
    assert found.capacity_limit.tolist() == ["doctors", "beds", "doctors", ""]
    found = a15.capacity_from_supply(sites, people_per_m2=4)
    np.testing.assert_array_equal(found.capacity, [3600, 3600, 1000, 4])
    assert set(found.capacity_limit) == {"floor area"}


def test_a_limit_of_none_is_known_whatever_the_others_are():
    found = a15.capacity_from_supply(
        clinics(doctors=[NAN, 3], beds=[0, 0]), people_per_doctor=1000, people_per_bed=1
    )
    assert found.capacity.tolist() == [0, 0]
    assert found.capacity_limit.tolist() == ["beds", "beds"]


def test_a_stated_capacity_is_kept_and_again_changes_nothing():
    once = a15.capacity_from_supply(clinics(doctors=[2, 2], capacity=[0, NAN]), people_per_doctor=500)
    again = a15.capacity_from_supply(once, people_per_doctor=500)
    for found in (once, again):
        assert found.capacity.tolist() == [0, 1000]
        assert found.capacity_limit.tolist() == ["", "doctors"]


def test_rates_that_cannot_be_used():
    sites = clinics(doctors=[1])
    with pytest.raises(InputError, match="needs a limit: give one of people_per_doctor"):
        a15.capacity_from_supply(sites)
    for rate in (0, -1, NAN, np.inf):
        with pytest.raises(InputError, match=r"people_per_bed is .*: give a number of people above 0"):
            a15.capacity_from_supply(sites, people_per_bed=rate)


def test_rates_by_tier_limit_the_tiers_they_name():
    sites = Facilities.of(
        [0, 1, 2, 3],
        [0, 0, 0, 0],
        "EPSG:32650",
        tier=["村卫生室", "中心村卫生室", "乡镇卫生院", "诊所"],
        doctors=[2, 3, 10, 4],
        beds=[0, 0, 20, 0],
    )
    rates = {"people_per_doctor": {"村卫生室": 900, "卫生院": 1500}, "people_per_bed": {"乡镇卫生院": 500}}
    found = a15.capacity_from_supply(sites, **rates)
    # The clinic of another tier is not limited, so not known; the village clinic's 0 beds close nothing.
    np.testing.assert_array_equal(found.capacity, [1800, np.nan, 10_000, np.nan])
    assert found.capacity_limit.tolist() == ["doctors", "", "beds", ""]
    by_kind = a15.capacity_from_supply(sites, people_per_doctor={"village clinic": 1000})
    np.testing.assert_array_equal(by_kind.capacity, [2000, 3000, np.nan, np.nan])


@pytest.mark.parametrize(
    ("rate", "says"),
    [
        ({"卫生站点": 900}, "names the tier '卫生站点', which no facility has: there are '村卫生室'"),
        ({"村卫生室": 0}, "people_per_doctor is 0: give a number of people above 0"),
    ],
)
def test_a_rate_by_tier_that_fits_nothing_is_refused(rate, says):
    sites = Facilities.of([0], [0], "EPSG:32650", tier=["村卫生室"], doctors=[1])
    with pytest.raises(InputError, match=says):
        a15.capacity_from_supply(sites, people_per_doctor=rate)
