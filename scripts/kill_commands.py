"""Kill commands at random moments, and look whether anything is torn, or left behind after the next run.

    python scripts/kill_commands.py --kills 200 --seed 1 [--signals KILL TERM HUP INT]

Every command works on a small town in a folder of its own, again and again into the same outputs, as a planner would.
After each kill every file that is there under its own name must be whole: readable to its end, as it was before or as
the command writes it. After the next run that is let end, no hidden file and no folder of a dead run is left. The last line says how
many kills struck a running command.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import tomllib
import traceback
import zipfile
from collections import Counter
from pathlib import Path
from typing import NoReturn

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from access15.cli import main as access15_main
from town_files import write_town

MATRIX = ("--origins", "people.csv", "--destinations", "clinics.csv", "--mode", "walk")
INPUTS = ("--network", "streets.osm", "--facilities", "clinics.csv", "--population", "people.csv")

COMMANDS: dict[str, tuple[str, ...]] = {
    "init": ("init", "streets.osm", "clinics.csv", "people.csv", "--out", "first.toml", "--force"),
    "inspect": ("inspect", "clinics.csv"),
    "run": ("run", "study.toml", "--out", "results"),
    "run zh": ("run", "cached.toml", "--out", "results zh", "--lang", "zh"),
    "coverage": ("coverage", *INPUTS, "--mode", "walk", "--minutes", "15", "--out", "coverage.gpkg"),
    "isochrones": ("isochrones", *INPUTS[:4], "--mode", "walk", "--minutes", "10", "--out", "rings.gpkg"),
    "matrix": ("matrix", "--network", "streets.osm", *MATRIX, "--out", "times.csv"),
    "matrix parquet": ("matrix", "--network", "shuffled.osm", *MATRIX, "--out", "times.parquet"),
    "gaps": ("gaps", *INPUTS, "--mode", "walk", "--minutes", "15", "--out", "gaps.gpkg"),
    "site": ("site", *INPUTS, "--candidates", "junctions", "--mode", "walk", "--minutes", "15", "--p", "2", "--out", "plan.gpkg"),
    "compare": ("compare", "before/coverage.gpkg", "results/coverage.gpkg", "--out", "changes.gpkg"),
    "check": ("check", "study.toml", "--update"),
    "info": ("info",),
    "demo": ("demo", "--out", "demo"),
}  # fmt: skip


def main() -> int:
    """Kill as asked; return 0 where nothing was torn or left behind."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("--kills", type=int, default=200)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--signals", nargs="+", default=["KILL"], choices=["KILL", "TERM", "HUP", "INT"])
    asked.add_argument("--commands", nargs="+", default=list(COMMANDS), choices=list(COMMANDS))
    asked.add_argument("--spawn", action="store_true", help="start every command as a new process")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as place:
        return Killing(Path(place), given.seed, given.commands, given.signals, given.spawn).all(given.kills)


LOADED = (
    "geopandas", "pyogrio", "rasterio", "rasterio.warp", "rasterio.vrt", "osmium", "pyproj", "scipy.sparse.csgraph", "scipy.spatial", "numba",
    "openpyxl", "pyarrow.parquet", "matplotlib.figure", "highspy", "jinja2", "access15.study", "access15.plot",
)  # fmt: skip
"""What is imported before commands are forked."""


class Running:
    """A command under way."""

    def __init__(self, process: int, errors: Path) -> None:
        self.process, self.errors = process, errors
        self.code: int | None = None

    def wait(self, longest_s: float) -> int | None:
        """Return the code a process left with; None where it is still there after so long."""
        end = time.monotonic() + longest_s
        while self.code is None:
            found, status = os.waitpid(self.process, os.WNOHANG)
            if found:
                self.code = os.waitstatus_to_exitcode(status)
            elif time.monotonic() >= end:
                return None
            else:
                time.sleep(0.005)
        return self.code

    def said(self) -> bytes:
        """Return what it wrote on stderr."""
        return self.errors.read_bytes() if self.errors.exists() else b""


