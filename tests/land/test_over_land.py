"""Times over land against closed forms: plain, two covers, rivers, slopes."""

from __future__ import annotations

import numpy as np
import pytest
from grids import land_grid, seconds
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from access15._kernels.land import RING
from access15.errors import InputError
from access15.model import NEIGHBOURS, WATER_AREA
from access15.search import land_of, spread, spread_in_moves, times_at

MS = 5 / 3.6
"""5 km/h in metres a second."""


def test_the_bits_of_the_noun_are_those_of_the_kernel() -> None:
    assert RING == NEIGHBOURS


@pytest.mark.parametrize("km", [2.0, 5.0, 10.0, 14.0])
def test_a_plain_is_crossed_on_straight_lines_in_every_direction(km: float) -> None:
    land = land_of(land_grid(np.zeros((300, 300))), {"open": 5.0})
    angle = np.linspace(0, 2 * np.pi, 145)
    centre = (15_037.0, 15_061.0)
    homes = np.column_stack((centre[0] + 1000 * km * np.cos(angle), centre[1] + 1000 * km * np.sin(angle)))
    off = seconds(land, [centre], homes) / (720 * km) - 1
    assert off.min() > -1e-5
    assert off.max() < 0.003


@pytest.mark.parametrize(("moves", "worst"), [(8, 0.0824), (16, 0.0275)])
def test_moves_are_as_wrong_as_theory_says(moves: int, worst: float) -> None:
    land = land_of(land_grid(np.zeros((201, 201))), {"open": 5.0})
    time, place = spread_in_moves(land, np.array([10_050.0]), np.array([10_050.0]), moves)
    row, column = np.indices(time.shape)
    exact = np.hypot(row - 100, column - 100) * 72
    far = exact > 72 * 20
    off = time[far] / exact[far] - 1
    assert off.min() > -1e-9
    assert off.max() == pytest.approx(worst, abs=0.0005)
    assert (place == 0).all()


def test_a_straight_border_between_two_covers_bends_the_path() -> None:
    cover = np.zeros((200, 200))
    cover[:, 100:] = 1
    land = land_of(land_grid(cover, ("fast", "slow")), {"fast": 5.0, "slow": 2.0})
    centre = (7050.0, 10_050.0)
    assert seconds(land, [centre], [(13_000.0, 14_050.0)])[0] == pytest.approx(8718.9, rel=0.005)
    homes = [(x, y) for x in np.arange(10_300, 19_900, 1100.0) for y in np.arange(300, 19_900, 1100.0)]

    def exact(x: float, y: float) -> float:
        way = lambda at: (  # noqa: E731
            np.hypot(10_000 - centre[0], at - centre[1]) / MS + np.hypot(x - 10_000, y - at) / (2 / 3.6)
        )
        low, high = min(y, centre[1]) - 1, max(y, centre[1]) + 1
        return float(minimize_scalar(way, bounds=(low, high), method="bounded", options={"xatol": 1e-3}).fun)

    off = seconds(land, [centre], homes) / np.array([exact(*home) for home in homes]) - 1
    assert off.min() > -0.001
    assert off.max() < 0.005


@pytest.mark.parametrize("degrees", [90.0, 70.0, 63.4, 50.0, 45.0, 0.0])
def test_a_river_that_ends_is_walked_around_and_never_through(degrees: float) -> None:
    side = 20_000.0
    middle = np.array([side / 2 + 3.0, side / 2 - 7.0])
    along = np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])
    across = np.array([along[1], -along[0]])
    end = middle + 4013 * along
    river = [[*(middle - 40_000 * along), *end]]
    land = land_of(land_grid(np.zeros((200, 200)), barriers=river), {"open": 5.0})
    centre = middle - 3021 * across
    rng = np.random.default_rng(3)
    homes = rng.uniform(0, side, (600, 2))
    homes = homes[((homes - middle) @ across > 100)]
    # Only homes that do not see the place past the end of the river.
    share = ((middle - centre) @ across) / ((homes - centre) @ across)
    homes = homes[((centre + share[:, None] * (homes - centre) - end) @ along) < 0]
    exact = (np.hypot(*(end - centre)) + np.hypot(*(homes - end).T)) / MS
    got = seconds(land, [tuple(centre)], homes)
    assert len(homes) > 50
    assert (got / exact - 1).min() > -0.001
    # At the end of a line paths turn on the spot, which the grid does in a few cells.
    assert (got - exact).max() < 300 / MS
    assert (got - exact).mean() < 150 / MS


