"""Measures of inequality: closed forms, the definition pair by pair, and what must always hold."""

import itertools
import math

import numpy as np
import pytest
import shapely

from access15.equity import equity, measures
from access15.errors import InputError, MismatchError
from access15.model import Areas, LinkedPoints, NearestTimes, Origin, Population, Status, TravelProfile

UTM = "EPSG:32629"
WALK = TravelProfile("walk", "foot", 4.8)
ONE = np.ones(2)


def town(minutes, people, limit_s=np.inf, **groups):
    seconds = np.array(minutes, float) * 60
    n = len(seconds)
    population = Population.of(np.arange(n), np.zeros(n), people, UTM, groups=groups)
    links = LinkedPoints(np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n))
    origin = Origin.of(population, population, population, WALK, "to")
    status = np.where(np.isfinite(seconds), Status.REACHED, Status.UNREACHABLE)
    facility = np.where(np.isfinite(seconds), 0, -1)
    return population, NearestTimes(seconds, facility, status, links, links, limit_s, origin)


def boxes(edges, **flags):
    """Areas a, b, … between neighbouring edges across."""
    shapes = [shapely.box(low - 0.5, -1, high - 0.5, 1) for low, high in itertools.pairwise(edges)]
    names = np.array(list("abcdef")[: len(shapes)], object)
    return Areas(names, names, np.array(shapes, object), UTM, flags=flags)


def sample(seed):
    rng = np.random.default_rng(seed)
    values = np.sort(rng.integers(0, 40, 30) * 1.0)
    return values, rng.integers(0, 9, 30) + rng.random(30)


@pytest.mark.parametrize("seed", range(4))
def test_gini_is_the_mean_difference(seed):
    values, people = sample(seed)
    mean = people @ values / people.sum()
    apart = people @ np.abs(values[:, None] - values) @ people / people.sum() ** 2
    assert measures.gini(values, people) == pytest.approx(apart / (2 * mean))


def test_gini_of_the_catchment_example():
    # docs: access of three cells of 1000, 2000 and 500 people, Gaussian weights.
    access, people = np.array([0.9327, 1.9169, 0.4669]), np.array([1000.0, 2000.0, 500.0])
    order = np.argsort(access)
    assert measures.gini(access[order], people[order]) == pytest.approx(0.20865, abs=2e-5)


def test_one_has_everything():
    values, people = np.array([0.0, 8.0]), np.array([3.0, 1.0])
    assert measures.gini(values, people) == 0.75  # 1 - share of people who have it
    assert measures.theil(values, people) == pytest.approx(math.log(4))  # ln(1 / share)
    heads, sums = measures.lorenz(values, people)
    assert (heads.tolist(), sums.tolist()) == ([0, 0.75, 1], [0, 0, 1])


def test_kolm_pollak_by_hand():
    values = np.array([10.0, 20.0])
    kappa = measures.kappa_of(values, ONE, -0.5)
    assert kappa == -0.5 * 30 / 500
    by_hand = math.log((math.exp(0.3) + math.exp(0.6)) / 2) / 0.03
    assert measures.kolm_pollak(values, ONE, kappa) == pytest.approx(by_hand)
    assert measures.kolm_pollak(values, ONE, 0.03) < 15 < by_hand < 20
    assert measures.kolm_pollak(values * 1e5, ONE, -1.0) == pytest.approx(2e6 - math.log(2))  # no overflow
    assert measures.kolm_pollak(values, ONE, -1e-9) == pytest.approx(15)  # no aversion: the mean


@pytest.mark.parametrize("seed", range(4))
def test_same_for_all_and_scale(seed):
    values, people = sample(seed)
    same = np.full(30, 7.0)
    assert measures.gini(same, people) == pytest.approx(0, abs=1e-12)
    assert measures.theil(same, people) == pytest.approx(0, abs=1e-12)
    assert measures.kolm_pollak(same, people, -0.1) == pytest.approx(7)
    assert measures.gini(values * 3, people * 5) == pytest.approx(measures.gini(values, people))
    assert measures.theil(values * 3, people * 5) == pytest.approx(measures.theil(values, people))
    kappa = measures.kappa_of(values, people)
    moved = measures.kolm_pollak(values + 4, people, kappa)
    assert moved == pytest.approx(measures.kolm_pollak(values, people, kappa) + 4)  # Kolm: translation


@pytest.mark.parametrize("seed", range(4))
def test_parts_make_up_the_whole(seed):
    values, people = sample(seed)
    part = np.random.default_rng(seed + 50).integers(0, 4, 30)
    within, between = measures.theil_parts(values, people, part)
    rows = [part == number for number in range(4)]
    total = people @ values
    by_hand = sum(
        people[row] @ values[row] / total * measures.theil(values[row], people[row]) for row in rows
    )
    assert within == pytest.approx(by_hand)
    assert within + between == pytest.approx(measures.theil(values, people))
    edes = np.array([measures.kolm_pollak(values[row], people[row], -0.05) for row in rows])
    heads = np.array([people[row].sum() for row in rows])
    whole = measures.kolm_pollak(values, people, -0.05)
    assert measures.kolm_pollak(edes, heads, -0.05) == pytest.approx(whole)


