"""Rules on land, costs, elder care and OSM places as candidates of a study."""

from __future__ import annotations

import json
import sqlite3

import pytest

from access15.errors import InputError
from access15.study import Study
from town_files import place, ward


def asked(town, lines):
    """Run the sites of the town with other lines in place of the number of sites."""
    text = town.read_text("utf-8")
    town.write_text(text.replace("[siting]\np = 2\n", f"[siting]\n{lines}\n"), "utf-8")
    return Study.from_toml(town).run(parts=("siting",))


def land(town, name, *boxes):
    shapes = [ward(f"{name} {k}", *box) for k, box in enumerate(boxes)]
    path = town.parent / f"{name}.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": shapes}), "utf-8")


def layer(town, name, header, rows):
    lines = [header, *(",".join(str(v) for v in row) for row in rows)]
    (town.parent / name).write_text("\n".join(lines) + "\n", "utf-8")


def test_every_rejected_candidate_has_a_reason_in_the_geopackage(town):
    land(town, "allowed", (9.5, 40))
    land(town, "line", (9.5, 12.5))
    layer(town, "houses.csv", "id,kind,lon,lat", [(c, "house", *place(c, 0)) for c in (5, 10, 15, 16, 25)])
    with (town.parent / "houses.csv").open("a") as file:
        file.write("far,house,7.9,43.7\n")
    lines = 'candidates = "houses.csv"\np = 2\nallowed = "allowed.geojson"\nforbidden = "line.geojson"\nspacing_m = 150'
    land(town, "allowed", (9.5, 40), (390, 410))
    result = asked(town, lines)
    out = result.to_gpkg(town.parent / "out.gpkg")
    with sqlite3.connect(out) as database:
        rejected = dict(database.execute("SELECT candidate_id, reason FROM rejected_candidates"))
    assert rejected == {
        "5": "outside the allowed polygons",
        "10": "inside forbidden area Ward line 0",
        "16": "within 150 m of candidate 15",
        "far": "no street near enough",
    }
    assert set(result.plan.table["candidate_id"]) == {"15", "25"}


def test_candidates_bring_their_own_cost_and_kinds_fill_in(town):
    rows = [(c, kind, cost, *place(c, 0)) for c, kind, cost in
            [(10, "house", 10), (18, "house", ""), (26, "hall", 45)]]  # fmt: skip
    layer(town, "houses.csv", "id,资源类型,投资(万元),经度,纬度", rows)
    plan = asked(town, 'candidates = "houses.csv"\nbudget = 60\ncosts = { house = 50 }').plan
    assert plan.model == "budget-coverage"
    assert dict(zip(plan.table["candidate_id"], plan.table["cost"], strict=True)) in (
        {"10": 10, "18": 50}, {"10": 10, "26": 45},
    )  # fmt: skip
    town.write_text(town.read_text("utf-8").replace("\ncosts = { house = 50 }", ""), "utf-8")
    with pytest.raises(InputError, match="of the kind 'house', and a candidate of it has no cost of its own"):
        Study.from_toml(town).run(parts=("siting",))


def test_elder_care_is_reported_and_decides_between_equal_sites(town):
    layer(town, "houses.csv", "id,lon,lat", [(f"{c}-{r}", *place(c, r)) for c in (20,) for r in (0, 1)])
    layer(town, "elders.csv", "id,lon,lat", [("e", *place(20, 1))])
    lines = 'candidates = "houses.csv"\np = 1\nelder_care = "elders.csv"'
    plain = asked(town, lines).plan.table
    assert plain["candidate_id"].tolist() == ["20-0"]
    assert plain["elder_care_m"].iloc[0] == pytest.approx(100, abs=1)
    town.write_text(town.read_text("utf-8").replace("p = 1\n", "p = 1\nelder_care_near_m = 50\n"), "utf-8")
    result = Study.from_toml(town).run(parts=("siting",))
    assert result.plan.table["candidate_id"].tolist() == ["20-1"]
    assert result.layers()["proposed_sites"]["elder_care_m"].tolist() == [0.0]
    assert "elders.csv" in {part["file"] for part in result.hashes.values()}


def test_places_of_the_street_file_are_candidates(town):
    streets = town.parent / "streets.osm"
    lon, lat = place(20, 0.3)
    places = [(lon, lat, "amenity", "townhall"), (lon + 1, lat, "amenity", "library")]
    nodes = "".join(
        f'<node id="{9000 + k}" version="1" lat="{y}" lon="{x}"><tag k="{key}" v="{value}"/></node>'
        for k, (x, y, key, value) in enumerate(places)
    )
    text = streets.read_text("utf-8")
    streets.write_text(text.replace("<way", nodes + "<way", 1), "utf-8")
    result = asked(town, 'candidates = "osm"\nkinds = ["public building"]\np = 1')
    assert result.plan.table[["candidate_id", "source"]].values.tolist() == [["n9000", "public building"]]
    assert ("n9001", "outside the allowed polygons") in result.candidates.set_aside