@pytest.mark.parametrize("degrees", [0, 17, 45, 63.4, 90, 120])
def test_a_closed_ring_is_never_left(degrees: float) -> None:
    """A square of walls thinner than anything a raster can show, turned by some degrees."""
    turn = np.radians(degrees)
    corner = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) * 700.0
    corner = corner @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]) + 2011.0
    ring = np.hstack((corner, np.roll(corner, -1, axis=0)))
    land = land_of(land_grid(np.zeros((40, 40)), barriers=ring), {"open": 5.0})
    homes = np.stack(np.meshgrid(np.arange(20, 4000, 40.0), np.arange(20, 4000, 40.0)), -1).reshape(-1, 2)
    import shapely

    inside = shapely.contains_xy(shapely.Polygon(corner), *homes.T)
    assert np.isinf(seconds(land, [(2011.0, 2011.0)], homes)[~inside]).all()
    assert np.isfinite(seconds(land, [(2011.0, 2011.0)], homes)[inside]).all()
    for moves in (8, 16):
        at = np.array([2050.0]), np.array([2050.0])
        time, _ = spread_in_moves(land, *at, moves)
        assert np.isinf(time.ravel()[land.terrain.cell_of(*homes[~inside].T)]).sum() > 0
        assert np.isinf(time[0]).all()


def test_closed_cells_that_touch_at_corners_hold_people_back() -> None:
    cover = np.eye(40, dtype=int)
    land = land_of(land_grid(cover, ("open", "water")), {"open": 5.0, "water": 0.0})
    homes = [(1050.0, 450.0), (450.0, 1050.0), (2050.0, 1950.0)]
    # The diagonal runs from the north-west to the south-east.
    time = seconds(land, [(350.0, 350.0)], [*homes, (3500.0, 3500.0)])
    assert np.isfinite(time[:2]).all()
    assert np.isinf(time[3])


@pytest.mark.parametrize("grade", [0.0, 0.05, 0.1, 0.2])
@pytest.mark.parametrize("direction", ["to", "from"])
def test_slopes_are_charged_to_who_climbs(grade: float, direction: str) -> None:
    x = (np.arange(61) + 0.5) * 100
    height = np.broadcast_to(x * grade, (61, 61))
    land = land_of(
        land_grid(np.zeros((61, 61)), height_m=height), {"open": 5.0}, direction=direction, slopes=True
    )
    homes = [
        (3000.0 - 1000, 3050.0),
        (3000.0 + 1000, 3050.0),
        (3000.0 - 2500, 3050.0),
        (3000.0 + 2500, 3050.0),
    ]
    sign = 1 if direction == "to" else -1
    up, down = (720 * np.exp(3.5 * (abs(s * sign * grade + 0.05) - 0.05)) for s in (1, -1))
    got = seconds(land, [(3000.0, 3050.0)], homes)
    # Where it is steep a path that winds is quicker than the straight one: never slower, and not by much.
    assert got == pytest.approx([up, down, 2.5 * up, 2.5 * down], rel=0.005)


def test_known_answers_of_tobler() -> None:
    x = (np.arange(61) + 0.5) * 100
    for grade, want in ((0.1, 1021.7), (-0.1, 720.0), (-0.05, 604.4)):
        terrain = land_grid(np.zeros((61, 61)), height_m=np.broadcast_to(x * grade, (61, 61)))
        land = land_of(terrain, {"open": 5.0}, slopes=True)
        assert seconds(land, [(4000.0, 3050.0)], [(3000.0, 3050.0)])[0] == pytest.approx(want, rel=0.001)


