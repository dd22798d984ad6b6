"""The raster mode against another tool's answer: GRASS r.cost with 16 moves over the whole of Djibouti."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from access15.arrays import Floats
from access15.model import NEIGHBOURS, Terrain
from access15.search import Land, spread, spread_in_moves

DATA = Path(os.environ.get("ACCESS15_DATA", "nowhere")) / "djibouti"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="ACCESS15_DATA does not hold Djibouti")


def band(name: str) -> Any:
    import rasterio

    with rasterio.open(DATA / name) as raster:
        return raster.read(1, masked=True)


def speed_kph() -> tuple[Floats, Any]:
    """Return the speed of every pixel as the other tool made it, and the grid's transform."""
    import geopandas as gpd
    import rasterio
    from rasterio.features import rasterize
    from shapely import wkt

    table = json.loads((DATA / "answers/speeds.json").read_text("utf-8"))
    with rasterio.open(DATA / "answers/car_cost.tif") as raster:
        transform, shape, crs = raster.transform, raster.shape, raster.crs
    kph = np.zeros(shape)
    for name, value in table["land-cover"].items():
        kph += np.ma.filled(band(f"landcover_{name}.tif").astype(float), 0.0) / 100 * value
    closed = np.ma.filled(band("water_osm.tif") >= 1, False) | np.ma.filled(
        band("water_gsw.tif") >= 10, False
    )
    kph[closed | np.ma.filled(band("slope.tif") >= 35, False)] = 0.0
    roads, ferry = (gpd.read_file(DATA / name).to_crs(crs) for name in ("roads.gpkg", "ferry.gpkg"))
    factors = table["transport"]
    burnt = []
    for row in roads[roads["highway"].isin(list(factors["highway"]))].itertuples():
        rate = [factors[key].get(getattr(row, key), 1.0) for key in ("tracktype", "smoothness", "surface")]
        burnt.append((row.geometry, factors["highway"][row.highway] * min(rate)))
    burnt += [(shape_, float(factors["route"]["ferry"])) for shape_ in ferry.geometry]
    on_road = rasterize(burnt, out_shape=shape, transform=transform, all_touched=True, dtype="float64")
    kph = np.maximum(kph, on_road)
    area = gpd.GeoSeries([wkt.loads((DATA / "aoi.wkt").read_text("utf-8"))], crs=4326).to_crs(crs)
    inside = rasterize(list(area), out_shape=shape, transform=transform, all_touched=True, dtype="uint8") == 1
    return np.where(inside, kph, 0.0), transform


def pixel_land() -> tuple[Land, Floats, Floats]:
    """Return the pixels as land, and where the clinics are.

    The other tool counts pixels of 1,000 m, whatever they measure on the ground; the name of the CRS does not enter.
    """
    import geopandas as gpd

    kph, transform = speed_kph()
    terrain = Terrain(
        np.zeros(kph.shape, np.uint8), ("open",), transform.c, transform.f, transform.a, "EPSG:32638"
    )
    with np.errstate(divide="ignore"):
        land = Land(terrain, (transform.a * 3600 / kph).astype(np.float32), 0.0)
    clinics = gpd.read_file(DATA / "health.gpkg").to_crs(3857).geometry
    return land, clinics.x.to_numpy(), clinics.y.to_numpy()


def test_the_raster_mode_gives_the_same_seconds_and_the_same_nearest() -> None:
    land, x, y = pixel_land()
    time, place = spread_in_moves(land, x, y, 16)
    want, nearest = band("answers/car_cost.tif"), band("answers/car_nearest.tif")
    known = ~np.ma.getmaskarray(want)
    assert known.sum() > 4000
    same = np.abs(time[known] - want.data[known]) <= 0.001 * want.data[known]
    assert same.mean() >= 0.999
    both = known & ~np.ma.getmaskarray(nearest)
    assert (place[both] + 1 == nearest.data[both]).mean() >= 0.995


def without_gaps_at_corners(land: Land) -> Land:
    """Return the land with the moves barred that squeeze between two closed pixels."""
    closed = np.pad(~np.isfinite(land.cross_ms), 1, constant_values=True)
    rows, columns = land.terrain.shape
    blocked = np.zeros((rows, columns), np.uint8)
    for bit, (down, right) in enumerate(NEIGHBOURS):
        one = closed[1 + down : 1 + down + rows, 1 : 1 + columns]
        other = closed[1 : 1 + rows, 1 + right : 1 + right + columns]
        if bit % 2:
            blocked |= (one & other).astype(np.uint8) << bit
    return Land(replace(land.terrain, blocked=blocked), land.cross_ms, 0.0)


def test_the_field_in_every_direction_is_close_to_16_moves() -> None:
    """Without the moves between two closed pixels that touch at a corner: r.cost squeezes through, the field does not."""
    land, x, y = pixel_land()
    cell, columns = land.terrain.cell_of(x, y), land.terrain.shape[1]
    west, north = land.terrain.x_min, land.terrain.y_max
    time, _ = spread_in_moves(without_gaps_at_corners(land), x, y, 16)
    # Straight legs around the clinics see more than moves do: only the neighbours are reached on them here.
    field = spread(
        land, west + (cell % columns + 0.5) * 1000, north - (cell // columns + 0.5) * 1000, fan_cells=1
    )
    assert ((field.place >= 0) == np.isfinite(time)).mean() > 0.999
    known = (field.place >= 0) & np.isfinite(time) & (time > 600)
    low, middle, high = np.percentile(field.time_ms[known] / 1000 / time[known], [1, 50, 99])
    assert abs(middle - 1) < 0.005
    assert low > 0.975
    assert high < 1.025
