"""Wheelchairs: what stops them on ways and at nodes, why, and that nobody else notices."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import access15 as a15
from access15.cli import main
from access15.errors import InputError
from access15.model import StreetNetwork
from access15.modes import EVERYBODY, MODES, Access
from access15.network import edge_speeds_kph, slope_network, stations
from access15.network.fitness import FIT_KEYS
from access15.network.tag_rules import RELEVANT_KEYS, barrier_why, interpret_barrier, interpret_way
from access15.profiles import PRESETS, profile_from_toml
from access15.testing import street_map

WHEELCHAIR = a15.WHEELCHAIR
SAMPLE = Path(__file__).parents[2] / "data" / "sample" / "monaco"
FOOT = {"highway": "footway"}
KPH = 0.79 * 3.6


def minutes_from(drawn, start, *ends, profile=WHEELCHAIR):
    """Return the minutes from letters to one, inf where it cannot be reached from the letter itself."""
    times = a15.nearest_times(
        drawn.network,
        drawn.facilities(start),
        drawn.population(dict.fromkeys(ends, 1)),
        profile,
        max_snap_m=50,
    )
    return [float(s) / 60 for s in times.seconds]


def test_fifteen_minutes_are_711_metres():
    drawn = street_map("A--B", {"AB": FOOT}, scale_m=237)
    assert minutes_from(drawn, "A", "B") == [pytest.approx(15.0, abs=1e-3)]
    assert WHEELCHAIR.off_network_kph == pytest.approx(KPH)
    assert "Tolerico" in WHEELCHAIR.source_of("speed_kph")


def test_the_way_round_the_steps_is_taken():
    ways = {"AB": FOOT, "BE": {"highway": "steps"}, "BC": FOOT, "CD": FOOT, "DE": FOOT}
    drawn = street_map("A--B--E\n   |  |\n   C--D", ways)
    direct, round_it = (300 + 300) / KPH * 0.06, (300 + 200 + 300 + 200) / KPH * 0.06
    assert minutes_from(drawn, "A", "E") == [pytest.approx(round_it, rel=1e-5)]
    ramp = street_map(
        "A--B--E\n   |  |\n   C--D", {**ways, "BE": {"highway": "steps", "ramp:wheelchair": "yes"}}
    )
    assert minutes_from(ramp, "A", "E") == [pytest.approx(direct, rel=1e-5)]
    assert minutes_from(drawn, "A", "E", profile=a15.WALK) == [pytest.approx(600 / 80, rel=1e-5)]


NODES = [
    ({"barrier": "kerb", "kerb": "raised"}, False), ({"barrier": "kerb", "kerb": "rolled"}, False),
    ({"barrier": "kerb", "kerb": "lowered"}, True), ({"barrier": "kerb", "kerb": "flush"}, True),
    ({"barrier": "kerb", "kerb": "no"}, True), ({"barrier": "kerb"}, True), ({"barrier": "kerb", "kerb": "yes"}, True),
    ({"barrier": "kerb", "kerb:height": "0.02"}, True), ({"barrier": "kerb", "kerb:height": "12 cm"}, False),
    ({"highway": "crossing", "kerb": "raised"}, False), ({"highway": "crossing", "kerb": "lowered"}, True),
    ({"highway": "crossing", "kerb:left": "lowered", "kerb:right": "raised"}, False), ({"highway": "crossing"}, True),
    ({"highway": "crossing", "wheelchair": "no"}, False), ({"highway": "crossing", "kerb": "raised", "wheelchair": "yes"}, True),
    ({"kerb": "raised"}, False),
    ({"barrier": "stile"}, False), ({"barrier": "stile", "wheelchair": "yes"}, True), ({"barrier": "cattle_grid"}, False),
    ({"barrier": "kissing_gate"}, False), ({"barrier": "kissing_gate", "foot": "yes"}, False),
    ({"barrier": "kissing_gate", "maxwidth:physical": "1.2"}, True), ({"barrier": "turnstile"}, False),
    ({"barrier": "cycle_barrier"}, False), ({"barrier": "cycle_barrier", "maxwidth:physical": "0.9"}, True),
    ({"barrier": "cycle_barrier", "maxwidth:physical": "0.8 m"}, False), ({"barrier": "cycle_barrier", "wheelchair": "yes"}, True),
    ({"barrier": "bollard"}, True), ({"barrier": "bollard", "maxwidth:physical": "0.6"}, False),
    ({"barrier": "bollard", "width": "0.2"}, True), ({"barrier": "gate"}, True), ({"barrier": "gate", "locked": "yes"}, False),
    ({"barrier": "gate", "access": "private"}, False), ({"barrier": "gate", "access": "private", "wheelchair": "designated"}, True),
    ({"barrier": "wall"}, False), ({"barrier": "toll_booth"}, True),
    ({"highway": "elevator"}, True), ({"highway": "elevator", "wheelchair": "no"}, False),
    ({"highway": "bus_stop", "wheelchair": "no"}, True), ({"entrance": "yes", "wheelchair": "no"}, True),
]  # fmt: skip


@pytest.mark.parametrize(("tags", "passes"), NODES, ids=lambda value: str(value))
def test_nodes_on_a_path(tags, passes):
    assert bool(interpret_barrier(tags) & Access.WHEELCHAIR) == passes
    drawn = street_map("A--B--C", {"ABC": FOOT}, nodes={"B": tags})
    assert np.isfinite(minutes_from(drawn, "A", "C")[0]) == passes


CROSSROADS = """
   D
   |