def test_worst_tail_splits_a_cell():
    values, people = np.array([5.0, 10.0, 30.0]), np.array([90.0, 6.0, 4.0])
    assert measures.worst_tail(values, people, 0.05) == (26.0, 10.0)  # 4 at 30, 1 at 10
    assert measures.worst_tail(values, people, 0.04) == (30.0, 30.0)
    assert measures.worst_tail(values, people, 1.0) == (people @ values / 100, 5.0)


def test_nobody_and_nothing():
    for values, people in [(np.zeros(2), ONE), (ONE, np.zeros(2)), (np.zeros(0), np.zeros(0))]:
        assert math.isnan(measures.gini(values, people))
        assert math.isnan(measures.theil(values, people))
        assert math.isnan(measures.kappa_of(values, people))
    assert math.isnan(measures.kolm_pollak(ONE, np.zeros(2), -0.1))
    assert math.isnan(measures.worst_tail(ONE, np.zeros(2), 0.05)[0])


def test_table_by_area_and_group():
    population, times = town([6, 12, 24, np.inf, 30], [10, 20, 30, 5, 40], old=[1, 0, 3, 5, 0])
    areas = boxes([0, 2, 4], rural=[False, True])
    with pytest.warns(UserWarning, match="5 of 105 residents have no time"):
        found = equity(times, population, areas, tail=0.5)
    table = found.table
    assert table["group"].tolist() == ["all"] * 4 + ["old"] * 4
    assert table["area_id"].tolist() == ["a", "b", "(none)", None] * 2
    assert table["people"].tolist() == [30, 35, 40, 105, 1, 8, 0, 9]
    assert table["counted"].tolist() == [30, 30, 40, 100, 1, 3, 0, 4]
    assert (table["people"] == table["counted"] + table["unreached"]).all()
    assert table["mean_min"].iloc[:4].tolist() == [10, 24, 30, 22.2]
    assert table["worst_min"].iloc[3] == pytest.approx((40 * 30 + 10 * 24) / 50)
    assert table["gini"].iloc[1:3].tolist() == pytest.approx([0, 0])
    assert table.iloc[6].isna().sum() == 7  # nobody old in no area: undefined, not 0
    # The same κ in all rows: the parts make up the total.
    edes, heads = table["ede_min"].to_numpy()[:3], table["counted"].to_numpy()[:3]
    assert measures.kolm_pollak(edes, heads, found.kappa) == pytest.approx(found.total["ede_min"])
    assert found.theil["by"].tolist() == ["areas", "rural"] * 2
    assert found.theil["total"].tolist()[:2] == pytest.approx([found.total["theil"]] * 2)
    assert "EDE" in repr(found)


def test_cap_counts_everybody():
    population, times = town([10, np.inf, 200], [1, 1, 1])
    capped = equity(times, population, cap_minutes=60)
    assert capped.total[["counted", "unreached", "mean_min"]].tolist() == [3, 0, 130 / 3]
    assert capped.theil.empty


def test_kappa_is_shared():
    population, before = town([10, 20, 40], [5, 5, 5])
    _, after = town([10, 20, 30], [5, 5, 5])
    first = equity(before, population)
    second = equity(after, population, kappa=first.kappa)
    assert second.kappa == first.kappa
    assert second.total["ede_min"] < first.total["ede_min"]
    assert equity(after, population).kappa != first.kappa


def test_lorenz_curve_is_short_and_convex():
    rng = np.random.default_rng(1)
    population, times = town(rng.random(1000) * 50, rng.random(1000))
    curve = equity(times, population).lorenz
    assert len(curve) == 201
    assert (np.diff(curve["minutes_share"], 2) >= -1e-12).all()
    assert curve.iloc[[0, -1], 1:].to_numpy().tolist() == [[0, 0], [1, 1]]


def test_bad_values():
    population, times = town([10, 20], [1, 1], limit_s=1800)
    for argument, message in [
        ({"tail": 0}, "tail must be a share above 0"),
        ({"beta": 0.5}, "beta must be a number below 0"),
        ({"kappa": float("nan")}, "kappa must be a number below 0"),
        ({"cap_minutes": 45}, "beyond the times, which stop at 30 min"),
        ({"cap_minutes": -1}, "cap_minutes must be numbers above 0"),
    ]:
        with pytest.raises(InputError, match=message):
            equity(times, population, **argument)
    with pytest.raises(InputError, match="times must be a NearestTimes"):
        equity(population, times)
    other, _ = town([10, 20], [1, 2])
    with pytest.raises(MismatchError, match="do not belong together"):
        equity(times, other)
