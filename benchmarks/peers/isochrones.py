"""Valhalla's isochrones of given places. Runs in the peers' environment; `bench_isochrones` starts it.

``python isochrones.py PLACE MODE MINUTES`` reads the columns ``lon, lat`` that were written for the side ``places`` and
writes ``PLACE-MODE-isochrones.json``: processor seconds, and one GeoJSON geometry per place.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import valhalla
from engines import run_quietly, tiles_command
from places import columns_file, read_columns, work_folder

COSTING = {"walk": ("pedestrian", {"walking_speed": 4.8}), "drive": ("auto", {})}


def seconds_of(actor: valhalla.Actor, wishes: list[dict[str, Any]]) -> float:
    """Return the processor seconds of all isochrones."""
    start = time.process_time()
    for wish in wishes:
        actor.isochrone(wish)
    return time.process_time() - start


def main(place: str, mode: str, minutes: str) -> None:
    """Draw one isochrone per place, without smoothing."""
    folder = work_folder() / f"valhalla-{place}"
    if not any(folder.glob("tiles/**/*.gph")):
        run_quietly(tiles_command(place, folder), work_folder())
    actor = valhalla.Actor(folder / "valhalla.json")
    costing, options = COSTING[mode]
    columns = read_columns(columns_file(place, mode, "places"))
    wishes = [
        {
            "locations": [{"lon": lon, "lat": lat}], "costing": costing, "costing_options": {costing: options},
            "contours": [{"time": float(minutes)}], "polygons": True, "denoise": 0.0, "generalize": 0.0,
        }
        for lon, lat in zip(columns["lon"], columns["lat"], strict=True)
    ]  # fmt: skip
    shapes = [actor.isochrone(wish)["features"][0]["geometry"] for wish in wishes]
    used = min(seconds_of(actor, wishes) for _ in range(3))
    text = json.dumps({"seconds": used, "shapes": shapes})
    columns_file(place, mode, "isochrones").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
