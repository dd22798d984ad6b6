"""OSM files as people have them: every order, form and history of one map gives the network of the plain file."""

from __future__ import annotations

import gzip
import json
from itertools import permutations
from pathlib import Path

import numpy as np
import osmium
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import access15 as a15
from access15.errors import InputError
from access15.model import fingerprint
from access15.sources import osm_scan
from access15.sources.osm_file import osm_file
from access15.sources.osm_scan import Scan, _varints, scan

MONACO = Path(__file__).parents[2] / "data" / "sample" / "monaco" / "monaco.osm.pbf"

NODES = {1: (50.0, 9.0), 2: (50.0, 9.01), 3: (50.01, 9.0), 4: (50.01, 9.01), 5: (50.005, 9.02)}
WAYS = {1: (1, 2), 2: (1, 3), 3: (3, 4), 4: (4, 2), 5: (2, 5, 4)}
WALL = "<?xml version='1.0' encoding='UTF-8'?>\n<osm version='0.6'>{}</osm>"
TAG = "<tag k='highway' v='{}'/>"


def node(number: int, extra: str = "", tags: str = "", at: tuple[float, float] | None = None) -> str:
    lat, lon = at or NODES[number]
    return f"<node id='{number}' lat='{lat}' lon='{lon}' {extra}>{tags}</node>"


def way(number: int, extra: str = "", highway: str = "residential", inside: str | None = None) -> str:
    vertices = "".join(f"<nd ref='{ref}'/>" for ref in WAYS[number]) if inside is None else inside
    return f"<way id='{number}' {extra}>{vertices}{TAG.format(highway) if highway else ''}</way>"


def located(number: int, *, refs: bool = True) -> str:
    given = [(f'ref="{ref}" ' if refs else "", *NODES[ref]) for ref in WAYS[number]]
    return "".join(f"<nd {ref}lat='{lat}' lon='{lon}'/>" for ref, lat, lon in given)


def write(folder: Path, *parts: str, name: str = "town.osm") -> Path:
    file = folder / name
    text = WALL.format("\n".join(parts)).encode()
    file.write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    return file


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """Return the network of the map as it should be written."""
    return a15.read_network(write(tmp_path_factory.mktemp("plain"), *map(node, NODES), *map(way, WAYS)))


@pytest.mark.parametrize("name", ["town.osm", "town.osm.gz"])
@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_objects_in_any_order(tmp_path, plain, order, name):
    crossing = node(2, tags="<tag k='highway' v='crossing'/>")
    kinds = [crossing, *map(way, WAYS)], [node(n) for n in NODES if n != 2], ["<relation id='1'/>"]
    file = write(tmp_path, *(part for i in order for part in kinds[i]), name=name)
    network = a15.read_network(file)
    assert network.length_m.sum() == pytest.approx(plain.length_m.sum())
    assert network.provenance["dropped"] == {}


def as_pbf(file: Path, order: tuple[str, ...], to: Path) -> Path:
    """Write a file with its kinds in an order of one's own."""
    with osmium.SimpleWriter(str(to)) as writer:
        for kind in order:
            for item in osmium.FileProcessor(str(file)):
                if item.type_str() == kind:
                    writer.add(item)
    return to


@pytest.mark.parametrize("order", ["nwr", "wnr", "rwn", "wrn"])
def test_a_pbf_in_any_order(tmp_path, order):
    file = as_pbf(MONACO, tuple(order), tmp_path / "monaco.osm.pbf")
    assert scan(file).in_order == (order == "nwr")
    assert fingerprint(a15.read_network(file)) == fingerprint(a15.read_network(MONACO))


