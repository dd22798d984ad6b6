"""Kernels run where numba can keep no machine code."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
from numba.core import caching

for name in ("CacheImpl", "_CacheImpl"):
    if hasattr(caching, name):
        getattr(caching, name)._locator_classes = []  # no folder can be written: numba finds no place

import numpy as np
from access15._kernels.snap import grid_of_segments

assert type(grid_of_segments._cache).__name__ == "NullCache", "numba found a place after all"
start, ids = grid_of_segments(np.array([[0.0, 0.0, 5.0, 5.0]]), 10.0, 0.0, 0.0, 1, 1)
print(start.tolist(), ids.tolist())
"""


def test_without_a_place_for_the_cache_kernels_compile_anew():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[0] == "[0, 1] [0]"


def test_numba_is_imported_only_when_a_kernel_runs():
    script = "import sys, access15 as a15; a15.nearest_times; a15.WALK; a15.coverage; print('numba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
