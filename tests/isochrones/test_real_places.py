"""The guarantees on real streets."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import shapely
from iso_twins import (
    assert_holes_are_real,
    assert_origins_inside,
    exactly_inside,
    share_near_exact_border,
    uniform_points,
)

from access15.isochrones import isochrones
from access15.model import Facilities
from access15.profiles import DRIVE, WALK
from access15.sources import facilities_from_osm, read_network

MONACO = Path(__file__).parents[2] / "data/sample/monaco/monaco.osm.pbf"


def porto_alegre():
    folder = os.environ.get("ACCESS15_DATA")
    if not folder:
        pytest.skip("ACCESS15_DATA is not set: the streets of Porto Alegre are not at hand")
    file = next((Path(folder) / "porto_alegre").glob("*osm.pbf"), None)
    if file is None:
        pytest.skip("ACCESS15_DATA has no porto_alegre/*osm.pbf")
    network = read_network(file)
    rows = np.random.default_rng(1).integers(0, network.n_nodes, 30)
    return network, Facilities.of(network.node_x[rows] + 20, network.node_y[rows], network.crs)


def monaco():
    return read_network(MONACO), facilities_from_osm(MONACO)


@pytest.mark.parametrize("place", [monaco, porto_alegre])
def test_guarantees_on_real_streets(place):
    network, facilities = place()
    for profile, minutes in ((WALK, (5, 10, 15)), (DRIVE, (3, 6))):
        found = isochrones(network, facilities, profile, minutes)
        assert found.geometry.is_valid.all()
        for limit, polygon in zip(minutes, found.geometry, strict=True):
            shapely.prepare(polygon)
            x, y = uniform_points(polygon.bounds, 5000)
            exact = exactly_inside(network, facilities, profile, limit, x, y)
            assert (shapely.contains_xy(polygon, x, y) == exact).mean() >= 0.98
            near_m = 15 if profile is WALK else 50
            assert share_near_exact_border(polygon, network, facilities, profile, limit, near_m, 60) >= 0.98
        holes = assert_holes_are_real(polygon, network, facilities, profile, limit, found.attrs["pixel_m"])
        assert holes > 20 or place is monaco
        for small, large in pairwise(found.geometry):
            assert large.covers(small)
    each = isochrones(network, facilities, WALK, by="facility")
    assert each.geometry.is_valid.all()
    assert_origins_inside(each, network, facilities, WALK)
    for k in range(0, len(each), 3):
        assert each.geometry[k + 1].covers(each.geometry[k])
        assert each.geometry[k + 2].covers(each.geometry[k + 1])
