"""Every command does what its help says, on a small town."""

from __future__ import annotations

import csv
import json
import sqlite3
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest

FILES = [
    "changes_with_the_proposed_sites.gpkg", "coverage.gpkg", "map.png", "report.html", "run.json", "tables.xlsx",
]  # fmt: skip


def layers_of(path: Path) -> set[str]:
    with sqlite3.connect(path) as base:
        return {name for (name,) in base.execute("SELECT table_name FROM gpkg_contents")}


def rows_of(path: Path, question: str) -> list[tuple]:
    with sqlite3.connect(path) as base:
        return base.execute(question).fetchall()


def test_coverage(run, inputs, town):
    out = town.parent / "c.gpkg"
    areas = ["--areas", town.parent / "wards.geojson", "--area-id", "code"]
    result = run("coverage", *inputs, *areas, "--mode", "walk,walk-elder", "--minutes", "15,5", "--out", out)
    assert result.exit_code == 0, result.output
    assert layers_of(out) >= {"cells", "facilities", "areas", "coverage", "isochrones", "provenance"}
    assert "walk-elder" in result.stdout
    assert str(out) in result.stdout
    totals = rows_of(
        out, 'SELECT mode, minutes, people FROM coverage WHERE area_id IS NULL AND "group" = "all"'
    )
    assert sorted(totals) == [(m, t, 627.0) for m in ("walk", "walk-elder") for t in (5.0, 15.0)]
    assert rows_of(out, "SELECT area_id FROM areas") == [("W",), ("E",), ("(none)",)]


def test_isochrones(run, town):
    out = town.parent / "i.gpkg"
    given = ["--network", town.parent / "streets.osm", "--facilities", town.parent / "clinics.csv"]
    result = run("isochrones", *given, "--minutes", "5,10", "--direction", "from", "--out", out)
    assert result.exit_code == 0, result.output
    assert rows_of(out, "SELECT mode, minutes FROM isochrones ORDER BY minutes") == [
        ("walk", 5.0),
        ("walk", 10.0),
    ]


def test_isochrones_do_not_cross_given_water(run, town):
    given = ["--network", town.parent / "streets.osm", "--facilities", town.parent / "clinics.csv"]
    areas = []
    for barrier in ([], ["--water", town.parent / "wards.geojson"]):  # all of the town under water
        out = town.parent / f"i{len(areas)}.gpkg"
        result = run("isochrones", *given, "--minutes", "5", *barrier, "--out", out)
        assert result.exit_code == 0, result.output
        areas.append(gpd.read_file(out, layer="isochrones").area.sum())
    assert 0 < areas[1] < 0.5 * areas[0]  # the streets alone are bridges


def test_gaps(run, inputs, town):
    out = town.parent / "g.gpkg"
    result = run("gaps", *inputs, "--minutes", "15", "--out", out)
    assert result.exit_code == 0, result.output
    assert layers_of(out) >= {"gaps", "cells", "coverage"}
    ((people, covered),) = rows_of(out, "SELECT people, covered FROM coverage WHERE area_id IS NULL")
    ((in_gaps,),) = rows_of(out, "SELECT sum(people) FROM gaps")
    assert in_gaps == pytest.approx(people - covered)


def test_gaps_cut_to_what_one_site_can_serve(run, inputs, town):
    out = town.parent / "g.gpkg"
    found = []
    for minutes in (600, 3):
        gaps = ["gaps", *inputs, "--minutes", "10", "--serve-minutes", minutes, "--out", out]
        result = run(*gaps)
        assert result.exit_code == 0, result.output
        found.append(rows_of(out, "SELECT people, serve_s FROM gaps ORDER BY rank"))
        out.unlink()
    whole, cut = found
    assert len(cut) > len(whole)
    assert sum(people for people, _ in cut) == pytest.approx(sum(people for people, _ in whole))
    assert max(serve_s for _, serve_s in cut) <= 180


@pytest.mark.parametrize("candidates", ["junctions", "grid", "houses.csv"])
def test_site(run, inputs, town, candidates):
    lines = ["id,lon,lat,kind"] + [f"h{c},{7.40 + c * 0.001242},43.7,house" for c in (10, 20, 28)]
    (town.parent / "houses.csv").write_text("\n".join(lines), "utf-8")
    given = town.parent / candidates if candidates.endswith("csv") else candidates
    out = town.parent / "s.gpkg"
    result = run(
        "site", *inputs, "--candidates", given, "--p", 2, "--minutes", 10, "--spacing", 100, "--out", out
    )
    assert result.exit_code == 0, result.output
    gains = rows_of(out, "SELECT gain FROM proposed_sites")
    assert len(gains) == 2
    assert all(gain > 0 for (gain,) in gains)
    ((status, objective, bound),) = rows_of(out, "SELECT status, objective, bound FROM plans")
    assert status == "optimal"
    assert bound == pytest.approx(objective)


