"""Streets from OSM files, good and bad."""

from __future__ import annotations

import bz2
import gzip
import re
from pathlib import Path

import numpy as np
import osmium
import pytest

from access15.errors import InputError, MissingFileError
from access15.model import fingerprint
from access15.network.explain import explain_edge
from access15.network.tag_rules import RELEVANT_KEYS, WALKED
from access15.profiles import DRIVE, WALK
from access15.sources import read_network
from access15.sources.osm_streets import read_ways

MONACO = Path(__file__).parents[2] / "data" / "sample" / "monaco" / "monaco.osm.pbf"

XML = """<?xml version='1.0' encoding='UTF-8'?>
<osm version="0.6">
  <node id="1" lat="43.70" lon="7.40"/>
  <node id="2" lat="43.70" lon="7.41"><tag k="barrier" v="bollard"/></node>
  <node id="3" lat="43.70" lon="7.42"/>
  <node id="4" lat="43.71" lon="7.41"/>
  <way id="10"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="primary"/></way>
  <way id="11"><nd ref="2"/><nd ref="4"/><tag k="highway" v="residential"/></way>
  <way id="12"><nd ref="3"/><nd ref="99"/><nd ref="4"/><nd ref="1"/><tag k="highway" v="service"/></way>
  <way id="13"><nd ref="3"/><tag k="highway" v="service"/></way>
  <relation id="20"><member type="way" ref="10" role="from"/><member type="node" ref="3" role="via"/>
    <member type="way" ref="12" role="to"/><tag k="type" v="restriction"/><tag k="restriction" v="no_left_turn"/></relation>
  <relation id="21"><member type="way" ref="10" role="from"/><member type="way" ref="11" role="via"/>
    <member type="way" ref="12" role="to"/><tag k="type" v="restriction"/><tag k="restriction" v="no_u_turn"/></relation>
</osm>
"""


@pytest.fixture
def xml(tmp_path):
    file = tmp_path / "town.osm"
    file.write_text(XML, encoding="utf-8")
    return file


def test_xml_with_all_its_troubles(xml):
    network = read_network(xml, incomplete=True)
    assert network.crs == "EPSG:32632"
    assert set(network.way_id.tolist()) == {10, 11, 12, -1}
    assert network.provenance["set aside"] == {"ways of fewer than two nodes": 1}
    assert network.provenance["dropped"] == {
        "vertices missing from the file": 1,
        "ways cut where nodes are missing": 1,
        # Both lead into the piece of way 12 that is lost.
        "turn restrictions whose ways do not meet where they say": 2,
    }
    assert len(network.restriction_node) == 0
    # The first piece of way 12 is lost with its missing node, the second stays.
    assert (network.way_id == 12).sum() == 1


@pytest.mark.parametrize(("suffix", "pack"), [(".osm.gz", gzip.compress), (".osm.bz2", bz2.compress)])
def test_packed_xml_gives_the_same_network(xml, tmp_path, suffix, pack):
    packed = tmp_path / f"town{suffix}"
    packed.write_bytes(pack(xml.read_bytes()))
    assert fingerprint(read_network(packed, incomplete=True)) == fingerprint(
        read_network(xml, incomplete=True)
    )


def test_monaco_has_the_known_length():
    network = read_network(MONACO)
    assert network.length_m.sum() / 1000 == pytest.approx(140.9, abs=1)
    assert len(np.unique(network.way_id)) == pytest.approx(2912, abs=20)
    assert len(network.restriction_node) >= 40


def walked(tags):
    """Whether people walk there without ``highway``."""
    return any(tags.get(key) == value for key, value in WALKED) or (
        tags.get("man_made") in ("breakwater", "groyne") and tags.get("foot") == "yes"
    )


