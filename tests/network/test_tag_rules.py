"""Tags in, permissions and speeds out."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from access15.model import Access
from access15.network import StreetWays, build_network, edge_speeds_kph
from access15.network.tag_rules import (
    CLASS_ACCESS,
    RELEVANT_KEYS,
    interpret_barrier,
    interpret_way,
)
from access15.network.tag_values import parse_duration_s, parse_maxspeed
from access15.profiles import profile_by_name

TABLE = list(csv.DictReader((Path(__file__).parent / "tag_conformance.csv").open(encoding="utf-8")))


def read_tags(text: str) -> dict[str, str]:
    """``"highway=residential maxspeed=30 mph"`` as a mapping; a word without ``=`` belongs to the value before."""
    tags: dict[str, str] = {}
    for word in text.split():
        if "=" in word:
            key, value = word.split("=", 1)
            tags[key] = value
        else:
            tags[key] += f" {word}"
    return tags


def speeds(tags, mode):
    """Speed forward and backward of a way from west to east, None where closed."""
    rule = interpret_way(tags)
    if rule is None or not rule.forward | rule.backward:
        return None, None
    ways = StreetWays(
        way_id=[1], tags=[tags], size=[2], node=np.array([1, 2]), x=np.array([0.0, 100.0]), y=np.zeros(2), crs="EPSG:32632"
    )  # fmt: skip
    network = build_network(ways)
    ahead, behind = (float(kph[0]) for kph in edge_speeds_kph(network, profile_by_name(mode)))
    if np.isfinite(network.duration_s[0]):  # a timetable goes before any speed; a closed way stays closed
        timetable_kph = float(network.length_m[0] * 3.6 / network.duration_s[0])
        ahead, behind = (timetable_kph + 0 * kph for kph in (ahead, behind))
    if network.node_x[network.edge_from[0]] != 0:
        ahead, behind = behind, ahead
    return (None if np.isnan(ahead) else ahead), (None if np.isnan(behind) else behind)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row['tags']} {row['mode']}")
def test_the_conformance_table(row):
    expected = tuple(
        None if row[k] == "-" else pytest.approx(float(row[k]), abs=1e-3)
        for k in ("forward_kph", "backward_kph")
    )
    assert speeds(read_tags(row["tags"]), row["mode"]) == expected
    assert row["follows"].startswith(
        ("OSM wiki: ", "OSRM", "R5", "GraphHopper", "Valhalla", "openrouteservice: ", "access15 docs: ")
    )


def test_the_table_is_large_and_has_no_row_twice():
    keys = [(row["tags"], row["mode"]) for row in TABLE]
    assert len(keys) == len(set(keys)) >= 150


@pytest.mark.parametrize(
    ("text", "kph"),
    [
        ("5 mph", 8.04672), ("FR:urban", 50), ("walk", 4.8), ("50", 50), ("50 km/h", 50), ("30 mph", 48.28032),
        ("none", 130), ("60|100", 60), ("100;70", 70), ("DE:rural", 100), ("RO:urban", 50), ("CN:motorway", 120),
        ("50 @ (22:00-06:00)", 50), ("80; 60 @ (wet)", 60), ("7.5", 7.5), ("12,5 mph", 20.1168), ("50,30", 30), ("BE-VLG:rural", 70), ("LV:living_street", 20), ("GB:nsl_single", 96.5606),
        ("", None), ("signals", None), ("fast", None), ("0", None), ("1000", None), ("٥٠", 50), ("-30", None),
    ],
)  # fmt: skip
def test_maxspeed_spellings(text, kph):
    assert parse_maxspeed(text) == (None if kph is None else pytest.approx(kph))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("00:35", 2100),
        ("1:20:00", 4800),
        ("45", 2700),
        ("PT1H30M", 5400),
        ("", None),
        ("soon", None),
        ("0", None),
    ],
)
def test_durations(text, seconds):
    assert parse_duration_s(text) == seconds


ALL = Access.FOOT | Access.BICYCLE | Access.MOTORCAR | Access.EMERGENCY


@pytest.mark.parametrize(
    ("tags", "passes"),
    [
        ({}, ALL),
        ({"barrier": "bollard"}, Access.FOOT | Access.BICYCLE),
        ({"barrier": "bollard", "motor_vehicle": "yes"}, ALL),
        ({"barrier": "gate"}, ALL),
        ({"barrier": "gate", "access": "private"}, Access.EMERGENCY),
        ({"barrier": "gate", "access": "private", "foot": "yes"}, Access.EMERGENCY | Access.FOOT),
        ({"barrier": "gate", "locked": "yes"}, Access.EMERGENCY),
        ({"barrier": "lift_gate", "motor_vehicle": "no", "bicycle": "yes"}, ALL & ~Access.MOTORCAR),
        ({"barrier": "kissing_gate"}, Access.FOOT),
        ({"barrier": "stile"}, Access.FOOT),
        ({"barrier": "toll_booth"}, ALL),
        ({"barrier": "wall"}, Access.NONE),
        ({"barrier": "block"}, Access.FOOT | Access.BICYCLE),
        ({"barrier": "cattle_grid"}, ALL),
        ({"highway": "crossing", "bicycle": "no"}, ALL),
        ({"amenity": "parking_entrance", "access": "private"}, ALL),
        ({"access": "forestry"}, Access.EMERGENCY),
        ({"access": "psv"}, ALL & ~Access.MOTORCAR),
        ({"vehicle": "no"}, Access.EMERGENCY | Access.FOOT),
        ({"access": "no", "foot": "yes"}, Access.EMERGENCY | Access.FOOT),
        ({"barrier": "bollard", "access": "yes"}, ALL),
        ({"barrier": "bollard", "bollard": "rising"}, ALL),
        ({"barrier": "bollard", "bollard": "removable"}, Access.FOOT | Access.BICYCLE),
        ({"barrier": "planter", "access": "permissive"}, ALL),
        ({"barrier": "kissing_gate", "access": "designated"}, ALL),
        ({"barrier": "wall", "access": "yes"}, ALL),
        ({"barrier": "yes", "locked": "yes"}, Access.EMERGENCY),
        ({"barrier": "bollard", "locked": "yes"}, Access.FOOT | Access.BICYCLE),
        ({"barrier": "gate", "access": "no", "access:conditional": "yes @ (06:00-22:00)"}, ALL),
        ({"barrier": "gate", "access": "yes", "access:conditional": "no @ (22:00-06:00)"}, ALL),
        ({"highway": "bus_stop", "access": "no"}, ALL),
    ],
)
def test_barriers(tags, passes):
    assert interpret_barrier(tags) & ALL == passes


WORDS = st.sampled_from(
    ["yes", "no", "private", "destination", "-1", "1", "reversible", "opposite", "forward", "backward", "50", "30 mph",
     "FR:urban", "60|100", "walk", "none", "ferry", "roundabout", ";", "", "🚑", "ＡＢ", "50;;|@", *CLASS_ACCESS]
)  # fmt: skip


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(sorted(RELEVANT_KEYS)), WORDS | st.text(max_size=12), max_size=8))
def test_no_tag_soup_crashes_or_gives_a_senseless_speed(tags):
    rule = interpret_way(tags)
    if rule is None:
        return
    assert rule.why
    for limit in (rule.maxspeed_forward_kph, rule.maxspeed_backward_kph):
        assert limit is None or 0 < limit <= 300
    assert rule.duration_s is None or rule.duration_s > 0
    for mode in ("walk", "wheelchair", "bike", "drive", "drive-peak", "ambulance"):
        assert all(kph is None or 0 < kph <= 300 for kph in speeds(tags, mode))
    interpret_barrier(tags)
