"""Places from OSM that could house a service point: which kind, which ground, what is set aside."""

import os
from pathlib import Path

import pytest
from test_osm_points import SAMPLE, Place

from access15.errors import InputError, MissingFileError
from access15.sources.osm_places import KINDS, candidates_from_osm, place_tags


def read(place: Place, tmp_path: Path, **options):
    return candidates_from_osm(place.write(tmp_path / "place.osm"), **options)


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"amenity": "townhall"}, "public building"),
        ({"office": "government", "building": "yes"}, "public building"),
        ({"building": "warehouse"}, "industrial building"),
        ({"disused__building": "industrial"}, "industrial building"),
        ({"amenity": "social_facility", "social_facility__for": "senior"}, "elder care"),
        ({"building": "industrial", "amenity": "library"}, "public building"),  # public first
    ],
)
def test_what_a_place_is(tmp_path, tags, kind):
    found = read(Place().point(1, 0, 0, **tags).point(2, 50, 0, building="house"), tmp_path)
    assert (list(found.id), list(found.kind), found.label) == (["n1"], [kind], "candidates")


def test_every_tag_has_a_known_kind_and_a_source():
    assert set(place_tags().values()) == set(KINDS)


def test_a_place_on_the_ground_of_a_larger_one_of_its_kind_is_part_of_it(tmp_path):
    drawn = Place().square(5, 0, 0, 100, amenity="community_centre").square(6, 10, 10, 20, building="public")
    drawn.point(7, 50, 50, amenity="library", name="Library").point(8, 60, 60, building="warehouse")
    found = read(drawn, tmp_path)
    assert list(found.id) == ["n8", "w5"]
    assert dict(found.set_aside) == {
        "w6": "on the ground of another public building: w5",
        "n7": "on the ground of another public building: w5",
    }


def test_gone_and_open_outlines_are_set_aside_with_the_reason(tmp_path):
    drawn = Place().point(1, 0, 0, amenity="library").point(2, 9, 9, amenity="townhall", demolished="yes")
    drawn.square(3, 20, 20, 10, closed=False, building="public")
    found = read(drawn, tmp_path)
    assert list(found.id) == ["n1"]
    assert dict(found.set_aside) == {
        "n2": "public building, demolished by its tags",
        "w3": "public building, its outline is not closed in this file",
    }


def test_kinds_choose(tmp_path):
    drawn = Place().point(1, 0, 0, amenity="library").point(2, 9, 9, building="warehouse")
    assert list(read(drawn, tmp_path, kinds=["industrial building"]).id) == ["n2"]


def test_mistakes_are_one_sentence(tmp_path):
    drawn = Place().point(1, 0, 0, amenity="library")
    with pytest.raises(InputError, match="kind of place 'barn' is not known: use public building"):
        read(drawn, tmp_path, kinds=["barn"])
    with pytest.raises(InputError, match="kinds is empty"):
        read(drawn, tmp_path, kinds=[])
    with pytest.raises(InputError, match="holds no elder care: name other kinds"):
        read(drawn, tmp_path, kinds=["elder care"])
    with pytest.raises(MissingFileError, match="does not exist"):
        candidates_from_osm(tmp_path / "none.osm")
    (tmp_path / "bad.osm").write_text("no osm")
    with pytest.raises(InputError, match="cannot be read as an OSM file"):
        candidates_from_osm(tmp_path / "bad.osm")


def test_the_sample_has_places_of_two_kinds():
    found = candidates_from_osm(SAMPLE)
    assert {"public building", "industrial building"} == set(found.kind)
    assert len(set(found.id) | {name for name, _ in found.set_aside}) == len(found) + len(found.set_aside)


@pytest.mark.skipif("ACCESS15_DATA" not in os.environ, reason="ACCESS15_DATA is not set")
def test_the_comoros_have_hundreds():
    found = candidates_from_osm(Path(os.environ["ACCESS15_DATA"]) / "comoros" / "comores-latest.osm.pbf")
    assert len(found) > 200
    assert {name[0] for name in found.id} >= {"n", "w"}
