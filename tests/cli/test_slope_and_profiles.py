"""Slopes, profile files and the cache from the command line and in studies."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from access15.cli import main
from access15.crs import to_crs
from access15.errors import InputError
from access15.network import tobler_factor
from access15.sources import read_network
from access15.study import Study

MONACO = next((Path(__file__).parents[2] / "data" / "sample").rglob("*.osm.pbf"))


@pytest.fixture
def folder(tmp_path):
    """Monaco on a plane that rises 10 % to the north, and two points on its streets."""
    import rasterio

    shutil.copy(MONACO, tmp_path / "monaco.osm.pbf")
    south, step = 43.70, 1 / 3600
    rise = 0.1 * 30.86  # metres per pixel of one second of latitude
    heights = np.repeat(500 - rise * np.arange(300, dtype=np.float32)[:, None], 300, axis=1)
    with rasterio.open(
        tmp_path / "plane.tif", "w", driver="GTiff", width=300, height=300, count=1, dtype="float32", crs="EPSG:4326",
        transform=rasterio.Affine(step, 0, 7.38, 0, -step, south + 300 * step),
    ) as raster:  # fmt: skip
        raster.write(heights, 1)
    (tmp_path / "a.csv").write_text("id,lon,lat\nport,7.4246,43.7363\n")
    (tmp_path / "b.csv").write_text("id,lon,lat\nlarvotto,7.4305,43.7460\n")
    (tmp_path / "people.csv").write_text("id,lon,lat,population\n1,7.4246,43.7363,100\n2,7.4300,43.7450,50\n")
    (tmp_path / "slow.toml").write_text(
        'name = "walk-slow"\nextends = "walk"\nsource = "a test"\nspeed_kph = 2.4\n'
    )
    return tmp_path


def run(folder, *words):
    return CliRunner().invoke(main, [str(w) for w in words], catch_exceptions=False)


def seconds(folder, start, end, mode, *more):
    out = folder / "t.csv"
    got = run(
        folder, "matrix", "--network", folder / "monaco.osm.pbf", "--origins", folder / start, "--destinations",
        folder / end, "--mode", mode, "--out", out, *more,
    )  # fmt: skip
    assert got.exit_code == 0, got.output
    return float(pd.read_csv(out)["seconds"].iloc[0])


def test_a_matrix_uphill_takes_longer(folder):
    height = ("--elevation", folder / "plane.tif")
    flat, up, down = (
        seconds(folder, "a.csv", "b.csv", "walk"),
        seconds(folder, "a.csv", "b.csv", "walk-slope", *height),
        seconds(folder, "b.csv", "a.csv", "walk-slope", *height),
    )
    assert flat < up <= flat * tobler_factor(0.105)
    assert down < up
    assert seconds(folder, "a.csv", "b.csv", "walk", *height) == flat


def test_a_profile_file_is_a_mode(folder):
    flat = seconds(folder, "a.csv", "b.csv", "walk")
    assert seconds(folder, "a.csv", "b.csv", folder / "slow.toml") == pytest.approx(2 * flat, rel=1e-3)


def test_slope_without_elevation_is_refused(folder):
    out = folder / "t.csv"
    words = (
        "matrix",
        "--network",
        folder / "monaco.osm.pbf",
        "--origins",
        folder / "a.csv",
        "--destinations",
        folder / "b.csv",
    )
    got = CliRunner().invoke(main, [str(w) for w in (*words, "--mode", "walk-slope", "--out", out)])
    assert got.exit_code == 2
    assert "no elevation: read it with heights, a GeoTIFF or SRTM tiles, elevation = " in got.output
    assert not out.exists()


def test_a_study_names_profile_files_and_elevation(folder, monkeypatch):
    monkeypatch.setenv("ACCESS15_CACHE", str(folder / "cache"))
    (folder / "study.toml").write_text(
        '[study]\nname = "Hills"\n[network]\npath = "monaco.osm.pbf"\nelevation = "plane.tif"\ncache = true\n'
        '[facilities]\npath = "b.csv"\n[population]\npath = "people.csv"\n'
        '[analysis]\nmodes = ["walk", "walk-slope", "slow.toml"]\nminutes = [15]\n'
    )
    study = Study.from_toml(folder / "study.toml")
    result = study.run(parts=())
    assert list(result.times) == ["walk", "walk-slope", "walk-slow"]
    walk, slope, slow = (result.times[mode].seconds for mode in result.times)
    assert (slope > walk).all()
    np.testing.assert_allclose(slow, 2 * walk, rtol=1e-3)
    kept = list((folder / "cache").iterdir())
    assert len(kept) == 1
    again = study.run(parts=())
    np.testing.assert_array_equal(again.times["walk-slope"].seconds, slope)
    provenance = result.provenance()
    assert "elevation 1" in str(provenance)
    assert "Tobler" in str(provenance)
    assert "a test" in str(provenance)


def test_read_network_takes_elevation_and_cache(folder):
    file, plane, kept = folder / "monaco.osm.pbf", folder / "plane.tif", folder / "kept"
    network = read_network(file, elevation=plane, cache=kept)
    assert network.has_elevation
    dy = network.node_y[network.edge_to] - network.node_y[network.edge_from]
    long = (network.length_m > 50) & ~network.off_ground
    np.testing.assert_allclose(network.slope[long], 0.1 * dy[long] / network.length_m[long], atol=0.004)
    assert not read_network(file, cache=kept).has_elevation
    assert len(list(kept.iterdir())) == 2
    clipped = read_network(file, clip=(7.42, 43.73, 7.43, 43.74), cache=kept)
    assert clipped.n_edges < network.n_edges
    assert len(list(kept.iterdir())) == 3
    lon, lat = to_crs(network.node_x[:1], network.node_y[:1], network.crs, "EPSG:4326")
    assert 7.3 < lon[0] < 7.5
    assert 43.6 < lat[0] < 43.9
    with pytest.raises(InputError, match="not of an OSMnx graph in memory"):
        read_network(object(), cache=True)
