"""Write which kernels the demo needs, in what order and for which types: what helper processes compile in a first run.

Run it as ``python scripts/list_first_run.py`` after a kernel, its arguments or the order of a run has changed.
"""

from __future__ import annotations

import sys
import tempfile
from typing import Any

from access15._kernels._machine_code import KernelCache
from access15._kernels.first_run import LISTING
from access15.cli import main


def needed() -> list[str]:
    """Run the demo and return a line for every kernel that it called from Python."""
    lines: list[str] = []
    compiling: list[Any] = []  # What a kernel calls is compiled within it.
    load, save = KernelCache.load_overload, KernelCache.save_overload

    def noted(cache: Any, sig: Any, context: Any) -> Any:
        kernel = cache._py_func
        if not compiling:
            lines.append(f"{kernel.__module__.rpartition('.')[2]}.{kernel.__name__}\t{sig}")
        found = load(cache, sig, context)
        if found is None:
            compiling.append(cache)
        return found

    def kept(cache: Any, sig: Any, data: Any) -> None:
        compiling.remove(cache)
        save(cache, sig, data)

    KernelCache.load_overload, KernelCache.save_overload = noted, kept  # type: ignore[method-assign]
    with tempfile.TemporaryDirectory() as folder:
        try:
            main(["demo", "--out", folder])
        except SystemExit as ended:
            if ended.code:
                raise
    return lines


if __name__ == "__main__":
    text = "\n".join(needed()) + "\n"
    if "--check" in sys.argv:
        sys.exit(
            0 if LISTING.read_text(encoding="utf-8") == text else f"{LISTING.name} is not what the demo needs"
        )
    LISTING.write_text(text, encoding="utf-8", newline="\n")
