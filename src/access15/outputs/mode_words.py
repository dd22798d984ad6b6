"""What modes of travel, and the cases of a study, are called in Chinese."""

from __future__ import annotations

from access15.profiles import profile_title, titled_profiles
from access15.units import slug


def _titles() -> dict[str, str]:
    return {slug(mode): profile_title(mode, "zh") for mode in titled_profiles()}


def mode_name(mode: str) -> str:
    """Return a mode in Chinese; as it is where there is no word."""
    return _titles().get(slug(mode), mode)


def case_name(name: str) -> str:
    """Return a case in Chinese: the mode, behind the set of service points where there are more than one."""
    titles = _titles()
    for mode in sorted(titles, key=len, reverse=True):
        if name == mode or name.endswith(f"_{mode}"):
            return name.removesuffix(mode).replace("_", " ") + titles[mode]
    return name