def test_overpass_writes_tagged_nodes_then_ways_then_the_other_nodes(tmp_path):
    """The answer to ``(node[highway]; way[highway];); out body; >; out skel qt;``, beside the same objects sorted."""
    tagged = [
        lambda item: item.is_node() and "highway" in item.tags,
        lambda item: item.is_way(),
        lambda item: item.is_node() and "highway" not in item.tags,
    ]
    with osmium.SimpleWriter(str(tmp_path / "overpass.osm")) as writer:
        for wanted in tagged:
            for item in osmium.FileProcessor(str(MONACO)):
                if wanted(item):
                    writer.add(item)
    whole = as_pbf(MONACO, ("n", "w"), tmp_path / "sorted.osm.pbf")
    assert fingerprint(a15.read_network(tmp_path / "overpass.osm")) == fingerprint(a15.read_network(whole))


@pytest.mark.parametrize("refs", [True, False], ids=["with refs", "positions alone"])
def test_positions_on_the_vertices(tmp_path, plain, refs):
    """Overpass `out geom`: with and without (`out ids geom` of old) references; the same place is one node."""
    network = a15.read_network(
        write(tmp_path, *(way(n, inside="<bounds minlat='50'/>" + located(n, refs=refs)) for n in WAYS))
    )
    assert network.n_nodes == plain.n_nodes
    np.testing.assert_allclose(np.sort(network.length_m), np.sort(plain.length_m))
    assert network.provenance["set aside"] == {"positions read from the ways": 5}


def test_a_pbf_with_locations_on_ways(tmp_path):
    src = write(tmp_path, *map(node, NODES), *map(way, WAYS))
    to = tmp_path / "located.osm.pbf"
    places = osmium.FileProcessor(str(src)).with_locations()
    with osmium.SimpleWriter(osmium.io.File(str(to), "pbf,locations_on_ways=true")) as writer:
        for item in places:
            if item.is_way():
                writer.add(item)
    assert scan(to).located
    assert a15.read_network(to).length_m.sum() == pytest.approx(a15.read_network(src).length_m.sum())


GONE = ["action='delete'", 'action="delete"', "visible='false'", 'version="2" visible="false"']


@pytest.mark.parametrize("mark", GONE)
@pytest.mark.parametrize("number", list(WAYS))
def test_a_deleted_way_does_not_exist(tmp_path, mark, number):
    gone = write(tmp_path, *map(node, NODES), *(way(n, mark if n == number else "") for n in WAYS))
    without = write(tmp_path, *map(node, NODES), *(way(n) for n in WAYS if n != number), name="without.osm")
    assert fingerprint(a15.read_network(gone)) == fingerprint(a15.read_network(without))


@pytest.mark.parametrize("mark", GONE)
def test_deleted_nodes_bar_nobody_and_deleted_clinics_care_for_nobody(tmp_path, mark):
    clinic = "<tag k='amenity' v='clinic'/>"
    file = write(tmp_path, node(1, tags=clinic), node(2, mark, tags=clinic))
    assert a15.facilities_from_osm(file).id.tolist() == ["n1"]


VERSIONS = {
    "closed since": ("residential", "construction", False),
    "retagged": ("residential", "", False),
    "opened since": ("construction", "residential", True),
    "changed": ("primary", "residential", True),
}


@pytest.mark.parametrize(("old", "new", "there"), VERSIONS.values(), ids=list(VERSIONS))
@pytest.mark.parametrize("first", [1, 2], ids=["old first", "new first"])
@pytest.mark.parametrize("suffix", [".osm", ".osm.pbf"])
def test_the_newest_version_counts(tmp_path, old, new, there, first, suffix):
    versions = [way(1, "version='1'", old), way(1, "version='2'", new)][:: 3 - 2 * first]
    file = write(tmp_path, *map(node, NODES), *versions, *(way(n) for n in WAYS if n > 1))
    if suffix == ".osm.pbf":
        file = as_pbf(file, ("n", "w"), tmp_path / "town.osm.pbf")
    network = a15.read_network(file)
    assert (1 in network.way_id) == there
    if there:
        assert network.highway_classes[network.highway[network.way_id == 1][0]] == "residential"
    assert network.provenance["set aside"]["objects in several versions, the newest taken"] == 1


