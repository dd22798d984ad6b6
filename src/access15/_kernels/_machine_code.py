"""Machine code on disk, by the content of all kernel files, so that it outlives an installation.

numba keeps code beside each file, or in a folder named after the path of the file, and looks at that file alone. A kernel
holds what it calls in other files, and a new environment has other paths; so here the key is a hash of all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from numba.core import caching

from access15._kernels import _code_folder, first_run


class _ByContent(caching._CacheLocator):  # type: ignore[misc]
    """Says numba where the code of a kernel is, and what it was made from."""

    def __init__(self, function: Callable[..., Any], file: str, folder: Path) -> None:
        self._py_file = file
        self._line = function.__code__.co_firstlineno
        self._folder = folder

    def get_cache_path(self) -> str:
        return str(self._folder)

    def get_source_stamp(self) -> str:
        return _code_folder.content_key()

    def get_disambiguator(self) -> str:
        return str(self._line)

    @classmethod
    def from_function(cls, py_func: Callable[..., Any], py_file: str) -> _ByContent | None:
        folder = _code_folder.code_folder()
        return None if folder is None else cls(py_func, py_file, folder)


class _Implementation(caching.CompileResultCacheImpl):  # type: ignore[misc]
    _locator_classes = (_ByContent,)


class KernelCache(caching.FunctionCache):  # type: ignore[misc]
    """Machine code of one kernel on disk. Code that cannot be read is compiled anew, and a full disk stops nobody.

    Raises
    ------
    RuntimeError
        If there is no folder to keep it in.
    """

    _impl_class = _Implementation

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        first_run.wait_for(f"{Path(self._py_func.__code__.co_filename).stem}.{self._py_func.__name__}")
        try:
            return super().load_overload(sig, target_context)
        except Exception:  # A damaged file: unpickling raises whatever it likes.
            with suppress(OSError):
                self.flush()
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        with suppress(OSError):
            super().save_overload(sig, data)
