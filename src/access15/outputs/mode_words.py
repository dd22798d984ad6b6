"""What modes of travel, and the cases of a study, are called in Chinese."""

from __future__ import annotations

from typing import Final

from access15.profiles import PRESETS, profile_title
from access15.units import slug

_MODES: Final = {slug(mode): profile_title(mode, "zh") for mode in PRESETS}


def mode_name(mode: str) -> str:
    """Return a mode in Chinese; as it is where there is no word."""
    return _MODES.get(slug(mode), mode)


def case_name(name: str) -> str:
    """Return a case in Chinese: the mode, behind the set of service points where there are more than one."""
    for mode in sorted(_MODES, key=len, reverse=True):
        if name == mode or name.endswith(f"_{mode}"):
            return name.removesuffix(mode).replace("_", " ") + _MODES[mode]
    return name
