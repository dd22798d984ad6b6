"""Scripts in a Python of their own: without machine code, or interrupted in the midst of a table."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

TABLE_OF_MINUTES = """
import numpy as np
from access15 import profiles
from access15.model import Facilities, Population
from access15.testing import straight_streets
from access15.travel_time import travel_times

side = 300
node = np.arange(side * side).reshape(side, side)
x, y = 100.0 * (node % side).ravel(), 100.0 * (node // side).ravel()
start = np.concatenate((node[:, :-1].ravel(), node[:-1].ravel()))
end = np.concatenate((node[:, 1:].ravel(), node[1:].ravel()))
network = straight_streets(x, y, start, end, crs="EPSG:32632")
people = Population.of(x[::9], y[::9], np.ones(len(x[::9])), network.crs)
few, many = (Facilities.of(x[:n], y[:n], network.crs) for n in (5, 50_000))
before = travel_times(network, few, people, {how})
try:
    print("go", flush=True)
    travel_times(network, many, people, {how})  # minutes of searches
except KeyboardInterrupt:
    after = travel_times(network, few, people, {how})
    assert (after.time_ms == before.time_ms).all() and (after.cell == before.cell).all()
    print("same as before")
"""


def start(*words, **options):
    """Start a Python that hears an interrupt, whatever this process does with one.

    Who starts a job in the background (``nohup``, a shell without job control, some schedulers) has it ignore
    interrupts, and a child ignores what its parent does.
    """
    if os.name != "nt":
        options["preexec_fn"] = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    return subprocess.Popen(
        [sys.executable, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options
    )


def python(script, **environment):
    """Start a script with the modules of the tests at hand."""
    path = os.pathsep.join(filter(None, (str(Path(__file__).parent), os.environ.get("PYTHONPATH"))))
    return start("-c", script, text=True, env={**os.environ, "PYTHONPATH": path, **environment})


def assert_same_without_machine_code(script):
    """What a script prints does not depend on machine code."""
    both = [python(script, NUMBA_DISABLE_JIT=off) for off in ("0", "1")]
    (fast, errors), (plain, more) = (run.communicate(timeout=120) for run in both)
    assert fast.strip(), errors
    assert plain == fast, more


def assert_interrupt_breaks_nothing(how, first=""):
    """A table of travel times that is interrupted ends at once, and the next one is right; ``first`` is run before."""
    running = python(first + TABLE_OF_MINUTES.format(how=how))
    assert running.stdout.readline() == "go\n"
    running.send_signal(signal.SIGINT)
    out, errors = running.communicate(timeout=60)
    assert out == "same as before\n", errors
