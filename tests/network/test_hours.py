"""What holds for most of the week."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access15.network import holds_most_of_the_week, usual_value

DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("(Mo-Fr 07:00-09:00)", False),
        ("(06:00-22:00)", True),
        ("(22:00-06:00)", False),
        ("(Mo-Su 00:00-24:00)", True),
        ("24/7", True),
        ("(Mo-Fr)", True),
        ("(Sa-Su)", False),
        ("(Sa-Mo 06:00-22:00)", False),
        ("(Mo-Fr 06:00-10:00,15:00-19:00; Sa 08:00-12:00)", False),
        ("Monday-Friday 07:00-09:00", False),
        ("- 05:00-23:00", True),
        ("(wet)", False),
        ("(weight > 3.5)", False),
        ("(Nov-Mar)", False),
        ("(Dec 01-31)", False),
        ("", False),
    ],
)
def test_hours_are_added_up(text, holds):
    assert holds_most_of_the_week(text) == holds


@given(st.integers(0, 6), st.integers(0, 6), st.integers(0, 23), st.integers(1, 23))
def test_against_counting_hour_by_hour(first, days, start, hours):
    last = DAYS[(first + days) % 7]
    text = f"{DAYS[first]}-{last} {start:02d}:00-{(start + hours) % 24:02d}:00"
    assert holds_most_of_the_week(text) == ((days + 1) * hours > 84)


@given(st.text(max_size=30))
def test_no_text_crashes(text):
    assert holds_most_of_the_week(text) in (True, False)
    assert isinstance(usual_value("no", f"yes @ {text}"), str)
