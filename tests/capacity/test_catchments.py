"""Assignment with limited room: against a linear programme, and what must always hold."""

import dataclasses

import numpy as np
import pytest
import shapely
from scipy.optimize import linprog
from supply_town import UTM, supply_town

import access15 as a15
from access15.capacity import catchments, recommend, transport
from access15.errors import InputError, MismatchError
from access15.model import Areas, care_tier
from access15.testing import street_map


def best_by_programme(minutes, people, room):
    """Return people served and their minutes: most served first, then least time, by two linear programmes."""
    sites, cells = np.nonzero(np.isfinite(minutes))
    rows = [sites == j for j in range(len(room))] + [cells == i for i in range(len(people))]
    limits = np.concatenate([room, people])
    upper, cap = np.array(rows, float)[np.isfinite(limits)], limits[np.isfinite(limits)]
    most = -linprog(-np.ones(len(sites)), upper, cap).fun
    cost = minutes[sites, cells]
    return most, linprog(cost, upper, cap, np.ones((1, len(sites))), [most]).fun


def instance(seed):
    rng = np.random.default_rng(seed)
    f, n = int(rng.integers(2, 7)), int(rng.integers(3, 25))
    minutes = rng.integers(1, 30, (f, n)).astype(float)
    minutes[rng.random((f, n)) < 0.4] = np.inf
    people = rng.integers(0, 40, n) + (rng.random(n) if seed % 3 == 0 else 0)
    room = rng.integers(0, 9, f) * people.sum() / (f * rng.choice([3.0, 4.0, 6.0]))
    if seed % 4 == 0:
        room[0] = np.nan
    return minutes, people, room


@pytest.mark.filterwarnings("ignore:.*have no capacity")
@pytest.mark.parametrize("seed", range(40))
def test_against_a_linear_programme(seed):
    minutes, people, room = instance(seed)
    found = catchments(*supply_town(minutes, people, room))
    most, spent = best_by_programme(minutes, people, np.where(np.isnan(room), np.inf, room))
    assert found.people.sum() == pytest.approx(most)
    assert found.people @ minutes[found.site, found.cell] == pytest.approx(spent)
    # Nothing is invented: rooms hold, and people are conserved cell by cell.
    table, known = found.table, ~np.isnan(room)
    assert (table["allocated"].to_numpy()[known] <= room[known] * (1 + 1e-9) + 1e-9).all()
    given = np.bincount(found.cell, found.people, len(people))
    assert given + found.overflow + found.unreached == pytest.approx(people)
    assert (found.people > 0).all()
    by_site = np.bincount(found.site, found.people, len(room))
    assert table["allocated"].to_numpy() == pytest.approx(by_site)
    moved = table["nearest_people"] - table["sent_away"] - table["overflow"]
    at_home = (
        found.site == catchments(*supply_town(minutes, people, room), method="nearest").facility[found.cell]
    )
    assert moved.to_numpy() == pytest.approx(
        np.bincount(found.site[at_home], found.people[at_home], len(room))
    )
    assert (found.full == (known & (by_site >= room * (1 - 1e-9)))).all()


def test_by_hand():
    # Both cells have the west nearest; it has room for 60. Cell 1 loses 2 minutes in the east, cell 0 loses 20.
    found = catchments(*supply_town([[5, 8], [25, 10]], [50, 30], [60, 100]))
    assert list(zip(found.cell, found.site, found.people, strict=True)) == [
        (0, 0, 50),
        (1, 0, 10),
        (1, 1, 20),
    ]
    assert found.facility.tolist() == [0, 1]
    table = found.table
    assert table["nearest_people"].tolist() == [80, 0]
    assert table["nearest_load"].tolist() == pytest.approx([80 / 60, 0])
    assert table["load_ratio"].tolist() == [1.0, 0.2]
    assert table["sent_away"].tolist() == [20, 0]
    assert table["mean_s"].tolist() == [(50 * 300 + 10 * 480) / 60, 600]
    assert found.full.tolist() == [True, False]
    assert table["recommendation"].tolist() == ["new point or enlargement", "enough room"]
    assert "80 people assigned to 2 facilities" in repr(found)


def test_overflow_and_who_has_it():
    found = catchments(*supply_town([[5, 8, 99]], [50, 30, 7], [60], limit=15))
    assert (found.overflow.tolist(), found.unreached.tolist()) == ([0, 20, 0], [0, 0, 7])
    assert found.table[["allocated", "overflow"]].to_numpy().tolist() == [[60, 20]]
    assert found.facility.tolist() == [0, 0, -1]
    shut = catchments(*supply_town([[5, 8]], [50, 0], [0]))
    assert shut.overflow.tolist() == [50, 0]
    assert np.isnan(shut.table["load_ratio"].iloc[0])
    assert shut.full.tolist() == [True]
    assert shut.facility.tolist() == [-1, 0]  # nobody lives in the second: it keeps its nearest


