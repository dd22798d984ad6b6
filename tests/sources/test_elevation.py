"""Elevation rasters: planes read exactly, tiles, voids, SRTM zips, refusals."""

from __future__ import annotations

import zipfile

import numpy as np
import pytest

from access15.crs import to_crs
from access15.errors import CRSError, InputError, MissingFileError
from access15.network import tobler_factor
from access15.profiles import WALK, WALK_SLOPE
from access15.sources import read_network
from access15.sources.elevation import heights_m, open_surface, with_elevation
from access15.testing import street_map
from access15.travel_time import nearest_times

UTM = "EPSG:32632"
WEST, NORTH = 499_000.0, 5_001_000.0


def write(path, values, *, west=WEST, north=NORTH, pixel=20.0, crs=UTM, **more):
    import rasterio

    values = np.asarray(values)
    with rasterio.open(
        path, "w", driver="GTiff", height=values.shape[0], width=values.shape[1], count=1, dtype=values.dtype, crs=crs,
        transform=rasterio.transform.from_origin(west, north, pixel, pixel), **more,
    ) as raster:  # fmt: skip
        raster.write(values, 1)
    return path


def plane(rows=100, columns=150, *, west=WEST, north=NORTH, pixel=20.0, east=0.1, up=0.05):
    """Return heights of a tilted plane at pixel centres."""
    x = west + (np.arange(columns) + 0.5) * pixel
    y = north - (np.arange(rows) + 0.5) * pixel
    return (100 + east * (x - 500_000)[None, :] + up * (y - 5_000_000)[:, None]).astype(np.float32)


@pytest.fixture
def street():
    """A street of 900 m going east from (500000, 5000000), at 9 degrees east."""
    return street_map("A--------B", {"AB": {"highway": "residential"}})


def test_a_plane_is_read_exactly(tmp_path):
    surface = open_surface(write(tmp_path / "dem.tif", plane()))
    rng = np.random.default_rng(1)
    x, y = 500_000 + rng.uniform(0, 1000, 500), 5_000_000 + rng.uniform(-500, 500, 500)
    height, voids = heights_m(surface, x, y, UTM)
    np.testing.assert_allclose(height, 100 + 0.1 * (x - 500_000) + 0.05 * (y - 5_000_000), atol=1e-3)
    assert voids == 0


def test_a_plane_gives_tobler_speeds_end_to_end(tmp_path, street):
    network = with_elevation(street.network, write(tmp_path / "dem.tif", plane()))
    assert network.slope[0] == pytest.approx(0.1, abs=1e-5)
    flat = nearest_times(network, street.facilities("B"), street.population({"A": 1}), WALK).seconds[0]
    climb = nearest_times(network, street.facilities("B"), street.population({"A": 1}), WALK_SLOPE).seconds[0]
    assert climb / flat == pytest.approx(tobler_factor(0.1), rel=1e-4)
    found = network.provenance["elevation"]
    assert found["source"] == ["dem.tif"]
    assert found["lowest_m"] == 100
    assert found["highest_m"] == 190
    assert found["stations outside the rasters"] == 0


def test_two_tiles_are_one_surface(tmp_path):
    whole = open_surface(write(tmp_path / "whole.tif", plane()))
    # As SRTM tiles do, the two share a column of pixels.
    left = write(tmp_path / "left.tif", plane()[:, :81])
    right = write(tmp_path / "right.tif", plane()[:, 80:], west=WEST + 80 * 20)
    tiles = open_surface([left, right])
    x = 500_600 + np.linspace(-60, 60, 41)
    y = 5_000_000 + np.linspace(-13, 13, 41)
    np.testing.assert_allclose(heights_m(tiles, x, y, UTM)[0], heights_m(whole, x, y, UTM)[0], atol=1e-3)


def test_voids_and_streets_outside_are_counted(tmp_path, street):
    values = plane()
    values[:, 60:64] = -9999  # x from 500200 to 500280
    marked = write(tmp_path / "marked.tif", values, nodata=-9999)
    network = with_elevation(street.network, marked)
    found = network.provenance["elevation"]
    assert found["stations in voids"] > 0
    assert found["stations bridged over a void"] == found["stations in voids"]
    # Beside the void the mean of the readings left is a little off; the street as a whole is not.
    assert network.tobler_forward[0] == pytest.approx(tobler_factor(0.1), rel=0.01)
    unmarked = with_elevation(street.network, write(tmp_path / "unmarked.tif", values))
    assert unmarked.tobler_forward[0] == network.tobler_forward[0]
    half = with_elevation(street.network, write(tmp_path / "half.tif", plane()[:, :70]))
    outside = half.provenance["elevation"]["stations outside the rasters"]
    assert 0 < outside < half.provenance["elevation"]["stations"]
    assert 1 < half.tobler_forward[0] < network.tobler_forward[0]


def test_noise_of_single_pixels_is_damped(tmp_path, street):
    noisy = np.random.default_rng(3).normal(50, 2, (100, 150)).astype(np.float32)
    surface = open_surface(write(tmp_path / "noise.tif", noisy))
    rng = np.random.default_rng(4)
    x, y = 500_000 + rng.uniform(0, 1000, 2000), 5_000_000 + rng.uniform(-500, 500, 2000)
    assert heights_m(surface, x, y, UTM)[0].std() < 2 / 2.5
    factor = with_elevation(street.network, write(tmp_path / "n.tif", noisy)).tobler_forward[0]
    assert 1 < factor < 1.06


