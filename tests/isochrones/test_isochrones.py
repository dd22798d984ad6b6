"""Isochrone polygons: closed forms, guarantees, agreement with routed times."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from iso_twins import (
    EAST,
    NORTH,
    UTM,
    assert_holes_are_real,
    assert_origins_inside,
    exactly_inside,
    random_town,
    routed,
    share_near_exact_border,
    sites,
    streets,
    uniform_points,
)

from access15.errors import InputError
from access15.isochrones import isochrones, lattice, pixels, reached_edges
from access15.model import Facilities
from access15.profiles import AMBULANCE, DRIVE, EBIKE, WALK
from random_streets import renumbered


@pytest.fixture(scope="module")
def street():
    return streets([(0, 0), (4000, 0)])


def inside(polygon, x, y):
    return shapely.contains_xy(polygon, np.asarray(x, float) + EAST, np.asarray(y, float) + NORTH)


def agreement(polygon, network, facilities, profile, minutes, **options):
    """Share of uniform points in the bounding box whose in or out agrees with their routed time."""
    x, y = uniform_points(polygon.bounds, 4000)
    exact = exactly_inside(network, facilities, profile, minutes, x, y, **options)
    return (shapely.contains_xy(polygon, x, y) == exact).mean()


def test_a_straight_street_has_a_known_shape(street):
    # 5 minutes are 400 m: 300 m at full width, then 100 m that taper to the tip.
    polygon = isochrones(street, sites((2000, 0)), WALK, 5).geometry[0]
    assert polygon.area == pytest.approx(2 * (300 * 200 + 100 * 100), rel=0.01)
    assert inside(polygon, [1610, 2390, 2000, 2000, 2340], [0, 0, 97, -97, 50]).all()
    assert not inside(polygon, [1590, 2410, 2000, 2000, 2360], [0, 0, 103, -103, 50]).any()


def test_long_edges_are_cut_in_their_middle():
    network = streets([(0, 0), (2000, 0), (4000, 0)])
    polygon = isochrones(network, sites((2000, 0)), replace(WALK, speed_kph=5.0), 10).geometry[0]
    assert inside(polygon, [2000, 1200, 2800], [0, 0, 0]).all()
    assert not inside(polygon, [0, 4000, 1150, 2850], [0, 0, 0, 0]).any()


def test_the_off_network_leg_counts_and_has_its_reach(street):
    polygon = isochrones(street, sites((2000, 80)), WALK, 5).geometry[0]
    # 80 m to the street leave 320 m.
    assert inside(polygon, [2310, 2230], [0, 80]).all()
    assert not inside(polygon, [2330, 2250], [0, 80]).any()
    narrow = isochrones(street, sites((2000, 0)), WALK, 5, reach_m=30).geometry[0]
    assert narrow.area == pytest.approx(2 * (370 * 60 + 30 * 30), rel=0.02)


def test_a_block_keeps_its_hole():
    network = streets([(0, 0), (500, 0), (500, 500), (0, 500), (0, 0)])
    polygon = isochrones(network, sites((0, 0)), WALK, 30).geometry[0]
    holes = [shapely.Polygon(ring) for part in polygon.geoms for ring in part.interiors]
    assert len(holes) == 1
    assert holes[0].area == pytest.approx(300 * 300, rel=0.01)


def test_nothing_leaks_to_the_other_bank():
    # Two banks 60 m apart, the bridge 2 km away: the border is half-way across the river.
    network = streets([(0, 0), (2000, 0), (4000, 0)], [(0, 60), (2000, 60)], [(4000, 0), (4000, 60)])
    polygon = isochrones(network, sites((300, 0)), WALK, (5, 15)).geometry
    for shape in polygon:
        assert inside(shape, [300, 300, 500], [0, 20, 20]).all()
        assert not inside(shape, [300, 300, 500, 100], [40, 60, 60, 90]).any()


def test_direction_matters_in_a_one_way_street():
    network = streets(
        [(0, 0), (1000, 0)], [(1000, 0), (2000, 0)], [(0, 0), (0, 900), (2000, 900), (2000, 0)],
        tags=[{"oneway": "yes"}, {"oneway": "yes"}, {}],
    )  # fmt: skip
    clinic = sites((1000, 0))
    to = isochrones(network, clinic, DRIVE, 2).geometry[0]
    back = isochrones(network, clinic, DRIVE, 2, direction="from").geometry[0]
    assert inside(to, [400], [0]).all()
    assert not inside(to, [1400], [0]).any()
    assert inside(back, [1400], [0]).all()
    assert not inside(back, [400], [0]).any()
    ambulance = isochrones(network, clinic, AMBULANCE, 2)
    assert ambulance.attrs["direction"] == "from"


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("profile", "minutes"), [(WALK, (3, 6, 9)), (EBIKE, (2, 4)), (DRIVE, (1, 2, 3))])
@pytest.mark.parametrize("way", ["to", "from"])
def test_guarantees_on_random_streets(seed, profile, minutes, way):
    network, facilities = random_town(seed)
    found = isochrones(network, facilities, profile, minutes, direction=way)
    assert found.geometry.is_valid.all()
    for limit, polygon in zip(minutes, found.geometry, strict=True):
        if polygon.is_empty:
            continue
        assert agreement(polygon, network, facilities, profile, limit, direction=way) >= 0.98
        pieces = reached_edges(network, facilities, profile, limit, direction=way)
        ends = shapely.get_coordinates(pieces.geometry.to_numpy())
        if len(ends):
            # A street point that is inside by definition is no further from the polygon than its tolerance.
            seconds, leg_m = routed(network, facilities, profile, *ends.T, direction=way)
            away = polygon.distance(shapely.points(ends[(seconds <= limit * 60) & (leg_m <= 100)]))
            assert away.max(initial=0) <= (15 if profile is WALK else 50)
    for small, large in zip(found.geometry[:-1], found.geometry[1:], strict=True):
        assert large.covers(small)


@pytest.mark.parametrize("seed", range(3))
def test_a_border_lies_near_the_exact_one(seed):
    network, facilities = random_town(seed)
    for profile, minutes, tolerance_m in ((WALK, 5, 15), (DRIVE, 2, 50)):
        polygon = isochrones(network, facilities, profile, minutes).geometry[0]
        # Slivers can slip between the places that are tried.
        assert share_near_exact_border(polygon, network, facilities, profile, minutes, tolerance_m) >= 0.98


@pytest.mark.parametrize("seed", [0, 1, 3])
@pytest.mark.parametrize(("profile", "minutes"), [(WALK, (4, 12)), (EBIKE, (1, 5))])
def test_origins_are_inside_and_holes_are_real_on_random_streets(seed, profile, minutes):
    network, facilities = random_town(seed)
    found = isochrones(network, facilities, profile, minutes, by="facility")
    assert_origins_inside(found, network, facilities, profile)
    merged = isochrones(network, facilities, profile, minutes)
    for limit, polygon in zip(minutes, merged.geometry, strict=True):
        count = assert_holes_are_real(polygon, network, facilities, profile, limit, merged.attrs["pixel_m"])
    assert count > 0  # these towns have blocks wider than two legs


@pytest.mark.parametrize("minutes", [0.05, 0.5, 1, 2, 5])
def test_a_facility_is_inside_its_own_polygon(street, minutes):
    places = [(1000, 0), (1400, 3), (1800, 40), (2200, 99), (2600, -99)]
    found = isochrones(street, sites(*places), WALK, (minutes, minutes * 1.5), by="facility")
    assert found.geometry.is_valid.all()
    for k, (x, y) in enumerate(places):
        small, large = found.geometry[2 * k], found.geometry[2 * k + 1]
        assert inside(small, [x], [y]).all()
        assert large.covers(small)
    merged = isochrones(street, sites(*places), WALK, minutes).geometry[0]
    assert inside(merged, *zip(*places, strict=True)).all()


def test_neither_threads_nor_the_numbering_of_nodes_change_a_polygon():
    network, facilities = random_town(1)
    again, _ = renumbered(network, 1)
    for by, profile in (("merged", WALK), ("facility", DRIVE)):
        # Small pixels make work for several threads.
        one, four, other = (
            isochrones(net, facilities, profile, (1, 2), by=by, pixel_m=4.0, threads=threads).geometry
            for net, threads in ((network, 1), (network, 4), (again, 2))
        )
        assert not one.is_empty.all()
        assert one.to_wkb().equals(four.to_wkb())
        assert one.to_wkb().equals(other.to_wkb())


def test_one_row_per_facility_and_cutoff():
    network, facilities = random_town(3)
    found = isochrones(network, facilities, WALK, (10, 5), by="facility")
    assert list(found.columns) == ["facility_id", "mode", "minutes", "geometry"]
    assert found.facility_id.tolist() == [i for i in facilities.id for _ in range(2)]
    assert found.minutes.tolist() == [5, 10] * len(facilities)
    assert set(found["mode"]) == {"walk"}
    assert set(found.geom_type) == {"MultiPolygon"}
    assert found.crs == UTM
    merged = isochrones(network, facilities, WALK, (5, 10))
    assert merged.facility_id.tolist() == [None, None]
    for k, minutes in enumerate((5, 10)):
        together = shapely.union_all(found.geometry[found.minutes == minutes].to_numpy())
        difference = together.symmetric_difference(merged.geometry[k]).area
        assert difference < 0.01 * together.area


def test_each_facility_is_drawn_as_if_it_were_alone():
    network, facilities = random_town(4)
    found = isochrones(network, facilities, DRIVE, (1, 2), by="facility")
    for k in range(len(facilities)):
        alone = Facilities.of(facilities.x[[k]], facilities.y[[k]], facilities.crs)
        expected = isochrones(network, alone, DRIVE, (1, 2)).geometry
        for level in (0, 1):
            assert found.geometry[2 * k + level].symmetric_difference(expected[level]).area < 1e-3


@pytest.mark.parametrize("by", ["merged", "facility"])
@pytest.mark.parametrize("most", [1, 20, 60])
def test_neither_what_is_kept_nor_bands_change_the_polygons(by, most, monkeypatch):
    network, facilities = random_town(2)
    options = {"minutes": (4, 8), "by": by, "pixel_m": 4.0}
    first = isochrones(network, facilities, WALK, **options, threads=1).geometry
    assert first.is_valid.all()
    assert isochrones(network, facilities, WALK, **options).geometry.to_wkb().equals(first.to_wkb())
    for room in (lattice, pixels):
        monkeypatch.setattr(room, "MOST_TILES", most)
    for threads in (1, 2, 1):
        # Tiles are dropped again and again, and a polygon of more tiles is drawn in bands.
        parts = isochrones(network, facilities, WALK, **options, threads=threads).geometry
        assert parts.to_wkb().equals(first.to_wkb())
    lattice.drop_all()
    assert isochrones(network, facilities, WALK, **options).geometry.to_wkb().equals(first.to_wkb())


def test_unlinked_facilities_are_named_and_keep_their_rows(street):
    clinics = sites((2000, 0), (2000, 9000))
    with pytest.warns(UserWarning, match=r"1 of 2 facilities are too far from any street .*first: '2'"):
        found = isochrones(street, clinics, WALK, (5, 10), by="facility")
    assert found.geometry.is_empty.tolist() == [False, False, True, True]
    assert found.attrs["unlinked"] == ["2"]
    with pytest.raises(InputError, match="none of the 1 facilities lies within 5,000 m of a street"):
        isochrones(street, sites((2000, 9000)), WALK, 5)


def test_facilities_of_another_crs_and_on_top_of_each_other():
    lonlat = Facilities.of([9.0, 9.0], [45.16, 45.16], "EPSG:4326")
    x, y = 500_000.0, float(shapely.get_y(_to_utm(9.0, 45.16)))
    network = streets([(x - EAST - 500, y - NORTH), (x - EAST + 500, y - NORTH)])
    found = isochrones(network, lonlat, WALK, 5, by="facility")
    assert found.geometry[0].equals(found.geometry[1])
    assert shapely.contains_xy(found.geometry[0], x, y)


def _to_utm(lon, lat):
    from access15.crs import to_crs

    x, y = to_crs(np.array([lon]), np.array([lat]), "EPSG:4326", UTM)
    return shapely.Point(x[0], y[0])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"minutes": 0}, "minutes must be numbers above 0"),
        ({"minutes": (5, float("nan"))}, "minutes must be numbers above 0"),
        ({"by": "people"}, 'by must be "merged" or "facility", not \'people\''),
        ({"reach_m": 0}, "reach_m must be a number of metres above 0"),
        ({"pixel_m": 0.001}, "pixel_m must be 0.1 m or more"),
        ({"pixel_m": float("inf")}, "pixel_m must be a number of metres above 0"),
        ({"direction": "both"}, 'direction must be "to"'),
    ],
)
def test_bad_input_is_one_clear_sentence(street, options, message):
    with pytest.raises(InputError, match=message):
        isochrones(street, sites((0, 0)), **options)


def test_an_empty_facility_list_is_refused(street):
    with pytest.raises(InputError, match="facility list is empty"):
        isochrones(street, Facilities.of([], [], UTM))
