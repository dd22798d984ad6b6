"""Scenarios of clinics kept beside a study, one file each: ``scenarios/NAME.toml``, which ``access15 run`` runs."""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from access15.errors import InputError
from access15.model import Facilities
from access15.outputs import replacing
from access15.study.live import Wanted, as_settings, from_settings
from access15.study.settings import read_settings

FOLDER: Final = "scenarios"
_LONGEST: Final = 80
_RESERVED: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
"""Names that Windows keeps for devices."""


class ScenarioExistsError(InputError):
    """There is a saved scenario of this name."""


def saved_scenarios(study: Path) -> list[str]:
    """Return the names of the scenarios kept beside a study file, sorted."""
    folder = study.parent / FOLDER
    return sorted(path.stem for path in folder.glob("[!.]*.toml") if path.is_file())


def save_scenario(
    study: Path, name: str, scenario: Mapping[str, Wanted], facilities: Facilities, *, overwrite: bool = False
) -> Path:
    """Write a scenario beside its study, whole or not at all; return its path.

    Parameters
    ----------
    study : Path
        The ``study.toml``.
    name : str
        Of the scenario, and of its file.
    scenario : mapping of str to Wanted
    facilities : Facilities
        Those of the study.
    overwrite : bool
        Whether a scenario of this name may be replaced.

    Raises
    ------
    ScenarioExistsError
        If there is one of this name and it must not be replaced.
    InputError
        If the name cannot be that of a file, the scenario changes nothing, or it cannot be run.
    """
    path = scenario_path(study, name)
    changes = as_settings(name.strip(), scenario, facilities).changes()
    if not changes:
        raise InputError("the scenario changes nothing: there is nothing to save")
    if path.exists() and not overwrite:
        raise ScenarioExistsError(
            f"there is a scenario {path.stem!r} already: replace it, or choose another name"
        )
    base = os.path.relpath(study.resolve(), path.parent.resolve()).replace(os.sep, "/")
    lines = [
        f"# A scenario saved by the explorer. Run it with: access15 run {FOLDER}/{path.name}",
        f"base = {_text(base)}",
        "",
        "[[scenarios]]",
        f"name = {_text(name.strip())}",
        *(f"{key} = {_value(value)}" for key, value in changes.items()),
    ]
    with replacing(path) as temp:
        temp.write_text("\n".join(lines) + "\n", "utf-8")
        read_settings_of(temp)
    return path


def load_scenario(study: Path, name: str) -> dict[str, Wanted]:
    """Return a scenario kept beside a study.

    Raises
    ------
    Access15Error
        If there is none of this name, or it is not as it should be; the message names the file and what is wrong.
    """
    path = scenario_path(study, name)
    settings = read_settings_of(path)
    return from_settings(settings.scenarios[0])


def read_settings_of(path: Path) -> Any:
    """Return the settings of a saved scenario, which must be one."""
    settings = read_settings(path)
    if len(settings.scenarios) != 1:
        raise InputError(f"{path.name} has {len(settings.scenarios)} scenarios: a saved scenario has one")
    return settings


def scenario_path(study: Path, name: str) -> Path:
    """Return where a scenario of this name is kept.

    Raises
    ------
    InputError
        If the name cannot be that of a file, or the folder lies elsewhere.
    """
    plain = name.strip()
    fits = 0 < len(plain) <= _LONGEST and all(c.isalnum() or c in " -_().+" for c in plain)
    if not fits or plain[0] == "." or plain[-1] == "." or _RESERVED.fullmatch(plain):
        raise InputError(
            f"{plain[:_LONGEST]!r} cannot be the name of a scenario: use letters, digits, spaces and - _ ( ) . +, at most {_LONGEST}"
        )
    home = study.parent.resolve()
    path = study.parent / FOLDER / f"{plain}.toml"
    if home not in path.resolve().parents:
        raise InputError(f"{FOLDER} leads out of the folder of the study: nothing is written there")
    return path


def _text(value: str) -> str:
    """Return a text as TOML has it; JSON escapes all that TOML wants escaped but DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_text(key)} = {_value(item)}" for key, item in value.items()) + " }"
    if isinstance(value, (tuple, list)):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, float):
        assert math.isfinite(value), "positions and capacities are numbers"
        return repr(value)
    return _text(str(value))
