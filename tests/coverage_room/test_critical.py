"""Critical streets: against closing every piece in turn, and towns whose answer is plain."""

import re
from dataclasses import replace

import numpy as np
import pytest

import access15 as a15
import random_streets
import slow_twins
from access15.coverage.closures import bridges
from access15.testing import street_map

RIVER = """
    A--B--C
       |
       |
    D--E--F
"""
WAYS = {"ABC": {}, "BE": {"bridge": "yes"}, "DEF": {}}


def closed_one_by_one(network, times, population, minutes):
    """Return the cells lost and the cells cut off by each edge, by one slow search per edge."""
    out = {}
    for edge in range(network.n_edges):
        found = slow_twins.nearest_ms(
            network, times.profile, times.sites, times.cells, times.direction, {edge}
        )
        ms = np.array([np.inf if one is None else one[0] for one in found])
        covered = times.within(minutes)
        lost, off = covered & (ms > minutes * 60_000), np.isfinite(times.seconds) & ~np.isfinite(ms)
        out[edge] = population.people[lost].sum(), population.people[off].sum()
    return out


@pytest.mark.parametrize("direction", ["to", "from"])
@pytest.mark.parametrize("seed", range(5))
def test_as_closing_every_piece_in_turn(seed, direction):
    network = random_streets.random_streets(seed)
    facilities, population = random_streets.random_points(seed, network, 6, 40)
    population = replace(population, people=2.0 ** np.arange(40))
    times = a15.nearest_times(network, facilities, population, a15.WALK, direction=direction)
    slow = closed_one_by_one(network, times, population, 10)
    for top in (1, 4, 10_000):
        found = a15.critical_streets(network, facilities, population, times, 10, top)
        best = {}
        for edge, (people, _) in slow.items():
            way = int(network.way_id[edge])
            best[way] = max(best.get(way, 0.0), people)
        expected = sorted({people for people in best.values() if people}, reverse=True)
        assert found.table["people_uncovered"].tolist() == sorted(
            found.table["people_uncovered"], reverse=True
        )
        # Ways in a row that lose the same people share a row: powers of two tell every set of people apart.
        assert list(dict.fromkeys(found.table["people_uncovered"]))[:top] == expected[:top][: len(found)]
        assert len(found) == top or found.rest_bound == 0
        for row in found.table.itertuples():
            pairs = [slow[e] for e in np.flatnonzero(network.way_id == row.way_id)]
            assert (row.people_uncovered, row.people_unreachable) in pairs
            assert row.people_uncovered <= row.bound


def test_turn_restrictions_are_kept():
    network = random_streets.with_restrictions(random_streets.random_streets(3), 3)
    facilities, population = random_streets.random_points(3, network, 4, 60)
    for profile in (a15.DRIVE, a15.AMBULANCE):
        times = a15.nearest_times(network, facilities, population, profile)
        # Every row is computed twice inside, the second time from scratch.
        found = a15.critical_streets(network, facilities, population, times, 3, 10_000)
        assert found.tried == found.closures > 0


def test_the_bridge_is_the_only_way_across():
    drawn = street_map(RIVER, WAYS, scale_m=40)
    facilities, people = drawn.facilities("A"), drawn.population({"B": 1, "C": 2, "D": 4, "E": 8, "F": 16})
    times = a15.nearest_times(drawn.network, facilities, people, a15.WALK)
    assert bridges(drawn.network).sum() == 1
    found = a15.critical_streets(drawn.network, facilities, people, times, 15)
    first, second = found.table.iloc[0], found.table.iloc[1]
    # Nobody leaves A without A-B; behind the bridge live 28.
    assert (first["way_id"], first["people_uncovered"], first["people_unreachable"]) == (1, 31, 31)
    assert (second["bridge"], second["people_uncovered"], second["people_unreachable"]) == (True, 28, 28)
    assert found.people == 31
    assert "way 1" in repr(found)
    assert "bridge" in found._repr_html_()


def test_with_a_second_bridge_nobody_is_cut_off_but_some_come_too_late():
    drawn = street_map(
        """
        A--B-----------C
        |  |           |
        D--E-----------F
    """,
        {"AB": {}, "BC": {}, "AD": {"bridge": "yes"}, "BE": {"bridge": "yes"}, "CF": {"bridge": "yes"}, "DE": {}, "EF": {}},
        scale_m=40,
    )  # fmt: skip
    facilities, people = drawn.facilities("B"), drawn.population({"D": 1, "E": 2})
    times = a15.nearest_times(drawn.network, facilities, people, a15.WALK)
    # B-E is 80 m, by A and D 320 m: 1 minute and 4 minutes.
    near = a15.critical_streets(drawn.network, facilities, people, times, 3).table
    assert near.loc[near["bridge"], "people_uncovered"].tolist() == [2.0]
    far = a15.critical_streets(drawn.network, facilities, people, times, 4)
    assert not far.table["people_unreachable"].any()
    assert len(far) == 0
    assert "no closure" in repr(far)


def test_a_bridge_of_several_pieces_closes_whole():
    drawn = street_map(
        """
        A--B--C--D
              |
              E
    """,
        {"AB": {}, "BCD": {"bridge": "yes"}, "CE": {"highway": "steps"}},
    )
    facilities, people = drawn.facilities("A"), drawn.population({"B": 1, "D": 2, "E": 4})
    times = a15.nearest_times(drawn.network, facilities, people, a15.WALK)
    table = a15.critical_streets(drawn.network, facilities, people, times, 15).table
    row = table[table["bridge"]].iloc[0]
    assert (row["people_uncovered"], row["pieces"], row["length_m"]) == (6, 2, 600)


def test_who_lives_along_a_closed_street_still_gets_to_its_ends():
    drawn = street_map("A--B--C", {"AB": {}, "BC": {}})
    facilities = drawn.facilities("A")
    (bx, by), (cx, cy) = drawn.places["B"], drawn.places["C"]
    people = a15.Population.of([(bx + cx) / 2, cx], [by, cy], [1, 2], facilities.crs)
    times = a15.nearest_times(drawn.network, facilities, people, a15.WALK)
    table = a15.critical_streets(drawn.network, facilities, people, times, 15).table
    row = table[table["way_id"] == 2].iloc[0]
    assert (row["people_uncovered"], row["people_along"]) == (2, 1)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"top": 0}, "top must be a whole number"),
        ({"minutes": (5, 10)}, "one cut-off"),
        ({"minutes": 0}, "minutes"),
    ],
)
def test_numbers_that_cannot_be_used(more, words):
    drawn = street_map(RIVER, WAYS)
    facilities, people = drawn.facilities("A"), drawn.population({"F": 1})
    times = a15.nearest_times(drawn.network, facilities, people, a15.WALK)
    with pytest.raises(a15.Access15Error, match=re.escape(words)):
        a15.critical_streets(drawn.network, facilities, people, times, **more)


def test_times_of_other_streets_are_refused():
    drawn, other = street_map(RIVER, WAYS), street_map(RIVER, WAYS, scale_m=50)
    facilities, people = drawn.facilities("A"), drawn.population({"F": 1})
    times = a15.nearest_times(drawn.network, facilities, people, a15.WALK)
    with pytest.raises(a15.Access15Error, match="do not belong together"):
        a15.critical_streets(other.network, facilities, people, times)
