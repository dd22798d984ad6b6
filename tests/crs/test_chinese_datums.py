"""The Chinese datums: inverses, places that are not shifted, and a real fixture."""

import os
from pathlib import Path

import numpy as np
import pytest

from access15.crs import (
    bd09_to_wgs84,
    gcj02_to_wgs84,
    ground_lengths_m,
    in_shifted_china,
    wgs84_to_bd09,
    wgs84_to_gcj02,
)

PAIRS = [(wgs84_to_gcj02, gcj02_to_wgs84), (wgs84_to_bd09, bd09_to_wgs84)]


@pytest.fixture
def inland():
    rng = np.random.default_rng(7)
    return rng.uniform(80, 118, 5000), rng.uniform(24, 48, 5000)


@pytest.mark.parametrize(("forward", "back"), PAIRS)
def test_the_inverse_undoes_the_shift_to_a_micrometre(forward, back, inland):
    lon, lat = inland
    x, y = back(*forward(lon, lat))
    assert np.abs(x - lon).max() < 1e-11
    assert np.abs(y - lat).max() < 1e-11


@pytest.mark.parametrize(("forward", "low", "high"), [(wgs84_to_gcj02, 10, 750), (wgs84_to_bd09, 300, 2200)])
def test_the_shift_has_the_known_size(forward, low, high, inland):
    lon, lat = inland
    x, y = forward(lon, lat)
    east = (x - lon) * np.cos(np.radians(lat)) * 111_320
    metres = np.hypot(east, (y - lat) * 110_900)
    assert low < metres.min()
    assert metres.max() < high


def test_the_forward_formula_gives_the_published_example():
    # The centre of Beijing in widely published tables of the two datums.
    x, y = wgs84_to_gcj02(116.404, 39.915)
    assert (round(float(x), 5), round(float(y), 5)) == (116.41024, 39.91640)


@pytest.mark.parametrize(
    ("lon", "lat"),
    [(114.17, 22.32), (114.13, 22.50), (113.55, 22.19), (121.5, 25.03), (119.57, 23.57), (7.42, 43.73)],
    ids=["Kowloon", "Sheung Shui", "Macao", "Taipei", "Penghu", "Monaco"],
)
@pytest.mark.parametrize("convert", [f for pair in PAIRS for f in pair])
def test_places_that_maps_do_not_shift(convert, lon, lat):
    assert [float(v) for v in convert(lon, lat)] == [lon, lat]


def test_mainland_cities_beside_them_are_shifted():
    lon = [114.057, 114.12, 113.57, 118.08, 119.31, 113.93]
    lat = [22.543, 22.55, 22.27, 24.48, 26.07, 22.52]
    assert in_shifted_china(lon, lat).all()


def test_inputs_are_not_changed_and_shapes_stay():
    lon, lat = np.full((2, 3), 104.0), np.full((2, 3), 30.0)
    x, _ = bd09_to_wgs84(lon, lat)
    assert x.shape == (2, 3)
    assert (lon == 104.0).all()


def test_hospitals_of_garze_agree_with_their_published_pair():
    folder = os.environ.get("ACCESS15_DATA")
    if not folder:
        pytest.skip("ACCESS15_DATA is not set")
    import pandas as pd

    table = pd.read_csv(Path(folder) / "garze" / "Garze_hospitals_WGS.csv", encoding="gb18030")
    x, y = bd09_to_wgs84(table["BD_lon"], table["BD_lat"])
    metres = [
        ground_lengths_m(np.array([a, c]), np.array([b, d]))[0]
        for a, b, c, d in zip(x, y, table["WGS_lon"], table["WGS_lat"], strict=True)
    ]
    assert len(metres) == 85
    assert max(metres) < 0.2
