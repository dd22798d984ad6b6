"""The one decorator of all kernels."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numba

from access15._kernels._machine_code import KernelCache

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

    Kernels release the GIL, so that threads run side by side. Where no folder can be written to, each process compiles
    anew. Helpers, whose names begin with ``_``, are compiled into the kernels that call them: Python cannot call them.
    """
    helper = function.__name__.startswith("_")
    wrappers = {"no_cfunc_wrapper": True, "no_cpython_wrapper": helper}  # Each costs time to compile.
    compiled: Any = numba.njit(nogil=True, boundscheck=False, error_model="numpy", **wrappers)(function)
    if not helper and not numba.config.DISABLE_JIT:
        try:
            compiled._cache = KernelCache(function)
        except RuntimeError:
            _tell_once()
    return compiled  # type: ignore[no-any-return]
