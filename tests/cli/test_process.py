"""Commands as processes: start-up, consoles, interruption, the demo."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time

import pytest


def test_help_is_quick_and_loads_nothing_heavy(process):
    best = 9.0
    for _ in range(3):
        start = time.perf_counter()
        assert process("--help").returncode == 0
        best = min(best, time.perf_counter() - start)
    assert best < 0.4
    program = "import sys; from access15.cli import main\ntry: main(['--help'])\nexcept SystemExit: print(*sys.modules)"
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    loaded = {name.partition(".")[0] for name in shown.splitlines()[-1].split()}
    assert not loaded & {
        "numpy",
        "pandas",
        "geopandas",
        "shapely",
        "scipy",
        "numba",
        "rasterio",
        "osmium",
        "pyproj",
    }


@pytest.mark.parametrize("encoding", ["cp936", "cp1252", "ascii"])
def test_consoles_that_lack_characters(process, town, encoding):
    text = town.read_text("utf-8").replace('"Town"', '"Ville é 厦门 😀"')
    town.write_text(text, "utf-8")
    done = process("run", town, PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert done.returncode == 0, done.stderr
    failed = process("run", town.parent / "厦门é.toml", PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert failed.returncode == 2
    assert failed.stderr.startswith(b"access15: error: ")
    assert len(failed.stderr.splitlines()) == 1


def test_an_error_is_one_line_in_a_real_process(process, tmp_path):
    done = process("run", tmp_path / "none.toml")
    assert done.returncode == 2
    assert done.stdout == b""
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith("access15: error: ")
    assert "none.toml" in line


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for another process")
def test_an_interrupted_run_leaves_nothing(town, tmp_path):
    out = tmp_path / "out"
    running = subprocess.Popen(
        [sys.executable, "-m", "access15", "run", str(town), "--out", str(out)], stderr=subprocess.PIPE
    )
    time.sleep(0.8)
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=60)
    assert running.returncode == 130
    assert b"Traceback" not in errors
    assert not out.exists() or not [path for path in out.iterdir() if path.name.startswith(".")]


def test_the_demo_runs_offline_and_every_site_gains_people(process, tmp_path):
    done = process(
        "demo", "--out", tmp_path, http_proxy="http://127.0.0.1:9", https_proxy="http://127.0.0.1:9"
    )
    assert done.returncode == 0, done.stderr
    assert str(tmp_path / "coverage.gpkg") in done.stdout.decode()
    figures = json.loads((tmp_path / "run.json").read_text("utf-8"))["figures"]
    assert figures["people"] == pytest.approx(38_367)
    assert figures["n_gaps"] >= 1
    assert figures["n_sites"] == 3
    with sqlite3.connect(tmp_path / "coverage.gpkg") as base:
        gains = [gain for (gain,) in base.execute("SELECT gain FROM proposed_sites")]
        rows = base.execute(
            "SELECT people, covered + uncovered + unreachable + unlinked FROM coverage"
        ).fetchall()
    assert len(gains) == 3
    assert min(gains) > 0
    for people, parts in rows:
        assert parts == pytest.approx(people, rel=1e-9)
