"""Bad input: exit code 2, one sentence that names file and remedy, nothing half-written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest


@pytest.fixture
def before(town: Path) -> set[str]:
    return names(town.parent)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def raster(path: Path, values: np.ndarray, crs: str | None) -> Path:
    import rasterio
    from rasterio.transform import from_origin

    with rasterio.open(
        path, "w", driver="GTiff", height=values.shape[0], width=values.shape[1], count=1, dtype="float32",
        crs=crs, transform=from_origin(7.39, 43.71, 0.01, 0.01), nodata=-1.0,
    ) as file:  # fmt: skip
        file.write(values.astype("float32"), 1)
    return path


def coverage(inputs: list[str], out: Path, **replaced: object) -> list[object]:
    words: list[object] = [*inputs]
    for option, value in replaced.items():
        words[words.index(f"--{option}") + 1] = value
    return ["coverage", *words, "--out", out]


@pytest.mark.parametrize("option", ["network", "facilities", "population"])
def test_a_missing_file(refused, inputs, town, before, option):
    words = refused(*coverage(inputs, town.parent / "x.gpkg", **{option: town.parent / "nowhere.csv"}))
    assert "nowhere.csv" in words
    assert "does not exist" in words
    assert names(town.parent) == before


def test_not_a_pbf(refused, inputs, town, before):
    file = town.parent / "streets.osm.pbf"
    file.write_bytes(b"this is a text and no PBF at all, however it is called" * 40)
    words = refused(*coverage(inputs, town.parent / "x.gpkg", network=file))
    assert "streets.osm.pbf" in words
    assert names(town.parent) == before | {"streets.osm.pbf"}


def test_a_pbf_cut_in_half(refused, inputs, town, before):
    whole = (Path(__file__).parents[2] / "data/sample/monaco/monaco.osm.pbf").read_bytes()
    file = town.parent / "half.osm.pbf"
    file.write_bytes(whole[: len(whole) // 2])
    assert "half.osm.pbf" in refused(*coverage(inputs, town.parent / "x.gpkg", network=file))
    assert names(town.parent) == before | {"half.osm.pbf"}


def test_an_extract_with_no_roads(refused, inputs, town, before):
    file = town.parent / "empty.osm"
    file.write_text('<osm version="0.6"><node id="1" version="1" lat="43.7" lon="7.4"/></osm>', "utf-8")
    words = refused(*coverage(inputs, town.parent / "x.gpkg", network=file))
    assert "empty.osm" in words
    assert names(town.parent) == before | {"empty.osm"}


def test_a_facility_outside_the_network(refused, inputs, town, before):
    file = town.parent / "away.csv"
    file.write_text("id,lon,lat\na,2.35,48.85\n", "utf-8")
    words = refused(*coverage(inputs, town.parent / "x.gpkg", facilities=file))
    assert "692.4 km" in words
    words = refused("isochrones", *inputs[:2], "--facilities", file, "--out", town.parent / "x.gpkg")
    assert "692.4 km" in words
    assert names(town.parent) == before | {"away.csv"}


def test_one_facility_of_several_outside_the_network_is_named(run, inputs, town):
    file = town.parent / "mixed.csv"
    file.write_text("id,lon,lat\na,2.35,48.85\nb,7.4,43.7\n", "utf-8")
    result = run(*coverage(inputs, town.parent / "x.gpkg", facilities=file), "--mode", "walk,walk-elder")
    assert result.exit_code == 0
    (note,) = [line for line in result.stderr.splitlines() if "take no part" in line]
    assert note.startswith("access15: note: 1 of 2 service points take no part")
    assert note.endswith(": a")


def test_a_raster_without_crs(refused, inputs, town):
    file = raster(town.parent / "people.tif", np.full((2, 4), 5.0), None)
    words = refused(*coverage(inputs, town.parent / "x.gpkg", population=file))
    assert "people.tif" in words
    assert "CRS" in words


def test_a_raster_that_is_all_no_data(refused, inputs, town):
    file = raster(town.parent / "people.tif", np.full((2, 4), -1.0), "EPSG:4326")
    assert "people.tif" in refused(*coverage(inputs, town.parent / "x.gpkg", population=file))


@pytest.mark.parametrize("row", ["a,43.7,107.4", "a,43.7,7.4"])
def test_longitude_and_latitude_swapped(refused, inputs, town, row):
    file = town.parent / "swapped.csv"
    file.write_text(f"id,lon,lat\n{row}\n", "utf-8")
    words = refused(*coverage(inputs, town.parent / "x.gpkg", facilities=file))
    assert "swapped" in words.replace("swapped.csv", "")


def test_ids_that_stand_twice(refused, inputs, town):
    file = town.parent / "twice.csv"
    file.write_text("id,lon,lat\na,7.4,43.7\na,7.41,43.7\n", "utf-8")
    words = refused(*coverage(inputs, town.parent / "x.gpkg", facilities=file))
    assert "'a'" in words


def test_an_unknown_mode_lists_the_modes(refused, inputs, town):
    words = refused(*coverage(inputs, town.parent / "x.gpkg"), "--mode", "wlak")
    assert "walk-elder" in words


@pytest.mark.parametrize("minutes", ["0", "-5", "5,0", "abc", "nan", "inf", "", "5,,10", "5,5"])
def test_minutes_that_are_none(refused, inputs, town, minutes):
    assert "--minutes" in refused(*coverage(inputs, town.parent / "x.gpkg"), "--minutes", minutes)


def test_two_cut_offs_where_one_is_meant(refused, inputs, town):
    assert "one number" in refused("gaps", *inputs, "--out", town.parent / "x.gpkg", "--minutes", "5,10")


def test_a_folder_that_cannot_be_made(refused, inputs, town, before):
    words = refused(*coverage(inputs, town / "deep" / "x.gpkg"))
    assert "is a file, not a folder" in words
    assert names(town.parent) == before
    assert "is a file" in refused("run", town, "--out", town / "deep")
    assert names(town.parent) == before


def test_a_folder_as_output_file(refused, inputs, town):
    (town.parent / "x.gpkg").mkdir()
    assert "is a folder" in refused(*coverage(inputs, town.parent / "x.gpkg"))


def test_an_output_with_another_ending(refused, inputs, town):
    assert ".gpkg" in refused(*coverage(inputs, town.parent / "x.shp"))
    given = ["--network", "n", "--origins", "o", "--destinations", "d"]
    assert ".parquet or .csv" in refused("matrix", *given, "--out", town.parent / "x.txt")


def test_an_output_that_exists_stays_as_it_was_when_the_work_fails(refused, inputs, town):
    out = town.parent / "x.gpkg"
    out.write_bytes(b"old")
    file = town.parent / "away.csv"
    file.write_text("id,lon,lat\na,2.35,48.85\n", "utf-8")
    refused(*coverage(inputs, out, facilities=file))
    assert out.read_bytes() == b"old"


def test_an_output_that_exists_is_replaced_with_what_sqlite_left_beside_it(run, inputs, town):
    out = town.parent / "x.gpkg"
    for ending in ("", "-wal", "-shm"):
        out.with_name(out.name + ending).write_bytes(b"stale")
    result = run(*coverage(inputs, out))
    assert result.exit_code == 0, result.output
    assert out.read_bytes().startswith(b"SQLite format 3")
    assert [path.name for path in town.parent.glob("x.gpkg*")] == ["x.gpkg"]


def test_an_output_that_is_open_elsewhere_is_kept_beside_it(refused, run, inputs, town):
    import sqlite3

    out = town.parent / "x.gpkg"
    assert run(*coverage(inputs, out)).exit_code == 0
    with sqlite3.connect(out) as base:
        base.execute("BEGIN IMMEDIATE")
        words = refused(*coverage(inputs, out))
        base.rollback()
    assert "open in another program" in words
    (kept,) = [path.name for path in town.parent.glob("x_*.gpkg")]
    assert kept in words


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["--p", "0"], "--p must be 1"),
        (["--p", "2", "--target", "0.9"], "either --p"),
        ([], "either --p"),
        (["--target", "90"], "--target must be a share"),
        (["--p", "2", "--spacing", "-1"], "--spacing"),
        (["--p", "two"], "--p"),
        (["--p", "2", "--objective", "most"], "--objective 'most' is not known"),
        (["--objective", "p-median"], "p-median needs p"),
        (["--objective", "capacitated-coverage"], "either --p (how many sites) or --budget"),
        (["--objective", "p-medan", "--p", "2"], "did you mean 'p-median'"),
        (["--p", "2", "--frontier", "0"], "--frontier must be 1"),
        (["--p", "2", "--weight", "65+"], "--weight must be NAME=NUMBER"),
        (["--p", "2", "--weight", "65+=old"], "--weight must be NAME=NUMBER"),
    ],
)
def test_siting_that_cannot_be_asked_for(refused, inputs, town, words, wanted):
    given = ["site", *inputs, "--candidates", "junctions", "--out", town.parent / "x.gpkg"]
    assert wanted in refused(*given, *words)


def test_usage(refused):
    assert "'covrage'" in refused("covrage")
    assert "--network" in refused("coverage", "--population", "p", "--facilities", "f", "--out", "x.gpkg")
    assert "STUDY" in refused("run")
    assert "--nope" in refused("info", "--nope")
    assert "--group" in refused("coverage", "--group", "65+")
    assert "to" in refused("isochrones", "--direction", "sideways")


def test_an_unknown_key_of_a_study(refused, town, before):
    town.write_text(town.read_text("utf-8").replace("[siting]", "[sitting]"), "utf-8")
    words = refused("run", town)
    assert "'sitting'" in words
    assert "'siting'" in words
    assert names(town.parent) == before


def test_the_matrix_leaves_nothing_when_it_fails(refused, town, before):
    given = ["--network", town.parent / "streets.osm", "--origins", town.parent / "none.csv"]
    refused("matrix", *given, "--destinations", town.parent / "clinics.csv", "--out", town.parent / "T.csv")
    assert names(town.parent) == before


def test_the_matrix_calls_lost_points_what_they_are(refused, town):
    folder = town.parent
    far = "id,lon,lat\na,9,1\n"
    (folder / "one.csv").write_text(far, "utf-8")
    (folder / "two.csv").write_text(far + "b,9,2\n", "utf-8")
    given = ["matrix", "--network", folder / "streets.osm", "--out", folder / "T.csv"]
    for origins, destinations, role in (("one", "two", "origins"), ("two", "one", "destinations")):
        files = ["--origins", folder / f"{origins}.csv", "--destinations", folder / f"{destinations}.csv"]
        assert f"none of the 1 {role} lies within 5,000 m" in refused(*given, *files)


def _no_room_for_a_library() -> None:
    try:
        raise OSError("kernels.so: failed to map segment from shared object")
    except OSError:
        raise OSError("Could not find/load shared object file") from None


def _no_room() -> None:
    raise MemoryError("std::bad_alloc")


@pytest.mark.parametrize("fails", [_no_room, _no_room_for_a_library])
def test_too_little_memory_is_said_so(refused, inputs, town, monkeypatch, fails):
    def too_much(*_: object) -> None:
        fails()

    monkeypatch.setattr("access15.sources.streets.read_ways", too_much)
    words = refused("coverage", *inputs, "--out", town.parent / "out.gpkg")
    assert "use a smaller extract" in words
    assert not (town.parent / "out.gpkg").exists()


def test_an_unexpected_error_is_one_line_and_asks_for_debug(refused, run, monkeypatch):
    def break_down() -> None:
        raise ZeroDivisionError("division\nby zero")

    monkeypatch.setattr("access15.study.versions", break_down)
    words = refused("info", unexpected=True)
    assert "unexpected ZeroDivisionError: division by zero" in words
    assert "--debug" in words
    result = run("info", "--debug")
    assert result.exit_code == 2
    assert "Traceback" in result.stderr
    assert "run again" not in result.stderr


def test_stopping_leaves_with_130_and_no_traceback(run, monkeypatch):
    def stop() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("access15.study.versions", stop)
    result = run("info")
    assert result.exit_code == 130
    assert result.stderr.strip() == "access15: stopped"


def test_an_output_that_is_an_input(refused, inputs, town, before):
    areas = town.parent / "wards.gpkg"
    areas.write_bytes(b"the only copy")
    words = refused("coverage", *inputs, "--areas", areas, "--out", areas)
    assert "wards.gpkg" in words
    assert "--areas" in words
    assert areas.read_bytes() == b"the only copy"


def test_what_is_left_out_is_told(run, inputs, town):
    clinics = town.parent / "clinics.csv"
    lines = clinics.read_text("utf-8-sig").splitlines()
    columns = lines[0].split(",")
    nowhere = ["" if name in {"lon", "lat", "经度", "纬度"} else "new" for name in columns]
    clinics.write_text("\n".join([*lines, ",".join(nowhere)]) + "\n", "utf-8")
    result = run(*coverage(inputs, town.parent / "x.gpkg"))
    assert result.exit_code == 0
    assert "note: clinics.csv: 1 of" in result.stderr
    assert "no coordinates" in result.stderr