def test_site_target(run, refused, inputs, town):
    out = town.parent / "s.gpkg"
    site = ["site", *inputs, "--candidates", "junctions", "--minutes", 10, "--out", out]
    result = run(*site, "--target", 0.6)
    assert result.exit_code == 0, result.output
    assert max(rate for (rate,) in rows_of(out, "SELECT cumulative_rate FROM proposed_sites")) >= 0.6
    out.unlink()
    # Seven people live where no street is: nobody can reach them all.
    words = refused(*site, "--target", 1, code=1)
    assert "620 of 627" in words
    assert "lower the target" in words
    assert not out.exists()


def test_site_with_its_curve(run, inputs, town):
    site = ["site", *inputs, "--candidates", "junctions", "--minutes", 10, "--out", town.parent / "s.gpkg"]
    result = run(*site, "--p", 2, "--frontier", 3, "--robustness")
    assert result.exit_code == 0, result.output
    curve = result.stdout[result.stdout.index("Most people by number of sites") :].splitlines()
    people = [
        int(line.split()[1].replace(",", "")) for line in curve if line.split()[:1] in (["0"], ["1"], ["2"])
    ]
    assert len(people) == 3
    assert people == sorted(people)
    assert " of 4" in result.stdout[result.stdout.index("Sites in sensitivity runs") :]
    for objective in ("backup-coverage", "p-median"):
        assert run(*site, "--p", 1, "--objective", objective).exit_code == 0


@pytest.mark.parametrize(
    ("words", "layer"),
    [
        (("coverage",), "cells"),
        (("isochrones",), "isochrones"),
        (("gaps", "--minutes", 5), "gaps"),
        (("site", "--candidates", "junctions", "--p", 2, "--minutes", 10, "--frontier", 2, "--robustness"), "plans"),
    ],
)  # fmt: skip
def test_chinese_when_asked(run, inputs, town, words, layer):
    out = town.parent / "zh.gpkg"
    given = inputs[:-2] if words[0] == "isochrones" else inputs
    result = run(words[0], *given, *words[1:], "--lang", "zh", "--out", out)
    assert result.exit_code == 0, result.output
    # What the engine noted about a plan is quoted as it was recorded.
    said = "\n".join(line for line in result.stdout.splitlines() if "英文原文" not in line)
    assert "分钟" in said
    assert not any(english in said for english in (" min ", "gain", "chosen", "people"))
    ((title,),) = rows_of(out, f"SELECT identifier FROM gpkg_contents WHERE table_name = '{layer}'")
    assert not title.isascii()


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_matrix(run, town, ending):
    folder = town.parent
    (folder / "from.csv").write_text("id,lon,lat\n001,7.4,43.7\nfar,7.4,43.9\nb,7.40621,43.7\n", "utf-8")
    out = folder / f"T.{ending}"
    given = ["--network", folder / "streets.osm", "--origins", folder / "from.csv"]
    given += ["--destinations", folder / "clinics.csv", "--out", out]
    result = run("matrix", *given, "--metres")
    assert result.exit_code == 0, result.output
    assert "1 points unlinked: origin far" in result.stderr
    import pandas as pd

    table = (
        pd.read_parquet(out)
        if ending == "parquet"
        else pd.read_csv(out, dtype={"origin_id": str, "destination_id": str})
    )
    assert list(table.columns) == ["origin_id", "destination_id", "seconds", "metres"]
    assert list(table["origin_id"]) == ["001", "b"]
    assert list(table["destination_id"]) == ["001", "001"]
    assert table["seconds"][0] == 0
    assert table["metres"][1] == pytest.approx(500, rel=0.003)
    assert table["seconds"][1] == pytest.approx(table["metres"][1] / (4.8 / 3.6), abs=0.02)
    with (folder / "T.unlinked.csv").open(encoding="utf-8-sig") as file:
        (row,) = csv.DictReader(file)
    assert (row["role"], row["id"]) == ("origin", "far")
    assert float(row["nearest_m"]) > 20_000
    limited = run("matrix", *given, "--minutes", 5)
    assert limited.exit_code == 0
    again = pd.read_parquet(out) if ending == "parquet" else pd.read_csv(out, dtype=str)
    assert list(again["origin_id"]) == ["001"]
    assert "metres" not in again