def test_serving_more_people_comes_before_time():
    # One more person is served only when two others move far.
    minutes = [[1, 1, np.inf], [np.inf, 900, 1], [np.inf, np.inf, 900]]
    found = catchments(*supply_town(minutes, [10, 10, 10], [10, 10, 10]))
    assert found.overflow.sum() == 0
    assert found.facility.tolist() == [0, 1, 2]


def test_nearest_are_responsibility_areas():
    town = supply_town([[5, 8, 9], [7, 8, 3]], [50, 30, 10], [np.nan, np.nan])
    found = catchments(*town, method="nearest")
    assert found.facility.tolist() == [0, 0, 1]  # ties to the lowest row
    assert found.table["allocated"].tolist() == [80, 10]
    assert found.table["recommendation"].tolist() == ["cannot be judged"] * 2
    assert not found.full.any()


def test_unknown_capacity_is_not_zero():
    with pytest.warns(UserWarning, match="1 of 2 facilities have no capacity"):
        found = catchments(*supply_town([[5], [9]], [50], [np.nan, 10]))
    assert found.table["allocated"].tolist() == [50, 0]
    assert np.isnan(found.table["load_ratio"].iloc[0])


def test_branch_in_the_country_sub_centre_in_town():
    boxes = [shapely.box(-0.5, -1, 0.5, 1), shapely.box(0.5, -1, 1.5, 1)]
    names = np.array(["a", "b"], object)
    areas = Areas(names, names, np.array(boxes, object), UTM, flags={"rural": np.array([True, False])})
    found = catchments(*supply_town([[5, np.inf], [np.inf, 5]], [50, 50], [10, 20]), areas=areas)
    assert found.table["recommendation"].tolist() == ["branch or enlargement", "sub-centre or enlargement"]


def test_more_room_never_serves_fewer():
    minutes, people, room = instance(2)
    served = [
        catchments(*supply_town(minutes, people, room * factor)).people.sum()
        for factor in (0.3, 0.6, 1, 2, 9)
    ]
    assert (np.diff(served) >= -1e-9).all()


def test_bad_values(monkeypatch):
    town = supply_town([[5, 8]], [50, 30], [np.nan])
    with pytest.raises(
        InputError, match="none of the 1 facilities has a capacity: fill them in, or use method"
    ):
        catchments(*town)
    with pytest.raises(InputError, match="method 'best' is not known"):
        catchments(*town, method="best")
    with pytest.raises(MismatchError, match="do not belong together"):
        catchments(town[0], town[1], supply_town([[5, 8]], [50, 30], [7])[2])
    monkeypatch.setattr(transport, "MOST_PAIRS", 3)
    with pytest.raises(InputError, match="name a shorter limit"):
        catchments(*supply_town([[5, 8]], [50, 30], [7]))


def test_public_names():
    assert a15.catchments is catchments
    assert a15.Catchments.__name__ == "Catchments"


@pytest.mark.parametrize(
    ("tier", "says"),
    [
        ("村卫生室", "doctor or more room"),
        ("社区卫生服务站", "station or enlargement"),
        ("社区卫生服务中心", "sub-centre or enlargement"),
        ("中心卫生院", "branch or enlargement"),
        ("卫生院分院", "branch or enlargement"),
        ("诊所", "new point or enlargement"),
        ("", "new point or enlargement"),
    ],
)
def test_the_advice_fits_the_tier(tier, says):
    assert recommend(np.array([2.0]), np.array([1.0]), None, [care_tier(tier)]) == [says]
    assert recommend(np.array([1.0]), np.array([1.0]), None, [care_tier(tier)]) == ["enough room"]


def test_what_is_not_counted_has_no_people_and_hides_no_shortage():
    drawn = street_map("A--B--C", scale_m=100)
    tiers = {"tier": np.array(["医院", "村卫生室"], object), "capacity": np.array([np.nan, 3])}
    sites = dataclasses.replace(drawn.facilities("B", "C"), **tiers)
    people = drawn.population({"A": 4, "B": 2, "C": 1})
    matrix = a15.travel_times(drawn.network, sites, people, a15.WALK, minutes=15)
    everything, primary = (
        catchments(matrix, people, sites, counted=which) for which in (None, np.array([False, True]))
    )
    assert everything.overflow.sum() == 0  # the hospital takes whoever comes
    assert primary.table["nearest_people"].tolist() == [0, 7]
    assert primary.table["recommendation"].tolist() == ["not primary care", "doctor or more room"]
    assert (primary.people.sum(), primary.overflow.sum()) == (3, 4)
    # The same as without the hospital.
    alone = dataclasses.replace(drawn.facilities("C"), capacity=np.array([3.0]))
    other = catchments(a15.travel_times(drawn.network, alone, people, a15.WALK, minutes=15), people, alone)
    np.testing.assert_array_equal(other.overflow, primary.overflow)
    with pytest.raises(InputError, match="counted must say of 2 facilities"):
        catchments(matrix, people, sites, counted=np.zeros(2, bool))
