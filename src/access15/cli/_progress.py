"""Stages and their seconds on stderr, while long work goes on."""

from __future__ import annotations

import sys
import time

from access15.study import Progress

QUIET_S = 1.0
"""Work shorter than this needs no progress: its lines would only stand between a user and an error."""


def stage_lines() -> Progress:
    """Return a progress callable that writes a line per stage to stderr.

    A terminal shows the running stage at once. A log gets a line when a stage is done, from the
    moment the work has taken a second.
    """
    return _live if sys.stderr.isatty() else _Log()


def _live(stage: str, seconds: float | None) -> None:
    # Back to the start of the line, so that the seconds, or an error, write over the running stage.
    sys.stderr.write(f"  {stage} …\r" if seconds is None else f"  {stage} {seconds:.1f} s\n")
    sys.stderr.flush()


class _Log:
    def __init__(self) -> None:
        self.start = time.monotonic()
        self.held: list[str] = []

    def __call__(self, stage: str, seconds: float | None) -> None:
        if seconds is not None:
            self.held.append(f"  {stage} {seconds:.1f} s\n")
        if time.monotonic() - self.start > QUIET_S:
            sys.stderr.write("".join(self.held))
            sys.stderr.flush()
            self.held.clear()
