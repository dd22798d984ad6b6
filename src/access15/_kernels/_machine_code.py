"""Where the machine code of kernels is kept: by the content of all kernel files, so that it outlives an installation.

numba keeps code beside each file, or in a folder named after the path of the file, and looks at that file alone. A kernel
holds what it calls in other files, and a new environment has other paths; so here the key is a hash of all of them.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, Final

from numba.core import caching, config

from access15.folders import cache_folder

_HERE: Final = Path(__file__).parent
_OTHERS_KEPT: Final = 3
"""Folders kept of other versions: several environments may use one cache."""


@cache
def content_key(folder: Path = _HERE) -> str:
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
        with suppress(OSError, RuntimeError):
            folder.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()
            _forget_others(folder)
            return folder
    return None


def _roots() -> Iterator[Path]:
    if config.CACHE_DIR:
        yield Path(config.CACHE_DIR) / "access15-kernels"
        return
    with suppress(RuntimeError):  # There may be no home folder.
        yield cache_folder() / "kernels"
    yield _HERE / "__pycache__" / "kernels"


def _forget_others(folder: Path) -> None:
    """Remove folders of other kernels beside this one, but for the newest few."""
    with suppress(OSError):
        others = [path for path in folder.parent.iterdir() if path.is_dir() and path != folder]
        others.sort(key=lambda path: path.stat().st_mtime)
        for path in others[: max(len(others) - _OTHERS_KEPT, 0)]:
            shutil.rmtree(path, ignore_errors=True)


class _ByContent(caching._CacheLocator):  # type: ignore[misc]
    """Says numba where the code of a kernel is, and what it was made from."""

    def __init__(self, function: Callable[..., Any], file: str, folder: Path) -> None:
        self._py_file = file
        self._line = function.__code__.co_firstlineno
        self._folder = folder

    def get_cache_path(self) -> str:
        return str(self._folder)

    def get_source_stamp(self) -> str:
        return content_key()

    def get_disambiguator(self) -> str:
        return str(self._line)

    @classmethod
    def from_function(cls, py_func: Callable[..., Any], py_file: str) -> _ByContent | None:
        folder = code_folder()
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
        try:
            return super().load_overload(sig, target_context)
        except Exception:  # A damaged file: unpickling raises whatever it likes.
            with suppress(OSError):
                self.flush()
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        with suppress(OSError):
            super().save_overload(sig, data)
