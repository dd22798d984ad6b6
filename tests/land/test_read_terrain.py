"""Land cover, water and elevation from files onto one grid, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from grids import UTM

from access15.errors import CRSError, InputError, MissingFileError
from access15.model import NO_DATA, WATER_AREA, Areas, Terrain, notes_of
from access15.search import land_of
from access15.sources import read_land_cover, read_terrain

WEST, NORTH = 300_000.0, 1_304_000.0


def raster(
    path: Path, values: Any, cell_m: float = 100.0, crs: str | None = UTM, nodata: float | None = None
) -> Path:
    import rasterio

    grid = np.asarray(values)
    transform = rasterio.Affine(cell_m, 0, WEST, 0, -cell_m, NORTH)
    with rasterio.open(
        path, "w", driver="GTiff", width=grid.shape[1], height=grid.shape[0], count=1, dtype=grid.dtype, crs=crs,
        transform=transform, nodata=nodata,
    ) as out:  # fmt: skip
        out.write(grid, 1)
    return path


def area(left: float = 500, bottom: float = 500, right: float = 3500, top: float = 3500) -> gpd.GeoDataFrame:
    south = NORTH - 4000
    return gpd.GeoDataFrame(
        geometry=[shapely.box(WEST + left, south + bottom, WEST + right, south + top)], crs=UTM
    )


def codes(value: int = 30, size: int = 40) -> Any:
    return np.full((size, size), value, np.uint8)


def terrain(path: Path, legend: Any = "worldcover", **options: Any) -> Terrain:
    return read_terrain(
        read_land_cover(path, legend), **{"area": area(), "crs": UTM, "margin_m": 500, **options}
    )


@pytest.mark.parametrize(
    ("legend", "code", "name"),
    [
        ("worldcover", 95, "mangrove"), ("cgls", 124, "tree"), ("globeland30", 80, "built"), ("esri", 11, "grass"),
        ({7: "maize"}, 7, "maize"), ({7: 3.5}, 7, "3.5 km/h"),
    ],
)  # fmt: skip
def test_codes_become_classes(tmp_path: Path, legend: Any, code: int, name: str) -> None:
    found = terrain(raster(tmp_path / "cover.tif", codes(code)), legend)
    assert found.shape == (40, 40)
    assert {found.classes[k] for k in np.unique(found.cover)} == {name}
    assert found.bounds == (WEST, NORTH - 4000, WEST + 4000, NORTH)
    if name == "3.5 km/h":
        assert land_of(found, {}).cross_ms[0, 0] == pytest.approx(100 * 3600 / 3.5)


def test_a_fine_raster_gives_the_class_that_covers_most(tmp_path: Path) -> None:
    fine = np.where(np.arange(400) % 10 < 6, 30, 10).astype(np.uint8)
    found = terrain(raster(tmp_path / "cover.tif", np.broadcast_to(fine, (400, 400)), cell_m=10))
    assert {found.classes[k] for k in np.unique(found.cover)} == {"grass"}


def test_shares_are_kept_and_give_the_mean_speed(tmp_path: Path) -> None:
    files = {
        name: raster(tmp_path / f"{name}.tif", np.full((40, 40), share, np.float32))
        for name, share in (("grass", 60), ("tree", 30))
    }
    found = terrain(files)
    assert found.classes == ("grass", "tree", NO_DATA)
    assert land_of(found, {"grass": 5.0, "tree": 2.0}).cross_ms[3, 3] == pytest.approx(
        100 * 3600 / (3.0 + 0.6)
    )
    with pytest.raises(InputError, match="per cent"):
        terrain({"grass": raster(tmp_path / "much.tif", np.full((40, 40), 250, np.float32))})


def test_water_closes_cells_and_its_lines_block_moves(tmp_path: Path) -> None:
    cover = raster(tmp_path / "cover.tif", codes())
    south = NORTH - 4000
    lake = shapely.box(WEST + 1020, south + 1020, WEST + 1480, south + 1480)
    river = shapely.LineString([(WEST - 100, south + 2033), (WEST + 4100, south + 2277)])
    brook = shapely.LineString([(WEST, south + 3000), (WEST + 4000, south + 3000)])
    water = gpd.GeoDataFrame({"waterway": [None, "river", "stream"]}, geometry=[lake, river, brook], crs=UTM)
    found = terrain(cover, water=water)
    assert (found.cover == found.classes.index(WATER_AREA)).sum() == 25
    assert len(found.barriers) == 5
    assert [(note.kind, note.count) for note in notes_of(found.provenance)] == [("brooks", 1)]
    # Every move has its twin in the other direction, and crosses the line or does not.
    row, column = np.indices(found.shape)
    x, y = WEST + (column + 0.5) * 100, NORTH - (row + 0.5) * 100
    walls = shapely.union_all([lake.boundary, river])
    for bit, (down, right) in enumerate(
        ((0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1))
    ):
        ends = np.stack((x, y, x + right * 100, y - down * 100), -1).reshape(-1, 2, 2)
        crosses = shapely.intersects(walls, shapely.linestrings(ends)).reshape(found.shape)
        inner = (slice(1, -1), slice(1, -1))
        np.testing.assert_array_equal(((found.blocked >> bit) & 1)[inner], crosses[inner])


def test_a_river_with_a_gap_is_told(tmp_path: Path) -> None:
    cover = raster(tmp_path / "cover.tif", codes())
    south = NORTH - 4000
    for gap, count in ((0.0, 0), (0.005, 0), (30.0, 2), (99.0, 2), (150.0, 0)):
        river = [
            shapely.LineString([(WEST - 100, south + 2000), (WEST + 2000, south + 2000)]),
            shapely.LineString([(WEST + 2000 + gap, south + 2000), (WEST + 4100, south + 2000)]),
        ]
        found = terrain(cover, water=gpd.GeoDataFrame(geometry=river, crs=UTM))
        said = {note.kind: note.count for note in notes_of(found.provenance)}
        assert said.get("rivers with gaps", 0) == count, gap


def test_heights_are_read_and_voids_filled_and_counted(tmp_path: Path) -> None:
    cover = raster(tmp_path / "cover.tif", codes())
    height = np.broadcast_to(np.arange(60, dtype=np.float32) * 10, (60, 60)).copy()
    height[5:9, 5:9] = -9999
    found = terrain(cover, elevation=raster(tmp_path / "dem.tif", height, nodata=-9999))
    assert np.isfinite(found.height_m).all()
    assert found.height_m[20, 20] == pytest.approx(200, abs=1e-3)
    assert "cells without elevation" in {note.kind for note in notes_of(found.provenance)}
    height[:30] = -9999
    with pytest.raises(InputError, match="has no elevation"):
        terrain(cover, elevation=raster(tmp_path / "holes.tif", height, nodata=-9999))


def test_another_crs_is_brought_onto_the_grid(tmp_path: Path) -> None:
    import rasterio

    path = tmp_path / "cover.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=300, height=300, count=1, dtype="uint8", crs="EPSG:4326",
        transform=rasterio.Affine(0.001, 0, 43.0, 0, -0.001, 11.95),
    ) as out:  # fmt: skip
        out.write(np.full((300, 300), 60, np.uint8), 1)
    found = terrain(path)
    assert {found.classes[k] for k in np.unique(found.cover)} == {"bare"}
    places = Areas(
        np.array(["a"]),
        np.array(["a"]),
        np.array([shapely.box(43.1, 11.75, 43.15, 11.8)], object),
        "EPSG:4326",
    )
    assert read_terrain(read_land_cover(path), area=places, margin_m=1000).crs == UTM


def test_margins_beyond_the_raster_and_cells_without_data_are_closed_and_counted(tmp_path: Path) -> None:
    cover = codes()
    cover[10, 10:14] = 0
    found = terrain(raster(tmp_path / "cover.tif", cover), margin_m=1500)
    said = {note.kind: note.count for note in notes_of(found.provenance)}
    assert said == {"cells without land cover": 4, "margin without land cover": 60 * 60 - 40 * 40}
    assert np.isinf(land_of(found, {"grass": 5.0}).cross_ms).sum() == 60 * 60 - 40 * 40 + 4


def test_what_cannot_be_used_is_refused_in_one_sentence(tmp_path: Path) -> None:
    good = raster(tmp_path / "cover.tif", codes())
    odd = codes()
    odd[3, 3] = 77
    with pytest.raises(InputError, match=r"77 \(1 cells\)"):
        terrain(raster(tmp_path / "odd.tif", odd))
    with pytest.raises(InputError, match=r"misses .* of the area"):
        terrain(good, area=area(right=9000))
    with pytest.raises(InputError, match="use cells of"):
        terrain(good, area=area(-500_000, -500_000, 500_000, 500_000), cell_m=1)
    with pytest.raises(InputError, match="legend 'corine' is not known"):
        read_land_cover(good, "corine")
    with pytest.raises(InputError, match="for code 3"):
        read_land_cover(good, {3: -2.0})
    with pytest.raises(MissingFileError):
        read_land_cover(tmp_path / "none.tif")
    with pytest.raises(CRSError, match="does not state its CRS"):
        read_land_cover(raster(tmp_path / "bare.tif", codes(), crs=None))
    with pytest.raises(CRSError, match="true to length"):
        terrain(good, crs="EPSG:3857")
    with pytest.raises(CRSError, match="true to length"):
        terrain(good, crs="EPSG:4326")
    with pytest.raises(InputError, match="holds points"):
        terrain(good, water=gpd.GeoDataFrame(geometry=[shapely.Point(WEST, NORTH)], crs=UTM))
    with pytest.raises(CRSError, match="water layer has no CRS"):
        terrain(good, water=gpd.GeoDataFrame(geometry=[shapely.Point(WEST, NORTH)]))


def test_the_noun_checks_itself() -> None:
    cover = np.zeros((3, 4), np.uint8)
    with pytest.raises(InputError, match="classes"):
        Terrain(cover + 2, ("a",), 0, 300, 100, UTM)
    with pytest.raises(InputError, match="height_m has shape"):
        Terrain(cover, ("a",), 0, 300, 100, UTM, height_m=np.zeros((3, 3)))
    with pytest.raises(InputError, match="voids"):
        Terrain(cover, ("a",), 0, 300, 100, UTM, height_m=np.full((3, 4), np.nan))
    found = Terrain(cover, ("a",), 0, 300, 100, UTM)
    assert found.cell_of(np.array([5.0, 399.9, 401.0]), np.array([299.0, 0.1, 5.0])).tolist() == [0, 11, -1]
    with pytest.raises(ValueError, match="read-only"):
        found.cover[0, 0] = 1
