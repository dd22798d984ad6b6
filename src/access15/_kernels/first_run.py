"""Helper processes that compile kernels while a first run reads its files. Imports no numba.

`start` runs where a command begins. Each kernel of ``first_run.txt`` without machine code is claimed by one process, a
helper or the run itself, with a file that only one can make. A run that comes to a kernel that a helper has claimed waits
for its code; if the helpers are gone it compiles as it would have without them.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from access15._kernels._code_folder import HERE, code_folder

LISTING: Final = HERE / "first_run.txt"
"""Kernels of the demo in the order in which it needs them, with the types of their arguments;
``scripts/list_first_run.py`` writes it."""

_MOST: Final = 4
_PATIENCE_S: Final = 60.0
_STEP_S: Final = 0.01
_VERSION: Final = f"py{sys.version_info.major}{sys.version_info.minor}"

_running: list[subprocess.Popen[bytes]] = []


def listing() -> dict[str, list[str]]:
    """Return the signatures of every kernel of a first run by name, ``module.kernel``."""
    found: dict[str, list[str]] = {}
    for line in LISTING.read_text(encoding="utf-8").splitlines():
        name, _, signature = line.partition("\t")
        found.setdefault(name, []).append(signature)
    return found


def start() -> None:
    """Start helpers if kernels of a first run have no machine code yet, and there is a folder to keep it."""
    folder = code_folder()
    if folder is None or _running or os.environ.get("NUMBA_DISABLE_JIT", "0") != "0":
        return
    missing = [name for name in listing() if not is_made(folder, name)]
    count = min(os.cpu_count() or 1, _MOST, len(missing) // 2)
    # -P: a file of the working folder that is called as a library is not meant.
    command = [sys.executable, "-P", "-m", "access15._kernels.compile_first_run", str(os.getpid())]
    quiet: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
    quiet["creationflags"] = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    with suppress(OSError):
        _running.extend(subprocess.Popen(command, **quiet) for _ in range(count))
    if _running:
        atexit.register(_end, folder)


def wait_for(name: str) -> None:
    """Return when a helper has made the code of a kernel, or when the caller had better compile it."""
    folder = code_folder() if _running else None
    if folder is None or is_made(folder, name) or claimed(folder, name, os.getpid()):
        return
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until and any(helper.poll() is None for helper in _running):
        if is_made(folder, name):
            return
        time.sleep(_STEP_S)


def is_made(folder: Path, name: str) -> bool:
    return any(folder.glob(f"{name}-*.{_VERSION}*.nbc"))


def claimed(folder: Path, name: str, run: int) -> bool:
    """Claim a kernel for this process; return whether no other had."""
    try:
        (folder / f"{name}.{run}.claim").touch(exist_ok=False)
    except FileExistsError:
        return False
    except OSError:  # A full disk: whoever comes compiles.
        pass
    return True


def _end(folder: Path) -> None:
    """Stop the helpers and remove the claims, and those of runs that were killed."""
    for helper in _running:
        helper.terminate()
    for helper in _running:
        with suppress(subprocess.TimeoutExpired):
            helper.wait(5)
    for claim in folder.glob("*.claim"):
        with suppress(OSError):
            own = claim.name.split(".")[-2] == str(os.getpid())
            if own or time.time() - claim.stat().st_mtime > 10 * _PATIENCE_S:
                claim.unlink()
