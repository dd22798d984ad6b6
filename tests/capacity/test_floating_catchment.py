"""Floating catchments: the hand-checked example to its last digit, conservation, and what is not known."""

import numpy as np
import pytest
from supply_town import supply_town

import access15 as a15
from access15.capacity import floating_catchment
from access15.errors import InputError, MismatchError

MINUTES = np.array([[5, 10, 30], [20, 12, 14]])
PEOPLE = [1000, 2000, 500]

BY_HAND = {
    "2sfca": [0.6667, 1.8667, 1.2],
    "gaussian": [0.9327, 1.9169, 0.4669],
    "m2sfca": [0.8046, 0.6839, 0.0479],
    "3sfca": [1.1709, 1.6427, 1.0875],
    "e2sfca": [0.8475, 1.7763, 1.2],
}
"""Supply per thousand people; see docs of each method."""


@pytest.mark.parametrize("method", BY_HAND)
def test_the_hand_checked_example(method):
    found = floating_catchment(*supply_town(MINUTES, PEOPLE, [2, 3]), method=method, minutes=15)
    assert np.round(found.access * 1000, 4).tolist() == BY_HAND[method]
    assert (found.at_least == found.access).all()
    assert found.method == method


def test_the_limit_of_the_matrix_is_the_catchment():
    whole = floating_catchment(*supply_town(MINUTES, PEOPLE, [2, 3]), minutes=15)
    bounded = floating_catchment(*supply_town(MINUTES, PEOPLE, [2, 3], limit=15))
    assert bounded.access.tolist() == whole.access.tolist()


def test_zones_by_name():
    given = ((5, 1.0), (10, 0.68), (15, 0.22))
    town = supply_town(MINUTES, PEOPLE, [2, 3])
    named = floating_catchment(*town, method="e2sfca", minutes=15, zones=given)
    assert named.access.tolist() == floating_catchment(*town, method="e2sfca", minutes=15).access.tolist()
    assert named.weights == "1 to 5 min, 0.68 to 10 min, 0.22 to 15 min"
    flat = floating_catchment(*town, method="e2sfca", minutes=15, zones=((15, 2.0),))
    plain = floating_catchment(*town, minutes=15).access
    assert flat.access == pytest.approx(plain)  # weights cancel when all are the same


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("method", ["2sfca", "e2sfca", "gaussian", "3sfca", "m2sfca"])
def test_supply_is_given_out_once(method, seed):
    rng = np.random.default_rng(seed)
    town = supply_town(rng.integers(1, 25, (5, 30)), rng.integers(1, 90, 30), rng.integers(0, 9, 5) * 1.0)
    found = floating_catchment(*town, method=method, minutes=15)
    given = float(found.access @ town[1].people)
    if method == "m2sfca":
        assert given < town[2].capacity.sum()
    else:
        assert given == pytest.approx(town[2].capacity.sum())


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("method", BY_HAND)
def test_against_the_formula(method, seed):
    rng = np.random.default_rng(seed + 9)
    minutes, people = rng.integers(1, 25, (4, 12)) * 1.0, rng.integers(1, 90, 12) * 1.0
    supply = rng.integers(1, 9, 4) * 1.0
    found = floating_catchment(*supply_town(minutes, people, supply), method=method, minutes=15)
    share = minutes / 15
    if method == "2sfca":
        weight = 1.0 * (share <= 1)
    elif method == "e2sfca":
        weight = np.select([minutes <= 5, minutes <= 10, minutes <= 15], [1, 0.68, 0.22], 0.0)
    else:
        weight = np.where(share <= 1, (np.exp(-(share**2) / 2) - np.exp(-0.5)) / (1 - np.exp(-0.5)), 0.0)
    sums = weight.sum(axis=0)
    go = np.divide(weight, sums, out=np.zeros_like(weight), where=sums > 0) if method == "3sfca" else 1.0
    demand = (go * weight) @ people
    gets = weight**2 if method == "m2sfca" else go * weight
    assert found.table["demand"].to_numpy() == pytest.approx(demand)
    rates = np.divide(supply, demand, out=np.zeros(4), where=demand > 0)
    assert found.access == pytest.approx(rates @ gets)


def test_what_is_not_known():
    #  f0 has no capacity; f1 has; f2 is in reach of nobody but an empty cell; f3 has a capacity of 0.
    minutes = [[5, 5, 99, 99, 99], [99, 5, 99, 99, 99], [99, 99, 5, 99, 99], [99, 99, 99, 5, 99]]
    town = supply_town(minutes, [10, 30, 0, 5, 5], [np.nan, 60, 7, 0])
    found = floating_catchment(*town, minutes=15)
    assert found.table["ratio"].tolist() == pytest.approx([np.nan, 2.0, np.nan, 0.0], nan_ok=True)
    assert found.access.tolist() == pytest.approx([np.nan, np.nan, np.nan, 0, 0], nan_ok=True)
    assert found.at_least.tolist() == [0, 2, 0, 0, 0]
    assert "2 of 5 cells known" in repr(found)


def test_bad_values():
    town = supply_town(MINUTES, PEOPLE, [2, 3])
    for argument, message in [
        ({"method": "3fca"}, "method '3fca' is not known: use one of 2sfca"),
        ({}, "the matrix has no limit: name minutes"),
        ({"minutes": 15, "zones": ((15, 1),)}, "zones are for e2sfca"),
        ({"minutes": 15, "method": "e2sfca", "zones": ((5, 1), (10, 0.5))}, "the last one at 15"),
        ({"minutes": 15, "method": "e2sfca", "zones": ((15, -1),)}, "must be 0 or more"),
        ({"minutes": 15, "method": "e2sfca", "zones": (5, 10)}, "pairs of minutes and weight"),
    ]:
        with pytest.raises(InputError, match=message):
            floating_catchment(*town, **argument)
    with pytest.raises(InputError, match="none of the 2 facilities has a capacity"):
        floating_catchment(*supply_town(MINUTES, PEOPLE, [np.nan, np.nan]), minutes=15)
    with pytest.raises(InputError, match="facility 'f1' has a capacity below 0"):
        floating_catchment(*supply_town(MINUTES, PEOPLE, [2, -3]), minutes=15)
    with pytest.raises(MismatchError, match="stops at 15 min"):
        floating_catchment(*supply_town(MINUTES, PEOPLE, [2, 3], limit=15), minutes=20)
    with pytest.raises(InputError, match="matrix must be a TravelTimes"):
        floating_catchment(town[1], town[0], town[2])


def test_public_names():
    assert a15.floating_catchment is floating_catchment
    assert a15.FloatingCatchment.__name__ == "FloatingCatchment"
