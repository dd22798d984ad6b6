"""What a helper process of a first run does: ``python -m access15._kernels.compile_first_run PROCESS``."""

from __future__ import annotations

import importlib
import sys

from access15._kernels._code_folder import code_folder
from access15._kernels.first_run import claimed, is_made, listing


def compile_unclaimed(run: int) -> None:
    """Compile the kernels of a first run that have no machine code and that nobody has claimed.

    Parameters
    ----------
    run : int
        Process of the run that this one helps: claims are among its helpers.
    """
    folder = code_folder()
    if folder is None:
        return
    for name, signatures in listing().items():
        if not is_made(folder, name) and claimed(folder, name, run):
            module, _, kernel = name.partition(".")
            compiled = getattr(importlib.import_module(f"access15._kernels.{module}"), kernel)
            for signature in signatures:
                compiled.compile(signature)


if __name__ == "__main__":
    compile_unclaimed(int(sys.argv[1]))