A--B--C
   |
   E
"""


def test_a_kerb_at_a_crossing_stops_who_crosses_and_not_who_stays_on_the_road():
    ways = {"ABC": {"highway": "residential"}, "DBE": {"highway": "footway", "footway": "crossing"}}
    raised = street_map(CROSSROADS, ways, nodes={"B": {"highway": "crossing", "kerb": "raised"}})
    along, across, onto = minutes_from(raised, "A", "C", "D", "E")
    assert along == pytest.approx(600 / KPH * 0.06, rel=1e-5)
    assert np.isinf([across, onto]).all()
    assert np.isinf(minutes_from(raised, "D", "E")).all()
    lowered = street_map(CROSSROADS, ways, nodes={"B": {"highway": "crossing", "kerb": "lowered"}})
    assert np.isfinite(minutes_from(lowered, "A", "C", "D", "E")).all()
    for profile in (a15.WALK, a15.BIKE, a15.DRIVE):
        open_to_it = "CDE" if profile is a15.WALK else "C"
        want = minutes_from(lowered, "A", *open_to_it, profile=profile)
        assert minutes_from(raised, "A", *open_to_it, profile=profile) == pytest.approx(want, abs=1e-4)


def test_kerbs_without_a_barrier_tag_are_read_from_files(tmp_path):
    nodes = "".join(
        f'<node id="{i}" version="1" lat="0" lon="{0.001 * i}">{tag}</node>'
        for i, tag in ((1, ""), (2, '<tag k="kerb" v="raised"/>'), (3, ""))
    )
    way = (
        '<way id="9" version="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="footway"/></way>'
    )
    file = tmp_path / "kerb.osm"
    file.write_text(f'<osm version="0.6">{nodes}{way}</osm>', "utf-8")
    network = a15.read_network(file, cache=False)
    closed = a15.network_summary(network, [WHEELCHAIR]).closed
    assert closed[["tag", "places"]].values.tolist() == [["kerb=raised", 1]]


def test_a_kerb_that_no_way_crosses_cuts_no_road():
    drawn = street_map("A--B--C", {"ABC": {}}, nodes={"B": {"highway": "crossing", "kerb": "raised"}})
    assert drawn.network.n_edges == 1
    assert drawn.network.provenance["barriers that stop somebody"] == 0


def test_kerbs_that_nobody_described_are_counted():
    nodes = {
        "A": {"highway": "crossing"}, "B": {"barrier": "kerb"}, "C": {"highway": "crossing", "kerb": "flush"},
        "D": {"highway": "crossing", "wheelchair": "yes"}, "E": {"highway": "traffic_signals"},
    }  # fmt: skip
    network = street_map("A-B-C-D-E", {"ABCDE": FOOT}, nodes=nodes).network
    told = {"nodes without kerb, kerb:left, kerb:right, kerb:height, passed": 2}
    assert network.provenance["wheelchair"] == told
    assert a15.network_summary(network, [WHEELCHAIR]).notes["wheelchair"] == told
    assert "wheelchair" not in a15.network_summary(network, [a15.WALK, a15.DRIVE]).notes


def hill(slope: float, scale_m: float = 100) -> StreetNetwork:
    """Return a street that rises evenly from A to B, and a flat one from B to C."""
    network = street_map("A-B-C", {"AB": FOOT, "BC": FOOT}, scale_m=scale_m / 2).network
    points = stations(network)
    x = points.x - points.x.min()
    return slope_network(network, points, slope * np.minimum(x, scale_m))


@pytest.mark.parametrize(
    ("slope", "scale_m", "open_to_it"),
    [(0.05, 100, True), (0.07, 100, False), (-0.07, 100, False), (0.2, 20, True), (0.2, 40, False)],
)
def test_steep_streets_are_closed_on_networks_with_elevation(slope, scale_m, open_to_it):
    network = hill(slope, scale_m)
    steep = int(np.argmax(np.abs(network.slope)))
    forward, backward = edge_speeds_kph(network, WHEELCHAIR)
    assert np.isfinite(forward[steep]) == np.isfinite(backward[steep]) == open_to_it
    assert np.isfinite(np.delete(forward, steep)).all()
    assert np.isfinite(edge_speeds_kph(network, a15.WALK)[0]).all()
    if not open_to_it:
        why = a15.explain_edge(network, steep, WHEELCHAIR).forward.rule
        assert why == "not open to wheelchair this way: slope above 6%"
        closed = a15.network_summary(network, [WHEELCHAIR]).closed
        assert closed[["tag", "km"]].values.tolist() == [["slope above 6%", scale_m / 1000]]


@pytest.mark.parametrize(
    ("tags", "why"),
    [
        ({"highway": "steps"}, "highway=steps"),
        ({"smoothness": "very_bad"}, "smoothness=very_bad"),
        ({"incline": "12%"}, "incline=12%"),
        ({"width": "0.5 m"}, "width=0.5 m"),
        ({"surface": "sand"}, "surface=sand"),
        ({"wheelchair": "no"}, "wheelchair=no"),
        ({"highway": "steps", "conveying": "yes", "ramp": "yes"}, "conveying=yes"),
    ],
)
def test_explain_edge_names_the_tag_that_closes(tags, why):
    network = street_map("A--B", {"AB": {**FOOT, **tags}}).network
    found = a15.explain_edge(network, 0, WHEELCHAIR)
    assert not found.forward.allowed
    assert found.forward.rule == f"not open to wheelchair this way: {why}"
    assert why in found.tags.split(", ")
    assert a15.explain_edge(network, 0, a15.WALK).forward.allowed


def test_a_street_closed_by_law_has_no_other_reason():
    network = street_map(
        "A--B--C", {"AB": {**FOOT, "access": "private", "emergency": "yes"}, "BC": FOOT}
    ).network
    rules = {str(a15.explain_edge(network, e, WHEELCHAIR).forward.rule) for e in range(2)}
    assert "not open to wheelchair this way" in rules


def test_the_summary_counts_what_does_not_suit():
    ways = {
        "AB": {"highway": "steps"}, "BC": {"highway": "steps"}, "CD": {**FOOT, "smoothness": "horrible"}, "DE": FOOT,
    }  # fmt: skip
    nodes = {"E": {"barrier": "stile"}, "D": {"barrier": "kerb", "kerb": "raised"}}
    network = street_map("A-B-C-D-E-F", {**ways, "EF": FOOT}, nodes=nodes).network
    found = a15.network_summary(network, [a15.WALK, WHEELCHAIR])
    rows = found.closed.set_index("tag")
    assert rows["km"].to_dict() == pytest.approx(
        {"highway=steps": 0.4, "smoothness=horrible": 0.2, "barrier=stile": 0, "kerb=raised": 0}
    )
    assert rows["places"].to_dict() == {"highway=steps": 0, "smoothness=horrible": 0, "barrier=stile": 1, "kerb=raised": 1}  # fmt: skip
    assert set(found.closed["profile"]) == {"wheelchair"}
    assert "What does not suit the mode" in found._repr_html_()
    assert "highway=steps" in str(found)
    assert found.as_dict()["closed"][0]["tag"] == "highway=steps"
    assert "closed" not in a15.network_summary(network, [a15.WALK]).as_dict()


TAGS = st.dictionaries(
    st.sampled_from(sorted(FIT_KEYS | {"highway", "foot", "access", "kerb", "barrier", "kerb:height"})),
    st.sampled_from(
        ["yes", "no", "steps", "footway", "residential", "designated", "limited", "private", "very_bad", "bad", "sand", "8%",
         "up", "0.5", "2", "raised", "flush", "stile", "cycle_barrier", "forward", "crossing", "", ";", "＊"]
    ) | st.text(max_size=6),
    max_size=7,
)  # fmt: skip


@given(TAGS)
def test_wheelchairs_go_nowhere_where_nobody_walks(tags):
    rule = interpret_way(tags)
    if rule is not None and "designated" not in tags.values():
        for way in (rule.forward, rule.backward):
            assert not way & Access.WHEELCHAIR or way & Access.FOOT
    passes = interpret_barrier(tags)
    if "designated" not in tags.values():
        assert not passes & Access.WHEELCHAIR or passes & Access.FOOT
    assert isinstance(barrier_why(tags), str)


@given(TAGS)
def test_tags_for_wheelchairs_change_nothing_for_others(tags):
    others = EVERYBODY & ~Access.WHEELCHAIR
    keys = FIT_KEYS - {"highway", "surface", "conveying"}
    plain = {key: value for key, value in tags.items() if key not in keys}
    with_them, without = interpret_way(tags), interpret_way(plain)
    if with_them is None or without is None:
        assert with_them is without
    else:
        assert (with_them.forward & others, with_them.backward & others) == (without.forward & others, without.backward & others)  # fmt: skip
        assert with_them.surface == without.surface
    assert interpret_barrier(tags) & others == interpret_barrier(plain) & others


@given(TAGS)
def test_an_obstacle_looks_at_its_keys_alone(tags):
    mode = MODES["wheelchair"]
    assert mode.unknown is not None
    for obstacle in (*mode.obstacles, *mode.node_obstacles, mode.unknown):
        beside = {"highway": tags["highway"], "barrier": tags.get("barrier", "")} if "highway" in tags else {}
        own = {key: value for key, value in tags.items() if key in {*obstacle.keys, *beside}}
        own |= {key: tags[key] for key in ("barrier",) if key in tags}
        assert obstacle.stops(tags) == obstacle.stops(own)
    assert FIT_KEYS <= RELEVANT_KEYS


def test_isochrones_of_wheelchairs_are_smaller_and_have_no_steps():
    ways = {"AB": FOOT, "BC": {"highway": "steps"}, "BD": FOOT}
    drawn = street_map("A--B--C\n   |\n   D", ways)
    areas = {
        profile.name: a15.isochrones(drawn.network, drawn.facilities("A"), profile, minutes=15).geometry.iloc[
            0
        ]
        for profile in (a15.WALK, WHEELCHAIR)
    }
    assert areas["wheelchair"].area < areas["walk"].area
    reached = a15.reached_edges(drawn.network, drawn.facilities("A"), WHEELCHAIR, minutes=15)
    assert reached.length.sum() == pytest.approx(300 + 200, rel=1e-6)


def test_an_osmnx_graph_carries_wheelchairs_there_and_back():
    ways = {"AB": FOOT, "BC": {"highway": "steps"}, "CD": {**FOOT, "wheelchair:forward": "no"}, "DE": {"highway": "elevator", "foot": "no", "wheelchair": "designated"}}  # fmt: skip
    network = street_map("A-B-C-D-E", ways).network
    graph = a15.to_osmnx(network)
    again = a15.read_network(graph)
    for name in ("access_forward", "access_backward"):
        want = {way: int(bits) for way, bits in zip(network.way_id, getattr(network, name), strict=True)}
        got = {way: int(bits) for way, bits in zip(again.way_id, getattr(again, name), strict=True)}
        assert got == want
    for _, _, data in graph.edges(data=True):
        del data["wheelchair"]  # as earlier versions wrote them
    older = a15.read_network(graph)
    steps = older.way_id == 2
    assert (older.access_forward[steps] & int(Access.FOOT)).all()
    assert not (older.access_forward[steps] & int(Access.WHEELCHAIR)).any()


def test_a_profile_file_may_travel_as_a_wheelchair(tmp_path):
    file = tmp_path / "powered.toml"
    file.write_text(
        'mode = "wheelchair"\nspeed_kph = { kph = 5, source = "powered chairs, makers\' data" }\n', "utf-8"
    )
    powered = profile_from_toml(file)
    assert (powered.access_bit, powered.off_network_kph) == (Access.WHEELCHAIR, 5.0)
    file.write_text('extends = "wheelchair"\nsource = "survey"\nspeed_kph = 2\n', "utf-8")
    assert profile_from_toml(file).surface_cap_kph == PRESETS["wheelchair"].surface_cap_kph
    file.write_text('extends = "wheelchair"\nslope = "tobler"\n', "utf-8")
    with pytest.raises(InputError, match="people on foot; leave slope out for wheelchair"):
        profile_from_toml(file)


def test_the_command_line_and_a_study_take_the_mode(tmp_path):
    streets = SAMPLE / "monaco.osm.pbf"
    words = [
        "isochrones",
        "--network",
        streets,
        "--facilities",
        SAMPLE / "facilities.csv",
        "--mode",
        "wheelchair",
    ]
    done = CliRunner().invoke(main, [*map(str, words), "--minutes", "10", "--out", str(tmp_path / "x.gpkg")])
    assert done.exit_code == 0, done.output
    assert "wheelchair" in done.output
    file = tmp_path / "study.toml"
    inputs = {"network": "monaco.osm.pbf", "facilities": "facilities.csv", "population": "population.csv"}
    tables = "".join(f'[{table}]\npath = "{(SAMPLE / name).as_posix()}"\n' for table, name in inputs.items())
    file.write_text(
        f'[study]\nname = "Monaco"\n{tables}[analysis]\nmodes = ["walk", "wheelchair"]\n', "utf-8"
    )
    result = a15.Study.from_toml(file).run()
    shares = {mode: float(found.table["rate"].iloc[0]) for mode, found in result.coverages.items()}
    assert 0 < shares["wheelchair"] < shares["walk"]
    assert any(row["profile"] == "wheelchair" for row in result.found.provenance["counts"]["network closed"])
