"""What a ``study.toml`` says: the settings of a study, its name and where its results go."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from access15.study.settings import Settings, read_settings


@dataclass(frozen=True, slots=True)
class StudyFile:
    """A study as it stands in a file; immutable. `Study` adds what runs it.

    Attributes
    ----------
    settings : Settings
        Every table of the file, paths made relative to its folder.
    file : Path
        The ``study.toml``.
    """

    settings: Settings
    file: Path

    @classmethod
    def from_toml(cls, path: str | os.PathLike[str]) -> Self:
        """Return the study a ``study.toml`` describes.

        Parameters
        ----------
        path : path
            Paths inside the file are relative to its folder.

        Raises
        ------
        MissingFileError
            If there is no such file.
        InputError
            If a table, key or value is not as it should be; the message names it and the nearest valid key.
        """
        file = Path(path)
        return cls(read_settings(file), file)

    @property
    def name(self) -> str:
        """Name of the study."""
        return self.settings.study.name

    @property
    def out(self) -> Path:
        """Folder the results go to."""
        return self.settings.study.out or self.file.parent / "results"

    def __repr__(self) -> str:
        analysis = self.settings.analysis
        cuts = ", ".join(f"{m:g}" for m in analysis.minutes)
        return f"<Study {self.name}: {', '.join(analysis.modes)} at {cuts} min>"
