"""Edge-precise streets on coarse land agree with themselves on finer land: all of Djibouti by car and on foot."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import access15 as a15
from access15.profiles import DRIVE

DATA = Path(os.environ.get("ACCESS15_DATA", "nowhere")) / "djibouti"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="ACCESS15_DATA does not hold Djibouti")


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_cells_of_500_m_give_the_answer_of_finer_ones() -> None:
    import geopandas as gpd

    speeds = json.loads((DATA / "answers/speeds.json").read_text("utf-8"))["land-cover"]
    network, clinics = a15.read_network(DATA / "roads.gpkg"), a15.read_facilities(DATA / "health.gpkg")
    outline = gpd.GeoSeries.from_wkt([(DATA / "aoi.wkt").read_text("utf-8")])
    area = gpd.GeoDataFrame(geometry=outline, crs=4326).to_crs(network.crs)
    spots = area.sample_points(2000, rng=1).explode(index_parts=False)
    people = a15.Population.of(spots.x.to_numpy(), spots.y.to_numpy(), np.ones(len(spots)), network.crs)
    cover = a15.read_land_cover({name: DATA / f"landcover_{name}.tif" for name in speeds})
    car = replace(DRIVE, name="car over land", off_road_kph=speeds)
    seconds = []
    for cell_m in (500.0, 200.0):
        terrain = a15.read_terrain(cover, area=area, cell_m=cell_m, margin_m=1000, crs=network.crs)
        seconds.append(a15.nearest_times(network, clinics, people, car, terrain=terrain).seconds)
    coarse, fine = seconds
    known = np.isfinite(coarse) & np.isfinite(fine)
    assert known.mean() > 0.99
    assert abs(np.median(coarse[known] / fine[known]) - 1) <= 0.002
    for minutes in (30, 60, 120):
        assert abs((coarse <= 60 * minutes).mean() - (fine <= 60 * minutes).mean()) <= 0.002
