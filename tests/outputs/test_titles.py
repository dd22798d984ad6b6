"""Titles of layers and columns: none says what another means."""

from __future__ import annotations

from access15.outputs import LAYERS
from access15.outputs.titles import column_titles, layer_title


def test_gain_of_a_comparison_is_not_that_of_a_plan():
    assert column_titles("changes", ["gain"], {}) == {"gain": "people covered only after"}
    assert column_titles("proposed_sites", ["gain"], {}) == {"gain": "marginal people covered"}


def test_an_age_is_not_taken_for_a_cut_off():
    alias = {"people_0_6": "people 0-6"}
    for layer in ("cells", "gaps"):
        assert column_titles(layer, alias, alias, "zh") == {"people_0_6": "0-6人口"}
    assert column_titles("facilities", ["people_walk_7_5"], {}, "zh") == {
        "people_walk_7_5": "步行（成人）7.5分钟内服务人口"
    }


def test_no_two_layers_share_a_title():
    for lang in ("en", "zh"):
        assert len({layer_title(layer, lang) for layer in LAYERS}) == len(LAYERS)