def test_ways_are_read_like_object_by_object():
    """The slow twin: every tag that counts, node and coordinate of every way through osmium's Python objects."""
    ways = read_ways(MONACO)
    end = np.cumsum(ways.size)
    row_of = {way: row for row, way in enumerate(ways.way_id)}
    squares = {
        member.ref: dict(item.tags)
        for item in osmium.FileProcessor(str(MONACO), osmium.osm.RELATION)
        if item.tags.get("type") == "multipolygon" and ("highway" in item.tags or walked(item.tags))
        for member in item.members
    }
    count = 0
    for way in osmium.FileProcessor(str(MONACO)).with_locations():
        if not way.is_way():
            continue
        street = "highway" in way.tags or way.tags.get("route") == "ferry" or walked(way.tags)
        if not street and way.id not in squares:
            continue
        row = row_of[way.id]
        own = slice(end[row] - len(way.nodes), end[row])
        known = dict(way.tags) if street else squares[way.id]
        assert ways.tags[row].items() <= known.items()
        assert (known.keys() - ways.tags[row].keys()).isdisjoint(RELEVANT_KEYS)
        assert ways.node[own].tolist() == [node.ref for node in way.nodes]
        inside = [node.location.valid() for node in way.nodes]
        assert ways.x[own][inside].tolist() == [node.lon for node in way.nodes if node.location.valid()]
        assert ways.y[own][inside].tolist() == [node.lat for node in way.nodes if node.location.valid()]
        count += 1
    assert count == len(ways.way_id)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(MissingFileError, match=r"nowhere\.osm\.pbf does not exist"):
        read_network(tmp_path / "nowhere.osm.pbf")
    with pytest.raises(MissingFileError, match="is a folder"):
        read_network(tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("words.osm.pbf", b"these are words, not a protocol buffer" * 50, "cannot be read to its end"),
        ("words.osm", b"<html><body>Not found</body></html>", "cannot be read to its end|holds no streets"),
        ("empty.osm.pbf", b"", "is empty"),
        ("streets.txt", b"1,2", "is not a street file"),
        ("place.osm", XML.replace("43.71", "4x.71").encode(), "cannot be read to its end .*x.71"),
        ("houses.osm", b"<osm version='0.6'><node id='1' lat='1' lon='1'/></osm>", "holds no streets"),
    ],
)
def test_what_is_not_a_road_extract_is_refused(tmp_path, name, content, says):
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(InputError, match=says) as caught:
        read_network(file)
    assert name in str(caught.value)


@pytest.mark.parametrize("share", [0.03, 0.3, 0.5, 0.9])
def test_an_extract_cut_off_is_refused(tmp_path, share):
    whole = MONACO.read_bytes()
    file = tmp_path / "half.osm.pbf"
    file.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(InputError, match=r"half\.osm\.pbf"):
        read_network(file)


def test_kinds_of_turn_restrictions(tmp_path):
    """Many streets may be the first of a no_entry; a key for cars counts alone; other vehicles' are counted."""
    members = '<member type="way" ref="10" role="from"/><member type="node" ref="3" role="via"/><member type="way" ref="14" role="to"/>'
    one_more = '<member type="way" ref="15" role="from"/>'
    kinds = [
        ("restriction", "no_entry", members + one_more), ("restriction", "no_exit", members + one_more),
        ("restriction:motorcar", "no_left_turn", members), ("restriction:motor_vehicle", "only_straight_on", members),
        ("restriction:hgv", "no_left_turn", members), ("restriction:conditional", "no_left_turn @ (Mo)", members),
    ]  # fmt: skip
    relations = "".join(
        f'<relation id="{30 + i}">{who}<tag k="type" v="restriction"/><tag k="{key}" v="{value}"/></relation>'
        for i, (key, value, who) in enumerate(kinds)
    )
    more = '<way id="14"><nd ref="3"/><nd ref="4"/><tag k="highway" v="service"/></way>'
    more += '<way id="15"><nd ref="1"/><nd ref="3"/><tag k="highway" v="service"/></way>'
    file = tmp_path / "turns.osm"
    file.write_text(XML.split("<relation")[0] + more + relations + "</osm>", encoding="utf-8")
    ways = read_ways(file)
    assert ways.restrictions == [
        ((10, 14), 3, False, ""), ((15, 14), 3, False, ""), ((10, 14), 3, False, "left"), ((10, 14), 3, True, "straight"),
    ]  # fmt: skip
    aside = ways.provenance["set aside"]
    assert aside["turn restrictions of another kind"] == 1
    assert aside["turn restrictions of some hours, which do not hold most of the day"] == 1
    assert aside["turn restrictions that are incomplete"] == 1


HOURS = {"day_on": "Monday", "day_off": "Friday", "hour_on": "07:00", "hour_off": "09:00"}


