"""A whole study, from files to GeoPackage, report and tables: time, memory and the share of each stage.

``python benchmarks/bench_study.py [porto_alegre] [comoros] [monaco]``; the data lie under ``ACCESS15_DATA``.
Every run is a process of its own without a network cache. The *first* has no compiled kernels either; of the
others the one with the fewest processor seconds is told. Processor seconds are those of all threads.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 3

_ANALYSIS = """
[analysis]
modes = ["walk", "walk-elder", "drive"]
minutes = [5, 10, 15]
headline = { mode = "walk", minutes = 15 }
gaps = { mode = "walk-elder", minutes = 15 }

[siting]
candidates = "junctions"
mode = "walk"
minutes = 15
p = 5
"""


def porto_alegre(data: Path, folder: Path) -> Path:
    """Write the study of Porto Alegre: hexagons with people, one service point for every health facility in them."""
    with (data / "poa_hexgrid.csv").open(encoding="utf-8-sig", newline="") as file:
        hexagons = list(csv.DictReader(file))
    points = [
        (f"{row['id']}-{i + 1}", row["lon"], row["lat"])
        for row in hexagons
        for i in range(int(float(row["healthcare"] or 0)))
    ]
    people = [(row["id"], row["lon"], row["lat"], row["population"] or 0) for row in hexagons]
    for name, head, rows in (
        ("clinics", ("id", "lon", "lat"), points),
        ("people", ("id", "lon", "lat", "population"), people),
    ):
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([head, *rows])
    inputs = f'[network]\npath = {_text(data / "poa_osm.pbf")}\n[facilities]\npath = "clinics.csv"\n[population]\npath = "people.csv"\n'
    return _study(folder, "Porto Alegre", inputs)


def comoros(data: Path, folder: Path) -> Path:
    """Write the study of the Comoros: a raster of people, service points from OSM."""
    streets = _text(data / "comores-latest.osm.pbf")
    inputs = f"[network]\npath = {streets}\n[facilities]\nosm = true\n[population]\npath = {_text(data / 'com_ppp_2020_UNadj.tif')}\n"
    return _study(folder, "Comoros", inputs)


def monaco(_: Path, folder: Path) -> Path:
    """Copy the bundled study."""
    import shutil

    from access15.study import sample

    shutil.copytree(sample("monaco").file.parent, folder, dirs_exist_ok=True)
    return folder / "study.toml"


def _text(path: Path) -> str:
    return json.dumps(str(path))


def _study(folder: Path, name: str, inputs: str) -> Path:
    path = folder / "study.toml"
    path.write_text(f'[study]\nname = "{name}"\n{inputs}{_ANALYSIS}', encoding="utf-8")
    return path


def run(study: str, out: str) -> None:
    """Do what ``access15 run`` does and print wall and processor seconds of every stage as JSON."""
    from access15.study import Study

    stages: dict[str, tuple[float, float]] = {}
    before = 0.0

    def progress(stage: str, seconds: float | None) -> None:
        nonlocal before
        if seconds is None:
            before = time.process_time()
        else:
            stages[stage] = (seconds, time.process_time() - before)

    result = Study.from_toml(study).run(progress)
    result.write(out, progress)
    result.summary()
    print(json.dumps(stages))


def measure(study: Path, out: Path, kernels: Path) -> dict[str, object]:
    """Return wall and processor seconds, peak memory in MB and the stages of one run in a process of its own."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(kernels)}
    words = [sys.executable, __file__, "--run", str(study), str(out)]
    start = time.perf_counter()
    process = subprocess.Popen(words, env=environment, stdout=subprocess.PIPE)
    told = process.stdout.read() if process.stdout else b""
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"the study ended with {process.returncode}")
    memory = usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    return {
        "wall": wall,
        "cpu": usage.ru_utime + usage.ru_stime,
        "memory": memory,
        "stages": json.loads(told),
    }


def main(places: list[str]) -> None:
    """Measure and print."""
    for place in places:
        with tempfile.TemporaryDirectory() as name:
            work = Path(name)
            (work / "study").mkdir()
            study = globals()[place](Path(os.environ.get("ACCESS15_DATA", "")) / place, work / "study")
            found = [measure(study, work / "out", work / "kernels") for _ in range(1 + RUNS)]
            best = min(found[1:], key=lambda one: one["cpu"])
            for label, one in (("first", found[0]), ("later", best)):
                print(
                    f"{place}, {label}: {one['wall']:.1f} s wall, {one['cpu']:.1f} s processor, {one['memory']:.0f} MB"
                )
            for stage, (wall, cpu) in best["stages"].items():
                print(f"  {stage:<44}{wall:>7.2f} s wall {cpu:>7.2f} s processor {cpu / best['cpu']:>6.0%}")
            sizes = sorted((work / "out").iterdir())
            print("  " + ", ".join(f"{path.name} {path.stat().st_size / 1e6:.2f} MB" for path in sizes))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        run(*sys.argv[2:4])
    else:
        main(sys.argv[1:] or ["porto_alegre"])
