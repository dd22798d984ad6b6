"""Junction and grid candidates, and the reasons why others are set aside."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from access15.crs import to_crs
from access15.errors import CRSError, InputError
from access15.model import Access, Areas, Facilities, TravelProfile
from access15.siting import filter_candidates, grid_candidates, junction_candidates
from access15.testing import straight_streets

CRS = "EPSG:32629"
WALK = TravelProfile("walk", "foot", 4.8)
DRIVE = TravelProfile("drive", "motorcar", 30.0)
FOOT, BOTH = int(Access.FOOT), int(Access.FOOT | Access.MOTORCAR)


def streets(nodes, edges, node_id=None):
    """A network of straight streets: nodes {name: (x, y)}, edges [(from, to, forward bits, backward bits)]."""
    names = list(nodes)
    xy = np.array([nodes[name] for name in names], float)
    start = np.array([names.index(edge[0]) for edge in edges])
    end = np.array([names.index(edge[1]) for edge in edges])
    return straight_streets(
        xy[:, 0], xy[:, 1], start, end, forward=[edge[2] for edge in edges], backward=[edge[3] for edge in edges],
        node_id=np.arange(100, 100 + len(names)) if node_id is None else node_id, crs=CRS,
    )  # fmt: skip


@pytest.fixture
def village():
    #   d        g        e: motorway junction nobody walks to
    #   |        |        loop at c
    # a-b---c-o  |
    #   |
    #   f
    nodes = {
        "a": (0, 0),
        "b": (100, 0),
        "c": (300, 0),
        "d": (100, 80),
        "f": (100, -80),
        "o": (400, 0),
        "lone": (9, 9),
    }
    edges = [
        ("a", "b", BOTH, BOTH), ("b", "c", FOOT, 0), ("b", "d", 0, FOOT), ("b", "f", BOTH, 0),
        ("c", "c", FOOT, FOOT), ("c", "o", BOTH, BOTH),
    ]  # fmt: skip
    return streets(nodes, edges)


def test_junctions_are_nodes_where_three_usable_street_ends_meet(village):
    found = junction_candidates(village, WALK)
    assert list(found.id) == ["j101", "j102"]  # b: four streets; c: a street and both ends of a loop, and o's
    assert list(found.kind) == ["junction", "junction"]
    assert (found.crs, found.label) == (CRS, "candidates")
    assert list(junction_candidates(village, WALK, nodes="ends").id) == [f"j{i}" for i in range(100, 106)]
    assert list(junction_candidates(village, WALK, nodes="all").id) == [f"j{i}" for i in range(100, 106)]
    assert list(junction_candidates(village, DRIVE, nodes="ends").id) == ["j100", "j102", "j104", "j105"]
    with pytest.raises(InputError, match='drive can use: try nodes="all"'):
        junction_candidates(village, DRIVE)
    with pytest.raises(InputError, match='nodes must be "junctions"'):
        junction_candidates(village, WALK, nodes="dead ends")


def test_junction_spacing_and_border(village):
    found = junction_candidates(village, WALK, spacing_m=200, nodes="all")
    assert list(found.id) == ["j100", "j102"]  # b, d and f lie within 200 m of a; o within 200 m of c
    assert dict(found.set_aside)["j101"] == "within 200 m of candidate j100"
    assert len(found) + len(found.set_aside) == 6
    found = junction_candidates(village, WALK, nodes="all", within=shapely.box(100, -10, 300, 10))
    assert list(found.id) == ["j101", "j102"]  # the border counts as inside
    assert ("j105", "outside the allowed polygons") in found.set_aside


def test_repeated_node_ids_stay_unique(village):
    twice = streets(
        {"a": (0, 0), "b": (1, 0), "c": (2, 0)}, [("a", "b", FOOT, 0), ("b", "c", FOOT, 0)], [7, 7, 8]
    )
    assert list(junction_candidates(twice, WALK, nodes="all").id) == ["j7r0", "j7r1", "j8"]


def test_spacing_keeps_points_apart_and_drops_none_without_need():
    rng = np.random.default_rng(0)
    xy = rng.uniform(0, 2000, (400, 2))
    points = Facilities.of(xy[:, 0], xy[:, 1], CRS)
    thin = filter_candidates(points, min_spacing_m=150)
    apart = np.hypot(thin.x[:, None] - thin.x, thin.y[:, None] - thin.y)
    assert (apart[~np.eye(len(thin), dtype=bool)] >= 150).all()
    to_kept = np.hypot(xy[:, 0, None] - thin.x, xy[:, 1, None] - thin.y)
    assert (to_kept.min(axis=1) < 150).all()
    assert len(thin) + len(thin.set_aside) == 400
    again = filter_candidates(points, min_spacing_m=150)
    assert list(again.id) == list(thin.id)
    exact = filter_candidates(Facilities.of([0, 100, 200], [0, 0, 0], CRS), min_spacing_m=100)
    assert len(exact) == 3


def test_spacing_of_degrees_is_in_metres():
    x, y = to_crs(np.array([500_000.0, 500_120.0, 500_400.0]), np.full(3, 4_550_000.0), CRS, "EPSG:4326")
    thin = filter_candidates(Facilities.of(x, y, "EPSG:4326"), min_spacing_m=150)
    assert list(thin.id) == ["1", "3"]


def test_every_rejected_candidate_has_its_reason():
    points = Facilities.of(
        [0, 10, 20, 30, 31], np.zeros(5), CRS, ids=list("abcde"), kind=["house", "", "", "", ""],
        capacity=[1, 2, 3, 4, 5], set_aside=(("z", "no coordinates"),),
    )  # fmt: skip
    line = Areas(id=["k"], name=["industrial control line"], polygons=[shapely.box(8, -1, 12, 1)], crs=CRS)
    allowed = gpd.GeoDataFrame(
        geometry=[shapely.box(-5, -5, 12, 5), shapely.box(25, -5, 40, 5)], crs=CRS
    ).to_crs(4326)
    left = filter_candidates(points, allowed=allowed, forbidden=line, min_spacing_m=5)
    assert list(left.id) == ["a", "d"]
    assert (list(left.kind), list(left.capacity)) == (["house", ""], [1, 4])
    assert left.set_aside == (
        ("z", "no coordinates"),
        ("b", "inside forbidden area industrial control line"),
        ("c", "outside the allowed polygons"),
        ("e", "within 5 m of candidate d"),
    )
    assert list(filter_candidates(points).id) == list("abcde")


def test_grid_points_are_whole_multiples(village):
    found = grid_candidates((10, 10, 310, 210), 100, crs=CRS)
    assert list(found.id) == ["g1_1", "g2_1", "g3_1", "g1_2", "g2_2", "g3_2"]
    assert list(found.x) == [100, 200, 300, 100, 200, 300]
    assert list(found.y) == [100, 100, 100, 200, 200, 200]
    assert set(found.kind) == {"grid"}
    wider = grid_candidates((-500, -500, 900, 900), 100, crs=CRS)
    assert set(found.id) < set(wider.id)
    inside = grid_candidates((10, 10, 310, 210), 100, crs=CRS, within=shapely.box(150, 0, 250, 900))
    assert list(inside.id) == ["g2_1", "g2_2"]
    of_network = grid_candidates(village, 80)
    assert (of_network.crs, of_network.x.min(), of_network.x.max()) == (CRS, 0, 400)
    assert (of_network.y.min(), of_network.y.max()) == (-80, 80)


def test_bad_grids_and_rules():
    with pytest.raises(InputError, match="spacing_m must be"):
        grid_candidates((0, 0, 1, 1), 0, crs=CRS)
    with pytest.raises(InputError, match="use a smaller spacing_m"):
        grid_candidates((10, 10, 20, 20), 100, crs=CRS)
    with pytest.raises(InputError, match="use a larger spacing_m"):
        grid_candidates((0, 0, 1e6, 1e6), 1, crs=CRS)
    with pytest.raises(InputError, match="min x, min y"):
        grid_candidates((10, 0, 0, 10), 1, crs=CRS)
    with pytest.raises(CRSError, match="needs its CRS"):
        grid_candidates((0, 0, 1, 1), 1)
    with pytest.raises(CRSError, match="in degrees"):
        grid_candidates((0, 0, 1, 1), 1, crs="EPSG:4326")
    points = Facilities.of([0, 1], [0, 0], CRS)
    with pytest.raises(InputError, match="no candidate is left of 2"):
        filter_candidates(points, allowed=shapely.box(5, 5, 6, 6))
    with pytest.raises(InputError, match="min_spacing_m must be"):
        filter_candidates(points, min_spacing_m=-1)
    with pytest.raises(CRSError, match="forbidden polygons have no CRS"):
        filter_candidates(points, forbidden=gpd.GeoSeries([shapely.box(5, 5, 6, 6)]))
