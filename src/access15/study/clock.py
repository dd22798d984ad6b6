"""How long each stage of a study took, shown while it happens."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Progress = Callable[[str, float | None], None]
"""Called with a stage's name and None when it starts, and with its seconds when it is done."""


def silent(stage: str, seconds: float | None) -> None:
    """Tell nobody."""


class Clock:
    """Times the stages of one run and passes them on as they happen.

    Parameters
    ----------
    progress : callable, optional
        Called at every stage, see `Progress`.
    """

    def __init__(self, progress: Progress | None = None) -> None:
        self._progress = progress or silent
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time the block and report it."""
        self._progress(name, None)
        start = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - start
        self._progress(name, self.seconds[name])
