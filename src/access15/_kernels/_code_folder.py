"""The folder of the machine code of kernels, named after the content of all kernel files. Imports no numba."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Final

from access15.folders import cache_folder

HERE: Final = Path(__file__).parent
_OTHERS_KEPT: Final = 3
"""Folders kept of other versions: several environments may use one cache."""


@cache
def content_key(folder: Path = HERE) -> str:
    """Return a short hash of all Python files of a folder."""
    found = hashlib.sha256()
    for file in sorted(folder.glob("*.py")):
        found.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return found.hexdigest()[:16]


@cache
def code_folder() -> Path | None:
    """Return the folder of the machine code: the first that can be written to, None where there is none.

    That is below ``NUMBA_CACHE_DIR`` where it is set, else in the user's cache folder, else beside the kernels. Folders of
    other versions of the kernels are removed but for the newest few.
    """
    for root in _roots():
        folder = root / content_key()
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()
            _forget_others(folder)
            return folder
    return None


def _roots() -> Iterator[Path]:
    if named := os.environ.get("NUMBA_CACHE_DIR"):
        yield Path(named) / "access15-kernels"
        return
    with suppress(RuntimeError):  # There may be no home folder.
        yield cache_folder() / "kernels"
    yield HERE / "__pycache__" / "kernels"


def _forget_others(folder: Path) -> None:
    """Remove folders of other kernels beside this one, but for the newest few."""
    with suppress(OSError):
        others = [path for path in folder.parent.iterdir() if path.is_dir() and path != folder]
        others.sort(key=lambda path: path.stat().st_mtime)
        for path in others[: max(len(others) - _OTHERS_KEPT, 0)]:
            shutil.rmtree(path, ignore_errors=True)
