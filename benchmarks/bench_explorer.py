"""The explorer in headless Chromium: from the hand to the pixels, first paint, bytes, memory over time.

``python benchmarks/bench_explorer.py [monaco] [county] [comoros] [porto_alegre] [1000000] [--minutes N]``; the data of the places lie under
``ACCESS15_DATA``, a number is a generated network of so many nodes with as many cells. Needs ``access15[explorer]``,
selenium, chromium and chromedriver. A *drag step* is from the event of the hand to the canvas drawn anew. Beside the
milliseconds stands the time of a full rerun (`nearest_times`) on the same machine, and their ratio: machines differ.
With ``--minutes`` random events follow for so long, and memory of the server is told at the beginning and the end.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import bench_study
import numpy as np
from streets import clinics, people, streets

from access15.explorer.server import _FILES, Explorer, _asset
from access15.profiles import profile_by_name
from access15.study import LiveStudy, Study, sample
from access15.study.stages import Inputs
from access15.travel_time import nearest_times

STEPS = 120
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-3d-apis",
    "--disable-dev-shm-usage",
    "--window-size=1400,900",
)


def live_study(what: str, folder: Path) -> LiveStudy:
    """Return a study to look at: Monaco, a place with data, or a generated network."""
    shutil.copytree(sample("monaco").file.parent, folder / "monaco")
    file = folder / "monaco" / "study.toml"
    if what.isdigit():
        nodes = int(what)
        network = streets(nodes)
        cells = people(network, nodes)
        given = Study.from_toml(file)
        inputs = Inputs(network, clinics(network, 50), cells, None)
        lon_lat = _degrees(cells)
        return LiveStudy(given, inputs, np.zeros(len(cells), np.int32), [], [], *lon_lat)
    if what == "county":
        file = Path(shutil.copytree(sample("county").file.parent, folder / "county")) / "study.toml"
    elif what != "monaco":
        file = getattr(bench_study, what)(Path(os.environ["ACCESS15_DATA"]) / what, folder)
    return LiveStudy.open(Study.from_toml(file))


def _degrees(cells: Any) -> tuple[Any, Any]:
    from access15.crs import to_crs

    lon, lat = to_crs(cells.x, cells.y, cells.crs, "EPSG:4326")
    return lon, lat


def browser() -> Any:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    for flag in FLAGS:
        options.add_argument(flag)
    return webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))


def until(page: Any, script: str, seconds: float = 120) -> Any:
    for _ in range(int(seconds * 50)):
        found = page.execute_script(script)
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"never true: {script}")


def drag(page: Any, steps: int) -> None:
    """Take the first clinic in view and move it about, step by step."""
    from selenium.webdriver import ActionChains

    mark = until(
        page,
        "return Array.from(document.querySelectorAll('[data-id]')).find(m => { const b = m.getBoundingClientRect(); return b.left > 200 && b.left < 800 && b.top > 200 && b.top < 600 })",
    )
    ActionChains(page, duration=0).move_to_element(mark).click_and_hold().perform()
    for step in range(steps):
        turn = 2 * np.pi * step / 40
        ActionChains(page, duration=0).move_by_offset(
            round(9 * np.cos(turn)), round(9 * np.sin(turn))
        ).perform()
    ActionChains(page, duration=0).release().perform()


def quantile(values: list[float], share: float) -> float:
    return float(np.quantile(values, share)) if values else float("nan")


def measure(what: str, minutes: float) -> dict[str, Any]:
    folder = Path(tempfile.mkdtemp())
    live = live_study(what, folder)
    explorer = Explorer(live, 0)
    thread = threading.Thread(target=explorer.run, daemon=True)
    thread.start()
    case = live.study.settings.analysis.headline_case
    reruns = []
    for _ in range(3):
        begun = time.perf_counter()
        nearest_times(
            live.inputs.network,
            live.inputs.points_of(case.mode),
            live.inputs.population,
            profile_by_name(case.mode),
        )
        reruns.append(1000 * (time.perf_counter() - begun))
    page = browser()
    try:
        page.get(explorer.address)
        until(page, "return window.access15 && window.access15.ready && window.access15.first > 0")
        page.get(
            f"http://127.0.0.1:{explorer.port}/"
        )  # The first paint once the server has drawn the ground.
        until(page, "return window.access15 && window.access15.ready && window.access15.first > 0")
        first = page.execute_script("return window.access15.first")
        drag(page, 10)
        page.execute_script("window.access15.steps = []; window.access15.bytes = []")
        drag(page, STEPS)
        steps = page.execute_script("return window.access15.steps")
        sent = page.execute_script("return window.access15.bytes")[:-1]
        page.execute_script("for (let i = 0; i < 4; i++) document.getElementById('compare').click()")
        recolour = page.execute_script("return window.access15.recolour")
        out = {
            "cells": len(live.inputs.population),
            "nodes": live.inputs.network.n_nodes,
            "page_kb": round(
                sum(len(gzip.compress(_asset(name), 6)) for name in (*_FILES, "index.html")) / 1000, 1
            ),
            "cells_kb": round(len(explorer._drawn["cells"]) / 1000, 1),
            "ground_kb": round(len(explorer._drawn["ground"]) / 1000, 1),
            "first_paint_ms": round(first),
            "rerun_ms": round(statistics.median(reruns), 1),
            "steps": len(steps),
            "step_median_ms": round(quantile(steps, 0.5), 1),
            "step_p95_ms": round(quantile(steps, 0.95), 1),
            "step_share_of_rerun": round(quantile(steps, 0.5) / statistics.median(reruns), 3),
            "delta_median_kb": round(quantile(sent, 0.5) / 1000, 2),
            "delta_p95_kb": round(quantile(sent, 0.95) / 1000, 2),
            "recolour_ms": round(recolour, 2),
        }
        if minutes:
            out |= wear(page, minutes)
        return out
    finally:
        page.quit()
        explorer.stop()
        thread.join(20)
        shutil.rmtree(folder, ignore_errors=True)


def wear(page: Any, minutes: float) -> dict[str, Any]:
    """Send random events for some minutes; tell the memory of this process, which serves, and of the page's script."""
    rng = random.Random(1)
    memory, heap = [], []
    end = time.monotonic() + 60 * minutes
    events = 0
    while time.monotonic() < end:
        kind = rng.choice(["drag", "drag", "n", "undo", "redo", "b", "undo"])
        if kind == "drag":
            drag(page, 5)
        elif kind in ("undo", "redo"):
            page.execute_script(f"document.getElementById('{kind}').click()")
        elif kind == "n":
            page.execute_script("document.getElementById('new').click()")
            from selenium.webdriver import ActionChains

            box = page.find_element("id", "map")
            ActionChains(page, duration=0).move_to_element_with_offset(
                box, rng.randint(-250, 250), rng.randint(-200, 200)
            ).click().perform()
        else:
            page.execute_script("document.getElementById('compare').click()")
        events += 1
        if events % 20 == 0:
            memory.append(_resident_mb())
            heap.append(page.execute_script("return performance.memory.usedJSHeapSize") / 1e6)
    third = max(1, len(memory) // 3)
    return {
        "events": events,
        "server_mb": [round(statistics.median(memory[:third])), round(statistics.median(memory[-third:]))],
        "page_mb": [round(statistics.median(heap[:third]), 1), round(statistics.median(heap[-third:]), 1)],
        "frames": page.execute_script("return window.access15.frames"),
        "still_answers": bool(page.execute_script("return window.access15.ready")),
    }


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", default=["monaco"])
    parser.add_argument("--minutes", type=float, default=0.0)
    given = parser.parse_args()
    if len(given.what) == 1:
        print(json.dumps({given.what[0]: measure(given.what[0], given.minutes)}, indent=1))
        return
    for what in given.what:  # Each in a process of its own: memory is told apart.
        subprocess.run([sys.executable, __file__, what, "--minutes", str(given.minutes)], check=True)


if __name__ == "__main__":
    main()