def test_a_newest_version_that_is_deleted_and_a_node_that_moved(tmp_path):
    gone = write(
        tmp_path, *map(node, NODES), way(1, "version='1'"), way(1, "version='2' visible='false'"), way(2)
    )
    assert set(a15.read_network(gone).way_id.tolist()) == {2}
    moved = write(
        tmp_path, *map(node, NODES), node(2, "version='3'", at=(50.0, 9.005)), way(1), name="moved.osm"
    )
    for file in (moved, as_pbf(moved, ("n", "w"), tmp_path / "moved.osm.pbf")):
        assert a15.read_network(file).length_m.sum() == pytest.approx(358.5, abs=1)


def test_what_was_never_uploaded_is_read(tmp_path):
    parts = [node(-1, at=(50.0, 9.0)), node(-2, at=(50.0, 9.01)), node(3, at=(50.01, 9.0))]
    line = "<way id='-1'><nd ref='-1'/><nd ref='-2'/>" + TAG.format("service") + "</way>"
    network = a15.read_network(write(tmp_path, *parts, line))
    assert network.n_edges == 1
    assert network.way_id[0] > 0
    assert network.provenance["set aside"] == {"objects never uploaded, numbered anew": 3}


CENTRES = (
    node(1, tags="<tag k='amenity' v='clinic'/><tag k='name' v='A'/>"),
    "<way id='2'><center lat='50.0' lon='9.02'/><nd ref='11'/><nd ref='12'/><nd ref='11'/><tag k='amenity' v='hospital'/></way>",
    "<way id='4'><center lat='50.0' lon='9.03'/><tag k='amenity' v='clinic'/></way>",
    "<relation id='3'><center lat='50.0' lon='9.04'/><member type='way' ref='9' role='outer'/>"
    "<tag k='type' v='multipolygon'/><tag k='amenity' v='clinic'/></relation>",
)


def test_service_points_by_their_centre(tmp_path):
    found = a15.facilities_from_osm(write(tmp_path, *CENTRES))
    assert dict(zip(found.id.tolist(), found.x.tolist(), strict=True)) == {
        "n1": 9.0,
        "w2": 9.02,
        "w4": 9.03,
        "r3": 9.04,
    }


def test_an_outline_inside_a_relation(tmp_path):
    corners = [(50.0, 9.0), (50.0, 9.002), (50.002, 9.002), (50.002, 9.0), (50.0, 9.0)]
    ring = "".join(f"<nd lat='{lat}' lon='{lon}'/>" for lat, lon in corners)
    relation = f"<relation id='3'><member type='way' ref='9' role='outer'>{ring}</member><tag k='type' v='multipolygon'/><tag k='amenity' v='clinic'/></relation>"
    found = a15.facilities_from_osm(write(tmp_path, relation))
    assert (found.x[0], found.y[0]) == pytest.approx((9.001, 50.001))


def test_missing_vertices_are_refused_unless_asked_for(tmp_path):
    file = write(tmp_path, *(node(n) for n in NODES if n != 5), *map(way, WAYS))
    with pytest.raises(
        InputError, match=r"1 of 11 vertices .* \(9\.1%\) have no position.*incomplete = true"
    ):
        a15.read_network(file)
    network = a15.read_network(file, incomplete=True)
    assert network.provenance["dropped"]["vertices missing from the file"] == 1


def test_missing_vertices_beyond_the_clip_area_do_not_matter(tmp_path):
    far = "".join(node(n, at=(50.0 + n / 1000, 9.5)) for n in range(10, 15))
    lost = (
        "<way id='9'>" + "".join(f"<nd ref='{n}'/>" for n in range(10, 20)) + TAG.format("track") + "</way>"
    )
    file = write(tmp_path, *map(node, NODES), far, *map(way, WAYS), lost)
    with pytest.raises(InputError, match="5 of 21 vertices"):
        a15.read_network(file)
    assert a15.read_network(file, clip=(8.99, 49.99, 9.05, 50.05)).n_edges == 5


