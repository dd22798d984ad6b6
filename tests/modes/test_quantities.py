"""Lengths and inclines in the spellings that mappers use."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access15.modes.quantities import parse_incline, parse_length_m


@pytest.mark.parametrize(
    ("text", "metres"),
    [
        ("0.8", 0.8), ("0.8 m", 0.8), ("0,8", 0.8), ("80 cm", 0.8), ("80cm", 0.8), ("800 mm", 0.8), ("2.5 metres", 2.5),
        ("3'", 0.9144), ("2'6\"", 0.762), ("30\"", 0.762), ("3 ft", 0.9144), ("30 in", 0.762), ("1.5;0.8", 0.8),
        ("0", None), ("-1", None), ("", None), ("narrow", None), ("1-2", None), ("5 cubits", None), ("'", None), (".", None),
    ],
)  # fmt: skip
def test_lengths(text, metres):
    assert parse_length_m(text) == (None if metres is None else pytest.approx(metres))


@pytest.mark.parametrize(
    ("text", "rise_over_run"),
    [
        ("8%", 0.08), ("-8 %", 0.08), ("+8,5%", 0.085), ("8", 0.08), ("0%", 0.0), ("45°", 1.0), ("5 deg", 0.0874887),
        ("1:12", 1 / 12), ("1/20", 0.05), ("1:0", None), ("up", None), ("down", None), ("yes", None), ("", None), ("%", None),
        ("steep", None),
    ],
)  # fmt: skip
def test_inclines(text, rise_over_run):
    assert parse_incline(text) == (None if rise_over_run is None else pytest.approx(rise_over_run))


@given(st.text(max_size=12))
def test_no_text_crashes_or_gives_a_senseless_number(text):
    length, incline = parse_length_m(text), parse_incline(text)
    assert length is None or length > 0
    assert incline is None or incline >= 0
