"""Ways of travelling: presets, and their speeds as data (``speeds.csv``: class, km/h, source)."""

from access15.profiles.files import profile_from_toml
from access15.profiles.names import ModeName, mode_name, profile_by_name
from access15.profiles.presets import (
    AMBULANCE,
    BIKE,
    DRIVE,
    DRIVE_PEAK,
    EBIKE,
    PRESETS,
    WALK,
    WALK_ELDER,
    WALK_ELDER_SLOPE,
    WALK_SLOPE,
)

__all__ = [
    "AMBULANCE",
    "BIKE",
    "DRIVE",
    "DRIVE_PEAK",
    "EBIKE",
    "PRESETS",
    "WALK",
    "WALK_ELDER",
    "WALK_ELDER_SLOPE",
    "WALK_SLOPE",
    "ModeName",
    "mode_name",
    "profile_by_name",
    "profile_from_toml",
]
