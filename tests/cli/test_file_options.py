"""Columns, layers, CRS, datum and marks are options of every command that reads points or people."""

import pytest


@pytest.fixture
def odd(town):
    """The clinics and people of the town in other words: other columns, decimal commas."""
    folder = town.parent
    for name, head in (("clinics", "key;rechts;hoch"), ("people", "key;rechts;hoch;leute")):
        lines = (folder / f"{name}.csv").read_text("utf-8-sig").splitlines()
        columns = lines[0].split(",")
        rows = [dict(zip(columns, line.split(","), strict=False)) for line in lines[1:]]
        wanted = ["id", "lon", "lat"] + (["population"] if name == "people" else [])
        body = [";".join(row[c].replace(".", ",") for c in wanted) for row in rows]
        (folder / f"odd_{name}.csv").write_text("\n".join([head, *body]), "utf-8")
    return folder


FACILITIES = [
    f"--facilities-column={field}={name}"
    for field, name in (("id", "key"), ("lon", "rechts"), ("lat", "hoch"))
]
PEOPLE = [w.replace("facilities", "population") for w in FACILITIES] + [
    "--population-column=population=leute"
]
POINTS = [w.replace("--facilities-", "--") for w in FACILITIES]


@pytest.mark.parametrize("command", ["coverage", "gaps", "isochrones", "site"])
def test_commands_read_files_in_other_words(run, odd, command):
    words = [
        command,
        "--network",
        odd / "streets.osm",
        "--facilities",
        odd / "odd_clinics.csv",
        *FACILITIES,
        "--minutes",
        "10",
    ]
    if command != "isochrones":
        words += ["--population", odd / "odd_people.csv", *PEOPLE, "--decimal", ","]
    if command == "site":
        words += ["--candidates", "junctions", "--p", "1"]
    done = run(*words, "--out", odd / f"{command}.gpkg")
    assert done.exit_code == 0, done.output
    assert (odd / f"{command}.gpkg").exists()


def test_a_matrix_reads_files_in_other_words(run, odd):
    ends = ["--origins", odd / "odd_people.csv", "--destinations", odd / "odd_clinics.csv"]
    done = run(
        "matrix", "--network", odd / "streets.osm", *ends, *POINTS, "--decimal", ",", "--out", odd / "t.csv"
    )
    assert done.exit_code == 0, done.output


def test_a_column_that_is_none_is_named_with_its_option(refused, odd):
    words = [
        "--network",
        odd / "streets.osm",
        "--facilities",
        odd / "odd_clinics.csv",
        "--population",
        odd / "people.csv",
    ]
    assert "columns are key, rechts, hoch" in refused("coverage", *words, "--out", odd / "x.gpkg")
    assert "--facilities-column must be FIELD=COLUMN" in refused(
        "coverage", *words, "--facilities-column", "x", "--out", odd / "x.gpkg"
    )
