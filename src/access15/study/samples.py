"""The studies that come with access15, ready to run offline."""

from __future__ import annotations

from pathlib import Path

from access15.errors import InputError, MissingFileError
from access15.study.study import Study


def sample(name: str) -> Study:
    """Return a bundled study, such as ``sample("monaco")``.

    Parameters
    ----------
    name : str
        Name of the sample's folder.

    Raises
    ------
    InputError
        If there is no such sample; the message lists those there are.
    MissingFileError
        If this installation has no samples.
    """
    for folder in _folders():
        if name in _names(folder):
            return Study.from_toml(folder / name / "study.toml")
    known = sorted({found for folder in _folders() for found in _names(folder)})
    if not known:
        raise MissingFileError("this installation of access15 has no samples: install it again, or clone it")
    raise InputError(f"there is no sample {name!r}: choose from {', '.join(known)}")


def _folders() -> list[Path]:
    """Return where samples stand: inside the installed package, else in the repository around it."""
    package = Path(__file__).resolve().parents[1]
    return [package / "data" / "sample", package.parents[1] / "data" / "sample"]


def _names(folder: Path) -> list[str]:
    return sorted(found.parent.name for found in folder.glob("*/study.toml"))
