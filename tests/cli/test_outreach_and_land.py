"""Circuits of ``gaps``, and the places, costs and rules on land of ``site``."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import sys

import pytest

from town_files import place, ward


def ask(path, query):
    with contextlib.closing(sqlite3.connect(path)) as database:
        return database.execute(query).fetchall()


def test_gaps_with_circuits(run, inputs, town):
    out = town.parent / "g.gpkg"
    result = run("gaps", *inputs, "--minutes", 5, "--circuits", "--out", out)
    assert result.exit_code == 0, result.output
    assert "Services for the gaps" in result.stdout
    mobile = ask(
        out, "SELECT circuit_id, mobile_people, problem FROM gaps WHERE recommendation = 'mobile circuit'"
    )
    assert mobile
    assert all((circuit is None) == (people == 0) == (why is not None) for circuit, people, why in mobile)
    assert sum(people for _, people, _ in mobile) == sum(
        n for (n,) in ask(out, "SELECT people FROM circuits")
    )


def test_circuits_without_their_package_say_how_to_get_it(refused, inputs, town, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyvrp", None)
    out = town.parent / "g.gpkg"
    words = refused("gaps", *inputs, "--minutes", 5, "--circuits", "--out", out)
    assert 'pip install "access15[outreach]"' in words
    assert not out.exists()


def test_a_budget_and_forbidden_land(run, inputs, town):
    lines = ["id,lon,lat,cost"] + [f"h{c},{x},{y},{c}" for c in (10, 20, 28) for x, y in [place(c, 0)]]
    (town.parent / "houses.csv").write_text("\n".join(lines), "utf-8")
    line = {"type": "FeatureCollection", "features": [ward("line", 27, 29)]}
    (town.parent / "line.geojson").write_text(json.dumps(line), "utf-8")
    out = town.parent / "s.gpkg"
    site = ["site", *inputs, "--candidates", town.parent / "houses.csv", "--minutes", 10, "--out", out]
    result = run(*site, "--budget", 25, "--forbidden", town.parent / "line.geojson")
    assert result.exit_code == 0, result.output
    assert ask(out, "SELECT candidate_id, cost FROM proposed_sites") == [("h20", 20.0)]
    assert ask(out, "SELECT * FROM rejected_candidates") == [(1, "h28", "inside forbidden area Ward line")]


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        (["--budget", 0], "--budget must be above 0"),
        (["--budget", 5, "--p", 1], "one of them"),
        (["--budget", 5], "of the kind 'junction'"),
        (["--p", 1, "--kind", "barn"], "barn"),
        (["--p", 1, "--forbidden", "none.gpkg"], "none.gpkg"),
    ],
)
def test_mistakes(refused, inputs, town, extra, words):
    where = "osm" if "--kind" in extra else "junctions"
    assert words in refused("site", *inputs, "--candidates", where, *extra, "--out", town.parent / "s.gpkg")
