"""Whether results can be written where the user wants them, asked before the work."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from access15.errors import InputError, OutputError
from access15.leftovers import no_name, shortened


def check_out_file(path: Path, *endings: str, option: str = "--out") -> Path:
    """Return ``path`` if a file with one of the endings can be written there; nothing is left behind.

    Raises
    ------
    InputError
        If the name has another ending, or is that of an input.
    OutputError
        If it is a folder, or its folder cannot be written to.
    """
    if path.suffix.lower() not in endings:
        raise InputError(f"{option} {path} must end in {' or '.join(endings)}: rename it")
    try:
        taken = path.is_dir()
    except (OSError, ValueError) as error:
        raise OutputError(f"{option} {shortened(path)} cannot be written: {no_name(error)}") from error
    if taken:
        raise OutputError(f"{option} {path} is a folder: name a file in it")
    _refuse_inputs(path, option)
    check_out_folder(path.parent)
    return path


def _refuse_inputs(path: Path, option: str) -> None:
    """Raise if ``path`` is a file that the running command reads: writing would destroy it."""
    context = click.get_current_context(silent=True)
    for name, value in (context.params if context else {}).items():
        for given in value if isinstance(value, (tuple, list)) else (value,):
            if name in ("out", "report") or not isinstance(given, (str, Path)) or not path.exists():
                continue
            if _spoken(context, name) == option:
                continue
            named = Path(str(given).split("=", 1)[-1])
            if named.is_file() and named.samefile(path):
                reader = _spoken(context, name)
                raise InputError(f"{option} {path} is the file that {reader} reads: choose another name")


def _spoken(context: click.Context | None, name: str) -> str:
    """Return what the user calls a parameter: ``--network``, or ``BEFORE``."""
    given = context.command.params if context else []
    argument = any(isinstance(one, click.Argument) and one.name == name for one in given)
    return name.upper() if argument else f"--{name.replace('_', '-')}"


def check_out_folder(folder: Path) -> Path:
    """Return ``folder`` if it can be made and written to; it is not made yet.

    Raises
    ------
    OutputError
        If it cannot.
    """
    standing = folder
    try:
        while not standing.exists() and standing != standing.parent:
            standing = standing.parent
    except (OSError, ValueError) as error:
        raise OutputError(f"{shortened(folder)} cannot be made: {no_name(error)}") from error
    if not standing.is_dir():
        raise OutputError(
            f"{folder} cannot be made: {standing} is a file, not a folder; choose another folder"
        )
    try:
        with tempfile.TemporaryFile(dir=standing):
            pass
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OutputError(
            f"the folder {folder} cannot be written to ({reason}): choose another folder"
        ) from error
    return folder
