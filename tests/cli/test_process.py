"""Commands as processes: start-up, consoles, interruption, the demo."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from scripts_apart import start


def test_help_loads_nothing_heavy():
    """`benchmarks/bench_commands.py` measures how long the help takes."""
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


@pytest.mark.parametrize("encoding", ["cp936", "ascii"])
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
@pytest.mark.parametrize(
    ("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_an_interrupted_run_leaves_nothing(tmp_path, sent, code):
    out = tmp_path / "out"
    running = start("-m", "access15", "demo", "--out", out)  # A town is done before the signal is sent.
    assert running.stderr is not None
    started = running.stderr.readline()  # Streets are being read: the command is at work.
    running.send_signal(sent)
    _, errors = running.communicate(timeout=60)
    assert running.returncode == code, started + errors
    assert b"Traceback" not in errors
    assert not out.exists() or not [path for path in out.iterdir() if path.name.startswith(".")]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for another process")
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_an_interrupted_matrix_leaves_no_file(tmp_path, ending):
    # 20,000 × 4,000 points in Monaco: a table that takes minutes to write.
    rng = np.random.default_rng(1)
    for name, count in (("from", 20_000), ("to", 4_000)):
        lon, lat = rng.uniform(7.412, 7.428, count), rng.uniform(43.729, 43.742, count)
        lines = [f"{i},{x:.6f},{y:.6f}" for i, (x, y) in enumerate(zip(lon, lat, strict=True))]
        (tmp_path / f"{name}.csv").write_text("\n".join(["id,lon,lat", *lines]), "utf-8")
    monaco = Path(__file__).parents[2] / "data/sample/monaco/monaco.osm.pbf"
    before = sorted(tmp_path.iterdir())
    points = "--origins", tmp_path / "from.csv", "--destinations", tmp_path / "to.csv"
    out = tmp_path / "out" / f"T.{ending}"
    running = start("-m", "access15", "matrix", "--network", monaco, *points, "--mode", "walk", "--out", out)
    deadline = time.monotonic() + 240
    while not any(path.stat().st_size > 100_000 for path in (tmp_path / "out").glob(".T.*")):
        assert time.monotonic() < deadline
        assert running.poll() is None
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=60)
    assert running.returncode == 130
    assert b"Traceback" not in errors
    assert sorted(tmp_path.iterdir()) == before


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


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
@pytest.mark.parametrize("closing", ["2>/dev/full", ">/dev/null 2>&-"])
def test_a_closed_stderr_is_no_reason_to_die(town, tmp_path, closing):
    out = tmp_path / "out"
    line = f"{sys.executable} -m access15 run {town} --out {out} {closing}"
    assert subprocess.run(["sh", "-c", line], check=False, stdout=subprocess.PIPE).returncode == 0
    assert (out / "coverage.gpkg").exists()


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
def test_a_reader_that_goes_away_is_no_missed_target(town, tmp_path):
    line = f"{sys.executable} -m access15 run {town} --out {tmp_path / 'out'} | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], check=False, stderr=subprocess.PIPE)
    assert done.returncode in (0, 141), done.stderr
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr
