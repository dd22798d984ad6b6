"""Edited scenarios against a search from scratch."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from access15.errors import InputError
from access15.model import Facilities, Population, Status
from access15.profiles import DRIVE, WALK
from access15.testing import street_map
from access15.travel_time import nearest_times
from access15.whatif import WhatIf, incremental_labels
from random_streets import UTM, random_points, random_streets, with_restrictions


def assert_as_from_scratch(scenario, network, population, profile, minutes, direction):
    times = scenario.times
    again = nearest_times(network, scenario.facilities, population, profile, direction=direction)
    for name in ("seconds", "facility", "status"):
        np.testing.assert_array_equal(getattr(times, name), getattr(again, name))
    for name in ("edge", "fraction", "leg_m", "reason"):
        np.testing.assert_array_equal(getattr(times.sites, name), getattr(again.sites, name))
        np.testing.assert_array_equal(getattr(times.cells, name), getattr(again.cells, name))
    assert times.origin == again.origin
    assert (times.limit_s, scenario.covered) == (np.inf, population.people[again.within(minutes)].sum())
    np.testing.assert_array_equal(scenario.within, again.within(minutes))


def random_edit(rng, scenario, known, population):
    """Make one edit that may also be refused; ``known`` maps id to open or not."""
    kind = rng.choice(["add", "move", "remove", "close", "open", "undo"], p=[0.3, 0.2, 0.15, 0.1, 0.1, 0.15])
    x, y = rng.uniform(-100, 2100, 2)
    if rng.random() < 0.4:  # where people live: facilities and cells meet on one street or in one place
        cell = rng.integers(len(population))
        x, y = population.x[cell], population.y[cell]
    if rng.random() < 0.05:
        x += 50_000
    try:
        if kind == "add":
            scenario.add(x, y)
        elif kind == "undo":
            scenario.undo()
        else:
            place = str(rng.choice(known))
            if kind == "move":
                scenario.move(place, x, y)
            else:
                getattr(scenario, kind)(place)
    except InputError as refused:
        return str(refused)
    return kind


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("direction", ["to", "from"])
@pytest.mark.parametrize(("profile", "minutes"), [(WALK, 12.0), (DRIVE, 1.5)], ids=["walk", "drive"])
def test_random_edits_equal_a_search_from_scratch(seed, direction, profile, minutes):
    rng = np.random.default_rng([seed, direction == "to", profile is DRIVE])
    network = random_streets(seed, n=60)
    if seed % 2:
        network = with_restrictions(network, seed)
    facilities, cells = random_points(seed, network, [3, 5, 12][seed % 3], 60)
    population = replace(cells, people=rng.gamma(1, 50, 60))
    scenario = WhatIf(network, facilities, population, profile, minutes, direction=direction)
    assert_as_from_scratch(scenario, network, population, profile, minutes, direction)
    done = []
    for step in range(25):
        known = [facility.id for facility in scenario._facilities.slots]
        done.append(random_edit(rng, scenario, known, population))
        if step % 3:  # several edits may pass before anybody looks
            assert_as_from_scratch(scenario, network, population, profile, minutes, direction)
    assert {"add", "move"} <= set(done)
    while scenario.edits:
        scenario.undo()
    assert scenario.facilities is facilities
    assert_as_from_scratch(scenario, network, population, profile, minutes, direction)


def test_edits_follow_only_what_they_change(monkeypatch):
    network = random_streets(4, n=120)
    facilities, population = random_points(4, network, 30, 100)
    scenario = WhatIf(network, facilities, population)
    monkeypatch.setattr(
        incremental_labels.IncrementalLabels, "start", lambda *_: pytest.fail("searched from scratch")
    )
    scenario.move("3", 1000.0, 1000.0)
    scenario.close("7")
    scenario.add(500.0, 700.0)
    scenario.open("7")
    scenario.remove("9")
    assert_as_from_scratch(scenario, network, population, WALK, 15, "to")


def test_an_empty_scenario_changes_nothing():
    network = random_streets(2)
    facilities, population = random_points(2, network, 6, 60)
    scenario = WhatIf(network, facilities, population)
    assert scenario.facilities is facilities
    assert scenario.edits == 0
    assert_as_from_scratch(scenario, network, population, WALK, 15, "to")
    before = scenario.times
    scenario.move("2", facilities.x[1], facilities.y[1])
    scenario.close("4")
    scenario.open("4")
    assert scenario.facilities is facilities
    np.testing.assert_array_equal(scenario.times.seconds, before.seconds)
    np.testing.assert_array_equal(scenario.times.facility, before.facility)


@contextmanager
def interrupted():
    """Everything within is interrupted in the midst of its searches."""

    def stop(*_):
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(incremental_labels.IncrementalLabels, "_renew", stop)
        with pytest.raises(KeyboardInterrupt):
            yield


def test_an_edit_that_was_interrupted_leaves_nothing_broken():
    network = random_streets(5)
    facilities, population = random_points(5, network, 8, 60)
    scenario = WhatIf(network, facilities, population)
    with interrupted():
        scenario.close("1")
    assert_as_from_scratch(scenario, network, population, WALK, 15, "to")
    scenario.undo()
    assert scenario.facilities is facilities
    assert_as_from_scratch(scenario, network, population, WALK, 15, "to")


def test_an_undo_or_a_removal_that_was_interrupted_is_made_once():
    network = random_streets(5)
    facilities, population = random_points(5, network, 8, 60)
    scenario = WhatIf(network, facilities, population)
    scenario.add(facilities.x[0] + 20, facilities.y[0] + 20, "new")
    with interrupted():
        scenario.undo()
    assert scenario.facilities is facilities
    assert scenario.edits == 0
    assert_as_from_scratch(scenario, network, population, WALK, 15, "to")
    with interrupted():
        scenario.remove("2")
    with pytest.raises(InputError, match="no facility '2'"):
        scenario.open("2")
    scenario.undo()
    assert scenario.facilities is facilities


LINE = street_map("A--B--C--D--E--F--G--H", scale_m=200)  # 600 m, or 7.5 minutes, between neighbours
PEOPLE = LINE.population({letter: 2.0**i for i, letter in enumerate("ABCDEFGH")})


def test_covered_people_by_hand():
    scenario = WhatIf(LINE.network, LINE.facilities("A", "H"), PEOPLE, minutes=8)
    assert scenario.covered == 0b11000011
    scenario.move("H", *LINE.places["D"])
    assert scenario.covered == 0b00011111
    new = scenario.add(*LINE.places["G"], name="North", capacity=500)
    assert scenario.covered == 0b11111111
    assert scenario.facilities.id.tolist() == ["A", "H", new]
    assert scenario.facilities.name.tolist() == ["A", "H", "North"]
    assert scenario.facilities.capacity.tolist()[2] == 500
    scenario.close("A")
    assert scenario.covered == 0b11111100
    assert scenario.times.facility.tolist() == [0, 0, 0, 0, 0, 1, 1, 1]
    scenario.open("A")
    assert scenario.times.facility.tolist() == [0, 0, 1, 1, 1, 2, 2, 2]
    scenario.remove("H")
    assert scenario.covered == 0b11100011
    scenario.undo()
    assert scenario.covered == 0b11111111
    assert "3 facilities open, 4 edits" in repr(scenario)


def test_groups_and_ties_and_ids():
    population = replace(PEOPLE, groups={"65+": PEOPLE.people * 0.5})
    scenario = WhatIf(LINE.network, LINE.facilities("A", "C"), population, minutes=8)
    assert scenario.covered_in("65+") == scenario.covered / 2
    assert scenario.times.facility.tolist() == [0, 0, 1, 1, 1, 1, 1, 1]  # B lies in between: the lower row
    assert scenario.add(*LINE.places["A"]) == "new-1"
    assert scenario.times.facility.tolist()[0] == 0
    scenario.remove("A")
    assert scenario.times.facility.tolist() == [1, 0, 0, 0, 0, 0, 0, 0]
    scenario.add(*LINE.places["H"], "A")  # the id is free again
    assert scenario.facilities.id.tolist() == ["C", "new-1", "A"]
    scenario.undo()
    scenario.undo()
    assert scenario.facilities.id.tolist() == ["A", "C", "new-1"]
    with pytest.raises(InputError, match="no group 'women': it has 65\\+"):
        scenario.covered_in("women")


def test_positions_in_another_crs_and_far_away():
    from access15.crs import to_crs

    x, y = LINE.places["E"]
    lon, lat = to_crs(np.array([x]), np.array([y]), UTM, "EPSG:4326")
    scenario = WhatIf(LINE.network, LINE.facilities("A"), PEOPLE, minutes=8)
    scenario.add(lon[0], lat[0], "E", crs="EPSG:4326")
    assert scenario.covered == 0b00111011
    np.testing.assert_allclose([scenario.facilities.x[1], scenario.facilities.y[1]], [x, y], atol=1e-3)
    scenario.add(x + 90_000, y, "far")
    assert scenario.covered == 0b00111011
    assert not scenario.times.sites.linked[2]
    assert_as_from_scratch(scenario, LINE.network, PEOPLE, WALK, 8, "to")
    scenario.remove("A")
    with pytest.raises(InputError, match="no open facility near a street would be left"):
        scenario.remove("E")
    assert scenario.facilities.id.tolist() == ["E", "far"]


def test_unreachable_and_unlinked_cells_stay_apart():
    island = street_map("A--B  C--D\n\nE", {"AB": {}, "CD": {}})
    cells = Population.of(
        [island.places["A"][0], island.places["D"][0], 10.0], [island.places["A"][1]] * 3, [1, 2, 4], UTM
    )
    scenario = WhatIf(island.network, island.facilities("B"), cells)
    assert scenario.times.status.tolist() == [Status.REACHED, Status.UNREACHABLE, Status.UNLINKED]
    scenario.add(*island.places["C"], "C")
    assert scenario.times.status.tolist() == [Status.REACHED, Status.REACHED, Status.UNLINKED]
    scenario.close("B")
    assert scenario.times.status.tolist() == [Status.UNREACHABLE, Status.REACHED, Status.UNLINKED]
    assert_as_from_scratch(scenario, island.network, cells, WALK, 15, "to")


def test_bad_input_is_one_clear_sentence():
    scenario = WhatIf(LINE.network, LINE.facilities("A"), PEOPLE)
    with pytest.raises(InputError, match="no edit to undo"):
        scenario.undo()
    with pytest.raises(InputError, match="no facility 'Q'"):
        scenario.move("Q", 0, 0)
    with pytest.raises(InputError, match="'A' already: choose another id"):
        scenario.add(*LINE.places["B"], "A")
    with pytest.raises(InputError, match="give two numbers"):
        scenario.add(float("nan"), 1.0)
    with pytest.raises(InputError, match="no column 'rooms'"):
        scenario.add(*LINE.places["B"], rooms=4)
    with pytest.raises(InputError, match="'A' is open already"):
        scenario.open("A")
    with pytest.raises(InputError, match="would be left"):
        scenario.close("A")
    with pytest.raises(InputError, match="above 0"):
        WhatIf(LINE.network, LINE.facilities("A"), PEOPLE, minutes=0)
    with pytest.raises(InputError, match="facility list is empty"):
        WhatIf(LINE.network, Facilities.of([], [], UTM), PEOPLE)
    assert scenario.edits == 0
    assert scenario.covered == 0b00000111
