"""Street pieces cut at the limit, against places sampled along every edge."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from iso_twins import EAST, NORTH, random_town, sites, streets

from access15.errors import InputError
from access15.isochrones import reached_edges
from access15.model import LinkedPoints
from access15.profiles import DRIVE, WALK
from access15.search.ends import link_sites
from slow_twins import point_to_point_ms


def west_east(piece):
    x = shapely.get_coordinates(piece)[:, 0] - EAST
    return x.min(), x.max()


def test_an_origin_in_mid_edge_goes_both_ways():
    network = streets([(0, 0), (2000, 0)])
    found = reached_edges(network, sites((900, 40)), WALK, 5)
    # 40 m off the street leave 360 m on it.
    assert len(found) == 1
    assert west_east(found.geometry[0]) == pytest.approx((540, 1260), abs=0.1)
    assert found.from_m[0] == pytest.approx(540, abs=0.5)
    assert found.to_m[0] == pytest.approx(1260, abs=0.5)
    assert found.from_s[0] == pytest.approx(300)
    assert found.to_s[0] == pytest.approx(300)
    assert found.way_id.tolist() == [1]


def test_a_one_way_street_is_cut_on_one_side():
    network = streets(
        [(0, 0), (1000, 0)], [(1000, 0), (2000, 0)], [(0, 0), (0, 900), (2000, 900), (2000, 0)],
        tags=[{"oneway": "yes"}, {"oneway": "yes"}, {}],
    )  # fmt: skip
    for way, expected in (("to", (1000 - 25 / 3.6 * 60, 1000)), ("from", (1000, 1000 + 25 / 3.6 * 60))):
        found = reached_edges(network, sites((1000, 0)), DRIVE, 1, direction=way)
        assert len(found) == 1
        assert west_east(found.geometry[0]) == pytest.approx(expected, abs=0.1)


def test_a_street_reached_from_both_ends_has_two_pieces_or_one():
    loop = streets([(0, 0), (0, 300), (1000, 300), (1000, 0)], [(0, 0), (1000, 0)])
    clinic = sites((500, 0))
    found = reached_edges(loop, clinic, WALK, 19)
    across = found[found.way_id == 1].sort_values("from_m")
    # 1,520 m less 500 m to either end: 1,020 of the 1,600 m round the back, from each end: all of it.
    assert across[["from_m", "to_m"]].to_numpy().ravel() == pytest.approx([0, 1600], abs=0.1)
    parts = reached_edges(loop, clinic, WALK, 15)
    across = parts[parts.way_id == 1].sort_values("from_m")
    assert across[["from_m", "to_m"]].to_numpy().ravel() == pytest.approx([0, 700, 900, 1600], abs=1)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("way", ["to", "from"])
def test_pieces_hold_exactly_the_places_in_time(seed, way):
    network, facilities = random_town(seed, n=25)
    profile, minutes = DRIVE, 1.5
    found = reached_edges(network, facilities, profile, minutes, direction=way)
    share = np.linspace(0.001, 0.999, 23)
    edge = np.repeat(np.arange(network.n_edges, dtype=np.int32), len(share))
    places = LinkedPoints(
        edge, np.tile(share, network.n_edges), np.zeros(len(edge)), np.zeros(len(edge), np.uint8)
    )
    rows = point_to_point_ms(network, profile, link_sites(network, facilities, profile, way), places, way)
    ms = np.array([[np.inf if t is None else t for t in row] for row in rows]).min(axis=0)
    held = np.zeros(len(edge), bool)
    for piece in found.itertuples():
        inside = (edge == piece.edge) & (places.fraction >= piece.from_share)
        inside &= places.fraction <= piece.to_share
        assert not (held & inside).any()
        held |= inside
    # Whole milliseconds decide within 2 ms of the limit.
    sure = np.abs(ms - minutes * 60_000) > 2
    assert np.array_equal(held[sure], (ms <= minutes * 60_000)[sure])
    assert (found[["from_s", "to_s"]].to_numpy() <= minutes * 60 + 0.002).all()
    cut = (found.to_share < 1) & ~np.isin(found.edge, link_sites(network, facilities, profile, way).edge)
    assert np.allclose(found.to_s[cut], minutes * 60, atol=0.002)
    assert found.geometry.is_valid.all()


def test_pieces_of_an_edge_meet_end_to_end_on_the_street():
    network, facilities = random_town(1)
    found = reached_edges(network, facilities, WALK, 6)
    whole = found[(found.from_share == 0) & (found.to_share == 1)]
    assert len(whole) > 10
    for piece in whole.itertuples():
        rows = slice(network.vertex_offset[piece.edge], network.vertex_offset[piece.edge + 1])
        drawn = np.column_stack((network.vertex_x[rows], network.vertex_y[rows]))
        assert np.array_equal(shapely.get_coordinates(piece.geometry), drawn)
    assert (found.geometry.length > 0).all()
    assert not found.duplicated("edge").any() or (found.groupby("edge").from_share.nunique() > 0).all()


def test_nothing_in_reach_is_an_empty_table():
    found = reached_edges(streets([(0, 0), (900, 0)]), sites((0, 2000)), WALK, 5)
    assert len(found) == 0
    assert list(found.columns) == [
        "edge", "way_id", "from_share", "to_share", "from_m", "to_m", "from_s", "to_s", "geometry"
    ]  # fmt: skip
    assert found.crs is not None
    with pytest.raises(InputError, match="minutes must be numbers above 0"):
        reached_edges(streets([(0, 0), (900, 0)]), sites((0, 0)), WALK, -1)


def test_north_is_up():
    found = reached_edges(streets([(0, 0), (0, 900)]), sites((0, 0)), WALK, 5)
    assert found.total_bounds == pytest.approx((EAST, NORTH, EAST, NORTH + 400), abs=0.1)
