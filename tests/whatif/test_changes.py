"""What an edit says it changed, against two searches from scratch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from access15.errors import InputError
from access15.profiles import DRIVE, WALK, WALK_ELDER
from access15.testing import street_map
from access15.travel_time import nearest_times
from access15.whatif import WhatIf, WhatIfByMode, incremental_labels
from random_streets import random_points, random_streets, with_restrictions

LINE = street_map("A--B--C--D--E--F--G--H", scale_m=200)  # 600 m, or 7.5 minutes, between neighbours
PEOPLE = LINE.population({letter: 2.0**i for i, letter in enumerate("ABCDEFGH")})


def slow_changes(before, after):
    """The slow twin: every cell of two runs, told apart one by one. Facilities are known by their ids."""
    out = []
    for cell in range(len(before[0].seconds)):
        states = []
        for times, facilities in (before, after):
            row = times.facility[cell]
            states.append((times.seconds[cell], None if row < 0 else str(facilities.id[row])))
        if states[0] != states[1]:
            out.append((cell, states[0][0], *states[1]))
    return out


def told(changes, facilities):
    names = [None if row < 0 else str(facilities.id[row]) for row in changes.facility]
    return list(
        zip(
            changes.rows.tolist(),
            changes.seconds_before.tolist(),
            changes.seconds.tolist(),
            names,
            strict=True,
        )
    )


def edit_at_random(rng, scenario, slots, population):
    """Make one edit, or have it refused."""
    kind = str(rng.choice(["add", "move", "close", "open", "remove", "resize", "undo"]))
    cell, shift = (
        rng.integers(len(population)),
        rng.choice([0.0, 30.0, 700.0, 60_000.0], p=[0.3, 0.3, 0.35, 0.05]),
    )
    x, y = population.x[cell] + shift, population.y[cell] - shift
    some = [f.id for f in slots if not (f.is_open and kind == "open")]
    name = str(rng.choice(some or [slots[0].id]))
    arguments = {"add": (x, y), "move": (name, x, y), "undo": ()}.get(kind, (name,))
    more = {"capacity": float(rng.integers(500))} if kind == "resize" else {}
    getattr(scenario, kind)(*arguments, **more)
    return kind


@pytest.mark.parametrize("seed", range(10))
def test_a_thousand_random_edits_equal_reruns_bit_by_bit(seed):
    """A hundred per seed, in three modes: times, the cells that changed, and the people of every group."""
    rng = np.random.default_rng(seed)
    network = random_streets(seed, n=60)
    if seed % 2:
        network = with_restrictions(network, seed)
    facilities, cells = random_points(seed, network, [3, 6, 12][seed % 3], 60)
    people = rng.gamma(1, 50, 60)
    population = replace(cells, people=people, groups={"65+": people * rng.uniform(0, 1, 60)})
    profiles = [WALK, WALK_ELDER, DRIVE]
    scenario = WhatIfByMode(network, facilities, population, profiles, 10)
    before = {p.name: (nearest_times(network, facilities, population, p), facilities) for p in profiles}
    assert all(len(found) == 0 for found in scenario.changes().values())
    made, edits = [], 0
    while edits < 100:
        slots = scenario._first._facilities.slots
        try:
            made.append(edit_at_random(rng, scenario, slots, population))
        except InputError:
            continue
        edits += 1
        for profile in profiles:
            single, name = scenario.modes[profile.name], profile.name
            again = nearest_times(network, scenario.facilities, population, profile)
            found, times = scenario.changes()[name], single.times
            for part in ("seconds", "facility", "status"):
                np.testing.assert_array_equal(getattr(times, part), getattr(again, part))
            assert told(found, scenario.facilities) == slow_changes(
                before[name], (again, scenario.facilities)
            )
            was, now = before[name][0].within(10), again.within(10)
            for group, number in {"all": population.people, **population.groups}.items():
                assert found.gained()[group] == number[now & ~was].sum()
                assert found.lost()[group] == number[was & ~now].sum()
            before[name] = (again, scenario.facilities)
        if edits % 40 == 0:
            scenario.forget()
            assert scenario.edits == 0
            assert not any(map(len, scenario.changes().values()))
    assert {"add", "move", "close", "open", "remove", "resize", "undo"} == set(made)


@pytest.mark.parametrize("seed", range(8))
def test_edits_that_nobody_looks_at_in_between_still_tell_the_last_one(seed, monkeypatch):
    """Regions of any size are too large here: every closing leaves the labels behind."""
    monkeypatch.setattr(incremental_labels, "_REGION_SHARE", 0.0)
    rng = np.random.default_rng(seed)
    network = random_streets(seed)
    facilities, population = random_points(seed, network, 6, 60)
    scenario = WhatIf(network, facilities, population)
    looks = 0
    for _ in range(30):
        before = (None, scenario.facilities)
        try:
            edit_at_random(rng, scenario, scenario._facilities.slots, population)
        except InputError:
            continue
        if rng.random() < 0.4:
            was = nearest_times(network, before[1], population, WALK), before[1]
            now = nearest_times(network, scenario.facilities, population, WALK), scenario.facilities
            assert told(scenario.changes(), scenario.facilities) == slow_changes(was, now)
            assert told(scenario.changes(), scenario.facilities) == slow_changes(was, now)
            looks += 1
    assert looks > 3


def test_an_edit_that_was_interrupted_is_told_whole():
    network = random_streets(5)
    facilities, population = random_points(5, network, 8, 60)
    scenario = WhatIf(network, facilities, population)
    was = scenario.times, facilities

    def stop(*_):
        raise KeyboardInterrupt

    for inside in ("_renew", "open", "close", "_settle"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(incremental_labels.IncrementalLabels, inside, stop)
            with pytest.raises(KeyboardInterrupt):
                scenario.move("2", facilities.x[0] + 300, facilities.y[0])
        now = nearest_times(network, scenario.facilities, population, WALK), scenario.facilities
        assert told(scenario.changes(), scenario.facilities) == slow_changes(was, now)
        scenario.undo()
        assert told(scenario.changes(), scenario.facilities) == slow_changes(now, was)


def test_changes_by_hand():
    scenario = WhatIf(LINE.network, LINE.facilities("A"), PEOPLE, minutes=8)
    scenario.add(*LINE.places["E"], "E")
    found = scenario.changes()
    assert found.rows.tolist() == [3, 4, 5, 6, 7]  # C lies in the middle and stays with the lower row
    assert found.seconds.tolist() == [450, 0, 450, 900, 1350]
    assert found.seconds_before.tolist() == [1350, 1800, 2250, 2700, 3150]
    assert found.facility.tolist() == [1] * 5
    assert (found.gained()["all"], found.lost()["all"]) == (8 + 16 + 32, 0)
    assert found.gained(15)["all"] == 8 + 16 + 32 + 64
    assert "56 people gain, 0 lose 8 min" in repr(found)
    scenario.resize("E", capacity=500)
    assert len(scenario.changes()) == 0
    assert scenario.facilities.capacity.tolist()[1] == 500
    scenario.close("A")
    found = scenario.changes()
    assert found.rows.tolist() == [0, 1, 2]
    assert (
        found.facility.tolist() == [0] * 3
    )  # the row of E now; that of D to H has shifted, too, and is no change
    assert found.lost()["all"] == 3
    scenario.undo()
    scenario.undo()
    assert np.isnan(scenario.facilities.capacity[1])


def test_an_edit_costs_what_it_changes_not_what_there_is(monkeypatch):
    network = random_streets(4, n=120)
    facilities, population = random_points(4, network, 30, 100)
    scenario = WhatIf(network, facilities, population)
    looked = []
    renew = incremental_labels.IncrementalLabels._renew_cells
    monkeypatch.setattr(
        incremental_labels.IncrementalLabels,
        "_renew_cells",
        lambda self, cells: (looked.append(len(cells)), renew(self, cells))[1],
    )
    scenario.move("3", population.x[0] + 5, population.y[0])
    found = scenario.changes()
    assert 0 < len(found) <= sum(looked) < len(population)


def test_one_mode_that_refuses_stops_all():
    streets = street_map("A--B--C", {"AB": {}, "BC": {"highway": "footway"}}, scale_m=200)
    people = streets.population({"A": 1, "C": 4})
    scenario = WhatIfByMode(streets.network, streets.facilities("A"), people, [WALK, DRIVE])
    scenario.add(*streets.places["C"], "C")
    scenario.move("C", streets.places["C"][0] + 90_000, 0.0)
    before, edits = scenario.changes(), scenario.edits
    with pytest.raises(InputError, match="walk: no open facility near a street would be left"):
        scenario.close("A")
    assert scenario.edits == edits == 2
    assert [w.edits for w in scenario.modes.values()] == [2, 2]
    assert {m: c.rows.tolist() for m, c in scenario.changes().items()} == {
        m: c.rows.tolist() for m, c in before.items()
    }
    with pytest.raises(InputError, match="profiles whose names differ"):
        WhatIfByMode(streets.network, streets.facilities("A"), people, [WALK, WALK])


def test_bad_sizes_are_refused():
    scenario = WhatIf(LINE.network, LINE.facilities("A"), PEOPLE)
    with pytest.raises(InputError, match="not sized by 'name'"):
        scenario.resize("A", name=3.0)
    with pytest.raises(InputError, match="capacity of facility 'A' must be a number of 0 or more"):
        scenario.resize("A", capacity=-1.0)
    with pytest.raises(InputError, match="no facility 'Q'"):
        scenario.resize("Q", capacity=1.0)
    assert scenario.edits == 0


def test_what_is_forgotten_leaves_no_slots_behind():
    scenario = WhatIf(LINE.network, LINE.facilities("A"), PEOPLE)
    for _ in range(50):
        scenario.remove(scenario.add(*LINE.places["E"]))
        scenario.forget()
    assert len(scenario._facilities.slots) == 1
    assert scenario.times.facility.tolist() == [0] * 8
