"""Hidden files and folders that a run needs for a moment; those of dead runs are swept.

A name says which machine and process it belongs to. A run that was killed cannot tidy up after itself: the next one
that writes in the same folder does.
"""

from __future__ import annotations

import contextlib
import os
import platform
import re
import secrets
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

HOST: Final = f"{zlib.crc32(platform.node().encode()):08x}"
"""This machine, in names."""

_MOST_STEM_BYTES: Final = 150
"""Of a name of 255 bytes, the most that file systems hold, the rest is for the marks."""

_PASSING: Final = re.compile(
    r"(?:\..+\.|access15-)([0-9a-f]{8})-(\d+)-[0-9a-f]{8}(\.tmp(\.\w+)?(-wal|-shm|-journal)?)?"
)


def passing_name(target: Path) -> Path:
    """Return a hidden name beside a file, with its ending, under which it is written before it takes its place.

    Parameters
    ----------
    target : Path
    """
    stem = target.stem.encode("utf-8", "surrogateescape")[:_MOST_STEM_BYTES].decode("utf-8", "ignore")
    return target.with_name(f".{stem}.{_mark()}.tmp{target.suffix}")


def _mark() -> str:
    return f"{HOST}-{os.getpid()}-{secrets.token_hex(4)}"


@contextlib.contextmanager
def passing_folder() -> Iterator[Path]:
    """Yield a folder of the system's place for such, gone at the end of the block; those of dead runs go first."""
    place = Path(tempfile.gettempdir())
    sweep(place)
    folder = place / f"access15-{_mark()}"
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep(folder: Path) -> None:
    """Remove what runs on this machine left in a folder when they were killed.

    Parameters
    ----------
    folder : Path
    """
    with contextlib.suppress(OSError):
        for item in folder.iterdir():
            found = _PASSING.fullmatch(item.name)
            if found and found[1] == HOST and not alive(int(found[2])):
                if item.is_dir() and not item.is_symlink():
                    shutil.rmtree(item, ignore_errors=True)
                    continue
                with contextlib.suppress(OSError):
                    item.unlink()


def alive(process: int) -> bool:
    """Return whether a process of this machine is still there, or cannot be asked after.

    Parameters
    ----------
    process : int
    """
    if process == os.getpid() or os.name == "nt":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def no_name(error: Exception) -> str:
    """Return why the system takes no such name for a file, and what to do."""
    said = error.strerror if isinstance(error, OSError) else str(error)
    return f"{(said or type(error).__name__).lower()}; give it a shorter or plainer name"


def shortened(path: Path) -> str:
    """Return a path as a message shows it: the middle of a very long one is left out, control characters are written out."""
    text = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in str(path))
    return text if len(text) <= 200 else f"{text[:120]} … {text[-60:]}"
