"""Classes of street that a profile opens or closes, and cycleways by country."""

from __future__ import annotations

import numpy as np
import pytest

import access15 as a15
from access15.errors import InputError
from access15.model import Access
from access15.network import edge_speeds_kph, explain_edge
from access15.network.conditions import Reading, cycleways_on_foot
from access15.network.tag_rules import interpret_way
from access15.profiles import profile_from_toml
from access15.testing import street_map

BARE = {"highway": "cycleway"}


@pytest.mark.parametrize("country", [*cycleways_on_foot(), "", "XX", "KE"])
def test_cycleways_on_foot_by_country(country):
    rule = interpret_way(BARE, Reading(country=country))
    assert bool(rule.forward & Access.FOOT) == cycleways_on_foot().get(country, False)
    closed = interpret_way({**BARE, "foot": "no"}, Reading(country=country))
    assert not (closed.forward | closed.backward) & Access.FOOT
    assert interpret_way({**BARE, "foot": "yes"}, Reading(country=country)).forward & Access.FOOT


def test_the_known_countries():
    assert {"NL", "GB", "DK", "PL", "TH"} <= {
        code for code, on_foot in cycleways_on_foot().items() if on_foot
    }
    assert {"DE", "FR", "CN"} <= {code for code, on_foot in cycleways_on_foot().items() if not on_foot}


def profile_of(folder, text):
    file = folder / "own.toml"
    file.write_text(f'name = "own"\nextends = "walk"\n[access]\n{text}\n', encoding="utf-8")
    return profile_from_toml(file)


STREETS = {
    "AB": BARE,
    "BC": {**BARE, "foot": "no"},
    "CD": {"highway": "track"},
    "DE": {"highway": "track", "foot": "yes"},
    "EF": {**BARE, "oneway:foot": "yes"},
}


def open_on_foot(network, profile):
    """Return by way whether it is open along and against it, as drawn."""
    ahead, behind = edge_speeds_kph(network, profile)
    return [(bool(np.isfinite(ahead[e])), bool(np.isfinite(behind[e]))) for e in np.argsort(network.way_id)]


def test_a_profile_opens_and_closes_classes(tmp_path):
    network = street_map("A-B-C-D-E-F", STREETS).network
    shut, both, along = (False, False), (True, True), (True, False)
    assert open_on_foot(network, a15.WALK) == [shut, shut, both, both, shut]
    opened = profile_of(tmp_path, 'cycleway = "yes"')
    assert open_on_foot(network, opened) == [both, shut, both, both, along]
    closed = profile_of(tmp_path, 'cycleway = true\ntrack = "no"')
    assert open_on_foot(network, closed) == [both, shut, shut, both, along]
    assert open_on_foot(network, a15.BIKE)[0] == both


def test_trips_follow_what_a_profile_opens(tmp_path):
    drawn = street_map("A-B-C", {"AB": {}, "BC": BARE})
    people, clinic = drawn.population({"A": 1}), drawn.facilities("C")
    opened = profile_of(tmp_path, 'cycleway = "yes"')
    assert a15.nearest_times(drawn.network, clinic, people, opened).seconds.tolist() == [
        pytest.approx(300, abs=0.1)
    ]
    rule = explain_edge(drawn.network, int(np.flatnonzero(drawn.network.way_id == 2)[0]), opened)
    assert rule.forward.allowed


def test_access_of_a_profile_is_a_word(tmp_path):
    for text, says in (
        ('cycleway = "perhaps"', '"yes" or "no"'),
        ('cyclway = "yes"', "did you mean 'cycleway'"),
    ):
        with pytest.raises(InputError, match=says):
            profile_of(tmp_path, text)
