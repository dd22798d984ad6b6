"""What results show in a notebook: tables that are text, and maps that ask no server for anything."""

import json
import re
import sys

import geopandas as gpd
import numpy as np
import pytest
import shapely

import access15 as a15
from access15.errors import InputError, MismatchError, MissingPackageError
from access15.model import Areas, Facilities, Gaps
from access15.testing import street_map

MARKUP = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def place():
    """Streets of 3 km with a clinic at the west end, two areas and a gap in the east one."""
    drawn = street_map("A--B--C--D--E", scale_m=250)
    network, people = drawn.network, drawn.population({"A": 1, "B": 2, "D": 8, "E": 16})
    clinics = drawn.facilities("A")
    times = a15.nearest_times(network, clinics, people, a15.WALK)
    middle = float(network.node_x.mean())
    x, y = float(network.node_x.min()), float(network.node_y.min())
    east = float(network.node_x.max())
    halves = [shapely.box(x - 9, y - 99, middle, y + 99), shapely.box(middle, y - 99, east + 9, y + 99)]
    areas = Areas(
        np.array(["1", "2"], object),
        np.array(["West", MARKUP], object),
        np.array(halves, object),
        network.crs,
    )
    coverage = a15.coverage(times, people, minutes=(5, 15), areas=areas)
    gaps = a15.find_gaps(network, clinics, people, times, minutes=15, areas=areas)
    return network, people, clinics, areas, times, coverage, gaps


def page(shown):
    pytest.importorskip("folium")
    return shown.get_root().render()


def test_tables_are_short_and_text(place):
    *_, coverage, gaps = place
    table = gpd.GeoDataFrame(
        {"rank": range(1, 31), "place": [MARKUP] * 30, "people": [1234.6] * 30, "median_s": [np.inf] * 30},
        geometry=[shapely.Point(0, 0)] * 30,
        crs=32632,
    )
    text = Gaps(table, gaps.cell_gap, 15.0, gaps.origin)._repr_html_()
    assert "Gaps walk 15 min: 30 clusters, 37,038 people" in text
    assert "<script>" not in text
    assert text.count("&lt;script&gt;") == 20
    assert "… and 10 more rows" in text
    assert "1,235" in text
    assert "not reached" in text
    assert coverage._repr_html_().count("<tr>") == 2  # The head has a style.
    assert "11.1%" in coverage._repr_html_()


def test_maps_ask_no_server(place):
    network, _, _, areas, _, coverage, gaps = place
    for shown in (coverage.explore(areas, network=network), gaps.explore(network=network, height=300)):
        text = re.sub(r"data:text/[a-z]+;base64,[A-Za-z0-9+/=]+", "", page(shown))
        assert not re.findall(r"""(?:src|href)\s*=\s*["']?\s*(?:https?:)?//""", text)
        assert "tileLayer" not in text
        assert not re.findall(r"https?://\S*", text)


def test_map_says_what_the_table_says_and_no_markup(place):
    _, _, _, areas, _, coverage, gaps = place
    text = page(coverage.explore(areas, minutes=15))
    assert MARKUP not in text
    rows = [json.loads(row) for row in re.findall(r'"properties": (\{[^{}]*\})', text)]
    assert {row["area"]: (row["rate"], row["covered"]) for row in rows} == {
        "West": ("100.0%", "3"),
        "&lt;script&gt;alert(1)&lt;/script&gt;": ("0.0%", "0"),
    }
    assert sorted(re.findall(r'"people": "(\d+)"', page(gaps.explore()))) == ["16", "8"]


def test_sites_of_a_plan(place):
    network, people, _, _, times, _, _ = place
    candidates = a15.junction_candidates(network, a15.WALK, nodes="all")
    matrix = a15.travel_times(network, candidates, people, profile=a15.WALK, minutes=15)
    plan = a15.locate(matrix, people, existing=times, minutes=15, p=1, candidates=candidates)
    assert '"gain": "24"' in page(plan.explore(candidates))
    others = Facilities.of(candidates.x, candidates.y + 1, candidates.crs)
    with pytest.raises(MismatchError, match="these facilities do not belong together"):
        plan.explore(others)


def test_what_cannot_be_shown(place, monkeypatch):
    *_, areas, _, coverage, gaps = place
    with pytest.raises(InputError, match="no coverage of group '65\\+' within 10 min: there are 5, 15 min"):
        coverage.explore(areas, minutes=10, group="65+")
    others = Areas(np.array(["x", "y"], object), areas.name, areas.polygons, areas.crs)
    with pytest.raises(InputError, match="was not counted by these areas"):
        coverage.explore(others)
    none = Gaps(gaps.table.iloc[:0], gaps.cell_gap, 15.0, gaps.origin)
    pytest.importorskip("folium")
    with pytest.raises(InputError, match="nothing to show on a map"):
        none.explore()
    monkeypatch.setitem(sys.modules, "folium", None)
    with pytest.raises(MissingPackageError, match=r"needs folium: pip install 'access15\[notebook\]'"):
        gaps.explore()


def test_what_goes_in_shows_itself_as_a_table_too():
    given = a15.sample("monaco").run(parts=()).inputs
    times = a15.nearest_times(given.network, given.facilities, given.population)
    for noun, said in (
        (given.facilities, "Facilities"), (given.population, "38,367"), (given.areas, "Monte-Carlo"), (times, "unreachable"),
    ):  # fmt: skip
        page = noun._repr_html_()
        assert said in page
        assert "<table" in page
