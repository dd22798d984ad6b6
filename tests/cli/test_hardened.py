"""What the system does to a command: signals at any moment, full devices, closed outputs, names it does not take."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "kill_commands.py"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs signals and a POSIX shell")


@pytest.mark.parametrize("signals", [["KILL"], ["TERM", "HUP", "INT"]], ids=["KILL", "others"])
def test_commands_killed_at_random_moments_tear_nothing_and_leave_nothing(signals):
    """`scripts/kill_commands.py` does it to all commands, two hundred times."""
    asked = ["--kills", "4", "--seed", "5", "--signals", *signals, "--commands", "init", "matrix parquet"]
    done = subprocess.run(
        [sys.executable, str(SCRIPT), *asked], capture_output=True, text=True, check=False, timeout=1200
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " of 4 kills struck a running command, 0 things torn or left" in done.stdout


def shell(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    words = line.replace("access15", f"{sys.executable} -m access15", 1)
    return subprocess.run(["bash", "-c", words], cwd=folder, capture_output=True, text=True, check=False)


LONG = "a" * 300


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("access15 inspect clinics.csv > /dev/full", "the device is full"),
        (f"access15 init streets.osm clinics.csv people.csv --out {LONG}.toml", "file name too long"),
        (f"access15 init {LONG}.csv", "file name too long"),
        (f"access15 inspect {LONG}.csv", "file name too long"),
        (f"access15 coverage --network {LONG}.osm --facilities clinics.csv --population people.csv --mode walk --minutes 15 --out c.gpkg", "too long"),
        ("access15 init streets.osm clinics.csv people.csv --out /dev/full/x.toml", "is a file, not a folder"),
        ("access15 init streets.osm clinics.csv people.csv --out /proc/x.toml", "cannot be written to"),
    ],
)  # fmt: skip
def test_what_the_system_refuses_is_one_line(town, line, message):
    if "/dev/full" in line and not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    before = sorted(town.parent.iterdir())
    done = shell(line, town.parent)
    assert done.returncode == 2
    (said,) = [text for text in done.stderr.splitlines() if not text.startswith("access15: note: ")]
    assert said.startswith("access15: error: ")
    assert message in said
    assert "unexpected" not in said
    assert len(said) < 400
    assert sorted(town.parent.iterdir()) == before


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("access15 inspect clinics.csv >&-", 0),
        ("access15 inspect clinics.csv | head -n 1 > /dev/null; exit ${PIPESTATUS[0]}", (0, 141)),
        ("access15 init streets.osm clinics.csv people.csv --out a.toml 2>&-", 0),
    ],
)
def test_nobody_listening_is_no_failure(town, line, code):
    done = shell(line, town.parent)
    assert done.returncode in (code if isinstance(code, tuple) else (code,)), done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
