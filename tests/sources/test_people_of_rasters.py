"""People of rasters are looked at cell by cell: groups, densities, and cells too large for the question."""

from __future__ import annotations

import warnings
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

import access15 as a15
from access15.errors import InputError
from access15.model import notes_of
from access15.sources import read_population, spread_people
from town_files import write_town


def raster(
    path: Path, values: np.ndarray, step: float = 0.001, corner: tuple[float, float] = (7.40, 43.75)
) -> Path:
    values = np.asarray(values, np.float64)
    with rasterio.open(
        path, "w", driver="GTiff", width=values.shape[1], height=values.shape[0], count=1, dtype="float64",
        nodata=-1, crs="EPSG:4326", transform=from_origin(*corner, step, step),
    ) as out:  # fmt: skip
        out.write(values, 1)
    return path


def told(call) -> str:
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        call()
    return "\n".join(str(one.message) for one in seen)


def test_a_group_is_compared_with_the_residents_of_every_cell(tmp_path):
    people, group = np.full((10, 10), 100.0), np.full((10, 10), 10.0)
    group[3, 4] = 130  # together 1,110 of 10,000: as a sum nothing is odd
    whole = raster(tmp_path / "p.tif", people)
    with pytest.raises(
        InputError,
        match=r"p\.tif: in 1 of 100 cells the group '65\+' .*r3c4: 130 of 100\), 2\.7% of the group.*--group",
    ):
        read_population(whole, groups={"65+": raster(tmp_path / "g.tif", group)})
    group[3, 4] = 105
    said = told(lambda: read_population(whole, groups={"65+": raster(tmp_path / "g.tif", group)}))
    assert "5 people of the group 65+ are more than live in their cells (1 cells, most in r3c4)" in said


def test_people_of_a_group_that_are_lost_are_told(tmp_path):
    people, group = np.full((4, 5), 100.0), np.full((4, 5), 10.0)
    people[0, 0], group[1, 1] = 0, -1
    whole = raster(tmp_path / "p.tif", people)
    said = told(lambda: read_population(whole, groups={"65+": raster(tmp_path / "g.tif", group)}))
    assert "10 people of the group 65+ are in cells where nobody lives" in said
    assert (
        "5.3% of the people: 100 people live in 1 cells where the raster of the group 65+ has no data" in said
    )


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (np.linspace(0.01, 1, 400), "at most 1"),
        (np.where(np.arange(400) % 3, np.linspace(1, 99, 400), 100), "per cent"),
        (np.arange(400) % 5 + 1, "classes"),
        (np.full(400, 7.0), "classes"),
        (np.where(np.arange(400) % 4, 37.5, np.arange(400)), "are 37.5"),
        (np.arange(400) * 100 + 1, "density beyond any city|people per km²"),
    ],
)
def test_values_that_are_no_people_are_told_in_python_too(tmp_path, values, said):
    path = raster(tmp_path / "built.tif", np.reshape(values, (20, 20)))
    heard = told(lambda: read_population(path))
    assert any(word in heard for word in said.split("|")), heard
    assert notes_of(read_population(path).provenance)


def test_what_does_not_fit_a_raster_is_refused_with_key_and_option(tmp_path):
    path = raster(tmp_path / "p.tif", np.full((3, 3), 5.0))
    for name, value, option in (
        ("keep", {"a": "b"}, "--population-keep"),
        ("drop", {"a": "b"}, "--population-drop"),
        ("datum", "gcj02", "--population-datum"),
        ("decimal", ",", "--decimal"),
        ("columns", {"id": "x"}, "--population-column"),
        ("on", "code", "--population-join"),
    ):
        with pytest.raises(InputError, match=rf"p\.tif is a raster.*{option}"):
            read_population(path, **{name: value})


def test_coarse_cells_are_spread_and_each_keeps_its_people(tmp_path):
    people = 2.0 ** np.arange(12).reshape(3, 4)
    coarse = read_population(raster(tmp_path / "coarse.tif", people, 0.01))
    fine = read_population(
        raster(tmp_path / "fine.tif", np.random.default_rng(1).random((120, 160)) + 0.1, 0.00025)
    )
    spread = spread_people(coarse, fine)
    assert spread.total == people.sum()
    cell = ((spread.x - 7.40) // 0.01).astype(int) + 4 * ((43.75 - spread.y) // 0.01).astype(int)
    assert np.bincount(cell, spread.people, 12).tolist() == people.ravel().tolist()


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_study_of_coarse_cells_stops_until_it_says_where_people_live(tmp_path):
    town = write_town(tmp_path)
    text = town.read_text("utf-8").replace('[areas]\npath = "wards.geojson"\nid = "code"\n', "")
    assert "[areas]" not in text
    settings = a15.Study.from_toml(town).settings
    table = read_population(settings.population.path)
    west, north = table.x.min() - 0.005, table.y.max() + 0.005
    across, down = int((table.x.max() - west) / 0.02) + 1, int((north - table.y.min()) / 0.02) + 1
    raster(tmp_path / "coarse.tif", np.full((down, across), 600.0), 0.02, (west, north))
    lines = [
        'path = "coarse.tif"' if settings.population.path.name in line else line for line in text.splitlines()
    ]
    lines = [line for line in lines if not line.startswith(("groups", "columns"))]
    town.write_text("\n".join(lines), "utf-8")
    with pytest.raises(
        InputError, match=r"are given for \d+ cells larger than .*spread = .*--population-spread"
    ):
        a15.Study.from_toml(town).run(parts=())
    for how in ("streets", "centre"):
        named = "\n".join(
            f'{line}\nspread = "{how}"' if line == 'path = "coarse.tif"' else line for line in lines
        )
        town.write_text(named, "utf-8")
        found = a15.Study.from_toml(town).run(parts=())
        assert found.inputs.population.total == pytest.approx(600.0 * down * across)


def test_points_cannot_be_spread():
    points = a15.Population.of([7.4], [43.7], [5.0], "EPSG:4326")
    boxes = gpd.GeoDataFrame(geometry=[shapely.box(7, 43, 8, 44)], crs="EPSG:4326")
    with pytest.raises(InputError, match="points are where they are"):
        spread_people(points, boxes)
