"""Ways of travelling: presets, and their speeds as data (``speeds.csv``: class, km/h, source)."""

from access15.profiles.presets import (
    AMBULANCE,
    BIKE,
    DRIVE,
    DRIVE_PEAK,
    EBIKE,
    PRESETS,
    WALK,
    WALK_ELDER,
    profile_by_name,
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
    "profile_by_name",
]