@pytest.mark.parametrize("east", [1, -1])
def test_one_place_on_both_sides_of_the_meridian(tmp_path, east):
    lon = (179.99, 180.0, -180.0, -179.99)[::east]
    nodes = [node(n + 1, at=(-16.8, x)) for n, x in enumerate(lon)]
    ways = [
        f"<way id='{i}'><nd ref='{a}'/><nd ref='{b}'/>{TAG.format('residential')}</way>"
        for i, a, b in ((1, 1, 2), (2, 3, 4))
    ]
    network = a15.read_network(write(tmp_path, *nodes, *ways))
    assert network.n_nodes == 3
    assert network.length_m.sum() == pytest.approx(2131, abs=3)
    assert network.provenance["dropped"] == {"nodes at 180° and -180° that are one place": 1}


def test_a_square_among_the_lines_of_an_export_is_walked_round(tmp_path):
    ring = [[9.01, 50.0], [9.011, 50.0], [9.011, 50.001], [9.01, 50.001], [9.01, 50.0]]
    shapes = [
        ("residential", {"type": "LineString", "coordinates": [[9.0, 50.0], [9.01, 50.0]]}),
        ("crossing", {"type": "Point", "coordinates": [9.01, 50.0]}),
        ("pedestrian", {"type": "Polygon", "coordinates": [ring]}),
    ]
    features = [{"type": "Feature", "properties": {"highway": h}, "geometry": g} for h, g in shapes]
    file = tmp_path / "export.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    network = a15.read_network(file)
    square = network.highway_classes.index("pedestrian")
    assert network.length_m[network.highway == square].sum() == pytest.approx(2 * (71.7 + 111.2), abs=1)
    assert network.provenance["set aside"] == {
        "features that are not lines": 1,
        "squares drawn as polygons, walked round": 1,
    }


@given(st.lists(st.integers(0, 2**62 - 1), max_size=40))
@settings(deadline=None)
def test_numbers_of_variable_length_are_read_as_one_by_one(numbers):
    data = bytearray()
    for number in numbers:
        while number > 127:
            data.append(number & 127 | 128)
            number >>= 7
        data.append(number)
    assert _varints(np.frombuffer(bytes(data), np.uint8)).tolist() == numbers


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_any_mixture_gives_the_plain_network_or_a_clear_error(plain, tmp_path_factory, data):
    """Objects shuffled, some old versions and deleted strangers among them: what is left is the plain map."""
    living = [("node", n, node(n, "version='2'")) for n in NODES] + [
        ("way", n, way(n, "version='2'")) for n in WAYS
    ]
    old = data.draw(st.lists(st.sampled_from(sorted(WAYS)), max_size=3))
    strangers = [way(1, "version='1'", "motorway") for _ in old[:1]]
    if data.draw(st.booleans()):
        strangers.append(
            "<way id='77' action='delete'><nd ref='1'/><nd ref='4'/>" + TAG.format("primary") + "</way>"
        )
    parts = data.draw(st.permutations([text for _, _, text in living] + strangers))
    file = write(tmp_path_factory.mktemp("mixed"), *parts)
    network = a15.read_network(file)
    assert network.n_nodes == plain.n_nodes
    assert sorted(set(network.way_id.tolist())) == list(WAYS)


def test_the_copy_is_gone_afterwards(tmp_path):
    file = write(tmp_path, *map(way, WAYS), *map(node, NODES))
    with osm_file(file) as opened:
        copy = Path(opened.path)
        assert copy.exists()
        assert copy != file
    assert not copy.exists()


def test_a_file_as_it_should_be_is_read_itself():
    with osm_file(MONACO) as opened:
        assert opened.path == str(MONACO)


def test_a_file_is_looked_over_once_until_it_changes(tmp_path, monkeypatch):
    """Streets, service points and places of one file: one look; a file written anew is looked over anew."""
    looked = []
    monkeypatch.setattr(osm_scan, "_scan_xml", lambda file: looked.append(file) or Scan())
    file = write(tmp_path, *map(node, NODES), *map(way, WAYS))
    for _ in range(3):
        a15.read_network(file)
    assert len(looked) == 1
    write(tmp_path, *map(node, NODES), *map(way, WAYS), "<!-- longer -->")
    a15.read_network(file)
    assert len(looked) == 2
