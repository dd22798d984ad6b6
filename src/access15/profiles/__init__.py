"""Ways of travelling: presets, a file each (``presets/*.toml``: numbers with sources), and profile files.

Every preset is a constant too, ``WALK_ELDER`` for ``walk-elder``.
"""

from access15.model import TravelProfile
from access15.profiles.files import PRESETS, profile_from_toml, profile_title, titled_profiles
from access15.profiles.land import off_road_kph
from access15.profiles.names import ModeName, mode_name, profile_by_name

WALK = PRESETS["walk"]
WALK_ELDER = PRESETS["walk-elder"]
WALK_SLOPE = PRESETS["walk-slope"]
WALK_ELDER_SLOPE = PRESETS["walk-elder-slope"]
BIKE = PRESETS["bike"]
EBIKE = PRESETS["ebike"]
DRIVE = PRESETS["drive"]
DRIVE_PEAK = PRESETS["drive-peak"]
AMBULANCE = PRESETS["ambulance"]

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
    "off_road_kph",
    "profile_by_name",
    "profile_from_toml",
    "profile_title",
    "titled_profiles",
]


def __getattr__(name: str) -> TravelProfile:
    """Return a preset that has no line above, by the name of its constant."""
    preset = PRESETS.get(name.lower().replace("_", "-"))
    if preset is None or not name.isupper():
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return preset
