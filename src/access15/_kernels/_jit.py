"""The one decorator of all kernels."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numba


def forget_outdated(folder: Path) -> None:
    """Let go of machine code that is older than the newest kernel file of a folder.

    A kernel holds what it calls in other files, but numba looks only at the file of the kernel itself. After a
    change there it would go on with the old code.
    """
    newest = max(file.stat().st_mtime for file in folder.glob("*.py"))
    for index in folder.glob("__pycache__/*.nbi"):
        with suppress(OSError):  # another process was quicker, or nobody may write here
            if index.stat().st_mtime < newest:
                index.unlink()


forget_outdated(Path(__file__).parent)


_told: list[bool] = []


def _tell_once() -> None:
    """Say that this run, as every one, compiles anew."""
    if not _told:
        _told.append(True)
        warnings.warn(
            "there is no folder where compiled code can be kept, so that every run takes up to a minute more: let NUMBA_CACHE_DIR "
            "name one that can be written to",
            stacklevel=3,
        )


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile ``function`` at its first call; the machine code is kept on disk where that is possible.

    Kernels release the GIL, so that threads run side by side. Where neither the package folder nor the
    user's cache folder can be written, numba refuses to cache: then each process compiles anew.
    """
    options = {"nogil": True, "boundscheck": False, "error_model": "numpy"}
    try:
        compiled: Callable[..., Any] = numba.njit(cache=True, **options)(function)
    except RuntimeError:
        _tell_once()
        compiled = numba.njit(cache=False, **options)(function)
    return compiled
