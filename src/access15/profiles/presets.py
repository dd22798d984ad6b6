"""The presets planners name: walk, walk-elder, both with ``-slope``, bike, ebike, drive, drive-peak, ambulance."""

from __future__ import annotations

import csv
from dataclasses import replace
from importlib import resources
from typing import Final

from access15.model import TravelProfile


def _speeds() -> tuple[dict[str, dict[str, float]], dict[str, dict[str, str]]]:
    tables: dict[str, dict[str, float]] = {}
    sources: dict[str, dict[str, str]] = {}
    with resources.files("access15.profiles").joinpath("speeds.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            tables.setdefault(row["table"], {})[row["key"]] = float(row["kph"])
            place = "surface_cap_kph" if row["table"].endswith("_surface") else "class_kph"
            table = row["table"].removesuffix("_surface")
            sources.setdefault(table, {})[f"{place}.{row['key']}"] = row["source"]
    return tables, sources


_TABLES, _SOURCES = _speeds()
_FLAT = _TABLES["flat"]
_FLAT_SOURCES = {key.removeprefix("class_kph."): text for key, text in _SOURCES["flat"].items()}


def _delays(mode: str) -> tuple[dict[str, float], dict[str, str]]:
    """Return the seconds of every delay of a mode, and their sources by place."""
    with resources.files("access15.profiles").joinpath("delays.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["mode"] == mode]
    return (
        {row["delay"]: float(row["seconds"]) for row in rows},
        {f"delay_s.{row['delay']}": row["source"] for row in rows},
    )


_DRIVE_DELAYS, _DRIVE_DELAY_SOURCES = _delays("drive")

WALK: Final = TravelProfile(
    name="walk",
    mode="foot",
    speed_kph=_FLAT["walk"],
    off_network_kph=_FLAT["walk"],
    source=_FLAT_SOURCES["walk"],
)
"""Adult on foot, 4.8 km/h: 15 minutes = 1,200 m. No delays."""

WALK_ELDER: Final = TravelProfile(
    name="walk-elder",
    mode="foot",
    speed_kph=_FLAT["walk-elder"],
    off_network_kph=_FLAT["walk-elder"],
    source=_FLAT_SOURCES["walk-elder"],
)
"""Older person on foot, 0.9 m/s: 15 minutes = 810 m. No delays."""

WALK_SLOPE: Final = WALK.with_slope()
"""As `WALK`, slower uphill and on steep descents (Tobler); for networks with elevation."""

WALK_ELDER_SLOPE: Final = WALK_ELDER.with_slope()
"""As `WALK_ELDER`, slower uphill and on steep descents (Tobler); for networks with elevation."""

BIKE: Final = TravelProfile(
    name="bike",
    mode="bicycle",
    speed_kph=_FLAT["bike"],
    class_kph=_TABLES["bike"],
    surface_cap_kph=_TABLES["bike_surface"],
    source=_FLAT_SOURCES["bike"],
    sources=_SOURCES["bike"],
)
"""Bicycle, 15 km/h. Slopes are not followed: no speed-slope curve is established for everyday riders."""

EBIKE: Final = replace(
    BIKE,
    name="ebike",
    speed_kph=_FLAT["ebike"],
    source=_FLAT_SOURCES["ebike"],
)
"""Electric bicycle, 18 km/h. Slopes are not followed: the motor evens them out up to the legal cap."""

DRIVE: Final = TravelProfile(
    name="drive",
    mode="motorcar",
    speed_kph=_FLAT["drive"],
    class_kph=_TABLES["drive"],
    surface_cap_kph=_TABLES["drive_surface"],
    maxspeed_factor=0.8,
    source="classes: OSRM car profile of an older release; 0.8 of a signed limit, as that profile drives it",
    sources={
        **_SOURCES["drive"],
        **_DRIVE_DELAY_SOURCES,
        "speed_kph": _FLAT_SOURCES["drive"],
    },
    delay_s=_DRIVE_DELAYS,
)
"""Car in free flow: class speeds, or 0.8 of the signed limit where one is mapped, and the delays of
``delays.csv`` at signals, signs, gates and junctions. Slopes do not slow a car."""

DRIVE_PEAK: Final = replace(
    DRIVE,
    name="drive-peak",
    peak_factor=0.6,
    sources={**DRIVE.sources, "peak_factor": "0.5-0.7 of free flow, practice value (unverified)"},
)
"""Car at peak hours: 0.6 of free flow."""

AMBULANCE: Final = replace(
    DRIVE,
    name="ambulance",
    mode="emergency",
    direction="from",
    class_kph={**_TABLES["drive"], **_TABLES["ambulance"]},
    maxspeed_factor=1.0,
    delay_s={},
    source="classes: OSRM car profile of an older release; signed limits driven in full, practice value (unverified)",
    sources={**DRIVE.sources, **_SOURCES["ambulance"]},
)
"""Ambulance: runs from the station to the patient. No delays: it has the right of way."""

PRESETS: Final[dict[str, TravelProfile]] = {
    profile.name: profile
    for profile in (
        WALK, WALK_ELDER, WALK_SLOPE, WALK_ELDER_SLOPE, BIKE, EBIKE, DRIVE, DRIVE_PEAK, AMBULANCE,
    )
}  # fmt: skip