def test_the_nearest_place_and_the_lowest_row_on_ties() -> None:
    land = land_of(land_grid(np.zeros((60, 60))), {"open": 5.0})
    px, py = np.array([4550.0, 1550.0, 1550.0]), np.array([3050.0, 3050.0, 3050.0])
    hx, hy = np.array([1000.0, 5000.0, 1550.0, 2900.0]), np.array([3000.0, 3000.0, 3050.0, 3050.0])
    time, place = times_at(land, spread(land, px, py), (px, py), (hx, hy))
    assert place.tolist() == [1, 0, 1, 1]
    assert time[2] == 0


def test_a_place_in_closed_land_has_a_door_and_one_in_the_middle_of_a_lake_has_none() -> None:
    cover = np.zeros((60, 60), int)
    cover[10, 10] = 1
    land = land_of(land_grid(cover, ("open", "built")), {"open": 5.0, "built": 0.0})
    assert np.isfinite(seconds(land, [(1050.0, 4950.0)], [(3000.0, 3000.0)])).all()
    cover[5:15, 5:15] = 1
    land = land_of(land_grid(cover, ("open", "built")), {"open": 5.0, "built": 0.0})
    times = spread(land, np.array([1050.0, 3050.0, -500.0]), np.array([4950.0, 3050.0, 3.0]))
    assert times.shut_in.tolist() == [True, False, True]


def test_a_home_on_the_dry_part_of_a_cell_whose_centre_is_wet_is_reached() -> None:
    cover = np.zeros((40, 40), int)
    cover[:, 20] = 1
    shore = [[2010.0, -100.0, 2010.0, 4100.0], [2090.0, -100.0, 2090.0, 4100.0]]
    terrain = land_grid(cover, ("open", WATER_AREA), barriers=shore)
    time = seconds(
        land_of(terrain, {"open": 5.0}),
        [(1000.0, 2050.0)],
        [(2005.0, 2050.0), (2050.0, 2050.0), (2095.0, 2050.0)],
    )
    assert time[0] == pytest.approx(1005 / MS, rel=0.01)
    assert np.isinf(time[1:]).all()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
@example(325261939)
def test_never_faster_than_straight_and_another_place_never_lengthens(seed: int) -> None:
    rng = np.random.default_rng(seed)
    cover = rng.integers(0, 4, (9, 9)).repeat(3, 0).repeat(3, 1)
    ends = rng.uniform(0, 2700, (3, 4))
    kph = {"a": 5.0, "b": 3.0, "c": 1.0, "d": 0.0}
    land = land_of(land_grid(cover, tuple(kph), barriers=ends), kph)
    places = [tuple(p) for p in rng.uniform(0, 2700, (3, 2))]
    homes = rng.uniform(0, 2700, (60, 2))
    one, all_ = seconds(land, places[:1], homes), seconds(land, places, homes)
    assert (all_ <= one).all()
    straight = np.min([np.hypot(*(homes - p).T) for p in places], axis=0) / MS
    # Where two ways meet in an edge, its middle is later than the line between its ends: half a cell at most.
    assert (all_ >= straight - 50 / MS).all()


def test_speeds_that_cannot_be_used_are_refused() -> None:
    terrain = land_grid(np.zeros((5, 5)))
    for kph, said in (
        ({}, "no speed over open"),
        ({"open": 0.0}, "every cell"),
        ({"open": -1.0}, "0 .closed. to 300"),
    ):
        with pytest.raises(InputError, match=said):
            land_of(terrain, kph)
    with pytest.raises(InputError, match="8 or 16"):
        spread_in_moves(land_of(terrain, {"open": 5.0}), np.zeros(1), np.zeros(1), 32)