@pytest.mark.parametrize(
    ("tags", "binds"),
    [
        ({"restriction": "no_left_turn"}, True),
        ({"restriction": "no_left_turn_on_red"}, False),
        ({"restriction": "no_turn_on_red"}, False),
        ({"restriction": "no_left_turn", **HOURS}, False),
        ({"restriction": "no_left_turn", "hour_on": "06:00", "hour_off": "22:00"}, True),
        ({"restriction": "no_left_turn", "day_on": "Saturday", "day_off": "Sunday"}, False),
        ({"restriction:conditional": "no_left_turn @ (Mo-Fr 07:00-09:00)"}, False),
        ({"restriction:conditional": "no_left_turn @ (05:00-23:00)"}, True),
        ({"restriction:motorcar:conditional": "no_left_turn @ (Mo-Su 05:00-23:00)"}, True),
        ({"restriction:conditional": "no_left_turn @ (wet)"}, False),
    ],
)
def test_a_restriction_binds_if_it_holds_for_most_of_the_week(tmp_path, tags, binds):
    said = "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
    members = '<member type="way" ref="10" role="from"/><member type="node" ref="3" role="via"/><member type="way" ref="14" role="to"/>'
    more = '<way id="14"><nd ref="3"/><nd ref="4"/><tag k="highway" v="service"/></way>'
    more += f'<relation id="30">{members}<tag k="type" v="restriction"/>{said}</relation>'
    file = tmp_path / "turn.osm"
    file.write_text(XML.split("<relation")[0] + more + "</osm>", encoding="utf-8")
    ways = read_ways(file)
    assert ways.restrictions == ([((10, 14), 3, False, "left")] if binds else [])
    assert sum(n for kind, n in ways.provenance.get("set aside", {}).items() if kind.startswith("turn")) == (
        not binds
    )


def test_ways_given_twice_and_ways_that_stay_on_one_node(tmp_path):
    again = '<way id="10"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="primary"/></way>'
    still = '<way id="16"><nd ref="4"/><nd ref="4"/><tag k="highway" v="service"/></way>'
    file = tmp_path / "twice.osm"
    file.write_text(XML.replace("</osm>", again + still + "</osm>"), encoding="utf-8")
    network = read_network(file, incomplete=True)
    assert (network.way_id == 10).sum() == 2  # cut at the bollard
    assert network.provenance["set aside"]["objects in several versions, the newest taken"] == 1
    assert network.provenance["dropped"]["ways that never leave one node"] == 1


def test_streets_without_positions(tmp_path):
    file = tmp_path / "drawn.osm"
    file.write_text(re.sub(r"<node[^>]*?/>|<node.*?</node>", "", XML), encoding="utf-8")
    with pytest.raises(InputError, match=r"no street has a position, .* out skel qt"):
        read_network(file)


def _write_map(file, nodes, ways, relations):
    """Draw an OSM file of nodes {id: (lon, lat)}, ways {id: (refs, tags)}, relations {id: (members, tags)}."""

    def tags(given):
        return "".join(f'<tag k="{key}" v="{value}"/>' for key, value in given.items())

    rows = [f'<node id="{i}" lon="{lon}" lat="{lat}"/>' for i, (lon, lat) in nodes.items()]
    for i, (refs, given) in ways.items():
        steps = "".join(f'<nd ref="{ref}"/>' for ref in refs)
        rows.append(f'<way id="{i}">{steps}{tags(given)}</way>')
    for i, (members, given) in relations.items():
        steps = "".join(f'<member type="{kind}" ref="{ref}" role="{role}"/>' for kind, ref, role in members)
        rows.append(f'<relation id="{i}">{steps}{tags(given)}</relation>')
    file.write_text(f'<osm version="0.6">{"".join(rows)}</osm>', encoding="utf-8")
    return file


# Two outer ways 1-2-3 and 3-4-1 round a fountain 5-6-7-5; streets reach the square at 2 and, by way 12, at 4.
SQUARE_NODES = {
    1: (7.4, 43.7), 2: (7.401, 43.7), 3: (7.401, 43.701), 4: (7.4, 43.701), 5: (7.4004, 43.7004),
    6: (7.4006, 43.7004), 7: (7.4005, 43.7006), 8: (7.402, 43.7), 9: (7.399, 43.701),
}  # fmt: skip
SQUARE_WAYS = {
    10: ([2, 8], {"highway": "residential"}), 11: ([1, 2, 3], {}), 12: ([3, 4, 1], {"barrier": "wall"}),
    13: ([5, 6, 7, 5], {"natural": "water"}), 14: ([4, 9], {"highway": "residential"}),
}  # fmt: skip
SQUARE_MEMBERS = [("w", 11, "outer"), ("w", 12, "outer"), ("w", 13, "inner")]


