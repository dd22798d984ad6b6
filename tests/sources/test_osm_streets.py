"""Streets from OSM files, good and bad."""

from __future__ import annotations

import bz2
import gzip
from pathlib import Path

import numpy as np
import osmium
import pytest

from access15.errors import InputError, MissingFileError
from access15.model import fingerprint
from access15.network.tag_rules import RELEVANT_KEYS
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
    network = read_network(xml)
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
    assert fingerprint(read_network(packed)) == fingerprint(read_network(xml))


def test_monaco_has_the_known_length():
    network = read_network(MONACO)
    assert network.length_m.sum() / 1000 == pytest.approx(134, abs=1)
    assert len(np.unique(network.way_id)) == pytest.approx(2826, abs=10)
    assert len(network.restriction_node) >= 40


def test_ways_are_read_like_object_by_object():
    """The slow twin: every tag that counts, node and coordinate of every way through osmium's Python objects."""
    ways = read_ways(MONACO)
    end = np.cumsum(ways.size)
    row = 0
    for way in osmium.FileProcessor(str(MONACO)).with_locations():
        if not (way.is_way() and ("highway" in way.tags or way.tags.get("route") == "ferry")):
            continue
        own = slice(end[row] - len(way.nodes), end[row])
        assert ways.way_id[row] == way.id
        known = dict(way.tags)
        assert ways.tags[row].items() <= known.items()
        assert (known.keys() - ways.tags[row].keys()).isdisjoint(RELEVANT_KEYS)
        assert ways.node[own].tolist() == [node.ref for node in way.nodes]
        inside = [node.location.valid() for node in way.nodes]
        assert ways.x[own][inside].tolist() == [node.lon for node in way.nodes if node.location.valid()]
        assert ways.y[own][inside].tolist() == [node.lat for node in way.nodes if node.location.valid()]
        row += 1
    assert row == len(ways.way_id)


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
    relations += (
        '<relation id="50"><tag k="type" v="multipolygon"/><tag k="highway" v="pedestrian"/></relation>'
    )
    file.write_text(XML.split("<relation")[0] + more + relations + "</osm>", encoding="utf-8")
    ways = read_ways(file)
    assert ways.restrictions == [
        ((10, 14), 3, False), ((15, 14), 3, False), ((10, 14), 3, False), ((10, 14), 3, True),
    ]  # fmt: skip
    aside = ways.provenance["set aside"]
    assert aside["turn restrictions of another kind"] == 2
    assert aside["squares drawn as multipolygons, not walked"] == 1
    assert aside["turn restrictions that are incomplete"] == 1


def test_ways_given_twice_and_ways_that_stay_on_one_node(tmp_path):
    again = '<way id="10"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="primary"/></way>'
    still = '<way id="16"><nd ref="4"/><nd ref="4"/><tag k="highway" v="service"/></way>'
    file = tmp_path / "twice.osm"
    file.write_text(XML.replace("</osm>", again + still + "</osm>"), encoding="utf-8")
    network = read_network(file)
    assert (network.way_id == 10).sum() == 2  # cut at the bollard
    assert network.provenance["set aside"]["ways given twice, the first taken"] == 1
    assert network.provenance["dropped"]["ways that never leave one node"] == 1


@pytest.mark.parametrize("swap", [("0", "0"), ('ref="', 'ref="-')], ids=["behind the ways", "negative"])
def test_streets_without_positions(tmp_path, swap):
    nodes, rest = XML.split('<way id="10">')
    head, nodes = nodes.split('<node id="1"')
    nodes, rest = '<node id="1"' + nodes, '<way id="10">' + rest.replace("</osm>", "")
    if swap[0] != "0":
        rest, nodes = nodes.replace('node id="', 'node id="-'), rest.replace(*swap)
    file = tmp_path / "drawn.osm"
    file.write_text(f"{head}{rest}{nodes}</osm>", encoding="utf-8")
    with pytest.raises(InputError, match=r"no street has a position: .* osmium sort or osmium renumber"):
        read_network(file)
