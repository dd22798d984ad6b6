"""Wall time and peak memory of the commands a planner types first.

Run with ``make bench``. Every command runs in a process of its own. *Cold* has no compiled kernels
in the cache, *warm* is the best of three runs after that.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ACCESS15 = [sys.executable, "-m", "access15"]
RUNS = 3
MOST_HELP_S = 0.4
"""Longest that ``--help`` may take on a quiet machine; beyond it something heavy is imported too early."""


def measure(words: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Return wall seconds and peak memory in MB of one command (NaN where the system does not tell)."""
    start = time.perf_counter()
    process = subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if hasattr(os, "wait4"):
        message = process.stderr.read() if process.stderr else b""
        _, status, usage = os.wait4(process.pid, 0)
        code = process.returncode = os.waitstatus_to_exitcode(status)
        memory = usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    else:
        message = process.communicate()[1]
        code, memory = process.returncode, float("nan")
    seconds = time.perf_counter() - start
    if code != 0:
        sys.exit(f"{' '.join(words)} ended with {code}: {message.decode(errors='replace')}")
    return seconds, memory


def main() -> None:
    """Measure and print a table."""
    work = Path(tempfile.mkdtemp())
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(work / "kernels")}
    demo = [*ACCESS15, "demo", "--out", str(work / "out")]
    try:
        print(f"{'command':<24}{'wall, s':>10}{'peak, MB':>10}")
        rows = {"demo, cold": measure(demo, environment)}
        rows["demo, warm"] = min(measure(demo, environment) for _ in range(RUNS))
        rows["--help, warm"] = min(measure([*ACCESS15, "--help"], environment) for _ in range(RUNS))
        for name, (seconds, memory) in rows.items():
            print(f"{name:<24}{seconds:>10.2f}{memory:>10.0f}")
        if rows["--help, warm"][0] > MOST_HELP_S:
            sys.exit(f"--help took more than {MOST_HELP_S:g} s")
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
