"""Streets cut to a place with a buffer."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from access15.crs import WGS84, to_crs
from access15.errors import CRSError, InputError, MissingFileError
from access15.model import Areas
from access15.outputs import to_osmnx
from access15.sources import read_network
from access15.sources.clip import clip_area

MONACO = Path(__file__).parents[2] / "data" / "sample" / "monaco" / "monaco.osm.pbf"
BOX = (7.418, 43.731, 7.428, 43.739)


@pytest.fixture(scope="module")
def whole():
    return read_network(MONACO)


def shapes(network):
    edge = np.repeat(np.arange(network.n_edges), np.diff(network.vertex_offset))
    return shapely.linestrings(np.stack((network.vertex_x, network.vertex_y), axis=1), indices=edge)


def metres_by_way(network, rows):
    """Return {way: metres}: a junction whose other street is cut off is none any more, its two edges are one."""
    ways, at = np.unique(network.way_id[rows], return_inverse=True)
    metres = np.bincount(at, network.length_m[rows])
    return {int(w): float(m) for w, m in zip(ways, metres, strict=True) if w >= 0}


def area_in(network, buffer_m):
    corners = shapely.segmentize(shapely.box(*BOX), 0.0005)
    xy = shapely.get_coordinates(corners)
    x, y = to_crs(xy[:, 0], xy[:, 1], WGS84, network.crs)
    return shapely.Polygon(np.stack((x, y), axis=1)).buffer(buffer_m)


@pytest.mark.parametrize("buffer_m", [0.0, 150.0])
def test_exactly_the_edges_that_meet_the_area_are_kept_whole(whole, buffer_m):
    cut = read_network(MONACO, clip=BOX, buffer_m=buffer_m)
    meets = shapely.intersects(area_in(whole, buffer_m), shapes(whole))
    expected = metres_by_way(whole, np.flatnonzero(meets))
    found = metres_by_way(cut, np.arange(cut.n_edges))
    assert found.keys() == expected.keys()
    assert found == pytest.approx(expected, abs=1e-6)
    note = cut.provenance["clip"]
    assert note["buffer m"] == buffer_m
    assert 0 < note["edges kept"] < note["edges kept"] + note["edges left out"]
    assert "edge" in note["edge effect"]


def test_a_larger_buffer_keeps_more(whole):
    sizes = [read_network(MONACO, clip=BOX, buffer_m=b).n_edges for b in (0, 100, 500, 50_000)]
    assert sizes == sorted(sizes)
    assert len(set(sizes)) == 4
    assert sizes[-1] == whole.n_edges


def test_every_way_to_name_the_area_gives_the_same(tmp_path, whole):
    box = shapely.box(*BOX)
    frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=[box], crs=WGS84)
    frame.to_file(tmp_path / "area.gpkg")
    plane = frame.to_crs(whole.crs)
    areas = Areas(np.array(["a"], object), np.array(["a"], object), np.array([box], object), WGS84)
    counts = {
        read_network(MONACO, clip=clip).n_edges
        for clip in (
            BOX,
            list(BOX),
            box,
            frame,
            frame.geometry,
            areas,
            tmp_path / "area.gpkg",
            str(tmp_path / "area.gpkg"),
        )
    }
    assert len(counts) == 1
    assert abs(read_network(MONACO, clip=plane).n_edges - counts.pop()) <= 2


def test_graphs_and_layers_are_cut_too(tmp_path, whole):
    pytest.importorskip("networkx")
    from_osm = read_network(MONACO, clip=BOX)
    from_graph = read_network(to_osmnx(whole), clip=BOX)
    assert from_graph.length_m.sum() == pytest.approx(from_osm.length_m.sum(), rel=0.02)
    frame = gpd.GeoDataFrame(
        {"highway": [whole.highway_classes[i] for i in whole.highway]}, geometry=shapes(whole), crs=whole.crs
    )
    frame[frame.length > 0].to_file(tmp_path / "roads.gpkg")
    from_layer = read_network(tmp_path / "roads.gpkg", clip=BOX)
    assert from_layer.length_m.sum() == pytest.approx(from_osm.length_m.sum(), rel=0.02)


def test_a_way_that_leaves_and_comes_back_keeps_its_id(tmp_path):
    file = tmp_path / "u.osm"
    nodes = [(1, 0.0, 0.0), (2, 0.0, 0.01), (3, 0.01, 0.01), (4, 0.01, 0.0), (5, 0.0, 0.02), (6, 0.01, 0.02)]
    text = "".join(f'<node id="{i}" lat="{45 + y}" lon="{7 + x}"/>' for i, x, y in nodes)
    ways = {10: (1, 2, 3, 4), 11: (2, 5), 12: (3, 6)}
    for way, refs in ways.items():
        text += (
            f'<way id="{way}">'
            + "".join(f'<nd ref="{r}"/>' for r in refs)
            + '<tag k="highway" v="service"/></way>'
        )
    file.write_text(f"<osm version='0.6'>{text}</osm>", encoding="utf-8")
    network = read_network(file, clip=(6.9, 44.9, 7.1, 45.005))
    # The bridge between the two legs, and the streets beyond, are left out; both legs are whole.
    assert network.way_id.tolist() == [10, 10]
    assert network.length_m == pytest.approx([1111.4, 1111.4], abs=0.5)
    assert network.provenance["clip"]["edges left out"] == 3


def test_bad_areas(tmp_path):
    with pytest.raises(InputError, match="no street inside the clip area"):
        read_network(MONACO, clip=(8.0, 50.0, 8.1, 50.1))
    # Latitude before longitude is another place.
    with pytest.raises(InputError, match="longitude comes before latitude"):
        read_network(MONACO, clip=(43.731, 7.418, 43.739, 7.428))
    with pytest.raises(InputError, match="is empty: give west, south, east, north"):
        read_network(MONACO, clip=(7.428, 43.731, 7.418, 43.739))
    with pytest.raises(InputError, match="polygon, a layer of polygons or"):
        read_network(MONACO, clip=(7.4, 43.7))
    with pytest.raises(CRSError, match="not longitude and latitude"):
        read_network(MONACO, clip=(372_000, 4_842_000, 373_000, 4_843_000))
    with pytest.raises(InputError, match="holds no polygon"):
        read_network(MONACO, clip=shapely.LineString([(7.4, 43.7), (7.5, 43.8)]))
    with pytest.raises(CRSError, match="no CRS"):
        read_network(MONACO, clip=gpd.GeoSeries([shapely.box(*BOX)]))
    with pytest.raises(MissingFileError, match="does not exist"):
        read_network(MONACO, clip=tmp_path / "no.gpkg")


@pytest.mark.parametrize("buffer_m", [-1.0, float("nan"), float("inf"), True, "far"])
def test_bad_buffers(buffer_m):
    with pytest.raises(InputError, match="buffer_m must be 0 or more metres"):
        clip_area(BOX, buffer_m)


def test_a_buffer_needs_an_area():
    with pytest.raises(InputError, match="buffer_m widens a clip area"):
        read_network(MONACO, buffer_m=100)


@pytest.mark.parametrize(
    ("area", "buffer_m"),
    [
        (shapely.MultiPolygon([shapely.box(179.9, -17, 180, -16), shapely.box(-180, -17, -179.9, -16)]), 0),
        ((179.9, -17, 179.999, -16), 5000),
    ],
    ids=["both sides", "buffer"],
)
def test_an_area_across_the_180_meridian_is_refused(area, buffer_m):
    with pytest.raises(InputError, match=r"reaches across the 180° meridian: make it end there"):
        clip_area(area, buffer_m)
