"""Is Valhalla's answer the quickest drive by its own clock? Runs in the peers' environment, after `engines`.

``routes.py clock`` starts it. Valhalla searches for the least cost; its cost is not its time. Here it is asked for
the time of other ways between the same ends: its shortest route, its route with all preferences switched off that
can be, and the streets that OSRM and access15 drive.
"""

from __future__ import annotations

import sys

import osrm
import valhalla
from engines import ask_valhalla
from places import columns_file, read_columns, work_folder, write_columns

PLAIN = {
    "maneuver_penalty": 0, "service_penalty": 0, "service_factor": 1, "alley_penalty": 0, "alley_factor": 1,
    "destination_only_penalty": 0, "private_access_penalty": 0, "gate_penalty": 0, "low_class_penalty": 0,
    "use_highways": 1, "use_tolls": 1, "use_tracks": 1, "use_living_streets": 1,
}  # fmt: skip
"""Options of its costing that move the choice of a route away from time, and the values at which they do not."""
MATCHED = 0.02
"""A route of another counts where the streets Valhalla finds for it are as long, but for this share."""
Ends = tuple[float, float, float, float]


def osrm_line(engine: osrm.OSRM, ends: Ends) -> tuple[list[list[float]], float]:
    """Return the line of OSRM's route, (lon, lat) each, and its metres."""
    wish = osrm.RouteParameters(
        coordinates=[ends[:2], ends[2:]], overview="full", geometries="geojson", generate_hints=False
    )
    try:
        route = engine.Route(wish)["routes"][0]
    except RuntimeError:
        return [], 0.0
    return [[float(v) for v in point] for point in route["geometry"]["coordinates"]], float(route["distance"])


def seconds_of_line(actor: valhalla.Actor, line: list[list[float]], metres: float) -> float | None:
    """Return what Valhalla's clock says of a line, None where it finds other streets under it."""
    if not line:
        return None
    wish = {
        "shape": [{"lon": lon, "lat": lat} for lon, lat in line], "shape_match": "map_snap",
        "costing": "auto", "directions_type": "none",
    }  # fmt: skip
    try:
        found = actor.trace_route(wish)["trip"]["summary"]
    except RuntimeError:
        return None
    same = abs(found["length"] * 1000 - metres) <= MATCHED * metres
    return float(found["time"]) if same else None


def main(places: list[str]) -> None:
    """Write the seconds of every way by Valhalla's clock for each place."""
    for place in places:
        actor = valhalla.Actor(work_folder() / f"valhalla-{place}" / "valhalla.json")
        engine = osrm.OSRM(
            algorithm="MLD", storage_config=str(work_folder() / f"osrm-{place}-drive" / "map.osrm"),
            use_shared_memory=False,
        )  # fmt: skip
        pairs = read_columns(columns_file(place, "drive", "ours"))
        lines = read_columns(columns_file(place, "drive", "lines"))
        names = ("shortest", "plain", "osrm_line", "our_line")
        columns: dict[str, list[float | None]] = {name: [] for name in names}
        rows = zip(*(pairs[k] for k in ("lon", "lat", "lon_to", "lat_to")), strict=True)
        for ends, our_line, our_metres in zip(rows, lines["line"], lines["metres"], strict=True):
            for name, options in (("shortest", {"shortest": True}), ("plain", PLAIN)):
                columns[name].append(ask_valhalla(actor, "drive", *ends, **options)[0])
            columns["osrm_line"].append(seconds_of_line(actor, *osrm_line(engine, ends)))
            columns["our_line"].append(seconds_of_line(actor, our_line, our_metres or 0.0))
        write_columns(columns_file(place, "drive", "clock"), columns)


if __name__ == "__main__":
    main(sys.argv[1:])
