"""Two results compared: the figures follow from the town's geometry, and from a recount of its cells."""

from __future__ import annotations

import dataclasses
import shutil
import sqlite3

import numpy as np
import pandas as pd
import pytest

import access15 as a15
from access15.errors import InputError, MissingFileError
from town_files import COLUMNS, place, write_town

WEST, EAST = place(0, 0), place(COLUMNS - 1, 0)


def clinics(file, *rows):
    lines = ["id,name,lon,lat,capacity", *(",".join(map(str, row)) for row in rows)]
    (file.parent / "clinics.csv").write_text("\n".join(lines) + "\n", "utf-8")


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """The town before and after a second clinic at its east end."""
    file = write_town(tmp_path_factory.mktemp("town"))
    before = a15.Study.from_toml(file).run(parts=())
    clinics(file, ("001", "West Clinic", *WEST, ""), ("002", "East & <b>Clinic</b>", *EAST, 500))
    return before, a15.Study.from_toml(file).run(parts=())


@pytest.fixture(scope="module")
def files(runs, tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    return [run.to_gpkg(folder / name) for run, name in zip(runs, ("a.gpkg", "b.gpkg"), strict=True)]


def headline(found, area=None, group="all"):
    table = found.table
    at = table["area_id"].isna() if area is None else table["area_id"] == area
    mine = (table["mode"] == "walk") & (table["minutes"] == 15) & (table["group"] == group)
    return table[mine & at].iloc[0]


def test_a_mirrored_clinic_gains_as_many_as_the_first_one_has(runs):
    found = a15.compare(*runs)
    row = headline(found)
    # The streets are symmetric: the new clinic covers at its end what the old one covers at the other.
    assert row["covered_before"] == 230
    assert row["lose"] == 0
    assert row["covered_after"] == pytest.approx(2 * row["covered_before"], abs=120)
    assert row["gain"] == row["covered_after"] - row["covered_before"] == row["covered_change"]
    assert row["by_population"] == 0
    assert headline(found, "E")["gain"] + headline(found, "W")["gain"] == row["gain"]


def test_figures_are_those_of_both_runs(runs):
    found = a15.compare(*runs)
    for run, when in zip(runs, ("before", "after"), strict=True):
        figures = run.figures()
        for mode in ("walk", "walk-elder"):
            for minutes in (5.0, 15.0):
                for area, at in ((None, ""), ("W", " @ W"), ("E", " @ E"), ("(none)", " @ (none)")):
                    table = found.table
                    row = table[
                        (table["mode"] == mode)
                        & (table["minutes"] == minutes)
                        & (table["area_id"].isna() if area is None else table["area_id"] == area)
                    ].iloc[0]
                    name = mode.replace("-", "_")
                    assert row[f"covered_{when}"] == pytest.approx(figures[f"covered_{name}_{minutes:g}{at}"])
                    for what in ("mean", "p90"):
                        told = figures.get(f"{what}_{name}_s{at}", np.nan)
                        assert row[f"{what}_{when}_s"] == pytest.approx(told, nan_ok=True)


def test_files_give_the_same_as_the_results_in_memory(runs, files):
    pd.testing.assert_frame_equal(a15.compare(*files).table, a15.compare(*runs).table)


def test_gains_of_one_direction_are_the_losses_of_the_other(files):
    forth, back = a15.compare(*files).table, a15.compare(*reversed(files)).table
    for one, other in (("gain", "lose"), ("faster", "slower"), ("covered_before", "covered_after")):
        assert forth[one].tolist() == back[other].tolist()


def test_a_result_with_itself_is_empty(files):
    found = a15.compare(files[0], files[0])
    assert found.unchanged
    assert found.inputs.empty
    assert found.notes == ()
    assert set(found.cells["change"]) == {"same"}
    assert "Nothing changed" in found.summary()


def test_facilities_added_removed_moved_and_changed(runs, tmp_path):
    file = write_town(tmp_path)
    north = place(COLUMNS - 1, 1)
    clinics(file, ("002", "East & <b>Clinic</b>", *north, 900), ("003", "Other", *WEST, ""))
    found = a15.compare(runs[1], a15.Study.from_toml(file).run(parts=()))
    table = found.facilities.set_index("facility_id")
    assert table["change"].to_dict() == {"001": "removed", "002": "moved", "003": "added"}
    assert table.loc["002", "moved_m"] == pytest.approx(100, rel=0.01)
    assert table.loc["002", "changed"] == "capacity"
    assert (table.loc["002", "capacity_before"], table.loc["002", "capacity_after"]) == (500, 900)
    assert "002" in found.summary()


def test_people_who_come_and_go_are_told_apart_from_those_who_gain(runs, tmp_path):
    file = write_town(tmp_path)
    people = (tmp_path / "people.csv").read_text("utf-8").splitlines()
    people = [row for row in people if not row.startswith("0-0,")]  # 10 people at the clinic leave,
    people = [row[:-2] + "25" if row.startswith("1-0,") else row for row in people]  # 15 come next door,
    lon, lat = place(0.5, 0)
    (tmp_path / "people.csv").write_text("\n".join([*people, f"new,{lon},{lat},40"]) + "\n", "utf-8")
    found = a15.compare(runs[0], a15.Study.from_toml(file).run(parts=()))
    row = headline(found)
    assert (row["gain"], row["lose"], row["by_population"]) == (0, 0, -10 + 15 + 40)
    assert row["people_change"] == 45
    assert found.cells.set_index("cell_id")["change"][["0-0", "new", "1-0"]].tolist() == [
        "gone",
        "new",
        "same",
    ]
    assert any("only before: 1 cells with 10 people (0-0)" in note for note in found.notes)


def test_files_are_written_with_styles_and_nothing_of_the_data_runs(files, tmp_path):
    found = a15.compare(*files)
    with sqlite3.connect(found.to_gpkg(tmp_path / "c.gpkg")) as base:
        layers = {name for (name,) in base.execute("SELECT table_name FROM gpkg_contents")}
        styled = dict(base.execute("SELECT f_table_name, styleQML FROM layer_styles"))
        gained = base.execute("SELECT sum(people_before) FROM cell_changes WHERE change = 'gain'").fetchone()[
            0
        ]
    assert layers >= {"cell_changes", "area_changes", "facility_changes", "changes", "input_changes"}
    assert "'gain'" in styled["cell_changes"]
    assert gained == headline(found)["gain"]
    for lang, word in (("en", "people gain access"), ("zh", "由未覆盖变为覆盖")):
        page = found.report(tmp_path / f"{lang}.html", lang).read_text("utf-8")
        assert word in page
        assert "<b>Clinic" not in page
        assert "East &amp; &lt;b&gt;Clinic" in page
        assert "<script" not in page
        assert "http" not in page.replace("http-equiv", "")
    assert "&lt;" in found._repr_html_()
    assert "people gain" in repr(found)


def test_two_results_of_one_name_are_told_apart(runs, files):
    assert a15.compare(files[0], files[0]).before == f"{files[0].parent.name}/{files[0].name} (before)"
    assert a15.compare(runs[0], runs[0]).after == f"{runs[0].study.name} (after)"


def test_what_differs_between_the_inputs_is_told(files):
    keys = set(a15.compare(*files).inputs["key"])
    assert "inputs.facilities.sha256" in keys
    assert not any(key.startswith("seconds") for key in keys)


def test_what_only_one_result_has_is_listed(runs, tmp_path):
    file = write_town(tmp_path)
    text = (
        file.read_text("utf-8")
        .replace('["walk", "walk-elder"]', '["walk", "ebike"]')
        .replace("[5, 15]", "[10, 15]")
    )
    text = text.replace('gaps = { mode = "walk-elder", minutes = 15 }', "")
    file.write_text(text[: text.index("[siting]")], "utf-8")
    found = a15.compare(runs[0], a15.Study.from_toml(file).run(parts=()))
    assert set(found.table["mode"]) == {"walk"}
    assert set(found.table["minutes"]) == {15.0}
    told = " ".join(found.notes)
    for word in (
        "the modes care walk-elder",
        "the modes care ebike",
        "5 min of care walk",
        "10 min of care walk",
    ):
        assert word in told


def test_results_that_cannot_be_compared_say_why(files, tmp_path):
    with pytest.raises(MissingFileError, match=r"no\.gpkg does not exist"):
        a15.compare(files[0], tmp_path / "no.gpkg")
    (tmp_path / "x.gpkg").write_text("text", "utf-8")
    with pytest.raises(InputError, match=r"x\.gpkg cannot be read as a GeoPackage"):
        a15.compare(files[0], tmp_path / "x.gpkg")
    changes = a15.compare(*files).to_gpkg(tmp_path / "changes.gpkg")
    with pytest.raises(InputError, match=r"has no layer 'cells' .*it has cell_changes"):
        a15.compare(files[0], changes)
    with pytest.raises(InputError, match="two study results or two GeoPackage paths"):
        a15.compare(files[0], 7)


def edited(source, target, *statements):
    """A copy of a GeoPackage with some cells' text changed (the spatial index is not touched)."""
    shutil.copy(source, target)
    with sqlite3.connect(target) as base:
        triggers = [name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
        for name in triggers:
            base.execute(f'DROP TRIGGER "{name}"')
        for statement in statements:
            base.execute(statement)
    return target


def test_other_cells_and_other_modes_are_named(files, tmp_path):
    other = edited(files[1], tmp_path / "ids.gpkg", "UPDATE cells SET cell_id = 'x' || cell_id")
    with pytest.raises(InputError, match=r"a\.gpkg and ids\.gpkg have no cell in common .*'0-0' and 'x0-0'"):
        a15.compare(files[0], other)
    other = edited(files[1], tmp_path / "far.gpkg", "UPDATE cells SET cell_id = '1-0' WHERE cell_id = 'far'",
                   "DELETE FROM cells WHERE cell_id = '1-0' AND fid < 10")  # fmt: skip
    with pytest.raises(InputError, match=r"1 of the 62 cells that share an id stand elsewhere .*'1-0' by"):
        a15.compare(files[0], other)
    other = edited(files[1], tmp_path / "modes.gpkg", "UPDATE coverage SET mode = 'walk-elder' WHERE mode = 'walk'",
                   "UPDATE coverage SET points = 'primary'", "DELETE FROM coverage WHERE minutes = 5")  # fmt: skip
    with pytest.raises(InputError, match="none in common"):
        a15.compare(files[0], other)
    other = edited(files[1], tmp_path / "sums.gpkg", "UPDATE cells SET people = 99 WHERE cell_id = '0-0'")
    with pytest.raises(
        InputError, match=r"sums\.gpkg: the cells within 5 min of care walk hold .*the file was changed"
    ):
        a15.compare(files[0], other)


def test_monaco_without_one_facility_agrees_with_a_recount():
    study = a15.sample("monaco")
    before = study.run(parts=())
    given = before.inputs.facilities
    busiest = int(np.bincount(before.times["walk"].facility[before.times["walk"].facility >= 0]).argmax())
    keep = np.arange(len(given)) != busiest
    rows = {f.name: getattr(given, f.name) for f in dataclasses.fields(given)}
    columns = {name: values[keep] for name, values in rows.items() if isinstance(values, np.ndarray)}
    fewer = dataclasses.replace(given, **columns)
    inputs = before.inputs
    times = {
        m: a15.nearest_times(inputs.network, fewer, inputs.population, t.profile)
        for m, t in before.times.items()
    }
    coverages = {m: a15.coverage(t, inputs.population, (5, 10, 15), inputs.areas) for m, t in times.items()}
    after = before.adding(facilities=fewer, times=times, coverages=coverages)
    found = a15.compare(before, after)
    old, new = (run.layers()["cells"].set_index("cell_id") for run in (before, after))
    for row in found.table[found.table["area_id"].isna()].to_dict("records"):
        name = row["mode"].replace("-", "_")
        was, is_ = old[f"{name}_s"] <= row["minutes"] * 60, new[f"{name}_s"] <= row["minutes"] * 60
        group = "people" if row["group"] == "all" else f"people_{row['group'].replace('+', 'plus')}"
        assert row["lose"] == pytest.approx(old[group][was & ~is_].sum())
        assert row["gain"] == 0
        assert row["faster"] == 0
    areas = found.table[
        found.table["area_id"].notna() & (found.table["minutes"] == 15) & (found.table["group"] == "all")
    ]
    assert areas[areas["mode"] == "walk"]["lose"].sum() == pytest.approx(headline(found)["lose"])
    assert found.facilities.set_index("facility_id")["change"][given.id[busiest]] == "removed"
    assert headline(found)["lose"] > 0
