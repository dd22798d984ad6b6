"""Kernels run where numba can keep no machine code."""

from __future__ import annotations

import os
import subprocess
import sys

from access15._kernels._jit import forget_outdated

SCRIPT = """
from numba.core import caching

for name in ("CacheImpl", "_CacheImpl"):
    if hasattr(caching, name):
        getattr(caching, name)._locator_classes = []  # no folder can be written: numba finds no place

import numpy as np
import importlib, pkgutil
from numba.core.dispatcher import Dispatcher
from access15 import _kernels

for module in pkgutil.iter_modules(_kernels.__path__):
    for name, kernel in vars(importlib.import_module("access15._kernels." + module.name)).items():
        if isinstance(kernel, Dispatcher):
            assert type(kernel._cache).__name__ == "NullCache", "numba found a place for " + name

import access15 as a15
from access15.testing import street_map

drawn = street_map("A--B--C", scale_m=100)
clinic, people = drawn.facilities("A"), drawn.population({"B": 1.0, "C": 2.0})
print(a15.nearest_times(drawn.network, clinic, people).seconds.tolist())
print(a15.travel_times(drawn.network, clinic, people, minutes=5).time_ms.tolist())
"""


def test_without_a_place_for_the_cache_kernels_compile_anew():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[:2] == ["[225.0, 450.0]", "[225000]"]


def test_machine_code_older_than_any_kernel_file_is_made_anew(tmp_path):
    files = [tmp_path / "one.py", tmp_path / "two.py"]
    kept = [tmp_path / "__pycache__" / name for name in ("one.step-1.nbi", "two.step-1.nbi")]
    kept[0].parent.mkdir()
    for age, file in zip((300, 100, 200, 50), files + kept, strict=True):
        file.write_bytes(b"")
        os.utime(file, (1e9 - age, 1e9 - age))
    forget_outdated(tmp_path)
    assert [file.exists() for file in kept] == [False, True]


def test_numba_is_imported_only_when_a_kernel_runs():
    script = "import sys, access15 as a15; a15.nearest_times; a15.WALK; a15.coverage; a15.travel_times; "
    script += "a15.reach_surface; a15.isochrones; a15.WhatIf; print('numba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
