"""Files written whole or not at all: a hidden file in the same folder takes the place of the old one."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from access15.errors import Access15Error, OutputError
from access15.leftovers import no_name, passing_name, shortened, sweep

SQLITE_SIDECARS = ("-wal", "-shm", "-journal")
"""What SQLite leaves beside a database: never to be read together with another file of that name."""


class FileOpenError(OutputError):
    """The file is open in another program; the new one was kept beside it.

    Attributes
    ----------
    kept : Path
        Where the new file is.
    """

    kept: Path

    def __init__(self, path: Path, kept: Path) -> None:
        super().__init__(
            f"{path} is open in another program: the new file is kept beside it as {kept.name}; "
            "close that program and rename the new file, or run again"
        )
        self.kept = kept


@contextlib.contextmanager
def replacing(
    path: str | os.PathLike[str],
    *,
    is_open: Callable[[Path], bool] | None = None,
    sidecars: tuple[str, ...] = (),
) -> Iterator[Path]:
    """Yield a path to write to; when the block ends well, that file becomes ``path`` in one step.

    Missing folders are made. When the block fails, nothing of it is left: neither the new file nor a
    folder made for it, and the old file stands as it was.

    Parameters
    ----------
    path : path
        The file to write. The yielded path is in the same folder and has the same suffix.
    is_open : callable, optional
        Asked for an existing ``path`` before it is replaced: is it open in another program? Without
        it only systems that refuse to replace an open file (Windows) notice.
    sidecars : tuple of str
        Endings of files beside ``path`` that belong to its old content and go with it.

    Yields
    ------
    Path
        Where to write. The file does not exist yet.

    Raises
    ------
    OutputError
        If the folder or the file cannot be written, or the disk is full.
    FileOpenError
        If ``path`` is open elsewhere; the new file is then kept beside it under a dated name.
    """
    target = Path(path)
    made = _prepare_folder(target)
    sweep(target.parent)
    temp = passing_name(target)
    try:
        _probe(temp, target)
        yield temp
        _sync(temp)
        _take_place(temp, target, is_open, sidecars)
    except BaseException as error:
        # The new file is dropped, but for one case: it was moved to a dated name and `temp` is gone.
        for left in (temp, *(_beside(temp, ending) for ending in SQLITE_SIDECARS)):
            with contextlib.suppress(OSError):
                left.unlink(missing_ok=True)
        for folder in made:
            with contextlib.suppress(OSError):
                folder.rmdir()
        if isinstance(error, OSError) and not isinstance(error, Access15Error):
            raise OutputError(f"{target} cannot be written: {_reason(error)}") from error
        raise


def _reason(error: OSError) -> str:
    words = (error.strerror or str(error) or type(error).__name__).rstrip(".")
    return f"{words[:1].lower()}{words[1:]}; free space there or choose another folder"


def _prepare_folder(target: Path) -> list[Path]:
    """Make the folder of ``target``; return the folders made, innermost first."""
    try:
        taken = target.is_dir()
    except (OSError, ValueError) as error:  # A name that the system does not take at all.
        raise OutputError(f"{shortened(target)} cannot be written: {no_name(error)}") from error
    if taken:
        raise OutputError(f"{target} is a folder: name a file to write, such as {target / 'coverage.gpkg'}")
    made = []
    folder = target.parent
    while not folder.exists() and folder != folder.parent:
        made.append(folder)
        folder = folder.parent
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        for new in made:
            with contextlib.suppress(OSError):
                new.rmdir()
        if not folder.is_dir():
            raise OutputError(f"{target} cannot be written: {folder} is a file, not a folder") from error
        raise OutputError(f"the folder {target.parent} cannot be made: {_reason(error)}") from error
    return made


def _probe(temp: Path, target: Path) -> None:
    # Asked before the work: drivers report an unwritable folder late and in their own words.
    try:
        temp.touch(exist_ok=False)
        temp.unlink()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OutputError(
            f"the folder {target.parent} cannot be written to ({reason}): choose another folder"
        ) from error


def _sync(temp: Path) -> None:
    with temp.open("rb+") as file:
        os.fsync(file.fileno())


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _take_place(
    temp: Path, target: Path, is_open: Callable[[Path], bool] | None, sidecars: tuple[str, ...]
) -> None:
    if is_open is not None and target.exists() and is_open(target):
        raise FileOpenError(target, _keep(temp, target))
    try:
        # Before the new file is there: a log of the old one must never be read as a log of the new.
        for ending in sidecars:
            _beside(target, ending).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            temp.chmod(stat.S_IMODE(target.stat().st_mode))
        temp.replace(target)
    except PermissionError as error:
        if not target.exists():
            raise
        raise FileOpenError(target, _keep(temp, target)) from error


def _keep(temp: Path, target: Path) -> Path:
    """Move the new file to a dated name beside the old one that is not taken."""
    stamp = datetime.now().strftime("%Y-%m-%d_%H%M%S")
    kept, turn = target.with_name(f"{target.stem}_{stamp}{target.suffix}"), 2
    while kept.exists():
        kept, turn = target.with_name(f"{target.stem}_{stamp}_{turn}{target.suffix}"), turn + 1
    temp.replace(kept)
    return kept


def database_is_open(path: Path) -> bool:
    """Return whether another program has a SQLite file (a GeoPackage) open.

    Linux tells of every open handle: a write lease is refused while there is one (fcntl(2), F_SETLEASE).
    Elsewhere SQLite's own locks are asked: a transaction under way, or any connection in WAL mode, which
    is how QGIS opens a GeoPackage; Windows in addition refuses to replace an open file. A log left by
    a program that died is settled into the file on the way.
    """
    return _handle_is_open(path) or _database_is_locked(path)


def _handle_is_open(path: Path) -> bool:
    if sys.platform != "linux":
        return False
    import fcntl

    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_WRLCK)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except BlockingIOError:
        return True
    except OSError:
        return False  # The file system has no leases, or the file is another user's.
    finally:
        os.close(handle)
    return False


def _database_is_locked(path: Path) -> bool:
    try:
        with contextlib.closing(
            sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=0, isolation_level=None)
        ) as database:
            database.execute("BEGIN EXCLUSIVE")
            database.execute("ROLLBACK")
            # Leaving WAL mode needs the file for oneself: refused while another connection is there.
            if database.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
                database.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        return "locked" in str(error) or "busy" in str(error)
    return False
