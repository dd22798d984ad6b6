"""The one decorator of all kernels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile ``function`` at its first call; the machine code is kept on disk where that is possible.

    Kernels release the GIL, so that threads run side by side. Where neither the package folder nor the
    user's cache folder can be written, numba refuses to cache: then each process compiles anew.
    """
    options = {"nogil": True, "boundscheck": False, "error_model": "numpy"}
    try:
        compiled: Callable[..., Any] = numba.njit(cache=True, **options)(function)
    except RuntimeError:
        compiled = numba.njit(cache=False, **options)(function)
    return compiled
