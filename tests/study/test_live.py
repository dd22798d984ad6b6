"""Scenarios that follow the hand, against runs; scenarios that are kept, and run again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest

from access15.coverage import coverage
from access15.errors import Access15Error, InputError
from access15.profiles import profile_by_name
from access15.study import (
    LiveStudy,
    ScenarioExistsError,
    SiteTable,
    Study,
    Wanted,
    area_of,
    closable,
    load_scenario,
    prove,
    sample,
    save_scenario,
    saved_scenarios,
)
from access15.travel_time import nearest_times, travel_times

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> LiveStudy:
    folder = tmp_path_factory.mktemp("study") / "monaco"
    shutil.copytree(sample("monaco").file.parent, folder)
    return LiveStudy.open(Study.from_toml(folder / "study.toml"))


def random_scenario(rng, live):
    """Some clinics new, moved, closed or of another size; also far from any street."""
    known = [str(i) for i in live.inputs.facilities.id]
    out = {}
    for name in [*rng.choice(known, 3, replace=False), *(f"new-{i}" for i in range(rng.integers(0, 4)))]:
        far = rng.random() < 0.1
        spot = (7.40 + rng.random() * 0.04, 43.725 + rng.random() * 0.03 + 2 * far)
        moved = spot if name.startswith("new") or rng.random() < 0.5 else (None, None)
        out[str(name)] = Wanted(
            *moved,
            is_open=bool(rng.random() < 0.7),
            capacity=float(rng.integers(900)) if rng.random() < 0.3 else None,
        )
    return out


def assert_as_a_run(live, times, scenario, minutes):
    facilities, people = live.facilities(scenario), live.inputs.population
    again = nearest_times(live.inputs.network, facilities, people, profile_by_name(times.mode))
    np.testing.assert_array_equal(times.seconds, again.seconds)
    names = [None if i < 0 else str(facilities.id[i]) for i in again.facility]
    assert [None if i < 0 else times.name_of[i] for i in times.nearest] == names
    table = coverage(again, people, minutes, live.inputs.areas)
    for group in live.groups:
        rows = table.table[table.table["group"] == group]
        found = live.count(times.seconds, times.today, minutes, group)
        assert rows["covered"].tolist() == [*found.covered.tolist(), found.within]
        assert rows["people"].tolist() == [*found.people.tolist(), found.total]
        assert found.mean_s == table.summary["mean_s"].iloc[-1]
        numbers = live.groups[group]
        assert found.by_step[:6].sum() == pytest.approx(found.within, rel=1e-12)
        assert found.gained - found.lost == pytest.approx(
            found.within - float(numbers[times.today <= minutes * 60].sum()), abs=1e-6
        )


@pytest.mark.parametrize("mode", ["walk-elder", "drive"])
def test_any_scenario_after_any_other_equals_a_run(live, mode):
    rng, times = np.random.default_rng(5), live.follow(mode)
    shown = times.seconds.copy()
    for step in range(25):
        scenario = random_scenario(rng, live) if step % 8 else {}
        before = times.seconds.copy(), times.nearest.copy()
        try:
            rows = times.follow(scenario)
        except InputError:
            np.testing.assert_array_equal(times.seconds, before[0])
            np.testing.assert_array_equal(times.nearest, before[1])
            continue
        shown[rows] = times.seconds[rows]  # a page that only ever hears of changes
        np.testing.assert_array_equal(shown, times.seconds)
        assert_as_a_run(live, times, scenario, float(rng.choice([5, 7.5, 15])))
    assert times.what_if.edits == 0


def test_a_scenario_that_cannot_be_changes_nothing(live):
    times = live.follow("walk-elder")
    times.follow({"new-1": Wanted(7.43, 43.74)})
    before = times.seconds.copy()
    everybody = {str(i): Wanted(is_open=False) for i in live.inputs.facilities.id}
    far = {"new-1": Wanted(9.0, 45.0), "new-2": Wanted(7.42, 43.73, is_open=False)}
    for bad in (everybody | far, {"nowhere": Wanted()}, {"new-1": Wanted(float("nan"), 1.0)}):
        with pytest.raises(InputError):
            times.follow(bad)
        np.testing.assert_array_equal(times.seconds, before)
    times.follow({})
    assert times.what_if.facilities is live.inputs.facilities
    with pytest.raises(InputError, match="no group 'women'"):
        live.count(times.seconds, times.today, 15, "women")


def test_a_saved_scenario_is_run_with_the_same_figures(live):
    first, second = map(str, live.inputs.facilities.id[:2])
    scenario = {
        "new-1": Wanted(7.4297, 43.744, capacity=800.0),
        "北门 <1>": Wanted(7.4312345678901, 43.7398765432109),
        first: Wanted(is_open=False),
        second: Wanted(7.42, 43.73, capacity=3.5),
        "new-2": Wanted(7.43, 43.74, is_open=False),
    }
    path = save_scenario(live.study.file, "Plan 一", scenario, live.inputs.facilities)
    assert path == live.study.file.parent / "scenarios" / "Plan 一.toml"
    assert saved_scenarios(live.study.file) == ["Plan 一"]
    assert load_scenario(live.study.file, "Plan 一") == {k: v for k, v in scenario.items() if k != "new-2"}
    study = Study.from_toml(path)
    assert study.out == path.parent / "Plan 一"
    run = study.run(parts=("gaps", "scenarios"))
    assert list(run.scenarios) == ["Plan 一"]
    then, here = run.scenarios["Plan 一"].result, live.result(scenario)
    assert {k: v for k, v in here.figures().items() if "gap" not in k} == then.figures()
    for mode in live.modes:
        times = live.follow(mode)
        times.follow(scenario)
        np.testing.assert_array_equal(times.seconds, then.times[mode].seconds)
        rows = then.coverages[mode].table
        rows = rows[(rows["minutes"] == 15) & (rows["group"] == "all")]
        found = live.count(times.seconds, times.today, 15, "all")
        assert rows["covered"].tolist() == [*found.covered.tolist(), found.within]
    with pytest.raises(ScenarioExistsError, match="already: replace it, or choose another"):
        save_scenario(live.study.file, "Plan 一", scenario, live.inputs.facilities)
    save_scenario(
        live.study.file, "Plan 一", {first: Wanted(is_open=False)}, live.inputs.facilities, overwrite=True
    )
    assert load_scenario(live.study.file, "Plan 一") == {first: Wanted(is_open=False)}
    path.unlink()


@pytest.mark.parametrize(
    "name",
    [
        "",
        "  ",
        "../out",
        "..",
        ".hidden",
        "a/b",
        "a\\b",
        "C:plan",
        "con",
        "NUL.x",
        "x" * 81,
        "a\nb",
        'a"b',
        "<b>",
        "a*",
        "a.",
    ],
)
def test_no_name_leads_out_of_the_folder(live, name):
    scenario = {"new-1": Wanted(7.43, 43.74)}
    for act in (
        lambda: save_scenario(live.study.file, name, scenario, live.inputs.facilities),
        lambda: load_scenario(live.study.file, name),
    ):
        with pytest.raises(InputError, match="cannot be the name of a scenario"):
            act()
    assert saved_scenarios(live.study.file) == []


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_folder_that_is_a_link_elsewhere_is_left_alone(live, tmp_path):
    link = live.study.file.parent / "scenarios"
    shutil.rmtree(link, ignore_errors=True)
    link.symlink_to(tmp_path)
    try:
        with pytest.raises(InputError, match="leads out of the folder"):
            save_scenario(live.study.file, "a", {"new-1": Wanted(7.43, 43.74)}, live.inputs.facilities)
    finally:
        link.unlink()
    assert list(tmp_path.iterdir()) == []


HEAD = 'base = "../study.toml"\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (HEAD + "[[scenarios]]\n", "'name' is missing"),
        (HEAD + '[[scenarios]]\nname = "a"\nplaces = {}\n', "did you mean 'place'"),
        (HEAD + '[[scenarios]]\nname = "a"\nplace = { x = [1] }\n', r"\[longitude, latitude\]"),
        (HEAD + '[[scenarios]]\nname = "a"\nroads = "r.gpkg"\n', "changes roads"),
        (HEAD + '[[scenarios]]\nname = "a"\n[[scenarios]]\nname = "b"\n', "has 2 scenarios"),
        (HEAD + '[network]\npath = "x"\n[[scenarios]]\nname = "a"\n', "unknown key 'network'"),
        (HEAD + "[[scenarios]\n", "not valid TOML"),
        ('base = "nowhere.toml"\n[[scenarios]]\nname = "a"\n', "nowhere.toml does not exist"),
        ('base = "hand.toml"\n[[scenarios]]\nname = "a"\n', "has a base itself"),
        ('[[scenarios]]\nname = "a"\n', "table 'study' is missing"),
    ],
)
def test_a_scenario_edited_by_hand_is_told_what_is_wrong(live, text, says):
    folder = live.study.file.parent / "scenarios"
    folder.mkdir(exist_ok=True)
    path = folder / "hand.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(Access15Error, match=says):
        load_scenario(live.study.file, "hand")
    path.unlink()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="nothing there ends a process like that")
def test_a_server_killed_while_it_saves_leaves_the_old_file(live):
    facilities = live.inputs.facilities
    old = save_scenario(live.study.file, "kept", {"new-1": Wanted(7.43, 43.74)}, facilities)
    before = old.read_bytes()
    code = """