def _square(tmp_path, *, ways=SQUARE_WAYS, members=SQUARE_MEMBERS, **tags):
    names = {"w": "way", "n": "node", "r": "relation"}
    drawn = [(names[kind], ref, role) for kind, ref, role in members]
    relations = {20: (drawn, {"type": "multipolygon", "highway": "pedestrian", **tags})}
    return _write_map(tmp_path / "square.osm", SQUARE_NODES, ways, relations)


def test_a_square_of_several_outlines_is_walked_round_its_edges(tmp_path):
    network = read_network(_square(tmp_path, surface="sett", name="Market"))
    assert set(network.way_id.tolist()) == {10, 11, 12, 13, 14}
    assert "set aside" not in network.provenance
    # Cut where it meets itself and the streets: 1-2, 2-3; 3-4, 4-1; the fountain stays whole.
    assert [(network.way_id == way).sum() for way in (11, 12, 13)] == [2, 2, 1]
    rows = np.isin(network.way_id, [11, 12, 13])
    assert {network.highway_classes[i] for i in network.highway[rows]} == {"pedestrian"}
    said = explain_edge(network, int(np.flatnonzero(network.way_id == 12)[0]), WALK)
    assert said.tags == "highway=pedestrian, surface=sett, type=multipolygon"
    assert said.forward.allowed
    assert said.backward.allowed
    assert not explain_edge(network, int(np.flatnonzero(network.way_id == 11)[0]), DRIVE).forward.allowed
    # Streets meet the square at 2 and 4, where its way has an end or not.
    at_street, at_square = (
        set(network.node_id[np.concatenate((network.edge_from[which], network.edge_to[which]))].tolist())
        for which in (~rows, rows)
    )
    assert at_street & at_square == {2, 4}


def test_a_square_is_the_closed_way_it_could_have_been(tmp_path):
    members = [("w", 15, "outer")]
    drawn = {way: SQUARE_WAYS[way] for way in (10, 14)}
    relation = read_network(_square(tmp_path, ways={**drawn, 15: ([1, 2, 3, 4, 1], {})}, members=members))
    closed = {**drawn, 15: ([1, 2, 3, 4, 1], {"highway": "pedestrian", "area": "yes"})}
    way = read_network(_square(tmp_path, ways=closed, members=members))
    for name in (
        "way_id",
        "length_m",
        "node_id",
        "edge_from",
        "edge_to",
        "access_forward",
        "access_backward",
    ):
        assert getattr(relation, name).tolist() == getattr(way, name).tolist(), name


def test_a_street_along_a_square_keeps_its_own_tags(tmp_path):
    ways = SQUARE_WAYS | {12: ([3, 4, 1], {"highway": "residential", "oneway": "yes"})}
    network = read_network(_square(tmp_path, ways=ways))
    said = explain_edge(network, int(np.flatnonzero(network.way_id == 12)[0]), DRIVE)
    assert said.tags == "highway=residential, oneway=yes"
    assert said.forward.allowed
    assert not said.backward.allowed
    assert (network.way_id == 11).sum() == 2


def test_members_of_squares_that_are_missing_are_counted(tmp_path):
    members = [*SQUARE_MEMBERS, ("w", 98, "outer"), ("w", 99, "inner"), ("n", 1, "label")]
    ways = SQUARE_WAYS | {11: ([1, 97, 2, 3], {})}
    network = read_network(_square(tmp_path, ways=ways, members=members), incomplete=True)
    assert network.provenance["set aside"] == {
        "ways of squares missing from the file": 2, "members of squares that are no ways": 1,
    }  # fmt: skip
    # Of way 11, the piece with the missing node is lost.
    assert (network.way_id == 11).sum() == 1
    assert network.provenance["dropped"] == {
        "vertices missing from the file": 1, "ways cut where nodes are missing": 1,
    }  # fmt: skip


def test_other_areas_are_no_squares(tmp_path):
    network = read_network(_square(tmp_path, type="site"))
    assert set(network.way_id.tolist()) == {10, 14}
