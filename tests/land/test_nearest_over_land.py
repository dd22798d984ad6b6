"""`nearest_times` with a terrain: streets as before, land beside them, statuses, metres, vehicles between two walks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from grids import UTM, land_grid
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

import access15 as a15
from access15.errors import InputError
from access15.model import STANDING, WATER_AREA, LinkReason, Status, StreetNetwork, Terrain
from access15.modes import EVERYBODY
from access15.profiles import DRIVE, WALK
from access15.testing import straight_streets

LEVEL = replace(WALK, name="level", off_road_kph={"open": 2.88, "slow": 1.0, "lake": 0.0})
CLOSED_ROADSIDE = replace(LEVEL, name="roadside", off_road_kph={"open": 0.0005})
CAR = replace(DRIVE, name="car", off_road_kph={"open": 2.88, "slow": 1.0, "lake": 0.0}, delay_s={})


def points(xy: Any) -> tuple[Any, Any]:
    x, y = np.asarray(xy, float).reshape(-1, 2).T
    return x, y


def near(
    network: StreetNetwork, places: Any, homes: Any, profile: Any, terrain: Any = None, **more: Any
) -> Any:
    people = a15.Population.of(*points(homes), np.ones(len(homes)), UTM)
    return a15.nearest_times(
        network, a15.Facilities.of(*points(places), UTM), people, profile, terrain=terrain, **more
    )


def town(rng: Any, n: int = 6, side: float = 3000.0) -> StreetNetwork:
    """Return streets between junctions of a shaken grid: no two cross but at a junction."""
    step = side / n
    row, column = np.indices((n, n))
    x = ((column + 0.5) * step + rng.uniform(-0.3, 0.3, (n, n)) * step).ravel()
    y = ((row + 0.5) * step + rng.uniform(-0.3, 0.3, (n, n)) * step).ravel()
    node = np.arange(n * n).reshape(n, n)
    a = np.concatenate((node[:, :-1].ravel(), node[:-1].ravel()))
    b = np.concatenate((node[:, 1:].ravel(), node[1:].ravel()))
    keep = rng.random(len(a)) < 0.85
    return straight_streets(x, y, a[keep], b[keep], crs=UTM)


def on_streets(network: StreetNetwork, rng: Any, k: int) -> Any:
    edge, share = rng.integers(0, network.n_edges, k), rng.random((k, 1))
    ends = np.column_stack((network.node_x, network.node_y))
    return ends[network.edge_from[edge]] * (1 - share) + ends[network.edge_to[edge]] * share


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(["to", "from"]), st.booleans())
def test_where_no_land_is_used_the_answer_is_that_of_the_streets(seed: int, way: str, car: bool) -> None:
    rng = np.random.default_rng(seed)
    network = town(rng)
    oneway = np.where(rng.random(network.n_edges) < 0.4, 0, int(EVERYBODY))
    network = replace(network, access_backward=oneway)
    terrain = land_grid(np.zeros((30, 30)))
    profile = replace(CAR, off_road_kph={"open": 0.0005}) if car else CLOSED_ROADSIDE
    homes, places = on_streets(network, rng, 80), on_streets(network, rng, 4)
    homes = np.vstack((homes, places, np.column_stack((network.node_x, network.node_y))))
    want = near(network, places, homes, profile, direction=way)
    got = near(network, places, homes, profile, terrain, direction=way)
    assume(
        (want.sites.leg_m < 0.5).all()
    )  # a clinic on streets that lead nowhere is linked to others, further off
    by_street = (want.status == Status.REACHED) & (want.cells.leg_m < 0.5)
    assert by_street.any()
    assert (got.seconds[by_street] == want.seconds[by_street]).all()
    assert (got.facility[by_street] == want.facility[by_street]).all()
    assert (got.over_land_m[by_street] < 0.01).all()


@pytest.mark.parametrize("way", ["to", "from"])
def test_turn_restrictions_hold_beside_land_too(way: str) -> None:
    """Monaco by car, with its restrictions: homes and clinics on streets have the times they have without terrain."""
    network = a15.read_network(Path(__file__).parents[2] / "data" / "sample" / "monaco" / "monaco.osm.pbf")
    rng = np.random.default_rng(5)
    free = np.flatnonzero(np.asarray(network.length_m) > 5)
    edge = rng.choice(free, 400)
    first, count = network.vertex_offset[edge], np.diff(network.vertex_offset)[edge]
    at = first + (count - 1) // 2
    share = rng.random(400)
    homes = np.column_stack(
        [v[at] * (1 - share) + v[at + 1] * share for v in (network.vertex_x, network.vertex_y)]
    )
    x0, y0 = network.node_x.min() - 500, network.node_y.min() - 500
    cells = np.zeros(
        (int((network.node_y.max() + 500 - y0) / 100) + 1, int((network.node_x.max() + 500 - x0) / 100) + 1)
    )
    terrain = Terrain(cells.astype(np.uint8), ("open",), x0, y0 + cells.shape[0] * 100, 100.0, network.crs)
    slow = replace(DRIVE, name="slow land", off_road_kph={"open": 0.0005}, off_network_kph=0.001)
    people = a15.Population.of(*homes.T, np.ones(400), network.crs)
    everywhere = a15.nearest_times(
        network, a15.Facilities.of(*homes.T, network.crs), people, slow, direction=way
    )
    at_street = (everywhere.sites.leg_m < 1e-6) & (everywhere.cells.leg_m < 1e-6)
    places = a15.Facilities.of(*homes[at_street][:3].T, network.crs)
    want = a15.nearest_times(network, places, people, slow, direction=way)
    got = a15.nearest_times(network, places, people, slow, direction=way, terrain=terrain)
    same = (want.status == Status.REACHED) & (want.cells.leg_m < 1e-6)
    assert same.sum() > 100
    assert (got.seconds[same] == want.seconds[same]).all()
    assert (got.facility[same] == want.facility[same]).all()


def test_a_home_off_the_street_walks_over_land_first() -> None:
    network = straight_streets([550, 2950], [1050, 1050], [0], [1], crs=UTM)
    terrain = land_grid(np.zeros((30, 40)))
    found = near(network, [(550, 1050)], [(2550, 1050), (2550, 1550), (3500, 2500)], LEVEL, terrain)
    street, land = 4.8 / 3.6, 2.88 / 3.6
    assert found.seconds[0] == pytest.approx(2000 / street, abs=0.002)
    # Snell: one leaves the street where the angle's cosine is the ratio of the paces.
    off_s = 2000 / street + 500 * np.sqrt(1 / land**2 - 1 / street**2)
    assert found.seconds[1] == pytest.approx(off_s, rel=0.003)
    assert found.over_land_m[0] == 0
    assert found.over_land_m[1] == pytest.approx(500 / np.sqrt(1 - (land / street) ** 2), rel=0.05)
    assert found.land_first_m[1] == pytest.approx(found.over_land_m[1], rel=0.001)
    assert (found.status == Status.REACHED).all()


def test_what_passes_before_leaving_is_part_of_every_time() -> None:
    network = straight_streets([550, 2950], [1050, 1050], [0], [1], crs=UTM)
    homes, terrain = [(2550, 1050), (2550, 1550)], land_grid(np.zeros((30, 40)))
    late = replace(LEVEL, name="late", start_s=90.0)
    at_once, later = (near(network, [(550, 1050)], homes, profile, terrain) for profile in (LEVEL, late))
    assert (later.seconds == at_once.seconds + 90).all()


def test_land_at_both_ends_is_added_and_only_the_first_counts_as_first() -> None:
    network = straight_streets([550, 9550], [1050, 1050], [0], [1], crs=UTM)
    terrain = land_grid(np.zeros((30, 110)))
    fast = replace(LEVEL, name="fast", speed_kph=48.0)
    found = near(network, [(1050, 1450)], [(8550, 1650)], fast, terrain)
    assert found.over_land_m[0] == pytest.approx(1000, rel=0.03)
    assert found.land_first_m[0] == pytest.approx(600, rel=0.03)


def test_people_are_conserved_and_each_has_a_reason() -> None:
    cover = np.zeros((40, 60), int)
    cover[:, 30:32] = 1  # a lake from edge to edge
    cover[5, 5] = 1
    terrain = land_grid(cover, ("open", "lake"))
    network = straight_streets([450, 2550], [2050, 2050], [0], [1], crs=UTM)
    homes = [(1000, 3000), (550, 3450), (3100, 2000), (5000, 2000), (99_000, 2000), (1500, 2050)]
    people = a15.Population.of(*points(homes), np.arange(1.0, 7.0), UTM)
    place = a15.Facilities.of(*points([(500, 2050)]), UTM)
    found = a15.nearest_times(network, place, people, LEVEL, terrain=terrain)
    names = [Status(code).name for code in found.status]
    assert names == ["REACHED", "CLOSED_LAND", "CLOSED_LAND", "UNREACHABLE", "UNLINKED", "REACHED"]
    reasons = [LinkReason(code).name for code in found.cells.reason[[1, 2, 4]]]
    assert reasons == ["ON_CLOSED_LAND", "ON_CLOSED_LAND", "OUTSIDE_TERRAIN"]
    limited = near(network, [(500, 2050)], homes, LEVEL, terrain, minutes=15)
    assert limited.status[0] == Status.BEYOND_LIMIT
    assert np.isinf(limited.seconds[0])
    assert np.isnan(limited.over_land_m[0])
    assert (np.bincount(limited.status, minlength=5)).sum() == len(homes)
    table = a15.coverage(found, people, minutes=15).table
    row = table.iloc[0]
    assert row[["covered", "uncovered", "unreachable", "unlinked"]].sum() == people.people.sum()


def test_a_street_through_closed_land_is_a_street() -> None:
    cover = np.ones((30, 40), int)
    cover[:, :3] = cover[:, -3:] = 0
    network = straight_streets([150, 3850], [1550, 1550], [0], [1], crs=UTM)
    found = near(
        network,
        [(150, 1550)],
        [(3850, 1550), (2000, 1550), (2000, 1450)],
        LEVEL,
        land_grid(cover, ("open", "lake")),
    )
    assert found.seconds[:2] == pytest.approx([3700 / (4.8 / 3.6), 1850 / (4.8 / 3.6)], abs=0.002)
    assert found.status[2] == Status.CLOSED_LAND


def test_a_car_is_walked_to_ridden_once_and_left_once() -> None:
    """Two roads with a gap of 600 m: one walks across the gap, the second car needs the rides of another reading."""
    network = straight_streets([550, 5550, 6150, 11_150], [1050] * 4, [0, 2], [1, 3], crs=UTM)
    terrain = land_grid(np.zeros((21, 120)))
    car = replace(CAR, speed_kph=60.0, class_kph={}, maxspeed_factor=None)
    homes = [(11_150, 1050), (5000, 1850)]
    place = [(550, 1050)]
    road, land, foot = 60 / 3.6, 2.88 / 3.6, 4.8 / 3.6
    once = near(network, place, homes, car, terrain)
    # On foot along the second road (4.8 km/h), or over the gap; one ride on the longer piece.
    assert once.seconds[0] == pytest.approx(5000 / road + 600 / land + 5000 / foot, rel=0.005)
    often = near(network, place, homes, replace(car, name="often", rides="any"), terrain)
    assert often.seconds[0] == pytest.approx(10_000 / road + 600 / land, rel=0.005)
    best = 4450 / road + 800 * np.sqrt(1 / land**2 - 1 / road**2)
    assert once.seconds[1] == pytest.approx(best, rel=0.005)
    assert once.over_land_m[1] == pytest.approx(800, rel=0.01)
    assert (often.seconds <= once.seconds).all()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.booleans(), st.sampled_from(["to", "from"]))
@example(325261939, False, "to")
def test_another_facility_or_a_terrain_without_barriers_never_lengthens(
    seed: int, car: bool, way: str
) -> None:
    rng = np.random.default_rng(seed)
    kph = {"open": 5.0, "slow": 1.0, "lake": 0.0}
    cover = rng.choice(3, (10, 10), p=[0.5, 0.35, 0.15]).repeat(3, 0).repeat(3, 1)
    network = town(rng, 4)
    terrain = land_grid(cover, tuple(kph), barriers=rng.uniform(0, 3000, (2, 4)))
    profile = replace(CAR if car else LEVEL, name="any", off_road_kph=kph)
    places, homes = rng.uniform(0, 3000, (4, 2)), rng.uniform(0, 3000, (80, 2))
    homes[:20] = on_streets(network, rng, 20)
    places[:2] = on_streets(network, rng, 2)
    few = near(network, places[:2], homes, profile, terrain, direction=way)
    more = near(network, places, homes, profile, terrain, direction=way)
    assert (more.seconds <= few.seconds).all()
    reached = np.isfinite(more.seconds)
    assert (more.over_land_m[reached] >= more.land_first_m[reached] - 1e-3).all()
    assert np.isfinite(more.over_land_m[reached]).all()
    if not car:
        assert (more.over_land_m[reached] <= more.seconds[reached] * 5 / 3.6 * 1.02 + 60).all()
    # The reversed order gives the same times: the lowest row wins ties.
    turned = near(network, places[::-1], homes, profile, terrain, direction=way)
    assert (turned.seconds == more.seconds).all()


def test_both_directions_differ_by_who_climbs_and_by_oneways() -> None:
    network = straight_streets(
        [550, 3550], [1050, 1050], [0], [1], crs=UTM, backward=0, forward=int(EVERYBODY)
    )
    terrain = land_grid(np.zeros((21, 41)))
    car = replace(CAR, speed_kph=60.0, class_kph={}, maxspeed_factor=None)
    home, place = [(600, 1050)], [(3500, 1050)]
    there = near(network, place, home, car, terrain, direction="to").seconds[0]
    back = near(network, place, home, car, terrain, direction="from").seconds[0]
    assert there == pytest.approx(2900 / (60 / 3.6), rel=0.001)
    assert back > 5 * there


def test_what_cannot_be_used_is_refused_in_one_sentence() -> None:
    network = straight_streets([0, 900], [50, 50], [0], [1], crs=UTM)
    with pytest.raises(InputError, match="most of the people"):
        near(network, [(50, 50)], [(90_000, 50)], LEVEL, land_grid(np.zeros((21, 21))))
    with pytest.raises(InputError, match="no speed over meadow"):
        near(network, [(50, 50)], [(90, 50)], LEVEL, land_grid(np.zeros((21, 21)), ("meadow",)))
    with pytest.raises(InputError, match="every cell of the land is closed"):
        near(network, [(50, 50)], [(90, 50)], LEVEL, land_grid(np.zeros((21, 21)), (WATER_AREA,)))
    with pytest.raises(InputError, match="terrain must be a Terrain"):
        near(network, [(50, 50)], [(90, 50)], LEVEL, "land.tif")
    assert STANDING
