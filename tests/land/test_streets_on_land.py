"""Streets joined to land, against closed forms: a road through a plain, a river with a bridge, streets alone, land alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from grids import UTM, land_grid, seconds
from hypothesis import given, settings
from hypothesis import strategies as st

from access15.errors import InputError
from access15.model import STANDING, StreetNetwork, TravelProfile
from access15.modes import EVERYBODY
from access15.profiles import WALK
from access15.search import (
    Land,
    join_streets,
    joint_times_at,
    land_of,
    place_starts,
    search_graph,
    spread_over_both,
)
from access15.testing import straight_streets

SLOW, FAST = 5 / 3.6, 50 / 3.6
ROAD = replace(WALK, name="road", speed_kph=50.0)
LEVEL = replace(WALK, name="level", speed_kph=5.0, off_network_kph=5.0)


def line(points: Any, **fields: Any) -> StreetNetwork:
    """Return one street after another through some points."""
    x, y = np.asarray(points, float).T
    number = np.arange(len(x))
    return straight_streets(x, y, number[:-1], number[1:], crs=UTM, **fields)


def joint_seconds(
    network: StreetNetwork, profile: TravelProfile, land: Land, places: Any, homes: Any, way: Any = "to"
) -> Any:
    """Return the times of homes over land and streets, ``inf`` where not reached."""
    px, py = np.asarray(places, float).T
    hx, hy = np.asarray(homes, float).T
    joint = join_streets(network, search_graph(network, profile, way), land)
    time, place = joint_times_at(
        joint, spread_over_both(joint, *place_starts(joint, px, py)), (px, py), (hx, hy)
    )
    return np.where(place >= 0, time / 1000.0, np.inf)


@pytest.mark.parametrize("degrees", [0.0, 11.0, 22.5, 37.0, 45.0])
def test_a_road_through_a_plain_is_left_at_the_best_place(degrees: float) -> None:
    along = np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])
    across = np.array([-along[1], along[0]])
    side = 30_000.0
    place = np.array([side / 2 + 37, side / 2 + 61])
    network = line(place + np.arange(-13_000, 13_001, 500)[:, None] * along)
    land = land_of(land_grid(np.zeros((300, 300))), {"open": 5.0})
    rng = np.random.default_rng(1)
    homes = (
        place + rng.uniform(-11_000, 11_000, (3000, 1)) * along + rng.uniform(-6000, 6000, (3000, 1)) * across
    )
    homes = np.vstack((homes, place + 10_000 * along + 3000 * across, place + 9123 * along))
    homes = homes[((homes > 0) & (homes < side)).all(axis=1)]
    a, b = np.abs((homes - place) @ along), np.abs((homes - place) @ across)
    by_road = a / FAST + b * np.sqrt(1 / SLOW**2 - 1 / FAST**2)
    exact = np.where(a * np.sqrt(FAST**2 - SLOW**2) >= b * SLOW, by_road, np.hypot(a, b) / SLOW)
    off = joint_seconds(network, ROAD, land, [place], homes) / exact - 1
    assert exact[-2] == pytest.approx(2869.2, abs=0.1)
    assert abs(off[-1]) < 1e-4
    off = off[np.hypot(a, b) > 500]
    assert off.min() > -1e-4
    assert off.max() < 0.006
    assert off.mean() < 0.0005


@pytest.mark.parametrize("degrees", [90.0, 70.0, 63.4, 50.0])
def test_a_river_is_crossed_on_its_bridge_only(degrees: float) -> None:
    side = 20_000.0
    middle = np.array([side / 2, side / 2])
    along = np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])
    across = np.array([along[1], -along[0]])
    bridge = middle + 4013 * along
    network = line([bridge + at * across for at in (-150, -30, 30, 150)])
    kinds = np.array([STANDING.index(kind) for kind in ("street", "bridge", "street")], np.uint8)
    network = replace(network, standing=kinds)
    river = [[*(middle - 30_000 * along), *(middle + 30_000 * along)]]
    land = land_of(land_grid(np.zeros((200, 200)), barriers=river), {"open": 5.0})
    place = middle - 3021 * across
    homes = np.random.default_rng(3).uniform(0, side, (1500, 2))
    homes = np.vstack((homes[(homes - middle) @ across > 100], middle + 3021 * across))
    exact = (np.hypot(*(place - bridge)) + np.hypot(*(homes - bridge).T)) / SLOW
    assert exact[-1] == pytest.approx(7233.1, abs=0.1)
    off = joint_seconds(network, LEVEL, land, [place], homes) / exact - 1
    assert off.min() > -0.001
    assert off.max() < 0.015
    assert off.mean() < 0.006
    # Without the bridge nobody comes over.
    assert np.isinf(seconds(land, [tuple(place)], homes)).all()


def test_nobody_steps_off_in_a_tunnel() -> None:
    network = line([(500.0, 1050.0), (1000.0, 1050.0), (3000.0, 1050.0), (3500.0, 1050.0)])
    land = land_of(land_grid(np.zeros((21, 40))), {"open": 0.5})
    homes = [(2000.0, 1150.0)]
    above = joint_seconds(network, ROAD, land, [(500.0, 1050.0)], homes)
    kinds = np.array([STANDING.index(kind) for kind in ("street", "tunnel", "street")], np.uint8)
    below = joint_seconds(replace(network, standing=kinds), ROAD, land, [(500.0, 1050.0)], homes)
    assert above[0] == pytest.approx(1500 / FAST + 720, rel=0.01)
    assert below[0] > 1000 / (0.5 / 3.6) * 0.99


def test_a_one_way_street_is_left_and_joined_in_its_direction() -> None:
    network = line([(550.0, 1050.0), (3550.0, 1050.0)], backward=0, forward=int(EVERYBODY))
    land = land_of(land_grid(np.zeros((21, 41))), {"open": 5.0})
    west, east = (600.0, 1050.0), (3500.0, 1050.0)
    assert joint_seconds(network, ROAD, land, [east], [west])[0] == pytest.approx(2900 / FAST, rel=0.001)
    assert joint_seconds(network, ROAD, land, [west], [east])[0] == pytest.approx(2900 / SLOW, rel=0.003)
    assert joint_seconds(network, ROAD, land, [west], [east], "from")[0] == pytest.approx(
        2900 / FAST, rel=0.001
    )


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_streets_only_help_and_so_does_another_place(seed: int) -> None:
    rng = np.random.default_rng(seed)
    kph = {"a": 5.0, "b": 3.0, "c": 1.0, "d": 0.0}
    cover = rng.integers(0, 4, (9, 9)).repeat(3, 0).repeat(3, 1)
    land = land_of(land_grid(cover, tuple(kph), barriers=rng.uniform(0, 2700, (2, 4))), kph)
    network = line(rng.uniform(0, 2700, (6, 2)))
    places, homes = rng.uniform(0, 2700, (3, 2)), rng.uniform(0, 2700, (60, 2))
    both = joint_seconds(network, ROAD, land, places, homes)
    assert (both <= seconds(land, [tuple(p) for p in places], homes)).all()
    assert (both <= joint_seconds(network, ROAD, land, places[:1], homes)).all()
    straight = np.min([np.hypot(*(homes - p).T) for p in places], axis=0)
    assert (both >= straight / FAST - 50 / SLOW).all()


def test_what_cannot_be_joined_is_refused() -> None:
    land = land_of(land_grid(np.zeros((21, 21))), {"open": 5.0})
    network = straight_streets([0, 900], [50, 50], [0], [1], crs="EPSG:32632")
    with pytest.raises(InputError, match="the streets are in EPSG:32632"):
        join_streets(network, search_graph(network, WALK, "to"), land)
