"""Legs do not cross water without a bridge."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from iso_twins import EAST, NORTH, UTM, random_town, sites, streets, uniform_points

from access15.errors import CRSError, InputError
from access15.isochrones import isochrones
from access15.model import Population
from access15.profiles import DRIVE, WALK
from access15.sources import facilities_from_osm, read_network, read_water
from access15.travel_time import nearest_times

MONACO = Path(__file__).parents[2] / "data/sample/monaco/monaco.osm.pbf"


def water(*shapes):
    return gpd.GeoDataFrame(
        geometry=[shapely.transform(s, lambda xy: xy + np.array((EAST, NORTH))) for s in shapes], crs=UTM
    )


def inside(polygon, x, y):
    return shapely.contains_xy(polygon, np.asarray(x, float) + EAST, np.asarray(y, float) + NORTH)


def town_file(path):
    """Write an OSM file of one place and no water."""
    path.write_text(
        '<osm version="0.6"><node id="1" version="1" lat="1" lon="1"><tag k="place" v="city"/></node></osm>'
    )


def exact(network, facilities, profile, minutes, lakes, x, y):
    """In or out by the definition: routed time, leg, and no water on the straight line of the leg."""
    people = Population.of(x, y, np.ones(len(x)), network.crs)
    times = nearest_times(network, facilities, people, profile)
    cells, seconds = times.cells, times.seconds
    linked, inside = cells.linked, np.zeros(len(x), bool)
    xy = np.column_stack((network.vertex_x, network.vertex_y))
    line_of = np.repeat(np.arange(network.n_edges), np.diff(network.vertex_offset))
    lines = shapely.linestrings(xy, indices=line_of)[cells.edge[linked]]
    foot = shapely.line_interpolate_point(lines, cells.fraction[linked], normalized=True)
    start, leg_m = np.column_stack((x, y))[linked], cells.leg_m[linked]
    legs = shapely.linestrings(np.stack((start, shapely.get_coordinates(foot)), axis=1))
    dry = ~shapely.intersects(lakes, legs) | (shapely.intersects(lakes, foot) & (leg_m <= 7.5))
    inside[linked] = (seconds[linked] <= minutes * 60) & (leg_m <= 100) & dry
    return inside


@pytest.mark.parametrize("profile", [WALK, DRIVE], ids=lambda p: p.name)
@pytest.mark.parametrize("by", ["merged", "facility"])
def test_no_leg_crosses_a_river_without_a_bridge(profile, by):
    network = streets([(0, 0), (2000, 0)])
    river = water(shapely.box(-100, 20, 2100, 50))
    clinic = sites((1000, 0))
    free = isochrones(network, clinic, profile, 5, by=by).geometry[0]
    held = isochrones(network, clinic, profile, 5, by=by, water=river).geometry[0]
    across = [900, 1000, 1100]
    assert inside(free, across, [70, 80, 70]).all()  # no street over there: the nearest is on this bank
    assert not inside(held, across, [70, 80, 70]).any()
    assert not inside(held, across, [35, 40, 45]).any()
    assert inside(held, across, [10, -80, 10]).all()
    # The border lies within a pixel of the bank.
    assert held.intersection(shapely.box(EAST, NORTH, EAST + 2000, NORTH + 200)).bounds[3] <= NORTH + 30
    assert free.covers(held)


def test_a_bridge_stays_and_its_sides_are_water():
    network = streets([(0, 0), (500, 0)], [(500, 0), (500, 400)], [(500, 400), (900, 400)])
    river = water(shapely.box(-100, 150, 1100, 250))
    held = isochrones(network, sites((400, 0)), WALK, 12, water=river).geometry[0]
    assert shapely.get_num_geometries(held) == 1
    assert inside(held, [500] * 5, [100, 155, 200, 245, 300]).all()
    assert inside(held, [700, 560], [440, 300]).all()
    assert not inside(held, [530, 470, 560], [200, 200, 190]).any()


def test_a_line_bars_as_an_area_does_and_a_quay_may_touch_it():
    network = streets([(0, 0), (2000, 0)])
    for barrier in (shapely.LineString([(0, 30), (2000, 30)]), shapely.box(0, 0, 2000, 30)):
        held = isochrones(network, sites((1000, 0)), WALK, 5, water=water(barrier)).geometry[0]
        assert not inside(held, [900, 1100], [60, 60]).any()
        assert inside(held, [900, 1100], [-60, -60]).all()


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("profile", [WALK, DRIVE], ids=lambda p: p.name)
def test_places_agree_with_the_definition_on_random_streets_and_lakes(seed, profile):
    network, facilities = random_town(seed)
    rng = np.random.default_rng(seed)
    spots = shapely.points(rng.uniform(0, 1500, (25, 2)))
    lakes = water(*shapely.buffer(spots, rng.uniform(10, 80, 25)))
    found = isochrones(network, facilities, profile, (2, 5), water=lakes).geometry
    assert found.is_valid.all()
    assert found[1].covers(found[0])
    x, y = uniform_points(found[1].bounds, 4000)
    together = shapely.union_all(lakes.geometry.to_numpy())
    shapely.prepare(together)
    for limit, polygon in zip((2, 5), found, strict=True):
        right = exact(network, facilities, profile, limit, together, x, y)
        assert (shapely.contains_xy(polygon, x, y) == right).mean() >= 0.98


def test_no_leg_crosses_the_coast_of_monaco():
    network, facilities = read_network(MONACO), facilities_from_osm(MONACO)
    coast = read_water(MONACO)
    assert coast.attrs["broken"] == 0
    assert set(coast.geom_type) == {"MultiPolygon", "LineString"}  # areas of water, the coast
    free = isochrones(network, facilities, WALK, 15).geometry[0]
    held = isochrones(network, facilities, WALK, 15, water=coast).geometry[0]
    assert held.is_valid
    assert free.buffer(0.01).covers(held)
    barrier = shapely.union_all(coast.to_crs(network.crs).geometry.to_numpy())
    x, y = uniform_points(free.bounds, 4000)
    right = exact(network, facilities, WALK, 15, barrier, x, y)
    leaks = [(shapely.contains_xy(shape, x, y) & ~right).mean() for shape in (free, held)]
    assert leaks[0] > 0.05  # the sea is within 100 m of the shore
    assert leaks[1] < 0.01
    assert (shapely.contains_xy(held, x, y) == right).mean() >= 0.98


def test_water_of_a_layer_and_bad_water(tmp_path):
    river = water(shapely.box(0, 20, 2000, 50))
    river.to_file(tmp_path / "river.gpkg")
    assert read_water(tmp_path / "river.gpkg").geometry.geom_equals(river.geometry).all()
    network, clinic = streets([(0, 0), (2000, 0)]), sites((1000, 0))
    with pytest.raises(
        InputError, match="water must be a GeoDataFrame of polygons or lines: read it with read_water"
    ):
        isochrones(network, clinic, WALK, 5, water="river.gpkg")
    town_file(tmp_path / "dry.osm")
    with pytest.raises(InputError, match=r"holds no water .*: give a layer of polygons or lines"):
        read_water(tmp_path / "dry.osm")
    with pytest.raises(CRSError, match="the water layer has no CRS"):
        isochrones(network, clinic, WALK, 5, water=river.set_crs(None, allow_override=True))
    with pytest.raises(InputError, match="holds points: keep its polygons and lines"):
        isochrones(network, clinic, WALK, 5, water=water(shapely.Point(0, 0)))
    dry = isochrones(network, clinic, WALK, 5, water=river[:0])
    assert dry.geometry[0].equals(isochrones(network, clinic, WALK, 5).geometry[0])