class Killing:
    """A folder in which commands are killed."""

    def __init__(self, place: Path, seed: int, commands: list[str], signals: list[str], spawn: bool) -> None:
        self.random = random.Random(seed)
        self.place, self.passing = place / "work", place / "passing"
        self.place.mkdir()
        self.passing.mkdir()
        self.commands, self.signals, self.spawn = commands, signals, spawn
        self.lasts: dict[str, float] = {}
        self.wrong: list[str] = []
        prepare(self.place)
        if not spawn:
            for module in LOADED:
                importlib.import_module(module)
        if "compare" in commands:
            self.whole_run("run")
            shutil.copytree(self.place / "results", self.place / "before")

    def all(self, kills: int) -> int:
        """Kill so many times, running a command to its end after every tenth kill; say what was found."""
        struck: Counter[str] = Counter()
        for name in self.commands:
            self.whole_run(name)
        for number in range(kills):
            name, sent = self.random.choice(self.commands), self.random.choice(self.signals)
            after_s = self.random.uniform(0.0, self.lasts[name])
            hit = self.kill(name, after_s, sent)
            struck[f"{name} {sent}" if hit else "over before"] += 1
            self.look(f"kill {number}, {name}, {sent} after {after_s:.2f} s", sent)
            if number % 10 == 9:
                self.whole_run(name)
                print(
                    f"{number + 1} kills, {len(self.wrong)} things torn or left",
                    *self.wrong[-3:],
                    sep="\n  ",
                    flush=True,
                )
        for name in self.commands:
            self.whole_run(name)
        for line in self.wrong:
            print(line)
        print(", ".join(f"{what} {count}" for what, count in sorted(struck.items())))
        hits = kills - struck["over before"]
        print(f"{hits} of {kills} kills struck a running command, {len(self.wrong)} things torn or left")
        return 1 if self.wrong else 0

    def start(self, name: str) -> Running:
        """Start a command whose temporaries go to a folder of their own."""
        words, errors = COMMANDS[name], self.place.parent / "errors.txt"
        if self.spawn:
            with errors.open("wb") as to:
                environment = {**os.environ, "TMPDIR": str(self.passing)}
                begun = subprocess.Popen(
                    [sys.executable, "-m", "access15", *words], cwd=self.place, env=environment, stdout=subprocess.DEVNULL, stderr=to
                )  # fmt: skip
            return Running(begun.pid, errors)
        sys.stdout.flush()
        process = os.fork()
        if process == 0:
            self.work(words, errors)
        return Running(process, errors)

    def work(self, words: tuple[str, ...], errors: Path) -> NoReturn:
        """Be a command, in a forked process."""
        code = 255
        try:
            os.chdir(self.place)
            tempfile.tempdir = str(self.passing)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            os.dup2(os.open(errors, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
            access15_main(list(words))
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else 0
        except KeyboardInterrupt:
            code = 130  # Before the command had begun.
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)

    def whole_run(self, name: str) -> None:
        """Run a command to its end; nothing of dead runs may be left where it writes."""
        began = time.monotonic()
        running = self.start(name)
        code = running.wait(600)
        errors = running.said()
        self.lasts[name] = time.monotonic() - began
        if code not in (0, 1) or b"Traceback" in errors:
            self.wrong.append(f"{name} ended with {code}: {errors[-300:]!r}")
        self.look(f"whole run of {name}", "none")
        if "--out" in COMMANDS[name]:
            out = (
                self.place
                / COMMANDS[name][-1 if COMMANDS[name][-2] == "--out" else COMMANDS[name].index("--out") + 1]
            )
            folder = out if out.is_dir() else out.parent
            self.wrong += [f"left after a whole run of {name}: {file.name}" for file in hidden(folder)]
        if name in (
            "matrix parquet",
            "info",
        ):  # These take the streets apart in a passing folder, and sweep it.
            self.wrong += [
                f"left after a whole run of {name}: {file}" for file in self.passing.glob("access15-*")
            ]

    def kill(self, name: str, after_s: float, sent: str) -> bool:
        """Send a signal to a command after some time; return whether it was still running."""
        running = self.start(name)
        hit = running.wait(after_s) is None
        if hit:
            os.kill(running.process, getattr(signal, f"SIG{sent}"))
            if running.wait(300) is None:
                self.wrong.append(f"{name}: {sent} did not end it in 300 s")
                os.kill(running.process, signal.SIGKILL)
                running.wait(60)
        errors = running.said()
        if b"Traceback" in errors and sent != "KILL":
            self.wrong.append(f"{name}, {sent}: {errors[-400:]!r}")
        return hit

    def look(self, when: str, sent: str) -> None:
        """Look whether every file is whole, and where a signal let the command clean up, that it did."""
        for file in sorted(self.place.rglob("*")):
            if file.is_file() and not file.name.startswith("."):
                torn = how_torn(file)
                if torn:
                    self.wrong.append(f"{when}: {file.name} is torn: {torn}")
        if sent not in ("KILL", "none"):
            self.wrong += [f"{when}: left {file}" for file in hidden(self.place) if self.mine(file)]

    def mine(self, file: Path) -> bool:
        """Return whether a hidden file is of a run that a signal ended; only kills may leave files."""
        return self.signals != ["KILL"] and "KILL" not in self.signals and file.is_file()


def hidden(folder: Path) -> list[Path]:
    """Return the hidden files of a folder, which are those of runs under way."""
    return [file for file in folder.iterdir() if file.name.startswith(".") and file.is_file()]


def prepare(place: Path) -> None:
    """Write the town, a study with a cache, and its streets in a bad order."""
    write_town(place)
    study = (place / "study.toml").read_text("utf-8")
    (place / "cached.toml").write_text(
        study.replace('path = "streets.osm"', 'path = "streets.osm"\ncache = true'), "utf-8"
    )
    text = (place / "streets.osm").read_text("utf-8")
    nodes = [line for line in text.splitlines() if line.startswith("<node")]
    ways = [line for line in text.splitlines() if line.startswith("<way")]
    head, *_ = text.splitlines()
    (place / "shuffled.osm").write_text(
        "\n".join([head, '<osm version="0.6">', *ways, *nodes, "</osm>"]), "utf-8"
    )


def how_torn(file: Path) -> str:
    """Return what is wrong with a file that should be whole; empty where nothing is."""
    try:
        kind = file.suffix
        if kind == ".gpkg":
            with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as base:
                verdict = base.execute("PRAGMA quick_check").fetchone()[0]
                layers = base.execute("SELECT count(*) FROM gpkg_contents").fetchone()[0]
            return "" if verdict == "ok" and layers else f"{verdict}, {layers} layers"
        if kind in (".xlsx", ".parquet"):
            data = file.read_bytes()
            if kind == ".parquet":
                return "" if data[:4] == data[-4:] == b"PAR1" else "no foot"
            with zipfile.ZipFile(file) as book:
                return str(book.testzip() or "")
        if kind == ".json":
            json.loads(file.read_text("utf-8"))
        elif kind == ".toml":
            tomllib.loads(file.read_text("utf-8"))
        elif kind == ".html":
            return "" if file.read_text("utf-8").rstrip().endswith("</html>") else "no end"
        elif kind == ".png":
            return "" if file.read_bytes()[-8:-4] == b"IEND" else "no end"
        elif kind == ".csv":
            return "" if file.read_bytes().endswith(b"\n") else "no end"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


if __name__ == "__main__":
    sys.exit(main())
