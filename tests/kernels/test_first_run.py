"""Helper processes compile what a first run needs; without them nothing changes but the time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from access15._kernels import first_run
from access15._kernels.first_run import LISTING, listing

ROOT = Path(__file__).parents[2]
SMALL = (
    "growth.copy\t(Array(int64, 1, 'C', False, aligned=True), Array(int64, 1, 'C', False, aligned=True))\n"
)


def python(*words, **environment):
    return subprocess.run(
        [sys.executable, *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | environment,
    )


def test_the_listing_is_what_the_demo_needs(tmp_path):
    done = python(ROOT / "scripts" / "list_first_run.py", "--check")
    assert done.returncode == 0, done.stderr.splitlines()[-1]


def test_a_helper_compiles_what_nobody_has_claimed(tmp_path, monkeypatch):
    monkeypatch.setattr(first_run, "code_folder", lambda: tmp_path)
    (tmp_path / "growth.copy-1.py999.1.nbc").touch()  # of another Python
    assert not first_run.is_made(tmp_path, "growth.copy")
    assert first_run.claimed(tmp_path, "growth.copy", 7)
    assert not first_run.claimed(tmp_path, "growth.copy", 7)
    assert first_run.claimed(tmp_path, "growth.copy", 8)  # another run
    script = (
        "from pathlib import Path; from access15._kernels import first_run as f; "
        f"f.LISTING = Path({str(tmp_path / 'listing.txt')!r}); "
        "from access15._kernels.compile_first_run import compile_unclaimed; compile_unclaimed({})"
    )
    (tmp_path / "listing.txt").write_text(SMALL, encoding="utf-8")
    here = {"NUMBA_CACHE_DIR": str(tmp_path)}
    made = tmp_path / "access15-kernels"
    for run in (1, 2):
        done = python("-c", script.format(run), **here)
        assert done.returncode == 0, done.stderr
        assert len(list(made.rglob("growth.copy-*.nbc"))) == 1
    assert [claim.name for claim in made.rglob("*.claim")] == ["growth.copy.1.claim"]


class Helper:
    """A process that ends after it was looked at some times, and makes a file at the last."""

    def __init__(self, looks, file=None):
        self.looks, self.file = looks, file

    def poll(self):
        self.looks -= 1
        if self.looks == 0 and self.file is not None:
            self.file.touch()
        return None if self.looks > 0 else 0


def test_a_run_waits_for_code_and_not_for_the_dead(tmp_path, monkeypatch):
    code = tmp_path / f"snap.far-1.{first_run._VERSION}.1.nbc"
    monkeypatch.setattr(first_run, "code_folder", lambda: tmp_path)
    monkeypatch.setattr(first_run, "_STEP_S", 0.0)
    first_run.wait_for("snap.far")  # No helper: nothing is claimed, nobody is waited for.
    assert not list(tmp_path.iterdir())
    monkeypatch.setattr(first_run, "_running", [Helper(1_000_000)])
    first_run.wait_for("snap.far")  # Nobody has claimed it: the run does, and compiles.
    (tmp_path / f"snap.far.{os.getpid()}.claim").unlink()
    first_run.claimed(tmp_path, "snap.far", os.getpid())
    monkeypatch.setattr(first_run, "_running", [Helper(5)])
    first_run.wait_for("snap.far")
    assert not code.exists()  # The helper died: the run compiles.
    monkeypatch.setattr(first_run, "_running", [Helper(5, code), Helper(1_000_000)])
    first_run.wait_for("snap.far")
    assert code.exists()
    monkeypatch.setattr(first_run, "_PATIENCE_S", 0.0)
    first_run.wait_for("snap.other")
    first_run.wait_for("snap.other")  # Claimed, alive, and too slow.


@pytest.mark.parametrize("killed", [False, True])
def test_helpers_change_nothing(tmp_path, killed):
    """Nor do helpers that end at once."""
    start = "f.start(); " + ("[p.kill() for p in f._running]; " if killed else "")
    script = (
        "from pathlib import Path; from access15._kernels import first_run as f; "
        f"f.LISTING = Path({str(tmp_path / 'listing.txt')!r}); {start}"
        "assert len(f._running) == 1, f._running; import numpy as np; from access15._kernels.growth import copy; "
        "to = np.zeros(3, np.int64); copy(np.arange(3), to); print(to.tolist())"
    )
    (tmp_path / "listing.txt").write_text(SMALL + SMALL.replace("copy", "doubled", 1), encoding="utf-8")
    done = python("-c", script, NUMBA_CACHE_DIR=str(tmp_path / "code"))
    assert done.returncode == 0, done.stderr
    assert done.stdout == "[0, 1, 2]\n"
    assert not list((tmp_path / "code").rglob("*.claim"))


def test_every_kernel_of_the_listing_is_there():
    assert len(listing()) > 10
    assert LISTING.read_text("utf-8").endswith("\n")