import os, signal, sys
from pathlib import Path
from access15.model import Facilities
from access15.study import Wanted, save_scenario, saved_scenarios
import access15.study.kept_scenarios as module
module.read_settings_of = lambda path: os.kill(os.getpid(), signal.SIGKILL)
save_scenario(Path(sys.argv[1]), "kept", {"new-2": Wanted(7.4, 43.7)}, Facilities.of([7.0], [43.0], "EPSG:4326"), overwrite=True)
"""
    done = subprocess.run([sys.executable, "-c", code, live.study.file], env=os.environ, check=False)
    assert done.returncode == -signal.SIGKILL
    assert old.read_bytes() == before
    assert saved_scenarios(live.study.file) == ["kept"]
    old.unlink()


def test_the_next_sites_are_those_a_slow_search_finds(live):
    times, people = live.follow("walk-elder"), live.groups["all"]
    table = SiteTable.of(live, "walk-elder", 15)
    within = times.seconds <= 900
    found = table.next_sites(within, people, 3)
    matrix = travel_times(
        live.inputs.network,
        table.candidates,
        live.inputs.population,
        profile_by_name("walk-elder"),
        minutes=15,
    )
    left = np.where(within, 0.0, people)
    for row, gain in found:
        gains = [
            left[matrix.cell[a:b]].sum() for a, b in zip(matrix.indptr[:-1], matrix.indptr[1:], strict=True)
        ]
        assert gain == pytest.approx(max(gains))
        assert gains[row] == pytest.approx(max(gains))
        left[matrix.cell[matrix.indptr[row] : matrix.indptr[row + 1]]] = 0
    # Opened there, a run says the same.
    row, gain = found[0]
    times.follow({"best": Wanted(float(table.lon[row]), float(table.lat[row]))})
    assert live.count(times.seconds, times.today, 15, "all").gained == pytest.approx(gain, rel=0.01)
    south = area_of([(7.40, 43.72), (7.43, 43.72), (7.43, 43.735), (7.40, 43.735)])
    inside = table.next_sites(within, people, 1, south)
    assert inside
    assert inside[0][1] <= found[0][1]
    assert table.lat[inside[0][0]] <= 43.735
    with pytest.raises(InputError, match="no place for a service point lies in the area"):
        table.next_sites(within, people, 1, area_of([(0, 0), (1, 0), (1, 1)]))
    with pytest.raises(InputError, match="three corners"):
        area_of([(0, 0), (1, 1)])


def test_what_is_proven_bounds_what_is_suggested(live):
    times, people = live.follow("walk-elder"), live.groups["all"]
    table = SiteTable.of(live, "walk-elder", 15)
    greedy = sum(gain for _, gain in table.next_sites(times.seconds <= 900, people, 2))
    rounds = list(prove(table, live.inputs.population, times.what_if.times, 2))
    assert rounds[-1]["gap"] == 0
    assert rounds[-1]["gain"] >= greedy - 1e-6
    assert len(rounds[-1]["sites"]) == 2


def test_those_that_can_close_cost_what_a_run_says(live):
    times, people = live.follow("walk-elder"), live.groups["all"]
    found = closable(live, live.inputs.facilities, "walk-elder", 15, people, 3)
    assert len(found) == 3
    scenario = {}
    for name, lost in found:
        before = live.count(times.seconds, times.today, 15, "all").within
        scenario[name] = Wanted(is_open=False)
        times.follow(scenario)
        assert before - live.count(times.seconds, times.today, 15, "all").within == pytest.approx(lost)
    everyone = closable(live, live.inputs.facilities, "walk-elder", 15, people, 99)
    assert len(everyone) == len(live.inputs.facilities) - 1


@pytest.mark.parametrize("stations", ['["hospital"]', '["all"]', '"stations.csv"'])
def test_ambulances_start_where_a_run_has_them_start(live, tmp_path, stations):
    folder = tmp_path / "monaco"
    shutil.copytree(live.study.file.parent, folder)
    text = (folder / "study.toml").read_text("utf-8").replace('"drive"]', '"drive", "ambulance"]')
    (folder / "study.toml").write_text(text + f"\n[emergency]\nstations = {stations}\n", "utf-8")
    (folder / "stations.csv").write_text("id,lon,lat\nnew-1,7.42,43.735\n", "utf-8")
    here = LiveStudy.open(Study.from_toml(folder / "study.toml"))
    tiers = dict(zip(here.inputs.facilities.id, here.inputs.facilities.tier, strict=True))
    hospital = next(str(i) for i, tier in tiers.items() if tier == "hospital")
    times = here.follow("ambulance")
    for scenario in (
        {"new-1": Wanted(7.4297, 43.744)},
        {"new-1": Wanted(7.4297, 43.744), hospital: Wanted(7.43, 43.74)},
        {name: Wanted(is_open=False) for name, tier in tiers.items() if tier != "hospital"},
        {},
    ):
        times.follow(scenario)
        np.testing.assert_array_equal(times.seconds, here.result(scenario).times["ambulance"].seconds)
