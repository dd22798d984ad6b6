"""Clusters cut into parts that one site can serve, against travel times between all pairs."""

from types import SimpleNamespace

import numpy as np
import pytest
from slow_parts import slow_parts
from test_clusters import all_pairs, random_place

from access15.gaps import parts as gap_parts
from access15.gaps.clusters import cluster_by_time
from access15.gaps.parts import parts_by_distance, parts_by_time
from access15.model import LinkedPoints, TravelProfile
from access15.testing import straight_streets

WALK = TravelProfile("walk", "foot", 3.6, off_network_kph=3.6)  # one metre a second
MINUTE = 60.0


def times_of(cells):
    return SimpleNamespace(cells=cells, profile=WALK, direction="to")


def town(seed):
    """A random place, its cells with ways to the street, and seconds from cell to cell along the streets."""
    network, edge_s, cells, leg_s = random_place(seed)
    cells = LinkedPoints(cells.edge, cells.fraction, leg_s, cells.reason)
    return network, edge_s, cells, all_pairs(network, edge_s, cells, np.zeros(len(cells)))


@pytest.mark.parametrize("thin", [False, True])
@pytest.mark.parametrize("seed", range(12))
def test_every_cell_is_near_enough_to_the_centre_of_its_part(seed, thin, monkeypatch):
    if thin:
        monkeypatch.setattr(gap_parts, "_MOST_CENTRES", 5)
    network, edge_s, cells, street_s = town(seed)
    people = np.random.default_rng(seed).integers(1, 90, len(cells)).astype(float)
    cluster = cluster_by_time(network, edge_s * 1000, cells, np.zeros(len(cells)), 40_000)
    for minutes in (0.25, 0.5, 1, 3):
        found = parts_by_time(network, times_of(cells), np.arange(len(cells)), cluster, people, minutes)
        count = len(found.centre)
        assert sorted(set(found.part)) == list(range(count))
        assert (
            len(np.unique(np.column_stack([found.part, cluster]), axis=0)) == count
        )  # no part crosses clusters
        away_s = cells.leg_m + street_s[np.arange(len(cells)), found.centre[found.part]]
        assert found.away / 1000 == pytest.approx(away_s, abs=0.02)
        assert found.away.max() <= minutes * MINUTE * 1000
        again = parts_by_time(network, times_of(cells), np.arange(len(cells)), cluster, people, minutes)
        assert again.part.tolist() == found.part.tolist()
        for one in range(cluster.max() + 1):
            inside = np.flatnonzero(cluster == one)
            reach = cells.leg_m[inside, None] + street_s[np.ix_(inside, inside)]
            servable = (reach.max(axis=0) <= minutes * MINUTE - 0.1).any()
            assert not (servable and not thin and len(set(found.part[inside])) > 1)


@pytest.mark.parametrize("seed", range(6))
def test_the_centre_costs_its_part_the_least_time(seed):
    network, _, cells, street_s = town(seed)
    people = np.random.default_rng(seed).integers(1, 90, len(cells)).astype(float)
    found = parts_by_time(
        network, times_of(cells), np.arange(len(cells)), np.zeros(len(cells), int), people, 1
    )
    for part, centre in enumerate(found.centre):
        inside = np.flatnonzero(found.part == part)
        reach = cells.leg_m[inside, None] + street_s[np.ix_(inside, inside)]
        able = reach.max(axis=0) <= MINUTE - 0.05
        if centre in inside and able.any():
            spent = people[inside] @ reach
            assert (
                spent[np.flatnonzero(inside == centre)[0]] <= spent[able].min() + 0.02 * people[inside].sum()
            )


def test_a_long_street_is_cut_into_stretches():
    network = straight_streets([0, 3000], [0, 0], [0], [1], crs="EPSG:32629")
    fraction = np.arange(0, 3001, 100) / 3000
    cells = LinkedPoints(np.zeros(31), fraction, np.zeros(31), np.zeros(31))
    found = parts_by_time(network, times_of(cells), np.arange(31), np.zeros(31, int), np.ones(31), 10)
    assert found.away.max() <= 600_000  # ten minutes are 600 m: at most 13 cells a part
    assert np.bincount(found.part).max() <= 13
    assert len(found.centre) in (3, 4)
    for part in range(len(found.centre)):
        stretch = np.flatnonzero(found.part == part)
        assert stretch.tolist() == list(range(stretch[0], stretch[-1] + 1))


def test_a_one_way_street_is_travelled_in_its_direction():
    network = straight_streets([0, 1000], [0, 0], [0], [1], forward=1, backward=0, crs="EPSG:32629")
    cells = LinkedPoints(np.zeros(2), np.array([0.1, 0.4]), np.zeros(2), np.zeros(2))
    both = parts_by_time(network, times_of(cells), np.arange(2), np.zeros(2, int), np.ones(2), 5)
    assert both.part.tolist() == [0, 0]
    assert both.centre.tolist() == [1]  # from 100 m one gets to 400 m, and not back
    away = SimpleNamespace(cells=cells, profile=WALK, direction="from")
    assert parts_by_time(network, away, np.arange(2), np.zeros(2, int), np.ones(2), 5).centre.tolist() == [0]


@pytest.mark.parametrize("seed", range(6))
def test_straight_parts(seed):
    rng = np.random.default_rng(seed)
    x, y = rng.integers(0, 60, (2, 50)).astype(float) * 100
    cluster, people = rng.integers(0, 3, 50), rng.random(50) + 0.1
    found = parts_by_distance(x, y, cluster, people, 1500)
    centre = found.centre[found.part]
    assert found.away == pytest.approx(np.hypot(x - x[centre], y - y[centre]))
    assert found.away.max() <= 1500
    assert len(np.unique(np.column_stack([found.part, cluster]), axis=0)) == len(found.centre)


@pytest.mark.parametrize("thin", [False, True])
@pytest.mark.parametrize("seed", range(20))
def test_parts_are_those_of_the_slow_way(seed, thin, monkeypatch):
    """Whole times and people: many are equal, so that every rule about equal ones counts."""
    rng = np.random.default_rng(seed)
    k = int(rng.integers(1, 60))
    cluster, square, people = (
        rng.integers(0, 3, k),
        rng.integers(0, 8, k),
        rng.integers(1, 6, k).astype(float),
    )
    away = rng.integers(0, 30, (k, k)).astype(float)
    away[np.arange(k), np.arange(k)] = rng.integers(0, 5, k)
    monkeypatch.setattr(gap_parts, "_MOST_CENTRES", 5 if thin else 1000)

    def reach(centres):
        """Centres a few at a time, the later ones first: parts of a search come in any order."""
        for some in np.array_split(centres, 1 + len(centres) // 7)[::-1]:
            row, cell = np.nonzero(away[some] <= 9)
            count = np.bincount(row, minlength=len(some))
            yield gap_parts._Block(some, count, cell.astype(np.int32), away[some[row], cell])

    found = gap_parts._cut(cluster, people, square, reach)
    part, centre, far = slow_parts(cluster, people, square, away, 9, 5 if thin else 1000)
    assert np.unique(part, return_inverse=True)[1].tolist() == found.part.tolist()
    assert found.centre[found.part].tolist() == centre.tolist()
    assert found.away.tolist() == far.tolist()


def test_nobody_is_in_no_part():
    none = np.zeros(0)
    assert len(parts_by_distance(none, none, none.astype(int), none, 100).centre) == 0
