"""The peers' side: Valhalla and OSRM (MLD) on the pairs of `ours`. Runs in the peers' environment.

`routes` starts it, after `ours` has written the pairs.
"""

from __future__ import annotations

import json
import math
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import osrm
import valhalla
from places import (
    MODES,
    WALKING_KPH,
    columns_file,
    country_file,
    extract,
    read_columns,
    work_folder,
    write_columns,
)

FOOT_LUA = """-- OSRM's foot profile at one speed: no waiting at signals, no slow surfaces.
local foot = require('foot')
local stock = foot.setup
foot.setup = function()
  local settings = stock()
  settings.properties.traffic_signal_penalty = 0
  settings.properties.u_turn_penalty = 0
  settings.surface_speeds = {}
  return settings
end
return foot
"""
VALHALLA_COSTING = {
    "walk": ("pedestrian", {"walking_speed": WALKING_KPH, "shortest": True}),
    "drive": ("auto", {}),
}
Answer = tuple[float | None, float | None, float | None, float | None, float | None, float | None]
"""Seconds, metres, and where the ends were put: lon, lat, lon, lat."""
NAMES = ("seconds", "metres", "lon", "lat", "lon_to", "lat_to")
NO_ROUTE: Answer = (None,) * 6


def tiles_command(place: str, folder: Path, threads: int = 1) -> list[str]:
    """Write Valhalla's settings into ``folder`` and return the command that builds the tiles."""
    tiles = folder / "tiles"
    tiles.mkdir(parents=True, exist_ok=True)
    settings = valhalla.get_config(tile_extract="", tile_dir=str(tiles))
    settings["mjolnir"]["concurrency"] = threads
    # Left in place, these would look for files nobody has.
    for key in ("timezone", "landmarks", "traffic_extract", "transit_dir"):
        settings["mjolnir"].pop(key, None)
    settings["mjolnir"]["admin"] = str(folder / "admins.sqlite")
    (folder / "valhalla.json").write_text(json.dumps(settings), encoding="utf-8")
    return [_program("tiles"), "-c", str(folder / "valhalla.json"), str(extract(place))]


def build_admins(place: str, folder: Path) -> None:
    """Tell Valhalla the country of a place: without it, it takes the traffic to keep left.

    `ours` wrote the country as a rectangle round the place; the extracts hold no whole country.
    """
    settings = str(folder / "valhalla.json")
    run_quietly([_program("admins"), "-c", settings, str(country_file(place))], work_folder())


def _program(what: str) -> str:
    return str(Path(valhalla.__file__).parent / "bin" / f"valhalla_build_{what}")


def build_osrm(place: str, mode: str) -> Path:
    """Extract, partition and customize; return the path OSRM wants."""
    folder = work_folder() / f"osrm-{place}-{mode}"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(Path(osrm.__file__).parent / "share" / "profiles", folder)
    shutil.copy(extract(place), folder / "map.osm.pbf")
    (folder / "foot_one_speed.lua").write_text(FOOT_LUA, encoding="utf-8")
    lua = "foot_one_speed.lua" if mode == "walk" else "car.lua"
    for words in (
        ["extract", "-p", lua, "map.osm.pbf"],
        ["partition", "map.osrm"],
        ["customize", "map.osrm"],
    ):
        run_quietly([sys.executable, "-m", "osrm", *words, "-t", "1"], folder)
    return folder / "map.osrm"


def run_quietly(words: list[str], folder: Path) -> None:
    """Run a command; show what it said only if it failed."""
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(
            f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        )


def ask_osrm(engine: osrm.OSRM, lon: float, lat: float, lon_to: float, lat_to: float) -> Answer:
    """Return OSRM's route of one pair."""
    wish = osrm.RouteParameters(
        coordinates=[(lon, lat), (lon_to, lat_to)], overview="false", generate_hints=False
    )
    try:
        answer = engine.Route(wish)
    except RuntimeError:
        return NO_ROUTE
    route, ends = answer["routes"][0], [point["location"] for point in answer["waypoints"]]
    return float(route["duration"]), float(route["distance"]), *(float(v) for end in ends for v in end)


def ask_valhalla(
    actor: valhalla.Actor,
    mode: str,
    lon: float,
    lat: float,
    lon_to: float,
    lat_to: float,
    **more: float,
) -> Answer:
    """Return Valhalla's route of one pair, with ``more`` costing options; on foot its length at the common speed."""
    costing, options = VALHALLA_COSTING[mode]
    wish = {
        "locations": [{"lon": lon, "lat": lat}, {"lon": lon_to, "lat": lat_to}], "costing": costing,
        "costing_options": {costing: options | more}, "directions_type": "none",
    }  # fmt: skip
    try:
        leg = actor.route(wish)["trip"]["legs"][0]
    except RuntimeError:
        return NO_ROUTE
    metres = leg["summary"]["length"] * 1000
    seconds = metres * 3.6 / WALKING_KPH if mode == "walk" else leg["summary"]["time"]
    shape = decode(leg["shape"])
    return seconds, metres, *shape[0], *shape[-1]


def decode(text: str) -> list[tuple[float, float]]:
    """Return longitudes and latitudes of a polyline with six digits."""
    values, at = [], 0
    while at < len(text):
        shift = value = 0
        while True:
            byte = ord(text[at]) - 63
            at += 1
            value |= (byte & 31) << shift
            shift += 5
            if byte < 32:
                break
        values.append(~(value >> 1) if value & 1 else value >> 1)
    points, lat, lon = [], 0, 0
    for d_lat, d_lon in zip(values[::2], values[1::2], strict=True):
        lat, lon = lat + d_lat, lon + d_lon
        points.append((lon / 1e6, lat / 1e6))
    return points


def main(places: list[str]) -> None:
    """Build both engines for every place and route its pairs."""
    print(f"pyvalhalla {version('pyvalhalla')}, osrm-bindings {version('osrm-bindings')} (MLD)", flush=True)
    for place in places:
        folder = work_folder() / f"valhalla-{place}"
        shutil.rmtree(folder, ignore_errors=True)
        tiles = tiles_command(place, folder)
        build_admins(place, folder)
        run_quietly(tiles, work_folder())
        actor = valhalla.Actor(folder / "valhalla.json")
        for mode in MODES:
            engine = osrm.OSRM(
                algorithm="MLD", storage_config=str(build_osrm(place, mode)), use_shared_memory=False
            )
            pairs = read_columns(columns_file(place, mode, "ours"))
            ends = list(zip(*(pairs[k] for k in ("lon", "lat", "lon_to", "lat_to")), strict=True))
            answers = {
                "valhalla": [ask_valhalla(actor, mode, *pair) for pair in ends],
                "osrm": [ask_osrm(engine, *pair) for pair in ends],
            }
            for name, rows in answers.items():
                kept = [
                    [v if v is None or math.isfinite(v) else None for v in column]
                    for column in zip(*rows, strict=True)
                ]
                write_columns(columns_file(place, mode, name), dict(zip(NAMES, kept, strict=True)))
            print(f"{place}, {mode}: {len(ends)} pairs routed", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