def test_other_crs_whole_numbers_and_scale(tmp_path, street):
    lon, lat = to_crs(np.array([500_000.0, 500_900.0]), np.array([5e6, 5e6]), UTM, "EPSG:4326")
    step = 1 / 3600
    rows = columns = 80
    west, north = lon[0] - 20 * step, lat[0] + 40 * step
    x = west + (np.arange(columns) + 0.5) * step
    tenths = np.tile(np.rint((x - lon[0]) / (lon[1] - lon[0]) * 900), (rows, 1)).astype(np.int16)
    path = write(tmp_path / "wgs.tif", tenths, west=west, north=north, pixel=step, crs="EPSG:4326")
    import rasterio

    with rasterio.open(path, "r+") as raster:
        raster.scales = (0.1,)
    network = with_elevation(street.network, path)
    assert network.slope[0] == pytest.approx(0.1, abs=0.002)


def test_srtm_tiles_in_zips(tmp_path, street):
    # The street begins on the seam of two tiles: both are needed for the mean of nine readings.
    names = ("N45E008", "N45E009")
    for name, column in zip(names, (-1200, 0), strict=True):
        rise = np.tile(4000 + 3 * (column + np.arange(1201)), (1201, 1)).astype(">i2")
        (tmp_path / f"{name}.hgt").write_bytes(rise.tobytes())
        with zipfile.ZipFile(tmp_path / f"{name}.SRTMGL3.hgt.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(tmp_path / f"{name}.hgt", f"{name}.hgt")
    zips = [tmp_path / f"{name}.SRTMGL3.hgt.zip" for name in names]
    network = with_elevation(street.network, zips)
    pixel_m = 900 / (to_crs(np.array([500_900.0]), np.array([5e6]), UTM, "EPSG:4326")[0][0] - 9) / 1200
    assert network.slope[0] == pytest.approx(3 / pixel_m, rel=1e-4)
    np.testing.assert_allclose(network.tobler_forward, tobler_factor(3 / pixel_m), rtol=1e-4)
    plain = with_elevation(street.network, [tmp_path / f"{name}.hgt" for name in names])
    np.testing.assert_array_equal(plain.tobler_forward, network.tobler_forward)
    both = tmp_path / "both.zip"
    with zipfile.ZipFile(both, "w") as archive:
        for name in names:
            archive.write(tmp_path / f"{name}.hgt", f"{name}.hgt")
    together = with_elevation(street.network, both)
    np.testing.assert_array_equal(together.tobler_forward, network.tobler_forward)
    assert together.provenance["elevation"]["source"] == ["both.zip/N45E008.hgt", "both.zip/N45E009.hgt"]


def test_refusals(tmp_path, street):
    with pytest.raises(MissingFileError, match=r"none\.tif"):
        with_elevation(street.network, tmp_path / "none.tif")
    with pytest.raises(InputError, match="names no raster"):
        with_elevation(street.network, [])
    (tmp_path / "text.tif").write_text("not a raster")
    with pytest.raises(InputError, match=r"text\.tif cannot be read"):
        with_elevation(street.network, tmp_path / "text.tif")
    whole = write(tmp_path / "cut.tif", np.random.default_rng(0).normal(0, 1, (100, 150)), compress="deflate")
    whole.write_bytes(whole.read_bytes()[: whole.stat().st_size // 3])
    with pytest.raises(InputError, match=r"cut\.tif cannot be read"):
        with_elevation(street.network, whole)
    (tmp_path / "bad.zip").write_bytes(b"PK nothing")
    with pytest.raises(InputError, match=r"bad\.zip cannot be read as a zip"):
        with_elevation(street.network, tmp_path / "bad.zip")
    with zipfile.ZipFile(tmp_path / "readme.zip", "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(InputError, match="holds no elevation tile"):
        with_elevation(street.network, tmp_path / "readme.zip")
    with pytest.raises(CRSError, match=r"nowhere\.tif does not state its CRS"):
        with_elevation(street.network, write(tmp_path / "nowhere.tif", plane(), crs=None))
    far = write(tmp_path / "far.tif", plane(), west=800_000)
    with pytest.raises(InputError, match=r"far\.tif: no elevation under any street"):
        with_elevation(street.network, far)
    other = write(tmp_path / "other.tif", plane(), crs="EPSG:32633")
    with pytest.raises(CRSError, match="bring them into one CRS"):
        with_elevation(street.network, [far, other])


def test_the_comoros_climb_a_volcano(shared_data):
    folder = shared_data / "comoros"
    network = with_elevation(
        read_network(folder / "comores-latest.osm.pbf"), sorted(folder.glob("*.hgt.zip"))
    )
    found = network.provenance["elevation"]
    assert found["edges without elevation, flat"] == 0
    assert 2000 < found["highest_m"] < 2361  # Karthala, the highest point of the country
    assert found["lowest_m"] >= -5
    ferry = np.array([network.highway_classes[h] == "ferry" for h in network.highway])
    np.testing.assert_array_equal(network.tobler_forward[ferry], 1)
    assert 1.08 < found["mean walking time relative to flat, both ways"] < 1.15
    # Down and up differ, and no street is faster than Tobler's best descent.
    assert (network.tobler_forward >= tobler_factor(-0.05) - 1e-6).all()
    assert (np.abs(network.tobler_forward - network.tobler_backward) > 0.01).mean() > 0.5
