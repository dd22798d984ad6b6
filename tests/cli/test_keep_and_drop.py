"""--keep and --drop on the commands that take facilities, and in a study."""

from __future__ import annotations

import geopandas as gpd
import pytest

from access15.study.settings import read_settings
from town_files import write_town


def names(path):
    return sorted(gpd.read_file(path, layer="facilities")["facility_id"])


@pytest.fixture
def files(tmp_path):
    town = write_town(tmp_path)
    given = read_settings(town)
    header, first = (
        given.facilities.path.read_text("utf-8").split()[0],
        given.facilities.path.read_text("utf-8").splitlines()[1],
    )
    lon, lat = (float(part) for part in first.split(",")[2:])
    second = f"002,Second Clinic,{lon + 0.01},{lat}"
    given.facilities.path.write_text("\n".join([header, first, second, ""]), "utf-8")
    return town, given.network.path, given.facilities.path, given.population.path


def test_each_command_takes_them(run, refused, files, tmp_path):
    _, network, clinics, people = files
    everybody = ("--network", network, "--facilities", clinics)
    given = ("--population", people, "--minutes", "10", "--out", tmp_path / "x.gpkg")
    assert run("coverage", *everybody, *given).exit_code == 0
    ids = names(tmp_path / "x.gpkg")
    first = run("coverage", *everybody, *given, "--keep", f"id={ids[0]}")
    assert first.exit_code == 0, first.stderr
    assert names(tmp_path / "x.gpkg") == ids[:1]
    assert "left out by keep and drop of 'id'" in first.stderr
    for command, more in (
        ("gaps", given),
        ("isochrones", given[2:]),
        ("site", (*given, "--candidates", "junctions", "--p", "1")),
    ):
        result = run(command, *everybody, *more, "--drop", f"id={ids[0]}")
        assert result.exit_code == 0, (command, result.stderr)
        assert f"1 of {len(ids)} rows are left out by keep and drop of 'id'" in result.stderr
    assert "no column 'colour'" in refused("coverage", *everybody, *given, "--keep", "colour=red")
    assert "keep 'id' leaves nothing" in refused("coverage", *everybody, *given, "--keep", "id=nobody")
    assert "--keep must be COLUMN=VALUE, such as type=clinic" in refused(
        "coverage", *everybody, *given, "--keep", "type"
    )


def test_a_study_names_them(run, refused, files, tmp_path):
    town, *_ = files
    assert run("run", town, "--out", tmp_path / "all").exit_code == 0
    ids = names(tmp_path / "all" / "coverage.gpkg")
    text = town.read_text("utf-8")
    town.write_text(
        text.replace("[facilities]\n", f'[facilities]\ndrop = {{ id = ["{ids[0]}"] }}\n'), "utf-8"
    )
    assert run("run", town, "--out", tmp_path / "some").exit_code == 0
    assert names(tmp_path / "some" / "coverage.gpkg") == ids[1:]
    town.write_text(text.replace("[facilities]\n", "[facilities]\nkeep = { id = [] }\n"), "utf-8")
    assert "[facilities.keep] id: is empty" in refused("run", town)