def test_a_matrix_searches_from_the_shorter_list_and_keeps_the_order_of_both(run, town):
    import pandas as pd

    folder = town.parent
    lines = {"few": ["b,7.40621,43.7", "a,7.4,43.7"], "many": ["z,7.403,43.7", "y,7.4,43.7", "x,7.405,43.7"]}
    for name, rows in lines.items():
        (folder / f"{name}.csv").write_text("\n".join(["id,lon,lat", *rows]), "utf-8")
    tables = []
    for start, end in (("few", "many"), ("many", "few")):
        files = ["--origins", folder / f"{start}.csv", "--destinations", folder / f"{end}.csv"]
        out = folder / f"{start}.parquet"
        assert run("matrix", "--network", folder / "streets.osm", *files, "--out", out).exit_code == 0
        tables.append(pd.read_parquet(out))
    out, back = tables
    assert list(out["origin_id"]) == ["b"] * 3 + ["a"] * 3
    assert list(out["destination_id"]) == ["z", "y", "x"] * 2
    assert list(back["destination_id"]) == list(out["origin_id"])
    assert list(back["origin_id"]) == list(out["destination_id"])
    np.testing.assert_allclose(out["seconds"], back["seconds"], atol=0.002)


def test_run_writes_into_the_folder_of_the_study_or_out(run, town):
    result = run("run", town)
    assert result.exit_code == 0, result.output
    results = town.parent / "results"
    assert sorted(path.name for path in results.iterdir()) == FILES
    assert "proposed_sites" in layers_of(results / "coverage.gpkg")
    assert (results / "map.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads((results / "run.json").read_text("utf-8"))["figures"]["n_sites"] == 2
    other = run("run", town, "--out", town.parent / "a" / "b")
    assert other.exit_code == 0
    assert (town.parent / "a" / "b" / "map.png").exists()


def test_run_tells_of_a_missed_target_and_check_fails_for_it(run, town):
    town.write_text(town.read_text("utf-8").replace("walk_15 = 0.25", "walk_15 = 0.99"), "utf-8")
    done = run("run", town)
    assert done.exit_code == 0
    assert "target missed: walk_15" in done.stdout
    written = run("check", town, "--update")
    assert written.exit_code == 1
    failed = run("check", town)
    assert failed.exit_code == 1
    assert "MISSED  walk_15" in failed.stdout


def test_check_fails_on_a_planted_drift(run, refused, town):
    assert "--update" in refused("check", town)
    assert run("check", town, "--update").exit_code == 0
    assert run("check", town).exit_code == 0
    people = town.parent / "people.csv"
    people.write_text(people.read_text("utf-8").replace("7.4,43.7,10", "7.4,43.7,11.5"), "utf-8")
    failed = run("check", town, "--baseline", town.parent / "baseline.json")
    assert failed.exit_code == 1
    assert "MOVED   covered_walk_15 of area W" in failed.stdout
    assert "changed inputs: population (people.csv)" in failed.stdout
    junit = town.parent / "check.xml"
    for_ci = run("check", town, "--format", "github", "--junit", junit)
    assert for_ci.exit_code == 1
    assert "::error file=" in for_ci.stdout
    assert all(line.startswith(("::error ", "::notice ")) for line in for_ci.stdout.splitlines())
    assert '<failure type="moved"' in junit.read_text("utf-8")
    assert ".xml" in refused("check", town, "--junit", town.parent / "check.json")
    assert run("check", town, "--baseline", town.parent / "baseline.json", "--update").exit_code == 0
    assert run("check", town).exit_code == 0


def test_info(run):
    result = run("info")
    assert result.exit_code == 0
    for package in ("python", "access15", "numba", "osmium"):
        assert package in result.stdout


def test_every_command_has_help(run):
    from access15.cli._group import COMMANDS

    listed = run("--help").stdout
    for command in COMMANDS:
        assert f"\n  {command} " in listed
        page = run(command, "--help")
        assert page.exit_code == 0
        assert "--debug" in page.stdout
    assert run().stdout == listed
