"""Pixels join the street that a person there would: beside squares, along rivers, where there is only a motorway."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from iso_twins import EAST, NORTH, exactly_inside, sites, streets, uniform_points

from access15._kernels.raster import TILE
from access15.isochrones import isochrones
from access15.isochrones.lattice import Lattice, pixels_of
from access15.isochrones.pixel_joins import Joins
from access15.model import LinkReason
from access15.network import Choices, link_points
from access15.profiles import DRIVE, WALK

BLOCK = 100.0


def town(seed):
    """Blocks of 100 m with squares inside some, a footway off their rims, rivers, and a motorway 6 km east."""
    rng = np.random.default_rng(seed)
    paths, tags = [], []
    for k in range(9):
        paths += [[(c * BLOCK, k * BLOCK) for c in range(9)], [(k * BLOCK, c * BLOCK) for c in range(9)]]
        tags += [{}, {}]
    for _ in range(12):
        column, row = rng.integers(0, 8, 2) * BLOCK
        margin = rng.uniform(3, 30)
        a, b = column + margin, row + margin
        c, d = column + BLOCK - margin, row + BLOCK - margin
        paths += [[(a, b), (c, b), (c, d), (a, d), (a, b)], [(a, b), (column, row)]]
        tags += [{"highway": "pedestrian", "area": "yes"}, {"highway": "footway"}]
    paths.append([(6000.0, 0.0), (14000.0, 0.0)])
    paths.append([(800.0, 0.0), (6000.0, 0.0)])
    tags += [{"highway": "motorway", "oneway": "no"}, {"highway": "motorway", "oneway": "no"}]
    network = streets(*paths, tags=tags)
    x, y = [], []
    for _ in range(3):
        south, north = rng.uniform(0, 8 * BLOCK, 2)
        x += [EAST + south, EAST + north]
        y += [NORTH - 50, NORTH + 8 * BLOCK + 50]
    return replace(
        network,
        water_offset=np.array([0, 2, 4, 6]),
        water_x=np.array(x),
        water_y=np.array(y),
        water_river=np.array([True, True, False]),
    )


@pytest.mark.parametrize("profile", [WALK, DRIVE], ids=lambda profile: profile.name)
@pytest.mark.parametrize("seed", range(3))
def test_every_pixel_joins_the_street_of_a_point_there(seed, profile):
    network = town(seed)
    choices = Choices.of(network, profile, "origin")
    pixel_m, far_m = 6.3, 90.0
    first = int((EAST - 60) / pixel_m / TILE), int((NORTH - 60) / pixel_m / TILE)
    tiles = [(first[0] + i, first[1] + j) for i in range(5) for j in range(5)]
    tiles += [(int((EAST + 13000) / pixel_m / TILE), int(NORTH / pixel_m / TILE) + j) for j in (-1, 0)]
    arrays, row = Lattice(Joins.of(choices), pixel_m, far_m).linked(np.array(tiles))
    edges, slot, share, leg_m, _ = (
        values[row].reshape(len(tiles), -1, *values.shape[2:]) for values in arrays
    )
    edge = np.take_along_axis(edges, slot.astype(np.int64), axis=2).ravel()
    share, leg_m = share.ravel(), leg_m.ravel()
    x, y = (pixels_of(np.array(tiles)) * pixel_m).T
    points = link_points(network, x, y, network.crs, profile, max_snap_m=far_m)
    assert (edge == points.edge).mean() > 0.999  # where two streets are equally near, floats decide
    same = (edge == points.edge) & points.linked
    np.testing.assert_allclose(leg_m[same], points.leg_m[same], atol=1e-3)
    np.testing.assert_allclose(share[same], points.fraction[same], atol=1e-4)
    # Each rule is at work: without it other streets are joined.
    none = np.empty(0)
    dry = {"water_offset": none, "water_x": none, "water_y": none, "water_river": none.astype(bool)}
    plain = link_points(
        replace(network, standing=np.empty(0, np.uint8), **dry), x, y, network.crs, profile, max_snap_m=far_m
    )
    assert (plain.edge != points.edge).sum() > 100
    assert (points.reason == LinkReason.ON_MOTORWAY).any() == (profile is DRIVE)


@pytest.mark.parametrize("by", ["merged", "facility"])
def test_polygons_hold_who_is_in_time(by):
    network, clinics = town(5), sites((150, 150), (520, 610))
    found = isochrones(network, clinics, WALK, 6, by=by)
    polygon = shapely.union_all(found.geometry)
    x, y = uniform_points(polygon.bounds, 8000)
    exact = exactly_inside(network, clinics, WALK, 6, x, y)
    assert (shapely.contains_xy(polygon, x, y) == exact).mean() >= 0.98


def test_where_there_is_only_a_motorway_it_is_drawn():
    network = streets([(0, 0), (4000, 0)], tags=[{"highway": "motorway", "oneway": "no"}])
    found = isochrones(network, sites((2000, 20)), DRIVE, 5)
    x, y = uniform_points(found.geometry[0].bounds, 4000)
    exact = exactly_inside(network, sites((2000, 20)), DRIVE, 5, x, y)
    assert exact.any()
    assert (shapely.contains_xy(found.geometry[0], x, y) == exact).mean() >= 0.98
