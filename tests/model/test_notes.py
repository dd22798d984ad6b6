"""Notes: kept with their noun, told worst first, in both languages."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

import access15 as a15
from access15.model.notes import WORTH_FIRST, Note, notes_of, tell, with_notes, worst_first
from access15.network.street_notes import _WORDS
from access15.testing import street_map

NOTES = st.builds(
    Note,
    kind=st.sampled_from("abcde"),
    count=st.integers(0, 9),
    en=st.just("things"),
    zh=st.just("个"),
    share=st.one_of(st.none(), st.floats(0, 1)),
    of=st.just("people"),
)


@given(st.lists(NOTES, max_size=6), st.lists(NOTES, max_size=6))
def test_a_noun_keeps_one_note_of_each_kind_the_last_and_none_of_nothing(first, second):
    kept = notes_of(with_notes(with_notes({"source": "x"}, first), second))
    last = {note.kind: note for note in (*first, *second)}
    assert {note.kind for note in kept} == {kind for kind, note in last.items() if note.count}
    shares = [note.share for note in kept if note.share]
    assert shares == sorted(shares, reverse=True)


def test_notes_survive_json():
    note = Note("a", 3, "things are gone", "个不见", 0.25, "street length")
    held = json.loads(json.dumps(with_notes({}, [note])))
    assert notes_of(held) == (note,)


@pytest.mark.parametrize(
    ("share", "en", "zh"),
    [
        (None, "1,200 things are gone", "个不见：1,200"),
        (WORTH_FIRST / 2, "1,200 things are gone", "个不见：1,200"),
        (0.25, "25.0% of the people: 1,200 things are gone", "人口的 25.0%：个不见：1,200"),
    ],
)
def test_what_touches_much_says_its_per_cent_first(share, en, zh):
    note = Note("a", 1200, "things are gone", "个不见", share, "people")
    assert note.line() == en
    assert note.line("zh") == zh


def test_a_share_of_nothing_named_is_no_per_cent():
    assert Note("a", 1200, "things are gone", "个不见", 0.25).line() == "1,200 things are gone"


def test_the_worst_is_told_first():
    little, much, unknown = (Note(k, 5, k, k, s, "people") for k, s in (("a", 0.1), ("b", 0.5), ("c", None)))
    assert [note.kind for note in worst_first([unknown, little, much])] == ["b", "a", "c"]
    with pytest.warns(UserWarning, match="town") as told:
        tell([little, much], "town.osm")
    assert [str(one.message) for one in told] == [
        "town.osm: 50.0% of the people: 5 b",
        "town.osm: 10.0% of the people: 5 a",
    ]


def test_streets_carry_notes_with_their_share():
    streets = street_map(
        "A--B--C--D", {"AB": {"highway": "residential"}, "BC": {"highway": "turnpike"}, "CD": {}}
    )
    (note,) = notes_of(streets.network.provenance)
    assert (note.kind, note.count) == ("ways of a class the rules do not know", 1)
    assert note.share == pytest.approx(1 / 3)


def test_a_file_with_notes_is_told_of_when_read(tmp_path):
    file = tmp_path / "town.osm"
    node = "<node id='{}' lat='50.0' lon='9.{}'/>".format
    file.write_text(
        "<osm version='0.6'><way id='1'><nd ref='1'/><nd ref='2'/><tag k='highway' v='service'/></way>"
        f"{node(1, 1)}{node(2, 2)}</osm>"
    )
    with pytest.warns(UserWarning, match=r"^town\.osm: 1 file with ways before their nodes was sorted"):
        a15.read_network(file)


def test_every_kind_of_street_note_has_both_languages():
    assert all(en.isascii() or "°" in en for en, _ in _WORDS.values())
    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in zh) for _, zh in _WORDS.values())


def test_a_warning_points_at_the_line_that_asked(tmp_path):
    file = tmp_path / "clinics.csv"
    file.write_text("id,name,lon,lat,status\na,A clinic,7.4,43.7,open\nb,B clinic,7.5,43.7,closed\n", "utf-8")
    with pytest.warns(UserWarning, match="1 of 2") as seen:
        a15.read_facilities(file)
    assert {warning.filename for warning in seen} == {__file__}
