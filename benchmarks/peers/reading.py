"""Wall time and peak memory of making an OSM extract routable: access15 beside Valhalla, pyrosm and OSMnx.

Run ``python benchmarks/peers/reading.py``, or name places. What it needs is in `places`. Every reading is a
process of its own, imports included, one after the other. access15 reads a network for all modes and compiles
it for walking and driving; Valhalla builds tiles for all modes on all cores; pyrosm reads streets to walk and
streets to drive and makes a graph of each; OSMnx makes one graph of all streets. OSMnx reads XML only:
writing it is not counted.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from places import PLACES, extract, peers_python, work_folder

LIMIT_S = 600
RUNS = {"access15": 5, "Valhalla": 5, "pyrosm": 1, "OSMnx": 1}

ACCESS15 = """
import sys
from access15 import DRIVE, WALK, read_network
from access15.network import routing_graph
network = read_network(sys.argv[1])
for profile in (WALK, DRIVE):
    routing_graph(network, profile)
"""
PYROSM = """
import sys
from pyrosm import OSM
streets = OSM(sys.argv[1])
for mode in ("walking", "driving"):
    nodes, edges = streets.get_network(mode, nodes=True)
    streets.to_graph(nodes, edges, graph_type="networkx")
"""
OSMNX = """
import sys
import osmnx
osmnx.graph_from_xml(sys.argv[1])
"""
TILES = """
import sys
from pathlib import Path
import engines
print("\\n".join(engines.tiles_command(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))))
"""


def measure(words: list[str]) -> tuple[float, float, float]:
    """Return wall seconds, processor seconds and peak MB of one command; NaN where it fails or takes too long."""
    start = time.perf_counter()
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        clock = threading.Timer(LIMIT_S, process.kill)
        clock.start()
        message = process.stderr.read() if process.stderr else b""
        _, status, usage = os.wait4(process.pid, 0)
        clock.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - start
    if process.returncode:
        print(
            f"{words[0]} ended with {process.returncode}: {message.decode(errors='replace')[-300:]}",
            file=sys.stderr,
        )
        return float("nan"), float("nan"), float("nan")
    memory = usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    return seconds, usage.ru_utime + usage.ru_stime, memory


def commands(place: str) -> dict[str, list[str]]:
    """Return the command of every reader."""
    peers, file = peers_python(), str(extract(place))
    folder = work_folder() / f"valhalla-read-{place}"
    words = [peers, "-c", TILES, place, str(folder), str(os.cpu_count() or 1)]
    here = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    tiles = subprocess.run(words, check=True, capture_output=True, text=True, env=here).stdout.split("\n")
    return {
        "access15": [sys.executable, "-c", ACCESS15, file],
        "Valhalla": [word for word in tiles if word],
        "pyrosm": [peers, "-c", PYROSM, file],
        "OSMnx": [peers, "-c", OSMNX, str(as_xml(place))],
    }


def as_xml(place: str) -> Path:
    """Write the extract as XML, once."""
    import osmium

    out = work_folder() / f"{place}.osm"
    if not out.exists():
        with osmium.SimpleWriter(str(out)) as writer:
            for item in osmium.FileProcessor(str(extract(place))):
                writer.add(item)
    return out


def main(places: list[str]) -> None:
    """Measure and print a table."""
    print(
        f"{os.cpu_count()} cores; best of {RUNS['access15']} runs in turn for access15 and Valhalla, else one\n"
    )
    print("| place | file, MB | reader | wall, s | times access15 | processor, s | peak memory, MB |")
    print("|---|---|---|---|---|---|---|")
    for place in places:
        megabytes = extract(place).stat().st_size / 1e6
        found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in RUNS}
        words = commands(place)
        for turn in range(max(RUNS.values())):
            for name, runs in RUNS.items():
                if turn < runs:
                    found[name].append(measure(words[name]))
        ours = min(found["access15"])[0]
        for name, runs_of in found.items():
            seconds, processor, memory = min(runs_of)
            row = f"| {place} | {megabytes:.1f} | {name} | "
            if math.isnan(seconds):
                print(f"{row}not finished | | | |", flush=True)
            else:
                print(
                    f"{row}{seconds:.1f} | {seconds / ours:.1f} | {processor:.1f} | {memory:.0f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main(sys.argv[1:] or list(PLACES))
