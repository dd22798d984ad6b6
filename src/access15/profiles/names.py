"""Profiles by what planners type: the name of a preset, or a file."""

from __future__ import annotations

import difflib

from access15.errors import InputError
from access15.model import TravelProfile
from access15.profiles.files import PRESETS, profile_from_toml


class ModeName(str):
    """The name of a profile that also holds the profile: one read from a file stays itself.

    Attributes
    ----------
    profile : TravelProfile
    """

    __slots__ = ("profile",)
    profile: TravelProfile


def mode_name(text: str) -> ModeName:
    """Return the name of the profile that ``text`` names, the profile inside.

    Parameters
    ----------
    text : str
        What `profile_by_name` takes.

    Raises
    ------
    Access15Error
        As `profile_by_name`.
    """
    profile = profile_by_name(text)
    name = ModeName(profile.name)
    name.profile = profile
    return name


def profile_by_name(name: str) -> TravelProfile:
    """Return the preset of that name (``walk_elder`` and ``Walk-Elder`` are understood too) or a profile file.

    Parameters
    ----------
    name : str
        Such as ``"walk-elder"``, or the path of a ``.toml`` file.

    Returns
    -------
    TravelProfile

    Raises
    ------
    InputError
        If there is none, the message lists the names; or if the file cannot be used.
    MissingFileError
        If the file does not exist.
    """
    if isinstance(name, ModeName):
        return name.profile
    if name.strip().lower().endswith(".toml"):
        return profile_from_toml(name.strip())
    wanted = name.strip().lower().replace("_", "-")
    if wanted in PRESETS:
        return PRESETS[wanted]
    near = difflib.get_close_matches(wanted, PRESETS, n=1)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    raise InputError(
        f"there is no mode {name!r}{hint}: use one of {', '.join(PRESETS)}, or the path of a profile file (.toml)"
    )
