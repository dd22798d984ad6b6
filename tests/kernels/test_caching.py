"""Machine code of kernels: kept by what the kernels are, made anew where it cannot be kept or read."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from access15._kernels import _code_folder
from access15._kernels._code_folder import HERE, code_folder, content_key

NOWHERE = """
from access15._kernels import _code_folder

_code_folder.code_folder = lambda: None  # no folder can be written to

import importlib, pkgutil
from numba.core.dispatcher import Dispatcher
from access15 import _kernels

for module in pkgutil.iter_modules(_kernels.__path__):
    for name, kernel in vars(importlib.import_module("access15._kernels." + module.name)).items():
        if isinstance(kernel, Dispatcher):
            assert type(kernel._cache).__name__ == "NullCache", "numba found a place for " + name
"""
SEARCH = """
import access15 as a15
from access15.testing import street_map

drawn = street_map("A--B--C", scale_m=100)
clinic, people = drawn.facilities("A"), drawn.population({"B": 1.0, "C": 2.0})
print(a15.nearest_times(drawn.network, clinic, people).seconds.tolist())
"""
SMALL = """
import numpy as np
from access15._kernels.growth import doubled

assert doubled(np.arange(3)).tolist()[:3] == [0, 1, 2]
print("kept" if doubled.stats.cache_hits and not doubled.stats.cache_misses else "made")
"""


def run(script, **environment):
    clean = {name: text for name, text in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, env=clean | environment
    )
    assert done.returncode == 0, done.stderr
    return done


def test_without_a_place_for_the_code_kernels_compile_anew():
    done = run(NOWHERE + SEARCH)
    assert done.stdout.split("\n")[:1] == ["[225.0, 450.0]"]
    assert done.stderr.count("no folder where compiled code can be kept") == 1


def test_code_is_kept_for_other_installations_and_damage_is_made_good(tmp_path):
    here = {"ACCESS15_CACHE": str(tmp_path / "cache")}
    assert run(SMALL, **here).stdout == "made\n"
    # The same files at another place, as a new environment has them.
    copied = tmp_path / "other" / "access15"
    shutil.copytree(HERE.parent, copied, ignore=shutil.ignore_patterns("__pycache__"))
    script = f"import access15; assert access15.__path__ == [{str(copied)!r}], access15.__path__\n"
    assert run(script + SMALL, **here, PYTHONPATH=str(copied.parent)).stdout == "kept\n"
    # Files that broke off.
    (folder,) = (tmp_path / "cache" / "kernels").iterdir()
    for pattern in ("doubled*.nbi", "doubled*.nbc"):
        for cut in folder.glob("growth." + pattern):
            cut.write_bytes(cut.read_bytes()[:40])
            assert run(SMALL, **here).stdout == "made\n"
            assert run(SMALL, **here).stdout == "kept\n"


def test_any_change_of_any_kernel_file_is_another_key(tmp_path):
    (tmp_path / "one.py").write_text("a = 1")
    (tmp_path / "two.py").write_text("b = 2")
    before = content_key.__wrapped__(tmp_path)
    assert content_key.__wrapped__(tmp_path) == before
    os.utime(tmp_path / "one.py", (1e9, 1e9))  # what a file is, not how old it is
    assert content_key.__wrapped__(tmp_path) == before
    (tmp_path / "two.py").write_text("b = 3")
    changed = content_key.__wrapped__(tmp_path)
    (tmp_path / "two.py").rename(tmp_path / "three.py")
    assert len({before, changed, content_key.__wrapped__(tmp_path)}) == 3


@pytest.fixture
def roots(tmp_path, monkeypatch):
    monkeypatch.setattr(_code_folder, "_roots", lambda: iter([tmp_path / "first", tmp_path / "second"]))
    return tmp_path / "first", tmp_path / "second"


def test_the_first_folder_that_can_be_written_is_taken_and_old_code_goes(roots):
    first, second = roots
    first.write_text("a file is no folder")
    assert code_folder.__wrapped__() == second / content_key()
    first.unlink()
    for age in range(6):
        (first / f"old{age}").mkdir(parents=True)
        os.utime(first / f"old{age}", (1e9 - age, 1e9 - age))
    assert code_folder.__wrapped__() == first / content_key()
    assert sorted(path.name for path in first.iterdir()) == sorted([content_key(), "old0", "old1", "old2"])


def test_numba_is_imported_only_when_a_kernel_runs():
    script = "import sys, access15 as a15; a15.nearest_times; a15.WALK; a15.coverage; a15.travel_times; "
    script += "a15.reach_surface; a15.isochrones; a15.WhatIf; print('numba' in sys.modules)"
    assert run(script).stdout.strip() == "False"
