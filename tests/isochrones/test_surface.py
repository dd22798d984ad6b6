"""Rasters of times, and bands of isochrones."""

from __future__ import annotations

import numpy as np
import pytest
import rasterio
import shapely

from access15.errors import InputError, OutputError
from access15.isochrones import isochrones, time_surface
from access15.model import Facilities, Population
from access15.outputs import write_time_raster
from access15.profiles import WALK
from access15.testing import straight_streets, street_map
from access15.travel_time import nearest_times


@pytest.fixture(scope="module")
def town():
    return street_map(
        """
        A-----B-----C
        |     |     |
        D-----E-----F
        """
    )


def test_a_pixel_has_the_time_of_a_person_there(town, tmp_path):
    clinic = town.facilities("A")
    ax, ay = town.places["A"]
    surface = time_surface(
        town.network, clinic, WALK, pixel_m=20, bounds=(ax - 50, ay - 350, ax + 1250, ay + 50)
    )
    assert surface.seconds.shape == (20, 65)
    file = write_time_raster(tmp_path / "times.tif", surface)
    with rasterio.open(file) as raster:
        assert raster.crs == town.network.crs
        # 400 m along A-B and 30 m to the north of it.
        (value,) = next(raster.sample([(ax + 400, ay + 30)]))
        assert raster.nodata != raster.nodata
    pixel_x, pixel_y = ax - 50 + 22.5 * 20, ay + 50 - 1.5 * 20
    expected = (abs(pixel_x - ax) + abs(pixel_y - ay)) / (4.8 / 3.6)
    assert value == pytest.approx(expected, abs=0.01)


def test_pixels_beyond_the_limit_or_far_from_streets_are_empty(town):
    clinic = town.facilities("A")
    near = time_surface(town.network, clinic, WALK, pixel_m=50, minutes=5)
    assert np.nanmax(near.seconds) <= 300
    assert np.isnan(near.seconds).any()
    ax, ay = town.places["A"]
    far = time_surface(
        town.network, clinic, WALK, pixel_m=100, bounds=(ax, ay + 500, ax + 300, ay + 900), max_snap_m=400
    )
    assert np.isnan(far.seconds).all()


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"pixel_m": 0}, "pixel_m"),
        ({"pixel_m": float("nan")}, "pixel_m"),
        ({"pixel_m": 1e-6}, "larger pixel_m"),
        ({"minutes": 0}, "minutes"),
        ({"bounds": (5, 0, 1, 1)}, "west < east"),
    ],
)
def test_senseless_rasters_are_refused(town, more, says):
    with pytest.raises(InputError, match=says):
        time_surface(town.network, town.facilities("A"), WALK, **more)


def test_pixels_know_the_clinics_that_cells_know():
    # The second clinic is 1.5 km off its street; max_snap_m is about pixels only.
    streets = straight_streets([0.0, 0.0, 9000.0], [0.0, 500.0, 0.0], [0, 0], [2, 1])
    clinics = Facilities.of([0.0, 4500.0], [0.0, -1500.0], streets.crs)
    cell = nearest_times(streets, clinics, Population.of([4475.0], [25.0], [1], streets.crs), WALK)
    pixel = time_surface(streets, clinics, WALK, bounds=(4450, 0, 4500, 50))
    assert pixel.seconds.tolist() == [cell.seconds.tolist()]


def test_one_straight_street_and_none():
    street = straight_streets([0.0, 500.0], [0.0, 0.0], [0], [1])
    clinic = Facilities.of([0.0], [0.0], street.crs)
    assert time_surface(street, clinic, WALK, pixel_m=100).seconds.shape == (1, 5)
    nothing = straight_streets([], [], [], [])
    with pytest.raises(InputError, match="street"):
        time_surface(nothing, clinic, WALK)


def test_an_unwritable_raster_is_one_error(town, tmp_path):
    surface = time_surface(town.network, town.facilities("A"), WALK, pixel_m=100)
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError):
        write_time_raster(tmp_path / "file" / "times.tif", surface)


def test_bands_add_up_to_the_isochrones(town):
    clinics = town.facilities("A", "F")
    for by in ("merged", "facility"):
        whole = isochrones(town.network, clinics, WALK, (3, 6, 9), by=by)
        bands = isochrones(town.network, clinics, WALK, (3, 6, 9), by=by, bands=True)
        assert bands["from_minutes"].tolist() == [0, 3, 6] * (len(bands) // 3)
        assert (shapely.get_type_id(bands.geometry) == shapely.GeometryType.MULTIPOLYGON).all()
        assert bands.geometry.is_valid.all()
        for k in range(0, len(bands), 3):
            three = bands.geometry.iloc[k : k + 3]
            assert three.area.sum() == pytest.approx(whole.geometry.iloc[k + 2].area)
            assert (
                shapely.union_all(three.to_numpy()).symmetric_difference(whole.geometry.iloc[k + 2]).area
                < 1e-3
            )
